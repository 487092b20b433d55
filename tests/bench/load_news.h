// The plays of bench_load: sessions join a room, hear numbered events there, and ask for echoes.
//
// Purity:    talks to the network through load_session
// Errors:    what is lost, doubled or out of order is a failure in the tally
#ifndef LOTCAST_BENCH_LOAD_NEWS_H
#define LOTCAST_BENCH_LOAD_NEWS_H

#include "tests/bench/load_session.h"

extern const struct load_play load_news;
extern const struct load_play load_time; // echoes only, of the auction

// Joins the room; one ack follows.
void load_news_subscribe(struct load_session *session);
void load_news_echo(struct load_session *session);
void load_news_broadcast(struct load_session *session, uint64_t first, unsigned count);

#endif
