// Two bridges of the auction with real Socket.IO servers, clients over plain memory, and between
// them a broker and an engine that do what the test says: they keep a history of notices.
//
// Order:  what a bridge publishes waits until house_settle(); events reach only the bridges that
//         the test names
#ifndef LOTCAST_TESTS_BRIDGES_WORLD_H
#define LOTCAST_TESTS_BRIDGES_WORLD_H

#include "bridge/app/auction_app.h"
#include "tests/unit/socketio_world.h"

enum { BRIDGES = 2, HISTORY_MAX = 12000, QUEUE_MAX = 4096, BOTH = 3 };

struct house_bridge {
    struct house *house;
    size_t index;
    struct world *world;
    struct outside outside;
    struct auction_app *app;
};

struct house_message { // of a bridge, on its way
    size_t from;
    bool is_note;
    char to[8]; // a note's node, "": all
    char *text;
};

struct house {
    struct house_bridge bridges[BRIDGES];
    // The engine's.
    bool is_deaf; // takes commands and says nothing
    bool is_private;
    int64_t epoch;
    int64_t seq;
    int64_t epochs[HISTORY_MAX]; // of each event
    size_t text_size;            // of a notice, beside its number
    size_t page_events_max;      // of one answer to a replay
    int64_t lies_by;             // answers to replays begin later, or (-1) are longer
    size_t replays;              // asked for
    size_t snapshots;
    size_t presences[BRIDGES]; // published by each, that somebody is there
    size_t bids;               // each makes an event, which house_bid_heard() sends on
    struct house_message queue[QUEUE_MAX];
    size_t queue_count;
    bool is_polling; // the clients to come poll; each settling brings them what there is
    size_t polled[BRIDGES][WORLD_LINKS]; // what a link had been sent at its last poll, and 1
};

int house_set_up(void **state);
int house_tear_down(void **state);

// The broker is there, and an engine: not called for a bridge, it has neither.
void house_connect(struct house *house, size_t bridge);
void house_lose_broker(struct house *house, size_t bridge);
// Everything that is on its way arrives, and what that leads to.
void house_settle(struct house *house);
// Time passes at both.
void house_pass(struct house *house, int64_t ms);

// The next event; `bridges`: a bit for each one that hears it.
void house_say(struct house *house, unsigned bridges);
void house_hear(struct house *house, unsigned bridges, int64_t seq);
// A new engine: its epoch begins with an event. It has lost the last `lost` ones.
void house_new_epoch(struct house *house, unsigned bridges, int64_t lost);

// A client that has connected with `auth` ("": none).
size_t house_client(struct house *house, size_t bridge, const char *auth);
// The same, in the room of sale demo.
size_t house_member(struct house *house, size_t bridge, const char *auth);
// A member that wants no recovery, and one that speaks Engine.IO v3 (a WebSocket, anonymous).
size_t house_plain_member(struct house *house, size_t bridge, const char *auth);
size_t house_old_member(struct house *house, size_t bridge);
// The CONNECT of a client that comes back with a pid.
size_t house_return(struct house *house, size_t bridge, const char *pid, const char *auth,
                    const char *offset);
const char *house_pid(struct house *house, size_t bridge, size_t link, char out_pid[512]);

// What was sent to a client: how often the text is in it, and the line that begins with it.
size_t house_sent(const struct house *house, size_t bridge, size_t link, const char *text);
// The notices among it; asserts that they follow each other, and returns the last seq (0: none),
// and through `out_first` the first.
int64_t house_notices(const struct house *house, size_t bridge, size_t link, int64_t *out_first);

// Moves a polling client's session to the other bridge, by packet `5` there; the link there. What was sent
// to it before stays where it was.
size_t house_move(struct house *house, size_t from, size_t link);

// A value of the application's metrics.
uint64_t house_metric(struct house *house, size_t bridge, const char *name);

#endif
