// Reads what belongs to an op out of a command's body.
//
// Purity:    pure (allocates the array of lots)
// Ownership: texts are borrowed from the command's document; order_release() ends the rest
// Errors:    BAD_REQUEST, BAD_DEFINITION or TOO_MANY with the name of the member in `detail`
// Source:    docs/PROTOCOL.md, Commands
#ifndef LOTCAST_SERVICE_ORDER_H
#define LOTCAST_SERVICE_ORDER_H

#include "auction-svc/core/sale.h"
#include "auction-svc/record/definition_read.h"
#include "lib/wire/message.h"

enum order_kind {
    ORDER_CREATE,
    ORDER_CHANGE, // of one sale, decided by the core; the kinds above have receipts
    ORDER_LIST,
    ORDER_SNAPSHOT,
    ORDER_YOU,
    ORDER_REPLAY,
    ORDER_RESULTS,
    ORDER_RECEIPT,
    ORDER_EXPORT,
    ORDER_PART,  // of a later command; it has no answer
    ORDER_GAVEL, // the console that holds the gavel is there
};

struct order_op {
    const char *name;
    enum order_kind kind;
    enum sale_op sale_op; // of ORDER_CHANGE
};

// NULL when there is no such op.
const struct order_op *order_op_find(const char *name);

struct order {
    const struct order_op *op;
    struct sale_command change;         // ORDER_CHANGE
    struct definition_document created; // ORDER_CREATE, owned
    struct lot_definition *lots;        // add_lots, owned
    size_t lots_count;
    struct participant_definition *participants; // add_participants, owned
    size_t participants_count;
    struct lot_id *names; // submit_names, owned
    int64_t from;         // replay: first seq; results: first page
    int64_t limit;
    struct command_id receipt;
    struct command_id import;            // of a part
    struct bytes text;                   // of a part
    char detail[DEFINITION_DETAIL_SIZE]; // what was wrong, "" when nothing is to be said
};

// `sale` is the one that the command is about, NULL when there is none.
enum error_code order_read(const struct order_op *op, const struct wire_command *command,
                           const struct sale *sale, struct order *out_order);
void order_release(struct order *order);

// The lot that a command names; NULL: it names none.
const struct lot_id *order_lot(const struct sale_command *change);

// When a bridge received a bid, as far as the lot's closing grace believes it: in [arrival - grace,
// arrival]; 0 when it is no bid, or the bridge is not sure of the time (design 7).
int64_t order_stamp_ms(const struct sale *sale, const struct sale_command *change,
                       const struct wire_command *command, int64_t arrived_at_ms);

// Appends the op and its members in the order of their names: equal for a repeat, also when a
// sender writes them in another order.
void order_write_content(struct buffer *out, const struct wire_command *command);

#endif
