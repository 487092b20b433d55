// Other unmodified clients, in three transport modes each: engine.io-client 6, its predecessor 3.5 (Engine.IO v3), and Debian's python-socketio.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { after, before, describe } from "node:test";
import { Socket } from "engine.io-client";
import { Server, eventually, it } from "./harness.mjs";

const require = createRequire(import.meta.url);
const Socket3 = createRequire(require.resolve("socket.io-client-2"))("engine.io-client");
const MODES = { polling: ["polling"], upgrade: ["polling", "websocket"], websocket: ["websocket"] };
const PATIENT = ["--ping-interval-ms", "300", "--ping-timeout-ms", "5000"];

const event = (socket, name) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), 10000);
    socket.once(name, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });

for (const [name, make] of [["engine.io-client 6", (url, options) => new Socket(url, options)], ["engine.io-client 3.5", (url, options) => new Socket3(url, options)]]) {
  describe(name, { concurrency: 3 }, () => {
    let server;
    before(async () => {
      server = await Server.start("engineio", ...PATIENT, "--eio3");
    });
    after(() => server.stop());
    for (const [mode, transports] of Object.entries(MODES)) {
      it(`${name} over ${mode}: opens, upgrades, exchanges text and binary in order, closes`, async () => {
        const socket = make(server.url, { path: "/engine.io/", transports });
        if (mode === "upgrade") await event(socket, "upgrade");
        else await event(socket, "open");
        const got = [];
        socket.on("message", (data) => got.push(typeof data === "string" ? data : Buffer.from(data)));
        const sent = ["text", "é€😀", Buffer.from([0x34, 1, 2]), Buffer.alloc(1000, 7), "x".repeat(100000)];
        for (const message of sent) socket.send(message);
        await eventually(() => got.length === sent.length, 10000);
        assert.deepEqual(got, sent);
        assert.equal(socket.transport.name, mode === "polling" ? "polling" : "websocket");
        const closed = event(socket, "close");
        socket.close();
        await closed;
      });
      it(`${name} over ${mode}: is told when the server goes`, async () => {
        const own = await Server.start("engineio", ...PATIENT, "--eio3");
        const socket = make(own.url, { path: "/engine.io/", transports });
        await event(socket, "open");
        const closed = event(socket, "close");
        await own.stop();
        assert.match((await closed)[0], /^transport (close|error)$/);
      });
    }
  });
}

// One script for a mode: all that a client does, and a reconnection when the server was killed.
const SCRIPT = `
import sys, threading
try:
    import socketio
except ImportError:
    sys.exit(77)
url, transports = sys.argv[1], sys.argv[2].split(",")
client = socketio.Client(reconnection=True, reconnection_delay=0.1, reconnection_delay_max=0.3)
seen = {name: threading.Event() for name in ("back", "auth", "custom", "refused", "lost", "again", "kicked")}
got = []
connects = []

@client.event
def connect():
    connects.append(1)
    if len(connects) == 2:
        seen["again"].set()

@client.event
def disconnect():
    seen["lost"].set()

@client.on("auth")
def on_auth(auth):
    got.append(auth)
    seen["auth"].set()

@client.on("message-back")
def on_back(*args):
    got.append(args)
    seen["back"].set()

@client.on("question")
def on_question(*args):
    return "yes"

@client.on("connect", namespace="/custom")
def on_custom():
    seen["custom"].set()

@client.on("disconnect", namespace="/custom")
def on_custom_gone():
    seen["kicked"].set()

stranger = socketio.Client(reconnection=False)
@stranger.on("connect_error", namespace="/unknown")
def on_refused(data):
    got.append(data)
    seen["refused"].set()

def wait(name):
    assert seen[name].wait(10), name

client.connect(url, transports=transports, auth={"token": "é"}, namespaces=["/", "/custom"], wait=False)
stranger.connect(url, transports=transports, namespaces=["/", "/unknown"], wait=False)
wait("auth"); wait("custom"); wait("refused")
stranger.disconnect()
assert {"token": "é"} in got and {"message": "Invalid namespace"} in got, got
assert client.call("message-with-ack", "é😀", timeout=10) == "é😀"
client.emit("message", ("a", bytes([1, 2, 3])))
wait("back")
assert got[-1] == ("a", bytes([1, 2, 3])), got
assert client.call("ask", ("5000", "well?"), timeout=10) == ("answered", "yes")
client.sleep(0.7)
assert client.call("message-with-ack", 2, timeout=10) == 2
client.emit("kick", "nobody", namespace="/custom")
wait("kicked")
print("transport", client.transport(), flush=True)
seen["lost"].clear()
print("ready", flush=True)
wait("lost")
wait("again")
client.sleep(0.2)
assert client.call("message-with-ack", 3, timeout=10) == 3
client.disconnect()
print("done", flush=True)
`;
describe("python-socketio", { concurrency: 3 }, () => {
  for (const [mode, transports] of Object.entries(MODES)) {
    it(`python-socketio over ${mode}: auth, events, acknowledgements, namespaces, refusal, disconnects, a server that was killed`, { timeout: 60000 }, async (t) => {
      let server = await Server.start("lab", ...PATIENT);
      const child = spawn("/usr/bin/python3", ["-c", SCRIPT, server.url, transports.join()], { stdio: ["ignore", "pipe", "pipe"] });
      let out = "";
      let why = "";
      child.stdout.on("data", (data) => (out += data));
      child.stderr.on("data", (data) => (why += data));
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const code = await Promise.race([ended, eventually(() => out.includes("ready"), 30000)]);
      if (code === 77) {
        await server.stop();
        return t.skip("python3-socketio is not installed");
      }
      assert.equal(code, true, why);
      assert.match(out, new RegExp(`transport ${mode === "polling" ? "polling" : "websocket"}`));
      server.child.kill("SIGKILL");
      server = await Server.start("lab", ...PATIENT, "--port", String(server.port));
      assert.equal(await ended, 0, why);
      assert.match(out, /done/);
      await server.stop();
    });
  }
});
