// Three bridges that talk over a broker, and somebody among them who knows the key and changes what
// they say: polls, posts, upgrades, moves, departures, cuts and deaths in any order. Each exchange is
// answered once, nothing goes to a closed WebSocket, nothing passes its limits, nothing stays.
//
// Each step is an operation byte and two argument bytes.
#include "tests/unit/relay_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 120 };

static void say_on_ws(struct world *world, uint8_t a, uint8_t b)
{
    static const char *const texts[] = {"2probe", "5", "4c0.0:", "4x", "3",
                                        "1",      "2", "",       "6",  "4c0.1:y"};
    const char *text = texts[b % (sizeof texts / sizeof texts[0])];
    if (world->sockets_count > 0) {
        uint64_t ws = 1 + a % world->sockets_count;
        world_ws_send(world, ws, text, strlen(text));
    }
}

static void request(struct world *world, int node, uint8_t a, uint8_t b)
{
    char query[200];
    static uint8_t body[300000];
    switch (a % 5) {
    case 0:
        world_get(world, node, world_query);
        break;
    case 1:
        world_post(world, node, world_query, bytes_text("4c0.0:"));
        break;
    case 2:
        memset(body, '4', sizeof body);
        world_post(world, node, world_query, bytes_of(body, b < 128 ? b : sizeof body));
        break;
    case 3:
        snprintf(query, sizeof query, "EIO=4&transport=websocket%s", strstr(world_query, "&sid="));
        world_upgrade(world, node, query);
        break;
    case 4:
        world_post_begin(world, node, world_query);
        break;
    }
}

static void trouble(struct world *world, int node, uint8_t b)
{
    char name[16];
    switch (b % 5) {
    case 0:
        node_cut(world, node, (b & 64) != 0);
        break;
    case 1:
        node_join(world, node);
        break;
    case 2:
        node_count_as_dead(world, node);
        break;
    case 3:
        node_kill(world, node);
        snprintf(name, sizeof name, "n%03d", (int)(world->exchanges_count % 1000));
        node_start(world, node, name);
        break;
    case 4:
        world->is_full = !world->is_full;
        break;
    }
}

static void step(struct world *world, uint8_t op, uint8_t a, uint8_t b)
{
    int node = op / 16 % NODES;
    switch (op % 8) {
    case 0:
        request(world, node, a, b);
        break;
    case 1:
        say_on_ws(world, a, b);
        break;
    case 2:
        world_tamper(world, node, (node + 1 + op / 64) % NODES, a, b);
        break;
    case 3:
        world_step(world, world->now_ms + a);
        break;
    case 4:
        world_emit(world, 0, b % world->epochs, 1 + a % 3);
        break;
    case 5:
        if (world->exchanges_count > 0) {
            world_leave(world, 1 + a % world->exchanges_count);
        }
        break;
    case 6:
        if (world->sockets_count > 0) {
            world_ws_leave(world, 1 + a % world->sockets_count);
        }
        break;
    case 7:
        if (a % 4 == 0) {
            trouble(world, node, b);
        } else {
            world_pass(world, 10 * b);
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *world = world_create(1, 1, 8);
    world->is_lenient = true;
    world->fixed_delay_ms = 5; // so that there is something to change
    open_session(world, 0);
    for (size_t i = 0; i + 3 <= size && i < STEPS_MAX * 3; i += 3) {
        step(world, data[i], data[i + 1], data[i + 2]);
    }
    world_destroy(world);
    return 0;
}
