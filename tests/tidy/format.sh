#!/bin/bash
# clang-format 14 has nothing to change. Other versions format otherwise, so without 14 this is skipped.
set -euo pipefail
cd "$LOTCAST_SOURCE"
formatter=$(command -v clang-format-14 || command -v clang-format || true)
if [[ -z $formatter ]] || ! "$formatter" --version | grep -q 'version 14\.'; then
    echo "skipped: no clang-format 14 here"
    exit 77
fi
mapfile -d '' sources < <(find lib auction-svc bridge board auctionctl tests -name node_modules -prune -o -name '*.[ch]' -print0 | sort -z)
"$formatter" --dry-run -Werror "${sources[@]}"
echo "${#sources[@]} files are formatted"
