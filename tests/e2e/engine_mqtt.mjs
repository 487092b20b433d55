// A small MQTT 3.1.1 client on a bare socket, so that the engine is tested by bytes that no library of ours has made.

import { EventEmitter } from 'node:events';
import net from 'node:net';

const CONNECT = 1, CONNACK = 2, PUBLISH = 3, PUBACK = 4, SUBSCRIBE = 8, SUBACK = 9, PINGREQ = 12, DISCONNECT = 14;

function text(value) {
  const bytes = Buffer.from(value);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

function packet(type, flags, body) {
  const head = [(type << 4) | flags];
  let left = body.length;
  do {
    const digit = left % 128;
    left = Math.floor(left / 128);
    head.push(left > 0 ? digit | 0x80 : digit);
  } while (left > 0);
  return Buffer.concat([Buffer.from(head), body]);
}

export class MqttClient extends EventEmitter {
  #socket;
  #rest = Buffer.alloc(0);
  #nextId = 0;
  #waiting = new Map(); // packet id -> resolve

  // Resolves when the broker has accepted the connection.
  static connect(port, { clientId, user = null, password = null }) {
    const client = new MqttClient();
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      client.#socket = socket;
      socket.on('error', reject);
      socket.on('close', () => client.emit('close'));
      socket.on('connect', () => {
        const flags = 0x02 | (user !== null ? 0x80 : 0) | (password !== null ? 0x40 : 0);
        const parts = [text('MQTT'), Buffer.from([4, flags, 0, 60]), text(clientId)];
        if (user !== null) parts.push(text(user));
        if (password !== null) parts.push(text(password));
        socket.write(packet(CONNECT, 0, Buffer.concat(parts)));
      });
      client.once('connack', (code) => (code === 0 ? resolve(client) : reject(new Error(`CONNACK ${code}`))));
      socket.on('data', (data) => client.#read(data));
      client.pings = setInterval(() => socket.write(packet(PINGREQ, 0, Buffer.alloc(0))), 20000);
      client.pings.unref();
    });
  }

  #read(data) {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, data]) : data;
    let at = 0;
    for (;;) {
      let size = 0, shift = 0, start = at + 1;
      while (start < this.#rest.length && this.#rest[start] & 0x80) {
        size |= (this.#rest[start++] & 0x7f) << shift;
        shift += 7;
      }
      if (start >= this.#rest.length) break;
      size |= this.#rest[start++] << shift;
      if (start + size > this.#rest.length) break;
      this.#take(this.#rest[at], this.#rest.subarray(start, start + size));
      at = start + size;
    }
    this.#rest = this.#rest.subarray(at);
  }

  #take(head, body) {
    const type = head >> 4;
    if (type === CONNACK) {
      this.emit('connack', body[1]);
    } else if (type === PUBACK) {
      this.#done(body.readUInt16BE(0));
    } else if (type === SUBACK) {
      this.#done(body.readUInt16BE(0));
    } else if (type === PUBLISH) {
      const size = body.readUInt16BE(0);
      const topic = body.toString('utf8', 2, 2 + size);
      const qos = (head >> 1) & 3;
      if (qos === 1) this.#socket.write(packet(PUBACK, 0, body.subarray(2 + size, 4 + size)));
      this.emit('message', topic, Buffer.from(body.subarray(2 + size + (qos > 0 ? 2 : 0))), (head & 1) === 1);
    }
  }

  #done(id) {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }

  #send(type, flags, before, after) {
    this.#nextId = (this.#nextId % 65535) + 1;
    const id = Buffer.alloc(2);
    id.writeUInt16BE(this.#nextId);
    const answered = new Promise((resolve) => this.#waiting.set(this.#nextId, resolve));
    this.#socket.write(packet(type, flags, Buffer.concat([before, id, after])));
    return answered;
  }

  subscribe(pattern, qos = 1) {
    return this.#send(SUBSCRIBE, 2, Buffer.alloc(0), Buffer.concat([text(pattern), Buffer.from([qos])]));
  }

  // QoS 1; resolves with the broker's acknowledgement.
  publish(topic, payload, retain = false) {
    return this.#send(PUBLISH, 2 | (retain ? 1 : 0), text(topic), Buffer.from(payload));
  }

  end() {
    clearInterval(this.pings);
    this.#socket.write(packet(DISCONNECT, 0, Buffer.alloc(0)));
    this.#socket.end();
  }

  destroy() {
    clearInterval(this.pings);
    this.#socket.destroy();
  }
}
