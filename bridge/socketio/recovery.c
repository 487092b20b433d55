// Sessions that were cut off, and their way back.
#include "bridge/socketio/recovery.h"

#include <stdlib.h>

#include "bridge/socketio/json_text.h"

enum lc_status recovery_create(struct socketio_server *server)
{
    if (server->config.recovery_ms <= 0 || server->config.recovery_events_max == 0) {
        return LC_OK;
    }
    struct recovery *recovery = calloc(1, sizeof *recovery);
    if (recovery == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    recovery->events_max = server->config.recovery_events_max;
    recovery->entries = calloc(recovery->events_max, sizeof *recovery->entries);
    recovery->pids = calloc(SID_BUCKETS, sizeof(struct record *));
    recovery->sids = calloc(SID_BUCKETS, sizeof(struct record *));
    recovery->first = 1;
    recovery->next = 1;
    recovery->sweep_at_ms = DEADLINE_NONE;
    server->recovery = recovery;
    bool complete = recovery->entries != NULL && recovery->pids != NULL && recovery->sids != NULL;
    if (!complete) {
        recovery_release(server);
    }
    return complete ? LC_OK : LC_ERR_NO_MEMORY;
}

void recovery_release(struct socketio_server *server)
{
    struct recovery *recovery = server->recovery;
    if (recovery == NULL) {
        return;
    }
    while (recovery->oldest != NULL) {
        recovery_forget(server, recovery->oldest);
    }
    log_release(server);
    free(recovery->pids);
    free(recovery->sids);
    free(recovery);
    server->recovery = NULL;
}

// ---- tables ----

static struct record **pid_bucket(const struct recovery *recovery, struct bytes pid)
{
    return &recovery->pids[hash_bytes(HASH_BEGIN, pid) & (SID_BUCKETS - 1)];
}

static struct record **sid_bucket(const struct recovery *recovery, struct bytes sid)
{
    return &recovery->sids[hash_bytes(HASH_BEGIN, sid) & (SID_BUCKETS - 1)];
}

static struct record *find_pid(const struct recovery *recovery, struct bytes pid)
{
    struct record *record = *pid_bucket(recovery, pid);
    while (record != NULL && !bytes_equal_secret(bytes_of(record->pid, SID_SIZE), pid)) {
        record = record->pid_next;
    }
    return record;
}

struct record *recovery_find_sid(const struct socketio_server *server, struct bytes sid)
{
    if (server->recovery == NULL) {
        return NULL;
    }
    struct record *record = *sid_bucket(server->recovery, sid);
    while (record != NULL && !bytes_equal(bytes_of(record->sid, SID_SIZE), sid)) {
        record = record->sid_next;
    }
    return record;
}

static void put_into_tables(struct recovery *recovery, struct record *record)
{
    struct record **pids = pid_bucket(recovery, bytes_of(record->pid, SID_SIZE));
    record->pid_next = *pids;
    *pids = record;
    struct record **sids = sid_bucket(recovery, bytes_of(record->sid, SID_SIZE));
    record->sid_next = *sids;
    *sids = record;
}

static void take_off_tables(struct recovery *recovery, struct record *record)
{
    struct record **link = pid_bucket(recovery, bytes_of(record->pid, SID_SIZE));
    while (*link != record) {
        link = &(*link)->pid_next;
    }
    *link = record->pid_next;
    link = sid_bucket(recovery, bytes_of(record->sid, SID_SIZE));
    while (*link != record) {
        link = &(*link)->sid_next;
    }
    *link = record->sid_next;
}

// ---- records ----

void recovery_begin(struct socketio_server *server, struct socket *socket)
{
    if (!recovery_is_for(server, socket->namespace) || socket->sid_size != SID_SIZE) {
        return;
    }
    struct record *record = calloc(1, sizeof *record);
    if (record == NULL) {
        return;
    }
    record->number = ++server->recovery->numbers;
    record->references = 1;
    record->namespace = socket->namespace;
    record->namespace->references++;
    record->owner = socket->namespace->owner;
    record->socket = socket->id;
    record->since = recovery_newest(server);
    sid_draw(server, record->pid);
    memcpy(record->sid, socket->sid, SID_SIZE);
    put_into_tables(server->recovery, record);
    socket->record = record;
}

void record_release(struct socketio_server *server, struct record *record)
{
    LC_ASSERT(record->references > 0);
    if (--record->references == 0) {
        namespace_release(server, record->namespace);
        free(record);
    }
}

static void release_rooms(struct socketio_server *server, struct record *record)
{
    for (size_t i = 0; i < record->rooms_count; i++) {
        room_release(server, record->rooms[i].room);
    }
    free(record->rooms);
    record->rooms = NULL;
    record->rooms_count = 0;
}

static bool waits(const struct record *record)
{
    return record->socket.value == 0;
}

static void take_off_waiting(struct recovery *recovery, struct record *record)
{
    *(record->older == NULL ? &recovery->oldest : &record->older->newer) = record->newer;
    *(record->newer == NULL ? &recovery->newest : &record->newer->older) = record->older;
    record->older = NULL;
    record->newer = NULL;
    recovery->waiting--;
}

void recovery_forget(struct socketio_server *server, struct record *record)
{
    if (waits(record)) {
        take_off_waiting(server->recovery, record);
    }
    take_off_tables(server->recovery, record);
    release_rooms(server, record);
    const struct owner *owner = record->owner;
    void *data = record->data;
    record_release(server, record);
    if (data != NULL && owner->ops.on_data_dropped != NULL) {
        owner->ops.on_data_dropped(owner->app, data);
    }
}

// ---- away ----

static bool may_come_back(enum socketio_reason reason)
{
    switch (reason) {
    case SOCKETIO_TRANSPORT_CLOSE:
    case SOCKETIO_TRANSPORT_ERROR:
    case SOCKETIO_PING_TIMEOUT:
    case SOCKETIO_FORCED_CLOSE:
    case SOCKETIO_FORCED_SERVER_CLOSE:
        return true;
    case SOCKETIO_PARSE_ERROR:
    case SOCKETIO_CLIENT_NAMESPACE_DISCONNECT:
    case SOCKETIO_SERVER_NAMESPACE_DISCONNECT:
    case SOCKETIO_SERVER_SHUTTING_DOWN: // what is in this memory goes with the server
        return false;
    }
    return false;
}

static bool keep_rooms(struct record *record, const struct socket *socket)
{
    size_t count = 0;
    for (const struct membership *m = socket->memberships; m != NULL; m = m->next) {
        count++;
    }
    record->rooms = calloc(count + 1, sizeof *record->rooms);
    if (record->rooms == NULL) {
        return false;
    }
    for (const struct membership *m = socket->memberships; m != NULL; m = m->next) {
        record->rooms[record->rooms_count++] = (struct kept_room){m->room, m->joined_at};
        m->room->references++;
    }
    return true;
}

bool recovery_keeps(struct socketio_server *server, struct socket *socket,
                    enum socketio_reason reason)
{
    struct record *record = socket->record;
    bool keeps = record != NULL && may_come_back(reason);
    if (keeps && socket->state != SOCKET_PENDING) { // one that waits for a decision has its rooms
        release_rooms(server, record);
        keeps = keep_rooms(record, socket);
        record->ends_at_ms = engineio_now(server->engine) + server->config.recovery_ms;
    }
    return keeps;
}

void recovery_put_away(struct socketio_server *server, struct record *record, void *data)
{
    struct recovery *recovery = server->recovery;
    record->socket = (struct socketio_socket_id){0};
    record->data = data;
    struct record *older = recovery->newest;
    while (older != NULL && older->ends_at_ms > record->ends_at_ms) {
        older = older->older;
    }
    record->older = older;
    record->newer = older == NULL ? recovery->oldest : older->newer;
    *(record->older == NULL ? &recovery->oldest : &record->older->newer) = record;
    *(record->newer == NULL ? &recovery->newest : &record->newer->older) = record;
    recovery->waiting++;
    if (recovery->waiting > server->config.recovery_sessions_max) {
        recovery_forget(server, recovery->oldest);
    }
    server_schedule(server);
}

int64_t recovery_next_deadline(const struct socketio_server *server)
{
    const struct recovery *recovery = server->recovery;
    if (recovery == NULL) {
        return DEADLINE_NONE;
    }
    int64_t ends_at = recovery->oldest == NULL ? DEADLINE_NONE : recovery->oldest->ends_at_ms;
    return ends_at < recovery->sweep_at_ms ? ends_at : recovery->sweep_at_ms;
}

void recovery_on_time(struct socketio_server *server, int64_t now_ms)
{
    struct recovery *recovery = server->recovery;
    if (recovery == NULL) {
        return;
    }
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): recovery_forget() takes it off the list
    while (recovery->oldest != NULL && recovery->oldest->ends_at_ms <= now_ms) {
        recovery_forget(server, recovery->oldest);
    }
    log_sweep(server, now_ms);
}

