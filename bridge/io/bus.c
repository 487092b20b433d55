#include "bridge/io/bus.h"

#include <inttypes.h>

#include "bridge/app/app_limits.h"
#include "bridge/io/pulse.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_log.h"
#include "lib/wire/message.h"

enum { HEARTBEAT_RETRY_MS = 1000 };

struct bus {
    struct bus_config config;
    struct bus_ops ops;
    void *owner;
    struct mqtt_link *link;
    char relay[5];
    char heartbeat_topic[TOPIC_SIZE_MAX];
    int64_t since_ms; // wall clock
    int64_t heartbeat_due_ms;
    struct pulse pulse;
    char pulse_topic[TOPIC_SIZE_MAX];
    uint64_t late_total;
    uint64_t ping; // the pulse that answers for it; 0: none is asked for
    bool is_leaving;
    int goodbye; // handle
    bool goodbye_is_there;
    bool was_connected;
};

static void write_heartbeat(const struct bus *bus, bool is_online, int64_t now_ms,
                            struct buffer *out)
{
    struct wire_heartbeat heartbeat = {.program = "bridge",
                                       .node = bus->config.node,
                                       .online = is_online,
                                       .since_ms = bus->since_ms,
                                       .now_ms = now_ms};
    snprintf(heartbeat.version, sizeof heartbeat.version, "%s", LOTCAST_VERSION);
    memcpy(heartbeat.relay, bus->relay, sizeof heartbeat.relay);
    wire_write_heartbeat(out, &heartbeat);
}

static enum lc_status send_heartbeat(struct bus *bus, bool is_online, int64_t now_ms, int *handle)
{
    struct buffer payload;
    buffer_init(&payload, 1024);
    write_heartbeat(bus, is_online, now_ms, &payload);
    bus->heartbeat_due_ms = os_clock_boot_ms() + HEARTBEAT_INTERVAL_MS;
    enum lc_status status =
        mqtt_link_publish(bus->link, bus->heartbeat_topic, buffer_bytes(&payload), 1, true, handle);
    buffer_release(&payload);
    return status;
}

static void beat(struct bus *bus)
{
    if (send_heartbeat(bus, true, os_clock_wall_ms(), NULL) != LC_OK) {
        bus->heartbeat_due_ms = os_clock_boot_ms() + HEARTBEAT_RETRY_MS;
    }
}

// ---- pulse ----

static void begin_pulse(struct bus *bus)
{
    pulse_begin(&bus->pulse, os_clock_boot_ms());
    enum lc_status status = mqtt_link_subscribe(bus->link, bus->pulse_topic, 1);
    if (status != LC_OK) {
        os_log(OS_LOG_WARNING, "subscribe %s: %s", bus->pulse_topic, lc_status_name(status));
    }
}

// A number that cannot be sent counts as under way: it says the same.
static enum lc_status send_pulse(struct bus *bus)
{
    char text[24];
    uint64_t number = pulse_send(&bus->pulse, os_clock_boot_ms());
    snprintf(text, sizeof text, "%" PRIu64, number);
    return mqtt_link_publish(bus->link, bus->pulse_topic, bytes_text(text), 1, false, NULL);
}

static void take_pulse(struct bus *bus, struct bytes payload)
{
    uint64_t number;
    if (!bytes_to_uint64(payload, UINT64_MAX, &number)) {
        return;
    }
    pulse_take(&bus->pulse, number, os_clock_boot_ms());
    if (bus->ping != 0 && bus->pulse.back >= bus->ping) {
        bus->ping = 0;
        bus->ops.on_pong(bus->owner);
    }
}

