// Small files and random bytes from the operating system.
//
// Purity:    reads files, getrandom(2)
// Ownership: results go into the caller's buffer
// Errors:    LC_ERR_NOT_FOUND, LC_ERR_IO, LC_ERR_FULL (larger than the buffer's maximum)
#ifndef LOTCAST_OS_FILE_H
#define LOTCAST_OS_FILE_H

#include "lib/base/buffer.h"

// Appends the whole file to `out`.
LC_MUST_CHECK enum lc_status os_file_read(const char *path, struct buffer *out);

// Fills `data` with bytes that nobody can guess; aborts when the kernel cannot give them.
void os_random(uint8_t *data, size_t size);

// Writes 2*size hexadecimal digits and a NUL of fresh random bytes; `size` at most 64.
void os_random_hex(size_t size, char *out_text);

#endif
