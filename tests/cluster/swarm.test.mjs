// A sale of many clients behind nginx while bridges, broker and engine are stopped, killed, frozen and started again, as chance (SEED) has
// it: afterwards all agree, nobody was shown an event twice, out of order or after a gap, and each bid has its one answer.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { MODES } from '../e2e/follower.mjs';
import { needPrograms, saleOf } from '../e2e/harness.mjs';
import { RecoveringTab, needProxies, noBidLost, startFront, withCluster } from './cluster.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
needProxies('nginx');

const FIRST = Number(process.env.SEED ?? 1);
const SEEDS = Number(process.env.SEEDS ?? 1);
const FAULTS = Number(process.env.FAULTS ?? 10);
const CLIENTS = 18;
const BIDDERS = 6;
// A WebSocket that is lost between `3probe` and `5` leaves the official client with its polling paused: it finds out by the ping, 45 s later.
const BACK_MS = 60000;
const BID_PACE_MS = 60;

// xorshift32: the same numbers for the same seed.
function chanceOf(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const lasts = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const faults = {
  restart: async (house, chance, bridge) => {
    await bridge.stop();
    await bridge.start();
  },
  kill: async (house, chance, bridge) => {
    await bridge.kill();
    await lasts(chance(1500));
    await bridge.start();
  },
  freeze: async (house, chance, bridge) => {
    bridge.signal('SIGSTOP');
    await lasts(200 + chance(5000));
    bridge.signal('SIGCONT');
  },
  broker: async (house, chance) => {
    await house.broker.kill();
    await lasts(chance(2500));
    await house.startBroker();
  },
  engine: async (house, chance) => {
    await house.engine.kill();
    await lasts(chance(1500));
    await house.engine.start();
  },
  two: async (house, chance, bridge) => { // the last one carries all
    const other = house.bridges.find((each) => each !== bridge);
    await Promise.all([bridge.kill(), other.kill()]);
    await lasts(chance(1500));
    await Promise.all([bridge.start(), other.start()]);
  },
  upgrades: async (house, chance, bridge, tabs) => { // everybody connects anew while a bridge goes
    for (const tab of tabs) tab.io.io.engine.close();
    await bridge.stop();
    await bridge.start();
  },
};

async function keepBidding(bidders, isOver) {
  for (let i = 0; !isOver(); i++) {
    const tab = bidders[i % bidders.length];
    const lot = await tab.until(() => tab.open || (isOver() && {}), 60000, `${tab.name} to have a lot to bid on`);
    if (lot.id) await tab.bid(lot.ask, { lot: lot.id, milliseconds: 60000 });
    await lasts(BID_PACE_MS);
  }
}

// As staff does: what got no answer is asked again with the same id.
async function command(house, sale, op, more) {
  const body = { op, id: `${op}-${randomBytes(8).toString('hex')}`, ...more };
  for (const deadline = performance.now() + BACK_MS; ;) {
    const answer = await house.api('POST', `/api/sales/${sale.id}/commands`, { token: sale.token, body });
    if (answer.status === 200) return answer.body;
    assert.ok(['TIMEOUT', 'ENGINE_OFFLINE'].includes(answer.body?.error?.code) && performance.now() < deadline, `${op}: ${answer.text}`);
    await lasts(100);
  }
}

// An event of now has come to all of them.
async function allBack(house, sale, tabs) {
  const { seq } = await command(house, sale, 'announce', { text: 'still here' });
  await Promise.all(tabs.map((tab) => tab.until(() => tab.io.connected && tab.seq >= seq, BACK_MS, `${tab.name} to be back and to have event ${seq}`)));
}

async function play(house, seed) {
  const chance = chanceOf(seed);
  const url = await startFront(house, 'nginx');
  const sale = await house.createSale(saleOf('swarm', { lots: 1, duration: 3600000, step: 10, rules: { unsold_rounds: 0, outage_threshold_ms: 500 } }));
  const modes = Object.keys(MODES);
  const tabs = [];
  for (let i = 0; i < CLIENTS; i++) {
    const person = i < BIDDERS ? await house.join(sale, `Bidder ${i + 1}`) : null;
    tabs.push(new RecoveringTab(io, house, sale, { name: `${modes[i % 3]}-${i + 1}`, url, mode: modes[i % 3], token: person?.token, options: { reconnectionDelay: 100, reconnectionDelayMax: 500 } }));
  }
  await Promise.all(tabs.map((tab) => tab.ready(30000)));
  await house.command(sale, 'begin');
  let isOver = false;
  const bidding = keepBidding(tabs.slice(0, BIDDERS), () => isOver);
  bidding.catch(() => {}); // told below
  const done = [];
  for (let i = 0; i < FAULTS; i++) {
    const name = Object.keys(faults)[chance(Object.keys(faults).length)];
    const bridge = house.bridges[chance(house.bridges.length)];
    done.push(`${name} ${bridge.name}`);
    try {
      await faults[name](house, chance, bridge, tabs);
      if (i < FAULTS - 1 && chance(3) === 0) continue; // the next one comes on top
      await house.untilReady(BACK_MS);
      await allBack(house, sale, tabs);
    } catch (error) {
      error.message = `seed ${seed}, after ${done.join(', ')}: ${error.message}`;
      throw error;
    }
  }
  isOver = true;
  await bidding;
  await command(house, sale, 'next', { lot: 'l1' });
  await Promise.all(tabs.map((tab) => tab.until(() => tab.phase === 'complete', BACK_MS, `${tab.name} to see the end`)));
  const [results, events] = [await house.results(sale), await house.events(sale)];
  for (const tab of tabs) {
    tab.agreesWith(results, `seed ${seed}: ${tab.describe()}`);
    assert.equal(tab.recoveries, tab.connects - 1, `seed ${seed}: not recovered: ${tab.describe()}`);
  }
  noBidLost(tabs, events);
  const sum = (count) => tabs.reduce((total, tab) => total + count(tab), 0);
  console.log(`seed ${seed}: ${done.join(', ')}; ${sum((tab) => tab.connects)} connections, ${sum((tab) => tab.recoveries)} recovered, ${sum((tab) => tab.bids.length)} bids`);
}

for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
  test(`seed ${seed}: ${CLIENTS} clients and ${FAULTS} faults`, { timeout: 60000 + 30000 * FAULTS }, () =>
    withCluster((house) => play(house, seed), { bridgeArgs: ['--drain-ms', '1000', '--rate-per-s', '1000', '--rate-burst', '1000'] }));
}
