// Between the probe of an upgrade and its end the server answers polls at once so that the client can pause. When the end never comes,
// because the proxy swallows the server's answer, the client must not poll in circles until the server gives up.
import assert from "node:assert/strict";
import { it } from "node:test";
import { nginx } from "./nginx.mjs";
import { Scene } from "./scene.mjs";
import { Stage } from "./stage.mjs";
import { Talk } from "./talk.mjs";

const TIMEOUT_MS = 3000;
const POLLS_MAX = (TIMEOUT_MS / 1000) * 15; // Node looks every 100 ms

it("a client whose probe's answer is swallowed polls at most 15 times a second, and goes on with the same session", { timeout: 30000 }, () => Scene.play(async (scene) => {
  const server = await scene.server({ "ping-interval-ms": 20000, "upgrade-timeout-ms": TIMEOUT_MS });
  const stage = await Stage.start(scene, server.port, { swallows: ["down"] });
  const { url } = await nginx.start(scene, stage.listens);
  const talk = new Talk(url, "default");
  scene.onEnd(async () => talk.end());
  await talk.ready();
  await stage.until(() => stage.counts.closes >= 1, 15000, "the server to give up");
  const polls = stage.counts.gets;
  await talk.say(1, 50);
  await talk.hears(50);
  assert.deepEqual([talk.disconnects, talk.errors, talk.connects], [[], [], 1], talk.describe());
  console.log(`${polls} polls in ${TIMEOUT_MS} ms of a probe without end`);
  assert.ok(polls <= POLLS_MAX + 5, `${polls} polls`);
}));
