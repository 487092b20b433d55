// What stands behind admin.h.
//
// Purity:    pure (allocates)
#ifndef LOTCAST_ADMIN_STATE_H
#define LOTCAST_ADMIN_STATE_H

#include "bridge/admin/admin.h"
#include "bridge/admin/admin_login.h"
#include "bridge/admin/admin_stats.h"
#include "lib/base/buffer.h"

// The room of the admin's namespace that its notices go to: one ring for all admins.
#define ADMIN_ROOM "watching"

struct admin_check {
    uint64_t ticket; // 0: free
    struct socketio_socket_id socket;
    bool user_is_right;
};

struct admin {
    struct admin_config config; // its texts are not kept
    char namespace_name[ADMIN_NAME_SIZE_MAX + 1];
    char user[ADMIN_NAME_SIZE_MAX + 1];
    char server_id[ADMIN_NAME_SIZE_MAX + 1];
    char host[ADMIN_NAME_SIZE_MAX + 1];
    struct admin_env env;
    struct socketio_server *server;
    struct admin_login login;
    struct admin_check checks[ADMIN_CHECKS_PENDING_MAX];
    uint64_t last_ticket;
    struct socketio_socket_id watchers[ADMIN_SOCKETS_MAX];
    size_t watchers_count;
    struct admin_stats stats;
    int64_t started_ms;
    int64_t sampled_utc_ms; // the second that is being counted
    int64_t sample_at_ms;
    int64_t stats_at_ms;
    // What may still be sent in this second.
    int64_t notices_left;
    int64_t notice_bytes_left;
    bool is_stale; // a notice was left out: the admins' picture is wrong
    int64_t refresh_at_ms;
    struct buffer text; // of the notice being written
};

int64_t admin_now_ms(const struct admin *admin);
int64_t admin_wall_ms(const struct admin *admin);
bool admin_owns(const struct admin *admin, struct socketio_socket_id socket);

// ---- admin_view.c: what is shown ----
// Appends the id of a socket as a JSON string; an alias when the id is a secret.
void admin_view_id(const struct admin *admin, struct socketio_socket_id socket, struct buffer *out);
// The socket of an alias; {0}: it is none.
struct socketio_socket_id admin_view_of_alias(struct bytes alias);
// Appends a socket as an object.
void admin_view_socket(const struct admin *admin, struct socketio_socket_id socket,
                       struct buffer *out);
// `all_sockets`; all that fit.
void admin_view_send_all(struct admin *admin, struct socketio_socket_id to);
void admin_view_send_config(struct admin *admin, struct socketio_socket_id to);
void admin_view_send_stats(struct admin *admin);

// ---- admin_watch.c: what happens ----
// From the first admin to the last one: a server that nobody watches does nothing for it.
void admin_watch_begin(struct admin *admin);
void admin_watch_end(struct admin *admin);
// A new second begins.
void admin_watch_refill(struct admin *admin);

// ---- admin_command.c: what an admin does ----
void admin_command(struct admin *admin, const struct socketio_event *event);

#endif
