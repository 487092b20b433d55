#include "auction-svc/service/peer_watch.h"

#include <stdio.h>

#include "lib/os/os_log.h"

// What it means to us that `peer` has what is ours. Two engines of one sale would each give it a
// history of its own.
static enum lc_status judge_peer(struct engine *engine, const struct peer *peer, const char *what)
{
    switch (peer_life(peer, engine->now_ms)) {
    case PEER_DEAD:
        return LC_OK;
    case PEER_IN_DOUBT:
        if (!engine->is_started && !engine->was_told) {
            engine->was_told = true;
            os_log(OS_LOG_WARNING, "%s: engine %s may be alive: waiting for it, %lld ms at most",
                   what, peer->node.text, (long long)(peer->dies_at_ms - engine->now_ms));
        }
        engine->is_waiting = !engine->is_started;
        return LC_OK;
    case PEER_ALIVE:
        break;
    }
    if (engine->is_started && !peers_is_elder(&engine->bus->peers, peer)) {
        os_log(OS_LOG_ERROR, "%s: engine %s, started later, has it too and must stop", what,
               peer->node.text);
        return LC_OK;
    }
    os_log(OS_LOG_ERROR, "%s: engine %s has it and is alive", what, peer->node.text);
    return LC_ERR_BUSY;
}

static enum lc_status look_for_holders(struct engine *engine)
{
    enum lc_status status = LC_OK;
    for (size_t i = 0; status == LC_OK && i < engine->house.count; i++) {
        const struct hosted_sale *hosted = engine->house.sales[i];
        const struct peer *holder = peers_holder(&engine->bus->peers, &hosted->id, engine->now_ms);
        if (hosted->sale != NULL && holder != NULL) {
            char what[ID_SIZE_MAX + 8];
            (void)snprintf(what, sizeof what, "sale %s", hosted->id.text);
            status = judge_peer(engine, holder, what);
        }
    }
    return status;
}

enum lc_status peer_watch(struct engine *engine)
{
    struct bus *bus = engine->bus;
    if (!bus_is_ready(bus) || (engine->is_started && !bus->peers.is_news)) {
        return LC_OK;
    }
    bus->peers.is_news = false;
    engine->is_waiting = false;
    enum lc_status status = judge_peer(engine, peers_twin(&bus->peers), "our name");
    if (status == LC_OK && !engine->is_waiting) { // nobody else has our name
        bus_speak(bus, engine->now_ms);
    }
    return status == LC_OK ? look_for_holders(engine) : status;
}

// Of us: a sale that is not in this data folder (any more). Of a dead one: a sale that is ours now.
static bool is_stale(const struct engine *engine, const struct peer_holding *holding)
{
    const struct peer *peer = &engine->bus->peers.all[holding->peer];
    bool is_here = house_find(&engine->house, &holding->sale) != NULL;
    return holding->peer == PEERS_SELF ? !is_here
                                       : is_here && peer_life(peer, engine->now_ms) == PEER_DEAD;
}

void peer_watch_take_back(struct engine *engine)
{
    struct bus *bus = engine->bus;
    const struct peers *peers = &bus->peers;
    for (size_t i = 0; i < peers->holdings_count; i++) {
        const struct peer_holding *holding = &peers->holdings[i];
        struct topic topic = {
            .kind = TOPIC_HOLDING, .client = peers->all[holding->peer].node, .sale = holding->sale};
        char text[TOPIC_SIZE_MAX];
        if (is_stale(engine, holding)) {
            topic_write(&topic, bus->config.prefix, text);
            enum lc_status status = mqtt_link_publish(bus_link(bus, BUS_RETAINED), text,
                                                      bytes_of(NULL, 0), 1, true, NULL);
            (void)status; // at the next connection again
        }
    }
}
