// Every HTTP route and every event with missing, wrong, huge and malicious members: an error with a code, the process
// lives, and nothing has changed.

import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { ADMIN, BridgeWorld, bidder, commandId } from './bridge_world.mjs';

const w = await BridgeWorld.create();
const bridge = await w.startBridge({ args: ['--rate-per-s', '100000', '--rate-burst', '100000', '--web', 'docs'] });
const people = await w.sell(bridge, 'demo', { rules: { lot_duration_ms: 600000 } });
const hidden = await w.sell(bridge, 'hidden', { public: false });
const boss = w.browser(bridge, { auth: ADMIN });
const ana = w.browser(bridge, { auth: people[0].token });
const nobody = w.browser(bridge);
for (const browser of [boss, ana, nobody]) await browser.join('demo');
await boss.command('begin_auction', 'demo');
const { lot } = await ana.event('lot_started');
test.after(() => w.end());

// All that may change by a command: the history and its results.
async function state() {
  const events = await bridge.http('GET', '/api/sales/demo/events?from=1', undefined, { token: ADMIN });
  const results = await bridge.http('GET', '/api/sales/demo/results.json', undefined, { token: ADMIN });
  const list = await bridge.http('GET', '/api/sales', undefined, { token: ADMIN });
  return JSON.stringify([events.json.events, results.json.results, list.json.sales]);
}

async function unchanged(what, run) {
  const before = await state();
  await run();
  assert.equal(await state(), before, `${what} changed the state`);
  assert.equal(bridge.child.exitCode, null, `${what}: ${bridge.log.slice(-2000)}`);
  assert.equal((await bridge.http('GET', '/healthz')).status, 200);
}

const isCode = (value) => typeof value === 'string' && /^[A-Z_]{4,}$/.test(value);

const DEEP = '['.repeat(5000) + ']'.repeat(5000);
const VALUES = [undefined, null, true, 0, -1, 1.5, 1e300, 9007199254740993, '', ' ', '7', '../..', '#', '+', 'a/b', 'a\u0000b', 'ü', '<script>',
  "'; drop table--", '\ud800', 'x'.repeat(300), [], ['demo'], {}, { $ne: 1 }, { sale: 'demo' }];
const HUGE = 'x'.repeat(300000);

const EVENTS = {
  join_auction: { sale: 'demo' }, leave_auction: { sale: 'demo' }, sync_time: { t0: 1 },
  place_bid: { sale: 'demo', lot: lot.id, amount: 1000, id: 'i' },
  begin_auction: { sale: 'demo', id: 'i' }, pause_auction: { sale: 'demo', id: 'i' }, resume_auction: { sale: 'demo', id: 'i' },
  next_lot: { sale: 'demo', lot: 'l9', id: 'i' }, reset_auction: { sale: 'demo', id: 'i' }, delete_auction: { sale: 'demo', id: 'i' },
  announce: { sale: 'demo', text: 'hello', id: 'i' },
};

test('events: every member missing or of a wrong kind', async () => {
  await unchanged('a wrong member', async () => {
    for (const [event, good] of Object.entries(EVENTS)) {
      for (const member of Object.keys(good)) {
        for (const value of [...VALUES, HUGE]) {
          if (event === 'sync_time' && typeof value === 'number') continue;
          if (event === 'announce' && member === 'text' && typeof value === 'string' && value.trim() && value.length <= 280) continue;
          if (member === 'id' && value === '7') continue; // a legal id
          if (member === 'text' && value === '\ud800') continue;
          const answer = await ana.ask(event, { ...good, [member]: value });
          assert.equal(answer.ok, false, `${event} ${member}=${JSON.stringify(value)?.slice(0, 60)}`);
          assert.ok(isCode(answer.error?.code), JSON.stringify(answer));
        }
      }
    }
    await ana.join('demo'); // a leave among them may have gone through
  });
});

test('events: arguments of a wrong shape, no argument, too many, binary, unknown names', async () => {
  await unchanged('a wrong argument', async () => {
    for (const event of [...Object.keys(EVENTS), 'unknown', 'connect2', 'message', '__proto__', 'toString', 'x'.repeat(1000), '']) {
      for (const argument of [null, 1, 'demo', [], [{ sale: 'demo' }], JSON.parse('['.repeat(20) + ']'.repeat(20)), Buffer.from('demo')]) {
        const answer = await ana.ask(event, argument);
        assert.equal(answer.ok, false, `${event} ${JSON.stringify(argument)}`);
        assert.ok(isCode(answer.error.code));
        if (!(event in EVENTS)) assert.equal(answer.error.code, 'UNKNOWN_EVENT');
      }
      const none = await new Promise((resolve) => ana.socket.emit(event, resolve));
      assert.equal(none.ok, false);
    }
    assert.match((await bridge.http('GET', '/metrics')).text, /unknown_events_total [1-9]/); // F26
  });
});

