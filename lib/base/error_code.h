// Every refusal has one code; this is the only list of them (docs/PROTOCOL.md, Error codes).
//
// Purity: pure
// Source: rules 3 (auction), design 4 (commands), design 6 (HTTP)
#ifndef LOTCAST_BASE_ERROR_CODE_H
#define LOTCAST_BASE_ERROR_CODE_H

#include "lib/base/bytes.h"

// X(code, HTTP status, message for people)
#define ERROR_CODES(X)                                                                        \
    X(NONE, 200, "")                                                                          \
    /* checks of a bid, in their order (rules 3) */                                           \
    X(NOT_FOUND, 404, "There is no such sale, lot or address.")                               \
    X(NOT_PARTICIPANT, 403, "You have not joined this sale.")                                 \
    X(NOT_ACTIVE, 409, "The sale is not running.")                                            \
    X(PAUSED, 409, "The sale is paused.")                                                     \
    X(WRONG_LOT, 409, "Another lot is being sold.")                                           \
    X(LOT_CLOSED, 409, "The lot is closed.")                                                  \
    X(FORBIDDEN, 403, "Your role does not allow this.")                                       \
    X(BAD_AMOUNT, 400, "The amount must be a positive whole number of minor units.")          \
    X(BAD_QUANTITY, 409, "The lot has not so many pieces left.")                              \
    X(ALREADY_LEADING, 409, "You are leading already.")                                       \
    X(BELOW_ASK, 409, "The bid is below the asking price.")                                   \
    X(OFF_LADDER, 409, "The bid does not lie on the increments of this sale.")                \
    X(ABOVE_SANITY, 409, "The bid is far above the price; confirm it if you mean it.")        \
    X(INSUFFICIENT_BUDGET, 409, "Your budget does not cover this bid.")                       \
    X(RESERVE_FOR_ROSTER, 409, "You must keep the minimum for your open roster slots.")       \
    X(ROSTER_FULL, 409, "Your roster is full.")                                               \
    X(CATEGORY_FULL, 409, "You have no place left in this category.")                         \
    X(LIMIT_EXCEEDED, 409, "The bid is above your spending limit.")                           \
    /* the sale and its commands */                                                           \
    X(BELOW_RESERVE, 409, "The bid is below what the seller accepts.")                        \
    X(ALREADY_PASSED, 409, "You have passed on this lot; that is final.")                     \
    X(BUY_NOW_GONE, 409, "The lot can't be bought at its fixed price any more.")              \
    X(WRONG_FORMAT, 409, "The format of this lot does not allow this.")                       \
    X(WRONG_PHASE, 409, "The sale is not in a phase that allows this.")                       \
    X(NOTHING_TO_UNDO, 409, "There is no bid on this lot that could be undone.")              \
    X(NO_BIDS, 409, "There is no bid on this lot that it could be sold for.")                 \
    X(REOPEN_TOO_LATE, 409, "The lot can't be opened again any more.")                        \
    X(NO_GAVEL, 409, "Another console holds the gavel.")                                      \
    X(NOT_YOUR_TURN, 409, "It is not your turn.")                                             \
    X(PARTICIPANT_EXISTS, 409, "There is a participant with this id or paddle already.")      \
    X(SALE_EXISTS, 409, "There is or was a sale with this id.")                               \
    X(LOT_EXISTS, 409, "There is a lot with this id or number already.")                      \
    X(NO_LOTS, 409, "The sale has no lots.")                                                  \
    X(BAD_DEFINITION, 400, "The sale definition or the list of lots is not valid.")           \
    X(TOO_MANY, 409, "A limit of this service is reached.")                                   \
    X(INVITE_INVALID, 403, "The invitation is unknown, used up or expired.")                  \
    X(ID_REUSED, 409, "This command id was used for another command.")                        \
    X(EXPIRED, 409, "The command arrived too late.")                                          \
    /* the bridge and its transports */                                                       \
    X(BAD_REQUEST, 400, "The request is not valid.")                                          \
    X(UNAUTHENTICATED, 401, "A valid token is needed.")                                       \
    X(TOKEN_EXPIRED, 401, "The token has expired.")                                           \
    X(UNKNOWN_EVENT, 400, "There is no such event.")                                          \
    X(UNKNOWN_OP, 400, "There is no such operation.")                                         \
    X(NOT_JOINED, 409, "Join the sale first.")                                                \
    X(METHOD_NOT_ALLOWED, 405, "The address does not take this method.")                      \
    X(PAYLOAD_TOO_LARGE, 413, "The request is too large.")                                    \
    X(UNSUPPORTED_MEDIA_TYPE, 415, "The content type is not supported.")                      \
    X(RATE_LIMITED, 429, "Too many requests; wait a moment.")                                 \
    X(ENGINE_OFFLINE, 503, "The auction engine is not reachable; nothing was done.")          \
    X(TIMEOUT, 504, "No answer in time; the outcome is unknown. Ask again with the same id.") \
    X(INTERNAL, 500, "The service has made an error.")

enum error_code {
#define X(name, status, message) ERROR_##name,
    ERROR_CODES(X)
#undef X
        ERROR_CODE_COUNT
};

const char *error_code_name(enum error_code code);    // "BELOW_ASK"
const char *error_code_message(enum error_code code); // a sentence for people
int error_code_http_status(enum error_code code);

// The code of a name; ERROR_INTERNAL when the name is unknown.
enum error_code error_code_read(struct bytes name);

#endif
