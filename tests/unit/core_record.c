// Facts and definitions as text: every kind there and back, and every wrong member named.
#include "auction-svc/record/definition_read.h"
#include "auction-svc/record/fact.h"
#include "core_room.h"

enum { TEXT_SIZE_MAX = 1 << 20 };

static struct sale_event event_of(enum sale_event_kind kind)
{
    struct sale_event event;
    memset(&event, 0, sizeof event);
    event.kind = kind;
    event.at_ms = INT64_C(1700000000001);
    return event;
}

static const struct lot_definition two_lots[] = {
    {.id = {"l1"}, .no = 1, .title = {(const uint8_t *)"A\"<\n", 4}, .opening_minor = 1},
    {.id = {"x_-9"},
     .no = LOT_NO_MAX,
     .title = {(const uint8_t *)"B", 1},
     .description = {(const uint8_t *)"d\n\xE2\x80\xA8", 5},
     .image = {(const uint8_t *)"/i", 2},
     .category = {(const uint8_t *)"c", 1},
     .opening_minor = AMOUNT_MINOR_MAX,
     .reserve_minor = AMOUNT_MINOR_MAX,
     .duration_ms = DURATION_MS_MAX},
};

static const struct sale_definition *definition_sample(void)
{
    static struct sale_definition definition;
    definition = room_definition();
    definition.currency_minor_digits = 4;
    definition.is_public = false;
    definition.visibility = VISIBILITY_HIDDEN;
    definition.rules =
        (struct sale_rules){.lot = {.duration_ms = 1,
                                    .soft_close = {3, 4, SOFT_CLOSE_ADD, SOFT_CLOSE_ALL, 5, 6, 7},
                                    .strict = true,
                                    .sanity_factor = 7},
                            .gap_ms = 2,
                            .unsold_rounds = 6,
                            .outage_threshold_ms = 8,
                            .outage_extension_ms = 9};
    increment_table_preset(bytes_text("ebay_us"), &definition.rules.lot.increments);
    definition.rules.lot.increments.align = true;
    definition.roster = (struct roster_rules){true, 100, 10, 9};
    return &definition;
}

// One fact of each kind, no member at its neutral value, in three parts.
static void sample_of_people(struct sale_event *event, struct participant_id by)
{
    switch ((int)event->kind) {
    case EVENT_SALE_CREATED:
        event->as.sale_created.definition = definition_sample();
        break;
    case EVENT_EPOCH_STARTED:
        event->as.epoch_started.epoch = 42;
        event->as.epoch_started.reason = EPOCH_ENGINE_START;
        break;
    case EVENT_LOTS_ADDED:
        event->as.lots_added.lots = two_lots;
        event->as.lots_added.count = 2;
        break;
    case EVENT_INVITE_CREATED:
        memset(event->as.invite_created.hash, 0xA5, INVITE_HASH_SIZE);
        event->as.invite_created.hash[3] = 0x0F;
        event->as.invite_created.role = ROLE_CLERK;
        event->as.invite_created.uses = 3;
        event->as.invite_created.expires_at_ms = TIME_MS_MAX;
        event->as.invite_created.participant = by;
        break;
    case EVENT_PARTICIPANT_JOINED:
        event->as.participant_joined.participant = by;
        memcpy(event->as.participant_joined.paddle, "12345678", 8);
        event->as.participant_joined.name = bytes_text("\xC3\x84nne \\ \"B\"");
        event->as.participant_joined.role = ROLE_BIDDER;
        memset(event->as.participant_joined.invite_hash, 0x5A, INVITE_HASH_SIZE);
        break;
    case EVENT_INVITE_USED:
        memset(event->as.invite_used.invite_hash, 0xFF, INVITE_HASH_SIZE);
        break;
    case EVENT_PARTICIPANT_BLOCKED:
        event->as.participant_blocked.participant = by;
        event->as.participant_blocked.blocked = true;
        break;
    }
}

