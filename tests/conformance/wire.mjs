// Words of the wire that several groups of tests use: error bodies, an upgrade, and WebSocket frames made by hand.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";

export const POLLING = "EIO=4&transport=polling";
export const WEBSOCKET = "EIO=4&transport=websocket";
export const MESSAGES = ["Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version"];

export function isError(response, status, code, message = MESSAGES[code]) {
  assert.equal(response.status, status, response.body);
  assert.equal(response.headers["content-type"], "application/json");
  assert.equal(response.headers["access-control-allow-origin"], "*");
  assert.equal(response.headers["cache-control"], undefined);
  assert.deepEqual(JSON.parse(response.body), { code, message });
}

export function isEmpty(response, status) {
  assert.equal(response.status, status, response.body);
  assert.equal(response.body, "");
}

export const isGone = async (server, sid) => isError(await server.poll(sid), 400, 1);

export async function probe(server, sid) {
  const ws = server.ws(`${WEBSOCKET}&sid=${sid}`);
  await ws.opened;
  ws.send("2probe");
  assert.equal(await ws.packet(), "3probe");
  return ws;
}

export async function upgraded(server, sid) {
  const ws = await probe(server, sid);
  ws.send("5");
  return ws;
}

// A frame of a client, masked; `rsv` is 4 for a compressed message, `length` may lie, `shift` chooses a longer form of the length.
export function frame(opcode, payload = "", { fin = true, rsv = 0, mask = Buffer.from([1, 2, 3, 4]), length, form } = {}) {
  const data = Buffer.from(payload);
  const size = length ?? data.length;
  const kind = form ?? (size < 126 ? 7 : size < 65536 ? 16 : 64);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const bit = mask ? 0x80 : 0;
  if (kind === 7) head.push(bit | size);
  else if (kind === 16) head.push(bit | 126, size >> 8, size & 255);
  else head.push(bit | 127, ...[56n, 48n, 40n, 32n, 24n, 16n, 8n, 0n].map((n) => Number((BigInt(size) >> n) & 255n)));
  const body = mask ? data.map((byte, i) => byte ^ mask[i % 4]) : data;
  return Buffer.concat([Buffer.from(head), mask ?? Buffer.alloc(0), body]);
}

export const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10, CONTINUED = 0;

// A WebSocket whose every byte is the test's.
export class RawSocket {
  static async open(server, query = WEBSOCKET, headers = {}) {
    const raw = new RawSocket();
    raw.socket = net.connect(server.port, "127.0.0.1");
    raw.socket.setNoDelay(true);
    raw.bytes = Buffer.alloc(0);
    raw.ended = false;
    raw.wake = () => {};
    raw.socket.on("error", () => {});
    raw.socket.on("data", (data) => {
      raw.bytes = Buffer.concat([raw.bytes, data]);
      raw.wake();
    });
    raw.socket.on("close", () => {
      raw.ended = true;
      raw.wake();
    });
    const lines = { Host: "x", Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", ...headers };
    raw.send(`GET ${server.path}?${query} HTTP/1.1\r\n${Object.entries(lines).map(([k, v]) => `${k}: ${v}\r\n`).join("")}\r\n`);
    let end;
    while ((end = raw.bytes.indexOf("\r\n\r\n")) < 0 && !raw.ended) await raw.#more();
    raw.head = raw.bytes.subarray(0, Math.max(end, 0)).toString();
    raw.bytes = raw.bytes.subarray(end + 4);
    return raw;
  }

  #more() {
    return new Promise((resolve) => (this.wake = resolve));
  }

  send(bytes) {
    return new Promise((resolve) => (this.socket.destroyed ? resolve() : this.socket.write(bytes, resolve)));
  }

  // The next frame of the server; undefined when the connection has ended.
  async frame() {
    for (;;) {
      const found = this.#take();
      if (found) return found;
      if (this.ended) return undefined;
      await this.#more();
    }
  }

  #take() {
    const bytes = this.bytes;
    if (bytes.length < 2) return undefined;
    const short = bytes[1] & 127;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < head) return undefined;
    const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < head + size) return undefined;
    this.bytes = bytes.subarray(head + size);
    const data = Buffer.from(bytes.subarray(head, head + size));
    return { fin: bytes[0] >> 7 === 1, rsv: (bytes[0] >> 4) & 7, opcode: bytes[0] & 15, masked: bytes[1] >> 7 === 1, data, text: data.toString() };
  }

  // The code of the close frame, 1005 for one without, 1006 when there was none.
  async closeCode() {
    for (;;) {
      const next = await this.frame();
      if (!next) return 1006;
      if (next.opcode === CLOSE) return next.data.length >= 2 ? next.data.readUInt16BE(0) : 1005;
    }
  }

  async end() {
    if (this.ended) return;
    const closed = once(this.socket, "close");
    this.socket.destroy();
    await closed;
  }
}
