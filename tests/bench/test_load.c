// The generator's own arithmetic and readers: a figure is worth as much as they are.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/bench/load_event.h"
#include "tests/bench/load_frames.h"
#include "tests/bench/load_http.h"
#include "tests/bench/load_latency.h"
#include "tests/bench/load_plan.h"

static void percentiles_are_exact_to_one_class(void **state)
{
    (void)state;
    static struct load_latency latency;
    for (uint64_t us = 1; us <= 100000; us++) {
        load_latency_add(&latency, us * 1000);
    }
    const struct {
        unsigned per_mille;
        double wanted_us;
    } rows[] = {{500, 50000}, {990, 99000}, {999, 99900}};
    for (size_t i = 0; i < 3; i++) {
        double us = load_latency_us(&latency, rows[i].per_mille);
        assert_true(us >= rows[i].wanted_us && us <= rows[i].wanted_us * 1.016);
    }
    assert_true(load_latency_us(&latency, 1000) == 100000.0);
}

static void no_latency_has_no_percentile(void **state)
{
    (void)state;
    static const struct load_latency latency;
    assert_true(load_latency_us(&latency, 990) == 0.0);
}

static void extreme_latencies_stay_in_the_classes(void **state)
{
    (void)state;
    static struct load_latency latency;
    load_latency_add(&latency, 0);
    load_latency_add(&latency, UINT64_MAX);
    assert_int_equal(latency.count, 2);
    assert_true(load_latency_us(&latency, 500) == 0.0);
}

static void event_is_of_the_size_that_is_promised_and_comes_back(void **state)
{
    (void)state;
    struct buffer command;
    buffer_init(&command, 4096);
    load_event_command(&command, 7, 2, 123456789);
    struct bytes texts = bytes_from(buffer_bytes(&command), sizeof "42[\"broadcast\"," - 1);
    struct bytes first = bytes_of(texts.data, bytes_find(texts, ',', 0));
    struct buffer event;
    buffer_init(&event, 4096);
    buffer_append_text(&event, "42[\"news\",");
    buffer_append(&event, first);
    buffer_append_text(&event, "]");
    uint64_t number = 0;
    uint64_t sent_ns = 0;
    assert_int_equal(event.size, 190);
    assert_true(load_event_read(buffer_bytes(&event), &number, &sent_ns));
    assert_int_equal(number, 7);
    assert_int_equal(sent_ns, 123456789);
    event.data[event.size - 3] = 'y'; // the last of the filling
    assert_false(load_event_read(buffer_bytes(&event), &number, &sent_ns));
    buffer_release(&event);
    buffer_release(&command);
}

static void echo_answers_its_own_id_only(void **state)
{
    (void)state;
    uint64_t id = 0;
    uint64_t sent_ns = 0;
    assert_true(load_event_read_echo(bytes_text("4312[\"0000000012 00000000000000000005 x\"]"), &id,
                                     &sent_ns));
    assert_int_equal(id, 12);
    assert_int_equal(sent_ns, 5);
    assert_false(load_event_read_echo(bytes_text("4313[\"0000000012 00000000000000000005 x\"]"),
                                      &id, &sent_ns));
    assert_false(load_event_read_echo(bytes_text("431[true]"), &id, &sent_ns));
}

// What is written is masked; without its mask it reads as a server's frame.
static void frames_of_all_three_sizes_come_back(void **state)
{
    (void)state;
    static uint8_t payload[70000];
    const size_t sizes[] = {0, 125, 126, 65535, 65536};
    memset(payload, 'p', sizeof payload);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buffer out;
        struct load_frame frame;
        buffer_init(&out, 1 << 20);
        load_frame_write(&out, LOAD_FRAME_TEXT, bytes_of(payload, sizes[i]), 0);
        assert_int_equal(load_frame_read(buffer_bytes(&out), &frame), LOAD_BAD);
        size_t head = out.size - sizes[i] - 4;
        out.data[1] &= 0x7f;
        memmove(out.data + head, out.data + head + 4, sizes[i]);
        for (size_t size = 0; size < head + sizes[i]; size += size < head ? 1 : 997) {
            assert_int_equal(load_frame_read(bytes_of(out.data, size), &frame), LOAD_NEED_MORE);
        }
        assert_int_equal(load_frame_read(bytes_of(out.data, head + sizes[i]), &frame), LOAD_DONE);
        assert_int_equal(frame.payload.size, sizes[i]);
        assert_int_equal(frame.size, head + sizes[i]);
        buffer_release(&out);
    }
}

static void response_is_whole_with_its_last_byte(void **state)
{
    (void)state;
    struct bytes text = bytes_text("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                   "content-length:  5\r\nConnection: close\r\n\r\n0{}4x");
    struct load_http_response response;
    for (size_t size = 0; size < text.size; size++) {
        assert_int_equal(load_http_read(bytes_of(text.data, size), &response), LOAD_NEED_MORE);
    }
    assert_int_equal(load_http_read(text, &response), LOAD_DONE);
    assert_int_equal(response.status, 200);
    assert_true(response.closes);
    assert_true(bytes_equal_text(response.body, "0{}4x"));
}

static void upgrade_needs_the_right_accept(void **state)
{
    (void)state;
    struct load_http_response response;
    assert_int_equal(load_http_read(bytes_text("HTTP/1.1 101 Switching Protocols\r\n"
                                               "Sec-WebSocket-Accept: "
                                               "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
                                    &response),
                     LOAD_DONE);
    assert_true(response.is_websocket);
    assert_int_equal(load_http_read(bytes_text("HTTP/1.1 101 Switching Protocols\r\n"
                                               "Sec-WebSocket-Accept: "
                                               "t3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
                                    &response),
                     LOAD_DONE);
    assert_false(response.is_websocket);
}

static void plan_without_work_is_refused(void **state)
{
    (void)state;
    static char program[] = "bench_load", port[] = "--port", pid[] = "--pid", one[] = "1";
    static char websockets[] = "--websockets", events[] = "--events", burst[] = "--burst",
                ten[] = "10", seven[] = "7", too_many[] = "12001";
    struct load_plan plan = {.port = 99};
    char *none[] = {program, port, one, pid, one};
    char *some[] = {program, port, one, pid, one, websockets, ten};
    char *uneven[] = {program, port, one, pid, one, websockets, ten, events, ten, burst, seven};
    char *large[] = {program, port, one, pid, one, websockets, too_many};
    assert_false(load_plan_read(5, none, &plan));
    assert_false(load_plan_read(11, uneven, &plan));
    assert_false(load_plan_read(7, large, &plan));
    assert_int_equal(plan.port, 99); // untouched
    assert_true(load_plan_read(7, some, &plan));
    assert_int_equal(load_plan_sessions(&plan), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_exact_to_one_class),
        cmocka_unit_test(no_latency_has_no_percentile),
        cmocka_unit_test(extreme_latencies_stay_in_the_classes),
        cmocka_unit_test(event_is_of_the_size_that_is_promised_and_comes_back),
        cmocka_unit_test(echo_answers_its_own_id_only),
        cmocka_unit_test(frames_of_all_three_sizes_come_back),
        cmocka_unit_test(response_is_whole_with_its_last_byte),
        cmocka_unit_test(upgrade_needs_the_right_accept),
        cmocka_unit_test(plan_without_work_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
