// Messages: every payload that travels on the broker, as a struct with one writer and, where a C
// program reads it, one reader.
//
// Purity:    pure
// Units:     *_ms milliseconds, *_at_ms UTC epoch milliseconds in engine time, *_minor currency
//            minor units
// Ownership: texts are borrowed: by a writer until it returns, from a reader's document until
//            wire_document_release()
// Errors:    writers report through their buffer (buffer_status); readers give LC_ERR_BAD_INPUT and
//            leave the result untouched
// Source:    docs/PROTOCOL.md, Objects, Events and Commands; docs/asyncapi.yaml; the bytes are kept
//            by tests/golden
#ifndef LOTCAST_WIRE_MESSAGE_H
#define LOTCAST_WIRE_MESSAGE_H

#include "lib/base/buffer.h"
#include "lib/base/error_code.h"
#include "lib/base/id.h"
#include "lib/json/json_read.h"

#define WIRE_ABSENT INT64_MIN // an optional number that is not there: written as null

enum {
    WIRE_REPLY_TAG_SIZE_MAX = 64,
    WIRE_OP_SIZE_MAX = 32,
    WIRE_COMMAND_SIZE_MAX = 200 * 1024,
    WIRE_PAYLOAD_SIZE_MAX = 256 * 1024,
    WIRE_PAGE_ITEMS = 100,
    WIRE_SNAPSHOT_LOTS_MAX = 250,
    WIRE_SNAPSHOT_PARTICIPANTS_MAX = 500,
    WIRE_TICK_SIZE_MAX = 180, // under 128 with ids of up to 8 characters
    WIRE_STATE_SIZE_MAX = 1024,
    WIRE_BOARD_JSON_SIZE_MAX = 180,
    WIRE_BOARD_FIELD_SIZE_MAX = 64,
    WIRE_REPLAY_EVENTS_MAX = 500,
};

// ---- parts ----

struct wire_head {
    int64_t seq;
    int64_t epoch;
};

// Reads the two first members of any payload of a sale without parsing the rest: the hot path of
// the bridge.
LC_MUST_CHECK enum lc_status wire_read_head(struct bytes payload, struct wire_head *out_head);

struct wire_person { // id.text "" : nobody, written as null
    struct participant_id id;
    struct bytes paddle;
    struct bytes name;
    bool shows_name;
};

struct wire_roster {
    bool present; // false: written as null
    int64_t taken;
    int64_t slots;
};

// A price that moves with time: at `now` by step x floor((now - from) / tick), down in a dutch lot,
// up in a japanese one. Frozen, the time of freezing stands for now.
struct wire_price_clock {
    bool present; // false: written as null
    int64_t price_minor;
    int64_t from_ms;
    int64_t step_minor;
    int64_t tick_ms;
    int64_t frozen_at_ms; // WIRE_ABSENT: it runs
    int64_t quantity_left;
};

struct wire_match { // a lot that is decided but for the right to match
    bool present;   // false: written as null
    struct participant_id holder;
    const char *stage; // who is asked: "holder" "winner" "holder_again"
};

struct wire_lot {
    struct lot_id id;
    int64_t no;
    struct bytes title;
    const char *phase;  // "pending" "open" "closing" "matching" "sold" "unsold" "withdrawn"
    const char *format; // "english" ...
    int64_t opening_minor;
    int64_t price_minor; // WIRE_ABSENT before the first bid
    int64_t ask_minor;
    struct wire_person leader;
    bool is_house; // the house leads: there is no leader
    int64_t bids;
    int64_t started_at_ms; // or WIRE_ABSENT
    int64_t ends_at_ms;    // or WIRE_ABSENT
    int64_t remaining_ms;
    int64_t extensions;
    int64_t round;
    const char *reserve; // "none" "not_met" "met"
    int64_t quantity;
    int64_t buy_now_minor; // WIRE_ABSENT: never was, or gone
    int64_t warned;        // fair warnings since the last bid
    struct wire_price_clock clock;
    struct wire_match match;
};

struct wire_participant {
    struct wire_person person;
    const char *status;
    int64_t budget_minor; // or WIRE_ABSENT
    int64_t spent_minor;
    int64_t held_minor;
    struct wire_roster roster;
};

struct wire_increment_band {
    int64_t from_minor;
    int64_t step_minor;
};

struct wire_increments {
    const char *kind;                        // "bands" "cycle" "percent"
    bool align;                              // bands
    const struct wire_increment_band *bands; // bands: one is written as {"kind":"flat",...}
    const int64_t *rungs;                    // cycle
    size_t count;                            // of bands or rungs
    int64_t basis_points;                    // percent
    int64_t round_minor;
    int64_t step_min_minor;
};

