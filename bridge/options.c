#include "bridge/options.h"

#include <getopt.h>

#include "bridge/app/auction_app.h"
#include "lib/os/os_file.h"
#include "lib/wire/topic.h"

enum option_key {
    KEY_LISTEN = 256,
    KEY_BROKER,
    KEY_USER,
    KEY_PASSWORD_FILE,
    KEY_KEY_FILE,
    KEY_NODE,
    KEY_WEB,
    KEY_BUNDLE,
    KEY_PREFIX,
    KEY_PING_INTERVAL,
    KEY_PING_TIMEOUT,
    KEY_CORS,
    KEY_TRUST,
    KEY_LOG_LEVEL,
    KEY_PROTOCOL_LOG,
    KEY_NO_WEBSOCKET,
    KEY_NO_POLLING,
    KEY_RATE,
    KEY_BURST,
    KEY_TOKEN_LIFE,
    KEY_HELP,
    KEY_VERSION,
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, KEY_LISTEN},
    {"broker", required_argument, NULL, KEY_BROKER},
    {"user", required_argument, NULL, KEY_USER},
    {"password-file", required_argument, NULL, KEY_PASSWORD_FILE},
    {"key-file", required_argument, NULL, KEY_KEY_FILE},
    {"node", required_argument, NULL, KEY_NODE},
    {"web", required_argument, NULL, KEY_WEB},
    {"bundle", required_argument, NULL, KEY_BUNDLE},
    {"prefix", required_argument, NULL, KEY_PREFIX},
    {"ping-interval-ms", required_argument, NULL, KEY_PING_INTERVAL},
    {"ping-timeout-ms", required_argument, NULL, KEY_PING_TIMEOUT},
    {"cors-origin", required_argument, NULL, KEY_CORS},
    {"trust-forwarded", no_argument, NULL, KEY_TRUST},
    {"log-level", required_argument, NULL, KEY_LOG_LEVEL},
    {"protocol-log", no_argument, NULL, KEY_PROTOCOL_LOG},
    {"no-websocket", no_argument, NULL, KEY_NO_WEBSOCKET},
    {"no-polling", no_argument, NULL, KEY_NO_POLLING},
    {"rate-per-s", required_argument, NULL, KEY_RATE},
    {"rate-burst", required_argument, NULL, KEY_BURST},
    {"token-ttl-s", required_argument, NULL, KEY_TOKEN_LIFE},
    {"help", no_argument, NULL, KEY_HELP},
    {"version", no_argument, NULL, KEY_VERSION},
    {NULL, 0, NULL, 0},
};

static void show_help(void)
{
    fputs("usage: auction-bridge --listen ADDR:PORT --broker HOST:PORT --user NAME\n"
          "                      --password-file FILE --key-file FILE [options]\n"
          "\n"
          "  --listen ADDR:PORT      where browsers connect; port 0 takes a free one\n"
          "  --broker HOST:PORT      the MQTT broker\n"
          "  --user NAME             user at the broker\n"
          "  --password-file FILE    holds that user's password\n"
          "  --key-file FILE         keys of tokens: lines `kid` and 64 hexadecimal digits\n"
          "  --node NAME             own name, begins with bridge- (default: a random one)\n"
          "  --web DIR               the web pages\n"
          "  --bundle DIR            the dist folder of socket.io-client\n"
          "  --prefix NAME           first level of the topics (default: lotcast)\n"
          "  --ping-interval-ms N    heartbeat of Engine.IO (default: 25000)\n"
          "  --ping-timeout-ms N     (default: 20000)\n"
          "  --cors-origin ORIGIN    allow pages of this origin, or *\n"
          "  --trust-forwarded       take client addresses from X-Forwarded-For\n"
          "  --no-websocket          polling only\n"
          "  --no-polling            WebSocket only\n"
          "  --rate-per-s N          requests a second of one identity (default: 20)\n"
          "  --rate-burst N          and at once (default: 40)\n"
          "  --token-ttl-s N         life of a token that joining gives (default: 604800)\n"
          "  --log-level info|debug\n"
          "  --protocol-log          log every packet, by name and size\n"
          "  --help, --version\n"
          "\n"
          "exit codes: 0 ended, 1 failure, 2 usage, 3 the port is taken\n",
          stdout);
}

