// WebSockets: the upgrade, messages in, encoded frames out.
#include <libwebsockets.h>

#include "bridge/io/web_server_internal.h"
#include "lib/os/os_clock.h"

// ---- messages that are not complete ----

static void message_begin(struct link *link)
{
    struct web_server *server = link->server;
    link->message_unfinished = true;
    link->message_by_ms = os_clock_boot_ms() + server->config.request_timeout_ms;
    link->late_before = server->late_last;
    link->late_after = NULL;
    *(server->late_last == NULL ? &server->late_first : &server->late_last->late_after) = link;
    server->late_last = link;
}

static void message_end(struct link *link)
{
    struct web_server *server = link->server;
    buffer_release(&link->message);
    web_count_unfinished(server, &link->message_counted, 0);
    if (link->message_unfinished) {
        link->message_unfinished = false;
        struct link *before = link->late_before;
        struct link *after = link->late_after;
        *(before == NULL ? &server->late_first : &before->late_after) = after;
        *(after == NULL ? &server->late_last : &after->late_before) = before;
    }
}

// ---- the upgrade ----

static struct link *link_create(struct web_server *server, struct lws *wsi)
{
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL || slot_table_add(&server->links, link, &link->id) != LC_OK) {
        free(link);
        return NULL;
    }
    link->server = server;
    link->wsi = wsi;
    buffer_init(&link->message, engineio_max_payload(server->engine));
    return link;
}

static void link_destroy(struct link *link)
{
    struct web_server *server = link->server;
    slot_table_remove(&server->links, link->id);
    engineio_ws_gone(server->engine, os_clock_boot_ms(), link->session, link->id, false);
    message_end(link);
    free(link);
}

int ws_on_upgrade(struct web_server *server, struct lws *wsi, const char *protocol)
{
    struct request_view view;
    const char *fault = "Bad request";
    if (server->accepted != NULL) { // libwebsockets gave it up after our 101
        link_destroy(server->accepted);
        server->accepted = NULL;
    }
    if (request_read(server, wsi, &view)) {
        fault = request_upgrade_fault(wsi, protocol, &view);
        if (fault == NULL && !request_is_socketio(server, view.path)) {
            fault = "No WebSocket here";
        }
    }
    if (fault != NULL) {
        http_refuse_upgrade(server, wsi, bytes_text(fault));
        return 1;
    }
    struct engineio_request request;
    request_to_engine(&view, UPGRADE_EXCHANGE, &request);
    int64_t now_ms = os_clock_boot_ms();
    request.is_upgrade = true;
    request.handshake.time_ms = now_ms;
    struct engineio_session_id session;
    server->upgrading = wsi;
    (void)engineio_request(server->engine, now_ms, &request, &session);
    server->upgrading = NULL;
    if (server->accepted == NULL) {
        web_server_flush(server);
        return 1;
    }
    server->accepted->session = session;
    return 0; // libwebsockets writes the 101 and calls ws_on_open() before anybody else has a turn
}

int ws_on_open(struct web_server *server, struct lws *wsi, struct per_socket *socket)
{
    struct link *link = server->accepted;
    if (link == NULL || link->wsi != wsi) {
        return -1;
    }
    server->accepted = NULL;
    socket->link = link;
    if (link->close_code != 0) { // 101, and then a close
        lws_callback_on_writable(wsi);
    }
    web_server_flush(server);
    return 0;
}

int64_t ws_close_late(struct web_server *server, int64_t now_ms)
{
    while (server->late_first != NULL && server->late_first->message_by_ms <= now_ms) {
        struct link *link = server->late_first;
        message_end(link);
        ws_engine_close(server, link->id, LWS_CLOSE_STATUS_POLICY_VIOLATION);
    }
    return server->late_first == NULL ? DEADLINE_NONE : server->late_first->message_by_ms;
}

// The client, or all of them together, have sent more than they may.
static int refuse_size(struct link *link)
{
    struct web_server *server = link->server;
    struct engineio_session_id session = link->session;
    message_end(link);
    link->session = (struct engineio_session_id){0};
    engineio_ws_gone(server->engine, os_clock_boot_ms(), session, link->id, true);
    web_server_flush(server);
    lws_close_reason(link->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
    return -1;
}

int ws_on_data(struct per_socket *socket, struct bytes data)
{
    struct link *link = socket->link;
    if (link == NULL || link->close_code != 0) {
        return 0;
    }
    struct web_server *server = link->server;
    bool first = lws_is_first_fragment(link->wsi);
    bool last = lws_is_final_fragment(link->wsi) && lws_remaining_packet_payload(link->wsi) == 0;
    if (first) {
        buffer_clear(&link->message);
        link->message_binary = lws_frame_is_binary(link->wsi);
    }
    struct bytes message = data;
    if (!first || !last) {
        buffer_append(&link->message, data);
        message = buffer_bytes(&link->message);
    }
    if (!web_count_unfinished(server, &link->message_counted, link->message.capacity) ||
        buffer_status(&link->message) != LC_OK ||
        message.size > engineio_max_payload(server->engine)) {
        return refuse_size(link);
    }
    if (last) {
        engineio_ws_message(server->engine, os_clock_boot_ms(), link->session, link->id,
                            link->message_binary, message);
        message_end(link);
        web_server_flush(server);
    } else if (!link->message_unfinished) {
        message_begin(link);
        web_server_flush(server); // a new deadline
    }
    return 0;
}

int ws_on_writeable(struct per_socket *socket)
{
    struct link *link = socket->link;
    if (link == NULL || lws_partial_buffered(link->wsi)) {
        return 0;
    }
    if (link->close_code != 0) {
        lws_close_reason(link->wsi, (enum lws_close_status)link->close_code, NULL, 0);
        return -1;
    }
    if (link->blocked) {
        link->blocked = false;
        engineio_ws_writable(link->server->engine, os_clock_boot_ms(), link->session, link->id);
        web_server_flush(link->server);
    }
    return 0;
}

void ws_on_gone(struct per_socket *socket)
{
    struct link *link = socket->link;
    if (link == NULL) {
        return;
    }
    struct web_server *server = link->server;
    socket->link = NULL;
    link_destroy(link);
    web_server_flush(server);
}

// ---- for the engine ----

uint64_t ws_engine_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    struct web_server *server = shell;
    (void)exchange, (void)headers;
    server->accepted = link_create(server, server->upgrading);
    return server->accepted == NULL ? 0 : server->accepted->id;
}

bool ws_engine_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct web_server *server = shell;
    struct link *link = slot_table_find(&server->links, ws);
    if (link == NULL || link->close_code != 0) {
        return false;
    }
    // The frames are encoded already: in this mode libwebsockets adds and changes nothing.
    int written =
        lws_write(link->wsi, (unsigned char *)(uintptr_t)frames.data, frames.size, LWS_WRITE_RAW);
    if (written < 0) {
        ws_engine_close(server, ws, LWS_CLOSE_STATUS_NORMAL);
        return false;
    }
    if (lws_partial_buffered(link->wsi)) {
        link->blocked = true;
        lws_callback_on_writable(link->wsi);
        return false;
    }
    return true;
}

void ws_engine_close(void *shell, uint64_t ws, int code)
{
    struct web_server *server = shell;
    struct link *link = slot_table_find(&server->links, ws);
    if (link != NULL && link->close_code == 0) {
        link->close_code = code;
        if (link != server->accepted) {
            lws_callback_on_writable(link->wsi);
        }
    }
}
