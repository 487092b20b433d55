#include <inttypes.h>

#include "bridge/app/app_state.h"
#include "bridge/app/bridge_note.h"
#include "bridge/app/engine_request.h"
#include "bridge/app/http_api.h"
#include "bridge/app/http_sheet.h"

struct auction_app_config auction_app_config_default(void)
{
    return (struct auction_app_config){.prefix = "lotcast",
                                       .rate_per_second = 20,
                                       .rate_burst = 40,
                                       .address_rate_per_second = 200,
                                       .address_rate_burst = 1000,
                                       .token_life_s = INT64_C(7) * 24 * 3600,
                                       .recovery_ms = 120000,
                                       .recovery_events_max = 10000};
}

// ---- what the parts share ----

int64_t app_common_ms(const struct auction_app *app)
{
    int64_t engine_ms;
    int64_t uncertainty_ms;
    return engine_clock_now(&app->engine_clock, app_now_ms(app), &engine_ms, &uncertainty_ms)
               ? engine_ms
               : app->outside->wall_ms(app->outside->context);
}

void app_log(const struct auction_app *app, enum outside_level level, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    app->outside->log(app->outside->context, level, line);
}

void app_log_packet(const struct auction_app *app, const char *direction, uint64_t socket,
                    const char *what, size_t size)
{
    if (app->config.logs_packets) {
        app_log(app, OUTSIDE_INFO, "packet %s socket=%" PRIu64 " %s bytes=%zu", direction, socket,
                what, size);
    }
}

void app_emit(struct auction_app *app, struct socketio_socket_id socket, const char *event,
              struct bytes payload)
{
    app_log_packet(app, "out", socket.value, event, payload.size);
    socketio_emit(app->server, socket, bytes_text(event), payload);
    app->has_output = true;
}

static void emit_stream(struct auction_app *app, struct bytes name, const char *event,
                        struct bytes arguments, bool is_volatile)
{
    socketio_room_emit(app->server, bytes_text("/"), name, bytes_text(event), arguments,
                       is_volatile);
    // Bids make a sale hot; all else is rare, and the hammer and more time are what bidders wait for.
    if (!is_volatile && strcmp(event, "bid_update") != 0) {
        socketio_room_hurry(app->server, bytes_text("/"), name);
    }
}

void app_emit_room(struct auction_app *app, const struct sale_room *room, const char *event,
                   struct bytes payload, bool is_volatile)
{
    if (app->config.logs_packets) {
        app_log(app, OUTSIDE_INFO, "packet out room=%s %s bytes=%zu", room->name, event,
                payload.size);
    }
    emit_stream(app, bytes_text(room->name), event, payload, is_volatile);
    if (socketio_room_size(app->server, bytes_text("/"), bytes_text(room->plain_name)) > 0) {
        emit_stream(app, bytes_text(room->plain_name), event, event_offset_cut(payload),
                    is_volatile);
    }
    app->has_output = true;
}

void app_ack(struct auction_app *app, struct socketio_socket_id socket, int64_t ack_id,
             struct bytes result)
{
    if (ack_id < 0) {
        return;
    }
    app_log_packet(app, "out", socket.value, "ack", result.size);
    socketio_ack(app->server, socket, ack_id, result);
    app->has_output = true;
}

void app_ack_error(struct auction_app *app, struct socketio_socket_id socket, int64_t ack_id,
                   enum error_code code, const char *detail)
{
    struct buffer result;
    buffer_init(&result, 4096);
    wire_write_refusal(&result, NULL, code, detail, (struct bytes){NULL, 0});
    app_ack(app, socket, ack_id, buffer_bytes(&result));
    buffer_release(&result);
}

struct viewer *app_viewer(const struct auction_app *app, uint64_t socket)
{
    struct socketio_socket_id id = {socket};
    if (socket == 0 || !socketio_socket_is_open(app->server, id)) {
        return NULL;
    }
    return socketio_socket_data(app->server, id);
}

static bool allows(struct auction_app *app, struct rate_limit *rates, struct bytes key)
{
    bool is_allowed = rate_limit_allows(rates, key, app_now_ms(app));
    app->metrics.rate_limited += is_allowed ? 0 : 1;
    return is_allowed;
}

static bool allows_identity(struct auction_app *app, const struct identity *identity)
{
    char key[80];
    snprintf(key, sizeof key, "i%s/%s", identity->is_for_all_sales ? "*" : identity->sale.text,
             identity->subject.text);
    return allows(app, app->identity_rates, bytes_text(key));
}

