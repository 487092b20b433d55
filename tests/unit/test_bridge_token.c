#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "bridge/io/digest.h"
#include "bridge/io/static_files.h"
#include "bridge/io/token.h"

#define SECRET_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
// {"alg":"none","kid":"k1"} {"sub":"p1","sale":"*","role":"admin","exp":9999999999}
#define UNSIGNED_ADMIN                                                                        \
    "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.eyJzdWIiOiJwMSIsInNhbGUiOiIqIiwicm9sZSI6ImFkbWluIiwi" \
    "ZXhwIjo5OTk5OTk5OTk5fQ."
#define SECRET_B "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static struct token_keys *keys_of(const char *text, enum lc_status expected)
{
    char path[] = "/tmp/lotcast-keys-XXXXXX";
    char why[160] = "";
    struct token_keys *keys = NULL;
    close(mkstemp(path));
    write_file(path, text);
    assert_int_equal(token_keys_create(path, &keys, why), expected);
    assert_true(expected == LC_OK || why[0] != 0);
    assert_null(strstr(why, "0001020304"));
    unlink(path);
    return keys;
}

static struct identity ana(void)
{
    struct identity identity;
    assert_true(identity_read(bytes_text("p1"), bytes_text("demo"), bytes_text("bidder"),
                              bytes_text("Ana \"quoted\""), 2000, &identity));
    return identity;
}

static void make(const struct token_keys *keys, char out[1024])
{
    struct identity identity = ana();
    struct buffer token;
    buffer_init(&token, TOKEN_SIZE_MAX);
    assert_int_equal(token_make(keys, &identity, 1000, &token), LC_OK);
    snprintf(out, 1024, "%s", buffer_text(&token));
    buffer_release(&token);
}

static void a_token_says_again_who_it_was_made_for(void **state)
{
    (void)state;
    char token[1024];
    struct identity found;
    struct token_keys *keys = keys_of("k1 " SECRET_A "\n", LC_OK);
    make(keys, token);
    assert_int_equal(token_read(keys, bytes_text(token), 1999, &found), ERROR_NONE);
    assert_string_equal(found.subject.text, "p1");
    assert_string_equal(found.sale.text, "demo");
    assert_string_equal(found.name, "Ana \"quoted\"");
    assert_int_equal(found.role, ROLE_BIDDER);
    assert_int_equal(found.expires_at_s, 2000);
    found = identity_anonymous();
    assert_int_equal(token_read(keys, bytes_text(token), 2000, &found), ERROR_TOKEN_EXPIRED);
    assert_string_equal(found.subject.text, "p1"); // who still may see
    token_keys_destroy(keys);
}

static void what_one_key_signed_every_file_with_that_key_verifies(void **state)
{
    (void)state;
    uint8_t mac[TOKEN_MAC_SIZE];
    uint8_t key_a[TOKEN_KEY_SIZE];
    uint8_t key_b[TOKEN_KEY_SIZE];
    struct bytes said = bytes_text("p1 was here");
    struct token_keys *before = keys_of("k1 " SECRET_A "\n", LC_OK);
    struct token_keys *rotated = keys_of("k2 " SECRET_B "\nk1 " SECRET_A "\n", LC_OK);
    struct token_keys *after = keys_of("k2 " SECRET_B "\n", LC_OK);
    token_keys_sign(before, TOKEN_PURPOSE_PID, said, mac);
    assert_true(token_keys_verify(before, TOKEN_PURPOSE_PID, said, mac));
    assert_true(token_keys_verify(rotated, TOKEN_PURPOSE_PID, said, mac));
    assert_false(token_keys_verify(after, TOKEN_PURPOSE_PID, said, mac));
    assert_false(token_keys_verify(before, TOKEN_PURPOSE_RELAY, said, mac));
    assert_false(token_keys_verify(before, TOKEN_PURPOSE_PID, bytes_text("p2 was here"), mac));
    mac[31] ^= 1;
    assert_false(token_keys_verify(before, TOKEN_PURPOSE_PID, said, mac));
    token_keys_sign(rotated, TOKEN_PURPOSE_PID, said, mac); // the first key signs
    assert_true(token_keys_verify(after, TOKEN_PURPOSE_PID, said, mac));
    assert_false(token_keys_verify(before, TOKEN_PURPOSE_PID, said, mac));
    token_keys_mac_key(before, TOKEN_PURPOSE_RELAY, key_a);
    token_keys_mac_key(before, TOKEN_PURPOSE_PID, key_b);
    assert_memory_not_equal(key_a, key_b, sizeof key_a);
    token_keys_mac_key(rotated, TOKEN_PURPOSE_RELAY, key_b);
    assert_memory_not_equal(key_a, key_b, sizeof key_a);
    token_keys_destroy(before);
    token_keys_destroy(rotated);
    token_keys_destroy(after);
}

