#include "lib/os/os_file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

enum lc_status os_file_read(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return errno == ENOENT ? LC_ERR_NOT_FOUND : LC_ERR_IO;
    }
    uint8_t part[4096];
    size_t size;
    while ((size = fread(part, 1, sizeof part, file)) > 0) {
        buffer_append(out, bytes_of(part, size));
    }
    enum lc_status status = ferror(file) ? LC_ERR_IO : buffer_status(out);
    fclose(file);
    return status;
}

void os_random(uint8_t *data, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = getrandom(data + have, size - have, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        LC_ASSERT(got > 0);
        have += (size_t)got;
    }
}

void os_random_hex(size_t size, char *out_text)
{
    uint8_t raw[64];
    LC_ASSERT(size <= sizeof raw);
    os_random(raw, size);
    for (size_t i = 0; i < size; i++) {
        static const char digits[] = "0123456789abcdef";
        out_text[2 * i] = digits[raw[i] >> 4];
        out_text[2 * i + 1] = digits[raw[i] & 15];
    }
    out_text[2 * size] = 0;
}
