// Any bytes as a CSV of lots: accepted, it is a JSON array; refused, it says where.
#include "bridge/app/lots_csv.h"
#include "lib/json/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer out;
    struct lots_csv_error error = {NULL, 0, ""};
    buffer_init(&out, RESPONSE_SIZE_MAX);
    if (lots_csv_read((struct bytes){data, size}, &out, &error)) {
        struct json *document = NULL;
        LC_ASSERT(buffer_status(&out) == LC_OK);
        LC_ASSERT(json_parse(buffer_bytes(&out), &document) == LC_OK);
        LC_ASSERT(json_is_array(document));
        LC_ASSERT(json_count(document) <= LOTS_IN_ONE_COMMAND_MAX);
        json_destroy(document);
    } else {
        LC_ASSERT(error.why != NULL && error.why[0] != 0);
        LC_ASSERT(memchr(error.column, 0, sizeof error.column) != NULL);
        LC_ASSERT(strchr(error.column, '"') == NULL); // goes into an answer as it is
    }
    buffer_release(&out);
    return 0;
}
