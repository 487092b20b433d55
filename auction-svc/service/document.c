#include "auction-svc/service/document.h"

#include <stdlib.h>

#include "auction-svc/service/view.h"
#include "lib/wire/wire_part.h"

enum { REPLAY_TAIL_SIZE = 32, LIST_TAIL_SIZE = 512 };

static struct json_writer begin_result(struct buffer *out, const struct sale *sale)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_bool(&writer, "ok", true);
    json_write_int(&writer, "seq", sale->seq);
    json_write_int(&writer, "epoch", sale->epoch);
    return writer;
}

static void write_member(struct buffer *out, const struct sale *sale, const char *name,
                         const struct buffer *document)
{
    struct json_writer writer = begin_result(out, sale);
    json_write_raw(&writer, name, buffer_bytes(document));
    json_object_end(&writer);
}

// ---- snapshot ----

struct snapshot_parts {
    struct wire_catalogue_lot lots[WIRE_SNAPSHOT_LOTS_MAX];
    struct wire_participant participants[WIRE_SNAPSHOT_PARTICIPANTS_MAX];
    struct wire_recent_bid recent_bids[RECENT_BIDS_MAX];
    struct wire_increment_band bands[INCREMENT_BANDS_MAX];
    struct buffer info;
    struct buffer state;
};

static size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

static void fill_snapshot(struct snapshot_parts *parts, const struct sale *sale, int64_t now_ms,
                          struct wire_snapshot *out)
{
    struct wire_info info = view_info(sale, parts->bands);
    struct wire_state state = view_state(sale, now_ms);
    buffer_init(&parts->info, WIRE_PAYLOAD_SIZE_MAX);
    buffer_init(&parts->state, WIRE_PAYLOAD_SIZE_MAX);
    wire_write_info(&parts->info, &info);
    wire_write_state(&parts->state, &state);
    *out = (struct wire_snapshot){
        .head = view_head(sale),
        .live = true,
        .now_ms = now_ms,
        .info = buffer_bytes(&parts->info),
        .state = buffer_bytes(&parts->state),
        .lots = parts->lots,
        .lots_count = at_most(sale->lots_count, WIRE_SNAPSHOT_LOTS_MAX),
        .lots_total = (int64_t)sale->lots_count,
        .participants = parts->participants,
        .participants_count = at_most(sale->participants_count, WIRE_SNAPSHOT_PARTICIPANTS_MAX),
        .participants_total = (int64_t)sale->participants_count,
        .recent_bids = parts->recent_bids,
        .recent_bids_count = sale->recent_bids_count,
    };
    for (size_t i = 0; i < out->lots_count; i++) {
        parts->lots[i] = view_catalogue_lot(sale, (int64_t)i);
    }
    for (size_t i = 0; i < out->participants_count; i++) {
        parts->participants[i] = view_participant(sale, (int64_t)i);
    }
    for (size_t i = 0; i < out->recent_bids_count; i++) {
        parts->recent_bids[i] = (struct wire_recent_bid){
            .by = view_person(sale, sale->recent_bids[i].by_index),
            .amount_minor = sale->recent_bids[i].amount_minor,
            .at_ms = sale->recent_bids[i].at_ms,
        };
    }
}

void document_write_snapshot(struct buffer *out, const struct sale *sale, int64_t now_ms)
{
    struct snapshot_parts *parts = calloc(1, sizeof *parts);
    if (parts == NULL) {
        out->failed = true;
        return;
    }
    struct wire_snapshot snapshot;
    struct buffer document;
    fill_snapshot(parts, sale, now_ms, &snapshot);
    buffer_init(&document, out->size_max - 256);
    wire_write_snapshot(&document, &snapshot);
    while (buffer_status(&document) != LC_OK &&
           (snapshot.lots_count > 0 || snapshot.participants_count > 0)) {
        snapshot.lots_count /= 2; // the longest texts in every lot: the pages have the rest
        snapshot.participants_count /= 2;
        buffer_clear(&document);
        wire_write_snapshot(&document, &snapshot);
    }
    out->failed = out->failed || buffer_status(&document) != LC_OK;
    write_member(out, sale, "snapshot", &document);
    buffer_release(&document);
    buffer_release(&parts->info);
    buffer_release(&parts->state);
    free(parts);
}

