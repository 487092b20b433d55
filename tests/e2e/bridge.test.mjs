// The bridge between official Socket.IO clients and the real engine: rooms, losses, presence, HTTP.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN, BUNDLE, BridgeWorld, bidder, commandId, token } from './bridge_world.mjs';
import { freePort, within } from './engine_world.mjs';

const worlds = [];
async function world(options) {
  const made = await BridgeWorld.create(options);
  worlds.push(made);
  return made;
}
test.afterEach(async () => {
  while (worlds.length > 0) await worlds.pop().end();
});

const EVENTS = ['epoch_started', 'lots_changed', 'participants_changed', 'auction_started', 'lot_started', 'bid_update', 'anti_snipe', 'sold',
  'unsold', 'round_started', 'auction_paused', 'auction_resumed', 'auction_complete', 'auction_reset', 'auction_deleted', 'notice'];
const durable = (browser, from = 0) => browser.heard.slice(from).filter((e) => EVENTS.includes(e.name));

// After its snapshot of seq N a socket hears N+1, N+2, ... and nothing else.
function checkStream(browser) {
  let seq = null;
  for (const { name, payload } of browser.heard) {
    if (name === 'auction_snapshot') seq = payload.seq;
    else if (EVENTS.includes(name)) assert.equal(payload.seq, ++seq, `${name} after ${seq - 1}`);
  }
  return seq;
}

for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
  test(`an auction plays over ${transports}, and everybody hears every event once and in order`, async () => {
    const w = await world();
    const bridge = await w.startBridge();
    const people = await w.sell(bridge, 'demo');
    const mqtt = await w.bridge('bridge-ear');
    const ana = w.browser(bridge, { auth: people[0].token, transports });
    const ben = w.browser(bridge, { auth: people[1].token, transports });
    const boss = w.browser(bridge, { auth: ADMIN, transports });
    for (const browser of [ana, ben, boss]) assert.equal((await browser.join('demo')).ok, true);
    assert.equal((await boss.command('begin_auction', 'demo')).ok, true);
    const { lot } = await ana.event('lot_started');
    const first = await ana.command('place_bid', 'demo', { lot: lot.id, amount: lot.ask });
    assert.equal(first.ok, true);
    // The ack never overtakes its event (design 5).
    assert.ok(ana.heard.some((e) => e.name === 'bid_update' && e.payload.seq === first.seq));
    assert.equal((await ana.command('place_bid', 'demo', { lot: lot.id, amount: lot.ask })).error.code, 'ALREADY_LEADING');
    assert.equal((await ben.command('place_bid', 'demo', { lot: lot.id, amount: lot.ask })).error.code, 'BELOW_ASK');
    const second = await ben.command('place_bid', 'demo', { lot: lot.id, amount: first.ask });
    assert.equal(second.ok, true);
    const outbid = await ana.event('outbid');
    assert.equal(outbid.leader.id, people[1].id);
    for (const browser of [ana, ben, boss]) await browser.event('auction_complete');
    const seqs = [ana, ben, boss].map(checkStream);
    assert.deepEqual(seqs, [seqs[0], seqs[0], seqs[0]]);
    assert.equal(ben.heard.some((e) => e.name === 'outbid'), false);
    assert.equal(boss.heard.some((e) => ['outbid', 'you_lead'].includes(e.name)), false);
    // What was published is what arrived.
    await mqtt.until('the last event', () => mqtt.events.find((e) => e.name === 'auction_complete'));
    const published = new Map(mqtt.events.map((e) => [e.payload.seq, e.text]));
    for (const { payload } of durable(ana)) assert.equal(JSON.stringify(payload), published.get(payload.seq));
    const you = ana.heard.findLast((e) => e.name === 'you').payload;
    assert.equal(you.participant.id, people[0].id);
    assert.equal(boss.heard.find((e) => e.name === 'you').payload.participant, null);
  });
}