static void sample_of_lots(struct sale_event *event, struct participant_id by)
{
    switch ((int)event->kind) {
    case EVENT_SALE_STARTED:
        event->as.sale_started.next_lot_index = 3;
        event->as.sale_started.next_starts_at_ms = TIME_MS_MAX;
        break;
    case EVENT_LOT_STARTED:
        event->as.lot_started.lot_index = 9999;
        event->as.lot_started.ends_at_ms = 77;
        break;
    case EVENT_BID_ACCEPTED:
        event->as.bid_accepted.lot_index = 5;
        event->as.bid_accepted.bid_no = 6;
        event->as.bid_accepted.by = by;
        event->as.bid_accepted.amount_minor = AMOUNT_MINOR_MAX;
        event->as.bid_accepted.ends_at_ms = 8;
        event->as.bid_accepted.price_minor = 7;
        event->as.bid_accepted.leader = by;
        event->as.bid_accepted.held_minor = 9;
        event->as.bid_accepted.quantity = 1;
        break;
    case EVENT_LOT_EXTENDED:
        event->as.lot_extended.lot_index = 5;
        event->as.lot_extended.extended_ms = 6;
        event->as.lot_extended.ends_at_ms = 7;
        break;
    case EVENT_LOT_SOLD:
        event->as.lot_sold.lot_index = 1;
        event->as.lot_sold.winner = by;
        event->as.lot_sold.price_minor = 2;
        event->as.lot_sold.reason = CLOSE_NEXT;
        event->as.lot_sold.next_lot_index = -1;
        event->as.lot_sold.next_starts_at_ms = 4;
        break;
    case EVENT_LOT_UNSOLD:
        event->as.lot_unsold.lot_index = 1;
        event->as.lot_unsold.reason = UNSOLD_PASSED;
        event->as.lot_unsold.next_lot_index = 2;
        event->as.lot_unsold.next_starts_at_ms = 3;
        break;
    case EVENT_ROUND_STARTED:
        event->as.round_started.round = 2;
        event->as.round_started.next_lot_index = 3;
        event->as.round_started.next_starts_at_ms = 4;
        break;
    }
}

static void sample_of_the_sale(struct sale_event *event, struct participant_id by)
{
    switch ((int)event->kind) {
    case EVENT_SALE_PAUSED:
        event->as.sale_paused.remaining_ms = 25000;
        break;
    case EVENT_SALE_RESUMED:
        event->as.sale_resumed.reason = RESUME_OUTAGE;
        event->as.sale_resumed.gap_ms = 1;
        event->as.sale_resumed.ends_at_ms = 2;
        break;
    case EVENT_SALE_COMPLETED:
        event->as.sale_completed.reason = COMPLETE_NOBODY_CAN_AFFORD;
        break;
    case EVENT_NOTICE:
        event->as.notice.text = bytes_text("Lunch at 12 </script>");
        event->as.notice.by = by;
        break;
    }
}

static struct sale_event sample(enum sale_event_kind kind)
{
    struct sale_event event = event_of(kind);
    const struct participant_id by = {"p17"};
    sample_of_people(&event, by);
    sample_of_lots(&event, by);
    sample_of_the_sale(&event, by);
    return event;
}

static void expect_same_bytes(struct bytes left, struct bytes right)
{
    assert_int_equal(left.size, right.size);
    if (left.size > 0) {
        assert_memory_equal(left.data, right.data, left.size);
    }
}

