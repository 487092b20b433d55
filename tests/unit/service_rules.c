// What the service makes of the rules beyond a plain bid: commands, notices, and what many open lots and
// secrets show.
#include "tests/unit/core_room.h"

#include <stdlib.h>

#include "auction-svc/service/answer.h"
#include "auction-svc/service/catalogue_page.h"
#include "auction-svc/service/document.h"
#include "auction-svc/service/notice.h"
#include "auction-svc/service/order.h"
#include "auction-svc/service/retained.h"
#include "auction-svc/service/view.h"

// ---- commands ----

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

#define COMMAND(op, members) \
    "{\"id\":\"c1\",\"role\":\"bidder\",\"by\":\"p1\",\"op\":\"" op "\"" members "}"
#define LOT ",\"lot\":\"l1\""

static void each_command_names_its_lot(void **state)
{
    (void)state;
    static const char *const texts[] = {
        COMMAND("bid", LOT ",\"amount\":5,\"quantity\":2"),
        COMMAND("set_max", LOT ",\"max\":9,\"paddle\":\"7\""),
        COMMAND("withdraw_max", LOT),
        COMMAND("buy_now", LOT),
        COMMAND("pass", LOT),
        COMMAND("nominate", LOT),
        COMMAND("match", LOT ",\"accept\":true"),
        COMMAND("raise_match", LOT ",\"amount\":7"),
        COMMAND("floor_bid", LOT ",\"amount\":7,\"paddle\":\"3\""),
        COMMAND("undo", LOT ",\"reason\":\"misheard\""),
        COMMAND("set_ask", LOT ",\"ask\":null"),
        COMMAND("warn", LOT),
        COMMAND("sell", LOT ",\"console\":\"desk\""),
        COMMAND("pass_in", LOT),
        COMMAND("add_time", LOT ",\"add_ms\":5000"),
        COMMAND("reopen", LOT),
        COMMAND("withdraw_lot", LOT ",\"reason\":\"\""),
        COMMAND("next", LOT),
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct order order;
        struct wire_document document = {NULL};
        assert_int_equal(read_order(texts[i], &order, &document), ERROR_NONE);
        assert_non_null(order_lot(&order.change));
        assert_string_equal(order_lot(&order.change)->text, "l1");
        order_release(&order);
        wire_document_release(&document);
    }
}

static void a_command_that_lacks_its_lot_or_has_a_wrong_member_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *detail;
    } wrong[] = {
        {COMMAND("set_max", ",\"max\":5"), "lot"},
        {COMMAND("set_max", LOT ",\"max\":5,\"confirm\":3"), "confirm"},
        {COMMAND("set_max", LOT ",\"max\":5,\"paddle\":\"123456789\""), "paddle"},
        {COMMAND("bid", LOT ",\"amount\":5,\"quantity\":-1"), "quantity"},
        {COMMAND("floor_bid", LOT ",\"amount\":5,\"paddle\":5"), "paddle"},
        {COMMAND("withdraw_max", ""), "lot"},
        {COMMAND("pass", ",\"lot\":\"a b\""), "lot"},
        {COMMAND("undo", LOT ",\"reason\":7"), "reason"},
        {COMMAND("set_ask", LOT ",\"ask\":1.5"), "ask"},
        {COMMAND("set_ask", LOT ",\"ask\":-1"), "ask"},
        {COMMAND("add_time", LOT), "add_ms"},
        {COMMAND("match", LOT), "accept"},
        {COMMAND("raise_match", LOT ",\"amount\":\"7\""), "amount"},
        {COMMAND("submit_names", ""), "lots"},
        {COMMAND("submit_names", ",\"lots\":[\"l1\",2]"), "lots"},
        {COMMAND("set_participant", ""), "participant"},
        {COMMAND("set_participant", ",\"participant\":\"p1\",\"status\":\"king\""), "status"},
        {COMMAND("set_participant", ",\"participant\":\"p1\",\"budget\":-1"), "budget"},
        {COMMAND("sell", LOT ",\"console\":5"), "console"},
        {COMMAND("gavel", ",\"console\":\"123456789012345678901234567890123\""), "console"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct order order;
        struct wire_document document = {NULL};
        assert_string_equal(error_code_name(read_order(wrong[i].text, &order, &document)),
                            "BAD_REQUEST");
        assert_string_equal(order.detail, wrong[i].detail);
        order_release(&order);
        wire_document_release(&document);
    }
}

