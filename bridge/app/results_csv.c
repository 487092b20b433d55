#include "bridge/app/results_csv.h"

#include "lib/json/json_read.h"

// What a spreadsheet would take for the beginning of a formula.
static bool begins_formula(uint8_t c)
{
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

static void write_text(struct buffer *out, struct bytes text)
{
    bool is_formula = text.size > 0 && begins_formula(text.data[0]);
    buffer_append_byte(out, '"');
    if (is_formula) {
        buffer_append_byte(out, '\'');
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') {
            buffer_append_byte(out, '"');
        }
        buffer_append_byte(out, text.data[i]);
    }
    buffer_append_byte(out, '"');
}

static void write_member(struct buffer *out, const struct json *object, const char *name)
{
    struct bytes text;
    int64_t number;
    const struct json *value = json_member(object, name);
    if (json_to_text(value, &text)) {
        write_text(out, text);
    } else if (json_to_int64(value, &number)) {
        buffer_append_int64(out, number);
    }
}

static void write_lot(struct buffer *out, const struct json *lot, struct bytes currency)
{
    static const char *const members[] = {"no", "id", "title", "phase", "price"};
    static const char *const numbers[] = {"round",  "format",  "quantity",
                                          "hammer", "premium", "total"};
    const struct json *winner = json_member(lot, "winner");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        write_member(out, lot, members[i]);
        buffer_append_byte(out, ',');
    }
    write_text(out, currency);
    buffer_append_byte(out, ',');
    write_member(out, winner, "id");
    buffer_append_byte(out, ',');
    write_member(out, winner, "paddle");
    buffer_append_byte(out, ',');
    write_member(out, winner, "name");
    buffer_append_byte(out, ',');
    write_member(out, lot, "bids");
    buffer_append_byte(out, ',');
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        write_member(out, lot, numbers[i]);
        buffer_append_text(out, i + 1 < sizeof numbers / sizeof numbers[0] ? "," : "\r\n");
    }
}

bool results_csv_write(struct bytes results, bool with_header, struct buffer *out)
{
    struct json *document;
    if (json_parse(results, &document) != LC_OK) {
        return false;
    }
    const struct json *lots = json_member(document, "lots");
    const struct json *currency = json_member(document, "currency");
    struct bytes code = {NULL, 0};
    bool is_good = json_is_array(lots) && (json_to_text(currency, &code) ||
                                           json_to_text(json_member(currency, "code"), &code));
    if (is_good && with_header) {
        buffer_append_text(out, "no,id,title,phase,price_minor,currency,winner_id,winner_paddle,"
                                "winner_name,bids,round,format,quantity,hammer_minor,"
                                "premium_minor,total_minor\r\n");
    }
    for (const struct json *lot = json_first(lots); is_good && lot != NULL; lot = json_next(lot)) {
        write_lot(out, lot, code);
    }
    json_destroy(document);
    return is_good;
}
