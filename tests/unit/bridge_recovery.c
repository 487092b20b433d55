// What recovery and moves are made of: offsets, pids, a run of events, what is remembered of
// sessions that ended or moved.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/app/ended_sessions.h"
#include "bridge/app/event_history.h"
#include "bridge/app/event_offset.h"
#include "bridge/app/moved_viewers.h"
#include "bridge/app/pid_token.h"

// ---- offsets ----

static void an_offset_has_one_spelling(void **state)
{
    (void)state;
    char text[EVENT_OFFSET_SIZE_MAX + 1];
    struct event_offset offset;
    assert_true(event_offset_read(bytes_text("demo:3.118"), &offset));
    assert_string_equal(offset.sale.text, "demo");
    assert_int_equal(offset.epoch, 3);
    assert_int_equal(offset.seq, 118);
    struct event_offset longest = {
        .sale = {"abcdefghijklmnopqrstuvwxyz-_0123"}, .epoch = INT64_MAX, .seq = INT64_MAX};
    event_offset_write(&longest, text);
    assert_int_equal(strlen(text), EVENT_OFFSET_SIZE_MAX);
    assert_true(event_offset_read(bytes_text(text), &offset));
    assert_int_equal(offset.seq, INT64_MAX);
    static const char *const wrong[] = {"",
                                        "-",
                                        ":",
                                        ".",
                                        "demo",
                                        "demo:",
                                        "demo:.",
                                        "demo:1",
                                        "demo:1.",
                                        "demo:.1",
                                        ":1.1",
                                        "demo.1:1",
                                        "demo:01.1",
                                        "demo:1.01",
                                        "d d:1.1",
                                        "demo:+1.1",
                                        "demo:1.1.1",
                                        "demo:1.1x",
                                        "demo:1,1",
                                        "demo: 1.1",
                                        "demo:1.-1",
                                        "demo:0.1",
                                        "demo:1.0",
                                        "demo:1.9223372036854775808",
                                        "demo:18446744073709551617.1",
                                        "abcdefghijklmnopqrstuvwxyz-_01234:1.1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(event_offset_read(bytes_text(wrong[i]), &offset));
    }
    assert_false(event_offset_read((struct bytes){NULL, 0}, &offset));
}

static void expect_cut(const char *arguments, const char *expected)
{
    struct bytes cut = event_offset_cut(bytes_text(arguments));
    assert_int_equal(cut.size, strlen(expected));
    assert_memory_equal(cut.data, expected, cut.size);
}

static void an_offset_is_cut_off_and_nothing_else(void **state)
{
    (void)state;
    static const char *const whole[] = {"{}",
                                        "",
                                        "\"",
                                        ",\"",
                                        "\"-\"",
                                        ",-\"",
                                        "\"demo:1.1\"",
                                        "{},\"\"",
                                        "{},\"x\"",
                                        "{}\"-\"",
                                        "{},\"-\" ",
                                        "{},\"demo:1.01\"",
                                        "{\"a\":\"-\"}",
                                        "{},-\"",
                                        "{},\"-\",1",
                                        "{\"demo:3.1\"}"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        expect_cut(whole[i], whole[i]);
    }
    expect_cut("{\"a\":1},\"-\"", "{\"a\":1}");
    expect_cut("{\"a\":\"b\"},\"demo:3.118\"", "{\"a\":\"b\"}");
    expect_cut("{},\"abcdefghijklmnopqrstuvwxyz-_0123:9223372036854775807.9223372036854775807\"",
               "{}");
    assert_int_equal(event_offset_cut((struct bytes){NULL, 0}).size, 0);
}

// ---- pids ----

static void sign(void *context, struct bytes bytes, uint8_t out_mac[32])
{
    const uint8_t *key = context;
    memset(out_mac, *key, 32);
    for (size_t i = 0; i < bytes.size; i++) {
        out_mac[i % 32] = (uint8_t)(out_mac[i % 32] * 31 + bytes.data[i]);
    }
}

static bool verify(void *context, struct bytes bytes, const uint8_t mac[32])
{
    uint8_t expected[32];
    sign(context, bytes, expected);
    return memcmp(expected, mac, 32) == 0;
}

static void write_pid(const struct outside *outside, const struct identity *identity,
                      char out_text[600])
{
    struct buffer text;
    struct pid_token token = {
        .sid = "abcdefghijklmnopqrst", .identity = *identity, .issued_at_s = 1764363000};
    buffer_init(&text, 1024);
    pid_token_write(outside, &token, &text);
    assert_true(text.size > 0 && text.size <= PID_TOKEN_SIZE_MAX);
    snprintf(out_text, 600, "%s", buffer_text(&text));
    buffer_release(&text);
}

