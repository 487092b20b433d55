#include <inttypes.h>

#include "bridge/program.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"
#include "lib/os/os_log.h"

enum {
    KNOWN_WITHIN_MS = 1000, // of the start; a broker that is away does not keep the pages closed
    HEARD_WITHIN_MS =
        100, // the other bridges hear of this one when it hears of itself, or soon after
};

static void draw_name(struct program *program)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t random[ENGINEIO_NODE_SIZE];
    os_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        program->relay_node[i] = alphabet[random[i] % 64];
    }
}

static struct topic topic_of(const char *node_or_all)
{
    struct topic topic = {.kind = TOPIC_RELAY};
    snprintf(topic.name, sizeof topic.name, "%.*s", ENGINEIO_NODE_SIZE, node_or_all);
    return topic;
}

void cluster_init(struct program *program)
{
    struct topic topic = topic_of("all");
    draw_name(program);
    topic_write(&topic, program->options.prefix, program->relay_topics);
    *(strrchr(program->relay_topics, '/') + 1) = 0;
}

// ---- what the relay is lent ----

static enum lc_status publish(void *owner, const char *node_or_null, struct bytes message)
{
    struct program *program = owner;
    struct topic topic = topic_of(node_or_null == NULL ? "all" : node_or_null);
    // What goes to one node is asked for by anybody's polls and posts, and is said later when it must
    // wait; bids are not.
    return node_or_null != NULL ? bus_publish_patiently(program->bus, &topic, message)
                                : bus_publish(program->bus, &topic, message, 1, false);
}

static bool is_alive(void *owner, const char node[ENGINEIO_NODE_SIZE])
{
    const struct program *program = owner;
    char name[ENGINEIO_NODE_SIZE + 1];
    snprintf(name, sizeof name, "%.*s", ENGINEIO_NODE_SIZE, node);
    return auction_app_bridge_is_alive(program->app, name);
}

static void on_note(void *owner, const char from[ENGINEIO_NODE_SIZE], struct bytes note)
{
    struct program *program = owner;
    char name[ENGINEIO_NODE_SIZE + 1];
    snprintf(name, sizeof name, "%.*s", ENGINEIO_NODE_SIZE, from);
    auction_app_take_note(program->app, name, note);
}

static void fill_random(void *owner, uint8_t *data, size_t size)
{
    (void)owner;
    os_random(data, size);
}

// While keys are exchanged bridge by bridge, some sign with one and some with another.
static void take_keys(struct program *program, struct relay_config *config)
{
    token_keys_mac_key(program->keys, TOKEN_PURPOSE_RELAY, program->relay_keys[0]);
    config->key = bytes_of(program->relay_keys[0], TOKEN_KEY_SIZE);
    config->other_keys_count = token_keys_other_mac_keys(
        program->keys, TOKEN_PURPOSE_RELAY, RELAY_OTHER_KEYS_MAX, program->relay_keys + 1);
    for (size_t i = 0; i < config->other_keys_count; i++) {
        config->other_keys[i] = bytes_of(program->relay_keys[1 + i], TOKEN_KEY_SIZE);
    }
}

enum lc_status cluster_start(struct program *program)
{
    static const struct relay_ops ops = {
        .publish = publish, .is_alive = is_alive, .on_note = on_note, .random = fill_random};
    struct relay_config config = {.upgrade_timeout_ms =
                                      program->options.socketio.upgrade_timeout_ms};
    memcpy(config.node, program->relay_node, sizeof config.node);
    take_keys(program, &config);
    return relay_create(&config, socketio_server_engine(program->socketio), &ops, program,
                        &program->relay);
}

bool cluster_generate_sid(void *owner, const struct engineio_request *request, char *out_sid)
{
    struct program *program = owner;
    (void)request;
    relay_draw_sid(program->relay, out_sid);
    return true;
}

// ---- the broker ----

static void subscribe(struct program *program, const char *node_or_all)
{
    char text[TOPIC_SIZE_MAX];
    struct topic topic = topic_of(node_or_all);
    topic_write(&topic, program->options.prefix, text);
    enum lc_status status = bus_subscribe(program->bus, text, 1);
    if (status != LC_OK) {
        os_log(OS_LOG_WARNING, "subscribe %s: %s", text, lc_status_name(status));
    }
}

void cluster_broker_state(struct program *program, bool is_connected)
{
    if (is_connected) {
        subscribe(program, "all");
        subscribe(program, program->relay_node);
        if (program->former_relay_node[0] != 0) {
            subscribe(program, program->former_relay_node);
        }
    }
    relay_broker_state(program->relay, os_clock_boot_ms(), is_connected);
    program->relay_has_worked = true;
}

bool cluster_broker_message(struct program *program, const char *topic, struct bytes payload,
                            bool is_retained)
{
    if (strncmp(topic, program->relay_topics, strlen(program->relay_topics)) != 0) {
        return false;
    }
    if (!is_retained) {
        relay_take(program->relay, os_clock_boot_ms(), payload);
        program->relay_has_worked = true;
    }
    return true;
}

