#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <stdlib.h>

#include "lib/wire/message_event.h"
#include "tests/golden/fixtures.h"

// ---- the head ----

static void a_head_is_read_without_parsing_the_rest(void **state)
{
    (void)state;
    struct wire_head read = {0, 0};
    assert_int_equal(wire_read_head(bytes_text("{\"seq\":17,\"epoch\":2,garbage"), &read), LC_OK);
    assert_int_equal(read.seq, 17);
    assert_int_equal(read.epoch, 2);
    assert_int_equal(wire_read_head(bytes_text("{\"seq\":0,\"epoch\":0}"), &read), LC_OK);
    assert_int_equal(wire_read_head(bytes_text("{\"seq\":9007199254740991,\"epoch\":1}"), &read),
                     LC_OK);
    assert_true(read.seq == JSON_INTEGER_MAX);
}

static void a_head_of_any_other_spelling_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "{}",
        "{\"seq\":1}",
        "{\"seq\":1,\"epoch\":",
        "{\"seq\":1,\"epoch\":2",
        "{\"seq\":1,\"epoch\":2 }",
        "{ \"seq\":1,\"epoch\":2}",
        "{\"seq\": 1,\"epoch\":2}",
        "{\"epoch\":2,\"seq\":1}",
        "{\"seq\":-1,\"epoch\":2}",
        "{\"seq\":01,\"epoch\":2}",
        "{\"seq\":1.5,\"epoch\":2}",
        "{\"seq\":1e3,\"epoch\":2}",
        "{\"seq\":\"1\",\"epoch\":2}",
        "{\"seq\":9007199254740992,\"epoch\":2}",
        "{\"seq\":18446744073709551617,\"epoch\":2}",
        "[{\"seq\":1,\"epoch\":2}]",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct wire_head read = {5, 6};
        if (wire_read_head(bytes_text(wrong[i]), &read) != LC_ERR_BAD_INPUT) {
            fail_msg("accepted: %s", wrong[i]);
        }
        assert_true(read.seq == 5 && read.epoch == 6);
    }
}

static void a_private_notice_tells_its_event(void **state)
{
    (void)state;
    char name[33] = "untouched";
    assert_int_equal(
        wire_read_private_event(
            bytes_text("{\"seq\":1,\"epoch\":2,\"event\":\"../../x\",\"at\":3}"), name),
        LC_ERR_BAD_INPUT);
    assert_int_equal(
        wire_read_private_event(bytes_text("{\"seq\":1,\"epoch\":2,\"event\":\"\"}"), name),
        LC_ERR_BAD_INPUT);
    assert_int_equal(wire_read_private_event(bytes_text("{\"seq\":1,\"epoch\":2,\"at\":3}"), name),
                     LC_ERR_BAD_INPUT);
    assert_string_equal(name, "untouched");
    assert_int_equal(
        wire_read_private_event(bytes_text("{\"seq\":1,\"epoch\":2,\"event\":\"you_lead\"}"), name),
        LC_OK);
    assert_string_equal(name, "you_lead");
}

// ---- sizes ----

static void a_state_never_passes_one_kilobyte_and_stays_readable(void **state)
{
    (void)state;
    struct wire_state longest = golden_state_longest();
    struct wire_state read;
    struct wire_document document;
    struct buffer out;
    buffer_init(&out, 10000);
    wire_write_state(&out, &longest);
    assert_int_equal(buffer_status(&out), LC_OK);
    assert_true(out.size <= WIRE_STATE_SIZE_MAX);
    assert_int_equal(wire_read_state(buffer_bytes(&out), &document, &read), LC_OK);
    assert_true(read.lot.title.size > 0 && read.lot.title.size < longest.lot.title.size);
    assert_true(read.head.seq == JSON_INTEGER_MAX);
    wire_document_release(&document);
    buffer_release(&out);
}

