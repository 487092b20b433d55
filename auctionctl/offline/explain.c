#include <stdio.h>

#include "auctionctl/offline/source.h"
#include "auctionctl/offline/wording.h"
#include "lib/json/json_read.h"
#include "lib/json/json_write.h"

// The story of one bid is told to its sender: of others it says what the sale shows, of maxima of
// others never more than the price that they made.

enum { TEXT_SIZE_MAX = 1024 * 1024, RESULT_SIZE_MAX = 64 * 1024, TURNS_TOLD_MAX = 12 };

enum outcome { OUTCOME_OPEN, OUTCOME_WON, OUTCOME_LOST, OUTCOME_REFUSED, OUTCOME_DONE };

struct story {
    const struct offline_request *request;
    struct ledger_receipt receipt;
    bool has_receipt;
    struct json *result; // of the receipt
    struct bytes code;   // of a refusal
    int64_t bid_no;      // wanted; 0: none
    bool is_hidden; // a maximum or a sealed bid that moved nothing: found by its sender and time
    bool is_found;
    int64_t lot_index;
    int64_t by_index;
    int64_t ask_minor; // before it
    int64_t last_bid_no;
    bool leads;
    int64_t turns;
    enum outcome outcome;
    struct buffer lines;
};

static const char *outcome_word(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_OPEN:
        return "open";
    case OUTCOME_WON:
        return "won";
    case OUTCOME_LOST:
        return "lost";
    case OUTCOME_REFUSED:
        return "refused";
    case OUTCOME_DONE:
        return "done";
    }
    return "open";
}

static const struct lot *lot_of(const struct story *story, const struct sale *sale)
{
    return &sale->lots[story->lot_index];
}

static void say_leader(struct story *story, const struct sale *sale)
{
    struct buffer *out = &story->lines;
    const struct lot *lot = lot_of(story, sale);
    if (lot->leader_index == story->by_index) {
        buffer_append_text(out, "the same bidder");
    } else {
        wording_person(out, sale, lot->leader_index, false);
    }
}

static void say_end(struct story *story, const struct sale *sale)
{
    const struct lot *lot = lot_of(story, sale);
    if (lot->ends_at_ms > 0 && lot_is_running(lot)) {
        buffer_append_text(&story->lines, "; the lot was to end at ");
        wording_time(&story->lines, lot->ends_at_ms);
    }
    buffer_append_byte(&story->lines, '\n');
}

// ---- the fact itself ----

static void begin_story(struct story *story, const struct sale *sale, int64_t lot_index,
                        const struct participant_id *by)
{
    story->is_found = true;
    story->lot_index = lot_index;
    story->by_index = sale_participant_index(sale, by);
    story->leads = lot_of(story, sale)->leader_index == story->by_index;
}

static void tell_bid(struct story *story, const struct sale *sale, const struct sale_event *event,
                     int64_t seq)
{
    struct buffer *out = &story->lines;
    const struct lot *lot = lot_of(story, sale);
    buffer_append_format(out, "bid b%lld by ", (long long)event->as.bid_accepted.bid_no);
    wording_person(out, sale, story->by_index, true);
    buffer_append_format(out, " on lot %s (%s): ", lot->id.text, lot->title);
    wording_money(out, sale, event->as.bid_accepted.amount_minor);
    buffer_append_text(out, ", accepted ");
    wording_time(out, event->at_ms);
    buffer_append_format(out, " as seq %lld\n", (long long)seq);
    buffer_append_text(out, "  the ask was ");
    wording_money(out, sale, story->ask_minor);
    if (story->leads) {
        buffer_append_text(out, "; it led at ");
        wording_money(out, sale, lot->price_minor);
    } else if (lot->leader_index < 0) {
        buffer_append_text(out, "; nobody leads by it");
    } else {
        buffer_append_text(out, "; it did not lead: at ");
        wording_money(out, sale, lot->price_minor);
        buffer_append_text(out, " the lead stayed with ");
        say_leader(story, sale);
        buffer_append_text(out, ", whose earlier maximum reached it");
    }
    say_end(story, sale);
}

static void tell_maximum(struct story *story, const struct sale *sale,
                         const struct sale_event *event)
{
    struct buffer *out = &story->lines;
    const struct lot *lot = lot_of(story, sale);
    buffer_append_text(out, "maximum or sealed bid of ");
    wording_money(out, sale, event->as.max_placed.max_minor);
    buffer_append_text(out, " by ");
    wording_person(out, sale, story->by_index, true);
    buffer_append_format(out, " on lot %s (%s), accepted ", lot->id.text, lot->title);
    wording_time(out, event->at_ms);
    buffer_append_byte(out, '\n');
}

