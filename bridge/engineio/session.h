// One Engine.IO session and the table of them: the state behind engine.h, shared by its parts.
//
//   request.c    requests: routing, polling
//   admission.c  handshakes: their turn, the application's decision, the opening
//   websocket.c  WebSockets: upgrades, messages
//   session.c    life, heartbeat, packets in
//   output.c     packets out
//   respond.c    responses and their headers
//   foreign.c    requests for sessions of other nodes
//   relayed.c    requests and probes that came through other nodes
//   move.c       sessions that go to another node, and come from one
//   engine.c     table, clock, the application's calls
//
// Purity:    pure (allocates)
// Lifetime:  session_end() frees the session: a caller that goes on looks it up again by its id
// Order:     waiting -> open -> closing -> gone, with leave to go at any time; open -> moving -> gone
//            for one that is written down for another node. A probing WebSocket exists only while
//            the transport is polling
#ifndef LOTCAST_ENGINEIO_SESSION_H
#define LOTCAST_ENGINEIO_SESSION_H

#include "bridge/engineio/address_counts.h"
#include "bridge/engineio/deadline_heap.h"
#include "bridge/engineio/engine.h"
#include "bridge/engineio/foreign.h"
#include "bridge/engineio/pace.h"
#include "bridge/engineio/payload.h"
#include "bridge/engineio/slot_table.h"

enum {
    NOOP_PACE_MS = 100,         // between answers that free a poll for an upgrade
    CLOSE_WAIT_MS = 30000,      // for a poll to come and take the orderly close
    BURST_PAUSE_MS = 1,         // behind a frame that ends a burst
    WS_BATCH_MAX = 1 << 16,     // of frames joined to one write
    CLOSE_WITHOUT_CODE = 1005,  // as the reference server closes: its close frames are empty
    JSONP_INDEX_MAX = 10,       // digits
    PONGS_DUE_MAX = 16,         // of a client of protocol 3 that pings and does not poll
    REFUSAL_TEXT_MAX = 256,     // what an application may say about a handshake
    RETRY_AFTER_SPREAD_S = 5,   // at least
    RESPONSE_HEADERS_MAX = 8192 // of all hooks
};

struct session;

// Packets that have left a session and may not have arrived: a polling body that went to another
// node; or, when it was lost and a WebSocket has taken over, its frames.
struct kept {
    uint64_t exchange;
    bool is_lost; // has not arrived: goes out again
    bool may_compress;
    const char *content_type;
    size_t size;
    uint8_t body[];
};

struct session_list {
    struct session *first;
    struct session *last;
    size_t count;
};

struct session { // what every delivery needs comes first
    void *connection;
    uint64_t ws; // the transport
    uint64_t fresh_from;
    int64_t resume_at_ms;      // DEADLINE_NONE when not set
    struct session_list *list; // where it is: waits to be served, for its turn or its decision
    uint8_t protocol;
    bool waiting;  // a handshake that is not admitted yet
    bool admitted; // while it waits: what the application has decided
    bool closing;
    bool moving;     // written down for another node: nothing goes in or out
    bool websocket;  // transport in use (of a handshake that waits: wanted), else polling
    bool ping_due;   // a ping waits to be sent
    bool open_due;   // the open packet waits to be sent
    bool kept_due;   // what was kept goes to the WebSocket, before all others
    bool kept_waits; // whether it must is not known yet: nothing goes there before
    bool ws_ready;   // ws can take bytes
    bool base64;     // protocol 3: the transport in use takes no bytes
    uint8_t pongs_due;
    bool probed;       // 3probe was sent on probe_ws
    bool polled_late;  // the pending poll arrived when closing had begun
    bool accepted;     // on_open took it: on_close is owed
    bool counted;      // in the counts of addresses
    bool probe_base64; // the same as base64, of probe_ws
    bool octets;       // protocol 3: what is not ASCII goes out as octets
    bool jsonp;
    bool post_octets; // of the post whose body is arriving
    uint8_t jsonp_index_size;
    char sid[ENGINEIO_SID_SIZE + 1];
    struct engineio_session_id id;
    struct deadline deadline;
    struct session *list_before;
    struct session *list_after;
    char jsonp_index[JSONP_INDEX_MAX];
    uint64_t get;         // exchange of the pending poll or the handshake that waits, 0: none
    uint64_t post;        // exchange of the post whose body is arriving
    uint64_t probe_ws;    // one that may become it
    int64_t noop_next_ms; // no noop before
    int64_t ping_at_ms;   // each DEADLINE_NONE when not set
    int64_t pong_by_ms;   // protocol 3: the next ping of the client
    int64_t upgrade_by_ms;
    int64_t noop_at_ms;
    int64_t close_by_ms;
    int64_t app_at_ms;
    struct session *sid_next; // in its bucket
    struct engineio_handshake *handshake;
    struct engineio_handshake *post_handshake; // of the post whose body is arriving, when kept
    char *refusal;                             // while it waits: the text of the application
    struct kept *kept;
};

