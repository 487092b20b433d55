#include "auction-svc/service/engine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "auction-svc/io/data_run.h"
#include "auction-svc/service/answer.h"
#include "auction-svc/service/carry_out.h"
#include "auction-svc/service/peer_watch.h"
#include "auction-svc/service/recovery.h"
#include "auction-svc/service/retained_send.h"
#include "auction-svc/service/serve.h"
#include "auction-svc/service/ticker.h"
#include "auction-svc/service/view.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_log.h"

// ---- life ----

static int64_t ledger_last_ms(const struct engine *engine)
{
    int64_t last_ms = engine->alive_at_ms;
    for (size_t i = 0; i < engine->house.count; i++) {
        int64_t its_ms = engine->house.sales[i]->head.at_ms;
        last_ms = its_ms > last_ms ? its_ms : last_ms;
    }
    return last_ms;
}

static enum lc_status open_signals(struct engine *engine)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) {
        return LC_ERR_IO;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ,
                 SIG_IGN); // a limit of the file size is a full disk (exit code 4), not a death
    engine->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return engine->signals < 0 ? LC_ERR_IO : LC_OK;
}

static enum lc_status recover(struct engine *engine, const char *data_folder)
{
    enum lc_status status = ledger_open(data_folder, LEDGER_SERVE, &engine->ledger);
    if (status == LC_OK) {
        status = recovery_load(engine->ledger, &engine->house);
    }
    if (status == LC_OK) {
        status = ledger_alive_at(engine->ledger, &engine->alive_at_ms);
    }
    if (status == LC_OK) { // committed before anything of this run is published
        status = ledger_next_epoch(engine->ledger, 0, &engine->epoch);
    }
    if (status == LC_OK) {
        status = receipts_init(&engine->receipts, engine->ledger);
    }
    return status;
}

// Without it a start may have to wait until what the broker keeps of the last run has expired.
static void begin_run(struct engine *engine, const char *data_folder)
{
    struct bus *bus = engine->bus;
    enum lc_status status = data_run_begin(data_folder, bus->since_ms, &bus->peers.last_since_ms);
    if (status != LC_OK) {
        os_log(OS_LOG_WARNING, "data folder %s: this run could not be noted (%s)", data_folder,
               lc_status_name(status));
    }
}

enum lc_status engine_create(const struct engine_config *config, struct engine **out_engine)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    engine->signals = -1;
    house_init(&engine->house);
    imports_init(&engine->imports);
    snapshots_init(&engine->snapshots, config->snapshot_rows);
    backup_desk_init(&engine->backup_desk);
    buffer_init(&engine->fact, ENGINE_FACT_SIZE_MAX);
    buffer_init(&engine->payload, VIEW_PAYLOAD_SIZE_MAX);
    buffer_init(&engine->result, ANSWER_SIZE_MAX);
    enum lc_status status = open_signals(engine);
    if (status == LC_OK) {
        status = recover(engine, config->data_folder);
    }
    if (status == LC_OK) {
        backup_desk_open(&engine->backup_desk, engine->ledger, config->data_folder);
        engine->clock =
            engine_clock_start(os_clock_wall_ms(), os_clock_boot_us(), ledger_last_ms(engine));
        engine->now_ms = engine_clock_now_ms(&engine->clock, os_clock_boot_us());
        status = bus_create(&config->bus, &engine->clock, &engine->bus);
    }
    if (status == LC_OK) {
        begin_run(engine, config->data_folder);
    }
    if (status != LC_OK) {
        engine_destroy(engine);
        return status;
    }
    *out_engine = engine;
    return LC_OK;
}

void engine_destroy(struct engine *engine)
{
    if (engine == NULL) {
        return;
    }
    bus_destroy(engine->bus);
    backup_desk_release(&engine->backup_desk);
    receipts_release(&engine->receipts);
    snapshots_release(&engine->snapshots);
    house_release(&engine->house);
    imports_release(&engine->imports);
    ledger_close(engine->ledger);
    if (engine->signals >= 0) {
        close(engine->signals);
    }
    buffer_release(&engine->fact);
    buffer_release(&engine->payload);
    buffer_release(&engine->result);
    free(engine);
}

