#include "bridge/admin/admin_mask.h"
#include "bridge/admin/admin_state.h"
#include "bridge/socketio/json_date.h"
#include "bridge/socketio/json_text.h"
#include "lib/json/json_write.h"

void admin_watch_refill(struct admin *admin)
{
    admin->notices_left = ADMIN_NOTICES_PER_SECOND_MAX;
    admin->notice_bytes_left = ADMIN_NOTICES_BYTES_PER_SECOND_MAX;
}

static struct buffer *notice_begin(struct admin *admin)
{
    buffer_clear(&admin->text);
    return &admin->text;
}

// Sends what stands in the buffer, unless the second's share is used up. `changes_picture`: the
// pages show a wrong state without it.
static void notice_end(struct admin *admin, const char *name, bool changes_picture)
{
    struct bytes arguments = buffer_bytes(&admin->text);
    bool fits = buffer_status(&admin->text) == LC_OK && admin->notices_left > 0 &&
                admin->notice_bytes_left >= (int64_t)arguments.size;
    if (!fits) {
        admin->is_stale = admin->is_stale || changes_picture;
        return;
    }
    admin->notices_left--;
    admin->notice_bytes_left -= (int64_t)arguments.size;
    socketio_room_emit(admin->server, bytes_text(admin->namespace_name), bytes_text(ADMIN_ROOM),
                       bytes_text(name), arguments, false);
}

static void append_now(struct admin *admin, struct buffer *out)
{
    buffer_append_byte(out, ',');
    json_date_write(out, admin_wall_ms(admin));
}

// "nsp","room","id",time. NULL: the room that its id names, which the reference has for each socket
// and tells of.
static void notice_room(struct admin *admin, const char *name, struct socketio_socket_id socket,
                        const struct bytes *room)
{
    struct buffer *out = notice_begin(admin);
    admin_mask_text(out, socketio_socket_namespace(admin->server, socket));
    buffer_append_byte(out, ',');
    if (room != NULL) {
        admin_mask_text(out, *room);
    } else {
        admin_view_id(admin, socket, out);
    }
    buffer_append_byte(out, ',');
    admin_view_id(admin, socket, out);
    append_now(admin, out);
    notice_end(admin, name, true);
}

static bool is_own_room(const struct admin *admin, struct socketio_socket_id socket,
                        struct bytes room)
{
    return (admin_owns(admin, socket) && bytes_equal_text(room, ADMIN_ROOM)) ||
           bytes_equal(room, socketio_socket_sid(admin->server, socket));
}

static void on_room_joined(void *monitor, struct socketio_socket_id socket, struct bytes room)
{
    struct admin *admin = monitor;
    if (!is_own_room(admin, socket, room)) {
        notice_room(admin, "room_joined", socket, &room);
    }
}

static void on_room_left(void *monitor, struct socketio_socket_id socket, struct bytes room)
{
    struct admin *admin = monitor;
    if (!is_own_room(admin, socket, room)) {
        notice_room(admin, "room_left", socket, &room);
    }
}

static void on_connected(void *monitor, struct socketio_socket_id socket)
{
    struct admin *admin = monitor;
    notice_room(admin, "room_joined", socket, NULL);
    struct buffer *out = notice_begin(admin);
    admin_view_socket(admin, socket, out);
    append_now(admin, out);
    notice_end(admin, "socket_connected", true);
}

static void on_disconnected(void *monitor, struct socketio_socket_id socket,
                            enum socketio_reason reason)
{
    struct admin *admin = monitor;
    struct buffer *out = notice_begin(admin);
    admin_mask_text(out, socketio_socket_namespace(admin->server, socket));
    buffer_append_byte(out, ',');
    admin_view_id(admin, socket, out);
    buffer_append_byte(out, ',');
    json_quote(out, bytes_text(socketio_reason_name(reason)));
    append_now(admin, out);
    notice_end(admin, "socket_disconnected", true);
    notice_room(admin, "room_left", socket, NULL);
}

static void on_upgraded(void *monitor, struct socketio_socket_id socket)
{
    struct admin *admin = monitor;
    struct buffer *out = notice_begin(admin);
    buffer_append_text(out, "{\"id\":");
    admin_view_id(admin, socket, out);
    buffer_append_text(out, ",\"nsp\":");
    admin_mask_text(out, socketio_socket_namespace(admin->server, socket));
    buffer_append_text(out, ",\"transport\":\"websocket\"}");
    notice_end(admin, "socket_updated", true);
}

