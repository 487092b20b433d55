// Words of the choices in definitions and facts: the position of a word is the value of its enum.
//
// Purity:    pure
// Ownership: constants, each ended by NULL
// Source:    docs/PROTOCOL.md, Sale definition; the enums of auction-svc/core
#ifndef LOTCAST_RECORD_CHOICE_H
#define LOTCAST_RECORD_CHOICE_H

#include "lib/base/bytes.h"

extern const char *const choice_format[];
extern const char *const choice_visibility[];
extern const char *const choice_flow[];
extern const char *const choice_start_mode[];
extern const char *const choice_lot_order[];
extern const char *const choice_registration[];
extern const char *const choice_soft_close_type[];
extern const char *const choice_soft_close_scope[];
extern const char *const choice_reserve_mode[];
extern const char *const choice_retraction[];
extern const char *const choice_buy_now_until[];
extern const char *const choice_nomination_order[];
extern const char *const choice_match[];
extern const char *const choice_participant_status[];

// Writes the value of the word into an enum at `out_value`; false when there is no such word.
bool choice_read(struct bytes word, const char *const *words, void *out_value);
// The word of the enum at `value`.
const char *choice_word(const char *const *words, const void *value);

#endif
