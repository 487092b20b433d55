#include "auction-svc/core/gavel.h"

// Commands that control the sale. Clerks' floor bids, lists of people and announcements do not, and
// taking the gavel must always work.
static bool is_control(enum sale_op op)
{
    switch (op) {
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_NEXT:
    case SALE_OP_RESET:
    case SALE_OP_UNDO:
    case SALE_OP_SET_ASK:
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
    case SALE_OP_ADD_TIME:
    case SALE_OP_REOPEN:
    case SALE_OP_WITHDRAW_LOT:
        return true;
    case SALE_OP_ADD_LOTS:
    case SALE_OP_CREATE_INVITE:
    case SALE_OP_JOIN:
    case SALE_OP_BLOCK:
    case SALE_OP_DELETE:
    case SALE_OP_ANNOUNCE:
    case SALE_OP_BID:
    case SALE_OP_SET_MAX:
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
    case SALE_OP_FLOOR_BID:
    case SALE_OP_TAKE_GAVEL:
    case SALE_OP_NOMINATE:
    case SALE_OP_SUBMIT_NAMES:
    case SALE_OP_MATCH:
    case SALE_OP_RAISE_MATCH:
    case SALE_OP_ADD_PARTICIPANTS:
    case SALE_OP_SET_PARTICIPANT:
    case SALE_OP_COUNT:
        break;
    }
    return false;
}

bool gavel_allows(const struct sale *sale, const struct sale_command *command)
{
    return sale->gavel_console[0] == 0 || !is_control(command->op) ||
           bytes_equal_text(command->console, sale->gavel_console);
}

void decide_take_gavel(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                       struct decision *out)
{
    (void)sale;
    if (!line_is_legal(command->console, 1, CONSOLE_SIZE_MAX)) {
        decision_refuse(out, ERROR_BAD_REQUEST, "console");
        return;
    }
    if (!line_is_legal(command->as.take_gavel.name, 0, PARTICIPANT_NAME_SIZE_MAX)) {
        decision_refuse(out, ERROR_BAD_REQUEST, "name");
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_GAVEL_TAKEN, now_ms);
    event->as.gavel_taken.console = command->console;
    event->as.gavel_taken.by = command->as.take_gavel.name;
}
