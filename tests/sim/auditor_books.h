// What the files of the auditor share: questions to the books, and one judge for each kind of fact.
//
// Purity: pure
// Errors: a broken rule goes to auditor_fail() through must()
#ifndef LOTCAST_TESTS_SIM_AUDITOR_BOOKS_H
#define LOTCAST_TESTS_SIM_AUDITOR_BOOKS_H

#include "auditor.h"

enum { AUDIT_NOBODY = -1, AUDIT_NONE = -2 };

// All refusals: where the rules say that a command can't be, but not by which code.
#define AUDIT_ANY_REFUSAL (~UINT64_C(1))

static inline uint64_t code_bit(enum error_code code)
{
    return UINT64_C(1) << (unsigned)code;
}

static inline int64_t least_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t most_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void must(struct auditor *auditor, bool holds, const char *rule);
// The same of two numbers of a lot or of a participant, which the report then tells.
void must_equal(struct auditor *auditor, int64_t shown, int64_t expected, int whose,
                const char *rule);

// auditor.c
void books_answer(struct auditor *auditor, enum error_code refusal);
void must_be_allowed(struct auditor *auditor);
int books_lot(const struct auditor *auditor, const char *id);
int books_participant(const struct auditor *auditor, const char *id);
int books_paddle(const struct auditor *auditor, struct bytes paddle);
bool books_runs(const struct audit_lot *lot); // open, closing, matching
bool books_any_runs(const struct auditor *auditor);
bool books_is_ascending(const struct audit_lot *lot);
bool books_has_maxima(const struct audit_lot *lot);
bool books_is_sealed(const struct audit_lot *lot);
void books_lot_fresh(struct audit_lot *lot);
int books_first(const struct auditor *auditor, enum lot_phase phase);

// auditor_ladder.c
int64_t ladder_raise(const struct increment_table *table, int64_t price);
bool ladder_holds(const struct increment_table *table, int64_t opening, int64_t amount);
int64_t ladder_ask(const struct audit_lot *lot);

// auditor_money.c
int64_t money_budget(const struct auditor *auditor, int participant); // 0: none
int64_t money_slots(const struct auditor *auditor, int participant);  // 0: none
enum error_code money_judge(const struct auditor *auditor, int participant, int lot, int64_t amount,
                            bool sealed_counts);
int64_t money_most(const struct auditor *auditor, int participant, int lot); // 0: nothing
int64_t money_held(const struct auditor *auditor, int participant, int64_t *out_led);
bool money_is_over(const struct auditor *auditor, uint64_t *out_reasons);
int64_t money_opening(const struct audit_lot *lot, bool floor_counts);
bool money_could_open(const struct auditor *auditor, int lot, bool floor_counts);
void money_spend(struct auditor *auditor, int participant, int lot, int64_t amount, int64_t sign);
void money_check(struct auditor *auditor, const struct sale *sale);

// auditor_standing.c: maxima and plain bids of an ascending lot
struct audit_result standing_after_bid(const struct auditor *auditor, int lot, int by,
                                       int64_t amount);
struct audit_result standing_after_max(const struct auditor *auditor, int lot, int by, int64_t max);
struct audit_result standing_at_start(const struct auditor *auditor, int lot);
void standing_tell(const struct auditor *auditor, int lot, char *out, size_t size);
void standing_check_held(struct auditor *auditor, int lot, int64_t held);

// auditor_verdict.c, auditor_staff.c: the answers that the rules allow
uint64_t verdict_of(struct auditor *auditor, const struct sale_command *command);
uint64_t verdict_staff(struct auditor *auditor, const struct sale_command *command);
bool verdict_time_is_over(const struct auditor *auditor, const struct audit_lot *lot);

// auditor_formats.c
uint64_t format_verdict(const struct auditor *auditor, int lot, int by,
                        const struct sale_command *bid);
int64_t format_dutch_price(const struct audit_lot *lot, int64_t now);
void format_bid(struct auditor *auditor, const struct sale_event *event);
void format_outcome(struct auditor *auditor, int lot, const struct sale_event *sold); // or unsold
void format_awarded(struct auditor *auditor, const struct sale_event *event);
void format_clock(struct auditor *auditor, const struct sale_event *event);
void format_passed(struct auditor *auditor, const struct sale_event *event);

// auditor_bids.c
void fact_bid(struct auditor *auditor, const struct sale_event *event);
void fact_max(struct auditor *auditor, const struct sale_event *event);
void fact_retracted(struct auditor *auditor, const struct sale_event *event);
void fact_passed(struct auditor *auditor, const struct sale_event *event);
void fact_ask(struct auditor *auditor, const struct sale_event *event);
void bids_outcome(struct auditor *auditor);

// auditor_clock.c
int64_t clock_public(const struct auditor *auditor);   // the end that comes first, INT64_MAX: none
int64_t clock_deadline(const struct auditor *auditor); // what must happen first
int64_t clock_soft_end(const struct auditor *auditor, const struct audit_lot *lot, int64_t now,
                       int64_t stamp);
void fact_extended(struct auditor *auditor, const struct sale_event *event);
void fact_warned(struct auditor *auditor, const struct sale_event *event);
void fact_paused(struct auditor *auditor, const struct sale_event *event);
void fact_resumed(struct auditor *auditor, const struct sale_event *event);
void fact_closing(struct auditor *auditor, const struct sale_event *event);

// auditor_flow.c
void fact_started(struct auditor *auditor, const struct sale_event *event);
void fact_lot_started(struct auditor *auditor, const struct sale_event *event);
void fact_sold(struct auditor *auditor, const struct sale_event *event);
void fact_unsold(struct auditor *auditor, const struct sale_event *event);
void fact_withdrawn(struct auditor *auditor, const struct sale_event *event);
void fact_reopened(struct auditor *auditor, const struct sale_event *event);
void fact_match(struct auditor *auditor, const struct sale_event *event);

void flow_open_all(struct auditor *auditor, int64_t first_ends_at);

// auditor_rounds.c
void rounds_sequel(struct auditor *auditor, int64_t next, int64_t next_at);
void fact_round(struct auditor *auditor, const struct sale_event *event);
void fact_completed(struct auditor *auditor, const struct sale_event *event);
void fact_nomination(struct auditor *auditor, const struct sale_event *event);
void fact_nominated(struct auditor *auditor, const struct sale_event *event);
void fact_names_called(struct auditor *auditor, const struct sale_event *event);
void fact_names(struct auditor *auditor, const struct sale_event *event);
void fact_reset(struct auditor *auditor);

// auditor_people.c
void fact_epoch(struct auditor *auditor, const struct sale_event *event);
void fact_lots_added(struct auditor *auditor, const struct sale_event *event);
void fact_joined(struct auditor *auditor, const struct sale_event *event);
void fact_blocked(struct auditor *auditor, const struct sale_event *event);
void fact_people_added(struct auditor *auditor, const struct sale_event *event);
void fact_person_changed(struct auditor *auditor, const struct sale_event *event);
void fact_gavel(struct auditor *auditor, const struct sale_event *event);

#endif
