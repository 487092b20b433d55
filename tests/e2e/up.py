"""./up.sh as its user knows it: start, start again, stop, ports that are taken, programs that die. Runs the programs of LOTCAST_BIN."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
import unittest
import urllib.request

SOURCE = os.environ["LOTCAST_SOURCE"]
BIN = os.environ["LOTCAST_BIN"]
UP = os.path.join(SOURCE, "up.sh")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {seconds} s waiting for {what}")
        time.sleep(0.02)


class House:
    """One data folder with ports of its own."""

    def __init__(self):
        self.data = tempfile.mkdtemp(prefix="lotcast-up-")
        self.port, self.mqtt_port = free_port(), free_port()

    def arguments(self):
        return [UP, "--port", str(self.port), "--mqtt-port", str(self.mqtt_port), "--data", self.data, "--bin", BIN]

    def start(self, *more):
        return subprocess.run([*self.arguments(), "--detach", *more], capture_output=True, text=True, timeout=60)

    def start_in_front(self):
        return subprocess.Popen(self.arguments(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def act(self, action):
        return subprocess.run([UP, action, "--data", self.data], capture_output=True, text=True, timeout=60)

    def control(self, *command):
        keys = os.path.join(self.data, "credentials", "jwt.keys")
        return subprocess.run([os.path.join(BIN, "auctionctl"), "--url", self.url(), "--key-file", keys, *command],
                              capture_output=True, text=True, timeout=30)

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def snapshot(self):
        with urllib.request.urlopen(f"{self.url()}/api/sales/demo", timeout=5) as answer:
            return json.load(answer)["snapshot"]

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url()}/readyz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def pid(self, name):
        with open(os.path.join(self.data, "run", f"{name}.pid"), encoding="utf-8") as file:
            return int(file.read())

    def processes(self):
        """Those whose command line names the data folder: everything that up.sh starts does."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    line = file.read().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if self.data in line:
                found.append(line)
        return found

    def logs(self):
        text = ""
        for name in sorted(os.listdir(os.path.join(self.data, "log"))):
            with open(os.path.join(self.data, "log", name), encoding="utf-8", errors="replace") as file:
                text += f"--- {name}\n" + file.read()[-3000:]
        return text

    def close(self):
        self.act("down")
        shutil.rmtree(self.data, ignore_errors=True)


