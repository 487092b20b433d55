#include "auctionctl/bots/bot.h"

#include <inttypes.h>
#include <stdio.h>

// splitmix64: small, seeded, the same everywhere.
static uint64_t mix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void bot_init(struct bot *bot, const struct bot_config *config)
{
    *bot = (struct bot){.config = *config, .bid_at_ms = INT64_MAX};
    bot->chance = config->seed * UINT64_C(0x2545F4914F6CDD1D) + (uint64_t)config->number;
    (void)mix(&bot->chance);
    bot_view_init(&bot->view);
}

void bot_release(struct bot *bot)
{
    bot_view_release(&bot->view);
}

// What the lot is worth to this bidder: the same for the same seed, bidder, lot and round.
static int64_t valuation(const struct bot *bot)
{
    uint64_t state = bot->config.seed ^ ((uint64_t)bot->config.number << 32);
    for (const char *c = bot->view.lot.text; *c != 0; c++) {
        state = state * 131 + (unsigned char)*c;
    }
    state += (uint64_t)bot->view.round;
    int64_t percent = 80 + (int64_t)(mix(&state) % 240); // of the opening price
    int64_t opening = bot->view.opening_minor;
    return opening > JSON_INTEGER_MAX / 400 ? opening : opening * percent / 100;
}

static int64_t think_ms(struct bot *bot)
{
    int64_t span = bot->config.think_max_ms - bot->config.think_min_ms + 1;
    return bot->config.think_min_ms + (int64_t)(mix(&bot->chance) % (uint64_t)span);
}

static bool wants_to_bid(const struct bot *bot)
{
    const struct bot_view *view = &bot->view;
    if (!bot->joined || bot->waiting || !view->has_snapshot || !view->lot_is_open ||
        strcmp(view->phase, "live") != 0 || bot_view_leads(view)) {
        return false;
    }
    int64_t most = bot_view_max_bid(view);
    if (lot_id_equal(&bot->limit_lot, &view->lot) && bot->limit_minor < most) {
        most = bot->limit_minor;
    }
    return view->ask_minor <= most && view->ask_minor <= valuation(bot);
}

static void think(struct bot *bot, int64_t now_ms)
{
    if (!wants_to_bid(bot)) {
        bot->bid_at_ms = INT64_MAX;
    } else if (bot->bid_at_ms == INT64_MAX) {
        bot->bid_at_ms = now_ms + think_ms(bot);
    }
}

void bot_event(struct bot *bot, struct bytes name, const struct json *payload, int64_t now_ms)
{
    bot_view_event(&bot->view, name, payload);
    if (bytes_equal_text(name, "auction_snapshot")) {
        bot->joined = true;
    }
    think(bot, now_ms);
}

void bot_disconnected(struct bot *bot)
{
    bot_view_disconnected(&bot->view);
    bot->joined = false;
    bot->bid_at_ms = INT64_MAX;
    bot->sent_now = false;
}

static void bid_show(const struct bot *bot, struct bot_bid *out_bid)
{
    *out_bid =
        (struct bot_bid){.number = bot->number, .lot = bot->lot, .amount_minor = bot->amount_minor};
    snprintf(out_bid->id, sizeof out_bid->id, "%s-%d-%" PRIu64, bot->config.run, bot->config.number,
             bot->number);
}

// A bid without a known outcome goes out again with the same id: after a reconnection, a TIMEOUT,
// or silence.
static bool resend_due(struct bot *bot, int64_t now_ms)
{
    if (!bot->waiting || !bot->joined) {
        return false;
    }
    return !bot->sent_now || now_ms >= bot->resend_at_ms || now_ms >= bot->answer_due_ms;
}

bool bot_next_action(struct bot *bot, int64_t now_ms, struct bot_bid *out_bid)
{
    if (resend_due(bot, now_ms)) {
        if (bot->resends >= BOT_RESENDS_MAX) {
            bot->waiting = false;
            bot->counts.given_up++;
            think(bot, now_ms);
            return false;
        }
        bot->resends++;
        bot->counts.resent++;
    } else if (bot->bid_at_ms <= now_ms && wants_to_bid(bot)) {
        bot->waiting = true;
        bot->bid_at_ms = INT64_MAX;
        bot->number++;
        bot->resends = 0;
        bot->lot = bot->view.lot;
        bot->amount_minor = bot->view.ask_minor;
        bot->first_sent_ms = now_ms;
        bot->counts.sent++;
    } else {
        return false;
    }
    bot->sent_now = true;
    bot->answer_due_ms = now_ms + BOT_ANSWER_WAIT_MS;
    bot->resend_at_ms = INT64_MAX;
    bid_show(bot, out_bid);
    return true;
}

int64_t bot_deadline(const struct bot *bot)
{
    if (!bot->waiting) {
        return bot->bid_at_ms;
    }
    if (!bot->joined) {
        return INT64_MAX;
    }
    return bot->resend_at_ms < bot->answer_due_ms ? bot->resend_at_ms : bot->answer_due_ms;
}

static void refusal_learn(struct bot *bot, enum error_code code, const struct json *error)
{
    int64_t most = 0;
    if (json_to_int64(json_member(error, "max_bid"), &most)) {
        bot->limit_minor = most;
        bot->limit_lot = bot->lot;
    } else if (code == ERROR_ROSTER_FULL || code == ERROR_INSUFFICIENT_BUDGET ||
               code == ERROR_RESERVE_FOR_ROSTER || code == ERROR_LIMIT_EXCEEDED) {
        bot->limit_minor = bot->amount_minor - 1;
        bot->limit_lot = bot->lot;
    }
}

enum bot_answer bot_answered(struct bot *bot, uint64_t number, const struct json *result,
                             int64_t now_ms)
{
    if (!bot->waiting || number != bot->number) {
        bot->counts.answered_again++;
        return BOT_ANSWER_AGAIN;
    }
    bool ok = false;
    bool repeated = false;
    (void)json_to_bool(json_member(result, "ok"), &ok);
    (void)json_to_bool(json_member(result, "repeated"), &repeated);
    const struct json *error = json_member(result, "error");
    struct bytes name = bytes_text("INTERNAL");
    (void)json_to_text(json_member(error, "code"), &name);
    enum error_code code = ok ? ERROR_NONE : error_code_read(name);
    bool is_unknown = code == ERROR_TIMEOUT || code == ERROR_ENGINE_OFFLINE ||
                      code == ERROR_NOT_JOINED || code == ERROR_RATE_LIMITED;
    if (is_unknown) { // nothing is decided yet: the same id once more, a little later
        bot->counts.refused[code]++;
        bot->resend_at_ms = now_ms + 250;
        bot->answer_due_ms = INT64_MAX;
        return BOT_ANSWER_UNKNOWN;
    }
    bot->waiting = false;
    bot->last_answered = number;
    bot->counts.answered++;
    bot->counts.repeated += repeated ? 1 : 0;
    if (ok) {
        bot->counts.accepted++;
    } else {
        bot->counts.refused[code]++;
        refusal_learn(bot, code, error);
    }
    think(bot, now_ms);
    return ok ? BOT_ANSWER_ACCEPTED : BOT_ANSWER_REFUSED;
}
