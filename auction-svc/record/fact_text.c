#include "auction-svc/record/fact_text.h"

#include "auction-svc/record/choice.h"
#include "lib/base/status.h"

static const char *const role_names[] = {"none",       "viewer", "bidder", "clerk",
                                         "auctioneer", "admin",  NULL};
static const char *const epoch_names[] = {"created", "engine_start", NULL};
static const char *const close_names[] = {"time",   "next",    "hammer",  "buy_now",
                                          "passed", "pressed", "matched", NULL};
static const char *const unsold_names[] = {"no_bids", "reserve_not_met", "passed", NULL};
static const char *const withdraw_names[] = {"staff", "below_minimum", NULL};
static const char *const pause_names[] = {"command", "gavel_lost", NULL};
static const char *const extend_names[] = {"bid", "command", NULL};
static const char *const bid_names[] = {"plain", "maximum", "floor",      "house", "absentee",
                                        "press", "enter",   "nomination", NULL};
static const char *const match_stage_names[] = {"holder", "winner", "holder_again", NULL};
static const char *const resume_names[] = {"command", "outage", NULL};
static const char *const complete_names[] = {"no_lots_left", "rosters_full", "nobody_can_afford",
                                             NULL};

// NOLINTBEGIN(bugprone-macro-parentheses): the name of a member can't stand in parentheses
// clang-format off
#define AT(member) offsetof(struct sale_event, as.member)
#define INT(kind, member) {#member, MEMBER_INT, AT(kind.member), 0, NULL, false}
#define BOOL(kind, member) {#member, MEMBER_BOOL, AT(kind.member), 0, NULL, false}
#define TEXT(kind, member) {#member, MEMBER_TEXT, AT(kind.member), 0, NULL, false}
#define ID(kind, member) {#member, MEMBER_ID, AT(kind.member), 0, NULL, false}
#define HASH(kind, member) {#member, MEMBER_HASH, AT(kind.member), 0, NULL, false}
#define ENUM(kind, member, names) {#member, MEMBER_ENUM, AT(kind.member), 0, names, false}
#define ADDED_INT(kind, member) {#member, MEMBER_INT, AT(kind.member), 0, NULL, true}
#define ADDED_BOOL(kind, member) {#member, MEMBER_BOOL, AT(kind.member), 0, NULL, true}
#define ADDED_ID(kind, member) {#member, MEMBER_ID, AT(kind.member), 0, NULL, true}
#define ADDED_ENUM(kind, member, names) {#member, MEMBER_ENUM, AT(kind.member), 0, names, true}
#define ADDED_HASH(kind, member) {#member, MEMBER_HASH, AT(kind.member), 0, NULL, true}
#define END {NULL, MEMBER_INT, 0, 0, NULL, false}
// clang-format on
// NOLINTEND(bugprone-macro-parentheses)

