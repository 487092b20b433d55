#include "core_room.h"

#include "auction-svc/core/sale_state.h"
#include "auction-svc/core/state_table.h"

enum { TEXT_SIZE_MAX = 1 << 20, STRUCT_SIZE_MAX = 1 << 16 };

// ---- the guard: every byte of a struct of the state belongs to a row, or is padding ----

static size_t alignment_of(const struct state_row *row)
{
    switch (row->type) {
    case STATE_CHARS:
    case STATE_OCTETS:
        return 1;
    case STATE_BOOL:
        return _Alignof(bool);
    case STATE_ENUM:
        return _Alignof(unsigned);
    case STATE_INT:
    case STATE_SIZE:
    case STATE_TEXT:
    case STATE_BEHIND:
    case STATE_PART:
    case STATE_ARRAY:
    case STATE_LIST:
    case STATE_RING:
    case STATE_OWNED:
    case STATE_NUMBERS:
    case STATE_DERIVED:
        break;
    }
    return _Alignof(int64_t);
}

static void mark(uint8_t *owners, size_t size, size_t offset, size_t alignment, size_t length)
{
    assert_true(offset + length <= size);
    memset(owners + offset, 1, length);
    owners[offset] = (uint8_t)(1 + alignment);
}

// NULL when nothing is missing; else what, as "lot: 8 bytes at 120 have no row".
static const char *missing_in(const struct state_table *table)
{
    static uint8_t owners[STRUCT_SIZE_MAX];
    static char missing[128];
    assert_true(table->size <= sizeof owners);
    memset(owners, 0, table->size);
    for (const struct state_row *row = table->rows; row->name != NULL; row++) {
        mark(owners, table->size, row->offset, alignment_of(row), row->size);
        if (row->type == STATE_ARRAY || row->type == STATE_LIST || row->type == STATE_RING) {
            mark(owners, table->size, row->count_offset, sizeof(size_t), sizeof(size_t));
        }
        if (row->type == STATE_RING ||
            (row->type == STATE_LIST && row->second_offset != STATE_NO_MEMBER)) {
            mark(owners, table->size, row->second_offset, sizeof(size_t), sizeof(size_t));
        }
    }
    for (size_t at = 0; at < table->size; at++) {
        if (owners[at] != 0) {
            continue;
        }
        size_t end = at;
        while (end < table->size && owners[end] == 0) {
            end++;
        }
        size_t alignment = end < table->size ? (size_t)owners[end] - 1 : _Alignof(int64_t);
        if (end != (at + alignment - 1) / alignment * alignment) { // no padding
            snprintf(missing, sizeof missing, "%s: %zu bytes at %zu have no row", table->name,
                     end - at, at);
            return missing;
        }
        at = end - 1;
    }
    return NULL;
}

static void every_member_of_the_state_has_a_row(void **state)
{
    (void)state;
    for (size_t i = 0; state_tables[i] != NULL; i++) {
        const char *missing = missing_in(state_tables[i]);
        if (missing != NULL) {
            fail_msg("%s: add the new member to auction-svc/core/state_rows.c", missing);
        }
    }
}

struct sample {
    int64_t known;
    enum sale_phase phase;
    int64_t forgotten;
    bool flag;
};

static void the_guard_finds_a_member_without_a_row(void **state)
{
    (void)state;
    struct state_row rows[] = {
        {"known", STATE_INT, offsetof(struct sample, known), sizeof(int64_t), NULL, 0, 0, 0, NULL},
        {"phase", STATE_ENUM, offsetof(struct sample, phase), sizeof(unsigned), NULL, 0, 0, 0,
         NULL},
        {"forgotten", STATE_INT, offsetof(struct sample, forgotten), sizeof(int64_t), NULL, 0, 0, 0,
         NULL},
        {"flag", STATE_BOOL, offsetof(struct sample, flag), sizeof(bool), NULL, 0, 0, 0, NULL},
        {NULL, STATE_DERIVED, 0, 0, NULL, 0, 0, 0, NULL},
    };
    struct state_table table = {"sample", sizeof(struct sample), rows};
    assert_null(missing_in(&table));
    rows[2] = rows[3];
    rows[3].name = NULL;
    assert_non_null(missing_in(&table));
}

static void every_table_that_is_used_is_guarded(void **state)
{
    (void)state;
    for (size_t i = 0; state_tables[i] != NULL; i++) {
        for (const struct state_row *row = state_tables[i]->rows; row->name != NULL; row++) {
            bool is_guarded = row->items == NULL;
            for (size_t k = 0; state_tables[k] != NULL; k++) {
                is_guarded = is_guarded || state_tables[k] == row->items;
            }
            assert_true(is_guarded);
        }
    }
}

