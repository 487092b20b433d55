#include <stdio.h>

#include "bridge/admin/admin_mask.h"
#include "bridge/admin/admin_state.h"
#include "bridge/socketio/json_date.h"
#include "lib/json/json_write.h"

static bool header_value(const struct socketio_handshake *handshake, const char *name,
                         struct bytes *out_value)
{
    for (size_t i = 0; i < handshake->headers_count; i++) {
        if (bytes_equal_text(handshake->headers[i].name, name)) {
            *out_value = handshake->headers[i].value;
            return true;
        }
    }
    return false;
}

static void write_handshake(const struct admin *admin, const struct socketio_handshake *handshake,
                            struct buffer *out)
{
    int64_t issued_ms = admin_wall_ms(admin) - (admin_now_ms(admin) - handshake->time_ms);
    struct bytes address = handshake->address;
    struct bytes origin;
    if (!header_value(handshake, "cf-connecting-ip", &address)) {
        (void)header_value(handshake, "x-forwarded-for", &address);
    }
    buffer_append_text(out, "{\"address\":");
    admin_mask_text(out, address);
    buffer_append_text(out, ",\"headers\":");
    admin_mask_headers(out, handshake);
    buffer_append_text(out, ",\"query\":");
    admin_mask_query(out, handshake->query);
    buffer_append_text(out, ",\"issued\":");
    buffer_append_int64(out, issued_ms);
    buffer_append_text(out, handshake->secure ? ",\"secure\":true" : ",\"secure\":false");
    buffer_append_text(out, ",\"time\":");
    json_date_write_long(out, issued_ms);
    buffer_append_text(out, ",\"url\":");
    admin_mask_url(out, handshake->url);
    buffer_append_text(out, header_value(handshake, "origin", &origin) ? ",\"xdomain\":true}"
                                                                       : ",\"xdomain\":false}");
}

#define ALIAS "eio3-"

void admin_view_id(const struct admin *admin, struct socketio_socket_id socket, struct buffer *out)
{
    if (socketio_socket_sid_is_secret(admin->server, socket)) {
        buffer_append_format(out, "\"" ALIAS "%llu\"", (unsigned long long)socket.value);
    } else {
        json_quote(out, socketio_socket_sid(admin->server, socket));
    }
}

struct socketio_socket_id admin_view_of_alias(struct bytes alias)
{
    uint64_t value = 0;
    if (!bytes_starts_with(alias, bytes_text(ALIAS)) ||
        !bytes_to_uint64(bytes_from(alias, strlen(ALIAS)), UINT64_MAX, &value)) {
        value = 0;
    }
    return (struct socketio_socket_id){value};
}

struct rooms_view {
    struct buffer *out;
    bool is_admin;
    size_t count;
};

static void write_room(void *context, struct bytes room)
{
    struct rooms_view *view = context;
    if (view->count < ADMIN_ROOMS_SHOWN_MAX &&
        !(view->is_admin && bytes_equal_text(room, ADMIN_ROOM))) {
        buffer_append_byte(view->out, ',');
        admin_mask_text(view->out, room);
        view->count++;
    }
}

void admin_view_socket(const struct admin *admin, struct socketio_socket_id socket,
                       struct buffer *out)
{
    const struct socketio_server *server = admin->server;
    struct socketio_handshake handshake;
    buffer_append_text(out, "{\"id\":");
    admin_view_id(admin, socket, out);
    buffer_append_format(
        out, ",\"clientId\":\"%012llx\",\"transport\":\"%s\",\"nsp\":",
        (unsigned long long)socketio_socket_connection(server, socket),
        socketio_socket_transport(server, socket) == SOCKETIO_WEBSOCKET ? "websocket" : "polling");
    admin_mask_text(out, socketio_socket_namespace(server, socket));
    buffer_append_text(out, ",\"data\":{},\"handshake\":");
    if (socketio_socket_handshake(admin->server, socket, &handshake)) {
        write_handshake(admin, &handshake, out);
    } else {
        buffer_append_text(out, "{}");
    }
    buffer_append_text(out, ",\"rooms\":[");
    admin_view_id(admin, socket, out);
    struct rooms_view view = {out, admin_owns(admin, socket), 0};
    socketio_socket_rooms_visit(server, socket, write_room, &view);
    buffer_append_text(out, "]}");
}

