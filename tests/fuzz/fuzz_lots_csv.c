#include "bridge/app/lots_csv.h"
#include "lib/json/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Whatever the bytes: either nothing is written and the fault has a place, or an array of lots is.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer out;
    struct json *document;
    struct lots_csv_error error = {.why = NULL};
    buffer_init(&out, (size_t)RESPONSE_SIZE_MAX);
    if (lots_csv_read(bytes_of(data, size), &out, &error)) {
        LC_ASSERT(json_parse(buffer_bytes(&out), &document) == LC_OK);
        LC_ASSERT(json_is_array(document) && json_count(document) > 0);
        LC_ASSERT(json_count(document) <= LOTS_IN_ONE_COMMAND_MAX);
        for (const struct json *lot = json_first(document); lot != NULL; lot = json_next(lot)) {
            int64_t opening;
            struct bytes title;
            LC_ASSERT(json_to_int64(json_member(lot, "opening"), &opening) && opening >= 0);
            LC_ASSERT(json_to_text(json_member(lot, "title"), &title) && title.size > 0);
        }
        json_destroy(document);
    } else {
        LC_ASSERT(out.size == 0 && error.why != NULL && error.row > 0);
    }
    buffer_release(&out);
    return 0;
}