// What is due about the pulse; the link is connected.
static void feel_pulse(struct bus *bus)
{
    int64_t now_ms = os_clock_boot_ms();
    if (now_ms >= pulse_due_ms(&bus->pulse)) {
        (void)send_pulse(bus);
    }
    if (pulse_turns(&bus->pulse, now_ms)) {
        bool is_late = bus->pulse.is_late;
        os_log(is_late ? OS_LOG_WARNING : OS_LOG_INFO, "broker: what it sends is %s (%lld ms)",
               is_late ? "late" : "in time again", (long long)pulse_lag_ms(&bus->pulse, now_ms));
        bus->late_total += is_late ? 1 : 0;
        bus->ops.on_late(bus->owner, is_late);
    }
    if (pulse_is_lost(&bus->pulse)) {
        os_log(OS_LOG_WARNING, "broker: says nothing any more: connecting anew");
        mqtt_link_drop(bus->link);
    }
}

// ---- what the link tells ----

static void on_state(void *owner, bool is_connected, const char *why)
{
    struct bus *bus = owner;
    if (is_connected) {
        os_log(OS_LOG_INFO, "broker: connected to %s:%d", bus->config.host, bus->config.port);
    } else {
        os_log(OS_LOG_WARNING, "broker: %s %s:%d: %s",
               bus->was_connected ? "lost" : "cannot connect to", bus->config.host,
               bus->config.port, why);
        bus->ping = 0;
    }
    bus->was_connected = is_connected;
    if (is_connected) {
        begin_pulse(bus);
    }
    bus->ops.on_state(bus->owner, is_connected);
    if (is_connected) {
        beat(bus);
    }
}

static void take_own_heartbeat(struct bus *bus, struct bytes payload)
{
    struct wire_heartbeat heartbeat;
    if (wire_read_heartbeat(payload, &heartbeat) != LC_OK) {
        return;
    }
    if (!heartbeat.online && !bus->is_leaving) {
        bus->heartbeat_due_ms = 0; // the will of a connection that was given up came late
    }
    if (heartbeat.online && heartbeat.since_ms == bus->since_ms) {
        bus->ops.on_known(bus->owner);
    }
}

static void on_message(void *owner, const char *topic, struct bytes payload, bool is_retained)
{
    struct bus *bus = owner;
    pulse_hear(&bus->pulse);
    if (strcmp(topic, bus->pulse_topic) == 0) {
        take_pulse(bus, payload);
    } else if (strcmp(topic, bus->heartbeat_topic) == 0) {
        take_own_heartbeat(bus, payload);
    } else {
        bus->ops.on_message(bus->owner, topic, payload, is_retained);
    }
}

static void on_acknowledged(void *owner, int handle)
{
    struct bus *bus = owner;
    if (bus->is_leaving && handle == bus->goodbye) {
        bus->goodbye_is_there = true;
    }
}

static void on_subscribed(void *owner, const char *pattern, bool granted)
{
    (void)owner;
    if (!granted) {
        os_log(OS_LOG_ERROR, "broker: refuses the subscription of %s", pattern);
    }
}

enum lc_status bus_create(const struct bus_config *config, const struct bus_ops *ops, void *owner,
                          struct bus **out_bus)
{
    static const struct mqtt_link_ops link_ops = {.on_state = on_state,
                                                  .on_message = on_message,
                                                  .on_acknowledged = on_acknowledged,
                                                  .on_subscribed = on_subscribed};
    struct buffer will;
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    bus->config = *config;
    bus->ops = *ops;
    bus->owner = owner;
    bus->since_ms = os_clock_wall_ms();
    snprintf(bus->relay, sizeof bus->relay, "%s", config->relay);
    bus->heartbeat_due_ms = INT64_MAX;
    struct topic topic = {.kind = TOPIC_HEARTBEAT, .client = config->node, .name = "bridge"};
    topic_write(&topic, config->prefix, bus->heartbeat_topic);
    topic.kind = TOPIC_PULSE;
    topic_write(&topic, config->prefix, bus->pulse_topic);
    buffer_init(&will, 1024);
    write_heartbeat(bus, false, bus->since_ms, &will);
    struct mqtt_link_config link_config = {.host = config->host,
                                           .port = config->port,
                                           .user = config->user,
                                           .password = config->password,
                                           .client_id = config->node.text,
                                           .will = {.topic = bus->heartbeat_topic,
                                                    .payload = buffer_bytes(&will),
                                                    .qos = 1,
                                                    .retain = true}};
    enum lc_status status = mqtt_link_create(&link_config, &link_ops, bus, &bus->link);
    buffer_release(&will);
    if (status != LC_OK) {
        free(bus);
        return status;
    }
    *out_bus = bus;
    return LC_OK;
}

