#include <stdio.h>
#include <stdlib.h>

#include "lib/base/status.h"
#include "tests/bench/engine/bench_case.h"
#include "tests/bench/engine/bench_figures.h"
#include "tests/bench/engine/bench_site.h"

enum {
    SALES = 4,
    BIDDERS = 100,
    IN_FLIGHT_MAX = 4096,
    WARM_BIDS = 2000,
    STALL_MS = 5000,
    SAMPLES_MAX = 1 << 20,
};

struct rate {
    struct bench_site *site;
    int64_t amounts[SALES];
    uint64_t sent;
    uint64_t accepted;
    uint64_t events; // bid_update heard
    int64_t sent_at_us[IN_FLIGHT_MAX];
    struct bench_figures latencies_us;
};

static void on_event(void *owner, struct bytes topic, struct bytes payload)
{
    static const char name[] = "/event/bid_update";
    struct rate *rate = owner;
    (void)payload;
    if (topic.size > sizeof name - 1 &&
        memcmp(topic.data + topic.size - (sizeof name - 1), name, sizeof name - 1) == 0) {
        rate->events++;
    }
}

static void on_reply(void *owner, uint64_t tag, struct bytes result)
{
    struct rate *rate = owner;
    if (!bytes_starts_with(result, bytes_text("{\"ok\":true"))) {
        fprintf(stderr, "refused: %.*s\n", (int)result.size, (const char *)result.data);
        abort();
    }
    rate->accepted++;
    bench_figures_add(&rate->latencies_us, bench_now_us() - rate->sent_at_us[tag % IN_FLIGHT_MAX]);
}

static void send_bid(struct rate *rate)
{
    char sale[32];
    char by[32];
    char members[64];
    uint64_t number = ++rate->sent; // a tag is never 0
    size_t index = number % SALES;
    rate->amounts[index] += 1;
    snprintf(sale, sizeof sale, "bench%zu", index);
    snprintf(by, sizeof by, "p%d", (int)(number / SALES % BIDDERS) + 1);
    snprintf(members, sizeof members, "\"lot\":\"l1\",\"amount\":%lld",
             (long long)rate->amounts[index]);
    rate->sent_at_us[number % IN_FLIGHT_MAX] = bench_now_us();
    bench_site_send(rate->site, sale, by, "bid", members, number);
}

static void keep_flying(struct rate *rate, uint64_t in_flight)
{
    while (rate->sent - rate->accepted < in_flight) {
        send_bid(rate);
    }
    bench_mqtt_flush(&rate->site->bridge);
    LC_ASSERT(bench_mqtt_wait(&rate->site->bridge, STALL_MS));
}

static void land(struct rate *rate)
{
    while (rate->accepted < rate->sent || rate->events < rate->sent) {
        LC_ASSERT(bench_mqtt_wait(&rate->site->bridge, STALL_MS));
        bench_mqtt_flush(&rate->site->bridge);
    }
}

static double measure(struct rate *rate, int in_flight, int seconds)
{
    struct bench_site *site = rate->site;
    int64_t engine_us = bench_cpu_us(site->engine);
    int64_t broker_us = bench_cpu_us(site->broker.pid);
    int64_t own_us = bench_cpu_us(0);
    uint64_t before = rate->accepted;
    int64_t start_us = bench_now_us();
    bench_figures_clear(&rate->latencies_us);
    while (bench_now_us() < start_us + seconds * INT64_C(1000000)) {
        keep_flying(rate, (uint64_t)in_flight);
    }
    double took_s = (double)(bench_now_us() - start_us) / 1e6;
    double bids = (double)(rate->accepted - before);
    LC_ASSERT(bids > 0);
    engine_us = bench_cpu_us(site->engine) - engine_us;
    broker_us = bench_cpu_us(site->broker.pid) - broker_us;
    own_us = bench_cpu_us(0) - own_us;
    printf(
        "rate in_flight=%d bids_per_s=%.0f p50_ms=%.2f p99_ms=%.2f engine_us=%.1f broker_us=%.1f "
        "generator_us=%.1f engine_busy=%.0f broker_busy=%.0f generator_busy=%.0f\n",
        in_flight, bids / took_s, bench_figures_part(&rate->latencies_us, 0.50) / 1e3,
        bench_figures_part(&rate->latencies_us, 0.99) / 1e3, (double)engine_us / bids,
        (double)broker_us / bids, (double)own_us / bids, (double)engine_us / took_s / 1e4,
        (double)broker_us / took_s / 1e4, (double)own_us / took_s / 1e4);
    fflush(stdout);
    return bids / took_s;
}

bool bench_rate(const char *engine, int in_flight, int seconds, int bids_per_s_min)
{
    static struct bench_site site;
    static struct rate rate;
    LC_ASSERT(in_flight > 0 && in_flight <= IN_FLIGHT_MAX);
    bench_site_open(&site, engine);
    rate = (struct rate){.site = &site};
    bench_figures_init(&rate.latencies_us, SAMPLES_MAX);
    for (int i = 0; i < SALES; i++) {
        char sale[32];
        snprintf(sale, sizeof sale, "bench%d", i);
        bench_site_sale(&site, sale,
                        "\"lot_duration_ms\":3600000,\"gap_ms\":0,\"soft_close\":null,"
                        "\"increments\":{\"kind\":\"flat\",\"step\":1,\"align\":false}",
                        1, BIDDERS);
        bench_site_command(&site, sale, NULL, "admin", "begin", "");
    }
    site.owner = &rate;
    site.on_event = on_event;
    site.on_reply = on_reply;
    while (rate.accepted < WARM_BIDS) {
        keep_flying(&rate, (uint64_t)in_flight);
    }
    double bids_per_s = measure(&rate, in_flight, seconds);
    land(&rate);
    bench_figures_release(&rate.latencies_us);
    bench_site_close(&site);
    return bids_per_s >= bids_per_s_min;
}
