#include "auction-svc/service/retained.h"

#include "auction-svc/service/public_event.h"
#include "auction-svc/service/view.h"

void retained_init(struct retained *retained)
{
    *retained = (struct retained){0};
    buffer_init(&retained->message, NOTICE_SIZE_MAX);
    buffer_init(&retained->board_json, WIRE_BOARD_JSON_SIZE_MAX);
    for (size_t i = 0; i < BOARD_FIELD_COUNT; i++) {
        buffer_init(&retained->board[i], WIRE_BOARD_FIELD_SIZE_MAX);
    }
}

void retained_release(struct retained *retained)
{
    buffer_release(&retained->message);
    buffer_release(&retained->board_json);
    for (size_t i = 0; i < BOARD_FIELD_COUNT; i++) {
        buffer_release(&retained->board[i]);
    }
}

static void mark_participant(struct retained *retained, int64_t index)
{
    if (index >= 0) {
        retained->participants[index / WIRE_PAGE_ITEMS] = true;
        retained->pages = true;
    }
}

static void mark_person(struct retained *retained, const struct sale *sale,
                        const struct participant_id *id)
{
    mark_participant(retained, id->text[0] == 0 ? -1 : sale_participant_index(sale, id));
}

static void mark_all_participants(struct retained *retained, const struct sale *sale)
{
    memset(retained->participants, true, (size_t)view_pages(sale->participants_count));
    retained->pages = true;
}

static void mark_all_pages(struct retained *retained, const struct sale *sale)
{
    memset(retained->lots, true, (size_t)view_pages(sale->lots_count));
    mark_all_participants(retained, sale);
    retained->pages_at_once = true;
}

static void mark_phase(struct retained *retained)
{
    retained->info = true;
    retained->state = true;
    retained->at_once = true;
}

static void mark_lot(struct retained *retained, int64_t index)
{
    if (index >= 0) {
        retained->lots[index / WIRE_PAGE_ITEMS] = true;
        retained->pages = true;
        retained->pages_at_once = true;
    }
}

// The page of an open lot of many waits a little: more bids follow. Of one open lot the state tells.
static void mark_lot_soon(struct retained *retained, const struct sale *sale, int64_t index)
{
    if (index >= 0 && sale->definition.rules.flow == FLOW_PARALLEL) {
        retained->lots[index / WIRE_PAGE_ITEMS] = true;
        retained->pages = true;
        retained->pages_soon = true;
    }
}

static void mark_open_lots_soon(struct retained *retained, const struct sale *sale)
{
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (lot_is_running(&sale->lots[i])) {
            mark_lot_soon(retained, sale, (int64_t)i);
        }
    }
}

// What a kind of fact changes of what is retained.
enum mark {
    MARK_STATE = 1 << 0,
    MARK_AT_ONCE = 1 << 1,
    MARK_PHASE = 1 << 2,     // the info, and the state at once
    MARK_ALL = 1 << 3,       // every page
    MARK_PEOPLE = 1 << 4,    // every page of participants
    MARK_LOT = 1 << 5,       // the page of its lot, at once
    MARK_LOT_SOON = 1 << 6,  // likewise, with the next bids
    MARK_OPEN_LOTS = 1 << 7, // the pages of all open lots
    MARK_LEADER = 1 << 8,    // who led and who leads its lot
    MARK_LOT_AT_ONCE = MARK_STATE | MARK_AT_ONCE | MARK_LOT,
};

