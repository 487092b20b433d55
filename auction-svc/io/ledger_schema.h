// The versions of the ledger's tables, and the way from each to the next.
//
// Purity: files
// Errors: LC_ERR_BAD_INPUT: the file was made by a newer program; LC_ERR_CORRUPT: it holds no
//         ledger; those of the ledger. A step that fails leaves the version before it
// Source: PRAGMA user_version counts the versions; docs/decisions/0090-ledger-versions.md
#ifndef LOTCAST_IO_LEDGER_SCHEMA_H
#define LOTCAST_IO_LEDGER_SCHEMA_H

#include "auction-svc/io/ledger.h"

enum { LEDGER_SCHEMA_VERSION = 2 };

// LEDGER_SERVE: a new file gets the tables, an older one is brought up, each step in a transaction
// of its own. LEDGER_VERIFY: an older file is brought up within a transaction that stays open and is
// never committed, so that it can be read by this program and is not changed.
LC_MUST_CHECK enum lc_status ledger_schema_bring_up(struct ledger *ledger, enum ledger_use use);

#endif
