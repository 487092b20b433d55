#include "lib/wire/wire_part.h"

static struct json_writer begin_event(struct buffer *out, const struct wire_event *event)
{
    struct json_writer writer = wire_part_begin(out, event->head);
    json_write_int(&writer, "at", event->at_ms);
    return writer;
}

void wire_write_epoch_started(struct buffer *out, const struct wire_event *event,
                              const char *reason)
{
    struct json_writer writer = begin_event(out, event);
    json_write_int(&writer, "first_seq", event->head.seq);
    json_write_cstr(&writer, "reason", reason);
    json_object_end(&writer);
}

void wire_write_lots_changed(struct buffer *out, const struct wire_event *event, int64_t added,
                             int64_t lots_total)
{
    struct json_writer writer = begin_event(out, event);
    json_write_int(&writer, "added", added);
    json_write_int(&writer, "lots_total", lots_total);
    json_object_end(&writer);
}

void wire_write_participants_changed(struct buffer *out, const struct wire_event *event,
                                     const char *change, const struct wire_participant *participant,
                                     int64_t participants_total)
{
    struct json_writer writer = begin_event(out, event);
    json_write_cstr(&writer, "change", change);
    wire_part_participant(&writer, "participant", participant);
    json_write_int(&writer, "participants_total", participants_total);
    json_object_end(&writer);
}

void wire_write_auction_started(struct buffer *out, const struct wire_event *event,
                                int64_t lots_total)
{
    struct json_writer writer = begin_event(out, event);
    json_write_int(&writer, "lots_total", lots_total);
    json_object_end(&writer);
}

void wire_write_lot_started(struct buffer *out, const struct wire_event *event,
                            const struct wire_lot *lot)
{
    struct json_writer writer = begin_event(out, event);
    wire_part_lot(&writer, "lot", lot);
    json_object_end(&writer);
}

void wire_write_bid_update(struct buffer *out, const struct wire_event *event,
                           const struct wire_bid_update *bid)
{
    char number[24];
    snprintf(number, sizeof number, "b%lld", (long long)bid->bid_no);
    struct json_writer writer = begin_event(out, event);
    json_write_cstr(&writer, "lot", bid->lot.text);
    json_write_cstr(&writer, "bid", number);
    wire_part_person(&writer, "by", &bid->by);
    json_write_int(&writer, "amount", bid->amount_minor);
    json_write_int(&writer, "price", bid->price_minor);
    json_write_int(&writer, "ask", bid->ask_minor);
    wire_part_person(&writer, "leader", &bid->leader);
    wire_part_person(&writer, "previous_leader", &bid->previous_leader);
    json_write_int(&writer, "bids", bid->bids);
    json_write_int(&writer, "ends_at", bid->ends_at_ms);
    json_write_int(&writer, "remaining_ms", bid->remaining_ms);
    json_write_cstr(&writer, "reserve", bid->reserve);
    json_object_end(&writer);
}

void wire_write_anti_snipe(struct buffer *out, const struct wire_event *event,
                           const struct wire_anti_snipe *extension)
{
    struct json_writer writer = begin_event(out, event);
    json_write_cstr(&writer, "lot", extension->lot.text);
    json_write_int(&writer, "ends_at", extension->ends_at_ms);
    json_write_int(&writer, "remaining_ms", extension->remaining_ms);
    json_write_int(&writer, "extended_ms", extension->extended_ms);
    json_write_int(&writer, "extensions", extension->extensions);
    json_object_end(&writer);
}

static void write_totals(struct json_writer *writer, int64_t sold, int64_t unsold,
                         int64_t lots_total)
{
    json_write_int(writer, "sold", sold);
    json_write_int(writer, "unsold", unsold);
    json_write_int(writer, "lots_total", lots_total);
}

static struct json_writer begin_closed(struct buffer *out, const struct wire_event *event,
                                       const struct wire_closed *closed)
{
    struct json_writer writer = begin_event(out, event);
    json_write_cstr(&writer, "lot", closed->lot.text);
    json_write_int(&writer, "no", closed->no);
    json_write_text(&writer, "title", closed->title);
    wire_part_optional_int(&writer, "price", closed->price_minor);
    return writer;
}

void wire_write_sold(struct buffer *out, const struct wire_event *event,
                     const struct wire_closed *closed)
{
    LC_ASSERT(closed->price_minor != WIRE_ABSENT);
    LC_ASSERT(closed->winner.person.id.text[0] != 0);
    struct json_writer writer = begin_closed(out, event, closed);
    wire_part_person(&writer, "winner", &closed->winner.person);
    json_write_int(&writer, "bids", closed->bids);
    json_write_cstr(&writer, "reason", closed->reason);
    wire_part_participant(&writer, "winner_state", &closed->winner);
    write_totals(&writer, closed->sold, closed->unsold, closed->lots_total);
    json_object_end(&writer);
}

