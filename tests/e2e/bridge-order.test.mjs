// The bridge against an engine made of paper, which loses, doubles and delays what it says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BridgeWorld, bidder } from './bridge_world.mjs';
import { MqttClient } from './engine_mqtt.mjs';

const EPOCH = 3;

// Publishes what a test tells it and answers as it is told.
class PaperEngine {
  static async connect(port) {
    const engine = new PaperEngine();
    engine.client = await MqttClient.connect(port, { clientId: 'engine-paper' });
    engine.seq = 10;
    engine.commands = [];
    engine.history = new Map(); // seq -> {name, text}
    engine.answers = {
      snapshot: () => ({ ok: true, seq: engine.seq, epoch: EPOCH, snapshot: engine.snapshot() }),
      you: () => ({ ok: true, seq: engine.seq, epoch: EPOCH, you: { seq: engine.seq, epoch: EPOCH, participant: null } }),
      replay: ({ from, limit }) => {
        const all = [...engine.history.entries()].filter(([seq]) => seq >= from).sort((a, b) => a[0] - b[0]);
        return { ok: true, seq: engine.seq, epoch: EPOCH, events: all.slice(0, limit).map(([, e]) => ({ name: e.name, payload: JSON.parse(e.text) })), more: all.length > limit };
      },
      bid: () => ({ ok: true, seq: engine.seq, epoch: EPOCH }),
    };
    engine.client.on('message', (topic, payload) => engine.#take(topic, JSON.parse(payload.toString())));
    await engine.client.subscribe('lotcast/v1/sale/+/cmd/+');
    engine.beat();
    return engine;
  }

  snapshot() {
    const info = { seq: this.seq, epoch: EPOCH, id: 'paper', title: 'Paper', currency: { code: 'EUR', minor_digits: 2 }, phase: 'live', public: true };
    return { seq: this.seq, epoch: EPOCH, live: true, now: Date.now(), info, state: { seq: this.seq, epoch: EPOCH }, lots: [], participants: [], recent_bids: [] };
  }

  #take(topic, command) {
    this.commands.push(command);
    const client = topic.split('/').at(-1);
    const result = this.answers[command.op]?.(command);
    if (result) this.client.publish(`lotcast/v1/reply/${client}`, JSON.stringify({ reply: command.reply, result }));
  }

  beat(online = true) {
    this.client.publish('lotcast/v1/svc/engine/engine-paper',
      JSON.stringify({ program: 'engine', node: 'engine-paper', online, version: '0', since: 1, now: Date.now() }), true);
  }

  // Makes the next event and, unless it is to get lost, publishes it.
  event({ lose = false, name = 'bid_update', epoch = EPOCH, ...more } = {}) {
    const text = JSON.stringify({ seq: ++this.seq, epoch, at: Date.now(), ...more });
    this.history.set(this.seq, { name, text });
    if (!lose) this.publish(this.seq);
    return this.seq;
  }

  publish(seq) {
    const { name, text } = this.history.get(seq);
    this.client.publish(`lotcast/v1/sale/paper/event/${name}`, text);
  }

  tick(seq = this.seq) {
    this.client.publish('lotcast/v1/sale/paper/tick', JSON.stringify({ seq, epoch: EPOCH, lot: 'l1', clock: 'lot', ends_at: 1, now: 1, remaining_ms: 1 }));
  }

  asked(op) {
    return this.commands.filter((command) => command.op === op);
  }
}

let w, engine, bridge;
test.beforeEach(async () => {
  w = await BridgeWorld.create({ engine: false });
  engine = await PaperEngine.connect(w.port);
  bridge = await w.startBridge();
});
test.afterEach(async () => {
  engine.client.destroy();
  await w.end();
});

const seqs = (browser) => browser.heard.filter((e) => e.name === 'bid_update').map((e) => e.payload.seq);
async function enter() {
  const browser = w.browser(bridge, { auth: bidder('paper', 'p1') });
  assert.equal((await browser.join('paper')).ok, true);
  return browser;
}

