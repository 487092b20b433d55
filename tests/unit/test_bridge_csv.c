#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/app/lots_csv.h"
#include "bridge/app/results_csv.h"

static void assert_lots(const char *csv, const char *expected)
{
    struct buffer out;
    struct lots_csv_error error;
    buffer_init(&out, 100000);
    assert_true(lots_csv_read(bytes_text(csv), &out, &error));
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void assert_refused(const char *csv, size_t row, const char *column, const char *why)
{
    struct buffer out;
    struct lots_csv_error error = {.why = ""};
    buffer_init(&out, 100000);
    assert_false(lots_csv_read(bytes_text(csv), &out, &error));
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
}

static void quoted_fields_may_hold_commas_quotes_and_lines(void **state)
{
    (void)state;
    assert_lots("\xEF\xBB\xBFtitle,opening\n\"a,\"\"b\"\"\r\nc\",\"7\"\n\n",
                "[{\"title\":\"a,\\\"b\\\"\\u000d\\u000ac\",\"opening\":7}]");
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
}

static void more_lots_than_a_command_takes_are_refused(void **state)
{
    (void)state;
    struct buffer csv;
    struct buffer out;
    struct lots_csv_error error;
    buffer_init(&csv, 100000);
    buffer_init(&out, 100000);
    buffer_append_text(&csv, "title,opening\n");
    for (int i = 0; i < LOTS_IN_ONE_COMMAND_MAX; i++) {
        buffer_append_text(&csv, "a,1\n");
    }
    assert_true(lots_csv_read(buffer_bytes(&csv), &out, &error));
    buffer_append_text(&csv, "a,1\n");
    assert_false(lots_csv_read(buffer_bytes(&csv), &out, &error));
    assert_string_equal(error.why, "too many lots");
    buffer_release(&csv);
    buffer_release(&out);
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
            "{\"id\":\"p1\",\"paddle\":\"1\",\"name\":\"=1+1\"},\"bids\":3,\"round\":0},"
            "{\"id\":\"l2\",\"no\":2,\"title\":\"C\",\"phase\":\"unsold\",\"price\":null,"
            "\"winner\":null,\"bids\":0,\"round\":1}]}"),
        true, &out));
    assert_string_equal(
        buffer_text(&out),
        "no,id,title,phase,price_minor,currency,winner_id,winner_paddle,winner_name,bids,round\r\n"
        "1,\"l1\",\"A \"\"B\"\"\",\"sold\",1200,\"EUR\",\"p1\",\"1\",\"'=1+1\",3,0\r\n"
        "2,\"l2\",\"C\",\"unsold\",,\"EUR\",,,,0,1\r\n");
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
        cmocka_unit_test(more_lots_than_a_command_takes_are_refused),
        cmocka_unit_test(results_become_rows_and_no_formula_of_a_spreadsheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
