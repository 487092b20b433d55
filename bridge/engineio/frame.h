// One Engine.IO packet as the bytes of a server's WebSocket frame. A server's frames are not
// masked, so the same bytes go to every socket, and the payload behind the header is the packet's
// text in a polling body.
//
// Purity:    pure (allocates)
// Ownership: frame_create/destroy; a queue or a ring that takes a frame says so
// Errors:    frame_create: LC_ERR_NO_MEMORY
// Source:    RFC 6455 section 5.2; Engine.IO protocol v4, "Packet encoding"
#ifndef LOTCAST_ENGINEIO_FRAME_H
#define LOTCAST_ENGINEIO_FRAME_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct frame {
    struct frame *next; // for the queue that owns it
    uint64_t order;     // of creation in this server: streams are merged by it
    size_t size;        // header and payload
    uint8_t header_size;
    bool binary;
    bool is_volatile; // may be dropped where it cannot be sent at once
    bool ends_burst;  // what follows goes out in a later write
    uint8_t data[];
};

// A frame of the parts joined. A text frame's first part begins with the packet type; a binary
// frame has none.
LC_MUST_CHECK enum lc_status frame_create(bool binary, const struct bytes *parts, size_t count,
                                          struct frame **out_frame);
void frame_destroy(struct frame *frame);

struct bytes frame_bytes(const struct frame *frame);   // for a WebSocket
struct bytes frame_payload(const struct frame *frame); // without the header

#endif
