// Section 1 of the protocol notes: what the official clients' own suites ask of the profiles engineio-client and socketio-client, by
// the official clients, in both versions of the protocol.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import net from "node:net";
import { after, before, describe } from "node:test";
import { Socket } from "engine.io-client";
import { io } from "socket.io-client";
import { Server, eventually, it } from "./harness.mjs";
import { WEBSOCKET, upgraded } from "./wire.mjs";

const require = createRequire(import.meta.url);
const Socket3 = createRequire(require.resolve("socket.io-client-2"))("engine.io-client");
const io2 = require("socket.io-client-2");
const MODES = { polling: ["polling"], upgrade: ["polling", "websocket"], websocket: ["websocket"] };
const event = (socket, name) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), 10000);
    socket.once(name, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
const bytes = (data) => Buffer.from(data);

describe("1 engineio-client", { concurrency: 6 }, () => {
  let server;
  before(async () => {
    server = await Server.start("engineio-client", "--eio3");
  });
  after(() => server.stop());
  it("1 engineio-client: the handshake's numbers, and no CORS", async () => {
    const response = await server.request("GET", "EIO=4&transport=polling", { headers: { Origin: "http://a.example" } });
    const { pingInterval, pingTimeout, maxPayload } = JSON.parse(response.body.slice(1));
    assert.deepEqual({ pingInterval, pingTimeout, maxPayload }, { pingInterval: 500, pingTimeout: 20000, maxPayload: 100 });
    assert.equal(response.headers["access-control-allow-origin"], undefined);
  });
  it("1 engineio-client: four Set-Cookie headers on the handshake response, and on no other", async () => {
    const response = await server.request("GET", "EIO=4&transport=polling");
    const cookies = response.headers["set-cookie"];
    assert.equal(cookies.length, 4);
    assert.equal(cookies[0], "1=1; Max-Age=86400");
    assert.equal(cookies[1], "2=2; Path=/; HttpOnly; Secure; SameSite=Strict");
    assert.equal(cookies[2], "3=3; Max-Age=0");
    const [, expires] = /^4=4; Expires=(.* GMT)$/.exec(cookies[3]);
    assert.ok(Math.abs(Date.parse(expires) - Date.now()) < 5000);
    const { sid } = JSON.parse(response.body.slice(1));
    assert.equal((await server.poll(sid)).headers["set-cookie"], undefined);
  });
  it("1 engineio-client: a query with deny is refused with 403", async () => {
    assert.equal((await server.request("GET", "EIO=4&transport=polling&deny=1")).status, 403);
  });
  for (const [name, make] of [["6", (options) => new Socket(server.url, { path: "/engine.io/", ...options })], ["3.5", (options) => new Socket3(server.url, { path: "/engine.io/", ...options })]]) {
    for (const [mode, transports] of Object.entries(MODES)) {
      it(`1 engineio-client by engine.io-client ${name} over ${mode}: hi, binary, utf8, echo, a heartbeat`, async () => {
        const socket = make({ transports });
        assert.deepEqual(await event(socket, "message"), ["hi"]);
        const ask = async (text) => {
          const answer = event(socket, "message");
          socket.send(text);
          return (await answer)[0];
        };
        assert.deepEqual(bytes(await ask("give binary")), Buffer.from([0, 1, 2, 3, 4]));
        assert.equal(await ask("give utf8"), "пойду спать всем спокойной ночи");
        assert.equal(await ask("cash money €€€"), "cash money €€€");
        assert.deepEqual(bytes(await ask(Buffer.from([5, 6]))), Buffer.from([5, 6]));
        await new Promise((resolve) => setTimeout(resolve, 700));
        assert.equal(await ask("alive"), "alive");
        socket.close();
      });
    }
    it(`1 engineio-client by engine.io-client ${name}: the headers of the current POST`, async () => {
      const socket = make({ transports: ["polling"], extraHeaders: { "X-Custom-Header-For-My-Project": "my-secret-access-token" } });
      await event(socket, "message");
      const answer = event(socket, "message");
      socket.send("sendHeaders");
      const headers = JSON.parse((await answer)[0]);
      assert.equal(headers["x-custom-header-for-my-project"], "my-secret-access-token");
      assert.equal(headers.host, `127.0.0.1:${server.port}`);
      socket.close();
    });
    it(`1 engineio-client by engine.io-client ${name}: a refused handshake is an error`, async () => {
      const [error] = await event(make({ transports: ["polling"], query: { deny: 1 } }), "error");
      assert.equal(error.description?.status ?? error.description, 403);
    });
  }
  it("1 engineio-client by engine.io-client 6: more than maxPayload is split over several POSTs", async () => {
    const socket = new Socket(server.url, { path: "/engine.io/", transports: ["polling"] });
    await event(socket, "message");
    const got = [];
    socket.on("message", (data) => got.push(data));
    const sent = Array.from({ length: 12 }, (_, i) => `${i}${"€".repeat(10)}`);
    for (const message of sent) socket.send(message);
    await eventually(() => got.length === sent.length, 10000);
    assert.deepEqual(got, sent);
    socket.close();
  });
  it("1 engineio-client by engine.io-client 6: a packet larger than maxPayload closes", async () => {
    const socket = new Socket(server.url, { path: "/engine.io/", transports: ["polling"] });
    await event(socket, "message");
    const closed = event(socket, "close");
    socket.send("x".repeat(200));
    assert.equal((await closed)[0], "transport error");
  });
});

describe("1 a second WebSocket and the CONNECT reply", () => {
  it("1 a second WebSocket on an upgraded sid gets 101 and then a close", async () => {
    const server = await Server.start("engineio");
    const { sid } = await server.open();
    const ws = await upgraded(server, sid);
    const second = server.ws(`${WEBSOCKET}&sid=${sid}`);
    await second.opened;
    assert.equal(await second.next(), undefined);
    ws.close();
    await server.stop();
  });
  it("1 the CONNECT reply and the first event are not in one TCP segment", async () => {
    const server = await Server.start("socketio");
    let apart = 0; // a reader that is slow gets both at once however they were sent
    for (let i = 0; i < 20; i++) {
      const ws = server.ws();
      await ws.next();
      const segments = [];
      ws.ws._socket.prependListener("data", (data) => segments.push(data.toString("latin1")));
      ws.send("40");
      await ws.packet();
      await ws.packet();
      if (!segments.find((segment) => segment.includes("40{")).includes('42["auth"')) apart++;
      ws.close();
    }
    assert.ok(apart > 0);
    await server.stop();
  });
  it("1 the ports that the suites expect are the defaults", async () => {
    for (const [profile, port] of [["engineio", 3000], ["socketio-client", 3210]]) {
      const free = await new Promise((resolve) => {
        const probe = net.createServer();
        probe.once("error", () => resolve(false));
        probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
      });
      if (!free) continue; // somebody else's
      const server = await Server.start(profile, "--default-port");
      assert.equal(server.port, port);
      await server.stop();
    }
  });
});

for (const [name, client, modern] of [["4.8", io, true], ["2.5", io2, false]]) {
  for (const [mode, transports] of Object.entries(MODES)) {
    describe(`1 socketio-client by socket.io-client ${name} over ${mode}`, { concurrency: 6 }, () => {
      let server;
      const sockets = [];
      const connect = (path = "", options = {}) => {
        const socket = client(`${server.url}${path}`, { transports, forceNew: true, reconnection: false, ...options });
        sockets.push(socket);
        return socket;
      };
      const connected = async (path, options) => {
        const socket = connect(path, options);
        await event(socket, "connect");
        return socket;
      };
      const call = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...got) => resolve(got)));
      const it1 = (title, run) => it(`1 socketio-client by socket.io-client ${name} over ${mode}: ${title}`, run);
      before(async () => {
        server = await Server.start("socketio-client", "--eio3");
      });
      after(() => {
        for (const socket of sockets) socket.disconnect();
        return server.stop();
      });

      it1("hi, echo, false", async () => {
        const socket = await connected();
        for (const [sent, args, heard] of [["hi", [], []], ["false", [], [false]]]) {
          const answer = event(socket, sent);
          socket.emit(sent, ...args);
          assert.deepEqual((await answer).slice(0, heard.length), heard);
        }
        assert.deepEqual(await call(socket, "echo", { a: [1, "é"] }), [{ a: [1, "é"] }]);
      });
      it1("an acknowledgement that the server asks for", async () => {
        const socket = await connected();
        const got = event(socket, "got it");
        socket.on("ack", (ack) => ack(5, { test: true }));
        socket.emit("ack");
        await got;
      });
      it1("an acknowledgement that is not the right one brings nothing", async () => {
        const socket = await connected();
        let got = 0;
        socket.on("got it", () => got++);
        const asked = event(socket, "ack").then(([ack]) => ack(5, { test: 0 }));
        socket.emit("ack");
        await asked;
        await call(socket, "echo", 1);
        assert.equal(got, 0);
      });
      it1("dates", async () => {
        const socket = await connected();
        assert.ok(Math.abs(Date.parse((await call(socket, "getAckDate", { test: true }))[0]) - Date.now()) < 10000);
        const date = event(socket, "takeDate");
        socket.emit("getDate");
        assert.match((await date)[0], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        const object = event(socket, "takeDateObj");
        socket.emit("getDateObj");
        assert.equal(typeof (await object)[0].date, "string");
      });
      it1("five texts of UTF-8", async () => {
        const socket = await connected();
        const got = [];
        socket.on("takeUtf8", (text) => got.push(text));
        socket.emit("getUtf8");
        await eventually(() => got.length === 5, 10000);
        assert.deepEqual(got, ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"]);
      });
      it1("binary from the server", async () => {
        const socket = await connected();
        for (const [ask, heard] of [["doge", "doge"], ["getbin", "takebin"]]) {
          const answer = event(socket, heard);
          socket.emit(ask);
          assert.deepEqual(bytes((await answer)[0]), Buffer.from("asdfasdf"));
        }
      });
      it1("binary to the server, alone, in JSON, and in order", async () => {
        const socket = await connected();
        const data = Buffer.from("asdfasdf");
        const json = { hello: "lol", message: data, goodbye: "gotcha" };
        for (const [heard, ...events] of [
          ["buffack", ["buffa", data]],
          ["jsonbuff-ack", ["jsonbuff", json]],
          ["abuff2-ack", ["abuff1", data], ["abuff2", "please arrive second"]],
          ["back", ["blob", data]],
          ["jsonblob-ack", ["jsonblob", json]],
          ["blob3-ack", ["blob1", data], ["blob2", "second"], ["blob3", data]],
        ]) {
          const answer = event(socket, heard);
          for (const one of events) socket.emit(...one);
          await answer;
        }
      });
      it1("what is not binary is not taken for it", async () => {
        const socket = await connected();
        const got = [];
        for (const name of ["buffack", "back", "abuff2-ack", "jsonbuff-ack"]) socket.on(name, () => got.push(name));
        socket.emit("buffa", "text");
        socket.emit("blob", {});
        socket.emit("abuff2", "first");
        socket.emit("jsonbuff", { hello: "lol", message: "text", goodbye: "gotcha" });
        await call(socket, "echo", 1);
        assert.deepEqual(got, []);
      });
      it1("its id and its handshake", async () => {
        const socket = await connected("", { query: { token: "a b" } });
        assert.deepEqual(await call(socket, "getId"), [socket.id]);
        const [handshake] = await call(socket, "getHandshake");
        for (const key of ["headers", "time", "address", "xdomain", "secure", "issued", "url", "query", "auth"]) assert.ok(key in handshake, key);
        assert.equal(handshake.query.token, "a b");
        assert.equal(handshake.query.EIO, modern ? "4" : "3");
      });
      it1("/foo gives the id, /timeout_socket, /valid and /asd accept", async () => {
        const foo = await connected("/foo");
        assert.deepEqual(await call(foo, "getId"), [foo.id]);
        for (const path of ["/timeout_socket", "/valid", "/asd"]) await connected(path);
      });
      it1("/abc tells the handshake on connect", async () => {
        const socket = connect("/abc", modern ? { auth: { b: 1 } } : {});
        const [handshake] = await event(socket, "handshake");
        assert.deepEqual(handshake.auth, modern ? { b: 1 } : {});
      });
      it1("refusals: a query with fail, /no, and a namespace that is none", async () => {
        const refusal = async (path, options) => {
          const [error] = await event(connect(path, options), modern ? "connect_error" : "error");
          return error.message ?? error;
        };
        assert.equal(await refusal("", { query: { fail: true } }), "Auth failed (main namespace)");
        assert.equal(await refusal("/no"), "Auth failed (custom namespace)");
        assert.equal(await refusal("/unknown"), "Invalid namespace");
      });
      if (modern) {
        it1("is recovered after its transport is cut", async () => {
          const socket = await connected("", { reconnection: true, reconnectionDelay: 10 });
          const { id } = socket;
          const heard = event(socket, "hi");
          socket.emit("hi");
          await heard;
          socket.io.engine.close();
          await event(socket, "connect");
          assert.equal(socket.recovered, true);
          assert.equal(socket.id, id);
        });
      }
      it1("each handshake waits for 10 ms", async () => {
        const begin = performance.now();
        await server.open();
        assert.ok(performance.now() - begin >= 9);
      });
    });
  }
}
