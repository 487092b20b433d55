#include "auction-svc/service/bus.h"

#include <poll.h>
#include <stdlib.h>

#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"
#include "lib/os/os_log.h"
#include "lib/wire/message.h"

enum {
    GOODBYE_MS = 1000,
    SUBSCRIPTIONS = 4,
    RUN_SIZE = 3, // random bytes that tell apart two engines of one name
    LINK_CLIENT_ID_SIZE = ID_SIZE_MAX + 24,
};

static const char *const link_names[BUS_LINK_COUNT] = {"events", "retained", "commands"};

// ---- heartbeat ----

static void write_heartbeat(const struct bus *bus, struct buffer *out, bool online, int64_t now_ms)
{
    struct wire_heartbeat heartbeat = {
        .program = "engine",
        .node = bus->config.node,
        .online = online,
        .version = LOTCAST_VERSION,
        .since_ms = bus->since_ms,
        .now_ms = now_ms,
    };
    wire_write_heartbeat(out, &heartbeat);
}

static void heartbeat_topic(const struct bus *bus, char out_text[TOPIC_SIZE_MAX])
{
    struct topic topic = {.kind = TOPIC_HEARTBEAT, .client = bus->config.node, .name = "engine"};
    topic_write(&topic, bus->config.prefix, out_text);
}

// The handle, or -1.
static int publish_heartbeat(struct bus *bus, enum bus_link which, bool online, int64_t now_ms)
{
    char topic[TOPIC_SIZE_MAX];
    struct buffer payload;
    int handle = -1;
    buffer_init(&payload, WIRE_STATE_SIZE_MAX);
    heartbeat_topic(bus, topic);
    write_heartbeat(bus, &payload, online, now_ms);
    if (buffer_status(&payload) != LC_OK ||
        mqtt_link_publish(bus->ends[which].link, topic, buffer_bytes(&payload), 1, true, &handle) !=
            LC_OK) {
        handle = -1;
    }
    buffer_release(&payload);
    return handle;
}

static void send_heartbeat(struct bus *bus, bool online, int64_t now_ms)
{
    int handle = publish_heartbeat(bus, BUS_COMMANDS, online, now_ms);
    if (handle >= 0) {
        bus->proofs[bus->proofs_next++ % BUS_PROOFS_WAITING] = (struct bus_proof){handle, now_ms};
    }
    bus->heartbeat_at_ms = now_ms + (bus->clock_runs ? BUS_PROOF_MS : BUS_HEARTBEAT_MS);
    bus->retained_is_full = false; // in case that no acknowledgement was left to wait for
}

static int64_t bus_now_ms(const struct bus *bus)
{
    return engine_clock_now_ms(bus->clock, os_clock_boot_us());
}

// ---- what the links call ----

static void subscribe_commands(struct bus *bus)
{
    static const struct {
        void (*write)(const char *prefix, char out_text[TOPIC_SIZE_MAX]);
        int qos; // 0: what the broker keeps then comes before any later acknowledgement
    } patterns[SUBSCRIPTIONS] = {
        {topic_pattern_all_commands, 1},
        {topic_pattern_svc_commands, 1},
        {topic_pattern_engines, 0},
        {topic_pattern_holdings, 0},
    };
    struct mqtt_link *link = bus->ends[BUS_COMMANDS].link;
    enum lc_status status = LC_OK;
    for (size_t i = 0; i < SUBSCRIPTIONS && status == LC_OK; i++) {
        char pattern[TOPIC_SIZE_MAX];
        patterns[i].write(bus->config.prefix, pattern);
        status = mqtt_link_subscribe(link, pattern, patterns[i].qos);
    }
    if (status != LC_OK) {
        os_log(OS_LOG_WARNING, "broker: commands could not be subscribed (%s)",
               lc_status_name(status));
        mqtt_link_drop(link);
    }
}

// Nobody listens to it. The broker answers behind everything that it kept for our subscriptions.
static int send_probe(struct bus *bus, enum bus_link which)
{
    int handle = -1;
    char text[TOPIC_SIZE_MAX];
    struct topic topic = {.kind = TOPIC_REPLY, .client = bus->config.node};
    topic_write(&topic, bus->config.prefix, text);
    if (mqtt_link_publish(bus->ends[which].link, text, bytes_of(NULL, 0), 1, false, &handle) !=
        LC_OK) {
        mqtt_link_drop(bus->ends[which].link);
    }
    return handle;
}

// Each link has its own backoff: the first that finds the broker calls the others.
static void hurry_others(struct bus *bus, enum bus_link which)
{
    for (int other = 0; other < BUS_LINK_COUNT; other++) {
        if (other != (int)which && bus->ends[other].link != NULL) {
            mqtt_link_hurry(bus->ends[other].link);
        }
    }
}

