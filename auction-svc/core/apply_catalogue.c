#include <stdlib.h>

#include "auction-svc/core/apply.h"
#include "auction-svc/core/lot_order.h"

enum lc_status apply_sale_created(struct sale *sale, const struct sale_event *event)
{
    const struct sale_definition *definition = event->as.sale_created.definition;
    const char *member = NULL;
    if (sale->title != NULL || definition == NULL ||
        sale_definition_check(definition, &member) != ERROR_NONE) {
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
    if (definition->rules.start_mode != START_LOBBY) {
        sale->clock = CLOCK_START; // runs as soon as there are lots
        sale->clock_ends_at_ms = definition->rules.start_mode == START_AT
                                     ? definition->rules.starts_at_ms
                                     : event->at_ms;
    }
    return LC_OK;
}

enum lc_status apply_epoch_started(struct sale *sale, const struct sale_event *event)
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
    char *texts =
        malloc(definition->title.size + definition->description.size + definition->image.size +
               definition->category.size + definition->set.size + 5);
    struct lot_rules *own_rules = definition->has_rules ? malloc(sizeof *own_rules) : NULL;
    if (texts == NULL || (definition->has_rules && own_rules == NULL)) {
        free(texts);
        free(own_rules);
        return LC_ERR_NO_MEMORY;
    }
    if (own_rules != NULL) {
        *own_rules = definition->rules;
    }
    *lot = (struct lot){
        .id = definition->id,
        .no = definition->no,
        .title = texts,
        .opening_minor = definition->opening_minor,
        .reserve_minor = definition->reserve_minor,
        .buy_now_minor = definition->buy_now_minor,
        .estimate_low_minor = definition->estimate_low_minor,
        .estimate_high_minor = definition->estimate_high_minor,
        .quantity = definition->quantity > 0 ? definition->quantity : 1,
        .duration_ms = definition->duration_ms,
        .match_holder = definition->match_holder,
        .own_rules = own_rules,
    };
    lot->description = text_copy(definition->title, lot->title);
    lot->image = text_copy(definition->description, lot->description);
    lot->category = text_copy(definition->image, lot->image);
    lot->set = text_copy(definition->category, lot->category);
    text_copy(definition->set, lot->set);
    lot_renew(lot, 0);
    return LC_OK;
}

enum lc_status apply_lots_added(struct sale *sale, const struct sale_event *event)
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
        bool is_new = sale_lot_index(sale, &definitions[filled].id) < 0;
        status = is_new ? lot_fill(&lots[sale->lots_count + filled], &definitions[filled])
                        : LC_ERR_CORRUPT;
    }
    size_t whole = status == LC_OK ? filled : filled - 1;
    if (status == LC_OK) {
        status = lot_order_set(&sale->definition, lots, sale->lots_count + count);
    }
    if (status != LC_OK) {
        for (size_t i = 0; i < whole; i++) {
            free(lots[sale->lots_count + i].title);
            free(lots[sale->lots_count + i].own_rules);
        }
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        id_index_add(&sale->lots_by_id, lots, sizeof *lots);
    }
    sale->lots_count += count;
    return LC_OK;
}

enum lc_status apply_invite_created(struct sale *sale, const struct sale_event *event)
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

enum lc_status apply_invite_used(struct sale *sale, const struct sale_event *event)
{
    return invite_use(sale, event->as.invite_used.invite_hash);
}