test('events: nesting without end closes the connection of the one who sent it, and nothing else', async () => {
  await unchanged('deep nesting', async () => {
    const other = w.browser(bridge, { auth: people[1].token, reconnection: false });
    await other.join('demo');
    const closed = new Promise((resolve) => other.socket.on('disconnect', resolve));
    other.socket.emit('place_bid', JSON.parse(DEEP.slice(4000, 6000)));
    await closed;
    assert.equal((await ana.ask('sync_time', { t0: 1 })).ok, true);
  });
});

test('events: a payload never says who one is, and no role does more than it may', async () => {
  await unchanged('a forged member', async () => {
    const forged = { by: people[1].id, role: 'admin', received_at: 1, deadline_at: 9e15, reply: 'x', op: 'delete' };
    for (const [event, good] of Object.entries(EVENTS)) {
      if (['join_auction', 'leave_auction', 'sync_time', 'place_bid'].includes(event)) continue;
      const answer = await ana.ask(event, { ...good, ...forged, id: commandId() });
      assert.equal(answer.error?.code, 'FORBIDDEN', event);
      const anonymous = await nobody.ask(event, { ...good, ...forged, id: commandId() });
      assert.equal(anonymous.error?.code, 'UNAUTHENTICATED', event);
    }
    assert.equal((await nobody.ask('place_bid', { ...EVENTS.place_bid, by: people[0].id })).error.code, 'UNAUTHENTICATED');
    assert.equal((await boss.ask('place_bid', { ...EVENTS.place_bid, by: people[0].id, id: commandId() })).ok, false);
    assert.equal((await nobody.ask('join_auction', { sale: 'hidden' })).error.code, 'UNAUTHENTICATED');
    assert.equal((await ana.ask('join_auction', { sale: 'hidden' })).error.code, 'FORBIDDEN');
    assert.equal((await nobody.ask('join_auction', { sale: 'no-such-sale' })).error.code, 'NOT_FOUND');
  });
  // A bid with forged members is the bid of the one who made it.
  const answer = await ana.ask('place_bid', { ...EVENTS.place_bid, by: people[1].id, role: 'admin', id: commandId() });
  assert.equal(answer.ok, true);
  assert.equal((await ana.event('bid_update', (p) => p.seq === answer.seq)).by.id, people[0].id);
});

const ROUTES = [
  ['POST', '/api/sales', { id: 'other', title: 'T', currency: { code: 'EUR', minor_digits: 2 } }],
  ['POST', '/api/sales/demo/lots', { lots: [{ title: 'T', opening: 1 }] }],
  ['POST', '/api/sales/demo/invites', { role: 'bidder', uses: 1, expires_in_s: 60, participant: 'p1' }],
  ['POST', '/api/sales/demo/join', { invite: '0'.repeat(32), name: 'N', id: 'i' }],
  ['POST', '/api/sales/demo/commands', { op: 'bid', id: 'i', lot: lot.id, amount: 1000 }],
];

test('HTTP: every member missing or of a wrong kind, as somebody who may do nothing of it', async () => {
  await unchanged('a wrong member', async () => {
    for (const [method, path, good] of ROUTES) {
      for (const member of Object.keys(good)) {
        for (const value of [...VALUES, HUGE]) {
          const body = { ...good, [member]: value };
          const answer = await bridge.http(method, path, body, { token: bidder('demo', 'p77') });
          assert.ok(answer.status >= 400 && answer.status < 500, `${path} ${member}=${JSON.stringify(value)?.slice(0, 60)}: ${answer.status} ${answer.text}`);
          assert.ok(isCode(answer.json?.error?.code), answer.text);
          assert.equal(answer.text.includes('0'.repeat(32)), false, 'an invitation is echoed');
        }
      }
    }
  });
});

