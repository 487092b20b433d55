// A copy of a ledger while it is in use: in steps, between the turns of the engine that holds it.
//
// Purity:    files
// Ownership: ledger_backup_begin/end; borrows the ledger, which must outlive it
// Errors:    LC_ERR_EXISTS (the folder has a ledger), LC_ERR_DISK_FULL, LC_ERR_IO: of the copy alone,
//            the ledger is not touched by them; LC_ERR_BUSY within an open transaction
// Order:     begin, steps between transactions until done, end; then ledger_backup_settle(), by
//            whoever asked for it: it waits for the disk
// Source:    SQLite's online backup: what the same connection changes meanwhile is copied again, so
//            that the copy is the ledger as it is at the last step; docs/decisions/0093-backup.md
#ifndef LOTCAST_IO_LEDGER_BACKUP_H
#define LOTCAST_IO_LEDGER_BACKUP_H

#include "auction-svc/io/ledger.h"

struct ledger_backup;

// Makes the folder when it is missing; its parent must be there. The copy is FOLDER/ledger.partial
// until it is settled; one that was left there by another try is overwritten.
LC_MUST_CHECK enum lc_status ledger_backup_begin(struct ledger *ledger, const char *folder,
                                                 struct ledger_backup **out_backup);
LC_MUST_CHECK enum lc_status ledger_backup_step(struct ledger_backup *backup, int pages,
                                                bool *out_is_done);
int64_t ledger_backup_pages(const struct ledger_backup *backup); // of the whole
int64_t ledger_backup_left(const struct ledger_backup *backup);
// Removes a copy that is not done. NULL is fine.
void ledger_backup_end(struct ledger_backup *backup);

// Makes a copy that is done durable and gives it its name, FOLDER/ledger.sqlite.
LC_MUST_CHECK enum lc_status ledger_backup_settle(const char *folder);

#endif