static void find_fact(struct story *story, const struct sale *sale, const struct sale_event *event,
                      const struct ledger_fact *row)
{
    if (event->kind == EVENT_BID_ACCEPTED && story->bid_no > 0 &&
        event->as.bid_accepted.bid_no == story->bid_no) {
        begin_story(story, sale, event->as.bid_accepted.lot_index, &event->as.bid_accepted.by);
        story->last_bid_no = story->bid_no;
        tell_bid(story, sale, event, row->seq);
    } else if (event->kind == EVENT_MAX_PLACED && story->is_hidden && story->bid_no == 0 &&
               event->at_ms == story->receipt.decided_at_ms &&
               participant_id_equal(&event->as.max_placed.by, &story->receipt.by)) {
        begin_story(story, sale, event->as.max_placed.lot_index, &event->as.max_placed.by);
        tell_maximum(story, sale, event);
    }
}

// ---- what followed ----

static void tell_turn(struct story *story, const struct sale *sale, const struct sale_event *event)
{
    struct buffer *out = &story->lines;
    const struct lot *lot = lot_of(story, sale);
    bool leads = lot->leader_index == story->by_index;
    if (leads == story->leads) {
        return;
    }
    story->leads = leads;
    if (!lot_is_running(lot) || story->turns++ >= TURNS_TOLD_MAX) {
        return; // told by its end
    }
    buffer_append_text(out, "  ");
    wording_time(out, event->at_ms);
    if (event->kind == EVENT_BID_ACCEPTED) {
        buffer_append_text(out, leads ? " led again with b" : " beaten by b");
        buffer_append_int64(out, event->as.bid_accepted.bid_no);
    } else {
        buffer_append_text(out, leads ? " led again" : " lost the lead");
    }
    buffer_append_text(out, " at ");
    wording_money(out, sale, lot->price_minor);
    buffer_append_text(out, ", leader: ");
    say_leader(story, sale);
    buffer_append_byte(out, '\n');
}

static bool has_won(const struct story *story, const struct sale *sale)
{
    const struct lot *lot = lot_of(story, sale);
    bool has_won = lot->leader_index == story->by_index && lot->awards_count == 0;
    for (size_t i = 0; i < lot->awards_count && story->by_index >= 0; i++) {
        has_won = has_won || participant_id_equal(&lot->awards[i].winner,
                                                  &sale->participants[story->by_index].id);
    }
    return has_won;
}

static void tell_sold(struct story *story, const struct sale *sale)
{
    struct buffer *out = &story->lines;
    const struct lot *lot = lot_of(story, sale);
    bool won = has_won(story, sale);
    buffer_append_text(out, " sold at ");
    wording_money(out, sale, lot->price_minor);
    buffer_append_text(out, " to ");
    if (lot->awards_count > 0) {
        buffer_append_format(out, "%zu buyers", lot->awards_count);
    } else {
        say_leader(story, sale);
    }
    if (won && story->bid_no > 0 && story->last_bid_no != story->bid_no) {
        buffer_append_format(out, ": won by the later bid b%lld\n", (long long)story->last_bid_no);
    } else {
        buffer_append_text(out, won ? ": this one won\n" : ": it did not win\n");
    }
    story->outcome = won ? OUTCOME_WON : OUTCOME_LOST;
}

static bool is_of_lot(const struct story *story, const struct sale_event *event)
{
    int64_t lot_index = story->lot_index;
    return (event->kind == EVENT_LOT_SOLD && event->as.lot_sold.lot_index == lot_index) ||
           (event->kind == EVENT_LOT_UNSOLD && event->as.lot_unsold.lot_index == lot_index) ||
           (event->kind == EVENT_LOT_WITHDRAWN && event->as.lot_withdrawn.lot_index == lot_index) ||
           (event->kind == EVENT_LOT_REOPENED && event->as.lot_reopened.lot_index == lot_index) ||
           (event->kind == EVENT_BID_RETRACTED && event->as.bid_retracted.lot_index == lot_index) ||
           (event->kind == EVENT_BID_ACCEPTED && event->as.bid_accepted.lot_index == lot_index) ||
           event->kind == EVENT_SALE_RESET;
}

