// The exact bytes of what bridges say to each other, and that readers take them as they were meant.
// After a wanted change: LOTCAST_GOLDEN_WRITE=1 writes the file anew; read the difference.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "lib/digest/hmac.h"
#include "lib/os/os_file.h"
#include "lib/wire/message_relay.h"

enum { FILE_SIZE_MAX = 64 << 10 };

static const char *const names[RELAY_NOTE + 1] = {
    [RELAY_HELLO] = "hello",
    [RELAY_ALIVE] = "alive",
    [RELAY_ASK] = "ask",
    [RELAY_ANSWER] = "answer",
    [RELAY_WRITTEN] = "written",
    [RELAY_LOST] = "lost",
    [RELAY_GONE] = "gone",
    [RELAY_FORGOTTEN] = "forgotten",
    [RELAY_PROBE] = "probe",
    [RELAY_PROBED] = "probed",
    [RELAY_READY] = "ready",
    [RELAY_TAKE] = "take",
    [RELAY_STATE] = "state",
    [RELAY_DONE] = "done",
    [RELAY_FAILED] = "failed",
    [RELAY_PROBE_GONE] = "probe_gone",
    [RELAY_PROBE_CLOSE] = "probe_close",
    [RELAY_NOTE] = "note",
};

static void write_body(struct buffer *body, enum relay_kind kind)
{
    static const char query[] = "EIO=4&transport=polling&sid=a1B-0123456789abcdef";
    if (kind == RELAY_ASK) {
        relay_ask_write(body, &(struct relay_ask){.method = bytes_text("POST"),
                                                  .query = bytes_text(query),
                                                  .content_type = bytes_text("text/plain")});
        buffer_append_text(body, "42[\"x\"]");
    } else if (kind == RELAY_ANSWER) {
        relay_answer_write(body, &(struct relay_answer){.content_type = bytes_text("text/plain"),
                                                        .headers = bytes_text("X: y\r\n")});
        buffer_append_text(body, "2");
    } else if (kind == RELAY_PROBE) {
        buffer_append_text(body, "a1B-0123456789abcdef");
        buffer_append_text(body, query);
    } else if (kind == RELAY_STATE || kind == RELAY_NOTE) {
        buffer_append_text(body, "any bytes");
    }
}

static void fill(struct relay_message *message, enum relay_kind kind, struct bytes body)
{
    bool is_counted = kind != RELAY_HELLO;
    bool is_in_parts = kind == RELAY_ASK || kind == RELAY_ANSWER || kind == RELAY_STATE;
    *message = (struct relay_message){
        .kind = kind,
        .from_start = UINT64_C(0x1122334455667788),
        .to_start = UINT64_C(0x99aabbccddeeff00),
        .serial = is_counted ? 7 : 0,
        .counter = is_counted ? 5 : 0,
        .heard = is_counted ? 300 : 0,
        .id = UINT64_C(0x100000002),
        .body = body,
    };
    memcpy(message->from, "a1B-", RELAY_NODE_SIZE);
    memcpy(message->to, "Zz_9", RELAY_NODE_SIZE);
    message->flags = is_in_parts ? RELAY_FIRST | RELAY_LAST : 0;
    if (kind == RELAY_ALIVE) {
        message->flags = RELAY_AGAIN | RELAY_WANTED;
    } else if (kind == RELAY_ANSWER) {
        message->flags |= RELAY_DRAINED | RELAY_NO_STORE | RELAY_MAY_COMPRESS;
        message->code = 200;
    } else if (kind == RELAY_PROBED) {
        message->code = 2;
    }
}

static void append_line(struct buffer *out, const char *name, struct bytes message)
{
    uint8_t mac[RELAY_MAC_SIZE];
    hmac_sha256(bytes_text("the key that all bridges share"), &message, 1, mac);
    buffer_append_format(out, "%s ", name);
    for (size_t i = 0; i < message.size; i++) {
        buffer_append_format(out, "%02x", message.data[i]);
    }
    buffer_append_text(out, " ");
    for (size_t i = 0; i < sizeof mac; i++) {
        buffer_append_format(out, "%02x", mac[i]);
    }
    buffer_append_text(out, "\n");
}

static void expect_same(const struct relay_message *a, const struct relay_message *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->flags, b->flags);
    assert_memory_equal(a->from, b->from, RELAY_NODE_SIZE);
    assert_memory_equal(a->to, b->to, RELAY_NODE_SIZE);
    assert_true(a->from_start == b->from_start && a->to_start == b->to_start);
    assert_true(a->serial == b->serial && a->counter == b->counter && a->heard == b->heard);
    assert_true(a->id == b->id && a->code == b->code);
    assert_true(bytes_equal(a->body, b->body));
}

static void append_message(struct buffer *out, enum relay_kind kind, bool is_to_all)
{
    struct buffer body;
    struct buffer bytes;
    struct relay_message message;
    struct relay_message again;
    buffer_init(&body, FILE_SIZE_MAX);
    buffer_init(&bytes, FILE_SIZE_MAX);
    write_body(&body, kind);
    fill(&message, kind, buffer_bytes(&body));
    if (is_to_all) {
        memset(message.to, 0, RELAY_NODE_SIZE);
        message.to_start = 0;
    }
    relay_message_write(&bytes, &message);
    assert_int_equal(bytes.size, RELAY_HEAD_SIZE + body.size);
    assert_int_equal(relay_message_read(buffer_bytes(&bytes), &again), LC_OK);
    expect_same(&message, &again);
    append_line(out, is_to_all ? "note_to_all" : names[kind], buffer_bytes(&bytes));
    buffer_release(&bytes);
    buffer_release(&body);
}

