// A private world for a test: a mosquitto on a free port, engines, and a client that talks as a bridge does.

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttClient } from './engine_mqtt.mjs';

const BIN = process.env.LOTCAST_BIN ?? 'build/asan/bin';

export function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// Rejects after `ms`, so that a missing event fails its test and says what was missing.
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function canConnect(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

async function untilListening(port) {
  while (!(await canConnect(port))) await new Promise((resolve) => setTimeout(resolve, 10));
}

class Process {
  constructor(child) {
    this.child = child;
    this.log = '';
    this.exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
    child.stderr.setEncoding('utf8').on('data', (data) => {
      this.log += data;
      child.emit('line');
    });
  }

  // Resolves when the log (from `from` on) matches.
  logged(pattern, ms = 10000) {
    const found = new Promise((resolve, reject) => {
      const look = () => pattern.test(this.log) && resolve(this.log.match(pattern));
      this.child.on('line', look);
      this.child.on('exit', () => reject(new Error(`ended before it logged ${pattern}: ${this.log}`)));
      look();
    });
    return within(ms, `log line ${pattern} in:\n${this.log}`, found);
  }

  kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    return this.exited;
  }
}

export class World {
  static async create() {
    const world = new World();
    world.folder = mkdtempSync(join(tmpdir(), 'lotcast-engine-'));
    world.data = join(world.folder, 'data');
    world.port = await freePort();
    world.processes = [];
    world.clients = [];
    writeFileSync(
      join(world.folder, 'mosquitto.conf'),
      `listener ${world.port} 127.0.0.1\nallow_anonymous true\nuser root\nset_tcp_nodelay true\n` +
        'max_inflight_messages 100\nmax_queued_messages 100000\nmax_packet_size 262144\npersistence false\n',
    );
    writeFileSync(join(world.folder, 'password'), 'secret\n');
    await world.startBroker();
    return world;
  }

  async startBroker() {
    const child = spawn('mosquitto', ['-c', join(this.folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.broker = new Process(child);
    this.processes.push(this.broker);
    await within(10000, 'the broker listens', untilListening(this.port));
  }

  spawnEngine(args = []) {
    const all = ['--broker', `127.0.0.1:${this.port}`, '--user', 'engine', '--password-file', join(this.folder, 'password'),
      '--data', this.data, ...args];
    const engine = new Process(spawn(join(BIN, 'auction-svc'), all,
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...this.engineEnv } }));
    this.processes.push(engine);
    return engine;
  }

  async startEngine(args = []) {
    this.engine = this.spawnEngine(args);
    await this.engine.logged(/ready/);
    return this.engine;
  }

  async verify(...args) {
    const child = spawn(join(BIN, 'auction-svc'), ['verify', '--data', this.data, ...args]);
    let out = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (out += data));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    return { code, out };
  }

  async bridge(name = 'bridge-test') {
    const bridge = await Bridge.connect(this.port, name);
    this.clients.push(bridge);
    return bridge;
  }

