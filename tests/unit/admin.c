// Who may administer, and in which modes: the bytes are those of @socket.io/admin-ui 0.5.1 with
// socket.io 4.8.4, but for what admin.h lists.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "tests/unit/admin_world.h"

// ---- who comes in ----

static void wrong_credentials_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {
        "40/admin",
        "40/admin,{}",
        "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}",
        "40/admin,{\"sessionId\":1}",
        "40/admin,{\"username\":\"admin\"}",
        "40/admin,{\"username\":\"admin\",\"password\":null}",
        "40/admin,{\"username\":\"admin\",\"password\":\"\"}",
        "40/admin,{\"username\":{},\"password\":[]}",
    };
    struct client *client = open_client(world);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        say(world, client, bad[i]);
        assert_int_equal(world->tickets_count, 0);
        expect(client, "44/admin,{\"message\":\"invalid credentials\"}");
    }
}

// The wrong user costs a check as well: its time tells nothing.
static void the_password_is_checked_for_the_wrong_user_too(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    say(world, client, "40/admin,{\"username\":\"root\",\"password\":\"secret\"}");
    say(world, client, "40/admin,{\"username\":\"admin\",\"password\":\"secreT\"}");
    assert_int_equal(world->tickets_count,
                     1); // the second CONNECT of a namespace ends a connection
    check_passwords(world);
}

static void a_wrong_user_or_password_is_refused_after_the_check(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    say(world, client, "40/admin,{\"username\":\"root\",\"password\":\"secret\"}");
    expect_nothing(client);
    check_passwords(world);
    expect(client, "44/admin,{\"message\":\"invalid credentials\"}");
    say(world, client, "40/admin,{\"username\":\"admin\",\"password\":\"secreT\"}");
    expect_nothing(client);
    check_passwords(world);
    expect(client, "44/admin,{\"message\":\"invalid credentials\"}");
}

