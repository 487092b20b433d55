#include "tests/unit/relay_client.h"

#include <string.h>

enum { CLIENT_TIMEOUT_MS = WORLD_PING_MS + WORLD_PING_TIMEOUT_MS, POST_SIZE_MAX = 700000 };

static int any_node(struct client *client)
{
    struct world *world = client->world;
    for (int tries = 0; tries < 50; tries++) {
        int node = (int)world_draw(world, NODES);
        if (world->nodes[node].engine != NULL) {
            return node;
        }
    }
    return 0;
}

static struct exchange *at(const struct client *client, uint64_t exchange)
{
    return &client->world->exchanges[exchange];
}

static void let_go(struct client *client)
{
    uint64_t exchanges[] = {client->get, client->post, client->upgrade};
    for (size_t i = 0; i < 3; i++) {
        if (exchanges[i] != 0) {
            world_leave(client->world, exchanges[i]);
        }
    }
    if (client->ws != 0) {
        world_ws_leave(client->world, client->ws);
    }
    client->get = 0;
    client->post = 0;
    client->upgrade = 0;
    client->ws = 0;
    client->is_paused = false;
    client->owes_pong = false;
}

static void give_up(struct client *client, const char *why)
{
    let_go(client);
    client->failures++;
    client->why = why;
    client->state = CLIENT_CLOSED;
    client->wake_at_ms = client->world->now_ms + 100 + world_draw(client->world, 1000);
}

void client_leave(struct client *client)
{
    let_go(client);
    client->state = CLIENT_DONE;
}

bool client_is_settled(const struct client *client)
{
    if (client->state != CLIENT_OPEN && client->state != CLIENT_UPGRADED) {
        return false;
    }
    const struct conn *conn = life_of(client->world, client->index, client->epoch)->conn;
    return conn != NULL && conn->next_in == client->queued_to &&
           client->next_in == conn->queued_to && client->next_out == client->queued_to;
}

// ---- packets ----

static void append_message(const struct client *client, struct buffer *out, uint32_t number)
{
    size_t size = message_size(number, client->world->large);
    buffer_append_format(out, "4c%u.%u:", client->epoch, number);
    char padding[1000];
    memset(padding, 'y', sizeof padding);
    for (size_t at = 0; at < size; at += sizeof padding) {
        buffer_append(out,
                      bytes_of(padding, size - at < sizeof padding ? size - at : sizeof padding));
    }
}

// False: the session has ended.
static bool take_packet(struct client *client, struct bytes packet)
{
    char expected[64];
    client->heard_at_ms = client->world->now_ms;
    if (bytes_equal_text(packet, "1")) {
        give_up(client, "closed by the server");
        return false;
    }
    if (bytes_equal_text(packet, "2")) {
        client->owes_pong = true;
        return true;
    }
    if (bytes_equal_text(packet, "6")) {
        return true;
    }
    snprintf(expected, sizeof expected, "4s%u.%u:", client->epoch, client->next_in);
    size_t size = strlen(expected) + message_size(client->next_in, client->world->large);
    if (!bytes_starts_with(packet, bytes_text(expected)) || packet.size != size) {
        fail_msg("client %u: expected %s of %zu but got %.*s of %zu", client->index, expected, size,
                 (int)(packet.size < 40 ? packet.size : 40), (const char *)packet.data,
                 packet.size);
    }
    client->next_in++;
    client->in_total++;
    return true;
}

static void take_payload(struct client *client, struct bytes body)
{
    while (body.size > 0) {
        size_t end = bytes_find(body, 0x1e, 0);
        if (!take_packet(client, bytes_of(body.data, end))) {
            return;
        }
        body = bytes_from(body, end + 1);
    }
}

// ---- polling ----