// Compares through the texts; SALE_CREATED and LOTS_ADDED hold pointers, so their members are
// compared one by one.
static void expect_same_event(const struct sale_event *a, const struct sale_event *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_true(a->at_ms == b->at_ms);
    if (a->kind == EVENT_SALE_CREATED) {
        struct sale_definition left = *a->as.sale_created.definition;
        struct sale_definition right = *b->as.sale_created.definition;
        expect_same_bytes(left.title, right.title);
        left.title = right.title = (struct bytes){0};
        assert_memory_equal(&left.id, &right.id, sizeof left.id);
        assert_string_equal(left.currency_code, right.currency_code);
        assert_int_equal(left.currency_minor_digits, right.currency_minor_digits);
        assert_int_equal(left.is_public, right.is_public);
        assert_int_equal(left.visibility, right.visibility);
        assert_memory_equal(&left.roster.budget_minor, &right.roster.budget_minor,
                            3 * sizeof(int64_t));
        assert_int_equal(left.rules.lot.increments.count, right.rules.lot.increments.count);
        assert_memory_equal(left.rules.lot.increments.as.bands, right.rules.lot.increments.as.bands,
                            left.rules.lot.increments.count *
                                sizeof left.rules.lot.increments.as.bands[0]);
        return;
    }
    if (a->kind == EVENT_LOTS_ADDED) {
        assert_int_equal(a->as.lots_added.count, b->as.lots_added.count);
        for (size_t i = 0; i < a->as.lots_added.count; i++) {
            const struct lot_definition *left = &a->as.lots_added.lots[i];
            const struct lot_definition *right = &b->as.lots_added.lots[i];
            assert_string_equal(left->id.text, right->id.text);
            assert_true(left->no == right->no && left->opening_minor == right->opening_minor &&
                        left->reserve_minor == right->reserve_minor &&
                        left->duration_ms == right->duration_ms);
            expect_same_bytes(left->title, right->title);
            expect_same_bytes(left->description, right->description);
            expect_same_bytes(left->image, right->image);
            expect_same_bytes(left->category, right->category);
        }
    }
    if (a->kind == EVENT_BID_ACCEPTED) {
        assert_string_equal(a->as.bid_accepted.by.text, b->as.bid_accepted.by.text);
        assert_true(a->as.bid_accepted.amount_minor == b->as.bid_accepted.amount_minor);
        assert_true(a->as.bid_accepted.bid_no == b->as.bid_accepted.bid_no);
    }
}

// F27, F28: what can't be written and read again can't be replayed.
static void every_kind_of_fact_comes_back_as_it_went(void **state)
{
    (void)state;
    struct buffer once;
    struct buffer twice;
    buffer_init(&once, TEXT_SIZE_MAX);
    buffer_init(&twice, TEXT_SIZE_MAX);
    for (unsigned kind = 0; kind < SALE_EVENT_KIND_COUNT; kind++) {
        struct sale_event event = sample((enum sale_event_kind)kind);
        buffer_clear(&once);
        buffer_clear(&twice);
        fact_write(&once, &event);
        assert_int_equal(buffer_status(&once), LC_OK);
        struct fact *fact = NULL;
        assert_int_equal(fact_read(buffer_bytes(&once), &fact), LC_OK);
        expect_same_event(&event, fact_event(fact));
        fact_write(&twice, fact_event(fact));
        assert_string_equal(buffer_text(&once), buffer_text(&twice));
        fact_destroy(fact);
    }
    buffer_release(&once);
    buffer_release(&twice);
}

// The bytes in ledgers that exist: a change here breaks their replay.
static void the_text_of_a_bid_is_fixed(void **state)
{
    (void)state;
    struct sale_event event = sample(EVENT_BID_ACCEPTED);
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    fact_write(&text, &event);
    assert_string_equal(
        buffer_text(&text),
        "{\"kind\":\"bid_accepted\",\"at\":1700000000001,\"lot_index\":5,\"bid_no\":6,"
        "\"by\":\"p17\",\"amount_minor\":1000000000000000,\"ends_at_ms\":8,"
        "\"price_minor\":7,\"leader\":\"p17\",\"held_minor\":9,\"quantity\":1}");
    buffer_release(&text);
}

