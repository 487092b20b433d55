// Facts as text: every kind with every member there and back, and the texts that old ledgers hold.
#include "auction-svc/record/fact.h"
#include "auction-svc/record/fact_text.h"
#include "core_room.h"

enum { TEXT_SIZE_MAX = 1 << 20, UNTOUCHED = 0xEE };

// ---- one fact of each kind, made from the table of its members: none has its neutral value ----

struct sample {
    struct sale_event event;
    struct sale_definition definition;
    struct lot_definition lots[2];
    struct participant_definition participants[2];
    struct award awards[2];
    int64_t indexes[3];
    int64_t count; // members filled so far: each gets a value of its own
};

static void increments_fill(struct increment_table *table)
{
    *table = (struct increment_table){.align = true, .count = INCREMENT_BANDS_MAX};
    for (size_t i = 0; i < INCREMENT_BANDS_MAX; i++) {
        table->as.bands[i] = (struct increment_band){(int64_t)i * 100, (int64_t)i + 1};
    }
}

static void premium_fill(struct premium_bands *premium)
{
    premium->count = PREMIUM_BANDS_MAX;
    for (size_t i = 0; i < PREMIUM_BANDS_MAX; i++) {
        premium->bands[i] = (struct premium_band){(int64_t)i, 1000 - (int64_t)i};
    }
}

static void caps_fill(struct sale_definition *definition)
{
    definition->category_caps_count = CATEGORY_CAPS_MAX;
    for (size_t i = 0; i < CATEGORY_CAPS_MAX; i++) {
        struct category_cap *cap = &definition->category_caps[i];
        memset(cap->category, 0, sizeof cap->category);
        memset(cap->category, 'a' + (int)i, LOT_CATEGORY_SIZE_MAX);
        cap->most = (int64_t)i + 1;
    }
}

static void members_fill(struct sample *sample, const struct member_form *form, void *base);

static void part_fill(struct sample *sample, const struct member_form *form, void *base,
                      void *place)
{
    struct lot_definition *lot = base;
    switch ((int)form->type) {
    case MEMBER_INCREMENTS:
        increments_fill(place);
        break;
    case MEMBER_PREMIUM:
        premium_fill(place);
        break;
    case MEMBER_CAPS:
        caps_fill(base);
        break;
    case MEMBER_RULES:
        lot->has_rules = true;
        members_fill(sample, lot_rules_members, &lot->rules);
        break;
    case MEMBER_DEFINITION:
        sample->event.as.sale_created.definition = &sample->definition;
        members_fill(sample, definition_members, &sample->definition);
        break;
    case MEMBER_LOTS:
        sample->event.as.lots_added.lots = sample->lots;
        sample->event.as.lots_added.count = 2;
        members_fill(sample, lot_members, &sample->lots[0]);
        members_fill(sample, lot_members, &sample->lots[1]);
        break;
    case MEMBER_PARTICIPANTS:
        sample->event.as.participants_added.participants = sample->participants;
        sample->event.as.participants_added.count = 2;
        members_fill(sample, participant_members, &sample->participants[0]);
        members_fill(sample, participant_members, &sample->participants[1]);
        break;
    case MEMBER_AWARDS:
        sample->event.as.lot_awarded.awards = sample->awards;
        sample->event.as.lot_awarded.count = 2;
        members_fill(sample, award_members, &sample->awards[0]);
        members_fill(sample, award_members, &sample->awards[1]);
        break;
    case MEMBER_INDEXES:
        sample->event.as.names_submitted.lots = sample->indexes;
        sample->event.as.names_submitted.count = 3;
        memcpy(sample->indexes, (int64_t[]){9999, 0, 7}, sizeof sample->indexes);
        break;
    default:
        fail_msg("a type of member that this test does not know: %s", form->name);
    }
}