// ---- one turn ----

// Clocks stand still while the bus is not proven; how long, each sale is told when it is back.
static bool watch_bus(struct engine *engine)
{
    bus_set_clock(engine->bus, house_clock_runs(&engine->house), engine->now_ms);
    bool was_live = engine->is_live;
    engine->is_live = bus_is_live(engine->bus, engine->now_ms) && !engine->is_waiting;
    if (was_live && !engine->is_live) {
        engine->lost_at_ms = engine->bus->clock_runs ? engine->bus->proven_at_ms : engine->now_ms;
        os_log(OS_LOG_WARNING, "the broker has not answered since %lld ms: clocks stand still",
               (long long)(engine->now_ms - engine->lost_at_ms));
    } else if (!was_live && engine->is_live && engine->is_started) {
        os_log(OS_LOG_INFO, "the broker answers again after %lld ms",
               (long long)(engine->now_ms - engine->lost_at_ms));
    }
    return engine->is_live;
}

// What subscribers have seen and the ledger has not: it is an older copy, or its disk has lost what it
// had synced, which nothing in the file can tell.
static void complain_of_loss(const struct engine *engine)
{
    const struct epoch_watch *seen = &engine->bus->epochs;
    for (size_t i = 0; i < seen->sales_count; i++) {
        const struct seen_sale *one = &seen->sales[i];
        const struct hosted_sale *hosted = house_find(&engine->house, &one->sale);
        const struct sale *sale = hosted == NULL ? NULL : hosted->sale;
        if (sale != NULL && one->seq > sale->seq) {
            os_log(OS_LOG_ERROR,
                   "sale %s: the broker has seen seq %lld of epoch %lld, the ledger ends at seq "
                   "%lld of epoch %lld: it is an older copy, or its disk has lost the newest facts",
                   one->sale.text, (long long)one->seq, (long long)one->epoch, (long long)sale->seq,
                   (long long)sale->epoch);
        }
    }
}

// A ledger from a backup: what the broker still holds is of a higher epoch than ours.
static enum lc_status rise_above_seen(struct engine *engine)
{
    if (engine->is_started) {
        return LC_OK;
    }
    int64_t seen = engine->bus->epochs.highest;
    complain_of_loss(engine);
    epoch_watch_release(&engine->bus->epochs);
    if (seen < engine->epoch) {
        return LC_OK;
    }
    os_log(OS_LOG_WARNING, "the broker has seen epoch %lld, the ledger is at %lld: restored?",
           (long long)seen, (long long)engine->epoch);
    return ledger_next_epoch(engine->ledger, seen, &engine->epoch);
}

// The outage that ends now: our own death before this start, or the loss of the broker.
static enum lc_status end_outage(struct engine *engine)
{
    enum lc_status status = LC_OK;
    if (engine->is_started && engine->lost_at_ms == 0) {
        return LC_OK;
    }
    for (size_t i = 0; status == LC_OK && i < engine->house.count; i++) {
        struct hosted_sale *hosted = engine->house.sales[i];
        struct decision decision;
        if (hosted->sale == NULL) {
            continue;
        }
        if (!engine->is_started) {
            sale_decide_engine_start(hosted->sale, engine->epoch, engine->alive_at_ms,
                                     engine->now_ms, &decision);
        } else {
            sale_decide_outage(hosted->sale, engine->lost_at_ms, engine->now_ms, &decision);
        }
        status = carry_out(engine, hosted, &decision);
        decision_release(&decision);
    }
    engine->lost_at_ms = 0;
    return status;
}

// Its deadline moved without a fact. One that did not, and has nothing to do, must not stop all others.
static void put_off(struct engine *engine, struct hosted_sale *hosted)
{
    house_note_deadline(&engine->house, hosted);
    if (house_due(&engine->house, HOUSE_DEADLINE, engine->now_ms) == hosted) {
        os_log(OS_LOG_ERROR, "sale %s: a deadline has nothing to do", hosted->id.text);
        house_set_due(&engine->house, hosted, HOUSE_DEADLINE, engine->now_ms + ENGINE_PUT_OFF_MS);
    }
}

