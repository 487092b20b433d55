// The hash chain of a sale's rows: each row's hash covers all of it and the hash before it.
//
// Purity: pure
// Source: rules 5, Record. hash = SHA-256 over, one after another, field("lotcast-ledger-1")
//         field(sale) int(row) int(seq, 0 for none) field(kind) int(at_ms) field(fact) field(name)
//         field(payload) nonce[16] prev_hash[32] where int is eight bytes, most significant first,
//         and field is int(size) and the bytes. prev_hash of row 1 is 32 zero bytes.
#ifndef LOTCAST_IO_LEDGER_CHAIN_H
#define LOTCAST_IO_LEDGER_CHAIN_H

#include "auction-svc/io/ledger_row.h"

void ledger_chain_hash(const struct ledger_fact *fact, uint8_t out_hash[SHA256_SIZE]);

// Does `fact` follow `head`: next row, next seq when public, its prev_hash, and a hash that is
// right? NULL when it does, else what is wrong (a literal). Moves `head` on success.
const char *ledger_chain_follow(struct ledger_head *head, const struct ledger_fact *fact);

// Digest of a snapshot: SHA-256 over field("lotcast-snapshot-1") field(sale) int(row) int(seq)
// int(at_ms) hash[32] of the row, field(notice) field(state).
void ledger_snapshot_digest(const struct ledger_snapshot *snapshot,
                            uint8_t out_digest[SHA256_SIZE]);

#endif
