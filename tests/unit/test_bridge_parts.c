#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/app/attendance.h"
#include "bridge/app/engine_clock.h"
#include "bridge/app/first_stamps.h"
#include "bridge/app/http_router.h"
#include "bridge/app/identity.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/pending_commands.h"
#include "bridge/app/presence_board.h"
#include "bridge/app/rate_limit.h"

static struct identity person(const char *subject, const char *role)
{
    struct identity identity;
    assert_true(identity_read(bytes_text(subject), bytes_text("demo"), bytes_text(role),
                              bytes_text("Ana"), 2000, &identity));
    return identity;
}

// ---- slices ----

static void assert_member(const char *object, const char *name, const char *expected)
{
    struct bytes found = json_slice_member(bytes_text(object), name);
    if (expected == NULL) {
        assert_null(found.data);
    } else {
        assert_true(bytes_equal_text(found, expected));
    }
}

static void a_member_is_found_as_the_bytes_that_stand_there(void **state)
{
    (void)state;
    const char *object = "{\"ok\":true,\"a\":{\"x\":[1,\"}\\\"\"]},\"n\":-12,\"t\":\"a\\\"b\"}";
    assert_member(object, "ok", "true");
    assert_member(object, "a", "{\"x\":[1,\"}\\\"\"]}");
    assert_member(object, "n", "-12");
    assert_member(object, "t", "\"a\\\"b\"");
    assert_member(object, "x", NULL);
    assert_member("{\"a\":1,\"a\":2}", "a", "1");
}

static void broken_text_has_no_members(void **state)
{
    (void)state;
    assert_member("", "a", NULL);
    assert_member("[1]", "a", NULL);
    assert_member("{\"a\"", "a", NULL);
    assert_member("{\"a\":", "a", NULL);
    assert_member("{\"a\":\"x", "a", NULL);
    assert_member("{\"b\":{\"a\":1", "a", NULL);
    assert_member("{a:1}", "a", NULL);
    assert_member("{\"b\":1 \"a\":2}", "a", NULL);
}

static void items_of_an_array_come_in_order(void **state)
{
    (void)state;
    struct bytes array = bytes_text("[{\"a\":[1,2]},\"x,]\", 7]");
    struct bytes item;
    size_t position = 0;
    assert_true(json_slice_next(array, &position, &item));
    assert_true(bytes_equal_text(item, "{\"a\":[1,2]}"));
    assert_true(json_slice_next(array, &position, &item));
    assert_true(bytes_equal_text(item, "\"x,]\""));
    assert_true(json_slice_next(array, &position, &item));
    assert_true(bytes_equal_text(item, "7"));
    assert_false(json_slice_next(array, &position, &item));
    position = 0;
    assert_false(json_slice_next(bytes_text("[]"), &position, &item));
}

// ---- identity ----

static void identity_comes_only_whole_and_legal(void **state)
{
    (void)state;
    struct identity identity;
    assert_true(identity_read(bytes_text("p1"), bytes_text("s"), bytes_text("bidder"),
                              bytes_text(""), 1, &identity));
    assert_false(identity_read(bytes_text(""), bytes_text("s"), bytes_text("bidder"),
                               bytes_text(""), 1, &identity));
    assert_false(identity_read(bytes_text("p 1"), bytes_text("s"), bytes_text("bidder"),
                               bytes_text(""), 1, &identity));
    assert_false(identity_read(bytes_text("p1"), bytes_text("s/+"), bytes_text("bidder"),
                               bytes_text(""), 1, &identity));
    assert_false(identity_read(bytes_text("p1"), bytes_text("s"), bytes_text("king"),
                               bytes_text(""), 1, &identity));
    assert_false(identity_read(bytes_text("p1"), bytes_text("s"), bytes_text("bidder"),
                               bytes_text(""), 0, &identity));
    assert_false(identity_read(bytes_text("p1"), bytes_text("*"), bytes_text("bidder"),
                               bytes_text(""), 1, &identity));
    assert_true(identity_read(bytes_text("root"), bytes_text("*"), bytes_text("admin"),
                              bytes_text(""), 1, &identity));
}

