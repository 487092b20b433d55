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
        cmocka_unit_test(an_unknown_preset_is_refused_and_changes_nothing),
        cmocka_unit_test(a_table_must_start_at_zero_ascend_and_have_positive_steps),
        cmocka_unit_test(the_next_amount_is_bounded_at_the_end_of_the_range),
        cmocka_unit_test(the_ladder_is_what_step_by_step_climbing_reaches),
    };
    return cmocka_run_group_tests_name("increment", tests, NULL, NULL);
}