// ---- back ----

static struct bytes text_member(struct bytes object, const char *name)
{
    struct bytes value = json_text_member(object, name);
    bool is_text = value.size >= 2 && value.data[0] == '"';
    return is_text ? bytes_of(value.data + 1, value.size - 2) : (struct bytes){NULL, 0};
}

// What the client has seen; false: no offset of this server's.
static bool read_offset(const struct socketio_server *server, const struct record *record,
                        struct bytes auth, uint64_t *out_from)
{
    *out_from = record->since;
    struct bytes value = json_text_member(auth, "offset");
    if (value.size == 0) {
        return true; // no event has come since the connect
    }
    uint64_t position;
    if (!bytes_to_uint64(text_member(auth, "offset"), recovery_newest(server), &position)) {
        return false;
    }
    *out_from = position > record->since ? position : record->since;
    return true;
}

static bool something_is_lost(const struct record *record, uint64_t from)
{
    bool lost = lost_for(&record->namespace->lost, record->number) > from ||
                lost_for(&record->lost, record->number) > from;
    for (size_t i = 0; i < record->rooms_count && !lost; i++) {
        uint64_t seen = from > record->rooms[i].joined_at ? from : record->rooms[i].joined_at;
        lost = lost_for(&record->rooms[i].room->lost, record->number) > seen;
    }
    return lost;
}

