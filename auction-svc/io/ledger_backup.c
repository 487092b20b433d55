#include "auction-svc/io/ledger_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auction-svc/io/ledger_database.h"
#include "lib/os/os_log.h"

struct ledger_backup {
    sqlite3 *copy;
    sqlite3_backup *backup;
    bool is_done;
    char path[DATA_PATH_SIZE_MAX];
};

static bool path_make(char out_path[DATA_PATH_SIZE_MAX], const char *folder, const char *name)
{
    int size = snprintf(out_path, DATA_PATH_SIZE_MAX, "%s/%s", folder, name);
    return size > 0 && size < DATA_PATH_SIZE_MAX;
}

static enum lc_status errno_status(void)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
        return LC_ERR_DISK_FULL;
    case ENOENT:
        return LC_ERR_NOT_FOUND;
    case EEXIST:
        return LC_ERR_EXISTS;
    default:
        return LC_ERR_IO;
    }
}

static enum lc_status folder_prepare(const char *folder, char out_path[DATA_PATH_SIZE_MAX])
{
    char taken[DATA_PATH_SIZE_MAX];
    if (!path_make(taken, folder, "ledger.sqlite") ||
        !path_make(out_path, folder, "ledger.partial")) {
        return LC_ERR_IO;
    }
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return errno_status();
    }
    if (access(taken, F_OK) == 0) {
        return LC_ERR_EXISTS;
    }
    return unlink(out_path) == 0 || errno == ENOENT ? LC_OK : errno_status();
}

static enum lc_status copy_failure(struct ledger_backup *backup, int code, const char *what)
{
    enum lc_status status = database_status(backup->copy, code);
    os_log(OS_LOG_WARNING, "backup: %s: %s failed: %s (%s)", backup->path, what,
           sqlite3_errstr(code), lc_status_name(status));
    return status == LC_OK ? LC_ERR_IO : status;
}

enum lc_status ledger_backup_begin(struct ledger *ledger, const char *folder,
                                   struct ledger_backup **out_backup)
{
    if (ledger->in_transaction) {
        return LC_ERR_BUSY;
    }
    struct ledger_backup *backup = calloc(1, sizeof *backup);
    if (backup == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    enum lc_status status = folder_prepare(folder, backup->path);
    if (status == LC_OK) {
        int code = sqlite3_open_v2(backup->path, &backup->copy,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
        if (code == SQLITE_OK) { // nothing of it counts before it is settled
            code =
                sqlite3_exec(backup->copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;",
                             NULL, NULL, NULL);
        }
        if (code == SQLITE_OK) {
            backup->backup = sqlite3_backup_init(backup->copy, "main", ledger->database, "main");
            code = backup->backup == NULL ? sqlite3_errcode(backup->copy) : SQLITE_OK;
        }
        status = code == SQLITE_OK ? LC_OK : copy_failure(backup, code, "opening");
    }
    if (status != LC_OK) {
        ledger_backup_end(backup);
        return status;
    }
    *out_backup = backup;
    return LC_OK;
}

enum lc_status ledger_backup_step(struct ledger_backup *backup, int pages, bool *out_is_done)
{
    int code = sqlite3_backup_step(backup->backup, pages);
    if (code == SQLITE_DONE) {
        code = sqlite3_backup_finish(backup->backup);
        backup->backup = NULL;
        if (code == SQLITE_OK) {
            code = sqlite3_close(backup->copy);
            backup->copy = NULL;
        }
        backup->is_done = code == SQLITE_OK;
    }
    if (code != SQLITE_OK) {
        return copy_failure(backup, code, "copying");
    }
    *out_is_done = backup->is_done;
    return LC_OK;
}

int64_t ledger_backup_pages(const struct ledger_backup *backup)
{
    return backup->backup == NULL ? 0 : sqlite3_backup_pagecount(backup->backup);
}

int64_t ledger_backup_left(const struct ledger_backup *backup)
{
    return backup->backup == NULL ? 0 : sqlite3_backup_remaining(backup->backup);
}

void ledger_backup_end(struct ledger_backup *backup)
{
    if (backup == NULL) {
        return;
    }
    (void)sqlite3_backup_finish(backup->backup);
    (void)sqlite3_close(backup->copy);
    if (!backup->is_done && backup->path[0] != 0) {
        (void)unlink(backup->path);
    }
    free(backup);
}

static enum lc_status sync_path(const char *path, int flags)
{
    int descriptor = open(path, flags | O_CLOEXEC);
    if (descriptor < 0) {
        return errno_status();
    }
    enum lc_status status = fsync(descriptor) == 0 ? LC_OK : errno_status();
    close(descriptor);
    return status;
}

// link(2) does not replace what came in between; not every file system has it.
static enum lc_status name_it(const char *partial, const char *path)
{
    if (link(partial, path) == 0) {
        return unlink(partial) == 0 ? LC_OK : errno_status();
    }
    bool has_links = errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS;
    return !has_links && rename(partial, path) == 0 ? LC_OK : errno_status();
}

enum lc_status ledger_backup_settle(const char *folder)
{
    char partial[DATA_PATH_SIZE_MAX];
    char path[DATA_PATH_SIZE_MAX];
    if (!path_make(partial, folder, "ledger.partial") ||
        !path_make(path, folder, "ledger.sqlite")) {
        return LC_ERR_IO;
    }
    enum lc_status status = sync_path(partial, O_RDWR);
    if (status == LC_OK) {
        status = name_it(partial, path);
    }
    return status == LC_OK ? sync_path(folder, O_RDONLY | O_DIRECTORY) : status;
}
