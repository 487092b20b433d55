// The formats of rules 4 behind a real broker: what each topic tells, and when.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { World, checkEvents, sha256 } from './engine_world.mjs';

async function withWorld(run) {
  const world = await World.create();
  try {
    await world.startEngine();
    await run(world, await world.bridge());
    assert.doesNotMatch(world.engine.log, /Sanitizer|runtime error|assert/i);
    await world.engine.kill('SIGTERM');
    const { code, out } = await world.verify();
    assert.equal(code, 0, out);
  } finally {
    await world.end();
  }
}

const offer = (bridge, sale, by, lot, amount, quantity = 1) => bridge.command(sale, 'bid', { lot, amount, quantity }, { by, role: 'bidder' });

// Numbers that nothing else is, so that they would be found wherever they are told.
const AMOUNTS = { first: 47113, second: 38227, third: 29341 };

test('of a sealed bid no topic, no document and no answer tells anything before the close, and of a loser nothing after it', () =>
  withWorld(async (world, bridge) => {
    const lots = ['sealed_first', 'vickrey', 'uniform'].map((format, i) =>
      ({ title: format, opening: 1000, reserve: 20000, quantity: i === 2 ? 3 : 1, rules: { format, lot_duration_ms: 4000 } }));
    const people = await bridge.sale('sealed', { bidders: 3, lots, rules: { flow: 'parallel', lot_duration_ms: 4000,
      soft_close: { window_ms: 4000, amount_ms: 5000, type: 'reset', max_extensions: 0 } } });
    const watcher = await world.bridge('bridge-watch');
    await bridge.must('sealed', 'begin');
    await watcher.until('the lots are open', () => watcher.messages.some((m) => m.topic === 'sale/sealed/lots/0' && m.text.includes('"phase":"open"')));
    const before = (await bridge.must('sealed', 'snapshot', {}, { role: 'auctioneer' })).snapshot;
    const from = watcher.messages.length;
    const answers = [];
    for (const lot of ['l1', 'l2', 'l3']) {
      answers.push(await offer(bridge, 'sealed', people[2], lot, 1111)); // replaced below
      for (const [i, amount] of Object.values(AMOUNTS).entries()) answers.push(await offer(bridge, 'sealed', people[i], lot, amount));
    }
    for (const answer of answers) {
      assert.ok(answer.ok, JSON.stringify(answer));
      assert.deepEqual(Object.keys(answer).filter((key) => !['ok', 'seq', 'epoch', 'lot', 'sealed'].includes(key)), []);
    }
    const after = (await bridge.must('sealed', 'snapshot', {}, { role: 'auctioneer' })).snapshot;
    const still = (snapshot) => JSON.parse(JSON.stringify(snapshot, (key, value) => (['at', 'now', 'remaining_ms'].includes(key) ? undefined : value)));
    assert.deepEqual(still(after), still(before), 'the auctioneer sees nothing either');
    for (const op of ['results', 'replay', 'export_definition']) {
      const text = JSON.stringify(await bridge.command('sealed', op, op === 'replay' ? { from: 1 } : {}));
      assert.doesNotMatch(text, /47113|38227|29341|1111/, op);
    }
    const other = JSON.stringify(await bridge.must('sealed', 'you', {}, { by: people[1], role: 'bidder' }));
    assert.doesNotMatch(other, /47113|29341|1111/);

    const meanwhile = watcher.messages.slice(from).filter((m) => !/^(sale\/sealed\/tick|sale\/sealed\/board\/.*|svc\/engine\/.*)$/.test(m.topic));
    assert.deepEqual(meanwhile.map((m) => m.topic), [], 'no message at all, so that not even the time of an offer is told');

    const sold = await watcher.until('all closed', () => {
      const closed = watcher.events.filter((e) => e.name === 'sold');
      return closed.length === 3 && closed.map((e) => e.payload);
    });
    assert.deepEqual(sold.map((e) => [e.lot.id ?? e.lot, e.price, e.winner?.id ?? null, e.quantity]),
      [['l1', AMOUNTS.first, people[0], 1], ['l2', AMOUNTS.second, people[0], 1], ['l3', AMOUNTS.third, null, 3]]);
    await watcher.event('sealed', 'auction_complete');
    const told = watcher.messages.filter((m) => !m.topic.startsWith('reply/')).map((m) => m.text).join('\n');
    assert.doesNotMatch(told, /1111/, 'an offer that was replaced');
    const ofFirst = watcher.events.filter((e) => e.payload.lot === 'l1' || e.payload.lot?.id === 'l1').map((e) => e.text).join('\n');
    assert.doesNotMatch(ofFirst, /38227|29341/, 'what losers offered');
    await bridge.event('sealed', 'auction_complete');
    checkEvents(bridge.events.filter((e) => e.sale === 'sealed'), assert);
  }));

