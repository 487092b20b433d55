// A socket in the data folder: whoever may write there may ask the engine that holds it for
// something, one line for a request and lines for the answer.
//
// Purity:    a Unix socket, DATA/control, of the engine's user alone
// Ownership: control_socket_open/close; one asker at a time, others are told so and sent away
// Errors:    LC_ERR_IO. An asker who does not read loses lines, never the engine its time
// Order:     the folder's lock must be held (a socket that is there was left by a dead engine)
// Source:    docs/decisions/0093-backup.md
#ifndef LOTCAST_IO_CONTROL_SOCKET_H
#define LOTCAST_IO_CONTROL_SOCKET_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum { CONTROL_LINE_SIZE_MAX = 4200, CONTROL_POLLS = 2 };

struct control_socket {
    int folder;   // descriptor of the data folder: paths may be longer than an address
    int listener; // -1: not open
    int asker;    // -1: nobody
    char line[CONTROL_LINE_SIZE_MAX + 1];
    size_t line_size;
};

void control_socket_init(struct control_socket *control); // nothing is open
LC_MUST_CHECK enum lc_status control_socket_open(struct control_socket *control,
                                                 const char *folder);
void control_socket_close(struct control_socket *control);

struct pollfd;
void control_socket_watch(const struct control_socket *control, struct pollfd *out_polls);
// The request that has come, NUL-terminated and valid until the next call; NULL when none has.
const char *control_socket_process(struct control_socket *control, const struct pollfd *polls);
bool control_socket_is_asked(const struct control_socket *control); // the asker is still there
void control_socket_say(struct control_socket *control, const char *line);
void control_socket_hang_up(struct control_socket *control);

// ---- the asker's side ----

// False ends the asking.
typedef bool control_answer_visitor(void *owner, const char *line);

// LC_ERR_NOT_FOUND when no engine listens; LC_ERR_IO when it went away before the visitor had
// enough. Blocks.
LC_MUST_CHECK enum lc_status control_socket_ask(const char *folder, const char *request,
                                                control_answer_visitor *visit, void *owner);

#endif
