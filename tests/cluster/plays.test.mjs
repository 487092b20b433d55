// Three bridges behind a real proxy that sends each request to the next of them: clients that nobody here wrote play whole auctions.
// The proxy is named by PROXY, nginx or haproxy.
import assert from 'node:assert/strict';
import path from 'node:path';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { MODES, outcome } from '../e2e/follower.mjs';
import { SOURCE, needPrograms, saleOf } from '../e2e/harness.mjs';
import { RecoveringTab, metric, movedIn, needProxies, noBidLost, ofAll, relayed, startFront, withCluster } from './cluster.mjs';

const PROXY = process.env.PROXY ?? 'nginx';
needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
needProxies(PROXY);

async function openTabs(house, sale, url, modes) {
  const tabs = [];
  for (const [i, mode] of modes.entries()) {
    const person = await house.join(sale, `${mode} ${i + 1}`, house.bridges[i % house.bridges.length]);
    tabs.push(new RecoveringTab(io, house, sale, { name: `${mode}-${i + 1}`, url, mode, token: person.token }));
  }
  await Promise.all(tabs.map((tab) => tab.ready()));
  await Promise.all(tabs.map((tab, i) => modes[i] === 'polling' || tab.until(() => tab.transport === 'websocket', 8000, `${tab.name} on websocket`)));
  return tabs;
}

// Each bids on every lot, the later ones more.
function bidOnEachLot(tabs) {
  for (const [i, tab] of tabs.entries()) tab.io.on('lot_started', () => tab.bid(tab.open.ask + 100 * i));
}

async function agree(house, sale, tabs) {
  await Promise.all(tabs.map((tab) => tab.until(() => tab.phase === 'complete' && tab.bids.every(({ answer }) => answer), 30000, `${tab.name} to see the end`)));
  const [results, events] = [await house.results(sale), await house.events(sale)];
  for (const tab of tabs) {
    tab.agreesWith(results);
    tab.missedNothing(events);
    assert.deepEqual([tab.disconnects, tab.errors, tab.connects], [[], [], 1], tab.describe());
  }
  return { results, events };
}

const PYTHON = { polling: ['polling'], websocket: ['websocket'], upgrade: [] };

test(`three bridges behind ${PROXY}: the official client and Python's play a whole auction by polling, by WebSocket and with an upgrade (F3, F4)`, { timeout: 50000 }, () => withCluster(async (house) => {
  const url = await startFront(house, PROXY);
  const sale = await house.createSale(saleOf('spread', { lots: 3, duration: 1500 }));
  const tabs = await openTabs(house, sale, url, [...Object.keys(MODES), ...Object.keys(MODES)]);
  const python = existsSync('/usr/lib/python3/dist-packages/socketio') ? Object.keys(PYTHON) : [];
  const others = [];
  for (const mode of python) {
    const person = await house.join(sale, `Python ${mode}`);
    others.push(house.program(`python-${mode}`, '/usr/bin/python3', [path.join(SOURCE, 'tests', 'e2e', 'play_client.py'), url, sale.id, person.token, ...PYTHON[mode]], { ready: /^joined/ }));
  }
  await Promise.all(others.map((client) => client.start()));
  bidOnEachLot(tabs);
  await house.command(sale, 'begin');
  const { results } = await agree(house, sale, tabs);
  for (const client of others) {
    const { code } = await client.exit;
    assert.equal(code, 0, client.describe());
    const seen = JSON.parse(client.lines.find((line) => line.startsWith('{')));
    assert.deepEqual(seen.lots.sort(), results.lots.map((lot) => outcome(lot.id, lot.phase, lot.price, lot.winner?.id ?? null)).sort(), client.name);
    assert.deepEqual(seen.wrong, [], client.name);
  }
  assert.equal(results.lots.filter(({ phase }) => phase === 'sold').length, 3);
  for (const what of ['polls', 'posts']) { // or nothing of this was shown
    const count = await ofAll(house, (bridge) => relayed(bridge, what, 'in'));
    assert.ok(count >= 10, `only ${count} ${what} were relayed`);
  }
}));

test(`${PROXY} with a bridge of its own for WebSockets: every upgrade moves its session, nothing is missed and no bid is lost`, { timeout: 50000 }, () => withCluster(async (house) => {
  const [first, second, third] = house.bridges;
  const url = await startFront(house, PROXY, { polls: [first, second], upgrades: [third] });
  const sale = await house.createSale(saleOf('moving', { lots: 3, duration: 1500 }));
  const early = await openTabs(house, sale, url, Array(3).fill('upgrade'));
  bidOnEachLot(early);
  await house.command(sale, 'begin');
  // These upgrade while events come, and bid before and after.
  const late = await openTabs(house, sale, url, Array(3).fill('upgrade'));
  bidOnEachLot(late);
  const { events } = await agree(house, sale, [...early, ...late]);
  noBidLost([...early, ...late], events);
  await movedIn(third, 6);
  assert.equal(await ofAll(house, (bridge) => relayed(bridge, 'sessions_moved', 'out')), 6);
  assert.equal(await ofAll(house, (bridge) => metric(bridge, 'lotcast_relay_moves_failed_total')), 0);
}));
