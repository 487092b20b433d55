// The commands on a data folder, from the command line.
//
// Purity: reads the ledger, prints
// Errors: the exit codes of auctionctl/offline/offline.h
#ifndef LOTCAST_CTL_OFFLINE_COMMAND_H
#define LOTCAST_CTL_OFFLINE_COMMAND_H

#include "auctionctl/command_line.h"

// LC_ASSERTs that the command is one on a data folder.
int offline_command_run(const struct command_line *line);

#endif
