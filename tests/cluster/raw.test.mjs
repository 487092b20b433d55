// Engine.IO by hand over bridges that do not hold the session: every request of a session may go to any of them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it as nodeIt } from 'node:test';
import { MqttClient } from '../e2e/engine_mqtt.mjs';
import { House, needPrograms, saleOf } from '../e2e/harness.mjs';
import { eventually } from '../conformance/harness.mjs';
import { Node, Session, UNKNOWN, acksOf, codeOf, metric, metrics, ofAll, question, relayed, upTo, withCluster } from './cluster.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');

const QUERY = 'EIO=4&transport=polling';
const ANSWERED_AT_ONCE_MS = 2000; // on a busy machine; silence is waited for for 3 s
// SINGLE=1 sends every request to the one bridge that holds the session: this proves the tests themselves.
const isSingle = process.env.SINGLE === '1';
const inCluster = { skip: isSingle && 'needs several bridges' };

let house;
let a;
let b;
let c;

const randomSid = (prefix) => `${prefix}${randomBytes(12).toString('base64url')}`.slice(0, 20);
const nodeOf = (sid) => sid.slice(0, 4);

async function took(work) {
  const from = performance.now();
  const result = await work();
  return [performance.now() - from, result];
}

// Whatever `node` was told before has reached the bridge that holds `sid`: a later request to the same bridge was answered by it.
const settled = async (node, sid) => assert.equal((await node.request('GET', `EIO=3&transport=polling&sid=${sid}`)).status, 400);

// A poll at `node` that hangs at the bridge that holds the session.
async function hang(node, session) {
  const poll = await node.hang(session.sid);
  await settled(node, session.sid);
  return poll;
}

before(async () => {
  house = await House.open({ bridges: isSingle ? 1 : 3, bridgeArgs: ['--rate-per-s', '100000', '--rate-burst', '100000', '--ping-interval-ms', '60000', '--cors-origin', 'reflect'] });
  [a, b, c] = isSingle ? Array(3).fill(new Node(house.bridge)) : house.bridges.map((bridge) => new Node(bridge));
});
let failed = false; // then the logs are kept
after(() => house.close({ failed }));

function it(name, ...rest) {
  const work = rest.pop();
  return nodeIt(name, { timeout: 30000, ...rest[0] }, async () => {
    try {
      await work();
    } catch (error) {
      failed = true;
      throw error;
    }
  });
}

// ---- polls and posts ----

