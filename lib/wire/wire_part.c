#include "lib/wire/wire_part.h"

struct json_writer wire_part_begin(struct buffer *out, struct wire_head head)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_int(&writer, "seq", head.seq);
    json_write_int(&writer, "epoch", head.epoch);
    return writer;
}

void wire_part_optional_int(struct json_writer *writer, const char *name, int64_t value)
{
    if (value == WIRE_ABSENT) {
        json_write_null(writer, name);
    } else {
        json_write_int(writer, name, value);
    }
}

void wire_part_optional_id(struct json_writer *writer, const char *name, const char *id)
{
    if (id[0] == 0) {
        json_write_null(writer, name);
    } else {
        json_write_cstr(writer, name, id);
    }
}

void wire_part_person(struct json_writer *writer, const char *name,
                      const struct wire_person *person)
{
    if (person->id.text[0] == 0) {
        json_write_null(writer, name);
        return;
    }
    json_object_begin(writer, name);
    json_write_cstr(writer, "id", person->id.text);
    json_write_text(writer, "paddle", person->paddle);
    if (person->shows_name) {
        json_write_text(writer, "name", person->name);
    }
    json_object_end(writer);
}

void wire_part_roster(struct json_writer *writer, const struct wire_roster *roster)
{
    if (!roster->present) {
        json_write_null(writer, "roster");
        return;
    }
    json_object_begin(writer, "roster");
    json_write_int(writer, "taken", roster->taken);
    json_write_int(writer, "slots", roster->slots);
    json_object_end(writer);
}

void wire_part_price_clock(struct json_writer *writer, const char *name,
                           const struct wire_price_clock *clock)
{
    if (!clock->present) {
        json_write_null(writer, name);
        return;
    }
    json_object_begin(writer, name);
    json_write_int(writer, "price", clock->price_minor);
    json_write_int(writer, "from", clock->from_ms);
    json_write_int(writer, "step", clock->step_minor);
    json_write_int(writer, "tick_ms", clock->tick_ms);
    wire_part_optional_int(writer, "frozen_at", clock->frozen_at_ms);
    json_write_int(writer, "quantity_left", clock->quantity_left);
    json_object_end(writer);
}

static void write_match(struct json_writer *writer, const struct wire_match *match)
{
    if (!match->present) {
        json_write_null(writer, "match");
        return;
    }
    json_object_begin(writer, "match");
    json_write_cstr(writer, "holder", match->holder.text);
    json_write_cstr(writer, "stage", match->stage);
    json_object_end(writer);
}

// What a lot is, and how it stands.
static void write_lot_members(struct json_writer *writer, const struct wire_lot *lot)
{
    json_write_cstr(writer, "id", lot->id.text);
    json_write_int(writer, "no", lot->no);
    json_write_text(writer, "title", lot->title);
    json_write_cstr(writer, "phase", lot->phase);
    json_write_cstr(writer, "format", lot->format);
    json_write_int(writer, "opening", lot->opening_minor);
    wire_part_optional_int(writer, "price", lot->price_minor);
    json_write_int(writer, "ask", lot->ask_minor);
    wire_part_person(writer, "leader", &lot->leader);
    json_write_bool(writer, "house", lot->is_house);
    json_write_int(writer, "bids", lot->bids);
    wire_part_optional_int(writer, "started_at", lot->started_at_ms);
    wire_part_optional_int(writer, "ends_at", lot->ends_at_ms);
    json_write_int(writer, "remaining_ms", lot->remaining_ms);
    json_write_int(writer, "extensions", lot->extensions);
    json_write_int(writer, "round", lot->round);
    json_write_cstr(writer, "reserve", lot->reserve);
    json_write_int(writer, "quantity", lot->quantity);
    wire_part_optional_int(writer, "buy_now", lot->buy_now_minor);
    json_write_int(writer, "warned", lot->warned);
    wire_part_price_clock(writer, "clock", &lot->clock);
    write_match(writer, &lot->match);
}

void wire_part_lot(struct json_writer *writer, const char *name, const struct wire_lot *lot)
{
    json_object_begin(writer, name);
    write_lot_members(writer, lot);
    json_object_end(writer);
}

void wire_part_participant(struct json_writer *writer, const char *name,
                           const struct wire_participant *participant)
{
    json_object_begin(writer, name);
    json_write_cstr(writer, "id", participant->person.id.text);
    json_write_text(writer, "paddle", participant->person.paddle);
    if (participant->person.shows_name) {
        json_write_text(writer, "name", participant->person.name);
    }
    json_write_cstr(writer, "status", participant->status);
    wire_part_optional_int(writer, "budget", participant->budget_minor);
    json_write_int(writer, "spent", participant->spent_minor);
    json_write_int(writer, "held", participant->held_minor);
    wire_part_roster(writer, &participant->roster);
    json_object_end(writer);
}

static void write_estimate(struct json_writer *writer, const struct wire_catalogue_lot *lot)
{
    if (lot->estimate_low_minor == WIRE_ABSENT) {
        json_write_null(writer, "estimate");
        return;
    }
    json_array_begin(writer, "estimate");
    json_write_int(writer, NULL, lot->estimate_low_minor);
    json_write_int(writer, NULL, lot->estimate_high_minor);
    json_array_end(writer);
}

