// A disk that fails on command, for one process: LD_PRELOAD this; DISK_SHIM names a file of four
// numbers of 64 bits that is mapped, so that who writes it breaks the disk at once:
//   which call: 0 none, 1 writes, 2 syncs, 3 opening for writing, 4 writes and opening for writing
//   effect:     above 0: that errno, nothing is written; -1: half is written, then EIO;
//               -2: half is written, then the process dies, as in a power cut
//   how many matching calls are still well before it
//   how many were met
// Only files whose path has DISK_SHIM_PATH in it are concerned.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALL, EFFECT, LEFT, MET };
enum { WRITES = 1, SYNCS, OPENS, ALL };
enum { HALF = -1, HALF_AND_DEATH = -2 };

static volatile int64_t *order;

static volatile int64_t *map_file(void)
{
    const char *path = getenv("DISK_SHIM");
    int fd = path == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    void *place = fd < 0 ? MAP_FAILED : mmap(NULL, 32, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (place == MAP_FAILED) {
        abort(); // a test with a whole disk would prove nothing
    }
    close(fd);
    return place;
}

static bool is_ours(const char *path)
{
    const char *part = getenv("DISK_SHIM_PATH");
    return part != NULL && strstr(path, part) != NULL;
}

static bool is_met(int64_t call, const char *path)
{
    if (order == NULL) {
        order = map_file();
    }
    bool is_wanted = order[CALL] == call || (order[CALL] == ALL && call != SYNCS);
    if (!is_wanted || !is_ours(path)) {
        return false;
    }
    if (order[LEFT] > 0) {
        order[LEFT]--;
        return false;
    }
    order[MET]++;
    return true;
}

static bool is_met_by(int64_t call, int fd)
{
    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0) {
        return false;
    }
    path[size] = 0;
    return is_met(call, path);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    if (is_met_by(WRITES, fd)) {
        if (order[EFFECT] > 0) {
            errno = (int)order[EFFECT];
            return -1;
        }
        (void)syscall(SYS_pwrite64, fd, data, size / 2, offset);
        if (order[EFFECT] == HALF_AND_DEATH) {
            (void)kill(getpid(), SIGKILL);
        }
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, data, size, offset);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite64(fd, data, size, offset);
}

static int sync_with(long number, int fd)
{
    if (is_met_by(SYNCS, fd)) {
        errno = order[EFFECT] > 0 ? (int)order[EFFECT] : EIO;
        return -1;
    }
    return (int)syscall(number, fd);
}

int fdatasync(int fd)
{
    return sync_with(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return sync_with(SYS_fsync, fd);
}

static int open_with(const char *path, int flags, mode_t mode)
{
    if ((flags & O_ACCMODE) != O_RDONLY && is_met(OPENS, path)) {
        errno = order[EFFECT] > 0 ? (int)order[EFFECT] : EIO;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_with(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_with(path, flags, mode);
}