static void a_token_opens_its_own_sale_only_and_expires(void **state)
{
    (void)state;
    struct sale_id demo = {.text = "demo"};
    struct sale_id other = {.text = "other"};
    struct identity bidder = person("p1", "bidder");
    struct identity nobody = identity_anonymous();
    assert_int_equal(identity_may_view(&bidder, &demo, false), ERROR_NONE);
    assert_int_equal(identity_may_view(&bidder, &other, false), ERROR_FORBIDDEN);
    assert_int_equal(identity_may_view(&nobody, &demo, false), ERROR_UNAUTHENTICATED);
    assert_int_equal(identity_may_view(&nobody, &demo, true), ERROR_NONE);
    assert_int_equal(identity_may_command(&bidder, &demo, 1999), ERROR_NONE);
    assert_int_equal(identity_may_command(&bidder, &demo, 2000), ERROR_TOKEN_EXPIRED);
    assert_int_equal(identity_may_command(&bidder, &other, 1), ERROR_FORBIDDEN);
    assert_int_equal(identity_may_command(&nobody, &demo, 1), ERROR_UNAUTHENTICATED);
}

static void private_notices_are_for_the_bidder_and_not_for_staff_of_the_same_name(void **state)
{
    (void)state;
    struct participant_id id = {.text = "p1"};
    struct identity bidder = person("p1", "bidder");
    struct identity staff = person("p1", "auctioneer");
    struct identity other = person("p2", "bidder");
    assert_true(identity_is_participant(&bidder, &id));
    assert_false(identity_is_participant(&staff, &id));
    assert_false(identity_is_participant(&other, &id));
}

// ---- attendance and presence ----

static void f25_an_identity_counts_once_and_l16_leaves_with_its_last_socket(void **state)
{
    (void)state;
    bool changed;
    struct attendance attendance;
    struct identity ana = person("p1", "bidder");
    struct identity ben = person("p2", "bidder");
    struct identity clerk = person("p1", "clerk");
    struct identity nobody = identity_anonymous();
    struct participant_id ids[4];
    attendance_init(&attendance);
    assert_int_equal(attendance_enter(&attendance, &ben, &changed), LC_OK);
    assert_int_equal(attendance_enter(&attendance, &ana, &changed), LC_OK);
    assert_true(changed);
    assert_int_equal(attendance_enter(&attendance, &ana, &changed), LC_OK);
    assert_false(changed);
    assert_int_equal(attendance_enter(&attendance, &clerk, &changed), LC_OK);
    assert_int_equal(attendance_enter(&attendance, &nobody, &changed), LC_OK);
    assert_int_equal(attendance_enter(&attendance, &nobody, &changed), LC_OK);
    assert_int_equal(attendance_count(&attendance), 5);
    assert_int_equal(attendance_participants(&attendance, ids, 4), 2);
    assert_string_equal(ids[0].text, "p1");
    assert_string_equal(ids[1].text, "p2");
    attendance_leave(&attendance, &ana, &changed);
    assert_false(changed);
    attendance_leave(&attendance, &ana, &changed);
    assert_true(changed);
    attendance_leave(&attendance, &nobody, &changed);
    assert_int_equal(attendance_count(&attendance), 3);
    attendance_release(&attendance);
}

static void say(struct presence_board *board, const char *node, const char *sale, int64_t count,
                const char *first, const char *second)
{
    struct wire_presence presence = {.count = count};
    snprintf(presence.node.text, sizeof presence.node.text, "%s", node);
    snprintf(presence.sale.text, sizeof presence.sale.text, "%s", sale);
    presence.ids = calloc(2, sizeof presence.ids[0]);
    snprintf(presence.ids[0].text, ID_SIZE_MAX, "%s", first);
    snprintf(presence.ids[1].text, ID_SIZE_MAX, "%s", second);
    presence.ids_count = 2;
    presence_board_set(board, &presence);
}

static bool beat(struct presence_board *board, const struct client_id *node, int64_t life_ms,
                 int64_t now_ms)
{
    return presence_board_beat(
        board, &(struct bridge_beat){.node = *node, .relay = "", .life_ms = life_ms}, now_ms);
}

static int64_t lobby_count(const struct presence_board *board, int64_t now_ms)
{
    struct sale_id sale = {.text = "demo"};
    struct participant_id local[] = {{.text = "p2"}, {.text = "p9"}};
    struct lobby lobby;
    assert_int_equal(presence_board_lobby(board, &sale, 3, local, 2, now_ms, &lobby), LC_OK);
    free(lobby.ids);
    return lobby.count;
}

