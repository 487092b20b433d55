#!/bin/bash
# Every header compiles alone, with each compiler that is here: whoever includes it needs to know nothing else.
set -euo pipefail
cd "$LOTCAST_SOURCE"
flags=(-std=c11 -fsyntax-only -I. -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE '-DLOTCAST_VERSION="0"' -include lib/base/banned.h
    -Wall -Wextra -Wpedantic -Werror -Wno-unused-function -x c)
mapfile -t headers < <(find lib auction-svc bridge board auctionctl -name '*.h' | sort)
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || continue
    printf '%s\0' "${headers[@]}" | xargs -0 -P 2 -I {} "$compiler" "${flags[@]}" {}
    echo "$compiler: ${#headers[@]} headers compile alone"
done
