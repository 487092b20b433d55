// rules 3 and 4: maxima, sealed offers, reserves, drawn ends, seeds and drawn orders stay secret. Whole sales are played with
// unmistakable numbers over a real broker, and every byte that anybody else could read is searched for them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN, BridgeWorld, bidder, commandId, token } from './bridge_world.mjs';
import { MqttClient } from './engine_mqtt.mjs';
import { within } from './engine_world.mjs';

// Hears everything that any client could hear of the broker, but commands, which only engines may read.
async function listen(world) {
  const heard = []; // {topic, text}
  const waiting = new Set();
  const client = await MqttClient.connect(world.port, { clientId: 'listener' });
  client.on('message', (topic, payload) => {
    if (topic.includes('/cmd/')) return;
    heard.push({ topic: topic.replace('lotcast/v1/', ''), text: payload.toString() });
    for (const look of [...waiting]) look();
  });
  await client.subscribe('#');
  world.clients.push({ client });
  const until = (what, test) => within(10000, what, new Promise((resolve) => {
    const look = () => test() && (waiting.delete(look), resolve());
    waiting.add(look);
    look();
  }));
  return { heard, until };
}

const rules = { lot_duration_ms: 60000, gap_ms: 0, flow: 'parallel', increments: { kind: 'flat', step: 100, align: false } };

async function open(bridge, sale, lots, more = {}) {
  const created = await bridge.http('POST', '/api/sales', {
    id: sale, title: sale, currency: { code: 'EUR', minor_digits: 2 }, public: true, lots, ...more, rules: { ...rules, ...more.rules },
  }, { token: ADMIN });
  assert.equal(created.status, 201, created.text);
  const added = await command(bridge, sale, ADMIN, 'add_participants', { participants: [{ name: 'Ana' }, { name: 'Ben' }, { name: 'Cid' }] });
  assert.equal(added.json.added, 3, added.text);
  return ['p1', 'p2', 'p3'].map((id) => ({ id, token: bidder(sale, id) }));
}

const command = (bridge, sale, as, op, members = {}) =>
  bridge.http('POST', `/api/sales/${sale}/commands`, { op, id: commandId(), ...members }, { token: as });

async function must(bridge, sale, as, op, members = {}) {
  const answer = await command(bridge, sale, as, op, members);
  assert.equal(answer.status, 200, `${op}: ${answer.text}`);
  return answer.json;
}

// Whatever others may ask for over HTTP.
async function askedByOthers(bridge, sale, receipts = []) {
  const staff = token({ sale, sub: 'nora', role: 'auctioneer', name: 'Nora' });
  const paths = ['', '/lots?page=0', '/results.json', '/results.csv', '/events?from=1', ...receipts.map((id) => `/receipts/${id}`)];
  const texts = [];
  for (const as of [undefined, staff, ADMIN]) {
    for (const path of paths) texts.push({ topic: `GET ${path}`, text: (await bridge.http('GET', `/api/sales/${sale}${path}`, undefined, { token: as })).text });
  }
  texts.push({ topic: '/metrics', text: (await bridge.http('GET', '/metrics')).text });
  return texts;
}

function assertHidden(texts, secrets) {
  for (const { topic, text } of texts) {
    for (const secret of secrets) {
      assert.ok(!new RegExp(`(?<![0-9])${secret}(?![0-9])`).test(text), `${secret} is shown on ${topic}: ${text.slice(0, 600)}`);
    }
  }
}

async function withBridge(run) {
  const world = await BridgeWorld.create();
  try {
    const bridge = await world.startBridge();
    await run(world, bridge, await listen(world));
    assert.doesNotMatch(world.engine.log + bridge.log, /Sanitizer|runtime error|LC_ASSERT/i);
  } finally {
    await world.end();
  }
}

