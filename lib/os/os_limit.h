// What the operating system lets this process have.
//
// Purity: reads and sets the process's limits
#ifndef LOTCAST_OS_LIMIT_H
#define LOTCAST_OS_LIMIT_H

#include <stddef.h>

// Raises the number of descriptors that may be open towards `wanted`, as far as the hard limit goes; never
// lowers it. Returns the number that holds now.
size_t os_limit_raise_descriptors(size_t wanted);

#endif
