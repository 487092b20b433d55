// Any bytes as a client's frames, plain and with compression agreed on: read in one piece or byte by
// byte, they are the same messages, each within its limit, each text UTF-8.
#include "bridge/websocket/ws_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_MAX = 4096, OUT_MAX = 1 << 22 };

static void append_event(enum ws_event event, const struct ws_reader *reader, struct buffer *out)
{
    buffer_append_byte(out, (uint8_t)('A' + event));
    switch (event) {
    case WS_MORE:
        return;
    case WS_MESSAGE: {
        struct bytes message = ws_reader_message(reader);
        LC_ASSERT(message.size <= MESSAGE_MAX);
        LC_ASSERT(ws_reader_is_binary(reader) || bytes_is_utf8(message));
        buffer_append(out, message);
        return;
    }
    case WS_PING:
    case WS_PONG:
        buffer_append(out, ws_reader_control(reader));
        return;
    case WS_CLOSE:
    case WS_BAD:
        buffer_append_int64(out, ws_reader_code(reader));
        return;
    }
}

static void read_all(const struct ws_deflate_terms *terms, struct bytes in, size_t piece,
                     struct buffer *out)
{
    struct ws_reader reader;
    enum ws_event event = WS_MORE;
    ws_reader_init(&reader, terms, MESSAGE_MAX);
    while (in.size > 0 && event != WS_CLOSE && event != WS_BAD) {
        size_t used = 0;
        struct bytes part = bytes_of(in.data, in.size < piece ? in.size : piece);
        event = ws_reader_feed(&reader, part, &used);
        LC_ASSERT(used <= part.size && used > 0);
        LC_ASSERT(ws_reader_bytes(&reader) <= 2 * MESSAGE_MAX + 64);
        in = bytes_from(in, used);
        if (event != WS_MORE) {
            append_event(event, &reader, out);
        }
    }
    ws_reader_release(&reader);
}

// What the server would write, compressed and read again, is what it was.
static void check_deflater(struct bytes text)
{
    struct ws_deflate_config config = {.is_on = true, .bytes_min = 1};
    struct ws_deflater *deflater = ws_deflater_create(&config, WS_WINDOW_BITS_MIN);
    struct ws_inflater *inflater = ws_inflater_create(WS_WINDOW_BITS_MIN);
    struct buffer frames;
    struct buffer out;
    struct buffer again;
    buffer_init(&frames, OUT_MAX);
    buffer_init(&out, OUT_MAX);
    buffer_init(&again, OUT_MAX);
    ws_frame_append(&frames, WS_FIN | WS_OPCODE_BINARY, text);
    LC_ASSERT(ws_deflater_rewrite(deflater, false, buffer_bytes(&frames), &out) == LC_OK);
    struct bytes rest = buffer_bytes(&out);
    uint8_t first = 0;
    struct bytes payload = {NULL, 0};
    LC_ASSERT(ws_frame_next(&rest, &first, &payload) && rest.size == 0);
    LC_ASSERT((first & WS_RSV1) != 0);
    LC_ASSERT(ws_inflater_feed(inflater, payload, &again) == LC_OK);
    LC_ASSERT(ws_inflater_end_message(inflater, &again) == LC_OK);
    LC_ASSERT(bytes_equal(buffer_bytes(&again), text));
    buffer_release(&frames);
    buffer_release(&out);
    buffer_release(&again);
    ws_deflater_destroy(deflater);
    ws_inflater_destroy(inflater);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};
    for (int kind = 0; kind < 3; kind++) {
        struct ws_deflate_terms terms = {.is_on = kind > 0, .client_forgets = kind == 2};
        struct buffer whole;
        struct buffer bytewise;
        buffer_init(&whole, OUT_MAX);
        buffer_init(&bytewise, OUT_MAX);
        read_all(&terms, in, size > 0 ? size : 1, &whole);
        read_all(&terms, in, 1, &bytewise);
        LC_ASSERT(bytes_equal(buffer_bytes(&whole), buffer_bytes(&bytewise)));
        buffer_release(&whole);
        buffer_release(&bytewise);
    }
    if (size > 0) {
        check_deflater(in);
    }
    return 0;
}
