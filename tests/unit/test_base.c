#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "lib/base/buffer.h"
#include "lib/base/error_code.h"
#include "lib/base/id.h"

static void utf8_refuses_surrogates_overlong_forms_and_cut_sequences(void **state)
{
    (void)state;
    assert_true(bytes_is_utf8(bytes_text("a \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80")));
    assert_false(bytes_is_utf8(bytes_text("\xED\xA0\x80")));
    assert_false(bytes_is_utf8(bytes_text("\xC0\xAF")));
    assert_false(bytes_is_utf8(bytes_text("\xE0\x80\xAF")));
    assert_false(bytes_is_utf8(bytes_text("\xF4\x90\x80\x80")));
    assert_false(bytes_is_utf8(bytes_text("\xE2\x82")));
    assert_false(bytes_is_utf8(bytes_text("\x80")));
}

static void a_number_with_a_sign_space_or_overflow_is_refused(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(bytes_to_uint64(bytes_text("18446744073709551615"), UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_false(bytes_to_uint64(bytes_text("18446744073709551616"), UINT64_MAX, &value));
    assert_false(bytes_to_uint64(bytes_text(""), 10, &value));
    assert_false(bytes_to_uint64(bytes_text("+1"), 10, &value));
    assert_false(bytes_to_uint64(bytes_text(" 1"), 10, &value));
    assert_false(bytes_to_uint64(bytes_text("11"), 10, &value));
    assert_true(bytes_to_uint64(bytes_text("10"), 10, &value));
    assert_int_equal(value, 10);
}

static void a_buffer_takes_bytes_in_the_middle_and_gives_up_its_end(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 6);
    buffer_insert(&buffer, 0, bytes_text("ad"));
    buffer_insert(&buffer, 1, bytes_text("bc"));
    buffer_insert(&buffer, 4, bytes_text("e"));
    assert_true(bytes_equal_text(buffer_bytes(&buffer), "abcde"));
    buffer_insert(&buffer, 0, bytes_text("xy"));
    assert_int_equal(buffer_status(&buffer), LC_ERR_FULL);
    buffer_truncate(&buffer, 2);
    assert_true(bytes_equal_text(buffer_bytes(&buffer), "ab"));
    buffer_release(&buffer);
}

static void a_full_buffer_keeps_its_content_and_remembers_the_failure(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4);
    buffer_append_text(&buffer, "abc");
    buffer_append_text(&buffer, "de");
    buffer_append_text(&buffer, "f");
    assert_int_equal(buffer_status(&buffer), LC_ERR_FULL);
    assert_true(bytes_equal_text(buffer_bytes(&buffer), "abc"));
    buffer_clear(&buffer);
    buffer_append_int64(&buffer, -17);
    assert_int_equal(buffer_status(&buffer), LC_OK);
    assert_string_equal(buffer_text(&buffer), "-17");
    buffer_release(&buffer);
}

static void the_smallest_number_is_written(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 64);
    buffer_append_int64(&buffer, INT64_MIN);
    assert_string_equal(buffer_text(&buffer), "-9223372036854775808");
    buffer_release(&buffer);
}

static void an_id_takes_only_the_letters_that_every_broker_takes(void **state)
{
    (void)state;
    struct sale_id id = {"before"};
    assert_false(sale_id_read(bytes_text(""), &id));
    assert_false(sale_id_read(bytes_text("a.b"), &id));
    assert_false(sale_id_read(bytes_text("a b"), &id));
    assert_false(sale_id_read(bytes_text("a/b"), &id));
    assert_false(sale_id_read(bytes_text("+"), &id));
    assert_false(sale_id_read(bytes_text("123456789012345678901234567890123"), &id));
    assert_string_equal(id.text, "before");
    assert_true(sale_id_read(bytes_text("Demo_1-x"), &id));
    assert_string_equal(id.text, "Demo_1-x");
}

static void every_error_code_has_a_name_that_leads_back_to_it(void **state)
{
    (void)state;
    for (int code = ERROR_NOT_FOUND; code < ERROR_CODE_COUNT; code++) {
        const char *name = error_code_name((enum error_code)code);
        assert_int_equal(error_code_read(bytes_text(name)), code);
        assert_true(strlen(error_code_message((enum error_code)code)) > 0);
        assert_in_range(error_code_http_status((enum error_code)code), 400, 599);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_refuses_surrogates_overlong_forms_and_cut_sequences),
        cmocka_unit_test(a_number_with_a_sign_space_or_overflow_is_refused),
        cmocka_unit_test(a_full_buffer_keeps_its_content_and_remembers_the_failure),
        cmocka_unit_test(a_buffer_takes_bytes_in_the_middle_and_gives_up_its_end),
        cmocka_unit_test(the_smallest_number_is_written),
        cmocka_unit_test(an_id_takes_only_the_letters_that_every_broker_takes),
        cmocka_unit_test(every_error_code_has_a_name_that_leads_back_to_it),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
