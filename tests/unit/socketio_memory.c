// Memory runs out at every single allocation of a session's life: requests are answered all the
// same, nothing is half there, and nothing is left behind.
#include "tests/unit/engineio_world.h"
#include "tests/unit/scarce_memory.h"

static enum engineio_admission later(void *app, const struct engineio_request *request,
                                     struct engineio_admission_id admission,
                                     struct bytes *out_message)
{
    struct world *world = app;
    (void)request, (void)out_message;
    world->admission_id = admission;
    return world->admission;
}

// Every request has an answer; a body that says 200 is whole.
static void expect_whole(struct world *world, uint64_t exchange)
{
    const struct answer *answer = &world->answers[exchange];
    assert_true(answer->status == 200 || answer->status == 101 || answer->status == 503 ||
                answer->status == 500 || answer->status == 400 || answer->status == 403);
    if (answer->status == 200 && strstr(answer->body, "sid") != NULL) {
        assert_non_null(strstr(answer->body, "\"maxPayload\":1000}"));
        note_sid(world, exchange);
    } else if (answer->status == 503 && answer->body_size > 0) {
        assert_int_equal(answer->body[answer->body_size - 1], '}');
    }
}

static void live(struct world *world)
{
    char query[128];
    world->admission = ENGINEIO_ALLOW;
    expect_whole(world, get(world, false));
    uint64_t poll = get(world, true);
    (void)post(world, "4a\x1e"
                      "bAQIDBA==");
    snprintf(query, sizeof query, "EIO=4&transport=polling&sid=%s", world->sid);
    (void)send_request(world, "POST", query, "text/plain", bytes_text("4b"));
    (void)ask_ws(world, 5, true);
    ws_text(world, 5, "2probe");
    ws_text(world, 5, "5");
    ws_text(world, 5, "bAQIDBA==");
    (void)poll;
    world->admission = ENGINEIO_DECIDE_LATER;
    uint64_t held = ask_ws(world, 6, false);
    engineio_admit(world->engine, world->admission_id, false, bytes_text("no"));
    engineio_flush(world->engine, world->now_ms);
    expect_whole(world, held);
    world->admission = ENGINEIO_ALLOW;
    uint64_t scripted =
        send_request(world, "GET", "EIO=3&transport=polling&j=1", "", (struct bytes){NULL, 0});
    assert_int_not_equal(world->answers[scripted].status, 0);
    (void)ask_ws(world, 7, false);
    pass(world, 300);
}

static void whatever_allocation_fails_the_engine_goes_on(void **state)
{
    (void)state;
    int64_t failures = 0;
    for (bool failed = true; failed; failures++) {
        void *place = NULL;
        world_set_up(&place);
        struct world *world = place;
        world->config.sessions_max = 40;
        world->config.allow_eio3 = true;
        world->config.sessions_per_address_max = 30;
        world->config.keep_post_headers = true;
        world->config.initial_packet = bytes_text("first");
        world->config.cookie = engineio_cookie_default();
        world->ops.on_request = later;
        world_start(world);
        allocations_left = failures;
        live(world);
        failed = allocations_left < 0;
        allocations_left = INT64_MAX;
        world->admission = ENGINEIO_ALLOW;
        uint64_t after = get(world, false); // as if nothing had happened
        assert_int_equal(world->answers[after].status, 200);
        world_tear_down(&place);
    }
    assert_true(failures > 20);
}

static void an_engine_without_memory_is_none(void **state)
{
    (void)state;
    for (int64_t left = 0; left < 4; left++) {
        void *place = NULL;
        world_set_up(&place);
        struct world *world = place;
        world->config.sessions_per_address_max = 1;
        world->config.initial_packet = bytes_text("first");
        allocations_left = left;
        assert_int_equal(engineio_create(&world->config, &world->ops, world, &world->engine),
                         LC_ERR_NO_MEMORY);
        allocations_left = INT64_MAX;
        assert_null(world->engine);
        world_tear_down(&place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_allocation_fails_the_engine_goes_on),
        cmocka_unit_test(an_engine_without_memory_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