static void a_fact_without_any_of_its_members_is_corrupt(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    for (unsigned kind = 0; kind < SALE_EVENT_KIND_COUNT; kind++) {
        struct sale_event event = sample((enum sale_event_kind)kind);
        buffer_clear(&text);
        fact_write(&text, &event);
        char *copy = (char *)(void *)text.data;
        for (size_t i = 0; i + 1 < text.size; i++) {
            bool names_a_member =
                copy[i] == '"' && i > 0 && (copy[i - 1] == ',' || copy[i - 1] == '{');
            if (!names_a_member) {
                continue;
            }
            struct fact *fact = NULL;
            char saved = copy[i + 1];
            copy[i + 1] = '~'; // an unknown name instead
            assert_int_equal(fact_read(buffer_bytes(&text), &fact), LC_ERR_CORRUPT);
            copy[i + 1] = saved;
        }
    }
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

struct definition_case {
    const char *text; // the document, or the value of one member
    const char *detail;
};

// Reads a definition; expects the refusal with the detail, or success when the detail is NULL.
static void expect_definition(const char *text, enum error_code code, const char *detail)
{
    struct json *document = NULL;
    struct sale_definition definition;
    struct lot_definition *lots = NULL;
    size_t count = 0;
    char found[DEFINITION_DETAIL_SIZE] = "";
    assert_int_equal(json_parse(bytes_text(text), &document), LC_OK);
    enum error_code refusal = definition_read(document, &definition, &lots, &count, found);
    expect_code(refusal, code);
    if (detail != NULL) {
        assert_string_equal(found, detail);
    }
    free(lots);
    json_destroy(document);
}

static void a_definition_needs_only_id_title_and_currency(void **state)
{
    (void)state;
    expect_definition("{\"id\":\"d\",\"title\":\"D\",\"currency\":{\"code\":\"EUR\"}}", ERROR_NONE,
                      NULL);
    static const struct definition_case cases[] = {
        {"{\"title\":\"D\",\"currency\":{\"code\":\"EUR\"}}", "id"},
        {"{\"id\":\"d\",\"currency\":{\"code\":\"EUR\"}}", "title"},
        {"{\"id\":\"d\",\"title\":\"D\"}", "currency"},
        {"{\"id\":\"d\",\"title\":\"D\",\"currency\":{}}", "currency.code"},
        {"{\"id\":\"d\",\"title\":\"D\",\"currency\":\"EUR\"}", "currency"},
        {"[]", "sale"},
        {"7", "sale"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_definition(cases[i].text, ERROR_BAD_DEFINITION, cases[i].detail);
    }
}

static void expect_wrong(const char *members, const char *detail)
{
    char text[1024];
    snprintf(text, sizeof text, "{\"id\":\"d\",\"title\":\"D\",\"currency\":{\"code\":\"EUR\"},%s}",
             members);
    expect_definition(text, ERROR_BAD_DEFINITION, detail);
}

static void each_wrong_or_huge_member_of_a_definition_is_named(void **state)
{
    (void)state;
    static const struct definition_case cases[] = {
        {"\"public\":1", "public"},
        {"\"visibility\":\"all\"", "visibility"},
        {"\"visibility\":[]", "visibility"},
        {"\"rules\":[]", "rules"},
        {"\"rules\":{\"lot_duration_ms\":0}", "rules.lot_duration_ms"},
        {"\"rules\":{\"lot_duration_ms\":\"30\"}", "rules.lot_duration_ms"},
        {"\"rules\":{\"lot_duration_ms\":1e300}", "rules.lot_duration_ms"},
        {"\"rules\":{\"lot_duration_ms\":31536000001}", "rules.lot_duration_ms"},
        {"\"rules\":{\"gap_ms\":-1}", "rules.gap_ms"},
        {"\"rules\":{\"gap_ms\":0.5}", "rules.gap_ms"},
        {"\"rules\":{\"soft_close\":7}", "rules.soft_close"},
        {"\"rules\":{\"soft_close\":{\"window_ms\":-1}}", "rules.soft_close.window_ms"},
        {"\"rules\":{\"soft_close\":{\"amount_ms\":true}}", "rules.soft_close.amount_ms"},
        {"\"rules\":{\"soft_close\":{\"type\":\"shrink\"}}", "rules.soft_close.type"},
        {"\"rules\":{\"soft_close\":{\"max_extensions\":-1}}", "rules.soft_close.max_extensions"},
        {"\"rules\":{\"unsold_rounds\":101}", "rules.unsold_rounds"},
        {"\"rules\":{\"strict\":\"yes\"}", "rules.strict"},
        {"\"rules\":{\"sanity_factor\":-2}", "rules.sanity_factor"},
        {"\"rules\":{\"outage_threshold_ms\":-1}", "rules.outage_threshold_ms"},
        {"\"rules\":{\"outage_extension_ms\":{}}", "rules.outage_extension_ms"},
        {"\"rules\":{\"increments\":5}", "rules.increments"},
        {"\"rules\":{\"increments\":{}}", "rules.increments.step"},
        {"\"rules\":{\"increments\":{\"kind\":\"cycle\"}}", "rules.increments.kind"},
        {"\"rules\":{\"increments\":{\"kind\":\"flat\",\"step\":0}}", "rules.increments.step"},
        {"\"rules\":{\"increments\":{\"kind\":\"flat\",\"step\":1,\"align\":1}}",
         "rules.increments.align"},
        {"\"rules\":{\"increments\":{\"preset\":\"ebay\"}}", "rules.increments.preset"},
        {"\"rules\":{\"increments\":{\"preset\":7}}", "rules.increments.preset"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\"}}", "rules.increments.bands"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\",\"bands\":[]}}",
         "rules.increments.bands"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\",\"bands\":[[1,1]]}}",
         "rules.increments.bands"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\",\"bands\":[[0,1],[5]]}}",
         "rules.increments.as.bands[1]"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\",\"bands\":[[0,1,2]]}}",
         "rules.increments.as.bands[0]"},
        {"\"roster\":7", "roster"},
        {"\"roster\":{}", "roster.budget"},
        {"\"roster\":{\"budget\":0}", "roster.budget"},
        {"\"roster\":{\"budget\":1000000000000001}", "roster.budget"},
        {"\"roster\":{\"budget\":100,\"slots\":-1}", "roster.slots"},
        {"\"roster\":{\"budget\":100,\"slots\":10001}", "roster.slots"},
        {"\"roster\":{\"budget\":100,\"slots\":10,\"minimum\":11}", "roster.minimum"},
        {"\"lots\":{}", "lots"},
        {"\"lots\":[7]", "lots[0]"},
        {"\"lots\":[{\"opening\":1}]", "lots[0].title"},
        {"\"lots\":[{\"title\":\"A\"}]", "lots[0].opening"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1},{\"title\":\"A\",\"opening\":1.5}]",
         "lots[1].opening"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1000000000000001}]", "lots[0].opening"},
        {"\"lots\":[{\"title\":\"\",\"opening\":1}]", "lots[0].title"},
        {"\"lots\":[{\"title\":\"A\\nB\",\"opening\":1}]", "lots[0].title"},
        {"\"lots\":[{\"title\":7,\"opening\":1}]", "lots[0].title"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"id\":\"a/b\"}]", "lots[0].id"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"id\":7}]", "lots[0].id"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"no\":0}]", "lots[0].no"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"no\":1000000}]", "lots[0].no"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"reserve\":-1}]", "lots[0].reserve"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"duration_ms\":-1}]", "lots[0].duration_ms"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"description\":[]}]", "lots[0].description"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"image\":false}]", "lots[0].image"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"category\":\"a\\tb\"}]", "lots[0].category"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_wrong(cases[i].text, cases[i].detail);
    }
}

static void texts_of_a_definition_have_their_largest_size(void **state)
{
    (void)state;
    static const struct {
        const char *member;
        size_t size_max;
    } texts[] = {{"title", SALE_TITLE_SIZE_MAX},
                 {"description", LOT_DESCRIPTION_SIZE_MAX},
                 {"image", LOT_IMAGE_SIZE_MAX},
                 {"category", LOT_CATEGORY_SIZE_MAX}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t more = 0; more <= 1; more++) {
            char value[LOT_DESCRIPTION_SIZE_MAX + 2] = "";
            char text[LOT_DESCRIPTION_SIZE_MAX + 256];
            char detail[40];
            memset(value, 'a', texts[i].size_max + more);
            snprintf(text, sizeof text,
                     "{\"id\":\"d\",\"title\":\"D\",\"currency\":{\"code\":\"EUR\"},"
                     "\"lots\":[{\"%s\":\"%s\",\"title\":\"A\",\"opening\":1}]}",
                     texts[i].member, value); // of two titles the first counts
            snprintf(detail, sizeof detail, "lots[0].%s", texts[i].member);
            expect_definition(text, more == 0 ? ERROR_NONE : ERROR_BAD_DEFINITION,
                              more == 0 ? NULL : detail);
        }
    }
}

static void the_definition_of_the_protocol_is_read_member_by_member(void **state)
{
    (void)state;
    static const char text[] =
        "{\"id\":\"demo\",\"title\":\"Demo "
        "sale\",\"currency\":{\"code\":\"EUR\",\"minor_digits\":3},"
        "\"public\":false,\"visibility\":\"paddles\",\"rules\":{\"lot_duration_ms\":1,\"gap_ms\":2,"
        "\"soft_close\":{\"window_ms\":3,\"amount_ms\":4,\"type\":\"add\",\"max_extensions\":5},"
        "\"unsold_rounds\":6,\"strict\":true,\"sanity_factor\":7,"
        "\"increments\":{\"kind\":\"bands\",\"bands\":[[0,8],[9,10]],\"align\":true},"
        "\"outage_threshold_ms\":11,\"outage_extension_ms\":12},"
        "\"roster\":{\"budget\":10000,\"slots\":3,\"minimum\":100},\"other\":null,"
        "\"lots\":[{\"id\":\"v\",\"no\":13,\"title\":\"Lamp\",\"description\":\"d\",\"image\":"
        "\"i\","
        "\"category\":\"c\",\"opening\":1000,\"reserve\":14,\"duration_ms\":15},"
        "{\"title\":\"Vase\",\"opening\":1,\"id\":null,\"no\":null,\"reserve\":null,"
        "\"duration_ms\":null,\"image\":null}]}";
    struct json *document = NULL;
    struct sale_definition definition;
    struct lot_definition *lots = NULL;
    size_t count = 0;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    assert_int_equal(json_parse(bytes_text(text), &document), LC_OK);
    expect_code(definition_read(document, &definition, &lots, &count, detail), ERROR_NONE);
    const struct sale_rules *rules = &definition.rules;
    assert_string_equal(definition.id.text, "demo");
    assert_true(bytes_equal_text(definition.title, "Demo sale"));
    assert_string_equal(definition.currency_code, "EUR");
    assert_int_equal(definition.currency_minor_digits, 3);
    assert_false(definition.is_public);
    assert_int_equal(definition.visibility, VISIBILITY_PADDLES);
    assert_int_equal(rules->lot.duration_ms, 1);
    assert_int_equal(rules->gap_ms, 2);
    assert_int_equal(rules->lot.soft_close.window_ms, 3);
    assert_int_equal(rules->lot.soft_close.amount_ms, 4);
    assert_int_equal(rules->lot.soft_close.type, SOFT_CLOSE_ADD);
    assert_int_equal(rules->lot.soft_close.max_extensions, 5);
    assert_int_equal(rules->unsold_rounds, 6);
    assert_true(rules->lot.strict);
    assert_int_equal(rules->lot.sanity_factor, 7);
    assert_int_equal(increment_next(&rules->lot.increments, 9), 10);
    assert_int_equal(rules->lot.increments.count, 2);
    assert_true(rules->lot.increments.align);
    assert_int_equal(rules->outage_threshold_ms, 11);
    assert_int_equal(rules->outage_extension_ms, 12);
    assert_true(definition.roster.enabled);
    assert_int_equal(definition.roster.budget_minor, 10000);
    assert_int_equal(definition.roster.slots, 3);
    assert_int_equal(definition.roster.minimum_minor, 100);
    assert_int_equal(count, 2);
    assert_string_equal(lots[0].id.text, "v");
    assert_int_equal(lots[0].no, 13);
    assert_true(bytes_equal_text(lots[0].description, "d"));
    assert_true(bytes_equal_text(lots[0].image, "i"));
    assert_true(bytes_equal_text(lots[0].category, "c"));
    assert_int_equal(lots[0].opening_minor, 1000);
    assert_int_equal(lots[0].reserve_minor, 14);
    assert_int_equal(lots[0].duration_ms, 15);
    assert_string_equal(lots[1].id.text, "");
    assert_int_equal(lots[1].no + lots[1].reserve_minor + lots[1].duration_ms, 0);
    free(lots);
    json_destroy(document);
}

static void a_soft_close_of_null_is_off_and_a_missing_one_the_default(void **state)
{
    (void)state;
    static const struct {
        const char *rules;
        int64_t window_ms;
    } cases[] = {{"{}", 10000}, {"{\"soft_close\":null}", 0}, {"{\"soft_close\":{}}", 10000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];
        struct json *document = NULL;
        struct sale_definition definition;
        struct lot_definition *lots = NULL;
        size_t count = 0;
        char detail[DEFINITION_DETAIL_SIZE] = "";
        snprintf(text, sizeof text,
                 "{\"id\":\"d\",\"title\":\"D\",\"currency\":{\"code\":\"EUR\"},\"rules\":%s}",
                 cases[i].rules);
        assert_int_equal(json_parse(bytes_text(text), &document), LC_OK);
        expect_code(definition_read(document, &definition, &lots, &count, detail), ERROR_NONE);
        assert_int_equal(definition.rules.lot.soft_close.window_ms, cases[i].window_ms);
        free(lots);
        json_destroy(document);
    }
}

static void more_than_a_thousand_lots_in_one_document_are_too_many(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    buffer_append_byte(&text, '[');
    for (int i = 0; i <= ADD_LOTS_MAX; i++) {
        buffer_append_text(&text, i == 0 ? "{}" : ",{}");
    }
    buffer_append_byte(&text, ']');
    struct json *document = NULL;
    struct lot_definition *lots = NULL;
    size_t count = 0;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    assert_int_equal(json_parse(buffer_bytes(&text), &document), LC_OK);
    expect_code(definition_read_lots(document, &lots, &count, detail), ERROR_TOO_MANY);
    assert_null(lots);
    json_destroy(document);
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_fact_comes_back_as_it_went),
        cmocka_unit_test(the_text_of_a_bid_is_fixed),
        cmocka_unit_test(a_fact_without_any_of_its_members_is_corrupt),
        cmocka_unit_test(what_is_no_fact_is_corrupt),
        cmocka_unit_test(a_definition_needs_only_id_title_and_currency),
        cmocka_unit_test(each_wrong_or_huge_member_of_a_definition_is_named),
        cmocka_unit_test(texts_of_a_definition_have_their_largest_size),
        cmocka_unit_test(the_definition_of_the_protocol_is_read_member_by_member),
        cmocka_unit_test(a_soft_close_of_null_is_off_and_a_missing_one_the_default),
        cmocka_unit_test(more_than_a_thousand_lots_in_one_document_are_too_many),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
