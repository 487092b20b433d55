// Engine.IO v4 on the wire, named by the section of the protocol notes that each test covers.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, it } from "node:test";
import { RS, Server, eventually, packets, sleep } from "./harness.mjs";

const POLLING = "EIO=4&transport=polling";
const WEBSOCKET = "EIO=4&transport=websocket";
let server;

before(async () => {
  server = await Server.start("engineio", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000");
});
after(() => server.stop());

const isError = (response, status, code) => {
  assert.equal(response.status, status, response.body);
  assert.equal(response.headers["content-type"], "application/json");
  assert.equal(response.headers["access-control-allow-origin"], "*");
  assert.equal(response.headers["cache-control"], undefined);
  assert.equal(JSON.parse(response.body).code, code);
};
const isEmpty = (response, status) => {
  assert.equal(response.status, status, response.body);
  assert.equal(response.body, "");
};
const isGone = async (sid) => isError(await server.poll(sid), 400, 1);
const upgradedWs = async (sid) => {
  const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
  await ws.opened;
  ws.send("2probe");
  assert.equal(await ws.next(), "3probe");
  ws.send("5");
  return ws;
};

describe("2.1 routing and error bodies", () => {
  for (const name of ["", "&transport=abc", "&transport=__proto__", "&transport=constructor", "&transport=webtransport"]) {
    it(`transport ${name || "missing"} is code 0`, async () => {
      const response = await server.request("GET", `EIO=4${name}`);
      isError(response, 400, 0);
      assert.deepEqual(JSON.parse(response.body), { code: 0, message: "Transport unknown" });
    });
  }
  it("an unknown sid is code 1, whatever its length", async () => {
    for (const sid of ["abcdefghijklmnopqrst", "x", "a".repeat(21), "../../etc/passwd00000"]) {
      const response = await server.request("GET", `${POLLING}&sid=${sid}`);
      isError(response, 400, 1);
      assert.equal(JSON.parse(response.body).message, "Session ID unknown");
    }
  });
  it("a handshake that is not a GET is code 2", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      isError(await server.request(method, POLLING), 400, 2);
    }
    assert.equal((await server.request("HEAD", POLLING)).status, 400);
  });
  it("websocket without an upgrade is code 3", async () => {
    isError(await server.request("GET", WEBSOCKET), 400, 3);
  });
  it("a request of another protocol version than its session is code 3", async () => {
    const { sid } = await server.open();
    isError(await server.request("GET", `EIO=3&transport=polling&sid=${sid}`), 400, 3);
    isError(await server.request("GET", `transport=polling&sid=${sid}`), 400, 3);
  });
  it("a polling request for a session on websocket is code 3, and the other way round", async () => {
    const { sid } = await server.open();
    isError(await server.request("GET", `${WEBSOCKET}&sid=${sid}`), 400, 3);
    const ws = await upgradedWs(sid);
    await eventually(async () => (await server.poll(sid)).status === 400);
    isError(await server.poll(sid), 400, 3);
    isError(await server.post(sid, "4x"), 400, 3);
    ws.close();
  });
  it("an Origin with characters that a header may not have is refused", async () => {
    const text = await server.raw(
      [Buffer.from(`GET ${server.path}?${POLLING} HTTP/1.1\r\nHost: x\r\nOrigin: a\x01b\r\nConnection: close\r\n\r\n`, "latin1")],
    );
    assert.match(text, /^HTTP\/1\.1 400 |^$/);
    assert.doesNotMatch(text, /<html/i);
  });
  it("another version than 4, or none, is code 5", async () => {
    for (const query of ["transport=polling", "EIO=3&transport=polling", "EIO=5&transport=polling", "EIO=44&transport=polling"]) {
      isError(await server.request("GET", query), 400, 5);
    }
  });
  it("a known sid with PUT, DELETE or HEAD is an empty 500, and the session lives on", async () => {
    const { sid } = await server.open();
    for (const method of ["PUT", "DELETE", "HEAD"]) {
      isEmpty(await server.request(method, `${POLLING}&sid=${sid}`), 500);
    }
    assert.equal((await server.post(sid, "4x")).body, "ok");
    assert.equal((await server.poll(sid)).body, "4x");
  });
  it("the path is a prefix, and needs its slash (F1)", async () => {
    assert.equal((await server.request("GET", `${server.path}foo/bar?${POLLING}`)).status, 200);
    const response = await server.request("GET", `/engine.io?${POLLING}`);
    assert.equal(response.status, 404);
    assert.doesNotMatch(response.body, /<html/i);
  });
  it("no answer on the path is HTML (F1)", async () => {
    for (const [method, query] of [["GET", ""], ["GET", POLLING], ["POST", "x"], ["OPTIONS", POLLING], ["GET", `${POLLING}&sid=x`]]) {
      const response = await server.request(method, query);
      assert.doesNotMatch(response.body, /</);
    }
  });
  it("an upgrade is refused by a plain HTTP 400 before any 101", async () => {
    for (const [query, message] of [
      ["EIO=3&transport=websocket", "Unsupported protocol version"],
      [`${WEBSOCKET}&sid=abcdefghijklmnopqrst`, "Session ID unknown"],
      ["EIO=4&transport=abc", "Transport unknown"],
    ]) {
      const response = await server.ws(query).refused;
      assert.equal(response.status, 400);
      assert.equal(response.headers.connection, "close");
      assert.equal(response.headers["content-type"], "text/html");
      assert.equal(response.body, message);
    }
  });
  it("an upgrade with transport=polling gets 101 and then a close", async () => {
    const ws = server.ws(POLLING);
    await ws.opened;
    assert.equal(await ws.next(), undefined);
  });
});

