#include <inttypes.h>

#include "auctionctl/bots/bots_run.h"
#include "lib/json/json_write.h"

struct totals {
    struct bot_counts bids;
    uint64_t gaps, duplicates, price_falls, backward, malformed;
    uint64_t reconnects, upgrades_failed, waiting;
    int on_websocket;
};

static struct totals totals_of(const struct bots_result *result)
{
    struct totals totals = {.on_websocket = 0};
    for (int i = 0; i < result->count; i++) {
        const struct bots_member *member = &result->members[i];
        const struct bot_counts *bids = &member->bot.counts;
        const struct bot_view *view = &member->bot.view;
        totals.bids.sent += bids->sent;
        totals.bids.resent += bids->resent;
        totals.bids.answered += bids->answered;
        totals.bids.accepted += bids->accepted;
        totals.bids.repeated += bids->repeated;
        totals.bids.answered_again += bids->answered_again;
        totals.bids.given_up += bids->given_up;
        for (int code = 0; code < ERROR_CODE_COUNT; code++) {
            totals.bids.refused[code] += bids->refused[code];
        }
        totals.gaps += view->gaps;
        totals.duplicates += view->duplicates;
        totals.price_falls += view->price_falls;
        totals.backward += view->backward;
        totals.malformed += view->malformed;
        totals.reconnects += member->disconnects;
        totals.upgrades_failed += member->upgrades_failed;
        totals.waiting += member->bot.waiting ? 1 : 0;
        totals.on_websocket += member->on_websocket ? 1 : 0;
    }
    return totals;
}

bool bots_result_is_good(const struct bots_result *result)
{
    struct totals totals = totals_of(result);
    uint64_t wrong = totals.gaps + totals.duplicates + totals.price_falls + totals.backward +
                     totals.malformed + totals.bids.given_up + totals.waiting;
    // An answer more than bids is right only where a bid had to be sent again.
    return wrong == 0 && totals.bids.sent == totals.bids.answered &&
           totals.bids.answered_again <= totals.bids.resent;
}

static void refusals_print(const struct bot_counts *bids, struct buffer *out)
{
    for (int code = 0; code < ERROR_CODE_COUNT; code++) {
        if (bids->refused[code] > 0) {
            buffer_append_format(out, ", %" PRIu64 " %s", bids->refused[code],
                                 error_code_name((enum error_code)code));
        }
    }
}

void bots_result_summary(struct bots_result *result, struct buffer *out)
{
    struct totals totals = totals_of(result);
    buffer_append_format(
        out, "%s after %.1f s: %d bots (%d on websocket), %" PRIu64 " bids: %" PRIu64 " accepted",
        result->end, (double)result->duration_ms / 1000., result->count, totals.on_websocket,
        totals.bids.sent, totals.bids.accepted);
    refusals_print(&totals.bids, out);
    buffer_append_format(out,
                         "; %" PRIu64 " unanswered, %" PRIu64 " answered twice, %" PRIu64
                         " sent again; %" PRIu64 " reconnects\n",
                         totals.waiting + totals.bids.given_up, totals.bids.answered_again,
                         totals.bids.resent, totals.reconnects);
    buffer_append_format(
        out, "bid to ack p50 %.1f ms, p99 %.1f ms; bid to last bot p50 %.1f ms, p99 %.1f ms\n",
        (double)latency_percentile(&result->ack_us, 50) / 1000.,
        (double)latency_percentile(&result->ack_us, 99) / 1000.,
        (double)latency_percentile(&result->last_us, 50) / 1000.,
        (double)latency_percentile(&result->last_us, 99) / 1000.);
    buffer_append_format(out,
                         "%" PRIu64 " gaps, %" PRIu64 " duplicates, %" PRIu64
                         " falling prices, %" PRIu64 " old snapshots, %" PRIu64 " malformed\n",
                         totals.gaps, totals.duplicates, totals.price_falls, totals.backward,
                         totals.malformed);
    for (int i = 0; i < result->count; i++) {
        const struct bots_member *member = &result->members[i];
        if (bot_view_wrong(&member->bot.view) > 0) {
            buffer_append_format(out, "%s: %s\n", member->name, member->bot.view.first_wrong);
        }
    }
}

static void bids_write(struct json_writer *writer, const struct bot_counts *bids, uint64_t waiting)
{
    json_object_begin(writer, "bids");
    json_write_int(writer, "sent", (int64_t)bids->sent);
    json_write_int(writer, "answered", (int64_t)bids->answered);
    json_write_int(writer, "accepted", (int64_t)bids->accepted);
    json_write_int(writer, "repeated", (int64_t)bids->repeated);
    json_write_int(writer, "unanswered", (int64_t)(bids->given_up + waiting));
    json_write_int(writer, "answered_twice", (int64_t)bids->answered_again);
    json_write_int(writer, "resent", (int64_t)bids->resent);
    json_object_begin(writer, "refused");
    for (int code = 0; code < ERROR_CODE_COUNT; code++) {
        if (bids->refused[code] > 0) {
            json_write_int(writer, error_code_name((enum error_code)code),
                           (int64_t)bids->refused[code]);
        }
    }
    json_object_end(writer);
    json_object_end(writer);
}

