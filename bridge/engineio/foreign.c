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
