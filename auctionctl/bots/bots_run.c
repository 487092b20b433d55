#include "auctionctl/bots/bots_run.h"

#include <inttypes.h>
#include <stdio.h>

#include "auctionctl/io/http.h"
#include "auctionctl/io/websocket.h"
#include "lib/json/json_read.h"
#include "lib/json/json_write.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"

// Acknowledgement ids: the joining, then one for each sending of a bid.
enum { ACK_JOIN = 0, ACK_BIDS = 1, SENDINGS_KEPT = 64 };
enum { RECONNECT_MIN_MS = 300, RECONNECT_SPREAD_MS = 400, GOODBYE_MS = 2000 };

struct play;

struct seat { // a member at the table: its connection
    struct play *play;
    struct bots_member *member;
    struct sioclient client;
    struct loop_timer *timer;
    uint64_t get_id; // 0: none
    uint64_t post_id;
    struct websocket *socket;
    int64_t reconnect_at_ms; // INT64_MAX: connected or connecting
    uint64_t next_ack;
    uint64_t ack_bids[SENDINGS_KEPT]; // bid number, by ack id modulo the size
    int64_t sent_at_us[SENDINGS_KEPT];
    bool pumping;
    bool was_connected;
    bool said_goodbye;
    bool gone;
};

struct play {
    const struct bots_config *config;
    struct bots_result *result;
    struct loop *loop;
    struct http_client *http;
    struct websocket_client *websockets;
    struct seat *seats;
    struct loop_timer *end_timer;
    struct sightings sightings;
    struct websocket_address address;
    char host[256];
    char run[20];
    int finished; // bots that saw the end
    int gone;
    bool is_ending;
};

static void seat_pump(struct seat *seat);

// ---- the end of the play ----

static void play_end(struct play *play, const char *how)
{
    if (play->is_ending) {
        return;
    }
    play->is_ending = true;
    play->result->end = how;
    loop_timer_set(play->end_timer, loop_now_ms(play->loop) + GOODBYE_MS);
    for (int i = 0; i < play->config->bidders; i++) { // in their own turn of the loop
        loop_timer_set(play->seats[i].timer, 0);
    }
}

static void end_timer_fired(void *owner)
{
    struct play *play = owner;
    if (play->is_ending) {
        loop_stop(play->loop);
    } else {
        play_end(play, "max_seconds");
    }
}

static void seat_gone(struct seat *seat)
{
    if (!seat->gone) {
        seat->gone = true;
        if (++seat->play->gone == seat->play->config->bidders) {
            loop_stop(seat->play->loop);
        }
    }
}

// ---- what the Socket.IO client tells ----

static void ended_seen(struct seat *seat)
{
    struct play *play = seat->play;
    int finished = 0;
    for (int i = 0; i < play->config->bidders; i++) {
        const struct bot *bot = &play->seats[i].member->bot;
        bool over =
            strcmp(bot->view.phase, "complete") == 0 || strcmp(bot->view.phase, "deleted") == 0;
        finished += over && !bot->waiting ? 1 : 0;
    }
    if (finished == play->config->bidders) {
        bool deleted = strcmp(seat->member->bot.view.phase, "deleted") == 0;
        play_end(play, deleted ? "auction_deleted" : "auction_complete");
    }
}

static void client_connected(void *owner)
{
    struct seat *seat = owner;
    seat->member->connects++;
    seat->was_connected = true;
    struct buffer arguments;
    buffer_init(&arguments, 256);
    struct json_writer writer = json_writer_on(&arguments);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "sale", seat->play->config->sale);
    json_object_end(&writer);
    if (sioclient_emit(&seat->client, "join_auction", buffer_bytes(&arguments), ACK_JOIN) !=
        LC_OK) {
        sioclient_disconnect(&seat->client);
    }
    buffer_release(&arguments);
}

static void client_event(void *owner, struct bytes array)
{
    struct seat *seat = owner;
    struct json *document = NULL;
    struct bytes name;
    if (json_parse(array, &document) != LC_OK || !json_to_text(json_first(document), &name)) {
        seat->member->bot.view.malformed++;
        json_destroy(document);
        return;
    }
    const struct json *payload = json_next(json_first(document));
    struct bytes bid;
    if (bytes_equal_text(name, "bid_update") && json_to_text(json_member(payload, "bid"), &bid)) {
        sighting_seen(&seat->play->sightings, bid, os_clock_boot_us());
    }
    bot_event(&seat->member->bot, name, payload, loop_now_ms(seat->play->loop));
    json_destroy(document);
    ended_seen(seat);
}

