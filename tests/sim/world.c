#include "world.h"

#include <stdlib.h>

#include "auction-svc/record/fact.h"
#include "auditor.h"
#include "sim_random.h"

enum { ROWS_MAX = 8192, MESSAGES_MAX = 64, STEPS_MAX = 500, BIDDERS_MAX = 6, LOTS_MAX = 6 };

struct message {
    int64_t arrives_at;
    struct sale_command command;
};

struct world {
    struct sim_random random;
    struct sale_definition definition;
    struct lot_definition lots[LOTS_MAX];
    size_t lots_count;
    int bidders;
    bool crashes; // swarm: what this seed does
    bool outages;
    bool repeats;
    bool console_is_wild;
    enum world_fault fault;
    bool planted;
    int64_t now;
    int64_t alive_at;
    struct sale *sale;   // the engine's memory
    struct sale *shadow; // what the ledger says, fact by fact
    struct buffer rows[ROWS_MAX];
    int rows_count;
    struct message messages[MESSAGES_MAX]; // on the bus
    int messages_count;
    struct auditor auditor;
    struct decision decision;
    struct world_counts *counts;
};

static int64_t roll(struct world *world, int64_t least, int64_t most)
{
    return random_between(&world->random, least, most);
}

static bool chance(struct world *world, int64_t percent)
{
    return random_chance(&world->random, percent);
}

// ---- the seed's sale ----

static void choose_increments(struct world *world)
{
    struct increment_table *table = &world->definition.rules.lot.increments;
    switch (roll(world, 0, 3)) {
    case 0:
        increment_table_preset(bytes_text("ebay_us"), table);
        break;
    case 1:
        increment_table_preset(bytes_text("ipl"), table);
        break;
    case 2:
        *table = increment_table_flat(roll(world, 1, 50), chance(world, 50));
        break;
    default:
        *table = (struct increment_table){.as.bands = {{0, 7}, {100, 20}, {130, 3}, {900, 100}},
                                          .count = 4,
                                          .align = chance(world, 50)};
        break;
    }
}

static void choose_sale(struct world *world)
{
    struct sale_definition *definition = &world->definition;
    *definition = sale_definition_default();
    definition->id = (struct sale_id){"sim"};
    definition->title = bytes_text("Sim");
    definition->currency_code[0] = 'E';
    struct sale_rules *rules = &definition->rules;
    rules->lot.duration_ms = roll(world, 1, 20000);
    rules->gap_ms = chance(world, 20) ? 0 : roll(world, 1, 5000);
    rules->lot.soft_close.window_ms = chance(world, 25) ? 0 : roll(world, 1, 8000);
    rules->lot.soft_close.amount_ms = roll(world, 0, 8000);
    rules->lot.soft_close.type = chance(world, 50) ? SOFT_CLOSE_ADD : SOFT_CLOSE_RESET;
    rules->lot.soft_close.max_extensions = chance(world, 50) ? 0 : roll(world, 1, 3);
    rules->unsold_rounds = roll(world, 0, 2);
    rules->lot.strict = chance(world, 30);
    rules->lot.sanity_factor = chance(world, 30) ? roll(world, 1, 5) : 0;
    rules->outage_threshold_ms = roll(world, 0, 3000);
    rules->outage_extension_ms = chance(world, 50) ? roll(world, 1, 5000) : 0;
    choose_increments(world);
    if (chance(world, 60)) {
        struct roster_rules *roster = &definition->roster;
        roster->enabled = true;
        roster->slots = chance(world, 25) ? 0 : roll(world, 1, 3);
        roster->budget_minor = roll(world, 50, 1500);
        int64_t slots = roster->slots > 0 ? roster->slots : 1;
        roster->minimum_minor = roll(world, 0, roster->budget_minor / slots);
    }
    world->lots_count = (size_t)roll(world, 1, LOTS_MAX);
    for (size_t i = 0; i < world->lots_count; i++) {
        world->lots[i] =
            (struct lot_definition){.title = bytes_text("Lot"),
                                    .opening_minor = roll(world, 1, 300),
                                    .reserve_minor = chance(world, 30) ? roll(world, 1, 600) : 0,
                                    .duration_ms = chance(world, 30) ? roll(world, 1, 9000) : 0};
    }
    world->bidders = (int)roll(world, 0, BIDDERS_MAX);
    world->crashes = chance(world, 60);
    world->outages = chance(world, 30);
    world->repeats = chance(world, 50);
    world->console_is_wild = chance(world, 50);
}