struct all_view {
    const struct admin *admin;
    struct buffer out;
    bool is_full;
};

static void write_one(void *context, struct socketio_socket_id socket)
{
    struct all_view *view = context;
    size_t before = view->out.size;
    if (view->is_full) {
        return;
    }
    if (before > 1) {
        buffer_append_byte(&view->out, ',');
    }
    admin_view_socket(view->admin, socket, &view->out);
    if (buffer_status(&view->out) != LC_OK || view->out.size > ADMIN_ALL_SOCKETS_SIZE_MAX) {
        buffer_truncate(&view->out, before);
        view->is_full = true;
    }
}

void admin_view_send_all(struct admin *admin, struct socketio_socket_id to)
{
    struct all_view view = {.admin = admin};
    // One more socket may be written before it is known not to fit.
    buffer_init(&view.out, (size_t)ADMIN_ALL_SOCKETS_SIZE_MAX + ADMIN_NOTICE_SIZE_MAX);
    buffer_append_byte(&view.out, '[');
    socketio_sockets_visit(admin->server, write_one, &view);
    struct bytes whole = buffer_bytes(&view.out);
    struct buffer arguments;
    buffer_init(&arguments, (size_t)ADMIN_ALL_SOCKETS_SIZE_MAX + 2);
    buffer_append(&arguments, whole);
    buffer_append_byte(&arguments, ']');
    if (buffer_status(&arguments) == LC_OK) {
        socketio_emit(admin->server, to, bytes_text("all_sockets"), buffer_bytes(&arguments));
    }
    buffer_release(&arguments);
    buffer_release(&view.out);
}

void admin_view_send_config(struct admin *admin, struct socketio_socket_id to)
{
    char text[256];
    int size = snprintf(text, sizeof text, "{\"supportedFeatures\":[%s\"AGGREGATED_EVENTS\"%s]}",
                        admin->config.is_readonly ? ""
                                                  : "\"EMIT\",\"JOIN\",\"LEAVE\",\"DISCONNECT\","
                                                    "\"MJOIN\",\"MLEAVE\",\"MDISCONNECT\",",
                        admin->config.is_production ? "" : ",\"ALL_EVENTS\"");
    socketio_emit(admin->server, to, bytes_text("config"), bytes_of(text, (size_t)size));
}

struct namespaces_view {
    struct buffer *out;
    size_t count;
};

static void write_namespace(void *context, struct bytes name, size_t sockets)
{
    struct namespaces_view *view = context;
    if (view->count >= ADMIN_NAMESPACES_SHOWN_MAX) {
        return;
    }
    buffer_append_text(view->out, view->count > 0 ? ",{\"name\":" : "{\"name\":");
    admin_mask_text(view->out, name);
    buffer_append_format(view->out, ",\"socketsCount\":%zu}", sockets);
    view->count++;
}

void admin_view_send_stats(struct admin *admin)
{
    struct buffer *out = &admin->text;
    struct socketio_counts counts;
    int64_t uptime_ms = admin_now_ms(admin) - admin->started_ms;
    socketio_server_counts(admin->server, &counts);
    buffer_clear(out);
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "serverId", admin->server_id);
    json_write_cstr(&writer, "hostname", admin->host);
    json_write_int(&writer, "pid", admin->config.process_id);
    buffer_append_format(out, ",\"uptime\":%lld.%03d", (long long)(uptime_ms / 1000),
                         (int)(uptime_ms % 1000));
    json_write_int(&writer, "clientsCount", (int64_t)counts.sessions_open);
    json_write_int(&writer, "pollingClientsCount", (int64_t)counts.sessions_polling);
    buffer_append_text(out, ",\"aggregatedEvents\":");
    admin_stats_take(&admin->stats, out);
    buffer_append_text(out, ",\"namespaces\":[");
    struct namespaces_view view = {out, 0};
    socketio_namespaces_visit(admin->server, write_namespace, &view);
    buffer_append_text(out, "]}");
    if (buffer_status(out) == LC_OK) {
        socketio_room_emit(admin->server, bytes_text(admin->namespace_name), bytes_text(ADMIN_ROOM),
                           bytes_text("server_stats"), buffer_bytes(out), false);
    }
}
