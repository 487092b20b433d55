// An endpoint whose clients ask for sessions of another node: what is held, what goes there, and a
// session that comes here with its WebSocket. The relay between the two is the test itself.
#include "bridge/engineio/foreign.h"
#include "tests/unit/endpoint_world.h"

static const char sid[] = "NODExxxxxxxxxxxxxxxx";
static const struct engineio_session_id foreign_session = {ENGINEIO_FOREIGN_BIT | 1};
static const uint64_t probe = ENGINEIO_RELAYED_BIT | 1;

// ---- what the edge asks of the other node ----

struct asked {
    struct world *world;
    struct buffer text;
    uint64_t exchange; // the last
    uint64_t ws;
};

static bool on_request(void *foreign, const struct engineio_request *request, bool is_websocket,
                       struct bytes wanted, enum engineio_verdict *out_verdict,
                       struct engineio_session_id *out_session)
{
    struct asked *asked = foreign;
    assert_int_equal(wanted.size, ENGINEIO_SID_SIZE);
    asked->exchange = request->exchange;
    bool is_post = bytes_equal_text(request->method, "POST");
    buffer_append_text(&asked->text, is_websocket ? "upgrade;" : is_post ? "post;" : "poll;");
    *out_session = foreign_session;
    *out_verdict = is_post ? ENGINEIO_WANTS_BODY : ENGINEIO_HELD;
    return true;
}

static void on_post(void *foreign, struct engineio_session_id session, uint64_t exchange,
                    struct bytes body)
{
    struct asked *asked = foreign;
    assert_int_equal(session.value, foreign_session.value);
    assert_int_equal(exchange, asked->exchange);
    buffer_append_format(&asked->text, "%.*s;", (int)body.size, (const char *)body.data);
}

static void on_too_large(void *foreign, struct engineio_session_id session, uint64_t exchange)
{
    struct asked *asked = foreign;
    (void)session;
    buffer_append_text(&asked->text, "too large;");
    engineio_foreign_respond(asked->world->engine, exchange,
                             &(struct engineio_response){.status = 413});
}

static void on_gone(void *foreign, struct engineio_session_id session, uint64_t exchange)
{
    struct asked *asked = foreign;
    assert_int_equal(session.value, foreign_session.value);
    assert_int_equal(exchange, asked->exchange);
    buffer_append_text(&asked->text, "gone;");
}

static void on_ws_message(void *foreign, struct engineio_session_id session, uint64_t ws,
                          bool binary, struct bytes data)
{
    struct asked *asked = foreign;
    assert_int_equal(session.value, foreign_session.value);
    assert_int_equal(ws, asked->ws);
    assert_false(binary);
    buffer_append_format(&asked->text, "%.*s;", (int)data.size, (const char *)data.data);
    if (bytes_equal_text(data, "2probe")) {
        engineio_foreign_send(asked->world->engine, ws,
                              bytes_of("\x81\x06"
                                       "3probe",
                                       8));
    } else if (bytes_equal_text(data, "close")) {
        engineio_foreign_close(asked->world->engine, ws, 1005);
    }
}

static void on_ws_gone(void *foreign, struct engineio_session_id session, uint64_t ws, bool failed)
{
    struct asked *asked = foreign;
    assert_int_equal(session.value, foreign_session.value);
    assert_int_equal(ws, asked->ws);
    buffer_append_text(&asked->text, failed ? "ws failed;" : "ws gone;");
}

static void expect_asked(struct asked *asked, const char *text)
{
    assert_string_equal(buffer_text(&asked->text), text);
    buffer_clear(&asked->text);
}

static void create_edge(struct asked *asked)
{
    static const struct engineio_foreign_ops ops = {.request = on_request,
                                                    .post_complete = on_post,
                                                    .post_too_large = on_too_large,
                                                    .exchange_gone = on_gone,
                                                    .ws_message = on_ws_message,
                                                    .ws_gone = on_ws_gone};
    struct endpoint_config config = world_config();
    config.compresses_polls = true;
    *asked = (struct asked){.world = world_create(&config)};
    buffer_init(&asked->text, 1 << 20);
    engineio_set_foreign(asked->world->engine, &ops, asked);
}

static void destroy_edge(struct asked *asked)
{
    world_destroy(asked->world);
    buffer_release(&asked->text);
}

// What the other node says arrives on its own, not within an input of a connection.
static void flush(struct world *world)
{
    endpoint_flush(world->endpoint, world->now_ms);
}

