#include <stdlib.h>

#include "auction-svc/core/sale_state.h"
#include "auction-svc/core/state_table.h"

// A damaged text is refused and never leads outside of it; what was built until then is owned by the
// sale and goes with it.
struct reader {
    struct bytes text;
    size_t at;
    enum lc_status status;
};

static void wrong(struct reader *reader)
{
    if (reader->status == LC_OK) {
        reader->status = LC_ERR_CORRUPT;
    }
}

static bool skip(struct reader *reader, uint8_t byte)
{
    if (reader->at < reader->text.size && reader->text.data[reader->at] == byte) {
        reader->at++;
        return true;
    }
    return false;
}

static void expect(struct reader *reader, const char *text)
{
    for (; *text != 0; text++) {
        if (!skip(reader, (uint8_t)*text)) {
            wrong(reader);
            return;
        }
    }
}

static uint64_t digits_read(struct reader *reader, uint64_t most)
{
    uint64_t value = 0;
    size_t start = reader->at;
    while (reader->at < reader->text.size) {
        uint64_t digit = (uint64_t)reader->text.data[reader->at] - '0';
        if (digit > 9 || value > (most - digit) / 10) {
            break;
        }
        value = value * 10 + digit;
        reader->at++;
    }
    bool is_cut = reader->at < reader->text.size && reader->text.data[reader->at] >= '0' &&
                  reader->text.data[reader->at] <= '9';
    if (reader->at == start || is_cut) {
        wrong(reader);
    }
    return value;
}

static int64_t int_read(struct reader *reader)
{
    bool is_negative = skip(reader, '-');
    uint64_t value = digits_read(reader, (uint64_t)INT64_MAX + (is_negative ? 1 : 0));
    return is_negative ? (int64_t)(0 - value) : (int64_t)value;
}

// The bytes behind `size:`, borrowed; empty when they are not there.
static struct bytes text_read(struct reader *reader)
{
    size_t size = (size_t)digits_read(reader, INT64_MAX);
    expect(reader, ":");
    if (reader->status != LC_OK || size > reader->text.size - reader->at) {
        wrong(reader);
        return (struct bytes){0};
    }
    struct bytes text = bytes_of(reader->text.data + reader->at, size);
    if (size > 0 && memchr(text.data, 0, size) != NULL) {
        wrong(reader);
    }
    reader->at += size;
    return text;
}

static void chars_read(struct reader *reader, char *place, size_t size)
{
    struct bytes text = text_read(reader);
    if (text.size >= size) {
        wrong(reader);
        return;
    }
    if (text.size > 0) {
        memcpy(place, text.data, text.size);
    }
}

static void octets_read(struct reader *reader, uint8_t *place, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 2 * size; i++) {
        const char *digit = reader->at < reader->text.size && reader->text.data[reader->at] != 0
                                ? strchr(digits, reader->text.data[reader->at])
                                : NULL;
        if (digit == NULL) {
            wrong(reader);
            return;
        }
        place[i / 2] = (uint8_t)(place[i / 2] << 4 | (digit - digits));
        reader->at++;
    }
}

// An owned text and those behind it, in one allocation as their module makes it. Returns the last
// row that was read.
static const struct state_row *owned_read(struct reader *reader, const struct state_row *row,
                                          void *base)
{
    size_t start = reader->at;
    size_t size = 0;
    if (row[1].type != STATE_BEHIND && skip(reader, '~')) {
        return row;
    }
    const struct state_row *last = row;
    for (;; last++) { // how long they are together
        size += text_read(reader).size + 1;
        if (reader->status != LC_OK || last[1].name == NULL || last[1].type != STATE_BEHIND) {
            break;
        }
        expect(reader, " ");
    }
    if (reader->status != LC_OK) {
        return last;
    }
    char *place = malloc(size);
    if (place == NULL) {
        reader->status = LC_ERR_NO_MEMORY;
        return last;
    }
    reader->at = start;
    for (const struct state_row *one = row;; one++) {
        struct bytes text = text_read(reader);
        *(char **)(void *)((uint8_t *)base + one->offset) = place;
        if (text.size > 0) {
            memcpy(place, text.data, text.size);
        }
        place[text.size] = 0;
        place += text.size + 1;
        if (one == last) {
            return last;
        }
        expect(reader, " ");
    }
}

static void struct_read(struct reader *reader, const struct state_table *table, void *base,
                        int depth);

static size_t *count_place(void *base, size_t offset)
{
    return (size_t *)(void *)((uint8_t *)base + offset);
}

// An item has at least one byte: a count beyond the rest of the text is not believed.
static size_t count_read(struct reader *reader)
{
    uint64_t count = digits_read(reader, INT64_MAX);
    if (count > reader->text.size - reader->at) {
        wrong(reader);
    }
    return reader->status == LC_OK ? (size_t)count : 0;
}

static void items_read(struct reader *reader, const struct state_row *row, void *items,
                       size_t count, int depth)
{
    for (size_t i = 0; i < count && reader->status == LC_OK; i++) {
        expect(reader, depth == 0 ? "\n" : " ");
        struct_read(reader, row->items, (uint8_t *)items + i * row->items->size, depth + 1);
    }
}

static void array_read(struct reader *reader, const struct state_row *row, void *base, int depth)
{
    size_t count = count_read(reader);
    if (count > row->size / row->items->size) {
        wrong(reader);
        return;
    }
    *count_place(base, row->count_offset) = count;
    items_read(reader, row, (uint8_t *)base + row->offset, count, depth);
}

