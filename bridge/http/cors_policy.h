// Which other sites' pages may read the answers of this server, and may open its WebSockets.
//
// Purity:    pure
// Ownership: a policy borrows its texts
// Errors:    what does not fit into `out` is told by buffer_status()
// Source:    the Fetch standard, "HTTP extensions"; answers as those of the reference server
#ifndef LOTCAST_HTTP_CORS_POLICY_H
#define LOTCAST_HTTP_CORS_POLICY_H

#include "lib/base/buffer.h"

enum { CORS_SUCCESS_STATUS = 204 };

enum cors_origins {
    CORS_OFF,     // no header at all
    CORS_ANY,     // "*"
    CORS_FIXED,   // always origins[0], whoever asks
    CORS_LISTED,  // the one that asks, when it is one of `origins`
    CORS_REFLECT, // the one that asks
};

struct cors_policy {
    enum cors_origins kind;
    const char *const *origins;  // ends with NULL
    const char *methods;         // NULL: GET,HEAD,PUT,PATCH,POST,DELETE
    const char *allowed_headers; // NULL: those that a preflight asks for
    const char *exposed_headers; // NULL: none
    bool allows_credentials;
    bool has_max_age;
    uint32_t max_age_s;
    int success_status; // of a preflight; 0: CORS_SUCCESS_STATUS
};

// False: a page of that origin may not use this server. Empty: the request names none, and does not
// come from another site's page.
bool cors_allows(const struct cors_policy *policy, struct bytes origin);

// The header lines of any answer to a request of that origin.
void cors_append(const struct cors_policy *policy, struct bytes origin, struct buffer *out);
// Those of an answer to a preflight, in their place.
void cors_append_preflight(const struct cors_policy *policy, struct bytes origin,
                           struct bytes requested_headers, struct buffer *out);
int cors_success_status(const struct cors_policy *policy);

#endif
