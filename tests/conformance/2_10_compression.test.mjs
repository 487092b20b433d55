// 2.10 of the protocol notes: coded bodies of polls.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe } from "node:test";
import { gunzipSync, inflateSync } from "node:zlib";
import { RS, Server, it } from "./harness.mjs";
import { POLLING } from "./wire.mjs";
import { pollingSocket } from "./talk.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
let server;
let lab;
before(async () => {
  [server, lab] = await Promise.all([Server.start("engineio", ...QUIET), Server.start("lab", ...QUIET)]);
});
after(() => Promise.all([server.stop(), lab.stop()]));

const bytes = (from, target, headers) =>
  new Promise((resolve, reject) => {
    http.get({ port: from.port, host: "127.0.0.1", path: `${from.path}?${target}`, headers, agent: false }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    }).on("error", reject);
  });
const pollWith = async (accept, text = "x".repeat(1023), from = server) => {
  const { sid } = await from.open();
  await from.post(sid, `4${text}`);
  return bytes(from, `${POLLING}&sid=${sid}`, accept === undefined ? {} : { "Accept-Encoding": accept });
};

describe("2.10 compression", { concurrency: 8 }, () => {
  it("2.10 a body of 1,024 bytes is coded with gzip when the client takes it", async () => {
    const response = await pollWith("gzip");
    assert.equal(response.headers["content-encoding"], "gzip");
    assert.ok(response.body.length < 100);
    assert.equal(gunzipSync(response.body).toString(), `4${"x".repeat(1023)}`);
    assert.equal(response.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(response.headers["cache-control"], "no-store");
  });
  it("2.10 a body of 1,023 bytes is not", async () => {
    const response = await pollWith("gzip", "x".repeat(1022));
    assert.equal(response.headers["content-encoding"], undefined);
    assert.equal(response.body.length, 1023);
  });
  it("2.10 gzip is preferred, then deflate, never br", async () => {
    for (const [accept, coding] of [["gzip;q=1, deflate;q=0.5", "gzip"], ["gzip, deflate, br", "gzip"], ["deflate", "deflate"], ["br", undefined], ["identity", undefined], ["", undefined], [undefined, undefined], ["*", "gzip"], ["gzip;q=0", undefined], ["gzip;q=0, deflate", "deflate"]]) {
      const response = await pollWith(accept);
      assert.equal(response.headers["content-encoding"], coding, String(accept));
      const plain = coding === "gzip" ? gunzipSync(response.body) : coding === "deflate" ? inflateSync(response.body) : response.body;
      assert.equal(plain.toString(), `4${"x".repeat(1023)}`);
    }
  });
  it("2.10 the open packet and answers to POSTs are not coded", async () => {
    const response = await bytes(server, POLLING, { "Accept-Encoding": "gzip" });
    assert.equal(response.headers["content-encoding"], undefined);
    const { sid } = JSON.parse(response.body.toString().slice(1));
    const posted = await server.request("POST", `${POLLING}&sid=${sid}`, { body: `4${"x".repeat(5000)}`, headers: { "Accept-Encoding": "gzip" } });
    assert.equal(posted.headers["content-encoding"], undefined);
    assert.equal(posted.body, "ok");
  });
  it("2.10 large bodies of text and binary come back whole", async () => {
    const { sid } = await server.open();
    const sent = [`4${"é😀".repeat(20000)}`, `b${Buffer.alloc(30000, 7).toString("base64")}`, `4${Array.from({ length: 20000 }, (_, i) => i).join()}`];
    await server.post(sid, sent.join(RS));
    const got = [];
    while (got.length < 3) {
      const response = await bytes(server, `${POLLING}&sid=${sid}`, { "Accept-Encoding": "gzip" });
      assert.equal(response.headers["content-encoding"], "gzip");
      got.push(...gunzipSync(response.body).toString().split(RS));
    }
    assert.deepEqual(got, sent);
  });
  it("2.10 is off with the option", async () => {
    const off = await Server.start("engineio", ...QUIET, "--no-http-compression");
    const response = await pollWith("gzip", undefined, off);
    assert.equal(response.headers["content-encoding"], undefined);
    await off.stop();
  });
  it("2.10 is off where every packet is sent without compress, and on when one is with it", async () => {
    const polling = await pollingSocket(lab);
    await polling.post('42["plain","2000"]');
    const plain = await bytes(lab, `${POLLING}&sid=${polling.sid}`, { "Accept-Encoding": "gzip" });
    assert.equal(plain.headers["content-encoding"], undefined);
    assert.equal(plain.body.length, 2000 + '42["large",""]'.length);
    await polling.post('42["plain","2000"]', '42["message",1]');
    const mixed = await bytes(lab, `${POLLING}&sid=${polling.sid}`, { "Accept-Encoding": "gzip" });
    assert.equal(mixed.headers["content-encoding"], "gzip");
    await polling.post("1");
  });
});
