// The compression of WebSocket messages; the only file pair here that knows zlib.
//
// Purity:    pure (allocates)
// Ownership: create/destroy; destroy(NULL) is fine
// Errors:    LC_ERR_NO_MEMORY; LC_ERR_BAD_INPUT: what arrived is not compressed data; LC_ERR_FULL:
//            `out` is too small. After an error the state is good for nothing but destroy
// Source:    RFC 7692 section 7.2, RFC 1951
#ifndef LOTCAST_WEBSOCKET_WS_DEFLATE_H
#define LOTCAST_WEBSOCKET_WS_DEFLATE_H

#include "bridge/websocket/ws_offer.h"
#include "lib/base/buffer.h"

struct ws_inflater;
struct ws_inflater *ws_inflater_create(int window_bits); // 0: the largest. NULL: no memory
void ws_inflater_destroy(struct ws_inflater *inflater);
// Appends what `in`, the next part of a message, decompresses to.
LC_MUST_CHECK enum lc_status ws_inflater_feed(struct ws_inflater *inflater, struct bytes in,
                                              struct buffer *out);
LC_MUST_CHECK enum lc_status ws_inflater_end_message(struct ws_inflater *inflater,
                                                     struct buffer *out);

struct ws_deflater;
struct ws_deflater *ws_deflater_create(const struct ws_deflate_config *config, int window_bits);
void ws_deflater_destroy(struct ws_deflater *deflater);
// Appends frames of a server's with the messages of at least `config`'s bytes_min compressed.
// `forgets`: each is compressed by itself.
LC_MUST_CHECK enum lc_status ws_deflater_rewrite(struct ws_deflater *deflater, bool forgets,
                                                 struct bytes frames, struct buffer *out);

#endif
