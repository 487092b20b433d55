// A clock that can be set, for one process: LD_PRELOAD this, and CLOCK_SHIM names a file of two
// numbers of 64 bits, milliseconds added to the system's clock and to the boot clock. The file is
// mapped: who writes it sets the clock at once.
//
// The first is what an operator or NTP does; the second is what a suspend does, together with a
// process that stands still meanwhile (SIGSTOP).
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *added_ms; // wall, boot

static void map_file(void)
{
    const char *path = getenv("CLOCK_SHIM");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *place = fd < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ, MAP_SHARED, fd, 0);
    if (place == MAP_FAILED) {
        abort(); // a test with the wrong clock would prove nothing
    }
    close(fd);
    added_ms = place;
}

static void add_ms(struct timespec *time, int64_t ms)
{
    int64_t ns = time->tv_nsec + ms % 1000 * 1000000;
    time->tv_sec += ms / 1000 + (ns < 0 ? -1 : ns / 1000000000);
    time->tv_nsec = (ns + 1000000000) % 1000000000;
}

int clock_gettime(clockid_t clock, struct timespec *out_time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, out_time);
    if (added_ms == NULL) {
        map_file();
    }
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        add_ms(out_time, added_ms[0]);
    } else if (result == 0 && clock == CLOCK_BOOTTIME) {
        add_ms(out_time, added_ms[1]);
    }
    return result;
}

int gettimeofday(struct timeval *restrict out_time, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out_time->tv_sec = now.tv_sec;
    out_time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out_time)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out_time != NULL) {
        *out_time = now.tv_sec;
    }
    return now.tv_sec;
}
