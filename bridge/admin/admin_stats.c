#include "bridge/admin/admin_stats.h"

#include "lib/json/json_write.h"

void admin_stats_begin(struct admin_stats *stats, const struct socketio_counts *counts)
{
    *stats = (struct admin_stats){.before = *counts};
}

void admin_stats_opened(struct admin_stats *stats)
{
    stats->opened++;
}

void admin_stats_closed(struct admin_stats *stats, const char *reason)
{
    for (size_t i = 0; i < ADMIN_REASONS_MAX; i++) {
        if (stats->closed[i].reason == NULL) {
            stats->closed[i].reason = reason;
        }
        if (strcmp(stats->closed[i].reason, reason) == 0) {
            stats->closed[i].count++;
            return;
        }
    }
}

static void add(struct admin_stats *stats, int64_t second_ms, const char *type,
                const char *sub_type, uint64_t count)
{
    if (count > 0 && stats->aggregates_count < ADMIN_AGGREGATES_MAX) {
        stats->aggregates[stats->aggregates_count++] =
            (struct admin_aggregate){second_ms, type, sub_type, count};
    }
}

void admin_stats_sample(struct admin_stats *stats, const struct socketio_counts *counts,
                        int64_t second_ms)
{
    const struct socketio_counts *before = &stats->before;
    add(stats, second_ms, "rawConnection", NULL, stats->opened);
    add(stats, second_ms, "packetsIn", NULL, counts->packets_in_total - before->packets_in_total);
    add(stats, second_ms, "bytesIn", NULL, counts->bytes_in_total - before->bytes_in_total);
    add(stats, second_ms, "packetsOut", NULL,
        counts->packets_out_total - before->packets_out_total);
    add(stats, second_ms, "bytesOut", NULL, counts->bytes_out_total - before->bytes_out_total);
    for (size_t i = 0; i < ADMIN_REASONS_MAX && stats->closed[i].reason != NULL; i++) {
        add(stats, second_ms, "rawDisconnection", stats->closed[i].reason, stats->closed[i].count);
        stats->closed[i].count = 0;
    }
    stats->opened = 0;
    stats->before = *counts;
}

void admin_stats_take(struct admin_stats *stats, struct buffer *out)
{
    struct json_writer writer = json_writer_on(out);
    json_array_begin(&writer, NULL);
    for (size_t i = 0; i < stats->aggregates_count; i++) {
        const struct admin_aggregate *one = &stats->aggregates[i];
        json_object_begin(&writer, NULL);
        json_write_int(&writer, "timestamp", one->second_ms);
        json_write_cstr(&writer, "type", one->type);
        if (one->sub_type != NULL) {
            json_write_cstr(&writer, "subType", one->sub_type);
        }
        json_write_int(&writer, "count", (int64_t)one->count);
        json_object_end(&writer);
    }
    json_array_end(&writer);
    stats->aggregates_count = 0;
}
