#include "bridge/engineio/payload.h"

#include "bridge/engineio/base64.h"

struct payload_reader payload_reader_on(struct bytes body)
{
    return (struct payload_reader){.body = body};
}

enum lc_status packet_read_text(struct bytes text, struct buffer *scratch,
                                struct engineio_packet *out_packet)
{
    if (text.size == 0) {
        return LC_ERR_BAD_INPUT;
    }
    struct bytes rest = bytes_from(text, 1);
    if (text.data[0] == 'b') {
        buffer_clear(scratch);
        enum lc_status status = base64_decode(rest, scratch);
        if (status == LC_OK) {
            *out_packet = (struct engineio_packet){ENGINEIO_MESSAGE, true, buffer_bytes(scratch)};
        }
        return status;
    }
    if (text.data[0] < '0' || text.data[0] > '6') {
        return LC_ERR_BAD_INPUT;
    }
    *out_packet =
        (struct engineio_packet){(enum engineio_packet_type)(text.data[0] - '0'), false, rest};
    return LC_OK;
}

enum lc_status payload_next(struct payload_reader *reader, struct buffer *scratch,
                            struct engineio_packet *out_packet)
{
    LC_ASSERT(!reader->at_end);
    if (reader->at == 0 && !bytes_is_utf8(reader->body)) {
        return LC_ERR_BAD_INPUT;
    }
    size_t end = bytes_find(reader->body, PAYLOAD_SEPARATOR, reader->at);
    struct bytes text = {NULL, 0};
    if (end > reader->at) {
        text = bytes_of(reader->body.data + reader->at, end - reader->at);
    }
    enum lc_status status = packet_read_text(text, scratch, out_packet);
    if (status == LC_OK) {
        reader->at_end = end == reader->body.size;
        reader->at = end + 1;
    }
    return status;
}
