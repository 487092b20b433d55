// Connections that move from one server to another: what the client sees and what both applications
// are told, for everything that a connection can be in the middle of.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/engineio/foreign.h"
#include "tests/unit/socketio_world.h"

#define PROBE (ENGINEIO_RELAYED_BIT | 1)

struct pair { // a holder and the node where the WebSocket arrives
    struct world *from;
    struct world *to;
    struct buffer state;
};

static const char *exports; // what the application writes; NULL: "state of SID"
static int exports_left;    // after so many it says no
static int imports_left;    // the same
static bool imports_emit;   // a greeting
static bool imports_end;    // its socket, or the connection
static bool imports_close;

// ---- the application ----

static bool on_export(void *app, struct socketio_socket_id socket, struct bytes node,
                      struct buffer *out_state)
{
    struct world *world = app;
    buffer_append_format(&world->told, "export %.*s to %.*s\n",
                         (int)socketio_socket_namespace(world->server, socket).size,
                         (const char *)socketio_socket_namespace(world->server, socket).data,
                         (int)node.size, (const char *)node.data);
    if (exports_left-- <= 0) {
        return false;
    }
    if (exports != NULL) {
        buffer_append_text(out_state, exports);
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
    if (imports_emit) {
        socketio_emit(world->server, socket, bytes_text("here"), bytes_text(""));
    }
    if (imports_end || imports_close) {
        socketio_disconnect(world->server, socket, imports_close);
    }
    return imports_left-- > 0;
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
    exports = NULL;
    exports_left = 1000;
    imports_left = 1000;
    imports_emit = false;
    imports_end = false;
    imports_close = false;
}

static int set_up(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    make_pair(pair);
    *state = pair;
    return 0;
}

static int tear_down(void **state)
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

static void start(struct pair *pair)
{
    struct engineio_relay_ops relay = {.probe_close = on_probe_close};
    world_start(pair->from);
    world_start(pair->to);
    engineio_set_relay(pair->from->engine, &relay, NULL);
}

// A client with a polling session; what came with the connect is forgotten.
static size_t polling_client(struct world *world, const char *connect)
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

static void probe(struct pair *pair, size_t link)
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

static enum lc_status take_out(struct pair *pair, size_t link)
{
    struct world *from = pair->from;
    buffer_clear(&pair->state);
    enum lc_status status = engineio_export(from->engine, from->now_ms, sid_of(from, link), PROBE,
                                            bytes_text("NODE"), &pair->state);
    world_flush(from);
    return status;
}

static enum lc_status put_in(struct pair *pair, struct bytes state, size_t *out_link)
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

static void finish(struct pair *pair, size_t link)
{
    engineio_export_done(pair->from->engine, pair->from->now_ms, sid_of(pair->from, link));
    world_flush(pair->from);
}

// The whole move; the client's link there.
static size_t move(struct pair *pair, size_t link)
{
    size_t moved;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    finish(pair, link);
    return moved;
}

static struct socketio_counts counts_of(const struct world *world)
{
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    return counts;
}

static void expect_nothing(const struct world *world)
{
    struct socketio_counts counts = counts_of(world);
    assert_int_equal(counts.sessions_open, 0);
    assert_int_equal(counts.sessions_websocket, 0);
    assert_int_equal(counts.sockets_open, 0);
}

static void emit(struct world *world, size_t socket, const char *event, const char *arguments)
{
    socketio_emit(world->server, world->sockets[socket], bytes_text(event), bytes_text(arguments));
}

static void emit_room(struct world *world, const char *room, const char *event, bool is_volatile)
{
    socketio_room_emit(world->server, bytes_text("/"), bytes_text(room), bytes_text(event),
                       bytes_text(""), is_volatile);
}

static void join(struct world *world, size_t socket, const char *room)
{
    assert_int_equal(socketio_room_join(world->server, world->sockets[socket], bytes_text(room)),
                     LC_OK);
}

// ---- who moves ----

static void a_socket_arrives_with_its_sid_and_what_the_application_says(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    char sid[30];
    struct bytes old = socketio_socket_sid(pair->from->server, pair->from->sockets[0]);
    snprintf(sid, sizeof sid, "%.*s", (int)old.size, (const char *)old.data);
    size_t moved = move(pair, link);
    char told[100];
    snprintf(told, sizeof told, "export / to NODE\nmoved %s\n", sid);
    world_told(pair->from, told);
    snprintf(told, sizeof told, "import / state of %s\n", sid);
    world_told(pair->to, told);
    expect_nothing(pair->from);
    assert_int_equal(counts_of(pair->to).sockets_open, 1);
    assert_int_equal(counts_of(pair->to).sessions_websocket, 1);
    assert_int_equal(counts_of(pair->from).moved_away_total, 1);
    assert_int_equal(counts_of(pair->to).moved_here_total, 1);
    assert_int_equal(socketio_socket_of_sid(pair->to->server, bytes_text(sid)).value,
                     pair->to->sockets[0].value);
    assert_int_equal(socketio_socket_of_sid(pair->from->server, bytes_text(sid)).value, 0);
    emit(pair->to, 0, "e", "1");
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"e\",1]\n");
    world_receive(pair->to, moved, "42[\"x\",2]");
    world_told(pair->to, "event x(2)\n");
    world_gone(pair->to, moved);
    world_told(pair->to,
               "disconnecting transport close, rooms\ndisconnect transport close, rooms\n");
}

