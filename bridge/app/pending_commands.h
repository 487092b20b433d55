// Commands that wait for the engine's reply, each with the one who asked.
//
// Purity:    pure (allocates once)
// Units:     *_ms milliseconds on the boot clock
// Ownership: pending_commands_create/destroy; entries are values
// Errors:    LC_ERR_FULL: PENDING_COMMANDS_MAX are under way
// Order:     tags are never used again; entries come back in the order of their deadlines
// Source:    design 4 (commands)
#ifndef LOTCAST_BRIDGE_PENDING_COMMANDS_H
#define LOTCAST_BRIDGE_PENDING_COMMANDS_H

#include "bridge/app/app_limits.h"
#include "bridge/app/operation.h"
#include "lib/base/id.h"
#include "lib/wire/message.h"

enum pending_kind {
    PENDING_SOCKET,   // the reply is the acknowledgement of an event
    PENDING_HTTP,     // the reply is the body of a response
    PENDING_SNAPSHOT, // for the room
    PENDING_REPLAY,   // for the room's stream
    PENDING_PAST,     // for the room's history
    PENDING_YOU,      // an event `you` for one socket
};

// How the result becomes an HTTP response.
enum response_shape {
    SHAPE_RESULT,
    SHAPE_CREATED, // 201
    SHAPE_INVITE,
    SHAPE_JOIN,
    SHAPE_RESULTS_CSV,
    SHAPE_LIST_CSV,   // as SHAPE_RESULT; a refusal names row and column
    SHAPE_DEFINITION, // a page of it
};

struct pending_command {
    enum pending_kind kind;
    enum operation operation;
    enum response_shape shape;
    struct sale_id sale;
    uint64_t socket;
    int64_t ack_id;
    uint64_t exchange;
    int64_t sent_ms;
    char invite[INVITE_SIZE_MAX + 1]; // shown once, in the answer to its maker
};

struct pending_commands;

// `nonce` makes tags of this process unlike those of any other.
LC_MUST_CHECK enum lc_status pending_commands_create(uint64_t nonce,
                                                     struct pending_commands **out_pending);
void pending_commands_destroy(struct pending_commands *pending);

LC_MUST_CHECK enum lc_status pending_commands_add(struct pending_commands *pending,
                                                  const struct pending_command *command,
                                                  char out_tag[WIRE_REPLY_TAG_SIZE_MAX + 1]);
// Takes the entry of a tag out; false when it is unknown, answered or timed out.
bool pending_commands_take(struct pending_commands *pending, const char *tag,
                           struct pending_command *out_command);
// Takes the oldest entry out if its deadline (sent_ms + COMMAND_TIMEOUT_MS) has come.
bool pending_commands_expire(struct pending_commands *pending, int64_t now_ms,
                             struct pending_command *out_command);
// INT64_MAX: none.
int64_t pending_commands_deadline_ms(const struct pending_commands *pending);
// Whether the socket waits for the acknowledgement of a command.
bool pending_commands_waits(const struct pending_commands *pending, uint64_t socket);
size_t pending_commands_count(const struct pending_commands *pending);

#endif
