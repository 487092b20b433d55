// Bidders: plain bids, maxima, sealed bids, presses, buttons, passes, purchases, names.
#include "world_state.h"

// Most messages take a moment, some long; some arrive just when a clock runs out, or when the time
// of the soft close begins.
static int64_t choose_arrival(struct world *world)
{
    int64_t deadline = sale_next_deadline(world->sale);
    int64_t window_ms = world->definition.rules.lot.soft_close.window_ms;
    if (deadline < INT64_MAX && chance(world, 12)) {
        int64_t edge = chance(world, 60) ? deadline : deadline - window_ms;
        edge += roll(world, -1, 1);
        return edge > world->now ? edge : world->now;
    }
    return world->now + (chance(world, 80) ? roll(world, 0, 60) : roll(world, 0, 4000));
}

void world_send(struct world *world, const struct sale_command *command)
{
    if (world->messages_count == MESSAGES_MAX || world->commands_count == COMMANDS_MAX) {
        return;
    }
    struct message message = {
        .arrives_at = choose_arrival(world), .id = world->commands_count++, .command = *command};
    // the bridge has stamped it before it set out
    message.command.stamp_ms = message.arrives_at;
    if (world->swarm.late_stamps) {
        message.command.stamp_ms -= roll(world, 0, 2000);
    }
    world->receipts[message.id] = -1;
    world->answers[message.id] = -1;
    world->messages[world->messages_count++] = message;
    if (world->swarm.repeats && chance(world, 15) && world->messages_count < MESSAGES_MAX) {
        message.arrives_at = choose_arrival(world);
        if (chance(world, 40) && world->commands_count < COMMANDS_MAX) {
            message.id = world->commands_count++; // a second tap is a command of its own
            world->receipts[message.id] = -1;
            world->answers[message.id] = -1;
        }
        world->messages[world->messages_count++] = message;
    }
}

static const struct lot *choose_lot(struct world *world)
{
    const struct sale *sale = world->sale;
    int64_t any = roll(world, 0, (int64_t)sale->lots_count - 1);
    if (chance(world, 8)) {
        return &sale->lots[any];
    }
    for (int64_t i = 0; i < (int64_t)sale->lots_count; i++) { // a running one, if there is any
        const struct lot *lot = &sale->lots[(any + i) % (int64_t)sale->lots_count];
        if (lot_is_running(lot)) {
            return lot;
        }
    }
    return sale->lot_index >= 0 && chance(world, 50) ? &sale->lots[sale->lot_index]
                                                     : &sale->lots[any];
}

static struct sale_command bidder_command(struct world *world, enum sale_op op)
{
    const struct sale *sale = world->sale;
    struct sale_command command = {.op = op, .role = ROLE_BIDDER};
    int64_t who = roll(world, 0, (int64_t)sale->participants_count - 1);
    command.by = sale->participants[who].id;
    if (chance(world, 1)) {
        command.by = (struct participant_id){"nobody"};
    }
    if (chance(world, 1)) {
        command.role = ROLE_VIEWER;
    }
    return command;
}

static int64_t choose_amount(struct world *world, const struct lot *lot)
{
    int64_t ask = sale_ask(world->sale, lot, world->now);
    switch (roll(world, 0, 13)) {
    case 0:
        return lot->price_minor; // equal, or 0 before the first bid
    case 1:
        return ask - 1;
    case 2:
        return ask + roll(world, 1, 40);
    case 3:
        return ask * roll(world, 2, 8);
    case 4:
        return chance(world, 30) ? roll(world, -2, 0) : AMOUNT_MINOR_MAX + roll(world, -1, 1);
    case 5: { // all that the rules allow somebody, or one more
        size_t who = (size_t)roll(world, 0, (int64_t)world->sale->participants_count - 1);
        int64_t most = sale_max_bid(world->sale, &world->sale->participants[who], lot);
        return most == INT64_MAX ? ask : most + roll(world, 0, 1);
    }
    case 6: // what the seller wants
        return lot->reserve_minor > 0 ? lot->reserve_minor + roll(world, -1, 1) : ask;
    case 7: { // somebody else's maximum, and beside it
        if (lot->standings_count == 0) {
            return ask;
        }
        size_t whose = (size_t)roll(world, 0, (int64_t)lot->standings_count - 1);
        return lot->standings[whose].max_minor + roll(world, -1, 1);
    }
    default:
        return ask;
    }
}

static void bids(struct world *world)
{
    struct sale_command command = bidder_command(world, SALE_OP_BID);
    const struct lot *lot = choose_lot(world);
    command.as.bid.lot = lot->id;
    command.as.bid.amount_minor = choose_amount(world, lot);
    command.as.bid.confirm = chance(world, 50);
    command.as.bid.quantity = lot->quantity > 1 ? roll(world, 0, lot->quantity + 1) : 0;
    if (chance(world, 1)) {
        command.as.bid.lot = (struct lot_id){"nothing"};
    }
    world_send(world, &command);
}