describe("2.2 handshake", () => {
  it("has exactly the five members, and the headers of the reference server", async () => {
    const response = await server.request("GET", `name=b%20c&${POLLING}&t=abc`);
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(response.headers["cache-control"], "no-store");
    assert.equal(Number(response.headers["content-length"]), response.body.length);
    assert.equal(response.body[0], "0");
    const open = JSON.parse(response.body.slice(1));
    assert.deepEqual(Object.keys(open), ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]);
    assert.match(open.sid, /^[A-Za-z0-9_-]{20}$/);
    assert.deepEqual(open.upgrades, ["websocket"]);
    assert.equal(open.maxPayload, 1000000);
  });
  it("offers no upgrade on a direct WebSocket", async () => {
    const ws = server.ws();
    const open = JSON.parse((await ws.next()).slice(1));
    assert.deepEqual(open.upgrades, []);
    ws.close();
  });
  it("offers no upgrade, and refuses it, where WebSocket is switched off", async () => {
    const other = await Server.start("engineio", "--no-websocket");
    assert.deepEqual((await other.open()).upgrades, []);
    assert.equal((await other.ws().refused).body, "Transport unknown");
    await other.stop();
  });
  it("refuses polling where it is switched off", async () => {
    const other = await Server.start("engineio", "--no-polling");
    assert.equal((await other.request("GET", POLLING)).status, 400);
    const ws = other.ws();
    assert.match(await ws.next(), /^0\{/);
    ws.close();
    await other.stop();
  });
});

describe("2.3 polling GET", () => {
  it("a second GET closes the first with 1, gets an empty 400, and ends the session", async () => {
    const { sid } = await server.open();
    const first = server.poll(sid);
    await sleep(20);
    isEmpty(await server.poll(sid), 400);
    const response = await first;
    assert.equal(response.status, 200);
    assert.equal(response.body, "1");
    await isGone(sid);
  });
  it("joins what is buffered with RS, and hangs while there is nothing", async () => {
    const { sid } = await server.open();
    await server.post(sid, ["4a", "4b", "4c"].join(RS));
    assert.equal((await server.poll(sid)).body, ["4a", "4b", "4c"].join(RS));
    const hanging = server.poll(sid);
    assert.equal(await Promise.race([hanging, sleep(100)]), undefined);
    await server.post(sid, "4late");
    assert.equal((await hanging).body, "4late");
  });
  it("a client that leaves while its GET hangs ends the session at once", async () => {
    const { sid } = await server.open();
    (await server.hang(sid)).abort();
    await eventually(async () => (await server.request("PUT", `${POLLING}&sid=${sid}`)).status === 400);
    await isGone(sid);
  });
  it("works with one connection for each request and with one for all", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const { sid } = await server.open();
    for (let i = 0; i < 20; i++) {
      const options = { agent: i % 2 ? agent : false, headers: i % 2 ? {} : { Connection: "close" } };
      assert.equal((await server.request("POST", `${POLLING}&sid=${sid}`, { body: `4${i}`, ...options })).body, "ok");
      assert.equal((await server.request("GET", `${POLLING}&sid=${sid}`, options)).body, `4${i}`);
    }
    agent.destroy();
    await sleep(30); // the end of a finished connection is no loss of the session
    await server.post(sid, "4still here");
    assert.equal((await server.poll(sid)).body, "4still here");
  });
  it("a body larger than one response is split, in order", async () => {
    const { sid } = await server.open();
    const parts = Array.from({ length: 6 }, (_, i) => `4${i}${"x".repeat(99000)}`);
    await server.post(sid, parts.join(RS));
    const got = [];
    while (got.length < 6) got.push(...packets((await server.poll(sid)).body));
    assert.deepEqual(got, parts);
  });
});

