// HTTP requests as bytes: cut at every place, they are the same; what can be understood in two ways
// is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/http/http_request.h"
#include "bridge/http/http_target.h"

// What a connection said, as a line for each request: "METHOD target body|"; a fault as "!status".
struct heard {
    char text[4096];
    size_t size;
};

static void note(struct heard *heard, struct bytes part)
{
    assert_true(heard->size + part.size < sizeof heard->text);
    if (part.size > 0) {
        memcpy(heard->text + heard->size, part.data, part.size);
    }
    heard->size += part.size;
    heard->text[heard->size] = '\0';
}

static void note_head(struct heard *heard, const struct http_request_reader *reader)
{
    struct http_head head;
    http_request_head(reader, &head);
    note(heard, head.method);
    note(heard, bytes_text(" "));
    note(heard, head.target);
    note(heard, bytes_text(" "));
}

// Reads all of `text` in pieces of `piece` bytes.
static void hear(struct bytes text, size_t piece, struct heard *heard)
{
    struct http_request_reader reader;
    struct buffer body;
    heard->size = 0;
    heard->text[0] = '\0';
    http_request_init(&reader);
    buffer_init(&body, 10000);
    enum http_request_step step = HTTP_REQUEST_MORE;
    while (step != HTTP_REQUEST_BAD && (text.size > 0 || step != HTTP_REQUEST_MORE)) {
        size_t used = 0;
        struct bytes part = bytes_of(text.data, text.size < piece ? text.size : piece);
        step = http_request_feed(&reader, part, &body, &used);
        text = bytes_from(text, used);
        if (step == HTTP_REQUEST_HEAD) {
            note_head(heard, &reader);
        } else if (step == HTTP_REQUEST_END) {
            note(heard, buffer_bytes(&body));
            note(heard, bytes_text("|"));
            buffer_clear(&body);
            http_request_next(&reader);
            step = HTTP_REQUEST_MORE;
        } else if (step == HTTP_REQUEST_BAD) {
            char fault[8];
            snprintf(fault, sizeof fault, "!%d", (int)http_request_fault(&reader));
            note(heard, bytes_text(fault));
        }
    }
    buffer_release(&body);
    http_request_release(&reader);
}

static void assert_heard(const char *text, const char *expected)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        struct heard heard;
        hear(bytes_text(text), piece, &heard);
        assert_string_equal(heard.text, expected);
    }
}

static void assert_refused(const char *text, int status)
{
    char expected[8];
    snprintf(expected, sizeof expected, "!%d", status);
    struct heard heard;
    hear(bytes_text(text), strlen(text), &heard);
    if (strstr(heard.text, expected) == NULL) {
        fail_msg("%s: %s", text, heard.text);
    }
    hear(bytes_text(text), 1, &heard);
    assert_non_null(strstr(heard.text, expected));
}

static void a_request_is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    assert_heard("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a?b=c |");
    assert_heard("POST /p HTTP/1.1\r\nhOsT:x\r\nContent-Length:  4 \r\n\r\nbody", "POST /p body|");
    assert_heard("PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
                 "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
                 "PUT /c abc|");
}

static void pipelined_requests_come_out_in_order(void **state)
{
    (void)state;
    assert_heard("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
                 "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
                 "POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                 "GET /4 HTTP/1.0\r\n\r\n",
                 "POST /1 ab|GET /2 |POST /3 |GET /4 |");
}

static void a_few_empty_lines_before_a_request_are_passed_over(void **state)
{
    (void)state;
    assert_heard("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / |");
    assert_heard("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "!400");
}

static void lengths_that_can_be_read_in_two_ways_are_refused(void **state)
{
    (void)state;
    const char *lines[] = {
        "Content-Length: 3\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 3, 3",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: \vchunked",
        "Content-Length: -3",
        "Content-Length: +3",
        "Content-Length: 0x3",
        "Content-Length: 3 3",
        "Content-Length:",
        "Content-Length: 18446744073709551617",
        "Content-Length : 3",
        "Content-Length\t: 3",
        "Host: y",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "POST / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\nabc", lines[i]);
        assert_refused(text, 400);
    }
}

