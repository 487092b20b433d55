#include "auction-svc/core/history.h"

#include <stdlib.h>

enum lc_status history_open(struct lot *lot)
{
    if (lot->history == NULL) {
        lot->history = malloc(UNDO_DEPTH_MAX * sizeof *lot->history);
        if (lot->history == NULL) {
            return LC_ERR_NO_MEMORY;
        }
    }
    lot->history_first = 0;
    lot->history_count = 0;
    return LC_OK;
}

void history_close(struct lot *lot)
{
    free(lot->history);
    lot->history = NULL;
    lot->history_first = 0;
    lot->history_count = 0;
}

static struct bid_entry *place_of(const struct lot *lot, size_t number)
{
    return &lot->history[(lot->history_first + number) % UNDO_DEPTH_MAX];
}

void history_push(struct lot *lot, struct bid_entry entry)
{
    if (lot->history == NULL) {
        return; // the lot of an old ledger
    }
    if (lot->history_count == UNDO_DEPTH_MAX) {
        lot->history_first = (lot->history_first + 1) % UNDO_DEPTH_MAX;
        lot->history_count--;
    }
    *place_of(lot, lot->history_count) = entry;
    lot->history_count++;
}

const struct bid_entry *history_newest(const struct lot *lot)
{
    return lot->history_count == 0 ? NULL : place_of(lot, lot->history_count - 1);
}

// Also of a plain bid: a maximum that its bidder set when it led falls with it. One that was lowered
// or taken back since then is not raised.
static void maximum_restore(struct standing *standing, const struct bid_entry *entry)
{
    if (standing->max_minor > entry->max_before_minor) {
        standing->max_minor = entry->max_before_minor;
        standing->order_no = entry->max_before_order_no;
        standing->max_before_minor = 0;
        standing->order_before_no = 0;
    }
}

void history_undo(struct lot *lot)
{
    LC_ASSERT(lot->history_count > 0);
    const struct bid_entry *entry = place_of(lot, lot->history_count - 1);
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (lot->standings[i].by_index == entry->by_index) {
            maximum_restore(&lot->standings[i], entry);
        }
    }
    lot->price_minor = entry->price_before_minor;
    lot->leader_index = entry->leader_before_index;
    lot->held_minor = entry->held_before_minor;
    lot->second_minor = entry->second_before_minor;
    lot->second_index = entry->second_before_index;
    lot->history_count--;
}
