#include "bridge/admin/admin_login.h"

const char *admin_login_begin(struct admin_login *login, const uint8_t random[8], int64_t now_ms)
{
    static const char hex[] = "0123456789abcdef";
    struct admin_session *oldest = &login->sessions[0];
    for (size_t i = 0; i < ADMIN_SESSIONS_MAX; i++) {
        if (login->sessions[i].ends_ms < oldest->ends_ms) {
            oldest = &login->sessions[i]; // a free one ends at 0
        }
    }
    for (size_t i = 0; i < ADMIN_SESSION_SIZE / 2; i++) {
        oldest->id[2 * i] = hex[random[i] >> 4];
        oldest->id[2 * i + 1] = hex[random[i] & 15];
    }
    oldest->id[ADMIN_SESSION_SIZE] = 0;
    oldest->ends_ms = now_ms + ADMIN_SESSION_LIFE_MS;
    return oldest->id;
}

bool admin_login_knows(const struct admin_login *login, struct bytes session, int64_t now_ms)
{
    bool known = false;
    for (size_t i = 0; i < ADMIN_SESSIONS_MAX; i++) {
        const struct admin_session *one = &login->sessions[i];
        if (one->id[0] != 0 && now_ms < one->ends_ms &&
            bytes_equal_secret(session, bytes_text(one->id))) {
            known = true;
        }
    }
    return known;
}

static struct admin_bucket *bucket_of(struct admin_login *login, struct bytes address)
{
    struct admin_bucket *quietest = &login->addresses[0];
    for (size_t i = 0; i < ADMIN_ADDRESSES_MAX; i++) {
        struct admin_bucket *bucket = &login->addresses[i];
        if (bucket->size > 0 && bytes_equal(bytes_of(bucket->address, bucket->size), address)) {
            return bucket;
        }
        if (bucket->full_ms < quietest->full_ms) {
            quietest = bucket;
        }
    }
    memcpy(quietest->address, address.data, address.size);
    quietest->size = address.size;
    quietest->full_ms = 0;
    return quietest;
}

// A bucket that is full at `full_ms` lacks one attempt for each `attempt_ms` until then.
static bool bucket_has(int64_t full_ms, int64_t attempt_ms, int64_t burst, int64_t now_ms)
{
    return full_ms <= now_ms + attempt_ms * (burst - 1);
}

static void bucket_take(int64_t *full_ms, int64_t attempt_ms, int64_t now_ms)
{
    *full_ms = (*full_ms > now_ms ? *full_ms : now_ms) + attempt_ms;
}

bool admin_login_may_try(struct admin_login *login, struct bytes address, int64_t now_ms)
{
    if (address.size == 0) {
        address = bytes_text("none");
    }
    if (address.size > ADMIN_ADDRESS_SIZE_MAX) {
        address.size = ADMIN_ADDRESS_SIZE_MAX;
    }
    // The address comes first: one that tries too much takes nothing from the others.
    struct admin_bucket *bucket = bucket_of(login, address);
    if (!bucket_has(bucket->full_ms, ADMIN_ATTEMPT_MS, ADMIN_ATTEMPTS_BURST, now_ms) ||
        !bucket_has(login->all_full_ms, ADMIN_ATTEMPT_ALL_MS, ADMIN_ATTEMPTS_ALL_BURST, now_ms)) {
        return false;
    }
    bucket_take(&bucket->full_ms, ADMIN_ATTEMPT_MS, now_ms);
    bucket_take(&login->all_full_ms, ADMIN_ATTEMPT_ALL_MS, now_ms);
    return true;
}
