#include "auctionctl/sioclient/sioclient.h"

#include <inttypes.h>
#include <stdio.h>

#include "auctionctl/sioclient/sio_packet.h"
#include "lib/json/json_read.h"

void sioclient_init(struct sioclient *client, enum sioclient_mode mode, const char *path,
                    const struct sioclient_ops *ops, void *owner)
{
    *client = (struct sioclient){.mode = mode, .path = path, .ops = ops, .owner = owner};
    buffer_init(&client->pending, SIOCLIENT_PENDING_SIZE_MAX);
    buffer_init(&client->auth, SIOCLIENT_AUTH_SIZE_MAX);
}

void sioclient_release(struct sioclient *client)
{
    buffer_release(&client->pending);
    buffer_release(&client->auth);
}

static void session_end(struct sioclient *client, const char *reason, struct bytes details)
{
    if (client->phase == SIOCLIENT_IDLE) {
        return;
    }
    client->phase = SIOCLIENT_IDLE;
    client->connected = false;
    client->websocket_unwanted = client->websocket_asked;
    client->websocket_open = false;
    client->get_open = false; // answers of the old session are not fed in any more
    client->post_open = false;
    client->ops->on_close(client->owner, client->leaving ? "io client disconnect" : reason,
                          details);
}

static void packet_queue(struct sioclient *client, struct bytes packet)
{
    if (client->pending.size > 0) {
        buffer_append_byte(&client->pending, SIO_RECORD_SEPARATOR);
    }
    buffer_append(&client->pending, packet);
}

void sioclient_start(struct sioclient *client, struct bytes auth, int64_t now_ms)
{
    LC_ASSERT(client->phase == SIOCLIENT_IDLE);
    client->phase = SIOCLIENT_OPENING;
    client->upgrade = SIOCLIENT_UPGRADE_NONE;
    client->on_websocket = client->mode == SIOCLIENT_WEBSOCKET_ONLY;
    client->connected = client->leaving = false;
    client->get_open = client->post_open = false;
    client->websocket_open = client->websocket_asked = client->websocket_unwanted = false;
    client->probe_due = client->upgrade_due = false;
    client->sid[0] = 0;
    client->now_ms = now_ms;
    client->alive_until_ms = now_ms + SIOCLIENT_CONNECT_TIMEOUT_MS;
    client->upgrade_until_ms = INT64_MAX;
    client->payload_max = 100000;
    buffer_clear(&client->pending);
    buffer_clear(&client->auth);
    buffer_append(&client->auth, auth);
}

enum lc_status sioclient_emit(struct sioclient *client, const char *event, struct bytes arguments,
                              uint64_t ack_id)
{
    if (!client->connected || client->leaving) {
        return LC_ERR_OFFLINE;
    }
    if (client->pending.size + arguments.size + strlen(event) + 64 > client->pending.size_max) {
        return LC_ERR_FULL;
    }
    if (client->pending.size > 0) {
        buffer_append_byte(&client->pending, SIO_RECORD_SEPARATOR);
    }
    buffer_append_format(&client->pending, "42%" PRIu64 "[\"%s\"", ack_id, event);
    if (arguments.size > 0) {
        buffer_append_byte(&client->pending, ',');
        buffer_append(&client->pending, arguments);
    }
    buffer_append_byte(&client->pending, ']');
    return buffer_status(&client->pending);
}

void sioclient_disconnect(struct sioclient *client)
{
    if (client->phase == SIOCLIENT_IDLE || client->leaving) {
        return;
    }
    client->leaving = true;
    if (client->phase == SIOCLIENT_OPENING) {
        session_end(client, "io client disconnect", bytes_text(""));
        return;
    }
    packet_queue(client, bytes_text("41"));
    packet_queue(client, bytes_text("1"));
}

// ---- what the caller shall do ----

static void url_print(const struct sioclient *client, const char *transport, char *out_url)
{
    int size = snprintf(out_url, SIOCLIENT_URL_SIZE_MAX, "%s?EIO=4&transport=%s%s%s", client->path,
                        transport, client->sid[0] != 0 ? "&sid=" : "", client->sid);
    LC_ASSERT(size > 0 && size < SIOCLIENT_URL_SIZE_MAX);
}

