#include "tests/bench/bid_message.h"

#include <inttypes.h>

void bid_message_join(struct buffer *out, const char *sale)
{
    buffer_append_format(out, "42%d[\"join_auction\",{\"sale\":\"%s\"}]", BID_JOIN_ACK_ID, sale);
}

void bid_message_place(struct buffer *out, uint64_t ack_id, const char *sale, uint64_t lot_no,
                       uint64_t amount, uint64_t number)
{
    buffer_append_format(out,
                         "42%" PRIu64 "[\"place_bid\",{\"sale\":\"%s\",\"lot\":\"l%" PRIu64
                         "\",\"amount\":%" PRIu64 ",\"id\":\"bench-%012" PRIu64 "\"}]",
                         ack_id, sale, lot_no, amount, number);
}

// The digits at the beginning.
static bool read_number(struct bytes text, uint64_t *out_number, struct bytes *out_rest)
{
    size_t size = 0;
    while (size < text.size && text.data[size] >= '0' && text.data[size] <= '9') {
        size++;
    }
    *out_rest = bytes_from(text, size);
    return bytes_to_uint64(bytes_of(text.data, size), UINT64_MAX, out_number);
}

bool bid_message_read_update(struct bytes packet, uint64_t *out_seq)
{
    static const char head[] = "42[\"bid_update\",{\"seq\":";
    struct bytes rest;
    return bytes_starts_with(packet, bytes_of(head, sizeof head - 1)) &&
           read_number(bytes_from(packet, sizeof head - 1), out_seq, &rest);
}

bool bid_message_read_accepted(struct bytes packet, uint64_t *out_ack_id, uint64_t *out_seq)
{
    static const char middle[] = "[{\"ok\":true,\"seq\":";
    struct bytes rest;
    return bytes_starts_with(packet, bytes_of("43", 2)) &&
           read_number(bytes_from(packet, 2), out_ack_id, &rest) &&
           bytes_starts_with(rest, bytes_of(middle, sizeof middle - 1)) &&
           read_number(bytes_from(rest, sizeof middle - 1), out_seq, &rest);
}
