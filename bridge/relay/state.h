// The state behind relay.h, shared by its parts.
//
//   relay.c        what the shell calls: messages in, time, the broker
//   neighbour.c    what goes to a node and comes from it, in order and once
//   greeting.c     channels begin with fresh numbers of both sides
//   note.c         of the applications
//   edge.c         polls and posts whose client is here
//   edge_move.c    upgrades whose WebSocket is here
//   holder.c       polls and posts whose session is here
//   holder_move.c  upgrades of a session that is here
//   seal.c         signatures
//
// Two nodes talk over a channel: each message has a counter, is kept until the other has heard it,
// and is said again when that one misses it or the broker was away. So what stands above a channel
// needs no repeats and no doubts of its own. A channel ends when the other is silent for too long,
// is dead, or greets anew; then both ends give up what was between them.
//
// Purity:    pure (allocates)
// Lifetime:  things of the tables may be freed by every call into the engine, and whoever goes on
//            looks them up again by their ids. Neighbours stay until relay_destroy(), but for idle
//            ones, which neighbour_get() may take away to make a place
// Order:     nothing here but relay.c is called from outside; of the operations that the engine
//            calls, none calls back into it but by engineio_foreign_*()
#ifndef LOTCAST_RELAY_STATE_H
#define LOTCAST_RELAY_STATE_H

#include "bridge/engineio/deadline_heap.h"
#include "bridge/engineio/slot_table.h"
#include "bridge/relay/relay.h"
#include "lib/wire/message_relay.h"

enum {
    PEERS_MAX = 256,
    OWN_NAMES_MAX = 8,
    RESET_MS = 15000,              // of silence: what was said last may count as unheard no longer
    AFTER_CUT_MS = 10000,          // for a node to come back when the broker was away
    REMEMBERED_MS = 15000,         // answers to posts, longer than an edge waits for them
    GREETING_PACE_MS = 500,        // between greetings that nobody answers
    UNHEARD_PACE_MS = 250,         // between questions whether what was said was heard
    AGAIN_PACE_MS = 100,           // between demands to say something again
    BLOCKED_MS = 50,               // until the shell is asked again whether it takes a message
    BUSY_PACE_MS = 50,             // until an application is asked again whether a session may go
    LATE_MS = 500,                 // of a deadline: the program was stopped
    WINDOW_BYTES = 4 << 20,        // said and not heard
    UNHEARD_BYTES = 512 << 10,     // heard and not said so
    REMEMBERED_SIZE_MAX = 1 << 10, // of an answer to a post
    NOTES_HELD_MAX = 64,           // of a node that is not greeted yet
    SID_SIGNATURE_SIZE = 6,        // of the characters of a sid
    PROBES_MAX = 8,                // answered on a WebSocket
    BEHIND_PAYLOADS_MAX = 4,       // what may wait behind packet 5, in payloads of the largest size
    CROWDED_BYTES = RELAY_BODIES_MAX / 4, // of bodies: from here on a session has one post
    BUCKETS = 4096,
    WS_CLOSE_NO_CODE = 1005,
    WS_CLOSE_TOO_BIG = 1009,
};

enum due_kind { DUE_PEER, DUE_OUTBOUND, DUE_INBOUND, DUE_CUT };

struct due {
    struct deadline deadline; // first member: the heap's entry is this
    enum due_kind kind;
};

// A message on its way to a node, until that has heard it.
struct parcel {
    struct parcel *next;
    uint64_t counter;
    uint64_t id;
    uint32_t code;
    uint16_t flags;
    enum relay_kind kind;
    size_t size;
    uint8_t body[];
};

// A note to all by a node that may be a ghost.
struct held_note {
    struct held_note *next;
    uint64_t start;
    uint64_t serial;
    size_t size;
    uint8_t body[];
};

struct inbound_list {
    struct inbound *first;
    struct inbound *last;
    size_t count;
};

