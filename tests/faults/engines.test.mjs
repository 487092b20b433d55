// Several engines on one broker: each serves its own sales, and no sale has two.

import assert from 'node:assert/strict';
import { cpSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { World, within } from '../e2e/engine_world.mjs';

async function withWorld(run) {
  const world = await World.create();
  try {
    await run(world);
  } finally {
    await world.end();
  }
}

// An engine of its own name and folder; `ready` false: it is not expected to get so far.
async function start(world, node, folder, ready = true) {
  world.data = join(world.folder, folder);
  const engine = world.spawnEngine(['--node', node]);
  if (ready) await engine.logged(/ready/);
  return engine;
}

const isFile = (path) => !lstatSync(path).isSocket(); // a killed engine leaves its control socket
const copy = (world, from, to) => cpSync(join(world.folder, from), join(world.folder, to), { recursive: true, filter: isFile });
const replies = (bridge, from = 0) => bridge.messages.slice(from).filter((m) => m.topic === `reply/${bridge.name}`);
const heartbeat = (bridge, node) => JSON.parse(bridge.last(`svc/engine/${node}`)?.text ?? '{}');

// A sale made while only `engine` runs.
async function saleOf(world, node, folder, id) {
  const engine = await start(world, node, folder);
  const bridge = await world.bridge();
  const people = await bridge.sale(id, { rules: { lot_duration_ms: 600000 } });
  await bridge.must(id, 'begin');
  await bridge.event(id, 'lot_started');
  await bridge.client.destroy();
  return { engine, people };
}

test('two engines with sales of their own on one broker: each command has one answer, from the engine whose sale it is', () =>
  withWorld(async (world) => {
    const a = await saleOf(world, 'engine-a', 'a', 'north');
    await a.engine.kill('SIGTERM');
    const b = await saleOf(world, 'engine-b', 'b', 'south');
    await start(world, 'engine-a', 'a');
    const bridge = await world.bridge();
    await bridge.until('both engines', () => heartbeat(bridge, 'engine-a').online && heartbeat(bridge, 'engine-b').online);
    const from = bridge.messages.length;
    assert.ok((await bridge.bid('north', a.people[0], 'l1', 1000)).ok);
    assert.ok((await bridge.bid('south', b.people[0], 'l1', 1000)).ok);
    assert.equal((await bridge.command('nowhere', 'snapshot')).error.code, 'NOT_FOUND');
    assert.equal((await bridge.command(null, 'list')).ok, true);
    assert.equal((await bridge.command('south', 'no_such_op')).error.code, 'UNKNOWN_OP');
    for (const id of ['north', 'south']) {
      const again = await bridge.command(null, 'create', { sale: { id, title: 'Again', currency: { code: 'EUR', minor_digits: 2 } } });
      assert.equal(again.error?.code, 'SALE_EXISTS', `${id}: ${JSON.stringify(again)}`);
    }
    await bridge.sale('east');
    await bridge.must('south', 'snapshot'); // engine-b has by now answered whatever it had to
    await bridge.must('north', 'snapshot');
    const tags = replies(bridge, from).map((m) => JSON.parse(m.text).reply);
    assert.equal(new Set(tags).size, tags.length, 'no command was answered twice');
    assert.deepEqual(bridge.messages.filter((m) => /holds\/east$/.test(m.topic)), [], 'a bridge hears nothing of holdings');
    await bridge.must('east', 'delete');
    assert.equal((await bridge.command('east', 'snapshot')).error.code, 'NOT_FOUND');
  }));

for (const [what, node] of [['another name', 'engine-b'], ['the same name', 'engine-a']]) {
  test(`an engine of ${what} with a copy of the data of one that lives refuses to start, with exit code 3, and harms nothing`, () =>
    withWorld(async (world) => {
      const a = await saleOf(world, 'engine-a', 'a', 'twice');
      await a.engine.kill('SIGTERM');
      copy(world, 'a', 'copy');
      await start(world, 'engine-a', 'a');
      const bridge = await world.bridge();
      await bridge.until('the heartbeat', () => heartbeat(bridge, 'engine-a').online);
      const { since } = heartbeat(bridge, 'engine-a');
      const from = bridge.messages.length;
      const second = await start(world, node, 'copy', false);
      assert.equal((await within(15000, 'the second engine refuses', second.exited)).code, 3, second.log);
      assert.match(second.log, /engine engine-a has it and is alive/);
      const bid = await bridge.bid('twice', a.people[0], 'l1', 1000);
      assert.ok(bid.ok, JSON.stringify(bid));
      await bridge.event('twice', 'bid_update');
      const epochs = new Set(bridge.messages.slice(from).filter((m) => /^sale\/twice\/(event|state|tick)/.test(m.topic)).map((m) => JSON.parse(m.text).epoch));
      assert.deepEqual([...epochs], [bid.epoch], 'nothing of the second was published');
      assert.equal(heartbeat(bridge, 'engine-a').online, true);
      assert.equal(heartbeat(bridge, 'engine-a').since, since);
    }));
}

for (const [what, node] of [['another name', 'engine-b'], ['the same name', 'engine-a']]) {
  test(`a copy under ${what} waits while it is not known whether the other lives, and refuses when it speaks`, () =>
    withWorld(async (world) => {
      const a = await saleOf(world, 'engine-a', 'a', 'doubt');
      await a.engine.kill('SIGTERM');
      copy(world, 'a', 'copy');
      const first = await start(world, 'engine-a', 'a');
      const bridge = await world.bridge();
      await bridge.until('the sale goes on', () => bridge.last('sale/doubt/tick'));
      await bridge.must('doubt', 'snapshot'); // it has told what it had to tell
      first.child.kill('SIGSTOP'); // it says nothing more, and its last heartbeat is young
      await new Promise((resolve) => setTimeout(resolve, 400)); // what the kernel still had is out
      const second = await start(world, node, 'copy', false);
      await second.logged(/may be alive: waiting/);
      const from = bridge.messages.length;
      await new Promise((resolve) => setTimeout(resolve, 1500)); // no event tells that nothing happens
      const later = bridge.messages.slice(from).filter((m) => /^sale\//.test(m.topic));
      assert.deepEqual(later, [], 'it serves nothing while it waits');
      first.child.kill('SIGCONT');
      assert.equal((await within(15000, 'the second engine refuses', second.exited)).code, 3, second.log);
      assert.ok((await bridge.bid('doubt', a.people[0], 'l1', 1000)).ok);
    }));
}

test('the data of an engine that has died go on under another name at once, and its return is refused', () =>
  withWorld(async (world) => {
    const a = await saleOf(world, 'engine-a', 'a', 'heir');
    await a.engine.kill('SIGKILL'); // the broker sends its last will
    copy(world, 'a', 'copy');
    const heir = await start(world, 'engine-b', 'copy');
    const bridge = await world.bridge();
    assert.ok((await bridge.bid('heir', a.people[0], 'l1', 1000)).ok);
    const holdings = await world.bridge('bridge-holdings');
    await holdings.client.subscribe('lotcast/v1/svc/engine/+/holds/+');
    await holdings.until('the holding of the heir', () => holdings.last('svc/engine/engine-b/holds/heir'));
    assert.ok(!holdings.last('svc/engine/engine-a/holds/heir')?.text, 'that of the dead one was taken back');
    const late = await start(world, 'engine-a', 'a', false);
    assert.equal((await within(15000, 'the old one refuses', late.exited)).code, 3, late.log);
    assert.ok((await bridge.bid('heir', a.people[1], 'l1', 1100)).ok);
    assert.equal(heir.child.exitCode, null);
  }));

test('an engine killed and started again is not taken for another one: it starts at once, on a broker that keeps its heartbeat too', () =>
  withWorld(async (world) => {
    const a = await saleOf(world, 'engine-a', 'a', 'again');
    a.engine.child.kill('SIGSTOP'); // its connection stays: no last will before the new one starts
    const bridge = await world.bridge();
    await bridge.until('the kept heartbeat', () => heartbeat(bridge, 'engine-a').online);
    a.engine.child.kill('SIGKILL');
    const started = performance.now();
    await start(world, 'engine-a', 'a');
    assert.ok(performance.now() - started < 8000);
    assert.ok((await bridge.bid('again', a.people[0], 'l1', 1000)).ok);
    await bridge.until('online', () => heartbeat(bridge, 'engine-a').online);
  }));

test('the whole machine goes down: a broker that kept the heartbeat of the run before does not hold up the same folder, but holds up a copy', () =>
  withWorld(async (world) => {
    await world.broker.kill();
    const config = join(world.folder, 'mosquitto.conf');
    writeFileSync(config, readFileSync(config, 'utf8').replace('persistence false',
      `persistence true\npersistence_location ${world.folder}/\nautosave_on_changes true\nautosave_interval 1`));
    await world.startBroker();
    const a = await saleOf(world, 'engine-a', 'a', 'power');
    const bridge = await world.bridge();
    await bridge.must('power', 'snapshot'); // a change behind the heartbeat: it is saved
    await world.broker.kill(); // before the engine, so that no last will is sent
    await a.engine.kill('SIGKILL');
    copy(world, 'a', 'copy');
    await world.startBroker();
    await bridge.reconnect();
    await bridge.until('the kept heartbeat', () => heartbeat(bridge, 'engine-a').online && bridge.last('svc/engine/engine-a').retained);
    const second = await start(world, 'engine-a', 'copy', false);
    await second.logged(/our name: engine engine-a may be alive: waiting/);
    const started = performance.now();
    await start(world, 'engine-a', 'a');
    assert.ok(performance.now() - started < 8000, 'the same folder starts at once');
    assert.equal((await within(15000, 'the copy refuses', second.exited)).code, 3, second.log);
    assert.ok((await bridge.bid('power', a.people[0], 'l1', 1000)).ok);
  }));

test('two engines with copies that find each other only later: one stops, and one serves', () =>
  withWorld(async (world) => {
    const a = await saleOf(world, 'engine-a', 'a', 'split');
    await a.engine.kill('SIGTERM');
    copy(world, 'a', 'copy');
    await world.broker.kill(); // neither can hear of the other
    const both = [await start(world, 'engine-z', 'a', false), await start(world, 'engine-b', 'copy', false)];
    for (const engine of both) await engine.logged(/connecting to/);
    await world.startBroker();
    const stopped = await within(20000, 'one stops', Promise.race(both.map((engine) => engine.exited.then(({ code }) => ({ engine, code })))));
    assert.equal(stopped.code, 3, stopped.engine.log);
    const other = both.find((engine) => engine !== stopped.engine);
    await other.logged(/ready/);
    const bridge = await world.bridge();
    assert.ok((await bridge.bid('split', a.people[0], 'l1', 1000)).ok);
    assert.equal(other.child.exitCode, null, other.log);
  }));
