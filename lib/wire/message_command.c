#include "lib/wire/wire_part.h"
#include "lib/wire/wire_scan.h"

// ---- commands ----

static bool copy_text(struct bytes text, size_t size_max, char *out_text)
{
    if (text.size > size_max) {
        return false;
    }
    memcpy(out_text, text.data, text.size);
    out_text[text.size] = 0;
    return true;
}

// The readers of optional envelope members take a missing one and null alike; anything of another
// type is false.
static bool is_missing(const struct json *member)
{
    return member == NULL || json_is_null(member);
}

static bool read_tag(const struct json *body, char *out_tag)
{
    const struct json *member = json_member(body, "reply");
    struct bytes text;
    if (is_missing(member)) {
        out_tag[0] = 0;
        return true;
    }
    return json_to_text(member, &text) && copy_text(text, WIRE_REPLY_TAG_SIZE_MAX, out_tag);
}

static bool read_op(const struct json *body, char *out_op)
{
    struct bytes text;
    if (!wire_part_read_text(body, "op", &text) || text.size == 0) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if ((text.data[i] < 'a' || text.data[i] > 'z') && text.data[i] != '_') {
            return false;
        }
    }
    return copy_text(text, WIRE_OP_SIZE_MAX, out_op);
}

static bool read_by(const struct json *body, struct participant_id *out_by)
{
    const struct json *member = json_member(body, "by");
    struct bytes text;
    return is_missing(member) || (json_to_text(member, &text) && participant_id_read(text, out_by));
}

static bool read_role(const struct json *body, enum role *out_role)
{
    const struct json *member = json_member(body, "role");
    struct bytes text;
    return is_missing(member) || (json_to_text(member, &text) && role_read(text, out_role));
}

static bool read_time(const struct json *body, const char *name, int64_t *out_time_ms)
{
    const struct json *member = json_member(body, name);
    return is_missing(member) || json_to_int64(member, out_time_ms);
}

static bool read_name(const struct json *body, struct bytes *out_name)
{
    const struct json *member = json_member(body, "by_name");
    return is_missing(member) || json_to_text(member, out_name);
}

enum lc_status wire_read_command(struct bytes payload, struct wire_document *out_document,
                                 struct wire_command *out_command, char *out_reply_tag)
{
    struct json *document = NULL;
    if (out_reply_tag != NULL) {
        out_reply_tag[0] = 0;
    }
    if (payload.size > WIRE_COMMAND_SIZE_MAX) {
        return LC_ERR_BAD_INPUT;
    }
    enum lc_status status = json_parse(payload, &document);
    if (status != LC_OK) {
        return status;
    }
    struct wire_command command = {.role = ROLE_NONE,
                                   .received_at_ms = WIRE_ABSENT,
                                   .uncertainty_ms = WIRE_ABSENT,
                                   .deadline_at_ms = WIRE_ABSENT};
    struct bytes id;
    bool tag_is_legal = json_is_object(document) && read_tag(document, command.reply_tag);
    if (tag_is_legal && out_reply_tag != NULL) {
        memcpy(out_reply_tag, command.reply_tag, sizeof command.reply_tag);
    }
    bool complete = tag_is_legal && wire_part_read_text(document, "id", &id) &&
                    command_id_read(id, &command.id) && read_op(document, command.op) &&
                    read_by(document, &command.by) && read_role(document, &command.role) &&
                    read_time(document, "received_at", &command.received_at_ms) &&
                    read_time(document, "uncertainty_ms", &command.uncertainty_ms) &&
                    read_time(document, "deadline_at", &command.deadline_at_ms) &&
                    read_name(document, &command.by_name);
    if (!complete) {
        json_destroy(document);
        return LC_ERR_BAD_INPUT;
    }
    command.body = document;
    out_document->json = document;
    *out_command = command;
    return LC_OK;
}

