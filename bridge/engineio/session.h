// One Engine.IO session and the table of them: the state behind engine.h, shared by request.c (what
// arrives), session.c (life, heartbeat, sending) and engine.c (table, clock).
//
// Purity:    pure (allocates)
// Lifetime:  session_end() frees the session: a caller that goes on looks it up again by its id
// Order:     open -> closing -> gone, or open -> gone. A probing WebSocket exists only while the
//            transport is polling
#ifndef LOTCAST_ENGINEIO_SESSION_H
#define LOTCAST_ENGINEIO_SESSION_H

#include "bridge/engineio/deadline_heap.h"
#include "bridge/engineio/engine.h"
#include "bridge/engineio/payload.h"
#include "bridge/engineio/slot_table.h"

enum {
    NOOP_PACE_MS = 100,     // between answers that free a poll for an upgrade
    CLOSE_WAIT_MS = 30000,  // for a poll to come and take the orderly close
    BURST_PAUSE_MS = 1,     // behind a frame that ends a burst
    WS_BATCH_MAX = 1 << 16, // of frames joined to one write
    CLOSE_NORMAL = 1000,
};

struct session {
    struct deadline deadline; // first member: the heap's entry is the session
    struct engineio_session_id id;
    char sid[ENGINEIO_SID_SIZE + 1];
    bool closing;
    bool websocket;    // transport in use, else polling
    bool probed;       // 3probe was sent on probe_ws
    bool ping_due;     // a ping waits to be sent
    bool open_due;     // the open packet waits to be sent
    bool ws_ready;     // ws can take bytes
    bool dirty;        // in the list of sessions to be served
    bool polled_late;  // the pending poll arrived when closing had begun
    bool accepted;     // on_open took it: on_close is owed
    uint64_t get;      // exchange of the pending poll, 0: none
    uint64_t post;     // exchange of the post whose body is arriving
    uint64_t ws;       // the transport
    uint64_t probe_ws; // one that may become it
    uint64_t fresh_from;
    int64_t noop_next_ms; // no noop before
    int64_t ping_at_ms;   // each DEADLINE_NONE when not set
    int64_t pong_by_ms;
    int64_t upgrade_by_ms;
    int64_t noop_at_ms;
    int64_t close_by_ms;
    int64_t resume_at_ms;
    int64_t app_at_ms;
    struct session *sid_next; // in its bucket
    struct session *dirty_previous;
    struct session *dirty_next;
    struct engineio_handshake *handshake;
    void *connection;
};

struct engineio_server {
    struct engineio_config config;
    struct engineio_transport_ops transport;
    void *shell;
    struct engineio_app_ops app_ops;
    void *app;
    int64_t now_ms;
    int64_t app_time_ms; // DEADLINE_NONE: none
    uint64_t order;
    bool shutting_down;
    struct slot_table sessions;
    struct deadline_heap deadlines;
    struct session **buckets; // by sid; a power of two
    size_t buckets_count;
    struct session *dirty_first;
    struct session *dirty_last;
    struct buffer scratch; // decoded binary packets
    struct buffer output;  // a body or a batch of frames
    struct engineio_counts counts;
};

// ---- engine.c ----
struct session *session_find(const struct engineio_server *engine, struct engineio_session_id id);
struct session *session_find_sid(const struct engineio_server *engine, struct bytes sid);
void engine_set_now(struct engineio_server *engine, int64_t now_ms);
struct session **session_bucket(const struct engineio_server *engine, const char *sid);
void session_unmark(struct engineio_server *engine, struct session *session);
void session_mark(struct engineio_server *engine, struct session *session);
// Sets the heap's entry to the earliest deadline of the session.
void session_schedule(struct engineio_server *engine, struct session *session);

// ---- session.c ----
LC_MUST_CHECK enum lc_status session_open(struct engineio_server *engine,
                                          const struct engineio_request *request, uint64_t ws,
                                          struct session **out_session);
void session_answer_handshake(struct engineio_server *engine, struct session *session,
                              uint64_t exchange);
void session_end(struct engineio_server *engine, struct session *session,
                 enum engineio_reason reason);
void session_close(struct engineio_server *engine, struct session *session);
void session_on_deadline(struct engineio_server *engine, struct session *session);
void session_on_pong(struct engineio_server *engine, struct session *session);
void session_drop_probe(struct engineio_server *engine, struct session *session, const char *why);
void session_upgrade(struct engineio_server *engine, struct session *session);
// Sends what the transport can take; may end the session.
void session_serve(struct engineio_server *engine, struct session *session);
// One packet from the transport in use. False: the session has ended or takes no more packets.
bool session_on_packet(struct engineio_server *engine, struct session *session,
                       const struct engineio_packet *packet);
void session_report(struct engineio_server *engine, struct session *session, const char *what,
                    const char *reason);

#endif
