#include "lib/wire/topic.h"

#include <stdio.h>

#include "lib/base/status.h"

enum { LEVELS_MAX = 6, PAGE_MAX = 9999 };

static bool level_is_legal(struct bytes level)
{
    if (level.size == 0 || level.size > ID_SIZE_MAX) {
        return false;
    }
    for (size_t i = 0; i < level.size; i++) {
        uint8_t c = level.data[i];
        bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '-';
        if (!legal) {
            return false;
        }
    }
    return true;
}

bool topic_prefix_is_valid(const char *prefix)
{
    struct bytes rest = bytes_text(prefix);
    if (rest.size == 0 || rest.size > TOPIC_PREFIX_SIZE_MAX) {
        return false;
    }
    for (size_t from = 0; from <= rest.size;) {
        size_t end = bytes_find(rest, '/', from);
        if (!level_is_legal(bytes_of(rest.data + from, end - from))) {
            return false;
        }
        from = end + 1;
    }
    return true;
}

// ---- writing ----

static void write_below_sale(const struct topic *topic, const char *prefix, char *out_text)
{
    const char *sale = topic->sale.text;
    const char *below = NULL; // a level that stands alone
    const char *group = NULL; // or a level with one below it
    const char *item = NULL;
    char page[24];
    snprintf(page, sizeof page, "%lld", (long long)topic->page);
    switch (topic->kind) {
    case TOPIC_SALE_INFO:
        below = "info";
        break;
    case TOPIC_SALE_STATE:
        below = "state";
        break;
    case TOPIC_SALE_TICK:
        below = "tick";
        break;
    case TOPIC_SALE_LOTS:
        group = "lots";
        item = page;
        break;
    case TOPIC_SALE_PARTICIPANTS:
        group = "participants";
        item = page;
        break;
    case TOPIC_SALE_EVENT:
        group = "event";
        item = topic->name;
        break;
    case TOPIC_SALE_PRIVATE:
        group = "private";
        item = topic->participant.text;
        break;
    case TOPIC_SALE_BOARD:
        group = "board";
        item = topic->name;
        break;
    case TOPIC_SALE_COMMAND:
        group = "cmd";
        item = topic->client.text;
        break;
    case TOPIC_SVC_COMMAND:
    case TOPIC_REPLY:
    case TOPIC_HEARTBEAT:
    case TOPIC_PRESENCE:
    case TOPIC_HOLDING:
    case TOPIC_PULSE:
    case TOPIC_RELAY:
        break;
    }
    LC_ASSERT(sale[0] != 0);
    LC_ASSERT(topic->page >= 0 && topic->page <= PAGE_MAX);
    LC_ASSERT(below != NULL || (item != NULL && item[0] != 0));
    if (below != NULL) {
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/sale/%s/%s", prefix, sale, below);
    } else {
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/sale/%s/%s/%s", prefix, sale, group, item);
    }
}

void topic_write(const struct topic *topic, const char *prefix, char out_text[TOPIC_SIZE_MAX])
{
    const char *client = topic->client.text;
    switch (topic->kind) {
    case TOPIC_SALE_INFO:
    case TOPIC_SALE_STATE:
    case TOPIC_SALE_LOTS:
    case TOPIC_SALE_PARTICIPANTS:
    case TOPIC_SALE_TICK:
    case TOPIC_SALE_EVENT:
    case TOPIC_SALE_PRIVATE:
    case TOPIC_SALE_BOARD:
    case TOPIC_SALE_COMMAND:
        write_below_sale(topic, prefix, out_text);
        break;
    case TOPIC_SVC_COMMAND:
        LC_ASSERT(client[0] != 0);
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/cmd/%s", prefix, client);
        break;
    case TOPIC_REPLY:
        LC_ASSERT(client[0] != 0);
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/reply/%s", prefix, client);
        break;
    case TOPIC_HEARTBEAT:
        LC_ASSERT(client[0] != 0);
        LC_ASSERT(topic->name[0] != 0);
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/%s/%s", prefix, topic->name, client);
        break;
    case TOPIC_PRESENCE:
        LC_ASSERT(client[0] != 0);
        LC_ASSERT(topic->sale.text[0] != 0);
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/bridge/%s/presence/%s", prefix, client,
                 topic->sale.text);
        break;
    case TOPIC_HOLDING:
        LC_ASSERT(client[0] != 0);
        LC_ASSERT(topic->sale.text[0] != 0);
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/engine/%s/holds/%s", prefix, client,
                 topic->sale.text);
        break;
    case TOPIC_PULSE:
        LC_ASSERT(client[0] != 0);
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/bridge/%s/pulse", prefix, client);
        break;
    case TOPIC_RELAY:
        LC_ASSERT(topic->name[0] != 0);
        snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/relay/%s", prefix, topic->name);
        break;
    }
}

