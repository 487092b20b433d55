// A bot's view of a sale, its bids, and its checks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auctionctl/bots/bot.h"
#include "auctionctl/bots/latency.h"

#define SNAPSHOT                                                                                   \
    "{\"seq\":10,\"epoch\":1,\"live\":true,\"info\":{\"rules\":{\"roster\":{\"budget\":9000,"      \
    "\"slots\":3,\"minimum\":1000}}},\"state\":{\"phase\":\"live\",\"lot\":{\"id\":\"l1\","        \
    "\"phase\":\"open\",\"opening\":1000,\"price\":null,\"ask\":500,\"leader\":null,\"round\":0}}" \
    ","                                                                                            \
    "\"lots\":[{\"id\":\"l1\",\"phase\":\"open\",\"price\":null,\"winner\":null,\"round\":0},"     \
    "{\"id\":\"l2\",\"phase\":\"pending\",\"price\":null,\"winner\":null,\"round\":0}],"           \
    "\"participants\":[{\"id\":\"p1\",\"budget\":9000,\"spent\":2000,\"roster\":{\"taken\":1,"     \
    "\"slots\":3}}]}"

static void feed(struct bot *bot, const char *name, const char *payload)
{
    struct json *document;
    assert_int_equal(json_parse(bytes_text(payload), &document), LC_OK);
    bot_event(bot, bytes_text(name), document, 1000);
    json_destroy(document);
}

static struct bot fresh_bot(void)
{
    struct bot bot;
    bot_init(&bot, &(struct bot_config){
                       .seed = 1, .number = 0, .think_min_ms = 10, .think_max_ms = 20, .run = "r"});
    (void)participant_id_read(bytes_text("p1"), &bot.view.self);
    feed(&bot, "auction_snapshot", SNAPSHOT);
    return bot;
}

static void answer(struct bot *bot, uint64_t number, const char *result, enum bot_answer wanted)
{
    struct json *document;
    assert_int_equal(json_parse(bytes_text(result), &document), LC_OK);
    assert_int_equal(bot_answered(bot, number, document, 2000), wanted);
    json_destroy(document);
}

static void a_gap_a_duplicate_and_a_falling_price_are_counted(void **state)
{
    (void)state;
    struct bot bot = fresh_bot();
    feed(&bot, "bid_update",
         "{\"seq\":11,\"epoch\":1,\"lot\":\"l1\",\"price\":900,\"ask\":1000,\"leader\":{\"id\":"
         "\"p2\"}}");
    assert_int_equal(bot_view_wrong(&bot.view), 0);
    feed(&bot, "tick", "{\"seq\":11,\"epoch\":1}");
    feed(&bot, "anti_snipe", "{\"seq\":11,\"epoch\":1}");
    assert_int_equal(bot.view.duplicates, 1);
    feed(&bot, "anti_snipe", "{\"seq\":13,\"epoch\":1}");
    assert_int_equal(bot.view.gaps, 1);
    feed(&bot, "bid_update",
         "{\"seq\":14,\"epoch\":1,\"lot\":\"l1\",\"price\":800,\"ask\":1000,\"leader\":{\"id\":"
         "\"p2\"}}");
    assert_int_equal(bot.view.price_falls, 1);
    feed(&bot, "auction_snapshot", SNAPSHOT);
    assert_int_equal(bot.view.backward, 1);
    feed(&bot, "sold", "{\"epoch\":1}");
    assert_int_equal(bot.view.malformed, 1);
    bot_release(&bot);
}

static void the_largest_bid_keeps_the_minimum_for_open_slots_F19(void **state)
{
    (void)state;
    struct bot bot = fresh_bot();
    assert_int_equal(bot_view_max_bid(&bot.view), 9000 - 2000 - 1000);
    feed(&bot, "sold",
         "{\"seq\":11,\"epoch\":1,\"lot\":\"l1\",\"price\":3000,\"winner\":{\"id\":\"p1\"},"
         "\"winner_state\":{\"id\":\"p1\",\"budget\":9000,\"spent\":5000,\"roster\":{\"taken\":2,"
         "\"slots\":3}}}");
    assert_int_equal(bot_view_max_bid(&bot.view), 4000);
    feed(&bot, "participants_changed",
         "{\"seq\":12,\"epoch\":1,\"participant\":{\"id\":\"p1\",\"budget\":9000,\"spent\":6000,"
         "\"roster\":{\"taken\":3,\"slots\":3}}}");
    assert_int_equal(bot_view_max_bid(&bot.view), 0);
    bot_release(&bot);
}