static void a_state_with_room_keeps_its_titles_whole(void **state)
{
    (void)state;
    static const char title[] = "A title of one hundred and twenty bytes, which is the longest "
                                "that a lot may have, and ordinary enough, or so we shall h";
    struct wire_state open = golden_state_gap();
    struct wire_state read;
    struct wire_document document;
    struct buffer out;
    buffer_init(&out, 10000);
    assert_int_equal(strlen(title), 120);
    open.lot.title = bytes_text(title);
    open.next.title = bytes_text(title);
    wire_write_state(&out, &open);
    assert_true(out.size <= WIRE_STATE_SIZE_MAX);
    assert_int_equal(wire_read_state(buffer_bytes(&out), &document, &read), LC_OK);
    assert_true(bytes_equal_text(read.lot.title, title));
    assert_true(bytes_equal_text(read.next.title, title));
    wire_document_release(&document);
    buffer_release(&out);
}

static void ticks_and_board_messages_fit_a_small_device(void **state)
{
    (void)state;
    // A device with 256-byte packets: fixed header, topic length, topic, payload.
    size_t packet = 3 + 2 + strlen("lotcast/v1/sale//board/json") + ID_SIZE_MAX;
    assert_true(packet + WIRE_BOARD_JSON_SIZE_MAX <= 256);
    assert_true(packet + WIRE_TICK_SIZE_MAX <= 256);
    struct wire_tick tick = {.head = {100000, 100},
                             .lot = {"lot-1234"},
                             .clock = TICK_LOT,
                             .ends_at_ms = INT64_C(1760000000000),
                             .now_ms = INT64_C(1760000000000),
                             .remaining_ms = 600000};
    struct buffer out;
    buffer_init(&out, 1000);
    wire_write_tick(&out, &tick);
    assert_true(out.size <= 128);
    buffer_clear(&out);
    memcpy(tick.lot.text, "a123456789-123456789_123456789ZZ", sizeof tick.lot.text);
    tick.head = (struct wire_head){JSON_INTEGER_MAX, JSON_INTEGER_MAX};
    tick.remaining_ms = INT64_C(31536000000);
    wire_write_tick(&out, &tick);
    assert_true(out.size <= WIRE_TICK_SIZE_MAX);
    buffer_clear(&out);
    tick.clock = TICK_PRICE;
    tick.price_minor = INT64_C(1000000000000000);
    wire_write_tick(&out, &tick);
    assert_true(out.size <= WIRE_TICK_SIZE_MAX);
    buffer_clear(&out);
    tick.clock = TICK_NOMINATION; // of no lot
    tick.lot.text[0] = 0;
    wire_write_tick(&out, &tick);
    assert_true(out.size <= WIRE_TICK_SIZE_MAX);
    buffer_clear(&out);
    struct wire_state longest = golden_state_longest();
    wire_write_board_json(&out, &longest, bytes_text("POINTS<>"), 9);
    assert_true(out.size <= WIRE_BOARD_JSON_SIZE_MAX);
    buffer_release(&out);
}

static void board_texts_are_cut_at_a_character(void **state)
{
    (void)state;
    struct wire_state open = golden_state_open();
    struct json *document = NULL;
    struct bytes title;
    struct buffer out;
    buffer_init(&out, 1000);
    open.lot.title = bytes_text("12345678901234567890123\xC3\xA9"); // the 24th byte splits a letter
    wire_write_board_json(&out, &open, bytes_text("EUR"), 2);
    assert_int_equal(json_parse(buffer_bytes(&out), &document), LC_OK);
    assert_true(json_to_text(json_member(document, "t"), &title));
    assert_true(bytes_equal_text(title, "12345678901234567890123"));
    json_destroy(document);
    buffer_clear(&out);
    open.lot.title = bytes_text("\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
                                "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
                                "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
                                "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
                                "123\xF0\x9F\x98\x80"); // the 64th byte splits the last one
    wire_write_board_field(&out, BOARD_TITLE, &open, bytes_text("EUR"), 2, bytes_text(""));
    assert_int_equal(out.size, 63);
    assert_true(bytes_is_utf8(buffer_bytes(&out)));
    buffer_release(&out);
}

