#include "auction-svc/record/choice.h"
#include "auction-svc/service/view.h"
#include "lib/digest/sha256.h"

const char *view_soft_close_type(enum soft_close_type type)
{
    return choice_word(choice_soft_close_type, &type);
}

const char *view_soft_close_scope(enum soft_close_scope scope)
{
    return choice_word(choice_soft_close_scope, &scope);
}

static struct wire_increments increments_of(const struct increment_table *table,
                                            struct wire_increment_band *bands)
{
    switch (table->kind) {
    case INCREMENT_BANDS:
        for (size_t i = 0; i < table->count; i++) {
            bands[i].from_minor = table->as.bands[i].from_minor;
            bands[i].step_minor = table->as.bands[i].step_minor;
        }
        return (struct wire_increments){
            .kind = "bands", .align = table->align, .bands = bands, .count = table->count};
    case INCREMENT_CYCLE:
        return (struct wire_increments){
            .kind = "cycle", .rungs = table->as.rungs, .count = table->count};
    case INCREMENT_PERCENT:
        break;
    }
    return (struct wire_increments){.kind = "percent",
                                    .basis_points = table->as.percent.basis_points,
                                    .round_minor = table->as.percent.round_minor,
                                    .step_min_minor = table->as.percent.step_min_minor};
}

static void fill_lot_rules(struct view_rules_parts *parts, const struct lot_rules *rules)
{
    const struct soft_close *soft_close = &rules->soft_close;
    parts->rules = (struct wire_lot_rules){
        .format = choice_word(choice_format, &rules->format),
        .duration_ms = rules->duration_ms,
        .soft_close_window_ms = soft_close->window_ms,
        .soft_close_amount_ms = soft_close->amount_ms,
        .soft_close_type = choice_word(choice_soft_close_type, &soft_close->type),
        .soft_close_scope = choice_word(choice_soft_close_scope, &soft_close->scope),
        .soft_close_max_extensions = soft_close->max_extensions,
        .soft_close_latest_ms = soft_close->latest_ms,
        .soft_close_shrink_percent = soft_close->shrink_percent,
        .closing_grace_ms = rules->closing_grace_ms,
        .is_strict = rules->strict,
        .sanity_factor = rules->sanity_factor,
        .increments = increments_of(&rules->increments, parts->bands),
        .reserve_mode = choice_word(choice_reserve_mode, &rules->reserve_mode),
        .retraction = choice_word(choice_retraction, &rules->retraction),
        .buy_now_until = choice_word(choice_buy_now_until, &rules->buy_now_until),
        .no_maximum = rules->no_maximum,
        .price_step_minor = rules->price_step_minor,
        .price_tick_ms = rules->price_tick_ms,
        .dutch_raise_minor = rules->dutch_raise_minor,
        .candle_ending_ms = rules->candle_ending_ms,
    };
    for (size_t i = 0; i < WIRE_WARNINGS; i++) {
        parts->rules.warning_ms[i] = rules->warning_ms[i];
    }
}

struct wire_catalogue_lot view_catalogue_lot(const struct sale *sale, int64_t index, int64_t now_ms,
                                             struct view_rules_parts *parts)
{
    const struct lot *lot = &sale->lots[index];
    bool is_sold = lot->phase == LOT_SOLD;
    bool has_estimate = lot->estimate_low_minor > 0 || lot->estimate_high_minor > 0;
    struct wire_catalogue_lot view = {
        .lot = view_lot(sale, index, now_ms),
        .description = bytes_text(lot->description),
        .image = bytes_text(lot->image),
        .category = bytes_text(lot->category),
        .set = bytes_text(lot->set),
        .estimate_low_minor = has_estimate ? lot->estimate_low_minor : WIRE_ABSENT,
        .estimate_high_minor = lot->estimate_high_minor,
        .winner = view_person(sale, is_sold ? lot->leader_index : -1),
        .winners = is_sold ? (lot->awards_count > 0 ? (int64_t)lot->awards_count : 1) : 0,
        .match_holder = lot->match_holder,
    };
    if (lot->own_rules != NULL) {
        fill_lot_rules(parts, lot->own_rules);
        view.rules = &parts->rules;
    }
    return view;
}

