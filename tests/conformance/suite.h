// The conformance server: its options, and what its profiles share.
//
// Ownership: a profile's texts point into argv; the suite outlives its servers
// Order:     options_read(), then the profile's create(), then the loop runs
#ifndef LOTCAST_CONFORMANCE_SUITE_H
#define LOTCAST_CONFORMANCE_SUITE_H

#include "bridge/engineio/engine.h"
#include "bridge/io/admin_host.h"
#include "bridge/io/web_server.h"
#include "bridge/socketio/server.h"
#include "lib/base/buffer.h"

enum { TEXT_MAX = 1 << 20, CORS_ORIGINS_MAX = 8 };

struct suite;

struct profile {
    const char *name;
    int port;
    const char *path;
    const char *cors;
    int64_t ping_interval_ms;
    int64_t ping_timeout_ms;
    int64_t connect_timeout_ms;
    size_t max_payload;
    int64_t recovery_ms;
    int64_t admission_delay_ms; // of every handshake
    enum lc_status (*create)(struct suite *suite);
};
extern const struct profile PROFILE_ENGINEIO;
extern const struct profile PROFILE_ENGINEIO_CLIENT;
extern const struct profile PROFILE_SOCKETIO;
extern const struct profile PROFILE_SOCKETIO_CLIENT;
extern const struct profile PROFILE_LAB;

struct suite_options {
    const struct profile *profile;
    int64_t port;
    struct socketio_config socketio;
    struct engineio_config engine;
    struct web_server_config web;
    struct cors_policy cors;
    const char *cors_origins[CORS_ORIGINS_MAX + 1];
    bool has_hooks;
    const char *bundle_dir;
    struct admin_host_config admin; // no user: no such namespace
};

// False: a line, or the usage, went to stderr.
bool suite_options_read(int argc, char **argv, struct suite_options *out_options);

struct ev_loop;
struct suite {
    struct suite_options options;
    struct ev_loop *loop;
    struct socketio_server *socketio; // NULL in the profiles of Engine.IO alone
    struct engineio_server *engine;
    struct web_server *web;
};

void suite_random(void *context, uint8_t *data, size_t size);
// Calls `then` once, `after_ms` from now, and sends what it brought about.
void suite_later(struct suite *suite, int64_t after_ms,
                 void (*then)(struct suite *suite, uint64_t first, uint64_t second), uint64_t first,
                 uint64_t second);

// ---- suite_hooks.c: the application's words in a request, as reference/hooks.mjs has them ----
struct engineio_app_ops suite_engine_ops(const struct suite *suite);
enum web_pass suite_on_engine_request(void *owner, const struct web_request *request,
                                      struct buffer *headers);

// ---- profile_socketio.c: also for the lab ----
enum lc_status suite_create_socketio(struct suite *suite, const struct socketio_app_ops *ops);
// True: the event belonged to the profile.
bool socketio_profile_event(struct suite *suite, struct socketio_socket_id socket,
                            const struct socketio_event *event);
void socketio_profile_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                          const struct socketio_event *answer);
void socketio_profile_greet(struct suite *suite, struct socketio_socket_id socket,
                            struct bytes auth);

// ---- suite_text.c ----
bool event_is(const struct socketio_event *event, const char *name);
// Argument `index` as JSON; empty: there is none.
struct bytes event_argument(const struct socketio_event *event, size_t index);
// The arguments from `index` on, joined by commas.
struct bytes event_arguments_from(const struct socketio_event *event, size_t index);
// Content of a JSON string, or the digits of a number; for texts without escapes.
struct bytes json_content(struct bytes json);
// The handshake as applications of the reference server see it. `auth` may be empty.
void append_handshake(struct buffer *out, const struct socketio_handshake *handshake,
                      struct bytes auth);
void append_headers(struct buffer *out, const struct engineio_header *headers, size_t count);
// An ISO date between quotes, of now.
void append_date(struct buffer *out);

#endif
