#include <stdlib.h>

#include "lib/wire/wire_part.h"

void wire_write_heartbeat(struct buffer *out, const struct wire_heartbeat *heartbeat)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "program", heartbeat->program);
    json_write_cstr(&writer, "node", heartbeat->node.text);
    json_write_bool(&writer, "online", heartbeat->online);
    json_write_cstr(&writer, "version", heartbeat->version);
    if (heartbeat->relay[0] != 0) {
        json_write_cstr(&writer, "relay", heartbeat->relay);
    }
    json_write_int(&writer, "since", heartbeat->since_ms);
    json_write_int(&writer, "now", heartbeat->now_ms);
    json_object_end(&writer);
}

static bool read_client(const struct json *object, const char *name, struct client_id *out_id)
{
    struct bytes text;
    return wire_part_read_text(object, name, &text) && client_id_read(text, out_id);
}

static bool read_version(const struct json *object, char *out_version, size_t size_max)
{
    struct bytes text;
    if (!wire_part_read_text(object, "version", &text) || text.size > size_max) {
        return false;
    }
    memcpy(out_version, text.data, text.size);
    out_version[text.size] = 0;
    return true;
}

// True when it is not there.
static bool read_relay(const struct json *object, char out_relay[5])
{
    struct bytes text;
    if (json_member(object, "relay") == NULL) {
        return true;
    }
    if (!wire_part_read_text(object, "relay", &text) || text.size != 4) {
        return false;
    }
    memcpy(out_relay, text.data, text.size);
    return true;
}

enum lc_status wire_read_heartbeat(struct bytes payload, struct wire_heartbeat *out_heartbeat)
{
    struct json *document = NULL;
    enum lc_status status = json_parse(payload, &document);
    if (status != LC_OK) {
        return status;
    }
    struct wire_heartbeat heartbeat = {0};
    struct client_id program;
    bool complete = read_client(document, "program", &program) &&
                    read_client(document, "node", &heartbeat.node) &&
                    wire_part_read_bool(document, "online", &heartbeat.online) &&
                    read_version(document, heartbeat.version, sizeof heartbeat.version - 1) &&
                    read_relay(document, heartbeat.relay) &&
                    wire_part_read_int(document, "since", &heartbeat.since_ms) &&
                    wire_part_read_int(document, "now", &heartbeat.now_ms);
    json_destroy(document);
    if (!complete) {
        return LC_ERR_BAD_INPUT;
    }
    memcpy(heartbeat.program, program.text, sizeof heartbeat.program);
    *out_heartbeat = heartbeat;
    return LC_OK;
}

void wire_write_holding(struct buffer *out, const struct wire_holding *holding)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "node", holding->node.text);
    json_write_cstr(&writer, "sale", holding->sale.text);
    json_write_int(&writer, "since", holding->since_ms);
    json_object_end(&writer);
}

void wire_write_presence(struct buffer *out, const struct wire_presence *presence)
{
    LC_ASSERT(presence->ids_count <= WIRE_PRESENCE_IDS_MAX);
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "node", presence->node.text);
    json_write_cstr(&writer, "sale", presence->sale.text);
    json_write_int(&writer, "count", presence->count);
    wire_part_participant_ids(&writer, "ids", presence->ids, presence->ids_count);
    json_object_end(&writer);
}

static enum lc_status read_presence_ids(const struct json *list, struct wire_presence *presence)
{
    size_t count = json_count(list);
    if (!json_is_array(list) || count > WIRE_PRESENCE_IDS_MAX) {
        return LC_ERR_BAD_INPUT;
    }
    struct participant_id *ids = calloc(count > 0 ? count : 1, sizeof *ids);
    if (ids == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    size_t at = 0;
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item)) {
        struct bytes text;
        if (!json_to_text(item, &text) || !participant_id_read(text, &ids[at])) {
            free(ids);
            return LC_ERR_BAD_INPUT;
        }
        at++;
    }
    presence->ids = ids;
    presence->ids_count = count;
    return LC_OK;
}

enum lc_status wire_read_presence(struct bytes payload, struct wire_presence *out_presence)
{
    struct json *document = NULL;
    enum lc_status status = json_parse(payload, &document);
    if (status != LC_OK) {
        return status;
    }
    struct wire_presence presence = {0};
    struct bytes sale;
    bool complete = read_client(document, "node", &presence.node) &&
                    wire_part_read_text(document, "sale", &sale) &&
                    sale_id_read(sale, &presence.sale) &&
                    wire_part_read_int(document, "count", &presence.count) && presence.count >= 0;
    status =
        complete ? read_presence_ids(json_member(document, "ids"), &presence) : LC_ERR_BAD_INPUT;
    json_destroy(document);
    if (status == LC_OK) {
        *out_presence = presence;
    }
    return status;
}
