#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "auction-svc/service/house.h"
#include "lib/base/status.h"

enum { ITEMS = 300, STEPS = 20000 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

// What a scan over all items finds first; NULL: none is due.
static const struct agenda_item *first_by_scan(const struct agenda_item *items)
{
    const struct agenda_item *first = NULL;
    for (size_t i = 0; i < ITEMS; i++) {
        bool is_there = items[i].due_ms != INT64_MAX;
        if (is_there && (first == NULL || items[i].due_ms < first->due_ms)) {
            first = &items[i]; // of equal times the lower number stays
        }
    }
    return first;
}

static void an_agenda_finds_what_a_scan_would_find(void **state)
{
    static struct agenda_item items[ITEMS];
    struct agenda agenda = {0};
    uint32_t random = 7;
    (void)state;
    assert_true(agenda_reserve(&agenda, ITEMS));
    for (size_t i = 0; i < ITEMS; i++) {
        items[i] = (struct agenda_item){INT64_MAX, i, 0, NULL};
    }
    for (int step = 0; step < STEPS; step++) {
        struct agenda_item *item = &items[next_random(&random) % ITEMS];
        bool goes = next_random(&random) % 3 == 0;
        agenda_set(&agenda, item, goes ? INT64_MAX : (int64_t)(next_random(&random) % 50));
        const struct agenda_item *first = first_by_scan(items);
        assert_ptr_equal(agenda_first(&agenda), first);
        assert_int_equal(agenda_due_ms(&agenda), first == NULL ? INT64_MAX : first->due_ms);
    }
    agenda_release(&agenda);
}

static void an_item_that_is_taken_out_twice_or_set_to_its_own_time_changes_nothing(void **state)
{
    struct agenda agenda = {0};
    struct agenda_item items[] = {{INT64_MAX, 0, 0, NULL}, {INT64_MAX, 1, 0, NULL}};
    (void)state;
    assert_true(agenda_reserve(&agenda, 2));
    agenda_set(&agenda, &items[0], 5);
    agenda_set(&agenda, &items[1], 5);
    agenda_set(&agenda, &items[1], 5);
    assert_ptr_equal(agenda_first(&agenda), &items[0]);
    agenda_set(&agenda, &items[0], INT64_MAX);
    agenda_set(&agenda, &items[0], INT64_MAX);
    assert_ptr_equal(agenda_first(&agenda), &items[1]);
    assert_int_equal(agenda.count, 1);
    agenda_release(&agenda);
}

static void the_house_knows_which_sale_is_due_first(void **state)
{
    struct house house;
    struct hosted_sale *hosted[3];
    (void)state;
    house_init(&house);
    assert_int_equal(house_add(&house, &(struct sale_id){"c"}, &hosted[0]), LC_OK);
    assert_int_equal(house_add(&house, &(struct sale_id){"a"}, &hosted[1]), LC_OK);
    assert_int_equal(house_add(&house, &(struct sale_id){"b"}, &hosted[2]), LC_OK);
    assert_false(house_clock_runs(&house));
    house_set_due(&house, hosted[0], HOUSE_DEADLINE, 300);
    house_set_due(&house, hosted[1], HOUSE_DEADLINE, 200);
    house_set_due(&house, hosted[2], HOUSE_TICK, 100);
    assert_true(house_clock_runs(&house));
    assert_int_equal(house_due_ms(&house, HOUSE_DEADLINE), 200);
    assert_null(house_due(&house, HOUSE_DEADLINE, 199));
    assert_ptr_equal(house_due(&house, HOUSE_DEADLINE, 200), hosted[1]);
    assert_ptr_equal(house_due(&house, HOUSE_TICK, 200), hosted[2]);
    house_bury(&house, hosted[1]); // its clock ends with it
    assert_ptr_equal(house_due(&house, HOUSE_DEADLINE, 400), hosted[0]);
    house_release(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agenda_finds_what_a_scan_would_find),
        cmocka_unit_test(an_item_that_is_taken_out_twice_or_set_to_its_own_time_changes_nothing),
        cmocka_unit_test(the_house_knows_which_sale_is_due_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
