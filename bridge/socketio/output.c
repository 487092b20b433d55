// What leaves: the private queue of a connection, and its merging with the rooms' streams.
#include <stdlib.h>

#include "bridge/socketio/msgpack.h"
#include "bridge/socketio/state.h"

// ---- the private queue ----

static struct frame *unqueue(struct socketio_server *server, struct connection *connection)
{
    struct queued *first = connection->queue_first;
    struct frame *frame = first->frame;
    connection->queue_first = first->next;
    connection->queue_last = first->next == NULL ? NULL : connection->queue_last;
    connection->queue_bytes -= frame_packet_size(frame);
    server->counts.queued_bytes -= frame_packet_size(frame);
    free(first);
    return frame;
}

void connection_drop_queue(struct socketio_server *server, struct connection *connection)
{
    while (connection->queue_first != NULL) {
        frame_destroy(unqueue(server, connection));
    }
    frame_destroy(connection->begun);
    connection->begun = NULL;
}

void connection_cut(struct socketio_server *server, struct connection *connection)
{
    connection_drop_queue(server, connection);
    server->counts.overflowed_total += connection->overflowed ? 0 : 1;
    connection->overflowed = true;
    connection->closing = true;
    engineio_touch(server->engine, connection->session);
}

static void append(struct connection *connection, struct queued *queued)
{
    queued->next = NULL;
    *(connection->queue_last == NULL ? &connection->queue_first : &connection->queue_last->next) =
        queued;
    connection->queue_last = queued;
}

static void insert(struct connection *connection, struct queued *queued)
{
    struct queued *last = connection->queue_last;
    uint64_t order = queued->frame->order;
    if (last == NULL || last->frame->order < order) {
        append(connection, queued);
        return;
    }
    struct queued **link = &connection->queue_first; // older than what waits: to its place
    while (*link != NULL && (*link)->frame->order < order) {
        link = &(*link)->next;
    }
    queued->next = *link;
    *link = queued;
}

static void queue(struct socketio_server *server, struct connection *connection,
                  struct frame *frame, void (*put)(struct connection *, struct queued *))
{
    size_t size = frame_packet_size(frame);
    struct queued *queued = NULL;
    if (frame != NULL && !connection->overflowed &&
        connection->queue_bytes + size <= server->config.pending_bytes_max) {
        queued = malloc(sizeof *queued);
    }
    if (queued == NULL) {
        frame_destroy(frame);
        connection_cut(server, connection); // its client does not read what it asked for
        return;
    }
    queued->frame = frame;
    connection->queue_bytes += size;
    server->counts.queued_bytes += size;
    put(connection, queued);
    engineio_touch(server->engine, connection->session);
}

void connection_enqueue(struct socketio_server *server, struct connection *connection,
                        struct frame *frame)
{
    queue(server, connection, frame, insert);
}

void connection_append(struct socketio_server *server, struct connection *connection,
                       struct frame *frame)
{
    queue(server, connection, frame, append);
}

void connection_enqueue_emission(struct socketio_server *server, struct connection *connection,
                                 struct frame *frame)
{
    bool waits = connection->queue_first != NULL || connection->begun != NULL;
    if (frame != NULL && frame->goes_alone && waits) {
        server->counts.volatile_dropped_total++;
        frame_destroy(frame);
        return;
    }
    connection_enqueue(server, connection, frame);
}

// ---- pulled by the engine ----

// A stream that was lost is taken up at its newest end, and the application is told once: when the
// transport can take what it will say, for else that would be out of date as well by then.
static struct socket *next_lagged(const struct socketio_server *server,
                                  struct connection *connection)
{
    for (struct membership *m = connection->streams; m != NULL; m = m->stream_next) {
        if (room_cursor_is_lagged(&m->room->ring, &m->cursor)) {
            if (!engineio_can_send(server->engine, connection->session)) {
                return NULL;
            }
            m->cursor = room_cursor_at_newest(&m->room->ring);
            return m->socket;
        }
    }
    return NULL;
}

void connection_before_send(void *app, void *connection_)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    struct engineio_session_id session = connection->session;
    if (connection->root_due && !connection_open_root(server, connection)) {
        return;
    }
    if (connection->overflowed) {
        connection->reason_set = true;
        connection->reason = SOCKETIO_FORCED_SERVER_CLOSE;
        engineio_end(server->engine, session, ENGINEIO_FORCED_CLOSE);
        return;
    }
    for (;;) {
        struct socket *socket = next_lagged(server, connection);
        if (socket == NULL) {
            return;
        }
        server->counts.lagged_total++;
        const struct owner *owner = socket->namespace->owner;
        if (owner->ops.on_lagged != NULL) {
            owner->ops.on_lagged(owner->app, socket->id);
            if (engineio_sid(server->engine, session).size == 0) {
                return;
            }
        }
    }
}

static void drop_stale(struct socketio_server *server, struct connection *connection,
                       struct freshness freshness)
{
    while (connection->queue_first != NULL &&
           frame_is_stale(connection->queue_first->frame, freshness)) {
        frame_destroy(unqueue(server, connection));
        server->counts.volatile_dropped_total++;
    }
}

