#include "bridge/app/list_csv.h"
#include "lib/json/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_items(const struct json *items, enum list_csv_kind kind)
{
    bool are_lots = kind == LIST_CSV_LOTS;
    LC_ASSERT(json_is_array(items) && json_count(items) > 0);
    LC_ASSERT(json_count(items) <= (are_lots ? LIST_LOTS_MAX : LIST_PARTICIPANTS_MAX));
    for (const struct json *item = json_first(items); item != NULL; item = json_next(item)) {
        int64_t opening = 1;
        struct bytes text;
        LC_ASSERT(!are_lots || json_to_int64(json_member(item, "opening"), &opening));
        LC_ASSERT(json_to_text(json_member(item, are_lots ? "title" : "name"), &text));
        LC_ASSERT(opening >= 1 && text.size > 0);
    }
}

// Whatever the bytes: either nothing is written and the fault has a place, or an array is.
static void read_as(enum list_csv_kind kind, struct bytes csv)
{
    struct buffer out;
    struct json *document;
    struct list_csv_error error = {.why = NULL};
    buffer_init(&out, (size_t)IMPORT_SIZE_MAX);
    if (list_csv_read(kind, csv, &out, &error)) {
        LC_ASSERT(json_parse(buffer_bytes(&out), &document) == LC_OK);
        check_items(document, kind);
        json_destroy(document);
    } else {
        LC_ASSERT(out.size == 0 && error.why != NULL && error.row > 0);
    }
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct list_csv_error error;
    read_as(LIST_CSV_LOTS, bytes_of(data, size));
    read_as(LIST_CSV_PARTICIPANTS, bytes_of(data, size));
    (void)list_csv_place(bytes_of(data, size), &error);
    return 0;
}
