// A whole Lotcast of one test's own: broker, engine and bridges in a temporary folder on free ports, started, killed and stopped as the
// test says. Nothing waits by sleeping: readiness is a log line or an answer, and everything else is an event.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const BIN = process.env.LOTCAST_BIN;
export const SOURCE = process.env.LOTCAST_SOURCE;
assert.ok(BIN && SOURCE, 'run this by ctest, or set LOTCAST_BIN and LOTCAST_SOURCE');

const SANITIZER = /ERROR: \w+Sanitizer|SUMMARY: \w+Sanitizer|runtime error:|assertion .* failed|Assertion .* failed/;

// Skips the whole file (ctest: 77) when a program is not built, so that a part can be tested before the others exist.
export function needPrograms(...names) {
  const missing = names.filter((name) => !existsSync(path.join(BIN, name)));
  if (missing.length > 0) {
    console.log(`skipped: not built: ${missing.join(', ')}`);
    process.exit(77);
  }
}

// ---- ports ----

// Below the range from which the kernel gives out ports by itself, so that a port stays free while its program is down.
export async function freePort() {
  const lowest = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
  for (let tries = 0; tries < 1000; tries++) {
    const port = 10000 + (randomBytes(4).readUInt32LE() % Math.max(1000, lowest - 10000));
    const free = await new Promise((resolve) => {
      const server = net.createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error('no free port');
}

// Asks the port until it answers: the one place where there is nothing better than asking again.
export async function portAnswers(port, milliseconds = 10000) {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const answered = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => resolve(false));
    });
    if (answered) return;
    assert.ok(performance.now() < deadline, `port ${port} does not answer`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}

// ---- waiting for events ----

// Resolves when `condition()` is truthy; looks again at each call of `look`. Subclasses call look() whenever something has happened.
export class Awaitable {
  #waiters = new Set();

  look() {
    for (const waiter of [...this.#waiters]) waiter();
  }

  until(condition, milliseconds, what = String(condition)) {
    return new Promise((resolve, reject) => {
      const finish = (act, value) => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        act(value);
      };
      const check = () => {
        try {
          const value = condition();
          if (value) finish(resolve, value);
        } catch (error) {
          finish(reject, error);
        }
      };
      const late = new Error(`nothing for ${milliseconds} ms: ${what}`);
      const timer = setTimeout(() => {
        if (this.describe) late.message += `\n${this.describe()}`;
        finish(reject, late);
      }, milliseconds);
      this.#waiters.add(check);
      check();
    });
  }
}

// ---- processes ----

// A test that ends in an unforeseen way leaves nothing running.
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export class Program extends Awaitable {
  constructor(house, name, command, args, { ready, env } = {}) {
    super();
    Object.assign(this, { house, name, command, args, readyPattern: ready, env });
    this.lines = [];
    this.starts = 0;
    this.process = null;
    this.log = createWriteStream(path.join(house.folder, `${name}.log`), { flags: 'a' });
  }

  describe() {
    return `last lines of ${this.name}:\n  ${this.lines.slice(-15).join('\n  ')}`;
  }

  get running() { return this.process !== null; }

  async start() {
    assert.equal(this.process, null, `${this.name} runs already`);
    this.starts++;
    const from = this.lines.length;
    const child = spawn(this.command, this.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ASAN_OPTIONS: 'abort_on_error=0:detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1', ...this.env },
    });
    this.process = child;
    children.add(child);
    const kept = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (data) => {
        this.log.write(data);
        const lines = (kept[stream] + data).split('\n');
        kept[stream] = lines.pop();
        this.lines.push(...lines);
        this.look();
      });
    }
    child.once('error', (error) => { this.lines.push(`cannot start: ${error.message}`); this.look(); });
    this.exit = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.lines.push(...Object.values(kept).filter((rest) => rest !== ''));
        children.delete(child);
        if (this.process === child) this.process = null;
        this.last = { code, signal };
        resolve(this.last);
        this.look();
      });
    });
    if (this.readyPattern) {
      await this.until(() => {
        assert.ok(this.process === child, `${this.name} ended at its start\n${this.describe()}`);
        return this.lines.slice(from).find((line) => this.readyPattern.test(line));
      }, 20000, `${this.name} to be ready`);
    }
    return this;
  }

  // Resolves with the first line from now on (or from line `from`) that matches.
  line(pattern, milliseconds = 10000, from = this.lines.length) {
    return this.until(() => this.lines.slice(from).find((line) => pattern.test(line)), milliseconds, `${this.name} to say ${pattern}`);
  }

  signal(name) {
    assert.ok(this.process, `${this.name} does not run`);
    this.process.kill(name);
  }

  async kill() {
    this.signal('SIGKILL');
    await this.exit;
  }

  // Ends it as an operator would; anything but exit code 0 is an error.
  async stop() {
    if (!this.process) return;
    const { exit } = this;
    this.signal('SIGTERM');
    const child = this.process;
    const timer = setTimeout(() => child.kill('SIGKILL'), 15000);
    const { code, signal } = await exit;
    clearTimeout(timer);
    assert.equal(code, 0, `${this.name} ended with ${code ?? signal}\n${this.describe()}`);
  }

  // Share of one processor that it uses while `milliseconds` pass: what is idle must not turn in circles.
  async load(milliseconds) {
    const used = () => { // utime and stime, in ticks of 10 ms
      const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    };
    const [before, from] = [used(), performance.now()];
    await new Promise((resolve) => { setTimeout(resolve, milliseconds); });
    return (used() - before) / (performance.now() - from);
  }

  checkLog() {
    const bad = this.lines.findIndex((line) => SANITIZER.test(line));
    assert.equal(bad, -1, `${this.name}:\n${this.lines.slice(Math.max(0, bad - 2), bad + 40).join('\n')}`);
  }
}

