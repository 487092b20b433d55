// The clocks of this machine.
//
// Purity: reads the clock
// Units:  *_ms and *_us since an unspecified start (boot clock, counts through suspend) or since
//         1970 UTC (wall)
// Source: clock_gettime(2): CLOCK_BOOTTIME for deadlines, CLOCK_REALTIME once at a start
#ifndef LOTCAST_OS_CLOCK_H
#define LOTCAST_OS_CLOCK_H

#include <stdint.h>

int64_t os_clock_boot_us(void);
int64_t os_clock_boot_ms(void);
int64_t os_clock_wall_ms(void);
int64_t os_clock_cpu_us(void); // that this thread has used

#endif
