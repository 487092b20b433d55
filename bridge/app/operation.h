// The operations of the engine, and the names under which browsers ask for them.
//
// Purity: pure
// Source: docs/PROTOCOL.md, Commands
#ifndef LOTCAST_BRIDGE_OPERATION_H
#define LOTCAST_BRIDGE_OPERATION_H

#include "lib/base/bytes.h"

// X(name, op, Socket.IO event or NULL, may come by POST .../commands, needs an id of the caller)
#define OPERATIONS(X)                                     \
    X(CREATE, "create", NULL, false, false)               \
    X(LIST, "list", NULL, false, false)                   \
    X(ADD_LOTS, "add_lots", NULL, true, true)             \
    X(CREATE_INVITE, "create_invite", NULL, false, false) \
    X(JOIN, "join", NULL, false, true)                    \
    X(BEGIN, "begin", "begin_auction", true, true)        \
    X(PAUSE, "pause", "pause_auction", true, true)        \
    X(RESUME, "resume", "resume_auction", true, true)     \
    X(NEXT, "next", "next_lot", true, true)               \
    X(RESET, "reset", "reset_auction", true, true)        \
    X(DELETE, "delete", "delete_auction", true, true)     \
    X(ANNOUNCE, "announce", "announce", true, true)       \
    X(BLOCK, "block", NULL, true, true)                   \
    X(BID, "bid", "place_bid", true, true)                \
    X(SNAPSHOT, "snapshot", NULL, true, false)            \
    X(YOU, "you", NULL, true, false)                      \
    X(REPLAY, "replay", NULL, false, false)               \
    X(RESULTS, "results", NULL, true, false)              \
    X(RECEIPT, "receipt", NULL, true, false)

enum operation {
#define X(name, op, event, over_http, needs_id) OPERATION_##name,
    OPERATIONS(X)
#undef X
        OPERATION_COUNT
};

const char *operation_name(enum operation operation);
bool operation_needs_id(enum operation operation);

bool operation_of_event(struct bytes event, enum operation *out_operation);
// Of those that POST .../commands takes.
bool operation_of_http(struct bytes op, enum operation *out_operation);

#endif
