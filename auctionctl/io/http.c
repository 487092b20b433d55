#include "auctionctl/io/http.h"

#include <curl/curl.h>

enum { HTTP_HEADER_SIZE_MAX = 16 * 1024 };

struct http_transfer {
    uint64_t id;
    CURL *easy;
    struct curl_slist *headers;
    struct buffer sent;
    struct buffer received;
    char why[CURL_ERROR_SIZE];
    http_done *done;
    void *owner;
    struct http_transfer *next;
};

struct http_client {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct http_transfer *transfers;
    uint64_t last_id;
};

void http_start(void)
{
    CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    LC_ASSERT(started == CURLE_OK);
}

void http_end(void)
{
    curl_global_cleanup();
}

void http_escape(const char *text, struct buffer *out)
{
    for (; *text != 0; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.';
        if (plain) {
            buffer_append_byte(out, c);
        } else {
            buffer_append_format(out, "%%%02X", c);
        }
    }
}

static size_t body_received(char *data, size_t size, size_t count, void *owner)
{
    struct buffer *received = owner;
    buffer_append(received, bytes_of(data, size * count));
    return received->failed ? 0 : size * count;
}

static void transfer_destroy(struct http_transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    buffer_release(&transfer->sent);
    buffer_release(&transfer->received);
    free(transfer);
}

static void header_add(struct http_transfer *transfer, const char *name, const char *value)
{
    struct buffer line;
    buffer_init(&line, HTTP_HEADER_SIZE_MAX);
    buffer_append_format(&line, "%s: %s", name, value);
    struct curl_slist *list = curl_slist_append(transfer->headers, buffer_text(&line));
    LC_ASSERT(list != NULL);
    transfer->headers = list;
    buffer_release(&line);
}

static struct http_transfer *transfer_create(const struct http_request *request)
{
    struct http_transfer *transfer = calloc(1, sizeof *transfer);
    LC_ASSERT(transfer != NULL);
    buffer_init(&transfer->sent, HTTP_BODY_SIZE_MAX);
    buffer_init(&transfer->received, HTTP_BODY_SIZE_MAX);
    CURL *easy = transfer->easy = curl_easy_init();
    LC_ASSERT(easy != NULL);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->why);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_received);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer->received);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "auctionctl/" LOTCAST_VERSION);
    if (request->content_type != NULL) {
        buffer_append(&transfer->sent, request->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->sent.size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, buffer_text(&transfer->sent));
        header_add(transfer, "Content-Type", request->content_type);
        header_add(transfer, "Expect", ""); // no waiting for 100 Continue
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->token != NULL) {
        struct buffer value;
        buffer_init(&value, HTTP_HEADER_SIZE_MAX);
        buffer_append_format(&value, "Bearer %s", request->token);
        header_add(transfer, "Authorization", buffer_text(&value));
        buffer_release(&value);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    return transfer;
}

static int transfer_status(struct http_transfer *transfer, CURLcode result)
{
    long status = 0;
    if (result != CURLE_OK) {
        if (transfer->why[0] == 0) {
            snprintf(transfer->why, sizeof transfer->why, "%s", curl_easy_strerror(result));
        }
        return 0;
    }
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

int http_fetch(const struct http_request *request, struct buffer *out_body,
               char out_why[HTTP_WHY_SIZE_MAX])
{
    struct http_transfer *transfer = transfer_create(request);
    int status = transfer_status(transfer, curl_easy_perform(transfer->easy));
    snprintf(out_why, HTTP_WHY_SIZE_MAX, "%s", transfer->why);
    buffer_append(out_body, buffer_bytes(&transfer->received));
    transfer_destroy(transfer);
    return status;
}

// ---- many at once ----

static struct http_transfer *transfer_unlink(struct http_client *client, uint64_t id)
{
    for (struct http_transfer **at = &client->transfers; *at != NULL; at = &(*at)->next) {
        if ((*at)->id == id) {
            struct http_transfer *transfer = *at;
            *at = transfer->next;
            return transfer;
        }
    }
    return NULL;
}

static void finished_collect(struct http_client *client)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        char *owner = NULL;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
        struct http_transfer *transfer = (struct http_transfer *)(void *)owner;
        transfer_unlink(client, transfer->id);
        curl_multi_remove_handle(client->multi, transfer->easy);
        struct http_answer answer = {.status = transfer_status(transfer, result),
                                     .body = buffer_bytes(&transfer->received),
                                     .why = transfer->why};
        transfer->done(transfer->owner, &answer);
        transfer_destroy(transfer);
    }
}

static void socket_ready(void *owner, int descriptor, bool readable, bool writable)
{
    struct http_client *client = owner;
    int running;
    curl_multi_socket_action(client->multi, descriptor,
                             (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0),
                             &running);
    finished_collect(client);
}

static void timer_fired(void *owner)
{
    struct http_client *client = owner;
    int running;
    curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finished_collect(client);
}

static int socket_wanted(CURL *easy, curl_socket_t descriptor, int what, void *owner, void *data)
{
    (void)easy;
    struct http_client *client = owner;
    struct loop_watch *watch = data;
    if (what == CURL_POLL_REMOVE) {
        loop_watch_destroy(watch);
        curl_multi_assign(client->multi, descriptor, NULL);
        return 0;
    }
    if (watch == NULL) {
        watch = loop_watch_create(client->loop, descriptor, socket_ready, client);
        curl_multi_assign(client->multi, descriptor, watch);
    }
    loop_watch_set(watch, (what & CURL_POLL_IN) != 0, (what & CURL_POLL_OUT) != 0);
    return 0;
}

static int timer_wanted(CURLM *multi, long wait_ms, void *owner)
{
    (void)multi;
    struct http_client *client = owner;
    loop_timer_set(client->timer, wait_ms < 0 ? INT64_MAX : loop_now_ms(client->loop) + wait_ms);
    return 0;
}

struct http_client *http_client_create(struct loop *loop)
{
    struct http_client *client = calloc(1, sizeof *client);
    LC_ASSERT(client != NULL);
    client->loop = loop;
    client->timer = loop_timer_create(loop, timer_fired, client);
    client->multi = curl_multi_init();
    LC_ASSERT(client->multi != NULL);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, 4096L);
    return client;
}

void http_client_destroy(struct http_client *client)
{
    if (client == NULL) {
        return;
    }
    while (client->transfers != NULL) {
        http_client_cancel(client, client->transfers->id);
    }
    curl_multi_cleanup(client->multi);
    loop_timer_destroy(client->timer);
    free(client);
}

uint64_t http_client_send(struct http_client *client, const struct http_request *request,
                          http_done *done, void *owner)
{
    struct http_transfer *transfer = transfer_create(request);
    transfer->id = ++client->last_id;
    transfer->done = done;
    transfer->owner = owner;
    transfer->next = client->transfers;
    client->transfers = transfer;
    uint64_t id = transfer->id;
    CURLMcode added = curl_multi_add_handle(client->multi, transfer->easy);
    LC_ASSERT(added == CURLM_OK);
    return id;
}

void http_client_cancel(struct http_client *client, uint64_t id)
{
    struct http_transfer *transfer = transfer_unlink(client, id);
    if (transfer != NULL) {
        curl_multi_remove_handle(client->multi, transfer->easy);
        transfer_destroy(transfer);
    }
}
