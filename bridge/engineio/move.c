// Sessions that go to the node where their WebSocket is: written down, frozen, made again there.
#include "bridge/engineio/session.h"
#include "bridge/engineio/state_code.h"

// Times are written as what is left of them: each node has a clock of its own.
enum {
    VERSION = 1,
    HEADERS_MAX = 256,
    FLAG_PING_DUE = 1, // bits
    FLAG_BASE64 = 2,
    FLAG_SECURE = 4,
    FLAGS_ALL = 7,
};

// ---- writing ----

static void write_time_left(const struct engineio_server *engine, struct buffer *out, int64_t at_ms)
{
    bool is_set = at_ms != DEADLINE_NONE;
    state_write_u8(out, is_set);
    state_write_u64(out, is_set && at_ms > engine->now_ms ? (uint64_t)(at_ms - engine->now_ms) : 0);
}

static void write_handshake(const struct engineio_server *engine, struct buffer *out,
                            const struct engineio_handshake *handshake)
{
    int64_t age_ms = engine->now_ms - handshake->time_ms;
    size_t count = handshake->headers_count < HEADERS_MAX ? handshake->headers_count : HEADERS_MAX;
    state_write_u64(out, age_ms > 0 ? (uint64_t)age_ms : 0);
    state_write_bytes(out, handshake->url);
    state_write_bytes(out, handshake->query);
    state_write_bytes(out, handshake->address);
    state_write_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        state_write_bytes(out, handshake->headers[i].name);
        state_write_bytes(out, handshake->headers[i].value);
    }
}

static void write_session(const struct engineio_server *engine, struct buffer *out,
                          const struct session *session, struct bytes frames)
{
    int flags = (session->ping_due ? FLAG_PING_DUE : 0) |
                (session->probe_base64 ? FLAG_BASE64 : 0) |
                (session->handshake->secure ? FLAG_SECURE : 0);
    state_write_u8(out, VERSION);
    state_write_bytes(out, bytes_of(session->sid, ENGINEIO_SID_SIZE));
    state_write_u8(out, session->protocol);
    state_write_u8(out, (uint8_t)flags);
    state_write_u8(out, session->pongs_due);
    write_time_left(engine, out, session->ping_at_ms);
    write_time_left(engine, out, session->pong_by_ms);
    write_handshake(engine, out, session->handshake);
    state_write_bytes(out, frames);
}

// ---- reading ----

static int64_t read_time_left(const struct engineio_server *engine, struct state_reader *reader)
{
    const struct engineio_config *config = &engine->config;
    int64_t most_ms = config->ping_interval_ms + config->ping_timeout_ms;
    bool is_set = state_read_bool(reader);
    int64_t left_ms = (int64_t)state_read_u64(reader, INT64_MAX);
    return is_set ? engine->now_ms + (left_ms < most_ms ? left_ms : most_ms) : DEADLINE_NONE;
}

// What a state says, borrowed from it.
struct state {
    struct bytes sid;
    int protocol;
    int flags;
    uint8_t pongs_due;
    int64_t ping_at_ms;
    int64_t pong_by_ms;
    struct engineio_handshake handshake;
    struct engineio_header headers[HEADERS_MAX];
    struct bytes frames;
    struct bytes connection; // the application's
};

static void read_handshake(const struct engineio_server *engine, struct state_reader *reader,
                           struct state *state)
{
    struct engineio_handshake *handshake = &state->handshake;
    handshake->time_ms = engine->now_ms - (int64_t)state_read_u64(reader, INT64_MAX / 2);
    handshake->secure = (state->flags & FLAG_SECURE) != 0;
    handshake->url = state_read_bytes(reader, HANDSHAKE_BYTES_MAX);
    handshake->query = state_read_bytes(reader, HANDSHAKE_BYTES_MAX);
    handshake->address = state_read_bytes(reader, HANDSHAKE_BYTES_MAX);
    handshake->headers = state->headers;
    handshake->headers_count = state_read_u32(reader, HEADERS_MAX);
    for (size_t i = 0; i < handshake->headers_count; i++) {
        state->headers[i].name = state_read_bytes(reader, HANDSHAKE_BYTES_MAX);
        state->headers[i].value = state_read_bytes(reader, HANDSHAKE_BYTES_MAX);
    }
}

