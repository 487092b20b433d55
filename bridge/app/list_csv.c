#include "bridge/app/list_csv.h"

#include "lib/json/json_read.h"
#include "lib/json/json_write.h"

enum { COLUMNS_MAX = 16, FIELD_SIZE_MAX = 4000 };

enum column_kind {
    COLUMN_LINE,   // of at most `most` bytes
    COLUMN_LINES,  // with line breaks
    COLUMN_ID,     // [A-Za-z0-9_-]
    COLUMN_NUMBER, // from `least` to `most`
    COLUMN_FORMAT, // of the lot's own rules
};

struct column {
    const char *name;
    enum column_kind kind;
    bool is_required;
    int64_t least;
    int64_t most;
};

static const struct column lot_columns[] = {
    {"id", COLUMN_ID, false, 1, LIST_ID_SIZE_MAX},
    {"no", COLUMN_NUMBER, false, 1, LIST_NO_MAX},
    {"title", COLUMN_LINE, true, 1, LIST_TITLE_SIZE_MAX},
    {"description", COLUMN_LINES, false, 0, LIST_DESCRIPTION_SIZE_MAX},
    {"image", COLUMN_LINE, false, 0, LIST_IMAGE_SIZE_MAX},
    {"category", COLUMN_LINE, false, 0, LIST_CATEGORY_SIZE_MAX},
    {"set", COLUMN_LINE, false, 0, LIST_CATEGORY_SIZE_MAX},
    {"opening", COLUMN_NUMBER, true, 1, LIST_AMOUNT_MAX},
    {"reserve", COLUMN_NUMBER, false, 0, LIST_AMOUNT_MAX},
    {"buy_now", COLUMN_NUMBER, false, 0, LIST_AMOUNT_MAX},
    {"estimate_low", COLUMN_NUMBER, false, 0, LIST_AMOUNT_MAX},
    {"estimate_high", COLUMN_NUMBER, false, 0, LIST_AMOUNT_MAX},
    {"quantity", COLUMN_NUMBER, false, 1, LIST_QUANTITY_MAX},
    {"duration_ms", COLUMN_NUMBER, false, 0, LIST_DURATION_MS_MAX},
    {"format", COLUMN_FORMAT, false, 0, 0},
    {"match_holder", COLUMN_ID, false, 1, LIST_ID_SIZE_MAX},
};

static const struct column participant_columns[] = {
    {"id", COLUMN_ID, false, 1, LIST_ID_SIZE_MAX},
    {"paddle", COLUMN_LINE, false, 0, LIST_PADDLE_SIZE_MAX},
    {"name", COLUMN_LINE, true, 1, NAME_SIZE_MAX},
    {"budget", COLUMN_NUMBER, false, 0, LIST_AMOUNT_MAX},
    {"slots", COLUMN_NUMBER, false, 0, LIST_LOTS_MAX},
    {"limit", COLUMN_NUMBER, false, 0, LIST_AMOUNT_MAX},
};

static const struct {
    const struct column *columns;
    size_t columns_count;
    size_t items_max;
    const char *too_many;
    const char *none;
} lists[] = {
    [LIST_CSV_LOTS] = {lot_columns, sizeof lot_columns / sizeof lot_columns[0], LIST_LOTS_MAX,
                       "too many lots", "there are no lots"},
    [LIST_CSV_PARTICIPANTS] = {participant_columns,
                               sizeof participant_columns / sizeof participant_columns[0],
                               LIST_PARTICIPANTS_MAX, "too many participants",
                               "there are no participants"},
};