// ---- reading ----

// The levels of a topic behind `prefix`/v1/; 0 when it is not ours or has an illegal level.
static size_t split_levels(struct bytes text, const char *prefix, struct bytes levels[LEVELS_MAX])
{
    struct bytes start = bytes_text(prefix);
    static const char version[] = "/v1/";
    if (text.size >= TOPIC_SIZE_MAX || !bytes_starts_with(text, start) ||
        !bytes_starts_with(bytes_from(text, start.size), bytes_text(version))) {
        return 0;
    }
    size_t count = 0;
    for (size_t from = start.size + sizeof version - 1; from <= text.size;) {
        size_t end = bytes_find(text, '/', from);
        struct bytes level = {text.data + from, end - from};
        if (count == LEVELS_MAX || !level_is_legal(level)) {
            return 0;
        }
        levels[count++] = level;
        from = end + 1;
    }
    return count;
}

static bool read_name(struct bytes level, struct topic *topic)
{
    if (level.size > EVENT_NAME_SIZE_MAX) {
        return false;
    }
    memcpy(topic->name, level.data, level.size);
    topic->name[level.size] = 0;
    return true;
}

static bool read_page(struct bytes level, struct topic *topic)
{
    uint64_t page = 0;
    bool has_leading_zero = level.size > 1 && level.data[0] == '0';
    if (has_leading_zero || !bytes_to_uint64(level, PAGE_MAX, &page)) {
        return false;
    }
    topic->page = (int64_t)page;
    return true;
}

// sale/{sale}/... : `levels` begins behind the sale.
static bool read_below_sale(const struct bytes *levels, size_t count, struct topic *topic)
{
    static const struct {
        const char *level;
        enum topic_kind kind;
        size_t count;
    } forms[] = {
        {"info", TOPIC_SALE_INFO, 1},
        {"state", TOPIC_SALE_STATE, 1},
        {"tick", TOPIC_SALE_TICK, 1},
        {"lots", TOPIC_SALE_LOTS, 2},
        {"participants", TOPIC_SALE_PARTICIPANTS, 2},
        {"event", TOPIC_SALE_EVENT, 2},
        {"private", TOPIC_SALE_PRIVATE, 2},
        {"board", TOPIC_SALE_BOARD, 2},
        {"cmd", TOPIC_SALE_COMMAND, 2},
    };
    size_t found = 0;
    size_t forms_count = sizeof forms / sizeof forms[0];
    while (found < forms_count && !bytes_equal_text(levels[0], forms[found].level)) {
        found++;
    }
    if (found == forms_count || forms[found].count != count) {
        return false;
    }
    topic->kind = forms[found].kind;
    switch (topic->kind) {
    case TOPIC_SALE_LOTS:
    case TOPIC_SALE_PARTICIPANTS:
        return read_page(levels[1], topic);
    case TOPIC_SALE_EVENT:
    case TOPIC_SALE_BOARD:
        return read_name(levels[1], topic);
    case TOPIC_SALE_PRIVATE:
        return participant_id_read(levels[1], &topic->participant);
    case TOPIC_SALE_COMMAND:
        return client_id_read(levels[1], &topic->client);
    case TOPIC_SALE_INFO:
    case TOPIC_SALE_STATE:
    case TOPIC_SALE_TICK:
        return true;
    case TOPIC_SVC_COMMAND:
    case TOPIC_REPLY:
    case TOPIC_HEARTBEAT:
    case TOPIC_PRESENCE:
    case TOPIC_HOLDING:
    case TOPIC_PULSE:
    case TOPIC_RELAY:
        break; // not below a sale
    }
    return false;
}