static void attempts_are_bounded(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    for (int i = 0; i < ADMIN_ATTEMPTS_BURST; i++) {
        say(world, client, "40/admin,{\"username\":\"admin\",\"password\":\"x\"}");
        check_passwords(world);
        expect(client, "44/admin,{\"message\":\"invalid credentials\"}");
    }
    say(world, client, LOGIN);
    assert_int_equal(world->tickets_count, 0);
    expect(client, "44/admin,{\"message\":\"too many attempts\"}");
    world->now_ms += ADMIN_ATTEMPT_MS;
    say(world, client, LOGIN);
    check_passwords(world);
    expect(client, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
}

static void attempts_of_one_address_leave_those_of_another(void **state)
{
    struct world *world = *state;
    struct client *guesser = open_client(world);
    for (int i = 0; i < ADMIN_ATTEMPTS_BURST; i++) {
        say(world, guesser, "40/admin,{\"username\":\"admin\",\"password\":\"x\"}");
        check_passwords(world);
    }
    struct client *admin = open_client_from(world, "10.0.0.2");
    say(world, admin, LOGIN);
    check_passwords(world);
    expect(admin, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
}

static void a_checker_that_is_busy_is_too_many_attempts(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    world->is_busy = true;
    say(world, client, LOGIN);
    expect(client, "44/admin,{\"message\":\"too many attempts\"}");
    world->is_busy = false;
    say(world, client, LOGIN);
    check_passwords(world);
    expect(client, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
}

static void an_answer_for_a_client_that_left_or_a_wrong_ticket_does_nothing(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    say(world, client, LOGIN);
    go_away(world, client);
    check_passwords(world);
    admin_password_checked(world->admin, 0, true);
    admin_password_checked(world->admin, 999, true);
    // Nor was a session begun.
    struct client *other = open_client(world);
    say(world, other, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    expect(other, "44/admin,{\"message\":\"invalid credentials\"}");
}

// As recorded from the reference, with `session` once more behind the CONNECT reply.
static void a_login_is_answered_with_session_config_and_all_sockets(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    struct client *admin = open_client(world);
    say(world, admin, LOGIN);
    check_passwords(world);
    expect(admin, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    keep_sid(admin, next_line(admin));
    expect(admin, "42/admin,[\"room_joined\",\"/admin\",\"%s\",\"%s\"," NOW "]", admin->sid,
           admin->sid);
    const char *own = socket_json(admin->sid, 1, "/admin", "");
    expect(admin, "42/admin,[\"socket_connected\",%s," NOW "]", own);
    expect(admin, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    expect(admin, "42/admin,[\"config\",{\"supportedFeatures\":[\"EMIT\",\"JOIN\",\"LEAVE\","
                  "\"DISCONNECT\",\"MJOIN\",\"MLEAVE\",\"MDISCONNECT\",\"AGGREGATED_EVENTS\","
                  "\"ALL_EVENTS\"]}]");
    expect(admin, "42/admin,[\"all_sockets\",[%s,%s]]", own, socket_json(user->sid, 0, "/", ""));
    expect_nothing(admin);
}

static void a_session_lets_in_without_a_password_until_it_ends(void **state)
{
    struct world *world = *state;
    (void)log_in(world);
    struct client *second = open_client(world);
    say(world, second, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    keep_sid(second, next_line(second));
    assert_int_equal(world->tickets_count, 0);
    world->now_ms += ADMIN_SESSION_LIFE_MS;
    struct client *third = open_client(world);
    say(world, third, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    expect(third, "44/admin,{\"message\":\"invalid credentials\"}");
}

static void admins_are_bounded(void **state)
{
    struct world *world = *state;
    (void)log_in(world);
    struct client *client = NULL;
    for (int i = 0; i < ADMIN_SOCKETS_MAX; i++) {
        client = open_client(world);
        say(world, client, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    }
    assert_string_equal(last_line(client), "44/admin,{\"message\":\"too many admins\"}");
}

// ---- modes ----

static void a_readonly_admin_sees_and_cannot_act(void **state)
{
    struct admin_config config = DEVELOPMENT;
    config.is_readonly = true;
    struct world *world = world_create(&config, 0);
    struct client *user = connect_to(world, "40");
    struct client *admin = open_client(world);
    say(world, admin, LOGIN);
    check_passwords(world);
    bool has_config = false;
    for (const char *line = next_line(admin); line[0] != 0; line = next_line(admin)) {
        has_config = has_config || strcmp(line, "42/admin,[\"config\",{\"supportedFeatures\":["
                                                "\"AGGREGATED_EVENTS\",\"ALL_EVENTS\"]}]") == 0;
    }
    assert_true(has_config);
    say(world, admin, "42/admin,[\"emit\",\"/\",null,\"x\"]");
    say(world, admin, "42/admin,[\"join\",\"/\",\"red\"]");
    say(world, admin, "42/admin,[\"_disconnect\",\"/\",true]");
    expect_nothing(user);
    expect_nothing(admin);
    world_destroy(world);
    (void)state;
}

static void in_production_single_sockets_and_events_are_not_shown(void **state)
{
    struct admin_config config = DEVELOPMENT;
    config.is_production = true;
    config.namespace_name = "/desk";
    config.server_id = NULL;
    struct world *world = world_create(&config, 0);
    struct client *user = connect_to(world, "40");
    struct client *admin = open_client(world);
    say(world, admin, "40/admin,{\"username\":\"admin\",\"password\":\"secret\"}");
    assert_int_equal(world->tickets_count, 0); // the application's
    forget(admin);
    say(world, admin, "40/desk,{\"username\":\"admin\",\"password\":\"secret\"}");
    check_passwords(world);
    expect(admin, "42/desk,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    keep_sid(admin, next_line(admin));
    expect(admin, "42/desk,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    expect(admin, "42/desk,[\"config\",{\"supportedFeatures\":[\"EMIT\",\"JOIN\",\"LEAVE\","
                  "\"DISCONNECT\",\"MJOIN\",\"MLEAVE\",\"MDISCONNECT\",\"AGGREGATED_EVENTS\"]}]");
    say(world, user, "42[\"echo\",1]");
    say(world, user, "42[\"join\"]");
    expect_nothing(admin);
    say(world, admin, "42/desk,[\"emit\",\"/\",null,\"x\"]");
    expect(user, "42[\"back\",1]");
    expect(user, "42[\"x\"]");
    sleep_until(world, START_MS + 2000);
    assert_non_null(strstr(next_line(admin), "[\"server_stats\",{\"serverId\":\"house\","));
    expect_nothing(admin);
    world_destroy(world);
    (void)state;
}

// An admin that comes back gets all sockets anew: nothing is kept for it, nor in the place of what
// the application sends.
static void an_admin_is_not_recovered(void **state)
{
    struct world *world = world_create(&DEVELOPMENT, 120000);
    struct client *admin = open_client(world);
    say(world, admin, LOGIN);
    check_passwords(world);
    expect(admin, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    const char *connected = next_line(admin);
    keep_sid(admin, connected);
    assert_null(strstr(connected, "pid"));
    forget(admin);
    struct client *user = open_client(world);
    say(world, user, "40");
    assert_non_null(strstr(next_line(user), "\"pid\":"));
    say(world, user, "42[\"join\"]");
    assert_non_null(strstr(last_line(admin), "[\"room_joined\",\"/\",\"blue\","));
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_events, 0);
    say(world, admin, "42/admin,[\"emit\",\"/\",null,\"x\"]");
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_events, 1);
    world_destroy(world);
    (void)state;
}

static void a_configuration_without_user_or_with_another_s_namespace_is_refused(void **state)
{
    struct world *world = *state;
    struct admin *admin;
    struct admin_env env = {boot_ms, wall_ms, fixed_random, check_password, world};
    struct admin_config config = DEVELOPMENT;
    assert_int_equal(admin_create(&config, &env, world->server, &admin), LC_ERR_EXISTS);
    config.user = "";
    config.namespace_name = "/other";
    assert_int_equal(admin_create(&config, &env, world->server, &admin), LC_ERR_BAD_INPUT);
    config.user = NULL;
    assert_int_equal(admin_create(&config, &env, world->server, &admin), LC_ERR_BAD_INPUT);
    config.user = "admin";
    config.namespace_name = "no slash";
    assert_int_equal(admin_create(&config, &env, world->server, &admin), LC_ERR_BAD_INPUT);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(wrong_credentials_are_refused),
        TEST(the_password_is_checked_for_the_wrong_user_too),
        TEST(a_wrong_user_or_password_is_refused_after_the_check),
        TEST(attempts_are_bounded),
        TEST(attempts_of_one_address_leave_those_of_another),
        TEST(a_checker_that_is_busy_is_too_many_attempts),
        TEST(an_answer_for_a_client_that_left_or_a_wrong_ticket_does_nothing),
        TEST(a_login_is_answered_with_session_config_and_all_sockets),
        TEST(a_session_lets_in_without_a_password_until_it_ends),
        TEST(admins_are_bounded),
        cmocka_unit_test(a_readonly_admin_sees_and_cannot_act),
        cmocka_unit_test(in_production_single_sockets_and_events_are_not_shown),
        cmocka_unit_test(an_admin_is_not_recovered),
        TEST(a_configuration_without_user_or_with_another_s_namespace_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
