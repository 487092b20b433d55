// What bridges believe: only who knows the key, nothing twice, nothing of yesterday.
#include "lib/digest/hmac.h"
#include "lib/wire/message_relay.h"
#include "tests/unit/relay_case.h"

static void hand_over(struct world *world, int node, struct bytes message)
{
    relay_take(world->nodes[node].relay, world->now_ms, message);
    node_flush(&world->nodes[node]);
}

static void hand_over_recorded(struct world *world)
{
    for (int i = 0; i < world->recorded_count; i++) {
        struct letter *letter = world->recorded[i];
        hand_over(world, letter->to, bytes_of(letter->data, letter->size));
    }
}

static void hand_over_to(struct world *world, int node)
{
    for (int i = 0; i < world->recorded_count; i++) {
        struct letter *letter = world->recorded[i];
        if (letter->to == node) {
            hand_over(world, node, bytes_of(letter->data, letter->size));
        }
    }
}

// A message by somebody who knows the key.
static void say(struct world *world, int node, const struct relay_message *message)
{
    uint8_t mac[RELAY_MAC_SIZE];
    struct buffer out;
    buffer_init(&out, 10000);
    relay_message_write(&out, message);
    struct bytes whole = buffer_bytes(&out);
    hmac_sha256(bytes_of(world->key, sizeof world->key), &whole, 1, mac);
    buffer_append(&out, bytes_of(mac, sizeof mac));
    hand_over(world, node, buffer_bytes(&out));
    buffer_release(&out);
}

static void nothing_changed_is_believed(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    uint64_t forged = 0;
    for (int i = 0; i < world->recorded_count; i++) {
        struct letter *letter = world->recorded[i];
        for (size_t at = 0; at < letter->size; at++) {
            letter->data[at] ^= 0x10;
            hand_over(world, letter->to, bytes_of(letter->data, letter->size));
            letter->data[at] ^= 0x10;
            forged++;
        }
        for (size_t size = 0; size < letter->size; size++) {
            hand_over(world, letter->to, bytes_of(letter->data, size));
            forged++;
        }
    }
    assert_int_equal(counts_of(world, 0).forged_total + counts_of(world, 1).forged_total, forged);
    assert_int_equal(counts_of(world, 0).posts_in_total, 1);
    assert_int_equal(post_one(world, 1, 0), 200);
}

static void nothing_is_carried_out_twice(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    assert_true(world->recorded_count >= 5);
    hand_over_recorded(world);
    world_pass(world, 50);
    assert_int_equal(counts_of(world, 0).posts_in_total, 1);
    assert_true(counts_of(world, 0).strayed_total > 0);
    assert_int_equal(post_one(world, 1, 0), 200); // and what was said again does no harm
}

// A node that says what it said before does not live because of that.
static void repeats_are_no_sign_of_life(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 2500); // keep-alives among others
    node_cut(world, 0, false);
    for (int i = 0; i < 6; i++) {
        world_pass(world, 500);
        hand_over_recorded(world);
    }
    world_pass(world, 100);
    expect_refused(world, poll, 1);
}

static void what_was_recorded_is_nothing_to_a_bridge_that_starts_anew(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    node_count_as_dead(world, 0);
    node_kill(world, 0);
    node_start(world, 0, "aaaa"); // even under the same name
    hand_over_recorded(world);
    world_pass(world, 20000);
    assert_int_equal(counts_of(world, 0).posts_in_total, 0);
    assert_int_equal(counts_of(world, 0).exchanges_in, 0);
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 1), 200);
}

static void notes_that_were_recorded_are_nothing_to_a_bridge_that_starts_anew(void **state)
{
    struct world *world = *state;
    assert_int_equal(relay_send_note(world->nodes[0].relay, world->now_ms, "bbbb", bytes_text("x")),
                     LC_OK);
    world_pass(world, 50);
    assert_int_equal(world->nodes[1].notes, 1);
    node_kill(world, 0);
    node_kill(world, 1);
    node_start(world, 1, "bbbb");
    hand_over_to(world, 1);
    hand_over_to(world, 1);
    assert_int_equal(world->nodes[1].notes, 1);
}