static void more_names_than_one_may_submit_are_too_many(void **state)
{
    (void)state;
    struct buffer text;
    struct order order;
    struct wire_document document = {NULL};
    buffer_init(&text, 10000);
    buffer_append_text(&text, "{\"id\":\"c1\",\"op\":\"submit_names\",\"lots\":[");
    for (int i = 0; i <= SUBMITTED_NAMES_MAX; i++) {
        buffer_append_format(&text, "%s\"l%d\"", i == 0 ? "" : ",", i);
    }
    buffer_append_text(&text, "]}");
    assert_int_equal(read_order(buffer_text(&text), &order, &document), ERROR_TOO_MANY);
    order_release(&order);
    wire_document_release(&document);
    buffer_release(&text);
}

static void who_takes_the_gavel_says_the_token_and_not_the_payload(void **state)
{
    (void)state;
    struct order order;
    struct wire_document document = {NULL};
    const char *text =
        COMMAND("take_gavel", ",\"console\":\"desk\",\"name\":\"Eve\",\"by_name\":\"Nora\"");
    assert_int_equal(read_order(text, &order, &document), ERROR_NONE);
    assert_true(bytes_equal_text(order.change.as.take_gavel.name, "Nora"));
    assert_true(bytes_equal_text(order.change.console, "desk"));
    order_release(&order);
    wire_document_release(&document);
}

static void a_member_that_is_not_given_leaves_a_participant_as_he_is(void **state)
{
    (void)state;
    struct order order;
    struct wire_document document = {NULL};
    const char *text =
        COMMAND("set_participant", ",\"participant\":\"p1\",\"budget\":null,\"limit\":500");
    assert_int_equal(read_order(text, &order, &document), ERROR_NONE);
    assert_int_equal(order.change.as.set_participant.status, -1);
    assert_int_equal(order.change.as.set_participant.budget_minor, 0);
    assert_int_equal(order.change.as.set_participant.slots, -1);
    assert_int_equal(order.change.as.set_participant.limit_minor, 500);
    order_release(&order);
    wire_document_release(&document);
}

static void the_stamp_of_a_bid_is_never_earlier_than_the_grace_allows(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.closing_grace_ms = 300;
    room_open(&room, &definition, &lot, 1);
    struct sale_command bid = {.op = SALE_OP_BID};
    bid.as.bid.lot = (struct lot_id){"l1"};
    struct wire_command command = {.received_at_ms = 9900, .uncertainty_ms = 50};
    assert_int_equal(order_stamp_ms(room.sale, &bid, &command, 10000), 9900);
    command.received_at_ms = 1000;
    assert_int_equal(order_stamp_ms(room.sale, &bid, &command, 10000), 9700);
    command.received_at_ms = 10050; // a bridge whose clock is ahead
    assert_int_equal(order_stamp_ms(room.sale, &bid, &command, 10000), 10000);
    command.uncertainty_ms = 51;
    assert_int_equal(order_stamp_ms(room.sale, &bid, &command, 10000), 0);
    command.uncertainty_ms = WIRE_ABSENT;
    assert_int_equal(order_stamp_ms(room.sale, &bid, &command, 10000), 0);
    command.uncertainty_ms = 1;
    bid.op = SALE_OP_PASS;
    assert_int_equal(order_stamp_ms(room.sale, &bid, &command, 10000), 0);
    room_close(&room);
}

// ---- notices ----

struct told {
    struct notice all[NOTICES_MAX];
    size_t count;
};

// Notices of the fact of a kind in the last decision, which has been applied.
static struct told told_of(const struct room *room, enum sale_event_kind kind,
                           struct public_before before)
{
    struct told told = {.count = 0};
    for (size_t i = 0; i < room->decision.events_count; i++) {
        if (room->decision.events[i].kind == kind) {
            told.count = notices_of(room->sale, &room->decision.events[i], &before, told.all);
        }
    }
    return told;
}

static void expect_notice(const struct told *told, enum notice_kind kind, int64_t to_index,
                          int64_t max_minor)
{
    for (size_t i = 0; i < told->count; i++) {
        const struct notice *notice = &told->all[i];
        if (notice->kind == kind && notice->to_index == to_index &&
            notice->max_minor == max_minor) {
            return;
        }
    }
    fail_msg("notice %d to %lld with %lld is missing", (int)kind, (long long)to_index,
             (long long)max_minor);
}

