#include "auctionctl/bots/latency.h"

void latency_release(struct latency *latency)
{
    free(latency->samples);
    *latency = (struct latency){.samples = NULL};
}

void latency_add(struct latency *latency, int64_t sample)
{
    if (latency->count == LATENCY_SAMPLES_MAX) {
        return;
    }
    if (latency->count == latency->capacity) {
        size_t capacity = latency->capacity == 0 ? 256 : 2 * latency->capacity;
        int64_t *samples = realloc(latency->samples, capacity * sizeof *samples);
        if (samples == NULL) {
            return;
        }
        latency->samples = samples;
        latency->capacity = capacity;
    }
    latency->samples[latency->count++] = sample;
}

static int compare(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return (*x > *y) - (*x < *y);
}

int64_t latency_percentile(struct latency *latency, int percent)
{
    if (latency->count == 0) {
        return 0;
    }
    qsort(latency->samples, latency->count, sizeof latency->samples[0], compare);
    size_t at = (latency->count * (size_t)percent + 99) / 100;
    return latency->samples[at > 0 ? at - 1 : 0];
}

void sightings_release(struct sightings *sightings)
{
    free(sightings->bids);
    *sightings = (struct sightings){.bids = NULL};
}

static struct sighting *sighting_of(struct sightings *sightings, struct bytes bid)
{
    uint64_t number;
    if (bid.size < 2 || bid.data[0] != 'b' ||
        !bytes_to_uint64(bytes_from(bid, 1), SIGHTINGS_MAX - 1, &number)) {
        return NULL;
    }
    if (number >= sightings->count) {
        size_t count = sightings->count == 0 ? 256 : sightings->count;
        while (count <= number) {
            count *= 2;
        }
        struct sighting *bids = realloc(sightings->bids, count * sizeof *bids);
        if (bids == NULL) {
            return NULL;
        }
        memset(bids + sightings->count, 0, (count - sightings->count) * sizeof *bids);
        sightings->bids = bids;
        sightings->count = count;
    }
    return &sightings->bids[number];
}

void sighting_sent(struct sightings *sightings, struct bytes bid, int64_t sent_at)
{
    struct sighting *sighting = sighting_of(sightings, bid);
    if (sighting != NULL) {
        sighting->sent_at = sent_at;
    }
}

void sighting_seen(struct sightings *sightings, struct bytes bid, int64_t at)
{
    struct sighting *sighting = sighting_of(sightings, bid);
    if (sighting != NULL) {
        sighting->seen++;
        sighting->last_seen_at = at;
    }
}

void sightings_measure(const struct sightings *sightings, int32_t watchers, struct latency *out)
{
    for (size_t i = 0; i < sightings->count; i++) {
        const struct sighting *sighting = &sightings->bids[i];
        if (sighting->sent_at != 0 && sighting->seen >= watchers) {
            latency_add(out, sighting->last_seen_at - sighting->sent_at);
        }
    }
}
