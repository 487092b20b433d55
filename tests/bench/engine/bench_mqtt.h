// A cheap MQTT 3.1.1 client for load: packets are gathered and written together, and read in bulk.
//
// Purity:    one TCP socket, blocking only in bench_mqtt_wait()
// Units:     *_ms milliseconds
// Ownership: bench_mqtt_open/close; topics and payloads that are heard are borrowed for the call
// Errors:    anything that a healthy broker does not do ends the program: a figure that was made
//            with a failure is worth nothing
// Source:    MQTT 3.1.1, QoS 0 and 1
#ifndef LOTCAST_BENCH_MQTT_H
#define LOTCAST_BENCH_MQTT_H

#include "lib/base/buffer.h"

struct bench_mqtt;

typedef void bench_mqtt_listener(void *owner, struct bytes topic, struct bytes payload);

struct bench_mqtt {
    int fd;
    uint16_t next_id;
    int64_t publishes_open; // QoS 1, sent, without PUBACK
    int64_t answers_open;   // SUBACKs awaited
    struct buffer out;
    uint8_t *in; // BENCH_MQTT_IN_SIZE bytes
    size_t in_size;
    bench_mqtt_listener *listen;
    void *owner;
};

enum { BENCH_MQTT_IN_SIZE = 1024 * 1024 };

void bench_mqtt_open(struct bench_mqtt *mqtt, int port, const char *client_id,
                     bench_mqtt_listener *listen, void *owner);
void bench_mqtt_close(struct bench_mqtt *mqtt);

// Waits for the SUBACK.
void bench_mqtt_subscribe(struct bench_mqtt *mqtt, const char *pattern, int qos);

// Gathers a QoS 1 publish; bench_mqtt_flush() sends what is gathered.
void bench_mqtt_publish(struct bench_mqtt *mqtt, const char *topic, struct bytes payload);
void bench_mqtt_flush(struct bench_mqtt *mqtt);

// Reads once, calls the listener for each message, and gathers the PUBACKs. False: nothing came
// within `timeout_ms`.
bool bench_mqtt_wait(struct bench_mqtt *mqtt, int timeout_ms);

#endif
