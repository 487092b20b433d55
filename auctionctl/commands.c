#include "auctionctl/commands.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "auctionctl/answer.h"
#include "auctionctl/api.h"
#include "auctionctl/bots_command.h"
#include "auctionctl/io/http.h"
#include "auctionctl/key_file.h"
#include "auctionctl/offline_command.h"
#include "auctionctl/token.h"
#include "lib/json/json_write.h"
#include "lib/os/os_file.h"

enum { FILE_SIZE_MAX = 32 * 1024 * 1024 };

static int keygen_run(const struct command_line *line)
{
    enum lc_status status = key_file_create(line->operands[0]);
    if (status == LC_ERR_EXISTS) {
        fprintf(stderr, "auctionctl: %s is there already, it is not overwritten\n",
                line->operands[0]);
        return EXIT_REFUSED;
    }
    if (status != LC_OK) {
        fprintf(stderr, "auctionctl: cannot write %s\n", line->operands[0]);
        return EXIT_REFUSED;
    }
    printf("%s: one new key\n", line->operands[0]);
    return EXIT_DONE;
}

static int token_run(const struct command_line *line)
{
    enum role role;
    if (!role_read(bytes_text(line->role), &role) || role == ROLE_NONE) {
        fprintf(stderr, "auctionctl: --role is viewer, bidder, clerk, auctioneer or admin\n");
        return EXIT_USAGE;
    }
    struct sale_id sale;
    const char *sale_text = line->sale != NULL ? line->sale : "*";
    if (strcmp(sale_text, "*") != 0 && !sale_id_read(bytes_text(sale_text), &sale)) {
        fprintf(stderr, "auctionctl: --sale is an id of [A-Za-z0-9_-], or *\n");
        return EXIT_USAGE;
    }
    struct participant_id sub;
    const char *sub_text = line->sub != NULL ? line->sub : line->role;
    if (!participant_id_read(bytes_text(sub_text), &sub)) {
        fprintf(stderr, "auctionctl: --sub is an id of at most 32 of [A-Za-z0-9_-]\n");
        return EXIT_USAGE;
    }
    struct signing_key key;
    struct buffer text;
    buffer_init(&text, 8192);
    enum lc_status status = key_file_read(line->key_file, &key);
    if (status == LC_OK) {
        struct token_claims claims = {.role = role,
                                      .sale = sale_text,
                                      .sub = sub_text,
                                      .name = line->name != NULL ? line->name : sub_text,
                                      .ttl_s = (int64_t)line->ttl_s};
        status = token_sign(&key, &claims, &text);
    }
    if (status != LC_OK) {
        fprintf(stderr, "auctionctl: cannot sign with the key file %s: %s\n", line->key_file,
                lc_status_name(status));
    } else {
        printf(line->json ? "{\"token\":\"%s\"}\n" : "%s\n", buffer_text(&text));
    }
    buffer_release(&text);
    return status == LC_OK ? EXIT_DONE : EXIT_REFUSED;
}

// Runs the engine's own check, the program beside this one; does not return when that starts.
static int verify_run(const struct command_line *line, const char *program_path)
{
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size <= 0) {
        snprintf(path, sizeof path, "%s", program_path);
        size = (ssize_t)strlen(path);
    }
    path[size] = 0;
    char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    snprintf(path + folder, sizeof path - folder, "auction-svc");
    const char *arguments[8] = {path, "verify", "--data", line->data};
    size_t count = 4;
    if (line->sale != NULL) {
        arguments[count++] = "--sale";
        arguments[count++] = line->sale;
    }
    if (line->json) {
        arguments[count++] = "--json";
    }
    fflush(stdout);
    union { // execv() takes no const for historical reasons, and writes nothing
        const char **given;
        char *const *wanted;
    } pointer = {.given = arguments};
    execv(path, pointer.wanted);
    fprintf(stderr, "auctionctl: cannot run %s: %s\n", path, strerror(errno));
    return EXIT_REFUSED;
}

