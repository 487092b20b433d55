// Commands that are larger than a packet: their text comes in parts before them.
//
// Purity:    pure (allocates)
// Units:     *_ms engine time
// Ownership: imports_init/release; parts are copied; what imports_find() gives is valid until the next
//            call
// Errors:    imports_add: LC_ERR_BAD_INPUT (a part is missing before it), LC_ERR_FULL (larger than
//            IMPORT_SIZE_MAX): the whole import is forgotten; LC_ERR_NO_MEMORY
// Order:     parts 0, 1, 2 ... then the command that names them; a part that comes twice counts once.
//            Of too many imports the one longest untouched is forgotten; a restart forgets all: their
//            commands are refused, and nothing was done
// Source:    docs/PROTOCOL.md, Imports
#ifndef LOTCAST_SERVICE_IMPORTS_H
#define LOTCAST_SERVICE_IMPORTS_H

#include "lib/base/buffer.h"
#include "lib/base/id.h"

enum { IMPORTS_MAX = 8, IMPORT_SIZE_MAX = 16 * 1024 * 1024, IMPORT_LIFE_MS = 60000 };

struct import {
    struct client_id client; // who sends it
    struct command_id id;    // "": the place is free
    int64_t parts;
    int64_t touched_ms;
    struct buffer text;
};

struct imports {
    struct import items[IMPORTS_MAX];
};

void imports_init(struct imports *imports);
void imports_release(struct imports *imports);

LC_MUST_CHECK enum lc_status imports_add(struct imports *imports, const struct client_id *client,
                                         const struct command_id *id, int64_t part,
                                         struct bytes text, int64_t now_ms);

// NULL when there is none.
const struct import *imports_find(const struct imports *imports, const struct client_id *client,
                                  const struct command_id *id);
void imports_forget(struct imports *imports, const struct client_id *client,
                    const struct command_id *id);

#endif
