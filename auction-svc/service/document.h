// Documents that the engine composes on request: snapshot, you, results, list, receipt.
//
// Purity:    pure
// Units:     *_ms engine time
// Ownership: borrows everything for the call
// Errors:    those of the buffer: what does not fit its maximum is cut where the protocol allows it
// Source:    docs/PROTOCOL.md, Objects and Commands
#ifndef LOTCAST_SERVICE_DOCUMENT_H
#define LOTCAST_SERVICE_DOCUMENT_H

#include "auction-svc/io/ledger_row.h"
#include "auction-svc/service/house.h"
#include "auction-svc/service/order.h"
#include "lib/json/json_write.h"

enum { DOCUMENT_RESULTS_PAGE_ITEMS = 250, DOCUMENT_DEFINITION_ITEM_SIZE_MAX = 16 * 1024 };

// Opens the object of a result: {"ok":true,"seq","epoch".
struct json_writer document_begin_result(struct buffer *out, const struct sale *sale);

// Each writes a complete result: {"ok":true,"seq","epoch","<name>":...}.
void document_write_snapshot(struct buffer *out, const struct sale *sale, int64_t now_ms);
void document_write_you(struct buffer *out, const struct sale *sale,
                        const struct participant_id *by, enum role role);
void document_write_results(struct buffer *out, const struct sale *sale, int64_t page);
// A part of the definition for the staff, secrets included: from item `from` of lots and participants
// on what fits, the sale itself with item 0, and "next" where it goes on.
void document_write_definition(struct buffer *out, const struct sale *sale, int64_t from);
// Sales that `role` may see; "more":true when not all fit.
void document_write_list(struct buffer *out, const struct house *house, enum role role);
// `is_own` false: for the staff, without what is its sender's secret.
void document_write_receipt(struct buffer *out, const struct sale *sale,
                            const struct ledger_receipt *receipt, bool is_own);
// May others than the sender know that there is such a command? Not of a sealed offer before its lot
// is closed.
bool document_may_show(const struct sale *sale, const struct ledger_receipt *receipt);
// Does this console hold the gavel, and who does?
void document_write_gavel(struct buffer *out, const struct sale *sale, struct bytes console);

// A replay, event by event.
struct document_replay {
    struct buffer *out;
    struct json_writer writer;
    size_t size_max; // where it stops
    bool more;
};
void document_replay_begin(struct document_replay *replay, struct buffer *out,
                           const struct sale *sale);
// False: it does not fit any more, and was left out.
bool document_replay_add(struct document_replay *replay, struct bytes name, struct bytes payload);
void document_replay_end(struct document_replay *replay, bool more);

#endif
