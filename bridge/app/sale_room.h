// One sale as it is watched here: its viewers, the order of its events, its snapshot, and those who
// wait for one of these.
//
// Units:     *_ms milliseconds on the boot clock
// Ownership: rooms belong to the application: sale_room_open(), sale_room_close()
// Lifetime:  a room without viewers lingers for ROOM_LINGER_MS
// Order:     the snapshot that a viewer gets and the stream that it then follows agree: no event
//            after the snapshot is missed, none before it comes again
// Source:    design 5
#ifndef LOTCAST_BRIDGE_SALE_ROOM_H
#define LOTCAST_BRIDGE_SALE_ROOM_H

#include "bridge/app/attendance.h"
#include "bridge/app/event_history.h"
#include "bridge/app/event_offset.h"
#include "bridge/app/event_order.h"
#include "bridge/app/http_router.h"
#include "bridge/app/pid_token.h"
#include "lib/base/buffer.h"
#include "lib/wire/message.h"

struct auction_app;
struct viewer;

enum waiter_kind {
    WAITER_JOIN,    // a socket that wants into the room
    WAITER_AGAIN,   // a member that fell behind: wants a snapshot and the stream again
    WAITER_RESTORE, // a client that comes back and is not accepted yet
    WAITER_RESUME,  // a member that moved here: wants the stream where it was in it
    WAITER_VIEW,    // an HTTP request of somebody who may only see public sales
    WAITER_LOTS,    // an HTTP request for a retained page of lots
};

// Who waits until the room knows what it needs.
struct room_waiter {
    enum waiter_kind kind;
    uint64_t socket;
    uint64_t join_no;
    int64_t ack_id;
    uint64_t exchange;
    struct identity identity;
    struct http_target target;
    char sid[PUBLIC_SID_SIZE_MAX + 1]; // of the session that comes back
    int64_t epoch;                     // of the event `from`, of those who go on behind it
    bool is_lost;                      // they can't
    int64_t from;
    int64_t limit;
    int64_t page;
    int64_t deadline_ms;
    struct room_waiter *next;
};

struct held_ack {
    uint64_t socket;
    int64_t ack_id;
    int64_t seq;
    int64_t deadline_ms;
    struct buffer result;
    struct held_ack *next;
};

// Who was cut off, and counts as present for a little longer.
struct lingerer {
    struct identity identity;
    int64_t until_ms;
    struct lingerer *next;
};

struct sale_room {
    struct auction_app *app;
    struct sale_id sale;
    char name[8 + ID_SIZE_MAX];        // "sale:{id}", of the Socket.IO room
    char plain_name[16 + ID_SIZE_MAX]; // "sale:{id}/plain", of those who hear no offsets
    struct sale_room *next;            // in the table

    struct viewer *viewers;
    size_t viewers_count;
    struct attendance attendance;
    struct lingerer *lingerers; // the first to go first
    struct lingerer **lingerers_end;
    size_t lingerers_count;
    bool presence_is_dirty;
    bool lobby_is_dirty;
    bool presence_is_published;
    int64_t lobby_due_ms;

    struct event_order order;
    struct wire_head head;         // of the newest event or snapshot sent
    struct event_history history;  // up to order.last_seq, while the order runs
    struct wire_head history_base; // of the snapshot that the stream began with
    struct buffer arguments;       // of what is being sent
    struct event_history past;     // the page that is being fetched for its beginning
    int64_t past_end;
    bool past_is_asked;
    bool past_has_failed;
    uint64_t past_no;
    int64_t past_until_ms; // the history is kept as it is; INT64_MAX: cut to what is recent

    bool has_info;
    bool is_public;
    struct buffer info;
    struct buffer state;
    struct buffer participants;                // page 0
    struct buffer *lots_pages[LOTS_PAGES_MAX]; // NULL: not there

    bool has_snapshot;
    struct buffer snapshot;
    struct wire_head snapshot_head;
    int64_t snapshot_at_ms;
    bool snapshot_waits; // for the stream to reach it
    bool snapshot_is_asked;
    uint64_t snapshot_no; // of the request that counts
    uint64_t replay_no;

    bool wants_resync; // its viewers need a fresh snapshot once an engine is there
    int64_t resync_due_ms;

    struct room_waiter *waiters;
    struct room_waiter **waiters_end;
    size_t waiters_count;
    size_t resumers_count; // WAITER_RESTORE and WAITER_RESUME
    size_t fed_bytes;      // sent in this turn to those who go on
    int64_t serve_at_ms;   // when somebody in the line is to be looked at again
    struct held_ack *acks;
    struct held_ack **acks_end;

    int64_t opened_ms;
    int64_t empty_since_ms; // INT64_MAX while there are viewers
};

struct sale_room *sale_room_find(const struct auction_app *app, const struct sale_id *sale);
// The room of a sale, made and subscribed if need be; NULL: there are too many.
struct sale_room *sale_room_open(struct auction_app *app, const struct sale_id *sale);
void sale_room_close(struct auction_app *app, struct sale_room *room);
// Frees the room at the end of the program, when there is nobody to tell any more.
void sale_room_forget(struct auction_app *app, struct sale_room *room);
// Takes back what the broker keeps of its presence.
void sale_room_withdraw(struct sale_room *room);
// Subscribes again after a new connection to the broker.
void sale_room_subscribe(struct sale_room *room);

// Messages of the sale from the broker.
void sale_room_event(struct sale_room *room, const struct ordered_event *event);
void sale_room_tick(struct sale_room *room, struct bytes payload);
void sale_room_private(struct sale_room *room, const struct participant_id *participant,
                       struct bytes payload);
void sale_room_retained(struct sale_room *room, const struct topic *topic, struct bytes payload);

// Answers to the room's own requests.
void sale_room_take_snapshot(struct sale_room *room, uint64_t request_no, struct bytes result,
                             int64_t asked_ms);
void sale_room_take_replay(struct sale_room *room, uint64_t request_no, struct bytes result);
void sale_room_request_failed(struct sale_room *room, uint64_t request_no, bool is_snapshot,
                              enum error_code code);

void sale_room_take_past(struct sale_room *room, uint64_t request_no, struct bytes result);
void sale_room_past_failed(struct sale_room *room, uint64_t request_no, enum error_code code);

// Puts a copy of the waiter into the line.
LC_MUST_CHECK enum error_code sale_room_line_up(struct sale_room *room,
                                                const struct room_waiter *waiter);
// The same, and does what can be done at once.
LC_MUST_CHECK enum error_code sale_room_wait(struct sale_room *room,
                                             const struct room_waiter *waiter);
void sale_room_leave(struct sale_room *room, struct viewer *viewer);

// Acknowledges now, or when the event `seq` has been delivered, at most ACK_HOLD_MS later.
void sale_room_ack(struct sale_room *room, uint64_t socket, int64_t ack_id, int64_t seq,
                   struct bytes result);

// Whether an acknowledgement for the socket waits for its event.
bool sale_room_holds_ack(const struct sale_room *room, uint64_t socket);

// The connection to the broker or the engine was lost, or is there again.
void sale_room_degrade(struct sale_room *room, bool broker_is_lost);
void sale_room_restore(struct sale_room *room);

void sale_room_process(struct sale_room *room, int64_t now_ms);
int64_t sale_room_deadline_ms(const struct sale_room *room);

#endif
