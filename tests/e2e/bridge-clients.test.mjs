// The auction through clients that people already have: Socket.IO 1.x, 2.x, 3.x, and 4.x with the msgpack parser, in each transport mode,
// beside a client of today.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ADMIN, BridgeWorld, commandId } from './bridge_world.mjs';
import { within } from './engine_world.mjs';

const require = createRequire(join(process.env.LOTCAST_SOURCE ?? process.cwd(), 'tests/package.json'));
const old = (token) => ({ query: { token } });
const present = (token) => ({ auth: { token } });
const CLIENTS = [
  ['socket.io-client 1.7', require('socket.io-client-1'), old, 1],
  ['socket.io-client 2.5', require('socket.io-client-2'), old, 1],
  ['socket.io-client 3.1', require('socket.io-client-3').io, present, 2],
  ['socket.io-client 4.8 that wants no recovery', require('socket.io-client').io, (token) => ({ auth: { token, recovery: false } }), 1],
  ['socket.io-client 4.8 with msgpack', require('socket.io-client').io, (token) => ({ ...present(token), parser: require('socket.io-msgpack-parser') }), 2],
];
const MODES = [['polling'], ['websocket'], ['polling', 'websocket']];

let world;
let bridge;
before(async () => {
  world = await BridgeWorld.create();
  bridge = await world.startBridge({ args: ['--eio3', '--msgpack'] });
});
after(() => world?.end());

const ask = (socket, event, argument) => within(5000, `acknowledgement of ${event}`, new Promise((resolve) => socket.emit(event, argument, resolve)));
const once = (socket, event) => within(5000, event, new Promise((resolve) => socket.once(event, resolve)));
// The same of a durable event: an offset stands behind it for those who can make use of one.
const durable = (socket, event, count) => within(5000, event, new Promise((resolve) => socket.once(event, (...all) => resolve(all)))).then((all) => {
  assert.equal(all.length, count, `arguments of ${event}`);
  return all[0];
});

describe('an auction by clients of all generations', () => {
  for (const [name, io, credentials, count] of CLIENTS) {
    for (const transports of MODES) {
      test(`${name} bids over ${transports} and hears what others do`, async () => {
        const sale = `s-${commandId()}`.slice(0, 32);
        const people = await world.sell(bridge, sale, { lots: 1, rules: { lot_duration_ms: 60000 } });
        const boss = world.browser(bridge, { auth: ADMIN });
        const ben = world.browser(bridge, { auth: people[1].token });
        for (const browser of [boss, ben]) assert.equal((await browser.join(sale)).ok, true);
        const socket = io(bridge.url, { transports, forceNew: true, ...credentials(people[0].token) });
        try {
          await once(socket, 'connect');
          const snapshot = durable(socket, 'auction_snapshot', count);
          assert.equal((await ask(socket, 'join_auction', { sale })).ok, true);
          assert.ok((await snapshot).seq > 0);
          const started = durable(socket, 'lot_started', count);
          assert.equal((await boss.command('begin_auction', sale)).ok, true);
          const { lot } = await started;
          const bid = durable(socket, 'bid_update', count);
          const mine = await ask(socket, 'place_bid', { sale, lot: lot.id, amount: lot.ask, id: commandId() });
          assert.equal(mine.ok, true, JSON.stringify(mine));
          assert.equal((await bid).seq, mine.seq);
          const outbid = once(socket, 'outbid');
          assert.equal((await ben.command('place_bid', sale, { lot: lot.id, amount: mine.ask })).ok, true);
          assert.equal((await outbid).leader.id, people[1].id);
          assert.equal((await ask(socket, 'place_bid', { sale, lot: lot.id, amount: 1, id: commandId() })).error.code, 'BELOW_ASK');
        } finally {
          socket.close();
        }
      });
    }
  }
});

test('a token in the query counts for nothing where the client has a better place for it', async () => {
  const sale = `q-${commandId()}`.slice(0, 32);
  const [ana] = await world.sell(bridge, sale, { lots: 1 });
  const browser = world.browser(bridge, { query: { token: ana.token } });
  assert.equal((await browser.join(sale)).ok, true); // as an onlooker
  assert.notEqual((await browser.command('place_bid', sale, { lot: 'l1', amount: 1000 })).ok, true);
  const wrong = require('socket.io-client-2')(bridge.url, { forceNew: true, query: { token: 'x.y.z' }, reconnection: false });
  const refusal = await within(5000, 'refusal', new Promise((resolve) => wrong.once('error', resolve)));
  assert.equal(refusal.code ?? refusal.data?.code, 'UNAUTHENTICATED');
  wrong.close();
});
