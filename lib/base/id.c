#include "lib/base/id.h"

static bool id_is_legal(struct bytes text, size_t size_max)
{
    if (text.size == 0 || text.size > size_max) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '-';
        if (!legal) {
            return false;
        }
    }
    return true;
}

static bool id_copy(struct bytes text, size_t size_max, char *out_text)
{
    if (!id_is_legal(text, size_max)) {
        return false;
    }
    memset(out_text, 0, size_max + 1);
    memcpy(out_text, text.data, text.size);
    return true;
}

bool sale_id_read(struct bytes text, struct sale_id *out_id)
{
    return id_copy(text, ID_SIZE_MAX, out_id->text);
}

bool lot_id_read(struct bytes text, struct lot_id *out_id)
{
    return id_copy(text, ID_SIZE_MAX, out_id->text);
}

bool participant_id_read(struct bytes text, struct participant_id *out_id)
{
    return id_copy(text, ID_SIZE_MAX, out_id->text);
}

bool client_id_read(struct bytes text, struct client_id *out_id)
{
    return id_copy(text, ID_SIZE_MAX, out_id->text);
}

bool command_id_read(struct bytes text, struct command_id *out_id)
{
    return id_copy(text, COMMAND_ID_SIZE_MAX, out_id->text);
}

static const char *const role_names[] = {
    [ROLE_NONE] = "none",   [ROLE_VIEWER] = "viewer",         [ROLE_BIDDER] = "bidder",
    [ROLE_CLERK] = "clerk", [ROLE_AUCTIONEER] = "auctioneer", [ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
    return role_names[role];
}

bool role_read(struct bytes text, enum role *out_role)
{
    for (size_t i = ROLE_VIEWER; i < sizeof role_names / sizeof role_names[0]; i++) {
        if (bytes_equal_text(text, role_names[i])) {
            *out_role = (enum role)i;
            return true;
        }
    }
    return false;
}