static void the_lobby_is_the_sum_of_live_bridges_without_doubles(void **state)
{
    (void)state;
    struct presence_board board;
    struct client_id b = {.text = "bridge-b"};
    struct client_id c = {.text = "bridge-c"};
    struct sale_id demo = {.text = "demo"};
    presence_board_init(&board, NULL, NULL);
    say(&board, "bridge-b", "demo", 4, "p1", "p2");
    say(&board, "bridge-b", "other", 100, "p1", "p2");
    assert_int_equal(lobby_count(&board, 0), 3); // nobody knows yet that b lives
    assert_true(beat(&board, &b, 30000, 0));
    assert_false(beat(&board, &b, 30000, 10));
    assert_int_equal(lobby_count(&board, 20), 6); // 3 + 4, p2 is at both
    say(&board, "bridge-c", "demo", 2, "p1", "p3");
    assert_true(beat(&board, &c, 30000, 20));
    assert_int_equal(lobby_count(&board, 20), 7);
    presence_board_clear(&board, &b, &demo);
    assert_int_equal(lobby_count(&board, 20), 5);
    say(&board, "bridge-b", "demo", 4, "p1", "p2");
    // The participants of a bridge that has gone come back elsewhere: nobody misses them meanwhile.
    say(&board, "bridge-c", "demo", 3, "p1", "p3"); // and somebody anonymous
    assert_int_equal(lobby_count(&board, 20), 8);
    assert_true(beat(&board, &c, 0, 30));
    presence_board_clear(&board, &c, &demo);
    assert_int_equal(lobby_count(&board, 30), 7);
    assert_int_equal(presence_board_deadline_ms(&board), 30 + PRESENCE_LINGER_MS);
    assert_false(presence_board_expire(&board, 29 + PRESENCE_LINGER_MS));
    assert_true(presence_board_expire(&board, 30 + PRESENCE_LINGER_MS));
    assert_int_equal(lobby_count(&board, 30 + PRESENCE_LINGER_MS), 6);
    // One that comes back says anew who is there.
    assert_true(beat(&board, &c, 0, 5100) == false && beat(&board, &c, 30000, 5100));
    say(&board, "bridge-c", "demo", 1, "p3", "p3");
    presence_board_clear(&board, &c, &demo);
    assert_int_equal(lobby_count(&board, 5100), 6);
    assert_true(beat(&board, &c, 0, 5101));
    assert_false(presence_board_expire(&board, 30009));
    assert_true(presence_board_expire(&board, 30010));
    presence_board_release(&board);
}

// ---- rate limit ----

static void a_burst_is_allowed_and_then_the_rate(void **state)
{
    (void)state;
    struct rate_limit *limit;
    assert_int_equal(rate_limit_create(20, 40, &limit), LC_OK);
    for (int i = 0; i < 40; i++) {
        assert_true(rate_limit_allows(limit, bytes_text("a"), 1000));
    }
    assert_false(rate_limit_allows(limit, bytes_text("a"), 1000));
    assert_true(rate_limit_allows(limit, bytes_text("b"), 1000));
    assert_false(rate_limit_allows(limit, bytes_text("a"), 1049));
    assert_true(rate_limit_allows(limit, bytes_text("a"), 1050));
    assert_false(rate_limit_allows(limit, bytes_text("a"), 1050));
    for (int i = 0; i < 40; i++) {
        assert_true(rate_limit_allows(limit, bytes_text("a"), 100000));
    }
    assert_false(rate_limit_allows(limit, bytes_text("a"), 100000));
    rate_limit_destroy(limit);
}

// F29: the limiter itself never makes an outage.
static void f29_a_full_table_refuses_nobody(void **state)
{
    (void)state;
    struct rate_limit *limit;
    char key[32];
    assert_int_equal(rate_limit_create(1, 1, &limit), LC_OK);
    for (int i = 0; i < 3 * RATE_BUCKETS_MAX; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_true(rate_limit_allows(limit, bytes_text(key), i));
    }
    rate_limit_destroy(limit);
}

// ---- pending commands ----

static void a_reply_finds_its_asker_once(void **state)
{
    (void)state;
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    char second[WIRE_REPLY_TAG_SIZE_MAX + 1];
    struct pending_commands *pending;
    struct pending_command command = {.socket = 7, .sent_ms = 100};
    struct pending_command found;
    assert_int_equal(pending_commands_create(UINT64_C(0xABCDEF), &pending), LC_OK);
    assert_int_equal(pending_commands_add(pending, &command, tag), LC_OK);
    command.socket = 8;
    assert_int_equal(pending_commands_add(pending, &command, second), LC_OK);
    assert_true(pending_commands_take(pending, tag, &found));
    assert_int_equal(found.socket, 7);
    assert_false(pending_commands_take(pending, tag, &found));
    assert_false(pending_commands_take(pending, "", &found));
    assert_false(pending_commands_take(pending, "0000000000abcdef-9999999-1", &found));
    assert_false(pending_commands_take(pending, "0000000000abcdee-1-2", &found));
    assert_true(pending_commands_take(pending, second, &found));
    assert_int_equal(found.socket, 8);
    assert_int_equal(pending_commands_count(pending), 0);
    pending_commands_destroy(pending);
}

