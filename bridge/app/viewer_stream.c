#include "bridge/app/viewer_stream.h"

struct bytes viewer_stream_name(const struct sale_room *room, const struct viewer *viewer)
{
    return bytes_text(viewer->is_plain ? room->plain_name : room->name);
}

enum lc_status viewer_stream_join(struct sale_room *room, const struct viewer *viewer)
{
    return socketio_room_join(room->app->server, viewer->socket, viewer_stream_name(room, viewer));
}

void viewer_stream_leave(struct sale_room *room, const struct viewer *viewer)
{
    socketio_room_leave(room->app->server, viewer->socket, viewer_stream_name(room, viewer));
}

void viewer_stream_emit(struct auction_app *app, const struct viewer *viewer, const char *event,
                        struct bytes arguments)
{
    app_emit(app, viewer->socket, event,
             viewer->is_plain ? event_offset_cut(arguments) : arguments);
}