static void member_fill(struct sample *sample, const struct member_form *form, void *base)
{
    static const char text[] = "\xC3\x84nne \\ \"B\"\n</script>\xE2\x80\xA8";
    void *place = (uint8_t *)base + form->offset;
    int64_t number = ++sample->count;
    unsigned value = 0;
    switch (form->type) {
    case MEMBER_INT:
        *(int64_t *)place = TIME_MS_MAX - number;
        return;
    case MEMBER_BOOL:
        *(bool *)place = true;
        return;
    case MEMBER_TEXT:
        *(struct bytes *)place = bytes_of(text, sizeof text - 1);
        return;
    case MEMBER_ID:
        memset(place, 0, ID_SIZE_MAX + 1);
        memset(place, 'A' + (int)(number % 26), ID_SIZE_MAX);
        return;
    case MEMBER_CHARS:
        memset(place, 0, form->size);
        memset(place, 'A' + (int)(number % 26), form->size - 1);
        return;
    case MEMBER_HASH:
        memset(place, 0xA0 + (int)(number % 16), INVITE_HASH_SIZE);
        return;
    case MEMBER_ENUM:
        while (form->names[value + 1] != NULL) {
            value++;
        }
        memcpy(place, &value, sizeof value);
        return;
    case MEMBER_INCREMENTS:
    case MEMBER_DEFINITION:
    case MEMBER_LOTS:
    case MEMBER_PARTICIPANTS:
    case MEMBER_AWARDS:
    case MEMBER_INDEXES:
    case MEMBER_RULES:
    case MEMBER_PREMIUM:
    case MEMBER_CAPS:
        part_fill(sample, form, base, place);
        return;
    }
}

static void members_fill(struct sample *sample, const struct member_form *form, void *base)
{
    for (; form->name != NULL; form++) {
        member_fill(sample, form, base);
    }
}

static const struct sale_event *sample_of(enum sale_event_kind kind)
{
    static struct sample sample;
    memset(&sample, 0, sizeof sample);
    sample.event.kind = kind;
    sample.event.at_ms = INT64_C(1700000000001);
    members_fill(&sample, fact_members(kind), &sample.event);
    return &sample.event;
}

// ---- comparing, by the same table ----

static void expect_same_members(const struct member_form *form, const void *left,
                                const void *right);

static void expect_same_list(const struct member_form *form, const void *left, const void *right,
                             size_t item_size, size_t left_count, size_t right_count)
{
    assert_int_equal(left_count, right_count);
    for (size_t i = 0; i < left_count; i++) {
        expect_same_members(form, (const uint8_t *)left + i * item_size,
                            (const uint8_t *)right + i * item_size);
    }
}

static void expect_same_lists(const struct member_form *form, const struct sale_event *a,
                              const struct sale_event *b)
{
    switch ((int)form->type) {
    case MEMBER_LOTS:
        expect_same_list(lot_members, a->as.lots_added.lots, b->as.lots_added.lots,
                         sizeof(struct lot_definition), a->as.lots_added.count,
                         b->as.lots_added.count);
        break;
    case MEMBER_PARTICIPANTS:
        expect_same_list(participant_members, a->as.participants_added.participants,
                         b->as.participants_added.participants,
                         sizeof(struct participant_definition), a->as.participants_added.count,
                         b->as.participants_added.count);
        break;
    case MEMBER_AWARDS:
        expect_same_list(award_members, a->as.lot_awarded.awards, b->as.lot_awarded.awards,
                         sizeof(struct award), a->as.lot_awarded.count, b->as.lot_awarded.count);
        break;
    case MEMBER_INDEXES:
        assert_int_equal(a->as.names_submitted.count, b->as.names_submitted.count);
        assert_memory_equal(a->as.names_submitted.lots, b->as.names_submitted.lots,
                            a->as.names_submitted.count * sizeof(int64_t));
        break;
    default:
        fail_msg("a list that this test does not know: %s", form->name);
    }
}

static void expect_same_caps(const struct sale_definition *a, const struct sale_definition *b)
{
    assert_int_equal(a->category_caps_count, b->category_caps_count);
    for (size_t i = 0; i < a->category_caps_count; i++) {
        assert_string_equal(a->category_caps[i].category, b->category_caps[i].category);
        assert_true(a->category_caps[i].most == b->category_caps[i].most);
    }
}

