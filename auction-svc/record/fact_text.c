#include "auction-svc/record/fact_text.h"

#include "lib/base/status.h"

// Enums are read and written through `unsigned`.
_Static_assert(sizeof(enum role) == sizeof(unsigned), "an enum is as large as unsigned");

static const char *const role_names[] = {"none",       "viewer", "bidder", "clerk",
                                         "auctioneer", "admin",  NULL};
static const char *const visibility_names[] = {"names", "paddles", "hidden", NULL};
static const char *const soft_close_names[] = {"reset", "add", NULL};
static const char *const epoch_names[] = {"created", "engine_start", NULL};
static const char *const close_names[] = {"time", "next", NULL};
static const char *const unsold_names[] = {"no_bids", "reserve_not_met", "passed", NULL};
static const char *const resume_names[] = {"command", "outage", NULL};
static const char *const complete_names[] = {"no_lots_left", "rosters_full", "nobody_can_afford",
                                             NULL};

// NOLINTBEGIN(bugprone-macro-parentheses): the name of a member can't stand in parentheses
// clang-format off
#define AT(member) offsetof(struct sale_event, as.member)
#define INT(kind, member) {#member, MEMBER_INT, AT(kind.member), 0, NULL}
#define BOOL(kind, member) {#member, MEMBER_BOOL, AT(kind.member), 0, NULL}
#define TEXT(kind, member) {#member, MEMBER_TEXT, AT(kind.member), 0, NULL}
#define ID(kind, member) {#member, MEMBER_ID, AT(kind.member), 0, NULL}
#define HASH(kind, member) {#member, MEMBER_HASH, AT(kind.member), 0, NULL}
#define ENUM(kind, member, names) {#member, MEMBER_ENUM, AT(kind.member), 0, names}
#define END {NULL, MEMBER_INT, 0, 0, NULL}
// clang-format on
// NOLINTEND(bugprone-macro-parentheses)

static const struct member_form members[SALE_EVENT_KIND_COUNT][8] = {
    [EVENT_SALE_CREATED] = {{"definition", MEMBER_DEFINITION, AT(sale_created.definition), 0, NULL},
                            END},
    [EVENT_EPOCH_STARTED] = {INT(epoch_started, epoch), ENUM(epoch_started, reason, epoch_names),
                             END},
    [EVENT_LOTS_ADDED] = {{"lots", MEMBER_LOTS, AT(lots_added), 0, NULL}, END},
    [EVENT_INVITE_CREATED] = {HASH(invite_created, hash), ENUM(invite_created, role, role_names),
                              INT(invite_created, uses), INT(invite_created, expires_at_ms),
                              ID(invite_created, participant), END},
    [EVENT_PARTICIPANT_JOINED] = {ID(participant_joined, participant),
                                  {"paddle", MEMBER_CHARS, AT(participant_joined.paddle),
                                   PADDLE_SIZE_MAX + 1, NULL},
                                  TEXT(participant_joined, name),
                                  ENUM(participant_joined, role, role_names),
                                  HASH(participant_joined, invite_hash),
                                  END},
    [EVENT_INVITE_USED] = {HASH(invite_used, invite_hash), END},
    [EVENT_PARTICIPANT_BLOCKED] = {ID(participant_blocked, participant),
                                   BOOL(participant_blocked, blocked), END},
    [EVENT_SALE_STARTED] = {INT(sale_started, next_lot_index), INT(sale_started, next_starts_at_ms),
                            END},
    [EVENT_LOT_STARTED] = {INT(lot_started, lot_index), INT(lot_started, ends_at_ms), END},
    [EVENT_BID_ACCEPTED] = {INT(bid_accepted, lot_index), INT(bid_accepted, bid_no),
                            ID(bid_accepted, by), INT(bid_accepted, amount_minor),
                            INT(bid_accepted, ends_at_ms), END},
    [EVENT_LOT_EXTENDED] = {INT(lot_extended, lot_index), INT(lot_extended, extended_ms),
                            INT(lot_extended, ends_at_ms), END},
    [EVENT_LOT_SOLD] = {INT(lot_sold, lot_index), ID(lot_sold, winner), INT(lot_sold, price_minor),
                        ENUM(lot_sold, reason, close_names), INT(lot_sold, next_lot_index),
                        INT(lot_sold, next_starts_at_ms), END},
    [EVENT_LOT_UNSOLD] = {INT(lot_unsold, lot_index), ENUM(lot_unsold, reason, unsold_names),
                          INT(lot_unsold, next_lot_index), INT(lot_unsold, next_starts_at_ms), END},
    [EVENT_ROUND_STARTED] = {INT(round_started, round), INT(round_started, next_lot_index),
                             INT(round_started, next_starts_at_ms), END},
    [EVENT_SALE_PAUSED] = {INT(sale_paused, remaining_ms), END},
    [EVENT_SALE_RESUMED] = {ENUM(sale_resumed, reason, resume_names), INT(sale_resumed, gap_ms),
                            INT(sale_resumed, ends_at_ms), END},
    [EVENT_SALE_COMPLETED] = {ENUM(sale_completed, reason, complete_names), END},
    [EVENT_SALE_RESET] = {END},
    [EVENT_SALE_DELETED] = {END},
    [EVENT_NOTICE] = {TEXT(notice, text), ID(notice, by), END},
};

