// What the wire tests share: the server under test, HTTP requests as raw as a test wants them, WebSockets whose messages
// can be awaited one by one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { createInterface } from "node:readline";
import WebSocket from "ws";

const bin = process.env.LOTCAST_BIN ?? "build/asan/bin";
const RS = "\x1e";

export class Server {
  static async start(profile, ...args) {
    const server = new Server();
    server.path = profile === "engineio" ? "/engine.io/" : "/socket.io/";
    server.child = spawn(`${bin}/conformance_server`, ["--profile", profile, "--port", "0", ...args], {
      stdio: ["ignore", "inherit", "pipe"],
    });
    server.log = [];
    const lines = createInterface({ input: server.child.stderr });
    server.port = await new Promise((resolve, reject) => {
      lines.on("line", (line) => {
        server.log.push(line);
        const ready = /ready, listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
        if (ready) resolve(Number(ready[1]));
      });
      server.child.once("exit", (code) => reject(new Error(`server ended with ${code}: ${server.log.join("\n")}`)));
    });
    server.url = `http://127.0.0.1:${server.port}`;
    return server;
  }

  // Ends it as an operator would; sanitizers report leaks by the exit code.
  async stop() {
    const ended = this.child.exitCode !== null ? [this.child.exitCode] : once(this.child, "exit");
    this.child.kill("SIGTERM");
    const [code] = await ended;
    if (code !== 0) throw new Error(`server ended with ${code}: ${this.log.slice(-40).join("\n")}`);
  }

  // One HTTP exchange on a connection of its own, unless an agent is given.
  request(method, target, { headers = {}, body, agent = false } = {}) {
    const path = target.startsWith("/") ? target : `${this.path}?${target}`;
    return new Promise((resolve, reject) => {
      const request = http.request({ host: "127.0.0.1", port: this.port, method, path, headers, agent }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
        response.on("error", reject);
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  // A GET that the test may abort.
  hangingGet(target) {
    const request = http.get({ host: "127.0.0.1", port: this.port, path: `${this.path}?${target}`, agent: false });
    request.on("error", () => {});
    return request;
  }

  async open(query = "EIO=4&transport=polling") {
    const response = await this.request("GET", query);
    if (response.status !== 200) throw new Error(`handshake: ${response.status} ${response.body}`);
    return JSON.parse(response.body.slice(1));
  }

  poll(sid) {
    return this.request("GET", `EIO=4&transport=polling&sid=${sid}`);
  }

  post(sid, body, headers = {}) {
    return this.request("POST", `EIO=4&transport=polling&sid=${sid}`, {
      body,
      headers: { "Content-Type": "text/plain;charset=UTF-8", ...headers },
    });
  }

  ws(query = "EIO=4&transport=websocket", options = {}) {
    return new Socket(new WebSocket(`ws://127.0.0.1:${this.port}${this.path}?${query}`, options));
  }

  // The bytes of a TCP connection: what is sent, then what came until the server closed or `until` matched.
  raw(parts, { until, pause = 0 } = {}) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.port, "127.0.0.1");
      socket.setNoDelay(true);
      let text = "";
      const done = () => {
        socket.destroy();
        resolve(text);
      };
      socket.on("data", (data) => {
        text += data.toString("latin1");
        if (until && until.test(text)) done();
      });
      socket.on("close", done);
      socket.on("error", reject);
      (async () => {
        for (const part of parts) {
          if (socket.destroyed) return;
          await new Promise((written) => socket.write(part, written));
          await new Promise((next) => (pause > 0 ? setTimeout(next, pause) : setImmediate(next)));
        }
      })();
    });
  }
}

export class Socket {
  constructor(ws) {
    this.ws = ws;
    this.inbox = [];
    this.waiting = [];
    ws.binaryType = "nodebuffer";
    ws.on("message", (data, binary) => this.#put(binary ? data : data.toString()));
    this.opened = new Promise((resolve, reject) => {
      ws.once("open", resolve);
      ws.once("error", reject);
    });
    this.opened.catch(() => {});
    this.refused = new Promise((resolve) =>
      ws.once("unexpected-response", (_request, response) => {
        let body = "";
        response.on("data", (chunk) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
      }),
    );
    this.closed = new Promise((resolve) =>
      ws.once("close", (code) => {
        this.#put(undefined);
        resolve(code);
      }),
    );
  }

  #put(message) {
    const taker = this.waiting.shift();
    if (taker) taker(message);
    else this.inbox.push(message);
  }

  // The next message; undefined when the connection is closed.
  next() {
    if (this.inbox.length > 0) return Promise.resolve(this.inbox.shift());
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  // The next message that is no ping.
  async packet() {
    let message = await this.next();
    while (message === "2") message = await this.next();
    return message;
  }

  send(data) {
    this.ws.send(data);
  }

  close() {
    this.ws.close();
  }
}

export const packets = (body) => body.split(RS);
export { RS };

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks until the answer is right: for what another party does in its own time.
export async function eventually(check, ms = 3000) {
  const end = Date.now() + ms;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${check}`);
    await sleep(10);
  }
}