// Whole frames of a server, one behind the other.
static bool frames_are_whole(struct bytes frames)
{
    while (frames.size > 0) {
        size_t head = frames.size < 2         ? 0
                      : frames.data[1] == 127 ? 10
                      : frames.data[1] == 126 ? 4
                                              : 2;
        bool is_data = frames.data[0] == 0x81 || frames.data[0] == 0x82;
        if (head == 0 || head > frames.size || !is_data) {
            return false;
        }
        uint64_t size = head == 2 ? frames.data[1] : 0;
        for (size_t i = 2; i < head; i++) {
            size = size << 8 | frames.data[i];
        }
        if (size > frames.size - head) {
            return false;
        }
        frames = bytes_from(frames, head + (size_t)size);
    }
    return true;
}

static enum lc_status read_state(const struct engineio_server *engine, struct bytes bytes,
                                 struct state *state)
{
    struct state_reader reader = state_reader_of(bytes);
    bool is_known = state_read_u8(&reader, UINT8_MAX) == VERSION;
    state->sid = state_read_bytes(&reader, ENGINEIO_SID_SIZE);
    state->protocol = state_read_u8(&reader, 4);
    state->flags = state_read_u8(&reader, FLAGS_ALL);
    state->pongs_due = state_read_u8(&reader, PONGS_DUE_MAX);
    state->ping_at_ms = read_time_left(engine, &reader);
    state->pong_by_ms = read_time_left(engine, &reader);
    read_handshake(engine, &reader, state);
    state->frames = state_read_bytes(&reader, SIZE_MAX);
    state->connection = reader.rest;
    if (!is_known || reader.failed || !engineio_sid_is_legal(state->sid)) {
        return LC_ERR_BAD_INPUT;
    }
    bool is_4 = state->protocol == 4;
    bool is_3 = state->protocol == 3 && engine->config.allow_eio3;
    bool waits = state->pong_by_ms != DEADLINE_NONE;
    bool pings = state->ping_at_ms != DEADLINE_NONE;
    bool beats = is_4 ? waits != pings : is_3 && waits && !pings;
    return beats && frames_are_whole(state->frames) ? LC_OK : LC_ERR_BAD_INPUT;
}

// ---- leaving ----

static void freeze(struct engineio_server *engine, struct session *session)
{
    session_end_polling(engine, session);
    session_forget_kept(session);
    session->moving = true;
    session_list_leave(session);
    session->ping_at_ms = DEADLINE_NONE;
    session->pong_by_ms = DEADLINE_NONE;
    session->app_at_ms = DEADLINE_NONE;
    session_schedule(engine, session);
}

// Lost packets as frames, which the other node sends first.
static enum lc_status lost_frames(struct session *session, struct buffer *frames)
{
    const struct kept *kept = session->kept;
    return kept != NULL && kept->is_lost ? session_append_frames(session, kept, frames) : LC_OK;
}

enum lc_status engineio_export(struct engineio_server *engine, int64_t now_ms, struct bytes sid,
                               uint64_t probe, struct bytes node, struct buffer *out_state)
{
    engine_set_now(engine, now_ms);
    struct session *session = session_find_probe(engine, sid, probe);
    if (session == NULL || session->moving || engine->app_ops.on_export == NULL) {
        return LC_ERR_NOT_FOUND;
    }
    if (session->kept != NULL && !session->kept->is_lost) {
        return LC_ERR_BUSY; // whether it must go along is on its way
    }
    size_t before = out_state->size;
    struct buffer frames;
    buffer_init(&frames, SIZE_MAX / 2);
    enum lc_status status = lost_frames(session, &frames);
    write_session(engine, out_state, session, buffer_bytes(&frames));
    buffer_release(&frames);
    if (status == LC_OK &&
        !engine->app_ops.on_export(engine->app, session->connection, node, out_state)) {
        buffer_truncate(out_state, before);
        return LC_ERR_BUSY;
    }
    if (status != LC_OK || buffer_status(out_state) != LC_OK) {
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        return LC_ERR_NO_MEMORY;
    }
    freeze(engine, session);
    session_report(engine, session, "moving", "upgrade");
    return LC_OK;
}

static struct session *find_moving(const struct engineio_server *engine, struct bytes sid)
{
    struct session *session = session_find_sid(engine, sid);
    return session != NULL && session->moving ? session : NULL;
}

