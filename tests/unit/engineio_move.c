// Sessions that move to the node where their WebSocket is.
#include "tests/unit/engineio_nodes.h"

static struct nodes *with_session(void **state)
{
    struct nodes *nodes = *state;
    open_by_polling(nodes->world);
    return nodes;
}

static enum lc_status export_of(struct nodes *nodes, uint64_t probe, struct buffer *state)
{
    struct world *world = nodes->world;
    enum lc_status status = engineio_export(world->engine, world->now_ms, bytes_text(world->sid),
                                            probe, bytes_text("NODE"), state);
    engineio_flush(world->engine, world->now_ms);
    return status;
}

// Moves away, by a probe of another node's; the state is the caller's to release.
static uint64_t move_away(struct nodes *nodes, struct buffer *state)
{
    uint64_t probe = begin_ready_probe(nodes, 1);
    buffer_init(state, 1 << 20);
    assert_int_equal(export_of(nodes, probe, state), LC_OK);
    return probe;
}

// The node that a session comes to. It has a clock of its own.
static struct world *other_node(int eio)
{
    void *state;
    world_set_up(&state);
    struct world *world = state;
    world->now_ms = 77;
    world->eio = eio;
    world->config.allow_eio3 = eio == 3;
    world_moves(world);
    world_start(world);
    (void)engineio_random(world->engine); // its sids are others
    return world;
}

static enum lc_status import_into(struct world *world, struct bytes state)
{
    struct engineio_session_id session = {0};
    enum lc_status status = engineio_import(world->engine, world->now_ms, state, 5, &session);
    if (status == LC_OK) {
        assert_int_equal(session.value, world->session.value);
    }
    engineio_flush(world->engine, world->now_ms);
    return status;
}

static struct world *arrive(struct nodes *nodes, struct buffer *state)
{
    struct world *there = other_node(nodes->world->eio);
    assert_int_equal(import_into(there, buffer_bytes(state)), LC_OK);
    return there;
}

static void release(struct world *there, struct buffer *state)
{
    void *world = there;
    world_tear_down(&world);
    buffer_release(state);
}

static void expect_received(struct world *world, const char *text)
{
    assert_string_equal(buffer_text(&world->received), text);
    buffer_clear(&world->received);
}

// ---- leaving ----

static void session_that_moves_ends_with_on_moved(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    (void)move_away(nodes, &blob);
    assert_string_equal(world->moved_to, "NODE");
    assert_int_equal(counts_of(world).sessions_open, 1);
    engineio_export_done(world->engine, world->now_ms, bytes_text(world->sid));
    assert_int_equal(world->moved, 1);
    assert_int_equal(world->closed, 0);
    assert_int_equal(nodes->closed_probe, 0);
    assert_int_equal(counts_of(world).sessions_open, 0);
    assert_int_equal(engineio_next_deadline(world->engine), DEADLINE_NONE);
    engineio_export_done(world->engine, world->now_ms, bytes_text(world->sid));
    engineio_export_failed(world->engine, world->now_ms, bytes_text(world->sid));
    assert_int_equal(world->moved, 1);
    buffer_release(&blob);
}

static void move_that_fails_ends_the_session(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    (void)move_away(nodes, &blob);
    engineio_export_failed(world->engine, world->now_ms, bytes_text(world->sid));
    assert_int_equal(world->moved, 0);
    assert_int_equal(world->closed, 1);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    assert_int_equal(nodes->closed_probe, 0);
    buffer_release(&blob);
}

static void websocket_lost_on_the_way_ends_the_session(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    uint64_t probe = move_away(nodes, &blob);
    engineio_probe_gone(world->engine, world->now_ms, bytes_text(world->sid), probe);
    assert_int_equal(world->closed, 1);
    buffer_release(&blob);
}

static void server_that_stops_closes_the_websocket_of_a_session_on_its_way(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    uint64_t probe = move_away(nodes, &blob);
    engineio_shut_down(nodes->world->engine);
    assert_int_equal(nodes->world->closed, 1);
    assert_int_equal(nodes->closed_probe, probe);
    buffer_release(&blob);
}

