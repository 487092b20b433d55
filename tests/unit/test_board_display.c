#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "board/display.h"
#include "board/options.h"
#include "tests/golden/fixtures.h"

static const struct topic info_topic = {.kind = TOPIC_SALE_INFO, .sale = {"demo"}};
static const struct topic state_topic = {.kind = TOPIC_SALE_STATE, .sale = {"demo"}};
static const struct topic tick_topic = {.kind = TOPIC_SALE_TICK, .sale = {"demo"}};
static const struct topic message_topic = {
    .kind = TOPIC_SALE_BOARD, .sale = {"demo"}, .name = "message"};

static bool take_state(struct display *display, const struct wire_state *state, bool retained,
                       int64_t now_ms)
{
    struct buffer out;
    buffer_init(&out, 2000);
    wire_write_state(&out, state);
    bool taken = display_take(display, &state_topic, buffer_bytes(&out), retained, now_ms);
    buffer_release(&out);
    return taken;
}

static struct wire_tick tick_of(const struct wire_state *state, int64_t later_ms)
{
    return (struct wire_tick){.head = state->head,
                              .lot = state->lot.id,
                              .ends_at_ms = state->lot.ends_at_ms,
                              .now_ms = state->now_ms + later_ms,
                              .remaining_ms = state->lot.remaining_ms - later_ms};
}

static bool take_tick(struct display *display, const struct wire_tick *tick, bool retained,
                      int64_t now_ms)
{
    struct buffer out;
    buffer_init(&out, 500);
    wire_write_tick(&out, tick);
    bool taken = display_take(display, &tick_topic, buffer_bytes(&out), retained, now_ms);
    buffer_release(&out);
    return taken;
}

static void take_info(struct display *display)
{
    struct wire_info info = {.head = {1, 1},
                             .id = {"demo"},
                             .title = bytes_text("Demo sale"),
                             .currency_code = bytes_text("EUR"),
                             .currency_minor_digits = 2,
                             .phase = "live",
                             .visibility = "names",
                             .lot = {.format = "english",
                                     .soft_close_type = "reset",
                                     .soft_close_scope = "lot",
                                     .increments = {.kind = "percent"},
                                     .reserve_mode = "jump",
                                     .retraction = "revive",
                                     .buy_now_until = "bid"},
                             .flow = "sequential",
                             .start = "lobby",
                             .lot_order = "listed",
                             .registration = "open",
                             .nomination = "none",
                             .match = "none"};
    struct buffer out;
    buffer_init(&out, 2000);
    wire_write_info(&out, &info);
    assert_true(display_take(display, &info_topic, buffer_bytes(&out), true, 0));
    buffer_release(&out);
}