static void a_pid_says_again_whose_session_it_is(void **state)
{
    (void)state;
    char text[600];
    struct pid_token token;
    uint8_t key = 7;
    struct outside outside = {.context = &key, .sign = sign, .verify = verify};
    struct identity people[3] = {identity_anonymous()};
    char longest[NAME_SIZE_MAX + 1];
    memset(longest, '"', NAME_SIZE_MAX);
    longest[NAME_SIZE_MAX] = 0;
    assert_true(identity_read(bytes_text("p1"), bytes_text("demo"), bytes_text("bidder"),
                              bytes_text("A.na \xc3\xa9"), 5000, &people[1]));
    assert_true(identity_read(bytes_text("abcdefghijklmnopqrstuvwxyz-_0123"), bytes_text("*"),
                              bytes_text("auctioneer"), bytes_text(longest), INT64_MAX,
                              &people[2]));
    for (size_t i = 0; i < 3; i++) {
        write_pid(&outside, &people[i], text);
        assert_null(strpbrk(text, "\"\\ "));
        assert_true(pid_token_read(&outside, bytes_text(text), &token));
        assert_string_equal(token.sid, "abcdefghijklmnopqrst");
        assert_int_equal(token.issued_at_s, 1764363000);
        assert_true(identity_is_same(&token.identity, &people[i]));
        assert_string_equal(token.identity.name, people[i].name);
        assert_int_equal(token.identity.expires_at_s, people[i].expires_at_s);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(identity_is_same(&people[i], &people[k]), i == k);
        }
    }
}

static void a_pid_that_was_changed_anywhere_is_none(void **state)
{
    (void)state;
    char text[600];
    struct pid_token token;
    uint8_t key = 7;
    uint8_t other_key = 8;
    struct outside outside = {.context = &key, .sign = sign, .verify = verify};
    struct outside other = {.context = &other_key, .sign = sign, .verify = verify};
    struct identity ana;
    assert_true(identity_read(bytes_text("p1"), bytes_text("demo"), bytes_text("bidder"),
                              bytes_text("Ana"), 5000, &ana));
    write_pid(&outside, &ana, text);
    assert_false(pid_token_read(&other, bytes_text(text), &token));
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        char kept = text[i];
        text[i] ^= 1;
        assert_false(pid_token_read(&outside, bytes_text(text), &token));
        text[i] = kept;
        assert_false(pid_token_read(&outside, (struct bytes){(uint8_t *)text, i}, &token));
    }
    assert_true(pid_token_read(&outside, bytes_text(text), &token));
    // Well signed, and not written by a bridge of this version.
    static const char *const bodies[] = {"1.....p1...",
                                         "1.sid.1.bidder.demo.p1.x.00.",
                                         "1.sid.1.bidder.demo.p1.1.0.",
                                         "1.s d.1.bidder.demo.p1.1.00.",
                                         "1.sid.x.bidder.demo.p1.1.00.",
                                         "2.sid.1.bidder.demo.p1.1.00.",
                                         "1.sid.1.king.demo.p1.1.00.",
                                         "1.sid.1.bidder.*.p1.1.00."};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        uint8_t mac[32];
        sign(&key, bytes_text(bodies[i]), mac);
        int at = snprintf(text, sizeof text, "%s", bodies[i]);
        for (size_t k = 0; k < 32; k++) {
            at += snprintf(text + at, 3, "%02x", mac[k]);
        }
        assert_false(pid_token_read(&outside, bytes_text(text), &token));
    }
}

// ---- a run of events ----

static void append(struct event_history *history, int64_t seq)
{
    char text[24];
    snprintf(text, sizeof text, "e%lld", (long long)seq);
    event_history_append(history, seq, 1 + seq / 1000, "notice", bytes_text(text));
}

static void expect_run(const struct event_history *history, int64_t first, int64_t next)
{
    size_t bytes = 0;
    assert_int_equal(history->first, first);
    assert_int_equal(event_history_next(history), next);
    assert_null(event_history_at(history, first - 1));
    assert_null(event_history_at(history, next));
    for (int64_t seq = first; seq < next; seq++) {
        char text[24];
        snprintf(text, sizeof text, "e%lld", (long long)seq);
        const struct past_event *event = event_history_at(history, seq);
        assert_non_null(event);
        assert_int_equal(event->epoch, 1 + seq / 1000);
        assert_true(bytes_equal_text(bytes_of(event->arguments, event->size), text));
        bytes += sizeof *event + event->size;
    }
    assert_int_equal(history->bytes, bytes);
}