static void what_was_recorded_of_a_channel_that_has_ended_is_nothing_on_the_next(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(
            relay_send_note(world->nodes[0].relay, world->now_ms, "bbbb", bytes_text("x")), LC_OK);
    }
    world_pass(world, 50);
    node_count_as_dead(world, 0);
    world->nodes[0].counts_as_alive = true;
    assert_int_equal(relay_send_note(world->nodes[0].relay, world->now_ms, "bbbb", bytes_text("y")),
                     LC_OK);
    world_pass(world, 1500);
    assert_int_equal(relay_send_note(world->nodes[0].relay, world->now_ms, "bbbb", bytes_text("z")),
                     LC_OK);
    world_pass(world, 50);
    assert_string_equal(world->nodes[1].note, "aaaa:z");
    int before = world->nodes[1].notes;
    hand_over_to(world, 1); // with higher serials than the channel has now
    assert_int_equal(world->nodes[1].notes, before);
}

// An answer that somebody waits for does not get lost with the broker.
static void a_note_to_a_node_waits_for_the_broker(void **state)
{
    struct world *world = *state;
    for (int has_channel = 0; has_channel < 2; has_channel++) {
        node_cut(world, 0, true);
        world_pass(world, 2000);
        struct relay *relay = world->nodes[0].relay;
        assert_int_equal(relay_send_note(relay, world->now_ms, NULL, bytes_text("all")),
                         LC_ERR_OFFLINE);
        assert_int_equal(relay_send_note(relay, world->now_ms, "bbbb", bytes_text("reply")), LC_OK);
        world_pass(world, 2000);
        assert_int_equal(world->nodes[1].notes, has_channel);
        node_join(world, 0);
        world_pass(world, 200);
        assert_int_equal(world->nodes[1].notes, has_channel + 1);
        assert_string_equal(world->nodes[1].note, "aaaa:reply");
    }
}

static void another_key_is_not_heard_and_one_of_two_is(void **state)
{
    struct world *world = *state;
    uint8_t former[32];
    memcpy(former, world->key, sizeof former);
    open_session(world, 0);
    node_count_as_dead(world, 1);
    node_kill(world, 1);
    world->key[0] ^= 1;
    node_start(world, 1, "b222");
    expect_refused(world, world_get(world, 1, world_query), 1); // it has not drawn that sid
    assert_int_equal(relay_send_note(world->nodes[1].relay, world->now_ms, NULL, bytes_text("new")),
                     LC_OK);
    world_pass(world, 50);
    assert_int_equal(counts_of(world, 0).forged_total, 1);
    // Node 2 signs by the new key, and takes the old one as well.
    node_count_as_dead(world, 2);
    node_kill(world, 2);
    world->other_key = bytes_of(former, sizeof former);
    node_start(world, 2, "c222");
    uint64_t forged = counts_of(world, 2).forged_total;
    assert_int_equal(relay_send_note(world->nodes[0].relay, world->now_ms, NULL, bytes_text("old")),
                     LC_OK);
    world_pass(world, 50);
    assert_int_equal(counts_of(world, 2).forged_total, forged);
    assert_int_equal(status_of(world, world_get(world, 2, world_query)), 0); // asked of its node
    assert_int_equal(counts_of(world, 2).exchanges_out, 1);
}

static void what_is_no_message_is_counted_and_dropped(void **state)
{
    struct world *world = *state;
    struct relay_message good = {.kind = RELAY_ALIVE, .from_start = 1};
    memcpy(good.from, "zzzz", RELAY_NODE_SIZE);
    memcpy(good.to, "aaaa", RELAY_NODE_SIZE);
    say(world, 0, &good);
    assert_int_equal(counts_of(world, 0).malformed_total, 0);
    struct relay_message bad = good;
    bad.kind = (enum relay_kind)(RELAY_NOTE + 1);
    say(world, 0, &bad);
    bad = good;
    bad.flags = RELAY_FLAGS_ALL + 1;
    say(world, 0, &bad);
    bad = good;
    memcpy(bad.from, "zz/z", RELAY_NODE_SIZE);
    say(world, 0, &bad);
    bad = good;
    memcpy(bad.to, "bbbb", RELAY_NODE_SIZE); // not for this one
    say(world, 0, &bad);
    bad = good;
    memset(bad.to, 0, RELAY_NODE_SIZE); // only notes go to all
    say(world, 0, &bad);
    assert_int_equal(counts_of(world, 0).malformed_total, 5);
    memcpy(good.from, "aaaa", RELAY_NODE_SIZE);
    say(world, 0, &good); // its own
    assert_int_equal(counts_of(world, 0).messages_in_total, 2);
}