static void answer(struct asked *asked, const char *body)
{
    engineio_foreign_respond(asked->world->engine, asked->exchange,
                             &(struct engineio_response){.status = 200,
                                                         .content_type = "text/plain",
                                                         .body = bytes_text(body),
                                                         .no_store = true,
                                                         .may_compress = true});
    flush(asked->world);
}

static void say_upgrade(struct world *world, int client, const char *session, struct bytes behind)
{
    struct buffer text;
    buffer_init(&text, 2000);
    buffer_append_format(&text,
                         "GET /socket.io/?EIO=4&transport=websocket&sid=%s HTTP/1.1\r\nHost: x\r\n"
                         "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                         "Sec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                         session);
    buffer_append(&text, behind);
    say_bytes(world, client, buffer_bytes(&text));
    buffer_release(&text);
}

static void accept(struct asked *asked)
{
    asked->ws = engineio_foreign_accept(asked->world->engine, asked->exchange);
    assert_int_not_equal(asked->ws, 0);
    flush(asked->world);
}

static void append_frame(struct buffer *out, const char *text)
{
    buffer_append_byte(out, 0x81);
    buffer_append_byte(out, (uint8_t)(0x80 | strlen(text)));
    buffer_append(out, bytes_of("\0\0\0\0", 4)); // a mask that changes nothing
    buffer_append_text(out, text);
}

// ---- polling ----

static void polls_on_one_connection_wait_for_the_other_node(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    for (int i = 0; i < 3; i++) {
        say_poll(edge.world, 0, sid, "");
        expect_asked(&edge, "poll;");
        pass_time(edge.world, 60000);
        assert_string_equal(hear(edge.world, 0), "");
        answer(&edge, "4hello");
        assert_hears(edge.world, 0, "HTTP/1.1 200 OK", "\r\n\r\n4hello");
    }
    destroy_edge(&edge);
}

static void requests_in_one_segment_are_asked_one_behind_the_other(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    char text[400];
    snprintf(text, sizeof text,
             "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\n\r\n"
             "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\n\r\n",
             sid, sid);
    say(edge.world, 0, text);
    expect_asked(&edge, "poll;");
    answer(&edge, "4one");
    expect_asked(&edge, "poll;");
    assert_hears(edge.world, 0, "HTTP/1.1 200 OK", "4one");
    answer(&edge, "4two");
    assert_hears(edge.world, 0, "HTTP/1.1 200 OK", "4two");
    destroy_edge(&edge);
}

static void client_that_leaves_is_told_once(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    say_poll(edge.world, 0, sid, "");
    leave(edge.world, 0);
    expect_asked(&edge, "poll;gone;");
    answer(&edge, "4too late");
    say_poll(edge.world, 1, sid, "");
    answer(&edge, "4in time");
    leave(edge.world, 1);
    expect_asked(&edge, "poll;");
    destroy_edge(&edge);
}