static void expect_same_tables(const struct increment_table *a, const struct increment_table *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->align, b->align);
    assert_int_equal(a->count, b->count);
    assert_memory_equal(&a->as, &b->as, sizeof a->as);
}

static void expect_same_member(const struct member_form *form, const void *left, const void *right)
{
    const void *a = (const uint8_t *)left + form->offset;
    const void *b = (const uint8_t *)right + form->offset;
    const struct sale_event *event = left;
    const struct sale_event *other = right;
    switch (form->type) {
    case MEMBER_INT:
        assert_true(*(const int64_t *)a == *(const int64_t *)b);
        return;
    case MEMBER_BOOL:
        assert_int_equal(*(const bool *)a, *(const bool *)b);
        return;
    case MEMBER_TEXT:
        assert_true(bytes_equal(*(const struct bytes *)a, *(const struct bytes *)b));
        return;
    case MEMBER_ID:
    case MEMBER_CHARS:
        assert_string_equal(a, b);
        return;
    case MEMBER_HASH:
        assert_memory_equal(a, b, INVITE_HASH_SIZE);
        return;
    case MEMBER_ENUM:
        assert_memory_equal(a, b, sizeof(unsigned));
        return;
    case MEMBER_INCREMENTS:
        expect_same_tables(a, b);
        return;
    case MEMBER_PREMIUM:
        assert_memory_equal(a, b, sizeof(struct premium_bands));
        return;
    case MEMBER_CAPS:
        expect_same_caps(left, right);
        return;
    case MEMBER_RULES:
        assert_int_equal(*(const bool *)a, *(const bool *)b);
        expect_same_members(lot_rules_members, &((const struct lot_definition *)left)->rules,
                            &((const struct lot_definition *)right)->rules);
        return;
    case MEMBER_DEFINITION:
        expect_same_members(definition_members, event->as.sale_created.definition,
                            other->as.sale_created.definition);
        return;
    case MEMBER_LOTS:
    case MEMBER_PARTICIPANTS:
    case MEMBER_AWARDS:
    case MEMBER_INDEXES:
        expect_same_lists(form, event, other);
        return;
    }
}

static void expect_same_members(const struct member_form *form, const void *left, const void *right)
{
    for (; form->name != NULL; form++) {
        expect_same_member(form, left, right);
    }
}

// F27, F28: what can't be written and read again can't be replayed.
static void every_kind_of_fact_comes_back_with_every_member(void **state)
{
    (void)state;
    struct buffer once;
    struct buffer twice;
    buffer_init(&once, TEXT_SIZE_MAX);
    buffer_init(&twice, TEXT_SIZE_MAX);
    for (unsigned kind = 0; kind < SALE_EVENT_KIND_COUNT; kind++) {
        const struct sale_event *event = sample_of((enum sale_event_kind)kind);
        struct fact *fact = NULL;
        buffer_clear(&once);
        buffer_clear(&twice);
        fact_write(&once, event);
        assert_int_equal(buffer_status(&once), LC_OK);
        assert_int_equal(fact_read(buffer_bytes(&once), &fact), LC_OK);
        assert_int_equal(fact_event(fact)->kind, kind);
        assert_true(fact_event(fact)->at_ms == event->at_ms);
        expect_same_members(fact_members(event->kind), event, fact_event(fact));
        fact_write(&twice, fact_event(fact));
        assert_string_equal(buffer_text(&once), buffer_text(&twice));
        fact_destroy(fact);
    }
    buffer_release(&once);
    buffer_release(&twice);
}

// Eight bytes in a row that no member of the table wrote are a member that the table lacks.
static void expect_touched(const char *what, const void *data, size_t size)
{
    static const uint8_t untouched[8] = {UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED,
                                         UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED};
    for (size_t at = 0; at + 8 <= size; at += 8) {
        if (memcmp((const uint8_t *)data + at, untouched, 8) == 0) {
            fail_msg("%s: what lies at offset %zu is not kept in the ledger", what, at);
        }
    }
}

