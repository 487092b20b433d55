#include "lib/wire/wire_part.h"
#include "lib/wire/wire_scan.h"

void wire_write_snapshot(struct buffer *out, const struct wire_snapshot *snapshot)
{
    LC_ASSERT(snapshot->lots_count <= WIRE_SNAPSHOT_LOTS_MAX);
    LC_ASSERT(snapshot->participants_count <= WIRE_SNAPSHOT_PARTICIPANTS_MAX);
    struct json_writer writer = wire_part_begin(out, snapshot->head);
    json_write_bool(&writer, "live", snapshot->live);
    json_write_int(&writer, "now", snapshot->now_ms);
    json_write_raw(&writer, "info", snapshot->info);
    json_write_raw(&writer, "state", snapshot->state);
    json_array_begin(&writer, "lots");
    for (size_t i = 0; i < snapshot->lots_count; i++) {
        wire_part_catalogue_lot(&writer, &snapshot->lots[i], false);
    }
    json_array_end(&writer);
    json_write_int(&writer, "lots_total", snapshot->lots_total);
    json_array_begin(&writer, "participants");
    for (size_t i = 0; i < snapshot->participants_count; i++) {
        wire_part_participant(&writer, NULL, &snapshot->participants[i]);
    }
    json_array_end(&writer);
    json_write_int(&writer, "participants_total", snapshot->participants_total);
    json_array_begin(&writer, "recent_bids");
    for (size_t i = 0; i < snapshot->recent_bids_count; i++) {
        json_object_begin(&writer, NULL);
        json_write_cstr(&writer, "lot", snapshot->recent_bids[i].lot.text);
        wire_part_person(&writer, "by", &snapshot->recent_bids[i].by);
        json_write_cstr(&writer, "kind", snapshot->recent_bids[i].kind);
        json_write_int(&writer, "amount", snapshot->recent_bids[i].amount_minor);
        json_write_int(&writer, "at", snapshot->recent_bids[i].at_ms);
        json_object_end(&writer);
    }
    json_array_end(&writer);
    json_object_end(&writer);
}

// The array of items of a page as it stands, and the total; an empty array for no page or one that
// is not ours.
static struct bytes page_items(struct bytes page, const char *items_name, int64_t *out_total)
{
    struct wire_scan scan = {page};
    struct wire_head head;
    int64_t number = 0;
    int64_t total = 0;
    bool found = wire_scan_head(&scan, &head) && wire_scan_literal(&scan, ",\"page\":") &&
                 wire_scan_number(&scan, &number) && wire_scan_literal(&scan, ",\"pages\":") &&
                 wire_scan_number(&scan, &number) && wire_scan_literal(&scan, ",\"total\":") &&
                 wire_scan_number(&scan, &total) && wire_scan_literal(&scan, items_name);
    if (found && scan.rest.size > 1 && scan.rest.data[0] == '[' &&
        scan.rest.data[scan.rest.size - 1] == '}') {
        struct bytes items = bytes_of(scan.rest.data, scan.rest.size - 1);
        if (wire_scan_is_enclosed(items)) {
            *out_total = total;
            return items;
        }
    }
    *out_total = 0;
    return bytes_text("[]");
}

static void write_object_or_null(struct json_writer *writer, const char *name, struct bytes object)
{
    if (object.size > 0 && object.data[0] == '{' && wire_scan_is_enclosed(object)) {
        json_write_raw(writer, name, object);
    } else {
        json_write_null(writer, name);
    }
}

void wire_write_retained_snapshot(struct buffer *out, struct bytes info, struct bytes state,
                                  struct bytes lots_page, struct bytes participants_page,
                                  int64_t now_ms)
{
    struct wire_head head = {0, 0};
    if (wire_read_head(state, &head) != LC_OK && wire_read_head(info, &head) != LC_OK) {
        head = (struct wire_head){0, 0}; // nothing retained is known: as before the first event
    }
    int64_t lots_total = 0;
    int64_t participants_total = 0;
    struct bytes lots = page_items(lots_page, ",\"lots\":", &lots_total);
    struct bytes participants =
        page_items(participants_page, ",\"participants\":", &participants_total);
    struct json_writer writer = wire_part_begin(out, head);
    json_write_bool(&writer, "live", false);
    json_write_int(&writer, "now", now_ms);
    write_object_or_null(&writer, "info", info);
    write_object_or_null(&writer, "state", state);
    json_write_raw(&writer, "lots", lots);
    json_write_int(&writer, "lots_total", lots_total);
    json_write_raw(&writer, "participants", participants);
    json_write_int(&writer, "participants_total", participants_total);
    json_array_begin(&writer, "recent_bids");
    json_array_end(&writer);
    json_object_end(&writer);
}

static void write_maxima(struct json_writer *writer, const struct wire_you *you)
{
    json_array_begin(writer, "maxima");
    for (size_t i = 0; i < you->maxima_count; i++) {
        const struct wire_own_maximum *own = &you->maxima[i];
        json_object_begin(writer, NULL);
        json_write_cstr(writer, "lot", own->lot.text);
        json_write_int(writer, "max", own->max_minor);
        json_write_int(writer, "quantity", own->quantity);
        if (own->is_sealed) {
            json_write_null(writer, "leading");
        } else {
            json_write_bool(writer, "leading", own->is_leading);
        }
        json_object_end(writer);
    }
    json_array_end(writer);
}

void wire_write_you(struct buffer *out, const struct wire_you *you)
{
    struct json_writer writer = wire_part_begin(out, you->head);
    wire_part_person(&writer, "participant", &you->participant);
    json_write_cstr(&writer, "role", role_name(you->role));
    if (you->status != NULL) {
        json_write_cstr(&writer, "status", you->status);
    } else {
        json_write_null(&writer, "status");
    }
    wire_part_lot_ids(&writer, "leading", you->leading, you->leading_count);
    write_maxima(&writer, you);
    wire_part_lot_ids(&writer, "entered", you->entered, you->entered_count);
    wire_part_lot_ids(&writer, "passed", you->passed, you->passed_count);
    wire_part_optional_int(&writer, "budget", you->budget_minor);
    wire_part_optional_int(&writer, "limit", you->limit_minor);
    json_write_int(&writer, "spent", you->spent_minor);
    json_write_int(&writer, "held", you->held_minor);
    wire_part_roster(&writer, &you->roster);
    wire_part_optional_int(&writer, "max_bid", you->max_bid_minor);
    json_object_end(&writer);
}
