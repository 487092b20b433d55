// Reading of a definition, step by step: what went wrong first, and the parts that are more than
// one value.
//
// Purity:    pure
// Ownership: value; borrows the place for the detail and the document
// Errors:    the first refusal stays; later ones change nothing
// Source:    docs/PROTOCOL.md, Sale definition
#ifndef LOTCAST_RECORD_DEFINITION_PART_H
#define LOTCAST_RECORD_DEFINITION_PART_H

#include "auction-svc/record/definition_read.h"

struct reading {
    enum error_code refusal;
    char *detail; // of DEFINITION_DETAIL_SIZE
};

// Writes `prefix`, `name` and `end`; paths are made of known names and cut ones, so that they fit.
void reading_path(char out_path[DEFINITION_DETAIL_SIZE], const char *prefix, const char *name,
                  const char *end);
// `prefix[position]` and `end`.
void reading_item_path(char out_path[DEFINITION_DETAIL_SIZE], const char *prefix, const char *name,
                       size_t position, const char *end);

// `prefix` is the path before the name, with its dot: "" or "rules.".
void reading_refuse(struct reading *reading, enum error_code refusal, const char *prefix,
                    const char *name);

// The member, or NULL when it is missing or null, which leaves its default.
const struct json *reading_given(const struct json *object, const char *name);

// Refuses the first member of `object` that stands not in `names`, ended by NULL.
void reading_allow(struct reading *reading, const struct json *object, const char *prefix,
                   const char *const *names);
void reading_refuse_unknown(struct reading *reading, const char *prefix, const char *name);

void reading_int(struct reading *reading, const struct json *object, const char *prefix,
                 const char *name, int64_t *io_value);

// Each reads the value of `prefix` + `name`.
void reading_increments(struct reading *reading, const struct json *value, const char *prefix,
                        const char *name, struct increment_table *io_table);
void reading_warnings(struct reading *reading, const struct json *value, const char *prefix,
                      const char *name, int64_t io_warnings_ms[WARNINGS_MAX]);
void reading_premium(struct reading *reading, const struct json *value, const char *prefix,
                     const char *name, struct premium_bands *io_premium);
void reading_caps(struct reading *reading, const struct json *value, const char *prefix,
                  const char *name, struct sale_definition *io_definition);

#endif
