// A server without a network: an endpoint over an engine that echoes, clients that are buffers, and
// a clock that is moved by hand.
#ifndef LOTCAST_TESTS_ENDPOINT_WORLD_H
#define LOTCAST_TESTS_ENDPOINT_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/endpoint/endpoint.h"

enum { WORLD_CLIENTS = 8, WORLD_SID_SIZE = ENGINEIO_SID_SIZE + 1 };

struct client {
    struct endpoint_peer *peer; // NULL: closed by the server, or gone
    struct buffer heard;
    bool has_room; // takes what is sent
    uint64_t taken;
    bool reads; // as the endpoint wants it
    bool was_closed;
};

struct world {
    struct endpoint *endpoint;
    struct engineio_server *engine;
    int64_t now_ms;
    struct client clients[WORLD_CLIENTS];
    // The application.
    struct buffer asked;        // "METHOD path ?query type body address;" for each request
    bool answers;               // at once, with its own text
    struct web_response answer; // when its status is not 0
    uint64_t exchange;          // the last one
    enum web_pass pass;         // of on_engine_request
    const char *pass_headers;
    enum engineio_admission admission;      // of the next handshake
    struct engineio_admission_id admitting; // the last one that waits
    size_t sessions;
    enum engineio_reason reason; // why the last one ended
};

// Defaults of a test; change them before world_create().
struct endpoint_config world_config(void);
struct world *world_create(const struct endpoint_config *config);
void world_destroy(struct world *world);

// False: the connection is not taken.
bool connect_from(struct world *world, int client, const char *address);
void say(struct world *world, int client, const char *text);
void say_bytes(struct world *world, int client, struct bytes bytes);
void say_bytewise(struct world *world, int client, const char *text);
void leave(struct world *world, int client);
void make_room(struct world *world, int client);
void pass_time(struct world *world, int64_t ms);

// What came since the last call, as text; ends with "<close>" when the server has closed.
const char *hear(struct world *world, int client);
struct bytes hear_bytes(struct world *world, int client);
void assert_hears(struct world *world, int client, const char *beginning, const char *part);

// Connects, opens a session by polling, and gives its sid.
void open_session(struct world *world, int client, char sid[WORLD_SID_SIZE]);
void say_poll(struct world *world, int client, const char *sid, const char *fields);
void say_post(struct world *world, int client, const char *sid, const char *body);
// Connects and upgrades; what the 101 said is returned.
const char *open_websocket(struct world *world, int client, const char *fields);
// A masked frame.
void say_frame(struct world *world, int client, uint8_t first, struct bytes payload);

#endif
