// What the Socket.IO server tells the application of its sockets.
#include <inttypes.h>

#include "bridge/app/app_state.h"
#include "bridge/app/viewer_connect.h"
#include "bridge/app/viewer_event.h"
#include "bridge/app/viewer_move.h"
#include "bridge/app/viewer_restore.h"
#include "bridge/app/viewer_stream.h"

static void on_connect(void *owner, struct socketio_socket_id socket, struct bytes namespace_name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    struct auction_app *app = owner;
    app_log_packet(app, "in", socket.value, "connect", auth.size);
    viewer_connect(app, socket, namespace_name, auth, handshake);
}

static void make_pid(void *owner, struct socketio_socket_id socket, struct buffer *out_pid)
{
    const struct auction_app *app = owner;
    const struct viewer *viewer = socketio_socket_data(app->server, socket);
    if (viewer != NULL && !viewer->is_plain) { // without offsets there is nothing to come back to
        viewer_write_pid(owner, socket, out_pid);
    }
}

static void on_restore(void *owner, struct socketio_socket_id socket, struct bytes namespace_name,
                       struct bytes auth, struct bytes pid, struct bytes offset,
                       const struct socketio_handshake *handshake)
{
    struct auction_app *app = owner;
    app_log_packet(app, "in", socket.value, "connect again", auth.size);
    viewer_connect_again(app, socket, namespace_name, auth, pid, offset, handshake);
}

static void on_event(void *owner, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    struct auction_app *app = owner;
    struct viewer *viewer = socketio_socket_data(app->server, socket);
    if (app->config.logs_packets) {
        app_log(app, OUTSIDE_INFO,
                "packet in socket=%" PRIu64 " event=%.*s ack=%" PRId64 " bytes=%zu", socket.value,
                (int)(event->name.size < 64 ? event->name.size : 64),
                (const char *)event->name.data, event->ack_id, event->array.size);
    }
    if (viewer != NULL) {
        viewer_event(app, viewer, event);
    }
}

static void on_disconnect(void *owner, struct socketio_socket_id socket,
                          enum socketio_reason reason)
{
    struct auction_app *app = owner;
    struct viewer *viewer = socketio_socket_data(app->server, socket);
    app_log(app, OUTSIDE_DEBUG, "socket=%" PRIu64 " disconnected: %s", socket.value,
            socketio_reason_name(reason));
    if (viewer == NULL) {
        return;
    }
    viewer_gone(app, viewer, reason);
    viewer_destroy(app, viewer);
}

static void on_lagged(void *owner, struct socketio_socket_id socket)
{
    struct auction_app *app = owner;
    struct viewer *viewer = socketio_socket_data(app->server, socket);
    if (viewer == NULL || viewer->room == NULL) {
        return;
    }
    struct sale_room *room = viewer->room;
    struct room_waiter waiter = {
        .kind = WAITER_AGAIN, .socket = socket.value, .join_no = viewer->join_no, .ack_id = -1};
    viewer_stream_leave(room, viewer);
    viewer->awaits_stream = false; // by what it missed; a snapshot will do
    if (sale_room_wait(room, &waiter) != ERROR_NONE) {
        viewer_dismiss(app, viewer);
    }
}

static bool on_export(void *owner, struct socketio_socket_id socket, struct bytes node,
                      struct buffer *out_state)
{
    return viewer_export(owner, socket, node, out_state);
}

static void on_moved(void *owner, struct socketio_socket_id socket)
{
    viewer_moved(owner, socket);
}

static bool on_import(void *owner, struct socketio_socket_id socket, struct bytes namespace_name,
                      struct bytes state, const struct socketio_handshake *handshake)
{
    (void)handshake;
    return bytes_equal_text(namespace_name, "/") && viewer_import(owner, socket, state);
}

static void on_transport(void *owner, struct socketio_socket_id socket, struct bytes sid,
                         const char *what, const char *reason)
{
    struct auction_app *app = owner;
    // The sid is the session's secret: its first eight characters tell sessions apart.
    app_log(app, OUTSIDE_INFO, "transport session=%.*s... socket=%" PRIu64 " %s%s%s",
            (int)(sid.size < 8 ? sid.size : 8), (const char *)sid.data, socket.value, what,
            reason == NULL || reason[0] == 0 ? "" : ": ", reason == NULL ? "" : reason);
}

const struct socketio_app_ops *auction_app_ops(void)
{
    static const struct socketio_app_ops ops = {.on_connect = on_connect,
                                                .on_event = on_event,
                                                .on_disconnect = on_disconnect,
                                                .on_lagged = on_lagged,
                                                .on_transport = on_transport,
                                                .make_pid = make_pid,
                                                .on_restore = on_restore,
                                                .on_export = on_export,
                                                .on_moved = on_moved,
                                                .on_import = on_import};
    return &ops;
}
