// What the bidding generator says, and what it takes for an accepted bid and for news of one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/bench/bid_message.h"
#include "tests/bench/bid_plan.h"

static void bid_is_the_event_of_the_contract(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 4096);
    bid_message_join(&out, "spring");
    bid_message_place(&out, 2, "spring", 7, 150, 3);
    assert_string_equal(buffer_text(&out),
                        "421[\"join_auction\",{\"sale\":\"spring\"}]"
                        "422[\"place_bid\",{\"sale\":\"spring\",\"lot\":\"l7\",\"amount\":150,"
                        "\"id\":\"bench-000000000003\"}]");
    buffer_release(&out);
}

static void only_an_update_is_news_of_a_bid(void **state)
{
    (void)state;
    uint64_t seq = 0;
    assert_true(bid_message_read_update(
        bytes_text("42[\"bid_update\",{\"seq\":41,\"epoch\":1},\"s:1.41\"]"), &seq));
    assert_int_equal(seq, 41);
    assert_false(
        bid_message_read_update(bytes_text("42[\"tick\",{\"seq\":42,\"epoch\":1}]"), &seq));
    assert_false(bid_message_read_update(bytes_text("42[\"bid_update\",{\"seq\":\"1\"}]"), &seq));
    assert_false(bid_message_read_update(bytes_text("42[\"bid_update\",{\"seq\":"), &seq));
}

static void a_refusal_is_no_acceptance(void **state)
{
    (void)state;
    uint64_t id = 0;
    uint64_t seq = 0;
    assert_true(
        bid_message_read_accepted(bytes_text("4312[{\"ok\":true,\"seq\":7,\"x\":1}]"), &id, &seq));
    assert_int_equal(id, 12);
    assert_int_equal(seq, 7);
    assert_false(bid_message_read_accepted(
        bytes_text("4312[{\"ok\":false,\"error\":{\"code\":\"BELOW_ASK\"}}]"), &id, &seq));
    assert_false(bid_message_read_accepted(bytes_text("43[{\"ok\":true,\"seq\":7}]"), &id, &seq));
    assert_false(bid_message_read_accepted(bytes_text("4312[{\"ok\":true}]"), &id, &seq));
}

static bool reads(const char *line, struct bid_plan *out_plan)
{
    static char text[400];
    char *argv[40] = {text};
    int argc = 0;
    snprintf(text, sizeof text, "%s", line);
    for (char *at = text; at != NULL; argc++) {
        argv[argc] = at;
        at = strchr(at, ' ');
        if (at != NULL) {
            *at++ = 0;
        }
    }
    return bid_plan_read(argc, argv, out_plan);
}

static void plan_needs_two_bidders_for_each_lot(void **state)
{
    (void)state;
    struct bid_plan plan = {.port = 99};
#define WHERE "bench_bids --port 1 --pids 5,6 --sale s --tokens f"
    assert_true(reads(WHERE, &plan));
    assert_int_equal(plan.port, 1);
    assert_int_equal(plan.servers.pid[1], 6);
    assert_int_equal(plan.servers.count, 2);
    assert_true(reads(WHERE " --lots 5 --clients 10 --in-flight 5", &plan));
    assert_false(reads(WHERE " --lots 5 --clients 9", &plan));
    assert_false(reads(WHERE " --lots 5 --clients 10 --in-flight 6", &plan));
    assert_false(reads(WHERE " --clients 10 --pollings 11", &plan));
    assert_false(reads(WHERE " --duration-ms 0", &plan));
    assert_false(reads(WHERE " --lots", &plan));
    assert_false(reads("bench_bids --port 1 --pids 5,,6 --sale s --tokens f", &plan));
    assert_false(reads("bench_bids --port 1 --pids 5, --sale s --tokens f", &plan));
    assert_false(reads("bench_bids --port 1 --pids 1,2,3,4,5,6,7,8,9 --sale s --tokens f", &plan));
    assert_false(reads("bench_bids --port 1 --pids 5 --sale s", &plan));
    assert_int_equal(plan.lots, 5); // untouched
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bid_is_the_event_of_the_contract),
        cmocka_unit_test(only_an_update_is_news_of_a_bid),
        cmocka_unit_test(a_refusal_is_no_acceptance),
        cmocka_unit_test(plan_needs_two_bidders_for_each_lot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
