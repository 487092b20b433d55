#include <stdio.h>
#include <stdlib.h>

#include "lib/base/status.h"
#include "tests/bench/engine/bench_case.h"
#include "tests/bench/engine/bench_figures.h"
#include "tests/bench/engine/bench_site.h"

enum { LOT_MS_MIN = 3000, STALL_MS = 30000, SALES_MAX = 10000 };

struct lateness {
    uint64_t closed;
    uint64_t ticks;
    struct bench_figures decided_ms; // `at` of the close, after `ends_at`
    struct bench_figures heard_us;   // when a bridge has it, after `ends_at`
    int64_t ends_at_ms[SALES_MAX];   // by sale
};

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
    bool starts = ends_with(topic, "/event/lot_started");
    if (!starts && !ends_with(topic, "/event/unsold")) {
        return;
    }
    size_t sale = (size_t)number_of(topic, "/sale/s");
    LC_ASSERT(sale < SALES_MAX);
    if (starts) {
        lateness->ends_at_ms[sale] = number_of(payload, "\"ends_at\":");
        return;
    }
    int64_t ends_at_ms = lateness->ends_at_ms[sale];
    LC_ASSERT(ends_at_ms > 0);
    bench_figures_add(&lateness->decided_ms, number_of(payload, "\"at\":") - ends_at_ms);
    bench_figures_add(&lateness->heard_us, bench_wall_us() - ends_at_ms * 1000);
    lateness->closed++;
}

bool bench_lateness(const char *engine, int sales, int seconds, int late_ms_max)
{
    static struct bench_site site;
    static struct lateness lateness;
    char text[160];
    LC_ASSERT(sales > 0 && sales <= SALES_MAX && seconds > 0);
    bench_site_open(&site, engine);
    lateness = (struct lateness){0};
    bench_figures_init(&lateness.decided_ms, (size_t)sales);
    bench_figures_init(&lateness.heard_us, (size_t)sales);
    site.owner = &lateness;
    site.on_event = on_event;
    for (int i = 0; i < sales; i++) {
        char sale[32];
        int duration_ms = LOT_MS_MIN + sales * 3 + (int)((int64_t)seconds * 1000 * i / sales);
        snprintf(sale, sizeof sale, "s%d", i);
        snprintf(text, sizeof text,
                 "\"lot_duration_ms\":%d,\"gap_ms\":0,\"soft_close\":null,\"unsold_rounds\":0",
                 duration_ms);
        bench_site_sale(&site, sale, text, 1, 0);
    }
    for (int i = 0; i < sales; i++) {
        snprintf(text, sizeof text, "s%d", i);
        bench_site_command(&site, text, NULL, "admin", "begin", "");
    }
    int64_t cpu_us = bench_cpu_us(site.engine);
    int64_t start_us = bench_now_us();
    LC_ASSERT(lateness.closed == 0);
    while (lateness.closed < (uint64_t)sales) {
        LC_ASSERT(bench_mqtt_wait(&site.bridge, STALL_MS));
        bench_mqtt_flush(&site.bridge);
    }
    double took_us = (double)(bench_now_us() - start_us);
    printf("late sales %d lots %d closed %llu ticks %llu decided_ms p50 %.0f p99 %.0f max %.0f "
           "heard_ms p50 %.2f p99 %.2f max %.2f engine busy %.1f%%\n",
           sales, sales, (unsigned long long)lateness.closed, (unsigned long long)lateness.ticks,
           bench_figures_part(&lateness.decided_ms, 0.50),
           bench_figures_part(&lateness.decided_ms, 0.99),
           bench_figures_part(&lateness.decided_ms, 1),
           bench_figures_part(&lateness.heard_us, 0.50) / 1e3,
           bench_figures_part(&lateness.heard_us, 0.99) / 1e3,
           bench_figures_part(&lateness.heard_us, 1) / 1e3,
           (double)(bench_cpu_us(site.engine) - cpu_us) / took_us * 100);
    fflush(stdout);
    double late_ms = bench_figures_part(&lateness.heard_us, 0.99) / 1e3;
    bench_figures_release(&lateness.decided_ms);
    bench_figures_release(&lateness.heard_us);
    bench_site_close(&site);
    return late_ms_max == 0 || late_ms <= late_ms_max;
}
