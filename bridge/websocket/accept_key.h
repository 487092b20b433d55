// The proof that a server understood the handshake; the only file pair here that knows OpenSSL.
//
// Purity: pure in effect (OpenSSL EVP)
// Source: RFC 6455 section 4.2.2; FIPS 180-4 (SHA-1, which is no matter of security here)
#ifndef LOTCAST_WEBSOCKET_ACCEPT_KEY_H
#define LOTCAST_WEBSOCKET_ACCEPT_KEY_H

#include "lib/base/bytes.h"

enum { ACCEPT_KEY_SIZE = 28 };

// Sec-WebSocket-Accept for a Sec-WebSocket-Key, with a NUL.
void accept_key(struct bytes key, char out_accept[ACCEPT_KEY_SIZE + 1]);

#endif
