#include "auctionctl/sioclient/sio_packet.h"

bool eio_payload_next(struct bytes *rest, struct bytes *out_packet)
{
    if (rest->size == 0) {
        return false;
    }
    size_t end = bytes_find(*rest, SIO_RECORD_SEPARATOR, 0);
    *out_packet = bytes_of(rest->data, end);
    *rest = bytes_from(*rest, end < rest->size ? end + 1 : end);
    return true;
}

bool eio_packet_read(struct bytes text, struct eio_packet *out_packet)
{
    if (text.size == 0 || text.data[0] < EIO_OPEN || text.data[0] > EIO_NOOP) {
        return false;
    }
    out_packet->kind = (enum eio_kind)text.data[0];
    out_packet->data = bytes_from(text, 1);
    return true;
}

bool sio_packet_read(struct bytes text, struct sio_packet *out_packet)
{
    if (text.size == 0 || text.data[0] < SIO_CONNECT || text.data[0] > SIO_CONNECT_ERROR) {
        return false;
    }
    struct sio_packet packet = {.kind = (enum sio_kind)text.data[0]};
    struct bytes rest = bytes_from(text, 1);
    if (rest.size > 0 && rest.data[0] == '/') {
        return false; // another namespace was never asked for
    }
    size_t digits = 0;
    while (digits < rest.size && rest.data[digits] >= '0' && rest.data[digits] <= '9') {
        digits++;
    }
    if (digits > 0) {
        if (!bytes_to_uint64(bytes_of(rest.data, digits), UINT32_MAX, &packet.id)) {
            return false;
        }
        packet.has_id = true;
    }
    packet.data = bytes_from(rest, digits);
    if (packet.kind == SIO_ACK && !packet.has_id) {
        return false;
    }
    *out_packet = packet;
    return true;
}
