#include "tests/bench/load_session.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/epoll.h>
#include <time.h>

#include "tests/bench/load_frames.h"
#include "tests/bench/load_http.h"

enum { OUTBOX_MAX = 1 << 20, SEPARATOR = 0x1e, SHOWN_MAX = 60 };

uint64_t load_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

void load_session_fail(struct load_session *session, const char *what, struct bytes shown)
{
    int size = (int)(shown.size < SHOWN_MAX ? shown.size : SHOWN_MAX);
    load_tally_fail(&session->world->tally, "session %" PRIu32 ": %s: %.*s", session->index, what,
                    size, (const char *)shown.data);
    load_session_close(session);
}

static void fail_lost(struct load_session *session, const char *what)
{
    load_session_fail(session, what, bytes_text(strerror(errno)));
}

// ---- out ----

static bool open_connection(struct load_session *session, struct load_connection *connection)
{
    const struct load_world *world = session->world;
    uint16_t port = session->is_open && world->later_port != 0 ? world->later_port : world->port;
    return connection->is_open ||
           load_connection_open(connection, world->epoll, port, session->index, session);
}

static void send_area(struct load_session *session, struct load_connection *connection,
                      const char *what)
{
    struct load_world *world = session->world;
    if (!open_connection(session, connection) ||
        !load_connection_send(connection, world->epoll, buffer_bytes(&world->area))) {
        fail_lost(session, what);
    }
}

static void send_frame(struct load_session *session, enum load_opcode opcode, struct bytes payload)
{
    struct load_world *world = session->world;
    buffer_clear(&world->area);
    load_frame_write(&world->area, opcode, payload, (uint32_t)load_now_ns() * 2654435761U);
    send_area(session, &session->ws, "WebSocket");
}

static void send_get(struct load_session *session)
{
    struct load_world *world = session->world;
    session->poll_waits = true;
    buffer_clear(&world->area);
    load_http_get(&world->area, world->port, session->sid, (uint32_t)load_now_ns() | 1U);
    send_area(session, &session->poll, "GET");
}

static void send_post(struct load_session *session)
{
    struct load_world *world = session->world;
    session->post_waits = true;
    buffer_clear(&world->area);
    load_http_post(&world->area, world->port, session->sid, (uint32_t)load_now_ns() | 1U,
                   buffer_bytes(&session->outbox));
    buffer_release(&session->outbox);
    buffer_init(&session->outbox, OUTBOX_MAX);
    send_area(session, &session->post, "POST");
}

static void send_upgrade(struct load_session *session)
{
    struct load_world *world = session->world;
    session->ws_waits = true;
    buffer_clear(&world->area);
    load_http_upgrade(&world->area, world->port, session->sid);
    send_area(session, &session->ws, "upgrade");
}

// Packets that waited while polling was paused follow the `5`.
static void switch_carrier(struct load_session *session)
{
    session->carrier = LOAD_BY_WEBSOCKET;
    send_frame(session, LOAD_FRAME_TEXT, bytes_text("5"));
    struct bytes rest = buffer_bytes(&session->outbox);
    while (rest.size > 0 && !session->is_closed) {
        size_t end = bytes_find(rest, SEPARATOR, 0);
        send_frame(session, LOAD_FRAME_TEXT, bytes_of(rest.data, end));
        rest = bytes_from(rest, end + 1);
    }
    buffer_clear(&session->outbox);
}

// Starts what may start now.
static void advance(struct load_session *session)
{
    bool idle = !session->poll_waits && !session->post_waits;
    if (session->carrier == LOAD_BY_NOTHING && idle) {
        switch_carrier(session);
    } else if (session->carrier == LOAD_BY_POLLING && session->is_open) {
        if (session->outbox.size > 0 && !session->post_waits && !session->is_closed) {
            send_post(session);
        }
        if (!session->poll_waits && !session->is_closed) {
            send_get(session);
        }
        if (session->transport == LOAD_UPGRADE && !session->ws_waits && !session->is_closed) {
            send_upgrade(session);
        }
    }
    bool live = session->is_joined &&
                (session->transport != LOAD_UPGRADE || session->carrier == LOAD_BY_WEBSOCKET);
    if (live && !session->is_live && !session->is_closed) {
        session->is_live = true;
        session->world->tally.live++;
    }
}

