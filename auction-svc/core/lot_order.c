#include "auction-svc/core/lot_order.h"

#include <stdlib.h>

#include "lib/digest/sha256.h"

struct placed_lot {
    const char *set;
    int64_t index;
    int64_t first_of_set;
};

static int compare_int64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_sets(const void *a, const void *b)
{
    const struct placed_lot *left = a;
    const struct placed_lot *right = b;
    int order = strcmp(left->set, right->set);
    return order != 0 ? order : compare_int64(left->index, right->index);
}

static int compare_places(const void *a, const void *b)
{
    const struct placed_lot *left = a;
    const struct placed_lot *right = b;
    int order = compare_int64(left->first_of_set, right->first_of_set);
    return order != 0 ? order : compare_int64(left->index, right->index);
}

static uint64_t seed_number(const uint8_t seed[SEED_SIZE], int64_t counter)
{
    uint8_t digest[SHA256_SIZE];
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, (struct bytes){seed, SEED_SIZE});
    sha256_update_int64(&hash, counter);
    sha256_final(&hash, digest);
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++) {
        number = number << 8 | digest[i];
    }
    return number;
}

// A number below `below`, each equally likely.
static size_t draw(const uint8_t seed[SEED_SIZE], uint64_t below, int64_t *counter)
{
    uint64_t incomplete = (UINT64_MAX % below + 1) % below;
    uint64_t number = 0;
    do {
        number = seed_number(seed, (*counter)++);
    } while (number > UINT64_MAX - incomplete);
    return (size_t)(number % below);
}

static void shuffle(const uint8_t seed[SEED_SIZE], struct placed_lot *lots, size_t count,
                    int64_t *counter)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = draw(seed, i, counter);
        struct placed_lot last = lots[i - 1];
        lots[i - 1] = lots[other];
        lots[other] = last;
    }
}

bool lot_order_is_drawn(const struct sale_definition *definition)
{
    static const uint8_t none[SEED_SIZE];
    return definition->rules.lot_order == LOT_ORDER_SHUFFLED &&
           memcmp(definition->seed, none, SEED_SIZE) != 0;
}

void lot_order_commitment(const struct sale_definition *definition, uint8_t out_hash[SEED_SIZE])
{
    _Static_assert((int)SEED_SIZE == (int)SHA256_SIZE, "a commitment is as long as a seed");
    sha256_of((struct bytes){definition->seed, SEED_SIZE}, out_hash);
}

static void places_sort(struct placed_lot *places, size_t count)
{
    qsort(places, count, sizeof *places, compare_sets);
    for (size_t i = 0; i < count; i++) {
        bool same = i > 0 && strcmp(places[i].set, places[i - 1].set) == 0;
        places[i].first_of_set = same ? places[i - 1].first_of_set : places[i].index;
    }
    qsort(places, count, sizeof *places, compare_places);
}

enum lc_status lot_order_set(const struct sale_definition *definition, struct lot *lots,
                             size_t count)
{
    struct placed_lot *places = malloc((count > 0 ? count : 1) * sizeof *places);
    if (places == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        places[i] = (struct placed_lot){.set = lots[i].set, .index = (int64_t)i};
    }
    places_sort(places, count);
    for (size_t i = 0; i < count; i++) {
        lots[places[i].index].listed_place = (int64_t)i;
    }
    int64_t counter = 0;
    for (size_t first = 0; lot_order_is_drawn(definition) && first < count;) {
        size_t behind = first;
        while (behind < count && places[behind].first_of_set == places[first].first_of_set) {
            behind++;
        }
        shuffle(definition->seed, places + first, behind - first, &counter);
        first = behind;
    }
    for (size_t i = 0; i < count; i++) {
        lots[places[i].index].order_place = (int64_t)i;
    }
    free(places);
    return LC_OK;
}

bool lot_order_precedes(const struct sale *sale, const struct lot *lot, const struct lot *other)
{
    // rules 3: unsold lots are offered again in listed order
    return sale->round == 0 ? lot->order_place < other->order_place
                            : lot->listed_place < other->listed_place;
}

int64_t lot_order_first_pending(const struct sale *sale, const struct lot *except)
{
    const struct lot *first = NULL;
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (lot->phase == LOT_PENDING && lot != except &&
            (first == NULL || lot_order_precedes(sale, lot, first))) {
            first = lot;
        }
    }
    return first == NULL ? -1 : first - sale->lots;
}
