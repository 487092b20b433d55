// Profile `lab`: the profile `socketio`, and events for our own tests. reference/lab.mjs is the same
// for the reference server; arguments that are lists are texts with commas.
#include <stdio.h>
#include <stdlib.h>

#include "lib/json/json_write.h"
#include "tests/conformance/suite.h"

enum { ROOMS_MAX = 16, SIDS_MAX = 4096, SHORT_SID = 6 };

struct person { // of a socket
    struct buffer value;
    struct buffer auth;
};

struct question { // who asked, and waits
    struct suite *suite;
    struct socketio_socket_id socket;
    int64_t ack_id;
};

// ---- arrival and departure ----

static struct person *person_of(struct suite *suite, struct socketio_socket_id socket)
{
    return socketio_socket_data(suite->socketio, socket);
}

static void person_destroy(struct person *person)
{
    if (person != NULL) {
        buffer_release(&person->value);
        buffer_release(&person->auth);
        free(person);
    }
}

static void greet(struct suite *suite, struct socketio_socket_id socket)
{
    struct person *person = person_of(suite, socket);
    struct bytes name = socketio_socket_namespace(suite->socketio, socket);
    if (person != NULL && !bytes_equal_text(name, "/lab-silent")) {
        socketio_profile_greet(suite, socket, buffer_bytes(&person->auth));
    }
}

// A socket that is gone takes nothing.
static void person_enter(struct suite *suite, struct socketio_socket_id socket,
                         struct person *person)
{
    socketio_accept(suite->socketio, socket);
    if (socketio_socket_is_open(suite->socketio, socket)) {
        socketio_socket_set_data(suite->socketio, socket, person);
        greet(suite, socket);
    } else {
        person_destroy(person);
    }
}

static void enter_later(struct suite *suite, uint64_t socket, uint64_t person)
{
    person_enter(suite, (struct socketio_socket_id){socket}, (struct person *)(uintptr_t)person);
}

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)handshake;
    struct suite *suite = app;
    struct socketio_server *server = suite->socketio;
    if (bytes_equal_text(name, "/lab-pending")) {
        return; // never answered
    }
    if (bytes_equal_text(name, "/lab-deny")) {
        socketio_refuse(server, socket,
                        bytes_text("{\"message\":\"denied\",\"data\":{\"code\":7}}"));
        return;
    }
    if (bytes_equal_text(name, "/lab-deny-plain")) {
        socketio_refuse(server, socket, bytes_text("{\"message\":\"denied\"}"));
        return;
    }
    struct person *person = calloc(1, sizeof *person);
    if (person == NULL) {
        abort();
    }
    buffer_init(&person->value, TEXT_MAX);
    buffer_init(&person->auth, TEXT_MAX);
    buffer_append(&person->auth, auth);
    if (bytes_equal_text(name, "/lab-early")) {
        socketio_emit(server, socket, bytes_text("early"), bytes_text("1"));
    }
    if (bytes_equal_text(name, "/lab-slow")) {
        (void)!socketio_room_join(server, socket, bytes_text("slow"));
        suite_later(suite, 50, enter_later, socket.value, (uint64_t)(uintptr_t)person);
        return;
    }
    person_enter(suite, socket, person);
}

static void on_recovered(void *app, struct socketio_socket_id socket, struct bytes name,
                         struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)name, (void)auth, (void)handshake;
    greet(app, socket);
}

static void count_room(void *context, struct bytes room)
{
    (void)room;
    (*(size_t *)context)++;
}

static void tell(struct suite *suite, struct socketio_socket_id socket, const char *what,
                 enum socketio_reason reason)
{
    struct bytes sid = socketio_socket_sid(suite->socketio, socket);
    size_t rooms = 0;
    socketio_socket_rooms_visit(suite->socketio, socket, count_room, &rooms);
    fprintf(stderr, "%.*s %s: %s, %zu rooms\n", (int)(sid.size < SHORT_SID ? sid.size : SHORT_SID),
            (const char *)sid.data, what, socketio_reason_name(reason), rooms);
}

