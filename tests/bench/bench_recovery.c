// How long a start takes with a million facts: with a snapshot, with the longest tail behind one, and
// without any. usage: bench_recovery [events [lots [bidders]]]; a smaller number is used as a smoke test.
#include "tests/unit/ledger_room.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "auction-svc/replay/replay.h"
#include "auction-svc/service/snapshots.h"
#include "auction-svc/service/verify.h"

enum { LOTS = 1000, BIDDERS = 200, CHUNK = 10000, TAIL_FACTOR = 2 };

static int64_t number(int argc, char **argv, int index, int64_t otherwise)
{
    return argc > index ? strtoll(argv[index], NULL, 10) : otherwise;
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int64_t recover(struct ledger_room *room, bool use_snapshot, const char *what)
{
    struct replay replay;
    ledger_room_leave(room);
    double start = seconds_now();
    ledger_room_return(room); // opening is part of it
    LC_ASSERT(replay_init(&replay, &room->id, (struct replay_watcher){0}) == LC_OK);
    LC_ASSERT(!use_snapshot || replay_load_snapshot(&replay, room->ledger) == LC_OK);
    LC_ASSERT(replay_rows(&replay, room->ledger) == LC_OK);
    double took = seconds_now() - start;
    LC_ASSERT(replay_is_ok(&replay));
    LC_ASSERT(replay.sale->seq == room->sale->seq);
    int64_t rows = replay.report.rows;
    printf("%-34s %8.1f ms  (%lld rows replayed)\n", what, took * 1e3, (long long)rows);
    replay_release(&replay);
    return rows;
}

static void dump(const struct sale *sale)
{
    struct buffer state;
    buffer_init(&state, SNAPSHOT_SIZE_MAX);
    double start = seconds_now();
    sale_dump(sale, &state);
    LC_ASSERT(!state.failed);
    printf("%-34s %8.1f ms  (%zu bytes)\n", "of which its text", (seconds_now() - start) * 1e3,
           state.size);
    buffer_release(&state);
}

static void fill(struct ledger_room *room, int64_t events)
{
    while (room->head.row < events) {
        int64_t left = events - room->head.row;
        ledger_room_fill(room, left < CHUNK ? left : CHUNK);
    }
}

int main(int argc, char **argv)
{
    int64_t events = number(argc, argv, 1, 1000000);
    int64_t lots = number(argc, argv, 2, LOTS);
    int64_t bidders = number(argc, argv, 3, BIDDERS);
    int64_t tail = TAIL_FACTOR * SNAPSHOT_ROWS_DEFAULT < events / 2
                       ? TAIL_FACTOR * SNAPSHOT_ROWS_DEFAULT
                       : events / 4;
    struct ledger_room room;
    struct stat file;
    char path[128];
    double start = seconds_now();
    ledger_room_open(&room, (size_t)lots, bidders);
    fill(&room, events - tail);
    printf("%lld facts decided, applied and written in %.1f s\n", (long long)room.head.row,
           seconds_now() - start);
    start = seconds_now();
    ledger_room_snapshot(&room);
    printf("%-34s %8.1f ms  (%lld lots, %lld participants)\n", "a snapshot is taken",
           (seconds_now() - start) * 1e3, (long long)lots, (long long)bidders);
    dump(room.sale);
    fill(&room, events);
    LC_ASSERT(recover(&room, true, "start, longest tail behind it") == tail);
    ledger_room_snapshot(&room);
    LC_ASSERT(recover(&room, true, "start after a clean stop") == 0);
    LC_ASSERT(recover(&room, false, "start without a snapshot") == room.head.row);
    ledger_room_leave(&room);
    start = seconds_now();
    LC_ASSERT(verify(room.folder, NULL, false) == LC_OK);
    printf("%-34s %8.1f ms\n", "verify of all of it", (seconds_now() - start) * 1e3);
    ledger_room_return(&room);
    snprintf(path, sizeof path, "%s/ledger.sqlite", room.folder);
    LC_ASSERT(stat(path, &file) == 0);
    printf("%lld facts, file of %lld MB\n", (long long)room.head.row,
           (long long)file.st_size / 1000000);
    ledger_room_close(&room);
    return 0;
}
