// An agenda: who is next, found without asking everybody.
//
// Purity:    pure (allocates in agenda_reserve() alone)
// Units:     *_ms engine time; INT64_MAX: nothing is due
// Ownership: agenda_reserve/release; items belong to their owners and outlive their place here
// Lifetime:  an item must not move in memory while it has a place
// Order:     earliest first; of equal times the lower number first
#ifndef LOTCAST_SERVICE_AGENDA_H
#define LOTCAST_SERVICE_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agenda_item {
    int64_t due_ms;
    uint64_t number;
    size_t place; // in the heap + 1; 0: not there
    void *owner;
};

struct agenda {
    struct agenda_item **heap;
    size_t count;
    size_t capacity;
};

// Room for `items` items in all, so that agenda_set() never fails. False without memory.
bool agenda_reserve(struct agenda *agenda, size_t items);
void agenda_release(struct agenda *agenda);

// Puts the item where `due_ms` belongs; INT64_MAX takes it out.
void agenda_set(struct agenda *agenda, struct agenda_item *item, int64_t due_ms);

struct agenda_item *agenda_first(const struct agenda *agenda); // NULL: nothing is due
int64_t agenda_due_ms(const struct agenda *agenda);

#endif
