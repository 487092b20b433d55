#include "bridge/engineio/engine.h"

#include <stdlib.h>

#include "bridge/engineio/session.h"

enum { BUCKETS_MIN = 64, SCRATCH_KEEP_MAX = 1 << 20, OUTPUT_MAX = 1 << 28 };

const char *engineio_reason_name(enum engineio_reason reason)
{
    switch (reason) {
    case ENGINEIO_TRANSPORT_CLOSE:
        return "transport close";
    case ENGINEIO_TRANSPORT_ERROR:
        return "transport error";
    case ENGINEIO_PING_TIMEOUT:
        return "ping timeout";
    case ENGINEIO_PARSE_ERROR:
        return "parse error";
    case ENGINEIO_FORCED_CLOSE:
        return "forced close";
    case ENGINEIO_SERVER_SHUTTING_DOWN:
        return "server shutting down";
    }
    return "?";
}

enum lc_status engineio_create(const struct engineio_config *config,
                               const struct engineio_app_ops *ops, void *app,
                               struct engineio_server **out_engine)
{
    struct engineio_server *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    engine->config = *config;
    engine->app_ops = *ops;
    engine->app = app;
    engine->order = 1;
    engine->app_time_ms = DEADLINE_NONE;
    slot_table_init(&engine->sessions, config->sessions_max);
    buffer_init(&engine->scratch, config->max_payload);
    buffer_init(&engine->output, OUTPUT_MAX);
    engine->buckets_count = BUCKETS_MIN;
    while (engine->buckets_count < config->sessions_max && engine->buckets_count < 1U << 20) {
        engine->buckets_count *= 2;
    }
    engine->buckets = calloc(engine->buckets_count, sizeof(struct session *));
    if (engine->buckets == NULL) {
        free(engine);
        return LC_ERR_NO_MEMORY;
    }
    *out_engine = engine;
    return LC_OK;
}

void engineio_destroy(struct engineio_server *engine)
{
    if (engine == NULL) {
        return;
    }
    for (uint32_t i = 0; i < engine->sessions.used; i++) {
        struct session *session = slot_table_at(&engine->sessions, i);
        if (session != NULL) {
            handshake_destroy(session->handshake);
            free(session);
        }
    }
    slot_table_release(&engine->sessions);
    deadline_heap_release(&engine->deadlines);
    buffer_release(&engine->scratch);
    buffer_release(&engine->output);
    free(engine->buckets);
    free(engine);
}

void engineio_attach(struct engineio_server *engine, const struct engineio_transport_ops *ops,
                     void *shell)
{
    engine->transport = *ops;
    engine->shell = shell;
}

size_t engineio_max_payload(const struct engineio_server *engine)
{
    return engine->config.max_payload;
}

struct session *session_find(const struct engineio_server *engine, struct engineio_session_id id)
{
    return slot_table_find(&engine->sessions, id.value);
}

struct session **session_bucket(const struct engineio_server *engine, const char *sid)
{
    uint64_t hash = UINT64_C(14695981039346656037); // FNV-1a; the stored sids are random
    for (size_t i = 0; i < ENGINEIO_SID_SIZE; i++) {
        hash = (hash ^ (uint8_t)sid[i]) * UINT64_C(1099511628211);
    }
    return &engine->buckets[hash & (engine->buckets_count - 1)];
}

struct session *session_find_sid(const struct engineio_server *engine, struct bytes sid)
{
    if (sid.size != ENGINEIO_SID_SIZE) {
        return NULL;
    }
    struct session *session = *session_bucket(engine, (const char *)sid.data);
    while (session != NULL && memcmp(session->sid, sid.data, ENGINEIO_SID_SIZE) != 0) {
        session = session->sid_next;
    }
    return session;
}

void engine_set_now(struct engineio_server *engine, int64_t now_ms)
{
    if (now_ms > engine->now_ms) {
        engine->now_ms = now_ms;
    }
    // What was due before an input counts as done before it, however late the timer is: a poll that
    // arrives at the very end of a ping timeout finds no session.
    for (;;) {
        struct deadline *first = deadline_heap_first(&engine->deadlines);
        if (first == NULL || first->at_ms > engine->now_ms) {
            break;
        }
        session_on_deadline(engine, (struct session *)first);
    }
    if (engine->app_time_ms <= engine->now_ms) {
        engine->app_time_ms = DEADLINE_NONE;
        engine->app_ops.on_time(engine->app);
    }
}

