// Every limit of the auction application of the bridge, by name.
//
// Units: *_ms milliseconds, *_max counts, *_size_max bytes
#ifndef LOTCAST_BRIDGE_APP_LIMITS_H
#define LOTCAST_BRIDGE_APP_LIMITS_H

#include <stdint.h>

enum {
    COMMAND_TIMEOUT_MS = 2000,     // no reply by then: TIMEOUT (design 4)
    GAP_HOLD_MS = 200,             // a gap in seq may close by itself (design 4)
    REPLAY_RETRY_MS = 1000,        // a replay that brought nothing is asked again
    REPLAY_PAGE_EVENTS = 500,      // events of one replay page
    ACK_HOLD_MS = 250,             // an ack waits for its event (design 5)
    SNAPSHOT_CACHE_MS = 100,       // a snapshot serves everybody who joins within this time
    RESYNC_RETRY_MS = 2000,        // a snapshot for a whole room is asked again
    ROOM_LINGER_MS = 10000,        // a room without viewers keeps its subscriptions
    ROOM_UNKNOWN_MS = 1000,        // retained state of a sale must come by then, with no engine
    LOTS_PAGE_WAIT_MS = 1000,      // a retained page of lots must come by then
    PRESENCE_INTERVAL_MS = 1000,   // presence and lobby at most once in this time
    HEARTBEAT_INTERVAL_MS = 10000, // own heartbeat
    HEARTBEAT_LIFE_MS = 30000,     // a node not seen for this time is dead
    RESTORE_WAIT_MS = 5000,    // for a client that comes back: the room must know enough by then
    RESUME_PAUSE_MS = 20,      // after which a socket is looked at again that is being sent much
    PAST_LINGER_MS = 30000,    // a history that was fetched serves others within this time
    PRESENCE_LINGER_MS = 5000, // who was cut off is not missed in the lobby for this time
    MOVED_VIEWER_MS = 30000,   // replies follow a socket that moved
    ENDED_NOTES_PER_SECOND_MAX = 200, // goodbyes that other bridges are told

    ROOMS_MAX = 10000,
    VIEWERS_MAX = 50000,
    PENDING_COMMANDS_MAX = 16384,
    HELD_EVENTS_MAX = 1024,
    HELD_BYTES_MAX = 1024 * 1024,
    RECENT_EVENTS_MAX = 256, // that a room keeps for those who come back soon
    RECENT_BYTES_MAX = 512 * 1024,
    RECOVERY_BYTES_MAX = 6 * 1024 * 1024, // of a room's history while it is fetched for somebody
    PASTS_MAX = 32,                       // rooms that keep so much, at one time
    RESUME_TURN_MAX = 1024 * 1024,        // of what many missed: the others in the next turn
    RESUME_WAITING_MAX = 256 * 1024,      // of what one socket missed: the rest when that is sent
    LINGERERS_MAX = 20000,                // of one room
    LOTS_PAGES_MAX = 100,
    WAITERS_OF_A_ROOM_MAX = 20000,
    BRIDGES_MAX = 256,
    ENGINES_MAX = 64,
    PRESENCES_MAX = 16384,
    RATE_BUCKETS_MAX = 16384,
    SHEETS_MAX = 64,       // results.csv under way
    LIST_LOTS_MAX = 10000, // in one request, as in a sale
    LIST_PARTICIPANTS_MAX = 5000,
    LIST_ID_SIZE_MAX = 32,
    LIST_TITLE_SIZE_MAX = 120,
    LIST_DESCRIPTION_SIZE_MAX = 1000,
    LIST_IMAGE_SIZE_MAX = 500,
    LIST_CATEGORY_SIZE_MAX = 40,
    LIST_PADDLE_SIZE_MAX = 8,
    LIST_NO_MAX = 999999,
    LIST_QUANTITY_MAX = 10000,
    IMPORT_PART_SIZE_MAX = 180 * 1024, // of the text of one part, as it stands in its quotes
    IMPORT_SIZE_MAX = 16 * 1024 * 1024,
    EXPORT_SIZE_MAX = 16 * 1024 * 1024,

    EVENT_ARGUMENTS_SIZE_MAX = 200 * 1024,
    RESPONSE_SIZE_MAX = 4 * 1024 * 1024,
    TOKEN_SIZE_MAX = 4096,
    NAME_SIZE_MAX = 60,
    INVITE_SIZE_MAX = 64,
};

#define LIST_AMOUNT_MAX INT64_C(1000000000000000)
#define LIST_DURATION_MS_MAX INT64_C(31536000000)

#endif
