// The cells that every proxy has to pass: what it does to WebSockets and answers, by client. In each one the session that polling
// opened carries numbers both ways, once and in order, whatever becomes of the upgrade. What no real proxy does by itself (it
// swallows, it cuts at a frame) is done by a stage of TCP behind it: client, real proxy, stage, server.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Scene } from "./scene.mjs";
import { Stage } from "./stage.mjs";
import { Talk } from "./talk.mjs";

const ALL = ["default", "polling", "2.5"];
const settled = (talk) => talk.upgrades + talk.upgradeErrors > 0;
const UPGRADED = { kinds: ["default", "polling", "websocket", "2.5"], outcome: "websocket" };
const REFUSED = { kinds: ALL, outcome: "polling" };
// The client does not know that it was given up; the server's close frame, which the stage swallows too, says so.
const SWALLOWED = { ...REFUSED, proxy: {}, server: { "upgrade-timeout-ms": 500 }, after: (_talk, stage, count) => stage.counts.closes >= count };

// name: { proxy: options of the proxy, stage: options of a stage behind it, kinds, outcome: where a client that may upgrade ends,
// after: when what becomes of its upgrade is known }
const cells = {
  "passes WebSockets": { ...UPGRADED, proxy: {} },
  "passes WebSockets, closes each connection to the server": { ...UPGRADED, proxy: { keepAlive: false } },
  "passes WebSockets by the older module": { ...UPGRADED, proxy: { upgrade: "tunnel" }, needs: "tunnel" },
  "refuses upgrades with 403": { ...REFUSED, proxy: { upgrade: 403 } },
  "refuses upgrades with 400": { ...REFUSED, proxy: { upgrade: 400 } },
  "does not pass the headers of an upgrade on": { ...REFUSED, proxy: { upgrade: "strip" } },
  "buffers and compresses answers": { ...UPGRADED, proxy: { buffering: true } },
  "buffers and compresses answers, and refuses upgrades": { ...REFUSED, proxy: { buffering: true, upgrade: 403 } },
  "passes bodies on as they come": { ...UPGRADED, proxy: { streaming: true } },
  "speaks HTTP/1.0 to the server": { ...REFUSED, proxy: { http10: true, keepAlive: false, upgrade: "strip" }, needs: "http10" },
  "speaks HTTP/1.0 to the server and keeps its connections": { ...REFUSED, proxy: { http10: true, upgrade: "strip" }, needs: "http10" },
  "speaks TLS to the client": { ...UPGRADED, proxy: { tls: true } },
  "speaks TLS to the client and refuses upgrades": { ...REFUSED, proxy: { tls: true, upgrade: 403 } },
  "keeps the answer to an upgrade in its buffer": { ...REFUSED, proxy: { buffering: "all" }, needs: "buffersUpgrades", after: () => true },
  "answers 101 and swallows every frame": { ...SWALLOWED, stage: { swallows: ["up", "down"] } },
  "answers 101, swallows every frame and never closes": { ...SWALLOWED, stage: { swallows: ["up", "down"], holds: true } },
  "answers 101 and swallows what the server says": { ...SWALLOWED, stage: { swallows: ["down"] } },
  "passes each frame late": { ...UPGRADED, proxy: {}, stage: { delayMs: 15 } },
  "answers 101 and closes": { ...REFUSED, proxy: {}, stage: { cuts: "at-101" } },
  "answers 101 and resets": { ...REFUSED, proxy: {}, stage: { cuts: "at-101", resets: true } },
  "cuts at the server's first frame": { ...REFUSED, proxy: {}, stage: { cuts: "at-answer" } },
};

// Numbers 1 to 50 both ways: the most of them while the client tries to upgrade, the last ones when that is over.
async function converse(talk, { outcome, over }) {
  await talk.until(() => talk.io.connected, 15000, "connected");
  talk.io.emit("join", talk.room, () => {});
  await talk.say(1, 40);
  if (talk.client.upgrades) await over(talk);
  await talk.say(41, 50);
  await talk.hears(50);
  assert.deepEqual(talk.sids, [talk.sid], `the session is still the same: ${talk.describe()}`);
  assert.deepEqual([talk.disconnects, talk.errors, talk.connects], [[], [], 1], talk.describe());
  const expected = talk.client.upgrades ? outcome : talk.kind;
  assert.equal(talk.transport, expected, talk.describe());
}

