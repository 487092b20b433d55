// Sale definitions from JSON: what is read, and every wrong member named.
#include "auction-svc/record/definition_write.h"
#include "core_room.h"

enum { TEXT_SIZE_MAX = 1 << 20 };

struct definition_case {
    const char *text; // the document, or the value of one member
    const char *detail;
};

// Reads a definition; expects the refusal with the detail, or success when the detail is NULL.
static void expect_definition(const char *text, enum error_code code, const char *detail)
{
    struct json *json = NULL;
    struct definition_document document = {0};
    char found[DEFINITION_DETAIL_SIZE] = "";
    assert_int_equal(json_parse(bytes_text(text), &json), LC_OK);
    expect_code(definition_read(json, &document, found), code);
    if (detail != NULL) {
        assert_string_equal(found, detail);
    }
    definition_release(&document);
    json_destroy(json);
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
        {"\"rules\":{\"increments\":{\"kind\":\"cycle\"}}", "rules.increments.rungs"},
        {"\"rules\":{\"increments\":{\"kind\":\"steps\"}}", "rules.increments.kind"},
        {"\"rules\":{\"increments\":{\"kind\":\"flat\",\"step\":0}}", "rules.increments.step"},
        {"\"rules\":{\"increments\":{\"kind\":\"flat\",\"step\":1,\"align\":1}}",
         "rules.increments.align"},
        {"\"rules\":{\"increments\":{\"preset\":\"ebay\"}}", "rules.increments.preset"},
        {"\"rules\":{\"increments\":{\"preset\":7}}", "rules.increments.preset"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\"}}", "rules.increments.bands"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\",\"bands\":[]}}", "rules.increments.bands"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\",\"bands\":[[1,1]]}}",
         "rules.increments.bands"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\",\"bands\":[[0,1],[5]]}}",
         "rules.increments.bands[1]"},
        {"\"rules\":{\"increments\":{\"kind\":\"bands\",\"bands\":[[0,1,2]]}}",
         "rules.increments.bands[0]"},
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
        "\"roster\":{\"budget\":10000,\"slots\":3,\"minimum\":100},"
        "\"lots\":[{\"id\":\"v\",\"no\":13,\"title\":\"Lamp\",\"description\":\"d\",\"image\":"
        "\"i\","
        "\"category\":\"c\",\"opening\":1000,\"reserve\":14,\"duration_ms\":15},"
        "{\"title\":\"Vase\",\"opening\":1,\"id\":null,\"no\":null,\"reserve\":null,"
        "\"duration_ms\":null,\"image\":null}]}";
    struct json *json = NULL;
    struct definition_document document;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    assert_int_equal(json_parse(bytes_text(text), &json), LC_OK);
    expect_code(definition_read(json, &document, detail), ERROR_NONE);
    const struct sale_definition definition = document.definition;
    const struct lot_definition *lots = document.lots;
    size_t count = document.lots_count;
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
    definition_release(&document);
    json_destroy(json);
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
        struct json *json = NULL;
        struct definition_document document;
        char detail[DEFINITION_DETAIL_SIZE] = "";
        snprintf(text, sizeof text,
                 "{\"id\":\"d\",\"title\":\"D\",\"currency\":{\"code\":\"EUR\"},\"rules\":%s}",
                 cases[i].rules);
        assert_int_equal(json_parse(bytes_text(text), &json), LC_OK);
        expect_code(definition_read(json, &document, detail), ERROR_NONE);
        assert_int_equal(document.definition.rules.lot.soft_close.window_ms, cases[i].window_ms);
        definition_release(&document);
        json_destroy(json);
    }
}

static void read_good(const char *text, struct json **out_json, struct definition_document *out)
{
    char detail[DEFINITION_DETAIL_SIZE] = "";
    assert_int_equal(json_parse(bytes_text(text), out_json), LC_OK);
    expect_code(definition_read(*out_json, out, detail), ERROR_NONE);
}

static void the_rules_of_a_lot_are_laid_over_those_of_the_sale(void **state)
{
    (void)state;
    struct json *json = NULL;
    struct definition_document document;
    read_good(
        "{\"id\":\"d\",\"title\":\"D\",\"currency\":{\"code\":\"EUR\"},"
        "\"rules\":{\"strict\":true,\"warnings_ms\":[9000,4000],\"increments\":{\"preset\":"
        "\"ipl\"},\"soft_close\":{\"window_ms\":7,\"amount_ms\":8}},\"lots\":["
        "{\"title\":\"A\",\"opening\":1},"
        "{\"title\":\"B\",\"opening\":1,\"rules\":{\"reserve_mode\":\"house\"}},"
        "{\"title\":\"C\",\"opening\":1,\"rules\":{\"strict\":false,\"warnings_ms\":[],"
        "\"increments\":{\"step\":5},\"soft_close\":{\"amount_ms\":9},\"maximum_bids\":false}},"
        "{\"title\":\"D\",\"opening\":1,\"rules\":{\"soft_close\":null}},"
        "{\"title\":\"E\",\"opening\":1,\"rules\":{\"format\":\"vickrey\"}}]}",
        &json, &document);
    const struct lot_definition *lots = document.lots;
    assert_int_equal(document.lots_count, 5);
    assert_false(lots[0].has_rules);
    assert_true(lots[1].has_rules && lots[1].rules.strict);
    assert_int_equal(lots[1].rules.reserve_mode, RESERVE_HOUSE);
    assert_int_equal(lots[1].rules.warning_ms[1], 4000);
    assert_int_equal(lots[1].rules.increments.count, 4);
    assert_int_equal(lots[1].rules.soft_close.window_ms, 7);
    assert_false(lots[2].rules.strict);
    assert_true(lots[2].rules.no_maximum);
    assert_int_equal(lots[2].rules.warning_ms[0] + lots[2].rules.warning_ms[1], 0);
    assert_int_equal(lots[2].rules.increments.count, 1);
    assert_int_equal(lots[2].rules.soft_close.window_ms, 7); // each member by itself
    assert_int_equal(lots[2].rules.soft_close.amount_ms, 9);
    assert_int_equal(lots[3].rules.soft_close.window_ms, 0);
    assert_int_equal(lots[4].rules.soft_close.window_ms, 0); // a sealed lot has none
    assert_int_equal(document.definition.rules.lot.soft_close.window_ms, 7);
    definition_release(&document);
    json_destroy(json);
}

