#include "tests/unit/bridges_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/app/app_state.h"
#include "bridge/app/engine_request.h"
#include "bridge/app/json_slice.h"
#include "bridge/engineio/foreign.h"

#define PROBE (ENGINEIO_RELAYED_BIT | 1)
#define NOW_OFFSET INT64_C(1700000000000)

// ---- what the applications are lent ----

static int64_t boot_ms(void *context)
{
    return ((struct house_bridge *)context)->world->now_ms;
}

static int64_t wall_ms(void *context)
{
    return boot_ms(context) + NOW_OFFSET;
}

static void draw(void *context, uint8_t *data, size_t size)
{
    static uint32_t next = 77;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        next = next * 1103515245 + 12345;
        data[i] = (uint8_t)(next >> 16);
    }
}

static void log_nothing(void *context, enum outside_level level, const char *line)
{
    (void)context, (void)level, (void)line;
}

static void enqueue(struct house_bridge *bridge, bool is_note, const char *to, struct bytes text)
{
    struct house *house = bridge->house;
    assert_true(house->queue_count < QUEUE_MAX);
    struct house_message *message = &house->queue[house->queue_count++];
    *message = (struct house_message){.from = bridge->index, .is_note = is_note};
    snprintf(message->to, sizeof message->to, "%s", to);
    message->text = strndup((const char *)text.data, text.size);
    assert_non_null(message->text);
}

static enum lc_status publish(void *context, const struct topic *topic, struct bytes payload,
                              int qos, bool retain)
{
    struct house_bridge *bridge = context;
    (void)qos, (void)retain;
    if (!bridge->app->is_connected) {
        return LC_ERR_OFFLINE;
    }
    if (topic->kind == TOPIC_PRESENCE && payload.size > 0) {
        bridge->house->presences[bridge->index]++;
    }
    if (topic->kind == TOPIC_SALE_COMMAND) {
        enqueue(bridge, false, "", payload);
    }
    return LC_OK;
}

static enum lc_status subscribe(void *context, const char *pattern, int qos)
{
    (void)context, (void)pattern, (void)qos;
    return LC_OK;
}

static enum lc_status unsubscribe(void *context, const char *pattern)
{
    (void)context, (void)pattern;
    return LC_OK;
}

// "p1": a bidder of sale demo; "late p1": the same, expired; anything with a '?': nobody.
static enum error_code read_token(void *context, struct bytes token, int64_t now_s,
                                  struct identity *out_identity)
{
    bool is_late = bytes_starts_with(token, bytes_text("late "));
    struct bytes subject = is_late ? bytes_from(token, 5) : token;
    (void)context;
    if (!identity_read(subject, bytes_text("demo"), bytes_text("bidder"), bytes_text("A \"name\""),
                       is_late ? now_s : now_s + 1000, out_identity)) {
        return ERROR_UNAUTHENTICATED;
    }
    return is_late ? ERROR_TOKEN_EXPIRED : ERROR_NONE;
}

static enum lc_status send_note(void *context, const char *node_or_null, struct bytes note)
{
    struct house_bridge *bridge = context;
    if (!bridge->app->is_connected) {
        return LC_ERR_OFFLINE;
    }
    enqueue(bridge, true, node_or_null == NULL ? "" : node_or_null, note);
    return LC_OK;
}

static void sha256_hex(void *context, struct bytes bytes, char out_hex[65])
{
    (void)context;
    snprintf(out_hex, 65, "%064zx", bytes.size);
}

static void sign(void *context, struct bytes bytes, uint8_t out_mac[32])
{
    uint64_t hash = 5381;
    (void)context;
    for (size_t i = 0; i < bytes.size; i++) {
        hash = hash * 1099511628211u + bytes.data[i];
    }
    for (size_t i = 0; i < 32; i++) {
        out_mac[i] = (uint8_t)(hash >> (i % 8 * 8));
    }
}

static bool verify(void *context, struct bytes bytes, const uint8_t mac[32])
{
    uint8_t expected[32];
    sign(context, bytes, expected);
    return memcmp(expected, mac, 32) == 0;
}