test('a Dutch price is computed from the clock that the state tells, a press buys pieces, and the fall withdraws the rest unseen before', () =>
  withWorld(async (world, bridge) => {
    const [ana, ben] = await bridge.sale('dutch', { lots: [
      { title: 'Tulips', opening: 5000, reserve: 3000, quantity: 5 }, { title: 'Roses', opening: 500, reserve: 400 }],
    rules: { format: 'dutch', price_step: 100, price_tick_ms: 200, dutch_raise: 150 } });
    await bridge.must('dutch', 'begin');
    const { lot } = await bridge.event('dutch', 'lot_started');
    assert.deepEqual([lot.clock.price, lot.clock.step, lot.clock.tick_ms, lot.clock.quantity_left, lot.ends_at], [5000, 100, 200, 5, null]);
    const priceAt = (clock, at) => clock.price - clock.step * Math.floor((at - clock.from) / clock.tick_ms);

    await bridge.until('the price has fallen', () => Date.now() - lot.clock.from > 500 || bridge.messages.filter((m) => m.topic === 'sale/dutch/tick').length > 0);
    const low = await offer(bridge, 'dutch', ana, 'l1', 1, 1);
    assert.equal(low.error.code, 'BELOW_ASK');
    const many = await offer(bridge, 'dutch', ana, 'l1', 5000, 6);
    assert.equal(many.error.code, 'BAD_QUANTITY');
    const press = await offer(bridge, 'dutch', ana, 'l1', 5000, 2);
    assert.ok(press.ok, JSON.stringify(press));
    const update = await bridge.event('dutch', 'bid_update');
    assert.equal(update.price ?? update.lot?.price, priceAt(lot.clock, update.at));
    const awarded = await bridge.event('dutch', 'lot_awarded');
    assert.deepEqual(awarded.awards.map((award) => [award.winner.id, award.quantity, award.price]), [[ana, 2, priceAt(lot.clock, update.at)]]);
    const restarted = await bridge.event('dutch', 'clock_restarted');
    assert.equal(restarted.clock.price, Math.min(5000, priceAt(lot.clock, update.at) + 150));
    assert.equal(restarted.clock.quantity_left, 3);
    assert.ok((await offer(bridge, 'dutch', ben, 'l1', 5000, 3)).ok);
    const sold = await bridge.event('dutch', 'sold');
    assert.deepEqual([sold.quantity, sold.winner, sold.reason], [5, null, 'pressed']);

    const roses = await bridge.event('dutch', 'lot_started', sold.seq);
    const withdrawn = await bridge.event('dutch', 'lot_withdrawn');
    assert.equal(withdrawn.reason, 'below_minimum');
    assert.equal(withdrawn.at - roses.lot.clock.from >= 400, true);
    for (const message of bridge.messages) assert.doesNotMatch(message.text, /"reserve":(3000|400)\b/);
  }));