static void what_is_no_request_is_refused(void **state)
{
    (void)state;
    const char *texts[] = {
        "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1\r\nHost: x\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\n",
        "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n: no name\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\na b: c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\na: b\x01\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\na: b\x7f\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.10\r\nHost: x\r\n\r\n",
        "GET / http/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\r\nHost: x\r\n\r\n",
        "GET\r\n\r\n",
        " / HTTP/1.1\r\nHost: x\r\n\r\n",
        "G(T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /# HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\t HTTP/1.1\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02\n\x01\r\n\r\n",
        "\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_refused(texts[i], 400);
    }
    struct heard heard;
    hear(bytes_of("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 30), 30, &heard);
    assert_string_equal(heard.text, "!400");
}

static void an_unknown_expectation_is_refused(void **state)
{
    (void)state;
    assert_refused("PUT / HTTP/1.1\r\nHost: x\r\nExpect: 200-maybe\r\nContent-Length: 1\r\n\r\na",
                   417);
}

static void bad_chunks_are_refused(void **state)
{
    (void)state;
    assert_refused("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400);
    assert_refused(
        "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na\nb\r\n\r\n", 400);
}

// Feeds a request line with `target`, and then `fields` times `field`.
static enum http_fault fault_of(size_t target, const char *field, size_t fields)
{
    struct http_request_reader reader;
    struct buffer text;
    size_t used;
    http_request_init(&reader);
    buffer_init(&text, 1 << 20);
    buffer_append_text(&text, "GET /");
    for (size_t i = 1; i < target; i++) {
        buffer_append_byte(&text, 'a');
    }
    buffer_append_text(&text, " HTTP/1.1\r\nHost: x\r\n");
    for (size_t i = 0; i < fields; i++) {
        buffer_append_text(&text, field);
    }
    buffer_append_text(&text, "\r\n");
    enum http_request_step step = HTTP_REQUEST_MORE;
    struct bytes rest = buffer_bytes(&text);
    while (step == HTTP_REQUEST_MORE && rest.size > 0) {
        step = http_request_feed(&reader, bytes_of(rest.data, rest.size < 100 ? rest.size : 100),
                                 NULL, &used);
        rest = bytes_from(rest, used);
    }
    enum http_fault fault =
        step == HTTP_REQUEST_BAD ? http_request_fault(&reader) : HTTP_FAULT_NONE;
    buffer_release(&text);
    http_request_release(&reader);
    return fault;
}

static void limits_of_a_head_have_their_own_answers(void **state)
{
    (void)state;
    assert_int_equal(fault_of(HTTP_TARGET_BYTES_MAX, "", 0), HTTP_FAULT_NONE);
    assert_int_equal(fault_of(HTTP_TARGET_BYTES_MAX + 1, "", 0), HTTP_FAULT_TARGET_SIZE);
    assert_int_equal(fault_of(1 << 19, "", 0), HTTP_FAULT_TARGET_SIZE);
    assert_int_equal(fault_of(1, "a: b\r\n", HTTP_FIELDS_MAX - 1), HTTP_FAULT_NONE);
    assert_int_equal(fault_of(1, "a: b\r\n", HTTP_FIELDS_MAX), HTTP_FAULT_HEAD_SIZE);
    assert_int_equal(fault_of(1, "a: bbbbbbbbbbbbb\r\n", HTTP_HEAD_BYTES_MAX / 18),
                     HTTP_FAULT_HEAD_SIZE);
}

static void read_head(const char *text, struct http_request_reader *reader)
{
    size_t used;
    http_request_init(reader);
    assert_int_equal(http_request_feed(reader, bytes_text(text), NULL, &used), HTTP_REQUEST_HEAD);
}

static void a_connection_lives_on_as_its_version_and_fields_say(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bool keeps_alive;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade , CLOSE\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_request_reader reader;
        read_head(cases[i].text, &reader);
        assert_int_equal(http_request_framing(&reader)->keeps_alive, cases[i].keeps_alive);
        http_request_release(&reader);
    }
}

static void only_a_body_is_waited_for_with_100_continue(void **state)
{
    (void)state;
    struct http_request_reader reader;
    read_head("PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n",
              &reader);
    assert_true(http_request_framing(&reader)->expects_continue);
    http_request_release(&reader);
    read_head("PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
              &reader);
    assert_false(http_request_framing(&reader)->expects_continue);
    http_request_release(&reader);
}

static void fields_are_found_by_lower_case_names(void **state)
{
    (void)state;
    struct http_request_reader reader;
    struct http_head head;
    read_head("GET / HTTP/1.1\r\nHOST: x\r\nX-One:\t a b \t\r\nX-Empty:\r\nX-One: c, D\r\n\r\n",
              &reader);
    http_request_head(&reader, &head);
    assert_int_equal(head.fields_count, 4);
    assert_true(bytes_equal_text(head.fields[1].name, "x-one"));
    assert_true(bytes_equal_text(http_head_value(&head, "x-one"), "a b"));
    assert_int_equal(http_head_value(&head, "x-empty").size, 0);
    assert_int_equal(http_head_count(&head, "x-one"), 2);
    assert_int_equal(http_head_count(&head, "x-none"), 0);
    assert_true(http_head_has_token(&head, "x-one", "d"));
    assert_false(http_head_has_token(&head, "x-one", "a"));
    http_request_release(&reader);
}

static void a_forgotten_head_frees_its_memory_and_the_body_is_read_on(void **state)
{
    (void)state;
    struct http_request_reader reader;
    struct buffer body;
    size_t used;
    buffer_init(&body, 10);
    read_head("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n", &reader);
    assert_true(http_request_bytes(&reader) > 0);
    http_request_forget_head(&reader);
    assert_int_equal(http_request_bytes(&reader), 0);
    assert_int_equal(http_request_feed(&reader, bytes_text("abc"), &body, &used), HTTP_REQUEST_END);
    assert_int_equal(used, 2);
    assert_false(http_request_is_idle(&reader));
    http_request_next(&reader);
    assert_true(http_request_is_idle(&reader));
    buffer_release(&body);
    http_request_release(&reader);
}

static void a_target_is_a_path_or_an_address(void **state)
{
    (void)state;
    const struct {
        const char *target;
        const char *path; // NULL: refused
        const char *query;
        const char *url;
    } cases[] = {
        {"/", "/", "", "/"},
        {"/a/b?c=d?e", "/a/b", "c=d?e", "/a/b?c=d?e"},
        {"//x/y", "//x/y", "", "//x/y"},
        {"http://host:80/a?b", "/a", "b", "/a?b"},
        {"HTTPS://host/", "/", "", "/"},
        {"http://host", NULL, NULL, NULL},
        {"http://host?a=/b", NULL, NULL, NULL},
        {"*", NULL, NULL, NULL},
        {"host:443", NULL, NULL, NULL},
        {"ftp://host/", NULL, NULL, NULL},
        {"?a", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_target target;
        bool is_read = http_target_read(bytes_text(cases[i].target), &target);
        assert_int_equal(is_read, cases[i].path != NULL);
        if (is_read) {
            assert_true(bytes_equal_text(target.path, cases[i].path));
            assert_true(bytes_equal_text(target.query, cases[i].query));
            assert_true(bytes_equal_text(target.url, cases[i].url));
        }
    }
}

static void a_path_is_decoded_once_or_refused(void **state)
{
    (void)state;
    const char *cases[][2] = {{"/a%20b%2Fc%C3%A9", "/a b/c\xc3\xa9"},
                              {"/a+b%2525", "/a+b%25"},
                              {"/%", NULL},
                              {"/%4", NULL},
                              {"/%zz", NULL},
                              {"/%00", NULL},
                              {"/%0", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out;
        buffer_init(&out, 100);
        assert_int_equal(http_path_decode(bytes_text(cases[i][0]), &out), cases[i][1] != NULL);
        assert_true(cases[i][1] == NULL || bytes_equal_text(buffer_bytes(&out), cases[i][1]));
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_the_same_however_it_is_cut),
        cmocka_unit_test(pipelined_requests_come_out_in_order),
        cmocka_unit_test(a_few_empty_lines_before_a_request_are_passed_over),
        cmocka_unit_test(lengths_that_can_be_read_in_two_ways_are_refused),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(an_unknown_expectation_is_refused),
        cmocka_unit_test(bad_chunks_are_refused),
        cmocka_unit_test(limits_of_a_head_have_their_own_answers),
        cmocka_unit_test(a_connection_lives_on_as_its_version_and_fields_say),
        cmocka_unit_test(only_a_body_is_waited_for_with_100_continue),
        cmocka_unit_test(fields_are_found_by_lower_case_names),
        cmocka_unit_test(a_forgotten_head_frees_its_memory_and_the_body_is_read_on),
        cmocka_unit_test(a_target_is_a_path_or_an_address),
        cmocka_unit_test(a_path_is_decoded_once_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
