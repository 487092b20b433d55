// The Admin UI's namespace in a program: its administrator from a file, clocks, random bytes, and
// passwords that are checked by a worker.
//
// Purity:    reads a file at the start, one thread
// Units:     *_ms milliseconds on the boot clock
// Ownership: admin_host_create/destroy; borrows the configuration's texts until create returns
// Lifetime:  the server is destroyed before the host
// Errors:    create: those of os_file_read(), admin_create() and password_checker_create(), with a
//            line in `out_why`
// Order:     a source of the loop: process when the descriptor is readable or the deadline is
//            reached; then flush the server's transports
#ifndef LOTCAST_BRIDGE_ADMIN_HOST_H
#define LOTCAST_BRIDGE_ADMIN_HOST_H

#include "bridge/socketio/server.h"

struct admin_host;

struct admin_host_config {
    const char *file;           // one line `user:bcrypt-hash`, as `htpasswd -nB user` writes it
    const char *user;           // or these two without a file
    const char *hash;           //
    const char *namespace_name; // NULL: "/admin"
    const char *server_id;      // NULL: the host's name
    bool is_production;
    bool is_readonly;
};

LC_MUST_CHECK enum lc_status admin_host_create(const struct admin_host_config *config,
                                               struct socketio_server *server,
                                               struct admin_host **out_host, char out_why[160]);
void admin_host_destroy(struct admin_host *host);

int admin_host_fd(void *host);
int64_t admin_host_deadline_ms(void *host);
void admin_host_process(struct admin_host *host);

#endif
