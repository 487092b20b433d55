#include "lib/wire/message_event.h"
#include "lib/wire/wire_event_part.h"
#include "lib/wire/wire_part.h"

// All but the simplest events of a lot begin with its id.
static struct json_writer begin_lot_event(struct buffer *out, const struct wire_event *event,
                                          struct lot_id lot)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_cstr(&writer, "lot", lot.text);
    return writer;
}

static void write_bid_no(struct json_writer *writer, int64_t bid_no)
{
    char number[24];
    snprintf(number, sizeof number, "b%lld", (long long)bid_no);
    json_write_cstr(writer, "bid", number);
}

static void write_standing(struct json_writer *writer, const struct wire_standing *standing)
{
    wire_part_optional_int(writer, "price", standing->price_minor);
    json_write_int(writer, "ask", standing->ask_minor);
    wire_part_person(writer, "leader", &standing->leader);
    json_write_bool(writer, "house", standing->is_house);
    wire_part_person(writer, "previous_leader", &standing->previous_leader);
    json_write_int(writer, "bids", standing->bids);
    wire_part_optional_int(writer, "ends_at", standing->ends_at_ms);
    json_write_int(writer, "remaining_ms", standing->remaining_ms);
    json_write_cstr(writer, "reserve", standing->reserve);
}

void wire_write_lot_started(struct buffer *out, const struct wire_event *event,
                            const struct wire_lot *lot)
{
    struct json_writer writer = wire_event_begin(out, event);
    wire_part_lot(&writer, "lot", lot);
    json_object_end(&writer);
}

void wire_write_bid_update(struct buffer *out, const struct wire_event *event,
                           const struct wire_bid_update *bid)
{
    struct json_writer writer = begin_lot_event(out, event, bid->standing.lot);
    write_bid_no(&writer, bid->standing.bid_no);
    json_write_cstr(&writer, "kind", bid->kind);
    wire_part_person(&writer, "by", &bid->by);
    json_write_int(&writer, "amount", bid->amount_minor);
    json_write_int(&writer, "quantity", bid->quantity);
    write_standing(&writer, &bid->standing);
    json_object_end(&writer);
}

void wire_write_bid_retracted(struct buffer *out, const struct wire_event *event,
                              const struct wire_standing *standing, struct bytes reason)
{
    struct json_writer writer = begin_lot_event(out, event, standing->lot);
    write_bid_no(&writer, standing->bid_no);
    json_write_text(&writer, "reason", reason);
    write_standing(&writer, standing);
    json_object_end(&writer);
}

void wire_write_anti_snipe(struct buffer *out, const struct wire_event *event,
                           const struct wire_anti_snipe *extension)
{
    struct json_writer writer = begin_lot_event(out, event, extension->lot);
    json_write_int(&writer, "ends_at", extension->ends_at_ms);
    json_write_int(&writer, "remaining_ms", extension->remaining_ms);
    json_write_int(&writer, "extended_ms", extension->extended_ms);
    json_write_int(&writer, "extensions", extension->extensions);
    json_write_cstr(&writer, "scope", extension->scope);
    json_write_cstr(&writer, "type", extension->type);
    json_write_cstr(&writer, "reason", extension->reason);
    json_object_end(&writer);
}

void wire_write_lot_passed(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                           const struct wire_person *by)
{
    struct json_writer writer = begin_lot_event(out, event, lot);
    wire_part_person(&writer, "by", by);
    json_object_end(&writer);
}

void wire_write_ask_changed(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                            int64_t ask_minor)
{
    struct json_writer writer = begin_lot_event(out, event, lot);
    json_write_int(&writer, "ask", ask_minor);
    json_object_end(&writer);
}

void wire_write_fair_warning(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                             int64_t stage)
{
    struct json_writer writer = begin_lot_event(out, event, lot);
    json_write_int(&writer, "stage", stage);
    json_object_end(&writer);
}

void wire_write_lot_closing(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                            int64_t hammer_at_ms)
{
    struct json_writer writer = begin_lot_event(out, event, lot);
    json_write_int(&writer, "hammer_at", hammer_at_ms);
    json_object_end(&writer);
}

