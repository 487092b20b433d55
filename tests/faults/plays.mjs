// Each process killed, stopped or cut in the middle of a lot: no acknowledged bid is lost, the lot closes when it should, and every client
// and board is right again within 5 s by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { MODES, Tab } from '../e2e/follower.mjs';
import { House, needPrograms, saleOf } from '../e2e/harness.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl', 'auction-board');
const RIGHT_AGAIN_MS = 5000;

// A fault lasts as long as the test says: the one reason to let time pass here.
const lasts = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function withSale(options, work) {
  const house = await House.open();
  let failed = true;
  try {
    const sale = await house.createSale(saleOf('faults', options));
    const tabs = [];
    for (const mode of Object.keys(MODES)) {
      const person = await house.join(sale, mode);
      const tab = new Tab(io, house, sale, { name: mode, mode, token: person.token });
      tab.me = person.participant.id;
      tabs.push(tab);
    }
    await Promise.all(tabs.map((tab) => tab.ready()));
    const board = await house.board(sale.id);
    await house.command(sale, 'begin');
    await Promise.all(tabs.map((tab) => tab.until(() => tab.open, 8000, 'the first lot')));
    await work({ house, sale, tabs, board });
    failed = false;
  } finally {
    await house.close({ failed });
  }
}

async function bid(tab, amount, id) {
  const answer = await tab.place(amount, { id });
  assert.ok(answer.ok, `${tab.name} bid ${amount}: ${JSON.stringify(answer)}`);
  return answer;
}

const allSee = (tabs, what, condition, milliseconds = RIGHT_AGAIN_MS) => Promise.all(tabs.map((tab) => tab.until(() => condition(tab), milliseconds, `${tab.name} to see ${what}`)));

// The ledger has every bid that was acknowledged: results say so after the sale.
async function finish({ house, sale, tabs, board }, price, winner) {
  await allSee(tabs, 'the end', (tab) => tab.phase === 'complete', 30000);
  const results = await house.results(sale);
  for (const tab of tabs) tab.agreesWith(results);
  assert.deepEqual([results.lots[0].phase, results.lots[0].price, results.lots[0].winner.id], ['sold', price, winner]);
  await board.until(() => /complete/i.test(board.lines.at(-1) ?? ''), RIGHT_AGAIN_MS, 'the board to show the end');
  await house.engine.stop();
  house.verify(sale.id);
}

test('kill -9 of the engine in the middle of a lot: acknowledged bids stay, the lot keeps the time it had left (L3, F12)', { timeout: 90000 }, () => withSale({ lots: 1, duration: 8000, rules: { outage_threshold_ms: 500 } }, async (play) => {
  const { house, tabs, board } = play;
  await bid(tabs[0], 1000);
  await bid(tabs[1], 1100, 'the-last-bid');
  await allSee(tabs, 'the last bid', (tab) => tab.open?.price === 1100);
  const due = tabs[0].open.ends_at;
  const listener = await house.listen([`lotcast/v1/sale/${play.sale.id}/event/#`]);
  const epoch = tabs[0].epoch;
  const killedAt = Date.now();
  await house.engine.kill();
  await lasts(1500);
  const restartedAt = Date.now();
  await house.engine.start();
  const resumed = await listener.until(() => listener.messages().find(({ topic }) => topic.endsWith('/auction_resumed')), RIGHT_AGAIN_MS, 'auction_resumed');
  const { ends_at: endsAt, remaining_ms: remaining, reason, gap_ms: gap } = JSON.parse(resumed.payload);
  assert.equal(reason, 'outage');
  assert.ok(gap >= 1500 && gap < 1500 + 4000, `gap ${gap}`);
  await allSee(tabs, 'the sale live again', (tab) => tab.live === true && tab.epoch > epoch && tab.phase === 'live' && tab.open?.ends_at === endsAt);
  // The last proven moment is at most a second (and the writing of it) before the kill, and never after it.
  assert.ok(remaining >= due - killedAt - 100 && remaining <= due - killedAt + 1200, `remaining ${remaining}, at the kill ${due - killedAt}`);
  assert.ok(endsAt >= restartedAt + remaining - 200, `ends ${endsAt - restartedAt} after the restart`);
  await allSee(tabs, 'the price', (tab) => tab.open?.price === 1100 && tab.open.leader === tabs[1].me, 1000);
  await board.until(() => board.lines.at(-1)?.includes('11.00'), RIGHT_AGAIN_MS, 'the board to show the price');
  await bid(tabs[2], 1200);
  await allSee(tabs, 'the close', (tab) => tab.closed?.lot === 'l1', remaining + 5000);
  const { closed } = tabs[0];
  const extended = Math.max(0, tabs[0].names.anti_snipe ? 300 : 0);
  assert.ok(closed.at >= endsAt - 5 && closed.at <= endsAt + extended + 150, `closed ${closed.at - endsAt} ms after its time`);
  await finish(play, 1200, tabs[2].me);
}));

