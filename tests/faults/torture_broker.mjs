// Any bytes from the broker: what a rogue with the engine's rights, a device or a bridge's user can publish.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { MqttClient } from '../e2e/engine_mqtt.mjs';
import { tortured, withinMs } from './torture_world.mjs';

const t = await tortured(test);
const board = await t.house.board(t.sale.id);
const clients = [];
test.after(() => clients.forEach((client) => client.destroy()));
async function as(user, clientId) {
  const password = readFileSync(path.join(t.house.credentials, `${user}.password`), 'utf8').trim();
  const client = await MqttClient.connect(t.house.brokerPort, { clientId, user, password });
  clients.push(client);
  return client;
}
const BIG = '9223372036854775807';
const GARBAGE = ['', '{', '[]', 'null', '\u0000', '{}', '{"seq":1}', `{"seq":${BIG},"epoch":${BIG}}`, '{"seq":-1,"epoch":-1}', '{"seq":1e400,"epoch":1}', '{"seq":"1","epoch":[]}', `{"seq":1,"epoch":1,"x":"${'y'.repeat(200000)}"}`,
  `${'['.repeat(100000)}`, Buffer.from([0xff, 0xfe, 0x00, 0x7b]), '{"seq":1,"epoch":1}{"seq":2,"epoch":1}', `{"seq":${BIG},"epoch":1,"lot":"l1","clock":"lot","ends_at":${BIG},"now":-${BIG},"remaining_ms":${BIG}}`];

test('commands that are none, from who may send them: each is refused or dropped, and nothing changes', () => t.unharmed('commands', async () => {
  const bridge = await as('bridge', 'bridge-rogue');
  const replies = [];
  bridge.on('message', (topic, payload) => replies.push(String(payload)));
  await bridge.subscribe('lotcast/v1/reply/bridge-rogue');
  const wrong = [null, true, -1, 1.5, 1e300, '', 'x'.repeat(5000), [], {}, BIG];
  const good = { id: 'c', op: 'bid', by: 'p1', role: 'bidder', received_at: 1, deadline_at: 1, reply: 'r', lot: 'l1', amount: 1000 };
  for (const topic of [`lotcast/v1/sale/${t.sale.id}/cmd/bridge-rogue`, 'lotcast/v1/svc/cmd/bridge-rogue', 'lotcast/v1/sale/none/cmd/bridge-rogue']) {
    for (const payload of GARBAGE) await bridge.publish(topic, payload);
    for (const member of Object.keys(good)) for (const value of wrong) await bridge.publish(topic, JSON.stringify({ ...good, id: `c-${member}-${wrong.indexOf(value)}`, [member]: value }));
  }
  // A client that is no bridge says who it is in vain.
  await bridge.publish(`lotcast/v1/sale/${t.sale.id}/cmd/lamp`, JSON.stringify({ ...good, id: 'forged', op: 'delete', role: 'admin', by: 'root', deadline_at: 9e15 }));
  await bridge.publish(`lotcast/v1/sale/${t.sale.id}/cmd/bridge-rogue`, JSON.stringify({ ...good, id: 'last', op: 'you', deadline_at: 9e15, reply: 'last' }));
  await withinMs(5000, new Promise((resolve) => { bridge.on('message', (topic, payload) => { if (String(payload).includes('"last"')) resolve(true); }); }), false);
  for (const reply of replies) {
    const { result } = JSON.parse(reply);
    assert.ok(result.ok === true || /^[A-Z_]+$/.test(result.error.code), reply);
  }
}));

test('a device may write nothing, and hears nothing that is not public', () => t.unharmed('device', async () => {
  const device = await as('device', 'device-rogue');
  const heard = [];
  device.on('message', (topic) => heard.push(topic));
  for (const pattern of ['#', 'lotcast/#', 'lotcast/v1/sale/+/private/+', 'lotcast/v1/sale/+/cmd/+', 'lotcast/v1/reply/+', 'lotcast/v1/svc/cmd/+']) await device.subscribe(pattern);
  const command = JSON.stringify({ id: 'd', op: 'delete', by: 'root', role: 'admin', received_at: 1, deadline_at: 9e15, reply: 'r' });
  for (const client of ['device', 'bridge-rogue', 'engine-1']) await device.publish(`lotcast/v1/sale/${t.sale.id}/cmd/${client}`, command);
  for (const below of ['state', 'info', 'event/sold', 'private/p1']) await device.publish(`lotcast/v1/sale/${t.sale.id}/${below}`, '{}', below === 'state');
  await t.house.api('GET', `/api/sales/${t.sale.id}`, { token: t.person.token }); // a command and a reply go by
  assert.deepEqual(heard.filter((topic) => /\/(private|cmd|reply)\//.test(topic)), []);
}));

test('a rogue engine: garbage on every topic leaves bridge and board alive', { timeout: 50000 }, async () => {
  const rogue = await as('engine', 'rogue');
  const sale = `lotcast/v1/sale/${t.sale.id}`;
  const topics = ['info', 'state', 'lots/0', 'lots/99', 'lots/100', 'lots/-1', 'participants/0', 'tick', 'event/bid_update', 'event/sold', `event/${'x'.repeat(200)}`, 'private/p1', 'board/json', 'board/clock'].map((below) => `${sale}/${below}`)
    .concat([`lotcast/v1/reply/${/bridge-\w+/.exec(t.bridge.lines.find((line) => line.includes('ready')))[0]}`, 'lotcast/v1/svc/bridge/bridge-x', 'lotcast/v1/svc/bridge/bridge-x/presence/calm', 'lotcast/v1/svc/engine/engine-x', 'lotcast/v1//', 'lotcast/v1/sale//info', 'lotcast/v1/sale/a/b/c/d/e/f']);
  for (const topic of topics) for (const payload of GARBAGE) await rogue.publish(topic, payload, /info|state|lots|participants|svc/.test(topic));
  for (const now of [BIG, `-${BIG}`, '0', '-1', '1']) {
    await rogue.publish('lotcast/v1/svc/engine/engine-x', `{"program":"engine","node":"engine-x","online":true,"version":"0","since":${now},"now":${now}}`);
    await rogue.publish('lotcast/v1/svc/bridge/bridge-x', `{"program":"bridge","node":"bridge-x","online":true,"version":"0","since":${now},"now":${now}}`, true);
    await rogue.publish('lotcast/v1/svc/bridge/bridge-x/presence/calm', `{"node":"bridge-x","sale":"calm","count":${now},"ids":["p1","p1"]}`, true);
    for (const event of ['bid_update', 'epoch_started', 'auction_reset', 'next_lot_countdown']) await rogue.publish(`${sale}/event/${event}`, `{"seq":${now},"epoch":${now},"at":${now}}`);
    await rogue.publish(`${sale}/tick`, `{"seq":${now},"epoch":${now},"lot":"l1","clock":"lot","ends_at":${now},"now":-1,"remaining_ms":${now}}`);
    await t.house.api('GET', `/api/sales/${t.sale.id}`, { token: t.person.token });
    await t.house.api('GET', `/api/sales/${t.sale.id}`);
    await t.watcher.timeout(5000).emitWithAck('sync_time', { t0: 1 }).catch(() => {});
  }
  assert.equal((await t.house.api('GET', '/healthz')).status, 200);
  for (const program of [t.bridge, board, t.house.engine]) {
    assert.ok(program.running, program.describe());
    program.checkLog();
  }
  assert.match((await t.house.api('GET', '/metrics')).text, /bad_messages_total [1-9]/);
});
