#include "auction-svc/formats/english.h"
#include "auction-svc/formats/formats.h"

static const struct lot_format *const formats[AUCTION_FORMAT_COUNT] = {
    [FORMAT_ENGLISH] = &format_english,
    [FORMAT_LIVE] = &format_live,
    [FORMAT_DUTCH] = &format_dutch,
    [FORMAT_JAPANESE] = &format_japanese,
    [FORMAT_SEALED_FIRST] = &format_sealed_first,
    [FORMAT_VICKREY] = &format_vickrey,
    [FORMAT_UNIFORM] = &format_uniform,
    [FORMAT_CANDLE] = &format_candle,
};

const struct lot_format *lot_format_of(const struct sale *sale, const struct lot *lot)
{
    enum auction_format format = sale_lot_rules(sale, lot)->format;
    LC_ASSERT(format < AUCTION_FORMAT_COUNT);
    return formats[format];
}
