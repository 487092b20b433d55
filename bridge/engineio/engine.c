#include "bridge/engineio/engine.h"

#include <stdlib.h>

#include "bridge/engineio/session.h"
#include "lib/base/prefetch.h"

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

static void take_config(struct engineio_server *engine, const struct engineio_config *config)
{
    engine->config = *config;
    if (config->admissions_max == 0) {
        engine->config.admissions_max = ENGINEIO_ADMISSIONS_MAX;
    }
    if (config->handshakes_per_second > 0) {
        pace_init(&engine->pace, config->handshakes_per_second,
                  config->handshakes_burst > 0 ? config->handshakes_burst
                                               : config->handshakes_per_second);
    }
}

static enum lc_status create_initial(struct engineio_server *engine)
{
    const struct engineio_config *config = &engine->config;
    struct bytes parts[] = {bytes_text(config->initial_packet_binary ? "" : "4"),
                            config->initial_packet};
    return config->initial_packet.size == 0
               ? LC_OK
               : frame_create(config->initial_packet_binary, parts, 2, &engine->initial);
}

static enum lc_status create_tables(struct engineio_server *engine)
{
    engine->buckets_count = BUCKETS_MIN;
    while (engine->buckets_count < engine->config.sessions_max &&
           engine->buckets_count < 1U << 20) {
        engine->buckets_count *= 2;
    }
    engine->buckets = calloc(engine->buckets_count, sizeof(struct session *));
    if (engine->buckets == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    if (engine->config.sessions_per_address_max == 0) {
        return LC_OK;
    }
    return address_counts_init(&engine->addresses, engine->buckets_count, engineio_random(engine));
}

enum lc_status engineio_create(const struct engineio_config *config,
                               const struct engineio_app_ops *ops, void *app,
                               struct engineio_server **out_engine)
{
    struct engineio_server *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    take_config(engine, config);
    engine->app_ops = *ops;
    engine->app = app;
    engine->order = 1;
    engine->app_time_ms = DEADLINE_NONE;
    engine->turn_at_ms = DEADLINE_NONE;
    slot_table_init(&engine->sessions, config->sessions_max);
    buffer_init(&engine->scratch, config->max_payload);
    buffer_init(&engine->output, OUTPUT_MAX);
    buffer_init(&engine->octets, OUTPUT_MAX);
    buffer_init(&engine->headers, RESPONSE_HEADERS_MAX);
    enum lc_status status = create_tables(engine);
    status = status == LC_OK ? create_initial(engine) : status;
    if (status != LC_OK) {
        engineio_destroy(engine);
        return status;
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
            session_destroy(engine, session);
        }
    }
    slot_table_release(&engine->sessions);
    frame_destroy(engine->initial);
    deadline_heap_release(&engine->deadlines);
    address_counts_release(&engine->addresses);
    buffer_release(&engine->scratch);
    buffer_release(&engine->output);
    buffer_release(&engine->octets);
    buffer_release(&engine->headers);
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

int64_t engineio_ping_interval_ms(const struct engineio_server *engine)
{
    return engine->config.ping_interval_ms;
}

struct session *session_find(const struct engineio_server *engine, struct engineio_session_id id)
{
    struct session *session = slot_table_find(&engine->sessions, id.value);
    return session != NULL && !session->waiting ? session : NULL;
}

size_t engine_sessions(const struct engineio_server *engine)
{
    return engine->sessions.count - engine->waiting;
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

// The deadline is a member of its session.
static struct session *session_of(struct deadline *deadline)
{
    return (struct session *)(void *)((char *)deadline - offsetof(struct session, deadline));
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
        if (first != NULL && first->at_ms <= engine->now_ms) {
            session_on_deadline(engine, session_of(first));
        } else if (engine->turn_at_ms <= engine->now_ms) {
            admission_take_turns(engine);
        } else {
            break;
        }
    }
    if (engine->app_time_ms <= engine->now_ms) {
        engine->app_time_ms = DEADLINE_NONE;
        engine->app_ops.on_time(engine->app);
    }
}

void session_list_add(struct session_list *list, struct session *session)
{
    LC_ASSERT(session->list == NULL);
    session->list = list;
    session->list_after = NULL;
    session->list_before = list->last;
    *(list->last == NULL ? &list->first : &list->last->list_after) = session;
    list->last = session;
    list->count++;
}

void session_list_leave(struct session *session)
{
    struct session_list *list = session->list;
    if (list == NULL) {
        return;
    }
    struct session *before = session->list_before;
    struct session *after = session->list_after;
    *(before == NULL ? &list->first : &before->list_after) = after;
    *(after == NULL ? &list->last : &after->list_before) = before;
    session->list = NULL;
    list->count--;
}

void session_mark(struct engineio_server *engine, struct session *session)
{
    if (session->list == NULL && !session->moving) {
        session_list_add(&engine->dirty, session);
    }
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

static void serve(struct engineio_server *engine, struct session *session)
{
    struct engineio_session_id id = session->id;
    engine->app_ops.before_send(engine->app, session->connection);
    session = session_find(engine, id);
    if (session != NULL) {
        session_list_leave(session);
        session_serve(engine, session);
    }
}

static void serve_marked(struct engineio_server *engine)
{
    while (engine->dirty.first != NULL) {
        serve(engine, engine->dirty.first);
    }
}

void engineio_serve(struct engineio_server *engine, struct engineio_session_id id)
{
    struct session *session = session_find(engine, id);
    if (session != NULL && !session->moving) {
        serve(engine, session);
    }
}

void engineio_foresee_next_but_one(const struct engineio_server *engine,
                                   struct engineio_session_id id)
{
    prefetch_head(slot_table_find(&engine->sessions, id.value));
}

void engineio_foresee_next(const struct engineio_server *engine, struct engineio_session_id id)
{
    const struct session *session = slot_table_find(&engine->sessions, id.value);
    if (session != NULL && session->websocket && engine->transport.ws_foresee != NULL) {
        engine->transport.ws_foresee(engine->shell, session->ws);
    }
}

static void serve_common(struct engineio_server *engine)
{
    if (engine->asked_to_serve) {
        engine->asked_to_serve = false;
        bool goes_on = engine->app_ops.serve(engine->app);
        engine->asked_to_serve = engine->asked_to_serve || goes_on;
    }
}

void engineio_ask_to_serve(struct engineio_server *engine)
{
    engine->asked_to_serve = true;
}

static void trim(struct buffer *buffer)
{
    if (buffer->capacity > SCRATCH_KEEP_MAX) {
        buffer_release(buffer);
    }
}

void engineio_flush_marked(struct engineio_server *engine, int64_t now_ms)
{
    engine_set_now(engine, now_ms);
    while (engine->dirty.first != NULL || engine->decided.first != NULL) {
        admission_carry_out(engine);
        serve_marked(engine);
    }
    trim(&engine->output);
    trim(&engine->octets);
    trim(&engine->scratch);
}

void engineio_flush(struct engineio_server *engine, int64_t now_ms)
{
    engineio_flush_marked(engine, now_ms);
    serve_common(engine);
    engineio_flush_marked(engine, now_ms);
}

int64_t engineio_next_deadline(const struct engineio_server *engine)
{
    const struct deadline *first = deadline_heap_first(&engine->deadlines);
    int64_t at_ms = earlier(engine->turn_at_ms, engine->app_time_ms);
    at_ms = engine->asked_to_serve ? earlier(at_ms, engine->now_ms) : at_ms;
    return first == NULL ? at_ms : earlier(at_ms, first->at_ms);
}

const struct engineio_request *engineio_current_request(const struct engineio_server *engine)
{
    return engine->current;
}

uint64_t engineio_random(struct engineio_server *engine)
{
    uint64_t value;
    uint8_t random[sizeof value];
    engine->config.random(engine->config.random_context, random, sizeof random);
    memcpy(&value, random, sizeof value);
    return value;
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
    if (found != NULL && !found->moving) {
        found->app_at_ms = at_ms;
        session_schedule(engine, found);
    }
}

void engineio_set_time(struct engineio_server *engine, int64_t at_ms)
{
    engine->app_time_ms = at_ms;
}

bool engineio_can_send(const struct engineio_server *engine, struct engineio_session_id session)
{
    const struct session *found = session_find(engine, session);
    return found != NULL && (found->websocket ? found->ws_ready : found->get != 0);
}

bool engineio_is_websocket(const struct engineio_server *engine, struct engineio_session_id session)
{
    const struct session *found = session_find(engine, session);
    return found != NULL && found->websocket;
}

int engineio_protocol(const struct engineio_server *engine, struct engineio_session_id session)
{
    const struct session *found = session_find(engine, session);
    return found == NULL ? 4 : found->protocol;
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

void engineio_stop_admitting(struct engineio_server *engine)
{
    engine->shutting_down = true;
    for (uint32_t i = 0; i < engine->sessions.used; i++) {
        struct session *session = slot_table_at(&engine->sessions, i);
        if (session != NULL && session->waiting) {
            admission_shut_down(engine, session);
        }
    }
}

void *engineio_next_connection(const struct engineio_server *engine, uint32_t *place)
{
    while (*place < engine->sessions.used) {
        const struct session *session = slot_table_at(&engine->sessions, (*place)++);
        if (session != NULL && session->accepted && !session->closing && !session->moving) {
            return session->connection;
        }
    }
    return NULL;
}

void engineio_shut_down(struct engineio_server *engine)
{
    engineio_stop_admitting(engine);
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
    out->sessions_open = engine_sessions(engine);
    out->handshakes_waiting = engine->waiting;
}
