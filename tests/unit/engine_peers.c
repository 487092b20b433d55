#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auction-svc/io/data_run.h"
#include "auction-svc/service/peers.h"

static const struct client_id self = {"engine-m"};
static const struct client_id lower = {"engine-a"};
static const struct client_id higher = {"engine-z"};
static const struct sale_id sale = {"demo"};

static void hear(struct peers *peers, const struct client_id *node, bool online, bool retained,
                 int64_t since_ms, int64_t at_ms, int64_t now_ms)
{
    struct peers_beat beat = {*node, online, retained, since_ms, at_ms};
    assert_int_equal(peers_hear_beat(peers, &beat, now_ms), LC_OK);
}

static enum peer_life life_of_holder(const struct peers *peers, int64_t now_ms)
{
    const struct peer *holder = peers_holder(peers, &sale, now_ms);
    assert_non_null(holder);
    return peer_life(holder, now_ms);
}

static void a_heartbeat_that_the_broker_kept_is_in_doubt_until_it_is_30_s_old(void **state)
{
    struct peers peers;
    (void)state;
    peers_init(&peers, &self, 1000, 0);
    assert_int_equal(peers_hear_holding(&peers, &lower, &sale, true), LC_OK);
    assert_int_equal(life_of_holder(&peers, 100000), PEER_DEAD); // never heard of
    hear(&peers, &lower, true, true, 500, 90000, 100000);        // 10 s old
    assert_int_equal(life_of_holder(&peers, 119999), PEER_IN_DOUBT);
    assert_int_equal(life_of_holder(&peers, 120000), PEER_DEAD);
    hear(&peers, &lower, true, false, 500, 119000, 119000);
    assert_int_equal(life_of_holder(&peers, 148999), PEER_ALIVE);
    assert_int_equal(life_of_holder(&peers, 149000), PEER_DEAD);
    hear(&peers, &lower, true, false, 500, 119000, 150000);
    hear(&peers, &lower, false, false, 500, 119000, 150001); // its last will
    assert_int_equal(life_of_holder(&peers, 150001), PEER_DEAD);
    peers_release(&peers);
}

static void our_own_heartbeat_and_that_of_our_last_run_are_no_twin(void **state)
{
    struct peers peers;
    (void)state;
    peers_init(&peers, &self, 1000, 700);
    hear(&peers, &self, true, false, 1000, 1000, 1000);
    hear(&peers, &self, true, true, 700, 900, 1000);
    assert_int_equal(peer_life(peers_twin(&peers), 1000), PEER_DEAD);
    hear(&peers, &self, true, true, 600, 900, 1000); // another folder's
    assert_int_equal(peer_life(peers_twin(&peers), 1000), PEER_IN_DOUBT);
    hear(&peers, &self, true, false, 700, 1100, 1100); // a last run that speaks is none
    assert_int_equal(peer_life(peers_twin(&peers), 1100), PEER_ALIVE);
    assert_true(peers_is_elder(&peers, peers_twin(&peers)));
    peers_release(&peers);
}

static void the_first_by_name_of_those_that_may_live_answers_for_all(void **state)
{
    struct peers peers;
    (void)state;
    peers_init(&peers, &self, 1000, 0);
    assert_false(peers_are_behind(&peers, 1000));
    hear(&peers, &higher, true, false, 1000, 1000, 1000);
    assert_false(peers_are_behind(&peers, 1000));
    hear(&peers, &lower, true, true, 1000, 1000, 1000);
    assert_true(peers_are_behind(&peers, 1000));
    assert_false(peers_are_behind(&peers, 31000));
    peers_release(&peers);
}

