// Ascending auction: each bid is a price that everybody sees, the highest at the end wins.
//
// Purity: pure
// Source: rules 3, English
#ifndef LOTCAST_FORMATS_ENGLISH_H
#define LOTCAST_FORMATS_ENGLISH_H

#include "auction-svc/core/format.h"

extern const struct lot_format format_english;

#endif
