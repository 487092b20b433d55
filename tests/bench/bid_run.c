#include "tests/bench/bid_run.h"

#include <inttypes.h>
#include <time.h>

#include "tests/bench/bid_message.h"
#include "tests/bench/load_loop.h"
#include "tests/bench/load_process.h"

enum { SETTLE_MS = 1500, CONNECT_WINDOW = 50, TOKEN_SIZE_MAX = 600, NEWS_MAX = 1 << 16 };

// A bid as its `seq` is known, from the answer or from the first client that heard of it.
struct news {
    uint64_t seq;
    uint64_t sent_ns; // 0: not answered yet
    uint64_t heard;   // by so many clients
    uint64_t last_ns;
};

struct lot {
    uint64_t amount; // of the last bid
    uint64_t sent_ns;
    bool is_flying;
    bool is_seconds_turn; // of its two bidders
};

struct bidding {
    const struct bid_plan *plan;
    struct load_loop loop; // sessions 2k and 2k+1 bid on lot k
    char *tokens;          // TOKEN_SIZE_MAX each
    struct lot lots[BID_LOTS_MAX];
    struct news *news; // by seq modulo NEWS_MAX
    uint64_t next_lot;
    uint64_t flying;
    uint64_t placed;
    uint64_t heard_by_all;
    uint64_t joined;
    bool keeps_flying; // an answer is followed by the next bid on its lot
    struct bid_result *result;
};

// ---- out ----

// The buffer of a play's packet; valid until the next one is written.
static struct buffer *text_of(struct bidding *bidding)
{
    buffer_clear(&bidding->loop.world.text);
    return &bidding->loop.world.text;
}

static void place(struct bidding *bidding, uint64_t index, uint64_t sent_ns)
{
    struct lot *lot = &bidding->lots[index];
    struct load_session *bidder =
        &bidding->loop.sessions[2 * index + (lot->is_seconds_turn ? 1 : 0)];
    lot->amount++;
    lot->sent_ns = sent_ns;
    lot->is_flying = true;
    lot->is_seconds_turn = !lot->is_seconds_turn;
    bidding->flying++;
    bidding->placed++;
    struct buffer *text = text_of(bidding);
    bid_message_place(text, ++bidder->last_id, bidding->plan->sale, index + 1, lot->amount,
                      bidding->placed);
    load_session_ask(bidder, buffer_bytes(text));
}

// ---- in ----

// When the answer and the last client are there, the bid is complete.
static void complete(struct bidding *bidding, const struct news *news)
{
    if (news->sent_ns != 0 && news->heard == bidding->plan->clients) {
        bidding->heard_by_all++;
        load_latency_add(&bidding->result->last, news->last_ns - news->sent_ns);
    }
}

static struct news *news_of(struct bidding *bidding, uint64_t seq)
{
    struct news *news = &bidding->news[seq % NEWS_MAX];
    if (news->seq != seq) {
        *news = (struct news){.seq = seq};
    }
    return news;
}

static void connect_with_token(const struct load_session *session, struct buffer *out)
{
    const struct bidding *bidding = session->world->owner;
    if (session->index < 2 * bidding->plan->lots) {
        buffer_append_format(out, "40{\"token\":\"%s\"}",
                             bidding->tokens + session->index * (size_t)TOKEN_SIZE_MAX);
    } else {
        buffer_append_text(out, "40");
    }
}

static void on_event(struct load_session *session, struct bytes packet)
{
    struct bidding *bidding = session->world->owner;
    uint64_t seq = 0;
    if (!bid_message_read_update(packet, &seq)) {
        return; // ticks, snapshots, what tells a bidder about himself
    }
    if (seq <= session->last_number) {
        load_session_fail(session, "out of order or doubled", packet);
        return;
    }
    session->last_number = seq;
    session->world->tally.deliveries++;
    struct news *news = news_of(bidding, seq);
    news->heard++;
    news->last_ns = load_now_ns();
    complete(bidding, news);
}