// Zero: a fact that is nobody's business leaves no trace, not even a state with another `now`.
static const unsigned marks[SALE_EVENT_KIND_COUNT] = {
    [EVENT_SALE_CREATED] = MARK_PHASE | MARK_ALL,
    [EVENT_EPOCH_STARTED] = MARK_PHASE | MARK_ALL,
    [EVENT_LOTS_ADDED] = MARK_STATE | MARK_AT_ONCE | MARK_ALL,
    [EVENT_INVITE_CREATED] = 0,
    [EVENT_PARTICIPANT_JOINED] = MARK_STATE,
    [EVENT_INVITE_USED] = 0,
    [EVENT_PARTICIPANT_BLOCKED] = MARK_STATE,
    [EVENT_SALE_STARTED] = MARK_PHASE | MARK_OPEN_LOTS,
    [EVENT_LOT_STARTED] = MARK_LOT_AT_ONCE,
    [EVENT_BID_ACCEPTED] = MARK_STATE | MARK_LOT_SOON | MARK_LEADER,
    [EVENT_LOT_EXTENDED] = MARK_STATE | MARK_AT_ONCE | MARK_LOT_SOON,
    [EVENT_LOT_SOLD] = MARK_LOT_AT_ONCE | MARK_LEADER,
    [EVENT_LOT_UNSOLD] = MARK_LOT_AT_ONCE | MARK_LEADER,
    [EVENT_ROUND_STARTED] = MARK_STATE | MARK_AT_ONCE | MARK_ALL,
    [EVENT_SALE_PAUSED] = MARK_PHASE | MARK_OPEN_LOTS,
    [EVENT_SALE_RESUMED] = MARK_PHASE | MARK_OPEN_LOTS,
    [EVENT_SALE_COMPLETED] = MARK_PHASE | MARK_ALL,
    [EVENT_SALE_RESET] = MARK_PHASE | MARK_ALL,
    [EVENT_SALE_DELETED] = 0, // see retained_bury()
    [EVENT_NOTICE] = MARK_STATE | MARK_AT_ONCE,
    [EVENT_PARTICIPANTS_ADDED] = MARK_STATE | MARK_PEOPLE,
    [EVENT_PARTICIPANT_CHANGED] = MARK_STATE,
    [EVENT_MAX_PLACED] = 0,
    [EVENT_BID_RETRACTED] = MARK_STATE | MARK_AT_ONCE | MARK_LOT_SOON | MARK_LEADER,
    [EVENT_LOT_PASSED] = MARK_STATE,
    [EVENT_ASK_SET] = MARK_STATE | MARK_AT_ONCE | MARK_LOT_SOON,
    [EVENT_LOT_WARNED] = MARK_STATE | MARK_AT_ONCE | MARK_LOT_SOON,
    [EVENT_LOT_CLOSING] = MARK_STATE | MARK_AT_ONCE | MARK_LOT_SOON,
    [EVENT_LOT_AWARDED] = MARK_STATE | MARK_LOT_SOON | MARK_PEOPLE,
    [EVENT_CLOCK_RESTARTED] = MARK_STATE | MARK_AT_ONCE | MARK_LOT_SOON,
    [EVENT_LOT_WITHDRAWN] = MARK_LOT_AT_ONCE | MARK_LEADER,
    [EVENT_LOT_REOPENED] = MARK_LOT_AT_ONCE | MARK_LEADER,
    [EVENT_GAVEL_TAKEN] = MARK_PHASE,
    [EVENT_NOMINATION_STARTED] = MARK_STATE | MARK_AT_ONCE,
    [EVENT_LOT_NOMINATED] = MARK_STATE | MARK_AT_ONCE,
    [EVENT_NAMES_CALLED] = MARK_STATE | MARK_AT_ONCE,
    [EVENT_NAMES_SUBMITTED] = 0,
    [EVENT_MATCH_OFFERED] = MARK_LOT_AT_ONCE,
    [EVENT_SEED_REVEALED] = 0,
};

static void apply_marks(struct retained *retained, const struct sale *sale, unsigned what)
{
    retained->state = retained->state || (what & MARK_STATE) != 0;
    retained->at_once = retained->at_once || (what & MARK_AT_ONCE) != 0;
    if ((what & MARK_PHASE) != 0) {
        mark_phase(retained);
    }
    if ((what & MARK_ALL) != 0) {
        mark_all_pages(retained, sale);
    }
    if ((what & MARK_PEOPLE) != 0) {
        mark_all_participants(retained, sale);
    }
    if ((what & MARK_OPEN_LOTS) != 0) {
        mark_open_lots_soon(retained, sale);
    }
}