static void tell_what_followed(struct story *story, const struct sale *sale,
                               const struct sale_event *event)
{
    struct buffer *out = &story->lines;
    if (!is_of_lot(story, event)) {
        return;
    }
    if (event->kind == EVENT_BID_ACCEPTED && lot_of(story, sale)->leader_index == story->by_index) {
        story->last_bid_no = event->as.bid_accepted.bid_no;
    }
    tell_turn(story, sale, event);
    if (event->kind == EVENT_BID_ACCEPTED ||
        (event->kind == EVENT_BID_RETRACTED && event->as.bid_retracted.bid_no != story->bid_no)) {
        return;
    }
    buffer_append_text(out, "  ");
    wording_time(out, event->at_ms);
    if (event->kind == EVENT_LOT_SOLD) {
        tell_sold(story, sale);
    } else if (event->kind == EVENT_LOT_UNSOLD) {
        story->outcome = OUTCOME_LOST;
        buffer_append_text(out, event->as.lot_unsold.reason == UNSOLD_RESERVE_NOT_MET
                                    ? " not sold: the reserve was not met\n"
                                    : " not sold\n");
    } else if (event->kind == EVENT_LOT_WITHDRAWN) {
        story->outcome = OUTCOME_LOST;
        buffer_append_text(out, " the lot was withdrawn\n");
    } else if (event->kind == EVENT_LOT_REOPENED) {
        story->outcome = OUTCOME_OPEN;
        story->leads = lot_of(story, sale)->leader_index == story->by_index;
        buffer_append_text(out, " the lot was opened again\n");
    } else if (event->kind == EVENT_BID_RETRACTED) {
        story->outcome = OUTCOME_LOST;
        buffer_append_text(out, " the bid was undone: ");
        buffer_append(out, event->as.bid_retracted.reason);
        buffer_append_byte(out, '\n');
    } else {
        story->outcome = OUTCOME_LOST;
        buffer_append_text(out, " the sale was reset: all bids of it are void\n");
    }
}

static void watch_before(void *owner, const struct sale *sale, const struct sale_event *event)
{
    struct story *story = owner;
    if (event->kind == EVENT_BID_ACCEPTED && story->bid_no > 0 &&
        event->as.bid_accepted.bid_no == story->bid_no && event->as.bid_accepted.lot_index >= 0 &&
        (size_t)event->as.bid_accepted.lot_index < sale->lots_count) {
        const struct lot *lot = &sale->lots[event->as.bid_accepted.lot_index];
        story->ask_minor = sale_ask(sale, lot, event->at_ms);
    }
}

static enum lc_status watch_after(void *owner, const struct sale *sale,
                                  const struct sale_event *event, const struct ledger_fact *row)
{
    struct story *story = owner;
    if (story->is_found) {
        tell_what_followed(story, sale, event);
    } else {
        find_fact(story, sale, event, row);
    }
    return LC_OK;
}

// ---- the receipt ----

static void say_number(struct story *story, const struct sale *sale, const struct json *error,
                       const char *name, const char *words)
{
    int64_t value;
    if (json_to_int64(json_member(error, name), &value)) {
        buffer_append_text(&story->lines, words);
        if (strcmp(name, "ends_at") == 0) {
            wording_time(&story->lines, value);
        } else {
            wording_money(&story->lines, sale, value);
        }
    }
}

static void tell_refusal(struct story *story, const struct sale *sale)
{
    const struct json *error = json_member(story->result, "error");
    struct bytes message = {0};
    struct bytes lot = {0};
    struct bytes leader;
    struct participant_id id;
    struct buffer *out = &story->lines;
    (void)json_to_text(json_member(error, "message"), &message);
    buffer_append_format(out, "%s %s was refused ", story->receipt.op, story->receipt.id.text);
    wording_time(out, story->receipt.decided_at_ms);
    buffer_append_text(out, ": ");
    buffer_append(out, story->code);
    buffer_append_text(out, ", ");
    buffer_append(out, message);
    buffer_append_text(out, "\n  received ");
    wording_time(out, story->receipt.received_at_ms);
    buffer_append_byte(out, '\n');
    if (json_to_text(json_member(error, "lot"), &lot)) {
        buffer_append_text(out, "  then, on lot ");
        buffer_append(out, lot);
        say_number(story, sale, error, "price", ": price ");
        say_number(story, sale, error, "ask", ", asked ");
        if (json_to_text(json_member(json_member(error, "leader"), "id"), &leader) &&
            participant_id_read(leader, &id)) {
            buffer_append_text(out, ", leader ");
            wording_person(out, sale, sale_participant_index(sale, &id), false);
        }
        say_number(story, sale, error, "ends_at", ", end ");
        say_number(story, sale, error, "max_bid", "; the most allowed was ");
        buffer_append_byte(out, '\n');
    }
    story->outcome = OUTCOME_REFUSED;
}

static void tell_other_command(struct story *story)
{
    struct buffer *out = &story->lines;
    int64_t seq = 0;
    (void)json_to_int64(json_member(story->result, "seq"), &seq);
    buffer_append_format(out, "%s %s was accepted ", story->receipt.op, story->receipt.id.text);
    wording_time(out, story->receipt.decided_at_ms);
    buffer_append_format(out, ", seq %lld\n", (long long)seq);
    story->outcome = OUTCOME_DONE;
}

