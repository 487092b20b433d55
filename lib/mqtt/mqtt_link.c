#include "lib/mqtt/mqtt_link.h"

#include <errno.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"

enum {
    WINDOW_MESSAGES_MAX = 1024, // QoS 1 without its PUBACK
    UNSENT_MESSAGES_MAX = 4096, // QoS 0 not yet written to the socket
    PENDING_SUBSCRIPTIONS_MAX = 4096,
    READS_PER_CALL_MAX = 64, // then others of the event loop have their turn
    KEEPALIVE_S_DEFAULT = 10,
    MISC_INTERVAL_MS = 1000,
    CONNECT_TIMEOUT_MS = 5000,
    BACKOFF_MS_MIN = 100,
    BACKOFF_MS_MAX = 2000,
    STABLE_AFTER_MS = 5000, // a connection that lived this long resets the backoff
    WHY_SIZE_MAX = 128,
    MESSAGE_ID_COUNT = 65536,
    SUBSCRIPTION_REFUSED = 0x80,
};

struct pending_subscription {
    struct pending_subscription *next;
    int message_id;
    char pattern[];
};

struct mqtt_link {
    struct mqtt_link_ops ops;
    void *owner;
    char *host;
    char *user;
    char *password;
    char *client_id;
    char *ca_file;
    int port;
    int keepalive_s;
    char *will_topic;
    uint8_t *will_payload;
    size_t will_size;
    int will_qos;
    bool will_retain;

    struct mosquitto *client; // NULL between a loss and the next attempt
    bool connected;
    bool in_process;
    bool drop_wanted;   // by a callback or a failed publish: carried out by the next process
    bool report_wanted; // a loss that the owner does not know yet
    char why[WHY_SIZE_MAX];
    char last_why[WHY_SIZE_MAX]; // of the last reported failure: the same one is not repeated
    int64_t connect_deadline_ms;
    int64_t connected_at_ms;
    int64_t retry_at_ms;
    int64_t misc_at_ms;
    int64_t backoff_ms;

    uint8_t unacknowledged[MESSAGE_ID_COUNT / 8]; // by message id
    int unacknowledged_count;
    int unsent_count;
    struct pending_subscription *subscriptions; // in order of sending
    size_t subscriptions_count;
};

// ---- configuration ----

// A copy, or NULL for NULL; *ok turns false without memory.
static char *copy_text(const char *text, bool *ok)
{
    if (text == NULL) {
        return NULL;
    }
    char *copy = strdup(text);
    *ok = *ok && copy != NULL;
    return copy;
}

static bool copy_config(struct mqtt_link *link, const struct mqtt_link_config *config)
{
    bool ok = true;
    link->host = copy_text(config->host, &ok);
    link->user = copy_text(config->user, &ok);
    link->password = copy_text(config->password, &ok);
    link->client_id = copy_text(config->client_id, &ok);
    link->ca_file = copy_text(config->ca_file, &ok);
    link->port = config->port;
    link->keepalive_s = config->keepalive_s == 0 ? KEEPALIVE_S_DEFAULT : config->keepalive_s;
    link->will_topic = copy_text(config->will.topic, &ok);
    link->will_qos = config->will.qos;
    link->will_retain = config->will.retain;
    if (config->will.topic != NULL && config->will.payload.size > 0) {
        link->will_payload = malloc(config->will.payload.size);
        ok = ok && link->will_payload != NULL;
        if (link->will_payload != NULL) {
            memcpy(link->will_payload, config->will.payload.data, config->will.payload.size);
            link->will_size = config->will.payload.size;
        }
    }
    return ok;
}

static void link_free(struct mqtt_link *link)
{
    free(link->host);
    free(link->user);
    if (link->password != NULL) {
        explicit_bzero(link->password, strlen(link->password));
    }
    free(link->password);
    free(link->client_id);
    free(link->ca_file);
    free(link->will_topic);
    free(link->will_payload);
    free(link);
    mosquitto_lib_cleanup();
}

