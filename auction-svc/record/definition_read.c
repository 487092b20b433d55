#include "auction-svc/record/definition_read.h"

#include <stdlib.h>

// One pass over the document; the first wrong member ends it.
struct reading {
    enum error_code refusal;
    char *detail; // of DEFINITION_DETAIL_SIZE
};

// Refuses once: a later call changes nothing.
static void reading_refuse(struct reading *reading, enum error_code refusal, const char *prefix,
                           const char *name)
{
    if (reading->refusal == ERROR_NONE) {
        reading->refusal = refusal;
        snprintf(reading->detail, DEFINITION_DETAIL_SIZE, "%s%s", prefix, name);
    }
}

// The member, or NULL when it is missing or null, which leaves its default.
static const struct json *given(const struct json *object, const char *name)
{
    const struct json *value = json_member(object, name);
    return value == NULL || json_is_null(value) ? NULL : value;
}

static void read_int(struct reading *reading, const struct json *object, const char *prefix,
                     const char *name, int64_t *io_value)
{
    const struct json *value = given(object, name);
    if (value != NULL && !json_to_int64(value, io_value)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
    }
}

static void read_bool(struct reading *reading, const struct json *object, const char *prefix,
                      const char *name, bool *io_value)
{
    const struct json *value = given(object, name);
    if (value != NULL && !json_to_bool(value, io_value)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
    }
}

static void read_text(struct reading *reading, const struct json *object, const char *prefix,
                      const char *name, struct bytes *io_text)
{
    const struct json *value = given(object, name);
    if (value != NULL && !json_to_text(value, io_text)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
    }
}

// The object, or NULL when it is missing, null or of another type.
static const struct json *read_object(struct reading *reading, const struct json *object,
                                      const char *prefix, const char *name)
{
    const struct json *value = given(object, name);
    if (value != NULL && !json_is_object(value)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
        return NULL;
    }
    return value;
}

// Position of a text in `names` (ended by NULL), or `otherwise` when the member is missing.
static unsigned read_choice(struct reading *reading, const struct json *object, const char *prefix,
                            const char *name, const char *const *names, unsigned otherwise)
{
    struct bytes text = bytes_text(names[otherwise]);
    read_text(reading, object, prefix, name, &text);
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (bytes_equal_text(text, names[i])) {
            return i;
        }
    }
    reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, name);
    return otherwise;
}

static void read_bands(struct reading *reading, const struct json *bands,
                       struct increment_table *out_table)
{
    if (!json_is_array(bands)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, "rules.increments.", "bands");
        return;
    }
    for (const struct json *band = json_first(bands); band != NULL; band = json_next(band)) {
        if (out_table->count == INCREMENT_BANDS_MAX) {
            reading_refuse(reading, ERROR_TOO_MANY, "rules.increments.", "bands");
            return;
        }
        struct increment_band *read = &out_table->as.bands[out_table->count];
        const struct json *from = json_first(band);
        if (!json_is_array(band) || json_count(band) != 2 ||
            !json_to_int64(from, &read->from_minor) ||
            !json_to_int64(json_next(from), &read->step_minor)) {
            char name[32];
            snprintf(name, sizeof name, "bands[%zu]", out_table->count);
            reading_refuse(reading, ERROR_BAD_DEFINITION, "rules.increments.", name);
            return;
        }
        out_table->count++;
    }
}

static void read_increments(struct reading *reading, const struct json *rules,
                            struct increment_table *io_table)
{
    static const char prefix[] = "rules.increments.";
    static const char *const kinds[] = {"flat", "bands", NULL};
    const struct json *value = read_object(reading, rules, "rules.", "increments");
    if (value == NULL) {
        return;
    }
    struct bytes preset = {0};
    read_text(reading, value, prefix, "preset", &preset);
    if (given(value, "preset") != NULL) {
        if (!increment_table_preset(preset, io_table)) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "preset");
        }
        return;
    }
    struct increment_table table = {0};
    unsigned kind = read_choice(reading, value, prefix, "kind", kinds, 0);
    read_bool(reading, value, prefix, "align", &table.align);
    if (kind == 0) {
        table.count = 1;
        read_int(reading, value, prefix, "step", &table.as.bands[0].step_minor);
        if (!increment_table_is_valid(&table)) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "step");
        }
    } else {
        read_bands(reading, json_member(value, "bands"), &table);
        if (!increment_table_is_valid(&table)) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "bands");
        }
    }
    *io_table = table;
}

