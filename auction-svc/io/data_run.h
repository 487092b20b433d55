// The runs of an engine in its data folder: when the last one started, as its heartbeat said.
//
// Purity: files; the caller holds the folder's lock
// Units:  *_ms UTC epoch milliseconds in engine time
// Errors: LC_ERR_IO, LC_ERR_DISK_FULL: the last run is not known to the next one
// Source: docs/decisions/0095-engines-on-one-broker.md. A folder that was copied knows of no run: the
//         file names its own place on the disk, and a copy lies elsewhere
#ifndef LOTCAST_IO_DATA_RUN_H
#define LOTCAST_IO_DATA_RUN_H

#include <stdint.h>

#include "lib/base/status.h"

// `out_last_since_ms` 0: no run of this folder is known; set on failure too.
LC_MUST_CHECK enum lc_status data_run_begin(const char *folder, int64_t since_ms,
                                            int64_t *out_last_since_ms);

#endif
