// Sessions of other protocols move as well: clients of Socket.IO 2 (Engine.IO 3), of Socket.IO 3, and of 4 with the msgpack parser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io as io4 } from 'socket.io-client';
import io2 from 'socket.io-client-2';
import io3 from 'socket.io-client-3';
import msgpack from 'socket.io-msgpack-parser';
import { Awaitable, needPrograms, saleOf } from '../e2e/harness.mjs';
import { Node, movedIn, needProxies, startFront, upTo, withCluster } from './cluster.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
needProxies('nginx');

const CLIENTS = {
  'Socket.IO 2': [io2, {}],
  'Socket.IO 2 with base64 alone': [io2, { forceBase64: true }],
  'Socket.IO 3': [io3, {}],
  'Socket.IO 4 with msgpack': [io4, { parser: msgpack }],
};

// Asks numbered questions and keeps the answers' numbers; follows a sale.
class Talker extends Awaitable {
  constructor(house, url, [io, options]) {
    super();
    Object.assign(this, { answers: [], seqs: [], disconnects: [], upgrades: 0, snapshots: 0 });
    this.io = io(url, { forceNew: true, ...options });
    house.sockets.add(this.io);
    const on = (name, act) => this.io.on(name, (...args) => { act(...args); this.look(); });
    this.io.io.on('open', () => this.io.io.engine.on('upgrade', () => { this.upgrades++; this.look(); })); // it may come before the namespace's connect
    on('disconnect', (reason) => this.disconnects.push(reason));
    on('auction_snapshot', ({ seq }) => { this.snapshots++; this.seqs.push(seq); });
    for (const name of ['auction_started', 'lot_started', 'bid_update', 'sold', 'unsold', 'auction_complete']) on(name, ({ seq }) => this.seqs.push(seq));
  }

  ask(n) {
    this.io.emit('sync_time', { t0: n }, (answer) => {
      this.answers.push(answer.t0);
      this.look();
    });
  }
}

test('sessions of older clients and of other parsers move with their WebSockets', { timeout: 60000 }, () => withCluster(async (house) => {
  const [first, second, third] = house.bridges;
  const url = await startFront(house, 'nginx', { polls: [first, second], upgrades: [third] });
  const sale = await house.createSale(saleOf('others', { lots: 1, duration: 60000 }));
  const talkers = Object.entries(CLIENTS).map(([name, client]) => Object.assign(new Talker(house, url, client), { name, describe() { return JSON.stringify([name, this.answers, this.seqs, this.disconnects]); } }));
  for (const talker of talkers) talker.io.emit('join_auction', { sale: sale.id }, () => {});
  for (const n of upTo(25)) { // the connection and the upgrade come in between
    for (const talker of talkers) talker.ask(n);
    await new Promise((resolve) => { setTimeout(resolve, 2); });
  }
  await Promise.all(talkers.map((talker) => talker.until(() => talker.upgrades === 1, 10000, `${talker.name} to upgrade`)));
  for (const n of upTo(50, 26)) for (const talker of talkers) talker.ask(n);
  await Promise.all(talkers.map((talker) => talker.until(() => talker.answers.length === 50 && talker.snapshots === 1, 10000, `${talker.name} to have its answers`)));
  await house.command(sale, 'begin');
  await Promise.all(talkers.map((talker) => talker.until(() => talker.seqs.length >= 3, 10000, `${talker.name} to see the lot`)));
  for (const talker of talkers) {
    assert.deepEqual(talker.answers, upTo(50), talker.name);
    assert.deepEqual(talker.seqs, upTo(talker.seqs.at(-1), talker.seqs[0]), talker.name);
    assert.deepEqual([talker.disconnects, talker.upgrades], [[], 1], talker.name);
  }
  await movedIn(third, talkers.length);
}, { bridgeArgs: ['--eio3', '--msgpack', '--rate-per-s', '1000', '--rate-burst', '1000'] }));

// Posts a question and polls until its answer has come: what the client is given, word for word.
async function converse(home, node, query) {
  const heads = [];
  const ask = async (at, method, target, body) => {
    const { status, headers, body: text } = await at.request(method, target, { body, headers: body ? { 'content-type': 'text/plain;charset=UTF-8' } : {} });
    heads.push([status, headers['content-type'], headers['cache-control'], headers['x-content-type-options']]);
    return text;
  };
  const opened = await ask(home, 'GET', query);
  const sid = /sid\W+([A-Za-z0-9_-]{20})/.exec(opened)[1];
  const event = '421["unheard_of","\u00e9\u20ac"]';
  const payload = `${event.length}:${event}`;
  const posted = await ask(node, 'POST', `${query}&sid=${sid}`, query.includes('j=') ? `d=${encodeURIComponent(payload)}` : payload);
  const polled = [];
  while (!polled.join('').includes('UNKNOWN_EVENT')) polled.push(await ask(node, 'GET', `${query}&sid=${sid}`));
  return { heads, posted, polled: polled.map((text) => text.replaceAll(sid, 'SID')) };
}

test('clients of Engine.IO 3 are answered elsewhere as at their bridge: text, base64, JSONP', { timeout: 30000 }, () => withCluster(async (house) => {
  const [first, second = first] = house.bridges.map((bridge) => new Node(bridge));
  for (const query of ['EIO=3&transport=polling', 'EIO=3&transport=polling&b64=1', 'EIO=3&transport=polling&j=0', 'EIO=3&transport=polling&j=12']) {
    assert.deepEqual(await converse(first, second, query), await converse(first, first, query), query);
  }
}, { bridges: 2, bridgeArgs: ['--eio3'] }));
