// A cluster of Engine.IO servers behind one address: requests for sessions that another node holds,
// requests for sessions here that arrived at another node, and sessions that move to where their
// WebSocket is. How all that travels between nodes is bridge/relay's.
//
// Purity:    pure
// Units:     *_ms milliseconds on the caller's monotonic clock
// Ownership: all bytes are borrowed until the call or callback returns
// Order:     as in engine.h: every input is followed by engineio_flush(). The operations must not
//            call back into the engine, but for what they say
// Source:    docs/DESIGN.md, More than one machine
#ifndef LOTCAST_ENGINEIO_FOREIGN_H
#define LOTCAST_ENGINEIO_FOREIGN_H

#include "bridge/engineio/engine.h"

// The node that made a session is named by the first characters of its sid.
enum { ENGINEIO_NODE_SIZE = 4 };

// Marks, in `engineio_session_id`, sessions of other nodes: ids of the operations below.
#define ENGINEIO_FOREIGN_BIT (UINT64_C(1) << 63)
// Marks exchanges and probes whose client is at another node: ids of bridge/relay.
#define ENGINEIO_RELAYED_BIT (UINT64_C(1) << 63)

// ---- here is not the holder: the edge ----

struct engineio_foreign_ops {
    // A request, verified but for its session, whose sid nobody here has. False: no node has it
    // (400, code 1). Else as engineio_request(); `out_session` has ENGINEIO_FOREIGN_BIT, and the
    // calls about the exchange and its WebSocket come with it. It may call engineio_foreign_*().
    bool (*request)(void *foreign, const struct engineio_request *request, bool is_websocket,
                    struct bytes sid, enum engineio_verdict *out_verdict,
                    struct engineio_session_id *out_session);
    // As the inputs of engine.h of the same names; they may call engineio_foreign_*().
    void (*post_complete)(void *foreign, struct engineio_session_id session, uint64_t exchange,
                          struct bytes body);
    void (*post_too_large)(void *foreign, struct engineio_session_id session, uint64_t exchange);
    void (*exchange_gone)(void *foreign, struct engineio_session_id session, uint64_t exchange);
    void (*ws_message)(void *foreign, struct engineio_session_id session, uint64_t ws, bool binary,
                       struct bytes data);
    void (*ws_gone)(void *foreign, struct engineio_session_id session, uint64_t ws, bool failed);
};
void engineio_set_foreign(struct engineio_server *engine, const struct engineio_foreign_ops *ops,
                          void *foreign);

// The one answer to an exchange of an edge, with the headers that the application adds here.
void engineio_foreign_respond(struct engineio_server *engine, uint64_t exchange,
                              const struct engineio_response *response);
void engineio_foreign_refuse(struct engineio_server *engine, uint64_t exchange, bool is_upgrade,
                             enum engineio_error error);
// Answers an upgrade with 101; 0: the peer is gone.
uint64_t engineio_foreign_accept(struct engineio_server *engine, uint64_t exchange);
void engineio_foreign_send(struct engineio_server *engine, uint64_t ws, struct bytes frames);
void engineio_foreign_close(struct engineio_server *engine, uint64_t ws, int code);

// ---- here is the holder ----

// engineio_request(), engineio_post_complete() and engineio_exchange_gone() take requests from other
// nodes as well: their exchange has ENGINEIO_RELAYED_BIT, and their answer goes to `respond`. The
// newest GET of a session counts: where one of two came through another node, the older is answered
// with 400, and the session lives.
struct engineio_relay_ops {
    // `is_drained`: packets left the session with this body. It is kept until
    // engineio_response_written() or engineio_response_lost(), and no other GET is served before.
    void (*respond)(void *relay, uint64_t exchange, const struct engineio_response *response,
                    bool is_drained);
    // The WebSocket of a probe shall be closed; nothing more is said about it.
    void (*probe_close)(void *relay, uint64_t probe);
};
void engineio_set_relay(struct engineio_server *engine, const struct engineio_relay_ops *ops,
                        void *relay);

// The body has reached its client.
void engineio_response_written(struct engineio_server *engine, int64_t now_ms,
                               struct engineio_session_id session, uint64_t exchange);
// It has not, and never will: the GET that waits, or the next one, is answered with it.
void engineio_response_lost(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id session, uint64_t exchange);
// The node that held a GET is gone, its client may still come by another one: unlike
// engineio_exchange_gone() this does not end the session.
void engineio_exchange_forget(struct engineio_server *engine, int64_t now_ms,
                              struct engineio_session_id session, uint64_t exchange);

// A WebSocket at another node wants to take a session over.
enum engineio_probe {
    ENGINEIO_PROBE_BEGUN,
    ENGINEIO_PROBE_UNKNOWN, // no such session: 400, code 1
    ENGINEIO_PROBE_BAD,     // another protocol version: 400, code 3
    ENGINEIO_PROBE_LATE,    // it has its WebSocket, or another probe: 101, then a close
};
// `query`: of the upgrade.
enum engineio_probe engineio_probe_begin(struct engineio_server *engine, int64_t now_ms,
                                         struct bytes sid, struct bytes query, uint64_t probe);
// `3probe` was sent there: polls that hang are freed.
void engineio_probe_ready(struct engineio_server *engine, int64_t now_ms, struct bytes sid,
                          uint64_t probe);
void engineio_probe_gone(struct engineio_server *engine, int64_t now_ms, struct bytes sid,
                         uint64_t probe);

// ---- moving ----

// Packet `5` has come there: writes all that the session is, and freezes it: nothing is sent or read
// any more, and it ends with one of the two calls below. LC_ERR_BUSY: not now, ask again.
// LC_ERR_NOT_FOUND: no such session, or not its probe. LC_ERR_NO_MEMORY. `node`: where it goes.
LC_MUST_CHECK enum lc_status engineio_export(struct engineio_server *engine, int64_t now_ms,
                                             struct bytes sid, uint64_t probe, struct bytes node,
                                             struct buffer *out_state);
// It lives there: forgotten here, with on_moved instead of on_close.
void engineio_export_done(struct engineio_server *engine, int64_t now_ms, struct bytes sid);
// It does not: ends here with ENGINEIO_TRANSPORT_ERROR.
void engineio_export_failed(struct engineio_server *engine, int64_t now_ms, struct bytes sid);

// Makes a session of what engineio_export() wrote on another node of the same version, on a
// WebSocket of engineio_foreign_accept(): from now on that is the session's.
// LC_ERR_BAD_INPUT, LC_ERR_EXISTS (the sid), LC_ERR_FULL, LC_ERR_NO_MEMORY: nothing has happened.
LC_MUST_CHECK enum lc_status engineio_import(struct engineio_server *engine, int64_t now_ms,
                                             struct bytes state, uint64_t ws,
                                             struct engineio_session_id *out_session);

#endif
