// Says what the engine thinks of sale definitions: one JSON text a line on stdin, one verdict a line
// on stdout ("ok", or the code and the place; CHANGED when it is not the same after it was written
// and read again). With --members it prints the path of every member that the reader knows; with
// --cases FILE it compares its verdicts with those of cases.json.
#include <stdio.h>
#include <string.h>

#include "auction-svc/core/sale.h"
#include "auction-svc/record/definition_form.h"
#include "auction-svc/record/definition_write.h"
#include "auction-svc/record/fact.h"

enum { LINE_SIZE_MAX = 1 << 22, PATH_SIZE = 120, TEXT_SIZE_MAX = 1 << 26, VERDICT_SIZE = 256 };

static void print_names(const char *path, const char *const *names)
{
    for (; *names != NULL; names++) {
        printf("%s.%s\n", path, *names);
    }
}

static void print_parts(const char *path, const struct definition_form *form)
{
    if (form->kind == FORM_PREMIUM) {
        print_names(path, definition_premium_members);
    } else if (form->kind == FORM_CAPS) {
        print_names(path, definition_cap_members);
    } else if (form->kind == FORM_INCREMENTS) {
        for (size_t kind = 0; definition_increment_members(kind) != NULL; kind++) {
            print_names(path, definition_increment_members(kind));
        }
    }
}

static void print_members(const char *prefix, const struct definition_form *forms)
{
    for (; forms->name != NULL; forms++) {
        char path[PATH_SIZE];
        char inner[PATH_SIZE];
        if (forms->kind == FORM_INCLUDED) {
            print_members(prefix, forms->members);
            continue;
        }
        if (snprintf(path, sizeof path, "%s%s", prefix, forms->name) >= (int)sizeof path ||
            snprintf(inner, sizeof inner, "%s.", path) >= (int)sizeof inner) {
            return;
        }
        printf("%s\n", path);
        print_parts(path, forms);
        if (forms->members != NULL) {
            print_members(inner, forms->members);
        }
    }
}

// Everything of a document, as the ledger would keep it.
static void facts_write(struct buffer *out, const struct definition_document *document)
{
    struct sale_event event = {.kind = EVENT_SALE_CREATED};
    event.as.sale_created.definition = &document->definition;
    fact_write(out, &event);
    event = (struct sale_event){.kind = EVENT_LOTS_ADDED};
    event.as.lots_added.lots = document->lots;
    event.as.lots_added.count = document->lots_count;
    fact_write(out, &event);
    event = (struct sale_event){.kind = EVENT_PARTICIPANTS_ADDED};
    event.as.participants_added.participants = document->participants;
    event.as.participants_added.count = document->participants_count;
    fact_write(out, &event);
}

// Is what is written read back as the same?
static bool comes_back(const struct definition_document *document)
{
    struct definition_document again;
    struct json *json = NULL;
    struct buffer text;
    struct buffer left;
    struct buffer right;
    char detail[DEFINITION_DETAIL_SIZE];
    buffer_init(&text, TEXT_SIZE_MAX);
    buffer_init(&left, TEXT_SIZE_MAX);
    buffer_init(&right, TEXT_SIZE_MAX);
    definition_write(&text, document);
    bool is_same = buffer_status(&text) == LC_OK &&
                   json_parse(buffer_bytes(&text), &json) == LC_OK &&
                   definition_read(json, &again, detail) == ERROR_NONE;
    if (is_same) {
        facts_write(&left, document);
        facts_write(&right, &again);
        is_same =
            buffer_status(&left) == LC_OK && bytes_equal(buffer_bytes(&left), buffer_bytes(&right));
        definition_release(&again);
    }
    json_destroy(json);
    buffer_release(&text);
    buffer_release(&left);
    buffer_release(&right);
    return is_same;
}

// The verdict on a document that was read, as text.
static void decide(struct definition_document *document, char out_verdict[VERDICT_SIZE])
{
    static struct decision decision;
    struct sale_plan plan = {.definition = document->definition,
                             .lots = document->lots,
                             .lots_count = document->lots_count,
                             .participants = document->participants,
                             .participants_count = document->participants_count};
    plan.definition.seed[0] = 1; // drawn by the service
    sale_decide_plan(&plan, 1, 1, &decision);
    const char *code = error_code_name(decision.refusal);
    if (!comes_back(document)) {
        snprintf(out_verdict, VERDICT_SIZE, "CHANGED by writing and reading");
    } else if (decision.refusal == ERROR_NONE) {
        snprintf(out_verdict, VERDICT_SIZE, "ok");
    } else if (decision.detail_list != NULL) {
        snprintf(out_verdict, VERDICT_SIZE, "%s %s[%zu].%s", code, decision.detail_list,
                 decision.detail_at, decision.detail);
    } else {
        snprintf(out_verdict, VERDICT_SIZE, "%s %s", code,
                 decision.detail == NULL ? "" : decision.detail);
    }
    decision_release(&decision);
}

