#include "lib/wire/wire_part.h"

enum { BOARD_JSON_TITLE_SIZE_MAX = 24, BOARD_JSON_WORD_SIZE_MAX = 12 };

static bool is_word(const char *word, const char *expected)
{
    return strcmp(word, expected) == 0;
}

static bool clock_is_lot(const struct wire_state *state)
{
    return is_word(state->clock, "lot") && state->has_lot;
}

static bool clock_is_gap(const struct wire_state *state)
{
    return is_word(state->clock, "gap") && state->next.id.text[0] != 0;
}

// What a device shows as the status: of an open lot whether it is about to go, between two lots of a
// running sale how the last one ended.
static const char *board_status(const struct wire_state *state)
{
    static const char *const warnings[] = {"live", "once", "twice"};
    const struct wire_lot *lot = &state->lot;
    if (!is_word(state->phase, "live") || !state->has_lot) {
        return state->phase;
    }
    if (!clock_is_lot(state)) {
        return lot->phase;
    }
    if (!is_word(lot->phase, "open")) {
        return lot->phase;
    }
    return lot->warned >= 0 && lot->warned <= 2 ? warnings[lot->warned] : "live";
}

// Of a price that moves: until it moves again.
static int64_t price_stands_ms(const struct wire_price_clock *clock, int64_t now_ms)
{
    int64_t at_ms = clock->frozen_at_ms != WIRE_ABSENT ? clock->frozen_at_ms : now_ms;
    if (clock->tick_ms <= 0) {
        return 0;
    }
    return at_ms < clock->from_ms ? clock->from_ms + clock->tick_ms - at_ms
                                  : clock->tick_ms - (at_ms - clock->from_ms) % clock->tick_ms;
}

static int64_t clock_remaining_ms(const struct wire_state *state)
{
    if (clock_is_lot(state)) {
        return state->lot.clock.present ? price_stands_ms(&state->lot.clock, state->now_ms)
                                        : state->lot.remaining_ms;
    }
    if (state->waiting.present) {
        return state->waiting.remaining_ms;
    }
    return clock_is_gap(state) ? state->next.remaining_ms : 0;
}

static int64_t clock_end_ms(const struct wire_state *state)
{
    if (clock_is_lot(state) && state->lot.clock.present) {
        return state->lot.clock.frozen_at_ms != WIRE_ABSENT
                   ? WIRE_ABSENT
                   : state->now_ms + clock_remaining_ms(state);
    }
    if (clock_is_lot(state)) {
        return state->lot.ends_at_ms;
    }
    if (state->waiting.present) {
        return state->waiting.ends_at_ms;
    }
    return clock_is_gap(state) ? state->next.starts_at_ms : WIRE_ABSENT;
}

static bool has_seconds(const struct wire_state *state)
{
    bool counts_lot =
        clock_is_lot(state) && (state->lot.clock.present || state->lot.ends_at_ms != WIRE_ABSENT ||
                                state->lot.remaining_ms > 0);
    return counts_lot || clock_is_gap(state) || state->waiting.present;
}

// Whole seconds, rounded up: 0 is shown only when the time is over.
static int64_t clock_seconds(const struct wire_state *state)
{
    int64_t remaining_ms = clock_remaining_ms(state);
    return remaining_ms <= 0 ? 0 : (remaining_ms - 1) / 1000 + 1;
}

// A price that moves is the price, also before the first bid.
static int64_t shown_price(const struct wire_state *state)
{
    const struct wire_lot *lot = &state->lot;
    if (!state->has_lot) {
        return WIRE_ABSENT;
    }
    return lot->clock.present && lot->price_minor == WIRE_ABSENT ? lot->ask_minor
                                                                 : lot->price_minor;
}

static struct bytes shown_leader(const struct wire_state *state)
{
    const struct wire_lot *lot = &state->lot;
    if (!state->has_lot || (lot->leader.id.text[0] == 0 && !lot->is_house)) {
        return bytes_text("");
    }
    return lot->is_house ? bytes_text("house") : lot->leader.paddle;
}

