// Chromium with the unmodified bundle of socket.io-client, over HTTP/2 with TLS through each proxy: polls and posts share a connection;
// the WebSocket is one of HTTP/2 where the proxy offers that.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, it } from "node:test";
import { chromium } from "playwright-core";
import { apache } from "./apache.mjs";
import { caddy } from "./caddy.mjs";
import { haproxy } from "./haproxy.mjs";
import { nginx } from "./nginx.mjs";
import { Scene } from "./scene.mjs";
import { SOURCE } from "../e2e/harness.mjs";

const executablePath = process.env.LOTCAST_CHROMIUM ?? "/usr/bin/chromium";
const bundle = readFileSync(path.join(SOURCE, "tests/node_modules/socket.io-client/dist/socket.io.min.js"), "utf8");
const upTo = (last) => Array.from({ length: last }, (_, i) => i + 1);

if (!existsSync(executablePath)) {
  console.log(`skipped: no ${executablePath}`);
  process.exit(77);
}

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"] });
});
after(() => browser.close());

// In the page: numbers 1 to 50 both ways while it upgrades, or tries to.
function converse() {
  const socket = globalThis.io({ reconnection: false });
  const seen = { heard: [], disconnects: [], sids: [] };
  const { engine } = socket.io;
  const settled = new Promise((done) => engine.once("upgrade", done).once("upgradeError", done));
  socket.on("message-back", (i) => seen.heard.push(i));
  socket.on("disconnect", (reason) => seen.disconnects.push(reason));
  return new Promise((resolve, reject) => {
    socket.on("connect_error", reject);
    socket.on("connect", async () => {
      seen.sids.push(engine.id);
      for (let i = 1; i <= 40; i++) {
        socket.emit("message", i);
        await new Promise((next) => setTimeout(next, 1));
      }
      await settled;
      for (let i = 41; i <= 50; i++) socket.emit("message", i);
      await socket.emitWithAck("message-with-ack", "all");
      seen.sids.push(engine.id);
      const protocol = performance.getEntriesByType("resource").filter(({ name }) => name.includes("transport=polling")).map(({ nextHopProtocol }) => nextHopProtocol);
      resolve({ ...seen, disconnects: [...seen.disconnects], transport: engine.transport.name, protocols: [...new Set(protocol)] });
      socket.disconnect();
    });
  });
}

for (const proxy of [nginx, haproxy, apache, caddy]) {
  for (const upgrade of ["pass", 403]) {
    it(`Chromium over HTTP/2 through ${proxy.name} that ${upgrade === "pass" ? "passes" : "refuses"} upgrades`, { timeout: 60000 }, () => Scene.play(async (scene) => {
      const server = await scene.server();
      const { url } = await proxy.start(scene, server.port, { tls: scene.certificate(), upgrade });
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      scene.onEnd(() => context.close());
      const page = await context.newPage();
      await page.goto(`${url}/socket.io/`); // an error in JSON, but of this origin
      await page.addScriptTag({ content: bundle });
      const { heard, disconnects, sids, transport, protocols } = await page.evaluate(converse);
      assert.deepEqual(heard, upTo(50));
      assert.deepEqual(disconnects, []);
      assert.equal(sids[0], sids[1]);
      assert.equal(transport, upgrade === "pass" ? "websocket" : "polling");
      assert.deepEqual(protocols, ["h2"]);
    }));
  }
}