test('HTTP: an admin with wrong definitions, invitations and commands', async () => {
  await unchanged('a wrong definition', async () => {
    for (const [method, path, good] of ROUTES.slice(0, 3)) {
      for (const member of Object.keys(good)) {
        for (const value of VALUES.filter((v) => v === undefined ? ['id', 'title', 'currency', 'lots'].includes(member) : true)) {
          const optional = ['uses', 'expires_in_s', 'participant'].includes(member);
          if (optional && value === null) continue;
          if (member === 'title' && typeof value === 'string' && value && !value.includes('\0')) continue;
          if (path.endsWith('/invites') && ((member === 'participant' && value === '7') || (optional && value === 0))) continue;
          if (member === 'id' && value === '7') continue;
          const answer = await bridge.http(method, path, { ...good, [member]: value }, { token: ADMIN });
          assert.ok(answer.status >= 400 && answer.status < 500, `${path} ${member}=${JSON.stringify(value)?.slice(0, 60)}: ${answer.status} ${answer.text}`);
          assert.ok(isCode(answer.json?.error?.code), answer.text);
        }
      }
    }
    for (const op of ['create', 'list', 'join', 'create_invite', 'replay', 'nothing', '', 7, null, '__proto__', 'x'.repeat(100)]) {
      const answer = await bridge.http('POST', '/api/sales/demo/commands', { op, id: commandId() }, { token: ADMIN });
      assert.ok(['UNKNOWN_OP', 'BAD_REQUEST'].includes(answer.json.error.code), `${op}: ${answer.text}`);
    }
  });
});

test('HTTP: bodies that are no JSON, too large, of another type; methods and addresses that are not there', async () => {
  await unchanged('a wrong request', async () => {
    for (const [method, path, good] of ROUTES) {
      for (const body of ['', '{', 'null', '[]', '"x"', DEEP, '{"id":', '\u0000', `{"a":"${HUGE}"}`, Buffer.from([0xff, 0xfe, 0x7b])]) {
        if (path.endsWith('/invites') && String(body).startsWith('{"a"')) continue; // unknown members are passed over
        const answer = await bridge.http(method, path, body, { token: ADMIN });
        assert.ok(answer.status >= 400 && answer.status < 500, `${path} ${String(body).slice(0, 20)}: ${answer.status}`);
        assert.ok(isCode(answer.json?.error?.code), answer.text);
      }
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json2']) {
        const answer = await bridge.http(method, path, JSON.stringify(good), { token: ADMIN, type });
        assert.deepEqual([answer.status, answer.json.error.code], [415, 'UNSUPPORTED_MEDIA_TYPE']);
      }
      const large = await bridge.http(method, path, 'x'.repeat(8000001), { token: ADMIN }).catch(() => null);
      if (large) assert.deepEqual([large.status, large.json?.error.code], [413, 'PAYLOAD_TOO_LARGE']);
      for (const other of ['PUT', 'DELETE', 'PATCH']) {
        const answer = await bridge.http(other, path, {}, { token: ADMIN });
        assert.deepEqual([answer.status, answer.json.error.code], [405, 'METHOD_NOT_ALLOWED'], `${other} ${path}`);
        assert.match(answer.headers.get('allow'), /POST/);
      }
    }
    for (const csv of ['', 'title', 'title,opening\n', 'title,opening\na,1,2\n', 'title,opening\n"a,1\n', 'title,opening\na,-1\n', 'x'.repeat(900000),
      'title,opening\n' + 'a,1\n'.repeat(1001), '\u0000,\u0000', 'title,opening\n' + 'b'.repeat(5000) + ',1\n']) {
      const answer = await bridge.http('POST', '/api/sales/demo/lots', csv, { token: ADMIN, type: 'text/csv' });
      assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
      assert.ok(isCode(answer.json.error.code));
    }
    for (const path of ['/api', '/api/', '/api/sale', '/api/sales/', '/api/sales/a%2Fb', '/api/sales/%00', '/api/sales/%2e%2e', '/api/sales/a%20b',
      `/api/sales/${'x'.repeat(33)}`, '/api/sales/demo/', '/api/sales/demo/x', '/api/sales/demo/receipts/', `/api/sales/demo/receipts/${'x'.repeat(65)}`,
      '/api/sales/demo/lots?page=-1', '/api/sales/demo/lots?page=100', '/api/sales/demo/lots?page=x', '/api/sales/demo/events?from=0',
      '/api/sales/demo/events?from=1e3', '/api/sales/demo/events?limit=501', '/api/sales/demo/events?from=99999999999999999999',
      '/api/sales/no-such-sale', '/api/sales/no-such-sale/results.csv', '/api/sales/no-such-sale/lots', '/api/sales/demo/receipts/none']) {
      const answer = await bridge.http('GET', path, undefined, { token: ADMIN });
      assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.ok(isCode(answer.json?.error?.code), `${path}: ${answer.text}`);
      const anonymous = await bridge.http('GET', path);
      assert.ok([400, 401, 404].includes(anonymous.status), `${path}: ${anonymous.status}`);
    }
    for (const path of ['/api/sales/demo/commands', '/api/sales/demo/lots', '/api/sales/demo/invites', '/api/sales']) {
      assert.equal((await bridge.http('POST', path, {})).status, 401, path);
    }
    for (const path of ['/api/sales/hidden', '/api/sales/hidden/lots', '/api/sales/hidden/events', '/api/sales/hidden/results.json', '/api/sales/hidden/results.csv']) {
      assert.equal((await bridge.http('GET', path)).status, 401, path);
      assert.equal((await bridge.http('GET', path, undefined, { token: people[0].token })).status, 403, path);
      assert.equal((await bridge.http('GET', path, undefined, { token: hidden[0].token })).status, 200, path);
    }
  });
});

