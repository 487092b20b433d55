// What other nodes are to an engine, kept as it is told: for tests of sessions in a cluster.
#ifndef LOTCAST_TESTS_ENGINEIO_NODES_H
#define LOTCAST_TESTS_ENGINEIO_NODES_H

#include "bridge/engineio/foreign.h"
#include "tests/unit/engineio_world.h"

enum { RELAYED_MAX = 64 };

struct relayed { // to an exchange whose client is at another node
    int status;  // 0: not answered
    bool is_drained;
    char body[BODY_MAX + 1];
};

struct nodes {
    struct world *world;
    struct relayed answers[RELAYED_MAX];
    uint64_t last; // exchange that was used, without its mark
    uint64_t closed_probe;
    // What was asked of other nodes.
    bool knows; // another node has every session
    enum engineio_verdict verdict;
    struct buffer asked; // a line for each
    struct engineio_session_id session;
};

// Sets the world up with other nodes, and starts it.
int nodes_set_up(void **state);
int nodes_tear_down(void **state);
void nodes_attach(struct nodes *nodes, struct world *world);
#define NODES_TEST(test) cmocka_unit_test_setup_teardown(test, nodes_set_up, nodes_tear_down)

// Requests that came through another node; each returns its exchange without the mark.
uint64_t relayed_request(struct nodes *nodes, const char *method, const char *query,
                         const char *body);
uint64_t relayed_get(struct nodes *nodes);
uint64_t relayed_post(struct nodes *nodes, const char *body);
void written(struct nodes *nodes, uint64_t exchange);
void lost(struct nodes *nodes, uint64_t exchange);

uint64_t begin_probe(struct nodes *nodes, uint64_t probe); // returns its id
uint64_t begin_ready_probe(struct nodes *nodes, uint64_t probe);

void expect_relayed(struct nodes *nodes, uint64_t exchange, int status, const char *body);
void expect_asked(struct nodes *nodes, const char *text);

#endif
