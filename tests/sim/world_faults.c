// Planted faults: each is what a wrong line of the core, or of the service, could do.
#include "world_state.h"

static struct sale_event *find(struct world *world, enum sale_event_kind kind)
{
    for (size_t i = 0; i < world->decision.events_count; i++) {
        if (world->decision.events[i].kind == kind) {
            return &world->decision.events[i];
        }
    }
    return NULL;
}

const struct sale_event *world_event(const struct world *world, enum sale_event_kind kind)
{
    for (size_t i = 0; i < world->decision.events_count; i++) {
        if (world->decision.events[i].kind == kind) {
            return &world->decision.events[i];
        }
    }
    return NULL;
}

static const struct lot_rules *rules_of(const struct world *world, int64_t lot)
{
    return sale_lot_rules(world->sale, &world->sale->lots[lot]);
}

static bool is_sealed(enum auction_format format)
{
    return format == FORMAT_SEALED_FIRST || format == FORMAT_VICKREY;
}

// A refused bid is taken all the same.
static void force_bid(struct world *world, const struct sale_command *command)
{
    int64_t index = sale_lot_index(world->sale, &command->as.bid.lot);
    const struct lot *lot = &world->sale->lots[index];
    struct sale_event *event = &world->decision.events[0];
    memset(event, 0, sizeof *event);
    event->kind = EVENT_BID_ACCEPTED;
    event->at_ms = world->now;
    event->as.bid_accepted.lot_index = index;
    event->as.bid_accepted.bid_no = world->sale->bids_total + 1;
    event->as.bid_accepted.by = command->by;
    event->as.bid_accepted.amount_minor = command->as.bid.amount_minor;
    event->as.bid_accepted.price_minor = command->as.bid.amount_minor;
    event->as.bid_accepted.leader = command->by;
    event->as.bid_accepted.held_minor = command->as.bid.amount_minor;
    event->as.bid_accepted.quantity = 1;
    event->as.bid_accepted.ends_at_ms = lot->ends_at_ms;
    world->decision.refusal = ERROR_NONE;
    world->decision.events_count = 1;
    world->planted = true;
}

static void plant_refused(struct world *world, const struct sale_command *command)
{
    enum error_code refusal = world->decision.refusal;
    if (command == NULL || command->op != SALE_OP_BID || refusal == ERROR_NONE) {
        return;
    }
    int64_t index = sale_lot_index(world->sale, &command->as.bid.lot);
    if (index < 0 || !lot_is_running(&world->sale->lots[index])) {
        return;
    }
    int64_t price = world->sale->lots[index].price_minor;
    if (world->fault == FAULT_equal_bid && refusal == ERROR_BELOW_ASK && price > 0 &&
        command->as.bid.amount_minor == price) {
        force_bid(world, command);
    } else if (world->fault == FAULT_leader_by_budget && refusal == ERROR_INSUFFICIENT_BUDGET) {
        force_bid(world, command);
    } else if (world->fault == FAULT_late_bid && refusal == ERROR_LOT_CLOSED) {
        force_bid(world, command);
    } else if (world->fault == FAULT_refusal_order && refusal == ERROR_BELOW_ASK) {
        world->decision.refusal = ERROR_OFF_LADDER;
        world->planted = true;
    }
}

static void plant_bid(struct world *world, struct sale_event *bid)
{
    const struct lot *lot = &world->sale->lots[bid->as.bid_accepted.lot_index];
    bool answered = strcmp(bid->as.bid_accepted.by.text, bid->as.bid_accepted.leader.text) != 0;
    bool hides = bid->as.bid_accepted.held_minor > bid->as.bid_accepted.price_minor;
    struct sale_event *extended = find(world, EVENT_LOT_EXTENDED);
    if (world->fault == FAULT_price_falls && lot->price_minor > 1) {
        bid->as.bid_accepted.price_minor = lot->price_minor - 1;
        world->planted = true;
    } else if (world->fault == FAULT_maximum_told && hides &&
               bid->as.bid_accepted.kind == BID_MAXIMUM) {
        bid->as.bid_accepted.amount_minor = bid->as.bid_accepted.held_minor;
        world->planted = true;
    } else if (world->fault == FAULT_maximum_not_held && hides) {
        bid->as.bid_accepted.held_minor = bid->as.bid_accepted.price_minor;
        world->planted = true;
    } else if (world->fault == FAULT_step_skipped && answered) {
        bid->as.bid_accepted.price_minor--;
        world->planted = true;
    } else if (world->fault == FAULT_dutch_price && bid->as.bid_accepted.kind == BID_PRESS) {
        bid->as.bid_accepted.price_minor++;
        world->planted = true;
    } else if (world->fault == FAULT_no_extension && extended != NULL) {
        bid->as.bid_accepted.ends_at_ms = lot->ends_at_ms;
        world->decision.events_count--;
        world->planted = true;
    }
}

