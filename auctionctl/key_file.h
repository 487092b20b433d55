// The file with the keys that sign tokens: lines `kid secret`, the secret in 64 hexadecimal digits.
//
// Purity:    reads and writes files
// Errors:    create: LC_ERR_EXISTS (never overwrites), LC_ERR_IO. read: LC_ERR_NOT_FOUND,
// LC_ERR_IO,
//            LC_ERR_BAD_INPUT (a first line of another form)
// Source:    docs/PROTOCOL.md, Token; the first line signs, all lines verify
#ifndef LOTCAST_CTL_KEY_FILE_H
#define LOTCAST_CTL_KEY_FILE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum { SIGNING_KEY_SIZE = 32, SIGNING_KEY_ID_SIZE_MAX = 32 };

struct signing_key {
    char kid[SIGNING_KEY_ID_SIZE_MAX + 1];
    uint8_t secret[SIGNING_KEY_SIZE];
};

// Makes a file of one fresh key, readable by its owner only.
LC_MUST_CHECK enum lc_status key_file_create(const char *path);

// Reads the key that signs.
LC_MUST_CHECK enum lc_status key_file_read(const char *path, struct signing_key *out_key);

#endif
