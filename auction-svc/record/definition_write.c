#include "auction-svc/record/definition_write.h"

#include "auction-svc/record/choice.h"
#include "auction-svc/record/definition_form.h"

static void write_members(struct json_writer *writer, const struct definition_form *forms,
                          const void *base);

static void write_bands(struct json_writer *writer, const struct increment_table *table)
{
    bool is_flat = table->count == 1;
    json_write_cstr(writer, "kind", is_flat ? "flat" : "bands");
    if (is_flat) {
        json_write_int(writer, "step", table->as.bands[0].step_minor);
    } else {
        json_array_begin(writer, "bands");
        for (size_t i = 0; i < table->count; i++) {
            json_array_begin(writer, NULL);
            json_write_int(writer, NULL, table->as.bands[i].from_minor);
            json_write_int(writer, NULL, table->as.bands[i].step_minor);
            json_array_end(writer);
        }
        json_array_end(writer);
    }
}

static void write_increments(struct json_writer *writer, const char *name,
                             const struct increment_table *table)
{
    json_object_begin(writer, name);
    switch (table->kind) {
    case INCREMENT_BANDS:
        write_bands(writer, table);
        break;
    case INCREMENT_CYCLE:
        json_write_cstr(writer, "kind", "cycle");
        json_array_begin(writer, "rungs");
        for (size_t i = 0; i < table->count; i++) {
            json_write_int(writer, NULL, table->as.rungs[i]);
        }
        json_array_end(writer);
        break;
    case INCREMENT_PERCENT:
        json_write_cstr(writer, "kind", "percent");
        json_write_int(writer, "basis_points", table->as.percent.basis_points);
        json_write_int(writer, "round", table->as.percent.round_minor);
        json_write_int(writer, "step_min", table->as.percent.step_min_minor);
        break;
    }
    json_write_bool(writer, "align", table->align);
    json_object_end(writer);
}

static void write_warnings(struct json_writer *writer, const char *name,
                           const int64_t warnings_ms[WARNINGS_MAX])
{
    json_array_begin(writer, name);
    for (size_t i = 0; i < WARNINGS_MAX && warnings_ms[i] != 0; i++) {
        json_write_int(writer, NULL, warnings_ms[i]);
    }
    json_array_end(writer);
}