// ---- the engine ----

static void write_event(const struct house *house, int64_t seq, struct buffer *out)
{
    buffer_append_format(out, "{\"seq\":%lld,\"epoch\":%lld,\"at\":1,\"text\":\"", (long long)seq,
                         (long long)house->epochs[seq]);
    for (size_t i = 0; i < house->text_size; i++) {
        buffer_append_byte(out, 'x');
    }
    buffer_append_text(out, "\"}");
}

static void answer_replay(struct house *house, struct bytes command, struct buffer *result)
{
    int64_t from = 0;
    int64_t limit = 0;
    assert_true(json_slice_int64(json_slice_member(command, "from"), &from));
    assert_true(json_slice_int64(json_slice_member(command, "limit"), &limit));
    assert_true(limit <= 500 && from >= 1);
    house->replays++;
    if ((size_t)limit > house->page_events_max) {
        limit = (int64_t)house->page_events_max;
    }
    buffer_append_text(result, "\"events\":[");
    from += house->lies_by > 0 ? house->lies_by : 0;
    limit += house->lies_by < 0 ? 10 : 0;
    int64_t seq = from;
    for (; seq <= house->seq && seq < from + limit; seq++) {
        buffer_append_text(result, seq == from ? "" : ",");
        buffer_append_text(result, "{\"name\":\"notice\",\"payload\":");
        write_event(house, seq, result);
        buffer_append_text(result, "}");
    }
    buffer_append_format(result, "],\"more\":%s}", seq <= house->seq ? "true" : "false");
}

static void answer_snapshot(struct house *house, struct buffer *result)
{
    house->snapshots++;
    buffer_append_format(result,
                         "\"snapshot\":{\"seq\":%lld,\"epoch\":%lld,\"live\":true,\"now\":%lld,"
                         "\"info\":{\"public\":%s}}}",
                         (long long)house->seq, (long long)house->epoch,
                         (long long)wall_ms(&house->bridges[0]),
                         house->is_private ? "false" : "true");
}

static void answer(struct house *house, size_t bridge, struct bytes command)
{
    struct buffer reply;
    struct bytes op = json_slice_member(command, "op");
    struct bytes tag = json_slice_member(command, "reply");
    if (house->is_deaf) {
        return;
    }
    if (bytes_equal_text(op, "\"bid\"")) {
        house->bids++;
        house->seq++;
        house->epochs[house->seq] = house->epoch;
    }
    buffer_init(&reply, 1 << 20);
    buffer_append_format(
        &reply, "{\"reply\":%.*s,\"result\":{\"ok\":true,\"seq\":%lld,\"epoch\":%lld,",
        (int)tag.size, (const char *)tag.data, (long long)house->seq, (long long)house->epoch);
    if (bytes_equal_text(op, "\"replay\"")) {
        answer_replay(house, command, &reply);
    } else if (bytes_equal_text(op, "\"snapshot\"")) {
        answer_snapshot(house, &reply);
    } else if (bytes_equal_text(op, "\"you\"")) {
        buffer_append_text(&reply, "\"you\":{\"seq\":1,\"epoch\":1}}");
    } else {
        buffer_append_text(&reply, "\"bid\":1}");
    }
    buffer_append_text(&reply, "}");
    char topic[64];
    snprintf(topic, sizeof topic, "lotcast/v1/reply/bridge-%zu", bridge);
    auction_app_broker_message(house->bridges[bridge].app, topic, buffer_bytes(&reply), false);
    buffer_release(&reply);
}

// ---- the broker ----

static void deliver_note(struct house *house, const struct house_message *message)
{
    for (size_t i = 0; i < BRIDGES; i++) {
        char node[8];
        snprintf(node, sizeof node, "NOD%zu", i);
        bool is_for = i != message->from && (message->to[0] == 0 || strcmp(message->to, node) == 0);
        if (is_for) {
            snprintf(node, sizeof node, "NOD%zu", message->from);
            auction_app_take_note(house->bridges[i].app, node, bytes_text(message->text));
        }
    }
}

