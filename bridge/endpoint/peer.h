// A connection and its parts; private to the files of bridge/endpoint.
//
// Purity:    pure
// Lifetime:  an exchange lives from a request's head to its finished response, a link from 101 to
//            the end of the WebSocket; the engine and the application know both by id only
// Order:     what the engine calls (respond, ws_*) only sends and notes; a connection moves on, and
//            tells the engine about it, from the inputs and from endpoint_flush()
#ifndef LOTCAST_ENDPOINT_PEER_H
#define LOTCAST_ENDPOINT_PEER_H

#include "bridge/endpoint/endpoint.h"
#include "bridge/engineio/address_counts.h"
#include "bridge/engineio/slot_table.h"
#include "bridge/http/http_coding.h"
#include "bridge/http/http_request.h"
#include "bridge/http/http_response.h"
#include "bridge/http/http_target.h"
#include "bridge/websocket/ws_deflate.h"
#include "bridge/websocket/ws_reader.h"
#include "lib/base/error_code.h"

enum {
    WAITING_HARD_MAX = 1 << 20, // what arrives although reading is off
    SCRATCH_KEPT_MAX = 1 << 16, // a larger scratch buffer is freed after its use
    LINES_MAX = 1 << 16,        // of the header lines of one response
    PATH_TEXT_MAX = HTTP_TARGET_BYTES_MAX,
    ADDRESS_SIZE_MAX = 46, // of an IPv6 address as text, with its NUL
    ADDRESS_BUCKETS = 4096,
};

struct endpoint {
    struct endpoint_config config;
    char *paths[ENDPOINT_PATHS_MAX + 1];
    struct engineio_server *engine;
    struct endpoint_shell_ops shell_ops;
    void *shell;
    struct web_server_ops app_ops;
    void *app;
    int64_t now_ms;              // of the latest input
    struct slot_table exchanges; // id -> peer
    struct slot_table links;     // id -> peer
    struct deadline_heap deadlines;
    struct address_counts addresses; // when there is a maximum for one
    struct endpoint_peer *first;     // all of them
    struct endpoint_peer *todo;      // those that endpoint_flush() has to look at
    size_t connections_count;
    size_t unfinished; // bytes, see unfinished_max
    size_t blocked_count;
    uint64_t slow_closed_total;
    bool is_flushing;
    bool keeps_none; // see endpoint_keep_none()
    bool is_busy;    // an input of a connection is running
    // Scratch, used within one call.
    struct buffer path;
    struct buffer lines;
    struct buffer output;
    struct buffer coded;
    struct http_coder *coder;                              // made when it is first needed
    struct ws_deflater *deflaters[WS_WINDOW_BITS_MAX + 1]; // of links that forget
};

enum phase {
    PHASE_HEAD,    // the next request is awaited, or its head is on its way
    PHASE_BODY,    // its body is on its way
    PHASE_ANSWER,  // its answer is awaited
    PHASE_DROP,    // it is answered; the rest of its body is dropped
    PHASE_OPEN,    // a WebSocket
    PHASE_CLOSING, // a WebSocket: the peer's close frame is awaited
    PHASE_ENDED,   // closed at the next flush
};

struct exchange { // the HTTP side of a connection: one request at a time
    struct http_request_reader reader;
    uint64_t id; // 0: no request
    struct engineio_session_id session;
    struct buffer body;
    struct buffer lines;         // header lines of its response: CORS, middleware
    struct buffer upgrade_lines; // of its 101
    struct ws_deflate_terms terms;
    size_t dropped;
    enum http_connection connection;
    enum http_coding coding; // that the client takes
    bool for_engine;
    bool is_owed;    // by the engine: it answers, or is told that the peer is gone
    bool wants_body; // the engine does: post_complete or post_too_large follows
    bool drops_body; // nobody wants it
    bool is_head;
    bool is_upgrade;
    bool is_old_browser; // Internet Explorer, which looks for scripts in answers
    bool responded;
    bool accepted; // with 101
};

struct link { // a WebSocket
    uint64_t id;
    struct engineio_session_id session;
    bool is_known; // to the engine
    bool owes_pong;
    struct ws_reader reader;      // its terms come first
    struct ws_deflater *deflater; // its own, made when it is first needed
    struct buffer pong;           // that waits for room: of a peer that pings and does not read
};

