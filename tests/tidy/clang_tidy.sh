#!/bin/bash
# clang-tidy with .clang-tidy over every source file of the programs. usage: clang_tidy.sh BUILD_FOLDER
set -euo pipefail
cd "$LOTCAST_SOURCE"
if ! command -v clang-tidy >/dev/null; then
    echo "skipped: no clang-tidy here"
    exit 77
fi
# valist.Uninitialized of clang 14 does not understand va_start; sums like 16 * 1024 do not widen by accident; types in tables
# made by macros take no parentheses. The flags of the compiler that built are not all known to clang; warnings are that compiler's business.
find lib auction-svc bridge board auctionctl -name '*.c' -print0 | sort -z |
    xargs -0 -P 2 -n 4 clang-tidy --quiet -p "$1" --checks=-clang-analyzer-valist.Uninitialized,-bugprone-implicit-widening-of-multiplication-result,-bugprone-macro-parentheses --extra-arg=-Wno-unknown-warning-option --extra-arg=-fno-sanitize=all 2>/dev/null
echo "clang-tidy: ok"