// A name of another node as it is known under one of the own names.
struct neighbour {
    struct due due; // first member
    struct neighbour *next;
    char own[RELAY_NODE_SIZE + 1];
    char name[RELAY_NODE_SIZE + 1];
    uint64_t mine; // numbers of the channel; 0: there is none
    uint64_t theirs;
    uint64_t next_mine; // of the greeting that goes on; 0: none
    uint64_t next_theirs;
    uint64_t start; // of their program; 0: not known
    uint64_t next_start;
    uint64_t all_serial; // of their last note to all
    uint64_t serial_out;
    uint64_t serial_in;
    uint64_t counter_out;  // the last that was queued
    uint64_t counter_sent; // the last that was published
    uint64_t acknowledged; // the last that they have heard
    uint64_t heard;        // the last of theirs
    struct parcel *first;
    struct parcel *last;
    struct parcel *unsent; // the first that was never published
    size_t flight_bytes;
    size_t unheard_bytes; // since they were told what was heard
    int64_t heard_at_ms;
    int64_t sent_at_ms;
    int64_t greeted_at_ms;
    int64_t demanded_at_ms;
    int64_t blocked_until_ms;
    bool silent;
    bool broken; // a message could not be kept: begins anew
    size_t outbound_count;
    size_t living_count;
    struct outbound *outbounds;
    struct inbound_list inbounds;   // that are not answered
    struct inbound_list answered;   // posts whose answers are not heard, the oldest first
    struct inbound_list remembered; // the same, of a channel that has ended
    struct held_note *notes;
    size_t notes_count;
};

enum outbound_state {
    OUTBOUND_BODY,    // a post whose body is arriving
    OUTBOUND_ASKED,   // a request, or a probe
    OUTBOUND_PROBING, // a WebSocket that has not said 5
    OUTBOUND_TAKING,  // it has
    OUTBOUND_LIVING,  // the session lives here; its old holder has not heard that
};

// A request or an upgrade whose client is here and whose session is at a peer.
struct outbound {
    struct due due; // first member
    struct outbound *before;
    struct outbound *after;
    struct neighbour *peer;
    uint64_t id; // slot
    enum outbound_state state;
    bool is_post;
    bool is_upgrade;
    char sid[RELAY_SID_SIZE];
    uint64_t exchange;
    uint64_t counter;      // of the first message of the ask, or of `done`; 0: not asked
    struct buffer request; // head of the ask and body, or sid and query
    struct buffer answer;  // what has come: of the answer, or of the session
    int64_t begun_at_ms;
    uint64_t ws;
    uint8_t probes;                     // that were answered
    struct engineio_session_id session; // that lives here
    struct buffer frames;               // behind packet 5: kind, size, bytes
};

enum inbound_state {
    INBOUND_BODY,       // a post whose body is arriving
    INBOUND_HELD,       // a poll
    INBOUND_KEPT,       // answered by packets; the edge has not said what became of them
    INBOUND_ANSWERED,   // a post; the edge has not heard the answer
    INBOUND_REMEMBERED, // the same, and its channel has ended
    INBOUND_PROBING,
    INBOUND_TAKING,
    INBOUND_FROZEN, // the session is on its way
};

// A request or an upgrade of a session here whose client is at a peer.
struct inbound {
    struct due due; // first member
    struct inbound_list *list;
    struct inbound *before;
    struct inbound *after;
    struct inbound *bucket_next;
    struct neighbour *peer;
    uint64_t slot;
    uint64_t id; // the edge's
    enum inbound_state state;
    bool is_post;
    bool is_probe;
    struct engineio_session_id session;
    char sid[RELAY_SID_SIZE];
    uint64_t counter;      // of the last message of the answer
    struct buffer request; // head and body
    struct buffer answer;  // to a post, remembered
    uint32_t code;
    uint16_t flags;
    int64_t take_by_ms;
};

