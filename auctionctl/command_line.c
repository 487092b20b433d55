#include "auctionctl/command_line.h"

#include <stddef.h>
#include <stdio.h>

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER };

struct option {
    const char *name;
    enum option_kind kind;
    size_t offset; // in struct command_line
    uint64_t least;
    uint64_t most;
    const char *help;
};

#define FLAG(name, member, help)                                             \
    {                                                                        \
        name, OPTION_FLAG, offsetof(struct command_line, member), 0, 0, help \
    }
#define TEXT(name, member, help)                                             \
    {                                                                        \
        name, OPTION_TEXT, offsetof(struct command_line, member), 0, 0, help \
    }
#define NUMBER(name, member, least, most, help)                                       \
    {                                                                                 \
        name, OPTION_NUMBER, offsetof(struct command_line, member), least, most, help \
    }

static const struct option options[] = {
    FLAG("--help", wants_help, "this text"),
    FLAG("--version", wants_version, "the version"),
    TEXT("--url", url, "address of the bridge (http://127.0.0.1:8080)"),
    TEXT("--token-file", token_file, "file with a token to ask with"),
    TEXT("--key-file", key_file, "file with signing keys: tokens are made as needed"),
    FLAG("--json", json, "print the raw answer"),
    FLAG("--csv", csv, "results: as CSV"),
    TEXT("--role", role, "token, invite: viewer, bidder, clerk, auctioneer, admin"),
    TEXT("--sale", sale, "token, bots, and the commands with --data: the sale"),
    TEXT("--sub", sub, "token: participant id or user name"),
    TEXT("--name", name, "token: name of the person"),
    NUMBER("--ttl-s", ttl_s, 1, 31536000, "token: seconds until it expires (86400)"),
    NUMBER("--uses", uses, 0, 1000000, "invite: how many may join by it (0: no limit)"),
    NUMBER("--expires-in-s", expires_in_s, 1, 31536000, "invite: seconds until it expires (never)"),
    TEXT("--lot", lot, "next: the lot meant (the present one)"),
    TEXT("--data", data, "verify and the other offline commands: the engine's data folder"),
    TEXT("--by", by, "explain: whose command (anybody's)"),
    TEXT("--format", format, "export: csv, json or results"),
    TEXT("--increments", increments, "replay-bids: a published table, such as ebay_us"),
    FLAG("--force", force, "restore: put the ledger that is there aside"),
    FLAG("--secrets", secrets, "timeline: also maxima and what is held for them"),
    NUMBER("--bidders", bidders, 1, 1000, "bots: how many (8)"),
    NUMBER("--seed", seed, 0, 9007199254740991, "bots: seed of their chance (1)"),
    TEXT("--transport", transport, "bots: polling, websocket, upgrade, mixed (mixed)"),
    TEXT("--path", path, "bots: path of Socket.IO (/socket.io/)"),
    TEXT("--invite", invite, "bots: join by this code (else one is made)"),
    TEXT("--report", report, "bots: file for a report as JSON"),
    NUMBER("--max-seconds", max_seconds, 1, 86400, "bots: end after this time"),
    NUMBER("--think-min-ms", think_min_ms, 0, 3600000, "bots: least time before a bid (30)"),
    NUMBER("--think-max-ms", think_max_ms, 0, 3600000, "bots: most time before a bid (300)"),
    FLAG("--quiet", quiet, "bots: no lines while they play"),
};

struct command_form {
    const char *word;
    size_t least;
    size_t most;
    const char *help;
};
static const struct command_form forms[CTL_COMMAND_COUNT] = {
#define X(name, word, least, most, help) [CTL_##name] = {word, least, most, help},
    CTL_COMMANDS(X)
#undef X
};

const char *command_word(enum ctl_command command)
{
    return forms[command].word;
}

void command_line_help(void)
{
    printf(
        "auctionctl [--url http://127.0.0.1:8080] [--token-file FILE | --key-file FILE] COMMAND\n"
        "\nCommands\n");
    for (int i = 1; i < CTL_COMMAND_COUNT; i++) {
        printf("  %-19s %s\n", forms[i].word, forms[i].help);
    }
    printf("\nOptions\n");
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        printf("  %-16s %s\n", options[i].name, options[i].help);
    }
    printf("\nExit code 1: refused or failed; 2: wrong usage; 3: the server cannot be reached.\n"
           "Commands with --data: 1: not there; 3: an engine holds the folder; 4: disk full; 5:\n"
           "input/output error; 6: the ledger is damaged, or a replay differs.\n");
}

static const struct option *option_find(struct bytes name)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (bytes_equal_text(name, options[i].name)) {
            return &options[i];
        }
    }
    return NULL;
}

