// What the auction's bridges tell each other: small JSON objects, {"note":kind,"sid":...,...}.
//
// Errors: a note that can't be sent is lost: what it says is made up for by the client, who
//         connects anew or asks again
// Source: docs/PROTOCOL.md (Bridge to bridge, notes)
#ifndef LOTCAST_BRIDGE_BRIDGE_NOTE_H
#define LOTCAST_BRIDGE_BRIDGE_NOTE_H

#include "bridge/app/app_state.h"

enum { BRIDGE_NOTE_SIZE_MAX = 192 * 1024 }; // as relay.h takes it

// Begins {"note":kind,"sid":sid; the caller goes on with a comma, or closes it.
void bridge_note_begin(struct buffer *out, const char *kind, struct bytes sid);
// Sends to the node (NULL: to all) and releases.
void bridge_note_send(struct auction_app *app, const char *node_or_null, struct buffer *note);

void bridge_note_take(struct auction_app *app, struct bytes from, struct bytes note);

#endif
