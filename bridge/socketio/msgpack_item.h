// The values of a msgpack message, one after the other, each without what it contains.
//
// Purity:    pure
// Lifetime:  bytes of an item borrow from the message
// Errors:    false: the message ends within the item, or no such item exists, or a text is not
//            UTF-8; the cursor is then anywhere. Claimed sizes are compared with what is left, and
//            nothing is allocated
// Source:    msgpack's specification; extensions of type 0 as notepack.io 2.2.0 reads them
#ifndef LOTCAST_SOCKETIO_MSGPACK_ITEM_H
#define LOTCAST_SOCKETIO_MSGPACK_ITEM_H

#include "lib/base/bytes.h"

enum msgpack_kind {
    MSGPACK_NIL,
    MSGPACK_UNDEFINED,
    MSGPACK_FALSE,
    MSGPACK_TRUE,
    MSGPACK_UNSIGNED,
    MSGPACK_NEGATIVE,
    MSGPACK_FLOAT,
    MSGPACK_TEXT,
    MSGPACK_BINARY,
    MSGPACK_EXTENSION,
    MSGPACK_DATE,
    MSGPACK_ARRAY,
    MSGPACK_MAP,
};

// One value of a message, without what an array or a map contains.
struct msgpack_item {
    enum msgpack_kind kind;
    uint64_t number;       // of an unsigned one; items of an array, pairs of a map
    int64_t signed_number; // of a negative one; milliseconds of a date; type of an extension
    double real;
    struct bytes bytes;
};

struct msgpack_cursor {
    struct bytes in;
    size_t at;
};

bool msgpack_item_take(struct msgpack_cursor *cursor, struct msgpack_item *out_item);

// Passes one value and all that it contains.
bool msgpack_item_skip(struct msgpack_cursor *cursor);

#endif