// ---- you ----

// The lot that a bid would be for: the open one, the next, or the first.
static const struct lot *current_lot(const struct sale *sale)
{
    if (sale->clock == CLOCK_LOT && sale->lot_index >= 0) {
        return &sale->lots[sale->lot_index];
    }
    if (sale->clock == CLOCK_GAP && sale->next_index >= 0) {
        return &sale->lots[sale->next_index];
    }
    return sale->lots_count > 0 ? &sale->lots[0] : NULL;
}

void document_write_you(struct buffer *out, const struct sale *sale,
                        const struct participant_id *by, enum role role)
{
    int64_t index = sale_participant_index(sale, by);
    struct lot_id leading = {""};
    struct wire_you you = {
        .head = view_head(sale),
        .participant = view_person_named(sale, index),
        .role = role,
        .leading = &leading,
        .budget_minor = WIRE_ABSENT,
        .max_bid_minor = WIRE_ABSENT,
    };
    if (index >= 0) {
        const struct participant *participant = &sale->participants[index];
        const struct roster_rules *roster = &sale->definition.roster;
        const struct lot *lot = current_lot(sale);
        you.spent_minor = participant->spent_minor;
        you.held_minor = participant->held_minor;
        if (roster->enabled) {
            you.budget_minor = roster->budget_minor;
            you.roster =
                (struct wire_roster){roster->slots > 0, participant->slots_taken, roster->slots};
        }
        if (lot != NULL) {
            int64_t max_bid = sale_max_bid(sale, participant, lot);
            you.max_bid_minor = max_bid == INT64_MAX ? WIRE_ABSENT : max_bid;
        }
        if (lot != NULL && lot->phase == LOT_OPEN && lot->leader_index == index) {
            leading = lot->id;
            you.leading_count = 1;
        }
    }
    struct buffer document;
    buffer_init(&document, out->size_max);
    wire_write_you(&document, &you);
    write_member(out, sale, "you", &document);
    buffer_release(&document);
}

// ---- results ----

static void write_result_lot(struct json_writer *writer, const struct sale *sale, int64_t index)
{
    struct wire_catalogue_lot lot = view_catalogue_lot(sale, index);
    json_object_begin(writer, NULL);
    json_write_cstr(writer, "id", lot.id.text);
    json_write_int(writer, "no", lot.no);
    json_write_text(writer, "title", lot.title);
    json_write_cstr(writer, "phase", lot.phase);
    wire_part_optional_int(writer, "price", lot.price_minor);
    wire_part_person(writer, "winner", &lot.winner);
    json_write_int(writer, "bids", lot.bids);
    json_write_int(writer, "round", lot.round);
    json_object_end(writer);
}

static void write_currency(struct json_writer *writer, const struct sale *sale)
{
    json_object_begin(writer, "currency");
    json_write_cstr(writer, "code", sale->definition.currency_code);
    json_write_int(writer, "minor_digits", sale->definition.currency_minor_digits);
    json_object_end(writer);
}

static int64_t results_pages(const struct sale *sale)
{
    size_t items =
        sale->lots_count > sale->participants_count ? sale->lots_count : sale->participants_count;
    return items == 0 ? 1 : (int64_t)((items - 1) / DOCUMENT_RESULTS_PAGE_ITEMS) + 1;
}