static void a_bid_without_an_outcome_goes_out_again_with_its_id(void **state)
{
    (void)state;
    struct bot bot = fresh_bot();
    struct bot_bid bid;
    struct bot_bid again;
    assert_false(bot_next_action(&bot, 1000, &bid)); // it thinks first
    assert_true(bot_next_action(&bot, 1020, &bid));
    assert_int_equal(bid.amount_minor, 500);
    assert_string_equal(bid.lot.text, "l1");
    assert_false(bot_next_action(&bot, 1021, &again));
    answer(&bot, bid.number, "{\"ok\":false,\"error\":{\"code\":\"TIMEOUT\"}}", BOT_ANSWER_UNKNOWN);
    assert_true(bot_next_action(&bot, bot_deadline(&bot), &again));
    assert_string_equal(again.id, bid.id);
    bot_disconnected(&bot);
    assert_false(bot_next_action(&bot, 9000, &again));
    feed(&bot, "auction_snapshot", SNAPSHOT);
    assert_true(bot_next_action(&bot, 9000, &again));
    assert_string_equal(again.id, bid.id);
    answer(&bot, bid.number, "{\"ok\":true,\"bid\":\"b1\",\"repeated\":true}", BOT_ANSWER_ACCEPTED);
    answer(&bot, bid.number, "{\"ok\":true,\"bid\":\"b1\"}", BOT_ANSWER_AGAIN);
    assert_int_equal(bot.counts.sent, 1);
    assert_int_equal(bot.counts.answered, 1);
    assert_int_equal(bot.counts.resent, 2);
    assert_int_equal(bot.counts.answered_again, 1);
    bot_release(&bot);
}

static void a_leader_does_not_bid_and_a_refusal_is_learnt(void **state)
{
    (void)state;
    struct bot bot = fresh_bot();
    struct bot_bid bid;
    assert_true(bot_next_action(&bot, 1020, &bid));
    answer(&bot, bid.number,
           "{\"ok\":false,\"error\":{\"code\":\"INSUFFICIENT_BUDGET\",\"max_bid\":499}}",
           BOT_ANSWER_REFUSED);
    assert_int_equal(bot_deadline(&bot), INT64_MAX);
    bot_release(&bot);
    bot = fresh_bot();
    feed(&bot, "bid_update",
         "{\"seq\":11,\"epoch\":1,\"lot\":\"l1\",\"price\":500,\"ask\":600,\"leader\":{\"id\":"
         "\"p1\"}}");
    assert_int_equal(bot_deadline(&bot), INT64_MAX);
    bot_release(&bot);
}

static void percentiles_are_of_the_samples(void **state)
{
    (void)state;
    struct latency latency = {.samples = NULL};
    assert_int_equal(latency_percentile(&latency, 50), 0);
    for (int64_t i = 100; i >= 1; i--) {
        latency_add(&latency, i);
    }
    assert_int_equal(latency_percentile(&latency, 50), 50);
    assert_int_equal(latency_percentile(&latency, 99), 99);
    assert_int_equal(latency_percentile(&latency, 100), 100);
    latency_release(&latency);
    struct sightings sightings = {.bids = NULL};
    sighting_seen(&sightings, bytes_text("b3"), 120);
    sighting_sent(&sightings, bytes_text("b3"), 100);
    sighting_seen(&sightings, bytes_text("b3"), 150);
    sighting_seen(&sightings, bytes_text("b4"), 150);
    sighting_seen(&sightings, bytes_text("b99999999999"), 150);
    sighting_seen(&sightings, bytes_text("x"), 150);
    sightings_measure(&sightings, 2, &latency);
    assert_int_equal(latency.count, 1);
    assert_int_equal(latency_percentile(&latency, 50), 50);
    sightings_release(&sightings);
    latency_release(&latency);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_a_duplicate_and_a_falling_price_are_counted),
        cmocka_unit_test(the_largest_bid_keeps_the_minimum_for_open_slots_F19),
        cmocka_unit_test(a_bid_without_an_outcome_goes_out_again_with_its_id),
        cmocka_unit_test(a_leader_does_not_bid_and_a_refusal_is_learnt),
        cmocka_unit_test(percentiles_are_of_the_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
