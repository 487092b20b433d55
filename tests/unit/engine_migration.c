#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <ftw.h>
#include <sqlite3.h>
#include <unistd.h>

#include "auction-svc/io/ledger_chain.h"
#include "auction-svc/io/ledger_schema.h"
#include "lib/os/os_file.h"

struct place {
    char folder[64];
    struct ledger *ledger;
};

// Carries out SQL on the ledger's file as another program would.
static void execute(const struct place *place, const char *text)
{
    char path[128];
    sqlite3 *database = NULL;
    snprintf(path, sizeof path, "%s/ledger.sqlite", place->folder);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static int version_of(const struct place *place)
{
    char path[128];
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    snprintf(path, sizeof path, "%s/ledger.sqlite", place->folder);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, "PRAGMA user_version", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int version = sqlite3_column_int(statement, 0);
    (void)sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    return version;
}

static int set_up(void **state)
{
    static struct place place;
    struct buffer text;
    place = (struct place){.folder = "/tmp/lotcast-ledger-XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    buffer_init(&text, 1 << 20);
    assert_int_equal(os_file_read(VERSION_1_FILE, &text), LC_OK);
    execute(&place, buffer_text(&text));
    buffer_release(&text);
    *state = &place;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int tear_down(void **state)
{
    struct place *place = *state;
    ledger_close(place->ledger);
    return nftw(place->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static enum lc_status follow(void *owner, const struct ledger_fact *fact)
{
    return ledger_chain_follow(owner, fact) == NULL ? LC_OK : LC_ERR_CORRUPT;
}

static void expect_whole(struct place *place)
{
    struct sale_id sale = {"old"};
    struct ledger_head head = {0};
    struct participant_id by = {"p2"};
    struct command_id id = {"second"};
    struct ledger_receipt receipt;
    struct buffer result;
    buffer_init(&result, LEDGER_RESULT_SIZE_MAX);
    assert_int_equal(ledger_each_fact(place->ledger, &sale, 0, follow, &head), LC_OK);
    assert_int_equal(head.row, 13);
    assert_int_equal(head.seq, 11);
    assert_int_equal(ledger_find_receipt(place->ledger, &sale, &by, &id, &result, &receipt), LC_OK);
    buffer_release(&result);
}

static void a_file_of_version_1_is_brought_up_and_keeps_every_row(void **state)
{
    struct place *place = *state;
    int64_t epoch = 0;
    assert_int_equal(version_of(place), 1);
    assert_int_equal(ledger_open(place->folder, LEDGER_SERVE, &place->ledger), LC_OK);
    expect_whole(place);
    assert_int_equal(ledger_next_epoch(place->ledger, 0, &epoch), LC_OK);
    assert_int_equal(epoch, 2);
    ledger_close(place->ledger);
    place->ledger = NULL;
    assert_int_equal(version_of(place), LEDGER_SCHEMA_VERSION);
    assert_int_equal(ledger_open(place->folder, LEDGER_SERVE, &place->ledger), LC_OK);
    expect_whole(place);
}

static void a_file_of_version_1_is_verified_without_being_changed(void **state)
{
    struct place *place = *state;
    assert_int_equal(ledger_open(place->folder, LEDGER_VERIFY, &place->ledger), LC_OK);
    expect_whole(place);
    ledger_close(place->ledger);
    place->ledger = NULL;
    assert_int_equal(version_of(place), 1);
}

static void a_file_of_a_newer_program_is_refused_and_stays_as_it_is(void **state)
{
    struct place *place = *state;
    char text[64];
    snprintf(text, sizeof text, "PRAGMA user_version = %d", LEDGER_SCHEMA_VERSION + 1);
    execute(place, text);
    assert_int_equal(ledger_open(place->folder, LEDGER_SERVE, &place->ledger), LC_ERR_BAD_INPUT);
    assert_int_equal(ledger_open(place->folder, LEDGER_VERIFY, &place->ledger), LC_ERR_BAD_INPUT);
    assert_int_equal(version_of(place), LEDGER_SCHEMA_VERSION + 1);
}

static void a_step_that_fails_leaves_the_version_before_it(void **state)
{
    struct place *place = *state;
    execute(place, "CREATE TABLE snapshot(in_the_way INTEGER)");
    assert_int_not_equal(ledger_open(place->folder, LEDGER_SERVE, &place->ledger), LC_OK);
    assert_int_equal(version_of(place), 1);
    execute(place, "DROP TABLE snapshot");
    assert_int_equal(ledger_open(place->folder, LEDGER_SERVE, &place->ledger), LC_OK);
    expect_whole(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define MIGRATION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        MIGRATION_TEST(a_file_of_version_1_is_brought_up_and_keeps_every_row),
        MIGRATION_TEST(a_file_of_version_1_is_verified_without_being_changed),
        MIGRATION_TEST(a_file_of_a_newer_program_is_refused_and_stays_as_it_is),
        MIGRATION_TEST(a_step_that_fails_leaves_the_version_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
