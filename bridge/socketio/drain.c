// A stop in steps: sessions go one after another, so that others can take them.
#include "bridge/socketio/state.h"

void socketio_server_stop_admitting(struct socketio_server *server)
{
    engineio_stop_admitting(server->engine);
}

static bool is_left_out(const struct connection *connection,
                        bool (*is_busy)(void *context, struct socketio_socket_id socket),
                        void *context)
{
    for (const struct socket *socket = connection->sockets; socket != NULL && is_busy != NULL;
         socket = socket->next) {
        if (is_busy(context, socket->id)) {
            return true;
        }
    }
    return false;
}

size_t socketio_server_close_down_to(struct socketio_server *server, size_t keep,
                                     bool (*is_busy)(void *context,
                                                     struct socketio_socket_id socket),
                                     void *context)
{
    struct connection *connection;
    size_t left = 0;
    uint32_t place = 0;
    while (engineio_next_connection(server->engine, &place) != NULL) {
        left++;
    }
    place = 0;
    while (left > keep && (connection = engineio_next_connection(server->engine, &place)) != NULL) {
        if (!is_left_out(connection, is_busy, context)) {
            connection_close_in_order(server, connection, SOCKETIO_SERVER_SHUTTING_DOWN);
            left--;
        }
    }
    return left;
}
