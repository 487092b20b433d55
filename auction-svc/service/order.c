#include "auction-svc/service/order.h"

#include <stdlib.h>

#include "auction-svc/service/order_change.h"

enum { CONTENT_MEMBERS_MAX = 32 };

static const struct order_op order_ops[] = {
    {"bid", ORDER_CHANGE, SALE_OP_BID},
    {"set_max", ORDER_CHANGE, SALE_OP_SET_MAX},
    {"withdraw_max", ORDER_CHANGE, SALE_OP_WITHDRAW_MAX},
    {"buy_now", ORDER_CHANGE, SALE_OP_BUY_NOW},
    {"pass", ORDER_CHANGE, SALE_OP_PASS},
    {"nominate", ORDER_CHANGE, SALE_OP_NOMINATE},
    {"submit_names", ORDER_CHANGE, SALE_OP_SUBMIT_NAMES},
    {"match", ORDER_CHANGE, SALE_OP_MATCH},
    {"raise_match", ORDER_CHANGE, SALE_OP_RAISE_MATCH},
    {"floor_bid", ORDER_CHANGE, SALE_OP_FLOOR_BID},
    {"undo", ORDER_CHANGE, SALE_OP_UNDO},
    {"set_ask", ORDER_CHANGE, SALE_OP_SET_ASK},
    {"sell", ORDER_CHANGE, SALE_OP_SELL},
    {"pass_in", ORDER_CHANGE, SALE_OP_PASS_IN},
    {"warn", ORDER_CHANGE, SALE_OP_WARN},
    {"add_time", ORDER_CHANGE, SALE_OP_ADD_TIME},
    {"reopen", ORDER_CHANGE, SALE_OP_REOPEN},
    {"withdraw_lot", ORDER_CHANGE, SALE_OP_WITHDRAW_LOT},
    {"take_gavel", ORDER_CHANGE, SALE_OP_TAKE_GAVEL},
    {"add_participants", ORDER_CHANGE, SALE_OP_ADD_PARTICIPANTS},
    {"set_participant", ORDER_CHANGE, SALE_OP_SET_PARTICIPANT},
    {"gavel", ORDER_GAVEL, SALE_OP_TAKE_GAVEL},
    {"create", ORDER_CREATE, SALE_OP_ADD_LOTS},
    {"list", ORDER_LIST, SALE_OP_ADD_LOTS},
    {"add_lots", ORDER_CHANGE, SALE_OP_ADD_LOTS},
    {"create_invite", ORDER_CHANGE, SALE_OP_CREATE_INVITE},
    {"join", ORDER_CHANGE, SALE_OP_JOIN},
    {"block", ORDER_CHANGE, SALE_OP_BLOCK},
    {"begin", ORDER_CHANGE, SALE_OP_BEGIN},
    {"pause", ORDER_CHANGE, SALE_OP_PAUSE},
    {"resume", ORDER_CHANGE, SALE_OP_RESUME},
    {"next", ORDER_CHANGE, SALE_OP_NEXT},
    {"reset", ORDER_CHANGE, SALE_OP_RESET},
    {"delete", ORDER_CHANGE, SALE_OP_DELETE},
    {"announce", ORDER_CHANGE, SALE_OP_ANNOUNCE},
    {"snapshot", ORDER_SNAPSHOT, SALE_OP_ADD_LOTS},
    {"you", ORDER_YOU, SALE_OP_ADD_LOTS},
    {"replay", ORDER_REPLAY, SALE_OP_ADD_LOTS},
    {"results", ORDER_RESULTS, SALE_OP_ADD_LOTS},
    {"receipt", ORDER_RECEIPT, SALE_OP_ADD_LOTS},
    {"export_definition", ORDER_EXPORT, SALE_OP_ADD_LOTS},
    {"part", ORDER_PART, SALE_OP_ADD_LOTS},
};