struct engineio_server {
    struct engineio_config config;
    struct engineio_transport_ops transport;
    void *shell;
    struct engineio_app_ops app_ops;
    void *app;
    struct engineio_foreign_ops foreign_ops; // none: no other nodes
    void *foreign;
    struct engineio_relay_ops relay_ops;
    void *relay;
    int64_t now_ms;
    int64_t app_time_ms; // DEADLINE_NONE: none
    uint64_t order;
    bool shutting_down;
    bool asked_to_serve;
    const struct engineio_request *current;
    struct slot_table sessions; // also of handshakes that wait
    size_t waiting;
    struct deadline_heap deadlines;
    struct session **buckets; // by sid; a power of two
    size_t buckets_count;
    struct session_list dirty;   // something to send
    struct session_list line;    // handshakes over the rate, in their order
    struct session_list decided; // handshakes about which the application has decided
    struct pace pace;            // of handshakes
    int64_t turn_at_ms;
    struct address_counts addresses;
    struct frame *initial; // goes out with the open packet; NULL: none
    struct buffer scratch; // decoded binary packets
    struct buffer output;  // a body or a batch of frames
    struct buffer octets;  // the same body in octets, or in JSONP
    struct buffer headers; // of a response
    struct engineio_counts counts;
};

// ---- engine.c ----
// Sessions that are open; a handshake that waits is none.
struct session *session_find(const struct engineio_server *engine, struct engineio_session_id id);
struct session *session_find_sid(const struct engineio_server *engine, struct bytes sid);
size_t engine_sessions(const struct engineio_server *engine);
void engine_set_now(struct engineio_server *engine, int64_t now_ms);
struct session **session_bucket(const struct engineio_server *engine, const char *sid);
void session_list_add(struct session_list *list, struct session *session);
void session_list_leave(struct session *session); // the one it is in, if any
void session_mark(struct engineio_server *engine, struct session *session);
// Sets the heap's entry to the earliest deadline of the session.
void session_schedule(struct engineio_server *engine, struct session *session);

// ---- respond.c ----
// Answers with what the engine and the application have to say in the headers. `session` NULL: an
// error. `is_first`: the answer to the handshake.
void engine_respond(struct engineio_server *engine, const struct session *session, bool is_first,
                    uint64_t exchange, struct engineio_response response);
uint64_t engine_accept(struct engineio_server *engine, const struct session *session, bool is_first,
                       uint64_t exchange);
// With packets of the session in it; further headers are left out where it goes to another node.
void engine_respond_packets(struct engineio_server *engine, const struct session *session,
                            uint64_t exchange, const struct engineio_response *response);
void engine_respond_empty(struct engineio_server *engine, const struct session *session,
                          uint64_t exchange, int status);
// Refuses a request in the form that its kind expects. `context` is for diagnostics; an empty
// `message` is the usual one.
void engine_refuse(struct engineio_server *engine, uint64_t exchange, bool is_upgrade,
                   enum engineio_error error, const char *context, struct bytes message);

// ---- admission.c ----
enum engineio_verdict admission_begin(struct engineio_server *engine,
                                      const struct engineio_request *request, int protocol,
                                      struct engineio_session_id *out_session);