static bool polls(const struct sioclient *client)
{
    return client->phase != SIOCLIENT_IDLE && !client->on_websocket &&
           client->upgrade != SIOCLIENT_UPGRADE_PAUSING;
}

bool sioclient_take_get(struct sioclient *client, char out_url[SIOCLIENT_URL_SIZE_MAX])
{
    if (!polls(client) || client->get_open || client->leaving) {
        return false;
    }
    client->get_open = true;
    url_print(client, "polling", out_url);
    return true;
}

// Moves packets from the pending ones to `out`, at least one, and no more than `size_max` bytes
// after it.
static void packets_take(struct sioclient *client, size_t size_max, struct buffer *out)
{
    struct bytes all = buffer_bytes(&client->pending);
    size_t taken = bytes_find(all, SIO_RECORD_SEPARATOR, 0);
    while (taken < all.size) {
        size_t end = bytes_find(all, SIO_RECORD_SEPARATOR, taken + 1);
        if (end > size_max) {
            break;
        }
        taken = end;
    }
    buffer_append(out, bytes_of(all.data, taken));
    buffer_consume(&client->pending, taken < all.size ? taken + 1 : taken);
}

bool sioclient_take_post(struct sioclient *client, char out_url[SIOCLIENT_URL_SIZE_MAX],
                         struct buffer *out_body)
{
    if (client->phase != SIOCLIENT_OPEN || !polls(client) || client->post_open ||
        client->pending.size == 0) {
        return false;
    }
    client->post_open = true;
    url_print(client, "polling", out_url);
    packets_take(client, client->payload_max, out_body);
    return true;
}

bool sioclient_take_websocket(struct sioclient *client, char out_url[SIOCLIENT_URL_SIZE_MAX])
{
    bool wanted = client->phase != SIOCLIENT_IDLE && !client->websocket_asked &&
                  (client->on_websocket || client->upgrade == SIOCLIENT_UPGRADE_WANTED);
    if (!wanted) {
        return false;
    }
    client->websocket_asked = true;
    if (client->upgrade == SIOCLIENT_UPGRADE_WANTED) {
        client->upgrade = SIOCLIENT_UPGRADE_PROBING;
    }
    url_print(client, "websocket", out_url);
    return true;
}

bool sioclient_take_frame(struct sioclient *client, struct buffer *out_frame)
{
    if (!client->websocket_open) {
        return false;
    }
    if (client->probe_due) {
        client->probe_due = false;
        buffer_append_text(out_frame, "2probe");
        return true;
    }
    if (client->upgrade_due) {
        client->upgrade_due = false;
        buffer_append_text(out_frame, "5");
        return true;
    }
    if (client->phase != SIOCLIENT_OPEN || !client->on_websocket) {
        return false;
    }
    if (client->pending.size == 0) {
        if (client->leaving) {
            session_end(client, "io client disconnect", bytes_text(""));
        }
        return false;
    }
    packets_take(client, 0, out_frame);
    return true;
}

bool sioclient_take_websocket_close(struct sioclient *client)
{
    bool wanted = client->websocket_unwanted;
    client->websocket_unwanted = false;
    return wanted;
}

int64_t sioclient_deadline(const struct sioclient *client)
{
    if (client->phase == SIOCLIENT_IDLE) {
        return INT64_MAX;
    }
    return client->upgrade_until_ms < client->alive_until_ms ? client->upgrade_until_ms
                                                             : client->alive_until_ms;
}

// ---- packets of the server ----

static void upgrade_fail(struct sioclient *client)
{
    client->upgrade = SIOCLIENT_UPGRADE_FAILED;
    client->upgrade_until_ms = INT64_MAX;
    client->probe_due = client->upgrade_due = false;
    client->websocket_unwanted = client->websocket_asked;
    client->websocket_open = false;
    client->ops->on_upgrade(client->owner, false);
}

