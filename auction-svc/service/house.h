// The house: all sales of this engine, by id, also the ids that are gone.
//
// Purity:    pure (allocates)
// Units:     *_ms engine time
// Ownership: house_init/release; the house owns its sales
// Lifetime:  a pointer to a hosted sale is valid until the house is released
// Errors:    LC_ERR_FULL at HOUSE_SALES_MAX
// Order:     house_note_change() after each change of a sale: from then on the agendas know of it
#ifndef LOTCAST_SERVICE_HOUSE_H
#define LOTCAST_SERVICE_HOUSE_H

#include "auction-svc/io/ledger_row.h"
#include "auction-svc/service/agenda.h"
#include "auction-svc/service/retained.h"

enum { HOUSE_SALES_MAX = 10000 };

// What a sale may have to do, each with an agenda over all sales.
enum house_task { HOUSE_DEADLINE, HOUSE_TICK, HOUSE_RETAINED, HOUSE_TASK_COUNT };

struct hosted_sale {
    struct sale_id id;
    struct sale *sale; // NULL: deleted, the id stays taken
    struct ledger_head head;
    int64_t snapshot_row; // of the last snapshot; 0: none
    bool drops_snapshots; // newer ones can't be used
    struct retained retained;
    int64_t tick_at_ms;           // next tick; 0: no clock was running
    enum sale_clock ticked_clock; // which clock the last tick was of
    struct lot_id ticked_lot;
    int64_t counted_seconds;  // last second of the countdown that was announced
    int64_t counted_start_ms; // the start that it counts to
    struct agenda_item tasks[HOUSE_TASK_COUNT];
};

struct house {
    struct hosted_sale **sales; // in order of id
    size_t count;
    size_t capacity;
    struct agenda agendas[HOUSE_TASK_COUNT];
};

void house_init(struct house *house);
void house_release(struct house *house);

struct hosted_sale *house_find(const struct house *house, const struct sale_id *id); // NULL: none

// An empty place under a new id; LC_ERR_EXISTS when the id is or was taken.
LC_MUST_CHECK enum lc_status house_add(struct house *house, const struct sale_id *id,
                                       struct hosted_sale **out_sale);
// Takes the sale that was made again from the ledger, in place of the empty one.
void house_settle(struct hosted_sale *hosted, struct sale *sale, const struct ledger_head *head,
                  int64_t snapshot_row, bool drops_snapshots);
// A snapshot of it as it is now was taken.
void house_note_snapshot(struct hosted_sale *hosted);

// Ends the sale and keeps its id.
void house_bury(struct house *house, struct hosted_sale *hosted);

// Puts the sale anew where it belongs in each agenda: its deadline, its retained state, and a tick
// at once, since the clock may be another.
void house_note_change(struct house *house, struct hosted_sale *hosted);
// Of its deadline alone, which may have moved without a fact (the gavel's console was heard of).
void house_note_deadline(struct house *house, struct hosted_sale *hosted);
void house_set_due(struct house *house, struct hosted_sale *hosted, enum house_task task,
                   int64_t due_ms);

int64_t house_due_ms(const struct house *house, enum house_task task); // INT64_MAX: none
// The first sale that is due at `now_ms`; NULL: none is.
struct hosted_sale *house_due(const struct house *house, enum house_task task, int64_t now_ms);

bool house_clock_runs(const struct house *house);

#endif
