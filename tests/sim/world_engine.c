// The engine of the world, as the service's loop is: take what waits, decide and apply each in turn,
// append and sync once, then answer. It may die between any two of these.
#include "world_state.h"

enum death {
    ALIVE,
    DIES_DECIDED,  // the first decision of the turn was made
    DIES_APPLIED,  // memory has it
    DIES_APPENDED, // the rows are written, not synced
    DIES_SYNCED,   // the ledger has it, nobody was answered
    DIES_ANSWERED, // some were answered
};

static void engine_die(struct world *world, bool lost);

void world_advance(struct world *world, int64_t ms)
{
    world->boot_us += ms * 1000;
    world->now = engine_clock_now_ms(&world->clock, world->boot_us);
    if (world->swarm.wall_jumps && chance(world, 3)) { // somebody sets the system's clock
        world->wall_off_ms += roll(world, -7200000, 7200000);
        reach(world, REACH_wall_jump);
    }
}

// All facts of a decision go to memory and to the ledger's transaction.
static void keep_decision(struct world *world, const struct sale_command *command)
{
    for (size_t i = 0; i < world->decision.events_count; i++) {
        const struct sale_event *event = &world->decision.events[i];
        auditor_fact(&world->auditor, event);
        if (world->auditor.fault[0] != 0) {
            return;
        }
        if (sale_apply(world->sale, event) != LC_OK) {
            auditor_fail(&world->auditor, "the core applies what it decided");
            return;
        }
    }
    plant_in_state(world, command);
    auditor_outcome(&world->auditor, world->decision.refusal);
    auditor_check(&world->auditor, world->sale);
}

static void write_decision(struct world *world)
{
    for (size_t i = 0; i < world->decision.events_count && world->auditor.fault[0] == 0; i++) {
        const struct sale_event *event = &world->decision.events[i];
        if (sale_apply(world->shadow, event) != LC_OK) {
            auditor_fail(&world->auditor, "the core applies what it decided");
        }
        if (world->fault == FAULT_lost_bid && event->kind == EVENT_BID_ACCEPTED) {
            world->planted = true; // never written
            continue;
        }
        disk_append(world, event);
    }
}

static void note_bid(struct world *world)
{
    const struct sale_event *bid = world_event(world, EVENT_BID_ACCEPTED);
    if (bid != NULL && world->acknowledged_count < MESSAGES_MAX) {
        struct sale_event *kept = &world->acknowledged[world->acknowledged_count++];
        *kept = *bid; // its ids are values
        if (world->fault == FAULT_unsynced_answer) {
            auditor_acknowledge(&world->auditor, bid);
            auditor_acknowledge(&world->backup, bid);
            world->acknowledged_count = 0;
            world->planted = true;
        }
    }
}

// One item of a turn. False: the engine is dead.
static bool take(struct world *world, const struct sale_command *command, enum death death)
{
    plant_in_decision(world, command);
    trace_step(world, command);
    world->counts->steps++;
    if (death == DIES_DECIDED) {
        return false;
    }
    keep_decision(world, command);
    if (world->auditor.fault[0] != 0) {
        return true;
    }
    reach_decision(world, command);
    if (death == DIES_APPLIED) {
        return false;
    }
    write_decision(world);
    if (command != NULL) {
        note_bid(world);
    }
    return death != DIES_APPENDED;
}

static bool take_command(struct world *world, int64_t id, const struct sale_command *sent,
                         enum death death)
{
    struct sale_command command = *sent;
    bool repeated = id >= 0 && world->receipts[id] >= 0;
    world->planted = world->planted || (repeated && world->fault == FAULT_second_answer);
    if (repeated && world->fault != FAULT_second_answer) {
        reach(world, REACH_repeated);
        if (world->taken_count < MESSAGES_MAX) {
            world->taken[world->taken_count++] = id;
        }
        return true;
    }
    const struct lot_rules *rules = NULL;
    int64_t lot = command.op == SALE_OP_BID ? sale_lot_index(world->sale, &command.as.bid.lot) : -1;
    if (lot >= 0) { // the bridge's stamp as the service believes it
        rules = sale_lot_rules(world->sale, &world->sale->lots[lot]);
        int64_t oldest = world->now - rules->closing_grace_ms;
        command.stamp_ms = command.stamp_ms < oldest ? oldest : command.stamp_ms;
        command.stamp_ms = command.stamp_ms > world->now ? world->now : command.stamp_ms;
    } else {
        command.stamp_ms = world->now;
    }
    decision_release(&world->decision);
    auditor_step(&world->auditor, CAUSE_COMMAND, &command, 0, world->now);
    sale_note_gavel(world->sale, command.console, world->now);
    auditor_hear_gavel(&world->auditor, command.console, world->now);
    struct sale_command shimmed = command;
    plant_before_decision(world, &shimmed);
    sale_decide(world->sale, &shimmed, world->now, &world->decision);
    bool alive = take(world, &command, death);
    if (id >= 0 && alive) {
        world->receipts[id] = (int16_t)world->decision.refusal;
        if (world->taken_count < MESSAGES_MAX) {
            world->taken[world->taken_count++] = id;
        }
    }
    return alive;
}