// ---- reading ----

static void dump(const struct sale *sale, struct buffer *out)
{
    buffer_init(out, TEXT_SIZE_MAX);
    sale_dump(sale, out);
    assert_int_equal(buffer_status(out), LC_OK);
}

static void fill(struct room *room)
{
    room_open_simple(room, 2, 3);
    expect_code(room_bid(room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(room, 2, "l1", 300), ERROR_NONE);
}

static void a_loaded_sale_goes_on_as_the_one_that_was_written(void **state)
{
    (void)state;
    struct room room;
    struct buffer text;
    struct sale *loaded = NULL;
    fill(&room);
    dump(room.sale, &text);
    assert_int_equal(sale_load(buffer_bytes(&text), &loaded), LC_OK);
    buffer_release(&text);
    sale_destroy(room.replica);
    room.replica = loaded; // from here on each fact must leave both equal
    expect_code(room_bid(&room, 3, "l1", 500), ERROR_NONE);
    room_wait(&room, 600000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    room_close(&room);
}

static void a_new_sale_without_anything_is_written_and_read(void **state)
{
    (void)state;
    struct sale *sale = sale_create();
    struct sale *loaded = NULL;
    struct buffer text;
    dump(sale, &text);
    assert_int_equal(sale_load(buffer_bytes(&text), &loaded), LC_OK);
    assert_null(loaded->title);
    sale_destroy(loaded);
    sale_destroy(sale);
    buffer_release(&text);
}

static void a_text_that_was_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct room room;
    struct buffer text;
    fill(&room);
    dump(room.sale, &text);
    for (size_t size = 0; size < text.size; size++) {
        struct sale *loaded = NULL;
        uint8_t *exact = malloc(size + 1); // so that a byte too far is noticed
        memcpy(exact, text.data, size);
        assert_int_not_equal(sale_load(bytes_of(exact, size), &loaded), LC_OK);
        free(exact);
    }
    buffer_release(&text);
    room_close(&room);
}

// A changed text is refused, or is that of another state: then it is written as it was read.
static void a_text_with_any_byte_changed_is_refused_or_read_as_it_stands(void **state)
{
    (void)state;
    static const uint8_t changes[] = {'0', '9', '-', ' ', '\n', ':', 'a', 0, 0xFF};
    struct room room;
    struct buffer text;
    size_t refused = 0;
    fill(&room);
    dump(room.sale, &text);
    for (size_t at = 0; at < text.size; at++) {
        uint8_t original = text.data[at];
        text.data[at] = changes[at % sizeof changes];
        struct sale *loaded = NULL;
        if (sale_load(buffer_bytes(&text), &loaded) == LC_OK) {
            struct buffer again;
            dump(loaded, &again);
            assert_true(again.size <= text.size + 64); // 007 is written as 7
            buffer_release(&again);
            sale_destroy(loaded);
        } else {
            refused++;
        }
        text.data[at] = original;
    }
    assert_true(refused > text.size / 2);
    buffer_release(&text);
    room_close(&room);
}

static void a_text_of_a_program_with_another_state_is_told_from_a_damaged_one(void **state)
{
    (void)state;
    struct sale *sale = sale_create();
    struct sale *loaded = NULL;
    struct buffer text;
    dump(sale, &text);
    text.data[strlen("lotcast-state ")] = '9'; // STATE_FORMAT
    assert_int_equal(sale_load(buffer_bytes(&text), &loaded), LC_ERR_BAD_INPUT);
    buffer_clear(&text);
    sale_dump(sale, &text);
    text.data[text.size - 2] = 'x';
    assert_int_equal(sale_load(buffer_bytes(&text), &loaded), LC_ERR_CORRUPT);
    sale_destroy(sale);
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_of_the_state_has_a_row),
        cmocka_unit_test(the_guard_finds_a_member_without_a_row),
        cmocka_unit_test(every_table_that_is_used_is_guarded),
        cmocka_unit_test(a_loaded_sale_goes_on_as_the_one_that_was_written),
        cmocka_unit_test(a_new_sale_without_anything_is_written_and_read),
        cmocka_unit_test(a_text_that_was_cut_anywhere_is_refused),
        cmocka_unit_test(a_text_with_any_byte_changed_is_refused_or_read_as_it_stands),
        cmocka_unit_test(a_text_of_a_program_with_another_state_is_told_from_a_damaged_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
