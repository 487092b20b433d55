// What the other engines on this broker mean to this one: start, wait, or give way.
//
// Purity: reads what the bus has heard; publishes through it
// Errors: LC_ERR_BUSY: another engine that is alive holds a sale of ours, or has our name
// Order:  peer_watch() at the start of each turn; it lets the bus speak when nobody has our name
// Source: docs/decisions/0095-engines-on-one-broker.md
#ifndef LOTCAST_SERVICE_PEER_WATCH_H
#define LOTCAST_SERVICE_PEER_WATCH_H

#include "auction-svc/service/engine.h"

// Before the start nothing of ours may be held by an engine that lives; later whoever started last
// gives way.
LC_MUST_CHECK enum lc_status peer_watch(struct engine *engine);

// Takes back what the broker keeps and is not so: that we hold a sale which is not in this data
// folder, or that an engine which is dead holds one which is.
void peer_watch_take_back(struct engine *engine);

#endif