static void latency_write(struct json_writer *writer, const char *name, struct latency *latency)
{
    json_object_begin(writer, name);
    json_write_int(writer, "count", (int64_t)latency->count);
    json_write_int(writer, "p50", latency_percentile(latency, 50));
    json_write_int(writer, "p99", latency_percentile(latency, 99));
    json_write_int(writer, "max", latency_percentile(latency, 100));
    json_object_end(writer);
}

static void lots_write(struct json_writer *writer, const struct bot_view *view)
{
    json_array_begin(writer, "lots");
    for (size_t i = 0; i < view->lots_count; i++) {
        const struct bot_lot *lot = &view->lots[i];
        json_object_begin(writer, NULL);
        json_write_cstr(writer, "id", lot->id.text);
        json_write_cstr(writer, "phase", lot->phase);
        if (lot->has_price) {
            json_write_int(writer, "price", lot->price_minor);
        } else {
            json_write_null(writer, "price");
        }
        if (lot->winner.text[0] != 0) {
            json_write_cstr(writer, "winner", lot->winner.text);
        } else {
            json_write_null(writer, "winner");
        }
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void member_write(struct json_writer *writer, const struct bots_member *member)
{
    static const char *const modes[] = {"polling", "websocket", "upgrade"};
    const struct bot_view *view = &member->bot.view;
    json_object_begin(writer, NULL);
    json_write_cstr(writer, "name", member->name);
    json_write_cstr(writer, "participant", member->id.text);
    json_write_cstr(writer, "mode", modes[member->mode]);
    json_write_cstr(writer, "transport", member->on_websocket ? "websocket" : "polling");
    json_write_int(writer, "connects", (int64_t)member->connects);
    json_write_int(writer, "disconnects", (int64_t)member->disconnects);
    json_write_int(writer, "failed_connects", (int64_t)member->failed_connects);
    json_write_cstr(writer, "last_disconnect", member->last_reason);
    json_write_int(writer, "upgrades_failed", (int64_t)member->upgrades_failed);
    bids_write(writer, &member->bot.counts, member->bot.waiting ? 1 : 0);
    json_write_int(writer, "events", (int64_t)view->events);
    json_write_int(writer, "snapshots", (int64_t)view->snapshots);
    json_write_int(writer, "wrong", (int64_t)bot_view_wrong(view));
    json_write_cstr(writer, "first_wrong", view->first_wrong);
    json_write_cstr(writer, "phase", view->phase);
    json_write_int(writer, "seq", view->seq);
    json_write_int(writer, "epoch", view->epoch);
    json_write_int(writer, "spent", view->spent_minor);
    json_write_int(writer, "taken", view->taken);
    lots_write(writer, view);
    json_object_end(writer);
}

void bots_result_report(const struct bots_config *config, struct bots_result *result,
                        struct buffer *out)
{
    static const char *const transports[] = {"polling", "websocket", "upgrade", "mixed"};
    struct totals totals = totals_of(result);
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_bool(&writer, "ok", bots_result_is_good(result));
    json_write_cstr(&writer, "sale", config->sale);
    json_write_int(&writer, "seed", (int64_t)config->seed);
    json_write_cstr(&writer, "transport", transports[config->transport]);
    json_write_int(&writer, "bidders", config->bidders);
    json_write_cstr(&writer, "end", result->end);
    json_write_int(&writer, "duration_ms", result->duration_ms);
    bids_write(&writer, &totals.bids, totals.waiting);
    json_object_begin(&writer, "checks");
    json_write_int(&writer, "gaps", (int64_t)totals.gaps);
    json_write_int(&writer, "duplicates", (int64_t)totals.duplicates);
    json_write_int(&writer, "price_falls", (int64_t)totals.price_falls);
    json_write_int(&writer, "old_snapshots", (int64_t)totals.backward);
    json_write_int(&writer, "malformed", (int64_t)totals.malformed);
    json_object_end(&writer);
    json_write_int(&writer, "reconnects", (int64_t)totals.reconnects);
    json_write_int(&writer, "on_websocket", totals.on_websocket);
    json_object_begin(&writer, "latency_us");
    latency_write(&writer, "bid_to_ack", &result->ack_us);
    latency_write(&writer, "bid_to_last", &result->last_us);
    json_object_end(&writer);
    json_array_begin(&writer, "bots");
    for (int i = 0; i < result->count; i++) {
        member_write(&writer, &result->members[i]);
    }
    json_array_end(&writer);
    json_object_end(&writer);
}
