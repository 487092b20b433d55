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

static int compare_int64(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

// Are all numbers of the sale's lots and of the new ones different?
static enum error_code numbers_check(const struct sale *sale, const struct lot_definition *lots,
                                     size_t count)
{
    size_t known = sale == NULL ? 0 : sale->lots_count;
    int64_t *numbers = malloc((known + count) * sizeof *numbers);
    if (numbers == NULL) {
        return ERROR_INTERNAL;
    }
    for (size_t i = 0; i < known; i++) {
        numbers[i] = sale->lots[i].no;
    }
    for (size_t i = 0; i < count; i++) {
        numbers[known + i] = lots[i].no;
    }
    qsort(numbers, known + count, sizeof *numbers, compare_int64);
    enum error_code refusal = ERROR_NONE;
    for (size_t i = 1; i < known + count; i++) {
        if (numbers[i] == numbers[i - 1]) {
            refusal = ERROR_LOT_EXISTS;
        }
    }
    free(numbers);
    return refusal;
}

static enum error_code ids_check(const struct sale *sale, const struct lot_definition *lots,
                                 size_t count)
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
        }
        id_index_add(&index, lots, sizeof *lots);
    }
    id_index_release(&index);
    return refusal;
}

// Numbers and ids that the definition left open.
static enum error_code lots_complete(const struct sale *sale, struct lot_definition *lots,
                                     size_t count, const char **out_member)
{
    int64_t highest = highest_no(sale);
    for (size_t i = 0; i < count; i++) {
        enum error_code refusal = lot_definition_check(&lots[i], out_member);
        if (refusal != ERROR_NONE) {
            return refusal;
        }
        if (lots[i].no == 0) {
            lots[i].no = highest + 1;
        }
        if (lots[i].no > LOT_NO_MAX) {
            *out_member = "no";
            return ERROR_BAD_DEFINITION;
        }
        highest = lots[i].no > highest ? lots[i].no : highest;
        if (lots[i].id.text[0] == 0) {
            snprintf(lots[i].id.text, sizeof lots[i].id.text, "l%d", (int)lots[i].no);
        }
    }
    *out_member = NULL;
    enum error_code refusal = ids_check(sale, lots, count);
    return refusal != ERROR_NONE ? refusal : numbers_check(sale, lots, count);
}

// Adds LOTS_ADDED, or refuses; `sale` is NULL for a sale that is being created.
static void lots_add(const struct sale *sale, const struct lot_definition *lots, size_t count,
                     int64_t now_ms, struct decision *out)
{
    size_t known = sale == NULL ? 0 : sale->lots_count;
    if (count > ADD_LOTS_MAX || count > SALE_LOTS_MAX - known) {
        decision_refuse(out, ERROR_TOO_MANY, "lots");
        return;
    }
    out->lots = malloc(count * sizeof *out->lots);
    if (out->lots == NULL) {
        decision_refuse(out, ERROR_INTERNAL, NULL);
        return;
    }
    memcpy(out->lots, lots, count * sizeof *out->lots);
    const char *member = NULL;
    enum error_code refusal = lots_complete(sale, out->lots, count, &member);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, member);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_LOTS_ADDED, now_ms);
    event->as.lots_added.lots = out->lots;
    event->as.lots_added.count = count;
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
    lots_add(sale, command->as.add_lots.lots, command->as.add_lots.count, now_ms, out);
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
        lots_add(NULL, lots, lots_count, now_ms, out);
    }
}
