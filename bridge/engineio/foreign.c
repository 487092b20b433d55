#include "bridge/engineio/foreign.h"

#include "bridge/engineio/session.h"

void engineio_set_foreign(struct engineio_server *engine, const struct engineio_foreign_ops *ops,
                          void *foreign)
{
    engine->foreign_ops = *ops;
    engine->foreign = foreign;
}

void engineio_set_relay(struct engineio_server *engine, const struct engineio_relay_ops *ops,
                        void *relay)
{
    engine->relay_ops = *ops;
    engine->relay = relay;
}

void engineio_foreign_respond(struct engineio_server *engine, uint64_t exchange,
                              const struct engineio_response *response)
{
    engine_respond(engine, NULL, false, exchange, *response);
}

void engineio_foreign_refuse(struct engineio_server *engine, uint64_t exchange, bool is_upgrade,
                             enum engineio_error error)
{
    engine_refuse(engine, exchange, is_upgrade, error, NULL, (struct bytes){NULL, 0});
}

uint64_t engineio_foreign_accept(struct engineio_server *engine, uint64_t exchange)
{
    return engine_accept(engine, NULL, false, exchange);
}

void engineio_foreign_send(struct engineio_server *engine, uint64_t ws, struct bytes frames)
{
    (void)engine->transport.ws_send(engine->shell, ws, frames);
}

void engineio_foreign_close(struct engineio_server *engine, uint64_t ws, int code)
{
    engine->transport.ws_close(engine->shell, ws, code);
}

// What follows is not there yet.

void engineio_response_written(struct engineio_server *engine, int64_t now_ms,
                               struct engineio_session_id session, uint64_t exchange)
{
    (void)engine, (void)now_ms, (void)session, (void)exchange;
}

void engineio_response_lost(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id session, uint64_t exchange)
{
    (void)engine, (void)now_ms, (void)session, (void)exchange;
}

void engineio_exchange_forget(struct engineio_server *engine, int64_t now_ms,
                              struct engineio_session_id session, uint64_t exchange)
{
    (void)engine, (void)now_ms, (void)session, (void)exchange;
}

enum engineio_probe engineio_probe_begin(struct engineio_server *engine, int64_t now_ms,
                                         struct bytes sid, int protocol, uint64_t probe)
{
    (void)engine, (void)now_ms, (void)sid, (void)protocol, (void)probe;
    return ENGINEIO_PROBE_UNKNOWN;
}

void engineio_probe_ready(struct engineio_server *engine, int64_t now_ms, struct bytes sid,
                          uint64_t probe)
{
    (void)engine, (void)now_ms, (void)sid, (void)probe;
}

void engineio_probe_gone(struct engineio_server *engine, int64_t now_ms, struct bytes sid,
                         uint64_t probe)
{
    (void)engine, (void)now_ms, (void)sid, (void)probe;
}

enum lc_status engineio_export(struct engineio_server *engine, int64_t now_ms, struct bytes sid,
                               uint64_t probe, struct bytes node, struct buffer *out_state)
{
    (void)engine, (void)now_ms, (void)sid, (void)probe, (void)node, (void)out_state;
    return LC_ERR_NOT_FOUND;
}

void engineio_export_done(struct engineio_server *engine, int64_t now_ms, struct bytes sid)
{
    (void)engine, (void)now_ms, (void)sid;
}

void engineio_export_failed(struct engineio_server *engine, int64_t now_ms, struct bytes sid)
{
    (void)engine, (void)now_ms, (void)sid;
}

enum lc_status engineio_import(struct engineio_server *engine, int64_t now_ms, struct bytes state,
                               uint64_t ws, struct engineio_session_id *out_session)
{
    (void)engine, (void)now_ms, (void)state, (void)ws, (void)out_session;
    return LC_ERR_BAD_INPUT;
}
