#include "auction-svc/io/data_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum lc_status data_lock_take(const char *folder, bool create, struct data_lock *out_lock)
{
    char path[DATA_PATH_SIZE_MAX];
    int size = snprintf(path, sizeof path, "%s/lock", folder);
    if (size < 0 || (size_t)size >= sizeof path) {
        return LC_ERR_IO;
    }
    if (create && mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return errno == ENOENT ? LC_ERR_NOT_FOUND : LC_ERR_IO;
    }
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return errno == ENOENT ? LC_ERR_NOT_FOUND
                               : (errno == ENOSPC ? LC_ERR_DISK_FULL : LC_ERR_IO);
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        enum lc_status status = errno == EWOULDBLOCK ? LC_ERR_BUSY : LC_ERR_IO;
        close(descriptor);
        return status;
    }
    out_lock->descriptor = descriptor;
    return LC_OK;
}

void data_lock_release(struct data_lock *lock)
{
    if (lock->descriptor >= 0) {
        close(lock->descriptor);
        lock->descriptor = -1;
    }
}
