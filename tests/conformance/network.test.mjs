// What only a real network shows: TLS, readers that are slow, peers that leave in the middle, compression with a foreign implementation.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import WebSocket from "ws";
import { Server, Socket, eventually, sleep } from "./harness.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--connect-timeout-ms", "30000"];
const cpu = (server) => {
  const fields = readFileSync(`/proc/${server.child.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

describe("a slow reader", () => {
  let server;
  before(async () => { server = await Server.start("engineio", ...QUIET); });
  after(() => server.stop());

  it("gets a large answer to its end, and what follows in order", async () => {
    const socket = server.ws();
    await socket.next();
    const big = "x".repeat(900000);
    const raw = socket.ws._socket;
    raw.pause();
    for (let i = 0; i < 12; i++) socket.send(`4${i} ${big}`);
    await sleep(300);
    const before = cpu(server);
    await sleep(400);
    assert.ok(cpu(server) - before <= 40, `${cpu(server) - before} ms CPU while nobody reads`);
    raw.resume();
    for (let i = 0; i < 12; i++) assert.equal(await socket.next(), `4${i} ${big}`);
    socket.close();
    await socket.closed;
  });
  it("that leaves in the middle costs its own session only", async () => {
    const other = server.ws();
    await other.next();
    for (let i = 0; i < 10; i++) {
      const socket = server.ws();
      await socket.next();
      socket.ws._socket.pause();
      for (let k = 0; k < 8; k++) socket.send(`4${"y".repeat(900000)}`);
      await sleep(20);
      socket.ws._socket.resetAndDestroy();
    }
    other.send("4still here");
    assert.equal(await other.next(), "4still here");
    other.close();
  });
  it("an answer with Connection: close arrives whole although the request went on", async () => {
    const head = `POST ${server.path}?EIO=4&transport=polling&sid=none HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\nConnection: close\r\n\r\n`;
    for (let i = 0; i < 20; i++) {
      const text = await server.raw([head, "z".repeat(2000000), "z".repeat(1000000)]);
      assert.match(text, /^HTTP\/1\.1 400 Bad Request[^]*"code":1/);
    }
  });
  it("garbage is answered although more of it is on its way", async () => {
    for (let i = 0; i < 20; i++) {
      const text = await server.raw([Buffer.alloc(300000, "\x16\x03\x01")]);
      assert.match(text, /^HTTP\/1\.1 400 Bad Request/);
    }
  });
});

describe("compression", () => {
  let server;
  before(async () => { server = await Server.start("engineio", ...QUIET, "--permessage-deflate", "--http-compression"); });
  after(() => server.stop());

  const text = (i) => `4${i} ${"all work and no play makes jack a dull boy, ".repeat(100)}`;
  for (const [name, perMessageDeflate] of Object.entries({
    "as it is": true,
    "without context on either side": { serverNoContextTakeover: true, clientNoContextTakeover: true },
    "with small windows": { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
    "of every message": { threshold: 0 },
  })) {
    it(`of messages, ${name}, is understood by another implementation`, async () => {
      const socket = server.ws(undefined, { perMessageDeflate });
      await socket.opened;
      assert.match(socket.ws.extensions, /^permessage-deflate/);
      await socket.next();
      for (let i = 0; i < 5; i++) {
        socket.send(text(i));
        assert.equal(await socket.next(), text(i));
        socket.send(`4${i}`);
        assert.equal(await socket.next(), `4${i}`);
      }
      const many = Buffer.alloc(200000, 7);
      socket.send(many);
      assert.deepEqual(await socket.next(), many);
      assert.ok(socket.ws._socket.bytesRead < 20000, `${socket.ws._socket.bytesRead} bytes were read`);
      socket.close();
    });
  }
  it("a message that is too large only when decompressed is refused with 1009", async () => {
    const socket = server.ws(undefined, { perMessageDeflate: true });
    await socket.next();
    socket.send(Buffer.alloc(1000000, 1));
    assert.equal((await socket.next()).length, 1000000);
    socket.send(Buffer.alloc(1000001, 1));
    assert.equal(await socket.closed, 1009);
  });
  it("an offer with an invalid parameter is refused with 400", async () => {
    const response = await server.request("GET", "EIO=4&transport=websocket", { headers: { Connection: "Upgrade", Upgrade: "websocket",
      "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Extensions": "permessage-deflate; nonsense" } });
    assert.equal(response.status, 400);
  });
  it("of polls is gzip when the client takes it", async () => {
    const { sid } = await server.open();
    await server.post(sid, text(1));
    const chunks = await new Promise((resolve) => {
      const parts = [];
      const socket = net.connect(server.port, "127.0.0.1", () => socket.write(
        `GET ${server.path}?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`));
      socket.on("data", (data) => parts.push(data));
      socket.on("close", () => resolve(Buffer.concat(parts)));
    });
    const at = chunks.indexOf("\r\n\r\n");
    assert.match(chunks.subarray(0, at).toString(), /\r\nContent-Encoding: gzip/);
    assert.equal(gunzipSync(chunks.subarray(at + 4)).toString(), text(1));
  });
});

describe("TLS", { skip: spawnSync("openssl", ["version"]).status !== 0 && "no openssl here" }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lotcast-tls-"));
  const [key, certificate] = ["key.pem", "certificate.pem"].map((name) => path.join(folder, name));
  let server;
  const get = (target, options = {}) => new Promise((resolve, reject) => {
    const request = https.request({ host: "127.0.0.1", port: server.port, path: target, rejectUnauthorized: false, agent: false, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (data) => (body += data));
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    request.on("error", reject);
    request.end(options.body);
  });

  before(async () => {
    const made = spawnSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
      "-keyout", key, "-out", certificate], { encoding: "utf8" });
    assert.equal(made.status, 0, made.stderr);
    server = await Server.start("engineio", ...QUIET, "--certificate-file", certificate, "--key-file", key);
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it("carries polling, with bodies of many records", async () => {
    const opened = await get("/engine.io/?EIO=4&transport=polling");
    assert.equal(opened.status, 200);
    const { sid } = JSON.parse(opened.body.slice(1));
    const target = `/engine.io/?EIO=4&transport=polling&sid=${sid}`;
    const body = `4${"é".repeat(400000)}`;
    const poll = get(target);
    assert.equal((await get(target, { method: "POST", body, headers: { "Content-Length": Buffer.byteLength(body) } })).body, "ok");
    assert.equal((await poll).body, body);
  });
  it("carries a WebSocket, also to a slow reader", async () => {
    const socket = new Socket(new WebSocket(`wss://127.0.0.1:${server.port}/engine.io/?EIO=4&transport=websocket`, { rejectUnauthorized: false }));
    assert.match(await socket.next(), /^0\{"sid"/);
    const big = "x".repeat(900000);
    socket.ws._socket.pause();
    for (let i = 0; i < 12; i++) socket.send(`4${i} ${big}`);
    await sleep(300);
    socket.ws._socket.resume();
    for (let i = 0; i < 12; i++) assert.equal(await socket.next(), `4${i} ${big}`);
    socket.close();
    assert.equal(await socket.closed, 1005);
  });
  it("ends a hanging poll's session when its client leaves", async () => {
    const { sid } = JSON.parse((await get("/engine.io/?EIO=4&transport=polling")).body.slice(1));
    const socket = tls.connect({ host: "127.0.0.1", port: server.port, rejectUnauthorized: false });
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    socket.write(`GET /engine.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await sleep(50);
    socket.destroy();
    await eventually(async () => (await get(`/engine.io/?EIO=4&transport=polling&sid=${sid}`)).status === 400);
  });
  it("a client that speaks plain HTTP, garbage, or nothing harms nobody", async () => {
    for (const bytes of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x00\x05hello", ""]) {
      const socket = net.connect(server.port, "127.0.0.1", () => socket.write(bytes));
      socket.on("error", () => {});
      await sleep(50);
      socket.destroy();
    }
    const before = cpu(server);
    await sleep(300);
    assert.ok(cpu(server) - before <= 40);
    assert.equal((await get("/engine.io/?EIO=4&transport=polling")).status, 200);
  });
});
