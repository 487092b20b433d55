// 2.8 of the protocol notes: how sessions and sockets end, and what that is called.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Server, eventually, isReference, it, packets } from "./harness.mjs";
import { WEBSOCKET, isGone, probe, upgraded } from "./wire.mjs";
import { ask, closes, connect, lives, open, pollingSocket } from "./talk.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
let lab;
before(async () => {
  lab = await Server.start("lab", ...QUIET);
});
after(() => lab.stop());

const told = (sid, line) => eventually(() => lab.log.includes(`${sid.slice(0, 6)} ${line}`), 6000);
const engineSid = (ws, open) => (ws.engine = JSON.parse(open.slice(1)).sid);
// A connected WebSocket that knows the sid of its transport, too.
const both = async () => {
  const ws = lab.ws();
  engineSid(ws, await ws.next());
  ws.send("40");
  ws.sid = JSON.parse((await ws.packet()).slice(2)).sid;
  await ws.packet();
  return ws;
};

describe("2.8 reasons", { concurrency: 8 }, () => {
  it("2.8 a peer that closes its WebSocket: transport close, for the session and for its sockets", async () => {
    const ws = await both();
    ws.close();
    await told(ws.engine, "closed: transport close");
    await told(ws.sid, "disconnected: transport close, 0 rooms");
  });
  it("2.8 a WebSocket that is cut: transport close", async () => {
    const ws = await both();
    ws.ws.terminate();
    await told(ws.engine, "closed: transport close");
  });
  it("2.8 a poll that is cut: transport error", async () => {
    const polling = await pollingSocket(lab);
    const hanging = await lab.hang(polling.sid);
    hanging.abort();
    await told(polling.sid, "closed: transport error");
    await told(polling.socket, "disconnected: transport error, 0 rooms");
  });
  it("2.8 the close packet by polling: transport close", async () => {
    const polling = await pollingSocket(lab);
    await polling.post("1");
    await told(polling.sid, "closed: transport close");
    await told(polling.socket, "disconnected: transport close, 0 rooms");
  });
  it("2.8 overlapping requests: transport error", async () => {
    const polling = await pollingSocket(lab);
    const hanging = await lab.hang(polling.sid);
    await lab.poll(polling.sid);
    await hanging.answer;
    await told(polling.sid, "closed: transport error");
  });
  it("2.8 what is no packet of Engine.IO: parse error", async () => {
    const ws = await both();
    ws.send("x");
    await told(ws.engine, "closed: parse error");
    await told(ws.sid, "disconnected: parse error, 0 rooms");
  });
  it("2.8 a socket that says DISCONNECT: client namespace disconnect, the session stays", async () => {
    const ws = await both();
    ws.send("41");
    await told(ws.sid, "disconnected: client namespace disconnect, 0 rooms");
    ws.send("40");
    assert.match(await ws.packet(), /^40\{/);
    ws.close();
  });
  it("2.8 a socket that the server disconnects: server namespace disconnect", async () => {
    const ws = await both();
    ws.send('42["kick","nobody"]');
    assert.equal(await ws.packet(), "41");
    await told(ws.sid, "disconnected: server namespace disconnect, 0 rooms");
    ws.close();
  });
  it("2.8 a socket whose connection the server closes: server namespace disconnect, and the session ends", async () => {
    const ws = await both();
    ws.send('42["close"]');
    assert.equal(await ws.packet(), '42["last",1]');
    assert.equal(await ws.packet(), "41");
    await closes(ws);
    await told(ws.sid, "disconnected: server namespace disconnect, 0 rooms");
    // ours names the exact reason, which an operator wants; the reference the engine's
    await told(ws.engine, isReference ? "closed: forced close" : "closed: server namespace disconnect");
  });
  it("2.8 a violation of Socket.IO: forced server close", async () => {
    const ws = await both();
    ws.send("40"); // a second time
    await closes(ws);
    await told(ws.sid, "disconnected: forced server close, 0 rooms");
  });
  it("2.8 an unreadable packet of Socket.IO: parse error", async () => {
    const ws = await both();
    ws.send("42[");
    await closes(ws);
    await told(ws.sid, "disconnected: parse error, 0 rooms");
  });
  it("2.8 no pong in time: ping timeout", async () => {
    const quick = await Server.start("lab", "--ping-interval-ms", "150", "--ping-timeout-ms", "100");
    const ws = quick.ws();
    await ws.next();
    ws.send("40");
    const { sid } = JSON.parse((await ws.packet()).slice(2));
    await ws.packet();
    await closes(ws);
    await eventually(() => quick.log.includes(`${sid.slice(0, 6)} disconnected: ping timeout, 0 rooms`));
    await quick.stop();
  });
  it("2.8 disconnecting comes while the rooms are still there, disconnect when they are gone", async () => {
    const ws = await both();
    for (const room of ["a", "b"]) await ask(ws, "join", room);
    ws.close();
    await told(ws.sid, "disconnected: transport close, 0 rooms");
    const lines = lab.log.filter((line) => line.startsWith(`${ws.sid.slice(0, 6)} d`)).map((line) => line.slice(7));
    assert.deepEqual(lines, ["disconnecting: transport close, 2 rooms", "disconnected: transport close, 0 rooms"]);
  });
  it("2.8 the log tells how a connection opened, upgraded and closed", async () => {
    const { sid } = await lab.open();
    const ws = await upgraded(lab, sid);
    ws.ws.terminate();
    const lines = () => lab.log.filter((line) => line.startsWith(sid.slice(0, 6))).map((line) => line.slice(7));
    await eventually(() => lines().length === 3);
    assert.deepEqual(lines(), ["opened: polling", "upgraded: websocket", "closed: transport close"]);
  });
});

describe("2.8 closes by the server", { concurrency: 8 }, () => {
  it("2.8 a disconnect comes behind what was sent before (F24): over WebSocket", async () => {
    const ws = await connect(lab);
    await ask(ws, "join", "k1");
    ws.send('42["kick","k1"]');
    assert.equal(await ws.packet(), '42["last",1]');
    assert.equal(await ws.packet(), "41");
    ws.send("40");
    assert.match(await ws.packet(), /^40/);
    ws.close();
  });
  it("2.8 a disconnect comes behind what was sent before (F24): over polling", async () => {
    const polling = await pollingSocket(lab);
    await polling.post('421["join","k2"]', '42["kick","k2"]');
    const got = [];
    while (got.length < 3) got.push(...(await polling.poll()));
    assert.deepEqual(got, ["431[true]", '42["last",1]', "41"]);
  });
  it("2.8 over polling queued packets come first, then the next GET gets 6 and 1", async () => {
    const polling = await pollingSocket(lab);
    await polling.post('42["close"]');
    assert.deepEqual(await polling.poll(), ['42["last",1]', "41"]);
    assert.deepEqual(await polling.poll(), ["6", "1"]);
    await isGone(lab, polling.sid);
  });
  it("2.8 over polling a pending GET gets the packets, the following one gets 6 and 1", async () => {
    const polling = await pollingSocket(lab);
    const hanging = await lab.hang(polling.sid);
    await polling.post('42["close"]');
    const first = packets((await hanging.answer).body);
    while (first.length < 2) first.push(...(await polling.poll()));
    assert.deepEqual(first, ['42["last",1]', "41"]);
    assert.deepEqual(await polling.poll(), ["6", "1"]);
    await isGone(lab, polling.sid);
  });
  it("2.8 over polling a violation delivers what was answered before, then 6 and 1", async () => {
    const polling = await pollingSocket(lab);
    await polling.post('421["message-with-ack","a"]');
    await polling.post("40");
    const got = [];
    while (got.at(-1) !== "1") got.push(...(await polling.poll()));
    assert.deepEqual(got.slice(-2), ["6", "1"]);
    assert.deepEqual(got.slice(0, -2), ['431["a"]']);
    assert.equal((await lab.poll(polling.sid)).status, 400);
  });
  it("2.8 over WebSocket there is a close frame behind what was sent", async () => {
    const ws = await connect(lab);
    ws.send('42["close"]');
    assert.equal(await ws.packet(), '42["last",1]');
    assert.equal(await ws.packet(), "41");
    await closes(ws);
    assert.match(String(await ws.closed), /^100[05]$/);
  });
  it("2.8 a client whose transport is lost in the middle of a packet leaves nothing behind", async () => {
    const ws = await connect(lab);
    ws.send('453-["message",{"_placeholder":true,"num":0}]');
    ws.send(Buffer.from([1]));
    ws.ws.terminate();
    await told(ws.sid, "disconnected: transport close, 0 rooms");
  });
  it("2.8 a stop of the server closes polls and WebSockets at once: server shutting down", async () => {
    const other = await Server.start("lab", ...QUIET);
    const polling = await pollingSocket(other);
    const hanging = await other.hang(polling.sid);
    const ws = await connect(other);
    const probing = await probe(other, (await other.open()).sid);
    await other.stop();
    assert.equal((await hanging.answer).body, "1");
    assert.equal(await ws.next(), undefined);
    assert.equal(await probing.next(), undefined);
    assert.ok(other.log.includes(`${polling.socket.slice(0, 6)} disconnected: server shutting down, 0 rooms`));
    assert.ok(other.log.includes(`${ws.sid.slice(0, 6)} disconnected: server shutting down, 0 rooms`));
  });
  it("2.8 the other sockets of a connection do not notice that one of them is disconnected", async () => {
    const ws = await open(lab);
    for (const packet of ["40", "40/custom,"]) {
      ws.send(packet);
      await ws.packet();
      await ws.packet();
    }
    ws.send('42/custom,["kick","nobody"]');
    assert.equal(await ws.packet(), "41/custom,");
    await lives(ws);
    ws.close();
  });
  it("2.8 close of a connection with several namespaces says DISCONNECT in each of them", async () => {
    const ws = await open(lab, WEBSOCKET);
    for (const packet of ["40", "40/custom,"]) {
      ws.send(packet);
      await ws.packet();
      await ws.packet();
    }
    ws.send('42["close"]');
    assert.equal(await ws.packet(), '42["last",1]');
    assert.deepEqual([await ws.packet(), await ws.packet()].sort(), ["41", "41/custom,"]);
    await closes(ws);
  });
});

describe("2.8 a client that does not read", () => {
  it("2.8 a client that does not read what it is sent is cut off at its limit", async () => {
    const small = await Server.start("lab", ...QUIET, "--pending-bytes", "1000000");
    const polling = await pollingSocket(small);
    await polling.post('42["flood"]');
    await eventually(async () => (await small.poll(polling.sid)).status === 400);
    assert.match(small.log.join("\n"), new RegExp(`${polling.sid.slice(0, 6)} closed: forced server close`));
    await small.stop();
  });
});
