#!/bin/bash
# Installs what the tests need, builds with sanitizers, and runs ctest; arguments go to ctest. `./test.sh --help`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source cmake/packages.bash

usage() {
    cat <<'END'
usage: ./test.sh [arguments of ctest]

  ./test.sh                   everything but the label `long`
  ./test.sh -L unit           one label: unit golden fuzz sim conformance e2e browser faults tidy long
  ./test.sh -R sale -V        tests by name, verbose
  ./test.sh --print-labels    what there is
END
}

# What each label needs beyond the build; a label that is not named here needs nothing more.
needs_of() { # label
    case $1 in
    conformance | e2e | browser | faults | long) echo run node clients ;;&
    browser) echo chromium ;;&
    tidy | long) echo tidy node ;;
    esac
}

# The labels that the arguments select, `all` when that cannot be told.
selected_labels() {
    local previous='' argument names='^[$|()a-z^]+$'
    for argument in "$@"; do
        if [[ $previous == -L || $previous == --label-regex ]] && [[ $argument =~ $names ]]; then
            tr -c '[:lower:]' ' ' <<<"$argument"
            return
        fi
        previous=$argument
    done
    echo all
}

install_needs() { # need...
    local need packages=()
    mapfile -t packages < <(missing_tools "${tools_build[@]}" && missing_libraries "${libraries_build[@]}" libcmocka-dev)
    for need in "$@"; do
        case $need in
        run) mapfile -t -O "${#packages[@]}" packages < <(missing_tools "${tools_run[@]}") ;;
        node) mapfile -t -O "${#packages[@]}" packages < <(missing_node) ;;
        clients)
            mapfile -t -O "${#packages[@]}" packages < <(missing_tools mosquitto_sub:mosquitto-clients nginx:nginx-light \
                haproxy:haproxy apache2:apache2-bin caddy:caddy openssl:openssl curl:curl sqlite3:sqlite3 python3:python3 \
                ps:procps && missing_libraries python3-socketio python3-aiohttp \
                python3-requests python3-websocket)
            ;;
        chromium) mapfile -t -O "${#packages[@]}" packages < <(missing_tools chromium:chromium) ;;
        tidy)
            mapfile -t -O "${#packages[@]}" packages < <(missing_tools python3:python3 nm:binutils clang:clang \
                clang-format:clang-format clang-tidy:clang-tidy shellcheck:shellcheck)
            ;;
        esac
    done
    # A name may be asked for twice; apt takes it once.
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sed '/^$/d' | sort -u)
    install_packages "${packages[@]}"
}

# Adds what keeps `long` out unless it was asked for, and the defaults of this machine.
ctest_arguments() { # arguments; sets `arguments`
    local argument has_jobs=no wants_long=no excluded=no
    for argument in "$@"; do
        case $argument in
        -j* | --parallel*) has_jobs=yes ;;
        long | '^long$') wants_long=yes ;;
        -LE | --label-exclude) excluded=yes ;;
        esac
    done
    arguments=(--test-dir build/asan --output-on-failure --no-tests=error)
    [[ $has_jobs == yes ]] || arguments+=(-j 2)
    [[ $wants_long == yes || $excluded == yes ]] || arguments+=(-LE '^long$')
    arguments+=("$@")
}

if [[ ${1:-} == -h || ${1:-} == --help ]]; then usage && exit 0; fi
labels=$(selected_labels "$@")
[[ $labels == all ]] && labels="unit conformance e2e browser tidy"
needs=$(for label in $labels; do needs_of "$label"; done | tr ' ' '\n' | sort -u)
# shellcheck disable=SC2086 # a list of words
install_needs $needs
if [[ $needs == *node* ]]; then
    [[ ! -f web/package-lock.json ]] || build_pages
    if [[ -f tests/package-lock.json ]]; then
        [[ -d tests/node_modules ]] || rm -f build/stamps/npm-tests
        once npm-tests "$(sha256sum tests/package-lock.json)" npm_ci tests
    fi
fi
build_programs asan
ctest_arguments "$@"
exec ctest "${arguments[@]}"