static enum lc_status carry_out_due(struct engine *engine)
{
    enum lc_status status = LC_OK;
    for (int done = 0; status == LC_OK && done < ENGINE_TURN_DEADLINES_MAX; done++) {
        struct hosted_sale *hosted = house_due(&engine->house, HOUSE_DEADLINE, engine->now_ms);
        struct decision decision;
        if (hosted == NULL) {
            break;
        }
        sale_decide_due(hosted->sale, engine->now_ms, &decision);
        if (decision.events_count > 0) {
            status = carry_out(engine, hosted, &decision);
        } else {
            put_off(engine, hosted);
        }
        decision_release(&decision);
    }
    return status;
}

static bool has_deadline_within(const struct engine *engine, int64_t span_ms)
{
    int64_t now_ms = engine_clock_now_ms(&engine->clock, os_clock_boot_us());
    return house_due(&engine->house, HOUSE_DEADLINE, now_ms + span_ms) != NULL;
}

static enum lc_status serve_waiting(struct engine *engine)
{
    enum lc_status status = LC_OK;
    for (int served = 0; status == LC_OK && served < ENGINE_TURN_COMMANDS_MAX; served++) {
        if (engine->bus->inbox.first == NULL || has_deadline_within(engine, 0)) {
            break; // time decides before any bid
        }
        struct inbox_message *message = inbox_take(&engine->bus->inbox);
        status = serve(engine, message);
        free(message);
    }
    return status;
}

// What needs no sync of its own: refusals, and that the engine was alive while clocks ran.
static enum lc_status write_notes(struct engine *engine)
{
    bool is_due = engine->now_ms >= engine->written_at_ms + ENGINE_ALIVE_MS;
    bool notes_alive = is_due && engine->is_live && engine->bus->clock_runs;
    bool notes_refusals =
        engine->receipts.waiting_count > 0 &&
        (is_due || ledger_is_open(engine->ledger) || receipts_are_crowded(&engine->receipts));
    if (!notes_alive && !notes_refusals) {
        return LC_OK;
    }
    engine->written_at_ms = is_due ? engine->now_ms : engine->written_at_ms;
    enum lc_status status = ledger_begin(engine->ledger, LEDGER_UNSYNCED);
    if (status == LC_OK && notes_alive) {
        status = ledger_put_alive(engine->ledger, engine->bus->proven_at_ms);
    }
    if (status == LC_OK && notes_refusals) {
        status = receipts_flush(&engine->receipts);
    }
    return status;
}

static void forget_retained(struct engine *engine)
{
    for (size_t i = 0; i < engine->house.count; i++) {
        struct hosted_sale *hosted = engine->house.sales[i];
        retained_forget(&hosted->retained, hosted->sale);
        house_set_due(&engine->house, hosted, HOUSE_RETAINED, retained_due_ms(&hosted->retained));
    }
    engine->bus->retained_is_new = false;
}

static bool has_time(int64_t end_us)
{
    return os_clock_boot_us() < end_us;
}

static void publish_retained(struct engine *engine)
{
    struct bus *bus = engine->bus;
    struct mqtt_link *link = bus_link(bus, BUS_RETAINED);
    int64_t end_us = os_clock_boot_us() + ENGINE_TURN_SPARE_US;
    struct hosted_sale *hosted;
    if (!mqtt_link_is_connected(link)) {
        return;
    }
    if (bus->retained_is_new) { // the broker may have lost all of it
        forget_retained(engine);
        peer_watch_take_back(engine);
    }
    while (!bus->retained_is_full && has_time(end_us) &&
           (hosted = house_due(&engine->house, HOUSE_RETAINED, engine->now_ms)) != NULL) {
        struct retained_target target = {link, bus->config.prefix, &hosted->id, &bus->config.node,
                                         bus->since_ms};
        retained_send(&hosted->retained, &target, hosted->sale, engine->now_ms);
        int64_t due_ms = retained_due_ms(&hosted->retained);
        bus->retained_is_full = due_ms <= engine->now_ms;
        house_set_due(&engine->house, hosted, HOUSE_RETAINED, due_ms);
    }
}