static void read_soft_close(struct reading *reading, const struct json *rules,
                            struct soft_close *io_soft_close)
{
    static const char prefix[] = "rules.soft_close.";
    static const char *const types[] = {"reset", "add", NULL};
    if (json_is_null(json_member(rules, "soft_close"))) {
        io_soft_close->window_ms = 0; // null turns it off, a missing member leaves the default
        return;
    }
    const struct json *value = read_object(reading, rules, "rules.", "soft_close");
    read_int(reading, value, prefix, "window_ms", &io_soft_close->window_ms);
    read_int(reading, value, prefix, "amount_ms", &io_soft_close->amount_ms);
    io_soft_close->type =
        (enum soft_close_type)read_choice(reading, value, prefix, "type", types, SOFT_CLOSE_RESET);
    read_int(reading, value, prefix, "max_extensions", &io_soft_close->max_extensions);
}

static void read_rules(struct reading *reading, const struct json *sale, struct sale_rules *rules)
{
    static const char prefix[] = "rules.";
    const struct json *value = read_object(reading, sale, "", "rules");
    read_int(reading, value, prefix, "lot_duration_ms", &rules->lot.duration_ms);
    read_int(reading, value, prefix, "gap_ms", &rules->gap_ms);
    read_soft_close(reading, value, &rules->lot.soft_close);
    read_int(reading, value, prefix, "unsold_rounds", &rules->unsold_rounds);
    read_bool(reading, value, prefix, "strict", &rules->lot.strict);
    read_int(reading, value, prefix, "sanity_factor", &rules->lot.sanity_factor);
    read_increments(reading, value, &rules->lot.increments);
    read_int(reading, value, prefix, "outage_threshold_ms", &rules->outage_threshold_ms);
    read_int(reading, value, prefix, "outage_extension_ms", &rules->outage_extension_ms);
}

static void read_roster(struct reading *reading, const struct json *sale,
                        struct roster_rules *roster)
{
    const struct json *value = read_object(reading, sale, "", "roster");
    if (value == NULL) {
        return;
    }
    roster->enabled = true;
    read_int(reading, value, "roster.", "budget", &roster->budget_minor);
    read_int(reading, value, "roster.", "slots", &roster->slots);
    read_int(reading, value, "roster.", "minimum", &roster->minimum_minor);
}

static void read_currency(struct reading *reading, const struct json *sale,
                          struct sale_definition *definition)
{
    const struct json *currency = read_object(reading, sale, "", "currency");
    struct bytes code = {0};
    read_text(reading, currency, "currency.", "code", &code);
    if (code.size == 0 || code.size > CURRENCY_CODE_SIZE_MAX) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, "",
                       currency == NULL ? "currency" : "currency.code");
        return;
    }
    memcpy(definition->currency_code, code.data, code.size);
    read_int(reading, currency, "currency.", "minor_digits", &definition->currency_minor_digits);
}

static void read_definition(struct reading *reading, const struct json *sale,
                            struct sale_definition *definition)
{
    static const char *const visibilities[] = {"names", "paddles", "hidden", NULL};
    struct bytes id = {0};
    read_text(reading, sale, "", "id", &id);
    if (!sale_id_read(id, &definition->id)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, "", "id");
    }
    read_text(reading, sale, "", "title", &definition->title);
    read_currency(reading, sale, definition);
    read_bool(reading, sale, "", "public", &definition->is_public);
    definition->visibility = (enum sale_visibility)read_choice(
        reading, sale, "", "visibility", visibilities, (unsigned)definition->visibility);
    read_rules(reading, sale, &definition->rules);
    read_roster(reading, sale, &definition->roster);
    const char *member = "";
    enum error_code refusal = sale_definition_check(definition, &member);
    if (refusal != ERROR_NONE) {
        reading_refuse(reading, refusal, "", member);
    }
}