static void a_command_without_a_reply_times_out_after_two_seconds(void **state)
{
    (void)state;
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    struct pending_commands *pending;
    struct pending_command command = {.socket = 7, .sent_ms = 100};
    struct pending_command found;
    assert_int_equal(pending_commands_create(1, &pending), LC_OK);
    assert_int_equal(pending_commands_deadline_ms(pending), INT64_MAX);
    assert_int_equal(pending_commands_add(pending, &command, tag), LC_OK);
    assert_int_equal(pending_commands_deadline_ms(pending), 2100);
    assert_false(pending_commands_expire(pending, 2099, &found));
    assert_true(pending_commands_expire(pending, 2100, &found));
    assert_int_equal(found.socket, 7);
    assert_false(pending_commands_take(pending, tag, &found));
    pending_commands_destroy(pending);
}

static void the_table_of_commands_is_bounded(void **state)
{
    (void)state;
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    struct pending_commands *pending;
    struct pending_command command = {.socket = 7};
    assert_int_equal(pending_commands_create(1, &pending), LC_OK);
    for (int i = 0; i < PENDING_COMMANDS_MAX; i++) {
        assert_int_equal(pending_commands_add(pending, &command, tag), LC_OK);
    }
    assert_int_equal(pending_commands_add(pending, &command, tag), LC_ERR_FULL);
    assert_true(pending_commands_expire(pending, INT64_MAX, &command));
    assert_int_equal(pending_commands_add(pending, &command, tag), LC_OK);
    pending_commands_destroy(pending);
}

// ---- the engine's clock ----

static void an_engine_is_alive_for_30_s_after_its_last_beat(void **state)
{
    (void)state;
    struct engine_clock clock;
    struct engine_beat beat = {
        .node = "engine-1", .is_online = true, .since_ms = 1, .now_ms = 1000000};
    engine_clock_init(&clock);
    assert_false(engine_clock_is_alive(&clock, 0));
    engine_clock_beat(&clock, &beat, 500, 1000000);
    assert_true(engine_clock_is_alive(&clock, 500 + 29999));
    assert_int_equal(engine_clock_deadline_ms(&clock, 500), 30500);
    assert_false(engine_clock_is_alive(&clock, 30500));
    engine_clock_beat(&clock, &beat, 31000, 1030000);
    beat.is_online = false;
    engine_clock_beat(&clock, &beat, 31001, 1030000);
    assert_false(engine_clock_is_alive(&clock, 31001));
}

static void after_a_lost_broker_an_engine_is_alive_at_its_next_beat_and_time_goes_on(void **state)
{
    (void)state;
    struct engine_clock clock;
    struct engine_beat beat = {
        .node = "engine-1", .is_online = true, .since_ms = 1, .now_ms = 1000000};
    int64_t now_ms;
    int64_t uncertainty_ms;
    engine_clock_init(&clock);
    engine_clock_beat(&clock, &beat, 500, 1000000);
    engine_clock_lose_sight(&clock);
    assert_false(engine_clock_is_alive(&clock, 501));
    assert_true(engine_clock_now(&clock, 501, &now_ms, &uncertainty_ms));
    assert_int_equal(now_ms, 1000001);
    beat.now_ms = 1000400;
    engine_clock_beat(&clock, &beat, 900, 1000400);
    assert_true(engine_clock_is_alive(&clock, 901));
}

static void a_retained_beat_counts_from_the_time_it_was_made(void **state)
{
    (void)state;
    struct engine_clock clock;
    struct engine_beat beat = {.node = "engine-1",
                               .is_online = true,
                               .since_ms = 1,
                               .now_ms = 1000000,
                               .is_retained = true};
    engine_clock_init(&clock);
    engine_clock_beat(&clock, &beat, 500, 1020000);
    assert_true(engine_clock_is_alive(&clock, 500 + 9999));
    assert_false(engine_clock_is_alive(&clock, 500 + 10000));
    engine_clock_beat(&clock, &beat, 600, 1090000);
    assert_false(engine_clock_is_alive(&clock, 600));
}

