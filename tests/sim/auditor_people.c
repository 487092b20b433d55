// Rules 1: lots and people of a sale, and who holds the gavel.
#include "auditor_books.h"

void fact_epoch(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor, event->as.epoch_started.epoch > auditor->epoch, "an epoch grows");
    auditor->epoch = event->as.epoch_started.epoch;
}

static void keep_text(char *place, size_t size, struct bytes text)
{
    snprintf(place, size, "%.*s", (int)text.size, text.size > 0 ? (const char *)text.data : "");
}

static void keep_lot(struct auditor *auditor, const struct lot_definition *lot)
{
    struct audit_lot *added = &auditor->lots[auditor->lots_count++];
    snprintf(added->id, sizeof added->id, "%s", lot->id.text);
    keep_text(added->category, sizeof added->category, lot->category);
    keep_text(added->set, sizeof added->set, lot->set);
    snprintf(added->match_holder, sizeof added->match_holder, "%s", lot->match_holder.text);
    added->opening = lot->opening_minor;
    added->reserve = lot->reserve_minor;
    added->buy_now = lot->buy_now_minor;
    added->quantity = most_of(lot->quantity, 1);
    added->rules = lot->has_rules ? lot->rules : auditor->rules.rules.lot;
    added->duration = lot->duration_ms > 0 ? lot->duration_ms : added->rules.duration_ms;
    added->phase = LOT_PENDING;
    books_lot_fresh(added);
}

void fact_lots_added(struct auditor *auditor, const struct sale_event *event)
{
    for (size_t i = 0; i < event->as.lots_added.count; i++) {
        must(auditor, auditor->lots_count < AUDIT_LOTS_MAX, "the simulation's lots fit");
        must(auditor, books_lot(auditor, event->as.lots_added.lots[i].id.text) < 0,
             "a lot's id is its own");
        if (auditor->fault[0] == 0) {
            keep_lot(auditor, &event->as.lots_added.lots[i]);
        }
    }
}

static struct audit_participant *keep_person(struct auditor *auditor, const char *id,
                                             const char *paddle)
{
    must(auditor, books_participant(auditor, id) < 0, "a participant joins once");
    must(auditor, books_paddle(auditor, bytes_text(paddle)) < 0, "a paddle is one participant's");
    must(auditor, auditor->participants_count < AUDIT_PARTICIPANTS_MAX, "participants fit");
    if (auditor->fault[0] != 0) {
        return NULL;
    }
    struct audit_participant *added = &auditor->participants[auditor->participants_count++];
    *added = (struct audit_participant){.status = PARTICIPANT_ACCEPTED};
    snprintf(added->id, sizeof added->id, "%s", id);
    snprintf(added->paddle, sizeof added->paddle, "%s", paddle);
    return added;
}

void fact_joined(struct auditor *auditor, const struct sale_event *event)
{
    struct audit_participant *joined =
        keep_person(auditor, event->as.participant_joined.participant.text,
                    event->as.participant_joined.paddle);
    bool approval = auditor->rules.rules.registration == REGISTRATION_APPROVAL;
    must(auditor, event->as.participant_joined.pending == approval,
         "who joins waits when the sale approves");
    if (joined != NULL && event->as.participant_joined.pending) {
        joined->status = PARTICIPANT_PENDING;
    }
}

void fact_blocked(struct auditor *auditor, const struct sale_event *event)
{
    int index = books_participant(auditor, event->as.participant_blocked.participant.text);
    must(auditor, index >= 0, "only a participant is blocked");
    if (index >= 0) {
        auditor->participants[index].status =
            event->as.participant_blocked.blocked ? PARTICIPANT_BLOCKED : PARTICIPANT_ACCEPTED;
    }
}

void fact_people_added(struct auditor *auditor, const struct sale_event *event)
{
    for (size_t i = 0; i < event->as.participants_added.count; i++) {
        const struct participant_definition *person = &event->as.participants_added.participants[i];
        struct audit_participant *added = keep_person(auditor, person->id.text, person->paddle);
        if (added != NULL) {
            added->budget = person->budget_minor;
            added->slots = person->slots;
            added->limit = person->limit_minor;
        }
    }
}

void fact_person_changed(struct auditor *auditor, const struct sale_event *event)
{
    int index = books_participant(auditor, event->as.participant_changed.participant.text);
    const struct sale_command *command = auditor->command;
    must(auditor, index >= 0 && command != NULL && command->op == SALE_OP_SET_PARTICIPANT,
         "a change that nobody asked for");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_participant *who = &auditor->participants[index];
    int64_t status = command->as.set_participant.status;
    int64_t budget = command->as.set_participant.budget_minor;
    int64_t slots = command->as.set_participant.slots;
    int64_t limit = command->as.set_participant.limit_minor;
    who->status = status >= 0 ? (enum participant_status)status : who->status;
    who->budget = budget >= 0 ? budget : who->budget;
    who->slots = slots >= 0 ? slots : who->slots;
    who->limit = limit >= 0 ? limit : who->limit;
    // what he has committed may now be more than he has: the staff's doing, and no bid's
    who->was_cut = who->was_cut || budget >= 0 || slots >= 0 || limit >= 0;
    must(auditor,
         event->as.participant_changed.status == who->status &&
             event->as.participant_changed.budget_minor == who->budget &&
             event->as.participant_changed.slots == who->slots &&
             event->as.participant_changed.limit_minor == who->limit,
         "a participant is changed as asked");
}

void fact_gavel(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor,
         auditor->command != NULL && auditor->command->op == SALE_OP_TAKE_GAVEL &&
             bytes_equal(event->as.gavel_taken.console, auditor->command->console),
         "the gavel goes to who takes it");
    keep_text(auditor->gavel, sizeof auditor->gavel, event->as.gavel_taken.console);
    auditor->gavel_seen = auditor->now;
}

void auditor_hear_gavel(struct auditor *auditor, struct bytes console, int64_t now)
{
    if (bytes_equal_text(console, auditor->gavel) && auditor->gavel[0] != 0) {
        auditor->gavel_seen = now;
    }
}
