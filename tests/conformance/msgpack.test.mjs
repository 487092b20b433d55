// The official client with socket.io-msgpack-parser, beside one without, on one server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Server } from "./harness.mjs";

const require = createRequire(import.meta.url);
const { io } = require("socket.io-client");
const parser = require("socket.io-msgpack-parser");

let server;
const clients = [];
before(async () => {
  server = await Server.start("lab", "--msgpack", "--ping-interval-ms", "20000");
});
after(async () => {
  for (const client of clients) client.disconnect();
  await server.stop();
});

async function connect(options = {}) {
  const client = io(server.url, { forceNew: true, reconnection: false, ...options });
  clients.push(client);
  await once(client, "connect");
  return client;
}

const VALUES = [
  null, true, false, 0, -0.5, 1e-7, 2 ** 53 - 2 ** 20, 4294967296, -2147483649, 9007199254740991, "", "é€😀\n\"\\<", "x".repeat(70_000),
  [], {}, [[1, [2]]], { a: { b: [null, { c: 1 }] } }, Array(300).fill(7), Buffer.from([1, 2, 3]), { bytes: Buffer.alloc(70_000, 5), more: [Buffer.alloc(0)] },
  { _placeholder: true, num: 0 }, { beside: Buffer.from([9]), look: { _placeholder: true, num: 0 } },
];
// What JSON.stringify makes of it is what the server has.
const CHANGED = [
  [{ a: undefined, b: 1 }, { b: 1 }],
  [[undefined], [null]],
  [new Date(1764078782934), "2025-11-25T13:53:02.934Z"],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [new Uint8Array([4, 5]), Buffer.from([4, 5])],
];

for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
  test(`values come back as they went, over ${transports}`, { timeout: 30_000 }, async () => {
    const client = await connect({ parser, transports });
    for (const [value, expected] of [...VALUES.map((value) => [value, value]), ...CHANGED]) {
      assert.deepEqual(await client.emitWithAck("message-with-ack", value), expected);
      const back = once(client, "message-back");
      client.emit("message", value, "and more");
      assert.deepEqual(await back, [expected, "and more"]);
    }
  });
}

test("a broadcast reaches clients of both kinds, whoever sends", { timeout: 30_000 }, async () => {
  const packed = await connect({ parser });
  const plain = await connect();
  for (const client of [packed, plain]) assert.equal(await client.emitWithAck("join", "mixed"), true);
  for (const sender of [packed, plain]) {
    const news = [packed, plain].map((client) => once(client, "news"));
    sender.emit("to", "mixed", { a: [1, 2.5, "é"], big: 9007199254740991 });
    for (const got of await Promise.all(news)) assert.deepEqual(got, [{ a: [1, 2.5, "é"], big: 9007199254740991 }]);
  }
});

test("the server's question is answered, and a disconnect is understood", { timeout: 30_000 }, async () => {
  const client = await connect({ parser });
  client.once("emit-with-ack", (value, done) => done({ seen: value, bytes: Buffer.from([1]) }));
  const [answer] = await (client.emit("emit-with-ack", "what"), once(client, "emit-with-ack").then(() => once(client, "emit-with-ack")));
  assert.deepEqual(answer, { seen: "what", bytes: Buffer.from([1]) });
  const gone = once(client, "disconnect");
  client.emit("kick", "nobody");
  assert.equal((await gone)[0], "io server disconnect");
});

test("what is no msgpack packet ends the connection", { timeout: 30_000 }, async () => {
  const client = await connect({ parser, transports: ["websocket"] });
  const gone = once(client, "disconnect");
  client.io.engine.write(Buffer.from([0xc1]));
  await gone;
});
