// The web server around the protocol: HTTP/1.1 details, CORS, limits.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import net from "node:net";
import { after, before, describe, it } from "node:test";
import { RS, Server, eventually, sleep } from "./harness.mjs";

const POLLING = "EIO=4&transport=polling";
let server;

before(async () => {
  server = await Server.start("lab", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--connect-timeout-ms", "30000");
});
after(() => server.stop());

// CPU time of the server in milliseconds.
const cpu = () => {
  const fields = readFileSync(`/proc/${server.child.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

describe("requests to the application", () => {
  it("carry method, query, content type and the whole body", async () => {
    const response = await server.request("POST", "/echo?b=2&a=%26+x&c", { body: "body", headers: { "Content-Type": "text/x" } });
    assert.equal(response.body, "POST b=2&a=%26+x&c text/x body");
    assert.equal((await server.request("PUT", "/echo", { body: "é" })).body, "PUT   é");
    assert.equal((await server.request("DELETE", "/echo")).body, "DELETE   ");
  });
  it("HEAD is a GET without the body", async () => {
    const response = await server.request("HEAD", "/echo");
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-length"], "6");
    assert.equal(response.body, "");
  });
  it("the client bundle's names go to the application, others on the path do not", async () => {
    assert.equal((await server.request("GET", "/socket.io/socket.io.js")).headers.etag, '"4.8.4"');
    assert.equal((await server.request("GET", "/socket.io/socket.io.esm.min.js.map?v=1")).headers["cache-control"], "public, max-age=0");
    assert.equal(JSON.parse((await server.request("GET", "/socket.io/other.js")).body).code, 0);
    assert.equal(JSON.parse((await server.request("POST", "/socket.io/socket.io.js")).body).code, 0);
  });
  it("a body over the limit is 413 with a code, sized or chunked", async () => {
    const body = "x".repeat(1000001);
    const response = await server.request("POST", "/echo", { body });
    assert.equal(response.status, 413);
    assert.equal(JSON.parse(response.body).error.code, "PAYLOAD_TOO_LARGE");
    const chunked = await server.request("POST", "/echo", { body, headers: { "Transfer-Encoding": "chunked" } });
    assert.equal(chunked.status, 413);
    assert.equal((await server.request("POST", "/echo", { body: "y" })).body, "POST   y");
  });
  it("pipelined requests are answered in order", async () => {
    const get = (n, last = "") => `GET /echo?${n} HTTP/1.1\r\nHost: x\r\n${last}\r\n`;
    const text = await server.raw([
      `POST /echo?1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab${get(2)}${get(3, "Connection: close\r\n")}`,
    ]);
    assert.deepEqual(text.match(/GET \d|POST 1  ab/g), ["POST 1  ab", "GET 2", "GET 3"]);
  });
  it("pipelined requests with bodies are answered in order, however they are cut", async () => {
    const get = "GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n";
    const post = "POST /echo?2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab";
    const chunked = "PUT /echo?3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ncd\r\n0\r\n\r\n";
    const last = "DELETE /echo?4 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\ne";
    const all = get + post + post + chunked + get + get + last;
    for (const cut of [all.length, get.length, get.length + 50, get.length + post.length - 1, 7]) {
      const text = await server.raw([...all.match(new RegExp(`[^]{1,${cut}}`, "g"))]);
      assert.deepEqual(text.match(/(GET|POST|PUT|DELETE) \d  [a-e]*/g), ["GET 1  ", "POST 2  ab", "POST 2  ab", "PUT 3  cd", "GET 1  ", "GET 1  ", "DELETE 4  e"]);
    }
  });
  it("one connection carries posts that arrive whole or in parts, one after the other", async () => {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.setNoDelay(true);
    let text = "";
    socket.on("data", (data) => (text += data));
    for (let i = 0; i < 40; i++) {
      const head = `POST /echo?${i} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n`;
      for (const part of [[head + "body"], [head, "body"], [head.slice(0, 20), head.slice(20) + "bo", "dy"], [head + "bod", "y"]][i % 4]) {
        socket.write(part);
        await sleep(2);
      }
      await eventually(() => text.includes(`POST ${i}  body`));
    }
    socket.destroy();
  });
});

describe("malformed requests", () => {
  const cases = {
    "two lengths": "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    "two content lengths": "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "a negative length": "Content-Length: -3\r\n\r\nabc",
    "a length that is no number": "Content-Length: 3x\r\n\r\nabc",
    "another coding": "Transfer-Encoding: gzip\r\n\r\nabc",
    "a huge length": "Content-Length: 99999999999999999999\r\n\r\nabc",
  };
  for (const [name, rest] of Object.entries(cases)) {
    it(`${name}: 400 and the connection ends`, async () => {
      const text = await server.raw([`POST /echo HTTP/1.1\r\nHost: x\r\n${rest}`]);
      assert.match(text, /^HTTP\/1\.1 400 .*BAD_REQUEST/s);
    });
  }
  for (const chunk of ["x\r\n", "\r\n", "-1\r\n", "3\nabc", "3\r\nabcd\r\n0\r\n\r\n", "fffffffffffffffff\r\n", `1;${"x".repeat(300)}\r\n`]) {
    it(`bad chunk ${JSON.stringify(chunk.slice(0, 20))}: 400 and the connection ends`, async () => {
      const text = await server.raw([`POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`]);
      assert.match(text, /^HTTP\/1\.1 400 .*BAD_REQUEST/s);
    });
  }
  it("a POST without a length has no body", async () => {
    assert.match(await server.raw(["POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]), /\r\n\r\nPOST   $/);
  });
  it("headers up to 16 KB are read, larger ones are 431 and end the connection", async () => {
    const get = (size) => server.raw([`GET /echo HTTP/1.1\r\nHost: x\r\nCookie: ${"c".repeat(size)}\r\nConnection: close\r\n\r\n`]);
    assert.match(await get(12000), /^HTTP\/1\.1 200 /);
    assert.match(await get(20000), /^HTTP\/1\.1 431 .*BAD_REQUEST/s);
    assert.equal((await server.request("GET", "/echo")).status, 200);
  });
  it("a target that is larger than may be is 414, never cut", async () => {
    const whole = "a".repeat(8100);
    assert.equal((await server.request("GET", `/echo?b=1&v=${whole}&c=2`)).body, `GET b=1&v=${whole}&c=2  `);
    const over = "a".repeat(9000);
    for (const target of [`/echo?b=1&v=${over}&c=2`, `/echo?${over}`, `${POLLING}&v=${over}`, `v=${over}&${POLLING}`]) {
      const response = await server.request("GET", target);
      assert.equal(response.status, 414, target.slice(0, 40));
      assert.equal(JSON.parse(response.body).error.code, "BAD_REQUEST");
    }
    const upgrade = await server.request("GET", `EIO=4&transport=websocket&v=${over}`, {
      headers: { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==" },
    });
    assert.equal(upgrade.status, 414);
  });
  it("garbage and unknown methods never reach anybody", async () => {
    for (const text of ["\x16\x03\x01\x02\x00\x01", "BREW /socket.io/ HTTP/1.1\r\nHost: x\r\n\r\n", "GET\r\n\r\n", "\r\n\r\n\r\n\r\nGET / HTTP/1.1 HTTP/1.1\r\n\r\n"]) {
      await server.raw([text, "\r\n\r\n"], { until: /\r\n\r\n/ , pause: 1 }).catch(() => {});
    }
    assert.equal((await server.request("GET", "/echo")).status, 200);
  });
});

describe("waiting", () => {
  it("a hanging poll with a request behind it costs no CPU, and both are answered", async () => {
    for (const mode of ["together", "soon", "late"]) {
      const { sid } = await server.open();
      const socket = net.connect(server.port, "127.0.0.1");
      let text = "";
      socket.on("data", (data) => (text += data));
      const first = `GET /socket.io/?${POLLING}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`;
      const second = "GET /echo?second HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.write(mode === "together" ? first + second : first);
      await sleep(50);
      if (mode === "soon") socket.write(second);
      await sleep(50);
      const before = cpu();
      await sleep(400);
      assert.ok(cpu() - before <= 40, `${cpu() - before} ms CPU while waiting`);
      await server.post(sid, "40");
      await eventually(() => /40\{"sid"/.test(text));
      if (mode === "late") socket.write(second);
      await eventually(() => /40\{"sid".*GET second/s.test(text));
      const after = cpu();
      await sleep(200);
      assert.ok(cpu() - after <= 40, `${cpu() - after} ms CPU after ${mode}`);
      socket.destroy();
    }
  });
  it("a hanging poll whose client is gone costs no CPU", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    hanging.abort();
    const before = cpu();
    await sleep(300);
    assert.ok(cpu() - before <= 40);
    assert.equal((await server.poll(sid)).status, 400);
  });
  it("1,000 hanging polls are answered when their clients post", async () => {
    const sids = await Promise.all(Array.from({ length: 1000 }, async () => (await server.open()).sid));
    const polls = sids.map((sid) => server.poll(sid));
    await Promise.all(sids.map((sid) => server.post(sid, "40")));
    for (const poll of polls) assert.match((await poll).body, /^40\{"sid"/);
    await Promise.all(sids.map((sid) => server.post(sid, "1")));
  });
});

describe("2.11 CORS (F34)", () => {
  const preflight = { Origin: "http://a.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-a,content-type" };
  it("a preflight is answered 204 with the methods and the requested headers", async () => {
    for (const path of [`/socket.io/?${POLLING}`, "/echo"]) {
      const response = await server.request("OPTIONS", path, { headers: preflight });
      assert.equal(response.status, 204);
      assert.equal(response.headers["content-length"], "0");
      assert.equal(response.headers["access-control-allow-origin"], "*");
      assert.equal(response.headers["access-control-allow-credentials"], undefined);
      assert.equal(response.headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
      assert.equal(response.headers["access-control-allow-headers"], "x-a,content-type");
      assert.equal(response.headers["vary"], "Access-Control-Request-Headers");
    }
  });
  it("an actual answer carries the origin and no list of methods", async () => {
    const response = await server.request("GET", POLLING, { headers: { Origin: "http://a.example" } });
    assert.equal(response.headers["access-control-allow-origin"], "*");
    assert.equal(response.headers["access-control-allow-methods"], undefined);
  });
  it("the 101 carries it too", async () => {
    const ws = server.ws();
    const headers = await new Promise((resolve) => ws.ws.once("upgrade", (response) => resolve(response.headers)));
    assert.equal(headers["access-control-allow-origin"], "*");
    ws.close();
  });
  it("a request header that tries to split the answer does not", async () => {
    const text = await server.raw([`OPTIONS /echo HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: a\nSet-Cookie: x=1\r\nConnection: close\r\n\r\n`]);
    assert.doesNotMatch(text, /^Set-Cookie/im);
  });
});

describe("bodies and messages that never end", () => {
  const part = "x".repeat(60000); // in a buffer of 64 KiB
  const head = (target, size = 900000) => `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`;
  // A connection that says this much, and then nothing.
  const hold = (port, text) => new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(text, () => resolve(socket)));
    socket.heard = "";
    socket.on("data", (data) => (socket.heard += data));
    socket.on("error", () => {});
  });

  it("all of them together are bounded: 503 for a body, close 1009 for a message, and others go on", async () => {
    const small = await Server.start("lab", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--unfinished-bytes", "400000");
    const held = [];
    for (let i = 0; i < 5; i++) held.push(await hold(small.port, head("/echo") + part));
    const taken = async () => (await small.request("POST", "/echo", { body: part.repeat(3) })).status;
    await eventually(async () => (await taken()) === 503);
    const { sid } = await small.open();
    assert.equal((await small.post(sid, `4${part.repeat(3)}`)).status, 503);
    assert.equal((await small.request("POST", "/echo", { body: part.repeat(3), headers: { "Transfer-Encoding": "chunked" } })).status, 503);
    const socket = small.ws();
    await socket.opened;
    socket.ws.send(part, { fin: false });
    socket.ws.send(part, { fin: false });
    assert.equal(await socket.closed, 1009);
    assert.equal((await small.request("POST", "/echo", { body: "y" })).body, "POST   y");
    for (const one of held) {
      assert.equal(one.heard, "");
      one.destroy();
    }
    await eventually(async () => (await taken()) === 200);
    await small.stop();
  });
  it("a WebSocket message that is not complete in time closes its connection, one that is does not", async () => {
    const hasty = await Server.start("lab", "--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--connect-timeout-ms", "30000",
      "--request-timeout-ms", "1000");
    const slow = hasty.ws();
    const fine = hasty.ws();
    await Promise.all([slow.opened, fine.opened]);
    slow.ws.send("4", { fin: false });
    const drip = setInterval(() => slow.ws.send("x", { fin: false }), 100);
    fine.ws.send("4", { fin: false });
    fine.ws.send("0", { fin: true });
    const begin = Date.now();
    assert.equal(await slow.closed, 1008);
    clearInterval(drip);
    assert.ok(Date.now() - begin >= 900 && Date.now() - begin < 3000, `${Date.now() - begin} ms`);
    const silent = hasty.ws();
    await silent.opened;
    silent.ws.send("4", { fin: false });
    assert.equal(await silent.closed, 1008);
    assert.equal(fine.ws.readyState, 1);
    fine.ws.close();
    await hasty.stop();
  });
});

describe("life of the program", () => {
  it("a taken port is one clear line and exit 3", async () => {
    const { spawnSync } = await import("node:child_process");
    const bin = process.env.LOTCAST_BIN ?? "build/asan/bin";
    const run = spawnSync(`${bin}/conformance_server`, ["--profile", "lab", "--port", String(server.port)], { encoding: "utf8" });
    assert.equal(run.status, 3);
    assert.match(run.stderr, /^conformance_server: cannot listen on 127\.0\.0\.1:\d+: Address already in use\n$/);
  });
  it("a stop closes polls and WebSockets, and leaves nothing allocated", async () => {
    const other = await Server.start("lab", "--ping-interval-ms", "25000");
    const { sid } = await other.open();
    const poll = other.poll(sid);
    const ws = other.ws();
    await ws.next();
    const probing = (await other.open()).sid;
    const probe = other.ws(`EIO=4&transport=websocket&sid=${probing}`);
    await probe.opened;
    const body = other.raw([`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc`]).catch(() => "");
    await sleep(30);
    await other.stop();
    assert.equal((await poll).body, "1");
    assert.equal(await ws.next(), undefined);
    assert.equal(await probe.next(), undefined);
    await body;
  });
});
