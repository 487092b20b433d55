#include "auctionctl/bots/bot_view.h"

#include <inttypes.h>
#include <stdio.h>

void bot_view_init(struct bot_view *view)
{
    *view = (struct bot_view){.live = false};
}

void bot_view_release(struct bot_view *view)
{
    free(view->lots);
    view->lots = NULL;
    view->lots_count = 0;
}

void bot_view_disconnected(struct bot_view *view)
{
    view->has_snapshot = false;
    view->lot_is_open = false;
}

static void wrong(struct bot_view *view, uint64_t *counter, const char *what, struct bytes name,
                  int64_t seq)
{
    if (bot_view_wrong(view) == 0) {
        snprintf(view->first_wrong, sizeof view->first_wrong,
                 "%s: %.*s with seq %" PRId64 " after %" PRId64, what,
                 name.size < 32 ? (int)name.size : 32, (const char *)name.data, seq, view->seq);
    }
    (*counter)++;
}

static void text_keep(const struct json *value, char *out, size_t size)
{
    struct bytes text;
    if (json_to_text(value, &text)) {
        snprintf(out, size, "%.*s", (int)text.size, (const char *)text.data);
    }
}

static void person_keep(const struct json *person, struct participant_id *out)
{
    struct bytes text;
    out->text[0] = 0;
    if (json_to_text(json_member(person, "id"), &text)) {
        (void)participant_id_read(text, out);
    }
}