describe("2.4 polling POST", () => {
  it("is answered with ok", async () => {
    const { sid } = await server.open();
    const response = await server.post(sid, "4x");
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-type"], "text/html");
    assert.equal(response.headers["content-length"], "2");
    assert.equal(response.headers["cache-control"], "no-store");
    assert.equal(response.body, "ok");
  });
  it("is read in chunked encoding", async () => {
    const { sid } = await server.open();
    const response = await server.post(sid, undefined, { "Transfer-Encoding": "chunked" });
    assert.equal(response.status, 400); // an empty body is no packet
    const other = (await server.open()).sid;
    const request = http.request({ port: server.port, host: "127.0.0.1", method: "POST", agent: false,
      path: `${server.path}?${POLLING}&sid=${other}`, headers: { "Transfer-Encoding": "chunked" } });
    for (const part of ["4h", "é", "llo", RS + "4", "b"]) request.write(part);
    request.end();
    await new Promise((resolve) => request.on("response", (r) => r.resume().on("end", resolve)));
    assert.equal((await server.poll(other)).body, `4héllo${RS}4b`);
  });
  it("is read in chunks that are cut anywhere, with extensions and trailers", async () => {
    const { sid } = await server.open();
    const body = "3;a=b\r\n4ab\r\n0002\r\ncd\r\n0\r\nX: y\r\n\r\n";
    const head = `POST ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const text = await server.raw([head, ...body], { until: /ok$/ });
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.equal((await server.poll(sid)).body, "4abcd");
  });
  it("is read in segments of one byte", async () => {
    const { sid } = await server.open();
    const body = Buffer.from(`4é€😀${RS}4b`);
    const head = `POST ${server.path}?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
    const text = await server.raw([...Buffer.concat([Buffer.from(head), body])].map((b) => Buffer.from([b])), { until: /ok$/ });
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.equal((await server.poll(sid)).body, body.toString());
  });
  it("of application/octet-stream is an empty 400 and ends the session", async () => {
    const { sid } = await server.open();
    isEmpty(await server.post(sid, "4x", { "Content-Type": "application/octet-stream" }), 400);
    await isGone(sid);
  });
  it("of any other type is taken", async () => {
    const { sid } = await server.open();
    assert.equal((await server.post(sid, "4x", { "Content-Type": "application/json" })).body, "ok");
  });
  it("beside another POST is an empty 400 and ends the session", async () => {
    const { sid } = await server.open();
    const first = http.request({ port: server.port, host: "127.0.0.1", method: "POST", agent: false,
      path: `${server.path}?${POLLING}&sid=${sid}`, headers: { "Content-Length": 4 } });
    first.on("error", () => {});
    first.on("response", (response) => response.resume());
    first.write("4x");
    await sleep(30);
    isEmpty(await server.post(sid, "4y"), 400);
    await isGone(sid);
    first.destroy();
  });
  it("that breaks off ends the session", async () => {
    const { sid } = await server.open();
    const request = http.request({ port: server.port, host: "127.0.0.1", method: "POST", agent: false,
      path: `${server.path}?${POLLING}&sid=${sid}`, headers: { "Content-Length": 10 } });
    request.on("error", () => {});
    request.write("4x");
    await sleep(30);
    request.destroy();
    await eventually(async () => (await server.request("PUT", `${POLLING}&sid=${sid}`)).status === 400);
  });
  it("over the limit is an empty 413 and the session lives on; at the limit it is taken", async () => {
    const { sid } = await server.open();
    isEmpty(await server.post(sid, "4" + "x".repeat(1000000)), 413);
    isEmpty(await server.post(sid, undefined, { "Transfer-Encoding": "chunked" }).catch(() => ({ status: 400, body: "" })), 400);
    const second = (await server.open()).sid;
    isEmpty(await server.post(second, "4" + "x".repeat(1000000)), 413);
    assert.equal((await server.post(second, "4" + "x".repeat(999999))).body, "ok");
    assert.equal((await server.poll(second)).body.length, 1000000);
  });
  it("of a close frees the GET with 6, is answered ok, and what follows the close is dropped", async () => {
    const { sid } = await server.open();
    const hanging = server.poll(sid);
    await sleep(20);
    assert.equal((await server.post(sid, ["1", "4dropped"].join(RS))).body, "ok");
    assert.equal((await hanging).body, "6");
    await isGone(sid);
  });
  for (const body of ["abc", "", "7x", `4a${RS}`, `${RS}4a`, "b!!!", Buffer.from([0x34, 0xff])]) {
    it(`of ${JSON.stringify(body.toString("latin1"))} is a 400 and ends the session`, async () => {
      const { sid } = await server.open();
      isEmpty(await server.post(sid, body), 400);
      await isGone(sid);
    });
  }
  it("carries binary packets as b and base64, 0x34 as the first byte included", async () => {
    const { sid } = await server.open();
    await server.post(sid, ["bAQIDBA==", "bNDQ=", "bAQIDBA", "b"].join(RS));
    assert.equal((await server.poll(sid)).body, ["bAQIDBA==", "bNDQ=", "bAQIDBA==", "b"].join(RS));
  });
  it("of a ping ends the session", async () => {
    const { sid } = await server.open();
    assert.equal((await server.post(sid, "2")).status, 400);
    await isGone(sid);
  });
});

