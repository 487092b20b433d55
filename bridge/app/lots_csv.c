#include "bridge/app/lots_csv.h"

#include "lib/json/json_read.h"
#include "lib/json/json_write.h"

enum { COLUMNS_MAX = 9, FIELD_SIZE_MAX = 4000 };

static const struct {
    const char *name;
    bool is_number;
    bool is_required;
} known_columns[COLUMNS_MAX] = {
    {"id", false, false},          {"no", true, false},      {"title", false, true},
    {"description", false, false}, {"image", false, false},  {"category", false, false},
    {"opening", true, true},       {"reserve", true, false}, {"duration_ms", true, false},
};

struct reader {
    struct bytes csv;
    size_t at;
    size_t row;
    struct lots_csv_error *error;
    char field[FIELD_SIZE_MAX];
    size_t field_size;
};

enum field_end { FIELD_ENDS, ROW_ENDS, FIELD_BROKEN };

static bool fail(struct reader *reader, const char *column, const char *why)
{
    reader->error->why = why;
    reader->error->row = reader->row;
    snprintf(reader->error->column, sizeof reader->error->column, "%s", column);
    return false;
}

static bool field_add(struct reader *reader, uint8_t c)
{
    if (reader->field_size == FIELD_SIZE_MAX) {
        return false;
    }
    reader->field[reader->field_size++] = (char)c;
    return true;
}

// Behind the opening quote; leaves the position behind the closing one.
static bool read_quoted(struct reader *reader)
{
    while (reader->at < reader->csv.size) {
        uint8_t c = reader->csv.data[reader->at++];
        if (c == '"') {
            bool is_doubled = reader->at < reader->csv.size && reader->csv.data[reader->at] == '"';
            if (!is_doubled) {
                return true;
            }
            reader->at++;
        }
        if (!field_add(reader, c)) {
            return fail(reader, "", "a field is too long");
        }
    }
    return fail(reader, "", "a quoted field does not end");
}

static enum field_end read_field(struct reader *reader)
{
    reader->field_size = 0;
    bool is_quoted = reader->at < reader->csv.size && reader->csv.data[reader->at] == '"';
    if (is_quoted) {
        reader->at++;
        if (!read_quoted(reader)) {
            return FIELD_BROKEN;
        }
    }
    while (reader->at < reader->csv.size) {
        uint8_t c = reader->csv.data[reader->at++];
        if (c == ',') {
            return FIELD_ENDS;
        }
        if (c == '\r' && reader->at < reader->csv.size && reader->csv.data[reader->at] == '\n') {
            reader->at++;
            return ROW_ENDS;
        }
        if (c == '\n') {
            return ROW_ENDS;
        }
        if (is_quoted) {
            fail(reader, "", "text behind a closing quote");
            return FIELD_BROKEN;
        }
        if (c == '"' || c == '\r' || !field_add(reader, c)) {
            fail(reader, "",
                 c == '"'    ? "a quote inside of an unquoted field"
                 : c == '\r' ? "a carriage return inside of a field"
                             : "a field is too long");
            return FIELD_BROKEN;
        }
    }
    return ROW_ENDS;
}

static struct bytes field_bytes(const struct reader *reader)
{
    return bytes_of(reader->field, reader->field_size);
}

// Which known column stands at which place.
struct header {
    size_t columns[COLUMNS_MAX];
    size_t count;
};

static bool header_add(struct reader *reader, struct header *header)
{
    size_t known = 0;
    while (known < COLUMNS_MAX &&
           !bytes_equal_text(field_bytes(reader), known_columns[known].name)) {
        known++;
    }
    if (known == COLUMNS_MAX || header->count == COLUMNS_MAX) {
        return fail(reader, "", "an unknown column");
    }
    for (size_t i = 0; i < header->count; i++) {
        if (header->columns[i] == known) {
            return fail(reader, known_columns[known].name, "the column is there twice");
        }
    }
    header->columns[header->count++] = known;
    return true;
}

