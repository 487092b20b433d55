#include "bridge/app/attendance.h"

void attendance_init(struct attendance *attendance)
{
    *attendance = (struct attendance){.attendees = NULL};
}

void attendance_release(struct attendance *attendance)
{
    free(attendance->attendees);
    attendance_init(attendance);
}

static int compare(const struct attendee *a, const struct attendee *b)
{
    if (a->is_participant != b->is_participant) {
        return a->is_participant ? -1 : 1;
    }
    return strcmp(a->id.text, b->id.text);
}

// Index of the first attendee that is not before `key`.
static size_t lower_bound(const struct attendance *attendance, const struct attendee *key)
{
    size_t low = 0;
    size_t high = attendance->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&attendance->attendees[middle], key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct attendee attendee_of(const struct identity *identity)
{
    return (struct attendee){.id = identity->subject,
                             .is_participant = identity->role == ROLE_BIDDER};
}

static bool is_at(const struct attendance *attendance, size_t at, const struct attendee *key)
{
    return at < attendance->count && compare(&attendance->attendees[at], key) == 0;
}

enum lc_status attendance_enter(struct attendance *attendance, const struct identity *identity,
                                bool *out_changed)
{
    if (!identity->is_known) {
        attendance->anonymous++;
        *out_changed = true;
        return LC_OK;
    }
    struct attendee key = attendee_of(identity);
    size_t at = lower_bound(attendance, &key);
    if (is_at(attendance, at, &key)) {
        attendance->attendees[at].sockets++;
        *out_changed = false;
        return LC_OK;
    }
    if (attendance->count == VIEWERS_MAX) {
        return LC_ERR_FULL;
    }
    if (attendance->count == attendance->capacity) {
        size_t capacity = attendance->capacity == 0 ? 16 : attendance->capacity * 2;
        struct attendee *grown = realloc(attendance->attendees, capacity * sizeof grown[0]);
        if (grown == NULL) {
            return LC_ERR_NO_MEMORY;
        }
        attendance->attendees = grown;
        attendance->capacity = capacity;
    }
    memmove(attendance->attendees + at + 1, attendance->attendees + at,
            (attendance->count - at) * sizeof attendance->attendees[0]);
    key.sockets = 1;
    attendance->attendees[at] = key;
    attendance->count++;
    *out_changed = true;
    return LC_OK;
}

void attendance_leave(struct attendance *attendance, const struct identity *identity,
                      bool *out_changed)
{
    *out_changed = false;
    if (!identity->is_known) {
        LC_ASSERT(attendance->anonymous > 0);
        attendance->anonymous--;
        *out_changed = true;
        return;
    }
    struct attendee key = attendee_of(identity);
    size_t at = lower_bound(attendance, &key);
    LC_ASSERT(is_at(attendance, at, &key));
    attendance->attendees[at].sockets--;
    if (attendance->attendees[at].sockets == 0) {
        attendance->count--;
        memmove(attendance->attendees + at, attendance->attendees + at + 1,
                (attendance->count - at) * sizeof attendance->attendees[0]);
        *out_changed = true;
    }
}

size_t attendance_count(const struct attendance *attendance)
{
    return attendance->count + attendance->anonymous;
}

size_t attendance_participants(const struct attendance *attendance, struct participant_id *out_ids,
                               size_t ids_max)
{
    size_t count = 0;
    while (count < ids_max && count < attendance->count &&
           attendance->attendees[count].is_participant) {
        out_ids[count] = attendance->attendees[count].id;
        count++;
    }
    return count;
}
