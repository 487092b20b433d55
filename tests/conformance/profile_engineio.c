// Profiles of Engine.IO alone: every message comes back, and what the official client's own suite
// expects besides.
#include <stdlib.h>
#include <time.h>

#include "tests/conformance/suite.h"

struct echo {
    struct engineio_session_id session;
    struct frame *first;
    struct frame **last;
};

static void echo_send(struct suite *suite, struct echo *echo, bool binary, struct bytes data)
{
    struct bytes parts[] = {bytes_text(binary ? "" : "4"), data};
    struct frame *frame;
    if (frame_create(binary, parts, 2, &frame) == LC_OK) {
        *echo->last = frame;
        echo->last = &frame->next;
        engineio_touch(suite->engine, echo->session);
    }
}

static void *echo_open(void *app, struct engineio_session_id session)
{
    struct suite *suite = app;
    struct echo *echo = calloc(1, sizeof *echo);
    if (echo != NULL) {
        echo->session = session;
        echo->last = &echo->first;
        if (suite->options.profile == &PROFILE_ENGINEIO_CLIENT) {
            echo_send(suite, echo, false, bytes_text("hi"));
        }
    }
    return echo;
}

static void send_headers(struct suite *suite, struct echo *echo)
{
    const struct engineio_request *request = engineio_current_request(suite->engine);
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    append_headers(&text, request == NULL ? NULL : request->handshake.headers,
                   request == NULL ? 0 : request->handshake.headers_count);
    echo_send(suite, echo, false, buffer_bytes(&text));
    buffer_release(&text);
}

static void echo_message(void *app, void *connection, bool binary, struct bytes data)
{
    static const uint8_t five[] = {0, 1, 2, 3, 4};
    struct suite *suite = app;
    bool is_plain = binary || suite->options.profile != &PROFILE_ENGINEIO_CLIENT;
    if (!is_plain && bytes_equal_text(data, "give binary")) {
        echo_send(suite, connection, true, bytes_of(five, sizeof five));
    } else if (!is_plain && bytes_equal_text(data, "give utf8")) {
        echo_send(suite, connection, false, bytes_text("пойду спать всем спокойной ночи"));
    } else if (!is_plain && bytes_equal_text(data, "sendHeaders")) {
        send_headers(suite, connection);
    } else {
        echo_send(suite, connection, binary, data);
    }
}

static const struct frame *echo_peek(void *app, void *connection, uint64_t fresh_from)
{
    (void)app, (void)fresh_from;
    return ((struct echo *)connection)->first;
}

static void echo_pop(void *app, void *connection)
{
    (void)app;
    struct echo *echo = connection;
    struct frame *frame = echo->first;
    echo->first = frame->next;
    echo->last = echo->first == NULL ? &echo->first : echo->last;
    frame_destroy(frame);
}

static void echo_close(void *app, void *connection, enum engineio_reason reason)
{
    (void)reason;
    struct echo *echo = connection;
    while (echo->first != NULL) {
        echo_pop(app, echo);
    }
    free(echo);
}

static void echo_nothing(void *app, void *connection)
{
    (void)app, (void)connection;
}

static void append_cookies(void *app, struct engineio_session_id session, struct buffer *lines)
{
    (void)app, (void)session;
    char now[64];
    struct tm parts;
    time_t seconds = time(NULL);
    gmtime_r(&seconds, &parts);
    now[strftime(now, sizeof now, "%a, %d %b %Y %H:%M:%S GMT", &parts)] = 0;
    buffer_append_format(lines,
                         "Set-Cookie: 1=1; Max-Age=86400\r\n"
                         "Set-Cookie: 2=2; Path=/; HttpOnly; Secure; SameSite=Strict\r\n"
                         "Set-Cookie: 3=3; Max-Age=0\r\n"
                         "Set-Cookie: 4=4; Expires=%s\r\n",
                         now);
}

static enum lc_status create(struct suite *suite)
{
    const struct socketio_config *from = &suite->options.socketio;
    struct engineio_config *config = &suite->options.engine;
    config->ping_interval_ms = from->ping_interval_ms;
    config->ping_timeout_ms = from->ping_timeout_ms;
    config->upgrade_timeout_ms = from->upgrade_timeout_ms;
    config->max_payload = from->max_payload;
    config->sessions_max = from->sessions_max;
    config->allow_upgrades = from->allow_upgrades;
    config->allow_polling = from->allow_polling;
    config->allow_websocket = from->allow_websocket;
    config->allow_eio3 = from->allow_eio3;
    config->random = suite_random;
    struct engineio_app_ops ops = suite_engine_ops(suite);
    ops.on_open = echo_open;
    ops.on_message = echo_message;
    ops.on_close = echo_close;
    ops.on_deadline = echo_nothing;
    ops.before_send = echo_nothing;
    ops.peek = echo_peek;
    ops.pop = echo_pop;
    suite->options.web.hides_bundle = true;
    if (suite->options.profile == &PROFILE_ENGINEIO_CLIENT) {
        config->keep_post_headers = true;
        ops.initial_headers = append_cookies;
    }
    return engineio_create(config, &ops, suite, &suite->engine);
}

const struct profile PROFILE_ENGINEIO = {
    .name = "engineio",
    .port = 3000,
    .path = "/engine.io/",
    .cors = "*",
    .ping_interval_ms = 300,
    .ping_timeout_ms = 200,
    .create = create,
};

const struct profile PROFILE_ENGINEIO_CLIENT = {
    .name = "engineio-client",
    .port = 3000,
    .path = "/engine.io/",
    .cors = "none",
    .ping_interval_ms = 500,
    .max_payload = 100,
    .create = create,
};
