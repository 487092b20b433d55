#include "tests/golden/fixtures.h"

#include "lib/wire/message_event.h"

#define START_MS INT64_C(1760000000000)

// 120 and 60 bytes, of which nearly each needs six in JSON; a cut must not split the last
// characters.
#define NASTY_30 "<><><><><><><><><><><><><><>\xC3\xA9"
#define LONGEST_ID "a123456789-123456789_123456789ZZ"

static const struct wire_head head = {17, 2};
static const struct wire_event event = {{17, 2}, START_MS + 5000};
static const struct lot_id lamp_id = {"l1"};

static struct wire_person ana(void)
{
    return (struct wire_person){{"p3"}, bytes_text("3"), bytes_text("Ana"), true};
}

static struct wire_person paddle_seven(void) // a sale that shows paddles only
{
    return (struct wire_person){{"p7"}, bytes_text("7"), bytes_text("Secret"), false};
}

static struct wire_lot lamp(void)
{
    return (struct wire_lot){.id = lamp_id,
                             .no = 1,
                             .title = bytes_text("Lamp \"Art d\xC3\xA9"
                                                 "co\""),
                             .phase = "open",
                             .format = "english",
                             .opening_minor = 1000,
                             .price_minor = 1200,
                             .ask_minor = 1300,
                             .leader = ana(),
                             .bids = 2,
                             .started_at_ms = START_MS,
                             .ends_at_ms = START_MS + 30000,
                             .remaining_ms = 25000,
                             .reserve = "not_met",
                             .quantity = 1,
                             .buy_now_minor = WIRE_ABSENT};
}

// A Dutch lot: its price tells the time, where it stops nobody is told.
static struct wire_lot tulips(void)
{
    return (struct wire_lot){.id = {"l2"},
                             .no = 2,
                             .title = bytes_text("Tulips"),
                             .phase = "open",
                             .format = "dutch",
                             .opening_minor = 1000,
                             .price_minor = WIRE_ABSENT,
                             .ask_minor = 900,
                             .started_at_ms = START_MS,
                             .ends_at_ms = WIRE_ABSENT,
                             .reserve = "not_met",
                             .quantity = 20,
                             .buy_now_minor = WIRE_ABSENT,
                             .clock = {.present = true,
                                       .price_minor = 1000,
                                       .from_ms = START_MS,
                                       .step_minor = 50,
                                       .tick_ms = 2000,
                                       .frozen_at_ms = WIRE_ABSENT,
                                       .quantity_left = 12}};
}

static struct wire_participant ana_state(void)
{
    return (struct wire_participant){.person = ana(),
                                     .status = "accepted",
                                     .budget_minor = 10000,
                                     .spent_minor = 1200,
                                     .held_minor = 0,
                                     .roster = {true, 1, 3}};
}

static struct wire_participant seven_state(void)
{
    return (struct wire_participant){
        .person = paddle_seven(), .status = "blocked", .budget_minor = WIRE_ABSENT};
}

// ---- retained state ----

static struct wire_lot_rules english_rules(void)
{
    static const struct wire_increment_band flat[] = {{0, 100}};
    return (struct wire_lot_rules){.format = "english",
                                   .duration_ms = 30000,
                                   .soft_close_window_ms = 10000,
                                   .soft_close_amount_ms = 10000,
                                   .soft_close_type = "reset",
                                   .soft_close_scope = "lot",
                                   .increments = {.kind = "bands", .bands = flat, .count = 1},
                                   .reserve_mode = "jump",
                                   .retraction = "revive",
                                   .buy_now_until = "bid"};
}

static struct wire_info info_fixture(void)
{
    return (struct wire_info){.head = head,
                              .id = {"demo"},
                              .title = bytes_text("Demo sale"),
                              .currency_code = bytes_text("EUR"),
                              .currency_minor_digits = 2,
                              .phase = "live",
                              .is_public = true,
                              .visibility = "names",
                              .lot = english_rules(),
                              .gap_ms = 3000,
                              .unsold_rounds = 1,
                              .flow = "sequential",
                              .start = "lobby",
                              .starts_at_ms = WIRE_ABSENT,
                              .lot_order = "listed",
                              .registration = "open",
                              .nomination = "none",
                              .match = "none",
                              .has_roster = true,
                              .roster_budget_minor = 10000,
                              .roster_slots = 3,
                              .roster_minimum_minor = 100};
}

static void info(struct buffer *out)
{
    struct wire_info info = info_fixture();
    wire_write_info(out, &info);
}

static void info_bands(struct buffer *out)
{
    static const struct wire_increment_band bands[] = {{0, 5}, {100, 10}, {200, 20}};
    struct wire_info info = info_fixture();
    info.lot.increments =
        (struct wire_increments){.kind = "bands", .bands = bands, .count = 3, .align = true};
    info.lot.is_strict = true;
    info.is_public = false;
    info.has_roster = false;
    info.visibility = "paddles";
    info.phase = "lobby";
    wire_write_info(out, &info);
}

