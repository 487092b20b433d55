// Sale definitions from anybody: refused by name, or good enough for the core to make a sale of.
#include "auction-svc/core/sale.h"
#include "auction-svc/record/definition_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What the reader lets through, the core must take or refuse by name: ids that stand twice and what
// does not go together are found there.
static void check_creation(struct definition_document *document)
{
    static struct decision decision;
    struct sale *sale = sale_create();
    struct sale_plan plan = {.definition = document->definition,
                             .lots = document->lots,
                             .lots_count = document->lots_count,
                             .participants = document->participants,
                             .participants_count = document->participants_count};
    plan.definition.seed[0] = 1;
    sale_decide_plan(&plan, 1, 1, &decision);
    LC_ASSERT(decision.refusal == ERROR_NONE || decision.detail != NULL);
    for (size_t i = 0; i < decision.events_count; i++) {
        LC_ASSERT(sale_apply(sale, &decision.events[i]) == LC_OK);
    }
    decision_release(&decision);
    sale_destroy(sale);
}

// What is written is read again and written the same.
static void check_writing(const struct definition_document *document)
{
    struct definition_document again;
    struct json *json = NULL;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    struct buffer once;
    struct buffer twice;
    buffer_init(&once, 1 << 24);
    buffer_init(&twice, 1 << 24);
    definition_write(&once, document);
    LC_ASSERT(json_parse(buffer_bytes(&once), &json) == LC_OK);
    LC_ASSERT(definition_read(json, &again, detail) == ERROR_NONE);
    definition_write(&twice, &again);
    LC_ASSERT(bytes_equal(buffer_bytes(&once), buffer_bytes(&twice)));
    definition_release(&again);
    json_destroy(json);
    buffer_release(&once);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json *json = NULL;
    struct definition_document document;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    if (json_parse(bytes_of(data, size), &json) != LC_OK) {
        return 0;
    }
    enum error_code refusal = definition_read(json, &document, detail);
    LC_ASSERT((refusal == ERROR_NONE) == (detail[0] == 0)); // each refusal names its place
    if (refusal == ERROR_NONE) {
        check_writing(&document);
        check_creation(&document);
        definition_release(&document);
    }
    json_destroy(json);
    return 0;
}
