#include "auction-svc/record/definition_read.h"

#include <stdlib.h>

#include "auction-svc/record/choice.h"
#include "auction-svc/record/definition_form.h"
#include "auction-svc/record/definition_part.h"

static void read_members(struct reading *reading, const struct json *object, const char *prefix,
                         const struct definition_form *forms, void *base);

static bool id_read(struct bytes text, char *place)
{
    struct lot_id id = {0}; // all ids are spelled alike
    if (text.size > 0 && !lot_id_read(text, &id)) {
        return false;
    }
    memcpy(place, id.text, sizeof id.text);
    return true;
}

static bool chars_read(struct bytes text, char *place, size_t size)
{
    if (text.size >= size) {
        return false;
    }
    memset(place, 0, size);
    memcpy(place, text.data, text.size);
    return true;
}

static bool text_read(const struct json *value, const struct definition_form *form, void *place)
{
    struct bytes text;
    if (!json_to_text(value, &text)) {
        return false;
    }
    if (form->kind == FORM_ID) {
        return id_read(text, place);
    }
    if (form->kind == FORM_CHARS) {
        return chars_read(text, place, form->size);
    }
    if (form->kind == FORM_CHOICE) {
        return choice_read(text, form->words, place);
    }
    *(struct bytes *)place = text;
    return true;
}

static bool not_read(const struct json *value, bool *place)
{
    bool opposite;
    if (!json_to_bool(value, &opposite)) {
        return false;
    }
    *place = !opposite;
    return true;
}

static bool count_read(const struct json *value, int64_t *place)
{
    return json_to_int64(value, place) && *place >= 1;
}

// Members in their own object below `prefix`.
static void read_object(struct reading *reading, const struct json *value, const char *prefix,
                        const struct definition_form *form, void *base)
{
    char inner[DEFINITION_DETAIL_SIZE];
    if (!json_is_object(value)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, form->name);
        return;
    }
    reading_path(inner, prefix, form->name, ".");
    read_members(reading, value, inner, form->members, base);
}

// Only where bids are seen one after the other a late one can move the end: for other formats the
// default is off, and a soft close must not be asked for.
static void settle_soft_close(struct reading *reading, const struct json *value, const char *prefix,
                              struct lot_rules *rules)
{
    if (rules->format == FORMAT_ENGLISH) {
        return;
    }
    if (reading_given(value, "soft_close") != NULL && rules->soft_close.window_ms != 0) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, "soft_close");
    }
    rules->soft_close.window_ms = 0;
}

static void read_lot_rules(struct reading *reading, const struct json *value, const char *prefix,
                           const struct definition_form *form, struct lot_definition *lot)
{
    char inner[DEFINITION_DETAIL_SIZE];
    lot->has_rules = true;
    read_object(reading, value, prefix, form, &lot->rules);
    reading_path(inner, prefix, form->name, ".");
    settle_soft_close(reading, value, inner, &lot->rules);
}

// What is more than one value; false: it is one.
static bool read_part(struct reading *reading, const struct json *value, const char *prefix,
                      const struct definition_form *form, void *base)
{
    void *place = (uint8_t *)base + form->offset;
    switch (form->kind) {
    case FORM_OBJECT:
    case FORM_SOFT_CLOSE:
        read_object(reading, value, prefix, form, place);
        return true;
    case FORM_SWITCHED:
        *(bool *)(void *)((uint8_t *)place + form->size) = true;
        read_object(reading, value, prefix, form, place);
        return true;
    case FORM_INCREMENTS:
        reading_increments(reading, value, prefix, form->name, place);
        return true;
    case FORM_WARNINGS:
        reading_warnings(reading, value, prefix, form->name, place);
        return true;
    case FORM_PREMIUM:
        reading_premium(reading, value, prefix, form->name, place);
        return true;
    case FORM_CAPS:
        reading_caps(reading, value, prefix, form->name, base);
        return true;
    case FORM_LOT_RULES:
        read_lot_rules(reading, value, prefix, form, base);
        return true;
    case FORM_LIST:
    case FORM_INCLUDED:
        return true;
    case FORM_INT:
    case FORM_COUNT:
    case FORM_BOOL:
    case FORM_NOT:
    case FORM_TEXT:
    case FORM_ID:
    case FORM_CHARS:
    case FORM_CHOICE:
    case FORM_SCHEMA:
        break;
    }
    return false;
}

