#include "board/display.h"

#include "lib/json/json_write.h"

void display_init(struct display *display)
{
    *display = (struct display){.price_minor = WIRE_ABSENT};
}

void display_set_online(struct display *display, bool online)
{
    display->online = online;
    display->ahead_since_ms = 0;
    if (display->clock == DISPLAY_CLOCK_RUNNING) {
        display->clock = DISPLAY_CLOCK_WAITING;
    }
}

// ---- texts ----

// Size of the character at `at` of well-formed UTF-8.
static size_t character_size(struct bytes text, size_t at)
{
    size_t end = at + 1;
    while (end < text.size && (text.data[end] & 0xC0) == 0x80) {
        end++;
    }
    return end - at;
}

// C0, DEL and the two-byte C1 controls.
static bool is_control(struct bytes text, size_t at)
{
    uint8_t c = text.data[at];
    return c < 0x20 || c == 0x7F || (c == 0xC2 && at + 1 < text.size && text.data[at + 1] < 0xA0);
}

static void copy_text(struct bytes text, size_t size_max, char *out_text)
{
    size_t used = 0;
    for (size_t at = 0; at < text.size;) {
        size_t size = character_size(text, at);
        bool control = is_control(text, at);
        if (used + (control ? 1 : size) > size_max) {
            break;
        }
        if (control) {
            out_text[used++] = '?';
        } else {
            memcpy(out_text + used, text.data + at, size);
            used += size;
        }
        at += size;
    }
    out_text[used] = 0;
}

static bool is_word(const char *word, const char *expected)
{
    return strcmp(word, expected) == 0;
}

// ---- messages ----

static bool take_info(struct display *display, struct bytes payload)
{
    struct wire_info info;
    struct wire_document document;
    if (wire_read_info(payload, &document, &info) != LC_OK) {
        return false;
    }
    display->has_info = true;
    copy_text(info.title, DISPLAY_TEXT_SIZE_MAX, display->sale_title);
    copy_text(info.currency_code, DISPLAY_WORD_SIZE_MAX, display->currency_code);
    display->minor_digits = info.currency_minor_digits;
    wire_document_release(&document);
    return true;
}

static void copy_leader(struct display *display, const struct wire_person *leader)
{
    char paddle[DISPLAY_WORD_SIZE_MAX + 1];
    char name[DISPLAY_TEXT_SIZE_MAX - DISPLAY_WORD_SIZE_MAX];
    display->leader[0] = 0;
    if (leader->id.text[0] == 0) {
        return;
    }
    copy_text(leader->paddle, DISPLAY_WORD_SIZE_MAX, paddle);
    copy_text(leader->shows_name ? leader->name : bytes_text(""), sizeof name - 1, name);
    snprintf(display->leader, sizeof display->leader, "%s%s%s", paddle, name[0] == 0 ? "" : " ",
             name);
}

static void copy_state(struct display *display, const struct wire_state *state)
{
    display->has_state = true;
    display->is_gone = false;
    display->head = state->head;
    display->state_now_ms = state->now_ms;
    copy_text(bytes_text(state->phase), DISPLAY_WORD_SIZE_MAX, display->phase);
    display->lots_total = state->lots_total;
    display->has_lot = state->has_lot;
    display->open = state->open;
    display->price_minor = WIRE_ABSENT;
    display->price_moves = false;
    if (state->has_lot) {
        display->lot_no = state->lot.no;
        copy_text(state->lot.title, DISPLAY_TEXT_SIZE_MAX, display->lot_title);
        copy_text(bytes_text(state->lot.phase), DISPLAY_WORD_SIZE_MAX, display->lot_phase);
        display->price_minor = state->lot.price_minor;
        display->ask_minor = state->lot.ask_minor;
        display->bids = state->lot.bids;
        copy_leader(display, &state->lot.leader);
        if (state->lot.is_house) {
            copy_text(bytes_text("house"), DISPLAY_WORD_SIZE_MAX, display->leader);
        }
        display->price_moves = state->lot.clock.present;
        if (display->price_moves) {
            display->price_minor = state->lot.ask_minor;
        }
    }
    display->has_next = state->next.id.text[0] != 0;
    if (display->has_next) {
        display->next_no = state->next.no;
        copy_text(state->next.title, DISPLAY_TEXT_SIZE_MAX, display->next_title);
    }
}