void load_session_say(struct load_session *session, struct bytes packet)
{
    if (session->carrier == LOAD_BY_WEBSOCKET) {
        send_frame(session, LOAD_FRAME_TEXT, packet);
        return;
    }
    if (session->outbox.size > 0) {
        buffer_append_byte(&session->outbox, SEPARATOR);
    }
    buffer_append(&session->outbox, packet);
}

// ---- in: packets ----

static void on_opened(struct load_session *session, struct bytes packet)
{
    static const char before[] = "0{\"sid\":\"";
    size_t end = bytes_find(packet, '"', sizeof before - 1);
    size_t size = end - (sizeof before - 1);
    if (session->is_open || !bytes_starts_with(packet, bytes_text(before)) || end == packet.size ||
        size >= sizeof session->sid) {
        load_session_fail(session, "no handshake", packet);
        return;
    }
    memcpy(session->sid, packet.data + sizeof before - 1, size);
    session->is_open = true;
    buffer_clear(&session->world->text);
    session->world->play->connect(session, &session->world->text);
    load_session_say(session, buffer_bytes(&session->world->text));
}

static void on_message(struct load_session *session, struct bytes packet)
{
    switch (packet.size > 1 ? packet.data[1] : 0) {
    case '0':
        session->is_joined = true;
        break;
    case '2':
        session->world->play->on_event(session, packet);
        break;
    case '3':
        session->world->play->on_ack(session, packet);
        break;
    default: // a character of the wire
        load_session_fail(session, "unexpected message", packet);
        break;
    }
}

static void on_packet(struct load_session *session, struct bytes packet)
{
    if (packet.size > 0 && packet.data[0] == '4') {
        on_message(session, packet);
    } else if (packet.size > 0 && packet.data[0] == '0') {
        on_opened(session, packet);
    } else if (bytes_equal_text(packet, "2")) {
        session->world->tally.pings++;
        load_session_say(session, bytes_text("3"));
    } else if (bytes_equal_text(packet, "3probe") && session->carrier == LOAD_BY_POLLING) {
        session->carrier = LOAD_BY_NOTHING;
    } else if (!bytes_equal_text(packet, "6")) {
        load_session_fail(session, "unexpected packet", packet);
    }
}

// ---- in: connections ----

static void on_poll(struct load_session *session, struct bytes data)
{
    struct load_http_response response;
    enum load_progress progress = load_http_read(data, &response);
    if (progress == LOAD_NEED_MORE) {
        load_connection_used(&session->poll, data, 0);
        return;
    }
    if (progress == LOAD_BAD || response.status != 200 || !session->poll_waits) {
        load_session_fail(session, "answer to GET", data);
        return;
    }
    bool is_handshake = !session->is_open;
    session->poll_waits = false;
    for (struct bytes rest = response.body; rest.size > 0 && !session->is_closed;) {
        size_t end = bytes_find(rest, SEPARATOR, 0);
        on_packet(session, bytes_of(rest.data, end));
        rest = bytes_from(rest, end + 1);
    }
    load_connection_used(&session->poll, data, response.size);
    if (response.closes || (is_handshake && session->world->later_port != 0)) {
        load_connection_close(&session->poll);
    }
}

static void on_post(struct load_session *session, struct bytes data)
{
    struct load_http_response response;
    enum load_progress progress = load_http_read(data, &response);
    if (progress == LOAD_NEED_MORE) {
        load_connection_used(&session->post, data, 0);
        return;
    }
    if (progress == LOAD_BAD || response.status != 200 || !session->post_waits) {
        load_session_fail(session, "answer to POST", data);
        return;
    }
    session->post_waits = false;
    load_connection_used(&session->post, data, response.size);
    if (response.closes) {
        load_connection_close(&session->post);
    }
}

