// Unmodified clients follow a whole small sale: socket.io-client 4.8 in its three transport modes, and Debian's python3-socketio.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { MODES, Tab, outcome } from './follower.mjs';
import { House, SOURCE, needPrograms, saleOf } from './harness.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');

async function withHouse(work, options) {
  const house = await House.open(options);
  let failed = true;
  try {
    await work(house);
    failed = false;
  } finally {
    await house.close({ failed });
  }
}

// Bids the ask in `tab` once per lot while it is not leading; gives the answers.
function bidOncePerLot(tab, me, answers) {
  const bidOn = new Set();
  tab.io.onAny((name) => {
    if (name !== 'lot_started' || bidOn.has(tab.open.id)) return;
    bidOn.add(tab.open.id);
    answers.push(tab.place(tab.open.ask));
  });
}

test('the official client follows a whole sale by polling, by WebSocket and with an upgrade', { timeout: 90000 }, () => withHouse(async (house) => {
  const sale = await house.createSale(saleOf('clients', { lots: 4, duration: 900 }));
  const tabs = [];
  const answers = [];
  for (const mode of Object.keys(MODES)) {
    const person = await house.join(sale, `Tab ${mode}`);
    const tab = new Tab(io, house, sale, { name: mode, mode, token: person.token });
    bidOncePerLot(tab, person.participant.id, answers);
    tabs.push(tab);
  }
  const viewer = new Tab(io, house, sale, { name: 'anonymous viewer' });
  await Promise.all([...tabs, viewer].map((tab) => tab.ready()));
  await tabs[2].until(() => tabs[2].transport === 'websocket', 5000, 'the upgrade');
  await house.command(sale, 'begin');
  await Promise.all([...tabs, viewer].map((tab) => tab.until(() => tab.phase === 'complete', 30000, `${tab.name} to see the end`)));
  const results = await house.results(sale);
  for (const tab of [...tabs, viewer]) {
    tab.agreesWith(results);
    assert.deepEqual(tab.disconnects, [], tab.describe());
    assert.equal(tab.connects, 1, tab.describe());
    assert.ok(tab.names.tick > 0 && tab.names.lobby_updated > 0, tab.describe());
  }
  assert.deepEqual(tabs.map((tab) => tab.transport), ['polling', 'websocket', 'websocket']);
  const given = await Promise.all(answers);
  assert.equal(given.length, 12, 'each tab bids once on each lot');
  assert.ok(given.every((answer) => answer.ok || answer.error.code === 'BELOW_ASK'), JSON.stringify(given));
  assert.equal(results.lots.filter(({ phase }) => phase === 'sold').length, 4);
}));

test('an unknown event, a command before joining and a bad token get an answer with a code (F26)', { timeout: 60000 }, () => withHouse(async (house) => {
  const sale = await house.createSale(saleOf('answers', { lots: 1 }));
  const person = await house.join(sale, 'Ana');
  const tab = new Tab(io, house, sale, { token: person.token });
  await tab.ready();
  assert.equal((await tab.emit('make_bid', { sale: sale.id })).error.code, 'UNKNOWN_EVENT');
  assert.equal((await tab.emit('place_bid', { sale: 'other', lot: 'l1', amount: 1, id: 'a' })).error.code, 'NOT_JOINED');
  assert.equal((await tab.emit('begin_auction', { sale: sale.id, id: 'b' })).error.code, 'FORBIDDEN');
  assert.equal((await tab.place(1000, { lot: 'l1' })).error.code, 'NOT_ACTIVE');
  const time = await tab.emit('sync_time', { t0: 5 });
  assert.ok(time.ok && time.t0 === 5 && Math.abs(time.t1 - Date.now()) < 60000, JSON.stringify(time));
  const bad = new Tab(io, house, sale, { name: 'bad token', token: 'x.y.z' });
  const error = await bad.until(() => bad.errors[0], 5000, 'a refusal');
  assert.equal(error.data?.code, 'UNAUTHENTICATED');
  bad.close();
}));

