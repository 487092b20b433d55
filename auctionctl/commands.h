// Carries out one command against the HTTP API.
//
// Purity:    reads files, talks to the network through auctionctl/io, prints
// Source:    docs/PROTOCOL.md, HTTP
#ifndef LOTCAST_CTL_COMMANDS_H
#define LOTCAST_CTL_COMMANDS_H

#include "auctionctl/command_line.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3 };

// Prints the answer on stdout, or one line about the failure on stderr; returns the exit code.
int command_run(const struct command_line *line, const char *program_path);

#endif
