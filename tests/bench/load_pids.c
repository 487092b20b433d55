#include "tests/bench/load_pids.h"

#include "lib/base/bytes.h"

bool load_pids_read(const char *text, struct load_pids *out_pids)
{
    struct load_pids pids = {.count = 0};
    struct bytes rest = bytes_text(text);
    do {
        size_t comma = bytes_find(rest, ',', 0);
        uint64_t pid = 0;
        if (pids.count == LOAD_PIDS_MAX ||
            !bytes_to_uint64(bytes_of(rest.data, comma), INT32_MAX, &pid) || pid == 0) {
            return false;
        }
        pids.pid[pids.count++] = pid;
        rest = comma < rest.size ? bytes_from(rest, comma + 1) : bytes_of(NULL, 0);
    } while (rest.size > 0);
    *out_pids = pids;
    return text[strlen(text) - 1] != ',';
}
