#include "bridge/options.h"

#include <getopt.h>
#include <stddef.h>

#include "bridge/app/auction_app.h"
#include "lib/os/os_file.h"
#include "lib/wire/topic.h"

enum {
    DAY_MS = 24 * 3600 * 1000,
    PER_SECOND_MAX = 1000000,
    BYTES_MAX = 100 << 20,
    ADMISSION_WAIT_MS = 5000,
    DRAIN_MS = 10000,
    ROOM_PACE_MS = 100,
    TOKEN_LIFE_MAX_S = 10 * 366 * 24 * 3600,
    KEY_FIRST = 256, // getopt's key of the first row
};

// What one option does with its value, which may be missing for a flag.
enum option_kind {
    OPTION_TEXT,   // const char *
    OPTION_NUMBER, // int64_t, min to max
    OPTION_SIZE,   // size_t, the same
    OPTION_COUNT,  // uint32_t, the same
    OPTION_ON,     // bool
    OPTION_OFF,    // bool
    OPTION_READ,   // by a function of its own
};

struct option_row {
    const char *name;
    const char *value; // as the help calls it; NULL: a flag
    const char *help;
    enum option_kind kind;
    size_t offset; // in struct options
    int64_t min;
    int64_t max;
    bool (*read)(const char *text, struct options *options);
};

static bool complain(const char *option, const char *what)
{
    fprintf(stderr, "auction-bridge: --%s %s\n", option, what);
    return false;
}

// ---- values with a form of their own ----

static bool read_place(const char *option, const char *text, char *out_host, size_t host_size,
                       int *out_port)
{
    uint64_t port;
    const char *colon = strrchr(text, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - text);
    if (length > 1 && text[0] == '[' && text[length - 1] == ']') { // [::1]:8080
        text++;
        length -= 2;
    }
    if (length == 0 || length >= host_size ||
        !bytes_to_uint64(bytes_text(colon + 1), 65535, &port)) {
        return complain(option, "must be HOST:PORT");
    }
    memcpy(out_host, text, length);
    out_host[length] = 0;
    *out_port = (int)port;
    return true;
}

static bool read_listen(const char *text, struct options *options)
{
    return read_place("listen", text, options->listen_address, sizeof options->listen_address,
                      &options->listen_port);
}

static bool read_broker(const char *text, struct options *options)
{
    return read_place("broker", text, options->broker_host, sizeof options->broker_host,
                      &options->broker_port);
}

static bool read_node(const char *text, struct options *options)
{
    struct bytes name = bytes_text(text);
    return (bytes_starts_with(name, bytes_text("bridge-")) &&
            client_id_read(name, &options->node)) ||
           complain("node", "must begin with bridge- and have at most 32 of [A-Za-z0-9_-]");
}

static bool read_prefix(const char *text, struct options *options)
{
    options->prefix = text;
    return topic_prefix_is_valid(text) || complain("prefix", "is not a topic level");
}

static bool read_origins(const char *text, struct options *options)
{
    struct cors_policy *cors = &options->web.cors;
    size_t count = 0;
    bool is_word = strcmp(text, "*") == 0 || strcmp(text, "reflect") == 0;
    for (char *at = (char *)(uintptr_t)text; at != NULL && !is_word; count++) {
        char *comma = strchr(at, ',');
        if (count == OPTIONS_ORIGINS_MAX) {
            return complain("cors-origin", "names too many origins");
        }
        options->origins[count] = at;
        if (comma != NULL) {
            *comma++ = 0; // argv is the program's own
        }
        at = comma;
    }
    cors->kind = !is_word       ? count > 1 ? CORS_LISTED : CORS_FIXED
                 : *text == '*' ? CORS_ANY
                                : CORS_REFLECT;
    return true;
}

static bool read_level(const char *text, struct options *options)
{
    options->is_debug = strcmp(text, "debug") == 0;
    return options->is_debug || strcmp(text, "info") == 0 ||
           complain("log-level", "must be info or debug");
}

// ---- the table ----

