// 2.3 of the protocol notes: GET by polling.
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { after, before, describe } from "node:test";
import { RS, Server, eventually, it, packets, sleep } from "./harness.mjs";
import { POLLING, isEmpty, isError, isGone } from "./wire.mjs";

let server;
before(async () => {
  server = await Server.start("engineio", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000");
});
after(() => server.stop());

describe("2.3 polling GET", { concurrency: 8 }, () => {
  it("2.3 a second GET answers the first with 1 and the second with an empty 400, and ends the session", async () => {
    const { sid } = await server.open();
    const first = await server.hang(sid);
    isEmpty(await server.poll(sid), 400);
    const response = await first.answer;
    assert.equal(response.status, 200);
    assert.equal(response.body, "1");
    await isGone(server, sid);
  });
  it("2.3 what is buffered is answered at once, joined with RS; else the GET hangs until something is queued", async () => {
    const { sid } = await server.open();
    await server.post(sid, ["4a", "4b", "4c"].join(RS));
    assert.equal((await server.poll(sid)).body, ["4a", "4b", "4c"].join(RS));
    const hanging = server.poll(sid);
    assert.equal(await Promise.race([hanging, sleep(100)]), undefined); // it hangs
    await server.post(sid, "4late");
    assert.equal((await hanging).body, "4late");
  });
  it("2.3 there is no poll timeout of the server's own, a ping bounds it", async () => {
    const pinging = await Server.start("engineio", "--ping-interval-ms", "700", "--ping-timeout-ms", "20000");
    const { sid } = await pinging.open();
    assert.equal((await pinging.poll(sid)).body, "2");
    const hanging = pinging.poll(sid);
    assert.equal(await Promise.race([hanging, sleep(1500)]), undefined);
    await pinging.post(sid, "4x");
    assert.equal((await hanging).body, "4x");
    await pinging.stop();
  });
  it("2.3 a client that leaves while its GET hangs ends the session at once", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    hanging.abort();
    await eventually(async () => (await server.request("PUT", `${POLLING}&sid=${sid}`)).status === 400);
    isError(await server.poll(sid), 400, 1);
  });
  it("2.3 a client that resets its connection while its GET hangs ends the session at once", async () => {
    const { sid } = await server.open();
    const socket = net.connect(server.port, "127.0.0.1");
    await new Promise((written) => socket.write(`GET ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`, written));
    await server.request("GET", "transport=none");
    socket.resetAndDestroy();
    await eventually(async () => (await server.request("PUT", `${POLLING}&sid=${sid}`)).status === 400);
  });
  it("2.3 one connection for each request and one for all both work, and the end of a finished one is no loss", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const { sid } = await server.open();
    for (let i = 0; i < 20; i++) {
      const options = { agent: i % 2 ? agent : false, headers: i % 2 ? {} : { Connection: "close" } };
      assert.equal((await server.request("POST", `${POLLING}&sid=${sid}`, { body: `4${i}`, ...options })).body, "ok");
      assert.equal((await server.request("GET", `${POLLING}&sid=${sid}`, options)).body, `4${i}`);
    }
    agent.destroy();
    await sleep(30);
    await server.post(sid, "4still here");
    assert.equal((await server.poll(sid)).body, "4still here");
  });
  it("2.3 Connection: close is answered as such and the connection ends; else it is kept", async () => {
    const { sid } = await server.open();
    await server.post(sid, "4a");
    const closed = await server.raw([`GET ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`]);
    assert.match(closed, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(closed, /\r\nConnection: close\r\n/i);
    await server.post(sid, ["4b"].join(RS));
    const kept = await server.raw([`GET ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`, `PUT ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`], { until: / 500 / });
    assert.match(kept, /^HTTP\/1\.1 200 OK\r\n[^]*4bHTTP\/1\.1 500 /);
    assert.doesNotMatch(kept.slice(0, kept.indexOf("\r\n\r\n")), /Connection: close/i);
  });
  it("2.3 a client of HTTP/1.0 gets its answers, kept alive when it asks for that", async () => {
    const text = await server.raw([`GET ${server.path}?${POLLING} HTTP/1.0\r\nHost: x\r\n\r\n`]);
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n[^]*0\{"sid"/i);
    const kept = await server.raw([`GET ${server.path}?${POLLING} HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n`], { until: /\r\n\r\n0\{.*\}/ });
    assert.match(kept, /\r\nConnection: keep-alive\r\n/i);
  });
  it("2.3 each response has a Content-Length and no-store", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    await server.post(sid, "4é😀");
    const response = await hanging.answer;
    assert.equal(response.headers["content-length"], String(Buffer.byteLength("4é😀")));
    assert.equal(response.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(response.headers["cache-control"], "no-store");
    assert.equal(response.headers["transfer-encoding"], undefined);
  });
  it("2.3 HEAD with a sid is not supported", async () => {
    const { sid } = await server.open();
    assert.equal((await server.request("HEAD", `${POLLING}&sid=${sid}`)).status, 500);
  });
  it("2.3 X-XSS-Protection: 0 goes to old browsers alone", async () => {
    for (const [agent, expected] of [["Mozilla/4.0 (compatible;MSIE 8.0)", "0"], ["Mozilla/5.0 (Trident/7.0)", "0"], ["Mozilla/5.0 Chrome", undefined], [undefined, undefined]]) {
      const headers = agent ? { "User-Agent": agent } : {};
      const response = await server.request("GET", POLLING, { headers });
      assert.equal(response.headers["x-xss-protection"], expected, agent);
      const { sid } = JSON.parse(response.body.slice(1));
      assert.equal((await server.post(sid, "4x", headers)).headers["x-xss-protection"], expected);
    }
  });
  it("2.3 a body larger than one response is split, in order", async () => {
    const { sid } = await server.open();
    const parts = Array.from({ length: 6 }, (_, i) => `4${i}${"x".repeat(99000)}`);
    await server.post(sid, parts.join(RS));
    const got = [];
    while (got.length < 6) got.push(...packets((await server.poll(sid)).body));
    assert.deepEqual(got, parts);
  });
  it("2.3 a GET in segments of one byte is understood", async () => {
    const { sid } = await server.open();
    await server.post(sid, "4bytes");
    const head = `GET ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`;
    assert.match(await server.raw([...head], { until: /4bytes$/ }), /4bytes$/);
  });
  it("2.3 a request behind a hanging GET on the same connection waits for its turn", async () => {
    const { sid } = await server.open();
    const socket = net.connect(server.port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => (text += data));
    socket.write(`GET ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.write(`PUT ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await sleep(50);
    await server.post(sid, "4first");
    await eventually(() => /4first[^]*HTTP\/1\.1 500 /.test(text));
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
  });
});

describe("2.3 many sessions", () => {
  it("2.3 1,000 handshakes that nobody follows leave nothing behind", async () => {
    const fast = await Server.start("engineio", "--ping-interval-ms", "300", "--ping-timeout-ms", "200");
    const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
    const opens = await Promise.all(Array.from({ length: 1000 }, () => fast.request("GET", POLLING, { agent })));
    const sids = opens.map((o) => JSON.parse(o.body.slice(1)).sid);
    assert.equal(new Set(sids).size, 1000);
    await sleep(520);
    assert.equal((await fast.poll(sids[0])).status, 400);
    assert.equal((await fast.poll(sids[999])).status, 400);
    agent.destroy();
    await fast.stop();
  });
});
