#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "auction-svc/service/answer.h"
#include "auction-svc/service/document.h"
#include "auction-svc/service/engine_clock.h"
#include "auction-svc/service/house.h"
#include "auction-svc/service/inbox.h"
#include "auction-svc/service/notice.h"
#include "auction-svc/service/options.h"
#include "auction-svc/service/order.h"
#include "auction-svc/service/outbox.h"
#include "auction-svc/service/ticker.h"
#include "auction-svc/service/view.h"
#include "tests/unit/core_room.h"

// ---- the clock ----

static void engine_time_follows_the_boot_clock_and_never_goes_back_behind_the_ledger(void **state)
{
    (void)state;
    struct engine_clock clock = engine_clock_start(1000000, 5000000, 0);
    assert_int_equal(engine_clock_now_ms(&clock, 5000000), 1000000);
    assert_int_equal(engine_clock_now_ms(&clock, 5001999), 1000001);
    assert_int_equal(engine_clock_boot_us(&clock, 1000002), 5002000);
    assert_int_equal(engine_clock_boot_us(&clock, INT64_MAX), INT64_MAX);
    clock = engine_clock_start(1000000, 5000000, 2000000); // the wall clock was set back
    assert_int_equal(engine_clock_now_ms(&clock, 5000000), 2000000);
}

static void ticks_fall_on_the_whole_seconds_before_the_end(void **state)
{
    (void)state;
    assert_int_equal(ticker_next_ms(10000, 0), 1000);
    assert_int_equal(ticker_next_ms(10000, 999), 1000);
    assert_int_equal(ticker_next_ms(10000, 1000), 2000);
    assert_int_equal(ticker_next_ms(10500, 0), 500);
    assert_int_equal(ticker_next_ms(10000, 9000), 10000);
    assert_int_equal(ticker_next_ms(10000, 9999), 10000);
    assert_int_equal(ticker_next_ms(10000, 12000), 10000);
}

// ---- queues ----

static void the_inbox_keeps_the_order_and_refuses_when_full(void **state)
{
    (void)state;
    struct inbox inbox;
    struct topic topic = {.kind = TOPIC_SVC_COMMAND};
    inbox_init(&inbox);
    for (int i = 0; i < INBOX_MESSAGES_MAX; i++) {
        assert_int_equal(inbox_put(&inbox, &topic, bytes_of(&i, sizeof i), i), LC_OK);
    }
    assert_true(inbox_is_crowded(&inbox));
    assert_int_equal(inbox_put(&inbox, &topic, bytes_text("x"), 0), LC_ERR_FULL);
    for (int i = 0; i < 3; i++) {
        struct inbox_message *message = inbox_take(&inbox);
        assert_int_equal(message->arrived_at_ms, i);
        assert_memory_equal(message->payload, &i, sizeof i);
        free(message);
    }
    inbox_release(&inbox);
    assert_null(inbox_take(&inbox));
}

static void the_outbox_holds_what_is_not_committed_and_refuses_when_full(void **state)
{
    (void)state;
    struct outbox outbox;
    assert_int_equal(outbox_init(&outbox), LC_OK);
    assert_int_equal(outbox_put(&outbox, "a", bytes_text("1"), 1), LC_OK);
    assert_int_equal(outbox.committed, 0);
    outbox_commit(&outbox);
    assert_int_equal(outbox_put(&outbox, "a", bytes_text("2"), 1), LC_OK);
    assert_int_equal(outbox.committed, 1);
    outbox_rewind(&outbox);
    assert_int_equal(outbox.count, 2);
    assert_int_equal(outbox.committed, 1);
    while (outbox.count < OUTBOX_MESSAGES_MAX) {
        assert_int_equal(outbox_put(&outbox, "a", bytes_text(""), 1), LC_OK);
    }
    assert_true(outbox_is_crowded(&outbox));
    assert_int_equal(outbox_put(&outbox, "a", bytes_text(""), 1), LC_ERR_FULL);
    outbox_release(&outbox);
}

