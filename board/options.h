// The command line of auction-board.
//
// Purity:    pure
// Ownership: texts point into argv
// Errors:    options_read(): LC_ERR_BAD_INPUT with one sentence in `out_error`
#ifndef LOTCAST_BOARD_OPTIONS_H
#define LOTCAST_BOARD_OPTIONS_H

#include "lib/base/id.h"
#include "lib/base/status.h"

enum { BOARD_OPTIONS_ERROR_SIZE = 160 };

struct board_options {
    const char *broker; // HOST:PORT
    struct sale_id sale;
    const char *user;
    const char *password_file;
    const char *prefix;
    bool once;
    bool plain;
    bool help;
    bool version;
};

LC_MUST_CHECK enum lc_status board_options_read(int argc, const char *const *argv,
                                                struct board_options *out_options,
                                                char out_error[BOARD_OPTIONS_ERROR_SIZE]);

#endif
