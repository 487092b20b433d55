// The results of a sale for a spreadsheet.
//
// Purity: pure
// Errors: false when `results` is not what the engine sends; those of the buffer stay in it
// Source: RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front
#ifndef LOTCAST_BRIDGE_RESULTS_CSV_H
#define LOTCAST_BRIDGE_RESULTS_CSV_H

#include "lib/base/buffer.h"

// `results`: the member of that name of the reply to op `results`, one page.
LC_MUST_CHECK bool results_csv_write(struct bytes results, bool with_header, struct buffer *out);

#endif
