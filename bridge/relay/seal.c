// Signatures: who knows none of the keys says nothing here. Session ids carry one as well: what no
// bridge has drawn is nobody's session, and is asked of no other.
#include "bridge/relay/state.h"
#include "lib/digest/hmac.h"

enum { SIGNED_SIZE = RELAY_SID_SIZE - SID_SIGNATURE_SIZE };

_Static_assert((int)RELAY_MAC_SIZE == (int)SHA256_SIZE, "the signature is an HMAC-SHA256");

void relay_seal(const struct relay *relay, struct buffer *message)
{
    uint8_t mac[SHA256_SIZE];
    struct bytes whole = buffer_bytes(message);
    hmac_sha256(relay->config.key, &whole, 1, mac);
    buffer_append(message, bytes_of(mac, sizeof mac));
}

static bool is_signed_by(struct bytes key, struct bytes message, struct bytes mac)
{
    uint8_t expected[SHA256_SIZE];
    hmac_sha256(key, &message, 1, expected);
    return bytes_equal_secret(bytes_of(expected, sizeof expected), mac);
}

bool relay_unseal(const struct relay *relay, struct bytes sealed, struct bytes *out_message)
{
    if (sealed.size < RELAY_MAC_SIZE) {
        return false;
    }
    struct bytes message = bytes_of(sealed.data, sealed.size - RELAY_MAC_SIZE);
    struct bytes mac = bytes_from(sealed, message.size);
    bool is_known = is_signed_by(relay->config.key, message, mac);
    for (size_t i = 0; !is_known && i < relay->config.other_keys_count; i++) {
        is_known = is_signed_by(relay->config.other_keys[i], message, mac);
    }
    *out_message = message;
    return is_known;
}

// ---- session ids ----

static void sign_sid(struct bytes key, const char sid[RELAY_SID_SIZE],
                     char out_signature[SID_SIGNATURE_SIZE])
{
    // No message begins like this: each has its version first.
    const struct bytes parts[] = {bytes_text("sid "), bytes_of(sid, SIGNED_SIZE)};
    uint8_t mac[SHA256_SIZE];
    hmac_sha256(key, parts, 2, mac);
    for (size_t i = 0; i < SID_SIGNATURE_SIZE; i++) {
        out_signature[i] = sid_character(mac[i]);
    }
}

void relay_sign_sid(const struct relay *relay, char sid[RELAY_SID_SIZE])
{
    sign_sid(relay->config.key, sid, sid + SIGNED_SIZE);
}

static bool sid_is_signed_by(struct bytes key, const char sid[RELAY_SID_SIZE])
{
    char expected[SID_SIGNATURE_SIZE];
    sign_sid(key, sid, expected);
    return bytes_equal_secret(bytes_of(expected, sizeof expected),
                              bytes_of(sid + SIGNED_SIZE, SID_SIGNATURE_SIZE));
}

bool relay_sid_is_signed(const struct relay *relay, const char sid[RELAY_SID_SIZE])
{
    bool is_signed = sid_is_signed_by(relay->config.key, sid);
    for (size_t i = 0; !is_signed && i < relay->config.other_keys_count; i++) {
        is_signed = sid_is_signed_by(relay->config.other_keys[i], sid);
    }
    return is_signed;
}
