#!/bin/bash
# The tidy checks notice what they are for: each fault, planted in a copy of the tree, must fail its check.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=$LOTCAST_SOURCE/tests/tidy
export LOTCAST_SOURCE_REAL=$LOTCAST_SOURCE
failures=0

fresh_copy() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/tests"
    cp -r "$LOTCAST_SOURCE_REAL"/{lib,auction-svc,bridge,board,auctionctl} "$work/tree/"
    cp -r "$LOTCAST_SOURCE_REAL/tests/tidy" "$work/tree/tests/"
    rm -rf "$work/tree/tests/tidy/__pycache__"
}

must_fail() { # fault, sentence it must print, command...
    local fault=$1 sentence=$2 output
    shift 2
    if output=$(LOTCAST_SOURCE=$work/tree "$@" 2>&1); then
        echo "FAILED: not noticed: $fault" >&2
        failures=$((failures + 1))
    elif ! grep -q "$sentence" <<<"$output"; then
        printf 'FAILED: %s: noticed, but as:\n%s\n' "$fault" "$output" >&2
        failures=$((failures + 1))
    fi
}

fresh_copy
echo '#include "lib/os/os_log.h"' >>"$work/tree/lib/base/id.c"
must_fail "a base that logs" "lib/base may not include from lib/os" python3 "$checks/layers.py"
fresh_copy
echo '#include <time.h>' >>"$work/tree/lib/json/json_write.c"
must_fail "a clock in a pure folder" "in a pure folder" python3 "$checks/layers.py"
fresh_copy
echo '#include <mosquitto.h>' >>"$work/tree/lib/os/os_log.c"
must_fail "a third-party header in a second file" "is not granted to this file" python3 "$checks/layers.py"
fresh_copy
mkdir "$work/tree/lib/helpers" && echo 'int x;' >"$work/tree/lib/helpers/x.c"
must_fail "a folder that nobody planned" "is not in layers.txt" python3 "$checks/layers.py"

fresh_copy
{ echo '{' && printf '    (void)%s;\n' {1..70} && echo '}'; } >>"$work/tree/lib/base/id.c"
must_fail "a long function" "a function of 71 lines" python3 "$checks/text.py"
fresh_copy
echo "// TO""DO later" >>"$work/tree/lib/base/id.c"
must_fail "postponed work" "postponed work" python3 "$checks/text.py"

fresh_copy
echo 'struct buffer unknown_here(struct nothing_known x);' >"$work/tree/lib/base/alone.h"
must_fail "a header that needs another" "alone.h" bash "$checks/headers.sh"

fresh_copy
sed -i 's/^struct invite {$/&\n    bool is_forgotten;/' "$work/tree/auction-svc/core/sale.h"
must_fail "a member that no snapshot keeps" "struct invite: is_forgotten has no row" python3 "$checks/state_rows.py"

fresh_copy
mkdir -p "$work/build/lib/base"
printf '#include <unistd.h>\nint reads(void);\nint reads(void)\n{\n    char c;\n    return (int)read(0, &c, 1);\n}\n' >"$work/reads.c"
gcc -c -o "$work/reads.o" "$work/reads.c"
ar rc "$work/build/lib/base/libbase.a" "$work/reads.o"
must_fail "a pure library that reads" "lib/base: calls read" python3 "$checks/symbols.py" "$work/build"

((failures == 0)) || exit 1
echo "8 planted faults noticed"
