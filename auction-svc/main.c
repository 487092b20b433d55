#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "auction-svc/service/engine.h"
#include "auction-svc/service/options.h"
#include "auction-svc/service/verify.h"
#include "lib/os/os_file.h"
#include "lib/os/os_log.h"

enum { PASSWORD_SIZE_MAX = 1024 };

// Documented for operators: scripts decide by these.
enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_OTHER = 1,
    EXIT_CODE_USAGE = 2,
    EXIT_CODE_LOCKED = 3,
    EXIT_CODE_DISK_FULL = 4,
    EXIT_CODE_IO = 5,
    EXIT_CODE_CORRUPT = 6,
};

static const char help[] =
    "auction-svc: the auction engine: rules, clock and record\n"
    "\n"
    "  auction-svc --broker HOST:PORT --data DIR [--user NAME --password-file FILE]\n"
    "              [--node engine-1] [--prefix lotcast] [--log-level debug|info|warning|error]\n"
    "              [--snapshot-rows 10000]   facts between two snapshots of a sale, 0: none\n"
    "  auction-svc verify --data DIR [--sale ID] [--json]\n"
    "              proves the hash chain, the replay and the snapshots of a ledger that no engine\n"
    "              holds\n"
    "  auction-svc --help | --version\n"
    "\n"
    "Exit codes: 0 stopped by a signal, or verified; 1 other; 2 usage; 3 data folder locked by\n"
    "another process, or another engine is alive and holds a sale of it; 4 disk full;\n"
    "5 input/output error; 6 corrupt ledger\n";

static int exit_code_of(enum lc_status status)
{
    switch (status) {
    case LC_OK:
        return EXIT_CODE_OK;
    case LC_ERR_BUSY:
        return EXIT_CODE_LOCKED;
    case LC_ERR_DISK_FULL:
        return EXIT_CODE_DISK_FULL;
    case LC_ERR_IO:
        return EXIT_CODE_IO;
    case LC_ERR_CORRUPT:
        return EXIT_CODE_CORRUPT;
    case LC_ERR_NO_MEMORY:
    case LC_ERR_FULL:
    case LC_ERR_BAD_INPUT:
    case LC_ERR_NOT_FOUND:
    case LC_ERR_EXISTS:
    case LC_ERR_OFFLINE:
        return EXIT_CODE_OTHER;
    }
    return EXIT_CODE_OTHER;
}

static enum os_log_level level_of(const char *text)
{
    if (strcmp(text, "debug") == 0) {
        return OS_LOG_DEBUG;
    }
    if (strcmp(text, "warning") == 0) {
        return OS_LOG_WARNING;
    }
    return strcmp(text, "error") == 0 ? OS_LOG_ERROR : OS_LOG_INFO;
}

// The first line of the file.
static bool read_password(const char *path, struct buffer *out)
{
    enum lc_status status = os_file_read(path, out);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "--password-file %s: %s", path, lc_status_name(status));
        return false;
    }
    out->size = bytes_find(buffer_bytes(out), '\n', 0);
    return true;
}

static int serve_sales(const struct options *options)
{
    struct buffer password;
    struct engine *engine = NULL;
    buffer_init(&password, PASSWORD_SIZE_MAX);
    if (options->password_file != NULL && !read_password(options->password_file, &password)) {
        return EXIT_CODE_OTHER;
    }
    struct engine_config config = {
        .data_folder = options->data,
        .snapshot_rows = (int64_t)options->snapshot_rows,
        .bus =
            {
                .host = options->host,
                .port = options->port,
                .user = options->user,
                .password = options->password_file != NULL ? buffer_text(&password) : NULL,
                .prefix = options->prefix,
                .node = options->node,
            },
    };
    enum lc_status status = engine_create(&config, &engine);
    if (status == LC_OK) {
        status = engine_run(engine);
    }
    engine_destroy(engine);
    buffer_release(&password);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "stopped: %s", lc_status_name(status));
    }
    return exit_code_of(status);
}

int main(int argc, char **argv)
{
    struct options options;
    char error[OPTIONS_ERROR_SIZE];
    if (options_read(argc, argv, &options, error) != LC_OK) {
        fprintf(stderr, "auction-svc: %s\n", error);
        return EXIT_CODE_USAGE;
    }
    switch (options.task) {
    case TASK_HELP:
        fputs(help, stdout);
        return EXIT_CODE_OK;
    case TASK_VERSION:
        puts("auction-svc " LOTCAST_VERSION);
        return EXIT_CODE_OK;
    case TASK_VERIFY:
        return exit_code_of(
            verify(options.data, options.has_sale ? &options.sale : NULL, options.as_json));
    case TASK_SERVE:
        break;
    }
    os_log_init("auction-svc", level_of(options.log_level));
    (void)umask(0077); // the ledger holds names and hashes of invitations
    return serve_sales(&options);
}