export async function eventually(check, ms = 10000) {
  for (const end = Date.now() + ms; ; ) {
    if (await check()) return;
    if (Date.now() > end) assert.fail(`not within ${ms} ms: ${check}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

// The server, the stage, the proxy and the clients of a cell.
async function setUp(scene, proxy, cell) {
  const server = await scene.server(cell.server);
  const stage = cell.stage && (await Stage.start(scene, server.port, cell.stage));
  const options = { ...cell.proxy, ...(cell.proxy.tls ? { tls: scene.certificate() } : {}) };
  const front = await proxy.start(scene, stage?.listens ?? server.port, options);
  const watcher = await new Talk(server.url, "polling").ready();
  const talks = cell.kinds.map((kind) => new Talk(front.url, kind, { kept: !cell.cut }));
  scene.onEnd(async () => {
    [...talks, watcher].forEach((talk) => talk.end());
    stage?.cut(); // Apache waits for its tunnels
  });
  return { server, stage, front, talks, watcher };
}

// Nothing is left of a try that failed, and nothing at all when the clients have left.
async function leavesNothing({ talks, watcher }) {
  const websocket = talks.filter((talk) => talk.transport === "websocket").length;
  const expected = { sessions: talks.length + 1, sockets: talks.length + 1, websocket };
  await eventually(async () => {
    const counts = await watcher.ask("counts");
    return Object.entries(expected).every(([name, count]) => counts[name] === count);
  });
  talks.forEach((talk) => talk.leave());
  await eventually(async () => (await watcher.ask("counts")).sessions === 1);
}

async function playCell(scene, proxy, cell) {
  const world = await setUp(scene, proxy, cell);
  const { talks, stage } = world;
  const count = talks.filter((talk) => talk.client.upgrades).length;
  const over = (talk) => (cell.after ? (stage ?? talk) : talk).until(() => (cell.after ?? settled)(talk, stage, count), 15000, "the end of the upgrade");
  await Promise.all(talks.map((talk) => converse(talk, { outcome: cell.outcome, over })));
  await leavesNothing(world);
}

const CUT = { kinds: ["default", "websocket", "2.5"], server: { "ping-interval-ms": 500, "ping-timeout-ms": 2000 } };

// What is done to WebSockets that carry the session already: the client is cut off, comes back by polling, and goes on.
const cuts = {
  "cuts WebSockets": { ...CUT, proxy: {}, stage: {}, cut: ({ stage }) => stage.cut() },
  "resets WebSockets": { ...CUT, proxy: {}, stage: { resets: true }, cut: ({ stage }) => stage.cut() },
  // The client believes that it has upgraded, the server has not heard of it.
  "cuts at the last packet of an upgrade": { ...CUT, kinds: ["default"], proxy: {}, stage: { cuts: "at-upgrade" } },
  "is restarted": {
    ...CUT,
    kinds: ["default", "polling", "websocket", "2.5"],
    proxy: {},
    async cut({ front }) {
      await front.end();
      await front.start();
    },
  },
};

async function playCut(scene, proxy, cell) {
  const world = await setUp(scene, proxy, cell);
  const { talks } = world;
  await Promise.all(talks.map(async (talk) => {
    await talk.until(() => talk.io.connected, 15000, "connected");
    if (!cell.cut) return; // the stage does it
    await talk.ask("join", talk.room);
    await talk.until(() => talk.kind === "polling" || talk.transport === "websocket", 15000, "on WebSocket");
    await talk.say(1, 50);
    await talk.hears(50);
  }));
  const speaking = talks.map((talk) => talk.say(51, 70)); // what is on its way when the cut comes may be lost, but nothing comes twice
  await cell.cut?.(world);
  await Promise.all(speaking);
  await Promise.all(talks.map(async (talk) => {
    await talk.until(() => talk.connects >= 2 && talk.io.connected, 15000, "connected again");
    assert.equal(new Set(talk.sids).size, talk.connects, "each connection is a session of its own");
    assert.equal(talk.opened.at(-1), talk.kind === "websocket" ? "websocket" : "polling", talk.describe());
    await talk.ask("join", talk.room);
    await talk.say(71, 100);
    await talk.hearsAgain(71, 100);
  }));
  await leavesNothing(world);
}

export function matrix(proxy) {
  describe(`a client behind ${proxy.name}`, () => {
    for (const [name, cell] of Object.entries(cells)) {
      if (cell.needs && !proxy.can[cell.needs]) continue;
      it(`that ${name}`, { timeout: 60000 }, () => Scene.play((scene) => playCell(scene, proxy, cell)));
    }
    for (const [name, cell] of Object.entries(cuts)) {
      it(`that ${name}`, { timeout: 60000 }, () => Scene.play((scene) => playCut(scene, proxy, cell)));
    }
  });
}
