#include "tests/unit/relay_case.h"

char world_query[160];

int case_set_up(void **state)
{
    *state = world_create(1, 2, 8);
    return 0;
}

int case_tear_down(void **state)
{
    world_destroy(*state);
    return 0;
}

void open_session(struct world *world, int node)
{
    uint32_t epoch = 0;
    while (life_of(world, 0, epoch)->conn != NULL || life_of(world, 0, epoch)->closed > 0) {
        epoch++;
    }
    snprintf(world_query, sizeof world_query, "client=0&epoch=%u&EIO=4&transport=polling", epoch);
    uint64_t exchange = world_get(world, node, world_query);
    assert_int_equal(status_of(world, exchange), 200);
    const char *sid = strstr(buffer_text(&world->exchanges[exchange].body), "\"sid\":\"");
    assert_non_null(sid);
    size_t used = strlen(world_query);
    snprintf(world_query + used, sizeof world_query - used, "&sid=%.20s", sid + 7);
}

const char *ended_query(struct world *world, int node, const char *before_sid)
{
    static char query[120];
    char sid[ENGINEIO_SID_SIZE];
    relay_draw_sid(world->nodes[node].relay, sid);
    snprintf(query, sizeof query, "%s&sid=%.*s", before_sid, ENGINEIO_SID_SIZE, sid);
    return query;
}

int status_of(const struct world *world, uint64_t exchange)
{
    return world->exchanges[exchange].status;
}

void expect_body(struct world *world, uint64_t exchange, const char *body)
{
    expect_body_of(world, exchange, 200, body);
}

void expect_body_of(struct world *world, uint64_t exchange, int status, const char *body)
{
    assert_int_equal(status_of(world, exchange), status);
    assert_string_equal(buffer_text(&world->exchanges[exchange].body), body);
}

void expect_refused(struct world *world, uint64_t exchange, int code)
{
    char start[16];
    snprintf(start, sizeof start, "{\"code\":%d,", code);
    assert_int_equal(status_of(world, exchange), 400);
    assert_true(
        bytes_starts_with(buffer_bytes(&world->exchanges[exchange].body), bytes_text(start)));
}

struct relay_counts counts_of(const struct world *world, int node)
{
    struct relay_counts counts;
    relay_read_counts(world->nodes[node].relay, &counts);
    return counts;
}

void append_message(const struct world *world, struct buffer *out, uint32_t epoch, uint32_t number)
{
    buffer_append_format(out, "4c%u.%u:", epoch, number);
    for (size_t size = message_size(number, world->large); size > 0; size--) {
        buffer_append_byte(out, 'y');
    }
}

int post_one(struct world *world, int node, uint32_t epoch)
{
    struct buffer body;
    buffer_init(&body, WORLD_PAYLOAD_MAX);
    append_message(world, &body, epoch, life_of(world, 0, epoch)->conn->next_in);
    uint64_t exchange = world_post(world, node, world_query, buffer_bytes(&body));
    buffer_release(&body);
    world_pass(world, 20);
    return status_of(world, exchange);
}

const char *frames_of(struct world *world, uint64_t ws)
{
    static char texts[4000];
    struct bytes rest = buffer_bytes(&world->sockets[ws].received);
    size_t used = 0;
    texts[0] = '\0';
    while (rest.size > 0) {
        assert_true(rest.size >= 2 && rest.data[1] < 126);
        size_t size = rest.data[1];
        used += (size_t)snprintf(texts + used, sizeof texts - used, "%s%.*s", used == 0 ? "" : " ",
                                 (int)size, (const char *)rest.data + 2);
        rest = bytes_from(rest, 2 + size);
    }
    return texts;
}

void ws_say(struct world *world, uint64_t ws, const char *text)
{
    world_ws_send(world, ws, text, strlen(text));
}

uint64_t upgrade(struct world *world, int node)
{
    char query[200];
    snprintf(query, sizeof query, "EIO=4&transport=websocket%s", strstr(world_query, "&sid="));
    uint64_t exchange = world_upgrade(world, node, query);
    world_pass(world, 50);
    assert_int_equal(status_of(world, exchange), 101);
    return world->exchanges[exchange].ws;
}