// Room for `count` more, in the list and in its index.
static enum lc_status participants_reserve(struct sale *sale, size_t count)
{
    size_t needed = sale->participants_count + count;
    struct participant *participants =
        array_grow(sale->participants, &sale->participants_capacity, needed, sizeof *participants);
    if (participants == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    sale->participants = participants;
    return id_index_reserve(&sale->participants_by_id, participants, sizeof *participants, needed);
}

static bool participant_is_new(const struct sale *sale, const struct participant_id *id)
{
    return id->text[0] != 0 && sale_participant_index(sale, id) < 0;
}

enum lc_status apply_participant_joined(struct sale *sale, const struct sale_event *event)
{
    const struct participant_id *id = &event->as.participant_joined.participant;
    struct bytes name = event->as.participant_joined.name;
    if (sale->participants_count >= SALE_PARTICIPANTS_MAX || !participant_is_new(sale, id)) {
        return LC_ERR_CORRUPT;
    }
    enum lc_status status = participants_reserve(sale, 1);
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
    struct participant *participant = &sale->participants[sale->participants_count];
    *participant = (struct participant){
        .id = *id,
        .name = name_copy,
        .status = event->as.participant_joined.pending ? PARTICIPANT_PENDING : PARTICIPANT_ACCEPTED,
    };
    memcpy(participant->paddle, event->as.participant_joined.paddle, PADDLE_SIZE_MAX);
    id_index_add(&sale->participants_by_id, sale->participants, sizeof *participant);
    sale->participants_count++;
    return LC_OK;
}

// Each of the fact's participants in the place where it will be; it counts only when all are good.
static enum lc_status participants_fill(struct sale *sale,
                                        const struct participant_definition *definitions,
                                        size_t count, size_t *out_filled)
{
    for (size_t i = 0; i < count; i++) {
        const struct participant_definition *definition = &definitions[i];
        const char *member = NULL;
        *out_filled = i;
        if (!participant_is_new(sale, &definition->id) || definition->paddle[0] == 0 ||
            participant_definition_check(definition, &member) != ERROR_NONE) {
            return LC_ERR_CORRUPT;
        }
        char *name = malloc(definition->name.size + 1);
        if (name == NULL) {
            return LC_ERR_NO_MEMORY;
        }
        text_copy(definition->name, name);
        struct participant *participant = &sale->participants[sale->participants_count + i];
        *participant = (struct participant){
            .id = definition->id,
            .name = name,
            .status = PARTICIPANT_ACCEPTED,
            .budget_minor = definition->budget_minor,
            .slots = definition->slots,
            .limit_minor = definition->limit_minor,
        };
        memcpy(participant->paddle, definition->paddle, PADDLE_SIZE_MAX);
    }
    *out_filled = count;
    return LC_OK;
}

enum lc_status apply_participants_added(struct sale *sale, const struct sale_event *event)
{
    size_t count = event->as.participants_added.count;
    size_t filled = 0;
    if (count == 0 || count > SALE_PARTICIPANTS_MAX - sale->participants_count) {
        return LC_ERR_CORRUPT;
    }
    enum lc_status status = participants_reserve(sale, count);
    if (status == LC_OK) {
        status = participants_fill(sale, event->as.participants_added.participants, count, &filled);
    }
    if (status != LC_OK) {
        for (size_t i = 0; i < filled; i++) {
            free(sale->participants[sale->participants_count + i].name);
        }
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        id_index_add(&sale->participants_by_id, sale->participants, sizeof *sale->participants);
    }
    sale->participants_count += count;
    return LC_OK;
}

enum lc_status apply_participant_blocked(struct sale *sale, const struct sale_event *event)
{
    int64_t index = sale_participant_index(sale, &event->as.participant_blocked.participant);
    if (index < 0) {
        return LC_ERR_CORRUPT;
    }
    sale->participants[index].status =
        event->as.participant_blocked.blocked ? PARTICIPANT_BLOCKED : PARTICIPANT_ACCEPTED;
    return LC_OK;
}

enum lc_status apply_participant_changed(struct sale *sale, const struct sale_event *event)
{
    int64_t index = sale_participant_index(sale, &event->as.participant_changed.participant);
    int64_t budget_minor = event->as.participant_changed.budget_minor;
    int64_t slots = event->as.participant_changed.slots;
    int64_t limit_minor = event->as.participant_changed.limit_minor;
    if (index < 0 || purse_limits_wrong_member(budget_minor, slots, limit_minor) != NULL) {
        return LC_ERR_CORRUPT;
    }
    struct participant *participant = &sale->participants[index];
    participant->status = event->as.participant_changed.status;
    participant->budget_minor = budget_minor;
    participant->slots = slots;
    participant->limit_minor = limit_minor;
    return LC_OK;
}
