#include "bridge/app/invite.h"

#include "lib/json/json_write.h"

static bool read_optional_int(const struct json *body, const char *name, int64_t max,
                              int64_t *out_value)
{
    int64_t value;
    const struct json *member = json_member(body, name);
    if (member == NULL || json_is_null(member)) {
        return true;
    }
    if (!json_to_int64(member, &value) || value < 0 || value > max) {
        return false;
    }
    *out_value = value;
    return true;
}

const char *invite_read(const struct json *body, struct invite_wish *out_wish)
{
    enum { LIFE_S_MAX = 10 * 366 * 24 * 3600, USES_MAX = 1000000 };
    struct bytes text;
    const struct json *participant = json_member(body, "participant");
    const struct json *role = json_member(body, "role");
    *out_wish = (struct invite_wish){.role = ROLE_BIDDER, .expires_in_s = WIRE_ABSENT};
    if (role != NULL && (!json_to_text(role, &text) || !role_read(text, &out_wish->role))) {
        return "role is not known";
    }
    if (!read_optional_int(body, "uses", USES_MAX, &out_wish->uses)) {
        return "uses must be a whole number from 0 to 1000000";
    }
    if (!read_optional_int(body, "expires_in_s", LIFE_S_MAX, &out_wish->expires_in_s)) {
        return "expires_in_s must be a whole number of at most ten years";
    }
    if (participant != NULL && !json_is_null(participant) &&
        (!json_to_text(participant, &text) || !participant_id_read(text, &out_wish->participant))) {
        return "participant must be an id";
    }
    return NULL;
}

bool invite_prepare(struct auction_app *app, const struct invite_wish *wish,
                    struct engine_request *request, struct buffer *members)
{
    uint8_t random[16];
    char hash[65];
    int64_t engine_ms = 0;
    int64_t uncertainty_ms;
    if (!engine_clock_now(&app->engine_clock, app_now_ms(app), &engine_ms, &uncertainty_ms)) {
        return false;
    }
    app->outside->random(app->outside->context, random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        snprintf(request->pending.invite + 2 * i, 3, "%02x", random[i]);
    }
    app->outside->sha256_hex(app->outside->context, bytes_text(request->pending.invite), hash);
    struct json_writer writer = json_writer_on(members);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "invite_hash", hash);
    json_write_cstr(&writer, "invite_role", role_name(wish->role));
    json_write_int(&writer, "uses", wish->uses);
    if (wish->expires_in_s == WIRE_ABSENT) {
        json_write_null(&writer, "expires_at");
    } else {
        json_write_int(&writer, "expires_at", engine_ms + wish->expires_in_s * 1000);
    }
    if (wish->participant.text[0] != 0) {
        json_write_cstr(&writer, "participant", wish->participant.text);
    }
    json_object_end(&writer);
    request->members = buffer_bytes(members);
    return true;
}

void invite_write_result(struct buffer *out, struct bytes result, const char *invite)
{
    struct wire_head head = {0, 0};
    if (!engine_result_head(result, &head)) {
        wire_write_refusal(out, NULL, ERROR_INTERNAL, NULL, (struct bytes){NULL, 0});
        return;
    }
    buffer_append_format(out, "{\"ok\":true,\"seq\":%lld,\"epoch\":%lld,\"invite\":\"%s\"}",
                         (long long)head.seq, (long long)head.epoch, invite);
}