struct reader {
    const struct column *columns; // that the list may have
    size_t columns_count;
    struct bytes csv;
    size_t at;
    size_t row;
    struct list_csv_error *error;
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
    while (known < reader->columns_count &&
           !bytes_equal_text(field_bytes(reader), reader->columns[known].name)) {
        known++;
    }
    if (known == reader->columns_count || header->count == COLUMNS_MAX) {
        return fail(reader, "", "an unknown column");
    }
    for (size_t i = 0; i < header->count; i++) {
        if (header->columns[i] == known) {
            return fail(reader, reader->columns[known].name, "the column is there twice");
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
    for (size_t known = 0; known < reader->columns_count; known++) {
        bool is_there = false;
        for (size_t i = 0; i < header->count; i++) {
            is_there = is_there || header->columns[i] == known;
        }
        if (reader->columns[known].is_required && !is_there) {
            return fail(reader, reader->columns[known].name, "the column is missing");
        }
    }
    return true;
}

static bool write_number(struct reader *reader, const struct column *column,
                         struct json_writer *writer)
{
    uint64_t number;
    if (!bytes_to_uint64(field_bytes(reader), (uint64_t)JSON_INTEGER_MAX, &number)) {
        return fail(reader, column->name, "not a whole number");
    }
    if ((int64_t)number < column->least) {
        return fail(reader, column->name, "the number is too small");
    }
    if ((int64_t)number > column->most) {
        return fail(reader, column->name, "the number is too large");
    }
    json_write_int(writer, column->name, (int64_t)number);
    return true;
}

static bool is_id(struct bytes field)
{
    for (size_t i = 0; i < field.size; i++) {
        uint8_t c = field.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '-') {
            return false;
        }
    }
    return true;
}

static bool write_text(struct reader *reader, const struct column *column,
                       struct json_writer *writer)
{
    struct bytes field = field_bytes(reader);
    bool has_lines = column->kind == COLUMN_LINES;
    for (size_t i = 0; i < field.size; i++) {
        uint8_t c = field.data[i];
        bool is_line_break = c == '\n' || c == '\r' || c == '\t';
        if ((c < 0x20 || c == 0x7F) && !(has_lines && is_line_break)) {
            return fail(reader, column->name, "a control character");
        }
    }
    if (!bytes_is_utf8(field)) {
        return fail(reader, column->name, "not UTF-8");
    }
    if (field.size > (size_t)column->most) {
        return fail(reader, column->name, "the text is too long");
    }
    if (column->kind == COLUMN_ID && !is_id(field)) {
        return fail(reader, column->name, "an id is made of A-Z, a-z, 0-9, _ and -");
    }
    json_write_text(writer, column->name, field);
    return true;
}

static bool write_format(struct reader *reader, const struct column *column,
                         struct json_writer *writer)
{
    static const char *const formats[] = {"english",      "live",    "dutch",   "japanese",
                                          "sealed_first", "vickrey", "uniform", "candle"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (bytes_equal_text(field_bytes(reader), formats[i])) {
            json_object_begin(writer, "rules");
            json_write_cstr(writer, column->name, formats[i]);
            json_object_end(writer);
            return true;
        }
    }
    return fail(reader, column->name, "an unknown format");
}

static bool write_value(struct reader *reader, const struct column *column,
                        struct json_writer *writer)
{
    if (reader->field_size == 0) {
        return column->is_required ? fail(reader, column->name, "the field is empty") : true;
    }
    switch (column->kind) {
    case COLUMN_NUMBER:
        return write_number(reader, column, writer);
    case COLUMN_FORMAT:
        return write_format(reader, column, writer);
    case COLUMN_LINE:
    case COLUMN_LINES:
    case COLUMN_ID:
        break;
    }
    return write_text(reader, column, writer);
}

// One item. An empty row is none; behind it only empty ones may follow, so that the row of an item
// is known from its position.
static bool read_row(struct reader *reader, const struct header *header, struct json_writer *writer,
                     bool *out_is_item)
{
    size_t count = 0;
    enum field_end end = FIELD_ENDS;
    *out_is_item = false;
    while (end == FIELD_ENDS) {
        end = read_field(reader);
        if (end == FIELD_BROKEN) {
            return false;
        }
        if (count == 0 && end == ROW_ENDS && reader->field_size == 0) {
            return true;
        }
        if (count == header->count) {
            return fail(reader, "", "more fields than columns");
        }
        if (count == 0) {
            json_object_begin(writer, NULL);
        }
        if (!write_value(reader, &reader->columns[header->columns[count]], writer)) {
            return false;
        }
        count++;
    }
    if (count < header->count) {
        return fail(reader, "", "fewer fields than columns");
    }
    json_object_end(writer);
    *out_is_item = true;
    return true;
}

static bool read_rows(struct reader *reader, enum list_csv_kind kind, struct json_writer *writer)
{
    struct header header = {.count = 0};
    if (!read_header(reader, &header)) {
        return false;
    }
    size_t items = 0;
    size_t empty_row = 0;
    json_array_begin(writer, NULL);
    while (reader->at < reader->csv.size) {
        bool is_item;
        reader->row++;
        if (!read_row(reader, &header, writer, &is_item)) {
            return false;
        }
        if (is_item && empty_row > 0) {
            reader->row = empty_row;
            return fail(reader, "", "an empty row");
        }
        if (is_item && items == lists[kind].items_max) {
            return fail(reader, "", lists[kind].too_many);
        }
        items += is_item ? 1 : 0;
        empty_row = is_item || empty_row > 0 ? empty_row : reader->row;
    }
    json_array_end(writer);
    return items > 0 ? true : fail(reader, "", lists[kind].none);
}

bool list_csv_read(enum list_csv_kind kind, struct bytes csv, struct buffer *out,
                   struct list_csv_error *out_error)
{
    struct reader reader = {.columns = lists[kind].columns,
                            .columns_count = lists[kind].columns_count,
                            .csv = csv,
                            .error = out_error};
    struct buffer json;
    buffer_init(&json, IMPORT_SIZE_MAX);
    struct json_writer writer = json_writer_on(&json);
    bool is_good = read_rows(&reader, kind, &writer);
    if (is_good && buffer_status(&json) != LC_OK) {
        is_good = fail(&reader, "", "the list is too large");
    }
    if (is_good) {
        buffer_append(out, buffer_bytes(&json));
    }
    buffer_release(&json);
    return is_good;
}

bool list_csv_place(struct bytes detail, struct list_csv_error *out_error)
{
    uint64_t position;
    size_t open = bytes_find(detail, '[', 0);
    size_t close = bytes_find(detail, ']', open);
    size_t dot = close;
    for (size_t next = close; next < detail.size; next = bytes_find(detail, '.', next + 1)) {
        dot = next;
    }
    bool is_item = close < detail.size && dot > close &&
                   bytes_to_uint64(bytes_of(detail.data + open + 1, close - open - 1),
                                   LIST_LOTS_MAX, &position);
    if (!is_item) {
        return false;
    }
    out_error->row = (size_t)position + 2; // the header is row 1
    snprintf(out_error->column, sizeof out_error->column, "%.*s", (int)(detail.size - dot - 1),
             (const char *)detail.data + dot + 1);
    return true;
}
