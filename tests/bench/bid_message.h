// What bidders of the bench say and hear, as Socket.IO packets with the `4` of Engine.IO in front.
//
// Purity:    pure
// Errors:    false: not such a packet
#ifndef LOTCAST_BENCH_BID_MESSAGE_H
#define LOTCAST_BENCH_BID_MESSAGE_H

#include "lib/base/buffer.h"

enum { BID_JOIN_ACK_ID = 1 };

void bid_message_join(struct buffer *out, const char *sale);
// `number` becomes the command's id.
void bid_message_place(struct buffer *out, uint64_t ack_id, const char *sale, uint64_t lot_no,
                       uint64_t amount, uint64_t number);

// 42["bid_update",{"seq":7, ...
bool bid_message_read_update(struct bytes packet, uint64_t *out_seq);
// 43<id>[{"ok":true,"seq":7, ...; false also for one that says no.
bool bid_message_read_accepted(struct bytes packet, uint64_t *out_ack_id, uint64_t *out_seq);

#endif
