#include "lib/wire/message_relay.h"

static void put_number(struct buffer *out, uint64_t value, size_t size)
{
    for (size_t i = size; i > 0; i--) {
        buffer_append_byte(out, (uint8_t)(value >> (8 * (i - 1))));
    }
}

static void put_text(struct buffer *out, struct bytes text, size_t number_size)
{
    LC_ASSERT(text.size >> (8 * number_size) == 0);
    put_number(out, text.size, number_size);
    buffer_append(out, text);
}

struct reader {
    struct bytes rest;
    bool failed;
};

static struct bytes take_bytes(struct reader *reader, size_t size)
{
    if (size > reader->rest.size) {
        reader->failed = true;
        reader->rest = (struct bytes){NULL, 0};
        return (struct bytes){NULL, 0};
    }
    struct bytes taken = bytes_of(reader->rest.data, size);
    reader->rest = bytes_from(reader->rest, size);
    return taken;
}

static uint64_t take_number(struct reader *reader, size_t size)
{
    struct bytes bytes = take_bytes(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        value = value << 8 | bytes.data[i];
    }
    return value;
}

static struct bytes take_text(struct reader *reader, size_t number_size)
{
    return take_bytes(reader, (size_t)take_number(reader, number_size));
}

static void take_node(struct reader *reader, char out_node[RELAY_NODE_SIZE])
{
    struct bytes node = take_bytes(reader, RELAY_NODE_SIZE);
    if (node.size == RELAY_NODE_SIZE) {
        memcpy(out_node, node.data, RELAY_NODE_SIZE);
    }
}

bool relay_node_is_legal(const char node[RELAY_NODE_SIZE])
{
    for (size_t i = 0; i < RELAY_NODE_SIZE; i++) {
        char c = node[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
            return false;
        }
    }
    return true;
}

void relay_message_write(struct buffer *out, const struct relay_message *message)
{
    put_number(out, RELAY_VERSION, 1);
    put_number(out, (uint64_t)message->kind, 1);
    put_number(out, message->flags, 2);
    buffer_append(out, bytes_of(message->from, RELAY_NODE_SIZE));
    buffer_append(out, bytes_of(message->to, RELAY_NODE_SIZE));
    put_number(out, message->from_start, 8);
    put_number(out, message->to_start, 8);
    put_number(out, message->serial, 8);
    put_number(out, message->counter, 8);
    put_number(out, message->heard, 8);
    put_number(out, message->id, 8);
    put_number(out, message->code, 4);
    buffer_append(out, message->body);
}

enum lc_status relay_message_read(struct bytes bytes, struct relay_message *out_message)
{
    struct reader reader = {.rest = bytes};
    struct relay_message message = {0};
    bool is_known = take_number(&reader, 1) == RELAY_VERSION;
    uint64_t kind = take_number(&reader, 1);
    message.kind = (enum relay_kind)kind;
    message.flags = (uint16_t)take_number(&reader, 2);
    take_node(&reader, message.from);
    take_node(&reader, message.to);
    message.from_start = take_number(&reader, 8);
    message.to_start = take_number(&reader, 8);
    message.serial = take_number(&reader, 8);
    message.counter = take_number(&reader, 8);
    message.heard = take_number(&reader, 8);
    message.id = take_number(&reader, 8);
    message.code = (uint32_t)take_number(&reader, 4);
    message.body = reader.rest;
    is_known = is_known && kind >= RELAY_HELLO && kind <= RELAY_NOTE;
    bool has_flags = (message.flags & ~RELAY_FLAGS_ALL) == 0;
    bool has_nodes =
        relay_node_is_legal(message.from) &&
        (relay_is_to_all(&message) ? kind == RELAY_NOTE : relay_node_is_legal(message.to));
    if (reader.failed || !is_known || !has_flags || !has_nodes || message.from_start == 0) {
        return LC_ERR_BAD_INPUT;
    }
    *out_message = message;
    return LC_OK;
}

void relay_ask_write(struct buffer *out, const struct relay_ask *ask)
{
    put_text(out, ask->method, 1);
    put_text(out, ask->query, 2);
    put_text(out, ask->content_type, 2);
}

enum lc_status relay_ask_read(struct bytes bytes, struct relay_ask *out_ask, struct bytes *out_rest)
{
    struct reader reader = {.rest = bytes};
    struct relay_ask ask;
    ask.method = take_text(&reader, 1);
    ask.query = take_text(&reader, 2);
    ask.content_type = take_text(&reader, 2);
    if (reader.failed) {
        return LC_ERR_BAD_INPUT;
    }
    *out_ask = ask;
    *out_rest = reader.rest;
    return LC_OK;
}

void relay_answer_write(struct buffer *out, const struct relay_answer *answer)
{
    put_text(out, answer->content_type, 1);
    put_text(out, answer->headers, 2);
}

enum lc_status relay_answer_read(struct bytes bytes, struct relay_answer *out_answer,
                                 struct bytes *out_rest)
{
    struct reader reader = {.rest = bytes};
    struct relay_answer answer;
    answer.content_type = take_text(&reader, 1);
    answer.headers = take_text(&reader, 2);
    if (reader.failed) {
        return LC_ERR_BAD_INPUT;
    }
    *out_answer = answer;
    *out_rest = reader.rest;
    return LC_OK;
}
