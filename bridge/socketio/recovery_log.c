// The events that a session may have missed: a bounded log for all namespaces.
#include <stdio.h>
#include <stdlib.h>

#include "bridge/socketio/recovery.h"
#include "bridge/socketio/restore.h"

enum { LOG_SWEEP_MS = 60000 };

struct log_entry *log_entry_at(const struct recovery *recovery, uint64_t position)
{
    LC_ASSERT(position >= recovery->first && position < recovery->next);
    return &recovery->entries[position % recovery->events_max];
}

uint64_t recovery_newest(const struct socketio_server *server)
{
    return server->recovery == NULL ? 0 : server->recovery->next - 1;
}

// ---- what is given up ----

static void note_lost(struct lost *lost, uint64_t position, uint64_t except)
{
    if (except == 0) {
        *lost = (struct lost){position, 0, position};
        return;
    }
    if (except != lost->newest_except) {
        lost->newest_other = lost->newest;
        lost->newest_except = except;
    }
    lost->newest = position;
}

uint64_t lost_for(const struct lost *lost, uint64_t number)
{
    return lost->newest_except == number ? lost->newest_other : lost->newest;
}

static void party_release(struct socketio_server *server, const struct party *party)
{
    switch (party->kind) {
    case PARTY_ROOM:
        room_release(server, party->room);
        break;
    case PARTY_RECORD:
        record_release(server, party->record);
        break;
    }
}

static void mark_lost(const struct log_entry *entry, uint64_t position)
{
    const struct party *except = &entry->parties[entry->for_count];
    bool is_sender = entry->except_count == 1 && except->kind == PARTY_RECORD;
    uint64_t number = is_sender ? except->record->number : 0;
    for (size_t i = 0; i < entry->for_count; i++) {
        const struct party *party = &entry->parties[i];
        note_lost(party->kind == PARTY_ROOM ? &party->room->lost : &party->record->lost, position,
                  number);
    }
    if (entry->for_count == 0) {
        note_lost(&entry->namespace->lost, position, number);
    }
}

static void evict_oldest(struct socketio_server *server)
{
    struct recovery *recovery = server->recovery;
    uint64_t position = recovery->first;
    struct log_entry entry = *log_entry_at(recovery, position);
    if (entry.parties == &log_entry_at(recovery, position)->one) {
        entry.parties = &entry.one;
    }
    recovery->first++;
    recovery->bytes -= frame_packet_size(entry.frame);
    mark_lost(&entry, position);
    for (size_t i = 0; i < entry.for_count + entry.except_count; i++) {
        party_release(server, &entry.parties[i]);
    }
    if (entry.parties != &entry.one) {
        free(entry.parties);
    }
    namespace_release(server, entry.namespace);
    frame_destroy(entry.frame);
}

void log_sweep(struct socketio_server *server, int64_t now_ms)
{
    struct recovery *recovery = server->recovery;
    if (now_ms < recovery->sweep_at_ms) {
        return;
    }
    const struct socketio_config *config = &server->config;
    // A session is put away only when its heartbeat failed, long after the first event it missed.
    int64_t keep_ms = config->recovery_ms + config->ping_interval_ms + config->ping_timeout_ms;
    while (recovery->first < recovery->next &&
           log_entry_at(recovery, recovery->first)->at_ms + keep_ms <= now_ms) {
        evict_oldest(server);
    }
    recovery->sweep_at_ms =
        recovery->first < recovery->next ? now_ms + LOG_SWEEP_MS : DEADLINE_NONE;
}

void log_release(struct socketio_server *server)
{
    while (server->recovery->first < server->recovery->next) {
        evict_oldest(server);
    }
    free(server->recovery->entries);
}

// ---- for whom an event is ----

static bool is_party(const struct party *party, const struct record *record, uint64_t position)
{
    if (party->kind == PARTY_RECORD) {
        return party->record == record;
    }
    for (size_t i = 0; i < record->rooms_count; i++) {
        if (record->rooms[i].room == party->room && record->rooms[i].joined_at < position) {
            return true;
        }
    }
    return false;
}

bool log_entry_is_for(const struct log_entry *entry, uint64_t position, const struct record *record)
{
    bool is_for = entry->namespace == record->namespace && entry->for_count == 0;
    for (size_t i = 0; i < entry->for_count && !is_for; i++) {
        is_for = is_party(&entry->parties[i], record, position);
    }
    for (size_t i = 0; i < entry->except_count && is_for; i++) {
        is_for = !is_party(&entry->parties[entry->for_count + i], record, UINT64_MAX);
    }
    return is_for;
}

struct parties {
    struct party *items;
    size_t count;
    size_t capacity;
    bool failed;
};

static void add_party(struct parties *parties, struct party party)
{
    if (parties->count == parties->capacity && !parties->failed) {
        size_t capacity = parties->capacity == 0 ? 4 : parties->capacity * 2;
        struct party *items = realloc(parties->items, capacity * sizeof *items);
        parties->failed = items == NULL;
        parties->items = items == NULL ? parties->items : items;
        parties->capacity = items == NULL ? parties->capacity : capacity;
    }
    if (!parties->failed) {
        parties->items[parties->count++] = party;
    }
}

static struct record *record_of_sid(const struct socketio_server *server, struct bytes sid)
{
    const struct socket *socket = socket_find_sid(server, sid);
    return socket != NULL && socket->record != NULL ? socket->record
                                                    : recovery_find_sid(server, sid);
}

static void add_room(const struct socketio_server *server, struct parties *parties,
                     struct bytes namespace_name_, struct bytes name)
{
    struct room *room = room_find(server, namespace_name_, name);
    if (room != NULL) {
        add_party(parties, (struct party){.kind = PARTY_ROOM, .room = room});
    }
    struct record *record = record_of_sid(server, name);
    if (record != NULL && bytes_equal(namespace_name(record->namespace), namespace_name_)) {
        add_party(parties, (struct party){.kind = PARTY_RECORD, .record = record});
    }
}

