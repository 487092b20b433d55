#include "bridge/app/moved_viewers.h"

#include <stdlib.h>

void moved_viewers_init(struct moved_viewers *moved)
{
    *moved = (struct moved_viewers){.ring = NULL};
}

void moved_viewers_release(struct moved_viewers *moved)
{
    free(moved->ring);
    moved_viewers_init(moved);
}

static void forget_oldest(struct moved_viewers *moved)
{
    moved->begin = (moved->begin + 1) % MOVED_VIEWERS_MAX;
    moved->count--;
}

void moved_viewers_add(struct moved_viewers *moved, const struct moved_viewer *viewer,
                       int64_t now_ms)
{
    if (moved->ring == NULL) {
        moved->ring = calloc(MOVED_VIEWERS_MAX, sizeof moved->ring[0]);
    }
    if (moved->ring == NULL) {
        return;
    }
    while (moved->count > 0 &&
           (moved->count == MOVED_VIEWERS_MAX || now_ms >= moved->ring[moved->begin].until_ms)) {
        forget_oldest(moved);
    }
    moved->ring[(moved->begin + moved->count) % MOVED_VIEWERS_MAX] = *viewer;
    moved->count++;
}

const struct moved_viewer *moved_viewers_find(const struct moved_viewers *moved, uint64_t socket,
                                              int64_t now_ms)
{
    for (size_t i = moved->count; i > 0; i--) {
        const struct moved_viewer *viewer =
            &moved->ring[(moved->begin + i - 1) % MOVED_VIEWERS_MAX];
        if (viewer->socket == socket && now_ms < viewer->until_ms) {
            return viewer;
        }
    }
    return NULL;
}