static void
a_bid_below_a_maximum_is_outbid_from_the_start_and_its_owner_hears_the_new_price(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 3);
    expect_code(room_set_max(&room, 1, "l1", 1000), ERROR_NONE);
    struct told set = told_of(&room, EVENT_MAX_PLACED, (struct public_before){.leader_index = -1});
    assert_int_equal(set.count, 1);
    expect_notice(&set, NOTICE_MAX_BID_CHANGED, 0, 1000);
    int64_t price_minor = room_lot_at(&room, 0)->price_minor;
    expect_code(room_bid(&room, 2, "l1", 500), ERROR_NONE);
    struct told bid =
        told_of(&room, EVENT_BID_ACCEPTED,
                (struct public_before){.leader_index = 0, .price_minor = price_minor});
    assert_int_equal(bid.count, 2);
    expect_notice(&bid, NOTICE_OUTBID, 1, 0);
    expect_notice(&bid, NOTICE_YOU_LEAD, 0, 0);
    price_minor = room_lot_at(&room, 0)->price_minor;
    expect_code(room_bid(&room, 3, "l1", 2000), ERROR_NONE);
    struct told beaten =
        told_of(&room, EVENT_BID_ACCEPTED,
                (struct public_before){.leader_index = 0, .price_minor = price_minor});
    assert_int_equal(beaten.count, 3);
    expect_notice(&beaten, NOTICE_YOU_LEAD, 2, 0);
    expect_notice(&beaten, NOTICE_OUTBID, 0, 0);
    expect_notice(&beaten, NOTICE_MAX_BID_CHANGED, 0, 1000);
    room_close(&room);
}

static struct room sealed_room(void)
{
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.lot.format = FORMAT_SEALED_FIRST;
    room_open(&room, &definition, lots, 2);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, definition.rules.gap_ms);
    return room;
}

static void of_a_sealed_offer_nobody_is_told_and_nothing_is_published_again(void **state)
{
    (void)state;
    struct room room = sealed_room();
    struct retained retained;
    struct buffer out;
    struct order order = {.op = order_op_find("bid"), .change = {.op = SALE_OP_BID}};
    retained_init(&retained);
    buffer_init(&out, WIRE_PAYLOAD_SIZE_MAX);
    expect_code(room_bid(&room, 1, "l1", 77777), ERROR_NONE);
    expect_facts(&room, EVENT_MAX_PLACED);
    struct told told = told_of(&room, EVENT_MAX_PLACED, (struct public_before){.leader_index = -1});
    assert_int_equal(told.count, 0);
    retained_note(&retained, room.sale, &room.decision.events[0], -1);
    assert_int_equal(retained_due_ms(&retained), INT64_MAX);
    order.change.as.bid.lot = (struct lot_id){"l1"};
    order.change.by = room_bidder(&room, 1)->id;
    answer_write_accepted(&out, room.sale, &order, &room.decision, 0);
    answer_write_refused(&out, room.sale, &order, ERROR_BELOW_ASK, NULL);
    document_write_snapshot(&out, room.sale, room.now_ms);
    document_write_results(&out, room.sale, 0);
    assert_null(strstr(buffer_text(&out), "77777"));
    assert_non_null(strstr(buffer_text(&out), "\"sealed\":true"));
    buffer_clear(&out);
    document_write_you(&out, room.sale, &room_bidder(&room, 1)->id, ROLE_BIDDER);
    assert_non_null(strstr(buffer_text(&out),
                           "{\"lot\":\"l1\",\"max\":77777,\"quantity\":1,\"leading\":null}"));
    buffer_clear(&out);
    document_write_you(&out, room.sale, &room_bidder(&room, 2)->id, ROLE_BIDDER);
    assert_null(strstr(buffer_text(&out), "77777"));
    buffer_release(&out);
    retained_release(&retained);
    room_close(&room);
}

static void a_receipt_of_somebody_else_is_shown_without_his_secrets(void **state)
{
    (void)state;
    struct room room = sealed_room();
    struct buffer out;
    struct ledger_receipt receipt = {.op = "bid"};
    buffer_init(&out, 10000);
    receipt.result = bytes_text("{\"ok\":true,\"lot\":\"l1\",\"sealed\":true}");
    assert_false(document_may_show(room.sale, &receipt));
    receipt.result = bytes_text("{\"ok\":false,\"error\":{\"code\":\"BELOW_ASK\",\"lot\":\"l1\"}}");
    assert_false(document_may_show(room.sale, &receipt));
    room_wait(&room, 60000); // unsold: nothing was offered
    assert_true(document_may_show(room.sale, &receipt));
    receipt.result = bytes_text("{\"ok\":false,\"error\":{\"code\":\"INSUFFICIENT_BUDGET\",\"max_"
                                "bid\":12345},\"max\":6789}");
    document_write_receipt(&out, room.sale, &receipt, false);
    assert_null(strstr(buffer_text(&out), "12345"));
    assert_null(strstr(buffer_text(&out), "6789"));
    assert_non_null(strstr(buffer_text(&out), "INSUFFICIENT_BUDGET"));
    document_write_receipt(&out, room.sale, &receipt, true);
    assert_non_null(strstr(buffer_text(&out), "12345"));
    buffer_release(&out);
    room_close(&room);
}

// ---- many open lots ----

enum { MANY = 2000 };