test('a maximum is told to its owner alone, whatever is asked by whomever', () => withBridge(async (world, bridge, listener) => {
  const sale = 'maxima';
  const [ana, ben, cid] = await open(bridge, sale, [
    { title: 'Lamp', opening: 1000, reserve: 910019, rules: { reserve_mode: 'second_price' } },
    { title: 'Clock', opening: 1000, rules: { format: 'candle', candle_ending_ms: 30000 } },
  ], { roster: { budget: 5000000, slots: 0, minimum: 1 } });
  const watcher = world.browser(bridge, {});
  await watcher.join(sale);
  const anas = world.browser(bridge, { auth: ana.token });
  await anas.join(sale);
  await must(bridge, sale, ADMIN, 'begin');
  await listener.until('both lots are open', () => listener.heard.some((m) => m.topic.endsWith('/event/auction_started') && m.text.includes('"open":2')));

  const receipts = [commandId(), commandId()];
  const set = await anas.ask('set_max_bid', { sale, lot: 'l1', max: 730037, id: receipts[0] });
  assert.equal(set.leading, true, JSON.stringify(set));
  await must(bridge, sale, ben.token, 'bid', { lot: 'l1', amount: 2000 });
  await must(bridge, sale, ben.token, 'set_max', { lot: 'l1', max: 640046 });
  await must(bridge, sale, cid.token, 'set_max', { lot: 'l2', max: 550055 });
  const poor = await bridge.http('POST', `/api/sales/${sale}/commands`, { op: 'bid', id: receipts[1], lot: 'l2', amount: 4900000 }, { token: ana.token });
  assert.equal(poor.json.error.code, 'INSUFFICIENT_BUDGET', poor.text);
  const left = poor.json.error.max_bid; // 5000000 less what is held for his maximum: his own secret
  assert.equal(left, 5000000 - 730037);

  const own = await anas.event('max_bid_changed', (n) => n.lot === 'l1' && n.max === 730037 && n.leading);
  assert.equal(own.event, 'max_bid_changed');
  const you = (await must(bridge, sale, ana.token, 'you')).you;
  assert.deepEqual(you.maxima, [{ lot: 'l1', max: 730037, quantity: 1, leading: true }]);
  assert.equal(you.held, 730037);
  const bens = (await must(bridge, sale, ben.token, 'you')).you;
  assert.deepEqual(bens.maxima, [{ lot: 'l1', max: 640046, quantity: 1, leading: false }]);
  assert.ok(!JSON.stringify(bens).includes('730037'));

  // Pages come at most twice a second: the one that shows the last price has been published.
  const { state } = (await bridge.http('GET', `/api/sales/${sale}`)).json.snapshot;
  assert.equal(state.open, 2);
  await listener.until('a page with the price', () => listener.heard.some((m) => m.topic === `sale/${sale}/lots/0` && m.text.includes('"price":640146')));
  await listener.until('two more ticks', () => listener.heard.filter((m) => m.topic === `sale/${sale}/tick`).length > 3);
  const secrets = ['730037', '640046', '550055', '910019', String(left), String(5000000 - 730037)];
  const isOwn = (m) => m.topic.startsWith('reply/') || m.topic.startsWith(`sale/${sale}/private/`);
  assertHidden(listener.heard.filter((m) => !isOwn(m)), secrets);
  assertHidden(listener.heard.filter((m) => m.topic === `sale/${sale}/private/p3` || m.topic === `sale/${sale}/private/p2`), ['730037']);
  assertHidden(watcher.heard.map((e) => ({ topic: e.name, text: JSON.stringify(e.payload) })), secrets);
  assertHidden(await askedByOthers(bridge, sale, receipts), secrets);
  assertHidden([{ topic: 'engine log', text: world.engine.log }, { topic: 'bridge log', text: bridge.log }], secrets);
  const held = JSON.parse(listener.heard.findLast((m) => m.topic === `sale/${sale}/participants/0`).text).participants;
  assert.deepEqual(held.map((p) => p.held), [640146, 0, 1000], 'the page shows prices, not what is held');
}));

