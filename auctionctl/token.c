#include "auctionctl/token.h"

#include <jwt.h>

#include "lib/os/os_clock.h"

enum lc_status token_sign(const struct signing_key *key, const struct token_claims *claims,
                          struct buffer *out)
{
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt) != 0) {
        return LC_ERR_NO_MEMORY;
    }
    long now_s = (long)(os_clock_wall_ms() / 1000);
    int failed = jwt_add_grant(jwt, "sub", claims->sub);
    failed |= jwt_add_grant(jwt, "sale", claims->sale);
    failed |= jwt_add_grant(jwt, "role", role_name(claims->role));
    failed |= jwt_add_grant(jwt, "name", claims->name);
    failed |= jwt_add_grant_int(jwt, "iat", now_s);
    failed |= jwt_add_grant_int(jwt, "exp", now_s + (long)claims->ttl_s);
    failed |= jwt_add_header(jwt, "kid", key->kid);
    failed |= jwt_set_alg(jwt, JWT_ALG_HS256, key->secret, SIGNING_KEY_SIZE);
    char *text = failed ? NULL : jwt_encode_str(jwt);
    jwt_free(jwt);
    if (text == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    buffer_append_text(out, text);
    free(text);
    return buffer_status(out);
}
