#include "world.h"

#include <stdlib.h>

#include "world_state.h"

static int64_t next_arrival(const struct world *world)
{
    int64_t first = INT64_MAX;
    for (int i = 0; i < world->messages_count; i++) {
        if (world->messages[i].arrives_at < first) {
            first = world->messages[i].arrives_at;
        }
    }
    return first;
}

// The next thing happens: messages arrive or a clock runs out; at times both are late.
static void world_step(struct world *world)
{
    int64_t action = roll(world, 1, 100);
    if (world->sale->phase != SALE_LIVE && chance(world, 70)) {
        action = 60; // nothing to bid on: mostly the staff
    }
    if (action <= 53) {
        int64_t crowd = chance(world, 15) ? roll(world, 2, 6) : 1; // what waits together
        for (int64_t i = 0; i < crowd; i++) {
            bidders_act(world);
        }
    } else if (action <= 64) {
        staff_acts(world);
    } else if (action <= 66) {
        staff_joins(world);
    } else if (action == 67 && world->swarm.outages) {
        engine_outage(world);
    }
    int64_t arrives_at = next_arrival(world);
    int64_t deadline = sale_next_deadline(world->sale);
    int64_t soonest = arrives_at < deadline ? arrives_at : deadline;
    if (soonest == INT64_MAX) {
        return;
    }
    if (soonest > world->now && (action > 66 || soonest - world->now < 2000)) {
        world_advance(world, soonest - world->now);
    }
    if (chance(world, 5)) {
        world_advance(world, roll(world, 0, 3000)); // the process was not scheduled
    }
    world->alive_at = world->now - roll(world, 0, 1000);
    engine_turn(world);
}

// A live lot has no clock, and a button never lets go by itself: somebody acts.
static void help_to_end(struct world *world)
{
    const struct sale *sale = world->sale;
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (!lot_is_running(lot)) {
            continue;
        }
        enum auction_format format = sale_lot_rules(sale, lot)->format;
        struct sale_command command = {.role = ROLE_ADMIN};
        command.console = bytes_text(sale->gavel_console[0] != 0 ? sale->gavel_console : "desk");
        if (format == FORMAT_LIVE && lot->phase == LOT_OPEN) {
            command.op = SALE_OP_NEXT;
            command.as.next.lot = lot->id;
            engine_command(world, -1, &command);
            return;
        }
        if (format == FORMAT_JAPANESE) {
            size_t who = (size_t)roll(world, 0, BIDDERS_MAX - 1);
            if (who < sale->participants_count) {
                command.op = SALE_OP_PASS;
                command.role = ROLE_BIDDER;
                command.by = sale->participants[who].id;
                command.as.lot.lot = lot->id;
                engine_command(world, -1, &command);
            }
            return;
        }
    }
}

static void wind_up(struct world *world, enum sale_op op)
{
    struct sale_command command = {.op = op, .role = ROLE_ADMIN};
    command.console =
        bytes_text(world->sale->gavel_console[0] != 0 ? world->sale->gavel_console : "desk");
    engine_command(world, -1, &command);
}

