// Any bytes as a message from the broker; the first byte chooses the reader. What a reader accepts
// keeps its promises, and what is written again keeps its limits.
#include <stdlib.h>

#include "lib/wire/message_event.h"
#include "lib/wire/topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_state(struct bytes payload)
{
    struct wire_state state;
    struct wire_document document;
    if (wire_read_state(payload, &document, &state) != LC_OK) {
        return;
    }
    struct buffer out;
    buffer_init(&out, WIRE_PAYLOAD_SIZE_MAX);
    wire_write_board_json(&out, &state, bytes_text("EUR"), 2);
    LC_ASSERT(bytes_is_utf8(buffer_bytes(&out)));
    for (int field = 0; field < BOARD_FIELD_COUNT; field++) {
        buffer_clear(&out);
        wire_write_board_field(&out, (enum wire_board_field)field, &state, bytes_text("EUR"), 2,
                               state.lot.title);
        LC_ASSERT(out.size <= WIRE_BOARD_FIELD_SIZE_MAX);
        LC_ASSERT(bytes_is_utf8(buffer_bytes(&out)));
    }
    wire_document_release(&document);
    buffer_release(&out);
}

static void check_tick(struct bytes payload)
{
    struct wire_tick tick;
    struct wire_tick again;
    if (wire_read_tick(payload, &tick) != LC_OK) {
        return;
    }
    struct buffer out;
    buffer_init(&out, 1000);
    wire_write_tick(&out, &tick);
    LC_ASSERT(wire_read_tick(buffer_bytes(&out), &again) == LC_OK);
    LC_ASSERT(tick.remaining_ms == again.remaining_ms && tick.head.seq == again.head.seq);
    buffer_release(&out);
}

static void check_programs(struct bytes payload)
{
    struct wire_heartbeat beat;
    struct wire_presence presence;
    if (wire_read_heartbeat(payload, &beat) == LC_OK) {
        LC_ASSERT(beat.node.text[0] != 0);
    }
    if (wire_read_presence(payload, &presence) == LC_OK) {
        LC_ASSERT(presence.ids_count <= WIRE_PRESENCE_IDS_MAX);
        free(presence.ids);
    }
}

static void check_reply(struct bytes payload)
{
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    char again_tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    struct bytes result;
    struct bytes again;
    if (wire_read_reply(payload, tag, &result) != LC_OK) {
        return;
    }
    LC_ASSERT(result.data >= payload.data);
    LC_ASSERT(result.data + result.size < payload.data + payload.size);
    struct buffer out;
    buffer_init(&out, WIRE_PAYLOAD_SIZE_MAX * 2);
    wire_write_reply(&out, "tag", result);
    LC_ASSERT(wire_read_reply(buffer_bytes(&out), again_tag, &again) == LC_OK);
    LC_ASSERT(bytes_equal(result, again));
    buffer_release(&out);
}

static void check_head(struct bytes payload)
{
    struct wire_head head;
    char name[33];
    if (wire_read_head(payload, &head) == LC_OK) {
        LC_ASSERT(head.seq >= 0 && head.epoch >= 0);
    }
    if (wire_read_private_event(payload, name) == LC_OK) {
        LC_ASSERT(name[0] != 0);
    }
}

static void check_topic(struct bytes text)
{
    struct topic topic;
    if (topic_read(text, "lotcast", &topic)) {
        char again[TOPIC_SIZE_MAX];
        topic_write(&topic, "lotcast", again);
        LC_ASSERT(bytes_equal_text(text, again));
    }
}

// The bridge builds on retained payloads that anybody with the right to publish may have written.
static void check_retained_snapshot(struct bytes payload)
{
    struct buffer out;
    struct bytes none = {NULL, 0};
    buffer_init(&out, WIRE_PAYLOAD_SIZE_MAX * 4);
    wire_write_retained_snapshot(&out, payload, payload, payload, payload, 1);
    LC_ASSERT(buffer_status(&out) == LC_OK);
    buffer_clear(&out);
    wire_write_retained_snapshot(&out, none, none, payload, payload, 1);
    buffer_release(&out);
}

static void check_info(struct bytes payload)
{
    struct wire_info info;
    struct wire_document document;
    if (wire_read_info(payload, &document, &info) == LC_OK) {
        struct buffer out;
        buffer_init(&out, 1000);
        wire_write_money(&out, 1234567, info.currency_code, info.currency_minor_digits);
        LC_ASSERT(buffer_status(&out) == LC_OK);
        buffer_release(&out);
        wire_document_release(&document);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const checks[])(struct bytes) = {
        check_state, check_tick,  check_programs,          check_reply,
        check_head,  check_topic, check_retained_snapshot, check_info,
    };
    if (size == 0 || size > WIRE_PAYLOAD_SIZE_MAX) {
        return 0;
    }
    struct bytes payload = {data + 1, size - 1};
    size_t count = sizeof checks / sizeof checks[0];
    if (data[0] >= '0' && (size_t)(data[0] - '0') < count) {
        checks[data[0] - '0'](payload);
    }
    return 0;
}
