#include "auction-svc/io/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ADDRESS_SIZE_MAX = 64, WAITING_MAX = 4 };

static const char socket_name[] = "control";

// The folder by its descriptor: an address has room for about 100 characters only.
static struct sockaddr_un address_of(int folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, ADDRESS_SIZE_MAX, "/proc/self/fd/%d/%s", folder, socket_name);
    return address;
}

static int open_folder(const char *folder)
{
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void control_socket_init(struct control_socket *control)
{
    *control = (struct control_socket){.folder = -1, .listener = -1, .asker = -1};
}

static void close_one(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

void control_socket_close(struct control_socket *control)
{
    close_one(&control->asker);
    if (control->listener >= 0) {
        (void)unlinkat(control->folder, socket_name, 0);
    }
    close_one(&control->listener);
    close_one(&control->folder);
}

enum lc_status control_socket_open(struct control_socket *control, const char *folder)
{
    control->folder = open_folder(folder);
    if (control->folder < 0) {
        return LC_ERR_IO;
    }
    struct sockaddr_un address = address_of(control->folder);
    (void)unlinkat(control->folder, socket_name, 0);
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->listener < 0 ||
        bind(control->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        fchmodat(control->folder, socket_name, 0600, 0) != 0 ||
        listen(control->listener, WAITING_MAX) != 0) {
        control_socket_close(control);
        return LC_ERR_IO;
    }
    return LC_OK;
}

void control_socket_watch(const struct control_socket *control, struct pollfd *out_polls)
{
    out_polls[0] = (struct pollfd){.fd = control->listener, .events = POLLIN};
    out_polls[1] = (struct pollfd){.fd = control->asker, .events = POLLIN};
}

static void say_to(int descriptor, const char *line)
{
    char text[CONTROL_LINE_SIZE_MAX + 2];
    int size = snprintf(text, sizeof text, "%s\n", line);
    if (size > 0 && (size_t)size < sizeof text) {
        (void)send(descriptor, text, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

static void take_asker(struct control_socket *control)
{
    int asker = accept(control->listener, NULL, NULL);
    if (asker < 0) {
        return;
    }
    if (control->asker >= 0) {
        say_to(asker, "failed: another one is being served");
        close(asker);
        return;
    }
    (void)fcntl(asker, F_SETFD, FD_CLOEXEC);
    (void)fcntl(asker, F_SETFL, O_NONBLOCK);
    control->asker = asker;
    control->line_size = 0;
}

static const char *read_request(struct control_socket *control)
{
    char *end = control->line + control->line_size;
    ssize_t size = recv(control->asker, end, CONTROL_LINE_SIZE_MAX - control->line_size, 0);
    if (size <= 0) {
        if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
            control_socket_hang_up(control);
        }
        return NULL;
    }
    control->line_size += (size_t)size;
    char *newline = memchr(control->line, '\n', control->line_size);
    if (newline == NULL && control->line_size == CONTROL_LINE_SIZE_MAX) {
        control_socket_say(control, "failed: the request is too long");
        control_socket_hang_up(control);
    }
    if (newline == NULL) {
        return NULL;
    }
    *newline = 0;
    control->line_size = 0; // what follows the line was not asked for
    return control->line;
}

const char *control_socket_process(struct control_socket *control, const struct pollfd *polls)
{
    const char *request = NULL;
    if (polls[1].revents != 0 && control->asker >= 0) {
        request = read_request(control);
    }
    if (polls[0].revents != 0) {
        take_asker(control);
    }
    return request;
}

bool control_socket_is_asked(const struct control_socket *control)
{
    return control->asker >= 0;
}

void control_socket_say(struct control_socket *control, const char *line)
{
    if (control->asker >= 0) {
        say_to(control->asker, line);
    }
}

void control_socket_hang_up(struct control_socket *control)
{
    close_one(&control->asker);
}

// ---- the asker's side ----

static enum lc_status listen_to(int descriptor, control_answer_visitor *visit, void *owner)
{
    char line[CONTROL_LINE_SIZE_MAX + 1];
    size_t size = 0;
    for (;;) {
        char c;
        ssize_t got = recv(descriptor, &c, 1, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return LC_ERR_IO;
        }
        if (c == '\n') {
            line[size] = 0;
            size = 0;
            if (!visit(owner, line)) {
                return LC_OK;
            }
        } else if (size < CONTROL_LINE_SIZE_MAX) {
            line[size++] = c;
        }
    }
}

enum lc_status control_socket_ask(const char *folder, const char *request,
                                  control_answer_visitor *visit, void *owner)
{
    int place = open_folder(folder);
    if (place < 0) {
        return LC_ERR_NOT_FOUND;
    }
    struct sockaddr_un address = address_of(place);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    enum lc_status status = descriptor < 0 ? LC_ERR_IO : LC_OK;
    if (status == LC_OK &&
        connect(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        status = errno == ENOENT || errno == ECONNREFUSED ? LC_ERR_NOT_FOUND : LC_ERR_IO;
    }
    if (status == LC_OK) {
        say_to(descriptor, request);
        status = listen_to(descriptor, visit, owner);
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
    close(place);
    return status;
}
