// Reads a sale definition and lists of lots and participants from JSON, with an error that names the
// place.
//
// Purity:    pure (allocates the lists)
// Ownership: texts are borrowed from the JSON document; lists end with free(), a document with
//            definition_release()
// Errors:    ERROR_BAD_DEFINITION or ERROR_TOO_MANY; `out_detail` then names the member, as
//            "lots[3].opening"; a member that is not known is refused: a typo must not be silent
// Source:    docs/PROTOCOL.md, Sale definition; docs/sale-definition.schema.json
#ifndef LOTCAST_RECORD_DEFINITION_READ_H
#define LOTCAST_RECORD_DEFINITION_READ_H

#include "auction-svc/core/definition.h"
#include "lib/json/json_read.h"

enum { DEFINITION_DETAIL_SIZE = 120 };

struct definition_document {
    struct sale_definition definition;
    struct lot_definition *lots; // owned
    size_t lots_count;
    struct participant_definition *participants; // owned
    size_t participants_count;
};

enum error_code definition_read(const struct json *sale, struct definition_document *out_document,
                                char out_detail[DEFINITION_DETAIL_SIZE]);
void definition_release(struct definition_document *document);

// The rules of a lot are laid over `sale_rules`, those of the sale that it is for.
enum error_code definition_read_lots(const struct json *array, const struct lot_rules *sale_rules,
                                     struct lot_definition **out_lots, size_t *out_lots_count,
                                     char out_detail[DEFINITION_DETAIL_SIZE]);
enum error_code definition_read_participants(const struct json *array,
                                             struct participant_definition **out_participants,
                                             size_t *out_participants_count,
                                             char out_detail[DEFINITION_DETAIL_SIZE]);

#endif
