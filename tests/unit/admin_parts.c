// The Admin UI's parts: sessions and attempts, masks, counts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/admin/admin_login.h"
#include "bridge/admin/admin_mask.h"
#include "bridge/admin/admin_stats.h"

static void a_session_is_known_for_a_day(void **state)
{
    (void)state;
    struct admin_login login = {0};
    const uint8_t random[8] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    const char *id = admin_login_begin(&login, random, 1000);
    assert_string_equal(id, "0123456789abcdef");
    assert_true(admin_login_knows(&login, bytes_text(id), 1000 + ADMIN_SESSION_LIFE_MS - 1));
    assert_false(admin_login_knows(&login, bytes_text(id), 1000 + ADMIN_SESSION_LIFE_MS));
    assert_false(admin_login_knows(&login, bytes_text("0123456789abcdee"), 1000));
    assert_false(admin_login_knows(&login, bytes_text("0123456789abcde"), 1000));
    assert_false(admin_login_knows(&login, bytes_text(""), 1000));
}

static void the_oldest_session_gives_way(void **state)
{
    (void)state;
    struct admin_login login = {0};
    for (uint8_t i = 0; i <= ADMIN_SESSIONS_MAX; i++) {
        (void)admin_login_begin(&login, (uint8_t[8]){i}, i);
    }
    assert_false(admin_login_knows(&login, bytes_text("0000000000000000"), 100));
    assert_true(admin_login_knows(&login, bytes_text("0100000000000000"), 100));
    assert_true(admin_login_knows(&login, bytes_text("4000000000000000"), 100));
}

static void an_address_has_few_attempts_and_gets_them_back(void **state)
{
    (void)state;
    struct admin_login login = {0};
    for (int i = 0; i < ADMIN_ATTEMPTS_BURST; i++) {
        assert_true(admin_login_may_try(&login, bytes_text("10.0.0.1"), 5000));
    }
    assert_false(admin_login_may_try(&login, bytes_text("10.0.0.1"), 5000));
    assert_true(admin_login_may_try(&login, bytes_text("10.0.0.2"), 5000));
    assert_false(admin_login_may_try(&login, bytes_text("10.0.0.1"), 5000 + ADMIN_ATTEMPT_MS - 1));
    assert_true(admin_login_may_try(&login, bytes_text("10.0.0.1"), 5000 + ADMIN_ATTEMPT_MS));
    assert_false(admin_login_may_try(&login, bytes_text("10.0.0.1"), 5000 + ADMIN_ATTEMPT_MS));
}

// One attempt of each address: the sum is bounded, whatever the number of addresses.
static void all_addresses_together_have_a_bound(void **state)
{
    (void)state;
    struct admin_login login = {0};
    char address[16];
    int allowed = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
        allowed += admin_login_may_try(&login, bytes_text(address), 5000) ? 1 : 0;
    }
    assert_int_equal(allowed, ADMIN_ATTEMPTS_ALL_BURST);
    assert_false(admin_login_may_try(&login, bytes_text("::1"), 5000 + ADMIN_ATTEMPT_ALL_MS - 1));
    assert_true(admin_login_may_try(&login, bytes_text("::1"), 5000 + ADMIN_ATTEMPT_ALL_MS));
}

static void a_flood_of_one_address_leaves_the_others_their_attempts(void **state)
{
    (void)state;
    struct admin_login login = {0};
    for (int i = 0; i < 100000; i++) {
        (void)admin_login_may_try(&login, bytes_text("6.6.6.6"), 5000);
    }
    assert_true(admin_login_may_try(&login, bytes_text("10.0.0.1"), 5000));
    assert_true(admin_login_may_try(&login, bytes_text(""), 5000));
}

#define HEADER(name, value)                             \
    {                                                   \
        {(const uint8_t *)(name), sizeof(name) - 1},    \
        {                                               \
            (const uint8_t *)(value), sizeof(value) - 1 \
        }                                               \
    }