static void only_the_probe_of_the_session_takes_it_away(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    buffer_init(&blob, 1 << 20);
    uint64_t probe = ENGINEIO_RELAYED_BIT | 1;
    assert_int_equal(export_of(nodes, probe, &blob), LC_ERR_NOT_FOUND);
    assert_int_equal(begin_probe(nodes, 1), probe);
    assert_int_equal(export_of(nodes, probe + 1, &blob), LC_ERR_NOT_FOUND);
    memcpy(world->sid, "NODExxxxxxxxxxxxxxxx", ENGINEIO_SID_SIZE);
    assert_int_equal(export_of(nodes, probe, &blob), LC_ERR_NOT_FOUND);
    memcpy(world->sid, engineio_sid(world->engine, world->session).data, ENGINEIO_SID_SIZE);
    assert_int_equal(blob.size, 0);
    assert_int_equal(export_of(nodes, probe, &blob), LC_OK); // also without 2probe, as here
    assert_int_equal(export_of(nodes, probe, &blob), LC_ERR_NOT_FOUND);
    buffer_release(&blob);
}

static void session_that_closes_does_not_move(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    buffer_init(&blob, 1 << 20);
    uint64_t probe = begin_ready_probe(nodes, 1);
    engineio_close(nodes->world->engine, nodes->world->session);
    assert_int_equal(nodes->closed_probe, probe);
    assert_int_equal(export_of(nodes, probe, &blob), LC_ERR_NOT_FOUND);
    buffer_release(&blob);
}

static void session_that_is_kept_back_goes_on_as_before(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    buffer_init(&blob, 1 << 20);
    uint64_t probe = begin_probe(nodes, 1);
    uint64_t poll = relayed_get(nodes);
    world->is_busy = true;
    buffer_append_text(&blob, "before");
    assert_int_equal(export_of(nodes, probe, &blob), LC_ERR_BUSY);
    assert_string_equal(buffer_text(&blob), "before");
    assert_int_equal(nodes->answers[poll].status, 0);
    queue(world, "4hello");
    pass(world, 0);
    expect_relayed(nodes, poll, 200, "4hello");
    written(nodes, poll);
    world->is_busy = false;
    assert_int_equal(export_of(nodes, probe, &blob), LC_OK);
    buffer_release(&blob);
}

static void poll_that_hangs_is_freed_and_takes_nothing_along(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    buffer_init(&blob, 1 << 20);
    uint64_t probe = begin_probe(nodes, 1);
    uint64_t poll = relayed_get(nodes);
    queue(world, "4hello"); // not flushed yet
    assert_int_equal(export_of(nodes, probe, &blob), LC_OK);
    expect_relayed(nodes, poll, 200, "6");
    struct world *there = arrive(nodes, &blob);
    expect_sent(there, "5:4hello\n");
    release(there, &blob);
}

static void frozen_session_sends_reads_and_times_nothing(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    (void)move_away(nodes, &blob);
    queue(world, "4late");
    engineio_set_deadline(world->engine, world->session, world->now_ms + 1);
    engineio_close(world->engine, world->session);
    pass(world, 0);
    assert_int_equal(world->answers[get(world, true)].status, 400);
    assert_int_equal(world->answers[post(world, "4hello")].status, 400);
    uint64_t poll = relayed_get(nodes);
    expect_relayed(nodes, poll, 400, "{\"code\":3,\"message\":\"Bad request\"}");
    char query[128];
    (void)request_of(world, "GET", "websocket", true, query);
    poll = relayed_request(nodes, "GET", query, ""); // of a client that takes it for upgraded
    assert_int_equal(nodes->answers[poll].status, 400);
    open_ws(world, 9, true);
    assert_int_equal(world->closed_ws, 9);
    assert_int_equal(engineio_next_deadline(world->engine), DEADLINE_NONE);
    pass(world, 100000);
    assert_int_equal(world->closed, 0);
    assert_non_null(world->queue);
    expect_received(world, "");
    expect_sent(world, "");
    buffer_release(&blob);
}

