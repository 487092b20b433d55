#include "bridge/socketio/json_date.h"

#define DAY_MS INT64_C(86400000)

struct civil {
    int64_t year;
    int month; // 1 to 12
    int day;
    int weekday; // 0: Sunday
    int of_day_ms;
};

// In the Gregorian calendar, counted in years that begin in March.
static struct civil civil_of(int64_t utc_ms)
{
    int64_t of_day = (utc_ms % DAY_MS + DAY_MS) % DAY_MS;
    int64_t since_1970 = (utc_ms - of_day) / DAY_MS;
    int64_t days = since_1970 + 719468; // since 0000-03-01
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * of_year + 2) / 153;
    struct civil civil;
    civil.day = (int)(of_year - (153 * march_month + 2) / 5 + 1);
    civil.month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    civil.year = year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0);
    civil.weekday = (int)(((since_1970 + 4) % 7 + 7) % 7);
    civil.of_day_ms = (int)of_day;
    return civil;
}

static void append_year(struct buffer *out, int64_t year, bool is_long)
{
    if (is_long) {
        buffer_append_format(out, year < 0 ? "-%06lld" : "%04lld",
                             (long long)(year < 0 ? -year : year));
    } else if (year < 0 || year > 9999) {
        buffer_append_format(out, "%c%06lld", year < 0 ? '-' : '+',
                             (long long)(year < 0 ? -year : year));
    } else {
        buffer_append_format(out, "%04lld", (long long)year);
    }
}

static bool is_in_range(int64_t utc_ms)
{
    return utc_ms >= -JSON_DATE_MAX_MS && utc_ms <= JSON_DATE_MAX_MS;
}

void json_date_write(struct buffer *out, int64_t utc_ms)
{
    if (!is_in_range(utc_ms)) {
        buffer_append_text(out, "null");
        return;
    }
    struct civil civil = civil_of(utc_ms);
    int seconds = civil.of_day_ms / 1000;
    buffer_append_byte(out, '"');
    append_year(out, civil.year, false);
    buffer_append_format(out, "-%02d-%02dT%02d:%02d:%02d.%03dZ\"", civil.month, civil.day,
                         seconds / 3600, seconds / 60 % 60, seconds % 60, civil.of_day_ms % 1000);
}

void json_date_write_long(struct buffer *out, int64_t utc_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (!is_in_range(utc_ms)) {
        buffer_append_text(out, "null");
        return;
    }
    struct civil civil = civil_of(utc_ms);
    int seconds = civil.of_day_ms / 1000;
    buffer_append_format(out, "\"%s %s %02d ", days[civil.weekday], months[civil.month - 1],
                         civil.day);
    append_year(out, civil.year, true);
    buffer_append_format(out, " %02d:%02d:%02d GMT+0000 (Coordinated Universal Time)\"",
                         seconds / 3600, seconds / 60 % 60, seconds % 60);
}
