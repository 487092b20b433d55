// Memory runs out at every single allocation of a session's way through other nodes: whoever asked
// is answered, a session is at one place or none, its application is told, and nothing is left.
#include "tests/unit/engineio_nodes.h"
#include "tests/unit/scarce_memory.h"

static int64_t allocations_kept; // while the test itself needs some

static void have_memory(void)
{
    allocations_kept = allocations_left;
    allocations_left = INT64_MAX;
}

static void lack_memory(void)
{
    allocations_left = allocations_kept;
}

// A poll that carries packets away, which are lost.
static bool lose_a_body(struct nodes *nodes)
{
    uint64_t poll = relayed_get(nodes);
    have_memory();
    queue(nodes->world, "4hello");
    lack_memory();
    pass(nodes->world, 0);
    int status = nodes->answers[poll].status;
    assert_true(status == 200 || status == 500);
    assert_int_equal(nodes->world->closed, status == 500);
    lost(nodes, poll);
    return status == 200;
}

static enum lc_status export_it(struct nodes *nodes, struct buffer *state)
{
    struct world *world = nodes->world;
    uint64_t probe = begin_ready_probe(nodes, 1);
    enum lc_status status = engineio_export(world->engine, world->now_ms, bytes_text(world->sid),
                                            probe, bytes_text("NODE"), state);
    assert_true(status == LC_OK || status == LC_ERR_NO_MEMORY);
    assert_int_equal(world->closed, status != LC_OK);
    if (status == LC_OK) {
        engineio_export_done(world->engine, world->now_ms, bytes_text(world->sid));
        assert_int_equal(world->moved, 1);
    }
    assert_int_equal(counts_of(world).sessions_open, 0);
    return status;
}

static bool import_it(struct world *there, struct bytes state)
{
    struct engineio_session_id session;
    enum lc_status status = engineio_import(there->engine, there->now_ms, state, 5, &session);
    assert_true(status == LC_OK || status == LC_ERR_NO_MEMORY);
    assert_int_equal(counts_of(there).sessions_open, status == LC_OK);
    engineio_flush(there->engine, there->now_ms);
    return status == LC_OK;
}

static void travel(struct nodes *nodes, struct world *there, struct buffer *state)
{
    if (!lose_a_body(nodes) || export_it(nodes, state) != LC_OK) {
        return;
    }
    bool is_there = import_it(there, buffer_bytes(state));
    have_memory();
    if (is_there && there->closed == 0) {
        expect_sent(there, "5:4hello\n");
    } else if (!is_there) { // nothing has happened: it may be tried again
        assert_true(import_it(there, buffer_bytes(state)));
        expect_sent(there, "5:4hello\n");
    }
    lack_memory();
}

static struct world *other_node(void)
{
    void *state;
    world_set_up(&state);
    struct world *world = state;
    world->config.sessions_per_address_max = 1;
    world_moves(world);
    world_start(world);
    buffer_append_text(&world->sent, "memory for the test"); // is not what is scarce
    buffer_clear(&world->sent);
    return world;
}

static void whatever_allocation_fails_a_session_is_at_one_place_or_none(void **state)
{
    (void)state;
    int64_t failures = 0;
    for (bool failed = true; failed; failures++) {
        void *place = NULL;
        struct buffer blob;
        nodes_set_up(&place);
        struct nodes *nodes = place;
        void *there = other_node();
        buffer_init(&blob, 1 << 20);
        open_by_polling(nodes->world);
        allocations_left = failures;
        travel(nodes, there, &blob);
        failed = allocations_left < 0;
        allocations_left = INT64_MAX;
        buffer_release(&blob);
        nodes_tear_down(&place);
        world_tear_down(&there);
    }
    assert_true(failures > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_allocation_fails_a_session_is_at_one_place_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