// ---- the ledger ----

static void ledger_append(struct world *world, const struct sale_event *event)
{
    if (world->rows_count == ROWS_MAX) {
        auditor_fail(&world->auditor, "the simulation's ledger is full");
        return;
    }
    struct buffer *row = &world->rows[world->rows_count++];
    buffer_init(row, 1 << 16);
    fact_write(row, event);
}

static struct sale *ledger_replay(struct world *world)
{
    struct sale *sale = sale_create();
    int position = 0;
    for (int i = 0; i < world->rows_count && sale != NULL; i++) {
        struct fact *fact = NULL;
        if (fact_read(buffer_bytes(&world->rows[i]), &fact) != LC_OK ||
            sale_apply(sale, fact_event(fact)) != LC_OK) {
            auditor_fail(&world->auditor, "the ledger can be read and replayed");
            fact_destroy(fact);
            break;
        }
        if (fact_event(fact)->kind == EVENT_BID_ACCEPTED) {
            auditor_ledger_bid(&world->auditor, &position, fact_event(fact));
        }
        fact_destroy(fact);
    }
    auditor_ledger_end(&world->auditor, position);
    return sale;
}

static void expect_same_digest(struct world *world, const struct sale *left,
                               const struct sale *right)
{
    struct buffer texts[2];
    buffer_init(&texts[0], 1 << 20);
    buffer_init(&texts[1], 1 << 20);
    sale_dump(left, &texts[0]);
    sale_dump(right, &texts[1]);
    if (!bytes_equal(buffer_bytes(&texts[0]), buffer_bytes(&texts[1]))) {
        auditor_fail(&world->auditor, "a replay gives the same state");
    }
    buffer_release(&texts[0]);
    buffer_release(&texts[1]);
}

// ---- planted faults ----

static struct sale_event *event_of_kind(struct world *world, enum sale_event_kind kind)
{
    for (size_t i = 0; i < world->decision.events_count; i++) {
        if (world->decision.events[i].kind == kind) {
            return &world->decision.events[i];
        }
    }
    return NULL;
}

static void plant_equal_bid(struct world *world, const struct sale_command *command)
{
    const struct sale *sale = world->sale;
    if (command == NULL || command->op != SALE_OP_BID || sale->lot_index < 0 ||
        world->decision.refusal != ERROR_BELOW_ASK) {
        return;
    }
    const struct lot *lot = &sale->lots[sale->lot_index];
    if (lot->price_minor == 0 || command->as.bid.amount_minor != lot->price_minor) {
        return;
    }
    struct sale_event *event = &world->decision.events[0];
    memset(event, 0, sizeof *event);
    event->kind = EVENT_BID_ACCEPTED;
    event->at_ms = world->now;
    event->as.bid_accepted.lot_index = sale->lot_index;
    event->as.bid_accepted.bid_no = sale->bids_total + 1;
    event->as.bid_accepted.by = command->by;
    event->as.bid_accepted.amount_minor = lot->price_minor;
    event->as.bid_accepted.ends_at_ms = lot->ends_at_ms;
    world->decision.refusal = ERROR_NONE;
    world->decision.events_count = 1;
    world->planted = true;
}

// Faults of the decision, before it is kept.
static void plant_in_decision(struct world *world, const struct sale_command *command)
{
    struct sale_event *bid = event_of_kind(world, EVENT_BID_ACCEPTED);
    struct sale_event *sold = event_of_kind(world, EVENT_LOT_SOLD);
    struct sale_event *resumed = event_of_kind(world, EVENT_SALE_RESUMED);
    struct sale_event *completed = event_of_kind(world, EVENT_SALE_COMPLETED);
    struct sale_event *unsold = event_of_kind(world, EVENT_LOT_UNSOLD);
    if (world->fault == FAULT_equal_bid) {
        plant_equal_bid(world, command);
    } else if (world->fault == FAULT_price_falls && bid != NULL &&
               world->sale->lots[world->sale->lot_index].price_minor > 1) {
        bid->as.bid_accepted.amount_minor =
            world->sale->lots[world->sale->lot_index].price_minor - 1;
        world->planted = true;
    } else if (world->fault == FAULT_wrong_winner && sold != NULL &&
               world->sale->participants_count > 1) {
        bool is_first = strcmp(sold->as.lot_sold.winner.text, "p1") == 0;
        sold->as.lot_sold.winner = (struct participant_id){"p1"};
        sold->as.lot_sold.winner.text[1] = is_first ? '2' : '1';
        world->planted = true;
    } else if (world->fault == FAULT_pause_jump && resumed != NULL) {
        resumed->as.sale_resumed.ends_at_ms++;
        world->planted = true;
    } else if (world->fault == FAULT_endless_round && completed != NULL && unsold != NULL &&
               completed->as.sale_completed.reason == COMPLETE_NO_LOTS_LEFT) {
        completed->kind = EVENT_ROUND_STARTED;
        completed->as.round_started.round = world->sale->round + 1;
        completed->as.round_started.next_lot_index = unsold->as.lot_unsold.lot_index;
        completed->as.round_started.next_starts_at_ms = world->now + world->definition.rules.gap_ms;
        world->planted = true;
    }
}

