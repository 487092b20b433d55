// A Socket.IO v5 client over Engine.IO v4 for the root namespace: polling, WebSocket, and the
// upgrade from one to the other. Bytes and time in, requests and frames out.
//
// Purity:    pure: no sockets, no clock; the caller carries out what the sioclient_take_*() ask for
// Units:     *_ms milliseconds on the caller's monotonic clock
// Ownership: sioclient_init/release; bytes in callbacks are borrowed until they return
// Order:     after any call that gives input, the caller takes everything that can be taken
//            (get, post, websocket, frames, websocket close) until nothing is left. Callbacks may
//            emit and disconnect, but not start or release. on_close is the last callback after a
//            start
// Errors:    a server that breaks the protocol closes the session with a reason; it is never
// asserted Source:    Engine.IO protocol v4, Socket.IO protocol v5; the order of an upgrade as the
// official
//            client has it: the polling transport is paused before `5` is sent
#ifndef LOTCAST_SIOCLIENT_H
#define LOTCAST_SIOCLIENT_H

#include "lib/base/buffer.h"

enum sioclient_mode { SIOCLIENT_POLLING_ONLY, SIOCLIENT_WEBSOCKET_ONLY, SIOCLIENT_UPGRADE };

enum sioclient_phase {
    SIOCLIENT_IDLE,    // next: OPENING
    SIOCLIENT_OPENING, // until the server's open packet; next: OPEN, IDLE
    SIOCLIENT_OPEN,    // next: IDLE
};

enum sioclient_upgrade {
    SIOCLIENT_UPGRADE_NONE,    // next: WANTED
    SIOCLIENT_UPGRADE_WANTED,  // a WebSocket shall be opened; next: PROBING, FAILED
    SIOCLIENT_UPGRADE_PROBING, // opened or opening, `2probe` is sent; next: PAUSING, FAILED
    SIOCLIENT_UPGRADE_PAUSING, // `3probe` came, polling ends its open requests; next: DONE, FAILED
    SIOCLIENT_UPGRADE_DONE,
    SIOCLIENT_UPGRADE_FAILED, // polling carries on
};

enum {
    SIOCLIENT_SID_SIZE_MAX = 64,
    SIOCLIENT_URL_SIZE_MAX = 256,
    SIOCLIENT_MESSAGE_SIZE_MAX = 4 * 1024 * 1024,
    SIOCLIENT_AUTH_SIZE_MAX = 16 * 1024,
    SIOCLIENT_PENDING_SIZE_MAX = 256 * 1024,
    SIOCLIENT_CONNECT_TIMEOUT_MS = 20000,
    SIOCLIENT_UPGRADE_TIMEOUT_MS = 10000,
};

struct sioclient_ops {
    void (*on_connect)(void *owner);
    // `array` is the JSON array of an event, its name first.
    void (*on_event)(void *owner, struct bytes array);
    void (*on_ack)(void *owner, uint64_t id, struct bytes array);
    // The session moved to the WebSocket, or will never do so.
    void (*on_upgrade)(void *owner, bool done);
    // `reason` as the official client names it: "transport close", "transport error", "ping
    // timeout", "parse error", "io server disconnect", "io client disconnect", or "connect error".
    // `details` says more where there is more.
    void (*on_close)(void *owner, const char *reason, struct bytes details);
};

struct sioclient {
    enum sioclient_mode mode;
    const char *path; // "/socket.io/"
    const struct sioclient_ops *ops;
    void *owner;
    enum sioclient_phase phase;
    enum sioclient_upgrade upgrade;
    bool on_websocket; // the WebSocket carries the session
    bool connected;    // CONNECT was answered
    bool leaving;
    bool get_open;
    bool post_open;
    bool websocket_open;
    bool websocket_asked;
    bool websocket_unwanted;
    bool probe_due;   // `2probe` is the next frame
    bool upgrade_due; // `5` is the next frame
    char sid[SIOCLIENT_SID_SIZE_MAX + 1];
    uint64_t payload_max;
    int64_t now_ms;
    int64_t ping_wait_ms;
    int64_t alive_until_ms; // ping deadline, or the deadline to connect
    int64_t upgrade_until_ms;
    struct buffer pending; // packets, separated by RS
    struct buffer auth;
};

void sioclient_init(struct sioclient *client, enum sioclient_mode mode, const char *path,
                    const struct sioclient_ops *ops, void *owner);
void sioclient_release(struct sioclient *client);

// Begins a new session; `auth` is a JSON object, or empty. Asserts that the client is idle.
void sioclient_start(struct sioclient *client, struct bytes auth, int64_t now_ms);

// `arguments`: JSON values joined by commas. LC_ERR_OFFLINE unless connected, LC_ERR_FULL when too
// much is waiting.
LC_MUST_CHECK enum lc_status sioclient_emit(struct sioclient *client, const char *event,
                                            struct bytes arguments, uint64_t ack_id);

// Says goodbye; on_close follows when it is sent, or at once when nothing is open.
void sioclient_disconnect(struct sioclient *client);

// ---- what the caller shall do; each is told once ----

// `out_url`: path and query.
bool sioclient_take_get(struct sioclient *client, char out_url[SIOCLIENT_URL_SIZE_MAX]);
bool sioclient_take_post(struct sioclient *client, char out_url[SIOCLIENT_URL_SIZE_MAX],
                         struct buffer *out_body);
bool sioclient_take_websocket(struct sioclient *client, char out_url[SIOCLIENT_URL_SIZE_MAX]);
bool sioclient_take_frame(struct sioclient *client, struct buffer *out_frame);
// The WebSocket that was opened is of no more use.
bool sioclient_take_websocket_close(struct sioclient *client);
// Time of the next sioclient_on_time(); INT64_MAX for none.
int64_t sioclient_deadline(const struct sioclient *client);

// ---- what happened; `status` 0: the request did not get an answer ----

void sioclient_on_get(struct sioclient *client, int status, struct bytes body, int64_t now_ms);
void sioclient_on_post(struct sioclient *client, int status, int64_t now_ms);
void sioclient_on_websocket_open(struct sioclient *client, int64_t now_ms);
void sioclient_on_websocket_text(struct sioclient *client, struct bytes text, int64_t now_ms);
void sioclient_on_websocket_end(struct sioclient *client, int64_t now_ms);
void sioclient_on_time(struct sioclient *client, int64_t now_ms);

#endif
