// What the torture tests share: a whole Lotcast with one live sale, bytes that no decent client would send, and the proof that they did
// no harm: the processes live, an honest watcher was not disturbed, and the sale stands where it stood.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { io } from 'socket.io-client';
import { House, needPrograms, saleOf } from '../e2e/harness.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

// What the promise gives, or `otherwise` when it takes too long.
export function withinMs(milliseconds, promise, otherwise) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(() => resolve(otherwise), milliseconds); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function processFigures(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return {
    rssKib: Number(/VmRSS:\s+(\d+)/.exec(status)[1]),
    cpuMs: (Number(stat[11]) + Number(stat[12])) * 10,
  };
}

export class Torture {
  static async open({ bridgeArgs = ['--rate-per-s', '100000', '--rate-burst', '100000'], lots = 2, sale = 'calm' } = {}) {
    const torture = new Torture();
    torture.house = await House.open({ bridgeArgs });
    try {
      await torture.#begin(sale, lots);
    } catch (error) {
      await torture.house.close({ failed: true }).catch(() => {});
      throw error;
    }
    return torture;
  }

  async #begin(id, lots) {
    const { house } = this;
    this.sale = await house.createSale(saleOf(id, { lots, duration: 3600000 }));
    this.person = await house.join(this.sale, 'Honest Ana');
    await house.command(this.sale, 'begin');
    await this.watch();
  }

  // An honest client that must not notice anything.
  async watch() {
    this.watcher = io(this.house.url, { auth: { token: this.person.token }, transports: ['websocket'], reconnection: false, forceNew: true });
    this.house.sockets.add(this.watcher);
    this.noticed = [];
    this.watcher.on('disconnect', (reason) => this.noticed.push(reason));
    await new Promise((resolve, reject) => { this.watcher.once('connect', resolve).once('connect_error', reject); });
    const answer = await this.watcher.timeout(5000).emitWithAck('join_auction', { sale: this.sale.id });
    assert.equal(answer.ok, true, JSON.stringify(answer));
    await this.house.listen([`lotcast/v1/sale/${this.sale.id}/state`]).then((listener) => listener.until(
      () => listener.messages().some(({ payload }) => JSON.parse(payload).clock === 'lot'), 10000, 'the first lot'));
  }

  get port() { return this.house.bridge.port; }

  get bridge() { return this.house.bridge; }

  figures(program = this.bridge) { return processFigures(program.process.pid); }

  async seq() {
    const answer = await this.house.api('GET', `/api/sales/${this.sale.id}`, { token: this.sale.token });
    assert.equal(answer.status, 200, answer.text);
    return answer.body.seq;
  }

  // Runs the attack; afterwards nothing has changed, and everybody is there.
  async unharmed(what, attack) {
    const before = await this.seq();
    const result = await attack();
    for (const program of this.house.programs.filter(({ command }) => /auction-(svc|bridge)$/.test(command))) {
      assert.ok(program.running, `${what}: ${program.name} has gone\n${program.describe()}`);
      program.checkLog();
    }
    assert.equal(await this.seq(), before, `${what} changed the sale`);
    const t0 = Date.now();
    const answer = await this.watcher.timeout(5000).emitWithAck('sync_time', { t0 });
    assert.equal(answer.t0, t0, what);
    assert.deepEqual(this.noticed, [], `${what}: the honest client was cut off`);
    return result;
  }

  close(failed) { return this.house.close({ failed }); }

  // Sends pieces as they are, one after the other; gives all that came back, and whether the server has ended the connection.
  raw(pieces, { patience = 2000, half = true, port = this.port } = {}) {
    return new Promise((resolve) => {
      let text = '';
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      const finish = (closed) => { clearTimeout(timer); socket.destroy(); resolve({ text, closed }); };
      const timer = setTimeout(() => finish(false), patience);
      socket.setEncoding('latin1');
      socket.on('data', (data) => { text += data; });
      socket.on('error', () => finish(true));
      socket.on('close', () => finish(true));
      socket.on('end', () => finish(true));
      socket.on('connect', () => {
        for (const piece of [pieces].flat()) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
        if (half === 'end') socket.end();
      });
    });
  }

  // A connection that stays: `{socket, text(), closed}`.
  hold(bytes = '', { port = this.port } = {}) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      const held = { socket, data: Buffer.alloc(0) };
      held.closed = new Promise((done) => { socket.once('close', () => done(true)); });
      socket.on('data', (data) => { held.data = Buffer.concat([held.data, data]); socket.emit('more'); });
      socket.on('error', () => {});
      socket.once('error', reject);
      socket.once('connect', () => { if (bytes.length > 0) socket.write(bytes); resolve(held); });
      held.until = (pattern, milliseconds = 5000) => withinMs(milliseconds, new Promise((done) => {
        const look = () => { if (pattern.test(held.data.toString('latin1'))) done(true); };
        socket.on('more', look);
        look();
      }), false);
    });
  }

  // A WebSocket of which only the bytes are ours.
  async webSocket(query = 'EIO=4&transport=websocket', path = '/socket.io/') {
    const key = randomBytes(16).toString('base64');
    const held = await this.hold(`GET ${path}?${query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`
      + `Sec-WebSocket-Key: ${key}\r\n\r\n`);
    assert.ok(await held.until(/^HTTP\/1\.1 101[^]*\r\n\r\n/), `no upgrade: ${held.data.toString('latin1').slice(0, 200)}`);
    return held;
  }

  async handshake() {
    const response = await fetch(`${this.house.url}/socket.io/?EIO=4&transport=polling`);
    const text = await response.text();
    assert.match(text, /^0\{"sid":"/);
    return JSON.parse(text.slice(1)).sid;
  }
}

// One frame as a client sends it; every part can be wrong.
export function frame(payload, { opcode = 1, fin = true, rsv = 0, masked = true, length } = {}) {
  const body = Buffer.from(payload);
  const said = length ?? body.length;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const bit = masked ? 0x80 : 0;
  if (said < 126) {
    head.push(bit | said);
  } else if (said < 65536) {
    head.push(bit | 126, said >> 8, said & 255);
  } else {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(said));
    head.push(bit | 127, ...size);
  }
  if (!masked) return Buffer.concat([Buffer.from(head), body]);
  const mask = randomBytes(4);
  for (let i = 0; i < body.length; i++) body[i] ^= mask[i & 3];
  return Buffer.concat([Buffer.from(head), mask, body]);
}

// The close code of a server's close frame at the end of what was received, or null.
export function closeCode(data) {
  const at = data.lastIndexOf(0x88);
  return at >= 0 && at + 4 <= data.length && data[at + 1] >= 2 ? data.readUInt16BE(at + 2) : null;
}

export const seeded = (seed) => {
  let state = BigInt(seed) * 2n + 1n;
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(below));
  };
};

// One world for the whole file.
export async function tortured(test, options) {
  const torture = await Torture.open(options);
  test.after(() => torture.close(false));
  return torture;
}
