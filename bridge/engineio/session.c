// The life of a session: its end, heartbeat and other deadlines, upgrade, packets in.
#include "bridge/engineio/session.h"

#include <stdlib.h>

// ---- ending ----

void session_report(struct engineio_server *engine, struct session *session, const char *what,
                    const char *reason)
{
    if (engine->app_ops.on_transport != NULL) {
        engine->app_ops.on_transport(engine->app, session->connection,
                                     bytes_of(session->sid, ENGINEIO_SID_SIZE), what, reason);
    }
}

static void leave_tables(struct engineio_server *engine, struct session *session)
{
    session_list_leave(session);
    deadline_heap_set(&engine->deadlines, &session->deadline, DEADLINE_NONE);
    slot_table_remove(&engine->sessions, session->id.value);
    if (session->waiting) {
        engine->waiting--;
        return;
    }
    struct session **link = session_bucket(engine, session->sid);
    while (*link != session) {
        link = &(*link)->sid_next;
    }
    *link = session->sid_next;
    engine->counts.sessions_websocket -= session->websocket ? 1 : 0;
    if (session->counted) {
        address_counts_remove(&engine->addresses, session->handshake->address);
    }
}

void session_free(struct session *session)
{
    handshake_destroy(session->handshake);
    handshake_destroy(session->post_handshake);
    free(session->refusal);
    free(session->kept);
    free(session);
}

void session_destroy(struct engineio_server *engine, struct session *session)
{
    leave_tables(engine, session);
    session_free(session);
}

void session_end(struct engineio_server *engine, struct session *session,
                 enum engineio_reason reason)
{
    leave_tables(engine, session);
    if (session->get != 0) {
        session_answer_poll(engine, session, "1", NULL);
    }
    if (session->probe_ws != 0) {
        engine_close_probe(engine, session->probe_ws);
    }
    if (session->ws != 0) {
        engine->transport.ws_close(engine->shell, session->ws, CLOSE_WITHOUT_CODE);
    }
    if (session->accepted) {
        session_report(engine, session, "closed", engineio_reason_name(reason));
        engine->app_ops.on_close(engine->app, session->connection, reason);
    }
    session_free(session);
}

void session_close(struct engineio_server *engine, struct session *session)
{
    if (session->closing || session->moving) {
        return;
    }
    session->closing = true;
    session->ping_due = false;
    session->ping_at_ms = DEADLINE_NONE;
    session->pong_by_ms = DEADLINE_NONE;
    session->close_by_ms = engine->now_ms + CLOSE_WAIT_MS;
    if (session->probe_ws != 0) {
        session_drop_probe(engine, session, "session closed");
    }
    session_schedule(engine, session);
    session_mark(engine, session);
}

// ---- heartbeat and other deadlines ----

static void on_pong(struct engineio_server *engine, struct session *session)
{
    session->pong_by_ms = DEADLINE_NONE;
    session->ping_at_ms = engine->now_ms + engine->config.ping_interval_ms;
    session_schedule(engine, session);
}

// Protocol 3: the client pings.
static void on_client_ping(struct engineio_server *engine, struct session *session)
{
    const struct engineio_config *config = &engine->config;
    session->pong_by_ms = engine->now_ms + config->ping_interval_ms + config->ping_timeout_ms;
    if (session->pongs_due < PONGS_DUE_MAX) {
        session->pongs_due++;
    }
    session_schedule(engine, session);
    session_mark(engine, session);
}

// The clock of a ping starts when it is due, delivered or not, however late the timer is; only a
// process that stood still for longer gives its clients their time again.
static void ping(struct engineio_server *engine, struct session *session, int64_t due_ms)
{
    int64_t timeout_ms = engine->config.ping_timeout_ms;
    bool stood_still = engine->now_ms - due_ms > timeout_ms;
    session->ping_due = true;
    session->pong_by_ms = (stood_still ? engine->now_ms : due_ms) + timeout_ms;
    session_mark(engine, session);
}

static bool is_due(const struct engineio_server *engine, int64_t *at_ms)
{
    if (*at_ms > engine->now_ms) {
        return false;
    }
    *at_ms = DEADLINE_NONE;
    return true;
}