test('events that come late, twice or in the wrong order are delivered once and in order, without a replay', async () => {
  const ana = await enter();
  const [a, b, c] = [engine.event({ lose: true }), engine.event({ lose: true }), engine.event({ lose: true })];
  for (const seq of [c, b, b, a, c, a]) engine.publish(seq);
  await ana.event('bid_update', (p) => p.seq === c);
  const d = engine.event();
  await ana.event('bid_update', (p) => p.seq === d);
  assert.deepEqual(seqs(ana), [a, b, c, d]);
  assert.equal(engine.asked('replay').length, 0);
});

test('a lost event is asked for after 200 ms, and brought by a replay of many pages', async () => {
  const ana = await enter();
  const first = engine.seq + 1;
  for (let i = 0; i < 1200; i++) engine.event({ lose: true });
  const started = Date.now();
  const last = engine.event();
  await ana.event('bid_update', (p) => p.seq === last);
  assert.ok(Date.now() - started >= 195, `${Date.now() - started} ms`);
  assert.deepEqual(seqs(ana), Array.from({ length: 1201 }, (_, i) => first + i));
  assert.deepEqual(engine.asked('replay').map((r) => r.from), [first, first + 500, first + 1000]);
  const text = (await bridge.http('GET', '/metrics')).text;
  assert.match(text, /lotcast_bridge_gaps_total [1-9]/);
  assert.match(text, /lotcast_bridge_replays_total 3\n/);
});

test('the loss of the last event is seen by the next tick, and a tick from before an event is dropped (F10)', async () => {
  const ana = await enter();
  const lost = engine.event({ lose: true });
  engine.tick();
  await ana.event('bid_update', (p) => p.seq === lost);
  engine.tick(lost - 1);
  engine.tick(lost);
  await ana.event('tick', (p) => p.seq === lost);
  assert.equal(ana.heard.some((e) => e.name === 'tick' && e.payload.seq !== lost), false);
});

test('an acknowledgement waits for its event, at most 250 ms', async () => {
  const ana = await enter();
  engine.answers.bid = () => {
    const seq = engine.event({ lose: true });
    setTimeout(() => engine.publish(seq), 100);
    return { ok: true, seq, epoch: EPOCH };
  };
  const ack = await ana.command('place_bid', 'paper', { lot: 'l1', amount: 1 });
  assert.ok(ana.heard.some((e) => e.name === 'bid_update' && e.payload.seq === ack.seq), 'the ack came first');
  engine.answers.replay = () => null; // and now the event never comes
  engine.answers.bid = () => ({ ok: true, seq: engine.seq + 5, epoch: EPOCH });
  const started = Date.now();
  await ana.command('place_bid', 'paper', { lot: 'l1', amount: 1 });
  assert.ok(Date.now() - started >= 240 && Date.now() - started < 1500, `${Date.now() - started} ms`);
});

test('who joins while events come fast misses none and hears none twice', async () => {
  const hose = setInterval(() => engine.event(), 1);
  // The snapshot is late: events pass while it is under way.
  const make = engine.answers.snapshot;
  engine.answers.snapshot = (command) => {
    const result = make();
    setTimeout(() => engine.client.publish(`lotcast/v1/reply/${bridge.node}`, JSON.stringify({ reply: command.reply, result })), Math.random() * 60);
    return null;
  };
  bridge.node = bridge.log.match(/ready: (\S+)/)[1];
  const browsers = await Promise.all(Array.from({ length: 12 }, async (_, i) => {
    const browser = w.browser(bridge, { auth: bidder('paper', `p${i}`), transports: i % 2 ? ['websocket'] : ['polling'] });
    await browser.connected;
    await new Promise((resolve) => setTimeout(resolve, i * 30));
    assert.equal((await browser.join('paper')).ok, true);
    return browser;
  }));
  clearInterval(hose);
  const last = engine.event();
  for (const browser of browsers) {
    await browser.event('bid_update', (p) => p.seq === last);
    const snapshot = browser.heard.find((e) => e.name === 'auction_snapshot').payload.seq;
    assert.deepEqual(seqs(browser), Array.from({ length: last - snapshot }, (_, i) => snapshot + 1 + i));
  }
});

