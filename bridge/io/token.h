// Tokens: JWT signed with HS256 by one of the keys of the key file; the only file pair that knows
// libjwt. And what else those keys prove, each purpose with a key of its own made from them.
//
// Purity:    reads the key file at the start
// Units:     *_s seconds since 1970 UTC
// Ownership: token_keys_create/destroy
// Errors:    create: LC_ERR_NOT_FOUND, LC_ERR_IO, LC_ERR_BAD_INPUT with a line in `out_why`. No
//            message ever holds a key or a token
// Source:    RFC 2104, RFC 7515, RFC 7519, RFC 8725 (one algorithm, chosen by us and never by the token)
#ifndef LOTCAST_BRIDGE_TOKEN_H
#define LOTCAST_BRIDGE_TOKEN_H

#include "bridge/app/identity.h"
#include "lib/base/buffer.h"

struct token_keys;

enum { TOKEN_KEYS_MAX = 16, TOKEN_KEY_SIZE = 32, TOKEN_MAC_SIZE = 32 };

// Lines `kid hexsecret`; the first signs, all verify.
LC_MUST_CHECK enum lc_status token_keys_create(const char *path, struct token_keys **out_keys,
                                               char out_why[160]);
void token_keys_destroy(struct token_keys *keys);

// NONE, UNAUTHENTICATED or TOKEN_EXPIRED, which tells whose it was, too. It is expired from the
// second `exp` on.
enum error_code token_read(const struct token_keys *keys, struct bytes token, int64_t now_s,
                           struct identity *out_identity);
LC_MUST_CHECK enum lc_status token_make(const struct token_keys *keys,
                                        const struct identity *identity, int64_t now_s,
                                        struct buffer *out);

// ---- message authentication: HMAC-SHA256 under HMAC-SHA256(secret, "lotcast mac: {purpose}") ----

// `purpose` is a constant of ours: what is signed for one proves nothing for another.
#define TOKEN_PURPOSE_PID "pid"     // what a client shows to recover its session
#define TOKEN_PURPOSE_RELAY "relay" // messages from bridge to bridge

// The key of a purpose, made from the one that signs.
void token_keys_mac_key(const struct token_keys *keys, const char *purpose,
                        uint8_t out_key[TOKEN_KEY_SIZE]);
// Those made from the keys that only verify, in their order: how many there are, at most `max`.
size_t token_keys_other_mac_keys(const struct token_keys *keys, const char *purpose, size_t max,
                                 uint8_t (*out_keys)[TOKEN_KEY_SIZE]);
// The first key signs; what any of them has signed is true.
void token_keys_sign(const struct token_keys *keys, const char *purpose, struct bytes bytes,
                     uint8_t out_mac[TOKEN_MAC_SIZE]);
bool token_keys_verify(const struct token_keys *keys, const char *purpose, struct bytes bytes,
                       const uint8_t mac[TOKEN_MAC_SIZE]);

#endif
