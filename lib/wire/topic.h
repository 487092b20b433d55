// Topics: the names under which the programs meet on the broker.
//
// Purity:    pure
// Ownership: values
// Errors:    topic_read(): false for a topic that is not ours or has an illegal level
// Source:    docs/PROTOCOL.md, Topics
#ifndef LOTCAST_WIRE_TOPIC_H
#define LOTCAST_WIRE_TOPIC_H

#include "lib/base/id.h"

enum { TOPIC_SIZE_MAX = 192, TOPIC_PREFIX_SIZE_MAX = 32, EVENT_NAME_SIZE_MAX = 32 };

enum topic_kind {
    TOPIC_SALE_INFO,
    TOPIC_SALE_STATE,
    TOPIC_SALE_LOTS,         // page
    TOPIC_SALE_PARTICIPANTS, // page
    TOPIC_SALE_TICK,
    TOPIC_SALE_EVENT,   // name
    TOPIC_SALE_PRIVATE, // participant
    TOPIC_SALE_BOARD,   // name: json or a field
    TOPIC_SALE_COMMAND, // client
    TOPIC_SVC_COMMAND,  // client
    TOPIC_REPLY,        // client
    TOPIC_HEARTBEAT,    // name: program, client: node
    TOPIC_PRESENCE,     // client: node, sale
    TOPIC_HOLDING,      // client: node of an engine, sale
    TOPIC_PULSE,        // client: node of a bridge
    TOPIC_RELAY,        // name: relay node of a bridge, or "all"
};

struct topic {
    enum topic_kind kind;
    struct sale_id sale;
    struct participant_id participant;
    struct client_id client;
    char name[EVENT_NAME_SIZE_MAX + 1];
    int64_t page;
};

// Writes the NUL-terminated topic; LC_ASSERTs that the ids needed by its kind are there.
void topic_write(const struct topic *topic, const char *prefix, char out_text[TOPIC_SIZE_MAX]);
bool topic_read(struct bytes text, const char *prefix, struct topic *out_topic);

// Subscription patterns.
void topic_pattern_all_commands(const char *prefix, char out_text[TOPIC_SIZE_MAX]); // sale/+/cmd/+
void topic_pattern_states(const char *prefix, char out_text[TOPIC_SIZE_MAX]);       // sale/+/state
void topic_pattern_svc_commands(const char *prefix, char out_text[TOPIC_SIZE_MAX]); // svc/cmd/+
void topic_pattern_sale(const char *prefix, const struct sale_id *sale, const char *below,
                        char out_text[TOPIC_SIZE_MAX]); // sale/{sale}/{below}, e.g. "event/+"
void topic_pattern_heartbeats(const char *prefix, char out_text[TOPIC_SIZE_MAX]); // svc/+/+
void topic_pattern_engines(const char *prefix, char out_text[TOPIC_SIZE_MAX]);    // svc/engine/+
void topic_pattern_holdings(const char *prefix,
                            char out_text[TOPIC_SIZE_MAX]); // svc/engine/+/holds/+
void topic_pattern_presence(const char *prefix,
                            char out_text[TOPIC_SIZE_MAX]); // svc/bridge/+/presence/+

bool topic_prefix_is_valid(const char *prefix);

#endif
