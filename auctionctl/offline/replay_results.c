#include <stdio.h>

#include "auctionctl/offline/source.h"
#include "auctionctl/offline/wording.h"
#include "lib/json/json_read.h"
#include "lib/json/json_write.h"

enum { TEXT_SIZE_MAX = 64 * 1024 * 1024 };

// Results that were published, against what the facts give.
struct comparison {
    int64_t compared;
    int64_t different;
    char first[160]; // the first one that differs
};

static bool same_winner(const struct json *winner, const struct sale *sale, const struct lot *lot)
{
    struct bytes id;
    if (!json_to_text(json_member(winner, "id"), &id)) { // not published: hidden, or several
        return true;
    }
    return lot->leader_index >= 0 &&
           bytes_equal_text(id, sale->participants[lot->leader_index].id.text);
}

static enum lc_status compare(void *owner, const struct sale *sale, const struct sale_event *event,
                              const struct ledger_fact *row)
{
    struct comparison *comparison = owner;
    if (event->kind != EVENT_LOT_SOLD && event->kind != EVENT_LOT_UNSOLD) {
        return LC_OK;
    }
    int64_t index = event->kind == EVENT_LOT_SOLD ? event->as.lot_sold.lot_index
                                                  : event->as.lot_unsold.lot_index;
    const struct lot *lot = &sale->lots[index];
    struct json *published = NULL;
    struct bytes lot_id = {0};
    int64_t price_minor = 0;
    enum lc_status status = json_parse(row->payload, &published);
    if (status == LC_ERR_NO_MEMORY) {
        return status;
    }
    bool is_sold = event->kind == EVENT_LOT_SOLD;
    bool is_same = status == LC_OK && json_to_text(json_member(published, "lot"), &lot_id) &&
                   bytes_equal_text(lot_id, lot->id.text) &&
                   (!is_sold || (json_to_int64(json_member(published, "price"), &price_minor) &&
                                 price_minor == lot->price_minor &&
                                 same_winner(json_member(published, "winner"), sale, lot)));
    comparison->compared++;
    if (!is_same && comparison->different++ == 0) {
        (void)snprintf(comparison->first, sizeof comparison->first,
                       "row %lld: lot %s was published otherwise", (long long)row->row,
                       lot->id.text);
    }
    json_destroy(published);
    return LC_OK;
}

static void text_lot(struct buffer *out, const struct sale *sale, const struct lot *lot)
{
    buffer_append_format(out, "  %4lld  %-12s %-9s ", (long long)lot->no, lot->id.text,
                         wording_phase(lot->phase));
    if (lot->price_minor > 0) {
        wording_money(out, sale, lot->price_minor);
    }
    if (lot->leader_index >= 0) {
        buffer_append_text(out, lot->phase == LOT_SOLD ? "  to " : "  led by ");
        wording_person(out, sale, lot->leader_index, true);
    } else if (lot->awards_count > 0) {
        buffer_append_format(out, "  to %zu buyers", lot->awards_count);
    }
    buffer_append_format(out, "  %s\n", lot->title);
}

static void text_sale(struct buffer *out, const struct source *source,
                      const struct comparison *comparison)
{
    const struct sale *sale = source->replay.sale;
    buffer_append_format(out, "sale %s: %s, %zu lots, %zu participants, %lld rows\n",
                         source->replay.id.text, sale->title, sale->lots_count,
                         sale->participants_count, (long long)source->replay.head.row);
    for (size_t i = 0; i < sale->lots_count; i++) {
        text_lot(out, sale, &sale->lots[i]);
    }
    buffer_append_format(out, "%lld published results, %lld different%s%s\n",
                         (long long)comparison->compared, (long long)comparison->different,
                         comparison->different > 0 ? ": " : "", comparison->first);
}

static void json_sale(struct json_writer *writer, const struct source *source,
                      const struct comparison *comparison)
{
    const struct sale *sale = source->replay.sale;
    json_object_begin(writer, NULL);
    json_write_cstr(writer, "sale", source->replay.id.text);
    json_write_int(writer, "rows", source->replay.head.row);
    json_write_int(writer, "compared", comparison->compared);
    json_write_int(writer, "different", comparison->different);
    json_write_cstr(writer, "first_difference", comparison->first);
    json_array_begin(writer, "lots");
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        json_object_begin(writer, NULL);
        json_write_cstr(writer, "id", lot->id.text);
        json_write_int(writer, "no", lot->no);
        json_write_cstr(writer, "phase", wording_phase(lot->phase));
        if (lot->price_minor > 0) {
            json_write_int(writer, "price", lot->price_minor);
        } else {
            json_write_null(writer, "price");
        }
        if (lot->leader_index >= 0) {
            json_write_cstr(writer, "leader", sale->participants[lot->leader_index].id.text);
        } else {
            json_write_null(writer, "leader");
        }
        json_object_end(writer);
    }
    json_array_end(writer);
    json_object_end(writer);
}

// ---- all sales ----

struct replaying {
    const struct offline_request *request;
    struct source source;
    struct buffer out;
    struct json_writer writer;
    int64_t sales;
    int code;
};

static enum lc_status replay_one(void *owner, const struct ledger_sale *row)
{
    struct replaying *replaying = owner;
    const char *wanted = replaying->request->sale;
    if (wanted != NULL && strcmp(wanted, row->sale.text) != 0) {
        return LC_OK;
    }
    struct comparison comparison = {0};
    struct replay_watcher watcher = {&comparison, NULL, compare};
    replaying->sales++;
    int code = source_replay(&replaying->source, &row->sale, watcher);
    if (code == OFFLINE_DONE && replaying->request->json) {
        json_sale(&replaying->writer, &replaying->source, &comparison);
    } else if (code == OFFLINE_DONE) {
        text_sale(&replaying->out, &replaying->source, &comparison);
    }
    if (code == OFFLINE_DONE && comparison.different > 0) {
        code = OFFLINE_CORRUPT;
    }
    source_end_replay(&replaying->source);
    replaying->code = replaying->code == OFFLINE_DONE ? code : replaying->code;
    return LC_OK;
}

int offline_replay(const struct offline_request *request)
{
    struct replaying replaying = {.request = request, .code = OFFLINE_DONE};
    int code = source_open_ledger(&replaying.source, request);
    if (code != OFFLINE_DONE) {
        return code;
    }
    buffer_init(&replaying.out, TEXT_SIZE_MAX);
    replaying.writer = json_writer_on(&replaying.out);
    if (request->json) {
        json_object_begin(&replaying.writer, NULL);
        json_array_begin(&replaying.writer, "sales");
    }
    code = source_exit(ledger_each_sale(replaying.source.ledger, replay_one, &replaying));
    if (request->json) {
        json_array_end(&replaying.writer);
        json_object_end(&replaying.writer);
        buffer_append_byte(&replaying.out, '\n');
    }
    code = code == OFFLINE_DONE ? replaying.code : code;
    if (request->sale != NULL && replaying.sales == 0) {
        fprintf(stderr, "auctionctl: the ledger has no sale %s\n", request->sale);
        code = OFFLINE_REFUSED;
    } else {
        int printed = source_print(&replaying.out);
        code = code == OFFLINE_DONE ? printed : code;
    }
    buffer_release(&replaying.out);
    source_close(&replaying.source);
    return code;
}
