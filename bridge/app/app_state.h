// The parts of the auction application and what they share; for files of this folder only.
//
// Ownership: auction_app.c creates and destroys; rooms own their viewers' membership, not the
//            viewers
#ifndef LOTCAST_BRIDGE_APP_STATE_H
#define LOTCAST_BRIDGE_APP_STATE_H

#include "bridge/app/auction_app.h"
#include "bridge/app/ended_sessions.h"
#include "bridge/app/engine_clock.h"
#include "bridge/app/first_stamps.h"
#include "bridge/app/metrics.h"
#include "bridge/app/moved_viewers.h"
#include "bridge/app/pending_commands.h"
#include "bridge/app/presence_board.h"
#include "bridge/app/rate_limit.h"
#include "bridge/app/sale_room.h"

enum { ROOM_TABLE_SIZE = 1024 };

// One Socket.IO socket of the application.
struct viewer {
    struct socketio_socket_id socket;
    struct identity identity;
    struct sale_room *room; // in whose stream it is, or NULL
    uint64_t join_no;       // grows with each join and leave: an older join is void
    uint32_t waits;         // places in lines of rooms
    bool awaits_stream;     // is in the room, and not in its stream yet
    bool may_return;        // it ends, and none has meant it to
    bool is_plain;          // hears no offsets, and does not come back: viewer_stream.h
    int64_t since_ms;       // when it came, or came back: app_common_ms()
    struct viewer *next_in_room;
    struct viewer *previous_in_room;
};

struct auction_app {
    struct auction_app_config config;
    const struct outside *outside;
    struct socketio_server *server;
    struct engine_clock engine_clock;
    struct presence_board presence;
    struct pending_commands *pending;
    struct first_stamps first_stamps;
    struct rate_limit *identity_rates;
    struct rate_limit *address_rates;
    struct metrics metrics;
    struct sale_room *rooms[ROOM_TABLE_SIZE];
    size_t rooms_count; // tables of ROOM_TABLE_SIZE chains by hash of the id
    size_t viewers_count;
    uint64_t past_numbers; // of requests for what a room's history lacks
    size_t pasts_count;    // rooms that keep more of their history
    struct ended_sessions ended;
    int64_t ended_notes_from_ms; // the second in which so many were told
    uint32_t ended_notes;
    struct moved_viewers moved;
    struct http_sheet *sheets;
    size_t sheets_count;
    bool is_connected; // to the broker
    bool is_late;      // what comes from there
    bool is_live;      // connected, in time, and an engine is alive
    bool has_output;
    bool is_leaving; // goodbye was said
};

static inline int64_t app_now_ms(const struct auction_app *app)
{
    return app->outside->boot_ms(app->outside->context);
}
// Whether a command can be answered in time.
static inline bool app_can_ask(const struct auction_app *app)
{
    return app->is_connected && !app->is_late &&
           engine_clock_is_alive(&app->engine_clock, app_now_ms(app));
}
static inline int64_t app_wall_s(const struct auction_app *app)
{
    return app->outside->wall_ms(app->outside->context) / 1000;
}
// A time that all bridges agree on, up to the uncertainty of their clocks.
int64_t app_common_ms(const struct auction_app *app);
void app_log(const struct auction_app *app, enum outside_level level, const char *format, ...)
    LC_PRINTF(3, 4);

void app_log_packet(const struct auction_app *app, const char *direction, uint64_t socket,
                    const char *what, size_t size);

// Everything for browsers goes through these, so that the loop knows that there is output.
void app_emit(struct auction_app *app, struct socketio_socket_id socket, const char *event,
              struct bytes payload);
void app_emit_room(struct auction_app *app, const struct sale_room *room, const char *event,
                   struct bytes payload, bool is_volatile);
void app_ack(struct auction_app *app, struct socketio_socket_id socket, int64_t ack_id,
             struct bytes result);
void app_ack_error(struct auction_app *app, struct socketio_socket_id socket, int64_t ack_id,
                   enum error_code code, const char *detail);

// The viewer of a socket; NULL when it has gone.
struct viewer *app_viewer(const struct auction_app *app, uint64_t socket);

// Takes one HTTP request of the identity into account; without one, of the address, behind which
// there may be many people.
bool app_allows_request(struct auction_app *app, const struct identity *identity,
                        struct bytes address);
// Takes one event into account: of the identity, or of a socket without one, at the same rate.
bool app_allows_event(struct auction_app *app, const struct viewer *viewer);

// Calls `visit` for every room; it may close the room it is given.
void app_each_room(struct auction_app *app,
                   void (*visit)(struct auction_app *, struct sale_room *));

#endif