const struct member_form *fact_members(enum sale_event_kind kind)
{
    LC_ASSERT(kind < SALE_EVENT_KIND_COUNT);
    return members[kind];
}

#undef AT
#undef INT
#undef BOOL
// clang-format off
#define AT(member) offsetof(struct sale_definition, member)
#define INT(name, member) {name, MEMBER_INT, AT(member), 0, NULL}
#define BOOL(name, member) {name, MEMBER_BOOL, AT(member), 0, NULL}
// clang-format on

const struct member_form definition_members[] = {
    {"id", MEMBER_ID, AT(id), 0, NULL},
    {"title", MEMBER_TEXT, AT(title), 0, NULL},
    {"currency_code", MEMBER_CHARS, AT(currency_code), CURRENCY_CODE_SIZE_MAX + 1, NULL},
    INT("currency_minor_digits", currency_minor_digits),
    BOOL("is_public", is_public),
    {"visibility", MEMBER_ENUM, AT(visibility), 0, visibility_names},
    INT("lot_duration_ms", rules.lot_duration_ms),
    INT("gap_ms", rules.gap_ms),
    INT("soft_close_window_ms", rules.soft_close.window_ms),
    INT("soft_close_amount_ms", rules.soft_close.amount_ms),
    {"soft_close_type", MEMBER_ENUM, AT(rules.soft_close.type), 0, soft_close_names},
    INT("soft_close_max_extensions", rules.soft_close.max_extensions),
    INT("unsold_rounds", rules.unsold_rounds),
    BOOL("strict", rules.strict),
    INT("sanity_factor", rules.sanity_factor),
    INT("outage_threshold_ms", rules.outage_threshold_ms),
    INT("outage_extension_ms", rules.outage_extension_ms),
    {"increments", MEMBER_INCREMENTS, AT(rules.increments), 0, NULL},
    BOOL("roster_enabled", roster.enabled),
    INT("roster_budget_minor", roster.budget_minor),
    INT("roster_slots", roster.slots),
    INT("roster_minimum_minor", roster.minimum_minor),
    END,
};

#undef AT
#define AT(member) offsetof(struct lot_definition, member)

const struct member_form lot_members[] = {
    {"id", MEMBER_ID, AT(id), 0, NULL},
    INT("no", no),
    {"title", MEMBER_TEXT, AT(title), 0, NULL},
    {"description", MEMBER_TEXT, AT(description), 0, NULL},
    {"image", MEMBER_TEXT, AT(image), 0, NULL},
    {"category", MEMBER_TEXT, AT(category), 0, NULL},
    INT("opening_minor", opening_minor),
    INT("reserve_minor", reserve_minor),
    INT("duration_ms", duration_ms),
    END,
};
