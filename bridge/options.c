#include "bridge/options.h"

#include <getopt.h>
#include <stddef.h>

#include "bridge/app/auction_app.h"
#include "lib/os/os_file.h"
#include "lib/wire/topic.h"

enum {
    DAY_MS = 24 * 3600 * 1000,
    PER_SECOND_MAX = 1000000,
    TOKEN_LIFE_MAX_S = 10 * 366 * 24 * 3600,
    KEY_FIRST = 256, // getopt's key of the first row
};

// What one option does with its value, which may be missing for a flag.
enum option_kind {
    OPTION_TEXT,   // const char *
    OPTION_NUMBER, // int64_t, 1 to max
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

static bool read_level(const char *text, struct options *options)
{
    options->is_debug = strcmp(text, "debug") == 0;
    return options->is_debug || strcmp(text, "info") == 0 ||
           complain("log-level", "must be info or debug");
}

// ---- the table ----

#define READ(function) .kind = OPTION_READ, .read = (function)
#define TEXT(member) .kind = OPTION_TEXT, .offset = offsetof(struct options, member)
#define NUMBER(member, most) \
    .kind = OPTION_NUMBER, .offset = offsetof(struct options, member), .max = (most)
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
     NUMBER(ping_interval_ms, DAY_MS)},
    {"ping-timeout-ms", "N", "(default: 20000)", NUMBER(ping_timeout_ms, DAY_MS)},
    {"cors-origin", "ORIGIN", "allow pages of this origin, or *", TEXT(cors_origin)},
    {"cors-credentials", NULL, "and with their cookies, as the Admin UI's pages ask for",
     ON(cors_credentials)},
    {"admin-file", "FILE", "one line `user:bcrypt-hash`: switches the Admin UI's server side on",
     TEXT(admin_file)},
    {"admin-namespace", "NAME", "where it is (default: /admin)", TEXT(admin_namespace)},
    {"admin-all-events", NULL, "shows single sockets, rooms and events, not only counts",
     ON(admin_shows_all)},
    {"admin-readonly", NULL, "shows only", ON(admin_is_readonly)},
    {"trust-forwarded", NULL, "take client addresses from X-Forwarded-For", ON(trusts_forwarded)},
    {"no-websocket", NULL, "polling only", OFF(has_websocket)},
    {"no-polling", NULL, "WebSocket only", OFF(has_polling)},
    {"rate-per-s", "N", "requests a second of one identity (default: 20)",
     NUMBER(rate_per_second, PER_SECOND_MAX)},
    {"rate-burst", "N", "and at once (default: 40)", NUMBER(rate_burst, PER_SECOND_MAX)},
    {"token-ttl-s", "N", "life of a token that joining gives (default: 604800)",
     NUMBER(token_life_s, TOKEN_LIFE_MAX_S)},
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

static bool read_number(const struct option_row *row, const char *text, int64_t *out_value)
{
    uint64_t value;
    if (!bytes_to_uint64(bytes_text(text), (uint64_t)row->max, &value) || value == 0) {
        return complain(row->name, "must be a positive whole number");
    }
    *out_value = (int64_t)value;
    return true;
}

static bool take(const struct option_row *row, const char *text, struct options *options)
{
    void *member = (char *)options + row->offset;
    switch (row->kind) {
    case OPTION_TEXT:
        *(const char **)member = text;
        return true;
    case OPTION_NUMBER:
        return read_number(row, text, member);
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
    if (options->cors_credentials &&
        (options->cors_origin == NULL || strcmp(options->cors_origin, "*") == 0)) {
        return complain("cors-credentials", "needs --cors-origin with one origin");
    }
    if (!options->has_polling && !options->has_websocket) {
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
    struct options options = {.prefix = "lotcast",
                              .has_websocket = true,
                              .has_polling = true,
                              .rate_per_second = defaults.rate_per_second,
                              .rate_burst = defaults.rate_burst,
                              .token_life_s = defaults.token_life_s};
    char random[5];
    os_random_hex(2, random);
    snprintf(options.node.text, sizeof options.node.text, "bridge-%s", random);
    enum options_end end = read_all(argc, argv, &options);
    if (end == OPTIONS_RUN) {
        *out_options = options;
    }
    return end;
}
