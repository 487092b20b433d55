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
    json_array_begin(writer, "bands");
    for (size_t i = 0; i < table->count; i++) {
        json_array_begin(writer, NULL);
        json_write_int(writer, NULL, table->bands[i].from_minor);
        json_write_int(writer, NULL, table->bands[i].step_minor);
        json_array_end(writer);
    }
    json_array_end(writer);
    json_object_end(writer);
}

static const char *enum_name(const struct member_form *form, const void *place)
{
    unsigned value;
    memcpy(&value, place, sizeof value);
    return form->names[value];
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

static void lots_write(struct json_writer *writer, const char *name, const struct sale_event *event)
{
    json_array_begin(writer, name);
    for (size_t i = 0; i < event->as.lots_added.count; i++) {
        nested_write(writer, NULL, lot_members, &event->as.lots_added.lots[i]);
    }
    json_array_end(writer);
}

static void members_write(struct json_writer *writer, const struct member_form *form,
                          const void *base)
{
    for (; form->name != NULL; form++) {
        const void *place = (const uint8_t *)base + form->offset;
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
            json_write_cstr(writer, form->name, enum_name(form, place));
            break;
        case MEMBER_INCREMENTS:
            increments_write(writer, form->name, place);
            break;
        case MEMBER_DEFINITION:
            nested_write(writer, form->name, definition_members, place);
            break;
        case MEMBER_LOTS:
            lots_write(writer, form->name, base);
            break;
        }
    }
}

void fact_write(struct buffer *out, const struct sale_event *event)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "kind", sale_event_ledger_name(event->kind));
    json_write_int(&writer, "at", event->at_ms);
    members_write(&writer, fact_members(event->kind), event);
    json_object_end(&writer);
}