static void post_whose_body_is_on_its_way_finds_another_transport(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    char query[128];
    struct engineio_session_id session;
    struct engineio_request request = request_of(world, "POST", "polling", true, query);
    assert_int_equal(engineio_request(world->engine, world->now_ms, &request, &session),
                     ENGINEIO_WANTS_BODY);
    (void)move_away(nodes, &blob);
    engineio_post_complete(world->engine, world->now_ms, session, request.exchange,
                           bytes_text("4late"));
    assert_int_equal(world->answers[request.exchange].status, 400);
    expect_received(world, "");
    buffer_release(&blob);
}

// ---- arriving ----

static void session_goes_on_where_its_websocket_is(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    assert_string_equal(there->sid, nodes->world->sid);
    assert_true(engineio_is_websocket(there->engine, there->session));
    assert_int_equal(counts_of(there).sessions_websocket, 1);
    assert_int_equal(counts_of(there).upgrades_total, 1);
    assert_int_equal(counts_of(there).handshakes_total, 0);
    ws_text(there, 5, "4up");
    expect_received(there, "tup\n");
    queue(there, "4down");
    pass(there, 0);
    expect_sent(there, "5:4down\n");
    engineio_ws_gone(there->engine, there->now_ms, there->session, 5, false);
    assert_int_equal(there->closed, 1);
    assert_int_equal(there->reason, ENGINEIO_TRANSPORT_CLOSE);
    release(there, &blob);
}

static void heartbeat_goes_on(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    pass(nodes->world, 100);
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    pass(there, 199);
    expect_sent(there, "");
    pass(there, 1);
    expect_sent(there, "5:2\n");
    ws_text(there, 5, "3");
    pass(there, 299);
    expect_sent(there, "");
    pass(there, 1);
    expect_sent(there, "5:2\n");
    pass(there, 200);
    assert_int_equal(there->reason, ENGINEIO_PING_TIMEOUT);
    release(there, &blob);
}

static void ping_that_is_due_goes_to_the_websocket(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    pass(nodes->world, 350); // due for 50, and nobody polls
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    expect_sent(there, "5:2\n");
    pass(there, 199); // the time begins anew, as the pong may have been lost with the polling
    assert_int_equal(there->closed, 0);
    ws_text(there, 5, "3");
    pass(there, 250);
    assert_int_equal(there->closed, 0);
    release(there, &blob);
}

static void pong_that_is_awaited_has_its_time_again(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    uint64_t poll = relayed_get(nodes);
    pass(nodes->world, 300);
    expect_relayed(nodes, poll, 200, "2");
    written(nodes, poll);
    pass(nodes->world, 150);
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    expect_sent(there, "");
    pass(there, 199);
    assert_int_equal(there->closed, 0);
    pass(there, 1);
    assert_int_equal(there->reason, ENGINEIO_PING_TIMEOUT);
    release(there, &blob);
}

static void handshake_is_known_where_the_session_comes_to(void **state)
{
    struct nodes *nodes = *state;
    struct world *world = nodes->world;
    struct buffer blob;
    struct engineio_header headers[] = {{bytes_text("cookie"), bytes_text("a=b")},
                                        {bytes_text("empty"), bytes_text("")}};
    struct engineio_request request = {.exchange = ++world->exchange,
                                       .method = bytes_text("GET"),
                                       .handshake = {.url = bytes_text("/socket.io/?EIO=4"),
                                                     .query = bytes_text("EIO=4&transport=polling"),
                                                     .address = bytes_text("10.0.0.1"),
                                                     .secure = true,
                                                     .time_ms = world->now_ms,
                                                     .headers = headers,
                                                     .headers_count = 2}};
    struct engineio_session_id session;
    (void)engineio_request(world->engine, world->now_ms, &request, &session);
    note_sid(world, world->exchange);
    pass(world, 30);
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    const struct engineio_handshake *handshake = engineio_handshake(there->engine, there->session);
    assert_true(bytes_equal_text(handshake->url, "/socket.io/?EIO=4"));
    assert_true(bytes_equal_text(handshake->query, "EIO=4&transport=polling"));
    assert_true(bytes_equal_text(handshake->address, "10.0.0.1"));
    assert_true(handshake->secure);
    assert_int_equal(handshake->time_ms, there->now_ms - 30);
    assert_int_equal(handshake->headers_count, 2);
    assert_true(bytes_equal_text(handshake_header(handshake, "cookie"), "a=b"));
    assert_non_null(handshake_header(handshake, "empty").data);
    release(there, &blob);
}

