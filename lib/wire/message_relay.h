// What bridges say to each other about sessions, on relay/{node} and relay/all: a head of fixed
// binary fields, a body of any bytes, and a signature over both.
//
// Purity:    pure
// Units:     numbers are unsigned, most significant byte first
// Ownership: a reader's body is borrowed from the message
// Errors:    relay_message_read: LC_ERR_BAD_INPUT for another version or shape, LC_ERR_CORRUPT for a
//            wrong signature
// Source:    docs/PROTOCOL.md, Bridge to bridge; docs/asyncapi.yaml; the bytes are kept by
//            tests/golden
#ifndef LOTCAST_WIRE_MESSAGE_RELAY_H
#define LOTCAST_WIRE_MESSAGE_RELAY_H

#include "lib/base/buffer.h"

enum { RELAY_NODE_SIZE = 4, RELAY_SID_SIZE = 20, RELAY_MAC_SIZE = 32 };

// Everything else is bridge/relay's owner's to fill in.

#endif
