#include "bridge/io/readiness.h"

#include "lib/os/os_clock.h"

enum { RESULT_LIFE_MS = 1000, CHECK_MS = 1600, ASKERS_MAX = 256 };

enum answer { ANSWER_NONE, ANSWER_GOOD, ANSWER_BAD };

struct readiness {
    struct readiness_ops ops;
    void *owner;
    uint64_t askers[ASKERS_MAX];
    size_t askers_count;
    bool is_checking;
    bool is_draining;
    int64_t deadline_ms;
    enum answer broker;
    enum answer socketio;
    bool has_result;
    int64_t result_ms;
};

enum lc_status readiness_create(const struct readiness_ops *ops, void *owner,
                                struct readiness **out_readiness)
{
    struct readiness *readiness = calloc(1, sizeof *readiness);
    if (readiness == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    readiness->ops = *ops;
    readiness->owner = owner;
    *out_readiness = readiness;
    return LC_OK;
}

void readiness_destroy(struct readiness *readiness)
{
    free(readiness);
}

static void respond(struct readiness *readiness, uint64_t exchange)
{
    char body[128];
    bool broker = readiness->broker == ANSWER_GOOD;
    bool socketio = readiness->socketio == ANSWER_GOOD;
    bool engine = broker && readiness->ops.engine_is_alive(readiness->owner);
    bool ready = broker && engine && socketio && !readiness->is_draining;
    snprintf(body, sizeof body, "{\"ready\":%s,\"broker\":%s,\"engine\":%s,\"socketio\":%s%s}",
             ready ? "true" : "false", broker ? "true" : "false", engine ? "true" : "false",
             socketio ? "true" : "false", readiness->is_draining ? ",\"draining\":true" : "");
    readiness->ops.respond(readiness->owner, exchange, ready ? 200 : 503, bytes_text(body));
}

static void answer_askers(struct readiness *readiness)
{
    size_t count = readiness->askers_count;
    readiness->askers_count = 0;
    for (size_t i = 0; i < count; i++) {
        respond(readiness, readiness->askers[i]);
    }
}

static void settle(struct readiness *readiness)
{
    if (!readiness->is_checking || readiness->broker == ANSWER_NONE ||
        readiness->socketio == ANSWER_NONE) {
        return;
    }
    readiness->is_checking = false;
    readiness->has_result = true;
    readiness->result_ms = os_clock_boot_ms();
    answer_askers(readiness);
}

void readiness_drain(struct readiness *readiness)
{
    readiness->is_draining = true;
    readiness->is_checking = false;
    answer_askers(readiness);
}

void readiness_ask(struct readiness *readiness, uint64_t exchange)
{
    int64_t now_ms = os_clock_boot_ms();
    bool is_fresh = readiness->has_result && now_ms - readiness->result_ms < RESULT_LIFE_MS;
    if (readiness->is_draining || (!readiness->is_checking && is_fresh)) {
        respond(readiness, exchange);
        return;
    }
    if (readiness->askers_count == ASKERS_MAX) {
        readiness->ops.respond(readiness->owner, exchange, 503,
                               bytes_text("{\"ready\":false,\"broker\":false,\"engine\":false,"
                                          "\"socketio\":false}"));
        return;
    }
    readiness->askers[readiness->askers_count++] = exchange;
    if (!readiness->is_checking) {
        readiness->is_checking = true;
        readiness->deadline_ms = now_ms + CHECK_MS;
        readiness->socketio = ANSWER_NONE;
        readiness->broker = readiness->ops.ping_broker(readiness->owner) ? ANSWER_NONE : ANSWER_BAD;
        readiness->ops.check_self(readiness->owner);
    }
}

void readiness_pong(struct readiness *readiness)
{
    if (readiness->is_checking && readiness->broker == ANSWER_NONE) {
        readiness->broker = ANSWER_GOOD;
        settle(readiness);
    }
}

void readiness_checked(struct readiness *readiness, bool is_good)
{
    if (readiness->is_checking && readiness->socketio == ANSWER_NONE) {
        readiness->socketio = is_good ? ANSWER_GOOD : ANSWER_BAD;
        settle(readiness);
    }
}

int readiness_fd(void *owner)
{
    (void)owner;
    return -1;
}

bool readiness_wants_write(void *owner)
{
    (void)owner;
    return false;
}

int64_t readiness_deadline_ms(void *owner)
{
    const struct readiness *readiness = owner;
    return readiness->is_checking ? readiness->deadline_ms : INT64_MAX;
}

void readiness_process(void *owner, bool readable, bool writable)
{
    struct readiness *readiness = owner;
    (void)readable;
    (void)writable;
    if (!readiness->is_checking || os_clock_boot_ms() < readiness->deadline_ms) {
        return;
    }
    readiness->broker = readiness->broker == ANSWER_NONE ? ANSWER_BAD : readiness->broker;
    readiness->socketio = readiness->socketio == ANSWER_NONE ? ANSWER_BAD : readiness->socketio;
    settle(readiness);
}
