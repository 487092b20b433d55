// What the files of a sale's room share: sale_room.c (life, waiters, acks), room_stream.c (order,
// snapshots, retained state), room_lobby.c (who is present).
#ifndef LOTCAST_BRIDGE_SALE_ROOM_PARTS_H
#define LOTCAST_BRIDGE_SALE_ROOM_PARTS_H

#include "bridge/app/app_state.h"

// ---- room_stream.c ----

void room_stream_init(struct sale_room *room);
void room_stream_release(struct sale_room *room);
// Asks for a snapshot unless one is under way; NONE, or why it cannot be.
enum error_code room_stream_ask_snapshot(struct sale_room *room);
// Holds the stream until a fresh snapshot has gone to every viewer.
void room_stream_resync(struct sale_room *room);
void room_stream_process(struct sale_room *room, int64_t now_ms);
int64_t room_stream_deadline_ms(const struct sale_room *room);
// True when the snapshot at hand is fresh enough, and the stream can be joined behind it.
bool room_stream_is_joinable(const struct sale_room *room, int64_t now_ms);
// The snapshot was reached by the stream, or lies so near before it that the ring has the rest.
void room_stream_settle(struct sale_room *room);
// Sends what the room had behind `after_seq`; LC_ASSERTs that its history has all of it.
void room_stream_emit_past(struct sale_room *room, const struct viewer *viewer, int64_t after_seq);
// The payload with the event's offset behind it; valid until the next call. Where memory is short
// the payload alone.
struct bytes room_stream_with_offset(struct sale_room *room, struct bytes payload,
                                     struct wire_head head);
struct bytes room_stream_snapshot_arguments(struct sale_room *room, struct bytes snapshot,
                                            struct wire_head head, bool is_live);
void room_stream_ask_you(struct sale_room *room, struct viewer *viewer);

// ---- room_resume.c, room_past.c: those who go on where they were ----

// Serves those in the line who can be served, and asks for what the others lack.
void room_resume_serve(struct sale_room *room);
// Sends the waiter's socket what it missed, as much as it may have waiting, and moves the waiter's
// place behind that; true: all of it. The history must reach that far.
bool room_resume_feed(struct sale_room *room, struct room_waiter *waiter);
void room_resume_ask_past(struct sale_room *room, int64_t oldest);
bool room_resume_past_is_full(const struct sale_room *room);
void room_resume_forget_past(struct sale_room *room);
void room_resume_trim(struct sale_room *room);
void room_resume_process(struct sale_room *room, int64_t now_ms);

// ---- sale_room.c ----

// Whoever cannot go on is to get a fresh snapshot.
void sale_room_send_again(struct sale_room *room, const struct room_waiter *waiter);
// A member joins the room's stream, at its newest event, and is told how things are for it.
void sale_room_follow(struct sale_room *room, struct viewer *viewer);
void sale_room_free_waiter(struct sale_room *room, struct room_waiter *waiter);

// Serves everybody in the line who can be served; asks for what is missing.
void sale_room_advance(struct sale_room *room);
// Lets those who wait for a snapshot in, with this one.
void sale_room_admit_all(struct sale_room *room, struct bytes snapshot, struct wire_head head,
                         bool is_live);
// Makes a snapshot of the retained state, "live":false.
void sale_room_retained_snapshot(const struct sale_room *room, struct buffer *out,
                                 struct wire_head *out_head);
void sale_room_refuse_all(struct sale_room *room, enum error_code code);
void sale_room_release_acks(struct sale_room *room, int64_t now_ms);

// ---- room_lobby.c ----

LC_MUST_CHECK enum lc_status room_lobby_enter(struct sale_room *room, struct viewer *viewer);
void room_lobby_leave(struct sale_room *room, struct viewer *viewer);
int64_t room_lobby_members(const struct sale_room *room);
void room_lobby_process(struct sale_room *room, int64_t now_ms);
// Forgets those who linger, at the end of the room.
void room_lobby_release(struct sale_room *room);
int64_t room_lobby_deadline_ms(const struct sale_room *room);
// Takes back what was published of the room.
void room_lobby_withdraw(struct sale_room *room);

#endif