describe('a session whose requests go to any bridge', () => {
  it('the sid names the bridge that made it, in 20 characters', inCluster, async () => {
    const sids = await Promise.all([a, a, b, b, c, c].map(async (node) => (await node.open()).sid));
    for (const sid of sids) assert.match(sid, /^[A-Za-z0-9_-]{20}$/);
    const names = sids.map(nodeOf);
    assert.deepEqual([names[0], names[2], names[4]], [names[1], names[3], names[5]]);
    assert.equal(new Set(names).size, 3);
    assert.equal(new Set(sids).size, 6);
  });

  it('opened here, posted there, polled at a third: numbers 1 to 50 both ways, once and in order', async () => {
    const session = await Session.open(a);
    await session.connect([b, c]);
    const nodes = [c, a, b];
    const saying = (async () => {
      for (const n of upTo(50)) await session.post(nodes[n % 3], question(n));
    })();
    await session.until([b, c, a], () => session.acks.length >= 50);
    await saying;
    assert.deepEqual(session.acks, upTo(50));
  });

  it('several packets of one post, and several of one poll', async () => {
    const session = await (await Session.open(a)).connect([b]);
    await session.post(c, ...upTo(20).map(question));
    await session.until([b], () => session.acks.length >= 20);
    assert.deepEqual(session.acks, upTo(20));
  });

  it('a poll that hangs at another bridge is answered when there is something to say', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const poll = await hang(b, session);
    const [ms] = await took(async () => {
      await session.post(c, question(1));
      await session.take((await poll.answer).body, b);
    });
    assert.deepEqual(session.acks, [1]);
    assert.ok(ms < ANSWERED_AT_ONCE_MS, `after ${ms} ms`);
  });

  it('bodies and heads of answers are those of the bridge that holds the session', inCluster, async () => {
    const session = await (await Session.open(a)).connect([a]);
    const asks = { poll: ['GET'], pollOfAPage: ['GET', { Origin: 'https://example.test', 'Accept-Encoding': 'gzip' }], post: ['POST', {}, '3'], postOfAPage: ['POST', { Origin: 'https://example.test' }, '3'] };
    for (const [what, [method, headers, body]] of Object.entries(asks)) {
      const heads = [];
      for (const node of [a, b]) {
        await session.post(node, ...upTo(20).map((n) => `42${n}["unheard_of"]`)); // enough to be compressed
        const answer = await node.request(method, `${QUERY}&sid=${session.sid}`, { headers, body });
        heads.push([answer.status, { ...answer.headers, date: null, 'content-length': null }]);
        if (method === 'POST') await session.poll(a);
      }
      assert.deepEqual(heads[1], heads[0], what);
      if (headers?.Origin) assert.equal(heads[1][1]['access-control-allow-origin'], headers.Origin);
      if (what === 'pollOfAPage') assert.equal(heads[1][1]['content-encoding'], 'gzip');
    }
  });

  it('a body of many messages of the broker goes both ways', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const padding = 'x'.repeat(30000);
    const events = upTo(30).map((n) => `42${n}["sync_time",{"t0":${n},"more":"${padding}"}]`);
    await session.post(b, ...events);
    await session.until([c], () => session.acks.length >= 30);
    assert.deepEqual(session.acks, upTo(30));
  });

  it('an answer of many messages of the broker comes whole', async () => {
    const session = await (await Session.open(a)).connect([a]);
    await session.post(b, ...upTo(5000).map((n) => `42${n}["unheard_of"]`));
    const { body } = await session.poll(c);
    assert.ok(body.length > 192 * 1024, `only ${body.length} bytes`);
    await session.until([b, c], () => session.acks.length >= 5000);
    assert.deepEqual(session.acks, upTo(5000));
  });

  it('a body over the limit is refused with 413, and the session lives', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const answer = await b.post(session.sid, `42["x","${'y'.repeat(1100000)}"]`);
    assert.equal(answer.status, 413);
    await session.post(b, question(1));
    await session.until([c], () => session.acks.length >= 1);
  });

  it('a second poll at another bridge takes the place of the first one, and nothing is lost', inCluster, async () => {
    for (const [first, second] of [[a, b], [b, a], [b, c]]) {
      const session = await (await Session.open(a)).connect([a]);
      const old = await hang(first, session);
      const young = await hang(second, session);
      assert.equal((await old.answer).status, 400);
      await session.post(c, question(7));
      await session.take((await young.answer).body, second);
      assert.deepEqual(session.acks, [7]);
    }
  });

  it('a client that leaves while its poll hangs ends its session, as at its own bridge', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const poll = await hang(b, session);
    poll.abort();
    await b.request('GET', 'transport=none'); // the edge has noticed
    await settled(b, session.sid);
    assert.deepEqual(codeOf(await c.poll(session.sid)), UNKNOWN);
  });

  it('a close by the client is heard at its bridge, and the poll elsewhere is let go', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const poll = await hang(b, session);
    await session.post(c, '1');
    assert.equal((await poll.answer).body, '6');
    assert.deepEqual(codeOf(await b.poll(session.sid)), UNKNOWN);
  });

  it('what its bridge refuses is refused the same way elsewhere', inCluster, async () => {
    const cases = [
      ['another protocol version', 'GET', (sid) => `EIO=3&transport=polling&sid=${sid}`],
      ['no version', 'GET', (sid) => `transport=polling&sid=${sid}`],
      ['an unknown transport', 'GET', (sid) => `EIO=4&transport=none&sid=${sid}`],
      ['a WebSocket without an upgrade', 'GET', (sid) => `EIO=4&transport=websocket&sid=${sid}`],
      ['another method', 'PUT', (sid) => `${QUERY}&sid=${sid}`],
      ['a body that is no payload', 'POST', (sid) => `${QUERY}&sid=${sid}`, 'abc'],
      ['an empty body', 'POST', (sid) => `${QUERY}&sid=${sid}`, ''],
    ];
    for (const [what, method, query, body] of cases) {
      const answers = [];
      for (const node of [a, b]) {
        const session = await (await Session.open(a)).connect([a]);
        const { status, body: text } = await node.request(method, query(session.sid), { body });
        answers.push([status, text]);
      }
      assert.deepEqual(answers[1], answers[0], what);
    }
  });
});

