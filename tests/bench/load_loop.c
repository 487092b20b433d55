#include "tests/bench/load_loop.h"

#include <inttypes.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { TURN_EVENTS = 512, AREA_MAX = 1 << 20 };

void load_loop_open(struct load_loop *loop, const struct load_play *play, void *owner,
                    uint16_t port, uint64_t sessions_max, uint64_t deadline_ms)
{
    *loop = (struct load_loop){
        .world = {.port = port,
                  .epoll = epoll_create1(EPOLL_CLOEXEC),
                  .play = play,
                  .owner = owner},
        .sessions = calloc(sessions_max, sizeof *loop->sessions),
        .deadline_ns = load_now_ns() + deadline_ms * 1000000U,
        .doing = "beginning",
    };
    LC_ASSERT(loop->sessions != NULL);
    LC_ASSERT(loop->world.epoll >= 0);
    buffer_init(&loop->world.area, AREA_MAX);
    buffer_init(&loop->world.text, AREA_MAX);
}

void load_loop_close(struct load_loop *loop)
{
    for (uint32_t i = 0; i < loop->sessions_count; i++) {
        load_session_close(&loop->sessions[i]);
    }
    buffer_release(&loop->world.area);
    buffer_release(&loop->world.text);
    close(loop->world.epoll);
    free(loop->sessions);
}

bool load_loop_turn(struct load_loop *loop, int timeout_ms)
{
    struct epoll_event events[TURN_EVENTS];
    int count = epoll_wait(loop->world.epoll, events, TURN_EVENTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct load_connection *connection = events[i].data.ptr;
        load_session_event(connection->owner, connection, events[i].events);
    }
    if (load_now_ns() > loop->deadline_ns) {
        load_tally_fail(&loop->world.tally, "deadline passed while %s", loop->doing);
    }
    return loop->world.tally.failures == 0;
}

bool load_loop_turn_for(struct load_loop *loop, uint64_t span_ms)
{
    uint64_t until_ns = load_now_ns() + span_ms * 1000000U;
    uint64_t now_ns = load_now_ns();
    while (now_ns < until_ns) {
        uint64_t left_ms = (until_ns - now_ns) / 1000000U + 1;
        if (!load_loop_turn(loop, (int)(left_ms < LOAD_TURN_MS_MAX ? left_ms : LOAD_TURN_MS_MAX))) {
            return false;
        }
        now_ns = load_now_ns();
    }
    return true;
}

bool load_loop_turn_until(struct load_loop *loop, const uint64_t *counter, uint64_t target)
{
    while (*counter < target) {
        if (!load_loop_turn(loop, loop->spins ? 0 : LOAD_TURN_MS_MAX)) {
            return false;
        }
    }
    return true;
}

bool load_loop_connect(struct load_loop *loop, uint64_t count, uint64_t window,
                       enum load_transport (*transport_of)(void *context, uint64_t index),
                       void *context)
{
    const uint64_t *live = &loop->world.tally.live;
    uint64_t live_before = *live;
    for (uint64_t started = 0; started < count;) {
        while (started < count && started - (*live - live_before) < window) {
            struct load_session *session = &loop->sessions[loop->sessions_count];
            load_session_start(session, &loop->world, loop->sessions_count++,
                               transport_of(context, started));
            started++;
        }
        if (!load_loop_turn(loop, LOAD_TURN_MS_MAX)) {
            return false;
        }
    }
    return load_loop_turn_until(loop, live, live_before + count);
}

// What is missing, for who reads that a run failed.
void load_loop_explain(const struct load_loop *loop, char out_why[256])
{
    const struct load_tally *tally = &loop->world.tally;
    snprintf(out_why, 256,
             "%.150s (%" PRIu64 " failures; %" PRIu64 " live, %" PRIu64 " acks, %" PRIu64
             " deliveries)",
             tally->first_failure, tally->failures, tally->live, tally->acks, tally->deliveries);
}
