// Tokens: JWT signed with HS256 by one of the keys of the key file; the only file pair that knows
// libjwt.
//
// Purity:    reads the key file at the start
// Units:     *_s seconds since 1970 UTC
// Ownership: token_keys_create/destroy
// Errors:    create: LC_ERR_NOT_FOUND, LC_ERR_IO, LC_ERR_BAD_INPUT with a line in `out_why`. No
//            message ever holds a key or a token
// Source:    RFC 7515, RFC 7519, RFC 8725 (one algorithm, chosen by us and never by the token)
#ifndef LOTCAST_BRIDGE_TOKEN_H
#define LOTCAST_BRIDGE_TOKEN_H

#include "bridge/app/identity.h"
#include "lib/base/buffer.h"

struct token_keys;

enum { TOKEN_KEYS_MAX = 16, TOKEN_KEY_SIZE = 32 };

// Lines `kid hexsecret`; the first signs, all verify.
LC_MUST_CHECK enum lc_status token_keys_create(const char *path, struct token_keys **out_keys,
                                               char out_why[160]);
void token_keys_destroy(struct token_keys *keys);

// NONE, UNAUTHENTICATED or TOKEN_EXPIRED. It is expired from the second `exp` on.
enum error_code token_read(const struct token_keys *keys, struct bytes token, int64_t now_s,
                           struct identity *out_identity);
LC_MUST_CHECK enum lc_status token_make(const struct token_keys *keys,
                                        const struct identity *identity, int64_t now_s,
                                        struct buffer *out);

#endif
