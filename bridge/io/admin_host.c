#include "bridge/io/admin_host.h"

#include <stdlib.h>
#include <unistd.h>

#include "bridge/admin/admin.h"
#include "bridge/io/password.h"
#include "lib/base/buffer.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"

enum { FILE_SIZE_MAX = 4096, HOST_SIZE_MAX = 64 };

struct admin_host {
    struct admin *admin;
    struct password_checker *checker;
};

static int64_t boot_ms(void *context)
{
    (void)context;
    return os_clock_boot_ms();
}

static int64_t wall_ms(void *context)
{
    (void)context;
    return os_clock_wall_ms();
}

static void random_bytes(void *context, uint8_t *data, size_t size)
{
    (void)context;
    os_random(data, size);
}

static bool check_password(void *context, uint64_t ticket, struct bytes password)
{
    const struct admin_host *host = context;
    return password_checker_ask(host->checker, ticket, password);
}

// Cuts `user:hash` in two; false when it is no such line.
static bool cut_line(char *text, const char **out_user, const char **out_hash)
{
    text[strcspn(text, "\r\n")] = 0;
    char *colon = strchr(text, ':');
    if (colon == NULL || colon == text || !password_hash_is_good(colon + 1)) {
        return false;
    }
    *colon = 0;
    *out_user = text;
    *out_hash = colon + 1;
    return true;
}

static enum lc_status begin(struct admin_host *host, const struct admin_host_config *config,
                            const char *user, const char *hash, struct socketio_server *server,
                            char out_why[160])
{
    char name[HOST_SIZE_MAX] = "";
    if (gethostname(name, sizeof name - 1) != 0 || name[0] == 0) {
        snprintf(name, sizeof name, "localhost");
    }
    enum lc_status status = password_checker_create(hash, &host->checker);
    if (status != LC_OK) {
        snprintf(out_why, 160, "the admin's password hash: %s", lc_status_name(status));
        return status;
    }
    status = admin_create(&(struct admin_config){.namespace_name = config->namespace_name,
                                                 .user = user,
                                                 .server_id = config->server_id,
                                                 .host = name,
                                                 .process_id = getpid(),
                                                 .is_production = config->is_production,
                                                 .is_readonly = config->is_readonly},
                          &(struct admin_env){.boot_ms = boot_ms,
                                              .wall_ms = wall_ms,
                                              .random = random_bytes,
                                              .check_password = check_password,
                                              .context = host},
                          server, &host->admin);
    if (status != LC_OK) {
        snprintf(out_why, 160, "the admin's namespace: %s", lc_status_name(status));
    }
    return status;
}

static enum lc_status begin_by_file(struct admin_host *host, const struct admin_host_config *config,
                                    struct socketio_server *server, char out_why[160])
{
    struct buffer text;
    buffer_init(&text, FILE_SIZE_MAX);
    enum lc_status status = os_file_read(config->file, &text);
    const char *user;
    const char *hash;
    if (status != LC_OK || buffer_text(&text) == NULL) {
        snprintf(out_why, 160, "cannot read the admin file: %s", lc_status_name(status));
    } else if (!cut_line((char *)text.data, &user, &hash)) {
        snprintf(out_why, 160, "the admin file is not one line user:bcrypt-hash");
        status = LC_ERR_BAD_INPUT;
    } else {
        status = begin(host, config, user, hash, server, out_why);
    }
    if (text.data != NULL) {
        explicit_bzero(text.data, text.size);
    }
    buffer_release(&text);
    return status;
}

enum lc_status admin_host_create(const struct admin_host_config *config,
                                 struct socketio_server *server, struct admin_host **out_host,
                                 char out_why[160])
{
    struct admin_host *host = calloc(1, sizeof *host);
    if (host == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    enum lc_status status = config->file != NULL
                                ? begin_by_file(host, config, server, out_why)
                                : begin(host, config, config->user, config->hash, server, out_why);
    if (status != LC_OK) {
        admin_host_destroy(host);
        return status;
    }
    *out_host = host;
    return LC_OK;
}

void admin_host_destroy(struct admin_host *host)
{
    if (host == NULL) {
        return;
    }
    password_checker_destroy(host->checker);
    admin_destroy(host->admin);
    free(host);
}

int admin_host_fd(void *host)
{
    return password_checker_fd(((struct admin_host *)host)->checker);
}

int64_t admin_host_deadline_ms(void *host)
{
    return admin_deadline_ms(((struct admin_host *)host)->admin);
}

static void on_checked(void *owner, uint64_t ticket, bool is_right)
{
    admin_password_checked(owner, ticket, is_right);
}

void admin_host_process(struct admin_host *host)
{
    password_checker_process(host->checker, on_checked, host->admin);
    admin_tick(host->admin);
}