// Each client that polls has one poll hanging.
static void poll(struct house *house, size_t bridge)
{
    struct world *world = house->bridges[bridge].world;
    for (size_t i = 0; i < world->links_count; i++) {
        size_t mark = world->links[i].sent.size + 1;
        bool wants = !world->links[i].websocket && !world->links[i].closed &&
                     world->links[i].sid[0] != 0 && house->polled[bridge][i] != mark;
        if (wants) {
            house->polled[bridge][i] = mark;
            world_poll(world, i);
        }
    }
}

static void turn(struct house *house)
{
    for (size_t i = 0; i < BRIDGES; i++) {
        struct house_bridge *bridge = &house->bridges[i];
        if (auction_app_deadline_ms(bridge->app) <= bridge->world->now_ms) {
            auction_app_process(bridge->app);
        }
        engineio_flush(bridge->world->engine, bridge->world->now_ms);
        poll(house, i);
    }
}

// One time for both: clients' inputs take some.
static void agree_on_time(struct house *house)
{
    int64_t latest_ms = 0;
    for (size_t i = 0; i < BRIDGES; i++) {
        int64_t now_ms = house->bridges[i].world->now_ms;
        latest_ms = now_ms > latest_ms ? now_ms : latest_ms;
    }
    for (size_t i = 0; i < BRIDGES; i++) {
        house->bridges[i].world->now_ms = latest_ms;
    }
}

void house_settle(struct house *house)
{
    agree_on_time(house);
    turn(house);
    while (house->queue_count > 0) {
        struct house_message message = house->queue[0];
        house->queue_count--;
        memmove(house->queue, house->queue + 1, house->queue_count * sizeof house->queue[0]);
        if (message.is_note) {
            deliver_note(house, &message);
        } else {
            answer(house, message.from, bytes_text(message.text));
        }
        free(message.text);
        turn(house);
    }
    for (size_t i = 0; i < BRIDGES; i++) {
        world_flush(house->bridges[i].world);
    }
}

void house_pass(struct house *house, int64_t ms)
{
    int64_t until_ms = house->bridges[0].world->now_ms + ms;
    while (house->bridges[0].world->now_ms < until_ms) {
        for (size_t i = 0; i < BRIDGES; i++) {
            house->bridges[i].world->now_ms += 8; // and what settling takes
        }
        house_settle(house);
    }
}

static void beat(struct house *house, size_t bridge)
{
    struct house_bridge *at = &house->bridges[bridge];
    char payload[200];
    snprintf(payload, sizeof payload,
             "{\"program\":\"engine\",\"node\":\"engine-1\",\"online\":true,\"version\":\"1\","
             "\"since\":1,\"now\":%lld}",
             (long long)wall_ms(at));
    auction_app_broker_message(at->app, "lotcast/v1/svc/engine/engine-1", bytes_text(payload),
                               false);
}

void house_connect(struct house *house, size_t bridge)
{
    auction_app_broker_state(house->bridges[bridge].app, true);
    beat(house, bridge);
    house_settle(house);
}

void house_lose_broker(struct house *house, size_t bridge)
{
    auction_app_broker_state(house->bridges[bridge].app, false);
    house_settle(house);
}

void house_hear(struct house *house, unsigned bridges, int64_t seq)
{
    struct buffer payload;
    buffer_init(&payload, 1 << 20);
    write_event(house, seq, &payload);
    for (size_t i = 0; i < BRIDGES; i++) {
        if ((bridges >> i & 1) != 0) {
            auction_app_broker_message(house->bridges[i].app, "lotcast/v1/sale/demo/event/notice",
                                       buffer_bytes(&payload), false);
        }
    }
    buffer_release(&payload);
}

void house_say(struct house *house, unsigned bridges)
{
    assert_true(house->seq + 1 < HISTORY_MAX);
    house->seq++;
    house->epochs[house->seq] = house->epoch;
    house_hear(house, bridges, house->seq);
}

void house_new_epoch(struct house *house, unsigned bridges, int64_t lost)
{
    house->epoch++;
    house->seq -= lost;
    house_say(house, bridges);
}

