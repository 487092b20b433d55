#include <stdlib.h>

#include "auction-svc/record/choice.h"
#include "auction-svc/record/fact.h"
#include "auction-svc/record/fact_text.h"
#include "lib/json/json_read.h"

struct fact {
    struct json *document; // the event's texts are borrowed from it
    struct sale_definition definition;
    void *items; // lots, participants, awards or indexes of the event
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
        return choice_read(text, form->names, place);
    case MEMBER_INT:
    case MEMBER_BOOL:
    case MEMBER_INCREMENTS:
    case MEMBER_DEFINITION:
    case MEMBER_LOTS:
    case MEMBER_PARTICIPANTS:
    case MEMBER_AWARDS:
    case MEMBER_INDEXES:
    case MEMBER_RULES:
    case MEMBER_PREMIUM:
    case MEMBER_CAPS:
        break;
    }
    return false;
}

static bool bands_read(const struct json *bands, struct increment_table *table)
{
    for (const struct json *band = json_first(bands); band != NULL; band = json_next(band)) {
        struct increment_band read;
        const struct json *from = json_first(band);
        const struct json *step = json_next(from);
        if (table->count == INCREMENT_BANDS_MAX || !json_is_array(band) ||
            !json_to_int64(from, &read.from_minor) || !json_to_int64(step, &read.step_minor)) {
            return false;
        }
        table->as.bands[table->count++] = read;
    }
    return true;
}

static bool rungs_read(const struct json *rungs, struct increment_table *table)
{
    table->kind = INCREMENT_CYCLE;
    for (const struct json *rung = json_first(rungs); rung != NULL; rung = json_next(rung)) {
        if (table->count == INCREMENT_RUNGS_MAX ||
            !json_to_int64(rung, &table->as.rungs[table->count++])) {
            return false;
        }
    }
    return true;
}

static bool increments_read(const struct json *value, struct increment_table *table)
{
    *table = (struct increment_table){0};
    const struct json *bands = json_member(value, "bands");
    const struct json *rungs = json_member(value, "rungs");
    if (!json_to_bool(json_member(value, "align"), &table->align)) {
        return false;
    }
    bool legal;
    if (json_is_array(bands)) {
        legal = bands_read(bands, table);
    } else if (json_is_array(rungs)) {
        legal = rungs_read(rungs, table);
    } else {
        table->kind = INCREMENT_PERCENT;
        legal =
            json_to_int64(json_member(value, "basis_points"), &table->as.percent.basis_points) &&
            json_to_int64(json_member(value, "round_minor"), &table->as.percent.round_minor) &&
            json_to_int64(json_member(value, "step_min_minor"), &table->as.percent.step_min_minor);
    }
    return legal && increment_table_is_valid(table);
}

static bool premium_read(const struct json *array, struct premium_bands *premium)
{
    *premium = (struct premium_bands){0};
    for (const struct json *band = json_first(array); band != NULL; band = json_next(band)) {
        const struct json *from = json_first(band);
        struct premium_band read;
        if (premium->count == PREMIUM_BANDS_MAX || !json_is_array(band) ||
            !json_to_int64(from, &read.from_minor) ||
            !json_to_int64(json_next(from), &read.basis_points)) {
            return false;
        }
        premium->bands[premium->count++] = read;
    }
    return json_is_array(array);
}

static bool caps_read(const struct json *array, struct sale_definition *definition)
{
    definition->category_caps_count = 0;
    for (const struct json *cap = json_first(array); cap != NULL; cap = json_next(cap)) {
        struct bytes category;
        const struct json *name = json_first(cap);
        if (definition->category_caps_count == CATEGORY_CAPS_MAX || !json_is_array(cap) ||
            !json_to_text(name, &category)) {
            return false;
        }
        struct category_cap *read = &definition->category_caps[definition->category_caps_count++];
        if (!chars_read(category, read->category, sizeof read->category) ||
            !json_to_int64(json_next(name), &read->most)) {
            return false;
        }
    }
    return json_is_array(array);
}

static enum lc_status members_read(struct fact *fact, const struct member_form *form,
                                   const struct json *object, void *base);