// ---- protocol 3 ----

static int set_up_eio3(void **state)
{
    struct nodes *nodes = calloc(1, sizeof *nodes);
    void *world;
    world_set_up(&world);
    world_moves(world);
    ((struct world *)world)->config.allow_eio3 = true;
    ((struct world *)world)->eio = 3;
    world_start(world);
    nodes_attach(nodes, world);
    *state = nodes;
    return 0;
}

static void client_of_protocol_3_moves_too(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    queue_binary(nodes->world, BYTES("ab"));
    pass(nodes->world, 400);
    (void)post(nodes->world, "1:2"); // its ping, answered with the next poll
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    expect_sent(there, "5:3\n5:#\x04"
                       "ab\n");
    ws_text(there, 5, "2");
    expect_sent(there, "5:3\n");
    pass(there, 499);
    assert_int_equal(there->closed, 0);
    pass(there, 1);
    assert_int_equal(there->reason, ENGINEIO_PING_TIMEOUT);
    release(there, &blob);
}

static void websocket_that_takes_no_bytes_gets_base64(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    uint64_t probe = ENGINEIO_RELAYED_BIT | 1;
    buffer_init(&blob, 1 << 20);
    queue_binary(world, BYTES("ab"));
    assert_int_equal(engineio_probe_begin(world->engine, world->now_ms, bytes_text(world->sid),
                                          bytes_text("EIO=3&b64=1"), probe),
                     ENGINEIO_PROBE_BEGUN);
    assert_int_equal(export_of(nodes, probe, &blob), LC_OK);
    struct world *there = arrive(nodes, &blob);
    expect_sent(there, "5:b4YWI=\n");
    release(there, &blob);
}

static void body_of_protocol_3_that_was_lost_goes_first(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    uint64_t poll = relayed_get(nodes);
    queue(world, "4\xc3\xa9");
    queue_binary(world, BYTES("ab"));
    pass(world, 0);
    assert_int_equal(nodes->answers[poll].status, 200);
    lost(nodes, poll);
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    expect_sent(there, "5:4\xc3\xa9\n5:#\x04"
                       "ab\n");
    release(there, &blob);
}

static void lost_script_ends_the_session_that_leaves_polling(void **state)
{
    struct nodes *nodes = *state;
    struct world *world = nodes->world;
    struct buffer blob;
    struct bytes none = {NULL, 0};
    buffer_init(&blob, 1 << 20);
    note_sid(world, send_request(world, "GET", "EIO=3&transport=polling&j=1", "", none));
    uint64_t poll = relayed_get(nodes);
    queue(world, "4hello");
    pass(world, 0);
    assert_int_equal(nodes->answers[poll].status, 200);
    lost(nodes, poll);
    assert_int_equal(export_of(nodes, begin_ready_probe(nodes, 1), &blob), LC_ERR_NO_MEMORY);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    buffer_release(&blob);
}

// ---- what had left before ----

// Its client has waited for the poll to end; but it may have been answered by a node that stops.
static void session_waits_for_the_fate_of_its_last_body(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    uint64_t poll = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    queue(world, "4two");
    uint64_t probe = begin_ready_probe(nodes, 1);
    buffer_init(&blob, 1 << 20);
    assert_int_equal(export_of(nodes, probe, &blob), LC_ERR_BUSY);
    assert_int_equal(blob.size, 0);
    written(nodes, poll);
    assert_int_equal(export_of(nodes, probe, &blob), LC_OK);
    struct world *there = arrive(nodes, &blob);
    expect_sent(there, "5:4two\n");
    release(there, &blob);
}