static void publish_ticks(struct engine *engine)
{
    struct bus *bus = engine->bus;
    struct ticker_target target = {bus_link(bus, BUS_EVENTS), bus_link(bus, BUS_RETAINED),
                                   bus->config.prefix};
    int64_t end_us = os_clock_boot_us() + ENGINE_TURN_SPARE_US;
    struct hosted_sale *hosted;
    while (has_time(end_us) &&
           (hosted = house_due(&engine->house, HOUSE_TICK, engine->now_ms)) != NULL) {
        ticker_run(hosted, &target, engine->now_ms);
        house_set_due(&engine->house, hosted, HOUSE_TICK, ticker_due_ms(hosted));
        house_set_due(&engine->house, hosted, HOUSE_RETAINED, // a moving price goes to the boards
                      retained_due_ms(&hosted->retained));
    }
}

static bool has_to_tell(const struct engine *engine)
{
    return engine->bus->retained_is_new ||
           house_due(&engine->house, HOUSE_TICK, engine->now_ms) != NULL ||
           house_due(&engine->house, HOUSE_RETAINED, engine->now_ms) != NULL;
}

static void hold(struct engine *engine, bool holds)
{
    mqtt_link_hold(bus_link(engine->bus, BUS_EVENTS), holds);
    mqtt_link_hold(bus_link(engine->bus, BUS_RETAINED), holds);
}

static void publish(struct engine *engine)
{
    outbox_commit(&engine->bus->outbox);
    bus_pump(engine->bus);
    if (engine->is_started && has_to_tell(engine)) {
        hold(engine, true);
        if (engine->is_live) {
            publish_ticks(engine);
        }
        publish_retained(engine);
        hold(engine, false);
    }
}

// The whole order of a bid: what waits and what is due is decided and applied, one after another;
// then one transaction with one sync; only then the world hears of it.
static enum lc_status engine_turn(struct engine *engine)
{
    enum lc_status status = LC_OK;
    engine->now_ms = engine_clock_now_ms(&engine->clock, os_clock_boot_us());
    if ((status = peer_watch(engine)) != LC_OK) {
        return status;
    }
    if (watch_bus(engine)) {
        status = rise_above_seen(engine);
        status = status == LC_OK ? end_outage(engine) : status;
        status = status == LC_OK ? carry_out_due(engine) : status; // time decides before any bid
        status = status == LC_OK ? serve_waiting(engine) : status;
    }
    status = status == LC_OK ? write_notes(engine) : status;
    if (status == LC_OK && ledger_is_open(engine->ledger)) {
        status = ledger_commit(engine->ledger);
    }
    if (status != LC_OK) {
        return status; // nothing of this turn was or will be seen by anybody
    }
    if (engine->is_live && !engine->is_started) {
        engine->is_started = true;
        os_log(OS_LOG_INFO, "ready: %zu sales, epoch %lld, broker %s:%d", engine->house.count,
               (long long)engine->epoch, engine->bus->config.host, engine->bus->config.port);
    }
    publish(engine);
    bus_set_clock(engine->bus, house_clock_runs(&engine->house), engine->now_ms);
    bool is_idle =
        engine->bus->inbox.first == NULL && !has_deadline_within(engine, ENGINE_QUIET_MS);
    backup_desk_step(&engine->backup_desk, is_idle);
    if (is_idle && ledger_wants_rest(engine->ledger)) {
        ledger_rest(engine->ledger);
    }
    return snapshots_take_due(&engine->snapshots, engine->ledger, is_idle);
}

