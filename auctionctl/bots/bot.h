// One bidder: when it bids how much, and whether each of its bids has exactly one answer.
//
// Purity:    pure; chance comes from the seed
// Units:     *_ms milliseconds on the caller's clock, *_minor currency minor units
// Ownership: bot_init/release
// Order:     bot_next_action() after every event, answer and at bot_deadline()
// Source:    the same bid id is sent again while its outcome is unknown (docs/PROTOCOL.md, TIMEOUT)
#ifndef LOTCAST_CTL_BOT_H
#define LOTCAST_CTL_BOT_H

#include "auctionctl/bots/bot_view.h"
#include "lib/base/error_code.h"

enum { BOT_RESENDS_MAX = 20, BOT_ANSWER_WAIT_MS = 5000 };

struct bot_config {
    uint64_t seed;
    int number;
    int64_t think_min_ms;
    int64_t think_max_ms;
    const char *run; // part of the bid ids
};

struct bot_counts {
    uint64_t sent; // bids, each counted once
    uint64_t resent;
    uint64_t answered;
    uint64_t accepted;
    uint64_t repeated; // answers from a receipt
    uint64_t answered_again;
    uint64_t given_up;
    uint64_t refused[ERROR_CODE_COUNT];
};

struct bot {
    struct bot_config config;
    struct bot_view view;
    struct bot_counts counts;
    uint64_t chance;
    bool joined; // the room's snapshot is there
    int64_t bid_at_ms;
    int64_t limit_minor; // learnt from a refusal, for this lot
    struct lot_id limit_lot;
    // The bid that waits for its answer.
    bool waiting;
    bool sent_now; // on the present connection
    uint64_t number;
    uint64_t last_answered;
    struct lot_id lot;
    int64_t amount_minor;
    int64_t first_sent_ms;
    int64_t answer_due_ms;
    int64_t resend_at_ms;
    int resends;
};

void bot_init(struct bot *bot, const struct bot_config *config);
void bot_release(struct bot *bot);

void bot_event(struct bot *bot, struct bytes name, const struct json *payload, int64_t now_ms);
void bot_disconnected(struct bot *bot);

struct bot_bid {
    uint64_t number;
    char id[COMMAND_ID_SIZE_MAX + 1];
    struct lot_id lot;
    int64_t amount_minor;
};
// True: send this bid now.
bool bot_next_action(struct bot *bot, int64_t now_ms, struct bot_bid *out_bid);
int64_t bot_deadline(const struct bot *bot);

enum bot_answer { BOT_ANSWER_ACCEPTED, BOT_ANSWER_REFUSED, BOT_ANSWER_UNKNOWN, BOT_ANSWER_AGAIN };
// The acknowledgement of bid `number`: `result` as in docs/PROTOCOL.md, Commands.
enum bot_answer bot_answered(struct bot *bot, uint64_t number, const struct json *result,
                             int64_t now_ms);

#endif