static void assert_money(int64_t amount, const char *code, int64_t digits, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 100);
    wire_write_money(&out, amount, bytes_text(code), digits);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void money_is_written_with_its_minor_digits(void **state)
{
    (void)state;
    assert_money(1200, "EUR", 2, "12.00 EUR");
    assert_money(5, "EUR", 2, "0.05 EUR");
    assert_money(-50, "EUR", 2, "-0.50 EUR");
    assert_money(1200, "JPY", 0, "1200 JPY");
    assert_money(1234, "", 3, "1.234");
    assert_money(0, "EUR", 2, "0.00 EUR");
    assert_money(INT64_MIN, "X", 0, "-9223372036854775808 X");
    assert_money(1, "X", 99, "0.000000001 X");
}

static void a_clock_shows_zero_only_when_the_time_is_over(void **state)
{
    (void)state;
    static const struct {
        int64_t remaining_ms;
        const char *shown;
    } cases[] = {{25000, "25"}, {24999, "25"}, {1, "1"}, {0, "0"}, {-5, "0"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire_state open = golden_state_open();
        struct buffer out;
        buffer_init(&out, 100);
        open.lot.remaining_ms = cases[i].remaining_ms;
        wire_write_board_field(&out, BOARD_CLOCK, &open, bytes_text("EUR"), 2, bytes_text(""));
        assert_string_equal(buffer_text(&out), cases[i].shown);
        buffer_release(&out);
    }
}

// ---- commands ----

static struct wire_command a_command(void)
{
    return (struct wire_command){.id = {"c1"},
                                 .op = "bid",
                                 .by = {"p3"},
                                 .role = ROLE_BIDDER,
                                 .received_at_ms = 1000,
                                 .uncertainty_ms = WIRE_ABSENT,
                                 .deadline_at_ms = 3000,
                                 .reply_tag = "tag"};
}

static void a_caller_never_sets_the_envelope(void **state)
{
    (void)state;
    struct wire_command command = a_command();
    struct wire_command read;
    struct wire_document document;
    struct buffer out;
    buffer_init(&out, 10000);
    assert_int_equal(
        wire_write_command(&out, &command,
                           bytes_text("{\"id\":\"x\",\"op\":\"delete\",\"b\\u0079\":\"p9\","
                                      "\"role\":\"admin\",\"received_at\":1,\"deadline_at\":9,"
                                      "\"reply\":\"y\",\"amount\":1200,\"lot\":\"l\\u0031\"}")),
        LC_OK);
    assert_string_equal(buffer_text(&out),
                        "{\"id\":\"c1\",\"op\":\"bid\",\"by\":\"p3\",\"role\":\"bidder\","
                        "\"received_at\":1000,\"deadline_at\":3000,\"reply\":\"tag\","
                        "\"amount\":1200,\"lot\":\"l1\"}");
    assert_int_equal(wire_read_command(buffer_bytes(&out), &document, &read, NULL), LC_OK);
    assert_string_equal(read.id.text, "c1");
    assert_string_equal(read.op, "bid");
    assert_string_equal(read.by.text, "p3");
    assert_int_equal(read.role, ROLE_BIDDER);
    assert_int_equal(read.received_at_ms, 1000);
    assert_int_equal(read.deadline_at_ms, 3000);
    assert_string_equal(read.reply_tag, "tag");
    wire_document_release(&document);
    buffer_release(&out);
}

static void members_that_are_no_object_or_too_large_are_refused(void **state)
{
    (void)state;
    struct wire_command command = a_command();
    struct buffer out;
    struct buffer large;
    buffer_init(&out, WIRE_PAYLOAD_SIZE_MAX);
    buffer_init(&large, WIRE_PAYLOAD_SIZE_MAX);
    buffer_append_text(&out, "kept");
    assert_int_equal(wire_write_command(&out, &command, bytes_text("[1]")), LC_ERR_BAD_INPUT);
    assert_int_equal(wire_write_command(&out, &command, bytes_text("{\"a\":")), LC_ERR_BAD_INPUT);
    assert_int_equal(wire_write_command(&out, &command, bytes_text("{},\"by\":\"p9\"")),
                     LC_ERR_BAD_INPUT);
    buffer_append_text(&large, "{\"a\":\"");
    for (size_t i = 0; i < WIRE_COMMAND_SIZE_MAX; i++) {
        buffer_append_byte(&large, 'x');
    }
    buffer_append_text(&large, "\"}");
    assert_int_equal(wire_write_command(&out, &command, buffer_bytes(&large)), LC_ERR_FULL);
    assert_string_equal(buffer_text(&out), "kept");
    buffer_release(&large);
    buffer_release(&out);
}

static void a_command_without_its_optional_members_reads_as_absent(void **state)
{
    (void)state;
    struct wire_command read;
    struct wire_document document;
    assert_int_equal(wire_read_command(bytes_text("{\"op\":\"bid\",\"id\":\"c1\",\"by\":null}"),
                                       &document, &read, NULL),
                     LC_OK);
    assert_string_equal(read.by.text, "");
    assert_int_equal(read.role, ROLE_NONE);
    assert_true(read.received_at_ms == WIRE_ABSENT && read.deadline_at_ms == WIRE_ABSENT);
    assert_string_equal(read.reply_tag, "");
    wire_document_release(&document);
}

static void a_malformed_command_is_refused_but_can_be_answered(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{\"reply\":\"t\"}",
        "{\"reply\":\"t\",\"id\":\"c1\"}",
        "{\"reply\":\"t\",\"op\":\"bid\"}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":7}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":\"\"}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":\"a b\"}",
        "{\"reply\":\"t\",\"op\":\"\",\"id\":\"c1\"}",
        "{\"reply\":\"t\",\"op\":\"BID\",\"id\":\"c1\"}",
        "{\"reply\":\"t\",\"op\":\"a23456789012345678901234567890123\",\"id\":\"c1\"}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":\"c1\",\"by\":\"\"}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":\"c1\",\"by\":3}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":\"c1\",\"role\":\"none\"}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":\"c1\",\"role\":5}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":\"c1\",\"received_at\":\"1\"}",
        "{\"reply\":\"t\",\"op\":\"bid\",\"id\":\"c1\",\"deadline_at\":1.5}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct wire_command read;
        struct wire_document document = {NULL};
        char tag[WIRE_REPLY_TAG_SIZE_MAX + 1] = "none";
        if (wire_read_command(bytes_text(wrong[i]), &document, &read, tag) != LC_ERR_BAD_INPUT) {
            fail_msg("accepted: %s", wrong[i]);
        }
        assert_string_equal(tag, "t");
        assert_null(document.json);
    }
}

