// Sale definitions from anybody: refused by name, or good enough for the core to make a sale of.
#include "auction-svc/core/sale.h"
#include "auction-svc/record/definition_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What the reader lets through, the core must take: only ids and numbers that stand twice are
// found later.
static void check_creation(const struct sale_definition *definition,
                           const struct lot_definition *lots, size_t lots_count)
{
    static struct decision decision;
    struct sale *sale = sale_create();
    sale_decide_create(definition, lots, lots_count, 1, 1, &decision);
    bool known = decision.refusal == ERROR_LOT_EXISTS ||
                 (decision.refusal == ERROR_BAD_DEFINITION && strcmp(decision.detail, "no") == 0);
    LC_ASSERT(decision.refusal == ERROR_NONE || known);
    for (size_t i = 0; i < decision.events_count; i++) {
        LC_ASSERT(sale_apply(sale, &decision.events[i]) == LC_OK);
    }
    decision_release(&decision);
    sale_destroy(sale);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json *document = NULL;
    struct sale_definition definition;
    struct lot_definition *lots = NULL;
    size_t lots_count = 0;
    char detail[DEFINITION_DETAIL_SIZE] = "";
    if (json_parse(bytes_of(data, size), &document) != LC_OK) {
        return 0;
    }
    enum error_code refusal = definition_read(document, &definition, &lots, &lots_count, detail);
    LC_ASSERT((refusal == ERROR_NONE) == (detail[0] == 0)); // each refusal names its place
    if (refusal == ERROR_NONE) {
        check_creation(&definition, lots, lots_count);
        free(lots);
    }
    json_destroy(document);
    return 0;
}
