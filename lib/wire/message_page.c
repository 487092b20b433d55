#include "lib/wire/wire_part.h"

static struct json_writer begin_page(struct buffer *out, struct wire_head head, int64_t page,
                                     int64_t pages, int64_t total)
{
    struct json_writer writer = wire_part_begin(out, head);
    json_write_int(&writer, "page", page);
    json_write_int(&writer, "pages", pages);
    json_write_int(&writer, "total", total);
    return writer;
}

void wire_write_lots_page(struct buffer *out, const struct wire_lots_page *page)
{
    LC_ASSERT(page->lots_count <= WIRE_PAGE_ITEMS);
    struct json_writer writer = begin_page(out, page->head, page->page, page->pages, page->total);
    json_array_begin(&writer, "lots"); // last: message_answer.c takes the array out as it stands
    for (size_t i = 0; i < page->lots_count; i++) {
        wire_part_catalogue_lot(&writer, &page->lots[i], true);
    }
    json_array_end(&writer);
    json_object_end(&writer);
}

void wire_write_participants_page(struct buffer *out, const struct wire_participants_page *page)
{
    LC_ASSERT(page->participants_count <= WIRE_PAGE_ITEMS);
    struct json_writer writer = begin_page(out, page->head, page->page, page->pages, page->total);
    json_array_begin(&writer, "participants"); // last, as above
    for (size_t i = 0; i < page->participants_count; i++) {
        wire_part_participant(&writer, NULL, &page->participants[i]);
    }
    json_array_end(&writer);
    json_object_end(&writer);
}
