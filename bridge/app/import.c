#include "bridge/app/import.h"

#include "lib/json/json_write.h"
#include "lib/wire/wire_part.h"

enum { ENVELOPE_SIZE_MAX = 4096 };

static enum error_code send_part(struct auction_app *app, const struct engine_request *request,
                                 int64_t part, struct bytes text)
{
    struct engine_request one = {
        .pending = {.operation = OPERATION_PART}, .by = request->by, .role = request->role};
    struct buffer members;
    buffer_init(&members, WIRE_COMMAND_SIZE_MAX);
    struct json_writer writer = json_writer_on(&members);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "import", request->id.text);
    json_write_int(&writer, "part", part);
    json_write_text(&writer, "text", text);
    json_object_end(&writer);
    one.members = buffer_bytes(&members);
    enum error_code code =
        buffer_status(&members) == LC_OK ? engine_request_tell(app, &one) : ERROR_PAYLOAD_TOO_LARGE;
    buffer_release(&members);
    return code;
}

static enum error_code send_parts(struct auction_app *app, const struct engine_request *request,
                                  int64_t *out_parts)
{
    enum error_code code = ERROR_NONE;
    struct bytes rest = request->members;
    int64_t parts = 0;
    while (rest.size > 0 && code == ERROR_NONE) {
        struct bytes text = wire_part_cut_quoted(rest, IMPORT_PART_SIZE_MAX);
        code = send_part(app, request, parts++, text);
        rest = bytes_from(rest, text.size);
    }
    *out_parts = parts;
    return code;
}

// The command itself: which parts it is made of, and what they are together.
static void write_named(struct buffer *out, struct auction_app *app,
                        const struct engine_request *request, struct bytes head, int64_t parts)
{
    char digest[65];
    app->outside->sha256_hex(app->outside->context, request->members, digest);
    buffer_append_byte(out, '{');
    buffer_append(out, head);
    buffer_append_text(out, head.size > 0 ? ",\"import\":" : "\"import\":");
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "id", request->id.text);
    json_write_int(&writer, "parts", parts);
    json_write_cstr(&writer, "sha256", digest);
    json_object_end(&writer);
    buffer_append_byte(out, '}');
}

enum error_code import_send(struct auction_app *app, const struct engine_request *request,
                            struct bytes head)
{
    if (request->members.size + ENVELOPE_SIZE_MAX <= WIRE_COMMAND_SIZE_MAX) {
        return engine_request_send(app, request);
    }
    if (request->members.size > IMPORT_SIZE_MAX) {
        return ERROR_PAYLOAD_TOO_LARGE;
    }
    struct engine_request whole = *request;
    struct buffer members;
    int64_t parts = 0;
    if (whole.id.text[0] == 0) {
        engine_request_make_id(app, &whole.id);
    }
    enum error_code code = send_parts(app, &whole, &parts);
    if (code != ERROR_NONE) {
        return code;
    }
    buffer_init(&members, WIRE_COMMAND_SIZE_MAX);
    write_named(&members, app, &whole, head, parts);
    whole.members = buffer_bytes(&members);
    code = engine_request_send(app, &whole);
    buffer_release(&members);
    return code;
}