enum { WIRE_WARNINGS = 2 };
struct wire_lot_rules { // of a sale, or of one lot
    const char *format;
    int64_t duration_ms;
    int64_t soft_close_window_ms;
    int64_t soft_close_amount_ms;
    const char *soft_close_type;  // "reset" "add"
    const char *soft_close_scope; // "lot" "cascade" "group" "all"
    int64_t soft_close_max_extensions;
    int64_t soft_close_latest_ms;
    int64_t soft_close_shrink_percent;
    int64_t closing_grace_ms;
    int64_t warning_ms[WIRE_WARNINGS];
    bool is_strict;
    int64_t sanity_factor;
    struct wire_increments increments;
    const char *reserve_mode;
    const char *retraction;
    const char *buy_now_until;
    bool no_maximum;
    int64_t price_step_minor;
    int64_t price_tick_ms;
    int64_t dutch_raise_minor;
    int64_t candle_ending_ms;
};

struct wire_catalogue_lot {
    struct wire_lot lot;
    struct bytes description;
    struct bytes image;
    struct bytes category;
    struct bytes set;
    int64_t estimate_low_minor; // or WIRE_ABSENT
    int64_t estimate_high_minor;
    struct wire_person winner; // of a sold lot; nobody when there are several
    int64_t winners;
    struct participant_id match_holder; // ""
    const struct wire_lot_rules *rules; // NULL: those of the sale
    bool rules_left_out;                // it has rules of its own, which are not told here: {}
};

// ---- retained state ----

struct wire_category_cap {
    struct bytes category;
    int64_t most;
};

struct wire_premium_band {
    int64_t from_minor;
    int64_t basis_points;
};

struct wire_info {
    struct wire_head head;
    struct sale_id id;
    struct bytes title;
    struct bytes currency_code;
    int64_t currency_minor_digits;
    const char *phase;
    bool is_public;
    const char *visibility;
    struct bytes gavel; // the console that holds it, empty: nobody
    // rules
    struct wire_lot_rules lot;
    int64_t gap_ms;
    int64_t unsold_rounds;
    const char *flow; // "sequential" "parallel"
    int64_t stagger_ms;
    const char *start;      // "lobby" "at" "at_once"
    int64_t starts_at_ms;   // or WIRE_ABSENT
    const char *lot_order;  // "listed" "shuffled"
    struct bytes seed_hash; // hex; empty: nothing is drawn
    const char *registration;
    int64_t gavel_timeout_ms;
    const char *nomination; // "none" "straight" "snake"
    int64_t nomination_ms;
    bool nominator_bids;
    bool is_accelerated;
    int64_t names_ms;
    const char *match; // "none" "plain" "raise"
    int64_t match_ms;
    const struct wire_category_cap *category_caps;
    size_t category_caps_count;
    const struct wire_premium_band *premium;
    size_t premium_count;
    bool has_roster;
    int64_t roster_budget_minor;
    int64_t roster_slots;
    int64_t roster_minimum_minor;
};
void wire_write_info(struct buffer *out, const struct wire_info *info);

struct wire_next_lot {
    struct lot_id id; // "" : written as null
    int64_t no;
    struct bytes title;
    int64_t opening_minor;
    int64_t starts_at_ms; // or WIRE_ABSENT
    int64_t remaining_ms;
};

struct wire_waiting {         // a clock that is of no lot
    bool present;             // false: written as null
    struct participant_id by; // whose turn it is to name a lot, ""
    int64_t ends_at_ms;       // or WIRE_ABSENT
    int64_t remaining_ms;
};

struct wire_state {
    struct wire_head head;
    const char *phase; // "lobby" "live" "paused" "complete"
    int64_t now_ms;
    const char *clock;   // "none" "lot" "gap" "nomination" "names" "start"
    bool has_lot;        // false: lot is null
    struct wire_lot lot; // the open lot that ends first, or the last one that was open
    int64_t open;        // lots that are open
    struct wire_next_lot next;
    struct wire_waiting waiting;
    int64_t lots_total;
    int64_t sold;
    int64_t unsold;
    int64_t remaining_lots;
};
// Titles and the leader's name are cut at a character where the whole would pass
// WIRE_STATE_SIZE_MAX.
void wire_write_state(struct buffer *out, const struct wire_state *state);

// A parsed document that the texts of a read message are borrowed from.
struct wire_document {
    struct json *json;
};
void wire_document_release(struct wire_document *document);

