#include <stdio.h>
#include <stdlib.h>

#include "lib/base/status.h"
#include "tests/bench/engine/bench_case.h"
#include "tests/bench/engine/bench_figures.h"
#include "tests/bench/engine/bench_site.h"
#include "tests/bench/engine/bench_sync.h"

enum { LOT_MS_MIN = 3000, SETUP_MS = 4, STALL_MS = 30000, SALES_MAX = 1000, LOTS_MAX = 100 };

struct lateness {
    int sales;
    int lots; // of each sale
    int step_ms;
    uint64_t closed;
    uint64_t ticks;
    struct bench_figures decided_ms; // `at` of the close, after the lot's end
    struct bench_figures heard_us;   // when a bridge has it, after the lot's end
    struct bench_figures syncs_us;   // of a file of our own, meanwhile
    int64_t started_at_ms[SALES_MAX];
};

// Sale i of n ends its lots at i/n of each step, so that all ends are spread evenly.
static int64_t duration_ms(const struct lateness *lateness, int sale)
{
    return LOT_MS_MIN + lateness->sales * SETUP_MS +
           (int64_t)lateness->step_ms * sale / lateness->sales;
}

// The number behind `name` at its first place, as in "\"at\":12".
static int64_t number_of(struct bytes payload, const char *name)
{
    struct bytes rest = payload;
    while (rest.size > 0 && !bytes_starts_with(rest, bytes_text(name))) {
        rest = bytes_from(rest, 1);
    }
    rest = bytes_from(rest, strlen(name));
    uint64_t value = 0;
    size_t digits = 0;
    while (digits < rest.size && rest.data[digits] >= '0' && rest.data[digits] <= '9') {
        digits++;
    }
    LC_ASSERT(bytes_to_uint64(bytes_of(rest.data, digits), INT64_MAX, &value));
    return (int64_t)value;
}

static bool ends_with(struct bytes text, const char *end)
{
    size_t size = strlen(end);
    return text.size >= size && bytes_equal_text(bytes_from(text, text.size - size), end);
}

static void on_event(void *owner, struct bytes topic, struct bytes payload)
{
    struct lateness *lateness = owner;
    if (ends_with(topic, "/tick")) {
        lateness->ticks++;
        return;
    }
    bool starts = ends_with(topic, "/event/auction_started");
    if (!starts && !ends_with(topic, "/event/unsold")) {
        return;
    }
    int sale = (int)number_of(topic, "/sale/s");
    LC_ASSERT(sale < lateness->sales);
    if (starts) {
        lateness->started_at_ms[sale] = number_of(payload, "\"at\":");
        return;
    }
    LC_ASSERT(lateness->started_at_ms[sale] > 0);
    int64_t ends_at_ms = lateness->started_at_ms[sale] + duration_ms(lateness, sale) +
                         lateness->step_ms * (number_of(payload, "\"lot\":\"l") - 1);
    LC_ASSERT(number_of(payload, "\"at\":") >= ends_at_ms);
    bench_figures_add(&lateness->decided_ms, number_of(payload, "\"at\":") - ends_at_ms);
    bench_figures_add(&lateness->heard_us, bench_wall_us() - ends_at_ms * 1000);
    lateness->closed++;
}

static void open_sales(struct bench_site *site, const struct lateness *lateness)
{
    for (int i = 0; i < lateness->sales; i++) {
        char sale[32];
        char rules[192];
        snprintf(sale, sizeof sale, "s%d", i);
        snprintf(rules, sizeof rules,
                 "\"flow\":\"parallel\",\"stagger_ms\":%d,\"lot_duration_ms\":%lld,\"gap_ms\":0,"
                 "\"soft_close\":null,\"unsold_rounds\":0",
                 lateness->step_ms, (long long)duration_ms(lateness, i));
        bench_site_sale(site, sale, rules, lateness->lots, 0);
    }
    for (int i = 0; i < lateness->sales; i++) {
        char sale[32];
        snprintf(sale, sizeof sale, "s%d", i);
        bench_site_command(site, sale, NULL, "admin", "begin", "");
    }
}

static void print(struct lateness *lateness, double busy)
{
    struct bench_figures *decided = &lateness->decided_ms;
    struct bench_figures *heard = &lateness->heard_us;
    struct bench_figures *syncs = &lateness->syncs_us;
    printf("late sales=%d lots=%d closed=%llu ticks=%llu decided_p50_ms=%.0f decided_p99_ms=%.0f "
           "decided_max_ms=%.0f heard_p50_ms=%.2f heard_p99_ms=%.2f heard_max_ms=%.2f "
           "sync_p50_ms=%.2f sync_p99_ms=%.2f sync_max_ms=%.2f engine_busy=%.1f\n",
           lateness->sales, lateness->sales * lateness->lots, (unsigned long long)lateness->closed,
           (unsigned long long)lateness->ticks, bench_figures_part(decided, 0.50),
           bench_figures_part(decided, 0.99), bench_figures_part(decided, 1),
           bench_figures_part(heard, 0.50) / 1e3, bench_figures_part(heard, 0.99) / 1e3,
           bench_figures_part(heard, 1) / 1e3, bench_figures_part(syncs, 0.50) / 1e3,
           bench_figures_part(syncs, 0.99) / 1e3, bench_figures_part(syncs, 1) / 1e3, busy);
    fflush(stdout);
}

bool bench_lateness(const char *engine, int sales, int lots, int seconds, int late_ms_max)
{
    static struct bench_site site;
    static struct lateness lateness;
    static struct bench_sync_watch watch;
    LC_ASSERT(sales > 0 && sales <= SALES_MAX && lots > 0 && lots <= LOTS_MAX && seconds > 0);
    uint64_t all = (uint64_t)sales * (uint64_t)lots;
    bench_site_open(&site, engine);
    lateness = (struct lateness){.sales = sales, .lots = lots, .step_ms = seconds * 1000 / lots};
    bench_figures_init(&lateness.decided_ms, all);
    bench_figures_init(&lateness.heard_us, all);
    bench_figures_init(&lateness.syncs_us, BENCH_SYNC_WATCH_MAX);
    site.owner = &lateness;
    site.on_event = on_event;
    open_sales(&site, &lateness);
    bench_sync_watch_start(&watch, &site);
    int64_t cpu_us = bench_cpu_us(site.engine);
    int64_t start_us = bench_now_us();
    LC_ASSERT(lateness.closed == 0);
    while (lateness.closed < all) {
        LC_ASSERT(bench_mqtt_wait(&site.bridge, STALL_MS));
        bench_mqtt_flush(&site.bridge);
    }
    double took_us = (double)(bench_now_us() - start_us);
    double busy = (double)(bench_cpu_us(site.engine) - cpu_us) / took_us * 100;
    bench_sync_watch_stop(&watch, &lateness.syncs_us);
    print(&lateness, busy);
    double late_ms = bench_figures_part(&lateness.heard_us, 0.99) / 1e3;
    bench_figures_release(&lateness.decided_ms);
    bench_figures_release(&lateness.heard_us);
    bench_figures_release(&lateness.syncs_us);
    bench_site_close(&site);
    return late_ms_max == 0 || late_ms <= late_ms_max;
}