static bool option_read(int argc, const char *const *argv, int *at, struct command_line *line,
                        char *why)
{
    struct bytes word = bytes_text(argv[*at]);
    size_t equals = bytes_find(word, '=', 0);
    const struct option *option = option_find(bytes_of(word.data, equals));
    if (option == NULL) {
        snprintf(why, COMMAND_WHY_SIZE_MAX, "unknown option %.100s", argv[*at]);
        return false;
    }
    char *place = (char *)line + option->offset;
    if (option->kind == OPTION_FLAG) {
        *(bool *)(void *)place = true;
        if (equals < word.size) {
            snprintf(why, COMMAND_WHY_SIZE_MAX, "%s takes no value", option->name);
        }
        return equals == word.size;
    }
    const char *value = equals < word.size ? argv[*at] + equals + 1 : NULL;
    if (value == NULL) {
        if (*at + 1 >= argc) {
            snprintf(why, COMMAND_WHY_SIZE_MAX, "%s needs a value", option->name);
            return false;
        }
        value = argv[++*at];
    }
    if (option->kind == OPTION_TEXT) {
        *(const char **)(void *)place = value;
        return true;
    }
    uint64_t number;
    if (!bytes_to_uint64(bytes_text(value), option->most, &number) || number < option->least) {
        snprintf(why, COMMAND_WHY_SIZE_MAX, "%s takes a number from %llu to %llu", option->name,
                 (unsigned long long)option->least, (unsigned long long)option->most);
        return false;
    }
    *(uint64_t *)(void *)place = number;
    return true;
}

static bool word_read(const char *word, struct command_line *line, char *why)
{
    if (line->command != CTL_NONE) {
        if (line->operands_count == forms[line->command].most) {
            snprintf(why, COMMAND_WHY_SIZE_MAX, "%.60s: more than '%s %s' takes", word,
                     forms[line->command].word, forms[line->command].help);
            return false;
        }
        line->operands[line->operands_count++] = word;
        return true;
    }
    for (int i = 1; i < CTL_COMMAND_COUNT; i++) {
        if (strcmp(word, forms[i].word) == 0) {
            line->command = (enum ctl_command)i;
            return true;
        }
    }
    snprintf(why, COMMAND_WHY_SIZE_MAX, "unknown command %.60s (try --help)", word);
    return false;
}

static bool line_check(const struct command_line *line, char *why)
{
    const struct command_form *form = &forms[line->command];
    if (line->wants_help || line->wants_version) {
        return true;
    }
    if (line->command == CTL_NONE) {
        snprintf(why, COMMAND_WHY_SIZE_MAX, "a command is needed (try --help)");
        return false;
    }
    const char *missing = NULL;
    if (line->command == CTL_TOKEN && line->role == NULL) {
        missing = "--role";
    } else if (line->command == CTL_TOKEN && line->key_file == NULL) {
        missing = "--key-file";
    } else if (line->command >= CTL_VERIFY && line->command <= CTL_RESTORE && line->data == NULL) {
        missing = "--data";
    } else if (line->command == CTL_REPLAY_BIDS && line->increments == NULL) {
        missing = "--increments";
    } else if (line->command == CTL_BOTS && line->sale == NULL) {
        missing = "--sale";
    } else if (line->operands_count < form->least) {
        missing = form->help;
    }
    if (missing != NULL) {
        snprintf(why, COMMAND_WHY_SIZE_MAX, "%s needs %s", form->word, missing);
        return false;
    }
    if (line->token_file != NULL && line->key_file != NULL) {
        snprintf(why, COMMAND_WHY_SIZE_MAX, "--token-file and --key-file exclude each other");
        return false;
    }
    if (line->think_max_ms < line->think_min_ms) {
        snprintf(why, COMMAND_WHY_SIZE_MAX, "--think-max-ms is less than --think-min-ms");
        return false;
    }
    return true;
}

bool command_line_read(int argc, const char *const *argv, struct command_line *out_line,
                       char why[COMMAND_WHY_SIZE_MAX])
{
    struct command_line line = {.url = "http://127.0.0.1:8080",
                                .ttl_s = 86400,
                                .bidders = 8,
                                .seed = 1,
                                .transport = "mixed",
                                .path = "/socket.io/",
                                .think_min_ms = 30,
                                .think_max_ms = 300};
    bool only_words = false;
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        bool good = true;
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (!only_words && word[0] == '-' && word[1] != 0) {
            good = option_read(argc, argv, &at, &line, why);
        } else {
            good = word_read(word, &line, why);
        }
        if (!good) {
            return false;
        }
    }
    if (!line_check(&line, why)) {
        return false;
    }
    *out_line = line;
    return true;
}
