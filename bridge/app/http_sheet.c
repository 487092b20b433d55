#include "bridge/app/http_sheet.h"

#include "bridge/app/http_call.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/results_csv.h"

static const struct bytes no_bytes = {NULL, 0};

struct http_sheet {
    struct engine_request request;
    int64_t page;       // of a definition: the item where it begins
    struct buffer text; // what is answered in the end
    struct buffer lots; // of a definition: items without their brackets
    struct buffer participants;
    struct http_sheet *next;
};

static struct http_sheet **find(struct auction_app *app, uint64_t exchange)
{
    struct http_sheet **link = &app->sheets;
    while (*link != NULL && (*link)->request.pending.exchange != exchange) {
        link = &(*link)->next;
    }
    return link;
}

void http_sheet_forget(struct auction_app *app, uint64_t exchange)
{
    struct http_sheet **link = find(app, exchange);
    struct http_sheet *sheet = *link;
    if (sheet != NULL) {
        *link = sheet->next;
        app->sheets_count--;
        buffer_release(&sheet->text);
        buffer_release(&sheet->lots);
        buffer_release(&sheet->participants);
        free(sheet);
    }
}

void http_sheet_forget_all(struct auction_app *app)
{
    while (app->sheets != NULL) {
        http_sheet_forget(app, app->sheets->request.pending.exchange);
    }
}

static void refuse(struct auction_app *app, uint64_t exchange, enum error_code code)
{
    http_sheet_forget(app, exchange);
    http_refuse_with(app, exchange, code, NULL, no_bytes, NULL);
}

static void ask_page(struct auction_app *app, struct http_sheet *sheet)
{
    char members[48];
    bool is_csv = sheet->request.pending.shape == SHAPE_RESULTS_CSV;
    snprintf(members, sizeof members, "{\"%s\":%lld}", is_csv ? "page" : "from",
             (long long)sheet->page);
    sheet->request.members = bytes_text(members);
    enum error_code code = engine_request_send(app, &sheet->request);
    sheet->request.members = (struct bytes){NULL, 0};
    if (code != ERROR_NONE) {
        refuse(app, sheet->request.pending.exchange, code);
    }
}

void http_sheet_begin(struct auction_app *app, const struct engine_request *request)
{
    struct http_sheet *sheet = app->sheets_count < SHEETS_MAX ? calloc(1, sizeof *sheet) : NULL;
    if (sheet == NULL) {
        http_refuse_with(app, request->pending.exchange, ERROR_TOO_MANY, NULL, no_bytes, NULL);
        return;
    }
    sheet->request = *request;
    buffer_init(&sheet->text, EXPORT_SIZE_MAX);
    buffer_init(&sheet->lots, EXPORT_SIZE_MAX);
    buffer_init(&sheet->participants, EXPORT_SIZE_MAX);
    sheet->next = app->sheets;
    app->sheets = sheet;
    app->sheets_count++;
    ask_page(app, sheet);
}

static void answer(struct auction_app *app, struct http_sheet *sheet, const char *content_type,
                   const char *headers)
{
    uint64_t exchange = sheet->request.pending.exchange;
    http_respond(app, exchange, 200, content_type, buffer_bytes(&sheet->text), headers);
    http_sheet_forget(app, exchange);
}

static void add_results(struct auction_app *app, struct http_sheet *sheet, struct bytes result)
{
    struct bytes results = json_slice_member(result, "results");
    int64_t pages = 1;
    if (json_slice_member(results, "pages").size > 0 &&
        !json_slice_int64(json_slice_member(results, "pages"), &pages)) {
        pages = 1;
    }
    if (!results_csv_write(results, sheet->page == 0, &sheet->text) ||
        buffer_status(&sheet->text) != LC_OK) {
        refuse(app, sheet->request.pending.exchange, ERROR_INTERNAL);
        return;
    }
    sheet->page++;
    if (sheet->page < pages) {
        ask_page(app, sheet);
        return;
    }
    answer(app, sheet, "text/csv; charset=utf-8",
           "Cache-Control: no-store\r\nContent-Disposition: attachment; "
           "filename=\"results.csv\"\r\n");
}

// `[a,b]` without its brackets, behind what is there.
static void add_items(struct buffer *out, struct bytes array)
{
    if (array.size <= 2) {
        return;
    }
    if (out->size > 0) {
        buffer_append_byte(out, ',');
    }
    buffer_append(out, bytes_of(array.data + 1, array.size - 2));
}

static void append_list(struct buffer *out, const char *name, const struct buffer *items)
{
    if (items->size > 0) {
        buffer_append_format(out, ",\"%s\":[", name);
        buffer_append(out, buffer_bytes(items));
        buffer_append_byte(out, ']');
    }
}

// The sale comes with the first page, without its closing brace until the lists are whole.
static void add_definition(struct auction_app *app, struct http_sheet *sheet, struct bytes result)
{
    struct bytes sale = json_slice_member(result, "sale");
    int64_t next = 0;
    if (sheet->page == 0) {
        buffer_append(&sheet->text, bytes_of(sale.data, sale.size > 0 ? sale.size - 1 : 0));
    }
    add_items(&sheet->lots, json_slice_member(result, "lots"));
    add_items(&sheet->participants, json_slice_member(result, "participants"));
    if (json_slice_int64(json_slice_member(result, "next"), &next) && next > sheet->page) {
        sheet->page = next;
        ask_page(app, sheet);
        return;
    }
    append_list(&sheet->text, "lots", &sheet->lots);
    append_list(&sheet->text, "participants", &sheet->participants);
    buffer_append_byte(&sheet->text, '}');
    if (buffer_status(&sheet->text) != LC_OK || buffer_status(&sheet->lots) != LC_OK ||
        buffer_status(&sheet->participants) != LC_OK) {
        refuse(app, sheet->request.pending.exchange, ERROR_TOO_MANY);
        return;
    }
    answer(app, sheet, "application/json", "Cache-Control: no-store\r\n");
}

void http_sheet_reply(struct auction_app *app, uint64_t exchange, struct bytes result)
{
    struct http_sheet *sheet = *find(app, exchange);
    if (sheet == NULL) {
        return;
    }
    if (sheet->request.pending.shape == SHAPE_RESULTS_CSV) {
        add_results(app, sheet, result);
    } else {
        add_definition(app, sheet, result);
    }
}
