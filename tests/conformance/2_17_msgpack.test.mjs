// 2.17 of the protocol notes: packets of socket.io-msgpack-parser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe } from "node:test";
import { Server, it, packets } from "./harness.mjs";

const require = createRequire(import.meta.url);
const { encode, decode } = createRequire(require.resolve("socket.io-msgpack-parser"))("notepack.io");
const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--msgpack"];
let lab;
before(async () => {
  lab = await Server.start("lab", ...QUIET);
});
after(() => lab.stop());

const connect = async (nsp = "/", data) => {
  const ws = lab.ws();
  await ws.next();
  ws.send(encode({ type: 0, ...(data ? { data } : {}), nsp }));
  const reply = decode(await ws.packet());
  assert.equal(reply.type, 0);
  assert.equal(reply.nsp, nsp);
  assert.match(reply.data.sid, /^[A-Za-z0-9_-]{20}$/);
  const auth = decode(await ws.packet());
  assert.deepEqual([auth.type, auth.nsp, auth.data], [2, nsp, ["auth", data ?? {}]]);
  return ws;
};
const next = async (ws) => {
  const packet = await ws.packet();
  return packet === undefined ? undefined : decode(packet);
};

describe("2.17 msgpack", { concurrency: 8 }, () => {
  it("2.17 each packet is one binary message, with its auth", async () => {
    const ws = await connect("/", { token: "é" });
    ws.close();
    const other = await connect("/custom");
    other.close();
  });
  it("2.17 events and acknowledgements, with options as the official client sends them", async () => {
    const ws = await connect();
    ws.send(encode({ type: 2, data: ["message", 1, "é😀", null, [true, { a: 1.5 }], -5, 4294967296], options: { compress: true }, nsp: "/" }));
    const back = await next(ws);
    assert.deepEqual([back.type, back.data], [2, ["message-back", 1, "é😀", null, [true, { a: 1.5 }], -5, 4294967296]]);
    ws.send(encode({ type: 2, data: ["message-with-ack", "x"], id: 12, nsp: "/" }));
    const ack = await next(ws);
    assert.deepEqual([ack.type, ack.id, ack.data, ack.nsp], [3, 12, ["x"], "/"]);
    ws.close();
  });
  it("2.17 binary is part of the packet, without attachments or their limit", async () => {
    const ws = await connect();
    const all = Array.from({ length: 12 }, (_, i) => Buffer.from([i, 255]));
    ws.send(encode({ type: 2, data: ["message", ...all.slice(0, 3), { deep: [all[3]] }], nsp: "/" }));
    const back = await next(ws);
    assert.deepEqual(back.data.slice(1, 4).map((bytes) => Buffer.from(bytes)), all.slice(0, 3));
    assert.deepEqual(Buffer.from(back.data[4].deep[0]), all[3]);
    ws.close();
  });
  it("2.17 undefined (fixext1 type 0) is as good as absent", async () => {
    const ws = await connect();
    ws.send(encode({ type: 2, data: ["message", 1], options: undefined, id: undefined, nsp: "/" }));
    assert.deepEqual((await next(ws)).data, ["message-back", 1]);
    ws.close();
  });
  it("2.17 acknowledgements of the client", async () => {
    const ws = await connect();
    ws.send(encode({ type: 2, data: ["emit-with-ack", 1], nsp: "/" }));
    const event = await next(ws);
    assert.deepEqual(event.data, ["emit-with-ack", 1]);
    assert.equal(typeof event.id, "number");
    ws.send(encode({ type: 3, data: ["back", Buffer.from([1])], id: event.id, nsp: "/" }));
    const final = await next(ws);
    assert.equal(final.data[1], "back");
    assert.deepEqual(Buffer.from(final.data[2]), Buffer.from([1]));
    ws.close();
  });
  it("2.17 a refusal is CONNECT_ERROR with its object", async () => {
    const ws = await connect();
    ws.send(encode({ type: 0, nsp: "/nope" }));
    const refusal = await next(ws);
    assert.deepEqual([refusal.type, refusal.nsp, refusal.data], [4, "/nope", { message: "Invalid namespace" }]);
    ws.close();
  });
  it("2.17 a disconnect of the server", async () => {
    const ws = await connect();
    ws.send(encode({ type: 2, data: ["kick", "nobody"], nsp: "/" }));
    assert.equal((await next(ws)).type, 1);
    ws.close();
  });
  it("2.17 over polling each packet is b and base64", async () => {
    const { sid } = await lab.open();
    await lab.post(sid, `b${encode({ type: 0, nsp: "/" }).toString("base64")}`);
    const got = [];
    while (got.length < 2) got.push(...packets((await lab.poll(sid)).body));
    assert.ok(got.every((packet) => packet[0] === "b"));
    assert.equal(decode(Buffer.from(got[0].slice(1), "base64")).type, 0);
    await lab.post(sid, `b${encode({ type: 2, data: ["message", Buffer.from([4])], nsp: "/" }).toString("base64")}`);
    const back = decode(Buffer.from((await lab.poll(sid)).body.slice(1), "base64"));
    assert.deepEqual(Buffer.from(back.data[1]), Buffer.from([4]));
    await lab.post(sid, "1");
  });
  const bad = {
    "type 5": { type: 5, data: ["a"], nsp: "/" },
    "no type": { data: ["a"], nsp: "/" },
    "a namespace that is no text": { type: 2, data: ["a"], nsp: 5 },
    "no namespace": { type: 2, data: ["a"] },
    "an event without an array": { type: 2, data: "a", nsp: "/" },
    "an acknowledgement without an array": { type: 3, data: {}, id: 1, nsp: "/" },
    "an id that is no whole number": { type: 2, data: ["message"], id: 1.5, nsp: "/" },
  };
  for (const [name, packet] of Object.entries(bad)) {
    it(`2.17 ${name} closes`, async () => {
      const ws = await connect();
      ws.send(encode(packet));
      assert.equal(await ws.packet(), undefined);
    });
  }
  it("2.17 bytes that are no msgpack close", async () => {
    const ws = await connect();
    ws.send(Buffer.from([0xc1, 0xff, 0xff]));
    assert.equal(await ws.packet(), undefined);
  });
  it("2.17 a client without the parser is served on the same port", async () => {
    const ws = lab.ws();
    await ws.next();
    ws.send("40");
    assert.match(await ws.packet(), /^40\{"sid"/);
    ws.close();
  });
  it("2.17 rooms carry one event to clients of either kind", async () => {
    const ws = await connect();
    ws.send(encode({ type: 2, data: ["join", "both"], id: 1, nsp: "/" }));
    await next(ws);
    const plain = lab.ws();
    await plain.next();
    plain.send("40");
    await plain.packet();
    await plain.packet();
    plain.send('421["join","both"]');
    await plain.packet();
    plain.send('42["to","both",{"a":[1]}]');
    assert.equal(await plain.packet(), '42["news",{"a":[1]}]');
    assert.deepEqual((await next(ws)).data, ["news", { a: [1] }]);
    ws.close();
    plain.close();
  });
});