static void on_disconnecting(void *app, struct socketio_socket_id socket,
                             enum socketio_reason reason)
{
    tell(app, socket, "disconnecting", reason);
}

static void on_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    struct suite *suite = app;
    tell(suite, socket, "disconnected", reason);
    if (!socketio_socket_is_kept(suite->socketio, socket)) {
        person_destroy(person_of(suite, socket));
    }
}

static void on_data_dropped(void *app, void *data)
{
    (void)app;
    person_destroy(data);
}

// ---- rooms ----

static void add_room(void *context, struct bytes room)
{
    struct buffer *text = context;
    buffer_append_byte(text, ',');
    json_quote(text, room);
}

static bool on_room_question(struct suite *suite, struct socketio_socket_id socket,
                             const struct socketio_event *event)
{
    struct socketio_server *server = suite->socketio;
    struct bytes room = json_content(event_argument(event, 0));
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    if (event_is(event, "join")) {
        bool joined = socketio_room_join(server, socket, room) == LC_OK;
        buffer_append_text(&text, joined ? "true" : "false");
    } else if (event_is(event, "leave")) {
        socketio_room_leave(server, socket, room);
        buffer_append_text(&text, "true");
    } else if (event_is(event, "size")) {
        struct bytes name = socketio_socket_namespace(server, socket);
        buffer_append_int64(&text, (int64_t)socketio_room_size(server, name, room));
    } else if (event_is(event, "rooms")) {
        buffer_append_byte(&text, '[');
        json_quote(&text, socketio_socket_sid(server, socket));
        socketio_socket_rooms_visit(server, socket, add_room, &text);
        buffer_append_byte(&text, ']');
    } else {
        return false;
    }
    socketio_ack(server, socket, event->ack_id, buffer_bytes(&text));
    buffer_release(&text);
    return true;
}

static bool on_room_event(struct suite *suite, struct socketio_socket_id socket,
                          const struct socketio_event *event)
{
    struct socketio_server *server = suite->socketio;
    struct bytes name = socketio_socket_namespace(server, socket);
    struct bytes room = json_content(event_argument(event, 0));
    struct bytes rest = event_arguments_from(event, 1);
    if (event_is(event, "to")) {
        socketio_room_emit(server, name, room, bytes_text("news"), rest, false);
    } else if (event_is(event, "tick")) {
        socketio_room_emit(server, name, room, bytes_text("tick"), rest, true);
    } else if (event_is(event, "kick")) {
        socketio_room_emit(server, name, room, bytes_text("last"), bytes_text("1"), false);
        socketio_disconnect(server, socket, false);
    } else if (event_is(event, "close")) {
        socketio_emit(server, socket, bytes_text("last"), bytes_text("1"));
        socketio_disconnect(server, socket, true);
    } else {
        return on_room_question(suite, socket, event);
    }
    return true;
}

// ---- targets ----

static size_t split(struct bytes list, struct bytes out_items[ROOMS_MAX])
{
    size_t count = 0;
    for (size_t begin = 0; begin < list.size && count < ROOMS_MAX;) {
        size_t end = bytes_find(list, ',', begin);
        if (end > begin) {
            out_items[count++] = bytes_of(list.data + begin, end - begin);
        }
        begin = end + 1;
    }
    return count;
}

struct lab_target {
    struct socketio_target target;
    struct bytes rooms[ROOMS_MAX];
    struct bytes except[ROOMS_MAX];
};

static void read_target(struct suite *suite, struct socketio_socket_id socket, struct bytes rooms,
                        struct bytes except, struct lab_target *out)
{
    out->target = (struct socketio_target){
        .namespace_name = socketio_socket_namespace(suite->socketio, socket),
        .rooms = out->rooms,
        .rooms_count = split(json_content(rooms), out->rooms),
        .except = out->except,
        .except_count = split(json_content(except), out->except),
    };
}

