#include "lib/wire/wire_part.h"

static void write_bands(struct json_writer *writer, const struct wire_increments *increments)
{
    json_array_begin(writer, "bands");
    for (size_t i = 0; i < increments->count; i++) {
        json_array_begin(writer, NULL);
        json_write_int(writer, NULL, increments->bands[i].from_minor);
        json_write_int(writer, NULL, increments->bands[i].step_minor);
        json_array_end(writer);
    }
    json_array_end(writer);
}

// A table of one band is written as {"kind":"flat",...}.
static void write_increments(struct json_writer *writer, const struct wire_increments *increments)
{
    bool is_bands = strcmp(increments->kind, "bands") == 0;
    bool is_flat = is_bands && increments->count == 1;
    json_object_begin(writer, "increments");
    json_write_cstr(writer, "kind", is_flat ? "flat" : increments->kind);
    if (is_flat) {
        json_write_int(writer, "step", increments->bands[0].step_minor);
    } else if (is_bands) {
        write_bands(writer, increments);
    } else if (strcmp(increments->kind, "cycle") == 0) {
        json_array_begin(writer, "rungs");
        for (size_t i = 0; i < increments->count; i++) {
            json_write_int(writer, NULL, increments->rungs[i]);
        }
        json_array_end(writer);
    } else {
        json_write_int(writer, "basis_points", increments->basis_points);
        json_write_int(writer, "round", increments->round_minor);
        json_write_int(writer, "step_min", increments->step_min_minor);
    }
    if (is_bands) {
        json_write_bool(writer, "align", increments->align);
    }
    json_object_end(writer);
}

static void write_soft_close(struct json_writer *writer, const struct wire_lot_rules *rules)
{
    json_object_begin(writer, "soft_close");
    json_write_int(writer, "window_ms", rules->soft_close_window_ms);
    json_write_int(writer, "amount_ms", rules->soft_close_amount_ms);
    json_write_cstr(writer, "type", rules->soft_close_type);
    json_write_cstr(writer, "scope", rules->soft_close_scope);
    json_write_int(writer, "max_extensions", rules->soft_close_max_extensions);
    json_write_int(writer, "latest_ms", rules->soft_close_latest_ms);
    json_write_int(writer, "shrink_percent", rules->soft_close_shrink_percent);
    json_object_end(writer);
}

void wire_part_lot_rules(struct json_writer *writer, const struct wire_lot_rules *rules)
{
    json_write_cstr(writer, "format", rules->format);
    json_write_int(writer, "lot_duration_ms", rules->duration_ms);
    write_soft_close(writer, rules);
    json_write_int(writer, "closing_grace_ms", rules->closing_grace_ms);
    json_array_begin(writer, "warnings_ms");
    for (size_t i = 0; i < WIRE_WARNINGS && rules->warning_ms[i] != 0; i++) {
        json_write_int(writer, NULL, rules->warning_ms[i]);
    }
    json_array_end(writer);
    json_write_bool(writer, "strict", rules->is_strict);
    json_write_int(writer, "sanity_factor", rules->sanity_factor);
    write_increments(writer, &rules->increments);
    json_write_cstr(writer, "reserve_mode", rules->reserve_mode);
    json_write_cstr(writer, "retraction", rules->retraction);
    json_write_cstr(writer, "buy_now_until", rules->buy_now_until);
    json_write_bool(writer, "maximum_bids", !rules->no_maximum);
    json_write_int(writer, "price_step", rules->price_step_minor);
    json_write_int(writer, "price_tick_ms", rules->price_tick_ms);
    json_write_int(writer, "dutch_raise", rules->dutch_raise_minor);
    json_write_int(writer, "candle_ending_ms", rules->candle_ending_ms);
}

static void write_start(struct json_writer *writer, const struct wire_info *info)
{
    json_object_begin(writer, "start");
    json_write_cstr(writer, "mode", info->start);
    if (info->starts_at_ms != WIRE_ABSENT) {
        json_write_int(writer, "at", info->starts_at_ms);
    }
    json_object_end(writer);
}

