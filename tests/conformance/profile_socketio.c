// Profile `socketio`: what the public protocol suite expects.
#include "tests/conformance/suite.h"

void socketio_profile_greet(struct suite *suite, struct socketio_socket_id socket,
                            struct bytes auth)
{
    socketio_emit(suite->socketio, socket, bytes_text("auth"),
                  auth.size > 0 ? auth : bytes_text("{}"));
}

bool socketio_profile_event(struct suite *suite, struct socketio_socket_id socket,
                            const struct socketio_event *event)
{
    struct socketio_server *server = suite->socketio;
    if (event_is(event, "message")) {
        socketio_emit_binary(server, socket, bytes_text("message-back"), event->arguments,
                             event->attachments, event->attachments_count);
    } else if (event_is(event, "message-with-ack")) {
        socketio_ack_binary(server, socket, event->ack_id, event->arguments, event->attachments,
                            event->attachments_count);
    } else if (event_is(event, "emit-with-ack")) {
        (void)socketio_emit_with_ack(server, socket, event->name, event->arguments,
                                     event->attachments, event->attachments_count);
    } else {
        return false;
    }
    return true;
}

void socketio_profile_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                          const struct socketio_event *answer)
{
    struct suite *suite = app;
    (void)ack_id;
    socketio_emit_binary(suite->socketio, socket, bytes_text("emit-with-ack"), answer->arguments,
                         answer->attachments, answer->attachments_count);
}

enum lc_status suite_create_socketio(struct suite *suite, const struct socketio_app_ops *ops)
{
    struct socketio_env env = {suite_random, NULL};
    struct engineio_app_ops engine_ops = suite_engine_ops(suite);
    struct socketio_config *config = &suite->options.socketio;
    config->engine = &suite->options.engine;
    config->engine_ops = &engine_ops;
    config->engine_app = suite;
    enum lc_status status = socketio_server_create(config, &env, ops, suite, &suite->socketio);
    if (status == LC_OK) {
        suite->engine = socketio_server_engine(suite->socketio);
    }
    return status;
}

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    struct suite *suite = app;
    (void)name, (void)handshake;
    socketio_accept(suite->socketio, socket);
    socketio_profile_greet(suite, socket, auth);
}

static void on_recovered(void *app, struct socketio_socket_id socket, struct bytes name,
                         struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)name, (void)handshake;
    socketio_profile_greet(app, socket, auth);
}

static void on_event(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    (void)socketio_profile_event(app, socket, event);
}

static enum lc_status create(struct suite *suite)
{
    static const struct socketio_app_ops ops = {.on_connect = on_connect,
                                                .on_recovered = on_recovered,
                                                .on_event = on_event,
                                                .on_ack = socketio_profile_ack};
    enum lc_status status = suite_create_socketio(suite, NULL);
    static const char *const names[] = {"/", "/custom"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && status == LC_OK; i++) {
        status = socketio_namespace_add(suite->socketio, bytes_text(names[i]), &ops, suite);
    }
    return status;
}

const struct profile PROFILE_SOCKETIO = {
    .name = "socketio",
    .port = 3000,
    .path = "/socket.io/",
    .cors = "*",
    .ping_interval_ms = 300,
    .ping_timeout_ms = 200,
    .connect_timeout_ms = 1000,
    .create = create,
};
