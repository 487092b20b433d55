// Acknowledgements: those that a client waits for, those that it owes, and what several clients owe
// together.
#include <stdlib.h>

#include "bridge/socketio/json_text.h"
#include "bridge/socketio/state.h"

// Answers that belong together: of one socket with a callback of its own, or of a broadcast.
struct ack_group {
    struct deadline deadline; // first member: the heap's entry is the group
    struct ack_group *next;   // of the server
    struct ack_group *previous;
    struct pending_ack *first; // still missing
    void *context;
    void (*on_answer)(void *context, struct socketio_socket_id socket,
                      enum socketio_ack_outcome outcome, const struct socketio_event *answer);
    // of a broadcast
    void (*on_answers)(void *context, const struct socketio_answers *answers);
    struct buffer answers;
    struct bytes *attachments;
    size_t attachments_count;
    size_t attachments_capacity;
    size_t bytes;
    size_t count;
    size_t missing; // for good
};

// ---- ids that are owed here ----

bool ack_set_add(struct ack_set *set, int64_t id, size_t max)
{
    if (set->count >= max) {
        return false;
    }
    if (set->count == set->capacity) {
        uint32_t capacity = set->capacity == 0 ? 4 : set->capacity * 2;
        int64_t *ids = realloc(set->ids, capacity * sizeof *ids);
        if (ids == NULL) {
            return false;
        }
        set->ids = ids;
        set->capacity = capacity;
    }
    set->ids[set->count++] = id;
    return true;
}

bool ack_set_take(struct ack_set *set, int64_t id)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->ids[i] == id) {
            set->ids[i] = set->ids[--set->count];
            return true;
        }
    }
    return false;
}

// ---- groups ----

static struct ack_group *group_create(struct socketio_server *server, int64_t timeout_ms,
                                      void *context)
{
    struct ack_group *group = calloc(1, sizeof *group);
    if (group == NULL ||
        deadline_heap_reserve(&server->ack_deadlines, server->ack_groups_count + 1) != LC_OK) {
        free(group);
        return NULL;
    }
    group->context = context;
    group->deadline.at_ms = DEADLINE_NONE;
    group->next = server->ack_groups;
    if (group->next != NULL) {
        group->next->previous = group;
    }
    server->ack_groups = group;
    server->ack_groups_count++;
    if (timeout_ms > 0) {
        deadline_heap_set(&server->ack_deadlines, &group->deadline,
                          engineio_now(server->engine) + timeout_ms);
        server_schedule(server);
    }
    return group;
}

static void unlink_from_socket(struct pending_ack *pending)
{
    struct pending_ack **link = &pending->socket->asked;
    while (*link != pending) {
        link = &(*link)->next;
    }
    *link = pending->next;
    pending->socket->asked_count--;
}

static void unlink_from_group(struct pending_ack *pending)
{
    struct ack_group *group = pending->group;
    *(pending->group_previous == NULL ? &group->first : &pending->group_previous->group_next) =
        pending->group_next;
    if (pending->group_next != NULL) {
        pending->group_next->group_previous = pending->group_previous;
    }
}

// Off every list: nobody finds the group any more, and late answers find nothing.
static void group_take(struct socketio_server *server, struct ack_group *group)
{
    while (group->first != NULL) {
        struct pending_ack *pending = group->first;
        group->missing++;
        group->first = pending->group_next;
        unlink_from_socket(pending);
        free(pending);
    }
    deadline_heap_set(&server->ack_deadlines, &group->deadline, DEADLINE_NONE);
    *(group->previous == NULL ? &server->ack_groups : &group->previous->next) = group->next;
    if (group->next != NULL) {
        group->next->previous = group->previous;
    }
    server->ack_groups_count--;
    server_schedule(server);
}

static void group_free(struct ack_group *group)
{
    for (size_t i = 0; i < group->attachments_count; i++) {
        free((void *)(uintptr_t)group->attachments[i].data);
    }
    free(group->attachments);
    buffer_release(&group->answers);
    free(group);
}

void acks_release(struct socketio_server *server)
{
    while (server->ack_groups != NULL) {
        struct ack_group *group = server->ack_groups;
        group_take(server, group);
        group_free(group);
    }
    deadline_heap_release(&server->ack_deadlines);
}

static void finish_broadcast(struct socketio_server *server, struct ack_group *group,
                             bool timed_out)
{
    group_take(server, group);
    buffer_append_byte(&group->answers, ']');
    struct socketio_answers answers = {
        .answers = buffer_bytes(&group->answers),
        .attachments = group->attachments,
        .attachments_count = group->attachments_count,
        .count = group->count,
        .missing = group->missing,
        .timed_out = timed_out,
    };
    if (buffer_status(&group->answers) != LC_OK) { // no memory: what was there is no list
        answers = (struct socketio_answers){.answers = bytes_text("[]"),
                                            .missing = group->count + group->missing,
                                            .timed_out = timed_out};
    }
    group->on_answers(group->context, &answers);
    group_free(group);
}

