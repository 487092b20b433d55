#include "auction-svc/record/choice.h"
#include "auction-svc/record/fact.h"
#include "auction-svc/record/fact_text.h"
#include "lib/json/json_write.h"

static void hash_write(struct json_writer *writer, const char *name, const uint8_t *hash)
{
    char hex[2 * INVITE_HASH_SIZE + 1];
    for (size_t i = 0; i < INVITE_HASH_SIZE; i++) {
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
    json_write_cstr(writer, name, hex);
}

static void increments_write(struct json_writer *writer, const char *name,
                             const struct increment_table *table)
{
    json_object_begin(writer, name);
    json_write_bool(writer, "align", table->align);
    switch (table->kind) {
    case INCREMENT_BANDS:
        json_array_begin(writer, "bands");
        for (size_t i = 0; i < table->count; i++) {
            json_array_begin(writer, NULL);
            json_write_int(writer, NULL, table->as.bands[i].from_minor);
            json_write_int(writer, NULL, table->as.bands[i].step_minor);
            json_array_end(writer);
        }
        json_array_end(writer);
        break;
    case INCREMENT_CYCLE:
        json_array_begin(writer, "rungs");
        for (size_t i = 0; i < table->count; i++) {
            json_write_int(writer, NULL, table->as.rungs[i]);
        }
        json_array_end(writer);
        break;
    case INCREMENT_PERCENT:
        json_write_int(writer, "basis_points", table->as.percent.basis_points);
        json_write_int(writer, "round_minor", table->as.percent.round_minor);
        json_write_int(writer, "step_min_minor", table->as.percent.step_min_minor);
        break;
    }
    json_object_end(writer);
}

static void members_write(struct json_writer *writer, const struct member_form *form,
                          const void *base);

static void nested_write(struct json_writer *writer, const char *name,
                         const struct member_form *form, const void *base)
{
    json_object_begin(writer, name);
    members_write(writer, form, base);
    json_object_end(writer);
}

static void list_write(struct json_writer *writer, const char *name, const struct member_form *form,
                       const void *items, size_t item_size, size_t count)
{
    json_array_begin(writer, name);
    for (size_t i = 0; i < count; i++) {
        nested_write(writer, NULL, form, (const uint8_t *)items + i * item_size);
    }
    json_array_end(writer);
}

static void indexes_write(struct json_writer *writer, const char *name,
                          const struct sale_event *event)
{
    json_array_begin(writer, name);
    for (size_t i = 0; i < event->as.names_submitted.count; i++) {
        json_write_int(writer, NULL, event->as.names_submitted.lots[i]);
    }
    json_array_end(writer);
}

static void premium_write(struct json_writer *writer, const char *name,
                          const struct premium_bands *premium)
{
    json_array_begin(writer, name);
    for (size_t i = 0; i < premium->count; i++) {
        json_array_begin(writer, NULL);
        json_write_int(writer, NULL, premium->bands[i].from_minor);
        json_write_int(writer, NULL, premium->bands[i].basis_points);
        json_array_end(writer);
    }
    json_array_end(writer);
}

static void caps_write(struct json_writer *writer, const char *name,
                       const struct sale_definition *definition)
{
    json_array_begin(writer, name);
    for (size_t i = 0; i < definition->category_caps_count; i++) {
        json_array_begin(writer, NULL);
        json_write_cstr(writer, NULL, definition->category_caps[i].category);
        json_write_int(writer, NULL, definition->category_caps[i].most);
        json_array_end(writer);
    }
    json_array_end(writer);
}

// What hangs on an event or a definition as a whole.
static void part_write(struct json_writer *writer, const struct member_form *form,
                       const void *place, const void *base)
{
    const struct sale_event *event = base;
    const struct lot_definition *lot = base;
    switch (form->type) {
    case MEMBER_DEFINITION:
        nested_write(writer, form->name, definition_members, event->as.sale_created.definition);
        return;
    case MEMBER_LOTS:
        list_write(writer, form->name, lot_members, event->as.lots_added.lots,
                   sizeof(struct lot_definition), event->as.lots_added.count);
        return;
    case MEMBER_PARTICIPANTS:
        list_write(writer, form->name, participant_members,
                   event->as.participants_added.participants, sizeof(struct participant_definition),
                   event->as.participants_added.count);
        return;
    case MEMBER_AWARDS:
        list_write(writer, form->name, award_members, event->as.lot_awarded.awards,
                   sizeof(struct award), event->as.lot_awarded.count);
        return;
    case MEMBER_INDEXES:
        indexes_write(writer, form->name, event);
        return;
    case MEMBER_RULES:
        if (lot->has_rules) {
            nested_write(writer, form->name, lot_rules_members, &lot->rules);
        }
        return;
    case MEMBER_PREMIUM:
        premium_write(writer, form->name, place);
        return;
    case MEMBER_CAPS:
        caps_write(writer, form->name, base);
        return;
    case MEMBER_INCREMENTS:
        increments_write(writer, form->name, place);
        return;
    case MEMBER_INT:
    case MEMBER_BOOL:
    case MEMBER_TEXT:
    case MEMBER_ID:
    case MEMBER_CHARS:
    case MEMBER_HASH:
    case MEMBER_ENUM:
        break;
    }
}

static bool is_all_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

// What a later version added is written only when it says something.
static bool is_neutral(const struct member_form *form, const void *place)
{
    switch (form->type) {
    case MEMBER_INT:
        return *(const int64_t *)place == 0;
    case MEMBER_BOOL:
        return !*(const bool *)place;
    case MEMBER_ENUM:
        return *(const unsigned *)place == 0;
    case MEMBER_TEXT:
        return ((const struct bytes *)place)->size == 0;
    case MEMBER_ID:
    case MEMBER_CHARS:
        return *(const char *)place == 0;
    case MEMBER_HASH:
        return is_all_zero(place, INVITE_HASH_SIZE);
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

static void members_write(struct json_writer *writer, const struct member_form *form,
                          const void *base)
{
    for (; form->name != NULL; form++) {
        const void *place = (const uint8_t *)base + form->offset;
        if (form->is_added && is_neutral(form, place)) {
            continue;
        }
        switch (form->type) {
        case MEMBER_INT:
            json_write_int(writer, form->name, *(const int64_t *)place);
            break;
        case MEMBER_BOOL:
            json_write_bool(writer, form->name, *(const bool *)place);
            break;
        case MEMBER_TEXT:
            json_write_text(writer, form->name, *(const struct bytes *)place);
            break;
        case MEMBER_ID:
        case MEMBER_CHARS:
            json_write_cstr(writer, form->name, place);
            break;
        case MEMBER_HASH:
            hash_write(writer, form->name, place);
            break;
        case MEMBER_ENUM:
            json_write_cstr(writer, form->name, choice_word(form->names, place));
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
            part_write(writer, form, place, base);
            break;
        }
    }
}

// What fact_read() fills in by itself is left out: a plain bid that is the price, one piece sold.
static bool is_completed(const struct sale_event *event)
{
    if (event->kind == EVENT_LOT_SOLD) {
        return event->as.lot_sold.quantity == 1;
    }
    return event->kind == EVENT_BID_ACCEPTED && event->as.bid_accepted.quantity == 1 &&
           event->as.bid_accepted.price_minor == event->as.bid_accepted.amount_minor &&
           event->as.bid_accepted.held_minor == event->as.bid_accepted.amount_minor &&
           participant_id_equal(&event->as.bid_accepted.by, &event->as.bid_accepted.leader);
}

static void fact_write_members(struct json_writer *writer, const struct sale_event *event)
{
    if (!is_completed(event)) {
        members_write(writer, fact_members(event->kind), event);
        return;
    }
    struct sale_event shorter = *event;
    if (event->kind == EVENT_LOT_SOLD) {
        shorter.as.lot_sold.quantity = 0;
    } else {
        shorter.as.bid_accepted.price_minor = 0;
        shorter.as.bid_accepted.leader = (struct participant_id){0};
        shorter.as.bid_accepted.held_minor = 0;
        shorter.as.bid_accepted.quantity = 0;
    }
    members_write(writer, fact_members(event->kind), &shorter);
}

void fact_write(struct buffer *out, const struct sale_event *event)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "kind", sale_event_ledger_name(event->kind));
    json_write_int(&writer, "at", event->at_ms);
    fact_write_members(&writer, event);
    json_object_end(&writer);
}
