// Sessions that come back: the official client loses its bridge and takes up where it was, at another one or the same one anew.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, BridgeWorld, bidder } from './bridge_world.mjs';
import { Switch } from './one_port.mjs';
import { within } from './engine_world.mjs';

const open = [];
async function world(options) {
  const made = await BridgeWorld.create(options);
  open.push(() => made.end());
  return made;
}
async function switchTo(bridge) {
  const made = await Switch.create(bridge);
  open.push(() => made.close());
  return made;
}
test.afterEach(async () => {
  while (open.length > 0) await open.pop()();
});

// Bridges that let a test be as fast as it likes.
const FAST = ['--rate-per-s', '100000', '--rate-burst', '100000'];
const AUCTION = { rules: { lot_duration_ms: 600000, gap_ms: 0 } };
const EVENTS = new Set(['epoch_started', 'participants_changed', 'auction_started', 'lot_started', 'bid_update', 'notice', 'auction_paused', 'auction_resumed']);

// What the application sees of the history: a snapshot starts it, then each seq once and in order.
function checkStream(browser) {
  let seq = null;
  for (const { name, payload } of browser.heard) {
    if (name === 'auction_snapshot') seq = payload.seq;
    else if (EVENTS.has(name)) assert.equal(payload.seq, ++seq, `${name} after ${seq - 1}`);
  }
  return seq;
}

// Resolves when the client is connected again.
function again(browser, ms = 15000) {
  return within(ms, 'connected again', new Promise((resolve) => browser.socket.once('connect', () => resolve(browser.socket.recovered))));
}

const say = async (boss, sale, n) => {
  for (let i = 0; i < n; i++) assert.equal((await boss.command('announce', sale, { text: `word ${i}` })).ok, true);
};
async function sayMuch(boss, n, text) {
  for (let i = 0; i < n; i += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, k) => boss.command('announce', 'demo', { text: `${i + k} ${text}` })));
    for (const answer of answers) assert.equal(answer.ok, true);
  }
}

const snapshots = (browser) => browser.heard.filter((e) => e.name === 'auction_snapshot').length;

// Two bridges, a viewer by the first through a switch, and the auctioneer at the second.
async function house({ transports, second = true, more = {} } = {}) {
  const w = await world();
  const first = await w.startBridge({ args: FAST });
  const other = second ? await w.startBridge({ args: FAST }) : null;
  const people = await w.sell(first, 'demo', AUCTION);
  const way = await switchTo(first);
  const ana = w.browser(way, { auth: people[0].token, transports, reconnectionDelayMax: 300, ...more });
  const boss = w.browser(other ?? first, { auth: ADMIN });
  for (const browser of [ana, boss]) assert.equal((await browser.join('demo')).ok, true);
  return { w, first, other, people, way, ana, boss };
}

for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
  test(`kill -9 of its bridge: the client recovers at another one over ${transports}, nothing missed, nothing twice`, async () => {
    const { w, first, other, way, ana, boss, people } = await house({ transports });
    await say(boss, 'demo', 3);
    await ana.event('notice', (e) => e.text === 'word 2');
    const sid = ana.socket.id;
    const recovered = again(ana);
    way.choose(null);
    await first.kill();
    // The lobby does not notice: a newcomer makes the other bridge tell it anew.
    const ben = w.browser(other, { auth: people[1].token });
    assert.equal((await ben.join('demo')).ok, true);
    const { ids } = await boss.event('lobby_updated', (lobby) => lobby.ids.includes(people[1].id));
    assert.ok(ids.includes(people[0].id));
    await say(boss, 'demo', 20);
    const { seq } = await boss.command('begin_auction', 'demo');
    way.choose(other);
    assert.equal(await recovered, true);
    assert.equal(ana.socket.id, sid);
    await ana.event('lot_started');
    await ana.until('all of it', () => checkStream(ana) >= seq);
    assert.equal(snapshots(ana), 1);
    const you = await ana.event('you', () => true, 5000, ana.heard.findLastIndex((e) => e.name === 'lot_started'));
    assert.equal(you.participant.id, people[0].id);
    // It is a member: it may bid at once.
    const { lot } = ana.heard.find((e) => e.name === 'lot_started').payload;
    assert.equal((await ana.command('place_bid', 'demo', { lot: lot.id, amount: lot.ask })).ok, true);
    assert.match((await other.http('GET', '/metrics')).text, /sessions_recovered_total 1\n/);
  });
}

