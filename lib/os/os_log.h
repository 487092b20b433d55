// Log lines of the programs: one event a line on stderr, `time level program: message`, in UTC.
//
// Purity: writes to stderr. Only shells log; pure modules never include this header
// Errors: none; a line is cut at OS_LOG_LINE_MAX, control characters are shown as '?', so that
//         nobody can forge a line
#ifndef LOTCAST_OS_LOG_H
#define LOTCAST_OS_LOG_H

#include <stdbool.h>

#include "lib/base/status.h"

enum { OS_LOG_LINE_MAX = 2048 };

enum os_log_level { OS_LOG_DEBUG, OS_LOG_INFO, OS_LOG_WARNING, OS_LOG_ERROR };

// Sets what is shown; before the call: "lotcast" from OS_LOG_INFO on. `program` must live as long
// as the process.
void os_log_init(const char *program, enum os_log_level lowest);
bool os_log_shows(enum os_log_level level);
void os_log(enum os_log_level level, const char *format, ...) LC_PRINTF(2, 3);

#endif
