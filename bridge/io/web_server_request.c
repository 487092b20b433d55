// Reads a request's head out of libwebsockets, and says what kind of request it is.
#include <libwebsockets.h>
#include <strings.h>

#include "bridge/io/web_server_internal.h"

static const struct {
    enum lws_token_indexes token;
    const char *name;
} HEADERS[] = {
    {WSI_TOKEN_HOST, "host"},
    {WSI_TOKEN_ORIGIN, "origin"},
    {WSI_TOKEN_HTTP_USER_AGENT, "user-agent"},
    {WSI_TOKEN_HTTP_REFERER, "referer"},
    {WSI_TOKEN_HTTP_ACCEPT_LANGUAGE, "accept-language"},
    {WSI_TOKEN_HTTP_AUTHORIZATION, "authorization"},
    {WSI_TOKEN_X_FORWARDED_FOR, "x-forwarded-for"},
    {WSI_TOKEN_HTTP_COOKIE, "cookie"},
};
enum { HEADERS_KNOWN = sizeof HEADERS / sizeof HEADERS[0] };

// The index is libwebsockets' number of the method.
static const char *const METHODS[] = {"GET",   "POST",   "OPTIONS", "PUT",
                                      "PATCH", "DELETE", "CONNECT", "HEAD"};

// Views are offsets until the text is complete, for the buffer moves while it grows.
struct span {
    size_t begin;
    size_t size;
};

static struct span append_span(struct buffer *text, struct bytes bytes)
{
    struct span span = {text->size, bytes.size};
    buffer_append(text, bytes);
    return span;
}

static struct span read_token(struct buffer *text, struct lws *wsi, enum lws_token_indexes token)
{
    int size = lws_hdr_total_length(wsi, token);
    char *value = size > 0 ? malloc((size_t)size + 1) : NULL;
    struct span span = {text->size, 0};
    if (value != NULL && lws_hdr_copy(wsi, value, size + 1, token) >= 0) {
        span = append_span(text, bytes_of(value, strlen(value)));
    }
    free(value);
    return span;
}

static struct span read_custom(struct buffer *text, struct lws *wsi, const char *name)
{
    int name_size = (int)strlen(name);
    int size = lws_hdr_custom_length(wsi, name, name_size);
    char *value = size > 0 ? malloc((size_t)size + 1) : NULL;
    struct span span = {text->size, 0};
    if (value != NULL && lws_hdr_custom_copy(wsi, value, size + 1, name, name_size) >= 0) {
        span = append_span(text, bytes_of(value, strlen(value)));
    }
    free(value);
    return span;
}

static bool is_unreserved(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~!$'()*,;:@/?", c) != NULL);
}

// libwebsockets splits the query at '&' and decodes it: encoded again, it is one text.
static void append_parameter(struct buffer *text, struct bytes parameter)
{
    static const char hex[] = "0123456789ABCDEF";
    bool in_name = true;
    for (size_t i = 0; i < parameter.size; i++) {
        uint8_t c = parameter.data[i];
        if (is_unreserved(c) || (in_name && c == '=')) {
            in_name = in_name && c != '=';
            buffer_append_byte(text, c);
        } else {
            buffer_append_byte(text, '%');
            buffer_append_byte(text, (uint8_t)hex[c >> 4]);
            buffer_append_byte(text, (uint8_t)hex[c & 15]);
        }
    }
}

