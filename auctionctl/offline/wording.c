#include "auctionctl/offline/wording.h"

#include <inttypes.h>

void wording_money(struct buffer *out, const struct sale *sale, int64_t amount_minor)
{
    int64_t unit = 1;
    int digits = (int)sale->definition.currency_minor_digits;
    for (int i = 0; i < digits; i++) {
        unit *= 10;
    }
    buffer_append_int64(out, amount_minor / unit);
    if (digits > 0) {
        buffer_append_format(out, ".%0*" PRId64, digits,
                             (amount_minor < 0 ? -amount_minor : amount_minor) % unit);
    }
    buffer_append_byte(out, ' ');
    buffer_append_text(out, sale->definition.currency_code);
}

// Civil date from the days since 1970-01-01: 400 years have 146,097 days; years begin in March.
static void date_of(int64_t days, int64_t *out_year, int64_t *out_month, int64_t *out_day)
{
    int64_t shifted = days + 719468;
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *out_day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *out_month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *out_year = year_of_era + era * 400 + (*out_month <= 2 ? 1 : 0);
}

void wording_time(struct buffer *out, int64_t at_ms)
{
    int64_t year;
    int64_t month;
    int64_t day;
    int64_t of_day_ms = at_ms % 86400000;
    date_of(at_ms / 86400000, &year, &month, &day);
    buffer_append_format(out,
                         "%04" PRId64 "-%02" PRId64 "-%02" PRId64 " %02" PRId64 ":%02" PRId64
                         ":%02" PRId64 ".%03" PRId64 "Z",
                         year, month, day, of_day_ms / 3600000, of_day_ms / 60000 % 60,
                         of_day_ms / 1000 % 60, of_day_ms % 1000);
}

void wording_person(struct buffer *out, const struct sale *sale, int64_t index, bool knows_all)
{
    if (index < 0 || (size_t)index >= sale->participants_count) {
        buffer_append_text(out, "the house");
        return;
    }
    const struct participant *participant = &sale->participants[index];
    enum sale_visibility visibility = knows_all ? VISIBILITY_NAMES : sale->definition.visibility;
    switch (visibility) {
    case VISIBILITY_NAMES:
        buffer_append_format(out, "%s (paddle %s)", participant->name, participant->paddle);
        return;
    case VISIBILITY_PADDLES:
        buffer_append_format(out, "paddle %s", participant->paddle);
        return;
    case VISIBILITY_HIDDEN:
        buffer_append_text(out, "another bidder");
        return;
    }
}

const char *wording_phase(enum lot_phase phase)
{
    switch (phase) {
    case LOT_PENDING:
        return "pending";
    case LOT_OPEN:
        return "open";
    case LOT_SOLD:
        return "sold";
    case LOT_UNSOLD:
        return "unsold";
    case LOT_WITHDRAWN:
        return "withdrawn";
    case LOT_CLOSING:
        return "closing";
    case LOT_MATCHING:
        return "matching";
    }
    return "pending";
}
