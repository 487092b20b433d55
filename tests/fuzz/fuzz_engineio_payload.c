// Any bytes as the body of a POST: every packet lies inside the body or the scratch buffer, and the
// reader comes to an end.
#include "bridge/engineio/payload.h"
#include "bridge/engineio/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 65536 };

static void check_packet(const struct engineio_packet *packet)
{
    LC_ASSERT(packet->type <= ENGINEIO_NOOP);
    uint8_t sum = 0;
    for (size_t i = 0; i < packet->data.size; i++) {
        sum = (uint8_t)(sum + packet->data.data[i]);
    }
    LC_ASSERT(packet->data.size == 0 || packet->data.data != NULL);
    (void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"sid", "transport", "EIO", "t", ""};
    struct bytes body = {data, size};
    struct buffer scratch;
    struct engineio_packet packet;
    if (size > BODY_MAX) {
        return 0;
    }
    buffer_init(&scratch, BODY_MAX);
    struct payload_reader reader = payload_reader_on(body);
    for (size_t packets = 0; !reader.at_end; packets++) {
        LC_ASSERT(packets <= size + 1);
        if (payload_next(&reader, &scratch, &packet) != LC_OK) {
            break;
        }
        check_packet(&packet);
    }
    if (packet_read_text(body, &scratch, &packet) == LC_OK) {
        check_packet(&packet);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char value[20];
        (void)query_value(body, names[i], value, sizeof value);
    }
    buffer_release(&scratch);
    return 0;
}