test('kill -9 of the engine shorter than the threshold: the lot ends at its old time, or as soon as the engine is back', { timeout: 90000 }, () => withSale({ lots: 1, duration: 5000, rules: { outage_threshold_ms: 30000 } }, async (play) => {
  const { house, tabs } = play;
  await bid(tabs[1], 1000);
  const due = tabs[1].open.ends_at;
  await house.engine.kill();
  await house.engine.start();
  await allSee(tabs, 'the close', (tab) => tab.closed?.lot === 'l1', 15000);
  assert.ok(tabs[0].closed.at >= due - 5 && tabs[0].closed.at <= due + 2000, `closed ${tabs[0].closed.at - due} ms after its time`);
  await finish(play, 1000, tabs[1].me);
}));

test('a bid id that was answered before the engine was killed is answered again after it, and not applied twice', { timeout: 90000 }, () => withSale({ lots: 1, duration: 8000 }, async (play) => {
  const { house, tabs } = play;
  const first = await bid(tabs[0], 1000, 'once-only');
  await house.engine.kill();
  await house.engine.start();
  await house.untilReady();
  const again = await tabs[0].until(() => tabs[0].epoch > first.epoch, RIGHT_AGAIN_MS).then(() => tabs[0].place(1000, { id: 'once-only', lot: 'l1' }));
  assert.deepEqual([again.ok, again.bid, again.amount, again.repeated], [true, first.bid, 1000, true], JSON.stringify(again));
  const other = await tabs[0].place(2000, { id: 'once-only', lot: 'l1' });
  assert.equal(other.error?.code, 'ID_REUSED', JSON.stringify(other));
  await finish(play, 1000, tabs[0].me);
  assert.equal((await tabs[0].snapshot.lots).length, 1);
  assert.ok((tabs[1].names.bid_update ?? 0) <= 1, 'the bid was told twice');
}));

test('without an engine a bid is refused with ENGINE_OFFLINE at once, and clients know that they are not live', { timeout: 90000 }, () => withSale({ lots: 1, duration: 6000, rules: { outage_threshold_ms: 500 } }, async (play) => {
  const { house, tabs } = play;
  await bid(tabs[0], 1000);
  await house.engine.kill();
  await allSee(tabs, 'that they are not live', (tab) => tab.live === false);
  for (const tab of tabs) {
    const sent = performance.now();
    const answer = await tab.place(1100, { lot: 'l1' });
    assert.equal(answer.error?.code, 'ENGINE_OFFLINE', JSON.stringify(answer));
    assert.ok(performance.now() - sent < 500, 'not at once');
  }
  assert.equal((await house.api('GET', '/readyz')).status, 503);
  await house.engine.start();
  await allSee(tabs, 'that they are live', (tab) => tab.live === true);
  await bid(tabs[1], 1100);
  await finish(play, 1100, tabs[1].me);
}));