void wire_write_unsold(struct buffer *out, const struct wire_event *event,
                       const struct wire_closed *closed)
{
    struct json_writer writer = begin_closed(out, event, closed);
    json_write_int(&writer, "bids", closed->bids);
    json_write_cstr(&writer, "reason", closed->reason);
    write_totals(&writer, closed->sold, closed->unsold, closed->lots_total);
    json_object_end(&writer);
}

void wire_write_round_started(struct buffer *out, const struct wire_event *event, int64_t round,
                              const struct lot_id *lots, size_t lots_count)
{
    struct json_writer writer = begin_event(out, event);
    json_write_int(&writer, "round", round);
    wire_part_lot_ids(&writer, "lots", lots, lots_count);
    json_object_end(&writer);
}

void wire_write_auction_paused(struct buffer *out, const struct wire_event *event,
                               const struct wire_clock_change *change)
{
    struct json_writer writer = begin_event(out, event);
    json_write_cstr(&writer, "clock", change->clock);
    wire_part_optional_id(&writer, "lot", change->lot.text);
    wire_part_optional_int(&writer, "remaining_ms", change->remaining_ms);
    json_object_end(&writer);
}

void wire_write_auction_resumed(struct buffer *out, const struct wire_event *event,
                                const struct wire_clock_change *change)
{
    struct json_writer writer = begin_event(out, event);
    json_write_cstr(&writer, "reason", change->reason);
    json_write_int(&writer, "gap_ms", change->gap_ms);
    json_write_cstr(&writer, "clock", change->clock);
    wire_part_optional_id(&writer, "lot", change->lot.text);
    wire_part_optional_int(&writer, "ends_at", change->ends_at_ms);
    wire_part_optional_int(&writer, "remaining_ms", change->remaining_ms);
    json_object_end(&writer);
}

void wire_write_auction_complete(struct buffer *out, const struct wire_event *event,
                                 const char *reason, int64_t sold, int64_t unsold,
                                 int64_t lots_total)
{
    struct json_writer writer = begin_event(out, event);
    json_write_cstr(&writer, "reason", reason);
    write_totals(&writer, sold, unsold, lots_total);
    json_object_end(&writer);
}

void wire_write_auction_reset(struct buffer *out, const struct wire_event *event)
{
    struct json_writer writer = begin_event(out, event);
    json_object_end(&writer);
}

void wire_write_auction_deleted(struct buffer *out, const struct wire_event *event)
{
    struct json_writer writer = begin_event(out, event);
    json_object_end(&writer);
}

void wire_write_notice(struct buffer *out, const struct wire_event *event, struct bytes text,
                       const struct wire_person *by)
{
    struct json_writer writer = begin_event(out, event);
    json_write_text(&writer, "text", text);
    wire_part_person(&writer, "by", by);
    json_object_end(&writer);
}

// ---- ephemeral and private ----

void wire_write_next_lot_countdown(struct buffer *out, struct wire_head head,
                                   const struct wire_next_lot *next, int64_t now_ms)
{
    struct json_writer writer = wire_part_begin(out, head);
    json_write_cstr(&writer, "lot", next->id.text);
    json_write_int(&writer, "no", next->no);
    json_write_text(&writer, "title", next->title);
    wire_part_optional_int(&writer, "starts_at", next->starts_at_ms);
    json_write_int(&writer, "now", now_ms);
    json_write_int(&writer, "remaining_ms", next->remaining_ms);
    json_object_end(&writer);
}

// "event" stands third: wire_read_private_event() counts on it.
static struct json_writer begin_private(struct buffer *out, const struct wire_event *event,
                                        const char *name)
{
    struct json_writer writer = wire_part_begin(out, event->head);
    json_write_cstr(&writer, "event", name);
    json_write_int(&writer, "at", event->at_ms);
    return writer;
}

void wire_write_outbid(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                       int64_t price_minor, int64_t ask_minor, const struct wire_person *leader)
{
    struct json_writer writer = begin_private(out, event, "outbid");
    json_write_cstr(&writer, "lot", lot.text);
    json_write_int(&writer, "price", price_minor);
    json_write_int(&writer, "ask", ask_minor);
    wire_part_person(&writer, "leader", leader);
    json_object_end(&writer);
}

void wire_write_you_lead(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                         int64_t price_minor)
{
    struct json_writer writer = begin_private(out, event, "you_lead");
    json_write_cstr(&writer, "lot", lot.text);
    json_write_int(&writer, "price", price_minor);
    json_object_end(&writer);
}

void wire_write_lobby_updated(struct buffer *out, const struct wire_lobby *lobby)
{
    struct json_writer writer = wire_part_begin(out, lobby->head);
    json_write_int(&writer, "count", lobby->count);
    wire_part_participant_ids(&writer, "ids", lobby->ids, lobby->ids_count);
    json_object_end(&writer);
}