// Faults of the state, after the facts were applied.
static void plant_in_state(struct world *world, int64_t leader_before, int64_t price_before)
{
    struct sale *sale = world->sale;
    bool is_bid = event_of_kind(world, EVENT_BID_ACCEPTED) != NULL;
    if (world->fault == FAULT_refund_forgotten && is_bid && leader_before >= 0) {
        sale->participants[leader_before].held_minor += price_before;
        world->planted = true;
    } else if (world->fault == FAULT_seq_gap && is_bid) {
        sale->seq++;
        world->planted = true;
    } else if (world->fault == FAULT_refusal_extends && sale->clock == CLOCK_LOT &&
               world->decision.refusal == ERROR_BELOW_ASK) {
        sale->lots[sale->lot_index].ends_at_ms += 1000;
        world->planted = true;
    } else if (world->fault == FAULT_replay_differs && is_bid) {
        world->shadow->lots[sale->lot_index].bids++;
        world->planted = true;
    }
}

// ---- the engine ----

static void engine_crash(struct world *world);

static enum sale_event_kind first_kind(const struct world *world)
{
    return world->decision.events_count > 0 ? world->decision.events[0].kind
                                            : SALE_EVENT_KIND_COUNT;
}

static void count_outcome(struct world *world, const struct sale_command *command)
{
    struct world_counts *counts = world->counts;
    counts->steps++;
    if (command != NULL && command->op == SALE_OP_BID) {
        counts->bids_accepted += world->decision.refusal == ERROR_NONE;
        counts->bids_refused += world->decision.refusal != ERROR_NONE;
    }
    if (command != NULL) {
        counts->refusals[world->decision.refusal]++;
    }
    counts->extensions += event_of_kind(world, EVENT_LOT_EXTENDED) != NULL;
    counts->rounds += event_of_kind(world, EVENT_ROUND_STARTED) != NULL;
    counts->sales_completed += event_of_kind(world, EVENT_SALE_COMPLETED) != NULL;
    counts->outages += first_kind(world) == EVENT_SALE_RESUMED;
}

// One transaction: all facts of a decision or none.
static void engine_keep(struct world *world)
{
    for (size_t i = 0; i < world->decision.events_count; i++) {
        const struct sale_event *event = &world->decision.events[i];
        auditor_fact(&world->auditor, event);
        if (sale_apply(world->shadow, event) != LC_OK) {
            auditor_fail(&world->auditor, "the core applies what it decided");
        }
        if (world->fault == FAULT_lost_bid && event->kind == EVENT_BID_ACCEPTED &&
            !world->planted) {
            world->planted = true; // never written
            continue;
        }
        ledger_append(world, event);
    }
    auditor_outcome(&world->auditor, world->decision.refusal);
}

