// auctionctl and its Socket.IO client against the official socket.io server: every transport, pings, loss and return, and its exit codes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { BIN, Program, SOURCE, freePort, needPrograms } from './harness.mjs';

needPrograms('auctionctl');
const house = { folder: mkdtempSync(path.join(os.tmpdir(), 'lotcast-ctl-')) };
const keys = path.join(house.folder, 'keys');
let reports = 0;
const ctlPath = path.join(BIN, 'auctionctl');

function ctl(...args) {
  return new Promise((resolve) => {
    const child = spawn(ctlPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => { out += data; });
    child.stderr.on('data', (data) => { err += data; });
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

async function startSale(env = {}) {
  const sale = new Program(house, 'sale', process.execPath, [path.join(SOURCE, 'tests', 'e2e', 'reference_sale.mjs')], { ready: /^\d+$/, env });
  await sale.start();
  sale.url = `http://127.0.0.1:${sale.lines.find((line) => /^\d+$/.test(line))}`;
  return sale;
}

async function startBots(url, transport, more = []) {
  const file = path.join(house.folder, `report-${++reports}`);
  const bots = new Program(house, 'bots', ctlPath, ['--url', url, '--key-file', keys, 'bots', '--sale', 'demo', '--bidders', '6', '--transport', transport, '--report', file, ...more]);
  await bots.start();
  bots.finish = async () => {
    const { code } = await bots.exit;
    bots.checkLog();
    return { code, report: JSON.parse(readFileSync(file, 'utf8')) };
  };
  return bots;
}

before(async () => { assert.equal((await ctl('keygen', keys)).code, 0); });
after(() => rmSync(house.folder, { recursive: true, force: true }));

async function begin(sale) {
  await sale.until(() => sale.lines.filter((line) => line === 'joined').length === 6, 20000, 'six bots to join');
  assert.equal((await ctl('--url', sale.url, '--key-file', keys, 'begin', 'demo')).out, 'demo: begun\n');
}

for (const [transport, onWebsocket] of [['polling', 0], ['websocket', 6], ['upgrade', 6], ['mixed', 4]]) {
  test(`bots play a sale of the official server over ${transport}`, { timeout: 60000 }, async () => {
    const sale = await startSale({ PING_MS: '200' });
    const bots = await startBots(sale.url, transport);
    await begin(sale);
    const { code, report } = await bots.finish();
    assert.equal(code, 0, bots.describe());
    assert.equal(report.end, 'auction_complete');
    assert.equal(report.on_websocket, onWebsocket);
    assert.equal(report.reconnects, 0);
    assert.ok(report.bids.accepted > 0 && report.bids.answered === report.bids.sent, JSON.stringify(report.bids));
    assert.equal(new Set(report.bots.map(({ lots }) => JSON.stringify(lots))).size, 1, 'all saw the same');
    await sale.kill();
  });
}

test('a server that offers no upgrade keeps the bots on polling', { timeout: 60000 }, async () => {
  const sale = await startSale({ NO_UPGRADE: '1', LOTS: '2' });
  const bots = await startBots(sale.url, 'upgrade');
  await begin(sale);
  const { code, report } = await bots.finish();
  assert.deepEqual([code, report.on_websocket, report.reconnects], [0, 0, 0]);
  await sale.kill();
});

test('a server that dies is told, tried again, and the end comes by the clock', { timeout: 60000 }, async () => {
  const sale = await startSale({ LOT_MS: '60000' });
  const bots = await startBots(sale.url, 'mixed', ['--max-seconds', '4']);
  await begin(sale);
  await sale.kill();
  const { report } = await bots.finish();
  assert.equal(report.end, 'max_seconds');
  assert.equal(report.bots.filter(({ disconnects, failed_connects: failed }) => disconnects + failed > 0).length, 6);
});

test('SIGTERM ends the bots with their report', { timeout: 60000 }, async () => {
  const sale = await startSale({ LOT_MS: '60000' });
  const bots = await startBots(sale.url, 'mixed');
  await begin(sale);
  bots.signal('SIGTERM');
  const { report } = await bots.finish();
  assert.equal(report.end, 'signal');
  await sale.kill();
});

test('errors have their code, their line and their exit code', { timeout: 30000 }, async () => {
  const sale = await startSale();
  const url = ['--url', sale.url];
  const cases = [
    [[...url, 'begin', 'none'], 1, /^auctionctl: NOT_FOUND: There is no such sale/],
    [[...url, 'invite', 'demo'], 1, /^auctionctl: UNAUTHENTICATED: /],
    [[...url, 'status', 'html'], 1, /^auctionctl: HTTP 502 /],
    [[...url, 'bots', '--sale', 'demo', '--invite', 'wrong'], 1, /^auctionctl: INVITE_INVALID: /],
    [[...url, 'bots', '--sale', 'demo'], 2, /need --invite/],
    [['--url', `http://127.0.0.1:${await freePort()}`, 'list'], 3, /^auctionctl: cannot reach http:\/\/127/],
    [['--url', 'nonsense://x', 'list'], 3, /^auctionctl: cannot reach nonsense/],
    [['dance'], 2, /^auctionctl: unknown command dance/],
    [['list', '--dance'], 2, /^auctionctl: unknown option --dance/],
    [['keygen', keys], 1, /is there already/],
    [['create', path.join(house.folder, 'nothing.json')], 1, /there is no such file/],
    [[...url, 'import', 'demo', keys], 2, /\.json or \.csv/],
    [['--key-file', '/nonexistent', 'token', '--role', 'admin'], 1, /cannot sign/],
    [['--key-file', keys, 'token', '--role', 'king'], 2, /--role is/],
  ];
  for (const [args, code, line] of cases) {
    const done = await ctl(...args);
    assert.equal(done.code, code, `${args.join(' ')}: ${done.err}`);
    assert.match(done.err, line);
    assert.equal(done.err.trim().split('\n').length, 1, done.err);
    assert.equal(done.out, '');
  }
  const status = await ctl(...url, 'status', 'demo');
  assert.match(status.out, /^demo: lobby; 0 sold/);
  assert.equal(JSON.parse((await ctl(...url, '--json', 'status', 'demo')).out).ok, true);
  await sale.kill();
});

test('a token is a JWT with the claims of the contract', async () => {
  const done = await ctl('--key-file', keys, 'token', '--role', 'auctioneer', '--sale', 'demo', '--sub', 'ana', '--name', 'Ana', '--ttl-s', '60');
  const [header, claims] = done.out.trim().split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  assert.deepEqual([header.alg, header.kid], ['HS256', readFileSync(keys, 'utf8').split(' ')[0]]);
  assert.deepEqual([claims.sub, claims.sale, claims.role, claims.name, claims.exp - claims.iat], ['ana', 'demo', 'auctioneer', 'Ana', 60]);
  assert.equal(statSync(keys).mode & 0o777, 0o600);
});