static bool read_header(struct reader *reader, struct header *header)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    if (bytes_starts_with(reader->csv, bytes_of(mark, sizeof mark))) {
        reader->at = sizeof mark;
    }
    reader->row = 1;
    enum field_end end = FIELD_ENDS;
    while (end == FIELD_ENDS) {
        end = read_field(reader);
        if (end == FIELD_BROKEN || !header_add(reader, header)) {
            return false;
        }
    }
    for (size_t known = 0; known < COLUMNS_MAX; known++) {
        bool is_there = false;
        for (size_t i = 0; i < header->count; i++) {
            is_there = is_there || header->columns[i] == known;
        }
        if (known_columns[known].is_required && !is_there) {
            return fail(reader, known_columns[known].name, "the column is missing");
        }
    }
    return true;
}

static bool write_value(struct reader *reader, size_t known, struct json_writer *writer)
{
    struct bytes field = field_bytes(reader);
    const char *name = known_columns[known].name;
    if (field.size == 0) {
        return known_columns[known].is_required ? fail(reader, name, "the field is empty") : true;
    }
    if (known_columns[known].is_number) {
        uint64_t number;
        if (!bytes_to_uint64(field, (uint64_t)JSON_INTEGER_MAX, &number)) {
            return fail(reader, name, "not a whole number");
        }
        json_write_int(writer, name, (int64_t)number);
        return true;
    }
    for (size_t i = 0; i < field.size; i++) {
        bool is_control = field.data[i] < 0x20 && field.data[i] != '\n' && field.data[i] != '\r' &&
                          field.data[i] != '\t';
        if (is_control) {
            return fail(reader, name, "a control character");
        }
    }
    if (!bytes_is_utf8(field)) {
        return fail(reader, name, "not UTF-8");
    }
    json_write_text(writer, name, field);
    return true;
}

// One lot; an empty line is passed over.
static bool read_row(struct reader *reader, const struct header *header, struct json_writer *writer,
                     bool *out_is_lot)
{
    size_t count = 0;
    enum field_end end = FIELD_ENDS;
    *out_is_lot = false;
    while (end == FIELD_ENDS) {
        end = read_field(reader);
        if (end == FIELD_BROKEN) {
            return false;
        }
        if (count == 0 && end == ROW_ENDS && reader->field_size == 0 && header->count > 1) {
            return true;
        }
        if (count == header->count) {
            return fail(reader, "", "more fields than columns");
        }
        if (count == 0) {
            json_object_begin(writer, NULL);
        }
        if (!write_value(reader, header->columns[count], writer)) {
            return false;
        }
        count++;
    }
    if (count < header->count) {
        return fail(reader, "", "fewer fields than columns");
    }
    json_object_end(writer);
    *out_is_lot = true;
    return true;
}

static bool read_rows(struct reader *reader, struct json_writer *writer)
{
    struct header header = {.count = 0};
    if (!read_header(reader, &header)) {
        return false;
    }
    size_t lots = 0;
    json_array_begin(writer, NULL);
    while (reader->at < reader->csv.size) {
        bool is_lot;
        reader->row++;
        if (lots == LOTS_IN_ONE_COMMAND_MAX) {
            return fail(reader, "", "too many lots");
        }
        if (!read_row(reader, &header, writer, &is_lot)) {
            return false;
        }
        lots += is_lot ? 1 : 0;
    }
    json_array_end(writer);
    if (lots == 0) {
        return fail(reader, "", "there are no lots");
    }
    return true;
}

bool lots_csv_read(struct bytes csv, struct buffer *out, struct lots_csv_error *out_error)
{
    struct reader reader = {.csv = csv, .error = out_error};
    struct buffer json;
    buffer_init(&json, RESPONSE_SIZE_MAX);
    struct json_writer writer = json_writer_on(&json);
    bool is_good = read_rows(&reader, &writer);
    if (is_good && buffer_status(&json) != LC_OK) {
        is_good = fail(&reader, "", "the list is too large");
    }
    if (is_good) {
        buffer_append(out, buffer_bytes(&json));
    }
    buffer_release(&json);
    return is_good;
}
