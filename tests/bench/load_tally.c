#include "tests/bench/load_tally.h"

#include <stdarg.h>

void load_tally_fail(struct load_tally *tally, const char *format, ...)
{
    if (tally->failures++ == 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(tally->first_failure, sizeof tally->first_failure, format, arguments);
        va_end(arguments);
    }
}
