#include "auction-svc/record/choice.h"

const char *const choice_format[] = {"english", "live",    "dutch",  "japanese", "sealed_first",
                                     "vickrey", "uniform", "candle", NULL};
const char *const choice_visibility[] = {"names", "paddles", "hidden", NULL};
const char *const choice_flow[] = {"sequential", "parallel", NULL};
const char *const choice_start_mode[] = {"lobby", "at", "at_once", NULL};
const char *const choice_lot_order[] = {"listed", "shuffled", NULL};
const char *const choice_registration[] = {"open", "approval", NULL};
const char *const choice_soft_close_type[] = {"reset", "add", NULL};
const char *const choice_soft_close_scope[] = {"lot", "cascade", "group", "all", NULL};
const char *const choice_reserve_mode[] = {
    "jump", "second_price", "house", "straight_until_met", "floor", NULL};
const char *const choice_retraction[] = {"revive", "reset", NULL};
const char *const choice_buy_now_until[] = {"bid", "reserve", NULL};
const char *const choice_nomination_order[] = {"none", "straight", "snake", NULL};
const char *const choice_match[] = {"none", "plain", "raise", NULL};
const char *const choice_participant_status[] = {"accepted", "blocked", "pending", NULL};

// Enums are read and written through `unsigned`.
enum choice_size { CHOICE_SIZE };
_Static_assert(sizeof(enum choice_size) == sizeof(unsigned), "an enum is as large as unsigned");

bool choice_read(struct bytes word, const char *const *words, void *out_value)
{
    for (unsigned value = 0; words[value] != NULL; value++) {
        if (bytes_equal_text(word, words[value])) {
            memcpy(out_value, &value, sizeof value);
            return true;
        }
    }
    return false;
}

const char *choice_word(const char *const *words, const void *value)
{
    unsigned position;
    memcpy(&position, value, sizeof position);
    return words[position];
}
