// `auctionctl bots`: invites, joins and plays.
//
// Purity: reads and writes files, talks to the network through auctionctl/io
#ifndef LOTCAST_CTL_BOTS_COMMAND_H
#define LOTCAST_CTL_BOTS_COMMAND_H

#include "auctionctl/command_line.h"

// Returns an exit code of commands.h: EXIT_REFUSED also when a bid had not exactly one answer, or a
// client saw anything out of order.
int bots_command_run(const struct command_line *line);

#endif
