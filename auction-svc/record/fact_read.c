#include <stdlib.h>

#include "auction-svc/record/fact.h"
#include "auction-svc/record/fact_text.h"
#include "lib/json/json_read.h"

struct fact {
    struct json *document; // the event's texts are borrowed from it
    struct lot_definition *lots;
    struct sale_event event;
};

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

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hash_read(struct bytes text, uint8_t *place)
{
    if (text.size != (size_t)2 * INVITE_HASH_SIZE) {
        return false;
    }
    for (size_t i = 0; i < INVITE_HASH_SIZE; i++) {
        int high = hex_digit(text.data[2 * i]);
        int low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        place[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static bool enum_read(struct bytes text, const char *const *names, void *place)
{
    for (unsigned value = 0; names[value] != NULL; value++) {
        if (bytes_equal_text(text, names[value])) {
            memcpy(place, &value, sizeof value);
            return true;
        }
    }
    return false;
}

static bool text_member_read(const struct member_form *form, const struct json *value, void *place)
{
    struct bytes text;
    if (!json_to_text(value, &text)) {
        return false;
    }
    switch (form->type) {
    case MEMBER_TEXT:
        *(struct bytes *)place = text;
        return true;
    case MEMBER_ID:
        return id_read(text, place);
    case MEMBER_CHARS:
        return chars_read(text, place, form->size);
    case MEMBER_HASH:
        return hash_read(text, place);
    case MEMBER_ENUM:
        return enum_read(text, form->names, place);
    case MEMBER_INT:
    case MEMBER_BOOL:
    case MEMBER_INCREMENTS:
    case MEMBER_DEFINITION:
    case MEMBER_LOTS:
        break;
    }
    return false;
}

static bool increments_read(const struct json *value, struct increment_table *table)
{
    *table = (struct increment_table){0};
    const struct json *bands = json_member(value, "bands");
    if (!json_to_bool(json_member(value, "align"), &table->align) || !json_is_array(bands)) {
        return false;
    }
    for (const struct json *band = json_first(bands); band != NULL; band = json_next(band)) {
        struct increment_band read;
        const struct json *from = json_first(band);
        const struct json *step = json_next(from);
        if (table->count == INCREMENT_BANDS_MAX || !json_is_array(band) ||
            !json_to_int64(from, &read.from_minor) || !json_to_int64(step, &read.step_minor)) {
            return false;
        }
        table->bands[table->count++] = read;
    }
    return increment_table_is_valid(table);
}

static enum lc_status members_read(struct fact *fact, const struct member_form *form,
                                   const struct json *object, void *base);

static enum lc_status lots_read(struct fact *fact, const struct json *array)
{
    size_t count = json_count(array);
    if (!json_is_array(array) || count > SALE_LOTS_MAX) {
        return LC_ERR_CORRUPT;
    }
    fact->lots = calloc(count > 0 ? count : 1, sizeof *fact->lots);
    if (fact->lots == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    size_t filled = 0;
    for (const struct json *lot = json_first(array); lot != NULL; lot = json_next(lot)) {
        enum lc_status status = members_read(fact, lot_members, lot, &fact->lots[filled++]);
        if (status != LC_OK) {
            return status;
        }
    }
    fact->event.as.lots_added.lots = fact->lots;
    fact->event.as.lots_added.count = count;
    return LC_OK;
}

static enum lc_status member_read(struct fact *fact, const struct member_form *form,
                                  const struct json *value, void *place)
{
    bool legal = false;
    switch (form->type) {
    case MEMBER_INT:
        legal = json_to_int64(value, place);
        break;
    case MEMBER_BOOL:
        legal = json_to_bool(value, place);
        break;
    case MEMBER_TEXT:
    case MEMBER_ID:
    case MEMBER_CHARS:
    case MEMBER_HASH:
    case MEMBER_ENUM:
        legal = text_member_read(form, value, place);
        break;
    case MEMBER_INCREMENTS:
        legal = increments_read(value, place);
        break;
    case MEMBER_DEFINITION:
        return members_read(fact, definition_members, value, place);
    case MEMBER_LOTS:
        return lots_read(fact, value);
    }
    return legal ? LC_OK : LC_ERR_CORRUPT;
}

// Every member is needed. One that a later version adds gets its neutral value in its form.
static enum lc_status members_read(struct fact *fact, const struct member_form *form,
                                   const struct json *object, void *base)
{
    for (; form->name != NULL; form++) {
        const struct json *value = json_member(object, form->name);
        enum lc_status status = member_read(fact, form, value, (uint8_t *)base + form->offset);
        if (status != LC_OK) {
            return status;
        }
    }
    return LC_OK;
}

static bool kind_read(const struct json *value, enum sale_event_kind *out_kind)
{
    struct bytes name;
    if (!json_to_text(value, &name)) {
        return false;
    }
    for (unsigned kind = 0; kind < SALE_EVENT_KIND_COUNT; kind++) {
        if (bytes_equal_text(name, sale_event_ledger_name((enum sale_event_kind)kind))) {
            *out_kind = (enum sale_event_kind)kind;
            return true;
        }
    }
    return false;
}

enum lc_status fact_read(struct bytes text, struct fact **out_fact)
{
    struct fact *fact = calloc(1, sizeof *fact);
    if (fact == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    enum lc_status status = json_parse(text, &fact->document);
    if (status != LC_OK) {
        status = status == LC_ERR_NO_MEMORY ? status : LC_ERR_CORRUPT;
        goto cleanup;
    }
    if (!kind_read(json_member(fact->document, "kind"), &fact->event.kind) ||
        !json_to_int64(json_member(fact->document, "at"), &fact->event.at_ms)) {
        status = LC_ERR_CORRUPT;
        goto cleanup;
    }
    status = members_read(fact, fact_members(fact->event.kind), fact->document, &fact->event);
    if (status != LC_OK) {
        goto cleanup;
    }
    *out_fact = fact;
    return LC_OK;
cleanup:
    fact_destroy(fact);
    return status;
}

const struct sale_event *fact_event(const struct fact *fact)
{
    return &fact->event;
}

void fact_destroy(struct fact *fact)
{
    if (fact == NULL) {
        return;
    }
    json_destroy(fact->document);
    free(fact->lots);
    free(fact);
}
