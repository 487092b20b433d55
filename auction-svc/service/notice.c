#include "auction-svc/service/notice.h"

#include "auction-svc/service/view.h"
#include "lib/wire/message_event.h"

struct notices {
    struct notice *all;
    size_t count;
};

static void add(struct notices *notices, enum notice_kind kind, int64_t to_index, int64_t max_minor)
{
    LC_ASSERT(notices->count < NOTICES_MAX);
    notices->all[notices->count++] = (struct notice){kind, to_index, max_minor};
}

// 0: none.
static int64_t maximum_of(const struct lot *lot, int64_t by_index)
{
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (lot->standings[i].by_index == by_index) {
            return lot->standings[i].max_minor;
        }
    }
    return 0;
}

// Who lost the lead, and his maximum that was beaten.
static void add_beaten(struct notices *notices, const struct lot *lot, int64_t index)
{
    int64_t max_minor = maximum_of(lot, index);
    add(notices, NOTICE_OUTBID, index, 0);
    if (max_minor > 0) {
        add(notices, NOTICE_MAX_BID_CHANGED, index, max_minor);
    }
}

// A bid that another's maximum answered at once is outbid from the start.
static void notices_of_bid(const struct sale *sale, const struct sale_event *event,
                           const struct public_before *before, struct notices *notices)
{
    const struct lot *lot = &sale->lots[event->as.bid_accepted.lot_index];
    const struct participant_id *by = &event->as.bid_accepted.by;
    int64_t by_index = by->text[0] == 0 ? -1 : sale_participant_index(sale, by);
    switch (event->as.bid_accepted.kind) {
    case BID_PLAIN:
    case BID_MAXIMUM:
    case BID_FLOOR:
    case BID_HOUSE:
    case BID_ABSENTEE:
    case BID_NOMINATION:
        break;
    case BID_PRESS: // nobody is outbid in these
    case BID_ENTER:
        return;
    }
    bool changes = before->leader_index != lot->leader_index;
    if (lot->leader_index >= 0 && (changes || before->price_minor != lot->price_minor)) {
        add(notices, NOTICE_YOU_LEAD, lot->leader_index, 0);
    }
    if (changes && before->leader_index >= 0) {
        add_beaten(notices, lot, before->leader_index);
    }
    if (by_index >= 0 && by_index != lot->leader_index && by_index != before->leader_index) {
        add(notices, NOTICE_OUTBID, by_index, 0);
    }
}

static void notices_of_undo(const struct sale *sale, const struct sale_event *event,
                            const struct public_before *before, struct notices *notices)
{
    const struct lot *lot = &sale->lots[event->as.bid_retracted.lot_index];
    if (lot->leader_index < 0 || view_is_sealed(sale, lot)) {
        return;
    }
    int64_t max_minor = maximum_of(lot, lot->leader_index);
    if (before->leader_index != lot->leader_index || before->price_minor != lot->price_minor) {
        add(notices, NOTICE_YOU_LEAD, lot->leader_index, 0);
    }
    if (before->leader_index != lot->leader_index && max_minor > 0) {
        add(notices, NOTICE_MAX_BID_CHANGED, lot->leader_index, max_minor); // perhaps cut
    }
}

static void notices_of_maximum(const struct sale *sale, const struct sale_event *event,
                               struct notices *notices)
{
    const struct lot *lot = &sale->lots[event->as.max_placed.lot_index];
    int64_t by_index = sale_participant_index(sale, &event->as.max_placed.by);
    if (by_index >= 0 && !view_is_sealed(sale, lot)) {
        add(notices, NOTICE_MAX_BID_CHANGED, by_index, event->as.max_placed.max_minor);
    }
}

size_t notices_of(const struct sale *sale, const struct sale_event *event,
                  const struct public_before *before, struct notice out_notices[NOTICES_MAX])
{
    struct notices notices = {out_notices, 0};
    if (event->kind == EVENT_BID_ACCEPTED) {
        notices_of_bid(sale, event, before, &notices);
    } else if (event->kind == EVENT_BID_RETRACTED) {
        notices_of_undo(sale, event, before, &notices);
    } else if (event->kind == EVENT_MAX_PLACED) {
        notices_of_maximum(sale, event, &notices);
    }
    return notices.count;
}

void notice_write(struct buffer *out, const struct sale *sale, const struct sale_event *event,
                  const struct notice *notice)
{
    struct wire_event head = {view_head(sale), event->at_ms};
    struct wire_lot lot = view_lot(sale, public_event_lot(event), event->at_ms);
    switch (notice->kind) {
    case NOTICE_OUTBID:
        wire_write_outbid(out, &head, lot.id, lot.price_minor, lot.ask_minor, &lot.leader,
                          lot.is_house);
        return;
    case NOTICE_YOU_LEAD:
        wire_write_you_lead(out, &head, lot.id, lot.price_minor);
        return;
    case NOTICE_MAX_BID_CHANGED:
        wire_write_max_bid_changed(
            out, &head, lot.id, notice->max_minor > 0 ? notice->max_minor : WIRE_ABSENT,
            sale->lots[public_event_lot(event)].leader_index == notice->to_index);
        return;
    }
}