// Bytes that fetch would not send.
function raw(text) {
  return new Promise((resolve) => {
    const { port } = new URL(bridge.url);
    const socket = net.connect({ port, host: '127.0.0.1' }, () => socket.end(text));
    let answer = '';
    socket.setEncoding('latin1').on('data', (data) => (answer += data));
    socket.on('close', () => resolve(answer));
    socket.on('error', () => resolve(answer));
    socket.setTimeout(3000, () => socket.destroy());
  });
}

test('HTTP: paths that want to leave the folder of the pages, and bytes that are no HTTP', async () => {
  await unchanged('a wrong path', async () => {
    assert.equal((await bridge.http('GET', '/PROTOCOL.md')).status, 200);
    for (const path of ['/../main.c', '/..%2fREADME.md', '/%2e%2e/%2e%2e/etc/passwd', '/....//etc/passwd', '//etc/passwd', '/decisions/../../LICENSE',
      '/decisions', '/PROTOCOL.md/', '/PROTOCOL.md%00.html', '/.git/config', '/socket.io/socket.io.js']) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^$|^HTTP\/1\.1 (400|403|404)/, `${path}: ${answer.slice(0, 300)}`);
      assert.doesNotMatch(answer, /root:|Apache License|\[core\]/, path);
    }
    for (const bytes of ['', '\r\n\r\n', 'GET\r\n\r\n', 'nonsense\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(2000)}\r\n`,
      `GET /${'x'.repeat(20000)} HTTP/1.1\r\n\r\n`, 'POST /api/sales HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
      'POST /api/sales HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n', 'POST /api/sales HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      `GET /api/sales HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'\x80'.repeat(100)}\r\nConnection: close\r\n\r\n`,
      'GET /api/sales HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\nConnection: close\r\n\r\n']) {
      assert.doesNotMatch(await raw(bytes), /^HTTP\/1\.1 (2|5)/, bytes.slice(0, 60));
    }
  });
});

test('F1: nothing on the Socket.IO path is a page', async () => {
  for (const path of ['/socket.io/', '/socket.io/?EIO=4', '/socket.io/?EIO=4&transport=nothing', '/socket.io/?EIO=4&transport=polling&sid=none',
    '/api/socket.io/', '/socket.io/x.html', '/socket.io/?EIO=9&transport=polling']) {
    const answer = await bridge.http('GET', path);
    assert.ok(answer.status >= 400, path);
    assert.doesNotMatch(answer.text, /<html|<!doctype/i, path);
  }
  for (const path of ['/socket.io/', '/api/socket.io/']) {
    const answer = await bridge.http('GET', `${path}?EIO=4&transport=polling`);
    assert.match(answer.text, /^0\{"sid"/);
  }
});

test('no token and no invitation stands in the log', async () => {
  assert.equal(bridge.log.includes(ADMIN.split('.')[2]), false);
  assert.equal(bridge.log.includes('0'.repeat(32)), false);
  assert.equal((await bridge.kill('SIGTERM')).code, 0, bridge.log.slice(-3000));
});
