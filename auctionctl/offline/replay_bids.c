#include <stdio.h>
#include <stdlib.h>

#include "auctionctl/offline/bids_csv.h"
#include "auctionctl/offline/source.h"
#include "lib/json/json_write.h"
#include "lib/os/os_file.h"

// Each auction becomes a sale of one lot, its recorded maxima are placed in order of time, and its
// price is compared with the recorded one.

enum { FILE_SIZE_MAX = 512 * 1024 * 1024, TEXT_SIZE_MAX = 64 * 1024 * 1024 };

struct bidder {
    struct bytes name;
    struct participant_id id;
    int64_t max_minor; // his highest so far
};

struct auction { // that is being played
    struct increment_table increments;
    struct sale *sale;
    struct decision decision;
    struct bidder bidders[SALE_PARTICIPANTS_MAX];
    size_t bidders_count;
    int64_t leader_max_minor;
    int64_t placed;
    int64_t refused;
    int64_t now_ms;
};

struct tally {
    int64_t auctions;
    int64_t exact;
    int64_t leader_max;
    int64_t other;
    struct buffer others;
    struct json_writer writer;
    bool as_json;
};

// ---- one auction ----

static enum lc_status carry_out(struct auction *auction)
{
    enum lc_status status = LC_OK;
    for (size_t i = 0; status == LC_OK && i < auction->decision.events_count; i++) {
        status = sale_apply(auction->sale, &auction->decision.events[i]);
    }
    return status;
}

static enum lc_status command(struct auction *auction, const struct sale_command *command)
{
    decision_release(&auction->decision);
    sale_decide(auction->sale, command, auction->now_ms, &auction->decision);
    return auction->decision.refusal == ERROR_NONE ? carry_out(auction) : LC_ERR_BAD_INPUT;
}

static enum lc_status create(struct auction *auction, int64_t opening_minor)
{
    struct sale_definition definition = sale_definition_default();
    struct lot_definition lot = {.title = bytes_text("Recorded"), .opening_minor = opening_minor};
    definition.id = (struct sale_id){"recorded"};
    definition.title = bytes_text("Recorded");
    memcpy(definition.currency_code, "USD", 3);
    definition.rules.gap_ms = 0;
    definition.rules.lot.duration_ms = DURATION_MS_MAX;
    definition.rules.lot.soft_close = (struct soft_close){0};
    definition.rules.lot.sanity_factor = 0;
    definition.rules.lot.increments = auction->increments;
    sale_decide_create(&definition, &lot, 1, 1, auction->now_ms, &auction->decision);
    enum lc_status status =
        auction->decision.refusal == ERROR_NONE ? carry_out(auction) : LC_ERR_BAD_INPUT;
    struct sale_command invite = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    invite.as.create_invite.role = ROLE_BIDDER;
    struct sale_command begin = {.op = SALE_OP_BEGIN, .role = ROLE_ADMIN};
    status = status == LC_OK ? command(auction, &invite) : status;
    status = status == LC_OK ? command(auction, &begin) : status;
    if (status == LC_OK) {
        decision_release(&auction->decision);
        sale_decide_due(auction->sale, auction->now_ms, &auction->decision);
        status = carry_out(auction);
    }
    return status;
}

static enum lc_status bidder_find(struct auction *auction, struct bytes name,
                                  struct bidder **out_bidder)
{
    for (size_t i = 0; i < auction->bidders_count; i++) {
        if (bytes_equal(auction->bidders[i].name, name)) {
            *out_bidder = &auction->bidders[i];
            return LC_OK;
        }
    }
    struct sale_command join = {.op = SALE_OP_JOIN};
    join.as.join.name = bytes_text("Recorded");
    enum lc_status status = command(auction, &join); // refused when the sale is full
    if (status == LC_OK) {
        struct bidder *bidder = &auction->bidders[auction->bidders_count++];
        *bidder = (struct bidder){.name = name, .id = auction->decision.joined};
        *out_bidder = bidder;
    }
    return status;
}

// Nobody lowered a maximum in the record: a lower row of the same bidder said nothing new.
static enum lc_status place(struct auction *auction, const struct recorded_bid *bid)
{
    struct bidder *bidder = NULL;
    auction->now_ms = 1 + bid->t_ms;
    enum lc_status status = bidder_find(auction, bid->bidder, &bidder);
    if (status != LC_OK || bid->max_minor <= bidder->max_minor) {
        return status;
    }
    struct sale_command set = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER, .by = bidder->id};
    set.as.set_max.lot = auction->sale->lots[0].id;
    set.as.set_max.max_minor = bid->max_minor;
    set.as.set_max.confirm = true;
    set.as.set_max.as_recorded = true;
    status = command(auction, &set);
    if (status == LC_ERR_BAD_INPUT) {
        auction->refused++;
        return LC_OK;
    }
    bidder->max_minor = bid->max_minor;
    auction->placed++;
    return status;
}

static int64_t leader_max_minor(const struct auction *auction)
{
    int64_t leader_index = auction->sale->lots[0].leader_index;
    for (size_t i = 0; leader_index >= 0 && i < auction->bidders_count; i++) {
        if (participant_id_equal(&auction->bidders[i].id,
                                 &auction->sale->participants[leader_index].id)) {
            return auction->bidders[i].max_minor;
        }
    }
    return 0;
}

// ---- the tally ----

