// Increment tables (rules 3): presets with their published numbers, alignment, and the ladder.
#include "core_room.h"

static struct increment_table preset(const char *name)
{
    struct increment_table table = {0};
    assert_true(increment_table_preset(bytes_text(name), &table));
    assert_true(increment_table_is_valid(&table));
    return table;
}

static void ebay_us_raises_by_its_published_steps(void **state)
{
    (void)state;
    static const struct {
        int64_t price;
        int64_t next;
    } steps[] = {
        {1, 6},           {99, 104},        {100, 125},       {499, 524},       {500, 550},
        {2499, 2549},     {2500, 2600},     {9999, 10099},    {10000, 10250},   {24999, 25249},
        {25000, 25500},   {49999, 50499},   {50000, 51000},   {99999, 100999},  {100000, 102500},
        {249999, 252499}, {250000, 255000}, {499999, 504999}, {500000, 510000}, {9999999, 10009999},
    };
    struct increment_table table = preset("ebay_us");
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_int_equal(increment_next(&table, steps[i].price), steps[i].next);
        assert_int_equal(increment_step(&table, steps[i].price), steps[i].next - steps[i].price);
    }
}

static void ipl_raises_by_its_published_steps_and_aligns(void **state)
{
    (void)state;
    static const struct {
        int64_t price;
        int64_t next;
    } steps[] = {
        {30, 35},   {95, 100},  {100, 110},  {125, 130},   {190, 200},   {200, 220},
        {480, 500}, {500, 525}, {999, 1000}, {1000, 1025}, {2675, 2700}, {31, 35},
    };
    struct increment_table table = preset("ipl");
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_int_equal(increment_next(&table, steps[i].price), steps[i].next);
    }
}

struct raise {
    int64_t price;
    int64_t next;
};

static void expect_raises(const struct increment_table *table, const struct raise *raises,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(increment_next(table, raises[i].price), raises[i].next);
    }
}

static void ebay_uk_raises_by_its_published_steps(void **state)
{
    (void)state;
    static const struct raise raises[] = {
        {1, 6},           {99, 104},        {100, 120},     {499, 519},     {500, 550},
        {1499, 1549},     {1500, 1600},     {5999, 6099},   {6000, 6200},   {14999, 15199},
        {15000, 15500},   {30000, 31000},   {59999, 60999}, {60000, 62000}, {149999, 151999},
        {150000, 155000}, {300000, 310000},
    };
    struct increment_table table = preset("ebay_uk");
    expect_raises(&table, raises, sizeof raises / sizeof raises[0]);
}

// rules 3: 100-200 by 10; 200-300 by 20; 300-500 by 20/50/80; 500-1,000 by 50; each decade alike.
static void the_saleroom_ladder_goes_1_2_258_5_in_every_decade(void **state)
{
    (void)state;
    static const struct raise raises[] = {
        {100, 110},    {190, 200},     {195, 200},      {200, 220},   {280, 300},   {300, 320},
        {320, 350},    {350, 380},     {380, 400},      {400, 420},   {480, 500},   {500, 550},
        {950, 1000},   {1000, 1100},   {3000, 3200},    {3200, 3500}, {3500, 3800}, {3800, 4000},
        {9500, 10000}, {50000, 55000}, {99999, 100000}, {30, 32},     {32, 35},     {95, 100},
        {10, 11},      {9, 10},        {0, 10}, // a tenth of 110 is whole, of 11 it is not
    };
    struct increment_table table = preset("saleroom");
    expect_raises(&table, raises, sizeof raises / sizeof raises[0]);
    assert_int_equal(increment_step(&table, 320), 30);
    assert_int_equal(increment_step(&table, 330), 20);
}

// What pairs of (from, step) can't express.
static void a_cycle_of_endings_repeats_ten_times_larger(void **state)
{
    (void)state;
    struct increment_table table = {
        .kind = INCREMENT_CYCLE, .align = true, .count = 4, .as.rungs = {2, 5, 8, 10}};
    assert_true(increment_table_is_valid(&table));
    static const struct raise raises[] = {{0, 2},   {2, 5},     {5, 8},     {8, 10},
                                          {10, 20}, {20, 50},   {80, 100},  {100, 200},
                                          {1, 2},   {300, 500}, {801, 1000}};
    expect_raises(&table, raises, sizeof raises / sizeof raises[0]);
    assert_true(increment_next(&table, AMOUNT_MINOR_MAX) == 2 * AMOUNT_MINOR_MAX);
}

