#include "bridge/admin/admin.h"

#include <stdio.h>
#include <stdlib.h>

#include "bridge/admin/admin_state.h"
#include "lib/json/json_read.h"

int64_t admin_now_ms(const struct admin *admin)
{
    return admin->env.boot_ms(admin->env.context);
}

int64_t admin_wall_ms(const struct admin *admin)
{
    return admin->env.wall_ms(admin->env.context);
}

bool admin_owns(const struct admin *admin, struct socketio_socket_id socket)
{
    return bytes_equal_text(socketio_socket_namespace(admin->server, socket),
                            admin->namespace_name);
}

static void refuse(struct admin *admin, struct socketio_socket_id socket, const char *message)
{
    char text[64];
    int size = snprintf(text, sizeof text, "{\"message\":\"%s\"}", message);
    socketio_refuse(admin->server, socket, bytes_of(text, (size_t)size));
}

// ---- the second's work ----

// The counting begins with the first watcher.
static void counting_begin(struct admin *admin)
{
    struct socketio_counts counts;
    int64_t now_ms = admin_now_ms(admin);
    int64_t into_second_ms =
        (admin_wall_ms(admin) % ADMIN_SAMPLE_MS + ADMIN_SAMPLE_MS) % ADMIN_SAMPLE_MS;
    socketio_server_counts(admin->server, &counts);
    admin_stats_begin(&admin->stats, &counts);
    admin_watch_begin(admin);
    admin->sampled_utc_ms = admin_wall_ms(admin) - into_second_ms;
    admin->sample_at_ms = now_ms + ADMIN_SAMPLE_MS - into_second_ms;
    admin->stats_at_ms = now_ms + ADMIN_STATS_MS;
    admin->refresh_at_ms = now_ms;
}

int64_t admin_deadline_ms(const struct admin *admin)
{
    if (admin->watchers_count == 0) {
        return INT64_MAX;
    }
    return admin->sample_at_ms < admin->stats_at_ms ? admin->sample_at_ms : admin->stats_at_ms;
}

static void sample(struct admin *admin, int64_t now_ms)
{
    struct socketio_counts counts;
    int64_t wall_ms = admin_wall_ms(admin);
    int64_t into_second_ms = (wall_ms % ADMIN_SAMPLE_MS + ADMIN_SAMPLE_MS) % ADMIN_SAMPLE_MS;
    socketio_server_counts(admin->server, &counts);
    admin_stats_sample(&admin->stats, &counts, admin->sampled_utc_ms);
    admin->sampled_utc_ms = wall_ms - into_second_ms;
    admin->sample_at_ms = now_ms + ADMIN_SAMPLE_MS - into_second_ms;
    admin_watch_refill(admin);
    if (admin->is_stale && now_ms >= admin->refresh_at_ms) {
        admin->is_stale = false;
        admin->refresh_at_ms = now_ms + ADMIN_STALE_MS;
        for (size_t i = 0; i < admin->watchers_count; i++) {
            admin_view_send_all(admin, admin->watchers[i]);
        }
    }
}

void admin_tick(struct admin *admin)
{
    int64_t now_ms = admin_now_ms(admin);
    if (admin->watchers_count == 0) {
        return;
    }
    if (now_ms >= admin->sample_at_ms) {
        sample(admin, now_ms);
    }
    if (now_ms >= admin->stats_at_ms) {
        admin->stats_at_ms = now_ms + ADMIN_STATS_MS;
        admin_view_send_stats(admin);
    }
}

// ---- who comes in ----

static void send_session(struct admin *admin, struct socketio_socket_id socket, const char *id)
{
    char text[ADMIN_SESSION_SIZE + 3];
    int size = snprintf(text, sizeof text, "\"%s\"", id);
    socketio_emit(admin->server, socket, bytes_text("session"), bytes_of(text, (size_t)size));
}

static void watch(struct admin *admin, struct socketio_socket_id socket)
{
    if (admin->watchers_count == 0) {
        counting_begin(admin);
    }
    admin->watchers[admin->watchers_count++] = socket;
}

static void show(struct admin *admin, struct socketio_socket_id socket)
{
    admin_view_send_config(admin, socket);
    if (!admin->config.is_production) {
        admin_view_send_all(admin, socket);
    }
}

// `session`: the one that this login began; NULL: it came with one.
static void let_in(struct admin *admin, struct socketio_socket_id socket, const char *session)
{
    if (admin->watchers_count == ADMIN_SOCKETS_MAX) {
        refuse(admin, socket, "too many admins");
        return;
    }
    if (session != NULL) {
        send_session(admin, socket, session);
    }
    if (socketio_room_join(admin->server, socket, bytes_text(ADMIN_ROOM)) != LC_OK) {
        refuse(admin, socket, "out of memory");
        return;
    }
    watch(admin, socket);
    socketio_accept(admin->server, socket);
    if (session != NULL) {
        send_session(admin, socket, session); // see the header
    }
    show(admin, socket);
}

// The password is checked for a wrong user too: the time of the answer tells nothing.
static void begin_check(struct admin *admin, struct socketio_socket_id socket, struct bytes address,
                        bool user_is_right, struct bytes password)
{
    struct admin_check *check = NULL;
    for (size_t i = 0; i < ADMIN_CHECKS_PENDING_MAX; i++) {
        if (admin->checks[i].ticket == 0) {
            check = &admin->checks[i];
        }
    }
    if (check == NULL || !admin_login_may_try(&admin->login, address, admin_now_ms(admin))) {
        refuse(admin, socket, "too many attempts");
        return;
    }
    *check = (struct admin_check){++admin->last_ticket, socket, user_is_right};
    if (!admin->env.check_password(admin->env.context, check->ticket, password)) {
        check->ticket = 0;
        refuse(admin, socket, "too many attempts");
    }
}