test('an engine that is silent is a TIMEOUT after two seconds, and one that said goodbye is ENGINE_OFFLINE at once', async () => {
  const ana = await enter();
  engine.answers.bid = () => null;
  const started = Date.now();
  const silent = await ana.command('place_bid', 'paper', { lot: 'l1', amount: 1 });
  assert.equal(silent.error.code, 'TIMEOUT');
  assert.ok(Date.now() - started >= 1990);
  engine.beat(false);
  await ana.event('connection_degraded');
  assert.equal((await ana.command('place_bid', 'paper', { lot: 'l1', amount: 1 })).error.code, 'ENGINE_OFFLINE');
  engine.beat(true);
  await ana.event('connection_restored');
  engine.answers.bid = () => ({ ok: true, seq: engine.seq, epoch: EPOCH });
  assert.equal((await ana.command('place_bid', 'paper', { lot: 'l1', amount: 1 })).ok, true);
});

test('a history that goes on from an older event is shown by a fresh snapshot', async () => {
  const ana = await enter();
  engine.event();
  await ana.event('bid_update');
  engine.seq = 4; // a backup was restored
  const before = ana.heard.length;
  engine.answers.snapshot = () => ({ ok: true, seq: 5, epoch: EPOCH + 1, snapshot: { ...engine.snapshot(), seq: 5, epoch: EPOCH + 1 } });
  engine.event({ name: 'epoch_started', epoch: EPOCH + 1 });
  await ana.event('auction_snapshot', (p) => p.seq === 5, 10000, before);
  const next = engine.event({ epoch: EPOCH + 1 });
  await ana.event('bid_update', (p) => p.seq === next && p.epoch === EPOCH + 1, 10000, before);
});

test('F24: a sale that was deleted while the engine was away is told as deleted', async () => {
  const ana = await enter();
  engine.beat(false);
  await ana.event('connection_degraded');
  engine.answers.snapshot = () => ({ ok: false, error: { code: 'NOT_FOUND', message: '' } });
  engine.beat(true);
  await ana.event('auction_deleted');
  const asked = engine.asked('snapshot').length;
  assert.equal((await ana.ask('sync_time', { t0: 1 })).ok, true);
  assert.equal(engine.asked('snapshot').length, asked);
  const late = w.browser(bridge, { auth: bidder('paper', 'p2') });
  assert.equal((await late.join('paper')).error.code, 'NOT_FOUND');
});

test('private notices reach every socket of their participant, and nobody else', async () => {
  const ana = [await enter(), await enter()];
  const ben = w.browser(bridge, { auth: bidder('paper', 'p2') });
  await ben.join('paper');
  engine.client.publish('lotcast/v1/sale/paper/private/p1', JSON.stringify({ seq: engine.seq, epoch: EPOCH, event: 'outbid', at: 1, lot: 'l1' }));
  for (const browser of ana) await browser.event('outbid');
  const last = engine.event();
  await ben.event('bid_update', (p) => p.seq === last);
  assert.equal(ben.heard.some((e) => e.name === 'outbid'), false);
});

test('messages that are none change nothing', async () => {
  const ana = await enter();
  for (const [topic, text] of [['event/bid_update', 'nonsense'], ['event/bid_update', '{"epoch":1,"seq":99}'], ['event/bid_update', ''], ['event/a b', '{}'],
    ['tick', '{'], ['state', '[]'], ['info', 'x'], ['lots/0', ''], ['lots/999999', '{}'], ['lots/-1', '{}'], ['private/p1', '{"seq":1,"epoch":1}'],
    ['private/p1', '{"seq":1,"epoch":1,"event":"<b>"}']]) engine.client.publish(`lotcast/v1/sale/paper/${topic}`, text);
  for (const text of ['', '{}', '{"reply":"x","result":{}}', '{"reply":1,"result":{}}', 'x'.repeat(1000)]) {
    engine.client.publish(`lotcast/v1/reply/${bridge.log.match(/ready: (\S+)/)[1]}`, text);
    engine.client.publish('lotcast/v1/svc/engine/engine-x', text);
    engine.client.publish('lotcast/v1/svc/bridge/bridge-x', text);
    engine.client.publish('lotcast/v1/svc/bridge/bridge-x/presence/paper', text);
  }
  const next = engine.event();
  await ana.event('bid_update', (p) => p.seq === next);
  assert.deepEqual(seqs(ana), [next]);
  assert.match((await bridge.http('GET', '/metrics')).text, /bad_messages_total [1-9]/);
});