class UpTest(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.close)

    def started(self, house=None):
        house = house or self.house
        result = house.start()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr + house.logs())
        return result.stdout

    def test_a_second_start_continues_the_same_sale_and_down_leaves_nothing(self):
        first = self.started()
        self.assertRegex(first, r"/room\?sale=demo&invite=\S+")
        self.assertRegex(first, r"/console\?sale=demo#token=\S+")
        self.assertIn(f"port {self.house.mqtt_port}, user device", first)
        begun = self.house.control("begin", "demo")
        self.assertEqual(begun.returncode, 0, begun.stderr)
        before = self.house.snapshot()
        self.assertEqual(before["info"]["phase"], "live")

        self.assertEqual(self.house.act("down").returncode, 0)
        self.assertEqual(self.house.processes(), [])

        second = self.started()
        after = self.house.snapshot()
        self.assertEqual(after["info"]["phase"], "live")
        self.assertGreater(after["seq"], before["seq"])
        self.assertGreater(after["epoch"], before["epoch"])
        room = [line for line in first.splitlines() if "/room" in line]
        self.assertEqual(room, [line for line in second.splitlines() if "/room" in line])

    def test_without_the_demo_there_is_no_sale(self):
        result = self.house.start("--no-demo")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("/room", result.stdout)
        with urllib.request.urlopen(f"{self.house.url()}/api/sales", timeout=5) as answer:
            self.assertEqual(json.load(answer)["sales"], [])

    def test_status_tells_what_runs(self):
        self.assertEqual(self.house.act("status").returncode, 1)
        self.started()
        status = self.house.act("status")
        self.assertEqual(status.returncode, 0)
        for name in ("broker", "engine", "bridge"):
            self.assertIn(f"{name}: running", status.stdout)
        self.assertIn("ready: yes", status.stdout)
        self.assertEqual(self.house.start().returncode, 1, "a second start beside the first")

    def test_a_taken_port_is_one_clear_line_and_nothing_is_left(self):
        for port, option in ((self.house.port, "--port"), (self.house.mqtt_port, "--mqtt-port")):
            with socket.socket() as other:
                other.bind(("127.0.0.1", port))
                other.listen()
                result = self.house.start()
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.stderr.strip().splitlines(), [f"up.sh: port {port} is taken: choose another with {option} N"])
            self.assertEqual(self.house.processes(), [])

    def test_a_program_that_cannot_start_is_one_clear_line_and_nothing_is_left(self):
        self.started()
        self.house.act("down")
        ledger = os.path.join(self.house.data, "ledger", "ledger.sqlite")
        self.assertTrue(os.path.exists(ledger))
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(ledger + suffix):
                os.remove(ledger + suffix)
        with open(ledger, "wb") as file:
            file.write(b"this is no database " * 500)
        result = self.house.start()
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"^up.sh: engine ended with exit code 6: .*\n$")
        self.assertEqual(self.house.processes(), [])

    def test_ctrl_c_stops_everything_that_was_started_and_nothing_else(self):
        other = House()
        self.addCleanup(other.close)
        self.started(other)
        front = self.house.start_in_front()
        self.addCleanup(front.stdout.close)
        wait_for(self.house.is_ready, 30, "readiness")
        for line in front.stdout:
            if "Ctrl-C" in line:
                break
        os.killpg(front.pid, signal.SIGINT)
        self.assertEqual(front.wait(30), 0)
        self.assertEqual(self.house.processes(), [])
        self.assertTrue(other.is_ready())

    def test_a_program_that_was_killed_runs_again(self):
        self.started()
        for name in ("engine", "bridge", "broker"):
            killed = self.house.pid(name)
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda: self.house.pid(name) != killed, 5, f"a new {name}")
            wait_for(self.answers, 5, f"answers after the death of {name}")

    def answers(self):
        """A real round trip to the engine, which /readyz may lag by a second."""
        try:
            return self.house.snapshot()["info"]["id"] == "demo"
        except OSError:
            return False

    def test_nothing_survives_the_supervisor(self):
        self.started()
        os.kill(self.house.pid("supervisor"), signal.SIGKILL)
        wait_for(lambda: not self.house.processes(), 15, "the end of all programs")
        self.started()

    def test_credentials_are_made_once_and_are_private(self):
        self.started()
        folder = os.path.join(self.house.data, "credentials")
        before = {}
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600, name)
            with open(path, "rb") as file:
                before[name] = file.read()
        self.assertEqual(sorted(before), ["bridge.password", "device.password", "engine.password", "jwt.keys", "mosquitto.passwd"])
        self.house.act("down")
        self.started()
        for name, content in before.items():
            with open(os.path.join(folder, name), "rb") as file:
                self.assertEqual(file.read(), content, name)

    def test_wrong_options_are_one_line_and_exit_code_2(self):
        for wrong in (["--nonsense"], ["--port", "0"], ["--port"], ["--mqtt-port", "70000"], ["--bin", "/nowhere"]):
            result = subprocess.run([UP, *wrong], capture_output=True, text=True, timeout=10)
            self.assertEqual((result.returncode, len(result.stderr.splitlines())), (2, 1), wrong)

    def test_a_missing_tool_is_one_clear_line(self):
        tools = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, tools)
        for name in ("bash", "dirname", "basename", "flock", "sed", "cat", "mkdir", "node", "npm", "setpriv"):
            if shutil.which(name):
                os.symlink(shutil.which(name), os.path.join(tools, name))
        result = subprocess.run([shutil.which("bash"), UP, "--data", self.house.data], capture_output=True, text=True, timeout=10,
                                env={"PATH": tools})
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"^up.sh: missing: .*cmake.*mosquitto.*no apt-get.*\n$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
