// The room's ring: order, limits, slow readers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/fanout/room_ring.h"

static uint64_t orders = 1;

static struct frame *push(struct room_ring *ring, const char *text, bool is_volatile)
{
    struct bytes part = bytes_text(text);
    struct frame *frame;
    assert_int_equal(frame_create(false, &part, 1, &frame), LC_OK);
    frame->order = orders++;
    frame->is_volatile = is_volatile;
    assert_int_equal(room_ring_push(ring, frame), LC_OK);
    return frame;
}

static void expect(struct room_ring *ring, struct room_cursor *cursor, uint64_t fresh_from,
                   const char *text)
{
    uint64_t dropped = 0;
    struct freshness freshness = {fresh_from, 0};
    const struct frame *frame = room_cursor_peek(ring, cursor, freshness, &dropped);
    if (text == NULL) {
        assert_null(frame);
        return;
    }
    assert_non_null(frame);
    assert_true(bytes_equal_text(frame_payload(frame), text));
    room_cursor_pass(cursor, frame);
}

static void every_reader_gets_every_frame_in_order(void **state)
{
    (void)state;
    struct room_ring ring;
    room_ring_init(&ring, 100, 10000);
    push(&ring, "before", false);
    struct room_cursor early = room_cursor_at_newest(&ring);
    expect(&ring, &early, 0, NULL);
    push(&ring, "a", false);
    struct room_cursor late = room_cursor_at_newest(&ring);
    push(&ring, "b", false);
    expect(&ring, &early, 0, "a");
    expect(&ring, &early, 0, "b");
    expect(&ring, &early, 0, NULL);
    expect(&ring, &late, 0, "b");
    expect(&ring, &late, 0, NULL);
    room_ring_release(&ring);
}

static void a_reader_that_falls_out_is_lagged_and_goes_on_at_the_newest(void **state)
{
    (void)state;
    struct room_ring ring;
    room_ring_init(&ring, 3, 10000);
    struct room_cursor slow = room_cursor_at_newest(&ring);
    struct room_cursor quick = slow;
    for (int i = 0; i < 10; i++) {
        push(&ring, "x", false);
        expect(&ring, &quick, 0, "x");
        assert_false(room_cursor_is_lagged(&ring, &quick));
    }
    assert_true(room_cursor_is_lagged(&ring, &slow));
    expect(&ring, &slow, 0, NULL);
    slow = room_cursor_at_newest(&ring);
    assert_false(room_cursor_is_lagged(&ring, &slow));
    push(&ring, "new", false);
    expect(&ring, &slow, 0, "new");
    room_ring_release(&ring);
}

static void a_reader_exactly_at_the_oldest_frame_is_not_lagged(void **state)
{
    (void)state;
    struct room_ring ring;
    room_ring_init(&ring, 3, 10000);
    struct room_cursor slow = room_cursor_at_newest(&ring);
    push(&ring, "1", false);
    push(&ring, "2", false);
    push(&ring, "3", false);
    assert_false(room_cursor_is_lagged(&ring, &slow));
    push(&ring, "4", false);
    assert_true(room_cursor_is_lagged(&ring, &slow));
    room_ring_release(&ring);
}

static void stale_volatile_frames_are_passed_over_and_counted(void **state)
{
    (void)state;
    struct room_ring ring;
    room_ring_init(&ring, 100, 10000);
    struct room_cursor cursor = room_cursor_at_newest(&ring);
    push(&ring, "tick 1", true);
    push(&ring, "a", false);
    push(&ring, "tick 2", true);
    struct freshness freshness = {orders, 0};
    push(&ring, "tick 3", true);
    uint64_t dropped = 0;
    const struct frame *frame = room_cursor_peek(&ring, &cursor, freshness, &dropped);
    assert_true(bytes_equal_text(frame_payload(frame), "a"));
    assert_int_equal(dropped, 1);
    room_cursor_pass(&cursor, frame);
    assert_true(bytes_equal_text(
        frame_payload(room_cursor_peek(&ring, &cursor, freshness, &dropped)), "tick 3"));
    assert_int_equal(dropped, 2);
    room_ring_release(&ring);
}

