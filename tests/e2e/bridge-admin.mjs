// The Admin UI's namespace of the bridge: off unless asked for, behind its own password, and without anybody's token in what it shows.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, BridgeWorld, io } from './bridge_world.mjs';
import { within } from './engine_world.mjs';

// "secret" at cost 4, as `htpasswd -nB` writes it.
const LINE = 'boss:$2y$04$KBCwKxOzLha2MUDgW0PjXe/hE/UCO9qF89dOydoHjSwxcHev5LRn.\n';
const AUTH = { username: 'boss', password: 'secret' };

const ends = [];
async function world(options) {
  const made = await BridgeWorld.create(options);
  ends.push(() => made.end());
  return made;
}
test.afterEach(async () => {
  while (ends.length > 0) await ends.pop()();
});

function fileOf(w, line) {
  const file = join(w.folder, 'admin');
  writeFileSync(file, line, { mode: 0o600 });
  return file;
}

function admin(bridge, auth, namespace = '/admin') {
  const socket = io(bridge.url + namespace, { auth, forceNew: true, reconnection: false, transports: ['websocket'] });
  socket.heard = [];
  socket.onAny((name, ...args) => socket.heard.push([name, ...args]));
  ends.push(() => socket.close());
  return socket;
}

const heard = (socket, name, ok = () => true) =>
  within(10000, `event ${name}`, new Promise((resolve) => {
    const found = socket.heard.find(([n, ...args]) => n === name && ok(...args));
    if (found) return resolve(found.slice(1));
    socket.onAny((n, ...args) => n === name && ok(...args) && resolve(args));
  }));

const refused = async (socket) => (await once(socket, 'connect_error'))[0].message;

test('without --admin-file nobody is an admin, whatever the credentials', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  for (const auth of [undefined, AUTH, { token: ADMIN }]) assert.notEqual(await refused(admin(bridge, auth)), '');
});

test('with it the password opens it and a token of the house does not; counts are what it shows', async () => {
  const w = await world();
  const bridge = await w.startBridge({ args: ['--admin-file', fileOf(w, LINE)] });
  for (const auth of [{ token: ADMIN }, { ...AUTH, password: 'wrong' }, { ...AUTH, username: 'root' }]) {
    assert.equal(await refused(admin(bridge, auth)), 'invalid credentials');
  }
  const browser = w.browser(bridge);
  await browser.connected;
  const boss = admin(bridge, AUTH);
  const [config] = await heard(boss, 'config');
  assert.deepEqual(config.supportedFeatures.filter((name) => name.endsWith('EVENTS')), ['AGGREGATED_EVENTS']);
  const [stats] = await heard(boss, 'server_stats');
  assert.equal(stats.clientsCount, 2);
  assert.deepEqual(stats.namespaces.map(({ socketsCount }) => socketsCount), [1, 1]);
  const gone = once(browser.socket, 'disconnect');
  boss.emit('_disconnect', '/', true);
  assert.equal((await gone)[0], 'io server disconnect');
});

test('an admin who sees all events of a sale sees no token', async () => {
  const w = await world();
  const bridge = await w.startBridge({ args: ['--admin-file', fileOf(w, LINE), '--admin-all-events', '--admin-readonly', '--admin-namespace', '/desk'] });
  const people = await w.sell(bridge, 'demo');
  const boss = admin(bridge, AUTH, '/desk');
  await heard(boss, 'all_sockets');
  const ana = w.browser(bridge, { auth: people[0].token, query: { token: people[0].token, colour: 'blue' }, extraHeaders: { authorization: `Bearer ${people[0].token}` } });
  assert.equal((await ana.join('demo')).ok, true);
  await heard(boss, 'room_joined', (nsp, room) => room !== ana.socket.id && nsp === '/');
  await heard(boss, 'event_received', (nsp, id, args) => id === ana.socket.id && args[0] === 'join_auction');
  await heard(boss, 'event_sent', (nsp, id, args) => id === ana.socket.id && args[0] === 'auction_snapshot');
  const [socket] = await heard(boss, 'socket_connected', ({ id }) => id === ana.socket.id);
  assert.deepEqual([socket.handshake.query.colour, socket.handshake.query.token, socket.handshake.headers.authorization], ['blue', '(masked)', '(masked)']);
  const text = JSON.stringify(boss.heard);
  for (const part of people[0].token.split('.').slice(1)) assert.equal(text.includes(part), false);
  boss.emit('_disconnect', '/', true); // is not for one who only looks
  assert.equal((await ana.join('demo')).ok, true);
});

test('a file that is no line of a user and a bcrypt hash stops the bridge at its start', async () => {
  const w = await world({ engine: false });
  for (const line of ['', 'boss\n', 'boss:secret\n', ':$2y$04$KBCwKxOzLha2MUDgW0PjXe/hE/UCO9qF89dOydoHjSwxcHev5LRn.\n', LINE.replace('$04$', '$31$')]) {
    const bridge = w.spawnBridge(['--admin-file', fileOf(w, line)]);
    await bridge.logged(/admin file is not one line user:bcrypt-hash/);
    assert.equal((await bridge.exited).code, 1);
  }
  const bridge = w.spawnBridge(['--admin-file', join(w.folder, 'missing')]);
  await bridge.logged(/cannot read the admin file/);
});