static void the_sample_of_smaller_uncertainty_wins(void **state)
{
    (void)state;
    struct engine_clock clock;
    int64_t now_ms;
    int64_t uncertainty_ms;
    struct engine_beat beat = {
        .node = "engine-1", .is_online = true, .since_ms = 1, .now_ms = 1000000};
    engine_clock_init(&clock);
    assert_false(engine_clock_now(&clock, 0, &now_ms, &uncertainty_ms));
    engine_clock_beat(&clock, &beat, 500, 0);
    assert_true(engine_clock_now(&clock, 510, &now_ms, &uncertainty_ms));
    assert_int_equal(now_ms, 1000010);
    assert_int_equal(uncertainty_ms, ONE_WAY_UNCERTAINTY_MS);
    engine_clock_round_trip(&clock, 1000030, 520, 524);
    assert_true(engine_clock_now(&clock, 524, &now_ms, &uncertainty_ms));
    assert_int_equal(now_ms, 1000032);
    assert_int_equal(uncertainty_ms, 3);
    engine_clock_round_trip(&clock, 1009999, 530, 630); // slower: no better
    assert_true(engine_clock_now(&clock, 630, &now_ms, &uncertainty_ms));
    assert_int_equal(now_ms, 1000138);
    beat.since_ms = 2; // another process with another clock
    beat.now_ms = 5000000;
    engine_clock_beat(&clock, &beat, 700, 0);
    assert_true(engine_clock_now(&clock, 700, &now_ms, &uncertainty_ms));
    assert_int_equal(now_ms, 5000000);
}

// ---- routes ----

static void assert_route(const char *method, const char *path, int expected)
{
    struct http_target target;
    const char *allowed;
    assert_int_equal(http_router_find(bytes_text(method), bytes_text(path), &target, &allowed),
                     ERROR_NONE);
    assert_int_equal(target.route, expected);
}

static void assert_no_route(const char *method, const char *path, enum error_code expected)
{
    struct http_target target;
    const char *allowed;
    assert_int_equal(http_router_find(bytes_text(method), bytes_text(path), &target, &allowed),
                     expected);
}

static void every_route_of_the_protocol_is_found(void **state)
{
    (void)state;
    assert_route("GET", "/healthz", ROUTE_HEALTH);
    assert_route("GET", "/readyz", ROUTE_READY);
    assert_route("GET", "/metrics", ROUTE_METRICS);
    assert_route("POST", "/api/sales", ROUTE_SALE_CREATE);
    assert_route("GET", "/api/sales", ROUTE_SALE_LIST);
    assert_route("GET", "/api/sales/demo", ROUTE_SALE_SNAPSHOT);
    assert_route("POST", "/api/sales/demo/lots", ROUTE_LOTS_ADD);
    assert_route("GET", "/api/sales/demo/lots", ROUTE_LOTS_PAGE);
    assert_route("POST", "/api/sales/demo/invites", ROUTE_INVITE);
    assert_route("POST", "/api/sales/demo/join", ROUTE_JOIN);
    assert_route("POST", "/api/sales/demo/commands", ROUTE_COMMAND);
    assert_route("GET", "/api/sales/demo/events", ROUTE_EVENTS);
    assert_route("GET", "/api/sales/demo/results.json", ROUTE_RESULTS_JSON);
    assert_route("GET", "/api/sales/demo/results.csv", ROUTE_RESULTS_CSV);
    assert_route("GET", "/api/sales/demo/receipts/c-1", ROUTE_RECEIPT);
    assert_route("GET", "/", ROUTE_FILE);
    assert_route("GET", "/room", ROUTE_FILE);
    assert_route("GET", "/socket.io/socket.io.js", ROUTE_FILE);
    assert_route("GET", "/api/socket.io/socket.io.js", ROUTE_FILE);
}

static void wrong_methods_and_addresses_are_told_apart(void **state)
{
    (void)state;
    assert_no_route("PUT", "/api/sales", ERROR_METHOD_NOT_ALLOWED);
    assert_no_route("GET", "/api/sales/demo/join", ERROR_METHOD_NOT_ALLOWED);
    assert_no_route("DELETE", "/api/sales/demo", ERROR_METHOD_NOT_ALLOWED);
    assert_no_route("POST", "/healthz", ERROR_METHOD_NOT_ALLOWED);
    assert_no_route("POST", "/room", ERROR_METHOD_NOT_ALLOWED);
    assert_no_route("POST", "/api/sales/demo/receipts/x", ERROR_METHOD_NOT_ALLOWED);
    assert_no_route("GET", "/api", ERROR_NOT_FOUND);
    assert_no_route("GET", "/api/sales/", ERROR_NOT_FOUND);
    assert_no_route("GET", "/api/sales/a b", ERROR_NOT_FOUND);
    assert_no_route("GET", "/api/sales/+/lots", ERROR_NOT_FOUND);
    assert_no_route("GET", "/api/sales/demo/nothing", ERROR_NOT_FOUND);
    assert_no_route("GET", "/api/sales/demo/receipts/", ERROR_NOT_FOUND);
    assert_no_route("GET", "/api/sales/demo/receipts/a/b", ERROR_NOT_FOUND);
    assert_no_route("GET", "/api/sales/0123456789012345678901234567890123", ERROR_NOT_FOUND);
}

