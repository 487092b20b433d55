#include "auctionctl/offline/source.h"

#include <stdio.h>

int source_exit(enum lc_status status)
{
    switch (status) {
    case LC_OK:
        return OFFLINE_DONE;
    case LC_ERR_BUSY:
        return OFFLINE_LOCKED;
    case LC_ERR_DISK_FULL:
        return OFFLINE_DISK_FULL;
    case LC_ERR_IO:
        return OFFLINE_IO;
    case LC_ERR_CORRUPT:
        return OFFLINE_CORRUPT;
    case LC_ERR_NO_MEMORY:
    case LC_ERR_FULL:
    case LC_ERR_BAD_INPUT:
    case LC_ERR_NOT_FOUND:
    case LC_ERR_EXISTS:
    case LC_ERR_OFFLINE:
        break;
    }
    return OFFLINE_REFUSED;
}

int source_open_ledger(struct source *source, const struct offline_request *request)
{
    *source = (struct source){0};
    enum lc_status status = ledger_open(request->data, LEDGER_VERIFY, &source->ledger);
    if (status == LC_ERR_BUSY) {
        fprintf(stderr, "auctionctl: an engine holds %s; take a backup and look at that\n",
                request->data);
    } else if (status != LC_OK) {
        fprintf(stderr, "auctionctl: cannot read the ledger in %s: %s\n", request->data,
                lc_status_name(status));
    }
    return source_exit(status);
}

struct choice {
    const char *wanted;
    struct sale_id id;
    int64_t found;
};

static enum lc_status choose(void *owner, const struct ledger_sale *sale)
{
    struct choice *choice = owner;
    if (choice->wanted == NULL || strcmp(choice->wanted, sale->sale.text) == 0) {
        choice->id = sale->sale;
        choice->found++;
    }
    return LC_OK;
}

int source_open(struct source *source, const struct offline_request *request)
{
    struct choice choice = {.wanted = request->sale};
    int code = source_open_ledger(source, request);
    if (code != OFFLINE_DONE) {
        return code;
    }
    code = source_exit(ledger_each_sale(source->ledger, choose, &choice));
    if (code == OFFLINE_DONE && choice.found == 0) {
        fprintf(stderr, "auctionctl: the ledger has no sale%s%s\n",
                request->sale != NULL ? " " : " in it", request->sale != NULL ? request->sale : "");
        code = OFFLINE_REFUSED;
    } else if (code == OFFLINE_DONE && choice.found > 1) {
        fprintf(stderr, "auctionctl: the ledger has %lld sales: --sale is needed\n",
                (long long)choice.found);
        code = OFFLINE_USAGE;
    }
    source->replay.id = choice.id;
    return code;
}

int source_replay(struct source *source, const struct sale_id *id, struct replay_watcher watcher)
{
    struct sale_id sale_id = *id; // may be that of the replay
    enum lc_status status = replay_init(&source->replay, &sale_id, watcher);
    if (status == LC_OK) {
        status = replay_rows(&source->replay, source->ledger);
    }
    if (status == LC_OK && !replay_is_ok(&source->replay)) {
        fprintf(stderr, "auctionctl: sale %s is damaged: %s (see verify)\n", sale_id.text,
                source->replay.report.wrong);
        status = LC_ERR_CORRUPT;
    }
    return source_exit(status);
}

void source_end_replay(struct source *source)
{
    replay_release(&source->replay);
}

void source_close(struct source *source)
{
    source_end_replay(source);
    ledger_close(source->ledger);
}

int source_print(struct buffer *out)
{
    bool is_whole = buffer_status(out) == LC_OK &&
                    (out->size == 0 ||
                     (fwrite(out->data, 1, out->size, stdout) == out->size && fflush(stdout) == 0));
    buffer_clear(out);
    if (!is_whole) {
        fprintf(stderr, "auctionctl: the output could not be written\n");
    }
    return is_whole ? OFFLINE_DONE : OFFLINE_IO;
}
