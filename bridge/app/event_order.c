#include "bridge/app/event_order.h"

#include "lib/base/status.h"

struct held_event {
    int64_t seq;
    int64_t epoch;
    bool is_ephemeral;
    char name[EVENT_NAME_SIZE_MAX + 1];
    uint8_t *payload;
    size_t payload_size;
};

void event_order_init(struct event_order *order, event_order_deliver *deliver, void *owner)
{
    *order = (struct event_order){.deliver = deliver, .owner = owner, .gap_due_ms = INT64_MAX};
}

static void held_remove_first(struct event_order *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        order->held_bytes -= order->held[i].payload_size;
        free(order->held[i].payload);
    }
    order->held_count -= count;
    memmove(order->held, order->held + count, order->held_count * sizeof order->held[0]);
}

void event_order_release(struct event_order *order)
{
    if (order->held != NULL) {
        held_remove_first(order, order->held_count);
    }
    free(order->held);
    order->held = NULL;
}

// True when `a` comes before `b` in the store.
static bool is_before(const struct held_event *a, const struct held_event *b)
{
    if (a->seq != b->seq) {
        return a->seq < b->seq;
    }
    return !a->is_ephemeral && b->is_ephemeral;
}

static bool held_copy(const struct ordered_event *event, struct held_event *out_held)
{
    struct held_event held = {
        .seq = event->seq, .epoch = event->epoch, .is_ephemeral = event->is_ephemeral};
    snprintf(held.name, sizeof held.name, "%s", event->name);
    held.payload = malloc(event->payload.size + 1);
    if (held.payload == NULL) {
        return false;
    }
    if (event->payload.size > 0) {
        memcpy(held.payload, event->payload.data, event->payload.size);
    }
    held.payload_size = event->payload.size;
    *out_held = held;
    return true;
}

static enum event_verdict hold(struct event_order *order, const struct ordered_event *event)
{
    if (order->held == NULL) {
        order->held = calloc(HELD_EVENTS_MAX, sizeof order->held[0]);
    }
    if (order->held == NULL || order->held_count == HELD_EVENTS_MAX ||
        order->held_bytes + event->payload.size > HELD_BYTES_MAX) {
        return EVENT_DROPPED;
    }
    struct held_event key = {.seq = event->seq, .is_ephemeral = event->is_ephemeral};
    size_t at = order->held_count;
    while (at > 0 && is_before(&key, &order->held[at - 1])) {
        at--;
    }
    struct held_event *previous = at > 0 ? &order->held[at - 1] : NULL;
    bool is_same = previous != NULL && previous->seq == event->seq &&
                   previous->is_ephemeral == event->is_ephemeral;
    if (is_same && !event->is_ephemeral && previous->epoch >= event->epoch) {
        return EVENT_DUPLICATE;
    }
    struct held_event held;
    if (!held_copy(event, &held)) {
        return EVENT_DROPPED;
    }
    order->held_bytes += held.payload_size;
    if (is_same && !event->is_ephemeral) { // the newer epoch's event of this seq is the true one
        order->held_bytes -= previous->payload_size;
        free(previous->payload);
        *previous = held;
        return EVENT_HELD;
    }
    memmove(order->held + at + 1, order->held + at,
            (order->held_count - at) * sizeof order->held[0]);
    order->held[at] = held;
    order->held_count++;
    return EVENT_HELD;
}

static bool is_of_ended_epoch(const struct event_order *order, int64_t seq, int64_t epoch)
{
    return epoch < order->last_epoch && seq >= order->epoch_first_seq;
}

static void deliver(struct event_order *order, const struct ordered_event *event)
{
    if (!event->is_ephemeral) {
        order->last_seq = event->seq;
        if (event->epoch > order->last_epoch) {
            order->last_epoch = event->epoch;
            order->epoch_first_seq = event->seq;
        }
    }
    if (order->newest_seq < order->last_seq) {
        order->newest_seq = order->last_seq;
    }
    order->deliver(order->owner, event);
}

// Sets or clears the gap after the cursor or the knowledge of newer events changed.
static void note_gap(struct event_order *order, bool has_progress, int64_t now_ms)
{
    bool has_gap = order->is_running && order->newest_seq > order->last_seq;
    if (has_gap && (!order->has_gap || has_progress)) {
        order->gap_due_ms = now_ms + GAP_HOLD_MS;
    }
    if (!has_gap) {
        order->gap_due_ms = INT64_MAX;
    }
    order->has_gap = has_gap;
}