// A decision was made: keep it, carry it out, answer. The engine may die between any two of these.
static void engine_finish(struct world *world, const struct sale_command *command)
{
    int64_t crash_at = world->crashes && chance(world, 4) ? roll(world, 1, 3) : 0;
    int64_t leader =
        world->sale->lot_index < 0 ? -1 : world->sale->lots[world->sale->lot_index].leader_index;
    int64_t price = leader < 0 ? 0 : world->sale->lots[world->sale->lot_index].price_minor;
    if (crash_at == 1) { // before the ledger took it: nobody has seen anything
        engine_crash(world);
        return;
    }
    plant_in_decision(world, command);
    engine_keep(world);
    count_outcome(world, command);
    if (crash_at == 2) { // the ledger has it, nobody was answered
        engine_crash(world);
        return;
    }
    for (size_t i = 0; i < world->decision.events_count; i++) {
        if (sale_apply(world->sale, &world->decision.events[i]) != LC_OK) {
            auditor_fail(&world->auditor, "the core applies what it decided");
        }
    }
    plant_in_state(world, leader, price);
    bool is_bid = command != NULL && command->op == SALE_OP_BID;
    if (is_bid && world->decision.refusal == ERROR_NONE) {
        auditor_acknowledge(&world->auditor);
    }
    auditor_check(&world->auditor, world->sale);
    if (crash_at == 3) {
        engine_crash(world);
    }
}

// An engine is started over the ledger after a while.
static void engine_crash(struct world *world)
{
    world->counts->crashes++;
    sale_destroy(world->sale);
    decision_release(&world->decision);
    world->now += chance(world, 20)
                      ? world->definition.rules.outage_threshold_ms + roll(world, 0, 1)
                      : roll(world, 0, 12000);
    world->sale = ledger_replay(world);
    if (world->sale == NULL || world->auditor.fault[0] != 0) {
        auditor_fail(&world->auditor, "an engine starts again");
        return;
    }
    expect_same_digest(world, world->sale, world->shadow);
    if (chance(world, 50)) {
        world->messages_count = 0; // bridges forget what they could not deliver
    }
    auditor_step(&world->auditor, CAUSE_ENGINE_START, NULL, world->alive_at, world->now);
    sale_decide_engine_start(world->sale, world->sale->epoch + roll(world, 1, 3), world->alive_at,
                             world->now, &world->decision);
    engine_finish(world, NULL);
}

static void engine_command(struct world *world, const struct sale_command *command)
{
    decision_release(&world->decision);
    auditor_step(&world->auditor, CAUSE_COMMAND, command, 0, world->now);
    sale_decide(world->sale, command, world->now, &world->decision);
    engine_finish(world, command);
}

static void engine_due(struct world *world)
{
    decision_release(&world->decision);
    auditor_step(&world->auditor, CAUSE_DEADLINE, NULL, 0, world->now);
    sale_decide_due(world->sale, world->now, &world->decision);
    engine_finish(world, NULL);
}

static void engine_outage(struct world *world)
{
    int64_t lost_at = world->now;
    world->now += chance(world, 30)
                      ? world->definition.rules.outage_threshold_ms + roll(world, 0, 1)
                      : roll(world, 0, 8000);
    decision_release(&world->decision);
    auditor_step(&world->auditor, CAUSE_OUTAGE, NULL, lost_at, world->now);
    sale_decide_outage(world->sale, lost_at, world->now, &world->decision);
    engine_finish(world, NULL);
}

// ---- clients ----

// Most messages take a moment, some long; some arrive just when a clock runs out, or when the time
// of the soft close begins.
static int64_t choose_arrival(struct world *world)
{
    int64_t deadline = sale_next_deadline(world->sale);
    int64_t window_ms = world->definition.rules.lot.soft_close.window_ms;
    if (deadline < INT64_MAX && chance(world, 10)) {
        int64_t edge = chance(world, 60) ? deadline : deadline - window_ms;
        edge += roll(world, -1, 1);
        return edge > world->now ? edge : world->now;
    }
    return world->now + (chance(world, 80) ? roll(world, 0, 60) : roll(world, 0, 4000));
}

static void send(struct world *world, const struct sale_command *command)
{
    int copies = world->repeats && chance(world, 15) ? 2 : 1;
    for (int i = 0; i < copies && world->messages_count < MESSAGES_MAX; i++) {
        world->messages[world->messages_count++] =
            (struct message){.arrives_at = choose_arrival(world), .command = *command};
    }
}

static int64_t choose_amount(struct world *world, const struct lot *lot)
{
    int64_t ask = sale_ask(world->sale, lot, world->now);
    switch (roll(world, 0, 11)) {
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
    case 5: { // all that the rules allow him, or one more
        size_t who = (size_t)roll(world, 0, (int64_t)world->sale->participants_count - 1);
        int64_t most = sale_max_bid(world->sale, &world->sale->participants[who], lot);
        return most == INT64_MAX ? ask : most + roll(world, 0, 1);
    }
    default:
        return ask;
    }
}

