#include "bridge/websocket/ws_reader.h"

enum {
    RSV_BITS = 0x70,
    OPCODE_BITS = 0x0F,
    OPCODE_CONTROL = 0x08,
    MASKED = 0x80,
    SIZE_BITS = 0x7F,
    SIZE_16_BITS = 126,
    SIZE_64_BITS = 127,
    MASK_SIZE = 4,
    INFLATE_PIECE_SIZE = 4096,
};

void ws_reader_init(struct ws_reader *reader, const struct ws_deflate_terms *terms,
                    size_t message_max)
{
    *reader = (struct ws_reader){.terms = *terms};
    buffer_init(&reader->message, message_max);
}

void ws_reader_release(struct ws_reader *reader)
{
    buffer_release(&reader->message);
    ws_inflater_destroy(reader->inflater);
    reader->inflater = NULL;
}

struct bytes ws_reader_message(const struct ws_reader *reader)
{
    return buffer_bytes(&reader->message);
}

bool ws_reader_is_binary(const struct ws_reader *reader)
{
    return reader->is_binary;
}

struct bytes ws_reader_control(const struct ws_reader *reader)
{
    return bytes_of(reader->control, reader->control_size);
}

int ws_reader_code(const struct ws_reader *reader)
{
    return reader->code;
}

void ws_reader_forget_message(struct ws_reader *reader)
{
    if (reader->has_message) {
        buffer_release(&reader->message);
        reader->has_message = false;
    }
}

bool ws_reader_is_waiting(const struct ws_reader *reader)
{
    return reader->in_message || reader->header_size > 0;
}

size_t ws_reader_bytes(const struct ws_reader *reader)
{
    return reader->message.capacity;
}

static enum ws_event fail(struct ws_reader *reader, uint16_t code)
{
    buffer_release(&reader->message);
    reader->in_message = false;
    reader->code = code;
    return WS_BAD;
}

// ---- the header ----

static uint8_t opcode_of(const struct ws_reader *reader)
{
    return reader->header[0] & OPCODE_BITS;
}

static bool is_final(const struct ws_reader *reader)
{
    return (reader->header[0] & WS_FIN) != 0;
}

static bool is_control(const struct ws_reader *reader)
{
    return (reader->header[0] & OPCODE_CONTROL) != 0;
}

static size_t size_bytes_of(const struct ws_reader *reader)
{
    uint8_t size = reader->header[1] & SIZE_BITS;
    return size < SIZE_16_BITS ? 0 : size == SIZE_16_BITS ? 2 : 8;
}

// What the first two bytes of a frame decide.
static bool begins_well(const struct ws_reader *reader)
{
    uint8_t reserved = reader->header[0] & RSV_BITS;
    if ((reader->header[1] & MASKED) == 0) {
        return false;
    }
    switch (opcode_of(reader)) {
    case WS_OPCODE_CONTINUATION:
        return reader->in_message && reserved == 0;
    case WS_OPCODE_TEXT:
    case WS_OPCODE_BINARY:
        return !reader->in_message &&
               (reserved == 0 || (reserved == WS_RSV1 && reader->terms.is_on));
    case WS_OPCODE_CLOSE:
    case WS_OPCODE_PING:
    case WS_OPCODE_PONG:
        return reserved == 0 && is_final(reader) && size_bytes_of(reader) == 0;
    default:
        return false; // what a client sends is no enum
    }
}

static void begin_data(struct ws_reader *reader)
{
    if (opcode_of(reader) != WS_OPCODE_CONTINUATION) {
        reader->in_message = true;
        reader->is_binary = opcode_of(reader) == WS_OPCODE_BINARY;
        reader->is_compressed = (reader->header[0] & WS_RSV1) != 0;
        reader->text = (struct utf8_check){0};
    }
}

static enum ws_event end_header(struct ws_reader *reader)
{
    size_t size_bytes = size_bytes_of(reader);
    uint64_t size = size_bytes == 0 ? reader->header[1] & SIZE_BITS : 0;
    for (size_t i = 0; i < size_bytes; i++) {
        size = size << 8 | reader->header[2 + i];
    }
    reader->has_header = true;
    reader->payload_left = size;
    reader->mask_at = 0;
    if (is_control(reader)) {
        reader->control_size = 0;
        return WS_MORE;
    }
    begin_data(reader);
    if (size > INT64_MAX) {
        return fail(reader, WS_CLOSE_PROTOCOL);
    }
    size_t room = reader->message.size_max - reader->message.size;
    return !reader->is_compressed && size > room ? fail(reader, WS_CLOSE_TOO_BIG) : WS_MORE;
}

static enum ws_event feed_header(struct ws_reader *reader, uint8_t byte)
{
    reader->header[reader->header_size++] = byte;
    if (reader->header_size < 2) {
        return WS_MORE;
    }
    if (reader->header_size == 2 && !begins_well(reader)) {
        return fail(reader, WS_CLOSE_PROTOCOL);
    }
    bool is_whole = reader->header_size == 2 + size_bytes_of(reader) + MASK_SIZE;
    return is_whole ? end_header(reader) : WS_MORE;
}

// ---- the payload ----

static void unmask(struct ws_reader *reader, uint8_t *data, size_t size)
{
    const uint8_t *mask = reader->header + reader->header_size - MASK_SIZE;
    uint8_t turned[8];
    for (size_t i = 0; i < sizeof turned; i++) {
        turned[i] = mask[(reader->mask_at + i) % MASK_SIZE];
    }
    uint64_t mask_word;
    memcpy(&mask_word, turned, sizeof mask_word);
    size_t at = 0;
    for (; size - at >= sizeof mask_word; at += sizeof mask_word) {
        uint64_t word;
        memcpy(&word, data + at, sizeof word);
        word ^= mask_word;
        memcpy(data + at, &word, sizeof word);
    }
    for (; at < size; at++) {
        data[at] ^= turned[at % sizeof turned];
    }
    reader->mask_at = (uint8_t)((reader->mask_at + size) % MASK_SIZE);
}

