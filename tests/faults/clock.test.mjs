// The engine's clock: the system's clock set forward and back, a suspended machine, a process that stood still.

import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { World } from '../e2e/engine_world.mjs';

const HOUR_MS = 3600000;
const CLOSE_SLACK_MS = 250; // a loaded machine, sanitizers

// A world whose engine has a clock that can be set.
async function withClock(run) {
  const world = await World.create();
  const file = join(world.folder, 'clock');
  const numbers = Buffer.alloc(16);
  writeFileSync(file, numbers);
  world.engineEnv = {
    LD_PRELOAD: process.env.CLOCK_SHIM_LIBRARY ?? join(process.env.LOTCAST_BIN, 'libclock_shim.so'),
    CLOCK_SHIM: file,
    ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`,
  };
  const clock = {
    added: [0, 0],
    set(index, ms) {
      clock.added[index] = ms;
      clock.added.forEach((value, i) => numbers.writeBigInt64LE(BigInt(value), 8 * i));
      const fd = openSync(file, 'r+'); // not truncated: the engine has it mapped
      writeSync(fd, numbers, 0, 16, 0);
      closeSync(fd);
    },
    setWall: (ms) => clock.set(0, ms),
    setBoot: (ms) => clock.set(1, ms),
  };
  try {
    await run(world, clock);
  } finally {
    await world.end();
  }
}

async function allEvents(bridge, sale, options) {
  const page = await bridge.must(sale, 'replay', { from: 1, limit: 500 }, options);
  assert.equal(page.more, false);
  return page.events.map((event) => ({ name: event.name, ...event.payload }));
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const names = (events) => events.map((event) => event.name);

// A sale whose first lot runs; `lot` as it was started, and when that was heard.
async function running(bridge, id, rules, lots = 1) {
  const [ana] = await bridge.sale(id, { lots, rules });
  await bridge.must(id, 'begin');
  const { lot } = await bridge.event(id, 'lot_started');
  return { ana, lot, heardAt: performance.now() };
}

for (const [what, ms] of [['forward by an hour', HOUR_MS], ['back by an hour', -HOUR_MS], ['forward by 1.5 s', 1500], ['back by 1.5 s', -1500]]) {
  test(`the system's clock set ${what} while a lot runs changes nothing: no event, no time, no refused bid`, () =>
    withClock(async (world, clock) => {
      await world.startEngine();
      const bridge = await world.bridge();
      const { ana, lot, heardAt } = await running(bridge, 'jump', { lot_duration_ms: 2500 });
      assert.ok((await bridge.bid('jump', ana, 'l1', 1000)).ok);
      clock.setWall(ms);
      await bridge.until('a tick after the jump', () => {
        const tick = bridge.last('sale/jump/tick');
        return tick !== undefined && JSON.parse(tick.text).remaining_ms < lot.remaining_ms - 1000;
      });
      const again = await bridge.bid('jump', ana, 'l1', 1100);
      assert.ok(again.ok || again.error.code === 'ALREADY_LEADING', JSON.stringify(again));
      const sold = await bridge.event('jump', 'sold');
      const took = performance.now() - heardAt;
      assert.ok(took > 2500 - CLOSE_SLACK_MS && took < 2500 + CLOSE_SLACK_MS, `the lot ran for ${took} ms`);
      assert.ok(sold.at - lot.ends_at >= 0 && sold.at - lot.ends_at < CLOSE_SLACK_MS, `${sold.at - lot.ends_at} ms late`);
      const events = await allEvents(bridge, 'jump');
      assert.ok(!names(events).includes('auction_resumed'), names(events).join());
      for (let i = 1; i < events.length; i++) assert.ok(events[i].at >= events[i - 1].at && events[i].at - events[i - 1].at < 10000);
      for (const message of bridge.messages.filter((m) => m.topic === 'sale/jump/tick')) {
        const tick = JSON.parse(message.text);
        if (tick.clock !== 'lot') continue;
        assert.equal(tick.ends_at, lot.ends_at);
        assert.equal(tick.now + tick.remaining_ms, lot.ends_at);
      }
    }));
}

for (const [what, ms] of [['back', -HOUR_MS], ['forward', HOUR_MS]]) {
  test(`an engine started with a clock that was set ${what} by an hour: time never goes back, the lot goes on with the time it had`, () =>
    withClock(async (world, clock) => {
      await world.startEngine();
      const bridge = await world.bridge();
      const { ana, lot } = await running(bridge, 'again', { lot_duration_ms: 60000 });
      assert.ok((await bridge.bid('again', ana, 'l1', 1000)).ok);
      await world.engine.kill('SIGTERM');
      const seq = bridge.events.at(-1).payload.seq;
      clock.setWall(ms);
      await world.startEngine();
      const resumed = await bridge.event('again', 'auction_resumed', seq);
      assert.equal(resumed.reason, 'outage');
      assert.ok(resumed.at >= lot.started_at, 'time did not go back');
      if (ms > 0) assert.ok(resumed.gap_ms > ms - 10000, 'the clock was set indeed');
      assert.ok(resumed.remaining_ms <= 60000 && resumed.remaining_ms > 45000, `goes on with ${resumed.remaining_ms} ms`);
      const options = { deadline_at: resumed.at + 20000 };
      const bid = await bridge.command('again', 'bid', { lot: 'l1', amount: 5000 }, { by: ana, role: 'bidder', ...options });
      assert.notEqual(bid.error?.code, 'LOT_CLOSED', JSON.stringify(bid));
      const events = await allEvents(bridge, 'again', options);
      for (let i = 1; i < events.length; i++) assert.ok(events[i].at >= events[i - 1].at);
    }));
}

