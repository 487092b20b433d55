// What the tests of single behaviours of the relay share: a world with one session on the first node.
#ifndef LOTCAST_TESTS_RELAY_CASE_H
#define LOTCAST_TESTS_RELAY_CASE_H

#include <string.h>

#include "tests/unit/relay_world.h"

extern char world_query[160]; // of the session that was opened last

int case_set_up(void **state);
int case_tear_down(void **state);
#define CASE(test) cmocka_unit_test_setup_teardown(test, case_set_up, case_tear_down)

void open_session(struct world *world, int node);            // of client 0, its next epoch
int status_of(const struct world *world, uint64_t exchange); // 0: not answered
void expect_body(struct world *world, uint64_t exchange, const char *body);
void expect_body_of(struct world *world, uint64_t exchange, int status, const char *body);
void expect_refused(struct world *world, uint64_t exchange, int code); // 400 and the code
struct relay_counts counts_of(const struct world *world, int node);
void append_message(const struct world *world, struct buffer *out, uint32_t epoch, uint32_t number);
// The next message of the client, posted there; returns the status of the answer.
int post_one(struct world *world, int node, uint32_t epoch);

// Its query with a sid that a node has drawn and that is nobody's session any more.
const char *ended_query(struct world *world, int node, const char *before_sid);

// The texts of the frames that a WebSocket was sent, with spaces between.
const char *frames_of(struct world *world, uint64_t ws);
void ws_say(struct world *world, uint64_t ws, const char *text);
// An upgrade of the session through a node, as far as the 101.
uint64_t upgrade(struct world *world, int node);

#endif