static void on_bid_accepted(struct load_session *session, uint64_t seq)
{
    struct bidding *bidding = session->world->owner;
    uint64_t index = session->index / 2;
    struct lot *lot = &bidding->lots[index];
    uint64_t now_ns = load_now_ns();
    struct news *news = news_of(bidding, seq);
    load_latency_add(&bidding->result->ack, now_ns - lot->sent_ns);
    news->sent_ns = lot->sent_ns;
    bidding->result->heard_before += news->heard;
    lot->is_flying = false;
    bidding->flying--;
    session->world->tally.acks++;
    complete(bidding, news);
    if (bidding->keeps_flying) {
        place(bidding, index, load_now_ns());
    }
}

static void on_ack(struct load_session *session, struct bytes packet)
{
    struct bidding *bidding = session->world->owner;
    uint64_t id = 0;
    uint64_t seq = 0;
    if (!bid_message_read_accepted(packet, &id, &seq)) {
        load_session_fail(session, "not accepted", packet);
    } else if (id == BID_JOIN_ACK_ID) {
        bidding->joined++;
    } else {
        on_bid_accepted(session, seq);
    }
}

static const struct load_play play = {connect_with_token, on_event, on_ack};

// ---- phases ----

static enum load_transport transport_of(void *context, uint64_t index)
{
    const struct bid_plan *plan = context;
    return index < plan->clients - plan->pollings ? LOAD_WEBSOCKET : LOAD_POLLING;
}

static bool join_all(struct bidding *bidding)
{
    struct load_loop *loop = &bidding->loop;
    loop->doing = "joining";
    for (uint64_t i = 0; i < bidding->plan->clients; i++) {
        struct buffer *text = text_of(bidding);
        bid_message_join(text, bidding->plan->sale);
        loop->sessions[i].last_id = BID_JOIN_ACK_ID;
        load_session_ask(&loop->sessions[i], buffer_bytes(text));
        if (i >= CONNECT_WINDOW &&
            !load_loop_turn_until(loop, &bidding->joined, i - CONNECT_WINDOW)) {
            return false;
        }
    }
    return load_loop_turn_until(loop, &bidding->joined, bidding->plan->clients) &&
           load_loop_turn_for(loop, SETTLE_MS);
}

static bool land(struct bidding *bidding)
{
    bidding->keeps_flying = false;
    return load_loop_turn_until(&bidding->loop, &bidding->heard_by_all, bidding->placed);
}

static bool bid_by_answers(struct bidding *bidding, uint64_t until_ns)
{
    bidding->keeps_flying = true;
    for (uint64_t i = 0; i < bidding->plan->in_flight; i++) {
        place(bidding, i, load_now_ns());
    }
    while (load_now_ns() < until_ns) {
        if (!load_loop_turn(&bidding->loop, LOAD_TURN_MS_MAX)) {
            return false;
        }
    }
    return true;
}

// The next lot in turn that has no bid on its way; false when all have.
static bool find_lot(struct bidding *bidding, uint64_t *out_index)
{
    for (uint64_t i = 0; i < bidding->plan->lots; i++) {
        uint64_t index = bidding->next_lot++ % bidding->plan->lots;
        if (!bidding->lots[index].is_flying) {
            *out_index = index;
            return true;
        }
    }
    return false;
}

// A bid counts from the moment at which it was due, even when the generator was late or no lot free.
static bool bid_by_clock(struct bidding *bidding, uint64_t until_ns)
{
    uint64_t every_ns = bidding->plan->every_us * 1000;
    uint64_t due_ns = load_now_ns();
    while (due_ns < until_ns) {
        uint64_t now_ns = load_now_ns();
        uint64_t index = 0;
        if (now_ns < due_ns) {
            uint64_t left_ms = (due_ns - now_ns) / 1000000U; // the rest of a millisecond is spun
            if (!load_loop_turn(&bidding->loop, (int)left_ms)) {
                return false;
            }
        } else if (find_lot(bidding, &index)) {
            place(bidding, index, due_ns);
            due_ns += every_ns;
        } else if (!load_loop_turn(&bidding->loop, LOAD_TURN_MS_MAX)) {
            return false;
        }
    }
    return true;
}

static bool bid_for(struct bidding *bidding, uint64_t span_ms)
{
    uint64_t until_ns = load_now_ns() + span_ms * 1000000U;
    bool done = bidding->plan->every_us > 0 ? bid_by_clock(bidding, until_ns)
                                            : bid_by_answers(bidding, until_ns);
    return done && land(bidding);
}