static void a_member_that_is_not_known_is_refused_by_its_path(void **state)
{
    (void)state;
    static const struct definition_case cases[] = {
        {"\"colour\":1", "colour"},
        {"\"title \":1", "title?"}, // named in plain letters
        {"\"\":1", "?"},
        {"\"t\\u00ead\":1", "t??d"},
        {"\"an_extremely_long_name_that_nobody_would_write\":1",
         "an_extremely_long_name_that_nobo"},
        {"\"rules\":{\"lot_duration\":1}", "rules.lot_duration"},
        {"\"rules\":{\"soft_close\":{\"ms\":1}}", "rules.soft_close.ms"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1},{\"title\":\"B\",\"opening\":1,\"x\":1}]",
         "lots[1].x"},
        {"\"lots\":[{\"title\":\"A\",\"opening\":1,\"rules\":{\"gap_ms\":1}}]",
         "lots[0].rules.gap_ms"},
        {"\"participants\":[{\"name\":\"A\",\"role\":\"admin\"}]", "participants[0].role"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_wrong(cases[i].text, cases[i].detail);
    }
}

static void a_percentage_of_the_price_has_the_least_rounding_unless_it_names_one(void **state)
{
    (void)state;
    static const struct {
        const char *increments;
        int64_t round_minor;
        int64_t step_min_minor;
    } cases[] = {
        {"{\"kind\":\"percent\",\"basis_points\":500}", 1, 1},
        {"{\"kind\":\"percent\",\"basis_points\":500,\"round\":50,\"step_min\":0}", 50, 0}};
    for (size_t i = 0; i < 2; i++) {
        char text[256];
        struct json *json = NULL;
        struct definition_document document;
        snprintf(text, sizeof text,
                 "{\"id\":\"d\",\"title\":\"D\",\"currency\":{\"code\":\"EUR\"},"
                 "\"rules\":{\"increments\":%s}}",
                 cases[i].increments);
        read_good(text, &json, &document);
        const struct increment_table *table = &document.definition.rules.lot.increments;
        assert_int_equal(table->kind, INCREMENT_PERCENT);
        assert_int_equal(table->as.percent.basis_points, 500);
        assert_int_equal(table->as.percent.round_minor, cases[i].round_minor);
        assert_int_equal(table->as.percent.step_min_minor, cases[i].step_min_minor);
        definition_release(&document);
        json_destroy(json);
    }
}

static void the_seed_of_a_sale_is_neither_read_nor_written(void **state)
{
    (void)state;
    struct json *json = NULL;
    struct definition_document document;
    struct buffer text;
    expect_wrong("\"seed\":\"00\"", "seed");
    read_good("{\"id\":\"d\",\"title\":\"D\",\"currency\":{\"code\":\"EUR\"},"
              "\"order\":\"shuffled\"}",
              &json, &document);
    assert_true(sale_definition_draws(&document.definition, NULL, 0));
    memset(document.definition.seed, 0xAB, SEED_SIZE);
    buffer_init(&text, TEXT_SIZE_MAX);
    definition_write(&text, &document);
    assert_null(strstr(buffer_text(&text), "seed"));
    assert_null(strstr(buffer_text(&text), "abab"));
    buffer_release(&text);
    definition_release(&document);
    json_destroy(json);
}

static void more_lots_than_a_sale_takes_are_too_many(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    buffer_append_byte(&text, '[');
    for (int i = 0; i <= SALE_LOTS_MAX; i++) {
        buffer_append_text(&text, i == 0 ? "{}" : ",{}");
    }
    buffer_append_byte(&text, ']');
    struct json *document = NULL;
    struct lot_definition *lots = NULL;
    size_t count = 0;
    const struct lot_rules rules = sale_definition_default().rules.lot;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    assert_int_equal(json_parse(buffer_bytes(&text), &document), LC_OK);
    expect_code(definition_read_lots(document, &rules, &lots, &count, detail), ERROR_TOO_MANY);
    assert_null(lots);
    json_destroy(document);
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_definition_needs_only_id_title_and_currency),
        cmocka_unit_test(each_wrong_or_huge_member_of_a_definition_is_named),
        cmocka_unit_test(texts_of_a_definition_have_their_largest_size),
        cmocka_unit_test(the_definition_of_the_protocol_is_read_member_by_member),
        cmocka_unit_test(a_soft_close_of_null_is_off_and_a_missing_one_the_default),
        cmocka_unit_test(the_rules_of_a_lot_are_laid_over_those_of_the_sale),
        cmocka_unit_test(a_member_that_is_not_known_is_refused_by_its_path),
        cmocka_unit_test(a_percentage_of_the_price_has_the_least_rounding_unless_it_names_one),
        cmocka_unit_test(the_seed_of_a_sale_is_neither_read_nor_written),
        cmocka_unit_test(more_lots_than_a_sale_takes_are_too_many),
    };
    return cmocka_run_group_tests_name("definition", tests, NULL, NULL);
}
