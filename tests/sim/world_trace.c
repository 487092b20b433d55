// Prints what happens in a seed, for whoever looks for the cause of a failed audit.
#include "auction-svc/record/fact.h"
#include "world_state.h"

const char *const sim_op_names[SALE_OP_COUNT] = {
    "add_lots",         "create_invite",  "join",     "block",        "begin",     "pause",
    "resume",           "next",           "reset",    "delete",       "announce",  "bid",
    "set_max",          "withdraw_max",   "buy_now",  "pass",         "floor_bid", "undo",
    "set_ask",          "sell",           "pass_in",  "warn",         "add_time",  "reopen",
    "withdraw_lot",     "take_gavel",     "nominate", "submit_names", "match",     "raise_match",
    "add_participants", "set_participant"};

static void trace_command(struct world *world, const struct sale_command *command)
{
    const char *lot = "";
    int64_t amount = 0;
    if (command->op == SALE_OP_BID || command->op == SALE_OP_SET_MAX) {
        lot = command->as.bid.lot.text; // the first two members are the same
        amount = command->as.bid.amount_minor;
    } else if (command->op != SALE_OP_JOIN && command->op != SALE_OP_ADD_LOTS &&
               command->op != SALE_OP_ADD_PARTICIPANTS && command->op != SALE_OP_ANNOUNCE &&
               command->op != SALE_OP_SUBMIT_NAMES && command->op != SALE_OP_CREATE_INVITE &&
               command->op != SALE_OP_TAKE_GAVEL) {
        lot = command->as.lot.lot.text; // so does each other that names a lot or a participant
        amount = command->op == SALE_OP_FLOOR_BID ? command->as.floor_bid.amount_minor : 0;
    }
    fprintf(world->trace, "%lld %s by %s (%s) lot %s amount %lld stamp %lld console %.*s -> %s\n",
            (long long)world->now, sim_op_names[command->op], command->by.text,
            role_name(command->role), lot, (long long)amount, (long long)command->stamp_ms,
            (int)command->console.size, (const char *)command->console.data,
            error_code_name(world->decision.refusal));
}

void trace_step(struct world *world, const struct sale_command *command)
{
    if (world->trace == NULL) {
        return;
    }
    if (command != NULL) {
        trace_command(world, command);
    } else {
        fprintf(world->trace, "%lld (no command)\n", (long long)world->now);
    }
    for (size_t i = 0; i < world->decision.events_count; i++) {
        struct buffer text;
        buffer_init(&text, 1 << 17);
        fact_write(&text, &world->decision.events[i]);
        struct bytes row = buffer_bytes(&text);
        fprintf(world->trace, "    %.*s\n", (int)row.size, (const char *)row.data);
        buffer_release(&text);
    }
}