static bool file_read(const char *path, struct buffer *out)
{
    enum lc_status status = os_file_read(path, out);
    if (status != LC_OK) {
        fprintf(stderr, "auctionctl: cannot read %s: %s\n", path,
                status == LC_ERR_NOT_FOUND ? "there is no such file" : lc_status_name(status));
    }
    return status == LC_OK;
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

// A JSON file of lots or participants may be the list itself or {"lots": [...]}.
static int list_file_read(const char *path, const char *name, struct buffer *out_body,
                          const char **out_type)
{
    struct buffer text;
    buffer_init(&text, FILE_SIZE_MAX);
    struct json *document = NULL;
    int code = EXIT_REFUSED;
    if (!file_read(path, &text)) {
        goto cleanup;
    }
    if (ends_with(path, ".csv")) {
        *out_type = "text/csv";
        buffer_append(out_body, buffer_bytes(&text));
        code = EXIT_DONE;
        goto cleanup;
    }
    if (!ends_with(path, ".json")) {
        fprintf(stderr, "auctionctl: %s: %s come from a file .json or .csv\n", path, name);
        code = EXIT_USAGE;
        goto cleanup;
    }
    if (json_parse(buffer_bytes(&text), &document) != LC_OK) {
        fprintf(stderr, "auctionctl: %s is not JSON\n", path);
        goto cleanup;
    }
    *out_type = "application/json";
    if (json_is_array(document)) {
        struct json_writer writer = json_writer_on(out_body);
        json_object_begin(&writer, NULL);
        json_write_raw(&writer, name, buffer_bytes(&text));
        json_object_end(&writer);
    } else {
        buffer_append(out_body, buffer_bytes(&text));
    }
    code = EXIT_DONE;
cleanup:
    json_destroy(document);
    buffer_release(&text);
    return code;
}

static void command_body(struct buffer *out, const char *op, const char *lot)
{
    char id[33];
    os_random_hex(16, id);
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "op", op);
    json_write_cstr(&writer, "id", id);
    if (lot != NULL) {
        json_write_cstr(&writer, "lot", lot);
    }
    json_object_end(&writer);
}

static void invite_body(struct buffer *out, const struct command_line *line)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    json_write_cstr(&writer, "role", line->role != NULL ? line->role : "bidder");
    json_write_int(&writer, "uses", (int64_t)line->uses);
    if (line->expires_in_s > 0) {
        json_write_int(&writer, "expires_in_s", (int64_t)line->expires_in_s);
    }
    json_object_end(&writer);
}

// The lot that `next` means when none is named: the open one, or the one counted in.
static int present_lot(const struct command_line *line, const char *token, char out_lot[64])
{
    struct buffer path;
    buffer_init(&path, 512);
    api_sale_path(&path, line->operands[0], "");
    struct api_call call = {.method = "GET", .path = buffer_text(&path), .token = token};
    struct api_answer answer;
    int code = api_call(line, &call, &answer);
    buffer_release(&path);
    if (code != EXIT_DONE) {
        return code;
    }
    const struct json *snapshot = json_member(answer.json, "snapshot");
    const struct json *state =
        json_member(json_is_object(snapshot) ? snapshot : answer.json, "state");
    struct bytes clock = bytes_text("");
    struct bytes id;
    (void)json_to_text(json_member(state, "clock"), &clock);
    const char *member = bytes_equal_text(clock, "gap") ? "next" : "lot";
    if (json_to_text(json_member(json_member(state, member), "id"), &id) && id.size < 64) {
        memcpy(out_lot, id.data, id.size);
        out_lot[id.size] = 0;
    } else {
        fprintf(stderr, "auctionctl: WRONG_LOT: no lot is open or counted in\n");
        code = EXIT_REFUSED;
    }
    api_answer_release(&answer);
    return code;
}