static void a_history_grows_at_both_ends_and_is_cut_at_the_old_one(void **state)
{
    (void)state;
    struct event_history history;
    struct event_history earlier;
    event_history_init(&history);
    event_history_init(&earlier);
    expect_run(&history, 1, 1);
    event_history_reset(&history, 500);
    for (int64_t seq = 500; seq < 700; seq++) {
        append(&history, seq);
    }
    expect_run(&history, 500, 700);
    event_history_trim(&history, 50, SIZE_MAX);
    expect_run(&history, 650, 700);
    event_history_reset(&earlier, 300);
    for (int64_t seq = 300; seq < 650; seq++) {
        append(&earlier, seq);
    }
    assert_true(event_history_join(&history, &earlier));
    expect_run(&history, 300, 700);
    assert_int_equal(earlier.count, 0);
    assert_int_equal(earlier.bytes, 0);
    append(&history, 700);
    event_history_trim(&history, SIZE_MAX, 3 * (sizeof(struct past_event) + 4));
    expect_run(&history, 698, 701);
    event_history_trim(&history, 0, 0);
    expect_run(&history, 701, 701);
    event_history_reset(&earlier, 700);
    append(&earlier, 700);
    assert_true(event_history_join(&history, &earlier));
    expect_run(&history, 700, 701);
    for (int64_t seq = 701; seq < 5000; seq++) { // around the ring, many times
        append(&history, seq);
        event_history_trim(&history, 60, SIZE_MAX);
    }
    expect_run(&history, 4940, 5000);
    event_history_release(&history);
    event_history_release(&earlier);
}

// ---- what is remembered ----

static void an_ended_session_is_remembered_until_its_time_or_the_limit(void **state)
{
    (void)state;
    struct ended_sessions ended;
    char sid[24];
    ended_sessions_init(&ended);
    assert_false(ended_sessions_has(&ended, bytes_text("abc"), 0));
    ended_sessions_add(&ended, bytes_text("abc"), 100);
    ended_sessions_add(&ended, bytes_text(""), 100);
    assert_true(ended_sessions_has(&ended, bytes_text("abc"), 99));
    assert_false(ended_sessions_has(&ended, bytes_text("abc"), 100));
    assert_false(ended_sessions_has(&ended, bytes_text("ab"), 0));
    assert_false(ended_sessions_has(&ended, bytes_text(""), 0));
    for (int i = 0; i < 3 * ENDED_SESSIONS_MAX; i++) {
        snprintf(sid, sizeof sid, "session-%d", i);
        ended_sessions_add(&ended, bytes_text(sid), 1000);
    }
    assert_int_equal(ended.count, ENDED_SESSIONS_MAX);
    assert_false(ended_sessions_has(&ended, bytes_text("abc"), 0));
    for (int i = 0; i < 3 * ENDED_SESSIONS_MAX; i++) {
        snprintf(sid, sizeof sid, "session-%d", i);
        assert_int_equal(ended_sessions_has(&ended, bytes_text(sid), 0),
                         i >= 2 * ENDED_SESSIONS_MAX);
    }
    ended_sessions_add(&ended, bytes_text("session-49151"), 5000); // told again
    assert_true(ended_sessions_has(&ended, bytes_text("session-49151"), 4999));
    ended_sessions_release(&ended);
}

static void where_a_socket_went_is_remembered_until_its_time_or_the_limit(void **state)
{
    (void)state;
    struct moved_viewers moved;
    moved_viewers_init(&moved);
    assert_null(moved_viewers_find(&moved, 1, 0));
    for (uint64_t i = 1; i <= MOVED_VIEWERS_MAX + 10; i++) {
        moved_viewers_add(&moved, &(struct moved_viewer){i, "sid", "NODE", 1000}, 0);
    }
    assert_null(moved_viewers_find(&moved, 10, 0));
    assert_non_null(moved_viewers_find(&moved, 11, 0));
    assert_null(moved_viewers_find(&moved, 11, 1000));
    moved_viewers_add(&moved, &(struct moved_viewer){50, "sid", "THEN", 3000}, 999);
    assert_string_equal(moved_viewers_find(&moved, 50, 999)->node, "THEN"); // the newest move
    moved_viewers_add(&moved, &(struct moved_viewer){51, "sid", "NOW_", 3000}, 2000);
    assert_int_equal(moved.count, 2); // the others' time is over
    moved_viewers_release(&moved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offset_is_cut_off_and_nothing_else),
        cmocka_unit_test(an_offset_has_one_spelling),
        cmocka_unit_test(a_pid_says_again_whose_session_it_is),
        cmocka_unit_test(a_pid_that_was_changed_anywhere_is_none),
        cmocka_unit_test(a_history_grows_at_both_ends_and_is_cut_at_the_old_one),
        cmocka_unit_test(an_ended_session_is_remembered_until_its_time_or_the_limit),
        cmocka_unit_test(where_a_socket_went_is_remembered_until_its_time_or_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