// ---- the doors ----

void cluster_keep_closed(struct program *program)
{
    program->opens_at_ms = os_clock_boot_ms() + KNOWN_WITHIN_MS;
    web_server_open_at(program->web, program->opens_at_ms);
}

void cluster_is_known(void *owner)
{
    struct program *program = owner;
    bool is_alone = auction_app_other_bridges(program->app) == 0;
    int64_t at_ms = os_clock_boot_ms() + (is_alone ? 0 : HEARD_WITHIN_MS);
    if (at_ms < program->opens_at_ms) { // the first time, and soon enough
        program->opens_at_ms = at_ms;
        web_server_open_at(program->web, at_ms);
    }
}

// ---- what the application sees and says ----

// Of two bridges with one name the one that came later takes another; sessions that it has made
// keep the first.
void cluster_bridge_seen(void *owner, const char *node, int64_t since_ms)
{
    struct program *program = owner;
    if (strcmp(node, program->relay_node) != 0 || since_ms > bus_since_ms(program->bus)) {
        return;
    }
    memcpy(program->former_relay_node, program->relay_node, sizeof program->former_relay_node);
    draw_name(program);
    os_log(OS_LOG_WARNING, "another bridge is %s among bridges: this one is %s from now on", node,
           program->relay_node);
    relay_rename(program->relay, program->relay_node);
    subscribe(program, program->relay_node);
    bus_set_relay(program->bus, program->relay_node);
}

void cluster_bridge_died(void *owner, const char *node)
{
    struct program *program = owner;
    relay_node_died(program->relay, os_clock_boot_ms(), node);
    program->relay_has_worked = true;
}

enum lc_status cluster_send_note(void *owner, const char *node_or_null, struct bytes note)
{
    struct program *program = owner;
    return relay_send_note(program->relay, os_clock_boot_ms(), node_or_null, note);
}

// ---- the loop ----

int64_t cluster_deadline_ms(void *owner)
{
    const struct program *program = owner;
    return relay_deadline_ms(program->relay);
}

void cluster_process(void *owner, bool readable, bool writable)
{
    struct program *program = owner;
    (void)readable;
    (void)writable;
    relay_process(program->relay, os_clock_boot_ms());
    program->relay_has_worked = true;
}

bool cluster_takes_output(struct program *program)
{
    bool has_worked = program->relay_has_worked;
    program->relay_has_worked = false;
    return has_worked;
}

// ---- metrics ----

static void write_one(struct buffer *out, const char *name, bool is_gauge, uint64_t value)
{
    buffer_append_format(out, "# TYPE lotcast_relay_%s %s\nlotcast_relay_%s %" PRIu64 "\n", name,
                         is_gauge ? "gauge" : "counter", name, value);
}

static void write_ways(struct buffer *out, const char *name, uint64_t in, uint64_t out_value)
{
    buffer_append_format(out,
                         "# TYPE lotcast_relay_%s counter\n"
                         "lotcast_relay_%s{way=\"in\"} %" PRIu64 "\n"
                         "lotcast_relay_%s{way=\"out\"} %" PRIu64 "\n",
                         name, name, in, name, out_value);
}

void cluster_write_metrics(const struct program *program, struct buffer *out)
{
    struct relay_counts counts;
    relay_read_counts(program->relay, &counts);
    buffer_append_format(out,
                         "# TYPE lotcast_relay_node gauge\nlotcast_relay_node{node=\"%s\"} 1\n",
                         program->relay_node);
    write_ways(out, "polls_total", counts.polls_in_total, counts.polls_out_total);
    write_ways(out, "posts_total", counts.posts_in_total, counts.posts_out_total);
    write_ways(out, "messages_total", counts.messages_in_total, counts.messages_out_total);
    write_ways(out, "bytes_total", counts.bytes_in_total, counts.bytes_out_total);
    write_ways(out, "sessions_moved_total", counts.moved_in_total, counts.moved_out_total);
    write_one(out, "moves_failed_total", false, counts.moves_failed_total);
    write_one(out, "unknown_total", false, counts.unknown_total);
    write_one(out, "posts_timed_out_total", false, counts.timed_out_total);
    write_one(out, "refused_total", false, counts.refused_total);
    write_one(out, "forged_total", false, counts.forged_total);
    write_one(out, "malformed_total", false, counts.malformed_total);
    write_one(out, "lost_responses_total", false, counts.lost_responses_total);
    write_one(out, "exchanges_out", true, counts.exchanges_out);
    write_one(out, "exchanges_in", true, counts.exchanges_in);
    write_one(out, "bodies_bytes", true, counts.bodies_bytes);
    buffer_append_format(out,
                         "# TYPE lotcast_relay_round_trip_seconds summary\n"
                         "lotcast_relay_round_trip_seconds_count %" PRIu64 "\n"
                         "lotcast_relay_round_trip_seconds_sum %.6f\n",
                         counts.round_trips_total, (double)counts.round_trips_us_total / 1e6);
}
