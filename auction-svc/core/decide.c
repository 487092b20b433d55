#include "auction-svc/core/decide.h"

#include <stdlib.h>

#include "auction-svc/core/gavel.h"
#include "auction-svc/core/matching.h"

struct sale_event *decision_add(struct decision *out, enum sale_event_kind kind, int64_t now_ms)
{
    LC_ASSERT(out->events_count < DECISION_EVENTS_MAX);
    struct sale_event *event = &out->events[out->events_count++];
    event->kind = kind;
    event->at_ms = now_ms;
    return event;
}

void decision_refuse(struct decision *out, enum error_code code, const char *detail)
{
    LC_ASSERT(code != ERROR_NONE);
    out->refusal = code;
    out->detail = detail;
    out->events_count = 0;
}

void decision_refuse_item(struct decision *out, enum error_code code, const char *list, size_t at,
                          const char *detail)
{
    decision_refuse(out, code, detail);
    out->detail_list = list;
    out->detail_at = at;
}

void decision_init(struct decision *out)
{
    out->refusal = ERROR_NONE;
    out->detail = NULL;
    out->detail_list = NULL;
    out->detail_at = 0;
    out->events_count = 0;
    out->lots = NULL;
    out->participants = NULL;
    out->awards = NULL;
    out->indexes = NULL;
    out->joined = (struct participant_id){0};
    out->joined_role = ROLE_NONE;
}

void decision_release(struct decision *decision)
{
    free(decision->lots);
    free(decision->participants);
    free(decision->awards);
    free(decision->indexes);
    decision->lots = NULL;
    decision->participants = NULL;
    decision->awards = NULL;
    decision->indexes = NULL;
}

static void decide_reset(const struct sale *sale, const struct sale_command *command,
                         int64_t now_ms, struct decision *out)
{
    if (sale->phase != SALE_PAUSED && sale->phase != SALE_COMPLETE) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_SALE_RESET, now_ms);
    memset(event->as.sale_reset.seed, 0, SEED_SIZE);
    if (sale_definition_has_seed(&sale->definition)) {
        memcpy(event->as.sale_reset.seed, command->as.reset.seed, SEED_SIZE);
    }
}

static void decide_delete(const struct sale *sale, const struct sale_command *command,
                          int64_t now_ms, struct decision *out)
{
    (void)sale;
    (void)command;
    decision_add(out, EVENT_SALE_DELETED, now_ms);
}

static void decide_announce(const struct sale *sale, const struct sale_command *command,
                            int64_t now_ms, struct decision *out)
{
    struct bytes text = command->as.announce.text;
    if (!line_is_legal(text, 1, NOTICE_SIZE_MAX)) {
        decision_refuse(out, ERROR_BAD_REQUEST, "text");
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_NOTICE, now_ms);
    event->as.notice.text = text;
    event->as.notice.by = (struct participant_id){0};
    if (sale_participant_index(sale, &command->by) >= 0) {
        event->as.notice.by = command->by;
    }
}

#define ROLE_BIT(role) (1U << (role))
#define ROLES_STAFF (ROLE_BIT(ROLE_AUCTIONEER) | ROLE_BIT(ROLE_ADMIN))
#define ROLES_CLERK (ROLES_STAFF | ROLE_BIT(ROLE_CLERK))
#define ROLES_ALL (~0U)

static const struct {
    void (*decide)(const struct sale *, const struct sale_command *, int64_t, struct decision *);
    unsigned roles; // set of ROLE_BIT
} ops[] = {
    [SALE_OP_ADD_LOTS] = {decide_add_lots, ROLES_STAFF},
    [SALE_OP_CREATE_INVITE] = {decide_create_invite, ROLES_STAFF},
    [SALE_OP_JOIN] = {decide_join, ROLES_ALL},
    [SALE_OP_BLOCK] = {decide_block, ROLES_STAFF},
    [SALE_OP_BEGIN] = {decide_begin, ROLES_STAFF},
    [SALE_OP_PAUSE] = {decide_pause, ROLES_STAFF},
    [SALE_OP_RESUME] = {decide_resume, ROLES_STAFF},
    [SALE_OP_NEXT] = {decide_next, ROLES_STAFF},
    [SALE_OP_RESET] = {decide_reset, ROLES_STAFF},
    [SALE_OP_DELETE] = {decide_delete, ROLE_BIT(ROLE_ADMIN)},
    [SALE_OP_ANNOUNCE] = {decide_announce, ROLES_STAFF},
    // Of what bidders do, the role has its place in the order of a bid's checks.
    [SALE_OP_BID] = {decide_bid, ROLES_ALL},
    [SALE_OP_SET_MAX] = {decide_set_max, ROLES_ALL},
    [SALE_OP_WITHDRAW_MAX] = {decide_withdraw_max, ROLES_ALL},
    [SALE_OP_BUY_NOW] = {decide_buy_now, ROLES_ALL},
    [SALE_OP_PASS] = {decide_pass, ROLES_ALL},
    [SALE_OP_FLOOR_BID] = {decide_floor_bid, ROLES_CLERK},
    [SALE_OP_UNDO] = {decide_undo, ROLES_CLERK},
    [SALE_OP_SET_ASK] = {decide_set_ask, ROLES_STAFF},
    [SALE_OP_SELL] = {decide_sell, ROLES_STAFF},
    [SALE_OP_PASS_IN] = {decide_pass_in, ROLES_STAFF},
    [SALE_OP_WARN] = {decide_warn, ROLES_STAFF},
    [SALE_OP_ADD_TIME] = {decide_add_time, ROLES_STAFF},
    [SALE_OP_REOPEN] = {decide_reopen, ROLES_STAFF},
    [SALE_OP_WITHDRAW_LOT] = {decide_withdraw_lot, ROLES_STAFF},
    [SALE_OP_TAKE_GAVEL] = {decide_take_gavel, ROLES_STAFF},
    [SALE_OP_NOMINATE] = {decide_nominate, ROLES_ALL},
    [SALE_OP_SUBMIT_NAMES] = {decide_submit_names, ROLES_ALL},
    [SALE_OP_MATCH] = {decide_match, ROLES_ALL},
    [SALE_OP_RAISE_MATCH] = {decide_raise_match, ROLES_ALL},
    [SALE_OP_ADD_PARTICIPANTS] = {decide_add_participants, ROLES_CLERK},
    [SALE_OP_SET_PARTICIPANT] = {decide_set_participant, ROLES_STAFF},
};

void sale_decide(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out)
{
    LC_ASSERT((size_t)command->op < sizeof ops / sizeof ops[0]);
    decision_init(out);
    if (sale->title == NULL || sale->phase == SALE_GONE) {
        decision_refuse(out, ERROR_NOT_FOUND, NULL);
        return;
    }
    if ((ops[command->op].roles & ROLE_BIT(command->role)) == 0) {
        decision_refuse(out, ERROR_FORBIDDEN, NULL);
        return;
    }
    if (!gavel_allows(sale, command)) {
        decision_refuse(out, ERROR_NO_GAVEL, NULL);
        return;
    }
    ops[command->op].decide(sale, command, now_ms, out);
}
