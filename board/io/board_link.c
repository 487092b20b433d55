#include "board/io/board_link.h"

#include <MQTTClient.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONNECT_TIMEOUT_S = 2, KEEPALIVE_S = 10, CLOSE_TIMEOUT_MS = 500, WHY_SIZE_MAX = 128 };

struct board_link {
    MQTTClient client;
    struct board_link_config config;
    char *topic; // of the last message, paho's memory
    MQTTClient_message *message;
    char why[WHY_SIZE_MAX];
};

enum lc_status board_link_create(const struct board_link_config *config,
                                 struct board_link **out_link)
{
    char address[300];
    struct board_link *link = calloc(1, sizeof *link);
    if (link == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    link->config = *config;
    snprintf(address, sizeof address, "tcp://%s", config->broker);
    if (MQTTClient_create(&link->client, address, config->client_id, MQTTCLIENT_PERSISTENCE_NONE,
                          NULL) != MQTTCLIENT_SUCCESS) {
        free(link);
        return LC_ERR_BAD_INPUT;
    }
    *out_link = link;
    return LC_OK;
}

static void forget_message(struct board_link *link)
{
    if (link->message != NULL) {
        MQTTClient_freeMessage(&link->message);
        MQTTClient_free(link->topic);
        link->message = NULL;
        link->topic = NULL;
    }
}

void board_link_destroy(struct board_link *link)
{
    if (link == NULL) {
        return;
    }
    forget_message(link);
    MQTTClient_disconnect(link->client, CLOSE_TIMEOUT_MS);
    MQTTClient_destroy(&link->client);
    free(link);
}

const char *board_link_why(const struct board_link *link)
{
    return link->why;
}

static enum lc_status offline(struct board_link *link, const char *what, int code)
{
    // 1 to 5 are the broker's own words in the CONNACK; paho's text for them is only a number.
    static const char *const refusals[] = {
        NULL,
        "unacceptable protocol version",
        "client id refused",
        "broker unavailable",
        "wrong user name or password",
        "not authorised",
    };
    const char *reason = MQTTClient_strerror(code);
    if (code == MQTTCLIENT_FAILURE) {
        reason = "the broker cannot be reached";
    } else if (code >= 1 && code <= 5) {
        reason = refusals[code];
    }
    snprintf(link->why, sizeof link->why, "%s: %s", what,
             reason == NULL ? "no connection" : reason);
    return LC_ERR_OFFLINE;
}

enum lc_status board_link_connect(struct board_link *link)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    options.keepAliveInterval = KEEPALIVE_S;
    options.cleansession = 1;
    options.connectTimeout = CONNECT_TIMEOUT_S;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.username = link->config.user;
    options.password = link->config.password;
    forget_message(link);
    int code = MQTTClient_connect(link->client, &options);
    return code == MQTTCLIENT_SUCCESS ? LC_OK : offline(link, "connect", code);
}

enum lc_status board_link_subscribe(struct board_link *link, const char *pattern)
{
    int code = MQTTClient_subscribe(link->client, pattern, 0);
    return code == MQTTCLIENT_SUCCESS ? LC_OK : offline(link, "subscribe", code);
}

enum lc_status board_link_receive(struct board_link *link, int timeout_ms,
                                  struct board_message *out_message)
{
    int topic_size = 0;
    forget_message(link);
    int code = MQTTClient_receive(link->client, &link->topic, &topic_size, &link->message,
                                  (unsigned long)timeout_ms);
    if (code != MQTTCLIENT_SUCCESS && code != MQTTCLIENT_TOPICNAME_TRUNCATED) {
        return offline(link, "receive", code);
    }
    if (link->message == NULL) {
        return LC_ERR_NOT_FOUND;
    }
    out_message->topic = bytes_of(link->topic, (size_t)topic_size);
    out_message->payload = bytes_of(link->message->payload, (size_t)link->message->payloadlen);
    out_message->retained = link->message->retained != 0;
    return LC_OK;
}
