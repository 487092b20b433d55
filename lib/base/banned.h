// Force-included into every source: functions that have a safe replacement here do not compile.
#ifndef LOTCAST_BASE_BANNED_H
#define LOTCAST_BASE_BANNED_H

// The headers come first, so that only uses in our own code are caught.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof gets strncpy strncat

#endif
