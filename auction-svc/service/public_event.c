#include "auction-svc/service/public_event.h"

#include <stdlib.h>

#include "auction-svc/service/lot_event.h"
#include "auction-svc/service/view.h"

int64_t public_event_lot(const struct sale_event *event)
{
    switch (event->kind) {
    case EVENT_LOT_STARTED:
        return event->as.lot_started.lot_index;
    case EVENT_BID_ACCEPTED:
        return event->as.bid_accepted.lot_index;
    case EVENT_LOT_EXTENDED:
        return event->as.lot_extended.lot_index;
    case EVENT_LOT_SOLD:
        return event->as.lot_sold.lot_index;
    case EVENT_LOT_UNSOLD:
        return event->as.lot_unsold.lot_index;
    case EVENT_MAX_PLACED:
        return event->as.max_placed.lot_index;
    case EVENT_BID_RETRACTED:
        return event->as.bid_retracted.lot_index;
    case EVENT_LOT_PASSED:
        return event->as.lot_passed.lot_index;
    case EVENT_ASK_SET:
        return event->as.ask_set.lot_index;
    case EVENT_LOT_WARNED:
        return event->as.lot_warned.lot_index;
    case EVENT_LOT_CLOSING:
        return event->as.lot_closing.lot_index;
    case EVENT_LOT_AWARDED:
        return event->as.lot_awarded.lot_index;
    case EVENT_CLOCK_RESTARTED:
        return event->as.clock_restarted.lot_index;
    case EVENT_LOT_WITHDRAWN:
        return event->as.lot_withdrawn.lot_index;
    case EVENT_LOT_REOPENED:
        return event->as.lot_reopened.lot_index;
    case EVENT_LOT_NOMINATED:
        return event->as.lot_nominated.lot_index;
    case EVENT_MATCH_OFFERED:
        return event->as.match_offered.lot_index;
    case EVENT_SEED_REVEALED:
        return event->as.seed_revealed.lot_index;
    case EVENT_SALE_CREATED:
    case EVENT_EPOCH_STARTED:
    case EVENT_LOTS_ADDED:
    case EVENT_INVITE_CREATED:
    case EVENT_PARTICIPANT_JOINED:
    case EVENT_INVITE_USED:
    case EVENT_PARTICIPANT_BLOCKED:
    case EVENT_SALE_STARTED:
    case EVENT_ROUND_STARTED:
    case EVENT_SALE_PAUSED:
    case EVENT_SALE_RESUMED:
    case EVENT_SALE_COMPLETED:
    case EVENT_SALE_RESET:
    case EVENT_SALE_DELETED:
    case EVENT_NOTICE:
    case EVENT_PARTICIPANTS_ADDED:
    case EVENT_PARTICIPANT_CHANGED:
    case EVENT_GAVEL_TAKEN:
    case EVENT_NOMINATION_STARTED:
    case EVENT_NAMES_CALLED:
    case EVENT_NAMES_SUBMITTED:
    case SALE_EVENT_KIND_COUNT:
        break;
    }
    return -1;
}

// A moment of the clock that a resume moves; 0: there is none.
static int64_t clock_mark_ms(const struct sale *sale)
{
    switch (sale->clock) {
    case CLOCK_NONE:
        return 0;
    case CLOCK_LOT:
        break;
    case CLOCK_GAP:
        return sale->next_starts_at_ms;
    case CLOCK_NOMINATION:
    case CLOCK_NAMES:
    case CLOCK_START:
        return sale->clock_ends_at_ms;
    }
    int64_t first = view_first_lot(sale);
    if (first < 0) {
        return 0;
    }
    const struct lot *lot = &sale->lots[first];
    return lot->ends_at_ms > 0 ? lot->ends_at_ms : lot->clock_from_ms;
}