static void finish_single(struct socketio_server *server, struct ack_group *group,
                          struct socketio_socket_id socket, enum socketio_ack_outcome outcome,
                          const struct socketio_event *answer)
{
    group_take(server, group);
    group->on_answer(group->context, socket, outcome, answer);
    group_free(group);
}

static struct pending_ack *ask(struct socketio_server *server, struct socket *socket,
                               struct ack_group *group, int64_t id)
{
    struct pending_ack *pending =
        socket->asked_count < server->config.acks_max ? calloc(1, sizeof *pending) : NULL;
    if (pending == NULL) {
        return NULL;
    }
    pending->id = id;
    pending->socket = socket;
    struct pending_ack **link = &socket->asked;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = pending;
    socket->asked_count++;
    pending->group = group;
    if (group != NULL) {
        pending->group_next = group->first;
        if (group->first != NULL) {
            group->first->group_previous = pending;
        }
        group->first = pending;
    }
    return pending;
}

bool acks_expect(struct socketio_server *server, struct socket *socket, int64_t id)
{
    return ask(server, socket, NULL, id) != NULL;
}

// ---- the application asks ----

static int64_t emit_with_ack(struct socketio_server *server, struct socketio_socket_id id,
                             const struct socketio_emission *emission, struct ack_group *group)
{
    struct socket *socket = socket_open_find(server, id);
    if (socket == NULL || !emission_fits(server, emission)) {
        return -1;
    }
    int64_t ack_id = socket->namespace->next_ack_id;
    if (ask(server, socket, group, ack_id) == NULL) {
        return -1;
    }
    socket->namespace->next_ack_id++;
    struct socketio_emission durable = *emission;
    durable.is_volatile = false; // an answer is waited for
    struct frame *frame = event_frame(server, namespace_name(socket->namespace), ack_id, &durable,
                                      (struct bytes){NULL, 0});
    connection_enqueue(server, socket->connection, frame);
    report_sent(server, id, emission);
    return ack_id;
}

int64_t socketio_emit_with_ack(struct socketio_server *server, struct socketio_socket_id socket,
                               struct bytes event, struct bytes arguments,
                               const struct bytes *attachments, size_t attachments_count)
{
    struct socketio_emission emission = {.event = event,
                                         .arguments = arguments,
                                         .attachments = attachments,
                                         .attachments_count = attachments_count};
    return emit_with_ack(server, socket, &emission, NULL);
}

int64_t socketio_send_with_ack(struct socketio_server *server, struct socketio_socket_id socket,
                               const struct socketio_emission *emission,
                               const struct socketio_ack_wait *wait)
{
    struct ack_group *group = group_create(server, wait->timeout_ms, wait->context);
    if (group == NULL) {
        return -1;
    }
    group->on_answer = wait->on_answer;
    int64_t id = emit_with_ack(server, socket, emission, group);
    if (id < 0) {
        group_take(server, group);
        group_free(group);
    }
    return id;
}

bool socketio_broadcast_with_ack(
    struct socketio_server *server, const struct socketio_target *target,
    const struct socketio_emission *emission, int64_t timeout_ms,
    void (*on_answers)(void *context, const struct socketio_answers *answers), void *context)
{
    struct namespace *namespace = namespace_find(server, target->namespace_name);
    struct ack_group *group =
        emission_fits(server, emission) ? group_create(server, timeout_ms, context) : NULL;
    if (group == NULL) {
        return false;
    }
    int64_t id = namespace == NULL ? 0 : namespace->next_ack_id++;
    struct socketio_emission durable = *emission;
    durable.is_volatile = false;
    struct frame *frame =
        event_frame(server, target->namespace_name, id, &durable, (struct bytes){NULL, 0});
    struct sockets sockets = target_sockets(server, target);
    if (frame == NULL || sockets.failed) {
        frame_destroy(frame);
        sockets_release(&sockets);
        group_take(server, group);
        group_free(group);
        return false;
    }
    group->on_answers = on_answers;
    buffer_init(&group->answers, server->config.answers_bytes_max + 2);
    buffer_append_byte(&group->answers, '[');
    for (size_t i = 0; i < sockets.count; i++) {
        if (ask(server, sockets.items[i], group, id) == NULL) {
            group->missing++;
        } else {
            connection_enqueue(server, sockets.items[i]->connection, frame_share(frame));
        }
    }
    frame_destroy(frame);
    bool nobody = group->first == NULL;
    sockets_report_sent(server, &sockets, emission);
    sockets_release(&sockets);
    if (nobody) {
        finish_broadcast(server, group, false);
    }
    return true;
}