static void body_that_was_lost_goes_first_to_the_websocket(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    struct buffer blob;
    uint64_t poll = relayed_get(nodes);
    queue(world, "4one");
    queue_binary(world, BYTES("two"));
    queue(world, "4three");
    pass(world, 0);
    queue(world, "4four");
    lost(nodes, poll);
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    expect_sent(there, "5:4one\n5:#two\n5:4three\n5:4four\n");
    release(there, &blob);
}

static void upgrade_here_sends_first_what_another_node_lost(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t poll = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    queue(world, "4two");
    lost(nodes, poll);
    open_ws(world, 9, true);
    ws_text(world, 9, "2probe");
    ws_text(world, 9, "5");
    expect_sent(world, "9:3probe\n9:4one\n9:4two\n");
}

static void upgrade_here_waits_for_the_fate_of_the_last_body(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t poll = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    queue(world, "4two");
    open_ws(world, 9, true);
    ws_text(world, 9, "2probe");
    ws_text(world, 9, "5");
    expect_sent(world, "9:3probe\n");
    lost(nodes, poll);
    expect_sent(world, "9:4one\n9:4two\n");
    queue(world, "4three");
    pass(world, 0);
    expect_sent(world, "9:4three\n");
}

static void upgrade_here_goes_on_when_the_last_body_has_arrived(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t poll = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    queue(world, "4two");
    open_ws(world, 9, true);
    ws_text(world, 9, "2probe");
    ws_text(world, 9, "5");
    written(nodes, poll);
    expect_sent(world, "9:3probe\n9:4two\n");
}

// ---- states that are none ----

static void state_of_a_session_that_is_here_is_refused(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    (void)move_away(nodes, &blob);
    struct world *there = arrive(nodes, &blob);
    int opened = there->opened;
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_ERR_EXISTS);
    assert_int_equal(there->opened, opened);
    assert_int_equal(counts_of(there).sessions_open, 1);
    release(there, &blob);
}

static void full_or_stopping_server_takes_no_session(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    (void)move_away(nodes, &blob);
    struct world *there = other_node(4);
    for (size_t i = 0; i < there->config.sessions_max; i++) {
        open_by_polling(there);
    }
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_ERR_FULL);
    engineio_shut_down(there->engine);
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_ERR_FULL);
    assert_int_equal(counts_of(there).sessions_open, 0);
    release(there, &blob);
}

static void application_may_refuse_a_session(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    (void)move_away(nodes, &blob);
    struct world *there = other_node(4);
    there->refuses = true;
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_ERR_BAD_INPUT);
    assert_int_equal(there->closed, 0);
    assert_int_equal(there->closed_ws, 0);
    assert_int_equal(counts_of(there).sessions_open, 0);
    there->refuses = false;
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_OK);
    release(there, &blob);
}

static void part_of_a_state_is_none(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    uint64_t poll = relayed_get(nodes);
    queue(nodes->world, "4one");
    pass(nodes->world, 0);
    lost(nodes, poll);
    (void)move_away(nodes, &blob); // with nothing of the application's at its end
    struct world *there = other_node(4);
    for (size_t size = 0; size < blob.size; size++) {
        assert_int_equal(import_into(there, bytes_of(blob.data, size)), LC_ERR_BAD_INPUT);
    }
    blob.data[0]++; // another version
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_ERR_BAD_INPUT);
    blob.data[0]--;
    blob.data[blob.size - 1 - 4 - 2] = 0x83; // the opcode of a frame
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_ERR_BAD_INPUT);
    assert_int_equal(counts_of(there).sessions_open, 0);
    assert_int_equal(there->opened, 0);
    release(there, &blob);
}

static void session_that_ends_while_it_comes_is_closed(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    (void)move_away(nodes, &blob);
    struct world *there = other_node(4);
    there->ends_arrivals = true;
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_ERR_BAD_INPUT);
    assert_int_equal(there->closed, 1); // what the application has made of it must go
    assert_int_equal(counts_of(there).sessions_open, 0);
    release(there, &blob);
}