static void client_acknowledged(void *owner, uint64_t id, struct bytes array)
{
    struct seat *seat = owner;
    struct bots_member *member = seat->member;
    struct json *document = NULL;
    if (json_parse(array, &document) != LC_OK) {
        member->bot.view.malformed++;
        return;
    }
    const struct json *result = json_first(document);
    bool ok = false;
    if (id == ACK_JOIN) {
        if (!json_to_bool(json_member(result, "ok"), &ok) || !ok) {
            snprintf(member->last_reason, sizeof member->last_reason, "join refused: %.*s",
                     array.size < 120 ? (int)array.size : 120, (const char *)array.data);
            sioclient_disconnect(&seat->client); // and come again
        }
    } else {
        uint64_t slot = id % SENDINGS_KEPT;
        enum bot_answer answer =
            bot_answered(&member->bot, seat->ack_bids[slot], result, loop_now_ms(seat->play->loop));
        struct bytes bid;
        if (answer == BOT_ANSWER_ACCEPTED || answer == BOT_ANSWER_REFUSED) {
            latency_add(&seat->play->result->ack_us, os_clock_boot_us() - seat->sent_at_us[slot]);
        }
        if (answer == BOT_ANSWER_ACCEPTED && json_to_text(json_member(result, "bid"), &bid)) {
            sighting_sent(&seat->play->sightings, bid, seat->sent_at_us[slot]);
        }
    }
    json_destroy(document);
    ended_seen(seat);
}

static void client_upgraded(void *owner, bool done)
{
    struct seat *seat = owner;
    seat->member->upgrades_failed += done ? 0 : 1;
}

static void client_closed(void *owner, const char *reason, struct bytes details)
{
    struct seat *seat = owner;
    struct play *play = seat->play;
    http_client_cancel(play->http, seat->get_id);
    http_client_cancel(play->http, seat->post_id);
    seat->get_id = seat->post_id = 0;
    bot_disconnected(&seat->member->bot);
    if (play->is_ending) {
        return;
    }
    bool lost = seat->was_connected;
    seat->was_connected = false;
    seat->member->disconnects += lost ? 1 : 0;
    seat->member->failed_connects += lost ? 0 : 1;
    snprintf(seat->member->last_reason, sizeof seat->member->last_reason, "%s%s%.*s", reason,
             details.size > 0 ? ": " : "", details.size < 100 ? (int)details.size : 100,
             (const char *)details.data);
    if (play->config->shows_losses && (lost || seat->member->failed_connects == 1)) {
        fprintf(stderr, "auctionctl: %s %s: %s\n", seat->member->name,
                lost ? "lost its connection" : "cannot connect", seat->member->last_reason);
    }
    uint8_t chance;
    os_random(&chance, 1);
    seat->reconnect_at_ms =
        loop_now_ms(play->loop) + RECONNECT_MIN_MS + chance * RECONNECT_SPREAD_MS / 256;
}

static const struct sioclient_ops client_ops = {
    .on_connect = client_connected,
    .on_event = client_event,
    .on_ack = client_acknowledged,
    .on_upgrade = client_upgraded,
    .on_close = client_closed,
};

// ---- carrying out what the client wants ----

static void get_done(void *owner, const struct http_answer *answer)
{
    struct seat *seat = owner;
    seat->get_id = 0;
    sioclient_on_get(&seat->client, answer->status, answer->body, loop_now_ms(seat->play->loop));
    seat_pump(seat);
}

static void post_done(void *owner, const struct http_answer *answer)
{
    struct seat *seat = owner;
    seat->post_id = 0;
    sioclient_on_post(&seat->client, answer->status, loop_now_ms(seat->play->loop));
    seat_pump(seat);
}

static void socket_opened(void *owner)
{
    struct seat *seat = owner;
    sioclient_on_websocket_open(&seat->client, loop_now_ms(seat->play->loop));
    seat_pump(seat);
}

static void socket_text(void *owner, struct bytes text)
{
    struct seat *seat = owner;
    sioclient_on_websocket_text(&seat->client, text, loop_now_ms(seat->play->loop));
    seat_pump(seat);
}

static void socket_ended(void *owner, const char *why)
{
    struct seat *seat = owner;
    (void)why;
    seat->socket = NULL;
    sioclient_on_websocket_end(&seat->client, loop_now_ms(seat->play->loop));
    seat_pump(seat);
}

static const struct websocket_ops socket_ops = {
    .on_open = socket_opened, .on_text = socket_text, .on_end = socket_ended};

