#include "auction-svc/service/view.h"

struct wire_head view_head(const struct sale *sale)
{
    return (struct wire_head){sale->seq, sale->epoch};
}

const char *view_sale_phase(enum sale_phase phase)
{
    switch (phase) {
    case SALE_LOBBY:
        return "lobby";
    case SALE_LIVE:
        return "live";
    case SALE_PAUSED:
        return "paused";
    case SALE_COMPLETE:
    case SALE_GONE:
        return "complete";
    }
    return "complete";
}

const char *view_clock(enum sale_clock clock)
{
    switch (clock) {
    case CLOCK_NONE:
        return "none";
    case CLOCK_LOT:
        return "lot";
    case CLOCK_GAP:
        return "gap";
    case CLOCK_NOMINATION:
        return "nomination";
    case CLOCK_NAMES:
        return "names";
    case CLOCK_START:
        return "start";
    }
    return "none";
}

static const char *lot_phase_name(enum lot_phase phase)
{
    switch (phase) {
    case LOT_PENDING:
        return "pending";
    case LOT_OPEN:
        return "open";
    case LOT_SOLD:
        return "sold";
    case LOT_UNSOLD:
        return "unsold";
    case LOT_WITHDRAWN:
        return "withdrawn";
    case LOT_CLOSING:
        return "closing";
    case LOT_MATCHING:
        return "matching";
    }
    return "pending";
}

static const char *reserve_name(enum reserve_status status)
{
    switch (status) {
    case RESERVE_NONE:
        return "none";
    case RESERVE_NOT_MET:
        return "not_met";
    case RESERVE_MET:
        return "met";
    }
    return "none";
}

static const char *visibility_name(enum sale_visibility visibility)
{
    switch (visibility) {
    case VISIBILITY_NAMES:
        return "names";
    case VISIBILITY_PADDLES:
        return "paddles";
    case VISIBILITY_HIDDEN:
        return "hidden";
    }
    return "hidden";
}

struct wire_person view_person_named(const struct sale *sale, int64_t index)
{
    if (index < 0 || (size_t)index >= sale->participants_count) {
        return (struct wire_person){0};
    }
    const struct participant *participant = &sale->participants[index];
    return (struct wire_person){
        .id = participant->id,
        .paddle = bytes_text(participant->paddle),
        .name = bytes_text(participant->name),
        .shows_name = true,
    };
}

struct wire_person view_person(const struct sale *sale, int64_t index)
{
    struct wire_person person = view_person_named(sale, index);
    if (sale->definition.visibility != VISIBILITY_NAMES) {
        person.name = bytes_text("");
        person.shows_name = false;
    }
    return person;
}

struct wire_participant view_participant(const struct sale *sale, int64_t index)
{
    const struct participant *participant = &sale->participants[index];
    const struct roster_rules *roster = &sale->definition.roster;
    struct wire_participant view = {
        .person = view_person(sale, index),
        .status = participant->status == PARTICIPANT_ACCEPTED ? "accepted" : "blocked",
        .budget_minor = WIRE_ABSENT,
    };
    if (sale->definition.visibility == VISIBILITY_HIDDEN) {
        return view; // neither purse nor roster
    }
    view.spent_minor = participant->spent_minor;
    view.held_minor = participant->shown_minor; // a maximum stays secret
    if (roster->enabled) {
        view.budget_minor = roster->budget_minor;
    }
    if (roster->enabled && roster->slots > 0) {
        view.roster = (struct wire_roster){true, participant->slots_taken, roster->slots};
    }
    return view;
}

int64_t view_clock_ends_at_ms(const struct sale *sale)
{
    if (sale->phase != SALE_LIVE) {
        return WIRE_ABSENT;
    }
    switch (sale->clock) {
    case CLOCK_NONE:
        return WIRE_ABSENT;
    case CLOCK_LOT:
        return sale->lots[sale->lot_index].ends_at_ms;
    case CLOCK_GAP:
        return sale->next_starts_at_ms;
    case CLOCK_NOMINATION:
    case CLOCK_NAMES:
    case CLOCK_START:
        return sale->clock_ends_at_ms;
    }
    return WIRE_ABSENT;
}

int64_t view_remaining_ms(const struct sale *sale, int64_t now_ms)
{
    if (sale->phase == SALE_PAUSED && sale->clock != CLOCK_NONE) {
        return sale->paused_remaining_ms;
    }
    int64_t ends_at_ms = view_clock_ends_at_ms(sale);
    return ends_at_ms == WIRE_ABSENT || ends_at_ms <= now_ms ? 0 : ends_at_ms - now_ms;
}

