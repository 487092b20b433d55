// Ascending auction: each bid is a price that everybody sees, the highest at the end wins.
//
// Purity: pure
// Source: rules 3, English
#ifndef LOTCAST_FORMATS_ENGLISH_H
#define LOTCAST_FORMATS_ENGLISH_H

#include "auction-svc/core/format.h"

extern const struct lot_format format_english;

// For other formats in which the highest price leads. The check asks for the lot's own ask.
int64_t english_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms);
enum error_code english_offer_check(const struct sale *sale, const struct lot *lot,
                                    const struct offer *offer, int64_t now_ms);
int64_t english_commits(const struct sale *sale, const struct lot *lot, const struct offer *offer,
                        int64_t now_ms);
void english_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                    int64_t now_ms, struct decision *out);
struct lot_outcome english_outcome(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                                   struct decision *out);

#endif