test('a Japanese price rises by public ticks, who leaves is told, and the last one pays where the second-last left', () =>
  withWorld(async (world, bridge) => {
    const [ana, ben, cid] = await bridge.sale('buttons', { bidders: 3, lots: [{ title: 'Bulb', opening: 1000 }],
      rules: { format: 'japanese', price_step: 50, price_tick_ms: 150, lot_duration_ms: 600 } });
    const pass = (by) => bridge.command('buttons', 'pass', { lot: 'l1' }, { by, role: 'bidder' });
    await bridge.must('buttons', 'begin');
    await bridge.event('buttons', 'lot_started');
    for (const by of [ana, ben, cid]) assert.ok((await offer(bridge, 'buttons', by, 'l1', 1000)).ok);
    const rise = await bridge.event('buttons', 'clock_restarted');
    assert.equal(rise.clock.price, 1050);
    assert.equal((await offer(bridge, 'buttons', ana, 'l1', 2000)).error.code, 'LOT_CLOSED');
    assert.ok((await pass(cid)).ok);
    await bridge.until('1150', () => bridge.events.some((e) => e.name === 'clock_restarted' && e.payload.clock.price >= 1150));
    assert.ok((await pass(ana)).ok);
    const sold = await bridge.event('buttons', 'sold');
    const last = bridge.events.filter((e) => e.name === 'clock_restarted').at(-1).payload;
    assert.deepEqual([sold.winner.id, sold.price, sold.reason], [ben, last.clock.price, 'passed']);
    assert.deepEqual(bridge.events.filter((e) => e.name === 'lot_passed').map((e) => e.payload.by.id), [cid, ana]);
  }));

test('a candle ends where anybody computes it from the seed, the hash of the seed was public before, and nothing else told it', () =>
  withWorld(async (world, bridge) => {
    const [ana] = await bridge.sale('candle', { lots: [{ title: 'Vase', opening: 1000 }],
      rules: { format: 'candle', lot_duration_ms: 2000, candle_ending_ms: 1500 } });
    const { seed_hash: committed } = JSON.parse(bridge.last('sale/candle/info').text);
    assert.match(committed, /^[0-9a-f]{64}$/);
    await bridge.must('candle', 'begin');
    const started = await bridge.event('candle', 'lot_started');
    assert.ok((await bridge.bid('candle', ana, 'l1', 1000)).ok);
    await bridge.must('candle', 'pause');
    const paused = await bridge.event('candle', 'auction_paused');
    assert.equal(paused.remaining_ms, started.lot.ends_at - paused.at, 'of the public end');
    await bridge.must('candle', 'resume');
    const resumed = await bridge.event('candle', 'auction_resumed');
    const sold = await bridge.event('candle', 'sold');
    assert.equal(sold.winner.id, ana);
    await bridge.event('candle', 'auction_complete');
    const [ofLot, ofSale] = await bridge.until('both seeds', () => {
      const revealed = bridge.events.filter((e) => e.name === 'seed_revealed').map((e) => e.payload);
      return revealed.length === 2 && revealed;
    });
    assert.deepEqual([ofLot.lot, ofSale.lot], ['l1', null]);

    const seed = Buffer.from(ofSale.seed, 'hex');
    assert.equal(sha256(seed), committed);
    const start = Buffer.alloc(8);
    start.writeBigUInt64BE(BigInt(started.at));
    let key = createHash('sha256').update(seed).update('l1').update(start).digest();
    assert.equal(key.toString('hex'), ofLot.seed);
    const phase = 1500n;
    const whole = (1n << 64n) - ((1n << 64n) % phase);
    while (key.readBigUInt64BE() >= whole) key = createHash('sha256').update(key).digest();
    const end = started.lot.ends_at - 1500 + Number(key.readBigUInt64BE() % phase) + (resumed.at - paused.at);
    assert.ok(sold.at >= end && sold.at - end < 60, `closed at ${sold.at - end} ms after the drawn end`);
    const early = bridge.messages.filter((m) => m.at < sold.at && !m.topic.startsWith('reply/')).map((m) => m.text).join('\n');
    assert.doesNotMatch(early, new RegExp(`${ofSale.seed}|${ofLot.seed}|${end}`));
  }));