test('F6, F25, L16: members count identities, and leaving or closing takes them out', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  const people = await w.sell(bridge, 'demo', { bidders: 3 });
  const browsers = people.map((person) => w.browser(bridge, { auth: person.token }));
  for (const [i, browser] of browsers.entries()) {
    const ack = await browser.join('demo');
    assert.deepEqual([ack.ok, ack.members], [true, i + 1]);
  }
  const second = w.browser(bridge, { auth: people[0].token });
  assert.equal((await second.join('demo')).members, 3);
  const viewer = w.browser(bridge);
  assert.equal((await viewer.join('demo')).members, 4);
  const all = await browsers[0].event('lobby_updated', (p) => p.count === 4);
  assert.deepEqual(all.ids, people.map((p) => p.id));
  second.close();
  browsers[2].close();
  await browsers[0].event('lobby_updated', (p) => p.count === 3 && p.ids.length === 2);
  assert.equal((await browsers[1].ask('leave_auction', { sale: 'demo' })).ok, true);
  await browsers[0].event('lobby_updated', (p) => p.count === 2 && p.ids.length === 1);
  assert.equal((await browsers[1].ask('leave_auction', { sale: 'demo' })).error.code, 'NOT_JOINED');
  assert.equal((await browsers[1].command('place_bid', 'demo', { lot: 'l1', amount: 1000 })).error.code, 'NOT_JOINED');
});

test('F7: two sales at once have no cross-talk, also for one who goes from one to the other', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  const people = { red: await w.sell(bridge, 'red', { lots: 1 }), blue: await w.sell(bridge, 'blue', { lots: 1 }) };
  const rooms = { red: [], blue: [] };
  for (const sale of ['red', 'blue']) {
    for (const person of people[sale]) {
      const browser = w.browser(bridge, { auth: person.token });
      assert.equal((await browser.join(sale)).ok, true);
      rooms[sale].push(browser);
    }
  }
  const boss = w.browser(bridge, { auth: ADMIN });
  await boss.join('red');
  assert.equal((await boss.join('blue')).ok, true); // leaves red
  assert.equal((await boss.command('begin_auction', 'red')).error.code, 'NOT_JOINED');
  const moved = boss.heard.length;
  for (const sale of ['red', 'blue']) {
    const begun = await bridge.http('POST', `/api/sales/${sale}/commands`, { op: 'begin', id: commandId() }, { token: ADMIN });
    assert.equal(begun.status, 200, begun.text);
  }
  for (const sale of ['red', 'blue']) {
    const { lot } = await rooms[sale][0].event('lot_started');
    const done = await rooms[sale][0].command('place_bid', sale, { lot: lot.id, amount: sale === 'red' ? 1000 : 5000 });
    assert.equal(done.ok, true, JSON.stringify(done));
  }
  for (const sale of ['red', 'blue']) for (const browser of rooms[sale]) await browser.event('auction_complete');
  await boss.event('auction_complete');
  for (const [sale, price] of [['red', 1000], ['blue', 5000]]) {
    for (const browser of rooms[sale]) {
      checkStream(browser);
      assert.equal(browser.heard.find((e) => e.name === 'sold').payload.price, price);
      assert.equal(browser.heard.filter((e) => e.name === 'sold').length, 1);
    }
  }
  assert.equal(boss.heard.slice(moved).find((e) => e.name === 'sold').payload.price, 5000);
  assert.equal(boss.heard.slice(moved).filter((e) => e.name === 'sold').length, 1);
  // A token opens its own sale only.
  const stranger = w.browser(bridge, { auth: people.red[0].token });
  assert.equal((await stranger.join('blue')).error.code, 'FORBIDDEN');
});

test('F4: with two bridges a bid through either is heard by all, and the lobby is the sum', async () => {
  const w = await world();
  const [one, two] = [await w.startBridge(), await w.startBridge()];
  const people = await w.sell(one, 'demo');
  const ana = w.browser(one, { auth: people[0].token });
  const ben = w.browser(two, { auth: people[1].token });
  assert.equal((await ana.join('demo')).members, 1);
  await ben.join('demo');
  await ana.event('lobby_updated', (p) => p.count === 2);
  await ben.event('lobby_updated', (p) => p.count === 2 && p.ids.length === 2);
  await two.http('POST', '/api/sales/demo/commands', { op: 'begin', id: commandId() }, { token: ADMIN });
  const { lot } = await ben.event('lot_started');
  const bid = await ana.command('place_bid', 'demo', { lot: lot.id, amount: lot.ask });
  await ben.event('bid_update', (p) => p.seq === bid.seq);
  const higher = await ben.command('place_bid', 'demo', { lot: lot.id, amount: bid.ask });
  await ana.event('bid_update', (p) => p.seq === higher.seq);
  await ana.event('outbid');
  await two.kill('SIGKILL');
  await ana.event('lobby_updated', (p) => p.count === 1, 10000, ana.heard.length - 1);
});

