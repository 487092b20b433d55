// 2.5 of the protocol notes: sessions over WebSocket.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Server, eventually, it, sleep } from "./harness.mjs";
import { CLOSE, POLLING, RawSocket, TEXT, WEBSOCKET, frame, isGone, upgraded } from "./wire.mjs";

let server;
before(async () => {
  server = await Server.start("engineio", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000");
});
after(() => server.stop());

const connect = async (from = server) => {
  const ws = from.ws();
  assert.match(await ws.next(), /^0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":\[\]/);
  return ws;
};

describe("2.5 packets", { concurrency: 8 }, () => {
  it("2.5 each text frame is one packet, a binary frame is the payload alone", async () => {
    const ws = await connect();
    ws.send("4héllo 😀");
    assert.equal(await ws.next(), "4héllo 😀");
    ws.send(Buffer.from([0x34, 1, 2, 0, 255]));
    assert.deepEqual(await ws.next(), Buffer.from([0x34, 1, 2, 0, 255]));
    ws.send("4\x1e4");
    assert.equal(await ws.next(), "4\x1e4");
    ws.close();
    assert.equal(await ws.closed, 1005);
  });
  it("2.5 b and base64 in a text frame is binary", async () => {
    const ws = await connect();
    ws.send("bNAE=");
    assert.deepEqual(await ws.next(), Buffer.from([0x34, 1]));
    ws.close();
  });
  for (const size of [0, 1, 124, 125, 126, 127, 65534, 65535, 65536, 300000, 999999]) {
    it(`2.5 ${size + 1} bytes of text, and ${size} of binary come back`, async () => {
      const ws = await connect();
      const text = "4" + "y".repeat(size);
      ws.send(text);
      assert.equal(await ws.next(), text);
      if (size > 0) {
        ws.send(Buffer.alloc(size, 7));
        assert.deepEqual(await ws.next(), Buffer.alloc(size, 7));
      }
      ws.close();
    });
  }
  it("2.5 no subprotocol is needed, and one that is offered is left unanswered", async () => {
    const raw = await RawSocket.open(server, WEBSOCKET, { "Sec-WebSocket-Protocol": "a, b" });
    assert.match(raw.head, /^HTTP\/1\.1 101 /);
    assert.doesNotMatch(raw.head, /Sec-WebSocket-Protocol: b/i);
    await raw.end();
  });
  for (const bad of ["abc", "", "9"]) {
    it(`2.5 the invalid packet "${bad}" closes, and the close frame has no code`, async () => {
      const ws = await connect();
      ws.send(bad);
      assert.equal(await ws.next(), undefined);
      assert.equal(await ws.closed, 1005);
    });
  }
  it('2.5 the invalid packet "b!" closes', async () => {
    const ws = await connect();
    ws.send("b!");
    assert.equal(await ws.next(), undefined);
  });
  it("2.5 exactly the limit is accepted", async () => {
    const small = await Server.start("engineio", "--max-payload", "1000", "--ping-interval-ms", "25000");
    const ws = await connect(small);
    ws.send("4" + "x".repeat(999));
    assert.equal((await ws.next()).length, 1000);
    ws.send(Buffer.alloc(1000));
    assert.equal((await ws.next()).length, 1000);
    ws.close();
    await small.stop();
  });
  it("2.5 a larger message closes with 1009, text or binary, in one frame or in fragments", async () => {
    const small = await Server.start("engineio", "--max-payload", "1000", "--ping-interval-ms", "25000");
    for (const send of [
      (ws) => ws.send("4" + "x".repeat(1000)),
      (ws) => ws.send(Buffer.alloc(1001)),
      (ws) => {
        ws.ws.send("4" + "x".repeat(700), { fin: false });
        ws.ws.send("x".repeat(700), { fin: true });
      },
    ]) {
      const ws = await connect(small);
      send(ws);
      assert.equal(await ws.closed, 1009);
    }
    await small.stop();
  });
  it("2.5 the reason of a message that is too large is a transport error", async () => {
    const lab = await Server.start("lab", "--max-payload", "1000", "--ping-interval-ms", "25000");
    const ws = lab.ws();
    const { sid } = JSON.parse((await ws.next()).slice(1));
    ws.send("4" + "x".repeat(1000));
    assert.equal(await ws.closed, 1009);
    await eventually(() => lab.log.includes(`${sid.slice(0, 6)} closed: transport error`));
    await lab.stop();
  });
});

describe("2.5 what a client may not, or should not, say", { concurrency: 8 }, () => {
  it("2.5 a close packet over WebSocket closes at once", async () => {
    const ws = await connect();
    ws.send("1");
    assert.equal(await ws.next(), undefined);
  });
  it("2.5 a close packet over WebSocket is a transport close", async () => {
    const lab = await Server.start("lab", "--ping-interval-ms", "25000");
    const ws = lab.ws();
    const { sid } = JSON.parse((await ws.next()).slice(1));
    ws.send("1");
    assert.equal(await ws.next(), undefined);
    await eventually(() => lab.log.includes(`${sid.slice(0, 6)} closed: transport close`));
    await lab.stop();
  });
  it("2.5 ignored: 0, 5, 6 and an unasked pong", async () => {
    const ws = await connect();
    for (const packet of ["0", "5", "6", "3", "3probe", "4alive"]) ws.send(packet);
    assert.equal(await ws.next(), "4alive");
    ws.close();
  });
  for (const ping of ["2", "2probe"]) {
    it(`2.5 ${ping} on an established session closes it: invalid heartbeat direction`, async () => {
      const lab = await Server.start("lab", "--ping-interval-ms", "25000");
      const ws = lab.ws();
      const { sid } = JSON.parse((await ws.next()).slice(1));
      ws.send(ping);
      assert.equal(await ws.next(), undefined);
      await eventually(() => lab.log.includes(`${sid.slice(0, 6)} closed: transport error`));
      await lab.stop();
    });
  }
  it("2.5 a second WebSocket of an upgraded session gets 101 and then a close, the first lives on", async () => {
    const { sid } = await server.open();
    const ws = await upgraded(server, sid);
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    const second = await RawSocket.open(server, `${WEBSOCKET}&sid=${sid}`);
    assert.match(second.head, /^HTTP\/1\.1 101 /);
    assert.equal((await second.frame()).opcode, CLOSE);
    ws.send("4first lives");
    assert.equal(await ws.next(), "4first lives");
    ws.close();
    await second.end();
  });
  it("2.5 a WebSocket of the sid of a session that began as a WebSocket gets 101 and then a close", async () => {
    const ws = server.ws();
    const { sid } = JSON.parse((await ws.next()).slice(1));
    const second = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await second.opened;
    assert.equal(await second.next(), undefined);
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
  it("2.5 an unknown sid is HTTP 400 with the text", async () => {
    const refused = await server.ws(`${WEBSOCKET}&sid=abcdefghijklmnopqrst`).refused;
    assert.deepEqual([refused.status, refused.body], [400, "Session ID unknown"]);
  });
  it("2.5 a session whose WebSocket is cut ends at once", async () => {
    const ws = server.ws();
    const { sid } = JSON.parse((await ws.next()).slice(1));
    ws.ws.terminate();
    await eventually(async () => JSON.parse((await server.poll(sid)).body).code === 1);
    await isGone(server, sid);
  });
  it("2.5 another WebSocket version, method, upgrade or a missing key is refused with 400, without HTML", async () => {
    const head = (over) => Object.entries({ Host: "x", Connection: "Upgrade", Upgrade: "websocket",
      "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", ...over })
      .filter(([, v]) => v).map(([k, v]) => `${k}: ${v}\r\n`).join("");
    for (const [method, over] of [["GET", { "Sec-WebSocket-Version": "7" }], ["GET", { "Sec-WebSocket-Key": "" }], ["GET", { "Sec-WebSocket-Key": "short" }], ["GET", { Upgrade: "h2c" }]]) {
      const text = await server.raw([`${method} ${server.path}?${WEBSOCKET} HTTP/1.1\r\n${head(over)}\r\n`]);
      assert.match(text, /^HTTP\/1\.1 4\d\d /, `${method} ${JSON.stringify(over)} ${text}`);
      assert.doesNotMatch(text, /<html/i);
    }
  });
  const attempt = (method, version) =>
    server.raw([`${method} ${server.path}?${WEBSOCKET} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: ${version}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`]);
  it("2.5 a WebSocket by POST is refused", async () => {
    assert.match(await attempt("POST", 13), /^HTTP\/1\.1 40[05] /);
  });
  it("2.5 a WebSocket of version 8, of a draft, is refused with 400", async () => {
    assert.match(await attempt("GET", 8), /^HTTP\/1\.1 400 Bad Request/);
  });
  it("2.5 a handshake in segments of one byte is understood, its first frame right behind it", async () => {
    const text = `GET ${server.path}?${WEBSOCKET} HTTP/1.1\r\nHost: x\r\nconnection: keep-alive, upgrade\r\nUPGRADE: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    const bytes = Buffer.concat([Buffer.from(text), frame(TEXT, "4behind")]);
    const got = await server.raw([...bytes].map((b) => Buffer.from([b])), { until: /4behind/ });
    assert.match(got, /^HTTP\/1\.1 101 [^]*0\{"sid"[^]*4behind/);
  });
  it("2.5 a handshake and its first frames in one segment are understood", async () => {
    const text = `GET ${server.path}?${WEBSOCKET} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    const got = await server.raw([Buffer.concat([Buffer.from(text), frame(TEXT, "4a"), frame(TEXT, "4b")])], { until: /4b/ });
    assert.match(got, /^HTTP\/1\.1 101 [^]*0\{"sid"[^]*4a[^]*4b/);
  });
  it("2.5 a close frame of the client is answered, and the session is gone", async () => {
    const raw = await RawSocket.open(server);
    const { sid } = JSON.parse((await raw.frame()).text.slice(1));
    await raw.send(frame(CLOSE, Buffer.from([0x03, 0xe8])));
    assert.equal(await raw.closeCode(), 1000);
    await eventually(() => raw.ended);
    await isGone(server, sid);
  });
  it("2.5 a polling request of a WebSocket session is code 3", async () => {
    const ws = server.ws();
    const { sid } = JSON.parse((await ws.next()).slice(1));
    const response = await server.request("GET", `${POLLING}&sid=${sid}`);
    assert.equal(JSON.parse(response.body).code, 3);
    await sleep(10);
    ws.close();
  });
});
