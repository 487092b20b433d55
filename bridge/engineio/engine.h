// An Engine.IO server, of protocol 4 and on demand 3: sessions over HTTP polling and WebSocket,
// admission, upgrades, heartbeats. Bytes and time in, bytes and deadlines out.
//
// Purity:    pure: the shell lends its transports in `struct engineio_transport_ops`, its random
//            numbers in the config
// Units:     *_ms milliseconds on the caller's monotonic clock; each input carries `now_ms`, which
//            never runs backwards
// Ownership: engineio_create/destroy; all bytes are borrowed until the call or callback returns
// Lifetime:  session ids are never used again; a call with a dead id does nothing
// Order:     every input is followed by engineio_flush(), which is where sessions send; the inputs
//            themselves call only respond(), ws_accept() and ws_close(). Transport operations must
//            not call back into the engine. Application callbacks may call everything of the second
//            part, engineio_end() of their own session included, unless they say otherwise
// Source:    Engine.IO protocol v4 and v3; answers and close reasons as the reference server gives
//            them
#ifndef LOTCAST_ENGINEIO_ENGINE_H
#define LOTCAST_ENGINEIO_ENGINE_H

#include "bridge/engineio/cookie.h"
#include "bridge/engineio/deadline_heap.h"
#include "bridge/engineio/frame.h"
#include "bridge/engineio/handshake.h"

enum { ENGINEIO_SID_SIZE = 20, ENGINEIO_POLL_BODY_MAX = 1 << 18 };

struct engineio_server;

struct engineio_session_id {
    uint64_t value; // 0: none
};

enum engineio_reason {
    ENGINEIO_TRANSPORT_CLOSE,
    ENGINEIO_TRANSPORT_ERROR,
    ENGINEIO_PING_TIMEOUT,
    ENGINEIO_PARSE_ERROR,
    ENGINEIO_FORCED_CLOSE,
    ENGINEIO_SERVER_SHUTTING_DOWN,
};
const char *engineio_reason_name(enum engineio_reason reason);

// The codes of error bodies: the reference server's, and from 6 on this one's.
enum engineio_error {
    ENGINEIO_UNKNOWN_TRANSPORT,
    ENGINEIO_UNKNOWN_SID,
    ENGINEIO_BAD_HANDSHAKE_METHOD,
    ENGINEIO_BAD_REQUEST,
    ENGINEIO_FORBIDDEN,
    ENGINEIO_UNSUPPORTED_PROTOCOL_VERSION,
    ENGINEIO_TOO_MANY_HANDSHAKES,          // 503: over the rate, or too many wait
    ENGINEIO_TOO_MANY_SESSIONS_OF_ADDRESS, // 503
    ENGINEIO_UNAVAILABLE,                  // 503: the server is full or stops
};
const char *engineio_error_message(enum engineio_error error);

struct engineio_request;

// Zero is the default of every member that has none here. What is pointed to outlives the engine.
struct engineio_config {
    int64_t ping_interval_ms;   // 25000
    int64_t ping_timeout_ms;    // 20000
    int64_t upgrade_timeout_ms; // 10000
    size_t max_payload;         // 1000000: of an HTTP body or a WebSocket message
    size_t sessions_max;
    bool allow_upgrades; // whether an upgrade is offered; one that comes anyway is taken
    bool allow_polling;  // the transports
    bool allow_websocket;
    bool allow_eio3;                 // clients that speak protocol 3 too
    size_t sessions_per_address_max; // 0: no limit
    uint32_t handshakes_per_second;  // 0: no limit
    uint32_t handshakes_burst;       // that may come at once after a pause; 0: one second's
    int64_t admission_wait_max_ms;   // how long a handshake over the rate may wait for its turn
    size_t admissions_max;           // handshakes that wait for their turn or the application; 0:
                                     // ENGINEIO_ADMISSIONS_MAX
    struct engineio_cookie cookie;   // no name: none. On the first response of polling
    struct bytes initial_packet;     // a message that goes out with the open packet; empty: none
    bool initial_packet_binary;
    bool keep_post_headers; // so that engineio_current_request() knows them when the body is read
    // Writes ENGINEIO_SID_SIZE characters of [A-Za-z0-9_-] that nobody can guess; false: failed.
    // NULL: drawn from `random`.
    bool (*generate_sid)(void *context, const struct engineio_request *request, char *out_sid);
    void (*random)(void *context, uint8_t *data, size_t size);
    void *random_context; // of both
};
enum { ENGINEIO_ADMISSIONS_MAX = 10000 };

