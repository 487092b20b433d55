#include <stdlib.h>

#include "auction-svc/core/apply.h"
#include "auction-svc/core/decide.h"

void names_forget(struct sale *sale)
{
    for (size_t i = 0; i < sale->participants_count; i++) {
        free(sale->participants[i].named);
        sale->participants[i].named = NULL;
        sale->participants[i].named_count = 0;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        sale->lots[i].named_count = 0;
    }
}

enum lc_status apply_names_submitted(struct sale *sale, const struct sale_event *event)
{
    int64_t by_index = sale_participant_index(sale, &event->as.names_submitted.by);
    const int64_t *lots = event->as.names_submitted.lots;
    size_t count = event->as.names_submitted.count;
    if (by_index < 0 || count > SUBMITTED_NAMES_MAX) {
        return LC_ERR_CORRUPT;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_index(lots[i], sale->lots_count)) {
            return LC_ERR_CORRUPT;
        }
    }
    size_t *named = count == 0 ? NULL : malloc(count * sizeof *named);
    if (count > 0 && named == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    struct participant *by = &sale->participants[by_index];
    for (size_t i = 0; i < by->named_count; i++) {
        sale->lots[by->named[i]].named_count--;
    }
    for (size_t i = 0; i < count; i++) {
        named[i] = (size_t)lots[i];
        sale->lots[lots[i]].named_count++;
    }
    free(by->named);
    by->named = named;
    by->named_count = count;
    return LC_OK;
}

static enum error_code names_check(const struct sale *sale, const struct sale_command *command,
                                   const char **out_member)
{
    int64_t by_index = sale_participant_index(sale, &command->by);
    if (by_index < 0) {
        return ERROR_NOT_PARTICIPANT;
    }
    if (sale->phase == SALE_PAUSED) {
        return ERROR_PAUSED;
    }
    if (sale->phase != SALE_LIVE || sale->clock != CLOCK_NAMES) {
        return ERROR_WRONG_PHASE;
    }
    if (command->role != ROLE_BIDDER ||
        sale->participants[by_index].status != PARTICIPANT_ACCEPTED) {
        return ERROR_FORBIDDEN;
    }
    if (command->as.submit_names.count > SUBMITTED_NAMES_MAX) {
        *out_member = "lots";
        return ERROR_TOO_MANY;
    }
    return ERROR_NONE;
}

// Fills in the places of the lots that are named, each once.
static enum error_code indexes_fill(const struct sale *sale, const struct sale_command *command,
                                    int64_t *indexes)
{
    for (size_t i = 0; i < command->as.submit_names.count; i++) {
        indexes[i] = sale_lot_index(sale, &command->as.submit_names.lots[i]);
        if (indexes[i] < 0) {
            return ERROR_NOT_FOUND;
        }
        if (sale->lots[indexes[i]].phase != LOT_UNSOLD) {
            return ERROR_LOT_CLOSED; // only what was not sold is offered again
        }
        for (size_t k = 0; k < i; k++) {
            if (indexes[k] == indexes[i]) {
                return ERROR_BAD_REQUEST;
            }
        }
    }
    return ERROR_NONE;
}

void decide_submit_names(const struct sale *sale, const struct sale_command *command,
                         int64_t now_ms, struct decision *out)
{
    const char *member = NULL;
    size_t count = command->as.submit_names.count;
    enum error_code refusal = names_check(sale, command, &member);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, member);
        return;
    }
    out->indexes = malloc((count > 0 ? count : 1) * sizeof *out->indexes);
    refusal = out->indexes == NULL ? ERROR_INTERNAL : indexes_fill(sale, command, out->indexes);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, refusal == ERROR_INTERNAL ? NULL : "lots");
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_NAMES_SUBMITTED, now_ms);
    event->as.names_submitted.by = command->by;
    event->as.names_submitted.lots = out->indexes;
    event->as.names_submitted.count = count;
}