static void what_is_no_command_at_all_has_no_tag(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "[]",
        "7",
        "{",
        "{\"reply\":7,\"op\":\"bid\",\"id\":\"c1\"}",
        ("{\"reply\":\"12345678901234567890123456789012345678901234567890123456789012345\","
         "\"op\":\"bid\",\"id\":\"c1\"}"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct wire_command read;
        struct wire_document document;
        char tag[WIRE_REPLY_TAG_SIZE_MAX + 1] = "none";
        assert_int_equal(wire_read_command(bytes_text(wrong[i]), &document, &read, tag),
                         LC_ERR_BAD_INPUT);
        assert_string_equal(tag, "");
    }
}

// ---- replies ----

static void a_reply_is_split_byte_for_byte(void **state)
{
    (void)state;
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    struct bytes result;
    static const char text[] = "{\"reply\":\"s1.7\",\"result\":{\"ok\":true,\"a\":\"}]\\\"\","
                               "\"b\":[{},[]], \"c\" : 1.50}}";
    assert_int_equal(wire_read_reply(bytes_text(text), tag, &result), LC_OK);
    assert_string_equal(tag, "s1.7");
    assert_true(
        bytes_equal_text(result, "{\"ok\":true,\"a\":\"}]\\\"\",\"b\":[{},[]], \"c\" : 1.50}"));
}