static void every_namespace_comes_along(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    world_receive(pair->from, link, "40/b,");
    world_poll(pair->from, link);
    world_forget(pair->from);
    exports = "s";
    size_t moved = move(pair, link);
    world_told(pair->from, "export /b to NODE\nexport /a to NODE\nexport / to NODE\n"
                           "moved $\nmoved $\nmoved $\n");
    world_told(pair->to, "import /b s\nimport /a s\nimport / s\n");
    world_receive(pair->to, moved, "42/a,[\"x\"]");
    world_told(pair->to, "event x()\n");
    world_receive(pair->to, moved, "41/b,");
    world_told(pair->to, "disconnecting client namespace disconnect, rooms\n"
                         "disconnect client namespace disconnect, rooms\n");
    assert_int_equal(counts_of(pair->to).sockets_open, 2);
}

static void a_connection_without_sockets_moves_and_connects_there(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t moved = move(pair, polling_client(pair->from, NULL));
    world_receive(pair->to, moved, "40{\"a\":1}");
    world_told(pair->to, "connect / {\"a\":1}\n");
    world_sent(pair->to, moved, "40{\"sid\":\"$\"}\n");
    world_receive(pair->to, moved, "42[\"x\"]");
    world_told(pair->to, "event x()\n");
    world_told(pair->from, "");
}

static void one_that_never_connects_is_closed_there(void **state)
{
    struct pair *pair = *state;
    pair->to->config.connect_timeout_ms = 1000; // before the heartbeat
    start(pair);
    size_t silent = move(pair, polling_client(pair->from, NULL));
    size_t connected = move(pair, polling_client(pair->from, "40"));
    world_pass(pair->to, 900);
    assert_false(pair->to->links[silent].closed);
    world_pass(pair->to, 100);
    world_flush(pair->to);
    assert_true(pair->to->links[silent].closed);
    assert_false(pair->to->links[connected].closed);
}

static void a_client_of_protocol_3_keeps_its_ids(void **state)
{
    struct pair *pair = *state;
    start(pair);
    pair->from->protocol = 3;
    size_t link = polling_client(pair->from, NULL);
    world_poll(pair->from, link); // opens the root
    world_receive(pair->from, link, "15:40/x?token=abc,");
    world_poll(pair->from, link);
    world_forget(pair->from);
    char sid[30];
    snprintf(sid, sizeof sid, "/x#%s", pair->from->links[link].sid);
    exports = "s";
    emit(pair->from, 0, "e", "1");
    size_t moved = move(pair, link);
    world_told(pair->to, "import /x s\nimport / s\n");
    assert_int_equal(socketio_socket_of_sid(pair->to->server, bytes_text(sid)).value,
                     pair->to->sockets[0].value);
    assert_true(socketio_socket_sid_is_secret(pair->to->server, pair->to->sockets[0]));
    world_sent(pair->to, moved, "42[\"e\",1]\n");
    world_receive(pair->to, moved, "42[\"x\"]");
    world_told(pair->to, "event x()\n");
}

