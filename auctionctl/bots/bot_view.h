// What one client knows of a sale through its events alone, and what was wrong with them.
//
// Purity:    pure (allocates)
// Units:     *_minor currency minor units
// Ownership: bot_view_init/release
// Errors:    an event that lacks what it must have is counted in `malformed`, and changes nothing
// Source:    docs/PROTOCOL.md, Events; a gap is a durable event that does not follow the one before
#ifndef LOTCAST_CTL_BOT_VIEW_H
#define LOTCAST_CTL_BOT_VIEW_H

#include "lib/base/id.h"
#include "lib/json/json_read.h"

enum { BOT_VIEW_LOTS_MAX = 10000 };

struct bot_lot {
    struct lot_id id;
    char phase[16];
    bool has_price;
    int64_t price_minor;
    struct participant_id winner; // or leader, while open; "" nobody
    int64_t round;
};

struct bot_view {
    struct participant_id self;
    bool has_snapshot;
    bool live;
    char phase[16];
    int64_t seq;
    int64_t epoch;
    // The open lot.
    bool lot_is_open;
    struct lot_id lot;
    int64_t round;
    int64_t opening_minor;
    int64_t ask_minor;
    // Rules and own money.
    bool has_budget;
    int64_t budget_minor;
    int64_t spent_minor;
    bool has_roster;
    int64_t slots;
    int64_t taken;
    int64_t minimum_minor;
    // Catalogue.
    struct bot_lot *lots;
    size_t lots_count;
    // What was wrong.
    uint64_t events;
    uint64_t gaps;
    uint64_t duplicates;
    uint64_t price_falls;
    uint64_t backward;  // a snapshot older than what was known, or a lower epoch
    uint64_t malformed; // and events without a snapshot before
    uint64_t snapshots;
    char first_wrong[160];
};

void bot_view_init(struct bot_view *view);
void bot_view_release(struct bot_view *view);

// The next snapshot begins anew: nothing is compared with what came before a reconnection.
void bot_view_disconnected(struct bot_view *view);

void bot_view_event(struct bot_view *view, struct bytes name, const struct json *payload);

// The largest amount that own budget and roster allow now; INT64_MAX for no limit, 0 when no bid is
// possible.
int64_t bot_view_max_bid(const struct bot_view *view);
bool bot_view_leads(const struct bot_view *view);
// Sum of everything that was wrong.
uint64_t bot_view_wrong(const struct bot_view *view);

#endif