static void a_reply_that_is_not_whole_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "{}",
        "{\"reply\":\"t\"}",
        "{\"reply\":\"t\",\"result\":}",
        "{\"reply\":\"t\",\"result\":7}",
        "{\"reply\":\"t\",\"result\":[]}",
        "{\"reply\":\"t\",\"result\":{}",
        "{\"reply\":\"t\",\"result\":{}}x",
        "{\"reply\":\"t\",\"result\":{}}}",
        "{\"reply\":\"t\",\"result\":{},\"x\":{}}",
        "{\"reply\":\"t\",\"result\":{\"a\":[}]}",
        "{\"reply\":\"t\",\"result\":{\"a\":\"}}",
        "{\"reply\":\"t\",\"result\":{\"a\":\"\x01\"}}",
        "{\"reply\":\"t\",\"result\":{\"a\":\"\xFF\"}}",
        "{\"result\":{},\"reply\":\"t\"}",
        "{\"reply\":\"a\\\"b\",\"result\":{}}",
        "{\"reply\":7,\"result\":{}}",
        ("{\"reply\":\"12345678901234567890123456789012345678901234567890123456789012345\","
         "\"result\":{}}"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char tag[WIRE_REPLY_TAG_SIZE_MAX + 1] = "untouched";
        struct bytes result = {NULL, 99};
        if (wire_read_reply(bytes_text(wrong[i]), tag, &result) != LC_ERR_BAD_INPUT) {
            fail_msg("accepted: %s", wrong[i]);
        }
        assert_string_equal(tag, "untouched");
        assert_int_equal(result.size, 99);
    }
}

// L7: a snapshot says that it has no clock, instead of showing one at 00:00.
static void a_retained_snapshot_of_broken_parts_leaves_them_out(void **state)
{
    (void)state;
    struct buffer out;
    struct json *document = NULL;
    buffer_init(&out, 10000);
    wire_write_retained_snapshot(&out, bytes_text("<html>"), bytes_text("{\"seq\":1"),
                                 bytes_text("{\"seq\":1,\"epoch\":2,\"lots\":[]}"),
                                 bytes_text("{\"seq\":1,\"epoch\":2,\"page\":0,\"pages\":1,"
                                            "\"total\":3,\"participants\":[{]}}"),
                                 5);
    assert_int_equal(json_parse(buffer_bytes(&out), &document), LC_OK);
    assert_true(json_is_null(json_member(document, "info")));
    assert_true(json_is_null(json_member(document, "state")));
    assert_int_equal(json_count(json_member(document, "lots")), 0);
    assert_int_equal(json_count(json_member(document, "participants")), 0);
    json_destroy(document);
    buffer_release(&out);
}

// ---- readers read what the writers wrote ----

static void written_messages_read_back(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 10000);
    struct wire_tick tick = {{7, 1}, {"l1"}, TICK_PRICE, 500, 9000, 8000, 1000};
    struct wire_tick tick_read;
    wire_write_tick(&out, &tick);
    assert_int_equal(wire_read_tick(buffer_bytes(&out), &tick_read), LC_OK);
    assert_true(tick_read.head.seq == 7 && tick_read.clock == TICK_PRICE &&
                tick_read.ends_at_ms == 9000 && tick_read.price_minor == 500);
    assert_string_equal(tick_read.lot.text, "l1");
    buffer_clear(&out);
    struct wire_heartbeat beat = {.program = "bridge",
                                  .node = {"bridge-1"},
                                  .online = true,
                                  .version = "0.1.0",
                                  .relay = "a1B-",
                                  .since_ms = 1,
                                  .now_ms = 2};
    struct wire_heartbeat beat_read;
    wire_write_heartbeat(&out, &beat);
    assert_int_equal(wire_read_heartbeat(buffer_bytes(&out), &beat_read), LC_OK);
    assert_memory_equal(&beat_read.node, &beat.node, sizeof beat.node);
    assert_true(beat_read.online && beat_read.since_ms == 1 && beat_read.now_ms == 2);
    assert_string_equal(beat_read.program, "bridge");
    assert_string_equal(beat_read.version, "0.1.0");
    assert_string_equal(beat_read.relay, "a1B-");
    buffer_clear(&out);
    struct participant_id ids[] = {{"p1"}, {"p3"}};
    struct wire_presence presence = {{"bridge-1"}, {"demo"}, 5, ids, 2};
    struct wire_presence presence_read;
    wire_write_presence(&out, &presence);
    assert_int_equal(wire_read_presence(buffer_bytes(&out), &presence_read), LC_OK);
    assert_true(presence_read.count == 5 && presence_read.ids_count == 2);
    assert_string_equal(presence_read.ids[1].text, "p3");
    free(presence_read.ids);
    buffer_release(&out);
}

