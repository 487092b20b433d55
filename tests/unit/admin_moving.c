// An admin whose connection moves to another node is one there: no password, that node's sockets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/engineio/foreign.h"
#include "tests/unit/admin_world.h"

enum { GET = 1, POST = 2 };
#define PROBE (ENGINEIO_RELAYED_BIT | 1)

static void poll_or_post(struct world *world, struct bytes sid, const char *body)
{
    char query[100];
    snprintf(query, sizeof query, "EIO=4&transport=polling&sid=%.*s", (int)sid.size,
             (const char *)sid.data);
    struct engineio_request request = {.exchange = body == NULL ? GET : POST,
                                       .method = bytes_text(body == NULL ? "GET" : "POST"),
                                       .handshake = {.query = bytes_text(query)}};
    struct engineio_session_id session;
    int64_t now_ms = engineio_now(world->engine);
    (void)engineio_request(world->engine, now_ms, &request, &session);
    if (body != NULL) {
        engineio_post_complete(world->engine, now_ms, session, POST, bytes_text(body));
    }
}

// The session id of an admin who is let in over polling, and has read everything.
static struct bytes polling_admin(struct world *world)
{
    struct engineio_request request = {
        .exchange = GET,
        .method = bytes_text("GET"),
        .handshake = {.query = bytes_text("EIO=4&transport=polling")}};
    struct engineio_session_id session;
    (void)engineio_request(world->engine, world->now_ms, &request, &session);
    struct bytes sid = engineio_sid(world->engine, session);
    poll_or_post(world, sid, LOGIN);
    check_passwords(world);
    poll_or_post(world, sid, NULL);
    engineio_flush(world->engine, world->now_ms);
    return sid;
}

// Out of the server, and until arrive() nowhere.
static void leave(struct world *world, struct bytes sid, struct buffer *state)
{
    char copy[ENGINEIO_SID_SIZE];
    memcpy(copy, sid.data, sizeof copy);
    sid = bytes_of(copy, sizeof copy);
    int64_t now_ms = world->now_ms;
    assert_int_equal(engineio_probe_begin(world->engine, now_ms, sid,
                                          bytes_text("EIO=4&transport=websocket"), PROBE),
                     ENGINEIO_PROBE_BEGUN);
    assert_int_equal(engineio_export(world->engine, now_ms, sid, PROBE, bytes_text("NODE"), state),
                     LC_OK);
    engineio_export_done(world->engine, now_ms, sid);
}

static enum lc_status arrive(struct world *world, struct bytes state, struct client **out_client)
{
    struct client *client = &world->clients[world->clients_count++];
    buffer_init(&client->sent, 1 << 24);
    enum lc_status status =
        engineio_import(world->engine, world->now_ms, state, ++world->next_ws, &client->session);
    engineio_flush(world->engine, world->now_ms);
    *out_client = client;
    return status;
}

static void an_admin_who_moves_watches_there(void **state_)
{
    struct world *world = *state_;
    struct buffer state;
    buffer_init(&state, 1 << 20);
    leave(world, polling_admin(world), &state);
    assert_int_equal(admin_deadline_ms(world->admin), INT64_MAX); // nobody watches
    struct client *admin;
    assert_int_equal(arrive(world, buffer_bytes(&state), &admin), LC_OK);
    assert_int_equal(world->tickets_count, 0);
    assert_memory_equal(next_line(admin), "42/admin,[\"config\",", 19);
    assert_memory_equal(next_line(admin), "42/admin,[\"all_sockets\",[{", 26);
    assert_true(admin_deadline_ms(world->admin) < INT64_MAX);
    forget(admin);
    struct client *user = connect_to(world, "40");
    bool is_told = false;
    for (const char *line = next_line(admin); line[0] != 0; line = next_line(admin)) {
        is_told = is_told || strncmp(line, "42/admin,[\"socket_connected\",", 29) == 0;
    }
    assert_true(is_told);
    forget(user);
    say(world, admin, "42/admin,[\"emit\",\"/\",null,\"hello\"]"); // and acts
    expect(user, "42[\"hello\"]");
    go_away(world, admin);
    assert_int_equal(admin_deadline_ms(world->admin), INT64_MAX);
    buffer_release(&state);
}

static void one_too_many_cannot_move_there(void **state_)
{
    struct world *world = *state_;
    struct buffer state;
    buffer_init(&state, 1 << 20);
    leave(world, polling_admin(world), &state);
    (void)log_in(world);
    for (int i = 1; i < ADMIN_SOCKETS_MAX; i++) {
        (void)connect_to(world, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    }
    struct client *admin;
    assert_int_equal(arrive(world, buffer_bytes(&state), &admin), LC_ERR_BAD_INPUT);
    buffer_release(&state);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_admin_who_moves_watches_there),
        TEST(one_too_many_cannot_move_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