static void each_member_of_a_definition_stands_in_its_table(void **state)
{
    (void)state;
    static struct sample sample;
    memset(&sample, UNTOUCHED, sizeof sample);
    sample.count = 0;
    members_fill(&sample, definition_members, &sample.definition);
    members_fill(&sample, lot_members, &sample.lots[0]);
    members_fill(&sample, participant_members, &sample.participants[0]);
    members_fill(&sample, award_members, &sample.awards[0]);
    expect_touched("a sale", &sample.definition, sizeof sample.definition);
    expect_touched("a lot", &sample.lots[0], sizeof sample.lots[0]);
    expect_touched("a participant", &sample.participants[0], sizeof sample.participants[0]);
    expect_touched("an award", &sample.awards[0], sizeof sample.awards[0]);
}

// ---- what a fact may lack ----

static bool is_added(const struct member_form *form, struct bytes name)
{
    for (; form->name != NULL; form++) {
        if (form->is_added && bytes_equal_text(name, form->name)) {
            return true;
        }
    }
    return false;
}

static bool is_added_in(enum sale_event_kind kind, struct bytes name)
{
    switch ((int)kind) {
    case EVENT_SALE_CREATED:
        return is_added(definition_members, name);
    case EVENT_LOTS_ADDED:
        return is_added(lot_members, name) || is_added(lot_rules_members, name);
    default:
        return is_added(fact_members(kind), name);
    }
}

// What a later version added may be missing: zero stands for it, and old ledgers replay.
static void a_fact_without_any_of_its_first_members_is_corrupt(void **state)
{
    (void)state;
    size_t added = 0;
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    for (unsigned kind = 0; kind < SALE_EVENT_KIND_COUNT; kind++) {
        buffer_clear(&text);
        fact_write(&text, sample_of((enum sale_event_kind)kind));
        char *copy = (char *)(void *)text.data;
        for (size_t i = 1; i + 1 < text.size; i++) {
            bool names_a_member = copy[i] == '"' && (copy[i - 1] == ',' || copy[i - 1] == '{');
            size_t end = bytes_find(buffer_bytes(&text), '"', i + 1);
            if (!names_a_member || end + 1 >= text.size || copy[end + 1] != ':') {
                continue;
            }
            bool may_lack =
                is_added_in((enum sale_event_kind)kind, bytes_of(copy + i + 1, end - i - 1));
            struct fact *fact = NULL;
            char saved = copy[i + 1];
            copy[i + 1] = '~'; // an unknown name instead
            assert_int_equal(fact_read(buffer_bytes(&text), &fact),
                             may_lack ? LC_OK : LC_ERR_CORRUPT);
            fact_destroy(fact);
            copy[i + 1] = saved;
            added += may_lack ? 1 : 0;
        }
    }
    assert_true(added > 50);
    buffer_release(&text);
}

static void what_is_no_fact_is_corrupt(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"kind\":7,\"at\":1}",
        "{\"kind\":\"nope\",\"at\":1}",
        "{\"kind\":\"sale_reset\"}",
        "{\"kind\":\"sale_reset\",\"at\":\"1\"}",
        "{\"kind\":\"sale_reset\",\"at\":1.5}",
        "{\"kind\":\"sale_reset\",\"at\":9007199254740993}",
        "{\"kind\":\"sale_paused\",\"at\":1,\"remaining_ms\":null}",
        "{\"kind\":\"sale_completed\",\"at\":1,\"reason\":\"tired\"}",
        "{\"kind\":\"notice\",\"at\":1,\"text\":\"a\",\"by\":\"a b\"}",
        "{\"kind\":\"notice\",\"at\":1,\"text\":\"a\",\"by\":7}",
        "{\"kind\":\"invite_used\",\"at\":1,\"invite_hash\":\"00\"}",
        "{\"kind\":\"participant_blocked\",\"at\":1,\"participant\":\"p1\",\"blocked\":1}",
        "{\"kind\":\"lots_added\",\"at\":1,\"lots\":{}}",
        "{\"kind\":\"lots_added\",\"at\":1,\"lots\":[1]}",
        "{\"kind\":\"sale_created\",\"at\":1,\"definition\":[]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fact *fact = NULL;
        assert_int_equal(fact_read(bytes_text(bad[i]), &fact), LC_ERR_CORRUPT);
        assert_null(fact);
    }
}