static void tell_clock(struct display *display, int64_t remaining_ms, int64_t engine_now_ms,
                       int64_t now_ms)
{
    display->clock = DISPLAY_CLOCK_RUNNING;
    display->remaining_ms = remaining_ms;
    display->told_at_ms = now_ms;
    display->engine_now_ms = engine_now_ms;
    display->tick_epoch = display->head.epoch;
}

// Until a price moves that moves by the clock.
static int64_t price_stands_ms(const struct wire_price_clock *clock, int64_t now_ms)
{
    int64_t at_ms = clock->frozen_at_ms != WIRE_ABSENT ? clock->frozen_at_ms : now_ms;
    if (clock->tick_ms <= 0) {
        return 0;
    }
    return at_ms < clock->from_ms ? clock->from_ms + clock->tick_ms - at_ms
                                  : clock->tick_ms - (at_ms - clock->from_ms) % clock->tick_ms;
}

struct told_clock { // what a state says of the clock
    bool present;
    enum wire_tick_clock kind;
    struct lot_id lot;
    int64_t remaining_ms;
};

static enum wire_tick_clock waiting_kind(const char *clock)
{
    if (is_word(clock, "nomination")) {
        return TICK_NOMINATION;
    }
    return is_word(clock, "names") ? TICK_NAMES : TICK_START;
}

static struct told_clock told_clock_of(const struct wire_state *state)
{
    const struct wire_lot *lot = &state->lot;
    if (is_word(state->clock, "lot") && state->has_lot) {
        bool has_end = lot->ends_at_ms != WIRE_ABSENT || lot->remaining_ms > 0;
        if (lot->clock.present) {
            return (struct told_clock){true, TICK_PRICE, lot->id,
                                       price_stands_ms(&lot->clock, state->now_ms)};
        }
        return (struct told_clock){has_end, TICK_LOT, lot->id, lot->remaining_ms};
    }
    if (is_word(state->clock, "gap") && state->next.id.text[0] != 0) {
        return (struct told_clock){true, TICK_GAP, state->next.id, state->next.remaining_ms};
    }
    return (struct told_clock){
        state->waiting.present, waiting_kind(state->clock), {""}, state->waiting.remaining_ms};
}

// The clock that a state tells of. A retained one says which clock runs, but not when it was
// written: then the countdown waits, or goes on as a live message has told it.
static void take_clock(struct display *display, const struct wire_state *state, bool retained,
                       int64_t now_ms)
{
    struct told_clock told = told_clock_of(state);
    bool same = display->clock_kind == told.kind && lot_id_equal(&display->clock_lot, &told.lot);
    display->clock_kind = told.kind;
    display->clock_lot = told.lot;
    if (!told.present) {
        display->clock = DISPLAY_CLOCK_NONE;
    } else if (is_word(state->phase, "paused")) {
        display->clock = DISPLAY_CLOCK_FROZEN; // F23: the frozen time does not age
        display->remaining_ms = told.remaining_ms;
    } else if (!retained) {
        tell_clock(display, told.remaining_ms, state->now_ms, now_ms);
    } else if (!same || display->clock != DISPLAY_CLOCK_RUNNING) {
        display->clock = DISPLAY_CLOCK_WAITING;
    }
}

// Negative: `a` is older than `b`.
static int compare_heads(const struct wire_head *a, const struct wire_head *b)
{
    if (a->epoch != b->epoch) {
        return a->epoch < b->epoch ? -1 : 1;
    }
    if (a->seq != b->seq) {
        return a->seq < b->seq ? -1 : 1;
    }
    return 0;
}

static bool take_state(struct display *display, struct bytes payload, bool retained, int64_t now_ms)
{
    struct wire_state state;
    struct wire_document document;
    if (payload.size == 0) { // F24: the retained state was cleared
        bool online = display->online;
        bool changed = display->has_state;
        display_init(display);
        display->online = online;
        display->is_gone = true;
        return changed;
    }
    if (wire_read_state(payload, &document, &state) != LC_OK) {
        return false;
    }
    int order = display->has_state ? compare_heads(&state.head, &display->head) : 1;
    bool is_stale = order < 0 || (order == 0 && state.now_ms < display->state_now_ms);
    if (!is_stale) { // F10, F12
        copy_state(display, &state);
        take_clock(display, &state, retained, now_ms);
        display->ahead_since_ms = 0;
    }
    wire_document_release(&document);
    return !is_stale;
}

