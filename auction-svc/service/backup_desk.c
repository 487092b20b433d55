#include "auction-svc/service/backup_desk.h"

#include <stdio.h>

#include "lib/os/os_clock.h"
#include "lib/os/os_log.h"

void backup_desk_init(struct backup_desk *desk)
{
    *desk = (struct backup_desk){0};
    control_socket_init(&desk->control);
}

void backup_desk_open(struct backup_desk *desk, struct ledger *ledger, const char *data_folder)
{
    desk->ledger = ledger;
    if (control_socket_open(&desk->control, data_folder) != LC_OK) {
        os_log(OS_LOG_WARNING, "%s/control can't be opened: no backup while the engine runs",
               data_folder);
    }
}

void backup_desk_release(struct backup_desk *desk)
{
    if (desk->backup != NULL) {
        control_socket_say(&desk->control, "failed: the engine stops");
    }
    ledger_backup_end(desk->backup);
    desk->backup = NULL;
    control_socket_close(&desk->control);
}

static void finish(struct backup_desk *desk, const char *answer)
{
    ledger_backup_end(desk->backup);
    desk->backup = NULL;
    control_socket_say(&desk->control, answer);
    control_socket_hang_up(&desk->control);
}

static void fail(struct backup_desk *desk, enum lc_status status)
{
    char answer[64];
    (void)snprintf(answer, sizeof answer, "failed: %s", lc_status_name(status));
    finish(desk, answer);
}

static void begin(struct backup_desk *desk, const char *folder)
{
    enum lc_status status = ledger_backup_begin(desk->ledger, folder, &desk->backup);
    if (status != LC_OK) {
        fail(desk, status);
        return;
    }
    desk->steps = 0;
    os_log(OS_LOG_INFO, "backup: copying the ledger to %s", folder);
}

void backup_desk_watch(const struct backup_desk *desk, struct pollfd *out_polls)
{
    control_socket_watch(&desk->control, out_polls);
}

void backup_desk_process(struct backup_desk *desk, const struct pollfd *polls)
{
    static const char order[] = "backup ";
    const char *request = control_socket_process(&desk->control, polls);
    if (desk->backup != NULL && !control_socket_is_asked(&desk->control)) {
        os_log(OS_LOG_WARNING, "backup: given up, whoever asked for it has gone");
        finish(desk, "");
    }
    if (request == NULL) {
        return;
    }
    if (desk->backup != NULL || strncmp(request, order, strlen(order)) != 0) {
        control_socket_say(&desk->control, "failed: not understood");
        return;
    }
    begin(desk, request + strlen(order));
}

bool backup_desk_is_busy(const struct backup_desk *desk)
{
    return desk->backup != NULL;
}

static void say_progress(struct backup_desk *desk)
{
    char answer[64];
    if (desk->steps++ % BACKUP_PROGRESS_STEPS == 0) {
        (void)snprintf(answer, sizeof answer, "progress %lld %lld",
                       (long long)ledger_backup_left(desk->backup),
                       (long long)ledger_backup_pages(desk->backup));
        control_socket_say(&desk->control, answer);
    }
}

void backup_desk_step(struct backup_desk *desk, bool is_idle)
{
    int64_t end_us = os_clock_boot_us() + (is_idle ? BACKUP_STEPS_US : 0);
    bool is_done = false;
    while (desk->backup != NULL && !is_done) {
        enum lc_status status = ledger_backup_step(desk->backup, BACKUP_STEP_PAGES, &is_done);
        if (status != LC_OK) {
            fail(desk, status);
        } else if (is_done) {
            os_log(OS_LOG_INFO, "backup: copied");
            finish(desk, "done");
        } else {
            say_progress(desk);
        }
        if (os_clock_boot_us() >= end_us) {
            return;
        }
    }
}