// ---- nobody holds it ----

describe('a session that nobody holds', () => {
  it('of no node, of this one, of another one: 400, code 1, at once', async () => {
    const names = [a, b, c].map(async (node) => nodeOf((await node.open()).sid));
    for (const name of ['zzzz', '____', ...(await Promise.all(names))]) {
      for (const method of ['GET', 'POST']) {
        const [ms, answer] = await took(() => b.request(method, `${QUERY}&sid=${randomSid(name)}`, { body: method === 'POST' ? '3' : undefined }));
        assert.deepEqual(codeOf(answer), UNKNOWN, `${method} ${name}`);
        assert.ok(ms < ANSWERED_AT_ONCE_MS, `${method} ${name}: after ${ms} ms`);
      }
      const ws = b.ws(`EIO=4&transport=websocket&sid=${randomSid(name)}`);
      ws.ws.on('error', () => {});
      assert.equal((await ws.refused).status, 400, name);
    }
  });

  it('a sid of another length or alphabet', async () => {
    for (const sid of ['', 'x', 'abcd', `${'x'.repeat(19)}`, `${'x'.repeat(21)}`, 'x'.repeat(3000), '%00%ff/../..', 'abc$efghijklmnopqrst']) {
      assert.equal((await b.request('GET', `${QUERY}&sid=${sid}`)).status, sid === '' ? 200 : 400, sid.slice(0, 30));
    }
  });
});

// ---- upgrades ----

// The payloads of the events of this name.
const named = (packets, name) => packets.filter((packet) => packet.startsWith(`42["${name}",`)).map((packet) => JSON.parse(packet.slice(2))[1]);

// A WebSocket at `node` for the session, after `3probe`.
async function probe(node, session) {
  const ws = node.ws(`EIO=4&transport=websocket&sid=${session.sid}`);
  await ws.opened;
  ws.send('2probe');
  assert.equal(await ws.packet(), '3probe');
  return ws;
}

async function heardOn(ws, until) {
  const packets = [];
  while (!until(packets)) {
    const packet = await ws.packet();
    assert.notEqual(packet, undefined, `closed after ${packets.join(' ')}`);
    packets.push(packet);
  }
  return packets;
}

