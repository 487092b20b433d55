#include "bridge/app/identity.h"

struct identity identity_anonymous(void)
{
    return (struct identity){.is_known = false, .role = ROLE_VIEWER};
}

bool identity_read(struct bytes subject, struct bytes sale, struct bytes role, struct bytes name,
                   int64_t expires_at_s, struct identity *out_identity)
{
    struct identity identity = {.is_known = true, .expires_at_s = expires_at_s};
    identity.is_for_all_sales = bytes_equal_text(sale, "*");
    if (!participant_id_read(subject, &identity.subject) || !role_read(role, &identity.role) ||
        (!identity.is_for_all_sales && !sale_id_read(sale, &identity.sale)) ||
        name.size > NAME_SIZE_MAX || !bytes_is_utf8(name) || expires_at_s <= 0) {
        return false;
    }
    if (identity.is_for_all_sales && identity.role == ROLE_BIDDER) {
        return false; // a participant belongs to one sale
    }
    if (name.size > 0) {
        memcpy(identity.name, name.data, name.size);
    }
    *out_identity = identity;
    return true;
}

static bool is_for_sale(const struct identity *identity, const struct sale_id *sale)
{
    return identity->is_for_all_sales || sale_id_equal(&identity->sale, sale);
}

enum error_code identity_may_view(const struct identity *identity, const struct sale_id *sale,
                                  bool sale_is_public)
{
    if (sale_is_public || (identity->is_known && is_for_sale(identity, sale))) {
        return ERROR_NONE;
    }
    return identity->is_known ? ERROR_FORBIDDEN : ERROR_UNAUTHENTICATED;
}

enum error_code identity_may_command(const struct identity *identity, const struct sale_id *sale,
                                     int64_t now_s)
{
    if (!identity->is_known) {
        return ERROR_UNAUTHENTICATED;
    }
    if (now_s >= identity->expires_at_s) {
        return ERROR_TOKEN_EXPIRED;
    }
    if (sale != NULL && !is_for_sale(identity, sale)) {
        return ERROR_FORBIDDEN;
    }
    return ERROR_NONE;
}

bool identity_is_participant(const struct identity *identity,
                             const struct participant_id *participant)
{
    return identity->is_known && identity->role == ROLE_BIDDER &&
           participant_id_equal(&identity->subject, participant);
}

bool identity_is_same(const struct identity *a, const struct identity *b)
{
    if (!a->is_known || !b->is_known) {
        return a->is_known == b->is_known;
    }
    return participant_id_equal(&a->subject, &b->subject) && a->role == b->role &&
           a->is_for_all_sales == b->is_for_all_sales &&
           (a->is_for_all_sales || sale_id_equal(&a->sale, &b->sale));
}
