#include "auction-svc/service/retained.h"

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

static void mark_lot(struct retained *retained, int64_t index)
{
    if (index >= 0) {
        retained->lots[index / WIRE_PAGE_ITEMS] = true;
        retained->pages = true;
        retained->pages_at_once = true;
    }
}

static void mark_participant(struct retained *retained, int64_t index)
{
    if (index >= 0) {
        retained->participants[index / WIRE_PAGE_ITEMS] = true;
        retained->pages = true;
    }
}

static void mark_all_pages(struct retained *retained, const struct sale *sale)
{
    memset(retained->lots, true, (size_t)view_pages(sale->lots_count));
    memset(retained->participants, true, (size_t)view_pages(sale->participants_count));
    retained->pages = true;
    retained->pages_at_once = true;
}

static void mark_phase(struct retained *retained)
{
    retained->info = true;
    retained->state = true;
    retained->at_once = true;
}

static void note_notice(struct retained *retained, const struct sale_event *event)
{
    buffer_clear(&retained->message);
    buffer_append(&retained->message, event->as.notice.text);
    retained->state = true; // the board's message goes with it
    retained->at_once = true;
}

void retained_note(struct retained *retained, const struct sale *sale,
                   const struct sale_event *event, int64_t leader_before)
{
    retained->state = true;
    mark_participant(retained, leader_before); // holds less now
    switch (event->kind) {
    case EVENT_SALE_CREATED:
    case EVENT_EPOCH_STARTED:
    case EVENT_SALE_RESET:
        mark_all_pages(retained, sale);
        mark_phase(retained);
        return;
    case EVENT_LOTS_ADDED:
    case EVENT_ROUND_STARTED:
        mark_all_pages(retained, sale);
        retained->at_once = true;
        return;
    case EVENT_INVITE_CREATED:
    case EVENT_INVITE_USED:
        return;
    case EVENT_PARTICIPANT_JOINED:
        mark_participant(retained, (int64_t)sale->participants_count - 1);
        mark_participant(retained, 0); // tells how many there are
        return;
    case EVENT_PARTICIPANT_BLOCKED:
        mark_participant(retained,
                         sale_participant_index(sale, &event->as.participant_blocked.participant));
        return;
    case EVENT_BID_ACCEPTED:
        mark_participant(retained, sale_participant_index(sale, &event->as.bid_accepted.by));
        return;
    case EVENT_LOT_STARTED:
        mark_lot(retained, event->as.lot_started.lot_index);
        retained->at_once = true;
        return;
    case EVENT_LOT_EXTENDED:
        retained->at_once = true;
        return;
    case EVENT_LOT_SOLD:
        mark_lot(retained, event->as.lot_sold.lot_index);
        mark_participant(retained, sale_participant_index(sale, &event->as.lot_sold.winner));
        retained->at_once = true;
        return;
    case EVENT_LOT_UNSOLD:
        mark_lot(retained, event->as.lot_unsold.lot_index);
        retained->at_once = true;
        return;
    case EVENT_SALE_STARTED:
    case EVENT_SALE_PAUSED:
    case EVENT_SALE_RESUMED:
        mark_phase(retained);
        return;
    case EVENT_SALE_COMPLETED:
        mark_all_pages(retained, sale);
        mark_phase(retained);
        return;
    case EVENT_SALE_DELETED:
        retained_bury(retained, view_pages(sale->lots_count), view_pages(sale->participants_count));
        return;
    case EVENT_NOTICE:
        note_notice(retained, event);
        return;
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
        return;
    }
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
    if (retained->pages && retained->pages_sent_ms + RETAINED_PAGE_INTERVAL_MS < due_ms) {
        due_ms = retained->pages_sent_ms + RETAINED_PAGE_INTERVAL_MS;
    }
    return due_ms;
}
