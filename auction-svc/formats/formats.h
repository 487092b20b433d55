// The formats, one constant each; format_table.c chooses by the rules of the lot.
//
// Purity: pure
// Source: rules 3 and 4
#ifndef LOTCAST_FORMATS_FORMATS_H
#define LOTCAST_FORMATS_FORMATS_H

#include "auction-svc/core/format.h"

extern const struct lot_format format_live;
extern const struct lot_format format_dutch;
extern const struct lot_format format_japanese;
extern const struct lot_format format_sealed_first;
extern const struct lot_format format_vickrey;
extern const struct lot_format format_uniform;
extern const struct lot_format format_candle;

#endif
