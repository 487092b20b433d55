// Passwords against a bcrypt hash, checked by the worker.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <poll.h>

#include "bridge/io/password.h"

// "correct horse" at cost 4, in the three forms that are one.
#define SUM "4kBJaAPSYwYWOzAPAAYqxOWkaEIJ5Si36g68Eka3Eyynq.YYH2CMC"

enum { WAIT_MS = 20000 };

struct answers {
    size_t count;
    uint64_t right; // tickets as bits
    uint64_t all;
};

static void on_checked(void *owner, uint64_t ticket, bool is_right)
{
    struct answers *answers = owner;
    answers->count++;
    answers->all |= UINT64_C(1) << ticket;
    answers->right |= is_right ? UINT64_C(1) << ticket : 0;
}

static void wait_for(struct password_checker *checker, struct answers *answers, size_t count)
{
    while (answers->count < count) {
        struct pollfd pollfd = {.fd = password_checker_fd(checker), .events = POLLIN};
        assert_int_equal(poll(&pollfd, 1, WAIT_MS), 1);
        password_checker_process(checker, on_checked, answers);
    }
}

static void the_right_password_is_told_from_wrong_ones(void **state)
{
    (void)state;
    static const char *const hashes[] = {"$2b$04$" SUM, "$2a$04$" SUM, "$2y$04$" SUM};
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        struct password_checker *checker;
        struct answers answers = {0};
        assert_int_equal(password_checker_create(hashes[i], &checker), LC_OK);
        assert_true(password_checker_ask(checker, 1, bytes_text("correct horse")));
        assert_true(password_checker_ask(checker, 2, bytes_text("correct horsf")));
        assert_true(password_checker_ask(checker, 3, bytes_text("")));
        assert_true(password_checker_ask(checker, 4, bytes_text("correct horse ")));
        wait_for(checker, &answers, 4);
        assert_int_equal(answers.all, 0x1E);
        assert_int_equal(answers.right, 0x02);
        password_checker_destroy(checker);
    }
}

static void a_password_that_bcrypt_would_cut_is_not_taken(void **state)
{
    (void)state;
    struct password_checker *checker;
    char large[PASSWORD_SIZE_MAX + 1];
    memset(large, 'x', sizeof large);
    assert_int_equal(password_checker_create("$2b$04$" SUM, &checker), LC_OK);
    assert_false(password_checker_ask(checker, 1, bytes_of(large, sizeof large)));
    assert_false(password_checker_ask(checker, 2, bytes_of("correct horse\0x", 15)));
    password_checker_destroy(checker);
}

static void no_more_than_a_few_passwords_wait(void **state)
{
    (void)state;
    struct password_checker *checker;
    struct answers answers = {0};
    assert_int_equal(password_checker_create("$2b$04$" SUM, &checker), LC_OK);
    for (uint64_t i = 0; i < PASSWORD_JOBS_MAX; i++) {
        assert_true(password_checker_ask(checker, i, bytes_text("x")));
    }
    // Done ones count until they are taken.
    assert_false(password_checker_ask(checker, 9, bytes_text("x")));
    wait_for(checker, &answers, PASSWORD_JOBS_MAX);
    assert_true(password_checker_ask(checker, 10, bytes_text("correct horse")));
    wait_for(checker, &answers, PASSWORD_JOBS_MAX + 1);
    assert_int_equal(answers.right, UINT64_C(1) << 10);
    password_checker_destroy(checker);
}

static void an_end_leaves_nothing_behind_while_passwords_wait(void **state)
{
    (void)state;
    struct password_checker *checker;
    assert_int_equal(password_checker_create("$2b$04$" SUM, &checker), LC_OK);
    for (uint64_t i = 0; i < PASSWORD_JOBS_MAX; i++) {
        assert_true(password_checker_ask(checker, i, bytes_text("x")));
    }
    password_checker_destroy(checker);
    password_checker_destroy(NULL);
}

static void hashes_of_another_kind_or_cost_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "correct horse",
        "$2b$03$" SUM,
        "$2b$15$" SUM,
        "$2b$99$" SUM,
        "$1$04$" SUM,
        "$2x$04$" SUM,
        "$2b$04$",
        "$2b$04$" SUM "x",
        "$2b$ 4$" SUM,
        "$2b$+4$" SUM,
        "$2b$04$4kBJaAPSYwYWOzAPAAYqxOWkaEIJ5Si36g68Eka3Eyynq.YYH2C:C",
        "$6$rounds=5000$saltsalt$abc"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct password_checker *checker;
        assert_false(password_hash_is_good(bad[i]));
        assert_int_equal(password_checker_create(bad[i], &checker), LC_ERR_BAD_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_password_is_told_from_wrong_ones),
        cmocka_unit_test(a_password_that_bcrypt_would_cut_is_not_taken),
        cmocka_unit_test(no_more_than_a_few_passwords_wait),
        cmocka_unit_test(an_end_leaves_nothing_behind_while_passwords_wait),
        cmocka_unit_test(hashes_of_another_kind_or_cost_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