static void kid_selects_the_key_and_every_key_verifies(void **state)
{
    (void)state;
    char token[1024];
    struct identity found;
    struct token_keys *old = keys_of("k1 " SECRET_A "\n", LC_OK);
    struct token_keys *rotated = keys_of("k2 " SECRET_B "\nk1 " SECRET_A "\n", LC_OK);
    struct token_keys *other = keys_of("k2 " SECRET_A "\n", LC_OK);
    struct token_keys *same_name = keys_of("k1 " SECRET_B "\n", LC_OK);
    make(old, token);
    assert_int_equal(token_read(rotated, bytes_text(token), 1, &found), ERROR_NONE);
    assert_int_equal(token_read(other, bytes_text(token), 1, &found), ERROR_UNAUTHENTICATED);
    assert_int_equal(token_read(same_name, bytes_text(token), 1, &found), ERROR_UNAUTHENTICATED);
    make(rotated, token);
    assert_int_equal(token_read(old, bytes_text(token), 1, &found), ERROR_UNAUTHENTICATED);
    token_keys_destroy(old);
    token_keys_destroy(rotated);
    token_keys_destroy(other);
    token_keys_destroy(same_name);
}

static void forged_tokens_are_refused(void **state)
{
    (void)state;
    struct identity found;
    struct token_keys *keys = keys_of("k1 " SECRET_A "\n", LC_OK);
    char token[1024];
    static const char *const forged[] = {
        "", ".", "..", "a.b.c", "e30.e30.", "{}", UNSIGNED_ADMIN,
    };
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        assert_int_equal(token_read(keys, bytes_text(forged[i]), 1, &found), ERROR_UNAUTHENTICATED);
    }
    make(keys, token);
    for (size_t i = 0; token[i] != 0; i++) {
        char changed[1024];
        memcpy(changed, token, sizeof changed);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        // The last character of a part holds unused bits: only a changed meaning must be refused.
        if (token[i + 1] != 0 && token[i + 1] != '.') {
            assert_int_equal(token_read(keys, bytes_text(changed), 1, &found),
                             ERROR_UNAUTHENTICATED);
        }
    }
    token_keys_destroy(keys);
}

static void a_key_file_that_is_not_one_is_refused_without_showing_it(void **state)
{
    (void)state;
    keys_of("", LC_ERR_BAD_INPUT);
    keys_of("# nothing\n", LC_ERR_BAD_INPUT);
    keys_of("k1 000102030405\n", LC_ERR_BAD_INPUT);
    keys_of("k1" SECRET_A "\n", LC_ERR_BAD_INPUT);
    keys_of("k1 " SECRET_A "00\n", LC_ERR_BAD_INPUT);
    keys_of("k 1 " SECRET_A "\n", LC_ERR_BAD_INPUT);
}

