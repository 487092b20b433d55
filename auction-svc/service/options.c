#include "auction-svc/service/options.h"

#include <stdio.h>
#include <string.h>

#include "auction-svc/service/snapshots.h"
#include "lib/wire/topic.h"

enum { SNAPSHOT_ROWS_MAX = 1000000000 };

static enum lc_status fail(char *out_error, const char *option, const char *what)
{
    (void)snprintf(out_error, OPTIONS_ERROR_SIZE, "%s: %s", option, what);
    return LC_ERR_BAD_INPUT;
}

// HOST:PORT, an IPv6 address in brackets.
static bool read_broker(const char *text, struct options *options)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;
    if (colon == NULL || colon == text || !bytes_to_uint64(bytes_text(colon + 1), 65535, &port) ||
        port == 0) {
        return false;
    }
    struct bytes host = bytes_of(text, (size_t)(colon - text));
    if (host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']') {
        host = bytes_of(host.data + 1, host.size - 2);
    }
    if (host.size > OPTIONS_HOST_SIZE_MAX) {
        return false;
    }
    memcpy(options->host, host.data, host.size);
    options->host[host.size] = 0;
    options->port = (int)port;
    return true;
}

static enum lc_status read_option(const char *name, const char *value, struct options *options,
                                  char *out_error)
{
    if (strcmp(name, "--broker") == 0) {
        return read_broker(value, options) ? LC_OK : fail(out_error, name, "HOST:PORT is needed");
    }
    if (strcmp(name, "--user") == 0) {
        options->user = value;
    } else if (strcmp(name, "--password-file") == 0) {
        options->password_file = value;
    } else if (strcmp(name, "--data") == 0) {
        options->data = value;
    } else if (strcmp(name, "--prefix") == 0) {
        options->prefix = value;
        return topic_prefix_is_valid(value) ? LC_OK : fail(out_error, name, "not a legal prefix");
    } else if (strcmp(name, "--log-level") == 0) {
        options->log_level = value;
    } else if (strcmp(name, "--node") == 0) {
        return client_id_read(bytes_text(value), &options->node)
                   ? LC_OK
                   : fail(out_error, name, "1 to 32 characters of A-Z a-z 0-9 _ - are needed");
    } else if (strcmp(name, "--snapshot-rows") == 0) {
        return bytes_to_uint64(bytes_text(value), SNAPSHOT_ROWS_MAX, &options->snapshot_rows)
                   ? LC_OK
                   : fail(out_error, name, "a number from 0 to 1000000000 is needed");
    } else if (strcmp(name, "--sale") == 0) {
        options->has_sale = true;
        return sale_id_read(bytes_text(value), &options->sale)
                   ? LC_OK
                   : fail(out_error, name, "not a legal sale id");
    } else {
        return fail(out_error, name, "unknown option (see --help)");
    }
    return LC_OK;
}

static bool is_level(const char *text)
{
    return strcmp(text, "debug") == 0 || strcmp(text, "info") == 0 ||
           strcmp(text, "warning") == 0 || strcmp(text, "error") == 0;
}

static enum lc_status check(const struct options *options, char *out_error)
{
    if (options->task == TASK_HELP || options->task == TASK_VERSION) {
        return LC_OK;
    }
    if (options->data == NULL) {
        return fail(out_error, "--data", "a folder is needed");
    }
    if (options->task == TASK_SERVE && options->host[0] == 0) {
        return fail(out_error, "--broker", "HOST:PORT is needed");
    }
    if (options->task == TASK_SERVE && options->has_sale) {
        return fail(out_error, "--sale", "only for verify");
    }
    if (!is_level(options->log_level)) {
        return fail(out_error, "--log-level", "debug, info, warning or error");
    }
    return LC_OK;
}

enum lc_status options_read(int argc, char *const *argv, struct options *out_options,
                            char out_error[OPTIONS_ERROR_SIZE])
{
    struct options options = {.prefix = "lotcast",
                              .log_level = "info",
                              .node = {"engine-1"},
                              .snapshot_rows = SNAPSHOT_ROWS_DEFAULT};
    int next = 1;
    if (next < argc && strcmp(argv[next], "verify") == 0) {
        options.task = TASK_VERIFY;
        next++;
    }
    while (next < argc) {
        const char *name = argv[next++];
        if (strcmp(name, "--help") == 0 || strcmp(name, "--version") == 0) {
            options.task = strcmp(name, "--help") == 0 ? TASK_HELP : TASK_VERSION;
            break;
        }
        if (strcmp(name, "--json") == 0 && options.task == TASK_VERIFY) {
            options.as_json = true;
            continue;
        }
        if (strncmp(name, "--", 2) != 0) {
            return fail(out_error, name, "unknown argument (see --help)");
        }
        enum lc_status status =
            next < argc
                ? read_option(name, argv[next], &options, out_error)
                : fail(out_error, name, "a value is needed, or the option is unknown (see --help)");
        if (status != LC_OK) {
            return status;
        }
        next++;
    }
    enum lc_status status = check(&options, out_error);
    if (status == LC_OK) {
        *out_options = options;
    }
    return status;
}