static uint64_t first_missed(const struct recovery *recovery, uint64_t from)
{
    return from + 1 > recovery->first ? from + 1 : recovery->first;
}

static size_t missed_bytes(const struct recovery *recovery, const struct record *record,
                           uint64_t from)
{
    size_t bytes = 0;
    for (uint64_t at = first_missed(recovery, from); at < recovery->next; at++) {
        const struct log_entry *entry = log_entry_at(recovery, at);
        bytes += log_entry_is_for(entry, at, record) ? frame_packet_size(entry->frame) : 0;
    }
    return bytes;
}

static bool is_recoverable(const struct socketio_server *server, const struct record *record,
                           uint64_t from)
{
    return !something_is_lost(record, from) &&
           missed_bytes(server->recovery, record, from) <= server->config.pending_bytes_max / 2;
}

// The old connection of a session whose client has come back already, half dead.
static void end_old_connection(struct socketio_server *server, const struct record *record)
{
    const struct socket *socket = socket_find(server, record->socket);
    if (socket != NULL && socket->connection != NULL) {
        engineio_end(server->engine, socket->connection->session, ENGINEIO_FORCED_CLOSE);
    }
}

static struct record *claim(struct socketio_server *server, struct bytes name, struct bytes auth,
                            struct bytes pid, uint64_t *out_from)
{
    struct recovery *recovery = server->recovery;
    struct record *record = find_pid(recovery, pid);
    if (record == NULL || !bytes_equal(namespace_name(record->namespace), name) ||
        !read_offset(server, record, auth, out_from)) {
        return NULL;
    }
    if (!waits(record)) {
        end_old_connection(server, record);
        record = find_pid(recovery, pid); // the application has had its say
        if (record == NULL || !waits(record)) {
            return NULL;
        }
    }
    if (!is_recoverable(server, record, *out_from)) {
        recovery_forget(server, record);
        return NULL;
    }
    take_off_waiting(recovery, record);
    server_schedule(server);
    return record;
}

struct record *recovery_claim(struct socketio_server *server, struct bytes name, struct bytes auth,
                              uint64_t *out_from)
{
    if (server->recovery == NULL || auth.size == 0) {
        return NULL;
    }
    struct bytes pid = text_member(auth, "pid");
    if (pid.size == 0) {
        return NULL;
    }
    return pid.size == SID_SIZE ? claim(server, name, auth, pid, out_from) : NULL;
}

void recovery_note_failed(struct socketio_server *server, const struct socket *socket,
                          struct bytes auth)
{
    bool shows_one = recovery_is_for(server, socket->namespace) && auth.size > 0 &&
                     text_member(auth, "pid").size > 0;
    server->counts.recovery_failed_total += shows_one ? 1 : 0;
}

void recovery_attach(struct record *record, struct socket *socket, uint64_t from)
{
    record->socket = socket->id;
    record->owner = socket->namespace->owner;
    socket->record = record;
    socket->recovered = true;
    socket->recover_from = from;
    socket->data = record->data;
    record->data = NULL;
}

bool recovery_replay(struct socketio_server *server, struct socket *socket)
{
    struct recovery *recovery = server->recovery;
    struct record *record = socket->record;
    uint64_t from = socket->recover_from;
    if (!is_recoverable(server, record, from)) {
        return false;
    }
    for (uint64_t at = first_missed(recovery, from); at < recovery->next; at++) {
        const struct log_entry *entry = log_entry_at(recovery, at);
        if (log_entry_is_for(entry, at, record)) {
            connection_append(server, socket->connection, frame_share(entry->frame));
        }
    }
    return true;
}

void recovery_restore(struct socketio_server *server, struct socket *socket)
{
    struct record *record = socket->record;
    for (size_t i = 0; i < record->rooms_count; i++) {
        const struct kept_room *kept = &record->rooms[i];
        // Without memory the socket is out of the room, as with a join that failed.
        (void)!socket_join(server, socket, room_name(kept->room), kept->joined_at);
    }
    release_rooms(server, record);
    server->counts.recovered_total++;
}

bool socketio_socket_is_kept(const struct socketio_server *server, struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    return found != NULL && found->kept;
}

bool socketio_socket_is_recovered(const struct socketio_server *server,
                                  struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    return found != NULL && found->recovered;
}