// A bid on what the bidder sees: often the open lot, at times an older or a coming one.
static void client_bids(struct world *world)
{
    const struct sale *sale = world->sale;
    if (sale->participants_count == 0 || sale->lots_count == 0) {
        return;
    }
    struct sale_command command = {.op = SALE_OP_BID, .role = ROLE_BIDDER};
    int64_t seen = sale->lot_index >= 0 && !chance(world, 10)
                       ? sale->lot_index
                       : roll(world, 0, (int64_t)sale->lots_count - 1);
    int64_t who = roll(world, 0, (int64_t)sale->participants_count - 1);
    command.by = sale->participants[who].id;
    command.as.bid.lot = sale->lots[seen].id;
    command.as.bid.amount_minor = choose_amount(world, &sale->lots[seen]);
    command.as.bid.confirm = chance(world, 40);
    if (chance(world, 2)) {
        command.by = (struct participant_id){"nobody"};
    }
    if (chance(world, 2)) {
        command.as.bid.lot = (struct lot_id){"nothing"};
    }
    if (chance(world, 2)) {
        command.role = ROLE_VIEWER;
    }
    send(world, &command);
}

static void client_joins(struct world *world)
{
    struct sale_command command = {.op = SALE_OP_JOIN};
    command.as.join.name = bytes_text("Ana");
    command.as.join.invite_hash[0] = (uint8_t)roll(world, 1, 2); // the second is unknown
    if (world->sale->participants_count < BIDDERS_MAX) {
        send(world, &command);
    }
}

static void console_acts(struct world *world)
{
    const struct sale *sale = world->sale;
    struct sale_command command = {.role = ROLE_AUCTIONEER};
    static const enum sale_op calm[] = {SALE_OP_BEGIN, SALE_OP_RESUME, SALE_OP_BEGIN,
                                        SALE_OP_RESUME, SALE_OP_NEXT};
    static const enum sale_op wild[] = {SALE_OP_BEGIN, SALE_OP_PAUSE, SALE_OP_RESUME,
                                        SALE_OP_NEXT,  SALE_OP_BLOCK, SALE_OP_ANNOUNCE,
                                        SALE_OP_RESUME};
    command.op = world->console_is_wild ? wild[roll(world, 0, 6)] : calm[roll(world, 0, 4)];
    if (chance(world, sale->phase == SALE_COMPLETE ? 80 : 2)) {
        command.op = SALE_OP_RESET;
    }
    if (command.op == SALE_OP_NEXT) {
        int64_t meant = sale->clock == CLOCK_GAP ? sale->next_index : sale->lot_index;
        if (meant < 0 || chance(world, 10)) {
            meant = roll(world, 0, (int64_t)sale->lots_count - 1);
        }
        command.as.next.lot = sale->lots[meant].id;
    } else if (command.op == SALE_OP_BLOCK) {
        snprintf(command.as.block.participant.text, sizeof command.as.block.participant.text, "p%d",
                 (int)roll(world, 1, BIDDERS_MAX));
        command.as.block.blocked = chance(world, 55);
    } else if (command.op == SALE_OP_ANNOUNCE) {
        command.as.announce.text = bytes_text("Hear, hear");
    }
    send(world, &command);
}

// ---- time ----

static int earliest_message(const struct world *world)
{
    int earliest = -1;
    for (int i = 0; i < world->messages_count; i++) {
        if (earliest < 0 || world->messages[i].arrives_at < world->messages[earliest].arrives_at) {
            earliest = i;
        }
    }
    return earliest;
}

static void deliver(struct world *world, int position)
{
    struct sale_command command = world->messages[position].command;
    memmove(&world->messages[position], &world->messages[position + 1],
            (size_t)(world->messages_count - position - 1) * sizeof world->messages[0]);
    world->messages_count--;
    engine_command(world, &command);
}

