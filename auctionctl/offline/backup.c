#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "auction-svc/io/control_socket.h"
#include "auction-svc/io/data_lock.h"
#include "auction-svc/io/ledger_backup.h"
#include "auctionctl/offline/source.h"

enum { COPY_PAGES = 4096 };

static int complain(const char *folder, const char *what, int code)
{
    fprintf(stderr, "auctionctl: %s: %s\n", folder, what);
    return code;
}

static int complain_status(const char *folder, enum lc_status status)
{
    return complain(folder,
                    status == LC_ERR_EXISTS ? "there is a ledger already" : lc_status_name(status),
                    source_exit(status));
}

// ---- copying ----

static enum lc_status copy_ledger(struct ledger *ledger, const char *folder)
{
    struct ledger_backup *backup = NULL;
    bool is_done = false;
    enum lc_status status = ledger_backup_begin(ledger, folder, &backup);
    while (status == LC_OK && !is_done) {
        status = ledger_backup_step(backup, COPY_PAGES, &is_done);
    }
    ledger_backup_end(backup);
    return status == LC_OK ? ledger_backup_settle(folder) : status;
}

// ---- by the engine that holds the folder ----

struct answers {
    enum lc_status status;
    bool is_done;
    char why[64];
};

static bool take_answer(void *owner, const char *line)
{
    struct answers *answers = owner;
    if (strncmp(line, "progress ", 9) == 0) {
        return true;
    }
    answers->is_done = strcmp(line, "done") == 0;
    if (!answers->is_done) {
        (void)snprintf(answers->why, sizeof answers->why, "%s",
                       strncmp(line, "failed: ", 8) == 0 ? line + 8 : line);
    }
    return false;
}

// LC_OK: no status but words of the engine.
static enum lc_status status_named(const char *name)
{
    static const enum lc_status known[] = {LC_ERR_EXISTS, LC_ERR_DISK_FULL, LC_ERR_NOT_FOUND};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, lc_status_name(known[i])) == 0) {
            return known[i];
        }
    }
    return LC_OK;
}

static int ask_engine(const struct offline_request *request, const char *folder)
{
    char line[CONTROL_LINE_SIZE_MAX];
    struct answers answers = {.status = LC_OK};
    int size = snprintf(line, sizeof line, "backup %s", folder);
    if (size < 0 || (size_t)size >= sizeof line) {
        return complain(folder, "the path is too long", OFFLINE_USAGE);
    }
    enum lc_status status = control_socket_ask(request->data, line, take_answer, &answers);
    if (status == LC_ERR_NOT_FOUND) {
        return complain(request->data, "held by a process that makes no backup", OFFLINE_LOCKED);
    }
    if (status != LC_OK) {
        return complain(request->data, "the engine went away", OFFLINE_IO);
    }
    if (!answers.is_done) {
        status = status_named(answers.why);
        return status == LC_OK ? complain(folder, answers.why, OFFLINE_IO)
                               : complain_status(folder, status);
    }
    status = ledger_backup_settle(folder);
    return status == LC_OK ? OFFLINE_DONE : complain_status(folder, status);
}

static bool is_held_by_another(const char *data)
{
    struct data_lock lock = {.descriptor = -1};
    enum lc_status status = data_lock_take(data, false, &lock);
    data_lock_release(&lock);
    return status == LC_ERR_BUSY;
}

// The engine has another working folder: the parent is resolved here, the folder may be missing.
static bool absolute(const char *folder, char out_path[PATH_MAX])
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return false;
    }
    return realpath(folder, out_path) != NULL;
}

int offline_backup(const struct offline_request *request)
{
    char folder[PATH_MAX];
    struct ledger *ledger = NULL;
    if (!absolute(request->operand, folder)) {
        return complain(request->operand, "can't be made (its parent must be there)", OFFLINE_IO);
    }
    bool is_held = is_held_by_another(request->data);
    enum lc_status status = is_held ? LC_OK : ledger_open(request->data, LEDGER_COPY, &ledger);
    int code = OFFLINE_DONE;
    if (is_held) {
        code = ask_engine(request, folder);
    } else if (status != LC_OK) {
        code = complain_status(request->data, status);
    } else {
        status = copy_ledger(ledger, folder);
        code = status == LC_OK ? OFFLINE_DONE : complain_status(folder, status);
    }
    ledger_close(ledger);
    if (code == OFFLINE_DONE) {
        printf("%s: done; prove it with: auctionctl verify --data %s\n", folder, folder);
    }
    return code;
}

// ---- restore ----

static enum lc_status prove_sale(void *owner, const struct ledger_sale *row)
{
    struct source *source = owner;
    int code = source_replay(source, &row->sale, (struct replay_watcher){0});
    source_end_replay(source);
    return code == OFFLINE_DONE ? LC_OK : LC_ERR_CORRUPT;
}

static int prove(const struct offline_request *backup)
{
    struct source source;
    int code = source_open_ledger(&source, backup);
    if (code == OFFLINE_DONE) {
        code = source_exit(ledger_each_sale(source.ledger, prove_sale, &source));
    }
    source_close(&source);
    return code;
}

// The ledger that is there is kept, whatever is wrong with it.
static int put_aside(const char *data, bool may)
{
    static const char *const files[] = {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"};
    char path[PATH_MAX];
    char aside[PATH_MAX + 64];
    long long now = (long long)time(NULL);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", data, files[i]);
        if (access(path, F_OK) != 0) {
            continue;
        }
        if (!may) {
            return complain(data, "there is a ledger already (--force puts it aside)",
                            OFFLINE_REFUSED);
        }
        (void)snprintf(aside, sizeof aside, "%s.before-restore-%lld", path, now);
        if (rename(path, aside) != 0) {
            return complain(path, "can't be put aside", OFFLINE_IO);
        }
        printf("put aside: %s\n", aside);
    }
    return OFFLINE_DONE;
}

static int restore_into(const struct offline_request *request)
{
    struct ledger *ledger = NULL;
    enum lc_status status = ledger_open(request->operand, LEDGER_COPY, &ledger);
    int code = status == LC_OK ? put_aside(request->data, request->force)
                               : complain_status(request->operand, status);
    if (code == OFFLINE_DONE) {
        status = copy_ledger(ledger, request->data);
        code = status == LC_OK ? OFFLINE_DONE : complain_status(request->data, status);
    }
    ledger_close(ledger);
    return code;
}

int offline_restore(const struct offline_request *request)
{
    struct offline_request backup = *request;
    struct data_lock lock = {.descriptor = -1};
    backup.data = request->operand;
    int code = prove(&backup);
    if (code != OFFLINE_DONE) {
        return code;
    }
    enum lc_status status = data_lock_take(request->data, true, &lock);
    if (status != LC_OK) {
        return complain(request->data,
                        status == LC_ERR_BUSY ? "an engine holds it" : lc_status_name(status),
                        source_exit(status));
    }
    code = restore_into(request);
    data_lock_release(&lock);
    if (code == OFFLINE_DONE) {
        printf("%s: restored; the engine starts with an epoch above all that the broker has seen\n",
               request->data);
    }
    return code;
}