static bool take_due(struct world *world, enum death death)
{
    decision_release(&world->decision);
    auditor_step(&world->auditor, CAUSE_DEADLINE, NULL, 0, world->now);
    int64_t at = world->now;
    int64_t deadline = sale_next_deadline(world->sale);
    if (deadline > at) { // only a planted fault comes too early
        at = deadline;
        world->planted = true;
    }
    sale_decide_due(world->sale, at, &world->decision);
    for (size_t i = 0; i < world->decision.events_count; i++) {
        world->decision.events[i].at_ms = world->now;
    }
    return take(world, NULL, death);
}

static void answer(struct world *world, enum death death)
{
    for (int i = 0; i < world->taken_count; i++) {
        int64_t id = world->taken[i];
        if (death == DIES_ANSWERED && i > 0) {
            break;
        }
        if (world->answers[id] >= 0 && world->answers[id] != world->receipts[id]) {
            auditor_fail(&world->auditor, "one answer a command"); // F15, F18
        }
        world->answers[id] = world->receipts[id];
    }
    for (int i = 0; i < world->acknowledged_count; i++) {
        if (death == DIES_ANSWERED && i > 0) {
            break;
        }
        auditor_acknowledge(&world->auditor, &world->acknowledged[i]);
    }
    world->taken_count = 0;
    world->acknowledged_count = 0;
}

static void begin_turn(struct world *world)
{
    world->taken_count = 0;
    world->acknowledged_count = 0;
}

static void end_turn(struct world *world, enum death death)
{
    if (world->auditor.fault[0] != 0) {
        return;
    }
    disk_sync(world);
    if (death == DIES_SYNCED) {
        engine_die(world, false);
        reach(world, REACH_died_unanswered);
        return;
    }
    answer(world, death);
    if (death == DIES_ANSWERED) {
        engine_die(world, false);
        return;
    }
    if (world->swarm.snapshots && chance(world, 4)) {
        disk_snapshot(world);
    }
}

static int earliest_message(const struct world *world)
{
    int earliest = -1;
    for (int i = 0; i < world->messages_count; i++) {
        bool due = world->messages[i].arrives_at <= world->now;
        if (due && (earliest < 0 ||
                    world->messages[i].arrives_at < world->messages[earliest].arrives_at)) {
            earliest = i;
        }
    }
    return earliest;
}

static struct message remove_message(struct world *world, int position)
{
    struct message message = world->messages[position];
    memmove(&world->messages[position], &world->messages[position + 1],
            (size_t)(world->messages_count - position - 1) * sizeof world->messages[0]);
    world->messages_count--;
    return message;
}

static bool early_hammer(const struct world *world)
{
    const struct sale *sale = world->sale;
    return world->fault == FAULT_early_hammer && sale->clock == CLOCK_LOT &&
           sale->phase == SALE_LIVE && sale_next_deadline(sale) < INT64_MAX;
}

// Everything that waits, and each deadline that has come, in one transaction.
void engine_turn(struct world *world)
{
    enum death death = ALIVE;
    if (world->swarm.crashes && chance(world, 7)) {
        death = (enum death)roll(world, DIES_DECIDED, DIES_ANSWERED);
    }
    if (death != ALIVE || world->fault == FAULT_unsynced_answer) {
        world->backup = world->auditor;
    }
    begin_turn(world);
    int64_t items = roll(world, 1, 6);
    int64_t fatal = roll(world, 1, chance(world, 50) ? 1 : items);
    bool any = false;
    for (int64_t i = 1; i <= items && world->auditor.fault[0] == 0; i++) {
        int message = earliest_message(world);
        bool due = sale_next_deadline(world->sale) <= world->now || early_hammer(world);
        enum death now = death < DIES_SYNCED && i == fatal ? death : ALIVE;
        bool alive = true;
        if (message >= 0 && (!due || chance(world, 50))) {
            struct message taken = remove_message(world, message);
            world->sent[taken.id % MESSAGES_MAX] = taken;
            alive = take_command(world, taken.id, &taken.command, now);
        } else if (due) {
            alive = take_due(world, now);
        } else {
            break;
        }
        any = true;
        if (!alive && world->auditor.fault[0] == 0) {
            engine_die(world, true);
            return;
        }
    }
    if (any) {
        end_turn(world, death >= DIES_SYNCED ? death : ALIVE);
    }
}

