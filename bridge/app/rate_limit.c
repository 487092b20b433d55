#include "bridge/app/rate_limit.h"

enum { KEY_SIZE_MAX = 80, WAYS = 8, SETS = RATE_BUCKETS_MAX / WAYS };

struct bucket {
    char key[KEY_SIZE_MAX];
    size_t key_size;
    int64_t milli_tokens;
    int64_t updated_ms;
};

struct rate_limit {
    int64_t per_second;
    int64_t burst;
    struct bucket buckets[SETS][WAYS];
};

enum lc_status rate_limit_create(int64_t per_second, int64_t burst, struct rate_limit **out_limit)
{
    LC_ASSERT(per_second > 0 && burst > 0);
    struct rate_limit *limit = calloc(1, sizeof *limit);
    if (limit == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    limit->per_second = per_second;
    limit->burst = burst;
    *out_limit = limit;
    return LC_OK;
}

void rate_limit_destroy(struct rate_limit *limit)
{
    free(limit);
}

static uint64_t hash(struct bytes key)
{
    uint64_t value = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.size; i++) {
        value = (value ^ key.data[i]) * UINT64_C(1099511628211);
    }
    return value ^ (value >> 32);
}

bool rate_limit_allows(struct rate_limit *limit, struct bytes key, int64_t now_ms)
{
    if (key.size > KEY_SIZE_MAX) {
        key.size = KEY_SIZE_MAX;
    }
    struct bucket *set = limit->buckets[hash(key) % SETS];
    struct bucket *bucket = NULL;
    struct bucket *oldest = &set[0];
    for (size_t i = 0; i < WAYS && bucket == NULL; i++) {
        if (set[i].key_size == key.size && memcmp(set[i].key, key.data, key.size) == 0 &&
            key.size > 0) {
            bucket = &set[i];
        } else if (set[i].updated_ms < oldest->updated_ms) {
            oldest = &set[i];
        }
    }
    int64_t full = limit->burst * 1000;
    if (bucket == NULL) {
        bucket = oldest;
        *bucket = (struct bucket){.key_size = key.size, .milli_tokens = full, .updated_ms = now_ms};
        memcpy(bucket->key, key.data, key.size);
    }
    int64_t elapsed_ms = now_ms - bucket->updated_ms;
    if (elapsed_ms > full / limit->per_second) {
        bucket->milli_tokens = full;
    } else if (elapsed_ms > 0) {
        bucket->milli_tokens += elapsed_ms * limit->per_second;
    }
    if (bucket->milli_tokens > full) {
        bucket->milli_tokens = full;
    }
    bucket->updated_ms = now_ms;
    if (bucket->milli_tokens < 1000) {
        return false;
    }
    bucket->milli_tokens -= 1000;
    return true;
}