  async end() {
    for (const client of this.clients) client.client.destroy();
    for (const process of this.processes) {
      if (process.child.exitCode === null && process.child.signalCode === null) await process.kill('SIGKILL');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function sha256(value) {
  return createHash('sha256').update(value).digest('hex');
}

// Talks to the engine as a bridge does, and remembers everything that it has heard.
export class Bridge {
  static async connect(port, name) {
    const bridge = new Bridge();
    bridge.name = name;
    bridge.port = port;
    bridge.replies = new Map();
    bridge.messages = []; // {topic, text, retained}
    bridge.events = []; // {sale, name, payload, text}, durable ones
    bridge.watchers = new Set();
    await bridge.reconnect();
    return bridge;
  }

  async reconnect() {
    this.client = await MqttClient.connect(this.port, { clientId: this.name });
    this.client.on('message', (topic, payload, retained) => this.#take(topic, payload.toString(), retained));
    for (const pattern of [`reply/${this.name}`, 'sale/+/info', 'sale/+/state', 'sale/+/lots/+', 'sale/+/participants/+',
      'sale/+/tick', 'sale/+/event/+', 'sale/+/private/+', 'sale/+/board/+', 'svc/engine/+']) {
      await this.client.subscribe(`lotcast/v1/${pattern}`);
    }
  }

  #take(topic, body, retained) {
    const message = { topic: topic.replace('lotcast/v1/', ''), text: body, retained, at: Date.now() };
    if (message.topic.startsWith('reply/')) {
      const reply = JSON.parse(body);
      this.lastReply = { ...message, reply: reply.reply };
      this.replies.get(reply.reply)?.(reply.result);
      this.replies.delete(reply.reply);
    }
    this.messages.push(message);
    const event = message.topic.match(/^sale\/([^/]+)\/event\/(.*)$/);
    if (event && event[2] !== 'next_lot_countdown') {
      this.events.push({ sale: event[1], name: event[2], payload: JSON.parse(body), text: body });
    }
    for (const watcher of [...this.watchers]) watcher();
  }

  // Resolves with the first truthy result of `look`, asked again after each message.
  until(what, look, ms = 10000) {
    const found = new Promise((resolve) => {
      const watcher = () => {
        const result = look();
        if (result) {
          this.watchers.delete(watcher);
          resolve(result);
        }
      };
      this.watchers.add(watcher);
      watcher();
    });
    return within(ms, what, found);
  }

  // The next event of a name with seq above `after`.
  event(sale, name, after = 0, ms = 10000) {
    return this.until(`${name} of ${sale} after ${after}`,
      () => this.events.find((e) => e.sale === sale && e.name === name && e.payload.seq > after)?.payload, ms);
  }

  last(topic) {
    return this.messages.findLast((message) => message.topic === topic);
  }

  // Sends bytes as they are and waits for the reply with `tag`.
  raw(topic, body, tag, ms = 10000) {
    const answered = new Promise((resolve) => this.replies.set(tag, resolve));
    this.client.publish(`lotcast/v1/${topic}`, body);
    return within(ms, `answer to ${body.slice(0, 200)}`, answered);
  }

  command(sale, op, members = {}, { by = null, role = 'admin', id = randomBytes(8).toString('hex'), deadline_at, ms } = {}) {
    const tag = randomBytes(8).toString('hex');
    const envelope = { id, op, by, role, received_at: Date.now(), deadline_at: deadline_at ?? Date.now() + 8000, reply: tag };
    const topic = sale === null ? `svc/cmd/${this.name}` : `sale/${sale}/cmd/${this.name}`;
    return this.raw(topic, JSON.stringify({ ...members, ...envelope }), tag, ms);
  }

  async must(sale, op, members = {}, options = {}) {
    const result = await this.command(sale, op, members, options);
    if (!result.ok) throw new Error(`${op} refused: ${JSON.stringify(result)}`);
    return result;
  }

  // A sale with `bidders` participants, in the lobby.
  async sale(id, { bidders = 2, lots = 1, rules = {}, ...definition } = {}) {
    const list = typeof lots === 'number'
      ? Array.from({ length: lots }, (_, i) => ({ title: `Lot ${i + 1}`, opening: 1000 }))
      : lots;
    await this.must(null, 'create', {
      sale: {
        id, title: `Sale ${id}`, currency: { code: 'EUR', minor_digits: 2 }, lots: list, ...definition,
        rules: { lot_duration_ms: 1500, gap_ms: 100, soft_close: { window_ms: 0, amount_ms: 0, type: 'reset', max_extensions: 0 }, ...rules },
      },
    });
    await this.must(id, 'create_invite', { invite_hash: sha256(`${id}-invite`), invite_role: 'bidder', uses: 0, expires_at: null });
    const people = [];
    for (let i = 0; i < bidders; i++) {
      const joined = await this.must(id, 'join', { invite_hash: sha256(`${id}-invite`), name: `Person ${i + 1}` }, { role: null });
      people.push(joined.participant.id);
    }
    return people;
  }

  bid(sale, by, lot, amount, options = {}) {
    return this.command(sale, 'bid', { lot, amount }, { by, role: 'bidder', ...options });
  }
}

// seq without a gap from 1, epoch never falling, both first in the payload.
export function checkEvents(events, assert) {
  let seq = 0, epoch = 0;
  for (const event of events) {
    if (event.payload.seq <= seq) continue; // sent again after a lost connection: receivers drop it
    assert.equal(event.payload.seq, seq + 1, `gap before ${event.text}`);
    assert.match(event.text, /^\{"seq":\d+,"epoch":\d+,"at":\d+/);
    assert.ok(event.payload.epoch >= epoch);
    seq = event.payload.seq;
    epoch = event.payload.epoch;
  }
  return seq;
}