static void list_read(struct reader *reader, const struct state_row *row, void *base, int depth)
{
    size_t count = count_read(reader);
    if (count == 0) {
        return;
    }
    void *items = calloc(count, row->items->size);
    if (items == NULL) {
        reader->status = LC_ERR_NO_MEMORY;
        return;
    }
    *(void **)(void *)((uint8_t *)base + row->offset) = items;
    *count_place(base, row->count_offset) = count;
    if (row->second_offset != STATE_NO_MEMBER) {
        *count_place(base, row->second_offset) = count;
    }
    items_read(reader, row, items, count, depth);
}

// The place of an owned thing, filled with zeros; NULL when there is none or no memory.
static void *owned_make(struct reader *reader, const struct state_row *row, void *base,
                        size_t count)
{
    if (skip(reader, '~')) {
        return NULL;
    }
    void *items = calloc(count, row->items->size);
    if (items == NULL) {
        reader->status = LC_ERR_NO_MEMORY;
    }
    *(void **)(void *)((uint8_t *)base + row->offset) = items;
    return items;
}

static void ring_read(struct reader *reader, const struct state_row *row, void *base, int depth)
{
    void *items = owned_make(reader, row, base, row->places);
    if (items == NULL) {
        return;
    }
    size_t count = count_read(reader);
    if (count > row->places) {
        wrong(reader);
        return;
    }
    *count_place(base, row->count_offset) = count;
    items_read(reader, row, items, count, depth + 1); // never on lines of their own
}

static void numbers_read(struct reader *reader, int64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count && reader->status == LC_OK; i++) {
        if (i > 0) {
            expect(reader, " ");
        }
        numbers[i] = int_read(reader);
    }
}

static void one_read(struct reader *reader, const struct state_row *row, void *base, int depth)
{
    void *item = owned_make(reader, row, base, 1);
    if (item != NULL) {
        struct_read(reader, row->items, item, depth + 1);
    }
}

static const struct state_row *member_read(struct reader *reader, const struct state_row *row,
                                           void *base, int depth)
{
    void *place = (uint8_t *)base + row->offset;
    switch (row->type) {
    case STATE_INT:
        *(int64_t *)place = int_read(reader);
        break;
    case STATE_SIZE:
        *(size_t *)place = (size_t)digits_read(reader, SIZE_MAX);
        break;
    case STATE_BOOL:
        *(bool *)place = digits_read(reader, 1) != 0;
        break;
    case STATE_ENUM:
        *(unsigned *)place = (unsigned)digits_read(reader, UINT16_MAX);
        break;
    case STATE_CHARS:
        chars_read(reader, place, row->size);
        break;
    case STATE_OCTETS:
        octets_read(reader, place, row->size);
        break;
    case STATE_TEXT:
        return owned_read(reader, row, base);
    case STATE_PART:
        struct_read(reader, row->items, place, depth + 1);
        break;
    case STATE_ARRAY:
        array_read(reader, row, base, depth);
        break;
    case STATE_LIST:
        list_read(reader, row, base, depth);
        break;
    case STATE_RING:
        ring_read(reader, row, base, depth);
        break;
    case STATE_OWNED:
        one_read(reader, row, base, depth);
        break;
    case STATE_NUMBERS:
        numbers_read(reader, place, state_numbers_used(row, base));
        break;
    case STATE_BEHIND: // read with the text before it
    case STATE_DERIVED:
        break;
    }
    return row;
}

static void struct_read(struct reader *reader, const struct state_table *table, void *base,
                        int depth)
{
    bool is_first = true;
    for (const struct state_row *row = table->rows; row->name != NULL && reader->status == LC_OK;
         row++) {
        if (row->type == STATE_DERIVED) {
            continue;
        }
        if (depth == 0) {
            expect(reader, row->name);
            expect(reader, " ");
        } else if (!is_first) {
            expect(reader, " ");
        }
        is_first = false;
        if (reader->status == LC_OK) {
            row = member_read(reader, row, base, depth);
        }
        if (depth == 0) {
            expect(reader, "\n");
        }
    }
}

static enum lc_status names_expect(struct reader *reader)
{
    struct buffer names;
    buffer_init(&names, STATE_NAMES_SIZE_MAX);
    state_write_names(&names);
    enum lc_status status = buffer_status(&names);
    if (status == LC_OK && !bytes_starts_with(reader->text, buffer_bytes(&names))) {
        status = LC_ERR_BAD_INPUT;
    }
    reader->at = names.size;
    buffer_release(&names);
    return status;
}

bool sale_state_is_ours(struct bytes text)
{
    struct reader reader = {.text = text};
    return names_expect(&reader) == LC_OK;
}

enum lc_status sale_load(struct bytes text, struct sale **out_sale)
{
    struct reader reader = {.text = text};
    enum lc_status status = names_expect(&reader);
    if (status != LC_OK) {
        return status;
    }
    struct sale *sale = sale_create();
    if (sale == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    struct_read(&reader, &sale_state_table, sale, 0);
    if (reader.at != text.size) {
        wrong(&reader);
    }
    status = reader.status == LC_OK ? sale_derive(sale) : reader.status;
    if (status != LC_OK) {
        sale_destroy(sale);
        return status;
    }
    *out_sale = sale;
    return LC_OK;
}
