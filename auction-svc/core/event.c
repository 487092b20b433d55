#include "auction-svc/core/event.h"

#include "lib/base/status.h"

static const struct {
    const char *ledger_name;
    const char *public_name;
} names[SALE_EVENT_KIND_COUNT] = {
#define X(kind, ledger_name, public_name) {ledger_name, public_name},
    SALE_EVENTS(X)
#undef X
};

const char *sale_event_ledger_name(enum sale_event_kind kind)
{
    LC_ASSERT(kind < SALE_EVENT_KIND_COUNT);
    return names[kind].ledger_name;
}

const char *sale_event_public_name(enum sale_event_kind kind)
{
    LC_ASSERT(kind < SALE_EVENT_KIND_COUNT);
    return names[kind].public_name;
}
