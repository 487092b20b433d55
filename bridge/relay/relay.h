// Bridge to bridge: polls, posts and upgrades for sessions of other nodes travel over the broker, so
// that no request has to come back to the bridge that holds its session.
//
// At the edge, where the client's connection is, the relay answers what engineio/foreign.h asks; at
// the holder it brings the requests to the engine, as if they had come in there. Both ends are in
// each bridge. Messages are those of lib/wire/message_relay.h, signed with the key that all bridges
// share, on `relay/{node}` and `relay/all`.
//
// Purity:    pure: the shell lends the broker in `struct relay_ops`
// Units:     *_ms milliseconds on the caller's monotonic clock, *_max bytes or counts
// Ownership: relay_create/destroy; the engine and the key outlive the relay
// Errors:    requests that cannot travel are answered: 400 code 1 where no node holds the session,
//            503 at a limit. Messages that are not in order are counted and dropped.
//            relay_create: LC_ERR_NO_MEMORY. relay_send_note: LC_ERR_OFFLINE (to all, while the
//            broker is away; to a node it waits), LC_ERR_NOT_FOUND (no such node lives),
//            LC_ERR_BAD_INPUT (too large, or no name of another), LC_ERR_FULL
// Order:     destroy before the engine. Inputs may answer exchanges and end sessions: as after every
//            input of the engine, engineio_flush() (or that of the endpoint above it) follows.
//            The operations must not call back
// Source:    docs/DESIGN.md, More than one machine; docs/decisions
#ifndef LOTCAST_BRIDGE_RELAY_H
#define LOTCAST_BRIDGE_RELAY_H

#include "bridge/engineio/foreign.h"

enum {
    RELAY_KEEP_ALIVE_MS = 1000, // from node to node, while there is something between them
    RELAY_SILENT_MS = 3000, // a node that says nothing for this time holds nothing any more, and
                            // a broker that is away for it has no polls waiting for it
    RELAY_POST_MS = 10000,  // for a post to be answered
    RELAY_CHUNK_SIZE_MAX = 192 * 1024, // of a body in one message: brokers take 256 KiB
    RELAY_BODIES_MAX = 64 << 20,       // bytes of all bodies that are not complete or confirmed
    RELAY_EXCHANGES_MAX = 20000,       // each way
    RELAY_NOTE_SIZE_MAX = 192 * 1024,
    RELAY_OTHER_KEYS_MAX = 7,
};

struct relay;

// Keys are shared by all bridges, and borrowed. While a key is being replaced, some bridges sign by
// the one and some by the other, and all know both.
struct relay_config {
    char node[ENGINEIO_NODE_SIZE];                 // own name: drawn at the start
    struct bytes key;                              // signs
    struct bytes other_keys[RELAY_OTHER_KEYS_MAX]; // that a signature may be of as well
    size_t other_keys_count;
    int64_t upgrade_timeout_ms; // for a session to move; as the engine's
};

struct relay_ops {
    // Publishes on relay/{node}, or relay/all. LC_ERR_OFFLINE: not connected; LC_ERR_FULL: later.
    // Names that are handed out end with a NUL.
    enum lc_status (*publish)(void *owner, const char *node_or_null, struct bytes message);
    // Whether a bridge of this name lives, by its heartbeats.
    bool (*is_alive)(void *owner, const char node[ENGINEIO_NODE_SIZE]);
    // A note of another bridge's application; relay_send_note() may be called from here.
    void (*on_note)(void *owner, const char from[ENGINEIO_NODE_SIZE], struct bytes note);
    void (*random)(void *owner, uint8_t *data, size_t size);
};

// Attaches itself to the engine (engineio_set_foreign(), engineio_set_relay()).
LC_MUST_CHECK enum lc_status relay_create(const struct relay_config *config,
                                          struct engineio_server *engine,
                                          const struct relay_ops *ops, void *owner,
                                          struct relay **out_relay);
void relay_destroy(struct relay *relay);

// The name was taken: sessions from now on are made under another one; it hears for both.
void relay_rename(struct relay *relay, const char node[ENGINEIO_NODE_SIZE]);
const char *relay_node(const struct relay *relay); // ENGINEIO_NODE_SIZE characters, no NUL

// A sid of this node, for engineio_config.generate_sid. It carries a signature of 36 bits beside 60
// random ones: a request for a sid that no bridge has drawn goes to no other bridge.
void relay_draw_sid(struct relay *relay, char out_sid[ENGINEIO_SID_SIZE]);

void relay_broker_state(struct relay *relay, int64_t now_ms, bool is_connected);
void relay_take(struct relay *relay, int64_t now_ms, struct bytes message);
// A node's heartbeats have ended, or began anew under its name.
void relay_node_died(struct relay *relay, int64_t now_ms, const char node[ENGINEIO_NODE_SIZE]);

// This bridge stops: polls that hang here for sessions of other nodes are answered with nothing, so
// that their clients, or the proxies before them, do not see them cut. May be called again.
void relay_leave(struct relay *relay, int64_t now_ms);

void relay_process(struct relay *relay, int64_t now_ms);
int64_t relay_deadline_ms(const struct relay *relay); // INT64_MAX: none

// For the application: signed. To a node: once and in order with what went there before, as long as
// the two do not lose each other. NULL: to all that are connected now, once at most.
LC_MUST_CHECK enum lc_status relay_send_note(struct relay *relay, int64_t now_ms,
                                             const char *node_or_null, struct bytes note);

struct relay_counts {
    uint64_t polls_out_total; // asked of other nodes
    uint64_t posts_out_total;
    uint64_t polls_in_total; // that other nodes asked
    uint64_t posts_in_total;
    uint64_t unknown_total;   // answered 400 code 1: nobody holds the session, or its node is dead
    uint64_t timed_out_total; // posts
    uint64_t refused_total;   // over a limit
    uint64_t forged_total;    // messages with a wrong signature
    uint64_t strayed_total;   // repeated by the broker, or of what has ended
    uint64_t malformed_total;
    uint64_t lost_responses_total; // given to the next poll
    uint64_t moved_out_total;      // sessions
    uint64_t moved_in_total;
    uint64_t moves_failed_total;
    uint64_t messages_in_total;
    uint64_t messages_out_total;
    uint64_t bytes_in_total;
    uint64_t bytes_out_total;
    uint64_t exchanges_out;     // now: whose client is here
    uint64_t exchanges_in;      // now: whose session is here, also answers that are remembered
    uint64_t bodies_bytes;      // now
    uint64_t round_trips_total; // answered posts, and their time
    uint64_t round_trips_us_total;
};
void relay_read_counts(const struct relay *relay, struct relay_counts *out_counts);

#endif