static void a_holding_is_known_until_it_is_given_up_and_the_liveliest_holder_counts(void **state)
{
    struct peers peers;
    (void)state;
    peers_init(&peers, &self, 1000, 0);
    assert_null(peers_holder(&peers, &sale, 1000));
    assert_int_equal(peers_hear_holding(&peers, &self, &sale, true), LC_OK); // our own word
    assert_null(peers_holder(&peers, &sale, 1000));
    assert_int_equal(peers_hear_holding(&peers, &lower, &sale, true), LC_OK);
    assert_int_equal(peers_hear_holding(&peers, &higher, &sale, true), LC_OK);
    assert_int_equal(peers_hear_holding(&peers, &higher, &(struct sale_id){"a"}, true), LC_OK);
    assert_int_equal(peers_hear_holding(&peers, &higher, &(struct sale_id){"z"}, true), LC_OK);
    hear(&peers, &higher, true, false, 1000, 1000, 1000);
    assert_string_equal(peers_holder(&peers, &sale, 1000)->node.text, higher.text);
    assert_int_equal(peers_hear_holding(&peers, &higher, &sale, false), LC_OK);
    assert_int_equal(peers_hear_holding(&peers, &higher, &sale, false), LC_OK);
    assert_string_equal(peers_holder(&peers, &sale, 1000)->node.text, lower.text);
    peers_release(&peers);
}

static void more_engines_than_there_are_places_for_are_refused(void **state)
{
    struct peers peers;
    struct peers_beat beat = {.is_online = true, .since_ms = 1, .now_ms = 1};
    (void)state;
    peers_init(&peers, &self, 1000, 0);
    for (int i = 0; i < PEERS_MAX - 1; i++) {
        snprintf(beat.node.text, sizeof beat.node.text, "e%d", i);
        assert_int_equal(peers_hear_beat(&peers, &beat, 1000), LC_OK);
    }
    snprintf(beat.node.text, sizeof beat.node.text, "one-more");
    assert_int_equal(peers_hear_beat(&peers, &beat, 1000), LC_ERR_FULL);
    assert_int_equal(peers_hear_holding(&peers, &beat.node, &sale, true), LC_ERR_FULL);
    peers_release(&peers);
}

static void copy_file(const char *from, const char *to)
{
    char text[256];
    int in = open(from, O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT, 0600);
    ssize_t size = read(in, text, sizeof text);
    assert_true(size > 0);
    assert_int_equal(write(out, text, (size_t)size), size);
    close(in);
    close(out);
}

static void a_folder_knows_when_its_last_run_started_and_a_copy_knows_of_none(void **state)
{
    char folder[] = "/tmp/lotcast-run-XXXXXX";
    char copy[64];
    char from[80];
    char to[80];
    int64_t last_ms = 7;
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(data_run_begin(folder, 111, &last_ms), LC_OK);
    assert_int_equal(last_ms, 0);
    assert_int_equal(data_run_begin(folder, 222, &last_ms), LC_OK);
    assert_int_equal(last_ms, 111);
    snprintf(copy, sizeof copy, "%s/copy", folder);
    snprintf(from, sizeof from, "%s/run", folder);
    snprintf(to, sizeof to, "%s/run", copy);
    assert_int_equal(mkdir(copy, 0700), 0);
    copy_file(from, to);
    assert_int_equal(data_run_begin(copy, 333, &last_ms), LC_OK);
    assert_int_equal(last_ms, 0);
    assert_int_equal(data_run_begin(folder, 444, &last_ms), LC_OK);
    assert_int_equal(last_ms, 222);
    assert_int_equal(data_run_begin("/nowhere", 1, &last_ms), LC_ERR_IO);
    assert_int_equal(last_ms, 0);
    unlink(to);
    rmdir(copy);
    unlink(from);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heartbeat_that_the_broker_kept_is_in_doubt_until_it_is_30_s_old),
        cmocka_unit_test(our_own_heartbeat_and_that_of_our_last_run_are_no_twin),
        cmocka_unit_test(the_first_by_name_of_those_that_may_live_answers_for_all),
        cmocka_unit_test(a_holding_is_known_until_it_is_given_up_and_the_liveliest_holder_counts),
        cmocka_unit_test(more_engines_than_there_are_places_for_are_refused),
        cmocka_unit_test(a_folder_knows_when_its_last_run_started_and_a_copy_knows_of_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
