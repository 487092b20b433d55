// The gavel: of several consoles one controls the sale.
//
// Purity: pure
// Source: rules 1, Roles
#ifndef LOTCAST_CORE_GAVEL_H
#define LOTCAST_CORE_GAVEL_H

#include "auction-svc/core/decide.h"

// False: another console holds the gavel, and the command is one that only the holder may give.
// While nobody has taken it, every console may.
bool gavel_allows(const struct sale *sale, const struct sale_command *command);

void decide_take_gavel(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                       struct decision *out);

#endif