bool app_allows_request(struct auction_app *app, const struct identity *identity,
                        struct bytes address)
{
    return identity->is_known ? allows_identity(app, identity)
                              : allows(app, app->address_rates, address);
}

bool app_allows_event(struct auction_app *app, const struct viewer *viewer)
{
    char key[32];
    if (viewer->identity.is_known) {
        return allows_identity(app, &viewer->identity);
    }
    snprintf(key, sizeof key, "s%llu", (unsigned long long)viewer->socket.value);
    return allows(app, app->identity_rates, bytes_text(key));
}

void app_each_room(struct auction_app *app, void (*visit)(struct auction_app *, struct sale_room *))
{
    for (size_t i = 0; i < ROOM_TABLE_SIZE; i++) {
        struct sale_room *next;
        for (struct sale_room *room = app->rooms[i]; room != NULL; room = next) {
            next = room->next;
            visit(app, room);
        }
    }
}

// ---- life ----

enum lc_status auction_app_create(const struct auction_app_config *config,
                                  const struct outside *outside, struct auction_app **out_app)
{
    uint64_t nonce;
    struct auction_app *app = calloc(1, sizeof *app);
    if (app == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    app->config = *config;
    app->outside = outside;
    engine_clock_init(&app->engine_clock);
    ended_sessions_init(&app->ended);
    moved_viewers_init(&app->moved);
    presence_board_init(&app->presence, outside->bridge_died, outside->context);
    outside->random(outside->context, (uint8_t *)&nonce, sizeof nonce);
    enum lc_status status = pending_commands_create(nonce, &app->pending);
    if (status == LC_OK) {
        status =
            rate_limit_create(config->rate_per_second, config->rate_burst, &app->identity_rates);
    }
    if (status == LC_OK) {
        status = rate_limit_create(config->address_rate_per_second, config->address_rate_burst,
                                   &app->address_rates);
    }
    if (status != LC_OK) {
        auction_app_destroy(app);
        return status;
    }
    *out_app = app;
    return LC_OK;
}

void auction_app_attach(struct auction_app *app, struct socketio_server *server)
{
    app->server = server;
}

void auction_app_destroy(struct auction_app *app)
{
    if (app == NULL) {
        return;
    }
    app->server = NULL; // it has gone, and with it every viewer
    app_each_room(app, sale_room_forget);
    http_sheet_forget_all(app);
    presence_board_release(&app->presence);
    pending_commands_destroy(app->pending);
    rate_limit_destroy(app->identity_rates);
    rate_limit_destroy(app->address_rates);
    ended_sessions_release(&app->ended);
    moved_viewers_release(&app->moved);
    free(app);
}

static void withdraw(struct auction_app *app, struct sale_room *room)
{
    (void)app;
    sale_room_withdraw(room);
}

void auction_app_say_goodbye(struct auction_app *app)
{
    app->is_leaving = true;
    app_each_room(app, withdraw);
}

// ---- the broker ----

static void degrade_by_broker(struct auction_app *app, struct sale_room *room)
{
    (void)app;
    sale_room_degrade(room, true);
}

static void degrade_by_engine(struct auction_app *app, struct sale_room *room)
{
    (void)app;
    sale_room_degrade(room, false);
}

static void restore(struct auction_app *app, struct sale_room *room)
{
    (void)app;
    sale_room_restore(room);
}

static void subscribe(struct auction_app *app, struct sale_room *room)
{
    (void)app;
    sale_room_subscribe(room);
}

static void mark_lobby(struct auction_app *app, struct sale_room *room)
{
    (void)app;
    room->lobby_is_dirty = true;
}

// Finds out whether all is well, and tells the rooms when that has changed.
static void update_live(struct auction_app *app, bool broker_was_lost)
{
    bool is_live = app_can_ask(app);
    if (is_live == app->is_live && !broker_was_lost) {
        return;
    }
    app->is_live = is_live;
    if (is_live) {
        app_log(app, OUTSIDE_INFO, "live: broker connected, engine alive");
        app_each_room(app, restore);
    } else {
        app_log(app, OUTSIDE_WARNING, "degraded: %s",
                !app->is_connected ? "no connection to the broker"
                : app->is_late     ? "what the broker sends is late"
                                   : "no engine is alive");
        app_each_room(app, broker_was_lost ? degrade_by_broker : degrade_by_engine);
    }
}

static void subscribe_own(struct auction_app *app)
{
    char pattern[TOPIC_SIZE_MAX];
    const struct outside *outside = app->outside;
    topic_write(&(struct topic){.kind = TOPIC_REPLY, .client = app->config.node},
                app->config.prefix, pattern);
    enum lc_status status = outside->subscribe(outside->context, pattern, 1);
    topic_pattern_heartbeats(app->config.prefix, pattern);
    status = status == LC_OK ? outside->subscribe(outside->context, pattern, 1) : status;
    topic_pattern_presence(app->config.prefix, pattern);
    status = status == LC_OK ? outside->subscribe(outside->context, pattern, 1) : status;
    if (status != LC_OK) {
        app_log(app, OUTSIDE_WARNING, "subscribe: %s", lc_status_name(status));
    }
}

void auction_app_broker_late(struct auction_app *app, bool is_late)
{
    app->is_late = is_late;
    update_live(app, false);
}

void auction_app_broker_state(struct auction_app *app, bool is_connected)
{
    bool was_connected = app->is_connected;
    app->is_connected = is_connected;
    app->is_late = false;
    if (is_connected) {
        app->metrics.broker_connects++;
        presence_board_excuse(&app->presence, HEARTBEAT_INTERVAL_MS, app_now_ms(app));
        subscribe_own(app);
        app_each_room(app, subscribe);
    } else {
        // A broker that comes back may do so without its engine, and never tell that it is gone.
        engine_clock_lose_sight(&app->engine_clock);
    }
    if (is_connected || was_connected) {
        update_live(app, !is_connected);
    }
}

static void take_bridge(struct auction_app *app, const struct bridge_beat *beat)
{
    const struct outside *outside = app->outside;
    if (presence_board_beat(&app->presence, beat, app_now_ms(app))) {
        app_each_room(app, mark_lobby);
    }
    if (beat->life_ms > 0 && beat->relay[0] != 0 && outside->bridge_seen != NULL) {
        outside->bridge_seen(outside->context, beat->relay, beat->since_ms);
    }
}

static void take_heartbeat(struct auction_app *app, const struct topic *topic, struct bytes payload,
                           bool is_retained)
{
    struct wire_heartbeat beat;
    int64_t now_ms = app_now_ms(app);
    int64_t wall_ms = app->outside->wall_ms(app->outside->context);
    if (payload.size == 0 || wire_read_heartbeat(payload, &beat) != LC_OK ||
        strcmp(beat.node.text, topic->client.text) != 0) {
        app->metrics.bad_messages += payload.size == 0 ? 0 : 1;
        return;
    }
    if (strcmp(topic->name, "engine") == 0) {
        engine_clock_beat(&app->engine_clock,
                          &(struct engine_beat){.node = beat.node.text,
                                                .is_online = beat.online,
                                                .since_ms = beat.since_ms,
                                                .now_ms = beat.now_ms,
                                                .is_retained = is_retained},
                          now_ms, wall_ms);
        update_live(app, false);
    } else if (strcmp(topic->name, "bridge") == 0 &&
               strcmp(beat.node.text, app->config.node.text) != 0) {
        int64_t age_ms = is_retained && wall_ms > beat.now_ms ? wall_ms - beat.now_ms : 0;
        int64_t life_ms = beat.online ? HEARTBEAT_LIFE_MS - age_ms : 0;
        take_bridge(app, &(struct bridge_beat){.node = beat.node,
                                               .relay = beat.relay,
                                               .since_ms = beat.since_ms,
                                               .life_ms = life_ms});
    }
}

static void take_presence(struct auction_app *app, const struct topic *topic, struct bytes payload)
{
    struct wire_presence presence;
    struct sale_room *room = sale_room_find(app, &topic->sale);
    if (strcmp(topic->client.text, app->config.node.text) == 0) {
        return;
    }
    if (payload.size == 0) {
        presence_board_clear(&app->presence, &topic->client, &topic->sale);
    } else if (wire_read_presence(payload, &presence) == LC_OK) {
        presence.node = topic->client;
        presence.sale = topic->sale;
        presence_board_set(&app->presence, &presence);
    } else {
        app->metrics.bad_messages++;
        return;
    }
    if (room != NULL) {
        room->lobby_is_dirty = true;
    }
}

static void take_event(struct auction_app *app, struct sale_room *room, const struct topic *topic,
                       struct bytes payload)
{
    struct wire_head head;
    if (wire_read_head(payload, &head) != LC_OK) {
        app->metrics.bad_messages++;
        return;
    }
    sale_room_event(room, &(struct ordered_event){
                              .seq = head.seq,
                              .epoch = head.epoch,
                              .name = topic->name,
                              .payload = payload,
                              .is_ephemeral = strcmp(topic->name, "next_lot_countdown") == 0});
}

static void take_sale_message(struct auction_app *app, const struct topic *topic,
                              struct bytes payload, bool is_retained)
{
    struct sale_room *room = sale_room_find(app, &topic->sale);
    bool is_misplaced =
        is_retained && (topic->kind == TOPIC_SALE_EVENT || topic->kind == TOPIC_SALE_TICK ||
                        topic->kind == TOPIC_SALE_PRIVATE);
    if (room == NULL || is_misplaced) {
        return;
    }
    if (topic->kind == TOPIC_SALE_EVENT) {
        take_event(app, room, topic, payload);
    } else if (topic->kind == TOPIC_SALE_TICK) {
        sale_room_tick(room, payload);
    } else if (topic->kind == TOPIC_SALE_PRIVATE) {
        sale_room_private(room, &topic->participant, payload);
    } else {
        sale_room_retained(room, topic, payload);
    }
}

void auction_app_broker_message(struct auction_app *app, const char *topic_text,
                                struct bytes payload, bool is_retained)
{
    struct topic topic;
    if (!topic_read(bytes_text(topic_text), app->config.prefix, &topic)) {
        app->metrics.bad_messages++;
        return;
    }
    switch (topic.kind) {
    case TOPIC_REPLY:
        if (!is_retained) {
            engine_request_reply(app, payload);
        }
        break;
    case TOPIC_HEARTBEAT:
        take_heartbeat(app, &topic, payload, is_retained);
        break;
    case TOPIC_PRESENCE:
        take_presence(app, &topic, payload);
        break;
    case TOPIC_SALE_INFO:
    case TOPIC_SALE_STATE:
    case TOPIC_SALE_LOTS:
    case TOPIC_SALE_PARTICIPANTS:
    case TOPIC_SALE_TICK:
    case TOPIC_SALE_EVENT:
    case TOPIC_SALE_PRIVATE:
        take_sale_message(app, &topic, payload, is_retained);
        break;
    case TOPIC_SALE_BOARD:
    case TOPIC_HOLDING:
    case TOPIC_PULSE:
    case TOPIC_RELAY:
    case TOPIC_SALE_COMMAND:
    case TOPIC_SVC_COMMAND:
        break;
    }
}

void auction_app_take_note(struct auction_app *app, const char *from, struct bytes note)
{
    bridge_note_take(app, bytes_text(from), note);
}

bool auction_app_bridge_is_alive(const struct auction_app *app, const char *node)
{
    return presence_board_reaches(&app->presence, node);
}

size_t auction_app_other_bridges(const struct auction_app *app)
{
    return app->presence.bridges_count;
}

bool auction_app_socket_is_busy(const struct auction_app *app, struct socketio_socket_id socket)
{
    const struct viewer *viewer = app_viewer(app, socket.value);
    return pending_commands_waits(app->pending, socket.value) ||
           (viewer != NULL && viewer->room != NULL &&
            sale_room_holds_ack(viewer->room, socket.value));
}

// ---- time ----

static void process_room(struct auction_app *app, struct sale_room *room)
{
    sale_room_process(room, app_now_ms(app));
}

void auction_app_process(struct auction_app *app)
{
    int64_t now_ms = app_now_ms(app);
    engine_request_expire(app, now_ms);
    update_live(app, false);
    // While the broker is away nobody can be heard.
    if (app->is_connected && presence_board_expire(&app->presence, now_ms)) {
        app_each_room(app, mark_lobby);
    }
    app_each_room(app, process_room);
}

int64_t auction_app_deadline_ms(const struct auction_app *app)
{
    int64_t deadlines_ms[] = {pending_commands_deadline_ms(app->pending),
                              engine_clock_deadline_ms(&app->engine_clock, app_now_ms(app)),
                              app->is_connected ? presence_board_deadline_ms(&app->presence)
                                                : INT64_MAX};
    int64_t earliest_ms = INT64_MAX;
    for (size_t i = 0; i < sizeof deadlines_ms / sizeof deadlines_ms[0]; i++) {
        earliest_ms = deadlines_ms[i] < earliest_ms ? deadlines_ms[i] : earliest_ms;
    }
    for (size_t i = 0; i < ROOM_TABLE_SIZE; i++) {
        for (const struct sale_room *room = app->rooms[i]; room != NULL; room = room->next) {
            int64_t room_ms = sale_room_deadline_ms(room);
            earliest_ms = room_ms < earliest_ms ? room_ms : earliest_ms;
        }
    }
    return earliest_ms;
}

bool auction_app_takes_output(struct auction_app *app)
{
    bool has_output = app->has_output;
    app->has_output = false;
    return has_output;
}

bool auction_app_engine_is_alive(const struct auction_app *app)
{
    return engine_clock_is_alive(&app->engine_clock, app_now_ms(app));
}
