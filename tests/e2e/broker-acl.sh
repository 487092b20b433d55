#!/bin/bash
# Who may read and write what on the broker, proved by delivery: mosquitto acknowledges a publish that it drops, and
# accepts a subscription that it then never serves, so return codes prove nothing.
set -euo pipefail
work=$(mktemp -d)
source "$LOTCAST_SOURCE/tests/e2e/private_broker.bash"
trap 'stop_readers; stop_broker; rm -rf "$work"' EXIT
failures=0
declare -A reader_pid=()

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

password_of() { cat "$work/credentials/$1.password"; }

publish() { # user topic payload
    mosquitto_pub -h 127.0.0.1 -p "$port" -u "$1" -P "$(password_of "$1")" -q 1 -t "$2" -m "$3"
}

start_reader() { # user
    stdbuf -oL mosquitto_sub -h 127.0.0.1 -p "$port" -u "$1" -P "$(password_of "$1")" -q 1 -d -F 'GOT %t %p' \
        -t '#' -t '$SYS/#' >"$work/$1.read" 2>&1 &
    reader_pid[$1]=$!
    wait_until 10 grep -qs '^Subscribed' "$work/$1.read"
}

stop_readers() {
    local pid
    for pid in "${reader_pid[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    reader_pid=()
}

got() { grep -qFx "GOT $2 $3" "$work/$1.read"; } # user topic payload

add_users() { # a device that bids, and an auditor who sees all of it
    cp "$LOTCAST_SOURCE/broker-config/lotcast.acl" "$work/acl"
    cat >>"$work/acl" <<'END'
user lamp-button
topic read lotcast/v1/sale/s1/private/p3

user auditor
topic readwrite #
topic read $SYS/#
END
    local user
    "$LOTCAST_SOURCE/broker-config/make-credentials" "$work/credentials"
    for user in lamp-button auditor; do
        echo "secret-of-$user" >"$work/credentials/$user.password"
        mosquitto_passwd -b "$work/credentials/mosquitto.passwd" "$user" "secret-of-$user"
    done
}

# Messages of one test are all in front of a sentinel, and the broker keeps the order of what it acknowledged.
wait_for_sentinel() { # name
    publish auditor lotcast/v1/sale/s1/state "$1"
    publish auditor lotcast/v1/reply/lamp-button "$1"
    local user
    for user in engine bridge device auditor; do
        wait_until 10 got "$user" lotcast/v1/sale/s1/state "$1"
    done
    wait_until 10 got lamp-button lotcast/v1/reply/lamp-button "$1"
}

check() { # what user topic payload expected(yes|no)
    local seen=no
    got "$2" "$3" "$4" && seen=yes
    [[ $seen == "$5" ]] || fail "$1: delivered: $seen, expected: $5"
}

check_reading() {
    local topic readers user expected
    while read -r topic readers; do publish auditor "$topic" read-test; done <<<"$reading"
    wait_for_sentinel after-reading
    while read -r topic readers; do
        for user in engine bridge device lamp-button; do
            expected=no
            [[ " $readers " == *" $user "* ]] && expected=yes
            check "$user reads $topic" "$user" "$topic" read-test "$expected"
        done
    done <<<"$reading"
}

check_writing() {
    local topic writers user expected
    while read -r topic writers; do
        for user in engine bridge device lamp-button; do publish "$user" "$topic" "by-$user"; done
    done <<<"$writing"
    wait_for_sentinel after-writing
    while read -r topic writers; do
        for user in engine bridge device lamp-button; do
            expected=no
            [[ " $writers " == *" $user "* ]] && expected=yes
            check "$user writes $topic" auditor "$topic" "by-$user" "$expected"
        done
    done <<<"$writing"
}

check_entrance() {
    local try=(mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -t lotcast/v1/sale/s1/cmd/bridge-a)
    if "${try[@]}" -m x 2>/dev/null; then fail "an anonymous client was let in"; fi
    if "${try[@]}" -m x -u engine -P wrong 2>/dev/null; then fail "a wrong password was let in"; fi
    head -c 262145 /dev/zero >"$work/huge"
    if timeout 5 "${try[@]}" -f "$work/huge" -u bridge -P "$(password_of bridge)" 2>/dev/null; then
        fail "a packet above 256 KiB was taken"
    fi
}

reading='lotcast/v1/sale/s1/info engine bridge device
lotcast/v1/sale/s1/lots/0 engine bridge device
lotcast/v1/sale/s1/participants/0 engine bridge device
lotcast/v1/sale/s1/tick engine bridge device
lotcast/v1/sale/s1/event/bid_update engine bridge device
lotcast/v1/sale/s1/board/json engine bridge device
lotcast/v1/sale/s1/board/clock engine bridge device
lotcast/v1/sale/s1/private/p3 engine bridge lamp-button
lotcast/v1/sale/s1/private/p4 engine bridge
lotcast/v1/sale/s2/private/p3 engine bridge
lotcast/v1/sale/s1/staff/participants engine
lotcast/v1/sale/s1/cmd/bridge-a engine
lotcast/v1/sale/s1/cmd/lamp-button engine
lotcast/v1/svc/cmd/bridge-a engine
lotcast/v1/reply/bridge-a engine bridge
lotcast/v1/reply/lamp-button engine bridge lamp-button
lotcast/v1/reply/device engine bridge
lotcast/v1/svc/engine/engine-1 engine bridge
lotcast/v1/svc/bridge/bridge-a engine bridge
lotcast/v1/svc/bridge/bridge-a/presence/s1 engine bridge
lotcast/v1/relay/all bridge
lotcast/v1/relay/aB-9 bridge
other/topic
$SYS/broker/uptime'

writing='lotcast/v1/sale/s1/info engine
lotcast/v1/sale/s1/state engine
lotcast/v1/sale/s1/lots/0 engine
lotcast/v1/sale/s1/tick engine
lotcast/v1/sale/s1/event/sold engine
lotcast/v1/sale/s1/private/p3 engine
lotcast/v1/sale/s1/staff/participants engine
lotcast/v1/sale/s1/board/price engine
lotcast/v1/sale/s1/cmd/bridge-a engine bridge
lotcast/v1/sale/s1/cmd/lamp-button engine bridge lamp-button
lotcast/v1/sale/s1/cmd/device engine bridge
lotcast/v1/svc/cmd/bridge-a engine bridge
lotcast/v1/svc/cmd/lamp-button engine bridge
lotcast/v1/reply/bridge-a engine
lotcast/v1/reply/lamp-button engine
lotcast/v1/svc/engine/engine-1 engine
lotcast/v1/svc/bridge/bridge-a engine bridge
lotcast/v1/svc/bridge/bridge-a/presence/s1 engine bridge
lotcast/v1/relay/all bridge
lotcast/v1/relay/aB-9 bridge
other/topic
homeassistant/device/x/config'

add_users
start_broker "$work/acl"
for user in engine bridge device lamp-button auditor; do start_reader "$user"; done
check_reading
check_writing
check_entrance
((failures == 0)) || exit 1
echo "ok: $(($(wc -l <<<"$reading") * 4)) reads, $(($(wc -l <<<"$writing") * 4)) writes, 3 refused entrances"
