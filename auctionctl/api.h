// Requests to the HTTP API in the name of the operator.
//
// Purity:    reads files, talks to the network through auctionctl/io/http.h
// Ownership: an answer is ended with api_answer_release()
// Errors:    api_call() returns an exit code of commands.h; what went wrong stands on stderr
// already
#ifndef LOTCAST_CTL_API_H
#define LOTCAST_CTL_API_H

#include "auctionctl/command_line.h"
#include "lib/base/buffer.h"
#include "lib/json/json_read.h"

struct api_answer {
    struct buffer body;
    struct json *json; // NULL: not JSON (CSV)
};

void api_answer_release(struct api_answer *answer);

// The operator's token into `out`, read from --token-file or signed by --key-file; empty when
// neither is given. False: told on stderr.
bool api_token(const struct command_line *line, struct buffer *out);

struct api_call {
    const char *method;
    const char *path;         // from /api on
    const char *content_type; // NULL: no body
    struct bytes body;
    const char *token; // NULL or "": none
    bool wants_text;   // an answer that is not JSON is fine
};
int api_call(const struct command_line *line, const struct api_call *call,
             struct api_answer *out_answer);

// "/api/sales/{sale}{rest}" into `out`, the sale percent-encoded.
void api_sale_path(struct buffer *out, const char *sale, const char *rest);

#endif
