// The command line of the conformance server; reference_server.mjs takes the same.
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

#include "tests/conformance/suite.h"

enum { KEY_FIRST = 256, NUMBER_MAX = 1000000000 };

enum row_kind { ROW_FLAG, ROW_FLAG_OFF, ROW_INT64, ROW_SIZE, ROW_UINT32, ROW_TEXT, ROW_READ };

struct row {
    const char *name;
    enum row_kind kind;
    size_t offset;
    bool (*read)(struct suite_options *options, const char *text);
};

static bool read_cors(struct suite_options *options, const char *text)
{
    static char list[1024];
    options->cors.origins = options->cors_origins;
    if (strcmp(text, "none") == 0) {
        options->cors.kind = CORS_OFF;
    } else if (strcmp(text, "*") == 0) {
        options->cors.kind = CORS_ANY;
    } else if (strcmp(text, "reflect") == 0) {
        options->cors.kind = CORS_REFLECT;
    } else {
        size_t count = 0;
        snprintf(list, sizeof list, "%s", text);
        for (char *at = list; at != NULL && count < CORS_ORIGINS_MAX;) {
            char *comma = strchr(at, ',');
            options->cors_origins[count++] = at;
            if (comma != NULL) {
                *comma++ = 0;
            }
            at = comma;
        }
        options->cors.kind = count > 1 ? CORS_LISTED : CORS_FIXED;
    }
    return true;
}

static bool read_max_age(struct suite_options *options, const char *text)
{
    uint64_t value;
    options->cors.has_max_age = bytes_to_uint64(bytes_text(text), NUMBER_MAX, &value);
    options->cors.max_age_s = (uint32_t)value;
    return options->cors.has_max_age;
}

static bool read_cors_status(struct suite_options *options, const char *text)
{
    uint64_t value = 0;
    bool is_read = bytes_to_uint64(bytes_text(text), 599, &value);
    options->cors.success_status = (int)value;
    return is_read;
}

static bool read_cookie(struct suite_options *options, const char *text)
{
    options->engine.cookie = engineio_cookie_default();
    options->engine.cookie.name = text;
    return true;
}

static bool read_cookie_path(struct suite_options *options, const char *text)
{
    options->engine.cookie.path = strcmp(text, "none") == 0 ? NULL : text;
    return true;
}

static bool read_cookie_age(struct suite_options *options, const char *text)
{
    uint64_t value = 0;
    options->engine.cookie.has_max_age = bytes_to_uint64(bytes_text(text), NUMBER_MAX, &value);
    options->engine.cookie.max_age_s = (int64_t)value;
    return options->engine.cookie.has_max_age;
}

static bool read_initial_packet(struct suite_options *options, const char *text)
{
    options->engine.initial_packet = bytes_text(text);
    return true;
}

static bool read_admin_mode(struct suite_options *options, const char *text)
{
    options->admin.is_production = strcmp(text, "production") == 0;
    return true;
}

static bool ignore(struct suite_options *options, const char *text)
{
    (void)options, (void)text;
    return true;
}

#define ROW(name, kind, member)                                  \
    {                                                            \
        name, kind, offsetof(struct suite_options, member), NULL \
    }
#define READ(name, function)        \
    {                               \
        name, ROW_READ, 0, function \
    }

static const struct row ROWS[] = {
    READ("profile", ignore), // read before the others: it brings their defaults
    ROW("port", ROW_INT64, port),
    ROW("eio3", ROW_FLAG, socketio.allow_eio3),
    ROW("msgpack", ROW_FLAG, socketio.allow_msgpack),
    ROW("ping-interval-ms", ROW_INT64, socketio.ping_interval_ms),
    ROW("ping-timeout-ms", ROW_INT64, socketio.ping_timeout_ms),
    ROW("upgrade-timeout-ms", ROW_INT64, socketio.upgrade_timeout_ms),
    ROW("connect-timeout-ms", ROW_INT64, socketio.connect_timeout_ms),
    ROW("max-payload", ROW_SIZE, socketio.max_payload),
    ROW("namespaces", ROW_SIZE, socketio.namespaces_max),
    ROW("pending-bytes", ROW_SIZE, socketio.pending_bytes_max),
    ROW("ring-events", ROW_SIZE, socketio.room_ring_events),
    ROW("recovery-ms", ROW_INT64, socketio.recovery_ms),
    ROW("recovery-events", ROW_SIZE, socketio.recovery_events_max),
    ROW("recovery-sessions", ROW_SIZE, socketio.recovery_sessions_max),
    ROW("no-websocket", ROW_FLAG_OFF, socketio.allow_websocket),
    ROW("no-polling", ROW_FLAG_OFF, socketio.allow_polling),
    ROW("no-upgrades", ROW_FLAG_OFF, socketio.allow_upgrades),
    ROW("handshakes-per-second", ROW_UINT32, engine.handshakes_per_second),
    ROW("handshakes-burst", ROW_UINT32, engine.handshakes_burst),
    ROW("admission-wait-ms", ROW_INT64, engine.admission_wait_max_ms),
    ROW("sessions-per-address", ROW_SIZE, engine.sessions_per_address_max),
    ROW("connections-per-address", ROW_SIZE, web.connections_per_address_max),
    READ("initial-packet", read_initial_packet),
    READ("cookie", read_cookie),
    READ("cookie-path", read_cookie_path),
    READ("cookie-max-age-s", read_cookie_age),
    READ("cors", read_cors),
    READ("cors-origin", read_cors),
    ROW("cors-credentials", ROW_FLAG, cors.allows_credentials),
    READ("cors-max-age-s", read_max_age),
    ROW("cors-expose", ROW_TEXT, cors.exposed_headers),
    ROW("cors-methods", ROW_TEXT, cors.methods),
    ROW("cors-headers", ROW_TEXT, cors.allowed_headers),
    READ("cors-status", read_cors_status),
    ROW("ws-origin", ROW_FLAG, web.checks_ws_origin),
    ROW("request-timeout-ms", ROW_INT64, web.request_timeout_ms),
    ROW("unfinished-bytes", ROW_SIZE, web.unfinished_max),
    ROW("permessage-deflate", ROW_FLAG, web.deflate.is_on),
    ROW("http-compression", ROW_FLAG, web.compresses_polls),
    ROW("no-http-compression", ROW_FLAG_OFF, web.compresses_polls),
    ROW("no-slash", ROW_FLAG, web.takes_bare_paths),
    ROW("no-client", ROW_FLAG, web.hides_bundle),
    ROW("trust-forwarded", ROW_FLAG, web.trust_forwarded),
    ROW("certificate-file", ROW_TEXT, web.certificate_file),
    ROW("key-file", ROW_TEXT, web.key_file),
    ROW("bundle", ROW_TEXT, bundle_dir),
    ROW("hooks", ROW_FLAG, has_hooks),
    ROW("admin-user", ROW_TEXT, admin.user),
    ROW("admin-hash", ROW_TEXT, admin.hash),
    READ("admin-mode", read_admin_mode),
    ROW("admin-readonly", ROW_FLAG, admin.is_readonly),
};
enum { ROWS_COUNT = sizeof ROWS / sizeof ROWS[0] };

