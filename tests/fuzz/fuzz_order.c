// Commands from anybody, one a line, on a sale with a lot of each format: each is refused by its code or changes the sale,
// and whatever is published or answered is whole JSON that fits its packet.
#include "auction-svc/core/decide.h"
#include "auction-svc/service/answer.h"
#include "auction-svc/service/catalogue_page.h"
#include "auction-svc/service/document.h"
#include "auction-svc/service/notice.h"
#include "auction-svc/service/retained.h"
#include "auction-svc/service/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 64, START_MS = 1000000, STEP_MS = 700 };

struct scene {
    struct sale *sale;
    struct decision *decision;
    struct retained retained;
    struct buffer out;
    int64_t now_ms;
};

static void check_json(struct buffer *out)
{
    struct json *document = NULL;
    LC_ASSERT(buffer_status(out) == LC_OK);
    LC_ASSERT(json_parse(buffer_bytes(out), &document) == LC_OK);
    json_destroy(document);
    buffer_clear(out);
}

static void carry_out(struct scene *scene)
{
    struct public_before before[DECISION_EVENTS_MAX];
    const struct decision *decision = scene->decision;
    for (size_t i = 0; i < decision->events_count; i++) {
        const struct sale_event *event = &decision->events[i];
        before[i] = public_event_before(scene->sale, event);
        LC_ASSERT(sale_apply(scene->sale, event) == LC_OK);
        retained_note(&scene->retained, scene->sale, event, before[i].leader_index);
        if (sale_event_public_name(event->kind) != NULL) {
            public_event_write(&scene->out, scene->sale, event, &before[i]);
            check_json(&scene->out);
        }
    }
    for (size_t i = 0; i < decision->events_count; i++) {
        struct notice notices[NOTICES_MAX];
        size_t count = notices_of(scene->sale, &decision->events[i], &before[i], notices);
        for (size_t k = 0; k < count; k++) {
            notice_write(&scene->out, scene->sale, &decision->events[i], &notices[k]);
            check_json(&scene->out);
        }
    }
}

static void carry_out_due(struct scene *scene)
{
    for (int i = 0; i < 1000 && sale_next_deadline(scene->sale) <= scene->now_ms; i++) {
        sale_decide_due(scene->sale, scene->now_ms, scene->decision);
        carry_out(scene);
        decision_release(scene->decision);
    }
}

static void check_views(struct scene *scene)
{
    struct wire_state state = view_state(scene->sale, scene->now_ms);
    struct participant_id ana = {"p1"};
    wire_write_state(&scene->out, &state);
    LC_ASSERT(scene->out.size <= WIRE_STATE_SIZE_MAX);
    check_json(&scene->out);
    wire_write_board_json(&scene->out, &state, view_currency(scene->sale), 2);
    LC_ASSERT(scene->out.size <= WIRE_BOARD_JSON_SIZE_MAX);
    check_json(&scene->out);
    LC_ASSERT(catalogue_page_write(&scene->out, scene->sale, 0, scene->now_ms));
    check_json(&scene->out);
    document_write_snapshot(&scene->out, scene->sale, scene->now_ms);
    check_json(&scene->out);
    document_write_you(&scene->out, scene->sale, &ana, ROLE_BIDDER);
    check_json(&scene->out);
    document_write_results(&scene->out, scene->sale, 0);
    check_json(&scene->out);
}