void admin_password_checked(struct admin *admin, uint64_t ticket, bool is_right)
{
    struct admin_check check = {0, {0}, false};
    for (size_t i = 0; i < ADMIN_CHECKS_PENDING_MAX && ticket != 0; i++) {
        if (admin->checks[i].ticket == ticket) {
            check = admin->checks[i];
            admin->checks[i].ticket = 0;
        }
    }
    if (check.ticket == 0 || socketio_socket_namespace(admin->server, check.socket).size == 0) {
        return; // the client did not wait
    }
    if (!is_right || !check.user_is_right) {
        refuse(admin, check.socket, "invalid credentials");
        return;
    }
    uint8_t random[ADMIN_SESSION_SIZE / 2];
    admin->env.random(admin->env.context, random, sizeof random);
    let_in(admin, check.socket, admin_login_begin(&admin->login, random, admin_now_ms(admin)));
}

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes namespace_name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)namespace_name;
    struct admin *admin = app;
    struct json *document = NULL;
    struct bytes session = bytes_text("");
    struct bytes user;
    struct bytes password;
    if (auth.size > 0 && json_parse(auth, &document) != LC_OK) {
        document = NULL;
    }
    if (json_to_text(json_member(document, "sessionId"), &session) &&
        admin_login_knows(&admin->login, session, admin_now_ms(admin))) {
        let_in(admin, socket, NULL);
    } else if (json_to_text(json_member(document, "username"), &user) &&
               json_to_text(json_member(document, "password"), &password) && password.size > 0 &&
               password.size <= ADMIN_PASSWORD_SIZE_MAX) {
        begin_check(admin, socket, handshake->address,
                    bytes_equal_secret(user, bytes_text(admin->user)), password);
    } else {
        refuse(admin, socket, "invalid credentials");
    }
    json_destroy(document);
}

static void on_event(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    (void)socket;
    admin_command(app, event);
}

static void forget(struct admin *admin, struct socketio_socket_id socket)
{
    for (size_t i = 0; i < admin->watchers_count; i++) {
        if (admin->watchers[i].value == socket.value) {
            admin->watchers[i] = admin->watchers[--admin->watchers_count];
            break;
        }
    }
    if (admin->watchers_count == 0) {
        admin_watch_end(admin);
    }
}

static void on_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    (void)reason;
    forget(app, socket);
}

static void on_lagged(void *app, struct socketio_socket_id socket)
{
    struct admin *admin = app;
    if (!admin->config.is_production) {
        admin_view_send_all(admin, socket);
    }
}

// ---- between nodes ----

// Who was let in at one node is at the other, and sees that one's sockets from then on.
static bool on_export(void *app, struct socketio_socket_id socket, struct bytes node,
                      struct buffer *out_state)
{
    (void)app, (void)socket, (void)node, (void)out_state;
    return true;
}

static void on_moved(void *app, struct socketio_socket_id socket)
{
    forget(app, socket);
}

static bool on_import(void *app, struct socketio_socket_id socket, struct bytes namespace_name,
                      struct bytes state, const struct socketio_handshake *handshake)
{
    (void)namespace_name, (void)state, (void)handshake;
    struct admin *admin = app;
    if (admin->watchers_count == ADMIN_SOCKETS_MAX ||
        socketio_room_join(admin->server, socket, bytes_text(ADMIN_ROOM)) != LC_OK) {
        return false;
    }
    watch(admin, socket);
    show(admin, socket);
    return true;
}

// ---- beginning and end ----

static bool keep_text(char *to, const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text);
    if (size == 0 || size > ADMIN_NAME_SIZE_MAX) {
        return false;
    }
    memcpy(to, text, size + 1);
    return true;
}

enum lc_status admin_create(const struct admin_config *config, const struct admin_env *env,
                            struct socketio_server *server, struct admin **out_admin)
{
    static const struct socketio_app_ops ops = {.on_connect = on_connect,
                                                .on_event = on_event,
                                                .on_disconnect = on_disconnect,
                                                .on_lagged = on_lagged,
                                                .on_export = on_export,
                                                .on_moved = on_moved,
                                                .on_import = on_import,
                                                .never_recovers = true};
    struct admin *admin = calloc(1, sizeof *admin);
    if (admin == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    enum lc_status status = LC_ERR_BAD_INPUT;
    buffer_init(&admin->text, ADMIN_NOTICE_SIZE_MAX);
    admin->config = *config;
    admin->env = *env;
    admin->server = server;
    if (!keep_text(admin->namespace_name,
                   config->namespace_name == NULL ? "/admin" : config->namespace_name) ||
        !keep_text(admin->user, config->user) || !keep_text(admin->host, config->host) ||
        !keep_text(admin->server_id,
                   config->server_id == NULL ? config->host : config->server_id)) {
        goto cleanup;
    }
    status = socketio_namespace_add(server, bytes_text(admin->namespace_name), &ops, admin);
    if (status != LC_OK) {
        goto cleanup;
    }
    admin->started_ms = admin_now_ms(admin);
    *out_admin = admin;
    return LC_OK;
cleanup:
    admin_destroy(admin);
    return status;
}

void admin_destroy(struct admin *admin)
{
    if (admin == NULL) {
        return;
    }
    buffer_release(&admin->text);
    free(admin);
}
