// What a display board knows of a sale, and how it shows it: a model that takes messages and time,
// and two renderings.
//
// Purity:    pure
// Units:     `now_ms` is any clock that never goes back (the boot clock); *_ms of messages are
//            engine time or durations
// Ownership: value, owns nothing; texts are copied and cut at a character, control characters
//            become '?', so that nobody's title can command the terminal
// Errors:    display_take(): false for a message that changes nothing: foreign, malformed or stale
// Order:     of two messages the one of the higher (epoch, seq) holds; equal ones by their `now`
// Source:    docs/PROTOCOL.md, State and Tick; design 4 (boards), design 7 (clock)
#ifndef LOTCAST_BOARD_DISPLAY_H
#define LOTCAST_BOARD_DISPLAY_H

#include "lib/wire/message.h"
#include "lib/wire/topic.h"

enum {
    DISPLAY_TEXT_SIZE_MAX = 120,
    DISPLAY_WORD_SIZE_MAX = 16,
    DISPLAY_SILENCE_MS = 3000, // then a countdown is not believed any more
    DISPLAY_RESYNC_MS = 1000,  // how long ticks may be ahead of the state
    DISPLAY_PAGE_SIZE_MAX = 4096,
};

enum display_clock {
    DISPLAY_CLOCK_NONE,    // no clock runs: lobby, complete, nothing known
    DISPLAY_CLOCK_WAITING, // one should run, but no live message tells where it stands
    DISPLAY_CLOCK_RUNNING,
    DISPLAY_CLOCK_FROZEN, // paused
};

struct display {
    bool online;
    bool has_info;
    char sale_title[DISPLAY_TEXT_SIZE_MAX + 1];
    char currency_code[DISPLAY_WORD_SIZE_MAX + 1];
    int64_t minor_digits;
    char message[DISPLAY_TEXT_SIZE_MAX + 1];

    bool has_state;
    bool is_gone; // the sale was deleted
    struct wire_head head;
    int64_t state_now_ms; // engine time of the newest state
    char phase[DISPLAY_WORD_SIZE_MAX + 1];
    enum display_clock clock;
    enum wire_tick_clock clock_kind;
    struct lot_id clock_lot;
    bool has_lot;
    int64_t lot_no;
    int64_t lots_total;
    int64_t open; // lots
    char lot_title[DISPLAY_TEXT_SIZE_MAX + 1];
    char lot_phase[DISPLAY_WORD_SIZE_MAX + 1];
    int64_t price_minor; // or WIRE_ABSENT; one that moves as the last message told it
    bool price_moves;
    int64_t ask_minor;
    int64_t bids;
    char leader[DISPLAY_TEXT_SIZE_MAX + 1]; // "3 Ana", "house", "" for nobody
    bool has_next;
    int64_t next_no;
    char next_title[DISPLAY_TEXT_SIZE_MAX + 1];

    int64_t remaining_ms;   // when the clock was told, or frozen
    int64_t told_at_ms;     // local time of that; meaningless unless running
    int64_t engine_now_ms;  // engine time of the newest live message
    int64_t tick_epoch;     // that `engine_now_ms` belongs to
    int64_t ahead_since_ms; // a tick knew more than the state: since then; 0: no
};

void display_init(struct display *display);

// The connection came or went. Offline stops every countdown: what is shown may be old.
void display_set_online(struct display *display, bool online);

// Takes a message of the sale; an empty state means that the sale was deleted.
bool display_take(struct display *display, const struct topic *topic, struct bytes payload,
                  bool retained, int64_t now_ms);

// What the clock shows at `now_ms`: `out_seconds` (rounded up) while running or frozen.
enum display_clock display_clock_at(const struct display *display, int64_t now_ms,
                                    int64_t *out_seconds);

// True when ticks have told of a newer state than the one received, for too long: the retained
// state is to be asked for again. Asks once in DISPLAY_RESYNC_MS.
bool display_wants_state(struct display *display, int64_t now_ms);

// One line of name=value pairs, and a whole page, both without a newline at the end.
void display_write_line(const struct display *display, int64_t now_ms, struct buffer *out);
void display_write_page(const struct display *display, int64_t now_ms, struct buffer *out);

#endif
