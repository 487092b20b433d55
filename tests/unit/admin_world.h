// A Socket.IO server with the Admin UI's namespace, over a transport of plain memory and a simulated
// clock.
#ifndef LOTCAST_UNIT_ADMIN_WORLD_H
#define LOTCAST_UNIT_ADMIN_WORLD_H

#include "bridge/admin/admin.h"
#include "bridge/admin/admin_limits.h"
#include "bridge/engineio/engine.h"
#include "lib/base/buffer.h"

enum { CLIENTS_MAX = 40, TICKETS_MAX = 16 };

#define WALL_MS INT64_C(1764078782934) // 2025-11-25T13:53:02.934Z, when the clock says START_MS
#define START_MS INT64_C(5000)
#define NOW "\"2025-11-25T13:53:02.934Z\""
#define LOGIN "40/admin,{\"username\":\"admin\",\"password\":\"secret\"}"

struct client {
    struct engineio_session_id session;
    struct buffer sent; // packets, one a line
    size_t read;        // of them, by the test
    char sid[32];       // of its last namespace
};

struct world {
    struct socketio_server *server;
    struct engineio_server *engine;
    struct admin *admin;
    int64_t now_ms;
    int64_t bursts_ms; // that the engine's clock is ahead: what follows a CONNECT goes out later
    uint64_t next_ws;
    struct client clients[CLIENTS_MAX];
    size_t clients_count;
    uint64_t tickets[TICKETS_MAX];
    bool right[TICKETS_MAX];
    size_t tickets_count;
    bool is_busy;
    uint64_t connections[CLIENTS_MAX]; // as the server numbers them, by client
};

extern const struct admin_config DEVELOPMENT;
extern struct world *world_of; // the one that there is

int set_up(void **state);
int tear_down(void **state);
struct world *world_create(const struct admin_config *config, int64_t recovery_ms);
void world_destroy(struct world *world);
void sleep_until(struct world *world, int64_t now_ms);
struct client *open_with(struct world *world, const struct engineio_handshake *handshake);
struct client *open_client_from(struct world *world, const char *address);
struct client *open_client(struct world *world);
void say(struct world *world, struct client *client, const char *packet);
void go_away(struct world *world, struct client *client); // its connection breaks
// The next line that the client got and the test has not read; "" when there is none.
const char *next_line(struct client *client);
const char *last_line(struct client *client);
void expect(struct client *client, const char *format, ...) LC_PRINTF(2, 3);
void expect_nothing(struct client *client);
void forget(struct client *client);
void keep_sid(struct client *client, const char *line);
struct client *connect_to(struct world *world, const char *packet);
// Answers all passwords that wait.
void check_passwords(struct world *world);
struct client *log_in(struct world *world);
// What is shown of a socket of open_client().
const char *socket_json(const char *sid, int client, const char *nsp, const char *rooms);
int64_t boot_ms(void *context);
int64_t wall_ms(void *context);
void fixed_random(void *context, uint8_t *data, size_t size);
bool check_password(void *context, uint64_t ticket, struct bytes password);

#endif