static void a_turn_s_replies_come_before_its_events_and_end_with_the_connection(void **state)
{
    (void)state;
    struct outbox outbox;
    assert_int_equal(outbox_init(&outbox), LC_OK);
    assert_int_equal(outbox_put(&outbox, "event", bytes_text("1"), 1), LC_OK);
    outbox_commit(&outbox);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(outbox_put(&outbox, "event", bytes_text("22"), 1), LC_OK);
        assert_int_equal(outbox_put_reply(&outbox, "reply", bytes_text("333")), LC_OK);
        assert_int_equal(outbox_put(&outbox, "event", bytes_text("4444"), 1), LC_OK);
        assert_int_equal(outbox_put_reply(&outbox, "reply", bytes_text("55555")), LC_OK);
        if (turn == 0) {
            outbox_commit(&outbox);
        }
    }
    const size_t sizes[] = {1, 3, 5, 2, 4, 2, 4}; // the last two are of the turn in the making
    assert_int_equal(outbox.committed, 5);
    assert_int_equal(outbox.count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(outbox_message_size(&outbox, i), sizes[i]);
    }
    assert_int_equal(outbox.bytes, 15 + 14);
    outbox_rewind(&outbox);
    assert_int_equal(outbox.committed, 3);
    assert_int_equal(outbox.count, 5);
    assert_int_equal(outbox.bytes, 7 + 14);
    outbox_commit(&outbox);
    const size_t later[] = {1, 2, 4, 3, 5, 2, 4};
    assert_int_equal(outbox.committed, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(outbox_message_size(&outbox, i), later[i]);
    }
    outbox_release(&outbox);
}

static void replies_of_a_turn_count_for_the_limit(void **state)
{
    (void)state;
    struct outbox outbox;
    assert_int_equal(outbox_init(&outbox), LC_OK);
    while (outbox.replies_count < OUTBOX_MESSAGES_MAX) {
        assert_int_equal(outbox_put_reply(&outbox, "a", bytes_text("")), LC_OK);
    }
    assert_int_equal(outbox_put(&outbox, "a", bytes_text(""), 1), LC_ERR_FULL);
    assert_int_equal(outbox_put_reply(&outbox, "a", bytes_text("")), LC_ERR_FULL);
    outbox_release(&outbox); // none was committed
}

static void the_house_keeps_its_sales_by_id_and_the_ids_that_are_gone(void **state)
{
    (void)state;
    struct house house;
    struct hosted_sale *hosted = NULL;
    const struct sale_id ids[] = {{"m"}, {"a"}, {"z"}};
    house_init(&house);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(house_add(&house, &ids[i], &hosted), LC_OK);
    }
    assert_string_equal(house.sales[0]->id.text, "a");
    assert_string_equal(house.sales[2]->id.text, "z");
    house_bury(&house, house_find(&house, &ids[0]));
    assert_int_equal(house_add(&house, &ids[0], &hosted), LC_ERR_EXISTS);
    assert_null(house_find(&house, &ids[0])->sale);
    assert_null(house_find(&house, &(struct sale_id){"b"}));
    assert_false(house_clock_runs(&house));
    house_release(&house);
}

// ---- orders ----

static enum error_code read_order(const char *text, struct order *order,
                                  struct wire_document *document)
{
    struct wire_command command;
    assert_int_equal(wire_read_command(bytes_text(text), document, &command, NULL), LC_OK);
    const struct order_op *op = order_op_find(command.op);
    assert_non_null(op);
    struct sale *sale = sale_create();
    enum error_code error = order_read(op, &command, sale, order);
    sale_destroy(sale);
    return error;
}

static void expect_wrong(const char *text, const char *member)
{
    struct order order;
    struct wire_document document = {NULL};
    assert_string_equal(error_code_name(read_order(text, &order, &document)), "BAD_REQUEST");
    assert_string_equal(order.detail, member);
    order_release(&order);
    wire_document_release(&document);
}