// ---- life ----

static void begin_bridge(struct house *house, size_t index)
{
    struct house_bridge *bridge = &house->bridges[index];
    struct auction_app_config config = auction_app_config_default();
    void *world;
    world_set_up(&world);
    bridge->house = house;
    bridge->index = index;
    bridge->world = world;
    bridge->world->owns_the_rest = false;
    bridge->world->config.allow_eio3 = true;
    world_start(bridge->world);
    snprintf(config.node.text, sizeof config.node.text, "bridge-%zu", index);
    config.rate_burst = 1000000;
    config.rate_per_second = 1000000;
    bridge->outside = (struct outside){.context = bridge,
                                       .boot_ms = boot_ms,
                                       .wall_ms = wall_ms,
                                       .random = draw,
                                       .log = log_nothing,
                                       .publish = publish,
                                       .subscribe = subscribe,
                                       .unsubscribe = unsubscribe,
                                       .token_read = read_token,
                                       .sha256_hex = sha256_hex,
                                       .send_note = send_note,
                                       .sign = sign,
                                       .verify = verify};
    assert_int_equal(auction_app_create(&config, &bridge->outside, &bridge->app), LC_OK);
    auction_app_attach(bridge->app, bridge->world->server);
    assert_int_equal(socketio_namespace_add(bridge->world->server, bytes_text("/"),
                                            auction_app_ops(), bridge->app),
                     LC_OK);
}

int house_set_up(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    assert_non_null(house);
    house->epoch = 1;
    house->text_size = 3;
    house->page_events_max = 500;
    for (size_t i = 0; i < BRIDGES; i++) {
        begin_bridge(house, i);
    }
    house_say(house, 0);
    *state = house;
    return 0;
}

int house_tear_down(void **state)
{
    struct house *house = *state;
    for (size_t i = 0; i < BRIDGES; i++) {
        void *world = house->bridges[i].world;
        socketio_server_shut_down(
            house->bridges[i].world->server); // viewers end with their sockets
        world_tear_down(&world);
        auction_app_destroy(house->bridges[i].app);
    }
    for (size_t i = 0; i < house->queue_count; i++) {
        free(house->queue[i].text);
    }
    free(house);
    return 0;
}

// ---- clients ----

static size_t connect_with(struct house *house, size_t bridge, const char *packet)
{
    struct world *world = house->bridges[bridge].world;
    size_t link = house->is_polling ? world_polling(world) : world_websocket(world);
    world_receive(world, link, packet);
    poll(house, bridge);
    return link;
}

size_t house_client(struct house *house, size_t bridge, const char *auth)
{
    char packet[200];
    snprintf(packet, sizeof packet, auth[0] == 0 ? "40" : "40{\"token\":\"%s\"}", auth);
    size_t link = connect_with(house, bridge, packet);
    assert_int_equal(house_sent(house, bridge, link, "40{\"sid\":"), 1);
    return link;
}

static void join(struct house *house, size_t bridge, size_t link)
{
    world_receive(house->bridges[bridge].world, link, "421[\"join_auction\",{\"sale\":\"demo\"}]");
    house_settle(house);
    assert_int_equal(house_sent(house, bridge, link, "42[\"auction_snapshot\""), 1);
}

size_t house_member(struct house *house, size_t bridge, const char *auth)
{
    size_t link = house_client(house, bridge, auth);
    join(house, bridge, link);
    return link;
}

size_t house_plain_member(struct house *house, size_t bridge, const char *auth)
{
    char packet[200];
    snprintf(packet, sizeof packet, "40{\"token\":\"%s\",\"recovery\":false}", auth);
    size_t link = connect_with(house, bridge, packet);
    join(house, bridge, link);
    return link;
}

size_t house_old_member(struct house *house, size_t bridge)
{
    struct world *world = house->bridges[bridge].world;
    world->protocol = 3;
    size_t link = world_websocket(world);
    world->protocol = 4;
    join(house, bridge, link);
    return link;
}

