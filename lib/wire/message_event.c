#include "lib/wire/message_event.h"

#include "lib/wire/wire_event_part.h"
#include "lib/wire/wire_part.h"

struct json_writer wire_event_begin(struct buffer *out, const struct wire_event *event)
{
    struct json_writer writer = wire_part_begin(out, event->head);
    json_write_int(&writer, "at", event->at_ms);
    return writer;
}

void wire_write_epoch_started(struct buffer *out, const struct wire_event *event,
                              const char *reason)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_int(&writer, "first_seq", event->head.seq);
    json_write_cstr(&writer, "reason", reason);
    json_object_end(&writer);
}

void wire_write_lots_changed(struct buffer *out, const struct wire_event *event, int64_t added,
                             int64_t lots_total)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_int(&writer, "added", added);
    json_write_int(&writer, "lots_total", lots_total);
    json_object_end(&writer);
}

void wire_write_participants_changed(struct buffer *out, const struct wire_event *event,
                                     const char *change, const struct wire_participant *participant,
                                     int64_t added, int64_t participants_total)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_cstr(&writer, "change", change);
    if (participant != NULL) {
        wire_part_participant(&writer, "participant", participant);
    } else {
        json_write_null(&writer, "participant");
    }
    json_write_int(&writer, "added", added);
    json_write_int(&writer, "participants_total", participants_total);
    json_object_end(&writer);
}

void wire_write_auction_started(struct buffer *out, const struct wire_event *event, int64_t open,
                                int64_t lots_total)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_int(&writer, "open", open);
    json_write_int(&writer, "lots_total", lots_total);
    json_object_end(&writer);
}

void wire_write_round_started(struct buffer *out, const struct wire_event *event, int64_t round,
                              const struct lot_id *lots, size_t lots_count, int64_t lots_total)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_int(&writer, "round", round);
    wire_part_lot_ids(&writer, "lots", lots, lots_count);
    json_write_int(&writer, "lots_total", lots_total);
    json_object_end(&writer);
}

void wire_write_auction_paused(struct buffer *out, const struct wire_event *event,
                               const struct wire_clock_change *change)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_cstr(&writer, "reason", change->reason);
    json_write_cstr(&writer, "clock", change->clock);
    wire_part_optional_id(&writer, "lot", change->lot.text);
    wire_part_optional_int(&writer, "remaining_ms", change->remaining_ms);
    json_object_end(&writer);
}

void wire_write_auction_resumed(struct buffer *out, const struct wire_event *event,
                                const struct wire_clock_change *change)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_cstr(&writer, "reason", change->reason);
    json_write_int(&writer, "gap_ms", change->gap_ms);
    json_write_cstr(&writer, "clock", change->clock);
    wire_part_optional_id(&writer, "lot", change->lot.text);
    wire_part_optional_int(&writer, "ends_at", change->ends_at_ms);
    wire_part_optional_int(&writer, "remaining_ms", change->remaining_ms);
    json_write_int(&writer, "shift_ms", change->shift_ms);
    json_object_end(&writer);
}

void wire_write_auction_complete(struct buffer *out, const struct wire_event *event,
                                 const char *reason, int64_t sold, int64_t unsold,
                                 int64_t lots_total)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_cstr(&writer, "reason", reason);
    json_write_int(&writer, "sold", sold);
    json_write_int(&writer, "unsold", unsold);
    json_write_int(&writer, "lots_total", lots_total);
    json_object_end(&writer);
}

void wire_write_auction_reset(struct buffer *out, const struct wire_event *event)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_object_end(&writer);
}

void wire_write_auction_deleted(struct buffer *out, const struct wire_event *event)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_object_end(&writer);
}

void wire_write_notice(struct buffer *out, const struct wire_event *event, struct bytes text,
                       const struct wire_person *by)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_text(&writer, "text", text);
    wire_part_person(&writer, "by", by);
    json_object_end(&writer);
}

void wire_write_gavel_taken(struct buffer *out, const struct wire_event *event,
                            struct bytes console, struct bytes by)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_text(&writer, "console", console);
    json_write_text(&writer, "by", by);
    json_object_end(&writer);
}

void wire_write_nomination_started(struct buffer *out, const struct wire_event *event,
                                   const struct wire_person *by, int64_t ends_at_ms,
                                   int64_t remaining_ms)
{
    struct json_writer writer = wire_event_begin(out, event);
    wire_part_person(&writer, "by", by);
    json_write_int(&writer, "ends_at", ends_at_ms);
    json_write_int(&writer, "remaining_ms", remaining_ms);
    json_object_end(&writer);
}

void wire_write_lot_nominated(struct buffer *out, const struct wire_event *event,
                              const struct wire_nominated *nominated)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_cstr(&writer, "lot", nominated->lot.text);
    json_write_int(&writer, "no", nominated->no);
    json_write_text(&writer, "title", nominated->title);
    wire_part_person(&writer, "by", &nominated->by);
    wire_part_optional_int(&writer, "starts_at", nominated->starts_at_ms);
    json_write_int(&writer, "remaining_ms", nominated->remaining_ms);
    json_object_end(&writer);
}

void wire_write_names_called(struct buffer *out, const struct wire_event *event, int64_t ends_at_ms,
                             int64_t remaining_ms)
{
    struct json_writer writer = wire_event_begin(out, event);
    json_write_int(&writer, "ends_at", ends_at_ms);
    json_write_int(&writer, "remaining_ms", remaining_ms);
    json_object_end(&writer);
}

void wire_write_seed_revealed(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                              const char *seed)
{
    struct json_writer writer = wire_event_begin(out, event);
    wire_part_optional_id(&writer, "lot", lot.text);
    json_write_cstr(&writer, "seed", seed);
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
                       int64_t price_minor, int64_t ask_minor, const struct wire_person *leader,
                       bool is_house)
{
    struct json_writer writer = begin_private(out, event, "outbid");
    json_write_cstr(&writer, "lot", lot.text);
    wire_part_optional_int(&writer, "price", price_minor);
    json_write_int(&writer, "ask", ask_minor);
    wire_part_person(&writer, "leader", leader);
    json_write_bool(&writer, "house", is_house);
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

void wire_write_max_bid_changed(struct buffer *out, const struct wire_event *event,
                                struct lot_id lot, int64_t max_minor, bool is_leading)
{
    struct json_writer writer = begin_private(out, event, "max_bid_changed");
    json_write_cstr(&writer, "lot", lot.text);
    wire_part_optional_int(&writer, "max", max_minor);
    json_write_bool(&writer, "leading", is_leading);
    json_object_end(&writer);
}

void wire_write_lobby_updated(struct buffer *out, const struct wire_lobby *lobby)
{
    struct json_writer writer = wire_part_begin(out, lobby->head);
    json_write_int(&writer, "count", lobby->count);
    wire_part_participant_ids(&writer, "ids", lobby->ids, lobby->ids_count);
    json_object_end(&writer);
}
