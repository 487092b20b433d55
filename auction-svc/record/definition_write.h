// Writes a sale definition and its lists as the JSON that definition_read() takes.
//
// Purity:    pure
// Ownership: borrows everything for the call
// Errors:    those of the buffer
// Order:     what is read back is equal, but for the seed, which is never written. Reserves and
//            budgets are: the result is for the staff
// Source:    docs/PROTOCOL.md, Sale definition
#ifndef LOTCAST_RECORD_DEFINITION_WRITE_H
#define LOTCAST_RECORD_DEFINITION_WRITE_H

#include "auction-svc/record/definition_read.h"
#include "lib/json/json_write.h"

// Each writes one object; `name` is NULL in an array and at the top. The sale is without its lists.
void definition_write_sale(struct json_writer *writer, const char *name,
                           const struct sale_definition *definition);
void definition_write_lot(struct json_writer *writer, const struct lot_definition *lot);
void definition_write_participant(struct json_writer *writer,
                                  const struct participant_definition *participant);

// The whole, with "lots" and "participants" where there are any.
void definition_write(struct buffer *out, const struct definition_document *document);

#endif
