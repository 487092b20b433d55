// Three bridges, a broker with faults, and clients that behave like the official one, each request
// at another bridge: seeded. No message is lost, doubled or put out of order, nothing stays
// unanswered, nothing is left behind. LOTCAST_RELAY_SEEDS: how many seeds of each plan;
// LOTCAST_RELAY_FIRST_SEED, LOTCAST_RELAY_PLAN (its name), LOTCAST_RELAY_VERBOSE: for hunts.
#include "tests/unit/relay_client.h"

enum { CLIENTS = 6, EPOCHS = 40, RUN_MS = 25000, SETTLE_MS = 60000 };

struct plan {
    int delay_max_ms;
    int repeats;
    int losses;
    int busy;
    int large;
    int short_cuts; // per second and thousand
    int long_cuts;
    int deaths;
    bool is_gentle; // no session may end
};

struct cluster {
    struct world *world;
    struct client clients[CLIENTS];
    const struct plan *plan;
    int64_t join_at_ms[NODES];
    bool is_dead[NODES];
    int names;
    int64_t quiet_until_ms; // several cuts in a row are a long one
};

static void start_clients(struct cluster *cluster)
{
    for (uint32_t i = 0; i < CLIENTS; i++) {
        cluster->clients[i] = (struct client){
            .world = cluster->world,
            .index = i,
            .wants_upgrade = i >= CLIENTS / 2,
            .wake_at_ms = cluster->world->now_ms + world_draw(cluster->world, 1000),
        };
    }
}

static bool chance(struct cluster *cluster, int per_thousand, int64_t step_ms)
{
    return world_draw(cluster->world, 1000000) < (uint32_t)(per_thousand * step_ms);
}

static bool all_reach(const struct cluster *cluster)
{
    for (int i = 0; i < NODES; i++) {
        if (cluster->join_at_ms[i] != 0) {
            return false;
        }
    }
    return true;
}

static void cut(struct cluster *cluster, int index, int64_t ms)
{
    struct world *world = cluster->world;
    node_cut(world, index, ms < 2000 || world_draw(world, 2) == 0);
    cluster->join_at_ms[index] = world->now_ms + ms;
    if (ms > 2000 && world_draw(world, 2) == 0) {
        node_count_as_dead(world, index); // the broker says so
    }
}

static void kill_one(struct cluster *cluster, int index, int64_t ms)
{
    struct world *world = cluster->world;
    if (world_draw(world, 3) > 0) {
        node_count_as_dead(world, index);
    }
    node_kill(world, index);
    cluster->is_dead[index] = true;
    cluster->join_at_ms[index] = world->now_ms + ms;
}

static void return_those_due(struct cluster *cluster)
{
    struct world *world = cluster->world;
    for (int i = 0; i < NODES; i++) {
        if (cluster->join_at_ms[i] == 0 || world->now_ms < cluster->join_at_ms[i]) {
            continue;
        }
        cluster->join_at_ms[i] = 0;
        if (cluster->is_dead[i]) {
            char name[16];
            snprintf(name, sizeof name, "n%03d", ++cluster->names % 1000);
            cluster->is_dead[i] = false;
            node_start(world, i, name);
        } else {
            node_join(world, i);
        }
    }
}

// One node at a time: with several away there would be nothing left to prove.
static void trouble(struct cluster *cluster, int64_t step_ms)
{
    struct world *world = cluster->world;
    int index = (int)world_draw(world, NODES);
    if (!all_reach(cluster)) {
        cluster->quiet_until_ms = world->now_ms + 4000;
    }
    if (world->now_ms < cluster->quiet_until_ms) {
        return;
    }
    if (chance(cluster, cluster->plan->short_cuts, step_ms)) {
        bool is_broker = world_draw(world, 3) == 0;
        for (int i = 0; i < NODES; i++) {
            if (i == index || is_broker) {
                cut(cluster, i, 100 + world_draw(world, 1500));
            }
        }
    } else if (chance(cluster, cluster->plan->long_cuts, step_ms)) {
        cut(cluster, index, 2500 + world_draw(world, 20000));
    } else if (chance(cluster, cluster->plan->deaths, step_ms)) {
        kill_one(cluster, index, 500 + world_draw(world, 5000));
    }
}

static void talk(struct cluster *cluster, int64_t step_ms)
{
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &cluster->clients[i];
        bool is_live = client->state == CLIENT_OPEN || client->state == CLIENT_UPGRADED;
        if (is_live && chance(cluster, 1500, step_ms)) {
            client->queued_to += 1 + world_draw(cluster->world, 3);
        }
        if (is_live && chance(cluster, 1500, step_ms)) {
            world_emit(cluster->world, client->index, client->epoch,
                       1 + world_draw(cluster->world, 3));
        }
    }
}

static void step(struct cluster *cluster)
{
    struct world *world = cluster->world;
    world_step(world, world->now_ms + 1 + world_draw(world, 20));
    return_those_due(cluster);
    for (int i = 0; i < CLIENTS; i++) {
        client_step(&cluster->clients[i]);
    }
}

static bool all_settled(const struct cluster *cluster)
{
    for (int i = 0; i < CLIENTS; i++) {
        const struct client *client = &cluster->clients[i];
        if (client->state != CLIENT_DONE && !client_is_settled(client)) {
            return false;
        }
    }
    return all_reach(cluster);
}