void engine_command(struct world *world, int64_t id, const struct sale_command *command)
{
    begin_turn(world);
    take_command(world, id, command, ALIVE);
    end_turn(world, ALIVE);
}

void engine_create(struct world *world)
{
    begin_turn(world);
    auditor_step(&world->auditor, CAUSE_CREATE, NULL, 0, world->now);
    sale_decide_create(&world->definition, world->lots, world->lots_count, 1, world->now,
                       &world->decision);
    if (world->decision.refusal != ERROR_NONE) {
        char why[120];
        snprintf(why, sizeof why, "the seed's sale is refused: %s",
                 world->decision.detail != NULL ? world->decision.detail : "");
        auditor_fail(&world->auditor, why);
        return;
    }
    take(world, NULL, ALIVE);
    end_turn(world, ALIVE);
}

// Who was not answered asks again with the same id, unless he has given up.
static void clients_retry(struct world *world)
{
    for (int i = 0; i < world->taken_count; i++) {
        int64_t id = world->taken[i];
        const struct message *sent = &world->sent[id % MESSAGES_MAX];
        if (world->answers[id] < 0 && sent->id == id && chance(world, 60) &&
            world->messages_count < MESSAGES_MAX) {
            struct message again = *sent;
            again.arrives_at = world->now + roll(world, 0, 2000);
            world->messages[world->messages_count++] = again;
        }
    }
}

static void restart_clock(struct world *world)
{
    int64_t last = world->shadow->last_at_ms;
    last = last > world->alive_at ? last : world->alive_at;
    int64_t gone = chance(world, 20)
                       ? world->definition.rules.outage_threshold_ms + roll(world, 0, 1)
                       : roll(world, 0, 12000);
    world->boot_us += gone * 1000;
    // the wall clock decides only here, and never lets time go back
    int64_t wall = world->clock.start_ms + world->boot_us / 1000 + world->wall_off_ms % 20000;
    if (chance(world, 70)) {
        wall = world->now + gone;
    }
    world->clock = engine_clock_start(wall, world->boot_us, last);
    world->now = engine_clock_now_ms(&world->clock, world->boot_us);
}

static void engine_die(struct world *world, bool lost)
{
    world->counts->crashes++;
    if (lost) {
        for (int i = 0; i < world->taken_count; i++) {
            int64_t id = world->taken[i];
            bool is_old = world->answers[id] >= 0; // answered in an earlier turn: its row is safe
            world->receipts[id] = is_old ? world->answers[id] : -1;
        }
        world->auditor = world->backup;
        disk_tear(world);
    }
    sale_destroy(world->sale);
    world->sale = NULL;
    decision_release(&world->decision);
    if (world->alive_at > world->now) {
        world->alive_at = world->now;
    }
    restart_clock(world);
    world->sale = disk_replay(world, world->swarm.snapshots && chance(world, 60));
    if (world->sale == NULL || world->auditor.fault[0] != 0) {
        auditor_fail(&world->auditor, "an engine starts again");
        return;
    }
    disk_expect_same(world, world->sale, world->shadow);
    if (chance(world, 50)) {
        world->messages_count = 0; // bridges forget what they could not deliver
    }
    clients_retry(world);
    begin_turn(world);
    auditor_step(&world->auditor, CAUSE_ENGINE_START, NULL, world->alive_at, world->now);
    sale_decide_engine_start(world->sale, world->sale->epoch + roll(world, 1, 3), world->alive_at,
                             world->now, &world->decision);
    world->auditor.gavel_seen = world->now; // not in the ledger: counted from the start on
    take(world, NULL, ALIVE);
    end_turn(world, ALIVE);
}

void engine_outage(struct world *world)
{
    int64_t lost_at = world->now;
    world_advance(world, chance(world, 30)
                             ? world->definition.rules.outage_threshold_ms + roll(world, 0, 1)
                             : roll(world, 0, 8000));
    decision_release(&world->decision);
    begin_turn(world);
    auditor_step(&world->auditor, CAUSE_OUTAGE, NULL, lost_at, world->now);
    sale_decide_outage(world->sale, lost_at, world->now, &world->decision);
    if (world->decision.events_count > 0) {
        reach(world, REACH_outage);
    }
    take(world, NULL, ALIVE);
    end_turn(world, ALIVE);
}
