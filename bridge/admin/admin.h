// The Admin UI's server side: a namespace of the Socket.IO server in which the pages of
// @socket.io/admin-ui 0.5.1, hosted anywhere, see clients, rooms and events, and act on them.
//
// Purity:    pure (allocates): clocks, random bytes and the check of a password come through
//            `struct admin_env`
// Units:     *_ms milliseconds
// Ownership: admin_create/destroy; the configuration's texts are copied
// Lifetime:  the server is destroyed before the admin: it tells it about its sockets until then
// Errors:    create: LC_ERR_BAD_INPUT (a name is missing or too long), LC_ERR_EXISTS (the namespace
//            is another's), LC_ERR_NO_MEMORY
// Order:     admin_tick() when admin_deadline_ms() is reached, admin_password_checked() for each
//            ticket that check_password took, in any order. The server's transports are to be
//            flushed after both. While an admin is connected the namespace is the server's monitor
// Source:    @socket.io/admin-ui 0.5.1: names and shapes of all events
//
// What differs from the reference: credentials in headers, queries and addresses are masked (see
// admin_mask.h), a client's id is not the beginning of its secret Engine.IO id, binary arguments of
// events are shown as their placeholders, `data` of sockets is empty. A missing password is an
// invalid one (the reference ends). The event `session` comes before the CONNECT reply, as there,
// and once more behind it, because the pages listen only then. Attempts are bounded
// (CONNECT_ERROR "too many attempts"), so are sessions, and everything that is sent
// (admin_limits.h): when more happens in a second than the bounds allow, notices are left out and
// all sockets are sent anew.
#ifndef LOTCAST_ADMIN_ADMIN_H
#define LOTCAST_ADMIN_ADMIN_H

#include "bridge/socketio/server.h"

struct admin;

struct admin_config {
    const char *namespace_name; // NULL: "/admin"
    const char *user;
    const char *server_id; // NULL: the host's name
    const char *host;
    int64_t process_id;
    bool is_production; // counts only: no single sockets, rooms and events
    bool is_readonly;   // commands are ignored
};

struct admin_env {
    int64_t (*boot_ms)(void *context); // monotonic: the clock that the server is given
    int64_t (*wall_ms)(void *context); // since 1970 UTC
    void (*random)(void *context, uint8_t *data, size_t size);
    // Begins to compare a password with the one that is right; the answer is
    // admin_password_checked(). False: cannot take it now. A check costs far more than a turn of
    // the loop may (bcrypt: 50 ms and more), so it must not be made in here.
    bool (*check_password)(void *context, uint64_t ticket, struct bytes password);
    void *context;
};

LC_MUST_CHECK enum lc_status admin_create(const struct admin_config *config,
                                          const struct admin_env *env,
                                          struct socketio_server *server, struct admin **out_admin);
void admin_destroy(struct admin *admin);

void admin_password_checked(struct admin *admin, uint64_t ticket, bool is_right);

// INT64_MAX: none.
int64_t admin_deadline_ms(const struct admin *admin);
void admin_tick(struct admin *admin);

#endif
