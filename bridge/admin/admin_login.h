// Who may administer: sessions after a password was right, and how many passwords may be tried.
//
// Purity:    pure (allocates nothing)
// Units:     *_ms milliseconds on the caller's monotonic clock
// Ownership: value
// Errors:    none: what is full gives up its oldest entry
// Order:     time must not go back
#ifndef LOTCAST_ADMIN_LOGIN_H
#define LOTCAST_ADMIN_LOGIN_H

#include "bridge/admin/admin_limits.h"
#include "lib/base/bytes.h"

struct admin_session {
    char id[ADMIN_SESSION_SIZE + 1]; // empty: free
    int64_t ends_ms;
};

struct admin_bucket {
    size_t size; // of the address; 0: free, as an empty address is "none"
    uint8_t address[ADMIN_ADDRESS_SIZE_MAX];
    int64_t full_ms; // when all attempts are back
};

struct admin_login {
    struct admin_session sessions[ADMIN_SESSIONS_MAX];
    struct admin_bucket addresses[ADMIN_ADDRESSES_MAX];
    int64_t all_full_ms;
};

// `random`: 8 unguessable bytes. Returns the id of the new session.
const char *admin_login_begin(struct admin_login *login, const uint8_t random[8], int64_t now_ms);
bool admin_login_knows(const struct admin_login *login, struct bytes session, int64_t now_ms);

// Takes one attempt into account; false: too many, of this address or of all.
bool admin_login_may_try(struct admin_login *login, struct bytes address, int64_t now_ms);

#endif
