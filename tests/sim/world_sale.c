// The sale of a seed: each seed switches formats and options on and off.
#include "world_state.h"

static void choose_increments(struct world *world, struct increment_table *table)
{
    switch (roll(world, 0, 6)) {
    case 0:
        increment_table_preset(bytes_text("ebay_us"), table);
        break;
    case 1:
        increment_table_preset(bytes_text("ipl"), table);
        break;
    case 2:
        *table = increment_table_flat(roll(world, 1, 50), chance(world, 50));
        break;
    case 3:
        *table = (struct increment_table){
            .kind = INCREMENT_CYCLE,
            .as.rungs = {10, 12, 15, 18, 20, 22, 25, 28, 30, 35, 40, 45, 50, 60, 70, 80, 90},
            .count = 17};
        break;
    case 4:
        *table = (struct increment_table){.kind = INCREMENT_PERCENT};
        table->as.percent.basis_points = roll(world, 100, 2000);
        table->as.percent.round_minor = roll(world, 1, 10);
        table->as.percent.step_min_minor = roll(world, 1, 10);
        break;
    default:
        *table = (struct increment_table){.as.bands = {{0, 7}, {100, 20}, {130, 3}, {900, 100}},
                                          .count = 4,
                                          .align = chance(world, 50)};
        break;
    }
}

static void choose_soft_close(struct world *world, struct soft_close *soft)
{
    soft->window_ms = chance(world, 25) ? 0 : roll(world, 1, 8000);
    soft->amount_ms = roll(world, 1, 8000);
    soft->type = chance(world, 50) ? SOFT_CLOSE_ADD : SOFT_CLOSE_RESET;
    soft->max_extensions = chance(world, 70) ? 0 : roll(world, 1, 3);
    soft->latest_ms = chance(world, 70) ? 0 : roll(world, 1, 15000);
    soft->shrink_percent = chance(world, 75) ? 0 : roll(world, 1, 60);
    soft->scope = SOFT_CLOSE_LOT;
    if (world->definition.rules.flow == FLOW_PARALLEL) {
        soft->scope = (enum soft_close_scope)roll(world, 0, 3);
    }
}

static enum auction_format choose_format(struct world *world)
{
    // half of all lots are ascending: they have the most rules
    return chance(world, 50) ? FORMAT_ENGLISH
                             : (enum auction_format)roll(world, 0, AUCTION_FORMAT_COUNT - 1);
}

static void choose_lot_rules(struct world *world, struct lot_rules *rules)
{
    rules->warning_ms[0] = 0;
    rules->warning_ms[1] = 0;
    rules->format = choose_format(world);
    rules->duration_ms = roll(world, 1, 20000);
    choose_soft_close(world, &rules->soft_close);
    rules->closing_grace_ms = chance(world, 30) ? roll(world, 1, 3000) : 0;
    if (rules->duration_ms > 4 && chance(world, 40)) {
        rules->warning_ms[0] = roll(world, 2, rules->duration_ms - 1);
        rules->warning_ms[1] = chance(world, 60) ? roll(world, 1, rules->warning_ms[0] - 1) : 0;
    }
    rules->strict = chance(world, 25);
    rules->sanity_factor = chance(world, 25) ? roll(world, 1, 5) : 0;
    choose_increments(world, &rules->increments);
    rules->reserve_mode = (enum reserve_mode)roll(world, 0, 4);
    rules->retraction = chance(world, 50) ? RETRACTION_REVIVE : RETRACTION_RESET;
    rules->buy_now_until = chance(world, 50) ? BUY_NOW_UNTIL_BID : BUY_NOW_UNTIL_RESERVE;
    rules->no_maximum = chance(world, 10);
    rules->price_step_minor = 0;
    rules->price_tick_ms = 0;
    rules->dutch_raise_minor = 0;
    rules->candle_ending_ms = 0;
    if (rules->format == FORMAT_DUTCH || rules->format == FORMAT_JAPANESE) {
        rules->price_step_minor = roll(world, 1, 30);
        rules->price_tick_ms = roll(world, 200, 2000);
        rules->dutch_raise_minor = rules->format == FORMAT_DUTCH ? roll(world, 0, 40) : 0;
        rules->soft_close = (struct soft_close){0};
        rules->closing_grace_ms = 0;
        rules->warning_ms[0] = 0;
        rules->warning_ms[1] = 0;
    }
    if (rules->format == FORMAT_LIVE) {
        rules->soft_close = (struct soft_close){0};
        rules->closing_grace_ms = 0;
        rules->warning_ms[0] = 0;
        rules->warning_ms[1] = 0;
    }
    if (rules->format == FORMAT_CANDLE) {
        rules->candle_ending_ms = roll(world, 1, rules->duration_ms);
        rules->soft_close = (struct soft_close){0};
        rules->closing_grace_ms = 0;
    }
}

