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
