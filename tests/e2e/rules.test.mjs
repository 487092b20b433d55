// Every rule and format over the real stack: broker, engine, bridge, official Socket.IO clients and HTTP.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN, BridgeWorld, bidder, commandId, token } from './bridge_world.mjs';

const flat = { kind: 'flat', step: 100, align: false };

// A sale with Ana, Ben and Cid, and staff; `sockets`: all of them have joined by Socket.IO.
class Stage {
  static async open(world, bridge, sale, { lots, rules = {}, ...more }) {
    const stage = Object.assign(new Stage(), { world, bridge, sale });
    const created = await bridge.http('POST', '/api/sales', {
      id: sale, title: sale, currency: { code: 'EUR', minor_digits: 2 }, public: true, lots,
      participants: [{ name: 'Ana' }, { name: 'Ben' }, { name: 'Cid' }],
      rules: { lot_duration_ms: 60000, gap_ms: 0, increments: flat, ...rules }, ...more,
    }, { token: ADMIN });
    assert.equal(created.status, 201, created.text);
    stage.tokens = Object.fromEntries(['p1', 'p2', 'p3'].map((id) => [id, bidder(sale, id)]));
    for (const role of ['auctioneer', 'clerk']) stage.tokens[role] = token({ sale, sub: role, role, name: `The ${role}` });
    [stage.ana, stage.ben, stage.cid, stage.auctioneer, stage.clerk, stage.watcher] = await Promise.all(
      ['p1', 'p2', 'p3', 'auctioneer', 'clerk', undefined].map(async (who) => {
        const browser = world.browser(bridge, { auth: stage.tokens[who] });
        assert.ok((await browser.join(sale)).ok);
        return browser;
      }));
    return stage;
  }