static void assert_line(const struct display *display, int64_t now_ms, const char *expected)
{
    struct buffer out;
    buffer_init(&out, DISPLAY_PAGE_SIZE_MAX);
    display_write_line(display, now_ms, &out);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void assert_clock(const struct display *display, int64_t now_ms, enum display_clock clock,
                         int64_t seconds)
{
    int64_t shown = -1;
    assert_int_equal(display_clock_at(display, now_ms, &shown), clock);
    assert_int_equal(shown, seconds);
}

// A display that has received the open lot's state, live, at 1,000 ms: 25 s left.
static struct display running_display(void)
{
    struct display display;
    struct wire_state state = golden_state_open();
    display_init(&display);
    display_set_online(&display, true);
    take_info(&display);
    assert_true(take_state(&display, &state, false, 1000));
    return display;
}

static void a_retained_state_shows_everything_but_the_time(void **state)
{
    (void)state;
    struct display display;
    struct wire_state open = golden_state_open();
    display_init(&display);
    assert_line(&display, 0, "connection=offline phase=unknown clock=none message=\"\"");
    display_set_online(&display, true);
    take_info(&display);
    assert_true(take_state(&display, &open, true, 1000));
    assert_line(&display, 1000,
                "connection=online phase=live lot=1/32 title=\"Lamp \\\"Art d\xC3\xA9"
                "co\\\"\" state=open price=\"12.00 EUR\" ask=\"13.00 EUR\" "
                "leader=\"3 Ana\" bids=2 clock=waiting message=\"\"");
}

static void a_countdown_runs_from_a_live_message_and_stops_after_three_seconds(void **state)
{
    (void)state;
    struct display display = running_display();
    assert_clock(&display, 1000, DISPLAY_CLOCK_RUNNING, 25);
    assert_clock(&display, 1001, DISPLAY_CLOCK_RUNNING, 25);
    assert_clock(&display, 2000, DISPLAY_CLOCK_RUNNING, 24);
    assert_clock(&display, 4000, DISPLAY_CLOCK_RUNNING, 22);
    assert_clock(&display, 4001, DISPLAY_CLOCK_WAITING, -1);
    struct wire_state open = golden_state_open();
    struct wire_tick tick = tick_of(&open, 5000);
    assert_true(take_tick(&display, &tick, false, 6000));
    assert_clock(&display, 6000, DISPLAY_CLOCK_RUNNING, 20);
}

static void a_retained_tick_never_starts_a_countdown(void **state)
{
    (void)state;
    struct display display;
    struct wire_state open = golden_state_open();
    struct wire_tick tick = tick_of(&open, 1000);
    display_init(&display);
    assert_true(take_state(&display, &open, true, 0));
    assert_false(take_tick(&display, &tick, true, 0));
    assert_clock(&display, 0, DISPLAY_CLOCK_WAITING, -1);
    assert_true(take_tick(&display, &tick, false, 0));
    assert_clock(&display, 0, DISPLAY_CLOCK_RUNNING, 24);
}

// F10, F12
static void an_older_seq_or_epoch_changes_nothing(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_state stale = golden_state_open();
    stale.lot.price_minor = 1;
    stale.head.seq--;
    assert_false(take_state(&display, &stale, false, 1100));
    stale.head.seq += 100;
    stale.head.epoch--;
    assert_false(take_state(&display, &stale, false, 1100));
    stale = golden_state_open();
    stale.lot.price_minor = 1;
    stale.now_ms--;
    assert_false(take_state(&display, &stale, false, 1100));
    assert_int_equal(display.price_minor, 1200);
    struct wire_state open = golden_state_open();
    struct wire_tick tick = tick_of(&open, 3000);
    tick.head.seq--;
    assert_false(take_tick(&display, &tick, false, 1100));
    tick.head.seq++;
    tick.head.epoch--;
    assert_false(take_tick(&display, &tick, false, 1100));
    tick.head.epoch++;
    tick.now_ms = open.now_ms - 1; // sent before the state that is shown
    assert_false(take_tick(&display, &tick, false, 1100));
    assert_clock(&display, 1000, DISPLAY_CLOCK_RUNNING, 25);
}

// L4: after a restart of the engine numbers of ticks may be lower, in a higher epoch.
static void a_higher_epoch_is_newer_whatever_its_seq(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_state newer = golden_state_open();
    newer.head = (struct wire_head){newer.head.seq - 5, newer.head.epoch + 1};
    newer.now_ms -= 100000;
    newer.lot.price_minor = 1100;
    assert_true(take_state(&display, &newer, false, 1100));
    assert_int_equal(display.price_minor, 1100);
    struct wire_tick tick = tick_of(&newer, 1000);
    assert_true(take_tick(&display, &tick, false, 2100));
    assert_clock(&display, 2100, DISPLAY_CLOCK_RUNNING, 24);
}

// F23
static void a_pause_freezes_the_countdown_also_from_a_retained_state(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_state paused = golden_state_open();
    paused.head.seq++;
    paused.phase = "paused";
    paused.lot.ends_at_ms = WIRE_ABSENT;
    paused.lot.remaining_ms = 20000;
    assert_true(take_state(&display, &paused, true, 2000));
    assert_clock(&display, 2000, DISPLAY_CLOCK_FROZEN, 20);
    assert_clock(&display, 600000, DISPLAY_CLOCK_FROZEN, 20);
    struct wire_state open = golden_state_open();
    struct wire_tick tick = tick_of(&open, 6000);
    assert_false(take_tick(&display, &tick, false, 2100)); // sent before the pause
    tick.head = paused.head;
    assert_false(take_tick(&display, &tick, false, 2100));
    assert_clock(&display, 2200, DISPLAY_CLOCK_FROZEN, 20);
}

// A repeated retained state (after a new subscription) does not disturb what runs.
static void a_retained_state_lets_a_running_countdown_run(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_state open = golden_state_open();
    assert_true(take_state(&display, &open, true, 2000));
    assert_clock(&display, 2000, DISPLAY_CLOCK_RUNNING, 24);
}

static void a_lost_connection_stops_the_countdown(void **state)
{
    (void)state;
    struct display display = running_display();
    display_set_online(&display, false);
    assert_clock(&display, 1500, DISPLAY_CLOCK_WAITING, -1);
    display_set_online(&display, true);
    assert_clock(&display, 1500, DISPLAY_CLOCK_WAITING, -1);
}

static void the_gap_counts_to_the_next_lot(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_state gap = golden_state_gap();
    gap.head.seq++;
    assert_true(take_state(&display, &gap, false, 2000));
    assert_clock(&display, 2000, DISPLAY_CLOCK_RUNNING, 3);
    assert_true(display.has_next && display.clock_kind == TICK_GAP);
    assert_string_equal(display.next_title, "Chair");
    struct wire_tick other = {.head = gap.head,
                              .lot = gap.lot.id,
                              .ends_at_ms = 0,
                              .now_ms = gap.now_ms + 1000,
                              .remaining_ms = 9000};
    assert_false(take_tick(&display, &other, false, 2100)); // the lot's clock, not the gap's
    assert_clock(&display, 2100, DISPLAY_CLOCK_RUNNING, 3);
}

static void a_price_that_moves_is_the_price_and_its_steps_are_counted_down(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_state dutch = golden_state_dutch();
    dutch.head.seq++;
    assert_true(take_state(&display, &dutch, false, 2000));
    assert_int_equal(display.price_minor, 900);
    assert_clock(&display, 2000, DISPLAY_CLOCK_RUNNING, 1); // 5 s are gone, each step takes 2 s
    struct wire_tick tick = {.head = dutch.head,
                             .lot = dutch.lot.id,
                             .clock = TICK_PRICE,
                             .price_minor = 850,
                             .ends_at_ms = dutch.now_ms + 3000,
                             .now_ms = dutch.now_ms + 1000,
                             .remaining_ms = 2000};
    assert_true(take_tick(&display, &tick, false, 3000));
    assert_int_equal(display.price_minor, 850);
    assert_clock(&display, 3000, DISPLAY_CLOCK_RUNNING, 2);
}

static void a_nomination_is_counted_down_and_the_house_is_named(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_state many = golden_state_many();
    many.head.seq++;
    assert_true(take_state(&display, &many, false, 2000));
    assert_string_equal(display.leader, "house");
    assert_int_equal(display.open, 12);
    struct wire_state nomination = golden_state_nomination();
    nomination.head.seq = many.head.seq + 1;
    assert_true(take_state(&display, &nomination, false, 3000));
    assert_clock(&display, 3000, DISPLAY_CLOCK_RUNNING, 15);
}

// L5: whoever missed `sold` finds the next lot.
static void ticks_ahead_of_the_state_make_it_ask_for_the_state(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_tick tick = {.head = {20, 2}, .lot = {"l2"}, .now_ms = INT64_C(1760000040000)};
    assert_false(take_tick(&display, &tick, false, 5000));
    assert_false(display_wants_state(&display, 5999));
    assert_true(display_wants_state(&display, 6000));
    assert_false(display_wants_state(&display, 6001)); // once a second
    struct wire_state newer = golden_state_open();
    newer.head.seq = 20;
    assert_true(take_state(&display, &newer, true, 6100));
    assert_false(display_wants_state(&display, 9000));
}

// F24
static void a_cleared_state_is_a_deleted_sale(void **state)
{
    (void)state;
    struct display display = running_display();
    assert_true(display_take(&display, &state_topic, bytes_of(NULL, 0), false, 2000));
    assert_line(&display, 2000, "connection=online phase=deleted clock=none message=\"\"");
}

static void nobodys_text_commands_the_terminal(void **state)
{
    (void)state;
    struct display display = running_display();
    struct wire_state open = golden_state_open();
    open.head.seq++;
    open.lot.title = bytes_text("\x1b[2J\xC2\x9B"
                                "1m\x7Fok\xC3\xA9");
    assert_true(take_state(&display, &open, false, 2000));
    assert_string_equal(display.lot_title, "?[2J?1m?ok\xC3\xA9");
    assert_true(display_take(&display, &message_topic, bytes_text("a\nb"), true, 2000));
    assert_string_equal(display.message, "a?b");
    assert_false(display_take(&display, &message_topic, bytes_text("\xFF"), true, 2000));
}

static void malformed_messages_change_nothing(void **state)
{
    (void)state;
    struct display display = running_display();
    struct display before = display;
    assert_false(display_take(&display, &state_topic, bytes_text("<html>"), false, 2000));
    assert_false(display_take(&display, &state_topic, bytes_text("{}"), false, 2000));
    assert_false(display_take(&display, &tick_topic, bytes_text("{\"seq\":99}"), false, 2000));
    assert_false(display_take(&display, &info_topic, bytes_text(""), false, 2000));
    assert_memory_equal(&display, &before, sizeof display);
}

static void a_page_shows_lot_price_leader_and_time(void **state)
{
    (void)state;
    struct display display = running_display();
    struct buffer out;
    buffer_init(&out, DISPLAY_PAGE_SIZE_MAX);
    display_write_page(&display, 1000, &out);
    const char *page = buffer_text(&out);
    assert_non_null(strstr(page, "Demo sale   [live]\n"));
    assert_non_null(strstr(page, "Lot 1 of 32   open\n"));
    assert_non_null(strstr(page, "12.00 EUR     next bid 13.00 EUR"));
    assert_non_null(strstr(page, "leads: 3 Ana"));
    assert_non_null(strstr(page, "time left  0:25\n"));
    buffer_clear(&out);
    display_set_online(&display, false);
    display_write_page(&display, 1000, &out);
    assert_non_null(strstr(buffer_text(&out), "NO CONNECTION"));
    buffer_release(&out);
}

static void options_name_what_is_wrong(void **state)
{
    (void)state;
    struct board_options options;
    char error[BOARD_OPTIONS_ERROR_SIZE];
    const char *const right[] = {"auction-board", "--broker", "h:1883",
                                 "--sale",        "demo",     "--plain"};
    const char *const unknown[] = {"auction-board", "--bogus"};
    const char *const half[] = {"auction-board", "--broker"};
    const char *const bad_port[] = {"auction-board", "--broker", "h:0", "--sale", "demo"};
    const char *const bad_sale[] = {"auction-board", "--broker", "h:1", "--sale", "de/mo"};
    const char *const lone_user[] = {"auction-board", "--broker", "h:1", "--sale", "d",
                                     "--user",        "u"};
    assert_int_equal(board_options_read(6, right, &options, error), LC_OK);
    assert_true(options.plain && !options.once);
    assert_string_equal(options.prefix, "lotcast");
    assert_int_equal(board_options_read(2, unknown, &options, error), LC_ERR_BAD_INPUT);
    assert_string_equal(error, "unknown option --bogus; see --help");
    assert_int_equal(board_options_read(2, half, &options, error), LC_ERR_BAD_INPUT);
    assert_int_equal(board_options_read(5, bad_port, &options, error), LC_ERR_BAD_INPUT);
    assert_int_equal(board_options_read(5, bad_sale, &options, error), LC_ERR_BAD_INPUT);
    assert_int_equal(board_options_read(7, lone_user, &options, error), LC_ERR_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_retained_state_shows_everything_but_the_time),
        cmocka_unit_test(a_countdown_runs_from_a_live_message_and_stops_after_three_seconds),
        cmocka_unit_test(a_retained_tick_never_starts_a_countdown),
        cmocka_unit_test(an_older_seq_or_epoch_changes_nothing),
        cmocka_unit_test(a_higher_epoch_is_newer_whatever_its_seq),
        cmocka_unit_test(a_pause_freezes_the_countdown_also_from_a_retained_state),
        cmocka_unit_test(a_retained_state_lets_a_running_countdown_run),
        cmocka_unit_test(a_lost_connection_stops_the_countdown),
        cmocka_unit_test(the_gap_counts_to_the_next_lot),
        cmocka_unit_test(a_price_that_moves_is_the_price_and_its_steps_are_counted_down),
        cmocka_unit_test(a_nomination_is_counted_down_and_the_house_is_named),
        cmocka_unit_test(ticks_ahead_of_the_state_make_it_ask_for_the_state),
        cmocka_unit_test(a_cleared_state_is_a_deleted_sale),
        cmocka_unit_test(nobodys_text_commands_the_terminal),
        cmocka_unit_test(malformed_messages_change_nothing),
        cmocka_unit_test(a_page_shows_lot_price_leader_and_time),
        cmocka_unit_test(options_name_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
