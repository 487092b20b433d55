#include "lib/wire/wire_part.h"

// ---- info ----

static void write_increments(struct json_writer *writer, const struct wire_info *info)
{
    json_object_begin(writer, "increments");
    if (info->bands_count == 1) {
        json_write_cstr(writer, "kind", "flat");
        json_write_int(writer, "step", info->bands[0].step_minor);
    } else {
        json_write_cstr(writer, "kind", "bands");
        json_array_begin(writer, "bands");
        for (size_t i = 0; i < info->bands_count; i++) {
            json_array_begin(writer, NULL);
            json_write_int(writer, NULL, info->bands[i].from_minor);
            json_write_int(writer, NULL, info->bands[i].step_minor);
            json_array_end(writer);
        }
        json_array_end(writer);
    }
    json_write_bool(writer, "align", info->align);
    json_object_end(writer);
}

static void write_rules(struct json_writer *writer, const struct wire_info *info)
{
    json_object_begin(writer, "rules");
    json_write_int(writer, "lot_duration_ms", info->lot_duration_ms);
    json_write_int(writer, "gap_ms", info->gap_ms);
    json_object_begin(writer, "soft_close");
    json_write_int(writer, "window_ms", info->soft_close_window_ms);
    json_write_int(writer, "amount_ms", info->soft_close_amount_ms);
    json_write_cstr(writer, "type", info->soft_close_type);
    json_write_int(writer, "max_extensions", info->soft_close_max_extensions);
    json_object_end(writer);
    json_write_int(writer, "unsold_rounds", info->unsold_rounds);
    json_write_bool(writer, "strict", info->strict);
    write_increments(writer, info);
    if (info->has_roster) {
        json_object_begin(writer, "roster");
        json_write_int(writer, "budget", info->roster_budget_minor);
        json_write_int(writer, "slots", info->roster_slots);
        json_write_int(writer, "minimum", info->roster_minimum_minor);
        json_object_end(writer);
    } else {
        json_write_null(writer, "roster");
    }
    json_object_end(writer);
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
    write_rules(&writer, info);
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

// ---- state ----

static void write_state_object(struct buffer *out, const struct wire_state *state)
{
    struct json_writer writer = wire_part_begin(out, state->head);
    json_write_cstr(&writer, "phase", state->phase);
    json_write_int(&writer, "now", state->now_ms);
    json_write_cstr(&writer, "clock", state->clock);
    if (state->has_lot) {
        wire_part_lot(&writer, "lot", &state->lot);
    } else {
        json_write_null(&writer, "lot");
    }
    if (state->next.id.text[0] != 0) {
        json_object_begin(&writer, "next");
        json_write_cstr(&writer, "id", state->next.id.text);
        json_write_int(&writer, "no", state->next.no);
        json_write_text(&writer, "title", state->next.title);
        json_write_int(&writer, "opening", state->next.opening_minor);
        wire_part_optional_int(&writer, "starts_at", state->next.starts_at_ms);
        json_write_int(&writer, "remaining_ms", state->next.remaining_ms);
        json_object_end(&writer);
    } else {
        json_write_null(&writer, "next");
    }
    json_write_int(&writer, "lots_total", state->lots_total);
    json_write_int(&writer, "sold", state->sold);
    json_write_int(&writer, "unsold", state->unsold);
    json_write_int(&writer, "remaining_lots", state->remaining_lots);
    json_object_end(&writer);
}

enum { STATE_TEXTS = 3 };

// The largest size that each of the texts may have so that all fit into `room`: short ones keep all
// of theirs.
static size_t fair_share(const size_t needs[STATE_TEXTS], size_t room)
{
    size_t share = room / STATE_TEXTS;
    for (int round = 1; round < STATE_TEXTS; round++) {
        size_t small = 0;
        size_t large_count = 0;
        for (size_t i = 0; i < STATE_TEXTS; i++) {
            small += needs[i] <= share ? needs[i] : 0;
            large_count += needs[i] > share ? 1 : 0;
        }
        if (large_count > 0) {
            share = (room - small) / large_count;
        }
    }
    return share;
}

// Keeps the promise of WIRE_STATE_SIZE_MAX: the two titles and the leader's name give way, the
// numbers never do. Info and the pages have the full texts.
static void shorten_texts(struct wire_state *state)
{
    struct bytes *texts[STATE_TEXTS] = {&state->lot.title, &state->next.title,
                                        &state->lot.leader.name};
    struct bytes full[STATE_TEXTS];
    size_t needs[STATE_TEXTS];
    size_t need = 0;
    for (size_t i = 0; i < STATE_TEXTS; i++) {
        full[i] = *texts[i];
        needs[i] = wire_part_quoted_size(full[i]);
        need += needs[i];
        *texts[i] = bytes_of(NULL, 0);
    }
    struct buffer bare;
    buffer_init(&bare, WIRE_STATE_SIZE_MAX);
    write_state_object(&bare, state);
    bool measured = buffer_status(&bare) == LC_OK;
    size_t room = measured ? WIRE_STATE_SIZE_MAX - bare.size : 0;
    buffer_release(&bare);
    size_t share = need <= room ? need : fair_share(needs, room);
    for (size_t i = 0; i < STATE_TEXTS; i++) {
        *texts[i] = wire_part_cut_quoted(full[i], share);
    }
}

void wire_write_state(struct buffer *out, const struct wire_state *state)
{
    struct wire_state fitting = *state;
    shorten_texts(&fitting);
    write_state_object(out, &fitting);
}

static bool read_lot(const struct json *value, struct wire_lot *out_lot)
{
    return wire_part_read_lot_id(value, "id", &out_lot->id) &&
           wire_part_read_int(value, "no", &out_lot->no) &&
           wire_part_read_text(value, "title", &out_lot->title) &&
           wire_part_read_word(value, "phase", &out_lot->phase) &&
           wire_part_read_int(value, "opening", &out_lot->opening_minor) &&
           wire_part_read_optional_int(value, "price", &out_lot->price_minor) &&
           wire_part_read_int(value, "ask", &out_lot->ask_minor) &&
           wire_part_read_person(json_member(value, "leader"), &out_lot->leader) &&
           wire_part_read_int(value, "bids", &out_lot->bids) &&
           wire_part_read_optional_int(value, "started_at", &out_lot->started_at_ms) &&
           wire_part_read_optional_int(value, "ends_at", &out_lot->ends_at_ms) &&
           wire_part_read_int(value, "remaining_ms", &out_lot->remaining_ms) &&
           wire_part_read_int(value, "extensions", &out_lot->extensions) &&
           wire_part_read_int(value, "round", &out_lot->round) &&
           wire_part_read_word(value, "reserve", &out_lot->reserve);
}

static bool read_next(const struct json *value, struct wire_next_lot *out_next)
{
    return wire_part_read_lot_id(value, "id", &out_next->id) &&
           wire_part_read_int(value, "no", &out_next->no) &&
           wire_part_read_text(value, "title", &out_next->title) &&
           wire_part_read_int(value, "opening", &out_next->opening_minor) &&
           wire_part_read_optional_int(value, "starts_at", &out_next->starts_at_ms) &&
           wire_part_read_int(value, "remaining_ms", &out_next->remaining_ms);
}

static bool read_state(const struct json *value, struct wire_state *out_state)
{
    const struct json *lot = json_member(value, "lot");
    const struct json *next = json_member(value, "next");
    out_state->has_lot = json_is_object(lot);
    return wire_part_read_head(value, &out_state->head) &&
           wire_part_read_word(value, "phase", &out_state->phase) &&
           wire_part_read_int(value, "now", &out_state->now_ms) &&
           wire_part_read_word(value, "clock", &out_state->clock) &&
           (json_is_null(lot) || read_lot(lot, &out_state->lot)) &&
           (json_is_null(next) || read_next(next, &out_state->next)) &&
           wire_part_read_int(value, "lots_total", &out_state->lots_total) &&
           wire_part_read_int(value, "sold", &out_state->sold) &&
           wire_part_read_int(value, "unsold", &out_state->unsold) &&
           wire_part_read_int(value, "remaining_lots", &out_state->remaining_lots);
}

enum lc_status wire_read_state(struct bytes payload, struct wire_document *out_document,
                               struct wire_state *out_state)
{
    struct json *document = NULL;
    enum lc_status status = json_parse(payload, &document);
    if (status != LC_OK) {
        return status;
    }
    struct wire_state state = {0};
    if (!read_state(document, &state)) {
        json_destroy(document);
        return LC_ERR_BAD_INPUT;
    }
    out_document->json = document;
    *out_state = state;
    return LC_OK;
}

// ---- tick ----

void wire_write_tick(struct buffer *out, const struct wire_tick *tick)
{
    struct json_writer writer = wire_part_begin(out, tick->head);
    json_write_cstr(&writer, "lot", tick->lot.text);
    json_write_cstr(&writer, "clock", tick->is_gap ? "gap" : "lot");
    json_write_int(&writer, "ends_at", tick->ends_at_ms);
    json_write_int(&writer, "now", tick->now_ms);
    json_write_int(&writer, "remaining_ms", tick->remaining_ms);
    json_object_end(&writer);
}

enum lc_status wire_read_tick(struct bytes payload, struct wire_tick *out_tick)
{
    struct json *document = NULL;
    enum lc_status status = json_parse(payload, &document);
    if (status != LC_OK) {
        return status;
    }
    struct wire_tick tick = {0};
    struct bytes clock = {0};
    bool complete = wire_part_read_head(document, &tick.head) &&
                    wire_part_read_lot_id(document, "lot", &tick.lot) &&
                    wire_part_read_text(document, "clock", &clock) &&
                    wire_part_read_int(document, "ends_at", &tick.ends_at_ms) &&
                    wire_part_read_int(document, "now", &tick.now_ms) &&
                    wire_part_read_int(document, "remaining_ms", &tick.remaining_ms);
    tick.is_gap = bytes_equal_text(clock, "gap");
    complete = complete && (tick.is_gap || bytes_equal_text(clock, "lot"));
    json_destroy(document);
    if (!complete) {
        return LC_ERR_BAD_INPUT;
    }
    *out_tick = tick;
    return LC_OK;
}