test('a stopped engine: TIMEOUT, then the same id is answered or EXPIRED, and applied at most once', { timeout: 90000 }, () => withSale({ lots: 1, duration: 9000, rules: { outage_threshold_ms: 20000 } }, async (play) => {
  const { house, tabs } = play;
  await bid(tabs[0], 1000);
  house.engine.signal('SIGSTOP');
  const sent = performance.now();
  const answer = await tabs[1].place(1100, { lot: 'l1', id: 'while-stopped' });
  const took = performance.now() - sent;
  assert.equal(answer.error?.code, 'TIMEOUT', JSON.stringify(answer));
  assert.ok(took > 1800 && took < 3000, `TIMEOUT came after ${took} ms`);
  house.engine.signal('SIGCONT');
  const again = await tabs[1].place(1100, { lot: 'l1', id: 'while-stopped' });
  assert.ok(again.ok || again.error.code === 'EXPIRED', JSON.stringify(again));
  const price = again.ok ? 1100 : 1000;
  await finish(play, price, tabs[again.ok ? 1 : 0].me);
  for (const tab of tabs) assert.equal(tab.names.bid_update, again.ok ? 2 : 1, tab.describe());
}));

test('kill -9 of the bridge in the middle of a lot: every client comes back by itself and is right within 5 s', { timeout: 90000 }, () => withSale({ lots: 1, duration: 9000 }, async (play) => {
  const { house, tabs, board } = play;
  await bid(tabs[0], 1000);
  await bid(tabs[2], 1100);
  await board.until(() => board.lines.at(-1)?.includes('11.00'), 2000, 'the board to show the price');
  const due = tabs[0].open.ends_at;
  await house.bridge.kill();
  await allSee(tabs, 'the loss', (tab) => tab.disconnects.length === 1);
  for (const tab of tabs) tab.open = null;
  await house.bridge.start();
  await allSee(tabs, 'the sale again', (tab) => tab.connects === 2 && tab.member?.ok && tab.open?.price === 1100 && tab.open.leader === tabs[2].me);
  for (const tab of tabs) assert.equal(tab.open.ends_at, due, 'the clock went on without the bridge');
  await bid(tabs[1], 1200);
  await allSee(tabs, 'the close', (tab) => tab.closed?.lot === 'l1', 15000);
  assert.ok(Math.abs(tabs[0].closed.at - due) < 500, `closed ${tabs[0].closed.at - due} ms after its time`);
  await finish(play, 1200, tabs[1].me);
}));

test('kill -9 of the broker in the middle of a lot: bridges, engine and boards come back, nothing acknowledged is lost', { timeout: 90000 }, () => withSale({ lots: 1, duration: 9000, rules: { outage_threshold_ms: 500 } }, async (play) => {
  const { house, tabs, board } = play;
  await bid(tabs[0], 1000);
  await bid(tabs[1], 1100);
  const due = tabs[0].open.ends_at;
  const killedAt = Date.now();
  await house.broker.kill();
  await allSee(tabs, 'that they are not live', (tab) => tab.live === false);
  const refused = await tabs[2].place(1200, { lot: 'l1' });
  assert.equal(refused.error?.code, 'ENGINE_OFFLINE', JSON.stringify(refused));
  const rest = due - killedAt;
  await lasts(1000);
  const backAt = Date.now();
  await house.startBroker();
  await allSee(tabs, 'that they are live and the sale again', (tab) => tab.live === true && tab.phase === 'live' && tab.open?.price === 1100 && tab.open.ends_at > due);
  assert.ok(Date.now() - backAt <= RIGHT_AGAIN_MS);
  for (const tab of tabs) assert.deepEqual(tab.disconnects, [], 'a broker that died is no reason to lose browsers');
  await board.until(() => board.lines.at(-1)?.includes('11.00'), RIGHT_AGAIN_MS, 'the board to show the price');
  const { ends_at: endsAt } = tabs[0].open;
  assert.ok(endsAt - backAt >= rest - 300, `${endsAt - backAt} ms left at the return, ${rest} at the kill`);
  await bid(tabs[2], 1200);
  await allSee(tabs, 'the close', (tab) => tab.closed?.lot === 'l1', 20000);
  await finish(play, 1200, tabs[2].me);
}));