const struct order_op *order_op_find(const char *name)
{
    for (size_t i = 0; i < sizeof order_ops / sizeof order_ops[0]; i++) {
        if (strcmp(order_ops[i].name, name) == 0) {
            return &order_ops[i];
        }
    }
    return NULL;
}

static bool is_absent(const struct json *value)
{
    return value == NULL || json_is_null(value);
}

static enum error_code wrong(struct order *order, const char *member)
{
    (void)snprintf(order->detail, sizeof order->detail, "%s", member);
    return ERROR_BAD_REQUEST;
}

static enum error_code read_replay(const struct json *body, struct order *order)
{
    const struct json *limit = json_member(body, "limit");
    order->limit = WIRE_REPLAY_EVENTS_MAX;
    if (!json_to_int64(json_member(body, "from"), &order->from) || order->from < 0) {
        return wrong(order, "from");
    }
    if (!is_absent(limit) && (!json_to_int64(limit, &order->limit) || order->limit < 1 ||
                              order->limit > WIRE_REPLAY_EVENTS_MAX)) {
        return wrong(order, "limit");
    }
    return ERROR_NONE;
}

static enum error_code read_page(const struct json *body, struct order *order)
{
    const struct json *page = json_member(body, "page");
    if (!is_absent(page) &&
        (!json_to_int64(page, &order->from) || order->from < 0 || order->from > SALE_LOTS_MAX)) {
        return wrong(order, "page");
    }
    return ERROR_NONE;
}

static enum error_code read_receipt(const struct json *body, struct order *order)
{
    struct bytes id;
    return json_to_text(json_member(body, "receipt"), &id) && command_id_read(id, &order->receipt)
               ? ERROR_NONE
               : wrong(order, "receipt");
}

static enum error_code read_export(const struct json *body, struct order *order)
{
    const struct json *from = json_member(body, "from");
    if (!is_absent(from) && (!json_to_int64(from, &order->from) || order->from < 0 ||
                             order->from > SALE_LOTS_MAX + SALE_PARTICIPANTS_MAX)) {
        return wrong(order, "from");
    }
    return ERROR_NONE;
}

static enum error_code read_part(const struct json *body, struct order *order)
{
    struct bytes id;
    if (!json_to_text(json_member(body, "import"), &id) || !command_id_read(id, &order->import)) {
        return wrong(order, "import");
    }
    if (!json_to_int64(json_member(body, "part"), &order->from) || order->from < 0) {
        return wrong(order, "part");
    }
    return json_to_text(json_member(body, "text"), &order->text) ? ERROR_NONE
                                                                 : wrong(order, "text");
}

enum error_code order_read(const struct order_op *op, const struct wire_command *command,
                           const struct sale *sale, struct order *out_order)
{
    *out_order = (struct order){.op = op};
    out_order->change.op = op->sale_op;
    out_order->change.role = command->role;
    out_order->change.by = command->by;
    switch (op->kind) {
    case ORDER_CREATE:
        return definition_read(json_member(command->body, "sale"), &out_order->created,
                               out_order->detail);
    case ORDER_CHANGE:
        return order_read_change(command, sale, out_order);
    case ORDER_REPLAY:
        return read_replay(command->body, out_order);
    case ORDER_RECEIPT:
        return read_receipt(command->body, out_order);
    case ORDER_RESULTS:
        return read_page(command->body, out_order);
    case ORDER_EXPORT:
        return read_export(command->body, out_order);
    case ORDER_PART:
        return read_part(command->body, out_order);
    case ORDER_GAVEL:
        return order_read_console(command->body, out_order);
    case ORDER_LIST:
    case ORDER_SNAPSHOT:
    case ORDER_YOU:
        return ERROR_NONE;
    }
    return ERROR_UNKNOWN_OP;
}

void order_release(struct order *order)
{
    definition_release(&order->created);
    free(order->lots);
    free(order->participants);
    free(order->names);
    order->lots = NULL;
    order->participants = NULL;
    order->names = NULL;
}