describe('an upgrade at another bridge', () => {
  it('takes the session over: numbers 1 to 50 both ways, once and in order', async () => {
    const session = await (await Session.open(a)).connect([a]);
    // As the official client: it asks while it tries, waits for its open poll, then says 5 and goes on.
    const ws = b.ws(`EIO=4&transport=websocket&sid=${session.sid}`);
    for (const n of upTo(10)) await session.post([a, b, c][n % 3], question(n));
    await ws.opened;
    ws.send('2probe');
    for (const n of upTo(20, 11)) await session.post([a, b, c][n % 3], question(n));
    const poll = session.poll(c);
    assert.equal(await ws.packet(), '3probe');
    for (const n of upTo(25, 21)) await session.post(a, question(n));
    await poll;
    ws.send('5');
    for (const n of upTo(50, 26)) ws.send(question(n));
    const rest = await heardOn(ws, (packets) => session.acks.length + acksOf(packets).length >= 50);
    assert.deepEqual([...session.acks, ...acksOf(rest)], upTo(50));
    assert.deepEqual(codeOf(await b.poll(session.sid)), [400, 3], 'polling is over');
    for (const node of [a, c]) assert.equal((await node.poll(session.sid)).status, 400);
    ws.close();
  });

  it('polls that hang are let go, again and again until the client says 5', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const old = await hang(c, session);
    const ws = await probe(b, session);
    assert.equal((await old.answer).body, '6');
    for (const node of [a, b, c]) assert.equal((await node.poll(session.sid)).body, '6');
    await session.post(a, question(1));
    await session.until([c, a], () => session.acks.length === 1);
    ws.send('5');
    ws.send(question(2));
    assert.deepEqual(acksOf(await heardOn(ws, (packets) => packets.length === 1)), [2]);
    ws.close();
  });

  it('2probe, 5 and an event in one segment', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const socket = net.connect(b.port, '127.0.0.1');
    socket.write(`GET /socket.io/?EIO=4&transport=websocket&sid=${session.sid} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
      + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`);
    let got = '';
    socket.setEncoding('latin1');
    const until = (part) => new Promise((resolve, reject) => {
      const look = () => { if (got.includes(part)) resolve(); };
      socket.on('data', (data) => { got += data; look(); });
      socket.on('close', () => reject(new Error(`closed: ${JSON.stringify(got)}`)));
      look();
    });
    await until('\r\n\r\n');
    assert.match(got, /^HTTP\/1\.1 101 /);
    const frame = (text) => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    socket.write(Buffer.concat(['2probe', '5', ...upTo(3).map(question)].map(frame)));
    await until('433[');
    assert.match(got, /3probe.*431\[.*432\[.*433\[/s);
    socket.removeAllListeners('close');
    socket.destroy();
  });

  it('a binary event of which half was posted elsewhere is whole', async () => {
    const session = await (await Session.open(a)).connect([a]);
    await session.post(c, '451-9["unheard_of",{"_placeholder":true,"num":0}]');
    const ws = await probe(b, session);
    ws.send('5');
    ws.send(Buffer.from([1, 2, 3]));
    const [answer] = await heardOn(ws, (packets) => packets.length === 1);
    assert.equal(JSON.parse(/^439(\[.*\])$/.exec(answer)[1])[0].error.code, 'UNKNOWN_EVENT');
    ws.close();
  });

  it('what waited for a poll comes over the WebSocket', async () => {
    const session = await (await Session.open(a)).connect([a]);
    await session.post(c, ...upTo(30).map(question));
    const ws = await probe(b, session);
    ws.send('5');
    assert.deepEqual(acksOf(await heardOn(ws, (packets) => packets.length === 30)), upTo(30));
    ws.close();
  });

  it('a WebSocket that goes before 5 leaves the session where it was; the next one may try', async () => {
    const session = await (await Session.open(a)).connect([a]);
    for (const node of [b, c]) {
      const ws = await probe(node, session);
      ws.ws.terminate();
      await ws.closed;
      await node.request('GET', 'transport=none');
      await settled(node, session.sid);
    }
    await session.post(b, question(1));
    await session.until([c], () => session.acks.length >= 1);
    const ws = await probe(c, session);
    ws.send('5');
    ws.send(question(2));
    assert.deepEqual(acksOf(await heardOn(ws, (packets) => packets.length === 1)), [2]);
    ws.close();
  });

  it('a first frame that is no probe closes that WebSocket alone', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const ws = b.ws(`EIO=4&transport=websocket&sid=${session.sid}`);
    await ws.opened;
    ws.send(question(1));
    await ws.closed;
    await session.post(b, question(2));
    await session.until([c], () => session.acks.length >= 1);
    assert.deepEqual(session.acks, [2]);
  });

  it('a second WebSocket gets 101 and is closed; the first goes on', async () => {
    const session = await (await Session.open(a)).connect([a]);
    const first = await probe(b, session);
    const second = c.ws(`EIO=4&transport=websocket&sid=${session.sid}`);
    await second.opened;
    await second.closed;
    first.send('5');
    first.send(question(1));
    assert.deepEqual(acksOf(await heardOn(first, (packets) => packets.length === 1)), [1]);
    const third = b.ws(`EIO=4&transport=websocket&sid=${session.sid}`);
    await third.opened;
    await third.closed;
    first.send(question(2));
    assert.deepEqual(acksOf(await heardOn(first, (packets) => packets.length === 1)), [2]);
    first.close();
  });

  it('a viewer stays in the room: events, private answers and the lobby go on, nobody sees it leave', async () => {
    const sale = await house.createSale(saleOf(`moved-${randomBytes(3).toString('hex')}`, { lots: 2, duration: 20000 }));
    const person = await house.join(sale, 'Mover');
    const watcher = await (await Session.open(c)).connect([c]);
    await watcher.post(c, `421["join_auction",{"sale":"${sale.id}"}]`);
    const session = await (await Session.open(a)).connect([a], { token: person.token });
    await session.post(b, `421["join_auction",{"sale":"${sale.id}"}]`);
    await session.until([c, a], () => named(session.heard, 'you').length === 1);
    await watcher.until([c], () => named(watcher.heard, 'lobby_updated').some(({ count }) => count === 2));
    const from = watcher.heard.length;
    const ws = await probe(b, session);
    ws.send('5');
    ws.send(question(5));
    await heardOn(ws, (packets) => acksOf(packets).length === 1);
    await house.command(sale, 'begin');
    const started = await heardOn(ws, (packets) => named(packets, 'lot_started').length === 1);
    const { lot } = named(started, 'lot_started')[0];
    ws.send(`426["place_bid",{"sale":"${sale.id}","lot":"${lot.id}","amount":${lot.ask},"id":"moved-1"}]`);
    const after = await heardOn(ws, (packets) => acksOf(packets).length === 1 && named(packets, 'bid_update').length === 1);
    const seqs = [...session.heard, ...started, ...after].filter((packet) => packet.startsWith('42["'))
      .map((packet) => JSON.parse(packet.slice(2))).filter(([name]) => ['participants_changed', 'auction_started', 'lot_started', 'bid_update'].includes(name)).map(([, { seq }]) => seq);
    assert.deepEqual(seqs, [...seqs].sort((x, y) => x - y));
    assert.equal(new Set(seqs).size, seqs.length);
    await watcher.until([c], () => named(watcher.heard, 'bid_update').length === 1);
    const counts = named(watcher.heard.slice(from), 'lobby_updated').map(({ count }) => count);
    assert.ok(counts.every((count) => count === 2), `the lobby flickered: ${counts}`);
    ws.close();
  });
});