// ---- the loop ----

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// Engine time of the next thing to do, when nothing arrives before.
static int64_t next_due_ms(const struct engine *engine)
{
    const struct bus *bus = engine->bus;
    int64_t due_ms = INT64_MAX;
    bool sends_retained = engine->is_started && !bus->retained_is_full &&
                          mqtt_link_is_connected(bus_link(bus, BUS_RETAINED));
    if ((engine->is_live && bus->inbox.first != NULL) ||
        backup_desk_is_busy(&engine->backup_desk)) {
        return 0;
    }
    if (sends_retained && bus->retained_is_new) {
        return 0;
    }
    if (engine->is_live) {
        due_ms = earlier(due_ms, house_due_ms(&engine->house, HOUSE_DEADLINE));
        due_ms = earlier(due_ms, house_due_ms(&engine->house, HOUSE_TICK));
    }
    if (sends_retained) {
        due_ms = earlier(due_ms, house_due_ms(&engine->house, HOUSE_RETAINED));
    }
    if (engine->is_waiting) {
        due_ms = earlier(due_ms, engine->now_ms + ENGINE_DOUBT_MS);
    }
    if (bus->clock_runs || engine->receipts.waiting_count > 0) {
        due_ms = earlier(due_ms, engine->written_at_ms + ENGINE_ALIVE_MS);
    }
    if (engine->is_live && bus->clock_runs) {
        due_ms = earlier(due_ms, bus->proven_at_ms + BUS_PROVEN_FOR_MS + 1);
    }
    return due_ms;
}

static void read_signals(struct engine *engine)
{
    struct signalfd_siginfo info;
    while (read(engine->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        os_log(OS_LOG_INFO, "stopping: signal %u", info.ssi_signo);
        engine->stop_wanted = true;
    }
}

static void wait_and_read(struct engine *engine)
{
    struct pollfd polls[BUS_LINK_COUNT + 1 + CONTROL_POLLS];
    int64_t now_us = os_clock_boot_us();
    int64_t due_us = earlier(engine_clock_boot_us(&engine->clock, next_due_ms(engine)),
                             bus_deadline_boot_ms(engine->bus) * 1000);
    int64_t left_us = due_us > now_us ? due_us - now_us : 0;
    left_us = earlier(left_us, INT64_C(60000000));
    struct timespec timeout = {left_us / 1000000, (left_us % 1000000) * 1000};
    bus_watch(engine->bus, polls);
    polls[BUS_LINK_COUNT] = (struct pollfd){.fd = engine->signals, .events = POLLIN};
    backup_desk_watch(&engine->backup_desk, polls + BUS_LINK_COUNT + 1);
    if (ppoll(polls, BUS_LINK_COUNT + 1 + CONTROL_POLLS, &timeout, NULL) < 0) {
        LC_ASSERT(errno == EINTR || errno == ENOMEM);
        return;
    }
    if (polls[BUS_LINK_COUNT].revents != 0) {
        read_signals(engine);
    }
    backup_desk_process(&engine->backup_desk, polls + BUS_LINK_COUNT + 1);
    bus_process(engine->bus, polls, engine_clock_now_ms(&engine->clock, os_clock_boot_us()));
}

// A stop that was asked for: the clocks are known to have run until now.
static enum lc_status write_farewell(struct engine *engine)
{
    enum lc_status status = ledger_begin(engine->ledger, LEDGER_SYNCED);
    if (status == LC_OK && engine->is_live && engine->bus->clock_runs) {
        status = ledger_put_alive(engine->ledger, engine->now_ms);
    }
    if (status == LC_OK) {
        status = receipts_flush(&engine->receipts);
    }
    if (status == LC_OK) {
        status = ledger_commit(engine->ledger);
    }
    if (status == LC_OK) {
        status = snapshots_take_all(&engine->snapshots, engine->ledger, &engine->house);
    }
    os_log(OS_LOG_INFO,
           "stopped: %llu commands (%llu accepted, %llu refused, %llu repeated, %llu malformed)",
           (unsigned long long)engine->counters.commands,
           (unsigned long long)engine->counters.accepted,
           (unsigned long long)engine->counters.refused,
           (unsigned long long)engine->counters.repeated,
           (unsigned long long)engine->counters.malformed);
    return status;
}

enum lc_status engine_run(struct engine *engine)
{
    enum lc_status status = LC_OK;
    os_log(OS_LOG_INFO, "%zu sales from the ledger, epoch %lld, connecting to %s:%d",
           engine->house.count, (long long)engine->epoch, engine->bus->config.host,
           engine->bus->config.port);
    while (status == LC_OK && !engine->stop_wanted) {
        wait_and_read(engine);
        status = engine_turn(engine);
    }
    return status == LC_OK ? write_farewell(engine) : status;
}