// ---- the texts of ledgers that exist ----

#define FIRST_RULES                                                                            \
    "\"lot_duration_ms\":30000,\"gap_ms\":3000,\"soft_close_window_ms\":10000,"                \
    "\"soft_close_amount_ms\":10000,\"soft_close_type\":\"reset\","                            \
    "\"soft_close_max_extensions\":5,\"unsold_rounds\":1,\"strict\":true,\"sanity_factor\":7," \
    "\"outage_threshold_ms\":2000,\"outage_extension_ms\":0,"                                  \
    "\"increments\":{\"align\":false,\"bands\":[[0,100],[1000,500]]},"
#define FIRST_HASH "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0eff"

// One text of each kind as the first version wrote it: they must be read for ever.
static const char *const first_texts[] = {
    "{\"kind\":\"sale_created\",\"at\":1,\"definition\":{\"id\":\"demo\",\"title\":\"Demo\","
    "\"currency_code\":\"EUR\",\"currency_minor_digits\":2,\"is_public\":true,"
    "\"visibility\":\"paddles\"," FIRST_RULES
    "\"roster_enabled\":true,\"roster_budget_minor\":200,\"roster_slots\":16,"
    "\"roster_minimum_minor\":1}}",
    "{\"kind\":\"epoch_started\",\"at\":2,\"epoch\":1,\"reason\":\"created\"}",
    "{\"kind\":\"lots_added\",\"at\":2,\"lots\":[{\"id\":\"l1\",\"no\":1,\"title\":\"Lamp\","
    "\"description\":\"\",\"image\":\"\",\"category\":\"c\",\"opening_minor\":100,"
    "\"reserve_minor\":0,\"duration_ms\":0}]}",
    "{\"kind\":\"invite_created\",\"at\":3,\"hash\":\"" FIRST_HASH "\",\"role\":\"bidder\","
    "\"uses\":0,\"expires_at_ms\":0,\"participant\":\"\"}",
    "{\"kind\":\"participant_joined\",\"at\":4,\"participant\":\"p1\",\"paddle\":\"1\","
    "\"name\":\"Ana\",\"role\":\"bidder\",\"invite_hash\":\"" FIRST_HASH "\"}",
    "{\"kind\":\"invite_used\",\"at\":4,\"invite_hash\":\"" FIRST_HASH "\"}",
    "{\"kind\":\"participant_blocked\",\"at\":5,\"participant\":\"p1\",\"blocked\":false}",
    "{\"kind\":\"sale_started\",\"at\":6,\"next_lot_index\":0,\"next_starts_at_ms\":7}",
    "{\"kind\":\"lot_started\",\"at\":7,\"lot_index\":0,\"ends_at_ms\":30007}",
    "{\"kind\":\"bid_accepted\",\"at\":8,\"lot_index\":0,\"bid_no\":1,\"by\":\"p1\","
    "\"amount_minor\":100,\"ends_at_ms\":40000}",
    "{\"kind\":\"lot_extended\",\"at\":8,\"lot_index\":0,\"extended_ms\":9993,"
    "\"ends_at_ms\":40000}",
    "{\"kind\":\"sale_paused\",\"at\":9,\"remaining_ms\":39991}",
    "{\"kind\":\"sale_resumed\",\"at\":10,\"reason\":\"command\",\"gap_ms\":0,"
    "\"ends_at_ms\":40001}",
    "{\"kind\":\"lot_sold\",\"at\":40001,\"lot_index\":0,\"winner\":\"p1\",\"price_minor\":100,"
    "\"reason\":\"time\",\"next_lot_index\":-1,\"next_starts_at_ms\":0}",
    "{\"kind\":\"lot_unsold\",\"at\":40001,\"lot_index\":0,\"reason\":\"no_bids\","
    "\"next_lot_index\":-1,\"next_starts_at_ms\":0}",
    "{\"kind\":\"round_started\",\"at\":40001,\"round\":1,\"next_lot_index\":0,"
    "\"next_starts_at_ms\":43001}",
    "{\"kind\":\"sale_completed\",\"at\":40001,\"reason\":\"no_lots_left\"}",
    "{\"kind\":\"sale_reset\",\"at\":40002}",
    "{\"kind\":\"sale_deleted\",\"at\":40003}",
    "{\"kind\":\"notice\",\"at\":11,\"text\":\"Lunch\",\"by\":\"\"}",
};

