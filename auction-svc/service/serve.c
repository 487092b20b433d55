#include "auction-svc/service/serve.h"

#include "auction-svc/service/answer.h"
#include "auction-svc/service/carry_out.h"
#include "auction-svc/service/document.h"
#include "auction-svc/service/view.h"
#include "lib/os/os_file.h"
#include "lib/os/os_log.h"

enum { DEADLINE_MS = 2000 };

// One command on its way to its answer. `result` in the engine holds the answer when a step has
// made it.
struct service {
    struct engine *engine;
    const struct inbox_message *message;
    struct wire_document document;
    struct json *imported; // the members of a command that came in parts
    struct wire_command command;
    const struct order_op *op;
    struct order order;
    struct sale_id sale_id;     // of the topic; of the definition for create
    struct hosted_sale *hosted; // NULL: none, or gone
    uint8_t content[SHA256_SIZE];
    bool is_ours; // else another engine answers, and we are silent
};

static const struct sale *sale_of(const struct service *service)
{
    return service->hosted == NULL ? NULL : service->hosted->sale;
}

static void refuse(struct service *service, enum error_code code, const char *detail)
{
    struct buffer *result = &service->engine->result;
    service->engine->counters.refused++;
    buffer_clear(result);
    answer_write_refused(result, sale_of(service),
                         service->order.op == NULL ? NULL : &service->order, code, detail);
}

// ---- reading ----

static bool is_bridge(const struct client_id *client)
{
    return strncmp(client->text, "bridge-", strlen("bridge-")) == 0;
}

// Identity is believed from bridges alone; no other client is bound to a participant yet.
static bool read_envelope(struct service *service, char *tag)
{
    struct wire_command *command = &service->command;
    struct bytes payload = bytes_of(service->message->payload, service->message->size);
    if (wire_read_command(payload, &service->document, command, tag) != LC_OK) {
        service->engine->counters.malformed++;
        refuse(service, ERROR_BAD_REQUEST, NULL);
        return false;
    }
    if (!is_bridge(&service->message->topic.client)) {
        refuse(service, ERROR_NOT_PARTICIPANT, NULL);
        return false;
    }
    if (command->received_at_ms == WIRE_ABSENT) {
        command->received_at_ms = service->message->arrived_at_ms;
    }
    if (command->deadline_at_ms == WIRE_ABSENT) {
        command->deadline_at_ms = command->received_at_ms + DEADLINE_MS;
    }
    return true;
}

static bool is_without_sale(enum order_kind kind)
{
    return kind == ORDER_CREATE || kind == ORDER_LIST || kind == ORDER_PART;
}

// Several engines on one broker all hear each command. Who holds the sale answers; what is about a
// sale that nobody holds, or about none, is for the first of them.
static bool is_ours(const struct engine *engine, const struct sale_id *sale_or_null)
{
    const struct peers *peers = &engine->bus->peers;
    const struct hosted_sale *hosted =
        sale_or_null == NULL ? NULL : house_find(&engine->house, sale_or_null);
    if (hosted != NULL && hosted->sale != NULL) {
        return true;
    }
    const struct peer *holder =
        sale_or_null == NULL ? NULL : peers_holder(peers, sale_or_null, engine->now_ms);
    if (holder != NULL && (hosted == NULL || peer_life(holder, engine->now_ms) != PEER_DEAD)) {
        return false; // also one that is dead: what became of its sale is unknown
    }
    return hosted != NULL || !peers_are_behind(peers, engine->now_ms);
}

// The sale that the command is about. A create names it in its definition.
static bool find_sale(struct service *service)
{
    bool is_svc = service->message->topic.kind == TOPIC_SVC_COMMAND;
    service->op = order_op_find(service->command.op);
    bool without_sale = service->op != NULL && is_without_sale(service->op->kind);
    if (service->op == NULL || is_svc != without_sale) {
        service->engine->counters.malformed++;
        refuse(service, ERROR_UNKNOWN_OP, NULL);
        return false;
    }
    if (!is_svc) {
        service->sale_id = service->message->topic.sale;
    } else if (service->op->kind == ORDER_CREATE) {
        struct bytes id;
        const struct json *definition = json_member(service->command.body, "sale");
        if (!json_to_text(json_member(definition, "id"), &id) ||
            !sale_id_read(id, &service->sale_id)) {
            service->engine->counters.malformed++;
            refuse(service, ERROR_BAD_DEFINITION, "id");
            return false;
        }
        service->is_ours = is_ours(service->engine, &service->sale_id);
        if (!service->is_ours) {
            return false;
        }
    }
    struct hosted_sale *hosted = house_find(&service->engine->house, &service->sale_id);
    service->hosted = hosted != NULL && hosted->sale != NULL ? hosted : NULL;
    return true;
}

