#include "auction-svc/core/state_table.h"

#include "auction-svc/core/id_index.h"

// Enums are read and written through `unsigned`.
_Static_assert(sizeof(enum sale_phase) == sizeof(unsigned), "an enum is as large as unsigned");

// NOLINTBEGIN(bugprone-macro-parentheses): the name of a member can't stand in parentheses
// clang-format off
#define OF(member) (((const STRUCT *)0)->member) // never evaluated
#define ROW(member, type, items, count, capacity) \
    {#member, type, offsetof(STRUCT, member), sizeof OF(member), items, count, capacity}
// A number, a bool or an enum. Anything else does not compile.
#define PLAIN(member) ROW(member, _Generic(OF(member), int64_t: STATE_INT, size_t: STATE_SIZE, \
    bool: STATE_BOOL, unsigned: STATE_ENUM), NULL, 0, 0)
#define CHARS(member) ROW(member, STATE_CHARS, NULL, 0, 0)
#define OCTETS(member) ROW(member, STATE_OCTETS, NULL, 0, 0)
#define TEXT(member) ROW(member, STATE_TEXT, NULL, 0, 0)
#define BEHIND(member) ROW(member, STATE_BEHIND, NULL, 0, 0)
#define DERIVED(member) ROW(member, STATE_DERIVED, NULL, 0, 0)
#define PART(member, table) ROW(member, STATE_PART, &table, 0, 0)
#define ARRAY(member, table, count) ROW(member, STATE_ARRAY, &table, offsetof(STRUCT, count), 0)
#define LIST(member, table, count, capacity) \
    ROW(member, STATE_LIST, &table, offsetof(STRUCT, count), offsetof(STRUCT, capacity))
#define END {NULL, STATE_DERIVED, 0, 0, NULL, 0, 0}
#define TABLE(table_name, table_rows) \
    static const struct state_table table_name = {#table_name, sizeof(STRUCT), table_rows}
// clang-format on
// NOLINTEND(bugprone-macro-parentheses)

// ---- definition.h, increment.h ----

#define STRUCT struct increment_band
static const struct state_row band_rows[] = {PLAIN(from_minor), PLAIN(step_minor), END};
TABLE(band, band_rows);
#undef STRUCT

#define STRUCT struct increment_table
static const struct state_row increments_rows[] = {ARRAY(bands, band, count), PLAIN(align), END};
TABLE(increments, increments_rows);
#undef STRUCT

#define STRUCT struct soft_close
static const struct state_row soft_close_rows[] = {
    PLAIN(window_ms), PLAIN(amount_ms), PLAIN(type), PLAIN(max_extensions), END,
};
TABLE(soft_close, soft_close_rows);
#undef STRUCT

#define STRUCT struct sale_rules
static const struct state_row rules_rows[] = {
    PLAIN(lot_duration_ms),
    PLAIN(gap_ms),
    PART(soft_close, soft_close),
    PLAIN(unsold_rounds),
    PLAIN(strict),
    PLAIN(sanity_factor),
    PLAIN(outage_threshold_ms),
    PLAIN(outage_extension_ms),
    PART(increments, increments),
    END,
};
TABLE(rules, rules_rows);
#undef STRUCT

#define STRUCT struct roster_rules
static const struct state_row roster_rows[] = {
    PLAIN(enabled), PLAIN(budget_minor), PLAIN(slots), PLAIN(minimum_minor), END,
};
TABLE(roster, roster_rows);
#undef STRUCT

#define STRUCT struct sale_definition
static const struct state_row definition_rows[] = {
    CHARS(id.text),
    DERIVED(title),
    CHARS(currency_code),
    PLAIN(currency_minor_digits),
    PLAIN(is_public),
    PLAIN(visibility),
    PART(rules, rules),
    PART(roster, roster),
    END,
};
TABLE(definition, definition_rows);
#undef STRUCT

// ---- sale.h ----

#define STRUCT struct lot
static const struct state_row lot_rows[] = {
    CHARS(id.text),       PLAIN(no),
    TEXT(title),          BEHIND(description),
    BEHIND(image),        BEHIND(category),
    PLAIN(opening_minor), PLAIN(reserve_minor),
    PLAIN(duration_ms),   PLAIN(phase),
    PLAIN(price_minor),   PLAIN(leader_index),
    PLAIN(bids),          PLAIN(started_at_ms),
    PLAIN(ends_at_ms),    PLAIN(extensions),
    PLAIN(round),         END,
};
TABLE(lot, lot_rows);
#undef STRUCT

#define STRUCT struct participant
static const struct state_row participant_rows[] = {
    CHARS(id.text),    CHARS(paddle),      TEXT(name),        PLAIN(status), PLAIN(spent_minor),
    PLAIN(held_minor), PLAIN(slots_taken), PLAIN(slots_held), END,
};
TABLE(participant, participant_rows);
#undef STRUCT

#define STRUCT struct invite
static const struct state_row invite_rows[] = {
    OCTETS(hash), PLAIN(role), PLAIN(uses_left), PLAIN(expires_at_ms), CHARS(participant.text), END,
};
TABLE(invite, invite_rows);
#undef STRUCT

#define STRUCT struct recent_bid
static const struct state_row recent_bid_rows[] = {
    PLAIN(by_index),
    PLAIN(amount_minor),
    PLAIN(at_ms),
    END,
};
TABLE(recent_bid, recent_bid_rows);
#undef STRUCT

#define STRUCT struct sale
static const struct state_row sale_rows[] = {
    TEXT(title),
    PART(definition, definition),
    PLAIN(phase),
    PLAIN(clock),
    PLAIN(seq),
    PLAIN(epoch),
    PLAIN(last_at_ms),
    PLAIN(lot_index),
    PLAIN(next_index),
    PLAIN(next_starts_at_ms),
    PLAIN(paused_remaining_ms),
    PLAIN(round),
    PLAIN(bids_total),
    PLAIN(sold_count),
    PLAIN(unsold_count),
    LIST(lots, lot, lots_count, lots_capacity),
    DERIVED(lots_by_id),
    LIST(participants, participant, participants_count, participants_capacity),
    DERIVED(participants_by_id),
    LIST(invites, invite, invites_count, invites_capacity),
    ARRAY(recent_bids, recent_bid, recent_bids_count),
    PLAIN(complete_reason),
    END,
};
const struct state_table sale_state_table = {"sale", sizeof(STRUCT), sale_rows};
#undef STRUCT

const struct state_table *const state_tables[] = {
    &band, &increments,  &soft_close, &rules,      &roster,           &definition,
    &lot,  &participant, &invite,     &recent_bid, &sale_state_table, NULL,
};

// ---- what the rest determines ----

static enum lc_status index_derive(struct id_index *index, const void *items, size_t item_size,
                                   size_t items_count)
{
    enum lc_status status = id_index_reserve(index, items, item_size, items_count);
    for (size_t i = 0; status == LC_OK && i < items_count; i++) {
        id_index_add(index, items, item_size);
    }
    return status;
}

enum lc_status sale_derive(struct sale *sale)
{
    sale->definition.title = sale->title == NULL ? (struct bytes){0} : bytes_text(sale->title);
    enum lc_status status =
        index_derive(&sale->lots_by_id, sale->lots, sizeof *sale->lots, sale->lots_count);
    if (status == LC_OK) {
        status = index_derive(&sale->participants_by_id, sale->participants,
                              sizeof *sale->participants, sale->participants_count);
    }
    return status;
}
