#include <stdlib.h>

#include "auction-svc/core/decide.h"

// Texts of which none stands twice.
struct name_set {
    struct participant_id *items;
    size_t count;
    struct id_index index;
};

static enum lc_status name_set_init(struct name_set *set, size_t capacity)
{
    *set = (struct name_set){0};
    struct participant_id *items = calloc(capacity > 0 ? capacity : 1, sizeof *items);
    if (items == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    enum lc_status status = id_index_reserve(&set->index, items, sizeof *items, capacity);
    if (status != LC_OK) {
        free(items);
        return status;
    }
    set->items = items;
    return LC_OK;
}

static void name_set_release(struct name_set *set)
{
    free(set->items);
    id_index_release(&set->index);
}

static bool name_set_has(const struct name_set *set, const char *text)
{
    return id_index_find(&set->index, set->items, sizeof *set->items, text) >= 0;
}

// False when it is there already.
static bool name_set_add(struct name_set *set, const char *text)
{
    if (name_set_has(set, text)) {
        return false;
    }
    snprintf(set->items[set->count].text, sizeof set->items[0].text, "%s", text);
    id_index_add(&set->index, set->items, sizeof *set->items);
    set->count++;
    return true;
}

static void number_write(unsigned number, char out_paddle[PADDLE_SIZE_MAX + 1])
{
    memset(out_paddle, 0, PADDLE_SIZE_MAX + 1);
    snprintf(out_paddle, PADDLE_SIZE_MAX + 1, "%hu", (unsigned short)number);
}

static void id_write(unsigned number, struct participant_id *out_id)
{
    *out_id = (struct participant_id){0};
    snprintf(out_id->text, sizeof out_id->text, "p%hu", (unsigned short)number);
}

// p1, p2 ... with the paddles 1, 2 ... in the order of joining; numbers that the staff has given
// away are passed over.
void participant_number(const struct sale *sale, struct participant_id *io_id,
                        char io_paddle[PADDLE_SIZE_MAX + 1])
{
    bool needs_id = io_id->text[0] == 0;
    for (unsigned number = (unsigned)sale->participants_count + 1;; number++) {
        number_write(number, io_paddle);
        if (needs_id) {
            id_write(number, io_id);
        }
        bool is_taken = (needs_id && sale_participant_index(sale, io_id) >= 0) ||
                        sale_paddle_index(sale, bytes_text(io_paddle)) >= 0;
        if (!is_taken) {
            return;
        }
    }
}

struct roll { // who is there, and who comes
    struct name_set ids;
    struct name_set paddles;
    unsigned number; // the last one given
};

// The next number whose id and paddle are free, as far as they are needed.
static void roll_number(struct roll *roll, struct participant_definition *participant)
{
    bool needs_id = participant->id.text[0] == 0;
    bool needs_paddle = participant->paddle[0] == 0;
    struct participant_id id = participant->id;
    char paddle[PADDLE_SIZE_MAX + 1];
    bool is_taken = needs_id || needs_paddle;
    while (is_taken) {
        roll->number++;
        number_write(roll->number, paddle);
        if (needs_id) {
            id_write(roll->number, &id);
        }
        is_taken = (needs_id && name_set_has(&roll->ids, id.text)) ||
                   (needs_paddle && name_set_has(&roll->paddles, paddle));
    }
    if (needs_paddle) {
        memcpy(participant->paddle, paddle, sizeof participant->paddle);
        (void)name_set_add(&roll->paddles, paddle);
    }
    if (needs_id) {
        participant->id = id;
        (void)name_set_add(&roll->ids, id.text);
    }
}

static void given_names_add(struct roll *roll, const struct participant_definition *participants,
                            size_t count, struct decision *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct participant_definition *participant = &participants[i];
        if (participant->id.text[0] != 0 && !name_set_add(&roll->ids, participant->id.text)) {
            decision_refuse_item(out, ERROR_PARTICIPANT_EXISTS, "participants", i, "id");
            return;
        }
        if (participant->paddle[0] != 0 && !name_set_add(&roll->paddles, participant->paddle)) {
            decision_refuse_item(out, ERROR_PARTICIPANT_EXISTS, "participants", i, "paddle");
            return;
        }
    }
}

// Ids and paddles that were left open.
static void participants_complete(const struct sale *sale,
                                  struct participant_definition *participants, size_t count,
                                  struct decision *out)
{
    size_t known = sale == NULL ? 0 : sale->participants_count;
    struct roll roll = {.number = (unsigned)known};
    if (name_set_init(&roll.ids, known + count) != LC_OK ||
        name_set_init(&roll.paddles, known + count) != LC_OK) {
        decision_refuse(out, ERROR_INTERNAL, NULL);
        goto cleanup;
    }
    for (size_t i = 0; i < known; i++) {
        (void)name_set_add(&roll.ids, sale->participants[i].id.text);
        (void)name_set_add(&roll.paddles, sale->participants[i].paddle);
    }
    given_names_add(&roll, participants, count, out);
    for (size_t i = 0; i < count && out->refusal == ERROR_NONE; i++) {
        roll_number(&roll, &participants[i]);
    }
cleanup:
    name_set_release(&roll.ids);
    name_set_release(&roll.paddles);
}