// The items of an array, which the fact owns.
static enum lc_status list_read(struct fact *fact, const struct json *array, size_t item_size,
                                const struct member_form *form, size_t *out_count)
{
    size_t count = json_count(array);
    if (!json_is_array(array) || count > SALE_LOTS_MAX || fact->items != NULL) {
        return LC_ERR_CORRUPT;
    }
    uint8_t *items = calloc(count > 0 ? count : 1, item_size);
    if (items == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    fact->items = items;
    for (const struct json *item = json_first(array); item != NULL; item = json_next(item)) {
        enum lc_status status = LC_OK;
        if (form != NULL) {
            status = members_read(fact, form, item, items);
        } else if (!json_to_int64(item, (int64_t *)(void *)items)) {
            status = LC_ERR_CORRUPT;
        }
        if (status != LC_OK) {
            return status;
        }
        items += item_size;
    }
    *out_count = count;
    return LC_OK;
}

// What hangs on an event or a definition as a whole.
static enum lc_status part_read(struct fact *fact, const struct member_form *form,
                                const struct json *value, void *place, void *base)
{
    struct sale_event *event = &fact->event;
    struct lot_definition *lot = base;
    enum lc_status status = LC_OK;
    switch (form->type) {
    case MEMBER_INCREMENTS:
        return increments_read(value, place) ? LC_OK : LC_ERR_CORRUPT;
    case MEMBER_PREMIUM:
        return premium_read(value, place) ? LC_OK : LC_ERR_CORRUPT;
    case MEMBER_CAPS:
        return caps_read(value, base) ? LC_OK : LC_ERR_CORRUPT;
    case MEMBER_RULES:
        lot->has_rules = true;
        return members_read(fact, lot_rules_members, value, &lot->rules);
    case MEMBER_DEFINITION:
        event->as.sale_created.definition = &fact->definition;
        return members_read(fact, definition_members, value, &fact->definition);
    case MEMBER_LOTS:
        status = list_read(fact, value, sizeof(struct lot_definition), lot_members,
                           &event->as.lots_added.count);
        event->as.lots_added.lots = fact->items;
        return status;
    case MEMBER_PARTICIPANTS:
        status = list_read(fact, value, sizeof(struct participant_definition), participant_members,
                           &event->as.participants_added.count);
        event->as.participants_added.participants = fact->items;
        return status;
    case MEMBER_AWARDS:
        status = list_read(fact, value, sizeof(struct award), award_members,
                           &event->as.lot_awarded.count);
        event->as.lot_awarded.awards = fact->items;
        return status;
    case MEMBER_INDEXES:
        status = list_read(fact, value, sizeof(int64_t), NULL, &event->as.names_submitted.count);
        event->as.names_submitted.lots = fact->items;
        return status;
    case MEMBER_INT:
    case MEMBER_BOOL:
    case MEMBER_TEXT:
    case MEMBER_ID:
    case MEMBER_CHARS:
    case MEMBER_HASH:
    case MEMBER_ENUM:
        break;
    }
    return LC_ERR_CORRUPT;
}

static enum lc_status member_read(struct fact *fact, const struct member_form *form,
                                  const struct json *value, void *place, void *base)
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
    case MEMBER_DEFINITION:
    case MEMBER_LOTS:
    case MEMBER_PARTICIPANTS:
    case MEMBER_AWARDS:
    case MEMBER_INDEXES:
    case MEMBER_RULES:
    case MEMBER_PREMIUM:
    case MEMBER_CAPS:
        return part_read(fact, form, value, place, base);
    }
    return legal ? LC_OK : LC_ERR_CORRUPT;
}

// Every member is needed but those that a later version added: zero stands for them.
static enum lc_status members_read(struct fact *fact, const struct member_form *form,
                                   const struct json *object, void *base)
{
    for (; form->name != NULL; form++) {
        const struct json *value = json_member(object, form->name);
        if (value == NULL && form->is_added) {
            continue;
        }
        enum lc_status status =
            member_read(fact, form, value, (uint8_t *)base + form->offset, base);
        if (status != LC_OK) {
            return status;
        }
    }
    return LC_OK;
}

// A bid of the first version was always plain: it is the price, and its bidder leads.
static void bid_complete(struct sale_event *event)
{
    if (event->as.bid_accepted.price_minor == 0) {
        event->as.bid_accepted.price_minor = event->as.bid_accepted.amount_minor;
        event->as.bid_accepted.leader = event->as.bid_accepted.by;
        event->as.bid_accepted.held_minor = event->as.bid_accepted.amount_minor;
        event->as.bid_accepted.quantity = 1;
    }
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
    if (fact->event.kind == EVENT_BID_ACCEPTED) {
        bid_complete(&fact->event);
    } else if (fact->event.kind == EVENT_LOT_SOLD && fact->event.as.lot_sold.quantity == 0) {
        fact->event.as.lot_sold.quantity = 1;
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
    free(fact->items);
    free(fact);
}
