// Words of Socket.IO that several groups of tests use.
import assert from "node:assert/strict";
import { packets } from "./harness.mjs";

export async function open(server, query) {
  const ws = server.ws(query);
  assert.match(await ws.next(), /^0\{/);
  return ws;
}

// A WebSocket whose socket is in the namespace; its `sid` is the socket's.
export async function connect(server, nsp = "", auth = "") {
  const ws = await open(server);
  await join(ws, nsp, auth);
  return ws;
}

export async function join(ws, nsp = "", auth = "") {
  ws.send(nsp || auth ? `40${nsp ? `${nsp},` : ""}${auth}` : "40");
  const reply = await ws.packet();
  assert.match(reply ?? "closed", new RegExp(`^40${nsp ? `${nsp},` : ""}\\{"sid":"[A-Za-z0-9_-]{20}"`));
  ws.sid = JSON.parse(reply.slice(reply.indexOf("{"))).sid;
  assert.equal(await ws.packet(), `42${nsp ? `${nsp},` : ""}["auth",${auth || "{}"}]`);
  return reply;
}

let acks = 1000;
// The arguments of the acknowledgement; what came before it is in `ws.kept`.
export async function call(ws, nsp, ...event) {
  const id = acks++;
  const prefix = nsp ? `${nsp},` : "";
  ws.send(`42${prefix}${id}${JSON.stringify(event)}`);
  for (;;) {
    const message = await ws.packet();
    if (message === undefined) throw new Error("closed");
    if (typeof message === "string" && message.startsWith(`43${prefix}${id}[`)) return JSON.parse(message.slice(2 + prefix.length + String(id).length));
    (ws.kept ??= []).push(message);
  }
}
export const ask = async (ws, ...event) => (await call(ws, "", ...event))[0];

// What has arrived by the time that a question put now is answered.
export async function arrived(ws) {
  await ask(ws, "message-with-ack", 1);
  const kept = ws.kept ?? [];
  ws.kept = [];
  return kept;
}

export const closes = async (ws) => assert.equal(await ws.packet(), undefined);

export async function lives(ws) {
  ws.send('427["message-with-ack",1]');
  assert.equal(await ws.packet(), "437[1]");
}

// A session by polling whose socket is connected.
export async function pollingSocket(server, nsp = "") {
  const { sid } = await server.open();
  await server.post(sid, nsp ? `40${nsp},` : "40");
  const got = await drain(server, sid, 2);
  const socket = JSON.parse(got[0].slice(got[0].indexOf("{"))).sid;
  return { sid, socket, post: (...all) => server.post(sid, all.join("\x1e")), poll: async () => packets((await server.poll(sid)).body) };
}

// At least so many packets of a polling session that are no pings.
export async function drain(server, sid, count) {
  const got = [];
  while (got.length < count) got.push(...packets((await server.poll(sid)).body).filter((packet) => packet !== "2"));
  return got;
}
