// The engine, its broker and its disk, killed, stopped, cut and filled.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bridge, World, checkEvents, within } from '../e2e/engine_world.mjs';

const KILLS = Number(process.env.ENGINE_KILLS ?? 15);
const ALIVE_SLACK_MS = 2200; // alive_at is written each second and may be a proof older; a loaded machine

async function withWorld(run) {
  const world = await World.create();
  try {
    await run(world);
  } finally {
    await world.end();
  }
}

async function allEvents(bridge, sale) {
  const events = [];
  for (let more = true; more;) {
    const page = await bridge.must(sale, 'replay', { from: (events.at(-1)?.payload.seq ?? 0) + 1, limit: 500 });
    events.push(...page.events);
    more = page.more;
  }
  return events;
}

function numbers(seed) { // a small generator, so that a failing run can be repeated
  let state = seed;
  return () => ((state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
}

test('kill -9 of the engine at any moment under bids: nothing acknowledged is lost, nothing acts twice, clocks go on', () =>
  withWorld(async (world) => {
    const seed = Number(process.env.ENGINE_SEED ?? Date.now() % 100000);
    const random = numbers(seed);
    console.log(`# seed ${seed}`);
    await world.startEngine();
    const bridge = await world.bridge();
    const people = await bridge.sale('kill', { bidders: 3, rules: { lot_duration_ms: 600000 } });
    await bridge.must('kill', 'begin');
    let lot = (await bridge.event('kill', 'lot_started')).lot;
    let endsAt = lot.ends_at;
    let amount = 1000;
    let epoch = 1;
    const acknowledged = [];
    for (let round = 0; round < KILLS; round++) {
      let running = true;
      const unknown = [];
      const bidder = async (index) => { // places bids one after another until the engine dies
        while (running) {
          const bid = { by: people[index], amount: (amount += 100), id: `r${round}-${amount}` };
          const result = await Promise.race([
            bridge.bid('kill', bid.by, 'l1', bid.amount, { id: bid.id }), world.engine.exited]);
          if (result.ok) acknowledged.push({ ...bid, bid: result.bid, seq: result.seq, epoch: result.epoch });
          if (result.signal) unknown.push(bid);
        }
      };
      const bidders = people.map((_, index) => bidder(index));
      await new Promise((resolve) => setTimeout(resolve, 20 + random() * 400));
      running = false;
      const killedAt = Date.now();
      await world.engine.kill('SIGKILL');
      await Promise.all(bidders);
      const stateBefore = bridge.messages.length;
      await world.startEngine();
      const resumed = await bridge.until('outage of a higher epoch', () => bridge.events.find(
        (e) => e.name === 'auction_resumed' && e.payload.epoch > epoch)?.payload);
      assert.ok(resumed.epoch > epoch);
      epoch = resumed.epoch;
      assert.equal(resumed.reason, 'outage');
      const leftAtKill = endsAt - killedAt;
      assert.ok(resumed.remaining_ms >= leftAtKill - 100 && resumed.remaining_ms <= leftAtKill + ALIVE_SLACK_MS,
        `had ${leftAtKill} ms left, goes on with ${resumed.remaining_ms}`);
      endsAt = resumed.ends_at;
      await bridge.until('retained state published again', () => ['info', 'state', 'lots/0', 'participants/0', 'board/json'].every(
        (part) => bridge.messages.slice(stateBefore).some((m) => m.topic === `sale/kill/${part}`)));
      for (const bid of unknown) { // the same id again tells what became of it
        const result = await bridge.bid('kill', bid.by, 'l1', bid.amount, { id: bid.id });
        if (result.ok) acknowledged.push({ ...bid, bid: result.bid, seq: result.seq, epoch: result.epoch });
      }
    }
    const events = await allEvents(bridge, 'kill');
    checkEvents(events.map((e) => ({ payload: e.payload, text: JSON.stringify(e.payload) })), assert);
    const bids = new Map(events.filter((e) => e.name === 'bid_update').map((e) => [e.payload.bid, e.payload]));
    for (const bid of acknowledged) {
      const there = bids.get(bid.bid);
      assert.ok(there, `bid ${bid.id} was acknowledged as ${bid.bid} and is gone`);
      assert.deepEqual([there.amount, there.by.id, there.seq], [bid.amount, bid.by, bid.seq]);
    }
    assert.equal(new Set([...bids.values()].map((bid) => bid.amount)).size, bids.size, 'no bid acted twice');
    const heard = bridge.events.filter((e) => e.name === 'bid_update');
    for (const event of heard) assert.equal(bids.get(event.payload.bid)?.amount, event.payload.amount, 'what was shown is in the record');
    console.log(`# ${KILLS} kills, ${acknowledged.length} bids acknowledged, ${bids.size} in the record`);
    await world.engine.kill('SIGTERM');
    const { code, out } = await world.verify();
    assert.match(out, /chain ok, replay ok/);
    assert.equal(code, 0);
  }));

test('kill -9 of the broker mid-lot, back within the threshold: the lot closes at its time', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const [ana] = await bridge.sale('short', { rules: { lot_duration_ms: 4000, outage_threshold_ms: 3000 } });
    await bridge.must('short', 'begin');
    const { lot } = await bridge.event('short', 'lot_started');
    const bid = await bridge.bid('short', ana, 'l1', 1000);
    await world.broker.kill();
    await world.startBroker();
    await bridge.reconnect();
    await bridge.until('retained state again', () => bridge.messages.some((m) => m.topic === 'sale/short/state' && m.at > lot.started_at && JSON.parse(m.text).lot?.price === 1000));
    const sold = await bridge.event('short', 'sold');
    assert.ok(sold.at - lot.ends_at >= 0 && sold.at - lot.ends_at < 100, `closed ${sold.at - lot.ends_at} ms after its end`);
    const events = await allEvents(bridge, 'short');
    assert.ok(!events.some((e) => e.name === 'auction_resumed'));
    assert.ok(events.some((e) => e.payload.bid === bid.bid));
  }));

