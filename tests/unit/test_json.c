#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "lib/json/json_read.h"
#include "lib/json/json_write.h"

static bool is_refused(const char *text)
{
    struct json *document = NULL;
    if (json_parse(bytes_text(text), &document) != LC_OK) {
        return document == NULL;
    }
    json_destroy(document);
    return false;
}

static void documents_that_are_not_json_or_not_safe_are_refused(void **state)
{
    (void)state;
    assert_true(is_refused(""));
    assert_true(is_refused("{"));
    assert_true(is_refused("{} x"));
    assert_true(is_refused("{\"a\":\"\\u0000\"}"));
    assert_true(is_refused("\"\x01\""));
    assert_true(is_refused("\"\xFF\""));
    assert_true(is_refused("}{"));
    assert_true(is_refused("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"));
    assert_false(is_refused("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"));
    assert_false(is_refused(" {\"a\":[1,\"\\\\u0000\",null]} \n"));
}

static bool reads_as(const char *text, int64_t *out_value)
{
    struct json *document = NULL;
    assert_int_equal(json_parse(bytes_text(text), &document), LC_OK);
    bool is_whole = json_to_int64(document, out_value);
    json_destroy(document);
    return is_whole;
}

static void only_exact_whole_numbers_are_integers(void **state)
{
    (void)state;
    int64_t value = 5;
    assert_false(reads_as("1.5", &value));
    assert_false(reads_as("1e300", &value));
    assert_false(reads_as("\"7\"", &value));
    assert_false(reads_as("9007199254740992", &value));
    assert_false(reads_as("true", &value));
    assert_false(reads_as("null", &value));
    assert_int_equal(value, 5);
    assert_true(reads_as("9007199254740991", &value) && value == JSON_INTEGER_MAX);
    assert_true(reads_as("-3", &value) && value == -3);
    assert_true(reads_as("1e2", &value) && value == 100);
}

static void written_text_is_escaped_and_reads_back(void **state)
{
    (void)state;
    static const char *const nasty = "a\"b\\c\n\t<script>\xE2\x80\xA8 \xF0\x9F\x98\x80";
    struct buffer out;
    buffer_init(&out, 1000);
    struct json_writer writer = json_writer_on(&out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "t", nasty);
    json_array_begin(&writer, "l");
    json_write_int(&writer, NULL, 1);
    json_write_bool(&writer, NULL, false);
    json_write_null(&writer, NULL);
    json_array_end(&writer);
    json_object_begin(&writer, "o");
    json_object_end(&writer);
    json_object_end(&writer);
    assert_string_equal(buffer_text(&out),
                        "{\"t\":\"a\\\"b\\\\c\\u000a\\u0009\\u003cscript\\u003e\\u2028 "
                        "\xF0\x9F\x98\x80\",\"l\":[1,false,null],\"o\":{}}");
    struct json *document = NULL;
    struct bytes text = {NULL, 0};
    assert_int_equal(json_parse(buffer_bytes(&out), &document), LC_OK);
    assert_true(json_to_text(json_member(document, "t"), &text));
    assert_true(bytes_equal_text(text, nasty));
    assert_int_equal(json_count(json_member(document, "l")), 3);
    assert_null(json_member(document, "T"));
    json_destroy(document);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_that_are_not_json_or_not_safe_are_refused),
        cmocka_unit_test(only_exact_whole_numbers_are_integers),
        cmocka_unit_test(written_text_is_escaped_and_reads_back),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
