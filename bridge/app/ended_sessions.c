#include "bridge/app/ended_sessions.h"

#include <stdlib.h>

#include "lib/base/status.h"

struct ended_session {
    char sid[PUBLIC_SID_SIZE_MAX];
    uint8_t sid_size;
    int32_t next; // in its chain; -1: the last
    int64_t until_ms;
};

void ended_sessions_init(struct ended_sessions *ended)
{
    *ended = (struct ended_sessions){.ring = NULL};
}

void ended_sessions_release(struct ended_sessions *ended)
{
    free(ended->ring);
    free(ended->buckets);
    ended_sessions_init(ended);
}

static size_t bucket_of(struct bytes sid)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < sid.size; i++) {
        hash = (hash ^ sid.data[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ (hash >> 32)) % ENDED_SESSIONS_MAX;
}

static bool make(struct ended_sessions *ended)
{
    if (ended->ring != NULL) {
        return true;
    }
    ended->ring = calloc(ENDED_SESSIONS_MAX, sizeof ended->ring[0]);
    ended->buckets = malloc(ENDED_SESSIONS_MAX * sizeof ended->buckets[0]);
    if (ended->ring == NULL || ended->buckets == NULL) {
        ended_sessions_release(ended);
        return false;
    }
    for (size_t i = 0; i < ENDED_SESSIONS_MAX; i++) {
        ended->buckets[i] = -1;
    }
    return true;
}

static struct bytes sid_of(const struct ended_session *session)
{
    return bytes_of(session->sid, session->sid_size);
}

static void forget_oldest(struct ended_sessions *ended)
{
    int32_t index = (int32_t)ended->begin;
    int32_t *link = &ended->buckets[bucket_of(sid_of(&ended->ring[index]))];
    while (*link != index) {
        LC_ASSERT(*link >= 0);
        link = &ended->ring[*link].next;
    }
    *link = ended->ring[index].next;
    ended->begin = (ended->begin + 1) % ENDED_SESSIONS_MAX;
    ended->count--;
}

void ended_sessions_add(struct ended_sessions *ended, struct bytes sid, int64_t until_ms)
{
    if (sid.size == 0 || sid.size > PUBLIC_SID_SIZE_MAX || !make(ended)) {
        return;
    }
    if (ended->count == ENDED_SESSIONS_MAX) {
        forget_oldest(ended);
    }
    size_t index = (ended->begin + ended->count) % ENDED_SESSIONS_MAX;
    int32_t *bucket = &ended->buckets[bucket_of(sid)];
    struct ended_session *session = &ended->ring[index];
    memcpy(session->sid, sid.data, sid.size);
    session->sid_size = (uint8_t)sid.size;
    session->until_ms = until_ms;
    session->next = *bucket;
    *bucket = (int32_t)index;
    ended->count++;
}

bool ended_sessions_has(const struct ended_sessions *ended, struct bytes sid, int64_t now_ms)
{
    int32_t index = ended->buckets == NULL ? -1 : ended->buckets[bucket_of(sid)];
    while (index >= 0) {
        const struct ended_session *session = &ended->ring[index];
        if (bytes_equal(sid_of(session), sid) && now_ms < session->until_ms) {
            return true;
        }
        index = session->next;
    }
    return false;
}
