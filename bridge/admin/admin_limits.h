// Limits of the Admin UI's namespace. Full means a refusal or a documented drop.
#ifndef LOTCAST_ADMIN_LIMITS_H
#define LOTCAST_ADMIN_LIMITS_H

#include <stdint.h>

enum {
    ADMIN_SOCKETS_MAX = 32,              // connected admins
    ADMIN_NAME_SIZE_MAX = 128,           // namespace, user, server id, host name
    ADMIN_PASSWORD_SIZE_MAX = 72,        // bcrypt looks at no more
    ADMIN_CHECKS_PENDING_MAX = 4,        // passwords that wait for the worker
    ADMIN_SESSIONS_MAX = 64,             // the oldest gives way
    ADMIN_SESSION_SIZE = 16,             // hexadecimal digits
    ADMIN_ADDRESSES_MAX = 64,            // whose attempts are remembered; the quietest gives way
    ADMIN_ADDRESS_SIZE_MAX = 64,         // longer ones share a bucket by their beginning
    ADMIN_ATTEMPTS_BURST = 5,            // of one address
    ADMIN_ATTEMPTS_ALL_BURST = 20,       // of everybody
    ADMIN_TEXT_SIZE_MAX = 512,           // of a header's or a parameter's value that is shown
    ADMIN_HANDSHAKE_SIZE_MAX = 8192,     // of headers, and of the query, each
    ADMIN_ROOMS_SHOWN_MAX = 100,         // of one socket
    ADMIN_ARGS_SIZE_MAX = 8192,          // of an event's arguments that are shown
    ADMIN_NOTICE_SIZE_MAX = 65536,       // of one notice
    ADMIN_ALL_SOCKETS_SIZE_MAX = 524288, // less than what a connection may have pending
    ADMIN_NOTICES_PER_SECOND_MAX = 2000,
    ADMIN_NOTICES_BYTES_PER_SECOND_MAX = 524288,
    ADMIN_REASONS_MAX = 12,    // of ended connections, counted apart
    ADMIN_AGGREGATES_MAX = 64, // of one server_stats
    ADMIN_NAMESPACES_SHOWN_MAX = 200,
};

#define ADMIN_SESSION_LIFE_MS INT64_C(86400000) // as long as the reference's Redis store
#define ADMIN_ATTEMPT_MS INT64_C(10000)         // an address gets one more after this time
#define ADMIN_ATTEMPT_ALL_MS INT64_C(500)       // and everybody together
#define ADMIN_STATS_MS INT64_C(2000)
#define ADMIN_SAMPLE_MS INT64_C(1000)
#define ADMIN_STALE_MS INT64_C(2000) // all sockets anew, after notices had to be dropped

#endif
