#include "lib/os/os_clock.h"

#include <time.h>

#include "lib/base/status.h"

static int64_t read_us(clockid_t clock)
{
    struct timespec now;
    int failed = clock_gettime(clock, &now);
    LC_ASSERT(failed == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t os_clock_boot_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

int64_t os_clock_boot_ms(void)
{
    return os_clock_boot_us() / 1000;
}

int64_t os_clock_cpu_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

int64_t os_clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}
