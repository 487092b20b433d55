// The sold lots of a public player auction: every price lies on the ladder climbed from its base,
// and no team spends more than its purse. Skips (77) when the file is absent.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "auction-svc/core/increment.h"

enum { TEAMS_MAX = 32, PURSE_LAKH = 12000 };

struct team {
    char name[16];
    int64_t spent_lakh;
};

static void team_spend(struct team *teams, const char *name, int64_t lakh)
{
    size_t i = 0;
    while (teams[i].name[0] != 0 && strcmp(teams[i].name, name) != 0) {
        i++;
        assert_true(i < TEAMS_MAX);
    }
    snprintf(teams[i].name, sizeof teams[i].name, "%s", name);
    teams[i].spent_lakh += lakh;
    assert_true(teams[i].spent_lakh <= PURSE_LAKH);
}

static void all_182_sold_prices_lie_on_the_ladder_from_their_base(void **state)
{
    FILE *file = *state;
    struct team teams[TEAMS_MAX] = {0};
    struct increment_table table;
    assert_true(increment_table_preset(bytes_text("ipl"), &table));
    char line[128];
    int sold = 0;
    assert_non_null(fgets(line, sizeof line, file)); // the header
    while (fgets(line, sizeof line, file) != NULL) {
        char name[16];
        int base = 0;
        int price = 0;
        assert_int_equal(sscanf(line, "%15[^,],%d,%d", name, &base, &price), 3);
        assert_true(increment_on_ladder(&table, base, price));
        team_spend(teams, name, price);
        sold++;
    }
    assert_int_equal(sold, 182);
}

int main(void)
{
    FILE *file = fopen(IPL_FILE, "r");
    if (file == NULL) {
        printf("skipped: no real records at %s\n", IPL_FILE);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(all_182_sold_prices_lie_on_the_ladder_from_their_base, file),
    };
    int failed = cmocka_run_group_tests_name("ipl", tests, NULL, NULL);
    fclose(file);
    return failed;
}
