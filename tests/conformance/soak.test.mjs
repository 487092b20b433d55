// Upgrades that nobody finishes leave nothing behind: no session, no memory. TRIES says how many (the long run: 10,000).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe } from "node:test";
import { Server, eventually, it } from "./harness.mjs";
import { ask, connect } from "./talk.mjs";
import { WEBSOCKET } from "./wire.mjs";

const tries = Number(process.env.TRIES ?? 1000);
const ROUND = 100;
const rssKib = (server) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.child.pid}/status`, "utf8"))[1]);

// A session whose upgrade is left in one of the ways there are: before the probe, behind it, behind its answer, behind the end.
async function abandon(server, i) {
  const { sid } = await server.open();
  const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
  await ws.opened;
  if (i % 4 > 0) ws.send("2probe");
  if (i % 4 > 1) await ws.next();
  if (i % 4 === 3) ws.send("5");
  if (i % 2) ws.ws.terminate();
  else await ws.closed;
}

describe("abandoned upgrades", () => {
  it(`2.7 ${tries} of them leave no session behind, and no memory`, { timeout: 900000 }, async () => {
    process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ""}:quarantine_size_mb=1`; // freed memory that a sanitizer keeps is no leak
    const server = await Server.start("lab", "--ping-interval-ms", "300", "--ping-timeout-ms", "300", "--upgrade-timeout-ms", "200", "--connect-timeout-ms", "1000");
    let warm = 0;
    for (let done = 0; done < tries; done += ROUND) {
      await Promise.all(Array.from({ length: ROUND }, (_, i) => abandon(server, i)));
      if (done + ROUND === tries / 2) warm = rssKib(server);
    }
    const watcher = await connect(server);
    const beat = setInterval(() => watcher.send("3"), 100);
    const counts = await eventually(async () => {
      const now = await ask(watcher, "counts");
      return now.sessions === 1 && now;
    }, 10000);
    clearInterval(beat);
    assert.equal(counts.handshakes, tries + 1);
    assert.equal(counts.websocket, 1);
    assert.equal(counts.sockets, 1);
    const grown = rssKib(server) - warm;
    assert.ok(grown < 4096, `${grown} KiB more after the second half of ${tries}`);
    watcher.close();
    await server.stop();
  });
});
