#include "lib/wire/wire_part.h"

// ---- state ----

static void write_waiting(struct json_writer *writer, const struct wire_waiting *waiting)
{
    if (!waiting->present) {
        json_write_null(writer, "waiting");
        return;
    }
    json_object_begin(writer, "waiting");
    wire_part_optional_id(writer, "by", waiting->by.text);
    wire_part_optional_int(writer, "ends_at", waiting->ends_at_ms);
    json_write_int(writer, "remaining_ms", waiting->remaining_ms);
    json_object_end(writer);
}

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
    json_write_int(&writer, "open", state->open);
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
    write_waiting(&writer, &state->waiting);
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

static bool read_price_clock(const struct json *value, struct wire_price_clock *out_clock)
{
    out_clock->present = json_is_object(value);
    return json_is_null(value) ||
           (wire_part_read_int(value, "price", &out_clock->price_minor) &&
            wire_part_read_int(value, "from", &out_clock->from_ms) &&
            wire_part_read_int(value, "step", &out_clock->step_minor) &&
            wire_part_read_int(value, "tick_ms", &out_clock->tick_ms) &&
            wire_part_read_optional_int(value, "frozen_at", &out_clock->frozen_at_ms) &&
            wire_part_read_int(value, "quantity_left", &out_clock->quantity_left));
}

// All but the match, which no display shows.
static bool read_lot(const struct json *value, struct wire_lot *out_lot)
{
    return wire_part_read_lot_id(value, "id", &out_lot->id) &&
           wire_part_read_int(value, "no", &out_lot->no) &&
           wire_part_read_text(value, "title", &out_lot->title) &&
           wire_part_read_word(value, "phase", &out_lot->phase) &&
           wire_part_read_word(value, "format", &out_lot->format) &&
           wire_part_read_int(value, "opening", &out_lot->opening_minor) &&
           wire_part_read_optional_int(value, "price", &out_lot->price_minor) &&
           wire_part_read_int(value, "ask", &out_lot->ask_minor) &&
           wire_part_read_person(json_member(value, "leader"), &out_lot->leader) &&
           wire_part_read_bool(value, "house", &out_lot->is_house) &&
           wire_part_read_int(value, "bids", &out_lot->bids) &&
           wire_part_read_optional_int(value, "started_at", &out_lot->started_at_ms) &&
           wire_part_read_optional_int(value, "ends_at", &out_lot->ends_at_ms) &&
           wire_part_read_int(value, "remaining_ms", &out_lot->remaining_ms) &&
           wire_part_read_int(value, "extensions", &out_lot->extensions) &&
           wire_part_read_int(value, "round", &out_lot->round) &&
           wire_part_read_word(value, "reserve", &out_lot->reserve) &&
           wire_part_read_int(value, "quantity", &out_lot->quantity) &&
           wire_part_read_optional_int(value, "buy_now", &out_lot->buy_now_minor) &&
           wire_part_read_int(value, "warned", &out_lot->warned) &&
           read_price_clock(json_member(value, "clock"), &out_lot->clock);
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

static bool read_waiting(const struct json *value, struct wire_waiting *out_waiting)
{
    struct bytes by;
    const struct json *named = json_member(value, "by");
    out_waiting->present = json_is_object(value);
    return json_is_null(value) ||
           ((json_is_null(named) ||
             (json_to_text(named, &by) && participant_id_read(by, &out_waiting->by))) &&
            wire_part_read_optional_int(value, "ends_at", &out_waiting->ends_at_ms) &&
            wire_part_read_int(value, "remaining_ms", &out_waiting->remaining_ms));
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
           wire_part_read_int(value, "open", &out_state->open) &&
           (json_is_null(next) || read_next(next, &out_state->next)) &&
           read_waiting(json_member(value, "waiting"), &out_state->waiting) &&
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

static const char *const tick_clock_names[] = {
    [TICK_LOT] = "lot",     [TICK_GAP] = "gap",
    [TICK_PRICE] = "price", [TICK_NOMINATION] = "nomination",
    [TICK_NAMES] = "names", [TICK_START] = "start",
};

void wire_write_tick(struct buffer *out, const struct wire_tick *tick)
{
    struct json_writer writer = wire_part_begin(out, tick->head);
    wire_part_optional_id(&writer, "lot", tick->lot.text);
    json_write_cstr(&writer, "clock", tick_clock_names[tick->clock]);
    if (tick->clock == TICK_PRICE) {
        json_write_int(&writer, "price", tick->price_minor); // its end is now + remaining_ms
    } else {
        json_write_int(&writer, "ends_at", tick->ends_at_ms);
    }
    json_write_int(&writer, "now", tick->now_ms);
    json_write_int(&writer, "remaining_ms", tick->remaining_ms);
    json_object_end(&writer);
}

static bool read_tick_clock(const struct json *object, struct wire_tick *out_tick)
{
    struct bytes text;
    size_t count = sizeof tick_clock_names / sizeof tick_clock_names[0];
    if (!wire_part_read_text(object, "clock", &text)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal_text(text, tick_clock_names[i])) {
            out_tick->clock = (enum wire_tick_clock)i;
            return true;
        }
    }
    return false;
}

static bool read_tick_end(const struct json *object, struct wire_tick *out_tick)
{
    if (out_tick->clock == TICK_PRICE) {
        out_tick->ends_at_ms = out_tick->now_ms + out_tick->remaining_ms;
        return wire_part_read_int(object, "price", &out_tick->price_minor);
    }
    return wire_part_read_int(object, "ends_at", &out_tick->ends_at_ms);
}

enum lc_status wire_read_tick(struct bytes payload, struct wire_tick *out_tick)
{
    struct json *document = NULL;
    enum lc_status status = json_parse(payload, &document);
    if (status != LC_OK) {
        return status;
    }
    struct wire_tick tick = {.price_minor = WIRE_ABSENT};
    bool complete = wire_part_read_head(document, &tick.head) &&
                    (json_is_null(json_member(document, "lot")) ||
                     wire_part_read_lot_id(document, "lot", &tick.lot)) &&
                    read_tick_clock(document, &tick) &&
                    wire_part_read_int(document, "now", &tick.now_ms) &&
                    wire_part_read_int(document, "remaining_ms", &tick.remaining_ms) &&
                    read_tick_end(document, &tick);
    json_destroy(document);
    if (!complete) {
        return LC_ERR_BAD_INPUT;
    }
    *out_tick = tick;
    return LC_OK;
}