static bool take(const struct row *row, const char *text, struct suite_options *options)
{
    void *member = (char *)options + row->offset;
    uint64_t number = 0;
    bool is_number = text != NULL && bytes_to_uint64(bytes_text(text), NUMBER_MAX, &number);
    switch (row->kind) {
    case ROW_FLAG:
        *(bool *)member = true;
        return true;
    case ROW_FLAG_OFF:
        *(bool *)member = false;
        return true;
    case ROW_INT64:
        *(int64_t *)member = (int64_t)number;
        return is_number;
    case ROW_SIZE:
        *(size_t *)member = (size_t)number;
        return is_number;
    case ROW_UINT32:
        *(uint32_t *)member = (uint32_t)number;
        return is_number;
    case ROW_TEXT:
        *(const char **)member = text;
        return true;
    case ROW_READ:
        return row->read(options, text);
    }
    return false;
}

static const struct profile *find_profile(int argc, char **argv)
{
    static const struct profile *const all[] = {&PROFILE_ENGINEIO, &PROFILE_ENGINEIO_CLIENT,
                                                &PROFILE_SOCKETIO, &PROFILE_SOCKETIO_CLIENT,
                                                &PROFILE_LAB};
    const char *name = "";
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--profile=", 10) == 0) {
            name = argv[i] + 10;
        } else if (strcmp(argv[i], "--profile") == 0 && i + 1 < argc) {
            name = argv[i + 1];
        }
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(name, all[i]->name) == 0) {
            return all[i];
        }
    }
    return NULL;
}

static void set_defaults(struct suite_options *options, const struct profile *profile)
{
    *options = (struct suite_options){
        .profile = profile,
        .port = profile->port,
        .socketio = socketio_config_default(),
        .web = {.request_timeout_ms = 20000, .compresses_polls = true},
        .bundle_dir = LOTCAST_CONFORMANCE_BUNDLE,
    };
    options->socketio.ping_interval_ms = profile->ping_interval_ms;
    options->socketio.recovery_ms = profile->recovery_ms;
    if (profile->ping_timeout_ms > 0) {
        options->socketio.ping_timeout_ms = profile->ping_timeout_ms;
    }
    if (profile->connect_timeout_ms > 0) {
        options->socketio.connect_timeout_ms = profile->connect_timeout_ms;
    }
    if (profile->max_payload > 0) {
        options->socketio.max_payload = profile->max_payload;
    }
    (void)read_cors(options, profile->cors);
}

static void show_usage(void)
{
    fputs(
        "usage: conformance_server --profile engineio|engineio-client|socketio|socketio-client|lab"
        " [--port N]",
        stderr);
    for (size_t i = 2; i < ROWS_COUNT; i++) {
        bool is_flag = ROWS[i].kind == ROW_FLAG || ROWS[i].kind == ROW_FLAG_OFF;
        fprintf(stderr, " [--%s%s]", ROWS[i].name, is_flag ? "" : " VALUE");
    }
    fputs("\n", stderr);
}

bool suite_options_read(int argc, char **argv, struct suite_options *out_options)
{
    const struct profile *profile = find_profile(argc, argv);
    struct option named[ROWS_COUNT + 1] = {{NULL, 0, NULL, 0}};
    int key;
    if (profile == NULL) {
        show_usage();
        return false;
    }
    set_defaults(out_options, profile);
    for (int i = 0; i < ROWS_COUNT; i++) {
        bool is_flag = ROWS[i].kind == ROW_FLAG || ROWS[i].kind == ROW_FLAG_OFF;
        named[i] = (struct option){ROWS[i].name, is_flag ? no_argument : required_argument, NULL,
                                   KEY_FIRST + i};
    }
    while ((key = getopt_long(argc, argv, "", named, NULL)) != -1) {
        if (key < KEY_FIRST || !take(&ROWS[key - KEY_FIRST], optarg, out_options)) {
            show_usage();
            return false;
        }
    }
    out_options->cors.origins = out_options->cors_origins;
    return optind == argc;
}
