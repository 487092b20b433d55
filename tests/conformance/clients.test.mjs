// The unmodified official client from npm in its three transport modes, and Debian's python client in one.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, afterEach, before, describe, it } from "node:test";
import { io } from "socket.io-client";
import { Server, eventually, sleep } from "./harness.mjs";

const MODES = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };
let server;

before(async () => {
  server = await Server.start("lab");
});
after(() => server.stop());

const sockets = [];
const connect = (transports, options = {}) => {
  const socket = io(server.url, { transports, forceNew: true, reconnection: false, ...options });
  sockets.push(socket);
  return socket;
};
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.io._close(); // also of a test that failed
});
const event = (socket, name) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), 5000);
    socket.once(name, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });

for (const [mode, transports] of Object.entries(MODES)) {
  describe(`socket.io-client 4.8 over ${mode}`, () => {
    it("connects, is authenticated, answers heartbeats, and ends on the right transport", async () => {
      const socket = connect(transports, { auth: { token: "é" } });
      assert.deepEqual(await event(socket, "auth"), [{ token: "é" }]);
      await sleep(1100); // three heartbeats
      assert.equal(socket.connected, true);
      assert.equal(socket.io.engine.transport.name, mode === "polling" ? "polling" : "websocket");
      socket.disconnect();
    });
    it("exchanges text, binary and acknowledgements", async () => {
      const socket = connect(transports);
      const args = [1, "2", { 3: [false, null] }, Buffer.from([1, 2, 3]), [Buffer.alloc(0), { x: Buffer.from("ä") }]];
      const back = event(socket, "message-back");
      socket.emit("message", ...args);
      assert.deepEqual(await back, args);
      assert.deepEqual(await socket.timeout(3000).emitWithAck("message-with-ack", args[3]), args[3]);
      const final = new Promise((resolve) =>
        socket.on("emit-with-ack", (...got) => {
          const ack = got.at(-1);
          if (typeof ack === "function") ack("done", Buffer.from([7]));
          else resolve(got);
        }),
      );
      socket.emit("emit-with-ack", 5);
      assert.deepEqual(await final, ["done", Buffer.from([7])]);
      socket.disconnect();
    });
    it("carries 100 KB and is told when a body is too large", async () => {
      const socket = connect(transports);
      const text = "x".repeat(100000);
      assert.equal(await socket.timeout(3000).emitWithAck("message-with-ack", text), text);
      socket.emit("message", "y".repeat(1000001));
      const [reason] = await event(socket, "disconnect");
      assert.match(reason, /^transport (error|close)$/);
    });
    it("joins a second namespace on the same connection and is refused an unknown one", async () => {
      const manager = connect(transports).io;
      const custom = manager.socket("/custom", { auth: { a: 1 } });
      custom.connect();
      assert.deepEqual(await event(custom, "auth"), [{ a: 1 }]);
      const unknown = manager.socket("/unknown").connect();
      const [error] = await event(unknown, "connect_error");
      assert.equal(error.message, "Invalid namespace");
      assert.equal(custom.connected, true);
      custom.disconnect();
      manager._close();
    });
    it("hears a disconnect by the server as such", async () => {
      const socket = connect(transports);
      await event(socket, "connect");
      await socket.emitWithAck("join", "k");
      const heard = [event(socket, "last"), event(socket, "disconnect")];
      socket.emit("kick", "k");
      const [, [reason]] = await Promise.all(heard);
      assert.equal(reason, "io server disconnect");
      socket.io._close();
    });
    it("connects again after its transport is cut", async () => {
      const socket = connect(transports, { reconnection: true, reconnectionDelay: 10 });
      await event(socket, "connect");
      const first = socket.id;
      socket.io.engine.close();
      await event(socket, "connect");
      assert.notEqual(socket.id, first);
      socket.disconnect();
    });
    it("is in its room after the ack of the join, and gone from it after it left (F6, F25)", async () => {
      const [a, b] = [connect(transports), connect(transports)];
      await a.emitWithAck("join", `room-${mode}`);
      assert.equal(await b.emitWithAck("size", `room-${mode}`), 1);
      const news = event(a, "news");
      b.emit("to", `room-${mode}`, "x", Number.MAX_SAFE_INTEGER);
      assert.deepEqual(await news, ["x", Number.MAX_SAFE_INTEGER]);
      a.disconnect();
      await eventually(async () => (await b.emitWithAck("size", `room-${mode}`)) === 0);
      b.disconnect();
    });
  });
}

describe("upgrades under traffic", () => {
  it("100 upgrades with messages 1 to 50 both ways: once, and in order", async () => {
    const numbers = Array.from({ length: 50 }, (_, i) => i + 1);
    const cycle = async (n) => {
      const socket = connect(["polling", "websocket"]);
      const got = [];
      const pushed = [];
      socket.on("message-back", (i) => got.push(i));
      socket.on("news", (i) => pushed.push(i));
      await event(socket, "connect");
      await socket.emitWithAck("join", `cycle-${n}`);
      for (const i of numbers) {
        socket.emit("message", i);
        socket.emit("to", `cycle-${n}`, i);
        if (i % 5 === n % 5) await new Promise(setImmediate);
      }
      await eventually(() => got.length >= 50 && pushed.length >= 50 && socket.io.engine.transport.name === "websocket");
      assert.deepEqual(got, numbers);
      assert.deepEqual(pushed, numbers);
      socket.disconnect();
    };
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => cycle(round * 10 + i)));
    }
  });
  it("a client whose upgrades are refused stays connected by polling (F3)", async () => {
    const polling = await Server.start("lab", "--no-websocket");
    const socket = io(polling.url, { forceNew: true, reconnection: false });
    let lost = 0;
    socket.on("disconnect", () => lost++);
    await event(socket, "connect");
    await sleep(1000);
    assert.equal(await socket.emitWithAck("message-with-ack", "still"), "still");
    assert.equal(lost, 0);
    assert.equal(socket.io.engine.transport.name, "polling");
    socket.disconnect();
    await polling.stop();
  });
});

describe("python-socketio", () => {
  for (const [mode, transports] of Object.entries(MODES)) {
    it(`connects over ${mode}, exchanges text, binary and an acknowledgement`, (t) => {
      const script = `
import sys
try:
    import socketio
except ImportError:
    sys.exit(77)
import threading
client = socketio.Client(reconnection=False)
back = threading.Event()
got = []
@client.on("message-back")
def on_back(*args):
    got.append(args)
    back.set()
client.connect(sys.argv[1], transports=sys.argv[2].split(","))
assert client.call("message-with-ack", "é", timeout=5) == "é"
client.emit("message", ("a", bytes([1, 2, 3])))
assert back.wait(5)
assert got == [("a", bytes([1, 2, 3]))], got
client.sleep(0.7)
assert client.call("message-with-ack", 2, timeout=5) == 2
print(client.transport())
client.disconnect()
`;
      const run = spawnSync("/usr/bin/python3", ["-c", script, server.url, transports.join()], { encoding: "utf8", timeout: 30000 });
      if (run.status === 77) return t.skip("python3-socketio is not installed");
      assert.equal(run.status, 0, run.stderr);
    });
  }
});