#define HASH "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static void a_wrong_member_is_named(void **state)
{
    (void)state;
    expect_wrong("{\"id\":\"1\",\"op\":\"bid\",\"amount\":5}", "lot");
    expect_wrong("{\"id\":\"1\",\"op\":\"bid\",\"lot\":\"a b\"}", "lot");
    expect_wrong("{\"id\":\"1\",\"op\":\"bid\",\"lot\":\"a\",\"confirm\":1}", "confirm");
    expect_wrong("{\"id\":\"1\",\"op\":\"next\"}", "lot");
    expect_wrong("{\"id\":\"1\",\"op\":\"announce\",\"text\":7}", "text");
    expect_wrong("{\"id\":\"1\",\"op\":\"block\",\"participant\":\"p1\"}", "blocked");
    expect_wrong("{\"id\":\"1\",\"op\":\"join\",\"invite_hash\":\"00\"}", "invite_hash");
    expect_wrong("{\"id\":\"1\",\"op\":\"create_invite\",\"invite_hash\":\"" HASH "\"}",
                 "invite_role");
    expect_wrong("{\"id\":\"1\",\"op\":\"create_invite\",\"role\":\"admin\",\"invite_hash\":\"" HASH
                 "\"}",
                 "invite_role"); // the sender's own role never becomes the invitation's
    expect_wrong("{\"id\":\"1\",\"op\":\"create_invite\",\"invite_role\":\"bidder\",\"uses\":-1,"
                 "\"invite_hash\":\"" HASH "\"}",
                 "uses");
    expect_wrong("{\"id\":\"1\",\"op\":\"replay\",\"from\":1,\"limit\":501}", "limit");
    expect_wrong("{\"id\":\"1\",\"op\":\"receipt\",\"receipt\":\"a b\"}", "receipt");
    assert_null(order_op_find("BID"));
}

static void an_amount_that_is_no_whole_number_reaches_the_rules_as_zero(void **state)
{
    (void)state;
    static const char *const amounts[] = {"1.5", "\"100\"", "null", "1e400", "[]"};
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        char text[128];
        struct order order;
        struct wire_document document = {NULL};
        snprintf(text, sizeof text, "{\"id\":\"1\",\"op\":\"bid\",\"lot\":\"a\",\"amount\":%s}",
                 amounts[i]);
        assert_int_equal(read_order(text, &order, &document), ERROR_NONE);
        assert_int_equal(order.change.as.bid.amount_minor, 0);
        order_release(&order);
        wire_document_release(&document);
    }
}

static void content_of(const char *text, char *out_content)
{
    struct wire_document document = {NULL};
    struct wire_command command;
    struct buffer content;
    buffer_init(&content, 1024);
    assert_int_equal(wire_read_command(bytes_text(text), &document, &command, NULL), LC_OK);
    order_write_content(&content, &command);
    snprintf(out_content, 256, "%s", buffer_text(&content));
    buffer_release(&content);
    wire_document_release(&document);
}

static void the_content_of_a_repeat_is_equal_whatever_its_envelope_and_order(void **state)
{
    (void)state;
    char first[256];
    char again[256];
    char other[256];
    content_of("{\"id\":\"1\",\"op\":\"bid\",\"lot\":\"a\",\"amount\":100,\"reply\":\"x\"}", first);
    content_of("{\"amount\":1e2,\"id\":\"1\",\"op\":\"bid\",\"lot\":\"a\",\"deadline_at\":7}",
               again);
    content_of("{\"id\":\"1\",\"op\":\"bid\",\"lot\":\"a\",\"amount\":101}", other);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
}

// ---- what is shown ----

struct stage {
    struct room room;
    struct buffer out;
};

static void stage_open(struct stage *stage, enum sale_visibility visibility, int64_t reserve_minor)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.visibility = visibility;
    lots[0].reserve_minor = reserve_minor;
    room_open(&stage->room, &definition, lots, 2);
    room_join(&stage->room, 2);
    assert_int_equal(room_staff(&stage->room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&stage->room, definition.rules.gap_ms);
    buffer_init(&stage->out, WIRE_PAYLOAD_SIZE_MAX);
}

static void stage_close(struct stage *stage)
{
    buffer_release(&stage->out);
    room_close(&stage->room);
}

static bool shows(struct stage *stage, const char *text)
{
    return strstr(buffer_text(&stage->out), text) != NULL;
}

