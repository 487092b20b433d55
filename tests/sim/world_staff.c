// Consoles, the clerk, and those who register: two consoles share one gavel.
#include "world_state.h"

static const char *const paddles[] = {"1", "2", "3", "4", "77"};

static struct bytes choose_paddle(struct world *world)
{
    return bytes_text(paddles[roll(world, 0, chance(world, 10) ? 4 : 3)]);
}

static const struct lot *choose_lot(struct world *world)
{
    const struct sale *sale = world->sale;
    int64_t any = roll(world, 0, (int64_t)sale->lots_count - 1);
    if (sale->lot_index >= 0 && chance(world, 80)) {
        return &sale->lots[sale->lot_index];
    }
    return &sale->lots[any];
}

static struct sale_command console_command(struct world *world, enum sale_op op)
{
    struct sale_command command = {.op = op, .role = ROLE_AUCTIONEER};
    if (world->swarm.two_consoles) {
        command.console = bytes_text(chance(world, 70) ? "desk" : "hall");
    }
    if (world->sale->gavel_console[0] != 0 && chance(world, 60)) {
        command.console =
            bytes_text(strcmp(world->sale->gavel_console, "desk") == 0 ? "desk" : "hall");
    }
    if (op == SALE_OP_DELETE) {
        command.role = ROLE_ADMIN;
    }
    if (chance(world, 1)) {
        command.role = ROLE_BIDDER;
    }
    return command;
}

static void clerk_acts(struct world *world)
{
    struct sale_command command = {.role = chance(world, 95) ? ROLE_CLERK : ROLE_BIDDER};
    const struct lot *lot = choose_lot(world);
    int64_t ask = sale_ask(world->sale, lot, world->now);
    switch (roll(world, 0, 5)) {
    case 0:
        command.op = SALE_OP_SET_MAX;
        command.as.set_max.lot = lot->id;
        command.as.set_max.max_minor = ask + roll(world, -1, 300);
        command.as.set_max.paddle = choose_paddle(world);
        command.as.set_max.confirm = true;
        break;
    case 1:
        command.op = SALE_OP_WITHDRAW_MAX;
        command.as.lot.lot = lot->id;
        command.as.lot.paddle = choose_paddle(world);
        break;
    default:
        command.op = SALE_OP_FLOOR_BID;
        command.as.floor_bid.lot = lot->id;
        command.as.floor_bid.amount_minor = ask + (chance(world, 20) ? roll(world, -1, 30) : 0);
        command.as.floor_bid.paddle = choose_paddle(world);
        break;
    }
    world_send(world, &command);
}

static void changes_participant(struct world *world)
{
    struct sale_command command = console_command(world, SALE_OP_SET_PARTICIPANT);
    snprintf(command.as.set_participant.participant.text,
             sizeof command.as.set_participant.participant.text, "p%d",
             (int)roll(world, 1, BIDDERS_MAX));
    command.as.set_participant.status = -1;
    command.as.set_participant.budget_minor = -1;
    command.as.set_participant.slots = -1;
    command.as.set_participant.limit_minor = -1;
    bool approves = world->definition.rules.registration == REGISTRATION_APPROVAL;
    if (approves || chance(world, 40)) {
        command.as.set_participant.status =
            chance(world, 85) ? PARTICIPANT_ACCEPTED : PARTICIPANT_BLOCKED;
    }
    if (world->swarm.changes && chance(world, 30)) {
        command.as.set_participant.budget_minor = roll(world, 0, 2000);
    }
    if (world->swarm.changes && chance(world, 30)) {
        command.as.set_participant.limit_minor = roll(world, 0, 2000);
    }
    if (world->swarm.changes && chance(world, 10)) {
        command.as.set_participant.slots = roll(world, 0, 3);
    }
    world_send(world, &command);
}

void staff_joins(struct world *world)
{
    struct sale_command command = {.op = SALE_OP_JOIN};
    command.as.join.name = bytes_text("Ana");
    // the second is unknown, the third is for viewers
    command.as.join.invite_hash[0] = (uint8_t)roll(world, 1, 3);
    if (world->sale->participants_count < BIDDERS_MAX) {
        world_send(world, &command);
    }
}

// The operations of a room's auctioneer on the lot before him.
static void sells(struct world *world)
{
    static const enum sale_op ops[] = {SALE_OP_SELL,    SALE_OP_SELL, SALE_OP_SET_ASK,
                                       SALE_OP_SET_ASK, SALE_OP_WARN, SALE_OP_PASS_IN,
                                       SALE_OP_ADD_TIME};
    const struct lot *lot = choose_lot(world);
    struct sale_command command = console_command(world, ops[roll(world, 0, 6)]);
    if (command.op == SALE_OP_SET_ASK) {
        command.as.set_ask.lot = lot->id;
        command.as.set_ask.ask_minor =
            chance(world, 15) ? 0 : sale_ask(world->sale, lot, world->now) + roll(world, -3, 60);
    } else if (command.op == SALE_OP_ADD_TIME) {
        command.as.add_time.lot = lot->id;
        command.as.add_time.add_ms = chance(world, 90) ? roll(world, 1, 5000) : roll(world, -1, 0);
    } else {
        command.as.lot.lot = lot->id;
    }
    world_send(world, &command);
}