static void participants_check(const struct sale_definition *definition,
                               const struct participant_definition *participants, size_t count,
                               struct decision *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct participant_definition *participant = &participants[i];
        const char *member = NULL;
        if (participant_definition_check(participant, &member) == ERROR_NONE) {
            member =
                purse_fit_wrong_member(definition, participant->budget_minor, participant->slots);
        }
        if (member != NULL) {
            decision_refuse_item(out, ERROR_BAD_DEFINITION, "participants", i, member);
            return;
        }
    }
}

void participants_add(const struct sale *sale, const struct sale_definition *definition,
                      const struct participant_definition *participants, size_t count,
                      int64_t now_ms, struct decision *out)
{
    size_t known = sale == NULL ? 0 : sale->participants_count;
    if (count > SALE_PARTICIPANTS_MAX - known) {
        decision_refuse(out, ERROR_TOO_MANY, "participants");
        return;
    }
    participants_check(definition, participants, count, out);
    if (out->refusal != ERROR_NONE) {
        return;
    }
    out->participants = malloc(count * sizeof *out->participants);
    if (out->participants == NULL) {
        decision_refuse(out, ERROR_INTERNAL, NULL);
        return;
    }
    memcpy(out->participants, participants, count * sizeof *out->participants);
    participants_complete(sale, out->participants, count, out);
    for (size_t at = 0; at < count && out->refusal == ERROR_NONE; at += ADD_PARTICIPANTS_MAX) {
        struct sale_event *event = decision_add(out, EVENT_PARTICIPANTS_ADDED, now_ms);
        event->as.participants_added.participants = out->participants + at;
        event->as.participants_added.count =
            count - at < ADD_PARTICIPANTS_MAX ? count - at : ADD_PARTICIPANTS_MAX;
    }
}

void decide_add_participants(const struct sale *sale, const struct sale_command *command,
                             int64_t now_ms, struct decision *out)
{
    if (sale->phase == SALE_COMPLETE) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    if (command->as.add_participants.count == 0) {
        decision_refuse(out, ERROR_BAD_DEFINITION, "participants");
        return;
    }
    participants_add(sale, &sale->definition, command->as.add_participants.participants,
                     command->as.add_participants.count, now_ms, out);
}

// -1 leaves a member as it is.
static int64_t changed(int64_t wanted, int64_t present)
{
    return wanted == -1 ? present : wanted;
}

void decide_set_participant(const struct sale *sale, const struct sale_command *command,
                            int64_t now_ms, struct decision *out)
{
    const struct participant_id *id = &command->as.set_participant.participant;
    int64_t index = sale_participant_index(sale, id);
    if (index < 0) {
        decision_refuse(out, ERROR_NOT_FOUND, "participant");
        return;
    }
    const struct participant *participant = &sale->participants[index];
    int64_t status = changed(command->as.set_participant.status, (int64_t)participant->status);
    int64_t budget = changed(command->as.set_participant.budget_minor, participant->budget_minor);
    int64_t slots = changed(command->as.set_participant.slots, participant->slots);
    int64_t limit = changed(command->as.set_participant.limit_minor, participant->limit_minor);
    const char *wrong = status < 0 || status > (int64_t)PARTICIPANT_PENDING
                            ? "status"
                            : purse_limits_wrong_member(budget, slots, limit);
    wrong = wrong != NULL ? wrong : purse_fit_wrong_member(&sale->definition, budget, slots);
    if (wrong != NULL) {
        decision_refuse(out, ERROR_BAD_REQUEST, wrong);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_PARTICIPANT_CHANGED, now_ms);
    event->as.participant_changed.participant = *id;
    event->as.participant_changed.status = (enum participant_status)status;
    event->as.participant_changed.budget_minor = budget;
    event->as.participant_changed.slots = slots;
    event->as.participant_changed.limit_minor = limit;
}

struct participant_definition participant_definition_of(const struct participant *participant)
{
    struct participant_definition definition = {
        .id = participant->id,
        .name = bytes_text(participant->name),
        .budget_minor = participant->budget_minor,
        .slots = participant->slots,
        .limit_minor = participant->limit_minor,
    };
    memcpy(definition.paddle, participant->paddle, sizeof definition.paddle);
    return definition;
}