static void apply_lot_marks(struct retained *retained, const struct sale *sale, unsigned what,
                            int64_t lot_index, int64_t leader_before)
{
    if ((what & MARK_LOT) != 0) {
        mark_lot(retained, lot_index);
    }
    if ((what & MARK_LOT_SOON) != 0) {
        mark_lot_soon(retained, sale, lot_index);
    }
    if ((what & MARK_LEADER) != 0) {
        mark_participant(retained, leader_before); // holds less now
        mark_participant(retained, sale->lots[lot_index].leader_index);
    }
}

// What the kind alone does not tell.
static void apply_details(struct retained *retained, const struct sale *sale,
                          const struct sale_event *event)
{
    if (event->kind == EVENT_PARTICIPANT_JOINED) {
        mark_participant(retained, (int64_t)sale->participants_count - 1);
        mark_participant(retained, 0); // tells how many there are
    } else if (event->kind == EVENT_PARTICIPANT_BLOCKED) {
        mark_person(retained, sale, &event->as.participant_blocked.participant);
    } else if (event->kind == EVENT_PARTICIPANT_CHANGED) {
        mark_person(retained, sale, &event->as.participant_changed.participant);
    } else if (event->kind == EVENT_LOT_SOLD) {
        mark_person(retained, sale, &event->as.lot_sold.winner);
    } else if (event->kind == EVENT_LOT_REOPENED) {
        mark_lot(retained, event->as.lot_reopened.returned_lot_index);
    } else if (event->kind == EVENT_LOT_EXTENDED &&
               event->as.lot_extended.scope != SOFT_CLOSE_LOT) {
        mark_open_lots_soon(retained, sale);
    } else if (event->kind == EVENT_NOTICE) { // the board's message goes with the state
        buffer_clear(&retained->message);
        buffer_append(&retained->message, event->as.notice.text);
    } else if (event->kind == EVENT_SALE_DELETED) {
        retained_bury(retained, view_pages(sale->lots_count), view_pages(sale->participants_count));
    }
}

void retained_note(struct retained *retained, const struct sale *sale,
                   const struct sale_event *event, int64_t leader_before)
{
    LC_ASSERT(event->kind < SALE_EVENT_KIND_COUNT);
    unsigned what = marks[event->kind];
    int64_t lot_index = public_event_lot(event);
    apply_marks(retained, sale, what);
    if (lot_index >= 0) {
        apply_lot_marks(retained, sale, what, lot_index, leader_before);
    }
    apply_details(retained, sale, event);
}

void retained_recover(struct retained *retained, const struct sale *sale, struct bytes notice)
{
    buffer_clear(&retained->message);
    buffer_append(&retained->message, notice);
    retained_forget(retained, sale);
}

void retained_bury(struct retained *retained, int64_t lots_pages, int64_t participants_pages)
{
    retained->is_gone = true;
    retained->lots_pages = lots_pages;
    retained->participants_pages = participants_pages;
    retained_forget(retained, NULL);
}

void retained_forget(struct retained *retained, const struct sale *sale_or_null)
{
    retained->state_sent_ms = 0;
    retained->pages_sent_ms = 0;
    retained->board_all = true;
    mark_phase(retained);
    if (sale_or_null != NULL) {
        mark_all_pages(retained, sale_or_null);
    }
}

int64_t retained_pages_due_ms(const struct retained *retained)
{
    return retained->pages_sent_ms +
           (retained->pages_soon ? RETAINED_STATE_INTERVAL_MS : RETAINED_PAGE_INTERVAL_MS);
}

int64_t retained_due_ms(const struct retained *retained)
{
    int64_t due_ms = INT64_MAX;
    if (retained->is_gone) {
        return retained->state ? 0 : INT64_MAX;
    }
    if (retained->info || (retained->state && retained->at_once) ||
        (retained->pages && retained->pages_at_once)) {
        return 0;
    }
    if (retained->state) {
        due_ms = retained->state_sent_ms + RETAINED_STATE_INTERVAL_MS;
    }
    if (retained->pages && retained_pages_due_ms(retained) < due_ms) {
        due_ms = retained_pages_due_ms(retained);
    }
    return due_ms;
}