struct relay {
    struct relay_config config;
    struct relay_ops ops;
    void *owner;
    struct engineio_server *engine;
    char names[OWN_NAMES_MAX][RELAY_NODE_SIZE]; // the first is the current
    size_t names_count;
    uint64_t start;
    uint64_t all_serial;
    int64_t now_ms;
    bool is_connected;
    int64_t connected_at_ms;
    struct neighbour *peers;
    size_t peers_count;
    int pins; // above 0: work goes on with neighbours, and none is taken away
    struct slot_table outbounds;
    struct slot_table inbounds;
    struct inbound *buckets[BUCKETS]; // by peer and id
    struct deadline_heap deadlines;
    struct due cut; // the broker is away, and polls do not wait for it
    size_t bodies_bytes;
    struct buffer message; // being written
    struct relay_counts counts;
};

// ---- relay.c ----
int64_t relay_now(const struct relay *relay);
bool relay_is_own(const struct relay *relay, const char node[RELAY_NODE_SIZE]);
// Room for one more thing with a deadline.
LC_MUST_CHECK enum lc_status relay_reserve(struct relay *relay);
void relay_set_due(struct relay *relay, struct due *due, int64_t at_ms);
bool relay_has_room(const struct relay *relay, size_t size); // for bodies
// Appends to a buffer that counts as bodies; false: no room.
bool relay_gather(struct relay *relay, struct buffer *buffer, struct bytes part);
void relay_drop_gathered(struct relay *relay, struct buffer *buffer);

// ---- seal.c ----
void relay_seal(const struct relay *relay, struct buffer *message);
// False: nobody who knows the key has written it. Else the message without its signature.
bool relay_unseal(const struct relay *relay, struct bytes sealed, struct bytes *out_message);
// The last characters of a sid are made from the others: 36 bits that only bridges can make.
void relay_sign_sid(const struct relay *relay, char sid[RELAY_SID_SIZE]);
bool relay_sid_is_signed(const struct relay *relay, const char sid[RELAY_SID_SIZE]);
static inline char sid_character(uint8_t byte)
{
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[byte & 63];
}

// ---- neighbour.c ----
struct neighbour *neighbour_find(const struct relay *relay, const char own[RELAY_NODE_SIZE],
                                 const char name[RELAY_NODE_SIZE]);
// Makes it when it is not there; NULL: no room.
struct neighbour *neighbour_get(struct relay *relay, const char own[RELAY_NODE_SIZE],
                                const char name[RELAY_NODE_SIZE]);
void neighbour_destroy(struct relay *relay, struct neighbour *peer);
static inline bool neighbour_is_open(const struct neighbour *peer)
{
    return peer->mine != 0;
}
static inline bool neighbour_is_busy(const struct neighbour *peer)
{
    return peer->outbound_count > 0 || peer->inbounds.count > 0 || peer->first != NULL ||
           peer->notes != NULL;
}
// What makes a peer busy calls this before; greets where there is no channel.
void neighbour_wake(struct relay *relay, struct neighbour *peer);
// Queues a message, or the parts of one, with RELAY_FIRST and RELAY_LAST where `flags` has them;
// false: a limit or no memory, and none of it goes.
bool neighbour_send(struct relay *relay, struct neighbour *peer, enum relay_kind kind, int flags,
                    uint64_t id, uint32_t code, struct bytes body);
// A message without a body. When even that cannot be kept, the channel begins anew.
void neighbour_tell(struct relay *relay, struct neighbour *peer, enum relay_kind kind, uint64_t id);
void neighbour_flush(struct relay *relay, struct neighbour *peer);
enum lc_status neighbour_publish(struct relay *relay, struct neighbour *peer,
                                 const struct relay_message *message);
void neighbour_say_alive(struct relay *relay, struct neighbour *peer, int flags); // not counted
// The channel's share of a message; true: it is the next in order, and the caller's to carry out.
bool neighbour_take(struct relay *relay, struct neighbour *peer,
                    const struct relay_message *message, size_t size);
