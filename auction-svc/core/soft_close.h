// When a lot ends after a bid in its last moments, and which other lots move with it.
//
// Purity: pure
// Units:  *_ms UTC epoch milliseconds in engine time
// Source: rules 3, Closing
#ifndef LOTCAST_CORE_SOFT_CLOSE_H
#define LOTCAST_CORE_SOFT_CLOSE_H

#include "auction-svc/core/sale.h"

// The end of an open or closing lot after a bid that changed its price or leader; never earlier
// than before, 0 without a clock. `stamp_ms` says whether the bid lies in the window (it is `now_ms`
// but for closing grace); what is added counts from now. A closing lot whose end would still lie in
// the past stays closing: then its end stays too.
int64_t soft_close_end(const struct sale *sale, const struct lot *lot, int64_t stamp_ms,
                       int64_t now_ms);

// Adds LOT_EXTENDED when `ends_at_ms` is later than the lot's end.
void soft_close_add(const struct sale *sale, int64_t lot_index, int64_t ends_at_ms, int64_t now_ms,
                    struct decision *out);

// The end of another lot after LOT_EXTENDED: its own when it does not lie in the scope. Cascade keeps
// the distances; group and all move by the type of the extended lot's rules; nobody's end moves
// beyond its own latest_ms, and none is shortened.
int64_t soft_close_scope_end(const struct sale *sale, const struct sale_event *event,
                             int64_t other_index);

#endif
