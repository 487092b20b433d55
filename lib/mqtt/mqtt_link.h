// One connection to an MQTT broker, driven from the caller's event loop; the only file pair that
// knows libmosquitto.
//
// Purity:    talks to the network through libmosquitto (3.1.1, clean session)
// Units:     *_ms milliseconds on the boot clock (os_clock_boot_ms)
// Ownership: mqtt_link_create/destroy; texts of the configuration are copied; payloads are borrowed
//            during the call
// Lifetime:  mqtt_link_fd() may change after every call into the link: ask again, and close the
//            watcher of the old one first
// Errors:    mqtt_link_publish(): LC_ERR_OFFLINE while not connected (nothing is queued, ever),
//            LC_ERR_FULL when the unacknowledged window is full Limits:    1,024 QoS 1 messages
//            without acknowledgement, 4,096 QoS 0 messages not yet written. Resolving a name
//            blocks: give an address where that matters
// Order:     callbacks run inside mqtt_link_process(); they may publish, not destroy. At a loss the
//            client object is made anew, so that libmosquitto's own queue can never send a stale
//            message later; reconnects have jittered backoff (100 ms to 2 s)
// Source:    docs/decisions (MQTT client library), libmosquitto 2.0
#ifndef LOTCAST_MQTT_LINK_H
#define LOTCAST_MQTT_LINK_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct mqtt_link;

struct mqtt_link_will {
    const char *topic; // NULL: no will
    struct bytes payload;
    int qos;
    bool retain;
};

struct mqtt_link_config {
    const char *host; // a name or an address; names are resolved at each connect
    int port;
    const char *user;     // NULL: anonymous
    const char *password; // NULL: none
    const char *client_id;
    const char *ca_file; // NULL: no TLS
    int keepalive_s;     // 0: 10
    struct mqtt_link_will will;
};

struct mqtt_link_ops {
    // Connected (CONNACK 0), lost, or an attempt failed; subscriptions must be made again on each
    // connect. `why` is for the log; while attempts fail for the same reason it is told once.
    // A loss ends all handles: what was not acknowledged is in doubt.
    void (*on_state)(void *owner, bool connected, const char *why);
    void (*on_message)(void *owner, const char *topic, struct bytes payload, bool retained);
    // The broker took over a QoS 1 publish (PUBACK) with the handle that mqtt_link_publish gave.
    // May be NULL.
    void (*on_acknowledged)(void *owner, int handle);
    // The broker answered a subscription; `granted` false: refused. May be NULL.
    void (*on_subscribed)(void *owner, const char *pattern, bool granted);
};

LC_MUST_CHECK enum lc_status mqtt_link_create(const struct mqtt_link_config *config,
                                              const struct mqtt_link_ops *ops, void *owner,
                                              struct mqtt_link **out_link);
// Sends DISCONNECT when connected (so no will is sent), then frees.
void mqtt_link_destroy(struct mqtt_link *link);

// What to wait for: the descriptor (-1: none now), whether to wait for writing too, and the latest
// time for the next process call.
int mqtt_link_fd(const struct mqtt_link *link);
bool mqtt_link_wants_write(const struct mqtt_link *link);
int64_t mqtt_link_deadline_ms(const struct mqtt_link *link);

// Reads, writes, keeps alive, reconnects: call when the descriptor is ready or the deadline has
// come.
void mqtt_link_process(struct mqtt_link *link, bool readable, bool writable);

// The broker is known to answer: a link that waits for its next attempt makes it now.
void mqtt_link_hurry(struct mqtt_link *link);

bool mqtt_link_is_connected(const struct mqtt_link *link);

// `out_handle` (may be NULL) gets the handle for on_acknowledged (QoS 1 only).
LC_MUST_CHECK enum lc_status mqtt_link_publish(struct mqtt_link *link, const char *topic,
                                               struct bytes payload, int qos, bool retain,
                                               int *out_handle);
// How many messages of QoS 1 it takes now.
size_t mqtt_link_room(const struct mqtt_link *link);
// While held, what is published is gathered and leaves in as few packets as it fits; releasing sends
// it. A hold is for some messages one after another, not for waiting.
void mqtt_link_hold(struct mqtt_link *link, bool hold);

LC_MUST_CHECK enum lc_status mqtt_link_subscribe(struct mqtt_link *link, const char *pattern,
                                                 int qos);
LC_MUST_CHECK enum lc_status mqtt_link_unsubscribe(struct mqtt_link *link, const char *pattern);

// Drops the connection now, as a network failure would; it comes back by itself. For tests and for
// a stop that must not linger.
void mqtt_link_drop(struct mqtt_link *link);

#endif
