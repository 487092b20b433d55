#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auction-svc/core/limits.h"
#include "bridge/app/list_csv.h"
#include "bridge/app/results_csv.h"

static void assert_lots(const char *csv, const char *expected)
{
    struct buffer out;
    struct list_csv_error error;
    buffer_init(&out, 100000);
    assert_true(list_csv_read(LIST_CSV_LOTS, bytes_text(csv), &out, &error));
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void assert_refused(const char *csv, size_t row, const char *column, const char *why)
{
    struct buffer out;
    struct list_csv_error error = {.why = ""};
    buffer_init(&out, 100000);
    assert_false(list_csv_read(LIST_CSV_LOTS, bytes_text(csv), &out, &error));
    assert_string_equal(error.why, why);
    assert_int_equal(error.row, row);
    assert_string_equal(error.column, column);
    assert_int_equal(out.size, 0); // all or nothing
    buffer_release(&out);
}

static void columns_may_stand_in_any_order_and_empty_fields_are_left_out(void **state)
{
    (void)state;
    assert_lots("opening,title,reserve\r\n1000,Lamp,\r\n5,Chair,700\r\n",
                "[{\"opening\":1000,\"title\":\"Lamp\"},"
                "{\"opening\":5,\"title\":\"Chair\",\"reserve\":700}]");
    assert_lots("id,no,title,description,image,category,opening,reserve,duration_ms\n"
                "l1,1,Lamp,d,i,c,1,2,3",
                "[{\"id\":\"l1\",\"no\":1,\"title\":\"Lamp\",\"description\":\"d\",\"image\":\"i\","
                "\"category\":\"c\",\"opening\":1,\"reserve\":2,\"duration_ms\":3}]");
    assert_lots(
        "title,opening,set,buy_now,estimate_low,estimate_high,quantity,format,match_holder\n"
        "Lamp,1,s,4,5,6,7,dutch,red",
        "[{\"title\":\"Lamp\",\"opening\":1,\"set\":\"s\",\"buy_now\":4,"
        "\"estimate_low\":5,\"estimate_high\":6,\"quantity\":7,"
        "\"rules\":{\"format\":\"dutch\"},\"match_holder\":\"red\"}]");
}

static void quoted_fields_may_hold_commas_quotes_and_lines(void **state)
{
    (void)state;
    assert_lots("\xEF\xBB\xBFtitle,opening,description\n\"a,\"\"b\"\"\",\"7\",\"c\r\nd\"\n\n",
                "[{\"title\":\"a,\\\"b\\\"\",\"opening\":7,\"description\":\"c\\u000d\\u000ad\"}]");
}

static void a_fault_is_told_by_row_and_column(void **state)
{
    (void)state;
    assert_refused("title\nx\n", 1, "opening", "the column is missing");
    assert_refused("", 1, "", "an unknown column");
    assert_refused("title,opening,colour\n", 1, "", "an unknown column");
    assert_refused("title,opening,title\n", 1, "title", "the column is there twice");
    assert_refused("title,opening\n", 1, "", "there are no lots");
    assert_refused("title,opening\na,1\n,2\n", 3, "title", "the field is empty");
    assert_refused("title,opening\na,1\nb,-2\n", 3, "opening", "not a whole number");
    assert_refused("title,opening\na,1.5\n", 2, "opening", "not a whole number");
    assert_refused("title,opening\na,99999999999999999999\n", 2, "opening", "not a whole number");
    assert_refused("title,opening\na\n", 2, "", "fewer fields than columns");
    assert_refused("title,opening\na,1,2\n", 2, "", "more fields than columns");
    assert_refused("title,opening\n\"a,1\n", 2, "", "a quoted field does not end");
    assert_refused("title,opening\n\"a\"b,1\n", 2, "", "text behind a closing quote");
    assert_refused("title,opening\na\"b,1\n", 2, "", "a quote inside of an unquoted field");
    assert_refused("title,opening\na\x01,1\n", 2, "title", "a control character");
    assert_refused("title,opening\n\xFF,1\n", 2, "title", "not UTF-8");
    assert_refused("title,opening\na,1\n\nb,1\n", 3, "", "an empty row");
    assert_refused("title,opening\na,0\n", 2, "opening", "the number is too small");
    assert_refused("title,opening\na,1000000000000001\n", 2, "opening", "the number is too large");
    assert_refused("title,opening\n\"a\nb\",1\n", 2, "title", "a control character");
    assert_refused("title,opening,quantity\na,1,10001\n", 2, "quantity", "the number is too large");
    assert_refused("title,opening,format\na,1,\nb,1,english auction\n", 3, "format",
                   "an unknown format");
    assert_refused("title,opening,id\na,1,a b\n", 2, "id",
                   "an id is made of A-Z, a-z, 0-9, _ and -");
    assert_refused("title,opening,set\na,1,12345678901234567890123456789012345678901\n", 2, "set",
                   "the text is too long");
}

static void more_lots_than_a_sale_takes_are_refused(void **state)
{
    (void)state;
    struct buffer csv;
    struct buffer out;
    struct list_csv_error error;
    buffer_init(&csv, 1000000);
    buffer_init(&out, 1000000);
    buffer_append_text(&csv, "title,opening\n");
    for (int i = 0; i < LIST_LOTS_MAX; i++) {
        buffer_append_text(&csv, "a,1\n");
    }
    assert_true(list_csv_read(LIST_CSV_LOTS, buffer_bytes(&csv), &out, &error));
    buffer_append_text(&csv, "a,1\n");
    assert_false(list_csv_read(LIST_CSV_LOTS, buffer_bytes(&csv), &out, &error));
    assert_string_equal(error.why, "too many lots");
    buffer_release(&csv);
    buffer_release(&out);
}

static void participants_come_from_a_sheet_of_their_own(void **state)
{
    (void)state;
    struct buffer out;
    struct list_csv_error error;
    buffer_init(&out, 100000);
    assert_true(
        list_csv_read(LIST_CSV_PARTICIPANTS,
                      bytes_text("name,paddle,id,budget,slots,limit\r\nAna,007,ana,5,2,3\r\n"
                                 "Bo,,,,,\r\n"),
                      &out, &error));
    assert_string_equal(buffer_text(&out),
                        "[{\"name\":\"Ana\",\"paddle\":\"007\",\"id\":\"ana\",\"budget\":5,"
                        "\"slots\":2,\"limit\":3},{\"name\":\"Bo\"}]");
    assert_true(list_csv_read(LIST_CSV_PARTICIPANTS, bytes_text("name\nAna\n\n\n"), &out, &error));
    assert_false(
        list_csv_read(LIST_CSV_PARTICIPANTS, bytes_text("name,opening\nAna,1\n"), &out, &error));
    assert_string_equal(error.why, "an unknown column");
    assert_false(list_csv_read(LIST_CSV_PARTICIPANTS, bytes_text("name,paddle\nAna,123456789\n"),
                               &out, &error));
    assert_string_equal(error.why, "the text is too long");
    assert_int_equal(error.row, 2);
    assert_string_equal(error.column, "paddle");
    buffer_release(&out);
}

static void what_the_engine_refuses_has_a_row_and_a_column(void **state)
{
    (void)state;
    struct list_csv_error error;
    assert_true(list_csv_place(bytes_text("lots[0].opening"), &error));
    assert_int_equal(error.row, 2);
    assert_string_equal(error.column, "opening");
    assert_true(list_csv_place(bytes_text("lots[9999].rules.format"), &error));
    assert_int_equal(error.row, 10001);
    assert_string_equal(error.column, "format");
    assert_true(list_csv_place(bytes_text("participants[12].paddle"), &error));
    assert_int_equal(error.row, 14);
    static const char *const others[] = {
        "",         "lots",        "lots[",          "lots[1]",
        "lots[].a", "lots[-1].id", "lots[99999].id", "rules.gap_ms"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(list_csv_place(bytes_text(others[i]), &error));
    }
}

// The bridge knows the engine's limits by their values: they must be the same.
static void the_limits_of_a_sheet_are_those_of_a_sale(void **state)
{
    (void)state;
    assert_int_equal(LIST_LOTS_MAX, SALE_LOTS_MAX);
    assert_int_equal(LIST_PARTICIPANTS_MAX, SALE_PARTICIPANTS_MAX);
    assert_int_equal(LIST_TITLE_SIZE_MAX, SALE_TITLE_SIZE_MAX);
    assert_int_equal(LIST_DESCRIPTION_SIZE_MAX, LOT_DESCRIPTION_SIZE_MAX);
    assert_int_equal(LIST_IMAGE_SIZE_MAX, LOT_IMAGE_SIZE_MAX);
    assert_int_equal(LIST_CATEGORY_SIZE_MAX, LOT_CATEGORY_SIZE_MAX);
    assert_int_equal(LIST_CATEGORY_SIZE_MAX, LOT_SET_SIZE_MAX);
    assert_int_equal(LIST_PADDLE_SIZE_MAX, PADDLE_SIZE_MAX);
    assert_int_equal(NAME_SIZE_MAX, PARTICIPANT_NAME_SIZE_MAX);
    assert_int_equal(LIST_NO_MAX, LOT_NO_MAX);
    assert_int_equal(LIST_QUANTITY_MAX, LOT_QUANTITY_MAX);
    assert_true(LIST_AMOUNT_MAX == AMOUNT_MINOR_MAX);
    assert_true(LIST_DURATION_MS_MAX == DURATION_MS_MAX);
}

static void results_become_rows_and_no_formula_of_a_spreadsheet(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 100000);
    assert_true(results_csv_write(
        bytes_text(
            "{\"currency\":{\"code\":\"EUR\",\"minor_digits\":2},\"lots\":[{\"id\":\"l1\","
            "\"no\":1,\"title\":\"A \\\"B\\\"\",\"phase\":\"sold\",\"price\":1200,\"winner\":"
            "{\"id\":\"p1\",\"paddle\":\"1\",\"name\":\"=1+1\"},\"bids\":3,\"round\":0,"
            "\"format\":\"uniform\",\"quantity\":2,\"hammer\":2400,\"premium\":600,\"total\":3000},"
            "{\"id\":\"l2\",\"no\":2,\"title\":\"C\",\"phase\":\"unsold\",\"price\":null,"
            "\"winner\":null,\"bids\":0,\"round\":1,\"format\":\"english\",\"quantity\":0,"
            "\"hammer\":0,\"premium\":0,\"total\":0}]}"),
        true, &out));
    assert_string_equal(
        buffer_text(&out),
        "no,id,title,phase,price_minor,currency,winner_id,winner_paddle,winner_name,bids,round,"
        "format,quantity,hammer_minor,premium_minor,total_minor\r\n"
        "1,\"l1\",\"A \"\"B\"\"\",\"sold\",1200,\"EUR\",\"p1\",\"1\",\"'=1+1\",3,0,"
        "\"uniform\",2,2400,600,3000\r\n"
        "2,\"l2\",\"C\",\"unsold\",,\"EUR\",,,,0,1,\"english\",0,0,0,0\r\n");
    assert_false(results_csv_write(bytes_text("{}"), true, &out));
    assert_false(results_csv_write(bytes_text("nonsense"), true, &out));
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_may_stand_in_any_order_and_empty_fields_are_left_out),
        cmocka_unit_test(quoted_fields_may_hold_commas_quotes_and_lines),
        cmocka_unit_test(a_fault_is_told_by_row_and_column),
        cmocka_unit_test(more_lots_than_a_sale_takes_are_refused),
        cmocka_unit_test(participants_come_from_a_sheet_of_their_own),
        cmocka_unit_test(what_the_engine_refuses_has_a_row_and_a_column),
        cmocka_unit_test(the_limits_of_a_sheet_are_those_of_a_sale),
        cmocka_unit_test(results_become_rows_and_no_formula_of_a_spreadsheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