static void every_message_has_its_golden_bytes(void **state)
{
    const char *source = getenv("LOTCAST_SOURCE");
    char path[512];
    struct buffer out;
    struct buffer expected;
    (void)state;
    snprintf(path, sizeof path, "%s/tests/golden/relay_messages.txt",
             source == NULL ? "." : source);
    buffer_init(&out, FILE_SIZE_MAX);
    buffer_init(&expected, FILE_SIZE_MAX);
    for (int kind = RELAY_HELLO; kind <= RELAY_NOTE; kind++) {
        append_message(&out, (enum relay_kind)kind, false);
    }
    append_message(&out, RELAY_NOTE, true);
    if (getenv("LOTCAST_GOLDEN_WRITE") != NULL) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(out.data, 1, out.size, file), out.size);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(os_file_read(path, &expected), LC_OK);
    assert_string_equal(buffer_text(&out), buffer_text(&expected));
    buffer_release(&out);
    buffer_release(&expected);
}

static void heads_are_read_back_and_no_shorter_ones(void **state)
{
    struct buffer out;
    struct relay_ask ask;
    struct relay_answer answer;
    struct bytes rest;
    (void)state;
    buffer_init(&out, FILE_SIZE_MAX);
    write_body(&out, RELAY_ASK);
    assert_int_equal(relay_ask_read(buffer_bytes(&out), &ask, &rest), LC_OK);
    assert_true(bytes_equal_text(ask.method, "POST"));
    assert_true(bytes_equal_text(ask.content_type, "text/plain"));
    assert_true(bytes_equal_text(rest, "42[\"x\"]"));
    for (size_t size = 0; size < out.size - rest.size; size++) {
        assert_int_equal(relay_ask_read(bytes_of(out.data, size), &ask, &rest), LC_ERR_BAD_INPUT);
    }
    buffer_clear(&out);
    write_body(&out, RELAY_ANSWER);
    assert_int_equal(relay_answer_read(buffer_bytes(&out), &answer, &rest), LC_OK);
    assert_true(bytes_equal_text(answer.content_type, "text/plain"));
    assert_true(bytes_equal_text(answer.headers, "X: y\r\n"));
    assert_true(bytes_equal_text(rest, "2"));
    assert_int_equal(relay_answer_read(bytes_of(out.data, 12), &answer, &rest), LC_ERR_BAD_INPUT);
    buffer_release(&out);
}

static void another_version_and_other_shapes_are_refused(void **state)
{
    struct relay_message message;
    struct relay_message again;
    struct buffer out;
    (void)state;
    buffer_init(&out, FILE_SIZE_MAX);
    fill(&message, RELAY_TAKE, (struct bytes){NULL, 0});
    relay_message_write(&out, &message);
    for (size_t size = 0; size < out.size; size++) {
        assert_int_equal(relay_message_read(bytes_of(out.data, size), &again), LC_ERR_BAD_INPUT);
    }
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{0, 0}, {0, 2}, {1, 0}, {1, RELAY_NOTE + 1}, {2, 1}, {4, '/'}, {7, 0}, {8, '+'}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t right = out.data[wrong[i].at];
        out.data[wrong[i].at] = wrong[i].value;
        assert_int_equal(relay_message_read(buffer_bytes(&out), &again), LC_ERR_BAD_INPUT);
        out.data[wrong[i].at] = right;
    }
    memset(out.data + 8, 0, RELAY_NODE_SIZE); // to all: only notes
    assert_int_equal(relay_message_read(buffer_bytes(&out), &again), LC_ERR_BAD_INPUT);
    memcpy(out.data + 8, "Zz_9", RELAY_NODE_SIZE);
    assert_int_equal(relay_message_read(buffer_bytes(&out), &again), LC_OK);
    memset(out.data + 12, 0, 8); // nobody's start
    assert_int_equal(relay_message_read(buffer_bytes(&out), &again), LC_ERR_BAD_INPUT);
    buffer_release(&out);
}

// RFC 4231, test cases 1, 2, 6.
static void signatures_are_hmac_sha256(void **state)
{
    uint8_t key[131];
    uint8_t mac[RELAY_MAC_SIZE];
    struct bytes parts[] = {bytes_text("Hi "), bytes_text("There")};
    (void)state;
    memset(key, 0x0b, 20);
    hmac_sha256(bytes_of(key, 20), parts, 2, mac);
    assert_memory_equal(mac, "\xb0\x34\x4c\x61\xd8\xdb\x38\x53\x5c\xa8\xaf\xce\xaf\x0b\xf1\x2b",
                        16);
    parts[0] = bytes_text("what do ya want for nothing?");
    hmac_sha256(bytes_text("Jefe"), parts, 1, mac);
    assert_memory_equal(mac, "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7",
                        16);
    memset(key, 0xaa, sizeof key);
    parts[0] = bytes_text("Test Using Larger Than Block-Size Key - Hash Key First");
    hmac_sha256(bytes_of(key, sizeof key), parts, 1, mac);
    assert_memory_equal(mac, "\x60\xe4\x31\x59\x1e\xe0\xb6\x7f\x0d\x8a\x26\xaa\xcb\xf5\xb7\x7f",
                        16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_has_its_golden_bytes),
        cmocka_unit_test(heads_are_read_back_and_no_shorter_ones),
        cmocka_unit_test(another_version_and_other_shapes_are_refused),
        cmocka_unit_test(signatures_are_hmac_sha256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