void event_order_drain(struct event_order *order, int64_t now_ms)
{
    bool has_progress = false;
    while (order->is_running && order->held_count > 0) {
        struct held_event *first = &order->held[0];
        bool is_next =
            first->is_ephemeral ? first->seq <= order->last_seq : first->seq <= order->last_seq + 1;
        if (!is_next) {
            break;
        }
        struct held_event held = *first;
        held.payload_size = 0;
        order->held_bytes -= first->payload_size;
        size_t size = first->payload_size;
        order->held_count--;
        memmove(order->held, order->held + 1, order->held_count * sizeof order->held[0]);
        bool is_wanted =
            !is_of_ended_epoch(order, held.seq, held.epoch) &&
            (held.is_ephemeral ? held.seq == order->last_seq : held.seq == order->last_seq + 1);
        if (is_wanted) {
            has_progress = true;
            deliver(order,
                    &(struct ordered_event){held.seq, held.epoch, held.name,
                                            bytes_of(held.payload, size), held.is_ephemeral});
        }
        free(held.payload);
    }
    note_gap(order, has_progress, now_ms);
}

void event_order_start(struct event_order *order, int64_t seq, int64_t epoch)
{
    order->is_running = true;
    order->last_seq = seq;
    order->last_epoch = epoch;
    order->epoch_first_seq = seq;
    order->newest_seq = seq;
    order->has_gap = false;
    order->gap_due_ms = INT64_MAX;
    size_t covered = 0;
    while (covered < order->held_count && order->held[covered].seq <= seq) {
        covered++;
    }
    if (covered > 0) {
        held_remove_first(order, covered);
    }
    for (size_t i = 0; i < order->held_count; i++) {
        if (!is_of_ended_epoch(order, order->held[i].seq, order->held[i].epoch) &&
            order->held[i].seq > order->newest_seq) {
            order->newest_seq = order->held[i].seq;
        }
    }
}

void event_order_freeze(struct event_order *order)
{
    order->is_running = false;
    order->has_gap = false;
    order->gap_due_ms = INT64_MAX;
}

enum event_verdict event_order_reveal(struct event_order *order, int64_t seq, int64_t epoch,
                                      int64_t now_ms)
{
    if (!order->is_running) {
        return EVENT_HELD;
    }
    if (is_of_ended_epoch(order, seq, epoch)) {
        return EVENT_STALE;
    }
    if (epoch > order->last_epoch && seq <= order->last_seq) {
        return EVENT_REWOUND;
    }
    if (seq > order->newest_seq) {
        order->newest_seq = seq;
    }
    note_gap(order, false, now_ms);
    return seq <= order->last_seq ? EVENT_DUPLICATE : EVENT_HELD;
}

enum event_verdict event_order_take(struct event_order *order, const struct ordered_event *event,
                                    int64_t now_ms)
{
    if (!order->is_running) {
        return hold(order, event);
    }
    if (is_of_ended_epoch(order, event->seq, event->epoch)) {
        return EVENT_STALE;
    }
    if (event->epoch > order->last_epoch && event->seq <= order->last_seq) {
        return EVENT_REWOUND;
    }
    if (event->is_ephemeral) {
        if (event->seq < order->last_seq) {
            return EVENT_STALE;
        }
        if (event->seq == order->last_seq) {
            deliver(order, event);
            return EVENT_DELIVERED;
        }
    } else if (event->seq <= order->last_seq) {
        return EVENT_DUPLICATE;
    } else if (event->seq == order->last_seq + 1) {
        deliver(order, event);
        order->has_gap = false;
        event_order_drain(order, now_ms);
        return EVENT_DELIVERED;
    }
    enum event_verdict verdict = hold(order, event);
    if (event->seq > order->newest_seq) {
        order->newest_seq = event->seq;
    }
    note_gap(order, false, now_ms);
    return verdict;
}

bool event_order_begins_replay(struct event_order *order, int64_t now_ms)
{
    if (!order->is_running || !order->has_gap || order->is_replaying ||
        now_ms < order->gap_due_ms) {
        return false;
    }
    order->is_replaying = true;
    return true;
}

void event_order_end_replay(struct event_order *order, bool has_more, int64_t now_ms)
{
    order->is_replaying = false;
    note_gap(order, false, now_ms);
    if (order->has_gap) {
        order->gap_due_ms = has_more ? now_ms : now_ms + REPLAY_RETRY_MS;
    }
}

int64_t event_order_deadline_ms(const struct event_order *order)
{
    return order->is_replaying || !order->has_gap ? INT64_MAX : order->gap_due_ms;
}
