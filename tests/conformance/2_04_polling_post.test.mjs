// 2.4 of the protocol notes: POST by polling.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe } from "node:test";
import { RS, Server, eventually, it, packets, sleep } from "./harness.mjs";
import { pollingSocket } from "./talk.mjs";
import { POLLING, isEmpty, isGone } from "./wire.mjs";

let server;
before(async () => {
  server = await Server.start("engineio", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000");
});
after(() => server.stop());

const head = (sid, lines) => `POST ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\n${lines}\r\n\r\n`;
// A POST whose body the test writes bit by bit.
const posting = (sid, headers) => {
  const request = http.request({ port: server.port, host: "127.0.0.1", method: "POST", agent: false, path: `${server.path}?${POLLING}&sid=${sid}`, headers });
  request.on("error", () => {});
  request.answer = new Promise((resolve) =>
    request.on("response", (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk)).on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    }),
  );
  return request;
};

describe("2.4 polling POST", { concurrency: 8 }, () => {
  it("2.4 success is 200, text/html, ok, no-store", async () => {
    const { sid } = await server.open();
    const response = await server.post(sid, "4x");
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-type"], "text/html");
    assert.equal(response.headers["content-length"], "2");
    assert.equal(response.headers["cache-control"], "no-store");
    assert.equal(response.body, "ok");
  });
  it("2.4 a body is UTF-8, split on RS", async () => {
    const { sid } = await server.open();
    await server.post(sid, [`4é€😀`, "4", "4 \n\r\t\0"].join(RS));
    assert.deepEqual(packets((await server.poll(sid)).body), ["4é€😀", "4", "4 \n\r\t\0"]);
  });
  it("2.4 a chunked body is read", async () => {
    const { sid } = await server.open();
    const request = posting(sid, { "Transfer-Encoding": "chunked" });
    for (const part of ["4h", "é", "llo", RS + "4", "b"]) request.write(part);
    request.end();
    assert.equal((await request.answer).body, "ok");
    assert.equal((await server.poll(sid)).body, `4héllo${RS}4b`);
  });
  it("2.4 chunks that are cut anywhere, with extensions and trailers, are read", async () => {
    const { sid } = await server.open();
    const body = "3;a=b\r\n4ab\r\n0002\r\ncd\r\n0\r\nX: y\r\n\r\n";
    const text = await server.raw([head(sid, "Transfer-Encoding: chunked"), ...body], { until: /ok$/ });
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.equal((await server.poll(sid)).body, "4abcd");
  });
  it("2.4 a body in segments of one byte is read, with the head in such segments, too", async () => {
    const { sid } = await server.open();
    const body = Buffer.from(`4é€😀${RS}4b`);
    const whole = Buffer.concat([Buffer.from(head(sid, `Content-Length: ${body.length}`)), body]);
    const text = await server.raw([...whole].map((b) => Buffer.from([b])), { until: /ok$/ });
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.equal((await server.poll(sid)).body, body.toString());
  });
  it("2.4 a body in two segments, cut at each byte", async () => {
    const { sid } = await server.open();
    const body = Buffer.from(`4é€😀${RS}4b`);
    for (let cut = 0; cut <= body.length; cut++) {
      const text = await server.raw([head(sid, `Content-Length: ${body.length}`), body.subarray(0, cut), body.subarray(cut)], { until: /ok$/ });
      assert.match(text, /^HTTP\/1\.1 200 /, `cut at ${cut}`);
      assert.equal((await server.poll(sid)).body, body.toString());
    }
  });
  it("2.4 Expect: 100-continue is answered", async () => {
    const { sid } = await server.open();
    const text = await server.raw([head(sid, "Content-Length: 2\r\nExpect: 100-continue"), "4x"], { until: /ok$/, pause: 30 });
    assert.match(text, /^HTTP\/1\.1 (100 Continue\r\n\r\nHTTP\/1\.1 )?200 /);
    assert.equal((await server.poll(sid)).body, "4x");
  });
  it("2.4 application/octet-stream is an empty 400 and ends the session", async () => {
    const { sid } = await server.open();
    isEmpty(await server.post(sid, "4x", { "Content-Type": "application/octet-stream" }), 400);
    await isGone(server, sid);
  });
  it("2.4 any other content type is taken, and none", async () => {
    const { sid } = await server.open();
    assert.equal((await server.post(sid, "4x", { "Content-Type": "application/json" })).body, "ok");
    assert.equal((await server.request("POST", `${POLLING}&sid=${sid}`, { body: "4y" })).body, "ok");
    assert.equal((await server.poll(sid)).body, `4x${RS}4y`);
  });
  it("2.4 an overlapping POST is an empty 400 and ends the session", async () => {
    const { sid } = await server.open();
    const first = posting(sid, { "Content-Length": 4 });
    first.write("4x");
    await server.arrived(first);
    isEmpty(await server.post(sid, "4y"), 400);
    await isGone(server, sid);
    first.destroy();
  });
  it("2.4 POSTs one after the other on one connection do not overlap", async () => {
    const { sid } = await server.open();
    const text = await server.raw([`${head(sid, "Content-Length: 2")}4a${head(sid, "Content-Length: 2")}4b`], { until: /ok[^]*ok$/ });
    assert.equal(text.match(/HTTP\/1\.1 200/g).length, 2);
    assert.equal((await server.poll(sid)).body, `4a${RS}4b`);
  });
  it("2.4 a POST that breaks off ends the session", async () => {
    const { sid } = await server.open();
    const request = posting(sid, { "Content-Length": 10 });
    request.write("4x");
    await server.arrived(request);
    request.destroy();
    await eventually(async () => (await server.request("PUT", `${POLLING}&sid=${sid}`)).status === 400);
    await isGone(server, sid);
  });
  it("2.4 over the limit is an empty 413, the whole payload is dropped, and the session lives on", async () => {
    const { sid } = await server.open();
    isEmpty(await server.post(sid, `4dropped${RS}4${"x".repeat(1000000)}`), 413);
    assert.equal((await server.post(sid, "4alive")).body, "ok");
    assert.equal((await server.poll(sid)).body, "4alive");
  });
  it("2.4 exactly the limit is taken; it is counted in bytes", async () => {
    const { sid } = await server.open();
    assert.equal((await server.post(sid, "4" + "x".repeat(999999))).body, "ok");
    assert.equal((await server.poll(sid)).body.length, 1000000);
    isEmpty(await server.post(sid, "4" + "é".repeat(500000)), 413);
    assert.equal((await server.post(sid, "4x")).body, "ok");
  });
  it("2.4 over the limit in chunks is 413, counted while streaming", async () => {
    const { sid } = await server.open();
    const request = posting(sid, { "Transfer-Encoding": "chunked" });
    const part = "x".repeat(100000);
    request.write("4");
    for (let i = 0; i < 10; i++) request.write(part);
    isEmpty(await request.answer, 413); // before the body has ended
    request.destroy();
  });
  it("2.4 the close packet frees the GET with 6, is answered ok, and the session is unknown", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    assert.equal((await server.post(sid, "1")).body, "ok");
    assert.equal((await hanging.answer).body, "6");
    await isGone(server, sid);
  });
  it("2.4 packets before the close are processed, those after it are not", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    assert.equal((await server.post(sid, ["4before", "1", "4after"].join(RS))).body, "ok");
    assert.equal((await hanging.answer).body, "4before");
    await isGone(server, sid);
  });
  it("2.4 events before the close reach the application, those after it do not", async () => {
    const lab = await Server.start("lab", "--ping-interval-ms", "25000");
    const open = async () => {
      const polling = await pollingSocket(lab);
      await polling.post('421["join","r"]');
      await polling.poll();
      return polling.sid;
    };
    const [watching, leaving] = [await open(), await open()];
    await lab.post(leaving, ['42["to","r","before"]', "1", '42["to","r","after"]'].join(RS));
    assert.equal((await lab.poll(watching)).body, '42["news","before"]');
    await lab.post(watching, '42["message","next"]');
    assert.equal((await lab.poll(watching)).body, '42["message-back","next"]');
    await lab.post(watching, "1");
    await lab.stop();
  });
  for (const body of ["abc", "", "7x", `4a${RS}`, `${RS}4a`, Buffer.from([0x34, 0xff])]) {
    it(`2.4 unparseable ${JSON.stringify(body.toString("latin1"))} is an empty 400`, async () => {
      const { sid } = await server.open();
      isEmpty(await server.post(sid, body), 400);
      await isGone(server, sid);
    });
  }
  for (const body of ["abc", "", "7x"]) {
    it(`2.4 unparseable ${JSON.stringify(body)} ends the session, whatever the answer`, async () => {
      const { sid } = await server.open();
      assert.match(String((await server.post(sid, body)).status), /^(200|400)$/);
      await isGone(server, sid);
    });
  }
  it('2.4 unparseable "b!!!" is an empty 400', async () => {
    const { sid } = await server.open();
    isEmpty(await server.post(sid, "b!!!"), 400);
    await isGone(server, sid);
  });
  it("2.4 an empty chunked body is no packet", async () => {
    const { sid } = await server.open();
    const request = posting(sid, { "Transfer-Encoding": "chunked" });
    request.end();
    assert.match(String((await request.answer).status), /^(200|400)$/);
    await isGone(server, sid);
  });
  it("2.4 a ping from the client ends the session", async () => {
    const { sid } = await server.open();
    assert.match(String((await server.post(sid, "2")).status), /^(200|400)$/);
    await isGone(server, sid);
  });
  it("2.4 an orderly close is delivered to the poll that comes later", async () => {
    const lab = await Server.start("lab", "--ping-interval-ms", "25000");
    const polling = await pollingSocket(lab);
    await polling.post('42["close"]');
    await sleep(1000);
    assert.deepEqual(await polling.poll(), ['42["last",1]', "41"]);
    await sleep(300);
    assert.deepEqual(await polling.poll(), ["6", "1"]);
    await isGone(lab, polling.sid);
    await lab.stop();
  });
});
