// One Engine.IO packet as the bytes of a server's WebSocket frame. A server's frames are not
// masked, so the same bytes go to every socket, and the payload behind the header is the packet's
// text in a polling body.
//
// Purity:    pure (allocates)
// Ownership: frame_create/destroy; a queue or a ring that takes a frame says so. A frame with
//            several owners is shared: each of them ends its part with frame_destroy()
// Errors:    frame_create: LC_ERR_NO_MEMORY
// Source:    RFC 6455 section 5.2; Engine.IO protocol v4, "Packet encoding"
#ifndef LOTCAST_ENGINEIO_FRAME_H
#define LOTCAST_ENGINEIO_FRAME_H

#include "lib/base/buffer.h"

struct frame {
    struct frame *next;     // for the queue that owns it
    struct frame *attached; // the packet goes on with it: its next attachment; owned by this one
    struct frame *twin;     // the whole packet in another encoding, when a reader wanted it; owned
    uint64_t order;         // of creation in this server: streams are merged by it
    size_t size;            // header and payload
    uint32_t owners;
    uint8_t header_size;
    bool binary;
    bool is_volatile; // may be dropped where it cannot be sent at once
    bool goes_alone;  // a volatile one that is dropped also where something waits before it
    bool ends_burst;  // what follows goes out in a later write
    bool no_compress; // alone in a response, it is not worth its compression
    uint8_t data[];
};

// A frame of the parts joined. A text frame's first part begins with the packet type; a binary
// frame has none.
LC_MUST_CHECK enum lc_status frame_create(bool binary, const struct bytes *parts, size_t count,
                                          struct frame **out_frame);
// One owner less; the last one ends the frame and what it owns.
void frame_destroy(struct frame *frame);
struct frame *frame_share(const struct frame *frame); // one owner more

// With the attachments behind it.
size_t frame_packet_size(const struct frame *frame);

// Appends the header of a frame whose `size` bytes follow.
void frame_append_header(struct buffer *out, bool binary, size_t size);

struct bytes frame_bytes(const struct frame *frame);   // for a WebSocket
struct bytes frame_payload(const struct frame *frame); // without the header

#endif
