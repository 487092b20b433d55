// The engine behind a real broker, played by a client that talks as a bridge does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World, checkEvents, freePort, sha256, within } from './engine_world.mjs';

async function withWorld(run) {
  const world = await World.create();
  try {
    await world.startEngine();
    await run(world, await world.bridge());
    assert.doesNotMatch(world.engine.log, /Sanitizer|runtime error|assert/i);
  } finally {
    await world.end();
  }
}

test('a sale is played from its creation to its end, and every answer, event and state agrees', () =>
  withWorld(async (world, bridge) => {
    const [ana, ben] = await bridge.sale('demo', { lots: [{ title: 'Lamp', opening: 1000, reserve: 1200 }, { title: 'Vase', opening: 500 }] });
    const begun = await bridge.must('demo', 'begin', {}, { role: 'auctioneer' });
    const started = await bridge.event('demo', 'lot_started');
    assert.equal(started.lot.title, 'Lamp');
    assert.equal(started.lot.ask, 1000);
    assert.equal(started.lot.reserve, 'not_met');
    assert.ok(started.seq > begun.seq);

    const first = await bridge.bid('demo', ana, 'l1', 1000);
    assert.deepEqual({ ...first, seq: 0, epoch: 0, ends_at: 0 },
      { ok: true, seq: 0, epoch: 0, bid: 'b1', amount: 1000, quantity: 1, lot: 'l1', phase: 'open', price: 1000, ask: 1100,
        leader: { id: ana, paddle: '1', name: 'Person 1' }, house: false, ends_at: 0, leading: true });
    const low = await bridge.bid('demo', ben, 'l1', 1050);
    assert.equal(low.error.code, 'BELOW_ASK');
    assert.equal(low.error.ask, 1100);
    assert.equal(low.error.leader.id, ana);
    assert.equal((await bridge.bid('demo', ana, 'l1', 2000)).error.code, 'ALREADY_LEADING');
    assert.equal((await bridge.bid('demo', ben, 'l1', 12.5)).error.code, 'BAD_AMOUNT');
    assert.equal((await bridge.bid('demo', 'nobody', 'l1', 2000)).error.code, 'NOT_PARTICIPANT');
    assert.equal((await bridge.bid('demo', ben, 'l2', 2000)).error.code, 'WRONG_LOT');
    assert.ok((await bridge.bid('demo', ben, 'l1', 1200)).ok);
    const update = await bridge.event('demo', 'bid_update', first.seq);
    assert.equal(update.previous_leader.id, ana);
    assert.equal(update.reserve, 'met');

    const sold = await bridge.event('demo', 'sold');
    assert.equal(sold.winner.id, ben);
    assert.equal(sold.price, 1200);
    assert.ok(sold.at - started.lot.ends_at >= 0 && sold.at - started.lot.ends_at < 60, `closed ${sold.at - started.lot.ends_at} ms late`);
    assert.equal((await bridge.bid('demo', ana, 'l1', 5000)).ok, false);
    const complete = await bridge.event('demo', 'auction_complete');
    const last = checkEvents(bridge.events.filter((e) => e.sale === 'demo'), assert);
    assert.equal(last, complete.seq);

    const replay = await bridge.must('demo', 'replay', { from: 1, limit: 500 });
    assert.equal(replay.more, false);
    assert.equal(bridge.lastReply.text.includes(bridge.events[0].text), true, 'the original bytes');
    assert.deepEqual(replay.events.map((e) => [e.name, e.payload]), bridge.events.map((e) => [e.name, e.payload]));
    const part = await bridge.must('demo', 'replay', { from: 2, limit: 2 });
    assert.deepEqual(part.events.map((e) => e.payload.seq), [2, 3]);
    assert.equal(part.more, true);

    const results = (await bridge.must('demo', 'results')).results;
    assert.deepEqual(results.lots.map((lot) => [lot.phase, lot.price]), [['sold', 1200], ['unsold', null]]);
    assert.equal(results.lots[0].winner.id, ben);
    const { snapshot } = await bridge.must('demo', 'snapshot', {}, { role: null });
    assert.equal(snapshot.seq, last);
    assert.equal(snapshot.state.phase, 'complete');
    assert.equal(snapshot.participants.find((p) => p.id === ben).spent, 1200);
    const { you } = await bridge.must('demo', 'you', {}, { by: ben, role: 'bidder' });
    assert.deepEqual([you.participant.id, you.spent, you.leading], [ben, 1200, []]);

    const outbid = bridge.messages.find((m) => m.topic === `sale/demo/private/${ana}` && m.text.includes('"event":"outbid"'));
    assert.equal(JSON.parse(outbid.text).price, 1200);
    const state = await bridge.until('final state', () => {
      const message = bridge.last('sale/demo/state');
      return message && JSON.parse(message.text).phase === 'complete' && JSON.parse(message.text);
    });
    assert.equal(state.sold, 1);
    assert.ok(Buffer.byteLength(bridge.last('sale/demo/state').text) < 1024);
    assert.ok(Buffer.byteLength(bridge.last('sale/demo/board/json').text) <= 180);
    const ticks = bridge.messages.filter((m) => m.topic === 'sale/demo/tick');
    assert.ok(ticks.length >= 4 && ticks.every((m) => Buffer.byteLength(m.text) < 128));
    assert.ok(bridge.messages.some((m) => m.topic === 'sale/demo/event/next_lot_countdown'));

    for (const message of bridge.messages) { // lessons L13
      assert.ok(!message.text.includes(sha256('demo-invite')), `an invitation is shown on ${message.topic}`);
      assert.ok(message.topic.startsWith('reply') || !/"reserve":\d/.test(message.text), `a reserve is shown on ${message.topic}`);
    }
    assert.equal((await world.engine.kill('SIGTERM')).code, 0);
    const { code, out } = await world.verify('--sale', 'demo');
    assert.match(out, new RegExp(`^sale demo: \\d+ rows, ${last} events, chain ok, replay ok(, \\d+ snapshots ok)?\\n$`));
    assert.equal(code, 0);
  }));

