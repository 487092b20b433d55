// Signs the tokens by which the bridge knows who asks.
//
// Purity:    reads the clock
// Ownership: the text is appended to the caller's buffer
// Errors:    LC_ERR_NO_MEMORY, LC_ERR_FULL
// Source:    docs/PROTOCOL.md, Token: JWT, HS256, `kid` in the header
#ifndef LOTCAST_CTL_TOKEN_H
#define LOTCAST_CTL_TOKEN_H

#include "auctionctl/key_file.h"
#include "lib/base/buffer.h"
#include "lib/base/id.h"

struct token_claims {
    enum role role;
    const char *sale; // "*": all
    const char *sub;
    const char *name;
    int64_t ttl_s;
};

LC_MUST_CHECK enum lc_status token_sign(const struct signing_key *key,
                                        const struct token_claims *claims, struct buffer *out);

#endif
