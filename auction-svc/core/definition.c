#include "auction-svc/core/definition.h"

struct sale_definition sale_definition_default(void)
{
    return (struct sale_definition){
        .currency_minor_digits = 2,
        .is_public = true,
        .visibility = VISIBILITY_NAMES,
        .rules =
            {
                .lot = {.duration_ms = 30000,
                        .soft_close = {.window_ms = 10000, .amount_ms = 10000},
                        .increments = increment_table_flat(100, false)},
                .gap_ms = 3000,
                .unsold_rounds = 1,
                .outage_threshold_ms = 2000,
            },
    };
}

static bool is_within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

// Texts of one line hold no control character: they end up on boards, in logs and in CSV.
static bool text_is_legal(struct bytes text, size_t size_max, bool lines)
{
    if (text.size > size_max || !bytes_is_utf8(text)) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool allowed = c >= 0x20 && c != 0x7F;
        if (!allowed && !(lines && (c == '\n' || c == '\r' || c == '\t'))) {
            return false;
        }
    }
    return true;
}

bool line_is_legal(struct bytes text, size_t size_min, size_t size_max)
{
    return text.size >= size_min && text_is_legal(text, size_max, false);
}

static bool currency_code_is_legal(const char *code)
{
    size_t size = 0;
    for (; size <= CURRENCY_CODE_SIZE_MAX && code[size] != 0; size++) {
        char c = code[size];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            return false;
        }
    }
    return size >= 1 && size <= CURRENCY_CODE_SIZE_MAX;
}

static const char *soft_close_wrong_member(const struct soft_close *soft_close)
{
    if (!is_within(soft_close->window_ms, 0, DURATION_MS_MAX)) {
        return "rules.soft_close.window_ms";
    }
    if (!is_within(soft_close->amount_ms, 0, DURATION_MS_MAX)) {
        return "rules.soft_close.amount_ms";
    }
    if (soft_close->type > SOFT_CLOSE_ADD) {
        return "rules.soft_close.type";
    }
    if (soft_close->scope > SOFT_CLOSE_ALL) {
        return "rules.soft_close.scope";
    }
    if (!is_within(soft_close->max_extensions, 0, EXTENSIONS_MAX)) {
        return "rules.soft_close.max_extensions";
    }
    if (!is_within(soft_close->latest_ms, 0, DURATION_MS_MAX)) {
        return "rules.soft_close.latest_ms";
    }
    if (!is_within(soft_close->shrink_percent, 0, PERCENT_MAX)) {
        return "rules.soft_close.shrink_percent";
    }
    return NULL;
}

// Once, then twice, both before the end: a stage that comes with or behind another is none.
static bool warnings_are_legal(const struct lot_rules *rules, int64_t duration_ms)
{
    int64_t before_ms = duration_ms;
    for (size_t i = 0; i < WARNINGS_MAX; i++) {
        bool is_off = rules->warning_ms[i] == 0;
        if (!is_off && !is_within(rules->warning_ms[i], 1, before_ms - 1)) {
            return false;
        }
        before_ms = is_off ? 1 : rules->warning_ms[i];
    }
    return true;
}

static bool price_moves_with_clock(enum auction_format format)
{
    return format == FORMAT_DUTCH || format == FORMAT_JAPANESE;
}

// What only some formats need, for a lot that is open for `duration_ms`.
static const char *format_wrong_member(const struct lot_rules *rules, int64_t duration_ms)
{
    int64_t least = price_moves_with_clock(rules->format) ? 1 : 0;
    if (!is_within(rules->price_step_minor, least, AMOUNT_MINOR_MAX)) {
        return "rules.price_step";
    }
    if (!is_within(rules->price_tick_ms, least, DURATION_MS_MAX)) {
        return "rules.price_tick_ms";
    }
    if (!is_within(rules->dutch_raise_minor, 0, AMOUNT_MINOR_MAX)) {
        return "rules.dutch_raise";
    }
    bool is_candle = rules->format == FORMAT_CANDLE;
    int64_t ending_ms_max = is_candle ? duration_ms : DURATION_MS_MAX;
    if (!is_within(rules->candle_ending_ms, is_candle ? 1 : 0, ending_ms_max)) {
        return "rules.candle_ending_ms";
    }
    return warnings_are_legal(rules, duration_ms) ? NULL : "rules.warnings_ms";
}

static const char *choices_wrong_member(const struct lot_rules *rules)
{
    if (rules->format >= AUCTION_FORMAT_COUNT) {
        return "rules.format";
    }
    if (rules->reserve_mode > RESERVE_FLOOR) {
        return "rules.reserve_mode";
    }
    if (rules->retraction > RETRACTION_RESET) {
        return "rules.retraction";
    }
    return rules->buy_now_until > BUY_NOW_UNTIL_RESERVE ? "rules.buy_now_until" : NULL;
}