static enum ws_event check_text(struct ws_reader *reader, size_t from)
{
    struct bytes added = bytes_from(buffer_bytes(&reader->message), from);
    bool is_good = reader->is_binary || utf8_check_feed(&reader->text, added);
    return is_good ? WS_MORE : fail(reader, WS_CLOSE_BAD_DATA);
}

static enum ws_event fail_inflating(struct ws_reader *reader, enum lc_status status)
{
    return fail(reader, status == LC_ERR_FULL ? WS_CLOSE_TOO_BIG : WS_CLOSE_BAD_DATA);
}

static enum ws_event take_compressed(struct ws_reader *reader, struct bytes masked)
{
    uint8_t piece[INFLATE_PIECE_SIZE];
    if (reader->inflater == NULL) {
        reader->inflater = ws_inflater_create(reader->terms.client_window_bits);
        if (reader->inflater == NULL) {
            return fail(reader, WS_CLOSE_INTERNAL);
        }
    }
    enum ws_event event = WS_MORE;
    while (masked.size > 0 && event == WS_MORE) {
        size_t size = masked.size < sizeof piece ? masked.size : sizeof piece;
        size_t from = reader->message.size;
        memcpy(piece, masked.data, size);
        unmask(reader, piece, size);
        masked = bytes_from(masked, size);
        enum lc_status status =
            ws_inflater_feed(reader->inflater, bytes_of(piece, size), &reader->message);
        event = status == LC_OK ? check_text(reader, from) : fail_inflating(reader, status);
    }
    return event;
}

static enum ws_event take_payload(struct ws_reader *reader, struct bytes masked)
{
    reader->payload_left -= masked.size;
    if (is_control(reader)) {
        uint8_t *end = reader->control + reader->control_size;
        memcpy(end, masked.data, masked.size);
        unmask(reader, end, masked.size);
        reader->control_size = (uint8_t)(reader->control_size + masked.size);
        return WS_MORE;
    }
    if (reader->is_compressed) {
        return take_compressed(reader, masked);
    }
    size_t from = reader->message.size;
    buffer_append(&reader->message, masked);
    if (buffer_status(&reader->message) != LC_OK) {
        return fail(reader, WS_CLOSE_TOO_BIG);
    }
    unmask(reader, reader->message.data + from, masked.size);
    return check_text(reader, from);
}

// ---- the end of a frame ----

static bool is_code(uint16_t code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != WS_CLOSE_NO_CODE &&
            code != 1006) ||
           (code >= 3000 && code <= 4999);
}

static enum ws_event end_close(struct ws_reader *reader)
{
    if (reader->control_size == 0) {
        reader->code = WS_CLOSE_NO_CODE;
        return WS_CLOSE;
    }
    uint16_t code = (uint16_t)(reader->control[0] << 8 | reader->control[1]);
    if (reader->control_size == 1 || !is_code(code)) {
        return fail(reader, WS_CLOSE_PROTOCOL);
    }
    if (!bytes_is_utf8(bytes_from(ws_reader_control(reader), 2))) {
        return fail(reader, WS_CLOSE_BAD_DATA);
    }
    reader->code = code;
    return WS_CLOSE;
}

static enum ws_event end_compressed(struct ws_reader *reader)
{
    size_t from = reader->message.size;
    if (reader->inflater == NULL) { // a compressed message has at least one byte
        return fail(reader, WS_CLOSE_BAD_DATA);
    }
    enum lc_status status = ws_inflater_end_message(reader->inflater, &reader->message);
    if (reader->terms.client_forgets) {
        ws_inflater_destroy(reader->inflater);
        reader->inflater = NULL;
    }
    return status == LC_OK ? check_text(reader, from) : fail_inflating(reader, status);
}

static enum ws_event end_data(struct ws_reader *reader)
{
    if (!is_final(reader)) {
        return WS_MORE;
    }
    if (reader->is_compressed && end_compressed(reader) == WS_BAD) {
        return WS_BAD;
    }
    if (!reader->is_binary && !utf8_check_is_complete(&reader->text)) {
        return fail(reader, WS_CLOSE_BAD_DATA);
    }
    reader->in_message = false;
    reader->has_message = true;
    return WS_MESSAGE;
}

static enum ws_event end_frame(struct ws_reader *reader)
{
    uint8_t opcode = opcode_of(reader);
    enum ws_event event = opcode == WS_OPCODE_PING   ? WS_PING
                          : opcode == WS_OPCODE_PONG ? WS_PONG
                          : is_control(reader)       ? end_close(reader)
                                                     : end_data(reader);
    reader->header_size = 0;
    reader->has_header = false;
    return event;
}

enum ws_event ws_reader_feed(struct ws_reader *reader, struct bytes in, size_t *out_used)
{
    enum ws_event event = WS_MORE;
    size_t at = 0;
    ws_reader_forget_message(reader);
    while (at < in.size && event == WS_MORE) {
        if (!reader->has_header) {
            event = feed_header(reader, in.data[at++]);
        } else {
            size_t left = in.size - at;
            size_t size = left < reader->payload_left ? left : (size_t)reader->payload_left;
            event = take_payload(reader, bytes_of(in.data + at, size));
            at += size;
        }
        if (event == WS_MORE && reader->has_header && reader->payload_left == 0) {
            event = end_frame(reader);
        }
    }
    *out_used = at;
    return event;
}