#define READ(function) .kind = OPTION_READ, .read = (function)
#define TEXT(member) .kind = OPTION_TEXT, .offset = offsetof(struct options, member)
#define NUMBER(member, least, most) RANGE(OPTION_NUMBER, member, least, most)
#define SIZE(member, least, most) RANGE(OPTION_SIZE, member, least, most)
#define COUNT(member, most) RANGE(OPTION_COUNT, member, 0, most)
#define RANGE(kind_, member, least, most) \
    .kind = (kind_), .offset = offsetof(struct options, member), .min = (least), .max = (most)
#define ON(member) .kind = OPTION_ON, .offset = offsetof(struct options, member)
#define OFF(member) .kind = OPTION_OFF, .offset = offsetof(struct options, member)

static const struct option_row ROWS[] = {
    {"listen", "ADDR:PORT", "where browsers connect; port 0 takes a free one", READ(read_listen)},
    {"broker", "HOST:PORT", "the MQTT broker", READ(read_broker)},
    {"user", "NAME", "user at the broker", TEXT(user)},
    {"password-file", "FILE", "holds that user's password", TEXT(password_file)},
    {"key-file", "FILE", "keys of tokens: lines `kid` and 64 hexadecimal digits", TEXT(key_file)},
    {"node", "NAME", "own name, begins with bridge- (default: a random one)", READ(read_node)},
    {"web", "DIR", "the web pages", TEXT(web_dir)},
    {"bundle", "DIR", "the dist folder of socket.io-client", TEXT(bundle_dir)},
    {"prefix", "NAME", "first level of the topics (default: lotcast)", READ(read_prefix)},
    {"ping-interval-ms", "N", "heartbeat of Engine.IO (default: 25000)",
     NUMBER(socketio.ping_interval_ms, 1, DAY_MS)},
    {"ping-timeout-ms", "N", "how long its answer may take (default: 20000)",
     NUMBER(socketio.ping_timeout_ms, 1, DAY_MS)},
    {"upgrade-timeout-ms", "N", "how long an upgrade may take (default: 10000)",
     NUMBER(socketio.upgrade_timeout_ms, 1, DAY_MS)},
    {"connect-timeout-ms", "N", "for the first namespace (default: 45000)",
     NUMBER(socketio.connect_timeout_ms, 1, DAY_MS)},
    {"max-http-buffer-size", "N", "bytes of one body or message (default: 1000000)",
     SIZE(socketio.max_payload, 1, BYTES_MAX)},
    {"attachments-max", "N", "binary attachments of one packet (default: 10)",
     SIZE(socketio.attachments_max, 0, 64)},
    {"namespaces-max", "N", "of one connection (default: 32)",
     SIZE(socketio.namespaces_max, 1, 1000)},
    {"pending-bytes-max", "N", "unsent for one connection, more closes it (default: 1048576)",
     SIZE(socketio.pending_bytes_max, 1024, BYTES_MAX)},
    {"room-pace-ms", "N", "between bids sent to a room that takes over 20 ms (default: 100)",
     NUMBER(socketio.room_pace_ms, 0, DAY_MS)},
    {"sessions-max", "N", "of all clients (default: 20000)",
     SIZE(socketio.sessions_max, 1, 1000000)},
    {"sessions-per-address", "N", "0: no limit, the default",
     SIZE(engine.sessions_per_address_max, 0, 1000000)},
    {"connections-per-address", "N", "the same for TCP connections; not behind a proxy",
     SIZE(web.connections_per_address_max, 0, 1000000)},
    {"handshakes-per-s", "N", "new sessions a second; 0: no limit, the default",
     COUNT(engine.handshakes_per_second, PER_SECOND_MAX)},
    {"handshakes-burst", "N", "and at once (default: one second's)",
     COUNT(engine.handshakes_burst, PER_SECOND_MAX)},
    {"admission-wait-ms", "N", "a handshake over the rate waits so long, then 503 (default: 5000)",
     NUMBER(engine.admission_wait_max_ms, 0, DAY_MS)},
    {"eio3", NULL, "clients of Socket.IO 1.x and 2.x, too", ON(socketio.allow_eio3)},
    {"msgpack", NULL, "clients with the msgpack parser, too", ON(socketio.allow_msgpack)},
    {"no-upgrades", NULL, "offers no upgrade to WebSocket", OFF(socketio.allow_upgrades)},
    {"no-http-compression", NULL, "polls as they are", OFF(web.compresses_polls)},
    {"permessage-deflate", NULL, "compresses WebSocket messages of 1 KiB or more",
     ON(web.deflate.is_on)},
    {"cookie", "NAME", "names the session to a load balancer, on the first poll",
     TEXT(engine.cookie.name)},
    {"cors-origin", "ORIGIN,...", "allow pages of these origins; * allows all, reflect the asking",
     READ(read_origins)},
    {"cors-credentials", NULL, "and with their cookies, as the Admin UI's pages ask for",
     ON(web.cors.allows_credentials)},
    {"check-ws-origin", NULL, "refuse WebSockets of other origins, too", ON(web.checks_ws_origin)},
    {"admin-file", "FILE", "one line `user:bcrypt-hash`: switches the Admin UI's server side on",
     TEXT(admin_file)},
    {"admin-namespace", "NAME", "where it is (default: /admin)", TEXT(admin_namespace)},
    {"admin-all-events", NULL, "shows single sockets, rooms and events, not only counts",
     ON(admin_shows_all)},
    {"admin-readonly", NULL, "shows only", ON(admin_is_readonly)},
    {"trust-forwarded", NULL, "take client addresses from X-Forwarded-For",
     ON(web.trust_forwarded)},
    {"no-websocket", NULL, "polling only", OFF(socketio.allow_websocket)},
    {"no-polling", NULL, "WebSocket only", OFF(socketio.allow_polling)},
    {"rate-per-s", "N", "requests a second of one identity (default: 20)",
     NUMBER(rate_per_second, 1, PER_SECOND_MAX)},
    {"rate-burst", "N", "and at once (default: 40)", NUMBER(rate_burst, 1, PER_SECOND_MAX)},
    {"token-ttl-s", "N", "life of a token that joining gives (default: 604800)",
     NUMBER(token_life_s, 1, TOKEN_LIFE_MAX_S)},
    {"drain-ms", "N",
     "how long a stop may take while other bridges take the sessions (default: 10000)",
     NUMBER(drain_ms, 0, DAY_MS)},
    {"log-level", "LEVEL", "info or debug (default: info)", READ(read_level)},
    {"protocol-log", NULL, "log every packet, by name and size", ON(logs_packets)},
};
enum { ROWS_COUNT = sizeof ROWS / sizeof ROWS[0], KEY_HELP = KEY_FIRST + ROWS_COUNT, KEY_VERSION };

