#include "bridge/app/pending_commands.h"

#include <inttypes.h>

enum { NO_SLOT = UINT32_MAX >> 1 };

struct slot {
    struct pending_command command;
    uint64_t serial; // 0: free
    uint32_t next;   // in the list of its state
    uint32_t previous;
};

struct pending_commands {
    uint64_t nonce;
    uint64_t last_serial;
    uint32_t free_first;
    uint32_t oldest;
    uint32_t newest;
    size_t count;
    struct slot slots[PENDING_COMMANDS_MAX];
};

enum lc_status pending_commands_create(uint64_t nonce, struct pending_commands **out_pending)
{
    struct pending_commands *pending = calloc(1, sizeof *pending);
    if (pending == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    pending->nonce = nonce;
    pending->oldest = NO_SLOT;
    pending->newest = NO_SLOT;
    for (uint32_t i = 0; i < PENDING_COMMANDS_MAX; i++) {
        pending->slots[i].next = i + 1 < PENDING_COMMANDS_MAX ? i + 1 : NO_SLOT;
    }
    *out_pending = pending;
    return LC_OK;
}

void pending_commands_destroy(struct pending_commands *pending)
{
    free(pending);
}

enum lc_status pending_commands_add(struct pending_commands *pending,
                                    const struct pending_command *command,
                                    char out_tag[WIRE_REPLY_TAG_SIZE_MAX + 1])
{
    uint32_t index = pending->free_first;
    if (index == NO_SLOT) {
        return LC_ERR_FULL;
    }
    struct slot *slot = &pending->slots[index];
    pending->free_first = slot->next;
    slot->command = *command;
    slot->serial = ++pending->last_serial;
    slot->next = NO_SLOT;
    slot->previous = pending->newest;
    if (pending->newest == NO_SLOT) {
        pending->oldest = index;
    } else {
        pending->slots[pending->newest].next = index;
    }
    pending->newest = index;
    pending->count++;
    snprintf(out_tag, WIRE_REPLY_TAG_SIZE_MAX + 1, "%016" PRIx64 "-%" PRIu32 "-%" PRIu64,
             pending->nonce, index, slot->serial);
    return LC_OK;
}

static void take_out(struct pending_commands *pending, uint32_t index,
                     struct pending_command *out_command)
{
    struct slot *slot = &pending->slots[index];
    if (slot->previous == NO_SLOT) {
        pending->oldest = slot->next;
    } else {
        pending->slots[slot->previous].next = slot->next;
    }
    if (slot->next == NO_SLOT) {
        pending->newest = slot->previous;
    } else {
        pending->slots[slot->next].previous = slot->previous;
    }
    *out_command = slot->command;
    memset(&slot->command, 0, sizeof slot->command); // an invite must not linger
    slot->serial = 0;
    slot->next = pending->free_first;
    pending->free_first = index;
    pending->count--;
}

bool pending_commands_take(struct pending_commands *pending, const char *tag,
                           struct pending_command *out_command)
{
    char nonce[17];
    struct bytes text = bytes_text(tag);
    size_t first = bytes_find(text, '-', 0);
    size_t second = bytes_find(text, '-', first + 1);
    uint64_t index;
    uint64_t serial;
    snprintf(nonce, sizeof nonce, "%016" PRIx64, pending->nonce);
    if (second >= text.size || !bytes_equal_text((struct bytes){text.data, first}, nonce) ||
        !bytes_to_uint64((struct bytes){text.data + first + 1, second - first - 1},
                         PENDING_COMMANDS_MAX - 1, &index) ||
        !bytes_to_uint64(bytes_from(text, second + 1), INT64_MAX, &serial) || serial == 0 ||
        pending->slots[index].serial != serial) {
        return false;
    }
    take_out(pending, (uint32_t)index, out_command);
    return true;
}

bool pending_commands_expire(struct pending_commands *pending, int64_t now_ms,
                             struct pending_command *out_command)
{
    if (now_ms < pending_commands_deadline_ms(pending)) {
        return false;
    }
    take_out(pending, pending->oldest, out_command);
    return true;
}

int64_t pending_commands_deadline_ms(const struct pending_commands *pending)
{
    return pending->oldest == NO_SLOT
               ? INT64_MAX
               : pending->slots[pending->oldest].command.sent_ms + COMMAND_TIMEOUT_MS;
}

bool pending_commands_waits(const struct pending_commands *pending, uint64_t socket)
{
    for (uint32_t i = pending->oldest; i != NO_SLOT; i = pending->slots[i].next) {
        const struct pending_command *command = &pending->slots[i].command;
        if (command->kind == PENDING_SOCKET && command->socket == socket) {
            return true;
        }
    }
    return false;
}

size_t pending_commands_count(const struct pending_commands *pending)
{
    return pending->count;
}