static void the_state_of_many_open_lots_is_small_and_is_of_the_one_that_ends_first(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition *lots = calloc(MANY, sizeof *lots);
    struct buffer out;
    struct retained retained;
    assert_non_null(lots);
    for (size_t i = 0; i < MANY; i++) {
        lots[i] = room_lot(INT64_C(900000000000000));
        lots[i].duration_ms = 100000 - (int64_t)i * 10;
    }
    definition.rules.flow = FLOW_PARALLEL;
    definition.rules.stagger_ms = 1;
    room_open(&room, &definition, lots, MANY);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, definition.rules.gap_ms);
    buffer_init(&out, VIEW_PAYLOAD_SIZE_MAX);
    retained_init(&retained);
    struct wire_state many = view_state(room.sale, room.now_ms);
    wire_write_state(&out, &many);
    assert_true(out.size > 0 && out.size <= WIRE_STATE_SIZE_MAX);
    assert_int_equal(many.open, MANY);
    assert_string_equal(many.lot.id.text, "l2000");

    expect_code(room_bid(&room, 1, "l150", INT64_C(900000000000000)), ERROR_NONE);
    retained.state_sent_ms = retained.pages_sent_ms = 10000;
    retained_note(&retained, room.sale, &room.decision.events[0], -1);
    assert_true(retained.lots[1] && !retained.lots[0] && !retained.pages_at_once);
    assert_int_equal(retained_due_ms(&retained), 10000 + RETAINED_STATE_INTERVAL_MS);
    struct wire_lot lot = view_lot(room.sale, 149, room.now_ms);
    assert_string_equal(lot.leader.id.text, "p1");
    assert_int_equal(lot.ends_at_ms, room.sale->lots[149].ends_at_ms);

    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    struct wire_lot frozen = view_lot(room.sale, 149, room.now_ms + 5000);
    assert_int_equal(frozen.ends_at_ms, WIRE_ABSENT);
    assert_int_equal(frozen.remaining_ms, lot.remaining_ms);
    retained_release(&retained);
    buffer_release(&out);
    room_close(&room);
    free(lots);
}

static void a_page_of_the_longest_lots_fits_a_packet(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition *lots = calloc(WIRE_PAGE_ITEMS, sizeof *lots);
    static char nasty[LOT_DESCRIPTION_SIZE_MAX + 1];
    struct buffer out;
    assert_non_null(lots);
    memset(nasty, '<', LOT_DESCRIPTION_SIZE_MAX); // six bytes each in JSON
    for (size_t i = 0; i < WIRE_PAGE_ITEMS; i++) {
        lots[i] = room_lot(100);
        lots[i].title = bytes_of(nasty, SALE_TITLE_SIZE_MAX);
        lots[i].description = bytes_of(nasty, LOT_DESCRIPTION_SIZE_MAX);
        lots[i].image = bytes_of(nasty, LOT_IMAGE_SIZE_MAX);
        lots[i].category = bytes_of(nasty, LOT_CATEGORY_SIZE_MAX);
        lots[i].set = bytes_of(nasty, LOT_SET_SIZE_MAX);
        lots[i].has_rules = true;
        lots[i].rules = definition.rules.lot;
        lots[i].rules.increments.count = INCREMENT_BANDS_MAX;
        for (int64_t k = 0; k < INCREMENT_BANDS_MAX; k++) {
            lots[i].rules.increments.as.bands[k] =
                (struct increment_band){k * INT64_C(1000000000000), INT64_C(100000000000)};
        }
    }
    room_open(&room, &definition, lots, WIRE_PAGE_ITEMS);
    buffer_init(&out, VIEW_PAYLOAD_SIZE_MAX);
    assert_true(catalogue_page_write(&out, room.sale, 0, room.now_ms));
    assert_int_equal(buffer_status(&out), LC_OK);
    assert_non_null(strstr(buffer_text(&out), "\"rules\":{}"));
    buffer_release(&out);
    room_close(&room);
    free(lots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_names_its_lot),
        cmocka_unit_test(a_command_that_lacks_its_lot_or_has_a_wrong_member_says_so),
        cmocka_unit_test(more_names_than_one_may_submit_are_too_many),
        cmocka_unit_test(who_takes_the_gavel_says_the_token_and_not_the_payload),
        cmocka_unit_test(a_member_that_is_not_given_leaves_a_participant_as_he_is),
        cmocka_unit_test(the_stamp_of_a_bid_is_never_earlier_than_the_grace_allows),
        cmocka_unit_test(
            a_bid_below_a_maximum_is_outbid_from_the_start_and_its_owner_hears_the_new_price),
        cmocka_unit_test(of_a_sealed_offer_nobody_is_told_and_nothing_is_published_again),
        cmocka_unit_test(a_receipt_of_somebody_else_is_shown_without_his_secrets),
        cmocka_unit_test(a_page_of_the_longest_lots_fits_a_packet),
        cmocka_unit_test(the_state_of_many_open_lots_is_small_and_is_of_the_one_that_ends_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
