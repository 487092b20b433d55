// Who speaks: what a verified token says, and nothing else.
//
// Purity:    pure
// Units:     expires_at_s seconds since 1970 UTC
// Ownership: value
// Source:    design 10, docs/PROTOCOL.md (Token)
#ifndef LOTCAST_BRIDGE_IDENTITY_H
#define LOTCAST_BRIDGE_IDENTITY_H

#include "bridge/app/app_limits.h"
#include "lib/base/error_code.h"
#include "lib/base/id.h"

struct identity {
    bool is_known; // false: an anonymous viewer
    struct participant_id subject;
    struct sale_id sale; // when not for all sales
    bool is_for_all_sales;
    enum role role;
    char name[NAME_SIZE_MAX + 1];
    int64_t expires_at_s;
};

struct identity identity_anonymous(void);

// Fills an identity from the claims of a token; false when one is missing or not legal.
bool identity_read(struct bytes subject, struct bytes sale, struct bytes role, struct bytes name,
                   int64_t expires_at_s, struct identity *out_identity);

// May see this sale: its token is for it, or the sale is public. NONE or the refusal. A token that
// has expired still views (design 10).
enum error_code identity_may_view(const struct identity *identity, const struct sale_id *sale,
                                  bool sale_is_public);

// May send commands to this sale; which of them is the engine's to say. `sale` NULL: no sale.
enum error_code identity_may_command(const struct identity *identity, const struct sale_id *sale,
                                     int64_t now_s);

// The same person in the same part, whatever the name and however long the token lasts.
bool identity_is_same(const struct identity *a, const struct identity *b);

// A bidder of the sale, whose private notices go to every socket of the same participant.
bool identity_is_participant(const struct identity *identity,
                             const struct participant_id *participant);

#endif
