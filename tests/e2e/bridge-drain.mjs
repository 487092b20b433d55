// The graceful stop of a bridge: what load balancers, newcomers and those who are there see of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import WebSocket from 'ws';
import { ADMIN, BridgeWorld } from './bridge_world.mjs';
import { within } from './engine_world.mjs';

const HANDSHAKE = '/socket.io/?EIO=4&transport=polling';

const worlds = [];
async function world() {
  const made = await BridgeWorld.create();
  worlds.push(made);
  return made;
}
test.afterEach(async () => {
  while (worlds.length > 0) await worlds.pop().end();
});

// Two bridges that know each other; the first one is the one to stop.
async function pair(w, drainMs) {
  const leaving = await w.startBridge({ args: ['--drain-ms', String(drainMs)] });
  const staying = await w.startBridge();
  // The others are counted when the stop begins.
  await within(5000, 'the bridges know each other', staysTrue(async () => (await w.bridgesSeen(leaving)) > 0));
  return { leaving, staying };
}

async function staysTrue(look) {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 20));
}

BridgeWorld.prototype.bridgesSeen = async (bridge) =>
  Number((await bridge.http('GET', '/metrics')).text.match(/^lotcast_bridge_others (\d+)$/m)[1]);

// Notes when and why it was cut off, and does not come back.
function visitor(w, bridge, transports) {
  const browser = w.browser(bridge, { transports, reconnection: false });
  browser.ended = new Promise((resolve) => browser.socket.once('disconnect', (reason) => resolve({ reason, at: performance.now() })));
  return browser;
}

