#include "auction-svc/service/document.h"

#include <stdlib.h>

#include "auction-svc/service/view.h"
#include "lib/wire/wire_part.h"

enum { REPLAY_TAIL_SIZE = 32, LIST_TAIL_SIZE = 512 };

struct json_writer document_begin_result(struct buffer *out, const struct sale *sale)
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
    struct json_writer writer = document_begin_result(out, sale);
    json_write_raw(&writer, name, buffer_bytes(document));
    json_object_end(&writer);
}

// ---- snapshot ----

struct snapshot_parts {
    struct wire_catalogue_lot lots[WIRE_SNAPSHOT_LOTS_MAX];
    struct wire_participant participants[WIRE_SNAPSHOT_PARTICIPANTS_MAX];
    struct wire_recent_bid recent_bids[RECENT_BIDS_MAX];
    struct view_rules_parts rules[WIRE_SNAPSHOT_LOTS_MAX];
    struct view_info_parts info_parts;
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
    struct wire_info info = view_info(sale, &parts->info_parts);
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
        parts->lots[i] = view_catalogue_lot(sale, (int64_t)i, now_ms, &parts->rules[i]);
    }
    for (size_t i = 0; i < out->participants_count; i++) {
        parts->participants[i] = view_participant(sale, (int64_t)i);
    }
    for (size_t i = 0; i < out->recent_bids_count; i++) {
        parts->recent_bids[i] = (struct wire_recent_bid){
            .lot = sale->lots[sale->recent_bids[i].lot_index].id,
            .by = view_person(sale, sale->recent_bids[i].by_index),
            .kind = view_bid_kind(sale->recent_bids[i].kind),
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

enum { YOU_LOTS_MAX = 250 }; // in each list

struct own_lots { // what a participant has on the lots of a sale
    struct lot_id leading[YOU_LOTS_MAX];
    size_t leading_count;
    struct wire_own_maximum maxima[YOU_LOTS_MAX];
    size_t maxima_count;
    struct lot_id entered[YOU_LOTS_MAX];
    size_t entered_count;
    struct lot_id passed[YOU_LOTS_MAX];
    size_t passed_count;
};

// The lot that a bid would be for: the open one that ends first, the next, or the first.
static const struct lot *current_lot(const struct sale *sale)
{
    int64_t first = sale->clock == CLOCK_LOT ? view_first_lot(sale) : -1;
    if (first >= 0) {
        return &sale->lots[first];
    }
    if (sale->clock == CLOCK_GAP && sale->next_index >= 0) {
        return &sale->lots[sale->next_index];
    }
    return sale->lots_count > 0 ? &sale->lots[0] : NULL;
}

static void add_lot(struct lot_id *list, size_t *count, const struct lot *lot)
{
    if (*count < YOU_LOTS_MAX) {
        list[(*count)++] = lot->id;
    }
}

static void add_standing(struct own_lots *own, const struct sale *sale, const struct lot *lot,
                         const struct standing *standing)
{
    if (standing->max_minor > 0 && own->maxima_count < YOU_LOTS_MAX) {
        own->maxima[own->maxima_count++] = (struct wire_own_maximum){
            .lot = lot->id,
            .max_minor = standing->max_minor,
            .quantity = standing->quantity > 1 ? standing->quantity : 1,
            .is_sealed = view_is_sealed(sale, lot),
            .is_leading = lot->leader_index == standing->by_index,
        };
    }
    if (standing->has_passed) {
        add_lot(own->passed, &own->passed_count, lot);
    } else if (standing->has_entered) {
        add_lot(own->entered, &own->entered_count, lot);
    }
}

static void fill_own_lots(struct own_lots *own, const struct sale *sale, int64_t index)
{
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (!lot_is_running(lot) && lot->phase != LOT_PENDING) {
            continue;
        }
        if (lot_is_running(lot) && lot->leader_index == index) {
            add_lot(own->leading, &own->leading_count, lot);
        }
        for (size_t k = 0; k < lot->standings_count; k++) {
            if (lot->standings[k].by_index == index) {
                add_standing(own, sale, lot, &lot->standings[k]);
                break;
            }
        }
    }
}

static void fill_you(struct wire_you *you, struct own_lots *own, const struct sale *sale,
                     int64_t index)
{
    const struct participant *participant = &sale->participants[index];
    const struct lot *lot = current_lot(sale);
    fill_own_lots(own, sale, index);
    you->status = view_participant_status(participant->status);
    you->leading = own->leading;
    you->leading_count = own->leading_count;
    you->maxima = own->maxima;
    you->maxima_count = own->maxima_count;
    you->entered = own->entered;
    you->entered_count = own->entered_count;
    you->passed = own->passed;
    you->passed_count = own->passed_count;
    you->spent_minor = participant->spent_minor;
    you->held_minor = participant->held_minor;
    you->budget_minor = view_budget_minor(sale, participant);
    you->limit_minor = participant->limit_minor > 0 ? participant->limit_minor : WIRE_ABSENT;
    you->roster = view_roster(sale, participant);
    if (lot != NULL) {
        int64_t max_bid = sale_max_bid(sale, participant, lot);
        you->max_bid_minor = max_bid == INT64_MAX ? WIRE_ABSENT : max_bid;
    }
}

void document_write_you(struct buffer *out, const struct sale *sale,
                        const struct participant_id *by, enum role role)
{
    int64_t index = sale_participant_index(sale, by);
    struct own_lots *own = calloc(1, sizeof *own);
    struct wire_you you = {
        .head = view_head(sale),
        .participant = view_person_named(sale, index),
        .role = role,
        .budget_minor = WIRE_ABSENT,
        .limit_minor = WIRE_ABSENT,
        .max_bid_minor = WIRE_ABSENT,
    };
    if (own == NULL) {
        out->failed = true;
        return;
    }
    if (index >= 0) {
        fill_you(&you, own, sale, index);
    }
    struct buffer document;
    buffer_init(&document, out->size_max);
    wire_write_you(&document, &you);
    write_member(out, sale, "you", &document);
    buffer_release(&document);
    free(own);
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

// Members of an answer that tell of a maximum, directly or by what it leaves of a budget.
static bool is_secret_member(const char *name)
{
    return strcmp(name, "max") == 0 || strcmp(name, "max_bid") == 0;
}

static void write_open_members(struct json_writer *writer, const char *name,
                               const struct json *object)
{
    json_object_begin(writer, name);
    for (const struct json *item = json_first(object); item != NULL; item = json_next(item)) {
        if (json_is_object(item) && strcmp(json_name(item), "error") == 0) {
            write_open_members(writer, "error", item);
        } else if (!is_secret_member(json_name(item))) {
            json_write_raw(writer, json_name(item), bytes_of(NULL, 0));
            json_print(item, writer->out);
        }
    }
    json_object_end(writer);
}

void document_write_receipt(struct buffer *out, const struct sale *sale,
                            const struct ledger_receipt *receipt, bool is_own)
{
    struct json *result = NULL;
    struct json_writer writer = document_begin_result(out, sale);
    json_object_begin(&writer, "receipt");
    json_write_cstr(&writer, "id", receipt->id.text);
    json_write_cstr(&writer, "op", receipt->op);
    json_write_int(&writer, "received_at", receipt->received_at_ms);
    json_write_int(&writer, "decided_at", receipt->decided_at_ms);
    if (is_own) {
        json_write_raw(&writer, "result", receipt->result);
    } else if (json_parse(receipt->result, &result) == LC_OK) {
        write_open_members(&writer, "result", result);
    } else {
        json_write_null(&writer, "result");
    }
    json_destroy(result);
    json_object_end(&writer);
    json_object_end(&writer);
}

// The lot that an answer names; -1: none.
static int64_t answered_lot(const struct sale *sale, const struct json *result)
{
    struct bytes text;
    struct lot_id id;
    const struct json *error = json_member(result, "error");
    const struct json *lot = json_member(json_is_object(error) ? error : result, "lot");
    return json_to_text(lot, &text) && lot_id_read(text, &id) ? sale_lot_index(sale, &id) : -1;
}

bool document_may_show(const struct sale *sale, const struct ledger_receipt *receipt)
{
    struct json *result = NULL;
    if (strcmp(receipt->op, "bid") != 0) {
        return true;
    }
    if (json_parse(receipt->result, &result) != LC_OK) {
        return false;
    }
    int64_t index = answered_lot(sale, result);
    json_destroy(result);
    return index < 0 || !view_is_sealed(sale, &sale->lots[index]);
}

// ---- gavel ----

void document_write_gavel(struct buffer *out, const struct sale *sale, struct bytes console)
{
    struct json_writer writer = document_begin_result(out, sale);
    bool holds = console.size > 0 && bytes_equal_text(console, sale->gavel_console);
    json_write_bool(&writer, "holds", holds);
    wire_part_optional_id(&writer, "gavel", sale->gavel_console);
    json_object_end(&writer);
}

// ---- replay ----

void document_replay_begin(struct document_replay *replay, struct buffer *out,
                           const struct sale *sale)
{
    replay->out = out;
    replay->size_max = out->size_max - REPLAY_TAIL_SIZE;
    replay->more = false;
    replay->writer = document_begin_result(out, sale);
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
