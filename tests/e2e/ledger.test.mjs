// The commands on a data folder, a backup under bids, and what comes of a restored one.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { World } from './engine_world.mjs';

const BIN = process.env.LOTCAST_BIN ?? 'build/asan/bin';
const RECORDS = join(process.env.LOTCAST_SOURCE ?? '.', '../shared/data/ebay_bids.csv');

async function withWorld(run) {
  const world = await World.create();
  try {
    await run(world);
  } finally {
    await world.end();
  }
}

function ctl(...args) {
  const { status, stdout, stderr } = spawnSync(join(BIN, 'auctionctl'), args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { code: status, out: stdout, err: stderr };
}

function done(...args) {
  const { code, out, err } = ctl(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${err}`);
  return out;
}

function sql(folder, text) {
  execFileSync('python3', ['-c', `import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.executescript(sys.argv[2])
base.commit()`, join(folder, 'ledger.sqlite'), text]);
}

// Three lots: sold after a fight, sold at once, not sold.
async function playedSale(world) {
  await world.startEngine();
  const bridge = await world.bridge();
  const people = await bridge.sale('played', { bidders: 2, lots: [
    { title: '=1+2 "lamp"', opening: 1000 }, { title: 'Chair', opening: 1000 }, { title: 'Table', opening: 1000 }],
    rules: { lot_duration_ms: 600000, unsold_rounds: 0 } });
  const [ana, bob] = people;
  await bridge.must('played', 'begin');
  await bridge.event('played', 'lot_started');
  await bridge.bid('played', ana, 'l1', 1000, { id: 'ana-1' });
  await bridge.bid('played', bob, 'l1', 900, { id: 'bob-low' });
  await bridge.bid('played', bob, 'l1', 1100, { id: 'bob-1' });
  await bridge.bid('played', ana, 'l1', 1200, { id: 'ana-2' });
  await bridge.must('played', 'announce', { text: 'last lots' });
  for (const lot of ['l1', 'l2', 'l3']) {
    await bridge.event('played', 'lot_started', bridge.events.findLast((e) => e.name === 'sold')?.payload.seq ?? 0);
    if (lot === 'l2') await bridge.bid('played', bob, lot, 1000);
    await bridge.must('played', 'next', { lot });
    if (lot === 'l2') await bridge.event('played', 'sold', bridge.events.findLast((e) => e.name === 'sold').payload.seq - 1);
    if (lot !== 'l3') {
      await bridge.until(`after ${lot}`, () => bridge.events.some((e) => e.name === 'lot_started' && e.payload.lot.id === `l${Number(lot[1]) + 1}`));
    }
  }
  await bridge.event('played', 'auction_complete');
  return { bridge, ana, bob };
}

test('verify, replay, timeline and explain tell the story of a sale, and change nothing', () =>
  withWorld(async (world) => {
    const { ana, bob } = await playedSale(world);
    const busy = ctl('verify', '--data', world.data);
    assert.equal(busy.code, 3, busy.err);
    assert.equal(ctl('replay', '--data', world.data).code, 3);
    assert.equal((await world.engine.kill('SIGTERM')).code, 0);
    const before = execFileSync('sha256sum', [join(world.data, 'ledger.sqlite')], { encoding: 'utf8' });

    const proof = JSON.parse(done('verify', '--data', world.data, '--json')).sales[0];
    assert.deepEqual([proof.chain_ok, proof.replay_ok, proof.snapshots_ok, proof.snapshots_equal, proof.events_of_another_program],
      [true, true, true, 1, 0]);
    assert.match(done('verify', '--data', world.data), /chain ok, replay ok, 1 snapshots ok/);

    const replayed = JSON.parse(done('replay', '--data', world.data, '--json')).sales[0];
    assert.deepEqual(replayed.lots.map((lot) => [lot.phase, lot.price, lot.leader]),
      [['sold', 1200, ana], ['sold', 1000, bob], ['unsold', null, null]]);
    assert.deepEqual([replayed.compared, replayed.different], [3, 0]);

    const lines = done('timeline', 'l1', '--data', world.data).trim().split('\n');
    assert.deepEqual(lines.map((line) => line.match(/(lot_started|bid_accepted|lot_sold|^lot l1)/)?.[0]),
      ['lot_started', 'bid_accepted', 'bid_accepted', 'bid_accepted', 'lot_sold', 'lot l1']);
    assert.equal(ctl('timeline', 'l9', '--data', world.data).code, 1);

    assert.match(done('explain', 'ana-1', '--data', world.data), /the ask was 10\.00 EUR; it led[^]*beaten by b2 at 11\.00 EUR[^]*led again with b3[^]*won by the later bid b3/);
    assert.match(done('explain', 'bob-1', '--data', world.data), /beaten by b3 at 12\.00 EUR, leader: Person 1[^]*it did not win/);
    assert.match(done('explain', 'ana-2', '--data', world.data), /this one won/);
    assert.match(done('explain', 'b2', '--data', world.data), /bid b2 by Person 2/);
    const refused = JSON.parse(done('explain', 'bob-low', '--data', world.data, '--json'));
    assert.deepEqual([refused.outcome, refused.code], ['refused', 'BELOW_ASK']);
    assert.match(refused.lines.join('\n'), /price 10\.00 EUR, asked 11\.00 EUR, leader Person 1/);
    assert.equal(ctl('explain', 'nothing', '--data', world.data).code, 1);
    assert.equal(ctl('explain', 'ana-1', '--data', world.data, '--sale', 'other').code, 1);
    assert.equal(ctl('explain', 'ana-1').code, 2);

    assert.equal(execFileSync('sha256sum', [join(world.data, 'ledger.sqlite')], { encoding: 'utf8' }), before);
  }));

test('a maximum is explained to who placed it, and of another one only the price that it made', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const [ana, bob, cleo] = await bridge.sale('maxima', { bidders: 3, visibility: 'paddles', rules: { lot_duration_ms: 600000 },
      premium: [{ from: 0, basis_points: 2500 }] });
    const max = (by, amount, id) => bridge.command('maxima', 'set_max', { lot: 'l1', max: amount }, { by, role: 'bidder', id });
    await bridge.must('maxima', 'begin');
    await bridge.event('maxima', 'lot_started');
    assert.ok((await max(ana, 7777, 'ana-max')).ok);
    assert.ok((await bridge.bid('maxima', bob, 'l1', 5000, { id: 'bob-bid' })).ok);
    assert.ok((await max(cleo, 9999, 'cleo-max')).ok);
    await bridge.must('maxima', 'next', { lot: 'l1' });
    const { price } = await bridge.event('maxima', 'sold');
    await world.engine.kill('SIGTERM');
    const told = Object.fromEntries(['ana-max', 'bob-bid', 'cleo-max'].map((id) => [id, done('explain', id, '--data', world.data)]));
    assert.match(told['ana-max'], /by Person 1 \(paddle 1\)[^]*beaten by b\d+ at [^]*leader: paddle 3[^]*did not win/);
    assert.match(told['bob-bid'], /it did not lead: at 5\d\.00 EUR the lead stayed with paddle 1, whose earlier maximum reached it/);
    assert.match(told['cleo-max'], /sold at [^]*to the same bidder: this one won/);
    assert.ok(!/99\.99/.test(told['ana-max'] + told['bob-bid']) && !/77\.77/.test(told['bob-bid']), 'no maximum of another');
    assert.ok(!/Person/.test(told['bob-bid'].replace('Person 2', '')));
    const open = done('timeline', 'l1', '--data', world.data);
    assert.ok(!/max_minor|held_minor/.test(open));
    assert.match(done('timeline', 'l1', '--data', world.data, '--secrets'), /max_placed[^]*max_minor 77\.77 EUR/);
    const results = JSON.parse(done('export', '--format', 'results', '--data', world.data));
    assert.deepEqual([results.all.hammer, results.all.premium], [price, Math.floor(price / 4)]);
    assert.match((await world.verify()).out, /chain ok, replay ok, 1 snapshots ok/);
  }));

test('a sale with a lot of every format is proved, replayed and exported', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const people = await bridge.sale('formats', { bidders: 3, premium: [{ from: 0, basis_points: 2000 }], lots: [
      { title: 'English', opening: 1000 },
      { title: 'Sealed', opening: 1000, rules: { format: 'sealed_first' } },
      { title: 'Vickrey', opening: 1000, rules: { format: 'vickrey' } },
      { title: 'Uniform', opening: 1000, quantity: 2, rules: { format: 'uniform' } },
      { title: 'Dutch', opening: 5000, reserve: 1000, rules: { format: 'dutch', price_step: 100, price_tick_ms: 60000 } },
      { title: 'Candle', opening: 1000, rules: { format: 'candle', candle_ending_ms: 300 } },
      { title: 'Japanese', opening: 1000, rules: { format: 'japanese', price_step: 100, price_tick_ms: 200 } }],
    rules: { lot_duration_ms: 900, gap_ms: 50, unsold_rounds: 0 } });
    await bridge.must('formats', 'begin');
    for (let no = 1; no <= 7; no++) {
      const lot = `l${no}`;
      await bridge.until(`start of ${lot}`, () => bridge.events.some((e) => e.name === 'lot_started' && e.payload.lot.id === lot), 20000);
      const amounts = lot === 'l5' ? [5000] : [2000, 2300, 2600];
      for (const [i, amount] of amounts.entries()) {
        const result = await bridge.bid('formats', people[i], lot, amount, { id: `${lot}-${i}` });
        assert.ok(result.ok, `${lot} ${JSON.stringify(result)}`);
      }
      if (lot === 'l7') { // who enters stays until he leaves
        for (const by of people.slice(0, 2)) await bridge.must('formats', 'pass', { lot }, { by, role: 'bidder' });
      }
      await bridge.until(`end of ${lot}`, () => bridge.events.some((e) => e.name === 'sold' && e.payload.lot === lot), 20000);
    }
    await bridge.event('formats', 'auction_complete');
    assert.equal((await world.engine.kill('SIGTERM')).code, 0);
    assert.match(done('verify', '--data', world.data), /chain ok, replay ok, 1 snapshots ok\n$/);
    const replayed = JSON.parse(done('replay', '--data', world.data, '--json')).sales[0];
    assert.deepEqual([replayed.compared, replayed.different], [7, 0]);
    const sold = JSON.parse(done('export', '--format', 'results', '--data', world.data)).lots.map((lot) => lot.sold.map((one) => [one.buyer, one.price]));
    const [, bob, cleo] = people;
    assert.deepEqual(sold.slice(0, 4), [[[cleo, 2600]], [[cleo, 2600]], [[cleo, 2300]], [[cleo, 2300], [bob, 2300]]]);
    assert.match(done('explain', 'l3-1', '--data', world.data), /maximum or sealed bid of 23\.00 EUR[^]*sold at 23\.00 EUR to Person 3[^]*it did not win/);
    assert.match(done('explain', 'l4-1', '--data', world.data), /to 2 buyers: this one won/);
    assert.match(done('explain', 'l7-2', '--data', world.data), /nobody leads by it[^]*to the same bidder: this one won/);
    assert.ok(!/23\.00|26\.00/.test(done('explain', 'l2-0', '--data', world.data).replace(/sold at 26\.00/, '')), 'no sealed bid of another');
  }));

test('results that were altered with a right hash are found by replay; a broken chain by every command', () =>
  withWorld(async (world) => {
    await playedSale(world);
    await world.engine.kill('SIGTERM');
    const copy = join(world.folder, 'copy');
    cpSync(world.data, copy, { recursive: true });
    sql(copy, `UPDATE fact SET payload = CAST(replace(CAST(payload AS TEXT), '"price":1200', '"price":9200') AS BLOB) WHERE kind = 'lot_sold'`);
    assert.equal(ctl('verify', '--data', copy).code, 6);
    const { code, err } = ctl('replay', '--data', copy);
    assert.equal(code, 6);
    assert.match(err, /row \d+: the row was altered/);
    assert.equal(ctl('export', '--format', 'csv', '--data', copy).code, 6);
    assert.equal(ctl('explain', 'ana-1', '--data', copy).code, 6);
    assert.equal(ctl('restore', copy, '--data', join(world.folder, 'other')).code, 6, 'what is damaged is not restored');
    assert.ok(!existsSync(join(world.folder, 'other', 'ledger.sqlite')));
  }));

test('export gives lots as CSV that no spreadsheet takes for formulas, results with premium, and the public record', () =>
  withWorld(async (world) => {
    const { ana, bob } = await playedSale(world);
    await world.engine.kill('SIGTERM');
    const rows = done('export', '--format', 'csv', '--data', world.data).trim().split('\r\n');
    assert.equal(rows[0], 'no,id,title,category,phase,currency,bids,buyer_id,buyer_paddle,buyer_name,quantity,price_minor,hammer_minor,premium_minor,total_minor');
    assert.equal(rows[1], `1,l1,"'=1+2 ""lamp""","",sold,"EUR",3,${ana},"1","Person 1",1,1200,1200,0,1200`);
    assert.equal(rows[3], '3,l3,"Table","",unsold,"EUR",0,,,,,,,,');
    const results = JSON.parse(done('export', '--format', 'results', '--data', world.data));
    assert.deepEqual(results.all, { purchases: 2, hammer: 2200, premium: 0, total: 2200 });
    assert.deepEqual(results.buyers.map((buyer) => [buyer.id, buyer.total]), [[ana, 1200], [bob, 1000]]);
    const record = JSON.parse(done('export', '--format', 'json', '--data', world.data));
    assert.deepEqual(record.events.map((event) => event.payload.seq), record.events.map((_, i) => i + 1));
    assert.equal(ctl('export', '--format', 'xml', '--data', world.data).code, 2);
    assert.equal(ctl('export', '--format', 'csv', '--data', join(world.folder, 'none')).code, 1);
  }));

test('a backup under bids is whole, none of them waits, and the restored one starts above every epoch that was seen', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const people = await bridge.sale('backed', { bidders: 2, rules: { lot_duration_ms: 600000 } });
    await bridge.must('backed', 'begin');
    await bridge.event('backed', 'lot_started');
    for (const id of ['filler-1', 'filler-2', 'filler-3']) {
      await bridge.sale(id, { lots: Array.from({ length: 150 }, (_, i) => ({ title: `Lot ${i}`, description: 'x'.repeat(900), opening: 1000 })) });
    }

    const copy = join(world.folder, 'backup');
    let amount = 1000;
    let running = true;
    const acknowledged = [];
    const bidding = (async () => {
      while (running) {
        const result = await bridge.bid('backed', people[acknowledged.length % 2], 'l1', amount);
        assert.ok(result.ok, JSON.stringify(result));
        acknowledged.push(result.bid);
        amount += 100;
      }
    })();
    await bridge.until('bids before', () => acknowledged.length >= 20);
    const ahead = acknowledged.length;
    const backup = spawn(join(BIN, 'auctionctl'), ['backup', copy, '--data', world.data], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    backup.stdout.on('data', (data) => (said += data));
    backup.stderr.on('data', (data) => (said += data));
    const code = await new Promise((resolve) => backup.on('exit', resolve));
    assert.equal(code, 0, said);
    await bridge.until('bids behind', () => acknowledged.length >= ahead + 20);
    running = false;
    await bidding;
    assert.deepEqual(readdirSync(copy), ['ledger.sqlite']);
    assert.match(done('verify', '--data', copy), /sale backed: \d+ rows, \d+ events, chain ok, replay ok/);
    const kept = JSON.parse(done('export', '--format', 'json', '--sale', 'backed', '--data', copy)).events.filter((e) => e.name === 'bid_update').length;
    assert.ok(kept >= ahead && kept <= acknowledged.length, `${kept} of ${acknowledged.length}, ${ahead} before`);
    assert.equal(ctl('backup', copy, '--data', world.data).code, 1, 'a backup is never overwritten');
    assert.match(ctl('backup', join(world.folder, 'no/where'), '--data', world.data).err, /its parent must be there/);

    for (let i = 0; i < 3; i++) { // epochs that the backup does not know
      await world.engine.kill('SIGKILL');
      await world.startEngine();
    }
    const seen = await bridge.until('state of epoch 4', () => {
      const state = bridge.last('sale/backed/state');
      return state && JSON.parse(state.text).epoch >= 4 && JSON.parse(state.text).epoch;
    });
    assert.equal(ctl('restore', copy, '--data', world.data).code, 3, 'never under a running engine');
    await world.engine.kill('SIGKILL');
    assert.equal(ctl('restore', copy, '--data', world.data).code, 1, 'never over a ledger');
    assert.match(done('restore', copy, '--data', world.data, '--force'), /put aside[^]*restored/);
    assert.ok(readdirSync(world.data).some((name) => name.startsWith('ledger.sqlite.before-restore-')));
    await world.startEngine();
    const state = await bridge.until('state of a higher epoch', () => {
      const last = JSON.parse(bridge.last('sale/backed/state').text);
      return last.epoch > seen && last;
    });
    assert.equal(state.epoch, seen + 1);
    assert.match(world.engine.log, /the broker has seen epoch \d+/);
    assert.ok((await bridge.bid('backed', people[kept % 2], 'l1', 1000000)).ok);
    await world.engine.kill('SIGTERM');
    assert.match((await world.verify('--sale', 'backed')).out, /chain ok, replay ok/);
  }));

test('a backup of a folder that no engine holds, also of a ledger of version 1', () =>
  withWorld(async (world) => {
    const old = join(world.folder, 'old');
    mkdirSync(old);
    execFileSync('python3', ['-c', `import sqlite3, sys
sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())`, join(old, 'ledger.sqlite'),
      join(process.env.LOTCAST_SOURCE ?? '.', 'tests/golden/ledger_version_1.sql')]);
    done('backup', join(world.folder, 'copy'), '--data', old);
    assert.equal(done('verify', '--data', join(world.folder, 'copy')), done('verify', '--data', old));
    world.data = join(world.folder, 'new');
    done('restore', join(world.folder, 'copy'), '--data', world.data);
    await world.startEngine();
    assert.match(world.engine.log, /schema 1 is now schema 2/);
    const bridge = await world.bridge();
    assert.equal((await bridge.must('old', 'snapshot')).snapshot.state.phase, 'complete');
  }));

test('a backup that the disk refuses is told, and the engine goes on', async (t) => {
  await withWorld(async (world) => {
    const disk = join(world.folder, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]).status !== 0) {
      t.skip('a small tmpfs can only be mounted by root');
      return;
    }
    try {
      const { bridge } = await playedSale(world);
      const { code, err } = ctl('backup', join(disk, 'copy'), '--data', world.data);
      assert.equal(code, 4, err);
      assert.deepEqual(readdirSync(join(disk, 'copy')), []);
      assert.ok((await bridge.must(null, 'list')).ok);
      done('backup', join(world.folder, 'copy'), '--data', world.data);
    } finally {
      await world.engine.kill();
      spawnSync('umount', [disk]);
    }
  });
});

test('a start after kill -9 reads the last snapshot and the rows behind it, the last notice included', () =>
  withWorld(async (world) => {
    await world.startEngine(['--snapshot-rows', '20']);
    const bridge = await world.bridge();
    const people = await bridge.sale('kept', { bidders: 2, rules: { lot_duration_ms: 600000 } });
    await bridge.must('kept', 'begin');
    await bridge.event('kept', 'lot_started');
    await bridge.must('kept', 'announce', { text: 'before the snapshot' });
    for (let i = 0; i < 70; i++) assert.ok((await bridge.bid('kept', people[i % 2], 'l1', 1000 + 100 * i)).ok);
    await world.engine.kill('SIGKILL');
    const from = bridge.messages.length;
    await world.startEngine(['--snapshot-rows', '20']);
    const [, snapshots, rows] = world.engine.log.match(/recovered 1 sales in \d+ ms: (\d+) from snapshots, (\d+) rows replayed/);
    assert.equal(Number(snapshots), 1);
    assert.ok(Number(rows) <= 40, `${rows} rows`);
    const board = await bridge.until('the board as it was', () =>
      bridge.messages.slice(from).find((m) => m.topic === 'sale/kept/board/message' && m.text !== ''));
    assert.equal(board.text, 'before the snapshot');
    assert.ok((await bridge.bid('kept', people[0], 'l1', 100000)).ok);
    await world.engine.kill('SIGTERM');
    assert.match((await world.verify()).out, /chain ok, replay ok, 2 snapshots ok/);
  }));

test('the socket in the data folder answers nonsense, crowds and deserters, and the engine goes on', () =>
  withWorld(async (world) => {
    await world.startEngine();
    const bridge = await world.bridge();
    const socket = join(world.data, 'control');
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    const ask = (text) => new Promise((resolve) => {
      let said = '';
      const one = net.connect(socket, () => text && one.write(text));
      one.on('data', (data) => (said += data)).on('error', () => {});
      one.on('close', () => resolve(said));
      setTimeout(() => one.end(), 300);
    });
    assert.equal(await ask('dance\n'), 'failed: not understood\n');
    assert.equal(await ask('backup'), '');
    assert.equal(await ask(`${'x'.repeat(5000)}`), 'failed: the request is too long\n');
    assert.match(await ask('backup /no/where/at/all\n'), /^failed: /);
    const first = net.connect(socket);
    await new Promise((resolve) => first.on('connect', resolve));
    first.write('not yet a line');
    assert.ok((await bridge.must(null, 'list')).ok); // the engine has had a turn, and holds the first asker
    assert.equal(await ask(''), 'failed: another one is being served\n');
    assert.match(ctl('backup', join(world.folder, 'copy'), '--data', world.data).err, /another one is being served/);
    first.destroy();
    done('backup', join(world.folder, 'copy'), '--data', world.data);
    await world.engine.kill('SIGTERM');
    assert.ok(!existsSync(socket));
  }));

// ---- recorded bids ----

const HEADER = 'auction,item,duration_days,opening_cents,final_cents,t_ms,bidder,max_cents';

function replayBids(world, text, ...args) {
  const file = join(world.folder, 'bids.csv');
  writeFileSync(file, text);
  return ctl('replay-bids', '--increments', 'ebay_us', file, ...args);
}

test('replay-bids names the line and the column that is wrong', () =>
  withWorld(async (world) => {
    const row = '1,lamp,3,100,325,5,1,300';
    for (const [text, expected] of [
      ['', /line 1: the file is empty/],
      [`${HEADER}\n`, /there are no bids/],
      ['auction,item\n1,2\n', /line 1, column bidder: there is no such column/],
      [`${HEADER},t_ms\n${row},5\n`, /line 1, column t_ms: there are two of it/],
      [`${HEADER}\n${row}\n1,lamp,3,100,325,5,1\n`, /line 3: 7 fields, the header has 8/],
      [`${HEADER}\n1,lamp,3,100,325,5.5,1,300\n`, /line 2, column t_ms: '5\.5' is no whole number from 0 to/],
      [`${HEADER}\n1,lamp,3,100,325,5,1,-3\n`, /line 2, column max_cents: '-3'/],
      [`${HEADER}\n1,lamp,3,0,325,5,1,300\n`, /line 2, column opening_cents: '0'/],
      [`${HEADER}\n,lamp,3,100,325,5,1,300\n`, /line 2, column auction: 1 to 64 characters/],
      [`${HEADER}\n1,"lamp,3,100,325,5,1,300\n`, /line 2: a quoted field has no end/],
    ]) {
      const { code, out, err } = replayBids(world, text);
      assert.deepEqual([code, out], [1, ''], text);
      assert.match(err, expected);
    }
    assert.equal(ctl('replay-bids', '--increments', 'unknown', 'x.csv').code, 2);
    assert.equal(ctl('replay-bids', 'x.csv').code, 2);
    assert.equal(ctl('replay-bids', '--increments', 'ebay_us', join(world.folder, 'none.csv')).code, 1);
  }));