describe("2.5 websocket", () => {
  const connect = async () => {
    const ws = server.ws();
    assert.match(await ws.next(), /^0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":\[\]/);
    return ws;
  };
  it("echoes text and binary, each frame one packet", async () => {
    const ws = await connect();
    ws.send("4héllo 😀");
    assert.equal(await ws.next(), "4héllo 😀");
    ws.send(Buffer.from([0x34, 1, 2, 0, 255]));
    assert.deepEqual(await ws.next(), Buffer.from([0x34, 1, 2, 0, 255]));
    ws.send("bNAE=");
    assert.deepEqual(await ws.next(), Buffer.from([0x34, 1]));
    ws.close();
    assert.equal(await ws.closed, 1005);
  });
  it("takes messages in fragments, with control frames between them", async () => {
    const ws = await connect();
    ws.ws.send("4frag", { fin: false });
    ws.ws.ping("x");
    ws.ws.send("ment", { fin: true });
    assert.equal(await ws.next(), "4fragment");
    ws.close();
  });
  for (const size of [125, 126, 127, 65535, 65536, 300000, 999999]) {
    it(`echoes ${size + 1} bytes`, async () => {
      const ws = await connect();
      const text = "4" + "y".repeat(size);
      ws.send(text);
      assert.equal(await ws.next(), text);
      ws.send(Buffer.alloc(size, 7));
      assert.deepEqual(await ws.next(), Buffer.alloc(size, 7));
      ws.close();
    });
  }
  it("takes a message at the limit and closes with 1009 above it", async () => {
    const ws = await connect();
    ws.send("4" + "x".repeat(1000000));
    assert.equal(await ws.closed, 1009);
  });
  for (const bad of ["abc", "", "9", "b!"]) {
    it(`closes at the invalid packet "${bad}"`, async () => {
      const ws = await connect();
      ws.send(bad);
      assert.equal(await ws.next(), undefined);
    });
  }
  it("closes at a text that is not UTF-8", async () => {
    const ws = await connect();
    ws.ws.send(Buffer.from([0x34, 0xc3, 0x28]), { binary: false });
    assert.equal(await ws.next(), undefined);
  });
  it("closes at the packet close", async () => {
    const ws = await connect();
    ws.send("1");
    assert.equal(await ws.next(), undefined);
  });
  it("ignores 0, 5, 6 and an unasked pong; a ping closes", async () => {
    const ws = await connect();
    for (const packet of ["0", "5", "6", "3", "3probe", "4alive"]) ws.send(packet);
    assert.equal(await ws.next(), "4alive");
    ws.send("2probe");
    assert.equal(await ws.next(), undefined);
  });
  it("accepts and then closes a second WebSocket of an upgraded session", async () => {
    const { sid } = await server.open();
    const ws = await upgradedWs(sid);
    const second = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await second.opened;
    assert.equal(await second.next(), undefined);
    ws.send("4first lives");
    assert.equal(await ws.next(), "4first lives");
    ws.close();
  });
  it("leaves permessage-deflate out", async () => {
    const ws = server.ws(WEBSOCKET, { perMessageDeflate: true });
    await ws.opened;
    assert.equal(ws.ws.extensions, "");
    ws.close();
  });
  it("refuses another WebSocket version, method or a missing key, without HTML", async () => {
    const head = (over) => Object.entries({ Host: "x", Connection: "Upgrade", Upgrade: "websocket",
      "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", ...over })
      .filter(([, v]) => v).map(([k, v]) => `${k}: ${v}\r\n`).join("");
    for (const [method, over] of [["GET", { "Sec-WebSocket-Version": "8" }], ["POST", {}], ["GET", { "Sec-WebSocket-Key": "" }], ["GET", { Upgrade: "h2c" }]]) {
      const text = await server.raw([`${method} ${server.path}?${WEBSOCKET} HTTP/1.1\r\n${head(over)}\r\n`]);
      assert.match(text, /^HTTP\/1\.1 400 Bad Request/, `${method} ${JSON.stringify(over)} ${text}`);
    }
  });
});

describe("2.6 heartbeat", () => {
  let fast;
  before(async () => {
    fast = await Server.start("engineio");
  });
  after(() => fast.stop());

  it("pings come one interval after the open and one interval after each pong, over WebSocket", async () => {
    let before = performance.now(); // what the server counts from comes later, so no load can make a ping look early
    const ws = fast.ws();
    await ws.next();
    for (const wait of [0, 100, 150]) {
      assert.equal(await ws.next(), "2");
      const took = performance.now() - before;
      assert.ok(took >= 299 && took < 450, `${took} ms`);
      await sleep(wait);
      before = performance.now();
      ws.send("3");
    }
    ws.close();
  });
  it("pings come over polling", async () => {
    let before = performance.now();
    const { sid } = await fast.open();
    for (let i = 0; i < 3; i++) {
      assert.equal((await fast.poll(sid)).body, "2");
      const took = performance.now() - before;
      assert.ok(took >= 299 && took < 450, `${took} ms`);
      before = performance.now();
      await fast.post(sid, "3");
    }
  });
  it("a session without a pong is gone at interval + timeout, to the millisecond", async () => {
    for (let i = 0; i < 5; i++) {
      const { sid } = await fast.open();
      await sleep(500);
      assert.equal((await fast.poll(sid)).status, 400);
    }
    const ws = fast.ws();
    await ws.next();
    const begin = performance.now();
    assert.equal(await ws.next(), "2");
    assert.equal(await ws.next(), undefined);
    const lived = performance.now() - begin;
    assert.ok(lived > 480 && lived < 620, `${lived} ms`);
  });
  it("a session that answers late but in time lives", async () => {
    const { sid } = await fast.open();
    await sleep(470);
    assert.equal((await fast.poll(sid)).body, "2");
    await fast.post(sid, "3");
    assert.equal((await fast.poll(sid)).body, "2");
  });
  it("other packets are no life", async () => {
    const ws = fast.ws();
    await ws.next();
    const timer = setInterval(() => ws.send("4x"), 50);
    await ws.closed.finally(() => clearInterval(timer));
  });
  it("a hanging GET gets the ping timeout as a close", async () => {
    const { sid } = await fast.open();
    assert.equal((await fast.poll(sid)).body, "2");
    assert.equal((await fast.poll(sid)).body, "1");
  });
});

describe("2.7 upgrade", () => {
  it("frees the hanging GET with 6 at the probe, each time", async () => {
    const { sid } = await server.open();
    const hanging = server.poll(sid);
    await sleep(20);
    const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await ws.opened;
    ws.send("2probe");
    assert.equal(await ws.next(), "3probe");
    assert.equal((await hanging).body, "6");
    assert.equal((await server.poll(sid)).body, "6");
    assert.equal((await server.poll(sid)).body, "6");
    ws.send("5");
    ws.send("4done");
    assert.equal(await ws.next(), "4done");
    ws.close();
  });
  it("does not let a client that never hears of its probe poll in circles", async () => {
    const { sid } = await server.open();
    const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await ws.opened;
    ws.send("2probe");
    await ws.next();
    let polls = 0;
    const end = Date.now() + 500;
    while (Date.now() < end) {
      await server.poll(sid);
      polls++;
    }
    assert.ok(polls <= 7, `${polls} polls in 500 ms`);
    ws.close();
  });
  it("takes 2probe, 5 and a message in one segment, before any GET", async () => {
    const { sid } = await server.open();
    const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await ws.opened;
    ws.ws._socket.cork();
    for (const packet of ["2probe", "5", "4hello"]) ws.send(packet);
    ws.ws._socket.uncork();
    assert.equal(await ws.next(), "3probe");
    assert.equal(await ws.next(), "4hello");
    ws.close();
  });
  it("takes 5 without a probe, and frees the GET with 6", async () => {
    const { sid } = await server.open();
    const hanging = server.poll(sid);
    await sleep(20);
    const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await ws.opened;
    ws.send("5");
    assert.equal((await hanging).body, "6");
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
  it("closes only the probing WebSocket at any other first packet", async () => {
    const { sid } = await server.open();
    for (const packet of ["4hello", "2", "1", "garbage", Buffer.from([1])]) {
      const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
      await ws.opened;
      ws.send(packet);
      assert.equal(await ws.next(), undefined);
    }
    await server.post(sid, "4still polling");
    assert.equal((await server.poll(sid)).body, "4still polling");
  });
  it("keeps sending over polling until 5, then flushes what is left to the WebSocket in order", async () => {
    const { sid } = await server.open();
    const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await ws.opened;
    ws.send("2probe");
    await ws.next();
    await server.post(sid, "4one");
    assert.equal((await server.poll(sid)).body, "4one");
    await server.post(sid, ["4two", "4three"].join(RS));
    ws.send("5");
    ws.send("4four");
    assert.deepEqual([await ws.next(), await ws.next(), await ws.next()], ["4two", "4three", "4four"]);
    ws.close();
  });
  it("a lost probe leaves the polling as it was, and another may follow", async () => {
    const { sid } = await server.open();
    for (let i = 0; i < 3; i++) {
      const lost = server.ws(`${WEBSOCKET}&sid=${sid}`);
      await lost.opened;
      lost.send("2probe");
      await lost.next();
      lost.ws.terminate();
      await lost.closed;
    }
    const ws = await eventually(async () => {
      const probe = server.ws(`${WEBSOCKET}&sid=${sid}`);
      await probe.opened;
      probe.send("2probe");
      return (await probe.next()) === "3probe" ? probe : undefined;
    });
    ws.send("5");
    ws.send("4x");
    assert.equal(await ws.next(), "4x");
    ws.close();
  });
  it("a second probe beside the first is accepted and closed", async () => {
    const { sid } = await server.open();
    const first = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await first.opened;
    const second = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await second.opened;
    assert.equal(await second.next(), undefined);
    first.send("2probe");
    assert.equal(await first.next(), "3probe");
    first.close();
  });
  it("an upgrade that is not completed in time is given up, and the session polls on", async () => {
    const quick = await Server.start("engineio", "--upgrade-timeout-ms", "150", "--ping-interval-ms", "25000");
    const { sid } = await quick.open();
    const ws = quick.ws(`${WEBSOCKET}&sid=${sid}`);
    const begin = performance.now();
    await ws.opened;
    ws.send("2probe");
    await ws.next();
    assert.equal(await ws.next(), undefined);
    assert.ok(performance.now() - begin >= 145);
    await quick.post(sid, "4on");
    assert.equal((await quick.poll(sid)).body, "4on");
    await quick.stop();
  });
  it("a session that closes takes its probing WebSocket with it", async () => {
    const { sid } = await server.open();
    const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await ws.opened;
    ws.send("2probe");
    await ws.next();
    await server.post(sid, "1");
    assert.equal(await ws.next(), undefined);
    await isGone(sid);
  });
  it("pings go on during an upgrade, over polling", async () => {
    const fast = await Server.start("engineio");
    const { sid } = await fast.open();
    const ws = fast.ws(`${WEBSOCKET}&sid=${sid}`);
    await ws.opened;
    ws.send("2probe");
    await ws.next();
    const seen = [];
    while (!seen.includes("2")) seen.push(...packets((await fast.poll(sid)).body));
    ws.send("5");
    ws.send("3");
    assert.equal(await ws.next(), "2");
    await fast.stop();
  });
});

describe("keep-alive and many sessions", () => {
  it("1,000 handshakes that nobody follows leave nothing behind", async () => {
    const fast = await Server.start("engineio");
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