void document_write_results(struct buffer *out, const struct sale *sale, int64_t page)
{
    int64_t start = page * DOCUMENT_RESULTS_PAGE_ITEMS;
    int64_t end = start + DOCUMENT_RESULTS_PAGE_ITEMS;
    struct json_writer writer = begin_result(out, sale);
    json_object_begin(&writer, "results");
    json_write_cstr(&writer, "sale", sale->definition.id.text);
    json_write_text(&writer, "title", sale->definition.title);
    write_currency(&writer, sale);
    json_write_cstr(&writer, "phase", view_sale_phase(sale->phase));
    json_array_begin(&writer, "lots");
    for (int64_t i = start; i < end && i < (int64_t)sale->lots_count; i++) {
        write_result_lot(&writer, sale, i);
    }
    json_array_end(&writer);
    json_array_begin(&writer, "participants");
    for (int64_t i = start; i < end && i < (int64_t)sale->participants_count; i++) {
        struct wire_participant participant = view_participant(sale, i);
        wire_part_participant(&writer, NULL, &participant);
    }
    json_array_end(&writer);
    json_write_int(&writer, "page", page);
    json_write_int(&writer, "pages", results_pages(sale));
    json_object_end(&writer);
    json_object_end(&writer);
}

// ---- list ----

void document_write_list(struct buffer *out, const struct house *house, enum role role)
{
    bool more = false;
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_bool(&writer, "ok", true);
    json_array_begin(&writer, "sales");
    for (size_t i = 0; i < house->count && !more; i++) {
        const struct sale *sale = house->sales[i]->sale;
        if (sale == NULL || (role != ROLE_ADMIN && !sale->definition.is_public)) {
            continue;
        }
        if (out->size + LIST_TAIL_SIZE + 6 * sale->definition.title.size > out->size_max) {
            more = true;
            continue;
        }
        json_object_begin(&writer, NULL);
        json_write_cstr(&writer, "id", sale->definition.id.text);
        json_write_text(&writer, "title", sale->definition.title);
        json_write_cstr(&writer, "phase", view_sale_phase(sale->phase));
        json_write_bool(&writer, "public", sale->definition.is_public);
        json_write_int(&writer, "lots_total", (int64_t)sale->lots_count);
        json_write_int(&writer, "sold", sale->sold_count);
        json_object_end(&writer);
    }
    json_array_end(&writer);
    if (more) {
        json_write_bool(&writer, "more", true);
    }
    json_object_end(&writer);
}

// ---- receipt ----

void document_write_receipt(struct buffer *out, const struct sale *sale,
                            const struct ledger_receipt *receipt)
{
    struct json_writer writer = begin_result(out, sale);
    json_object_begin(&writer, "receipt");
    json_write_cstr(&writer, "id", receipt->id.text);
    json_write_cstr(&writer, "op", receipt->op);
    json_write_int(&writer, "received_at", receipt->received_at_ms);
    json_write_int(&writer, "decided_at", receipt->decided_at_ms);
    json_write_raw(&writer, "result", receipt->result);
    json_object_end(&writer);
    json_object_end(&writer);
}

// ---- replay ----

void document_replay_begin(struct document_replay *replay, struct buffer *out,
                           const struct sale *sale)
{
    replay->out = out;
    replay->size_max = out->size_max - REPLAY_TAIL_SIZE;
    replay->more = false;
    replay->writer = begin_result(out, sale);
    json_array_begin(&replay->writer, "events");
}

bool document_replay_add(struct document_replay *replay, struct bytes name, struct bytes payload)
{
    if (replay->out->size + name.size + payload.size + REPLAY_TAIL_SIZE > replay->size_max) {
        return false;
    }
    json_object_begin(&replay->writer, NULL);
    json_write_text(&replay->writer, "name", name);
    json_write_raw(&replay->writer, "payload", payload);
    json_object_end(&replay->writer);
    return true;
}

void document_replay_end(struct document_replay *replay, bool more)
{
    json_array_end(&replay->writer);
    json_write_bool(&replay->writer, "more", more);
    json_object_end(&replay->writer);
}
