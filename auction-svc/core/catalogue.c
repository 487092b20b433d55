#include <stdlib.h>

#include "auction-svc/core/decide.h"

static int64_t highest_no(const struct sale *sale)
{
    int64_t highest = 0;
    for (size_t i = 0; sale != NULL && i < sale->lots_count; i++) {
        highest = sale->lots[i].no > highest ? sale->lots[i].no : highest;
    }
    return highest;
}

// Are all numbers of the sale's lots and of the new ones different? The first that is not, in
// `*out_at`.
static enum error_code numbers_check(const struct sale *sale, const struct lot_definition *lots,
                                     size_t count, size_t *out_at)
{
    size_t known = sale == NULL ? 0 : sale->lots_count;
    uint8_t *seen = calloc(LOT_NO_MAX / 8 + 1, 1); // a bit for each number
    if (seen == NULL) {
        return ERROR_INTERNAL;
    }
    enum error_code refusal = ERROR_NONE;
    for (size_t i = 0; i < known + count && refusal == ERROR_NONE; i++) {
        int64_t no = i < known ? sale->lots[i].no : lots[i - known].no;
        uint8_t bit = (uint8_t)(1U << (no % 8));
        if ((seen[no / 8] & bit) != 0) {
            refusal = ERROR_LOT_EXISTS;
            *out_at = i - known;
        }
        seen[no / 8] |= bit;
    }
    free(seen);
    return refusal;
}

static enum error_code ids_check(const struct sale *sale, const struct lot_definition *lots,
                                 size_t count, size_t *out_at)
{
    struct id_index index = {0};
    if (id_index_reserve(&index, lots, sizeof *lots, count) != LC_OK) {
        return ERROR_INTERNAL;
    }
    enum error_code refusal = ERROR_NONE;
    for (size_t i = 0; i < count && refusal == ERROR_NONE; i++) {
        bool known = sale != NULL && sale_lot_index(sale, &lots[i].id) >= 0;
        if (known || id_index_find(&index, lots, sizeof *lots, lots[i].id.text) >= 0) {
            refusal = ERROR_LOT_EXISTS;
            *out_at = i;
        }
        id_index_add(&index, lots, sizeof *lots);
    }
    id_index_release(&index);
    return refusal;
}

// Numbers and ids that the definition left open; a refusal goes to `out`.
static void lots_complete(const struct sale *sale, const struct sale_definition *definition,
                          struct lot_definition *lots, size_t count, struct decision *out)
{
    int64_t highest = highest_no(sale);
    const char *member = NULL;
    size_t at = 0;
    for (; at < count; at++) {
        struct lot_definition *lot = &lots[at];
        enum error_code wrong = lot_definition_check(lot, &member);
        wrong = wrong != ERROR_NONE ? wrong : lot_definition_fits(definition, lot, &member);
        if (wrong != ERROR_NONE) {
            decision_refuse_item(out, wrong, "lots", at, member);
            return;
        }
        if (lot->no == 0) {
            lot->no = highest + 1;
        }
        if (lot->no > LOT_NO_MAX) {
            decision_refuse_item(out, ERROR_BAD_DEFINITION, "lots", at, "no");
            return;
        }
        highest = lot->no > highest ? lot->no : highest;
        if (lot->id.text[0] == 0) {
            snprintf(lot->id.text, sizeof lot->id.text, "l%d", (int)lot->no);
        }
    }
    enum error_code refusal = ids_check(sale, lots, count, &at);
    member = "id";
    if (refusal == ERROR_NONE) {
        refusal = numbers_check(sale, lots, count, &at);
        member = "no";
    }
    if (refusal != ERROR_NONE) {
        decision_refuse_item(out, refusal, refusal == ERROR_INTERNAL ? NULL : "lots", at, member);
    }
}

// Adds LOTS_ADDED, or refuses; `sale` is NULL for a sale that is being created.
static void lots_add(const struct sale *sale, const struct sale_definition *definition,
                     const struct lot_definition *lots, size_t count, int64_t now_ms,
                     struct decision *out)
{
    size_t known = sale == NULL ? 0 : sale->lots_count;
    if (count > SALE_LOTS_MAX - known) {
        decision_refuse(out, ERROR_TOO_MANY, "lots");
        return;
    }
    out->lots = malloc(count * sizeof *out->lots);
    if (out->lots == NULL) {
        decision_refuse(out, ERROR_INTERNAL, NULL);
        return;
    }
    memcpy(out->lots, lots, count * sizeof *out->lots);
    lots_complete(sale, definition, out->lots, count, out);
    for (size_t at = 0; at < count && out->refusal == ERROR_NONE; at += ADD_LOTS_MAX) {
        struct sale_event *event = decision_add(out, EVENT_LOTS_ADDED, now_ms);
        event->as.lots_added.lots = out->lots + at;
        event->as.lots_added.count = count - at < ADD_LOTS_MAX ? count - at : ADD_LOTS_MAX;
    }
}

void decide_add_lots(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                     struct decision *out)
{
    if (sale->phase != SALE_LOBBY) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    if (command->as.add_lots.count == 0) {
        decision_refuse(out, ERROR_BAD_DEFINITION, "lots");
        return;
    }
    lots_add(sale, &sale->definition, command->as.add_lots.lots, command->as.add_lots.count, now_ms,
             out);
}

void sale_decide_create(const struct sale_definition *definition, const struct lot_definition *lots,
                        size_t lots_count, int64_t epoch, int64_t now_ms, struct decision *out)
{
    decision_init(out);
    const char *member = NULL;
    enum error_code refusal = sale_definition_check(definition, &member);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, member);
        return;
    }
    struct sale_event *created = decision_add(out, EVENT_SALE_CREATED, now_ms);
    created->as.sale_created.definition = definition;
    struct sale_event *started = decision_add(out, EVENT_EPOCH_STARTED, now_ms);
    started->as.epoch_started.epoch = epoch;
    started->as.epoch_started.reason = EPOCH_CREATED;
    if (lots_count > 0) {
        lots_add(NULL, definition, lots, lots_count, now_ms, out);
    }
}

void sale_decide_plan(const struct sale_plan *plan, int64_t epoch, int64_t now_ms,
                      struct decision *out)
{
    sale_decide_create(&plan->definition, plan->lots, plan->lots_count, epoch, now_ms, out);
    if (out->refusal == ERROR_NONE && plan->participants_count > 0) {
        participants_add(NULL, &plan->definition, plan->participants, plan->participants_count,
                         now_ms, out);
    }
}

struct lot_definition lot_definition_of(const struct lot *lot)
{
    struct lot_definition definition = {
        .id = lot->id,
        .no = lot->no,
        .title = bytes_text(lot->title),
        .description = bytes_text(lot->description),
        .image = bytes_text(lot->image),
        .category = bytes_text(lot->category),
        .set = bytes_text(lot->set),
        .opening_minor = lot->opening_minor,
        .reserve_minor = lot->reserve_minor,
        .buy_now_minor = lot->buy_now_minor,
        .estimate_low_minor = lot->estimate_low_minor,
        .estimate_high_minor = lot->estimate_high_minor,
        .quantity = lot->quantity > 1 ? lot->quantity : 0,
        .duration_ms = lot->duration_ms,
        .match_holder = lot->match_holder,
        .has_rules = lot->own_rules != NULL,
    };
    if (lot->own_rules != NULL) {
        definition.rules = *lot->own_rules;
    }
    return definition;
}