// ---- measuring ----

static uint64_t own_cpu_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000U + (uint64_t)used.tv_nsec;
}

static bool read_cpu(struct bidding *bidding, uint64_t out_ns[LOAD_PIDS_MAX])
{
    for (int i = 0; i < (int)bidding->plan->servers.count; i++) {
        if (!load_process_cpu((pid_t)bidding->plan->servers.pid[i], &out_ns[i])) {
            load_tally_fail(&bidding->loop.world.tally, "a server has gone");
            return false;
        }
    }
    return true;
}

static bool measure(struct bidding *bidding)
{
    struct bid_result *result = bidding->result;
    uint64_t before_ns[LOAD_PIDS_MAX] = {0};
    uint64_t after_ns[LOAD_PIDS_MAX] = {0};
    uint64_t placed_before = bidding->placed;
    *result = (struct bid_result){.clients = bidding->plan->clients};
    bidding->loop.doing = "bidding";
    if (!read_cpu(bidding, before_ns)) {
        return false;
    }
    uint64_t own_ns = own_cpu_ns();
    uint64_t wall_ns = load_now_ns();
    if (!bid_for(bidding, bidding->plan->duration_ms)) {
        return false;
    }
    result->wall_ns = load_now_ns() - wall_ns;
    result->generator_ns = own_cpu_ns() - own_ns;
    result->bids = bidding->placed - placed_before;
    for (int i = 0; read_cpu(bidding, after_ns) && i < LOAD_PIDS_MAX; i++) {
        result->server_ns[i] = after_ns[i] - before_ns[i];
    }
    return bidding->loop.world.tally.failures == 0;
}

static bool read_tokens(struct bidding *bidding)
{
    FILE *file = fopen(bidding->plan->tokens, "r");
    uint64_t count = 0;
    while (file != NULL && count < 2 * bidding->plan->lots) {
        char *line = bidding->tokens + count * TOKEN_SIZE_MAX;
        if (fgets(line, TOKEN_SIZE_MAX, file) == NULL) {
            break;
        }
        line[strcspn(line, "\n")] = 0;
        count++;
    }
    if (file != NULL) {
        fclose(file);
    }
    if (count < 2 * bidding->plan->lots) {
        load_tally_fail(&bidding->loop.world.tally, "%s: too few tokens", bidding->plan->tokens);
    }
    return count == 2 * bidding->plan->lots;
}

static bool all_phases(struct bidding *bidding)
{
    struct bid_plan plan = *bidding->plan;
    bidding->loop.doing = "connecting";
    if (!read_tokens(bidding) ||
        !load_loop_connect(&bidding->loop, plan.clients, CONNECT_WINDOW, transport_of, &plan) ||
        !join_all(bidding)) {
        return false;
    }
    bidding->loop.doing = "rehearsing";
    return bid_for(bidding, plan.rehearse_ms) && measure(bidding);
}

bool bid_run(const struct bid_plan *plan, struct bid_result *out_result, char out_why[256])
{
    struct bid_result result = {.clients = plan->clients};
    struct bidding *bidding = calloc(1, sizeof *bidding);
    LC_ASSERT(bidding != NULL);
    bidding->plan = plan;
    bidding->result = &result;
    bidding->news = calloc(NEWS_MAX, sizeof *bidding->news);
    bidding->tokens = calloc(2 * plan->lots, TOKEN_SIZE_MAX);
    LC_ASSERT(bidding->news != NULL && bidding->tokens != NULL);
    for (uint64_t i = 0; i < plan->lots; i++) {
        bidding->lots[i].amount = plan->opening - 1;
    }
    load_loop_open(&bidding->loop, &play, bidding, (uint16_t)plan->port, plan->clients,
                   plan->deadline_ms);
    bidding->loop.world.later_port = (uint16_t)plan->later_port;
    bool done = all_phases(bidding);
    if (done) {
        *out_result = result;
    } else {
        load_loop_explain(&bidding->loop, out_why);
    }
    load_loop_close(&bidding->loop);
    free(bidding->tokens);
    free(bidding->news);
    free(bidding);
    return done;
}
