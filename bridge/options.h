// The command line of auction-bridge.
//
// Ownership: texts point into argv
#ifndef LOTCAST_BRIDGE_OPTIONS_H
#define LOTCAST_BRIDGE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/id.h"

struct options {
    char listen_address[64];
    int listen_port;
    char broker_host[256];
    int broker_port;
    const char *user;
    const char *password_file;
    const char *key_file;
    struct client_id node;
    const char *web_dir;
    const char *bundle_dir;
    const char *prefix;
    const char *cors_origin;
    bool cors_credentials;
    const char *admin_file; // NULL: no Admin UI
    const char *admin_namespace;
    bool admin_shows_all;
    bool admin_is_readonly;
    bool trusts_forwarded;
    bool is_debug;
    bool logs_packets;
    bool has_websocket;
    bool has_polling;
    int64_t ping_interval_ms; // 0: the default
    int64_t ping_timeout_ms;
    int64_t rate_per_second;
    int64_t rate_burst;
    int64_t token_life_s;
};

enum options_end { OPTIONS_RUN, OPTIONS_SHOWN, OPTIONS_WRONG };

// SHOWN: help or version went to stdout. WRONG: one line went to stderr.
enum options_end options_read(int argc, char **argv, struct options *out_options);

#endif