static const char *lot_rules_wrong_member(const struct lot_rules *rules)
{
    if (!is_within(rules->duration_ms, 1, DURATION_MS_MAX)) {
        return "rules.lot_duration_ms";
    }
    const char *wrong = soft_close_wrong_member(&rules->soft_close);
    wrong = wrong != NULL ? wrong : choices_wrong_member(rules);
    if (wrong != NULL) {
        return wrong;
    }
    if (!is_within(rules->closing_grace_ms, 0, CLOSING_GRACE_MS_MAX)) {
        return "rules.closing_grace_ms";
    }
    if (!is_within(rules->sanity_factor, 0, SANITY_FACTOR_MAX)) {
        return "rules.sanity_factor";
    }
    if (!increment_table_is_valid(&rules->increments)) {
        return "rules.increments";
    }
    return format_wrong_member(rules, rules->duration_ms);
}

static const char *start_wrong_member(const struct sale_rules *rules)
{
    if (rules->start_mode > START_AT_ONCE) {
        return "start.mode";
    }
    bool needs_time = rules->start_mode == START_AT;
    if (!is_within(rules->starts_at_ms, needs_time ? 1 : 0, needs_time ? TIME_MS_MAX : 0)) {
        return "start.at";
    }
    return rules->lot_order > LOT_ORDER_SHUFFLED ? "order" : NULL;
}

// Rules between lots that wait for people.
static const char *turns_wrong_member(const struct sale_rules *rules)
{
    bool nominates = rules->nomination != NOMINATION_NONE;
    bool matches = rules->match != MATCH_NONE;
    if (rules->nomination > NOMINATION_SNAKE || (nominates && rules->flow == FLOW_PARALLEL)) {
        return "nomination.order";
    }
    if (!is_within(rules->nomination_ms, nominates ? 1 : 0, DURATION_MS_MAX)) {
        return "nomination.time_ms";
    }
    if (!is_within(rules->names_ms, rules->accelerated ? 1 : 0, DURATION_MS_MAX)) {
        return "accelerated.time_ms";
    }
    if (rules->match > MATCH_RAISE) {
        return "match.mode";
    }
    return is_within(rules->match_ms, matches ? 1 : 0, DURATION_MS_MAX) ? NULL : "match.time_ms";
}

static const char *rules_wrong_member(const struct sale_rules *rules)
{
    const char *wrong = lot_rules_wrong_member(&rules->lot);
    if (wrong != NULL) {
        return wrong;
    }
    if (!is_within(rules->gap_ms, 0, DURATION_MS_MAX)) {
        return "rules.gap_ms";
    }
    if (!is_within(rules->unsold_rounds, 0, UNSOLD_ROUNDS_MAX)) {
        return "rules.unsold_rounds";
    }
    if (!is_within(rules->outage_threshold_ms, 0, DURATION_MS_MAX)) {
        return "rules.outage_threshold_ms";
    }
    if (!is_within(rules->outage_extension_ms, 0, DURATION_MS_MAX)) {
        return "rules.outage_extension_ms";
    }
    if (rules->flow > FLOW_PARALLEL) {
        return "rules.flow";
    }
    if (!is_within(rules->stagger_ms, 0, DURATION_MS_MAX)) {
        return "rules.stagger_ms";
    }
    if (!is_within(rules->gavel_timeout_ms, 0, DURATION_MS_MAX)) {
        return "rules.gavel_timeout_ms";
    }
    wrong = start_wrong_member(rules);
    return wrong != NULL ? wrong : turns_wrong_member(rules);
}

static const char *roster_wrong_member(const struct roster_rules *roster)
{
    if (!roster->enabled) {
        return NULL;
    }
    if (!is_within(roster->budget_minor, 1, AMOUNT_MINOR_MAX)) {
        return "roster.budget";
    }
    if (!is_within(roster->slots, 0, SALE_LOTS_MAX)) {
        return "roster.slots";
    }
    // A budget that can't fill the roster at the minimum would never allow a bid.
    int64_t slots = roster->slots > 0 ? roster->slots : 1;
    if (!is_within(roster->minimum_minor, 0, roster->budget_minor / slots)) {
        return "roster.minimum";
    }
    return NULL;
}

static bool premium_is_legal(const struct premium_bands *premium)
{
    if (premium->count > PREMIUM_BANDS_MAX) {
        return false;
    }
    for (size_t i = 0; i < premium->count; i++) {
        const struct premium_band *band = &premium->bands[i];
        int64_t least = i == 0 ? 0 : premium->bands[i - 1].from_minor + 1;
        if (!is_within(band->from_minor, least, i == 0 ? 0 : AMOUNT_MINOR_MAX) ||
            !is_within(band->basis_points, 0, BASIS_POINTS_MAX)) {
            return false;
        }
    }
    return true;
}

