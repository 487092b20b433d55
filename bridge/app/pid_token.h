// The pid: what a client shows to take its session up again, at any bridge. It says which session
// that was, whose, and since when, and is signed by the bridges' common key.
//
// Purity:    pure: `struct outside` signs and verifies
// Units:     issued_at_s seconds since 1970 UTC
// Ownership: value
// Errors:    pid_token_read: false for everything that no bridge has signed
// Source:    design 5 (connection state recovery), docs/PROTOCOL.md (Recovery)
#ifndef LOTCAST_BRIDGE_PID_TOKEN_H
#define LOTCAST_BRIDGE_PID_TOKEN_H

#include "bridge/app/identity.h"
#include "bridge/app/outside.h"
#include "lib/base/buffer.h"

enum { PUBLIC_SID_SIZE_MAX = 32, PID_TOKEN_SIZE_MAX = 512 };

struct pid_token {
    char sid[PUBLIC_SID_SIZE_MAX + 1]; // of the Socket.IO socket
    struct identity identity;
    int64_t issued_at_s;
};

void pid_token_write(const struct outside *outside, const struct pid_token *token,
                     struct buffer *out);
bool pid_token_read(const struct outside *outside, struct bytes text, struct pid_token *out_token);

#endif
