// Messages on their way to the broker, in order: held until the turn is durable, then sent within
// the link's window, kept until the broker has taken them over. The replies of a turn leave before
// its events: who asked waits for nothing else, and no event overtakes the answer to what caused it.
//
// Purity:    publishes through an mqtt_link; allocates
// Ownership: outbox_init/release; texts are copied
// Errors:    LC_ERR_FULL at OUTBOX_MESSAGES_MAX or OUTBOX_BYTES_MAX: nothing was put
// Order:     outbox_put and outbox_put_reply during a turn, outbox_commit after the commit, outbox_pump whenever the
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
    struct outbox_message *replies; // of the turn in the making
    struct outbox_message **replies_end;
    size_t replies_count;
};

LC_MUST_CHECK enum lc_status outbox_init(struct outbox *outbox);
void outbox_release(struct outbox *outbox);

LC_MUST_CHECK enum lc_status outbox_put(struct outbox *outbox, const char *topic,
                                        struct bytes payload, int qos);
LC_MUST_CHECK enum lc_status outbox_put_reply(struct outbox *outbox, const char *topic,
                                              struct bytes payload);
void outbox_commit(struct outbox *outbox);
void outbox_pump(struct outbox *outbox, struct mqtt_link *link);
void outbox_acknowledged(struct outbox *outbox, int handle);

// The connection is gone: events that were not taken over will be sent again, in order; receivers
// drop what they know by its seq. Replies are of no use any more: who waits asks again.
void outbox_rewind(struct outbox *outbox);

// Of the payload of the one at `index`, for tests.
size_t outbox_message_size(const struct outbox *outbox, size_t index);

// More than half full: take no more work in.
bool outbox_is_crowded(const struct outbox *outbox);

#endif