static void take_answer_to_get(struct client *client)
{
    struct exchange *exchange = at(client, client->get);
    client->get = 0;
    if (exchange->is_broken && !client->was_retried) { // the proxy asks another
        client->was_retried = true;
        client->get = world_get(client->world, any_node(client), client->query);
    } else if (exchange->status != 200) {
        give_up(client, exchange->is_broken ? "poll broken" : "poll refused");
    } else {
        client->was_retried = false;
        client->poll_at_ms = client->world->now_ms + world_draw(client->world, 20);
        take_payload(client, buffer_bytes(&exchange->body));
    }
}

static void take_answer_to_post(struct client *client)
{
    struct exchange *exchange = at(client, client->post);
    client->post = 0;
    if (exchange->status != 200) {
        give_up(client, exchange->is_broken ? "post broken" : "post refused");
        return;
    }
    client->out_total += client->posting_to - client->next_out;
    client->next_out = client->posting_to;
}

static void send_post(struct client *client)
{
    struct buffer body;
    buffer_init(&body, WORLD_PAYLOAD_MAX);
    client->posting_to = client->next_out;
    if (client->owes_pong) {
        buffer_append_text(&body, "3");
        client->owes_pong = false;
    }
    while (client->posting_to < client->queued_to && body.size < POST_SIZE_MAX &&
           client->posting_to < client->next_out + 5) {
        if (body.size > 0) {
            buffer_append_byte(&body, 0x1e);
        }
        append_message(client, &body, client->posting_to++);
    }
    client->post = world_post(client->world, any_node(client), client->query, buffer_bytes(&body));
    buffer_release(&body);
}

static bool is_over(const struct client *client, uint64_t exchange)
{
    return exchange != 0 && at(client, exchange)->state >= EXCHANGE_ANSWERED;
}

// ---- WebSocket ----

static bool next_frame(struct client *client, struct bytes *out_text)
{
    const struct buffer *received = &client->world->sockets[client->ws].received;
    struct bytes rest = bytes_from(buffer_bytes(received), client->ws_read);
    if (rest.size < 2) {
        return false;
    }
    size_t head = rest.data[1] == 127 ? 10 : rest.data[1] == 126 ? 4 : 2;
    size_t size = head == 2 ? rest.data[1] : 0;
    for (size_t i = 2; i < head; i++) {
        size = size << 8 | rest.data[i];
    }
    assert_int_equal(rest.data[0], 0x81);
    assert_true(rest.size >= head + size);
    *out_text = bytes_of(rest.data + head, size);
    client->ws_read += head + size;
    return true;
}

static void send_over_ws(struct client *client)
{
    struct buffer text;
    buffer_init(&text, WORLD_PAYLOAD_MAX);
    if (client->owes_pong) {
        world_ws_send(client->world, client->ws, "3", 1);
        client->owes_pong = false;
    }
    while (client->next_out < client->queued_to && client->world->sockets[client->ws].is_open) {
        buffer_clear(&text);
        append_message(client, &text, client->next_out++);
        world_ws_send(client->world, client->ws, (const char *)text.data, text.size);
        client->out_total++;
    }
    buffer_release(&text);
}

static void give_upgrade_up(struct client *client)
{
    if (client->ws != 0) {
        world_ws_leave(client->world, client->ws);
    }
    client->ws = 0;
    client->upgrade = 0;
    client->is_paused = false;
    client->upgrades_lost++;
    client->upgrade_at_ms = client->world->now_ms + 1000 + world_draw(client->world, 3000);
}