static struct fact *first_fact(const char *kind)
{
    char start[64];
    struct fact *fact = NULL;
    snprintf(start, sizeof start, "{\"kind\":\"%s\"", kind);
    for (size_t i = 0; i < sizeof first_texts / sizeof first_texts[0]; i++) {
        if (strncmp(first_texts[i], start, strlen(start)) == 0) {
            assert_int_equal(fact_read(bytes_text(first_texts[i]), &fact), LC_OK);
            return fact;
        }
    }
    fail_msg("no text of the first version for %s", kind);
    return NULL;
}

// A sale of the first version's rules is written as the first version wrote it.
static void the_texts_of_the_first_version_are_read_and_written_unchanged(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    assert_int_equal(sizeof first_texts / sizeof first_texts[0], EVENT_NOTICE + 1);
    for (size_t i = 0; i < sizeof first_texts / sizeof first_texts[0]; i++) {
        struct fact *fact = NULL;
        assert_int_equal(fact_read(bytes_text(first_texts[i]), &fact), LC_OK);
        if (fact_event(fact)->kind != EVENT_SALE_CREATED) { // its members stand in another order
            buffer_clear(&text);
            fact_write(&text, fact_event(fact));
            assert_string_equal(buffer_text(&text), first_texts[i]);
        }
        fact_destroy(fact);
    }
    buffer_release(&text);
}

static void a_bid_of_the_first_version_was_the_price_and_its_bidder_led(void **state)
{
    (void)state;
    struct fact *fact = first_fact("bid_accepted");
    const struct sale_event *event = fact_event(fact);
    assert_int_equal(event->as.bid_accepted.kind, BID_PLAIN);
    assert_int_equal(event->as.bid_accepted.price_minor, 100);
    assert_int_equal(event->as.bid_accepted.held_minor, 100);
    assert_int_equal(event->as.bid_accepted.quantity, 1);
    assert_string_equal(event->as.bid_accepted.leader.text, "p1");
    fact_destroy(fact);
    fact = first_fact("lot_sold");
    assert_int_equal(fact_event(fact)->as.lot_sold.quantity, 1);
    fact_destroy(fact);
}

static void a_seed_with_a_single_bit_is_kept(void **state)
{
    (void)state;
    struct sale_definition definition = room_definition();
    struct sale_event event = {.kind = EVENT_SALE_CREATED, .at_ms = 1};
    struct buffer text;
    event.as.sale_created.definition = &definition;
    buffer_init(&text, TEXT_SIZE_MAX);
    for (size_t i = 0; i < SEED_SIZE; i += SEED_SIZE - 1) { // the first and the last byte
        struct fact *fact = NULL;
        memset(definition.seed, 0, SEED_SIZE);
        definition.seed[i] = 1;
        buffer_clear(&text);
        fact_write(&text, &event);
        assert_int_equal(fact_read(buffer_bytes(&text), &fact), LC_OK);
        assert_memory_equal(fact_event(fact)->as.sale_created.definition->seed, definition.seed,
                            SEED_SIZE);
        fact_destroy(fact);
    }
    buffer_release(&text);
}