void session_on_deadline(struct engineio_server *engine, struct session *session)
{
    int64_t ping_at_ms = session->ping_at_ms;
    if (is_due(engine, &session->pong_by_ms)) {
        session_end(engine, session, ENGINEIO_PING_TIMEOUT);
        return;
    }
    if (is_due(engine, &session->close_by_ms)) {
        session_end(engine, session, ENGINEIO_FORCED_CLOSE);
        return;
    }
    if (is_due(engine, &session->ping_at_ms)) {
        ping(engine, session, ping_at_ms);
    }
    if (is_due(engine, &session->upgrade_by_ms)) {
        session_drop_probe(engine, session, "upgrade timeout");
    }
    bool may_send = is_due(engine, &session->noop_at_ms);
    may_send = is_due(engine, &session->resume_at_ms) || may_send;
    if (may_send) {
        session_mark(engine, session);
    }
    bool app_is_due = is_due(engine, &session->app_at_ms);
    session_schedule(engine, session);
    if (app_is_due) {
        engine->app_ops.on_deadline(engine->app, session->connection); // may end the session
    }
}

// ---- upgrade ----

void session_drop_probe(struct engineio_server *engine, struct session *session, const char *why)
{
    uint64_t ws = session->probe_ws;
    session->probe_ws = 0;
    session->probed = false;
    session->upgrade_by_ms = DEADLINE_NONE;
    session->noop_at_ms = DEADLINE_NONE;
    session_schedule(engine, session);
    engine->counts.upgrades_failed_total++;
    if (ws != 0) {
        engine_close_probe(engine, ws);
    }
    session_report(engine, session, "upgrade given up", why);
}

void session_forget_post(struct session *session)
{
    session->post = 0;
    handshake_destroy(session->post_handshake);
    session->post_handshake = NULL;
}

void session_end_polling(struct engineio_server *engine, struct session *session)
{
    if (session->get != 0) {
        session_answer_poll(engine, session, "6", NULL);
    }
    session_forget_post(session); // a body still on its way finds another transport
    session->probed = false;
    session->base64 = session->probe_base64;
    session->jsonp = false;
    session->upgrade_by_ms = DEADLINE_NONE;
    session->noop_at_ms = DEADLINE_NONE;
}

void session_restart_pong(struct engineio_server *engine, struct session *session)
{
    if (session->protocol == 4 && session->pong_by_ms != DEADLINE_NONE) {
        session->pong_by_ms = engine->now_ms + engine->config.ping_timeout_ms;
    }
    session_schedule(engine, session);
}

void session_upgrade(struct engineio_server *engine, struct session *session)
{
    session_end_polling(engine, session);
    if (session_settle_kept(session) != LC_OK) {
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        return;
    }
    session->websocket = true;
    session->fresh_from = engine->order; // what was volatile between two polls is gone
    session->ws = session->probe_ws;
    session->probe_ws = 0;
    session_restart_pong(engine, session);
    engine->counts.sessions_websocket++;
    engine->counts.upgrades_total++;
    session_report(engine, session, "upgraded", "websocket");
    session_mark(engine, session);
}

// ---- packets in ----

static bool end_for_heartbeat(struct engineio_server *engine, struct session *session)
{
    session_report(engine, session, "broke the protocol", "invalid heartbeat direction");
    session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
    return false;
}

// A poll that hangs takes what was queued before.
static void on_client_close(struct engineio_server *engine, struct session *session)
{
    struct engineio_session_id id = session->id;
    if (session->get != 0) {
        session_serve(engine, session);
        session = session_find(engine, id);
    }
    if (session != NULL && session->get != 0) {
        session_answer_poll(engine, session, "6", NULL);
    }
    if (session != NULL) {
        session_end(engine, session, ENGINEIO_TRANSPORT_CLOSE);
    }
}

bool session_on_packet(struct engineio_server *engine, struct session *session,
                       const struct engineio_packet *packet)
{
    struct engineio_session_id id = session->id;
    engine->counts.packets_in_total++;
    if (packet->type == ENGINEIO_CLOSE) {
        on_client_close(engine, session);
        return false;
    }
    if (session->closing) {
        return true;
    }
    switch (packet->type) {
    case ENGINEIO_MESSAGE:
        engine->app_ops.on_message(engine->app, session->connection, packet->binary, packet->data);
        return session_find(engine, id) != NULL;
    case ENGINEIO_PING:
        if (session->protocol == 4) {
            return end_for_heartbeat(engine, session);
        }
        on_client_ping(engine, session);
        return true;
    case ENGINEIO_PONG:
        if (session->protocol == 3) {
            return end_for_heartbeat(engine, session);
        }
        on_pong(engine, session);
        return true;
    case ENGINEIO_CLOSE:
    case ENGINEIO_OPEN:
    case ENGINEIO_UPGRADE:
    case ENGINEIO_NOOP:
        return true;
    }
    return true;
}
