#include "bridge/io/check_log.h"

static const char beginning[] = "transport session=";

static bool is_of_check(const struct check_log *log, const char *line)
{
    return log->sid[0] != 0 && strncmp(line, beginning, sizeof beginning - 1) == 0 &&
           strncmp(line + sizeof beginning - 1, log->sid, CHECK_LOG_SID_SIZE) == 0;
}

void check_log_line(struct check_log *log, enum os_log_level level, const char *line)
{
    if (is_of_check(log, line)) {
        return;
    }
    bool is_transport = strncmp(line, beginning, sizeof beginning - 1) == 0;
    if (log->is_holding && is_transport && log->lines_count < CHECK_LOG_LINES_MAX) {
        snprintf(log->lines[log->lines_count], CHECK_LOG_LINE_SIZE, "%s", line);
        log->lines_count++;
        return;
    }
    os_log(level, "%s", line);
}

void check_log_hold(struct check_log *log)
{
    check_log_release(log, "");
    log->is_holding = true;
}

void check_log_release(struct check_log *log, const char *sid)
{
    size_t count = log->lines_count;
    snprintf(log->sid, sizeof log->sid, "%s", sid);
    log->is_holding = false;
    log->lines_count = 0;
    for (size_t i = 0; i < count; i++) {
        check_log_line(log, OS_LOG_INFO, log->lines[i]);
    }
}