static void step_upgrade(struct client *client)
{
    struct world *world = client->world;
    struct bytes text;
    if (client->upgrade == 0 && client->ws == 0) {
        if (client->wants_upgrade && world->now_ms >= client->upgrade_at_ms) {
            char query[200];
            snprintf(query, sizeof query, "EIO=4&transport=websocket%s",
                     strstr(client->query, "&sid="));
            client->upgrade = world_upgrade(world, any_node(client), query);
        }
        return;
    }
    if (client->ws == 0 && is_over(client, client->upgrade)) {
        struct exchange *exchange = at(client, client->upgrade);
        if (exchange->status != 101) {
            give_upgrade_up(client);
            return;
        }
        client->ws = exchange->ws;
        client->ws_read = 0;
        client->upgrade = 0;
        world_ws_send(world, client->ws, "2probe", 6);
    }
    if (client->ws == 0) {
        return;
    }
    if (!client->is_paused && next_frame(client, &text)) {
        assert_true(bytes_equal_text(text, "3probe"));
        client->is_paused = true;
    }
    if (!world->sockets[client->ws].is_open) {
        give_upgrade_up(client);
    } else if (client->is_paused && client->get == 0 && client->post == 0) {
        client->state = CLIENT_UPGRADED;
        client->upgrades++;
        world_ws_send(world, client->ws, "5", 1);
    }
}

static void step_upgraded(struct client *client)
{
    struct bytes text;
    while (client->state == CLIENT_UPGRADED && next_frame(client, &text)) {
        if (!take_packet(client, text)) {
            return;
        }
    }
    if (!client->world->sockets[client->ws].is_open) {
        give_up(client, "socket closed");
    } else {
        send_over_ws(client);
    }
}

// ---- sessions ----

static void open(struct client *client)
{
    if (client->epochs_begun == client->world->epochs) {
        client->state = CLIENT_DONE;
        return;
    }
    client->epoch = client->epochs_begun++;
    client->state = CLIENT_OPENING;
    client->next_in = 0;
    client->next_out = 0;
    client->queued_to = 0;
    snprintf(client->query, sizeof client->query, "client=%u&epoch=%u&EIO=4&transport=polling",
             client->index, client->epoch);
    client->get = world_get(client->world, any_node(client), client->query);
}

static void take_handshake(struct client *client)
{
    struct exchange *exchange = at(client, client->get);
    client->get = 0;
    const char *sid =
        exchange->status == 200 ? strstr(buffer_text(&exchange->body), "\"sid\":\"") : NULL;
    if (sid == NULL) {
        give_up(client, "handshake");
        return;
    }
    size_t used = strlen(client->query);
    snprintf(client->query + used, sizeof client->query - used, "&sid=%.20s", sid + 7);
    client->state = CLIENT_OPEN;
    client->heard_at_ms = client->world->now_ms;
    client->upgrade_at_ms = client->world->now_ms + world_draw(client->world, 8000);
}

static void step_polling(struct client *client)
{
    if (is_over(client, client->get)) {
        take_answer_to_get(client);
    }
    if (client->state == CLIENT_OPEN && is_over(client, client->post)) {
        take_answer_to_post(client);
    }
    if (client->state == CLIENT_OPEN) {
        step_upgrade(client);
    }
    if (client->state != CLIENT_OPEN || client->is_paused) {
        return;
    }
    if (client->get == 0 && client->world->now_ms >= client->poll_at_ms) {
        client->get = world_get(client->world, any_node(client), client->query);
    }
    if (client->post == 0 && (client->owes_pong || client->next_out < client->queued_to)) {
        send_post(client);
    }
}

void client_step(struct client *client)
{
    int64_t now_ms = client->world->now_ms;
    switch (client->state) {
    case CLIENT_CLOSED:
        if (now_ms >= client->wake_at_ms) {
            open(client);
        }
        break;
    case CLIENT_OPENING:
        if (is_over(client, client->get)) {
            take_handshake(client);
        }
        break;
    case CLIENT_OPEN:
        step_polling(client);
        break;
    case CLIENT_UPGRADED:
        step_upgraded(client);
        break;
    case CLIENT_DONE:
        break;
    }
    bool is_live = client->state == CLIENT_OPEN || client->state == CLIENT_UPGRADED;
    if (is_live && now_ms - client->heard_at_ms > CLIENT_TIMEOUT_MS) {
        give_up(client, "ping timeout");
    }
}