static uint64_t request_send(struct seat *seat, const char *method, const char *url,
                             struct bytes body, http_done *done)
{
    char whole[512];
    snprintf(whole, sizeof whole, "%s%s", seat->play->config->url, url);
    struct http_request request = {.method = method, .url = whole, .body = body};
    if (strcmp(method, "POST") == 0) {
        request.content_type = "text/plain;charset=UTF-8";
    }
    return http_client_send(seat->play->http, &request, done, seat);
}

static void bid_emit(struct seat *seat, const struct bot_bid *bid)
{
    struct buffer arguments;
    buffer_init(&arguments, 512);
    struct json_writer writer = json_writer_on(&arguments);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "sale", seat->play->config->sale);
    json_write_cstr(&writer, "lot", bid->lot.text);
    json_write_int(&writer, "amount", bid->amount_minor);
    json_write_cstr(&writer, "id", bid->id);
    json_object_end(&writer);
    uint64_t ack = seat->next_ack++;
    seat->ack_bids[ack % SENDINGS_KEPT] = bid->number;
    seat->sent_at_us[ack % SENDINGS_KEPT] = os_clock_boot_us();
    if (sioclient_emit(&seat->client, "place_bid", buffer_bytes(&arguments), ack) != LC_OK) {
        sioclient_disconnect(&seat->client); // the bid goes out again on the next connection
    }
    buffer_release(&arguments);
}

static void transfers_take(struct seat *seat)
{
    struct sioclient *client = &seat->client;
    char url[SIOCLIENT_URL_SIZE_MAX];
    struct buffer part;
    buffer_init(&part, SIOCLIENT_PENDING_SIZE_MAX);
    if (sioclient_take_post(client, url, &part)) {
        seat->post_id = request_send(seat, "POST", url, buffer_bytes(&part), post_done);
    }
    if (sioclient_take_get(client, url)) {
        seat->get_id = request_send(seat, "GET", url, bytes_text(""), get_done);
    }
    if (sioclient_take_websocket(client, url)) {
        seat->play->address.path = url;
        seat->socket = websocket_open(seat->play->websockets, &seat->play->address, seat);
        if (seat->socket == NULL) {
            sioclient_on_websocket_end(client, loop_now_ms(seat->play->loop));
        }
    }
    buffer_clear(&part);
    while (seat->socket != NULL && sioclient_take_frame(client, &part)) {
        websocket_send(seat->socket, buffer_bytes(&part));
        buffer_clear(&part);
    }
    buffer_release(&part);
    if (sioclient_take_websocket_close(client) && seat->socket != NULL) {
        websocket_close(seat->socket);
        seat->socket = NULL;
    }
}

static void session_start(struct seat *seat)
{
    struct buffer auth;
    buffer_init(&auth, BOTS_TOKEN_SIZE_MAX + 64);
    struct json_writer writer = json_writer_on(&auth);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "token", seat->member->token);
    json_object_end(&writer);
    seat->reconnect_at_ms = INT64_MAX;
    sioclient_start(&seat->client, buffer_bytes(&auth), loop_now_ms(seat->play->loop));
    buffer_release(&auth);
}

static void goodbye(struct seat *seat)
{
    if (!seat->said_goodbye) {
        seat->said_goodbye = true;
        seat->member->on_websocket = seat->client.on_websocket;
        sioclient_disconnect(&seat->client);
    }
}

static void seat_pump(struct seat *seat)
{
    if (seat->pumping) {
        return;
    }
    seat->pumping = true;
    struct play *play = seat->play;
    int64_t now_ms = loop_now_ms(play->loop);
    if (play->is_ending) {
        goodbye(seat);
    } else if (now_ms >= seat->reconnect_at_ms) {
        session_start(seat);
    }
    struct bot_bid bid;
    if (!play->is_ending && seat->client.connected &&
        bot_next_action(&seat->member->bot, now_ms, &bid)) {
        bid_emit(seat, &bid);
    }
    transfers_take(seat);
    if (play->is_ending && seat->client.phase == SIOCLIENT_IDLE) {
        seat_gone(seat);
    }
    int64_t due = sioclient_deadline(&seat->client);
    int64_t bot_due = play->is_ending ? INT64_MAX : bot_deadline(&seat->member->bot);
    due = bot_due < due ? bot_due : due;
    due = seat->reconnect_at_ms < due ? seat->reconnect_at_ms : due;
    loop_timer_set(seat->timer, seat->gone ? INT64_MAX : due);
    seat->pumping = false;
}

static void seat_timer_fired(void *owner)
{
    struct seat *seat = owner;
    sioclient_on_time(&seat->client, loop_now_ms(seat->play->loop));
    seat_pump(seat);
}

// ---- the play ----

