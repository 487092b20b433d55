// What single participants hear of a fact: private notices.
//
// Purity:    pure
// Ownership: borrows everything for the call
// Order:     public_event_before() before sale_apply(), the rest after it
// Source:    docs/PROTOCOL.md, Events (private notices). A maximum is told to its owner alone; of a
//            sealed offer nothing is told, not even to him: a notice can be counted by others
#ifndef LOTCAST_SERVICE_NOTICE_H
#define LOTCAST_SERVICE_NOTICE_H

#include "auction-svc/service/public_event.h"

enum { NOTICES_MAX = 6 }; // of one fact

enum notice_kind { NOTICE_OUTBID, NOTICE_YOU_LEAD, NOTICE_MAX_BID_CHANGED };

struct notice {
    enum notice_kind kind;
    int64_t to_index;  // into participants
    int64_t max_minor; // NOTICE_MAX_BID_CHANGED; 0: none
};

// How many notices a fact makes.
size_t notices_of(const struct sale *sale, const struct sale_event *event,
                  const struct public_before *before, struct notice out_notices[NOTICES_MAX]);
void notice_write(struct buffer *out, const struct sale *sale, const struct sale_event *event,
                  const struct notice *notice);

#endif
