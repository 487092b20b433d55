#include "bridge/relay/relay.h"

#include <stdlib.h>
#include <string.h>

// What is here only names things; the rest is not there yet.

struct relay {
    struct relay_config config;
    struct relay_ops ops;
    void *owner;
    struct engineio_server *engine;
};

enum lc_status relay_create(const struct relay_config *config, struct engineio_server *engine,
                            const struct relay_ops *ops, void *owner, struct relay **out_relay)
{
    struct relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    relay->config = *config;
    relay->ops = *ops;
    relay->owner = owner;
    relay->engine = engine;
    *out_relay = relay;
    return LC_OK;
}

void relay_destroy(struct relay *relay)
{
    free(relay);
}

void relay_rename(struct relay *relay, const char node[ENGINEIO_NODE_SIZE])
{
    memcpy(relay->config.node, node, ENGINEIO_NODE_SIZE);
}

const char *relay_node(const struct relay *relay)
{
    return relay->config.node;
}

void relay_draw_sid(struct relay *relay, char out_sid[ENGINEIO_SID_SIZE])
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t random[ENGINEIO_SID_SIZE];
    relay->ops.random(relay->owner, random, sizeof random);
    for (size_t i = 0; i < ENGINEIO_SID_SIZE; i++) {
        out_sid[i] = i < ENGINEIO_NODE_SIZE ? relay->config.node[i] : alphabet[random[i] & 63];
    }
}

void relay_broker_state(struct relay *relay, int64_t now_ms, bool is_connected)
{
    (void)relay, (void)now_ms, (void)is_connected;
}

void relay_take(struct relay *relay, int64_t now_ms, struct bytes message)
{
    (void)relay, (void)now_ms, (void)message;
}

void relay_node_died(struct relay *relay, int64_t now_ms, const char node[ENGINEIO_NODE_SIZE])
{
    (void)relay, (void)now_ms, (void)node;
}

void relay_process(struct relay *relay, int64_t now_ms)
{
    (void)relay, (void)now_ms;
}

int64_t relay_deadline_ms(const struct relay *relay)
{
    (void)relay;
    return INT64_MAX;
}

enum lc_status relay_send_note(struct relay *relay, int64_t now_ms, const char *node_or_null,
                               struct bytes note)
{
    (void)relay, (void)now_ms, (void)node_or_null, (void)note;
    return LC_ERR_OFFLINE;
}

void relay_read_counts(const struct relay *relay, struct relay_counts *out_counts)
{
    (void)relay;
    *out_counts = (struct relay_counts){0};
}