// ---- a client answers ----

static bool keep_attachments(struct ack_group *group, const struct bytes *attachments, size_t count)
{
    size_t wanted = group->attachments_count + count;
    if (wanted > group->attachments_capacity) {
        size_t capacity = wanted * 2;
        struct bytes *grown = realloc(group->attachments, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        group->attachments = grown;
        group->attachments_capacity = capacity;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t *copy = malloc(attachments[i].size > 0 ? attachments[i].size : 1);
        if (copy == NULL) {
            return false;
        }
        if (attachments[i].size > 0) {
            memcpy(copy, attachments[i].data, attachments[i].size);
        }
        group->attachments[group->attachments_count++] = bytes_of(copy, attachments[i].size);
    }
    return true;
}

// The first argument counts, null when there is none.
static void add_answer(struct socketio_server *server, struct ack_group *group,
                       const struct socketio_packet *packet, const struct bytes *attachments)
{
    struct bytes first;
    struct bytes rest;
    json_text_first(packet->data, &first, &rest);
    if (first.size == 0) {
        first = bytes_text("null");
    }
    struct buffer answer;
    buffer_init(&answer, 2 * first.size + 8);
    size_t shift = group->attachments_count;
    if (packet->attachments > 0) {
        json_text_shift_placeholders(first, shift, &answer);
    } else {
        buffer_append(&answer, first);
    }
    size_t bytes = answer.size + 1;
    for (size_t i = 0; i < packet->attachments; i++) {
        bytes += attachments[i].size;
    }
    bool fits = group->bytes + bytes <= server->config.answers_bytes_max &&
                buffer_status(&answer) == LC_OK &&
                keep_attachments(group, attachments, packet->attachments);
    if (fits) {
        buffer_append_text(&group->answers, group->count > 0 ? "," : "");
        buffer_append(&group->answers, buffer_bytes(&answer));
        group->count++;
        group->bytes += bytes;
    } else {
        group->missing++;
    }
    buffer_release(&answer);
}

void acks_on_answer(struct socketio_server *server, struct socket *socket,
                    const struct socketio_packet *packet, const struct bytes *attachments)
{
    struct pending_ack *pending = socket->asked;
    while (pending != NULL && pending->id != packet->id) {
        pending = pending->next;
    }
    if (packet->id < 0 || pending == NULL) {
        return; // never asked for, answered, or too late
    }
    struct ack_group *group = pending->group;
    if (group != NULL) {
        unlink_from_group(pending);
    }
    unlink_from_socket(pending);
    free(pending);
    size_t begin = bytes_find(packet->data, '[', 0) + 1;
    size_t end = packet->data.size;
    while (packet->data.data[end - 1] != ']') {
        end--;
    }
    struct socketio_event answer = {
        .array = packet->data,
        .arguments = bytes_of(packet->data.data + begin, end - 1 - begin),
        .attachments = attachments,
        .attachments_count = packet->attachments,
        .ack_id = packet->id,
    };
    const struct owner *owner = socket->namespace->owner;
    if (group == NULL) {
        if (owner->ops.on_ack != NULL) {
            owner->ops.on_ack(owner->app, socket->id, packet->id, &answer);
        }
    } else if (group->on_answer != NULL) {
        finish_single(server, group, socket->id, SOCKETIO_ACK_ANSWERED, &answer);
    } else {
        add_answer(server, group, packet, attachments);
        if (group->first == NULL) {
            finish_broadcast(server, group, false);
        }
    }
}

void acks_give_up(struct socketio_server *server, struct socket *socket)
{
    while (socket->asked != NULL) {
        struct pending_ack *pending = socket->asked;
        struct ack_group *group = pending->group;
        if (group != NULL) {
            unlink_from_group(pending);
            group->missing++;
        }
        socket->asked = pending->next;
        socket->asked_count--;
        free(pending);
        if (group != NULL && group->on_answer != NULL) {
            finish_single(server, group, socket->id, SOCKETIO_ACK_DISCONNECTED, NULL);
        } else if (group != NULL && group->first == NULL) {
            finish_broadcast(server, group, false);
        }
    }
}

void acks_on_time(struct socketio_server *server, int64_t now_ms)
{
    for (;;) {
        struct deadline *first = deadline_heap_first(&server->ack_deadlines);
        if (first == NULL || first->at_ms > now_ms) {
            return;
        }
        struct ack_group *group = (struct ack_group *)first;
        if (group->on_answer == NULL) {
            finish_broadcast(server, group, true);
        } else {
            struct socketio_socket_id socket = group->first->socket->id;
            finish_single(server, group, socket, SOCKETIO_ACK_TIMED_OUT, NULL);
        }
    }
}
