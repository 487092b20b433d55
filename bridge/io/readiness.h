// Whether the bridge can carry an auction now, found out by real round trips: through the broker
// and back, the engine's heartbeat, and a Socket.IO handshake with itself.
//
// Units:     *_ms milliseconds on the boot clock
// Ownership: readiness_create/destroy
// Order:     every exchange that asks is answered once; a result counts for RESULT_LIFE_MS
// Source:    docs/PROTOCOL.md (/readyz), lesson F2
#ifndef LOTCAST_BRIDGE_READINESS_H
#define LOTCAST_BRIDGE_READINESS_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct readiness;

struct readiness_ops {
    bool (*ping_broker)(void *owner); // false: not connected; the answer is readiness_pong()
    bool (*engine_is_alive)(void *owner);
    void (*check_self)(void *owner); // the answer is readiness_checked()
    void (*respond)(void *owner, uint64_t exchange, int status, struct bytes body);
};

LC_MUST_CHECK enum lc_status readiness_create(const struct readiness_ops *ops, void *owner,
                                              struct readiness **out_readiness);
void readiness_destroy(struct readiness *readiness);

// The program stops: from now on everybody is told 503 at once, with `draining`.
void readiness_drain(struct readiness *readiness);

void readiness_ask(struct readiness *readiness, uint64_t exchange);
void readiness_pong(struct readiness *readiness);
void readiness_checked(struct readiness *readiness, bool is_good);

// For the loop: a source without a descriptor.
int readiness_fd(void *readiness);
bool readiness_wants_write(void *readiness);
int64_t readiness_deadline_ms(void *readiness);
void readiness_process(void *readiness, bool readable, bool writable);

#endif