test('the only bridge starts anew: its clients recover, with more behind them than a page of the ledger holds', async () => {
  const { w, first, way, ana, boss } = await house({ second: false });
  await ana.event('auction_snapshot');
  const port = new URL(first.url).port;
  const people = [ana, ...(await Promise.all(Array.from({ length: 10 }, async () => {
    const browser = w.browser(way, { reconnectionDelayMax: 300 });
    assert.equal((await browser.join('demo')).ok, true);
    return browser;
  })))];
  way.choose(null);
  const recovered = Promise.all(people.map((browser) => again(browser, 30000)));
  way.cut();
  await sayMuch(boss, 1300, '');
  const last = boss.heard.findLast((e) => e.name === 'notice').payload.seq;
  boss.close();
  await first.kill();
  const renewed = await w.startBridge({ args: [...FAST, '--listen', `127.0.0.1:${port}`], live: false });
  way.choose(renewed);
  assert.deepEqual(await recovered, people.map(() => true));
  for (const browser of people) {
    await browser.until('the last', () => checkStream(browser) >= last);
    assert.equal(snapshots(browser), 1);
  }
});

test('an engine that starts anew in between begins an epoch, and the session goes on through it', async () => {
  const { w, first, other, way, ana, boss } = await house();
  await say(boss, 'demo', 2);
  await ana.event('notice', (e) => e.text === 'word 1');
  const recovered = again(ana);
  way.choose(null);
  way.cut();
  const from = boss.heard.length;
  await w.engine.kill();
  await boss.event('connection_degraded', () => true, 40000, from);
  await w.startEngine();
  await boss.event('connection_restored', () => true, 10000, from);
  await boss.event('auction_snapshot', () => true, 10000, from);
  await say(boss, 'demo', 2);
  way.choose(other);
  assert.equal(await recovered, true);
  await ana.event('epoch_started', (e) => e.reason === 'engine_start');
  await ana.until('all of it', () => checkStream(ana) === boss.heard.findLast((e) => e.name === 'notice').payload.seq);
  assert.equal(snapshots(ana), 1);
  void first;
});

test('who said goodbye does not come back: at this bridge, and at another', async () => {
  const { other, way, ana, boss } = await house();
  await say(boss, 'demo', 1);
  await ana.event('notice');
  const sid = ana.socket.id;
  for (const bridge of [null, other]) {
    if (bridge) way.choose(bridge);
    const connected = again(ana);
    ana.socket.disconnect();
    ana.socket.connect();
    assert.equal(await connected, false);
    assert.notEqual(ana.socket.id, sid);
    assert.equal((await ana.join('demo')).ok, true);
  }
});

test('who has left a sale, or has seen too little or something else, comes back as a new session', async () => {
  const { w, way, ana, boss, people } = await house();
  await say(boss, 'demo', 1);
  await ana.event('notice');
  const cut = async () => {
    const connected = again(ana);
    way.cut();
    return connected;
  };
  const pid = ana.socket._pid;
  for (const offset of [undefined, '', '-', 'demo', 'demo:1', 'demo:0.5', 'other:1.1', 'demo:7.3', 'demo:1.999999', 'demo:1.9223372036854775808', 5, { a: 1 }, 'd'.repeat(9000)]) {
    ana.socket._pid = pid;
    ana.socket._lastOffset = offset;
    assert.equal(await cut(), false, `offset ${offset}`);
    assert.notEqual(ana.socket._pid, pid);
    assert.equal((await ana.join('demo')).ok, true);
  }
  // What another has signed for is no use to him, nor is what nobody has signed.
  const ben = w.browser(way, { auth: people[1].token });
  assert.equal((await ben.join('demo')).ok, true);
  const good = ana.socket._pid;
  for (const forged of [ben.socket._pid, good.replace(/^1\./, '2.'), good.slice(0, -1) + (good.endsWith('0') ? '1' : '0'), 'x', good.replace('bidder', 'auctioneer')]) {
    ana.socket._pid = forged;
    assert.equal(await cut(), false, forged);
    assert.equal((await ana.join('demo')).ok, true);
  }
  assert.equal((await ana.ask('leave_auction', { sale: 'demo' })).ok, true);
  await ana.event('auction_left');
  assert.equal(await cut(), false);
});

