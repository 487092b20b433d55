// Operating errors, and the assertion for broken invariants.
//
// Three kinds of failure have three forms: a refusal (the rules say no) is an `enum error_code`; an
// operating error is `enum lc_status` and must be checked; a broken invariant is LC_ASSERT, on in
// every build and never applied to anything that a client, a file or a broker can send.
#ifndef LOTCAST_BASE_STATUS_H
#define LOTCAST_BASE_STATUS_H

enum lc_status {
    LC_OK = 0,
    LC_ERR_NO_MEMORY, // an allocation failed
    LC_ERR_FULL,      // a named limit was reached; nothing was changed
    LC_ERR_BAD_INPUT, // the bytes or the argument are not what the format demands
    LC_ERR_NOT_FOUND, // no such thing
    LC_ERR_EXISTS,    // there is one already
    LC_ERR_IO,        // a file, socket or database operation failed
    LC_ERR_BUSY,      // the resource is locked by another, try later
    LC_ERR_DISK_FULL, // no space to write
    LC_ERR_CORRUPT,   // stored bytes are not what was written
    LC_ERR_OFFLINE,   // the peer is not connected
};

// Name of a status for a log line; never NULL.
const char *lc_status_name(enum lc_status status);

// Prints the condition with its place and aborts.
_Noreturn void lc_assert_failed(const char *condition, const char *file, int line);

#define LC_ASSERT(condition) \
    ((condition) ? (void)0 : lc_assert_failed(#condition, __FILE__, __LINE__))
#define LC_MUST_CHECK __attribute__((warn_unused_result))
#define LC_PRINTF(format_index, first_argument) \
    __attribute__((format(printf, format_index, first_argument)))

#endif
