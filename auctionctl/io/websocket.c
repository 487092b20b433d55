#include "auctionctl/io/websocket.h"

#include <libwebsockets.h>

struct websocket {
    struct websocket_client *client;
    struct lws *wsi; // NULL: the library has let it go
    void *owner;     // valid unless closing
    bool closing;
    bool is_open;
    bool in_open; // websocket_open() has not returned yet
    bool ended;
    struct buffer received;
    struct buffer pending; // messages, each after 4 bytes of its size
    struct websocket *next;
};

struct websocket_client {
    struct lws_context *context;
    const struct websocket_ops *ops;
    struct websocket *sockets;
};

static void socket_destroy(struct websocket *socket)
{
    struct websocket **at = &socket->client->sockets;
    while (*at != socket) {
        at = &(*at)->next;
    }
    *at = socket->next;
    buffer_release(&socket->received);
    buffer_release(&socket->pending);
    free(socket);
}

static void socket_ended(struct websocket *socket, const char *why)
{
    if (socket->ended) {
        return;
    }
    socket->ended = true;
    if (socket->in_open) {
        return; // websocket_open() tells
    }
    if (!socket->closing) {
        socket->client->ops->on_end(socket->owner, why);
    }
    socket_destroy(socket);
}

// Writes one waiting message. False: the connection shall end.
static bool pending_write(struct websocket *socket)
{
    if (socket->pending.size == 0) {
        if (socket->closing) {
            lws_close_reason(socket->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
            return false;
        }
        return true;
    }
    uint32_t size;
    memcpy(&size, socket->pending.data, sizeof size);
    unsigned char *frame = malloc(LWS_PRE + size);
    if (frame == NULL) {
        return false;
    }
    memcpy(frame + LWS_PRE, socket->pending.data + sizeof size, size);
    buffer_consume(&socket->pending, sizeof size + size);
    int written = lws_write(socket->wsi, frame + LWS_PRE, size, LWS_WRITE_TEXT);
    free(frame);
    if (written < (int)size) {
        return false;
    }
    if (socket->pending.size > 0 || socket->closing) {
        lws_callback_on_writable(socket->wsi);
    }
    return true;
}

static bool part_received(struct websocket *socket, const void *data, size_t size)
{
    buffer_append(&socket->received, bytes_of(data, size));
    if (socket->received.failed) {
        return false;
    }
    if (lws_is_final_fragment(socket->wsi) && lws_remaining_packet_payload(socket->wsi) == 0) {
        if (!socket->closing) {
            socket->client->ops->on_text(socket->owner, buffer_bytes(&socket->received));
        }
        buffer_clear(&socket->received);
    }
    return true;
}

static int websocket_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                           size_t size)
{
    struct websocket *socket = user;
    // The library has a hundred reasons; these are ours.
    if (socket == NULL) {
        return 0;
    }
    if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED) {
        socket->wsi = wsi;
        socket->is_open = true;
        if (socket->closing) {
            lws_callback_on_writable(wsi);
        } else {
            socket->client->ops->on_open(socket->owner);
        }
    } else if (reason == LWS_CALLBACK_CLIENT_RECEIVE) {
        return part_received(socket, in, size) ? 0 : -1;
    } else if (reason == LWS_CALLBACK_CLIENT_WRITEABLE) {
        return pending_write(socket) ? 0 : -1;
    } else if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) {
        socket_ended(socket, in != NULL ? in : "connection failed");
    } else if (reason == LWS_CALLBACK_CLIENT_CLOSED) {
        socket_ended(socket, "connection ended");
    }
    return 0;
}

static const struct lws_protocols protocols[] = {
    {.name = "socketio", .callback = websocket_event, .rx_buffer_size = 65536}, {.name = NULL}};

struct websocket_client *websocket_client_create(struct loop *loop, const struct websocket_ops *ops)
{
    struct websocket_client *client = calloc(1, sizeof *client);
    LC_ASSERT(client != NULL);
    client->ops = ops;
    lws_set_log_level(0, NULL);
    void *loops[] = {loop_handle(loop)};
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN,
                                             .protocols = protocols,
                                             .foreign_loops = loops,
                                             .timeout_secs = 10};
    info.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    client->context = lws_create_context(&info);
    if (client->context == NULL) {
        free(client);
        return NULL;
    }
    return client;
}

void websocket_client_destroy(struct websocket_client *client)
{
    if (client == NULL) {
        return;
    }
    for (struct websocket *socket = client->sockets; socket != NULL; socket = socket->next) {
        socket->closing = true;
    }
    lws_context_destroy(client->context);
    while (client->sockets != NULL) {
        socket_destroy(client->sockets);
    }
    free(client);
}

struct websocket *websocket_open(struct websocket_client *client,
                                 const struct websocket_address *address, void *owner)
{
    struct websocket *socket = calloc(1, sizeof *socket);
    LC_ASSERT(socket != NULL);
    *socket = (struct websocket){.client = client, .owner = owner, .next = client->sockets};
    client->sockets = socket;
    buffer_init(&socket->received, WEBSOCKET_MESSAGE_SIZE_MAX);
    buffer_init(&socket->pending, WEBSOCKET_PENDING_SIZE_MAX);
    struct lws_client_connect_info info = {.context = client->context,
                                           .address = address->host,
                                           .host = address->host,
                                           .origin = NULL,
                                           .port = address->port,
                                           .path = address->path,
                                           .local_protocol_name = "socketio",
                                           .userdata = socket};
    char host[300];
    snprintf(host, sizeof host, "%s:%d", address->host, address->port);
    info.host = host;
    info.ssl_connection = address->secure ? LCCSCF_USE_SSL : 0;
    socket->in_open = true;
    struct lws *wsi = lws_client_connect_via_info(&info);
    socket->in_open = false;
    if (wsi == NULL || socket->ended) {
        socket_destroy(socket);
        return NULL;
    }
    socket->wsi = wsi;
    return socket;
}

void websocket_send(struct websocket *socket, struct bytes text)
{
    LC_ASSERT(socket->is_open);
    uint32_t size = (uint32_t)text.size;
    if (sizeof size + text.size > socket->pending.size_max - socket->pending.size) {
        lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        return;
    }
    buffer_append(&socket->pending, bytes_of(&size, sizeof size));
    buffer_append(&socket->pending, text);
    lws_callback_on_writable(socket->wsi);
}

void websocket_close(struct websocket *socket)
{
    socket->closing = true;
    socket->owner = NULL;
    if (socket->is_open) {
        lws_callback_on_writable(socket->wsi);
    } else {
        lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    }
}