static void expect_nothing_left(struct world *world)
{
    for (int i = 0; i < NODES; i++) {
        struct relay_counts relay;
        struct engineio_counts engine;
        relay_read_counts(world->nodes[i].relay, &relay);
        engineio_server_counts(world->nodes[i].engine, &engine);
        assert_int_equal(relay.exchanges_in, 0);
        assert_int_equal(relay.exchanges_out, 0);
        assert_int_equal(relay.bodies_bytes, 0);
        assert_int_equal(relay.forged_total, 0);
        assert_int_equal(relay.malformed_total, 0);
        assert_int_equal(engine.sessions_open, 0);
        assert_true(relay_deadline_ms(world->nodes[i].relay) == INT64_MAX);
    }
    for (uint64_t i = 1; i <= world->exchanges_count; i++) {
        assert_true(world->exchanges[i].state >= EXCHANGE_ANSWERED);
    }
    for (uint32_t i = 0; i < world->clients * world->epochs; i++) {
        assert_null(world->lives[i].conn);
    }
}

struct sums {
    uint32_t messages;
    int failures;
    int upgrades;
    int moved;
};

static void play(uint64_t seed, const struct plan *plan, struct sums *sums)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    assert_non_null(cluster);
    struct world *world = world_create(seed, CLIENTS, EPOCHS);
    cluster->world = world;
    cluster->plan = plan;
    world->delay_max_ms = (int)world_draw(world, (uint32_t)plan->delay_max_ms + 1);
    world->repeats = plan->repeats;
    world->losses = plan->losses;
    world->busy = plan->busy;
    world->large = plan->large;
    start_clients(cluster);
    int64_t end_ms = world->now_ms + RUN_MS;
    while (world->now_ms < end_ms) {
        int64_t before_ms = world->now_ms;
        step(cluster);
        talk(cluster, world->now_ms - before_ms);
        trouble(cluster, world->now_ms - before_ms);
    }
    end_ms = world->now_ms + SETTLE_MS;
    while (!all_settled(cluster) && world->now_ms < end_ms) {
        step(cluster);
    }
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &cluster->clients[i];
        if (!client_is_settled(client) || (plan->is_gentle && client->failures > 0)) {
            fail_msg("seed %llu client %d: state %d, failures %d (%s), in %u out %u of %u",
                     (unsigned long long)seed, i, (int)client->state, client->failures,
                     client->why == NULL ? "-" : client->why, client->next_in, client->next_out,
                     client->queued_to);
        }
        sums->messages += client->in_total + client->out_total;
        sums->failures += client->failures;
        sums->upgrades += client->upgrades;
        client_leave(client);
    }
    world_pass(world, 90000);
    expect_nothing_left(world);
    for (uint32_t i = 0; i < world->clients * world->epochs; i++) {
        sums->moved += world->lives[i].moved;
    }
    world_destroy(world);
    free(cluster);
}

static void play_all(const char *name, const struct plan *plan)
{
    const char *count_text = getenv("LOTCAST_RELAY_SEEDS");
    const char *first_text = getenv("LOTCAST_RELAY_FIRST_SEED");
    uint64_t count = count_text == NULL ? 3 : strtoull(count_text, NULL, 10);
    uint64_t first = first_text == NULL ? 1 : strtoull(first_text, NULL, 10);
    const char *only = getenv("LOTCAST_RELAY_PLAN");
    struct sums sums = {0};
    if (only != NULL && strcmp(only, name) != 0) {
        return;
    }
    for (uint64_t seed = first; seed < first + count; seed++) {
        if (getenv("LOTCAST_RELAY_VERBOSE") != NULL) {
            printf("%s: seed %llu\n", name, (unsigned long long)seed);
            fflush(stdout);
        }
        play(seed, plan, &sums);
    }
    printf("%s: %u messages, %d upgrades, %d moved, %d sessions ended early\n", name, sums.messages,
           sums.upgrades, sums.moved, sums.failures);
    assert_true(sums.messages > 0 && sums.moved > 0);
}

static void with_delays_and_repeats_every_session_lives_on(void **state)
{
    (void)state;
    play_all("delays",
             &(struct plan){.delay_max_ms = 300, .repeats = 50, .busy = 300, .is_gentle = true});
}

static void large_bodies_travel_in_parts(void **state)
{
    (void)state;
    play_all("large",
             &(struct plan){.delay_max_ms = 20, .repeats = 20, .large = 120, .is_gentle = true});
}

static void what_the_broker_loses_is_said_again(void **state)
{
    (void)state;
    play_all("losses", &(struct plan){.delay_max_ms = 30, .losses = 30, .is_gentle = true});
}

static void short_cuts_and_restarts_of_the_broker_end_no_session(void **state)
{
    (void)state;
    play_all("short cuts",
             &(struct plan){.delay_max_ms = 30, .short_cuts = 300, .is_gentle = true});
}

static void long_cuts_and_dead_nodes_lose_sessions_but_no_message_of_one(void **state)
{
    (void)state;
    play_all("long cuts",
             &(struct plan){.delay_max_ms = 50, .repeats = 20, .long_cuts = 150, .busy = 200});
    play_all("deaths", &(struct plan){.delay_max_ms = 50, .deaths = 200, .busy = 200});
    play_all("all", &(struct plan){.delay_max_ms = 50,
                                   .repeats = 20,
                                   .losses = 10,
                                   .busy = 100,
                                   .large = 30,
                                   .short_cuts = 100,
                                   .long_cuts = 50,
                                   .deaths = 100});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_delays_and_repeats_every_session_lives_on),
        cmocka_unit_test(large_bodies_travel_in_parts),
        cmocka_unit_test(what_the_broker_loses_is_said_again),
        cmocka_unit_test(short_cuts_and_restarts_of_the_broker_end_no_session),
        cmocka_unit_test(long_cuts_and_dead_nodes_lose_sessions_but_no_message_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
