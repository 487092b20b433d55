// The operations of the engine, and the names under which browsers ask for them.
//
// Purity: pure
// Source: docs/PROTOCOL.md, Commands
#ifndef LOTCAST_BRIDGE_OPERATION_H
#define LOTCAST_BRIDGE_OPERATION_H

#include "lib/base/bytes.h"

// X(name, op, Socket.IO event or NULL, may come by POST .../commands, needs an id of the caller)
#define OPERATIONS(X)                                                       \
    X(CREATE, "create", NULL, false, false)                                 \
    X(LIST, "list", NULL, false, false)                                     \
    X(ADD_LOTS, "add_lots", "add_lots", true, true)                         \
    X(CREATE_INVITE, "create_invite", "create_invite", false, false)        \
    X(JOIN, "join", NULL, false, true)                                      \
    X(BEGIN, "begin", "begin_auction", true, true)                          \
    X(PAUSE, "pause", "pause_auction", true, true)                          \
    X(RESUME, "resume", "resume_auction", true, true)                       \
    X(NEXT, "next", "next_lot", true, true)                                 \
    X(RESET, "reset", "reset_auction", true, true)                          \
    X(DELETE, "delete", "delete_auction", true, true)                       \
    X(ANNOUNCE, "announce", "announce", true, true)                         \
    X(BLOCK, "block", "block_participant", true, true)                      \
    X(BID, "bid", "place_bid", true, true)                                  \
    X(SET_MAX, "set_max", "set_max_bid", true, true)                        \
    X(WITHDRAW_MAX, "withdraw_max", "withdraw_max_bid", true, true)         \
    X(BUY_NOW, "buy_now", "buy_now", true, true)                            \
    X(PASS, "pass", "pass_lot", true, true)                                 \
    X(NOMINATE, "nominate", "nominate", true, true)                         \
    X(SUBMIT_NAMES, "submit_names", "submit_names", true, true)             \
    X(MATCH, "match", "match_lot", true, true)                              \
    X(RAISE_MATCH, "raise_match", "raise_match", true, true)                \
    X(FLOOR_BID, "floor_bid", "floor_bid", true, true)                      \
    X(UNDO, "undo", "undo_bid", true, true)                                 \
    X(SET_ASK, "set_ask", "set_ask", true, true)                            \
    X(WARN, "warn", "fair_warning", true, true)                             \
    X(SELL, "sell", "sell_lot", true, true)                                 \
    X(PASS_IN, "pass_in", "pass_in_lot", true, true)                        \
    X(ADD_TIME, "add_time", "add_time", true, true)                         \
    X(REOPEN, "reopen", "reopen_lot", true, true)                           \
    X(WITHDRAW_LOT, "withdraw_lot", "withdraw_lot", true, true)             \
    X(TAKE_GAVEL, "take_gavel", "take_gavel", true, true)                   \
    X(GAVEL, "gavel", "gavel", true, false)                                 \
    X(ADD_PARTICIPANTS, "add_participants", "add_participants", true, true) \
    X(SET_PARTICIPANT, "set_participant", "set_participant", true, true)    \
    X(SNAPSHOT, "snapshot", NULL, true, false)                              \
    X(YOU, "you", NULL, true, false)                                        \
    X(REPLAY, "replay", NULL, false, false)                                 \
    X(RESULTS, "results", NULL, true, false)                                \
    X(RECEIPT, "receipt", NULL, true, false)                                \
    X(EXPORT_DEFINITION, "export_definition", NULL, true, false)            \
    X(PART, "part", NULL, false, false)

enum operation {
#define X(name, op, event, over_http, needs_id) OPERATION_##name,
    OPERATIONS(X)
#undef X
        OPERATION_COUNT
};

const char *operation_name(enum operation operation);
bool operation_needs_id(enum operation operation);

bool operation_of_event(struct bytes event, enum operation *out_operation);
// Of those that POST .../commands takes, by the name of the op or of the event.
bool operation_of_http(struct bytes op, enum operation *out_operation);

#endif
