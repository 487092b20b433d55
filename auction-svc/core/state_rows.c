#include "auction-svc/core/state_table.h"

#include "auction-svc/core/id_index.h"
#include "auction-svc/core/wakes.h"

// Enums are read and written through `unsigned`.
_Static_assert(sizeof(enum sale_phase) == sizeof(unsigned), "an enum is as large as unsigned");

// NOLINTBEGIN(bugprone-macro-parentheses): the name of a member can't stand in parentheses
// clang-format off
#define OF(member) (((const STRUCT *)0)->member) // never evaluated
#define ROW(member, type, items, count, second, places, used) \
    {#member, type, offsetof(STRUCT, member), sizeof OF(member), items, count, second, places, used}
#define POINTER(member, type, items, count, second, places) /* sizeof the pointer is meant */ \
    {#member, type, offsetof(STRUCT, member), sizeof(void *), items, count, second, places, NULL}
// A number, a bool or an enum. Anything else does not compile.
#define PLAIN(member) ROW(member, _Generic(OF(member), int64_t: STATE_INT, size_t: STATE_SIZE, \
    bool: STATE_BOOL, unsigned: STATE_ENUM), NULL, 0, 0, 0, NULL)
#define CHARS(member) ROW(member, STATE_CHARS, NULL, 0, 0, 0, NULL)
#define OCTETS(member) ROW(member, STATE_OCTETS, NULL, 0, 0, 0, NULL)
#define NUMBERS(member) ROW(member, STATE_NUMBERS, NULL, 0, 0, 0, NULL)
#define NUMBERS_USED(member, used) ROW(member, STATE_NUMBERS, NULL, 0, 0, 0, used)
#define DERIVED(member) ROW(member, STATE_DERIVED, NULL, 0, 0, 0, NULL)
#define PART(member, table) ROW(member, STATE_PART, &table, 0, 0, 0, NULL)
#define ARRAY(member, table, count) ROW(member, STATE_ARRAY, &table, offsetof(STRUCT, count), 0, 0, NULL)
#define TEXT(member) POINTER(member, STATE_TEXT, NULL, 0, 0, 0)
#define BEHIND(member) POINTER(member, STATE_BEHIND, NULL, 0, 0, 0)
#define OWNED(member, table) POINTER(member, STATE_OWNED, &table, 0, 0, 0)
#define LIST(member, table, count, capacity) \
    POINTER(member, STATE_LIST, &table, offsetof(STRUCT, count), offsetof(STRUCT, capacity), 0)
#define LIST_EXACT(member, table, count) \
    POINTER(member, STATE_LIST, &table, offsetof(STRUCT, count), STATE_NO_MEMBER, 0)
#define RING(member, table, first, count, places) \
    POINTER(member, STATE_RING, &table, offsetof(STRUCT, count), offsetof(STRUCT, first), places)