static void run_line(struct scene *scene, struct bytes line)
{
    struct wire_document document = {NULL};
    struct wire_command command;
    struct order order;
    if (wire_read_command(line, &document, &command, NULL) != LC_OK) {
        return;
    }
    const struct order_op *op = order_op_find(command.op);
    if (op == NULL || op->kind != ORDER_CHANGE) {
        wire_document_release(&document);
        return;
    }
    if (order_read(op, &command, scene->sale, &order) == ERROR_NONE) {
        order.change.stamp_ms = order_stamp_ms(scene->sale, &order.change, &command, scene->now_ms);
        sale_decide(scene->sale, &order.change, scene->now_ms, scene->decision);
        if (scene->decision->refusal != ERROR_NONE) {
            answer_write_refused(&scene->out, scene->sale, &order, scene->decision->refusal,
                                 scene->decision->detail);
        } else {
            carry_out(scene);
            answer_write_accepted(&scene->out, scene->sale, &order, scene->decision, 0);
        }
        check_json(&scene->out);
        decision_release(scene->decision);
    }
    order_release(&order);
    wire_document_release(&document);
}

static void open_scene(struct scene *scene, enum sale_flow flow)
{
    static const enum auction_format formats[] = {
        FORMAT_ENGLISH,      FORMAT_LIVE,    FORMAT_DUTCH,   FORMAT_JAPANESE,
        FORMAT_SEALED_FIRST, FORMAT_VICKREY, FORMAT_UNIFORM, FORMAT_CANDLE};
    enum { FORMATS = sizeof formats / sizeof formats[0], PEOPLE = 4 };
    struct lot_definition lots[FORMATS] = {0};
    struct participant_definition people[PEOPLE] = {0};
    struct sale_plan plan = {.definition = sale_definition_default(),
                             .lots = lots,
                             .lots_count = FORMATS,
                             .participants = people,
                             .participants_count = PEOPLE};
    plan.definition.id = (struct sale_id){"fuzz"};
    plan.definition.title = bytes_text("Fuzz");
    memcpy(plan.definition.currency_code, "EUR", 4);
    plan.definition.rules.flow = flow;
    plan.definition.seed[0] = 1;
    for (size_t i = 0; i < PEOPLE; i++) {
        people[i].name = bytes_text("Ana");
        people[i].limit_minor = 100000;
    }
    for (size_t i = 0; i < FORMATS; i++) {
        bool has_pieces = formats[i] == FORMAT_DUTCH || formats[i] == FORMAT_UNIFORM;
        lots[i].title = bytes_text("Lot");
        lots[i].opening_minor = 1000;
        lots[i].reserve_minor = i % 2 == 0 ? 500 : 0;
        lots[i].quantity = has_pieces ? 5 : 1;
        lots[i].has_rules = true;
        lots[i].rules = plan.definition.rules.lot;
        lots[i].rules.format = formats[i];
        lots[i].rules.price_step_minor = 10;
        lots[i].rules.price_tick_ms = 300;
        lots[i].rules.candle_ending_ms = 5000;
    }
    scene->sale = sale_create();
    scene->now_ms = START_MS;
    retained_init(&scene->retained);
    buffer_init(&scene->out, VIEW_PAYLOAD_SIZE_MAX);
    sale_decide_plan(&plan, 1, scene->now_ms, scene->decision);
    LC_ASSERT(scene->decision->refusal == ERROR_NONE);
    carry_out(scene);
    decision_release(scene->decision);
}

static void play(struct bytes lines, enum sale_flow flow)
{
    static struct decision decision;
    struct scene scene = {.decision = &decision};
    open_scene(&scene, flow);
    for (int i = 0; i < LINES_MAX && lines.size > 0; i++) {
        const uint8_t *end = memchr(lines.data, '\n', lines.size);
        size_t size = end == NULL ? lines.size : (size_t)(end - lines.data);
        carry_out_due(&scene);
        run_line(&scene, bytes_of(lines.data, size));
        scene.now_ms += STEP_MS;
        lines = end == NULL ? bytes_of(NULL, 0) : bytes_of(end + 1, lines.size - size - 1);
    }
    check_views(&scene);
    buffer_release(&scene.out);
    retained_release(&scene.retained);
    sale_destroy(scene.sale);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    play(bytes_of(data, size), FLOW_PARALLEL);
    play(bytes_of(data, size), FLOW_SEQUENTIAL);
    return 0;
}
