#include "tests/bench/load_event.h"

#include <inttypes.h>

// `0000000001 00000000012345678901 ....`: number, date, filling.
#define HEAD "42[\"news\",\""
#define TAIL "\"]"

enum {
    NUMBER_SIZE = 10,
    DATE_SIZE = 20,
    HEAD_SIZE = sizeof HEAD - 1,
    FILLING = LOAD_EVENT_SIZE - HEAD_SIZE - NUMBER_SIZE - 1 - DATE_SIZE - 1 - (sizeof TAIL - 1),
};

static void put_text(struct buffer *out, uint64_t number, uint64_t now_ns, int filling)
{
    buffer_append_format(out, "\"%0*" PRIu64 " %0*" PRIu64 " ", NUMBER_SIZE, number, DATE_SIZE,
                         now_ns);
    for (int i = 0; i < filling; i++) {
        buffer_append_byte(out, 'x');
    }
    buffer_append_byte(out, '"');
}

static bool read_text(struct bytes text, uint64_t *out_number, uint64_t *out_sent_ns)
{
    return text.size > NUMBER_SIZE + 1 + DATE_SIZE &&
           bytes_to_uint64(bytes_of(text.data, NUMBER_SIZE), UINT64_MAX, out_number) &&
           bytes_to_uint64(bytes_of(text.data + NUMBER_SIZE + 1, DATE_SIZE), UINT64_MAX,
                           out_sent_ns);
}

void load_event_command(struct buffer *out, uint64_t first, unsigned count, uint64_t now_ns)
{
    buffer_append_text(out, "42[\"broadcast\"");
    for (unsigned i = 0; i < count; i++) {
        buffer_append_byte(out, ',');
        put_text(out, first + i, now_ns, FILLING);
    }
    buffer_append_byte(out, ']');
}

bool load_event_read(struct bytes packet, uint64_t *out_number, uint64_t *out_sent_ns)
{
    return packet.size == LOAD_EVENT_SIZE && bytes_starts_with(packet, bytes_text(HEAD)) &&
           memcmp(packet.data + packet.size - 3, "x" TAIL, 3) == 0 &&
           read_text(bytes_from(packet, HEAD_SIZE), out_number, out_sent_ns);
}

void load_event_echo(struct buffer *out, uint64_t id, uint64_t now_ns)
{
    buffer_append_format(out, "42%" PRIu64 "[\"echo\",", id);
    put_text(out, id, now_ns, 1);
    buffer_append_byte(out, ']');
}

bool load_event_read_echo(struct bytes packet, uint64_t *out_id, uint64_t *out_sent_ns)
{
    size_t bracket = bytes_find(packet, '[', 0);
    uint64_t id = 0;
    uint64_t number = 0;
    if (bracket < 3 || !bytes_starts_with(packet, bytes_text("43")) ||
        !bytes_to_uint64(bytes_of(packet.data + 2, bracket - 2), UINT64_MAX, &id) ||
        !read_text(bytes_from(packet, bracket + 2), &number, out_sent_ns) || number != id) {
        return false;
    }
    *out_id = id;
    return true;
}

// In microseconds: JSON's numbers are exact to 2^53.
void load_event_time(struct buffer *out, uint64_t id, uint64_t now_ns)
{
    buffer_append_format(out, "42%" PRIu64 "[\"sync_time\",{\"t0\":%" PRIu64 "}]", id,
                         now_ns / 1000);
}

bool load_event_read_time(struct bytes packet, uint64_t *out_id, uint64_t *out_sent_ns)
{
    static const char middle[] = "[{\"ok\":true,\"t0\":";
    size_t bracket = bytes_find(packet, '[', 0);
    struct bytes rest = bytes_from(packet, bracket);
    uint64_t id = 0;
    uint64_t sent_us = 0;
    if (bracket < 3 || !bytes_starts_with(packet, bytes_text("43")) ||
        !bytes_starts_with(rest, bytes_text(middle)) ||
        !bytes_to_uint64(bytes_of(packet.data + 2, bracket - 2), UINT64_MAX, &id)) {
        return false;
    }
    rest = bytes_from(rest, sizeof middle - 1);
    if (!bytes_to_uint64(bytes_of(rest.data, bytes_find(rest, ',', 0)), UINT64_MAX / 1000,
                         &sent_us)) {
        return false;
    }
    *out_id = id;
    *out_sent_ns = sent_us * 1000;
    return true;
}
