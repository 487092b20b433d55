// The application's words in a request, for the profiles: who is admitted and when, headers of its
// own, refusals told.
#include <stdio.h>
#include <stdlib.h>

#include "bridge/engineio/query.h"
#include "tests/conformance/suite.h"

// `text` is the text of a refusal, on the heap; 0: admitted.
static void admit(struct suite *suite, uint64_t admission, uint64_t text)
{
    char *message = (char *)(uintptr_t)text;
    engineio_admit(suite->engine, (struct engineio_admission_id){admission}, message == NULL,
                   bytes_text(message == NULL ? "" : message));
    free(message);
}

static enum engineio_admission on_request(void *app, const struct engineio_request *request,
                                          struct engineio_admission_id admission,
                                          struct bytes *out_message)
{
    static char message[64];
    struct suite *suite = app;
    struct bytes query = request->handshake.query;
    char later[8] = "";
    bool is_denied = query_has(query, "deny");
    size_t size = query_value(query, "deny", message, sizeof message);
    if (suite->options.has_hooks && size > 0 && size <= sizeof message) {
        *out_message = bytes_of(message, size);
    }
    int64_t delay_ms = suite->options.profile->admission_delay_ms;
    if (query_value(query, "later", later, sizeof later - 1) > 0) {
        delay_ms = strtol(later, NULL, 10);
    }
    if (delay_ms > 0) {
        char *text = is_denied ? strndup((const char *)out_message->data, out_message->size) : NULL;
        suite_later(suite, delay_ms, admit, admission.value, (uint64_t)(uintptr_t)text);
        return ENGINEIO_DECIDE_LATER;
    }
    return is_denied ? ENGINEIO_REFUSE : ENGINEIO_ALLOW;
}

static void initial_headers(void *app, struct engineio_session_id session, struct buffer *lines)
{
    (void)app, (void)session;
    buffer_append_text(lines, "X-Initial: 1\r\n");
}

static void headers(void *app, struct engineio_session_id session, struct buffer *lines)
{
    (void)app, (void)session;
    buffer_append_text(lines, "X-Every: 1\r\n");
}

static void on_connection_error(void *app, enum engineio_error code, struct bytes message,
                                const char *context)
{
    (void)app;
    fprintf(stderr, "refused: %d %.*s%s%s\n", (int)code, (int)message.size,
            (const char *)message.data, context == NULL ? "" : " ", context == NULL ? "" : context);
}

static bool check_is(struct bytes query, const char *word)
{
    char check[8];
    size_t size = query_value(query, "check", check, sizeof check);
    return size <= sizeof check && bytes_equal_text(bytes_of(check, size), word);
}

static enum engineio_check check(void *app, const struct engineio_request *request,
                                 struct engineio_response *out_response)
{
    (void)app;
    if (check_is(request->handshake.query, "fail")) {
        return ENGINEIO_CHECK_FAILED;
    }
    if (check_is(request->handshake.query, "end")) {
        *out_response = (struct engineio_response){
            .status = 202, .content_type = "text/plain", .body = bytes_text("by the middleware")};
        return ENGINEIO_CHECK_ANSWERED;
    }
    return ENGINEIO_CHECK_PASSED;
}

struct engineio_app_ops suite_engine_ops(const struct suite *suite)
{
    bool has_hooks = suite->options.has_hooks;
    bool decides = has_hooks || suite->options.profile->admission_delay_ms > 0 ||
                   suite->options.profile == &PROFILE_ENGINEIO_CLIENT;
    return (struct engineio_app_ops){
        .check = has_hooks ? check : NULL,
        .on_request = decides ? on_request : NULL,
        .initial_headers = has_hooks ? initial_headers : NULL,
        .headers = has_hooks ? headers : NULL,
        .on_connection_error = on_connection_error,
    };
}

enum web_pass suite_on_engine_request(void *owner, const struct web_request *request,
                                      struct buffer *lines)
{
    (void)owner;
    if (check_is(request->query, "header")) {
        buffer_append_text(lines, "X-Check: 1\r\n");
    }
    return WEB_PASSES;
}