static void assert_headers(const struct socketio_header *headers, size_t count,
                           const char *expected)
{
    struct buffer out;
    buffer_init(&out, 1 << 16);
    admin_mask_headers(&out,
                       &(struct socketio_handshake){.headers = headers, .headers_count = count});
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void headers_that_carry_credentials_are_masked(void **state)
{
    (void)state;
    const struct socketio_header headers[] = {
        HEADER("host", "example.com"),
        HEADER("authorization", "Bearer abc"),
        HEADER("proxy-authorization", "Basic abc"),
        HEADER("cookie", "a=b"),
        HEADER("x-api-key", "abc"),
        HEADER("x-csrf-token", "abc"),
        HEADER("sec-websocket-key", "dGhl"),
        HEADER("x-odd", "prefix eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"),
        HEADER("referer", "https://example.com/a?token=abc"),
        HEADER("x-forwarded-for", "10.0.0.1"),
        HEADER("cookie2", ""),
    };
    assert_headers(
        headers, sizeof headers / sizeof headers[0],
        "{\"host\":\"example.com\",\"authorization\":\"(masked)\","
        "\"proxy-authorization\":\"(masked)\",\"cookie\":\"(masked)\",\"x-api-key\":\"(masked)\","
        "\"x-csrf-token\":\"(masked)\",\"sec-websocket-key\":\"dGhl\",\"x-odd\":\"(masked)\","
        "\"referer\":\"https://example.com/a\",\"x-forwarded-for\":\"10.0.0.1\",\"cookie2\":\"\"}");
}

static void headers_are_cut_and_made_utf_8(void **state)
{
    (void)state;
    static char large[ADMIN_TEXT_SIZE_MAX + 2];
    memset(large, 'x', sizeof large);
    const struct socketio_header headers[] = {
        HEADER("a", "caf\xe9 \xc3\xa9"),
        HEADER("b", "\xc3\xa9"),
        {bytes_text("c"), bytes_of(large, sizeof large)},
    };
    char expected[ADMIN_TEXT_SIZE_MAX + 100];
    snprintf(expected, sizeof expected, "{\"a\":\"caf? ??\",\"b\":\"\xc3\xa9\",\"c\":\"%.*s...\"}",
             ADMIN_TEXT_SIZE_MAX, large);
    assert_headers(headers, 3, expected);
}

static void headers_end_where_they_are_too_many(void **state)
{
    (void)state;
    static struct socketio_header headers[10000];
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        headers[i] = (struct socketio_header){bytes_text("name"), bytes_text("value")};
    }
    struct buffer out;
    buffer_init(&out, 1 << 16);
    admin_mask_headers(
        &out, &(struct socketio_handshake){.headers = headers,
                                           .headers_count = sizeof headers / sizeof headers[0]});
    assert_true(out.size <= ADMIN_HANDSHAKE_SIZE_MAX + 1);
    assert_true(out.size > ADMIN_HANDSHAKE_SIZE_MAX - 20);
    assert_int_equal(out.data[out.size - 1], '}');
    assert_int_equal(out.data[out.size - 2], '"');
    buffer_release(&out);
}