// However many names somebody invents who knows the key.
static void places_for_nodes_are_bounded(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    struct relay_message hello = {.kind = RELAY_HELLO, .from_start = 1};
    memcpy(hello.to, "aaaa", RELAY_NODE_SIZE);
    for (int i = 0; i < 2000; i++) {
        char name[8];
        snprintf(name, sizeof name, "%04d", i);
        memcpy(hello.from, name, RELAY_NODE_SIZE);
        say(world, 0, &hello);
    }
    world_pass(world, 100);
    assert_int_equal(post_one(world, 1, 0), 200);
    assert_int_equal(counts_of(world, 0).refused_total, 0);
}

static void say_note_to_all(struct world *world, const char *from, uint64_t serial)
{
    struct relay_message message = {
        .kind = RELAY_NOTE, .from_start = 1, .serial = serial, .body = bytes_text("x")};
    memcpy(message.from, from, RELAY_NODE_SIZE);
    say(world, 0, &message);
}

// Of nodes that have not proved to live little is held, and not for long.
static void notes_of_strangers_are_bounded(void **state)
{
    struct world *world = *state;
    for (uint64_t i = 1; i <= 65; i++) {
        say_note_to_all(world, "zzzz", i);
    }
    assert_int_equal(counts_of(world, 0).refused_total, 1);
    for (int i = 0; i < 256; i++) {
        char name[8];
        snprintf(name, sizeof name, "%04d", i);
        say_note_to_all(world, name, 1);
    }
    assert_int_equal(counts_of(world, 0).refused_total, 2);
    open_session(world, 2);
    uint64_t poll = world_get(world, 0, world_query); // no place for one more
    assert_int_equal(status_of(world, poll), 503);
    assert_int_equal(counts_of(world, 0).refused_total, 3);
    world_pass(world, 4000);
    assert_int_equal(counts_of(world, 0).bodies_bytes, 0);
    assert_int_equal(world->nodes[0].notes, 0);
    poll = world_get(world, 0, world_query);
    world_pass(world, 50);
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
}

// ---- notes ----

static enum lc_status note(struct world *world, int from, const char *to, const char *text)
{
    enum lc_status status =
        relay_send_note(world->nodes[from].relay, world->now_ms, to, bytes_text(text));
    world_pass(world, 50);
    return status;
}

static void notes_reach_one_or_all(void **state)
{
    struct world *world = *state;
    assert_int_equal(note(world, 0, "bbbb", "one"), LC_OK);
    assert_string_equal(world->nodes[1].note, "aaaa:one");
    assert_int_equal(world->nodes[2].notes, 0);
    assert_int_equal(note(world, 0, NULL, "all"), LC_OK);
    assert_string_equal(world->nodes[1].note, "aaaa:all");
    assert_string_equal(world->nodes[2].note, "aaaa:all");
    assert_int_equal(world->nodes[0].notes, 0); // not to itself
    assert_int_equal(world->nodes[1].notes, 2);
}

static void notes_that_cannot_go_are_refused(void **state)
{
    struct world *world = *state;
    static uint8_t large[RELAY_NOTE_SIZE_MAX + 1];
    struct relay *relay = world->nodes[0].relay;
    assert_int_equal(note(world, 0, "zzzz", "x"), LC_ERR_NOT_FOUND);
    assert_int_equal(note(world, 0, "aaaa", "x"), LC_ERR_BAD_INPUT);
    assert_int_equal(note(world, 0, "b/bb", "x"), LC_ERR_BAD_INPUT);
    assert_int_equal(relay_send_note(relay, world->now_ms, NULL, bytes_of(large, sizeof large)),
                     LC_ERR_BAD_INPUT);
    assert_int_equal(
        relay_send_note(relay, world->now_ms, "bbbb", bytes_of(large, RELAY_NOTE_SIZE_MAX)), LC_OK);
    assert_int_equal(
        relay_send_note(relay, world->now_ms, NULL, bytes_of(large, RELAY_NOTE_SIZE_MAX)), LC_OK);
    world_pass(world, 50);
    assert_int_equal(world->nodes[1].notes, 2);
    node_cut(world, 0, true);
    assert_int_equal(note(world, 0, NULL, "x"), LC_ERR_OFFLINE);
    assert_int_equal(note(world, 0, "zzzz", "x"), LC_ERR_NOT_FOUND);
}

