#include "auction-svc/service/public_event.h"

#include "auction-svc/service/view.h"

// A fact of a damaged ledger may mean a lot that is not there.
static int64_t leader_of(const struct sale *sale, int64_t lot_index)
{
    bool is_there = lot_index >= 0 && (size_t)lot_index < sale->lots_count;
    return is_there ? sale->lots[lot_index].leader_index : -1;
}

int64_t public_event_leader(const struct sale *sale, const struct sale_event *event)
{
    if (event->kind == EVENT_BID_ACCEPTED) {
        return leader_of(sale, event->as.bid_accepted.lot_index);
    }
    return event->kind == EVENT_LOT_UNSOLD ? leader_of(sale, event->as.lot_unsold.lot_index) : -1;
}

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

static const char *complete_reason_name(enum complete_reason reason)
{
    switch (reason) {
    case COMPLETE_NO_LOTS_LEFT:
        return "no_lots_left";
    case COMPLETE_ROSTERS_FULL:
        return "rosters_full";
    case COMPLETE_NOBODY_CAN_AFFORD:
        return "nobody_can_afford";
    }
    return "no_lots_left";
}

static void write_participant(struct buffer *out, const struct sale *sale,
                              const struct wire_event *head, const char *change,
                              const struct participant_id *id)
{
    int64_t index = sale_participant_index(sale, id);
    LC_ASSERT(index >= 0);
    struct wire_participant participant = view_participant(sale, index);
    wire_write_participants_changed(out, head, change, &participant,
                                    (int64_t)sale->participants_count);
}

static void write_bid(struct buffer *out, const struct sale *sale, const struct wire_event *head,
                      const struct sale_event *event, int64_t leader_before)
{
    int64_t index = event->as.bid_accepted.lot_index;
    struct wire_lot lot = view_lot(sale, index, event->at_ms);
    struct wire_bid_update bid = {
        .lot = lot.id,
        .bid_no = event->as.bid_accepted.bid_no,
        .by = view_person(sale, sale_participant_index(sale, &event->as.bid_accepted.by)),
        .amount_minor = event->as.bid_accepted.amount_minor,
        .price_minor = lot.price_minor,
        .ask_minor = lot.ask_minor,
        .leader = lot.leader,
        .previous_leader = view_person(sale, leader_before),
        .bids = lot.bids,
        .ends_at_ms = lot.ends_at_ms,
        .remaining_ms = lot.remaining_ms,
        .reserve = lot.reserve,
    };
    wire_write_bid_update(out, head, &bid);
}