// ---- the shell's side ----

struct engineio_response {
    int status;
    const char *content_type; // NULL: none
    struct bytes body;
    struct bytes headers; // further lines "Name: value\r\n", may be empty
    bool no_store;
    bool may_compress; // a poll's body: coded when the client accepts that and it is worth it
};

struct engineio_transport_ops {
    // The one answer to an exchange; behind the answer to an upgrade the connection is closed.
    void (*respond)(void *shell, uint64_t exchange, const struct engineio_response *response);
    // Answers an upgrade with 101 and returns the WebSocket, 0: the peer is gone. Nothing is
    // reported about the WebSocket before the input that led here has returned.
    uint64_t (*ws_accept)(void *shell, uint64_t exchange, struct bytes headers);
    // Sends whole encoded frames. False: take nothing more until engineio_ws_writable().
    bool (*ws_send)(void *shell, uint64_t ws, struct bytes frames);
    // Ends a WebSocket behind what was sent, without a code when that is 1005; nothing more is
    // reported about it.
    void (*ws_close)(void *shell, uint64_t ws, int code);
    // The WebSocket belongs to this session from now on: one that has moved here. May be NULL where
    // sessions do not move.
    void (*ws_attach)(void *shell, uint64_t ws, struct engineio_session_id session);
    // ws_send() follows soon: what it needs may be fetched meanwhile. May be NULL.
    void (*ws_foresee)(void *shell, uint64_t ws);
};

struct engineio_request {
    uint64_t exchange; // of the shell; the highest bit is not its to use, nor in a WebSocket's id
    bool is_upgrade;   // to a WebSocket, whose handshake the shell found in order
    struct bytes method;
    struct bytes content_type;
    struct bytes origin;
    bool has_origin;
    struct engineio_handshake handshake; // query, url, address, headers
};

enum engineio_verdict {
    ENGINEIO_ANSWERED,   // respond() or ws_accept() was called
    ENGINEIO_HELD,       // the answer comes later
    ENGINEIO_WANTS_BODY, // collect at most max_payload bytes, then one of engineio_post_*()
};

void engineio_attach(struct engineio_server *engine, const struct engineio_transport_ops *ops,
                     void *shell);
size_t engineio_max_payload(const struct engineio_server *engine);
int64_t engineio_ping_interval_ms(const struct engineio_server *engine);

// The head of an HTTP request, also of an upgrade, has arrived. `out_session` is what the later
// calls about the exchange, or about its WebSocket, name; also when the answer to a handshake is
// held, and the session comes only later.
enum engineio_verdict engineio_request(struct engineio_server *engine, int64_t now_ms,
                                       const struct engineio_request *request,
                                       struct engineio_session_id *out_session);
void engineio_post_complete(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id session, uint64_t exchange,
                            struct bytes body);
// The body is larger than max_payload: answers 413.
void engineio_post_too_large(struct engineio_server *engine, int64_t now_ms,
                             struct engineio_session_id session, uint64_t exchange);
// The peer left before the answer (or before its body was complete).
void engineio_exchange_gone(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id session, uint64_t exchange);

void engineio_ws_message(struct engineio_server *engine, int64_t now_ms,
                         struct engineio_session_id session, uint64_t ws, bool binary,
                         struct bytes data);
void engineio_ws_writable(struct engineio_server *engine, int64_t now_ms,
                          struct engineio_session_id session, uint64_t ws);
// `failed`: broken or closed by the shell for a violation, not closed by the peer.
void engineio_ws_gone(struct engineio_server *engine, int64_t now_ms,
                      struct engineio_session_id session, uint64_t ws, bool failed);

// The session of a WebSocket, for who did not keep it; looks through all of them. 0: none.
struct engineio_session_id engineio_ws_session(const struct engineio_server *engine, uint64_t ws);

