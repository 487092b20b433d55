#include "bridge/io/token.h"

#include <errno.h>
#include <jwt.h>
#include <sys/stat.h>

#include "lib/digest/hmac.h"
#include "lib/os/os_file.h"
#include "lib/os/os_log.h"

struct token_key {
    char kid[ID_SIZE_MAX + 1];
    uint8_t secret[TOKEN_KEY_SIZE];
    uint8_t pid_key[TOKEN_KEY_SIZE]; // made from it, as this is wanted for each connect
};

struct token_keys {
    struct token_key keys[TOKEN_KEYS_MAX];
    size_t count;
};

static int hex_value(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_secret(struct bytes hex, uint8_t out_secret[TOKEN_KEY_SIZE])
{
    if (hex.size != 2 * (size_t)TOKEN_KEY_SIZE) {
        return false;
    }
    for (size_t i = 0; i < TOKEN_KEY_SIZE; i++) {
        int high = hex_value(hex.data[2 * i]);
        int low = hex_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out_secret[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static void derive(const struct token_key *key, const char *purpose,
                   uint8_t out_key[TOKEN_KEY_SIZE])
{
    const struct bytes parts[] = {bytes_text("lotcast mac: "), bytes_text(purpose)};
    hmac_sha256(bytes_of(key->secret, sizeof key->secret), parts, 2, out_key);
}

static bool read_line(struct token_keys *keys, struct bytes line)
{
    struct client_id kid;
    size_t space = bytes_find(line, ' ', 0);
    if (keys->count == TOKEN_KEYS_MAX || !client_id_read((struct bytes){line.data, space}, &kid) ||
        !read_secret(bytes_from(line, space + 1), keys->keys[keys->count].secret)) {
        return false;
    }
    snprintf(keys->keys[keys->count].kid, sizeof keys->keys[0].kid, "%s", kid.text);
    derive(&keys->keys[keys->count], TOKEN_PURPOSE_PID, keys->keys[keys->count].pid_key);
    keys->count++;
    return true;
}

static bool read_lines(struct token_keys *keys, struct bytes text, size_t *out_line)
{
    size_t number = 0;
    for (size_t at = 0; at < text.size;) {
        size_t end = bytes_find(text, '\n', at);
        struct bytes line = {text.data + at, end - at};
        if (line.size > 0 && line.data[line.size - 1] == '\r') {
            line.size--;
        }
        number++;
        if (line.size > 0 && line.data[0] != '#' && !read_line(keys, line)) {
            *out_line = number;
            return false;
        }
        at = end + 1;
    }
    return true;
}

enum lc_status token_keys_create(const char *path, struct token_keys **out_keys, char out_why[160])
{
    struct buffer text;
    struct stat status_of_file;
    size_t line = 0;
    struct token_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    buffer_init(&text, 8192);
    enum lc_status status = os_file_read(path, &text);
    if (status != LC_OK) {
        snprintf(out_why, 160, "cannot read the key file %.80s: %s", path, lc_status_name(status));
    } else if (!read_lines(keys, buffer_bytes(&text), &line)) {
        snprintf(out_why, 160, "key file, line %zu: `kid` and 64 hexadecimal digits are wanted",
                 line);
        status = LC_ERR_BAD_INPUT;
    } else if (keys->count == 0) {
        snprintf(out_why, 160, "the key file holds no key");
        status = LC_ERR_BAD_INPUT;
    }
    if (text.data != NULL) {
        explicit_bzero(text.data, text.size);
    }
    buffer_release(&text);
    if (status != LC_OK) {
        token_keys_destroy(keys);
        return status;
    }
    if (stat(path, &status_of_file) == 0 && (status_of_file.st_mode & 077) != 0) {
        os_log(OS_LOG_WARNING, "the key file can be read by others: its mode should be 0600");
    }
    *out_keys = keys;
    return LC_OK;
}

void token_keys_destroy(struct token_keys *keys)
{
    if (keys != NULL) {
        explicit_bzero(keys, sizeof *keys);
        free(keys);
    }
}

static const struct token_key *find_key(const struct token_keys *keys, const char *kid)
{
    for (size_t i = 0; kid != NULL && i < keys->count; i++) {
        if (strcmp(keys->keys[i].kid, kid) == 0) {
            return &keys->keys[i];
        }
    }
    return NULL;
}

// The key that the unverified header names. What the header says of the algorithm is not asked
// here: without a key libjwt takes every token for an unsigned one.
static const struct token_key *choose_key(const struct token_keys *keys, const char *token)
{
    jwt_t *unverified = NULL;
    const struct token_key *key = NULL;
    if (jwt_decode(&unverified, token, NULL, 0) == 0) {
        key = find_key(keys, jwt_get_header(unverified, "kid"));
    }
    jwt_free(unverified);
    return key;
}

static struct bytes grant(jwt_t *jwt, const char *name)
{
    const char *text = jwt_get_grant(jwt, name);
    return text == NULL ? (struct bytes){NULL, 0} : bytes_text(text);
}

enum error_code token_read(const struct token_keys *keys, struct bytes token, int64_t now_s,
                           struct identity *out_identity)
{
    char text[TOKEN_SIZE_MAX + 1];
    jwt_t *jwt = NULL;
    struct identity identity;
    enum error_code code = ERROR_UNAUTHENTICATED;
    if (token.size == 0 || token.size > TOKEN_SIZE_MAX ||
        memchr(token.data, 0, token.size) != NULL) {
        return code;
    }
    memcpy(text, token.data, token.size);
    text[token.size] = 0;
    const struct token_key *key = choose_key(keys, text);
    if (key == NULL || jwt_decode(&jwt, text, key->secret, TOKEN_KEY_SIZE) != 0) {
        return code;
    }
    if (jwt_get_alg(jwt) == JWT_ALG_HS256 &&
        identity_read(grant(jwt, "sub"), grant(jwt, "sale"), grant(jwt, "role"), grant(jwt, "name"),
                      jwt_get_grant_int(jwt, "exp"), &identity)) {
        code = now_s >= identity.expires_at_s ? ERROR_TOKEN_EXPIRED : ERROR_NONE;
    }
    jwt_free(jwt);
    if (code != ERROR_UNAUTHENTICATED) {
        *out_identity = identity;
    }
    return code;
}

enum lc_status token_make(const struct token_keys *keys, const struct identity *identity,
                          int64_t now_s, struct buffer *out)
{
    jwt_t *jwt = NULL;
    const struct token_key *key = &keys->keys[0];
    if (jwt_new(&jwt) != 0) {
        return LC_ERR_NO_MEMORY;
    }
    const char *sale = identity->is_for_all_sales ? "*" : identity->sale.text;
    int failed = jwt_add_header(jwt, "kid", key->kid);
    failed = failed != 0 ? failed : jwt_add_grant(jwt, "sub", identity->subject.text);
    failed = failed != 0 ? failed : jwt_add_grant(jwt, "sale", sale);
    failed = failed != 0 ? failed : jwt_add_grant(jwt, "role", role_name(identity->role));
    failed = failed != 0 ? failed : jwt_add_grant(jwt, "name", identity->name);
    failed = failed != 0 ? failed : jwt_add_grant_int(jwt, "iat", now_s);
    failed = failed != 0 ? failed : jwt_add_grant_int(jwt, "exp", identity->expires_at_s);
    failed = failed != 0 ? failed : jwt_set_alg(jwt, JWT_ALG_HS256, key->secret, TOKEN_KEY_SIZE);
    char *text = failed != 0 ? NULL : jwt_encode_str(jwt);
    if (text != NULL) {
        buffer_append_text(out, text);
        free(text);
    }
    jwt_free(jwt);
    return text == NULL ? LC_ERR_NO_MEMORY : buffer_status(out);
}

// ---- message authentication ----

static void sign_with(const struct token_key *key, const char *purpose, struct bytes bytes,
                      uint8_t out_mac[TOKEN_MAC_SIZE])
{
    uint8_t derived[TOKEN_KEY_SIZE];
    if (strcmp(purpose, TOKEN_PURPOSE_PID) == 0) {
        memcpy(derived, key->pid_key, sizeof derived);
    } else {
        derive(key, purpose, derived);
    }
    hmac_sha256(bytes_of(derived, sizeof derived), &bytes, 1, out_mac);
    explicit_bzero(derived, sizeof derived);
}

void token_keys_mac_key(const struct token_keys *keys, const char *purpose,
                        uint8_t out_key[TOKEN_KEY_SIZE])
{
    derive(&keys->keys[0], purpose, out_key);
}

size_t token_keys_other_mac_keys(const struct token_keys *keys, const char *purpose, size_t max,
                                 uint8_t (*out_keys)[TOKEN_KEY_SIZE])
{
    size_t count = keys->count - 1 < max ? keys->count - 1 : max;
    for (size_t i = 0; i < count; i++) {
        derive(&keys->keys[1 + i], purpose, out_keys[i]);
    }
    return count;
}

void token_keys_sign(const struct token_keys *keys, const char *purpose, struct bytes bytes,
                     uint8_t out_mac[TOKEN_MAC_SIZE])
{
    sign_with(&keys->keys[0], purpose, bytes, out_mac);
}

bool token_keys_verify(const struct token_keys *keys, const char *purpose, struct bytes bytes,
                       const uint8_t mac[TOKEN_MAC_SIZE])
{
    bool is_true = false;
    for (size_t i = 0; i < keys->count && !is_true; i++) {
        uint8_t expected[TOKEN_MAC_SIZE];
        sign_with(&keys->keys[i], purpose, bytes, expected);
        is_true =
            bytes_equal_secret(bytes_of(expected, sizeof expected), bytes_of(mac, TOKEN_MAC_SIZE));
    }
    return is_true;
}
