// Passes: a room whose stream has grown lets its members send, one behind another, in the order in
// which they lie in memory. A long pass goes on turn by turn of the loop, so that what else arrives
// is not held up; what is pushed meanwhile goes along with those that it has not come to. When a
// room's passes take long, they begin less often: more of its events leave together.
#include "bridge/socketio/state.h"
#include "lib/base/prefetch.h"

enum { TURN_MEMBERS = 256 }; // served in one turn, of all rooms: about 1 ms

// ---- the queue ----

static void enqueue(struct socketio_server *server, struct room *room)
{
    room->passes_next = NULL;
    *(server->passes_last == NULL ? &server->passes : &server->passes_last->passes_next) = room;
    server->passes_last = room;
}

static struct room *dequeue(struct socketio_server *server)
{
    struct room *room = server->passes;
    server->passes = room->passes_next;
    server->passes_last = server->passes == NULL ? NULL : server->passes_last;
    return room;
}

static bool is_due(const struct socketio_server *server, const struct room *room)
{
    return room->pass.left > 0 || room->pass.not_before_ms <= engineio_now(server->engine);
}

// The first whose time has come, taken out; those before it go behind the others. NULL: none.
static struct room *dequeue_due(struct socketio_server *server)
{
    const struct room *last = server->passes_last;
    while (server->passes != NULL) {
        struct room *room = dequeue(server);
        if (is_due(server, room)) {
            return room;
        }
        enqueue(server, room);
        if (room == last) {
            break;
        }
    }
    return NULL;
}

void room_want_pass(struct socketio_server *server, struct room *room)
{
    room->pass.has_news = true;
    if (!room->pass.is_wanted) {
        room->pass.is_wanted = true;
        room->references++;
        enqueue(server, room);
    }
    if (is_due(server, room)) {
        engineio_ask_to_serve(server->engine);
    } else {
        server_schedule(server);
    }
}

int64_t rooms_next_deadline(const struct socketio_server *server)
{
    int64_t at_ms = DEADLINE_NONE;
    for (const struct room *room = server->passes; room != NULL; room = room->passes_next) {
        int64_t room_ms = room->pass.not_before_ms;
        at_ms = !is_due(server, room) && room_ms < at_ms ? room_ms : at_ms;
    }
    return at_ms;
}

static bool any_is_due(const struct socketio_server *server)
{
    const struct room *room = server->passes;
    while (room != NULL && !is_due(server, room)) {
        room = room->passes_next;
    }
    return room != NULL;
}

void rooms_on_time(struct socketio_server *server)
{
    if (any_is_due(server)) {
        engineio_ask_to_serve(server->engine);
    }
}

// ---- a pass ----

// What serving a member needs lies in many places, each of which is known by the one before it:
// they are fetched while the members before it are sent to.
static void foresee(struct socketio_server *server, const struct room *room, size_t place)
{
    if (place >= 2) {
        const struct membership *member = room->members[place - 2];
        prefetch_head(member->connection);
        engineio_foresee_next_but_one(server->engine, member->session);
    }
    if (place >= 3) {
        prefetch_head(room->members[place - 3]);
    }
    if (place >= 1) {
        engineio_foresee_next(server->engine, room->members[place - 1]->session);
    }
}

// From the last to the first: a member that leaves is replaced by the last one, which was served, or
// has joined too late to wait for something.
static void serve_members(struct socketio_server *server, struct room *room, size_t *turn)
{
    struct pass *pass = &room->pass;
    while (pass->left > 0 && *turn > 0) {
        pass->left--;
        if (pass->left >= room->count) {
            continue;
        }
        foresee(server, room, pass->left);
        const struct membership *member = room->members[pass->left];
        if (!room_cursor_is_at_end(&room->ring, &member->cursor)) {
            (*turn)--;
            engineio_serve(server->engine, member->session);
        }
    }
}

static void begin(struct socketio_server *server, struct room *room)
{
    room->pass.has_news = false;
    room->pass.is_urgent = false;
    room->pass.left = room->count;
    room->pass.began_ms = engineio_now(server->engine);
    room->pass.spent_us = 0;
    server->counts.room_passes_total++;
}

static int64_t spent_ms(const struct socketio_server *server, const struct pass *pass)
{
    return server->config.cpu_us == NULL ? engineio_now(server->engine) - pass->began_ms
                                         : pass->spent_us / 1000;
}

static void end(struct socketio_server *server, struct room *room)
{
    const struct socketio_config *config = &server->config;
    struct pass *pass = &room->pass;
    bool is_long = spent_ms(server, pass) > config->room_pass_long_ms;
    pass->not_before_ms = is_long && !pass->is_urgent ? pass->began_ms + config->room_pace_ms : 0;
    server->counts.room_passes_long_total += is_long ? 1 : 0;
}

static int64_t cpu_us(const struct socketio_server *server)
{
    return server->config.cpu_us == NULL ? 0 : server->config.cpu_us();
}

static void go_on(struct socketio_server *server, struct room *room, size_t *turn)
{
    struct pass *pass = &room->pass;
    if (pass->left == 0) {
        begin(server, room);
    }
    int64_t before_us = cpu_us(server);
    serve_members(server, room, turn);
    pass->spent_us += cpu_us(server) - before_us;
    if (pass->left == 0) {
        end(server, room);
    }
    if (pass->left > 0 || pass->has_news) {
        enqueue(server, room);
    } else {
        pass->is_wanted = false;
        room_release(server, room);
    }
}

bool rooms_serve(void *app)
{
    struct socketio_server *server = app;
    size_t turn = TURN_MEMBERS;
    struct room *room = dequeue_due(server);
    while (room != NULL) {
        go_on(server, room, &turn);
        turn -= turn > 0 ? 1 : 0; // a pass that finds nobody counts, too
        room = turn > 0 ? dequeue_due(server) : NULL;
    }
    server_schedule(server);
    return any_is_due(server);
}

void socketio_room_hurry(struct socketio_server *server, struct bytes namespace_name_,
                         struct bytes name)
{
    struct room *room = room_find(server, namespace_name_, name);
    if (room != NULL && room->pass.is_wanted) {
        room->pass.is_urgent = true; // also behind a pass that goes on
        room->pass.not_before_ms = 0;
        engineio_ask_to_serve(server->engine);
    }
}