static void write_board_object(struct buffer *out, const struct wire_state *state,
                               struct bytes title, struct bytes currency_code,
                               int64_t currency_minor_digits)
{
    int64_t end_ms = clock_end_ms(state);
    const struct wire_lot *lot = &state->lot;
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_int(&writer, "s", state->head.seq);
    json_write_cstr(&writer, "p", board_status(state));
    json_write_int(&writer, "n", state->has_lot ? lot->no : 0);
    json_write_text(&writer, "t", title);
    wire_part_optional_int(&writer, "pr", shown_price(state));
    wire_part_optional_int(&writer, "as", state->has_lot ? lot->ask_minor : WIRE_ABSENT);
    json_write_text(&writer, "l",
                    wire_part_cut_quoted(shown_leader(state), BOARD_JSON_WORD_SIZE_MAX));
    json_write_text(&writer, "c", wire_part_cut_quoted(currency_code, BOARD_JSON_WORD_SIZE_MAX));
    json_write_int(&writer, "d", currency_minor_digits);
    wire_part_optional_int(&writer, "e", end_ms == WIRE_ABSENT ? WIRE_ABSENT : end_ms / 1000);
    json_write_int(&writer, "r", clock_seconds(state));
    json_object_end(&writer);
}

void wire_write_board_json(struct buffer *out, const struct wire_state *state,
                           struct bytes currency_code, int64_t currency_minor_digits)
{
    struct buffer bare; // without a title: what is left of the maximum is the title's
    buffer_init(&bare, WIRE_BOARD_JSON_SIZE_MAX);
    write_board_object(&bare, state, bytes_of(NULL, 0), currency_code, currency_minor_digits);
    bool measured = buffer_status(&bare) == LC_OK;
    size_t room = measured ? WIRE_BOARD_JSON_SIZE_MAX - bare.size : 0;
    buffer_release(&bare);
    struct bytes title = {0};
    if (state->has_lot) {
        title =
            wire_part_cut_quoted(wire_part_cut(state->lot.title, BOARD_JSON_TITLE_SIZE_MAX), room);
    }
    write_board_object(out, state, title, currency_code, currency_minor_digits);
}

const char *wire_board_field_name(enum wire_board_field field)
{
    static const char *const names[BOARD_FIELD_COUNT] = {
        [BOARD_LOT] = "lot",       [BOARD_TITLE] = "title",     [BOARD_PRICE] = "price",
        [BOARD_ASK] = "ask",       [BOARD_LEADER] = "leader",   [BOARD_CLOCK] = "clock",
        [BOARD_STATUS] = "status", [BOARD_MESSAGE] = "message",
    };
    LC_ASSERT(field < BOARD_FIELD_COUNT);
    return names[field];
}

static void append_field_text(struct buffer *out, struct bytes text)
{
    buffer_append(out, wire_part_cut(text, WIRE_BOARD_FIELD_SIZE_MAX));
}

void wire_write_board_field(struct buffer *out, enum wire_board_field field,
                            const struct wire_state *state, struct bytes currency_code,
                            int64_t currency_minor_digits, struct bytes message)
{
    const struct wire_lot *lot = state->has_lot ? &state->lot : NULL;
    switch (field) {
    case BOARD_LOT:
        if (lot != NULL) {
            buffer_append_format(out, "%lld of %lld", (long long)lot->no,
                                 (long long)state->lots_total);
        }
        break;
    case BOARD_TITLE:
        if (lot != NULL) {
            append_field_text(out, lot->title);
        }
        break;
    case BOARD_PRICE:
        if (shown_price(state) != WIRE_ABSENT) {
            wire_write_money(out, shown_price(state), currency_code, currency_minor_digits);
        }
        break;
    case BOARD_ASK:
        if (lot != NULL) {
            wire_write_money(out, lot->ask_minor, currency_code, currency_minor_digits);
        }
        break;
    case BOARD_LEADER:
        append_field_text(out, shown_leader(state));
        break;
    case BOARD_CLOCK:
        if (has_seconds(state)) {
            buffer_append_int64(out, clock_seconds(state));
        }
        break;
    case BOARD_STATUS:
        append_field_text(out, bytes_text(board_status(state)));
        break;
    case BOARD_MESSAGE:
        append_field_text(out, message);
        break;
    case BOARD_FIELD_COUNT:
        break;
    }
}

void wire_write_money(struct buffer *out, int64_t amount_minor, struct bytes currency_code,
                      int64_t minor_digits)
{
    uint64_t size =
        amount_minor < 0 ? (uint64_t)0 - (uint64_t)amount_minor : (uint64_t)amount_minor;
    uint64_t unit = 1;
    int digits = 0;
    while (digits < minor_digits && digits < 9) {
        unit *= 10;
        digits++;
    }
    buffer_append_format(out, "%s%llu", amount_minor < 0 ? "-" : "",
                         (unsigned long long)(size / unit));
    if (digits > 0) {
        buffer_append_format(out, ".%0*llu", digits, (unsigned long long)(size % unit));
    }
    if (currency_code.size > 0) {
        buffer_append_byte(out, ' ');
        buffer_append(out, wire_part_cut(currency_code, 16));
    }
}
