// Messages on their way to the broker, in order: held until the turn is durable, then sent within
// the link's window, kept until the broker has taken them over.
//
// Purity:    publishes through an mqtt_link; allocates
// Ownership: outbox_init/release; texts are copied
// Errors:    LC_ERR_FULL at OUTBOX_MESSAGES_MAX or OUTBOX_BYTES_MAX: nothing was put
// Order:     outbox_put during a turn, outbox_commit after the commit, outbox_pump whenever the
//            link may have room
// Source:    design 2 (nothing is visible before it is durable)
#ifndef LOTCAST_SERVICE_OUTBOX_H
#define LOTCAST_SERVICE_OUTBOX_H

#include "lib/mqtt/mqtt_link.h"

enum { OUTBOX_MESSAGES_MAX = 65536, OUTBOX_BYTES_MAX = 128 * 1024 * 1024 };

struct outbox_message;

struct outbox {
    struct outbox_message **ring; // OUTBOX_MESSAGES_MAX places
    size_t first;
    size_t count;
    size_t sent;      // of `count`, from the first on
    size_t committed; // of `count`: may be sent
    size_t bytes;
};

LC_MUST_CHECK enum lc_status outbox_init(struct outbox *outbox);
void outbox_release(struct outbox *outbox);

LC_MUST_CHECK enum lc_status outbox_put(struct outbox *outbox, const char *topic,
                                        struct bytes payload, int qos);
void outbox_commit(struct outbox *outbox);
void outbox_pump(struct outbox *outbox, struct mqtt_link *link);
void outbox_acknowledged(struct outbox *outbox, int handle);

// The connection is gone: what was not taken over will be sent again, in order; receivers drop
// what they know by its seq.
void outbox_rewind(struct outbox *outbox);
// The connection is gone: what was not taken over is of no use any more (replies).
void outbox_clear(struct outbox *outbox);

// More than half full: take no more work in.
bool outbox_is_crowded(const struct outbox *outbox);

#endif