static void a_state_reads_back_with_its_absent_parts(void **state)
{
    (void)state;
    struct wire_state lobby = golden_state_lobby();
    struct wire_state gap = golden_state_gap();
    struct wire_state read;
    struct wire_document document;
    struct buffer out;
    buffer_init(&out, 10000);
    wire_write_state(&out, &lobby);
    assert_int_equal(wire_read_state(buffer_bytes(&out), &document, &read), LC_OK);
    assert_true(!read.has_lot && read.next.id.text[0] == 0);
    assert_string_equal(read.phase, "lobby");
    wire_document_release(&document);
    buffer_clear(&out);
    wire_write_state(&out, &gap);
    assert_int_equal(wire_read_state(buffer_bytes(&out), &document, &read), LC_OK);
    assert_true(read.has_lot && read.lot.ends_at_ms == WIRE_ABSENT);
    assert_string_equal(read.next.id.text, "l2");
    assert_string_equal(read.lot.leader.id.text, "p3");
    assert_true(read.lot.leader.shows_name);
    wire_document_release(&document);
    buffer_release(&out);
}

static void payloads_that_lack_a_member_are_refused(void **state)
{
    (void)state;
    struct wire_state read;
    struct wire_tick tick;
    struct wire_info info;
    struct wire_heartbeat beat;
    struct wire_presence presence;
    struct wire_document document = {NULL};
    static const char *const wrong[] = {"", "{}", "[]", "null", "{\"seq\":1,\"epoch\":1}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct bytes payload = bytes_text(wrong[i]);
        assert_int_equal(wire_read_state(payload, &document, &read), LC_ERR_BAD_INPUT);
        assert_int_equal(wire_read_info(payload, &document, &info), LC_ERR_BAD_INPUT);
        assert_int_equal(wire_read_tick(payload, &tick), LC_ERR_BAD_INPUT);
        assert_int_equal(wire_read_heartbeat(payload, &beat), LC_ERR_BAD_INPUT);
        assert_int_equal(wire_read_presence(payload, &presence), LC_ERR_BAD_INPUT);
        assert_null(document.json);
    }
    assert_int_equal(wire_read_tick(bytes_text("{\"seq\":1,\"epoch\":1,\"lot\":\"l1\",\"clock\":"
                                               "\"none\",\"ends_at\":1,\"now\":1,"
                                               "\"remaining_ms\":1}"),
                                    &tick),
                     LC_ERR_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read_without_parsing_the_rest),
        cmocka_unit_test(a_head_of_any_other_spelling_is_refused),
        cmocka_unit_test(a_private_notice_tells_its_event),
        cmocka_unit_test(a_state_never_passes_one_kilobyte_and_stays_readable),
        cmocka_unit_test(a_state_with_room_keeps_its_titles_whole),
        cmocka_unit_test(ticks_and_board_messages_fit_a_small_device),
        cmocka_unit_test(board_texts_are_cut_at_a_character),
        cmocka_unit_test(money_is_written_with_its_minor_digits),
        cmocka_unit_test(a_clock_shows_zero_only_when_the_time_is_over),
        cmocka_unit_test(a_caller_never_sets_the_envelope),
        cmocka_unit_test(members_that_are_no_object_or_too_large_are_refused),
        cmocka_unit_test(a_command_without_its_optional_members_reads_as_absent),
        cmocka_unit_test(a_malformed_command_is_refused_but_can_be_answered),
        cmocka_unit_test(what_is_no_command_at_all_has_no_tag),
        cmocka_unit_test(a_reply_is_split_byte_for_byte),
        cmocka_unit_test(a_reply_that_is_not_whole_is_refused),
        cmocka_unit_test(a_retained_snapshot_of_broken_parts_leaves_them_out),
        cmocka_unit_test(written_messages_read_back),
        cmocka_unit_test(a_state_reads_back_with_its_absent_parts),
        cmocka_unit_test(payloads_that_lack_a_member_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