test('a command id acts once: a repeat gets the same result, another content ID_REUSED, also over a restart', () =>
  withWorld(async (world, bridge) => {
    const [ana, ben] = await bridge.sale('once', { rules: { lot_duration_ms: 60000 } });
    await bridge.must('once', 'begin');
    await bridge.event('once', 'lot_started');
    const first = await bridge.bid('once', ana, 'l1', 1000, { id: 'my-bid' });
    const again = await bridge.bid('once', ana, 'l1', 1000, { id: 'my-bid' });
    assert.deepEqual(again, { ...first, repeated: true });
    assert.equal((await bridge.bid('once', ana, 'l1', 1500, { id: 'my-bid' })).error.code, 'ID_REUSED');
    assert.ok((await bridge.bid('once', ben, 'l1', 1100, { id: 'my-bid' })).ok, 'another person may use the same id');
    const refused = await bridge.bid('once', ana, 'l1', 1100, { id: 'low' });
    assert.equal(refused.error.code, 'BELOW_ASK');
    await bridge.must('once', 'announce', { text: 'refusals go with the next acceptance' });
    assert.deepEqual(await bridge.bid('once', ana, 'l1', 1100, { id: 'low' }), { ...refused, repeated: true });

    const receipt = (await bridge.must('once', 'receipt', { receipt: 'my-bid' }, { by: ana, role: 'bidder' })).receipt;
    assert.deepEqual(receipt.result, first);
    assert.equal(receipt.op, 'bid');
    assert.equal((await bridge.must('once', 'receipt', { receipt: 'low' }, { by: 'boss', role: 'clerk' })).receipt.result.error.code, 'BELOW_ASK');
    assert.equal((await bridge.command('once', 'receipt', { receipt: 'low' }, { by: ben, role: 'bidder' })).error.code, 'NOT_FOUND');

    await world.engine.kill('SIGKILL');
    await world.startEngine();
    assert.deepEqual(await bridge.bid('once', ana, 'l1', 1000, { id: 'my-bid' }), { ...first, repeated: true });
    assert.deepEqual(await bridge.bid('once', ana, 'l1', 1100, { id: 'low' }), { ...refused, repeated: true });
    const joined = await bridge.must('once', 'join', { invite_hash: sha256('once-invite'), name: 'Cid' }, { role: null, id: 'join-1' });
    const rejoined = await bridge.must('once', 'join', { name: 'Cid', invite_hash: sha256('once-invite') }, { role: null, id: 'join-1' });
    assert.equal(rejoined.participant.id, joined.participant.id);
  }));

