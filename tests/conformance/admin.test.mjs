// What an admin is told, by raw WebSockets: ours beside the reference, step by step, in all modes. Order within a step is not compared.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import WebSocket from "ws";
import { PASSWORD, startOurs, startReference, USER } from "./admin_servers.mjs";

const HEADERS = { origin: "http://ui.example", cookie: "a=b", authorization: "Bearer q", "x-forwarded-for": "9.9.9.9" };
const LOGIN = `40/admin,${JSON.stringify({ username: USER, password: PASSWORD })}`;

class Peer {
  constructor(ws) {
    this.ws = ws;
    this.lines = [];
    this.fences = 0;
    this.waiting = null;
    ws.on("message", (data, isBinary) => {
      const line = isBinary ? `<${data.toString("hex")}>` : data.toString();
      if (line === "2") return ws.send("3");
      this.lines.push(line);
      this.waiting?.();
    });
  }

  static async open(server) {
    const query = "EIO=4&transport=websocket&colour=blue&token=abc";
    const ws = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?${query}`, { headers: HEADERS });
    const peer = new Peer(ws);
    await peer.until((line) => line.startsWith("0{"));
    return peer;
  }

  say(...parts) {
    for (const part of parts) this.ws.send(part);
  }

  // The lines up to the one that is wanted, which are forgotten.
  async until(is) {
    for (let at = 0; ; at++) {
      while (at >= this.lines.length) {
        await new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`not in ${JSON.stringify(this.lines)}`)), 10_000);
          this.waiting = () => (clearTimeout(timer), resolve());
        });
        this.waiting = null;
      }
      if (is(this.lines[at])) return this.lines.splice(0, at + 1);
    }
  }

  // Everything up to here was taken, and what it caused was sent: a namespace that nobody has is refused in order.
  async fence() {
    const name = `/none-${++this.fences}`;
    this.say(`40${name}`);
    const lines = await this.until((line) => line.startsWith(`44${name},`));
    return lines.slice(0, -1);
  }

  async connect(packet) {
    this.say(packet);
    const lines = await this.until((line) => line.startsWith("40"));
    this.sid = JSON.parse(lines.at(-1).slice(lines.at(-1).indexOf("{"))).sid;
    return lines;
  }
}

// ---- what may differ ----

const MASKED = new Set(["cookie", "authorization"]);

function plainSocket(socket) {
  assert.match(socket.clientId, /^[\w-]{12}$/);
  assert.match(socket.handshake.time, /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{4} \d{2}:\d{2}:\d{2} GMT\+0000 \(Coordinated Universal Time\)$/);
  assert.ok(Math.abs(socket.handshake.issued - Date.now()) < 60_000);
  const headers = Object.fromEntries(
    Object.entries(socket.handshake.headers)
      .filter(([name]) => HEADERS[name] !== undefined) // others say where and how
      .map(([name, value]) => [name, MASKED.has(name) ? "(masked)" : value]),
  );
  return {
    ...socket,
    clientId: "CLIENT",
    rooms: [...socket.rooms].sort(),
    handshake: {
      ...socket.handshake,
      headers: Object.entries(headers).sort(),
      query: { ...socket.handshake.query, token: "(masked)" },
      url: socket.handshake.url.replace("token=abc", "token=(masked)"),
      issued: 0,
      time: "",
    },
  };
}

function plain(line, names) {
  const begin = line.search(/[[{]/);
  if (line.startsWith("40") || line.startsWith("44")) return line.replace(/"sid":"[^"]*"/, '"sid":"SID"');
  const [name, ...args] = JSON.parse(line.slice(begin));
  if (name === "session") {
    assert.match(args[0], /^[0-9a-f]{16}$/);
    args[0] = "SESSION";
  } else if (name === "server_stats") {
    return null; // comes by the clock
  } else if (name === "all_sockets") {
    args[0] = args[0].map(plainSocket).sort((a, b) => (a.nsp + names(a.id) < b.nsp + names(b.id) ? -1 : 1));
  } else if (name === "socket_connected") {
    args[0] = plainSocket(args[0]);
  } else if (name === "socket_updated" && !("transport" in args[0])) {
    return null; // the reference's note to itself
  }
  const time = args.at(-1);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time)) args[args.length - 1] = "TIME";
  return names(JSON.stringify([name, ...args]));
}

// ---- the scene ----

async function scene(server) {
  const story = {};
  const peers = {};
  const names = (text) => Object.entries(peers).reduce((all, [name, peer]) => (peer.sid ? all.replaceAll(peer.sid, name.toUpperCase()) : all), text);
  const record = (step, lines) => {
    story[step] = lines.filter((line) => !line.startsWith("<")).map((line) => plain(line, names)).filter((line) => line !== null).sort();
  };
  const step = async (name, actor, ...parts) => {
    actor.say(...parts);
    const lines = await actor.fence();
    if (actor !== peers.admin) lines.length = 0;
    record(name, [...lines, ...(await peers.admin.fence())]);
  };

  peers.early = await Peer.open(server);
  await peers.early.connect("40");
  const stranger = await Peer.open(server);
  stranger.say('40/admin,{"username":"admin","password":"wrong"}');
  story.wrong = (await stranger.until((line) => line.startsWith("44"))).at(-1);
  stranger.say('40/admin,{"sessionId":"0123456789abcdef"}');
  story.unknown = (await stranger.until((line) => line.startsWith("44"))).at(-1);
  stranger.ws.close();
  await once(stranger.ws, "close");

  peers.admin = await Peer.open(server);
  const lines = await peers.admin.connect(LOGIN);
  assert.match(lines[0], /^42\/admin,\["session","[0-9a-f]{16}"\]$/); // before the CONNECT reply
  const session = JSON.parse(lines[0].slice(lines[0].indexOf("[")))[1];
  lines.push(...(await peers.admin.fence()));
  // Ours comes once more, see bridge/admin/admin.h.
  record("login", [...new Set(lines)]);

  peers.second = await Peer.open(server);
  await peers.second.connect(`40/admin,{"sessionId":"${session}"}`);
  record("second", await peers.admin.fence());
  peers.second.ws.close();
  await once(peers.second.ws, "close");
  record("second gone", await peers.admin.fence());

  peers.user = await Peer.open(server);
  await peers.user.connect("40");
  record("connect", await peers.admin.fence());
  peers.custom = await Peer.open(server);
  await peers.custom.connect('40/custom,{"k":1}');
  record("connect custom", await peers.admin.fence());

  await step("event", peers.user, '42["message",{"a":[1,2.5,null]},"é"]');
  await step("event with ack", peers.user, '427["join","blue"]');
  await step("binary", peers.user, '451-["message",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3]));
  await step("leave", peers.user, '428["leave","blue"]');
  await step("leave a room never joined", peers.user, '428["leave","green"]');

  const { admin, user, early, custom } = peers;
  await step("admin emits", admin, '42/admin,["emit","/",null,"ev",1,"two",{"three":3}]');
  story["got by user"] = (await user.fence()).filter((line) => line.includes('"ev"'));
  story["got by early"] = (await early.fence()).filter((line) => line.includes('"ev"'));
  await step("admin emits to one", admin, `42/admin,["emit","/","${user.sid}","ev"]`);
  await step("admin emits to nobody", admin, '42/admin,["emit","/","no such room","ev"]');
  await step("admin makes all join", admin, '42/admin,["join","/","red"]');
  await step("admin makes one leave", admin, `42/admin,["leave","/","red","${user.sid}"]`);
  await step("admin makes a room leave", admin, '42/admin,["leave","/","red","red"]');
  await step("admin disconnects a namespace", admin, '42/admin,["_disconnect","/custom",false]');
  story["got by custom"] = (await custom.fence()).filter((line) => line.startsWith("41"));
  await step("client leaves", user, "41");
  await user.connect("40");
  record("client comes back", await admin.fence());
  user.ws.close();
  await once(user.ws, "close");
  record("client closes", await admin.fence());
  await step("admin closes a connection", admin, `42/admin,["_disconnect","/",true,"${early.sid}"]`);
  const stats = (await admin.until((line) => line.includes('["server_stats"'))).at(-1);
  const parsed = JSON.parse(stats.slice(stats.indexOf("[")))[1];
  story.stats = shapeOfStats(parsed);
  for (const peer of Object.values(peers)) peer.ws.terminate();
  return story;
}

function shapeOfStats(stats) {
  for (const { timestamp, count } of stats.aggregatedEvents) {
    assert.ok(timestamp % 1000 === 0 && Math.abs(timestamp - Date.now()) < 60_000, `${timestamp}`);
    assert.ok(count > 0);
  }
  assert.ok(stats.uptime > 0 && stats.uptime < 600 && Number.isInteger(stats.pid));
  return {
    keys: Object.keys(stats),
    hostname: stats.hostname,
    serverId: stats.serverId,
    namespaces: stats.namespaces.map(({ name, socketsCount }) => [name, typeof socketsCount]).filter(([name]) => name === "/admin"),
    types: [...new Set(stats.aggregatedEvents.map(({ type }) => type))].filter((type) => type.startsWith("packets") || type.startsWith("bytes")).sort(),
  };
}

for (const options of [{}, { readonly: true }, { mode: "production" }, { mode: "production", readonly: true }]) {
  test(`2.19 an admin is told what the reference tells: ${JSON.stringify(options)}`, { timeout: 60_000 }, async () => {
    const reference = await startReference(options);
    const expected = await scene(reference).finally(() => reference.stop());
    const ours = await startOurs(options);
    const actual = await scene(ours).finally(() => ours.stop());
    for (const step of Object.keys(expected)) assert.deepEqual(actual[step], expected[step], step);
    assert.deepEqual(Object.keys(actual), Object.keys(expected));
  });
}

// Four passwords at cost 12 keep a processor busy for most of a second: everybody else is served meanwhile.
test("2.19 the check of passwords stalls nobody", { timeout: 60_000 }, async () => {
  const server = await startOurs({ bcrypt: "$2b$12$KBCwKxOzLha2MUDgW0PjXe5zOQEHWGkVavCMesZf/asYM36fDVIQa" });
  try {
    const user = await Peer.open(server);
    await user.connect("40");
    const guessers = [];
    for (let i = 0; i < 4; i++) guessers.push(await Peer.open(server));
    for (const guesser of guessers) guesser.say('40/admin,{"username":"admin","password":"guess"}');
    const answered = guessers.map((guesser) => guesser.until((line) => line.startsWith("44/admin,")));
    let answers = 0;
    for (const answer of answered) answer.then(() => answers++);
    for (let i = 0; i < 20; i++) await user.fence();
    assert.ok(answers < 4, `${answers} answers before twenty turns`);
    for (const answer of answered) assert.equal((await answer).at(-1), '44/admin,{"message":"invalid credentials"}');
    for (const peer of [user, ...guessers]) peer.ws.terminate();
  } finally {
    await server.stop();
  }
});
