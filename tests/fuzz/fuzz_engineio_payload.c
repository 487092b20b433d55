// Engine.IO payloads: whatever is read is read to the end, and binary comes back as it was written.
#include "bridge/engineio/base64.h"
#include "bridge/engineio/payload.h"
#include "bridge/engineio/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_base64(struct bytes data)
{
    struct buffer text;
    struct buffer back;
    buffer_init(&text, 1 << 20);
    buffer_init(&back, 1 << 20);
    base64_append(&text, data);
    LC_ASSERT(base64_decode(buffer_bytes(&text), &back) == LC_OK);
    LC_ASSERT(bytes_equal(buffer_bytes(&back), data));
    buffer_release(&text);
    buffer_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes body = bytes_of(data, size);
    struct buffer scratch;
    buffer_init(&scratch, 1000);
    struct payload_reader reader = payload_reader_on(body);
    struct engineio_packet packet;
    size_t packets = 0;
    while (!reader.at_end && payload_next(&reader, &scratch, &packet) == LC_OK) {
        LC_ASSERT(packet.data.size <= size && ++packets <= size);
        if (packet.binary) {
            check_base64(packet.data);
        }
    }
    char value[20];
    (void)query_value(body, "sid", value, sizeof value);
    buffer_release(&scratch);
    return 0;
}
