# What Lotcast needs from Debian, and the one way in which up.sh, test.sh and docker/ install it. To be sourced.
# shellcheck disable=SC2034 # the lists are read by those who source this

# Programs are asked for by name (command:package), so that another version than Debian's is as good; libraries by package.
tools_build=(gcc:gcc cmake:cmake ninja:ninja-build pkg-config:pkgconf)
libraries_build=(libc6-dev libmosquitto-dev libpaho-mqtt-dev libcjson-dev libwebsockets-dev libwebsockets-evlib-ev
    libev-dev libsqlite3-dev libjwt-dev libcurl4-openssl-dev libssl-dev libcrypt-dev zlib1g-dev)
tools_run=(mosquitto:mosquitto setpriv:util-linux flock:util-linux)

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Prints the packages of the given `command:package` pairs whose command is missing.
missing_tools() {
    local pair
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null || echo "${pair#*:}"
    done
}

missing_libraries() {
    command -v dpkg-query >/dev/null || return 0 # not Debian: the build says what it lacks
    local package
    declare -A installed=()
    while read -r package; do installed[$package]=1; done < <(
        dpkg-query -W -f '${db:Status-Abbrev}${binary:Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *\([^:]*\).*/\1/p'
    )
    for package in "$@"; do
        [[ -n ${installed[$package]:-} ]] || echo "$package"
    done
}

# Prints the packages that are needed for a Node.js of 18 or newer with npm.
missing_node() {
    local major
    major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || major=0
    ((${major:-0} >= 18)) || echo nodejs
    command -v npm >/dev/null || printf '%s\n' npm ca-certificates
}

# Debian starts a service when it installs one. What we install is started by us only, and a service that was there before is not touched.
quiet_new_services() { # packages
    [[ -d /run/systemd/system ]] || return 0
    local package
    for package in "$@"; do
        case $package in
        mosquitto | nginx-light | haproxy) "${as_root[@]}" systemctl disable --quiet --now "${package%-light}.service" || true ;;
        esac
    done
}

# install_packages PACKAGE...: does nothing without arguments.
install_packages() {
    (($# > 0)) || return 0
    command -v apt-get >/dev/null || fail "missing: $*, and there is no apt-get to install them with"
    as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "missing: $*; install them as root: apt-get install $*"
        as_root=(sudo)
    fi
    say "installing from Debian: $*"
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update -q &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1; then
        grep -E '^(E|W):' "$log" >&2 || tail -n 5 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install: $*"
    fi
    rm -f "$log"
    quiet_new_services "$@"
}

# Prints one hash of all files under the given paths, without what is generated there.
hash_of() {
    find "$@" \( -name node_modules -o -name dist -o -name build \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# once NAME HASH COMMAND...: runs COMMAND unless it succeeded before for the same HASH; its output is shown only when it fails.
once() {
    local name=$1 hash=$2 stamp=build/stamps/$1
    shift 2
    [[ -f $stamp && $(<"$stamp") == "$hash" ]] && return 0
    mkdir -p build/stamps
    rm -f "$stamp"
    if ! "$@" >"build/stamps/$name.log" 2>&1; then
        tail -n 25 "build/stamps/$name.log" >&2
        fail "$name failed: $* (all of it: build/stamps/$name.log)"
    fi
    printf '%s\n' "$hash" >"$stamp"
}

npm_ci() { # folder
    npm ci --prefix "$1" --no-audit --no-fund
}

# The pages: packages of the lock file, then the bundle in web/dist.
build_pages() {
    [[ -d web/node_modules ]] || rm -f build/stamps/npm-web
    [[ -d web/dist ]] || rm -f build/stamps/pages
    once npm-web "$(sha256sum web/package-lock.json)" npm_ci web
    once pages "$(hash_of web)" npm run --prefix web build
}

# build_programs PRESET: incremental; says so first when there is nothing yet, because that takes a while.
build_programs() {
    local preset=$1 log=build/stamps/build-$1.log stamp=build/stamps/configured-$1 options=() hash
    mkdir -p build/stamps
    command -v ccache >/dev/null && options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
    [[ -d build/$preset/bin ]] || say "building ($preset; the first time takes a minute or two)"
    # A new file of CMake's in a folder is noticed by nobody else.
    hash=$(find . \( -name build -o -name node_modules -o -name .git \) -prune -o \( -name CMakeLists.txt -o -name '*.cmake' \) -print | sort | sha256sum)
    if [[ ! -f build/$preset/build.ninja || $(cat "$stamp" 2>/dev/null) != "$hash" ]]; then
        rm -f "$stamp"
        if ! cmake --preset "$preset" "${options[@]}" >"$log" 2>&1; then
            tail -n 25 "$log" >&2
            fail "cmake could not configure (all of it: $log)"
        fi
        printf '%s\n' "$hash" >"$stamp"
    fi
    if ! cmake --build --preset "$preset" -j "$(nproc)" >"$log" 2>&1; then
        grep -E -A 8 'error:|FAILED' "$log" | head -n 40 >&2
        fail "the build failed (all of it: $log)"
    fi
}