// Does what is due, then sends what is ready; when that is much a part of it, and
// engineio_next_deadline() has passed already.
void engineio_flush(struct engineio_server *engine, int64_t now_ms);
// The same without what serve() does: behind one of several inputs.
void engineio_flush_marked(struct engineio_server *engine, int64_t now_ms);
int64_t engineio_next_deadline(const struct engineio_server *engine); // DEADLINE_NONE: none

// ---- the application's side ----

enum engineio_check { ENGINEIO_CHECK_PASSED, ENGINEIO_CHECK_FAILED, ENGINEIO_CHECK_ANSWERED };

struct engineio_admission_id {
    uint64_t value;
};
enum engineio_admission { ENGINEIO_ALLOW, ENGINEIO_REFUSE, ENGINEIO_DECIDE_LATER };

struct engineio_app_ops {
    // Returns the application's own for this session, given back in each callback; NULL refuses it.
    void *(*on_open)(void *app, struct engineio_session_id session);
    void (*on_message)(void *app, void *connection, bool binary, struct bytes data);
    // The last callback of a session that on_open accepted.
    void (*on_close)(void *app, void *connection, enum engineio_reason reason);
    void (*on_deadline)(void *app, void *connection);
    // What engineio_set_time() asked for; may be NULL when that is never called.
    void (*on_time)(void *app);
    // Comes before the session is asked for frames; the application may emit or end the session.
    void (*before_send)(void *app, void *connection);
    // Comes at each flush after engineio_ask_to_serve(): serves some of those that have something in
    // common to send. True: there are more, whose turn comes when the loop has looked at what else
    // there is. May be NULL when that is never asked for.
    bool (*serve)(void *app);
    // The next frame to send, NULL: none. Volatile frames with an order below `fresh_from` were
    // missed. No call into the engine is allowed from here; the frame stays valid until pop()
    // returns.
    const struct frame *(*peek)(void *app, void *connection, uint64_t fresh_from);
    void (*pop)(void *app, void *connection);
    // For the operator's log. `connection` may be NULL (refused before it was opened).
    void (*on_transport)(void *app, void *connection, struct bytes sid, const char *what,
                         const char *reason);

    // The rest may be NULL.

    // Comes before anything else looks at a request. FAILED: 400, code 3. ANSWERED: the application
    // answers by itself, with what it put into `out_response`.
    enum engineio_check (*check)(void *app, const struct engineio_request *request,
                                 struct engineio_response *out_response);
    // Whether a handshake may go on; LATER: engineio_admit() follows. `out_message` is the text of
    // a refusal, "Forbidden" when it is left alone; it stays valid until the next callback.
    enum engineio_admission (*on_request)(void *app, const struct engineio_request *request,
                                          struct engineio_admission_id admission,
                                          struct bytes *out_message);
    // Lines "Name: value\r\n" for the first response of a session or its 101, and for every
    // response (`session` 0: an error). No call that changes something is allowed from here.
    void (*initial_headers)(void *app, struct engineio_session_id session, struct buffer *lines);
    void (*headers)(void *app, struct engineio_session_id session, struct buffer *lines);
    // A request was refused. `context` tells more than the code, NULL: nothing.
    void (*on_connection_error)(void *app, enum engineio_error code, struct bytes message,
                                const char *context);
    // Sessions that move between nodes (bridge/engineio/foreign.h). on_export writes all that the
    // connection is, and takes nothing more in or out; false: not now. on_moved is then the last
    // callback, or on_close when the move fails. on_import makes a connection of what on_export
    // wrote; NULL: it cannot.
    bool (*on_export)(void *app, void *connection, struct bytes node, struct buffer *out_state);
    void (*on_moved)(void *app, void *connection);
    void *(*on_import)(void *app, struct engineio_session_id session, struct bytes state);
};

LC_MUST_CHECK enum lc_status engineio_create(const struct engineio_config *config,
                                             const struct engineio_app_ops *ops, void *app,
                                             struct engineio_server **out_engine);
// Ends every session without callbacks.
void engineio_destroy(struct engineio_server *engine);