enum lc_status mqtt_link_create(const struct mqtt_link_config *config,
                                const struct mqtt_link_ops *ops, void *owner,
                                struct mqtt_link **out_link)
{
    LC_ASSERT(config->host != NULL && config->client_id != NULL);
    LC_ASSERT(config->keepalive_s == 0 || config->keepalive_s >= 5);
    LC_ASSERT(ops->on_state != NULL && ops->on_message != NULL);
    struct mqtt_link *link = calloc(1, sizeof *link);
    if (link == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    mosquitto_lib_init();
    link->ops = *ops;
    link->owner = owner;
    link->backoff_ms = BACKOFF_MS_MIN;
    if (!copy_config(link, config)) {
        link_free(link);
        return LC_ERR_NO_MEMORY;
    }
    *out_link = link;
    return LC_OK;
}

// ---- loss ----

static void forget_subscriptions(struct mqtt_link *link)
{
    while (link->subscriptions != NULL) {
        struct pending_subscription *first = link->subscriptions;
        link->subscriptions = first->next;
        free(first);
    }
    link->subscriptions_count = 0;
}

// Delays lie between half and the whole of the backoff, so that clients of one broker do not come
// back in step.
static int64_t jittered_ms(int64_t backoff_ms)
{
    uint16_t random = 0;
    os_random((uint8_t *)&random, sizeof random);
    return backoff_ms / 2 + (backoff_ms / 2) * random / UINT16_MAX;
}

// Ends the client object, and with it everything that libmosquitto has queued.
static void link_lose(struct mqtt_link *link, const char *why)
{
    int64_t now_ms = os_clock_boot_ms();
    if (link->connected && now_ms - link->connected_at_ms >= STABLE_AFTER_MS) {
        link->backoff_ms = BACKOFF_MS_MIN;
    }
    mosquitto_destroy(link->client);
    link->client = NULL;
    link->connected = false;
    link->drop_wanted = false;
    link->report_wanted = true;
    if (why != link->why) {
        snprintf(link->why, sizeof link->why, "%s", why);
    }
    memset(link->unacknowledged, 0, sizeof link->unacknowledged);
    link->unacknowledged_count = 0;
    link->unsent_count = 0;
    forget_subscriptions(link);
    link->retry_at_ms = now_ms + jittered_ms(link->backoff_ms);
    link->backoff_ms =
        link->backoff_ms * 2 > BACKOFF_MS_MAX ? BACKOFF_MS_MAX : link->backoff_ms * 2;
}

// From a place where the client object must live on: it is ended by the process call.
static void want_drop(struct mqtt_link *link, const char *why)
{
    if (link->drop_wanted) {
        return;
    }
    link->drop_wanted = true;
    snprintf(link->why, sizeof link->why, "%s", why);
}

static const char *failure_text(int code)
{
    return code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code);
}

// ---- what libmosquitto calls ----

static void handle_connect(struct mosquitto *client, void *context, int code)
{
    (void)client;
    struct mqtt_link *link = context;
    if (code != 0) {
        char why[WHY_SIZE_MAX];
        snprintf(why, sizeof why, "the broker refused: %s", mosquitto_connack_string(code));
        want_drop(link, why);
        return;
    }
    link->connected = true;
    link->connected_at_ms = os_clock_boot_ms();
    link->last_why[0] = 0;
    link->ops.on_state(link->owner, true, "connected");
}

static void handle_message(struct mosquitto *client, void *context,
                           const struct mosquitto_message *message)
{
    (void)client;
    struct mqtt_link *link = context;
    if (!link->connected || link->drop_wanted) {
        return; // dropped by an earlier callback of this turn
    }
    struct bytes payload = {message->payload, (size_t)message->payloadlen};
    link->ops.on_message(link->owner, message->topic, payload, message->retain);
}

static void handle_publish(struct mosquitto *client, void *context, int message_id)
{
    (void)client;
    struct mqtt_link *link = context;
    LC_ASSERT(message_id >= 0 && message_id < MESSAGE_ID_COUNT);
    uint8_t *byte = &link->unacknowledged[message_id / 8];
    uint8_t bit = (uint8_t)(1U << (message_id % 8));
    if ((*byte & bit) == 0) {
        link->unsent_count--; // QoS 0: written to the socket
        return;
    }
    *byte = (uint8_t)(*byte & ~bit);
    link->unacknowledged_count--;
    if (link->ops.on_acknowledged != NULL) {
        link->ops.on_acknowledged(link->owner, message_id);
    }
}

static void handle_subscribe(struct mosquitto *client, void *context, int message_id,
                             int granted_count, const int *granted)
{
    (void)client;
    struct mqtt_link *link = context;
    struct pending_subscription **at = &link->subscriptions;
    while (*at != NULL && (*at)->message_id != message_id) {
        at = &(*at)->next;
    }
    struct pending_subscription *found = *at;
    if (found == NULL) {
        return; // the broker acknowledged what we did not send
    }
    *at = found->next;
    link->subscriptions_count--;
    bool is_granted = granted_count == 1 && granted[0] != SUBSCRIPTION_REFUSED;
    if (link->ops.on_subscribed != NULL) {
        link->ops.on_subscribed(link->owner, found->pattern, is_granted);
    }
    free(found);
}

// ---- connecting ----

