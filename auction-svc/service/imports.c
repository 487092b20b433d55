#include "auction-svc/service/imports.h"

void imports_init(struct imports *imports)
{
    *imports = (struct imports){0};
}

static void forget(struct import *import)
{
    buffer_release(&import->text);
    *import = (struct import){0};
}

void imports_release(struct imports *imports)
{
    for (size_t i = 0; i < IMPORTS_MAX; i++) {
        forget(&imports->items[i]);
    }
}

// Index of the import, IMPORTS_MAX when there is none.
static size_t place_of(const struct imports *imports, const struct client_id *client,
                       const struct command_id *id)
{
    size_t i = 0;
    while (i < IMPORTS_MAX &&
           (id->text[0] == 0 || strcmp(imports->items[i].id.text, id->text) != 0 ||
            strcmp(imports->items[i].client.text, client->text) != 0)) {
        i++;
    }
    return i;
}

const struct import *imports_find(const struct imports *imports, const struct client_id *client,
                                  const struct command_id *id)
{
    size_t place = place_of(imports, client, id);
    return place < IMPORTS_MAX ? &imports->items[place] : NULL;
}

void imports_forget(struct imports *imports, const struct client_id *client,
                    const struct command_id *id)
{
    size_t place = place_of(imports, client, id);
    if (place < IMPORTS_MAX) {
        forget(&imports->items[place]);
    }
}

// A free place; else that of the one longest untouched.
static struct import *place_for(struct imports *imports, int64_t now_ms)
{
    struct import *oldest = &imports->items[0];
    for (size_t i = 0; i < IMPORTS_MAX; i++) {
        struct import *import = &imports->items[i];
        if (import->id.text[0] != 0 && now_ms - import->touched_ms > IMPORT_LIFE_MS) {
            forget(import);
        }
        if (import->id.text[0] == 0 ||
            (oldest->id.text[0] != 0 && import->touched_ms < oldest->touched_ms)) {
            oldest = import;
        }
    }
    forget(oldest);
    return oldest;
}

enum lc_status imports_add(struct imports *imports, const struct client_id *client,
                           const struct command_id *id, int64_t part, struct bytes text,
                           int64_t now_ms)
{
    LC_ASSERT(imports != NULL);
    size_t place = place_of(imports, client, id);
    struct import *import = place < IMPORTS_MAX ? &imports->items[place] : NULL;
    if (import == NULL && part == 0) {
        import = place_for(imports, now_ms);
        import->client = *client;
        import->id = *id;
        buffer_init(&import->text, IMPORT_SIZE_MAX);
    }
    if (import == NULL || part > import->parts) {
        imports_forget(imports, client, id);
        return LC_ERR_BAD_INPUT;
    }
    import->touched_ms = now_ms;
    if (part < import->parts) { // delivered twice
        return LC_OK;
    }
    buffer_append(&import->text, text);
    import->parts++;
    if (buffer_status(&import->text) != LC_OK) {
        forget(import);
        return LC_ERR_FULL;
    }
    return LC_OK;
}