static bool caps_are_legal(const struct sale_definition *definition)
{
    if (definition->category_caps_count > CATEGORY_CAPS_MAX) {
        return false;
    }
    for (size_t i = 0; i < definition->category_caps_count; i++) {
        const struct category_cap *cap = &definition->category_caps[i];
        if (memchr(cap->category, 0, sizeof cap->category) == NULL ||
            !line_is_legal(bytes_text(cap->category), 1, LOT_CATEGORY_SIZE_MAX) ||
            !is_within(cap->most, 1, SALE_LOTS_MAX)) {
            return false;
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(cap->category, definition->category_caps[k].category) == 0) {
                return false;
            }
        }
    }
    return true;
}

static const char *sale_wrong_member(const struct sale_definition *definition)
{
    struct sale_id id;
    if (!sale_id_read(bytes_text(definition->id.text), &id)) {
        return "id";
    }
    if (!line_is_legal(definition->title, 1, SALE_TITLE_SIZE_MAX)) {
        return "title";
    }
    if (!currency_code_is_legal(definition->currency_code)) {
        return "currency.code";
    }
    if (!is_within(definition->currency_minor_digits, 0, CURRENCY_MINOR_DIGITS_MAX)) {
        return "currency.minor_digits";
    }
    if (definition->visibility > VISIBILITY_HIDDEN) {
        return "visibility";
    }
    if (definition->rules.registration > REGISTRATION_APPROVAL) {
        return "registration";
    }
    const char *wrong = rules_wrong_member(&definition->rules);
    wrong = wrong != NULL ? wrong : roster_wrong_member(&definition->roster);
    if (wrong != NULL) {
        return wrong;
    }
    if (!premium_is_legal(&definition->premium)) {
        return "premium";
    }
    return caps_are_legal(definition) ? NULL : "category_caps";
}

enum error_code sale_definition_check(const struct sale_definition *definition,
                                      const char **out_member)
{
    const char *wrong = sale_wrong_member(definition);
    if (wrong == NULL) {
        return ERROR_NONE;
    }
    *out_member = wrong;
    return ERROR_BAD_DEFINITION;
}

static const char *lot_texts_wrong_member(const struct lot_definition *lot)
{
    if (!line_is_legal(lot->title, 1, SALE_TITLE_SIZE_MAX)) {
        return "title";
    }
    if (!text_is_legal(lot->description, LOT_DESCRIPTION_SIZE_MAX, true)) {
        return "description";
    }
    if (!line_is_legal(lot->image, 0, LOT_IMAGE_SIZE_MAX)) {
        return "image";
    }
    if (!line_is_legal(lot->category, 0, LOT_CATEGORY_SIZE_MAX)) {
        return "category";
    }
    return line_is_legal(lot->set, 0, LOT_SET_SIZE_MAX) ? NULL : "set";
}

static const char *lot_amounts_wrong_member(const struct lot_definition *lot)
{
    int64_t high = lot->estimate_high_minor;
    if (!is_within(lot->opening_minor, 1, AMOUNT_MINOR_MAX)) {
        return "opening";
    }
    if (!is_within(lot->reserve_minor, 0, AMOUNT_MINOR_MAX)) {
        return "reserve";
    }
    bool has_buy_now = lot->buy_now_minor != 0;
    int64_t least =
        lot->reserve_minor > lot->opening_minor ? lot->reserve_minor : lot->opening_minor;
    if (has_buy_now && !is_within(lot->buy_now_minor, least, AMOUNT_MINOR_MAX)) {
        return "buy_now"; // it would sell below the opening or the reserve
    }
    if (!is_within(lot->estimate_low_minor, 0, AMOUNT_MINOR_MAX)) {
        return "estimate_low";
    }
    if (high != 0 && !is_within(high, lot->estimate_low_minor, AMOUNT_MINOR_MAX)) {
        return "estimate_high";
    }
    // All pieces at the opening still are an amount that can be added up.
    int64_t quantity_max = SPENT_MINOR_MAX / lot->opening_minor;
    quantity_max = quantity_max < LOT_QUANTITY_MAX ? quantity_max : LOT_QUANTITY_MAX;
    return is_within(lot->quantity, 0, quantity_max) ? NULL : "quantity";
}

static const char *lot_wrong_member(const struct lot_definition *lot)
{
    struct lot_id id;
    if (lot->id.text[0] != 0 && !lot_id_read(bytes_text(lot->id.text), &id)) {
        return "id";
    }
    if (!is_within(lot->no, 0, LOT_NO_MAX)) {
        return "no";
    }
    const char *wrong = lot_texts_wrong_member(lot);
    wrong = wrong != NULL ? wrong : lot_amounts_wrong_member(lot);
    if (wrong != NULL) {
        return wrong;
    }
    if (!is_within(lot->duration_ms, 0, DURATION_MS_MAX)) {
        return "duration_ms";
    }
    if (lot->match_holder.text[0] != 0 && !lot_id_read(bytes_text(lot->match_holder.text), &id)) {
        return "match_holder";
    }
    return lot->has_rules ? lot_rules_wrong_member(&lot->rules) : NULL;
}

