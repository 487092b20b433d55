#include "lib/wire/message_event.h"
#include "lib/wire/wire_scan.h"

enum lc_status wire_read_head(struct bytes payload, struct wire_head *out_head)
{
    struct wire_scan scan = {payload};
    return wire_scan_head(&scan, out_head) ? LC_OK : LC_ERR_BAD_INPUT;
}

enum lc_status wire_read_private_event(struct bytes payload, char out_name[33])
{
    struct wire_scan scan = {payload};
    struct wire_head head;
    struct bytes name;
    if (!wire_scan_head(&scan, &head) || !wire_scan_literal(&scan, ",\"event\":") ||
        !wire_scan_plain_text(&scan, 32, &name) || name.size == 0) {
        return LC_ERR_BAD_INPUT;
    }
    for (size_t i = 0; i < name.size; i++) {
        if ((name.data[i] < 'a' || name.data[i] > 'z') && name.data[i] != '_') {
            return LC_ERR_BAD_INPUT;
        }
    }
    memcpy(out_name, name.data, name.size);
    out_name[name.size] = 0;
    return LC_OK;
}

void wire_document_release(struct wire_document *document)
{
    json_destroy(document->json);
    document->json = NULL;
}
