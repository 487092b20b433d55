#include "auction-svc/formats/english.h"

const struct lot_format *lot_format_of(const struct sale *sale, const struct lot *lot)
{
    (void)sale;
    (void)lot; // every lot is english until a definition can name another format
    return &format_english;
}
