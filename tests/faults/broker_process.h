// A private mosquitto for one test: on a free port, in a folder of its own.
//
// Purity:    starts processes, writes files below the temporary folder
// Ownership: caller owns, ends with broker_release(), which kills the process and removes the
// folder Errors:    asserts: a test cannot go on without its broker
#ifndef LOTCAST_TESTS_BROKER_PROCESS_H
#define LOTCAST_TESTS_BROKER_PROCESS_H

#include <sys/types.h>

struct broker_process {
    char folder[64];
    int port;
    pid_t pid; // 0: not running
    int log_fd;
};

// `config` follows the listener's lines; "%s" in it stands for the folder. Does not start yet.
void broker_init(struct broker_process *broker, const char *config);
void broker_release(struct broker_process *broker);

// Returns when the broker has said that it is running.
void broker_start(struct broker_process *broker);

// kill -9, and waits for the end.
void broker_kill(struct broker_process *broker);

// Writes a file into the folder, and runs a program to its end, which must be 0.
void broker_write_file(const struct broker_process *broker, const char *name, const char *text);
void broker_run(const char *const arguments[]);

// A port that was free a moment ago.
int broker_free_port(void);

#endif