static bool address_read(struct play *play, char why[160])
{
    const char *url = play->config->url;
    bool secure = strncmp(url, "https://", 8) == 0;
    if (!secure && strncmp(url, "http://", 7) != 0) {
        snprintf(why, 160, "--url must begin with http:// or https://");
        return false;
    }
    const char *host = url + (secure ? 8 : 7);
    size_t size = strcspn(host, ":/");
    uint64_t port = secure ? 443 : 80;
    const char *rest = host + size;
    size_t digits = *rest == ':' ? strcspn(rest + 1, "/") : 0;
    if (size == 0 || size >= sizeof play->host ||
        (*rest == ':' && !bytes_to_uint64(bytes_of(rest + 1, digits), 65535, &port))) {
        snprintf(why, 160, "--url %s has no host, or no good port", url);
        return false;
    }
    memcpy(play->host, host, size);
    play->address =
        (struct websocket_address){.host = play->host, .port = (int)port, .secure = secure};
    return true;
}

static enum sioclient_mode mode_of(enum bots_transport transport, int number)
{
    static const enum sioclient_mode mixed[] = {SIOCLIENT_POLLING_ONLY, SIOCLIENT_WEBSOCKET_ONLY,
                                                SIOCLIENT_UPGRADE};
    switch (transport) {
    case BOTS_POLLING:
        return SIOCLIENT_POLLING_ONLY;
    case BOTS_WEBSOCKET:
        return SIOCLIENT_WEBSOCKET_ONLY;
    case BOTS_UPGRADE:
        return SIOCLIENT_UPGRADE;
    case BOTS_MIXED:
        break;
    }
    return mixed[number % 3];
}

static void seats_take(struct play *play)
{
    const struct bots_config *config = play->config;
    for (int i = 0; i < config->bidders; i++) {
        struct seat *seat = &play->seats[i];
        struct bots_member *member = &play->result->members[i];
        struct bot_config bot = {.seed = config->seed,
                                 .number = i,
                                 .think_min_ms = config->think_min_ms,
                                 .think_max_ms = config->think_max_ms,
                                 .run = play->run};
        bot_init(&member->bot, &bot);
        member->bot.view.self = member->id;
        member->mode = mode_of(config->transport, i);
        *seat = (struct seat){.play = play, .member = member, .next_ack = ACK_BIDS};
        sioclient_init(&seat->client, member->mode, config->path, &client_ops, seat);
        seat->timer = loop_timer_create(play->loop, seat_timer_fired, seat);
        loop_timer_set(seat->timer, 0); // reconnect_at_ms 0: connects at its first turn
    }
}

static void play_release(struct play *play)
{
    for (int i = 0; play->seats != NULL && i < play->config->bidders; i++) {
        loop_timer_destroy(play->seats[i].timer);
        sioclient_release(&play->seats[i].client);
    }
    websocket_client_destroy(play->websockets);
    http_client_destroy(play->http);
    loop_timer_destroy(play->end_timer);
    sightings_release(&play->sightings);
    loop_destroy(play->loop);
    free(play->seats);
}

bool bots_run(const struct bots_config *config, struct bots_result *result, char why[160])
{
    struct play play = {.config = config, .result = result};
    os_random_hex(4, play.run);
    if (!address_read(&play, why)) {
        return false;
    }
    play.loop = loop_create();
    play.seats = calloc((size_t)config->bidders, sizeof *play.seats);
    if (play.loop == NULL || play.seats == NULL) {
        snprintf(why, 160, "no memory");
        free(play.seats);
        loop_destroy(play.loop);
        return false;
    }
    play.end_timer = loop_timer_create(play.loop, end_timer_fired, &play);
    play.http = http_client_create(play.loop);
    play.websockets = websocket_client_create(play.loop, &socket_ops);
    bool good = play.websockets != NULL;
    if (!good) {
        snprintf(why, 160, "libwebsockets has no libev support (libwebsockets-evlib-ev)");
    } else {
        loop_stop_on_signals(play.loop);
        int64_t start_ms = loop_now_ms(play.loop);
        loop_timer_set(play.end_timer, config->max_ms > 0 ? start_ms + config->max_ms : INT64_MAX);
        seats_take(&play);
        loop_run(play.loop);
        result->duration_ms = loop_now_ms(play.loop) - start_ms;
        if (loop_was_signalled(play.loop)) {
            result->end = "signal";
        }
        sightings_measure(&play.sightings, config->bidders, &result->last_us);
    }
    play_release(&play);
    return good;
}

void bots_result_release(struct bots_result *result)
{
    for (int i = 0; i < result->count; i++) {
        bot_release(&result->members[i].bot);
    }
    free(result->members);
    latency_release(&result->ack_us);
    latency_release(&result->last_us);
}
