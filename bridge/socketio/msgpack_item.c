#include "bridge/socketio/msgpack_item.h"

static bool take_unsigned(struct msgpack_cursor *cursor, size_t size, uint64_t *out)
{
    if (cursor->in.size - cursor->at < size) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | cursor->in.data[cursor->at + i];
    }
    cursor->at += size;
    *out = value;
    return true;
}

// Two's complement, big-endian, of at most 8 bytes.
static int64_t signed_of(struct bytes bytes)
{
    uint64_t value = bytes.size > 0 && bytes.data[0] >= 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < bytes.size; i++) {
        value = value << 8 | bytes.data[i];
    }
    return value <= INT64_MAX ? (int64_t)value : -(int64_t)(UINT64_MAX - value) - 1;
}

static bool take_bytes(struct msgpack_cursor *cursor, enum msgpack_kind kind, uint64_t size,
                       struct msgpack_item *item)
{
    if (cursor->in.size - cursor->at < size) {
        return false; // whatever the length claims, nothing was allocated for it
    }
    item->kind = kind;
    item->bytes = bytes_of(cursor->in.data + cursor->at, (size_t)size);
    cursor->at += (size_t)size;
    return kind != MSGPACK_TEXT || bytes_is_utf8(item->bytes);
}

static bool take_sized(struct msgpack_cursor *cursor, enum msgpack_kind kind, size_t size_size,
                       struct msgpack_item *item)
{
    uint64_t size;
    return take_unsigned(cursor, size_size, &size) && take_bytes(cursor, kind, size, item);
}

static bool take_container(struct msgpack_cursor *cursor, enum msgpack_kind kind, size_t count_size,
                           struct msgpack_item *item)
{
    item->kind = kind;
    return take_unsigned(cursor, count_size, &item->number);
}

// `fixed`: the size stood in the prefix, which is how undefined and dates are told from an
// ArrayBuffer of one or of eight bytes.
static bool take_extension(struct msgpack_cursor *cursor, uint64_t size, bool fixed,
                           struct msgpack_item *item)
{
    uint64_t type;
    if (!take_unsigned(cursor, 1, &type) || !take_bytes(cursor, MSGPACK_EXTENSION, size, item)) {
        return false;
    }
    item->signed_number = type < 0x80 ? (int64_t)type : (int64_t)type - 256;
    if (type != 0) {
        return true;
    }
    if (!fixed) {
        item->kind = MSGPACK_BINARY;
    } else if (size == 1) {
        item->kind = MSGPACK_UNDEFINED;
    } else if (size == 8) {
        item->kind = MSGPACK_DATE;
        item->signed_number = signed_of(item->bytes);
    }
    return true;
}

static bool take_float(struct msgpack_cursor *cursor, size_t size, struct msgpack_item *item)
{
    uint64_t bits;
    if (!take_unsigned(cursor, size, &bits)) {
        return false;
    }
    item->kind = MSGPACK_FLOAT;
    if (size == sizeof(float)) {
        uint32_t narrow_bits = (uint32_t)bits;
        float narrow;
        memcpy(&narrow, &narrow_bits, sizeof narrow);
        item->real = (double)narrow;
    } else {
        memcpy(&item->real, &bits, sizeof item->real);
    }
    return true;
}

static bool take_integer(struct msgpack_cursor *cursor, size_t size, bool is_signed,
                         struct msgpack_item *item)
{
    const uint8_t *begin = cursor->in.data + cursor->at;
    if (!take_unsigned(cursor, size, &item->number)) {
        return false;
    }
    item->kind = MSGPACK_UNSIGNED;
    if (is_signed && begin[0] >= 0x80) {
        item->kind = MSGPACK_NEGATIVE;
        item->signed_number = signed_of(bytes_of(begin, size));
    }
    return true;
}

static bool take_simple(uint64_t prefix, struct msgpack_item *item)
{
    item->kind = prefix == 0xC0 ? MSGPACK_NIL : prefix == 0xC2 ? MSGPACK_FALSE : MSGPACK_TRUE;
    return prefix != 0xC1; // the one that msgpack never uses
}

// From 0xC0 to 0xDF the prefixes come in groups of one kind and growing size.
static bool take_prefixed(struct msgpack_cursor *cursor, uint64_t prefix, struct msgpack_item *item)
{
    if (prefix < 0xC4) {
        return take_simple(prefix, item);
    }
    if (prefix < 0xC7) {
        return take_sized(cursor, MSGPACK_BINARY, (size_t)1 << (prefix - 0xC4), item);
    }
    if (prefix < 0xCA) {
        uint64_t size;
        return take_unsigned(cursor, (size_t)1 << (prefix - 0xC7), &size) &&
               take_extension(cursor, size, false, item);
    }
    if (prefix < 0xCC) {
        return take_float(cursor, (size_t)4 << (prefix - 0xCA), item);
    }
    if (prefix < 0xD4) {
        return take_integer(cursor, (size_t)1 << (prefix & 3), prefix >= 0xD0, item);
    }
    if (prefix < 0xD9) {
        return take_extension(cursor, UINT64_C(1) << (prefix - 0xD4), true, item);
    }
    if (prefix < 0xDC) {
        return take_sized(cursor, MSGPACK_TEXT, (size_t)1 << (prefix - 0xD9), item);
    }
    return take_container(cursor, prefix < 0xDE ? MSGPACK_ARRAY : MSGPACK_MAP,
                          (size_t)2 << (prefix & 1), item);
}

bool msgpack_item_take(struct msgpack_cursor *cursor, struct msgpack_item *out_item)
{
    uint64_t prefix;
    if (!take_unsigned(cursor, 1, &prefix)) {
        return false;
    }
    *out_item = (struct msgpack_item){.kind = MSGPACK_UNSIGNED, .number = prefix};
    if (prefix < 0x80) {
        return true;
    }
    if (prefix < 0xA0) {
        out_item->kind = prefix < 0x90 ? MSGPACK_MAP : MSGPACK_ARRAY;
        out_item->number = prefix & 15;
        return true;
    }
    if (prefix < 0xC0) {
        return take_bytes(cursor, MSGPACK_TEXT, prefix & 31, out_item);
    }
    if (prefix >= 0xE0) {
        out_item->kind = MSGPACK_NEGATIVE;
        out_item->signed_number = (int64_t)prefix - 256;
        return true;
    }
    return take_prefixed(cursor, prefix, out_item);
}

bool msgpack_item_skip(struct msgpack_cursor *cursor)
{
    uint64_t left = 1; // every item takes a byte or more: the message's end comes first
    while (left > 0) {
        struct msgpack_item item;
        if (!msgpack_item_take(cursor, &item)) {
            return false;
        }
        left--;
        if (item.kind == MSGPACK_ARRAY) {
            left += item.number;
        } else if (item.kind == MSGPACK_MAP) {
            left += item.number * 2;
        }
    }
    return true;
}
