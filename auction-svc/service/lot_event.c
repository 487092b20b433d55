#include "auction-svc/service/lot_event.h"

#include <stdlib.h>

#include "auction-svc/service/view.h"

static const char *unsold_reason_name(enum unsold_reason reason)
{
    switch (reason) {
    case UNSOLD_NO_BIDS:
        return "no_bids";
    case UNSOLD_RESERVE_NOT_MET:
        return "reserve_not_met";
    case UNSOLD_PASSED:
        return "passed";
    }
    return "passed";
}

static const char *close_reason_name(enum close_reason reason)
{
    switch (reason) {
    case CLOSE_TIME:
        return "time";
    case CLOSE_NEXT:
        return "next";
    case CLOSE_HAMMER:
        return "hammer";
    case CLOSE_BUY_NOW:
        return "buy_now";
    case CLOSE_PASSED:
        return "passed";
    case CLOSE_PRESSED:
        return "pressed";
    case CLOSE_MATCHED:
        return "matched";
    }
    return "time";
}

struct wire_person told_person(const struct sale *sale, const struct participant_id *id)
{
    return view_person(sale, id->text[0] == 0 ? -1 : sale_participant_index(sale, id));
}

static struct lot_id lot_id_of(const struct told *told)
{
    return told->sale->lots[public_event_lot(told->event)].id;
}

static struct wire_standing standing_of(const struct wire_lot *lot, int64_t bid_no,
                                        struct wire_person previous_leader)
{
    return (struct wire_standing){
        .lot = lot->id,
        .bid_no = bid_no,
        .price_minor = lot->price_minor,
        .ask_minor = lot->ask_minor,
        .leader = lot->leader,
        .is_house = lot->is_house,
        .previous_leader = previous_leader,
        .bids = lot->bids,
        .ends_at_ms = lot->ends_at_ms,
        .remaining_ms = lot->remaining_ms,
        .reserve = lot->reserve,
    };
}

void lot_event_bid(const struct told *told)
{
    struct wire_lot lot =
        view_lot(told->sale, told->event->as.bid_accepted.lot_index, told->event->at_ms);
    struct wire_bid_update bid = {
        .standing = standing_of(&lot, told->event->as.bid_accepted.bid_no,
                                view_person(told->sale, told->before->leader_index)),
        .kind = view_bid_kind(told->event->as.bid_accepted.kind),
        .by = told_person(told->sale, &told->event->as.bid_accepted.by),
        .amount_minor = told->event->as.bid_accepted.amount_minor,
        .quantity =
            told->event->as.bid_accepted.quantity > 1 ? told->event->as.bid_accepted.quantity : 1,
    };
    bid.standing.price_minor = told->event->as.bid_accepted.price_minor;
    wire_write_bid_update(told->out, &told->head, &bid);
}

void lot_event_retracted(const struct told *told)
{
    struct wire_lot lot =
        view_lot(told->sale, told->event->as.bid_retracted.lot_index, told->event->at_ms);
    struct wire_standing standing =
        standing_of(&lot, told->event->as.bid_retracted.bid_no,
                    view_person(told->sale, told->before->leader_index));
    wire_write_bid_retracted(told->out, &told->head, &standing,
                             told->event->as.bid_retracted.reason);
}

void lot_event_extension(const struct told *told)
{
    int64_t index = told->event->as.lot_extended.lot_index;
    const struct soft_close *soft_close =
        &sale_lot_rules(told->sale, &told->sale->lots[index])->soft_close;
    struct wire_lot lot = view_lot(told->sale, index, told->event->at_ms);
    struct wire_anti_snipe extension = {
        .lot = lot.id,
        .ends_at_ms = told->event->as.lot_extended.ends_at_ms,
        .remaining_ms = lot.remaining_ms,
        .extended_ms = told->event->as.lot_extended.extended_ms,
        .extensions = lot.extensions,
        .scope = view_soft_close_scope(told->event->as.lot_extended.scope),
        .type = view_soft_close_type(soft_close->type),
        .reason = told->event->as.lot_extended.reason == EXTEND_BID ? "bid" : "command",
    };
    wire_write_anti_snipe(told->out, &told->head, &extension);
}

void lot_event_lot_started(const struct told *told)
{
    struct wire_lot lot =
        view_lot(told->sale, told->event->as.lot_started.lot_index, told->event->at_ms);
    wire_write_lot_started(told->out, &told->head, &lot);
}

void lot_event_ask(const struct told *told)
{
    wire_write_ask_changed(
        told->out, &told->head, lot_id_of(told),
        sale_ask(told->sale, &told->sale->lots[public_event_lot(told->event)], told->event->at_ms));
}

void lot_event_warned(const struct told *told)
{
    wire_write_fair_warning(told->out, &told->head, lot_id_of(told),
                            told->event->as.lot_warned.stage);
}

void lot_event_closing(const struct told *told)
{
    wire_write_lot_closing(told->out, &told->head, lot_id_of(told),
                           told->event->as.lot_closing.hammer_at_ms);
}