static bool take_tick(struct display *display, struct bytes payload, bool retained, int64_t now_ms)
{
    struct wire_tick tick;
    if (retained || !display->has_state || wire_read_tick(payload, &tick) != LC_OK) {
        return false;
    }
    int order = compare_heads(&tick.head, &display->head);
    bool is_older = tick.head.epoch == display->tick_epoch && tick.now_ms < display->engine_now_ms;
    if (order < 0 || is_older) {
        return false; // F10: an old tick never moves the clock back
    }
    if (order > 0 && display->ahead_since_ms == 0) {
        display->ahead_since_ms = now_ms;
    }
    bool is_ours = tick.clock == display->clock_kind &&
                   lot_id_equal(&tick.lot, &display->clock_lot) &&
                   display->clock != DISPLAY_CLOCK_NONE;
    bool contradicts = order == 0 && display->clock == DISPLAY_CLOCK_FROZEN;
    if (!is_ours || contradicts) {
        return false; // L5: the state of that clock is on its way, or is asked for
    }
    if (tick.clock == TICK_PRICE) {
        display->price_minor = tick.price_minor;
        display->ask_minor = tick.price_minor;
    }
    tell_clock(display, tick.remaining_ms, tick.now_ms, now_ms);
    return true;
}

bool display_take(struct display *display, const struct topic *topic, struct bytes payload,
                  bool retained, int64_t now_ms)
{
    switch (topic->kind) {
    case TOPIC_SALE_INFO:
        return take_info(display, payload);
    case TOPIC_SALE_STATE:
        return take_state(display, payload, retained, now_ms);
    case TOPIC_SALE_TICK:
        return take_tick(display, payload, retained, now_ms);
    case TOPIC_SALE_BOARD:
        if (!is_word(topic->name, wire_board_field_name(BOARD_MESSAGE)) ||
            !bytes_is_utf8(payload)) {
            return false;
        }
        copy_text(payload, DISPLAY_TEXT_SIZE_MAX, display->message);
        return true;
    case TOPIC_SALE_LOTS:
    case TOPIC_SALE_PARTICIPANTS:
    case TOPIC_SALE_EVENT:
    case TOPIC_SALE_PRIVATE:
    case TOPIC_SALE_COMMAND:
    case TOPIC_SVC_COMMAND:
    case TOPIC_REPLY:
    case TOPIC_HEARTBEAT:
    case TOPIC_PRESENCE:
    case TOPIC_HOLDING:
    case TOPIC_PULSE:
    case TOPIC_RELAY:
        break; // not for a board
    }
    return false;
}

enum display_clock display_clock_at(const struct display *display, int64_t now_ms,
                                    int64_t *out_seconds)
{
    int64_t remaining_ms = display->remaining_ms;
    switch (display->clock) {
    case DISPLAY_CLOCK_NONE:
    case DISPLAY_CLOCK_WAITING:
        return display->clock;
    case DISPLAY_CLOCK_RUNNING:
        if (now_ms - display->told_at_ms > DISPLAY_SILENCE_MS) {
            return DISPLAY_CLOCK_WAITING;
        }
        remaining_ms -= now_ms - display->told_at_ms;
        break;
    case DISPLAY_CLOCK_FROZEN:
        break;
    }
    *out_seconds = remaining_ms <= 0 ? 0 : (remaining_ms - 1) / 1000 + 1;
    return display->clock;
}

bool display_wants_state(struct display *display, int64_t now_ms)
{
    if (display->ahead_since_ms == 0 || now_ms - display->ahead_since_ms < DISPLAY_RESYNC_MS) {
        return false;
    }
    display->ahead_since_ms = now_ms;
    return true;
}

// ---- renderings ----

static const char *phase_text(const struct display *display)
{
    if (display->is_gone) {
        return "deleted";
    }
    return display->has_state ? display->phase : "unknown";
}

static void append_quoted(struct buffer *out, const char *name, const char *text)
{
    buffer_append_format(out, " %s=", name);
    json_quote(out, bytes_text(text));
}

static void append_money(const struct display *display, int64_t amount_minor, struct buffer *out)
{
    if (amount_minor != WIRE_ABSENT) {
        wire_write_money(out, amount_minor, bytes_text(display->currency_code),
                         display->minor_digits);
    }
}

static void append_clock(const struct display *display, int64_t now_ms, struct buffer *out)
{
    int64_t seconds = 0;
    switch (display_clock_at(display, now_ms, &seconds)) {
    case DISPLAY_CLOCK_NONE:
        buffer_append_text(out, "none");
        break;
    case DISPLAY_CLOCK_WAITING:
        buffer_append_text(out, "waiting");
        break;
    case DISPLAY_CLOCK_RUNNING:
    case DISPLAY_CLOCK_FROZEN:
        buffer_append_int64(out, seconds);
        break;
    }
}