const struct lot_id *order_lot(const struct sale_command *change)
{
    switch (change->op) {
    case SALE_OP_NEXT:
        return &change->as.next.lot;
    case SALE_OP_BID:
        return &change->as.bid.lot;
    case SALE_OP_SET_MAX:
        return &change->as.set_max.lot;
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
    case SALE_OP_REOPEN:
        return &change->as.lot.lot;
    case SALE_OP_FLOOR_BID:
        return &change->as.floor_bid.lot;
    case SALE_OP_UNDO:
        return &change->as.undo.lot;
    case SALE_OP_WITHDRAW_LOT:
        return &change->as.withdraw_lot.lot;
    case SALE_OP_SET_ASK:
        return &change->as.set_ask.lot;
    case SALE_OP_ADD_TIME:
        return &change->as.add_time.lot;
    case SALE_OP_NOMINATE:
        return &change->as.nominate.lot;
    case SALE_OP_MATCH:
    case SALE_OP_RAISE_MATCH:
        return &change->as.match.lot;
    case SALE_OP_ADD_LOTS:
    case SALE_OP_CREATE_INVITE:
    case SALE_OP_JOIN:
    case SALE_OP_BLOCK:
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_RESET:
    case SALE_OP_DELETE:
    case SALE_OP_ANNOUNCE:
    case SALE_OP_TAKE_GAVEL:
    case SALE_OP_SUBMIT_NAMES:
    case SALE_OP_ADD_PARTICIPANTS:
    case SALE_OP_SET_PARTICIPANT:
    case SALE_OP_COUNT:
        break;
    }
    return NULL;
}

// ---- the time that a bid was given ----

enum { STAMP_UNCERTAINTY_MS_MAX = 50 };

static const struct lot_id *stamped_lot(const struct sale_command *change)
{
    if (change->op == SALE_OP_BID) {
        return &change->as.bid.lot;
    }
    if (change->op == SALE_OP_FLOOR_BID) {
        return &change->as.floor_bid.lot;
    }
    return change->op == SALE_OP_SET_MAX ? &change->as.set_max.lot : NULL;
}

int64_t order_stamp_ms(const struct sale *sale, const struct sale_command *change,
                       const struct wire_command *command, int64_t arrived_at_ms)
{
    const struct lot_id *id = stamped_lot(change);
    int64_t index = id == NULL ? -1 : sale_lot_index(sale, id);
    bool is_sure = command->received_at_ms != WIRE_ABSENT &&
                   command->uncertainty_ms != WIRE_ABSENT && command->uncertainty_ms >= 0 &&
                   command->uncertainty_ms <= STAMP_UNCERTAINTY_MS_MAX;
    if (index < 0 || !is_sure) {
        return 0;
    }
    int64_t grace_ms = sale_lot_rules(sale, &sale->lots[index])->closing_grace_ms;
    int64_t earliest_ms = arrived_at_ms - grace_ms;
    int64_t stamp_ms =
        command->received_at_ms > earliest_ms ? command->received_at_ms : earliest_ms;
    return stamp_ms < arrived_at_ms ? stamp_ms : arrived_at_ms;
}

// ---- content ----

void order_write_content(struct buffer *out, const struct wire_command *command)
{
    const struct json *members[CONTENT_MEMBERS_MAX];
    size_t count = 0;
    for (const struct json *member = json_first(command->body);
         member != NULL && count < CONTENT_MEMBERS_MAX; member = json_next(member)) {
        if (wire_is_envelope_name(json_name(member))) {
            continue;
        }
        size_t place = count++;
        while (place > 0 && strcmp(json_name(members[place - 1]), json_name(member)) > 0) {
            members[place] = members[place - 1];
            place--;
        }
        members[place] = member;
    }
    buffer_append_text(out, command->op);
    for (size_t i = 0; i < count; i++) {
        buffer_append_byte(out, '\n');
        buffer_append_text(out, json_name(members[i]));
        buffer_append_byte(out, '=');
        json_print(members[i], out);
    }
}
