#include "auction-svc/core/sale.h"

// Texts carry their size, so that no two states give the same bytes.
static void dump_text(struct buffer *out, const char *name, struct bytes text)
{
    buffer_append_format(out, " %s %zu:", name, text.size);
    buffer_append(out, text);
}

static void dump_int(struct buffer *out, const char *name, int64_t value)
{
    buffer_append_byte(out, ' ');
    buffer_append_text(out, name);
    buffer_append_byte(out, ' ');
    buffer_append_int64(out, value);
}

static void dump_hash(struct buffer *out, const uint8_t hash[INVITE_HASH_SIZE])
{
    for (size_t i = 0; i < INVITE_HASH_SIZE; i++) {
        buffer_append_format(out, "%02x", hash[i]);
    }
}

static void dump_definition(const struct sale_definition *definition, struct buffer *out)
{
    const struct sale_rules *rules = &definition->rules;
    const struct roster_rules *roster = &definition->roster;
    buffer_append_format(out, "definition %s", definition->id.text);
    dump_text(out, "title", definition->title);
    dump_text(out, "currency", bytes_text(definition->currency_code));
    dump_int(out, "minor_digits", definition->currency_minor_digits);
    dump_int(out, "public", definition->is_public);
    dump_int(out, "visibility", (int64_t)definition->visibility);
    dump_int(out, "lot_duration_ms", rules->lot.duration_ms);
    dump_int(out, "gap_ms", rules->gap_ms);
    dump_int(out, "soft_close_window_ms", rules->lot.soft_close.window_ms);
    dump_int(out, "amount_ms", rules->lot.soft_close.amount_ms);
    dump_int(out, "type", (int64_t)rules->lot.soft_close.type);
    dump_int(out, "max_extensions", rules->lot.soft_close.max_extensions);
    dump_int(out, "unsold_rounds", rules->unsold_rounds);
    dump_int(out, "strict", rules->lot.strict);
    dump_int(out, "sanity_factor", rules->lot.sanity_factor);
    dump_int(out, "outage_threshold_ms", rules->outage_threshold_ms);
    dump_int(out, "outage_extension_ms", rules->outage_extension_ms);
    dump_int(out, "align", rules->lot.increments.align);
    for (size_t i = 0; i < rules->lot.increments.count; i++) {
        dump_int(out, "from", rules->lot.increments.as.bands[i].from_minor);
        dump_int(out, "step", rules->lot.increments.as.bands[i].step_minor);
    }
    dump_int(out, "roster", roster->enabled);
    dump_int(out, "budget", roster->budget_minor);
    dump_int(out, "slots", roster->slots);
    dump_int(out, "minimum", roster->minimum_minor);
    buffer_append_byte(out, '\n');
}

static void dump_lot(const struct lot *lot, struct buffer *out)
{
    buffer_append_format(out, "lot %s", lot->id.text);
    dump_int(out, "no", lot->no);
    dump_text(out, "title", bytes_text(lot->title));
    dump_text(out, "description", bytes_text(lot->description));
    dump_text(out, "image", bytes_text(lot->image));
    dump_text(out, "category", bytes_text(lot->category));
    dump_int(out, "opening", lot->opening_minor);
    dump_int(out, "reserve", lot->reserve_minor);
    dump_int(out, "duration_ms", lot->duration_ms);
    dump_int(out, "phase", (int64_t)lot->phase);
    dump_int(out, "price", lot->price_minor);
    dump_int(out, "leader", lot->leader_index);
    dump_int(out, "bids", lot->bids);
    dump_int(out, "started_at", lot->started_at_ms);
    dump_int(out, "ends_at", lot->ends_at_ms);
    dump_int(out, "extensions", lot->extensions);
    dump_int(out, "round", lot->round);
    buffer_append_byte(out, '\n');
}

static void dump_participant(const struct participant *participant, struct buffer *out)
{
    buffer_append_format(out, "participant %s", participant->id.text);
    dump_text(out, "paddle", bytes_text(participant->paddle));
    dump_text(out, "name", bytes_text(participant->name));
    dump_int(out, "status", (int64_t)participant->status);
    dump_int(out, "budget", participant->budget_minor);
    dump_int(out, "slots", participant->slots);
    dump_int(out, "limit", participant->limit_minor);
    dump_int(out, "spent", participant->spent_minor);
    dump_int(out, "held", participant->held_minor);
    dump_int(out, "slots_taken", participant->slots_taken);
    dump_int(out, "slots_held", participant->slots_held);
    buffer_append_byte(out, '\n');
}

static void dump_invite(const struct invite *invite, struct buffer *out)
{
    buffer_append_text(out, "invite ");
    dump_hash(out, invite->hash);
    dump_int(out, "role", (int64_t)invite->role);
    dump_int(out, "uses_left", invite->uses_left);
    dump_int(out, "expires_at", invite->expires_at_ms);
    dump_text(out, "participant", bytes_text(invite->participant.text));
    buffer_append_byte(out, '\n');
}

void sale_dump(const struct sale *sale, struct buffer *out)
{
    dump_definition(&sale->definition, out);
    buffer_append_text(out, "sale");
    dump_int(out, "phase", (int64_t)sale->phase);
    dump_int(out, "clock", (int64_t)sale->clock);
    dump_int(out, "seq", sale->seq);
    dump_int(out, "epoch", sale->epoch);
    dump_int(out, "last_at", sale->last_at_ms);
    dump_int(out, "lot", sale->lot_index);
    dump_int(out, "next", sale->next_index);
    dump_int(out, "next_starts_at", sale->next_starts_at_ms);
    dump_int(out, "paused_remaining_ms", sale->paused_remaining_ms);
    dump_int(out, "round", sale->round);
    dump_int(out, "bids_total", sale->bids_total);
    dump_int(out, "sold", sale->sold_count);
    dump_int(out, "unsold", sale->unsold_count);
    dump_int(out, "complete_reason", (int64_t)sale->complete_reason);
    buffer_append_byte(out, '\n');
    for (size_t i = 0; i < sale->lots_count; i++) {
        dump_lot(&sale->lots[i], out);
    }
    for (size_t i = 0; i < sale->participants_count; i++) {
        dump_participant(&sale->participants[i], out);
    }
    for (size_t i = 0; i < sale->invites_count; i++) {
        dump_invite(&sale->invites[i], out);
    }
    for (size_t i = 0; i < sale->recent_bids_count; i++) {
        const struct recent_bid *bid = &sale->recent_bids[i];
        buffer_append_text(out, "recent");
        dump_int(out, "by", bid->by_index);
        dump_int(out, "amount", bid->amount_minor);
        dump_int(out, "at", bid->at_ms);
        buffer_append_byte(out, '\n');
    }
}