static const struct member_form members[SALE_EVENT_KIND_COUNT][14] = {
    [EVENT_SALE_CREATED] = {{"definition", MEMBER_DEFINITION, AT(sale_created.definition), 0, NULL,
                             false},
                            END},
    [EVENT_EPOCH_STARTED] = {INT(epoch_started, epoch), ENUM(epoch_started, reason, epoch_names),
                             END},
    [EVENT_LOTS_ADDED] = {{"lots", MEMBER_LOTS, AT(lots_added), 0, NULL, false}, END},
    [EVENT_INVITE_CREATED] = {HASH(invite_created, hash), ENUM(invite_created, role, role_names),
                              INT(invite_created, uses), INT(invite_created, expires_at_ms),
                              ID(invite_created, participant), END},
    [EVENT_PARTICIPANT_JOINED] = {ID(participant_joined, participant),
                                  {"paddle", MEMBER_CHARS, AT(participant_joined.paddle),
                                   PADDLE_SIZE_MAX + 1, NULL, false},
                                  TEXT(participant_joined, name),
                                  ENUM(participant_joined, role, role_names),
                                  HASH(participant_joined, invite_hash),
                                  ADDED_BOOL(participant_joined, pending),
                                  END},
    [EVENT_INVITE_USED] = {HASH(invite_used, invite_hash), END},
    [EVENT_PARTICIPANT_BLOCKED] = {ID(participant_blocked, participant),
                                   BOOL(participant_blocked, blocked), END},
    [EVENT_SALE_STARTED] = {INT(sale_started, next_lot_index), INT(sale_started, next_starts_at_ms),
                            ADDED_INT(sale_started, first_ends_at_ms), END},
    [EVENT_LOT_STARTED] = {INT(lot_started, lot_index), INT(lot_started, ends_at_ms),
                           ADDED_INT(lot_started, draws_at_ms), END},
    [EVENT_BID_ACCEPTED] = {INT(bid_accepted, lot_index),
                            INT(bid_accepted, bid_no),
                            ID(bid_accepted, by),
                            INT(bid_accepted, amount_minor),
                            INT(bid_accepted, ends_at_ms),
                            {"bid_kind", MEMBER_ENUM, AT(bid_accepted.kind), 0, bid_names, true},
                            ADDED_INT(bid_accepted, price_minor),
                            ADDED_ID(bid_accepted, leader),
                            ADDED_INT(bid_accepted, held_minor),
                            ADDED_INT(bid_accepted, quantity),
                            END},
    [EVENT_LOT_EXTENDED] = {INT(lot_extended, lot_index), INT(lot_extended, extended_ms),
                            INT(lot_extended, ends_at_ms),
                            ADDED_ENUM(lot_extended, scope, choice_soft_close_scope),
                            ADDED_ENUM(lot_extended, reason, extend_names), END},
    [EVENT_LOT_SOLD] = {INT(lot_sold, lot_index), ID(lot_sold, winner), INT(lot_sold, price_minor),
                        ENUM(lot_sold, reason, close_names), INT(lot_sold, next_lot_index),
                        INT(lot_sold, next_starts_at_ms), ADDED_INT(lot_sold, quantity), END},
    [EVENT_LOT_UNSOLD] = {INT(lot_unsold, lot_index), ENUM(lot_unsold, reason, unsold_names),
                          INT(lot_unsold, next_lot_index), INT(lot_unsold, next_starts_at_ms), END},
    [EVENT_ROUND_STARTED] = {INT(round_started, round), INT(round_started, next_lot_index),
                             INT(round_started, next_starts_at_ms),
                             ADDED_INT(round_started, first_ends_at_ms), END},
    [EVENT_SALE_PAUSED] = {INT(sale_paused, remaining_ms),
                           ADDED_ENUM(sale_paused, reason, pause_names), END},
    [EVENT_SALE_RESUMED] = {ENUM(sale_resumed, reason, resume_names), INT(sale_resumed, gap_ms),
                            INT(sale_resumed, ends_at_ms), ADDED_INT(sale_resumed, shift_ms), END},
    [EVENT_SALE_COMPLETED] = {ENUM(sale_completed, reason, complete_names), END},
    [EVENT_SALE_RESET] = {ADDED_HASH(sale_reset, seed), END},
    [EVENT_SALE_DELETED] = {END},
    [EVENT_NOTICE] = {TEXT(notice, text), ID(notice, by), END},
    [EVENT_PARTICIPANTS_ADDED] = {{"participants", MEMBER_PARTICIPANTS, AT(participants_added), 0,
                                   NULL, false},
                                  END},
    [EVENT_PARTICIPANT_CHANGED] = {ID(participant_changed, participant),
                                   ENUM(participant_changed, status, choice_participant_status),
                                   INT(participant_changed, budget_minor),
                                   INT(participant_changed, slots),
                                   INT(participant_changed, limit_minor), END},
    [EVENT_MAX_PLACED] = {INT(max_placed, lot_index), ID(max_placed, by),
                          INT(max_placed, max_minor), INT(max_placed, quantity),
                          INT(max_placed, order_no), END},
    [EVENT_BID_RETRACTED] = {INT(bid_retracted, lot_index), INT(bid_retracted, bid_no),
                             TEXT(bid_retracted, reason), INT(bid_retracted, price_minor),
                             ID(bid_retracted, leader), INT(bid_retracted, held_minor),
                             INT(bid_retracted, removed), BOOL(bid_retracted, resets), END},
    [EVENT_LOT_PASSED] = {INT(lot_passed, lot_index), ID(lot_passed, by),
                          ADDED_BOOL(lot_passed, must), END},
    [EVENT_ASK_SET] = {INT(ask_set, lot_index), INT(ask_set, ask_minor), END},
    [EVENT_LOT_WARNED] = {INT(lot_warned, lot_index), INT(lot_warned, stage), END},
    [EVENT_LOT_CLOSING] = {INT(lot_closing, lot_index), INT(lot_closing, hammer_at_ms), END},
    [EVENT_LOT_AWARDED] = {INT(lot_awarded, lot_index),
                           {"awards", MEMBER_AWARDS, AT(lot_awarded), 0, NULL, false},
                           END},
    [EVENT_CLOCK_RESTARTED] = {INT(clock_restarted, lot_index), INT(clock_restarted, price_minor),
                               INT(clock_restarted, from_ms), INT(clock_restarted, quantity_left),
                               END},
    [EVENT_LOT_WITHDRAWN] = {INT(lot_withdrawn, lot_index),
                             ENUM(lot_withdrawn, reason, withdraw_names), TEXT(lot_withdrawn, text),
                             INT(lot_withdrawn, next_lot_index),
                             INT(lot_withdrawn, next_starts_at_ms), END},
    [EVENT_LOT_REOPENED] = {INT(lot_reopened, lot_index), INT(lot_reopened, ends_at_ms),
                            INT(lot_reopened, returned_lot_index),
                            ADDED_INT(lot_reopened, held_minor), END},
    [EVENT_GAVEL_TAKEN] = {TEXT(gavel_taken, console), TEXT(gavel_taken, by), END},
    [EVENT_NOMINATION_STARTED] = {ID(nomination_started, by), INT(nomination_started, ends_at_ms),
                                  ADDED_INT(nomination_started, turn), END},
    [EVENT_LOT_NOMINATED] = {INT(lot_nominated, lot_index), ID(lot_nominated, by),
                             INT(lot_nominated, next_starts_at_ms), END},
    [EVENT_NAMES_CALLED] = {INT(names_called, ends_at_ms), END},
    [EVENT_NAMES_SUBMITTED] = {ID(names_submitted, by),
                               {"lots", MEMBER_INDEXES, AT(names_submitted), 0, NULL, false},
                               END},
    [EVENT_MATCH_OFFERED] = {INT(match_offered, lot_index), ID(match_offered, winner),
                             INT(match_offered, price_minor),
                             ENUM(match_offered, stage, match_stage_names),
                             INT(match_offered, ends_at_ms),
                             ADDED_ENUM(match_offered, reason, close_names), END},
    [EVENT_SEED_REVEALED] = {INT(seed_revealed, lot_index), HASH(seed_revealed, seed), END},
};

