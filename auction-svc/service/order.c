#include "auction-svc/service/order.h"

#include <stdlib.h>

#include "auction-svc/record/choice.h"

enum { CONTENT_MEMBERS_MAX = 32 };

static const struct order_op order_ops[] = {
    {"bid", ORDER_CHANGE, SALE_OP_BID},
    {"create", ORDER_CREATE, SALE_OP_ADD_LOTS},
    {"list", ORDER_LIST, SALE_OP_ADD_LOTS},
    {"add_lots", ORDER_CHANGE, SALE_OP_ADD_LOTS},
    {"create_invite", ORDER_CHANGE, SALE_OP_CREATE_INVITE},
    {"join", ORDER_CHANGE, SALE_OP_JOIN},
    {"block", ORDER_CHANGE, SALE_OP_BLOCK},
    {"add_participants", ORDER_CHANGE, SALE_OP_ADD_PARTICIPANTS},
    {"set_participant", ORDER_CHANGE, SALE_OP_SET_PARTICIPANT},
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

// ---- members ----

static enum error_code wrong(struct order *order, const char *member)
{
    (void)snprintf(order->detail, sizeof order->detail, "%s", member);
    return ERROR_BAD_REQUEST;
}

static bool is_absent(const struct json *value)
{
    return value == NULL || json_is_null(value);
}

static int hex_digit(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static bool read_hash(const struct json *value, uint8_t out_hash[INVITE_HASH_SIZE])
{
    struct bytes text;
    if (!json_to_text(value, &text) || text.size != 2 * (size_t)INVITE_HASH_SIZE) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        int digit = hex_digit(text.data[i]);
        if (digit < 0) {
            return false;
        }
        out_hash[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : out_hash[i / 2] | digit);
    }
    return true;
}

static bool read_lot_id(const struct json *value, struct lot_id *out_id)
{
    struct bytes text;
    return json_to_text(value, &text) && lot_id_read(text, out_id);
}

static bool read_participant_id(const struct json *value, struct participant_id *out_id)
{
    struct bytes text;
    return json_to_text(value, &text) && participant_id_read(text, out_id);
}

static enum error_code read_invite(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    const struct json *uses = json_member(body, "uses");
    const struct json *expires_at = json_member(body, "expires_at");
    const struct json *participant = json_member(body, "participant");
    struct bytes role;
    if (!read_hash(json_member(body, "invite_hash"), change->as.create_invite.hash)) {
        return wrong(order, "invite_hash");
    }
    // Not "role": that is the sender's own, in the envelope, and must never become an invitation's.
    if (!json_to_text(json_member(body, "invite_role"), &role) ||
        !role_read(role, &change->as.create_invite.role)) {
        return wrong(order, "invite_role");
    }
    if (!is_absent(uses) && (!json_to_int64(uses, &change->as.create_invite.uses) ||
                             change->as.create_invite.uses < 0)) {
        return wrong(order, "uses");
    }
    if (!is_absent(expires_at) &&
        (!json_to_int64(expires_at, &change->as.create_invite.expires_at_ms) ||
         change->as.create_invite.expires_at_ms <= 0)) {
        return wrong(order, "expires_at");
    }
    if (!is_absent(participant) &&
        !read_participant_id(participant, &change->as.create_invite.participant)) {
        return wrong(order, "participant");
    }
    return ERROR_NONE;
}

static enum error_code read_join(const struct json *body, struct order *order)
{
    const struct json *name = json_member(body, "name");
    if (!read_hash(json_member(body, "invite_hash"), order->change.as.join.invite_hash)) {
        return wrong(order, "invite_hash");
    }
    order->change.as.join.name = bytes_text("");
    if (!is_absent(name) && !json_to_text(name, &order->change.as.join.name)) {
        return wrong(order, "name");
    }
    return ERROR_NONE;
}

static enum error_code read_bid(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    const struct json *confirm = json_member(body, "confirm");
    if (!read_lot_id(json_member(body, "lot"), &change->as.bid.lot)) {
        return wrong(order, "lot");
    }
    if (!json_to_int64(json_member(body, "amount"), &change->as.bid.amount_minor)) {
        change->as.bid.amount_minor = 0; // the core answers BAD_AMOUNT
    }
    if (!is_absent(confirm) && !json_to_bool(confirm, &change->as.bid.confirm)) {
        return wrong(order, "confirm");
    }
    return ERROR_NONE;
}

static enum error_code read_lots(const struct json *body, const struct sale *sale,
                                 struct order *order)
{
    enum error_code error =
        definition_read_lots(json_member(body, "lots"), &sale->definition.rules.lot, &order->lots,
                             &order->lots_count, order->detail);
    order->change.as.add_lots.lots = order->lots;
    order->change.as.add_lots.count = order->lots_count;
    return error;
}

static enum error_code read_participants(const struct json *body, struct order *order)
{
    enum error_code error =
        definition_read_participants(json_member(body, "participants"), &order->participants,
                                     &order->participants_count, order->detail);
    order->change.as.add_participants.participants = order->participants;
    order->change.as.add_participants.count = order->participants_count;
    return error;
}

// A member that is not given stays as it is; null is the roster's.
static bool read_kept_int(const struct json *body, const char *name, int64_t *out_value)
{
    const struct json *value = json_member(body, name);
    *out_value = value == NULL ? -1 : 0;
    return is_absent(value) || (json_to_int64(value, out_value) && *out_value >= 0);
}

static enum error_code read_participant_change(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    const struct json *status = json_member(body, "status");
    enum participant_status wanted;
    struct bytes word;
    if (!read_participant_id(json_member(body, "participant"),
                             &change->as.set_participant.participant)) {
        return wrong(order, "participant");
    }
    change->as.set_participant.status = -1;
    if (!is_absent(status)) {
        if (!json_to_text(status, &word) ||
            !choice_read(word, choice_participant_status, &wanted)) {
            return wrong(order, "status");
        }
        change->as.set_participant.status = (int64_t)wanted;
    }
    if (!read_kept_int(body, "budget", &change->as.set_participant.budget_minor)) {
        return wrong(order, "budget");
    }
    if (!read_kept_int(body, "slots", &change->as.set_participant.slots)) {
        return wrong(order, "slots");
    }
    return read_kept_int(body, "limit", &change->as.set_participant.limit_minor)
               ? ERROR_NONE
               : wrong(order, "limit");
}

static enum error_code read_change(const struct json *body, const struct sale *sale,
                                   struct order *order)
{
    struct sale_command *change = &order->change;
    switch (change->op) {
    case SALE_OP_ADD_LOTS:
        return read_lots(body, sale, order);
    case SALE_OP_ADD_PARTICIPANTS:
        return read_participants(body, order);
    case SALE_OP_SET_PARTICIPANT:
        return read_participant_change(body, order);
    case SALE_OP_CREATE_INVITE:
        return read_invite(body, order);
    case SALE_OP_JOIN:
        return read_join(body, order);
    case SALE_OP_BLOCK:
        if (!read_participant_id(json_member(body, "participant"), &change->as.block.participant)) {
            return wrong(order, "participant");
        }
        return json_to_bool(json_member(body, "blocked"), &change->as.block.blocked)
                   ? ERROR_NONE
                   : wrong(order, "blocked");
    case SALE_OP_NEXT:
        return read_lot_id(json_member(body, "lot"), &change->as.next.lot) ? ERROR_NONE
                                                                           : wrong(order, "lot");
    case SALE_OP_ANNOUNCE:
        return json_to_text(json_member(body, "text"), &change->as.announce.text)
                   ? ERROR_NONE
                   : wrong(order, "text");
    case SALE_OP_BID:
        return read_bid(body, order);
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_RESET:
    case SALE_OP_DELETE:
        return ERROR_NONE;
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
    case SALE_OP_COUNT:
        break;
    }
    return ERROR_UNKNOWN_OP;
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
        return read_change(command->body, sale, out_order);
    case ORDER_REPLAY:
        return read_replay(command->body, out_order);
    case ORDER_RECEIPT:
        return read_receipt(command->body, out_order);
    case ORDER_RESULTS:
        return read_page(command->body, out_order);
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
    order->lots = NULL;
    free(order->participants);
    order->participants = NULL;
}

// ---- content ----

static bool is_envelope_name(const char *name)
{
    static const char *const names[] = {"id",          "op",          "by",   "role",
                                        "received_at", "deadline_at", "reply"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

void order_write_content(struct buffer *out, const struct wire_command *command)
{
    const struct json *members[CONTENT_MEMBERS_MAX];
    size_t count = 0;
    for (const struct json *member = json_first(command->body);
         member != NULL && count < CONTENT_MEMBERS_MAX; member = json_next(member)) {
        if (is_envelope_name(json_name(member))) {
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
