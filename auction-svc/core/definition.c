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
    if (soft_close->type != SOFT_CLOSE_RESET && soft_close->type != SOFT_CLOSE_ADD) {
        return "rules.soft_close.type";
    }
    if (!is_within(soft_close->max_extensions, 0, EXTENSIONS_MAX)) {
        return "rules.soft_close.max_extensions";
    }
    return NULL;
}

static const char *rules_wrong_member(const struct sale_rules *rules)
{
    if (!is_within(rules->lot.duration_ms, 1, DURATION_MS_MAX)) {
        return "rules.lot_duration_ms";
    }
    if (!is_within(rules->gap_ms, 0, DURATION_MS_MAX)) {
        return "rules.gap_ms";
    }
    const char *wrong = soft_close_wrong_member(&rules->lot.soft_close);
    if (wrong != NULL) {
        return wrong;
    }
    if (!is_within(rules->unsold_rounds, 0, UNSOLD_ROUNDS_MAX)) {
        return "rules.unsold_rounds";
    }
    if (!is_within(rules->lot.sanity_factor, 0, SANITY_FACTOR_MAX)) {
        return "rules.sanity_factor";
    }
    if (!is_within(rules->outage_threshold_ms, 0, DURATION_MS_MAX)) {
        return "rules.outage_threshold_ms";
    }
    if (!is_within(rules->outage_extension_ms, 0, DURATION_MS_MAX)) {
        return "rules.outage_extension_ms";
    }
    return increment_table_is_valid(&rules->lot.increments) ? NULL : "rules.increments";
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
    if (!is_within(definition->currency_minor_digits, 0, 4)) {
        return "currency.minor_digits";
    }
    if (definition->visibility != VISIBILITY_NAMES &&
        definition->visibility != VISIBILITY_PADDLES &&
        definition->visibility != VISIBILITY_HIDDEN) {
        return "visibility";
    }
    const char *wrong = rules_wrong_member(&definition->rules);
    return wrong != NULL ? wrong : roster_wrong_member(&definition->roster);
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

static const char *lot_wrong_member(const struct lot_definition *lot)
{
    struct lot_id id;
    if (lot->id.text[0] != 0 && !lot_id_read(bytes_text(lot->id.text), &id)) {
        return "id";
    }
    if (!is_within(lot->no, 0, LOT_NO_MAX)) {
        return "no";
    }
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
    if (!is_within(lot->opening_minor, 1, AMOUNT_MINOR_MAX)) {
        return "opening";
    }
    if (!is_within(lot->reserve_minor, 0, AMOUNT_MINOR_MAX)) {
        return "reserve";
    }
    return is_within(lot->duration_ms, 0, DURATION_MS_MAX) ? NULL : "duration_ms";
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