static void on_frame(struct load_session *session, const struct load_frame *frame)
{
    if (frame->opcode == LOAD_FRAME_TEXT) {
        on_packet(session, frame->payload);
    } else if (frame->opcode == LOAD_FRAME_PING) {
        send_frame(session, LOAD_FRAME_PONG, frame->payload);
    } else {
        load_session_fail(session, "unexpected frame", frame->payload);
    }
}

// The size of the 101; 0 when it is not whole, or is another answer.
static size_t on_upgraded(struct load_session *session, struct bytes data)
{
    struct load_http_response response;
    enum load_progress progress = load_http_read(data, &response);
    if (progress == LOAD_NEED_MORE) {
        return 0;
    }
    if (progress == LOAD_BAD || !response.is_websocket) {
        load_session_fail(session, "answer to the upgrade", data);
        return 0;
    }
    session->ws_is_up = true;
    if (session->transport == LOAD_UPGRADE) {
        send_frame(session, LOAD_FRAME_TEXT, bytes_text("2probe"));
    }
    return response.size;
}

static void on_ws(struct load_session *session, struct bytes data)
{
    size_t used = session->ws_is_up ? 0 : on_upgraded(session, data);
    while (session->ws_is_up && !session->is_closed) {
        struct load_frame frame;
        enum load_progress progress = load_frame_read(bytes_from(data, used), &frame);
        if (progress == LOAD_NEED_MORE) {
            break;
        }
        if (progress == LOAD_BAD) {
            load_session_fail(session, "bad frame", bytes_from(data, used));
            return;
        }
        on_frame(session, &frame);
        used += frame.size;
    }
    load_connection_used(&session->ws, data, used);
}

// The server may close a kept connection on which nothing is asked, as browsers expect it.
static void on_lost(struct load_session *session, struct load_connection *connection)
{
    bool kept = (connection == &session->poll && !session->poll_waits) ||
                (connection == &session->post && !session->post_waits);
    if (kept) {
        load_connection_close(connection);
    } else {
        fail_lost(session, "connection lost");
    }
}

void load_session_event(struct load_session *session, struct load_connection *connection,
                        uint32_t events)
{
    struct bytes data = bytes_of(NULL, 0);
    if (!connection->is_open) {
        return; // closed by an earlier event of this turn
    }
    if (!load_connection_flush(connection, session->world->epoll)) {
        on_lost(session, connection);
        return;
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) {
        return;
    }
    if (!load_connection_receive(connection, &data)) {
        on_lost(session, connection);
    } else if (data.size > 0 && connection == &session->poll) {
        on_poll(session, data);
    } else if (data.size > 0 && connection == &session->post) {
        on_post(session, data);
    } else if (data.size > 0) {
        on_ws(session, data);
    }
    if (!session->is_closed) {
        advance(session);
    }
}

// ---- what a run asks for ----

void load_session_start(struct load_session *session, struct load_world *world, uint32_t index,
                        enum load_transport transport)
{
    *session = (struct load_session){.world = world, .index = index, .transport = transport};
    buffer_init(&session->outbox, OUTBOX_MAX);
    if (transport == LOAD_WEBSOCKET) {
        session->carrier = LOAD_BY_WEBSOCKET;
        send_upgrade(session);
    } else {
        session->carrier = LOAD_BY_POLLING;
        send_get(session);
    }
}

void load_session_close(struct load_session *session)
{
    load_connection_close(&session->poll);
    load_connection_close(&session->post);
    load_connection_close(&session->ws);
    buffer_release(&session->outbox);
    session->is_closed = true;
}

void load_session_ask(struct load_session *session, struct bytes packet)
{
    load_session_say(session, packet);
    if (!session->is_closed) {
        advance(session);
    }
}