static void choose_flow(struct world *world)
{
    struct sale_rules *rules = &world->definition.rules;
    rules->flow = chance(world, 30) ? FLOW_PARALLEL : FLOW_SEQUENTIAL;
    rules->stagger_ms =
        rules->flow == FLOW_PARALLEL && chance(world, 70) ? roll(world, 1, 4000) : 0;
    rules->gap_ms = chance(world, 20) ? 0 : roll(world, 1, 5000);
    rules->unsold_rounds = roll(world, 0, 2);
    rules->outage_threshold_ms = roll(world, 0, 3000);
    rules->outage_extension_ms = chance(world, 50) ? roll(world, 1, 5000) : 0;
    rules->start_mode = chance(world, 70) ? START_LOBBY : (enum start_mode)roll(world, 1, 2);
    rules->starts_at_ms = rules->start_mode == START_AT ? world->now + roll(world, 1, 20000) : 0;
    rules->lot_order = chance(world, 25) ? LOT_ORDER_SHUFFLED : LOT_ORDER_LISTED;
    rules->registration = chance(world, 20) ? REGISTRATION_APPROVAL : REGISTRATION_OPEN;
    rules->gavel_timeout_ms = chance(world, 25) ? roll(world, 2000, 20000) : 0;
    if (rules->flow == FLOW_SEQUENTIAL && chance(world, 25)) {
        rules->nomination = chance(world, 50) ? NOMINATION_STRAIGHT : NOMINATION_SNAKE;
        rules->nomination_ms = roll(world, 1, 8000);
        rules->nominator_bids = chance(world, 60);
    }
    if (rules->unsold_rounds > 0 && chance(world, 40)) {
        rules->accelerated = true;
        rules->names_ms = roll(world, 1, 8000);
    }
    if (chance(world, 40)) {
        rules->match = chance(world, 40) ? MATCH_PLAIN : MATCH_RAISE;
        rules->match_ms = roll(world, 1, 8000);
    }
}

static void choose_roster(struct world *world)
{
    struct roster_rules *roster = &world->definition.roster;
    if (chance(world, 60)) {
        roster->enabled = true;
        roster->slots = chance(world, 25) ? 0 : roll(world, 1, 3);
        roster->budget_minor = roll(world, 50, 1500);
        int64_t slots = roster->slots > 0 ? roster->slots : 1;
        roster->minimum_minor = roll(world, 0, roster->budget_minor / slots);
    }
    if (chance(world, 30)) {
        world->definition.category_caps_count = 1;
        snprintf(world->definition.category_caps[0].category,
                 sizeof world->definition.category_caps[0].category, "bowler");
        world->definition.category_caps[0].most = roll(world, 1, 2);
    }
}

static void choose_lot(struct world *world, struct lot_definition *lot)
{
    static const char *const sets[] = {"", "first", "second"};
    *lot = (struct lot_definition){.title = bytes_text("Lot"),
                                   .opening_minor = roll(world, 1, 300),
                                   .reserve_minor = chance(world, 35) ? roll(world, 1, 600) : 0,
                                   .duration_ms = chance(world, 30) ? roll(world, 1, 9000) : 0};
    lot->category = bytes_text(chance(world, 50) ? "bowler" : "");
    lot->set = bytes_text(chance(world, 60) ? "" : sets[roll(world, 0, 2)]);
    lot->rules = world->definition.rules.lot;
    lot->has_rules = chance(world, 25);
    if (lot->has_rules) {
        choose_lot_rules(world, &lot->rules);
    }
    enum auction_format format = lot->rules.format;
    lot->buy_now_minor = chance(world, 30) ? lot->opening_minor + roll(world, 0, 600) : 0;
    if (world->definition.rules.match != MATCH_NONE && chance(world, 60)) {
        snprintf(lot->match_holder.text, sizeof lot->match_holder.text, "p%d",
                 (int)roll(world, 1, 4));
    }
    if (format == FORMAT_DUTCH) {
        lot->opening_minor = roll(world, 20, 600);
        lot->reserve_minor = roll(world, 1, lot->opening_minor);
    }
    if ((format == FORMAT_DUTCH || format == FORMAT_UNIFORM) && chance(world, 70)) {
        lot->quantity = roll(world, 2, 6);
    }
    if (format != FORMAT_ENGLISH && format != FORMAT_LIVE && format != FORMAT_CANDLE) {
        lot->buy_now_minor = 0;
        lot->match_holder.text[0] = 0;
    }
    int64_t least_ms = lot->rules.warning_ms[0] + 1; // it has room for its warnings and its candle
    least_ms = least_ms > lot->rules.candle_ending_ms ? least_ms : lot->rules.candle_ending_ms;
    if (lot->duration_ms > 0 && lot->duration_ms < least_ms) {
        lot->duration_ms = 0;
    }
    if (lot->buy_now_minor > 0 && lot->buy_now_minor < lot->reserve_minor) {
        lot->buy_now_minor = lot->reserve_minor;
    }
}

static void choose_swarm(struct world *world)
{
    world->swarm = (struct swarm){
        .crashes = chance(world, 50),
        .outages = chance(world, 30),
        .repeats = chance(world, 50),
        .wild_console = chance(world, 40),
        .two_consoles = chance(world, 35),
        .maxima = chance(world, 70),
        .undos = chance(world, 45),
        .clerk = chance(world, 40),
        .passes = chance(world, 35),
        .buys = chance(world, 35),
        .wall_jumps = chance(world, 40),
        .late_stamps = chance(world, 60),
        .snapshots = chance(world, 50),
        .changes = chance(world, 25),
    };
}

void world_choose_sale(struct world *world)
{
    struct sale_definition *definition = &world->definition;
    *definition = sale_definition_default();
    definition->id = (struct sale_id){"sim"};
    definition->title = bytes_text("Sim");
    definition->currency_code[0] = 'E';
    choose_flow(world);
    choose_lot_rules(world, &definition->rules.lot);
    choose_roster(world);
    for (int i = 0; i < SEED_SIZE; i++) {
        definition->seed[i] = (uint8_t)roll(world, 1, 255);
    }
    world->lots_count = (size_t)roll(world, 1, LOTS_MAX);
    for (size_t i = 0; i < world->lots_count; i++) {
        choose_lot(world, &world->lots[i]);
    }
    world->bidders = (int)roll(world, 0, BIDDERS_MAX - 2);
    choose_swarm(world);
}
