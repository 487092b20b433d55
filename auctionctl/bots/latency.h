// Measured durations and their percentiles; and the way of each accepted bid to the last bot.
//
// Purity:    pure (allocates)
// Units:     *_ms milliseconds, the caller's clock
// Ownership: init/release
// Errors:    what does not fit any more (LATENCY_SAMPLES_MAX) is not counted
#ifndef LOTCAST_CTL_LATENCY_H
#define LOTCAST_CTL_LATENCY_H

#include "lib/base/bytes.h"

enum { LATENCY_SAMPLES_MAX = 1000000, SIGHTINGS_MAX = 100000 };

struct latency {
    int64_t *samples;
    size_t count;
    size_t capacity;
};

void latency_release(struct latency *latency);
void latency_add(struct latency *latency, int64_t sample);
// `percent` 0 to 100; 0 when there are no samples.
int64_t latency_percentile(struct latency *latency, int percent);

// Bids by the number that the engine gave them ("b12"): when sent, when seen last, by how many.
struct sighting {
    int64_t sent_at; // 0: not known yet
    int64_t last_seen_at;
    int32_t seen;
};
struct sightings {
    struct sighting *bids; // index: bid number
    size_t count;
};

void sightings_release(struct sightings *sightings);
void sighting_sent(struct sightings *sightings, struct bytes bid, int64_t sent_at);
void sighting_seen(struct sightings *sightings, struct bytes bid, int64_t at);
// Durations of all bids that `watchers` clients have seen.
void sightings_measure(const struct sightings *sightings, int32_t watchers, struct latency *out);

#endif
