#include "tests/bench/load_process.h"

#include <dirent.h>
#include <inttypes.h>

bool load_process_cpu(pid_t pid, uint64_t *out_ns)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL) {
        return false;
    }
    uint64_t sum_ns = 0;
    for (const struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        if (task->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", (int)pid, task->d_name);
        FILE *file = fopen(path, "r");
        uint64_t ns = 0;
        if (file != NULL && fscanf(file, "%" SCNu64, &ns) == 1) {
            sum_ns += ns;
        }
        if (file != NULL) {
            fclose(file);
        }
    }
    closedir(tasks);
    *out_ns = sum_ns;
    return sum_ns > 0;
}

bool load_process_memory(pid_t pid, struct load_memory *out_memory)
{
    char line[200];
    snprintf(line, sizeof line, "/proc/%d/status", (int)pid);
    FILE *file = fopen(line, "r");
    if (file == NULL) {
        return false;
    }
    struct load_memory memory = {0};
    while (fgets(line, sizeof line, file) != NULL) {
        (void)(sscanf(line, "VmRSS: %" SCNu64, &memory.resident_kib) +
               sscanf(line, "RssAnon: %" SCNu64, &memory.anonymous_kib) +
               sscanf(line, "VmHWM: %" SCNu64, &memory.peak_kib));
    }
    fclose(file);
    if (memory.resident_kib == 0) {
        return false;
    }
    *out_memory = memory;
    return true;
}