static void write_flow(struct json_writer *writer, const struct wire_info *info)
{
    json_write_int(writer, "gap_ms", info->gap_ms);
    json_write_int(writer, "unsold_rounds", info->unsold_rounds);
    json_write_cstr(writer, "flow", info->flow);
    json_write_int(writer, "stagger_ms", info->stagger_ms);
    json_write_int(writer, "gavel_timeout_ms", info->gavel_timeout_ms);
    write_start(writer, info);
    json_write_cstr(writer, "order", info->lot_order);
    json_write_cstr(writer, "registration", info->registration);
    json_object_begin(writer, "nomination");
    json_write_cstr(writer, "order", info->nomination);
    json_write_int(writer, "time_ms", info->nomination_ms);
    json_write_bool(writer, "nominator_bids", info->nominator_bids);
    json_object_end(writer);
    if (info->is_accelerated) {
        json_object_begin(writer, "accelerated");
        json_write_int(writer, "time_ms", info->names_ms);
        json_object_end(writer);
    } else {
        json_write_null(writer, "accelerated");
    }
    json_object_begin(writer, "match");
    json_write_cstr(writer, "mode", info->match);
    json_write_int(writer, "time_ms", info->match_ms);
    json_object_end(writer);
}

static void write_purses(struct json_writer *writer, const struct wire_info *info)
{
    json_array_begin(writer, "category_caps");
    for (size_t i = 0; i < info->category_caps_count; i++) {
        json_object_begin(writer, NULL);
        json_write_text(writer, "category", info->category_caps[i].category);
        json_write_int(writer, "most", info->category_caps[i].most);
        json_object_end(writer);
    }
    json_array_end(writer);
    json_array_begin(writer, "premium");
    for (size_t i = 0; i < info->premium_count; i++) {
        json_object_begin(writer, NULL);
        json_write_int(writer, "from", info->premium[i].from_minor);
        json_write_int(writer, "basis_points", info->premium[i].basis_points);
        json_object_end(writer);
    }
    json_array_end(writer);
    if (info->has_roster) {
        json_object_begin(writer, "roster");
        json_write_int(writer, "budget", info->roster_budget_minor);
        json_write_int(writer, "slots", info->roster_slots);
        json_write_int(writer, "minimum", info->roster_minimum_minor);
        json_object_end(writer);
    } else {
        json_write_null(writer, "roster");
    }
}

static void write_optional_text(struct json_writer *writer, const char *name, struct bytes text)
{
    if (text.size > 0) {
        json_write_text(writer, name, text);
    } else {
        json_write_null(writer, name);
    }
}

void wire_write_info(struct buffer *out, const struct wire_info *info)
{
    struct json_writer writer = wire_part_begin(out, info->head);
    json_write_cstr(&writer, "id", info->id.text);
    json_write_text(&writer, "title", info->title);
    json_object_begin(&writer, "currency");
    json_write_text(&writer, "code", info->currency_code);
    json_write_int(&writer, "minor_digits", info->currency_minor_digits);
    json_object_end(&writer);
    json_write_cstr(&writer, "phase", info->phase);
    json_write_bool(&writer, "public", info->is_public);
    json_write_cstr(&writer, "visibility", info->visibility);
    write_optional_text(&writer, "gavel", info->gavel);
    write_optional_text(&writer, "seed_hash", info->seed_hash);
    json_object_begin(&writer, "rules");
    wire_part_lot_rules(&writer, &info->lot);
    write_flow(&writer, info);
    write_purses(&writer, info);
    json_object_end(&writer);
    json_object_end(&writer);
}

enum lc_status wire_read_info(struct bytes payload, struct wire_document *out_document,
                              struct wire_info *out_info)
{
    struct json *document = NULL;
    enum lc_status status = json_parse(payload, &document);
    if (status != LC_OK) {
        return status;
    }
    struct wire_info info = {0};
    struct bytes id;
    const struct json *currency = json_member(document, "currency");
    bool complete = wire_part_read_head(document, &info.head) &&
                    wire_part_read_text(document, "id", &id) && sale_id_read(id, &info.id) &&
                    wire_part_read_text(document, "title", &info.title) &&
                    wire_part_read_text(currency, "code", &info.currency_code) &&
                    wire_part_read_int(currency, "minor_digits", &info.currency_minor_digits) &&
                    wire_part_read_word(document, "phase", &info.phase) &&
                    wire_part_read_bool(document, "public", &info.is_public) &&
                    wire_part_read_word(document, "visibility", &info.visibility);
    if (!complete) {
        json_destroy(document);
        return LC_ERR_BAD_INPUT;
    }
    out_document->json = document;
    *out_info = info;
    return LC_OK;
}