test('of sealed offers nothing is seen before the close, and of the losing ones nothing ever', () => withBridge(async (world, bridge, listener) => {
  const sale = 'sealed';
  const [ana, ben, cid] = await open(bridge, sale, [
    { title: 'First', opening: 1000, duration_ms: 60000, rules: { format: 'sealed_first' } },
    { title: 'Second', opening: 1000, duration_ms: 60000, rules: { format: 'vickrey' } },
    { title: 'Pieces', opening: 1000, duration_ms: 60000, quantity: 3, rules: { format: 'uniform' } },
  ]);
  const watcher = world.browser(bridge, {});
  await watcher.join(sale);
  await must(bridge, sale, ADMIN, 'begin');
  await watcher.event('auction_started', (e) => e.open === 3);
  await listener.until('a tick', () => listener.heard.some((m) => m.topic === `sale/${sale}/tick`));
  // What the begin has published has settled: nothing but ticks for two of them.
  const quiet = (m) => !/\/(tick|board\/clock)$|^svc\/|^reply\//.test(m.topic);
  let settled = 0;
  while (settled < 2) {
    const from = listener.heard.length;
    await listener.until('the next tick', () => listener.heard.slice(from).some((m) => m.topic === `sale/${sale}/tick`));
    settled = listener.heard.slice(from).some(quiet) ? 0 : settled + 1;
  }

  const before = listener.heard.length;
  const metricsBefore = (await bridge.http('GET', '/metrics')).text.split('\n').filter((line) => /commands_total.*op="bid"/.test(line));
  const offers = [[ana, 'l1', 550055], [ben, 'l1', 440044], [ana, 'l2', 770077], [ben, 'l2', 660066], [cid, 'l3', 330033], [ana, 'l3', 220022]];
  const receipts = [];
  for (const [who, lot, amount] of offers) {
    receipts.push(commandId());
    const answer = await bridge.http('POST', `/api/sales/${sale}/commands`, { op: 'bid', id: receipts.at(-1), lot, amount }, { token: who.token });
    assert.deepEqual({ ...answer.json, seq: 0, epoch: 0 }, { ok: true, seq: 0, epoch: 0, lot, sealed: true }, answer.text);
  }
  for (let i = 0; i < 2; i++) {
    const from = listener.heard.length;
    await listener.until('the next tick', () => listener.heard.slice(from).some((m) => m.topic === `sale/${sale}/tick`));
  }
  assert.deepEqual(listener.heard.slice(before).filter(quiet), [], 'not even that there is an offer');
  assert.deepEqual((await bridge.http('GET', '/metrics')).text.split('\n').filter((line) => /commands_total.*op="bid"/.test(line)), metricsBefore);
  const secrets = offers.map(([, , amount]) => String(amount));
  assertHidden(listener.heard, secrets); // the answers to the owners too
  const asked = await askedByOthers(bridge, sale, receipts);
  assertHidden(asked, secrets);
  for (const { topic, text } of asked.filter((one) => one.topic.includes('/receipts/'))) {
    assert.match(text, /NOT_FOUND|FORBIDDEN|UNAUTHENTICATED|NOT_PARTICIPANT/, `${topic} tells that there is an offer`);
  }
  const snapshot = (await bridge.http('GET', `/api/sales/${sale}`, undefined, { token: ADMIN })).json.snapshot;
  assert.deepEqual(snapshot.lots.map((lot) => [lot.price, lot.leader, lot.bids, lot.ask]), [[null, null, 0, 1000], [null, null, 0, 1000], [null, null, 0, 1000]]);
  assert.deepEqual(snapshot.participants.map((p) => [p.held, p.spent]), [[0, 0], [0, 0], [0, 0]]);
  assert.deepEqual(snapshot.recent_bids, []);
  assert.deepEqual((await must(bridge, sale, ana.token, 'you')).you.maxima.map((m) => [m.lot, m.max, m.leading]), [['l1', 550055, null], ['l2', 770077, null], ['l3', 220022, null]]);
  assert.equal((await bridge.http('GET', `/api/sales/${sale}/receipts/${receipts[0]}`, undefined, { token: ana.token })).json.receipt.result.sealed, true, 'his own receipt');

  for (const lot of ['l1', 'l2', 'l3']) await must(bridge, sale, ADMIN, 'next', { lot });
  const first = await watcher.event('sold', (e) => e.lot === 'l1');
  const second = await watcher.event('sold', (e) => e.lot === 'l2');
  assert.deepEqual([first.winner.id, first.price], ['p1', 550055]);
  assert.deepEqual([second.winner.id, second.price], ['p1', 660066], 'the second price');
  await watcher.event('auction_complete');
  const shown = (m) => !m.topic.startsWith('reply/');
  assertHidden(listener.heard.filter(shown), ['440044', '770077']);
  assertHidden(await askedByOthers(bridge, sale, receipts), ['440044', '770077']);
  assertHidden([{ topic: 'engine log', text: world.engine.log }], secrets);
}));