static void a_percentage_is_rounded_up_and_has_a_least_step(void **state)
{
    (void)state;
    struct increment_table table = {.kind = INCREMENT_PERCENT,
                                    .as.percent = {.basis_points = 500, .round_minor = 10}};
    static const struct raise tens[] = {{1, 11},    {100, 110},   {200, 210},
                                        {201, 221}, {1000, 1050}, {1001, 1061}};
    expect_raises(&table, tens, sizeof tens / sizeof tens[0]);
    table.as.percent.step_min_minor = 25;
    static const struct raise least[] = {{1, 26}, {400, 425}, {500, 530}, {1000, 1050}};
    expect_raises(&table, least, sizeof least / sizeof least[0]);
    table.as.percent.basis_points = BASIS_POINTS_MAX;
    assert_true(increment_next(&table, AMOUNT_MINOR_MAX) == 2 * AMOUNT_MINOR_MAX);
}

// The ask behind the largest amount lies above it: the ladder must lead there, and not stand still.
static void the_ladder_goes_on_above_the_largest_amount(void **state)
{
    (void)state;
    struct increment_table tables[] = {
        increment_table_flat(7, false),
        increment_table_flat(7, true),
        {.kind = INCREMENT_CYCLE, .count = 1, .as.rungs = {100}},
        {.kind = INCREMENT_PERCENT, .as.percent = {1260, 1, 0}},
        {.kind = INCREMENT_PERCENT, .as.percent = {1, 1, 0}},
        {.kind = INCREMENT_PERCENT, .as.percent = {500, 1000, 25}},
        {.kind = INCREMENT_PERCENT, .as.percent = {BASIS_POINTS_MAX, AMOUNT_MINOR_MAX, 0}},
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        int64_t next = increment_next(&tables[i], AMOUNT_MINOR_MAX);
        assert_true(next > AMOUNT_MINOR_MAX);
        assert_true(increment_rung(&tables[i], 100, AMOUNT_MINOR_MAX) >= AMOUNT_MINOR_MAX);
        assert_true(increment_rung(&tables[i], AMOUNT_MINOR_MAX, next) >= next);
        assert_true(increment_rung(&tables[i], AMOUNT_MINOR_MAX - 1, next) >= next);
    }
}

static bool percent_is_valid(int64_t basis_points, int64_t round_minor, int64_t step_min_minor)
{
    struct increment_table table = {.kind = INCREMENT_PERCENT,
                                    .as.percent = {.basis_points = basis_points,
                                                   .round_minor = round_minor,
                                                   .step_min_minor = step_min_minor}};
    return increment_table_is_valid(&table);
}

static void a_cycle_must_ascend_within_one_decade_and_a_percentage_be_one(void **state)
{
    (void)state;
    struct increment_table table = {.kind = INCREMENT_CYCLE, .count = 3, .as.rungs = {10, 20, 99}};
    assert_true(increment_table_is_valid(&table));
    table.as.rungs[2] = 100;
    assert_false(increment_table_is_valid(&table));
    table.as.rungs[2] = 20;
    assert_false(increment_table_is_valid(&table));
    table.as.rungs[0] = 0;
    assert_false(increment_table_is_valid(&table));
    table.count = 0;
    assert_false(increment_table_is_valid(&table));
    table.count = INCREMENT_RUNGS_MAX + 1;
    assert_false(increment_table_is_valid(&table));
    assert_true(percent_is_valid(1, 1, 0));
    assert_true(percent_is_valid(BASIS_POINTS_MAX, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX));
    assert_false(percent_is_valid(0, 1, 0));
    assert_false(percent_is_valid(BASIS_POINTS_MAX + 1, 1, 0));
    assert_false(percent_is_valid(1, 0, 0));
    assert_false(percent_is_valid(1, 1, -1));
}

static void an_unknown_preset_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct increment_table table = increment_table_flat(7, true);
    assert_false(increment_table_preset(bytes_text("ebay"), &table));
    assert_false(increment_table_preset(bytes_text(""), &table));
    assert_int_equal(table.as.bands[0].step_minor, 7);
}

