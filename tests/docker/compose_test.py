"""docker/compose.yaml as its user knows it: up, a bid from outside, seen on the published MQTT port; again after a stop; then the profile
`cluster` beside it, with cluster.test.mjs before its nginx; down.

Skips with exit code 77 where docker is absent. Uses a project, ports and volumes of its own and removes them.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

SOURCE = os.environ["LOTCAST_SOURCE"]
PROJECT = f"lotcast-test-{os.getpid()}"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def compose_program():
    """Compose v2 where it is, else docker-compose 1.29."""
    if not shutil.which("docker"):
        skip("no docker here")
    if subprocess.run(["docker", "info"], capture_output=True).returncode != 0:
        skip("docker is installed, but its engine does not answer")
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    return skip("neither `docker compose` nor docker-compose here")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


COMPOSE = [*compose_program(), "-p", PROJECT, "-f", os.path.join(SOURCE, "docker", "compose.yaml")]
CLUSTER = ["--profile", "cluster"]
PORT, MQTT_PORT, CLUSTER_PORT = free_port(), free_port(), free_port()
BASE = f"http://127.0.0.1:{PORT}"
ENVIRONMENT = {**os.environ, "LOTCAST_PORT": str(PORT), "LOTCAST_MQTT_PORT": str(MQTT_PORT), "LOTCAST_CLUSTER_PORT": str(CLUSTER_PORT)}


def compose(*arguments, timeout=120):
    result = subprocess.run([*COMPOSE, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=timeout)
    if result.returncode != 0:
        raise AssertionError(f"{arguments}: {result.stdout[-3000:]}{result.stderr[-3000:]}")
    return result.stdout


def call(method, path, body=None, token=None):
    request = urllib.request.Request(BASE + path, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]}") from error


def wait_for(probe, seconds, what):
    deadline = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {seconds} s waiting for {what}")
        time.sleep(0.2)


def addresses():
    """What the service `demo` printed last: (invite, token of the console)."""
    log = compose("logs", "demo")
    found = re.findall(r"invite=(\S+)", log), re.findall(r"#token=(\S+)", log)
    return (found[0][-1], found[1][-1], len(found[0])) if all(found) else None


def open_lot():
    state = call("GET", "/api/sales/demo")["snapshot"]["state"]
    lot = state["lot"]
    return lot if lot and lot["phase"] == "open" else None


def subscriber():
    """mosquitto_sub outside the containers, as the user of display boards; ends with the first bid."""
    password = compose("exec", "-T", "broker", "cat", "/var/lib/lotcast/credentials/v1/device.password").strip()
    command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(MQTT_PORT), "-u", "device", "-P", password, "-d", "-q", "1",
               "-t", "lotcast/v1/sale/demo/event/bid_update", "-C", "1", "-W", "30", "-F", "GOT %p"]
    process = subprocess.Popen(["stdbuf", "-oL", *command], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("Subscribed"):
            return process
    raise AssertionError("mosquitto_sub was not let in at the published port")


def bid_from_outside(invite, name):
    joined = call("POST", "/api/sales/demo/join", {"invite": invite, "name": name, "id": f"join-{name}"})
    lot = wait_for(open_lot, 20, "an open lot")
    watcher = subscriber()
    answer = call("POST", "/api/sales/demo/commands",
                  {"op": "bid", "id": f"bid-{name}", "lot": lot["id"], "amount": lot["ask"]}, joined["token"])
    assert answer["ok"] and answer["amount"] == lot["ask"], answer
    seen = [line[4:] for line in watcher.communicate(timeout=40)[0].splitlines() if line.startswith("GOT ")]
    event = json.loads(seen[0])
    assert event["amount"] == lot["ask"] and event["by"]["name"] == name, event
    print(f"{name}: bid {lot['ask']} on {lot['id']}, seen on the published MQTT port with seq {event['seq']}")
    return event["seq"]


def container(service):
    return compose(*CLUSTER, "ps", "-q", service).strip()


def is_healthy(service):
    state = subprocess.run(["docker", "inspect", "-f", "{{.State.Health.Status}}", container(service)], capture_output=True, text=True, check=True)
    return state.stdout.strip() == "healthy"


def cluster(invite, token):
    """The profile `cluster`, started while the sale runs; clients behind its nginx, and what the logs say of it afterwards."""
    compose(*CLUSTER, "up", "--build", "-d", timeout=600)
    for service in ("bridge", "bridge-2", "front"):
        wait_for(lambda: is_healthy(service), 60, f"{service} to be healthy")
    environment = {**ENVIRONMENT, "FRONT": f"http://127.0.0.1:{CLUSTER_PORT}", "DIRECT": BASE, "INVITE": invite, "TOKEN": token,
                   "BRIDGES": f"{container('bridge')} {container('bridge-2')}", "NGINX": container("front")}
    script = os.path.join(SOURCE, "tests", "docker", "cluster.test.mjs")
    play = subprocess.run(["node", "--test", script], env=environment, capture_output=True, text=True, timeout=300)
    print(play.stdout[-6000:])
    assert play.returncode == 0, f"{script}: {play.stderr[-3000:]}"
    log = compose(*CLUSTER, "logs", "--no-color")
    bad = [line for line in log.splitlines() if re.search(r"Z (warn|error) auction-|\[(emerg|alert|crit)\]", line)]
    assert not bad, "\n".join(bad[:20])


def main():
    try:
        began = time.monotonic()
        compose("up", "--build", "-d", timeout=1500)
        invite, token, count = wait_for(addresses, 120, "the demo sale")
        print(f"up after {time.monotonic() - began:.0f} s")
        call("POST", "/api/sales/demo/commands", {"op": "begin", "id": "begin-1"}, token)
        first = bid_from_outside(invite, "Ana")
        compose("stop")
        compose("up", "-d")
        wait_for(lambda: (addresses() or (0, 0, 0))[2] > count, 120, "the sale after a stop")
        invite, token, _ = addresses()
        second = bid_from_outside(invite, "Ben")
        assert second > first, "the sale did not go on"
        cluster(invite, token)
        print("ok")
    except AssertionError:
        print(subprocess.run([*COMPOSE, *CLUSTER, "logs", "--tail", "40"], env=ENVIRONMENT, capture_output=True, text=True).stdout)
        raise
    finally:
        compose(*CLUSTER, "down", "-v", "--remove-orphans")


if not shutil.which("mosquitto_sub"):
    skip("no mosquitto_sub here")
if not os.path.isdir(os.path.join(SOURCE, "tests", "node_modules", "socket.io-client")):
    skip("no socket.io-client in tests/node_modules")
main()
