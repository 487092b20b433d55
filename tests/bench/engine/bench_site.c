#include "tests/bench/engine/bench_site.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/status.h"

enum {
    START_MS = 10000,
    ANSWER_MS = 10000,
    DEADLINE_MS = 8000,
    RESULT_SIZE_MAX = 256 * 1024,
    COMMAND_SIZE_MAX = 256 * 1024,
    TOPIC_SIZE = 128,
};

// As broker-config has it, where it matters for speed.
static const char broker_settings[] = "allow_anonymous true\nset_tcp_nodelay true\n"
                                      "max_inflight_messages 100\nmax_queued_messages 100000\n"
                                      "max_packet_size 262144\npersistence false\nsys_interval 0\n";

// ---- clocks ----

static int64_t read_us(clockid_t clock)
{
    struct timespec now;
    LC_ASSERT(clock_gettime(clock, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t bench_now_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t bench_wall_us(void)
{
    return read_us(CLOCK_REALTIME);
}

int64_t bench_cpu_us(pid_t pid)
{
    clockid_t clock;
    LC_ASSERT(clock_getcpuclockid(pid, &clock) == 0);
    return read_us(clock);
}

// ---- what is heard ----

static bool starts_reply(struct bytes payload, uint64_t *out_tag, struct bytes *out_result)
{
    static const char head[] = "{\"reply\":\"";
    static const char middle[] = "\",\"result\":";
    struct bytes rest = bytes_from(payload, sizeof head - 1);
    size_t end = bytes_find(rest, '"', 0);
    bool is_ours = bytes_starts_with(payload, bytes_text(head)) &&
                   bytes_to_uint64(bytes_of(rest.data, end), UINT64_MAX, out_tag) &&
                   bytes_starts_with(bytes_from(rest, end), bytes_text(middle));
    *out_result = bytes_from(rest, end + sizeof middle - 1);
    return is_ours;
}

static void hear(void *owner, struct bytes topic, struct bytes payload)
{
    struct bench_site *site = owner;
    if (!bytes_starts_with(topic, bytes_text("lotcast/v1/reply/"))) {
        if (site->on_event != NULL) {
            site->on_event(site->owner, topic, payload);
        }
        return;
    }
    uint64_t tag = 0;
    struct bytes result;
    LC_ASSERT(starts_reply(payload, &tag, &result));
    if (tag == site->awaited) {
        LC_ASSERT(result.size < RESULT_SIZE_MAX);
        memcpy(site->result, result.data, result.size);
        site->result[result.size] = 0;
        site->awaited = 0;
    } else {
        LC_ASSERT(site->on_reply != NULL);
        site->on_reply(site->owner, tag, result);
    }
}

// ---- commands ----

static void send_command(struct bench_site *site, const char *sale, const char *by,
                         const char *role, const char *op, const char *members, uint64_t tag)
{
    static char payload[COMMAND_SIZE_MAX];
    char topic[TOPIC_SIZE];
    char by_text[64] = "null";
    char role_text[64] = "null";
    int64_t now_ms = bench_wall_us() / 1000;
    if (sale == NULL) {
        snprintf(topic, sizeof topic, "lotcast/v1/svc/cmd/bridge-bench");
    } else {
        snprintf(topic, sizeof topic, "lotcast/v1/sale/%s/cmd/bridge-bench", sale);
    }
    if (by != NULL) {
        snprintf(by_text, sizeof by_text, "\"%s\"", by);
    }
    if (role != NULL) {
        snprintf(role_text, sizeof role_text, "\"%s\"", role);
    }
    int size =
        snprintf(payload, sizeof payload,
                 "{\"id\":\"c%llu\",\"op\":\"%s\",\"by\":%s,\"role\":%s,\"received_at\":%lld,"
                 "\"deadline_at\":%lld,\"reply\":\"%llu\"%s%s}",
                 (unsigned long long)++site->commands, op, by_text, role_text, (long long)now_ms,
                 (long long)now_ms + DEADLINE_MS, (unsigned long long)tag,
                 members[0] == 0 ? "" : ",", members);
    LC_ASSERT(size > 0 && (size_t)size < sizeof payload);
    bench_mqtt_publish(&site->bridge, topic, bytes_of(payload, (size_t)size));
}

void bench_site_send(struct bench_site *site, const char *sale, const char *by, const char *op,
                     const char *members, uint64_t tag)
{
    send_command(site, sale, by, "bidder", op, members, tag);
}

const char *bench_site_command(struct bench_site *site, const char *sale, const char *by,
                               const char *role, const char *op, const char *members)
{
    site->awaited = UINT64_MAX;
    send_command(site, sale, by, role, op, members, site->awaited);
    bench_mqtt_flush(&site->bridge);
    while (site->awaited != 0) {
        LC_ASSERT(bench_mqtt_wait(&site->bridge, ANSWER_MS));
        bench_mqtt_flush(&site->bridge);
    }
    if (strncmp(site->result, "{\"ok\":true", 10) != 0) {
        fprintf(stderr, "%s: %s\n", op, site->result);
        abort();
    }
    return site->result;
}

void bench_site_sale(struct bench_site *site, const char *sale, const char *rules, int lots,
                     int bidders)
{
    static const char invite[] =
        "\"invite_hash\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"";
    struct buffer members;
    char join[160];
    buffer_init(&members, COMMAND_SIZE_MAX);
    buffer_append_format(
        &members,
        "\"sale\":{\"id\":\"%s\",\"title\":\"Bench\",\"currency\":{\"code\":\"EUR\","
        "\"minor_digits\":2},\"rules\":{%s},\"lots\":[",
        sale, rules);
    for (int i = 0; i < lots; i++) {
        buffer_append_format(&members, "%s{\"title\":\"Lot %d\",\"opening\":1}", i > 0 ? "," : "",
                             i + 1);
    }
    buffer_append_text(&members, "]}");
    bench_site_command(site, NULL, NULL, "admin", "create", buffer_text(&members));
    buffer_clear(&members);
    buffer_append_format(&members, "%s,\"invite_role\":\"bidder\",\"uses\":0,\"expires_at\":null",
                         invite);
    bench_site_command(site, sale, NULL, "admin", "create_invite", buffer_text(&members));
    for (int i = 0; i < bidders; i++) {
        snprintf(join, sizeof join, "%s,\"name\":\"Person %d\"", invite, i + 1);
        bench_site_command(site, sale, NULL, NULL, "join", join);
    }
    buffer_release(&members);
}

// ---- life ----

static void start_engine(struct bench_site *site, const char *program)
{
    char address[32];
    char data[96];
    char log_path[96];
    snprintf(address, sizeof address, "127.0.0.1:%d", site->broker.port);
    snprintf(data, sizeof data, "%s/data", site->broker.folder);
    snprintf(log_path, sizeof log_path, "%s/engine.log", site->broker.folder);
    site->engine = fork();
    LC_ASSERT(site->engine >= 0);
    if (site->engine == 0) {
        int log = open(log_path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(log, STDERR_FILENO);
        execl(program, program, "--broker", address, "--data", data, (char *)NULL);
        _exit(127);
    }
}

void bench_site_open(struct bench_site *site, const char *engine_program)
{
    *site = (struct bench_site){0};
    site->result = malloc(RESULT_SIZE_MAX);
    LC_ASSERT(site->result != NULL);
    broker_init(&site->broker, broker_settings);
    broker_start(&site->broker);
    start_engine(site, engine_program);
    bench_mqtt_open(&site->bridge, site->broker.port, "bridge-bench", hear, site);
    bench_mqtt_subscribe(&site->bridge, "lotcast/v1/reply/bridge-bench", 1);
    bench_mqtt_subscribe(&site->bridge, "lotcast/v1/sale/+/event/+", 1);
    bench_mqtt_subscribe(&site->bridge, "lotcast/v1/sale/+/private/+", 1);
    bench_mqtt_subscribe(&site->bridge, "lotcast/v1/sale/+/state", 1);
    bench_mqtt_subscribe(&site->bridge, "lotcast/v1/sale/+/tick", 0);
    // A command that nobody takes yet is lost: the engine is there when one is answered.
    int64_t end_us = bench_now_us() + START_MS * INT64_C(1000);
    site->awaited = UINT64_MAX;
    while (site->awaited != 0) {
        LC_ASSERT(bench_now_us() < end_us);
        send_command(site, NULL, NULL, "admin", "list", "", site->awaited);
        bench_mqtt_flush(&site->bridge);
        bench_mqtt_wait(&site->bridge, 100);
        bench_mqtt_wait(&site->bridge, 100);
        bench_mqtt_flush(&site->bridge);
    }
    while (bench_mqtt_wait(&site->bridge, 200)) { // late answers to the other lists
        site->awaited = UINT64_MAX;
        bench_mqtt_flush(&site->bridge);
    }
}

static void remove_data(const struct bench_site *site)
{
    static const char *const files[] = {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm",
                                        "lock"};
    char path[128];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/data/%s", site->broker.folder, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/data", site->broker.folder);
    rmdir(path);
}

void bench_site_close(struct bench_site *site)
{
    int status = 0;
    bench_mqtt_close(&site->bridge);
    kill(site->engine, SIGTERM);
    LC_ASSERT(waitpid(site->engine, &status, 0) == site->engine);
    LC_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    remove_data(site);
    broker_release(&site->broker);
    free(site->result);
}
