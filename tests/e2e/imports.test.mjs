// What comes in and goes out as a whole, over HTTP: definitions, sheets of lots and of participants, and a sale of the largest size.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, BridgeWorld, Browser, bidder, commandId, token } from './bridge_world.mjs';
import { World, sha256 } from './engine_world.mjs';

const SOURCE = process.env.LOTCAST_SOURCE ?? process.cwd();
const EXAMPLES = join(SOURCE, 'docs', 'examples', 'sales');

async function withWorld(play) {
  const world = await BridgeWorld.create();
  try {
    const bridge = await world.startBridge();
    await play(world, bridge);
  } finally {
    await world.end();
  }
}

const create = (bridge, definition) => bridge.http('POST', '/api/sales', definition, { token: ADMIN });
const exported = async (bridge, sale) => {
  const answer = await bridge.http('GET', `/api/sales/${sale}/definition.json`, undefined, { token: ADMIN });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const sheet = (bridge, sale, list, text, query = '') =>
  bridge.http('POST', `/api/sales/${sale}/${list}${query}`, text, { token: ADMIN, type: 'text/csv' });

test('every example is created, exported, and created again as the same sale', { timeout: 60000 }, () => withWorld(async (world, bridge) => {
  for (const name of readdirSync(EXAMPLES)) {
    const definition = JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8'));
    const made = await create(bridge, definition);
    assert.equal(made.status, 201, `${name}: ${made.text}`);
    const first = await exported(bridge, definition.id);
    assert.equal(first.id, definition.id);
    assert.equal(first.lots?.length ?? 0, definition.lots?.length ?? 0);
    assert.doesNotMatch(JSON.stringify(first), /seed/);
    const again = await create(bridge, { ...first, id: `${first.id}-2` });
    assert.equal(again.status, 201, `${name}: ${again.text}`);
    assert.deepEqual(await exported(bridge, `${first.id}-2`), { ...first, id: `${first.id}-2` });
  }
  const secret = await exported(bridge, 'house-autumn');
  assert.equal(secret.lots[0].reserve, 30000);
}));

test('an export is for auctioneers and admins of the sale', { timeout: 60000 }, () => withWorld(async (world, bridge) => {
  await world.sell(bridge, 'secrets', { bidders: 1 });
  const ask = (bearer) => bridge.http('GET', '/api/sales/secrets/definition.json', undefined, { token: bearer });
  for (const role of ['viewer', 'bidder', 'clerk']) {
    assert.equal((await ask(token({ sub: 'x', sale: 'secrets', role }))).status, 403, role);
  }
  assert.equal((await ask(undefined)).status, 401);
  assert.equal((await ask(token({ sub: 'x', sale: 'other', role: 'auctioneer' }))).status, 403);
  assert.equal((await ask(token({ sub: 'x', sale: 'secrets', role: 'auctioneer' }))).status, 200);
  const none = await bridge.http('GET', '/api/sales/nothing/definition.json', undefined, { token: ADMIN });
  assert.equal(none.json.error.code, 'NOT_FOUND');
}));

test('a definition is taken whole or not at all, and the fault has a path', { timeout: 60000 }, () => withWorld(async (world, bridge) => {
  const base = { id: 'whole', title: 'Whole', currency: { code: 'EUR' } };
  const lots = [{ title: 'A', opening: 1 }, { title: 'B', opening: 1 }];
  for (const [more, detail] of [
    [{ lots: [lots[0], { ...lots[1], colour: 'red' }] }, 'lots[1].colour'],
    [{ lots: [lots[0], { ...lots[1], rules: { format: 'dutch' } }] }, 'lots[1].rules.price_step'],
    [{ lots: [{ ...lots[0], id: 'a' }, { ...lots[1], id: 'a' }] }, 'lots[1].id'],
    [{ lots, participants: [{ name: 'Ana', paddle: '1' }, { name: 'Bo', paddle: '1' }] }, 'participants[1].paddle'],
    [{ rules: { gap: 1 } }, 'rules.gap'],
  ]) {
    const refused = await create(bridge, { ...base, ...more });
    assert.ok([400, 409].includes(refused.status), refused.text);
    assert.equal(refused.json.error.detail, detail);
    assert.equal((await bridge.http('GET', '/api/sales/whole', undefined, { token: ADMIN })).status, 404);
  }
  assert.equal((await create(bridge, { ...base, lots })).status, 201); // the id was not used up
}));

test('each sale in which something is drawn has a seed of its own, which only its hash tells', { timeout: 60000 }, () => withWorld(async (world, bridge) => {
  const hashes = [];
  for (const [id, more] of [['a', { order: 'shuffled' }], ['b', { order: 'shuffled' }], ['c', {}],
    ['d', { lots: [{ title: 'A', opening: 1, rules: { format: 'candle', candle_ending_ms: 1000 } }] }]]) {
    const made = await create(bridge, { id, title: id, currency: { code: 'EUR' }, ...more });
    assert.equal(made.status, 201, made.text);
    const { snapshot } = (await bridge.http('GET', `/api/sales/${id}`, undefined, { token: ADMIN })).json;
    hashes.push(snapshot.info.seed_hash);
    assert.equal((await exported(bridge, id)).seed, undefined);
  }
  assert.equal(hashes[2], null); // nothing is drawn
  assert.equal(new Set(hashes).size, 4);
  for (const hash of [hashes[0], hashes[1], hashes[3]]) assert.match(hash, /^[0-9a-f]{64}$/);
  const late = await bridge.http('POST', '/api/sales/c/lots', { lots: [{ title: 'A', opening: 1, rules: { format: 'candle', candle_ending_ms: 1000 } }] }, { token: ADMIN });
  assert.deepEqual([late.json.error.code, late.json.error.detail], ['BAD_DEFINITION', 'lots[0].rules.format']);
}));

test('sheets of lots and participants: every column, and each fault by row and column', { timeout: 60000 }, () => withWorld(async (world, bridge) => {
  await create(bridge, { id: 'sheets', title: 'S', currency: { code: 'EUR' }, match: { mode: 'plain', time_ms: 1000 }, rules: { price_step: 5, price_tick_ms: 100 } });
  const header = 'id,title,set,category,opening,reserve,buy_now,estimate_low,estimate_high,quantity,format,match_holder\r\n';
  const good = await sheet(bridge, 'sheets', 'lots', `${header}vase,"Vase, old",s,c,100,200,300,150,250,,,red\r\ntulips,Tulips,,,900,,,,,12,dutch,\r\n`, '?id=one');
  assert.equal(good.status, 200, good.text);
  assert.equal(good.json.added, 2);
  assert.equal((await sheet(bridge, 'sheets', 'lots', `${header}vase,"Vase, old",s,c,100,200,300,150,250,,,red\r\ntulips,Tulips,,,900,,,,,12,dutch,\r\n`, '?id=one')).json.repeated, true);
  const { lots } = await exported(bridge, 'sheets');
  assert.deepEqual(lots[0], { id: 'vase', no: 1, title: 'Vase, old', category: 'c', set: 's', opening: 100, reserve: 200, buy_now: 300, estimate_low: 150, estimate_high: 250, match_holder: 'red' });
  assert.equal(lots[1].rules.format, 'dutch');
  assert.equal(lots[1].quantity, 12);
  for (const [text, row, column, code] of [
    ['title,opening\nA,1\nB,x\n', 3, 'opening', 'BAD_DEFINITION'],
    ['title,opening,colour\nA,1,red\n', 1, '', 'BAD_DEFINITION'],
    ['title,opening,estimate_low,estimate_high\nA,1,,\nB,1,5,4\n', 3, 'estimate_high', 'BAD_DEFINITION'], // told by the engine
    ['title,opening,quantity\nA,1,\nB,1,\nC,1,2\n', 4, 'quantity', 'BAD_DEFINITION'],
    ['title,opening,id\nA,1,x\nB,1,vase\n', 3, 'id', 'LOT_EXISTS'],
  ]) {
    const refused = await sheet(bridge, 'sheets', 'lots', text);
    assert.equal(refused.json.error.code, code, refused.text);
    assert.deepEqual([refused.json.error.row, refused.json.error.column], [row, column], text);
  }
  assert.equal((await exported(bridge, 'sheets')).lots.length, 2);
  const people = await sheet(bridge, 'sheets', 'participants', 'name,paddle,id,budget,slots,limit\nAna,101,ana,,,500\nBo,,,,,\n');
  assert.equal(people.status, 200, people.text);
  assert.deepEqual((await exported(bridge, 'sheets')).participants, [{ id: 'ana', paddle: '101', name: 'Ana', limit: 500 }, { id: 'p1', paddle: '1', name: 'Bo' }]);
  const twice = await sheet(bridge, 'sheets', 'participants', 'name,paddle\nCy,7\nDi,101\n');
  assert.deepEqual([twice.json.error.code, twice.json.error.row, twice.json.error.column], ['PARTICIPANT_EXISTS', 3, 'paddle']);
  const asJson = await bridge.http('POST', '/api/sales/sheets/participants', { participants: [{ name: 'Ed' }], id: commandId() }, { token: ADMIN });
  assert.equal(asJson.json.participants_total, 3);
}));

test('who waits for approval watches and may not bid; approval and limits count at once', { timeout: 60000 }, () => withWorld(async (world, bridge) => {
  const [ana] = await world.sell(bridge, 'approval', { bidders: 1, lots: 1, registration: 'approval', rules: { lot_duration_ms: 20000 } });
  const browser = world.browser(bridge, { auth: ana.token });
  const staff = world.browser(bridge, { auth: ADMIN });
  assert.equal((await browser.join('approval')).ok, true);
  await staff.join('approval');
  await staff.command('begin_auction', 'approval');
  const { lot } = await browser.event('lot_started');
  const bid = (amount) => browser.command('place_bid', 'approval', { lot: lot.id, amount });
  const set = (members) => bridge.http('POST', '/api/sales/approval/commands', { op: 'set_participant', id: commandId(), participant: ana.id, ...members }, { token: ADMIN });
  assert.equal((await bid(1000)).error.code, 'FORBIDDEN');
  assert.equal((await set({ status: 'accepted', limit: 1050 })).status, 200);
  assert.equal((await bid(1100)).error.code, 'LIMIT_EXCEEDED');
  assert.equal((await bid(1000)).ok, true);
  const wrong = await set({ status: 'perhaps' });
  assert.equal(wrong.json.error.detail, 'status');
}));

// The parts of a command as a bridge sends them, and the command.
function parts(definition, id = commandId(), size = 150000) {
  const text = JSON.stringify({ sale: definition });
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
  return { id, pieces, command: { sale: { id: definition.id }, import: { id, parts: pieces.length, sha256: sha256(text) } } };
}

function sendParts(client, { id, pieces }, skip = -1) {
  pieces.forEach((text, part) => {
    if (part === skip) return;
    client.client.publish(`lotcast/v1/svc/cmd/${client.name}`, JSON.stringify({ id: `${id}-${part}`, op: 'part', by: 'root', role: 'admin', import: id, part, text }));
  });
}

const many = (id, count = 3000) => ({ id, title: id, currency: { code: 'EUR' }, lots: Array.from({ length: count }, (_, i) => ({ title: `Lot ${i} with some words`, opening: 1 + i })) });

test('parts that are missing, changed or forgotten leave nothing behind, and what is sent again is taken', { timeout: 60000 }, async () => {
  const world = await World.create();
  try {
    await world.startEngine();
    let client = await world.bridge();
    const create = (members, id) => client.command(null, 'create', members, { id });
    const refusedAs = async (members, code, detail) => {
      const { ok, error } = await create(members);
      assert.deepEqual([ok, error.code, error.detail], [false, code, detail]);
      assert.deepEqual((await client.must(null, 'list')).sales, []);
    };
    const one = parts(many('one'));
    assert.ok(one.pieces.length >= 2);
    await refusedAs(one.command, 'NOT_FOUND', 'import'); // nothing was sent
    sendParts(client, one, 0);
    await refusedAs(one.command, 'NOT_FOUND', 'import');
    sendParts(client, one);
    await refusedAs({ ...one.command, import: { ...one.command.import, sha256: '0'.repeat(64) } }, 'NOT_FOUND', 'import');
    await refusedAs({ ...one.command, sale: { id: 'two' } }, 'BAD_DEFINITION', 'id'); // and the text is used up
    await refusedAs(one.command, 'NOT_FOUND', 'import');
    sendParts(client, one);
    await world.engine.kill();
    await world.startEngine();
    client = await world.bridge('bridge-again');
    await refusedAs(one.command, 'NOT_FOUND', 'import'); // a restart forgets
    sendParts(client, { ...one, pieces: one.pieces.map((text) => text.replace('Lot', 'lot')) });
    await refusedAs(one.command, 'NOT_FOUND', 'import');
    client.client.publish(`lotcast/v1/svc/cmd/${client.name}`, JSON.stringify({ id: 'x', op: 'part', by: 'b', role: 'bidder', import: 'b', part: 0, text: '{}' }));
    await refusedAs({ sale: { id: 'b' }, import: { id: 'b', parts: 1, sha256: sha256('{}') } }, 'NOT_FOUND', 'import'); // a bidder's is not kept
    const again = parts(many('one'));
    sendParts(client, again);
    sendParts(client, again); // delivered twice
    const made = await create(again.command, 'make-one');
    assert.deepEqual([made.ok, made.lots], [true, 3000]);
    const repeated = await create(again.command, 'make-one'); // from its receipt, without the parts
    assert.deepEqual([repeated.ok, repeated.repeated], [true, true]);
    const other = await create(parts(many('one', 2999), again.id).command, 'make-one');
    assert.equal(other.error.code, 'ID_REUSED');
  } finally {
    await world.end();
  }
});

test('an engine killed at any moment of an import has the whole sale or none of it', { timeout: 120000 }, async () => {
  const world = await World.create();
  try {
    const seen = { whole: 0, none: 0 };
    for (let round = 0; round < 8; round++) {
      await world.startEngine();
      const client = await world.bridge(`bridge-${round}`);
      const sent = parts(many(`sale-${round}`, 2500));
      sendParts(client, sent);
      client.command(null, 'create', sent.command).catch(() => {}); // its answer may never come
      await new Promise((resolve) => setTimeout(resolve, round * 40)); // any moment will do
      await world.engine.kill();
      client.client.destroy();
      await world.startEngine();
      const after = await world.bridge(`bridge-${round}-after`);
      const { sales } = await after.must(null, 'list');
      const found = sales.find(({ id }) => id === `sale-${round}`);
      seen[found ? 'whole' : 'none'] += 1;
      if (found) assert.equal(found.lots_total, 2500);
      after.client.destroy();
      await world.engine.kill('SIGTERM');
    }
    console.log(`whole ${seen.whole}, none ${seen.none}`);
    const { code, out } = await world.verify();
    assert.equal(code, 0, out);
  } finally {
    await world.end();
  }
});

test('a sale of 10,000 lots and 5,000 participants comes in one request, sells, and goes out again', { timeout: 300000 }, () => withWorld(async (world, bridge) => {
  const lots = Array.from({ length: 10000 }, (_, i) => ({ title: `Lot ${i + 1} <"ä">`, description: 'Some words about it. '.repeat(4), category: `c${i % 20}`, opening: 100 + i, reserve: i % 7 === 0 ? 500 + i : 0 }));
  const participants = Array.from({ length: 5000 }, (_, i) => ({ id: `member-${i}`, paddle: `${1000 + i}`, name: `Person ${i}`, limit: 100000 }));
  const definition = { id: 'large', title: 'Large', currency: { code: 'EUR' }, rules: { lot_duration_ms: 60000, gap_ms: 0 }, lots, participants };
  const took = async (what, action) => {
    const start = performance.now();
    const result = await action();
    console.log(`${what}: ${Math.round(performance.now() - start)} ms`);
    return result;
  };
  const bad = structuredClone(definition);
  bad.participants[4999].paddle = '1000';
  const refused = await took('a definition with one fault is refused', () => create(bridge, bad));
  assert.equal(refused.json.error.detail, 'participants[4999].paddle', refused.text);
  assert.equal((await bridge.http('GET', '/api/sales/large', undefined, { token: ADMIN })).status, 404); // nothing of it is there
  const made = await took(`created from ${JSON.stringify(definition).length} bytes`, () => create(bridge, definition));
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.lots, 10000);
  const out = await took('exported', () => exported(bridge, 'large'));
  assert.equal(out.lots.length, 10000);
  assert.deepEqual(out.participants, participants);
  assert.equal(out.lots[9999].title, lots[9999].title);
  const page = await took('the last page of lots', () => bridge.http('GET', '/api/sales/large/lots?page=99', undefined, { token: ADMIN }));
  assert.equal(page.json.total, 10000);
  assert.equal(page.json.lots.at(-1).no, 10000);
  const browser = new Browser(bridge, { auth: bidder('large', 'member-4999') });
  world.browsers.push(browser);
  await took('joined', () => browser.join('large'));
  await took('begun', () => bridge.http('POST', '/api/sales/large/commands', { op: 'begin', id: commandId() }, { token: ADMIN }));
  const { lot } = await browser.event('lot_started');
  const bid = await took('a bid', () => browser.command('place_bid', 'large', { lot: lot.id, amount: lot.ask }));
  assert.equal(bid.ok, true, JSON.stringify(bid));
  const csv = await took('results.csv', () => bridge.http('GET', '/api/sales/large/results.csv', undefined, { token: ADMIN }));
  assert.equal(csv.text.split('\r\n').length, 10002);
  await world.engine.kill();
  const start = performance.now();
  await world.startEngine();
  console.log(`the engine is ready again: ${Math.round(performance.now() - start)} ms`);
  await world.engine.kill('SIGTERM');
  assert.match((await world.verify()).out, /large: .*replay ok/);
}));

test('ten thousand lots come from one sheet into a sale that is there', { timeout: 120000 }, () => withWorld(async (world, bridge) => {
  await create(bridge, { id: 'sheet', title: 'S', currency: { code: 'EUR' } });
  const rows = Array.from({ length: 10000 }, (_, i) => `Lot ${i},${100 + i}`);
  const start = performance.now();
  const added = await sheet(bridge, 'sheet', 'lots', `title,opening\r\n${rows.join('\r\n')}\r\n`);
  assert.equal(added.status, 200, added.text);
  console.log(`10,000 lots of a sheet: ${Math.round(performance.now() - start)} ms`);
  assert.deepEqual([added.json.added, added.json.lots_total], [10000, 10000]);
  assert.equal((await sheet(bridge, 'sheet', 'lots', 'title,opening\nOne more,1\n')).json.error.code, 'TOO_MANY');
  const big = await sheet(bridge, 'sheet', 'lots', `title,opening\r\n${rows.join('\r\n')}\r\nLot,x\r\n`);
  assert.equal(big.json.error.row, 10002);
}));
