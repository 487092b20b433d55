#include "auction-svc/service/answer.h"

#include "auction-svc/service/view.h"
#include "lib/wire/wire_part.h"

static void write_bid(struct json_writer *writer, const struct sale *sale,
                      const struct decision *decision)
{
    LC_ASSERT(decision->events_count > 0 && decision->events[0].kind == EVENT_BID_ACCEPTED);
    const struct sale_event *event = &decision->events[0];
    const struct lot *lot = &sale->lots[event->as.bid_accepted.lot_index];
    char bid[32];
    (void)snprintf(bid, sizeof bid, "b%lld", (long long)event->as.bid_accepted.bid_no);
    json_write_cstr(writer, "bid", bid);
    json_write_cstr(writer, "lot", lot->id.text);
    json_write_int(writer, "amount", event->as.bid_accepted.amount_minor);
    json_write_int(writer, "price", lot->price_minor);
    json_write_int(writer, "ask", sale_ask(sale, lot, event->at_ms));
    json_write_int(writer, "ends_at", lot->ends_at_ms);
    json_write_bool(writer, "leading",
                    lot->leader_index == sale_participant_index(sale, &event->as.bid_accepted.by));
}

static void write_join(struct json_writer *writer, const struct sale *sale,
                       const struct decision *decision)
{
    int64_t index =
        decision->joined.text[0] == 0 ? -1 : sale_participant_index(sale, &decision->joined);
    struct wire_person person = view_person_named(sale, index); // his own name
    wire_part_person(writer, "participant", &person);
    json_write_cstr(writer, "role", role_name(decision->joined_role));
}

static void write_change(struct json_writer *writer, const struct sale *sale,
                         const struct order *order, const struct decision *decision, int64_t added)
{
    switch (order->op->sale_op) {
    case SALE_OP_ADD_LOTS:
        json_write_int(writer, "added", added);
        json_write_int(writer, "lots_total", (int64_t)sale->lots_count);
        return;
    case SALE_OP_ADD_PARTICIPANTS:
        json_write_int(writer, "added", added);
        json_write_int(writer, "participants_total", (int64_t)sale->participants_count);
        return;
    case SALE_OP_JOIN:
        write_join(writer, sale, decision);
        return;
    case SALE_OP_BID:
        write_bid(writer, sale, decision);
        return;
    case SALE_OP_CREATE_INVITE:
    case SALE_OP_BLOCK:
    case SALE_OP_SET_MAX:
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
    case SALE_OP_FLOOR_BID:
    case SALE_OP_UNDO:
    case SALE_OP_SET_ASK:
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
    case SALE_OP_ADD_TIME:
    case SALE_OP_REOPEN:
    case SALE_OP_WITHDRAW_LOT:
    case SALE_OP_TAKE_GAVEL:
    case SALE_OP_NOMINATE:
    case SALE_OP_SUBMIT_NAMES:
    case SALE_OP_MATCH:
    case SALE_OP_RAISE_MATCH:
    case SALE_OP_SET_PARTICIPANT:
    case SALE_OP_COUNT:
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_NEXT:
    case SALE_OP_RESET:
    case SALE_OP_DELETE:
    case SALE_OP_ANNOUNCE:
        return;
    }
}

void answer_write_accepted(struct buffer *out, const struct sale *sale, const struct order *order,
                           const struct decision *decision, int64_t added)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_bool(&writer, "ok", true);
    json_write_int(&writer, "seq", sale->seq);
    json_write_int(&writer, "epoch", sale->epoch);
    if (order->op->kind == ORDER_CREATE) {
        json_write_cstr(&writer, "sale", sale->definition.id.text);
        json_write_int(&writer, "lots", added);
    } else {
        write_change(&writer, sale, order, decision, added);
    }
    json_object_end(&writer);
}

static bool is_about_money(enum error_code code)
{
    return code == ERROR_INSUFFICIENT_BUDGET || code == ERROR_RESERVE_FOR_ROSTER ||
           code == ERROR_ROSTER_FULL || code == ERROR_CATEGORY_FULL || code == ERROR_LIMIT_EXCEEDED;
}

// A bidder is told what he would have had to know.
static void write_bid_facts(struct buffer *out, const struct sale *sale, const struct order *order,
                            enum error_code code)
{
    if (sale->lot_index < 0 || sale->lots[sale->lot_index].phase != LOT_OPEN) {
        return;
    }
    const struct lot *lot = &sale->lots[sale->lot_index];
    struct json_writer writer = json_writer_on(out);
    json_write_cstr(&writer, "lot", lot->id.text);
    wire_part_optional_int(&writer, "price", lot->price_minor > 0 ? lot->price_minor : WIRE_ABSENT);
    json_write_int(&writer, "ask", sale_ask(sale, lot, sale->last_at_ms));
    struct wire_person leader = view_person(sale, lot->leader_index);
    wire_part_person(&writer, "leader", &leader);
    wire_part_optional_int(&writer, "ends_at", view_clock_ends_at_ms(sale));
    int64_t index = sale_participant_index(sale, &order->change.by);
    if (is_about_money(code) && index >= 0) {
        int64_t max_bid = sale_max_bid(sale, &sale->participants[index], lot);
        wire_part_optional_int(&writer, "max_bid", max_bid == INT64_MAX ? WIRE_ABSENT : max_bid);
    }
}

void answer_write_refused(struct buffer *out, const struct sale *sale, const struct order *order,
                          enum error_code code, const char *detail)
{
    struct buffer facts;
    buffer_init(&facts, ANSWER_SIZE_MAX);
    bool is_bid =
        order != NULL && order->op->kind == ORDER_CHANGE && order->op->sale_op == SALE_OP_BID;
    if (is_bid && sale != NULL) {
        write_bid_facts(&facts, sale, order, code);
    }
    struct wire_head head = {0};
    if (sale != NULL) {
        head = view_head(sale);
    }
    wire_write_refusal(out, sale != NULL ? &head : NULL, code,
                       detail != NULL && detail[0] != 0 ? detail : NULL, buffer_bytes(&facts));
    buffer_release(&facts);
}

void answer_write_repeated(struct buffer *out, struct bytes result)
{
    LC_ASSERT(result.size >= 2 && result.data[result.size - 1] == '}');
    buffer_append(out, bytes_of(result.data, result.size - 1));
    buffer_append_text(out, ",\"repeated\":true}");
}