static void write_premium(struct json_writer *writer, const char *name,
                          const struct premium_bands *premium)
{
    if (premium->count == 0) {
        return;
    }
    json_array_begin(writer, name);
    for (size_t i = 0; i < premium->count; i++) {
        json_object_begin(writer, NULL);
        json_write_int(writer, "from", premium->bands[i].from_minor);
        json_write_int(writer, "basis_points", premium->bands[i].basis_points);
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void write_caps(struct json_writer *writer, const char *name,
                       const struct sale_definition *definition)
{
    if (definition->category_caps_count == 0) {
        return;
    }
    json_array_begin(writer, name);
    for (size_t i = 0; i < definition->category_caps_count; i++) {
        json_object_begin(writer, NULL);
        json_write_cstr(writer, "category", definition->category_caps[i].category);
        json_write_int(writer, "most", definition->category_caps[i].most);
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void write_object(struct json_writer *writer, const struct definition_form *form,
                         const void *base)
{
    json_object_begin(writer, form->name);
    write_members(writer, form->members, base);
    json_object_end(writer);
}

static void write_part(struct json_writer *writer, const struct definition_form *form,
                       const void *base)
{
    const void *place = (const uint8_t *)base + form->offset;
    const struct lot_definition *lot = base;
    switch (form->kind) {
    case FORM_OBJECT:
    case FORM_SOFT_CLOSE:
        write_object(writer, form, place);
        break;
    case FORM_SWITCHED:
        if (*(const bool *)(const void *)((const uint8_t *)place + form->size)) {
            write_object(writer, form, place);
        }
        break;
    case FORM_LOT_RULES:
        if (lot->has_rules) {
            write_object(writer, form, &lot->rules);
        }
        break;
    case FORM_INCLUDED:
        write_members(writer, form->members, place);
        break;
    case FORM_INCREMENTS:
        write_increments(writer, form->name, place);
        break;
    case FORM_WARNINGS:
        write_warnings(writer, form->name, place);
        break;
    case FORM_PREMIUM:
        write_premium(writer, form->name, place);
        break;
    case FORM_CAPS:
        write_caps(writer, form->name, base);
        break;
    case FORM_INT:
    case FORM_COUNT:
    case FORM_BOOL:
    case FORM_NOT:
    case FORM_TEXT:
    case FORM_ID:
    case FORM_CHARS:
    case FORM_CHOICE:
    case FORM_LIST:
    case FORM_SCHEMA:
        break;
    }
}

// A member without its default says nothing at zero or "".
static bool says_nothing(const struct definition_form *form, const void *place)
{
    switch (form->kind) {
    case FORM_INT:
    case FORM_COUNT:
        return *(const int64_t *)place == 0;
    case FORM_TEXT:
        return ((const struct bytes *)place)->size == 0;
    case FORM_ID:
    case FORM_CHARS:
        return *(const char *)place == 0;
    case FORM_BOOL:
    case FORM_NOT:
    case FORM_CHOICE:
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
    case FORM_SCHEMA:
        break;
    }
    return false;
}

static void write_member(struct json_writer *writer, const struct definition_form *form,
                         const void *base)
{
    const void *place = (const uint8_t *)base + form->offset;
    switch (form->kind) {
    case FORM_INT:
    case FORM_COUNT:
        json_write_int(writer, form->name, *(const int64_t *)place);
        break;
    case FORM_BOOL:
        json_write_bool(writer, form->name, *(const bool *)place);
        break;
    case FORM_NOT:
        json_write_bool(writer, form->name, !*(const bool *)place);
        break;
    case FORM_TEXT:
        json_write_text(writer, form->name, *(const struct bytes *)place);
        break;
    case FORM_ID:
    case FORM_CHARS:
        json_write_cstr(writer, form->name, place);
        break;
    case FORM_CHOICE:
        json_write_cstr(writer, form->name, choice_word(form->words, place));
        break;
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
    case FORM_SCHEMA:
        write_part(writer, form, base);
        break;
    }
}

static void write_members(struct json_writer *writer, const struct definition_form *forms,
                          const void *base)
{
    for (const struct definition_form *form = forms; form->name != NULL; form++) {
        const void *place = (const uint8_t *)base + form->offset;
        if (!form->is_spare || !says_nothing(form, place)) {
            write_member(writer, form, base);
        }
    }
}

void definition_write_sale(struct json_writer *writer, const char *name,
                           const struct sale_definition *definition)
{
    json_object_begin(writer, name);
    write_members(writer, definition_sale_forms, definition);
    json_object_end(writer);
}

void definition_write_lot(struct json_writer *writer, const struct lot_definition *lot)
{
    json_object_begin(writer, NULL);
    write_members(writer, definition_lot_forms, lot);
    json_object_end(writer);
}

void definition_write_participant(struct json_writer *writer,
                                  const struct participant_definition *participant)
{
    json_object_begin(writer, NULL);
    write_members(writer, definition_participant_forms, participant);
    json_object_end(writer);
}

void definition_write(struct buffer *out, const struct definition_document *document)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    write_members(&writer, definition_sale_forms, &document->definition);
    if (document->lots_count > 0) {
        json_array_begin(&writer, "lots");
        for (size_t i = 0; i < document->lots_count; i++) {
            definition_write_lot(&writer, &document->lots[i]);
        }
        json_array_end(&writer);
    }
    if (document->participants_count > 0) {
        json_array_begin(&writer, "participants");
        for (size_t i = 0; i < document->participants_count; i++) {
            definition_write_participant(&writer, &document->participants[i]);
        }
        json_array_end(&writer);
    }
    json_object_end(&writer);
}
