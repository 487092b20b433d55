#include "tests/unit/socketio_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#define PROBE (ENGINEIO_RELAYED_BIT | 1)

struct mood mood;

// ---- the application ----

static bool on_export(void *app, struct socketio_socket_id socket, struct bytes node,
                      struct buffer *out_state)
{
    struct world *world = app;
    buffer_append_format(&world->told, "export %.*s to %.*s\n",
                         (int)socketio_socket_namespace(world->server, socket).size,
                         (const char *)socketio_socket_namespace(world->server, socket).data,
                         (int)node.size, (const char *)node.data);
    if (mood.exports_left-- <= 0) {
        return false;
    }
    if (mood.exports != NULL) {
        buffer_append_text(out_state, mood.exports);
    } else {
        buffer_append_text(out_state, "state of ");
        buffer_append(out_state, socketio_socket_sid(world->server, socket));
    }
    return true;
}

static void on_moved(void *app, struct socketio_socket_id socket)
{
    struct world *world = app;
    assert_false(socketio_socket_is_open(world->server, socket));
    buffer_append_format(&world->told, "moved %.*s\n",
                         (int)socketio_socket_sid(world->server, socket).size,
                         (const char *)socketio_socket_sid(world->server, socket).data);
}

static bool on_import(void *app, struct socketio_socket_id socket, struct bytes name,
                      struct bytes state, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    assert_true(handshake->query.size > 0);
    world->sockets[world->sockets_count++] = socket;
    assert_true(socketio_socket_is_open(world->server, socket));
    assert_int_equal(socketio_socket_transport(world->server, socket), SOCKETIO_WEBSOCKET);
    buffer_append_format(&world->told, "import %.*s %.*s\n", (int)name.size,
                         (const char *)name.data, (int)state.size, (const char *)state.data);
    if (mood.imports_emit) {
        socketio_emit(world->server, socket, bytes_text("here"), bytes_text(""));
    }
    if (mood.imports_join != NULL) {
        join(world, world->sockets_count - 1, mood.imports_join);
    }
    if (mood.imports_end || mood.imports_close) {
        socketio_disconnect(world->server, socket, mood.imports_close);
    }
    return mood.imports_left-- > 0;
}

// ---- two servers ----

static void make_pair(struct pair *pair)
{
    struct world **worlds[] = {&pair->from, &pair->to};
    for (size_t i = 0; i < 2; i++) {
        void *world;
        world_set_up(&world);
        *worlds[i] = world;
        (*worlds[i])->ops.on_export = on_export;
        (*worlds[i])->ops.on_moved = on_moved;
        (*worlds[i])->ops.on_import = on_import;
        (*worlds[i])->config.allow_eio3 = true;
        (*worlds[i])->config.allow_msgpack = true;
    }
    buffer_init(&pair->state, 1 << 24);
    mood = (struct mood){.exports_left = 1000, .imports_left = 1000};
}

int pair_set_up(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    make_pair(pair);
    *state = pair;
    return 0;
}

int pair_tear_down(void **state)
{
    struct pair *pair = *state;
    void *worlds[] = {pair->from, pair->to};
    world_tear_down(&worlds[0]);
    world_tear_down(&worlds[1]);
    buffer_release(&pair->state);
    free(pair);
    return 0;
}

static void on_probe_close(void *relay, uint64_t ws)
{
    (void)relay;
    assert_int_equal(ws, PROBE);
}

void pair_start(struct pair *pair)
{
    struct engineio_relay_ops relay = {.probe_close = on_probe_close};
    world_start(pair->from);
    world_start(pair->to);
    engineio_set_relay(pair->from->engine, &relay, NULL);
}

size_t polling_client(struct world *world, const char *connect)
{
    size_t link = world_polling(world);
    if (connect != NULL) {
        world_receive(world, link, connect);
        world_poll(world, link);
    }
    world_forget(world);
    return link;
}

static struct bytes sid_of(const struct world *world, size_t link)
{
    return bytes_of(world->links[link].sid, ENGINEIO_SID_SIZE);
}

void probe(struct pair *pair, size_t link)
{
    struct world *from = pair->from;
    char query[50];
    snprintf(query, sizeof query, "EIO=%d&transport=websocket", from->protocol);
    assert_int_equal(engineio_probe_begin(from->engine, from->now_ms, sid_of(from, link),
                                          bytes_text(query), PROBE),
                     ENGINEIO_PROBE_BEGUN);
    engineio_probe_ready(from->engine, from->now_ms, sid_of(from, link), PROBE);
    engineio_flush(from->engine, from->now_ms);
}

enum lc_status take_out(struct pair *pair, size_t link)
{
    struct world *from = pair->from;
    buffer_clear(&pair->state);
    enum lc_status status = engineio_export(from->engine, from->now_ms, sid_of(from, link), PROBE,
                                            bytes_text("NODE"), &pair->state);
    world_flush(from);
    return status;
}

enum lc_status put_in(struct pair *pair, struct bytes state, size_t *out_link)
{
    struct world *to = pair->to;
    assert_true(to->links_count < WORLD_LINKS);
    size_t link = to->links_count++;
    to->links[link].websocket = true;
    enum lc_status status =
        engineio_import(to->engine, to->now_ms, state, link + 1, &to->links[link].session);
    to->links_count -= status == LC_OK ? 0 : 1;
    *out_link = link;
    world_flush(to);
    return status;
}

void finish(struct pair *pair, size_t link)
{
    engineio_export_done(pair->from->engine, pair->from->now_ms, sid_of(pair->from, link));
    world_flush(pair->from);
}

void give_back(struct pair *pair, size_t link)
{
    engineio_export_failed(pair->from->engine, pair->from->now_ms, sid_of(pair->from, link));
    world_flush(pair->from);
}

size_t move(struct pair *pair, size_t link)
{
    size_t moved;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    finish(pair, link);
    return moved;
}

struct socketio_counts counts_of(const struct world *world)
{
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    return counts;
}

void expect_nothing(const struct world *world)
{
    struct socketio_counts counts = counts_of(world);
    assert_int_equal(counts.sessions_open, 0);
    assert_int_equal(counts.sessions_websocket, 0);
    assert_int_equal(counts.sockets_open, 0);
}

void emit(struct world *world, size_t socket, const char *event, const char *arguments)
{
    socketio_emit(world->server, world->sockets[socket], bytes_text(event), bytes_text(arguments));
}

void emit_room(struct world *world, const char *room, const char *event, bool is_volatile)
{
    socketio_room_emit(world->server, bytes_text("/"), bytes_text(room), bytes_text(event),
                       bytes_text(""), is_volatile);
}

void join(struct world *world, size_t socket, const char *room)
{
    assert_int_equal(socketio_room_join(world->server, world->sockets[socket], bytes_text(room)),
                     LC_OK);
}

size_t full_client(struct pair *pair)
{
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    world_poll(pair->from, link);
    join(pair->from, 0, "r");
    world_receive(pair->from, link, "427[\"a\"]");
    emit_room(pair->from, "r", "e", false);
    struct bytes file = bytes_text("file");
    (void)socketio_emit_with_ack(pair->from->server, pair->from->sockets[1], bytes_text("q"),
                                 bytes_text("{\"_placeholder\":true,\"num\":0}"), &file, 1);
    world_receive(
        pair->from, link,
        "452-5[\"e\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]\x1e"
        "b"
        "b25l");
    world_forget(pair->from);
    return link;
}
