// Profile `socketio-client`: what the official client's own suite expects.
#include <stdio.h>
#include <stdlib.h>

#include "bridge/engineio/query.h"
#include "lib/json/json_read.h"
#include "tests/conformance/suite.h"

struct guest {    // of a socket
    char last[8]; // the event of a sequence that came last
    size_t auth_size;
    uint8_t auth[];
};

static const char *const ORDERLY_BYTES = "asdfasdf";
static const char *const ONE_PLACE = "{\"_placeholder\":true,\"num\":0}";

static struct guest *guest_of(struct suite *suite, struct socketio_socket_id socket)
{
    return socketio_socket_data(suite->socketio, socket);
}

static void guest_arrive(struct suite *suite, struct socketio_socket_id socket, struct bytes auth)
{
    struct guest *guest = calloc(1, sizeof *guest + auth.size);
    if (guest != NULL && auth.size > 0) {
        memcpy(guest->auth, auth.data, auth.size);
        guest->auth_size = auth.size;
    }
    socketio_socket_set_data(suite->socketio, socket, guest);
}

static void handshake_text(struct suite *suite, struct socketio_socket_id socket,
                           struct buffer *out)
{
    struct socketio_handshake handshake;
    const struct guest *guest = guest_of(suite, socket);
    buffer_init(out, TEXT_MAX);
    if (guest != NULL && socketio_socket_handshake(suite->socketio, socket, &handshake)) {
        append_handshake(out, &handshake, bytes_of(guest->auth, guest->auth_size));
    }
}

static void refuse(struct suite *suite, struct socketio_socket_id socket, const char *message)
{
    struct buffer error;
    buffer_init(&error, 256);
    buffer_append_format(&error, "{\"message\":\"%s\"}", message);
    socketio_refuse(suite->socketio, socket, buffer_bytes(&error));
    buffer_release(&error);
}

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    struct suite *suite = app;
    char fail[1];
    if (bytes_equal_text(name, "/") &&
        query_value(handshake->query, "fail", fail, sizeof fail) > 0) {
        refuse(suite, socket, "Auth failed (main namespace)");
        return;
    }
    if (bytes_equal_text(name, "/no")) {
        refuse(suite, socket, "Auth failed (custom namespace)");
        return;
    }
    socketio_accept(suite->socketio, socket);
    guest_arrive(suite, socket, auth);
    if (bytes_equal_text(name, "/abc")) {
        struct buffer text;
        handshake_text(suite, socket, &text);
        socketio_emit(suite->socketio, socket, bytes_text("handshake"), buffer_bytes(&text));
        buffer_release(&text);
    }
}

static void on_recovered(void *app, struct socketio_socket_id socket, struct bytes name,
                         struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)name, (void)handshake;
    struct suite *suite = app;
    free(guest_of(suite, socket));
    guest_arrive(suite, socket, auth);
}

static void on_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    struct suite *suite = app;
    (void)reason;
    if (!socketio_socket_is_kept(suite->socketio, socket)) {
        free(guest_of(suite, socket));
    }
}

static void on_data_dropped(void *app, void *data)
{
    (void)app;
    free(data);
}

// ---- events ----

static bool is_binary(const struct socketio_event *event)
{
    return event->attachments_count == 1 && bytes_equal_text(event_argument(event, 0), ONE_PLACE);
}

// {hello: "lol", message: <binary>, goodbye: "gotcha"}
static bool is_json_with_binary(const struct socketio_event *event)
{
    struct json *json;
    struct bytes hello;
    struct bytes goodbye;
    if (event->attachments_count != 1 || json_parse(event_argument(event, 0), &json) != LC_OK) {
        return false;
    }
    bool is_right =
        json_to_text(json_member(json, "hello"), &hello) && bytes_equal_text(hello, "lol") &&
        json_is_object(json_member(json, "message")) &&
        json_to_text(json_member(json, "goodbye"), &goodbye) && bytes_equal_text(goodbye, "gotcha");
    json_destroy(json);
    return is_right;
}

static void emit(struct suite *suite, struct socketio_socket_id socket, const char *event,
                 const char *arguments)
{
    socketio_emit(suite->socketio, socket, bytes_text(event), bytes_text(arguments));
}

// Simple questions and their answers; false: the event is none of them.
static bool answer_text(struct suite *suite, struct socketio_socket_id socket,
                        const struct socketio_event *event)
{
    static const char *const utf8[] = {"\"てすと\"", "\"Я Б Г Д Ж Й\"", "\"Ä ä Ü ü ß\"",
                                       "\"utf8 — string\"", "\"utf8 — string\""};
    struct socketio_server *server = suite->socketio;
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    if (event_is(event, "hi")) {
        emit(suite, socket, "hi", "");
    } else if (event_is(event, "false")) {
        emit(suite, socket, "false", "false");
    } else if (event_is(event, "getUtf8")) {
        for (size_t i = 0; i < sizeof utf8 / sizeof utf8[0]; i++) {
            emit(suite, socket, "takeUtf8", utf8[i]);
        }
    } else if (event_is(event, "getDate")) {
        append_date(&text);
        socketio_emit(server, socket, bytes_text("takeDate"), buffer_bytes(&text));
    } else if (event_is(event, "getDateObj")) {
        buffer_append_text(&text, "{\"date\":");
        append_date(&text);
        buffer_append_byte(&text, '}');
        socketio_emit(server, socket, bytes_text("takeDateObj"), buffer_bytes(&text));
    } else if (event_is(event, "ack")) {
        (void)socketio_emit_with_ack(server, socket, event->name, bytes_text(""), NULL, 0);
    } else {
        return false;
    }
    buffer_release(&text);
    return true;
}