test('with clients of every kind waiting and nothing to tell, engine and bridge rest', { timeout: 60000 }, () => withHouse(async (house) => {
  const sale = await house.createSale(saleOf('quiet', { lots: 1 }));
  const tabs = [...Object.keys(MODES), ...Object.keys(MODES)].map((mode) => new Tab(io, house, sale, { name: mode, mode }));
  await Promise.all(tabs.map((tab) => tab.ready()));
  await Promise.all(tabs.map((tab) => tab.until(() => tab.lobby?.count === tabs.length, 8000, 'all in the lobby')));
  for (const program of [house.bridge, house.engine]) {
    const load = await program.load(2000);
    assert.ok(load < 0.2, `${program.name} uses ${Math.round(load * 100)} % of a processor for nothing`);
  }
}));

test('pause freezes the clock, resume goes on with exactly the rest, reset and delete are events (F23, F24, L11)', { timeout: 60000 }, () => withHouse(async (house) => {
  const sale = await house.createSale(saleOf('pause', { lots: 2, duration: 3000, gap: 3000 }));
  const tab = new Tab(io, house, sale, { name: 'viewer' });
  await tab.ready();
  await house.command(sale, 'begin');
  await tab.until(() => tab.open, 8000, 'the first lot');
  await house.command(sale, 'pause');
  await tab.until(() => tab.phase === 'paused', 3000);
  const rest = tab.open.remaining_ms;
  assert.equal(tab.open.ends_at, null);
  assert.equal((await house.api('POST', `/api/sales/${sale.id}/commands`, { token: sale.token, body: { op: 'pause', id: 'twice' } })).body.error.code, 'WRONG_PHASE');
  await new Promise((resolve) => { setTimeout(resolve, 3500); }); // longer than the lot had: the pause itself, not a wait for anything
  assert.ok(tab.open, 'the lot was closed in the pause');
  await house.command(sale, 'resume');
  await tab.until(() => tab.phase === 'live', 3000);
  assert.equal(tab.resumed.remaining_ms, rest);
  assert.equal(tab.resumed.ends_at - tab.resumed.at, rest);
  await tab.until(() => tab.closed?.lot === 'l1', 6000, 'the close');
  assert.ok(Math.abs(tab.closed.at - tab.resumed.ends_at) < 100, `closed at ${tab.closed.at}, due ${tab.resumed.ends_at}`);
  await house.command(sale, 'pause'); // in the gap
  await tab.until(() => tab.phase === 'paused', 3000);
  await house.command(sale, 'resume');
  await tab.until(() => tab.open?.id === 'l2', 8000, 'the second lot after a pause in the gap');
  await house.command(sale, 'pause');
  await house.command(sale, 'reset');
  await tab.until(() => tab.phase === 'lobby' && tab.names.auction_reset === 1, 3000);
  await house.command(sale, 'delete');
  await tab.until(() => tab.phase === 'deleted', 3000);
  assert.deepEqual(tab.wrong, []);
  assert.equal((await house.api('GET', `/api/sales/${sale.id}`, { token: sale.token })).status, 404);
}));

test('Debian\'s python3-socketio client follows a whole sale', { timeout: 90000, skip: !existsSync('/usr/lib/python3/dist-packages/socketio') && 'python3-socketio is not installed' }, () => withHouse(async (house) => {
  const sale = await house.createSale(saleOf('python', { lots: 3, duration: 900 }));
  const script = path.join(SOURCE, 'tests', 'e2e', 'play_client.py');
  const clients = [];
  for (const more of [[], ['--plain'], ['--plain', 'websocket']]) {
    const person = await house.join(sale, `Py${more.length}`);
    clients.push(house.program(`python${more.join('')}`, '/usr/bin/python3', [script, house.url, sale.id, person.token, ...more], { ready: /^joined/ }));
  }
  await Promise.all(clients.map((client) => client.start()));
  await house.command(sale, 'begin');
  const ends = await Promise.all(clients.map((client) => client.exit));
  const results = await house.results(sale);
  for (const [i, client] of clients.entries()) {
    assert.equal(ends[i].code, 0, client.describe());
    const seen = JSON.parse(client.lines.find((line) => line.startsWith('{')));
    assert.deepEqual(seen.lots.sort(), results.lots.map((lot) => outcome(lot.id, lot.phase, lot.price, lot.winner?.id ?? null)).sort());
    assert.deepEqual(seen.wrong, []);
  }
  assert.equal(results.lots.filter(({ phase }) => phase === 'sold').length, 3);
  assert.equal(spawnSync('/usr/bin/python3', ['-c', 'import socketio']).status, 0);
}));
