#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <ftw.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auction-svc/io/ledger.h"
#include "auction-svc/io/ledger_chain.h"

struct place {
    char folder[64];
    struct ledger *ledger;
    struct ledger_head head;
};

static const struct sale_id demo = {"demo"};

static void reopen(struct place *place)
{
    ledger_close(place->ledger);
    place->ledger = NULL;
    assert_int_equal(ledger_open(place->folder, LEDGER_SERVE, &place->ledger), LC_OK);
}

static int set_up(void **state)
{
    static struct place place;
    place = (struct place){.folder = "/tmp/lotcast-ledger-XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    reopen(&place);
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

static void append(struct place *place, const char *kind, const char *text, const char *name,
                   const char *payload)
{
    struct ledger_fact fact = {
        .sale = demo,
        .kind = bytes_text(kind),
        .at_ms = 1000 + place->head.row,
        .fact = bytes_text(text),
    };
    if (name != NULL) {
        fact.seq = place->head.seq + 1;
        fact.name = bytes_text(name);
        fact.payload = bytes_text(payload);
    }
    assert_int_equal(ledger_append(place->ledger, &place->head, &fact), LC_OK);
}

static void fill(struct place *place)
{
    assert_int_equal(ledger_begin(place->ledger, LEDGER_SYNCED), LC_OK);
    assert_int_equal(ledger_put_sale(place->ledger, &demo, 1000), LC_OK);
    append(place, "sale_created", "{\"kind\":\"sale_created\"}", NULL, NULL);
    append(place, "notice", "{\"text\":\"one\"}", "notice", "{\"seq\":1}");
    append(place, "invite_created", "{\"secret\":true}", NULL, NULL);
    append(place, "notice", "{\"text\":\"two\"}", "notice", "{\"seq\":2}");
    append(place, "notice", "{\"text\":\"three\"}", "notice", "{\"seq\":3}");
    assert_int_equal(ledger_commit(place->ledger), LC_OK);
}

struct check {
    struct ledger_head head;
    const char *wrong;
    char seen[256];
};

static enum lc_status follow(void *owner, const struct ledger_fact *fact)
{
    struct check *check = owner;
    if (check->wrong == NULL) {
        check->wrong = ledger_chain_follow(&check->head, fact);
    }
    return LC_OK;
}

static enum lc_status collect(void *owner, const struct ledger_fact *fact)
{
    struct check *check = owner;
    size_t used = strlen(check->seen);
    snprintf(check->seen + used, sizeof check->seen - used, "%lld:%.*s ", (long long)fact->seq,
             (int)fact->payload.size, (const char *)fact->payload.data);
    return LC_OK;
}

static void rows_are_chained_and_gapless_and_only_public_ones_have_a_seq(void **state)
{
    struct place *place = *state;
    struct check check = {0};
    fill(place);
    reopen(place);
    assert_int_equal(ledger_each_fact(place->ledger, &demo, 0, follow, &check), LC_OK);
    assert_null(check.wrong);
    assert_int_equal(check.head.row, 5);
    assert_int_equal(check.head.seq, 3);
    assert_memory_equal(check.head.hash, place->head.hash, SHA256_SIZE);
}

static void a_page_of_events_has_the_original_bytes_from_the_seq_asked_for(void **state)
{
    struct place *place = *state;
    struct check check = {0};
    fill(place);
    assert_int_equal(ledger_each_event(place->ledger, &demo, 2, 10, collect, &check), LC_OK);
    assert_string_equal(check.seen, "2:{\"seq\":2} 3:{\"seq\":3} ");
    check.seen[0] = 0;
    assert_int_equal(ledger_each_event(place->ledger, &demo, 0, 1, collect, &check), LC_OK);
    assert_string_equal(check.seen, "1:{\"seq\":1} ");
}

// Changes every place in the file where `text` stands.
static void overwrite(const struct place *place, const char *text, const char *with)
{
    char path[128];
    snprintf(path, sizeof path, "%s/ledger.sqlite", place->folder);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    char *bytes = calloc(1, 1 << 20);
    size_t size = fread(bytes, 1, 1 << 20, file);
    size_t changed = 0;
    for (size_t i = 0; i + strlen(text) <= size; i++) {
        if (memcmp(bytes + i, text, strlen(text)) == 0) {
            memcpy(bytes + i, with, strlen(with));
            changed++;
        }
    }
    assert_true(changed > 0);
    rewind(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    free(bytes);
}

static void an_altered_row_is_detected(void **state)
{
    static const char *const changes[][2] = {
        {"{\"text\":\"two\"}", "{\"text\":\"2wo\"}"}, // the fact
        {"{\"seq\":3}", "{\"seq\":4}"},               // what was published
        {"{\"secret\":true}", "{\"secret\":fals}"},   // a row without a seq
    };
    struct place *place = *state;
    fill(place);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct check check = {0};
        ledger_close(place->ledger); // folds the write-ahead log into the file
        place->ledger = NULL;
        overwrite(place, changes[i][0], changes[i][1]);
        assert_int_equal(ledger_open(place->folder, LEDGER_VERIFY, &place->ledger), LC_OK);
        assert_int_equal(ledger_each_fact(place->ledger, &demo, 0, follow, &check), LC_OK);
        assert_string_equal(check.wrong, "the row was altered");
        ledger_close(place->ledger);
        place->ledger = NULL;
        overwrite(place, changes[i][1], changes[i][0]);
        reopen(place);
    }
}

static void a_file_that_is_no_database_is_corrupt(void **state)
{
    struct place *place = *state;
    fill(place);
    ledger_close(place->ledger);
    place->ledger = NULL;
    overwrite(place, "SQLite format 3", "SQLite farmat 3");
    assert_int_equal(ledger_open(place->folder, LEDGER_SERVE, &place->ledger), LC_ERR_CORRUPT);
}

static void a_second_ledger_on_the_folder_is_refused(void **state)
{
    struct place *place = *state;
    pid_t child = fork(); // the lock is of the process's own descriptor, so another process asks
    assert_true(child >= 0);
    if (child == 0) {
        struct ledger *other = NULL;
        _exit(ledger_open(place->folder, LEDGER_SERVE, &other) == LC_ERR_BUSY ? 0 : 1);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

static void what_was_not_committed_is_not_there(void **state)
{
    struct place *place = *state;
    struct check check = {0};
    fill(place);
    assert_int_equal(ledger_begin(place->ledger, LEDGER_SYNCED), LC_OK);
    append(place, "notice", "{\"text\":\"lost\"}", "notice", "{\"seq\":4}");
    reopen(place); // as if the process had died
    assert_int_equal(ledger_each_fact(place->ledger, &demo, 0, follow, &check), LC_OK);
    assert_int_equal(check.head.row, 5);
}

static struct ledger_receipt receipt_of(const char *by, const char *id, const char *result)
{
    struct ledger_receipt receipt = {
        .sale = demo,
        .op = "bid",
        .received_at_ms = 5,
        .decided_at_ms = 7,
        .result = bytes_text(result),
    };
    snprintf(receipt.by.text, sizeof receipt.by.text, "%s", by);
    snprintf(receipt.id.text, sizeof receipt.id.text, "%s", id);
    sha256_of(bytes_text(result), receipt.content);
    return receipt;
}

static enum lc_status find(struct place *place, const char *by, const char *id, char *out_result)
{
    struct buffer result;
    struct ledger_receipt receipt = receipt_of(by == NULL ? "" : by, id, "");
    buffer_init(&result, LEDGER_RESULT_SIZE_MAX);
    enum lc_status status = ledger_find_receipt(
        place->ledger, &demo, by == NULL ? NULL : &receipt.by, &receipt.id, &result, &receipt);
    if (status == LC_OK) {
        snprintf(out_result, 64, "%.*s", (int)receipt.result.size,
                 (const char *)receipt.result.data);
    }
    buffer_release(&result);
    return status;
}

static void receipts_are_found_by_sale_sender_and_id(void **state)
{
    struct place *place = *state;
    char result[64];
    struct ledger_receipt accepted = receipt_of("p1", "a", "{\"ok\":true}");
    struct ledger_receipt other = receipt_of("p2", "a", "{\"ok\":2}");
    struct ledger_receipt refused = receipt_of("p1", "b", "{\"ok\":false}");
    assert_int_equal(ledger_begin(place->ledger, LEDGER_SYNCED), LC_OK);
    assert_int_equal(ledger_put_receipt(place->ledger, &accepted), LC_OK);
    assert_int_equal(ledger_put_receipt(place->ledger, &other), LC_OK);
    assert_int_equal(ledger_put_refusal(place->ledger, &refused), LC_OK);
    assert_int_equal(ledger_commit(place->ledger), LC_OK);
    reopen(place);
    assert_int_equal(find(place, "p1", "a", result), LC_OK);
    assert_string_equal(result, "{\"ok\":true}");
    assert_int_equal(find(place, "p1", "b", result), LC_OK);
    assert_string_equal(result, "{\"ok\":false}");
    assert_int_equal(find(place, "p3", "a", result), LC_ERR_NOT_FOUND);
    assert_int_equal(find(place, NULL, "b", result), LC_OK);
    assert_int_equal(find(place, NULL, "c", result), LC_ERR_NOT_FOUND);
}

static void the_last_256_refusals_of_a_participant_are_kept(void **state)
{
    struct place *place = *state;
    char id[16];
    char result[64];
    assert_int_equal(ledger_begin(place->ledger, LEDGER_UNSYNCED), LC_OK);
    for (int i = 0; i < LEDGER_REFUSALS_KEPT + 10; i++) {
        snprintf(id, sizeof id, "r%d", i);
        struct ledger_receipt refused = receipt_of("p1", id, "{}");
        assert_int_equal(ledger_put_refusal(place->ledger, &refused), LC_OK);
    }
    struct ledger_receipt of_another = receipt_of("p2", "r0", "{}");
    assert_int_equal(ledger_put_refusal(place->ledger, &of_another), LC_OK);
    assert_int_equal(ledger_commit(place->ledger), LC_OK);
    assert_int_equal(find(place, "p1", "r9", result), LC_ERR_NOT_FOUND);
    assert_int_equal(find(place, "p1", "r10", result), LC_OK);
    assert_int_equal(find(place, "p1", "r265", result), LC_OK);
    assert_int_equal(find(place, "p2", "r0", result), LC_OK);
}

static enum lc_status see_sale(void *owner, const struct ledger_sale *sale)
{
    *(struct ledger_sale *)owner = *sale;
    return LC_OK;
}

static enum lc_status see_snapshot(void *owner, const struct ledger_snapshot *snapshot)
{
    bool is_proven = false;
    struct place *place = owner;
    assert_int_equal(ledger_snapshot_prove(place->ledger, snapshot, &is_proven), LC_OK);
    assert_true(bytes_equal_text(snapshot->state, "the state"));
    return is_proven ? LC_OK : LC_ERR_CORRUPT;
}

static void put_snapshot(struct place *place, const char *text)
{
    struct ledger_snapshot snapshot = {
        .sale = demo, .head = place->head, .state = bytes_text(text)};
    assert_int_equal(ledger_put_snapshot(place->ledger, &snapshot), LC_OK);
}

static void the_newest_snapshot_below_a_row_is_found_and_two_are_kept(void **state)
{
    struct place *place = *state;
    int64_t row = 0;
    fill(place);
    assert_int_equal(ledger_begin(place->ledger, LEDGER_UNSYNCED), LC_OK);
    for (int i = 0; i < 3; i++) {
        append(place, "notice", "{\"text\":\"more\"}", NULL, NULL);
        put_snapshot(place, "the state");
    }
    assert_int_equal(ledger_commit(place->ledger), LC_OK);
    reopen(place);
    assert_int_equal(
        ledger_visit_snapshot(place->ledger, &demo, INT64_MAX, &row, see_snapshot, place), LC_OK);
    assert_int_equal(row, 8);
    assert_int_equal(ledger_visit_snapshot(place->ledger, &demo, 8, &row, see_snapshot, place),
                     LC_OK);
    assert_int_equal(row, 7);
    assert_int_equal(ledger_visit_snapshot(place->ledger, &demo, 7, &row, see_snapshot, place),
                     LC_ERR_NOT_FOUND);
    assert_int_equal(ledger_begin(place->ledger, LEDGER_UNSYNCED), LC_OK);
    assert_int_equal(ledger_drop_snapshots(place->ledger, &demo, 7), LC_OK);
    assert_int_equal(ledger_commit(place->ledger), LC_OK);
    assert_int_equal(
        ledger_visit_snapshot(place->ledger, &demo, INT64_MAX, &row, see_snapshot, place), LC_OK);
    assert_int_equal(row, 7);
}

// Computed with Python's hashlib from the description in ledger_chain.h.
static void the_digest_of_a_snapshot_covers_the_documented_bytes(void **state)
{
    (void)state;
    struct ledger_snapshot snapshot = {
        .sale = {"demo"},
        .head = {.row = 2, .seq = 1, .at_ms = 1700000000000},
        .notice = bytes_text("last call"),
        .state = bytes_text("the state"),
    };
    uint8_t digest[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];
    memset(snapshot.head.hash, 0x33, sizeof snapshot.head.hash);
    ledger_snapshot_digest(&snapshot, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    assert_string_equal(text, "63a4b44805d1f52d6fb9fbd604a3c549f4d3673e251dfc1a14018ed98a5d6410");
}

static void a_deleted_sale_leaves_a_tombstone_and_no_receipts(void **state)
{
    struct place *place = *state;
    struct ledger_sale sale = {.deleted_at_ms = 0};
    int64_t row = 0;
    char result[64];
    struct ledger_receipt accepted = receipt_of("p1", "a", "{}");
    fill(place);
    assert_int_equal(ledger_begin(place->ledger, LEDGER_SYNCED), LC_OK);
    assert_int_equal(ledger_put_receipt(place->ledger, &accepted), LC_OK);
    put_snapshot(place, "the state");
    assert_int_equal(ledger_bury_sale(place->ledger, &demo, 2000, 3, 1), LC_OK);
    assert_int_equal(ledger_commit(place->ledger), LC_OK);
    reopen(place);
    assert_int_equal(ledger_each_sale(place->ledger, see_sale, &sale), LC_OK);
    assert_string_equal(sale.sale.text, "demo");
    assert_int_equal(sale.deleted_at_ms, 2000);
    assert_int_equal(sale.lots_pages, 3);
    assert_int_equal(find(place, "p1", "a", result), LC_ERR_NOT_FOUND);
    assert_int_equal(
        ledger_visit_snapshot(place->ledger, &demo, INT64_MAX, &row, see_snapshot, place),
        LC_ERR_NOT_FOUND);
    assert_int_equal(ledger_begin(place->ledger, LEDGER_SYNCED), LC_OK);
    assert_int_equal(ledger_put_sale(place->ledger, &demo, 3000),
                     LC_ERR_CORRUPT); // the id is taken
    assert_false(ledger_is_open(place->ledger));
}

static void each_start_has_a_higher_epoch_and_alive_at_never_goes_back(void **state)
{
    struct place *place = *state;
    int64_t epoch = 0;
    int64_t alive_at_ms = 0;
    for (int64_t expected = 1; expected <= 3; expected++) {
        assert_int_equal(ledger_next_epoch(place->ledger, 0, &epoch), LC_OK);
        assert_int_equal(epoch, expected);
        reopen(place);
    }
    assert_int_equal(ledger_next_epoch(place->ledger, 2, &epoch), LC_OK); // seen, and below ours
    assert_int_equal(epoch, 4);
    assert_int_equal(ledger_next_epoch(place->ledger, 70, &epoch), LC_OK);
    assert_int_equal(epoch, 71);
    assert_int_equal(ledger_begin(place->ledger, LEDGER_UNSYNCED), LC_OK);
    assert_int_equal(ledger_put_alive(place->ledger, 500), LC_OK);
    assert_int_equal(ledger_put_alive(place->ledger, 400), LC_OK);
    assert_int_equal(ledger_commit(place->ledger), LC_OK);
    assert_int_equal(ledger_alive_at(place->ledger, &alive_at_ms), LC_OK);
    assert_int_equal(alive_at_ms, 500);
}

// NIST's example: FIPS 180-2, B.1.
static void the_hash_is_sha_256(void **state)
{
    (void)state;
    static const uint8_t expected[SHA256_SIZE] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                                  0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                                  0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                                  0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    uint8_t digest[SHA256_SIZE];
    sha256_of(bytes_text("abc"), digest);
    assert_memory_equal(digest, expected, sizeof expected);
}

// The canonical bytes are a promise to whoever verifies without this program: this hash was
// computed independently with Python's hashlib from the description in ledger_chain.h.
static void the_hash_of_a_row_covers_the_documented_bytes(void **state)
{
    (void)state;
    struct ledger_fact fact = {
        .sale = {"demo"},
        .row = 2,
        .seq = 1,
        .kind = bytes_text("notice"),
        .at_ms = 1700000000000,
        .fact = bytes_text("{\"kind\":\"notice\"}"),
        .name = bytes_text("notice"),
        .payload = bytes_text("{\"seq\":1}"),
    };
    uint8_t hash[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];
    memset(fact.nonce, 0x11, sizeof fact.nonce);
    memset(fact.prev_hash, 0x22, sizeof fact.prev_hash);
    ledger_chain_hash(&fact, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
    assert_string_equal(text, "887e23e92638b33aa51d39af627a62b32d70839508df45c4dc6fc1928d0eea24");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        LEDGER_TEST(rows_are_chained_and_gapless_and_only_public_ones_have_a_seq),
        LEDGER_TEST(a_page_of_events_has_the_original_bytes_from_the_seq_asked_for),
        LEDGER_TEST(an_altered_row_is_detected),
        LEDGER_TEST(a_file_that_is_no_database_is_corrupt),
        LEDGER_TEST(a_second_ledger_on_the_folder_is_refused),
        LEDGER_TEST(what_was_not_committed_is_not_there),
        LEDGER_TEST(receipts_are_found_by_sale_sender_and_id),
        LEDGER_TEST(the_last_256_refusals_of_a_participant_are_kept),
        LEDGER_TEST(the_newest_snapshot_below_a_row_is_found_and_two_are_kept),
        LEDGER_TEST(a_deleted_sale_leaves_a_tombstone_and_no_receipts),
        LEDGER_TEST(each_start_has_a_higher_epoch_and_alive_at_never_goes_back),
        cmocka_unit_test(the_hash_is_sha_256),
        cmocka_unit_test(the_digest_of_a_snapshot_covers_the_documented_bytes),
        cmocka_unit_test(the_hash_of_a_row_covers_the_documented_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
