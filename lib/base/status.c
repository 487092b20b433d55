#include "lib/base/status.h"

#include <stdio.h>
#include <stdlib.h>

const char *lc_status_name(enum lc_status status)
{
    switch (status) {
    case LC_OK:
        return "ok";
    case LC_ERR_NO_MEMORY:
        return "no memory";
    case LC_ERR_FULL:
        return "limit reached";
    case LC_ERR_BAD_INPUT:
        return "bad input";
    case LC_ERR_NOT_FOUND:
        return "not found";
    case LC_ERR_EXISTS:
        return "exists";
    case LC_ERR_IO:
        return "input/output error";
    case LC_ERR_BUSY:
        return "busy";
    case LC_ERR_DISK_FULL:
        return "disk full";
    case LC_ERR_CORRUPT:
        return "corrupt";
    case LC_ERR_OFFLINE:
        return "offline";
    }
    return "unknown";
}

void lc_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    abort();
}