// ---- the house ----

export class House {
  static async open({ bridges = 1, bridgeArgs = [], engine = true } = {}) {
    const house = new House();
    house.folder = mkdtempSync(path.join(os.tmpdir(), 'lotcast-e2e-'));
    house.programs = [];
    house.sockets = new Set();
    try {
      await house.#begin(bridges, bridgeArgs, engine);
    } catch (error) {
      await house.close({ failed: true }).catch(() => {});
      throw error;
    }
    return house;
  }

  async #begin(bridges, bridgeArgs, engine) {
    this.credentials = path.join(this.folder, 'credentials');
    this.data = path.join(this.folder, 'ledger');
    mkdirSync(this.data);
    mkdirSync(path.join(this.folder, 'broker'));
    this.#run(path.join(SOURCE, 'broker-config', 'make-credentials'), [this.credentials]);
    this.keys = path.join(this.credentials, 'jwt.keys');
    this.brokerPort = await freePort();
    const config = this.#run(path.join(SOURCE, 'broker-config', 'render'), ['127.0.0.1', String(this.brokerPort),
      path.join(this.credentials, 'mosquitto.passwd'), path.join(SOURCE, 'broker-config', 'lotcast.acl'), path.join(this.folder, 'broker')]);
    const configFile = path.join(this.folder, 'mosquitto.conf');
    writeFileSync(configFile, config);
    this.broker = this.program('mosquitto', findMosquitto(), ['-c', configFile]);
    await this.startBroker();
    this.engine = this.program('engine', path.join(BIN, 'auction-svc'),
      ['--broker', `127.0.0.1:${this.brokerPort}`, '--user', 'engine', '--password-file', path.join(this.credentials, 'engine.password'),
        '--data', this.data], { ready: /\bready\b/ });
    if (engine) await this.engine.start();
    this.bridges = [];
    for (let i = 0; i < bridges; i++) await this.addBridge(bridgeArgs);
    if (engine) await this.untilReady();
  }

  #run(command, args) {
    const done = spawnSync(command, args, { encoding: 'utf8' });
    assert.equal(done.status, 0, `${command}: ${done.stderr}${done.error ?? ''}`);
    return done.stdout;
  }

  program(name, command, args, options) {
    const program = new Program(this, name, command, args, options);
    this.programs.push(program);
    return program;
  }

  async startBroker() {
    await this.broker.start();
    await portAnswers(this.brokerPort);
  }

  async addBridge(more = []) {
    const port = await freePort();
    const number = this.bridges.length + 1;
    const bridge = this.program(`bridge-${number}`, path.join(BIN, 'auction-bridge'),
      ['--listen', `127.0.0.1:${port}`, '--broker', `127.0.0.1:${this.brokerPort}`, '--user', 'bridge',
        '--password-file', path.join(this.credentials, 'bridge.password'), '--key-file', this.keys, '--drain-ms', '0', ...more], { ready: /\bready\b/ });
    bridge.port = port;
    bridge.url = `http://127.0.0.1:${port}`;
    this.bridges.push(bridge);
    await bridge.start();
    return bridge;
  }

  get bridge() { return this.bridges[0]; }

  get url() { return this.bridge.url; }

  // Every bridge has heard of the broker and of the engine (F2: by real round trips).
  async untilReady(milliseconds = 15000) {
    const deadline = performance.now() + milliseconds;
    for (const bridge of this.bridges) {
      for (;;) {
        const answer = await fetch(`${bridge.url}/readyz`).then(async (response) => [response.status, await response.text()], (error) => [0, error.message]);
        if (answer[0] === 200) break;
        assert.ok(performance.now() < deadline, `${bridge.name} is not ready: ${answer.join(' ')}\n${bridge.describe()}\n${this.engine.describe()}`);
        await new Promise((resolve) => { setTimeout(resolve, 20); });
      }
    }
  }

  // ---- as operator ----

  // Runs auctionctl; `{code, out, err}`.
  ctl(...args) {
    return this.ctlPlain('--key-file', this.keys, ...args);
  }

  // The same without the key.
  ctlPlain(...args) {
    return new Promise((resolve) => {
      const child = spawn(path.join(BIN, 'auctionctl'), ['--url', this.url, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (data) => { out += data; });
      child.stderr.setEncoding('utf8').on('data', (data) => { err += data; });
      child.once('close', (code) => {
        if (SANITIZER.test(err)) code = `sanitizer: ${err}`;
        resolve({ code, out, err });
      });
    });
  }

  async ctlDone(...args) {
    const done = await this.ctl(...args);
    assert.equal(done.code, 0, `auctionctl ${args.join(' ')}: ${done.err}${done.out}`);
    return done.out;
  }

  async token(role, sale = '*', more = []) {
    const done = spawnSync(path.join(BIN, 'auctionctl'), ['--key-file', this.keys, 'token', '--role', role, '--sale', sale, ...more], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout.trim();
  }

  // One HTTP request: `{status, body, text}`.
  async api(method, route, { token, body, bridge = this.bridge, type = 'application/json' } = {}) {
    const headers = {};
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = type;
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${bridge.url}${route}`, { method, headers, body: payload, signal: AbortSignal.timeout(15000) });
    const text = await response.text();
    let json = null;
    try { json = JSON.parse(text); } catch { /* CSV, or not an answer of ours: the caller looks */ }
    return { status: response.status, body: json, text };
  }

  async apiOk(method, route, options) {
    const answer = await this.api(method, route, options);
    assert.ok(answer.status >= 200 && answer.status < 300, `${method} ${route}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  // Creates a sale of `definition` (see saleOf) and gives an admin's token and an invite for it.
  async createSale(definition) {
    const token = await this.token('admin');
    await this.apiOk('POST', '/api/sales', { token, body: definition });
    const { invite } = await this.apiOk('POST', `/api/sales/${definition.id}/invites`, { token, body: { role: 'bidder', uses: 0 } });
    return { id: definition.id, token, invite };
  }

  // A participant as the web pages make one: `{token, participant, role}`.
  join(sale, name, bridge = this.bridge) {
    return this.apiOk('POST', `/api/sales/${sale.id}/join`, { bridge, body: { invite: sale.invite, name, id: `join-${randomBytes(8).toString('hex')}` } });
  }

  command(sale, op, more = {}) {
    return this.apiOk('POST', `/api/sales/${sale.id}/commands`, { token: sale.token, body: { op, id: `${op}-${randomBytes(8).toString('hex')}`, ...more } });
  }

  async results(sale) {
    const body = await this.apiOk('GET', `/api/sales/${sale.id}/results.json`, { token: sale.token });
    return body.results ?? body;
  }

  // Every durable event of the sale as the ledger has it: `[{name, payload}]`, asked for in pages.
  async events(sale) {
    const all = [];
    for (;;) {
      const page = await this.apiOk('GET', `/api/sales/${sale.id}/events?from=${all.length + 1}&limit=500`, { token: sale.token });
      all.push(...page.events);
      if (!page.more) break;
      assert.ok(page.events.length > 0, 'an empty page that promises more');
    }
    all.forEach(({ name, payload }, i) => assert.equal(payload.seq, i + 1, `${name} has the wrong place in the replay`));
    return all;
  }

  // Plays with `auctionctl bots` until the sale is over; gives its report.
  startBots(sale, { bidders = 8, transport = 'mixed', seed = 1, url = this.url, more = [] } = {}) {
    const file = path.join(this.folder, `report-${randomBytes(4).toString('hex')}.json`);
    const bots = this.program(`bots-${this.programs.length}`, path.join(BIN, 'auctionctl'),
      ['--url', url, 'bots', '--sale', sale.id, '--invite', sale.invite, '--bidders', String(bidders), '--transport', transport,
        '--seed', String(seed), '--report', file, ...more]);
    bots.report = () => JSON.parse(readFileSync(file, 'utf8'));
    bots.finish = async () => {
      const { code } = await bots.exit;
      assert.equal(code, 0, bots.describe());
      return bots.report();
    };
    return bots.start();
  }

  // ---- MQTT as devices see it ----

  async listen(topics = ['lotcast/v1/#'], user = 'device') {
    const password = readFileSync(path.join(this.credentials, `${user}.password`), 'utf8').trim();
    const listener = this.program(`mosquitto_sub-${this.programs.length}`, 'stdbuf',
      ['-oL', 'mosquitto_sub', '-h', '127.0.0.1', '-p', String(this.brokerPort), '-u', user, '-P', password, '-q', '1', '-d', '-F', '%t %r %p',
        ...topics.flatMap((topic) => ['-t', topic])], { ready: /^Subscribed/ });
    // `-d` tells when the subscription stands, and mixes its own lines in: messages begin with our prefix.
    listener.messages = () => listener.lines.filter((line) => line.startsWith('lotcast/')).map((line) => {
      const [, topic, retained, payload] = /^(\S+) (\d) (.*)$/.exec(line);
      return { topic, retained: retained === '1', payload };
    });
    return listener.start();
  }

  async board(saleId, more = []) {
    const board = this.program(`board-${this.programs.length}`, path.join(BIN, 'auction-board'),
      ['--broker', `127.0.0.1:${this.brokerPort}`, '--user', 'device', '--password-file', path.join(this.credentials, 'device.password'),
        '--sale', saleId, '--plain', ...more]);
    return board.start();
  }

  // The engine's own check of its ledger; the engine must be stopped.
  verify(saleId) {
    const done = spawnSync(path.join(BIN, 'auctionctl'), ['verify', '--data', this.data, ...(saleId ? ['--sale', saleId] : [])], { encoding: 'utf8' });
    assert.equal(done.status, 0, `verify: ${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  // ---- the end ----

  // Stops everything that still runs, last started first; fails on an unclean exit or a sanitizer's word in any log.
  async close({ failed = false } = {}) {
    const errors = [];
    for (const socket of this.sockets) socket.disconnect();
    for (const program of [...this.programs].reverse()) {
      try {
        if (program.running) program.process.kill('SIGCONT');
        if (program.name.startsWith('mosquitto_sub')) {
          if (program.running) await program.kill();
        } else {
          await program.stop();
        }
        program.checkLog();
      } catch (error) {
        errors.push(error);
      }
      program.log.end();
    }
    if (errors.length === 0 && !failed && !process.env.LOTCAST_KEEP) rmSync(this.folder, { recursive: true, force: true });
    else console.error(`logs are kept in ${this.folder}`);
    if (errors.length > 0) throw errors[0];
  }
}

function findMosquitto() {
  return ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto'].find(existsSync) ?? 'mosquitto';
}

// A sale definition with short lots; `rules` and the rest replace members.
export function saleOf(id, { lots = 4, opening = 1000, duration = 1500, gap = 150, step = 100, roster, rules = {}, ...rest } = {}) {
  return {
    id,
    title: `Sale ${id}`,
    currency: { code: 'EUR', minor_digits: 2 },
    public: true,
    visibility: 'names',
    rules: {
      lot_duration_ms: duration, gap_ms: gap,
      soft_close: { window_ms: 300, amount_ms: 300, type: 'reset', max_extensions: 0 },
      unsold_rounds: 1, strict: false, sanity_factor: 0, increments: { kind: 'flat', step, align: false },
      outage_threshold_ms: 2000, outage_extension_ms: 0, ...rules,
    },
    ...(roster ? { roster } : {}),
    lots: Array.from({ length: lots }, (_, i) => ({ id: `l${i + 1}`, no: i + 1, title: `Lot ${i + 1}`, opening })),
    ...rest,
  };
}
