# A mosquitto of the test's own: broker-config/ as shipped, credentials and port of its own, in a temporary folder.
# Source this file after setting `work` to that folder; sets `port`; the process ends with stop_broker.

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Runs "$@" until it succeeds; gives up after $1 seconds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || { echo "gave up waiting for: $*" >&2; return 1; }
        sleep 0.02
    done
}

port_answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# start_broker [ACL_FILE]
start_broker() {
    local acl=${1:-$LOTCAST_SOURCE/broker-config/lotcast.acl}
    "$LOTCAST_SOURCE/broker-config/make-credentials" "$work/credentials"
    mkdir -p "$work/broker"
    port=$(free_port)
    "$LOTCAST_SOURCE/broker-config/render" 127.0.0.1 "$port" "$work/credentials/mosquitto.passwd" "$acl" "$work/broker" >"$work/mosquitto.conf"
    mosquitto -c "$work/mosquitto.conf" 2>"$work/mosquitto.log" &
    broker_pid=$!
    wait_until 10 port_answers "$port" || { cat "$work/mosquitto.log" >&2; return 1; }
}

stop_broker() {
    [[ -n ${broker_pid:-} ]] || return 0
    kill "$broker_pid" 2>/dev/null || true
    wait "$broker_pid" 2>/dev/null || true
    broker_pid=
}
