// Reads a sale definition and lists of lots from JSON, with an error that names the place.
//
// Purity:    pure (allocates the array of lots)
// Ownership: texts are borrowed from the JSON document; `*out_lots` ends with free()
// Errors:    ERROR_BAD_DEFINITION or ERROR_TOO_MANY; `out_detail` then names the member, as
//            "lots[3].opening"
// Source:    docs/PROTOCOL.md, Sale definition
#ifndef LOTCAST_RECORD_DEFINITION_READ_H
#define LOTCAST_RECORD_DEFINITION_READ_H

#include "auction-svc/core/definition.h"
#include "lib/json/json_read.h"

enum { DEFINITION_DETAIL_SIZE = 80 };

enum error_code definition_read(const struct json *sale, struct sale_definition *out_definition,
                                struct lot_definition **out_lots, size_t *out_lots_count,
                                char out_detail[DEFINITION_DETAIL_SIZE]);
enum error_code definition_read_lots(const struct json *array, struct lot_definition **out_lots,
                                     size_t *out_lots_count,
                                     char out_detail[DEFINITION_DETAIL_SIZE]);

#endif
