#include "auction-svc/io/data_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auction-svc/io/data_lock.h"

enum { TEXT_SIZE = 96 };

// The place of the file on its disk, and when the run started.
static int write_text(char out_text[TEXT_SIZE], const struct stat *place, int64_t since_ms)
{
    return snprintf(out_text, TEXT_SIZE, "%llu %llu %lld\n", (unsigned long long)place->st_dev,
                    (unsigned long long)place->st_ino, (long long)since_ms);
}

static int64_t read_since(int file, const struct stat *place)
{
    char text[TEXT_SIZE] = "";
    unsigned long long device = 0;
    unsigned long long inode = 0;
    long long since_ms = 0;
    ssize_t size = pread(file, text, sizeof text - 1, 0);
    bool is_here = size > 0 && sscanf(text, "%llu %llu %lld", &device, &inode, &since_ms) == 3 &&
                   device == place->st_dev && inode == place->st_ino;
    return is_here ? since_ms : 0;
}

enum lc_status data_run_begin(const char *folder, int64_t since_ms, int64_t *out_last_since_ms)
{
    char path[DATA_PATH_SIZE_MAX];
    char text[TEXT_SIZE];
    struct stat place;
    *out_last_since_ms = 0;
    int size = snprintf(path, sizeof path, "%s/run", folder);
    if (size < 0 || (size_t)size >= sizeof path) {
        return LC_ERR_IO;
    }
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return errno == ENOSPC ? LC_ERR_DISK_FULL : LC_ERR_IO;
    }
    enum lc_status status = LC_ERR_IO;
    if (fstat(file, &place) == 0) {
        *out_last_since_ms = read_since(file, &place);
        size = write_text(text, &place, since_ms);
        if (ftruncate(file, 0) == 0 && pwrite(file, text, (size_t)size, 0) == (ssize_t)size) {
            status = LC_OK;
        } else if (errno == ENOSPC) {
            status = LC_ERR_DISK_FULL;
        }
    }
    close(file);
    return status;
}