void lot_event_passed(const struct told *told)
{
    struct wire_person by = told_person(told->sale, &told->event->as.lot_passed.by);
    wire_write_lot_passed(told->out, &told->head,
                          told->sale->lots[told->event->as.lot_passed.lot_index].id, &by);
}

void lot_event_clock_restarted(const struct told *told)
{
    const struct lot *lot = &told->sale->lots[told->event->as.clock_restarted.lot_index];
    struct wire_price_clock clock = view_price_clock(told->sale, lot);
    clock.present = true;
    clock.price_minor = told->event->as.clock_restarted.price_minor;
    clock.from_ms = told->event->as.clock_restarted.from_ms;
    clock.quantity_left = told->event->as.clock_restarted.quantity_left;
    wire_write_clock_restarted(told->out, &told->head, lot->id, &clock);
}

void lot_event_awarded(const struct told *told)
{
    const struct award *awards = told->event->as.lot_awarded.awards;
    size_t count = told->event->as.lot_awarded.count;
    size_t listed = count < AWARDS_LISTED_MAX ? count : AWARDS_LISTED_MAX;
    struct wire_award *views = calloc(listed + 1, sizeof *views);
    for (size_t i = 0; views != NULL && i < listed; i++) {
        views[i] = (struct wire_award){.winner = told_person(told->sale, &awards[i].winner),
                                       .quantity = awards[i].quantity,
                                       .price_minor = awards[i].price_minor};
    }
    wire_write_lot_awarded(told->out, &told->head,
                           told->sale->lots[told->event->as.lot_awarded.lot_index].id, views,
                           views == NULL ? 0 : listed, (int64_t)count);
    free(views);
}

void lot_event_match(const struct told *told)
{
    const struct lot *lot = &told->sale->lots[told->event->as.match_offered.lot_index];
    int64_t ends_at_ms = told->event->as.match_offered.ends_at_ms;
    struct wire_match_offer offer = {
        .lot = lot->id,
        .winner = told_person(told->sale, &told->event->as.match_offered.winner),
        .holder = told_person(told->sale, &lot->match_holder),
        .price_minor = told->event->as.match_offered.price_minor,
        .stage = view_match_stage(told->event->as.match_offered.stage),
        .ends_at_ms = ends_at_ms,
        .remaining_ms = view_left_ms(told->sale, ends_at_ms, told->event->at_ms),
    };
    wire_write_match_offered(told->out, &told->head, &offer);
}

static struct wire_closed closed_of(const struct sale *sale, int64_t index)
{
    const struct lot *lot = &sale->lots[index];
    return (struct wire_closed){
        .lot = lot->id,
        .no = lot->no,
        .title = bytes_text(lot->title),
        .price_minor = lot->price_minor > 0 ? lot->price_minor : WIRE_ABSENT,
        .bids = lot->bids,
        .sold = sale->sold_count,
        .unsold = sale->unsold_count,
        .lots_total = (int64_t)sale->lots_count,
    };
}

void lot_event_sold(const struct told *told)
{
    const struct participant_id *winner = &told->event->as.lot_sold.winner;
    struct wire_closed closed = closed_of(told->sale, told->event->as.lot_sold.lot_index);
    closed.price_minor = told->event->as.lot_sold.price_minor;
    closed.quantity = told->event->as.lot_sold.quantity > 1 ? told->event->as.lot_sold.quantity : 1;
    closed.reason = close_reason_name(told->event->as.lot_sold.reason);
    if (winner->text[0] != 0) {
        int64_t index = sale_participant_index(told->sale, winner);
        LC_ASSERT(index >= 0);
        closed.winner = view_participant(told->sale, index);
    }
    wire_write_sold(told->out, &told->head, &closed);
}

void lot_event_unsold(const struct told *told)
{
    struct wire_closed closed = closed_of(told->sale, told->event->as.lot_unsold.lot_index);
    closed.reason = unsold_reason_name(told->event->as.lot_unsold.reason);
    wire_write_unsold(told->out, &told->head, &closed);
}

void lot_event_withdrawn(const struct told *told)
{
    struct wire_closed closed = closed_of(told->sale, told->event->as.lot_withdrawn.lot_index);
    closed.reason =
        told->event->as.lot_withdrawn.reason == WITHDRAWN_BY_STAFF ? "staff" : "below_minimum";
    closed.text = told->event->as.lot_withdrawn.text;
    wire_write_lot_withdrawn(told->out, &told->head, &closed);
}

void lot_event_reopened(const struct told *told)
{
    int64_t index = told->event->as.lot_reopened.lot_index;
    int64_t returned = told->event->as.lot_reopened.returned_lot_index;
    int64_t leader_index = told->sale->lots[index].leader_index;
    struct wire_lot lot = view_lot(told->sale, index, told->event->at_ms);
    struct wire_participant leader = {0};
    if (leader_index >= 0) {
        leader = view_participant(told->sale, leader_index);
    }
    wire_write_lot_reopened(told->out, &told->head, &lot, leader_index >= 0 ? &leader : NULL,
                            returned < 0 ? (struct lot_id){""} : told->sale->lots[returned].id,
                            told->sale->sold_count, told->sale->unsold_count);
}