static void names_are_shown_only_where_the_sale_allows_it(void **state)
{
    (void)state;
    static const enum sale_visibility all[] = {VISIBILITY_NAMES, VISIBILITY_PADDLES,
                                               VISIBILITY_HIDDEN};
    for (size_t i = 0; i < 3; i++) {
        struct stage stage;
        stage_open(&stage, all[i], 0);
        assert_int_equal(room_bid(&stage.room, 1, "l1", 100), ERROR_NONE);
        const struct sale *sale = stage.room.sale;
        struct public_before before = {.leader_index = 1};
        struct notice outbid = {NOTICE_OUTBID, 1, 0};
        public_event_write(&stage.out, sale, &stage.room.decision.events[0], &before);
        document_write_snapshot(&stage.out, sale, stage.room.now_ms);
        document_write_results(&stage.out, sale, 0);
        notice_write(&stage.out, sale, &stage.room.decision.events[0], &outbid);
        assert_int_equal(shows(&stage, "\"name\""), all[i] == VISIBILITY_NAMES);
        assert_true(shows(&stage, "\"paddle\":\"1\""));
        buffer_clear(&stage.out);
        document_write_you(&stage.out, sale, &sale->participants[0].id, ROLE_BIDDER);
        assert_true(shows(&stage, "\"name\"")); // his own, always
        assert_true(shows(&stage, "\"leading\":[\"l1\"]"));
        stage_close(&stage);
    }
}

static void a_reserve_is_shown_as_a_status_and_never_as_an_amount(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, VISIBILITY_NAMES, 77777);
    struct wire_state view = view_state(stage.room.sale, stage.room.now_ms);
    wire_write_state(&stage.out, &view);
    document_write_snapshot(&stage.out, stage.room.sale, stage.room.now_ms);
    assert_true(shows(&stage, "\"reserve\":\"not_met\""));
    assert_false(shows(&stage, "77777"));
    stage_close(&stage);
}

static void a_refused_bid_is_told_the_facts_that_decided_it(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, VISIBILITY_NAMES, 0);
    struct order order = {.op = order_op_find("bid"), .change = {.op = SALE_OP_BID}};
    order.change.as.bid.lot = (struct lot_id){"l1"};
    order.change.by = stage.room.sale->participants[1].id;
    assert_int_equal(room_bid(&stage.room, 1, "l1", 100), ERROR_NONE);
    answer_write_refused(&stage.out, stage.room.sale, &order, ERROR_BELOW_ASK, NULL);
    assert_true(shows(&stage, "\"code\":\"BELOW_ASK\""));
    assert_true(shows(&stage, "\"lot\":\"l1\",\"phase\":\"open\",\"price\":100,\"ask\":"));
    assert_true(shows(&stage, "\"leader\":{\"id\":\"p1\""));
    assert_false(shows(&stage, "max_bid"));
    buffer_clear(&stage.out);
    answer_write_repeated(&stage.out, bytes_text("{\"ok\":true}"));
    assert_true(shows(&stage, "{\"ok\":true,\"repeated\":true}"));
    stage_close(&stage);
}

static void a_paused_sale_shows_the_frozen_time_and_no_end(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, VISIBILITY_NAMES, 0);
    room_wait(&stage.room, 5000);
    assert_int_equal(room_staff(&stage.room, SALE_OP_PAUSE), ERROR_NONE);
    struct wire_state frozen = view_state(stage.room.sale, stage.room.now_ms + 60000);
    assert_int_equal(frozen.lot.ends_at_ms, WIRE_ABSENT);
    assert_int_equal(frozen.lot.remaining_ms, 25000);
    assert_string_equal(frozen.clock, "lot");
    stage_close(&stage);
}

static void what_must_be_published_is_due_at_once_or_after_its_interval(void **state)
{
    (void)state;
    struct stage stage;
    struct retained retained;
    stage_open(&stage, VISIBILITY_NAMES, 0);
    retained_init(&retained);
    assert_int_equal(retained_due_ms(&retained), INT64_MAX);
    retained.state_sent_ms = 10000;
    retained.pages_sent_ms = 10000;
    assert_int_equal(room_bid(&stage.room, 1, "l1", 100), ERROR_NONE);
    retained_note(&retained, stage.room.sale, &stage.room.decision.events[0], -1);
    assert_int_equal(retained_due_ms(&retained), 10000 + RETAINED_STATE_INTERVAL_MS);
    room_wait(&stage.room, 60000);
    retained_note(&retained, stage.room.sale,
                  &(struct sale_event){.kind = EVENT_LOT_UNSOLD, .as.lot_unsold = {0}}, -1);
    assert_int_equal(retained_due_ms(&retained), 0);
    retained_release(&retained);
    stage_close(&stage);
}