test('F5: a broker that is not there is told by the log, by readiness and by every answer', async () => {
  const w = await world({ engine: false });
  const bridge = await w.startBridge({ args: ['--broker', `127.0.0.1:${await freePort()}`], live: false });
  await bridge.logged(/cannot connect to 127\.0\.0\.1/);
  const ready = await bridge.http('GET', '/readyz');
  assert.equal(ready.status, 503);
  assert.deepEqual(ready.json, { ready: false, broker: false, engine: false, socketio: true });
  assert.equal((await bridge.http('GET', '/healthz')).status, 200);
  assert.match((await bridge.http('GET', '/metrics')).text, /lotcast_bridge_broker_connected 0/);
  const viewer = w.browser(bridge);
  assert.equal((await viewer.join('demo')).error.code, 'ENGINE_OFFLINE');
  const list = await bridge.http('GET', '/api/sales');
  assert.deepEqual([list.status, list.json.error.code], [503, 'ENGINE_OFFLINE']);
});

test('a killed engine is told, a newcomer sees the retained state, and all is well after its restart', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  const people = await w.sell(bridge, 'demo', { rules: { lot_duration_ms: 60000 } });
  const ana = w.browser(bridge, { auth: people[0].token });
  await ana.join('demo');
  await bridge.http('POST', '/api/sales/demo/commands', { op: 'begin', id: commandId() }, { token: ADMIN });
  const { lot } = await ana.event('lot_started');
  const bid = await ana.command('place_bid', 'demo', { lot: lot.id, amount: lot.ask });
  assert.equal(bid.ok, true);
  await w.engine.kill();
  const told = await ana.event('connection_degraded');
  assert.equal(told.live, false);
  assert.equal((await ana.command('place_bid', 'demo', { lot: lot.id, amount: 9000 })).error.code, 'ENGINE_OFFLINE');
  assert.equal((await bridge.http('GET', '/readyz')).json.engine, false);
  const ben = w.browser(bridge, { auth: people[1].token });
  assert.equal((await ben.join('demo')).ok, true);
  const late = ben.heard.find((e) => e.name === 'auction_snapshot').payload;
  assert.equal(late.live, false);
  assert.equal(late.info.id, 'demo');
  assert.equal(late.lots.length, 2);
  assert.equal(late.participants.length, 2);
  await ben.event('connection_degraded');
  const before = ana.heard.length;
  await w.startEngine();
  await ana.event('connection_restored');
  const snapshot = await ana.event('auction_snapshot', () => true, 10000, before);
  assert.equal(snapshot.live, true);
  assert.equal(snapshot.state.lot.price, lot.ask); // no acknowledged bid is lost
  await ben.event('auction_snapshot', (p) => p.live === true);
  const again = await ben.command('place_bid', 'demo', { lot: lot.id, amount: snapshot.state.lot.ask });
  assert.equal(again.ok, true, JSON.stringify(again));
  await ana.event('bid_update', (p) => p.seq === again.seq);
  checkStream(ana);
  checkStream(ben);
});

test('a killed broker is told, nothing is sent late, and the stream goes on without a gap', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  const people = await w.sell(bridge, 'demo', { rules: { lot_duration_ms: 60000, outage_threshold_ms: 60000 } });
  const ana = w.browser(bridge, { auth: people[0].token });
  await ana.join('demo');
  await bridge.http('POST', '/api/sales/demo/commands', { op: 'begin', id: commandId() }, { token: ADMIN });
  const { lot } = await ana.event('lot_started');
  await w.broker.kill();
  await ana.event('connection_degraded');
  assert.equal((await ana.command('place_bid', 'demo', { lot: lot.id, amount: 7000 })).error.code, 'ENGINE_OFFLINE');
  const before = ana.heard.length;
  await w.startBroker();
  await ana.event('connection_restored', () => true, 20000);
  const snapshot = await ana.event('auction_snapshot', () => true, 10000, before);
  assert.equal(snapshot.state.lot.price, null); // the bid of the outage was never applied
  const bid = await ana.command('place_bid', 'demo', { lot: lot.id, amount: snapshot.state.lot.ask });
  assert.equal(bid.ok, true, JSON.stringify(bid));
  await ana.event('bid_update', (p) => p.seq === bid.seq);
  checkStream(ana);
  assert.equal((await bridge.http('GET', '/readyz')).status, 200);
});

