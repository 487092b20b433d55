// Plays a sale with many bidders in one process, each joined and connected as a browser is.
//
// Purity:    talks to the network through auctionctl/io
// Units:     *_ms milliseconds, latencies in microseconds
// Ownership: the result is ended with bots_result_release()
// Errors:    false with a line in `why` when the play could not begin
#ifndef LOTCAST_CTL_BOTS_RUN_H
#define LOTCAST_CTL_BOTS_RUN_H

#include "auctionctl/bots/bot.h"
#include "auctionctl/bots/latency.h"
#include "auctionctl/sioclient/sioclient.h"
#include "lib/base/buffer.h"

enum { BOTS_MAX = 1000, BOTS_TOKEN_SIZE_MAX = 4096 };

enum bots_transport { BOTS_POLLING, BOTS_WEBSOCKET, BOTS_UPGRADE, BOTS_MIXED };

struct bots_config {
    const char *url; // http://host:port
    const char *path;
    const char *sale;
    int bidders;
    uint64_t seed;
    enum bots_transport transport;
    int64_t think_min_ms;
    int64_t think_max_ms;
    int64_t max_ms;    // 0: until the sale is over
    bool shows_losses; // of connections, on stderr
};

struct bots_member { // one bidder: who it is before, what it has seen after
    char name[64];
    char token[BOTS_TOKEN_SIZE_MAX];
    struct participant_id id;
    enum sioclient_mode mode;
    struct bot bot;
    bool on_websocket; // at the end
    uint64_t connects;
    uint64_t disconnects;     // of connections that were there
    uint64_t failed_connects; // tries that did not become one
    uint64_t upgrades_failed;
    char last_reason[160];
};

struct bots_result {
    struct bots_member *members;
    int count;
    const char *end; // "auction_complete", "auction_deleted", "max_seconds", "signal"
    int64_t duration_ms;
    struct latency ack_us;
    struct latency last_us;
};

// `members` have name, token, id; the rest is filled in.
bool bots_run(const struct bots_config *config, struct bots_result *result, char why[160]);
void bots_result_release(struct bots_result *result);

// True when every bid has exactly one answer and no bot saw anything wrong.
bool bots_result_is_good(const struct bots_result *result);
void bots_result_summary(struct bots_result *result, struct buffer *out);
void bots_result_report(const struct bots_config *config, struct bots_result *result,
                        struct buffer *out);

#endif