static void parameters_that_carry_credentials_are_masked(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"", "{}", "\"/s/\""},
        {"EIO=4&transport=polling&t=abc", "{\"EIO\":\"4\",\"transport\":\"polling\",\"t\":\"abc\"}",
         "\"/s/?EIO=4&transport=polling&t=abc\""},
        {"token=abc&x=1", "{\"token\":\"(masked)\",\"x\":\"1\"}", "\"/s/?token=(masked)&x=1\""},
        {"%74oken=abc", "{\"token\":\"(masked)\"}", "\"/s/?%74oken=(masked)\""},
        {"Access_Token=a&KEY=b&sid=c&a=%65yJh.eyJ.x",
         "{\"Access_Token\":\"(masked)\",\"KEY\":\"(masked)\",\"sid\":\"(masked)\","
         "\"a\":\"(masked)\"}",
         "\"/s/?Access_Token=(masked)&KEY=(masked)&sid=(masked)&a=(masked)\""},
        {"monkey=1&q=a+b%20c%zz%4", "{\"monkey\":\"1\",\"q\":\"a b c%zz%4\"}",
         "\"/s/?monkey=1&q=a+b%20c%zz%4\""},
        {"&=x&&a&b=", "{\"a\":\"\",\"b\":\"\"}", "\"/s/?&=x&&a&b\""},
        {"q=%ff%22", "{\"q\":\"?\\\"\"}", "\"/s/?q=%ff%22\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out;
        char url[128];
        buffer_init(&out, 1000);
        admin_mask_query(&out, bytes_text(cases[i][0]));
        assert_string_equal(buffer_text(&out), cases[i][1]);
        buffer_clear(&out);
        snprintf(url, sizeof url, "/s/%s%s", cases[i][0][0] == 0 ? "" : "?", cases[i][0]);
        admin_mask_url(&out, bytes_text(url));
        assert_string_equal(buffer_text(&out), cases[i][2]);
        buffer_release(&out);
    }
}

static void samples_belong_to_their_second_and_are_taken_once(void **state)
{
    (void)state;
    struct admin_stats stats;
    struct buffer out;
    buffer_init(&out, 10000);
    struct socketio_counts counts = {.packets_in_total = 100, .bytes_in_total = 1000};
    admin_stats_begin(&stats, &counts);
    admin_stats_opened(&stats);
    admin_stats_opened(&stats);
    admin_stats_closed(&stats, "transport close");
    admin_stats_closed(&stats, "ping timeout");
    admin_stats_closed(&stats, "transport close");
    counts.packets_in_total += 3;
    counts.bytes_in_total += 30;
    counts.packets_out_total += 4;
    counts.bytes_out_total += 40;
    admin_stats_sample(&stats, &counts, 7000);
    admin_stats_sample(&stats, &counts, 8000);
    counts.packets_in_total++;
    admin_stats_sample(&stats, &counts, 9000);
    admin_stats_take(&stats, &out);
    assert_string_equal(
        buffer_text(&out),
        "[{\"timestamp\":7000,\"type\":\"rawConnection\",\"count\":2},"
        "{\"timestamp\":7000,\"type\":\"packetsIn\",\"count\":3},"
        "{\"timestamp\":7000,\"type\":\"bytesIn\",\"count\":30},"
        "{\"timestamp\":7000,\"type\":\"packetsOut\",\"count\":4},"
        "{\"timestamp\":7000,\"type\":\"bytesOut\",\"count\":40},"
        "{\"timestamp\":7000,\"type\":\"rawDisconnection\",\"subType\":\"transport close\","
        "\"count\":2},"
        "{\"timestamp\":7000,\"type\":\"rawDisconnection\",\"subType\":\"ping timeout\","
        "\"count\":1},"
        "{\"timestamp\":9000,\"type\":\"packetsIn\",\"count\":1}]");
    buffer_clear(&out);
    admin_stats_take(&stats, &out);
    assert_string_equal(buffer_text(&out), "[]");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_known_for_a_day),
        cmocka_unit_test(the_oldest_session_gives_way),
        cmocka_unit_test(an_address_has_few_attempts_and_gets_them_back),
        cmocka_unit_test(all_addresses_together_have_a_bound),
        cmocka_unit_test(a_flood_of_one_address_leaves_the_others_their_attempts),
        cmocka_unit_test(headers_that_carry_credentials_are_masked),
        cmocka_unit_test(headers_are_cut_and_made_utf_8),
        cmocka_unit_test(headers_end_where_they_are_too_many),
        cmocka_unit_test(parameters_that_carry_credentials_are_masked),
        cmocka_unit_test(samples_belong_to_their_second_and_are_taken_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