test('every HTTP route does what the protocol says', async () => {
  const w = await world();
  const bridge = await w.startBridge({ args: ['--bundle', BUNDLE] });
  const people = await w.sell(bridge, 'demo', { lots: 0, public: false });
  const csv = await bridge.http('POST', '/api/sales/demo/lots?id=import-1', 'title,opening\r\n"Lamp, old",1000\r\nChair,500\r\n', { token: ADMIN, type: 'text/csv' });
  assert.deepEqual([csv.status, csv.json.added], [200, 2], csv.text);
  const again = await bridge.http('POST', '/api/sales/demo/lots?id=import-1', 'title,opening\r\n"Lamp, old",1000\r\nChair,500\r\n', { token: ADMIN, type: 'text/csv' });
  assert.equal(again.json.repeated, true);
  const bad = await bridge.http('POST', '/api/sales/demo/lots', 'title,opening\r\na,1\r\nb,x\r\n', { token: ADMIN, type: 'text/csv' });
  assert.deepEqual([bad.status, bad.json.error.code, bad.json.error.row, bad.json.error.column], [400, 'BAD_DEFINITION', 3, 'opening']);
  const json = await bridge.http('POST', '/api/sales/demo/lots', { lots: [{ title: 'Table', opening: 1 }] },
    { type: 'Application/JSON; charset=utf-8', headers: { authorization: `bearer ${ADMIN}` } });
  assert.equal(json.json.lots_total, 3);

  // Private: nobody without a token sees it.
  for (const path of ['', '/lots', '/events', '/results.json', '/results.csv']) {
    const refused = await bridge.http('GET', `/api/sales/demo${path}`);
    assert.deepEqual([refused.status, refused.json.error.code], [401, 'UNAUTHENTICATED'], path);
    const other = await bridge.http('GET', `/api/sales/demo${path}`, undefined, { token: bidder('elsewhere', 'p1') });
    assert.deepEqual([other.status, other.json.error.code], [403, 'FORBIDDEN'], path);
  }
  const mine = { token: people[0].token };
  const snapshot = await bridge.http('GET', '/api/sales/demo', undefined, mine);
  assert.equal(snapshot.json.snapshot.lots.length, 3);
  const page = await bridge.http('GET', '/api/sales/demo/lots?page=0', undefined, mine);
  assert.deepEqual([page.status, page.json.total], [200, 3], page.text);
  assert.equal((await bridge.http('GET', '/api/sales/demo/lots?page=7', undefined, mine)).status, 404);
  const events = await bridge.http('GET', '/api/sales/demo/events?from=1&limit=2', undefined, mine);
  assert.deepEqual([events.json.events.length, events.json.more, events.json.events[0].payload.seq], [2, true, 1]);
  const list = await bridge.http('GET', '/api/sales', undefined, { token: ADMIN });
  assert.deepEqual(list.json.sales.map((s) => s.id), ['demo']);
  assert.deepEqual((await bridge.http('GET', '/api/sales')).json.sales, []);

  // A personal join is repeated with the same id; a token is for its own sale.
  const invite = (await bridge.http('POST', '/api/sales/demo/invites', { role: 'bidder', uses: 1, expires_in_s: 60 }, { token: ADMIN })).json.invite;
  assert.match(invite, /^[0-9a-f]{32}$/);
  const id = commandId();
  const joined = await bridge.http('POST', '/api/sales/demo/join', { invite, name: 'Eve', id });
  const twice = await bridge.http('POST', '/api/sales/demo/join', { invite, name: 'Eve', id });
  assert.equal(joined.json.participant.id, twice.json.participant.id);
  assert.equal(joined.json.role, 'bidder');
  const used = await bridge.http('POST', '/api/sales/demo/join', { invite, name: 'Max', id: commandId() });
  assert.deepEqual([used.status, used.json.error.code], [403, 'INVITE_INVALID']);
  assert.equal(used.text.includes(invite), false);

  const bidId = commandId();
  await bridge.http('POST', '/api/sales/demo/commands', { op: 'begin', id: commandId() }, { token: ADMIN });
  const viewer = w.browser(bridge, { auth: people[0].token });
  await viewer.join('demo');
  const lot = await viewer.until('a lot', () => viewer.heard.find((e) => e.name === 'lot_started')?.payload.lot
    ?? viewer.heard.find((e) => e.name === 'auction_snapshot')?.payload.state.lot);
  const bid = await bridge.http('POST', '/api/sales/demo/commands', { op: 'bid', id: bidId, lot: lot.id, amount: lot.ask }, mine);
  assert.equal(bid.status, 200, bid.text);
  const receipt = await bridge.http('GET', `/api/sales/demo/receipts/${bidId}`, undefined, mine);
  assert.equal(receipt.json.receipt.result.ok, true, receipt.text);
  assert.equal((await bridge.http('GET', `/api/sales/demo/receipts/${bidId}`, undefined, { token: people[1].token })).status, 404);
  const results = await bridge.http('GET', '/api/sales/demo/results.json', undefined, mine);
  assert.equal(results.json.results.lots.length, 3);
  const sheet = await bridge.http('GET', '/api/sales/demo/results.csv', undefined, mine);
  assert.match(sheet.headers.get('content-type'), /^text\/csv/);
  assert.equal(sheet.text.split('\r\n').length, 5);

  const bundle = await bridge.http('GET', '/socket.io/socket.io.js');
  assert.equal(bundle.status, 200);
  assert.match(bundle.headers.get('content-type'), /javascript/);
  const known = await bridge.http('GET', '/api/socket.io/socket.io.js', undefined, { headers: { 'if-none-match': bundle.headers.get('etag') } });
  assert.equal(known.status, 304);
  assert.equal((await bridge.http('GET', '/socket.io/socket.io.msgpack.min.js.map')).status, 200);
});