test('replay-bids plays maxima in order of time whatever the order of rows and columns', () =>
  withWorld(async (world) => {
    // 300 leads alone at the opening, 250 lifts it to 275; the second one has a hidden reserve; the third is odd
    const rows = [['7', 100, 275, 9, '2', 250], ['7', 100, 275, 5, '1', 300], ['8', 100, 900, 1, '1', 900], ['9', 100, 555, 1, 'x', 900],
      ['7', 100, 275, 9, '2', 200]];
    const text = '\ufeffmax_cents,"bidder",note,t_ms,final_cents,opening_cents,auction\r\n' +
      rows.map(([auction, opening, final, t, bidder, max]) => `${max},${bidder},"a, b",${t},${final},${opening},${auction}`).join('\r\n');
    const { code, out, err } = replayBids(world, text);
    assert.equal(code, 0, err);
    assert.equal(out, "auctions 3 exact 1 leader_max 1 other 1\n9: replayed 100, recorded 555, leader's maximum 900, 1 placed, 0 refused\n");
    const json = JSON.parse(replayBids(world, text, '--json').out);
    assert.deepEqual([json.auctions, json.exact, json.leader_max, json.other, json.others[0].auction], [3, 1, 1, 1, '9']);
  }));

test('the real record of maximum bids is explained', (t) => {
  if (!existsSync(RECORDS)) {
    t.skip(`no real records at ${RECORDS}`);
    return;
  }
  const out = done('replay-bids', '--increments', 'ebay_us', RECORDS);
  assert.match(out, /^auctions 314 exact 292 leader_max 20 other 2\n326: [^\n]*\n337: [^\n]*\n$/);
});