static void tell_other(struct tally *tally, const struct auction *auction,
                       const struct recorded_bid *bid)
{
    const struct lot *lot = &auction->sale->lots[0];
    if (tally->as_json) {
        struct json_writer *writer = &tally->writer;
        json_object_begin(writer, NULL);
        json_write_text(writer, "auction", bid->auction);
        json_write_int(writer, "replayed", lot->price_minor);
        json_write_int(writer, "recorded", bid->final_minor);
        json_write_int(writer, "leader_max", auction->leader_max_minor);
        json_write_int(writer, "placed", auction->placed);
        json_write_int(writer, "refused", auction->refused);
        json_object_end(writer);
        return;
    }
    buffer_append(&tally->others, bid->auction);
    buffer_append_format(&tally->others,
                         ": replayed %lld, recorded %lld, leader's maximum %lld, %lld placed, %lld "
                         "refused\n",
                         (long long)lot->price_minor, (long long)bid->final_minor,
                         (long long)auction->leader_max_minor, (long long)auction->placed,
                         (long long)auction->refused);
}

static void count(struct tally *tally, struct auction *auction, const struct recorded_bid *bid)
{
    int64_t price_minor = auction->sale->lots[0].price_minor;
    auction->leader_max_minor = leader_max_minor(auction);
    tally->auctions++;
    if (price_minor == bid->final_minor) {
        tally->exact++;
    } else if (bid->final_minor == auction->leader_max_minor) {
        tally->leader_max++;
    } else {
        tally->other++;
        tell_other(tally, auction, bid);
    }
}

static enum lc_status play(struct auction *auction, const struct recorded_bid *bids,
                           size_t bids_count, struct tally *tally)
{
    auction->sale = sale_create();
    auction->bidders_count = 0;
    auction->placed = 0;
    auction->refused = 0;
    auction->now_ms = 1;
    enum lc_status status =
        auction->sale == NULL ? LC_ERR_NO_MEMORY : create(auction, bids[0].opening_minor);
    for (size_t i = 0; status == LC_OK && i < bids_count; i++) {
        status = place(auction, &bids[i]);
    }
    if (status == LC_OK) {
        count(tally, auction, &bids[0]);
    }
    decision_release(&auction->decision);
    sale_destroy(auction->sale);
    return status;
}

static enum lc_status play_all(const struct bids_csv *bids,
                               const struct increment_table *increments, struct tally *tally)
{
    struct auction *auction = calloc(1, sizeof *auction);
    enum lc_status status = auction == NULL ? LC_ERR_NO_MEMORY : LC_OK;
    for (size_t first = 0; status == LC_OK && first < bids->count;) {
        size_t end = first;
        while (end < bids->count &&
               bids->bids[end].auction_index == bids->bids[first].auction_index) {
            end++;
        }
        auction->increments = *increments;
        status = play(auction, &bids->bids[first], end - first, tally);
        if (status != LC_OK) {
            fprintf(stderr, "auctionctl: auction %.*s (line %zu) can't be played: %s\n",
                    (int)bids->bids[first].auction.size,
                    (const char *)bids->bids[first].auction.data, bids->bids[first].line,
                    lc_status_name(status));
        }
        first = end;
    }
    free(auction);
    return status;
}

static int print(struct tally *tally)
{
    struct buffer out;
    buffer_init(&out, TEXT_SIZE_MAX);
    if (tally->as_json) {
        struct json_writer writer = json_writer_on(&out);
        json_object_begin(&writer, NULL);
        json_write_int(&writer, "auctions", tally->auctions);
        json_write_int(&writer, "exact", tally->exact);
        json_write_int(&writer, "leader_max", tally->leader_max);
        json_write_int(&writer, "other", tally->other);
        json_write_raw(&writer, "others", buffer_bytes(&tally->others));
        json_object_end(&writer);
        buffer_append_byte(&out, '\n');
    } else {
        buffer_append_format(&out, "auctions %lld exact %lld leader_max %lld other %lld\n",
                             (long long)tally->auctions, (long long)tally->exact,
                             (long long)tally->leader_max, (long long)tally->other);
        buffer_append(&out, buffer_bytes(&tally->others));
    }
    int code = source_print(&out);
    buffer_release(&out);
    return code;
}

static int replay_file(struct bytes text, const struct offline_request *request,
                       const struct increment_table *increments)
{
    struct bids_csv bids;
    char why[BIDS_CSV_WHY_SIZE];
    if (!bids_csv_read(text, &bids, why)) {
        fprintf(stderr, "auctionctl: %s: %s\n", request->operand, why);
        return OFFLINE_REFUSED;
    }
    struct tally tally = {.as_json = request->json};
    buffer_init(&tally.others, TEXT_SIZE_MAX);
    tally.writer = json_writer_on(&tally.others);
    if (request->json) {
        json_array_begin(&tally.writer, NULL);
    }
    int code = source_exit(play_all(&bids, increments, &tally));
    if (request->json) {
        json_array_end(&tally.writer);
    }
    if (code == OFFLINE_DONE) {
        code = print(&tally);
    }
    buffer_release(&tally.others);
    bids_csv_release(&bids);
    return code;
}

int offline_replay_bids(const struct offline_request *request)
{
    struct increment_table increments;
    struct buffer text;
    if (!increment_table_preset(bytes_text(request->increments), &increments)) {
        fprintf(stderr, "auctionctl: --increments: there is no table %s\n", request->increments);
        return OFFLINE_USAGE;
    }
    buffer_init(&text, FILE_SIZE_MAX);
    enum lc_status status = os_file_read(request->operand, &text);
    int code = source_exit(status);
    if (status != LC_OK) {
        fprintf(stderr, "auctionctl: cannot read %s: %s\n", request->operand,
                status == LC_ERR_NOT_FOUND ? "there is no such file" : lc_status_name(status));
    } else {
        code = replay_file(buffer_bytes(&text), request, &increments);
    }
    buffer_release(&text);
    return code;
}
