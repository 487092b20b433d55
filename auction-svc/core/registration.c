#include <stdlib.h>

#include "auction-svc/core/decide.h"

// p1, p2 ... are given by the sale itself, in the order of joining.
static bool id_is_ours(const struct participant_id *id)
{
    const char *digits = id->text + 1;
    return id->text[0] == 'p' && *digits != 0 && digits[strspn(digits, "0123456789")] == 0;
}

// The first member that is wrong, NULL when all are right.
static const char *invite_wrong_member(const struct sale *sale, const struct sale_command *command,
                                       int64_t now_ms)
{
    int64_t expires_at_ms = command->as.create_invite.expires_at_ms;
    bool personal = command->as.create_invite.participant.text[0] != 0;
    if (sale_invite_index(sale, command->as.create_invite.hash) >= 0) {
        return "invite_hash";
    }
    if (command->as.create_invite.role == ROLE_NONE ||
        (personal && command->as.create_invite.role != ROLE_BIDDER)) {
        return "role";
    }
    if (command->as.create_invite.uses < 0 || command->as.create_invite.uses > INVITE_USES_MAX) {
        return "uses";
    }
    if (expires_at_ms != 0 && (expires_at_ms <= now_ms || expires_at_ms > TIME_MS_MAX)) {
        return "expires_at";
    }
    return NULL;
}

void decide_create_invite(const struct sale *sale, const struct sale_command *command,
                          int64_t now_ms, struct decision *out)
{
    const struct participant_id *participant = &command->as.create_invite.participant;
    if (command->as.create_invite.role == ROLE_ADMIN && command->role != ROLE_ADMIN) {
        decision_refuse(out, ERROR_FORBIDDEN, "role"); // nobody hands out more than he has
        return;
    }
    const char *wrong = invite_wrong_member(sale, command, now_ms);
    if (wrong != NULL) {
        decision_refuse(out, ERROR_BAD_REQUEST, wrong);
        return;
    }
    if (id_is_ours(participant) && sale_participant_index(sale, participant) < 0) {
        decision_refuse(out, ERROR_NOT_FOUND, "participant");
        return;
    }
    if (sale->invites_count >= SALE_INVITES_MAX) {
        decision_refuse(out, ERROR_TOO_MANY, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_INVITE_CREATED, now_ms);
    memcpy(event->as.invite_created.hash, command->as.create_invite.hash, INVITE_HASH_SIZE);
    event->as.invite_created.role = command->as.create_invite.role;
    event->as.invite_created.uses = command->as.create_invite.uses;
    event->as.invite_created.expires_at_ms = command->as.create_invite.expires_at_ms;
    event->as.invite_created.participant = *participant;
}

static const struct invite *invite_find(const struct sale *sale,
                                        const uint8_t hash[INVITE_HASH_SIZE], int64_t now_ms)
{
    int64_t index = sale_invite_index(sale, hash);
    if (index < 0) {
        return NULL;
    }
    const struct invite *invite = &sale->invites[index];
    bool expired = invite->expires_at_ms != 0 && now_ms >= invite->expires_at_ms;
    return expired || invite->uses_left == 0 ? NULL : invite;
}

// Somebody who takes part already, or whose role takes no part: only the use is counted.
static void use_add(const struct sale_command *command, int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_INVITE_USED, now_ms);
    memcpy(event->as.invite_used.invite_hash, command->as.join.invite_hash, INVITE_HASH_SIZE);
}

static void participant_add(const struct sale *sale, const struct sale_command *command,
                            const struct invite *invite, int64_t now_ms, struct decision *out)
{
    if (sale->participants_count >= SALE_PARTICIPANTS_MAX) {
        decision_refuse(out, ERROR_TOO_MANY, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_PARTICIPANT_JOINED, now_ms);
    struct participant_id id = invite->participant;
    participant_number(sale, &id, event->as.participant_joined.paddle);
    event->as.participant_joined.participant = id;
    event->as.participant_joined.name = command->as.join.name;
    event->as.participant_joined.role = invite->role;
    event->as.participant_joined.pending =
        sale->definition.rules.registration == REGISTRATION_APPROVAL;
    memcpy(event->as.participant_joined.invite_hash, command->as.join.invite_hash,
           INVITE_HASH_SIZE);
    out->joined = id;
}

void decide_join(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out)
{
    const struct invite *invite = invite_find(sale, command->as.join.invite_hash, now_ms);
    if (invite == NULL) {
        decision_refuse(out, ERROR_INVITE_INVALID, NULL);
        return;
    }
    if (!line_is_legal(command->as.join.name, 1, PARTICIPANT_NAME_SIZE_MAX)) {
        decision_refuse(out, ERROR_BAD_REQUEST, "name");
        return;
    }
    int64_t known = sale_participant_index(sale, &invite->participant);
    if (known >= 0 && sale->participants[known].status == PARTICIPANT_BLOCKED) {
        decision_refuse(out, ERROR_FORBIDDEN, NULL);
        return;
    }
    if (known >= 0) { // a personal invitation on a second device
        use_add(command, now_ms, out);
        out->joined = invite->participant;
    } else if (invite->role == ROLE_BIDDER) {
        participant_add(sale, command, invite, now_ms, out);
    } else {
        use_add(command, now_ms, out);
    }
    out->joined_role = out->refusal == ERROR_NONE ? invite->role : ROLE_NONE;
}

void decide_block(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out)
{
    if (sale_participant_index(sale, &command->as.block.participant) < 0) {
        decision_refuse(out, ERROR_NOT_FOUND, "participant");
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_PARTICIPANT_BLOCKED, now_ms);
    event->as.participant_blocked.participant = command->as.block.participant;
    event->as.participant_blocked.blocked = command->as.block.blocked;
}
