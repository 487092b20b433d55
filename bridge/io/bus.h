// The bridge on the broker: its connection, its heartbeat, and the round trip that proves both.
//
// Purity:    talks to the network through mqtt_link
// Units:     *_ms milliseconds on the boot clock
// Ownership: bus_create/destroy
// Errors:    publish: LC_ERR_OFFLINE while not connected; nothing is queued
// Source:    design 4
#ifndef LOTCAST_BRIDGE_BUS_H
#define LOTCAST_BRIDGE_BUS_H

#include "lib/mqtt/mqtt_link.h"
#include "lib/wire/topic.h"

enum { BUS_ROOM_FOR_OTHERS = 512 };

struct bus;

struct bus_config {
    const char *host;
    int port;
    const char *user;
    const char *password;
    const char *prefix;
    struct client_id node;
    const char *relay; // own name among bridges, of four characters
};

struct bus_ops {
    // What is subscribed in it is so before the heartbeat that says this bridge is there.
    void (*on_state)(void *owner, bool is_connected);
    void (*on_message)(void *owner, const char *topic, struct bytes payload, bool is_retained);
    // A ping has come back through the broker.
    void (*on_pong)(void *owner);
    // This bridge's heartbeat has come back, behind those that the broker had kept of others.
    void (*on_known)(void *owner);
    // What comes from the broker is late, or in time again; a new connection is in time.
    void (*on_late)(void *owner, bool is_late);
};

LC_MUST_CHECK enum lc_status bus_create(const struct bus_config *config, const struct bus_ops *ops,
                                        void *owner, struct bus **out_bus);
void bus_destroy(struct bus *bus);

// For the loop.
int bus_fd(void *bus);
bool bus_wants_write(void *bus);
int64_t bus_deadline_ms(void *bus);
void bus_process(void *bus, bool readable, bool writable);

// Of this program, as in its heartbeat.
int64_t bus_since_ms(const struct bus *bus);
// Another name among bridges, told at once.
void bus_set_relay(struct bus *bus, const char *relay);

bool bus_is_connected(const struct bus *bus);
LC_MUST_CHECK enum lc_status bus_publish(struct bus *bus, const struct topic *topic,
                                         struct bytes payload, int qos, bool retain);
// For what can wait, with QoS 1: LC_ERR_FULL as well when only BUS_ROOM_FOR_OTHERS is left, for bids.
LC_MUST_CHECK enum lc_status bus_publish_patiently(struct bus *bus, const struct topic *topic,
                                                   struct bytes payload);
LC_MUST_CHECK enum lc_status bus_subscribe(struct bus *bus, const char *pattern, int qos);
LC_MUST_CHECK enum lc_status bus_unsubscribe(struct bus *bus, const char *pattern);

// How old what the broker said may be: see pulse.h. And how often it was late so far.
int64_t bus_lag_ms(const struct bus *bus);
uint64_t bus_late_total(const struct bus *bus);

// Sends a message to itself; on_pong comes when it is back.
LC_MUST_CHECK enum lc_status bus_ping(struct bus *bus);

// Says goodbye: the heartbeat turns to offline. Done when bus_is_drained().
void bus_say_offline(struct bus *bus);
// True when the goodbye has reached the broker, or cannot.
bool bus_is_drained(const struct bus *bus);

#endif
