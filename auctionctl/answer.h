// Answers of the HTTP API as short lines for people.
//
// Purity:    pure
// Errors:    members that are missing are left out of the line
// Source:    docs/PROTOCOL.md, Commands and HTTP
#ifndef LOTCAST_CTL_ANSWER_H
#define LOTCAST_CTL_ANSWER_H

#include "auctionctl/command_line.h"
#include "lib/base/buffer.h"
#include "lib/json/json_read.h"

// Appends the line or lines of a command that was carried out, each with its newline.
void answer_print(const struct command_line *line, const struct json *answer, struct buffer *out);

// Appends `CODE: message` of a refusal; false when `answer` is none.
bool answer_error_print(const struct json *answer, struct buffer *out);

#endif