static void a_client_of_msgpack_goes_on_in_msgpack(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = world_polling(pair->from);
    world_receive(pair->from, link, "bgqR0eXBlAKNuc3ChLw=="); // {type: 0, nsp: "/"}
    world_poll(pair->from, link);
    world_forget(pair->from);
    struct bytes file = bytes_text("xyz");
    socketio_emit_binary(pair->from->server, pair->from->sockets[0], bytes_text("e"),
                         bytes_text("{\"_placeholder\":true,\"num\":0}"), &file, 1);
    size_t moved = move(pair, link);
    const char *sent = buffer_text(&pair->to->links[moved].sent);
    assert_memory_equal(sent, "b:\x83\xa4type\x02", 9); // an EVENT, whole
    assert_non_null(strstr(sent, "xyz\xa3nsp\xa1/\n"));
    assert_int_equal(counts_of(pair->to).unencodable_total, 0);
}

// ---- what waits to be sent ----

static void what_waited_arrives_in_its_order_and_once(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    join(pair->from, 0, "s");
    emit(pair->from, 0, "a", "0");
    world_poll(pair->from, link);
    world_sent(pair->from, link, "42[\"a\",0]\n");
    emit(pair->from, 0, "a", "1");
    emit_room(pair->from, "r", "b", false);
    emit_room(pair->from, "s", "c", false);
    struct bytes files[] = {bytes_text("one"), bytes_text("two")};
    socketio_emit_binary(
        pair->from->server, pair->from->sockets[0], bytes_text("d"),
        bytes_text("{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"), files,
        2);
    emit_room(pair->from, "r", "e", false);
    emit_room(pair->from, "r", "tick", true);
    imports_emit = true;
    size_t moved = move(pair, link);
    world_sent(pair->from, link, "");
    assert_int_equal(socketio_room_size(pair->from->server, bytes_text("/"), bytes_text("r")), 0);
    world_sent(pair->to, moved,
               "42[\"a\",1]\n42[\"b\"]\n42[\"c\"]\n452-[\"d\",{\"_placeholder\":true,\"num\":0},"
               "{\"_placeholder\":true,\"num\":1}]\nb:one\nb:two\n42[\"e\"]\n42[\"here\"]\n");
}

static void volatile_events_that_waited_do_not(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    struct socketio_emission sent = emission("v", "");
    sent.is_volatile = true;
    world_poll(pair->from, link); // takes it at once, but the move comes before the flush
    socketio_send(pair->from->server, pair->from->sockets[0], &sent);
    size_t moved = move(pair, link);
    world_sent(pair->to, moved, "");
    socketio_send(pair->to->server, pair->to->sockets[0], &sent);
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"v\"]\n");
}

static void a_connect_reply_that_waited_ends_its_burst_there_too(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = world_polling(pair->from);
    world_receive(pair->from, link, "40");
    emit(pair->from, 0, "e", "1");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    size_t moved = pair->to->links_count++;
    pair->to->links[moved].websocket = true;
    assert_int_equal(engineio_import(pair->to->engine, pair->to->now_ms, buffer_bytes(&pair->state),
                                     moved + 1, &pair->to->links[moved].session),
                     LC_OK);
    engineio_flush(pair->to->engine, pair->to->now_ms);
    world_sent(pair->to, moved, "40{\"sid\":\"$\"}\n");
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"e\",1]\n");
}

static void attachments_follow_a_head_that_is_sent_already(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    static char filler[60003];
    memset(filler, '7', sizeof filler - 1);
    for (int i = 0; i < 4; i++) {
        emit(pair->from, 0, "f", filler);
    }
    struct bytes files[] = {bytes_of(filler, 40000), bytes_text("two")};
    socketio_emit_binary(
        pair->from->server, pair->from->sockets[0], bytes_text("d"),
        bytes_text("{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"), files,
        2);
    emit(pair->from, 0, "behind", "");
    world_poll(pair->from, link);
    const char *body = buffer_text(&pair->from->links[link].sent);
    assert_string_equal(strstr(body, "|452-"), "|452-[\"d\",{\"_placeholder\":true,\"num\":0},"
                                               "{\"_placeholder\":true,\"num\":1}]\n");
    size_t moved = move(pair, link);
    const char *sent = buffer_text(&pair->to->links[moved].sent);
    assert_memory_equal(sent, "b:7777", 6);
    assert_string_equal(sent + 2 + 40000, "\nb:two\n42[\"behind\"]\n");
}

