// How a sale looks from outside: its state as the parts of messages, under the sale's visibility.
//
// Purity:    pure
// Ownership: results borrow the sale's texts
// Lifetime:  valid until the next sale_apply()
// Source:    docs/PROTOCOL.md, Objects; rules 1, visibility (names | paddles | hidden). A reserve's
//            amount and an invitation's hash have no place in any of these
#ifndef LOTCAST_SERVICE_VIEW_H
#define LOTCAST_SERVICE_VIEW_H

#include "auction-svc/core/sale.h"
#include "lib/wire/message.h"

// What is published stays below the broker's packet limit, its topic and header included.
enum { VIEW_PAYLOAD_SIZE_MAX = WIRE_PAYLOAD_SIZE_MAX - 512 };

struct wire_head view_head(const struct sale *sale);

const char *view_sale_phase(enum sale_phase phase);
const char *view_clock(enum sale_clock clock);

// `index` into participants; -1: nobody.
struct wire_person view_person(const struct sale *sale, int64_t index);
// With the name whatever the visibility is: for the person himself.
struct wire_person view_person_named(const struct sale *sale, int64_t index);
struct wire_participant view_participant(const struct sale *sale, int64_t index);

// What is left of the clock that runs or is frozen; 0 when there is none.
int64_t view_remaining_ms(const struct sale *sale, int64_t now_ms);
// End of the running clock; WIRE_ABSENT while it is frozen or none runs.
int64_t view_clock_ends_at_ms(const struct sale *sale);

struct wire_lot view_lot(const struct sale *sale, int64_t index, int64_t now_ms);
struct wire_catalogue_lot view_catalogue_lot(const struct sale *sale, int64_t index);
struct wire_next_lot view_next_lot(const struct sale *sale, int64_t now_ms);
struct wire_state view_state(const struct sale *sale, int64_t now_ms);

// `bands` has INCREMENT_BANDS_MAX entries, which the result borrows.
struct wire_info view_info(const struct sale *sale, struct wire_increment_band *bands);

struct bytes view_currency(const struct sale *sale);

int64_t view_pages(size_t count); // pages of WIRE_PAGE_ITEMS; at least 1

#endif
