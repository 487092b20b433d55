// Keeps the sessions that the bridge opens with itself (self_check) out of the operator's log.
//
// Purity:    writes log lines
// Ownership: value
// Order:     hold before the handshake; release when its session is known (or the check failed)
#ifndef LOTCAST_BRIDGE_CHECK_LOG_H
#define LOTCAST_BRIDGE_CHECK_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/os/os_log.h"

enum { CHECK_LOG_LINES_MAX = 16, CHECK_LOG_LINE_SIZE = 256, CHECK_LOG_SID_SIZE = 8 };

struct check_log {
    bool is_holding;
    char lines[CHECK_LOG_LINES_MAX][CHECK_LOG_LINE_SIZE];
    size_t lines_count;
    char sid[CHECK_LOG_SID_SIZE + 1]; // of the last check, as it stands in lines; "": none
};

// Logs the line, unless it is about the session of a check; while a check's session is not known,
// lines about transports wait.
void check_log_line(struct check_log *log, enum os_log_level level, const char *line);

void check_log_hold(struct check_log *log);
// `sid`: of the check, or "".
void check_log_release(struct check_log *log, const char *sid);

#endif
