#include "auctionctl/api.h"

#include <stdio.h>

#include "auctionctl/answer.h"
#include "auctionctl/commands.h"
#include "auctionctl/io/http.h"
#include "auctionctl/token.h"
#include "lib/os/os_file.h"

enum { API_TIMEOUT_MS = 15000, API_URL_SIZE_MAX = 2048, OPERATOR_TOKEN_TTL_S = 300 };

void api_answer_release(struct api_answer *answer)
{
    buffer_release(&answer->body);
    json_destroy(answer->json);
    answer->json = NULL;
}

static bool token_file_read(const char *path, struct buffer *out)
{
    enum lc_status status = os_file_read(path, out);
    if (status != LC_OK) {
        fprintf(stderr, "auctionctl: cannot read the token file %s: %s\n", path,
                lc_status_name(status));
        return false;
    }
    while (out->size > 0 && out->data[out->size - 1] <= ' ') {
        out->size--;
    }
    for (size_t i = 0; i < out->size; i++) {
        if (out->data[i] <= ' ' || out->data[i] >= 0x7F) {
            fprintf(stderr, "auctionctl: %s is no token file\n", path);
            return false;
        }
    }
    return true;
}

bool api_token(const struct command_line *line, struct buffer *out)
{
    if (line->token_file != NULL) {
        return token_file_read(line->token_file, out);
    }
    if (line->key_file == NULL) {
        return true;
    }
    struct signing_key key;
    enum lc_status status = key_file_read(line->key_file, &key);
    if (status == LC_OK) {
        struct token_claims claims = {.role = ROLE_ADMIN,
                                      .sale = "*",
                                      .sub = "auctionctl",
                                      .name = "auctionctl",
                                      .ttl_s = OPERATOR_TOKEN_TTL_S};
        status = token_sign(&key, &claims, out);
    }
    if (status != LC_OK) {
        fprintf(stderr, "auctionctl: cannot sign with the key file %s: %s\n", line->key_file,
                lc_status_name(status));
    }
    return status == LC_OK;
}

void api_sale_path(struct buffer *out, const char *sale, const char *rest)
{
    buffer_append_text(out, "/api/sales/");
    http_escape(sale, out);
    buffer_append_text(out, rest);
}

static int refusal_tell(int status, const struct api_answer *answer)
{
    struct buffer text;
    buffer_init(&text, 8192);
    if (answer->json != NULL && answer_error_print(answer->json, &text)) {
        fprintf(stderr, "auctionctl: %s\n", buffer_text(&text));
    } else {
        fprintf(stderr, "auctionctl: HTTP %d with a body that is no answer of Lotcast\n", status);
    }
    buffer_release(&text);
    return EXIT_REFUSED;
}

int api_call(const struct command_line *line, const struct api_call *call,
             struct api_answer *out_answer)
{
    struct buffer url;
    buffer_init(&url, API_URL_SIZE_MAX);
    size_t size = strlen(line->url);
    while (size > 0 && line->url[size - 1] == '/') {
        size--;
    }
    buffer_append(&url, bytes_of(line->url, size));
    buffer_append_text(&url, call->path);
    if (buffer_text(&url) == NULL) {
        fprintf(stderr, "auctionctl: the address is too long\n");
        buffer_release(&url);
        return EXIT_USAGE;
    }
    bool has_token = call->token != NULL && call->token[0] != 0;
    struct http_request request = {.method = call->method,
                                   .url = buffer_text(&url),
                                   .content_type = call->content_type,
                                   .body = call->body,
                                   .token = has_token ? call->token : NULL,
                                   .timeout_ms = API_TIMEOUT_MS};
    struct api_answer answer = {.json = NULL};
    buffer_init(&answer.body, HTTP_BODY_SIZE_MAX);
    char why[HTTP_WHY_SIZE_MAX];
    int status = http_fetch(&request, &answer.body, why);
    buffer_release(&url);
    if (status == 0) {
        fprintf(stderr, "auctionctl: cannot reach %s: %s\n", line->url, why);
        api_answer_release(&answer);
        return EXIT_UNREACHABLE;
    }
    if (json_parse(buffer_bytes(&answer.body), &answer.json) != LC_OK) {
        answer.json = NULL;
    }
    bool good =
        status >= 200 && status < 300 &&
        (answer.json != NULL ? json_member(answer.json, "error") == NULL : call->wants_text);
    if (!good) {
        int code = refusal_tell(status, &answer);
        api_answer_release(&answer);
        return code;
    }
    *out_answer = answer;
    return EXIT_DONE;
}