// A bare WebSocket: when it was closed.
function bare(bridge) {
  const socket = new WebSocket(`${bridge.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  return within(20000, 'its end', new Promise((resolve) => socket.on('close', () => resolve(performance.now()))));
}

test('a stop turns /readyz and takes no newcomers at once; sessions leave one after another, and come back as none would that is told DISCONNECT', async () => {
  const w = await world();
  const { leaving } = await pair(w, 4000); // 800 ms to notice, sessions leave from there to 3,600
  const visitors = Array.from({ length: 24 }, (_, i) => visitor(w, leaving, [['polling'], ['websocket']][i % 2]));
  await Promise.all(visitors.map((one) => within(5000, 'connect', one.connected)));
  const crowd = Array.from({ length: 176 }, () => bare(leaving));
  await within(5000, 'all are there', staysTrue(async () => /^lotcast_bridge_sessions_open 200$/m.test((await leaving.http('GET', '/metrics')).text)));
  const begun = performance.now();
  leaving.child.kill('SIGTERM');
  await leaving.logged(/drains: 200 sessions/);
  const ready = await leaving.http('GET', '/readyz');
  assert.deepEqual([ready.status, ready.json.ready, ready.json.draining], [503, false, true]);
  assert.equal((await leaving.http('GET', '/healthz')).status, 200);
  const refused = await leaving.http('GET', HANDSHAKE);
  assert.deepEqual([refused.status, refused.json.code], [503, 8]);
  assert.ok(refused.headers.get('retry-after'));
  assert.match((await leaving.http('GET', '/metrics')).text, /^lotcast_bridge_draining 1$/m);
  // Who is there is served as ever.
  const times = await Promise.all(visitors.map((one) => one.ask('sync_time', { t0: 1 })));
  assert.ok(times.every((answer) => answer.ok));

  const ends = await Promise.all(visitors.map((one) => within(8000, 'the end of a session', one.ended)));
  // Without a load balancer in front a poll that is due when nobody listens any more breaks; WebSockets end in order.
  assert.deepEqual([...new Set(ends.filter((_, i) => i % 2 === 1).map((end) => end.reason))], ['transport close']);
  assert.ok(ends.every((end) => ['transport close', 'transport error'].includes(end.reason)));
  const after = [...ends.map((end) => end.at), ...(await Promise.all(crowd))].map((at) => at - begun).sort((a, b) => a - b);
  after.forEach((ms, i) => assert.ok(ms >= 800 + (2800 * i) / 200 - 20, `session ${i + 1} left too early: ${after.map(Math.round)}`));
  const exit = await within(2000, 'the end', leaving.exited);
  assert.equal(exit.code, 0);
  assert.match(leaving.log, /drained: 0 sessions are left/);
});

test('connections are refused by the kernel when sessions begin to leave, so that a load balancer goes elsewhere', async () => {
  const w = await world();
  const { leaving, staying } = await pair(w, 3000);
  const people = await w.sell(staying, 'demo', { rules: { outage_threshold_ms: 10000 } });
  const one = w.browser(leaving, { auth: people[0].token, transports: ['websocket'], reconnection: false });
  one.ended = new Promise((resolve) => one.socket.once('disconnect', resolve));
  await one.join('demo');
  w.engine.child.kill('SIGSTOP'); // who waits for an answer is there a little longer
  one.command('pass_lot', 'demo', { lot: 'l1' }).catch(() => {});
  leaving.child.kill('SIGTERM');
  await leaving.logged(/drains: /);
  await within(2000, 'a refused connection', staysTrue(async () => {
    try {
      await leaving.http('GET', '/healthz', undefined, { headers: { connection: 'close' } });
      return false;
    } catch (error) {
      return error.cause.code === 'ECONNREFUSED';
    }
  }));
  assert.equal(one.socket.connected, true);
  assert.equal((await one.ask('sync_time', { t0: 1 })).ok, true);
  await within(4000, 'the end of the session', one.ended);
});

test('who waits for an answer leaves last, and with it', async () => {
  const w = await world();
  const { leaving, staying } = await pair(w, 2500); // the last ones leave at 2,250
  const people = await w.sell(staying, 'demo', { rules: { lot_duration_ms: 30000, outage_threshold_ms: 10000 } });
  const boss = w.browser(staying, { auth: ADMIN });
  await boss.join('demo');
  const ana = w.browser(leaving, { auth: people[0].token, transports: ['websocket'], reconnection: false });
  const order = [];
  const ended = new Promise((resolve) => ana.socket.once('disconnect', () => (order.push('disconnect'), resolve())));
  await ana.join('demo');
  const others = Array.from({ length: 5 }, () => visitor(w, leaving, ['websocket']));
  await Promise.all(others.map((one) => within(5000, 'connect', one.connected)));
  await boss.command('begin_auction', 'demo');
  const { lot } = await ana.event('lot_started');

  w.engine.child.kill('SIGSTOP');
  const bid = ana.command('place_bid', 'demo', { lot: lot.id, amount: lot.ask }).then((answer) => (order.push('answer'), answer));
  await ana.ask('sync_time', { t0: 1 }); // behind the bid, on the same WebSocket
  leaving.child.kill('SIGTERM');
  await Promise.all(others.map((one) => within(4000, 'the others leave', one.ended)));
  assert.deepEqual(order, []);
  assert.equal(ana.socket.connected, true);
  w.engine.child.kill('SIGCONT');
  assert.equal((await bid).ok, true);
  await within(4000, 'the end', Promise.all([leaving.exited, ended]));
  assert.deepEqual(order, ['answer', 'disconnect']);
});

test('alone it ends at once, and so does one whose window is 0', async () => {
  const w = await world();
  const alone = await w.startBridge();
  const one = visitor(w, alone, ['websocket']);
  await within(5000, 'connect', one.connected);
  const begun = performance.now();
  assert.equal((await within(5000, 'the end', alone.kill('SIGTERM'))).code, 0);
  assert.equal((await one.ended).reason, 'transport close');
  const { leaving } = await pair(w, 0);
  const two = visitor(w, leaving, ['websocket']);
  await within(5000, 'connect', two.connected);
  const next = performance.now();
  assert.equal((await within(5000, 'the end', leaving.kill('SIGTERM'))).code, 0);
  assert.equal((await two.ended).reason, 'transport close');
  assert.ok(performance.now() - next < 1000);
  assert.ok(next - begun < 5000);
});

test('a second signal ends it at once', async () => {
  const w = await world();
  const { leaving } = await pair(w, 60000);
  const one = visitor(w, leaving, ['websocket']);
  await within(5000, 'connect', one.connected);
  leaving.child.kill('SIGTERM');
  await leaving.logged(/drains: 1 sessions/);
  const begun = performance.now();
  assert.equal((await within(5000, 'the end', leaving.kill('SIGINT'))).code, 0);
  assert.ok(performance.now() - begun < 1000);
  assert.equal((await one.ended).reason, 'transport close');
});