static void sha_256_is_that_of_the_standard(void **state)
{
    (void)state;
    char hex[65];
    digest_sha256_hex(bytes_text("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256_hex(bytes_text(""), hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void assert_file(struct static_files *files, const char *path, enum error_code expected)
{
    struct static_file file;
    assert_int_equal(static_files_find(files, bytes_text(path), bytes_text(""), &file), expected);
}

static void no_path_leads_out_of_the_folder_of_the_pages(void **state)
{
    (void)state;
    char dir[] = "/tmp/lotcast-web-XXXXXX";
    char path[128];
    struct static_files *files;
    struct static_file file;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/room.html", dir);
    write_file(path, "<p>room</p>");
    assert_int_equal(static_files_create(dir, dir, &files), LC_OK);
    assert_int_equal(static_files_find(files, bytes_text("/room"), bytes_text(""), &file),
                     ERROR_NONE);
    assert_string_equal(file.content_type, "text/html; charset=utf-8");
    assert_true(static_file_is_known(&file, bytes_text(file.etag)));
    assert_true(static_file_is_known(&file, bytes_text("*")));
    assert_false(static_file_is_known(&file, bytes_text("\"other\"")));
    assert_false(static_file_is_known(&file, bytes_text("")));
    assert_file(files, "/room.html", ERROR_NONE);
    static const char *const bad[] = {"/",
                                      "/hall",
                                      "/../etc/passwd",
                                      "/a/../../etc/passwd",
                                      "/./room.html",
                                      "//etc/passwd",
                                      "/.hidden",
                                      "/room.html/",
                                      "/..%2f",
                                      "\\..\\x",
                                      "/socket.io/room.html",
                                      "/socket.io/../room.html",
                                      "/socket.io/",
                                      "",
                                      "/a\nb"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_file(files, bad[i], ERROR_NOT_FOUND);
    }
    unlink(path);
    rmdir(dir);
    static_files_destroy(files);
}

static void assert_headers(const struct static_file *file, const char *expected)
{
    struct buffer headers;
    buffer_init(&headers, 1024);
    static_file_append_headers(file, &headers);
    assert_string_equal(buffer_text(&headers), expected);
    buffer_release(&headers);
}

static void a_file_of_the_client_bundle_has_its_version_as_tag_and_comes_compressed(void **state)
{
    (void)state;
    static char script[4096];
    char dir[] = "/tmp/lotcast-bundle-XXXXXX";
    char path[2][128];
    struct static_files *files;
    struct static_file file;
    assert_non_null(mkdtemp(dir));
    snprintf(path[0], sizeof path[0], "%s/socket.io.min.js", dir);
    snprintf(path[1], sizeof path[1], "%s/socket.io.min.js.map", dir);
    snprintf(script, sizeof script, "/*!\n * Socket.IO v4.8.4\n */%04000d", 1);
    write_file(path[0], script);
    write_file(path[1], "{}");
    assert_int_equal(static_files_create(NULL, dir, &files), LC_OK);
    struct bytes name = bytes_text("/api/socket.io/socket.io.min.js");
    assert_int_equal(static_files_find(files, name, bytes_text("br, gzip"), &file), ERROR_NONE);
    assert_string_equal(file.content_type, "application/javascript; charset=utf-8");
    assert_true(file.body.size < 200 && file.body.data[0] == 0x1f && file.body.data[1] == 0x8b);
    assert_true(static_file_is_known(&file, bytes_text("\"4.8.4\"")));
    assert_true(static_file_is_known(&file, bytes_text("W/\"4.8.4\"")));
    assert_headers(&file, "ETag: \"4.8.4\"\r\nCache-Control: public, max-age=0\r\n"
                          "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n");
    assert_int_equal(static_files_find(files, name, bytes_text("identity"), &file), ERROR_NONE);
    assert_true(bytes_equal_text(file.body, script));
    name = bytes_text("/socket.io/socket.io.min.js.map");
    assert_int_equal(static_files_find(files, name, bytes_text("gzip"), &file), ERROR_NONE);
    assert_string_equal(file.content_type, "application/json; charset=utf-8");
    assert_headers(&file, "ETag: \"4.8.4\"\r\nCache-Control: public, max-age=0\r\n");
    static_files_destroy(files);
    unlink(path[0]);
    unlink(path[1]);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_says_again_who_it_was_made_for),
        cmocka_unit_test(what_one_key_signed_every_file_with_that_key_verifies),
        cmocka_unit_test(kid_selects_the_key_and_every_key_verifies),
        cmocka_unit_test(forged_tokens_are_refused),
        cmocka_unit_test(a_key_file_that_is_not_one_is_refused_without_showing_it),
        cmocka_unit_test(sha_256_is_that_of_the_standard),
        cmocka_unit_test(no_path_leads_out_of_the_folder_of_the_pages),
        cmocka_unit_test(a_file_of_the_client_bundle_has_its_version_as_tag_and_comes_compressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
