#include "auctionctl/bots_command.h"

#include <stdio.h>
#include <sys/resource.h>

#include "auctionctl/api.h"
#include "auctionctl/bots/bots_run.h"
#include "auctionctl/commands.h"
#include "lib/json/json_write.h"
#include "lib/os/os_file.h"

enum { SUMMARY_SIZE_MAX = 1024 * 1024, REPORT_SIZE_MAX = 512 * 1024 * 1024 };

static bool transport_read(const char *text, enum bots_transport *out_transport)
{
    static const char *const names[] = {"polling", "websocket", "upgrade", "mixed"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out_transport = (enum bots_transport)i;
            return true;
        }
    }
    return false;
}

static int invite_get(const struct command_line *line, struct buffer *out_invite)
{
    if (line->invite != NULL) {
        buffer_append_text(out_invite, line->invite);
        return EXIT_DONE;
    }
    if (line->token_file == NULL && line->key_file == NULL) {
        fprintf(stderr,
                "auctionctl: bots need --invite, or --key-file or --token-file to make one\n");
        return EXIT_USAGE;
    }
    struct buffer token;
    struct buffer path;
    buffer_init(&token, 8192);
    buffer_init(&path, 512);
    api_sale_path(&path, line->sale, "/invites");
    struct api_answer answer;
    int code = api_token(line, &token) ? EXIT_DONE : EXIT_REFUSED;
    if (code == EXIT_DONE) {
        struct api_call call = {.method = "POST",
                                .path = buffer_text(&path),
                                .content_type = "application/json",
                                .body = bytes_text("{\"role\":\"bidder\",\"uses\":0}"),
                                .token = buffer_text(&token)};
        code = api_call(line, &call, &answer);
    }
    if (code == EXIT_DONE) {
        struct bytes invite = {0};
        if (json_to_text(json_member(answer.json, "invite"), &invite)) {
            buffer_append(out_invite, invite);
        } else {
            fprintf(stderr, "auctionctl: the answer has no invite\n");
            code = EXIT_REFUSED;
        }
        api_answer_release(&answer);
    }
    buffer_release(&token);
    buffer_release(&path);
    return code;
}

static bool joined_read(const struct json *answer, struct bots_member *member)
{
    struct bytes token;
    struct bytes id;
    if (!json_to_text(json_member(answer, "token"), &token) || token.size >= sizeof member->token ||
        !json_to_text(json_member(json_member(answer, "participant"), "id"), &id) ||
        !participant_id_read(id, &member->id)) {
        return false;
    }
    memcpy(member->token, token.data, token.size);
    member->token[token.size] = 0;
    return true;
}

static int member_join(const struct command_line *line, const char *invite,
                       struct bots_member *member)
{
    char id[33];
    os_random_hex(16, id);
    struct buffer body;
    struct buffer path;
    buffer_init(&body, 4096);
    buffer_init(&path, 512);
    struct json_writer writer = json_writer_on(&body);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "invite", invite);
    json_write_cstr(&writer, "name", member->name);
    json_write_cstr(&writer, "id", id);
    json_object_end(&writer);
    api_sale_path(&path, line->sale, "/join");
    struct api_call call = {.method = "POST",
                            .path = buffer_text(&path),
                            .content_type = "application/json",
                            .body = buffer_bytes(&body)};
    struct api_answer answer;
    int code = api_call(line, &call, &answer);
    if (code == EXIT_DONE) {
        if (!joined_read(answer.json, member)) {
            fprintf(stderr, "auctionctl: the answer to a join has no token or no participant\n");
            code = EXIT_REFUSED;
        }
        api_answer_release(&answer);
    }
    buffer_release(&body);
    buffer_release(&path);
    return code;
}

static bool file_write(const char *path, struct bytes text)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(text.data, 1, text.size, file) == text.size;
    if (file != NULL && fclose(file) != 0) {
        good = false;
    }
    if (!good) {
        fprintf(stderr, "auctionctl: cannot write %s\n", path);
    }
    return good;
}

static int result_tell(const struct command_line *line, const struct bots_config *config,
                       struct bots_result *result)
{
    struct buffer summary;
    struct buffer report;
    buffer_init(&summary, SUMMARY_SIZE_MAX);
    buffer_init(&report, REPORT_SIZE_MAX);
    bots_result_report(config, result, &report);
    bots_result_summary(result, &summary);
    struct bytes shown = buffer_bytes(line->json ? &report : &summary);
    fwrite(shown.data, 1, shown.size, stdout);
    int code = bots_result_is_good(result) ? EXIT_DONE : EXIT_REFUSED;
    if (code != EXIT_DONE) {
        fprintf(stderr, "auctionctl: the play was not clean\n");
    }
    if (line->report != NULL && !file_write(line->report, buffer_bytes(&report))) {
        code = EXIT_REFUSED;
    }
    buffer_release(&summary);
    buffer_release(&report);
    return code;
}

// A polling bot has two connections at times; the usual soft limit of 1,024 is for 500 of them.
static void descriptors_allow_more(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int bots_command_run(const struct command_line *line)
{
    struct bots_config config = {.url = line->url,
                                 .path = line->path,
                                 .sale = line->sale,
                                 .bidders = (int)line->bidders,
                                 .seed = line->seed,
                                 .think_min_ms = (int64_t)line->think_min_ms,
                                 .think_max_ms = (int64_t)line->think_max_ms,
                                 .max_ms = (int64_t)line->max_seconds * 1000,
                                 .shows_losses = !line->quiet};
    struct sale_id sale;
    if (!transport_read(line->transport, &config.transport) || line->path[0] != '/' ||
        strlen(line->path) > 64 || !sale_id_read(bytes_text(line->sale), &sale)) {
        fprintf(stderr, "auctionctl: --transport is polling, websocket, upgrade or mixed; --path "
                        "begins with /; --sale is an id\n");
        return EXIT_USAGE;
    }
    descriptors_allow_more();
    struct buffer invite;
    buffer_init(&invite, 512);
    struct bots_result result = {.count = config.bidders};
    result.members = calloc(line->bidders, sizeof *result.members);
    LC_ASSERT(result.members != NULL);
    int code = invite_get(line, &invite);
    for (int i = 0; i < result.count && code == EXIT_DONE; i++) {
        snprintf(result.members[i].name, sizeof result.members[i].name, "Bot %d", i + 1);
        code = member_join(line, buffer_text(&invite), &result.members[i]);
    }
    char why[160];
    if (code == EXIT_DONE && !bots_run(&config, &result, why)) {
        fprintf(stderr, "auctionctl: %s\n", why);
        code = EXIT_REFUSED;
    } else if (code == EXIT_DONE) {
        code = result_tell(line, &config, &result);
    }
    bots_result_release(&result);
    buffer_release(&invite);
    return code;
}
