// Every bridge is restarted, one after the other, and one is killed, in the middle of a sale: each client is recovered elsewhere, its page
// misses no event and is given none twice, and every bid has its one answer. CLIENTS: how many; PROXY: nginx or haproxy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { MODES } from '../e2e/follower.mjs';
import { needPrograms, saleOf } from '../e2e/harness.mjs';
import { RecoveringTab, needProxies, noBidLost, startFront, withCluster } from './cluster.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
const PROXY = process.env.PROXY ?? 'nginx';
needProxies(PROXY);

const CLIENTS = Number(process.env.CLIENTS ?? 200);
const BIDDERS = 12;
const LOTS = 5;
const DRAIN_MS = 2000;
const BID_PACE_MS = 100;
const BACK_MS = 10000;

// A third of them by each transport; the first ones bid.
async function openTabs(house, sale, url) {
  const modes = Object.keys(MODES);
  const tabs = [];
  for (let i = 0; i < CLIENTS; i++) {
    const mode = modes[i % modes.length];
    const person = i < BIDDERS ? await house.join(sale, `Bidder ${i + 1}`) : null;
    tabs.push(new RecoveringTab(io, house, sale, { name: `${mode}-${i + 1}`, url, mode, token: person?.token, options: { reconnectionDelay: 100, reconnectionDelayMax: 500 } }));
  }
  await Promise.all(tabs.map((tab) => tab.ready(30000)));
  return tabs;
}

// Somebody bids the ask all the time, until `isOver()`: each in turn, so that every restart meets bids in flight.
async function keepBidding(bidders, isOver) {
  for (let i = 0; !isOver(); i++) {
    const tab = bidders[i % bidders.length];
    const lot = await tab.until(() => tab.open || (isOver() && {}), 30000, `${tab.name} to have a lot to bid on`);
    if (lot.id) await tab.bid(lot.ask, { lot: lot.id });
    await new Promise((resolve) => { setTimeout(resolve, BID_PACE_MS); });
  }
}

// All are connected, and have an event that happened just now.
async function allBack(tabs, { seq }) {
  await Promise.all(tabs.map((tab) => tab.until(() => tab.io.connected && tab.seq >= seq, BACK_MS, `${tab.name} to be back and to have event ${seq}`)));
}

test(`a rolling restart of three bridges and the death of one in a sale of ${CLIENTS} clients behind ${PROXY}`, { timeout: 60000 + 1000 * CLIENTS }, () => withCluster(async (house) => {
  const url = await startFront(house, PROXY);
  const sale = await house.createSale(saleOf('rolling', { lots: LOTS, duration: 60000, step: 10, rules: { unsold_rounds: 0 } }));
  const tabs = await openTabs(house, sale, url);
  const bidders = tabs.slice(0, BIDDERS);
  await house.command(sale, 'begin');
  await Promise.all(tabs.map((tab) => tab.until(() => tab.open, 8000, 'the first lot')));
  let isOver = false;
  const bidding = keepBidding(bidders, () => isOver);
  let lot = 0;
  const nextLot = async () => { // so that lots close and open meanwhile, too
    lot++;
    await tabs[0].until(() => tabs[0].open?.id === `l${lot}`, BACK_MS, `lot ${lot}`);
    return house.command(sale, 'next', { lot: `l${lot}` });
  };

  for (const bridge of house.bridges) {
    await bridge.stop();
    await bridge.start();
    await house.untilReady();
    await allBack(tabs, await nextLot());
  }
  const restarted = tabs.map((tab) => tab.disconnects.length);
  assert.ok(restarted.every((count) => count >= 1), `clients that no restart met: ${restarted}`);
  const [, victim] = house.bridges;
  await victim.kill();
  await allBack(tabs, await nextLot());
  await victim.start();
  isOver = true;
  await bidding;
  await nextLot();
  await Promise.all(tabs.map((tab) => tab.until(() => tab.phase === 'complete', 30000, `${tab.name} to see the end`)));

  const [results, events] = [await house.results(sale), await house.events(sale)];
  for (const tab of tabs) {
    assert.equal(tab.recoveries, tab.connects - 1, `not recovered: ${tab.describe()}`);
    tab.missedNothing(events);
    tab.agreesWith(results);
  }
  noBidLost(tabs, events);
  const bids = tabs.flatMap((tab) => tab.bids);
  assert.ok(bids.length >= 20, `only ${bids.length} bids`);
  console.log(`${CLIENTS} clients, ${tabs.reduce((sum, tab) => sum + tab.recoveries, 0)} recoveries, ${events.length} events, ${bids.length} bids`);
}, { bridgeArgs: ['--drain-ms', String(DRAIN_MS), '--rate-per-s', '1000', '--rate-burst', '1000'] }));