void neighbour_on_due(struct relay *relay, struct neighbour *peer);
void neighbour_schedule(struct relay *relay, struct neighbour *peer);
// Ends the channel. What was asked of that node stays, and is asked again when it greets.
void neighbour_reset(struct relay *relay, struct neighbour *peer);

// ---- greeting.c ----
uint64_t relay_draw(struct relay *relay); // not 0
void greeting_begin(struct relay *relay, struct neighbour *peer);
void greeting_take(struct relay *relay, struct neighbour *peer,
                   const struct relay_message *message);
// The numbers are those of the greeting that goes on: the other has taken it, the channel begins.
bool greeting_completes(struct relay *relay, struct neighbour *peer,
                        const struct relay_message *message);

// ---- note.c ----
void note_take(struct relay *relay, const struct relay_message *message);
void note_release_held(struct relay *relay, struct neighbour *peer, bool is_proved);

// ---- edge.c ----
extern const struct engineio_foreign_ops edge_ops;
struct outbound *outbound_find(const struct relay *relay, uint64_t id);
void outbound_end(struct relay *relay, struct outbound *outbound);
void edge_ask(struct relay *relay, struct outbound *outbound);
void edge_take(struct relay *relay, struct neighbour *peer, const struct relay_message *message);
// They have forgotten what was asked up to `counter`.
void edge_ask_forgotten(struct relay *relay, struct neighbour *peer, uint64_t counter);
void edge_ask_all(struct relay *relay, struct neighbour *peer); // on a new channel
void edge_unask_all(struct relay *relay, struct neighbour *peer);
void edge_give_up(struct relay *relay, struct neighbour *peer); // 400, code 1
void edge_leave(struct relay *relay, struct neighbour *peer);   // a noop for each poll
void edge_on_heard(struct relay *relay, struct neighbour *peer);
void edge_on_due(struct relay *relay, struct outbound *outbound);

// ---- edge_move.c ----
void edge_move_take(struct relay *relay, struct outbound *outbound,
                    const struct relay_message *message);
void edge_move_on_ws_message(void *foreign, struct engineio_session_id session, uint64_t ws,
                             bool binary, struct bytes data);
void edge_move_on_ws_gone(void *foreign, struct engineio_session_id session, uint64_t ws,
                          bool failed);
// Ends it as far as it has come; `is_told`: the holder knows.
void edge_move_abandon(struct relay *relay, struct outbound *outbound, enum engineio_error error,
                       bool is_told);

// ---- holder.c ----
extern const struct engineio_relay_ops holder_ops;
struct inbound *inbound_find(struct relay *relay, const struct neighbour *peer, uint64_t id);
struct inbound *inbound_create(struct relay *relay, struct neighbour *peer, uint64_t id);
void inbound_end(struct relay *relay, struct inbound *inbound);
void holder_take(struct relay *relay, struct neighbour *peer, const struct relay_message *message);
void holder_on_heard(struct relay *relay, struct neighbour *peer);
void holder_fall_silent(struct relay *relay,
                        struct neighbour *peer);                  // forgets what is not answered
void holder_give_up(struct relay *relay, struct neighbour *peer); // the channel ends
void holder_forget_remembered(struct relay *relay, struct neighbour *peer);
void holder_on_due(struct relay *relay, struct inbound *inbound);

// ---- holder_move.c ----
void holder_move_take(struct relay *relay, struct neighbour *peer, struct inbound *inbound,
                      const struct relay_message *message);
void holder_move_on_probe_close(void *relay, uint64_t probe);
void holder_move_on_due(struct relay *relay, struct inbound *inbound);
// The node of the WebSocket is silent, or its channel has ended.
void holder_move_give_up(struct relay *relay, struct inbound *inbound, bool is_silent);

#endif
