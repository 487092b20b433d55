// Parts that several messages share: how a person, a lot or an optional number is written and read.
//
// Purity:    pure
// Ownership: values; texts are borrowed
// Errors:    readers: false when the value is absent or of another type; the result then means
//            nothing
// Source:    docs/PROTOCOL.md, Objects
#ifndef LOTCAST_WIRE_PART_H
#define LOTCAST_WIRE_PART_H

#include "lib/json/json_write.h"
#include "lib/wire/message.h"

// Opens the payload's object and writes seq and epoch, always first.
struct json_writer wire_part_begin(struct buffer *out, struct wire_head head);

void wire_part_optional_int(struct json_writer *writer, const char *name, int64_t value);
void wire_part_optional_id(struct json_writer *writer, const char *name, const char *id);
void wire_part_person(struct json_writer *writer, const char *name,
                      const struct wire_person *person);
void wire_part_roster(struct json_writer *writer, const struct wire_roster *roster);
void wire_part_lot(struct json_writer *writer, const char *name, const struct wire_lot *lot);
void wire_part_price_clock(struct json_writer *writer, const char *name,
                           const struct wire_price_clock *clock);
void wire_part_lot_rules(struct json_writer *writer, const struct wire_lot_rules *rules);
void wire_part_participant(struct json_writer *writer, const char *name,
                           const struct wire_participant *participant);
void wire_part_catalogue_lot(struct json_writer *writer, const struct wire_catalogue_lot *lot,
                             bool with_description);
void wire_part_lot_ids(struct json_writer *writer, const char *name, const struct lot_id *ids,
                       size_t count);
void wire_part_participant_ids(struct json_writer *writer, const char *name,
                               const struct participant_id *ids, size_t count);

// The longest start of `text` of at most `size_max` bytes that ends at a character.
struct bytes wire_part_cut(struct bytes text, size_t size_max);

// Size of `text` inside the quotes of JSON, and the longest start of it that needs at most
// `size_max` there.
size_t wire_part_quoted_size(struct bytes text);
struct bytes wire_part_cut_quoted(struct bytes text, size_t size_max);

bool wire_part_read_head(const struct json *object, struct wire_head *out_head);
bool wire_part_read_int(const struct json *object, const char *name, int64_t *out_value);
bool wire_part_read_optional_int(const struct json *object, const char *name, int64_t *out_value);
bool wire_part_read_text(const struct json *object, const char *name, struct bytes *out_text);
bool wire_part_read_word(const struct json *object, const char *name, const char **out_word);
bool wire_part_read_bool(const struct json *object, const char *name, bool *out_value);
bool wire_part_read_lot_id(const struct json *object, const char *name, struct lot_id *out_id);
bool wire_part_read_person(const struct json *value, struct wire_person *out_person);

#endif
