// Reads the members of the commands that change a sale.
//
// Purity:    pure (allocates arrays of lots, participants and names)
// Ownership: as order.h
// Errors:    as order.h
// Source:    docs/PROTOCOL.md, Commands
#ifndef LOTCAST_SERVICE_ORDER_CHANGE_H
#define LOTCAST_SERVICE_ORDER_CHANGE_H

#include "auction-svc/service/order.h"

enum error_code order_read_change(const struct wire_command *command, const struct sale *sale,
                                  struct order *order);
enum error_code order_read_console(const struct json *body, struct order *order);

#endif
