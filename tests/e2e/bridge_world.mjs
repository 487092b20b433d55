// The world of engine_world.mjs with bridges in front: HTTP, tokens, and official Socket.IO clients.

import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { World, within } from './engine_world.mjs';

const BIN = process.env.LOTCAST_BIN ?? 'build/asan/bin';
const SOURCE = process.env.LOTCAST_SOURCE ?? process.cwd();
const require = createRequire(join(SOURCE, 'tests/package.json'));
export const { io } = require('socket.io-client');
export const BUNDLE = join(SOURCE, 'tests/node_modules/socket.io-client/dist');

const SECRET = randomBytes(32);

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

// A token signed as auctionctl signs it; `header` and `secret` let a test forge one.
export function token(claims, { header = { alg: 'HS256', typ: 'JWT', kid: 'k1' }, secret = SECRET } = {}) {
  const body = { sub: 'root', sale: '*', role: 'admin', name: '', exp: Math.floor(Date.now() / 1000) + 3600, ...claims };
  const signed = `${base64url(header)}.${base64url(body)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

export const ADMIN = token({});
export const bidder = (sale, id, more = {}) => token({ sub: id, sale, role: 'bidder', name: id, ...more });

let nextId = 0;
export const commandId = () => `c-${process.pid}-${++nextId}`;

// One Socket.IO client that remembers all it hears.
export class Browser {
  constructor(bridge, { auth, transports = ['polling', 'websocket'], path = '/socket.io/', ...more } = {}) {
    this.heard = []; // {name, payload}
    this.watchers = new Set();
    this.socket = io(bridge.url, { auth: auth ? { token: auth } : undefined, transports, path, forceNew: true, reconnectionDelay: 50, ...more });
    this.socket.onAny((name, payload) => {
      this.heard.push({ name, payload });
      for (const watcher of [...this.watchers]) watcher();
    });
    this.connected = new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', reject);
    });
    this.connected.catch(() => {});
  }

  // The acknowledgement of one event.
  ask(event, argument, ms = 5000) {
    return within(ms, `acknowledgement of ${event}`, new Promise((resolve) => this.socket.emit(event, argument, resolve)));
  }

  command(event, sale, members = {}) {
    return this.ask(event, { sale, id: commandId(), ...members });
  }

  until(what, look, ms = 10000) {
    return within(ms, what, new Promise((resolve) => {
      const watcher = () => {
        const result = look();
        if (result) {
          this.watchers.delete(watcher);
          resolve(result);
        }
      };
      this.watchers.add(watcher);
      watcher();
    }));
  }

  // The first event of a name from index `from` on that passes `test`.
  event(name, test = () => true, ms = 10000, from = 0) {
    return this.until(`event ${name}`, () => this.heard.slice(from).find((e) => e.name === name && test(e.payload))?.payload, ms);
  }

  async join(sale) {
    await within(5000, 'connect', this.connected);
    const from = this.heard.length;
    const ack = await this.ask('join_auction', { sale });
    if (ack.ok) await this.event('auction_snapshot', () => true, 5000, from);
    return ack;
  }

  close() {
    this.socket.close();
  }
}

export class BridgeWorld extends World {
  static async create({ engine = true, broker = true } = {}) {
    const world = Object.assign(Object.create(BridgeWorld.prototype), await World.create());
    writeFileSync(join(world.folder, 'jwt.keys'), `k1 ${SECRET.toString('hex')}\n`);
    chmodSync(join(world.folder, 'jwt.keys'), 0o600);
    world.browsers = [];
    if (!broker) await world.broker.kill();
    if (engine) await world.startEngine();
    return world;
  }

  // `under`: a command that the bridge is started by, like prlimit.
  spawnBridge(args = [], under = []) {
    const all = ['--listen', '127.0.0.1:0', '--broker', `127.0.0.1:${this.port}`, '--user', 'bridge', '--password-file',
      join(this.folder, 'password'), '--key-file', join(this.folder, 'jwt.keys'), ...args];
    // The process class of World gives logged() and kill().
    const [command, ...rest] = [...under, join(BIN, 'auction-bridge'), ...all];
    const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
    const bridge = new this.engineProcess(child);
    this.processes.push(bridge);
    return bridge;
  }

  get engineProcess() {
    return this.broker.constructor;
  }

  // `live`: waits until broker and engine are there.
  async startBridge({ args = [], under = [], live = true } = {}) {
    const bridge = this.spawnBridge(args, under);
    const found = await bridge.logged(/ready.* listening on (http:\/\/\S+)/);
    bridge.url = found[1];
    bridge.http = (method, path, body, options) => http(bridge.url, method, path, body, options);
    if (live) await bridge.logged(/live: /);
    return bridge;
  }

  browser(bridge, options) {
    const browser = new Browser(bridge, options);
    this.browsers.push(browser);
    return browser;
  }

  // A sale made over HTTP with people who joined by an invitation: [{id, token}].
  async sell(bridge, id, { bidders = 2, lots = 2, rules = {}, ...definition } = {}) {
    const list = Array.from({ length: lots }, (_, i) => ({ title: `Lot ${i + 1}`, opening: 1000 }));
    const created = await bridge.http('POST', '/api/sales', {
      id, title: `Sale ${id}`, currency: { code: 'EUR', minor_digits: 2 }, public: true, lots: list, ...definition,
      rules: { lot_duration_ms: 1500, gap_ms: 100, soft_close: { window_ms: 0, amount_ms: 0, type: 'reset', max_extensions: 0 }, ...rules },
    }, { token: ADMIN });
    if (created.status !== 201) throw new Error(`create: ${created.status} ${created.text}`);
    const invite = await bridge.http('POST', `/api/sales/${id}/invites`, { role: 'bidder', uses: 0 }, { token: ADMIN });
    const people = [];
    for (let i = 0; i < bidders; i++) {
      const joined = await bridge.http('POST', `/api/sales/${id}/join`, { invite: invite.json.invite, name: `Person ${i + 1}`, id: commandId() });
      if (joined.status !== 200) throw new Error(`join: ${joined.status} ${joined.text}`);
      people.push({ id: joined.json.participant.id, token: joined.json.token });
    }
    return people;
  }

  async end() {
    for (const browser of this.browsers) browser.close();
    await super.end();
  }
}

export async function http(url, method, path, body, { token: bearer, type, headers = {} } = {}) {
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url + path, {
    method,
    body: body === undefined ? undefined : isText ? body : JSON.stringify(body),
    headers: {
      ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      ...headers,
    },
  });
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, text, json, headers: response.headers };
}
