// What goes into an answer: its lines, its CORS headers, its coding.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>
#include <zlib.h>

#include "bridge/http/cors_policy.h"
#include "bridge/http/http_coding.h"
#include "bridge/http/http_response.h"

static void assert_written(const struct http_response *response, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 1000);
    http_response_write(response, &out);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void an_answer_is_one_text(void **state)
{
    (void)state;
    assert_written(&(struct http_response){.status = 200,
                                           .content_type = "text/plain",
                                           .body = bytes_text("ok"),
                                           .headers = bytes_text("A: b\r\n"),
                                           .no_store = true},
                   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
                   "Cache-Control: no-store\r\nA: b\r\n\r\nok");
    assert_written(&(struct http_response){.status = 404, .connection = HTTP_CONNECTION_CLOSES},
                   "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert_written(&(struct http_response){.status = 299, .connection = HTTP_CONNECTION_KEPT_ALOUD},
                   "HTTP/1.1 299 Status\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

static void an_answer_without_a_body_never_has_one(void **state)
{
    (void)state;
    struct bytes body = bytes_text("body");
    assert_written(&(struct http_response){.status = 204, .body = body},
                   "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
    assert_written(&(struct http_response){.status = 304, .body = body},
                   "HTTP/1.1 304 Not Modified\r\n\r\n");
    assert_written(&(struct http_response){.status = 101, .headers = bytes_text("A: b\r\n")},
                   "HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n");
    assert_written(&(struct http_response){.status = 200, .body = body, .answers_head = true},
                   "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
}

// ---- CORS ----

static void assert_cors(const struct cors_policy *policy, const char *origin, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 1000);
    cors_append(policy, bytes_text(origin), &out);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void assert_preflight(const struct cors_policy *policy, const char *asked,
                             const char *expected)
{
    struct buffer out;
    buffer_init(&out, 1000);
    cors_append_preflight(policy, bytes_text("http://a"), bytes_text(asked), &out);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static const char *const TWO[] = {"http://a", "http://b", NULL};

static void no_policy_says_nothing(void **state)
{
    (void)state;
    struct cors_policy off = {.kind = CORS_OFF, .allows_credentials = true};
    assert_cors(&off, "http://a", "");
    assert_preflight(&off, "x-a", "");
}

static void any_origin_is_a_star_that_varies_with_nothing(void **state)
{
    (void)state;
    struct cors_policy any = {.kind = CORS_ANY};
    assert_cors(&any, "http://a", "Access-Control-Allow-Origin: *\r\n");
    assert_cors(&any, "", "Access-Control-Allow-Origin: *\r\n");
}

static void a_fixed_origin_is_told_to_everybody(void **state)
{
    (void)state;
    struct cors_policy fixed = {.kind = CORS_FIXED, .origins = TWO, .allows_credentials = true};
    const char *told = "Access-Control-Allow-Origin: http://a\r\n"
                       "Access-Control-Allow-Credentials: true\r\nVary: Origin\r\n";
    assert_cors(&fixed, "http://a", told);
    assert_cors(&fixed, "http://evil", told);
    assert_cors(&fixed, "", told);
}

static void a_listed_origin_is_reflected_and_another_is_not(void **state)
{
    (void)state;
    struct cors_policy list = {.kind = CORS_LISTED, .origins = TWO, .exposed_headers = "x-y"};
    assert_cors(&list, "http://b",
                "Access-Control-Allow-Origin: http://b\r\nVary: Origin\r\n"
                "Access-Control-Expose-Headers: x-y\r\n");
    assert_cors(&list, "http://bb", "Vary: Origin\r\nAccess-Control-Expose-Headers: x-y\r\n");
    assert_cors(&list, "", "Vary: Origin\r\nAccess-Control-Expose-Headers: x-y\r\n");
    struct cors_policy all = {.kind = CORS_REFLECT};
    assert_cors(&all, "http://any", "Access-Control-Allow-Origin: http://any\r\nVary: Origin\r\n");
}

static void a_preflight_names_methods_and_the_headers_it_was_asked_for(void **state)
{
    (void)state;
    struct cors_policy any = {.kind = CORS_ANY};
    assert_preflight(&any, "x-a, x-b",
                     "Access-Control-Allow-Origin: *\r\nVary: Access-Control-Request-Headers\r\n"
                     "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n"
                     "Access-Control-Allow-Headers: x-a, x-b\r\n");
    struct cors_policy list = {.kind = CORS_LISTED, .origins = TWO};
    assert_preflight(&list, "",
                     "Access-Control-Allow-Origin: http://a\r\n"
                     "Vary: Origin, Access-Control-Request-Headers\r\n"
                     "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n");
    struct cors_policy told = {.kind = CORS_ANY,
                               .methods = "GET,POST",
                               .allowed_headers = "x-c",
                               .exposed_headers = "x-d",
                               .has_max_age = true,
                               .max_age_s = 600,
                               .success_status = 200};
    assert_preflight(&told, "x-a",
                     "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET,POST\r\n"
                     "Access-Control-Allow-Headers: x-c\r\nAccess-Control-Max-Age: 600\r\n"
                     "Access-Control-Expose-Headers: x-d\r\n");
    assert_int_equal(cors_success_status(&told), 200);
    assert_int_equal(cors_success_status(&any), 204);
}

static void a_policy_tells_which_pages_may_connect(void **state)
{
    (void)state;
    struct cors_policy off = {.kind = CORS_OFF};
    struct cors_policy any = {.kind = CORS_ANY};
    struct cors_policy fixed = {.kind = CORS_FIXED,
                                .origins = (const char *const[]){"http://a", NULL}};
    struct cors_policy list = {.kind = CORS_LISTED, .origins = TWO};
    assert_false(cors_allows(&off, bytes_text("http://a")));
    assert_true(cors_allows(&off, bytes_text(""))); // no page
    assert_true(cors_allows(&any, bytes_text("http://x")));
    assert_true(cors_allows(&fixed, bytes_text("http://a")));
    assert_false(cors_allows(&fixed, bytes_text("http://b")));
    assert_true(cors_allows(&list, bytes_text("http://b")));
    assert_false(cors_allows(&list, bytes_text("http://c")));
}

// ---- coding ----

static void the_coding_is_the_one_that_the_client_weighs_most_and_gzip_of_two(void **state)
{
    (void)state;
    const struct {
        const char *accept;
        enum http_coding coding;
    } cases[] = {
        {"", HTTP_CODING_NONE},
        {"br", HTTP_CODING_NONE},
        {"identity", HTTP_CODING_NONE},
        {"gzip, deflate, br", HTTP_CODING_GZIP},
        {"deflate, gzip", HTTP_CODING_GZIP},
        {"GZIP;Q=0.3 , deflate ; q=0.3", HTTP_CODING_GZIP},
        {"deflate;q=0.5, gzip;q=0.25", HTTP_CODING_DEFLATE},
        {"gzip;q=0, deflate", HTTP_CODING_DEFLATE},
        {"gzip;q=0, deflate;q=0.000", HTTP_CODING_NONE},
        {"*", HTTP_CODING_GZIP},
        {"*;q=0.1, gzip;q=0", HTTP_CODING_DEFLATE},
        {"*;q=0", HTTP_CODING_NONE},
        {"gzip;q=1.5", HTTP_CODING_NONE},
        {"gzip;q=x, deflate;q=0.001", HTTP_CODING_DEFLATE},
        {"gzip;level=1", HTTP_CODING_GZIP},
        {"gzipp", HTTP_CODING_NONE},
        {",;,=;q=", HTTP_CODING_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(http_coding_choose(bytes_text(cases[i].accept)), cases[i].coding);
    }
}

static void one_coder_codes_many_bodies_that_can_be_read_again(void **state)
{
    (void)state;
    static char text[100000];
    struct http_coder *coder = http_coder_create();
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)('a' + i * i % 17);
    }
    for (int round = 0; round < 4; round++) {
        enum http_coding coding = round % 2 == 0 ? HTTP_CODING_GZIP : HTTP_CODING_DEFLATE;
        static Bytef again[sizeof text];
        struct buffer out;
        buffer_init(&out, sizeof text);
        size_t size = sizeof text - (size_t)round * 1000;
        assert_int_equal(http_coder_code(coder, coding, bytes_of(text, size), &out), LC_OK);
        assert_true(out.size < sizeof text / 4);
        z_stream stream = {.next_in = out.data,
                           .avail_in = (uInt)out.size,
                           .next_out = again,
                           .avail_out = sizeof again};
        assert_int_equal(inflateInit2(&stream, coding == HTTP_CODING_GZIP ? 31 : 15), Z_OK);
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(stream.total_out, size);
        assert_memory_equal(again, text, size);
        inflateEnd(&stream);
        buffer_release(&out);
    }
    struct buffer small;
    buffer_init(&small, 10);
    assert_int_equal(http_coder_code(coder, HTTP_CODING_GZIP, bytes_of(text, sizeof text), &small),
                     LC_ERR_FULL);
    buffer_release(&small);
    http_coder_destroy(coder);
    http_coder_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_one_text),
        cmocka_unit_test(an_answer_without_a_body_never_has_one),
        cmocka_unit_test(no_policy_says_nothing),
        cmocka_unit_test(any_origin_is_a_star_that_varies_with_nothing),
        cmocka_unit_test(a_fixed_origin_is_told_to_everybody),
        cmocka_unit_test(a_listed_origin_is_reflected_and_another_is_not),
        cmocka_unit_test(a_preflight_names_methods_and_the_headers_it_was_asked_for),
        cmocka_unit_test(a_policy_tells_which_pages_may_connect),
        cmocka_unit_test(the_coding_is_the_one_that_the_client_weighs_most_and_gzip_of_two),
        cmocka_unit_test(one_coder_codes_many_bodies_that_can_be_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