const struct member_form *fact_members(enum sale_event_kind kind)
{
    LC_ASSERT(kind < SALE_EVENT_KIND_COUNT);
    return members[kind];
}

#undef AT
#undef INT
#undef BOOL
#undef TEXT
// clang-format off
#define AT(member) offsetof(struct lot_rules, member)
#define INT(name, member) {name, MEMBER_INT, AT(member), 0, NULL, false}
#define BOOL(name, member) {name, MEMBER_BOOL, AT(member), 0, NULL, false}
#define ENUM_AT(name, member, names) {name, MEMBER_ENUM, AT(member), 0, names, false}
#define ADDED(name, member) {name, MEMBER_INT, AT(member), 0, NULL, true}
#define ADDED_FLAG(name, member) {name, MEMBER_BOOL, AT(member), 0, NULL, true}
#define ADDED_CHOICE(name, member, names) {name, MEMBER_ENUM, AT(member), 0, names, true}

// The rules of a lot that the first version had in the definition itself, and those added since.
#define LOT_RULES(INT, BOOL, CHOICE, TABLE, ADDED, ADDED_FLAG, ADDED_CHOICE)        \
    INT("lot_duration_ms", LR(duration_ms)),                                         \
    INT("soft_close_window_ms", LR(soft_close.window_ms)),                           \
    INT("soft_close_amount_ms", LR(soft_close.amount_ms)),                           \
    CHOICE("soft_close_type", LR(soft_close.type), choice_soft_close_type),                \
    INT("soft_close_max_extensions", LR(soft_close.max_extensions)),                 \
    BOOL("strict", LR(strict)),                                                      \
    INT("sanity_factor", LR(sanity_factor)),                                         \
    TABLE("increments", LR(increments)),                                             \
    ADDED_CHOICE("format", LR(format), choice_format),                                \
    ADDED_CHOICE("soft_close_scope", LR(soft_close.scope), choice_soft_close_scope),             \
    ADDED("soft_close_latest_ms", LR(soft_close.latest_ms)),                         \
    ADDED("soft_close_shrink_percent", LR(soft_close.shrink_percent)),               \
    ADDED("closing_grace_ms", LR(closing_grace_ms)),                                 \
    ADDED("warning_once_ms", LR(warning_ms[0])),                                     \
    ADDED("warning_twice_ms", LR(warning_ms[1])),                                    \
    ADDED_CHOICE("reserve_mode", LR(reserve_mode), choice_reserve_mode),                   \
    ADDED_CHOICE("retraction", LR(retraction), choice_retraction),                    \
    ADDED_CHOICE("buy_now_until", LR(buy_now_until), choice_buy_now_until),                 \
    ADDED_FLAG("no_maximum", LR(no_maximum)),                                        \
    ADDED("price_step_minor", LR(price_step_minor)),                                 \
    ADDED("price_tick_ms", LR(price_tick_ms)),                                       \
    ADDED("dutch_raise_minor", LR(dutch_raise_minor)),                               \
    ADDED("candle_ending_ms", LR(candle_ending_ms))