test('a machine suspended for an hour mid-lot: an outage with its gap, the time that was left, and what was sold stays sold', () =>
  withClock(async (world, clock) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const { ana } = await running(bridge, 'sleep', { lot_duration_ms: 3000, gap_ms: 0 }, 2);
    assert.ok((await bridge.bid('sleep', ana, 'l1', 1000)).ok);
    const sold = await bridge.event('sleep', 'sold');
    const { lot } = await bridge.event('sleep', 'lot_started', sold.seq);
    await pause(600); // the second lot runs, and the broker has been proven meanwhile
    world.engine.child.kill('SIGSTOP');
    clock.setBoot(HOUR_MS);
    clock.setWall(HOUR_MS);
    world.engine.child.kill('SIGCONT');
    const resumed = await bridge.event('sleep', 'auction_resumed');
    assert.equal(resumed.reason, 'outage');
    assert.ok(resumed.gap_ms >= HOUR_MS && resumed.gap_ms < HOUR_MS + 3000, `gap ${resumed.gap_ms}`);
    assert.equal(resumed.lot, 'l2');
    assert.ok(resumed.remaining_ms > 1000 && resumed.remaining_ms <= 3000, `goes on with ${resumed.remaining_ms} ms`);
    const bid = await bridge.bid('sleep', ana, 'l2', 1000, { deadline_at: resumed.at + 20000 });
    assert.ok(bid.ok, JSON.stringify(bid));
    const second = await bridge.event('sleep', 'sold', resumed.seq);
    assert.ok(second.at - resumed.ends_at >= 0 && second.at - resumed.ends_at < CLOSE_SLACK_MS);
    assert.ok(second.at > lot.ends_at + HOUR_MS - 3000);
    const events = await allEvents(bridge, 'sleep', { deadline_at: second.at + 20000 });
    assert.deepEqual(events.filter((e) => e.name === 'sold').map((e) => e.lot), ['l1', 'l2'], 'each lot sold once');
    assert.deepEqual(names(events).filter((name) => name === 'auction_resumed').length, 1);
    await world.engine.kill('SIGTERM');
    assert.match((await world.verify()).out, /chain ok, replay ok/);
  }));

test('a machine suspended while no clock runs: nothing is said of it', () =>
  withClock(async (world, clock) => {
    await world.startEngine();
    const bridge = await world.bridge();
    await bridge.sale('calm');
    world.engine.child.kill('SIGSTOP');
    clock.setBoot(HOUR_MS);
    world.engine.child.kill('SIGCONT');
    const begun = await bridge.must('calm', 'begin', {}, { deadline_at: Date.now() + HOUR_MS + 20000 });
    assert.ok(begun.ok);
    await bridge.event('calm', 'lot_started');
    const events = await allEvents(bridge, 'calm', { deadline_at: Date.now() + HOUR_MS + 20000 });
    assert.ok(!names(events).includes('auction_resumed'));
  }));

test('an engine that stood still for less than the threshold: its close waits for it, nothing else changes, nothing is lost', () =>
  withClock(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const { ana, lot, heardAt } = await running(bridge, 'short', { lot_duration_ms: 2000, outage_threshold_ms: 8000 });
    assert.ok((await bridge.bid('short', ana, 'l1', 1000)).ok);
    await pause(1500 - (performance.now() - heardAt));
    world.engine.child.kill('SIGSTOP');
    const waiting = bridge.bid('short', ana, 'l1', 1100, { deadline_at: Date.now() + 20000 }); // before the end, heard after it
    await pause(1500); // the fault itself: beyond the lot's end, below the threshold
    assert.ok(!bridge.events.some((e) => e.sale === 'short' && e.name === 'sold'));
    world.engine.child.kill('SIGCONT');
    const sold = await bridge.event('short', 'sold');
    assert.equal(sold.winner.id, ana);
    assert.equal(sold.price, 1000);
    assert.ok(sold.at - lot.ends_at > 500, 'it waited');
    const late = await waiting; // one answer, and it can't have acted on a lot that was over
    assert.equal(late.ok, false, JSON.stringify(late));
    const events = await allEvents(bridge, 'short');
    assert.ok(!names(events).includes('auction_resumed'), 'no outage');
    await world.engine.kill('SIGTERM');
    assert.match((await world.verify()).out, /chain ok, replay ok/);
  }));

test("the gavel's deadline moves with each sign of life of its console, and the sale pauses when there is none any more", () =>
  withClock(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    await bridge.sale('gavel', { rules: { format: 'live', gavel_timeout_ms: 1500 } });
    await bridge.must('gavel', 'begin');
    await bridge.must('gavel', 'take_gavel', { console: 'left' });
    for (let i = 0; i < 6; i++) { // three seconds: twice the timeout
      await pause(500);
      const alive = await bridge.must('gavel', 'gavel', { console: 'left' });
      assert.equal(alive.holds, true);
    }
    const lastSeen = performance.now();
    assert.ok(!bridge.events.some((e) => e.name === 'auction_paused'));
    const paused = await bridge.event('gavel', 'auction_paused');
    const took = performance.now() - lastSeen;
    assert.equal(paused.reason, 'gavel_lost');
    assert.ok(took > 1500 - CLOSE_SLACK_MS && took < 1500 + CLOSE_SLACK_MS, `after ${took} ms`);
    await bridge.must('gavel', 'snapshot');
    assert.doesNotMatch(world.engine.log, /nothing to do/);
  }));