static void the_first_page_of_participants_always_tells_how_many_there_are(void **state)
{
    (void)state;
    struct room room;
    struct retained retained;
    room_open_simple(&room, 1, WIRE_PAGE_ITEMS + 1);
    retained_init(&retained);
    const struct sale_event joined = {.kind = EVENT_PARTICIPANT_JOINED};
    retained_note(&retained, room.sale, &joined, -1);
    assert_true(retained.participants[1]); // where the new one stands
    assert_true(retained.participants[0]); // its total and pages have changed
    retained_release(&retained);
    room_close(&room);
}

// ---- options ----

static enum lc_status read_options(const char *const *arguments, struct options *options)
{
    char *argv[16] = {NULL};
    char error[OPTIONS_ERROR_SIZE];
    int argc = 1;
    for (size_t i = 0; arguments[i] != NULL; i++) {
        argv[argc++] = strdup(arguments[i]);
    }
    enum lc_status status = options_read(argc, argv, options, error);
    for (int i = 1; i < argc; i++) {
        free(argv[i]); // below only copies are looked at
    }
    return status;
}

static void the_command_line_is_read_or_refused(void **state)
{
    (void)state;
    struct options options;
    const char *const serve[] = {"--broker", "[::1]:1883", "--data", "/tmp", "--node", "e-7", NULL};
    const char *const verify[] = {"verify", "--data", "/tmp", "--sale", "demo", NULL};
    const char *const wrong[][5] = {
        {NULL},
        {"--data", "/tmp", NULL},
        {"--broker", "host", "--data", "/tmp", NULL},
        {"--broker", "host:0", "--data", "/tmp", NULL},
        {"--broker", "host:70000", "--data", "/tmp", NULL},
        {"--wrong", "x", NULL},
        {"verify", NULL},
        {"verify", "--data", NULL},
    };
    assert_int_equal(read_options(serve, &options), LC_OK);
    assert_string_equal(options.host, "::1");
    assert_int_equal(options.port, 1883);
    assert_string_equal(options.node.text, "e-7");
    assert_int_equal(read_options(verify, &options), LC_OK);
    assert_int_equal(options.task, TASK_VERIFY);
    assert_string_equal(options.sale.text, "demo");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(read_options(wrong[i], &options), LC_ERR_BAD_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine_time_follows_the_boot_clock_and_never_goes_back_behind_the_ledger),
        cmocka_unit_test(ticks_fall_on_the_whole_seconds_before_the_end),
        cmocka_unit_test(the_inbox_keeps_the_order_and_refuses_when_full),
        cmocka_unit_test(the_outbox_holds_what_is_not_committed_and_refuses_when_full),
        cmocka_unit_test(a_turn_s_replies_come_before_its_events_and_end_with_the_connection),
        cmocka_unit_test(replies_of_a_turn_count_for_the_limit),
        cmocka_unit_test(the_house_keeps_its_sales_by_id_and_the_ids_that_are_gone),
        cmocka_unit_test(a_wrong_member_is_named),
        cmocka_unit_test(an_amount_that_is_no_whole_number_reaches_the_rules_as_zero),
        cmocka_unit_test(the_content_of_a_repeat_is_equal_whatever_its_envelope_and_order),
        cmocka_unit_test(names_are_shown_only_where_the_sale_allows_it),
        cmocka_unit_test(a_reserve_is_shown_as_a_status_and_never_as_an_amount),
        cmocka_unit_test(a_refused_bid_is_told_the_facts_that_decided_it),
        cmocka_unit_test(a_paused_sale_shows_the_frozen_time_and_no_end),
        cmocka_unit_test(what_must_be_published_is_due_at_once_or_after_its_interval),
        cmocka_unit_test(the_first_page_of_participants_always_tells_how_many_there_are),
        cmocka_unit_test(the_command_line_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
