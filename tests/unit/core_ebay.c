// Real auctions: their maximum bids, played through decide and apply, end at the recorded prices.
// Skips (77) when the file is absent.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "auction-svc/core/sale.h"

enum { LINE_SIZE = 160, NOW_MS = 1000 };

struct row {
    int auction;
    int opening_cents;
    int final_cents;
    int bidder;
    int max_cents;
};

struct tally {
    int auctions;
    int exact;
    int leader_max;
    int other;
};

static bool row_read(FILE *file, struct row *out_row)
{
    char line[LINE_SIZE];
    long long t_ms = 0;
    if (fgets(line, sizeof line, file) == NULL) {
        return false;
    }
    assert_int_equal(sscanf(line, "%d,%*[^,],%*d,%d,%d,%lld,%d,%d", &out_row->auction,
                            &out_row->opening_cents, &out_row->final_cents, &t_ms, &out_row->bidder,
                            &out_row->max_cents),
                     6);
    return true;
}

static struct decision decision;

static enum error_code carry_out(struct sale *sale, const struct sale_command *command)
{
    sale_decide(sale, command, NOW_MS, &decision);
    for (size_t i = 0; i < decision.events_count; i++) {
        assert_int_equal(sale_apply(sale, &decision.events[i]), LC_OK);
    }
    decision_release(&decision);
    return decision.refusal;
}

static struct sale *sale_open(int opening_cents)
{
    struct sale_definition definition = sale_definition_default();
    definition.id = (struct sale_id){"record"};
    definition.title = bytes_text("Record");
    definition.currency_code[0] = 'U';
    definition.rules.gap_ms = 0;
    definition.rules.lot.duration_ms = DURATION_MS_MAX;
    assert_true(increment_table_preset(bytes_text("ebay_us"), &definition.rules.lot.increments));
    struct lot_definition lot = {.title = bytes_text("Lot"), .opening_minor = opening_cents};
    struct sale *sale = sale_create();
    assert_non_null(sale);
    sale_decide_create(&definition, &lot, 1, 1, NOW_MS, &decision);
    for (size_t i = 0; i < decision.events_count; i++) {
        assert_int_equal(sale_apply(sale, &decision.events[i]), LC_OK);
    }
    decision_release(&decision);
    struct sale_command command = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    command.as.create_invite.role = ROLE_BIDDER;
    assert_int_equal(carry_out(sale, &command), ERROR_NONE);
    command = (struct sale_command){.op = SALE_OP_BEGIN, .role = ROLE_ADMIN};
    assert_int_equal(carry_out(sale, &command), ERROR_NONE);
    sale_decide_due(sale, NOW_MS, &decision);
    assert_int_equal(sale_apply(sale, &decision.events[0]), LC_OK);
    decision_release(&decision);
    return sale;
}

static void play(struct sale *sale, const struct row *row)
{
    while (sale->participants_count < (size_t)row->bidder) {
        struct sale_command join = {.op = SALE_OP_JOIN};
        join.as.join.name = bytes_text("Ana");
        assert_int_equal(carry_out(sale, &join), ERROR_NONE);
    }
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER};
    command.by = sale->participants[row->bidder - 1].id;
    command.as.set_max.lot = sale->lots[0].id;
    command.as.set_max.max_minor = row->max_cents;
    command.as.set_max.as_recorded = true;
    enum error_code code = carry_out(sale, &command); // one below an earlier one of his, or the
                                                      // opening, changed nothing then either
    assert_true(code == ERROR_NONE || code == ERROR_BELOW_ASK);
}

static void count(struct tally *tally, const struct sale *sale, int final_cents)
{
    const struct lot *lot = &sale->lots[0];
    tally->auctions++;
    if (lot->price_minor == final_cents) {
        tally->exact++;
    } else if (lot->held_minor == final_cents) {
        tally->leader_max++;
    } else {
        tally->other++;
    }
}

static void nearly_all_recorded_prices_are_those_of_the_rule(void **state)
{
    FILE *file = *state;
    char header[LINE_SIZE];
    assert_non_null(fgets(header, sizeof header, file));
    struct tally tally = {0};
    struct sale *sale = NULL;
    struct row row;
    int auction = -1;
    int final_cents = 0;
    while (row_read(file, &row)) {
        if (row.auction != auction) {
            if (sale != NULL) {
                count(&tally, sale, final_cents);
                sale_destroy(sale);
            }
            sale = sale_open(row.opening_cents);
            auction = row.auction;
            final_cents = row.final_cents;
        }
        play(sale, &row);
    }
    assert_non_null(sale);
    count(&tally, sale, final_cents);
    sale_destroy(sale);
    printf("auctions %d exact %d leader_max %d other %d\n", tally.auctions, tally.exact,
           tally.leader_max, tally.other);
    assert_int_equal(tally.auctions, 314);
    assert_int_equal(tally.exact, 292);
    assert_int_equal(tally.leader_max, 20);
    assert_int_equal(tally.other, 2);
}

int main(void)
{
    FILE *file = fopen(EBAY_FILE, "r");
    if (file == NULL) {
        printf("skipped: no real records at %s\n", EBAY_FILE);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(nearly_all_recorded_prices_are_those_of_the_rule, file),
    };
    int failed = cmocka_run_group_tests_name("ebay", tests, NULL, NULL);
    fclose(file);
    return failed;
}
