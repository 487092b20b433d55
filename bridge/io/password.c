#include "bridge/io/password.h"

#include <crypt.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { BCRYPT_SIZE = 60, BCRYPT_HEAD = 7 };

enum job_state { JOB_FREE, JOB_ASKED, JOB_RUNNING, JOB_DONE };

struct job {
    uint64_t ticket;
    enum job_state state;
    bool is_right;
    char password[PASSWORD_SIZE_MAX + 1];
};

struct password_checker {
    char hash[BCRYPT_SIZE + 1];
    struct crypt_data crypt; // the worker's, 32 KiB
    pthread_t worker;
    pthread_mutex_t lock; // of what follows
    pthread_cond_t changed;
    struct job jobs[PASSWORD_JOBS_MAX];
    bool is_ending;
    int pipe[2];
};

// $2b$10$ and 53 characters of salt and sum.
bool password_hash_is_good(const char *hash)
{
    size_t size = strlen(hash);
    if (size != BCRYPT_SIZE || hash[0] != '$' || hash[1] != '2' || strchr("aby", hash[2]) == NULL ||
        hash[3] != '$' || hash[6] != '$') {
        return false;
    }
    uint64_t cost;
    return bytes_to_uint64(bytes_of(hash + 4, 2), PASSWORD_COST_MAX, &cost) &&
           cost >= PASSWORD_COST_MIN &&
           strspn(hash + BCRYPT_HEAD, "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789") == BCRYPT_SIZE - BCRYPT_HEAD;
}

static bool matches(struct password_checker *checker, const char *password)
{
    memset(&checker->crypt, 0, sizeof checker->crypt);
    const char *result = crypt_r(password, checker->hash, &checker->crypt);
    return result != NULL && bytes_equal_secret(bytes_text(result), bytes_text(checker->hash));
}

static struct job *job_in(struct password_checker *checker, enum job_state state)
{
    for (size_t i = 0; i < PASSWORD_JOBS_MAX; i++) {
        if (checker->jobs[i].state == state) {
            return &checker->jobs[i];
        }
    }
    return NULL;
}

static void *work(void *context)
{
    struct password_checker *checker = context;
    pthread_mutex_lock(&checker->lock);
    while (!checker->is_ending) {
        struct job *job = job_in(checker, JOB_ASKED);
        if (job == NULL) {
            pthread_cond_wait(&checker->changed, &checker->lock);
            continue;
        }
        job->state = JOB_RUNNING; // nobody else touches it now
        pthread_mutex_unlock(&checker->lock);
        bool is_right = matches(checker, job->password);
        explicit_bzero(job->password, sizeof job->password);
        explicit_bzero(&checker->crypt, sizeof checker->crypt);
        pthread_mutex_lock(&checker->lock);
        job->is_right = is_right;
        job->state = JOB_DONE;
        // A full pipe wakes the loop as well.
        ssize_t written = write(checker->pipe[1], "", 1);
        (void)written;
    }
    pthread_mutex_unlock(&checker->lock);
    return NULL;
}

// Signals belong to the loop's thread.
static bool start_worker(struct password_checker *checker)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&checker->worker, NULL, work, checker) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static bool open_pipe(int out_pipe[2])
{
    if (pipe(out_pipe) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(out_pipe[i], F_SETFL, O_NONBLOCK);
        fcntl(out_pipe[i], F_SETFD, FD_CLOEXEC);
    }
    return true;
}

static void release(struct password_checker *checker)
{
    pthread_cond_destroy(&checker->changed);
    pthread_mutex_destroy(&checker->lock);
    close(checker->pipe[0]);
    close(checker->pipe[1]);
    explicit_bzero(checker, sizeof *checker);
    free(checker);
}

enum lc_status password_checker_create(const char *hash, struct password_checker **out_checker)
{
    if (!password_hash_is_good(hash)) {
        return LC_ERR_BAD_INPUT;
    }
    struct password_checker *checker = calloc(1, sizeof *checker);
    if (checker == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    memcpy(checker->hash, hash, BCRYPT_SIZE + 1);
    if (!open_pipe(checker->pipe)) {
        free(checker);
        return LC_ERR_IO;
    }
    pthread_mutex_init(&checker->lock, NULL);
    pthread_cond_init(&checker->changed, NULL);
    if (!start_worker(checker)) {
        release(checker);
        return LC_ERR_IO;
    }
    *out_checker = checker;
    return LC_OK;
}

void password_checker_destroy(struct password_checker *checker)
{
    if (checker == NULL) {
        return;
    }
    pthread_mutex_lock(&checker->lock);
    checker->is_ending = true;
    pthread_cond_signal(&checker->changed);
    pthread_mutex_unlock(&checker->lock);
    pthread_join(checker->worker, NULL);
    release(checker);
}

bool password_checker_ask(struct password_checker *checker, uint64_t ticket, struct bytes password)
{
    if (password.size > PASSWORD_SIZE_MAX || bytes_find(password, 0, 0) < password.size) {
        return false;
    }
    pthread_mutex_lock(&checker->lock);
    struct job *job = job_in(checker, JOB_FREE);
    if (job != NULL) {
        memcpy(job->password, password.data, password.size);
        job->password[password.size] = 0;
        job->ticket = ticket;
        job->state = JOB_ASKED;
        pthread_cond_signal(&checker->changed);
    }
    pthread_mutex_unlock(&checker->lock);
    return job != NULL;
}

int password_checker_fd(const struct password_checker *checker)
{
    return checker->pipe[0];
}

void password_checker_process(struct password_checker *checker,
                              void (*on_checked)(void *owner, uint64_t ticket, bool is_right),
                              void *owner)
{
    char woken[PASSWORD_JOBS_MAX];
    while (read(checker->pipe[0], woken, sizeof woken) > 0) {
    }
    struct job done[PASSWORD_JOBS_MAX];
    size_t count = 0;
    pthread_mutex_lock(&checker->lock);
    for (struct job *job = job_in(checker, JOB_DONE); job != NULL;
         job = job_in(checker, JOB_DONE)) {
        done[count++] = *job;
        job->state = JOB_FREE;
    }
    pthread_mutex_unlock(&checker->lock);
    for (size_t i = 0; i < count; i++) {
        on_checked(owner, done[i].ticket, done[i].is_right);
    }
}