void session_mark(struct engineio_server *engine, struct session *session)
{
    if (session->dirty) {
        return;
    }
    session->dirty = true;
    session->dirty_next = NULL;
    session->dirty_previous = engine->dirty_last;
    if (engine->dirty_last != NULL) {
        engine->dirty_last->dirty_next = session;
    } else {
        engine->dirty_first = session;
    }
    engine->dirty_last = session;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void session_schedule(struct engineio_server *engine, struct session *session)
{
    int64_t at = earlier(session->ping_at_ms, session->pong_by_ms);
    at = earlier(at, earlier(session->upgrade_by_ms, session->noop_at_ms));
    at = earlier(at, earlier(session->close_by_ms, session->resume_at_ms));
    at = earlier(at, session->app_at_ms);
    deadline_heap_set(&engine->deadlines, &session->deadline, at);
}

void session_unmark(struct engineio_server *engine, struct session *session)
{
    if (!session->dirty) {
        return;
    }
    if (session->dirty_previous != NULL) {
        session->dirty_previous->dirty_next = session->dirty_next;
    } else {
        engine->dirty_first = session->dirty_next;
    }
    if (session->dirty_next != NULL) {
        session->dirty_next->dirty_previous = session->dirty_previous;
    } else {
        engine->dirty_last = session->dirty_previous;
    }
    session->dirty = false;
    session->dirty_next = NULL;
    session->dirty_previous = NULL;
}

void engineio_flush(struct engineio_server *engine, int64_t now_ms)
{
    engine_set_now(engine, now_ms);
    while (engine->dirty_first != NULL) {
        struct session *session = engine->dirty_first;
        struct engineio_session_id id = session->id;
        if (session->accepted) {
            engine->app_ops.before_send(engine->app, session->connection);
        }
        session = session_find(engine, id);
        if (session != NULL) {
            session_unmark(engine, session);
            session_serve(engine, session);
        }
    }
    if (engine->output.capacity > SCRATCH_KEEP_MAX) {
        buffer_release(&engine->output);
    }
    if (engine->scratch.capacity > SCRATCH_KEEP_MAX) {
        buffer_release(&engine->scratch);
    }
}

int64_t engineio_next_deadline(const struct engineio_server *engine)
{
    const struct deadline *first = deadline_heap_first(&engine->deadlines);
    return earlier(first == NULL ? DEADLINE_NONE : first->at_ms, engine->app_time_ms);
}

uint64_t engineio_next_order(struct engineio_server *engine)
{
    return engine->order++;
}

int64_t engineio_now(const struct engineio_server *engine)
{
    return engine->now_ms;
}

void engineio_touch(struct engineio_server *engine, struct engineio_session_id session)
{
    struct session *found = session_find(engine, session);
    if (found != NULL) {
        session_mark(engine, found);
    }
}

void engineio_close(struct engineio_server *engine, struct engineio_session_id session)
{
    struct session *found = session_find(engine, session);
    if (found != NULL) {
        session_close(engine, found);
    }
}

void engineio_end(struct engineio_server *engine, struct engineio_session_id session,
                  enum engineio_reason reason)
{
    struct session *found = session_find(engine, session);
    if (found != NULL) {
        session_end(engine, found, reason);
    }
}

void engineio_set_deadline(struct engineio_server *engine, struct engineio_session_id session,
                           int64_t at_ms)
{
    struct session *found = session_find(engine, session);
    if (found != NULL) {
        found->app_at_ms = at_ms;
        session_schedule(engine, found);
    }
}

void engineio_set_time(struct engineio_server *engine, int64_t at_ms)
{
    engine->app_time_ms = at_ms;
}

bool engineio_is_websocket(const struct engineio_server *engine, struct engineio_session_id session)
{
    const struct session *found = session_find(engine, session);
    return found != NULL && found->websocket;
}

int engineio_protocol(const struct engineio_server *engine, struct engineio_session_id session)
{
    (void)engine, (void)session;
    return 4; // 3 is refused before there is a session
}

struct bytes engineio_sid(const struct engineio_server *engine, struct engineio_session_id session)
{
    const struct session *found = session_find(engine, session);
    return found == NULL ? (struct bytes){NULL, 0} : bytes_of(found->sid, ENGINEIO_SID_SIZE);
}

const struct engineio_handshake *engineio_handshake(const struct engineio_server *engine,
                                                    struct engineio_session_id session)
{
    const struct session *found = session_find(engine, session);
    return found == NULL ? NULL : found->handshake;
}

void engineio_shut_down(struct engineio_server *engine)
{
    engine->shutting_down = true;
    for (uint32_t i = 0; i < engine->sessions.used; i++) {
        struct session *session = slot_table_at(&engine->sessions, i);
        if (session != NULL) {
            session_end(engine, session, ENGINEIO_SERVER_SHUTTING_DOWN);
        }
    }
}

void engineio_server_counts(const struct engineio_server *engine, struct engineio_counts *out)
{
    *out = engine->counts;
    out->sessions_open = engine->sessions.count;
}
