// The exact bytes of every message, topic and board field. After a wanted change of the protocol:
// LOTCAST_GOLDEN_WRITE=1 writes the files anew; read the difference before committing it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/json/json_write.h"
#include "lib/os/os_file.h"
#include "lib/wire/topic.h"
#include "tests/golden/fixtures.h"

enum { MESSAGE_SIZE_MAX = 16384 };

static void golden_path(const char *file, char out_path[512])
{
    const char *source = getenv("LOTCAST_SOURCE");
    snprintf(out_path, 512, "%s/tests/golden/%s", source == NULL ? "." : source, file);
}

// Each file ends with a newline that does not belong to the message.
static void compare(const char *file, struct buffer *bytes)
{
    char path[512];
    golden_path(file, path);
    assert_int_equal(buffer_status(bytes), LC_OK);
    buffer_append_byte(bytes, '\n');
    if (getenv("LOTCAST_GOLDEN_WRITE") != NULL) {
        FILE *out = fopen(path, "wb");
        assert_non_null(out);
        assert_int_equal(fwrite(bytes->data, 1, bytes->size, out), bytes->size);
        assert_int_equal(fclose(out), 0);
        return;
    }
    struct buffer expected;
    buffer_init(&expected, MESSAGE_SIZE_MAX);
    if (os_file_read(path, &expected) != LC_OK) {
        fail_msg("%s is missing", path);
    }
    if (!bytes_equal(buffer_bytes(&expected), buffer_bytes(bytes))) {
        fail_msg("%s\nexpected %sbut was  %s", file, buffer_text(&expected), buffer_text(bytes));
    }
    buffer_release(&expected);
}

// F8, F9: nobody renames a member unnoticed.
static void every_message_has_its_golden_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_messages_count; i++) {
        struct buffer out;
        char file[128];
        buffer_init(&out, MESSAGE_SIZE_MAX);
        golden_messages[i].write(&out);
        snprintf(file, sizeof file, "%s.json", golden_messages[i].name);
        compare(file, &out);
        buffer_release(&out);
    }
}

static void no_golden_file_is_left_without_its_message(void **state)
{
    (void)state;
    char path[512];
    golden_path("", path);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    size_t files = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        files += end != NULL && strcmp(end, ".json") == 0 ? 1 : 0;
    }
    closedir(folder);
    assert_int_equal(files, golden_messages_count);
}

static void every_message_is_json_in_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_messages_count; i++) {
        struct buffer out;
        struct json *document = NULL;
        buffer_init(&out, MESSAGE_SIZE_MAX);
        golden_messages[i].write(&out);
        assert_int_equal(json_parse(buffer_bytes(&out), &document), LC_OK);
        json_destroy(document);
        buffer_release(&out);
    }
}

static void every_topic_has_its_golden_text_and_reads_back(void **state)
{
    (void)state;
    static const struct topic topics[] = {
        {.kind = TOPIC_SALE_INFO, .sale = {"demo"}},
        {.kind = TOPIC_SALE_STATE, .sale = {"demo"}},
        {.kind = TOPIC_SALE_LOTS, .sale = {"demo"}, .page = 0},
        {.kind = TOPIC_SALE_PARTICIPANTS, .sale = {"demo"}, .page = 12},
        {.kind = TOPIC_SALE_TICK, .sale = {"demo"}},
        {.kind = TOPIC_SALE_EVENT, .sale = {"demo"}, .name = "bid_update"},
        {.kind = TOPIC_SALE_PRIVATE, .sale = {"demo"}, .participant = {"p3"}},
        {.kind = TOPIC_SALE_BOARD, .sale = {"demo"}, .name = "json"},
        {.kind = TOPIC_SALE_BOARD, .sale = {"demo"}, .name = "clock"},
        {.kind = TOPIC_SALE_COMMAND, .sale = {"demo"}, .client = {"bridge-ab12"}},
        {.kind = TOPIC_SVC_COMMAND, .client = {"bridge-ab12"}},
        {.kind = TOPIC_REPLY, .client = {"bridge-ab12"}},
        {.kind = TOPIC_HEARTBEAT, .name = "engine", .client = {"engine-1"}},
        {.kind = TOPIC_PRESENCE, .client = {"bridge-ab12"}, .sale = {"demo"}},
        {.kind = TOPIC_HOLDING, .client = {"engine-1"}, .sale = {"demo"}},
        {.kind = TOPIC_PULSE, .client = {"bridge-ab12"}},
        {.kind = TOPIC_RELAY, .name = "a1B-"},
        {.kind = TOPIC_RELAY, .name = "all"},
    };
    struct buffer out;
    buffer_init(&out, MESSAGE_SIZE_MAX);
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        char text[TOPIC_SIZE_MAX];
        struct topic again;
        topic_write(&topics[i], "lotcast", text);
        buffer_append_format(&out, "%s%s", i == 0 ? "" : "\n", text);
        assert_true(topic_read(bytes_text(text), "lotcast", &again));
        assert_memory_equal(&again, &topics[i], sizeof again);
    }
    compare("topics.txt", &out);
    buffer_release(&out);
}

static void every_board_field_has_its_golden_text(void **state)
{
    (void)state;
    const struct wire_state states[] = {
        golden_state_lobby(), golden_state_open(), golden_state_gap(),       golden_state_longest(),
        golden_state_dutch(), golden_state_many(), golden_state_nomination()};
    struct buffer out;
    buffer_init(&out, MESSAGE_SIZE_MAX);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        for (int field = 0; field < BOARD_FIELD_COUNT; field++) {
            buffer_append_format(&out, "%s%s=", i + (size_t)field == 0 ? "" : "\n",
                                 wire_board_field_name((enum wire_board_field)field));
            size_t before = out.size;
            struct bytes message = i == 3 ? states[i].lot.title : bytes_text("Welcome");
            wire_write_board_field(&out, (enum wire_board_field)field, &states[i],
                                   bytes_text("EUR"), 2, message);
            assert_true(out.size - before <= WIRE_BOARD_FIELD_SIZE_MAX);
        }
    }
    assert_true(bytes_is_utf8(buffer_bytes(&out)));
    compare("board_fields.txt", &out);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_has_its_golden_bytes),
        cmocka_unit_test(no_golden_file_is_left_without_its_message),
        cmocka_unit_test(every_message_is_json_in_utf8),
        cmocka_unit_test(every_topic_has_its_golden_text_and_reads_back),
        cmocka_unit_test(every_board_field_has_its_golden_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
