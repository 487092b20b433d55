// Ids that travel in topics, tokens and payloads: short text of [A-Za-z0-9_-], one type for each
// kind of thing.
//
// Purity:    pure
// Ownership: values
// Errors:    *_id_read() refuses an empty, too long or otherwise spelled id and leaves its result
//            as it was
// Source:    topic levels that every broker accepts (docs/PROTOCOL.md, Topics)
#ifndef LOTCAST_BASE_ID_H
#define LOTCAST_BASE_ID_H

#include "lib/base/bytes.h"

enum { ID_SIZE_MAX = 32, COMMAND_ID_SIZE_MAX = 64 };

struct sale_id {
    char text[ID_SIZE_MAX + 1]; // NUL-terminated; "" is no id
};
struct lot_id {
    char text[ID_SIZE_MAX + 1];
};
struct participant_id {
    char text[ID_SIZE_MAX + 1];
};
struct client_id { // a broker client: last level of cmd/ and reply/ topics
    char text[ID_SIZE_MAX + 1];
};
struct command_id { // chosen by the sender, the idempotency key within (sale, by)
    char text[COMMAND_ID_SIZE_MAX + 1];
};

bool sale_id_read(struct bytes text, struct sale_id *out_id);
bool lot_id_read(struct bytes text, struct lot_id *out_id);
bool participant_id_read(struct bytes text, struct participant_id *out_id);
bool client_id_read(struct bytes text, struct client_id *out_id);
bool command_id_read(struct bytes text, struct command_id *out_id);

static inline bool sale_id_equal(const struct sale_id *a, const struct sale_id *b)
{
    return strcmp(a->text, b->text) == 0;
}
static inline bool lot_id_equal(const struct lot_id *a, const struct lot_id *b)
{
    return strcmp(a->text, b->text) == 0;
}
static inline bool participant_id_equal(const struct participant_id *a,
                                        const struct participant_id *b)
{
    return strcmp(a->text, b->text) == 0;
}

// What a person may do (rules 1). The order is not a ranking; ask role_may_*().
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_BIDDER, ROLE_CLERK, ROLE_AUCTIONEER, ROLE_ADMIN };

const char *role_name(enum role role); // "none", "viewer", ...
bool role_read(struct bytes text, enum role *out_role);

#endif
