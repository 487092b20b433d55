#include <stdio.h>

#include "auction-svc/record/fact_text.h"
#include "auctionctl/offline/source.h"
#include "auctionctl/offline/wording.h"
#include "lib/json/json_write.h"

enum { TEXT_SIZE_MAX = 64 * 1024 * 1024 };

struct timeline {
    const struct offline_request *request;
    const struct sale *sale;
    int64_t lot_index; // -1: not added yet
    struct buffer out;
    struct json_writer writer;
};

static const void *member_of(const struct sale_event *event, const struct member_form *form)
{
    return (const uint8_t *)event + form->offset;
}

static int64_t lot_of(const struct sale_event *event)
{
    for (const struct member_form *form = fact_members(event->kind); form->name != NULL; form++) {
        if (strcmp(form->name, "lot_index") == 0) {
            return *(const int64_t *)member_of(event, form);
        }
    }
    return -1;
}

// Facts of the whole sale that a lot on the block feels.
static bool is_felt(const struct sale_event *event, const struct sale *sale, int64_t lot_index)
{
    if (event->kind == EVENT_SALE_RESET) {
        return true;
    }
    bool stops_clocks = event->kind == EVENT_SALE_PAUSED || event->kind == EVENT_SALE_RESUMED ||
                        event->kind == EVENT_EPOCH_STARTED;
    return stops_clocks && lot_is_running(&sale->lots[lot_index]);
}

// What only the record knows: maxima, what is held for them, draws.
static bool is_secret(const char *name)
{
    return strcmp(name, "max_minor") == 0 || strcmp(name, "held_minor") == 0 ||
           strcmp(name, "draws_at_ms") == 0 || strcmp(name, "order_no") == 0;
}

