#include "bridge/app/first_stamps.h"

static size_t place_of(const char *key)
{
    size_t place = 0;
    for (size_t i = 0; i < 4; i++) {
        char digit = key[i];
        place = place * 16 + (size_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return place % FIRST_STAMPS;
}

void first_stamps_take(struct first_stamps *stamps, const char key[FIRST_STAMP_KEY_SIZE + 1],
                       int64_t boot_ms, int64_t *io_engine_ms, int64_t *io_uncertainty_ms)
{
    struct first_stamp *stamp = &stamps->all[place_of(key)];
    bool is_known =
        boot_ms < stamp->until_boot_ms && memcmp(stamp->key, key, FIRST_STAMP_KEY_SIZE) == 0;
    if (is_known) {
        *io_engine_ms = stamp->engine_ms;
        *io_uncertainty_ms = stamp->uncertainty_ms;
        return;
    }
    memcpy(stamp->key, key, FIRST_STAMP_KEY_SIZE);
    stamp->key[FIRST_STAMP_KEY_SIZE] = 0;
    stamp->until_boot_ms = boot_ms + FIRST_STAMP_KEPT_MS;
    stamp->engine_ms = *io_engine_ms;
    stamp->uncertainty_ms = *io_uncertainty_ms;
}
