#include "auctionctl/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/os/os_file.h"

enum { KEY_FILE_SIZE_MAX = 64 * 1024 };

enum lc_status key_file_create(const char *path)
{
    char kid[9];
    char secret[2 * SIGNING_KEY_SIZE + 1];
    os_random_hex(4, kid);
    os_random_hex(SIGNING_KEY_SIZE, secret);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return errno == EEXIST ? LC_ERR_EXISTS : LC_ERR_IO;
    }
    char line[128];
    int size = snprintf(line, sizeof line, "k%s %s\n", kid, secret);
    bool written = write(descriptor, line, (size_t)size) == size && fsync(descriptor) == 0;
    bool closed = close(descriptor) == 0;
    if (!written || !closed) {
        unlink(path);
        return LC_ERR_IO;
    }
    return LC_OK;
}

static int digit_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static bool key_line_read(struct bytes line, struct signing_key *out_key)
{
    struct signing_key key = {.kid = ""};
    size_t space = bytes_find(line, ' ', 0);
    if (space == 0 || space > SIGNING_KEY_ID_SIZE_MAX ||
        line.size != space + 1 + (size_t)2 * SIGNING_KEY_SIZE) {
        return false;
    }
    memcpy(key.kid, line.data, space);
    for (size_t i = 0; i < SIGNING_KEY_SIZE; i++) {
        int high = digit_value(line.data[space + 1 + 2 * i]);
        int low = digit_value(line.data[space + 2 + 2 * i]);
        if (high < 0 || low < 0) {
            return false;
        }
        key.secret[i] = (uint8_t)(high * 16 + low);
    }
    *out_key = key;
    return true;
}

enum lc_status key_file_read(const char *path, struct signing_key *out_key)
{
    struct buffer text;
    buffer_init(&text, KEY_FILE_SIZE_MAX);
    enum lc_status status = os_file_read(path, &text);
    if (status == LC_OK) {
        struct bytes all = buffer_bytes(&text);
        struct bytes line = bytes_of(all.data, bytes_find(all, '\n', 0));
        if (!key_line_read(line, out_key)) {
            status = LC_ERR_BAD_INPUT;
        }
    }
    if (text.data != NULL) {
        explicit_bzero(text.data, text.size);
    }
    buffer_release(&text);
    return status;
}
