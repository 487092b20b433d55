// Packets of Engine.IO v4 and Socket.IO v5 as a client sees them: splits a payload, reads one
// packet.
//
// Purity:    pure
// Ownership: values; every part is borrowed from the bytes that were read
// Errors:    false when the bytes are no packet of the protocol, the result is untouched then
// Source:    Engine.IO protocol v4, Socket.IO protocol v5
#ifndef LOTCAST_SIOCLIENT_SIO_PACKET_H
#define LOTCAST_SIOCLIENT_SIO_PACKET_H

#include "lib/base/bytes.h"

#define SIO_RECORD_SEPARATOR 0x1E

enum eio_kind {
    EIO_OPEN = '0',
    EIO_CLOSE = '1',
    EIO_PING = '2',
    EIO_PONG = '3',
    EIO_MESSAGE = '4',
    EIO_UPGRADE = '5',
    EIO_NOOP = '6'
};

struct eio_packet {
    enum eio_kind kind;
    struct bytes data;
};

// Takes the next packet off a polling payload; false at the end of `rest`.
bool eio_payload_next(struct bytes *rest, struct bytes *out_packet);

bool eio_packet_read(struct bytes text, struct eio_packet *out_packet);

enum sio_kind {
    SIO_CONNECT = '0',
    SIO_DISCONNECT = '1',
    SIO_EVENT = '2',
    SIO_ACK = '3',
    SIO_CONNECT_ERROR = '4'
};

struct sio_packet { // of the root namespace; binary packets are none that Lotcast sends
    enum sio_kind kind;
    bool has_id;
    uint64_t id;
    struct bytes data; // JSON, or empty
};

bool sio_packet_read(struct bytes text, struct sio_packet *out_packet);

#endif