static void much_that_nobody_answers_does_not_wait_for_keep_alives(void **state)
{
    struct world *world = *state;
    static uint8_t large[RELAY_NOTE_SIZE_MAX];
    world->fixed_delay_ms = 5;
    for (int i = 0; i < 40; i++) { // 7.5 MB, more than may be on its way
        assert_int_equal(relay_send_note(world->nodes[0].relay, world->now_ms, "bbbb",
                                         bytes_of(large, sizeof large)),
                         LC_OK);
    }
    world_pass(world, 100);
    assert_int_equal(world->nodes[1].notes, 40);
}

static void notes_to_a_node_are_in_order_with_what_the_broker_lost(void **state)
{
    struct world *world = *state;
    world->losses = 300;
    for (int i = 0; i < 50; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(
            relay_send_note(world->nodes[0].relay, world->now_ms, "bbbb", bytes_text(text)), LC_OK);
    }
    world_pass(world, 60000);
    assert_int_equal(world->nodes[1].notes, 50);
    assert_string_equal(world->nodes[1].note, "aaaa:49");
}

static void a_note_to_all_of_a_start_that_is_over_is_not_heard(void **state)
{
    struct world *world = *state;
    assert_int_equal(note(world, 0, NULL, "close"), LC_OK);
    assert_int_equal(world->nodes[1].notes, 1);
    node_count_as_dead(world, 0);
    node_kill(world, 0);
    node_count_as_dead(world, 1);
    node_kill(world, 1);
    node_start(world, 1, "b222");
    struct letter *recorded = world->recorded[0];
    hand_over(world, 1, bytes_of(recorded->data, recorded->size));
    world_pass(world, 10000); // nobody answers the greeting
    assert_int_equal(world->nodes[1].notes, 1);
    assert_int_equal(counts_of(world, 1).bodies_bytes, 0);
    assert_true(counts_of(world, 1).strayed_total > 0);
    hand_over(world, 2, bytes_of(recorded->data, recorded->size)); // heard already
    assert_int_equal(world->nodes[2].notes, 1);
}

static void a_node_that_takes_another_name_hears_for_both(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    relay_rename(world->nodes[0].relay, "new1");
    assert_memory_equal(relay_node(world->nodes[0].relay), "new1", ENGINEIO_NODE_SIZE);
    assert_int_equal(post_one(world, 1, 0), 200); // by the old name
    snprintf(world->nodes[0].name, sizeof world->nodes[0].name, "new1");
    open_session(world, 0);
    assert_non_null(strstr(world_query, "sid=new1"));
    assert_int_equal(post_one(world, 1, 1), 200);
    assert_int_equal(note(world, 0, "bbbb", "x"), LC_OK);
    assert_string_equal(world->nodes[1].note, "new1:x");
}

static void a_shell_that_takes_nothing_now_is_asked_again(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    world->is_full = true;
    uint64_t post = world_post(world, 1, world_query, bytes_text("4c0.1:y"));
    world_pass(world, 200);
    assert_int_equal(status_of(world, post), 0);
    world->is_full = false;
    world_pass(world, 100);
    expect_body(world, post, "ok");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_changed_is_believed),
        CASE(nothing_is_carried_out_twice),
        CASE(repeats_are_no_sign_of_life),
        CASE(what_was_recorded_is_nothing_to_a_bridge_that_starts_anew),
        CASE(notes_that_were_recorded_are_nothing_to_a_bridge_that_starts_anew),
        CASE(what_was_recorded_of_a_channel_that_has_ended_is_nothing_on_the_next),
        CASE(a_note_to_a_node_waits_for_the_broker),
        CASE(another_key_is_not_heard_and_one_of_two_is),
        CASE(what_is_no_message_is_counted_and_dropped),
        CASE(places_for_nodes_are_bounded),
        CASE(notes_of_strangers_are_bounded),
        CASE(notes_reach_one_or_all),
        CASE(notes_that_cannot_go_are_refused),
        CASE(much_that_nobody_answers_does_not_wait_for_keep_alives),
        CASE(notes_to_a_node_are_in_order_with_what_the_broker_lost),
        CASE(a_note_to_all_of_a_start_that_is_over_is_not_heard),
        CASE(a_node_that_takes_another_name_hears_for_both),
        CASE(a_shell_that_takes_nothing_now_is_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
