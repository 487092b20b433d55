#include "auctionctl/answer.h"

#include <inttypes.h>

struct money {
    int64_t digits;
    struct bytes code;
};

static void text_print(const struct json *value, struct buffer *out)
{
    struct bytes text;
    if (!json_to_text(value, &text)) {
        return;
    }
    for (size_t i = 0; i < text.size; i++) { // a title cannot move the cursor of a terminal
        uint8_t c = text.data[i];
        buffer_append_byte(out, c < 0x20 || c == 0x7F ? '?' : c);
    }
}

static int64_t number_of(const struct json *value)
{
    int64_t number = 0;
    (void)json_to_int64(value, &number);
    return number;
}

static bool text_is(const struct json *value, const char *text)
{
    struct bytes have;
    return json_to_text(value, &have) && bytes_equal_text(have, text);
}

static struct money money_of(const struct json *currency)
{
    struct money money = {.digits = 2, .code = bytes_text("")};
    (void)json_to_int64(json_member(currency, "minor_digits"), &money.digits);
    (void)json_to_text(json_member(currency, "code"), &money.code);
    return money;
}

static void money_print(const struct json *amount, const struct money *money, struct buffer *out)
{
    int64_t minor;
    if (!json_to_int64(amount, &minor) || minor < 0) {
        buffer_append_text(out, "-");
        return;
    }
    int64_t unit = 1;
    for (int64_t i = 0; i < money->digits && i < 9; i++) {
        unit *= 10;
    }
    buffer_append_int64(out, minor / unit);
    if (unit > 1) {
        buffer_append_format(out, ".%0*" PRId64, (int)(money->digits < 9 ? money->digits : 9),
                             minor % unit);
    }
    if (money->code.size > 0) {
        buffer_append_byte(out, ' ');
        buffer_append(out, money->code);
    }
}

// "3 (Ana)", or "nobody".
static void person_print(const struct json *person, struct buffer *out)
{
    if (!json_is_object(person)) {
        buffer_append_text(out, "nobody");
        return;
    }
    text_print(json_member(person, "paddle"), out);
    if (json_is_text(json_member(person, "name"))) {
        buffer_append_text(out, " (");
        text_print(json_member(person, "name"), out);
        buffer_append_byte(out, ')');
    }
}

static void list_print(const struct json *answer, struct buffer *out)
{
    const struct json *sale = json_first(json_member(answer, "sales"));
    if (sale == NULL) {
        buffer_append_text(out, "no sales\n");
    }
    for (; sale != NULL; sale = json_next(sale)) {
        text_print(json_member(sale, "id"), out);
        buffer_append_text(out, ": ");
        text_print(json_member(sale, "phase"), out);
        buffer_append_format(out, ", %" PRId64 " of %" PRId64 " lots sold, ",
                             number_of(json_member(sale, "sold")),
                             number_of(json_member(sale, "lots_total")));
        text_print(json_member(sale, "title"), out);
        buffer_append_byte(out, '\n');
    }
}

static void results_print(const struct json *answer, struct buffer *out)
{
    const struct json *results = json_member(answer, "results");
    if (!json_is_object(results)) {
        results = answer;
    }
    struct money money = money_of(json_member(results, "currency"));
    text_print(json_member(results, "sale"), out);
    buffer_append_text(out, ": ");
    text_print(json_member(results, "phase"), out);
    buffer_append_byte(out, '\n');
    const struct json *lot = json_first(json_member(results, "lots"));
    for (; lot != NULL; lot = json_next(lot)) {
        buffer_append_format(out, "%" PRId64 " ", number_of(json_member(lot, "no")));
        text_print(json_member(lot, "title"), out);
        buffer_append_text(out, ": ");
        text_print(json_member(lot, "phase"), out);
        if (text_is(json_member(lot, "phase"), "sold")) {
            buffer_append_text(out, " at ");
            money_print(json_member(lot, "price"), &money, out);
            buffer_append_text(out, " to ");
            person_print(json_member(lot, "winner"), out);
        }
        buffer_append_byte(out, '\n');
    }
}

static void status_print(const struct json *answer, struct buffer *out)
{
    const struct json *snapshot = json_member(answer, "snapshot");
    if (!json_is_object(snapshot)) {
        snapshot = answer;
    }
    const struct json *info = json_member(snapshot, "info");
    const struct json *state = json_member(snapshot, "state");
    const struct json *lot = json_member(state, "lot");
    const struct json *next = json_member(state, "next");
    struct money money = money_of(json_member(info, "currency"));
    text_print(json_member(info, "id"), out);
    buffer_append_text(out, ": ");
    text_print(json_member(state, "phase"), out);
    if (text_is(json_member(state, "clock"), "lot") && json_is_object(lot)) {
        buffer_append_format(out, ", lot %" PRId64 " ", number_of(json_member(lot, "no")));
        text_print(json_member(lot, "title"), out);
        buffer_append_text(out, " at ");
        money_print(json_member(lot, "price"), &money, out);
        buffer_append_text(out, ", led by ");
        person_print(json_member(lot, "leader"), out);
        buffer_append_format(out, ", %" PRId64 " s left",
                             number_of(json_member(lot, "remaining_ms")) / 1000);
    } else if (text_is(json_member(state, "clock"), "gap") && json_is_object(next)) {
        buffer_append_format(out, ", lot %" PRId64 " comes in %" PRId64 " s",
                             number_of(json_member(next, "no")),
                             number_of(json_member(next, "remaining_ms")) / 1000);
    }
    buffer_append_format(
        out, "; %" PRId64 " sold, %" PRId64 " unsold, %" PRId64 " of %" PRId64 " lots to come",
        number_of(json_member(state, "sold")), number_of(json_member(state, "unsold")),
        number_of(json_member(state, "remaining_lots")),
        number_of(json_member(state, "lots_total")));
    bool live = true;
    if (json_to_bool(json_member(snapshot, "live"), &live) && !live) {
        buffer_append_text(out, " (the engine does not answer: last known state)");
    }
    buffer_append_byte(out, '\n');
}