// The function that a polling client of protocol 3 wants called, when it is one that needs that.
void session_note_jsonp(struct session *session, struct bytes query);
struct session *session_new(void);
// Makes a session that waits one that is open.
LC_MUST_CHECK enum lc_status session_enter_tables(struct engineio_server *engine,
                                                  struct session *session, const char *sid);

// ---- request.c ----
int protocol_of(struct bytes query);

// ---- foreign.c ----
static inline bool is_foreign(struct engineio_session_id id) // a session of another node
{
    return (id.value & ENGINEIO_FOREIGN_BIT) != 0;
}
void admission_take_turns(struct engineio_server *engine);
void admission_carry_out(struct engineio_server *engine);
void admission_drop(struct engineio_server *engine, struct session *session);
void admission_shut_down(struct engineio_server *engine, struct session *session);

// ---- websocket.c ----
bool session_may_probe(const struct session *session);
void session_begin_probe(struct engineio_server *engine, struct session *session, uint64_t ws,
                         struct bytes query);
void websocket_begin_probe(struct engineio_server *engine, struct session *session,
                           const struct engineio_request *request);

// ---- relayed.c ----
static inline bool is_relayed(uint64_t id) // an exchange or a probe whose client is at another node
{
    return (id & ENGINEIO_RELAYED_BIT) != 0;
}
// Keeps a body until its client is known to have it.
LC_MUST_CHECK enum lc_status session_keep(struct session *session, uint64_t exchange,
                                          const struct engineio_response *response);
// Frames for the WebSocket, before all others.
LC_MUST_CHECK enum lc_status session_keep_frames(struct session *session, struct bytes frames);
void session_forget_kept(struct session *session);
// Answers the pending poll with what was kept and lost, or lets it wait.
void session_serve_kept(struct engineio_server *engine, struct session *session);
// A WebSocket has taken over: what was kept goes there when it is known to be lost. While that is
// not known nothing else does. (The client has waited for its polls to end, but how one of them
// ended may be on its way: a node that stops answers them by itself.)
LC_MUST_CHECK enum lc_status session_settle_kept(struct session *session);
struct session *session_find_probe(const struct engineio_server *engine, struct bytes sid,
                                   uint64_t probe); // of another node's WebSocket
void engine_close_probe(struct engineio_server *engine, uint64_t ws);

// ---- session.c ----
void session_end(struct engineio_server *engine, struct session *session,
                 enum engineio_reason reason);
// Frees it without a word; of what its handshake began.
void session_destroy(struct engineio_server *engine, struct session *session);
void session_free(struct session *session);
void session_close(struct engineio_server *engine, struct session *session);
void session_on_deadline(struct engineio_server *engine, struct session *session);
void session_drop_probe(struct engineio_server *engine, struct session *session, const char *why);
void session_forget_post(struct session *session); // whose body was arriving
// The pong that is awaited may have been lost with the polling.
void session_restart_pong(struct engineio_server *engine, struct session *session);
// No poll or post any more: a WebSocket takes their place, here or on another node.
void session_end_polling(struct engineio_server *engine, struct session *session);
void session_upgrade(struct engineio_server *engine, struct session *session);
// One packet from the transport in use. False: the session has ended.
bool session_on_packet(struct engineio_server *engine, struct session *session,
                       const struct engineio_packet *packet);
void session_report(struct engineio_server *engine, struct session *session, const char *what,
                    const char *reason);

// ---- output.c ----
// The packets of a polling body as frames for the session's WebSocket. LC_ERR_BAD_INPUT: a script.
LC_MUST_CHECK enum lc_status session_append_frames(const struct session *session,
                                                   const struct kept *kept, struct buffer *out);
// Ends the session when there is no memory for the answer.
void session_answer_handshake(struct engineio_server *engine, struct session *session,
                              uint64_t exchange);
// Answers the pending poll with packets of the engine; `second` NULL: only one.
void session_answer_poll(struct engineio_server *engine, struct session *session, const char *first,
                         const char *second);
// Sends what the transport can take; may end the session.
void session_serve(struct engineio_server *engine, struct session *session);

#endif