// The packet that comes next, wherever it waits; NULL: none.
static inline struct frame *next_packet(struct socketio_server *server,
                                        struct connection *connection, struct freshness freshness)
{
    connection->peeked_from = NULL;
    drop_stale(server, connection, freshness);
    struct frame *best = connection->queue_first == NULL ? NULL : connection->queue_first->frame;
    for (struct membership *m = connection->streams; m != NULL; m = m->stream_next) {
        if (room_cursor_is_at_end(&m->room->ring, &m->cursor)) {
            continue;
        }
        struct frame *frame = room_cursor_peek_at_once(&m->room->ring, &m->cursor);
        if (frame == NULL) {
            frame = room_cursor_peek(&m->room->ring, &m->cursor, freshness,
                                     &server->counts.volatile_dropped_total);
        }
        if (frame != NULL && (best == NULL || frame->order < best->order)) {
            best = frame;
            connection->peeked_from = m;
        }
    }
    return best;
}

// The same packet for those that speak msgpack, made once; NULL: it cannot be written so.
static struct frame *msgpack_twin(struct frame *head)
{
    if (head->twin != NULL) {
        return head->twin;
    }
    struct bytes attachments[ATTACHMENTS_HARD_MAX];
    size_t count = 0;
    size_t bytes = 0;
    for (const struct frame *next = head->attached; next != NULL; next = next->attached) {
        attachments[count++] = frame_payload(next);
        bytes += next->size;
    }
    struct bytes text = bytes_from(frame_payload(head), 1); // without the message type
    struct buffer message;
    buffer_init(&message, MSGPACK_MESSAGE_GROWTH_MAX * text.size + MSGPACK_HEAD_SIZE_MAX +
                              MSGPACK_ATTACHMENTS_GROWTH_MAX * bytes);
    if (msgpack_write(text, attachments, count, &message) == LC_OK) {
        struct bytes part = buffer_bytes(&message);
        if (frame_create(true, &part, 1, &head->twin) == LC_OK) {
            head->twin->ends_burst = head->ends_burst;
            head->twin->no_compress = head->no_compress;
            head->twin->is_volatile = head->is_volatile;
        }
    }
    buffer_release(&message);
    return head->twin;
}

static void pass_packet(struct socketio_server *server, struct connection *connection,
                        const struct frame *head)
{
    if (connection->peeked_from != NULL) {
        room_cursor_pass(&connection->peeked_from->cursor, head);
    } else {
        frame_destroy(unqueue(server, connection));
    }
}

// What msgpack cannot say is passed over.
static struct frame *next_msgpack(struct socketio_server *server, struct connection *connection,
                                  struct freshness freshness, struct frame *head)
{
    struct frame *twin = msgpack_twin(head);
    while (twin == NULL) {
        server->counts.unencodable_total++;
        pass_packet(server, connection, head);
        head = next_packet(server, connection, freshness);
        if (head == NULL) {
            return NULL;
        }
        twin = msgpack_twin(head);
    }
    return twin;
}

// As most are, most of the time: also behind the frame that was sent just now.
static bool has_nothing(const struct connection *connection)
{
    if (connection->begun != NULL || connection->queue_first != NULL) {
        return false;
    }
    for (const struct membership *m = connection->streams; m != NULL; m = m->stream_next) {
        if (!room_cursor_is_at_end(&m->room->ring, &m->cursor)) {
            return false;
        }
    }
    return true;
}

const struct frame *connection_peek(void *app, void *connection_, uint64_t fresh_from)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    if (has_nothing(connection)) {
        return connection->peeked = NULL;
    }
    if (connection->begun != NULL) {
        connection->peeked_from = NULL;
        return connection->peeked = connection->begun_next;
    }
    struct freshness freshness = {fresh_from, connection->alone_from};
    struct frame *frame = next_packet(server, connection, freshness);
    if (frame != NULL && connection->parser == PARSER_MSGPACK) {
        frame = next_msgpack(server, connection, freshness, frame);
    }
    return connection->peeked = frame;
}

// The head has been sent: what belongs to it must follow, whatever becomes of queue and ring.
static void begin_packet(struct connection *connection)
{
    struct frame *head = connection->peeked;
    if (head->attached != NULL) {
        connection->begun = frame_share(head);
        connection->begun_next = head->attached;
    }
}

static void end_packet(struct connection *connection)
{
    connection->begun_next = connection->begun_next->attached;
    if (connection->begun_next == NULL) {
        frame_destroy(connection->begun);
        connection->begun = NULL;
    }
}

void connection_pop(void *app, void *connection_)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    LC_ASSERT(connection->peeked != NULL);
    server->counts.bytes_out_total += connection->peeked->size - connection->peeked->header_size;
    if (connection->peeked_from != NULL && connection->peeked->attached == NULL) {
        room_cursor_pass(&connection->peeked_from->cursor, connection->peeked);
    } else if (connection->begun != NULL) {
        end_packet(connection);
    } else {
        begin_packet(connection);
        pass_packet(server, connection, connection->peeked);
    }
    connection->peeked = NULL;
    connection->alone_from = server->newest_order + 1;
}
