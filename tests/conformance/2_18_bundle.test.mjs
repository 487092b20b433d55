// 2.18 of the protocol notes: the client bundle.
import assert from "node:assert/strict";
import http from "node:http";
import { readFileSync } from "node:fs";
import { after, before, describe } from "node:test";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { Server, it } from "./harness.mjs";

const NAMES = ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"].flatMap((name) => [name, `${name}.map`]);
const dist = new URL("../node_modules/socket.io/client-dist/", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("../node_modules/socket.io/package.json", import.meta.url)));
let server;
let none;
before(async () => {
  [server, none] = await Promise.all([Server.start("socketio"), Server.start("socketio", "--no-client")]);
});
after(() => Promise.all([server.stop(), none.stop()]));

const get = (name, headers = {}, method = "GET") =>
  new Promise((resolve, reject) => {
    const request = http.request({ port: server.port, host: "127.0.0.1", method, path: `/socket.io/${name}`, headers, agent: false }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on("error", reject);
    request.end();
  });

describe("2.18 client bundle", { concurrency: 8 }, () => {
  for (const name of NAMES) {
    it(`2.18 ${name} is served as it is`, async () => {
      const response = await get(name);
      assert.equal(response.status, 200);
      assert.equal(response.headers["cache-control"], "public, max-age=0");
      assert.equal(response.headers["content-type"], `application/${name.endsWith("map") ? "json" : "javascript"}; charset=utf-8`);
      assert.equal(response.headers["etag"], `"${version}"`);
      assert.equal(response.headers["access-control-allow-origin"], "*");
      assert.ok(response.body.equals(readFileSync(new URL(name, dist))));
    });
  }
  it("2.18 a strong or a weak If-None-Match of the version is 304 and empty", async () => {
    for (const tag of [`"${version}"`, `W/"${version}"`]) {
      const response = await get("socket.io.js", { "If-None-Match": tag });
      assert.equal(response.status, 304);
      assert.equal(response.body.length, 0);
    }
    assert.equal((await get("socket.io.js", { "If-None-Match": '"1.0.0"' })).status, 200);
  });
  for (const [accept, coding, undo] of [["gzip", "gzip", gunzipSync], ["deflate", "deflate", inflateSync]]) {
    it(`2.18 is coded with ${coding} for who accepts it`, async () => {
      const response = await get("socket.io.min.js", { "Accept-Encoding": accept });
      assert.equal(response.headers["content-encoding"], coding);
      assert.ok(undo(response.body).equals(readFileSync(new URL("socket.io.min.js", dist))));
      assert.ok(response.body.length < 20000);
    });
  }
  it("2.18 what a browser accepts is coded with br or gzip", async () => {
    const response = await get("socket.io.min.js", { "Accept-Encoding": "gzip, deflate, br" });
    assert.match(response.headers["content-encoding"], /^(br|gzip)$/);
    const undo = response.headers["content-encoding"] === "br" ? brotliDecompressSync : gunzipSync;
    assert.ok(undo(response.body).equals(readFileSync(new URL("socket.io.min.js", dist))));
  });
  it("2.18 a query is ignored", async () => {
    assert.equal((await get("socket.io.js?v=1&t=abc")).status, 200);
  });
  it("2.18 other names fall into the engine", async () => {
    for (const name of ["other.js", "socket.io.js.bak", "socket.io", "socket.io.slim.js", "socket.io.js/", "../package.json"]) {
      const response = await get(name);
      assert.equal(response.status, 400, name);
      assert.equal(JSON.parse(response.body).code, 0, name);
    }
  });
  it("2.18 without serveClient all names fall into the engine", async () => {
    for (const name of NAMES) {
      const response = await none.request("GET", `/socket.io/${name}`);
      assert.equal(response.status, 400);
      assert.equal(JSON.parse(response.body).code, 0);
    }
  });
  it("2.18 the bundle that is served is a client that works", async () => {
    const response = await get("socket.io.js");
    const module = { exports: {} };
    new Function("module", "exports", response.body.toString())(module, module.exports);
    assert.equal(typeof module.exports.io, "function");
  });
});