static void a_value_of_a_query_is_found_by_its_whole_name(void **state)
{
    (void)state;
    struct bytes value;
    struct bytes query = bytes_text("xfrom=1&from=22&limit=&&from=3");
    assert_true(http_query_value(query, "from", &value));
    assert_true(bytes_equal_text(value, "22"));
    assert_true(http_query_value(query, "limit", &value));
    assert_int_equal(value.size, 0);
    assert_false(http_query_value(query, "rom", &value));
    assert_false(http_query_value(bytes_text(""), "from", &value));
    assert_false(http_query_value(bytes_text("from"), "from", &value));
}

// ---- stamps ----

#define KEY "00ff00112233445566778899aabbccddeeff00112233445566778899aabbcc"

static void a_retry_of_a_bid_keeps_its_first_time_and_nothing_else_does(void **state)
{
    (void)state;
    static struct first_stamps stamps;
    int64_t engine_ms = 1000;
    int64_t uncertainty_ms = 3;
    first_stamps_take(&stamps, KEY "a1", 10, &engine_ms, &uncertainty_ms);
    assert_int_equal(engine_ms, 1000);
    engine_ms = 2500;
    uncertainty_ms = 7;
    first_stamps_take(&stamps, KEY "a1", 1510, &engine_ms, &uncertainty_ms);
    assert_true(engine_ms == 1000 && uncertainty_ms == 3);
    engine_ms = 2600;
    first_stamps_take(&stamps, KEY "a2", 1610, &engine_ms, &uncertainty_ms); // in the same place
    assert_int_equal(engine_ms, 2600);
    engine_ms = 2700;
    first_stamps_take(&stamps, KEY "a1", 1710, &engine_ms, &uncertainty_ms);
    assert_int_equal(engine_ms, 2700);
    engine_ms = 90000;
    first_stamps_take(&stamps, KEY "a1", 1710 + FIRST_STAMP_KEPT_MS, &engine_ms, &uncertainty_ms);
    assert_int_equal(engine_ms, 90000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_found_as_the_bytes_that_stand_there),
        cmocka_unit_test(broken_text_has_no_members),
        cmocka_unit_test(items_of_an_array_come_in_order),
        cmocka_unit_test(identity_comes_only_whole_and_legal),
        cmocka_unit_test(a_token_opens_its_own_sale_only_and_expires),
        cmocka_unit_test(private_notices_are_for_the_bidder_and_not_for_staff_of_the_same_name),
        cmocka_unit_test(f25_an_identity_counts_once_and_l16_leaves_with_its_last_socket),
        cmocka_unit_test(the_lobby_is_the_sum_of_live_bridges_without_doubles),
        cmocka_unit_test(a_burst_is_allowed_and_then_the_rate),
        cmocka_unit_test(f29_a_full_table_refuses_nobody),
        cmocka_unit_test(a_reply_finds_its_asker_once),
        cmocka_unit_test(a_command_without_a_reply_times_out_after_two_seconds),
        cmocka_unit_test(the_table_of_commands_is_bounded),
        cmocka_unit_test(an_engine_is_alive_for_30_s_after_its_last_beat),
        cmocka_unit_test(after_a_lost_broker_an_engine_is_alive_at_its_next_beat_and_time_goes_on),
        cmocka_unit_test(a_retained_beat_counts_from_the_time_it_was_made),
        cmocka_unit_test(the_sample_of_smaller_uncertainty_wins),
        cmocka_unit_test(every_route_of_the_protocol_is_found),
        cmocka_unit_test(wrong_methods_and_addresses_are_told_apart),
        cmocka_unit_test(a_value_of_a_query_is_found_by_its_whole_name),
        cmocka_unit_test(a_retry_of_a_bid_keeps_its_first_time_and_nothing_else_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
