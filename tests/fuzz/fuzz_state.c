// The state of a sale behind the line of names: whatever it says, it is refused or read, and what was
// read is written, read and written again as the same text.
#include "auction-svc/core/sale_state.h"
#include "auction-svc/core/state_table.h"

enum { TEXT_SIZE_MAX = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer text;
    struct buffer again;
    struct sale *sale = NULL;
    struct sale *copy = NULL;
    buffer_init(&text, TEXT_SIZE_MAX);
    buffer_init(&again, TEXT_SIZE_MAX);
    state_write_names(&text);
    buffer_append(&text, bytes_of(data, size));
    if (buffer_status(&text) == LC_OK && sale_load(buffer_bytes(&text), &sale) == LC_OK) {
        buffer_clear(&text);
        sale_dump(sale, &text);
        LC_ASSERT(buffer_status(&text) == LC_OK);
        LC_ASSERT(sale_load(buffer_bytes(&text), &copy) == LC_OK);
        sale_dump(copy, &again);
        LC_ASSERT(bytes_equal(buffer_bytes(&text), buffer_bytes(&again)));
    }
    sale_destroy(sale);
    sale_destroy(copy);
    buffer_release(&text);
    buffer_release(&again);
    return 0;
}
