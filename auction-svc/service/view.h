// How a sale looks from outside: its state as the parts of messages, under the sale's visibility.
//
// Purity:    pure
// Ownership: results borrow the sale's texts
// Lifetime:  valid until the next sale_apply()
// Source:    docs/PROTOCOL.md, Objects; rules 1, visibility (names | paddles | hidden). A reserve's
//            amount, a maximum, a sealed offer, a drawn end, the seed, the order of lots to come and
//            an invitation's hash have no place in any of these
#ifndef LOTCAST_SERVICE_VIEW_H
#define LOTCAST_SERVICE_VIEW_H

#include "auction-svc/core/sale.h"
#include "lib/wire/message.h"

// What is published stays below the broker's packet limit, its topic and header included.
enum { VIEW_PAYLOAD_SIZE_MAX = WIRE_PAYLOAD_SIZE_MAX - 512 };

struct wire_head view_head(const struct sale *sale);

const char *view_sale_phase(enum sale_phase phase);
const char *view_clock(enum sale_clock clock);
const char *view_participant_status(enum participant_status status);
const char *view_bid_kind(enum bid_kind kind);
const char *view_match_stage(enum match_stage stage);
const char *view_soft_close_type(enum soft_close_type type);
const char *view_soft_close_scope(enum soft_close_scope scope);
void view_hex(struct bytes bytes, char *out_text); // 2 x size + 1 bytes

// `index` into participants; -1: nobody.
struct wire_person view_person(const struct sale *sale, int64_t index);
// With the name whatever the visibility is: for the person himself.
struct wire_person view_person_named(const struct sale *sale, int64_t index);
struct wire_participant view_participant(const struct sale *sale, int64_t index);
int64_t view_budget_minor(const struct sale *sale, const struct participant *participant);
struct wire_roster view_roster(const struct sale *sale, const struct participant *participant);

// Nothing of an offer is shown before the lot is closed.
bool view_is_sealed(const struct sale *sale, const struct lot *lot);

// The running lot that ends first, as everybody can know it, else the last one that was open; -1:
// none yet.
int64_t view_first_lot(const struct sale *sale);
int64_t view_open_lots(const struct sale *sale);

// The clock that the sale shows. Its end: WIRE_ABSENT while it is frozen, when none runs, or when
// the price tells the time. What is left: 0 when there is none.
int64_t view_clock_ends_at_ms(const struct sale *sale);
int64_t view_remaining_ms(const struct sale *sale, int64_t now_ms);

// What is left until `ends_at_ms`, which is not WIRE_ABSENT, by a clock that may be frozen.
int64_t view_left_ms(const struct sale *sale, int64_t ends_at_ms, int64_t now_ms);

struct wire_price_clock view_price_clock(const struct sale *sale, const struct lot *lot);
struct wire_lot view_lot(const struct sale *sale, int64_t index, int64_t now_ms);
struct wire_next_lot view_next_lot(const struct sale *sale, int64_t now_ms);
struct wire_state view_state(const struct sale *sale, int64_t now_ms);

struct bytes view_currency(const struct sale *sale);

// What the results of the next two borrow.
struct view_rules_parts {
    struct wire_lot_rules rules;
    struct wire_increment_band bands[INCREMENT_BANDS_MAX];
};
struct view_info_parts {
    struct view_rules_parts lot;
    struct wire_category_cap category_caps[CATEGORY_CAPS_MAX];
    struct wire_premium_band premium[PREMIUM_BANDS_MAX];
    char seed_hash[2 * SEED_SIZE + 1];
};
struct wire_catalogue_lot view_catalogue_lot(const struct sale *sale, int64_t index, int64_t now_ms,
                                             struct view_rules_parts *parts);
struct wire_info view_info(const struct sale *sale, struct view_info_parts *parts);

int64_t view_pages(size_t count); // pages of WIRE_PAGE_ITEMS; at least 1

#endif
