#include "auction-svc/record/definition_form.h"

#include "auction-svc/record/choice.h"

// clang-format off
#define MEMBER(name, kind, member) {name, kind, offsetof(struct TYPE, member), 0, NULL, NULL, false, false}
#define SPARE(name, kind, member) {name, kind, offsetof(struct TYPE, member), 0, NULL, NULL, false, true}
#define CHOICE(name, member, words) {name, FORM_CHOICE, offsetof(struct TYPE, member), 0, words, NULL, false, false}
#define CHARS(name, member, size) {name, FORM_CHARS, offsetof(struct TYPE, member), size, NULL, NULL, false, false}
#define OBJECT(name, kind, offset, members) {name, kind, offset, 0, NULL, members, false, false}
#define SWITCHED(name, offset, flag, members) {name, FORM_SWITCHED, offset, flag, NULL, members, false, true}
#define INCLUDED(member, members) {"", FORM_INCLUDED, offsetof(struct TYPE, member), 0, NULL, members, false, false}
#define LIST(name) {name, FORM_LIST, 0, 0, NULL, NULL, false, true}
#define END {NULL, FORM_INT, 0, 0, NULL, NULL, false, false}

#define TYPE soft_close
static const struct definition_form soft_close_forms[] = {
    MEMBER("window_ms", FORM_INT, window_ms),
    MEMBER("amount_ms", FORM_INT, amount_ms),
    CHOICE("type", type, choice_soft_close_type),
    CHOICE("scope", scope, choice_soft_close_scope),
    MEMBER("max_extensions", FORM_INT, max_extensions),
    MEMBER("latest_ms", FORM_INT, latest_ms),
    MEMBER("shrink_percent", FORM_INT, shrink_percent),
    END,
};
#undef TYPE

#define TYPE lot_rules
const struct definition_form definition_lot_rules_forms[] = {
    CHOICE("format", format, choice_format),
    MEMBER("lot_duration_ms", FORM_INT, duration_ms),
    OBJECT("soft_close", FORM_SOFT_CLOSE, offsetof(struct lot_rules, soft_close), soft_close_forms),
    MEMBER("closing_grace_ms", FORM_INT, closing_grace_ms),
    MEMBER("warnings_ms", FORM_WARNINGS, warning_ms),
    MEMBER("strict", FORM_BOOL, strict),
    MEMBER("sanity_factor", FORM_INT, sanity_factor),
    MEMBER("increments", FORM_INCREMENTS, increments),
    CHOICE("reserve_mode", reserve_mode, choice_reserve_mode),
    CHOICE("retraction", retraction, choice_retraction),
    CHOICE("buy_now_until", buy_now_until, choice_buy_now_until),
    MEMBER("maximum_bids", FORM_NOT, no_maximum),
    MEMBER("price_step", FORM_INT, price_step_minor),
    MEMBER("price_tick_ms", FORM_INT, price_tick_ms),
    MEMBER("dutch_raise", FORM_INT, dutch_raise_minor),
    MEMBER("candle_ending_ms", FORM_INT, candle_ending_ms),
    END,
};
#undef TYPE

#define TYPE sale_rules
static const struct definition_form sale_rules_forms[] = {
    INCLUDED(lot, definition_lot_rules_forms),
    MEMBER("gap_ms", FORM_INT, gap_ms),
    MEMBER("unsold_rounds", FORM_INT, unsold_rounds),
    MEMBER("outage_threshold_ms", FORM_INT, outage_threshold_ms),
    MEMBER("outage_extension_ms", FORM_INT, outage_extension_ms),
    CHOICE("flow", flow, choice_flow),
    MEMBER("stagger_ms", FORM_INT, stagger_ms),
    MEMBER("gavel_timeout_ms", FORM_INT, gavel_timeout_ms),
    END,
};
static const struct definition_form start_forms[] = {
    CHOICE("mode", start_mode, choice_start_mode),
    SPARE("at", FORM_INT, starts_at_ms),
    END,
};
static const struct definition_form nomination_forms[] = {
    CHOICE("order", nomination, choice_nomination_order),
    MEMBER("time_ms", FORM_INT, nomination_ms),
    MEMBER("nominator_bids", FORM_BOOL, nominator_bids),
    END,
};
static const struct definition_form accelerated_forms[] = {
    MEMBER("time_ms", FORM_INT, names_ms),
    END,
};
static const struct definition_form match_forms[] = {
    CHOICE("mode", match, choice_match),
    MEMBER("time_ms", FORM_INT, match_ms),
    END,
};
#undef TYPE

