// What a session's first request looked like, kept for the application.
//
// Purity:    pure (allocates)
// Ownership: handshake_copy() makes one block that the caller ends with handshake_destroy()
// Errors:    handshake_copy: LC_ERR_NO_MEMORY; headers that pass HANDSHAKE_BYTES_MAX in sum are
//            left out
#ifndef LOTCAST_ENGINEIO_HANDSHAKE_H
#define LOTCAST_ENGINEIO_HANDSHAKE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum { HANDSHAKE_BYTES_MAX = 8192 };

struct engineio_header {
    struct bytes name; // lower case
    struct bytes value;
};

struct engineio_handshake {
    struct bytes url;
    struct bytes query;
    struct bytes address;
    bool secure;
    int64_t time_ms; // of the caller's clock
    const struct engineio_header *headers;
    size_t headers_count;
};

LC_MUST_CHECK enum lc_status handshake_copy(const struct engineio_handshake *from,
                                            struct engineio_handshake **out_copy);
void handshake_destroy(struct engineio_handshake *handshake);

// The value of the first header of that name; no data: none.
struct bytes handshake_header(const struct engineio_handshake *handshake, const char *name);

#endif