static bool is_shown(const struct timeline *timeline, const struct member_form *form)
{
    return strcmp(form->name, "lot_index") != 0 &&
           (timeline->request->secrets || !is_secret(form->name));
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static void text_number(struct timeline *timeline, const char *name, int64_t value)
{
    struct buffer *out = &timeline->out;
    if (ends_with(name, "_minor")) {
        wording_money(out, timeline->sale, value);
    } else if (ends_with(name, "_at_ms") && value > 0) {
        wording_time(out, value);
    } else if (ends_with(name, "_lot_index")) {
        bool is_there = value >= 0 && (size_t)value < timeline->sale->lots_count;
        buffer_append_text(out, is_there ? timeline->sale->lots[value].id.text : "none");
    } else {
        buffer_append_int64(out, value);
    }
}

static void text_id(struct timeline *timeline, const char *id)
{
    struct participant_id participant;
    int64_t index = participant_id_read(bytes_text(id), &participant)
                        ? sale_participant_index(timeline->sale, &participant)
                        : -1;
    if (index >= 0) {
        wording_person(&timeline->out, timeline->sale, index, true);
    } else {
        buffer_append_text(&timeline->out, id[0] == 0 ? "nobody" : id);
    }
}

static void text_member(struct timeline *timeline, const struct sale_event *event,
                        const struct member_form *form)
{
    struct buffer *out = &timeline->out;
    const void *place = member_of(event, form);
    unsigned value = 0;
    buffer_append_format(out, "  %s ", form->name);
    switch (form->type) {
    case MEMBER_INT:
        text_number(timeline, form->name, *(const int64_t *)place);
        return;
    case MEMBER_BOOL:
        buffer_append_text(out, *(const bool *)place ? "yes" : "no");
        return;
    case MEMBER_TEXT:
        json_quote(out, *(const struct bytes *)place);
        return;
    case MEMBER_ID:
        text_id(timeline, place);
        return;
    case MEMBER_CHARS:
        buffer_append_text(out, place);
        return;
    case MEMBER_ENUM:
        memcpy(&value, place, sizeof value);
        buffer_append_text(out, form->names[value]);
        return;
    case MEMBER_AWARDS:
        buffer_append_format(out, "%zu", event->as.lot_awarded.count);
        return;
    case MEMBER_HASH:
    case MEMBER_INCREMENTS:
    case MEMBER_DEFINITION:
    case MEMBER_LOTS:
    case MEMBER_PARTICIPANTS:
    case MEMBER_INDEXES:
    case MEMBER_RULES:
    case MEMBER_PREMIUM:
    case MEMBER_CAPS:
        buffer_append_text(out, "...");
        return;
    }
}

static void text_entry(struct timeline *timeline, const struct sale_event *event,
                       const struct ledger_fact *row)
{
    struct buffer *out = &timeline->out;
    wording_time(out, event->at_ms);
    buffer_append_format(out, "  row %lld", (long long)row->row);
    if (row->seq != 0) {
        buffer_append_format(out, " seq %lld", (long long)row->seq);
    }
    buffer_append_format(out, "  %s", sale_event_ledger_name(event->kind));
    for (const struct member_form *form = fact_members(event->kind); form->name != NULL; form++) {
        if (is_shown(timeline, form)) {
            text_member(timeline, event, form);
        }
    }
    buffer_append_byte(out, '\n');
}

static void json_entry(struct timeline *timeline, const struct sale_event *event,
                       const struct ledger_fact *row)
{
    struct json_writer *writer = &timeline->writer;
    json_object_begin(writer, NULL);
    json_write_int(writer, "row", row->row);
    json_write_int(writer, "at", event->at_ms);
    json_write_cstr(writer, "kind", sale_event_ledger_name(event->kind));
    if (row->seq != 0) {
        json_write_int(writer, "seq", row->seq);
        json_write_raw(writer, "payload", row->payload);
    }
    if (timeline->request->secrets) {
        json_write_raw(writer, "fact", row->fact);
    }
    json_object_end(writer);
}

static enum lc_status watch(void *owner, const struct sale *sale, const struct sale_event *event,
                            const struct ledger_fact *row)
{
    struct timeline *timeline = owner;
    struct lot_id id;
    timeline->sale = sale;
    if (timeline->lot_index < 0 && event->kind == EVENT_LOTS_ADDED &&
        lot_id_read(bytes_text(timeline->request->operand), &id)) {
        timeline->lot_index = sale_lot_index(sale, &id);
    }
    if (timeline->lot_index < 0 ||
        (lot_of(event) != timeline->lot_index && !is_felt(event, sale, timeline->lot_index))) {
        return LC_OK;
    }
    if (timeline->request->json) {
        json_entry(timeline, event, row);
    } else {
        text_entry(timeline, event, row);
    }
    return LC_OK;
}

static void end_of_lot(struct timeline *timeline)
{
    const struct lot *lot = &timeline->sale->lots[timeline->lot_index];
    struct buffer *out = &timeline->out;
    buffer_append_format(out, "lot %s (no %lld, %s): %s", lot->id.text, (long long)lot->no,
                         lot->title, wording_phase(lot->phase));
    if (lot->price_minor > 0) {
        buffer_append_text(out, " at ");
        wording_money(out, timeline->sale, lot->price_minor);
    }
    if (lot->leader_index >= 0) {
        buffer_append_text(out, lot->phase == LOT_SOLD ? " to " : ", led by ");
        wording_person(out, timeline->sale, lot->leader_index, true);
    }
    buffer_append_byte(out, '\n');
}

static int print(struct timeline *timeline)
{
    if (timeline->lot_index < 0) {
        fprintf(stderr, "auctionctl: the sale has no lot %s\n", timeline->request->operand);
        return OFFLINE_REFUSED;
    }
    if (timeline->request->json) {
        json_array_end(&timeline->writer);
        json_object_end(&timeline->writer);
        buffer_append_byte(&timeline->out, '\n');
    } else {
        end_of_lot(timeline);
    }
    return source_print(&timeline->out);
}

int offline_timeline(const struct offline_request *request)
{
    struct source source;
    struct timeline timeline = {.request = request, .lot_index = -1};
    int code = source_open(&source, request);
    buffer_init(&timeline.out, TEXT_SIZE_MAX);
    timeline.writer = json_writer_on(&timeline.out);
    if (code == OFFLINE_DONE && request->json) {
        json_object_begin(&timeline.writer, NULL);
        json_write_cstr(&timeline.writer, "lot", request->operand);
        json_array_begin(&timeline.writer, "entries");
    }
    if (code == OFFLINE_DONE) {
        struct replay_watcher watcher = {&timeline, NULL, watch};
        code = source_replay(&source, &source.replay.id, watcher);
    }
    if (code == OFFLINE_DONE) {
        code = print(&timeline);
    }
    buffer_release(&timeline.out);
    source_close(&source);
    return code;
}