static void client_of_protocol_3_is_refused_where_none_are_taken(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    (void)move_away(nodes, &blob);
    struct world *there = other_node(4);
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_ERR_BAD_INPUT);
    release(there, &blob);
}

static void sessions_of_an_address_are_counted_where_they_are(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    (void)move_away(nodes, &blob);
    void *world;
    world_set_up(&world);
    struct world *there = world;
    there->config.sessions_per_address_max = 1;
    world_moves(there);
    world_start(there);
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_OK);
    assert_int_equal(there->answers[get(there, false)].status, 503);
    engineio_end(there->engine, there->session, ENGINEIO_FORCED_CLOSE);
    open_by_polling(there);
    release(there, &blob);
}

// ---- the shell ----

static uint64_t attached_ws;
static struct engineio_session_id attached_session;

static void note_attached(void *shell, uint64_t ws, struct engineio_session_id session)
{
    (void)shell;
    attached_ws = ws;
    attached_session = session;
}

static void websocket_is_told_whose_it_is(void **state)
{
    struct nodes *nodes = with_session(state);
    struct buffer blob;
    (void)move_away(nodes, &blob);
    struct world *there = other_node(4);
    struct engineio_transport_ops ops = there->transport;
    ops.ws_attach = note_attached;
    engineio_attach(there->engine, &ops, there);
    assert_int_equal(import_into(there, buffer_bytes(&blob)), LC_OK);
    assert_int_equal(attached_ws, 5);
    assert_int_equal(attached_session.value, there->session.value);
    release(there, &blob);
}

#define EIO3_TEST(test) cmocka_unit_test_setup_teardown(test, set_up_eio3, nodes_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NODES_TEST(session_that_moves_ends_with_on_moved),
        NODES_TEST(move_that_fails_ends_the_session),
        NODES_TEST(websocket_lost_on_the_way_ends_the_session),
        NODES_TEST(server_that_stops_closes_the_websocket_of_a_session_on_its_way),
        NODES_TEST(only_the_probe_of_the_session_takes_it_away),
        NODES_TEST(session_that_closes_does_not_move),
        NODES_TEST(session_that_is_kept_back_goes_on_as_before),
        NODES_TEST(poll_that_hangs_is_freed_and_takes_nothing_along),
        NODES_TEST(frozen_session_sends_reads_and_times_nothing),
        NODES_TEST(post_whose_body_is_on_its_way_finds_another_transport),
        NODES_TEST(session_goes_on_where_its_websocket_is),
        NODES_TEST(heartbeat_goes_on),
        NODES_TEST(ping_that_is_due_goes_to_the_websocket),
        NODES_TEST(pong_that_is_awaited_has_its_time_again),
        NODES_TEST(handshake_is_known_where_the_session_comes_to),
        EIO3_TEST(client_of_protocol_3_moves_too),
        EIO3_TEST(websocket_that_takes_no_bytes_gets_base64),
        EIO3_TEST(body_of_protocol_3_that_was_lost_goes_first),
        EIO3_TEST(lost_script_ends_the_session_that_leaves_polling),
        NODES_TEST(session_waits_for_the_fate_of_its_last_body),
        NODES_TEST(body_that_was_lost_goes_first_to_the_websocket),
        NODES_TEST(upgrade_here_sends_first_what_another_node_lost),
        NODES_TEST(upgrade_here_waits_for_the_fate_of_the_last_body),
        NODES_TEST(upgrade_here_goes_on_when_the_last_body_has_arrived),
        NODES_TEST(state_of_a_session_that_is_here_is_refused),
        NODES_TEST(full_or_stopping_server_takes_no_session),
        NODES_TEST(application_may_refuse_a_session),
        NODES_TEST(session_that_ends_while_it_comes_is_closed),
        NODES_TEST(part_of_a_state_is_none),
        EIO3_TEST(client_of_protocol_3_is_refused_where_none_are_taken),
        NODES_TEST(sessions_of_an_address_are_counted_where_they_are),
        NODES_TEST(websocket_is_told_whose_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
