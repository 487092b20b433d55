// The epochs that a broker has seen: what counts, and until when.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "auction-svc/service/epoch_watch.h"

static const struct sale_id demo = {"demo"};

static int unsubscribed;

// In place of the link to a broker.
enum lc_status mqtt_link_subscribe(struct mqtt_link *link, const char *pattern, int qos)
{
    (void)link;
    assert_int_equal(qos, 0);
    assert_string_equal(pattern, "lotcast/v1/sale/+/state");
    return LC_OK;
}

enum lc_status mqtt_link_unsubscribe(struct mqtt_link *link, const char *pattern)
{
    (void)link;
    assert_string_equal(pattern, "lotcast/v1/sale/+/state");
    unsubscribed++;
    return LC_OK;
}

void mqtt_link_drop(struct mqtt_link *link)
{
    (void)link;
    fail();
}

static void take(struct epoch_watch *watch, const char *payload)
{
    epoch_watch_take(watch, &demo, bytes_text(payload));
}

static void the_highest_epoch_before_the_acknowledgement_counts(void **state)
{
    (void)state;
    struct epoch_watch watch = {0};
    unsubscribed = 0;
    epoch_watch_begin(&watch, NULL, "lotcast");
    take(&watch, "{\"seq\":9,\"epoch\":3,\"phase\":\"live\"}");
    assert_true(epoch_watch_subscribed(&watch, true));
    epoch_watch_prove(&watch, 17);
    take(&watch, "{\"seq\":5,\"epoch\":8,\"phase\":\"live\"}");
    take(&watch, "{\"seq\":6,\"epoch\":2,\"phase\":\"live\"}");
    epoch_watch_acknowledged(&watch, NULL, "lotcast", 16); // of something else
    assert_int_equal(watch.stage, EPOCHS_PROVING);
    epoch_watch_acknowledged(&watch, NULL, "lotcast", 17);
    assert_int_equal(watch.stage, EPOCHS_KNOWN);
    assert_int_equal(unsubscribed, 1);
    assert_int_equal(watch.highest, 8);
    assert_int_equal(watch.sales_count, 3);
    assert_int_equal(watch.sales[0].seq, 9);
    take(&watch, "{\"seq\":5,\"epoch\":99,\"phase\":\"live\"}"); // our own, later
    assert_int_equal(watch.highest, 8);
    epoch_watch_release(&watch);
}

static void a_refused_subscription_is_not_waited_for(void **state)
{
    (void)state;
    struct epoch_watch watch = {0};
    epoch_watch_begin(&watch, NULL, "lotcast");
    assert_false(epoch_watch_subscribed(&watch, false));
    assert_int_equal(watch.stage, EPOCHS_KNOWN);
    assert_int_equal(watch.highest, 0);
    epoch_watch_release(&watch);
}

static void a_lost_connection_asks_again_and_keeps_what_was_seen(void **state)
{
    (void)state;
    struct epoch_watch watch = {0};
    epoch_watch_begin(&watch, NULL, "lotcast");
    assert_true(epoch_watch_subscribed(&watch, true));
    epoch_watch_prove(&watch, 3);
    take(&watch, "{\"seq\":5,\"epoch\":8,\"phase\":\"live\"}");
    epoch_watch_begin(&watch, NULL, "lotcast");
    assert_int_equal(watch.stage, EPOCHS_ASKED);
    epoch_watch_acknowledged(&watch, NULL, "lotcast", 3); // of the connection that was
    assert_int_equal(watch.stage, EPOCHS_ASKED);
    assert_true(epoch_watch_subscribed(&watch, true));
    epoch_watch_prove(&watch, 1);
    epoch_watch_acknowledged(&watch, NULL, "lotcast", 1);
    assert_int_equal(watch.highest, 8);
    epoch_watch_begin(&watch, NULL, "lotcast"); // a later connect asks no more
    assert_int_equal(watch.stage, EPOCHS_KNOWN);
    epoch_watch_release(&watch);
}

static void what_is_no_state_or_beyond_all_epochs_is_not_believed(void **state)
{
    (void)state;
    struct epoch_watch watch = {0};
    epoch_watch_begin(&watch, NULL, "lotcast");
    take(&watch, "");
    take(&watch, "hello");
    take(&watch, "{\"seq\":5,\"epoch\":9007199254740991,\"phase\":\"live\"}");
    assert_int_equal(watch.highest, 0);
    assert_int_equal(watch.sales_count, 0);
    epoch_watch_release(&watch);
}

static void more_sales_than_are_remembered_still_count_for_their_epoch(void **state)
{
    (void)state;
    struct epoch_watch watch = {0};
    char payload[64];
    epoch_watch_begin(&watch, NULL, "lotcast");
    for (int i = 1; i <= 3 * EPOCH_WATCH_SALES_MAX; i++) {
        snprintf(payload, sizeof payload, "{\"seq\":1,\"epoch\":%d,\"phase\":\"live\"}", i);
        take(&watch, payload);
    }
    assert_int_equal(watch.highest, 3 * EPOCH_WATCH_SALES_MAX);
    assert_true(watch.sales_count >= EPOCH_WATCH_SALES_MAX);
    assert_true(watch.sales_count <= 2 * (size_t)EPOCH_WATCH_SALES_MAX);
    epoch_watch_release(&watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_epoch_before_the_acknowledgement_counts),
        cmocka_unit_test(a_refused_subscription_is_not_waited_for),
        cmocka_unit_test(a_lost_connection_asks_again_and_keeps_what_was_seen),
        cmocka_unit_test(what_is_no_state_or_beyond_all_epochs_is_not_believed),
        cmocka_unit_test(more_sales_than_are_remembered_still_count_for_their_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