void engineio_export_done(struct engineio_server *engine, int64_t now_ms, struct bytes sid)
{
    engine_set_now(engine, now_ms);
    struct session *session = find_moving(engine, sid);
    if (session != NULL) {
        session_report(engine, session, "moved away", "upgrade");
        engine->app_ops.on_moved(engine->app, session->connection);
        session_destroy(engine, session);
    }
}

void engineio_export_failed(struct engineio_server *engine, int64_t now_ms, struct bytes sid)
{
    engine_set_now(engine, now_ms);
    struct session *session = find_moving(engine, sid);
    if (session != NULL) {
        session->probe_ws = 0; // the caller knows
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
    }
}

// ---- arriving ----

// A session that waits, as one whose handshake is at hand.
static enum lc_status create(struct engineio_server *engine, const struct state *state,
                             struct session **out_session)
{
    enum lc_status status = deadline_heap_reserve(&engine->deadlines, engine->sessions.count + 1U);
    struct session *session = status == LC_OK ? session_new() : NULL;
    if (session == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    session->waiting = true;
    status = handshake_copy(&state->handshake, &session->handshake);
    status = status == LC_OK ? session_keep_frames(session, state->frames) : status;
    status =
        status == LC_OK ? slot_table_add(&engine->sessions, session, &session->id.value) : status;
    if (status != LC_OK) {
        session_free(session);
        return status;
    }
    engine->waiting++;
    *out_session = session;
    return LC_OK;
}

static enum lc_status open_here(struct engineio_server *engine, struct session *session,
                                const struct state *state, uint64_t ws)
{
    session->protocol = (uint8_t)state->protocol;
    session->websocket = true;
    session->ping_due = (state->flags & FLAG_PING_DUE) != 0;
    session->base64 = state->protocol == 3 && (state->flags & FLAG_BASE64) != 0;
    session->pongs_due = state->pongs_due;
    enum lc_status status = session_enter_tables(engine, session, (const char *)state->sid.data);
    if (status != LC_OK) {
        session_destroy(engine, session);
        return status;
    }
    session->ws = ws;
    session->ws_ready = true;
    session->ping_at_ms = state->ping_at_ms;
    session->pong_by_ms = state->pong_by_ms;
    session_restart_pong(engine, session);
    return LC_OK;
}

// The application takes it over.
static bool offer(struct engineio_server *engine, struct session *session, struct bytes state)
{
    struct engineio_session_id id = session->id;
    void *connection = engine->app_ops.on_import(engine->app, id, state);
    session = session_find(engine, id);
    if (session != NULL && connection == NULL) {
        session_destroy(engine, session);
    }
    if (session == NULL && connection != NULL) { // ended meanwhile: it is not told by session_end()
        engine->app_ops.on_close(engine->app, connection, ENGINEIO_TRANSPORT_ERROR);
    }
    if (session == NULL || connection == NULL) {
        return false;
    }
    session->connection = connection;
    session->accepted = true;
    session_mark(engine, session);
    return true;
}

enum lc_status engineio_import(struct engineio_server *engine, int64_t now_ms, struct bytes bytes,
                               uint64_t ws, struct engineio_session_id *out_session)
{
    engine_set_now(engine, now_ms);
    struct state state;
    struct session *session;
    enum lc_status status = read_state(engine, bytes, &state);
    if (status != LC_OK || engine->app_ops.on_import == NULL) {
        return LC_ERR_BAD_INPUT;
    }
    if (session_find_sid(engine, state.sid) != NULL) {
        return LC_ERR_EXISTS;
    }
    if (engine->shutting_down || engine->sessions.count >= engine->config.sessions_max) {
        return LC_ERR_FULL;
    }
    status = create(engine, &state, &session);
    status = status == LC_OK ? open_here(engine, session, &state, ws) : status;
    if (status != LC_OK) {
        return status;
    }
    struct engineio_session_id id = session->id;
    if (!offer(engine, session, state.connection)) {
        return LC_ERR_BAD_INPUT;
    }
    engine->counts.upgrades_total++;
    if (engine->transport.ws_attach != NULL) {
        engine->transport.ws_attach(engine->shell, ws, id);
    }
    session_report(engine, session_find(engine, id), "moved here", "upgrade");
    *out_session = id;
    return LC_OK;
}
