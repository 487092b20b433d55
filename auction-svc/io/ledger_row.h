// What the ledger keeps: one row for each fact, one receipt for each command.
//
// Units:     *_ms UTC epoch milliseconds in engine time
// Ownership: borrows its texts and bytes
// Source:    design 2 and 4, rules 5
#ifndef LOTCAST_IO_LEDGER_ROW_H
#define LOTCAST_IO_LEDGER_ROW_H

#include "lib/base/id.h"
#include "lib/digest/sha256.h"

enum { LEDGER_NONCE_SIZE = 16, LEDGER_OP_SIZE_MAX = 32 };

struct ledger_fact {
    struct sale_id sale;
    int64_t row;          // from 1, gapless within the sale
    int64_t seq;          // 0: not public
    struct bytes kind;    // name of the fact
    int64_t at_ms;        // of the decision
    struct bytes fact;    // the fact as text (auction-svc/record/fact.h)
    struct bytes name;    // of the public event; empty when not public
    struct bytes payload; // the bytes that were published; empty when not public
    uint8_t nonce[LEDGER_NONCE_SIZE];
    uint8_t prev_hash[SHA256_SIZE];
    uint8_t hash[SHA256_SIZE];
};

// The end of a sale's chain.
struct ledger_head {
    int64_t row; // 0: no row yet
    int64_t seq;
    int64_t at_ms;
    uint8_t hash[SHA256_SIZE]; // zeros before the first row
};

// The state of a sale behind the row `head`.
struct ledger_snapshot {
    struct sale_id sale;
    struct ledger_head head;
    struct bytes notice; // the last one, which boards are still shown
    struct bytes state;
    uint8_t digest[SHA256_SIZE]; // of all the above (ledger_snapshot_digest)
};

struct ledger_receipt {
    struct sale_id sale;
    struct participant_id by; // "": nobody
    struct command_id id;
    char op[LEDGER_OP_SIZE_MAX + 1];
    uint8_t content[SHA256_SIZE]; // of the op and its members: tells a repeat from a reused id
    int64_t received_at_ms;
    int64_t decided_at_ms;
    struct bytes result; // the result as it was sent
};

#endif
