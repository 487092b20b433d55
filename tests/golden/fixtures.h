// The messages whose bytes are kept: one table, so that the test, the readers and the schema check
// speak of the same ones.
//
// Purity: pure
#ifndef LOTCAST_TESTS_GOLDEN_FIXTURES_H
#define LOTCAST_TESTS_GOLDEN_FIXTURES_H

#include "lib/wire/message.h"

struct golden_message {
    const char *name; // file without ".json": message, then ".variant" where there are several
    void (*write)(struct buffer *out);
};

extern const struct golden_message golden_messages[];
extern const size_t golden_messages_count;

// The states behind state*.json and board_json*.json.
struct wire_state golden_state_open(void);
struct wire_state golden_state_gap(void);
struct wire_state golden_state_lobby(void);
struct wire_state golden_state_dutch(void);
struct wire_state golden_state_many(void);
struct wire_state golden_state_nomination(void);

// Everything as long as its limit allows: 32-byte ids, 120-byte titles and 60-byte names that need
// escapes, the largest numbers.
struct wire_state golden_state_longest(void);

#endif
