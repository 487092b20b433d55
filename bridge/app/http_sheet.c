#include "bridge/app/http_sheet.h"

#include "bridge/app/http_api.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/results_csv.h"

struct http_sheet {
    struct engine_request request;
    int64_t page;
    struct buffer csv;
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
        buffer_release(&sheet->csv);
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
    http_api_refuse(app, exchange, code, NULL);
}

static void ask_page(struct auction_app *app, struct http_sheet *sheet)
{
    char members[48];
    snprintf(members, sizeof members, "{\"page\":%lld}", (long long)sheet->page);
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
        http_api_refuse(app, request->pending.exchange, ERROR_TOO_MANY, NULL);
        return;
    }
    sheet->request = *request;
    buffer_init(&sheet->csv, RESPONSE_SIZE_MAX);
    sheet->next = app->sheets;
    app->sheets = sheet;
    app->sheets_count++;
    ask_page(app, sheet);
}

void http_sheet_reply(struct auction_app *app, uint64_t exchange, struct bytes result)
{
    struct http_sheet *sheet = *find(app, exchange);
    struct bytes results = json_slice_member(result, "results");
    int64_t pages = 1;
    if (sheet == NULL) {
        return;
    }
    if (json_slice_member(results, "pages").size > 0 &&
        !json_slice_int64(json_slice_member(results, "pages"), &pages)) {
        pages = 1;
    }
    if (!results_csv_write(results, sheet->page == 0, &sheet->csv) ||
        buffer_status(&sheet->csv) != LC_OK) {
        refuse(app, exchange, ERROR_INTERNAL);
        return;
    }
    sheet->page++;
    if (sheet->page < pages) {
        ask_page(app, sheet);
        return;
    }
    http_api_csv(app, exchange, buffer_bytes(&sheet->csv));
    http_sheet_forget(app, exchange);
}