// The lot of this id, made when it was unknown; NULL when there are too many.
static struct bot_lot *lot_of(struct bot_view *view, const struct json *id)
{
    struct bytes text;
    struct lot_id wanted;
    if (!json_to_text(id, &text) || !lot_id_read(text, &wanted)) {
        return NULL;
    }
    for (size_t i = 0; i < view->lots_count; i++) {
        if (lot_id_equal(&view->lots[i].id, &wanted)) {
            return &view->lots[i];
        }
    }
    if (view->lots_count == BOT_VIEW_LOTS_MAX) {
        return NULL;
    }
    size_t count = view->lots_count + 1;
    if ((count & (count - 1)) == 0 || view->lots == NULL) { // room for twice as many
        struct bot_lot *grown = realloc(view->lots, 2 * count * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        view->lots = grown;
    }
    struct bot_lot *lot = &view->lots[view->lots_count++];
    *lot = (struct bot_lot){.id = wanted, .phase = "pending"};
    return lot;
}

static void lot_price(struct bot_lot *lot, const struct json *price)
{
    lot->has_price = json_to_int64(price, &lot->price_minor);
}

static void own_money(struct bot_view *view, const struct json *participant)
{
    struct participant_id id;
    person_keep(participant, &id);
    if (view->self.text[0] == 0 || !participant_id_equal(&id, &view->self)) {
        return;
    }
    view->has_budget = json_to_int64(json_member(participant, "budget"), &view->budget_minor);
    (void)json_to_int64(json_member(participant, "spent"), &view->spent_minor);
    const struct json *roster = json_member(participant, "roster");
    view->has_roster = json_to_int64(json_member(roster, "slots"), &view->slots) &&
                       json_to_int64(json_member(roster, "taken"), &view->taken);
}

// A Lot object, in a snapshot or as it starts.
static bool lot_show(struct bot_view *view, const struct json *value)
{
    struct bot_lot *lot = lot_of(view, json_member(value, "id"));
    if (lot == NULL) {
        return false;
    }
    text_keep(json_member(value, "phase"), lot->phase, sizeof lot->phase);
    lot_price(lot, json_member(value, "price"));
    (void)json_to_int64(json_member(value, "round"), &lot->round);
    person_keep(json_member(value, "leader"), &lot->winner);
    view->lot_is_open = strcmp(lot->phase, "open") == 0;
    view->lot = lot->id;
    view->round = lot->round;
    (void)json_to_int64(json_member(value, "opening"), &view->opening_minor);
    (void)json_to_int64(json_member(value, "ask"), &view->ask_minor);
    return true;
}

static bool snapshot_take(struct bot_view *view, const struct json *payload)
{
    const struct json *state = json_member(payload, "state");
    const struct json *info = json_member(payload, "info");
    const struct json *lots = json_member(payload, "lots");
    if (!json_is_object(state) || !json_is_object(info) || !json_is_array(lots)) {
        return false;
    }
    view->snapshots++;
    view->has_snapshot = true;
    view->lot_is_open = false;
    (void)json_to_bool(json_member(payload, "live"), &view->live);
    text_keep(json_member(state, "phase"), view->phase, sizeof view->phase);
    const struct json *rules = json_member(info, "rules");
    (void)json_to_int64(json_member(json_member(rules, "roster"), "minimum"), &view->minimum_minor);
    view->lots_count = 0;
    for (const struct json *item = json_first(lots); item != NULL; item = json_next(item)) {
        struct bot_lot *lot = lot_of(view, json_member(item, "id"));
        if (lot == NULL) {
            return false;
        }
        text_keep(json_member(item, "phase"), lot->phase, sizeof lot->phase);
        lot_price(lot, json_member(item, "price"));
        (void)json_to_int64(json_member(item, "round"), &lot->round);
        person_keep(json_member(item, "winner"), &lot->winner);
    }
    if (json_is_object(json_member(state, "lot")) && !lot_show(view, json_member(state, "lot"))) {
        return false;
    }
    const struct json *person = json_first(json_member(payload, "participants"));
    for (; person != NULL; person = json_next(person)) {
        own_money(view, person);
    }
    return true;
}

static bool bid_take(struct bot_view *view, struct bytes name, const struct json *payload,
                     int64_t seq)
{
    struct bot_lot *lot = lot_of(view, json_member(payload, "lot"));
    int64_t price;
    if (lot == NULL || !json_to_int64(json_member(payload, "price"), &price)) {
        return false;
    }
    if (lot->has_price && price < lot->price_minor) {
        wrong(view, &view->price_falls, "the price fell", name, seq);
    }
    lot->has_price = true;
    lot->price_minor = price;
    person_keep(json_member(payload, "leader"), &lot->winner);
    return json_to_int64(json_member(payload, "ask"), &view->ask_minor);
}

static bool closed_take(struct bot_view *view, const struct json *payload, bool sold)
{
    struct bot_lot *lot = lot_of(view, json_member(payload, "lot"));
    if (lot == NULL) {
        return false;
    }
    if (lot_id_equal(&lot->id, &view->lot)) {
        view->lot_is_open = false;
    }
    snprintf(lot->phase, sizeof lot->phase, "%s", sold ? "sold" : "unsold");
    lot_price(lot, json_member(payload, "price"));
    if (sold) {
        person_keep(json_member(payload, "winner"), &lot->winner);
        own_money(view, json_member(payload, "winner_state"));
    } else {
        lot->winner.text[0] = 0;
    }
    return true;
}

static void lot_clear(struct bot_lot *lot)
{
    snprintf(lot->phase, sizeof lot->phase, "pending");
    lot->has_price = false;
    lot->winner.text[0] = 0;
}

static void sale_phase(struct bot_view *view, const char *phase)
{
    snprintf(view->phase, sizeof view->phase, "%s", phase);
}

static void completed(struct bot_view *view)
{
    sale_phase(view, "complete");
    view->lot_is_open = false;
    for (size_t i = 0; i < view->lots_count; i++) { // lots left then are unsold (rules 3)
        if (strcmp(view->lots[i].phase, "pending") == 0) {
            snprintf(view->lots[i].phase, sizeof view->lots[i].phase, "unsold");
        }
    }
}

static bool durable_take(struct bot_view *view, struct bytes name, const struct json *payload,
                         int64_t seq)
{
    if (bytes_equal_text(name, "bid_update")) {
        return bid_take(view, name, payload, seq);
    }
    if (bytes_equal_text(name, "lot_started")) {
        const struct json *lot = json_member(payload, "lot");
        struct bot_lot *known = lot_of(view, json_member(lot, "id"));
        if (known != NULL) {
            lot_clear(known); // a lot offered again has no price to fall from
        }
        return lot_show(view, lot);
    }
    if (bytes_equal_text(name, "sold") || bytes_equal_text(name, "unsold")) {
        return closed_take(view, payload, bytes_equal_text(name, "sold"));
    }
    if (bytes_equal_text(name, "round_started")) {
        const struct json *item = json_first(json_member(payload, "lots"));
        for (; item != NULL; item = json_next(item)) {
            struct bot_lot *lot = lot_of(view, item);
            if (lot == NULL) {
                return false;
            }
            lot_clear(lot);
        }
    } else if (bytes_equal_text(name, "participants_changed")) {
        own_money(view, json_member(payload, "participant"));
    } else if (bytes_equal_text(name, "auction_started") ||
               bytes_equal_text(name, "auction_resumed")) {
        sale_phase(view, "live");
    } else if (bytes_equal_text(name, "auction_paused")) {
        sale_phase(view, "paused");
    } else if (bytes_equal_text(name, "auction_complete")) {
        completed(view);
    } else if (bytes_equal_text(name, "auction_deleted")) {
        sale_phase(view, "deleted");
        view->lot_is_open = false;
    } else if (bytes_equal_text(name, "auction_reset")) {
        sale_phase(view, "lobby");
        view->lot_is_open = false;
        view->spent_minor = view->taken = 0;
        for (size_t i = 0; i < view->lots_count; i++) {
            lot_clear(&view->lots[i]);
        }
    }
    return true; // anti_snipe, notice, lots_changed, epoch_started: nothing that is kept here
}

static bool is_ephemeral(struct bytes name)
{
    static const char *const names[] = {
        "tick",     "lobby_updated", "next_lot_countdown",  "connection_degraded", "outbid",
        "you_lead", "you",           "connection_restored",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (bytes_equal_text(name, names[i])) {
            return true;
        }
    }
    return false;
}

void bot_view_event(struct bot_view *view, struct bytes name, const struct json *payload)
{
    view->events++;
    if (bytes_equal_text(name, "connection_degraded") ||
        bytes_equal_text(name, "connection_restored")) {
        view->live = bytes_equal_text(name, "connection_restored");
        return; // the bridge's own word: it may not know a seq
    }
    int64_t seq = 0;
    int64_t epoch = 0;
    if (!json_to_int64(json_member(payload, "seq"), &seq) ||
        !json_to_int64(json_member(payload, "epoch"), &epoch)) {
        wrong(view, &view->malformed, "no seq", name, seq);
        return;
    }
    bool is_snapshot = bytes_equal_text(name, "auction_snapshot");
    if (is_ephemeral(name)) {
        return;
    }
    if (!is_snapshot && !view->has_snapshot) {
        wrong(view, &view->malformed, "an event before the snapshot", name, seq);
        return;
    }
    if (is_snapshot && (seq < view->seq || epoch < view->epoch)) {
        wrong(view, &view->backward, "an old snapshot", name, seq);
    } else if (!is_snapshot && seq <= view->seq) {
        wrong(view, &view->duplicates, "a duplicate", name, seq);
        return;
    } else if (!is_snapshot && seq > view->seq + 1) {
        wrong(view, &view->gaps, "a gap", name, seq);
    }
    if (!(is_snapshot ? snapshot_take(view, payload) : durable_take(view, name, payload, seq))) {
        wrong(view, &view->malformed, "members are missing", name, seq);
    }
    view->seq = seq;
    view->epoch = epoch;
}

int64_t bot_view_max_bid(const struct bot_view *view)
{
    if (view->has_roster && view->taken >= view->slots) {
        return 0;
    }
    if (!view->has_budget) {
        return INT64_MAX;
    }
    int64_t left = view->budget_minor - view->spent_minor;
    if (view->has_roster) { // the minimum for each slot that stays open after this one (rules 3)
        left -= view->minimum_minor * (view->slots - view->taken - 1);
    }
    return left > 0 ? left : 0;
}

bool bot_view_leads(const struct bot_view *view)
{
    for (size_t i = 0; i < view->lots_count; i++) {
        if (lot_id_equal(&view->lots[i].id, &view->lot)) {
            return view->self.text[0] != 0 &&
                   participant_id_equal(&view->lots[i].winner, &view->self);
        }
    }
    return false;
}

uint64_t bot_view_wrong(const struct bot_view *view)
{
    return view->gaps + view->duplicates + view->price_falls + view->backward + view->malformed;
}