size_t house_return(struct house *house, size_t bridge, const char *pid, const char *auth,
                    const char *offset)
{
    char packet[1000];
    char token[100] = "";
    if (auth[0] != 0) {
        snprintf(token, sizeof token, ",\"token\":\"%s\"", auth);
    }
    snprintf(packet, sizeof packet, "40{\"pid\":\"%s\",\"offset\":\"%s\"%s}", pid, offset, token);
    return connect_with(house, bridge, packet);
}

static const char *sent_text(const struct house *house, size_t bridge, size_t link)
{
    const char *text = buffer_text(&house->bridges[bridge].world->links[link].sent);
    assert_non_null(text);
    return text;
}

const char *house_pid(struct house *house, size_t bridge, size_t link, char out_pid[512])
{
    static const char name[] = "\"pid\":\"";
    const char *at = strstr(sent_text(house, bridge, link), name);
    assert_non_null(at);
    at += sizeof name - 1;
    snprintf(out_pid, 512, "%.*s", (int)strcspn(at, "\""), at);
    return out_pid;
}

size_t house_sent(const struct house *house, size_t bridge, size_t link, const char *text)
{
    size_t count = 0;
    for (const char *at = sent_text(house, bridge, link); (at = strstr(at, text)) != NULL; at++) {
        count++;
    }
    return count;
}

int64_t house_notices(const struct house *house, size_t bridge, size_t link, int64_t *out_first)
{
    static const char begin[] = "42[\"notice\",{\"seq\":";
    int64_t last = 0;
    for (const char *at = sent_text(house, bridge, link); (at = strstr(at, begin)) != NULL; at++) {
        int64_t seq = strtoll(at + sizeof begin - 1, NULL, 10);
        assert_true(last == 0 || seq == last + 1);
        if (last == 0 && out_first != NULL) {
            *out_first = seq;
        }
        last = seq;
    }
    return last;
}

// ---- moving ----

static void on_probe_close(void *relay, uint64_t ws)
{
    (void)relay, (void)ws;
}

size_t house_move(struct house *house, size_t from, size_t link)
{
    static const struct engineio_relay_ops relay = {.probe_close = on_probe_close};
    struct world *here = house->bridges[from].world;
    struct world *there = house->bridges[1 - from].world;
    struct bytes sid = bytes_of(here->links[link].sid, ENGINEIO_SID_SIZE);
    struct buffer state;
    char node[8];
    snprintf(node, sizeof node, "NOD%zu", 1 - from);
    engineio_set_relay(here->engine, &relay, NULL);
    assert_int_equal(engineio_probe_begin(here->engine, here->now_ms, sid,
                                          bytes_text("EIO=4&transport=websocket"), PROBE),
                     ENGINEIO_PROBE_BEGUN);
    engineio_probe_ready(here->engine, here->now_ms, sid, PROBE);
    engineio_flush(here->engine, here->now_ms);
    buffer_init(&state, 1 << 24);
    assert_int_equal(
        engineio_export(here->engine, here->now_ms, sid, PROBE, bytes_text(node), &state), LC_OK);
    size_t moved = there->links_count++;
    assert_true(moved < WORLD_LINKS);
    there->links[moved].websocket = true;
    assert_int_equal(engineio_import(there->engine, there->now_ms, buffer_bytes(&state), moved + 1,
                                     &there->links[moved].session),
                     LC_OK);
    house->polled[from][link] = here->links[link].sent.size + 1; // it polls no more
    engineio_export_done(here->engine, here->now_ms, sid);
    buffer_release(&state);
    return moved;
}

// ---- counts ----

uint64_t house_metric(struct house *house, size_t bridge, const char *name)
{
    const struct metrics *metrics = &house->bridges[bridge].app->metrics;
    const struct {
        const char *name;
        uint64_t value;
    } known[] = {{"recovered", metrics->sessions_recovered},
                 {"not_recovered", metrics->sessions_not_recovered},
                 {"moved_in", metrics->viewers_moved_in},
                 {"moved_out", metrics->viewers_moved_out},
                 {"forwarded", metrics->replies_forwarded}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return known[i].value;
        }
    }
    fail();
    return 0;
}
