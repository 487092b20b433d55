#!/bin/bash
# Shell scripts parse, and shellcheck finds nothing where it is installed.
set -euo pipefail
cd "$LOTCAST_SOURCE"
scripts=()
while IFS= read -r -d '' file; do
    if [[ $file == *.sh || $file == *.bash ]] || head -c 20 "$file" | grep -aq '^#!/bin/\(ba\)\?sh'; then scripts+=("$file"); fi
done < <(find . \( -name .git -o -name build -o -name node_modules -o -name data -o -name dist \) -prune -o -type f -size -200k -print0)
for script in "${scripts[@]}"; do bash -n "$script"; done
if command -v shellcheck >/dev/null; then
    # SC1091, SC2154: what a sourced file gives. SC2016: words for other programs in single quotes.
    shellcheck --shell=bash --external-sources --exclude=SC1091,SC2154,SC2016 "${scripts[@]}"
fi
echo "${#scripts[@]} scripts"
