// The command line of auction-bridge.
//
// Ownership: texts point into argv
#ifndef LOTCAST_BRIDGE_OPTIONS_H
#define LOTCAST_BRIDGE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/endpoint/endpoint.h"
#include "bridge/socketio/server.h"
#include "lib/base/id.h"

enum { OPTIONS_ORIGINS_MAX = 16 };

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
    const char *admin_file; // NULL: no Admin UI
    const char *admin_namespace;
    bool admin_shows_all;
    bool admin_is_readonly;
    bool is_debug;
    bool logs_packets;
    // The limits and switches of the protocol, at first their defaults.
    struct socketio_config socketio;
    struct engineio_config engine;
    struct endpoint_config web;
    char *origins[OPTIONS_ORIGINS_MAX + 1]; // behind web.cors; parts of argv
    int64_t rate_per_second;
    int64_t rate_burst;
    int64_t token_life_s;
    int64_t drain_ms;
};

enum options_end { OPTIONS_RUN, OPTIONS_SHOWN, OPTIONS_WRONG };

// SHOWN: help or version went to stdout. WRONG: one line went to stderr.
enum options_end options_read(int argc, char **argv, struct options *out_options);

#endif