enum error_code lot_definition_check(const struct lot_definition *lot, const char **out_member)
{
    const char *wrong = lot_wrong_member(lot);
    if (wrong == NULL) {
        return ERROR_NONE;
    }
    *out_member = wrong;
    return ERROR_BAD_DEFINITION;
}

static bool takes_quantity(enum auction_format format)
{
    return format == FORMAT_DUTCH || format == FORMAT_UNIFORM;
}

bool sale_definition_has_seed(const struct sale_definition *definition)
{
    static const uint8_t none[SEED_SIZE] = {0};
    return memcmp(definition->seed, none, SEED_SIZE) != 0;
}

static const char *fit_wrong_member(const struct sale_definition *definition,
                                    const struct lot_definition *lot)
{
    const struct lot_rules *rules = lot->has_rules ? &lot->rules : &definition->rules.lot;
    if (lot->quantity > 1 && !takes_quantity(rules->format)) {
        return "quantity";
    }
    if (rules->format == FORMAT_DUTCH && lot->reserve_minor > lot->opening_minor) {
        return "reserve"; // the price falls from the opening to it
    }
    if (lot->match_holder.text[0] != 0 && definition->rules.match == MATCH_NONE) {
        return "match_holder";
    }
    if (rules->format == FORMAT_CANDLE && !sale_definition_has_seed(definition)) {
        return "rules.format"; // a seed can't be committed to any more
    }
    if (lot->duration_ms != 0 && format_wrong_member(rules, lot->duration_ms) != NULL) {
        return "duration_ms"; // shorter than its warnings or its candle
    }
    return NULL;
}

enum error_code lot_definition_fits(const struct sale_definition *definition,
                                    const struct lot_definition *lot, const char **out_member)
{
    const char *wrong = fit_wrong_member(definition, lot);
    if (wrong == NULL) {
        return ERROR_NONE;
    }
    *out_member = wrong;
    return ERROR_BAD_DEFINITION;
}

bool sale_definition_draws(const struct sale_definition *definition,
                           const struct lot_definition *lots, size_t lots_count)
{
    if (definition->rules.lot_order == LOT_ORDER_SHUFFLED ||
        definition->rules.lot.format == FORMAT_CANDLE) {
        return true;
    }
    for (size_t i = 0; i < lots_count; i++) {
        if (lots[i].has_rules && lots[i].rules.format == FORMAT_CANDLE) {
            return true;
        }
    }
    return false;
}

static const char *participant_wrong_member(const struct participant_definition *participant)
{
    struct participant_id id;
    const char *paddle = participant->paddle;
    if (participant->id.text[0] != 0 &&
        !participant_id_read(bytes_text(participant->id.text), &id)) {
        return "id";
    }
    if (memchr(paddle, 0, sizeof participant->paddle) == NULL ||
        !line_is_legal(bytes_text(paddle), 0, PADDLE_SIZE_MAX)) {
        return "paddle";
    }
    if (!line_is_legal(participant->name, 1, PARTICIPANT_NAME_SIZE_MAX)) {
        return "name";
    }
    return purse_limits_wrong_member(participant->budget_minor, participant->slots,
                                     participant->limit_minor);
}

const char *purse_limits_wrong_member(int64_t budget_minor, int64_t slots, int64_t limit_minor)
{
    if (!is_within(budget_minor, 0, AMOUNT_MINOR_MAX)) {
        return "budget";
    }
    if (!is_within(slots, 0, SALE_LOTS_MAX)) {
        return "slots";
    }
    return is_within(limit_minor, 0, AMOUNT_MINOR_MAX) ? NULL : "limit";
}

enum error_code participant_definition_check(const struct participant_definition *participant,
                                             const char **out_member)
{
    const char *wrong = participant_wrong_member(participant);
    if (wrong == NULL) {
        return ERROR_NONE;
    }
    *out_member = wrong;
    return ERROR_BAD_DEFINITION;
}

const char *purse_fit_wrong_member(const struct sale_definition *definition, int64_t budget_minor,
                                   int64_t slots)
{
    const struct roster_rules *roster = &definition->roster;
    int64_t budget = budget_minor > 0 ? budget_minor : roster->budget_minor;
    int64_t places = slots > 0 ? slots : roster->slots;
    if (budget > 0 && roster->minimum_minor > budget / (places > 0 ? places : 1)) {
        return slots > 0 ? "slots" : "budget"; // the roster could never be filled
    }
    return NULL;
}