static bool read_order(struct service *service)
{
    enum error_code error =
        order_read(service->op, &service->command, sale_of(service), &service->order);
    if (error != ERROR_NONE) {
        service->engine->counters.malformed++;
        refuse(service, error, service->order.detail);
    }
    return error == ERROR_NONE;
}

static bool takes_import(const struct order_op *op)
{
    return op->kind == ORDER_CREATE ||
           (op->kind == ORDER_CHANGE &&
            (op->sale_op == SALE_OP_ADD_LOTS || op->sale_op == SALE_OP_ADD_PARTICIPANTS));
}

// The import that a command names, when all its parts are here and its digest is right.
static const struct import *named_import(struct service *service, const struct json *named)
{
    struct bytes text;
    struct command_id id;
    int64_t parts;
    uint8_t digest[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    if (!json_to_text(json_member(named, "id"), &text) || !command_id_read(text, &id) ||
        !json_to_int64(json_member(named, "parts"), &parts) ||
        !json_to_text(json_member(named, "sha256"), &text)) {
        return NULL;
    }
    const struct import *import =
        imports_find(&service->engine->imports, &service->message->topic.client, &id);
    if (import == NULL || import->parts != parts) {
        return NULL;
    }
    sha256_of(buffer_bytes(&import->text), digest);
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    return bytes_equal_text(text, hex) ? import : NULL;
}

// A command larger than a packet has its members in parts that came before it.
static bool take_import(struct service *service)
{
    const struct json *named = json_member(service->command.body, "import");
    if (named == NULL || !takes_import(service->op)) {
        return true;
    }
    const struct import *import = named_import(service, named);
    if (import == NULL) {
        refuse(service, ERROR_NOT_FOUND, "import");
        return false;
    }
    enum lc_status status = json_parse(buffer_bytes(&import->text), &service->imported);
    struct command_id id = import->id;
    imports_forget(&service->engine->imports, &service->message->topic.client, &id);
    if (status != LC_OK) {
        service->engine->counters.malformed++;
        refuse(service, ERROR_BAD_REQUEST, "import");
        return false;
    }
    service->command.body = service->imported;
    return true;
}

static bool is_expired(const struct service *service)
{
    return service->engine->now_ms > service->command.deadline_at_ms;
}

// ---- receipts ----

static struct ledger_receipt receipt_of(const struct service *service)
{
    struct ledger_receipt receipt = {
        .sale = service->sale_id,
        .by = service->command.by,
        .id = service->command.id,
        .received_at_ms = service->command.received_at_ms,
        .decided_at_ms = service->engine->now_ms,
        .result = buffer_bytes(&service->engine->result),
    };
    (void)snprintf(receipt.op, sizeof receipt.op, "%s", service->command.op);
    memcpy(receipt.content, service->content, sizeof receipt.content);
    return receipt;
}

// The path of what was wrong: "gap_ms", "lots[3].opening".
static const char *detail_of(const struct decision *decision, char path[DEFINITION_DETAIL_SIZE])
{
    if (decision->detail_list == NULL || decision->detail == NULL) {
        return decision->detail;
    }
    (void)snprintf(path, DEFINITION_DETAIL_SIZE, "%s[%zu].%s", decision->detail_list,
                   decision->detail_at, decision->detail);
    return path;
}

static enum lc_status refuse_with_receipt(struct service *service, enum error_code code,
                                          const char *detail)
{
    refuse(service, code, detail);
    if (sale_of(service) == NULL) { // no sale, no receipts
        return LC_OK;
    }
    struct ledger_receipt receipt = receipt_of(service);
    return receipts_refuse(&service->engine->receipts, &receipt);
}

// A command that was here before gets the answer that it got. LC_ERR_NOT_FOUND: it is new.
static enum lc_status answer_again(struct service *service)
{
    struct engine *engine = service->engine;
    struct ledger_receipt receipt;
    buffer_clear(&engine->payload);
    order_write_content(&engine->payload, &service->command);
    sha256_of(buffer_bytes(&engine->payload), service->content);
    buffer_clear(&engine->payload);
    enum lc_status status =
        receipts_find(&engine->receipts, &service->sale_id, &service->command.by,
                      &service->command.id, &engine->payload, &receipt);
    if (status != LC_OK) {
        return status;
    }
    if (memcmp(receipt.content, service->content, sizeof receipt.content) != 0) {
        refuse(service, ERROR_ID_REUSED, NULL);
        return LC_OK;
    }
    engine->counters.repeated++;
    buffer_clear(&engine->result);
    answer_write_repeated(&engine->result, receipt.result);
    return LC_OK;
}

// ---- changes ----

static bool is_staff(enum role role)
{
    return role == ROLE_CLERK || role == ROLE_AUCTIONEER || role == ROLE_ADMIN;
}

static enum lc_status bury(struct service *service)
{
    struct engine *engine = service->engine;
    struct hosted_sale *hosted = service->hosted;
    os_log(OS_LOG_INFO, "sale %s: deleted", hosted->id.text);
    receipts_drop(&engine->receipts, &hosted->id);
    return ledger_bury_sale(engine->ledger, &hosted->id, engine->now_ms,
                            hosted->retained.lots_pages, hosted->retained.participants_pages);
}

static enum lc_status accept(struct service *service, const struct decision *decision,
                             int64_t added)
{
    struct engine *engine = service->engine;
    struct hosted_sale *hosted = service->hosted;
    bool is_gone = hosted->sale->phase == SALE_GONE;
    engine->counters.accepted++;
    buffer_clear(&engine->result);
    answer_write_accepted(&engine->result, hosted->sale, &service->order, decision, added);
    enum lc_status status = is_gone ? bury(service) : LC_OK;
    if (status == LC_OK) {
        struct ledger_receipt receipt = receipt_of(service);
        status = ledger_begin(engine->ledger, LEDGER_SYNCED);
        status = status == LC_OK ? receipts_accept(&engine->receipts, &receipt) : status;
    }
    if (status == LC_OK && is_gone) {
        house_bury(&engine->house, hosted);
    }
    return status;
}

static int64_t added_by(const struct order *order)
{
    return (int64_t)(order->lots_count + order->participants_count);
}

static enum lc_status serve_change(struct service *service)
{
    struct engine *engine = service->engine;
    struct decision decision;
    enum lc_status status;
    struct sale_command *change = &service->order.change;
    if (is_staff(change->role)) {
        sale_note_gavel(service->hosted->sale, change->console, engine->now_ms);
        house_note_deadline(&engine->house, service->hosted);
    }
    if (change->op == SALE_OP_RESET) { // the seed of before may be known by now
        os_random(change->as.reset.seed, SEED_SIZE);
    }
    change->stamp_ms = order_stamp_ms(service->hosted->sale, change, &service->command,
                                      service->message->arrived_at_ms);
    sale_decide(service->hosted->sale, change, engine->now_ms, &decision);
    if (decision.refusal != ERROR_NONE) {
        char path[DEFINITION_DETAIL_SIZE];
        status = refuse_with_receipt(service, decision.refusal, detail_of(&decision, path));
    } else {
        status = carry_out(engine, service->hosted, &decision);
        if (status == LC_OK) {
            status = accept(service, &decision, added_by(&service->order));
        }
    }
    decision_release(&decision);
    return status;
}

// The seed of what is drawn by lot is nobody's choice.
static struct sale_plan plan_of(const struct definition_document *created)
{
    struct sale_plan plan = {
        .definition = created->definition,
        .lots = created->lots,
        .lots_count = created->lots_count,
        .participants = created->participants,
        .participants_count = created->participants_count,
    };
    if (sale_definition_draws(&plan.definition, plan.lots, plan.lots_count)) {
        os_random(plan.definition.seed, sizeof plan.definition.seed);
    }
    return plan;
}

static enum lc_status serve_create(struct service *service)
{
    struct engine *engine = service->engine;
    struct decision decision;
    if (service->command.role != ROLE_ADMIN) {
        refuse(service, ERROR_FORBIDDEN, NULL);
        return LC_OK;
    }
    if (house_find(&engine->house, &service->sale_id) != NULL) {
        refuse(service, ERROR_SALE_EXISTS, NULL);
        return LC_OK;
    }
    if (!sale_id_equal(&service->order.created.definition.id, &service->sale_id)) {
        refuse(service, ERROR_BAD_DEFINITION, "id"); // the command and its import disagree
        return LC_OK;
    }
    struct sale_plan plan = plan_of(&service->order.created);
    sale_decide_plan(&plan, engine->epoch, engine->now_ms, &decision);
    enum lc_status status = LC_OK;
    if (decision.refusal != ERROR_NONE) {
        char path[DEFINITION_DETAIL_SIZE];
        refuse(service, decision.refusal, detail_of(&decision, path));
    } else if ((status = house_add(&engine->house, &service->sale_id, &service->hosted)) ==
               LC_ERR_FULL) {
        refuse(service, ERROR_TOO_MANY, NULL);
        status = LC_OK;
    } else if (status == LC_OK) {
        status = ledger_begin(engine->ledger, LEDGER_SYNCED);
        if (status == LC_OK) {
            status = ledger_put_sale(engine->ledger, &service->sale_id, engine->now_ms);
        }
        if (status == LC_OK) {
            status = carry_out(engine, service->hosted, &decision);
        }
        if (status == LC_OK) {
            os_log(OS_LOG_INFO, "sale %s: created with %zu lots", service->sale_id.text,
                   plan.lots_count);
            status = accept(service, &decision, (int64_t)plan.lots_count);
        }
    }
    decision_release(&decision);
    return status;
}

// A sign of life of a console; kept nowhere.
static enum lc_status serve_gavel(struct service *service)
{
    struct engine *engine = service->engine;
    if (!is_staff(service->command.role)) {
        refuse(service, ERROR_FORBIDDEN, NULL);
        return LC_OK;
    }
    sale_note_gavel(service->hosted->sale, service->order.change.console, engine->now_ms);
    house_note_deadline(&engine->house, service->hosted);
    buffer_clear(&engine->result);
    document_write_gavel(&engine->result, service->hosted->sale, service->order.change.console);
    return LC_OK;
}

// Kept until its command comes; what went wrong with it shows there.
static void serve_part(struct service *service)
{
    struct engine *engine = service->engine;
    const struct order *order = &service->order;
    enum lc_status status = LC_ERR_BAD_INPUT;
    if (is_staff(service->command.role)) {
        status = imports_add(&engine->imports, &service->message->topic.client, &order->import,
                             order->from, order->text, engine->now_ms);
    }
    if (status != LC_OK) {
        os_log(OS_LOG_WARNING, "part %lld of the import %s is not kept: %s", (long long)order->from,
               order->import.text, lc_status_name(status));
    }
}

// ---- reading documents ----

// With everything that others must not see: for those who could have written it.
static void serve_export(struct service *service)
{
    enum role role = service->command.role;
    if (role != ROLE_AUCTIONEER && role != ROLE_ADMIN) {
        refuse(service, ERROR_FORBIDDEN, NULL);
        return;
    }
    buffer_clear(&service->engine->result);
    document_write_definition(&service->engine->result, service->hosted->sale, service->order.from);
}

struct replaying {
    struct document_replay replay;
    int64_t taken;
    int64_t limit;
    bool more;
};

static enum lc_status replay_event(void *owner, const struct ledger_fact *row)
{
    struct replaying *replaying = owner;
    if (replaying->more) {
        return LC_OK;
    }
    replaying->more = replaying->taken >= replaying->limit ||
                      !document_replay_add(&replaying->replay, row->name, row->payload);
    replaying->taken++;
    return LC_OK;
}

static enum lc_status serve_replay(struct service *service)
{
    struct engine *engine = service->engine;
    struct replaying replaying = {.limit = service->order.limit};
    document_replay_begin(&replaying.replay, &engine->result, service->hosted->sale);
    enum lc_status status =
        ledger_each_event(engine->ledger, &service->sale_id, service->order.from,
                          service->order.limit + 1, replay_event, &replaying);
    document_replay_end(&replaying.replay, replaying.more);
    return status;
}

static enum lc_status serve_receipt(struct service *service)
{
    struct engine *engine = service->engine;
    struct ledger_receipt receipt;
    buffer_clear(&engine->payload);
    enum lc_status status =
        receipts_find(&engine->receipts, &service->sale_id, &service->command.by,
                      &service->order.receipt, &engine->payload, &receipt);
    bool is_own = status == LC_OK;
    if (status == LC_ERR_NOT_FOUND && is_staff(service->command.role)) {
        status = receipts_find(&engine->receipts, &service->sale_id, NULL, &service->order.receipt,
                               &engine->payload, &receipt);
    }
    if (status == LC_OK && !is_own && !document_may_show(service->hosted->sale, &receipt)) {
        status = LC_ERR_NOT_FOUND;
    }
    if (status == LC_ERR_NOT_FOUND) {
        refuse(service, ERROR_NOT_FOUND, "receipt");
        return LC_OK;
    }
    if (status == LC_OK) {
        document_write_receipt(&engine->result, service->hosted->sale, &receipt, is_own);
    }
    return status;
}

static enum lc_status serve_document(struct service *service)
{
    struct engine *engine = service->engine;
    struct buffer *result = &engine->result;
    buffer_clear(result);
    switch (service->op->kind) {
    case ORDER_LIST:
        document_write_list(result, &engine->house, service->command.role);
        return LC_OK;
    case ORDER_SNAPSHOT:
        document_write_snapshot(result, service->hosted->sale, engine->now_ms);
        return LC_OK;
    case ORDER_YOU:
        document_write_you(result, service->hosted->sale, &service->command.by,
                           service->command.role);
        return LC_OK;
    case ORDER_RESULTS:
        document_write_results(result, service->hosted->sale, service->order.from);
        return LC_OK;
    case ORDER_REPLAY:
        return serve_replay(service);
    case ORDER_RECEIPT:
        return serve_receipt(service);
    case ORDER_CREATE:
    case ORDER_CHANGE:
    case ORDER_GAVEL:
    case ORDER_PART:
    case ORDER_EXPORT:
        break;
    }
    return LC_ERR_BAD_INPUT;
}

// ---- the way of a command ----

static enum lc_status find_outcome(struct service *service, char *tag)
{
    if (!read_envelope(service, tag) || !find_sale(service)) {
        return LC_OK;
    }
    bool has_receipt = service->op->kind == ORDER_CREATE || service->op->kind == ORDER_CHANGE;
    enum lc_status status = has_receipt ? answer_again(service) : LC_ERR_NOT_FOUND;
    if (status != LC_ERR_NOT_FOUND) {
        return status;
    }
    if (service->hosted == NULL && !is_without_sale(service->op->kind)) {
        refuse(service, ERROR_NOT_FOUND, NULL);
        return LC_OK;
    }
    if (is_expired(service)) {
        if (has_receipt) {
            return refuse_with_receipt(service, ERROR_EXPIRED, NULL);
        }
        refuse(service, ERROR_EXPIRED, NULL);
        return LC_OK;
    }
    if (!take_import(service) || !read_order(service)) {
        return LC_OK;
    }
    switch (service->op->kind) {
    case ORDER_CREATE:
        return serve_create(service);
    case ORDER_CHANGE:
        return serve_change(service);
    case ORDER_GAVEL:
        return serve_gavel(service);
    case ORDER_PART:
        serve_part(service);
        return LC_OK;
    case ORDER_EXPORT:
        serve_export(service);
        return LC_OK;
    case ORDER_LIST:
    case ORDER_SNAPSHOT:
    case ORDER_YOU:
    case ORDER_REPLAY:
    case ORDER_RESULTS:
    case ORDER_RECEIPT:
        return serve_document(service);
    }
    return LC_ERR_BAD_INPUT;
}

static enum lc_status reply(struct service *service, const char *tag)
{
    struct engine *engine = service->engine;
    struct topic topic = {.kind = TOPIC_REPLY, .client = service->message->topic.client};
    char text[TOPIC_SIZE_MAX];
    if (buffer_status(&engine->result) != LC_OK) { // what was asked for does not fit a packet
        refuse(service, ERROR_TOO_MANY, NULL);
    }
    buffer_clear(&engine->payload);
    wire_write_reply(&engine->payload, tag, buffer_bytes(&engine->result));
    topic_write(&topic, engine->bus->config.prefix, text);
    enum lc_status status =
        outbox_put_reply(&engine->bus->outbox, text, buffer_bytes(&engine->payload));
    if (status == LC_ERR_FULL) { // reading stops long before (bus_watch)
        os_log(OS_LOG_ERROR, "an answer could not be sent: too many wait for the broker");
        return LC_OK;
    }
    return status;
}

enum lc_status serve(struct engine *engine, const struct inbox_message *message)
{
    struct service service = {.engine = engine, .message = message};
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1] = "";
    bool has_sale = message->topic.kind == TOPIC_SALE_COMMAND;
    service.is_ours = is_ours(engine, has_sale ? &message->topic.sale : NULL);
    if (has_sale && !service.is_ours) {
        return LC_OK;
    }
    engine->counters.commands++;
    enum lc_status status = find_outcome(&service, tag);
    bool is_part = service.op != NULL && service.op->kind == ORDER_PART;
    if (status == LC_OK && service.is_ours && !is_part) {
        status = reply(&service, tag);
    }
    order_release(&service.order);
    json_destroy(service.imported);
    wire_document_release(&service.document);
    return status;
}