// False: a parameter is larger than PARAMETER_MAX.
static bool read_query(struct buffer *text, struct lws *wsi, struct span *out_span)
{
    struct span span = {text->size, 0};
    for (int i = 0;; i++) {
        char value[PARAMETER_MAX + 1];
        // The copy says the same of a parameter that is too large as of one that is not there.
        if (lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > PARAMETER_MAX) {
            return false;
        }
        int size = lws_hdr_copy_fragment(wsi, value, sizeof value, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (size < 0) {
            break;
        }
        if (i > 0) {
            buffer_append_byte(text, '&');
        }
        append_parameter(text, bytes_of(value, (size_t)size));
    }
    span.size = text->size - span.begin;
    *out_span = span;
    return true;
}

static struct span read_address(const struct web_server *server, struct buffer *text,
                                struct lws *wsi, struct span forwarded)
{
    if (server->config.trust_forwarded && forwarded.size > 0) {
        size_t end = forwarded.begin + forwarded.size;
        size_t begin = end;
        while (begin > forwarded.begin && text->data[begin - 1] != ',') {
            begin--;
        }
        while (begin < end && text->data[begin] == ' ') {
            begin++;
        }
        return (struct span){begin, end - begin};
    }
    char address[64] = "";
    lws_get_peer_simple(wsi, address, sizeof address);
    return append_span(text, bytes_text(address));
}

static struct bytes view_of(const struct buffer *text, struct span span)
{
    return span.size == 0 ? (struct bytes){NULL, 0} : bytes_of(text->data + span.begin, span.size);
}

static struct span read_path(struct buffer *text, struct lws *wsi, const char **out_method)
{
    char *uri = NULL;
    int uri_size = 0;
    int method = lws_http_get_uri_and_method(wsi, &uri, &uri_size);
    bool known = method >= 0 && method < (int)(sizeof METHODS / sizeof METHODS[0]);
    *out_method = known ? METHODS[method] : "?";
    return append_span(text, known ? bytes_of(uri, (size_t)uri_size) : bytes_text(""));
}

static void view_headers(const struct buffer *text, const struct span spans[HEADERS_KNOWN],
                         struct request_view *view)
{
    for (size_t i = 0; i < HEADERS_KNOWN; i++) {
        struct bytes value = view_of(text, spans[i]);
        if (value.size == 0) {
            continue;
        }
        view->headers[view->headers_count++] =
            (struct engineio_header){bytes_text(HEADERS[i].name), value};
        if (HEADERS[i].token == WSI_TOKEN_ORIGIN) {
            view->origin = value;
            view->has_origin = true;
        } else if (HEADERS[i].token == WSI_TOKEN_HTTP_AUTHORIZATION) {
            view->authorization = value;
        }
    }
}

bool request_read(struct web_server *server, struct lws *wsi, struct request_view *out_view)
{
    struct buffer *text = &server->request_text;
    struct request_view view = {0};
    buffer_clear(text);
    struct span path = read_path(text, wsi, &view.method);
    buffer_append_byte(text, '?');
    struct span query;
    if (!read_query(text, wsi, &query)) {
        return false;
    }
    struct span content_type = read_token(text, wsi, WSI_TOKEN_HTTP_CONTENT_TYPE);
    struct span if_none_match = read_token(text, wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH);
    struct span accept_encoding = read_token(text, wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
    struct span requested_method = read_custom(text, wsi, "access-control-request-method:");
    struct span requested_headers = read_token(text, wsi, WSI_TOKEN_HTTP_AC_REQUEST_HEADERS);
    struct span spans[HEADERS_KNOWN];
    struct span forwarded = {0, 0};
    for (size_t i = 0; i < HEADERS_KNOWN; i++) {
        spans[i] = read_token(text, wsi, HEADERS[i].token);
        if (HEADERS[i].token == WSI_TOKEN_X_FORWARDED_FOR) {
            forwarded = spans[i];
        }
    }
    if (buffer_status(text) != LC_OK) {
        return false;
    }
    struct span address = read_address(server, text, wsi, forwarded);
    if (buffer_status(text) != LC_OK) {
        return false;
    }
    view.path = view_of(text, path);
    view.query = view_of(text, query);
    view.url =
        bytes_of(text->data + path.begin, query.size > 0 ? path.size + 1 + query.size : path.size);
    view.content_type = view_of(text, content_type);
    view.if_none_match = view_of(text, if_none_match);
    view.accept_encoding = view_of(text, accept_encoding);
    view.requested_method = view_of(text, requested_method);
    view.requested_headers = view_of(text, requested_headers);
    view.address = view_of(text, address);
    view_headers(text, spans, &view);
    *out_view = view;
    return true;
}

void request_to_engine(const struct request_view *view, uint64_t exchange,
                       struct engineio_request *out_request)
{
    *out_request = (struct engineio_request){
        .exchange = exchange,
        .method = bytes_text(view->method),
        .content_type = view->content_type,
        .origin = view->origin,
        .has_origin = view->has_origin,
        .handshake = {.url = view->url,
                      .query = view->query,
                      .address = view->address,
                      .headers = view->headers,
                      .headers_count = view->headers_count},
    };
}

enum body_kind request_body_kind(struct lws *wsi, const struct request_view *view)
{
    bool sized = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
    bool coded = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
    // Methods whose body libwebsockets reads even without a length.
    bool read_always = strcmp(view->method, "POST") == 0 || strcmp(view->method, "PUT") == 0 ||
                       strcmp(view->method, "PATCH") == 0;
    if (coded) {
        char coding[16];
        bool chunked =
            lws_hdr_copy(wsi, coding, sizeof coding, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 &&
            strcasecmp(coding, "chunked") == 0;
        // Two lengths are the root of smuggled requests.
        return chunked && !sized && read_always ? BODY_CHUNKED : BODY_BAD;
    }
    if (!sized) {
        return read_always ? BODY_ABSENT : BODY_NONE;
    }
    char length[24];
    uint64_t value;
    if (lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, 1) > 0 ||
        lws_hdr_copy(wsi, length, sizeof length, WSI_TOKEN_HTTP_CONTENT_LENGTH) < 0 ||
        !bytes_to_uint64(bytes_text(length), INT32_MAX, &value)) {
        return BODY_BAD;
    }
    return BODY_SIZED;
}

bool request_is_socketio(const struct web_server *server, struct bytes path)
{
    for (char *const *prefix = server->paths; *prefix != NULL; prefix++) {
        if (bytes_starts_with(path, bytes_text(*prefix))) {
            return true;
        }
    }
    return false;
}

static bool is_bundle_file(struct bytes name)
{
    static const char *const files[] = {"socket.io.js", "socket.io.min.js",
                                        "socket.io.msgpack.min.js", "socket.io.esm.min.js"};
    if (name.size > 4 && memcmp(name.data + name.size - 4, ".map", 4) == 0) {
        name.size -= 4;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (bytes_equal_text(name, files[i])) {
            return true;
        }
    }
    return false;
}

bool request_is_bundle(const struct web_server *server, const struct request_view *view)
{
    if (strcmp(view->method, "GET") != 0 && strcmp(view->method, "HEAD") != 0) {
        return false;
    }
    for (char *const *prefix = server->paths; *prefix != NULL; prefix++) {
        if (bytes_starts_with(view->path, bytes_text(*prefix)) &&
            is_bundle_file(bytes_from(view->path, strlen(*prefix)))) {
            return true;
        }
    }
    return false;
}

const char *request_upgrade_fault(struct lws *wsi, const char *protocol,
                                  const struct request_view *view)
{
    char version[8] = "";
    lws_hdr_copy(wsi, version, sizeof version, WSI_TOKEN_VERSION);
    if (strcasecmp(protocol, "websocket") != 0 || strcmp(view->method, "GET") != 0 ||
        strcmp(version, "13") != 0) {
        return "Bad upgrade";
    }
    if (lws_hdr_total_length(wsi, WSI_TOKEN_KEY) != 24) {
        return "Bad Sec-WebSocket-Key";
    }
    return lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) > 0 ? "No such subprotocol" : NULL;
}
