// Memory runs out at every single allocation of a move: the connection is at the one node, at the
// other, or has ended; never half anywhere, and what arrives is whole.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/scarce_memory.h"
#include "tests/unit/socketio_pair.h"

// What the worlds themselves write down needs no memory any more.
static void reserve(struct buffer *buffer)
{
    static const uint8_t filler[30000];
    buffer_append(buffer, bytes_of(filler, sizeof filler));
    buffer_clear(buffer);
}

static void reserve_all(struct pair *pair)
{
    reserve(&pair->from->told);
    reserve(&pair->to->told);
    for (size_t i = 0; i < WORLD_LINKS; i++) {
        reserve(&pair->to->links[i].sent);
        reserve(&pair->from->links[i].sent);
    }
}

static void expect_whole(struct pair *pair, size_t moved)
{
    world_sent(pair->to, moved,
               "42[\"e\"]\n451-/a,0[\"q\",{\"_placeholder\":true,\"num\":0}]\nb:file\n");
    world_receive_binary(pair->to, moved, bytes_text("two"));
    world_receive(pair->to, moved, "43/a,0[1]");
    assert_non_null(strstr(buffer_text(&pair->to->told), "<one> <two>\nack 0 (1)\n"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 7,
                 bytes_text("")); // whichever is the root
    socketio_ack(pair->to->server, pair->to->sockets[1], 7, bytes_text(""));
    world_flush(pair->to);
    world_sent(pair->to, moved, "437[]\n");
}

// False: an allocation has failed.
static bool move_without(struct pair *pair, size_t link, int64_t allocations)
{
    size_t moved = 0;
    probe(pair, link);
    allocations_left = allocations;
    enum lc_status out = take_out(pair, link);
    enum lc_status in = out == LC_OK ? put_in(pair, buffer_bytes(&pair->state), &moved) : LC_ERR_IO;
    bool failed = allocations_left < 0;
    allocations_left = INT64_MAX;
    if (in == LC_OK) {
        finish(pair, link);
        expect_nothing(pair->from);
        if (pair->to->links[moved].closed) { // there was none to send it
            assert_true(failed);
            expect_nothing(pair->to);
        } else {
            expect_whole(pair, moved);
        }
        return failed;
    }
    assert_true(failed);
    assert_true(out == LC_OK || out == LC_ERR_BUSY || out == LC_ERR_NO_MEMORY);
    assert_true(out != LC_OK || in == LC_ERR_NO_MEMORY || in == LC_ERR_BAD_INPUT);
    expect_nothing(pair->to);
    if (out == LC_OK) {
        give_back(pair, link);
        expect_nothing(pair->from);
    } else if (counts_of(pair->from).sockets_open > 0) { // "not now" was true
        allocations_left = INT64_MAX;
        assert_int_equal(take_out(pair, link), LC_OK);
        assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
        expect_whole(pair, moved);
    }
    return failed;
}

static void whatever_allocation_fails_nothing_is_half_there(void **state)
{
    (void)state;
    int64_t failures = 0;
    for (bool failed = true; failed; failures++) {
        void *place;
        pair_set_up(&place);
        struct pair *pair = place;
        mood.exports = "state";
        pair_start(pair);
        reserve_all(pair);
        failed = move_without(pair, full_client(pair), failures);
        pair_tear_down(&place);
    }
    assert_true(failures > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_allocation_fails_nothing_is_half_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
