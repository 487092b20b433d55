#include <stdlib.h>

#include "auction-svc/core/sale.h"

// Facts come from our own decisions or from a ledger. What a damaged ledger could hold and what
// would lead outside of the arrays is LC_ERR_CORRUPT; the rules themselves are never asked again.

static char *text_copy(struct bytes text, char *place)
{
    if (text.size > 0) {
        memcpy(place, text.data, text.size);
    }
    place[text.size] = 0;
    return place + text.size + 1;
}

static void *array_grow(void *items, size_t *capacity, size_t needed, size_t item_size)
{
    if (needed <= *capacity) {
        return items;
    }
    size_t wanted = *capacity * 2 > needed ? *capacity * 2 : needed;
    void *grown = realloc(items, wanted * item_size);
    if (grown != NULL) {
        *capacity = wanted;
    }
    return grown;
}

static bool is_index(int64_t index, size_t count)
{
    return index >= 0 && (size_t)index < count;
}

static bool is_time(int64_t time_ms)
{
    return time_ms >= 0 && time_ms <= TIME_MS_MAX;
}

static bool is_amount(int64_t amount_minor)
{
    return amount_minor >= 1 && amount_minor <= AMOUNT_MINOR_MAX;
}

static struct lot *open_lot(struct sale *sale, int64_t lot_index)
{
    bool is_open = sale->phase == SALE_LIVE && sale->clock == CLOCK_LOT &&
                   sale->lot_index == lot_index && is_index(lot_index, sale->lots_count);
    return is_open ? &sale->lots[lot_index] : NULL;
}

// A leader holds the price of an open lot and one place of his roster.
static void hold_take(struct sale *sale, const struct lot *lot)
{
    struct participant *leader = &sale->participants[lot->leader_index];
    leader->held_minor += lot->price_minor;
    leader->slots_held++;
}

static void hold_release(struct sale *sale, const struct lot *lot)
{
    if (lot->leader_index >= 0) {
        struct participant *leader = &sale->participants[lot->leader_index];
        leader->held_minor -= lot->price_minor;
        leader->slots_held--;
    }
}

static void lot_renew(struct lot *lot, int64_t round)
{
    lot->phase = LOT_PENDING;
    lot->price_minor = 0;
    lot->leader_index = -1;
    lot->bids = 0;
    lot->started_at_ms = 0;
    lot->ends_at_ms = 0;
    lot->extensions = 0;
    lot->round = round;
}

// Counts the next lot in, or stops the clock when `next_index` is -1.
static bool gap_is_possible(const struct sale *sale, int64_t next_index, int64_t starts_at_ms)
{
    return next_index == -1 || (is_index(next_index, sale->lots_count) && is_time(starts_at_ms));
}

static void gap_begin(struct sale *sale, int64_t next_index, int64_t starts_at_ms)
{
    sale->clock = next_index < 0 ? CLOCK_NONE : CLOCK_GAP;
    sale->next_index = next_index;
    sale->next_starts_at_ms = next_index < 0 ? 0 : starts_at_ms;
}