static void a_table_must_start_at_zero_ascend_and_have_positive_steps(void **state)
{
    (void)state;
    struct increment_table table = increment_table_flat(1, false);
    assert_true(increment_table_is_valid(&table));
    table.as.bands[0].step_minor = 0;
    assert_false(increment_table_is_valid(&table));
    table.as.bands[0].step_minor = -1;
    assert_false(increment_table_is_valid(&table));
    table.as.bands[0].step_minor = AMOUNT_MINOR_MAX + 1;
    assert_false(increment_table_is_valid(&table));
    table = (struct increment_table){.as.bands = {{1, 1}}, .count = 1};
    assert_false(increment_table_is_valid(&table));
    table = (struct increment_table){.as.bands = {{0, 1}, {10, 1}, {10, 2}}, .count = 3};
    assert_false(increment_table_is_valid(&table));
    table = (struct increment_table){.as.bands = {{0, 1}, {AMOUNT_MINOR_MAX + 1, 1}}, .count = 2};
    assert_false(increment_table_is_valid(&table));
    table = (struct increment_table){.count = 0};
    assert_false(increment_table_is_valid(&table));
    table = (struct increment_table){.count = INCREMENT_BANDS_MAX + 1};
    assert_false(increment_table_is_valid(&table));
}

static void the_next_amount_is_bounded_at_the_end_of_the_range(void **state)
{
    (void)state;
    struct increment_table table = increment_table_flat(AMOUNT_MINOR_MAX, false);
    assert_true(increment_next(&table, AMOUNT_MINOR_MAX) == 2 * AMOUNT_MINOR_MAX);
    table.align = true;
    assert_true(increment_next(&table, AMOUNT_MINOR_MAX) == 2 * AMOUNT_MINOR_MAX);
    assert_false(increment_on_ladder(&table, 1, AMOUNT_MINOR_MAX - 1));
    assert_true(increment_on_ladder(&table, 1, AMOUNT_MINOR_MAX));
}

// The slow way, step by step, is the specification of the fast one.
static bool climbs_to(const struct increment_table *table, int64_t opening, int64_t amount)
{
    int64_t price = opening;
    while (price < amount) {
        price = increment_next(table, price);
    }
    return price == amount;
}

static void the_ladder_is_what_step_by_step_climbing_reaches(void **state)
{
    (void)state;
    struct increment_table tables[] = {
        preset("ipl"),
        preset("ebay_us"),
        increment_table_flat(7, false),
        increment_table_flat(7, true),
        {.as.bands = {{0, 3}, {10, 4}, {11, 100}, {333, 7}}, .count = 4, .align = false},
        {.as.bands = {{0, 3}, {10, 4}, {11, 100}, {333, 7}}, .count = 4, .align = true},
        preset("saleroom"),
        {.kind = INCREMENT_CYCLE, .count = 3, .as.rungs = {20, 50, 80}},
        {.kind = INCREMENT_PERCENT, .as.percent = {.basis_points = 700, .round_minor = 1}},
        {.kind = INCREMENT_PERCENT, .as.percent = {500, 10, 25}},
        {.kind = INCREMENT_PERCENT, .as.percent = {10000, 3, 0}},
    };
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (int64_t opening = 1; opening < 120; opening += 3) {
            for (int64_t amount = 1; amount < 1500; amount++) {
                assert_int_equal(increment_on_ladder(&tables[t], opening, amount),
                                 climbs_to(&tables[t], opening, amount));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ebay_us_raises_by_its_published_steps),
        cmocka_unit_test(ipl_raises_by_its_published_steps_and_aligns),
        cmocka_unit_test(ebay_uk_raises_by_its_published_steps),
        cmocka_unit_test(the_saleroom_ladder_goes_1_2_258_5_in_every_decade),
        cmocka_unit_test(a_cycle_of_endings_repeats_ten_times_larger),
        cmocka_unit_test(a_percentage_is_rounded_up_and_has_a_least_step),
        cmocka_unit_test(the_ladder_goes_on_above_the_largest_amount),
        cmocka_unit_test(a_cycle_must_ascend_within_one_decade_and_a_percentage_be_one),
        cmocka_unit_test(an_unknown_preset_is_refused_and_changes_nothing),
        cmocka_unit_test(a_table_must_start_at_zero_ascend_and_have_positive_steps),
        cmocka_unit_test(the_next_amount_is_bounded_at_the_end_of_the_range),
        cmocka_unit_test(the_ladder_is_what_step_by_step_climbing_reaches),
    };
    return cmocka_run_group_tests_name("increment", tests, NULL, NULL);
}