// Every rule that a sale can show.
static void info_rules(struct buffer *out)
{
    static const int64_t rungs[] = {100, 120, 150, 180};
    static const struct wire_category_cap caps[] = {{{(const uint8_t *)"keeper", 6}, 2}};
    static const struct wire_premium_band premium[] = {{0, 2500}, {17500000, 2000}};
    struct wire_info info = info_fixture();
    info.gavel = bytes_text("console-7");
    info.seed_hash = bytes_text("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    info.lot.increments = (struct wire_increments){.kind = "cycle", .rungs = rungs, .count = 4};
    info.lot.soft_close_scope = "cascade";
    info.lot.warning_ms[0] = 10000;
    info.lot.warning_ms[1] = 5000;
    info.lot.reserve_mode = "house";
    info.flow = "parallel";
    info.stagger_ms = 15000;
    info.start = "at";
    info.starts_at_ms = START_MS;
    info.lot_order = "shuffled";
    info.registration = "approval";
    info.gavel_timeout_ms = 20000;
    info.nomination = "snake";
    info.nomination_ms = 30000;
    info.nominator_bids = true;
    info.is_accelerated = true;
    info.names_ms = 60000;
    info.match = "raise";
    info.match_ms = 10000;
    info.category_caps = caps;
    info.category_caps_count = 1;
    info.premium = premium;
    info.premium_count = 2;
    wire_write_info(out, &info);
}

struct wire_state golden_state_open(void)
{
    return (struct wire_state){.head = head,
                               .phase = "live",
                               .now_ms = START_MS + 5000,
                               .clock = "lot",
                               .has_lot = true,
                               .lot = lamp(),
                               .open = 1,
                               .lots_total = 32,
                               .remaining_lots = 31};
}

struct wire_state golden_state_gap(void)
{
    struct wire_state state = golden_state_open();
    state.clock = "gap";
    state.open = 0;
    state.lot.phase = "sold";
    state.lot.ends_at_ms = WIRE_ABSENT;
    state.lot.remaining_ms = 0;
    state.next = (struct wire_next_lot){.id = {"l2"},
                                        .no = 2,
                                        .title = bytes_text("Chair"),
                                        .opening_minor = 500,
                                        .starts_at_ms = START_MS + 33000,
                                        .remaining_ms = 2400};
    state.sold = 1;
    return state;
}

struct wire_state golden_state_dutch(void)
{
    struct wire_state state = golden_state_open();
    state.lot = tulips();
    return state;
}

// Several lots are open, one that is warned of ends first.
struct wire_state golden_state_many(void)
{
    struct wire_state state = golden_state_open();
    state.open = 12;
    state.lot.warned = 1;
    state.lot.leader = (struct wire_person){0};
    state.lot.is_house = true;
    return state;
}

struct wire_state golden_state_nomination(void)
{
    struct wire_state state = golden_state_gap();
    state.clock = "nomination";
    state.lot.phase = "withdrawn";
    state.next = (struct wire_next_lot){.starts_at_ms = WIRE_ABSENT};
    state.waiting = (struct wire_waiting){true, {"p3"}, START_MS + 20000, 15000};
    return state;
}

struct wire_state golden_state_lobby(void)
{
    return (struct wire_state){.head = {1, 1},
                               .phase = "lobby",
                               .now_ms = START_MS,
                               .clock = "none",
                               .lots_total = 32,
                               .remaining_lots = 32};
}

struct wire_state golden_state_longest(void)
{
    struct wire_person leader = {
        {LONGEST_ID}, bytes_text("<<<<<<<<"), bytes_text(NASTY_30 NASTY_30), true};
    return (struct wire_state){.head = {JSON_INTEGER_MAX, JSON_INTEGER_MAX},
                               .phase = "complete",
                               .now_ms = START_MS,
                               .clock = "none",
                               .has_lot = true,
                               .lot = {.id = {LONGEST_ID},
                                       .no = 10000,
                                       .title = bytes_text(NASTY_30 NASTY_30 NASTY_30 NASTY_30),
                                       .phase = "withdrawn",
                                       .format = "sealed_first",
                                       .opening_minor = INT64_C(1000000000000000),
                                       .price_minor = INT64_C(1000000000000000),
                                       .ask_minor = INT64_C(1000000000000000),
                                       .leader = leader,
                                       .bids = INT64_C(1000000000),
                                       .started_at_ms = START_MS,
                                       .ends_at_ms = START_MS,
                                       .remaining_ms = INT64_C(31536000000),
                                       .extensions = INT64_C(1000000000),
                                       .round = 1000,
                                       .reserve = "not_met",
                                       .quantity = 10000,
                                       .buy_now_minor = INT64_C(1000000000000000),
                                       .warned = 2},
                               .open = 10000,
                               .next = {.id = {LONGEST_ID},
                                        .no = 10000,
                                        .title = bytes_text(NASTY_30 NASTY_30 NASTY_30 NASTY_30),
                                        .opening_minor = INT64_C(1000000000000000),
                                        .starts_at_ms = START_MS,
                                        .remaining_ms = INT64_C(31536000000)},
                               .lots_total = 10000,
                               .sold = 10000,
                               .unsold = 10000,
                               .remaining_lots = 10000};
}

static void state_open(struct buffer *out)
{
    struct wire_state state = golden_state_open();
    wire_write_state(out, &state);
}

static void state_gap(struct buffer *out)
{
    struct wire_state state = golden_state_gap();
    wire_write_state(out, &state);
}

static void state_dutch(struct buffer *out)
{
    struct wire_state state = golden_state_dutch();
    wire_write_state(out, &state);
}

static void state_many(struct buffer *out)
{
    struct wire_state state = golden_state_many();
    wire_write_state(out, &state);
}

static void state_nomination(struct buffer *out)
{
    struct wire_state state = golden_state_nomination();
    wire_write_state(out, &state);
}

static void state_matching(struct buffer *out)
{
    struct wire_state state = golden_state_open();
    state.lot.phase = "matching";
    state.lot.match = (struct wire_match){true, {"p7"}, "holder"};
    wire_write_state(out, &state);
}

static void state_lobby(struct buffer *out)
{
    struct wire_state state = golden_state_lobby();
    wire_write_state(out, &state);
}

static void state_longest(struct buffer *out)
{
    struct wire_state state = golden_state_longest();
    wire_write_state(out, &state);
}

// F23: paused, with the frozen time.
static void state_paused(struct buffer *out)
{
    struct wire_state state = golden_state_open();
    state.phase = "paused";
    state.lot.price_minor = WIRE_ABSENT;
    state.lot.leader = (struct wire_person){0};
    state.lot.ends_at_ms = WIRE_ABSENT;
    state.lot.bids = 0;
    wire_write_state(out, &state);
}

static void tick_lot(struct buffer *out)
{
    struct wire_tick tick = {
        head, lamp_id, TICK_LOT, WIRE_ABSENT, START_MS + 30000, START_MS + 5000, 25000};
    wire_write_tick(out, &tick);
}

static void tick_price(struct buffer *out)
{
    struct wire_tick tick = {head, {"l2"}, TICK_PRICE, 90000, START_MS + 6000, START_MS + 5000,
                             1000};
    wire_write_tick(out, &tick);
}

static void tick_nomination(struct buffer *out)
{
    struct wire_tick tick = {
        head, {""}, TICK_NOMINATION, WIRE_ABSENT, START_MS + 30000, START_MS + 5000, 25000};
    wire_write_tick(out, &tick);
}

static void tick_longest(struct buffer *out)
{
    struct wire_tick tick = {{JSON_INTEGER_MAX, JSON_INTEGER_MAX},
                             {LONGEST_ID},
                             TICK_PRICE,
                             INT64_C(1000000000000000),
                             INT64_C(9999999999999),
                             INT64_C(9999999999999),
                             INT64_C(31536000000)};
    wire_write_tick(out, &tick);
}

static const struct wire_catalogue_lot *catalogue(void)
{
    static struct wire_catalogue_lot lots[3];
    static struct wire_lot_rules rules;
    lots[0] = (struct wire_catalogue_lot){.lot = lamp(),
                                          .description = bytes_text("A lamp.\nWorks."),
                                          .image = bytes_text("https://example.org/l1.jpg"),
                                          .category = bytes_text("light"),
                                          .set = bytes_text("evening"),
                                          .estimate_low_minor = 800,
                                          .estimate_high_minor = 1500,
                                          .winner = ana(),
                                          .winners = 1};
    lots[0].lot.phase = "sold";
    lots[0].lot.ends_at_ms = WIRE_ABSENT;
    lots[0].lot.remaining_ms = 0;
    lots[1] = (struct wire_catalogue_lot){.lot = tulips(), .estimate_low_minor = WIRE_ABSENT};
    rules = english_rules();
    rules.format = "dutch";
    rules.price_step_minor = 50;
    rules.price_tick_ms = 2000;
    lots[1].rules = &rules;
    lots[2] = (struct wire_catalogue_lot){.lot = {.id = {"l3"},
                                                  .no = 3,
                                                  .title = bytes_text("Chair"),
                                                  .phase = "pending",
                                                  .format = "english",
                                                  .opening_minor = 500,
                                                  .price_minor = WIRE_ABSENT,
                                                  .ask_minor = 500,
                                                  .started_at_ms = WIRE_ABSENT,
                                                  .ends_at_ms = WIRE_ABSENT,
                                                  .round = 1,
                                                  .reserve = "none",
                                                  .quantity = 1,
                                                  .buy_now_minor = 5000},
                                          .estimate_low_minor = WIRE_ABSENT,
                                          .match_holder = {"p7"}};
    return lots;
}

static const struct wire_participant *people(void)
{
    static struct wire_participant participants[2];
    participants[0] = ana_state();
    participants[1] = seven_state();
    return participants;
}

static void lots_page(struct buffer *out)
{
    struct wire_lots_page page = {head, 0, 1, 3, catalogue(), 3};
    wire_write_lots_page(out, &page);
}

static void participants_page(struct buffer *out)
{
    struct wire_participants_page page = {head, 0, 1, 2, people(), 2};
    wire_write_participants_page(out, &page);
}

static void board_json_open(struct buffer *out)
{
    struct wire_state state = golden_state_open();
    wire_write_board_json(out, &state, bytes_text("EUR"), 2);
}

static void board_json_dutch(struct buffer *out)
{
    struct wire_state state = golden_state_dutch();
    wire_write_board_json(out, &state, bytes_text("EUR"), 2);
}

static void board_json_house(struct buffer *out)
{
    struct wire_state state = golden_state_many();
    wire_write_board_json(out, &state, bytes_text("EUR"), 2);
}

static void board_json_nomination(struct buffer *out)
{
    struct wire_state state = golden_state_nomination();
    wire_write_board_json(out, &state, bytes_text("EUR"), 2);
}

static void board_json_gap(struct buffer *out)
{
    struct wire_state state = golden_state_gap();
    wire_write_board_json(out, &state, bytes_text("EUR"), 2);
}

static void board_json_lobby(struct buffer *out)
{
    struct wire_state state = golden_state_lobby();
    wire_write_board_json(out, &state, bytes_text("EUR"), 2);
}

static void board_json_longest(struct buffer *out)
{
    struct wire_state state = golden_state_longest();
    state.clock = "lot";
    wire_write_board_json(out, &state, bytes_text("<POINTS>"), 9);
}

// ---- durable events ----

static void epoch_started(struct buffer *out)
{
    wire_write_epoch_started(out, &event, "engine_start");
}

static void lots_changed(struct buffer *out)
{
    wire_write_lots_changed(out, &event, 2, 34);
}

static void participants_changed(struct buffer *out)
{
    struct wire_participant participant = ana_state();
    wire_write_participants_changed(out, &event, "joined", &participant, 1, 8);
}

static void participants_changed_hidden(struct buffer *out)
{
    struct wire_participant participant = seven_state();
    wire_write_participants_changed(out, &event, "updated", &participant, 0, 8);
}

static void participants_changed_added(struct buffer *out)
{
    wire_write_participants_changed(out, &event, "added", NULL, 120, 128);
}

static void auction_started(struct buffer *out)
{
    wire_write_auction_started(out, &event, 0, 32);
}

static void lot_started(struct buffer *out)
{
    struct wire_lot lot = lamp();
    lot.price_minor = WIRE_ABSENT;
    lot.ask_minor = 1000;
    lot.leader = (struct wire_person){0};
    lot.bids = 0;
    lot.remaining_ms = 30000;
    lot.reserve = "none";
    wire_write_lot_started(out, &event, &lot);
}

static struct wire_standing standing_fixture(void)
{
    return (struct wire_standing){.lot = lamp_id,
                                  .bid_no = 2,
                                  .price_minor = 1200,
                                  .ask_minor = 1300,
                                  .leader = ana(),
                                  .previous_leader = paddle_seven(),
                                  .bids = 2,
                                  .ends_at_ms = START_MS + 30000,
                                  .remaining_ms = 25000,
                                  .reserve = "met"};
}

static void bid_update(struct buffer *out)
{
    struct wire_bid_update bid = {.standing = standing_fixture(),
                                  .kind = "plain",
                                  .by = ana(),
                                  .amount_minor = 1200,
                                  .quantity = 1};
    wire_write_bid_update(out, &event, &bid);
}

// F14: the first bid of a lot has no previous leader.
static void bid_update_first(struct buffer *out)
{
    struct wire_bid_update bid = {.standing = standing_fixture(),
                                  .kind = "plain",
                                  .by = paddle_seven(),
                                  .amount_minor = 1000,
                                  .quantity = 1};
    bid.standing.bid_no = 1;
    bid.standing.price_minor = 1000;
    bid.standing.ask_minor = 1100;
    bid.standing.leader = paddle_seven();
    bid.standing.previous_leader = (struct wire_person){0};
    bid.standing.bids = 1;
    bid.standing.reserve = "none";
    wire_write_bid_update(out, &event, &bid);
}

// The house answers up to the reserve, in a sale without a clock.
static void bid_update_house(struct buffer *out)
{
    struct wire_bid_update bid = {
        .standing = standing_fixture(), .kind = "house", .amount_minor = 1300, .quantity = 1};
    bid.standing.price_minor = 1300;
    bid.standing.ask_minor = 1400;
    bid.standing.leader = (struct wire_person){0};
    bid.standing.is_house = true;
    bid.standing.previous_leader = ana();
    bid.standing.ends_at_ms = WIRE_ABSENT;
    bid.standing.remaining_ms = 0;
    bid.standing.reserve = "not_met";
    wire_write_bid_update(out, &event, &bid);
}

static void bid_retracted(struct buffer *out)
{
    struct wire_standing standing = standing_fixture();
    wire_write_bid_retracted(out, &event, &standing, bytes_text("mistyped"));
}

static void bid_retracted_none(struct buffer *out)
{
    struct wire_standing standing = standing_fixture();
    standing.price_minor = WIRE_ABSENT;
    standing.leader = (struct wire_person){0};
    standing.bids = 0;
    standing.reserve = "none";
    wire_write_bid_retracted(out, &event, &standing, bytes_text(""));
}

static void anti_snipe(struct buffer *out)
{
    struct wire_anti_snipe extension = {lamp_id, START_MS + 38000, 10000, 8000, 1,
                                        "lot",   "reset",          "bid"};
    wire_write_anti_snipe(out, &event, &extension);
}

static void lot_passed(struct buffer *out)
{
    struct wire_person by = ana();
    wire_write_lot_passed(out, &event, lamp_id, &by);
}

static void ask_changed(struct buffer *out)
{
    wire_write_ask_changed(out, &event, lamp_id, 1500);
}

static void fair_warning(struct buffer *out)
{
    wire_write_fair_warning(out, &event, lamp_id, 1);
}

static void lot_closing(struct buffer *out)
{
    wire_write_lot_closing(out, &event, lamp_id, START_MS + 30500);
}

static void clock_restarted(struct buffer *out)
{
    struct wire_lot lot = tulips();
    wire_write_clock_restarted(out, &event, lot.id, &lot.clock);
}

static void lot_awarded(struct buffer *out)
{
    const struct wire_award awards[] = {{ana(), 12, 900}, {paddle_seven(), 8, 900}};
    wire_write_lot_awarded(out, &event, (struct lot_id){"l2"}, awards, 2, 2);
}

static void match_offered(struct buffer *out)
{
    struct wire_match_offer offer = {.lot = lamp_id,
                                     .winner = ana(),
                                     .holder = paddle_seven(),
                                     .price_minor = 1200,
                                     .stage = "holder",
                                     .ends_at_ms = START_MS + 15000,
                                     .remaining_ms = 10000};
    wire_write_match_offered(out, &event, &offer);
}

static void lot_withdrawn(struct buffer *out)
{
    struct wire_closed closed = {.lot = lamp_id,
                                 .no = 1,
                                 .title = bytes_text("Lamp"),
                                 .reason = "staff",
                                 .text = bytes_text("damaged"),
                                 .lots_total = 32};
    wire_write_lot_withdrawn(out, &event, &closed);
}

static void lot_reopened(struct buffer *out)
{
    struct wire_lot lot = lamp();
    struct wire_participant leader = ana_state();
    wire_write_lot_reopened(out, &event, &lot, &leader, (struct lot_id){"l2"}, 0, 0);
}

static void gavel_taken(struct buffer *out)
{
    wire_write_gavel_taken(out, &event, bytes_text("console-7"), bytes_text("Nora"));
}

static void nomination_started(struct buffer *out)
{
    struct wire_person by = ana();
    wire_write_nomination_started(out, &event, &by, START_MS + 35000, 30000);
}

static void lot_nominated(struct buffer *out)
{
    struct wire_nominated nominated = {.lot = lamp_id,
                                       .no = 1,
                                       .title = bytes_text("Lamp"),
                                       .by = ana(),
                                       .starts_at_ms = START_MS + 8000,
                                       .remaining_ms = 3000};
    wire_write_lot_nominated(out, &event, &nominated);
}

static void names_called(struct buffer *out)
{
    wire_write_names_called(out, &event, START_MS + 65000, 60000);
}

static void seed_revealed(struct buffer *out)
{
    wire_write_seed_revealed(out, &event, (struct lot_id){""},
                             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}

static void seed_revealed_lot(struct buffer *out)
{
    wire_write_seed_revealed(out, &event, lamp_id,
                             "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210");
}

static void sold(struct buffer *out)
{
    struct wire_closed closed = {.lot = lamp_id,
                                 .no = 1,
                                 .title = bytes_text("Lamp"),
                                 .price_minor = 1200,
                                 .quantity = 1,
                                 .bids = 2,
                                 .reason = "time",
                                 .winner = ana_state(),
                                 .sold = 1,
                                 .lots_total = 32};
    wire_write_sold(out, &event, &closed);
}

// Several have won: lot_awarded before it says who.
static void sold_several(struct buffer *out)
{
    struct wire_closed closed = {.lot = {"l2"},
                                 .no = 2,
                                 .title = bytes_text("Tulips"),
                                 .price_minor = 900,
                                 .quantity = 20,
                                 .bids = 2,
                                 .reason = "pressed",
                                 .sold = 2,
                                 .lots_total = 32};
    wire_write_sold(out, &event, &closed);
}

static void unsold(struct buffer *out)
{
    struct wire_closed closed = {.lot = lamp_id,
                                 .no = 1,
                                 .title = bytes_text("Lamp"),
                                 .price_minor = WIRE_ABSENT,
                                 .reason = "no_bids",
                                 .unsold = 1,
                                 .lots_total = 32};
    wire_write_unsold(out, &event, &closed);
}

static void unsold_reserve(struct buffer *out)
{
    struct wire_closed closed = {.lot = lamp_id,
                                 .no = 1,
                                 .title = bytes_text("Lamp"),
                                 .price_minor = 900,
                                 .bids = 3,
                                 .reason = "reserve_not_met",
                                 .unsold = 1,
                                 .lots_total = 32};
    wire_write_unsold(out, &event, &closed);
}

static void round_started(struct buffer *out)
{
    static const struct lot_id lots[] = {{"l1"}, {"l9"}};
    wire_write_round_started(out, &event, 1, lots, 2, 2);
}

static void auction_paused(struct buffer *out)
{
    struct wire_clock_change change = {
        .reason = "command", .clock = "lot", .lot = lamp_id, .remaining_ms = 25000};
    wire_write_auction_paused(out, &event, &change);
}

// L11: a pause in the gap.
static void auction_paused_gap(struct buffer *out)
{
    struct wire_clock_change change = {
        .reason = "gavel_lost", .clock = "gap", .lot = {"l2"}, .remaining_ms = 1200};
    wire_write_auction_paused(out, &event, &change);
}

static void auction_resumed(struct buffer *out)
{
    struct wire_clock_change change = {.reason = "command",
                                       .clock = "lot",
                                       .lot = lamp_id,
                                       .ends_at_ms = START_MS + 90000,
                                       .remaining_ms = 25000,
                                       .shift_ms = 60000};
    wire_write_auction_resumed(out, &event, &change);
}

static void auction_resumed_outage(struct buffer *out)
{
    struct wire_clock_change change = {.reason = "outage",
                                       .gap_ms = 4100,
                                       .clock = "none",
                                       .ends_at_ms = WIRE_ABSENT,
                                       .remaining_ms = WIRE_ABSENT};
    wire_write_auction_resumed(out, &event, &change);
}

static void auction_complete(struct buffer *out)
{
    wire_write_auction_complete(out, &event, "no_lots_left", 30, 2, 32);
}

static void auction_reset(struct buffer *out)
{
    wire_write_auction_reset(out, &event);
}

static void auction_deleted(struct buffer *out)
{
    wire_write_auction_deleted(out, &event);
}

static void notice(struct buffer *out)
{
    struct wire_person nobody = {0};
    wire_write_notice(out, &event, bytes_text("Five minutes of <pause>."), &nobody);
}

// ---- ephemeral and private ----

static void next_lot_countdown(struct buffer *out)
{
    struct wire_state state = golden_state_gap();
    wire_write_next_lot_countdown(out, head, &state.next, START_MS + 30600);
}

static void lobby_updated(struct buffer *out)
{
    static const struct participant_id ids[] = {{"p3"}, {"p7"}};
    struct wire_lobby lobby = {head, 5, ids, 2};
    wire_write_lobby_updated(out, &lobby);
}

static void outbid(struct buffer *out)
{
    struct wire_person leader = paddle_seven();
    wire_write_outbid(out, &event, lamp_id, 1300, 1400, &leader, false);
}

static void you_lead(struct buffer *out)
{
    wire_write_you_lead(out, &event, lamp_id, 1200);
}

static void max_bid_changed(struct buffer *out)
{
    wire_write_max_bid_changed(out, &event, lamp_id, 2500, true);
}

static void max_bid_changed_gone(struct buffer *out)
{
    wire_write_max_bid_changed(out, &event, lamp_id, WIRE_ABSENT, false);
}

// ---- answers, commands, programs ----

static void snapshot(struct buffer *out)
{
    const struct wire_recent_bid bids[] = {
        {lamp_id, ana(), "maximum", 1200, START_MS + 4000},
        {lamp_id, paddle_seven(), "plain", 1000, START_MS + 2000},
    };
    struct buffer info_bytes;
    struct buffer state_bytes;
    buffer_init(&info_bytes, 2000);
    buffer_init(&state_bytes, 2000);
    info(&info_bytes);
    state_open(&state_bytes);
    struct wire_snapshot snapshot = {.head = head,
                                     .live = true,
                                     .now_ms = START_MS + 5000,
                                     .info = buffer_bytes(&info_bytes),
                                     .state = buffer_bytes(&state_bytes),
                                     .lots = catalogue(),
                                     .lots_count = 3,
                                     .lots_total = 3,
                                     .participants = people(),
                                     .participants_count = 2,
                                     .participants_total = 2,
                                     .recent_bids = bids,
                                     .recent_bids_count = 2};
    wire_write_snapshot(out, &snapshot);
    buffer_release(&info_bytes);
    buffer_release(&state_bytes);
}

static void snapshot_retained(struct buffer *out)
{
    struct buffer parts[4];
    void (*const writers[4])(struct buffer *) = {info, state_open, lots_page, participants_page};
    for (size_t i = 0; i < 4; i++) {
        buffer_init(&parts[i], 5000);
        writers[i](&parts[i]);
    }
    wire_write_retained_snapshot(out, buffer_bytes(&parts[0]), buffer_bytes(&parts[1]),
                                 buffer_bytes(&parts[2]), buffer_bytes(&parts[3]), START_MS + 9000);
    for (size_t i = 0; i < 4; i++) {
        buffer_release(&parts[i]);
    }
}

static void snapshot_nothing(struct buffer *out)
{
    struct bytes none = {0};
    wire_write_retained_snapshot(out, none, none, none, none, START_MS);
}

static void you(struct buffer *out)
{
    static const struct wire_own_maximum maxima[] = {{{"l1"}, 2500, 1, false, true},
                                                     {{"l4"}, 7777, 1, true, false}};
    struct wire_you you = {.head = head,
                           .participant = ana(),
                           .role = ROLE_BIDDER,
                           .status = "accepted",
                           .leading = &lamp_id,
                           .leading_count = 1,
                           .maxima = maxima,
                           .maxima_count = 2,
                           .passed = &lamp_id,
                           .passed_count = 1,
                           .budget_minor = 10000,
                           .limit_minor = WIRE_ABSENT,
                           .spent_minor = 0,
                           .held_minor = 1200,
                           .roster = {true, 0, 3},
                           .max_bid_minor = 9800};
    wire_write_you(out, &you);
}

static void you_viewer(struct buffer *out)
{
    struct wire_you you = {.head = head,
                           .role = ROLE_VIEWER,
                           .budget_minor = WIRE_ABSENT,
                           .limit_minor = WIRE_ABSENT,
                           .max_bid_minor = WIRE_ABSENT};
    wire_write_you(out, &you);
}

static struct wire_command bid_command(void)
{
    return (struct wire_command){.id = {"c-4f1d"},
                                 .op = "bid",
                                 .by = {"p3"},
                                 .role = ROLE_BIDDER,
                                 .received_at_ms = START_MS + 4000,
                                 .uncertainty_ms = 3,
                                 .deadline_at_ms = START_MS + 6000,
                                 .reply_tag = "s12.7"};
}

static void command_bid(struct buffer *out)
{
    struct wire_command command = bid_command();
    struct bytes members = bytes_text("{\"lot\":\"l1\",\"by\":\"p9\",\"amount\":1200}");
    LC_ASSERT(wire_write_command(out, &command, members) == LC_OK);
}

static void command_list(struct buffer *out)
{
    struct wire_command command = {.id = {"c1"},
                                   .op = "list",
                                   .received_at_ms = WIRE_ABSENT,
                                   .uncertainty_ms = WIRE_ABSENT,
                                   .deadline_at_ms = WIRE_ABSENT};
    LC_ASSERT(wire_write_command(out, &command, (struct bytes){0}) == LC_OK);
}

static void command_take_gavel(struct buffer *out)
{
    struct wire_command command = bid_command();
    (void)snprintf(command.op, sizeof command.op, "take_gavel");
    command.role = ROLE_AUCTIONEER;
    command.by_name = bytes_text("Nora");
    struct bytes members = bytes_text("{\"console\":\"console-7\",\"by_name\":\"Eve\"}");
    LC_ASSERT(wire_write_command(out, &command, members) == LC_OK);
}

static void reply(struct buffer *out)
{
    wire_write_reply(
        out, "s12.7",
        bytes_text("{\"ok\":true,\"seq\":17,\"epoch\":2,\"bid\":\"b2\",\"amount\":1200,"
                   "\"quantity\":1,\"lot\":\"l1\",\"phase\":\"open\",\"price\":1200,\"ask\":1300,"
                   "\"leader\":{\"id\":\"p3\",\"paddle\":\"3\"},\"house\":false,"
                   "\"ends_at\":1760000030000,\"leading\":true}"));
}

static void reply_refused(struct buffer *out)
{
    struct buffer result;
    buffer_init(&result, 1000);
    wire_write_refusal(&result, &head, ERROR_BELOW_ASK, NULL,
                       bytes_text("\"lot\":\"l1\",\"phase\":\"open\",\"price\":1200,\"ask\":1300,"
                                  "\"leader\":null,\"house\":false,"
                                  "\"ends_at\":1760000030000"));
    wire_write_reply(out, "s12.7", buffer_bytes(&result));
    buffer_release(&result);
}

static void reply_bad_definition(struct buffer *out)
{
    struct buffer result;
    buffer_init(&result, 1000);
    wire_write_refusal(&result, NULL, ERROR_BAD_DEFINITION, "rules.gap_ms", (struct bytes){0});
    wire_write_reply(out, "", buffer_bytes(&result));
    buffer_release(&result);
}

static void heartbeat(struct buffer *out)
{
    struct wire_heartbeat beat = {.program = "engine",
                                  .node = {"engine-1"},
                                  .online = true,
                                  .version = "0.1.0",
                                  .since_ms = START_MS,
                                  .now_ms = START_MS + 10000};
    wire_write_heartbeat(out, &beat);
}

static void heartbeat_will(struct buffer *out)
{
    struct wire_heartbeat beat = {.program = "bridge",
                                  .node = {"bridge-ab12"},
                                  .version = "0.1.0",
                                  .since_ms = START_MS,
                                  .now_ms = START_MS};
    wire_write_heartbeat(out, &beat);
}

static void presence(struct buffer *out)
{
    struct participant_id ids[] = {{"p1"}, {"p3"}};
    struct wire_presence presence = {{"bridge-ab12"}, {"demo"}, 5, ids, 2};
    wire_write_presence(out, &presence);
}

static void holding(struct buffer *out)
{
    struct wire_holding held = {{"engine-1"}, {"demo"}, START_MS};
    wire_write_holding(out, &held);
}

const struct golden_message golden_messages[] = {
    {"info", info},
    {"info.bands", info_bands},
    {"info.rules", info_rules},
    {"state.lot", state_open},
    {"state.gap", state_gap},
    {"state.dutch", state_dutch},
    {"state.many", state_many},
    {"state.nomination", state_nomination},
    {"state.matching", state_matching},
    {"state.lobby", state_lobby},
    {"state.paused", state_paused},
    {"state.longest", state_longest},
    {"tick", tick_lot},
    {"tick.price", tick_price},
    {"tick.nomination", tick_nomination},
    {"tick.longest", tick_longest},
    {"lots_page", lots_page},
    {"participants_page", participants_page},
    {"board_json", board_json_open},
    {"board_json.dutch", board_json_dutch},
    {"board_json.house", board_json_house},
    {"board_json.nomination", board_json_nomination},
    {"board_json.gap", board_json_gap},
    {"board_json.lobby", board_json_lobby},
    {"board_json.longest", board_json_longest},
    {"epoch_started", epoch_started},
    {"lots_changed", lots_changed},
    {"participants_changed", participants_changed},
    {"participants_changed.hidden", participants_changed_hidden},
    {"participants_changed.added", participants_changed_added},
    {"auction_started", auction_started},
    {"lot_started", lot_started},
    {"bid_update", bid_update},
    {"bid_update.first", bid_update_first},
    {"bid_update.house", bid_update_house},
    {"bid_retracted", bid_retracted},
    {"bid_retracted.none", bid_retracted_none},
    {"anti_snipe", anti_snipe},
    {"lot_passed", lot_passed},
    {"ask_changed", ask_changed},
    {"fair_warning", fair_warning},
    {"lot_closing", lot_closing},
    {"clock_restarted", clock_restarted},
    {"lot_awarded", lot_awarded},
    {"match_offered", match_offered},
    {"lot_withdrawn", lot_withdrawn},
    {"lot_reopened", lot_reopened},
    {"gavel_taken", gavel_taken},
    {"nomination_started", nomination_started},
    {"lot_nominated", lot_nominated},
    {"names_called", names_called},
    {"seed_revealed", seed_revealed},
    {"seed_revealed.lot", seed_revealed_lot},
    {"sold", sold},
    {"sold.several", sold_several},
    {"unsold", unsold},
    {"unsold.reserve", unsold_reserve},
    {"round_started", round_started},
    {"auction_paused", auction_paused},
    {"auction_paused.gap", auction_paused_gap},
    {"auction_resumed", auction_resumed},
    {"auction_resumed.outage", auction_resumed_outage},
    {"auction_complete", auction_complete},
    {"auction_reset", auction_reset},
    {"auction_deleted", auction_deleted},
    {"notice", notice},
    {"next_lot_countdown", next_lot_countdown},
    {"lobby_updated", lobby_updated},
    {"outbid", outbid},
    {"you_lead", you_lead},
    {"max_bid_changed", max_bid_changed},
    {"max_bid_changed.gone", max_bid_changed_gone},
    {"snapshot", snapshot},
    {"snapshot.retained", snapshot_retained},
    {"snapshot.nothing", snapshot_nothing},
    {"you", you},
    {"you.viewer", you_viewer},
    {"command.bid", command_bid},
    {"command.take_gavel", command_take_gavel},
    {"command.list", command_list},
    {"reply", reply},
    {"reply.refused", reply_refused},
    {"reply.bad_definition", reply_bad_definition},
    {"heartbeat", heartbeat},
    {"heartbeat.will", heartbeat_will},
    {"presence", presence},
    {"holding", holding},
};
const size_t golden_messages_count = sizeof golden_messages / sizeof golden_messages[0];
