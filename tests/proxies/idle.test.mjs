// Proxies that cut what is silent: for 2 s here, for 30 s in the long variant (IDLE=30). A server whose pings come sooner is never
// cut; one whose pings come later is cut again and again, and its clients go on each time.
import assert from "node:assert/strict";
import { it } from "node:test";
import { apache } from "./apache.mjs";
import { caddy } from "./caddy.mjs";
import { haproxy } from "./haproxy.mjs";
import { eventually } from "./matrix.mjs";
import { nginx } from "./nginx.mjs";
import { Scene } from "./scene.mjs";
import { Talk } from "./talk.mjs";

const idleS = Number(process.env.IDLE ?? 2);
const PING_MS = Math.min(idleS * 833, idleS * 1000 - 1000); // 25 s for 30 s; a busy machine's second for 2 s
const PROXIES = [nginx, haproxy, apache, caddy];
const patience = idleS * 4000 + 10000;
const KINDS = ["default", "polling", "websocket"];

// Clients of every kind behind every proxy of one server.
async function withTalks(ping, work) {
  await Scene.play(async (scene) => {
    const server = await scene.server({ "ping-interval-ms": ping, "ping-timeout-ms": 5000 });
    const fronts = await Promise.all(PROXIES.map((proxy) => proxy.start(scene, server.port, { idleS })));
    const talks = fronts.flatMap(({ url, name }) => KINDS.map((kind) => Object.assign(new Talk(url, kind, { kept: false }), { behind: name })));
    const watcher = new Talk(server.url, "polling");
    scene.onEnd(async () => [...talks, watcher].forEach((talk) => talk.end()));
    await Promise.all([watcher, ...talks].map((talk) => talk.ready()));
    await work(talks, async (sessions) => {
      await eventually(async () => (await watcher.ask("counts")).sessions === sessions + 1, patience);
    });
  });
}

it(`a ping every ${PING_MS} ms keeps every connection alive through proxies that cut after ${idleS} s of silence`, { timeout: 2 * patience }, () =>
  withTalks(PING_MS, async (talks, sessions) => {
    await Promise.all(talks.map(async (talk) => {
      await talk.until(() => talk.pings >= 3, patience, "three pings");
      await talk.say(1, 20);
      await talk.hears(20);
      assert.deepEqual([talk.disconnects, talk.errors, talk.connects], [[], [], 1], `${talk.behind}: ${talk.describe()}`);
      assert.equal(talk.transport, talk.kind === "polling" ? "polling" : "websocket");
    }));
    await sessions(talks.length);
  }));

it(`proxies that cut after ${idleS} s, sooner than the first ping: every client is cut, connects again and goes on`, { timeout: 2 * patience }, () =>
  withTalks(idleS * 2000, async (talks, sessions) => {
    await Promise.all(talks.map(async (talk) => {
      for (let round = 1; round <= 2; round++) {
        const last = round * 20;
        await talk.until(() => talk.connects >= round && talk.io.connected, patience, `connection ${round} behind ${talk.behind}`);
        await talk.ask("join", talk.room);
        await talk.say(last - 19, last);
        await talk.hears(last);
        await talk.until(() => talk.disconnects.length >= round, patience, `cut ${round} behind ${talk.behind}`);
      }
      await talk.until(() => talk.io.connected, patience, "connected at last");
    }));
    await sessions(talks.length);
  }));