void wire_write_clock_restarted(struct buffer *out, const struct wire_event *event,
                                struct lot_id lot, const struct wire_price_clock *clock)
{
    LC_ASSERT(clock->present);
    struct json_writer writer = begin_lot_event(out, event, lot);
    wire_part_price_clock(&writer, "clock", clock);
    json_object_end(&writer);
}

void wire_write_lot_awarded(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                            const struct wire_award *awards, size_t count, int64_t winners)
{
    struct json_writer writer = begin_lot_event(out, event, lot);
    json_write_int(&writer, "winners", winners);
    json_array_begin(&writer, "awards");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&writer, NULL);
        wire_part_person(&writer, "winner", &awards[i].winner);
        json_write_int(&writer, "quantity", awards[i].quantity);
        json_write_int(&writer, "price", awards[i].price_minor);
        json_object_end(&writer);
    }
    json_array_end(&writer);
    json_object_end(&writer);
}

void wire_write_match_offered(struct buffer *out, const struct wire_event *event,
                              const struct wire_match_offer *offer)
{
    struct json_writer writer = begin_lot_event(out, event, offer->lot);
    json_write_cstr(&writer, "stage", offer->stage);
    wire_part_person(&writer, "winner", &offer->winner);
    wire_part_person(&writer, "holder", &offer->holder);
    json_write_int(&writer, "price", offer->price_minor);
    json_write_int(&writer, "ends_at", offer->ends_at_ms);
    json_write_int(&writer, "remaining_ms", offer->remaining_ms);
    json_object_end(&writer);
}

// ---- closes ----

static void write_totals(struct json_writer *writer, const struct wire_closed *closed)
{
    json_write_int(writer, "sold", closed->sold);
    json_write_int(writer, "unsold", closed->unsold);
    json_write_int(writer, "lots_total", closed->lots_total);
}

static struct json_writer begin_closed(struct buffer *out, const struct wire_event *event,
                                       const struct wire_closed *closed)
{
    struct json_writer writer = begin_lot_event(out, event, closed->lot);
    json_write_int(&writer, "no", closed->no);
    json_write_text(&writer, "title", closed->title);
    return writer;
}

void wire_write_sold(struct buffer *out, const struct wire_event *event,
                     const struct wire_closed *closed)
{
    LC_ASSERT(closed->price_minor != WIRE_ABSENT);
    struct json_writer writer = begin_closed(out, event, closed);
    json_write_int(&writer, "price", closed->price_minor);
    json_write_int(&writer, "quantity", closed->quantity);
    wire_part_person(&writer, "winner", &closed->winner.person);
    json_write_int(&writer, "bids", closed->bids);
    json_write_cstr(&writer, "reason", closed->reason);
    if (closed->winner.person.id.text[0] != 0) {
        wire_part_participant(&writer, "winner_state", &closed->winner);
    } else {
        json_write_null(&writer, "winner_state");
    }
    write_totals(&writer, closed);
    json_object_end(&writer);
}

void wire_write_unsold(struct buffer *out, const struct wire_event *event,
                       const struct wire_closed *closed)
{
    struct json_writer writer = begin_closed(out, event, closed);
    wire_part_optional_int(&writer, "price", closed->price_minor);
    json_write_int(&writer, "bids", closed->bids);
    json_write_cstr(&writer, "reason", closed->reason);
    write_totals(&writer, closed);
    json_object_end(&writer);
}

void wire_write_lot_withdrawn(struct buffer *out, const struct wire_event *event,
                              const struct wire_closed *closed)
{
    struct json_writer writer = begin_closed(out, event, closed);
    json_write_cstr(&writer, "reason", closed->reason);
    json_write_text(&writer, "text", closed->text);
    write_totals(&writer, closed);
    json_object_end(&writer);
}

void wire_write_lot_reopened(struct buffer *out, const struct wire_event *event,
                             const struct wire_lot *lot, const struct wire_participant *leader,
                             struct lot_id returned, int64_t sold, int64_t unsold)
{
    struct json_writer writer = wire_event_begin(out, event);
    wire_part_lot(&writer, "lot", lot);
    if (leader != NULL) {
        wire_part_participant(&writer, "leader_state", leader);
    } else {
        json_write_null(&writer, "leader_state");
    }
    wire_part_optional_id(&writer, "returned", returned.text);
    json_write_int(&writer, "sold", sold);
    json_write_int(&writer, "unsold", unsold);
    json_object_end(&writer);
}