static enum lc_status apply_sale_created(struct sale *sale, const struct sale_event *event)
{
    const struct sale_definition *definition = &event->as.sale_created.definition;
    const char *member = NULL;
    if (sale->title != NULL || sale_definition_check(definition, &member) != ERROR_NONE) {
        return LC_ERR_CORRUPT;
    }
    char *title = malloc(definition->title.size + 1);
    if (title == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    text_copy(definition->title, title);
    sale->title = title;
    sale->definition = *definition;
    sale->definition.title = bytes_text(title);
    return LC_OK;
}

static enum lc_status apply_epoch_started(struct sale *sale, const struct sale_event *event)
{
    if (event->as.epoch_started.epoch <= sale->epoch) {
        return LC_ERR_CORRUPT;
    }
    sale->epoch = event->as.epoch_started.epoch;
    return LC_OK;
}

static enum lc_status lot_fill(struct lot *lot, const struct lot_definition *definition)
{
    const char *member = NULL;
    if (definition->id.text[0] == 0 || definition->no < 1 ||
        lot_definition_check(definition, &member) != ERROR_NONE) {
        return LC_ERR_CORRUPT;
    }
    char *texts = malloc(definition->title.size + definition->description.size +
                         definition->image.size + definition->category.size + 4);
    if (texts == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    *lot = (struct lot){
        .id = definition->id,
        .no = definition->no,
        .title = texts,
        .opening_minor = definition->opening_minor,
        .reserve_minor = definition->reserve_minor,
        .duration_ms = definition->duration_ms,
    };
    lot->description = text_copy(definition->title, lot->title);
    lot->image = text_copy(definition->description, lot->description);
    lot->category = text_copy(definition->image, lot->image);
    text_copy(definition->category, lot->category);
    lot_renew(lot, 0);
    return LC_OK;
}

static enum lc_status apply_lots_added(struct sale *sale, const struct sale_event *event)
{
    const struct lot_definition *definitions = event->as.lots_added.lots;
    size_t count = event->as.lots_added.count;
    if (sale->phase != SALE_LOBBY || count == 0 || count > SALE_LOTS_MAX - sale->lots_count) {
        return LC_ERR_CORRUPT;
    }
    struct lot *lots =
        array_grow(sale->lots, &sale->lots_capacity, sale->lots_count + count, sizeof *lots);
    if (lots == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    sale->lots = lots;
    enum lc_status status =
        id_index_reserve(&sale->lots_by_id, lots, sizeof *lots, sale->lots_count + count);
    if (status != LC_OK) {
        return status;
    }
    size_t filled = 0;
    for (; filled < count && status == LC_OK; filled++) {
        status = lot_fill(&lots[sale->lots_count + filled], &definitions[filled]);
    }
    if (status != LC_OK) {
        for (size_t i = 0; i + 1 < filled; i++) {
            free(lots[sale->lots_count + i].title);
        }
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        id_index_add(&sale->lots_by_id, lots, sizeof *lots);
    }
    sale->lots_count += count;
    return LC_OK;
}

static enum lc_status apply_invite_created(struct sale *sale, const struct sale_event *event)
{
    if (sale->invites_count >= SALE_INVITES_MAX || event->as.invite_created.uses < 0) {
        return LC_ERR_CORRUPT;
    }
    struct invite *invites = array_grow(sale->invites, &sale->invites_capacity,
                                        sale->invites_count + 1, sizeof *invites);
    if (invites == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    sale->invites = invites;
    struct invite *invite = &invites[sale->invites_count];
    *invite = (struct invite){
        .role = event->as.invite_created.role,
        .uses_left = event->as.invite_created.uses == 0 ? -1 : event->as.invite_created.uses,
        .expires_at_ms = event->as.invite_created.expires_at_ms,
        .participant = event->as.invite_created.participant,
    };
    memcpy(invite->hash, event->as.invite_created.hash, INVITE_HASH_SIZE);
    sale->invites_count++;
    return LC_OK;
}

static enum lc_status invite_use(struct sale *sale, const uint8_t hash[INVITE_HASH_SIZE])
{
    int64_t index = sale_invite_index(sale, hash);
    if (index < 0 || sale->invites[index].uses_left == 0) {
        return LC_ERR_CORRUPT;
    }
    if (sale->invites[index].uses_left > 0) {
        sale->invites[index].uses_left--;
    }
    return LC_OK;
}

static enum lc_status apply_invite_used(struct sale *sale, const struct sale_event *event)
{
    return invite_use(sale, event->as.invite_used.invite_hash);
}

static enum lc_status apply_participant_joined(struct sale *sale, const struct sale_event *event)
{
    const struct participant_id *id = &event->as.participant_joined.participant;
    struct bytes name = event->as.participant_joined.name;
    if (sale->participants_count >= SALE_PARTICIPANTS_MAX || id->text[0] == 0 ||
        sale_participant_index(sale, id) >= 0) {
        return LC_ERR_CORRUPT;
    }
    struct participant *participants =
        array_grow(sale->participants, &sale->participants_capacity, sale->participants_count + 1,
                   sizeof *participants);
    if (participants == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    sale->participants = participants;
    enum lc_status status = id_index_reserve(&sale->participants_by_id, participants,
                                             sizeof *participants, sale->participants_count + 1);
    if (status != LC_OK) {
        return status;
    }
    char *name_copy = malloc(name.size + 1);
    if (name_copy == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    status = invite_use(sale, event->as.participant_joined.invite_hash);
    if (status != LC_OK) {
        free(name_copy);
        return status;
    }
    text_copy(name, name_copy);
    struct participant *participant = &participants[sale->participants_count];
    *participant = (struct participant){.id = *id, .name = name_copy};
    memcpy(participant->paddle, event->as.participant_joined.paddle, PADDLE_SIZE_MAX);
    id_index_add(&sale->participants_by_id, participants, sizeof *participants);
    sale->participants_count++;
    return LC_OK;
}

static enum lc_status apply_participant_blocked(struct sale *sale, const struct sale_event *event)
{
    int64_t index = sale_participant_index(sale, &event->as.participant_blocked.participant);
    if (index < 0) {
        return LC_ERR_CORRUPT;
    }
    sale->participants[index].status =
        event->as.participant_blocked.blocked ? PARTICIPANT_BLOCKED : PARTICIPANT_ACCEPTED;
    return LC_OK;
}

static enum lc_status apply_sale_started(struct sale *sale, const struct sale_event *event)
{
    int64_t next_index = event->as.sale_started.next_lot_index;
    int64_t starts_at_ms = event->as.sale_started.next_starts_at_ms;
    if (sale->phase != SALE_LOBBY || !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->phase = SALE_LIVE;
    gap_begin(sale, next_index, starts_at_ms);
    return LC_OK;
}

static enum lc_status apply_lot_started(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_started.lot_index;
    int64_t ends_at_ms = event->as.lot_started.ends_at_ms;
    if (sale->phase != SALE_LIVE || sale->clock != CLOCK_GAP || sale->next_index != lot_index ||
        !is_time(ends_at_ms) || sale->lots[lot_index].phase != LOT_PENDING) {
        return LC_ERR_CORRUPT;
    }
    struct lot *lot = &sale->lots[lot_index];
    lot_renew(lot, sale->round);
    lot->phase = LOT_OPEN;
    lot->started_at_ms = event->at_ms;
    lot->ends_at_ms = ends_at_ms;
    sale->clock = CLOCK_LOT;
    sale->lot_index = lot_index;
    sale->next_index = -1;
    sale->next_starts_at_ms = 0;
    sale->recent_bids_count = 0;
    return LC_OK;
}

static void recent_bid_add(struct sale *sale, struct recent_bid bid)
{
    size_t kept = sale->recent_bids_count;
    if (kept == RECENT_BIDS_MAX) {
        kept--;
    }
    memmove(sale->recent_bids + 1, sale->recent_bids, kept * sizeof bid);
    sale->recent_bids[0] = bid;
    sale->recent_bids_count = kept + 1;
}

static enum lc_status apply_bid_accepted(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = open_lot(sale, event->as.bid_accepted.lot_index);
    int64_t by_index = sale_participant_index(sale, &event->as.bid_accepted.by);
    if (lot == NULL || by_index < 0 || !is_amount(event->as.bid_accepted.amount_minor) ||
        !is_time(event->as.bid_accepted.ends_at_ms) ||
        event->as.bid_accepted.bid_no != sale->bids_total + 1) {
        return LC_ERR_CORRUPT;
    }
    hold_release(sale, lot);
    lot->price_minor = event->as.bid_accepted.amount_minor;
    lot->leader_index = by_index;
    lot->ends_at_ms = event->as.bid_accepted.ends_at_ms;
    lot->bids++;
    hold_take(sale, lot);
    sale->bids_total = event->as.bid_accepted.bid_no;
    recent_bid_add(sale, (struct recent_bid){.by_index = by_index,
                                             .amount_minor = lot->price_minor,
                                             .at_ms = event->at_ms});
    return LC_OK;
}

static enum lc_status apply_lot_extended(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = open_lot(sale, event->as.lot_extended.lot_index);
    if (lot == NULL || !is_time(event->as.lot_extended.ends_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    lot->ends_at_ms = event->as.lot_extended.ends_at_ms;
    lot->extensions++;
    return LC_OK;
}

static enum lc_status apply_lot_sold(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = open_lot(sale, event->as.lot_sold.lot_index);
    int64_t winner_index = sale_participant_index(sale, &event->as.lot_sold.winner);
    int64_t next_index = event->as.lot_sold.next_lot_index;
    int64_t starts_at_ms = event->as.lot_sold.next_starts_at_ms;
    if (lot == NULL || winner_index < 0 || !is_amount(event->as.lot_sold.price_minor) ||
        !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    hold_release(sale, lot);
    lot->phase = LOT_SOLD;
    lot->price_minor = event->as.lot_sold.price_minor;
    lot->leader_index = winner_index;
    struct participant *winner = &sale->participants[winner_index];
    winner->slots_taken++;
    winner->spent_minor = winner->spent_minor > SPENT_MINOR_MAX - lot->price_minor
                              ? SPENT_MINOR_MAX
                              : winner->spent_minor + lot->price_minor;
    sale->sold_count++;
    gap_begin(sale, next_index, starts_at_ms);
    return LC_OK;
}

static enum lc_status apply_lot_unsold(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = open_lot(sale, event->as.lot_unsold.lot_index);
    int64_t next_index = event->as.lot_unsold.next_lot_index;
    int64_t starts_at_ms = event->as.lot_unsold.next_starts_at_ms;
    if (lot == NULL || !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    hold_release(sale, lot);
    lot->phase = LOT_UNSOLD;
    lot->leader_index = -1;
    sale->unsold_count++;
    gap_begin(sale, next_index, starts_at_ms);
    return LC_OK;
}

static enum lc_status apply_round_started(struct sale *sale, const struct sale_event *event)
{
    int64_t next_index = event->as.round_started.next_lot_index;
    int64_t starts_at_ms = event->as.round_started.next_starts_at_ms;
    if (sale->phase != SALE_LIVE || sale->clock != CLOCK_NONE ||
        !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->round = event->as.round_started.round;
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == LOT_UNSOLD) {
            lot_renew(&sale->lots[i], sale->round);
        }
    }
    sale->unsold_count = 0;
    gap_begin(sale, next_index, starts_at_ms);
    return LC_OK;
}

static enum lc_status apply_sale_paused(struct sale *sale, const struct sale_event *event)
{
    if (sale->phase != SALE_LIVE || !is_time(event->as.sale_paused.remaining_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->phase = SALE_PAUSED;
    sale->paused_remaining_ms = event->as.sale_paused.remaining_ms;
    return LC_OK;
}

static enum lc_status apply_sale_resumed(struct sale *sale, const struct sale_event *event)
{
    bool runs_or_frozen = sale->phase == SALE_PAUSED || sale->phase == SALE_LIVE;
    int64_t ends_at_ms = event->as.sale_resumed.ends_at_ms;
    if (!runs_or_frozen || sale->clock == CLOCK_NONE || !is_time(ends_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->phase = SALE_LIVE;
    sale->paused_remaining_ms = 0;
    if (sale->clock == CLOCK_LOT) {
        sale->lots[sale->lot_index].ends_at_ms = ends_at_ms;
    } else {
        sale->next_starts_at_ms = ends_at_ms;
    }
    return LC_OK;
}

static enum lc_status apply_sale_completed(struct sale *sale, const struct sale_event *event)
{
    if (sale->phase != SALE_LIVE || sale->clock == CLOCK_LOT) {
        return LC_ERR_CORRUPT;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == LOT_PENDING) { // rules 3: lots then left are unsold
            sale->lots[i].phase = LOT_UNSOLD;
            sale->unsold_count++;
        }
    }
    sale->phase = SALE_COMPLETE;
    sale->complete_reason = event->as.sale_completed.reason;
    gap_begin(sale, -1, 0);
    return LC_OK;
}

static enum lc_status apply_sale_reset(struct sale *sale, const struct sale_event *event)
{
    (void)event;
    if (sale->phase != SALE_PAUSED && sale->phase != SALE_COMPLETE) {
        return LC_ERR_CORRUPT;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        lot_renew(&sale->lots[i], 0);
    }
    for (size_t i = 0; i < sale->participants_count; i++) {
        struct participant *participant = &sale->participants[i];
        participant->spent_minor = 0;
        participant->held_minor = 0;
        participant->slots_taken = 0;
        participant->slots_held = 0;
    }
    sale->phase = SALE_LOBBY;
    sale->lot_index = -1;
    gap_begin(sale, -1, 0);
    sale->paused_remaining_ms = 0;
    sale->round = 0;
    sale->sold_count = 0;
    sale->unsold_count = 0;
    sale->recent_bids_count = 0;
    sale->complete_reason = COMPLETE_NO_LOTS_LEFT;
    return LC_OK;
}

static enum lc_status apply_sale_deleted(struct sale *sale, const struct sale_event *event)
{
    (void)event;
    sale->phase = SALE_GONE;
    gap_begin(sale, -1, 0);
    return LC_OK;
}

static enum lc_status apply_notice(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_OK;
}

static enum lc_status (*const appliers[SALE_EVENT_KIND_COUNT])(struct sale *,
                                                               const struct sale_event *) = {
    [EVENT_SALE_CREATED] = apply_sale_created,
    [EVENT_EPOCH_STARTED] = apply_epoch_started,
    [EVENT_LOTS_ADDED] = apply_lots_added,
    [EVENT_INVITE_CREATED] = apply_invite_created,
    [EVENT_PARTICIPANT_JOINED] = apply_participant_joined,
    [EVENT_INVITE_USED] = apply_invite_used,
    [EVENT_PARTICIPANT_BLOCKED] = apply_participant_blocked,
    [EVENT_SALE_STARTED] = apply_sale_started,
    [EVENT_LOT_STARTED] = apply_lot_started,
    [EVENT_BID_ACCEPTED] = apply_bid_accepted,
    [EVENT_LOT_EXTENDED] = apply_lot_extended,
    [EVENT_LOT_SOLD] = apply_lot_sold,
    [EVENT_LOT_UNSOLD] = apply_lot_unsold,
    [EVENT_ROUND_STARTED] = apply_round_started,
    [EVENT_SALE_PAUSED] = apply_sale_paused,
    [EVENT_SALE_RESUMED] = apply_sale_resumed,
    [EVENT_SALE_COMPLETED] = apply_sale_completed,
    [EVENT_SALE_RESET] = apply_sale_reset,
    [EVENT_SALE_DELETED] = apply_sale_deleted,
    [EVENT_NOTICE] = apply_notice,
};

enum lc_status sale_apply(struct sale *sale, const struct sale_event *event)
{
    LC_ASSERT(event->kind < SALE_EVENT_KIND_COUNT);
    bool is_first = event->kind == EVENT_SALE_CREATED;
    if ((sale->title == NULL) != is_first || sale->phase == SALE_GONE || !is_time(event->at_ms)) {
        return LC_ERR_CORRUPT;
    }
    enum lc_status status = appliers[event->kind](sale, event);
    if (status != LC_OK) {
        return status;
    }
    if (sale_event_public_name(event->kind) != NULL) {
        sale->seq++;
    }
    if (event->at_ms > sale->last_at_ms) {
        sale->last_at_ms = event->at_ms;
    }
    return LC_OK;
}
