#include "auctionctl/offline_command.h"

#include "auctionctl/offline/offline.h"
#include "lib/base/status.h"
#include "lib/os/os_log.h"

int offline_command_run(const struct command_line *line)
{
    struct offline_request request = {
        .data = line->data,
        .sale = line->sale,
        .operand = line->operands_count > 0 ? line->operands[0] : NULL,
        .by = line->by,
        .format = line->format,
        .increments = line->increments,
        .json = line->json,
        .force = line->force,
        .secrets = line->secrets,
    };
    os_log_init("auctionctl", OS_LOG_ERROR);
    if (line->command == CTL_REPLAY) {
        return offline_replay(&request);
    }
    if (line->command == CTL_EXPLAIN) {
        return offline_explain(&request);
    }
    if (line->command == CTL_TIMELINE) {
        return offline_timeline(&request);
    }
    if (line->command == CTL_BACKUP) {
        return offline_backup(&request);
    }
    if (line->command == CTL_RESTORE) {
        return offline_restore(&request);
    }
    if (line->command == CTL_REPLAY_BIDS) {
        return offline_replay_bids(&request);
    }
    LC_ASSERT(line->command == CTL_EXPORT);
    return offline_export(&request);
}
