// Random sales, random commands, kill -9 now and then: whatever happened, every public event is rendered again byte for byte, every snapshot
// is the state of the replay, and the offline commands can tell it. LEDGER_SEEDS=100-200 runs those seeds, else four new ones.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { World } from './engine_world.mjs';

const BIN = process.env.LOTCAST_BIN ?? 'build/asan/bin';
const COMMANDS = 150;
const ENGINE = ['--snapshot-rows', '7'];

function seeds() {
  const [first, last] = (process.env.LEDGER_SEEDS ?? '').split('-').map(Number);
  const start = first || Date.now() % 1000000;
  return Array.from({ length: (last || start + 3) - start + 1 }, (_, i) => start + i);
}

function chance(seed) { // so that a failing run can be repeated
  let state = (seed * 48271) % 2147483647 || 1;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return { next, is: (share) => next() < share, below: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)] };
}

function lotOf(r, i) {
  const format = r.pick(['english', 'english', 'english', 'live', 'live', 'vickrey', 'sealed_first', 'uniform', 'candle', 'dutch', 'japanese']);
  const rules = { format };
  if (['dutch', 'japanese'].includes(format)) Object.assign(rules, { price_step: 100, price_tick_ms: 200 + r.below(500) });
  if (format === 'candle') rules.candle_ending_ms = 400;
  const lot = { title: `Lot ${i}`, opening: 1000, category: r.pick(['a', 'b']), rules };
  if (format === 'english' && r.is(0.4)) {
    rules.reserve_mode = r.pick(['jump', 'second_price', 'house', 'straight_until_met', 'floor']);
    Object.assign(lot, { reserve: 1500 + r.below(1500), buy_now: 5000 });
  }
  if (['uniform', 'dutch'].includes(format)) lot.quantity = 1 + r.below(3);
  return lot;
}

function definitionOf(r) {
  const isParallel = r.is(0.4);
  return {
    bidders: 4,
    lots: Array.from({ length: 3 + r.below(4) }, (_, i) => lotOf(r, i)),
    rules: { lot_duration_ms: 1500, gap_ms: 50, unsold_rounds: r.below(2), retraction: r.pick(['revive', 'reset']), ...(r.is(0.3) ? { closing_grace_ms: 100 } : {}),
      ...(r.is(0.5) ? { soft_close: { window_ms: 400, amount_ms: 400, type: r.pick(['reset', 'add']), scope: r.pick(['lot', 'cascade', 'group', 'all']), max_extensions: 5, latest_ms: 0, shrink_percent: 0 } } : {}),
      ...(isParallel ? { flow: 'parallel', stagger_ms: 200 } : {}) },
    visibility: r.pick(['names', 'paddles', 'hidden']), premium: [{ from: 0, basis_points: 2500 }], order: r.pick(['listed', 'shuffled']),
    ...(r.is(0.3) ? { roster: { budget: 20000, slots: 4, minimum: 100 } } : {}),
    ...(r.is(0.2) && !isParallel ? { nomination: { order: r.pick(['straight', 'snake']), time_ms: 400, nominator_bids: r.is(0.5) } } : {}),
  };
}

const STAFF = ['pause', 'resume', 'undo', 'undo', 'reopen', 'withdraw_lot', 'add_time', 'set_ask', 'set_ask', 'warn', 'sell', 'pass_in', 'next', 'announce', 'reset', 'begin', 'floor_bid', 'block', 'take_gavel'];
const BIDDER = ['bid', 'bid', 'bid', 'bid', 'bid', 'set_max', 'set_max', 'set_max', 'withdraw_max', 'buy_now', 'pass', 'nominate'];

function membersOf(op, lot, amount, r, people) {
  switch (op) {
    case 'bid': return { lot, amount, ...(r.is(0.1) ? { quantity: 2 } : {}) };
    case 'set_max': return { lot, max: amount };
    case 'undo': case 'withdraw_lot': return { lot, reason: 'mistaken' };
    case 'add_time': return { lot, add_ms: 500 };
    case 'set_ask': return { lot, ask: amount };
    case 'announce': return { text: `notice ${amount}` };
    case 'floor_bid': return { lot, amount, paddle: r.pick(['1', '2']) };
    case 'block': return { participant: r.pick(people), blocked: r.is(0.15) };
    case 'pause': case 'resume': case 'reset': case 'begin': case 'take_gavel': return {};
    default: return { lot };
  }
}

async function play(world, r, counts) {
  await world.startEngine(ENGINE);
  const bridge = await world.bridge();
  const { lots, ...definition } = definitionOf(r);
  const people = await bridge.sale('swarm', { lots, ...definition });
  await bridge.command('swarm', 'take_gavel', { console: 'c1' });
  await bridge.command('swarm', 'begin', { console: 'c1' });
  for (let i = 0; i < COMMANDS; i++) {
    const isStaff = r.is(0.25);
    const op = r.pick(isStaff ? STAFF : BIDDER);
    if (op === 'reset' && r.is(0.8)) continue;
    const started = bridge.events.findLast((e) => e.name === 'lot_started')?.payload.lot.id ?? 'l1';
    const lot = r.is(0.7) ? started : `l${1 + r.below(lots.length)}`;
    const members = membersOf(op, lot, 1000 + 100 * r.below(40), r, people);
    const result = await bridge.command('swarm', op, isStaff ? { console: 'c1', ...members } : members,
      isStaff ? {} : { by: r.pick(people), role: 'bidder' });
    counts[`${op} ${result.ok ? 'ok' : result.error.code}`] = (counts[`${op} ${result.ok ? 'ok' : result.error.code}`] ?? 0) + 1;
    if (result.error?.code === 'PAUSED' && r.is(0.5)) await bridge.command('swarm', 'resume', { console: 'c1' });
    if (r.is(0.3)) await new Promise((resolve) => setTimeout(resolve, r.below(100))); // time is part of a sale
    if (r.is(0.02)) {
      await world.engine.kill('SIGKILL');
      await world.startEngine(ENGINE);
    }
  }
  await world.engine.kill(r.is(0.5) ? 'SIGTERM' : 'SIGKILL');
}

function tells(world, ...args) {
  const { status, stdout, stderr } = spawnSync(join(BIN, 'auctionctl'), [...args, '--data', world.data], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(status, 0, `${args.join(' ')}: ${stdout.slice(0, 500)} ${stderr}`);
  return stdout;
}

for (const seed of seeds()) {
  test(`seed ${seed}: what happened can be proved`, async () => {
    const world = await World.create();
    const counts = {};
    try {
      await play(world, chance(seed), counts);
      const [proof] = JSON.parse(tells(world, 'verify', '--json')).sales;
      assert.deepEqual([proof.chain_ok, proof.replay_ok, proof.snapshots_ok, proof.events_of_another_program], [true, true, true, 0]);
      assert.ok(proof.snapshots_equal > 0);
      const [replayed] = JSON.parse(tells(world, 'replay', '--json')).sales;
      assert.equal(replayed.different, 0);
      for (const format of ['csv', 'json', 'results']) tells(world, 'export', '--format', format);
      tells(world, 'timeline', 'l1', '--secrets');
      const bids = JSON.parse(tells(world, 'export', '--format', 'json')).events.filter((e) => e.name === 'bid_update');
      for (const { payload } of bids.slice(-5)) assert.match(tells(world, 'explain', payload.bid), /^bid b\d+ by /);
    } finally {
      console.log(`# ${Object.entries(counts).filter(([name]) => name.endsWith(' ok')).map(([name, n]) => `${name.slice(0, -3)} ${n}`).sort().join(', ')}`);
      await world.end();
    }
  });
}
