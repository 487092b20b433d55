// The link against a real broker that is killed, stopped, and refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <glob.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mqtt/mqtt_link.h"
#include "lib/os/os_clock.h"
#include "tests/faults/broker_process.h"

enum { PATIENCE_MS = 10000, RECEIVED_MAX = 4 };

static const char open_config[] = "allow_anonymous true\n";

// One link and what it has told.
struct peer {
    struct mqtt_link *link;
    int connects;
    int losses;
    char why[160];
    int acknowledged;
    int last_handle;
    int granted;
    int refused;
    char refused_pattern[64];
    int received;
    struct {
        char topic[64];
        char payload[64];
        bool retained;
    } messages[RECEIVED_MAX];
    const char *answer_to; // publishes an answer from inside the callback
};

static void peer_on_state(void *owner, bool connected, const char *why)
{
    struct peer *peer = owner;
    peer->connects += connected ? 1 : 0;
    peer->losses += connected ? 0 : 1;
    snprintf(peer->why, sizeof peer->why, "%s", why);
}

static void peer_on_message(void *owner, const char *topic, struct bytes payload, bool retained)
{
    struct peer *peer = owner;
    if (peer->received < RECEIVED_MAX) {
        snprintf(peer->messages[peer->received].topic, 64, "%s", topic);
        snprintf(peer->messages[peer->received].payload, 64, "%.*s", (int)payload.size,
                 (const char *)payload.data);
        peer->messages[peer->received].retained = retained;
    }
    peer->received++;
    if (peer->answer_to != NULL && strcmp(topic, peer->answer_to) == 0) {
        assert_int_equal(mqtt_link_publish(peer->link, "answer", bytes_text("yes"), 1, false, NULL),
                         LC_OK);
    }
}

static void peer_on_acknowledged(void *owner, int handle)
{
    struct peer *peer = owner;
    peer->acknowledged++;
    peer->last_handle = handle;
}

static void peer_on_subscribed(void *owner, const char *pattern, bool granted)
{
    struct peer *peer = owner;
    if (granted) {
        peer->granted++;
    } else {
        peer->refused++;
        snprintf(peer->refused_pattern, sizeof peer->refused_pattern, "%s", pattern);
    }
}

static const struct mqtt_link_ops peer_ops = {
    .on_state = peer_on_state,
    .on_message = peer_on_message,
    .on_acknowledged = peer_on_acknowledged,
    .on_subscribed = peer_on_subscribed,
};

static void peer_open(struct peer *peer, int port, const char *client_id, const char *will_topic,
                      const char *user, const char *password)
{
    *peer = (struct peer){0};
    struct mqtt_link_config config = {.host = "127.0.0.1",
                                      .port = port,
                                      .user = user,
                                      .password = password,
                                      .client_id = client_id,
                                      .will = {will_topic, bytes_text("gone"), 1, false}};
    assert_int_equal(mqtt_link_create(&config, &peer_ops, peer, &peer->link), LC_OK);
}

