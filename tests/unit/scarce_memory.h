// Memory that runs out, for a test that links the library scarce_memory: of the whole program's
// allocations the one that the test chooses fails.
#ifndef LOTCAST_TESTS_SCARCE_MEMORY_H
#define LOTCAST_TESTS_SCARCE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

// volatile: compilers believe that malloc() reads nothing

// The one after so many fails, and only that one. Below 0: it has failed. INT64_MAX: none does.
extern volatile int64_t allocations_left;
// Every one behind that one fails, too.
extern volatile bool allocations_end_for_good;
// How many have failed.
extern volatile int64_t allocations_failed;
// While what it points to is not 0, nothing fails and nothing is counted: the test itself needs
// memory. NULL: there is no such time.
extern const volatile int *allocations_spared;

#endif