static bool answer_ack(struct suite *suite, struct socketio_socket_id socket,
                       const struct socketio_event *event)
{
    struct socketio_server *server = suite->socketio;
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    if (event_is(event, "echo")) {
        struct bytes argument = event_argument(event, 0);
        socketio_ack_binary(server, socket, event->ack_id,
                            argument.size > 0 ? argument : bytes_text("null"), event->attachments,
                            event->attachments_count);
        return true;
    }
    if (event_is(event, "getAckDate")) {
        append_date(&text);
    } else if (event_is(event, "getHandshake")) {
        handshake_text(suite, socket, &text);
    } else if (event_is(event, "getId")) {
        buffer_append_byte(&text, '"');
        buffer_append(&text, socketio_socket_sid(server, socket));
        buffer_append_byte(&text, '"');
    } else {
        return false;
    }
    socketio_ack(server, socket, event->ack_id, buffer_bytes(&text));
    buffer_release(&text);
    return true;
}

// Events of a sequence: each counts behind the one before only.
static void follow(struct suite *suite, struct socketio_socket_id socket,
                   const struct socketio_event *event)
{
    static const struct {
        const char *name;
        const char *before;
        const char *text; // NULL: a binary; "": whatever
        const char *answer;
    } steps[] = {
        {"abuff1", NULL, NULL, NULL},          {"abuff2", "abuff1", "", "abuff2-ack"},
        {"blob1", NULL, NULL, NULL},           {"blob2", "blob1", "\"second\"", NULL},
        {"blob3", "blob2", NULL, "blob3-ack"},
    };
    struct guest *guest = guest_of(suite, socket);
    for (size_t i = 0; guest != NULL && i < sizeof steps / sizeof steps[0]; i++) {
        if (!event_is(event, steps[i].name)) {
            continue;
        }
        bool is_right = steps[i].text == NULL
                            ? is_binary(event)
                            : steps[i].text[0] == '\0' ||
                                  bytes_equal_text(event_argument(event, 0), steps[i].text);
        is_right =
            is_right && (steps[i].before == NULL || strcmp(guest->last, steps[i].before) == 0);
        snprintf(guest->last, sizeof guest->last, "%s", is_right ? steps[i].name : "");
        if (is_right && steps[i].answer != NULL) {
            emit(suite, socket, steps[i].answer, "");
        }
    }
}

static void answer_binary(struct suite *suite, struct socketio_socket_id socket,
                          const struct socketio_event *event)
{
    struct bytes bytes = bytes_text(ORDERLY_BYTES);
    if (event_is(event, "doge") || event_is(event, "getbin")) {
        socketio_emit_binary(suite->socketio, socket,
                             bytes_text(event_is(event, "doge") ? "doge" : "takebin"),
                             bytes_text(ONE_PLACE), &bytes, 1);
    } else if (event_is(event, "buffa") && is_binary(event)) {
        emit(suite, socket, "buffack", "");
    } else if (event_is(event, "blob") && is_binary(event)) {
        emit(suite, socket, "back", "");
    } else if (event_is(event, "jsonbuff") && is_json_with_binary(event)) {
        emit(suite, socket, "jsonbuff-ack", "");
    } else if (event_is(event, "jsonblob") && is_json_with_binary(event)) {
        emit(suite, socket, "jsonblob-ack", "");
    } else {
        follow(suite, socket, event);
    }
}

static void on_event(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    struct suite *suite = app;
    struct bytes name = socketio_socket_namespace(suite->socketio, socket);
    bool is_root = bytes_equal_text(name, "/");
    bool is_foo = bytes_equal_text(name, "/foo") && event_is(event, "getId");
    if ((is_root || is_foo) && !answer_ack(suite, socket, event) && is_root &&
        !answer_text(suite, socket, event)) {
        answer_binary(suite, socket, event);
    }
}

// 5 and an object with a `test` that counts as true.
static void on_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                   const struct socketio_event *answer)
{
    (void)ack_id;
    struct suite *suite = app;
    struct json *json;
    bool is_true = true;
    if (!bytes_equal_text(event_argument(answer, 0), "5") ||
        json_parse(event_argument(answer, 1), &json) != LC_OK) {
        return;
    }
    const struct json *test = json_member(json, "test");
    struct bytes text;
    int64_t number;
    if (json_to_text(test, &text)) {
        is_true = text.size > 0;
    } else if (json_to_int64(test, &number)) {
        is_true = number != 0;
    }
    (void)json_to_bool(test, &is_true);
    if (test != NULL && !json_is_null(test) && is_true) {
        emit(suite, socket, "got it", "");
    }
    json_destroy(json);
}

static enum lc_status create(struct suite *suite)
{
    static const struct socketio_app_ops ops = {
        .on_connect = on_connect,
        .on_recovered = on_recovered,
        .on_event = on_event,
        .on_disconnect = on_disconnect,
        .on_ack = on_ack,
        .on_data_dropped = on_data_dropped,
    };
    static const char *const names[] = {"/",      "/no",  "/foo", "/timeout_socket",
                                        "/valid", "/asd", "/abc"};
    enum lc_status status = suite_create_socketio(suite, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && status == LC_OK; i++) {
        status = socketio_namespace_add(suite->socketio, bytes_text(names[i]), &ops, suite);
    }
    return status;
}

const struct profile PROFILE_SOCKETIO_CLIENT = {
    .name = "socketio-client",
    .port = 3210,
    .path = "/socket.io/",
    .cors = "none",
    .ping_interval_ms = 2000,
    .recovery_ms = 120000,
    .admission_delay_ms = 10,
    .create = create,
};