static bool read_service(const struct bytes *levels, size_t count, struct topic *topic)
{
    if (count == 3 && bytes_equal_text(levels[1], "cmd")) {
        topic->kind = TOPIC_SVC_COMMAND;
        return client_id_read(levels[2], &topic->client);
    }
    if (count == 3) {
        topic->kind = TOPIC_HEARTBEAT;
        return read_name(levels[1], topic) && client_id_read(levels[2], &topic->client);
    }
    if (count == 5 && bytes_equal_text(levels[1], "bridge") &&
        bytes_equal_text(levels[3], "presence")) {
        topic->kind = TOPIC_PRESENCE;
        return client_id_read(levels[2], &topic->client) && sale_id_read(levels[4], &topic->sale);
    }
    if (count == 4 && bytes_equal_text(levels[1], "bridge") &&
        bytes_equal_text(levels[3], "pulse")) {
        topic->kind = TOPIC_PULSE;
        return client_id_read(levels[2], &topic->client);
    }
    if (count == 5 && bytes_equal_text(levels[1], "engine") &&
        bytes_equal_text(levels[3], "holds")) {
        topic->kind = TOPIC_HOLDING;
        return client_id_read(levels[2], &topic->client) && sale_id_read(levels[4], &topic->sale);
    }
    return false;
}

bool topic_read(struct bytes text, const char *prefix, struct topic *out_topic)
{
    struct bytes levels[LEVELS_MAX];
    struct topic topic = {0};
    size_t count = split_levels(text, prefix, levels);
    bool known = false;
    if (count >= 3 && bytes_equal_text(levels[0], "sale")) {
        known =
            sale_id_read(levels[1], &topic.sale) && read_below_sale(levels + 2, count - 2, &topic);
    } else if (count == 2 && bytes_equal_text(levels[0], "reply")) {
        topic.kind = TOPIC_REPLY;
        known = client_id_read(levels[1], &topic.client);
    } else if (count == 2 && bytes_equal_text(levels[0], "relay")) {
        topic.kind = TOPIC_RELAY;
        known = read_name(levels[1], &topic);
    } else if (count >= 3 && bytes_equal_text(levels[0], "svc")) {
        known = read_service(levels, count, &topic);
    }
    if (known) {
        *out_topic = topic;
    }
    return known;
}

// ---- patterns ----

void topic_pattern_all_commands(const char *prefix, char out_text[TOPIC_SIZE_MAX])
{
    snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/sale/+/cmd/+", prefix);
}

void topic_pattern_states(const char *prefix, char out_text[TOPIC_SIZE_MAX])
{
    snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/sale/+/state", prefix);
}

void topic_pattern_svc_commands(const char *prefix, char out_text[TOPIC_SIZE_MAX])
{
    snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/cmd/+", prefix);
}

void topic_pattern_sale(const char *prefix, const struct sale_id *sale, const char *below,
                        char out_text[TOPIC_SIZE_MAX])
{
    LC_ASSERT(sale->text[0] != 0);
    snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/sale/%s/%s", prefix, sale->text, below);
}

void topic_pattern_heartbeats(const char *prefix, char out_text[TOPIC_SIZE_MAX])
{
    snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/+/+", prefix);
}

void topic_pattern_engines(const char *prefix, char out_text[TOPIC_SIZE_MAX])
{
    snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/engine/+", prefix);
}

void topic_pattern_holdings(const char *prefix, char out_text[TOPIC_SIZE_MAX])
{
    snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/engine/+/holds/+", prefix);
}

void topic_pattern_presence(const char *prefix, char out_text[TOPIC_SIZE_MAX])
{
    snprintf(out_text, TOPIC_SIZE_MAX, "%s/v1/svc/bridge/+/presence/+", prefix);
}
