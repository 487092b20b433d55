#include "board/options.h"

#include <stdio.h>

#include "lib/wire/topic.h"

// HOST:PORT with a port from 1 to 65535.
static bool is_broker_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    return colon != NULL && colon != text && bytes_to_uint64(bytes_text(colon + 1), 65535, &port) &&
           port > 0;
}

// NULL, or what is wrong with the options as a whole.
static const char *missing_or_wrong(const struct board_options *options, const char *sale)
{
    if (options->broker == NULL || !is_broker_address(options->broker)) {
        return "--broker HOST:PORT is needed";
    }
    if (sale == NULL || options->sale.text[0] == 0) {
        return "--sale ID is needed: 1-32 characters of A-Z, a-z, 0-9, _ and -";
    }
    if (!topic_prefix_is_valid(options->prefix)) {
        return "--prefix must be topic levels of A-Z, a-z, 0-9, _ and -";
    }
    if ((options->user == NULL) != (options->password_file == NULL)) {
        return "--user and --password-file belong together";
    }
    return NULL;
}

static bool take_flag(const char *name, struct board_options *options)
{
    const struct {
        const char *name;
        bool *value;
    } flags[] = {
        {"--once", &options->once},
        {"--plain", &options->plain},
        {"--help", &options->help},
        {"--version", &options->version},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(name, flags[i].name) == 0) {
            *flags[i].value = true;
            return true;
        }
    }
    return false;
}

enum lc_status board_options_read(int argc, const char *const *argv,
                                  struct board_options *out_options,
                                  char out_error[BOARD_OPTIONS_ERROR_SIZE])
{
    struct board_options options = {.prefix = "lotcast"};
    const char *sale = NULL;
    const struct {
        const char *name;
        const char **value;
    } values[] = {
        {"--broker", &options.broker}, {"--sale", &sale},
        {"--user", &options.user},     {"--password-file", &options.password_file},
        {"--prefix", &options.prefix},
    };
    size_t count = sizeof values / sizeof values[0];
    for (int i = 1; i < argc; i++) {
        if (take_flag(argv[i], &options)) {
            continue;
        }
        size_t at = 0;
        while (at < count && strcmp(argv[i], values[at].name) != 0) {
            at++;
        }
        if (at == count || i + 1 == argc) {
            snprintf(out_error, BOARD_OPTIONS_ERROR_SIZE, "%s %.60s; see --help",
                     at == count ? "unknown option" : "a value is missing after", argv[i]);
            return LC_ERR_BAD_INPUT;
        }
        *values[at].value = argv[++i];
    }
    if (sale != NULL && !sale_id_read(bytes_text(sale), &options.sale)) {
        options.sale.text[0] = 0;
    }
    const char *problem = options.help || options.version ? NULL : missing_or_wrong(&options, sale);
    if (problem != NULL) {
        snprintf(out_error, BOARD_OPTIONS_ERROR_SIZE, "%s; see --help", problem);
        return LC_ERR_BAD_INPUT;
    }
    *out_options = options;
    return LC_OK;
}