test('results of more lots than a page holds are one spreadsheet', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  await w.sell(bridge, 'long', { lots: 600, bidders: 0 });
  const sheet = await bridge.http('GET', '/api/sales/long/results.csv');
  assert.equal(sheet.status, 200, sheet.text.slice(0, 200));
  const lines = sheet.text.trimEnd().split('\r\n');
  assert.deepEqual([lines.length, lines[1].split(',')[0], lines[600].split(',')[0]], [601, '1', '600']);
  assert.equal(sheet.text.match(/^no,/gm).length, 1);
  const second = await bridge.http('GET', '/api/sales/long/results.json?page=1');
  assert.equal(second.json.results.lots[0].no, 251);
  assert.equal((await bridge.http('GET', '/api/sales/no-such-sale/results.csv', undefined, { token: ADMIN })).status, 404);
});

test('F2: readiness opens a real session with itself, and leaves no trace of it', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  const answers = await Promise.all(Array.from({ length: 5 }, () => bridge.http('GET', '/readyz')));
  for (const answer of answers) assert.deepEqual([answer.status, answer.json], [200, { ready: true, broker: true, engine: true, socketio: true }]);
  const viewer = w.browser(bridge);
  await viewer.connected;
  await bridge.logged(/transport .* opened: polling/);
  const text = (await bridge.http('GET', '/metrics')).text;
  assert.match(text, /lotcast_bridge_handshakes_total 2\n/);
  assert.match(text, /lotcast_bridge_sessions_open 1\n/);
  assert.equal(bridge.log.match(/opened: polling/g).length, 1, bridge.log);
  const only = await w.startBridge({ args: ['--no-polling'] });
  assert.equal((await only.http('GET', '/readyz')).status, 200);
  const slow = await w.startBridge({ args: ['--no-websocket'] });
  assert.equal((await slow.http('GET', '/readyz')).status, 200);
});

