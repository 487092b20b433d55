#include "auction-svc/service/epoch_watch.h"

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

void epoch_watch_take(struct epoch_watch *watch, struct bytes payload)
{
    struct wire_head head;
    if (watch->stage != EPOCHS_KNOWN && wire_read_head(payload, &head) == LC_OK &&
        head.epoch > watch->highest && head.epoch <= EPOCH_MAX) {
        watch->highest = head.epoch;
    }
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
