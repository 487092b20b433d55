// Codecs and tables of Engine.IO.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/engineio/base64.h"
#include "bridge/engineio/deadline_heap.h"
#include "bridge/engineio/frame.h"
#include "bridge/engineio/payload.h"
#include "bridge/engineio/query.h"
#include "bridge/engineio/slot_table.h"

static void base64_of_every_length_comes_back(void **state)
{
    (void)state;
    uint8_t data[64];
    for (size_t size = 0; size < sizeof data; size++) {
        data[size] = (uint8_t)(size * 37 + 200);
        struct buffer text;
        struct buffer back;
        buffer_init(&text, 1000);
        buffer_init(&back, 1000);
        base64_append(&text, bytes_of(data, size));
        assert_int_equal(text.size, base64_size(size));
        assert_int_equal(base64_decode(buffer_bytes(&text), &back), LC_OK);
        assert_true(bytes_equal(buffer_bytes(&back), bytes_of(data, size)));
        buffer_release(&text);
        buffer_release(&back);
    }
}

static enum lc_status decode(const char *text)
{
    struct buffer out;
    buffer_init(&out, 100);
    enum lc_status status = base64_decode(bytes_text(text), &out);
    buffer_release(&out);
    return status;
}

static void base64_that_is_none_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"A",    "AAAAA", "A===", "====", "AB=C",     "A B=",
                         "AAA-", "AA=A",  "AB",   "AAB",  "AAA=AAAA", "\xc3\xa9zz"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(decode(bad[i]), LC_ERR_BAD_INPUT);
    }
    assert_int_equal(decode("AQIDBA"), LC_OK); // without its padding
    assert_int_equal(decode("AQIDBA=="), LC_OK);
}

static void a_frame_has_the_header_of_its_size(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        uint8_t header[4];
        uint8_t header_size;
    } cases[] = {
        {0, {0x81, 0}, 2},
        {125, {0x81, 125}, 2},
        {126, {0x81, 126, 0, 126}, 4},
        {65535, {0x81, 126, 255, 255}, 4},
        {65536, {0x81, 127, 0, 0}, 10},
    };
    static uint8_t data[65536];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes part = bytes_of(data, cases[i].size);
        struct frame *frame;
        assert_int_equal(frame_create(false, &part, 1, &frame), LC_OK);
        assert_int_equal(frame->header_size, cases[i].header_size);
        assert_memory_equal(frame->data, cases[i].header,
                            cases[i].header_size < 4 ? cases[i].header_size : 4);
        assert_int_equal(frame_payload(frame).size, cases[i].size);
        frame_destroy(frame);
    }
    struct bytes parts[] = {bytes_text("4"), bytes_text("hi")};
    struct frame *frame;
    assert_int_equal(frame_create(true, parts, 2, &frame), LC_OK);
    assert_memory_equal(frame_bytes(frame).data,
                        "\x82\x03"
                        "4hi",
                        5);
    frame_destroy(frame);
}

static void a_payload_is_read_packet_by_packet(void **state)
{
    (void)state;
    struct buffer scratch;
    buffer_init(&scratch, 100);
    struct payload_reader reader = payload_reader_on(bytes_text("4a\x1e"
                                                                "2probe\x1e"
                                                                "bNAE=\x1e"
                                                                "4"));
    struct engineio_packet packet;
    assert_int_equal(payload_next(&reader, &scratch, &packet), LC_OK);
    assert_int_equal(packet.type, ENGINEIO_MESSAGE);
    assert_true(bytes_equal_text(packet.data, "a"));
    assert_int_equal(payload_next(&reader, &scratch, &packet), LC_OK);
    assert_int_equal(packet.type, ENGINEIO_PING);
    assert_true(bytes_equal_text(packet.data, "probe"));
    assert_int_equal(payload_next(&reader, &scratch, &packet), LC_OK);
    assert_true(packet.binary);
    assert_true(bytes_equal_text(packet.data, "4\x01")); // 0x34 is data, no type
    assert_false(reader.at_end);
    assert_int_equal(payload_next(&reader, &scratch, &packet), LC_OK);
    assert_int_equal(packet.data.size, 0);
    assert_true(reader.at_end);
    buffer_release(&scratch);
}

static void a_payload_that_is_none_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"", "7", "abc", "\x1e", "4a\x1e", "b!", "b\xff", "4\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buffer scratch;
        buffer_init(&scratch, 100);
        struct payload_reader reader = payload_reader_on(bytes_text(bad[i]));
        struct engineio_packet packet;
        enum lc_status status = LC_OK;
        while (status == LC_OK && !reader.at_end) {
            status = payload_next(&reader, &scratch, &packet);
        }
        assert_int_equal(status, LC_ERR_BAD_INPUT);
        buffer_release(&scratch);
    }
}

