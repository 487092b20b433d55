#include "auction-svc/core/soft_close.h"

int64_t soft_close_end(const struct soft_close *soft_close, int64_t ends_at_ms, int64_t extensions,
                       int64_t now_ms)
{
    bool used_up = soft_close->max_extensions > 0 && extensions >= soft_close->max_extensions;
    if (soft_close->window_ms == 0 || used_up || ends_at_ms - now_ms > soft_close->window_ms) {
        return ends_at_ms;
    }
    int64_t from = soft_close->type == SOFT_CLOSE_ADD ? ends_at_ms : now_ms;
    if (from > TIME_MS_MAX - soft_close->amount_ms) {
        return ends_at_ms;
    }
    int64_t end = from + soft_close->amount_ms;
    return end > ends_at_ms ? end : ends_at_ms;
}