bool recovery_is_for(const struct socketio_server *server, const struct namespace *namespace)
{
    return server->recovery != NULL && namespace != NULL && !namespace->owner->ops.never_recovers &&
           !restore_is_for(namespace->owner);
}

bool recovery_wants(const struct socketio_server *server, const struct socketio_target *target,
                    const struct socketio_emission *emission)
{
    struct namespace *namespace = namespace_find(server, target->namespace_name);
    if (!recovery_is_for(server, namespace) || emission->is_volatile) {
        return false;
    }
    bool wants = target->rooms_count == 0;
    for (size_t i = 0; i < target->rooms_count && !wants; i++) {
        wants = room_find(server, target->namespace_name, target->rooms[i]) != NULL ||
                record_of_sid(server, target->rooms[i]) != NULL;
    }
    return wants;
}

// ---- writing ----

// Takes `parties` when there are more than one.
static void append(struct socketio_server *server, struct namespace *namespace, struct frame *frame,
                   struct party *parties, size_t for_count, size_t except_count)
{
    struct recovery *recovery = server->recovery;
    // First the references: what is given up below may be the last that held one of them.
    namespace->references++;
    for (size_t i = 0; i < for_count + except_count; i++) {
        const struct party *party = &parties[i];
        *(party->kind == PARTY_ROOM ? &party->room->references : &party->record->references) += 1;
    }
    if (recovery->next - recovery->first == recovery->events_max) {
        evict_oldest(server);
    }
    uint64_t position = recovery->next++;
    struct log_entry *entry = log_entry_at(recovery, position);
    *entry = (struct log_entry){.frame = frame_share(frame),
                                .namespace = namespace,
                                .at_ms = engineio_now(server->engine),
                                .parties = parties,
                                .for_count = for_count,
                                .except_count = except_count};
    if (for_count + except_count <= 1) {
        entry->one = for_count + except_count == 1 ? *parties : (struct party){0};
        entry->parties = &entry->one;
    }
    recovery->bytes += frame_packet_size(frame);
    while (recovery->bytes > server->config.recovery_bytes_max) { // perhaps this one, too
        evict_oldest(server);
    }
    if (recovery->sweep_at_ms == DEADLINE_NONE) {
        recovery->sweep_at_ms = engineio_now(server->engine) + LOG_SWEEP_MS;
        server_schedule(server);
    }
}

// An event without memory for it: nobody of the namespace can be sure any more.
static void give_up(struct socketio_server *server, struct namespace *namespace)
{
    struct recovery *recovery = server->recovery;
    while (recovery->first < recovery->next) {
        evict_oldest(server);
    }
    note_lost(&namespace->lost, recovery->next, 0);
    recovery->next++;
    recovery->first = recovery->next;
}

void recovery_log(struct socketio_server *server, const struct socketio_target *target,
                  const struct socketio_emission *emission, struct frame *frame)
{
    struct namespace *namespace = namespace_find(server, target->namespace_name);
    if (!recovery_is_for(server, namespace) || emission->is_volatile) {
        return;
    }
    struct parties parties = {0};
    for (size_t i = 0; i < target->rooms_count; i++) {
        add_room(server, &parties, target->namespace_name, target->rooms[i]);
    }
    size_t for_count = parties.count;
    const struct socket *sender = socket_find(server, target->sender);
    if (sender != NULL && sender->record != NULL) {
        add_party(&parties, (struct party){.kind = PARTY_RECORD, .record = sender->record});
    }
    for (size_t i = 0; i < target->except_count; i++) {
        add_room(server, &parties, target->namespace_name, target->except[i]);
    }
    bool is_taken = false;
    if (parties.failed) { // nobody can say any more who has missed it
        give_up(server, namespace);
    } else if (for_count > 0 || target->rooms_count == 0) {
        append(server, namespace, frame, parties.items, for_count, parties.count - for_count);
        is_taken = parties.count > 1;
    }
    if (!is_taken) {
        free(parties.items);
    }
}

void recovery_log_direct(struct socketio_server *server, struct record *record,
                         const struct socketio_emission *emission, struct frame *frame)
{
    if (server->recovery != NULL && record != NULL && !emission->is_volatile) {
        struct party party = {.kind = PARTY_RECORD, .record = record};
        append(server, record->namespace, frame, &party, 1, 0);
    }
}

// ---- offsets ----

static bool ends_in_a_text(const struct socketio_emission *emission)
{
    size_t end = emission->arguments.size;
    while (end > 0 && strchr(" \t\r\n", emission->arguments.data[end - 1]) != NULL) {
        end--;
    }
    return end == 0 || emission->arguments.data[end - 1] == '"'; // the event's name is a text, too
}

struct bytes recovery_offset(const struct socketio_server *server,
                             const struct socketio_emission *emission, const struct socket *pending,
                             char text[OFFSET_SIZE_MAX + 1])
{
    if (server->recovery == NULL) {
        return (struct bytes){NULL, 0};
    }
    uint64_t position = server->recovery->next;
    if (pending != NULL) {
        position = pending->recovered ? pending->recover_from : position - 1;
    } else if (emission->is_volatile) {
        // A client takes any text at the end for its offset: it gets the one it has to have.
        if (!ends_in_a_text(emission)) {
            return (struct bytes){NULL, 0};
        }
        position--;
    }
    int size = snprintf(text, OFFSET_SIZE_MAX + 1, "%llu", (unsigned long long)position);
    return bytes_of(text, (size_t)size);
}
