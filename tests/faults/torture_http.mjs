// Any bytes on the bridge's port as HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause, seeded, tortured, withinMs } from './torture_world.mjs';

const t = await tortured(test);
const GET = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
const never5xx = (text, what) => assert.doesNotMatch(text, /^HTTP\/1\.\d 5/m, what);

test('garbage, half requests and a closed connection', () => t.unharmed('garbage', async () => {
  const random = seeded(7);
  const garbage = Array.from({ length: 100 }, () => Buffer.from(Array.from({ length: 1 + random(600) }, () => random(256))));
  const halves = Array.from({ length: GET.length }, (_, i) => GET.slice(0, i));
  const TLS = Buffer.from('160301020001000100', 'hex');
  const HTTP2 = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  const SOCKS = Buffer.from('050100', 'hex');
  for (const bytes of [...garbage, ...halves, TLS, HTTP2, SOCKS, Buffer.alloc(100000), '\r\n'.repeat(1000), '\n'.repeat(5000), ' '.repeat(3000)]) {
    const { text } = await t.raw([bytes], { half: 'end', patience: 1000 });
    assert.doesNotMatch(text, /^HTTP\/1\.\d [25]/, String(bytes).slice(0, 40));
  }
}));

test('one byte at a time, and every split in two, is the same request', () => t.unharmed('segments', async () => {
  const byte = await t.hold();
  for (const c of GET) {
    byte.socket.write(c);
    await new Promise(setImmediate);
  }
  assert.ok(await byte.until(/200 OK[^]*\{"ok":true\}/));
  byte.socket.destroy();
  const body = '{"op":"you","id":"x"}';
  const post = `POST /api/sales/calm/commands HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${t.person.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
  for (let at = post.length - 60; at < post.length; at += 7) {
    const held = await t.hold(post.slice(0, at));
    await pause(2); // lets the first half arrive by itself
    held.socket.write(post.slice(at));
    assert.ok(await held.until(/200 OK[^]*"you":/), `split at ${at}: ${held.data.toString()}`);
    held.socket.destroy();
    await pause(20); // the person's own rate
  }
}));

test('heads without end: long lines, thousands of headers, long names', () => t.unharmed('long heads', async () => {
  const heads = [
    `GET /${'a'.repeat(100000)} HTTP/1.1\r\n\r\n`,
    `GET /healthz?${'a'.repeat(100000)} HTTP/1.1\r\n\r\n`,
    `GET /healthz?${'a=1&'.repeat(6000)} HTTP/1.1\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\n${'a: b\r\n'.repeat(5000)}\r\n`,
    `GET /healthz HTTP/1.1\r\n${Array.from({ length: 5000 }, (_, i) => `x-${i}: ${i}\r\n`).join('')}\r\n`,
    `GET /healthz HTTP/1.1\r\nX: ${'y'.repeat(1000000)}\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\nCookie: ${'y'.repeat(60000)}\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\n${'z'.repeat(50000)}: y\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\n${' folded\r\n'.repeat(3000)}\r\n`,
    `${'G'.repeat(50000)} / HTTP/1.1\r\n\r\n`,
    `GET / HTTP/1.1${'1'.repeat(50000)}\r\n\r\n`,
  ];
  for (const head of heads) {
    const { text } = await t.raw([head], { half: 'end', patience: 3000 });
    never5xx(text, head.slice(0, 60));
  }
  for (let i = 0; i < 20; i++) await t.raw([`GET /healthz HTTP/1.1\r\nX: ${'y'.repeat(300000)}`], { half: 'end', patience: 500 });
}));

test('lengths that lie: two lengths, length and chunks, signs, overflow (no request is smuggled)', () => t.unharmed('smuggling', async () => {
  const SMUGGLED = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
  const shapes = [
    ['Content-Length: 0\r\nContent-Length: 38', SMUGGLED],
    ['Content-Length: 5\r\nContent-Length: 5', 'hello'],
    ['Content-Length: 0, 38', SMUGGLED],
    ['Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`],
    ['Transfer-Encoding: chunked\r\nContent-Length: 4', `0\r\n\r\n${SMUGGLED}`],
    ['Transfer-Encoding: chunked, identity', `0\r\n\r\n${SMUGGLED}`],
    ['Transfer-Encoding: identity, chunked', `0\r\n\r\n${SMUGGLED}`],
    ['Transfer-Encoding: xchunked', `0\r\n\r\n${SMUGGLED}`],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `0\r\n\r\n${SMUGGLED}`],
    ['Transfer-Encoding:\x0bchunked', `0\r\n\r\n${SMUGGLED}`],
    ['Content-Length: -1', SMUGGLED],
    ['Content-Length: +5', 'hello'],
    ['Content-Length: 0x5', 'hello'],
    ['Content-Length: 5 5', 'hello'],
    ['Content-Length: 99999999999999999999999', SMUGGLED],
    ['Content-Length: 18446744073709551617', SMUGGLED],
    ['Content-Length: 4294967296', SMUGGLED],
    ['Content-Length: 2147483648', SMUGGLED],
  ];
  for (const [lines, body] of shapes) {
    for (const path of ['/api/sales', '/socket.io/?EIO=4&transport=polling&sid=none', '/healthz']) {
      const { text } = await t.raw([`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lines}\r\n\r\n${body}`], { patience: 400 });
      never5xx(text, lines);
      assert.doesNotMatch(text, /^HTTP\/1\.1 2/m, `${path} ${JSON.stringify(lines)}: a second request was taken out of a body\n${text}`);
      assert.ok(text.split(/^HTTP\/1\.1 /m).length <= 2, `${path} ${lines}: ${text}`);
    }
  }
}));

