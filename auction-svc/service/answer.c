#include "auction-svc/service/answer.h"

#include "auction-svc/service/view.h"
#include "lib/wire/wire_part.h"

// How a lot stands now, as everybody may know it.
static void write_lot(struct json_writer *writer, const struct sale *sale, int64_t index,
                      int64_t now_ms)
{
    struct wire_lot lot = view_lot(sale, index, now_ms);
    json_write_cstr(writer, "lot", lot.id.text);
    json_write_cstr(writer, "phase", lot.phase);
    wire_part_optional_int(writer, "price", lot.price_minor);
    json_write_int(writer, "ask", lot.ask_minor);
    wire_part_person(writer, "leader", &lot.leader);
    json_write_bool(writer, "house", lot.is_house);
    wire_part_optional_int(writer, "ends_at", lot.ends_at_ms);
}

static const struct sale_event *event_of(const struct decision *decision, enum sale_event_kind kind)
{
    for (size_t i = 0; i < decision->events_count; i++) {
        if (decision->events[i].kind == kind) {
            return &decision->events[i];
        }
    }
    return NULL;
}

static void write_bid_no(struct json_writer *writer, int64_t bid_no)
{
    char bid[32];
    (void)snprintf(bid, sizeof bid, "b%lld", (long long)bid_no);
    json_write_cstr(writer, "bid", bid);
}

// The outcome of whatever offers something for a lot. A sealed offer is only acknowledged: its
// answer says no more than that it is there, and that to its sender alone.
static void write_offer(struct json_writer *writer, const struct sale *sale, int64_t lot_index,
                        const struct participant_id *by, const struct decision *decision)
{
    const struct sale_event *bid = event_of(decision, EVENT_BID_ACCEPTED);
    const struct lot *lot = &sale->lots[lot_index];
    if (view_is_sealed(sale, lot)) {
        json_write_cstr(writer, "lot", lot->id.text);
        json_write_bool(writer, "sealed", true);
        return;
    }
    if (bid != NULL) {
        write_bid_no(writer, bid->as.bid_accepted.bid_no);
        json_write_int(writer, "amount", bid->as.bid_accepted.amount_minor);
        json_write_int(writer, "quantity",
                       bid->as.bid_accepted.quantity > 1 ? bid->as.bid_accepted.quantity : 1);
    }
    int64_t by_index = by->text[0] == 0 ? -1 : sale_participant_index(sale, by);
    write_lot(writer, sale, lot_index, sale->last_at_ms);
    json_write_bool(writer, "leading", by_index >= 0 && lot->leader_index == by_index);
}

// Who an offer is from: of a clerk's the one with the paddle.
static struct participant_id offerer(const struct sale *sale, const struct sale_command *change)
{
    struct bytes paddle = {0};
    if (change->op == SALE_OP_FLOOR_BID) {
        paddle = change->as.floor_bid.paddle;
    } else if (change->op == SALE_OP_SET_MAX) {
        paddle = change->as.set_max.paddle;
    } else if (change->op == SALE_OP_WITHDRAW_MAX) {
        paddle = change->as.lot.paddle;
    }
    int64_t index = sale_paddle_index(sale, paddle);
    return index >= 0 ? sale->participants[index].id : change->by;
}

static void write_undone(struct json_writer *writer, const struct sale *sale, int64_t lot_index,
                         const struct decision *decision)
{
    const struct sale_event *undone = event_of(decision, EVENT_BID_RETRACTED);
    if (undone != NULL) {
        write_bid_no(writer, undone->as.bid_retracted.bid_no);
    }
    write_lot(writer, sale, lot_index, sale->last_at_ms);
}

static void write_participant(struct json_writer *writer, const struct sale *sale,
                              const struct participant_id *id)
{
    int64_t index = sale_participant_index(sale, id);
    if (index >= 0) {
        struct wire_participant participant = view_participant(sale, index);
        wire_part_participant(writer, "participant", &participant);
    }
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

// The lot that a command names; -1: none.
static int64_t named_lot(const struct sale *sale, const struct sale_command *change)
{
    const struct lot_id *id = order_lot(change);
    return id == NULL ? -1 : sale_lot_index(sale, id);
}

static void write_lot_change(struct json_writer *writer, const struct sale *sale,
                             const struct sale_command *change, const struct decision *decision)
{
    int64_t index = named_lot(sale, change);
    struct participant_id by = offerer(sale, change);
    if (index < 0) {
        return;
    }
    if (change->op == SALE_OP_BID || change->op == SALE_OP_SET_MAX ||
        change->op == SALE_OP_WITHDRAW_MAX || change->op == SALE_OP_FLOOR_BID ||
        change->op == SALE_OP_BUY_NOW) {
        write_offer(writer, sale, index, &by, decision);
    } else if (change->op == SALE_OP_UNDO) {
        write_undone(writer, sale, index, decision);
    } else {
        write_lot(writer, sale, index, sale->last_at_ms);
    }
}

static void write_change(struct json_writer *writer, const struct sale *sale,
                         const struct order *order, const struct decision *decision, int64_t added)
{
    const struct sale_command *change = &order->change;
    if (change->op == SALE_OP_ADD_LOTS) {
        json_write_int(writer, "added", added);
        json_write_int(writer, "lots_total", (int64_t)sale->lots_count);
    } else if (change->op == SALE_OP_ADD_PARTICIPANTS) {
        json_write_int(writer, "added", (int64_t)change->as.add_participants.count);
        json_write_int(writer, "participants_total", (int64_t)sale->participants_count);
    } else if (change->op == SALE_OP_SET_PARTICIPANT) {
        write_participant(writer, sale, &change->as.set_participant.participant);
    } else if (change->op == SALE_OP_SUBMIT_NAMES) {
        json_write_int(writer, "named", (int64_t)change->as.submit_names.count);
    } else if (change->op == SALE_OP_TAKE_GAVEL) {
        json_write_cstr(writer, "gavel", sale->gavel_console);
    } else if (change->op == SALE_OP_JOIN) {
        write_join(writer, sale, decision);
    } else {
        write_lot_change(writer, sale, change, decision);
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

// A sender is told what he would have had to know of the lot that he named; of maxima nothing, and
// what his own purse allows only where that decided.
static void write_lot_facts(struct buffer *out, const struct sale *sale, const struct order *order,
                            enum error_code code)
{
    int64_t index = named_lot(sale, &order->change);
    if (index < 0) {
        return;
    }
    struct json_writer writer = json_writer_on(out);
    write_lot(&writer, sale, index, sale->last_at_ms);
    int64_t by_index = sale_participant_index(sale, &order->change.by);
    if (is_about_money(code) && by_index >= 0) {
        int64_t max_bid = sale_max_bid(sale, &sale->participants[by_index], &sale->lots[index]);
        wire_part_optional_int(&writer, "max_bid", max_bid == INT64_MAX ? WIRE_ABSENT : max_bid);
    }
}

void answer_write_refused(struct buffer *out, const struct sale *sale, const struct order *order,
                          enum error_code code, const char *detail)
{
    struct buffer facts;
    buffer_init(&facts, ANSWER_SIZE_MAX);
    if (order != NULL && order->op->kind == ORDER_CHANGE && sale != NULL) {
        write_lot_facts(&facts, sale, order, code);
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