// F20, F21: left alone, every sale comes to its end.
static void world_wind_down(struct world *world)
{
    world->messages_count = 0;
    world->swarm.crashes = false;
    if (world->sale->phase == SALE_LOBBY || world->sale->phase == SALE_PAUSED) {
        wind_up(world, world->sale->phase == SALE_LOBBY ? SALE_OP_BEGIN : SALE_OP_RESUME);
    }
    // each lot starts, warns twice, closes, is hammered, is matched thrice; prices move by the clock
    int64_t turns_max = 200 + 400 * (int64_t)world->sale->lots_count;
    for (int64_t i = 0; world->auditor.fault[0] == 0; i++) {
        if (world->sale->phase == SALE_PAUSED) { // for want of the gavel
            wind_up(world, SALE_OP_RESUME);
        }
        if (world->sale->phase != SALE_LIVE || world->auditor.fault[0] != 0) {
            break;
        }
        if (i > turns_max) {
            auditor_fail(&world->auditor, "a sale left alone ends");
        }
        help_to_end(world);
        int64_t deadline = sale_next_deadline(world->sale);
        if (deadline < INT64_MAX && deadline > world->now && world->auditor.fault[0] == 0) {
            world_advance(world, deadline - world->now);
        }
        if (world->auditor.fault[0] == 0) {
            engine_turn(world);
        }
    }
    bool was_begun = world->sale->phase != SALE_LOBBY && world->sale->phase != SALE_GONE;
    if (world->auditor.fault[0] == 0 && was_begun && world->sale->phase != SALE_COMPLETE) {
        auditor_fail(&world->auditor, "a sale left alone is complete");
    }
    if (world->auditor.fault[0] == 0 && chance(world, 20)) {
        wind_up(world, SALE_OP_DELETE);
        bidders_act(world);
        world_advance(world, 5000);
        engine_turn(world);
    }
}

static void world_open(struct world *world)
{
    auditor_init(&world->auditor, &world->definition);
    world->sale = sale_create();
    world->shadow = sale_create();
    world->alive_at = world->now;
    engine_create(world);
    if (world->auditor.fault[0] != 0) {
        return;
    }
    struct sale_command invite = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    invite.as.create_invite.hash[0] = 1;
    invite.as.create_invite.role = ROLE_BIDDER;
    engine_command(world, -1, &invite);
    invite.as.create_invite.hash[0] = 3;
    invite.as.create_invite.role = ROLE_VIEWER;
    engine_command(world, -1, &invite);
    struct sale_command join = {.op = SALE_OP_JOIN};
    join.as.join.invite_hash[0] = 1;
    join.as.join.name = bytes_text("Ana");
    for (int i = 0; i < world->bidders && world->auditor.fault[0] == 0; i++) {
        engine_command(world, -1, &join);
        if (world->definition.rules.registration == REGISTRATION_APPROVAL && chance(world, 80)) {
            struct sale_command approve = {.op = SALE_OP_SET_PARTICIPANT, .role = ROLE_ADMIN};
            approve.as.set_participant.participant = world->sale->participants[i].id;
            approve.as.set_participant.status = PARTICIPANT_ACCEPTED;
            approve.as.set_participant.budget_minor = -1;
            approve.as.set_participant.slots = -1;
            approve.as.set_participant.limit_minor = -1;
            engine_command(world, -1, &approve);
        }
    }
}

static void world_close(struct world *world)
{
    decision_release(&world->decision);
    sale_destroy(world->sale);
    sale_destroy(world->shadow);
    disk_release(world);
    free(world);
}

bool world_run(uint64_t seed, enum world_fault fault, FILE *trace, struct world_counts *io_counts,
               char report[512])
{
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL) {
        snprintf(report, 512, "no memory");
        return false;
    }
    world->random.state = seed;
    world->fault = fault;
    world->trace = trace;
    world->counts = io_counts;
    world->clock = engine_clock_start(INT64_C(1700000000000), 0, 0);
    world->now = INT64_C(1700000000000);
    world_choose_sale(world);
    world_open(world);
    int steps = 0;
    while (steps < STEPS_MAX && world->auditor.fault[0] == 0) {
        world_step(world);
        steps++;
    }
    if (world->auditor.fault[0] == 0) {
        world_wind_down(world);
    }
    if (world->auditor.fault[0] == 0) {
        struct sale *replayed = disk_replay(world, false);
        disk_expect_same(world, replayed, world->sale);
        sale_destroy(replayed);
    }
    snprintf(report, 512, "seed %llu: audit failed at step %d, now %lld: %s",
             (unsigned long long)seed, steps, (long long)world->now, world->auditor.fault);
    bool kept = world->auditor.fault[0] == 0;
    io_counts->planted += world->planted;
    world_close(world);
    return kept;
}
