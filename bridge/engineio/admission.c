// Handshakes: their turn when many come at once, the application's decision, and the opening.
#include <stdlib.h>

#include "bridge/engineio/base64.h"
#include "bridge/engineio/query.h"
#include "bridge/engineio/session.h"

// ---- a handshake that waits ----

struct session *session_new(void)
{
    struct session *session = calloc(1, sizeof *session);
    if (session != NULL) {
        session->deadline.at_ms = DEADLINE_NONE;
        session->ping_at_ms = DEADLINE_NONE;
        session->pong_by_ms = DEADLINE_NONE;
        session->upgrade_by_ms = DEADLINE_NONE;
        session->noop_at_ms = DEADLINE_NONE;
        session->close_by_ms = DEADLINE_NONE;
        session->resume_at_ms = DEADLINE_NONE;
        session->app_at_ms = DEADLINE_NONE;
    }
    return session;
}

void session_note_jsonp(struct session *session, struct bytes query)
{
    if (session->jsonp) {
        size_t size = query_value(query, "j", session->jsonp_index, JSONP_INDEX_MAX);
        session->jsonp_index_size = (uint8_t)(size < JSONP_INDEX_MAX ? size : JSONP_INDEX_MAX);
    }
}

static void read_options(struct session *session)
{
    const struct engineio_handshake *handshake = session->handshake;
    if (session->protocol == 3) {
        char flag[1];
        session->jsonp = !session->websocket && query_has(handshake->query, "j");
        session_note_jsonp(session, handshake->query);
        session->base64 = session->jsonp || query_value(handshake->query, "b64", flag, 1) > 0;
    }
}

static struct session *admission_create(struct engineio_server *engine,
                                        const struct engineio_request *request, int protocol)
{
    enum lc_status status = deadline_heap_reserve(&engine->deadlines, engine->sessions.count + 1U);
    struct session *session = status == LC_OK ? session_new() : NULL;
    if (session == NULL) {
        return NULL;
    }
    status = handshake_copy(&request->handshake, &session->handshake);
    if (status == LC_OK) {
        status = slot_table_add(&engine->sessions, session, &session->id.value);
    }
    if (status != LC_OK) {
        handshake_destroy(session->handshake);
        free(session);
        return NULL;
    }
    session->waiting = true;
    session->get = request->exchange;
    session->websocket = request->is_upgrade;
    session->protocol = (uint8_t)protocol;
    read_options(session);
    engine->waiting++;
    return session;
}

// What asked for the session, from what was kept of it.
static struct engineio_request request_again(const struct session *session)
{
    struct engineio_request request = {
        .exchange = session->get,
        .is_upgrade = session->websocket,
        .method = bytes_text("GET"),
        .handshake = *session->handshake,
    };
    request.origin = handshake_header(session->handshake, "origin");
    request.has_origin = request.origin.data != NULL;
    return request;
}

static struct session *admission_find(const struct engineio_server *engine,
                                      struct engineio_session_id id)
{
    struct session *session = slot_table_find(&engine->sessions, id.value);
    return session != NULL && session->waiting ? session : NULL;
}

static void refuse(struct engineio_server *engine, struct session *session,
                   enum engineio_error error, const char *context, struct bytes message)
{
    engine_refuse(engine, session->get, session->websocket, error, context, message);
    session_destroy(engine, session);
}

void admission_drop(struct engineio_server *engine, struct session *session)
{
    session_destroy(engine, session);
    if (engine->line.count == 0) {
        engine->turn_at_ms = DEADLINE_NONE;
    }
}

void admission_shut_down(struct engineio_server *engine, struct session *session)
{
    refuse(engine, session, ENGINEIO_UNAVAILABLE, NULL, (struct bytes){NULL, 0});
    if (engine->line.count == 0) {
        engine->turn_at_ms = DEADLINE_NONE;
    }
}

// ---- opening ----

static bool is_over_address(const struct engineio_server *engine,
                            const struct engineio_handshake *handshake)
{
    size_t max = engine->config.sessions_per_address_max;
    return max > 0 && address_counts_of(&engine->addresses, handshake->address) >= max;
}

bool engineio_sid_is_legal(struct bytes sid)
{
    bool legal = sid.size == ENGINEIO_SID_SIZE;
    for (size_t i = 0; i < sid.size && legal; i++) {
        uint8_t c = sid.data[i];
        legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '_' || c == '-';
    }
    return legal;
}

// False: the application's generator failed, or gave what cannot be used.
static bool draw_sid(struct engineio_server *engine, const struct engineio_request *request,
                     char sid[ENGINEIO_SID_SIZE])
{
    const struct engineio_config *config = &engine->config;
    struct bytes text = bytes_of(sid, ENGINEIO_SID_SIZE);
    if (config->generate_sid != NULL) {
        return config->generate_sid(config->random_context, request, sid) &&
               engineio_sid_is_legal(bytes_of(sid, ENGINEIO_SID_SIZE)) &&
               session_find_sid(engine, text) == NULL;
    }
    uint8_t random[ENGINEIO_SID_SIZE / 4 * 3];
    do {
        config->random(config->random_context, random, sizeof random);
        base64url_write(bytes_of(random, sizeof random), sid);
    } while (session_find_sid(engine, text) != NULL);
    return true;
}

