#include "bridge/app/engine_clock.h"

void engine_clock_init(struct engine_clock *clock)
{
    *clock = (struct engine_clock){.has_offset = false};
}

static int64_t uncertainty_at(const struct engine_clock *clock, int64_t boot_ms)
{
    return clock->uncertainty_ms + (boot_ms - clock->sampled_boot_ms) / DRIFT_MS_PER_UNCERTAINTY_MS;
}

// The sample of smaller uncertainty wins; what is known grows uncertain as clocks drift apart.
static void sample(struct engine_clock *clock, int64_t offset_ms, int64_t uncertainty_ms,
                   int64_t boot_ms)
{
    int64_t known = clock->has_offset ? uncertainty_at(clock, boot_ms) : INT64_MAX;
    // Of two one-way samples the one with the larger offset was under way for a shorter time.
    bool is_faster = uncertainty_ms == clock->uncertainty_ms &&
                     uncertainty_ms == ONE_WAY_UNCERTAINTY_MS && offset_ms > clock->offset_ms;
    if (uncertainty_ms < known || is_faster) {
        clock->has_offset = true;
        clock->offset_ms = offset_ms;
        clock->uncertainty_ms = uncertainty_ms;
        clock->sampled_boot_ms = boot_ms;
    }
}

static struct engine_node *find_node(struct engine_clock *clock, const char *node)
{
    for (size_t i = 0; i < clock->engines_count; i++) {
        if (strcmp(clock->engines[i].node, node) == 0) {
            return &clock->engines[i];
        }
    }
    return NULL;
}

// A place for a new node: a free one, else that of a node that is offline.
static struct engine_node *place_for(struct engine_clock *clock, int64_t boot_ms)
{
    if (clock->engines_count < ENGINES_MAX) {
        return &clock->engines[clock->engines_count++];
    }
    for (size_t i = 0; i < clock->engines_count; i++) {
        struct engine_node *engine = &clock->engines[i];
        if (!engine->is_online || boot_ms >= engine->alive_until_boot_ms) {
            return engine;
        }
    }
    return NULL;
}

void engine_clock_beat(struct engine_clock *clock, const struct engine_beat *beat, int64_t boot_ms,
                       int64_t wall_ms)
{
    struct engine_node *engine = find_node(clock, beat->node);
    if (engine == NULL) {
        engine = place_for(clock, boot_ms);
        if (engine == NULL) {
            return;
        }
        *engine = (struct engine_node){.since_ms = beat->since_ms};
        snprintf(engine->node, sizeof engine->node, "%s", beat->node);
    }
    int64_t age_ms = 0;
    if (beat->is_retained && beat->is_online) {
        age_ms = wall_ms > beat->now_ms ? wall_ms - beat->now_ms : 0;
    }
    engine->is_online = beat->is_online;
    engine->alive_until_boot_ms =
        beat->is_online && age_ms < HEARTBEAT_LIFE_MS ? boot_ms + HEARTBEAT_LIFE_MS - age_ms : 0;
    if (engine->since_ms != beat->since_ms) { // a new process: its clock starts anew
        engine->since_ms = beat->since_ms;
        clock->has_offset = false;
    }
    if (beat->is_online && !beat->is_retained) {
        sample(clock, beat->now_ms - boot_ms, ONE_WAY_UNCERTAINTY_MS, boot_ms);
    } else if (beat->is_online && !clock->has_offset && engine->alive_until_boot_ms > boot_ms) {
        sample(clock, wall_ms - boot_ms, HEARTBEAT_LIFE_MS, boot_ms); // better than nothing
    }
}

void engine_clock_lose_sight(struct engine_clock *clock)
{
    for (size_t i = 0; i < clock->engines_count; i++) {
        clock->engines[i].is_online = false;
    }
}

void engine_clock_round_trip(struct engine_clock *clock, int64_t engine_ms, int64_t asked_boot_ms,
                             int64_t received_boot_ms)
{
    int64_t half_ms = (received_boot_ms - asked_boot_ms) / 2;
    sample(clock, engine_ms - (asked_boot_ms + half_ms), half_ms + 1, received_boot_ms);
}

bool engine_clock_is_alive(const struct engine_clock *clock, int64_t boot_ms)
{
    for (size_t i = 0; i < clock->engines_count; i++) {
        if (clock->engines[i].is_online && boot_ms < clock->engines[i].alive_until_boot_ms) {
            return true;
        }
    }
    return false;
}

int64_t engine_clock_deadline_ms(const struct engine_clock *clock, int64_t boot_ms)
{
    int64_t latest = 0;
    for (size_t i = 0; i < clock->engines_count; i++) {
        if (clock->engines[i].is_online && clock->engines[i].alive_until_boot_ms > latest) {
            latest = clock->engines[i].alive_until_boot_ms;
        }
    }
    return latest > boot_ms ? latest : INT64_MAX;
}

bool engine_clock_now(const struct engine_clock *clock, int64_t boot_ms, int64_t *out_engine_ms,
                      int64_t *out_uncertainty_ms)
{
    if (!clock->has_offset) {
        return false;
    }
    *out_engine_ms = boot_ms + clock->offset_ms;
    *out_uncertainty_ms = uncertainty_at(clock, boot_ms);
    return true;
}
