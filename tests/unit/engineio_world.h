// A shell and an application around an engine, which keep what they are told: for tests that drive
// sessions by bytes and time.
#ifndef LOTCAST_TESTS_ENGINEIO_WORLD_H
#define LOTCAST_TESTS_ENGINEIO_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the four first
#include <cmocka.h>

#include "bridge/engineio/engine.h"
#include "lib/base/buffer.h"

enum { EXCHANGES = 2048, BODY_MAX = 512 };

struct answer {
    int status;                        // 0: not answered; 101: a WebSocket
    struct engineio_response response; // without what is borrowed
    char type[40];
    size_t body_size;
    char body[BODY_MAX + 1];
    char headers[256];
    int64_t at_ms;
};

struct world {
    struct engineio_server *engine;
    struct engineio_config config;
    struct engineio_app_ops ops;
    struct engineio_transport_ops transport;
    int64_t now_ms;
    struct answer answers[EXCHANGES];
    uint64_t exchange;  // the last that was used
    struct buffer sent; // to WebSockets, "ws:frame\n" without headers; "ws:#" before binary
    bool takes;         // the WebSocket takes bytes
    uint64_t next_ws;   // of the next upgrade, 0: its peer is gone
    uint64_t closed_ws;
    struct frame *queue;
    struct frame **queue_end;
    struct buffer received;
    struct engineio_session_id session; // the last that was opened
    int opened;
    int closed;
    enum engineio_reason reason;
    bool refuses;
    bool ends_arrivals; // ends each session while it comes
    bool is_busy;       // the application does not let its session go
    int moved;
    char moved_to[8];
    char sid[ENGINEIO_SID_SIZE + 1];
    int eio; // of the requests
    // What the application decides about requests.
    enum engineio_check check;
    enum engineio_admission admission;
    const char *refusal;
    struct engineio_admission_id admission_id; // the last that was asked
    int asked;
    char fault[96];    // the last connection error: "code message context"
    char current[256]; // the headers of the current request, when a message came
};

// Not started yet: the configuration may be changed before world_start().
int world_set_up(void **state);
int world_set_up_and_start(void **state);
int world_tear_down(void **state);
void world_start(struct world *world);
// Lets the application's session move, with its queue; before the start.
void world_moves(struct world *world);
#define WORLD_TEST(test) \
    cmocka_unit_test_setup_teardown(test, world_set_up_and_start, world_tear_down)
#define WORLD_TEST_BEFORE_START(test) \
    cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

// Requests; each returns its exchange.
struct engineio_request request_of(struct world *world, const char *method, const char *transport,
                                   bool with_sid, char query[128]);
uint64_t send_request(struct world *world, const char *method, const char *query,
                      const char *content_type, struct bytes body);
uint64_t get(struct world *world, bool with_sid);
uint64_t post(struct world *world, const char *body);
uint64_t ask_ws(struct world *world, uint64_t ws, bool with_sid);
uint64_t ask_ws_with(struct world *world, uint64_t ws, const char *query);

void open_by_polling(struct world *world);
void note_sid(struct world *world, uint64_t exchange);
void open_ws(struct world *world, uint64_t ws, bool with_sid);
void ws_text(struct world *world, uint64_t ws, const char *text);
void ws_binary(struct world *world, uint64_t ws, struct bytes data);
void queue(struct world *world, const char *text);
void queue_binary(struct world *world, struct bytes data);
void pass(struct world *world, int64_t ms);

void expect_answer(struct world *world, uint64_t exchange, int status, const char *body);
void expect_bytes(struct world *world, uint64_t exchange, const char *type, struct bytes body);
void expect_sent(struct world *world, const char *text);
void expect_sent_bytes(struct world *world, struct bytes bytes);
struct engineio_counts counts_of(struct world *world);

#define BYTES(literal) bytes_of(literal, sizeof(literal) - 1)

#endif
