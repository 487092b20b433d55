#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "auction-svc/core/premium.h"

// 25 % to 175,000, 20 % to 3,000,000, 12.5 % above.
static const struct premium_bands first = {{{0, 2500}, {175000, 2000}, {3000000, 1250}}, 3};
// 25 % to 180,000, 20 % to 2,000,000, 12.9 % above.
static const struct premium_bands second = {{{0, 2500}, {180000, 2000}, {2000000, 1290}}, 3};

static void the_published_examples_are_met(void **state)
{
    (void)state;
    assert_int_equal(premium_minor(&first, 1000000), 208750);
    assert_int_equal(premium_minor(&first, 5000000), 858750);
    assert_int_equal(premium_minor(&second, 1000000), 209000);
    assert_int_equal(premium_minor(&second, 5000000), 796000);
}

// The same examples with two minor digits: bands and price grow alike.
static void the_unit_does_not_matter(void **state)
{
    (void)state;
    struct premium_bands cents = first;
    for (size_t i = 0; i < cents.count; i++) {
        cents.bands[i].from_minor *= 100;
    }
    assert_int_equal(premium_minor(&cents, 100000000), 20875000);
    assert_int_equal(premium_minor(&cents, 500000000), 85875000);
}

static void a_price_on_a_border_belongs_to_the_band_below_it(void **state)
{
    (void)state;
    assert_int_equal(premium_minor(&first, 175000), 43750);
    assert_int_equal(premium_minor(&first, 175001), 43750); // 0.2 more
    assert_int_equal(premium_minor(&first, 175005), 43751);
    assert_int_equal(premium_minor(&first, 3000000), 43750 + 565000);
}

static void the_sum_is_rounded_down_once_at_the_end(void **state)
{
    (void)state;
    assert_int_equal(premium_minor(&first, 3), 0); // 0.75
    assert_int_equal(premium_minor(&first, 4), 1);
    assert_int_equal(premium_minor(&first, 7), 1); // 1.75
    // 0.25 and 0.75 would each be 0
    static const struct premium_bands parts = {{{0, 2500}, {1, 2500}}, 2};
    assert_int_equal(premium_minor(&parts, 4), 1);
}

static void without_bands_there_is_no_premium(void **state)
{
    (void)state;
    static const struct premium_bands none = {.count = 0};
    assert_int_equal(premium_minor(&none, 1000000), 0);
    assert_int_equal(premium_minor(&first, 0), 0);
}

static void the_largest_price_at_the_largest_share_does_not_overflow(void **state)
{
    (void)state;
    static const struct premium_bands all = {{{0, BASIS_POINTS_MAX}}, 1};
    assert_int_equal(premium_minor(&all, AMOUNT_MINOR_MAX), AMOUNT_MINOR_MAX);
}

// The premium never falls when the price rises.
static void a_higher_price_never_has_a_lower_premium(void **state)
{
    (void)state;
    int64_t before_minor = 0;
    for (int64_t price_minor = 1; price_minor < 4000000; price_minor += 997) {
        int64_t now_minor = premium_minor(&second, price_minor);
        assert_true(now_minor >= before_minor);
        before_minor = now_minor;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_examples_are_met),
        cmocka_unit_test(the_unit_does_not_matter),
        cmocka_unit_test(a_price_on_a_border_belongs_to_the_band_below_it),
        cmocka_unit_test(the_sum_is_rounded_down_once_at_the_end),
        cmocka_unit_test(without_bands_there_is_no_premium),
        cmocka_unit_test(the_largest_price_at_the_largest_share_does_not_overflow),
        cmocka_unit_test(a_higher_price_never_has_a_lower_premium),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
