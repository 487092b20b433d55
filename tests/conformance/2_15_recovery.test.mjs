// 2.15 of the protocol notes: connection state recovery, and the reference's defects in it that ours does not have.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { io } from "socket.io-client";
import { Server, eventually, it, packets, sleep } from "./harness.mjs";
import { ask, open, drain } from "./talk.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
let lab;
before(async () => {
  lab = await Server.start("lab", ...QUIET, "--recovery-ms", "60000");
});
after(() => lab.stop());

const emit = (ws, ...event) => ws.send(`42${JSON.stringify(event)}`);
// Sends CONNECT with what was kept, and gives the reply and what came before it.
async function enter(ws, nsp = "", payload = "") {
  ws.send(nsp || payload ? `40${nsp ? `${nsp},` : ""}${payload}` : "40");
  const before = [];
  for (;;) {
    const packet = await ws.packet();
    if (packet === undefined) throw new Error("closed");
    if (packet.startsWith("40")) return { before, ...JSON.parse(packet.slice(packet.indexOf("{"))) };
    before.push(packet);
  }
}
// A connected socket: its ids, and the offset of the `auth` event, which is the first.
async function begin(nsp = "", payload = "") {
  const ws = await open(lab);
  const { sid, pid } = await enter(ws, nsp, payload);
  const auth = await ws.packet();
  ws.offset = JSON.parse(auth.slice(auth.indexOf("["))).at(-1);
  return Object.assign(ws, { sid, pid });
}
const again = async (ws, offset = ws.offset, extra = {}, nsp = "") => {
  const next = await open(lab);
  const reply = await enter(next, nsp, JSON.stringify({ pid: ws.pid, offset, ...extra }));
  return Object.assign(next, reply, { offset, kept: [] });
};
const cut = async (ws) => {
  ws.ws.terminate();
  await eventually(() => lab.log.some((line) => line.startsWith(`${ws.sid.slice(0, 6)} disconnected`)));
};
const other = async () => {
  const ws = await begin();
  ws.kept = [];
  return ws;
};