static void a_member_that_has_lagged_is_told_so_there(void **state)
{
    struct pair *pair = *state;
    pair->from->config.room_ring_events = 4;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    probe(pair, link);
    for (int i = 0; i < 6; i++) { // after the last turn here
        emit_room(pair->from, "r", "e", false);
    }
    exports = "s";
    size_t moved;
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    finish(pair, link);
    world_told(pair->to, "import / s\nlagged\n");
    world_sent(pair->to, moved, "");
    world_told(pair->from, "export / to NODE\nmoved $\n");
    assert_int_equal(counts_of(pair->to).lagged_total, 1);
}

static void a_stream_that_the_queue_cannot_hold_is_a_lag(void **state)
{
    struct pair *pair = *state;
    pair->from->config.pending_bytes_max = 100;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    emit(pair->from, 0, "direct", "");
    for (int i = 0; i < 10; i++) {
        emit_room(pair->from, "r", "event", false);
    }
    exports = "s";
    size_t moved = move(pair, link);
    world_told(pair->to, "import / s\nlagged\n");
    world_sent(pair->to, moved, "42[\"direct\"]\n");
}

// ---- what is half read ----

static void a_binary_packet_is_completed_there(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link,
                  "453-5[\"e\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1},"
                  "{\"_placeholder\":true,\"num\":2}]\x1e"
                  "b"
                  "b25l");
    size_t moved = move(pair, link);
    world_forget(pair->to);
    world_receive_binary(pair->to, moved, bytes_text("two"));
    world_told(pair->to, "");
    world_receive_binary(pair->to, moved, bytes_text("three"));
    world_told(pair->to,
               "event e({\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1},"
               "{\"_placeholder\":true,\"num\":2}) <one> <two> <three>\n");
    socketio_ack(pair->to->server, pair->to->sockets[0], 5, bytes_text("1"));
    world_flush(pair->to);
    world_sent(pair->to, moved, "435[1]\n");
}

// ---- acknowledgements ----