// Polling is paused when its last requests are over; then `5` goes out and the WebSocket takes
// over.
static void upgrade_advance(struct sioclient *client)
{
    if (client->upgrade != SIOCLIENT_UPGRADE_PAUSING || client->get_open || client->post_open) {
        return;
    }
    client->upgrade = SIOCLIENT_UPGRADE_DONE;
    client->upgrade_until_ms = INT64_MAX;
    client->on_websocket = true;
    client->upgrade_due = true;
    client->ops->on_upgrade(client->owner, true);
}

static bool open_packet_read(struct sioclient *client, struct bytes data)
{
    struct json *document = NULL;
    if (json_parse(data, &document) != LC_OK) {
        return false;
    }
    struct bytes sid = {0};
    int64_t interval_ms = 0;
    int64_t timeout_ms = 0;
    int64_t payload_max = 0;
    bool good = json_to_text(json_member(document, "sid"), &sid) && sid.size > 0 &&
                sid.size <= SIOCLIENT_SID_SIZE_MAX &&
                json_to_int64(json_member(document, "pingInterval"), &interval_ms) &&
                json_to_int64(json_member(document, "pingTimeout"), &timeout_ms) &&
                interval_ms > 0 && timeout_ms > 0 && interval_ms < 86400000 &&
                timeout_ms < 86400000;
    for (size_t i = 0; good && i < sid.size; i++) { // it goes into a URL
        char c = (char)sid.data[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    }
    if (good) {
        memcpy(client->sid, sid.data, sid.size);
        client->sid[sid.size] = 0;
        client->ping_wait_ms = interval_ms + timeout_ms;
        if (json_to_int64(json_member(document, "maxPayload"), &payload_max) && payload_max > 0) {
            client->payload_max = (uint64_t)payload_max;
        }
        const struct json *upgrades = json_first(json_member(document, "upgrades"));
        for (; upgrades != NULL && client->mode == SIOCLIENT_UPGRADE && !client->on_websocket;
             upgrades = json_next(upgrades)) {
            struct bytes name;
            if (json_to_text(upgrades, &name) && bytes_equal_text(name, "websocket")) {
                client->upgrade = SIOCLIENT_UPGRADE_WANTED;
                client->upgrade_until_ms = client->now_ms + SIOCLIENT_UPGRADE_TIMEOUT_MS;
            }
        }
    }
    json_destroy(document);
    return good;
}

static void opened(struct sioclient *client, struct bytes data)
{
    if (client->phase != SIOCLIENT_OPENING || !open_packet_read(client, data)) {
        session_end(client, "parse error", data);
        return;
    }
    client->phase = SIOCLIENT_OPEN;
    struct buffer connect;
    buffer_init(&connect, client->auth.size_max + 2);
    buffer_append_text(&connect, "40");
    buffer_append(&connect, buffer_bytes(&client->auth));
    packet_queue(client, buffer_bytes(&connect));
    buffer_release(&connect);
}

static void message_receive(struct sioclient *client, struct bytes text)
{
    struct sio_packet packet;
    if (!sio_packet_read(text, &packet)) {
        session_end(client, "parse error", text);
        return;
    }
    switch (packet.kind) {
    case SIO_CONNECT:
        client->connected = true;
        client->alive_until_ms = client->now_ms + client->ping_wait_ms;
        client->ops->on_connect(client->owner);
        break;
    case SIO_DISCONNECT:
        session_end(client, "io server disconnect", bytes_text(""));
        break;
    case SIO_EVENT:
        client->ops->on_event(client->owner, packet.data);
        break;
    case SIO_ACK:
        client->ops->on_ack(client->owner, packet.id, packet.data);
        break;
    case SIO_CONNECT_ERROR:
        session_end(client, "connect error", packet.data);
        break;
    }
}

static void packet_receive(struct sioclient *client, struct bytes text)
{
    struct eio_packet packet;
    if (!eio_packet_read(text, &packet)) {
        session_end(client, "parse error", text);
        return;
    }
    if (client->phase == SIOCLIENT_OPENING && packet.kind != EIO_OPEN) {
        session_end(client, "parse error", text);
        return;
    }
    switch (packet.kind) {
    case EIO_OPEN:
        opened(client, packet.data);
        break;
    case EIO_CLOSE:
        session_end(client, "transport close", bytes_text(""));
        break;
    case EIO_PING:
        client->alive_until_ms = client->now_ms + client->ping_wait_ms;
        packet_queue(client, bytes_text("3"));
        break;
    case EIO_MESSAGE:
        message_receive(client, packet.data);
        break;
    case EIO_NOOP:
        break;
    case EIO_PONG:
    case EIO_UPGRADE:
        session_end(client, "parse error", text);
        break;
    }
}

// ---- what happened ----

static void details_print(const char *what, int status, struct buffer *out)
{
    buffer_init(out, 128);
    if (status == 0) {
        buffer_append_format(out, "%s got no answer", what);
    } else {
        buffer_append_format(out, "%s was answered with %d", what, status);
    }
}

static void request_fail(struct sioclient *client, const char *what, int status)
{
    struct buffer details;
    details_print(what, status, &details);
    session_end(client, "transport error", buffer_bytes(&details));
    buffer_release(&details);
}

void sioclient_on_get(struct sioclient *client, int status, struct bytes body, int64_t now_ms)
{
    if (client->phase == SIOCLIENT_IDLE || !client->get_open) {
        return;
    }
    client->now_ms = now_ms;
    client->get_open = false;
    if (status != 200) {
        request_fail(client, "GET", status);
        return;
    }
    struct bytes packet;
    while (client->phase != SIOCLIENT_IDLE && eio_payload_next(&body, &packet)) {
        packet_receive(client, packet);
    }
    upgrade_advance(client);
}

void sioclient_on_post(struct sioclient *client, int status, int64_t now_ms)
{
    if (client->phase == SIOCLIENT_IDLE || !client->post_open) {
        return;
    }
    client->now_ms = now_ms;
    client->post_open = false;
    if (status != 200) {
        request_fail(client, "POST", status);
        return;
    }
    if (client->leaving && client->pending.size == 0) {
        session_end(client, "io client disconnect", bytes_text(""));
        return;
    }
    upgrade_advance(client);
}

void sioclient_on_websocket_open(struct sioclient *client, int64_t now_ms)
{
    if (client->phase == SIOCLIENT_IDLE || !client->websocket_asked) {
        return;
    }
    client->now_ms = now_ms;
    client->websocket_open = true;
    client->probe_due = client->upgrade == SIOCLIENT_UPGRADE_PROBING;
}

void sioclient_on_websocket_text(struct sioclient *client, struct bytes text, int64_t now_ms)
{
    if (client->phase == SIOCLIENT_IDLE || !client->websocket_open) {
        return;
    }
    client->now_ms = now_ms;
    if (client->on_websocket) {
        packet_receive(client, text);
        return;
    }
    if (client->upgrade == SIOCLIENT_UPGRADE_PROBING && bytes_equal_text(text, "3probe")) {
        client->upgrade = SIOCLIENT_UPGRADE_PAUSING;
        upgrade_advance(client);
        return;
    }
    upgrade_fail(client);
}

void sioclient_on_websocket_end(struct sioclient *client, int64_t now_ms)
{
    if (client->phase == SIOCLIENT_IDLE || !client->websocket_asked) {
        return;
    }
    client->now_ms = now_ms;
    client->websocket_open = false;
    if (client->on_websocket) {
        session_end(client, "transport close", bytes_text("the WebSocket ended"));
    } else if (client->upgrade == SIOCLIENT_UPGRADE_PROBING ||
               client->upgrade == SIOCLIENT_UPGRADE_PAUSING) {
        upgrade_fail(client);
    }
}

void sioclient_on_time(struct sioclient *client, int64_t now_ms)
{
    client->now_ms = now_ms;
    if (client->phase == SIOCLIENT_IDLE) {
        return;
    }
    if (now_ms >= client->upgrade_until_ms) {
        upgrade_fail(client);
    }
    if (now_ms >= client->alive_until_ms) {
        session_end(client, client->connected ? "ping timeout" : "transport error",
                    bytes_text(client->connected ? "" : "no answer to the handshake"));
    }
}
