#include "lib/os/os_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static const char *log_program = "lotcast";
static enum os_log_level log_lowest = OS_LOG_INFO;

void os_log_init(const char *program, enum os_log_level lowest)
{
    log_program = program;
    log_lowest = lowest;
}

bool os_log_shows(enum os_log_level level)
{
    return level >= log_lowest;
}

void os_log(enum os_log_level level, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    if (!os_log_shows(level)) {
        return;
    }
    char line[OS_LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0) {
        return;
    }
    for (char *c = line; *c != 0; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            *c = '?';
        }
    }
    struct timespec now;
    struct tm utc;
    char stamp[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    fprintf(stderr, "%s.%03ldZ %s %s: %s\n", stamp, now.tv_nsec / 1000000, names[level],
            log_program, line);
}