  // An event by Socket.IO that must be accepted.
  async must(who, event, members = {}) {
    const answer = await who.command(event, this.sale, members);
    assert.ok(answer.ok, `${event}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async refused(code, who, event, members = {}) {
    const answer = await who.command(event, this.sale, members);
    assert.equal(answer.error?.code, code, `${event}: ${JSON.stringify(answer)}`);
    return answer.error;
  }

  http(who, op, members = {}) {
    return this.bridge.http('POST', `/api/sales/${this.sale}/commands`, { op, id: commandId(), ...members }, { token: this.tokens[who] ?? ADMIN });
  }

  heard(name, test = () => true) {
    return this.watcher.event(name, test);
  }

  begin() {
    return this.must(this.auctioneer, 'begin_auction', {});
  }

  async snapshot() {
    return (await this.bridge.http('GET', `/api/sales/${this.sale}`)).json.snapshot;
  }
}

async function withBridge(run) {
  const world = await BridgeWorld.create();
  try {
    const bridge = await world.startBridge();
    await run(world, bridge);
    assert.doesNotMatch(world.engine.log + bridge.log, /Sanitizer|runtime error|LC_ASSERT/i);
    assert.equal((await world.engine.kill('SIGTERM')).code, 0);
    const { code, out } = await world.verify();
    assert.equal(code, 0, out);
  } finally {
    await world.end();
  }
}

test('maximum bids, floor bids, undo, buy-now and reopening, by Socket.IO and HTTP', () => withBridge(async (world, bridge) => {
  const stage = await Stage.open(world, bridge, 'english', {
    lots: [{ title: 'Lamp', opening: 1000 }, { title: 'Vase', opening: 500, buy_now: 9000 }, { title: 'Bowl', opening: 500 }],
    rules: { gap_ms: 0 },
    premium: [{ from: 0, basis_points: 2500 }],
  });
  await stage.begin();
  const started = await stage.heard('lot_started');
  assert.deepEqual([started.lot.format, started.lot.quantity, started.lot.warned, started.lot.clock], ['english', 1, 0, null]);

  const set = await stage.must(stage.ana, 'set_max_bid', { lot: 'l1', max: 5000 });
  assert.deepEqual([set.leading, set.price], [true, 1000]);
  const beaten = await stage.must(stage.ben, 'place_bid', { lot: 'l1', amount: 2000 });
  assert.deepEqual([beaten.leading, beaten.price, beaten.leader.id, beaten.ask], [false, 2100, 'p1', 2200]);
  assert.equal((await stage.ben.event('outbid')).price, 2100);
  const update = await stage.heard('bid_update', (e) => e.amount === 2000);
  assert.deepEqual([update.kind, update.by.id, update.price, update.leader.id, update.quantity], ['plain', 'p2', 2100, 'p1', 1]);

  const floor = await stage.http('clerk', 'floor_bid', { lot: 'l1', amount: 5500, paddle: '3' });
  assert.deepEqual([floor.status, floor.json.leader.id, floor.json.price], [200, 'p3', 5500], floor.text);
  assert.equal((await stage.ana.event('max_bid_changed', (n) => n.leading === false)).max, 5000);
  assert.equal((await stage.heard('bid_update', (e) => e.amount === 5500)).kind, 'floor');
  await stage.refused('FORBIDDEN', stage.ben, 'floor_bid', { lot: 'l1', amount: 9000, paddle: '3' });
  const undone = await stage.must(stage.clerk, 'undo_bid', { lot: 'l1', reason: 'misheard' });
  assert.deepEqual([undone.price, undone.leader.id], [2100, 'p1']);
  const retracted = await stage.heard('bid_retracted');
  assert.deepEqual([retracted.reason, retracted.price, retracted.leader.id, retracted.previous_leader.id], ['misheard', 2100, 'p1', 'p3']);

  await stage.must(stage.cid, 'set_max_bid', { lot: 'l2', max: 700 }); // before the lot is open
  await stage.must(stage.cid, 'withdraw_max_bid', { lot: 'l2' });
  assert.equal((await stage.cid.event('max_bid_changed', (n) => n.lot === 'l2' && n.max === null)).leading, false);

  await stage.must(stage.auctioneer, 'add_time', { lot: 'l1', add_ms: 5000 });
  const longer = await stage.heard('anti_snipe');
  assert.deepEqual([longer.reason, longer.extended_ms, longer.scope], ['command', 5000, 'lot']);
  await stage.must(stage.auctioneer, 'next_lot', { lot: 'l1' });
  const sold = await stage.heard('sold', (e) => e.lot === 'l1');
  assert.deepEqual([sold.winner.id, sold.price, sold.quantity, sold.winner_state.spent], ['p1', 2100, 1, 2100]);

  await stage.heard('lot_started', (e) => e.lot.id === 'l2');
  const again = await stage.must(stage.auctioneer, 'reopen_lot', { lot: 'l1' });
  assert.equal(again.phase, 'open');
  const reopened = await stage.heard('lot_reopened');
  assert.deepEqual([reopened.lot.id, reopened.lot.price, reopened.lot.leader.id, reopened.returned, reopened.leader_state.spent, reopened.sold], ['l1', 2100, 'p1', 'l2', 0, 0]);
  assert.ok((await stage.must(stage.ben, 'set_max_bid', { lot: 'l1', max: 8000 })).leading);
  await stage.must(stage.auctioneer, 'next_lot', { lot: 'l1' });
  assert.equal((await stage.heard('sold', (e) => e.lot === 'l1' && e.winner.id === 'p2')).price, 5100);

  const vase = await stage.heard('lot_started', (e) => e.lot.id === 'l2' && e.seq > reopened.seq);
  assert.equal(vase.lot.buy_now, 9000);
  const bought = await stage.must(stage.cid, 'buy_now', { lot: 'l2' });
  assert.deepEqual([bought.phase, bought.price], ['sold', 9000]);
  assert.equal((await stage.heard('sold', (e) => e.lot === 'l2')).reason, 'buy_now');

  await stage.heard('lot_started', (e) => e.lot.id === 'l3');
  await stage.must(stage.auctioneer, 'withdraw_lot', { lot: 'l3', reason: 'damaged' });
  const withdrawn = await stage.heard('lot_withdrawn');
  assert.deepEqual([withdrawn.reason, withdrawn.text], ['staff', 'damaged']);
  await stage.heard('auction_complete');
  const { results } = (await bridge.http('GET', '/api/sales/english/results.json')).json;
  assert.deepEqual(results.lots.map((row) => [row.phase, row.hammer, row.premium, row.total]), [['sold', 5100, 1275, 6375], ['sold', 9000, 2250, 11250], ['withdrawn', 0, 0, 0]]);
  assert.deepEqual(results.buyers, [{ id: 'p2', lots: 1, hammer: 5100, premium: 1275, total: 6375 }, { id: 'p3', lots: 1, hammer: 9000, premium: 2250, total: 11250 }]);
  const sheet = (await bridge.http('GET', '/api/sales/english/results.csv')).text.split('\r\n');
  assert.match(sheet[0], /,round,format,quantity,hammer_minor,premium_minor,total_minor$/);
  assert.match(sheet[1], /,"english",1,5100,1275,6375$/);
  const durable = stage.watcher.heard.filter((e) => e.payload?.at !== undefined && e.payload.seq > 0).map((e) => ({ name: e.name, payload: e.payload }));
  let seq = durable[0].payload.seq - 1;
  for (const event of durable) assert.equal(event.payload.seq, ++seq, `${event.name} follows its predecessor`);
}));

test('a clerked sale: asks, warnings and hammer by the console that holds the gavel', () => withBridge(async (world, bridge) => {
  const stage = await Stage.open(world, bridge, 'live', {
    lots: [{ title: 'Cow', opening: 10000, reserve: 30000, rules: { reserve_mode: 'second_price' } }, { title: 'Calf', opening: 1000 }],
    rules: { format: 'live', gavel_timeout_ms: 2000 },
  });
  const other = world.browser(bridge, { auth: stage.tokens.auctioneer });
  await other.join('live');
  await stage.must(stage.auctioneer, 'take_gavel', { console: 'desk-1' });
  const taken = await stage.heard('gavel_taken');
  assert.deepEqual([taken.console, taken.by], ['desk-1', 'The auctioneer']);
  await stage.refused('NO_GAVEL', other, 'begin_auction', { console: 'desk-2' });
  await stage.refused('NO_GAVEL', other, 'begin_auction');
  assert.deepEqual((({ holds, gavel }) => ({ holds, gavel }))(await other.command('gavel', 'live', { console: 'desk-2' })), { holds: false, gavel: 'desk-1' });
  await stage.refused('FORBIDDEN', stage.ana, 'gavel', { console: 'desk-1' });
  await stage.must(stage.clerk, 'set_max_bid', { lot: 'l1', max: 25000, paddle: '2' }); // absentee
  await stage.must(stage.auctioneer, 'begin_auction', { console: 'desk-1' });
  const started = await stage.heard('lot_started');
  assert.deepEqual([started.lot.format, started.lot.ends_at, started.lot.reserve], ['live', null, 'not_met']);
  const absentee = await stage.heard('bid_update');
  assert.deepEqual([absentee.kind, absentee.leader.id, absentee.price, absentee.ends_at], ['absentee', 'p2', 10000, null]);
  assert.equal((await stage.must(stage.auctioneer, 'set_ask', { lot: 'l1', ask: 15000, console: 'desk-1' })).ask, 15000);
  assert.equal((await stage.heard('ask_changed')).ask, 15000);
  await stage.refused('BELOW_ASK', stage.ana, 'place_bid', { lot: 'l1', amount: 14000 });
  const room = await stage.http('clerk', 'floor_bid', { lot: 'l1', amount: 31000, paddle: '1' });
  assert.equal(room.json.leader.id, 'p1', room.text);
  await stage.must(stage.auctioneer, 'fair_warning', { lot: 'l1', console: 'desk-1' });
  assert.equal((await stage.heard('fair_warning')).stage, 1);
  assert.equal((await stage.snapshot()).state.lot.warned, 1);
  await stage.must(other, 'take_gavel', { console: 'desk-2' });
  await stage.refused('NO_GAVEL', stage.auctioneer, 'sell_lot', { lot: 'l1', console: 'desk-1' });
  const sale = await stage.must(other, 'sell_lot', { lot: 'l1', console: 'desk-2' });
  assert.deepEqual([sale.phase, sale.price, sale.leader.id], ['sold', 31000, 'p1']);
  assert.equal((await stage.heard('sold')).reason, 'hammer');
  await stage.heard('lot_started', (e) => e.lot.id === 'l2');
  const paused = await stage.heard('auction_paused'); // desk-2 is silent
  assert.equal(paused.reason, 'gavel_lost');
  assert.equal((await other.command('gavel', 'live', { console: 'desk-2' })).holds, true);
  await stage.must(other, 'resume_auction', { console: 'desk-2' });
  await stage.must(other, 'pass_in_lot', { lot: 'l2', console: 'desk-2' });
  await stage.heard('unsold', (e) => e.lot === 'l2');
}));

test('dutch pieces, a japanese button, and passing: prices that move with the clock', () => withBridge(async (world, bridge) => {
  const stage = await Stage.open(world, bridge, 'clocks', {
    lots: [
      { title: 'Tulips', opening: 5000, reserve: 1000, quantity: 10, rules: { format: 'dutch', price_step: 100, price_tick_ms: 400, dutch_raise: 300 } },
      { title: 'Horse', opening: 1000, duration_ms: 1500, rules: { format: 'japanese', price_step: 500, price_tick_ms: 500 } },
      { title: 'Chair', opening: 1000 },
    ],
  });
  await stage.begin();
  const dutch = (await stage.heard('lot_started')).lot;
  assert.deepEqual([dutch.format, dutch.quantity, dutch.clock.quantity_left, dutch.ends_at], ['dutch', 10, 10, null]);
  const priced = await stage.watcher.event('tick', (t) => t.clock === 'price' && t.price < 5000);
  assert.equal(priced.price, 5000 - 100 * Math.floor((priced.now - dutch.clock.from) / 400));
  const press = await stage.must(stage.ana, 'place_bid', { lot: 'l1', amount: 5000, quantity: 4 });
  assert.equal(press.quantity, 4);
  const restarted = await stage.heard('clock_restarted');
  assert.equal(restarted.clock.quantity_left, 6);
  assert.ok(restarted.clock.price > press.amount && restarted.clock.price <= 5000, JSON.stringify(restarted));
  assert.equal((await stage.snapshot()).lots[0].clock.quantity_left, 6);
  await stage.must(stage.auctioneer, 'pause_auction');
  const frozen = (await stage.snapshot()).lots[0].clock;
  assert.ok(frozen.frozen_at >= frozen.from);
  const resumed = await stage.must(stage.auctioneer, 'resume_auction');
  const { shift_ms } = await stage.heard('auction_resumed', (e) => e.seq <= resumed.seq);
  const going = (await stage.snapshot()).lots[0].clock;
  assert.equal(going.from, frozen.from + shift_ms, 'the clock moves by as much as all do');
  await stage.must(stage.ben, 'place_bid', { lot: 'l1', amount: 5000, quantity: 6 });
  const tulips = await stage.heard('sold', (e) => e.lot === 'l1');
  assert.deepEqual([tulips.winner, tulips.quantity, tulips.reason], [null, 10, 'pressed']);
  const awards = stage.watcher.heard.filter((e) => e.name === 'lot_awarded').flatMap((e) => e.payload.awards);
  assert.deepEqual(awards.map((a) => [a.winner.id, a.quantity]), [['p1', 4], ['p2', 6]]);
  const rows = (await bridge.http('GET', '/api/sales/clocks/results.json')).json.results.lots.filter((row) => row.id === 'l1');
  assert.deepEqual(rows.map((row) => [row.winner.id, row.quantity, row.hammer === row.price * row.quantity]), [['p1', 4, true], ['p2', 6, true]]);

  const horse = (await stage.heard('lot_started', (e) => e.lot.id === 'l2')).lot;
  assert.equal(horse.format, 'japanese');
  for (const who of [stage.ana, stage.ben, stage.cid]) await stage.must(who, 'place_bid', { lot: 'l2', amount: 1000 });
  assert.deepEqual((await stage.http('p1', 'you')).json.you.entered, ['l2']);
  await stage.heard('clock_restarted', (e) => e.lot === 'l2');
  await stage.must(stage.ana, 'pass_lot', { lot: 'l2' });
  assert.equal((await stage.heard('lot_passed')).by.id, 'p1');
  assert.deepEqual((await stage.http('p1', 'you')).json.you.passed, ['l2']);
  await stage.heard('clock_restarted', (e) => e.lot === 'l2' && e.clock.price >= 2000);
  await stage.must(stage.ben, 'pass_lot', { lot: 'l2' });
  const ridden = await stage.heard('sold', (e) => e.lot === 'l2');
  assert.deepEqual([ridden.winner.id, ridden.reason, ridden.price >= 2000], ['p3', 'passed', true]);

  await stage.heard('lot_started', (e) => e.lot.id === 'l3');
  await stage.must(stage.ana, 'place_bid', { lot: 'l3', amount: 1000 });
  await stage.must(stage.ben, 'pass_lot', { lot: 'l3' });
  await stage.must(stage.cid, 'pass_lot', { lot: 'l3' });
  assert.equal((await stage.heard('sold', (e) => e.lot === 'l3')).reason, 'passed', 'all others have passed');
}));

test('many lots are open at once, and each ends in its turn', () => withBridge(async (world, bridge) => {
  const stage = await Stage.open(world, bridge, 'many', {
    lots: Array.from({ length: 5 }, (_, i) => ({ title: `Lot ${i + 1}`, opening: 1000, ...(i === 2 ? { duration_ms: 60000, rules: { format: 'sealed_first' } } : {}) })),
    rules: { flow: 'parallel', stagger_ms: 700, lot_duration_ms: 2500, soft_close: { window_ms: 2500, amount_ms: 2600, type: 'reset', scope: 'lot' } },
  });
  await stage.begin();
  assert.equal((await stage.heard('auction_started')).open, 5);
  const start = await stage.snapshot();
  assert.equal(start.state.open, 5);
  assert.equal(start.state.lot.id, 'l1', 'the one that ends first');
  const ends = start.lots.map((lot) => lot.ends_at);
  assert.deepEqual([ends[1] - ends[0], ends[3] - ends[0]], [700, 2100]);
  assert.ok(start.lots.every((lot) => lot.phase === 'open' && lot.ask === 1000));
  await stage.must(stage.ana, 'place_bid', { lot: 'l5', amount: 1000 });
  const late = await stage.must(stage.ben, 'place_bid', { lot: 'l1', amount: 1000 });
  const extended = await stage.heard('anti_snipe', (e) => e.lot === 'l1');
  assert.ok(extended.ends_at === late.ends_at && extended.ends_at > ends[0]);
  const low = await stage.refused('BELOW_ASK', stage.ben, 'place_bid', { lot: 'l5', amount: 1050 });
  assert.deepEqual([low.lot, low.price, low.ask, low.leader.id], ['l5', 1000, 1100, 'p1'], 'the facts of the lot that was named');
  assert.equal((await stage.must(stage.cid, 'place_bid', { lot: 'l3', amount: 4000 })).sealed, true);
  const you = (await stage.http('p1', 'you')).json.you;
  assert.deepEqual(you.leading, ['l5']);
  const page = await bridge.http('GET', '/api/sales/many/lots?page=0');
  assert.equal(page.json.lots.length, 5);
  await stage.heard('sold', (e) => e.lot === 'l1');
  await stage.heard('sold', (e) => e.lot === 'l5');
  await stage.must(stage.auctioneer, 'next_lot', { lot: 'l3' });
  assert.equal((await stage.heard('sold', (e) => e.lot === 'l3')).price, 4000);
  await stage.heard('auction_complete');
  const order = stage.watcher.heard.filter((e) => e.name === 'sold' || e.name === 'unsold').map((e) => e.payload.lot);
  assert.ok(order.indexOf('l2') < order.indexOf('l4'));
}));

test('a bid that a bridge received before the end still counts within the grace, if the bridge is sure of the time', () => withBridge(async (world, bridge) => {
  const stage = await Stage.open(world, bridge, 'grace', {
    lots: ['A', 'B'].map((title) => ({ title, opening: 1000 })), rules: { lot_duration_ms: 700, closing_grace_ms: 1500, soft_close: null },
  });
  const other = await world.bridge('bridge-late');
  const send = (by, lot, amount, received_at, uncertainty) => {
    const tag = commandId();
    const envelope = { id: commandId(), op: 'bid', by, role: 'bidder', received_at, ...uncertainty, deadline_at: Date.now() + 8000, reply: tag };
    return other.raw('sale/grace/cmd/bridge-late', JSON.stringify({ lot, amount, ...envelope }), tag);
  };
  await stage.begin();
  const closing = await stage.heard('lot_closing', (e) => e.lot === 'l1');
  const started = (await stage.heard('lot_started', (e) => e.lot.id === 'l1')).lot;
  assert.equal(closing.hammer_at, started.ends_at + 1500);
  assert.deepEqual([(await stage.snapshot()).state.lot.phase, (await stage.snapshot()).state.lot.remaining_ms], ['closing', 0]);
  assert.equal((await send('p1', 'l1', 1000, closing.at - 50, {})).error.code, 'LOT_CLOSED', 'a bridge that does not say how sure it is');
  assert.equal((await send('p1', 'l1', 1000, closing.at - 50, { uncertainty_ms: 51 })).error.code, 'LOT_CLOSED');
  assert.equal((await send('p1', 'l1', 1000, closing.at + 10, { uncertainty_ms: 1 })).error.code, 'LOT_CLOSED', 'received after the end');
  const counted = await send('p2', 'l1', 1000, closing.at - 50, { uncertainty_ms: 50 });
  assert.equal(counted.leading, true, JSON.stringify(counted));
  assert.equal((await stage.heard('sold', (e) => e.lot === 'l1')).winner.id, 'p2');
}));

test('nomination, the right to match with one last raise, and an accelerated round', () => withBridge(async (world, bridge) => {
  const stage = await Stage.open(world, bridge, 'draft', {
    lots: [{ title: 'Keeper', opening: 1000, match_holder: 'p3' }, { title: 'Wing', opening: 1000 }, { title: 'Back', opening: 1000 }],
    roster: { budget: 100000, slots: 3, minimum: 100 },
    nomination: { order: 'straight', time_ms: 700, nominator_bids: false },
    match: { mode: 'raise', time_ms: 20000 }, accelerated: { time_ms: 1500 },
    rules: { soft_close: null },
  });
  await stage.begin();
  const first = await stage.heard('nomination_started');
  assert.equal(first.by.id, 'p1');
  const waiting = (await stage.snapshot()).state;
  assert.deepEqual([waiting.clock, waiting.waiting?.by, waiting.lot], ['nomination', 'p1', null]);
  await stage.watcher.event('tick', (t) => t.clock === 'nomination' && t.lot === null);
  await stage.refused('NOT_YOUR_TURN', stage.ben, 'nominate', { lot: 'l1' });
  await stage.must(stage.ana, 'nominate', { lot: 'l1' });
  assert.equal((await stage.heard('lot_nominated')).by.id, 'p1');
  await stage.heard('lot_started', (e) => e.lot.id === 'l1');
  await stage.must(stage.ana, 'place_bid', { lot: 'l1', amount: 1000 });
  await stage.must(stage.ben, 'place_bid', { lot: 'l1', amount: 1100 });
  await stage.must(stage.auctioneer, 'next_lot', { lot: 'l1' });
  const offered = await stage.heard('match_offered');
  assert.deepEqual([offered.stage, offered.winner.id, offered.holder.id, offered.price], ['holder', 'p2', 'p3', 1100]);
  const matching = (await stage.snapshot()).state.lot;
  assert.deepEqual([matching.phase, matching.match, matching.ends_at], ['matching', { holder: 'p3', stage: 'holder' }, offered.ends_at]);
  await stage.must(stage.cid, 'match_lot', { lot: 'l1', accept: true });
  await stage.heard('match_offered', (e) => e.stage === 'winner');
  await stage.must(stage.ben, 'raise_match', { lot: 'l1', amount: 1500 });
  assert.equal((await stage.heard('match_offered', (e) => e.stage === 'holder_again')).price, 1500);
  await stage.must(stage.cid, 'match_lot', { lot: 'l1', accept: true });
  const matched = await stage.heard('sold', (e) => e.lot === 'l1');
  assert.deepEqual([matched.winner.id, matched.price, matched.reason], ['p3', 1500, 'matched']);

  const named = await stage.heard('lot_nominated', (e) => e.lot === 'l2'); // Ben lets his time pass
  assert.equal(named.by, null);
  await stage.heard('lot_started', (e) => e.lot.id === 'l2');
  await stage.must(stage.auctioneer, 'next_lot', { lot: 'l2' });
  await stage.heard('nomination_started', (e) => e.by.id === 'p3');
  await stage.must(stage.cid, 'nominate', { lot: 'l3' });
  await stage.heard('lot_started', (e) => e.lot.id === 'l3');
  await stage.must(stage.auctioneer, 'next_lot', { lot: 'l3' });
  const called = await stage.heard('names_called');
  assert.equal(called.ends_at - called.at, 1500);
  const before = stage.watcher.heard.length;
  assert.equal((await stage.must(stage.ana, 'submit_names', { lots: ['l3'] })).named, 1);
  const round = await stage.heard('round_started');
  assert.deepEqual([round.lots, round.lots_total], [['l3'], 1]);
  const between = stage.watcher.heard.slice(before).map((e) => e.name);
  assert.deepEqual(between.slice(0, between.indexOf('round_started')).filter((name) => !['tick', 'lobby_updated'].includes(name)), [], 'who named what is not told');
}));

test('a sale that begins at its time counts down to it', () => withBridge(async (world, bridge) => {
  const at = Date.now() + 2500;
  const stage = await Stage.open(world, bridge, 'timed', { lots: [{ title: 'Lamp', opening: 1000 }], start: { mode: 'at', at } });
  const { info, state } = await stage.snapshot();
  assert.deepEqual(info.rules.start, { mode: 'at', at });
  assert.deepEqual([state.phase, state.clock, state.waiting.ends_at, state.waiting.by], ['lobby', 'start', at, null]);
  const tick = await stage.watcher.event('tick');
  assert.deepEqual([tick.clock, tick.lot, tick.ends_at], ['start', null, at]);
  const started = await stage.heard('auction_started');
  assert.ok(started.at >= at && started.at < at + 100, `${started.at - at} ms late`);
}));

test('registration by approval, limits and budgets that change, invitations and an unknown event over sockets', () => withBridge(async (world, bridge) => {
  const stage = await Stage.open(world, bridge, 'desk', {
    lots: [{ title: 'Lamp', opening: 1000 }], registration: 'approval',
  });
  const invited = await stage.auctioneer.ask('create_invite', { sale: 'desk', role: 'bidder', uses: 1 });
  assert.match(invited.invite, /^[0-9a-f]{32}$/);
  assert.equal((await stage.ana.ask('create_invite', { sale: 'desk' })).error.code, 'FORBIDDEN');
  assert.equal((await stage.auctioneer.ask('create_invite', { sale: 'desk', role: 'king' })).error.code, 'BAD_REQUEST');
  const joined = await bridge.http('POST', '/api/sales/desk/join', { invite: invited.invite, name: 'Dan', id: commandId() });
  assert.equal(joined.status, 200, joined.text);
  assert.equal((await stage.heard('participants_changed', (e) => e.change === 'joined')).participant.status, 'pending');
  await stage.begin();
  await stage.heard('lot_started');
  const dan = (op, members) => bridge.http('POST', '/api/sales/desk/commands', { op, id: commandId(), ...members }, { token: joined.json.token });
  assert.equal((await dan('bid', { lot: 'l1', amount: 1000 })).json.ok, false);
  const approved = await stage.must(stage.auctioneer, 'set_participant', { participant: joined.json.participant.id, status: 'accepted', limit: 1500 });
  assert.equal(approved.participant.status, 'accepted');
  assert.equal((await stage.heard('participants_changed', (e) => e.change === 'updated')).participant.status, 'accepted');
  assert.equal((await dan('place_bid', { lot: 'l1', amount: 1000 })).json.ok, true, 'by the name of the event, too');
  await stage.must(stage.ana, 'place_bid', { lot: 'l1', amount: 1100 });
  const over = await dan('bid', { lot: 'l1', amount: 1600 });
  assert.deepEqual([over.json.error.code, over.json.error.max_bid], ['LIMIT_EXCEEDED', 1500]);
  const added = await stage.must(stage.clerk, 'add_participants', { participants: [{ name: 'Eva', paddle: '77', budget: 5000 }] });
  assert.deepEqual([added.added, added.participants_total], [1, 5]);
  const event = await stage.heard('participants_changed', (e) => e.change === 'added');
  assert.deepEqual([event.participant, event.added], [null, 1]);
  await stage.must(stage.clerk, 'floor_bid', { lot: 'l1', amount: 1200, paddle: '77' });
  assert.equal((await stage.ana.ask('sing', { sale: 'desk' })).error.code, 'UNKNOWN_EVENT');
  assert.equal((await stage.ana.command('set_max_bid', 'desk', { lot: 'l1', max: 'lots' })).error.code, 'BAD_AMOUNT');
  assert.equal((await stage.ana.command('set_max_bid', 'desk', { max: 2000 })).error.detail, 'lot');
}));