static void what_the_client_waits_for_is_answered_there_once(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "427[\"a\"]");
    world_receive(pair->from, link, "428[\"b\"]");
    world_receive(pair->from, link, "429[\"c\"]");
    socketio_ack(pair->from->server, pair->from->sockets[0], 8, bytes_text("\"before\""));
    size_t moved = move(pair, link);
    socketio_ack(pair->from->server, pair->from->sockets[0], 9, bytes_text("0"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 9, bytes_text("9"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 7, bytes_text("7"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 7, bytes_text("again"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 8, bytes_text("again"));
    world_flush(pair->to);
    world_sent(pair->to, moved, "438[\"before\"]\n439[9]\n437[7]\n");
}

static void what_the_client_owes_comes_there(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    int64_t first = socketio_emit_with_ack(pair->from->server, pair->from->sockets[0],
                                           bytes_text("q"), bytes_text(""), NULL, 0);
    int64_t second = socketio_emit_with_ack(pair->from->server, pair->from->sockets[0],
                                            bytes_text("q"), bytes_text(""), NULL, 0);
    assert_int_equal(first, 0);
    assert_int_equal(second, 1);
    size_t moved = move(pair, link);
    world_sent(pair->to, moved, "420[\"q\"]\n421[\"q\"]\n");
    int64_t third = socketio_emit_with_ack(pair->to->server, pair->to->sockets[0], bytes_text("q"),
                                           bytes_text(""), NULL, 0);
    assert_int_equal(third, 2); // as there was none here before
    world_forget(pair->to);
    world_receive(pair->to, moved, "431[\"y\"]");
    world_receive(pair->to, moved, "430[\"x\"]");
    world_receive(pair->to, moved, "431[\"again\"]");
    world_told(pair->to, "ack 1 (\"y\")\nack 0 (\"x\")\n");
    world_told(pair->from, "export / to NODE\nmoved $\n");
}

struct outcome {
    int calls;
    enum socketio_ack_outcome outcome;
    size_t missing;
};

static void note_answer(void *context, struct socketio_socket_id socket,
                        enum socketio_ack_outcome outcome, const struct socketio_event *answer)
{
    (void)socket;
    assert_null(answer);
    *(struct outcome *)context =
        (struct outcome){((struct outcome *)context)->calls + 1, outcome, 0};
}

static void note_answers(void *context, const struct socketio_answers *answers)
{
    struct outcome *note = context;
    note->calls++;
    note->missing = answers->missing;
}

static void answers_that_somebody_waits_for_count_as_disconnected(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    struct outcome single = {0};
    struct outcome many = {0};
    struct socketio_ack_wait wait = {1000, note_answer, &single};
    struct socketio_emission sent = emission("q", "");
    struct socketio_target all = target_of("/", NULL, 0);
    (void)socketio_send_with_ack(pair->from->server, pair->from->sockets[0], &sent, &wait);
    assert_true(
        socketio_broadcast_with_ack(pair->from->server, &all, &sent, 1000, note_answers, &many));
    size_t moved = move(pair, link);
    assert_int_equal(single.calls, 1);
    assert_int_equal(single.outcome, SOCKETIO_ACK_DISCONNECTED);
    assert_int_equal(many.calls, 1);
    assert_int_equal(many.missing, 1);
    world_forget(pair->to);
    int64_t next = socketio_emit_with_ack(pair->to->server, pair->to->sockets[0], bytes_text("q"),
                                          bytes_text(""), NULL, 0);
    world_receive(pair->to, moved, "430[\"late\"]"); // for nobody, whatever was asked here since
    world_receive(pair->to, moved, "431[\"late\"]");
    world_told(pair->to, "");
    assert_int_equal(next, 2);
    world_receive(pair->to, moved, "432[]");
    world_told(pair->to, "ack 2 ()\n");
}

// ---- not now ----

static void a_socket_that_waits_for_its_decision_keeps_the_connection(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    pair->from->answers_later = true;
    world_receive(pair->from, link, "40/later,");
    world_forget(pair->from);
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    assert_int_equal(pair->state.size, 0);
    world_told(pair->from, ""); // nobody was asked
    socketio_accept(pair->from->server, pair->from->sockets[1]);
    size_t moved;
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    assert_non_null(strstr(buffer_text(&pair->to->links[moved].sent), "40/later,{\"sid\":"));
}

static void sockets_whose_owner_does_not_move_stay(void **state)
{
    struct pair *pair = *state;
    pair->from->ops.on_export = NULL;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    emit(pair->from, 0, "e", "");
    world_poll(pair->from, link);
    assert_non_null(strstr(buffer_text(&pair->from->links[link].sent), "42[\"e\"]\n"));
}

static void when_the_application_says_no_nothing_has_happened(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    emit_room(pair->from, "r", "e", false);
    exports_left = 0;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    assert_true(socketio_socket_is_open(pair->from->server, pair->from->sockets[0]));
    assert_int_equal(socketio_room_size(pair->from->server, bytes_text("/"), bytes_text("r")), 1);
    exports_left = 1;
    size_t moved;
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    world_sent(pair->to, moved, "42[\"e\"]\n");
}

static void when_it_says_no_after_a_yes_the_client_has_to_recover(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    world_forget(pair->from);
    exports_left = 1;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    world_told(pair->from, "export /a to NODE\nexport / to NODE\n"
                           "disconnecting forced server close, rooms\n"
                           "disconnect forced server close, rooms\n"
                           "disconnecting forced server close, rooms\n"
                           "disconnect forced server close, rooms\n");
    expect_nothing(pair->from);
    assert_int_equal(take_out(pair, link), LC_ERR_NOT_FOUND);
}

static void too_much_of_the_application_is_a_no(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    static char large[(1 << 18) + 2];
    memset(large, 'x', (1 << 18) + 1);
    exports = large;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    large[1 << 18] = '\0';
    assert_int_equal(take_out(pair, link), LC_OK);
}

// ---- frozen, and failed ----

static void nothing_reaches_a_socket_that_is_moving(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "427[\"a\"]");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    struct buffer before = pair->state;
    struct socketio_socket_id socket = pair->from->sockets[0];
    struct socketio_server *server = pair->from->server;
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission sent = emission("e", "");
    assert_false(socketio_socket_is_open(server, socket));
    socketio_emit(server, socket, bytes_text("e"), bytes_text(""));
    socketio_ack(server, socket, 7, bytes_text(""));
    assert_int_equal(
        socketio_emit_with_ack(server, socket, bytes_text("e"), bytes_text(""), NULL, 0), -1);
    assert_int_equal(socketio_room_join(server, socket, bytes_text("r")), LC_ERR_NOT_FOUND);
    assert_int_equal(socketio_broadcast(server, &all, &sent), 0);
    socketio_disconnect(server, socket, false);
    socketio_disconnect(server, socket, true);
    world_pass(pair->from, 1000000);
    world_flush(pair->from);
    size_t moved;
    assert_int_equal(put_in(pair, buffer_bytes(&before), &moved), LC_OK);
    finish(pair, link);
    world_sent(pair->to, moved, "");
    socketio_ack(pair->to->server, pair->to->sockets[0], 7, bytes_text("1"));
    world_flush(pair->to);
    world_sent(pair->to, moved, "437[1]\n");
}

static void when_the_move_fails_the_socket_ends_as_others_do(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    engineio_export_failed(pair->from->engine, pair->from->now_ms, sid_of(pair->from, link));
    world_flush(pair->from);
    world_told(pair->from, "export / to NODE\ndisconnecting transport error, rooms\n"
                           "disconnect transport error, rooms\n");
    expect_nothing(pair->from);
    assert_int_equal(counts_of(pair->from).moved_away_total, 0);
}

static void a_session_of_the_servers_own_recovery_is_given_up(void **state)
{
    struct pair *pair = *state;
    pair->from->config.recovery_ms = 10000;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    engineio_export_failed(pair->from->engine, pair->from->now_ms, sid_of(pair->from, link));
    assert_int_equal(counts_of(pair->from).recovery_saved, 0);
    world_told(pair->from, "export / to NODE\ndisconnecting transport error, rooms\n"
                           "disconnect transport error, rooms\n");
}

static void servers_end_with_what_is_moving(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    socketio_server_shut_down(pair->from->server);
    world_told(pair->from, "export / to NODE\ndisconnecting server shutting down, rooms\n"
                           "disconnect server shutting down, rooms\n");
    expect_nothing(pair->from);
}

// ---- arriving badly ----

static void refuse_import(struct pair *pair, size_t link)
{
    size_t moved;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_ERR_BAD_INPUT);
    expect_nothing(pair->to);
}

static void an_application_that_cannot_take_it_hears_no_more(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    imports_left = 0;
    imports_emit = true;
    exports = "s";
    refuse_import(pair, link);
    world_told(pair->to, "import / s\n");
}

static void those_that_were_taken_before_are_disconnected(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    imports_left = 1;
    exports = "s";
    refuse_import(pair, link);
    world_told(pair->to, "import /a s\nimport / s\ndisconnecting transport error, rooms\n"
                         "disconnect transport error, rooms\n");
}

static void a_server_that_cannot_hold_it_refuses(void **state)
{
    struct pair *pair = *state;
    pair->to->config.namespaces_max = 1;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    refuse_import(pair, link);
    world_told(pair->to, "");
    tear_down(state);
    set_up(state);
    pair = *state;
    pair->to->config.pending_bytes_max = 100;
    start(pair);
    link = polling_client(pair->from, "40");
    for (int i = 0; i < 10; i++) {
        emit(pair->from, 0, "event", "");
    }
    refuse_import(pair, link);
    tear_down(state);
    set_up(state);
    pair = *state;
    pair->to->config.acks_max = 1;
    start(pair);
    link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "421[\"a\"]");
    world_receive(pair->from, link, "422[\"a\"]");
    refuse_import(pair, link);
    tear_down(state);
    set_up(state);
    pair = *state;
    pair->to->ops.on_import = NULL;
    start(pair);
    refuse_import(pair, polling_client(pair->from, "40"));
    tear_down(state);
    set_up(state);
    pair = *state;
    pair->to->owns_the_rest = false; // nobody owns the root
    start(pair);
    refuse_import(pair, polling_client(pair->from, "40"));
}