static void judge(struct bytes text, char out_verdict[VERDICT_SIZE])
{
    struct json *json = NULL;
    struct definition_document document;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    if (json_parse(text, &json) != LC_OK) {
        snprintf(out_verdict, VERDICT_SIZE, "BAD_REQUEST no JSON");
        return;
    }
    enum error_code refusal = definition_read(json, &document, detail);
    if (refusal == ERROR_NONE) {
        decide(&document, out_verdict);
        definition_release(&document);
    } else {
        snprintf(out_verdict, VERDICT_SIZE, "%s %s", error_code_name(refusal), detail);
    }
    json_destroy(json);
}

// ---- cases.json ----

// The members of `base` that `sale` has not, and those of `sale`.
static void merge(struct buffer *out, const struct json *base, const struct json *sale)
{
    const struct json *sides[] = {base, sale};
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    for (size_t side = 0; side < 2; side++) {
        for (const struct json *member = json_first(sides[side]); member != NULL;
             member = json_next(member)) {
            if (side == 0 && json_member(sale, json_name(member)) != NULL) {
                continue;
            }
            struct buffer value;
            buffer_init(&value, TEXT_SIZE_MAX);
            json_print(member, &value);
            json_write_raw(&writer, json_name(member), buffer_bytes(&value));
            buffer_release(&value);
        }
    }
    json_object_end(&writer);
}

// True when the verdict is the one that the case says.
static bool case_holds(const struct json *base, const struct json *one)
{
    struct buffer text;
    char verdict[VERDICT_SIZE] = "";
    struct bytes says = {0};
    struct bytes detail = {0};
    const struct json *whole = json_member(one, "whole");
    buffer_init(&text, TEXT_SIZE_MAX);
    if (whole != NULL) {
        json_print(whole, &text);
    } else {
        merge(&text, base, json_member(one, "sale"));
    }
    judge(buffer_bytes(&text), verdict);
    (void)json_to_text(json_member(one, "says"), &says);
    (void)json_to_text(json_member(one, "detail"), &detail);
    const char *place = strchr(verdict, ' ');
    bool holds = bytes_equal_text(says, "good")
                     ? strcmp(verdict, "ok") == 0
                     : place != NULL && bytes_equal_text(detail, place + 1);
    if (!holds) {
        fprintf(stderr, "%s, not as the case says: %s\n", verdict, buffer_text(&text));
    }
    buffer_release(&text);
    return holds;
}

static int check_cases(const char *path)
{
    static char text[LINE_SIZE_MAX];
    struct json *document = NULL;
    size_t count = 0;
    size_t wrong = 0;
    FILE *file = fopen(path, "rb");
    size_t size = file == NULL ? 0 : fread(text, 1, sizeof text, file);
    if (file != NULL) {
        fclose(file);
    }
    if (size == 0 || json_parse(bytes_of(text, size), &document) != LC_OK) {
        fprintf(stderr, "%s can't be read\n", path);
        return 1;
    }
    for (const struct json *one = json_first(json_member(document, "cases")); one != NULL;
         one = json_next(one)) {
        wrong += case_holds(json_member(document, "base"), one) ? 0 : 1;
        count++;
    }
    json_destroy(document);
    printf("%zu cases, %zu wrong\n", count, wrong);
    return wrong == 0 && count > 300 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static char line[LINE_SIZE_MAX];
    char verdict[VERDICT_SIZE] = "";
    if (argc == 2 && strcmp(argv[1], "--members") == 0) {
        print_members("", definition_sale_forms);
        print_members("lots.", definition_lot_forms);
        print_members("participants.", definition_participant_forms);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--cases") == 0) {
        return check_cases(argv[2]);
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        judge(bytes_of(line, strcspn(line, "\n")), verdict);
        printf("%s\n", verdict);
    }
    return 0;
}