static bool complain(const char *option, const char *what)
{
    fprintf(stderr, "auction-bridge: --%s %s\n", option, what);
    return false;
}

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

static bool read_number(const char *option, const char *text, int64_t max, int64_t *out_value)
{
    uint64_t value;
    if (!bytes_to_uint64(bytes_text(text), (uint64_t)max, &value) || value == 0) {
        return complain(option, "must be a positive whole number");
    }
    *out_value = (int64_t)value;
    return true;
}

static bool read_node(const char *text, struct client_id *out_node)
{
    struct bytes name = bytes_text(text);
    return (bytes_starts_with(name, bytes_text("bridge-")) && client_id_read(name, out_node)) ||
           complain("node", "must begin with bridge- and have at most 32 of [A-Za-z0-9_-]");
}

static bool read_level(const char *text, bool *out_is_debug)
{
    *out_is_debug = strcmp(text, "debug") == 0;
    return *out_is_debug || strcmp(text, "info") == 0 ||
           complain("log-level", "must be info or debug");
}

static bool take_number(enum option_key key, const char *text, struct options *options)
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    switch ((int)key) {
    case KEY_PING_INTERVAL:
        return read_number("ping-interval-ms", text, DAY_MS, &options->ping_interval_ms);
    case KEY_PING_TIMEOUT:
        return read_number("ping-timeout-ms", text, DAY_MS, &options->ping_timeout_ms);
    case KEY_RATE:
        return read_number("rate-per-s", text, 1000000, &options->rate_per_second);
    case KEY_BURST:
        return read_number("rate-burst", text, 1000000, &options->rate_burst);
    default:
        return read_number("token-ttl-s", text, INT64_C(10) * 366 * 24 * 3600,
                           &options->token_life_s);
    }
}

static bool take_text(enum option_key key, const char *text, struct options *options)
{
    switch ((int)key) {
    case KEY_LISTEN:
        return read_place("listen", text, options->listen_address, sizeof options->listen_address,
                          &options->listen_port);
    case KEY_BROKER:
        return read_place("broker", text, options->broker_host, sizeof options->broker_host,
                          &options->broker_port);
    case KEY_USER:
        options->user = text;
        return true;
    case KEY_PASSWORD_FILE:
        options->password_file = text;
        return true;
    case KEY_KEY_FILE:
        options->key_file = text;
        return true;
    case KEY_NODE:
        return read_node(text, &options->node);
    case KEY_WEB:
        options->web_dir = text;
        return true;
    case KEY_BUNDLE:
        options->bundle_dir = text;
        return true;
    case KEY_PREFIX:
        options->prefix = text;
        return topic_prefix_is_valid(text) || complain("prefix", "is not a topic level");
    case KEY_CORS:
        options->cors_origin = text;
        return true;
    case KEY_LOG_LEVEL:
        return read_level(text, &options->is_debug);
    default:
        return take_number(key, text, options);
    }
}

static bool take(enum option_key key, const char *text, struct options *options)
{
    switch ((int)key) {
    case KEY_TRUST:
        options->trusts_forwarded = true;
        return true;
    case KEY_PROTOCOL_LOG:
        options->logs_packets = true;
        return true;
    case KEY_NO_WEBSOCKET:
        options->has_websocket = false;
        return true;
    case KEY_NO_POLLING:
        options->has_polling = false;
        return true;
    default:
        return take_text(key, text, options);
    }
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
    if (!options->has_polling && !options->has_websocket) {
        return complain("no-polling", "and --no-websocket leave no transport");
    }
    return true;
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
    int key;
    os_random_hex(2, random);
    snprintf(options.node.text, sizeof options.node.text, "bridge-%s", random);
    opterr = 0;
    while ((key = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
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
        if (!take((enum option_key)key, optarg, &options)) {
            return OPTIONS_WRONG;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "auction-bridge: unexpected argument %s (see --help)\n", argv[optind]);
        return OPTIONS_WRONG;
    }
    if (!is_complete(&options)) {
        return OPTIONS_WRONG;
    }
    *out_options = options;
    return OPTIONS_RUN;
}
