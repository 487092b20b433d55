// The board program against a real broker; the test is the engine: it publishes what lib/wire
// writes and reads the board's lines.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mqtt/mqtt_link.h"
#include "lib/os/os_clock.h"
#include "lib/wire/topic.h"
#include "tests/faults/broker_process.h"
#include "tests/golden/fixtures.h"

enum { PATIENCE_MS = 10000, LINE_SIZE_MAX = 1024 };

// ---- the engine's side ----

struct engine {
    struct mqtt_link *link;
    bool connected;
    int acknowledged;
};

static void engine_on_state(void *owner, bool connected, const char *why)
{
    (void)why;
    ((struct engine *)owner)->connected = connected;
}

static void engine_on_message(void *owner, const char *topic, struct bytes payload, bool retained)
{
    (void)owner;
    (void)topic;
    (void)payload;
    (void)retained;
}

static void engine_on_acknowledged(void *owner, int handle)
{
    (void)handle;
    ((struct engine *)owner)->acknowledged++;
}

static void engine_turn(struct engine *engine, int wait_ms)
{
    struct pollfd fd = {.fd = mqtt_link_fd(engine->link), .events = POLLIN};
    if (mqtt_link_wants_write(engine->link)) {
        fd.events |= POLLOUT;
    }
    poll(&fd, 1, wait_ms);
    mqtt_link_process(engine->link, (fd.revents & (POLLIN | POLLERR | POLLHUP)) != 0,
                      (fd.revents & POLLOUT) != 0);
}

static void engine_open(struct engine *engine, int port)
{
    static const struct mqtt_link_ops ops = {.on_state = engine_on_state,
                                             .on_message = engine_on_message,
                                             .on_acknowledged = engine_on_acknowledged};
    *engine = (struct engine){0};
    struct mqtt_link_config config = {
        .host = "127.0.0.1", .port = port, .client_id = "engine-events"};
    assert_int_equal(mqtt_link_create(&config, &ops, engine, &engine->link), LC_OK);
}

static void engine_await_connection(struct engine *engine)
{
    int64_t give_up_ms = os_clock_boot_ms() + PATIENCE_MS;
    while (!engine->connected) {
        assert_true(os_clock_boot_ms() < give_up_ms);
        engine_turn(engine, 10);
    }
}

// Returns when the broker has taken it over.
static void engine_publish(struct engine *engine, enum topic_kind kind, const char *name,
                           struct bytes payload, bool retain)
{
    char text[TOPIC_SIZE_MAX];
    struct topic topic = {.kind = kind, .sale = {"demo"}};
    snprintf(topic.name, sizeof topic.name, "%s", name);
    topic_write(&topic, "lotcast", text);
    int before = engine->acknowledged;
    assert_int_equal(mqtt_link_publish(engine->link, text, payload, 1, retain, NULL), LC_OK);
    int64_t give_up_ms = os_clock_boot_ms() + PATIENCE_MS;
    while (engine->acknowledged == before) {
        assert_true(os_clock_boot_ms() < give_up_ms);
        engine_turn(engine, 10);
    }
}

static void engine_publish_state(struct engine *engine, const struct wire_state *state)
{
    struct buffer out;
    buffer_init(&out, 2000);
    wire_write_state(&out, state);
    engine_publish(engine, TOPIC_SALE_STATE, "", buffer_bytes(&out), true);
    buffer_release(&out);
}

static void engine_publish_info(struct engine *engine)
{
    for (size_t i = 0; i < golden_messages_count; i++) {
        if (strcmp(golden_messages[i].name, "info") == 0) {
            struct buffer out;
            buffer_init(&out, 2000);
            golden_messages[i].write(&out);
            engine_publish(engine, TOPIC_SALE_INFO, "", buffer_bytes(&out), true);
            buffer_release(&out);
        }
    }
}

static void engine_publish_tick(struct engine *engine, const struct wire_state *state,
                                int64_t remaining_ms)
{
    struct wire_tick tick = {.head = state->head,
                             .lot = state->lot.id,
                             .ends_at_ms = state->lot.ends_at_ms,
                             .now_ms = state->lot.ends_at_ms - remaining_ms,
                             .remaining_ms = remaining_ms};
    struct buffer out;
    buffer_init(&out, 500);
    wire_write_tick(&out, &tick);
    engine_publish(engine, TOPIC_SALE_TICK, "", buffer_bytes(&out), false);
    buffer_release(&out);
}

// ---- the board's side ----

struct board_process {
    pid_t pid;
    int out_fd;
    char text[LINE_SIZE_MAX * 4]; // read and not yet taken
    size_t size;
};

static void board_start(struct board_process *board, int port, const char *mode)
{
    char program[512];
    char broker[64];
    int out[2];
    const char *folder = getenv("LOTCAST_BIN");
    snprintf(program, sizeof program, "%s/auction-board", folder == NULL ? "." : folder);
    snprintf(broker, sizeof broker, "127.0.0.1:%d", port);
    *board = (struct board_process){0};
    assert_int_equal(pipe(out), 0);
    assert_int_equal(fcntl(out[0], F_SETFD, FD_CLOEXEC), 0);
    board->pid = fork();
    assert_true(board->pid >= 0);
    if (board->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], STDOUT_FILENO);
        close(out[1]);
        execl(program, program, "--broker", broker, "--sale", "demo", mode, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    board->out_fd = out[0];
}