struct bytes view_currency(const struct sale *sale)
{
    return bytes_text(sale->definition.currency_code);
}

static struct bytes seed_hash_of(const struct sale_definition *definition,
                                 char out_text[2 * SEED_SIZE + 1])
{
    static const uint8_t none[SEED_SIZE];
    uint8_t hash[SHA256_SIZE];
    if (memcmp(definition->seed, none, SEED_SIZE) == 0) {
        return bytes_text("");
    }
    sha256_of(bytes_of(definition->seed, SEED_SIZE), hash);
    view_hex(bytes_of(hash, sizeof hash), out_text);
    return bytes_text(out_text);
}

void view_hex(struct bytes bytes, char *out_text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        out_text[2 * i] = digits[bytes.data[i] >> 4];
        out_text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out_text[2 * bytes.size] = 0;
}

static void fill_purses(struct wire_info *info, const struct sale_definition *definition,
                        struct view_info_parts *parts)
{
    for (size_t i = 0; i < definition->category_caps_count; i++) {
        parts->category_caps[i].category = bytes_text(definition->category_caps[i].category);
        parts->category_caps[i].most = definition->category_caps[i].most;
    }
    for (size_t i = 0; i < definition->premium.count; i++) {
        parts->premium[i].from_minor = definition->premium.bands[i].from_minor;
        parts->premium[i].basis_points = definition->premium.bands[i].basis_points;
    }
    info->category_caps = parts->category_caps;
    info->category_caps_count = definition->category_caps_count;
    info->premium = parts->premium;
    info->premium_count = definition->premium.count;
    info->has_roster = definition->roster.enabled;
    info->roster_budget_minor = definition->roster.budget_minor;
    info->roster_slots = definition->roster.slots;
    info->roster_minimum_minor = definition->roster.minimum_minor;
}

static void fill_flow(struct wire_info *info, const struct sale_rules *rules)
{
    info->gap_ms = rules->gap_ms;
    info->unsold_rounds = rules->unsold_rounds;
    info->flow = choice_word(choice_flow, &rules->flow);
    info->stagger_ms = rules->stagger_ms;
    info->start = choice_word(choice_start_mode, &rules->start_mode);
    info->starts_at_ms = rules->start_mode == START_AT ? rules->starts_at_ms : WIRE_ABSENT;
    info->lot_order = choice_word(choice_lot_order, &rules->lot_order);
    info->registration = choice_word(choice_registration, &rules->registration);
    info->gavel_timeout_ms = rules->gavel_timeout_ms;
    info->nomination = choice_word(choice_nomination_order, &rules->nomination);
    info->nomination_ms = rules->nomination_ms;
    info->nominator_bids = rules->nominator_bids;
    info->is_accelerated = rules->accelerated;
    info->names_ms = rules->names_ms;
    info->match = choice_word(choice_match, &rules->match);
    info->match_ms = rules->match_ms;
}

struct wire_info view_info(const struct sale *sale, struct view_info_parts *parts)
{
    const struct sale_definition *definition = &sale->definition;
    fill_lot_rules(&parts->lot, &definition->rules.lot);
    struct wire_info info = {
        .head = view_head(sale),
        .id = definition->id,
        .title = definition->title,
        .currency_code = view_currency(sale),
        .currency_minor_digits = definition->currency_minor_digits,
        .phase = view_sale_phase(sale->phase),
        .is_public = definition->is_public,
        .visibility = choice_word(choice_visibility, &definition->visibility),
        .gavel = bytes_text(sale->gavel_console),
        .seed_hash = seed_hash_of(definition, parts->seed_hash),
        .lot = parts->lot.rules,
    };
    fill_flow(&info, &definition->rules);
    fill_purses(&info, definition, parts);
    return info;
}
