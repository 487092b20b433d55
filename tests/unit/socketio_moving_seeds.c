// A connection that moves at any moment of a lively exchange: events of all kinds, binary packets
// that are half read or half sent, acknowledgements in both directions. Each seed is another course;
// everything arrives once and in order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/socketio_pair.h"

enum { SEEDS = 600, STEPS = 60, EVENTS_MAX = 200 };

struct course {
    struct pair *pair;
    struct world *world; // where the connection is
    size_t link;         // there
    size_t polled;       // the link at the holder
    size_t polled_at;    // how much had come when the latest poll began
    uint32_t random;
    bool moved;
    bool is_half_sent; // by the client: the head of a binary packet
    int emitted;       // by the application, named e0, e1, ...
    int posted;        // by the client
    int asked;         // by the client, for acknowledgements
    bool is_owed[EVENTS_MAX];
    int answered;              // of what the application asked
    int64_t wants[EVENTS_MAX]; // ids that the client has to answer
    int wants_count;
};

static uint32_t draw(struct course *course, uint32_t below)
{
    course->random = course->random * 1664525 + 1013904223;
    return (course->random >> 8) % below;
}

static struct socketio_socket_id socket_of(const struct course *course)
{
    return course->world->sockets[0];
}

// ---- the application ----

static void emit_one(struct course *course, uint32_t way)
{
    struct socketio_server *server = course->world->server;
    char name[10];
    snprintf(name, sizeof name, "e%d", course->emitted++);
    struct socketio_emission sent = emission(name, "");
    struct bytes files[] = {bytes_text("file"), bytes_text("more")};
    struct bytes room = bytes_text("r");
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_target in_room = target_of("/", &room, 1);
    switch (way) {
    case 0:
        socketio_send(server, socket_of(course), &sent);
        break;
    case 1:
        (void)socketio_broadcast(server, &in_room, &sent);
        break;
    case 2:
        (void)socketio_broadcast(server, &all, &sent);
        break;
    case 3:
        sent.arguments =
            bytes_text("{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}");
        sent.attachments = files;
        sent.attachments_count = 2;
        (void)socketio_broadcast(server, &in_room, &sent);
        break;
    default:
        course->wants[course->wants_count++] =
            socketio_emit_with_ack(server, socket_of(course), sent.event, sent.arguments, NULL, 0);
        break;
    }
}

static void acknowledge_one(struct course *course)
{
    int id = (int)draw(course, (uint32_t)course->asked + 1);
    if (course->is_owed[id]) {
        course->is_owed[id] = false;
        socketio_ack(course->world->server, socket_of(course), id, bytes_text(""));
    }
}

// ---- the client ----

static void post(struct course *course, const char *packet)
{
    world_receive(course->world, course->link, packet);
}

static void post_one(struct course *course)
{
    char packet[100];
    if (course->is_half_sent && course->world->links[course->link].websocket) {
        world_receive_binary(course->world, course->link, bytes_text("one"));
        course->is_half_sent = false;
    } else if (course->is_half_sent) {
        post(course, "bb25l");
        course->is_half_sent = false;
    } else if (draw(course, 3) == 0) {
        snprintf(packet, sizeof packet, "451-[\"n\",%d,{\"_placeholder\":true,\"num\":0}]",
                 course->posted++);
        post(course, packet);
        course->is_half_sent = true;
    } else if (draw(course, 2) == 0) {
        course->is_owed[course->asked] = true;
        snprintf(packet, sizeof packet, "42%d[\"n\",%d]", course->asked++, course->posted++);
        post(course, packet);
    } else {
        snprintf(packet, sizeof packet, "42[\"n\",%d]", course->posted++);
        post(course, packet);
    }
}

// A poll, when none hangs; a WebSocket takes all at the end of a turn.
static void take_some(struct course *course)
{
    struct link *link = &course->world->links[course->link];
    if (!link->websocket && course->polled_at != link->sent.size) {
        course->polled_at = link->sent.size;
        world_poll(course->world, course->link);
    }
    world_flush(course->world);
}

