// Any bytes as a command: what is read can be written again with the same envelope, and any bytes
// as a caller's members never change the envelope.
#include "lib/wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_members(struct bytes members)
{
    static const struct wire_command ours = {.id = {"c1"},
                                             .op = "bid",
                                             .by = {"p3"},
                                             .role = ROLE_BIDDER,
                                             .received_at_ms = 1000,
                                             .deadline_at_ms = 3000,
                                             .reply_tag = "tag"};
    struct wire_command read;
    struct wire_document document;
    struct buffer out;
    buffer_init(&out, WIRE_PAYLOAD_SIZE_MAX);
    if (wire_write_command(&out, &ours, members) == LC_OK) {
        LC_ASSERT(out.size <= WIRE_COMMAND_SIZE_MAX);
        LC_ASSERT(wire_read_command(buffer_bytes(&out), &document, &read, NULL) == LC_OK);
        LC_ASSERT(strcmp(read.id.text, "c1") == 0);
        LC_ASSERT(strcmp(read.op, "bid") == 0);
        LC_ASSERT(strcmp(read.by.text, "p3") == 0);
        LC_ASSERT(read.role == ROLE_BIDDER);
        LC_ASSERT(read.received_at_ms == 1000 && read.deadline_at_ms == 3000);
        LC_ASSERT(strcmp(read.reply_tag, "tag") == 0);
        wire_document_release(&document);
    } else {
        LC_ASSERT(out.size == 0);
    }
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes payload = {data, size};
    struct wire_command command;
    struct wire_document document = {NULL};
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    if (wire_read_command(payload, &document, &command, tag) == LC_OK) {
        LC_ASSERT(strcmp(tag, command.reply_tag) == 0);
        LC_ASSERT(command.id.text[0] != 0 && command.op[0] != 0);
        LC_ASSERT(json_is_object(command.body));
        wire_document_release(&document);
    } else {
        LC_ASSERT(document.json == NULL);
        LC_ASSERT(strlen(tag) <= WIRE_REPLY_TAG_SIZE_MAX);
    }
    check_members(payload);
    return 0;
}
