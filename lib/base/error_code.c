#include "lib/base/error_code.h"

#include "lib/base/status.h"

static const struct {
    const char *name;
    const char *message;
    int http_status;
} error_codes[ERROR_CODE_COUNT] = {
#define X(name, status, message) {#name, message, status},
    ERROR_CODES(X)
#undef X
};

const char *error_code_name(enum error_code code)
{
    LC_ASSERT(code < ERROR_CODE_COUNT);
    return error_codes[code].name;
}

const char *error_code_message(enum error_code code)
{
    LC_ASSERT(code < ERROR_CODE_COUNT);
    return error_codes[code].message;
}

int error_code_http_status(enum error_code code)
{
    LC_ASSERT(code < ERROR_CODE_COUNT);
    return error_codes[code].http_status;
}

enum error_code error_code_read(struct bytes name)
{
    for (size_t i = 0; i < ERROR_CODE_COUNT; i++) {
        if (bytes_equal_text(name, error_codes[i].name)) {
            return (enum error_code)i;
        }
    }
    return ERROR_INTERNAL;
}
