// The bus: the engine's three connections to the broker, and whether they are proven to work.
//
// Purity:    talks to the broker through mqtt_link
// Units:     *_ms engine time where not said otherwise
// Ownership: bus_create/destroy
// Order:     bus_process() in each turn of the loop; commands are taken from the inbox by the turn.
//            Callbacks of the links only fill the inbox and note what is proven and heard. A quiet bus says nothing of us until bus_speak()
// Source:    design 4 (events, retained state and commands on connections of their own) and 7
//            (outage): clocks run only while the broker has answered lately. Proof: the heartbeat
//            is published with QoS 1 twice a second while a clock runs, and the time at which an
//            acknowledged one was sent is proven
#ifndef LOTCAST_SERVICE_BUS_H
#define LOTCAST_SERVICE_BUS_H

#include "auction-svc/service/engine_clock.h"
#include "auction-svc/service/epoch_watch.h"
#include "auction-svc/service/inbox.h"
#include "auction-svc/service/outbox.h"
#include "auction-svc/service/peers.h"
#include "lib/base/id.h"

enum {
    BUS_HEARTBEAT_MS = 10000,
    BUS_PROOF_MS = 500,       // heartbeats while a clock runs
    BUS_PROVEN_FOR_MS = 1250, // older than this: nothing is closed and no command is taken
    BUS_COMPLAIN_MS = 5000,   // between two log lines about a broker that is not there
    BUS_PROOFS_WAITING = 16,
};

enum bus_link { BUS_EVENTS, BUS_RETAINED, BUS_COMMANDS, BUS_LINK_COUNT };

struct bus_config {
    const char *host;
    int port;
    const char *user;
    const char *password;
    const char *prefix;
    struct client_id node;
};

struct bus;

struct bus_end { // one connection
    struct bus *bus;
    enum bus_link which;
    struct mqtt_link *link;
};

struct bus_proof {
    int handle;
    int64_t sent_at_ms;
};

struct bus {
    struct bus_config config;
    const struct engine_clock *clock;
    struct bus_end ends[BUS_LINK_COUNT];
    struct outbox outbox; // events and replies, on the connection for events
    struct inbox inbox;
    struct epoch_watch epochs;
    struct peers peers;
    int granted;           // subscriptions of the connection for commands
    int probe;             // handle: once it is acknowledged, what the broker kept has been heard
    bool peers_are_known;  // of this connection
    bool is_quiet;         // no heartbeat yet: there may be a twin
    bool is_refused;       // the broker does not let us read commands
    bool retained_is_new;  // the connection for retained state was made anew: send all again
    bool retained_is_full; // wait for an acknowledgement before more retained state is tried
    bool clock_runs;
    bool inbox_was_full;
    int64_t since_ms;        // start of the program
    int64_t heartbeat_at_ms; // next one
    int64_t proven_at_ms;
    int64_t complained_at_ms;
    struct bus_proof proofs[BUS_PROOFS_WAITING];
    size_t proofs_next;
    uint64_t commands_dropped; // came in while the inbox was full
};

// Starts quiet.
LC_MUST_CHECK enum lc_status bus_create(const struct bus_config *config,
                                        const struct engine_clock *clock, struct bus **out_bus);
// Says goodbye when connected and not quiet: an offline heartbeat, then DISCONNECT.
void bus_destroy(struct bus *bus);

// Descriptors to wait for; `out_polls` has BUS_LINK_COUNT places (struct pollfd).
struct pollfd;
void bus_watch(struct bus *bus, struct pollfd *out_polls);
int64_t bus_deadline_boot_ms(const struct bus *bus); // of the links and the heartbeat
void bus_process(struct bus *bus, const struct pollfd *polls, int64_t now_ms);

// Whether a clock runs, which the proof depends on; a clock that starts is proven from now on.
void bus_set_clock(struct bus *bus, bool clock_runs, int64_t now_ms);

// All three connections are there, commands are subscribed, and it is known which other engines and
// epochs the broker has seen.
bool bus_is_ready(const struct bus *bus);
// Heartbeats from now on.
void bus_speak(struct bus *bus, int64_t now_ms);

// It is ready, and, while a clock runs, the broker has answered lately.
bool bus_is_live(const struct bus *bus, int64_t now_ms);

// Sends what the outboxes hold, as far as there is room.
void bus_pump(struct bus *bus);

struct mqtt_link *bus_link(const struct bus *bus, enum bus_link which);

#endif