static void a_sid_that_is_here_already_is_not_taken_twice(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    size_t moved;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    size_t again;
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &again), LC_ERR_EXISTS);
    // another session that claims the socket
    uint8_t *sid = pair->state.data + 5; // of the session, behind the version and its size
    sid[0] = sid[0] == 'A' ? 'B' : 'A';
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &again), LC_ERR_BAD_INPUT);
    emit(pair->to, 0, "e", "");
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"e\"]\n");
}

static void the_application_may_end_what_it_takes(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = polling_client(pair->from, "40");
    emit(pair->from, 0, "e", "");
    imports_end = true;
    exports = "s";
    size_t moved = move(pair, link);
    world_told(pair->to, "import / s\ndisconnecting server namespace disconnect, rooms\n"
                         "disconnect server namespace disconnect, rooms\n");
    world_sent(pair->to, moved, "42[\"e\"]\n41\n");
    world_receive(pair->to, moved, "40"); // the connection lives
    world_told(pair->to, "connect / \n");
    imports_end = false;
    imports_close = true;
    link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    moved = move(pair, link);
    assert_true(pair->to->links[moved].closed);
    assert_int_equal(counts_of(pair->to).sockets_open, 1); // of the one before
}

// Everything that a state can hold.
static size_t full_client(struct pair *pair)
{
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
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

static void a_state_that_is_cut_off_is_refused_and_leaves_nothing(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = full_client(pair);
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    for (size_t size = 0; size < pair->state.size; size++) {
        uint8_t *exact = malloc(size + 1); // a read beyond the end shows itself
        memcpy(exact, pair->state.data, size);
        size_t moved;
        assert_int_equal(put_in(pair, bytes_of(exact, size), &moved), LC_ERR_BAD_INPUT);
        free(exact);
        expect_nothing(pair->to);
        world_forget(pair->to);
        pair->to->sockets_count = 0;
    }
    buffer_append_byte(&pair->state, 0);
    size_t moved;
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_ERR_BAD_INPUT);
    buffer_truncate(&pair->state, pair->state.size - 1);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
}