static bool value_read(const struct json *value, const struct definition_form *form, void *place)
{
    switch (form->kind) {
    case FORM_INT:
        return json_to_int64(value, place);
    case FORM_COUNT:
        return count_read(value, place);
    case FORM_BOOL:
        return json_to_bool(value, place);
    case FORM_NOT:
        return not_read(value, place);
    case FORM_TEXT:
    case FORM_ID:
    case FORM_CHARS:
    case FORM_CHOICE:
        return text_read(value, form, place);
    case FORM_SCHEMA:
        return json_is_text(value);
    case FORM_OBJECT:
    case FORM_SOFT_CLOSE:
    case FORM_SWITCHED:
    case FORM_INCLUDED:
    case FORM_INCREMENTS:
    case FORM_WARNINGS:
    case FORM_PREMIUM:
    case FORM_CAPS:
    case FORM_LOT_RULES:
    case FORM_LIST:
        break;
    }
    return false;
}

static void read_member(struct reading *reading, const struct json *object, const char *prefix,
                        const struct definition_form *form, void *base)
{
    const struct json *value = reading_given(object, form->name);
    void *place = (uint8_t *)base + form->offset;
    if (value != NULL) {
        if (!read_part(reading, value, prefix, form, base) && !value_read(value, form, place)) {
            reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, form->name);
        }
    } else if (form->is_required) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, prefix, form->name);
    } else if (form->kind == FORM_SOFT_CLOSE && json_member(object, form->name) != NULL) {
        ((struct soft_close *)place)->window_ms = 0; // null: off; a missing one is the default
    }
}

static void read_listed(struct reading *reading, const struct json *object, const char *prefix,
                        const struct definition_form *forms, void *base)
{
    for (const struct definition_form *form = forms; form->name != NULL; form++) {
        if (form->kind == FORM_INCLUDED) {
            read_listed(reading, object, prefix, form->members, (uint8_t *)base + form->offset);
        } else {
            read_member(reading, object, prefix, form, base);
        }
    }
}

static void read_members(struct reading *reading, const struct json *object, const char *prefix,
                         const struct definition_form *forms, void *base)
{
    for (const struct json *member = json_first(object); member != NULL;
         member = json_next(member)) {
        if (definition_form_find(forms, json_name(member)) == NULL) {
            reading_refuse_unknown(reading, prefix, json_name(member));
        }
    }
    read_listed(reading, object, prefix, forms, base);
}

// ---- lists ----

// Room for the items of a list, which is an array of at most `most`; NULL: refused.
static void *list_begin(struct reading *reading, const struct json *array, const char *name,
                        size_t most, size_t item_size)
{
    size_t count = json_count(array);
    if (!json_is_array(array) || count > most) {
        reading_refuse(reading, json_is_array(array) ? ERROR_TOO_MANY : ERROR_BAD_DEFINITION, "",
                       name);
        return NULL;
    }
    void *items = calloc(count > 0 ? count : 1, item_size);
    if (items == NULL) {
        reading_refuse(reading, ERROR_INTERNAL, "", name);
    }
    return items;
}

// The path of an item, with its dot; false, and refused, when the item is no object.
static bool item_begin(struct reading *reading, const struct json *item, const char *name,
                       size_t position, char out_prefix[DEFINITION_DETAIL_SIZE])
{
    reading_item_path(out_prefix, "", name, position, "");
    if (!json_is_object(item)) {
        reading_refuse(reading, ERROR_BAD_DEFINITION, "", out_prefix);
        return false;
    }
    reading_item_path(out_prefix, "", name, position, ".");
    return true;
}

