// That the bench still works, with 50 sessions; nothing about speed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "./cases.mjs";
import { measure, peerMissing } from "./peers.mjs";
import { table } from "./summary.mjs";

const unpinned = false;

function small(plan) {
  const most = { websockets: 25, pollings: 25, upgrades: 50, "idle-ms": 20, echoes: 200, events: 20 };
  const entries = Object.entries(plan).map(([name, value]) => [name, Math.min(value, most[name] ?? value)]);
  return { ...Object.fromEntries(entries), warmup: 2, "deadline-ms": 20000 };
}

for (const [name, peer] of [
  ["connect_upgrade", "lotcast"],
  ["connect_upgrade", "socketio"],
  ["ack_polling", "lotcast"],
  ["burst_200", "raw_together"],
  ["burst_200", "lotcast"],
  ["mixed_1000", "lotcast"],
]) {
  test(`${name} is measured at ${peer}`, async () => {
    const result = await measure(peer, small(cases[name].plan), unpinned);
    const shown = table(name, { [peer]: [result] });
    assert.doesNotMatch(shown, /NaN/);
    for (const [label, metric] of Object.entries(cases[name].metrics)) assert.ok(metric.of(result) > 0, label);
  });
}

test("a delivery that is missing fails the run", async () => {
  const plan = { ...small({ websockets: 5, events: 20 }), "deadline-ms": 3000 };
  await assert.rejects(measure("raw_lossy", plan, unpinned), /deadline passed while rehearsing deliveries.*5 acks, 4 deliveries/);
});

test("a plan without work is refused", async () => {
  await assert.rejects(measure("raw", { echoes: 10 }, unpinned), /usage: bench_load/);
});

const fewBids = { clients: 10, lots: 2, "in-flight": 2, "rehearse-ms": 100, "duration-ms": 300, "deadline-ms": 20000 };
for (const [name, peer, plan] of [
  ["bid_storm", "auction", fewBids],
  ["bid_idle", "auction", { ...fewBids, "every-us": 20000 }],
  ["bid_storm", "auction_node", fewBids],
  ["bid_storm", "auction_node_group", fewBids],
]) {
  test(`${name} is measured at ${peer}`, { skip: peerMissing(peer) ?? false }, async () => {
    const result = await measure(peer, plan, unpinned);
    assert.doesNotMatch(table(name, { [peer]: [result] }), /NaN/);
    for (const [label, metric] of Object.entries(cases[name].metrics)) assert.ok(metric.of(result) > 0, label);
  });
}

for (const [peer, why] of [
  ["auction_lost", /deadline passed while (rehearsing|bidding)/],
  ["auction_doubled", /out of order or doubled: 42\["bid_update",\{"seq":5\}/],
  ["auction_unordered", /out of order or doubled: 42\["bid_update",\{"seq":3\}/],
  ["auction_refused", /not accepted: 43\d+\[\{"ok":false/],
]) {
  test(`${peer}: one such bid fails the run`, async () => {
    await assert.rejects(measure(peer, { ...fewBids, lots: 1, "in-flight": 1, "deadline-ms": 4000 }, unpinned), why);
  });
}
