#include "bridge/admin/admin_state.h"
#include "bridge/socketio/json_text.h"
#include "bridge/socketio/packet.h"

// The arguments of a command, taken one by one.
struct arguments {
    struct buffer array; // what is left, in brackets
    struct bytes rest;
};

static void arguments_set(struct arguments *arguments, struct bytes rest)
{
    struct buffer next;
    buffer_init(&next, rest.size + 2);
    buffer_append_byte(&next, '[');
    buffer_append(&next, rest);
    buffer_append_byte(&next, ']');
    buffer_release(&arguments->array);
    arguments->array = next;
}

// The next argument as JSON, valid until the next call; empty when there is none.
static struct bytes arguments_next(struct arguments *arguments)
{
    struct bytes item = {NULL, 0};
    arguments_set(arguments, arguments->rest);
    if (buffer_status(&arguments->array) == LC_OK) {
        json_text_first(buffer_bytes(&arguments->array), &item, &arguments->rest);
    }
    return item;
}

// A JSON string, unescaped into `out`; false for everything else, and for an empty one.
static bool read_text(struct bytes json, struct buffer *out)
{
    buffer_clear(out);
    if (json.size > 2 && json.data[0] == '"') {
        json_text_unescape(json, out);
    }
    return out->size > 0 && buffer_status(out) == LC_OK;
}

struct command {
    struct arguments arguments;
    struct buffer namespace_name;
    struct buffer subject; // an event's name as JSON, or a room
    struct buffer filter;
    struct bytes filter_bytes;
    struct socketio_target target;
};

static void command_begin(struct command *command, const struct socketio_event *event)
{
    *command = (struct command){.arguments = {.rest = event->arguments}};
    buffer_init(&command->namespace_name, NAMESPACE_SIZE_MAX);
    buffer_init(&command->subject, event->arguments.size);
    buffer_init(&command->filter, event->arguments.size);
}

static void command_end(struct command *command)
{
    buffer_release(&command->arguments.array);
    buffer_release(&command->namespace_name);
    buffer_release(&command->subject);
    buffer_release(&command->filter);
}

static bool command_namespace(struct command *command)
{
    return read_text(arguments_next(&command->arguments), &command->namespace_name);
}

// The target of the namespace, or of a room in it when the next argument names one. False for what
// is neither a room nor nothing, which the reference would take for everybody.
static bool command_target(struct admin *admin, struct command *command)
{
    command->target =
        (struct socketio_target){.namespace_name = buffer_bytes(&command->namespace_name)};
    struct bytes json = arguments_next(&command->arguments);
    if (read_text(json, &command->filter)) {
        struct socketio_socket_id socket = admin_view_of_alias(buffer_bytes(&command->filter));
        command->filter_bytes = socket.value != 0 ? socketio_socket_sid(admin->server, socket)
                                                  : buffer_bytes(&command->filter);
        command->target.rooms = &command->filter_bytes;
        command->target.rooms_count = 1;
        return true;
    }
    return json.size == 0 || bytes_equal_text(json, "null") || bytes_equal_text(json, "\"\"");
}

// What a client's parser takes for an event: a reserved name would end its connection.
static bool is_event(struct bytes name, struct bytes rest)
{
    struct buffer text;
    struct socketio_packet packet;
    buffer_init(&text, name.size + rest.size + 4);
    buffer_append_text(&text, "2[");
    buffer_append(&text, name);
    if (rest.size > 0) {
        buffer_append_byte(&text, ',');
        buffer_append(&text, rest);
    }
    buffer_append_byte(&text, ']');
    bool valid =
        buffer_status(&text) == LC_OK && packet_read(buffer_bytes(&text), 0, &packet) == LC_OK;
    buffer_release(&text);
    return valid;
}

// emit(nsp, filter, event, ...arguments)
static void command_emit(struct admin *admin, struct command *command,
                         const struct socketio_event *event)
{
    if (!command_namespace(command) || !command_target(admin, command)) {
        return;
    }
    struct bytes name = arguments_next(&command->arguments);
    struct bytes rest = command->arguments.rest;
    if (!is_event(name, rest) || !read_text(name, &command->subject)) {
        return;
    }
    struct socketio_emission emission = {.event = buffer_bytes(&command->subject),
                                         .arguments = rest,
                                         .attachments = event->attachments,
                                         .attachments_count = event->attachments_count};
    (void)socketio_broadcast(admin->server, &command->target, &emission);
}

// join(nsp, room, filter) and leave(nsp, room, filter)
static void command_rooms(struct admin *admin, struct command *command, bool is_join)
{
    if (!command_namespace(command) ||
        !read_text(arguments_next(&command->arguments), &command->subject) ||
        !command_target(admin, command)) {
        return;
    }
    struct bytes room = buffer_bytes(&command->subject);
    if (is_join) {
        socketio_target_join(admin->server, &command->target, &room, 1);
    } else {
        socketio_target_leave(admin->server, &command->target, &room, 1);
    }
}

// _disconnect(nsp, close, filter)
static void command_disconnect(struct admin *admin, struct command *command)
{
    if (!command_namespace(command)) {
        return;
    }
    bool close = bytes_equal_text(arguments_next(&command->arguments), "true");
    if (command_target(admin, command)) {
        socketio_target_disconnect(admin->server, &command->target, close);
    }
}

void admin_command(struct admin *admin, const struct socketio_event *event)
{
    if (admin->config.is_readonly) {
        return;
    }
    struct command command;
    command_begin(&command, event);
    if (bytes_equal_text(event->name, "emit")) {
        command_emit(admin, &command, event);
    } else if (bytes_equal_text(event->name, "join")) {
        command_rooms(admin, &command, true);
    } else if (bytes_equal_text(event->name, "leave")) {
        command_rooms(admin, &command, false);
    } else if (bytes_equal_text(event->name, "_disconnect")) {
        command_disconnect(admin, &command);
    }
    command_end(&command);
}
