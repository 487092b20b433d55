#include "tests/faults/broker_process.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/status.h"

int broker_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    LC_ASSERT(fd >= 0);
    LC_ASSERT(bind(fd, (struct sockaddr *)&address, size) == 0);
    LC_ASSERT(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

void broker_write_file(const struct broker_process *broker, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", broker->folder, name);
    FILE *file = fopen(path, "w");
    LC_ASSERT(file != NULL);
    LC_ASSERT(fputs(text, file) >= 0);
    LC_ASSERT(fclose(file) == 0);
}

// Puts the folder in the place of each "%s".
static void expand(const char *config, const char *folder, char *out_text, size_t size)
{
    size_t used = 0;
    while (*config != 0) {
        bool is_place = config[0] == '%' && config[1] == 's';
        int added = is_place ? snprintf(out_text + used, size - used, "%s", folder)
                             : snprintf(out_text + used, size - used, "%c", config[0]);
        used += (size_t)added;
        LC_ASSERT(used < size);
        config += is_place ? 2 : 1;
    }
    out_text[used] = 0;
}

void broker_init(struct broker_process *broker, const char *config)
{
    *broker = (struct broker_process){.log_fd = -1};
    snprintf(broker->folder, sizeof broker->folder, "/tmp/lotcast-broker-XXXXXX");
    LC_ASSERT(mkdtemp(broker->folder) != NULL);
    broker->port = broker_free_port();
    char expanded[2048];
    char text[4096];
    expand(config, broker->folder, expanded, sizeof expanded);
    snprintf(text, sizeof text,
             "user root\nper_listener_settings false\nlog_dest stderr\nlog_type error\n"
             "log_type warning\nlog_type information\nlistener %d 127.0.0.1\n%s\n",
             broker->port, expanded);
    broker_write_file(broker, "mosquitto.conf", text);
}

// Reads the log until the broker says that it runs.
static void await_running(int fd)
{
    char log[8192];
    size_t used = 0;
    while (used < sizeof log - 1) {
        ssize_t size = read(fd, log + used, sizeof log - 1 - used);
        if (size <= 0) {
            break;
        }
        used += (size_t)size;
        log[used] = 0;
        if (strstr(log, " running\n") != NULL) {
            return;
        }
    }
    fprintf(stderr, "mosquitto did not start: %.*s\n", (int)used, log);
    abort();
}

void broker_start(struct broker_process *broker)
{
    LC_ASSERT(broker->pid == 0);
    int log[2];
    LC_ASSERT(pipe(log) == 0);
    LC_ASSERT(fcntl(log[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(log[1], F_SETFD, FD_CLOEXEC) == 0);
    char path[128];
    snprintf(path, sizeof path, "%s/mosquitto.conf", broker->folder);
    pid_t pid = fork();
    LC_ASSERT(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a crashed test leaves no broker behind
        dup2(log[1], STDERR_FILENO);
        execlp("mosquitto", "mosquitto", "-c", path, (char *)NULL);
        execl("/usr/sbin/mosquitto", "mosquitto", "-c", path, (char *)NULL);
        _exit(127);
    }
    close(log[1]);
    broker->pid = pid;
    broker->log_fd = log[0];
    await_running(broker->log_fd);
}

void broker_kill(struct broker_process *broker)
{
    if (broker->pid != 0) {
        kill(broker->pid, SIGKILL);
        waitpid(broker->pid, NULL, 0);
        close(broker->log_fd);
        broker->pid = 0;
        broker->log_fd = -1;
    }
}

void broker_release(struct broker_process *broker)
{
    broker_kill(broker);
    DIR *folder = opendir(broker->folder);
    LC_ASSERT(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.') {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    closedir(folder);
    rmdir(broker->folder);
}

void broker_run(const char *const arguments[])
{
    pid_t pid = fork();
    LC_ASSERT(pid >= 0);
    if (pid == 0) {
        char *copy[16] = {0};
        for (size_t i = 0; i < 15 && arguments[i] != NULL; i++) {
            copy[i] = strdup(arguments[i]);
        }
        execvp(copy[0], copy);
        _exit(127);
    }
    int status = 0;
    LC_ASSERT(waitpid(pid, &status, 0) == pid);
    LC_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