static bool bid_no_read(struct bytes text, int64_t *out_bid_no)
{
    uint64_t number;
    if (text.size < 2 || text.data[0] != 'b' ||
        !bytes_to_uint64(bytes_from(text, 1), INT64_MAX, &number)) {
        return false;
    }
    *out_bid_no = (int64_t)number;
    return true;
}

// The id of a command, or else the public id of a bid.
static enum lc_status find_receipt(struct story *story, struct source *source,
                                   struct buffer *result)
{
    struct command_id id;
    struct participant_id by;
    struct bytes text = bytes_text(story->request->operand);
    struct bytes bid;
    bool has_by = story->request->by != NULL;
    enum lc_status status = LC_ERR_NOT_FOUND;
    if (command_id_read(text, &id) &&
        (!has_by || participant_id_read(bytes_text(story->request->by), &by))) {
        status = ledger_find_receipt(source->ledger, &source->replay.id, has_by ? &by : NULL, &id,
                                     result, &story->receipt);
    }
    if (status == LC_ERR_NOT_FOUND) {
        return bid_no_read(text, &story->bid_no) ? LC_OK : status;
    }
    if (status == LC_OK) {
        status = json_parse(story->receipt.result, &story->result);
    }
    if (status == LC_OK) {
        story->has_receipt = true;
        (void)json_to_text(json_member(json_member(story->result, "error"), "code"), &story->code);
        if (json_to_text(json_member(story->result, "bid"), &bid)) {
            (void)bid_no_read(bid, &story->bid_no);
        }
        story->is_hidden =
            story->code.size == 0 && story->bid_no == 0 &&
            (strcmp(story->receipt.op, "bid") == 0 || strcmp(story->receipt.op, "set_max") == 0);
    }
    return status;
}

// ---- printing ----

static void write_lines(struct json_writer *writer, struct bytes lines)
{
    json_array_begin(writer, "lines");
    for (size_t at = 0; at < lines.size;) {
        size_t end = bytes_find(lines, '\n', at);
        while (at < end && lines.data[at] == ' ') {
            at++;
        }
        json_write_text(writer, NULL, bytes_of(lines.data + at, end - at));
        at = end + 1;
    }
    json_array_end(writer);
}

static int print(struct story *story, const struct sale *sale)
{
    struct buffer out;
    if (!story->request->json) {
        return source_print(&story->lines);
    }
    buffer_init(&out, TEXT_SIZE_MAX);
    struct json_writer writer = json_writer_on(&out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "id", story->request->operand);
    json_write_cstr(&writer, "outcome", outcome_word(story->outcome));
    json_write_text(&writer, "code", story->code);
    json_write_int(&writer, "bid_no", story->bid_no);
    json_write_cstr(&writer, "lot", story->is_found ? lot_of(story, sale)->id.text : "");
    write_lines(&writer, buffer_bytes(&story->lines));
    json_object_end(&writer);
    buffer_append_byte(&out, '\n');
    int code = source_print(&out);
    buffer_release(&out);
    return code;
}

static int tell(struct story *story, struct source *source)
{
    struct replay_watcher watcher = {story, watch_before, watch_after};
    int code = source_replay(source, &source->replay.id, watcher);
    if (code != OFFLINE_DONE) {
        return code;
    }
    if (story->code.size > 0) {
        tell_refusal(story, source->replay.sale);
    } else if (!story->is_found && story->has_receipt) {
        tell_other_command(story);
    } else if (!story->is_found) {
        fprintf(stderr, "auctionctl: the record has no bid %s\n", story->request->operand);
        return OFFLINE_REFUSED;
    } else if (story->outcome == OUTCOME_OPEN) {
        buffer_append_text(&story->lines, story->leads ? "  it leads; the lot is not decided\n"
                                                       : "  the lot is not decided\n");
    }
    return print(story, source->replay.sale);
}

int offline_explain(const struct offline_request *request)
{
    struct source source;
    struct story story = {.request = request, .lot_index = -1, .by_index = -1};
    struct buffer result;
    buffer_init(&result, RESULT_SIZE_MAX);
    buffer_init(&story.lines, TEXT_SIZE_MAX);
    int code = source_open(&source, request);
    if (code == OFFLINE_DONE) {
        enum lc_status status = find_receipt(&story, &source, &result);
        if (status == LC_ERR_NOT_FOUND) {
            fprintf(stderr, "auctionctl: the record has no receipt %s\n", request->operand);
        }
        code = source_exit(status);
    }
    if (code == OFFLINE_DONE) {
        code = tell(&story, &source);
    }
    json_destroy(story.result);
    buffer_release(&result);
    buffer_release(&story.lines);
    source_close(&source);
    return code;
}
