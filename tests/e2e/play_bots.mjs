// One sale of 8 bots x 32 lots with 3 roster slots each, played to its end over the transports named in argv[2]; afterwards the results, the
// ledger, the board, the MQTT events and every client's last state are the same, and every bid has exactly one answer.
// F4, F14-F17, F20-F22, L1, L5, L7: a whole sale would show any of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followTopics, outcome } from './follower.mjs';
import { House, needPrograms, saleOf } from './harness.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl', 'auction-board');
const transport = process.argv[2] ?? 'mixed';
const LOTS = 32;
const BOTS = 8;
const ROSTER = { budget: 9000, slots: 3, minimum: 1000 };
const onWebsocket = { polling: 0, websocket: BOTS, upgrade: BOTS, mixed: 5 }; // of the bots 0..7 every third one polls

function checkMoney(results) {
  const won = new Map();
  for (const lot of results.lots.filter(({ phase }) => phase === 'sold')) {
    assert.ok(lot.price >= 1000, `lot ${lot.id} was sold below its opening`);
    won.set(lot.winner.id, [...(won.get(lot.winner.id) ?? []), lot.price]);
  }
  for (const [participant, prices] of won) {
    assert.ok(prices.length <= ROSTER.slots, `${participant} has ${prices.length} lots`);
    assert.ok(prices.reduce((sum, price) => sum + price, 0) <= ROSTER.budget, `${participant} spent ${prices}`);
  }
  for (const person of results.participants) {
    const prices = won.get(person.id) ?? [];
    assert.equal(person.spent, prices.reduce((sum, price) => sum + price, 0), `spent of ${person.id}`);
    assert.equal(person.roster.taken, prices.length, `roster of ${person.id}`);
  }
}

// The board's last line tells that the sale is over; with it the last lot's outcome was on it before.
async function checkBoard(board) {
  await board.until(() => /complete/i.test(board.lines.at(-1) ?? ''), 5000, 'the board to show the end');
}

test(`${BOTS} bots play ${LOTS} lots over ${transport} and everybody agrees on the end`, { timeout: 170000 }, async () => {
  const house = await House.open();
  let failed = true;
  try {
    const sale = await house.createSale(saleOf('bots', { lots: LOTS, duration: 1000, gap: 100, roster: ROSTER }));
    const listener = await house.listen([`lotcast/v1/sale/${sale.id}/#`]);
    const board = await house.board(sale.id);
    const bots = await house.startBots(sale, { bidders: BOTS, transport, seed: 7, more: ['--max-seconds', '150'] });
    // All have joined: the sale may begin.
    await listener.until(() => listener.messages().filter(({ topic }) => topic.endsWith('/event/participants_changed')).length === BOTS, 15000, 'all bots to join');
    await house.command(sale, 'begin');
    const report = await bots.finish();
    const results = await house.results(sale);

    assert.equal(report.end, 'auction_complete');
    assert.equal(results.phase, 'complete');
    assert.ok(results.lots.every(({ phase }) => phase === 'sold' || phase === 'unsold'), 'a lot has no outcome');
    checkMoney(results);

    const truth = results.lots.map((lot) => outcome(lot.id, lot.phase, lot.price, lot.winner?.id ?? null)).sort();
    for (const bot of report.bots) {
      assert.deepEqual(bot.lots.map((lot) => outcome(lot.id, lot.phase, lot.price, lot.winner)).sort(), truth, `last state of ${bot.name}`);
      assert.equal(bot.disconnects, 0, `${bot.name}: ${bot.last_disconnect}`);
    }
    const { bids } = report;
    assert.ok(bids.accepted >= 24, `only ${bids.accepted} bids were accepted`);
    assert.deepEqual([bids.answered, bids.unanswered, bids.answered_twice], [bids.sent, 0, 0]);
    assert.equal(bids.accepted + Object.values(bids.refused).reduce((sum, count) => sum + count, 0), bids.sent);
    assert.equal(report.on_websocket, onWebsocket[transport], 'transports at the end');

    await listener.until(() => listener.messages().some(({ topic }) => topic.endsWith('/event/auction_complete')), 5000, 'the end on MQTT');
    const mqtt = followTopics(listener, sale.id);
    assert.deepEqual(mqtt.wrong, [], 'MQTT events out of order');
    assert.equal(mqtt.names.bid_update, bids.accepted, 'accepted bids on MQTT');
    const heard = [...mqtt.lots].map(([id, lot]) => outcome(id, lot.phase, lot.price, lot.winner));
    assert.deepEqual(heard.filter((text) => / sold /.test(text)).sort(), truth.filter((text) => / sold /.test(text)), 'MQTT events');
    await checkBoard(board);

    await house.engine.stop();
    const said = house.verify(sale.id);
    console.log(`${transport}: ${bids.sent} bids, ack p50 ${report.latency_us.bid_to_ack.p50} us p99 ${report.latency_us.bid_to_ack.p99} us,`
      + ` last bot p50 ${report.latency_us.bid_to_last.p50} us p99 ${report.latency_us.bid_to_last.p99} us; verify: ${said.trim().split('\n').at(-1)}`);
    failed = false;
  } finally {
    await house.close({ failed });
  }
});