test('F15: every command gets exactly one answer, also what is late, unknown, malformed or from a stranger', () =>
  withWorld(async (world, bridge) => {
    const [ana] = await bridge.sale('answers');
    const code = async (promise) => (await promise).error?.code;
    assert.equal(await code(bridge.bid('answers', ana, 'l1', 1000, { deadline_at: Date.now() - 100 })), 'EXPIRED');
    assert.equal(await code(bridge.command('nowhere', 'snapshot')), 'NOT_FOUND');
    assert.equal(await code(bridge.bid('nowhere', ana, 'l1', 1000)), 'NOT_FOUND');
    assert.equal(await code(bridge.command('answers', 'frobnicate')), 'UNKNOWN_OP');
    assert.equal(await code(bridge.command('answers', 'create', { sale: { id: 'x' } })), 'UNKNOWN_OP');
    assert.equal(await code(bridge.command(null, 'begin')), 'UNKNOWN_OP');
    assert.equal(await code(bridge.command('answers', 'begin', {}, { role: 'bidder' })), 'FORBIDDEN');
    assert.equal(await code(bridge.command('answers', 'bid', { lot: 7, amount: 1 }, { by: ana, role: 'bidder' })), 'BAD_REQUEST');
    assert.equal(await code(bridge.command('answers', 'replay', { from: -1 })), 'BAD_REQUEST');
    assert.equal(await code(bridge.command(null, 'create', { sale: { id: 'bad id' } })), 'BAD_DEFINITION');
    assert.equal(await code(bridge.command(null, 'create', { sale: { id: 'answers', title: 'T', currency: { code: 'EUR', minor_digits: 2 } } })), 'SALE_EXISTS');
    assert.equal(await code(bridge.command(null, 'create', { sale: { id: 'mine' } }, { role: 'auctioneer' })), 'BAD_DEFINITION');
    assert.equal(await code(bridge.raw('sale/answers/cmd/bridge-test', '{"reply":"t1","op":7}', 't1')), 'BAD_REQUEST');
    assert.equal(await code(bridge.raw('sale/answers/cmd/bridge-test', 'not json', '')), 'BAD_REQUEST');
    assert.equal(await code(bridge.raw('sale/answers/cmd/bridge-test', '{"id":"x","op":"bid","reply":"t2","by":{}}', 't2')), 'BAD_REQUEST');

    const device = await world.bridge('lamp-1'); // F: identity is believed from bridges alone
    assert.equal(await code(device.bid('answers', ana, 'l1', 1000)), 'NOT_PARTICIPANT');

    const replies = bridge.messages.filter((m) => m.topic.startsWith('reply/')).map((m) => JSON.parse(m.text).reply);
    assert.equal(new Set(replies).size, replies.length, 'no command was answered twice');
    await bridge.sale('secret', { public: false });
    const seen = (await bridge.must(null, 'list', {}, { role: 'viewer' })).sales.map((sale) => sale.id);
    assert.deepEqual(seen, ['answers']);
    assert.deepEqual((await bridge.must(null, 'list')).sales.map((sale) => sale.id), ['answers', 'secret']);
    assert.equal((await bridge.must(null, 'list')).sales[0].lots_total, 1);
  }));