static bool has_flag(struct bytes flags, char flag)
{
    return bytes_find(flags, (uint8_t)flag, 0) < flags.size;
}

static void broadcast(struct suite *suite, struct socketio_socket_id socket,
                      const struct socketio_event *event)
{
    struct lab_target to;
    struct bytes flags = json_content(event_argument(event, 0));
    read_target(suite, socket, event_argument(event, 1), event_argument(event, 2), &to);
    if (has_flag(flags, 's')) {
        to.target.sender = socket;
    }
    struct socketio_emission emission = {
        .event = bytes_text("news"),
        .arguments = event_arguments_from(event, 3),
        .attachments = event->attachments,
        .attachments_count = event->attachments_count,
        .is_volatile = has_flag(flags, 'v'),
        .no_compress = has_flag(flags, 'n'),
    };
    (void)socketio_broadcast(suite->socketio, &to.target, &emission);
}

static struct question *question_of(struct suite *suite, struct socketio_socket_id socket,
                                    int64_t ack_id)
{
    struct question *question = malloc(sizeof *question);
    if (question == NULL) {
        abort();
    }
    *question = (struct question){suite, socket, ack_id};
    return question;
}

static void on_answers(void *context, const struct socketio_answers *answers)
{
    struct question *question = context;
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    buffer_append_text(&text, answers->timed_out ? "true," : "false,");
    buffer_append(&text, answers->answers);
    socketio_ack_binary(question->suite->socketio, question->socket, question->ack_id,
                        buffer_bytes(&text), answers->attachments, answers->attachments_count);
    buffer_release(&text);
    free(question);
}

static int64_t number_of(struct bytes json)
{
    uint64_t value = 0;
    (void)bytes_to_uint64(json_content(json), INT32_MAX, &value);
    return (int64_t)value;
}

static void broadcast_with_ack(struct suite *suite, struct socketio_socket_id socket,
                               const struct socketio_event *event)
{
    struct lab_target to;
    struct question *question = question_of(suite, socket, event->ack_id);
    read_target(suite, socket, event_argument(event, 1), event_argument(event, 2), &to);
    struct socketio_emission emission = {
        .event = bytes_text("question"),
        .arguments = event_arguments_from(event, 3),
        .attachments = event->attachments,
        .attachments_count = event->attachments_count,
    };
    if (!socketio_broadcast_with_ack(suite->socketio, &to.target, &emission,
                                     number_of(event_argument(event, 0)), on_answers, question)) {
        free(question);
    }
}

struct sid_list {
    struct suite *suite;
    size_t count;
    char (*sids)[ENGINEIO_SID_SIZE * 4];
};