void bus_destroy(struct bus *bus)
{
    if (bus != NULL) {
        mqtt_link_destroy(bus->link);
        free(bus);
    }
}

int bus_fd(void *owner)
{
    const struct bus *bus = owner;
    return mqtt_link_fd(bus->link);
}

bool bus_wants_write(void *owner)
{
    const struct bus *bus = owner;
    return mqtt_link_wants_write(bus->link);
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

int64_t bus_deadline_ms(void *owner)
{
    const struct bus *bus = owner;
    int64_t link_ms = mqtt_link_deadline_ms(bus->link);
    if (!mqtt_link_is_connected(bus->link) || bus->is_leaving) {
        return link_ms;
    }
    int64_t own_ms = earlier(bus->heartbeat_due_ms, pulse_due_ms(&bus->pulse));
    return earlier(link_ms, earlier(own_ms, pulse_turns_ms(&bus->pulse)));
}

void bus_process(void *owner, bool readable, bool writable)
{
    struct bus *bus = owner;
    mqtt_link_process(bus->link, readable, writable);
    if (!mqtt_link_is_connected(bus->link) || bus->is_leaving) {
        return;
    }
    if (os_clock_boot_ms() >= bus->heartbeat_due_ms) {
        beat(bus);
    }
    feel_pulse(bus);
}

int64_t bus_since_ms(const struct bus *bus)
{
    return bus->since_ms;
}

void bus_set_relay(struct bus *bus, const char *relay)
{
    snprintf(bus->relay, sizeof bus->relay, "%s", relay);
    bus->heartbeat_due_ms = 0;
}

bool bus_is_connected(const struct bus *bus)
{
    return mqtt_link_is_connected(bus->link);
}

int64_t bus_lag_ms(const struct bus *bus)
{
    return mqtt_link_is_connected(bus->link) ? pulse_lag_ms(&bus->pulse, os_clock_boot_ms()) : 0;
}

uint64_t bus_late_total(const struct bus *bus)
{
    return bus->late_total;
}

enum lc_status bus_publish(struct bus *bus, const struct topic *topic, struct bytes payload,
                           int qos, bool retain)
{
    char text[TOPIC_SIZE_MAX];
    topic_write(topic, bus->config.prefix, text);
    return mqtt_link_publish(bus->link, text, payload, qos, retain, NULL);
}

enum lc_status bus_publish_patiently(struct bus *bus, const struct topic *topic,
                                     struct bytes payload)
{
    bool waits =
        mqtt_link_is_connected(bus->link) && mqtt_link_room(bus->link) <= BUS_ROOM_FOR_OTHERS;
    return waits ? LC_ERR_FULL : bus_publish(bus, topic, payload, 1, false);
}

enum lc_status bus_subscribe(struct bus *bus, const char *pattern, int qos)
{
    return mqtt_link_subscribe(bus->link, pattern, qos);
}

enum lc_status bus_unsubscribe(struct bus *bus, const char *pattern)
{
    return mqtt_link_unsubscribe(bus->link, pattern);
}

enum lc_status bus_ping(struct bus *bus)
{
    if (!mqtt_link_is_connected(bus->link)) {
        return LC_ERR_OFFLINE;
    }
    enum lc_status status = pulse_due_ms(&bus->pulse) == INT64_MAX ? LC_ERR_FULL : send_pulse(bus);
    bus->ping = status == LC_OK ? bus->pulse.sent : 0;
    return status;
}

void bus_say_offline(struct bus *bus)
{
    bus->is_leaving = true;
    bus->goodbye_is_there = send_heartbeat(bus, false, os_clock_wall_ms(), &bus->goodbye) != LC_OK;
}

bool bus_is_drained(const struct bus *bus)
{
    return !mqtt_link_is_connected(bus->link) || bus->goodbye_is_there;
}
