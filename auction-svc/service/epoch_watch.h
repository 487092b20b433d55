// What epochs the broker has seen: read once at a start, from the retained state of all sales, so that
// a ledger from a backup never starts below what subscribers know.
//
// Purity:    talks to the broker through mqtt_link; allocates what it has seen
// Ownership: epoch_watch_release(); safe on a zeroed one
// Order:     begin at each connect of the link until it is known; the rest from the link's
//            callbacks. The broker sends retained messages before it takes over what was published
//            behind the subscription: a publish that comes back acknowledged ends the reading
// Source:    design 4: a restored backup starts at max(stored epoch, highest retained epoch seen) + 1
#ifndef LOTCAST_SERVICE_EPOCH_WATCH_H
#define LOTCAST_SERVICE_EPOCH_WATCH_H

#include "lib/base/id.h"
#include "lib/mqtt/mqtt_link.h"

enum epoch_watch_stage { EPOCHS_UNKNOWN, EPOCHS_ASKED, EPOCHS_PROVING, EPOCHS_KNOWN };

enum { EPOCH_WATCH_SALES_MAX = 10000 }; // more are read for their epoch alone

struct seen_sale {
    struct sale_id sale;
    int64_t epoch;
    int64_t seq;
};

struct epoch_watch {
    enum epoch_watch_stage stage;
    int64_t highest; // 0: none seen
    int proof;       // handle of the publish behind the subscription
    struct seen_sale *sales;
    size_t sales_count;
    size_t sales_capacity;
};

void epoch_watch_release(struct epoch_watch *watch); // also when nobody will ask any more

void epoch_watch_begin(struct epoch_watch *watch, struct mqtt_link *link, const char *prefix);
void epoch_watch_take(struct epoch_watch *watch, const struct sale_id *sale, struct bytes payload);
// The subscription was answered. True: publish something behind it and give the handle to
// epoch_watch_prove().
bool epoch_watch_subscribed(struct epoch_watch *watch, bool granted);
void epoch_watch_prove(struct epoch_watch *watch, int handle);
void epoch_watch_acknowledged(struct epoch_watch *watch, struct mqtt_link *link, const char *prefix,
                              int handle);

#endif
