// Invitations: made here at random, known to the engine by their hash alone, shown once.
//
// Ownership: invite_prepare() points the request at `members`, which stays the caller's
// Source:    design 10, docs/PROTOCOL.md (invites)
#ifndef LOTCAST_BRIDGE_INVITE_H
#define LOTCAST_BRIDGE_INVITE_H

#include "bridge/app/engine_request.h"
#include "lib/json/json_read.h"

enum { INVITE_MEMBERS_SIZE_MAX = 1024, INVITE_RESULT_SIZE_MAX = 256 };

struct invite_wish {
    enum role role;
    int64_t uses;         // 0: no limit
    int64_t expires_in_s; // WIRE_ABSENT: never
    struct participant_id participant;
};

// NULL, or what is wrong with the members.
const char *invite_read(const struct json *body, struct invite_wish *out_wish);

// Makes the invitation and the command for it; false while the engine's time is not known.
bool invite_prepare(struct auction_app *app, const struct invite_wish *wish,
                    struct engine_request *request, struct buffer *members);

// The answer to its maker, of an accepted `result`.
void invite_write_result(struct buffer *out, struct bytes result, const char *invite);

#endif
