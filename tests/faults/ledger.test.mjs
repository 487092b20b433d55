// The engine's disk: full, read-only, failing, torn, silently changed, and held by another. Each ends in a clear stop with its exit code
// and a line that says what failed; nothing that was acknowledged is lost, and after the way back of docs/OPERATIONS.md it goes on.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { World, within } from '../e2e/engine_world.mjs';

const BIN = process.env.LOTCAST_BIN ?? 'build/asan/bin';
const { ENOSPC, EIO, EROFS, EDQUOT } = constants.errno;
const WRITES = 1, SYNCS = 2, ALL = 4;
const HALF = -1, HALF_AND_DEATH = -2;

// A world whose engine has a disk that can be broken.
async function withDisk(run) {
  const world = await World.create();
  const file = join(world.folder, 'disk-order');
  writeFileSync(file, Buffer.alloc(32));
  const numbers = () => Buffer.alloc(32);
  const disk = {
    breaks(call, effect, after = 0) {
      const order = numbers();
      [call, effect, after, 0].forEach((value, i) => order.writeBigInt64LE(BigInt(value), 8 * i));
      const fd = openSync(file, 'r+'); // not truncated: the engine has it mapped
      writeSync(fd, order, 0, 32, 0);
      closeSync(fd);
    },
    met: () => Number(readFileSync(file).readBigInt64LE(24)),
    isRepaired: () => disk.breaks(0, 0),
  };
  world.engineEnv = {
    LD_PRELOAD: join(BIN, 'libdisk_shim.so'),
    DISK_SHIM: file,
    DISK_SHIM_PATH: 'ledger.sqlite',
    ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`,
  };
  try {
    await run(world, disk);
  } finally {
    await world.end();
  }
}

async function openLot(world, args = []) {
  await world.startEngine(args);
  const bridge = await world.bridge();
  const people = await bridge.sale('disk', { bidders: 2, rules: { lot_duration_ms: 600000 } });
  await bridge.must('disk', 'begin');
  await bridge.event('disk', 'lot_started');
  return { bridge, people, amount: 1000, turn: 0, stops: 0, acknowledged: [] };
}

// Bids one after another until the engine ends.
async function bidUntilTheEnd(world, play, most = 5000) {
  for (let i = 0; i < most; i++) {
    const amount = (play.amount += 100);
    const result = await Promise.race([
      play.bridge.bid('disk', play.people[play.turn % 2], 'l1', amount), world.engine.exited]);
    if (result.code !== undefined || result.signal !== undefined) return result;
    assert.ok(result.ok, JSON.stringify(result));
    play.turn++;
    play.acknowledged.push({ bid: result.bid, seq: result.seq, amount });
  }
  throw new Error('the engine has not ended');
}

async function bids(world, play, count) {
  for (let i = 0; i < count; i++) {
    const amount = (play.amount += 100);
    const result = await play.bridge.bid('disk', play.people[play.turn % 2], 'l1', amount);
    assert.ok(result.ok, JSON.stringify(result));
    play.turn++;
    play.acknowledged.push({ bid: result.bid, seq: result.seq, amount });
  }
}

async function goesOn(world, play, args = []) {
  await world.startEngine(args);
  const { bridge } = play;
  const recorded = new Map();
  for (let from = 1, more = true; more;) {
    const page = await bridge.must('disk', 'replay', { from, limit: 500 });
    for (const event of page.events) {
      if (event.name === 'bid_update') recorded.set(event.payload.bid, event.payload);
      from = event.payload.seq + 1;
    }
    more = page.more;
  }
  for (const { bid, seq, amount } of play.acknowledged) {
    const there = recorded.get(bid);
    assert.ok(there, `${bid} was acknowledged and is gone`);
    assert.deepEqual([there.seq, there.amount], [seq, amount]);
  }
  for (const event of bridge.events.filter((e) => e.name === 'bid_update')) {
    assert.equal(recorded.get(event.payload.bid)?.amount, event.payload.amount, 'what was shown is in the record');
  }
  assert.ok(recorded.size <= play.acknowledged.length + ++play.stops, `${recorded.size} bids, ${play.acknowledged.length} acknowledged`);
  const leader = [...recorded.values()].at(-1)?.by.id;
  play.amount += 1000;
  const turn = play.people.findIndex((id) => id !== leader); // a bid without an answer may have been kept
  const bid = await bridge.bid('disk', play.people[turn], 'l1', play.amount);
  assert.ok(bid.ok, JSON.stringify(bid));
  play.turn = turn + 1;
  play.acknowledged.push({ bid: bid.bid, seq: bid.seq, amount: play.amount });
}

async function isProved(world) {
  assert.equal((await world.engine.kill('SIGTERM')).code, 0);
  const { code, out } = await world.verify();
  assert.equal(code, 0, out);
  assert.match(out, /chain ok, replay ok/);
}

for (const [name, call, effect, code, words] of [
  ['no space left', WRITES, ENOSPC, 4, /disk is full \(disk full\)/],
  ['no quota left', WRITES, EDQUOT, 4, /\(disk full\)/],
  ['a write that fails', WRITES, EIO, 5, /\(input\/output error\)/],
  ['a write of which half is written', WRITES, HALF, 5, /\(input\/output error\)/],
  ['a sync that fails', SYNCS, EIO, 5, /\(input\/output error\)/],
  ['a disk that became read-only', WRITES, EROFS, 5, /\(input\/output error\)/],
]) {
  test(`${name} under bids: exit code ${code}, and the bids go on after the repair`, () =>
    withDisk(async (world, disk) => {
      const play = await openLot(world);
      await bids(world, play, 5);
      for (const after of [0, 1, 2, 7]) { // first frame of a transaction, its last, the next ones ...
        disk.breaks(call, effect, after);
        const end = await bidUntilTheEnd(world, play);
        assert.equal(end.code, code, world.engine.log);
        assert.match(world.engine.log, /ledger: .* failed: /);
        assert.match(world.engine.log, words);
        assert.ok(disk.met() > 0);
        disk.isRepaired();
        await goesOn(world, play);
      }
      await isProved(world);
    }));
}

test('a limit of the file size (RLIMIT_FSIZE): exit code 4, and no death by a signal', async (t) => {
  if (spawnSync('prlimit', ['--version']).status !== 0) {
    t.skip('prlimit is missing');
    return;
  }
  await withDisk(async (world) => {
    const play = await openLot(world);
    await bids(world, play, 5);
    const size = statSync(join(world.data, 'ledger.sqlite-wal')).size;
    execFileSync('prlimit', ['--pid', String(world.engine.child.pid), `--fsize=${size + 20000}`]);
    const end = await bidUntilTheEnd(world, play);
    assert.deepEqual([end.code, end.signal], [4, null], world.engine.log);
    await goesOn(world, play);
    await isProved(world);
  });
});

test('a power cut in the middle of any write: the torn frame is dropped, and what was acknowledged is there', () =>
  withDisk(async (world, disk) => {
    const play = await openLot(world);
    for (let after = 0; after < 12; after++) {
      disk.breaks(WRITES, HALF_AND_DEATH, after);
      assert.equal((await bidUntilTheEnd(world, play)).signal, 'SIGKILL');
      disk.isRepaired();
      await goesOn(world, play);
    }
    await isProved(world);
  }));

test('a disk that fails while the engine stops: the exit code says it, and nothing but time is lost', () =>
  withDisk(async (world, disk) => {
    const play = await openLot(world);
    await bids(world, play, 5);
    disk.breaks(WRITES, ENOSPC);
    assert.equal((await world.engine.kill('SIGTERM')).code, 4);
    disk.isRepaired();
    await goesOn(world, play);
    await isProved(world);
  }));

test('a disk that fails while a snapshot is taken: a stop, and the start replays what the snapshot had saved', () =>
  withDisk(async (world, disk) => {
    const play = await openLot(world, ['--snapshot-rows', '1000000']);
    await bids(world, play, 5);
    await world.engine.kill('SIGTERM');
    await world.startEngine(['--snapshot-rows', '4']);
    await bids(world, play, 3);
    disk.breaks(WRITES, ENOSPC, 12); // somewhere in the next bids and snapshots
    assert.equal((await bidUntilTheEnd(world, play)).code, 4);
    disk.isRepaired();
    await goesOn(world, play);
    await isProved(world);
  }));

test('a read-only disk at the start: exit code 5, at once, and nothing is changed', () =>
  withDisk(async (world, disk) => {
    const play = await openLot(world);
    await bids(world, play, 5);
    await world.engine.kill('SIGTERM');
    disk.breaks(ALL, EROFS);
    const engine = world.spawnEngine();
    assert.equal((await within(10000, 'exit', engine.exited)).code, 5, engine.log);
    assert.match(engine.log, /ledger: .* failed: /);
    disk.isRepaired();
    await goesOn(world, play);
    await isProved(world);
  }));

test('a data folder on a file system that is mounted read-only: exit code 5', async (t) => {
  await withDisk(async (world) => {
    const disk = join(world.folder, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]).status !== 0) {
      t.skip('a file system can only be mounted by root');
      return;
    }
    try {
      world.data = join(disk, 'data');
      const play = await openLot(world);
      await bids(world, play, 5);
      await world.engine.kill('SIGTERM');
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const engine = world.spawnEngine();
      assert.equal((await within(10000, 'exit', engine.exited)).code, 5, engine.log);
      assert.match(engine.log, /data folder .*: /);
      execFileSync('mount', ['-o', 'remount,rw', disk]);
      await goesOn(world, play);
      await isProved(world);
    } finally {
      if (world.engine?.child.exitCode === null) await world.engine.kill();
      spawnSync('umount', [disk]);
    }
  });
});

// ---- what the disk has changed by itself ----

function overwrite(path, offset, size) {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(size, 0xa5), 0, size, offset);
  closeSync(fd);
}

// Pages of a table, by the database's own account.
function pagesOf(path, table) {
  const out = execFileSync('python3', ['-c', `import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
root = base.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (sys.argv[2],)).fetchone()[0]
print(root, base.execute("PRAGMA page_size").fetchone()[0])`, path, table], { encoding: 'utf8' });
  const [root, size] = out.trim().split(' ').map(Number);
  return { root, size };
}

test('a corrupted page: exit code 6 at the start, verify says it too, and the backup is the way back', () =>
  withDisk(async (world) => {
    const play = await openLot(world, ['--snapshot-rows', '0']); // every row is read at a start
    await bids(world, play, 20);
    const copy = join(world.folder, 'backup');
    execFileSync(join(BIN, 'auctionctl'), ['backup', copy, '--data', world.data]);
    await world.engine.kill('SIGTERM');
    const path = join(world.data, 'ledger.sqlite');
    const { root, size } = pagesOf(path, 'fact');
    overwrite(path, (root - 1) * size, size);
    const engine = world.spawnEngine(['--snapshot-rows', '0']);
    assert.equal((await within(10000, 'exit', engine.exited)).code, 6, engine.log);
    assert.match(engine.log, /database disk image is malformed \(stored data is corrupt\)|\(corrupt/);
    assert.equal((await world.verify()).code, 6);
    execFileSync(join(BIN, 'auctionctl'), ['restore', copy, '--data', world.data, '--force']);
    await goesOn(world, play);
    await isProved(world);
  }));

test('a corrupted page under the snapshots: they are skipped, or the engine stops with exit code 6, but never hangs', () =>
  withDisk(async (world) => {
    const play = await openLot(world);
    await bids(world, play, 20);
    await world.engine.kill('SIGTERM');
    const path = join(world.data, 'ledger.sqlite');
    const saved = readFileSync(path);
    const { root, size } = pagesOf(path, 'snapshot');
    overwrite(path, (root - 1) * size, size);
    const engine = world.spawnEngine();
    const end = await within(10000, 'ready or an end', Promise.race([engine.exited, engine.logged(/ready/).catch(() => engine.exited)]));
    if (end.code === undefined) await engine.kill();
    else assert.equal(end.code, 6, engine.log);
    assert.equal((await world.verify()).code, 6);
    writeFileSync(path, saved);
    await goesOn(world, play);
    await isProved(world);
  }));

test('a page that is corrupted while the engine runs stops it when it is touched, with exit code 6', () =>
  withDisk(async (world) => {
    const play = await openLot(world);
    await bids(world, play, 20);
    await world.engine.kill('SIGTERM'); // the write-ahead log is folded into the file
    await world.startEngine(); // from the snapshot: old rows are not read
    const path = join(world.data, 'ledger.sqlite');
    const saved = join(world.folder, 'saved');
    copyFileSync(path, saved);
    const size = 4096;
    for (let at = size; at < statSync(path).size; at += size) { // all but the schema: whatever is read next
      overwrite(path, at, size);
    }
    const end = await Promise.race([
      play.bridge.command('disk', 'replay', { from: 1, limit: 500 }, { ms: 20000 }).catch(() => world.engine.exited), world.engine.exited]);
    assert.equal(end.code, 6, `${JSON.stringify(end).slice(0, 300)} ${world.engine.log}`);
    copyFileSync(saved, path);
    await goesOn(world, play);
    await isProved(world);
  }));

test('a file that was cut short is corrupt, not empty', () =>
  withDisk(async (world) => {
    const play = await openLot(world);
    await bids(world, play, 50);
    await world.engine.kill('SIGTERM');
    const path = join(world.data, 'ledger.sqlite');
    const saved = readFileSync(path);
    writeFileSync(path, saved.subarray(0, saved.length >> 1));
    const engine = world.spawnEngine();
    assert.equal((await within(10000, 'exit', engine.exited)).code, 6, engine.log);
    writeFileSync(path, saved);
    await goesOn(world, play);
    await isProved(world);
  }));

test('a write-ahead log that has lost synced frames: the chain is whole, but the start says what the broker has seen', () =>
  withDisk(async (world) => {
    const play = await openLot(world);
    await bids(world, play, 20);
    await play.bridge.until('the retained state of the last bid', () => JSON.parse(play.bridge.last('sale/disk/state').text).seq >= play.acknowledged.at(-1).seq);
    await world.engine.kill('SIGKILL');
    const log = join(world.data, 'ledger.sqlite-wal');
    const whole = readFileSync(log);
    overwrite(log, whole.length - 3 * 4120, 16); // within the last transactions: SQLite stops before them
    await world.startEngine();
    assert.match(world.engine.log, /sale disk: the broker has seen seq \d+ of epoch 1, the ledger ends at seq \d+ of epoch 1: it is an older copy, or its disk/);
    assert.match(world.engine.log, /ready/);
    await world.engine.kill('SIGTERM');
    assert.match((await world.verify()).out, /chain ok, replay ok/);
  }));

test('a damaged snapshot costs time and a warning, nothing else', () =>
  withDisk(async (world) => {
    const play = await openLot(world);
    await bids(world, play, 5);
    await world.engine.kill('SIGTERM');
    execFileSync('python3', ['-c', `import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("UPDATE snapshot SET state = replace(state, 'price', 'prise') || ' '")
base.commit()`, join(world.data, 'ledger.sqlite')]);
    await goesOn(world, play);
    assert.match(world.engine.log, /snapshot of row \d+ is damaged: not used/);
    await isProved(world);
  }));

// ---- another at the file ----

function holder(path, seconds) {
  return spawn('python3', ['-c', `import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
base.execute("COMMIT")`, path, String(seconds)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

test('a database that another program holds is waited for, up to 5 s', () =>
  withDisk(async (world) => {
    const play = await openLot(world);
    await bids(world, play, 5);
    await world.engine.kill('SIGTERM');
    const path = join(world.data, 'ledger.sqlite');
    const short = holder(path, 2);
    await new Promise((resolve) => short.stdout.once('data', resolve));
    await goesOn(world, play);
    await world.engine.kill('SIGTERM');
    const long = holder(path, 60);
    await new Promise((resolve) => long.stdout.once('data', resolve));
    const began = Date.now();
    const engine = world.spawnEngine();
    assert.equal((await within(30000, 'exit', engine.exited)).code, 3, engine.log);
    const waited = Date.now() - began;
    assert.ok(waited >= 4900 && waited < 25000, `gave up after ${waited} ms`);
    assert.match(engine.log, /database is locked/);
    long.kill('SIGKILL');
    await goesOn(world, play);
    await isProved(world);
  }));
