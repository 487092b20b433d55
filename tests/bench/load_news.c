#include "tests/bench/load_news.h"

#include "tests/bench/load_event.h"

static void connect_plainly(const struct load_session *session, struct buffer *out)
{
    (void)session;
    buffer_append_text(out, "40");
}

static void on_event(struct load_session *session, struct bytes packet)
{
    struct load_tally *tally = &session->world->tally;
    uint64_t number = 0;
    uint64_t sent_ns = 0;
    if (!load_event_read(packet, &number, &sent_ns)) {
        load_session_fail(session, "not the event", packet);
    } else if (number != session->last_number + 1) {
        load_session_fail(session, "out of order, lost or doubled", packet);
    } else {
        session->last_number = number;
        tally->deliveries++;
        load_latency_add(&tally->latency, load_now_ns() - sent_ns);
    }
}

// The packet of the next echo, in the world's text.
static struct bytes write_echo(struct load_session *session)
{
    session->last_id = session->last_id < 1 ? 2 : session->last_id + 1; // 1 is the subscription's
    buffer_clear(&session->world->text);
    if (session->world->play == &load_time) {
        load_event_time(&session->world->text, session->last_id, load_now_ns());
    } else {
        load_event_echo(&session->world->text, session->last_id, load_now_ns());
    }
    return buffer_bytes(&session->world->text);
}

static void take_echo(struct load_session *session, uint64_t sent_ns)
{
    struct load_tally *tally = &session->world->tally;
    load_latency_add(&tally->latency, load_now_ns() - sent_ns);
    tally->acks++;
    if (tally->echoes_to_do > 0) {
        tally->echoes_to_do--;
        load_session_say(session, write_echo(session));
    }
}

static void on_ack(struct load_session *session, struct bytes packet)
{
    uint64_t id = 0;
    uint64_t sent_ns = 0;
    if (load_event_read_echo(packet, &id, &sent_ns)) {
        take_echo(session, sent_ns);
    } else if (bytes_equal_text(packet, "431[true]")) {
        session->world->tally.acks++;
    } else {
        load_session_fail(session, "not the acknowledgement", packet);
    }
}

static void on_time(struct load_session *session, struct bytes packet)
{
    uint64_t id = 0;
    uint64_t sent_ns = 0;
    if (load_event_read_time(packet, &id, &sent_ns)) {
        take_echo(session, sent_ns);
    } else {
        load_session_fail(session, "not the time", packet);
    }
}

const struct load_play load_time = {connect_plainly, on_event, on_time};
const struct load_play load_news = {connect_plainly, on_event, on_ack};

void load_news_subscribe(struct load_session *session)
{
    session->last_id = 1;
    load_session_ask(session, bytes_text("421[\"subscribe\"]"));
}

void load_news_echo(struct load_session *session)
{
    load_session_ask(session, write_echo(session));
}

void load_news_broadcast(struct load_session *session, uint64_t first, unsigned count)
{
    buffer_clear(&session->world->text);
    load_event_command(&session->world->text, first, count, load_now_ns());
    load_session_ask(session, buffer_bytes(&session->world->text));
}