static void corrects(struct world *world)
{
    static const enum sale_op ops[] = {SALE_OP_UNDO, SALE_OP_UNDO, SALE_OP_UNDO, SALE_OP_REOPEN,
                                       SALE_OP_WITHDRAW_LOT};
    const struct sale *sale = world->sale;
    const struct lot *lot = choose_lot(world);
    struct sale_command command = console_command(world, ops[roll(world, 0, 4)]);
    if (command.op == SALE_OP_UNDO) {
        command.as.undo.lot = lot->id;
        command.as.undo.reason = bytes_text(chance(world, 50) ? "" : "a slip");
    } else if (command.op == SALE_OP_WITHDRAW_LOT) {
        command.as.withdraw_lot.lot = chance(world, 50) ? lot->id : sale->lots[0].id;
        command.as.withdraw_lot.reason = bytes_text("");
    } else {
        for (size_t i = sale->lots_count; i > 0; i--) { // the last one sold, mostly
            if (sale->lots[i - 1].phase == LOT_SOLD && chance(world, 70)) {
                lot = &sale->lots[i - 1];
                break;
            }
        }
        command.as.lot.lot = lot->id;
    }
    world_send(world, &command);
}

static void next_lot(struct world *world)
{
    const struct sale *sale = world->sale;
    struct sale_command command = console_command(world, SALE_OP_NEXT);
    int64_t meant = sale->clock == CLOCK_GAP ? sale->next_index : sale->lot_index;
    if (meant < 0 || chance(world, 10)) {
        meant = roll(world, 0, (int64_t)sale->lots_count - 1);
    }
    command.as.next.lot = sale->lots[meant].id;
    world_send(world, &command);
}

static void adds(struct world *world)
{
    static const struct participant_definition people[] = {
        {.name = {(const uint8_t *)"Bo", 2}, .budget_minor = 700, .limit_minor = 600},
        {.name = {(const uint8_t *)"Cy", 2}, .paddle = "1"}};
    static const struct lot_definition lot = {.title = {(const uint8_t *)"Late", 4},
                                              .opening_minor = 50};
    static const struct lot_definition same = {
        .id = {"l1"}, .title = {(const uint8_t *)"Late", 4}, .opening_minor = 50};
    static const struct lot_definition wrong = {.title = {(const uint8_t *)"Late", 4}};
    struct sale_command command = console_command(world, SALE_OP_ADD_PARTICIPANTS);
    command.as.add_participants.participants = &people[chance(world, 80) ? 0 : 1];
    command.as.add_participants.count = 1;
    bool room = world->sale->participants_count < BIDDERS_MAX;
    if (!room || chance(world, 40)) {
        if (world->sale->lots_count >= LOTS_MAX + 2) {
            return;
        }
        command = console_command(world, SALE_OP_ADD_LOTS);
        command.as.add_lots.lots = chance(world, 70) ? &lot : chance(world, 50) ? &same : &wrong;
        command.as.add_lots.count = 1;
    }
    world_send(world, &command);
}

static void rules_the_sale(struct world *world)
{
    static const enum sale_op calm[] = {SALE_OP_BEGIN, SALE_OP_RESUME, SALE_OP_BEGIN,
                                        SALE_OP_RESUME, SALE_OP_NEXT};
    static const enum sale_op wild[] = {SALE_OP_BEGIN, SALE_OP_PAUSE, SALE_OP_RESUME,
                                        SALE_OP_NEXT,  SALE_OP_BLOCK, SALE_OP_ANNOUNCE,
                                        SALE_OP_RESUME};
    enum sale_op op = world->swarm.wild_console ? wild[roll(world, 0, 6)] : calm[roll(world, 0, 4)];
    if (chance(world, world->sale->phase == SALE_COMPLETE ? 70 : 2)) {
        op = SALE_OP_RESET;
    }
    if (op == SALE_OP_NEXT) {
        next_lot(world);
        return;
    }
    if (chance(world, 2)) { // what is not for everybody
        op = chance(world, 50) ? SALE_OP_CREATE_INVITE : SALE_OP_DELETE;
    }
    struct sale_command command = console_command(world, op);
    if (op == SALE_OP_CREATE_INVITE || op == SALE_OP_DELETE) {
        command.role = ROLE_BIDDER;
        command.as.create_invite.role = ROLE_BIDDER;
    } else if (op == SALE_OP_BLOCK) {
        snprintf(command.as.block.participant.text, sizeof command.as.block.participant.text, "p%d",
                 (int)roll(world, 1, BIDDERS_MAX));
        command.as.block.blocked = chance(world, 50);
    } else if (op == SALE_OP_ANNOUNCE) {
        command.as.announce.text = bytes_text("Hear, hear");
    }
    world_send(world, &command);
}

static bool live_lot_runs(const struct world *world)
{
    const struct sale *sale = world->sale;
    return sale->lot_index >= 0 && lot_is_running(&sale->lots[sale->lot_index]) &&
           sale_lot_rules(sale, &sale->lots[sale->lot_index])->format == FORMAT_LIVE;
}

void staff_acts(struct world *world)
{
    int64_t action = roll(world, 1, 100);
    bool approves = world->definition.rules.registration == REGISTRATION_APPROVAL;
    if (world->sale->phase == SALE_LOBBY && action <= 40) {
        action = 100; // somebody has to begin
    }
    if (live_lot_runs(world) && action > 40) {
        sells(world);
    } else if (action <= 8 && world->swarm.two_consoles) {
        struct sale_command command = console_command(world, SALE_OP_TAKE_GAVEL);
        command.console = bytes_text(chance(world, 50) ? "desk" : "hall");
        command.as.take_gavel.name = bytes_text("Eva");
        world_send(world, &command);
    } else if (action <= 28 && world->swarm.undos) {
        corrects(world);
    } else if (action <= 40 && world->swarm.clerk) {
        clerk_acts(world);
    } else if (action <= 46 && (world->swarm.changes || approves)) {
        changes_participant(world);
    } else if (action <= 50) {
        sells(world);
    } else if (action <= 53) {
        adds(world);
    } else if (action <= 55) {
        corrects(world);
    } else {
        rules_the_sale(world);
    }
}