describe('a bid in flight', () => {
  it('is answered where its socket has moved meanwhile', async () => {
    const sale = await house.createSale(saleOf(`flight-${randomBytes(3).toString('hex')}`, { lots: 1, duration: 60000 }));
    const person = await house.join(sale, 'Flyer');
    const session = await (await Session.open(a)).connect([a], { token: person.token });
    await session.post(b, `421["join_auction",{"sale":"${sale.id}"}]`);
    await session.until([c, a], () => named(session.heard, 'you').length === 1);
    await house.command(sale, 'begin');
    await session.until([c, a], () => named(session.heard, 'lot_started').length === 1);
    house.engine.signal('SIGSTOP');
    let ws;
    try {
      await session.post(c, `426["place_bid",{"sale":"${sale.id}","lot":"l1","amount":1000,"id":"in-flight"}]`);
      ws = await probe(b, session);
      ws.send('5');
      ws.send(question(7));
      assert.deepEqual(acksOf(await heardOn(ws, (packets) => acksOf(packets).length === 1)), [7]);
    } finally {
      house.engine.signal('SIGCONT');
    }
    const rest = await heardOn(ws, (packets) => acksOf(packets).length === 1);
    const [answer] = JSON.parse(/^436(.*)$/.exec(rest.at(-1))[1]);
    const [event] = named(rest, 'bid_update');
    assert.ok(answer.ok && answer.seq === event?.seq, `${rest}`); // and not before its event
    ws.close();
  });
});

// ---- the relay's own ----

