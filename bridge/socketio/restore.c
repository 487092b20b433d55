#include "bridge/socketio/restore.h"

#include <stdlib.h>

#include "bridge/socketio/json_text.h"
#include "bridge/socketio/legacy.h"

bool restore_is_for(const struct owner *owner)
{
    return owner->ops.make_pid != NULL && owner->ops.on_restore != NULL;
}

// As it stands in JSON: what needs an escape there is none.
static bool is_legal_pid(struct bytes pid)
{
    bool legal = pid.size > 0 && pid.size <= SOCKETIO_PID_SIZE_MAX;
    for (size_t i = 0; i < pid.size && legal; i++) {
        uint8_t c = pid.data[i];
        legal = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    }
    return legal;
}

// ---- a client shows what it has ----

static bool is_text(struct bytes value)
{
    return value.size >= 2 && value.data[0] == '"';
}

static bool keep_pid(struct socket *socket, struct bytes pid)
{
    struct shown *shown = malloc(sizeof *shown + pid.size);
    if (shown != NULL) {
        shown->size = pid.size;
        memcpy(shown->pid, pid.data, pid.size);
        socket->shown = shown;
    }
    return shown != NULL;
}

static void call(struct socketio_server *server, struct socket *socket, struct bytes auth,
                 struct bytes offset)
{
    const struct owner *owner = socket->namespace->owner;
    struct socketio_handshake handshake;
    if (handshake_show(server, socket->connection, &handshake)) {
        owner->ops.on_restore(owner->app, socket->id, namespace_name(socket->namespace), auth,
                              bytes_of(socket->shown->pid, socket->shown->size), offset,
                              &handshake);
    }
}

bool restore_ask(struct socketio_server *server, struct socket *socket, struct bytes auth)
{
    if (!restore_is_for(socket->namespace->owner) || legacy_is(server, socket->connection) ||
        auth.size == 0) {
        return false;
    }
    struct bytes pid = json_text_member(auth, "pid");
    struct bytes offset = json_text_member(auth, "offset");
    if (pid.size == 0) {
        return false;
    }
    bool has_offset = is_text(offset);
    bool is_good = is_text(pid) && is_legal_pid(bytes_of(pid.data + 1, pid.size - 2)) &&
                   (has_offset || offset.size == 0 || bytes_equal_text(offset, "null"));
    struct buffer text;
    buffer_init(&text, auth.size + 1);
    if (has_offset) {
        json_text_unescape(offset, &text);
    }
    bool asks = is_good && buffer_status(&text) == LC_OK &&
                keep_pid(socket, bytes_of(pid.data + 1, pid.size - 2));
    if (asks) {
        call(server, socket, auth, buffer_bytes(&text));
    } else {
        server->counts.recovery_failed_total++;
    }
    buffer_release(&text);
    return asks;
}

// ---- the application answers ----

enum lc_status socketio_restore(struct socketio_server *server, struct socketio_socket_id id,
                                struct bytes sid)
{
    const struct socket *socket = socket_find(server, id);
    if (socket == NULL || socket->state != SOCKET_PENDING || socket->shown == NULL) {
        return LC_ERR_NOT_FOUND;
    }
    if (!engineio_sid_is_legal(sid)) {
        return LC_ERR_BAD_INPUT;
    }
    char copy[SID_SIZE]; // the other's own, perhaps
    memcpy(copy, sid.data, SID_SIZE);
    sid = bytes_of(copy, SID_SIZE);
    bool is_own = bytes_equal(sid, socket_sid(socket));
    if (!is_own && !socket_free_sid(server, socket->namespace, sid)) {
        return LC_ERR_EXISTS;
    }
    struct socket *found = socket_find(server, id); // the application has had its say
    if (found == NULL || found->state != SOCKET_PENDING) {
        return LC_ERR_NOT_FOUND;
    }
    socket_take_sid(server, found, sid);
    found->recovered = true;
    return LC_OK;
}

struct bytes restore_pid(const struct socket *socket, struct buffer *text)
{
    const struct owner *owner = socket->namespace->owner;
    if (socket->recovered) {
        return bytes_of(socket->shown->pid, socket->shown->size);
    }
    owner->ops.make_pid(owner->app, socket->id, text);
    bool is_good = buffer_status(text) == LC_OK && is_legal_pid(buffer_bytes(text));
    return is_good ? buffer_bytes(text) : (struct bytes){NULL, 0};
}

void restore_end(struct socketio_server *server, struct socket *socket)
{
    if (socket->shown != NULL) {
        *(socket->recovered ? &server->counts.recovered_total
                            : &server->counts.recovery_failed_total) += 1;
        free(socket->shown);
        socket->shown = NULL;
    }
}