static void on_state(void *owner, bool connected, const char *why)
{
    struct bus_end *end = owner;
    struct bus *bus = end->bus;
    if (!connected) {
        os_log(OS_LOG_WARNING, "broker %s:%d (%s): not connected: %s; trying again",
               bus->config.host, bus->config.port, link_names[end->which], why);
    } else {
        os_log(OS_LOG_INFO, "broker %s:%d (%s): connected", bus->config.host, bus->config.port,
               link_names[end->which]);
        hurry_others(bus, end->which);
    }
    switch (end->which) {
    case BUS_EVENTS:
        if (connected) {
            epoch_watch_begin(&bus->epochs, bus->ends[BUS_EVENTS].link, bus->config.prefix);
        } else {
            outbox_rewind(&bus->outbox);
        }
        break;
    case BUS_RETAINED:
        bus->retained_is_new = connected;
        bus->retained_is_full = false;
        break;
    case BUS_COMMANDS:
        bus->granted = 0;
        bus->probe = -1;
        bus->peers_are_known = false;
        memset(bus->proofs, -1, sizeof bus->proofs); // handles of the connection that was
        if (connected) {
            bus->is_refused = false;
            subscribe_commands(bus);
            if (!bus->is_quiet) {
                send_heartbeat(bus, true, bus_now_ms(bus));
            }
        }
        break;
    case BUS_LINK_COUNT:
        break;
    }
}

static void hear_beat(struct bus *bus, const struct topic *topic, struct bytes payload,
                      bool retained)
{
    struct wire_heartbeat beat;
    int64_t now_ms = bus_now_ms(bus);
    if (wire_read_heartbeat(payload, &beat) != LC_OK ||
        strcmp(beat.node.text, topic->client.text) != 0) {
        return;
    }
    struct peers_beat heard = {beat.node, beat.online, retained, beat.since_ms, beat.now_ms};
    bool was_news = bus->peers.is_news;
    if (peers_hear_beat(&bus->peers, &heard, now_ms) != LC_OK) {
        os_log(OS_LOG_ERROR, "engine %s: too many engines on this broker", beat.node.text);
    }
    bool is_wrong_of_us = !beat.online && strcmp(beat.node.text, bus->config.node.text) == 0;
    if (is_wrong_of_us || (!was_news && bus->peers.is_news)) {
        bus->heartbeat_at_ms = now_ms; // the other learns at once that we live
    }
}

static void hear_peer(struct bus *bus, const struct topic *topic, struct bytes payload,
                      bool retained)
{
    if (topic->kind == TOPIC_HEARTBEAT) {
        hear_beat(bus, topic, payload, retained);
    } else if (peers_hear_holding(&bus->peers, &topic->client, &topic->sale, payload.size > 0) !=
               LC_OK) {
        os_log(OS_LOG_ERROR, "engine %s: too many sales on this broker", topic->client.text);
    }
}

static void on_message(void *owner, const char *topic_text, struct bytes payload, bool retained)
{
    struct bus_end *end = owner;
    struct bus *bus = end->bus;
    struct topic topic;
    if (end->which == BUS_EVENTS) {
        if (topic_read(bytes_text(topic_text), bus->config.prefix, &topic)) {
            epoch_watch_take(&bus->epochs, &topic.sale, payload);
        }
        return;
    }
    if (end->which != BUS_COMMANDS ||
        !topic_read(bytes_text(topic_text), bus->config.prefix, &topic)) {
        return;
    }
    if (topic.kind == TOPIC_HEARTBEAT || topic.kind == TOPIC_HOLDING) {
        hear_peer(bus, &topic, payload, retained);
        return;
    }
    if (retained) { // a retained command would act at each connect
        return;
    }
    if (inbox_put(&bus->inbox, &topic, payload, bus_now_ms(bus)) != LC_OK) {
        bus->commands_dropped++;
        if (!bus->inbox_was_full) {
            bus->inbox_was_full = true;
            os_log(OS_LOG_ERROR, "commands: too many wait; the latest are dropped");
        }
    }
}

static void on_acknowledged(void *owner, int handle)
{
    struct bus_end *end = owner;
    struct bus *bus = end->bus;
    switch (end->which) {
    case BUS_EVENTS:
        epoch_watch_acknowledged(&bus->epochs, end->link, bus->config.prefix, handle);
        outbox_acknowledged(&bus->outbox, handle);
        return;
    case BUS_COMMANDS:
        for (size_t i = 0; i < BUS_PROOFS_WAITING; i++) {
            if (bus->proofs[i].handle == handle) {
                bus->proofs[i].handle = -1;
                if (bus->proofs[i].sent_at_ms > bus->proven_at_ms) {
                    bus->proven_at_ms = bus->proofs[i].sent_at_ms;
                }
                return;
            }
        }
        if (handle == bus->probe) {
            bus->probe = -1;
            bus->peers_are_known = true;
        }
        return;
    case BUS_RETAINED:
        bus->retained_is_full = false;
        return;
    case BUS_LINK_COUNT:
        return;
    }
}

