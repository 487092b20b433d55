#include <inttypes.h>

#include "bridge/io/digest.h"
#include "bridge/program.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"
#include "lib/os/os_log.h"

enum { FILE_HEADERS_SIZE = 1024 };

// The pages run their own scripts only; a lot's picture may come from anywhere. `ws:` is for
// browsers in which 'self' does not stand for a WebSocket to the same host.
static const char PAGE_HEADERS[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' http: https:; connect-src 'self' ws: wss:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'\r\n"
    "X-Frame-Options: DENY\r\n";

static int64_t boot_ms(void *context)
{
    (void)context;
    return os_clock_boot_ms();
}

static int64_t wall_ms(void *context)
{
    (void)context;
    return os_clock_wall_ms();
}

static void random_bytes(void *context, uint8_t *data, size_t size)
{
    (void)context;
    os_random(data, size);
}

static void log_line(void *context, enum outside_level level, const char *line)
{
    static const enum os_log_level levels[] = {[OUTSIDE_DEBUG] = OS_LOG_DEBUG,
                                               [OUTSIDE_INFO] = OS_LOG_INFO,
                                               [OUTSIDE_WARNING] = OS_LOG_WARNING};
    struct program *program = context;
    check_log_line(&program->check_log, levels[level], line);
}

static enum lc_status publish(void *context, const struct topic *topic, struct bytes payload,
                              int qos, bool retain)
{
    struct program *program = context;
    return bus_publish(program->bus, topic, payload, qos, retain);
}

static enum lc_status subscribe(void *context, const char *pattern, int qos)
{
    struct program *program = context;
    return bus_subscribe(program->bus, pattern, qos);
}

static enum lc_status unsubscribe(void *context, const char *pattern)
{
    struct program *program = context;
    return bus_unsubscribe(program->bus, pattern);
}

static enum error_code read_token(void *context, struct bytes token, int64_t now_s,
                                  struct identity *out_identity)
{
    const struct program *program = context;
    return token_read(program->keys, token, now_s, out_identity);
}

static enum lc_status make_token(void *context, const struct identity *identity, int64_t now_s,
                                 struct buffer *out)
{
    const struct program *program = context;
    return token_make(program->keys, identity, now_s, out);
}

static void sha256_hex(void *context, struct bytes bytes, char out_hex[65])
{
    (void)context;
    digest_sha256_hex(bytes, out_hex);
}

void program_respond(void *context, uint64_t exchange, const struct http_response *response)
{
    struct program *program = context;
    char headers[FILE_HEADERS_SIZE + 64];
    snprintf(headers, sizeof headers, "X-Content-Type-Options: nosniff\r\n%s",
             response->headers == NULL ? "" : response->headers);
    web_respond(program->web, (struct web_exchange_id){exchange},
                &(struct web_response){.status = response->status,
                                       .content_type = response->content_type,
                                       .body = response->body,
                                       .headers = headers});
}

static void answer_readiness(void *context, uint64_t exchange)
{
    struct program *program = context;
    readiness_ask(program->readiness, exchange);
}

static enum error_code serve_file(void *context, const struct http_request *request)
{
    struct program *program = context;
    struct static_file file;
    struct buffer headers;
    enum error_code code =
        static_files_find(program->files, request->path, request->accept_encoding, &file);
    if (code != ERROR_NONE) {
        return code;
    }
    buffer_init(&headers, FILE_HEADERS_SIZE);
    static_file_append_headers(&file, &headers);
    buffer_append_text(&headers, "Referrer-Policy: no-referrer\r\n");
    buffer_append_text(&headers, file.is_page ? PAGE_HEADERS : "");
    bool is_known = static_file_is_known(&file, request->if_none_match);
    program_respond(program, request->exchange,
                    &(struct http_response){.status = is_known ? 304 : 200,
                                            .content_type = is_known ? NULL : file.content_type,
                                            .body = is_known ? (struct bytes){NULL, 0} : file.body,
                                            .headers = buffer_text(&headers)});
    buffer_release(&headers);
    return ERROR_NONE;
}

static void sign(void *context, struct bytes bytes, uint8_t out_mac[32])
{
    const struct program *program = context;
    token_keys_sign(program->keys, TOKEN_PURPOSE_PID, bytes, out_mac);
}

static bool verify(void *context, struct bytes bytes, const uint8_t mac[32])
{
    const struct program *program = context;
    return token_keys_verify(program->keys, TOKEN_PURPOSE_PID, bytes, mac);
}

static void write_connections(const struct program *program, struct buffer *out)
{
    struct web_server_counts counts;
    web_server_read_counts(program->web, &counts);
    buffer_append_format(
        out,
        "# HELP lotcast_bridge_connections TCP connections\n"
        "# TYPE lotcast_bridge_connections gauge\nlotcast_bridge_connections %" PRIu64 "\n"
        "# HELP lotcast_bridge_connections_blocked Of which a rest waits to be taken\n"
        "# TYPE lotcast_bridge_connections_blocked gauge\n"
        "lotcast_bridge_connections_blocked %" PRIu64 "\n"
        "# HELP lotcast_bridge_blocked_bytes What waits for them, TLS left out\n"
        "# TYPE lotcast_bridge_blocked_bytes gauge\nlotcast_bridge_blocked_bytes %" PRIu64 "\n"
        "# HELP lotcast_bridge_slow_closed_total Closed: took nothing for a ping's interval\n"
        "# TYPE lotcast_bridge_slow_closed_total counter\n"
        "lotcast_bridge_slow_closed_total %" PRIu64 "\n",
        counts.connections, counts.blocked, counts.blocked_bytes, counts.slow_closed_total);
}

static void write_metrics(void *context, struct buffer *out)
{
    const struct program *program = context;
    buffer_append_format(
        out,
        "# HELP lotcast_bridge_broker_lag_seconds How late the broker's messages are\n"
        "# TYPE lotcast_bridge_broker_lag_seconds gauge\n"
        "lotcast_bridge_broker_lag_seconds %.3f\n"
        "# HELP lotcast_bridge_broker_late_total Times they were too late to be live\n"
        "# TYPE lotcast_bridge_broker_late_total counter\n"
        "lotcast_bridge_broker_late_total %" PRIu64 "\n",
        (double)bus_lag_ms(program->bus) / 1000, bus_late_total(program->bus));
    write_connections(program, out);
    cluster_write_metrics(program, out);
    drain_write_metrics(program, out);
}

struct outside program_outside(struct program *program)
{
    return (struct outside){.context = program,
                            .boot_ms = boot_ms,
                            .wall_ms = wall_ms,
                            .random = random_bytes,
                            .log = log_line,
                            .publish = publish,
                            .subscribe = subscribe,
                            .unsubscribe = unsubscribe,
                            .token_read = read_token,
                            .token_make = make_token,
                            .sha256_hex = sha256_hex,
                            .send_note = cluster_send_note,
                            .bridge_seen = cluster_bridge_seen,
                            .bridge_died = cluster_bridge_died,
                            .sign = sign,
                            .verify = verify,
                            .respond = program_respond,
                            .answer_readiness = answer_readiness,
                            .serve_file = serve_file,
                            .write_metrics = write_metrics};
}