void display_write_line(const struct display *display, int64_t now_ms, struct buffer *out)
{
    buffer_append_format(out, "connection=%s phase=%s", display->online ? "online" : "offline",
                         phase_text(display));
    if (display->has_lot) {
        buffer_append_format(out, " lot=%lld/%lld", (long long)display->lot_no,
                             (long long)display->lots_total);
        append_quoted(out, "title", display->lot_title);
        buffer_append_format(out, " state=%s price=\"", display->lot_phase);
        append_money(display, display->price_minor, out);
        buffer_append_text(out, "\" ask=\"");
        append_money(display, display->ask_minor, out);
        buffer_append_byte(out, '"');
        append_quoted(out, "leader", display->leader);
        buffer_append_format(out, " bids=%lld", (long long)display->bids);
    }
    if (display->has_next) {
        buffer_append_format(out, " next=%lld", (long long)display->next_no);
    }
    buffer_append_text(out, " clock=");
    append_clock(display, now_ms, out);
    append_quoted(out, "message", display->message);
}

static void write_lot_rows(const struct display *display, struct buffer *out)
{
    buffer_append_format(out, "  Lot %lld of %lld   %s\n  %s\n\n  ", (long long)display->lot_no,
                         (long long)display->lots_total, display->lot_phase, display->lot_title);
    if (display->price_minor == WIRE_ABSENT) {
        buffer_append_text(out, "no bid yet");
    } else {
        append_money(display, display->price_minor, out);
    }
    if (is_word(display->lot_phase, "open") && !display->price_moves) {
        buffer_append_text(out, "     next bid ");
        append_money(display, display->ask_minor, out);
    }
    const char *role = is_word(display->lot_phase, "sold") ? "sold to" : "leads:";
    if (display->leader[0] != 0) {
        buffer_append_format(out, "\n  %s %s   (%lld bids)", role, display->leader,
                             (long long)display->bids);
    }
    if (display->open > 1) {
        buffer_append_format(out, "\n  %lld lots are open", (long long)display->open);
    }
    buffer_append_text(out, "\n\n");
}

static const char *clock_title(enum wire_tick_clock kind)
{
    switch (kind) {
    case TICK_LOT:
        return "time left";
    case TICK_GAP:
        return "next lot in";
    case TICK_PRICE:
        return "price moves in";
    case TICK_NOMINATION:
        return "a lot is named in";
    case TICK_NAMES:
        return "lots are named for";
    case TICK_START:
        return "the sale starts in";
    }
    return "time left";
}

static void write_clock_row(const struct display *display, int64_t now_ms, struct buffer *out)
{
    int64_t seconds = 0;
    enum display_clock clock = display_clock_at(display, now_ms, &seconds);
    const char *what = clock_title(display->clock_kind);
    switch (clock) {
    case DISPLAY_CLOCK_NONE:
        buffer_append_text(out, "\n");
        break;
    case DISPLAY_CLOCK_WAITING:
        buffer_append_format(out, "  %s  waiting for the clock\n", what);
        break;
    case DISPLAY_CLOCK_RUNNING:
    case DISPLAY_CLOCK_FROZEN:
        buffer_append_format(out, "  %s  %lld:%02lld%s\n", what, (long long)(seconds / 60),
                             (long long)(seconds % 60),
                             clock == DISPLAY_CLOCK_FROZEN ? "  (paused)" : "");
        break;
    }
}

void display_write_page(const struct display *display, int64_t now_ms, struct buffer *out)
{
    buffer_append_format(out, "  %s   [%s]%s\n\n",
                         display->has_info ? display->sale_title : "Lotcast", phase_text(display),
                         display->online ? "" : "   NO CONNECTION: what is shown may be old");
    if (display->is_gone) {
        buffer_append_text(out, "  This sale was deleted.\n");
    } else if (!display->has_state) {
        buffer_append_text(out, "  Waiting for the sale.\n");
    } else if (display->has_lot) {
        write_lot_rows(display, out);
    } else {
        buffer_append_format(out, "  %lld lots\n\n", (long long)display->lots_total);
    }
    write_clock_row(display, now_ms, out);
    if (display->has_next) {
        buffer_append_format(out, "  then lot %lld: %s\n", (long long)display->next_no,
                             display->next_title);
    }
    buffer_append_format(out, "\n  %s", display->message);
}