// Drives up to two links until `*counter` has reached `goal`; false after PATIENCE_MS.
static bool drive_until(struct peer *a, struct peer *b, const int *counter, int goal)
{
    struct peer *peers[] = {a, b};
    int64_t give_up_ms = os_clock_boot_ms() + PATIENCE_MS;
    while (*counter < goal) {
        struct pollfd fds[2] = {{.fd = -1}, {.fd = -1}};
        int64_t now_ms = os_clock_boot_ms();
        int64_t wake_ms = give_up_ms;
        if (now_ms >= give_up_ms) {
            return false;
        }
        for (int i = 0; i < 2; i++) {
            if (peers[i] != NULL) {
                fds[i].fd = mqtt_link_fd(peers[i]->link);
                fds[i].events = POLLIN;
                if (mqtt_link_wants_write(peers[i]->link)) {
                    fds[i].events |= POLLOUT;
                }
                int64_t deadline_ms = mqtt_link_deadline_ms(peers[i]->link);
                wake_ms = deadline_ms < wake_ms ? deadline_ms : wake_ms;
            }
        }
        poll(fds, 2, wake_ms <= now_ms ? 0 : (int)(wake_ms - now_ms));
        for (int i = 0; i < 2; i++) {
            if (peers[i] != NULL) {
                bool readable = (fds[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
                mqtt_link_process(peers[i]->link, readable, (fds[i].revents & POLLOUT) != 0);
            }
        }
    }
    return true;
}

static bool drive_until_connected(struct peer *peer)
{
    return mqtt_link_is_connected(peer->link) ||
           drive_until(peer, NULL, &peer->connects, peer->connects + 1);
}

static void subscribe(struct peer *peer, const char *pattern)
{
    int before = peer->granted;
    assert_int_equal(mqtt_link_subscribe(peer->link, pattern, 1), LC_OK);
    assert_true(drive_until(peer, NULL, &peer->granted, before + 1));
}

static void a_message_is_acknowledged_under_its_handle_and_delivered(void **state)
{
    (void)state;
    struct broker_process broker;
    struct peer peer;
    broker_init(&broker, open_config);
    broker_start(&broker);
    peer_open(&peer, broker.port, "one", NULL, NULL, NULL);
    assert_int_equal(mqtt_link_publish(peer.link, "a", bytes_text("x"), 1, false, NULL),
                     LC_ERR_OFFLINE);
    assert_true(drive_until_connected(&peer));
    subscribe(&peer, "a/+");
    int handle = -1;
    assert_int_equal(mqtt_link_publish(peer.link, "a/b", bytes_text("hello"), 1, false, &handle),
                     LC_OK);
    assert_true(drive_until(&peer, NULL, &peer.acknowledged, 1));
    assert_true(drive_until(&peer, NULL, &peer.received, 1));
    assert_int_equal(peer.last_handle, handle);
    assert_string_equal(peer.messages[0].topic, "a/b");
    assert_string_equal(peer.messages[0].payload, "hello");
    assert_false(peer.messages[0].retained);
    mqtt_link_destroy(peer.link);
    broker_release(&broker);
}

static void a_callback_may_publish(void **state)
{
    (void)state;
    struct broker_process broker;
    struct peer peer;
    broker_init(&broker, open_config);
    broker_start(&broker);
    peer_open(&peer, broker.port, "one", NULL, NULL, NULL);
    assert_true(drive_until_connected(&peer));
    subscribe(&peer, "#");
    peer.answer_to = "question";
    assert_int_equal(mqtt_link_publish(peer.link, "question", bytes_text("?"), 0, false, NULL),
                     LC_OK);
    assert_true(drive_until(&peer, NULL, &peer.received, 2));
    assert_string_equal(peer.messages[1].topic, "answer");
    mqtt_link_destroy(peer.link);
    broker_release(&broker);
}

static void a_full_window_refuses_and_all_of_it_is_acknowledged(void **state)
{
    (void)state;
    struct broker_process broker;
    struct peer peer;
    broker_init(&broker, open_config);
    broker_start(&broker);
    peer_open(&peer, broker.port, "one", NULL, NULL, NULL);
    assert_true(drive_until_connected(&peer));
    int sent = 0;
    enum lc_status status = LC_OK;
    while (status == LC_OK && sent < 5000) {
        status = mqtt_link_publish(peer.link, "a", bytes_text("x"), 1, false, NULL);
        sent += status == LC_OK ? 1 : 0;
    }
    assert_int_equal(status, LC_ERR_FULL);
    assert_int_equal(sent, 1024);
    assert_int_equal(mqtt_link_room(peer.link), 0);
    assert_true(drive_until(&peer, NULL, &peer.acknowledged, sent));
    assert_int_equal(mqtt_link_room(peer.link), 1024);
    assert_int_equal(mqtt_link_publish(peer.link, "a", bytes_text("x"), 1, false, NULL), LC_OK);
    assert_true(drive_until(&peer, NULL, &peer.acknowledged, sent + 1));
    mqtt_link_destroy(peer.link);
    broker_release(&broker);
}

static void after_a_killed_broker_it_comes_back_and_nothing_stale_is_sent(void **state)
{
    (void)state;
    struct broker_process broker;
    struct peer peer;
    struct peer observer;
    broker_init(&broker, open_config);
    broker_start(&broker);
    peer_open(&peer, broker.port, "one", NULL, NULL, NULL);
    assert_true(drive_until_connected(&peer));
    // A stopped broker takes nothing over: these stay in libmosquitto's queue.
    kill(broker.pid, SIGSTOP);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(mqtt_link_publish(peer.link, "stale", bytes_text("old"), 1, true, NULL),
                         LC_OK);
    }
    broker_kill(&broker);
    assert_true(drive_until(&peer, NULL, &peer.losses, 1));
    assert_false(mqtt_link_is_connected(peer.link));
    assert_int_equal(mqtt_link_publish(peer.link, "stale", bytes_text("old"), 1, true, NULL),
                     LC_ERR_OFFLINE);
    assert_int_equal(mqtt_link_publish(peer.link, "stale", bytes_text("old"), 0, true, NULL),
                     LC_ERR_OFFLINE);
    assert_int_equal(mqtt_link_subscribe(peer.link, "x", 0), LC_ERR_OFFLINE);
    broker_start(&broker);
    int64_t back_ms = os_clock_boot_ms();
    assert_true(drive_until_connected(&peer));
    assert_true(os_clock_boot_ms() - back_ms < 3000);
    assert_int_equal(mqtt_link_publish(peer.link, "fresh", bytes_text("new"), 1, true, NULL),
                     LC_OK);
    assert_true(drive_until(&peer, NULL, &peer.acknowledged, 1));
    // Whatever the connection had sent before the fresh message would be retained now.
    peer_open(&observer, broker.port, "observer", NULL, NULL, NULL);
    assert_true(drive_until_connected(&observer));
    subscribe(&observer, "#");
    assert_int_equal(mqtt_link_publish(observer.link, "end", bytes_text(""), 1, false, NULL),
                     LC_OK);
    assert_true(drive_until(&observer, NULL, &observer.received, 2));
    assert_string_equal(observer.messages[0].topic, "fresh");
    assert_true(observer.messages[0].retained);
    assert_string_equal(observer.messages[1].topic, "end");
    mqtt_link_destroy(observer.link);
    mqtt_link_destroy(peer.link);
    broker_release(&broker);
}

static void the_will_is_sent_at_a_loss_and_not_at_a_clean_end(void **state)
{
    (void)state;
    struct broker_process broker;
    struct peer peer;
    struct peer observer;
    broker_init(&broker, open_config);
    broker_start(&broker);
    peer_open(&observer, broker.port, "observer", NULL, NULL, NULL);
    assert_true(drive_until_connected(&observer));
    subscribe(&observer, "#");
    peer_open(&peer, broker.port, "one", "will/one", NULL, NULL);
    assert_true(drive_until_connected(&peer));
    mqtt_link_drop(peer.link);
    assert_false(mqtt_link_is_connected(peer.link));
    assert_int_equal(mqtt_link_fd(peer.link), -1);
    assert_true(drive_until(&peer, &observer, &observer.received, 1));
    assert_string_equal(observer.messages[0].topic, "will/one");
    assert_string_equal(observer.messages[0].payload, "gone");
    assert_int_equal(peer.losses, 1);
    assert_true(drive_until_connected(&peer)); // it comes back by itself
    mqtt_link_destroy(peer.link);
    assert_int_equal(mqtt_link_publish(observer.link, "end", bytes_text(""), 1, false, NULL),
                     LC_OK);
    assert_true(drive_until(&observer, NULL, &observer.received, 2));
    assert_string_equal(observer.messages[1].topic, "end");
    mqtt_link_destroy(observer.link);
    broker_release(&broker);
}

// mosquitto's ACL file grants every subscription and filters at delivery; its dynamic security
// plugin refuses.
static void a_refused_subscription_is_reported(void **state)
{
    (void)state;
    struct broker_process broker;
    struct peer peer;
    glob_t found;
    if (glob("/usr/lib/*/mosquitto_dynamic_security.so", 0, NULL, &found) != 0) {
        skip();
    }
    char config[512];
    snprintf(config, sizeof config,
             "allow_anonymous true\nplugin %s\nplugin_opt_config_file %%s/dynsec.json\n",
             found.gl_pathv[0]);
    globfree(&found);
    broker_init(&broker, config);
    broker_write_file(
        &broker, "dynsec.json",
        "{\"defaultACLAccess\":{\"publishClientSend\":true,"
        "\"publishClientReceive\":true,\"subscribe\":true,\"unsubscribe\":true},"
        "\"clients\":[],\"groups\":[{\"groupname\":\"all\",\"roles\":"
        "[{\"rolename\":\"limited\"}]}],\"roles\":[{\"rolename\":\"limited\",\"acls\":"
        "[{\"acltype\":\"subscribePattern\",\"topic\":\"secret/#\",\"allow\":false}]}],"
        "\"anonymousGroup\":\"all\"}");
    broker_start(&broker);
    peer_open(&peer, broker.port, "one", NULL, NULL, NULL);
    assert_true(drive_until_connected(&peer));
    assert_int_equal(mqtt_link_subscribe(peer.link, "secret/x", 1), LC_OK);
    assert_int_equal(mqtt_link_subscribe(peer.link, "public", 1), LC_OK);
    assert_true(drive_until(&peer, NULL, &peer.granted, 1));
    assert_true(drive_until(&peer, NULL, &peer.refused, 1));
    assert_string_equal(peer.refused_pattern, "secret/x");
    mqtt_link_destroy(peer.link);
    broker_release(&broker);
}

// F5: a wrong configuration is never silent.
static void a_wrong_password_is_told_once_with_its_reason(void **state)
{
    (void)state;
    struct broker_process broker;
    struct peer peer;
    struct peer right;
    char path[128];
    broker_init(&broker, "allow_anonymous false\npassword_file %s/passwd\n");
    snprintf(path, sizeof path, "%s/passwd", broker.folder);
    broker_run((const char *const[]){"mosquitto_passwd", "-b", "-c", path, "ana", "right", NULL});
    broker_start(&broker);
    peer_open(&peer, broker.port, "one", NULL, "ana", "wrong");
    assert_true(drive_until(&peer, NULL, &peer.losses, 1));
    assert_non_null(strstr(peer.why, "refused"));
    assert_non_null(strstr(peer.why, "not authorised"));
    peer_open(&right, broker.port, "two", NULL, "ana", "right");
    assert_true(drive_until_connected(&right));
    subscribe(&right, "end");
    // Long enough for a second attempt of the other one.
    int64_t until_ms = os_clock_boot_ms() + 300;
    while (os_clock_boot_ms() < until_ms) {
        int before = right.acknowledged;
        assert_int_equal(mqtt_link_publish(right.link, "x", bytes_text(""), 1, false, NULL), LC_OK);
        assert_true(drive_until(&peer, &right, &right.acknowledged, before + 1));
    }
    assert_int_equal(peer.losses, 1);
    assert_false(mqtt_link_is_connected(peer.link));
    mqtt_link_destroy(right.link);
    mqtt_link_destroy(peer.link);
    broker_release(&broker);
}

static void a_broker_that_is_not_there_is_told_and_found_when_it_comes(void **state)
{
    (void)state;
    struct broker_process broker;
    struct peer peer;
    broker_init(&broker, open_config);
    peer_open(&peer, broker.port, "one", NULL, NULL, NULL);
    assert_true(drive_until(&peer, NULL, &peer.losses, 1));
    assert_string_equal(peer.why, "Connection refused");
    broker_start(&broker);
    assert_true(drive_until_connected(&peer));
    mqtt_link_destroy(peer.link);
    broker_release(&broker);
}

static void a_host_that_accepts_and_stays_silent_is_given_up(void **state)
{
    (void)state;
    struct peer peer;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    peer_open(&peer, ntohs(address.sin_port), "one", NULL, NULL, NULL);
    assert_true(drive_until(&peer, NULL, &peer.losses, 1));
    assert_string_equal(peer.why, "the broker did not answer in time");
    mqtt_link_destroy(peer.link);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_acknowledged_under_its_handle_and_delivered),
        cmocka_unit_test(a_callback_may_publish),
        cmocka_unit_test(a_full_window_refuses_and_all_of_it_is_acknowledged),
        cmocka_unit_test(after_a_killed_broker_it_comes_back_and_nothing_stale_is_sent),
        cmocka_unit_test(the_will_is_sent_at_a_loss_and_not_at_a_clean_end),
        cmocka_unit_test(a_refused_subscription_is_reported),
        cmocka_unit_test(a_wrong_password_is_told_once_with_its_reason),
        cmocka_unit_test(a_broker_that_is_not_there_is_told_and_found_when_it_comes),
        cmocka_unit_test(a_host_that_accepts_and_stays_silent_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