// Everything but the rules, which stay zero: what a display needs. Words point into the document.
LC_MUST_CHECK enum lc_status wire_read_info(struct bytes payload,
                                            struct wire_document *out_document,
                                            struct wire_info *out_info);

// `phase`, `clock` and the like point into the document.
LC_MUST_CHECK enum lc_status wire_read_state(struct bytes payload,
                                             struct wire_document *out_document,
                                             struct wire_state *out_state);

enum wire_tick_clock {
    TICK_LOT,
    TICK_GAP,   // until the lot starts
    TICK_PRICE, // until the price moves
    TICK_NOMINATION,
    TICK_NAMES,
    TICK_START,
};

struct wire_tick {
    struct wire_head head;
    struct lot_id lot; // "": of no lot
    enum wire_tick_clock clock;
    int64_t price_minor; // TICK_PRICE, else not written
    int64_t ends_at_ms;
    int64_t now_ms;
    int64_t remaining_ms;
};
void wire_write_tick(struct buffer *out, const struct wire_tick *tick);
LC_MUST_CHECK enum lc_status wire_read_tick(struct bytes payload, struct wire_tick *out_tick);

struct wire_lots_page {
    struct wire_head head;
    int64_t page;
    int64_t pages;
    int64_t total;
    const struct wire_catalogue_lot *lots;
    size_t lots_count;
};
void wire_write_lots_page(struct buffer *out, const struct wire_lots_page *page);

struct wire_participants_page {
    struct wire_head head;
    int64_t page;
    int64_t pages;
    int64_t total;
    const struct wire_participant *participants;
    size_t participants_count;
};
void wire_write_participants_page(struct buffer *out, const struct wire_participants_page *page);

// Title is cut to 24 bytes at a character, and further where the whole would pass
// WIRE_BOARD_JSON_SIZE_MAX. "p" is the text of board/status; in a gap "e" and "r" count to the next
// lot; "pr", "as" and "e" are null when absent.
void wire_write_board_json(struct buffer *out, const struct wire_state *state,
                           struct bytes currency_code, int64_t currency_minor_digits);

// Fields of board/{field}, in this order.
enum wire_board_field {
    BOARD_LOT,     // "1 of 32"
    BOARD_TITLE,   // cut to 64 bytes at a character
    BOARD_PRICE,   // "12.00 EUR", "" before the first bid
    BOARD_ASK,     // "13.00 EUR"
    BOARD_LEADER,  // paddle, "" for nobody
    BOARD_CLOCK,   // "25"
    BOARD_STATUS,  // see board_status() in message_board.c
    BOARD_MESSAGE, // last notice
    BOARD_FIELD_COUNT
};
const char *wire_board_field_name(enum wire_board_field field);
void wire_write_board_field(struct buffer *out, enum wire_board_field field,
                            const struct wire_state *state, struct bytes currency_code,
                            int64_t currency_minor_digits, struct bytes message);

// "12.00 EUR", for people.
void wire_write_money(struct buffer *out, int64_t amount_minor, struct bytes currency_code,
                      int64_t minor_digits);

// ---- answers that the engine composes ----

struct wire_recent_bid {
    struct lot_id lot;
    struct wire_person by; // nobody: the house
    const char *kind;
    int64_t amount_minor;
    int64_t at_ms;
};

struct wire_snapshot {
    struct wire_head head;
    bool live;
    int64_t now_ms;
    struct bytes info;                     // a complete Info payload
    struct bytes state;                    // a complete State payload
    const struct wire_catalogue_lot *lots; // written without descriptions
    size_t lots_count;
    int64_t lots_total;
    const struct wire_participant *participants;
    size_t participants_count;
    int64_t participants_total;
    const struct wire_recent_bid *recent_bids;
    size_t recent_bids_count;
};
void wire_write_snapshot(struct buffer *out, const struct wire_snapshot *snapshot);

// The snapshot that a bridge makes from retained payloads while no engine answers ("live":false):
// null for an empty info or state, an empty list for an empty page.
void wire_write_retained_snapshot(struct buffer *out, struct bytes info, struct bytes state,
                                  struct bytes lots_page, struct bytes participants_page,
                                  int64_t now_ms);

struct wire_own_maximum { // a maximum or a sealed bid: its owner's secret
    struct lot_id lot;
    int64_t max_minor;
    int64_t quantity;
    bool is_sealed; // whether it leads is not said
    bool is_leading;
};

