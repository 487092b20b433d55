#include "auction-svc/service/peers.h"

#include <stdlib.h>
#include <string.h>

void peers_init(struct peers *peers, const struct client_id *node, int64_t since_ms,
                int64_t last_since_ms)
{
    *peers = (struct peers){.node = *node, .since_ms = since_ms, .last_since_ms = last_since_ms};
    peers->all[PEERS_SELF].node = *node;
    peers->count = 1;
}

void peers_release(struct peers *peers)
{
    free(peers->holdings);
    peers->holdings = NULL;
    peers->holdings_count = 0;
    peers->holdings_capacity = 0;
}

// ---- who is there ----

// A new one is in its place but unknown: dead.
static enum lc_status find_or_add(struct peers *peers, const struct client_id *node,
                                  size_t *out_index)
{
    for (size_t i = 0; i < peers->count; i++) {
        if (strcmp(peers->all[i].node.text, node->text) == 0) {
            *out_index = i;
            return LC_OK;
        }
    }
    if (peers->count == PEERS_MAX) {
        return LC_ERR_FULL;
    }
    peers->all[peers->count] = (struct peer){.node = *node};
    *out_index = peers->count++;
    return LC_OK;
}

static bool is_ours(const struct peers *peers, const struct client_id *node)
{
    return strcmp(node->text, peers->node.text) == 0;
}

enum lc_status peers_hear_beat(struct peers *peers, const struct peers_beat *beat, int64_t now_ms)
{
    bool is_own_run = beat->since_ms == peers->since_ms ||
                      (beat->is_retained && beat->since_ms == peers->last_since_ms);
    size_t index = 0;
    if (is_ours(peers, &beat->node) && is_own_run) {
        return LC_OK; // an echo, or what the broker keeps of the run before
    }
    enum lc_status status = find_or_add(peers, &beat->node, &index);
    if (status != LC_OK) {
        return status;
    }
    struct peer *peer = &peers->all[index];
    int64_t age_ms = beat->is_retained && now_ms > beat->now_ms ? now_ms - beat->now_ms : 0;
    peers->is_news = peers->is_news || beat->is_online != peer->is_online ||
                     beat->since_ms != peer->since_ms || beat->is_retained == peer->was_heard;
    peer->since_ms = beat->since_ms;
    peer->is_online = beat->is_online;
    peer->was_heard = !beat->is_retained;
    peer->dies_at_ms = now_ms + PEERS_LIFE_MS - age_ms;
    return LC_OK;
}

enum peer_life peer_life(const struct peer *peer, int64_t now_ms)
{
    if (!peer->is_online || now_ms >= peer->dies_at_ms) {
        return PEER_DEAD;
    }
    return peer->was_heard ? PEER_ALIVE : PEER_IN_DOUBT;
}

const struct peer *peers_twin(const struct peers *peers)
{
    return &peers->all[PEERS_SELF];
}

bool peers_are_behind(const struct peers *peers, int64_t now_ms)
{
    for (size_t i = 0; i < peers->count; i++) {
        if (strcmp(peers->all[i].node.text, peers->node.text) < 0 &&
            peer_life(&peers->all[i], now_ms) != PEER_DEAD) {
            return true;
        }
    }
    return false;
}

bool peers_is_elder(const struct peers *peers, const struct peer *peer)
{
    return peer->since_ms < peers->since_ms ||
           (peer->since_ms == peers->since_ms && strcmp(peer->node.text, peers->node.text) < 0);
}

// ---- what they hold ----

// Index of the first holding that is not before (sale, peer).
static size_t lower_bound(const struct peers *peers, const struct sale_id *sale, size_t peer)
{
    size_t low = 0;
    size_t high = peers->holdings_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct peer_holding *holding = &peers->holdings[middle];
        int order = strcmp(holding->sale.text, sale->text);
        if (order < 0 || (order == 0 && holding->peer < peer)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_of_sale(const struct peers *peers, size_t index, const struct sale_id *sale)
{
    return index < peers->holdings_count && sale_id_equal(&peers->holdings[index].sale, sale);
}

static enum lc_status reserve(struct peers *peers)
{
    if (peers->holdings_count < peers->holdings_capacity) {
        return LC_OK;
    }
    if (peers->holdings_count >= PEERS_HOLDINGS_MAX) {
        return LC_ERR_FULL;
    }
    size_t capacity = peers->holdings_capacity == 0 ? 64 : peers->holdings_capacity * 2;
    struct peer_holding *holdings =
        realloc(peers->holdings, capacity * sizeof(struct peer_holding));
    if (holdings == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    peers->holdings = holdings;
    peers->holdings_capacity = capacity;
    return LC_OK;
}

enum lc_status peers_hear_holding(struct peers *peers, const struct client_id *node,
                                  const struct sale_id *sale, bool is_held)
{
    size_t peer = 0;
    enum lc_status status = find_or_add(peers, node, &peer);
    if (status != LC_OK) {
        return status;
    }
    size_t index = lower_bound(peers, sale, peer);
    bool is_known = is_of_sale(peers, index, sale) && peers->holdings[index].peer == peer;
    if (is_known == is_held) {
        return LC_OK;
    }
    if (is_held && (status = reserve(peers)) != LC_OK) {
        return status;
    }
    size_t behind = peers->holdings_count - index;
    if (is_held) {
        memmove(peers->holdings + index + 1, peers->holdings + index,
                behind * sizeof(struct peer_holding));
        peers->holdings[index] = (struct peer_holding){*sale, peer};
        peers->holdings_count++;
        peers->is_news = true;
    } else {
        memmove(peers->holdings + index, peers->holdings + index + 1,
                (behind - 1) * sizeof(struct peer_holding));
        peers->holdings_count--;
    }
    return LC_OK;
}

const struct peer *peers_holder(const struct peers *peers, const struct sale_id *sale,
                                int64_t now_ms)
{
    const struct peer *liveliest = NULL;
    for (size_t i = lower_bound(peers, sale, PEERS_SELF + 1); is_of_sale(peers, i, sale); i++) {
        const struct peer *peer = &peers->all[peers->holdings[i].peer];
        if (liveliest == NULL || peer_life(peer, now_ms) > peer_life(liveliest, now_ms)) {
            liveliest = peer;
        }
    }
    return liveliest;
}