test('kill -9 of the broker for longer than the threshold: no lot is hammered meanwhile, the time left is kept', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const [ana] = await bridge.sale('long', { rules: { lot_duration_ms: 2500, outage_threshold_ms: 1000 } });
    await bridge.must('long', 'begin');
    const { lot } = await bridge.event('long', 'lot_started');
    await bridge.bid('long', ana, 'l1', 1000);
    const killedAt = Date.now();
    await world.broker.kill();
    await within(8000, 'the engine complains', world.engine.logged(/still not connected/)); // long after the lot's end
    await world.startBroker();
    await bridge.reconnect();
    await world.engine.logged(/answers again/); // what is sent before is lost with the broker's sessions
    const events = await allEvents(bridge, 'long');
    const resumed = events.find((e) => e.name === 'auction_resumed').payload;
    assert.equal(resumed.reason, 'outage');
    assert.ok(resumed.gap_ms >= 4000);
    const left = lot.ends_at - killedAt;
    assert.ok(resumed.remaining_ms >= left - 100 && resumed.remaining_ms <= left + 800, `left ${left}, goes on with ${resumed.remaining_ms}`);
    const sold = await bridge.event('long', 'sold');
    assert.ok(sold.at - resumed.ends_at >= 0 && sold.at - resumed.ends_at < 100);
    assert.equal(sold.winner.id, ana);
    assert.equal(checkEvents(await allEvents(bridge, 'long').then((all) => all.map((e) => ({ ...e, text: JSON.stringify(e.payload) }))), assert) >= sold.seq, true);
  }));

test('an engine that was stopped for a while has had an outage: nothing closes at its waking', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    await bridge.sale('stop', { rules: { lot_duration_ms: 2000, outage_threshold_ms: 1000 } });
    await bridge.must('stop', 'begin');
    await bridge.event('stop', 'lot_started');
    world.engine.child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 3000)); // the fault itself: longer than the lot
    world.engine.child.kill('SIGCONT');
    const resumed = await bridge.event('stop', 'auction_resumed');
    assert.ok(resumed.gap_ms >= 2500 && resumed.remaining_ms > 500, JSON.stringify(resumed));
    const unsold = await bridge.event('stop', 'unsold', resumed.seq);
    assert.ok(unsold.at >= resumed.ends_at);
  }));

test('two engines on one data folder: the second refuses with exit code 3, the first goes on', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const second = world.spawnEngine(['--node', 'engine-2']);
    assert.equal((await within(10000, 'exit', second.exited)).code, 3);
    assert.match(second.log, /locked by another process/);
    const { code, out } = await world.verify();
    assert.equal(code, 3, out);
    const bridge = await world.bridge();
    assert.ok((await bridge.must(null, 'list')).ok);
  }));

test('L20: another program at the ledger is refused by the database, and no lot waits for it', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const people = await bridge.sale('calm', { rules: { lot_duration_ms: 600000 } });
    await bridge.must('calm', 'begin');
    await bridge.event('calm', 'lot_started');
    for (let i = 0; i < 6; i++) {
      const bid = bridge.bid('calm', people[i % 2], 'l1', 1000 + 100 * i);
      const intruder = spawnSync('python3', ['-c', `import sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
base.execute(sys.argv[2])`, join(world.data, 'ledger.sqlite'), ['BEGIN EXCLUSIVE', 'SELECT * FROM fact', 'DELETE FROM fact'][i % 3]], { encoding: 'utf8' });
      assert.match(intruder.stderr, /database is locked/);
      assert.ok((await bid).ok, JSON.stringify(await bid));
    }
    await bridge.must('calm', 'next', { lot: 'l1' });
    assert.equal((await bridge.event('calm', 'sold')).price, 1500);
    assert.equal((await world.engine.kill('SIGTERM')).code, 0);
    assert.match((await world.verify()).out, /chain ok, replay ok/);
  }));

