// A page of the catalogue: lots with what they are and how they stand.
//
// Purity:    pure (allocates)
// Errors:    false without memory
// Source:    docs/PROTOCOL.md, Lots page. It fits a packet whatever the texts are: the longest,
//            all escaped, give way in the order of enum page_cut
#ifndef LOTCAST_SERVICE_CATALOGUE_PAGE_H
#define LOTCAST_SERVICE_CATALOGUE_PAGE_H

#include "auction-svc/core/sale.h"
#include "lib/base/buffer.h"

enum page_cut { CUT_NOTHING, CUT_DESCRIPTIONS, CUT_IMAGES, CUT_RULES, CUT_CATEGORIES };

LC_MUST_CHECK bool catalogue_page_write(struct buffer *out, const struct sale *sale, int64_t page,
                                        int64_t now_ms);

#endif
