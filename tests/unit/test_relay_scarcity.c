// Memory runs out at every single allocation of the relay's work, at the edge and at the holder: what
// it concerns is refused or ends, everything is answered, and nothing is left behind.
#include "tests/unit/relay_case.h"
#include "tests/unit/scarce_memory.h"

static uint64_t post_message(struct world *world, int node, uint32_t number)
{
    static char text[300006];
    memset(text, 'y', sizeof text);
    memcpy(text, number == 0 ? "4c0.0:" : "4c0.1:", 6);
    uint64_t post = world_post(world, node, world_query,
                               bytes_of(text, 6 + message_size(number, world->large)));
    world_pass(world, 20);
    return post;
}

static void live(struct world *world)
{
    char query[200];
    snprintf(query, sizeof query, "EIO=4&transport=websocket%s", strstr(world_query, "&sid="));
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 20);
    world_emit(world, 0, 0, 2);
    world_pass(world, 20);
    uint64_t post = post_message(world, 2, 0);
    if (status_of(world, post) == 200) {
        post = post_message(world, 1, 1);
    }
    if (status_of(world, poll) == 200 && status_of(world, post) == 200) {
        uint64_t exchange = world_upgrade(world, 1, query);
        world_pass(world, 20);
        uint64_t ws = world->exchanges[exchange].ws;
        if (ws != 0) {
            world_ws_send(world, ws, "2probe", 6);
            world_ws_send(world, ws, "5", 1);
            world_ws_send(world, ws, "4c0.2:yy", 8);
            world_pass(world, 20);
            world_emit(world, 0, 0, 1);
        }
    }
    (void)!relay_send_note(world->nodes[0].relay, world->now_ms, "cccc", bytes_text("one"));
    (void)!relay_send_note(world->nodes[0].relay, world->now_ms, NULL, bytes_text("all"));
    world_pass(world, 20);
}

static void expect_nothing_open(struct world *world)
{
    for (uint64_t i = 1; i <= world->exchanges_count; i++) {
        assert_true(world->exchanges[i].state >= EXCHANGE_ANSWERED);
    }
    for (int i = 0; i < NODES; i++) {
        struct relay_counts counts = counts_of(world, i);
        assert_int_equal(counts.exchanges_in + counts.exchanges_out, 0);
        assert_int_equal(counts.bodies_bytes, 0);
    }
}

// Returns whether the allocation was one of those that happen.
static bool live_without(int64_t allocation, int large)
{
    struct world *world = world_create(1, 1, 2);
    world->large = large;
    open_session(world, 0);
    allocations_left = allocation;
    live(world);
    bool has_failed = allocations_left < 0;
    allocations_left = INT64_MAX;
    world_pass(world, 60000); // pings that nobody answers end what lives
    expect_nothing_open(world);
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 1), 200);
    world_destroy(world);
    return has_failed;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int large = 0; large <= 2; large += 2) { // the first two messages of one part, of several
        int64_t allocation = 0;
        while (live_without(allocation, large)) {
            allocation++;
        }
        assert_true(allocation > 60);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    allocations_spared = &world_own;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
