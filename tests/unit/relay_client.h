// A client that behaves like the official one: polls again when it was answered, posts one body at a
// time, upgrades with 2probe and 5, gives up at the first error and comes back with a new session. It
// goes through a proxy that sends each request anywhere and repeats a GET whose node broke.
#ifndef LOTCAST_TESTS_RELAY_CLIENT_H
#define LOTCAST_TESTS_RELAY_CLIENT_H

#include "tests/unit/relay_world.h"

enum client_state { CLIENT_CLOSED, CLIENT_OPENING, CLIENT_OPEN, CLIENT_UPGRADED, CLIENT_DONE };

struct client {
    struct world *world;
    uint32_t index;
    uint32_t epoch; // of the session at hand
    uint32_t epochs_begun;
    enum client_state state;
    char query[160];
    uint64_t get;
    uint64_t post;
    uint64_t upgrade;
    uint64_t ws;
    size_t ws_read;
    bool is_paused; // for the upgrade
    bool wants_upgrade;
    bool owes_pong;
    bool was_retried;
    uint32_t next_in;
    uint32_t next_out;
    uint32_t posting_to;
    uint32_t queued_to;
    int64_t wake_at_ms;
    int64_t poll_at_ms;
    int64_t upgrade_at_ms;
    int64_t heard_at_ms;
    int failures; // of sessions
    int upgrades;
    int upgrades_lost;
    const char *why; // the last failure
    uint32_t in_total;
    uint32_t out_total;
};

void client_step(struct client *client);
void client_leave(struct client *client); // for good
// Both sides have what the other sent.
bool client_is_settled(const struct client *client);

#endif