static void lost_volatile_frames_alone_are_no_lag(void **state)
{
    (void)state;
    struct room_ring ring;
    room_ring_init(&ring, 4, 10000);
    struct room_cursor cursor = room_cursor_at_newest(&ring);
    for (int i = 0; i < 20; i++) {
        push(&ring, "tick", true);
    }
    push(&ring, "event", false);
    assert_false(room_cursor_is_lagged(&ring, &cursor));
    expect(&ring, &cursor, orders, "event");
    push(&ring, "one", false);
    push(&ring, "tick", true);
    for (int i = 0; i < 4; i++) {
        push(&ring, "tick", true);
    }
    assert_true(room_cursor_is_lagged(&ring, &cursor)); // "one" went with them
    room_ring_release(&ring);
}

static void bytes_are_limited_and_one_frame_always_fits(void **state)
{
    (void)state;
    struct room_ring ring;
    room_ring_init(&ring, 100, 20);
    struct room_cursor cursor = room_cursor_at_newest(&ring);
    push(&ring, "12345678", false);
    push(&ring, "12345678", false);
    assert_int_equal(ring.bytes, 20);
    push(&ring, "a frame that is larger than the whole ring may be", false);
    assert_int_equal(ring.next - ring.first, 1);
    assert_true(room_cursor_is_lagged(&ring, &cursor));
    push(&ring, "x", false);
    assert_int_equal(ring.next - ring.first, 1);
    assert_int_equal(ring.bytes, 3);
    room_ring_release(&ring);
}

static void a_frame_that_goes_alone_is_stale_behind_what_was_sent(void **state)
{
    (void)state;
    struct room_ring ring;
    room_ring_init(&ring, 100, 10000);
    struct room_cursor cursor = room_cursor_at_newest(&ring);
    uint64_t begin = orders;
    push(&ring, "1", false);
    push(&ring, "alone", true)->goes_alone = true;
    push(&ring, "tick", true);
    struct freshness freshness = {begin, begin};
    uint64_t dropped = 0;
    struct frame *frame = room_cursor_peek(&ring, &cursor, freshness, &dropped);
    assert_true(bytes_equal_text(frame_payload(frame), "1"));
    room_cursor_pass(&cursor, frame);
    freshness.alone_from = orders; // something was sent
    frame = room_cursor_peek(&ring, &cursor, freshness, &dropped);
    assert_true(bytes_equal_text(frame_payload(frame), "tick"));
    assert_int_equal(dropped, 1);
    room_cursor_pass(&cursor, frame);
    assert_true(room_cursor_is_at_end(&ring, &cursor));
    room_ring_release(&ring);
}

static void attachments_count_for_the_ring_s_bytes_and_a_shared_packet_outlives_it(void **state)
{
    (void)state;
    struct room_ring ring;
    room_ring_init(&ring, 100, 30);
    struct frame *head = push(&ring, "12345678", false);
    assert_int_equal(ring.bytes, 10);
    struct bytes part = bytes_text("abcdefghij");
    struct frame *whole;
    assert_int_equal(frame_create(false, &part, 1, &whole), LC_OK);
    assert_int_equal(frame_create(true, &part, 1, &whole->attached), LC_OK);
    whole->order = orders++;
    assert_int_equal(room_ring_push(&ring, whole), LC_OK); // 24 bytes: the first one goes
    (void)head;
    assert_int_equal(ring.bytes, 24);
    assert_int_equal(ring.next - ring.first, 1);
    struct frame *kept = frame_share(whole);
    room_ring_release(&ring);
    assert_true(bytes_equal_text(frame_payload(kept->attached), "abcdefghij"));
    frame_destroy(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reader_gets_every_frame_in_order),
        cmocka_unit_test(a_reader_that_falls_out_is_lagged_and_goes_on_at_the_newest),
        cmocka_unit_test(a_reader_exactly_at_the_oldest_frame_is_not_lagged),
        cmocka_unit_test(stale_volatile_frames_are_passed_over_and_counted),
        cmocka_unit_test(lost_volatile_frames_alone_are_no_lag),
        cmocka_unit_test(bytes_are_limited_and_one_frame_always_fits),
        cmocka_unit_test(a_frame_that_goes_alone_is_stale_behind_what_was_sent),
        cmocka_unit_test(attachments_count_for_the_ring_s_bytes_and_a_shared_packet_outlives_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