static void write_extension(struct buffer *out, const struct sale *sale,
                            const struct wire_event *head, const struct sale_event *event)
{
    struct wire_lot lot = view_lot(sale, event->as.lot_extended.lot_index, event->at_ms);
    struct wire_anti_snipe extension = {
        .lot = lot.id,
        .ends_at_ms = event->as.lot_extended.ends_at_ms,
        .remaining_ms = lot.remaining_ms,
        .extended_ms = event->as.lot_extended.extended_ms,
        .extensions = lot.extensions,
    };
    wire_write_anti_snipe(out, head, &extension);
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

static void write_sold(struct buffer *out, const struct sale *sale, const struct wire_event *head,
                       const struct sale_event *event)
{
    int64_t winner = sale_participant_index(sale, &event->as.lot_sold.winner);
    LC_ASSERT(winner >= 0);
    struct wire_closed closed = closed_of(sale, event->as.lot_sold.lot_index);
    closed.price_minor = event->as.lot_sold.price_minor;
    closed.reason = event->as.lot_sold.reason == CLOSE_TIME ? "time" : "next";
    closed.winner = view_participant(sale, winner);
    wire_write_sold(out, head, &closed);
}

static void write_round(struct buffer *out, const struct sale *sale, const struct wire_event *head,
                        const struct sale_event *event)
{
    struct lot_id *ids = calloc(ROUND_LOTS_LISTED_MAX, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; ids != NULL && i < sale->lots_count && count < ROUND_LOTS_LISTED_MAX; i++) {
        if (sale->lots[i].phase == LOT_PENDING) {
            ids[count++] = sale->lots[i].id;
        }
    }
    wire_write_round_started(out, head, event->as.round_started.round, ids, count);
    free(ids);
}

// The lot that the clock is about: the open one, or the one that is counted in.
static struct lot_id clock_lot(const struct sale *sale)
{
    int64_t index = -1;
    switch (sale->clock) {
    case CLOCK_NONE:
        break;
    case CLOCK_LOT:
        index = sale->lot_index;
        break;
    case CLOCK_NOMINATION:
    case CLOCK_NAMES:
    case CLOCK_START:
        break;
    case CLOCK_GAP:
        index = sale->next_index;
        break;
    }
    return index < 0 ? (struct lot_id){""} : sale->lots[index].id;
}

static struct wire_clock_change clock_change_of(const struct sale *sale, int64_t now_ms)
{
    bool is_none = sale->clock == CLOCK_NONE;
    return (struct wire_clock_change){
        .clock = view_clock(sale->clock),
        .lot = clock_lot(sale),
        .ends_at_ms = view_clock_ends_at_ms(sale),
        .remaining_ms = is_none ? WIRE_ABSENT : view_remaining_ms(sale, now_ms),
    };
}

static void write_resumed(struct buffer *out, const struct sale *sale,
                          const struct wire_event *head, const struct sale_event *event)
{
    struct wire_clock_change change = clock_change_of(sale, event->at_ms);
    change.reason = event->as.sale_resumed.reason == RESUME_COMMAND ? "command" : "outage";
    change.gap_ms = event->as.sale_resumed.gap_ms;
    wire_write_auction_resumed(out, head, &change);
}

static void write_unsold(struct buffer *out, const struct sale *sale, const struct wire_event *head,
                         const struct sale_event *event)
{
    struct wire_closed closed = closed_of(sale, event->as.lot_unsold.lot_index);
    closed.reason = unsold_reason_name(event->as.lot_unsold.reason);
    wire_write_unsold(out, head, &closed);
}

static void write_notice(struct buffer *out, const struct sale *sale, const struct wire_event *head,
                         const struct sale_event *event)
{
    const struct participant_id *by = &event->as.notice.by;
    struct wire_person person =
        view_person(sale, by->text[0] == 0 ? -1 : sale_participant_index(sale, by));
    wire_write_notice(out, head, event->as.notice.text, &person);
}

static void write_lot_started(struct buffer *out, const struct sale *sale,
                              const struct wire_event *head, const struct sale_event *event)
{
    struct wire_lot lot = view_lot(sale, event->as.lot_started.lot_index, event->at_ms);
    wire_write_lot_started(out, head, &lot);
}

static void write_paused(struct buffer *out, const struct sale *sale, const struct wire_event *head,
                         const struct sale_event *event)
{
    struct wire_clock_change change = clock_change_of(sale, event->at_ms);
    wire_write_auction_paused(out, head, &change);
}

static void write_complete(struct buffer *out, const struct sale *sale,
                           const struct wire_event *head, const struct sale_event *event)
{
    wire_write_auction_complete(out, head, complete_reason_name(event->as.sale_completed.reason),
                                sale->sold_count, sale->unsold_count, (int64_t)sale->lots_count);
}

void public_event_write(struct buffer *out, const struct sale *sale, const struct sale_event *event,
                        int64_t leader_before)
{
    struct wire_event head = {view_head(sale), event->at_ms};
    switch (event->kind) {
    case EVENT_EPOCH_STARTED:
        wire_write_epoch_started(out, &head,
                                 event->as.epoch_started.reason == EPOCH_CREATED ? "created"
                                                                                 : "engine_start");
        return;
    case EVENT_LOTS_ADDED:
        wire_write_lots_changed(out, &head, (int64_t)event->as.lots_added.count,
                                (int64_t)sale->lots_count);
        return;
    case EVENT_PARTICIPANT_JOINED:
        write_participant(out, sale, &head, "joined", &event->as.participant_joined.participant);
        return;
    case EVENT_PARTICIPANT_BLOCKED:
        write_participant(out, sale, &head, "updated", &event->as.participant_blocked.participant);
        return;
    case EVENT_SALE_STARTED:
        wire_write_auction_started(out, &head, (int64_t)sale->lots_count);
        return;
    case EVENT_LOT_STARTED:
        write_lot_started(out, sale, &head, event);
        return;
    case EVENT_BID_ACCEPTED:
        write_bid(out, sale, &head, event, leader_before);
        return;
    case EVENT_LOT_EXTENDED:
        write_extension(out, sale, &head, event);
        return;
    case EVENT_LOT_SOLD:
        write_sold(out, sale, &head, event);
        return;
    case EVENT_LOT_UNSOLD:
        write_unsold(out, sale, &head, event);
        return;
    case EVENT_ROUND_STARTED:
        write_round(out, sale, &head, event);
        return;
    case EVENT_SALE_PAUSED:
        write_paused(out, sale, &head, event);
        return;
    case EVENT_SALE_RESUMED:
        write_resumed(out, sale, &head, event);
        return;
    case EVENT_SALE_COMPLETED:
        write_complete(out, sale, &head, event);
        return;
    case EVENT_SALE_RESET:
        wire_write_auction_reset(out, &head);
        return;
    case EVENT_SALE_DELETED:
        wire_write_auction_deleted(out, &head);
        return;
    case EVENT_NOTICE:
        write_notice(out, sale, &head, event);
        return;
    case EVENT_SALE_CREATED:
    case EVENT_INVITE_CREATED:
    case EVENT_INVITE_USED:
    case EVENT_PARTICIPANTS_ADDED:
    case EVENT_PARTICIPANT_CHANGED:
    case EVENT_MAX_PLACED:
    case EVENT_BID_RETRACTED:
    case EVENT_LOT_PASSED:
    case EVENT_ASK_SET:
    case EVENT_LOT_WARNED:
    case EVENT_LOT_CLOSING:
    case EVENT_LOT_AWARDED:
    case EVENT_CLOCK_RESTARTED:
    case EVENT_LOT_WITHDRAWN:
    case EVENT_LOT_REOPENED:
    case EVENT_GAVEL_TAKEN:
    case EVENT_NOMINATION_STARTED:
    case EVENT_LOT_NOMINATED:
    case EVENT_NAMES_CALLED:
    case EVENT_NAMES_SUBMITTED:
    case EVENT_MATCH_OFFERED:
    case EVENT_SEED_REVEALED:
    case SALE_EVENT_KIND_COUNT:
        break;
    }
    LC_ASSERT(sale_event_public_name(event->kind) != NULL);
}

void public_event_write_outbid(struct buffer *out, const struct sale *sale,
                               const struct sale_event *event)
{
    struct wire_event head = {view_head(sale), event->at_ms};
    struct wire_lot lot = view_lot(sale, event->as.bid_accepted.lot_index, event->at_ms);
    wire_write_outbid(out, &head, lot.id, lot.price_minor, lot.ask_minor, &lot.leader);
}

void public_event_write_you_lead(struct buffer *out, const struct sale *sale,
                                 const struct sale_event *event)
{
    struct wire_event head = {view_head(sale), event->at_ms};
    struct wire_lot lot = view_lot(sale, event->as.bid_accepted.lot_index, event->at_ms);
    wire_write_you_lead(out, &head, lot.id, lot.price_minor);
}
