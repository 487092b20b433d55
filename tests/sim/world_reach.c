// What the seeds have reached: an option counts when a lot was sold under it.
#include "world_state.h"

static void reach_if(struct world *world, bool is_so, enum world_reach what)
{
    world->counts->reached[what] += is_so;
}

static void reach_rules(struct world *world, const struct lot *lot)
{
    static const enum world_reach reserves[] = {REACH_reserve_jump, REACH_reserve_second,
                                                REACH_reserve_house, REACH_reserve_straight,
                                                REACH_reserve_floor};
    static const enum world_reach tables[] = {REACH_table_bands, REACH_table_cycle,
                                              REACH_table_percent};
    const struct lot_rules *rules = sale_lot_rules(world->sale, lot);
    reach_if(world, lot->reserve_minor > 0, reserves[rules->reserve_mode]);
    reach_if(world, true, tables[rules->increments.kind]);
    reach_if(world, lot->own_rules != NULL, REACH_own_rules);
    reach_if(world, lot->quantity > 1, REACH_several_pieces);
    reach_if(world, rules->strict, REACH_strict);
    reach_if(world, rules->sanity_factor > 0, REACH_sanity);
    reach_if(world, rules->no_maximum, REACH_no_maximum);
    world->counts->sold[rules->format]++;
}

static void reach_sold(struct world *world, const struct sale_event *event)
{
    const struct sale_rules *rules = &world->definition.rules;
    const struct lot *lot = &world->sale->lots[event->as.lot_sold.lot_index];
    reach_rules(world, lot);
    reach_if(world, rules->flow == FLOW_PARALLEL, REACH_parallel);
    reach_if(world, rules->lot_order == LOT_ORDER_SHUFFLED, REACH_shuffled);
    reach_if(world, rules->start_mode == START_AT, REACH_start_at);
    reach_if(world, rules->start_mode == START_AT_ONCE, REACH_start_at_once);
    reach_if(world, rules->registration == REGISTRATION_APPROVAL, REACH_approval);
    reach_if(world, world->definition.roster.enabled, REACH_roster);
    reach_if(world, world->definition.category_caps_count > 0, REACH_category_cap);
    if (event->as.lot_sold.reason == CLOSE_BUY_NOW) {
        bool until_bid = sale_lot_rules(world->sale, lot)->buy_now_until == BUY_NOW_UNTIL_BID;
        reach(world, until_bid ? REACH_buy_now_bid : REACH_buy_now_reserve);
    }
    if (event->as.lot_sold.reason == CLOSE_MATCHED) {
        reach(world, rules->match == MATCH_PLAIN ? REACH_match_plain : REACH_match_raise);
    }
}

static void reach_extended(struct world *world, const struct sale_event *event)
{
    static const enum world_reach scopes[] = {REACH_scope_lot, REACH_scope_cascade,
                                              REACH_scope_group, REACH_scope_all};
    const struct lot *lot = &world->sale->lots[event->as.lot_extended.lot_index];
    const struct soft_close *soft = &sale_lot_rules(world->sale, lot)->soft_close;
    if (event->as.lot_extended.reason != EXTEND_BID) {
        return;
    }
    reach(world, scopes[event->as.lot_extended.scope]);
    reach(world, soft->type == SOFT_CLOSE_ADD ? REACH_soft_add : REACH_soft_reset);
    reach_if(world, soft->max_extensions > 0 && lot->extensions == soft->max_extensions,
             REACH_soft_cap);
    reach_if(world,
             soft->latest_ms > 0 && lot->ends_at_ms == lot->first_ends_at_ms + soft->latest_ms,
             REACH_soft_latest);
    reach_if(world, soft->shrink_percent > 0 && lot->extensions > 1, REACH_soft_shrink);
}

static void reach_event(struct world *world, const struct sale_event *event)
{
    static const enum world_reach ends[] = {REACH_lots_complete, REACH_rosters_full,
                                            REACH_nobody_can_afford};
    const struct sale_rules *rules = &world->definition.rules;
    bool snake = rules->nomination == NOMINATION_SNAKE;
    world->counts->facts[event->kind]++;
    if (event->kind == EVENT_LOT_SOLD) {
        reach_sold(world, event);
    } else if (event->kind == EVENT_LOT_EXTENDED) {
        reach_extended(world, event);
    } else if (event->kind == EVENT_BID_RETRACTED) {
        const struct lot *lot = &world->sale->lots[event->as.bid_retracted.lot_index];
        bool resets = sale_lot_rules(world->sale, lot)->retraction == RETRACTION_RESET;
        reach(world, resets ? REACH_retraction_reset : REACH_retraction_revive);
    } else if (event->kind == EVENT_LOT_WARNED) {
        reach(world, REACH_warned);
    } else if (event->kind == EVENT_LOT_NOMINATED) {
        reach(world, snake ? REACH_nomination_snake : REACH_nomination_straight);
    } else if (event->kind == EVENT_ROUND_STARTED) {
        reach_if(world, rules->accelerated, REACH_accelerated);
    } else if (event->kind == EVENT_SALE_COMPLETED) {
        reach(world, ends[event->as.sale_completed.reason]);
    } else if (event->kind == EVENT_SALE_PAUSED) {
        reach_if(world, event->as.sale_paused.reason == PAUSE_GAVEL_LOST, REACH_gavel_lost);
    } else if (event->kind == EVENT_BID_ACCEPTED) {
        reach_if(world, event->as.bid_accepted.kind == BID_ABSENTEE, REACH_absentee);
        reach_if(world, event->as.bid_accepted.kind == BID_NOMINATION, REACH_nominator_bids);
    }
}

void reach_decision(struct world *world, const struct sale_command *command)
{
    for (size_t i = 0; i < world->decision.events_count; i++) {
        reach_event(world, &world->decision.events[i]);
    }
    if (command == NULL) {
        return;
    }
    bool taken = world->decision.refusal == ERROR_NONE;
    world->counts->accepted[command->op] += taken;
    world->counts->refused[command->op] += !taken;
    world->counts->refusals[world->decision.refusal]++;
    if (taken && command->op == SALE_OP_BID) {
        int64_t lot = sale_lot_index(world->sale, &command->as.bid.lot);
        reach_if(world, lot >= 0 && world->auditor.in_grace, REACH_grace_bid);
    }
    reach_if(world, taken && command->op == SALE_OP_SET_MAX && command->as.set_max.paddle.size > 0,
             REACH_clerk_maximum);
}
