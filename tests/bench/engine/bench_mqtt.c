#include "tests/bench/engine/bench_mqtt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/status.h"

enum { CONNECT = 1, CONNACK, PUBLISH, PUBACK, SUBSCRIBE = 8, SUBACK, PINGRESP = 13 };
enum { OUT_SIZE_MAX = 64 * 1024 * 1024, ANSWER_MS = 10000, KEEPALIVE_S = 600 };

// ---- sending ----

static void put_uint16(struct buffer *out, size_t value)
{
    uint8_t text[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    buffer_append(out, bytes_of(text, sizeof text));
}

static void put_text(struct buffer *out, const char *text)
{
    put_uint16(out, strlen(text));
    buffer_append_text(out, text);
}

static void put_head(struct buffer *out, int type, int flags, size_t size)
{
    buffer_append_byte(out, (uint8_t)(type << 4 | flags));
    do {
        uint8_t byte = size & 127;
        size >>= 7;
        buffer_append_byte(out, (uint8_t)(byte | (size > 0 ? 128 : 0)));
    } while (size > 0);
}

static uint16_t next_id(struct bench_mqtt *mqtt)
{
    mqtt->next_id = mqtt->next_id == UINT16_MAX ? 1 : (uint16_t)(mqtt->next_id + 1);
    return mqtt->next_id;
}

void bench_mqtt_publish(struct bench_mqtt *mqtt, const char *topic, struct bytes payload)
{
    put_head(&mqtt->out, PUBLISH, 1 << 1, 2 + strlen(topic) + 2 + payload.size);
    put_text(&mqtt->out, topic);
    put_uint16(&mqtt->out, next_id(mqtt));
    buffer_append(&mqtt->out, payload);
    mqtt->publishes_open++;
}

void bench_mqtt_flush(struct bench_mqtt *mqtt)
{
    struct bytes rest = buffer_bytes(&mqtt->out);
    LC_ASSERT(buffer_status(&mqtt->out) == LC_OK);
    while (rest.size > 0) {
        ssize_t sent = send(mqtt->fd, rest.data, rest.size, MSG_NOSIGNAL);
        LC_ASSERT(sent > 0 || errno == EINTR);
        rest = bytes_from(rest, sent > 0 ? (size_t)sent : 0);
    }
    buffer_clear(&mqtt->out);
}

// ---- reading ----

static size_t read_uint16(const uint8_t *at)
{
    return (size_t)at[0] << 8 | at[1];
}

static void take_publish(struct bench_mqtt *mqtt, int flags, struct bytes body)
{
    int qos = flags >> 1 & 3;
    LC_ASSERT(body.size >= 2);
    size_t topic_size = read_uint16(body.data);
    size_t head_size = 2 + topic_size + (qos > 0 ? 2 : 0);
    LC_ASSERT(body.size >= head_size);
    if (qos > 0) {
        put_head(&mqtt->out, PUBACK, 0, 2);
        put_uint16(&mqtt->out, read_uint16(body.data + 2 + topic_size));
    }
    mqtt->listen(mqtt->owner, bytes_of(body.data + 2, topic_size), bytes_from(body, head_size));
}

static void take_packet(struct bench_mqtt *mqtt, uint8_t first, struct bytes body)
{
    switch (first >> 4) {
    case PUBLISH:
        take_publish(mqtt, first & 15, body);
        return;
    case PUBACK:
        mqtt->publishes_open--;
        return;
    case CONNACK:
        LC_ASSERT(body.size == 2 && body.data[1] == 0);
        mqtt->answers_open--;
        return;
    case SUBACK:
        LC_ASSERT(body.size == 3 && body.data[2] <= 1);
        mqtt->answers_open--;
        return;
    default:
        LC_ASSERT(first >> 4 == PINGRESP);
    }
}

// Size of the whole packet at the start of `rest`, 0 when it is not there yet.
static size_t packet_size(struct bytes rest, size_t *out_head_size)
{
    size_t size = 0;
    for (size_t i = 1; i < 5; i++) {
        if (i >= rest.size) {
            return 0;
        }
        size |= (size_t)(rest.data[i] & 127) << (7 * (i - 1));
        if (rest.data[i] < 128) {
            *out_head_size = i + 1;
            return size + i + 1 <= rest.size ? size + i + 1 : 0;
        }
    }
    lc_assert_failed("a length of at most four bytes", __FILE__, __LINE__);
}

bool bench_mqtt_wait(struct bench_mqtt *mqtt, int timeout_ms)
{
    struct pollfd poll_one = {.fd = mqtt->fd, .events = POLLIN};
    if (timeout_ms >= 0 && poll(&poll_one, 1, timeout_ms) <= 0) {
        return false;
    }
    ssize_t got = recv(mqtt->fd, mqtt->in + mqtt->in_size, BENCH_MQTT_IN_SIZE - mqtt->in_size, 0);
    LC_ASSERT(got > 0 || (got < 0 && errno == EINTR));
    mqtt->in_size += got > 0 ? (size_t)got : 0;
    struct bytes rest = bytes_of(mqtt->in, mqtt->in_size);
    size_t head_size = 0;
    for (size_t size; (size = packet_size(rest, &head_size)) > 0;) {
        take_packet(mqtt, rest.data[0], bytes_of(rest.data + head_size, size - head_size));
        rest = bytes_from(rest, size);
    }
    if (rest.size > 0) {
        memmove(mqtt->in, rest.data, rest.size);
    }
    mqtt->in_size = rest.size;
    return true;
}

static void await_answer(struct bench_mqtt *mqtt)
{
    mqtt->answers_open++;
    bench_mqtt_flush(mqtt);
    while (mqtt->answers_open > 0) {
        LC_ASSERT(bench_mqtt_wait(mqtt, ANSWER_MS));
        bench_mqtt_flush(mqtt);
    }
}

// ---- life ----

void bench_mqtt_open(struct bench_mqtt *mqtt, int port, const char *client_id,
                     bench_mqtt_listener *listen, void *owner)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    *mqtt = (struct bench_mqtt){.listen = listen, .owner = owner};
    buffer_init(&mqtt->out, OUT_SIZE_MAX);
    mqtt->in = malloc(BENCH_MQTT_IN_SIZE);
    mqtt->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    LC_ASSERT(mqtt->in != NULL && mqtt->fd >= 0);
    LC_ASSERT(connect(mqtt->fd, (struct sockaddr *)&address, sizeof address) == 0);
    LC_ASSERT(setsockopt(mqtt->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
    put_head(&mqtt->out, CONNECT, 0, 10 + 2 + strlen(client_id));
    put_text(&mqtt->out, "MQTT");
    buffer_append_byte(&mqtt->out, 4); // 3.1.1
    buffer_append_byte(&mqtt->out, 2); // clean session
    put_uint16(&mqtt->out, KEEPALIVE_S);
    put_text(&mqtt->out, client_id);
    await_answer(mqtt);
}

void bench_mqtt_subscribe(struct bench_mqtt *mqtt, const char *pattern, int qos)
{
    put_head(&mqtt->out, SUBSCRIBE, 1 << 1, 2 + 2 + strlen(pattern) + 1);
    put_uint16(&mqtt->out, next_id(mqtt));
    put_text(&mqtt->out, pattern);
    buffer_append_byte(&mqtt->out, (uint8_t)qos);
    await_answer(mqtt);
}

void bench_mqtt_close(struct bench_mqtt *mqtt)
{
    close(mqtt->fd);
    free(mqtt->in);
    buffer_release(&mqtt->out);
}
