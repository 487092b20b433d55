#include "auction-svc/service/inbox.h"

#include <stdlib.h>

void inbox_init(struct inbox *inbox)
{
    *inbox = (struct inbox){0};
    inbox->end = &inbox->first;
}

void inbox_release(struct inbox *inbox)
{
    struct inbox_message *message;
    while ((message = inbox_take(inbox)) != NULL) {
        free(message);
    }
}

enum lc_status inbox_put(struct inbox *inbox, const struct topic *topic, struct bytes payload,
                         int64_t arrived_at_ms)
{
    if (inbox->count >= INBOX_MESSAGES_MAX || payload.size > INBOX_BYTES_MAX - inbox->bytes) {
        return LC_ERR_FULL;
    }
    struct inbox_message *message = malloc(sizeof *message + payload.size);
    if (message == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    message->next = NULL;
    message->topic = *topic;
    message->arrived_at_ms = arrived_at_ms;
    message->size = payload.size;
    if (payload.size > 0) {
        memcpy(message->payload, payload.data, payload.size);
    }
    *inbox->end = message;
    inbox->end = &message->next;
    inbox->count++;
    inbox->bytes += payload.size;
    return LC_OK;
}

struct inbox_message *inbox_take(struct inbox *inbox)
{
    struct inbox_message *message = inbox->first;
    if (message != NULL) {
        inbox->first = message->next;
        inbox->end = inbox->first == NULL ? &inbox->first : inbox->end;
        inbox->count--;
        inbox->bytes -= message->size;
    }
    return message;
}

bool inbox_is_crowded(const struct inbox *inbox)
{
    return inbox->count > INBOX_MESSAGES_MAX / 4 || inbox->bytes > INBOX_BYTES_MAX / 4;
}
