// Who is present in one room: each identity once, however many sockets it has.
//
// Purity:    pure (allocates)
// Ownership: attendance_init/release
// Errors:    enter: LC_ERR_NO_MEMORY, LC_ERR_FULL; leave of an absent one is the caller's error
// Source:    lessons F25, L16
#ifndef LOTCAST_BRIDGE_ATTENDANCE_H
#define LOTCAST_BRIDGE_ATTENDANCE_H

#include "bridge/app/identity.h"
#include "lib/base/status.h"

struct attendee {
    struct participant_id id;
    bool is_participant; // false: staff
    size_t sockets;
};

struct attendance {
    struct attendee *attendees; // sorted
    size_t count;
    size_t capacity;
    size_t anonymous; // sockets
};

void attendance_init(struct attendance *attendance);
void attendance_release(struct attendance *attendance);

// `out_changed`: the number of identities changed.
LC_MUST_CHECK enum lc_status attendance_enter(struct attendance *attendance,
                                              const struct identity *identity, bool *out_changed);
void attendance_leave(struct attendance *attendance, const struct identity *identity,
                      bool *out_changed);
size_t attendance_count(const struct attendance *attendance);

// Copies up to `ids_max` ids of participants, in order.
size_t attendance_participants(const struct attendance *attendance, struct participant_id *out_ids,
                               size_t ids_max);

#endif
