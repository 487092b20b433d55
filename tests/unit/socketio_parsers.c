// Connections that speak something else than text of protocol v5: msgpack, and the protocol of
// Engine.IO v3 clients as far as it needs no such engine.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/socketio/legacy.h"
#include "bridge/socketio/msgpack.h"
#include "tests/unit/socketio_world.h"

static int set_up(void **state)
{
    world_set_up(state);
    struct world *world = *state;
    world->config.allow_msgpack = true;
    return 0;
}

static void send_msgpack(struct world *world, size_t link, const char *text,
                         const struct bytes *files, size_t count)
{
    struct buffer message;
    buffer_init(&message, 10000);
    assert_int_equal(msgpack_write(bytes_text(text), files, count, &message), LC_OK);
    world_receive_binary(world, link, buffer_bytes(&message));
    buffer_release(&message);
}

// What the link got, read back to text; '$' as in world_sent().
static void expect_msgpack(struct world *world, size_t link, const char *expected)
{
    struct buffer read;
    buffer_init(&read, 10000);
    struct bytes sent = buffer_bytes(&world->links[link].sent);
    if (sent.size > 0) {
        assert_true(bytes_starts_with(sent, bytes_text("b:")));
        struct bytes files[4];
        size_t count;
        struct bytes message = bytes_of(sent.data + 2, sent.size - 3);
        assert_int_equal(msgpack_read(message, &read, files, 4, &count), LC_OK);
        for (size_t i = 0; i < count; i++) {
            buffer_append_text(&read, " <");
            buffer_append(&read, files[i]);
            buffer_append_text(&read, ">");
        }
    }
    struct buffer before = world->links[link].sent;
    world->links[link].sent = read;
    world_sent(world, link, expected);
    buffer_release(&world->links[link].sent);
    world->links[link].sent = before;
    buffer_clear(&world->links[link].sent);
}

static void a_connection_that_begins_binary_speaks_msgpack_both_ways(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    send_msgpack(world, link, "0{\"token\":1}", NULL, 0);
    world_told(world, "connect / {\"token\":1}\n");
    expect_msgpack(world, link, "0{\"sid\":\"$\"}");
    struct bytes file = bytes_text("abc");
    send_msgpack(world, link, "51-7[\"e\",{\"_placeholder\":true,\"num\":0}]", &file, 1);
    world_told(world, "event e({\"_placeholder\":true,\"num\":0}) <abc>\n");
    socketio_ack_binary(world->server, world->sockets[0], 7,
                        bytes_text("{\"_placeholder\":true,\"num\":0}"), &file, 1);
    world_flush(world);
    expect_msgpack(world, link, "61-7[{\"_placeholder\":true,\"num\":0}] <abc>");
    socketio_emit(world->server, world->sockets[0], bytes_text("x"), bytes_text("[1,null,\"y\"]"));
    world_flush(world);
    expect_msgpack(world, link, "2[\"x\",[1,null,\"y\"]]");
    send_msgpack(world, link, "1", NULL, 0);
    world_told(world, "disconnecting client namespace disconnect, rooms\n"
                      "disconnect client namespace disconnect, rooms\n");
}

static void rooms_reach_both_kinds_from_one_frame(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t text = world_client(world);
    size_t packed = world_websocket(world);
    send_msgpack(world, packed, "0", NULL, 0);
    struct bytes room = bytes_text("r");
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(socketio_room_join(world->server, world->sockets[i], room), LC_OK);
    }
    world_forget(world);
    struct bytes file = bytes_text("abc");
    struct socketio_emission sent = emission("e", "{\"_placeholder\":true,\"num\":0}");
    sent.attachments = &file;
    sent.attachments_count = 1;
    struct socketio_target target = target_of("/", &room, 1);
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 2);
    world_flush(world);
    world_sent(world, text, "451-[\"e\",{\"_placeholder\":true,\"num\":0}]\nb:abc\n");
    expect_msgpack(world, packed, "51-[\"e\",{\"_placeholder\":true,\"num\":0}] <abc>");
    target.rooms_count = 0;
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 2);
    world_flush(world);
    world_sent(world, text, "451-[\"e\",{\"_placeholder\":true,\"num\":0}]\nb:abc\n");
    expect_msgpack(world, packed, "51-[\"e\",{\"_placeholder\":true,\"num\":0}] <abc>");
}

