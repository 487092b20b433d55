// What the Admin UI may see of a first request: headers and query with what gives access masked.
//
// Purity:    pure (allocates)
// Errors:    those of the buffer. Beyond ADMIN_HANDSHAKE_SIZE_MAX the rest is left out, values
//            beyond ADMIN_TEXT_SIZE_MAX are cut; bytes that are not UTF-8 become '?'
//
// Masked are the values of headers and parameters whose names speak of credentials (authorization,
// cookies, tokens, passwords, keys, session ids), and every value that has the form of a JWT. Of
// addresses in headers (Referer) the query is left out.
#ifndef LOTCAST_ADMIN_MASK_H
#define LOTCAST_ADMIN_MASK_H

#include "bridge/socketio/server.h"
#include "lib/base/buffer.h"

#define ADMIN_MASKED "(masked)"

// As JSON objects.
void admin_mask_headers(struct buffer *out, const struct socketio_handshake *handshake);
void admin_mask_query(struct buffer *out, struct bytes query);
// As a JSON string: the path, and the query with its values masked.
void admin_mask_url(struct buffer *out, struct bytes url);
// As a JSON string: any text of a client, cut and made UTF-8.
void admin_mask_text(struct buffer *out, struct bytes text);

// True when the text may hold a JWT.
bool admin_mask_is_jwt(struct bytes text);

#endif