static void plant_sold(struct world *world, struct sale_event *sold)
{
    enum auction_format format = rules_of(world, sold->as.lot_sold.lot_index)->format;
    if (world->fault == FAULT_wrong_winner && world->sale->participants_count > 1) {
        bool is_first = strcmp(sold->as.lot_sold.winner.text, "p1") == 0;
        sold->as.lot_sold.winner = (struct participant_id){"p1"};
        sold->as.lot_sold.winner.text[1] = is_first ? '2' : '1';
        world->planted = true;
    } else if ((world->fault == FAULT_first_for_second && format == FORMAT_VICKREY) ||
               (world->fault == FAULT_uniform_first && format == FORMAT_UNIFORM)) {
        sold->as.lot_sold.price_minor++;
        world->planted = true;
    }
}

static void plant_unsold(struct world *world, struct sale_event *unsold)
{
    const struct lot *lot = &world->sale->lots[unsold->as.lot_unsold.lot_index];
    if (world->fault != FAULT_below_reserve || lot->leader_index < 0 ||
        unsold->as.lot_unsold.reason != UNSOLD_RESERVE_NOT_MET) {
        return;
    }
    int64_t index = unsold->as.lot_unsold.lot_index;
    int64_t next = unsold->as.lot_unsold.next_lot_index;
    int64_t next_at = unsold->as.lot_unsold.next_starts_at_ms;
    unsold->kind = EVENT_LOT_SOLD;
    unsold->as.lot_sold.lot_index = index;
    unsold->as.lot_sold.winner = world->sale->participants[lot->leader_index].id;
    unsold->as.lot_sold.price_minor = lot->price_minor;
    unsold->as.lot_sold.quantity = 1;
    unsold->as.lot_sold.reason = CLOSE_TIME;
    unsold->as.lot_sold.next_lot_index = next;
    unsold->as.lot_sold.next_starts_at_ms = next_at;
    world->planted = true;
}

static void plant_endless(struct world *world)
{
    struct sale_event *completed = find(world, EVENT_SALE_COMPLETED);
    struct sale_event *unsold = find(world, EVENT_LOT_UNSOLD);
    if (completed == NULL || unsold == NULL ||
        completed->as.sale_completed.reason != COMPLETE_NO_LOTS_LEFT) {
        return;
    }
    completed->kind = EVENT_ROUND_STARTED;
    completed->as.round_started.round = world->sale->round + 1;
    completed->as.round_started.next_lot_index = unsold->as.lot_unsold.lot_index;
    completed->as.round_started.next_starts_at_ms = world->now + world->definition.rules.gap_ms;
    world->planted = true;
}