static int body_make(const struct command_line *line, const char *token, struct buffer *body,
                     struct api_call *call)
{
    char lot[64] = "";
    int code = EXIT_DONE;
    call->content_type = "application/json";
    call->method = "POST";
    if (line->command == CTL_CREATE) {
        code = file_read(line->operands[0], body) ? EXIT_DONE : EXIT_REFUSED;
    } else if (line->command == CTL_IMPORT) {
        code = list_file_read(line->operands[1], "lots", body, &call->content_type);
    } else if (line->command == CTL_IMPORT_PARTICIPANTS) {
        code = list_file_read(line->operands[1], "participants", body, &call->content_type);
    } else if (line->command == CTL_INVITE) {
        invite_body(body, line);
    } else if (line->command == CTL_NEXT) {
        if (line->lot == NULL) {
            code = present_lot(line, token, lot);
        }
        command_body(body, "next", line->lot != NULL ? line->lot : lot);
    } else if (line->command >= CTL_BEGIN && line->command <= CTL_DELETE) {
        command_body(body, command_word(line->command), NULL);
    } else {
        call->method = "GET";
        call->content_type = NULL;
    }
    call->body = buffer_bytes(body);
    return code;
}

static void path_make(const struct command_line *line, struct buffer *path)
{
    const char *sale = line->operands[0];
    if (line->command == CTL_CREATE || line->command == CTL_LIST) {
        buffer_append_text(path, "/api/sales");
    } else if (line->command == CTL_IMPORT) {
        api_sale_path(path, sale, "/lots");
    } else if (line->command == CTL_IMPORT_PARTICIPANTS) {
        api_sale_path(path, sale, "/participants");
    } else if (line->command == CTL_EXPORT_DEFINITION) {
        api_sale_path(path, sale, "/definition.json");
    } else if (line->command == CTL_INVITE) {
        api_sale_path(path, sale, "/invites");
    } else if (line->command == CTL_STATUS) {
        api_sale_path(path, sale, "");
    } else if (line->command == CTL_RESULTS) {
        api_sale_path(path, sale, line->csv ? "/results.csv" : "/results.json");
    } else if (line->command == CTL_RECEIPT) {
        api_sale_path(path, sale, "/receipts/");
        http_escape(line->operands[1], path);
    } else {
        api_sale_path(path, sale, "/commands");
    }
}

static int api_run(const struct command_line *line)
{
    struct buffer token;
    struct buffer body;
    struct buffer path;
    struct buffer text;
    buffer_init(&token, 8192);
    buffer_init(&body, FILE_SIZE_MAX);
    buffer_init(&path, 1024);
    buffer_init(&text, FILE_SIZE_MAX);
    struct api_call call = {.wants_text = line->csv};
    struct api_answer answer;
    int code = api_token(line, &token) ? EXIT_DONE : EXIT_REFUSED;
    call.token = buffer_text(&token);
    if (code == EXIT_DONE) {
        code = body_make(line, call.token, &body, &call);
    }
    path_make(line, &path);
    call.path = buffer_text(&path);
    if (code == EXIT_DONE && call.path == NULL) {
        fprintf(stderr, "auctionctl: an id is too long\n");
        code = EXIT_USAGE;
    }
    if (code == EXIT_DONE) {
        code = api_call(line, &call, &answer);
        if (code == EXIT_DONE) {
            bool is_raw = line->json || line->command == CTL_EXPORT_DEFINITION;
            if (is_raw || answer.json == NULL) {
                buffer_append(&text, buffer_bytes(&answer.body));
                if (is_raw) {
                    buffer_append_byte(&text, '\n');
                }
            } else {
                answer_print(line, answer.json, &text);
            }
            fwrite(text.data, 1, text.size, stdout);
            api_answer_release(&answer);
        }
    }
    buffer_release(&token);
    buffer_release(&body);
    buffer_release(&path);
    buffer_release(&text);
    return code;
}

int command_run(const struct command_line *line, const char *program_path)
{
    if (line->command == CTL_KEYGEN) {
        return keygen_run(line);
    }
    if (line->command == CTL_TOKEN) {
        return token_run(line);
    }
    if (line->command == CTL_VERIFY) {
        return verify_run(line, program_path);
    }
    if (line->command > CTL_VERIFY && line->command <= CTL_REPLAY_BIDS) {
        return offline_command_run(line);
    }
    http_start();
    int code = line->command == CTL_BOTS ? bots_command_run(line) : api_run(line);
    http_end();
    return code;
}