test('F23, L11: a pause freezes the lot and the gap, and a resume goes on with exactly the time left', () =>
  withWorld(async (world, bridge) => {
    await bridge.sale('pause', { lots: 2, rules: { lot_duration_ms: 60000, gap_ms: 5000 } });
    await bridge.must('pause', 'begin');
    await bridge.must('pause', 'pause');
    const inGap = await bridge.event('pause', 'auction_paused');
    assert.equal(inGap.clock, 'gap');
    assert.equal((await bridge.command('pause', 'pause')).error.code, 'WRONG_PHASE');
    await bridge.must('pause', 'resume');
    const resumed = await bridge.event('pause', 'auction_resumed');
    assert.equal(resumed.ends_at - resumed.at, inGap.remaining_ms);
    await bridge.must('pause', 'next', { lot: 'l1' });
    await bridge.event('pause', 'lot_started');
    await bridge.must('pause', 'pause');
    const inLot = await bridge.event('pause', 'auction_paused', resumed.seq);
    const state = await bridge.until('paused state', () => JSON.parse(bridge.last('sale/pause/state').text).phase === 'paused' &&
      JSON.parse(bridge.last('sale/pause/state').text));
    assert.equal(state.lot.ends_at, null);
    assert.equal(state.lot.remaining_ms, inLot.remaining_ms);
    await bridge.must('pause', 'resume');
    const later = await bridge.event('pause', 'auction_resumed', inLot.seq);
    assert.equal(later.ends_at - later.at, inLot.remaining_ms);
    assert.equal(later.reason, 'command');
    await bridge.must('pause', 'next', { lot: 'l1' }); // L10: the same again is refused
    assert.equal((await bridge.command('pause', 'next', { lot: 'l1' })).error.code, 'WRONG_LOT');
  }));

test('F24: reset and delete are events; a deleted sale is cleared from the broker and its id stays taken', () =>
  withWorld(async (world, bridge) => {
    await bridge.sale('gone', { rules: { lot_duration_ms: 60000 } });
    await bridge.must('gone', 'begin');
    await bridge.must('gone', 'pause');
    await bridge.must('gone', 'reset');
    await bridge.event('gone', 'auction_reset');
    await bridge.until('lobby again', () => JSON.parse(bridge.last('sale/gone/info').text).phase === 'lobby');
    const deleted = await bridge.must('gone', 'delete', {}, { id: 'del-1' });
    await bridge.event('gone', 'auction_deleted');
    assert.deepEqual(await bridge.command('gone', 'delete', {}, { id: 'del-1' }), { ...deleted, repeated: true });
    assert.equal((await bridge.command('gone', 'snapshot')).error.code, 'NOT_FOUND');
    await bridge.until('cleared', () => ['info', 'state', 'lots/0', 'participants/0', 'board/json', 'board/title']
      .every((part) => bridge.last(`sale/gone/${part}`)?.text === ''));
    const again = { sale: { id: 'gone', title: 'T', currency: { code: 'EUR', minor_digits: 2 } } };
    assert.equal((await bridge.command(null, 'create', again)).error.code, 'SALE_EXISTS');
    await world.engine.kill('SIGTERM');
    await world.startEngine();
    assert.equal((await bridge.command(null, 'create', again)).error.code, 'SALE_EXISTS');
    assert.deepEqual((await bridge.must(null, 'list')).sales, []);
    const late = await world.bridge('bridge-late');
    await late.must(null, 'list');
    assert.equal(late.messages.filter((m) => m.topic.startsWith('sale/gone')).length, 0);
    assert.equal((await world.engine.kill('SIGTERM')).code, 0);
    assert.match((await world.verify()).out, /^sale gone: \d+ rows, \d+ events, chain ok, replay ok(, \d+ snapshots ok)?\n$/);
  }));

