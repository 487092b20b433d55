// Commands to the engine that are larger than a packet: their members go ahead in parts.
//
// Order:  the engine takes the command when every part is there, as one; else nothing was done
// Source: docs/PROTOCOL.md, Imports
#ifndef LOTCAST_BRIDGE_IMPORT_H
#define LOTCAST_BRIDGE_IMPORT_H

#include "bridge/app/engine_request.h"

// As engine_request_send(), whatever the size of the members. `head`: members of the command itself
// when the others go ahead ("\"sale\":{\"id\":\"demo\"}"), or empty.
LC_MUST_CHECK enum error_code import_send(struct auction_app *app,
                                          const struct engine_request *request, struct bytes head);

#endif