#define END {NULL, STATE_DERIVED, 0, 0, NULL, 0, 0, 0, NULL}
#define TABLE(table_name, table_rows) \
    static const struct state_table table_name = {#table_name, sizeof(STRUCT), table_rows}
// clang-format on
// NOLINTEND(bugprone-macro-parentheses)

// ---- definition.h, increment.h ----

static size_t increments_used(const void *base)
{
    const struct increment_table *table = base;
    switch (table->kind) {
    case INCREMENT_BANDS:
        return table->count * 2;
    case INCREMENT_CYCLE:
        return table->count;
    case INCREMENT_PERCENT:
        return 3;
    }
    return 0;
}

#define STRUCT struct increment_table
_Static_assert(sizeof OF(as.percent) == 3 * sizeof(int64_t), "increments_used()");
static const struct state_row increments_rows[] = {
    PLAIN(kind), PLAIN(align), PLAIN(count), NUMBERS_USED(as, increments_used), END,
};
TABLE(increments, increments_rows);
#undef STRUCT

#define STRUCT struct soft_close
static const struct state_row soft_close_rows[] = {
    PLAIN(window_ms),      PLAIN(amount_ms), PLAIN(type),           PLAIN(scope),
    PLAIN(max_extensions), PLAIN(latest_ms), PLAIN(shrink_percent), END,
};
TABLE(soft_close, soft_close_rows);
#undef STRUCT

#define STRUCT struct lot_rules
static const struct state_row lot_rules_rows[] = {
    PLAIN(format),
    PLAIN(duration_ms),
    PART(soft_close, soft_close),
    PLAIN(closing_grace_ms),
    NUMBERS(warning_ms),
    PLAIN(strict),
    PLAIN(sanity_factor),
    PART(increments, increments),
    PLAIN(reserve_mode),
    PLAIN(retraction),
    PLAIN(buy_now_until),
    PLAIN(no_maximum),
    PLAIN(price_step_minor),
    PLAIN(price_tick_ms),
    PLAIN(dutch_raise_minor),
    PLAIN(candle_ending_ms),
    END,
};
TABLE(lot_rules, lot_rules_rows);
#undef STRUCT

#define STRUCT struct sale_rules
static const struct state_row rules_rows[] = {
    PART(lot, lot_rules),
    PLAIN(gap_ms),
    PLAIN(unsold_rounds),
    PLAIN(outage_threshold_ms),
    PLAIN(outage_extension_ms),
    PLAIN(flow),
    PLAIN(stagger_ms),
    PLAIN(start_mode),
    PLAIN(starts_at_ms),
    PLAIN(lot_order),
    PLAIN(registration),
    PLAIN(gavel_timeout_ms),
    PLAIN(nomination),
    PLAIN(nomination_ms),
    PLAIN(nominator_bids),
    PLAIN(accelerated),
    PLAIN(names_ms),
    PLAIN(match),
    PLAIN(match_ms),
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

#define STRUCT struct premium_band
static const struct state_row premium_band_rows[] = {PLAIN(from_minor), PLAIN(basis_points), END};
TABLE(premium_band, premium_band_rows);
#undef STRUCT

#define STRUCT struct premium_bands
static const struct state_row premium_rows[] = {ARRAY(bands, premium_band, count), END};
TABLE(premium, premium_rows);
#undef STRUCT

#define STRUCT struct category_cap
static const struct state_row category_cap_rows[] = {CHARS(category), PLAIN(most), END};
TABLE(category_cap, category_cap_rows);
#undef STRUCT

#define STRUCT struct sale_definition
static const struct state_row definition_rows[] = {
    CHARS(id.text),         DERIVED(title),
    CHARS(currency_code),   PLAIN(currency_minor_digits),
    PLAIN(is_public),       PLAIN(visibility),
    PART(rules, rules),     PART(roster, roster),
    PART(premium, premium), ARRAY(category_caps, category_cap, category_caps_count),
    OCTETS(seed),           END,
};
TABLE(definition, definition_rows);
#undef STRUCT

// ---- sale.h, event.h ----

#define STRUCT struct standing
static const struct state_row standing_rows[] = {
    PLAIN(by_index),   PLAIN(max_minor),        PLAIN(order_no),
    PLAIN(quantity),   PLAIN(max_before_minor), PLAIN(order_before_no),
    PLAIN(has_passed), PLAIN(has_entered),      END,
};
TABLE(standing, standing_rows);
#undef STRUCT

#define STRUCT struct bid_entry
static const struct state_row bid_entry_rows[] = {
    PLAIN(bid_no),
    PLAIN(by_index),
    PLAIN(kind),
    PLAIN(amount_minor),
    PLAIN(at_ms),
    PLAIN(price_before_minor),
    PLAIN(leader_before_index),
    PLAIN(held_before_minor),
    PLAIN(max_before_minor),
    PLAIN(max_before_order_no),
    PLAIN(second_before_minor),
    PLAIN(second_before_index),
    END,
};
TABLE(bid_entry, bid_entry_rows);
#undef STRUCT

#define STRUCT struct award
static const struct state_row award_rows[] = {
    CHARS(winner.text),
    PLAIN(quantity),
    PLAIN(price_minor),
    END,
};
TABLE(award, award_rows);
#undef STRUCT

#define STRUCT struct lot
static const struct state_row lot_rows[] = {
    CHARS(id.text),
    PLAIN(no),
    TEXT(title),
    BEHIND(description),
    BEHIND(image),
    BEHIND(category),
    BEHIND(set),
    OWNED(own_rules, lot_rules),
    PLAIN(opening_minor),
    PLAIN(reserve_minor),
    PLAIN(buy_now_minor),
    PLAIN(estimate_low_minor),
    PLAIN(estimate_high_minor),
    PLAIN(quantity),
    PLAIN(duration_ms),
    CHARS(match_holder.text),
    PLAIN(phase),
    PLAIN(price_minor),
    PLAIN(leader_index),
    PLAIN(held_minor),
    PLAIN(second_minor),
    PLAIN(second_index),
    PLAIN(bids),
    PLAIN(started_at_ms),
    PLAIN(ends_at_ms),
    PLAIN(first_ends_at_ms),
    PLAIN(extensions),
    PLAIN(round),
    PLAIN(asked_minor),
    PLAIN(warned),
    PLAIN(quantity_left),
    PLAIN(clock_price_minor),
    PLAIN(clock_from_ms),
    PLAIN(draws_at_ms),
    PLAIN(named_count),
    PLAIN(match_stage),
    PLAIN(match_reason),
    PLAIN(reopenable_until_ms),
    LIST(standings, standing, standings_count, standings_capacity),
    RING(history, bid_entry, history_first, history_count, UNDO_DEPTH_MAX),
    LIST_EXACT(awards, award, awards_count),
    DERIVED(wake_at_ms),
    DERIVED(wake_place),
    DERIVED(end_place),
    PLAIN(deadline_ms),
    PLAIN(warn_after_ms),
    PLAIN(order_place),
    PLAIN(listed_place),
    PLAIN(closed_bids_total),
    END,
};
TABLE(lot, lot_rows);
#undef STRUCT

#define STRUCT struct state_place
static const struct state_row place_rows[] = {PLAIN(place), END};
TABLE(place, place_rows);
#undef STRUCT

#define STRUCT struct participant
static const struct state_row participant_rows[] = {
    CHARS(id.text),
    CHARS(paddle),
    TEXT(name),
    PLAIN(status),
    PLAIN(budget_minor),
    PLAIN(slots),
    PLAIN(limit_minor),
    PLAIN(spent_minor),
    PLAIN(held_minor),
    PLAIN(shown_minor),
    PLAIN(slots_taken),
    PLAIN(slots_held),
    NUMBERS(category_taken),
    LIST_EXACT(named, place, named_count),
    END,
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
    PLAIN(lot_index), PLAIN(by_index), PLAIN(kind), PLAIN(amount_minor), PLAIN(at_ms), END,
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
    PLAIN(paused_at_ms),
    PLAIN(round),
    PLAIN(bids_total),
    PLAIN(sold_count),
    PLAIN(unsold_count),
    LIST(lots, lot, lots_count, lots_capacity),
    DERIVED(lots_by_id),
    LIST(participants, participant, participants_count, participants_capacity),
    DERIVED(participants_by_id),
    LIST(invites, invite, invites_count, invites_capacity),
    DERIVED(wakes),
    DERIVED(ends),
    DERIVED(wakes_count),
    DERIVED(wakes_capacity),
    PLAIN(orders_total),
    PLAIN(nominator_index),
    PLAIN(nominations),
    PLAIN(reopen_index),
    PLAIN(clock_ends_at_ms),
    CHARS(gavel_console),
    DERIVED(gavel_seen_at_ms),
    ARRAY(recent_bids, recent_bid, recent_bids_count),
    PLAIN(complete_reason),
    END,
};
const struct state_table sale_state_table = {"sale", sizeof(STRUCT), sale_rows};
#undef STRUCT

const struct state_table *const state_tables[] = {
    &increments, &soft_close,   &lot_rules,  &rules,      &roster,    &premium_band,
    &premium,    &category_cap, &definition, &standing,   &bid_entry, &award,
    &lot,        &participant,  &invite,     &recent_bid, &place,     &sale_state_table,
    NULL,
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
    sale->gavel_seen_at_ms =
        sale->last_at_ms; // whoever held the gavel is heard of again from now on
    sale->definition.title = sale->title == NULL ? (struct bytes){0} : bytes_text(sale->title);
    enum lc_status status =
        index_derive(&sale->lots_by_id, sale->lots, sizeof *sale->lots, sale->lots_count);
    if (status == LC_OK) {
        status = index_derive(&sale->participants_by_id, sale->participants,
                              sizeof *sale->participants, sale->participants_count);
    }
    return status == LC_OK ? wakes_rebuild(sale) : status;
}