#define TABLE_AT(name, member) {name, MEMBER_INCREMENTS, AT(member), 0, NULL, false}
#define LR(member) member
const struct member_form lot_rules_members[] = {
    LOT_RULES(INT, BOOL, ENUM_AT, TABLE_AT, ADDED, ADDED_FLAG, ADDED_CHOICE),
    END,
};
#undef LR
#undef AT
#define LR(member) rules.lot.member
#define AT(member) offsetof(struct sale_definition, member)

const struct member_form definition_members[] = {
    {"id", MEMBER_ID, AT(id), 0, NULL, false},
    {"title", MEMBER_TEXT, AT(title), 0, NULL, false},
    {"currency_code", MEMBER_CHARS, AT(currency_code), CURRENCY_CODE_SIZE_MAX + 1, NULL, false},
    INT("currency_minor_digits", currency_minor_digits),
    BOOL("is_public", is_public),
    ENUM_AT("visibility", visibility, choice_visibility),
    LOT_RULES(INT, BOOL, ENUM_AT, TABLE_AT, ADDED, ADDED_FLAG, ADDED_CHOICE),
    INT("gap_ms", rules.gap_ms),
    INT("unsold_rounds", rules.unsold_rounds),
    INT("outage_threshold_ms", rules.outage_threshold_ms),
    INT("outage_extension_ms", rules.outage_extension_ms),
    BOOL("roster_enabled", roster.enabled),
    INT("roster_budget_minor", roster.budget_minor),
    INT("roster_slots", roster.slots),
    INT("roster_minimum_minor", roster.minimum_minor),
    ADDED_CHOICE("flow", rules.flow, choice_flow),
    ADDED("stagger_ms", rules.stagger_ms),
    ADDED_CHOICE("start_mode", rules.start_mode, choice_start_mode),
    ADDED("starts_at_ms", rules.starts_at_ms),
    ADDED_CHOICE("lot_order", rules.lot_order, choice_lot_order),
    ADDED_CHOICE("registration", rules.registration, choice_registration),
    ADDED("gavel_timeout_ms", rules.gavel_timeout_ms),
    ADDED_CHOICE("nomination", rules.nomination, choice_nomination_order),
    ADDED("nomination_ms", rules.nomination_ms),
    ADDED_FLAG("nominator_bids", rules.nominator_bids),
    ADDED_FLAG("accelerated", rules.accelerated),
    ADDED("names_ms", rules.names_ms),
    ADDED_CHOICE("match", rules.match, choice_match),
    ADDED("match_ms", rules.match_ms),
    {"premium", MEMBER_PREMIUM, AT(premium), 0, NULL, true},
    {"category_caps", MEMBER_CAPS, AT(category_caps), 0, NULL, true},
    {"seed", MEMBER_HASH, AT(seed), 0, NULL, true},
    END,
};

#undef AT
#define AT(member) offsetof(struct lot_definition, member)

const struct member_form lot_members[] = {
    {"id", MEMBER_ID, AT(id), 0, NULL, false},
    INT("no", no),
    {"title", MEMBER_TEXT, AT(title), 0, NULL, false},
    {"description", MEMBER_TEXT, AT(description), 0, NULL, false},
    {"image", MEMBER_TEXT, AT(image), 0, NULL, false},
    {"category", MEMBER_TEXT, AT(category), 0, NULL, false},
    INT("opening_minor", opening_minor),
    INT("reserve_minor", reserve_minor),
    INT("duration_ms", duration_ms),
    {"set", MEMBER_TEXT, AT(set), 0, NULL, true},
    ADDED("buy_now_minor", buy_now_minor),
    ADDED("estimate_low_minor", estimate_low_minor),
    ADDED("estimate_high_minor", estimate_high_minor),
    ADDED("quantity", quantity),
    {"match_holder", MEMBER_ID, AT(match_holder), 0, NULL, true},
    {"rules", MEMBER_RULES, AT(has_rules), 0, NULL, true},
    END,
};

#undef AT
#define AT(member) offsetof(struct participant_definition, member)

const struct member_form participant_members[] = {
    {"id", MEMBER_ID, AT(id), 0, NULL, false},
    {"paddle", MEMBER_CHARS, AT(paddle), PADDLE_SIZE_MAX + 1, NULL, false},
    {"name", MEMBER_TEXT, AT(name), 0, NULL, false},
    INT("budget_minor", budget_minor),
    INT("slots", slots),
    INT("limit_minor", limit_minor),
    END,
};

#undef AT
#define AT(member) offsetof(struct award, member)

const struct member_form award_members[] = {
    {"winner", MEMBER_ID, AT(winner), 0, NULL, false},
    INT("quantity", quantity),
    INT("price_minor", price_minor),
    END,
};
// clang-format on