static void body_is_coded_where_the_client_is(void **state)
{
    (void)state;
    struct asked edge;
    char large[3000];
    create_edge(&edge);
    memset(large, 'a', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    say_poll(edge.world, 0, sid, "Accept-Encoding: gzip\r\n");
    answer(&edge, large);
    assert_hears(edge.world, 0, "HTTP/1.1 200 OK", "Content-Encoding: gzip\r\n");
    destroy_edge(&edge);
}

static void post_goes_there_whole(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    char head[300];
    snprintf(head, sizeof head,
             "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\n"
             "Transfer-Encoding: chunked\r\n\r\n3\r\n4he\r\n",
             sid);
    say(edge.world, 0, head);
    expect_asked(&edge, "post;");
    say(edge.world, 0, "3\r\nllo\r\n0\r\n\r\n");
    expect_asked(&edge, "4hello;");
    assert_string_equal(hear(edge.world, 0), "");
    answer(&edge, "ok");
    assert_hears(edge.world, 0, "HTTP/1.1 200 OK", "\r\n\r\nok");
    destroy_edge(&edge);
}

static void post_that_is_too_large_is_refused_here(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    char head[300];
    snprintf(head, sizeof head,
             "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\n"
             "Content-Length: 100001\r\n\r\n",
             sid);
    say(edge.world, 0, head);
    expect_asked(&edge, "post;too large;");
    assert_hears(edge.world, 0, "HTTP/1.1 413", "Connection: close\r\n");
    destroy_edge(&edge);
}

// ---- upgrades ----

static void upgrade_is_held_until_the_other_node_knows_the_session(void **state)
{
    (void)state;
    struct asked edge;
    struct buffer frames;
    create_edge(&edge);
    buffer_init(&frames, 1000);
    append_frame(&frames, "2probe");
    append_frame(&frames, "5");
    append_frame(&frames, "4hello");
    say_upgrade(edge.world, 0, sid, buffer_bytes(&frames)); // all in one segment
    pass_time(edge.world, 5000);
    expect_asked(&edge, "upgrade;");
    assert_string_equal(hear(edge.world, 0), "");
    accept(&edge);
    expect_asked(&edge, "2probe;5;4hello;");
    assert_hears(edge.world, 0, "HTTP/1.1 101",
                 "\r\n\r\n\x81\x06"
                 "3probe");
    leave(edge.world, 0);
    expect_asked(&edge, "ws gone;");
    buffer_release(&frames);
    destroy_edge(&edge);
}

static void upgrade_that_no_node_knows_is_refused_in_plain_http(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    say_upgrade(edge.world, 0, sid, bytes_text(""));
    engineio_foreign_refuse(edge.world->engine, edge.exchange, true, ENGINEIO_UNKNOWN_SID);
    flush(edge.world);
    assert_hears(edge.world, 0, "HTTP/1.1 400 Bad Request\r\n", "Session ID unknown<close>");
    expect_asked(&edge, "upgrade;");
    destroy_edge(&edge);
}

static void client_that_leaves_before_the_101_gets_none(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    say_upgrade(edge.world, 0, sid, bytes_text(""));
    leave(edge.world, 0);
    expect_asked(&edge, "upgrade;gone;");
    assert_int_equal(engineio_foreign_accept(edge.world->engine, edge.exchange), 0);
    destroy_edge(&edge);
}

static void websocket_may_be_closed_at_once_and_from_within(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    say_upgrade(edge.world, 0, sid, bytes_text(""));
    edge.ws = engineio_foreign_accept(edge.world->engine, edge.exchange);
    engineio_foreign_close(edge.world->engine, edge.ws, 1005); // it has its WebSocket already
    flush(edge.world);
    assert_hears(edge.world, 0, "HTTP/1.1 101", "\r\n\r\n\x88");
    say_frame(edge.world, 0, 0x81, bytes_text("late"));
    leave(edge.world, 0);
    say_upgrade(edge.world, 1, sid, bytes_text(""));
    accept(&edge);
    say_frame(edge.world, 1, 0x81, bytes_text("close"));
    say_frame(edge.world, 1, 0x81, bytes_text("late"));
    leave(edge.world, 1);
    expect_asked(&edge, "upgrade;upgrade;close;");
    destroy_edge(&edge);
}

static void violation_on_a_foreign_websocket_is_told_as_one(void **state)
{
    (void)state;
    struct asked edge;
    create_edge(&edge);
    say_upgrade(edge.world, 0, sid, bytes_text(""));
    accept(&edge);
    say_frame(edge.world, 0, 0x83, bytes_text("x"));
    expect_asked(&edge, "upgrade;ws failed;");
    destroy_edge(&edge);
}

// ---- a session that comes to its WebSocket ----

// The node where the session was made: it answers through the relay only.
struct home {
    struct world *world;
    struct buffer state;
    int closed_probes;
};

static void no_response(void *relay, uint64_t exchange, const struct engineio_response *response,
                        bool is_drained)
{
    (void)relay, (void)exchange, (void)response, (void)is_drained;
    fail();
}

static void probe_closed(void *relay, uint64_t closed)
{
    assert_int_equal(closed, probe);
    ((struct home *)relay)->closed_probes++;
}

static void create_home(struct home *home, char session[WORLD_SID_SIZE])
{
    static const struct engineio_relay_ops ops = {.respond = no_response,
                                                  .probe_close = probe_closed};
    struct endpoint_config config = world_config();
    *home = (struct home){.world = world_create(&config)};
    buffer_init(&home->state, 1 << 20);
    engineio_set_relay(home->world->engine, &ops, home);
    open_session(home->world, 0, session);
}

static void destroy_home(struct home *home)
{
    buffer_release(&home->state);
    world_destroy(home->world);
}

static void export(struct home *home, const char *session)
{
    struct engineio_server *engine = home->world->engine;
    assert_int_equal(engineio_probe_begin(engine, 2000, bytes_text(session),
                                          bytes_text("EIO=4&transport=websocket"), probe),
                     ENGINEIO_PROBE_BEGUN);
    engineio_probe_ready(engine, 2000, bytes_text(session), probe);
    assert_int_equal(
        engineio_export(engine, 2000, bytes_text(session), probe, bytes_text("EDGE"), &home->state),
        LC_OK);
    engineio_export_done(engine, 2000, bytes_text(session));
    flush(home->world);
    assert_int_equal(home->world->sessions, 0);
}

static struct engineio_session_id import(struct asked *edge, struct home *home)
{
    struct engineio_session_id session;
    struct world *world = edge->world;
    assert_int_equal(engineio_import(world->engine, world->now_ms, buffer_bytes(&home->state),
                                     edge->ws, &session),
                     LC_OK);
    // What came behind the 5, while the session was on its way.
    engineio_ws_message(world->engine, world->now_ms, session, edge->ws, false,
                        bytes_text("4hello"));
    flush(world);
    return session;
}

static void session_that_comes_here_owns_its_websocket(void **state)
{
    (void)state;
    struct asked edge;
    struct home home;
    struct buffer frames;
    char session[WORLD_SID_SIZE];
    create_edge(&edge);
    create_home(&home, session);
    say_upgrade(edge.world, 0, session, bytes_text(""));
    accept(&edge);
    (void)hear(edge.world, 0);
    buffer_init(&frames, 1000);
    append_frame(&frames, "2probe");
    append_frame(&frames, "5");
    append_frame(&frames, "4hello");
    say_bytes(edge.world, 0, buffer_bytes(&frames));
    expect_asked(&edge, "upgrade;2probe;5;4hello;");
    export(&home, session);
    (void)import(&edge, &home);
    assert_hears(edge.world, 0,
                 "\x81\x06"
                 "3probe",
                 "\x81\x06"
                 "4hello");
    say_frame(edge.world, 0, 0x81, bytes_text("4again"));
    assert_hears(edge.world, 0, "\x81\x06", "4again");
    expect_asked(&edge, "");
    edge.world->clients[0].has_room = false; // writable again: told to the session
    say_frame(edge.world, 0, 0x81, bytes_text("4one"));
    say_frame(edge.world, 0, 0x81, bytes_text("4two"));
    assert_hears(edge.world, 0, "\x81\x04", "4one");
    make_room(edge.world, 0);
    assert_hears(edge.world, 0, "\x81\x04", "4two");
    say_poll(edge.world, 1, session, ""); // by now it is no session of polling
    assert_hears(edge.world, 1, "HTTP/1.1 400", "{\"code\":3,");
    leave(edge.world, 0);
    assert_int_equal(edge.world->sessions, 0);
    assert_int_equal(edge.world->reason, ENGINEIO_TRANSPORT_CLOSE);
    buffer_release(&frames);
    destroy_home(&home);
    destroy_edge(&edge);
}

static void session_that_comes_here_may_end_its_websocket(void **state)
{
    (void)state;
    struct asked edge;
    struct home home;
    char session[WORLD_SID_SIZE];
    create_edge(&edge);
    create_home(&home, session);
    say_upgrade(edge.world, 0, session, bytes_text(""));
    accept(&edge);
    export(&home, session);
    struct engineio_session_id id = import(&edge, &home);
    (void)hear(edge.world, 0);
    engineio_close(edge.world->engine, id);
    flush(edge.world);
    assert_hears(edge.world, 0, "\x88", "");
    assert_int_equal(edge.world->sessions, 0);
    destroy_home(&home);
    destroy_edge(&edge);
}

static void poll_at_home_is_freed_when_the_session_leaves(void **state)
{
    (void)state;
    struct home home;
    char session[WORLD_SID_SIZE];
    create_home(&home, session);
    say_poll(home.world, 0, session, "");
    export(&home, session);
    assert_hears(home.world, 0, "HTTP/1.1 200 OK", "\r\n\r\n6");
    say_poll(home.world, 0, session, "");
    assert_hears(home.world, 0, "HTTP/1.1 400", "{\"code\":1,");
    assert_int_equal(home.closed_probes, 0);
    destroy_home(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polls_on_one_connection_wait_for_the_other_node),
        cmocka_unit_test(requests_in_one_segment_are_asked_one_behind_the_other),
        cmocka_unit_test(client_that_leaves_is_told_once),
        cmocka_unit_test(body_is_coded_where_the_client_is),
        cmocka_unit_test(post_goes_there_whole),
        cmocka_unit_test(post_that_is_too_large_is_refused_here),
        cmocka_unit_test(upgrade_is_held_until_the_other_node_knows_the_session),
        cmocka_unit_test(upgrade_that_no_node_knows_is_refused_in_plain_http),
        cmocka_unit_test(client_that_leaves_before_the_101_gets_none),
        cmocka_unit_test(websocket_may_be_closed_at_once_and_from_within),
        cmocka_unit_test(violation_on_a_foreign_websocket_is_told_as_one),
        cmocka_unit_test(session_that_comes_here_owns_its_websocket),
        cmocka_unit_test(session_that_comes_here_may_end_its_websocket),
        cmocka_unit_test(poll_at_home_is_freed_when_the_session_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