// The next thing happens: a message arrives or a clock runs out; at times both are late.
static void world_step(struct world *world)
{
    int64_t action = roll(world, 1, 100);
    if (world->sale->phase != SALE_LIVE && chance(world, 70)) {
        action = 60; // nothing to bid on: mostly the console
    }
    if (action <= 55) {
        client_bids(world);
    } else if (action <= 63) {
        console_acts(world);
    } else if (action <= 66) {
        client_joins(world);
    } else if (action == 67 && world->outages) {
        engine_outage(world);
    }
    int message = earliest_message(world);
    int64_t arrives_at = message < 0 ? INT64_MAX : world->messages[message].arrives_at;
    int64_t deadline = sale_next_deadline(world->sale);
    int64_t soonest = arrives_at < deadline ? arrives_at : deadline;
    if (soonest == INT64_MAX) {
        return;
    }
    if (soonest > world->now && (action > 66 || soonest - world->now < 2000)) {
        world->now = soonest;
    }
    if (chance(world, 5)) {
        world->now += roll(world, 0, 3000); // the process was not scheduled
    }
    world->alive_at = world->now - roll(world, 0, 1000);
    bool message_first = deadline > world->now || chance(world, 50);
    if (message >= 0 && arrives_at <= world->now && message_first) {
        deliver(world, message);
    } else if (deadline <= world->now) {
        engine_due(world);
    }
}

// F20, F21: left alone, every sale comes to its end.
static void world_wind_down(struct world *world)
{
    world->messages_count = 0;
    world->crashes = false;
    struct sale_command command = {.op = SALE_OP_BEGIN, .role = ROLE_ADMIN};
    if (world->sale->phase == SALE_LOBBY || world->sale->phase == SALE_PAUSED) {
        command.op = world->sale->phase == SALE_LOBBY ? SALE_OP_BEGIN : SALE_OP_RESUME;
        engine_command(world, &command);
    }
    int64_t deadlines_max = 2 * (int64_t)world->lots_count *
                                (1 + world->definition.rules.unsold_rounds - world->sale->round) +
                            2;
    for (int64_t i = 0; world->sale->phase == SALE_LIVE && world->auditor.fault[0] == 0; i++) {
        if (i > deadlines_max) {
            auditor_fail(&world->auditor, "a sale left alone ends");
        }
        int64_t deadline = sale_next_deadline(world->sale);
        world->now = deadline > world->now ? deadline : world->now;
        engine_due(world);
    }
    if (world->auditor.fault[0] == 0 && world->sale->phase != SALE_COMPLETE) {
        auditor_fail(&world->auditor, "a sale left alone is complete");
    }
    if (chance(world, 20)) {
        command.op = SALE_OP_DELETE;
        engine_command(world, &command);
        client_bids(world);
        while (world->messages_count > 0) {
            deliver(world, 0);
        }
    }
}

static void world_open(struct world *world)
{
    auditor_init(&world->auditor, &world->definition);
    world->sale = sale_create();
    world->shadow = sale_create();
    world->now = INT64_C(1700000000000);
    world->alive_at = world->now;
    auditor_step(&world->auditor, CAUSE_COMMAND, NULL, 0, world->now);
    sale_decide_create(&world->definition, world->lots, world->lots_count, 1, world->now,
                       &world->decision);
    bool crashes = world->crashes;
    world->crashes = false;
    engine_finish(world, NULL);
    struct sale_command invite = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    invite.as.create_invite.hash[0] = 1;
    invite.as.create_invite.role = ROLE_BIDDER;
    engine_command(world, &invite);
    struct sale_command join = {.op = SALE_OP_JOIN};
    join.as.join.invite_hash[0] = 1;
    join.as.join.name = bytes_text("Ana");
    for (int i = 0; i < world->bidders; i++) {
        engine_command(world, &join);
    }
    world->crashes = crashes;
}

bool world_run(uint64_t seed, enum world_fault fault, struct world_counts *io_counts,
               char report[512])
{
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL) {
        snprintf(report, 512, "no memory");
        return false;
    }
    world->random.state = seed;
    world->fault = fault;
    world->counts = io_counts;
    choose_sale(world);
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
        struct sale *replayed = ledger_replay(world);
        expect_same_digest(world, replayed, world->sale);
        sale_destroy(replayed);
    }
    snprintf(report, 512, "seed %llu: audit failed at step %d, now %lld: %s",
             (unsigned long long)seed, steps, (long long)world->now, world->auditor.fault);
    bool kept = world->auditor.fault[0] == 0;
    decision_release(&world->decision);
    sale_destroy(world->sale);
    sale_destroy(world->shadow);
    for (int i = 0; i < world->rows_count; i++) {
        buffer_release(&world->rows[i]);
    }
    free(world);
    return kept;
}
