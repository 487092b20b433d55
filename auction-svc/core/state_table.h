// The members of the state of a sale as data: one table that writer and reader both walk.
//
// Purity:    pure
// Ownership: constants
// Source:    auction-svc/core/sale.h. WHO ADDS A MEMBER to a struct of the state adds one row in
//            state_rows.c, and nothing else: the text, its reading, the digest of a snapshot and the
//            guard in tests/unit/core_state.c follow from it. A pointer, an index or a copy that the
//            rest determines is DERIVED(member), and made again in sale_derive()
#ifndef LOTCAST_CORE_STATE_TABLE_H
#define LOTCAST_CORE_STATE_TABLE_H

#include "auction-svc/core/sale.h"

enum state_type {
    STATE_INT,     // int64_t
    STATE_SIZE,    // size_t
    STATE_BOOL,    // bool
    STATE_ENUM,    // an enum, by its number
    STATE_CHARS,   // char[size], NUL-terminated
    STATE_OCTETS,  // uint8_t[size]
    STATE_TEXT,    // char *, owned, NUL-terminated, may be NULL
    STATE_BEHIND,  // char *, lies behind the text of the row before in its allocation
    STATE_PART,    // a struct within
    STATE_ARRAY,   // an array within, of which the first `count` are in use
    STATE_LIST,    // an array that is owned, with its count and its capacity
    STATE_RING,    // an owned ring of a fixed number of places, NULL or all of them
    STATE_OWNED,   // one struct that is owned, may be NULL
    STATE_NUMBERS, // int64_t[], all of it or as many as used() says
    STATE_DERIVED  // made again from the rest, or no fact
};

struct state_table;

struct state_row {
    const char *name; // NULL ends a table
    enum state_type type;
    size_t offset;
    size_t size;
    const struct state_table *items; // of PART, ARRAY, LIST, RING and OWNED
    size_t count_offset;             // of ARRAY, LIST and RING: a size_t
    size_t second_offset; // of LIST: the capacity, or STATE_NO_MEMBER; of RING: the first
    size_t places;        // of RING
    size_t (*used)(const void *base); // of NUMBERS: asked of the rows before; NULL: all
};

struct state_place { // an item of a list of places or indexes
    size_t place;
};

struct state_table {
    const char *name;
    size_t size; // of the struct
    const struct state_row *rows;
};

#define STATE_NO_MEMBER SIZE_MAX

// Changes when the meaning of a member changes although its name does not: an enum is numbered
// anew, a unit is another. Older snapshots are then not read.
enum { STATE_FORMAT = 1, STATE_NAMES_SIZE_MAX = 16384 };

extern const struct state_table sale_state_table;

// Every table, for the guard; ends with NULL.
extern const struct state_table *const state_tables[];

// Makes again what is DERIVED.
LC_MUST_CHECK enum lc_status sale_derive(struct sale *sale);

// How many numbers of a row NUMBERS are in use, at most all.
size_t state_numbers_used(const struct state_row *row, const void *base);

// The names of all members, as the text begins with.
void state_write_names(struct buffer *out);

#endif
