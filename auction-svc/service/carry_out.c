#include "auction-svc/service/carry_out.h"

#include "auction-svc/record/fact.h"
#include "auction-svc/service/notice.h"
#include "auction-svc/service/view.h"
#include "lib/os/os_log.h"

static enum lc_status put(struct engine *engine, const struct hosted_sale *hosted,
                          struct topic topic, const struct buffer *payload)
{
    char text[TOPIC_SIZE_MAX];
    topic.sale = hosted->id;
    topic_write(&topic, engine->bus->config.prefix, text);
    enum lc_status status = buffer_status(payload);
    if (status == LC_OK) {
        status = outbox_put(&engine->bus->outbox, text, buffer_bytes(payload), 1);
    }
    if (status == LC_ERR_FULL) { // a subscriber sees the gap in seq and asks for a replay
        os_log(OS_LOG_WARNING, "sale %s: an event could not be sent: too much waits for the broker",
               hosted->id.text);
        status = LC_OK;
    }
    return status;
}

static enum lc_status put_notices(struct engine *engine, const struct hosted_sale *hosted,
                                  const struct sale_event *event,
                                  const struct public_before *before)
{
    struct notice notices[NOTICES_MAX];
    size_t count = notices_of(hosted->sale, event, before, notices);
    enum lc_status status = LC_OK;
    for (size_t i = 0; status == LC_OK && i < count; i++) {
        struct topic topic = {.kind = TOPIC_SALE_PRIVATE,
                              .participant = hosted->sale->participants[notices[i].to_index].id};
        buffer_clear(&engine->payload);
        notice_write(&engine->payload, hosted->sale, event, &notices[i]);
        status = put(engine, hosted, topic, &engine->payload);
    }
    return status;
}

static enum lc_status append(struct engine *engine, struct hosted_sale *hosted,
                             const struct sale_event *event, const char *public_name)
{
    struct ledger_fact row = {
        .sale = hosted->id,
        .kind = bytes_text(sale_event_ledger_name(event->kind)),
        .at_ms = event->at_ms,
        .fact = buffer_bytes(&engine->fact),
    };
    if (public_name != NULL) {
        row.seq = hosted->sale->seq;
        row.name = bytes_text(public_name);
        row.payload = buffer_bytes(&engine->payload);
    }
    if (buffer_status(&engine->fact) != LC_OK || buffer_status(&engine->payload) != LC_OK) {
        os_log(OS_LOG_ERROR, "sale %s: a fact is too large to be kept", hosted->id.text);
        return LC_ERR_FULL;
    }
    enum lc_status status = ledger_append(engine->ledger, &hosted->head, &row);
    snapshots_note(&engine->snapshots, hosted);
    return status;
}

static enum lc_status carry_out_fact(struct engine *engine, struct hosted_sale *hosted,
                                     const struct sale_event *event,
                                     struct public_before *out_before)
{
    struct sale *sale = hosted->sale;
    const char *public_name = sale_event_public_name(event->kind);
    struct public_before before = public_event_before(sale, event);
    *out_before = before;
    buffer_clear(&engine->fact);
    buffer_clear(&engine->payload);
    fact_write(&engine->fact, event);
    enum lc_status status = sale_apply(sale, event);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "sale %s: %s can't be applied (%s)", hosted->id.text,
               sale_event_ledger_name(event->kind), lc_status_name(status));
        return status;
    }
    retained_note(&hosted->retained, sale, event, before.leader_index);
    if (public_name != NULL) {
        public_event_write(&engine->payload, sale, event, &before);
    }
    status = append(engine, hosted, event, public_name);
    if (status == LC_OK && public_name != NULL) {
        struct topic topic = {.kind = TOPIC_SALE_EVENT};
        (void)snprintf(topic.name, sizeof topic.name, "%s", public_name);
        status = put(engine, hosted, topic, &engine->payload);
    }
    return status;
}

// Notices tell how all facts together have left a lot: of a maximum that was set, whether it leads.
enum lc_status carry_out(struct engine *engine, struct hosted_sale *hosted,
                         const struct decision *decision)
{
    LC_ASSERT(decision->refusal == ERROR_NONE);
    enum lc_status status =
        decision->events_count == 0 ? LC_OK : ledger_begin(engine->ledger, LEDGER_SYNCED);
    struct public_before before[DECISION_EVENTS_MAX];
    for (size_t i = 0; status == LC_OK && i < decision->events_count; i++) {
        status = carry_out_fact(engine, hosted, &decision->events[i], &before[i]);
    }
    for (size_t i = 0; status == LC_OK && i < decision->events_count; i++) {
        status = put_notices(engine, hosted, &decision->events[i], &before[i]);
    }
    if (decision->events_count > 0) {
        house_note_change(&engine->house, hosted);
    }
    return status;
}