// Facts of which each kind has one fault.
static void plant_other(struct world *world)
{
    struct sale_event *resumed = find(world, EVENT_SALE_RESUMED);
    struct sale_event *retracted = find(world, EVENT_BID_RETRACTED);
    struct sale_event *max = find(world, EVENT_MAX_PLACED);
    struct sale_event *extended = find(world, EVENT_LOT_EXTENDED);
    struct sale_event *started = find(world, EVENT_LOT_STARTED);
    struct sale_event *begun = find(world, EVENT_SALE_STARTED);
    struct sale_event *warned = find(world, EVENT_LOT_WARNED);
    if (world->fault == FAULT_pause_jump && resumed != NULL) {
        resumed->as.sale_resumed.ends_at_ms++;
        world->planted = true;
    } else if (world->fault == FAULT_undo_keeps_leader && retracted != NULL) {
        const struct lot *lot = &world->sale->lots[retracted->as.bid_retracted.lot_index];
        if (lot->leader_index >= 0) {
            retracted->as.bid_retracted.leader = world->sale->participants[lot->leader_index].id;
            world->planted = true;
        }
    } else if (world->fault == FAULT_sealed_told && max != NULL &&
               is_sealed(rules_of(world, max->as.max_placed.lot_index)->format)) {
        struct participant_id by = max->as.max_placed.by;
        int64_t index = max->as.max_placed.lot_index;
        max->kind = EVENT_LOT_PASSED;
        max->as.lot_passed.lot_index = index;
        max->as.lot_passed.by = by;
        world->planted = true;
    } else if (world->fault == FAULT_scope_ignored && extended != NULL &&
               extended->as.lot_extended.scope != SOFT_CLOSE_LOT) {
        extended->as.lot_extended.scope = SOFT_CLOSE_LOT;
        world->planted = true;
    } else if (world->fault == FAULT_candle_late && started != NULL &&
               started->as.lot_started.draws_at_ms > 0) {
        started->as.lot_started.draws_at_ms = started->as.lot_started.ends_at_ms + 1;
        world->planted = true;
    } else if (world->fault == FAULT_stagger_lost && begun != NULL &&
               begun->as.sale_started.first_ends_at_ms > 0) {
        begun->as.sale_started.first_ends_at_ms++;
        world->planted = true;
    } else if (world->fault == FAULT_warning_twice && warned != NULL &&
               warned->as.lot_warned.stage == 2) {
        warned->as.lot_warned.stage = 1;
        world->planted = true;
    }
}

// A console without the gavel is obeyed.
void plant_before_decision(struct world *world, struct sale_command *command)
{
    if (world->fault == FAULT_gavel_ignored && world->sale->gavel_console[0] != 0 &&
        command->op != SALE_OP_TAKE_GAVEL) {
        command->console = bytes_text(world->sale->gavel_console);
        world->planted = true;
    }
}

// Faults of the decision, before it is kept.
void plant_in_decision(struct world *world, const struct sale_command *command)
{
    if (world->fault == FAULT_none) {
        return;
    }
    struct sale_event *bid = find(world, EVENT_BID_ACCEPTED);
    struct sale_event *sold = find(world, EVENT_LOT_SOLD);
    struct sale_event *unsold = find(world, EVENT_LOT_UNSOLD);
    plant_refused(world, command);
    if (bid != NULL) {
        plant_bid(world, bid);
    }
    if (sold != NULL) {
        plant_sold(world, sold);
    }
    if (unsold != NULL) {
        plant_unsold(world, unsold);
    }
    if (world->fault == FAULT_endless_round) {
        plant_endless(world);
    }
    plant_other(world);
}

// Faults of the state, after the facts were applied.
void plant_in_state(struct world *world, const struct sale_command *command)
{
    struct sale *sale = world->sale;
    bool is_bid = find(world, EVENT_BID_ACCEPTED) != NULL;
    struct sale_event *reopened = find(world, EVENT_LOT_REOPENED);
    if (world->fault == FAULT_refund_forgotten && is_bid) {
        for (size_t i = 0; i < sale->participants_count; i++) {
            sale->participants[i].held_minor += sale->participants[i].held_minor == 0;
        }
        world->planted = true;
    } else if (world->fault == FAULT_seq_gap && is_bid) {
        sale->seq++;
        world->planted = true;
    } else if (world->fault == FAULT_refusal_extends && sale->clock == CLOCK_LOT &&
               world->decision.refusal == ERROR_BELOW_ASK && command != NULL) {
        sale->lots[sale->lot_index].ends_at_ms += 1000;
        world->planted = true;
    } else if (world->fault == FAULT_replay_differs && is_bid && sale->lot_index >= 0) {
        world->shadow->lots[sale->lot_index].bids++;
        world->planted = true;
    } else if (world->fault == FAULT_reopen_no_refund && reopened != NULL) {
        const struct lot *lot = &sale->lots[reopened->as.lot_reopened.lot_index];
        if (lot->leader_index >= 0) {
            sale->participants[lot->leader_index].spent_minor += lot->price_minor;
            world->planted = true;
        }
    }
}