#define TYPE roster_rules
static const struct definition_form roster_forms[] = {
    MEMBER("budget", FORM_INT, budget_minor),
    MEMBER("slots", FORM_INT, slots),
    MEMBER("minimum", FORM_INT, minimum_minor),
    END,
};
#undef TYPE

#define TYPE sale_definition
static const struct definition_form currency_forms[] = {
    CHARS("code", currency_code, CURRENCY_CODE_SIZE_MAX + 1),
    MEMBER("minor_digits", FORM_INT, currency_minor_digits),
    END,
};

const struct definition_form definition_sale_forms[] = {
    {"$schema", FORM_SCHEMA, 0, 0, NULL, NULL, false, true},
    MEMBER("id", FORM_ID, id),
    MEMBER("title", FORM_TEXT, title),
    {"currency", FORM_OBJECT, 0, 0, NULL, currency_forms, true, false},
    MEMBER("public", FORM_BOOL, is_public),
    CHOICE("visibility", visibility, choice_visibility),
    OBJECT("rules", FORM_OBJECT, offsetof(struct sale_definition, rules), sale_rules_forms),
    OBJECT("start", FORM_OBJECT, offsetof(struct sale_definition, rules), start_forms),
    CHOICE("order", rules.lot_order, choice_lot_order),
    CHOICE("registration", rules.registration, choice_registration),
    OBJECT("nomination", FORM_OBJECT, offsetof(struct sale_definition, rules), nomination_forms),
    SWITCHED("accelerated", offsetof(struct sale_definition, rules),
             offsetof(struct sale_rules, accelerated), accelerated_forms),
    OBJECT("match", FORM_OBJECT, offsetof(struct sale_definition, rules), match_forms),
    SWITCHED("roster", offsetof(struct sale_definition, roster),
             offsetof(struct roster_rules, enabled), roster_forms),
    SPARE("premium", FORM_PREMIUM, premium),
    SPARE("category_caps", FORM_CAPS, category_caps),
    LIST("lots"),
    LIST("participants"),
    END,
};
#undef TYPE

#define TYPE lot_definition
const struct definition_form definition_lot_forms[] = {
    SPARE("id", FORM_ID, id),
    SPARE("no", FORM_COUNT, no),
    MEMBER("title", FORM_TEXT, title),
    SPARE("description", FORM_TEXT, description),
    SPARE("image", FORM_TEXT, image),
    SPARE("category", FORM_TEXT, category),
    SPARE("set", FORM_TEXT, set),
    MEMBER("opening", FORM_INT, opening_minor),
    SPARE("reserve", FORM_INT, reserve_minor),
    SPARE("buy_now", FORM_INT, buy_now_minor),
    SPARE("estimate_low", FORM_INT, estimate_low_minor),
    SPARE("estimate_high", FORM_INT, estimate_high_minor),
    SPARE("quantity", FORM_COUNT, quantity),
    SPARE("duration_ms", FORM_INT, duration_ms),
    SPARE("match_holder", FORM_ID, match_holder),
    {"rules", FORM_LOT_RULES, 0, 0, NULL, definition_lot_rules_forms, false, true},
    END,
};
#undef TYPE

#define TYPE participant_definition
const struct definition_form definition_participant_forms[] = {
    SPARE("id", FORM_ID, id),
    {"paddle", FORM_CHARS, offsetof(struct participant_definition, paddle), PADDLE_SIZE_MAX + 1,
     NULL, NULL, false, true},
    MEMBER("name", FORM_TEXT, name),
    SPARE("budget", FORM_INT, budget_minor),
    SPARE("slots", FORM_INT, slots),
    SPARE("limit", FORM_INT, limit_minor),
    END,
};
#undef TYPE
// clang-format on

const struct definition_form *definition_form_find(const struct definition_form *forms,
                                                   const char *name)
{
    for (const struct definition_form *form = forms; form->name != NULL; form++) {
        if (form->kind == FORM_INCLUDED) {
            const struct definition_form *found = definition_form_find(form->members, name);
            if (found != NULL) {
                return found;
            }
        } else if (strcmp(form->name, name) == 0) {
            return form;
        }
    }
    return NULL;
}
