// 2.9 of the protocol notes: packets and payloads of Engine.IO v4.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { RS, Server, it, packets } from "./harness.mjs";
import { isEmpty, isGone } from "./wire.mjs";

let server;
before(async () => {
  server = await Server.start("engineio", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000");
});
after(() => server.stop());

const echo = async (...sent) => {
  const { sid } = await server.open();
  const response = await server.post(sid, sent.join(RS));
  assert.equal(response.body, "ok");
  const got = [];
  while (got.length < sent.length) got.push(...packets((await server.poll(sid)).body));
  return got;
};

describe("2.9 payloads", { concurrency: 8 }, () => {
  it("2.9 packets are joined by RS, text behind the digit as it is", async () => {
    assert.deepEqual(await echo("4a", "4 b ", "4", "4\u{10ffff}", "4\r\n", '4{"a":"\\u0000"}'), ["4a", "4 b ", "4", "4\u{10ffff}", "4\r\n", '4{"a":"\\u0000"}']);
  });
  it("2.9 binary is b and base64, without a digit, also beside text", async () => {
    assert.deepEqual(await echo("4a", "bAQIDBA==", "4b"), ["4a", "bAQIDBA==", "4b"]);
  });
  it("2.9 a first byte of 0x34 is not eaten, over polling", async () => {
    assert.deepEqual(await echo("bNDQ=", "bNA==", "bNDU2"), ["bNDQ=", "bNA==", "bNDU2"]);
  });
  it("2.9 base64 of every length, and every value of a byte", async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const sent = Array.from({ length: 10 }, (_, size) => `b${all.subarray(250 - size, 250).toString("base64")}`).slice(1);
    assert.deepEqual(await echo(...sent, `b${all.toString("base64")}`), [...sent, `b${all.toString("base64")}`]);
  });
  it("2.9 base64 without its padding is taken, and no bytes", async () => {
    assert.deepEqual(await echo("bAQIDBA", "bAQ"), ["bAQIDBA==", "bAQ=="]);
    assert.deepEqual(await echo("4x", "b"), ["4x", "b"]);
  });
  it("2.9 binary is never octet-stream: a response with binary is text", async () => {
    const { sid } = await server.open();
    await server.post(sid, "bAQIDBA==");
    const response = await server.poll(sid);
    assert.equal(response.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(response.body, "bAQIDBA==");
  });
  it("2.9 binary sent over WebSocket before 5 and after it", async () => {
    const { sid } = await server.open();
    await server.post(sid, "bNDU=");
    const ws = server.ws(`EIO=4&transport=websocket&sid=${sid}`);
    await ws.opened;
    ws.send("5");
    assert.deepEqual(await ws.next(), Buffer.from("45"));
    ws.send(Buffer.from("45"));
    assert.deepEqual(await ws.next(), Buffer.from("45"));
    ws.close();
  });
  it("2.9 100 packets in one payload come back in order", async () => {
    const sent = Array.from({ length: 100 }, (_, i) => (i % 3 ? `4${i}` : `b${Buffer.from(String(i)).toString("base64")}`));
    assert.deepEqual(await echo(...sent), sent);
  });
  it("2.9 a payload of many packets up to maxPayload is taken, a single larger packet gets 413", async () => {
    const small = await Server.start("engineio", "--ping-interval-ms", "25000", "--max-payload", "1000");
    const { sid } = await small.open();
    const sent = Array.from({ length: 4 }, (_, i) => `4${i}${"x".repeat(247)}`);
    assert.equal(sent.join(RS).length, 999);
    assert.equal((await small.post(sid, sent.join(RS))).body, "ok");
    assert.deepEqual(packets((await small.poll(sid)).body), sent);
    isEmpty(await small.post(sid, `4${"x".repeat(1000)}`), 413);
    await small.stop();
  });
  it("2.9 the other packets are understood in a payload: pong, noop, and upgrade that nobody asked for", async () => {
    const { sid } = await server.open();
    assert.equal((await server.post(sid, ["3", "6", "5", "4x"].join(RS))).body, "ok");
    assert.equal((await server.poll(sid)).body, "4x");
  });
  it("2.9 types above 6 end the session", async () => {
    for (const packet of ["7", "8x", "9", ":", "a", "B"]) {
      const { sid } = await server.open();
      await server.post(sid, packet);
      await isGone(server, sid);
    }
  });
});
