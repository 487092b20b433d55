// What client and server agree on about permessage-deflate.
//
// Purity:    pure
// Source:    RFC 7692 section 7.1; answers as those of the reference server
#ifndef LOTCAST_WEBSOCKET_WS_OFFER_H
#define LOTCAST_WEBSOCKET_WS_OFFER_H

#include "bridge/http/http_head.h"
#include "lib/base/buffer.h"

enum { WS_WINDOW_BITS_MIN = 9, WS_WINDOW_BITS_MAX = 15, WS_DEFLATE_BYTES_MIN = 1024 };

struct ws_deflate_config {
    bool is_on;
    size_t bytes_min; // smaller messages are not compressed; 0: WS_DEFLATE_BYTES_MIN
    int level;        // 1 to 9, 0: 6
    int memory_level; // 1 to 9, 0: 8
    // Forgetting after each message costs compression, and saves the memory of a state that waits.
    bool server_forgets;
    bool client_forgets;
    int server_window_bits; // 0: the largest that the client allows
    int client_window_bits; // 0: as the client likes
};

struct ws_deflate_terms {
    bool is_on;
    bool server_forgets;
    bool client_forgets;
    uint8_t server_window_bits; // 0: not spoken of, so 15
    uint8_t client_window_bits;
};

// LC_OK: `out_terms` is what holds; `is_on` is false when nothing acceptable was offered.
// LC_ERR_BAD_INPUT: an offer that is none, the request is to be refused.
LC_MUST_CHECK enum lc_status ws_offer_read(const struct ws_deflate_config *config,
                                           const struct http_head *head,
                                           struct ws_deflate_terms *out_terms);
// The line of the 101; nothing when it is off.
void ws_offer_append(const struct ws_deflate_terms *terms, struct buffer *out);

#endif
