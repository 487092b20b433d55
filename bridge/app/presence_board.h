// Who is present at the other bridges, as they say it; only what live bridges say counts, and for
// PRESENCE_LINGER_MS the participants of a bridge that has gone: they come back elsewhere.
//
// Purity:    pure (allocates)
// Units:     *_ms milliseconds on the boot clock
// Ownership: presence_board_init/release
// Errors:    a full board ignores the newcomer
// Source:    design 4 (presence), lessons F25
#ifndef LOTCAST_BRIDGE_PRESENCE_BOARD_H
#define LOTCAST_BRIDGE_PRESENCE_BOARD_H

#include "bridge/app/app_limits.h"
#include "lib/base/id.h"
#include "lib/wire/message.h"

struct bridge_presence {
    struct client_id node;
    struct sale_id sale;
    int64_t count;
    struct participant_id *ids;
    size_t ids_count;
    int64_t lingers_until_boot_ms; // its bridge has gone; 0: not that one knows
};

struct bridge_node {
    struct client_id node;
    int64_t alive_until_boot_ms; // 0: offline
    int64_t since_ms;
    char relay[5];        // as the others reach it; "": not at all
    char former_relay[5]; // before it found that taken: there are still sessions of it
};

struct bridge_beat {
    struct client_id node;
    const char *relay;
    int64_t since_ms;
    int64_t life_ms; // how long it counts from now; 0: offline
};

struct presence_board {
    struct bridge_presence *presences;
    size_t presences_count;
    bool has_lingering;
    struct bridge_node bridges[BRIDGES_MAX];
    size_t bridges_count;
    void (*died)(void *context, const char *relay);
    void *context;
};

// `died` (may be NULL): nobody is reached by this name any more. It must not call back.
void presence_board_init(struct presence_board *board,
                         void (*died)(void *context, const char *relay), void *context);
void presence_board_release(struct presence_board *board);

// A heartbeat of another bridge. True when it came to life or died.
bool presence_board_beat(struct presence_board *board, const struct bridge_beat *beat,
                         int64_t boot_ms);
// Whether a live bridge is reached by this name.
bool presence_board_reaches(const struct presence_board *board, const char *relay);
// Nobody could be heard for a while: all that were there have `life_ms` to be heard again.
void presence_board_excuse(struct presence_board *board, int64_t life_ms, int64_t boot_ms);
// Takes what a bridge says of a sale; takes over the ids of `presence`.
void presence_board_set(struct presence_board *board, struct wire_presence *presence);
void presence_board_clear(struct presence_board *board, const struct client_id *node,
                          const struct sale_id *sale);
// Forgets bridges whose time has passed; true when there was one.
bool presence_board_expire(struct presence_board *board, int64_t boot_ms);
int64_t presence_board_deadline_ms(const struct presence_board *board);

// The whole lobby of a sale: local people and those at live bridges; a participant who is at two
// bridges counts once. `*ids` is sorted and has no doubles; the caller frees it.
struct lobby {
    int64_t count;
    struct participant_id *ids;
    size_t ids_count;
};
LC_MUST_CHECK enum lc_status presence_board_lobby(const struct presence_board *board,
                                                  const struct sale_id *sale, int64_t local_count,
                                                  const struct participant_id *local_ids,
                                                  size_t local_ids_count, int64_t boot_ms,
                                                  struct lobby *out_lobby);

#endif
