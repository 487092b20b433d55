// Unmodified official clients of four generations, in their three transport modes: 4.8 (and with the msgpack parser) and 3.1 speak
// Engine.IO v4, 2.5 and 1.7 v3.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe } from "node:test";
import { io as io4 } from "socket.io-client";
import * as msgpack from "socket.io-msgpack-parser";
import { Server, eventually, it, sleep } from "./harness.mjs";

const require = createRequire(import.meta.url);
const parser = msgpack.default ?? msgpack;
const CLIENTS = {
  "socket.io-client 4.8": { io: io4, modern: true },
  "socket.io-client 4.8 with msgpack": { io: io4, modern: true, options: { parser }, server: ["--msgpack"] },
  "socket.io-client 3.1": { io: require("socket.io-client-3").io, modern: true },
  "socket.io-client 2.5": { io: require("socket.io-client-2"), server: ["--eio3"] },
  "socket.io-client 1.7": { io: require("socket.io-client-1"), server: ["--eio3"] },
};
const MODES = { polling: ["polling"], upgrade: ["polling", "websocket"], websocket: ["websocket"] };
const PATIENT = ["--ping-interval-ms", "300", "--ping-timeout-ms", "5000", "--connect-timeout-ms", "20000"];

const event = (socket, name) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), 10000);
    socket.once(name, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
const call = (socket, ...args) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer to ${args[0]}`)), 10000);
    socket.emit(...args, (...answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
// Bytes as Buffers, wherever a client may have put another view of them.
const plain = (value) => {
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(plain);
  return value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)])) : value;
};

for (const [name, { io, modern, options: own = {}, server: args = [] }] of Object.entries(CLIENTS)) {
  describe(name, { concurrency: 3 }, () => {
    let server;
    const sockets = [];
    before(async () => {
      server = await Server.start("lab", ...PATIENT, ...args);
    });
    after(() => {
      for (const socket of sockets) socket.io.engine?.close();
      return server.stop();
    });
    const connect = (transports, options = {}, nsp = "", url = server.url) => {
      const socket = io(`${url}${nsp}`, { transports, forceNew: true, reconnection: false, ...own, ...options });
      sockets.push(socket);
      return socket;
    };

    for (const [mode, transports] of Object.entries(MODES)) {
      it(`${name} over ${mode}: connects with its auth, upgrades, lives through heartbeats`, async () => {
        const socket = connect(transports, modern ? { auth: { token: "é" } } : {});
        const greeting = event(socket, "auth");
        await event(socket, "connect");
        const upgrade = mode === "upgrade" && socket.io.engine.transport.name === "polling" ? event(socket.io.engine, "upgrade") : undefined;
        assert.deepEqual((await greeting).slice(0, 1), [modern ? { token: "é" } : {}]);
        await upgrade;
        await sleep(1100); // three heartbeats
        assert.equal(socket.connected, true);
        assert.equal(socket.io.engine.transport.name, mode === "polling" ? "polling" : "websocket");
        assert.equal((await call(socket, "message-with-ack", "alive"))[0], "alive");
        socket.disconnect();
      });
      it(`${name} over ${mode}: events with text, unicode and binary, acknowledgements both ways`, async () => {
        const socket = connect(transports);
        await event(socket, "connect");
        // 1.7 encodes text twice when it goes with binary by polling
        const sent = [1, "2", name.includes("1.7") ? "text" : "é€😀\u2028", { 3: [false, null] }, Buffer.from([1, 2, 3]), [{ x: Buffer.from("ä") }]];
        const back = event(socket, "message-back");
        socket.emit("message", ...sent);
        assert.deepEqual(plain(await back), sent);
        assert.deepEqual(plain(await call(socket, "message-with-ack", sent[4], "t")), [sent[4], "t"]);
        const final = new Promise((resolve) =>
          socket.on("emit-with-ack", (...got) => {
            const ack = got.at(-1);
            if (typeof ack === "function") ack("done", Buffer.from([7]));
            else resolve(got);
          }),
        );
        socket.emit("emit-with-ack", 5);
        assert.deepEqual(plain(await final), ["done", Buffer.from([7])]);
        const question = event(socket, "question").then((got) => got.pop()("yes"));
        assert.deepEqual(await call(socket, "ask", "5000", "well?"), ["answered", "yes"]);
        await question;
        assert.deepEqual(await call(socket, "ask", "50", "nobody answers"), ["timed out"]);
        socket.disconnect();
      });
      it(`${name} over ${mode}: 100 KB come back, and too much closes`, async () => {
        const socket = connect(transports);
        await event(socket, "connect");
        const text = "x".repeat(100000);
        assert.equal((await call(socket, "message-with-ack", text))[0], text);
        const lost = event(socket, "disconnect");
        socket.emit("message", "y".repeat(1000001));
        assert.match((await lost)[0], /^transport (error|close)$/);
      });
      it(`${name} over ${mode}: a second namespace, and refusals`, async () => {
        const root = connect(transports);
        await event(root, "connect");
        const manager = root.io;
        // a namespace connects by itself on an open manager
        const custom = manager.socket("/custom", modern ? { auth: { a: 1 } } : { query: name.includes("1.7") ? "a=1" : { a: 1 } });
        assert.deepEqual((await event(custom, "auth"))[0], modern ? { a: 1 } : { a: "1" });
        const refused = async (nsp) => {
          const socket = manager.socket(nsp);
          return modern ? (await event(socket, "connect_error"))[0] : (await event(socket, "error"))[0];
        };
        const unknown = await refused("/unknown");
        assert.equal(unknown.message ?? unknown, "Invalid namespace");
        const denied = await refused("/lab-deny");
        assert.deepEqual(modern ? [denied.message, denied.data] : denied, modern ? ["denied", { code: 7 }] : { code: 7 });
        assert.equal(custom.connected, true);
        assert.equal((await call(custom, "message-with-ack", "x"))[0], "x");
        custom.disconnect();
        assert.equal((await call(root, "message-with-ack", "y"))[0], "y");
        root.disconnect();
      });
      it(`${name} over ${mode}: a disconnect by the server is heard as such, behind what came before it`, async () => {
        const socket = connect(transports);
        await event(socket, "connect");
        const room = `kick-${name}-${mode}`;
        await call(socket, "join", room);
        const heard = [event(socket, "last"), event(socket, "disconnect")];
        socket.emit("kick", room);
        assert.equal((await heard[1])[0], "io server disconnect");
        await heard[0];
      });
      it(`${name} over ${mode}: is in its room after the answer to the join, and gone from it when it disconnects (F6, F25)`, async () => {
        const [socket, other] = [connect(transports), connect(transports)];
        await Promise.all([event(socket, "connect"), event(other, "connect")]);
        const room = `leave-${name}-${mode}`;
        await call(socket, "join", room);
        assert.equal((await call(other, "size", room))[0], 1);
        const news = event(socket, "news");
        other.emit("to", room, "x", Number.MAX_SAFE_INTEGER);
        assert.deepEqual(await news, ["x", Number.MAX_SAFE_INTEGER]);
        socket.disconnect();
        await eventually(async () => (await call(other, "size", room))[0] === 0);
        other.disconnect();
      });
      it(`${name} over ${mode}: connects again after its transport is cut`, async () => {
        const socket = connect(transports, { reconnection: true, reconnectionDelay: 10 });
        await event(socket, "connect");
        await call(socket, "message-with-ack", 1);
        socket.io.engine.close();
        await event(socket, "connect");
        assert.equal((await call(socket, "message-with-ack", "again"))[0], "again");
        socket.disconnect();
      });
      it(`${name} over ${mode}: connects again after the server was killed and started again`, async () => {
        const first = await Server.start("lab", ...PATIENT, ...args);
        const socket = connect(transports, { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 }, "", first.url);
        await event(socket, "connect");
        await call(socket, "message-with-ack", 1);
        const lost = event(socket, "disconnect");
        const connected = event(socket, "connect");
        first.child.kill("SIGKILL");
        assert.match((await lost)[0], /^transport (close|error)$/);
        const second = await Server.start("lab", ...PATIENT, ...args, "--port", String(first.port));
        await connected;
        assert.equal((await call(socket, "message-with-ack", "again"))[0], "again");
        socket.disconnect();
        await second.stop();
      });
    }
    it(`${name}: stays connected by polling where upgrades are refused (F3)`, async () => {
      const polling = await Server.start("lab", "--no-websocket", ...PATIENT, ...args);
      const socket = connect(MODES.upgrade, {}, "", polling.url);
      let lost = 0;
      socket.on("disconnect", () => lost++);
      await event(socket, "connect");
      await sleep(700);
      assert.equal((await call(socket, "message-with-ack", "still"))[0], "still");
      assert.equal(lost, 0);
      assert.equal(socket.io.engine.transport.name, "polling");
      socket.disconnect();
      await polling.stop();
    });
  });
}
