// Connection state recovery: sessions that were cut off wait to be taken up again, and the log keeps
// the events that they miss meanwhile.
//
// Purity:    pure (allocates)
// Units:     a position numbers the events of the log from 1; its digits are what clients know as
//            offset
// Ownership: a record belongs to its socket, then to the list of those that wait, then to the
//            socket that takes it up; entries of the log only keep its memory
// Lifetime:  recovery_claim() and recovery_on_time() may call the application, which may end any
//            connection: who goes on after them looks up again
// Source:    Socket.IO, "Connection state recovery"
//
// A session is lost only when the log has given up an event that was for it and that it has not
// seen: each room, each namespace and each record knows the newest position that the log gave up
// for it (struct lost). An event for rooms of which some are excepted counts as for all in them.
#ifndef LOTCAST_SOCKETIO_RECOVERY_H
#define LOTCAST_SOCKETIO_RECOVERY_H

#include "bridge/socketio/state.h"

struct kept_room {
    struct room *room;
    uint64_t joined_at;
};

struct record {
    uint64_t number;
    struct record *pid_next; // in their buckets
    struct record *sid_next;
    struct record *older; // of those that wait, in the order in which they end
    struct record *newer;
    size_t references; // the owner, and entries of the log
    struct namespace *namespace;
    struct owner *owner;
    struct socketio_socket_id socket; // {0}: it waits
    uint64_t since;                   // position when the client first connected
    struct lost lost;
    int64_t ends_at_ms;
    struct kept_room *rooms;
    size_t rooms_count;
    void *data;
    char pid[SID_SIZE + 1];
    char sid[SID_SIZE + 1];
};

LC_MUST_CHECK enum lc_status recovery_create(struct socketio_server *server);
void recovery_release(struct socketio_server *server);
int64_t recovery_next_deadline(const struct socketio_server *server);
void recovery_on_time(struct socketio_server *server, int64_t now_ms);
uint64_t recovery_newest(const struct socketio_server *server); // position; 0: none

// ---- sessions ----

// Gives an accepted socket its record; without memory it has none.
void recovery_begin(struct socketio_server *server, struct socket *socket);
// The session that `auth` names, free to be taken up; NULL: none. `out_from`: what it has seen.
struct record *recovery_claim(struct socketio_server *server, struct bytes namespace_name,
                              struct bytes auth, uint64_t *out_from);
// Counts a client that shows a pid and is not recovered by it.
void recovery_note_failed(struct socketio_server *server, const struct socket *socket,
                          struct bytes auth);
void recovery_attach(struct record *record, struct socket *socket, uint64_t from);
// Queues what the socket missed; false: too much, or lost meanwhile. Nothing has happened then.
bool recovery_replay(struct socketio_server *server, struct socket *socket);
// Gives rooms and data back.
void recovery_restore(struct socketio_server *server, struct socket *socket);
// The socket ends: whether its session waits from now on. Remembers its rooms.
bool recovery_keeps(struct socketio_server *server, struct socket *socket,
                    enum socketio_reason reason);
void recovery_put_away(struct socketio_server *server, struct record *record, void *data);
// The session will never be taken up again. May call the application.
void recovery_forget(struct socketio_server *server, struct record *record);
struct record *recovery_find_sid(const struct socketio_server *server, struct bytes sid);

// ---- the log ----

// What a client should remember of an emission, as digits in `text`; empty: nothing. `pending`: the
// socket that it is for alone, while that waits to be accepted; else NULL.
struct bytes recovery_offset(const struct socketio_server *server,
                             const struct socketio_emission *emission, const struct socket *pending,
                             char text[OFFSET_SIZE_MAX + 1]);
// False: there is no recovery, or not for this namespace (which may be NULL).
bool recovery_is_for(const struct socketio_server *server, const struct namespace *namespace);
// Whether a session that waits would miss the emission.
bool recovery_wants(const struct socketio_server *server, const struct socketio_target *target,
                    const struct socketio_emission *emission);
// Keeps a frame that carries the offset of the emission.
void recovery_log(struct socketio_server *server, const struct socketio_target *target,
                  const struct socketio_emission *emission, struct frame *frame);
void recovery_log_direct(struct socketio_server *server, struct record *record,
                         const struct socketio_emission *emission, struct frame *frame);

// ---- recovery_log.c, for recovery.c ----

enum party_kind { PARTY_ROOM, PARTY_RECORD };
struct party {
    enum party_kind kind;
    struct room *room;
    struct record *record;
};
struct log_entry {
    struct frame *frame;
    struct namespace *namespace;
    int64_t at_ms;
    struct party *parties; // those it is for (the whole namespace without any), then the excepted
    size_t for_count;
    size_t except_count;
    struct party one; // where `parties` points when there is no more than one
};

struct recovery {
    struct log_entry *entries; // position modulo events_max
    size_t events_max;
    uint64_t first; // position of the oldest entry
    uint64_t next;  // position of the event to come
    size_t bytes;
    int64_t sweep_at_ms;
    uint64_t numbers; // of the records so far
    struct record **pids;
    struct record **sids;
    struct record *oldest; // of those that wait
    struct record *newest;
    size_t waiting;
};

void log_release(struct socketio_server *server);
void log_sweep(struct socketio_server *server, int64_t now_ms);
struct log_entry *log_entry_at(const struct recovery *recovery, uint64_t position);
bool log_entry_is_for(const struct log_entry *entry, uint64_t position,
                      const struct record *record);
// The newest position that is given up and was not only for others than the record of that number.
uint64_t lost_for(const struct lost *lost, uint64_t number);
void record_release(struct socketio_server *server, struct record *record);

#endif
