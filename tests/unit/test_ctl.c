// auctionctl's command line, lines for people, key files and tokens.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auctionctl/answer.h"
#include "auctionctl/command_line.h"
#include "auctionctl/key_file.h"
#include "auctionctl/token.h"

// The list ends with NULL.
static bool read_line(struct command_line *line, char *why, const char *const *words)
{
    int count = 0;
    while (words[count] != NULL) {
        count++;
    }
    return command_line_read(count, words, line, why);
}

#define READ(...) read_line(&line, why, (const char *const[]){"auctionctl", __VA_ARGS__, NULL})

static void commands_and_options_are_read_in_any_order(void **state)
{
    (void)state;
    struct command_line line;
    char why[COMMAND_WHY_SIZE_MAX] = "";
    assert_true(READ("--url", "http://h:1", "results", "demo", "--csv"));
    assert_true(line.command == CTL_RESULTS && line.csv);
    assert_string_equal(line.operands[0], "demo");
    assert_true(READ("bots", "--sale=demo", "--bidders", "20", "--seed=9007199254740991"));
    assert_int_equal(line.bidders, 20);
    assert_true(READ("--help"));
    assert_true(READ("next", "demo", "--lot", "l1"));
}

static void every_wrong_line_is_refused_with_its_reason(void **state)
{
    (void)state;
    struct command_line line;
    char why[COMMAND_WHY_SIZE_MAX] = "";
    assert_false(READ("--nonsense"));
    assert_string_equal(why, "unknown option --nonsense");
    assert_false(READ("dance"));
    assert_false(READ("begin"));
    assert_false(READ("begin", "a", "b"));
    assert_false(READ("bots"));
    assert_string_equal(why, "bots needs --sale");
    assert_false(READ("bots", "--sale", "a", "--bidders", "0"));
    assert_false(READ("bots", "--sale", "a", "--bidders", "1001"));
    assert_false(READ("bots", "--sale", "a", "--bidders", "-1"));
    assert_false(READ("list", "--url"));
    assert_false(READ("list", "--json=1"));
    assert_false(READ("list", "--key-file", "a", "--token-file", "b"));
    assert_false(READ("verify"));
    assert_false(READ("replay"));
    assert_string_equal(why, "replay needs --data");
    assert_false(READ("explain", "--data", "d"));
    assert_false(READ("timeline", "l1"));
    assert_false(READ("backup", "--data", "d"));
    assert_false(READ("restore", "b"));
    assert_false(READ("replay-bids", "f.csv"));
    assert_string_equal(why, "replay-bids needs --increments");
    assert_false(READ("token", "--role", "admin"));
}

static void print(enum ctl_command command, const char *sale, const char *json, const char *wanted)
{
    struct command_line line = {.command = command, .operands = {sale}, .operands_count = 1};
    struct json *document;
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(json_parse(bytes_text(json), &document), LC_OK);
    answer_print(&line, document, &out);
    assert_string_equal(buffer_text(&out), wanted);
    json_destroy(document);
    buffer_release(&out);
}

static void answers_are_short_lines(void **state)
{
    (void)state;
    print(CTL_BEGIN, "demo", "{\"ok\":true}", "demo: begun\n");
    print(CTL_CREATE, "f.json", "{\"ok\":true,\"sale\":\"demo\",\"lots\":3}",
          "demo: created, 3 lots\n");
    print(CTL_IMPORT, "demo", "{\"added\":2,\"lots_total\":5}",
          "demo: lots added, 2 new, 5 lots\n");
    print(CTL_INVITE, "demo", "{\"invite\":\"abc\"}", "abc\n");
    print(CTL_LIST, NULL, "{\"sales\":[]}", "no sales\n");
    print(CTL_RECEIPT, "demo",
          "{\"receipt\":{\"id\":\"x\",\"op\":\"bid\",\"result\":{\"ok\":false,\"error\":{\"code\":"
          "\"BELOW_ASK\",\"message\":\"Low.\"}}}}",
          "bid x: BELOW_ASK: Low.\n");
    print(
        CTL_STATUS, "demo",
        "{\"snapshot\":{\"live\":true,\"info\":{\"id\":\"demo\",\"currency\":{\"code\":\"EUR\","
        "\"minor_digits\":2}},\"state\":{\"phase\":\"live\",\"clock\":\"lot\",\"lot\":{\"no\":2,"
        "\"title\":\"La\\tmp\",\"price\":1205,\"leader\":{\"paddle\":\"3\",\"name\":\"Ana\"},"
        "\"remaining_ms\":25900},\"sold\":1,\"unsold\":0,\"remaining_lots\":3,\"lots_total\":5}}}",
        "demo: live, lot 2 La?mp at 12.05 EUR, led by 3 (Ana), 25 s left; 1 sold, 0 unsold, 3 of 5 "
        "lots to come\n");
    print(CTL_RESULTS, "demo",
          "{\"results\":{\"sale\":\"demo\",\"phase\":\"complete\",\"currency\":{\"code\":\"JPY\","
          "\"minor_digits\":0},\"lots\":[{\"no\":1,\"title\":\"A\",\"phase\":\"sold\",\"price\":7,"
          "\"winner\":{\"paddle\":\"1\"}},{\"no\":2,\"title\":\"B\",\"phase\":\"unsold\"}]}}",
          "demo: complete\n1 A: sold at 7 JPY to 1\n2 B: unsold\n");
}

static void a_key_file_is_made_once_and_for_its_owner_alone(void **state)
{
    (void)state;
    char folder[] = "/tmp/lotcast-ctl-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    snprintf(path, sizeof path, "%s/keys", folder);
    struct signing_key key = {.kid = ""};
    struct signing_key again;
    assert_int_equal(key_file_read(path, &key), LC_ERR_NOT_FOUND);
    assert_int_equal(key_file_create(path), LC_OK);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(key_file_read(path, &key), LC_OK);
    assert_int_equal(key_file_create(path), LC_ERR_EXISTS);
    assert_int_equal(key_file_read(path, &again), LC_OK);
    assert_memory_equal(key.secret, again.secret, SIGNING_KEY_SIZE);
    struct buffer token;
    buffer_init(&token, 4096);
    assert_int_equal(
        token_sign(
            &key,
            &(struct token_claims){
                .role = ROLE_BIDDER, .sale = "demo", .sub = "p1", .name = "Ana", .ttl_s = 60},
            &token),
        LC_OK);
    assert_memory_equal(buffer_text(&token), "eyJ", 3);
    buffer_release(&token);
    int descriptor = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(descriptor, "k1 abc\n", 7), 7);
    close(descriptor);
    assert_int_equal(key_file_read(path, &again), LC_ERR_BAD_INPUT);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_and_options_are_read_in_any_order),
        cmocka_unit_test(every_wrong_line_is_refused_with_its_reason),
        cmocka_unit_test(answers_are_short_lines),
        cmocka_unit_test(a_key_file_is_made_once_and_for_its_owner_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
