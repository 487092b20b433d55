// Random numbers of a simulation: the seed gives the same world on every machine.
#ifndef LOTCAST_TESTS_SIM_RANDOM_H
#define LOTCAST_TESTS_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
    uint64_t state;
};

static inline uint64_t random_bits(struct sim_random *random) // splitmix64
{
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

// A number from `least` to `most`, both possible.
static inline int64_t random_between(struct sim_random *random, int64_t least, int64_t most)
{
    return least + (int64_t)(random_bits(random) % (uint64_t)(most - least + 1));
}

static inline bool random_chance(struct sim_random *random, int64_t percent)
{
    return random_between(random, 1, 100) <= percent;
}

#endif