describe("2.15 offsets", { concurrency: 8 }, () => {
  it("2.15 the CONNECT reply has sid and pid", async () => {
    const ws = await open(lab);
    ws.send("40");
    assert.match(await ws.packet(), /^40\{"sid":"[A-Za-z0-9_-]{20}","pid":"[^"]{16,}"\}$/);
    ws.close();
  });
  it("2.15 an event without an id has one more argument, a string: direct, binary and broadcast", async () => {
    const ws = await begin();
    assert.equal(typeof ws.offset, "string");
    emit(ws, "message", 1);
    assert.match(await ws.packet(), /^42\["message-back",1,"[^"]+"\]$/);
    ws.send('451-["message",{"_placeholder":true,"num":0}]');
    ws.send(Buffer.from([1]));
    assert.match(await ws.packet(), /^451-\["message-back",\{"_placeholder":true,"num":0\},"[^"]+"\]$/);
    await ws.packet();
    emit(ws, "join", "offsets");
    emit(ws, "to", "offsets", 2);
    assert.match(await ws.packet(), /^42\["news",2,"[^"]+"\]$/);
    ws.close();
  });
  it("2.15 events with an id and acknowledgements have none", async () => {
    const ws = await begin();
    emit(ws, "emit-with-ack", 1);
    assert.match(await ws.packet(), /^42\d+\["emit-with-ack",1\]$/);
    ws.send('425["message-with-ack",1]');
    assert.equal(await ws.packet(), "435[1]");
    ws.close();
  });
  it("2.15 volatile events have none", async () => {
    const ws = await begin();
    emit(ws, "join", "v");
    await sleep(10);
    emit(ws, "tick", "v", 1);
    assert.equal(await ws.packet(), '42["tick",1]');
    ws.close();
  });
  it("2.15 without the option there is neither pid nor offset", async () => {
    const plain = await Server.start("lab", ...QUIET);
    const ws = await open(plain);
    ws.send('40{"pid":"x","offset":"y"}');
    assert.match(await ws.packet(), /^40\{"sid":"[^"]{20}"\}$/);
    assert.equal(await ws.packet(), '42["auth",{"pid":"x","offset":"y"}]');
    ws.close();
    await plain.stop();
  });
});

describe("2.15 a restored session", { concurrency: 8 }, () => {
  it("2.15 has the same sid and pid, its rooms and data, and recovered is true", async () => {
    const ws = await begin();
    await ask(ws, "join", "restored");
    emit(ws, "set", "kept");
    assert.equal(await ask(ws, "recovered"), false);
    await cut(ws);
    const next = await again(ws);
    assert.deepEqual([next.sid, next.pid], [ws.sid, ws.pid]);
    assert.deepEqual((await ask(next, "rooms")).sort(), [ws.sid, "restored"].sort());
    assert.equal(await ask(next, "get"), "kept");
    assert.equal(await ask(next, "recovered"), true);
    next.close();
  });
  it("2.15 gets what it missed before the CONNECT reply, in order: of its rooms, minus except, binary too", async () => {
    const [ws, by] = [await begin(), await other()];
    for (const name of ["m1", "m2"]) await ask(ws, "join", name);
    await ask(ws, "join", "m-except");
    await cut(ws);
    emit(by, "to", "m1", 1);
    emit(by, "to", "m-elsewhere", 2);
    emit(by, "bcast", "", "m1,m2", "", 3);
    emit(by, "bcast", "", "m1", "m-except", 4);
    emit(by, "tick", "m1", 5);
    by.send(`451-["bcast","","m2","",{"_placeholder":true,"num":0}]`);
    by.send(Buffer.from([7]));
    emit(by, "bcast", "", ws.sid, "", "direct");
    await ask(by, "message-with-ack");
    const next = await open(lab);
    next.send(`40${JSON.stringify({ pid: ws.pid, offset: ws.offset })}`);
    const got = [];
    do got.push(await next.packet());
    while (!String(got.at(-1)).startsWith("40"));
    assert.equal(got.length, 6);
    assert.match(got[0], /^42\["news",1,"[^"]+"\]$/);
    assert.match(got[1], /^42\["news",3,"[^"]+"\]$/);
    assert.match(got[2], /^451-\["news",\{"_placeholder":true,"num":0\},"[^"]+"\]$/);
    assert.deepEqual(got[3], Buffer.from([7]));
    assert.match(got[4], /^42\["news","direct","[^"]+"\]$/);
    assert.match(got[5], /^40\{"sid"/);
    [by, next].forEach((one) => one.close());
  });
  it("2.15 over polling: 42 RS 42 RS 42 RS 40 in one payload", async () => {
    const { sid: engine } = await lab.open();
    await lab.post(engine, "40");
    const [connected, auth] = await drain(lab, engine, 2);
    const { pid, sid } = JSON.parse(connected.slice(2));
    const offset = JSON.parse(auth.slice(2)).at(-1);
    await lab.post(engine, '421["join","polled"]');
    await drain(lab, engine, 1);
    const hanging = await lab.hang(engine);
    hanging.abort();
    await eventually(() => lab.log.some((line) => line.startsWith(`${sid.slice(0, 6)} disconnected: transport error`)));
    const by = await other();
    for (let i = 0; i < 3; i++) emit(by, "to", "polled", i);
    await ask(by, "message-with-ack");
    by.close();
    const second = (await lab.open()).sid;
    await lab.post(second, `40${JSON.stringify({ pid, offset })}`);
    const got = packets((await lab.poll(second)).body);
    assert.deepEqual(got.slice(0, 4).map((packet) => packet.slice(0, 2)), ["42", "42", "42", "40"]);
    assert.deepEqual(JSON.parse(got[3].slice(2)), { sid, pid });
    await lab.post(second, "1");
  });
  it("2.15 what it has seen does not come again: the newest offset counts", async () => {
    const [ws, by] = [await begin(), await other()];
    await ask(ws, "join", "seen");
    emit(by, "to", "seen", "old");
    const old = JSON.parse((await ws.packet()).slice(2));
    await cut(ws);
    emit(by, "to", "seen", "new");
    await ask(by, "message-with-ack");
    const next = await again(ws, old.at(-1));
    assert.equal(next.before.length, 1);
    assert.match(next.before[0], /"news","new"/);
    [by, next].forEach((one) => one.close());
  });
  it("2.15 auth keys of the client beside pid and offset reach the application", async () => {
    const ws = await begin("", '{"token":"t"}');
    await cut(ws);
    const next = await again(ws, ws.offset, { token: "u" });
    assert.equal(next.sid, ws.sid);
    next.close();
  });
  it("2.15 in a namespace other than the root", async () => {
    const ws = await begin("/custom");
    await cut(ws);
    const next = await again(ws, ws.offset, {}, "/custom");
    assert.equal(next.sid, ws.sid);
    next.close();
  });
});

describe("2.15 no restoring", { concurrency: 8 }, () => {
  const fresh = async (ws, payload, from = lab) => {
    const next = await open(from);
    const reply = await enter(next, "", payload);
    assert.notEqual(reply.sid, ws.sid);
    assert.notEqual(reply.pid, ws.pid);
    assert.deepEqual(reply.before, []);
    next.close();
  };
  it("2.15 an unknown pid or offset, or one that is no string, is silently a fresh sid and pid", async () => {
    const ws = await begin();
    await cut(ws);
    await fresh(ws, JSON.stringify({ pid: "unknown", offset: ws.offset }));
    await fresh(ws, JSON.stringify({ pid: ws.pid, offset: "unknown" }));
    await fresh(ws, JSON.stringify({ pid: 5, offset: ws.offset }));
    await fresh(ws, JSON.stringify({ pid: ws.pid, offset: 5 }));
    await fresh(ws, JSON.stringify({ pid: null, offset: null }));
  });
  it("2.15 a socket that left its namespace, or was put out of it, is not restored", async () => {
    const ws = await begin();
    ws.send("41");
    await eventually(() => lab.log.some((line) => line.startsWith(`${ws.sid.slice(0, 6)} disconnected`)));
    ws.close();
    await fresh(ws, JSON.stringify({ pid: ws.pid, offset: ws.offset }));
    const kicked = await begin();
    emit(kicked, "kick", "nobody");
    assert.equal(await kicked.packet(), "41");
    kicked.close();
    await fresh(kicked, JSON.stringify({ pid: kicked.pid, offset: kicked.offset }));
  });
  it("2.15 a session that ended with a parse error of the transport is not restored", async () => {
    const ws = await begin();
    ws.send("x");
    assert.equal(await ws.packet(), undefined);
    await fresh(ws, JSON.stringify({ pid: ws.pid, offset: ws.offset }));
  });
  it("2.15 a session older than maxDisconnectionDuration is not restored", async () => {
    const short = await Server.start("lab", ...QUIET, "--recovery-ms", "100");
    const ws = await open(short);
    const reply = await enter(ws);
    const auth = JSON.parse((await ws.packet()).slice(2));
    ws.ws.terminate();
    await sleep(300);
    await fresh(reply, JSON.stringify({ pid: reply.pid, offset: auth.at(-1) }), short);
    await short.stop();
  });
  it("2.15 a pid of one namespace says nothing in another", async () => {
    const ws = await begin("/custom");
    await cut(ws);
    await fresh(ws, JSON.stringify({ pid: ws.pid, offset: ws.offset }));
  });
});

describe("2.15 restored after each reason", { concurrency: 8 }, () => {
  const reasons = { "transport close": async (ws) => ws.close(), "transport error": async (ws) => ws.send("2") };
  for (const reason of Object.keys(reasons)) {
    it(`2.15 after ${reason}`, async () => {
      const ws = await begin();
      await reasons[reason](ws);
      await eventually(() => lab.log.includes(`${ws.sid.slice(0, 6)} disconnected: ${reason}, 0 rooms`));
      const next = await again(ws);
      assert.equal(next.sid, ws.sid);
      next.close();
    });
  }
  it("2.15 after ping timeout", async () => {
    const quick = await Server.start("lab", "--ping-interval-ms", "200", "--ping-timeout-ms", "200", "--recovery-ms", "60000");
    const ws = await open(quick);
    const reply = await enter(ws);
    const auth = JSON.parse((await ws.packet()).slice(2));
    assert.equal(await ws.packet(), undefined);
    const next = await open(quick);
    assert.equal((await enter(next, "", JSON.stringify({ pid: reply.pid, offset: auth.at(-1) }))).sid, reply.sid);
    next.close();
    await quick.stop();
  });
  it("2.15 after a violation (forced server close)", async () => {
    const ws = await begin();
    ws.send("40");
    assert.equal(await ws.packet(), undefined);
    await eventually(() => lab.log.some((line) => line.startsWith(`${ws.sid.slice(0, 6)} disconnected`)));
    const next = await again(ws);
    assert.equal(next.sid, ws.sid);
    next.close();
  });
});

describe("2.15 better than the reference", { concurrency: 8 }, () => {
  it("2.15 beats #4888: a session that received no event is restored", async () => {
    const ws = await open(lab);
    const reply = await enter(ws, "/lab-silent");
    ws.ws.terminate();
    await eventually(() => lab.log.some((line) => line.startsWith(`${reply.sid.slice(0, 6)} disconnected`)));
    const next = await open(lab);
    assert.equal((await enter(next, "/lab-silent", JSON.stringify({ pid: reply.pid }))).sid, reply.sid);
    next.close();
  });
  it("2.15 beats #5541: a volatile event whose last argument is a text does not poison the offset", async () => {
    const [ws, by] = [await begin(), await other()];
    await ask(ws, "join", "poison");
    emit(by, "tick", "poison", "a text");
    const tick = JSON.parse((await ws.packet()).slice(2));
    assert.deepEqual(tick.slice(0, 2), ["tick", "a text"]);
    await cut(ws);
    emit(by, "to", "poison", "missed");
    await ask(by, "message-with-ack");
    const next = await again(ws, tick.at(-1)); // what the official client remembers
    assert.equal(next.sid, ws.sid);
    assert.equal(next.before.length, 1);
    [by, next].forEach((one) => one.close());
  });
  it("2.15 beats #4880: one pid has one live socket", async () => {
    const ws = await begin();
    const next = await open(lab);
    const reply = await enter(next, "", JSON.stringify({ pid: ws.pid, offset: ws.offset }));
    if (reply.sid === ws.sid) assert.equal(await ws.packet(), undefined); // the old connection has ended
    else assert.notEqual(reply.pid, ws.pid);
    ws.close();
    next.close();
  });
  it("2.15 beats the second restoring: a session that was restored and then left is gone", async () => {
    const ws = await begin();
    await cut(ws);
    const next = await again(ws);
    assert.equal(next.sid, ws.sid);
    next.send("41");
    await eventually(() => lab.log.filter((line) => line.startsWith(`${ws.sid.slice(0, 6)} disconnected`)).length === 2);
    next.close();
    const third = await again(ws);
    assert.notEqual(third.sid, ws.sid);
    third.close();
  });
  it("2.15 beats #5282: an idle session whose last offset is old is restored when nothing was missed", async () => {
    const short = await Server.start("lab", ...QUIET, "--recovery-ms", "400");
    const ws = await open(short);
    const reply = await enter(ws);
    const auth = JSON.parse((await ws.packet()).slice(2));
    await sleep(900); // longer than the log keeps anything
    ws.ws.terminate();
    await eventually(() => short.log.some((line) => line.startsWith(`${reply.sid.slice(0, 6)} disconnected`)));
    const next = await open(short);
    assert.equal((await enter(next, "", JSON.stringify({ pid: reply.pid, offset: auth.at(-1) }))).sid, reply.sid);
    next.close();
    await short.stop();
  });
});

describe("2.15 the official client", { concurrency: 4 }, () => {
  for (const transports of [["polling"], ["polling", "websocket"], ["websocket"]]) {
    it(`2.15 is recovered over ${transports.join()}, and misses nothing`, async () => {
      const socket = io(lab.url, { transports, forceNew: true, reconnectionDelay: 50 });
      const name = `official-${transports.join("-")}`;
      const got = [];
      socket.on("news", (value) => got.push(value));
      await new Promise((resolve) => socket.once("auth", resolve));
      const id = socket.id;
      await socket.emitWithAck("join", name);
      const by = await other();
      emit(by, "to", name, "before");
      await eventually(() => got.length === 1);
      socket.io.engine.close();
      emit(by, "to", name, "while away");
      await new Promise((resolve) => socket.once("connect", resolve));
      assert.equal(socket.recovered, true);
      assert.equal(socket.id, id);
      await eventually(() => got.length === 2);
      assert.deepEqual(got, ["before", "while away"]);
      assert.deepEqual(await socket.emitWithAck("rooms").then((list) => list.sort()), [id, name].sort());
      by.close();
      socket.disconnect();
    });
  }
});
