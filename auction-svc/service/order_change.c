#include "auction-svc/service/order_change.h"

#include <stdlib.h>

#include "auction-svc/record/choice.h"

static bool is_absent(const struct json *value)
{
    return value == NULL || json_is_null(value);
}

static enum error_code wrong(struct order *order, const char *member)
{
    (void)snprintf(order->detail, sizeof order->detail, "%s", member);
    return ERROR_BAD_REQUEST;
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

// What is no whole number reaches the core as 0, which answers BAD_AMOUNT.
static int64_t read_amount(const struct json *value)
{
    int64_t amount_minor;
    return json_to_int64(value, &amount_minor) ? amount_minor : 0;
}

// An optional text of at most `size_max` bytes.
static bool read_text(const struct json *value, size_t size_max, struct bytes *out_text)
{
    *out_text = bytes_text("");
    return is_absent(value) || (json_to_text(value, out_text) && out_text->size <= size_max);
}

// A whole number that may be missing, then `missing`.
static bool read_number(const struct json *value, int64_t missing, int64_t *out_number)
{
    *out_number = missing;
    return is_absent(value) || (json_to_int64(value, out_number) && *out_number >= 0);
}

static enum error_code read_bid(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    const struct json *confirm = json_member(body, "confirm");
    if (!read_lot_id(json_member(body, "lot"), &change->as.bid.lot)) {
        return wrong(order, "lot");
    }
    change->as.bid.amount_minor = read_amount(json_member(body, "amount"));
    if (!read_number(json_member(body, "quantity"), 0, &change->as.bid.quantity)) {
        return wrong(order, "quantity");
    }
    if (!is_absent(confirm) && !json_to_bool(confirm, &change->as.bid.confirm)) {
        return wrong(order, "confirm");
    }
    return ERROR_NONE;
}

static enum error_code read_set_max(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    const struct json *confirm = json_member(body, "confirm");
    if (!read_lot_id(json_member(body, "lot"), &change->as.set_max.lot)) {
        return wrong(order, "lot");
    }
    change->as.set_max.max_minor = read_amount(json_member(body, "max"));
    if (!is_absent(confirm) && !json_to_bool(confirm, &change->as.set_max.confirm)) {
        return wrong(order, "confirm");
    }
    return read_text(json_member(body, "paddle"), PADDLE_SIZE_MAX, &change->as.set_max.paddle)
               ? ERROR_NONE
               : wrong(order, "paddle");
}

static enum error_code read_lot_only(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    const struct json *below = json_member(body, "below_reserve"); // of a sale by the hammer
    if (!read_lot_id(json_member(body, "lot"), &change->as.lot.lot)) {
        return wrong(order, "lot");
    }
    if (!is_absent(below) && !json_to_bool(below, &change->as.lot.below_reserve)) {
        return wrong(order, "below_reserve");
    }
    return read_text(json_member(body, "paddle"), PADDLE_SIZE_MAX, &change->as.lot.paddle)
               ? ERROR_NONE
               : wrong(order, "paddle");
}

static enum error_code read_floor_bid(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    if (!read_lot_id(json_member(body, "lot"), &change->as.floor_bid.lot)) {
        return wrong(order, "lot");
    }
    change->as.floor_bid.amount_minor = read_amount(json_member(body, "amount"));
    return read_text(json_member(body, "paddle"), PADDLE_SIZE_MAX, &change->as.floor_bid.paddle)
               ? ERROR_NONE
               : wrong(order, "paddle");
}

static enum error_code read_reasoned(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    struct lot_id lot;
    struct bytes reason;
    if (!read_lot_id(json_member(body, "lot"), &lot)) {
        return wrong(order, "lot");
    }
    if (!read_text(json_member(body, "reason"), REASON_SIZE_MAX, &reason)) {
        return wrong(order, "reason");
    }
    if (change->op == SALE_OP_UNDO) {
        change->as.undo.lot = lot;
        change->as.undo.reason = reason;
    } else {
        change->as.withdraw_lot.lot = lot;
        change->as.withdraw_lot.reason = reason;
    }
    return ERROR_NONE;
}

static enum error_code read_set_ask(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    if (!read_lot_id(json_member(body, "lot"), &change->as.set_ask.lot)) {
        return wrong(order, "lot");
    }
    return read_number(json_member(body, "ask"), 0, &change->as.set_ask.ask_minor)
               ? ERROR_NONE
               : wrong(order, "ask");
}

static enum error_code read_add_time(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    if (!read_lot_id(json_member(body, "lot"), &change->as.add_time.lot)) {
        return wrong(order, "lot");
    }
    return json_to_int64(json_member(body, "add_ms"), &change->as.add_time.add_ms)
               ? ERROR_NONE
               : wrong(order, "add_ms");
}

static enum error_code read_match(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    const struct json *accept = json_member(body, "accept");
    if (!read_lot_id(json_member(body, "lot"), &change->as.match.lot)) {
        return wrong(order, "lot");
    }
    if (change->op == SALE_OP_MATCH && !json_to_bool(accept, &change->as.match.accept)) {
        return wrong(order, "accept");
    }
    return read_number(json_member(body, "amount"), 0, &change->as.match.amount_minor)
               ? ERROR_NONE
               : wrong(order, "amount");
}

static enum error_code read_names(const struct json *body, struct order *order)
{
    const struct json *lots = json_member(body, "lots");
    if (!json_is_array(lots)) {
        return wrong(order, "lots");
    }
    order->names = calloc(SUBMITTED_NAMES_MAX, sizeof *order->names);
    if (order->names == NULL) {
        return ERROR_TOO_MANY;
    }
    size_t count = 0;
    for (const struct json *item = json_first(lots); item != NULL; item = json_next(item)) {
        if (count == SUBMITTED_NAMES_MAX) {
            return ERROR_TOO_MANY;
        }
        if (!read_lot_id(item, &order->names[count])) {
            return wrong(order, "lots");
        }
        count++;
    }
    order->change.as.submit_names.lots = order->names;
    order->change.as.submit_names.count = count;
    return ERROR_NONE;
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

static bool read_status(const struct json *value, int64_t *out_status)
{
    struct bytes word;
    enum participant_status wanted;
    *out_status = -1;
    if (is_absent(value)) {
        return true;
    }
    if (!json_to_text(value, &word) || !choice_read(word, choice_participant_status, &wanted)) {
        return false;
    }
    *out_status = (int64_t)wanted;
    return true;
}

static enum error_code read_set_participant(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    if (!read_participant_id(json_member(body, "participant"),
                             &change->as.set_participant.participant)) {
        return wrong(order, "participant");
    }
    if (!read_status(json_member(body, "status"), &change->as.set_participant.status)) {
        return wrong(order, "status");
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

static enum error_code read_block(const struct json *body, struct order *order)
{
    struct sale_command *change = &order->change;
    if (!read_participant_id(json_member(body, "participant"), &change->as.block.participant)) {
        return wrong(order, "participant");
    }
    return json_to_bool(json_member(body, "blocked"), &change->as.block.blocked)
               ? ERROR_NONE
               : wrong(order, "blocked");
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

static enum error_code read_members(const struct json *body, const struct sale *sale,
                                    struct order *order)
{
    struct sale_command *change = &order->change;
    switch (change->op) {
    case SALE_OP_ADD_LOTS:
        return read_lots(body, sale, order);
    case SALE_OP_CREATE_INVITE:
        return read_invite(body, order);
    case SALE_OP_JOIN:
        return read_join(body, order);
    case SALE_OP_BLOCK:
        return read_block(body, order);
    case SALE_OP_NEXT:
        return read_lot_id(json_member(body, "lot"), &change->as.next.lot) ? ERROR_NONE
                                                                           : wrong(order, "lot");
    case SALE_OP_NOMINATE:
        return read_lot_id(json_member(body, "lot"), &change->as.nominate.lot)
                   ? ERROR_NONE
                   : wrong(order, "lot");
    case SALE_OP_ANNOUNCE:
        return json_to_text(json_member(body, "text"), &change->as.announce.text)
                   ? ERROR_NONE
                   : wrong(order, "text");
    case SALE_OP_BID:
        return read_bid(body, order);
    case SALE_OP_SET_MAX:
        return read_set_max(body, order);
    case SALE_OP_FLOOR_BID:
        return read_floor_bid(body, order);
    case SALE_OP_UNDO:
    case SALE_OP_WITHDRAW_LOT:
        return read_reasoned(body, order);
    case SALE_OP_SET_ASK:
        return read_set_ask(body, order);
    case SALE_OP_ADD_TIME:
        return read_add_time(body, order);
    case SALE_OP_MATCH:
    case SALE_OP_RAISE_MATCH:
        return read_match(body, order);
    case SALE_OP_SUBMIT_NAMES:
        return read_names(body, order);
    case SALE_OP_ADD_PARTICIPANTS:
        return read_participants(body, order);
    case SALE_OP_SET_PARTICIPANT:
        return read_set_participant(body, order);
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
    case SALE_OP_REOPEN:
        return read_lot_only(body, order);
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_RESET:
    case SALE_OP_DELETE:
    case SALE_OP_TAKE_GAVEL:
        return ERROR_NONE;
    case SALE_OP_COUNT:
        break;
    }
    return ERROR_UNKNOWN_OP;
}

enum error_code order_read_console(const struct json *body, struct order *order)
{
    return read_text(json_member(body, "console"), CONSOLE_SIZE_MAX, &order->change.console)
               ? ERROR_NONE
               : wrong(order, "console");
}

enum error_code order_read_change(const struct wire_command *command, const struct sale *sale,
                                  struct order *order)
{
    enum error_code error = order_read_console(command->body, order);
    if (error == ERROR_NONE) {
        error = read_members(command->body, sale, order);
    }
    if (order->change.op == SALE_OP_TAKE_GAVEL) { // who takes it says the token, not the payload
        order->change.as.take_gavel.name =
            command->by_name.size > 0 ? command->by_name : bytes_text(order->change.by.text);
    }
    return error;
}
