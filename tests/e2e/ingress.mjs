// Real proxies in front of the bridge: they refuse, pass or swallow WebSockets, or route only a part of the paths. The auction plays on.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { MODES, Tab } from './follower.mjs';
import { House, needPrograms, saleOf } from './harness.mjs';
import { PLAIN, UPGRADE, needNginx, startNginx } from './nginx.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
needNginx();

async function withHouse(work) {
  const house = await House.open();
  let failed = true;
  try {
    await work(house);
    failed = false;
  } finally {
    await house.close({ failed });
  }
}

// Plays a small sale with three bidding tabs at `url`; gives the tabs after its end.
async function playThrough(house, url, { modes = ['polling', 'upgrade', 'upgrade'], options = {}, before = async () => {} } = {}) {
  const sale = await house.createSale(saleOf('ingress', { lots: 3, duration: 1200 }));
  const tabs = [];
  for (const [i, mode] of modes.entries()) {
    const person = await house.join(sale, `Tab ${i + 1}`);
    const tab = new Tab(io, house, sale, { name: `${mode} ${i + 1}`, url, mode, token: person.token, options });
    tab.given = [];
    tab.io.on('lot_started', () => tab.given.push(tab.place(tab.open.ask + 100 * i)));
    tabs.push(tab);
  }
  await Promise.all(tabs.map((tab) => tab.ready(15000)));
  await before(tabs);
  await house.command(sale, 'begin');
  await Promise.all(tabs.map((tab) => tab.until(() => tab.phase === 'complete', 30000, `${tab.name} to see the end`)));
  const results = await house.results(sale);
  for (const tab of tabs) {
    tab.agreesWith(results);
    assert.deepEqual([tab.disconnects, tab.errors, tab.connects], [[], [], 1], tab.describe());
    const answers = await Promise.all(tab.given);
    assert.equal(answers.length, 3);
    assert.ok(answers.every((answer) => answer.ok || answer.error.code === 'BELOW_ASK'), JSON.stringify(answers));
  }
  assert.equal(results.lots.filter(({ phase }) => phase === 'sold').length, 3);
  return tabs;
}

test('an ingress that answers 403 to every upgrade: the auction plays on by polling, nobody is disconnected (F3)', { timeout: 90000 }, () => withHouse(async (house) => {
  const url = await startNginx(house, `if ($http_upgrade) { return 403; } location / { ${PLAIN} }`);
  const tabs = await playThrough(house, url);
  assert.ok(tabs.every((tab) => tab.transport === 'polling'), 'all stay on polling');
  assert.ok(tabs.filter((tab) => tab.upgradeErrors > 0).length === 2, 'both tried');
}));

test('an ingress that passes upgrades: every client that may ends on websocket', { timeout: 90000 }, () => withHouse(async (house) => {
  const url = await startNginx(house, `location / { ${UPGRADE} }`);
  const tabs = await playThrough(house, url, {
    modes: ['upgrade', 'websocket', 'upgrade'],
    before: (all) => Promise.all(all.map((tab) => tab.until(() => tab.transport === 'websocket', 8000, `${tab.name} on websocket`))),
  });
  assert.ok(tabs.every((tab) => tab.transport === 'websocket'));
}));

test('an ingress that routes only /api/*: the whole auction works below it, and a handshake is never a page (F1)', { timeout: 90000 }, () => withHouse(async (house) => {
  const url = await startNginx(house, `default_type text/html; location /api/ { ${UPGRADE} } location / { return 200 "<!doctype html><title>app</title>"; }`);
  const handshake = await fetch(`${url}/api/socket.io/?EIO=4&transport=polling`);
  assert.equal(handshake.status, 200);
  assert.ok((await handshake.text()).startsWith('0{"sid"'), 'a handshake is an open packet');
  const script = await fetch(`${house.url}/api/socket.io/nothing-here`);
  assert.notEqual(script.status, 200);
  const tabs = await playThrough(house, url, { modes: Object.keys(MODES), options: { path: '/api/socket.io/' } });
  assert.deepEqual(tabs.map((tab) => tab.transport), ['polling', 'websocket', 'websocket']);
}));

// Passes HTTP requests on; of a WebSocket only the handshake and its answer: every frame after the 101 is swallowed.
function startSwallower(port) {
  const sockets = new Set();
  const server = net.createServer((client) => {
    const bridge = net.connect(port, '127.0.0.1');
    sockets.add(client).add(bridge);
    let swallows = false;
    client.on('data', (data) => {
      if (!swallows) bridge.write(data);
    });
    bridge.on('data', (data) => {
      if (swallows) return;
      client.write(data);
      swallows = data.toString('latin1').startsWith('HTTP/1.1 101');
    });
    for (const [one, other] of [[client, bridge], [bridge, client]]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${server.address().port}`,
      close() {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    }));
  });
}

test('a proxy that accepts the upgrade and then swallows every frame: polling carries the auction (F3)', { timeout: 90000 }, () => withHouse(async (house) => {
  const proxy = await startSwallower(house.bridge.port);
  try {
    const tabs = await playThrough(house, proxy.url);
    assert.ok(tabs.every((tab) => tab.transport === 'polling'), 'all stay on polling');
  } finally {
    proxy.close();
  }
}));
