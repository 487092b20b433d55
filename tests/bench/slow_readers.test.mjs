// Readers that take nothing any more, at real sockets: what they do to the others, and what is done to them.
//   LONG=1: 1,000 of them among 9,000; else 20 among 180.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { measure, withPeer } from "./peers.mjs";
import { bin, generate } from "./processes.mjs";

const long = process.env.LONG === "1";
const few = long ? 9000 : 180;
const stalled = long ? 1000 : 20;
const RING = 1024; // events that a room keeps

const counts = async (port) => (await fetch(`http://127.0.0.1:${port}/counts`)).json();

async function until(what, look, holds) {
  const deadline = Date.now() + 20000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    assert.ok(Date.now() < deadline, `${what}: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// Enough that the kernel's buffers of a stalled reader are full (some 70 KB), and the ring has gone on without it.
const plan = { websockets: long ? 900 : few, stalled: long ? 100 : stalled, events: 4 * RING, burst: 16, "deadline-ms": 100000 };

test("nobody else notices, what waits for them is bounded, and who takes nothing for a ping's interval is closed", async () => {
  await withPeer("lotcast_pings", false, async (port, pid) => {
    let ended = false;
    const run = generate("bench_load", { ...plan, "idle-ms": 3000, port, pid }, false).finally(() => (ended = true));
    run.catch(() => {}); // awaited below, unless something else fails before
    let most = 0;
    const blocked = await until("they block", () => counts(port), (seen) => seen.blocked === plan.stalled);
    assert.equal(blocked.sessions, plan.websockets + plan.stalled + 1, "they are still there");
    const closed = await until("they are closed", async () => {
      const seen = await counts(port);
      most = Math.max(most, seen.blocked_bytes);
      return seen;
    }, (seen) => seen.slow_closed === plan.stalled);
    assert.equal(ended, false, "while the others go on");
    assert.equal(closed.sessions, plan.websockets + 1);
    assert.equal(closed.blocked, 0);
    await until("nothing is kept", () => counts(port), (seen) => seen.blocked_bytes === 0);
    // A rest of one write each; what came later waits nowhere.
    assert.ok(most > 0 && most <= plan.stalled * 65536 * 2, `${most} bytes`);
    const result = await run; // fails for a delivery that is missing, doubled or out of order
    assert.equal(result.broadcast.count, plan.websockets * plan.events);
  });
});

const p99 = async (more) => (await measure("lotcast", { websockets: few, events: long ? 30 : 200, "deadline-ms": 100000, spins: 1, ...more }, true)).broadcast.p99_us;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

test("1,000 stalled readers change the p99 of 9,000 others by less than a fifth", { skip: !long && "takes a quiet machine" }, async () => {
  const ratios = [];
  for (let round = 0; round < 5; round++) {
    const without = await p99({});
    ratios.push((await p99({ stalled })) / without);
  }
  assert.ok(median(ratios) < 1.2, `${ratios}`);
});

test(`one event reaches all of ${few + stalled} sockets`, async () => {
  const result = await measure("lotcast", { websockets: few + stalled, window: 500, events: 2, "deadline-ms": 60000 }, false);
  assert.equal(result.broadcast.count, 2 * (few + stalled));
});

test(`one bid reaches all of ${few + stalled} sockets, by broker, engine and bridge`, async () => {
  const clients = few + stalled;
  const bids = { lots: 1, "in-flight": 1, opening: 500, "rehearse-ms": 100, "duration-ms": 1000, "deadline-ms": 90000 };
  const result = await measure("auction", { clients, ...bids }, false); // fails for a bid that is missing or doubled anywhere
  assert.equal(result.clients, clients);
  assert.ok(result.last.count >= 1);
});

const sanitized = readFileSync(`${bin}/bench_lotcast`).includes("__asan_init") && "built with the address sanitizer";

// Memory of a session, over what the empty server takes; the first of a kind bring their tables and buffers.
for (const [kind, most, count] of [
  ["websockets", 4, long ? 10000 : 3000],
  ["pollings", 8, long ? 5000 : 2000],
]) {
  test(`${count} idle ${kind} take at most ${most} KiB each`, { skip: sanitized }, async () => {
    const result = await measure("lotcast", { [kind]: count, window: 200, warmup: 200, "idle-ms": long ? 8000 : 1000, "deadline-ms": 100000 }, false);
    const each = (result.settled.resident_kib - result.empty.resident_kib) / count;
    assert.ok(each > 0.5 && each <= most, `${each} KiB`);
  });
}