enum error_code definition_read_lots(const struct json *array, const struct lot_rules *sale_rules,
                                     struct lot_definition **out_lots, size_t *out_lots_count,
                                     char out_detail[DEFINITION_DETAIL_SIZE])
{
    struct reading reading = {.detail = out_detail};
    struct lot_definition *lots = list_begin(&reading, array, "lots", SALE_LOTS_MAX, sizeof *lots);
    if (lots == NULL) {
        return reading.refusal;
    }
    size_t count = 0;
    for (const struct json *item = json_first(array); item != NULL; item = json_next(item)) {
        char prefix[DEFINITION_DETAIL_SIZE];
        const char *member = NULL;
        struct lot_definition *lot = &lots[count];
        if (item_begin(&reading, item, "lots", count++, prefix)) {
            lot->rules = *sale_rules;
            read_members(&reading, item, prefix, definition_lot_forms, lot);
            if (lot_definition_check(lot, &member) != ERROR_NONE) {
                reading_refuse(&reading, ERROR_BAD_DEFINITION, prefix, member);
            }
        }
    }
    if (reading.refusal != ERROR_NONE) {
        free(lots);
        return reading.refusal;
    }
    *out_lots = lots;
    *out_lots_count = count;
    return ERROR_NONE;
}

enum error_code definition_read_participants(const struct json *array,
                                             struct participant_definition **out_participants,
                                             size_t *out_participants_count,
                                             char out_detail[DEFINITION_DETAIL_SIZE])
{
    struct reading reading = {.detail = out_detail};
    struct participant_definition *participants =
        list_begin(&reading, array, "participants", SALE_PARTICIPANTS_MAX, sizeof *participants);
    if (participants == NULL) {
        return reading.refusal;
    }
    size_t count = 0;
    for (const struct json *item = json_first(array); item != NULL; item = json_next(item)) {
        char prefix[DEFINITION_DETAIL_SIZE];
        const char *member = NULL;
        struct participant_definition *participant = &participants[count];
        if (item_begin(&reading, item, "participants", count++, prefix)) {
            read_members(&reading, item, prefix, definition_participant_forms, participant);
            if (participant_definition_check(participant, &member) != ERROR_NONE) {
                reading_refuse(&reading, ERROR_BAD_DEFINITION, prefix, member);
            }
        }
    }
    if (reading.refusal != ERROR_NONE) {
        free(participants);
        return reading.refusal;
    }
    *out_participants = participants;
    *out_participants_count = count;
    return ERROR_NONE;
}

// ---- the whole ----

static enum error_code read_sale(const struct json *sale, struct sale_definition *out_definition,
                                 char *detail)
{
    struct reading reading = {.detail = detail};
    struct sale_definition definition = sale_definition_default();
    const char *member = NULL;
    if (!json_is_object(sale)) {
        reading_refuse(&reading, ERROR_BAD_DEFINITION, "", "sale");
        return reading.refusal;
    }
    read_members(&reading, sale, "", definition_sale_forms, &definition);
    settle_soft_close(&reading, reading_given(sale, "rules"), "rules.", &definition.rules.lot);
    if (sale_definition_check(&definition, &member) != ERROR_NONE) {
        reading_refuse(&reading, ERROR_BAD_DEFINITION, "", member);
    }
    *out_definition = definition;
    return reading.refusal;
}

enum error_code definition_read(const struct json *sale, struct definition_document *out_document,
                                char out_detail[DEFINITION_DETAIL_SIZE])
{
    struct definition_document document = {0};
    const struct json *lots = reading_given(sale, "lots");
    const struct json *participants = reading_given(sale, "participants");
    enum error_code refusal = read_sale(sale, &document.definition, out_detail);
    if (refusal == ERROR_NONE && lots != NULL) {
        refusal = definition_read_lots(lots, &document.definition.rules.lot, &document.lots,
                                       &document.lots_count, out_detail);
    }
    if (refusal == ERROR_NONE && participants != NULL) {
        refusal = definition_read_participants(participants, &document.participants,
                                               &document.participants_count, out_detail);
    }
    if (refusal != ERROR_NONE) {
        definition_release(&document);
        return refusal;
    }
    *out_document = document;
    return ERROR_NONE;
}

void definition_release(struct definition_document *document)
{
    free(document->lots);
    free(document->participants);
    *document = (struct definition_document){0};
}