enum lc_status session_enter_tables(struct engineio_server *engine, struct session *session,
                                    const char *sid)
{
    if (engine->config.sessions_per_address_max > 0) {
        enum lc_status status = address_counts_add(&engine->addresses, session->handshake->address);
        if (status != LC_OK) {
            return status;
        }
        session->counted = true;
    }
    memcpy(session->sid, sid, ENGINEIO_SID_SIZE);
    struct session **bucket = session_bucket(engine, session->sid);
    session->sid_next = *bucket;
    *bucket = session;
    session->waiting = false;
    session->get = 0;
    session->fresh_from = engine->order;
    engine->waiting--;
    engine->counts.sessions_websocket += session->websocket ? 1 : 0;
    return LC_OK;
}

static void start_heartbeat(struct engineio_server *engine, struct session *session)
{
    const struct engineio_config *config = &engine->config;
    if (session->protocol == 3) {
        session->pong_by_ms = engine->now_ms + config->ping_interval_ms + config->ping_timeout_ms;
    } else {
        session->ping_at_ms = engine->now_ms + config->ping_interval_ms;
    }
    session_schedule(engine, session);
}

// The application takes the session, or the peer is told that it does not.
static void offer(struct engineio_server *engine, struct session *session, uint64_t exchange)
{
    struct engineio_session_id id = session->id;
    bool websocket = session->websocket;
    void *connection = engine->app_ops.on_open(engine->app, id);
    session = session_find(engine, id);
    if (session != NULL && connection == NULL) {
        session_end(engine, session, ENGINEIO_FORCED_CLOSE);
        session = NULL;
    }
    if (session == NULL) {
        if (!websocket) {
            engine_refuse(engine, exchange, false, ENGINEIO_UNAVAILABLE, NULL,
                          (struct bytes){NULL, 0});
        }
        return;
    }
    session->connection = connection;
    session->accepted = true;
    engine->counts.handshakes_total++;
    session_report(engine, session, "opened", websocket ? "websocket" : "polling");
    session_mark(engine, session);
    if (!websocket) {
        session_answer_handshake(engine, session, exchange);
    }
}

static void open_session(struct engineio_server *engine, struct session *session,
                         const struct engineio_request *request)
{
    char sid[ENGINEIO_SID_SIZE];
    struct bytes none = {NULL, 0};
    if (session->protocol != 4 && !engine->config.allow_eio3) {
        refuse(engine, session, ENGINEIO_UNSUPPORTED_PROTOCOL_VERSION, NULL, none);
    } else if (is_over_address(engine, session->handshake)) { // others came while it waited
        engine->counts.handshakes_over_address_total++;
        refuse(engine, session, ENGINEIO_TOO_MANY_SESSIONS_OF_ADDRESS, NULL, none);
    } else if (!draw_sid(engine, request, sid)) {
        refuse(engine, session, ENGINEIO_BAD_REQUEST, "ID_GENERATION_ERROR", none);
    } else if (session_enter_tables(engine, session, sid) != LC_OK) {
        refuse(engine, session, ENGINEIO_UNAVAILABLE, NULL, none);
    } else {
        if (session->websocket) {
            session->ws = engine_accept(engine, session, true, request->exchange);
            if (session->ws == 0) {
                session_destroy(engine, session);
                return;
            }
            session->ws_ready = true;
            session->open_due = true;
        }
        start_heartbeat(engine, session);
        offer(engine, session, request->exchange);
    }
}

// ---- the application's decision ----

// The turn of the handshake has come.
static enum engineio_verdict go_on(struct engineio_server *engine, struct session *session,
                                   const struct engineio_request *request)
{
    struct engineio_session_id id = session->id;
    if (engine->app_ops.on_request != NULL) {
        struct bytes message = {NULL, 0};
        struct engineio_admission_id admission = {id.value};
        enum engineio_admission decision =
            engine->app_ops.on_request(engine->app, request, admission, &message);
        session = admission_find(engine, id);
        if (session == NULL) { // the callback has stopped the server
            return ENGINEIO_ANSWERED;
        }
        if (decision == ENGINEIO_DECIDE_LATER) {
            return ENGINEIO_HELD;
        }
        session_list_leave(session);
        if (decision == ENGINEIO_REFUSE) {
            engine->counts.handshakes_forbidden_total++;
            refuse(engine, session, ENGINEIO_FORBIDDEN, NULL, message);
            return ENGINEIO_ANSWERED;
        }
    }
    open_session(engine, session, request);
    return ENGINEIO_ANSWERED;
}