static void show_help(void)
{
    fputs("usage: auction-bridge --listen ADDR:PORT --broker HOST:PORT --user NAME\n"
          "                      --password-file FILE --key-file FILE [options]\n\n",
          stdout);
    for (size_t i = 0; i < ROWS_COUNT; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s %s", ROWS[i].name,
                 ROWS[i].value == NULL ? "" : ROWS[i].value);
        printf("  %-28s %s\n", left, ROWS[i].help);
    }
    fputs("  --help, --version\n\n"
          "exit codes: 0 ended, 1 failure, 2 usage, 3 the port is taken\n",
          stdout);
}

static bool read_number(const struct option_row *row, const char *text, uint64_t *out_value)
{
    if (!bytes_to_uint64(bytes_text(text), (uint64_t)row->max, out_value) ||
        *out_value < (uint64_t)row->min) {
        char what[80];
        snprintf(what, sizeof what, "must be a whole number from %lld to %lld", (long long)row->min,
                 (long long)row->max);
        return complain(row->name, what);
    }
    return true;
}

static bool take(const struct option_row *row, const char *text, struct options *options)
{
    void *member = (char *)options + row->offset;
    uint64_t number;
    switch (row->kind) {
    case OPTION_TEXT:
        *(const char **)member = text;
        return true;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_COUNT:
        if (!read_number(row, text, &number)) {
            return false;
        }
        if (row->kind == OPTION_NUMBER) {
            *(int64_t *)member = (int64_t)number;
        } else if (row->kind == OPTION_SIZE) {
            *(size_t *)member = (size_t)number;
        } else {
            *(uint32_t *)member = (uint32_t)number;
        }
        return true;
    case OPTION_ON:
        *(bool *)member = true;
        return true;
    case OPTION_OFF:
        *(bool *)member = false;
        return true;
    case OPTION_READ:
        return row->read(text, options);
    }
    return false;
}