static void the_first_version_knew_no_other_rules_than_english_ones(void **state)
{
    (void)state;
    struct fact *fact = first_fact("sale_created");
    const struct sale_definition *definition = fact_event(fact)->as.sale_created.definition;
    const char *member = NULL;
    assert_int_equal(definition->rules.lot.format, FORMAT_ENGLISH);
    assert_int_equal(definition->rules.flow, FLOW_SEQUENTIAL);
    assert_int_equal(definition->rules.start_mode, START_LOBBY);
    assert_int_equal(definition->rules.lot.increments.count, 2);
    assert_int_equal(definition->premium.count, 0);
    assert_int_equal(definition->category_caps_count, 0);
    assert_int_equal(sale_definition_check(definition, &member), ERROR_NONE);
    fact_destroy(fact);
    fact = first_fact("lots_added");
    assert_false(fact_event(fact)->as.lots_added.lots[0].has_rules);
    fact_destroy(fact);
    fact = first_fact("participant_joined");
    assert_false(fact_event(fact)->as.participant_joined.pending);
    fact_destroy(fact);
}

// A plain bid is the most frequent fact by far: it says nothing twice.
static void the_text_of_a_plain_bid_is_short_and_that_of_a_maximum_complete(void **state)
{
    (void)state;
    struct sale_event event = {.kind = EVENT_BID_ACCEPTED, .at_ms = INT64_C(1700000000001)};
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    event.as.bid_accepted.lot_index = 5;
    event.as.bid_accepted.bid_no = 6;
    event.as.bid_accepted.by = (struct participant_id){"p17"};
    event.as.bid_accepted.amount_minor = AMOUNT_MINOR_MAX;
    event.as.bid_accepted.price_minor = AMOUNT_MINOR_MAX;
    event.as.bid_accepted.leader = (struct participant_id){"p17"};
    event.as.bid_accepted.held_minor = AMOUNT_MINOR_MAX;
    event.as.bid_accepted.quantity = 1;
    event.as.bid_accepted.ends_at_ms = 8;
    fact_write(&text, &event);
    assert_string_equal(
        buffer_text(&text),
        "{\"kind\":\"bid_accepted\",\"at\":1700000000001,\"lot_index\":5,\"bid_no\":6,"
        "\"by\":\"p17\",\"amount_minor\":1000000000000000,\"ends_at_ms\":8}");
    buffer_clear(&text);
    event.as.bid_accepted.kind = BID_MAXIMUM;
    event.as.bid_accepted.price_minor = 7;
    event.as.bid_accepted.amount_minor = 7;
    event.as.bid_accepted.held_minor = 9;
    fact_write(&text, &event);
    assert_string_equal(
        buffer_text(&text),
        "{\"kind\":\"bid_accepted\",\"at\":1700000000001,\"lot_index\":5,\"bid_no\":6,"
        "\"by\":\"p17\",\"amount_minor\":7,\"ends_at_ms\":8,\"bid_kind\":\"maximum\","
        "\"price_minor\":7,\"leader\":\"p17\",\"held_minor\":9,\"quantity\":1}");
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_fact_comes_back_with_every_member),
        cmocka_unit_test(each_member_of_a_definition_stands_in_its_table),
        cmocka_unit_test(a_fact_without_any_of_its_first_members_is_corrupt),
        cmocka_unit_test(what_is_no_fact_is_corrupt),
        cmocka_unit_test(the_texts_of_the_first_version_are_read_and_written_unchanged),
        cmocka_unit_test(a_bid_of_the_first_version_was_the_price_and_its_bidder_led),
        cmocka_unit_test(a_seed_with_a_single_bit_is_kept),
        cmocka_unit_test(the_first_version_knew_no_other_rules_than_english_ones),
        cmocka_unit_test(the_text_of_a_plain_bid_is_short_and_that_of_a_maximum_complete),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