static void add_sid(void *context, struct socketio_socket_id socket)
{
    struct sid_list *list = context;
    struct bytes sid = socketio_socket_sid(list->suite->socketio, socket);
    if (list->count < SIDS_MAX) {
        snprintf(list->sids[list->count++], sizeof list->sids[0], "%.*s", (int)sid.size,
                 (const char *)sid.data);
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void fetch(struct suite *suite, struct socketio_socket_id socket,
                  const struct socketio_event *event)
{
    struct lab_target to;
    struct sid_list list = {suite, 0, calloc(SIDS_MAX, sizeof *list.sids)};
    struct buffer text;
    if (list.sids == NULL) {
        abort();
    }
    read_target(suite, socket, event_argument(event, 0), event_argument(event, 1), &to);
    socketio_target_visit(suite->socketio, &to.target, add_sid, &list);
    qsort(list.sids, list.count, sizeof list.sids[0], compare);
    buffer_init(&text, TEXT_MAX);
    for (size_t i = 0; i < list.count; i++) {
        buffer_append_byte(&text, i > 0 ? ',' : '[');
        json_quote(&text, bytes_text(list.sids[i]));
    }
    buffer_append_text(&text, list.count > 0 ? "]" : "[]");
    socketio_ack(suite->socketio, socket, event->ack_id, buffer_bytes(&text));
    buffer_release(&text);
    free(list.sids);
}

static bool on_target_event(struct suite *suite, struct socketio_socket_id socket,
                            const struct socketio_event *event)
{
    struct socketio_server *server = suite->socketio;
    struct lab_target to;
    struct bytes second = json_content(event_argument(event, 1));
    if (event_is(event, "bcast")) {
        broadcast(suite, socket, event);
        return true;
    }
    if (event_is(event, "bcast-ack")) {
        broadcast_with_ack(suite, socket, event);
        return true;
    }
    if (event_is(event, "fetch")) {
        fetch(suite, socket, event);
        return true;
    }
    read_target(suite, socket, event_argument(event, 0), (struct bytes){NULL, 0}, &to);
    if (event_is(event, "sockets-join")) {
        socketio_target_join(server, &to.target, &second, 1);
    } else if (event_is(event, "sockets-leave")) {
        socketio_target_leave(server, &to.target, &second, 1);
    } else if (event_is(event, "sockets-disconnect")) {
        socketio_target_disconnect(server, &to.target, bytes_equal_text(second, "1"));
        return true;
    } else {
        return false;
    }
    socketio_ack(server, socket, event->ack_id, bytes_text("true"));
    return true;
}

// ---- what is sent ----

static void on_answer(void *context, struct socketio_socket_id socket,
                      enum socketio_ack_outcome outcome, const struct socketio_event *answer)
{
    (void)socket;
    struct question *question = context;
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    bool is_answered = outcome == SOCKETIO_ACK_ANSWERED;
    buffer_append_text(&text, is_answered ? "\"answered\"" : "\"timed out\"");
    if (is_answered && answer->arguments.size > 0) {
        buffer_append_byte(&text, ',');
        buffer_append(&text, answer->arguments);
    }
    socketio_ack_binary(question->suite->socketio, question->socket, question->ack_id,
                        buffer_bytes(&text), is_answered ? answer->attachments : NULL,
                        is_answered ? answer->attachments_count : 0);
    buffer_release(&text);
    free(question);
}

static void ask(struct suite *suite, struct socketio_socket_id socket,
                const struct socketio_event *event)
{
    struct question *question = question_of(suite, socket, event->ack_id);
    struct socketio_emission emission = {
        .event = bytes_text("question"),
        .arguments = event_arguments_from(event, 1),
        .attachments = event->attachments,
        .attachments_count = event->attachments_count,
    };
    struct socketio_ack_wait wait = {number_of(event_argument(event, 0)), on_answer, question};
    if (socketio_send_with_ack(suite->socketio, socket, &emission, &wait) < 0) {
        free(question);
    }
}

// One event for each letter: r(egular), v(olatile), b(inary and volatile).
static void burst(struct suite *suite, struct socketio_socket_id socket, struct bytes kinds)
{
    for (size_t i = 0; i < kinds.size; i++) {
        char arguments[128];
        uint8_t byte = (uint8_t)i;
        struct bytes attachments[] = {bytes_of(&byte, 1), bytes_of(&byte, 1)};
        bool is_binary = kinds.data[i] == 'b';
        snprintf(arguments, sizeof arguments, "%zu%s", i,
                 is_binary ? ",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"
                           : "");
        struct socketio_emission emission = {
            .event = bytes_text("burst"),
            .arguments = bytes_text(arguments),
            .attachments = attachments,
            .attachments_count = is_binary ? 2 : 0,
            .is_volatile = kinds.data[i] != 'r',
        };
        socketio_send(suite->socketio, socket, &emission);
    }
}

static void send_large(struct suite *suite, struct socketio_socket_id socket, size_t size,
                       bool no_compress)
{
    struct buffer text;
    buffer_init(&text, 64 << 20);
    buffer_append_byte(&text, '"');
    for (size_t i = 0; i < size; i++) {
        buffer_append_byte(&text, 'x');
    }
    buffer_append_byte(&text, '"');
    struct socketio_emission emission = {
        .event = bytes_text("large"), .arguments = buffer_bytes(&text), .no_compress = no_compress};
    socketio_send(suite->socketio, socket, &emission);
    buffer_release(&text);
}

static void send_eleven(struct suite *suite, struct socketio_socket_id socket)
{
    struct bytes attachments[11];
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    for (size_t i = 0; i < 11; i++) {
        attachments[i] = bytes_text("x");
        buffer_append_format(&text, "%s{\"_placeholder\":true,\"num\":%zu}", i > 0 ? "," : "", i);
    }
    socketio_emit_binary(suite->socketio, socket, bytes_text("eleven"), buffer_bytes(&text),
                         attachments, 11);
    buffer_release(&text);
}

static bool on_sending_event(struct suite *suite, struct socketio_socket_id socket,
                             const struct socketio_event *event)
{
    struct bytes first = event_argument(event, 0);
    if (event_is(event, "ask")) {
        ask(suite, socket, event);
    } else if (event_is(event, "burst")) {
        burst(suite, socket, json_content(first));
    } else if (event_is(event, "plain") || event_is(event, "large")) {
        send_large(suite, socket, (size_t)number_of(first), event_is(event, "plain"));
    } else if (event_is(event, "eleven")) {
        send_eleven(suite, socket);
    } else if (event_is(event, "flood")) { // more than the queue may hold
        static char big[60000];
        memset(big, '1', sizeof big);
        for (int i = 0; i < 100; i++) {
            socketio_emit(suite->socketio, socket, bytes_text("big"), bytes_of(big, sizeof big));
        }
    } else {
        return false;
    }
    return true;
}

// ---- what is asked about the server ----

static void append_counts(struct suite *suite, struct buffer *text)
{
    struct socketio_counts counts;
    socketio_server_counts(suite->socketio, &counts);
    buffer_append_format(
        text,
        "{\"sessions\":%llu,\"websocket\":%llu,\"sockets\":%llu,\"upgrades\":%llu,"
        "\"upgradesFailed\":%llu,\"dropped\":%llu,\"lagged\":%llu,\"handshakes\":%llu,"
        "\"saved\":%llu,\"recovered\":%llu}",
        (unsigned long long)counts.sessions_open, (unsigned long long)counts.sessions_websocket,
        (unsigned long long)counts.sockets_open, (unsigned long long)counts.upgrades_total,
        (unsigned long long)counts.upgrades_failed_total,
        (unsigned long long)counts.volatile_dropped_total, (unsigned long long)counts.lagged_total,
        (unsigned long long)counts.handshakes_total, (unsigned long long)counts.recovery_saved,
        (unsigned long long)counts.recovered_total);
}

static void add_namespace(void *context, struct bytes name, size_t sockets)
{
    struct sid_list *list = context;
    (void)sockets;
    if (list->count < SIDS_MAX) {
        snprintf(list->sids[list->count++], sizeof list->sids[0], "%.*s", (int)name.size,
                 (const char *)name.data);
    }
}

static void append_namespaces(struct suite *suite, struct buffer *text)
{
    struct sid_list list = {suite, 0, calloc(SIDS_MAX, sizeof *list.sids)};
    if (list.sids == NULL) {
        abort();
    }
    socketio_namespaces_visit(suite->socketio, add_namespace, &list);
    qsort(list.sids, list.count, sizeof list.sids[0], compare);
    for (size_t i = 0; i < list.count; i++) {
        buffer_append_byte(text, i > 0 ? ',' : '[');
        json_quote(text, bytes_text(list.sids[i]));
    }
    buffer_append_text(text, list.count > 0 ? "]" : "[]");
    free(list.sids);
}

static bool on_question(struct suite *suite, struct socketio_socket_id socket,
                        const struct socketio_event *event)
{
    struct socketio_server *server = suite->socketio;
    struct person *person = person_of(suite, socket);
    struct socketio_handshake handshake;
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    if (event_is(event, "counts")) {
        append_counts(suite, &text);
    } else if (event_is(event, "nsps")) {
        append_namespaces(suite, &text);
    } else if (event_is(event, "recovered")) {
        bool is_recovered = socketio_socket_is_recovered(server, socket);
        buffer_append_text(&text, is_recovered ? "true" : "false");
    } else if (event_is(event, "get") && person != NULL) {
        struct bytes value = buffer_bytes(&person->value);
        buffer_append(&text, value.size > 0 ? value : bytes_text("null"));
    } else if (event_is(event, "handshake") && person != NULL &&
               socketio_socket_handshake(server, socket, &handshake)) {
        append_handshake(&text, &handshake, buffer_bytes(&person->auth));
    } else {
        return false;
    }
    socketio_ack(server, socket, event->ack_id, buffer_bytes(&text));
    buffer_release(&text);
    return true;
}

static void on_event(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    struct suite *suite = app;
    struct person *person = person_of(suite, socket);
    if (event_is(event, "set") && person != NULL) {
        buffer_clear(&person->value);
        buffer_append(&person->value, event_argument(event, 0));
    } else if (!socketio_profile_event(suite, socket, event) &&
               !on_room_event(suite, socket, event) && !on_sending_event(suite, socket, event) &&
               !on_question(suite, socket, event)) {
        (void)on_target_event(suite, socket, event);
    }
}

static void on_lagged(void *app, struct socketio_socket_id socket)
{
    struct suite *suite = app;
    socketio_emit(suite->socketio, socket, bytes_text("lagged"), bytes_text(""));
}

// ---- the server ----

static void on_transport(void *app, struct socketio_socket_id socket, struct bytes sid,
                         const char *what, const char *reason)
{
    (void)app, (void)socket;
    fprintf(stderr, "%.*s %s: %s\n", (int)(sid.size < SHORT_SID ? sid.size : SHORT_SID),
            (const char *)sid.data, what, reason);
}

static void refuse_namespace(void *app, struct socketio_socket_id socket, struct bytes name,
                             struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)name, (void)auth, (void)handshake;
    struct suite *suite = app;
    socketio_refuse(suite->socketio, socket, bytes_text("{\"message\":\"Invalid namespace\"}"));
}

static bool is_lab_name(void *app, struct bytes name)
{
    (void)app;
    return bytes_starts_with(name, bytes_text("/lab"));
}

static enum lc_status create(struct suite *suite)
{
    static const struct socketio_app_ops others = {.on_connect = refuse_namespace,
                                                   .on_transport = on_transport};
    static const struct socketio_app_ops ops = {
        .on_connect = on_connect,
        .on_recovered = on_recovered,
        .on_event = on_event,
        .on_disconnecting = on_disconnecting,
        .on_disconnect = on_disconnect,
        .on_ack = socketio_profile_ack,
        .on_lagged = on_lagged,
        .on_data_dropped = on_data_dropped,
    };
    enum lc_status status = suite_create_socketio(suite, &others);
    static const char *const names[] = {"/", "/custom"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && status == LC_OK; i++) {
        status = socketio_namespace_add(suite->socketio, bytes_text(names[i]), &ops, suite);
    }
    return status != LC_OK
               ? status
               : socketio_namespace_add_matching(suite->socketio, is_lab_name, &ops, suite);
}

const struct profile PROFILE_LAB = {
    .name = "lab",
    .port = 3000,
    .path = "/socket.io/",
    .cors = "*",
    .ping_interval_ms = 300,
    .ping_timeout_ms = 200,
    .connect_timeout_ms = 1000,
    .create = create,
};