static bool is_complete(const struct options *options)
{
    const char *missing = options->listen_address[0] == 0  ? "listen"
                          : options->broker_host[0] == 0   ? "broker"
                          : options->user == NULL          ? "user"
                          : options->password_file == NULL ? "password-file"
                          : options->key_file == NULL      ? "key-file"
                                                           : NULL;
    if (missing != NULL) {
        return complain(missing, "is missing (see --help)");
    }
    if (options->web.cors.allows_credentials &&
        (options->web.cors.kind == CORS_OFF || options->web.cors.kind == CORS_ANY)) {
        return complain("cors-credentials", "needs --cors-origin with one origin");
    }
    if (!options->socketio.allow_polling && !options->socketio.allow_websocket) {
        return complain("no-polling", "and --no-websocket leave no transport");
    }
    return true;
}

static void name_options(struct option out_options[ROWS_COUNT + 3])
{
    for (int i = 0; i < ROWS_COUNT; i++) {
        int has_value = ROWS[i].value == NULL ? no_argument : required_argument;
        out_options[i] = (struct option){ROWS[i].name, has_value, NULL, KEY_FIRST + i};
    }
    out_options[ROWS_COUNT] = (struct option){"help", no_argument, NULL, KEY_HELP};
    out_options[ROWS_COUNT + 1] = (struct option){"version", no_argument, NULL, KEY_VERSION};
    out_options[ROWS_COUNT + 2] = (struct option){NULL, 0, NULL, 0};
}

static enum options_end read_all(int argc, char **argv, struct options *options)
{
    struct option named[ROWS_COUNT + 3];
    int key;
    name_options(named);
    opterr = 0;
    while ((key = getopt_long(argc, argv, ":", named, NULL)) != -1) {
        if (key == KEY_HELP) {
            show_help();
            return OPTIONS_SHOWN;
        }
        if (key == KEY_VERSION) {
            printf("auction-bridge %s\n", LOTCAST_VERSION);
            return OPTIONS_SHOWN;
        }
        if (key == '?' || key == ':') {
            fprintf(stderr, "auction-bridge: %s %s (see --help)\n",
                    key == ':' ? "no value given for" : "unknown option", argv[optind - 1]);
            return OPTIONS_WRONG;
        }
        if (!take(&ROWS[key - KEY_FIRST], optarg, options)) {
            return OPTIONS_WRONG;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "auction-bridge: unexpected argument %s (see --help)\n", argv[optind]);
        return OPTIONS_WRONG;
    }
    return is_complete(options) ? OPTIONS_RUN : OPTIONS_WRONG;
}

enum options_end options_read(int argc, char **argv, struct options *out_options)
{
    struct auction_app_config defaults = auction_app_config_default();
    struct options options = {
        .prefix = "lotcast",
        .socketio = socketio_config_default(),
        .engine = {.admission_wait_max_ms = ADMISSION_WAIT_MS, .cookie = engineio_cookie_default()},
        .web = endpoint_config_default(),
        .rate_per_second = defaults.rate_per_second,
        .rate_burst = defaults.rate_burst,
        .token_life_s = defaults.token_life_s,
        .drain_ms = DRAIN_MS};
    char random[5];
    options.engine.cookie.name = NULL; // until one is given
    options.socketio.room_pace_ms = ROOM_PACE_MS;
    options.web.cors.origins = NULL; // set below: the options move
    os_random_hex(2, random);
    snprintf(options.node.text, sizeof options.node.text, "bridge-%s", random);
    enum options_end end = read_all(argc, argv, &options);
    if (end == OPTIONS_RUN) {
        options.socketio.allow_upgrades = options.socketio.allow_upgrades &&
                                          options.socketio.allow_polling &&
                                          options.socketio.allow_websocket;
        *out_options = options;
        out_options->web.cors.origins = (const char *const *)out_options->origins;
    }
    return end;
}
