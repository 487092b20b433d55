// The other engines on this broker: which live, and which sales they hold.
//
// Purity:    pure (allocates)
// Units:     *_ms engine time
// Ownership: peers_init/release
// Errors:    LC_ERR_FULL at PEERS_MAX or PEERS_HOLDINGS_MAX, LC_ERR_NO_MEMORY: what was heard is not
//            kept
// Source:    design 4: an engine refuses to start where another live engine owns a sale that it
//            holds; docs/decisions/0095-engines-on-one-broker.md
#ifndef LOTCAST_SERVICE_PEERS_H
#define LOTCAST_SERVICE_PEERS_H

#include "lib/base/id.h"
#include "lib/base/status.h"

enum { PEERS_MAX = 64, PEERS_HOLDINGS_MAX = 100000, PEERS_LIFE_MS = 30000 };

enum peer_life {
    PEER_DEAD,     // said so, or was not heard for PEERS_LIFE_MS
    PEER_IN_DOUBT, // its last heartbeat, kept by the broker, is not old enough
    PEER_ALIVE,    // heard itself
};

struct peer {
    struct client_id node;
    int64_t since_ms;
    bool is_online;
    bool was_heard;     // not only from what the broker keeps
    int64_t dies_at_ms; // unless it is heard again
};

struct peer_holding {
    struct sale_id sale;
    size_t peer; // index
};

enum { PEERS_SELF = 0 };

struct peers {
    struct client_id node; // our own
    int64_t since_ms;
    int64_t last_since_ms;      // of our own last run in this data folder; 0: not known
    struct peer all[PEERS_MAX]; // PEERS_SELF: under our own name, a twin when it is online
    size_t count;
    struct peer_holding *holdings; // in order of sale, then of peer
    size_t holdings_count;
    size_t holdings_capacity;
    bool is_news; // something was heard that may be a conflict; cleared by who has looked
};

struct peers_beat {
    struct client_id node;
    bool is_online;
    bool is_retained;
    int64_t since_ms;
    int64_t now_ms; // in the time of its sender
};

void peers_init(struct peers *peers, const struct client_id *node, int64_t since_ms,
                int64_t last_since_ms);
void peers_release(struct peers *peers);

LC_MUST_CHECK enum lc_status peers_hear_beat(struct peers *peers, const struct peers_beat *beat,
                                             int64_t now_ms);
// `is_held` false: it has given the sale up. Our own word comes back to us too.
LC_MUST_CHECK enum lc_status peers_hear_holding(struct peers *peers, const struct client_id *node,
                                                const struct sale_id *sale, bool is_held);

enum peer_life peer_life(const struct peer *peer, int64_t now_ms);

// What was heard under our own name and is not of us: another process, alive or not.
const struct peer *peers_twin(const struct peers *peers);
// The liveliest of those who hold the sale, besides us; NULL: nobody else ever said so.
const struct peer *peers_holder(const struct peers *peers, const struct sale_id *sale,
                                int64_t now_ms);
// Of several engines one answers what concerns no sale of anybody: the first by name of those that
// may live.
bool peers_are_behind(const struct peers *peers, int64_t now_ms);

// Of two that both run, the one that started first stays.
bool peers_is_elder(const struct peers *peers, const struct peer *peer);

#endif
