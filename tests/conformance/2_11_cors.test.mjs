// 2.11 of the protocol notes: CORS, cookies, and headers of the application's own.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Server, it } from "./harness.mjs";
import { POLLING, WEBSOCKET, upgraded } from "./wire.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
const A = "http://a.example";
const B = "http://b.example";
const preflight = { Origin: A, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-a,content-type" };
const servers = {};
before(async () => {
  const options = {
    any: [],
    none: ["--cors", "none"],
    fixed: ["--cors", A],
    listed: ["--cors", `${A},${B}`],
    reflect: ["--cors", "reflect", "--cors-credentials", "--cors-max-age-s", "600", "--cors-expose", "x-one,x-two"],
    strict: ["--cors", A, "--cors-methods", "GET,POST", "--cors-headers", "x-allowed", "--cors-status", "200"],
    cookie: ["--cookie", "io"],
    hooks: ["--hooks"],
  };
  await Promise.all(Object.entries(options).map(async ([name, args]) => (servers[name] = await Server.start("engineio", ...QUIET, ...args))));
});
after(() => Promise.all(Object.values(servers).map((server) => server.stop())));

const headersOf101 = async (server, query = WEBSOCKET, headers = { Origin: A }) => {
  const ws = server.ws(query, { headers });
  const got = await new Promise((resolve, reject) => {
    ws.ws.once("upgrade", (response) => resolve(response.headers));
    ws.ws.once("error", reject);
  });
  ws.close();
  return got;
};

describe("2.11 CORS", { concurrency: 8 }, () => {
  it("2.11 without CORS there is no header of it, and OPTIONS is code 2", async () => {
    const response = await servers.none.request("OPTIONS", POLLING, { headers: preflight });
    assert.equal(response.status, 400);
    assert.equal(JSON.parse(response.body).code, 2);
    for (const one of [response, await servers.none.request("GET", POLLING, { headers: { Origin: A } })]) {
      assert.deepEqual(Object.keys(one.headers).filter((name) => name.startsWith("access-control") || name === "vary"), []);
    }
  });
  it("2.11 without CORS a WebSocket of another origin works all the same", async () => {
    const headers = await headersOf101(servers.none);
    assert.equal(headers["access-control-allow-origin"], undefined);
  });
  it("2.11 a preflight is answered 204, with the methods and the headers that it asks for (F34)", async () => {
    const response = await servers.any.request("OPTIONS", POLLING, { headers: preflight });
    assert.equal(response.status, 204);
    assert.equal(response.headers["content-length"], "0");
    assert.equal(response.headers["access-control-allow-origin"], "*");
    assert.equal(response.headers["access-control-allow-credentials"], undefined);
    assert.equal(response.headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
    assert.equal(response.headers["access-control-allow-headers"], "x-a,content-type");
    assert.equal(response.headers["vary"], "Access-Control-Request-Headers");
    assert.equal(response.body, "");
  });
  it("2.11 a preflight without Access-Control-Request-Headers has no Allow-Headers", async () => {
    const response = await servers.any.request("OPTIONS", POLLING, { headers: { Origin: A, "Access-Control-Request-Method": "GET" } });
    assert.equal(response.status, 204);
    assert.equal(response.headers["access-control-allow-headers"], undefined);
  });
  it("2.11 an actual answer carries the origin, and neither methods nor headers", async () => {
    const response = await servers.any.request("GET", POLLING, { headers: { Origin: A } });
    assert.equal(response.headers["access-control-allow-origin"], "*");
    assert.equal(response.headers["vary"], undefined);
    for (const name of ["methods", "headers", "credentials"]) assert.equal(response.headers[`access-control-allow-${name}`], undefined);
  });
  it("2.11 a fixed origin is always named, also to another one, with Vary", async () => {
    for (const origin of [A, B]) {
      const response = await servers.fixed.request("GET", POLLING, { headers: { Origin: origin } });
      assert.equal(response.headers["access-control-allow-origin"], A);
      assert.equal(response.headers["vary"], "Origin");
    }
    const none = await servers.fixed.request("GET", POLLING);
    assert.equal(none.headers["access-control-allow-origin"], A);
  });
  it("2.11 a list names the origin that asks when it is in it, else none; the request is served", async () => {
    for (const origin of [A, B]) {
      const response = await servers.listed.request("GET", POLLING, { headers: { Origin: origin } });
      assert.equal(response.headers["access-control-allow-origin"], origin);
      assert.equal(response.headers["vary"], "Origin");
    }
    for (const headers of [{ Origin: "http://c.example" }, { Origin: `${A}.evil.example` }, {}]) {
      const response = await servers.listed.request("GET", POLLING, { headers });
      assert.equal(response.status, 200);
      assert.equal(response.headers["access-control-allow-origin"], undefined);
      assert.equal(response.headers["vary"], "Origin");
    }
  });
  it("2.11 reflection names whoever asks, with credentials, max-age and exposed headers", async () => {
    const response = await servers.reflect.request("OPTIONS", POLLING, { headers: preflight });
    assert.equal(response.headers["access-control-allow-origin"], A);
    assert.equal(response.headers["access-control-allow-credentials"], "true");
    assert.equal(response.headers["access-control-max-age"], "600");
    assert.equal(response.headers["access-control-expose-headers"], "x-one,x-two");
    assert.match(response.headers["vary"], /^Origin, ?Access-Control-Request-Headers$/);
    const actual = await servers.reflect.request("GET", POLLING, { headers: { Origin: B } });
    assert.equal(actual.headers["access-control-allow-origin"], B);
    assert.equal(actual.headers["access-control-allow-credentials"], "true");
    assert.equal(actual.headers["access-control-expose-headers"], "x-one,x-two");
    assert.equal(actual.headers["access-control-max-age"], undefined);
  });
  it("2.11 methods, headers and the status of a preflight can be chosen", async () => {
    const response = await servers.strict.request("OPTIONS", POLLING, { headers: preflight });
    assert.equal(response.status, 200);
    assert.equal(response.headers["access-control-allow-methods"], "GET,POST");
    assert.equal(response.headers["access-control-allow-headers"], "x-allowed");
    assert.equal(response.headers["content-length"], "0");
  });
  it("2.11 errors, POSTs and the 101 carry the header, too", async () => {
    const { sid } = await servers.any.open();
    const of = (response) => response.headers["access-control-allow-origin"];
    assert.equal(of(await servers.any.request("GET", "EIO=4", { headers: { Origin: A } })), "*");
    assert.equal(of(await servers.any.post(sid, "4x", { Origin: A })), "*");
    assert.equal(of(await servers.any.request("PUT", `${POLLING}&sid=${sid}`, { headers: { Origin: A } })), "*");
    assert.equal((await headersOf101(servers.any))["access-control-allow-origin"], "*");
    const reflected = await headersOf101(servers.reflect);
    assert.equal(reflected["access-control-allow-origin"], A);
    assert.equal(reflected["vary"], "Origin");
  });
  it("2.11 a preflight for a session leaves it alone", async () => {
    const { sid } = await servers.any.open();
    const hanging = await servers.any.hang(sid);
    assert.equal((await servers.any.request("OPTIONS", `${POLLING}&sid=${sid}`, { headers: preflight })).status, 204);
    await servers.any.post(sid, "4x");
    assert.equal((await hanging.answer).body, "4x");
  });
  it("2.11 a request header that tries to split the answer does not", async () => {
    const text = await servers.any.raw([`OPTIONS ${servers.any.path}?${POLLING} HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: a\nSet-Cookie: x=1\r\nConnection: close\r\n\r\n`]);
    assert.doesNotMatch(text, /^Set-Cookie/im);
  });
});

describe("2.11 cookies and headers", { concurrency: 8 }, () => {
  it("2.11 the cookie is on the first polling response only", async () => {
    const response = await servers.cookie.request("GET", POLLING);
    const { sid } = JSON.parse(response.body.slice(1));
    assert.deepEqual(response.headers["set-cookie"], [`io=${sid}; Path=/; HttpOnly; SameSite=Lax`]);
    assert.equal((await servers.cookie.post(sid, "4x")).headers["set-cookie"], undefined);
    assert.equal((await servers.cookie.poll(sid)).headers["set-cookie"], undefined);
    assert.equal((await servers.any.request("GET", POLLING)).headers["set-cookie"], undefined);
  });
  it("2.11 the cookie is not on a 101", async () => {
    assert.equal((await headersOf101(servers.cookie))["set-cookie"], undefined);
    const { sid } = await servers.cookie.open();
    assert.equal((await headersOf101(servers.cookie, `${WEBSOCKET}&sid=${sid}`))["set-cookie"], undefined);
  });
  it("2.11 the cookie's name, path and age can be chosen, its path left out", async () => {
    const named = await Server.start("engineio", ...QUIET, "--cookie", "sessionid", "--cookie-path", "/a", "--cookie-max-age-s", "60");
    const one = await named.request("GET", POLLING);
    assert.deepEqual(one.headers["set-cookie"], [`sessionid=${JSON.parse(one.body.slice(1)).sid}; Max-Age=60; Path=/a; HttpOnly; SameSite=Lax`]);
    await named.stop();
    const bare = await Server.start("engineio", ...QUIET, "--cookie", "io", "--cookie-path", "none");
    const two = await bare.request("GET", POLLING);
    assert.deepEqual(two.headers["set-cookie"], [`io=${JSON.parse(two.body.slice(1)).sid}; HttpOnly; SameSite=Lax`]);
    await bare.stop();
  });
  it("2.11 initial headers come once a session, headers with every response, and both with a 101", async () => {
    const open = await servers.hooks.request("GET", POLLING);
    assert.deepEqual([open.headers["x-initial"], open.headers["x-every"]], ["1", "1"]);
    const { sid } = JSON.parse(open.body.slice(1));
    for (const response of [await servers.hooks.post(sid, "4x"), await servers.hooks.poll(sid)]) {
      assert.deepEqual([response.headers["x-initial"], response.headers["x-every"]], [undefined, "1"]);
    }
    const upgrade = await headersOf101(servers.hooks, `${WEBSOCKET}&sid=${sid}`);
    assert.deepEqual([upgrade["x-initial"], upgrade["x-every"]], [undefined, "1"]);
    const direct = await headersOf101(servers.hooks);
    assert.deepEqual([direct["x-initial"], direct["x-every"]], ["1", "1"]);
  });
  it("2.11 a middleware may end the request itself", async () => {
    const response = await servers.hooks.request("GET", `${POLLING}&check=end`);
    assert.deepEqual([response.status, response.body], [202, "by the middleware"]);
  });
  it("2.11 a middleware may add headers, also to the 101", async () => {
    assert.equal((await servers.hooks.request("GET", `${POLLING}&check=header`)).headers["x-check"], "1");
    assert.equal((await headersOf101(servers.hooks, `${WEBSOCKET}&check=header`))["x-check"], "1");
  });
  it("2.11 a middleware that fails is code 3", async () => {
    assert.equal(JSON.parse((await servers.hooks.request("GET", `${POLLING}&check=fail`)).body).code, 3);
  });
  it("2.11 an upgraded session goes on where cookies and headers are on", async () => {
    const { sid } = await servers.cookie.open();
    const ws = await upgraded(servers.cookie, sid);
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
});