static int configure_client(struct mqtt_link *link)
{
    struct mosquitto *client = link->client;
    mosquitto_connect_callback_set(client, handle_connect);
    mosquitto_message_callback_set(client, handle_message);
    mosquitto_publish_callback_set(client, handle_publish);
    mosquitto_subscribe_callback_set(client, handle_subscribe);
    int code = mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    if (code == MOSQ_ERR_SUCCESS) {
        // Our window is the only one: libmosquitto would silently hold back what exceeds its own.
        code = mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, WINDOW_MESSAGES_MAX);
    }
    if (code == MOSQ_ERR_SUCCESS && link->user != NULL) {
        code = mosquitto_username_pw_set(client, link->user, link->password);
    }
    if (code == MOSQ_ERR_SUCCESS && link->will_topic != NULL) {
        code = mosquitto_will_set(client, link->will_topic, (int)link->will_size,
                                  link->will_payload, link->will_qos, link->will_retain);
    }
    if (code == MOSQ_ERR_SUCCESS && link->ca_file != NULL) {
        code = mosquitto_tls_set(client, link->ca_file, NULL, NULL, NULL, NULL);
    }
    return code;
}

static void link_connect(struct mqtt_link *link, int64_t now_ms)
{
    link->client = mosquitto_new(link->client_id, true, link);
    if (link->client == NULL) {
        link_lose(link, "out of memory");
        return;
    }
    int code = configure_client(link);
    if (code == MOSQ_ERR_SUCCESS) {
        errno = 0;
        code = mosquitto_connect_async(link->client, link->host, link->port, link->keepalive_s);
    }
    if (code != MOSQ_ERR_SUCCESS) {
        link_lose(link, failure_text(code));
        return;
    }
    link->connect_deadline_ms = now_ms + CONNECT_TIMEOUT_MS;
    link->misc_at_ms = now_ms + MISC_INTERVAL_MS;
}

// ---- the event loop's side ----

int mqtt_link_fd(const struct mqtt_link *link)
{
    return link->client == NULL ? -1 : mosquitto_socket(link->client);
}

bool mqtt_link_wants_write(const struct mqtt_link *link)
{
    return link->client != NULL && mosquitto_want_write(link->client);
}

int64_t mqtt_link_deadline_ms(const struct mqtt_link *link)
{
    if (link->drop_wanted || link->report_wanted) {
        return 0;
    }
    if (link->client == NULL) {
        return link->retry_at_ms;
    }
    bool is_slow = !link->connected && link->connect_deadline_ms < link->misc_at_ms;
    return is_slow ? link->connect_deadline_ms : link->misc_at_ms;
}

void mqtt_link_hurry(struct mqtt_link *link)
{
    if (link->client == NULL) {
        link->retry_at_ms = os_clock_boot_ms();
    }
}

bool mqtt_link_is_connected(const struct mqtt_link *link)
{
    return link->connected && !link->drop_wanted;
}