static int board_wait(struct board_process *board)
{
    int status = 0;
    assert_int_equal(waitpid(board->pid, &status, 0), board->pid);
    close(board->out_fd);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int board_stop(struct board_process *board)
{
    kill(board->pid, SIGTERM);
    return board_wait(board);
}

// The next line of the board; false at the end of its output or after `patience_ms`.
static bool board_line(struct board_process *board, int patience_ms, char out_line[LINE_SIZE_MAX])
{
    int64_t give_up_ms = os_clock_boot_ms() + patience_ms;
    for (;;) {
        size_t end = bytes_find(bytes_of(board->text, board->size), '\n', 0);
        if (end < board->size) {
            assert_true(end < LINE_SIZE_MAX);
            memcpy(out_line, board->text, end);
            out_line[end] = 0;
            board->size -= end + 1;
            memmove(board->text, board->text + end + 1, board->size);
            return true;
        }
        int64_t left_ms = give_up_ms - os_clock_boot_ms();
        struct pollfd fd = {.fd = board->out_fd, .events = POLLIN};
        if (left_ms <= 0 || poll(&fd, 1, (int)left_ms) <= 0) {
            return false;
        }
        ssize_t added =
            read(board->out_fd, board->text + board->size, sizeof board->text - board->size);
        if (added <= 0) {
            return false;
        }
        board->size += (size_t)added;
    }
}

// Reads lines until one has all of the given parts (up to three); fails with the last line.
static void board_await(struct board_process *board, int patience_ms, const char *a, const char *b,
                        const char *c)
{
    char line[LINE_SIZE_MAX] = "";
    int64_t give_up_ms = os_clock_boot_ms() + patience_ms;
    do {
        int left_ms = (int)(give_up_ms - os_clock_boot_ms());
        if (left_ms <= 0 || !board_line(board, left_ms, line)) {
            fail_msg("no line with %s, %s, %s; the last was: %s", a, b, c, line);
        }
    } while (strstr(line, a) == NULL || strstr(line, b) == NULL || strstr(line, c) == NULL);
}

// ---- tests ----

struct world {
    struct broker_process broker;
    struct engine engine;
    struct wire_state open; // lot 1 of 32, 12.00 EUR, led by 3 Ana, 25 s left
};

static int world_open(void **state)
{
    static struct world world;
    broker_init(&world.broker, "allow_anonymous true\n");
    broker_start(&world.broker);
    engine_open(&world.engine, world.broker.port);
    engine_await_connection(&world.engine);
    engine_publish_info(&world.engine);
    world.open = golden_state_open();
    *state = &world;
    return 0;
}

static int world_close(void **state)
{
    struct world *world = *state;
    mqtt_link_destroy(world->engine.link);
    broker_release(&world->broker);
    return 0;
}

static void a_board_started_in_the_middle_of_a_lot_is_right_within_a_second(void **state)
{
    struct world *world = *state;
    struct board_process board;
    engine_publish_state(&world->engine, &world->open);
    board_start(&board, world->broker.port, "--plain");
    board_await(&board, 1000, "lot=1/32 ", "price=\"12.00 EUR\" ask=\"13.00 EUR\"",
                "leader=\"3 Ana\" bids=2 clock=waiting");
    assert_int_equal(board_stop(&board), 0);
}

static void the_countdown_runs_from_ticks_and_waits_in_silence(void **state)
{
    struct world *world = *state;
    struct board_process board;
    engine_publish_state(&world->engine, &world->open);
    board_start(&board, world->broker.port, "--plain");
    board_await(&board, PATIENCE_MS, "online", "lot=1/32", "clock=waiting");
    engine_publish_tick(&world->engine, &world->open, 20000);
    board_await(&board, PATIENCE_MS, "online", "lot=1/32", "clock=20");
    board_await(&board, PATIENCE_MS, "online", "lot=1/32", "clock=19"); // by its own clock
    board_await(&board, PATIENCE_MS, "online", "lot=1/32", "clock=18");
    board_await(&board, PATIENCE_MS, "online", "lot=1/32", "clock=waiting");
    engine_publish_tick(&world->engine, &world->open, 15000);
    board_await(&board, PATIENCE_MS, "online", "lot=1/32", "clock=15");
    assert_int_equal(board_stop(&board), 0);
}

static void a_bid_and_the_next_lot_are_shown(void **state)
{
    struct world *world = *state;
    struct board_process board;
    struct wire_state bid = world->open;
    engine_publish_state(&world->engine, &world->open);
    board_start(&board, world->broker.port, "--plain");
    board_await(&board, PATIENCE_MS, "online", "price=\"12.00 EUR\"", "clock=waiting");
    bid.head.seq++;
    bid.lot.price_minor = 1300;
    engine_publish_state(&world->engine, &bid);
    board_await(&board, PATIENCE_MS, "online", "price=\"13.00 EUR\"", "clock=25");
    struct wire_state gap = golden_state_gap();
    gap.head.seq = bid.head.seq + 1;
    engine_publish_state(&world->engine, &gap);
    board_await(&board, PATIENCE_MS, "state=sold", "next=2", "clock=3");
    engine_publish(&world->engine, TOPIC_SALE_BOARD, "message", bytes_text("A break"), true);
    board_await(&board, PATIENCE_MS, "online", "state=sold", "message=\"A break\"");
    engine_publish(&world->engine, TOPIC_SALE_STATE, "", bytes_of(NULL, 0), true); // F24
    board_await(&board, PATIENCE_MS, "online", "phase=deleted", "clock=none");
    assert_int_equal(board_stop(&board), 0);
}

// F10, F12
static void stale_messages_change_nothing(void **state)
{
    struct world *world = *state;
    struct board_process board;
    char line[LINE_SIZE_MAX];
    engine_publish_state(&world->engine, &world->open);
    board_start(&board, world->broker.port, "--plain");
    board_await(&board, PATIENCE_MS, "online", "price=\"12.00 EUR\"", "clock=waiting");
    struct wire_state stale = world->open;
    stale.lot.price_minor = 100;
    stale.head.seq--;
    engine_publish_state(&world->engine, &stale);
    engine_publish_tick(&world->engine, &stale, 7000);
    stale.head.seq += 100;
    stale.head.epoch--;
    engine_publish_state(&world->engine, &stale);
    engine_publish_tick(&world->engine, &stale, 7000);
    struct wire_state newer = world->open;
    newer.head.seq++;
    newer.lot.price_minor = 1400;
    engine_publish_state(&world->engine, &newer);
    assert_true(board_line(&board, PATIENCE_MS, line)); // the very next line is the newer state's
    assert_non_null(strstr(line, "price=\"14.00 EUR\""));
    assert_int_equal(board_stop(&board), 0);
}

static void a_killed_broker_is_shown_and_the_board_comes_back_by_itself(void **state)
{
    struct world *world = *state;
    struct board_process board;
    engine_publish_state(&world->engine, &world->open);
    board_start(&board, world->broker.port, "--plain");
    board_await(&board, PATIENCE_MS, "online", "price=\"12.00 EUR\"", "clock=waiting");
    engine_publish_tick(&world->engine, &world->open, 20000);
    board_await(&board, PATIENCE_MS, "online", "lot=1/32", "clock=20");
    broker_kill(&world->broker);
    board_await(&board, PATIENCE_MS, "connection=offline", "price=\"12.00 EUR\"", "clock=waiting");
    engine_turn(&world->engine, 100); // it hears of the loss too
    broker_start(&world->broker);
    int64_t back_ms = os_clock_boot_ms();
    world->engine.connected = false;
    engine_await_connection(&world->engine);
    struct wire_state newer = world->open;
    newer.head = (struct wire_head){newer.head.seq + 1, newer.head.epoch + 1};
    newer.lot.price_minor = 1500;
    engine_publish_info(&world->engine);
    engine_publish_state(&world->engine, &newer);
    board_await(&board, 5000, "connection=online", "price=\"15.00 EUR\"", "lot=1/32");
    assert_true(os_clock_boot_ms() - back_ms < 5000);
    assert_int_equal(board_stop(&board), 0);
}

static void once_prints_one_line_and_ends(void **state)
{
    struct world *world = *state;
    struct board_process board;
    char line[LINE_SIZE_MAX];
    struct wire_state lobby = golden_state_lobby();
    engine_publish_state(&world->engine, &lobby);
    board_start(&board, world->broker.port, "--once");
    assert_true(board_line(&board, PATIENCE_MS, line));
    assert_string_equal(line, "connection=online phase=lobby clock=none message=\"\"");
    assert_false(board_line(&board, PATIENCE_MS, line));
    assert_int_equal(board_wait(&board), 0);
}

static void once_without_a_sale_fails(void **state)
{
    struct world *world = *state;
    struct board_process board;
    char line[LINE_SIZE_MAX];
    board_start(&board, world->broker.port, "--once");
    assert_false(board_line(&board, PATIENCE_MS, line));
    assert_int_equal(board_wait(&board), 1);
}

static void an_unknown_option_ends_with_2(void **state)
{
    struct world *world = *state;
    struct board_process board;
    char line[LINE_SIZE_MAX];
    board_start(&board, world->broker.port, "--bogus");
    assert_false(board_line(&board, PATIENCE_MS, line));
    assert_int_equal(board_wait(&board), 2);
}

int main(void)
{
#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_board_started_in_the_middle_of_a_lot_is_right_within_a_second),
        WORLD_TEST(the_countdown_runs_from_ticks_and_waits_in_silence),
        WORLD_TEST(a_bid_and_the_next_lot_are_shown),
        WORLD_TEST(stale_messages_change_nothing),
        WORLD_TEST(a_killed_broker_is_shown_and_the_board_comes_back_by_itself),
        WORLD_TEST(once_prints_one_line_and_ends),
        WORLD_TEST(once_without_a_sale_fails),
        WORLD_TEST(an_unknown_option_ends_with_2),
    };
#undef WORLD_TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
