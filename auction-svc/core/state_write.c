#include "auction-svc/core/state_table.h"

// The text: a line with the version and the names of all members, then each member of the sale on a
// line of its own, and each item of its lists. Texts carry their size, so that no two states give
// the same bytes.

static void names_write(const struct state_table *table, struct buffer *out)
{
    for (const struct state_row *row = table->rows; row->name != NULL; row++) {
        if (row->type == STATE_DERIVED) {
            continue;
        }
        buffer_append_byte(out, row == table->rows ? '(' : ' ');
        buffer_append_text(out, row->name);
        if (row->items != NULL) {
            names_write(row->items, out);
        }
    }
    buffer_append_byte(out, ')');
}

void state_write_names(struct buffer *out)
{
    buffer_append_format(out, "lotcast-state %d %s ", (int)STATE_FORMAT, LOTCAST_VERSION);
    names_write(&sale_state_table, out);
    buffer_append_byte(out, '\n');
}

static void text_write(struct bytes text, struct buffer *out)
{
    buffer_append_int64(out, (int64_t)text.size);
    buffer_append_byte(out, ':');
    buffer_append(out, text);
}

static void owned_write(const char *text, struct buffer *out)
{
    if (text == NULL) {
        buffer_append_byte(out, '~');
    } else {
        text_write(bytes_text(text), out);
    }
}

static void octets_write(struct bytes octets, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < octets.size; i++) {
        buffer_append_byte(out, (uint8_t)digits[octets.data[i] >> 4]);
        buffer_append_byte(out, (uint8_t)digits[octets.data[i] & 15]);
    }
}

static void struct_write(const struct state_table *table, const void *base, int depth,
                         struct buffer *out);

static size_t count_of(const struct state_row *row, const void *base)
{
    return *(const size_t *)(const void *)((const uint8_t *)base + row->count_offset);
}

static void items_write(const struct state_row *row, const void *items, size_t count, int depth,
                        struct buffer *out)
{
    buffer_append_int64(out, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        buffer_append_byte(out, depth == 0 ? '\n' : ' ');
        struct_write(row->items, (const uint8_t *)items + i * row->items->size, depth + 1, out);
    }
}

// The oldest first, wherever it stands.
static void ring_write(const struct state_row *row, const uint8_t *items, const void *base,
                       int depth, struct buffer *out)
{
    if (items == NULL) {
        buffer_append_byte(out, '~');
        return;
    }
    size_t first = *(const size_t *)(const void *)((const uint8_t *)base + row->second_offset);
    size_t count = count_of(row, base);
    buffer_append_int64(out, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        size_t place = (first + i) % row->places;
        buffer_append_byte(out, ' ');
        struct_write(row->items, items + place * row->items->size, depth + 1, out);
    }
}

size_t state_numbers_used(const struct state_row *row, const void *base)
{
    size_t most = row->size / sizeof(int64_t);
    size_t used = row->used == NULL ? most : row->used(base);
    return used < most ? used : most;
}

static void numbers_write(const int64_t *numbers, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buffer_append_byte(out, ' ');
        }
        buffer_append_int64(out, numbers[i]);
    }
}

static void member_write(const struct state_row *row, const void *base, int depth,
                         struct buffer *out)
{
    const void *place = (const uint8_t *)base + row->offset;
    switch (row->type) {
    case STATE_INT:
        buffer_append_int64(out, *(const int64_t *)place);
        return;
    case STATE_SIZE:
        buffer_append_int64(out, (int64_t) * (const size_t *)place);
        return;
    case STATE_BOOL:
        buffer_append_int64(out, *(const bool *)place);
        return;
    case STATE_ENUM:
        buffer_append_int64(out, *(const unsigned *)place);
        return;
    case STATE_CHARS:
        text_write(bytes_text(place), out);
        return;
    case STATE_OCTETS:
        octets_write(bytes_of(place, row->size), out);
        return;
    case STATE_TEXT:
    case STATE_BEHIND:
        owned_write(*(const char *const *)place, out);
        return;
    case STATE_PART:
        struct_write(row->items, place, depth + 1, out);
        return;
    case STATE_ARRAY:
        items_write(row, place, count_of(row, base), depth, out);
        return;
    case STATE_LIST:
        items_write(row, *(const void *const *)place, count_of(row, base), depth, out);
        return;
    case STATE_RING:
        ring_write(row, *(const uint8_t *const *)place, base, depth, out);
        return;
    case STATE_OWNED:
        if (*(const void *const *)place == NULL) {
            buffer_append_byte(out, '~');
        } else {
            struct_write(row->items, *(const void *const *)place, depth + 1, out);
        }
        return;
    case STATE_NUMBERS:
        numbers_write(place, state_numbers_used(row, base), out);
        return;
    case STATE_DERIVED:
        return;
    }
}

static void struct_write(const struct state_table *table, const void *base, int depth,
                         struct buffer *out)
{
    bool is_first = true;
    for (const struct state_row *row = table->rows; row->name != NULL; row++) {
        if (row->type == STATE_DERIVED) {
            continue;
        }
        if (depth == 0) {
            buffer_append_text(out, row->name);
            buffer_append_byte(out, ' ');
        } else if (!is_first) {
            buffer_append_byte(out, ' ');
        }
        is_first = false;
        member_write(row, base, depth, out);
        if (depth == 0) {
            buffer_append_byte(out, '\n');
        }
    }
}

void sale_dump(const struct sale *sale, struct buffer *out)
{
    state_write_names(out);
    struct_write(&sale_state_table, sale, 0, out);
}
