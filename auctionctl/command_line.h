// The command line of auctionctl, read into one struct.
//
// Purity:    pure
// Lifetime:  texts point into argv
// Errors:    false with one clear line in `why`
#ifndef LOTCAST_CTL_COMMAND_LINE_H
#define LOTCAST_CTL_COMMAND_LINE_H

#include "lib/base/bytes.h"
#include "lib/base/id.h"

enum { COMMAND_OPERANDS_MAX = 2, COMMAND_WHY_SIZE_MAX = 160 };

// X(name, word, least operands, most operands, operands for the help)
#define CTL_COMMANDS(X)                                                           \
    X(KEYGEN, "keygen", 1, 1, "FILE")                                             \
    X(TOKEN, "token", 0, 0, "--role R [--sale S --sub U --name N --ttl-s N]")     \
    X(CREATE, "create", 1, 1, "FILE.json")                                        \
    X(IMPORT, "import", 2, 2, "SALE FILE.(json|csv)")                             \
    X(IMPORT_PARTICIPANTS, "import-participants", 2, 2, "SALE FILE.(json|csv)")   \
    X(INVITE, "invite", 1, 1, "SALE [--role bidder --uses 0 --expires-in-s N]")   \
    X(BEGIN, "begin", 1, 1, "SALE")                                               \
    X(PAUSE, "pause", 1, 1, "SALE")                                               \
    X(RESUME, "resume", 1, 1, "SALE")                                             \
    X(NEXT, "next", 1, 1, "SALE [--lot ID]")                                      \
    X(RESET, "reset", 1, 1, "SALE")                                               \
    X(DELETE, "delete", 1, 1, "SALE")                                             \
    X(STATUS, "status", 1, 1, "SALE")                                             \
    X(LIST, "list", 0, 0, "")                                                     \
    X(RESULTS, "results", 1, 1, "SALE [--csv]")                                   \
    X(RECEIPT, "receipt", 2, 2, "SALE ID")                                        \
    X(EXPORT_DEFINITION, "export-definition", 1, 1, "SALE")                       \
    X(VERIFY, "verify", 0, 0, "--data DIR [--sale ID --json]")                    \
    X(REPLAY, "replay", 0, 0, "--data DIR [--sale ID --json]")                    \
    X(EXPLAIN, "explain", 1, 1, "BID --data DIR [--sale ID --by P --json]")       \
    X(TIMELINE, "timeline", 1, 1, "LOT --data DIR [--sale ID --json --secrets]")  \
    X(EXPORT, "export", 0, 0, "--data DIR --format csv|json|results [--sale ID]") \
    X(BACKUP, "backup", 1, 1, "FOLDER --data DIR")                                \
    X(RESTORE, "restore", 1, 1, "FOLDER --data DIR [--force]")                    \
    X(REPLAY_BIDS, "replay-bids", 1, 1, "FILE.csv --increments ebay_us [--json]") \
    X(BOTS, "bots", 0, 0, "--sale ID [--bidders 8 --seed 1 --transport mixed ...]")

enum ctl_command {
    CTL_NONE,
#define X(name, word, least, most, help) CTL_##name,
    CTL_COMMANDS(X)
#undef X
        CTL_COMMAND_COUNT
};

struct command_line {
    enum ctl_command command;
    const char *operands[COMMAND_OPERANDS_MAX];
    size_t operands_count;
    bool wants_help;
    bool wants_version;
    bool json;
    bool csv;
    bool quiet;
    bool secrets;
    bool force;
    const char *url;
    const char *token_file; // or NULL, as the following
    const char *key_file;
    const char *role;
    const char *sale;
    const char *sub;
    const char *name;
    const char *lot;
    const char *data;
    const char *invite;
    const char *report;
    const char *transport;
    const char *path;
    const char *by;
    const char *format;
    const char *increments;
    uint64_t ttl_s;
    uint64_t uses;
    uint64_t expires_in_s; // 0: never
    uint64_t bidders;
    uint64_t seed;
    uint64_t max_seconds; // 0: no end
    uint64_t think_min_ms;
    uint64_t think_max_ms;
};

bool command_line_read(int argc, const char *const *argv, struct command_line *out_line,
                       char why[COMMAND_WHY_SIZE_MAX]);
const char *command_word(enum ctl_command command);
void command_line_help(void); // on stdout

#endif
