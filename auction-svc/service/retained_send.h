// Sends a sale's retained state to the broker.
//
// Purity: publishes through an mqtt_link
// Units:  *_ms engine time
// Order:  when retained_due_ms() has come and nothing is left to commit
// Source: docs/PROTOCOL.md, Topics
#ifndef LOTCAST_SERVICE_RETAINED_SEND_H
#define LOTCAST_SERVICE_RETAINED_SEND_H

#include "auction-svc/service/retained.h"
#include "lib/mqtt/mqtt_link.h"

// Where a sale's retained state goes.
struct retained_target {
    struct mqtt_link *link;
    const char *prefix;
    const struct sale_id *sale;
    const struct client_id *node; // who holds the sale; NULL where nothing is said of that
    int64_t since_ms;
};

// Sends what is due, as far as the link has room: the rest stays due. `sale` NULL: a deleted one.
void retained_send(struct retained *retained, const struct retained_target *target,
                   const struct sale *sale_or_null, int64_t now_ms);

// The clock of the board, not retained.
void retained_send_clock(const struct retained_target *target, const struct sale *sale,
                         int64_t now_ms);

#endif