static void read_lot(struct reading *reading, const struct json *value, size_t position,
                     struct lot_definition *lot)
{
    char prefix[40];
    snprintf(prefix, sizeof prefix, "lots[%zu].", position);
    struct bytes id = {0};
    read_text(reading, value, prefix, "id", &id);
    if (id.size > 0 && !lot_id_read(id, &lot->id)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "id");
    }
    read_int(reading, value, prefix, "no", &lot->no);
    if (given(value, "no") != NULL && lot->no < 1) { // 0 means that none was given
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "no");
    }
    read_text(reading, value, prefix, "title", &lot->title);
    read_text(reading, value, prefix, "description", &lot->description);
    read_text(reading, value, prefix, "image", &lot->image);
    read_text(reading, value, prefix, "category", &lot->category);
    read_int(reading, value, prefix, "opening", &lot->opening_minor);
    read_int(reading, value, prefix, "reserve", &lot->reserve_minor);
    read_int(reading, value, prefix, "duration_ms", &lot->duration_ms);
    const char *member = "";
    enum error_code refusal = lot_definition_check(lot, &member);
    if (refusal != ERROR_NONE) {
        reading_refuse(reading, refusal, prefix, member);
    }
}

enum error_code definition_read_lots(const struct json *array, struct lot_definition **out_lots,
                                     size_t *out_lots_count,
                                     char out_detail[DEFINITION_DETAIL_SIZE])
{
    struct reading reading = {.detail = out_detail};
    size_t count = json_count(array);
    if (!json_is_array(array) || count > ADD_LOTS_MAX) {
        reading_refuse(&reading, json_is_array(array) ? ERROR_TOO_MANY : ERROR_BAD_DEFINITION, "",
                       "lots");
        return reading.refusal;
    }
    struct lot_definition *lots = calloc(count > 0 ? count : 1, sizeof *lots);
    if (lots == NULL) {
        reading_refuse(&reading, ERROR_INTERNAL, "", "lots");
        return reading.refusal;
    }
    size_t position = 0;
    for (const struct json *lot = json_first(array); lot != NULL; lot = json_next(lot)) {
        if (!json_is_object(lot)) {
            char name[40];
            snprintf(name, sizeof name, "lots[%zu]", position);
            reading_refuse(&reading, ERROR_BAD_DEFINITION, "", name);
        } else {
            read_lot(&reading, lot, position, &lots[position]);
        }
        position++;
    }
    if (reading.refusal != ERROR_NONE) {
        free(lots);
        return reading.refusal;
    }
    *out_lots = lots;
    *out_lots_count = count;
    return ERROR_NONE;
}

enum error_code definition_read(const struct json *sale, struct sale_definition *out_definition,
                                struct lot_definition **out_lots, size_t *out_lots_count,
                                char out_detail[DEFINITION_DETAIL_SIZE])
{
    struct reading reading = {.detail = out_detail};
    if (!json_is_object(sale)) {
        reading_refuse(&reading, ERROR_BAD_DEFINITION, "", "sale");
        return reading.refusal;
    }
    struct sale_definition definition = sale_definition_default();
    read_definition(&reading, sale, &definition);
    if (reading.refusal != ERROR_NONE) {
        return reading.refusal;
    }
    struct lot_definition *lots = NULL;
    size_t lots_count = 0;
    if (given(sale, "lots") != NULL) {
        enum error_code refusal =
            definition_read_lots(json_member(sale, "lots"), &lots, &lots_count, out_detail);
        if (refusal != ERROR_NONE) {
            return refusal;
        }
    }
    *out_definition = definition;
    *out_lots = lots;
    *out_lots_count = lots_count;
    return ERROR_NONE;
}