static void on_subscribed(void *owner, const char *pattern, bool granted)
{
    struct bus_end *end = owner;
    struct bus *bus = end->bus;
    if (end->which == BUS_EVENTS) {
        if (epoch_watch_subscribed(&bus->epochs, granted)) {
            epoch_watch_prove(&bus->epochs, send_probe(bus, BUS_EVENTS));
        }
        return;
    }
    if (granted) {
        bus->granted++;
        if (bus->granted == SUBSCRIPTIONS) {
            bus->probe = send_probe(bus, BUS_COMMANDS);
        }
        return;
    }
    bus->is_refused = true;
    os_log(OS_LOG_ERROR, "broker: user %s may not read %s: no command can be taken",
           bus->config.user != NULL ? bus->config.user : "(none)", pattern);
}

// ---- life ----

static enum lc_status create_link(struct bus *bus, enum bus_link which)
{
    static const struct mqtt_link_ops ops = {on_state, on_message, on_acknowledged, on_subscribed};
    char client_id[LINK_CLIENT_ID_SIZE];
    char will_topic[TOPIC_SIZE_MAX];
    char run[2 * RUN_SIZE + 1];
    struct buffer will;
    buffer_init(&will, WIRE_STATE_SIZE_MAX);
    write_heartbeat(bus, &will, false, bus->since_ms);
    heartbeat_topic(bus, will_topic);
    os_random_hex(RUN_SIZE, run);
    (void)snprintf(client_id, sizeof client_id, "%s-%s-%s", bus->config.node.text,
                   link_names[which], run);
    struct mqtt_link_config config = {
        .host = bus->config.host,
        .port = bus->config.port,
        .user = bus->config.user,
        .password = bus->config.password,
        .client_id = client_id,
    };
    if (which == BUS_COMMANDS) { // the engine is there when it takes commands
        config.will = (struct mqtt_link_will){will_topic, buffer_bytes(&will), 1, true};
    }
    bus->ends[which] = (struct bus_end){bus, which, NULL};
    enum lc_status status =
        mqtt_link_create(&config, &ops, &bus->ends[which], &bus->ends[which].link);
    buffer_release(&will);
    return status;
}

enum lc_status bus_create(const struct bus_config *config, const struct engine_clock *clock,
                          struct bus **out_bus)
{
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    bus->config = *config;
    bus->clock = clock;
    bus->since_ms = bus_now_ms(bus);
    bus->complained_at_ms = bus->since_ms;
    memset(bus->proofs, -1, sizeof bus->proofs);
    bus->probe = -1;
    bus->is_quiet = true;
    peers_init(&bus->peers, &config->node, bus->since_ms, 0);
    inbox_init(&bus->inbox);
    enum lc_status status = outbox_init(&bus->outbox);
    for (int which = 0; status == LC_OK && which < BUS_LINK_COUNT; which++) {
        status = create_link(bus, (enum bus_link)which);
    }
    if (status != LC_OK) {
        bus_destroy(bus);
        return status;
    }
    *out_bus = bus;
    return LC_OK;
}

// Waits until the broker has what was sent, at most GOODBYE_MS.
static void say_goodbye(struct bus *bus)
{
    struct pollfd polls[BUS_LINK_COUNT];
    int64_t end_ms = os_clock_boot_ms() + GOODBYE_MS;
    size_t last = bus->proofs_next % BUS_PROOFS_WAITING;
    if (!bus->is_quiet) {
        send_heartbeat(bus, false, bus_now_ms(bus));
    }
    bus_pump(bus);
    while (mqtt_link_is_connected(bus->ends[BUS_COMMANDS].link) &&
           (bus->proofs[last].handle >= 0 || bus->outbox.count > 0)) {
        int64_t left_ms = end_ms - os_clock_boot_ms();
        bus_watch(bus, polls);
        if (left_ms <= 0 || poll(polls, BUS_LINK_COUNT, left_ms < 50 ? (int)left_ms : 50) < 0) {
            break;
        }
        for (int which = 0; which < BUS_LINK_COUNT; which++) {
            mqtt_link_process(bus->ends[which].link, (polls[which].revents & (POLLIN | POLLHUP)),
                              polls[which].revents & POLLOUT);
        }
        bus_pump(bus);
    }
}

