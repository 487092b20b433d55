#!/bin/bash
# A live auction from this folder: installs what is missing, builds, and runs broker, engine and bridge. `./up.sh --help`.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$top/cmake/packages.bash"

usage() {
    cat <<'END'
usage: ./up.sh [options]     start, or start again: the same sales go on from their ledger
       ./up.sh status        what runs, is it ready, and the addresses
       ./up.sh down          stop what was started with --detach

  --detach           stay in the background (without it, Ctrl-C stops everything)
  --port N           pages, HTTP and Socket.IO (default 8080)
  --mqtt-port N      MQTT (default 1883)
  --listen ADDRESS   where both listen (default 127.0.0.1; 0.0.0.0: the whole network)
  --data DIR         credentials, ledger, broker, log, run (default ./data)
  --no-demo          do not load the demo sale
  --bin DIR          run the programs of DIR: install and build nothing
END
}

usage_error() {
    echo "up.sh: $* (see ./up.sh --help)" >&2
    exit 2
}

parse_port() { # option value
    if [[ ! ${2:-} =~ ^[1-9][0-9]{0,4}$ ]] || (($2 > 65535)); then usage_error "$1 needs a port, 1-65535"; fi
}

parse_arguments() {
    action=start detach=no port=8080 mqtt_port=1883 listen=127.0.0.1 data=$top/data demo=yes bin=
    case ${1:-} in
    status | down | supervise) action=$1 && shift ;;
    esac
    while (($# > 0)); do
        case $1 in
        --detach) detach=yes ;;
        --no-demo) demo=no ;;
        --port) parse_port "$@" && port=$2 && shift ;;
        --mqtt-port) parse_port "$@" && mqtt_port=$2 && shift ;;
        --listen | --data | --bin)
            [[ -n ${2:-} ]] || usage_error "$1 needs a value"
            case $1 in
            --listen) listen=$2 ;;
            --data) data=$2 ;;
            --bin) bin=$(cd "$2" 2>/dev/null && pwd) || usage_error "--bin: no folder $2" ;;
            esac
            shift
            ;;
        -h | --help) usage && exit 0 ;;
        *) usage_error "unknown option $1" ;;
        esac
        shift
    done
    [[ $data == /* ]] || data=$PWD/$data
    run=$data/run
}

# --- addresses ---------------------------------------------------------------------------------------------

bracketed() { # address
    if [[ $1 == *:* ]]; then echo "[$1]"; else echo "$1"; fi
}

# The address at which this machine reaches a listener.
local_address() {
    case $listen in
    0.0.0.0) echo 127.0.0.1 ;;
    ::) echo ::1 ;;
    *) echo "$listen" ;;
    esac
}

# The address to tell to people.
shown_address() {
    local first
    case $listen in
    0.0.0.0 | ::)
        first=$(hostname -I 2>/dev/null | cut -d ' ' -f 1)
        bracketed "${first:-127.0.0.1}"
        ;;
    *) bracketed "$listen" ;;
    esac
}

port_answers() { # port
    (exec 3<>"/dev/tcp/$(local_address)/$1") 2>/dev/null
}

is_ready() { # 200 from /readyz: the bridge asked broker, engine and its own Socket.IO
    local answer='' rest
    {
        exec 3<>"/dev/tcp/$(local_address)/$port" || return 1
        printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
        read -r -t 3 answer <&3 || true
        while read -r -t 1 rest <&3; do :; done
        exec 3>&-
    } 2>/dev/null
    [[ $answer == HTTP/1.?" 200"* ]]
}

# --- the supervisor: a process of its own that starts the three programs, starts one again that died, and stops them -----

now() { date -u +%H:%M:%S; }

rotate_log() { # name
    local log=$data/log/$1.log
    if [[ -f $log && $(stat -c %s "$log") -gt 16777216 ]]; then mv "$log" "$log.1"; fi
}

command_of() { # name; sets `command`
    local broker bundle=$top/web/node_modules/socket.io-client/dist
    broker=$(bracketed "$(local_address)"):$mqtt_port
    case $1 in
    broker) command=(mosquitto -c "$run/mosquitto.conf") ;;
    engine)
        command=("$bin/auction-svc" --broker "$broker" --user engine --password-file "$data/credentials/engine.password"
            --data "$data/ledger")
        ;;
    bridge)
        # Huge pages: a broadcast walks over the memory of every client (docs/decisions/0126).
        command=(env GLIBC_TUNABLES=glibc.malloc.hugetlb=1 "$bin/auction-bridge" --listen "$(bracketed "$listen"):$port" --broker "$broker" --user bridge
            --password-file "$data/credentials/bridge.password" --key-file "$data/credentials/jwt.keys")
        if [[ -d $top/web/dist ]]; then command+=(--web "$top/web/dist"); fi
        if [[ -d $bundle ]]; then command+=(--bundle "$bundle"); fi
        ;;
    esac
}

# The kernel ends a program when the supervisor is gone, however it went: nothing is ever left over.
start_program() { # name
    local name=$1 command
    command_of "$name"
    rotate_log "$name"
    setpriv --pdeathsig TERM "${command[@]}" >>"$data/log/$name.log" 2>&1 </dev/null 9>&- &
    pid_of[$name]=$!
    since[$name]=$SECONDS
    echo $! >"$run/$name.pid"
}

stop_program() { # name
    local pid=${pid_of[$1]:-} deadline=$((SECONDS + 10))
    [[ -n $pid ]] || return 0
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do
        ((SECONDS < deadline)) || kill -KILL "$pid" 2>/dev/null || true
        sleep 0.02
    done
    unset "pid_of[$1]"
    rm -f "$run/$1.pid"
}

stop_programs() { # those that write go first
    local name
    for name in bridge engine broker; do stop_program "$name"; done
    rm -f "$run/ready" "$run/supervisor.pid"
}

give_up() { # sentence
    say "$1" >"$run/failure"
    stop_programs
    say "$(now) up: $1"
    exit 1
}

last_line_of() { # name
    tail -n 1 "$data/log/$1.log" 2>/dev/null | cut -c 1-300
}

died_as() { # code
    if (($1 > 128)); then echo "signal $(($1 - 128))"; else echo "exit code $1"; fi
}

# Which code of which program means that starting it again cannot help.
is_final() { # name code
    case $1:$2 in
    engine:2 | engine:3 | engine:4 | engine:5 | engine:6 | bridge:2 | bridge:3) return 0 ;;
    esac
    return 1
}

# At most 5 restarts in a row, after 0, 1, 2, 4 and 8 s; a program that lived for a minute starts counting anew.
restart_or_give_up() { # name code
    local name=$1 code=$2 count pause
    ((SECONDS - since[$name] < 60)) || restarts[$name]=0
    count=${restarts[$name]:-0}
    if is_final "$name" "$code" || [[ ! -f $run/ready ]]; then
        give_up "$name ended with $(died_as "$code"): $(last_line_of "$name")"
    fi
    ((count < 5)) || give_up "$name died 6 times in a row, the last time with $(died_as "$code"): $(last_line_of "$name")"
    restarts[$name]=$((count + 1))
    pause=$((count == 0 ? 0 : 1 << (count - 1)))
    say "$(now) up: $name died ($(died_as "$code")), started again in $pause s ($((count + 1)) of 5); log: $data/log/$name.log"
    if ((pause > 0)); then
        sleep "$pause" 9>&- &
        wait $! || kill $! 2>/dev/null || true
        ((stopping == 0)) || return 0
    fi
    start_program "$name"
}

name_of() { # pid
    local name
    for name in "${!pid_of[@]}"; do
        if [[ ${pid_of[$name]} == "$1" ]]; then echo "$name" && return; fi
    done
}

reap_one() {
    local finished='' code=0 name
    { wait -n -p finished "${pid_of[@]}" "$bell" || code=$?; } 2>/dev/null # bash reports signals there, we do it below
    ((stopping == 0)) || return 0
    [[ -n $finished && $finished != "$bell" ]] || return 0
    name=$(name_of "$finished")
    unset "pid_of[$name]"
    restart_or_give_up "$name" "$code"
}

wait_until_ready() {
    local deadline=$((SECONDS + 30)) name code
    until is_ready; do
        ((stopping == 0)) || return 0
        for name in broker engine bridge; do
            kill -0 "${pid_of[$name]}" 2>/dev/null && continue
            code=0
            wait "${pid_of[$name]}" || code=$?
            unset "pid_of[$name]"
            restart_or_give_up "$name" "$code" # nothing is ready yet: gives up
        done
        ((SECONDS < deadline)) || give_up "not ready after 30 s; the logs are in $data/log"
        sleep 0.03 9>&-
    done
    touch "$run/ready"
}

supervise() {
    declare -gA pid_of=() since=() restarts=()
    stopping=0
    exec 9>>"$run/lock"
    flock -w 2 9 || fail "already running in $data"
    # A signal between the look at `stopping` and the wait behind it would be slept over: the bell's end ends that wait.
    setpriv --pdeathsig TERM sleep infinity 9>&- &
    bell=$!
    trap 'stopping=1; kill "$bell" 2>/dev/null || true' TERM INT HUP
    rm -f "$run"/{ready,failure}
    echo $$ >"$run/supervisor.pid"
    local name
    for name in broker engine bridge; do start_program "$name"; done
    wait_until_ready
    while ((stopping == 0)); do reap_one; done
    stop_programs
}

# --- preparing -----------------------------------------------------------------------------------------------

prepare() {
    local missing
    missing=$(missing_tools "${tools_build[@]}" "${tools_run[@]}" && missing_libraries "${libraries_build[@]}" && missing_node)
    # shellcheck disable=SC2086 # a list of words
    install_packages $missing
    mkdir -p build
    exec 8>>build/up.lock
    flock 8 # two starts at once build once
    build_programs release
    build_pages
    exec 8>&-
    bin=$top/build/release/bin
}

require_free_port() { # port option
    port_answers "$1" || return 0
    local hint=
    if [[ $2 == --mqtt-port ]] && systemctl is-active --quiet mosquitto 2>/dev/null; then
        hint=" (this machine's own mosquitto.service?)"
    fi
    fail "port $1 is taken$hint: choose another with $2 N"
}

make_folders() {
    mkdir -p "$data"/{ledger,broker,log,run} || fail "cannot write to $data"
    chmod 700 "$data"
    "$top/broker-config/make-credentials" "$data/credentials"
    "$top/broker-config/render" "$listen" "$mqtt_port" "$data/credentials/mosquitto.passwd" "$top/broker-config/lotcast.acl" \
        "$data/broker" >"$run/mosquitto.conf"
    if [[ -f $data/mosquitto.extra.conf ]]; then cat "$data/mosquitto.extra.conf" >>"$run/mosquitto.conf"; fi
    printf '%s\n' "$listen" "$port" "$mqtt_port" >"$run/addresses"
    printf '%s\n' "$bin" >"$run/bin"
}

is_running() {
    [[ -d $run ]] && ! flock -n "$run/lock" true 2>/dev/null
}

# --- the demo sale ---------------------------------------------------------------------------------------------

control() {
    "$bin/auctionctl" --url "http://$(bracketed "$(local_address)"):$port" --key-file "$data/credentials/jwt.keys" "$@"
}

# Once for each ledger. The invite is kept beside it, because the ledger knows only its hash.
load_demo() {
    local invite_file=$data/ledger/demo.invite answer
    [[ ! -f $invite_file ]] || return 0
    if ! answer=$(control create "$top/demo/demo-sale.json" 2>&1) && ! control status demo >/dev/null 2>&1; then
        say "the demo sale could not be loaded: $answer"
        return 0
    fi
    if ! answer=$(control invite demo); then
        say "the demo sale has no invite: $answer"
        return 0
    fi
    tail -n 1 <<<"$answer" >"$invite_file.new"
    mv "$invite_file.new" "$invite_file"
}

print_addresses() {
    local base token invite_file=$data/ledger/demo.invite
    base=http://$(shown_address):$port
    say ""
    if [[ -f $invite_file ]]; then
        token=$(control token --role auctioneer --sale demo --sub auctioneer --name Auctioneer --ttl-s 86400)
        say "  room     $base/room?sale=demo&invite=$(<"$invite_file")"
        say "  console  $base/console?sale=demo#token=$token"
        say "  hall     $base/hall?sale=demo"
    else
        say "  pages    $base/"
    fi
    say "  MQTT     $(shown_address) port $mqtt_port, user device, password in $data/credentials/device.password"
    say ""
}

# --- actions ------------------------------------------------------------------------------------------------------

start_supervisor() {
    local options=(--port "$port" --mqtt-port "$mqtt_port" --listen "$listen" --data "$data" --bin "$bin")
    rm -f "$run"/{ready,failure}
    if [[ $detach == yes ]]; then
        rotate_log up
        setsid bash "$top/up.sh" supervise "${options[@]}" >>"$data/log/up.log" 2>&1 </dev/null &
    else
        setsid setpriv --pdeathsig TERM bash "$top/up.sh" supervise "${options[@]}" </dev/null &
    fi
    supervisor=$!
}

stop_supervisor() {
    trap '' INT TERM HUP
    kill -TERM "$supervisor" 2>/dev/null || true
    while kill -0 "$supervisor" 2>/dev/null; do wait "$supervisor" 2>/dev/null || true; done
}

start() {
    cd "$top"
    if is_running; then fail "already running in $data (./up.sh status, ./up.sh down)"; fi
    [[ -n $bin ]] || prepare
    require_free_port "$port" --port
    require_free_port "$mqtt_port" --mqtt-port
    umask 077
    make_folders
    interrupted=0
    supervisor=''
    # The supervisor is told here: a signal just before the wait for it would be slept over.
    trap 'interrupted=1; [[ -z $supervisor ]] || kill -TERM "$supervisor" 2>/dev/null || true' INT TERM HUP
    start_supervisor
    until [[ -f $run/ready ]]; do
        if ((interrupted)); then stop_supervisor && exit 0; fi
        kill -0 "$supervisor" 2>/dev/null || fail "$(cat "$run/failure" 2>/dev/null || echo "the start failed; see $data/log")"
        sleep 0.03
    done
    if [[ $demo == yes ]] && ((interrupted == 0)); then load_demo; fi
    print_addresses
    if [[ $detach == yes ]]; then
        say "running; ./up.sh down stops it"
        exit 0
    fi
    say "Ctrl-C stops everything"
    local code=0
    while ((interrupted == 0)) && kill -0 "$supervisor" 2>/dev/null; do
        wait "$supervisor" && code=0 || code=$?
    done
    if ((interrupted)); then stop_supervisor && say "stopped" && exit 0; fi
    exit "$code"
}

read_addresses() {
    [[ -f $run/addresses ]] || return 1
    { read -r listen && read -r port && read -r mqtt_port; } <"$run/addresses"
    bin=$(<"$run/bin")
}

status() {
    if ! is_running; then
        say "not running ($data)"
        exit 1
    fi
    read_addresses
    local name pid
    for name in broker engine bridge; do
        pid=$(cat "$run/$name.pid" 2>/dev/null) || pid=
        if [[ -n $pid && -d /proc/$pid ]]; then say "$name: running, process $pid"; else say "$name: down"; fi
    done
    if is_ready; then
        say "ready: yes"
        print_addresses
    else
        say "ready: no (logs: $data/log)"
        exit 1
    fi
}

down() {
    if ! is_running; then
        say "nothing is running ($data)"
        exit 0
    fi
    local pid deadline=$((SECONDS + 40))
    pid=$(cat "$run/supervisor.pid") || fail "it is just starting or stopping: try again"
    kill -TERM "$pid"
    while is_running; do
        ((SECONDS < deadline)) || fail "process $pid does not end"
        sleep 0.03
    done
    say "stopped"
}

parse_arguments "$@"
"$action"