struct wire_you {
    struct wire_head head;
    struct wire_person participant;
    enum role role;
    const char *status;           // NULL: no participant
    const struct lot_id *leading; // open lots
    size_t leading_count;
    const struct wire_own_maximum *maxima;
    size_t maxima_count;
    const struct lot_id *entered; // japanese lots whose button is held
    size_t entered_count;
    const struct lot_id *passed;
    size_t passed_count;
    int64_t budget_minor; // or WIRE_ABSENT
    int64_t limit_minor;  // or WIRE_ABSENT
    int64_t spent_minor;
    int64_t held_minor;
    struct wire_roster roster;
    int64_t max_bid_minor; // or WIRE_ABSENT
};
void wire_write_you(struct buffer *out, const struct wire_you *you);

// ---- commands and replies ----

// The envelope of a command; what belongs to the op is read from `body`, the whole command object.
struct wire_command {
    struct command_id id;
    char op[WIRE_OP_SIZE_MAX + 1];
    struct participant_id by; // "" when missing or null
    enum role role;           // ROLE_NONE when missing
    int64_t received_at_ms;   // WIRE_ABSENT when missing
    int64_t uncertainty_ms;   // of received_at; WIRE_ABSENT when missing
    int64_t deadline_at_ms;   // WIRE_ABSENT when missing
    struct bytes by_name;     // of the sender's token; empty when missing
    char reply_tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    const struct json *body;
};

// LC_ERR_BAD_INPUT: not an object, larger than WIRE_COMMAND_SIZE_MAX, no id or op, or an envelope
// member of a wrong type. `out_reply_tag` (WIRE_REPLY_TAG_SIZE_MAX + 1 bytes), when not NULL, is
// filled whenever the payload has a tag, so that also a malformed command can be answered; else "".
LC_MUST_CHECK enum lc_status wire_read_command(struct bytes payload,
                                               struct wire_document *out_document,
                                               struct wire_command *out_command,
                                               char *out_reply_tag);

// Writes the envelope followed by the members of `members` (a JSON object as text) that are not
// envelope names: a caller can never set by, role, received_at, uncertainty_ms, deadline_at, by_name
// or reply through its payload. LC_ERR_BAD_INPUT: `members` is no JSON object (empty bytes stand for {}); LC_ERR_FULL:
// larger than WIRE_COMMAND_SIZE_MAX.
LC_MUST_CHECK enum lc_status
wire_write_command(struct buffer *out, const struct wire_command *command, struct bytes members);

// Members of a command that the bridge writes, never its caller.
bool wire_is_envelope_name(const char *name);

// Splits a reply: the tag, and the bytes of `result` as they stand in the payload.
LC_MUST_CHECK enum lc_status wire_read_reply(struct bytes payload,
                                             char out_tag[WIRE_REPLY_TAG_SIZE_MAX + 1],
                                             struct bytes *out_result);
// `result` is a complete JSON object.
void wire_write_reply(struct buffer *out, const char *tag, struct bytes result);

// {"ok":false,"error":{"code","message"...}} with the given extra members of error (a run of
// `"name":value` pairs, or empty).
void wire_write_refusal(struct buffer *out, const struct wire_head *head_or_null,
                        enum error_code code, const char *detail_or_null, struct bytes facts);

// ---- programs ----

struct wire_heartbeat {
    char program[ID_SIZE_MAX + 1];
    struct client_id node;
    bool online;
    char version[17];
    char relay[5]; // of a bridge: how others reach it; "": it cannot be reached, not written
    int64_t since_ms;
    int64_t now_ms;
};
void wire_write_heartbeat(struct buffer *out, const struct wire_heartbeat *heartbeat);
LC_MUST_CHECK enum lc_status wire_read_heartbeat(struct bytes payload,
                                                 struct wire_heartbeat *out_heartbeat);

// That an engine holds a sale; readers need its topic alone.
struct wire_holding {
    struct client_id node;
    struct sale_id sale;
    int64_t since_ms; // start of the program, as in its heartbeat
};
void wire_write_holding(struct buffer *out, const struct wire_holding *holding);

enum { WIRE_PRESENCE_IDS_MAX = 5000 };
struct wire_presence {
    struct client_id node;
    struct sale_id sale;
    int64_t count;
    struct participant_id *ids; // reader: array owned by the caller after LC_OK, ends with free()
    size_t ids_count;
};
void wire_write_presence(struct buffer *out, const struct wire_presence *presence);
LC_MUST_CHECK enum lc_status wire_read_presence(struct bytes payload,
                                                struct wire_presence *out_presence);

#endif