bool wire_is_envelope_name(const char *name)
{
    static const char *const reserved[] = {"id",          "op",    "by",
                                           "by_name",     "role",  "received_at",
                                           "deadline_at", "reply", "uncertainty_ms"};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strcmp(name, reserved[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void write_envelope(struct json_writer *writer, const struct wire_command *command)
{
    json_write_cstr(writer, "id", command->id.text);
    json_write_cstr(writer, "op", command->op);
    wire_part_optional_id(writer, "by", command->by.text);
    if (command->role == ROLE_NONE) {
        json_write_null(writer, "role");
    } else {
        json_write_cstr(writer, "role", role_name(command->role));
    }
    wire_part_optional_int(writer, "received_at", command->received_at_ms);
    if (command->uncertainty_ms != WIRE_ABSENT) {
        json_write_int(writer, "uncertainty_ms", command->uncertainty_ms);
    }
    wire_part_optional_int(writer, "deadline_at", command->deadline_at_ms);
    if (command->by_name.size > 0) {
        json_write_text(writer, "by_name", command->by_name);
    }
    json_write_cstr(writer, "reply", command->reply_tag);
}

enum lc_status wire_write_command(struct buffer *out, const struct wire_command *command,
                                  struct bytes members)
{
    struct json *object = NULL;
    enum lc_status status = json_parse(members.size == 0 ? bytes_text("{}") : members, &object);
    if (status != LC_OK) {
        return status;
    }
    if (!json_is_object(object)) {
        json_destroy(object);
        return LC_ERR_BAD_INPUT;
    }
    struct buffer text; // its own, so that a command that is too large leaves `out` as it was
    buffer_init(&text, WIRE_COMMAND_SIZE_MAX);
    struct json_writer writer = json_writer_on(&text);
    json_object_begin(&writer, NULL);
    write_envelope(&writer, command);
    for (const struct json *item = json_first(object); item != NULL; item = json_next(item)) {
        if (!wire_is_envelope_name(json_name(item))) {
            json_write_raw(&writer, json_name(item), bytes_of(NULL, 0));
            json_print(item, &text);
        }
    }
    json_object_end(&writer);
    status = buffer_status(&text);
    if (status == LC_OK) {
        buffer_append(out, buffer_bytes(&text));
        status = buffer_status(out);
    }
    buffer_release(&text);
    json_destroy(object);
    return status;
}

// ---- replies ----

enum lc_status wire_read_reply(struct bytes payload, char out_tag[WIRE_REPLY_TAG_SIZE_MAX + 1],
                               struct bytes *out_result)
{
    struct wire_scan scan = {payload};
    struct bytes tag;
    if (!wire_scan_literal(&scan, "{\"reply\":") ||
        !wire_scan_plain_text(&scan, WIRE_REPLY_TAG_SIZE_MAX, &tag) ||
        !wire_scan_literal(&scan, ",\"result\":")) {
        return LC_ERR_BAD_INPUT;
    }
    size_t size = scan.rest.size;
    if (size < 3 || scan.rest.data[0] != '{' || scan.rest.data[size - 1] != '}') {
        return LC_ERR_BAD_INPUT;
    }
    struct bytes result = bytes_of(scan.rest.data, size - 1);
    if (!wire_scan_is_enclosed(result) || !bytes_is_utf8(tag)) {
        return LC_ERR_BAD_INPUT;
    }
    memcpy(out_tag, tag.data, tag.size);
    out_tag[tag.size] = 0;
    *out_result = result;
    return LC_OK;
}

void wire_write_reply(struct buffer *out, const char *tag, struct bytes result)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "reply", tag);
    json_write_raw(&writer, "result", result);
    json_object_end(&writer);
}

void wire_write_refusal(struct buffer *out, const struct wire_head *head_or_null,
                        enum error_code code, const char *detail_or_null, struct bytes facts)
{
    LC_ASSERT(code != ERROR_NONE);
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_bool(&writer, "ok", false);
    json_object_begin(&writer, "error");
    json_write_cstr(&writer, "code", error_code_name(code));
    json_write_cstr(&writer, "message", error_code_message(code));
    if (detail_or_null != NULL) {
        json_write_cstr(&writer, "detail", detail_or_null);
    }
    if (facts.size > 0) {
        json_write_raw(&writer, NULL, facts);
    }
    json_object_end(&writer);
    if (head_or_null != NULL) {
        json_write_int(&writer, "seq", head_or_null->seq);
        json_write_int(&writer, "epoch", head_or_null->epoch);
    }
    json_object_end(&writer);
}
