// Any bytes as a chunked body: read in one piece or byte by byte, it is the same body.
#include "bridge/http/chunk_decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = {data, size};
    struct chunk_decoder whole = {0};
    struct chunk_decoder bytewise = {0};
    struct buffer out;
    struct buffer again;
    size_t used = 0;
    size_t used_again = 0;
    buffer_init(&out, OUT_MAX);
    buffer_init(&again, OUT_MAX);
    enum chunks_result result = chunk_decoder_feed(&whole, text, &out, &used);
    enum chunks_result result_again = CHUNKS_MORE;
    while (used_again < size && result_again == CHUNKS_MORE) {
        size_t one = 0;
        result_again =
            chunk_decoder_feed(&bytewise, (struct bytes){data + used_again, 1}, &again, &one);
        LC_ASSERT(one == 1);
        used_again++;
    }
    LC_ASSERT(result == result_again && used == used_again && used <= size);
    LC_ASSERT(buffer_status(&out) == buffer_status(&again));
    LC_ASSERT(bytes_equal(buffer_bytes(&out), buffer_bytes(&again)));
    LC_ASSERT(out.size <= used);
    buffer_release(&out);
    buffer_release(&again);
    return 0;
}
