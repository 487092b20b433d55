#include "bridge/app/viewer_connect.h"

#include "bridge/app/viewer_restore.h"

struct viewer *viewer_create(struct auction_app *app, struct socketio_socket_id socket,
                             const struct identity *identity, bool is_plain)
{
    struct viewer *viewer = app->viewers_count < VIEWERS_MAX ? calloc(1, sizeof *viewer) : NULL;
    if (viewer != NULL) {
        viewer->socket = socket;
        viewer->identity = *identity;
        viewer->is_plain = is_plain;
        viewer->since_ms = app_common_ms(app);
        app->viewers_count++;
        socketio_socket_set_data(app->server, socket, viewer);
    }
    return viewer;
}

void viewer_destroy(struct auction_app *app, struct viewer *viewer)
{
    socketio_socket_set_data(app->server, viewer->socket, NULL);
    free(viewer);
    app->viewers_count--;
}

static void refuse(struct auction_app *app, struct socketio_socket_id socket, enum error_code code)
{
    char error[256];
    snprintf(error, sizeof error, "{\"message\":\"%s\",\"data\":{\"code\":\"%s\"}}",
             error_code_message(code), error_code_name(code));
    socketio_refuse(app->server, socket, bytes_text(error));
    app->has_output = true;
}

void viewer_accept_new(struct auction_app *app, struct socketio_socket_id socket,
                       const struct identity *identity, bool is_plain)
{
    bool is_full = app->viewers_count == VIEWERS_MAX;
    if (viewer_create(app, socket, identity, is_plain) == NULL) {
        refuse(app, socket, is_full ? ERROR_TOO_MANY : ERROR_INTERNAL);
        return;
    }
    socketio_accept(app->server, socket);
    app->has_output = true;
}

// Who connects, by its `auth` and its handshake.
struct caller {
    struct identity identity; // anonymous without a token
    bool is_plain;            // knows no recovery, or wants none
};

static bool is_old(struct bytes query)
{
    struct bytes version;
    return !http_query_value(query, "EIO", &version) || !bytes_equal_text(version, "4");
}

// Clients of Socket.IO 1.x and 2.x have no `auth`: their token stands in the handshake's query.
static bool find_query_token(struct bytes query, struct bytes *out_token)
{
    return is_old(query) && http_query_value(query, "token", out_token);
}

// Whom `auth` proves, or has proved until its token expired.
static enum error_code authenticate(struct auction_app *app, struct bytes auth, struct bytes query,
                                    struct caller *out_caller)
{
    bool wants_recovery = true;
    struct json *document = NULL;
    struct bytes token;
    enum error_code code = ERROR_NONE;
    struct identity identity = identity_anonymous();
    if (auth.size > 0 && json_parse(auth, &document) != LC_OK) {
        return ERROR_UNAUTHENTICATED;
    }
    const struct json *member = json_member(document, "token");
    if (json_to_text(member, &token) || (member == NULL && find_query_token(query, &token))) {
        code = app->outside->token_read(app->outside->context, token, app_wall_s(app), &identity);
    } else if (member != NULL && !json_is_null(member)) {
        code = ERROR_UNAUTHENTICATED;
    }
    bool has_said = json_to_bool(json_member(document, "recovery"), &wants_recovery);
    json_destroy(document);
    *out_caller = (struct caller){.identity = identity,
                                  .is_plain = is_old(query) || (has_said && !wants_recovery)};
    return code;
}

static bool is_our_namespace(struct auction_app *app, struct socketio_socket_id socket,
                             struct bytes name)
{
    if (bytes_equal_text(name, "/")) {
        return true;
    }
    socketio_refuse(app->server, socket, bytes_text("{\"message\":\"Invalid namespace\"}"));
    return false;
}

void viewer_connect(struct auction_app *app, struct socketio_socket_id socket,
                    struct bytes namespace_name, struct bytes auth,
                    const struct socketio_handshake *handshake)
{
    struct caller caller;
    if (!is_our_namespace(app, socket, namespace_name)) {
        return;
    }
    enum error_code code = authenticate(app, auth, handshake->query, &caller);
    if (code == ERROR_NONE) {
        viewer_accept_new(app, socket, &caller.identity, caller.is_plain);
    } else {
        refuse(app, socket, code);
    }
}

void viewer_connect_again(struct auction_app *app, struct socketio_socket_id socket,
                          struct bytes namespace_name, struct bytes auth, struct bytes pid,
                          struct bytes offset, const struct socketio_handshake *handshake)
{
    struct caller caller;
    struct event_offset at;
    struct pid_token token;
    if (!is_our_namespace(app, socket, namespace_name)) {
        return;
    }
    // The pid says which session, not who comes: that the token proves again. One that has expired
    // since still views.
    enum error_code code = authenticate(app, auth, handshake->query, &caller);
    bool is_his = (code == ERROR_NONE || code == ERROR_TOKEN_EXPIRED) &&
                  pid_token_read(app->outside, pid, &token) &&
                  identity_is_same(&token.identity, &caller.identity);
    if (is_his) {
        token.identity = caller.identity; // of now: a new token may last longer
    }
    if (is_his && !caller.is_plain && event_offset_read(offset, &at) &&
        viewer_restore_begin(app, socket, &token, &at)) {
        return;
    }
    app->metrics.sessions_not_recovered++;
    if (code == ERROR_NONE) {
        viewer_accept_new(app, socket, &caller.identity, caller.is_plain);
    } else {
        refuse(app, socket, code);
    }
}