test('a full disk: exit code 4, everything that was acknowledged is there afterwards, and the open lots go on (L20)', async (t) => {
  await withWorld(async (world) => {
    const disk = join(world.folder, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status !== 0) {
      t.skip('a small tmpfs can only be mounted by root');
      return;
    }
    try {
      world.data = join(disk, 'data');
      await world.startEngine();
      const bridge = await world.bridge();
      await bridge.sale('full');
      const lots = ['lot-a', 'lot-b'];
      const bidders = new Map();
      for (const sale of lots) {
        bidders.set(sale, await bridge.sale(sale, { rules: { lot_duration_ms: 600000 } }));
        await bridge.must(sale, 'begin');
        await bridge.event(sale, 'lot_started');
        assert.ok((await bridge.bid(sale, bidders.get(sale)[0], 'l1', 1000)).ok);
      }
      let acknowledged = 0;
      for (let full = false; !full;) {
        const result = await Promise.race([bridge.command('full', 'announce', { text: `n${acknowledged + 1} ${'x'.repeat(250)}` }),
          world.engine.exited]);
        full = result.code !== undefined;
        acknowledged += result.ok ? 1 : 0;
      }
      assert.equal((await world.engine.exited).code, 4, world.engine.log);
      assert.ok(acknowledged > 100);
      const heard = bridge.events.filter((e) => e.name === 'notice').length;
      assert.equal(heard, acknowledged, 'nothing was shown that was not acknowledged, nor the other way');
      execFileSync('mount', ['-o', 'remount,size=32m', disk]);
      await world.startEngine();
      const notices = (await allEvents(bridge, 'full')).filter((e) => e.name === 'notice');
      assert.ok(notices.length >= acknowledged && notices.length <= acknowledged + 1, `${notices.length} of ${acknowledged}`);
      console.log(`# full after ${acknowledged} notices`);
      const since = bridge.messages.length;
      for (const sale of lots) {
        await bridge.until(`the clock of ${sale}`, () => bridge.messages.slice(since).some((m) => m.topic === `sale/${sale}/tick`));
        const bid = await bridge.bid(sale, bidders.get(sale)[1], 'l1', 1100);
        assert.ok(bid.ok, JSON.stringify(bid));
        await bridge.must(sale, 'next', { lot: 'l1' });
        assert.equal((await bridge.event(sale, 'sold', bid.seq)).winner.id, bidders.get(sale)[1]);
        await bridge.event(sale, 'auction_complete', bid.seq);
      }
      await world.engine.kill('SIGTERM');
      assert.match((await world.verify()).out, /chain ok, replay ok/);
    } finally {
      if (world.engine?.child.exitCode === null) await world.engine.kill();
      spawnSync('umount', [disk]);
    }
  });
});

test('an altered row is found: verify says which, and the engine refuses to start with exit code 6', () =>
  withWorld(async (world) => {
    await world.startEngine(['--snapshot-rows', '0']); // a start follows the chain behind the last snapshot only
    const bridge = await world.bridge();
    const [ana] = await bridge.sale('forged', { rules: { lot_duration_ms: 60000 } });
    await bridge.must('forged', 'begin');
    await bridge.event('forged', 'lot_started');
    await bridge.bid('forged', ana, 'l1', 1000);
    await world.engine.kill('SIGTERM');
    execFileSync('python3', ['-c', `import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("""UPDATE fact SET fact = CAST(replace(CAST(fact AS TEXT), '1000', '9000') AS BLOB) WHERE kind = 'bid_accepted'""")
base.commit()`, join(world.data, 'ledger.sqlite')]);
    const { code, out } = await world.verify();
    assert.equal(code, 6);
    assert.match(out, /chain BROKEN.*row \d+: the row was altered/);
    const engine = world.spawnEngine();
    assert.equal((await within(10000, 'exit', engine.exited)).code, 6);
    assert.match(engine.log, /sale forged is damaged: row \d+/);
  }));

test('the last will tells that the engine is gone, and a lost bridge does not disturb it', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const other = await Bridge.connect(world.port, 'bridge-other');
    await bridge.sale('will');
    other.client.destroy();
    assert.ok((await bridge.must('will', 'snapshot')).ok);
    await world.engine.kill('SIGKILL');
    await bridge.until('offline', () => JSON.parse(bridge.last('svc/engine/engine-1').text).online === false);
  }));