test('a board that starts late has everything at once, and names are shown as the sale wants', () =>
  withWorld(async (world, bridge) => {
    const [ana] = await bridge.sale('hall', { visibility: 'paddles', rules: { lot_duration_ms: 60000 }, lots: 250 });
    await bridge.must('hall', 'begin');
    await bridge.event('hall', 'lot_started');
    await bridge.bid('hall', ana, 'l1', 1000);
    await bridge.must('hall', 'announce', { text: 'Welcome' });
    await bridge.until('state after the bid', () => JSON.parse(bridge.last('sale/hall/state').text).lot?.price === 1000);
    const late = await world.bridge('bridge-late');
    await late.until('retained state', () => ['info', 'state', 'lots/0', 'lots/1', 'lots/2', 'participants/0', 'board/json',
      'board/price', 'board/leader', 'board/message', 'board/status'].every((part) => late.last(`sale/hall/${part}`)));
    assert.equal(late.last('sale/hall/board/price').text, '10.00 EUR');
    assert.equal(late.last('sale/hall/board/leader').text, '1');
    assert.equal(late.last('sale/hall/board/message').text, 'Welcome');
    assert.equal(JSON.parse(late.last('sale/hall/lots/2').text).lots.length, 50);
    await late.until('a live clock within 1.2 s', () => late.messages.some((m) => m.topic === 'sale/hall/board/clock' && !m.retained), 1200);
    const all = bridge.messages.filter((m) => !m.topic.startsWith('reply'));
    assert.ok(all.every((m) => !m.text.includes('Person 1')), 'paddles only');
    const heartbeat = JSON.parse(late.last('svc/engine/engine-1').text);
    assert.equal(heartbeat.online, true);
    await world.engine.kill('SIGTERM');
    await late.until('offline', () => JSON.parse(late.last('svc/engine/engine-1').text).online === false);
  }));

test('retained state is coalesced to two a second under many bids, and events are not', () =>
  withWorld(async (world, bridge) => {
    const people = await bridge.sale('busy', { rules: { lot_duration_ms: 60000 } });
    await bridge.must('busy', 'begin');
    await bridge.event('busy', 'lot_started');
    const from = Date.now();
    for (let i = 0; Date.now() - from < 2000; i++) {
      assert.ok((await bridge.bid('busy', people[i % 2], 'l1', 1000 + 100 * i)).ok);
    }
    const states = bridge.messages.filter((m) => m.topic === 'sale/busy/state' && m.at >= from).length;
    const bids = bridge.events.filter((e) => e.name === 'bid_update').length;
    assert.ok(states >= 2 && states <= 7, `${states} states`);
    assert.ok(bids > 20, `${bids} bids`);
  }));

test('F13: the first bid of the first and only lot is shown everywhere, and nobody was outbid by it', () =>
  withWorld(async (world, bridge) => {
    const [ana] = await bridge.sale('first');
    await bridge.must('first', 'begin');
    const started = await bridge.event('first', 'lot_started');
    assert.equal(started.lot.ask, 1000);
    const bid = await bridge.bid('first', ana, 'l1', 1000);
    assert.deepEqual([bid.ok, bid.bid, bid.price, bid.leading], [true, 'b1', 1000, true]);
    const update = await bridge.event('first', 'bid_update', started.seq);
    assert.deepEqual([update.previous_leader, update.leader.id, update.seq], [null, ana, bid.seq]);
    await bridge.until('the bid in the state', () => JSON.parse(bridge.last('sale/first/state').text).lot?.price === 1000);
    const sold = await bridge.event('first', 'sold', bid.seq);
    assert.deepEqual([sold.lot.id ?? sold.lot, sold.winner.id, sold.price], ['l1', ana, 1000]);
    await bridge.event('first', 'auction_complete', sold.seq);
    assert.ok(!bridge.messages.some((m) => m.topic.startsWith('sale/first/private/') && m.text.includes('"event":"outbid"')));
    checkEvents(bridge.events.filter((e) => e.sale === 'first'), assert);
  }));