void wire_part_catalogue_lot(struct json_writer *writer, const struct wire_catalogue_lot *lot,
                             bool with_description)
{
    json_object_begin(writer, NULL);
    write_lot_members(writer, &lot->lot);
    if (with_description) {
        json_write_text(writer, "description", lot->description);
    }
    json_write_text(writer, "image", lot->image);
    json_write_text(writer, "category", lot->category);
    json_write_text(writer, "set", lot->set);
    write_estimate(writer, lot);
    wire_part_person(writer, "winner", &lot->winner);
    json_write_int(writer, "winners", lot->winners);
    wire_part_optional_id(writer, "match_holder", lot->match_holder.text);
    if (lot->rules != NULL) {
        json_object_begin(writer, "rules");
        if (!lot->rules_left_out) {
            wire_part_lot_rules(writer, lot->rules);
        }
        json_object_end(writer);
    } else {
        json_write_null(writer, "rules");
    }
    json_object_end(writer);
}

void wire_part_lot_ids(struct json_writer *writer, const char *name, const struct lot_id *ids,
                       size_t count)
{
    json_array_begin(writer, name);
    for (size_t i = 0; i < count; i++) {
        json_write_cstr(writer, NULL, ids[i].text);
    }
    json_array_end(writer);
}

void wire_part_participant_ids(struct json_writer *writer, const char *name,
                               const struct participant_id *ids, size_t count)
{
    json_array_begin(writer, name);
    for (size_t i = 0; i < count; i++) {
        json_write_cstr(writer, NULL, ids[i].text);
    }
    json_array_end(writer);
}

// ---- texts that must fit ----

// Bytes of the character at `at`: a lead byte and what continues it.
static size_t character_size(struct bytes text, size_t at)
{
    size_t end = at + 1;
    while (end < text.size && (text.data[end] & 0xC0) == 0x80) {
        end++;
    }
    return end - at;
}

struct bytes wire_part_cut(struct bytes text, size_t size_max)
{
    size_t size = 0;
    while (size < text.size && size + character_size(text, size) <= size_max) {
        size += character_size(text, size);
    }
    return bytes_of(text.data, size);
}

// What json_quote() makes of one character.
static size_t quoted_character_size(struct bytes text, size_t at, size_t size)
{
    uint8_t c = text.data[at];
    bool separator = size == 3 && c == 0xE2 && text.data[at + 1] == 0x80 &&
                     (text.data[at + 2] == 0xA8 || text.data[at + 2] == 0xA9);
    if (separator || c < 0x20 || c == '<' || c == '>') {
        return sizeof "\\u0000" - 1;
    }
    return c == '"' || c == '\\' ? 2 : size;
}

struct bytes wire_part_cut_quoted(struct bytes text, size_t size_max)
{
    size_t used = 0;
    size_t at = 0;
    while (at < text.size) {
        size_t size = character_size(text, at);
        size_t quoted = quoted_character_size(text, at, size);
        if (quoted > size_max - used) {
            break;
        }
        used += quoted;
        at += size;
    }
    return bytes_of(text.data, at);
}

size_t wire_part_quoted_size(struct bytes text)
{
    size_t total = 0;
    for (size_t at = 0; at < text.size;) {
        size_t size = character_size(text, at);
        total += quoted_character_size(text, at, size);
        at += size;
    }
    return total;
}

// ---- reading ----

bool wire_part_read_int(const struct json *object, const char *name, int64_t *out_value)
{
    return json_to_int64(json_member(object, name), out_value);
}

bool wire_part_read_head(const struct json *object, struct wire_head *out_head)
{
    return wire_part_read_int(object, "seq", &out_head->seq) &&
           wire_part_read_int(object, "epoch", &out_head->epoch) && out_head->seq >= 0 &&
           out_head->epoch >= 0;
}

bool wire_part_read_optional_int(const struct json *object, const char *name, int64_t *out_value)
{
    if (json_is_null(json_member(object, name))) {
        *out_value = WIRE_ABSENT;
        return true;
    }
    return wire_part_read_int(object, name, out_value);
}

bool wire_part_read_text(const struct json *object, const char *name, struct bytes *out_text)
{
    return json_to_text(json_member(object, name), out_text);
}

bool wire_part_read_word(const struct json *object, const char *name, const char **out_word)
{
    struct bytes text;
    if (!wire_part_read_text(object, name, &text)) {
        return false;
    }
    *out_word = (const char *)text.data; // texts of a document are NUL-terminated
    return true;
}

bool wire_part_read_bool(const struct json *object, const char *name, bool *out_value)
{
    return json_to_bool(json_member(object, name), out_value);
}

bool wire_part_read_lot_id(const struct json *object, const char *name, struct lot_id *out_id)
{
    struct bytes text;
    return wire_part_read_text(object, name, &text) && lot_id_read(text, out_id);
}

bool wire_part_read_person(const struct json *value, struct wire_person *out_person)
{
    struct bytes id;
    if (json_is_null(value)) {
        *out_person = (struct wire_person){0};
        return true;
    }
    out_person->shows_name = wire_part_read_text(value, "name", &out_person->name);
    return wire_part_read_text(value, "id", &id) && participant_id_read(id, &out_person->id) &&
           wire_part_read_text(value, "paddle", &out_person->paddle);
}
