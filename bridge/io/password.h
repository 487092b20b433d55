// Compares passwords with one bcrypt hash, away from the event loop: a check costs 50 ms and more
// of a processor, which a worker thread spends. The only file pair that knows libcrypt and threads.
//
// Purity:    one thread; a pipe tells the loop of its answers
// Ownership: password_checker_create/destroy; passwords are copied, and wiped after their check
// Errors:    create: LC_ERR_BAD_INPUT (no bcrypt hash, or one that costs too much), LC_ERR_IO (no
//            thread or pipe), LC_ERR_NO_MEMORY; ask: false when PASSWORD_JOBS_MAX wait
// Order:     results come from password_checker_process() only, which is to be called when the
//            descriptor is readable. destroy waits for a check that has begun
// Source:    crypt(5), bcrypt; `htpasswd -B` writes such hashes
#ifndef LOTCAST_BRIDGE_PASSWORD_H
#define LOTCAST_BRIDGE_PASSWORD_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum {
    PASSWORD_JOBS_MAX = 4,
    PASSWORD_SIZE_MAX = 72, // bcrypt looks at no more
    PASSWORD_COST_MIN = 4,
    PASSWORD_COST_MAX = 14, // 0.8 s of a processor of 2023
};

struct password_checker;

bool password_hash_is_good(const char *hash);

LC_MUST_CHECK enum lc_status password_checker_create(const char *hash,
                                                     struct password_checker **out_checker);
void password_checker_destroy(struct password_checker *checker);

bool password_checker_ask(struct password_checker *checker, uint64_t ticket, struct bytes password);
int password_checker_fd(const struct password_checker *checker);
void password_checker_process(struct password_checker *checker,
                              void (*on_checked)(void *owner, uint64_t ticket, bool is_right),
                              void *owner);

#endif