struct endpoint_peer { // what every delivery needs comes first
    struct endpoint *endpoint;
    void *shell;               // NULL: gone
    struct link *link;         // NULL until the upgrade
    struct exchange *exchange; // NULL from the upgrade on
    enum phase phase;
    bool is_blocked; // the shell holds a rest
    bool is_closing; // a WebSocket: a close frame was sent
    bool deflates;   // a WebSocket: large messages are compressed
    bool has_failed; // ends when the engine may be told
    bool in_todo;
    bool is_busy; // one of its inputs is running
    bool reads;
    bool is_secure;
    struct endpoint_peer *before;
    struct endpoint_peer *after;
    struct endpoint_peer *todo_next;
    struct deadline deadline;
    int64_t phase_by_ms;   // of the phase at hand, DEADLINE_NONE: it may last
    int64_t blocked_by_ms; // for some of the rest to be taken
    uint64_t taken;        // when that was set
    struct buffer waiting; // bytes that cannot be looked at yet
    size_t counted;        // of endpoint->unfinished
    uint8_t address_size;
    char address[ADDRESS_SIZE_MAX];
};

struct request { // the head at hand, for the time of one call
    struct http_head head;
    struct http_target target;
    struct bytes path; // decoded
    struct bytes address;
};

// ---- endpoint.c ----
void endpoint_note(struct endpoint_peer *peer); // for endpoint_flush()
bool endpoint_has_path(const struct endpoint *endpoint, struct bytes path);
bool endpoint_has_bundle_file(const struct endpoint *endpoint, struct bytes path);

// ---- peer.c ----
void peer_send(struct endpoint_peer *peer, struct bytes bytes);
void peer_set_phase(struct endpoint_peer *peer, enum phase phase, int64_t by_ms);
// Frees a scratch buffer that has grown beyond what is worth keeping.
void peer_trim(struct buffer *scratch);
// Ends it, and tells the engine what it was waiting for. Not from within a call of the engine's.
void peer_end(struct endpoint_peer *peer, bool failed);
// Goes on with what waits.
void peer_continue(struct endpoint_peer *peer);
void peer_on_deadline(struct endpoint_peer *peer);
void peer_destroy(struct endpoint_peer *peer);

// ---- exchange.c: requests in ----
// Takes what it can; false: nothing more for now.
bool exchange_take(struct endpoint_peer *peer, struct bytes in, size_t *out_used);
// Moves on behind an answer; false: the answer is still awaited.
bool exchange_settle(struct endpoint_peer *peer);
void exchange_refuse_load(struct endpoint_peer *peer);
void exchange_time_out(struct endpoint_peer *peer);
struct exchange *exchange_create(void); // NULL: no memory
void exchange_destroy(struct endpoint_peer *peer);
// Tells the engine that the answer has nobody to go to.
void exchange_tell_gone(struct endpoint_peer *peer);

// ---- exchange_answer.c: responses out ----
struct answer {
    int status;
    const char *content_type;
    struct bytes body;
    struct bytes headers;
    bool no_store;
    bool may_compress;
};
void exchange_respond(struct endpoint_peer *peer, const struct answer *answer);
void exchange_respond_code(struct endpoint_peer *peer, int status, enum error_code code);
// For upgrades: bare text.
void exchange_respond_text(struct endpoint_peer *peer, int status, const char *text,
                           const char *headers);
void exchange_engine_respond(void *shell, uint64_t exchange,
                             const struct engineio_response *response);

// ---- link.c: WebSockets ----
uint64_t link_engine_accept(void *shell, uint64_t exchange, struct bytes headers);
bool link_engine_send(void *shell, uint64_t ws, struct bytes frames);
void link_engine_close(void *shell, uint64_t ws, int code);
void link_engine_foresee(void *shell, uint64_t ws);
void link_engine_attach(void *shell, uint64_t ws, struct engineio_session_id session);
bool link_take(struct endpoint_peer *peer, struct bytes in, size_t *out_used);
void link_on_writable(struct endpoint_peer *peer);
// Closes for a violation, and tells the engine.
void link_fail(struct endpoint_peer *peer, int code);
void link_tell_gone(struct endpoint_peer *peer, bool failed);
void link_destroy(struct endpoint_peer *peer);

#endif