describe('between the bridges', inCluster, () => {
  async function asBridge(name) {
    const password = readFileSync(path.join(house.credentials, 'bridge.password'), 'utf8').trim();
    return MqttClient.connect(house.brokerPort, { clientId: `${name}-${randomBytes(4).toString('hex')}`, user: 'bridge', password });
  }

  it('what is not signed, is repeated, or is no message at all changes nothing and is counted', async () => {
    const spy = await asBridge('spy');
    const seen = [];
    spy.on('message', (topic, payload) => seen.push({ topic, payload }));
    await spy.subscribe('lotcast/v1/relay/+');
    const session = await (await Session.open(a)).connect([b]);
    await session.post(b, question(1));
    await session.until([b], () => session.acks.length === 1);
    await settled(b, session.sid);
    const toA = `lotcast/v1/relay/${nodeOf(session.sid)}`;
    const asked = seen.filter(({ topic }) => topic === toA);
    assert.ok(asked.length >= 3, `${seen.map(({ topic }) => topic)}`);
    const before = await metric(a.bridge, 'lotcast_relay_forged_total');
    let sent = 0;
    const send = (payload) => {
      sent++;
      return spy.publish(toA, payload);
    };
    for (const { payload } of asked) await spy.publish(toA, payload); // again, as they were: the broker may do that, too
    for (const { payload } of asked) { // with one bit changed, at several places
      for (const at of [1, 8, 40, payload.length >> 1, payload.length - 33, payload.length - 1].filter((place) => place < payload.length)) {
        const changed = Buffer.from(payload);
        changed[at] ^= 1;
        await send(changed);
      }
    }
    for (const size of [0, 1, 31, 32, 33, 200, 250000]) await send(randomBytes(size));
    await session.post(b, question(2));
    await session.until([c], () => session.acks.length === 2);
    assert.deepEqual(session.acks, [1, 2], 'a question that was repeated by a stranger is not asked again');
    await settled(b, session.sid);
    const counted = (await metric(a.bridge, 'lotcast_relay_forged_total')) - before;
    assert.ok(counted >= sent, `${counted} of ${sent} messages`);
    spy.end();
  });

  it('keys may be changed one bridge after the other; one with another key takes no part', () => withCluster(async (other) => {
    const line = () => `${randomBytes(4).toString('hex')} ${randomBytes(32).toString('hex')}\n`;
    const [old, young, strange] = [readFileSync(other.keys, 'utf8'), line(), line()];
    const keyFile = (name, text) => {
      const file = path.join(other.folder, name);
      writeFileSync(file, text, { mode: 0o600 });
      return ['--key-file', file];
    };
    const nodes = [];
    for (const [name, text] of Object.entries({ both: old + young, swapped: young + old, strange })) nodes.push(new Node(await other.addBridge(keyFile(name, text))));
    await other.untilReady();
    const [both, swapped, alone] = nodes;
    for (const [home, edge] of [[both, swapped], [swapped, both]]) {
      const session = await (await Session.open(home)).connect([edge]);
      const ws = await probe(edge, session);
      ws.send('5');
      ws.send(question(1));
      assert.deepEqual(acksOf(await heardOn(ws, (packets) => packets.length === 1)), [1]);
      ws.close();
    }
    for (const [home, edge] of [[both, alone], [alone, both]]) {
      const session = await (await Session.open(home)).connect([home]);
      assert.deepEqual(codeOf(await edge.poll(session.sid)), UNKNOWN);
      await session.post(home, question(1));
      await session.until([home], () => session.acks.length === 1);
    }
  }, { bridges: 0 }));

  it('nothing is left of sessions, polls, bodies and upgrades that ended in every way', () => withCluster(async (other) => {
    const nodes = other.bridges.map((bridge) => new Node(bridge));
    const ways = [
      async (session, node) => session.post(node, '1'),
      async (session, node) => (await hang(node, session)).abort(),
      async (session, node) => {
        const poll = await hang(node, session);
        await session.post(session.home, '1');
        await poll.answer;
      },
      async (session, node) => { // an upgrade that is given up, then a close
        const ws = await probe(node, session);
        ws.ws.terminate();
        await ws.closed;
        await session.post(node, '1');
      },
      async (session, node) => { // one that moves, and closes there
        const ws = await probe(node, session);
        ws.send('5');
        ws.send(question(1));
        await heardOn(ws, (packets) => packets.length === 1);
        ws.close();
        await ws.closed;
      },
      async (session, node) => { // a post that is given up in the middle of its body
        const socket = net.connect(node.port, '127.0.0.1');
        socket.write(`POST /socket.io/?${QUERY}&sid=${session.sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'4'.repeat(50000)}`, () => socket.resetAndDestroy());
        await new Promise((resolve) => { socket.once('close', resolve); });
        await session.post(session.home, '1').catch(() => {}); // it may have ended with its post
      },
    ];
    for (let i = 0; i < 20; i++) {
      await Promise.all(ways.map(async (way, j) => {
        const home = nodes[(i + j) % nodes.length];
        await way(await (await Session.open(home)).connect([home]), nodes[(i + j + 1) % nodes.length]);
      }));
    }
    for (const bridge of other.bridges) {
      const left = async () => {
        const all = await metrics(bridge);
        const sessions = [...all].filter(([name]) => name.startsWith('lotcast_bridge_sessions{')).map(([, count]) => count);
        assert.ok(sessions.length > 0);
        return [...sessions, ...['exchanges_in', 'exchanges_out', 'bodies_bytes'].map((name) => all.get(`lotcast_relay_${name}`))];
      };
      await eventually(async () => (await left()).every((count) => count === 0), 8000).catch(async () => assert.fail(`${bridge.name}: ${await left()}`));
    }
  }));

  it('sessions whose requests all come to their bridge cost no message', () => withCluster(async (other) => {
    const nodes = other.bridges.map((bridge) => new Node(bridge));
    for (const node of nodes) {
      const session = await (await Session.open(node)).connect([node]);
      for (const n of upTo(20)) await session.post(node, question(n));
      await session.until([node], () => session.acks.length >= 20);
      const ws = await probe(node, session);
      ws.send('5');
      ws.send(question(21));
      await heardOn(ws, (packets) => packets.length === 1);
      ws.close();
    }
    const counts = () => Promise.all(['in', 'out'].map((way) => ofAll(other, (bridge) => relayed(bridge, 'messages', way))));
    assert.deepEqual(await counts(), [0, 0]);
    await settled(nodes[0], (await nodes[1].open()).sid);
    assert.ok((await counts()).every((count) => count > 0), 'nothing is counted');
  }, { bridges: 2 }));
});

