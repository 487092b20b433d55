// Every command of auctionctl against the real service: what an operator types, what he reads, and what a refusal looks like.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { Tab } from './follower.mjs';
import { BIN, House, needPrograms, saleOf } from './harness.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');

async function withHouse(work) {
  const house = await House.open();
  let failed = true;
  try {
    await work(house, (name, text) => {
      const file = path.join(house.folder, name);
      writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text));
      return file;
    });
    failed = false;
  } finally {
    await house.close({ failed });
  }
}

async function refused(house, args, code) {
  const done = await house.ctl(...args);
  assert.deepEqual([done.code, done.out], [1, ''], `${args.join(' ')}: ${done.err}`);
  assert.match(done.err, new RegExp(`^auctionctl: ${code}: `));
}

test('a sale from its file to its results by auctionctl alone', { timeout: 90000 }, () => withHouse(async (house, file) => {
  const definition = saleOf('demo', { lots: 1, duration: 60000, gap: 60000 });
  assert.equal(await house.ctlDone('list'), 'no sales\n');
  assert.equal(await house.ctlDone('create', file('sale.json', definition)), 'demo: created, 1 lots\n');
  await refused(house, ['create', file('again.json', definition)], 'SALE_EXISTS');
  await refused(house, ['create', file('broken.json', '{"id":"x"')], '(BAD_REQUEST|BAD_DEFINITION)');
  await refused(house, ['create', file('bad.json', { id: 'bad id', title: 'x' })], 'BAD_DEFINITION');
  assert.equal(await house.ctlDone('import', 'demo', file('lots.csv', 'no,title,opening\r\n2,"A ""red"" lamp",1500\r\n3,Vase,2000\r\n')), 'demo: lots added, 2 new, 3 lots\n');
  assert.equal(await house.ctlDone('import', 'demo', file('lots.json', [{ id: 'l4', no: 4, title: 'Chair', opening: 100 }])), 'demo: lots added, 1 new, 4 lots\n');
  assert.equal(await house.ctlDone('import', 'demo', file('wrapped.json', { lots: [{ title: 'Bowl', opening: 100 }] })), 'demo: lots added, 1 new, 5 lots\n');
  await refused(house, ['import', 'demo', file('bad.csv', 'title,opening\nVase,cheap\n')], 'BAD_DEFINITION');
  await refused(house, ['import', 'demo', file('same.json', [{ id: 'l4', title: 'Chair', opening: 100 }])], 'LOT_EXISTS');
  const copy = JSON.parse(await house.ctlDone('export-definition', 'demo'));
  assert.equal(copy.lots.length, 5);
  assert.equal(await house.ctlDone('create', file('copy.json', { ...copy, id: 'copy' })), 'copy: created, 5 lots\n');
  assert.equal(await house.ctlDone('import-participants', 'copy', file('people.csv', 'name,paddle,limit\nAna,101,5000\nBo,102,\n')), 'copy: participants added, 2 new, 2 participants\n');
  assert.equal(await house.ctlDone('import-participants', 'copy', file('people.json', [{ id: 'cy', name: 'Cy' }])), 'copy: participants added, 1 new, 3 participants\n');
  const twice = await house.ctl('import-participants', 'copy', file('twice.csv', 'name,paddle\nDi,7\nEd,101\n'));
  assert.match(twice.err, /^auctionctl: PARTICIPANT_EXISTS: .*\(row 3\) \(column "paddle"\)/);
  const people = JSON.parse(await house.ctlDone('export-definition', 'copy')).participants;
  assert.deepEqual(people.map(({ id, paddle, limit }) => [id, paddle, limit]), [['p1', '101', 5000], ['p2', '102', undefined], ['cy', '3', undefined]]);
  assert.equal(await house.ctlDone('delete', 'copy'), 'copy: deleted\n');
  assert.match(await house.ctlDone('status', 'demo'), /^demo: lobby; 0 sold, 0 unsold, 5 of 5 lots to come\n$/);
  assert.match(await house.ctlDone('list'), /^demo: lobby, 0 of 5 lots sold, Sale demo\n$/);

  const invite = (await house.ctlDone('invite', 'demo', '--uses', '1')).trim();
  const person = await house.join({ id: 'demo', invite }, 'Ana');
  assert.equal((await house.api('POST', '/api/sales/demo/join', { body: { invite, name: 'Eve', id: 'second' } })).body.error.code, 'INVITE_INVALID');
  assert.equal(await house.ctlDone('begin', 'demo'), 'demo: begun\n');
  await refused(house, ['begin', 'demo'], 'WRONG_PHASE');
  const tab = new Tab(io, house, { id: 'demo' }, { token: person.token });
  await tab.ready();
  if (!tab.open) await house.ctlDone('next', 'demo'); // the first lot is counted in
  await tab.until(() => tab.open?.id === 'l1', 5000, 'the first lot');
  assert.ok((await tab.place(1000, { id: 'ana-1' })).ok);
  assert.match(await house.ctlDone('status', 'demo'), /^demo: live, lot 1 Lot 1 at 10\.00 EUR, led by 1 \(Ana\), \d\d s left; /);
  assert.equal(await house.ctlDone('receipt', 'demo', 'ana-1'), 'bid ana-1: accepted\n');
  assert.equal(await house.ctlDone('pause', 'demo'), 'demo: paused\n');
  await refused(house, ['pause', 'demo'], 'WRONG_PHASE');
  assert.equal(await house.ctlDone('resume', 'demo'), 'demo: resumed\n');
  await refused(house, ['next', 'demo', '--lot', 'l4'], 'WRONG_LOT');
  assert.equal(await house.ctlDone('next', 'demo'), 'demo: moved on\n');
  await tab.until(() => tab.closed?.name === 'sold', 3000, 'sold by next');
  assert.equal(tab.closed.reason, 'next');
  assert.match(await house.ctlDone('results', 'demo'), /^demo: live\n1 Lot 1: sold at 10\.00 EUR to 1 \(Ana\)\n2 A "red" lamp: pending\n/);
  const csv = (await house.ctlDone('results', 'demo', '--csv')).split('\r\n');
  assert.ok(csv.length >= 6 && csv.some((row) => row.includes('"A ""red"" lamp"')), csv.join('|'));
  assert.equal(JSON.parse(await house.ctlDone('--json', 'results', 'demo')).ok, true);

  assert.equal(await house.ctlDone('pause', 'demo'), 'demo: paused\n');
  assert.equal(await house.ctlDone('reset', 'demo'), 'demo: reset\n');
  assert.equal(await house.ctlDone('delete', 'demo'), 'demo: deleted\n');
  await refused(house, ['status', 'demo'], 'NOT_FOUND');
  await refused(house, ['create', file('tombstone.json', definition)], 'SALE_EXISTS');
  await house.engine.stop();
  assert.match(house.verify(), /demo: \d+ rows, \d+ events, chain ok, replay ok/);
}));

