// Sessions that were ended on purpose, here or at another bridge, for as long as somebody could want
// to take them up again: they must not come back.
//
// Purity:    pure (allocates once, with the first session)
// Units:     *_ms milliseconds on the boot clock
// Ownership: ended_sessions_init/release
// Errors:    without memory nothing is remembered; when full the oldest is forgotten
// Source:    design 5 (connection state recovery)
#ifndef LOTCAST_BRIDGE_ENDED_SESSIONS_H
#define LOTCAST_BRIDGE_ENDED_SESSIONS_H

#include "bridge/app/pid_token.h"

enum { ENDED_SESSIONS_MAX = 16384 };

struct ended_session;

struct ended_sessions {
    struct ended_session *ring; // the oldest at `begin`
    int32_t *buckets;           // heads of chains through the ring; -1: none
    size_t begin;
    size_t count;
};

void ended_sessions_init(struct ended_sessions *ended);
void ended_sessions_release(struct ended_sessions *ended);
void ended_sessions_add(struct ended_sessions *ended, struct bytes sid, int64_t until_ms);
bool ended_sessions_has(const struct ended_sessions *ended, struct bytes sid, int64_t now_ms);

#endif