test('a broker that comes back before the engine: bids are refused at once, and nobody is told that the sale is live (F5)', { timeout: 90000 }, () => withSale({ lots: 1, duration: 6000, rules: { outage_threshold_ms: 500 } }, async (play) => {
  const { house, tabs } = play;
  await bid(tabs[0], 1000);
  await house.broker.kill(); // before the engine: its will is not heard
  await house.engine.kill();
  await allSee(tabs, 'that they are not live', (tab) => tab.live === false);
  const from = house.bridge.lines.length;
  await house.startBroker();
  await house.bridge.line(/broker: connected/, RIGHT_AGAIN_MS, from);
  assert.equal((await house.api('GET', '/readyz')).body.engine, false);
  const answer = await tabs[1].place(1100, { lot: 'l1' });
  assert.equal(answer.error?.code, 'ENGINE_OFFLINE', JSON.stringify(answer));
  assert.ok(tabs.every((tab) => tab.live === false), 'told that it is live');
  await house.engine.start();
  await allSee(tabs, 'that they are live', (tab) => tab.live === true);
  await bid(tabs[1], 1100);
  await finish(play, 1100, tabs[1].me);
}));

// What was acknowledged is in the ledger and nothing else: each bot's accepted bids, one event each.
async function checkAccepted(house, sale, report) {
  const bids = (await house.events(sale)).filter(({ name }) => name === 'bid_update');
  assert.equal(new Set(bids.map(({ payload }) => payload.bid)).size, bids.length, 'a bid number twice');
  for (const bot of report.bots) {
    const inLedger = bids.filter(({ payload }) => payload.by.id === bot.participant).length;
    assert.equal(bot.bids.accepted, inLedger, `${bot.name}: acknowledged bids and bids in the ledger`);
  }
}

test('bots play through kills of every process: each bid has one answer and nobody sees a gap', { timeout: 120000 }, async () => {
  const house = await House.open();
  let failed = true;
  try {
    const sale = await house.createSale(saleOf('storm', { lots: 5, duration: 3500, rules: { outage_threshold_ms: 500 } }));
    const listener = await house.listen([`lotcast/v1/sale/${sale.id}/event/#`]);
    const joined = () => listener.messages().filter(({ topic }) => topic.endsWith('participants_changed')).length;
    const started = (lot) => () => listener.messages().some(({ topic, payload }) => topic.endsWith('lot_started') && JSON.parse(payload).lot.id === lot);
    const bots = await house.startBots(sale, { bidders: 8, transport: 'mixed', seed: 11, more: ['--max-seconds', '90', '--think-max-ms', '150'] });
    await listener.until(() => joined() === 8, 15000, 'all bots');
    await house.command(sale, 'begin');
    await listener.until(started('l1'), 10000, 'lot 1');
    await house.engine.kill();
    await house.engine.start();
    await listener.until(started('l2'), 20000, 'lot 2');
    await house.bridge.kill();
    await house.bridge.start();
    await listener.until(started('l3'), 20000, 'lot 3');
    await house.broker.kill();
    await house.startBroker();
    const report = await bots.finish();
    const results = await house.results(sale);
    assert.equal(report.end, 'auction_complete');
    assert.deepEqual([report.bids.answered, report.bids.unanswered], [report.bids.sent, 0]);
    assert.equal(report.checks.gaps + report.checks.duplicates + report.checks.price_falls + report.checks.old_snapshots, 0, JSON.stringify(report.checks));
    for (const bot of report.bots) {
      const seen = Object.fromEntries(bot.lots.map((lot) => [lot.id, lot.phase === 'sold' ? `${lot.price} ${lot.winner}` : lot.phase]));
      assert.deepEqual(seen, Object.fromEntries(results.lots.map((lot) => [lot.id, lot.phase === 'sold' ? `${lot.price} ${lot.winner.id}` : lot.phase])), bot.name);
    }
    await checkAccepted(house, sale, report);
    await house.engine.stop();
    house.verify(sale.id);
    failed = false;
  } finally {
    await house.close({ failed });
  }
});
