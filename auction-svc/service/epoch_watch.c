#include "auction-svc/service/epoch_watch.h"

#include <stdlib.h>

#include "lib/os/os_log.h"
#include "lib/wire/message.h"
#include "lib/wire/topic.h"

// Beyond this the next one could not be written as a number any more: such a message is not ours.
#define EPOCH_MAX INT64_C(1000000000000)

void epoch_watch_begin(struct epoch_watch *watch, struct mqtt_link *link, const char *prefix)
{
    char pattern[TOPIC_SIZE_MAX];
    if (watch->stage == EPOCHS_KNOWN) {
        return;
    }
    watch->proof = -1;
    watch->stage = EPOCHS_ASKED;
    topic_pattern_states(prefix, pattern);
    if (mqtt_link_subscribe(link, pattern, 0) != LC_OK) {
        mqtt_link_drop(link);
    }
}

void epoch_watch_release(struct epoch_watch *watch)
{
    free(watch->sales);
    watch->sales = NULL;
    watch->sales_count = 0;
    watch->sales_capacity = 0;
}

// Without memory it is the warning about a sale that is missing, nothing else.
static void remember(struct epoch_watch *watch, const struct seen_sale *seen)
{
    if (watch->sales_count == watch->sales_capacity) {
        size_t capacity = watch->sales_capacity == 0 ? 64 : watch->sales_capacity * 2;
        struct seen_sale *sales = capacity > (size_t)2 * EPOCH_WATCH_SALES_MAX
                                      ? NULL
                                      : realloc(watch->sales, capacity * sizeof *sales);
        if (sales == NULL) {
            return;
        }
        watch->sales = sales;
        watch->sales_capacity = capacity;
    }
    watch->sales[watch->sales_count++] = *seen;
}

void epoch_watch_take(struct epoch_watch *watch, const struct sale_id *sale, struct bytes payload)
{
    struct wire_head head;
    if (watch->stage == EPOCHS_KNOWN || wire_read_head(payload, &head) != LC_OK ||
        head.epoch > EPOCH_MAX) {
        return;
    }
    if (head.epoch > watch->highest) {
        watch->highest = head.epoch;
    }
    remember(watch, &(struct seen_sale){.sale = *sale, .epoch = head.epoch, .seq = head.seq});
}

bool epoch_watch_subscribed(struct epoch_watch *watch, bool granted)
{
    if (watch->stage != EPOCHS_ASKED) {
        return false;
    }
    if (!granted) {
        os_log(OS_LOG_WARNING, "broker: the retained state can't be read: an epoch that it has "
                               "seen before a backup was restored is not known");
    }
    watch->stage = granted ? EPOCHS_PROVING : EPOCHS_KNOWN;
    return granted;
}

void epoch_watch_prove(struct epoch_watch *watch, int handle)
{
    watch->proof = handle;
}

void epoch_watch_acknowledged(struct epoch_watch *watch, struct mqtt_link *link, const char *prefix,
                              int handle)
{
    char pattern[TOPIC_SIZE_MAX];
    if (watch->stage != EPOCHS_PROVING || watch->proof != handle) {
        return;
    }
    watch->stage = EPOCHS_KNOWN;
    topic_pattern_states(prefix, pattern);
    if (mqtt_link_unsubscribe(link, pattern) != LC_OK) {
        mqtt_link_drop(link); // else the engine would hear itself for ever
    }
}