test('where a Dutch clock stops and how a drawn order goes is not told before its time', () => withBridge(async (world, bridge, listener) => {
  const lots = Array.from({ length: 8 }, (_, i) => ({ title: `Lot ${i + 1}`, opening: 1000 }));
  await open(bridge, 'drawn', lots, { order: 'shuffled', rules: { flow: 'sequential', lot_duration_ms: 60000, gap_ms: 60000 } });
  const [ana] = await open(bridge, 'dutch', [
    { title: 'Tulips', opening: 990000, reserve: 123321, rules: { format: 'dutch', price_step: 1000, price_tick_ms: 300 } },
  ], { rules: { flow: 'sequential' } });
  await must(bridge, 'drawn', ADMIN, 'begin');
  await must(bridge, 'dutch', ADMIN, 'begin');
  await listener.until('the price moves', () => listener.heard.filter((m) => m.topic === 'sale/dutch/tick' && m.text.includes('"clock":"price"')).length > 2);
  const info = JSON.parse(listener.heard.findLast((m) => m.topic === 'sale/drawn/info').text);
  assert.match(info.seed_hash, /^[0-9a-f]{64}$/);
  const page = JSON.parse(listener.heard.findLast((m) => m.topic === 'sale/drawn/lots/0').text);
  assert.deepEqual(page.lots.map((lot) => lot.no), [1, 2, 3, 4, 5, 6, 7, 8]);
  const started = JSON.parse(listener.heard.find((m) => m.topic === 'sale/dutch/event/lot_started').text);
  assert.equal(started.lot.ends_at, null);
  const { clock } = started.lot;
  assert.deepEqual([clock.price, clock.step, clock.tick_ms, clock.frozen_at], [990000, 1000, 300, null]);
  const tick = JSON.parse(listener.heard.findLast((m) => m.topic === 'sale/dutch/tick').text);
  assert.equal(tick.price, clock.price - clock.step * Math.floor((tick.now - clock.from) / clock.tick_ms), 'everybody can compute the price');
  const shown = () => new Set(listener.heard.filter((m) => m.topic === 'sale/dutch/board/price').map((m) => m.text));
  await listener.until('boards show the price as it falls', () => [...shown()].filter((text) => /^9\d{3}\.\d\d EUR$/.test(text)).length > 2);
  const fallsAt = String(clock.from + (Math.floor((990000 - 123321) / 1000) + 1) * 300);
  assertHidden(listener.heard.filter((m) => m.topic.startsWith('sale/dutch/')), ['123321', fallsAt]);
  assertHidden(await askedByOthers(bridge, 'dutch'), ['123321', fallsAt]);
  assertHidden(await askedByOthers(bridge, 'drawn'), ['"seed":"[0-9a-f]{64}']);
  const press = await must(bridge, 'dutch', ana.token, 'bid', { lot: 'l1', amount: 990000 });
  assert.ok(press.price <= clock.price && press.phase === 'sold', JSON.stringify(press));
}));

test('paddles and hidden: no name on any topic or page, and of a hidden sale no purse, from the lobby to the results', () => withBridge(async (world, bridge, listener) => {
  for (const visibility of ['paddles', 'hidden']) {
    const people = await open(bridge, visibility, [{ title: 'Lamp', opening: 1000, match_holder: 'p3' }, { title: 'Vase', opening: 1000, buy_now: 5000 },
      { title: 'Bowl', opening: 1000, rules: { format: 'vickrey' } }], { visibility,
      roster: { budget: 7771230, slots: 3, minimum: 100 }, match: { mode: 'plain', time_ms: 60000 } });
    await must(bridge, visibility, ADMIN, 'add_participants', { participants: [{ name: 'Quendolin', budget: 8881230, limit: 9991230 }] });
    await must(bridge, visibility, ADMIN, 'set_participant', { participant: 'p2', limit: 9991231 });
    await must(bridge, visibility, ADMIN, 'block', { participant: 'p4', blocked: true });
    await must(bridge, visibility, ADMIN, 'begin');
    await must(bridge, visibility, people[0].token, 'bid', { lot: 'l1', amount: 1000 });
    await must(bridge, visibility, people[1].token, 'set_max', { lot: 'l1', max: 4000 });
    await must(bridge, visibility, ADMIN, 'floor_bid', { lot: 'l1', amount: 2000, paddle: '1' });
    await must(bridge, visibility, ADMIN, 'undo', { lot: 'l1', reason: 'misheard' });
    await must(bridge, visibility, people[2].token, 'pass', { lot: 'l2' });
    await must(bridge, visibility, people[0].token, 'buy_now', { lot: 'l2' });
    await must(bridge, visibility, people[0].token, 'bid', { lot: 'l3', amount: 1500 });
    await must(bridge, visibility, ADMIN, 'sell', { lot: 'l1' });
    await must(bridge, visibility, people[2].token, 'match', { lot: 'l1', accept: true });
    await must(bridge, visibility, ADMIN, 'next', { lot: 'l3' });
    await listener.until('the sale is complete', () => listener.heard.some((m) => m.topic === `sale/${visibility}/event/auction_complete`));
    const texts = [...listener.heard.filter((m) => m.topic.includes(visibility) && !m.topic.startsWith('reply/')), ...await askedByOthers(bridge, visibility)];
    assert.ok(texts.some((m) => m.text.includes('"paddle":"3"')));
    for (const { topic, text } of texts) assert.doesNotMatch(text, /\b(Ana|Ben|Cid|Quendolin)\b/, `a name on ${topic}`);
    const purses = texts.map((m) => ({ ...m, text: m.text.replace('"roster":{"budget":7771230', '') })); // a rule of the sale, no purse
    if (visibility === 'hidden') assertHidden(purses, [7771230, 8881230, 9991230, 9991231]);
    for (const { text } of texts.filter((m) => m.topic.includes('/participants/') && m.text.includes('"id"'))) {
      assert.equal(/"(budget|spent|held)":[1-9]/.test(text), visibility === 'paddles', text);
    }
  }
}));
