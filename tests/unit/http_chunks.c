// Chunked bodies, cut at every place.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/http/chunk_decoder.h"

// Feeds `text` in pieces of `piece` bytes.
static enum chunks_result feed(const char *text, size_t piece, struct buffer *out, size_t *read)
{
    struct chunk_decoder decoder = {0};
    struct bytes all = bytes_text(text);
    enum chunks_result result = CHUNKS_MORE;
    *read = 0;
    while (*read < all.size && result == CHUNKS_MORE) {
        size_t left = all.size - *read;
        size_t used = 0;
        struct bytes part = bytes_of(all.data + *read, left < piece ? left : piece);
        result = chunk_decoder_feed(&decoder, part, out, &used);
        *read += used;
    }
    return result;
}

static void a_body_is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    const char *text =
        "4\r\nwiki\r\n005;x=\"y\"\r\npedia\r\nA \r\n0123456789\r\n0\r\nA: b\r\nC: d\r\n\r\nrest";
    for (size_t piece = 1; piece < strlen(text); piece++) {
        struct buffer out;
        buffer_init(&out, 100);
        size_t used;
        assert_int_equal(feed(text, piece, &out, &used), CHUNKS_END);
        assert_true(bytes_equal_text(buffer_bytes(&out), "wikipedia0123456789"));
        assert_int_equal(used, strlen(text) - 4); // the rest is not touched
        buffer_release(&out);
    }
}

static void what_is_not_chunked_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"\r\n",           "x\r\n",  "-1\r\n",       " 1\r\n",
                         "1\nx",           "1\rx",   "1\r\nab",      "1\r\na\n",
                         "fffffffff1\r\n", ";x\r\n", "0\r\nA: b\rc", "1 2\n\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (size_t piece = 1; piece < 12; piece++) {
            struct buffer out;
            buffer_init(&out, 100);
            size_t used;
            enum chunks_result result = feed(bad[i], piece, &out, &used);
            assert_true(result == CHUNKS_BAD || i == sizeof bad / sizeof bad[0] - 1);
            buffer_release(&out);
        }
    }
}

static void lines_and_trailers_are_limited(void **state)
{
    (void)state;
    static char text[CHUNK_TRAILERS_MAX + 100];
    struct buffer out;
    buffer_init(&out, 100);
    size_t used;
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "1;", 2);
    assert_int_equal(feed(text, 100, &out, &used), CHUNKS_BAD);
    assert_true(used <= CHUNK_LINE_MAX + 1);
    memcpy(text, "0\r\n", 3);
    assert_int_equal(feed(text, 100, &out, &used), CHUNKS_BAD);
    assert_true(used <= CHUNK_TRAILERS_MAX + 4);
    buffer_release(&out);
}

static void a_body_larger_than_its_buffer_is_told_by_the_buffer(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 3);
    size_t used;
    assert_int_equal(feed("4\r\nabcd\r\n0\r\n\r\n", 100, &out, &used), CHUNKS_END);
    assert_int_equal(buffer_status(&out), LC_ERR_FULL);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_the_same_however_it_is_cut),
        cmocka_unit_test(what_is_not_chunked_is_refused),
        cmocka_unit_test(lines_and_trailers_are_limited),
        cmocka_unit_test(a_body_larger_than_its_buffer_is_told_by_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
