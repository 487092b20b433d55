// The command line of auction-svc.
//
// Purity:    pure
// Ownership: texts are borrowed from argv
// Errors:    options_read(): LC_ERR_BAD_INPUT with one clear line in `out_error`
#ifndef LOTCAST_SERVICE_OPTIONS_H
#define LOTCAST_SERVICE_OPTIONS_H

#include "lib/base/id.h"
#include "lib/base/status.h"

enum { OPTIONS_ERROR_SIZE = 160, OPTIONS_HOST_SIZE_MAX = 255 };

enum options_task { TASK_SERVE, TASK_VERIFY, TASK_HELP, TASK_VERSION };

struct options {
    enum options_task task;
    char host[OPTIONS_HOST_SIZE_MAX + 1];
    int port;
    const char *user;          // NULL: none
    const char *password_file; // NULL: none
    const char *data;
    const char *prefix;
    const char *log_level;
    struct client_id node;
    uint64_t snapshot_rows;
    bool as_json;
    bool has_sale;
    struct sale_id sale;
};

LC_MUST_CHECK enum lc_status options_read(int argc, char *const *argv, struct options *out_options,
                                          char out_error[OPTIONS_ERROR_SIZE]);

#endif