static void receipt_print(const struct json *answer, struct buffer *out)
{
    const struct json *receipt = json_member(answer, "receipt");
    const struct json *result = json_member(receipt, "result");
    text_print(json_member(receipt, "op"), out);
    buffer_append_byte(out, ' ');
    text_print(json_member(receipt, "id"), out);
    buffer_append_text(out, ": ");
    if (!answer_error_print(result, out)) {
        buffer_append_text(out, "accepted");
    }
    buffer_append_byte(out, '\n');
}

static const char *past_word(enum ctl_command command)
{
    static const char *const words[CTL_COMMAND_COUNT] = {
        [CTL_BEGIN] = "begun",
        [CTL_PAUSE] = "paused",
        [CTL_RESUME] = "resumed",
        [CTL_NEXT] = "moved on",
        [CTL_RESET] = "reset",
        [CTL_DELETE] = "deleted",
        [CTL_CREATE] = "created",
        [CTL_IMPORT] = "lots added",
        [CTL_IMPORT_PARTICIPANTS] = "participants added",
    };
    return words[command] != NULL ? words[command] : "done";
}

static void done_print(const struct command_line *line, const struct json *answer,
                       struct buffer *out)
{
    const struct json *sale = json_member(answer, "sale");
    if (json_is_text(sale)) {
        text_print(sale, out);
    } else if (line->operands_count > 0) {
        buffer_append_text(out, line->operands[0]);
    }
    buffer_append_format(out, ": %s", past_word(line->command));
    int64_t number;
    if (json_to_int64(json_member(answer, "added"), &number)) {
        buffer_append_format(out, ", %" PRId64 " new", number);
    }
    if (json_to_int64(json_member(answer, "lots"), &number) ||
        json_to_int64(json_member(answer, "lots_total"), &number)) {
        buffer_append_format(out, ", %" PRId64 " lots", number);
    }
    if (json_to_int64(json_member(answer, "participants_total"), &number)) {
        buffer_append_format(out, ", %" PRId64 " participants", number);
    }
    bool repeated = false;
    if (json_to_bool(json_member(answer, "repeated"), &repeated) && repeated) {
        buffer_append_text(out, " (before)");
    }
    buffer_append_byte(out, '\n');
}

void answer_print(const struct command_line *line, const struct json *answer, struct buffer *out)
{
    switch (line->command) {
    case CTL_LIST:
        list_print(answer, out);
        break;
    case CTL_RESULTS:
        results_print(answer, out);
        break;
    case CTL_STATUS:
        status_print(answer, out);
        break;
    case CTL_RECEIPT:
        receipt_print(answer, out);
        break;
    case CTL_INVITE: // the code alone, so that it can be handed on
        text_print(json_member(answer, "invite"), out);
        buffer_append_byte(out, '\n');
        break;
    case CTL_CREATE:
    case CTL_IMPORT:
    case CTL_IMPORT_PARTICIPANTS:
    case CTL_BEGIN:
    case CTL_PAUSE:
    case CTL_RESUME:
    case CTL_NEXT:
    case CTL_RESET:
    case CTL_DELETE:
        done_print(line, answer, out);
        break;
    case CTL_NONE:
    case CTL_EXPORT_DEFINITION: // printed as it is: the file that create takes
    case CTL_KEYGEN:
    case CTL_TOKEN:
    case CTL_VERIFY:
    case CTL_REPLAY:
    case CTL_EXPLAIN:
    case CTL_TIMELINE:
    case CTL_EXPORT:
    case CTL_BACKUP:
    case CTL_RESTORE:
    case CTL_REPLAY_BIDS:
    case CTL_BOTS:
    case CTL_COMMAND_COUNT:
        break;
    }
}

bool answer_error_print(const struct json *answer, struct buffer *out)
{
    const struct json *error = json_member(answer, "error");
    if (!json_is_text(json_member(error, "code"))) {
        return false;
    }
    text_print(json_member(error, "code"), out);
    if (json_is_text(json_member(error, "message"))) {
        buffer_append_text(out, ": ");
        text_print(json_member(error, "message"), out);
    }
    static const char *const facts[] = {"detail", "row", "column", "line", "details"};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct json *fact = json_member(error, facts[i]);
        if (fact != NULL) {
            buffer_append_format(out, " (%s ", facts[i]);
            json_print(fact, out);
            buffer_append_byte(out, ')');
        }
    }
    return true;
}