static void a_decoded_packet_larger_than_the_limit_is_refused(void **state)
{
    (void)state;
    struct buffer scratch;
    buffer_init(&scratch, 3);
    struct engineio_packet packet;
    assert_int_equal(packet_read_text(bytes_text("bAQIDBA=="), &scratch, &packet), LC_ERR_FULL);
    buffer_release(&scratch);
}

static void expect_query(const char *query, const char *name, const char *value)
{
    char out[8];
    size_t size = query_value(bytes_text(query), name, out, sizeof out);
    assert_int_equal(size, strlen(value));
    assert_memory_equal(out, value, size < sizeof out ? size : sizeof out);
}

static void query_values_are_decoded_and_the_last_counts(void **state)
{
    (void)state;
    expect_query("EIO=4&transport=polling", "EIO", "4");
    expect_query("x=EIO&EIO=4&EIO=3", "EIO", "3");
    expect_query("%45IO=%34", "EIO", "4");
    expect_query("EIO", "EIO", "");
    expect_query("EIOx=4", "EIO", "");
    expect_query("a=b+c%20d%", "a", "b c d%");
    expect_query("a=%zz%4", "a", "%zz%4");
    expect_query("a=b=c&&=&", "a", "b=c");
    expect_query("", "a", "");
    expect_query("a=longer than the place", "a", "longer than the place");
}

static void an_id_is_never_used_again(void **state)
{
    (void)state;
    struct slot_table table;
    slot_table_init(&table, 100);
    int thing = 0;
    uint64_t first;
    assert_int_equal(slot_table_add(&table, &thing, &first), LC_OK);
    for (int i = 0; i < 1000; i++) {
        uint64_t id;
        slot_table_remove(&table, first);
        slot_table_remove(&table, first); // twice is nothing
        assert_int_equal(slot_table_add(&table, &thing, &id), LC_OK);
        assert_true(id != first && id != 0);
        assert_null(slot_table_find(&table, first));
        assert_ptr_equal(slot_table_find(&table, id), &thing);
        first = id;
    }
    assert_null(slot_table_find(&table, 0));
    assert_null(slot_table_find(&table, UINT64_MAX));
    slot_table_release(&table);
}

static void a_full_table_refuses(void **state)
{
    (void)state;
    struct slot_table table;
    slot_table_init(&table, 20);
    uint64_t ids[20];
    uint64_t more;
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(slot_table_add(&table, &table, &ids[i]), LC_OK);
    }
    assert_int_equal(slot_table_add(&table, &table, &more), LC_ERR_FULL);
    slot_table_remove(&table, ids[7]);
    assert_int_equal(slot_table_add(&table, &table, &more), LC_OK);
    assert_int_equal(table.count, 20);
    slot_table_release(&table);
}

static void deadlines_come_in_their_order_however_they_move(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct deadline_heap heap = {0};
    struct deadline items[COUNT] = {{0}};
    assert_int_equal(deadline_heap_reserve(&heap, COUNT), LC_OK);
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        random = random * 1664525 + 1013904223;
        struct deadline *item = &items[(random >> 8) % COUNT];
        deadline_heap_set(&heap, item, random % 7 == 0 ? DEADLINE_NONE : (int64_t)(random >> 16));
    }
    int64_t last = 0;
    for (struct deadline *first; (first = deadline_heap_first(&heap)) != NULL;) {
        assert_true(first->at_ms >= last);
        last = first->at_ms;
        deadline_heap_set(&heap, first, DEADLINE_NONE);
    }
    assert_true(last > 0);
    deadline_heap_release(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_of_every_length_comes_back),
        cmocka_unit_test(base64_that_is_none_is_refused),
        cmocka_unit_test(a_frame_has_the_header_of_its_size),
        cmocka_unit_test(a_payload_is_read_packet_by_packet),
        cmocka_unit_test(a_payload_that_is_none_is_refused),
        cmocka_unit_test(a_decoded_packet_larger_than_the_limit_is_refused),
        cmocka_unit_test(query_values_are_decoded_and_the_last_counts),
        cmocka_unit_test(an_id_is_never_used_again),
        cmocka_unit_test(a_full_table_refuses),
        cmocka_unit_test(deadlines_come_in_their_order_however_they_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