// Decides about a handshake that waits; carried out by the next engineio_flush(), which is the
// caller's to bring about when no callback led here. An empty `message` is "Forbidden". Nothing
// happens when the peer has left.
void engineio_admit(struct engineio_server *engine, struct engineio_admission_id admission,
                    bool allowed, struct bytes message);

// The request that led to the callback at hand: a handshake in check(), on_request(), on_open() and
// the hooks of headers; a POST in on_message(), when keep_post_headers is set. NULL: none.
const struct engineio_request *engineio_current_request(const struct engineio_server *engine);

uint64_t engineio_random(struct engineio_server *engine);     // from the config's source
uint64_t engineio_next_order(struct engineio_server *engine); // for struct frame
int64_t engineio_now(const struct engineio_server *engine);   // of the latest input

// The session has something to send.
void engineio_touch(struct engineio_server *engine, struct engineio_session_id session);
// serve() is called at the next flush.
void engineio_ask_to_serve(struct engineio_server *engine);
// Lets a session send, from within serve(). It may end.
void engineio_serve(struct engineio_server *engine, struct engineio_session_id session);
// engineio_serve() follows for a session that is the next but one, then for one that is the next:
// what it needs is fetched meanwhile.
void engineio_foresee_next_but_one(const struct engineio_server *engine,
                                   struct engineio_session_id session);
void engineio_foresee_next(const struct engineio_server *engine,
                           struct engineio_session_id session);
// Sends what is queued, tells the peer, then ends with on_close(FORCED_CLOSE). Messages are ignored
// from now on.
void engineio_close(struct engineio_server *engine, struct engineio_session_id session);
// Ends at once; what is queued is lost.
void engineio_end(struct engineio_server *engine, struct engineio_session_id session,
                  enum engineio_reason reason);
// DEADLINE_NONE: no call of on_deadline.
void engineio_set_deadline(struct engineio_server *engine, struct engineio_session_id session,
                           int64_t at_ms);
// The application's own deadline, beside those of sessions; DEADLINE_NONE: no call of on_time.
void engineio_set_time(struct engineio_server *engine, int64_t at_ms);
// Its transport takes bytes: the WebSocket has room, or a poll hangs.
bool engineio_can_send(const struct engineio_server *engine, struct engineio_session_id session);
bool engineio_is_websocket(const struct engineio_server *engine,
                           struct engineio_session_id session);
// The version of the protocol that the client speaks: 4, or 3.
int engineio_protocol(const struct engineio_server *engine, struct engineio_session_id session);
// ENGINEIO_SID_SIZE characters of [A-Za-z0-9_-].
bool engineio_sid_is_legal(struct bytes sid);
struct bytes engineio_sid(const struct engineio_server *engine,
                          struct engineio_session_id session); // empty: gone
const struct engineio_handshake *engineio_handshake(const struct engineio_server *engine,
                                                    struct engineio_session_id session);
// Refuses handshakes from now on, those that wait too. Sessions go on, but none moves here.
void engineio_stop_admitting(struct engineio_server *engine);
// A walk over the sessions that are open and not about to close: `*place` is 0 at first. What it
// returns is the application's own for one of them; NULL: there are no more.
void *engineio_next_connection(const struct engineio_server *engine, uint32_t *place);
// Ends all sessions; later handshakes are refused.
void engineio_shut_down(struct engineio_server *engine);

struct engineio_counts {
    uint64_t sessions_open;
    uint64_t sessions_websocket;
    uint64_t handshakes_total;
    uint64_t upgrades_total;
    uint64_t upgrades_failed_total;
    uint64_t polls_total;
    uint64_t pushes_total;
    uint64_t packets_in_total;
    uint64_t packets_out_total;
    uint64_t handshakes_waiting;            // for their turn or the application, now
    uint64_t handshakes_held_total;         // that had to wait for their turn
    uint64_t handshakes_over_rate_total;    // refused with 503
    uint64_t handshakes_over_address_total; // refused with 503
    uint64_t handshakes_forbidden_total;    // refused by the application
    uint64_t connection_errors_total;       // refused requests of all kinds
};
void engineio_server_counts(const struct engineio_server *engine, struct engineio_counts *out);

#endif