static void text_on_a_msgpack_connection_and_garbage_close_it(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    send_msgpack(world, link, "0", NULL, 0);
    world_receive(world, link, "42[\"x\"]");
    assert_true(world->links[link].closed);
    link = world_websocket(world);
    world_receive_binary(world, link, bytes_text("\xc1 nothing"));
    assert_true(world->links[link].closed);
}

static void a_connection_that_began_as_text_keeps_it(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_client(world);
    world_receive_binary(world, link, bytes_text("\x81")); // an attachment that nobody announced
    assert_true(world->links[link].closed);
}

static void where_it_is_not_allowed_binary_first_closes(void **state)
{
    struct world *world = *state;
    world->config.allow_msgpack = false;
    world_start(world);
    size_t link = world_websocket(world);
    send_msgpack(world, link, "0", NULL, 0);
    assert_true(world->links[link].closed);
    world_told(world, "");
}

static void what_msgpack_cannot_say_is_left_out(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    send_msgpack(world, link, "0", NULL, 0);
    world_forget(world);
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text("not json"));
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text("1"));
    world_flush(world);
    expect_msgpack(world, link, "2[\"e\",1]");
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.unencodable_total, 1);
}

static void recovery_replays_in_msgpack(void **state)
{
    struct world *world = *state;
    world->config.recovery_ms = 120000;
    world_start(world);
    size_t text = world_client(world);
    size_t link = world_websocket(world);
    send_msgpack(world, link, "0", NULL, 0);
    struct bytes sent = buffer_bytes(&world->links[link].sent);
    struct buffer reply;
    buffer_init(&reply, 1000);
    size_t count;
    assert_int_equal(msgpack_read(bytes_of(sent.data + 2, sent.size - 3), &reply, NULL, 0, &count),
                     LC_OK);
    char connect[100];
    snprintf(connect, sizeof connect, "0{\"pid\":\"%.20s\"}",
             strstr(buffer_text(&reply), "\"pid\":\"") + 7);
    buffer_release(&reply);
    world_gone(world, link);
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission missed = emission("e", "1");
    (void)socketio_broadcast(world->server, &all, &missed);
    world_flush(world);
    world_sent(world, text, "42[\"e\",1,\"1\"]\n");
    link = world_websocket(world);
    world->links[link].takes = false; // only the first batch
    send_msgpack(world, link, connect, NULL, 0);
    assert_true(socketio_socket_is_recovered(world->server, world->sockets[2]));
    assert_non_null(memchr(world->links[link].sent.data, 'e', world->links[link].sent.size));
}

// ---- attachments of text packets ----

static void attachments_follow_their_head_and_nothing_else_may(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_client(world);
    world_receive(world, link,
                  "452-[\"e\",{\"_placeholder\":true,\"num\":1},"
                  "{\"_placeholder\":true,\"num\":0}]");
    world_receive_binary(world, link, bytes_text("first"));
    world_receive(world, link, "3"); // a pong of the transport is nothing between them
    world_told(world, "");
    world_receive_binary(world, link, bytes_text("")); // an empty one is one, too
    world_told(world, "event e({\"_placeholder\":true,\"num\":1},"
                      "{\"_placeholder\":true,\"num\":0}) <first> <>\n");
    world_receive(world, link, "451-[\"e\"]");
    world_receive(world, link, "42[\"between\"]");
    assert_true(world->links[link].closed);
    world_told(world, "disconnecting parse error, rooms\ndisconnect parse error, rooms\n");
}