struct wire_lot view_lot(const struct sale *sale, int64_t index, int64_t now_ms)
{
    const struct lot *lot = &sale->lots[index];
    bool is_on_clock =
        lot->phase == LOT_OPEN && index == sale->lot_index && sale->clock == CLOCK_LOT;
    struct wire_lot view = {
        .id = lot->id,
        .no = lot->no,
        .title = bytes_text(lot->title),
        .phase = lot_phase_name(lot->phase),
        .opening_minor = lot->opening_minor,
        .price_minor = lot->price_minor > 0 ? lot->price_minor : WIRE_ABSENT,
        .ask_minor = sale_ask(sale, lot, now_ms),
        .leader = view_person(sale, lot->leader_index),
        .bids = lot->bids,
        .started_at_ms = lot->started_at_ms > 0 ? lot->started_at_ms : WIRE_ABSENT,
        .ends_at_ms = WIRE_ABSENT,
        .extensions = lot->extensions,
        .round = lot->round,
        .reserve = reserve_name(lot_reserve_status(lot)),
    };
    if (is_on_clock) {
        view.ends_at_ms = view_clock_ends_at_ms(sale);
        view.remaining_ms = view_remaining_ms(sale, now_ms);
    }
    return view;
}

struct wire_catalogue_lot view_catalogue_lot(const struct sale *sale, int64_t index)
{
    const struct lot *lot = &sale->lots[index];
    return (struct wire_catalogue_lot){
        .id = lot->id,
        .no = lot->no,
        .title = bytes_text(lot->title),
        .description = bytes_text(lot->description),
        .image = bytes_text(lot->image),
        .category = bytes_text(lot->category),
        .opening_minor = lot->opening_minor,
        .phase = lot_phase_name(lot->phase),
        .price_minor = lot->price_minor > 0 ? lot->price_minor : WIRE_ABSENT,
        .winner = view_person(sale, lot->phase == LOT_SOLD ? lot->leader_index : -1),
        .bids = lot->bids,
        .round = lot->round,
    };
}

struct wire_next_lot view_next_lot(const struct sale *sale, int64_t now_ms)
{
    struct wire_next_lot next = {.starts_at_ms = WIRE_ABSENT};
    if (sale->clock != CLOCK_GAP || sale->next_index < 0) {
        return next;
    }
    const struct lot *lot = &sale->lots[sale->next_index];
    next.id = lot->id;
    next.no = lot->no;
    next.title = bytes_text(lot->title);
    next.opening_minor = lot->opening_minor;
    next.starts_at_ms = view_clock_ends_at_ms(sale);
    next.remaining_ms = view_remaining_ms(sale, now_ms);
    return next;
}

struct wire_state view_state(const struct sale *sale, int64_t now_ms)
{
    int64_t remaining = 0;
    for (size_t i = 0; i < sale->lots_count; i++) {
        enum lot_phase phase = sale->lots[i].phase;
        remaining += phase == LOT_PENDING || phase == LOT_OPEN ? 1 : 0;
    }
    struct wire_state state = {
        .head = view_head(sale),
        .phase = view_sale_phase(sale->phase),
        .now_ms = now_ms,
        .clock = view_clock(sale->clock),
        .has_lot = sale->lot_index >= 0,
        .next = view_next_lot(sale, now_ms),
        .lots_total = (int64_t)sale->lots_count,
        .sold = sale->sold_count,
        .unsold = sale->unsold_count,
        .remaining_lots = remaining,
    };
    if (state.has_lot) {
        state.lot = view_lot(sale, sale->lot_index, now_ms);
    }
    return state;
}

struct bytes view_currency(const struct sale *sale)
{
    return bytes_text(sale->definition.currency_code);
}

struct wire_info view_info(const struct sale *sale, struct wire_increment_band *bands)
{
    const struct sale_definition *definition = &sale->definition;
    const struct sale_rules *rules = &definition->rules;
    for (size_t i = 0; i < rules->lot.increments.count; i++) {
        bands[i].from_minor = rules->lot.increments.as.bands[i].from_minor;
        bands[i].step_minor = rules->lot.increments.as.bands[i].step_minor;
    }
    return (struct wire_info){
        .head = view_head(sale),
        .id = definition->id,
        .title = definition->title,
        .currency_code = view_currency(sale),
        .currency_minor_digits = definition->currency_minor_digits,
        .phase = view_sale_phase(sale->phase),
        .is_public = definition->is_public,
        .visibility = visibility_name(definition->visibility),
        .lot_duration_ms = rules->lot.duration_ms,
        .gap_ms = rules->gap_ms,
        .soft_close_window_ms = rules->lot.soft_close.window_ms,
        .soft_close_amount_ms = rules->lot.soft_close.amount_ms,
        .soft_close_type = rules->lot.soft_close.type == SOFT_CLOSE_RESET ? "reset" : "add",
        .soft_close_max_extensions = rules->lot.soft_close.max_extensions,
        .unsold_rounds = rules->unsold_rounds,
        .strict = rules->lot.strict,
        .bands = bands,
        .bands_count = rules->lot.increments.count,
        .align = rules->lot.increments.align,
        .has_roster = definition->roster.enabled,
        .roster_budget_minor = definition->roster.budget_minor,
        .roster_slots = definition->roster.slots,
        .roster_minimum_minor = definition->roster.minimum_minor,
    };
}

int64_t view_pages(size_t count)
{
    return count == 0 ? 1 : (int64_t)((count - 1) / WIRE_PAGE_ITEMS) + 1;
}
