#include "bridge/app/event_offset.h"

#include <stdio.h>

void event_offset_write(const struct event_offset *offset, char out_text[EVENT_OFFSET_SIZE_MAX + 1])
{
    snprintf(out_text, EVENT_OFFSET_SIZE_MAX + 1, "%s:%lld.%lld", offset->sale.text,
             (long long)offset->epoch, (long long)offset->seq);
}

// A number of at least 1, without zeros in front: there is one spelling of each.
static bool read_number(struct bytes text, int64_t *out_number)
{
    uint64_t number;
    if (text.size == 0 || text.data[0] == '0' || !bytes_to_uint64(text, INT64_MAX, &number)) {
        return false;
    }
    *out_number = (int64_t)number;
    return true;
}

bool event_offset_read(struct bytes text, struct event_offset *out_offset)
{
    struct event_offset offset;
    size_t colon = bytes_find(text, ':', 0);
    size_t point = bytes_find(text, '.', colon);
    if (point >= text.size || !sale_id_read((struct bytes){text.data, colon}, &offset.sale) ||
        !read_number((struct bytes){text.data + colon + 1, point - colon - 1}, &offset.epoch) ||
        !read_number(bytes_from(text, point + 1), &offset.seq)) {
        return false;
    }
    *out_offset = offset;
    return true;
}

struct bytes event_offset_cut(struct bytes arguments)
{
    struct event_offset offset;
    size_t end = arguments.size == 0 ? 0 : arguments.size - 1;
    size_t begin = end;
    if (end == 0 || arguments.data[end] != '"') {
        return arguments;
    }
    while (begin > 0 && end - begin < EVENT_OFFSET_SIZE_MAX && arguments.data[begin - 1] != '"') {
        begin--;
    }
    struct bytes text = {arguments.data + begin, end - begin};
    bool is_behind =
        begin > 2 && arguments.data[begin - 1] == '"' && arguments.data[begin - 2] == ',';
    bool is_offset = bytes_equal_text(text, EVENT_OFFSET_NONE) || event_offset_read(text, &offset);
    return is_behind && is_offset ? (struct bytes){arguments.data, begin - 2} : arguments;
}
