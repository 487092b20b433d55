// Rules 4: dutch, japanese, sealed first price, Vickrey, uniform price.
#include "auditor_books.h"

// "price = start - step x floor((now - start)/tick), a function of server time".
int64_t format_dutch_price(const struct audit_lot *lot, int64_t now)
{
    // an outage with an extension may set the beginning behind now
    int64_t ticks = most_of(now - lot->clock_from, 0) / most_of(lot->rules.price_tick_ms, 1);
    return lot->clock_price - lot->rules.price_step_minor * ticks;
}

// Either from the start on, or once nobody may enter any more.
static bool is_japanese_price(const struct audit_lot *lot, int64_t now, int64_t price)
{
    int64_t tick = most_of(lot->rules.price_tick_ms, 1);
    int64_t from_start =
        lot->opening + lot->rules.price_step_minor * ((now - lot->clock_from) / tick);
    int64_t later = most_of(now - lot->clock_from - lot->duration, 0) / tick;
    int64_t from_end = lot->opening + lot->rules.price_step_minor * later;
    return price == from_start || price == from_end;
}

static uint64_t money_bits(const struct auditor *auditor, int lot, int by, int64_t amount)
{
    return code_bit(money_judge(auditor, by, lot, amount, true)) |
           code_bit(money_judge(auditor, by, lot, amount, false));
}

