// auctionctl: the operator's command line.

#include <stdio.h>

#include "auctionctl/commands.h"

int main(int argc, char **argv)
{
    struct command_line line;
    char why[COMMAND_WHY_SIZE_MAX];
    if (!command_line_read(argc, (const char *const *)argv, &line, why)) {
        fprintf(stderr, "auctionctl: %s\n", why);
        return EXIT_USAGE;
    }
    if (line.wants_help) {
        command_line_help();
        return EXIT_DONE;
    }
    if (line.wants_version) {
        printf("auctionctl %s\n", LOTCAST_VERSION);
        return EXIT_DONE;
    }
    return command_run(&line, argv[0]);
}