test('F11, L1: of many bids at the same moment each accepted one has its own number, a higher price and another leader', () =>
  withWorld(async (world, bridge) => {
    const people = await bridge.sale('rush', { bidders: 8, rules: { lot_duration_ms: 60000 } });
    const senders = await Promise.all(people.map((_, i) => world.bridge(`bridge-rush-${i}`)));
    await bridge.must('rush', 'begin');
    await bridge.event('rush', 'lot_started');
    // Each amount is sent by everybody, and nobody waits for an answer: one of the eight may have it.
    const ROUNDS = 30;
    const sent = [];
    for (let round = 0; round < ROUNDS; round++) {
      people.forEach((by, i) => sent.push(senders[i].bid('rush', by, 'l1', 1000 + 100 * round).then((result) => ({ by, result }))));
    }
    const answers = await Promise.all(sent);
    const accepted = answers.filter(({ result }) => result.ok).sort((a, b) => a.result.seq - b.result.seq);
    for (const { result } of answers) assert.ok(result.ok || ['BELOW_ASK', 'ALREADY_LEADING'].includes(result.error.code), JSON.stringify(result));
    assert.ok(accepted.length > 1 && accepted.length <= ROUNDS, `${accepted.length} accepted`);
    assert.equal(new Set(accepted.map(({ result }) => result.seq)).size, accepted.length, 'a number was given twice');
    assert.deepEqual(accepted.map(({ result }) => result.bid), accepted.map((_, i) => `b${i + 1}`));
    for (let i = 1; i < accepted.length; i++) {
      assert.ok(accepted[i].result.amount > accepted[i - 1].result.amount, 'the price went down');
      assert.notEqual(accepted[i].by, accepted[i - 1].by, 'a leader outbid himself');
    }
    const top = accepted.at(-1);
    for (const listener of [bridge, ...senders]) { // everybody hears the same, in one order without a gap
      await listener.event('rush', 'bid_update', top.result.seq - 1);
      const heard = listener.events.filter((e) => e.name === 'bid_update');
      assert.deepEqual(heard.map((e) => [e.payload.seq, e.payload.leader.id]), accepted.map(({ by, result }) => [result.seq, by]));
    }
    checkEvents(bridge.events.filter((e) => e.sale === 'rush'), assert);
    await bridge.must('rush', 'next', { lot: 'l1' });
    const sold = await bridge.event('rush', 'sold', top.result.seq);
    assert.deepEqual([sold.winner.id, sold.price], [top.by, top.result.amount]);
  }));

test('F5: an engine whose broker is not there says so again and again, and works when it comes', async () => {
  const world = await World.create();
  try {
    await world.broker.kill();
    const engine = world.spawnEngine();
    await engine.logged(/not connected/);
    await engine.logged(/still not connected/, 8000);
    await world.startBroker();
    await engine.logged(/ready/);
    assert.deepEqual((await (await world.bridge()).must(null, 'list')).sales, []);
    engine.child.kill('SIGINT');
    assert.equal((await engine.exited).code, 0);
  } finally {
    await world.end();
  }
});

test('a wrong command line gets one clear line and exit code 2', async () => {
  const world = await World.create();
  try {
    for (const args of [['--frobnicate', '1'], ['--frobnicate'], ['--broker', 'nonsense'], ['x']]) {
      const engine = world.spawnEngine(args);
      assert.equal((await within(5000, 'exit', engine.exited)).code, 2);
      assert.match(engine.log, /^auction-svc: [^\n]+\n$/);
    }
    assert.ok(await freePort());
  } finally {
    await world.end();
  }
});
