// Commands that have arrived and wait for the next turn, in order of arrival.
//
// Purity:    pure (allocates)
// Units:     *_ms engine time
// Ownership: inbox_init/release; payloads are copied; inbox_take() gives a message that the caller
//            frees
// Errors:    LC_ERR_FULL at INBOX_MESSAGES_MAX or INBOX_BYTES_MAX: the message is not kept; ask
//            inbox_is_crowded() and stop reading long before
#ifndef LOTCAST_SERVICE_INBOX_H
#define LOTCAST_SERVICE_INBOX_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"
#include "lib/wire/topic.h"

enum { INBOX_MESSAGES_MAX = 16384, INBOX_BYTES_MAX = 64 * 1024 * 1024 };

struct inbox_message {
    struct inbox_message *next;
    struct topic topic;
    int64_t arrived_at_ms;
    size_t size;
    uint8_t payload[];
};

struct inbox {
    struct inbox_message *first;
    struct inbox_message **end;
    size_t count;
    size_t bytes;
};

void inbox_init(struct inbox *inbox);
void inbox_release(struct inbox *inbox);
LC_MUST_CHECK enum lc_status inbox_put(struct inbox *inbox, const struct topic *topic,
                                       struct bytes payload, int64_t arrived_at_ms);
struct inbox_message *inbox_take(struct inbox *inbox); // NULL: empty
bool inbox_is_crowded(const struct inbox *inbox);

#endif