static void answer_one(struct course *course)
{
    if (course->answered < course->wants_count && !course->is_half_sent) {
        char packet[50];
        snprintf(packet, sizeof packet, "43%d[%d]", (int)course->wants[course->answered],
                 course->answered);
        course->answered++;
        post(course, packet);
    }
}

// ---- what was received ----

static long number_of(const char *text)
{
    return strtol(text, NULL, 10);
}

// The numbers behind `mark` in both texts are 0, 1, 2, ...
static void expect_row(const char *first, const char *second, const char *mark, int count)
{
    const char *texts[] = {first, second};
    int next = 0;
    for (int i = 0; i < 2; i++) {
        for (const char *at = texts[i]; (at = strstr(at, mark)) != NULL;) {
            at += strlen(mark);
            assert_int_equal(number_of(at), next);
            next++;
        }
    }
    assert_int_equal(next, count);
}

// The client's answers: "ack ID (NUMBER)".
static void expect_answers(const char *first, const char *second, int count)
{
    const char *texts[] = {first, second};
    int next = 0;
    for (int i = 0; i < 2; i++) {
        for (const char *at = texts[i]; (at = strstr(at, "ack ")) != NULL; next++) {
            at = strchr(at, '(');
            assert_non_null(at);
            assert_int_equal(number_of(at + 1), next);
        }
    }
    assert_int_equal(next, count);
}

// Acknowledgements of the server, each once; in no order.
static void expect_acks(const struct course *course)
{
    bool seen[EVENTS_MAX] = {false};
    const char *texts[] = {buffer_text(&course->pair->from->links[course->polled].sent),
                           buffer_text(&course->world->links[course->link].sent)};
    for (int i = 0; i < (course->moved ? 2 : 1); i++) {
        const char *before = "\n";
        for (const char *at = texts[i]; *at != '\0'; before = at++) {
            bool begins = *before == '\n' || *before == '|';
            if (begins && at[0] == '4' && at[1] == '3') {
                long id = number_of(at + 2);
                assert_true(id < course->asked && !seen[id]);
                seen[id] = true;
            }
        }
    }
    for (int i = 0; i < course->asked; i++) {
        assert_true(seen[i] != course->is_owed[i]);
    }
}

// ---- courses ----

static void move_now(struct course *course)
{
    course->link = move(course->pair, course->link);
    course->world = course->pair->to;
    course->moved = true;
}

static void run(struct course *course)
{
    int moves_at = (int)draw(course, STEPS);
    for (int step = 0; step < STEPS; step++) {
        if (step == moves_at) {
            move_now(course);
        }
        switch (draw(course, 8)) {
        case 0:
            post_one(course);
            break;
        case 1:
            answer_one(course);
            break;
        case 2:
            acknowledge_one(course);
            break;
        case 3:
            take_some(course);
            break;
        default:
            emit_one(course, draw(course, 5));
            break;
        }
    }
    world_flush(course->world);
}

static void whenever_it_moves_everything_arrives_once_and_in_order(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        void *place;
        pair_set_up(&place);
        struct pair *pair = place;
        mood.imports_join = "r";
        pair_start(pair);
        struct course course = {.pair = pair, .world = pair->from, .random = seed};
        course.link = polling_client(pair->from, "40");
        course.polled = course.link;
        join(pair->from, 0, "r");
        course.polled_at = SIZE_MAX;
        run(&course);
        assert_true(course.moved);
        while (course.answered < course.wants_count || course.is_half_sent) {
            if (course.is_half_sent) {
                post_one(&course);
            }
            answer_one(&course);
        }
        const char *here = buffer_text(&pair->from->links[course.polled].sent);
        const char *there = buffer_text(&pair->to->links[course.link].sent);
        expect_row(here, there, "[\"e", course.emitted);
        expect_acks(&course);
        const char *told_here = buffer_text(&pair->from->told);
        const char *told_there = buffer_text(&pair->to->told);
        expect_row(told_here, told_there, "event n(", course.posted);
        expect_answers(told_here, told_there, course.wants_count);
        pair_tear_down(&place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whenever_it_moves_everything_arrives_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