void bus_destroy(struct bus *bus)
{
    if (bus == NULL) {
        return;
    }
    if (bus->ends[BUS_COMMANDS].link != NULL &&
        mqtt_link_is_connected(bus->ends[BUS_COMMANDS].link)) {
        say_goodbye(bus);
    }
    for (int which = 0; which < BUS_LINK_COUNT; which++) {
        mqtt_link_destroy(bus->ends[which].link);
    }
    epoch_watch_release(&bus->epochs);
    inbox_release(&bus->inbox);
    peers_release(&bus->peers);
    outbox_release(&bus->outbox);
    free(bus);
}

// ---- the loop's side ----

struct mqtt_link *bus_link(const struct bus *bus, enum bus_link which)
{
    return bus->ends[which].link;
}

void bus_watch(struct bus *bus, struct pollfd *out_polls)
{
    // The proof comes in behind the commands: once it is missed, reading goes on.
    bool is_crowded = (inbox_is_crowded(&bus->inbox) || outbox_is_crowded(&bus->outbox)) &&
                      bus_is_live(bus, bus_now_ms(bus));
    for (int which = 0; which < BUS_LINK_COUNT; which++) {
        struct mqtt_link *link = bus->ends[which].link;
        bool reads = which != BUS_COMMANDS || !is_crowded; // then the broker holds commands back
        out_polls[which].fd = mqtt_link_fd(link);
        out_polls[which].events =
            (short)((reads ? POLLIN : 0) | (mqtt_link_wants_write(link) ? POLLOUT : 0));
        out_polls[which].revents = 0;
    }
}

int64_t bus_deadline_boot_ms(const struct bus *bus)
{
    int64_t beat_at_ms = bus->is_quiet ? INT64_MAX : bus->heartbeat_at_ms;
    int64_t deadline_ms = engine_clock_boot_us(bus->clock, beat_at_ms) / 1000;
    deadline_ms += bus->is_quiet ? 0 : 1;
    for (int which = 0; which < BUS_LINK_COUNT; which++) {
        int64_t its_ms = mqtt_link_deadline_ms(bus->ends[which].link);
        deadline_ms = its_ms < deadline_ms ? its_ms : deadline_ms;
    }
    return deadline_ms;
}

bool bus_is_ready(const struct bus *bus)
{
    bool all = bus->peers_are_known && bus->epochs.stage == EPOCHS_KNOWN;
    for (int which = 0; which < BUS_LINK_COUNT; which++) {
        all = all && mqtt_link_is_connected(bus->ends[which].link);
    }
    return all;
}

// A broker that is not there is never passed over in silence (lessons F5).
static void complain(struct bus *bus, int64_t now_ms)
{
    if (bus_is_ready(bus)) {
        bus->complained_at_ms = now_ms;
    } else if (now_ms - bus->complained_at_ms >= BUS_COMPLAIN_MS) {
        bus->complained_at_ms = now_ms;
        os_log(OS_LOG_WARNING,
               "broker %s:%d: still not %s; no command is taken, clocks stand still",
               bus->config.host, bus->config.port,
               bus->is_refused ? "letting us read commands" : "connected");
    }
}

void bus_process(struct bus *bus, const struct pollfd *polls, int64_t now_ms)
{
    int64_t boot_ms = os_clock_boot_ms();
    for (int which = 0; which < BUS_LINK_COUNT; which++) {
        struct mqtt_link *link = bus->ends[which].link;
        bool readable = (polls[which].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
        bool writable = (polls[which].revents & POLLOUT) != 0;
        if (readable || writable || boot_ms >= mqtt_link_deadline_ms(link)) {
            mqtt_link_process(link, readable, writable);
        }
    }
    bus->inbox_was_full = bus->inbox_was_full && inbox_is_crowded(&bus->inbox);
    if (!bus->is_quiet && now_ms >= bus->heartbeat_at_ms) {
        send_heartbeat(bus, true, now_ms);
    }
    complain(bus, now_ms);
}

void bus_set_clock(struct bus *bus, bool clock_runs, int64_t now_ms)
{
    if (clock_runs && !bus->clock_runs) {
        bus->proven_at_ms = now_ms; // the command that started it has come over this broker
        bus->heartbeat_at_ms = now_ms;
    }
    bus->clock_runs = clock_runs;
}

void bus_speak(struct bus *bus, int64_t now_ms)
{
    if (bus->is_quiet) {
        bus->is_quiet = false;
        send_heartbeat(bus, true, now_ms);
    }
}

bool bus_is_live(const struct bus *bus, int64_t now_ms)
{
    return bus_is_ready(bus) &&
           (!bus->clock_runs || now_ms - bus->proven_at_ms <= BUS_PROVEN_FOR_MS);
}

void bus_pump(struct bus *bus)
{
    outbox_pump(&bus->outbox, bus->ends[BUS_EVENTS].link);
}
