// The named limits over real sockets, each by its option: what is refused, how, and that others are served on.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe } from "node:test";
import WebSocket from "ws";
import { eventually, it, Server } from "./harness.mjs";

const POLLING = "EIO=4&transport=polling";
const WEBSOCKET = "EIO=4&transport=websocket";

async function serving(options, run) {
  const server = await Server.start("socketio", "--ping-interval-ms", "60000", "--ping-timeout-ms", "60000", "--connect-timeout-ms", "60000", ...options);
  try {
    await run(server);
  } finally {
    await server.stop();
  }
}
const handshake = (server, headers = {}) => server.request("GET", POLLING, { headers });
// What becomes of a WebSocket: "open", or the status of its refusal.
const upgrade = (server, query = WEBSOCKET, options = {}) =>
  new Promise((resolve) => {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}${server.path}?${query}`, options);
    ws.once("open", () => resolve({ state: "open", ws }));
    ws.once("unexpected-response", (_request, response) => resolve({ state: response.statusCode, headers: response.headers }));
    ws.once("error", (error) => resolve({ state: error.message }));
  });

describe("limits", { concurrency: 4 }, () => {
  it("handshakes per second: those of a storm wait for their turns, and who would wait too long gets 503 and a time to come back", () =>
    serving(["--handshakes-per-second", "20", "--handshakes-burst", "4", "--admission-wait-ms", "500"], async (server) => {
      const answers = await Promise.all(Array.from({ length: 60 }, () => handshake(server)));
      const refused = answers.filter(({ status }) => status === 503);
      const served = answers.filter(({ status }) => status === 200);
      assert.equal(served.length + refused.length, 60);
      // A burst, and what half a second brings, give or take the turn at each end.
      assert.ok(served.length >= 4 && served.length <= 4 + 10 + 2, `${served.length} served`);
      for (const { headers, body } of refused) {
        assert.match(headers["retry-after"], /^[1-9]\d*$/);
        assert.equal(JSON.parse(body).code, 6);
        assert.equal(headers["access-control-allow-origin"], "*");
      }
      assert.ok(new Set(refused.map(({ headers }) => headers["retry-after"])).size > 1, "all come back at once");
      // A session that is there is none of its business.
      const { sid } = JSON.parse(served[0].body.slice(1));
      assert.equal((await server.post(sid, "40")).body, "ok");
    }));
  it("handshakes per second count direct WebSockets too", () =>
    serving(["--handshakes-per-second", "1", "--handshakes-burst", "2", "--admission-wait-ms", "0"], async (server) => {
      const states = await Promise.all(Array.from({ length: 6 }, () => upgrade(server)));
      assert.deepEqual(states.map(({ state }) => state).sort(), [503, 503, 503, 503, "open", "open"]);
      assert.match(states.find(({ state }) => state === 503).headers["retry-after"], /^\d+$/);
      states.forEach(({ ws }) => ws?.terminate());
    }));
  it("sessions per address: one more is refused, and has its place when another is gone", () =>
    serving(["--sessions-per-address", "2"], async (server) => {
      const [first] = [await handshake(server), await handshake(server)];
      const third = await handshake(server);
      assert.equal(third.status, 503);
      assert.equal(JSON.parse(third.body).code, 7);
      await server.post(JSON.parse(first.body.slice(1)).sid, "1");
      assert.equal((await handshake(server)).status, 200);
    }));
  it("sessions per address count the client behind a proxy, by the last entry of X-Forwarded-For", () =>
    serving(["--sessions-per-address", "1", "--trust-forwarded"], async (server) => {
      assert.equal((await handshake(server, { "X-Forwarded-For": "9.9.9.9, 1.1.1.1" })).status, 200);
      assert.equal((await handshake(server, { "X-Forwarded-For": "9.9.9.9, 2.2.2.2" })).status, 200);
      assert.equal((await handshake(server, { "X-Forwarded-For": "8.8.8.8, 1.1.1.1" })).status, 503);
    }));
  it("connections per address: one more is closed at once, and one that is left makes room", () =>
    serving(["--connections-per-address", "2"], async (server) => {
      const open = () => new Promise((resolve) => {
        const socket = net.connect(server.port, "127.0.0.1", () => resolve(socket));
        socket.on("error", () => {});
      });
      const sockets = [await open(), await open()];
      const third = await open();
      await new Promise((resolve) => third.resume().once("close", resolve));
      sockets[0].destroy();
      await eventually(async () => (await handshake(server).catch(() => ({}))).status === 200);
      sockets[1].destroy();
    }));
  it("namespaces of a connection: one more is refused, the connection stays", () =>
    serving(["--namespaces", "1"], async (server) => {
      const { ws } = await upgrade(server);
      const heard = [];
      ws.on("message", (data) => heard.push(String(data)));
      ws.send("40");
      ws.send("40/custom,");
      await eventually(() => heard.some((packet) => packet === '44/custom,{"message":"Too many namespaces"}'));
      ws.send('420["message-with-ack",1]');
      await eventually(() => heard.includes("430[1]"));
      ws.terminate();
    }));
  it("maxHttpBufferSize: exactly the limit is taken, one byte more is 413, or close 1009", () =>
    serving(["--max-payload", "100"], async (server) => {
      const { sid } = await server.open();
      const packet = (size) => `42["message","${"x".repeat(size - 16)}"]`;
      assert.equal((await server.post(sid, "40")).status, 200);
      assert.equal((await server.post(sid, packet(100))).status, 200);
      assert.equal((await server.post(sid, packet(101))).status, 413);
      const { ws } = await upgrade(server);
      ws.send(packet(101));
      assert.equal(await new Promise((resolve) => ws.once("close", resolve)), 1009);
    }));
});

describe("the origin of a WebSocket", () => {
  let server;
  const of = (origin) => upgrade(server, WEBSOCKET, origin ? { origin } : {});
  before(async () => (server = await Server.start("socketio", "--cors", "http://a.example,http://b.example", "--ws-origin")));
  after(() => server.stop());
  it("is one of the list, or there is none: open", async () => {
    for (const origin of ["http://a.example", "http://b.example", undefined]) {
      const { state, ws } = await of(origin);
      assert.equal(state, "open");
      ws.terminate();
    }
  });
  it("is another one: refused before the 101", async () => {
    for (const origin of ["http://c.example", "http://a.example.evil", "null"]) assert.ok([400, 403].includes((await of(origin)).state), origin);
  });
});
