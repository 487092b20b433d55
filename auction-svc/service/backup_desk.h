// The backup desk: copies the ledger for whoever asks at the data folder's socket, a little between
// turns, so that no bid waits for it.
//
// Purity:    files; the socket of the data folder
// Units:     *_us on the boot clock
// Ownership: backup_desk_init/release; borrows the ledger
// Errors:    a copy that fails is told to the asker and in the log; the engine goes on
// Order:     watch and process around the wait; step between turns, never within a transaction
// Source:    docs/decisions/0093-backup.md: request "backup FOLDER"; answers "progress LEFT PAGES",
//            then "done" (the asker settles the copy) or "failed: why"
#ifndef LOTCAST_SERVICE_BACKUP_DESK_H
#define LOTCAST_SERVICE_BACKUP_DESK_H

#include "auction-svc/io/control_socket.h"
#include "auction-svc/io/ledger_backup.h"

enum {
    BACKUP_STEP_PAGES = 64,    // a quarter of a megabyte, well below a millisecond
    BACKUP_STEPS_US = 2000,    // spent on steps when nothing waits
    BACKUP_PROGRESS_STEPS = 64 // between two lines of progress
};

struct backup_desk {
    struct control_socket control;
    struct ledger *ledger;
    struct ledger_backup *backup; // NULL: none under way
    int64_t steps;
};

void backup_desk_init(struct backup_desk *desk);
// Without a socket there is a warning and no backup.
void backup_desk_open(struct backup_desk *desk, struct ledger *ledger, const char *data_folder);
void backup_desk_release(struct backup_desk *desk); // before the ledger is closed

void backup_desk_watch(const struct backup_desk *desk, struct pollfd *out_polls);
void backup_desk_process(struct backup_desk *desk, const struct pollfd *polls);
bool backup_desk_is_busy(const struct backup_desk *desk);
void backup_desk_step(struct backup_desk *desk, bool is_idle);

#endif
