// A hall behind one address: many legitimate bidders share it, and the rate limit of the bridge refuses none of them (F29).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN, BridgeWorld, commandId } from './bridge_world.mjs';

const BIDDERS = 60;
const BIDS_EACH = 3;

const codeOf = (answer) => answer.error?.code ?? 'ok';

function count(codes) {
  const counts = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

test(`F29: ${BIDDERS} bidders behind one address join, look and bid, and none is told to wait`, { timeout: 120000 }, async () => {
  const w = await BridgeWorld.create();
  try {
    const bridge = await w.startBridge(); // with the limits that everybody has
    const [first] = await w.sell(bridge, 'hall', { bidders: 1, lots: 1, rules: { lot_duration_ms: 600000 } });
    const boss = w.browser(bridge, { auth: ADMIN });
    await boss.join('hall');
    const { invite } = (await bridge.http('POST', '/api/sales/hall/invites', { role: 'bidder', uses: 0 }, { token: ADMIN })).json;

    // Everybody scans the code on the wall in the same moment.
    const joined = await Promise.all(Array.from({ length: BIDDERS - 1 }, (_, i) =>
      bridge.http('POST', '/api/sales/hall/join', { invite, name: `Guest ${i + 1}`, id: commandId() })));
    assert.deepEqual(count(joined.map((answer) => answer.status)), { 200: BIDDERS - 1 });
    const tokens = [first.token, ...joined.map((answer) => answer.json.token)];
    const transports = [['polling'], ['websocket'], ['polling', 'websocket']];
    const people = tokens.map((auth, i) => w.browser(bridge, { auth, transports: transports[i % transports.length] }));
    const rooms = await Promise.all(people.map((person) => person.join('hall')));
    assert.deepEqual(count(rooms.map(codeOf)), { ok: BIDDERS });
    const clocks = await Promise.all(people.flatMap((person) => Array.from({ length: 5 }, () => person.ask('sync_time', { t0: 1 }))));
    assert.deepEqual(count(clocks.map(codeOf)), { ok: 5 * BIDDERS });

    assert.equal((await boss.command('begin_auction', 'hall')).ok, true);
    const { lot } = await boss.event('lot_started');
    let accepted = 0;
    for (let round = 0; round < BIDS_EACH; round++) {
      const answers = await Promise.all(people.map((person, i) =>
        person.command('place_bid', 'hall', { lot: lot.id, amount: lot.ask + 100 * (round * BIDDERS + i) })));
      const counts = count(answers.map(codeOf));
      assert.deepEqual(Object.keys(counts).filter((code) => !['ok', 'BELOW_ASK', 'ALREADY_LEADING'].includes(code)), [], JSON.stringify(counts));
      assert.ok(counts.ok >= 1);
      accepted += counts.ok;
    }
    const me = await Promise.all(tokens.map((token) => bridge.http('GET', '/api/sales/hall', undefined, { token })));
    assert.deepEqual(count(me.map((answer) => answer.status)), { 200: BIDDERS });
    for (const person of people) await person.until(`${accepted} bids`, () => person.heard.filter((e) => e.name === 'bid_update').length === accepted);
    assert.match((await bridge.http('GET', '/metrics')).text, /^lotcast_bridge_rate_limited_total 0$/m);
    assert.doesNotMatch(bridge.log, /Sanitizer|runtime error/);
  } finally {
    await w.end();
  }
});
