// A reader that stops reading in the middle of a sale, behind the real bridge: it costs nobody anything, and is told the present when it
// reads again (design 9, "a slow reader is conflated").
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { Tab } from './follower.mjs';
import { House, needPrograms, saleOf } from './harness.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');

const RING_EVENTS = 1024; // that a room keeps for its slowest reader (room_ring_events)

const connectionOf = (tab) => tab.io.io.engine.transport.ws._socket;

async function metric(house, name) {
  const text = await (await fetch(`${house.url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`lotcast_bridge_${name} `));
  return Number(line?.split(' ').pop());
}

test('who stops reading gets one fresh snapshot instead of what it missed, loses no order, and nobody else notices', { timeout: 110000 }, async () => {
  const house = await House.open({ bridgeArgs: ['--rate-per-s', '10000', '--rate-burst', '10000'] });
  let failed = true;
  try {
    const sale = await house.createSale(saleOf('long', { lots: 1, duration: 100000 }));
    const people = await Promise.all(['Ann', 'Ben'].map((name) => house.join(sale, name)));
    const [ann, ben] = people.map((person, i) => new Tab(io, house, sale, { name: `bidder ${i}`, mode: 'websocket', token: person.token }));
    const stalled = new Tab(io, house, sale, { name: 'stalled', mode: 'websocket' });
    const healthy = new Tab(io, house, sale, { name: 'healthy', mode: 'websocket' });
    const tabs = [ann, ben, stalled, healthy];
    await Promise.all(tabs.map((tab) => tab.ready()));
    await house.command(sale, 'begin');
    await Promise.all(tabs.map((tab) => tab.until(() => tab.open, 8000, 'the lot')));
    let amount = stalled.open.ask;
    const step = 100;
    const lot = stalled.open.id;
    let answer;
    const bid = async () => {
      answer = await (amount / step % 2 === 0 ? ann : ben).place(amount, { lot });
      assert.ok(answer.ok, JSON.stringify(answer));
      amount += step;
    };
    connectionOf(stalled).pause();
    const before = stalled.seq;
    while ((await metric(house, 'connections_blocked')) === 0) {
      for (let i = 0; i < 100; i++) await bid();
    }
    for (let i = 0; i <= RING_EVENTS; i++) await bid();
    assert.equal(await metric(house, 'sessions{transport="websocket"}'), tabs.length, 'it is still there');
    await healthy.until(() => healthy.seq === answer.seq, 5000, 'all bids');
    connectionOf(stalled).resume();
    await stalled.until(() => stalled.seq === answer.seq, 10000, 'the present');
    await bid();
    await Promise.all(tabs.map((tab) => tab.until(() => tab.seq === answer.seq, 5000, 'the next bid')));
    assert.equal(stalled.names.auction_snapshot, 2, 'one fresh snapshot');
    assert.ok(stalled.names.bid_update < answer.seq - before - RING_EVENTS, `it was spared the backlog: ${stalled.names.bid_update}`);
    assert.equal(stalled.open.price, healthy.open.price);
    assert.equal(await metric(house, 'lagged_total'), 1);
    for (const tab of tabs) {
      assert.deepEqual(tab.wrong, [], tab.name); // no gap but at a snapshot, nothing twice, nothing out of order
      assert.equal(tab.connects, 1, tab.name);
      if (tab !== stalled) assert.equal(tab.names.auction_snapshot, 1, tab.name);
    }
    failed = false;
  } finally {
    await house.close({ failed });
  }
});
