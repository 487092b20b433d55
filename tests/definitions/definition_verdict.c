// Says what the engine thinks of sale definitions: one JSON text a line on stdin, one verdict a line
// on stdout ("ok", or the code and the place; CHANGED when it is not the same after it was written
// and read again). With --members it prints the path of every member
// that the reader knows.
#include <stdio.h>
#include <string.h>

#include "auction-svc/core/sale.h"
#include "auction-svc/record/definition_form.h"
#include "auction-svc/record/definition_write.h"
#include "auction-svc/record/fact.h"

enum { LINE_SIZE_MAX = 1 << 22, PATH_SIZE = 120, TEXT_SIZE_MAX = 1 << 26 };

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

static void print_decision(struct definition_document *document)
{
    static struct decision decision;
    struct sale_plan plan = {.definition = document->definition,
                             .lots = document->lots,
                             .lots_count = document->lots_count,
                             .participants = document->participants,
                             .participants_count = document->participants_count};
    plan.definition.seed[0] = 1; // drawn by the service
    sale_decide_plan(&plan, 1, 1, &decision);
    if (!comes_back(document)) {
        printf("CHANGED by writing and reading\n");
    } else if (decision.refusal == ERROR_NONE) {
        printf("ok\n");
    } else if (decision.detail_list != NULL) {
        printf("%s %s[%zu].%s\n", error_code_name(decision.refusal), decision.detail_list,
               decision.detail_at, decision.detail);
    } else {
        printf("%s %s\n", error_code_name(decision.refusal),
               decision.detail == NULL ? "" : decision.detail);
    }
    decision_release(&decision);
}

static void print_verdict(struct bytes text)
{
    struct json *json = NULL;
    struct definition_document document;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    if (json_parse(text, &json) != LC_OK) {
        printf("BAD_REQUEST\n");
        return;
    }
    enum error_code refusal = definition_read(json, &document, detail);
    if (refusal == ERROR_NONE) {
        print_decision(&document);
        definition_release(&document);
    } else {
        printf("%s %s\n", error_code_name(refusal), detail);
    }
    json_destroy(json);
}

int main(int argc, char **argv)
{
    static char line[LINE_SIZE_MAX];
    if (argc == 2 && strcmp(argv[1], "--members") == 0) {
        print_members("", definition_sale_forms);
        print_members("lots.", definition_lot_forms);
        print_members("participants.", definition_participant_forms);
        return 0;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        print_verdict(bytes_of(line, strcspn(line, "\n")));
    }
    return 0;
}
