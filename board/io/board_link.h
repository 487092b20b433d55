// A device's connection to the broker: synchronous, on the caller's thread, with paho-mqtt-c.
//
// Purity:    talks to the network through paho-mqtt-c (3.1.1, clean session)
// Ownership: board_link_create/destroy; a received topic and payload are valid until the next call
// Errors:    LC_ERR_OFFLINE: not connected, or lost; the reason is board_link_why(). Connect again.
// Order:     connect, subscribe, then receive again and again: receiving also keeps the connection
//            alive
// Source:    docs/decisions/0020
#ifndef LOTCAST_BOARD_LINK_H
#define LOTCAST_BOARD_LINK_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct board_link;

struct board_link_config {
    const char *broker; // HOST:PORT
    const char *user;   // NULL: anonymous
    const char *password;
    const char *client_id;
};

struct board_message {
    struct bytes topic;
    struct bytes payload;
    bool retained;
};

// The texts of `config` are borrowed until board_link_destroy().
LC_MUST_CHECK enum lc_status board_link_create(const struct board_link_config *config,
                                               struct board_link **out_link);
void board_link_destroy(struct board_link *link);

// Blocks for at most two seconds or so.
LC_MUST_CHECK enum lc_status board_link_connect(struct board_link *link);

// QoS 0; also for a pattern that is subscribed already: the broker then sends what is retained
// again.
LC_MUST_CHECK enum lc_status board_link_subscribe(struct board_link *link, const char *pattern);

// LC_ERR_NOT_FOUND: nothing came within `timeout_ms`.
LC_MUST_CHECK enum lc_status board_link_receive(struct board_link *link, int timeout_ms,
                                                struct board_message *out_message);

// Why the last call failed, for people.
const char *board_link_why(const struct board_link *link);

#endif