test('tokens: kid, algorithm, signature and time are checked, over HTTP and at CONNECT', async () => {
  const w = await world();
  const bridge = await w.startBridge();
  await w.sell(bridge, 'demo');
  const expired = token({ exp: Math.floor(Date.now() / 1000) });
  const cases = [
    ['nonsense', 'UNAUTHENTICATED'],
    [token({}, { secret: Buffer.alloc(32, 7) }), 'UNAUTHENTICATED'],
    [token({}, { header: { alg: 'HS256', kid: 'k2' } }), 'UNAUTHENTICATED'],
    [token({}, { header: { alg: 'HS256' } }), 'UNAUTHENTICATED'],
    [token({}, { header: { alg: 'none', kid: 'k1' } }), 'UNAUTHENTICATED'],
    [token({}, { header: { alg: 'HS512', kid: 'k1' } }), 'UNAUTHENTICATED'],
    [token({}, { header: { alg: 'RS256', kid: 'k1' } }), 'UNAUTHENTICATED'],
    [token({ exp: undefined }), 'UNAUTHENTICATED'],
    [token({ exp: 'soon' }), 'UNAUTHENTICATED'],
    [token({ sub: undefined }), 'UNAUTHENTICATED'],
    [token({ sub: '../x' }), 'UNAUTHENTICATED'],
    [token({ role: 'god' }), 'UNAUTHENTICATED'],
    [token({ role: 'bidder', sale: '*' }), 'UNAUTHENTICATED'],
    ['x'.repeat(5000), 'UNAUTHENTICATED'],
    [expired, 'TOKEN_EXPIRED'],
  ];
  for (const [bad, code] of cases) {
    const answer = await bridge.http('GET', '/api/sales', undefined, { token: bad });
    assert.deepEqual([answer.status, answer.json?.error.code], [401, code], bad.slice(0, 80));
    const browser = w.browser(bridge, { auth: bad, reconnection: false });
    const error = await browser.connected.then(() => assert.fail('connected'), (e) => e);
    assert.equal(error.data.code, code);
  }
  const other = w.browser(bridge, { auth: 42, reconnection: false });
  assert.equal((await other.connected.then(() => assert.fail('connected'), (e) => e)).data.code, 'UNAUTHENTICATED');
  // A token that runs out while its socket is open: it may look, and no longer command.
  const short = w.browser(bridge, { auth: token({ exp: Math.floor(Date.now() / 1000) + 2 }) });
  await short.join('demo');
  const refusals = [];
  while (refusals.at(-1) !== 'TOKEN_EXPIRED' && refusals.length < 60) {
    refusals.push((await short.command('resume_auction', 'demo')).error.code);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  assert.equal(refusals.at(-1), 'TOKEN_EXPIRED');
  assert.equal((await short.ask('sync_time', { t0: 1 })).ok, true);
  assert.equal(bridge.log.includes(ADMIN), false);
});

test('a socket without a token has the rate of an identity, not that of an address', async () => {
  const w = await world();
  const bridge = await w.startBridge({ args: ['--rate-per-s', '5', '--rate-burst', '10'] });
  await w.sell(bridge, 'demo');
  const guest = w.browser(bridge);
  const other = w.browser(bridge);
  assert.equal((await guest.join('demo')).ok, true);
  await within(5000, 'connect', other.connected);
  const answers = await Promise.all(Array.from({ length: 40 }, () => guest.ask('sync_time', { t0: 1 })));
  assert.ok(answers.filter((a) => a.ok).length >= 9);
  assert.ok(answers.filter((a) => a.error?.code === 'RATE_LIMITED').length >= 25);
  assert.equal((await other.ask('sync_time', { t0: 1 })).ok, true);
});

test('an identity is limited, and others are not', async () => {
  const w = await world();
  const bridge = await w.startBridge({ args: ['--rate-per-s', '5', '--rate-burst', '10'] });
  const people = await w.sell(bridge, 'demo');
  const ana = w.browser(bridge, { auth: people[0].token });
  const ben = w.browser(bridge, { auth: people[1].token });
  await ana.join('demo');
  await ben.join('demo');
  const answers = await Promise.all(Array.from({ length: 20 }, () => ana.ask('sync_time', { t0: 1 })));
  assert.ok(answers.filter((a) => a.error?.code === 'RATE_LIMITED').length >= 8);
  assert.equal((await ben.ask('sync_time', { t0: 1 })).ok, true);
  const over = await bridge.http('GET', '/api/sales/demo', undefined, { token: people[0].token });
  assert.equal(over.status, 429);
  assert.match((await bridge.http('GET', '/metrics')).text, /lotcast_bridge_rate_limited_total [1-9]/);
});

test('it does not start without a key, and says what is wrong on one line', async () => {
  const w = await world({ engine: false });
  const cases = [
    [['--key-file', '/nonexistent'], 1, /key file/],
    [['--password-file', '/nonexistent'], 1, /password file/],
    [['--nonsense'], 2, /unknown option --nonsense/],
    [['--listen', 'nowhere'], 2, /--listen must be/],
    [['--node', 'engine-1'], 2, /--node must begin with bridge-/],
    [['--prefix', 'a/#'], 2, /--prefix/],
    [['--no-polling', '--no-websocket'], 2, /no transport/],
  ];
  for (const [args, code, line] of cases) {
    const bridge = w.spawnBridge(args);
    assert.equal((await within(5000, args.join(' '), bridge.exited)).code, code, bridge.log);
    assert.match(bridge.log, line);
  }
  const first = await w.startBridge({ live: false });
  const taken = w.spawnBridge(['--listen', first.url.replace('http://', '')]);
  assert.equal((await taken.exited).code, 3, taken.log);
  assert.equal((await first.kill('SIGTERM')).code, 0);
});