test('a viewer\'s and an auctioneer\'s token do what their roles may, and no more', { timeout: 60000 }, () => withHouse(async (house, file) => {
  const sale = await house.createSale(saleOf('roles', { lots: 2 }));
  await house.createSale(saleOf('other', { lots: 1 }));
  const as = async (role, ...args) => {
    const tokenFile = file(`${role}.token`, `${await house.token(role, sale.id)}\n`);
    return house.ctlPlain('--token-file', tokenFile, ...args);
  };
  assert.match((await as('viewer', 'begin', sale.id)).err, /^auctionctl: FORBIDDEN: /);
  assert.match((await as('auctioneer', 'begin', 'other')).err, /^auctionctl: (FORBIDDEN|UNAUTHENTICATED): /);
  assert.match((await as('auctioneer', 'delete', sale.id)).err, /^auctionctl: FORBIDDEN: /);
  assert.equal((await as('auctioneer', 'begin', sale.id)).out, 'roles: begun\n');
  assert.match((await house.ctlPlain('begin', sale.id)).err, /^auctionctl: UNAUTHENTICATED: /);
  assert.match((await house.ctlPlain('--token-file', file('bad.token', 'a.b.c'), 'list')).err, /^auctionctl: UNAUTHENTICATED: /);
}));

const SQLITE = spawnSync('sqlite3', ['--version']).status === 0;
test('a ledger that was altered is not verified', { timeout: 60000, skip: !SQLITE && 'sqlite3 is not installed' }, () => withHouse(async (house) => {
  const sale = await house.createSale(saleOf('altered', { lots: 1 }));
  await house.command(sale, 'begin');
  await house.engine.stop();
  house.verify(sale.id);
  const alter = (statement) => assert.equal(spawnSync('sqlite3', [path.join(house.data, 'ledger.sqlite'), statement]).status, 0);
  const verify = () => spawnSync(path.join(BIN, 'auctionctl'), ['verify', '--data', house.data], { encoding: 'utf8' });
  for (const [there, back] of [
    ['UPDATE fact SET at = at + 1 WHERE "row" = 2', 'UPDATE fact SET at = at - 1 WHERE "row" = 2'],
    ["UPDATE fact SET payload = replace(CAST(payload AS TEXT), '\"at\"', '\"AT\"') WHERE seq = 2", "UPDATE fact SET payload = CAST(replace(CAST(payload AS TEXT), '\"AT\"', '\"at\"') AS BLOB) WHERE seq = 2"],
  ]) {
    alter(there);
    const done = verify();
    assert.equal(done.status, 6, `${there}: ${done.stdout}${done.stderr}`);
    alter(back);
    assert.equal(verify().status, 0, `restored after ${there}: ${verify().stdout}${verify().stderr}`);
  }
}));
