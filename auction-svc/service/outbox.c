#include "auction-svc/service/outbox.h"

#include <stdlib.h>

struct outbox_message {
    struct outbox_message *next; // of the replies of the turn in the making
    struct bytes payload;
    int handle;
    int qos;
    bool acknowledged;
    bool is_reply;
    char topic[]; // and the payload behind its NUL
};

static struct outbox_message **place(const struct outbox *outbox, size_t index)
{
    return &outbox->ring[(outbox->first + index) % OUTBOX_MESSAGES_MAX];
}

enum lc_status outbox_init(struct outbox *outbox)
{
    struct outbox_message **ring = calloc(OUTBOX_MESSAGES_MAX, sizeof(struct outbox_message *));
    if (ring == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    *outbox = (struct outbox){.ring = ring};
    outbox->replies_end = &outbox->replies;
    return LC_OK;
}

static void drop_first(struct outbox *outbox)
{
    struct outbox_message *message = *place(outbox, 0);
    outbox->bytes -= message->payload.size;
    outbox->first = (outbox->first + 1) % OUTBOX_MESSAGES_MAX;
    outbox->count--;
    outbox->sent--;
    outbox->committed--;
    free(message);
}

void outbox_release(struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->count; i++) {
        free(*place(outbox, i));
    }
    while (outbox->replies != NULL) {
        struct outbox_message *reply = outbox->replies;
        outbox->replies = reply->next;
        free(reply);
    }
    free(outbox->ring);
    *outbox = (struct outbox){0};
}

static enum lc_status create(struct outbox *outbox, const char *topic, struct bytes payload,
                             struct outbox_message **out_message)
{
    if (outbox->count + outbox->replies_count >= OUTBOX_MESSAGES_MAX ||
        payload.size > OUTBOX_BYTES_MAX - outbox->bytes) {
        return LC_ERR_FULL;
    }
    size_t topic_size = strlen(topic) + 1;
    struct outbox_message *message = malloc(sizeof *message + topic_size + payload.size);
    if (message == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    *message = (struct outbox_message){.handle = -1, .qos = 1};
    memcpy(message->topic, topic, topic_size);
    if (payload.size > 0) {
        memcpy(message->topic + topic_size, payload.data, payload.size);
    }
    message->payload = bytes_of(message->topic + topic_size, payload.size);
    outbox->bytes += payload.size;
    *out_message = message;
    return LC_OK;
}

enum lc_status outbox_put(struct outbox *outbox, const char *topic, struct bytes payload, int qos)
{
    struct outbox_message *message = NULL;
    enum lc_status status = create(outbox, topic, payload, &message);
    if (status == LC_OK) {
        message->qos = qos;
        *place(outbox, outbox->count++) = message;
    }
    return status;
}

enum lc_status outbox_put_reply(struct outbox *outbox, const char *topic, struct bytes payload)
{
    struct outbox_message *message = NULL;
    enum lc_status status = create(outbox, topic, payload, &message);
    if (status == LC_OK) {
        message->is_reply = true;
        *outbox->replies_end = message;
        outbox->replies_end = &message->next;
        outbox->replies_count++;
    }
    return status;
}

// The turn's events move up, and its replies come before them.
void outbox_commit(struct outbox *outbox)
{
    for (size_t i = outbox->count; outbox->replies_count > 0 && i > outbox->committed; i--) {
        *place(outbox, i - 1 + outbox->replies_count) = *place(outbox, i - 1);
    }
    outbox->count += outbox->replies_count;
    for (; outbox->replies != NULL; outbox->committed++) {
        *place(outbox, outbox->committed) = outbox->replies;
        outbox->replies = outbox->replies->next;
    }
    outbox->replies_end = &outbox->replies;
    outbox->replies_count = 0;
    outbox->committed = outbox->count;
}

static void drop_acknowledged(struct outbox *outbox)
{
    while (outbox->sent > 0 && (*place(outbox, 0))->acknowledged) {
        drop_first(outbox);
    }
}

void outbox_pump(struct outbox *outbox, struct mqtt_link *link)
{
    bool holds = outbox->committed - outbox->sent > 1;
    if (holds) {
        mqtt_link_hold(link, true);
    }
    while (outbox->sent < outbox->committed) {
        struct outbox_message *message = *place(outbox, outbox->sent);
        enum lc_status status = mqtt_link_publish(link, message->topic, message->payload,
                                                  message->qos, false, &message->handle);
        if (status == LC_ERR_BAD_INPUT) {
            message->acknowledged = true; // never to be sent; its seq leads to a replay
        } else if (status != LC_OK) {
            break; // no room or no connection: again at the next acknowledgement or connect
        } else {
            message->acknowledged = message->qos == 0;
        }
        outbox->sent++;
    }
    if (holds) {
        mqtt_link_hold(link, false);
    }
    drop_acknowledged(outbox);
}

void outbox_acknowledged(struct outbox *outbox, int handle)
{
    for (size_t i = 0; i < outbox->sent; i++) { // nearly always the first: brokers answer in order
        struct outbox_message *message = *place(outbox, i);
        if (!message->acknowledged && message->handle == handle) {
            message->acknowledged = true;
            break;
        }
    }
    drop_acknowledged(outbox);
}

void outbox_rewind(struct outbox *outbox)
{
    size_t kept = 0;
    drop_acknowledged(outbox);
    for (size_t i = 0; i < outbox->count; i++) {
        struct outbox_message *message = *place(outbox, i);
        if (message->is_reply) {
            outbox->bytes -= message->payload.size;
            outbox->committed--;
            free(message);
        } else {
            message->acknowledged = false;
            *place(outbox, kept++) = message;
        }
    }
    outbox->count = kept;
    outbox->sent = 0;
}

size_t outbox_message_size(const struct outbox *outbox, size_t index)
{
    LC_ASSERT(index < outbox->count);
    return (*place(outbox, index))->payload.size;
}

bool outbox_is_crowded(const struct outbox *outbox)
{
    return outbox->count > OUTBOX_MESSAGES_MAX / 2 || outbox->bytes > OUTBOX_BYTES_MAX / 2;
}
