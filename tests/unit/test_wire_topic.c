#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "lib/wire/topic.h"

#define ID_32 "a123456789-123456789_123456789ZZ"

static bool is_refused(const char *text)
{
    struct topic topic = {.page = 77};
    bool refused = !topic_read(bytes_text(text), "lotcast", &topic);
    assert_true(!refused || topic.page == 77); // untouched
    return refused;
}

static void topics_that_are_not_ours_are_refused(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "",
        "lotcast",
        "lotcast/v1",
        "lotcast/v1/",
        "lotcast/v2/sale/demo/info",
        "Lotcast/v1/sale/demo/info",
        "lotcastx/v1/sale/demo/info",
        "lotcast/v1/sale",
        "lotcast/v1/sale/demo",
        "lotcast/v1/sale//info",
        "lotcast/v1/sale/demo/",
        "lotcast/v1/sale/demo/infos",
        "lotcast/v1/sale/demo/info/x",
        "lotcast/v1/sale/demo/info/",
        "lotcast/v1/sale/demo/lots",
        "lotcast/v1/sale/demo/lots/",
        "lotcast/v1/sale/demo/lots/-1",
        "lotcast/v1/sale/demo/lots/01",
        "lotcast/v1/sale/demo/lots/10000",
        "lotcast/v1/sale/demo/lots/x",
        "lotcast/v1/sale/de.mo/info",
        "lotcast/v1/sale/de mo/info",
        "lotcast/v1/sale/+/info",
        "lotcast/v1/sale/#",
        "lotcast/v1/sale/\xC3\xA9/info",
        "lotcast/v1/sale/" ID_32 "Z/info",
        "lotcast/v1/sale/demo/event/" ID_32 "Z",
        "lotcast/v1/sale/demo/cmd/a/b/c/d/e",
        "lotcast/v1/reply",
        "lotcast/v1/reply/a/b",
        "lotcast/v1/svc/cmd",
        "lotcast/v1/svc/engine/e1/presence/demo",
        "lotcast/v1/svc/bridge/b1/presence",
        "/lotcast/v1/sale/demo/info",
    };
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        if (!is_refused(foreign[i])) {
            fail_msg("accepted: %s", foreign[i]);
        }
    }
    assert_false(
        topic_read(bytes_of("lotcast/v1/sale/de\0o/info", 25), "lotcast", &(struct topic){0}));
}

static void svc_cmd_is_a_command_and_never_a_heartbeat(void **state)
{
    (void)state;
    struct topic topic;
    assert_true(topic_read(bytes_text("lotcast/v1/svc/cmd/bridge-1"), "lotcast", &topic));
    assert_int_equal(topic.kind, TOPIC_SVC_COMMAND);
    assert_true(topic_read(bytes_text("lotcast/v1/svc/bridge/bridge-1"), "lotcast", &topic));
    assert_int_equal(topic.kind, TOPIC_HEARTBEAT);
    assert_string_equal(topic.name, "bridge");
    assert_string_equal(topic.client.text, "bridge-1");
}

static void the_longest_topic_fits_and_reads_back(void **state)
{
    (void)state;
    static const char prefix[] = "a23456789/b23456789/c23456789/d2";
    char text[TOPIC_SIZE_MAX];
    struct topic again;
    struct topic longest = {.kind = TOPIC_PRESENCE, .sale = {ID_32}, .client = {ID_32}};
    assert_true(topic_prefix_is_valid(prefix));
    topic_write(&longest, prefix, text);
    assert_true(strlen(text) < 128);
    assert_true(topic_read(bytes_text(text), prefix, &again));
    assert_memory_equal(&again, &longest, sizeof again);
    struct topic event = {.kind = TOPIC_SALE_EVENT, .sale = {ID_32}, .name = ID_32};
    topic_write(&event, prefix, text);
    assert_true(topic_read(bytes_text(text), prefix, &again));
    assert_string_equal(again.name, ID_32);
}

static void prefixes_are_levels_that_every_broker_takes(void **state)
{
    (void)state;
    assert_true(topic_prefix_is_valid("lotcast"));
    assert_true(topic_prefix_is_valid("venue/lotcast"));
    assert_false(topic_prefix_is_valid(""));
    assert_false(topic_prefix_is_valid("/lotcast"));
    assert_false(topic_prefix_is_valid("lotcast/"));
    assert_false(topic_prefix_is_valid("a//b"));
    assert_false(topic_prefix_is_valid("a.b"));
    assert_false(topic_prefix_is_valid("a/#"));
    assert_false(topic_prefix_is_valid("a234567890123456789012345678901234"));
}

static void patterns_are_those_of_the_protocol(void **state)
{
    (void)state;
    char text[TOPIC_SIZE_MAX];
    topic_pattern_all_commands("lotcast", text);
    assert_string_equal(text, "lotcast/v1/sale/+/cmd/+");
    topic_pattern_states("lotcast", text);
    assert_string_equal(text, "lotcast/v1/sale/+/state");
    topic_pattern_svc_commands("lotcast", text);
    assert_string_equal(text, "lotcast/v1/svc/cmd/+");
    topic_pattern_sale("lotcast", &(struct sale_id){"demo"}, "event/+", text);
    assert_string_equal(text, "lotcast/v1/sale/demo/event/+");
    topic_pattern_heartbeats("lotcast", text);
    assert_string_equal(text, "lotcast/v1/svc/+/+");
    topic_pattern_engines("lotcast", text);
    assert_string_equal(text, "lotcast/v1/svc/engine/+");
    topic_pattern_holdings("lotcast", text);
    assert_string_equal(text, "lotcast/v1/svc/engine/+/holds/+");
    topic_pattern_presence("lotcast", text);
    assert_string_equal(text, "lotcast/v1/svc/bridge/+/presence/+");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_that_are_not_ours_are_refused),
        cmocka_unit_test(svc_cmd_is_a_command_and_never_a_heartbeat),
        cmocka_unit_test(the_longest_topic_fits_and_reads_back),
        cmocka_unit_test(prefixes_are_levels_that_every_broker_takes),
        cmocka_unit_test(patterns_are_those_of_the_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