static void an_attachment_without_a_head_closes(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_client(world);
    world_receive(world, link, "451-[\"e\",{\"_placeholder\":true,\"num\":0}]");
    world_receive_binary(world, link, bytes_text("one"));
    assert_false(world->links[link].closed);
    world_receive_binary(world, link, bytes_text("two"));
    assert_true(world->links[link].closed);
}

static void attachments_have_a_limit_in_sum(void **state)
{
    struct world *world = *state;
    world->config.max_payload = 100;
    world_start(world);
    size_t link = world_client(world);
    world_receive(world, link, "456-[\"e\"]");
    static const char bytes[100];
    for (size_t i = 0; i < 4; i++) {
        world_receive_binary(world, link, bytes_of(bytes, sizeof bytes));
        assert_false(world->links[link].closed);
    }
    world_receive_binary(world, link, bytes_of(bytes, 1));
    assert_true(world->links[link].closed);
}

// ---- Engine.IO v3 ----

static void expect_split(const char *name, const char *path, const char *auth)
{
    struct buffer out;
    buffer_init(&out, 1000);
    struct bytes found;
    legacy_split(bytes_text(name), &found, &out);
    assert_true(bytes_equal_text(found, path));
    assert_string_equal(buffer_text(&out), auth);
    buffer_release(&out);
}

static void the_query_of_a_name_is_the_auth(void **state)
{
    (void)state;
    expect_split("/x?a=b", "/x", "{\"a\":\"b\"}");
    expect_split("/x", "/x", "");
    expect_split("/x?", "/x", "{}");
    expect_split("/?t=%C3%A9+%22%&&empty&e=&=v&a%3Db=c%26d", "/",
                 "{\"t\":\"\xC3\xA9 \\\"%\",\"empty\":\"\",\"e\":\"\",\"\":\"v\",\"a=b\":\"c&d\"}");
    expect_split("/x?a=%ff&b=1", "/x", "{\"b\":\"1\"}"); // no text
}

static void an_error_is_its_data_or_its_message(void **state)
{
    (void)state;
    assert_true(bytes_equal_text(legacy_error(bytes_text("{\"message\":\"nope\"}")), "\"nope\""));
    assert_true(bytes_equal_text(
        legacy_error(bytes_text("{\"message\":\"nope\",\"data\":{\"code\":1}}")), "{\"code\":1}"));
    assert_true(bytes_equal_text(legacy_error(bytes_text("{}")), "{}"));
}

static void ids_are_made_of_the_connection_s(void **state)
{
    (void)state;
    char text[SID_SIZE_MAX];
    struct bytes sid = bytes_text("01234567890123456789");
    assert_true(bytes_equal_text(legacy_sid(sid, bytes_text("/"), text), "01234567890123456789"));
    assert_true(
        bytes_equal_text(legacy_sid(sid, bytes_text("/x"), text), "/x#01234567890123456789"));
}

int main(void)
{
#define PARSER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        PARSER_TEST(a_connection_that_begins_binary_speaks_msgpack_both_ways),
        PARSER_TEST(rooms_reach_both_kinds_from_one_frame),
        PARSER_TEST(text_on_a_msgpack_connection_and_garbage_close_it),
        PARSER_TEST(a_connection_that_began_as_text_keeps_it),
        PARSER_TEST(where_it_is_not_allowed_binary_first_closes),
        PARSER_TEST(what_msgpack_cannot_say_is_left_out),
        PARSER_TEST(recovery_replays_in_msgpack),
        PARSER_TEST(attachments_follow_their_head_and_nothing_else_may),
        PARSER_TEST(an_attachment_without_a_head_closes),
        PARSER_TEST(attachments_have_a_limit_in_sum),
        cmocka_unit_test(the_query_of_a_name_is_the_auth),
        cmocka_unit_test(an_error_is_its_data_or_its_message),
        cmocka_unit_test(ids_are_made_of_the_connection_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