test('a token that has expired still sees, and one whose key is gone does not', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  const people = await w.sell(bridge, 'demo', AUCTION);
  const way = await switchTo(bridge);
  const soon = Math.floor(Date.now() / 1000) + 3;
  const ana = w.browser(way, { auth: bidder('demo', people[0].id, { exp: soon }) });
  assert.equal((await ana.join('demo')).ok, true);
  const refused = new Promise((resolve) => ana.socket.once('connect_error', (error) => error.data && resolve(error.data.code)));
  await within(6000, 'expiry', (async () => {
    for (;;) {
      const answer = await ana.command('place_bid', 'demo', { lot: 'l1', amount: 1 });
      if (answer.error.code === 'TOKEN_EXPIRED') return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })());
  const recovered = again(ana);
  way.cut();
  assert.equal(await recovered, true);
  assert.equal((await ana.command('place_bid', 'demo', { lot: 'l1', amount: 1 })).error.code, 'TOKEN_EXPIRED');
  writeFileSync(join(w.folder, 'jwt.keys'), `k2 ${'ab'.repeat(32)}\n`);
  const next = await w.startBridge();
  way.choose(next);
  way.cut();
  assert.equal(await within(5000, 'refusal', refused), 'UNAUTHENTICATED');
});

test('too much was missed: the client comes back as a new session, and joins to a fresh snapshot', async () => {
  const { way, ana, boss, other } = await house();
  await say(boss, 'demo', 1);
  await ana.event('notice');
  const connected = again(ana, 30000);
  way.choose(null);
  way.cut();
  await sayMuch(boss, 10100, '');
  way.choose(other);
  assert.equal(await connected, false);
  assert.equal((await ana.join('demo')).ok, true);
});

test('three thousand long events were missed: all of them come, in pieces', async () => {
  const { way, ana, boss, other } = await house({ transports: ['websocket'] });
  await say(boss, 'demo', 1);
  await ana.event('notice');
  const connected = again(ana, 30000);
  way.choose(null);
  way.cut();
  await sayMuch(boss, 3000, 'x'.repeat(270));
  const last = boss.heard.findLast((e) => e.name === 'notice').payload.seq;
  way.choose(other);
  assert.equal(await connected, true);
  await ana.until('the last', () => checkStream(ana) >= last, 20000);
  assert.equal(snapshots(ana), 1);
});

test('a session that lives on at a bridge from which its client was cut off ends there when it is taken up elsewhere', async () => {
  const { w, first, other, ana, boss } = await house({ transports: ['websocket'] });
  await say(boss, 'demo', 1);
  await ana.event('notice');
  const sid = ana.socket.id;
  // The same session is shown at the other bridge while the first still holds it.
  const twin = w.browser(other, { auth: ana.socket.auth.token, transports: ['websocket'], autoConnect: false });
  twin.socket._pid = ana.socket._pid;
  twin.socket._lastOffset = ana.socket._lastOffset;
  const ended = within(5000, 'the end of the first', new Promise((resolve) => ana.socket.once('disconnect', resolve)));
  const recovered = again(twin);
  twin.socket.connect();
  assert.equal(await recovered, true);
  assert.equal(twin.socket.id, sid);
  await ended;
  ana.close();
  await say(boss, 'demo', 1);
  await twin.event('notice');
  void first;
});
