#include "auction-svc/formats/award.h"

#include <stdlib.h>

#include "auction-svc/core/decide.h"

struct award *awards_add(int64_t lot_index, size_t count, int64_t now_ms, struct decision *out)
{
    struct award *awards = calloc(count, sizeof *awards);
    if (awards == NULL) {
        decision_refuse(out, ERROR_INTERNAL, NULL);
        return NULL;
    }
    free(out->awards);
    out->awards = awards;
    struct sale_event *event = decision_add(out, EVENT_LOT_AWARDED, now_ms);
    event->as.lot_awarded.lot_index = lot_index;
    event->as.lot_awarded.awards = awards;
    event->as.lot_awarded.count = count;
    return awards;
}

static bool is_winner(const struct award *award, const struct award *other)
{
    return strcmp(award->winner.text, other->winner.text) == 0;
}

int64_t awards_winner(const struct sale *sale, const struct lot *lot, const struct award *more,
                      size_t more_count)
{
    if (lot->awards_count + more_count == 0) {
        return -1;
    }
    const struct award *first = lot->awards_count > 0 ? &lot->awards[0] : &more[0];
    for (size_t i = 0; i < lot->awards_count; i++) {
        if (!is_winner(&lot->awards[i], first)) {
            return -1;
        }
    }
    for (size_t i = 0; i < more_count; i++) {
        if (!is_winner(&more[i], first)) {
            return -1;
        }
    }
    return sale_participant_index(sale, &first->winner);
}