void engineio_admit(struct engineio_server *engine, struct engineio_admission_id admission,
                    bool allowed, struct bytes message)
{
    struct session *session = admission_find(engine, (struct engineio_session_id){admission.value});
    if (session == NULL || session->list != NULL) {
        return;
    }
    session->admitted = allowed;
    size_t size = message.size < REFUSAL_TEXT_MAX ? message.size : REFUSAL_TEXT_MAX;
    session->refusal = allowed || size == 0 ? NULL : malloc(size + 1);
    if (session->refusal != NULL) { // without memory it is "Forbidden"
        memcpy(session->refusal, message.data, size);
        session->refusal[size] = '\0';
    }
    session_list_add(&engine->decided, session);
}

void admission_carry_out(struct engineio_server *engine)
{
    while (engine->decided.first != NULL) {
        struct session *session = engine->decided.first;
        session_list_leave(session);
        struct engineio_request request = request_again(session);
        const struct engineio_request *before = engine->current;
        engine->current = &request;
        if (session->admitted) {
            open_session(engine, session, &request);
        } else {
            engine->counts.handshakes_forbidden_total++;
            refuse(engine, session, ENGINEIO_FORBIDDEN, NULL,
                   bytes_text(session->refusal == NULL ? "" : session->refusal));
        }
        engine->current = before;
    }
}

// ---- turns ----

// The next turn, somewhere in its interval: clients that came at once do not stay in step.
static void set_turn(struct engineio_server *engine)
{
    if (engine->line.count == 0) {
        engine->turn_at_ms = DEADLINE_NONE;
        return;
    }
    uint8_t random[4];
    engine->config.random(engine->config.random_context, random, sizeof random);
    int64_t drawn = (int64_t)random[0] << 16 | (int64_t)random[1] << 8 | random[2];
    int64_t jitter_us = engine->pace.interval_us * drawn >> 24;
    engine->turn_at_ms = (pace_nth_us(&engine->pace, 0) + jitter_us + 999) / 1000;
}

void admission_take_turns(struct engineio_server *engine)
{
    while (engine->turn_at_ms <= engine->now_ms) {
        struct session *session = engine->line.first;
        session_list_leave(session);
        pace_take_next(&engine->pace);
        set_turn(engine);
        struct engineio_request request = request_again(session);
        const struct engineio_request *before = engine->current;
        engine->current = &request;
        (void)go_on(engine, session, &request);
        engine->current = before;
    }
}

enum turn { TURN_NOW, TURN_LATER, TURN_NEVER };

static enum turn turn_of(struct engineio_server *engine, int protocol)
{
    const struct engineio_config *config = &engine->config;
    int64_t now_us = engine->now_ms * 1000;
    bool is_paced = config->handshakes_per_second > 0 && (protocol == 4 || config->allow_eio3);
    if (!is_paced || (engine->line.count == 0 && pace_take(&engine->pace, now_us))) {
        return TURN_NOW;
    }
    int64_t wait_us = pace_nth_us(&engine->pace, engine->line.count) - now_us;
    bool may_wait = wait_us <= config->admission_wait_max_ms * 1000 &&
                    config->admission_wait_max_ms > 0 && engine->waiting < config->admissions_max;
    return may_wait ? TURN_LATER : TURN_NEVER;
}

static enum engineio_verdict refuse_request(struct engineio_server *engine,
                                            const struct engineio_request *request,
                                            enum engineio_error error)
{
    engine_refuse(engine, request->exchange, request->is_upgrade, error, NULL,
                  (struct bytes){NULL, 0});
    return ENGINEIO_ANSWERED;
}

enum engineio_verdict admission_begin(struct engineio_server *engine,
                                      const struct engineio_request *request, int protocol,
                                      struct engineio_session_id *out_session)
{
    const struct engineio_config *config = &engine->config;
    if (engine->shutting_down || engine->sessions.count >= config->sessions_max) {
        return refuse_request(engine, request, ENGINEIO_UNAVAILABLE);
    }
    if (is_over_address(engine, &request->handshake)) {
        engine->counts.handshakes_over_address_total++;
        return refuse_request(engine, request, ENGINEIO_TOO_MANY_SESSIONS_OF_ADDRESS);
    }
    enum turn turn = turn_of(engine, protocol);
    if (turn == TURN_NEVER || engine->waiting >= config->admissions_max) {
        engine->counts.handshakes_over_rate_total++;
        return refuse_request(engine, request, ENGINEIO_TOO_MANY_HANDSHAKES);
    }
    struct session *session = admission_create(engine, request, protocol);
    if (session == NULL) {
        return refuse_request(engine, request, ENGINEIO_UNAVAILABLE);
    }
    *out_session = session->id;
    if (turn == TURN_NOW) {
        return go_on(engine, session, request);
    }
    engine->counts.handshakes_held_total++;
    session_list_add(&engine->line, session);
    if (engine->line.count == 1) {
        set_turn(engine);
    }
    return ENGINEIO_HELD;
}
