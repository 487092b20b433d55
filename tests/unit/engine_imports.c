// Commands in parts: what is kept, for how long, and what is forgotten.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auction-svc/service/imports.h"

static const struct client_id bridge = {"bridge-1"};
static const struct client_id other = {"bridge-2"};

static enum lc_status add(struct imports *imports, const char *id, int64_t part, const char *text,
                          int64_t now_ms)
{
    struct command_id import;
    assert_true(command_id_read(bytes_text(id), &import));
    return imports_add(imports, &bridge, &import, part, bytes_text(text), now_ms);
}

static const struct import *find(const struct imports *imports, const char *id)
{
    struct command_id import;
    assert_true(command_id_read(bytes_text(id), &import));
    return imports_find(imports, &bridge, &import);
}

static void parts_in_order_become_one_text(void **state)
{
    (void)state;
    struct imports imports;
    imports_init(&imports);
    assert_int_equal(add(&imports, "a", 0, "{\"x\":", 1), LC_OK);
    assert_int_equal(add(&imports, "b", 0, "[", 1), LC_OK);
    assert_int_equal(add(&imports, "a", 1, "1}", 1), LC_OK);
    assert_int_equal(add(&imports, "a", 1, "1}", 1), LC_OK); // delivered twice: counts once
    assert_int_equal(add(&imports, "a", 0, "{\"x\":", 1), LC_OK);
    assert_int_equal(find(&imports, "a")->parts, 2);
    assert_true(bytes_equal_text(buffer_bytes(&find(&imports, "a")->text), "{\"x\":1}"));
    assert_null(imports_find(&imports, &other, &(struct command_id){"a"})); // not his
    assert_null(imports_find(&imports, &bridge, &(struct command_id){""}));
    imports_forget(&imports, &bridge, &(struct command_id){"a"});
    assert_null(find(&imports, "a"));
    assert_non_null(find(&imports, "b"));
    imports_release(&imports);
}

static void an_import_with_a_gap_is_forgotten(void **state)
{
    (void)state;
    struct imports imports;
    imports_init(&imports);
    assert_int_equal(add(&imports, "a", 1, "x", 1), LC_ERR_BAD_INPUT);
    assert_int_equal(add(&imports, "a", 0, "x", 1), LC_OK);
    assert_int_equal(add(&imports, "a", 2, "x", 1), LC_ERR_BAD_INPUT);
    assert_null(find(&imports, "a"));
    imports_release(&imports);
}

static void a_ninth_import_takes_the_place_of_the_one_longest_untouched(void **state)
{
    (void)state;
    struct imports imports;
    char id[8];
    imports_init(&imports);
    for (int i = 0; i < IMPORTS_MAX; i++) {
        snprintf(id, sizeof id, "i%d", i);
        assert_int_equal(add(&imports, id, 0, "x", 100 + i), LC_OK);
    }
    assert_int_equal(add(&imports, "i0", 1, "y", 200), LC_OK); // touched again
    assert_int_equal(add(&imports, "new", 0, "z", 201), LC_OK);
    assert_null(find(&imports, "i1"));
    assert_non_null(find(&imports, "i0"));
    assert_non_null(find(&imports, "i2"));
    assert_int_equal(add(&imports, "late", 0, "z", 202 + IMPORT_LIFE_MS), LC_OK);
    for (int i = 0; i < IMPORTS_MAX; i++) { // all others had been forgotten by their age
        snprintf(id, sizeof id, "i%d", i);
        assert_null(find(&imports, id));
    }
    assert_null(find(&imports, "new"));
    imports_release(&imports);
}

static void an_import_has_a_largest_size(void **state)
{
    (void)state;
    static char text[1024 * 1024 + 1];
    struct imports imports;
    imports_init(&imports);
    memset(text, 'a', sizeof text - 1);
    for (int i = 0; i < IMPORT_SIZE_MAX / (1024 * 1024); i++) {
        assert_int_equal(add(&imports, "a", i, text, 1), LC_OK);
    }
    assert_int_equal(add(&imports, "a", 16, "b", 1), LC_ERR_FULL);
    assert_null(find(&imports, "a"));
    imports_release(&imports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_in_order_become_one_text),
        cmocka_unit_test(an_import_with_a_gap_is_forgotten),
        cmocka_unit_test(a_ninth_import_takes_the_place_of_the_one_longest_untouched),
        cmocka_unit_test(an_import_has_a_largest_size),
    };
    return cmocka_run_group_tests_name("imports", tests, NULL, NULL);
}