// How deep arrays and objects of valid JSON are nested.
static int depth_of(struct bytes json)
{
    int depth = 0;
    int deepest = 0;
    bool in_text = false;
    for (size_t i = 0; i < json.size; i++) {
        uint8_t c = json.data[i];
        if (in_text && c == '\\') {
            i++;
        } else if (c == '"') {
            in_text = !in_text;
        } else if (!in_text && (c == '[' || c == '{')) {
            depth++;
            deepest = depth > deepest ? depth : deepest;
        } else if (!in_text && (c == ']' || c == '}')) {
            depth--;
        }
    }
    return deepest;
}

// In a notice they stand two arrays deep.
static bool can_be_shown(struct bytes arguments)
{
    return arguments.size <= ADMIN_ARGS_SIZE_MAX && bytes_is_utf8(arguments) &&
           depth_of(arguments) < JSON_TEXT_DEPTH_MAX - 2;
}

// "nsp","id",["name",arguments],time
static void notice_event(struct admin *admin, const char *notice, struct socketio_socket_id socket,
                         struct bytes name, struct bytes arguments)
{
    struct buffer *out = notice_begin(admin);
    admin_mask_text(out, socketio_socket_namespace(admin->server, socket));
    buffer_append_byte(out, ',');
    admin_view_id(admin, socket, out);
    buffer_append_text(out, ",[");
    admin_mask_text(out, name);
    if (!can_be_shown(arguments)) {
        buffer_append_format(out, ",\"(%zu bytes)\"", arguments.size);
    } else if (admin_mask_is_jwt(arguments)) {
        buffer_append_text(out, ",\"" ADMIN_MASKED "\"");
    } else if (arguments.size > 0) {
        buffer_append_byte(out, ',');
        buffer_append(out, arguments);
    }
    buffer_append_byte(out, ']');
    append_now(admin, out);
    notice_end(admin, notice, false);
}

// Events change no picture: they have half of the second's share only. Asked before anything is
// written: what will not be sent need not be made.
static bool is_spent(const struct admin *admin)
{
    return admin->notices_left <= ADMIN_NOTICES_PER_SECOND_MAX / 2 ||
           admin->notice_bytes_left <= ADMIN_NOTICES_BYTES_PER_SECOND_MAX / 2;
}

static void on_event_received(void *monitor, struct socketio_socket_id socket,
                              const struct socketio_event *event)
{
    struct admin *admin = monitor;
    if (!is_spent(admin) && !admin_owns(admin, socket)) {
        notice_event(admin, "event_received", socket, event->name, event->arguments);
    }
}

static void on_event_sent(void *monitor, struct socketio_socket_id socket,
                          const struct socketio_emission *emission)
{
    struct admin *admin = monitor;
    if (!is_spent(admin) && !admin_owns(admin, socket)) {
        notice_event(admin, "event_sent", socket, emission->event, emission->arguments);
    }
}

static void on_raw_opened(void *monitor, enum socketio_transport transport)
{
    (void)transport;
    admin_stats_opened(&((struct admin *)monitor)->stats);
}

static void on_raw_closed(void *monitor, const char *reason)
{
    admin_stats_closed(&((struct admin *)monitor)->stats, reason);
}

void admin_watch_begin(struct admin *admin)
{
    static const struct socketio_monitor_ops counts = {.on_raw_opened = on_raw_opened,
                                                       .on_raw_closed = on_raw_closed};
    static const struct socketio_monitor_ops everything = {
        .on_raw_opened = on_raw_opened,
        .on_raw_closed = on_raw_closed,
        .on_upgraded = on_upgraded,
        .on_connected = on_connected,
        .on_disconnected = on_disconnected,
        .on_room_joined = on_room_joined,
        .on_room_left = on_room_left,
        .on_event_received = on_event_received,
        .on_event_sent = on_event_sent,
    };
    admin_watch_refill(admin);
    admin->is_stale = false;
    socketio_server_set_monitor(admin->server, admin->config.is_production ? &counts : &everything,
                                admin);
}

void admin_watch_end(struct admin *admin)
{
    socketio_server_set_monitor(admin->server, NULL, NULL);
}