struct public_before public_event_before(const struct sale *sale, const struct sale_event *event)
{
    struct public_before before = {.leader_index = -1};
    int64_t index = public_event_lot(event);
    if (index >= 0 && (size_t)index < sale->lots_count) {
        before.leader_index = sale->lots[index].leader_index;
        before.price_minor = sale->lots[index].price_minor;
    }
    if (event->kind == EVENT_SALE_RESUMED) {
        before.clock_mark_ms = clock_mark_ms(sale);
    }
    return before;
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

// ---- the sale ----

static void write_one_participant(struct buffer *out, const struct sale *sale,
                                  const struct wire_event *head, const char *change,
                                  const struct participant_id *id)
{
    int64_t index = sale_participant_index(sale, id);
    LC_ASSERT(index >= 0);
    struct wire_participant participant = view_participant(sale, index);
    wire_write_participants_changed(out, head, change, &participant,
                                    strcmp(change, "joined") == 0 ? 1 : 0,
                                    (int64_t)sale->participants_count);
}

static void write_epoch(const struct told *told)
{
    wire_write_epoch_started(
        told->out, &told->head,
        told->event->as.epoch_started.reason == EPOCH_CREATED ? "created" : "engine_start");
}

static void write_lots_added(const struct told *told)
{
    wire_write_lots_changed(told->out, &told->head, (int64_t)told->event->as.lots_added.count,
                            (int64_t)told->sale->lots_count);
}

static void write_joined(const struct told *told)
{
    write_one_participant(told->out, told->sale, &told->head, "joined",
                          &told->event->as.participant_joined.participant);
}

static void write_blocked(const struct told *told)
{
    write_one_participant(told->out, told->sale, &told->head, "updated",
                          &told->event->as.participant_blocked.participant);
}

static void write_changed(const struct told *told)
{
    write_one_participant(told->out, told->sale, &told->head, "updated",
                          &told->event->as.participant_changed.participant);
}

static void write_started(const struct told *told)
{
    wire_write_auction_started(told->out, &told->head, view_open_lots(told->sale),
                               (int64_t)told->sale->lots_count);
}

static void write_reset(const struct told *told)
{
    wire_write_auction_reset(told->out, &told->head);
}

static void write_deleted(const struct told *told)
{
    wire_write_auction_deleted(told->out, &told->head);
}

static void write_gavel(const struct told *told)
{
    wire_write_gavel_taken(told->out, &told->head, told->event->as.gavel_taken.console,
                           told->event->as.gavel_taken.by);
}

static void write_names_called(const struct told *told)
{
    int64_t ends_at_ms = told->event->as.names_called.ends_at_ms;
    wire_write_names_called(told->out, &told->head, ends_at_ms,
                            view_left_ms(told->sale, ends_at_ms, told->event->at_ms));
}

static void write_participants_added(const struct told *told)
{
    wire_write_participants_changed(told->out, &told->head, "added", NULL,
                                    (int64_t)told->event->as.participants_added.count,
                                    (int64_t)told->sale->participants_count);
}

static void write_round(const struct told *told)
{
    struct lot_id *ids = calloc(ROUND_LOTS_LISTED_MAX, sizeof *ids);
    size_t count = 0;
    int64_t total = 0;
    for (size_t i = 0; ids != NULL && i < told->sale->lots_count; i++) {
        if (told->sale->lots[i].phase != LOT_PENDING && !lot_is_running(&told->sale->lots[i])) {
            continue;
        }
        total++;
        if (count < ROUND_LOTS_LISTED_MAX) {
            ids[count++] = told->sale->lots[i].id;
        }
    }
    wire_write_round_started(told->out, &told->head, told->event->as.round_started.round, ids,
                             count, total);
    free(ids);
}

// The lot that the clock is about: the open one that ends first, or the one that is counted in.
static struct lot_id clock_lot(const struct sale *sale)
{
    int64_t index = -1;
    switch (sale->clock) {
    case CLOCK_LOT:
        index = view_first_lot(sale);
        break;
    case CLOCK_GAP:
        index = sale->next_index;
        break;
    case CLOCK_NONE:
    case CLOCK_NOMINATION:
    case CLOCK_NAMES:
    case CLOCK_START:
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

static void write_paused(const struct told *told)
{
    struct wire_clock_change change = clock_change_of(told->sale, told->event->at_ms);
    change.reason = told->event->as.sale_paused.reason == PAUSE_COMMAND ? "command" : "gavel_lost";
    wire_write_auction_paused(told->out, &told->head, &change);
}

static void write_resumed(const struct told *told)
{
    struct wire_clock_change change = clock_change_of(told->sale, told->event->at_ms);
    int64_t mark_ms = clock_mark_ms(told->sale);
    change.reason = told->event->as.sale_resumed.reason == RESUME_COMMAND ? "command" : "outage";
    change.gap_ms = told->event->as.sale_resumed.gap_ms;
    change.shift_ms = told->event->as.sale_resumed.shift_ms;
    if (change.shift_ms == 0 && mark_ms > told->before->clock_mark_ms) {
        change.shift_ms = mark_ms - told->before->clock_mark_ms; // facts of the first version
    }
    wire_write_auction_resumed(told->out, &told->head, &change);
}

static void write_complete(const struct told *told)
{
    wire_write_auction_complete(
        told->out, &told->head, complete_reason_name(told->event->as.sale_completed.reason),
        told->sale->sold_count, told->sale->unsold_count, (int64_t)told->sale->lots_count);
}

static void write_notice(const struct told *told)
{
    struct wire_person person = told_person(told->sale, &told->event->as.notice.by);
    wire_write_notice(told->out, &told->head, told->event->as.notice.text, &person);
}

static void write_nomination(const struct told *told)
{
    struct wire_person by = told_person(told->sale, &told->event->as.nomination_started.by);
    int64_t ends_at_ms = told->event->as.nomination_started.ends_at_ms;
    wire_write_nomination_started(told->out, &told->head, &by, ends_at_ms,
                                  view_left_ms(told->sale, ends_at_ms, told->event->at_ms));
}

static void write_nominated(const struct told *told)
{
    const struct lot *lot = &told->sale->lots[told->event->as.lot_nominated.lot_index];
    int64_t starts_at_ms = told->event->as.lot_nominated.next_starts_at_ms;
    struct wire_nominated nominated = {
        .lot = lot->id,
        .no = lot->no,
        .title = bytes_text(lot->title),
        .by = told_person(told->sale, &told->event->as.lot_nominated.by),
        .starts_at_ms = starts_at_ms,
        .remaining_ms = view_left_ms(told->sale, starts_at_ms, told->event->at_ms),
    };
    wire_write_lot_nominated(told->out, &told->head, &nominated);
}

static void write_seed(const struct told *told)
{
    char text[2 * SEED_SIZE + 1];
    int64_t index = told->event->as.seed_revealed.lot_index;
    view_hex(bytes_of(told->event->as.seed_revealed.seed, SEED_SIZE), text);
    wire_write_seed_revealed(told->out, &told->head,
                             index < 0 ? (struct lot_id){""} : told->sale->lots[index].id, text);
}

// ---- all of them ----

static event_writer *const writers[SALE_EVENT_KIND_COUNT] = {
    [EVENT_EPOCH_STARTED] = write_epoch,
    [EVENT_LOTS_ADDED] = write_lots_added,
    [EVENT_PARTICIPANT_JOINED] = write_joined,
    [EVENT_PARTICIPANT_BLOCKED] = write_blocked,
    [EVENT_SALE_STARTED] = write_started,
    [EVENT_LOT_STARTED] = lot_event_lot_started,
    [EVENT_BID_ACCEPTED] = lot_event_bid,
    [EVENT_LOT_EXTENDED] = lot_event_extension,
    [EVENT_LOT_SOLD] = lot_event_sold,
    [EVENT_LOT_UNSOLD] = lot_event_unsold,
    [EVENT_ROUND_STARTED] = write_round,
    [EVENT_SALE_PAUSED] = write_paused,
    [EVENT_SALE_RESUMED] = write_resumed,
    [EVENT_SALE_COMPLETED] = write_complete,
    [EVENT_SALE_RESET] = write_reset,
    [EVENT_SALE_DELETED] = write_deleted,
    [EVENT_NOTICE] = write_notice,
    [EVENT_PARTICIPANTS_ADDED] = write_participants_added,
    [EVENT_PARTICIPANT_CHANGED] = write_changed,
    [EVENT_BID_RETRACTED] = lot_event_retracted,
    [EVENT_LOT_PASSED] = lot_event_passed,
    [EVENT_ASK_SET] = lot_event_ask,
    [EVENT_LOT_WARNED] = lot_event_warned,
    [EVENT_LOT_CLOSING] = lot_event_closing,
    [EVENT_LOT_AWARDED] = lot_event_awarded,
    [EVENT_CLOCK_RESTARTED] = lot_event_clock_restarted,
    [EVENT_LOT_WITHDRAWN] = lot_event_withdrawn,
    [EVENT_LOT_REOPENED] = lot_event_reopened,
    [EVENT_GAVEL_TAKEN] = write_gavel,
    [EVENT_NOMINATION_STARTED] = write_nomination,
    [EVENT_LOT_NOMINATED] = write_nominated,
    [EVENT_NAMES_CALLED] = write_names_called,
    [EVENT_MATCH_OFFERED] = lot_event_match,
    [EVENT_SEED_REVEALED] = write_seed,
};

void public_event_write(struct buffer *out, const struct sale *sale, const struct sale_event *event,
                        const struct public_before *before)
{
    struct told told = {out, sale, {view_head(sale), event->at_ms}, event, before};
    LC_ASSERT(event->kind < SALE_EVENT_KIND_COUNT);
    LC_ASSERT(sale_event_public_name(event->kind) != NULL);
    LC_ASSERT(writers[event->kind] != NULL);
    writers[event->kind](&told);
}