// libmosquitto writes each packet by itself, and on a local connection the writer pays for the whole
// way through the network's code: a corked socket is written to for the price of a copy.
void mqtt_link_hold(struct mqtt_link *link, bool hold)
{
    int on = hold ? 1 : 0;
    int fd = mqtt_link_fd(link);
    if (fd >= 0) { // one that can't be corked sends at once, as without
        (void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    }
}

// Packets until the socket is empty. libmosquitto tells that only by errno; with TLS bytes may wait
// inside the TLS library, so there the whole batch is tried.
static int read_batch(struct mqtt_link *link)
{
    int code = MOSQ_ERR_SUCCESS;
    for (int i = 0; i < READS_PER_CALL_MAX && code == MOSQ_ERR_SUCCESS && !link->drop_wanted; i++) {
        errno = 0;
        code = mosquitto_loop_read(link->client, 1);
        if (errno == EAGAIN && link->ca_file == NULL) {
            break;
        }
    }
    return code;
}

static void drive_client(struct mqtt_link *link, bool readable, bool writable, int64_t now_ms)
{
    int code = MOSQ_ERR_SUCCESS;
    if (readable) {
        mqtt_link_hold(link, true); // the PUBACKs of a batch leave together
        code = read_batch(link);
        mqtt_link_hold(link, false);
    }
    if (code == MOSQ_ERR_SUCCESS && writable && !link->drop_wanted) {
        code = mosquitto_loop_write(link->client, 1);
    }
    if (code == MOSQ_ERR_SUCCESS && now_ms >= link->misc_at_ms && !link->drop_wanted) {
        link->misc_at_ms = now_ms + MISC_INTERVAL_MS;
        code = mosquitto_loop_misc(link->client);
    }
    if (link->drop_wanted) {
        link_lose(link, link->why);
    } else if (code != MOSQ_ERR_SUCCESS) {
        link_lose(link, failure_text(code));
    } else if (!link->connected && now_ms >= link->connect_deadline_ms) {
        link_lose(link, "the broker did not answer in time");
    }
}

static void report_loss(struct mqtt_link *link)
{
    link->report_wanted = false;
    if (strcmp(link->why, link->last_why) != 0) {
        memcpy(link->last_why, link->why, sizeof link->last_why);
        link->ops.on_state(link->owner, false, link->why);
    }
}

void mqtt_link_process(struct mqtt_link *link, bool readable, bool writable)
{
    LC_ASSERT(!link->in_process);
    int64_t now_ms = os_clock_boot_ms();
    link->in_process = true;
    if (link->client != NULL) {
        drive_client(link, readable, writable, now_ms);
    } else if (!link->report_wanted && now_ms >= link->retry_at_ms) {
        link_connect(link, now_ms);
    }
    if (link->report_wanted) {
        report_loss(link);
    }
    link->in_process = false;
}

// ---- sending ----

static enum lc_status send_status(struct mqtt_link *link, int code)
{
    switch (code) {
    case MOSQ_ERR_SUCCESS:
        return LC_OK;
    case MOSQ_ERR_NOMEM:
        return LC_ERR_NO_MEMORY;
    case MOSQ_ERR_INVAL:
    case MOSQ_ERR_PAYLOAD_SIZE:
    case MOSQ_ERR_MALFORMED_UTF8:
    case MOSQ_ERR_OVERSIZE_PACKET:
        return LC_ERR_BAD_INPUT;
    default: // the socket failed; libmosquitto may have queued it, and the queue dies with it
        want_drop(link, failure_text(code));
        return LC_ERR_OFFLINE;
    }
}

enum lc_status mqtt_link_publish(struct mqtt_link *link, const char *topic, struct bytes payload,
                                 int qos, bool retain, int *out_handle)
{
    LC_ASSERT(qos == 0 || qos == 1);
    if (!mqtt_link_is_connected(link)) {
        return LC_ERR_OFFLINE;
    }
    bool is_full = qos == 1 ? link->unacknowledged_count >= WINDOW_MESSAGES_MAX
                            : link->unsent_count >= UNSENT_MESSAGES_MAX;
    if (is_full) {
        return LC_ERR_FULL;
    }
    if (payload.size > INT32_MAX) {
        return LC_ERR_BAD_INPUT;
    }
    int message_id = 0;
    link->unsent_count += qos == 0 ? 1 : 0; // first: libmosquitto may write, and report it, at once
    int code = mosquitto_publish(link->client, &message_id, topic, (int)payload.size, payload.data,
                                 qos, retain);
    enum lc_status status = send_status(link, code);
    if (status != LC_OK) {
        link->unsent_count -= qos == 0 && status != LC_ERR_OFFLINE ? 1 : 0;
        return status;
    }
    if (qos == 1) {
        uint8_t *byte = &link->unacknowledged[message_id / 8];
        *byte = (uint8_t)(*byte | (1U << (message_id % 8)));
        link->unacknowledged_count++;
        if (out_handle != NULL) {
            *out_handle = message_id;
        }
    }
    return LC_OK;
}

size_t mqtt_link_room(const struct mqtt_link *link)
{
    bool takes = mqtt_link_is_connected(link) && link->unacknowledged_count < WINDOW_MESSAGES_MAX;
    return takes ? (size_t)(WINDOW_MESSAGES_MAX - link->unacknowledged_count) : 0;
}

enum lc_status mqtt_link_subscribe(struct mqtt_link *link, const char *pattern, int qos)
{
    if (!mqtt_link_is_connected(link)) {
        return LC_ERR_OFFLINE;
    }
    if (link->subscriptions_count >= PENDING_SUBSCRIPTIONS_MAX) {
        return LC_ERR_FULL;
    }
    size_t size = strlen(pattern) + 1;
    struct pending_subscription *pending = malloc(sizeof *pending + size);
    if (pending == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    memcpy(pending->pattern, pattern, size);
    pending->next = NULL;
    int code = mosquitto_subscribe(link->client, &pending->message_id, pattern, qos);
    enum lc_status status = send_status(link, code);
    if (status != LC_OK) {
        free(pending);
        return status;
    }
    struct pending_subscription **end = &link->subscriptions;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = pending;
    link->subscriptions_count++;
    return LC_OK;
}

enum lc_status mqtt_link_unsubscribe(struct mqtt_link *link, const char *pattern)
{
    if (!mqtt_link_is_connected(link)) {
        return LC_ERR_OFFLINE;
    }
    return send_status(link, mosquitto_unsubscribe(link->client, NULL, pattern));
}

// ---- ends ----

void mqtt_link_drop(struct mqtt_link *link)
{
    if (link->client == NULL) {
        return;
    }
    if (link->in_process) {
        want_drop(link, "dropped");
    } else {
        link_lose(link, "dropped");
    }
}

void mqtt_link_destroy(struct mqtt_link *link)
{
    if (link == NULL) {
        return;
    }
    LC_ASSERT(!link->in_process);
    if (mqtt_link_is_connected(link)) {
        mosquitto_disconnect(link->client);
    }
    mosquitto_destroy(link->client);
    forget_subscriptions(link);
    link_free(link);
}
