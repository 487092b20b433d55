// Serves one command: reads it, finds or makes its outcome, and puts exactly one answer in the
// outbox (lessons F15).
//
// Errors: those of the ledger: the engine must stop, and the answer is never sent
// Source: design 4, Commands; docs/PROTOCOL.md, Commands
#ifndef LOTCAST_SERVICE_SERVE_H
#define LOTCAST_SERVICE_SERVE_H

#include "auction-svc/service/engine.h"

LC_MUST_CHECK enum lc_status serve(struct engine *engine, const struct inbox_message *message);

#endif