test('chunks that are none', () => t.unharmed('chunks', async () => {
  const bodies = ['zz\r\n', '-1\r\n', '5\r\nhello', '5\r\nhelloX\r\n0\r\n\r\n', 'ffffffffffffffff\r\nx', '10000000000000000\r\n', '5;'.padEnd(20000, 'x'), '\r\n', '5\nhello\n0\n\n',
    `0\r\n${'t: v\r\n'.repeat(20000)}`, '1\r\na\r\n'.repeat(3000), `${'0'.repeat(5000)}5\r\nhello\r\n0\r\n\r\n`, '0\r\nA', '5\rhello'];
  for (const body of bodies) {
    const { text } = await t.raw([`POST /api/sales HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body}`], { half: 'end', patience: 500 });
    never5xx(text, body.slice(0, 30));
    assert.doesNotMatch(text, /^HTTP\/1\.1 2/);
  }
  const endless = await t.hold('POST /api/sales HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`;
  for (let i = 0; i < 200 && !endless.socket.destroyed; i++) {
    if (!endless.socket.write(chunk)) await Promise.race([new Promise((resolve) => { endless.socket.once('drain', resolve); }), endless.closed]);
  }
  assert.equal(await withinMs(5000, endless.closed, false), true, 'a body without end is cut');
  assert.match(endless.data.toString(), /413 Payload Too Large|^$/);
}));

test('a request right behind an answer is read as what it is, and nobody hangs', () => t.unharmed('keep-alive', async () => {
  const body = '{"op":"you"}';
  const head = `POST /api/sales/calm/commands HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${t.sale.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const SHAPES = [[head + body], [head, body], [...head.match(/[^]{1,60}/g), body]];
  for (let round = 0; round < 60; round++) {
    const held = await t.hold();
    for (let answers = 1; answers <= 5; answers++) {
      for (const piece of SHAPES[round % SHAPES.length]) {
        held.socket.write(piece);
        await new Promise(setImmediate);
      }
      assert.ok(await held.until(new RegExp(`(HTTP/1\\.1 (200|429) [^]*){${answers}}\\}$`)), `round ${round}, answer ${answers}: ${held.data.toString().slice(-300)}`);
    }
    held.socket.destroy();
  }
  for (let i = 0; i < 20; i++) { // gone before the answers
    const gone = await t.hold(GET.repeat(200));
    gone.socket.resetAndDestroy();
  }
}));

test('old versions, odd methods, absolute addresses, paths with %00, .. and bytes that are no text', () => t.unharmed('paths', async () => {
  const old = await t.raw(['GET /healthz HTTP/1.0\r\n\r\n'], { patience: 1500 });
  assert.match(old.text, /^HTTP\/1\.[01] 200/);
  assert.equal(old.closed, true, 'an HTTP/1.0 connection ends with its answer');
  const targets = ['http://evil.example/healthz', 'http://x/../../etc/passwd', '//etc/passwd', '/%00', '/healthz%00', '/%2e%2e/%2e%2e/etc/passwd', '/..%5c..%5cwindows', '/%c0%ae%c0%ae/',
    '/\xff\xfe', '/%ff%fe', '/%', '/%4', '/%zz', '/healthz%', '*', '/api/sales/\xff', '/api/sales/%ff/lots', '/api/sales/calm/events?from=%00', '/api/sales/calm/events?from=\xff',
    '/api/sales/calm/lots?page=%2b1', '/socket.io/?EIO=4&transport=polling&sid=%00', '/socket.io/?EIO=4&transport=%ff%fe', '/socket.io/?EIO=4%00&transport=polling',
    '/socket.io/..%2f..%2fetc/passwd', '/socket.io/socket.io.js/../../x', `/socket.io/?EIO=4&transport=polling&${'a=b&'.repeat(500)}sid=none`, '/?', '/??', '/#', '/assets/../index.html', '/assets//'];
  for (const target of targets) {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', 'TRACE', 'get', 'G\x00T']) {
      const { text } = await t.raw([`${method} ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`], { patience: 400 });
      never5xx(text, `${method} ${target}`);
      assert.doesNotMatch(text, /root:|^HTTP\/1\.1 200[^]*<!doctype/i, `${method} ${target}`);
    }
  }
}));

test('a slow head and a slow body are ended after the request timeout, an idle connection costs nothing', { timeout: 50000 }, () => t.unharmed('slow', async () => {
  const drip = (held, bytes) => {
    const timer = setInterval(() => { if (!held.socket.destroyed) held.socket.write(bytes); }, 500);
    return held.closed.then(() => clearInterval(timer));
  };
  const started = performance.now();
  const slow = [
    await t.hold('GET /healthz HTTP/1.1\r\n'),
    await t.hold('POST /api/sales HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n'),
    await t.hold('POST /api/sales HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'),
  ];
  const drips = [drip(slow[0], 'a: b\r\n'), drip(slow[1], 'x'), drip(slow[2], '1\r\nx\r\n')];
  const silent = [await t.hold('GET /healthz HTTP/1.1\r\nHos'), await t.hold('POST /api/sales HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'), await t.hold('')];
  const all = [...slow, ...silent];
  const ended = await Promise.all(all.map((held) => withinMs(30000, held.closed.then(() => performance.now() - started), null)));
  for (const held of all) held.socket.destroy();
  await Promise.all(drips);
  ended.forEach((milliseconds, i) => assert.ok(milliseconds !== null && milliseconds < 25000, `connection ${i} was held ${milliseconds} ms (${ended})`));
}));
