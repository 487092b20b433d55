#include "bridge/app/operation.h"

struct operation_row {
    const char *op;
    const char *event;
    bool over_http;
    bool needs_id;
};

static const struct operation_row rows[OPERATION_COUNT] = {
#define X(name, op, event, over_http, needs_id) \
    [OPERATION_##name] = {op, event, over_http, needs_id},
    OPERATIONS(X)
#undef X
};

const char *operation_name(enum operation operation)
{
    return rows[operation].op;
}

bool operation_needs_id(enum operation operation)
{
    return rows[operation].needs_id;
}

bool operation_of_event(struct bytes event, enum operation *out_operation)
{
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        if (rows[i].event != NULL && bytes_equal_text(event, rows[i].event)) {
            *out_operation = (enum operation)i;
            return true;
        }
    }
    return false;
}

bool operation_of_http(struct bytes op, enum operation *out_operation)
{
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        bool is_event = rows[i].event != NULL && bytes_equal_text(op, rows[i].event);
        if (rows[i].over_http && (is_event || bytes_equal_text(op, rows[i].op))) {
            *out_operation = (enum operation)i;
            return true;
        }
    }
    return false;
}
