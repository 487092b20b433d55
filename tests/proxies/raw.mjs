// Polling by hand, over HTTP/1.1 or HTTP/2, so that a test decides how each request looks on the wire.
import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";

const RS = "\x1e";

// How requests are sent: ask(method, path, headers, chunks) gives { status, headers, body }, the body as bytes.
export class Http1 {
  constructor(url) {
    const secure = url.startsWith("https");
    this.url = url;
    this.module = secure ? https : http;
    this.agent = new this.module.Agent({ keepAlive: true, rejectUnauthorized: false });
  }

  ask(method, path, headers = {}, chunks = []) {
    return new Promise((resolve, reject) => {
      const request = this.module.request(`${this.url}${path}`, { method, headers, agent: this.agent }, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
        response.on("error", reject);
      });
      request.on("error", reject);
      const send = async () => {
        for (const chunk of chunks) {
          request.write(chunk);
          await new Promise((next) => setTimeout(next, 2)); // so that each is a segment, and a chunk, of its own
        }
        request.end();
      };
      if (headers.Expect) request.once("continue", send);
      else send();
    });
  }

  end() {
    this.agent.destroy();
  }
}

export class Http2 {
  constructor(url) {
    this.host = new URL(url).host;
    this.session = http2.connect(url, { rejectUnauthorized: false });
    this.session.on("error", () => {});
  }

  ask(method, path, headers = {}, chunks = []) {
    return new Promise((resolve, reject) => {
      const stream = this.session.request({ ":method": method, ":path": path, ...headers }, { endStream: chunks.length === 0 });
      const parts = [];
      let head;
      stream.on("response", (got) => (head = got));
      stream.on("data", (part) => parts.push(part));
      stream.on("end", () => resolve({ status: head?.[":status"], headers: head, body: Buffer.concat(parts) }));
      stream.on("error", reject);
      for (const chunk of chunks) stream.write(chunk);
      if (chunks.length > 0) stream.end();
    });
  }

  end() {
    this.session.destroy();
  }
}

// One session of polling whose packets are told to `hear` in order.
export class Poller {
  constructor(wire, path = "/socket.io/") {
    Object.assign(this, { wire, path, heard: [], polls: 0 });
  }

  #target(more = "") {
    return `${this.path}?EIO=4&transport=polling${more}`;
  }

  async open(headers = {}) {
    const { status, body } = await this.wire.ask("GET", this.#target(), headers);
    assert.equal(status, 200, body.toString());
    Object.assign(this, JSON.parse(body.toString().slice(1)));
    await this.post(["40"]);
    await this.until((packets) => packets.some((packet) => packet.startsWith("40")));
    return this;
  }

  async post(packets, headers = {}, chunks = [packets.join(RS)]) {
    const answer = await this.wire.ask("POST", this.#target(`&sid=${this.sid}`), { "Content-Type": "text/plain;charset=UTF-8", ...headers }, chunks);
    assert.deepEqual([answer.status, answer.body.toString()], [200, "ok"]);
  }

  // One GET; pings are answered, everything else is kept.
  async poll(headers = {}) {
    const answer = await this.wire.ask("GET", this.#target(`&sid=${this.sid}`), headers);
    assert.equal(answer.status, 200, answer.body.toString());
    this.polls++;
    for (const packet of (this.decode?.(answer) ?? answer.body.toString()).split(RS)) {
      if (packet === "2") await this.post(["3"]);
      else if (packet !== "6") this.heard.push(packet);
    }
    return answer;
  }

  async until(check, headers) {
    while (!check(this.heard)) await this.poll(headers);
  }

  // The numbers that came back so far.
  get numbers() {
    return this.heard.flatMap((packet) => (packet.startsWith('42["message-back",') ? [JSON.parse(packet.slice(2))[1]] : []));
  }

  close() {
    return this.post(["1"]);
  }
}