static void a_state_with_any_byte_changed_does_no_harm(void **state)
{
    struct pair *pair = *state;
    start(pair);
    size_t link = full_client(pair);
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    for (size_t at = 0; at < pair->state.size * 4; at++) {
        static const uint8_t changes[] = {1, 0x80, 0xff, 0x20};
        uint8_t *changed = pair->state.data + at / 4;
        *changed ^= changes[at % 4];
        size_t moved;
        pair->to->sockets_count = 0;
        if (put_in(pair, buffer_bytes(&pair->state), &moved) == LC_OK) {
            world_receive_binary(pair->to, moved, bytes_text("two"));
            if (!pair->to->links[moved].closed) {
                world_gone(pair->to, moved);
            }
            pair->to->links[moved].closed = false;
            pair->to->links_count--;
        }
        *changed ^= changes[at % 4];
        expect_nothing(pair->to);
        world_forget(pair->to);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_socket_arrives_with_its_sid_and_what_the_application_says),
        TEST(every_namespace_comes_along),
        TEST(a_connection_without_sockets_moves_and_connects_there),
        TEST(one_that_never_connects_is_closed_there),
        TEST(a_client_of_protocol_3_keeps_its_ids),
        TEST(a_client_of_msgpack_goes_on_in_msgpack),
        TEST(what_waited_arrives_in_its_order_and_once),
        TEST(volatile_events_that_waited_do_not),
        TEST(a_connect_reply_that_waited_ends_its_burst_there_too),
        TEST(attachments_follow_a_head_that_is_sent_already),
        TEST(a_member_that_has_lagged_is_told_so_there),
        TEST(a_stream_that_the_queue_cannot_hold_is_a_lag),
        TEST(a_binary_packet_is_completed_there),
        TEST(what_the_client_waits_for_is_answered_there_once),
        TEST(what_the_client_owes_comes_there),
        TEST(answers_that_somebody_waits_for_count_as_disconnected),
        TEST(a_socket_that_waits_for_its_decision_keeps_the_connection),
        TEST(sockets_whose_owner_does_not_move_stay),
        TEST(when_the_application_says_no_nothing_has_happened),
        TEST(when_it_says_no_after_a_yes_the_client_has_to_recover),
        TEST(too_much_of_the_application_is_a_no),
        TEST(nothing_reaches_a_socket_that_is_moving),
        TEST(when_the_move_fails_the_socket_ends_as_others_do),
        TEST(a_session_of_the_servers_own_recovery_is_given_up),
        TEST(servers_end_with_what_is_moving),
        TEST(an_application_that_cannot_take_it_hears_no_more),
        TEST(those_that_were_taken_before_are_disconnected),
        TEST(a_server_that_cannot_hold_it_refuses),
        TEST(a_sid_that_is_here_already_is_not_taken_twice),
        TEST(the_application_may_end_what_it_takes),
        TEST(a_state_that_is_cut_off_is_refused_and_leaves_nothing),
        TEST(a_state_with_any_byte_changed_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
