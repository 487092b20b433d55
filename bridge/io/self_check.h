// Asks the bridge's own Socket.IO endpoint for a session over a real TCP connection, and closes it.
//
// Purity:    talks to the network; never blocks
// Units:     *_ms milliseconds on the boot clock
// Ownership: self_check_create/destroy
// Source:    lessons F1, F2: the answer must begin with `0{"sid"`, never be a page
#ifndef LOTCAST_BRIDGE_SELF_CHECK_H
#define LOTCAST_BRIDGE_SELF_CHECK_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct self_check;

// `sid`: of the session that was opened, or "".
typedef void self_check_done(void *owner, bool is_good, const char *sid);

// `address` and `port` are those that the server listens on; with `over_websocket` the handshake is
// the upgrade of a WebSocket, for servers without polling.
LC_MUST_CHECK enum lc_status self_check_create(const char *address, int port, bool over_websocket,
                                               self_check_done *done, void *owner,
                                               struct self_check **out_check);
void self_check_destroy(struct self_check *check);

// Begins, unless one is under way; `done` comes later from self_check_process().
void self_check_begin(struct self_check *check);

// For the loop.
int self_check_fd(void *check);
bool self_check_wants_write(void *check);
int64_t self_check_deadline_ms(void *check);
void self_check_process(void *check, bool readable, bool writable);

#endif
