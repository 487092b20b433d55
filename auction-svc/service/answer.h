// The result of a command: what an acceptance tells, and the facts of a refusal.
//
// Purity:    pure
// Units:     *_ms engine time
// Ownership: borrows everything for the call
// Source:    docs/PROTOCOL.md, Commands: {"ok":true,"seq","epoch",...} or
//            {"ok":false,"error":{...}}
#ifndef LOTCAST_SERVICE_ANSWER_H
#define LOTCAST_SERVICE_ANSWER_H

#include "auction-svc/service/order.h"

enum { ANSWER_SIZE_MAX = WIRE_PAYLOAD_SIZE_MAX - 2048 }; // room for the reply around it

// After the decision was applied. `added`: lots that a create or add_lots has added.
void answer_write_accepted(struct buffer *out, const struct sale *sale, const struct order *order,
                           const struct decision *decision, int64_t added);

// `sale` NULL: none is concerned. `order` NULL: the command could not be read so far.
void answer_write_refused(struct buffer *out, const struct sale *sale, const struct order *order,
                          enum error_code code, const char *detail);

// A stored result again, with "repeated":true.
void answer_write_repeated(struct buffer *out, struct bytes result);

#endif