static uint64_t dutch_verdict(const struct auditor *auditor, int index, int by,
                              const struct sale_command *bid)
{
    const struct audit_lot *lot = &auditor->lots[index];
    int64_t amount = bid->as.bid.amount_minor;
    int64_t quantity = most_of(bid->as.bid.quantity, 1);
    int64_t price = format_dutch_price(lot, auditor->now);
    uint64_t bad = 0;
    if (amount <= 0 || amount > AMOUNT_MINOR_MAX || quantity > lot->quantity_left) {
        bad = code_bit(ERROR_BAD_AMOUNT) |
              code_bit(ERROR_BAD_QUANTITY); // a press may need no amount: both
    }
    if (amount > 0 && amount < price) {
        return code_bit(ERROR_BELOW_ASK) | bad;
    }
    quantity = least_of(quantity, lot->quantity_left);
    if (price > AMOUNT_MINOR_MAX / most_of(quantity, 1)) {
        return AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    return money_bits(auditor, index, by, price * quantity) |
           money_bits(auditor, index, by, most_of(price, amount) * quantity) | bad;
}

static uint64_t japanese_verdict(const struct auditor *auditor, int index, int by,
                                 const struct sale_command *bid)
{
    const struct audit_offer *offer = &auditor->lots[index].offers[by];
    uint64_t any_amount = code_bit(ERROR_BAD_AMOUNT) | code_bit(ERROR_BELOW_ASK);
    int64_t amount = bid->as.bid.amount_minor;
    if (verdict_time_is_over(auditor, &auditor->lots[index]) &&
        auditor->lots[index].clock_price == auditor->lots[index].opening) {
        // an outage may have given time again, but not once the price has risen
        return AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    if (verdict_time_is_over(auditor, &auditor->lots[index])) {
        return AUDIT_ANY_REFUSAL;
    }
    if (offer->passed) {
        return code_bit(ERROR_ALREADY_PASSED) | // "leaving is final"
               (amount <= 0 || amount > AMOUNT_MINOR_MAX ? code_bit(ERROR_BAD_AMOUNT) : 0);
    }
    if (offer->entered) {
        return AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    uint64_t money = money_bits(auditor, index, by, auditor->lots[index].opening) |
                     money_bits(auditor, index, by, most_of(amount, 1));
    return money | (amount < auditor->lots[index].opening || amount > AMOUNT_MINOR_MAX
                        ? any_amount
                        : code_bit(ERROR_OFF_LADDER));
}

static uint64_t sealed_verdict(const struct auditor *auditor, int index, int by,
                               const struct sale_command *bid)
{
    const struct audit_lot *lot = &auditor->lots[index];
    int64_t amount = bid->as.bid.amount_minor;
    int64_t quantity = most_of(bid->as.bid.quantity, 1);
    bool is_floor = lot->rules.reserve_mode == RESERVE_FLOOR && amount < lot->reserve;
    uint64_t extras = lot->offers[by].passed ? code_bit(ERROR_ALREADY_PASSED) : 0;
    if (amount <= 0 || amount > AMOUNT_MINOR_MAX) {
        return code_bit(ERROR_BAD_AMOUNT);
    }
    if (quantity > lot->quantity) {
        extras |= code_bit(ERROR_BAD_AMOUNT) | code_bit(ERROR_BAD_QUANTITY);
        quantity = lot->quantity;
    }
    if (amount < lot->opening) {
        return code_bit(ERROR_BELOW_ASK) | extras;
    }
    if (is_floor) {
        return AUDIT_ANY_REFUSAL;
    }
    if (amount < lot->offers[by].max) { // whether a sealed bid may be lowered is open
        extras |= code_bit(ERROR_BELOW_ASK);
    }
    if (lot->rules.strict && !ladder_holds(&lot->rules.increments, lot->opening, amount)) {
        extras |= code_bit(ERROR_OFF_LADDER);
    }
    if (!bid->as.bid.confirm && lot->rules.sanity_factor > 0 &&
        amount > lot->opening * lot->rules.sanity_factor) {
        extras |= code_bit(ERROR_ABOVE_SANITY);
    }
    if (amount > AMOUNT_MINOR_MAX / quantity) {
        return AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    return money_bits(auditor, index, by, amount * quantity) | extras;
}

uint64_t format_verdict(const struct auditor *auditor, int lot, int by,
                        const struct sale_command *bid)
{
    switch (auditor->lots[lot].rules.format) {
    case FORMAT_DUTCH:
        return dutch_verdict(auditor, lot, by, bid);
    case FORMAT_JAPANESE:
        return japanese_verdict(auditor, lot, by, bid);
    case FORMAT_SEALED_FIRST:
    case FORMAT_VICKREY:
    case FORMAT_UNIFORM:
        return sealed_verdict(auditor, lot, by, bid);
    case FORMAT_ENGLISH:
    case FORMAT_LIVE:
    case FORMAT_CANDLE:
    case AUCTION_FORMAT_COUNT:
        break;
    }
    return AUDIT_ANY_REFUSAL;
}

// ---- facts while the lot is open ----

static void dutch_press(struct auditor *auditor, struct audit_lot *lot,
                        const struct sale_event *event, int by)
{
    int64_t price = format_dutch_price(lot, auditor->now);
    int64_t quantity = event->as.bid_accepted.quantity;
    must(auditor, event->as.bid_accepted.kind == BID_PRESS, "the kind of a press");
    must(auditor, event->as.bid_accepted.price_minor == price,
         "a press fixes the price by formula");
    must(auditor, price >= most_of(lot->reserve, 1), "a late press buys nothing");
    must(auditor, quantity >= 1 && quantity <= lot->quantity_left, "a press takes what is left");
    must(auditor, lot->awards_count < AUDIT_AWARDS_MAX, "the simulation's pieces fit");
    if (auditor->fault[0] != 0) {
        return;
    }
    lot->awards[lot->awards_count].winner = by;
    lot->awards[lot->awards_count].quantity = quantity;
    lot->awards[lot->awards_count++].price = price;
    lot->quantity_left -= quantity;
    lot->price = price;
    lot->leader = by;
}

void format_bid(struct auditor *auditor, const struct sale_event *event)
{
    struct audit_lot *lot = &auditor->lots[event->as.bid_accepted.lot_index];
    int by = books_participant(auditor, event->as.bid_accepted.by.text);
    must(auditor,
         auditor->command != NULL && by >= 0 && by == auditor->by &&
             event->as.bid_accepted.lot_index == auditor->lot,
         "a bid that nobody made");
    must_be_allowed(auditor);
    if (auditor->fault[0] != 0) {
        return;
    }
    auditor->bids++;
    lot->bids++;
    lot->warned = 0;
    if (lot->rules.format == FORMAT_DUTCH) {
        dutch_press(auditor, lot, event, by);
    } else if (lot->rules.format == FORMAT_JAPANESE) {
        must(auditor, event->as.bid_accepted.kind == BID_ENTER, "the kind of an entering");
        must(auditor,
             auditor->now <= lot->started_at + lot->duration || lot->ends_at > auditor->now,
             "nobody enters late");
        must(auditor, event->as.bid_accepted.price_minor >= lot->clock_price,
             "the price never falls");
        lot->offers[by].entered = true;
        lot->price = event->as.bid_accepted.price_minor;
        lot->leader = books_participant(auditor, event->as.bid_accepted.leader.text);
    } else {
        must(auditor, false, "a sealed bid is no public fact");
    }
    lot->held = event->as.bid_accepted.held_minor;
}

// "The price rises by the clock": a step each tick, from the start on or once the time to enter is
// over.
static void japanese_rise(struct auditor *auditor, struct audit_lot *lot,
                          const struct sale_event *event)
{
    int64_t price = event->as.clock_restarted.price_minor;
    int64_t from = event->as.clock_restarted.from_ms;
    int64_t ticks = (price - lot->opening) / lot->rules.price_step_minor;
    int64_t from_start = from - lot->started_at;
    int64_t from_end = from_start - lot->duration;
    must(auditor,
         price > lot->clock_price && price == lot->opening + ticks * lot->rules.price_step_minor,
         "the price rises by its steps");
    must(auditor,
         from <= auditor->now && (from_start == ticks * lot->rules.price_tick_ms ||
                                  from_end == ticks * lot->rules.price_tick_ms ||
                                  from_end == (ticks - 1) * lot->rules.price_tick_ms),
         "the price rises each tick");
    lot->clock_price = price;
}

void format_clock(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.clock_restarted.lot_index;
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot restarted is there");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, event->as.clock_restarted.quantity_left == lot->quantity_left,
         "the rest is left");
    lot->warned = 0; // for a new price
    if (lot->rules.format == FORMAT_JAPANESE) {
        japanese_rise(auditor, lot, event);
        return;
    }
    must(auditor, lot->rules.format == FORMAT_DUTCH && lot->quantity_left > 0,
         "a dutch clock restarts for the rest");
    int64_t raised = lot->price + lot->rules.dutch_raise_minor;
    must(auditor,
         event->as.clock_restarted.price_minor == raised ||
             event->as.clock_restarted.price_minor == least_of(raised, lot->opening),
         "the clock restarts a little above the price paid");
    must(auditor, event->as.clock_restarted.from_ms == auditor->now, "the clock restarts now");
    lot->clock_price = event->as.clock_restarted.price_minor;
    lot->clock_from = auditor->now;
}

static int holders_of(const struct auditor *auditor, const struct audit_lot *lot)
{
    int holders = 0;
    for (int p = 0; p < auditor->participants_count; p++) {
        holders += lot->offers[p].entered && !lot->offers[p].passed;
    }
    return holders;
}

void format_passed(struct auditor *auditor, const struct sale_event *event)
{
    struct audit_lot *lot = &auditor->lots[event->as.lot_passed.lot_index];
    int by = books_participant(auditor, event->as.lot_passed.by.text);
    bool by_command = auditor->command != NULL && auditor->command->op == SALE_OP_PASS;
    must(auditor, books_runs(lot) && lot->offers[by].entered && !lot->offers[by].passed,
         "only who holds the button leaves");
    // at a price that he can't pay the clock releases it for him
    must(auditor, by_command ? by == auditor->by : auditor->cause == CAUSE_DEADLINE,
         "nobody else leaves for him");
    lot->offers[by].passed = true;
    lot->offers[by].left_at = auditor->now;
    lot->offers[by].left_price = lot->clock_price; // as last announced
}

void format_awarded(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_awarded.lot_index;
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot awarded is there");
    must(auditor, event->as.lot_awarded.count <= AUDIT_AWARDS_MAX, "the simulation's awards fit");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    bool is_dutch = lot->rules.format == FORMAT_DUTCH;
    must(auditor,
         !is_dutch || (size_t)lot->awards_count == event->as.lot_awarded.count ||
             event->as.lot_awarded.count == 1,
         "each press is awarded");
    for (size_t i = 0; i < event->as.lot_awarded.count && !is_dutch; i++) {
        const struct award *award = &event->as.lot_awarded.awards[i];
        lot->awards[i].winner = books_participant(auditor, award->winner.text);
        lot->awards[i].quantity = award->quantity;
        lot->awards[i].price = award->price_minor;
        must(auditor, lot->awards[i].winner >= 0, "a winner is there");
        lot->awards_count = (int)i + 1;
    }
}

// ---- what a closed lot comes to ----

static bool offer_is_before(const struct audit_offer *a, const struct audit_offer *b)
{
    return a->max > b->max || (a->max == b->max && a->order < b->order);
}

// The bids that count, best first; those that their bidders can't pay any more are cut or skipped:
// then the result is open.
static int sealed_bids(const struct auditor *auditor, int index, int out_order[], bool *out_loose)
{
    const struct audit_lot *lot = &auditor->lots[index];
    int count = 0;
    for (int p = 0; p < auditor->participants_count; p++) {
        const struct audit_offer *offer = &lot->offers[p];
        if (offer->max <= 0 || offer->passed) {
            *out_loose = *out_loose || offer->passed;
            continue;
        }
        int64_t whole = offer->max * most_of(offer->quantity, 1);
        *out_loose = *out_loose || money_most(auditor, p, index) < whole ||
                     auditor->participants[p].was_cut ||
                     auditor->participants[p].status != PARTICIPANT_ACCEPTED;
        int place = count++;
        while (place > 0 && offer_is_before(offer, &lot->offers[out_order[place - 1]])) {
            out_order[place] = out_order[place - 1];
            place--;
        }
        out_order[place] = p;
    }
    return count;
}

static void check_single(struct auditor *auditor, int index, const struct sale_event *sold)
{
    const struct audit_lot *lot = &auditor->lots[index];
    int order[AUDIT_PARTICIPANTS_MAX];
    bool loose = false;
    int count = sealed_bids(auditor, index, order, &loose);
    bool is_sold = sold->kind == EVENT_LOT_SOLD;
    bool good = count > 0 && lot->offers[order[0]].max >= lot->reserve;
    must(auditor, loose || is_sold == good, "the best sealed bid that reaches the reserve wins");
    if (!is_sold || auditor->fault[0] != 0) {
        return;
    }
    int winner = books_participant(auditor, sold->as.lot_sold.winner.text);
    int64_t price = sold->as.lot_sold.price_minor;
    must(auditor,
         winner >= 0 && price >= most_of(lot->reserve, 1) && price <= lot->offers[winner].max,
         "nobody pays more than he bid, and the reserve is kept");
    if (loose || auditor->fault[0] != 0) {
        return;
    }
    must(auditor, winner == order[0], "the highest sealed bid wins, the earlier of two");
    int64_t best = lot->offers[order[0]].max;
    int64_t second = count > 1 ? lot->offers[order[1]].max : lot->opening;
    must(auditor,
         lot->rules.format == FORMAT_VICKREY ? price == most_of(second, lot->reserve)
                                             : price == best,
         "first price: his bid; Vickrey: the second bid, or reserve or opening");
}

// Uniform: by price, then time; all pay the lowest winning price.
static void check_uniform(struct auditor *auditor, int index, const struct sale_event *sold)
{
    const struct audit_lot *lot = &auditor->lots[index];
    int order[AUDIT_PARTICIPANTS_MAX];
    bool loose = false;
    int count = sealed_bids(auditor, index, order, &loose);
    int64_t left = lot->quantity;
    int64_t lowest = 0;
    int winners = 0;
    bool is_sold = sold->kind == EVENT_LOT_SOLD;
    for (int i = 0; i < count && left > 0; i++) {
        const struct audit_offer *offer = &lot->offers[order[i]];
        int64_t pieces = least_of(most_of(offer->quantity, 1), left);
        if (offer->max < lot->reserve) {
            break;
        }
        bool fits = winners < lot->awards_count && lot->awards[winners].winner == order[i] &&
                    lot->awards[winners].quantity == pieces;
        must(auditor, loose || (lot->awards_count == 0 && i == 0 && is_sold) || fits,
             "pieces go by price, then time");
        left -= pieces;
        lowest = offer->max;
        winners++;
    }
    must(auditor, loose || is_sold == (winners > 0), "a uniform lot is sold when a bid is good");
    if (!is_sold || loose) {
        return;
    }
    must(auditor, sold->as.lot_sold.price_minor == lowest, "all pay the lowest winning price");
    must(auditor, sold->as.lot_sold.quantity == lot->quantity - left, "what is sold in all");
    for (int i = 0; i < lot->awards_count; i++) {
        must(auditor, lot->awards[i].price == lowest, "each pays the lowest winning price");
    }
}

static void check_japanese(struct auditor *auditor, int index, const struct sale_event *sold)
{
    const struct audit_lot *lot = &auditor->lots[index];
    if (sold->kind != EVENT_LOT_SOLD) {
        return;
    }
    int winner = books_participant(auditor, sold->as.lot_sold.winner.text);
    int64_t price = sold->as.lot_sold.price_minor;
    must(auditor, winner >= 0 && lot->offers[winner].entered, "the last one on the button wins");
    if (auditor->fault[0] != 0) {
        return;
    }
    int holders = holders_of(auditor, lot);
    must(auditor,
         holders <= 1 || sold->as.lot_sold.reason == CLOSE_NEXT ||
             sold->as.lot_sold.reason == CLOSE_HAMMER,
         "a button lot ends with its last holder");
    must(auditor, holders != 1 || !lot->offers[winner].passed, "the last one on the button wins");
    int64_t second_left = 0;
    int64_t second_price = 0;
    for (int p = 0; p < auditor->participants_count; p++) {
        const struct audit_offer *offer = &lot->offers[p];
        bool is_later = offer->left_at > second_left ||
                        (offer->left_at == second_left && offer->left_price > second_price);
        if (p != winner && offer->passed && is_later) {
            second_left = offer->left_at;
            second_price = offer->left_price;
        }
    }
    bool fits = second_left == 0
                    ? price >= lot->opening
                    : price == second_price || is_japanese_price(lot, second_left, price);
    must(auditor, fits, "the last one pays the price at which the second-last left");
    must(auditor, price >= lot->reserve, "below the reserve nothing is sold");
}

static void check_dutch(struct auditor *auditor, int index, const struct sale_event *sold)
{
    const struct audit_lot *lot = &auditor->lots[index];
    if (sold->kind != EVENT_LOT_SOLD) {
        must(auditor, lot->awards_count == 0, "what was pressed is sold");
        return;
    }
    must(auditor, lot->awards_count > 0, "a dutch lot is sold by a press");
    must(auditor, sold->as.lot_sold.quantity == lot->quantity - lot->quantity_left,
         "what is sold in all");
}

// Books of the money of a lot of one or several pieces.
static void spend_awards(struct auditor *auditor, int index, const struct sale_event *sold)
{
    struct audit_lot *lot = &auditor->lots[index];
    int winner = books_participant(auditor, sold->as.lot_sold.winner.text);
    if (lot->awards_count == 0) {
        lot->price = sold->as.lot_sold.price_minor;
        lot->leader = winner;
        must(auditor, winner >= 0, "a lot sold has a winner");
        if (winner >= 0) {
            money_spend(auditor, winner, index, lot->price * most_of(sold->as.lot_sold.quantity, 1),
                        1);
        }
        return;
    }
    for (int i = 0; i < lot->awards_count; i++) { // a lot is one place, in however many pieces
        bool again = false;
        for (int k = 0; k < i; k++) {
            again = again || lot->awards[k].winner == lot->awards[i].winner;
        }
        int64_t amount = lot->awards[i].price * lot->awards[i].quantity;
        if (again) {
            auditor->participants[lot->awards[i].winner].spent += amount;
        } else {
            money_spend(auditor, lot->awards[i].winner, index, amount, 1);
        }
    }
    lot->price = sold->as.lot_sold.price_minor;
    lot->leader = winner;
}

void format_outcome(struct auditor *auditor, int lot, const struct sale_event *sold)
{
    switch (auditor->lots[lot].rules.format) {
    case FORMAT_DUTCH:
        check_dutch(auditor, lot, sold);
        break;
    case FORMAT_JAPANESE:
        check_japanese(auditor, lot, sold);
        break;
    case FORMAT_SEALED_FIRST:
    case FORMAT_VICKREY:
        check_single(auditor, lot, sold);
        break;
    case FORMAT_UNIFORM:
        check_uniform(auditor, lot, sold);
        break;
    case FORMAT_ENGLISH:
    case FORMAT_LIVE:
    case FORMAT_CANDLE:
    case AUCTION_FORMAT_COUNT:
        break;
    }
    if (sold->kind == EVENT_LOT_SOLD && auditor->fault[0] == 0) {
        spend_awards(auditor, lot, sold);
    }
}