static void sets_max(struct world *world)
{
    struct sale_command command = bidder_command(world, SALE_OP_SET_MAX);
    const struct lot *lot = choose_lot(world);
    if (chance(world, 10)) { // absent, for a lot that is still to come
        lot = &world->sale->lots[roll(world, 0, (int64_t)world->sale->lots_count - 1)];
    }
    command.as.set_max.lot = lot->id;
    command.as.set_max.max_minor = choose_amount(world, lot);
    if (chance(world, 50)) {
        command.as.set_max.max_minor += roll(world, 0, 400);
    }
    command.as.set_max.confirm = chance(world, 60);
    world_send(world, &command);
}

static void withdraws_max(struct world *world)
{
    struct sale_command command = bidder_command(world, SALE_OP_WITHDRAW_MAX);
    const struct lot *lot = choose_lot(world);
    command.as.lot.lot = lot->id;
    if (lot->standings_count > 0 && chance(world, 70)) {
        size_t whose = (size_t)roll(world, 0, (int64_t)lot->standings_count - 1);
        command.by = world->sale->participants[lot->standings[whose].by_index].id;
    }
    world_send(world, &command);
}

static void about_lot(struct world *world, enum sale_op op)
{
    struct sale_command command = bidder_command(world, op);
    command.as.lot.lot = choose_lot(world)->id;
    world_send(world, &command);
}

static void nominates(struct world *world)
{
    const struct sale *sale = world->sale;
    struct sale_command command = bidder_command(world, SALE_OP_NOMINATE);
    if (sale->nominator_index >= 0 && chance(world, 80)) {
        command.by = sale->participants[sale->nominator_index].id;
    }
    command.as.nominate.lot = sale->lots[roll(world, 0, (int64_t)sale->lots_count - 1)].id;
    world_send(world, &command);
}

// The array outlives the message: the same few lists of names for all.
static void names_lots(struct world *world)
{
    static const struct lot_id names[NAMES_MAX] = {{"l1"}, {"l3"}, {"l2"}, {"l9"}};
    struct sale_command command = bidder_command(world, SALE_OP_SUBMIT_NAMES);
    int64_t first = roll(world, 0, 2);
    command.as.submit_names.lots = &names[first];
    command.as.submit_names.count = (size_t)roll(world, chance(world, 10) ? 0 : 1, 3 - first);
    if (first + (int64_t)command.as.submit_names.count == 3 && chance(world, 10)) {
        command.as.submit_names.count++; // one that is not there
    }
    world_send(world, &command);
}

static void matches(struct world *world)
{
    const struct sale *sale = world->sale;
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (lot->phase != LOT_MATCHING) {
            continue;
        }
        bool asks_winner = lot->match_stage == MATCH_ASK_WINNER;
        if (chance(world, 10)) {
            asks_winner = !asks_winner;
        }
        struct sale_command command =
            bidder_command(world, asks_winner ? SALE_OP_RAISE_MATCH : SALE_OP_MATCH);
        if (chance(world, 85)) {
            command.by = lot->match_holder;
            if (asks_winner && lot->leader_index >= 0) {
                command.by = sale->participants[lot->leader_index].id;
            }
        }
        command.as.match.lot = lot->id;
        command.as.match.accept = chance(world, 65);
        command.as.match.amount_minor =
            asks_winner && chance(world, 75) ? choose_amount(world, lot) : 0;
        world_send(world, &command);
        return;
    }
}

static bool any_in(const struct sale *sale, enum lot_phase phase)
{
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == phase) {
            return true;
        }
    }
    return false;
}

void bidders_act(struct world *world)
{
    const struct sale *sale = world->sale;
    if (sale->participants_count == 0 || sale->lots_count == 0) {
        return;
    }
    if (sale->clock == CLOCK_NOMINATION && chance(world, 70)) {
        nominates(world);
    } else if (sale->clock == CLOCK_NAMES && chance(world, 70)) {
        names_lots(world);
    } else if (any_in(sale, LOT_MATCHING) && chance(world, 60)) {
        matches(world);
    } else if (world->swarm.maxima && chance(world, 35)) {
        sets_max(world);
    } else if (world->swarm.maxima && chance(world, 6)) {
        withdraws_max(world);
    } else if ((world->swarm.passes && chance(world, 12)) || chance(world, 2)) {
        about_lot(world, SALE_OP_PASS);
    } else if (world->swarm.buys && chance(world, 8)) {
        about_lot(world, SALE_OP_BUY_NOW);
    } else if (chance(world, 1)) {
        nominates(world);
    } else if (chance(world, 1)) {
        names_lots(world);
    } else {
        bids(world);
    }
}