// ---- births ----

describe('a bridge that has just started', inCluster, () => {
  it('knows the sessions of the others, and they know its own', async () => {
    const session = await (await Session.open(a)).connect([a]);
    for (const n of upTo(3)) {
      const bridge = await house.addBridge();
      const node = new Node(bridge);
      await session.post(node, question(n));
      await session.until([node], () => session.acks.length === n);
      const own = await (await Session.open(node)).connect([b, c]);
      await own.post(c, question(n));
      await own.until([b], () => own.acks.length === 1);
      await bridge.stop();
      house.bridges.pop();
    }
  });
});

// ---- deaths: the last, because they change who is there ----

describe('the bridge that holds a session is gone', inCluster, () => {
  it('killed: the polls that hang elsewhere end with 400 code 1, and so does what comes later', async () => {
    const extra = await house.addBridge(['--rate-burst', '100000']);
    await house.untilReady();
    const node = new Node(extra);
    const session = await (await Session.open(node)).connect([a, b]);
    const poll = await hang(b, session);
    const [ms, answer] = await took(async () => {
      await extra.kill();
      return poll.answer;
    });
    assert.deepEqual(codeOf(answer), UNKNOWN);
    assert.ok(ms < 5000, `after ${ms} ms`);
    for (const other of [a, b, c]) assert.deepEqual(codeOf(await other.poll(session.sid)), UNKNOWN);
    assert.deepEqual(codeOf(await b.post(session.sid, '3')), UNKNOWN);
    house.bridges.splice(house.bridges.indexOf(extra), 1);
  });

  it('stopped for a time: what hangs elsewhere is let go within seconds, and it takes part again when it wakes', async () => {
    const session = await (await Session.open(a)).connect([b]);
    const poll = await hang(b, session);
    a.bridge.signal('SIGSTOP');
    try {
      const [ms, answer] = await took(() => poll.answer);
      assert.equal(answer.status, 400);
      assert.ok(ms < 6000, `after ${ms} ms`);
    } finally {
      a.bridge.signal('SIGCONT');
    }
    const again = await (await Session.open(a)).connect([b, c]);
    await again.post(b, question(1));
    await again.until([c], () => again.acks.length === 1);
  });
});
