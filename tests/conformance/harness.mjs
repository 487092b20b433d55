// What the wire tests share: the server under test, HTTP requests as raw as a test wants them, WebSockets whose messages
// can be awaited one by one. With TARGET=reference the server is Node's, which proves the tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { createInterface } from "node:readline";
import { it as nodeIt } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { differences } from "./differences.mjs";

export const isReference = process.env.TARGET === "reference";
const bin = process.env.LOTCAST_BIN ?? "build/asan/bin";
const command = isReference
  ? [process.execPath, fileURLToPath(new URL("reference_server.mjs", import.meta.url))]
  : [`${bin}/conformance_server`];
const RS = "\x1e";

// A test of what our server does. Where the reference differs on purpose, the test must fail on it: a difference that is gone has to
// leave the table.
export function it(name, ...rest) {
  const run = rest.pop();
  const options = { timeout: 30000, ...rest[0] };
  const known = isReference && differences.find(({ test }) => (typeof test === "string" ? test === name : test.test(name)));
  if (!known) return nodeIt(name, options, run);
  return nodeIt(`${name} [the reference: ${known.reference}]`, options, async (context) => {
    const late = new Promise((resolve) => setTimeout(resolve, 2500, "late").unref());
    const outcome = await Promise.race([Promise.resolve(run(context)).then(() => "passed", () => "failed"), late]);
    if (outcome === "passed") throw new Error("the reference passes: strike it from differences.mjs");
  });
}

const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

export class Server {
  static async start(profile, ...args) {
    const server = new Server();
    server.path = profile.startsWith("engineio") ? "/engine.io/" : "/socket.io/";
    const port = args.includes("--port") || args.includes("--default-port") ? [] : ["--port", "0"];
    const rest = args.filter((arg) => arg !== "--default-port");
    server.child = spawn(command[0], [...command.slice(1), "--profile", profile, ...port, ...rest], {
      stdio: ["ignore", "inherit", "pipe"],
    });
    children.add(server.child);
    server.child.once("exit", () => children.delete(server.child));
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
    server.child.unref(); // a test that fails before its stop() must not hold the run
    server.child.stderr.unref();
    return server;
  }

  // Ends it as an operator would; sanitizers report leaks by the exit code.
  async stop() {
    this.child.ref();
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

  // A GET of which the server knows when this returns: it was sent, and another request was answered after it. The test may abort it,
  // or await its `answer`.
  async hang(sid, query = "EIO=4&transport=polling") {
    const request = http.get({ host: "127.0.0.1", port: this.port, path: `${this.path}?${query}&sid=${sid}`, agent: false });
    const answer = new Promise((resolve, reject) => {
      request.on("error", reject);
      request.on("response", (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
      });
    });
    answer.catch(() => {});
    await this.arrived(request);
    return { answer, abort: () => request.destroy() };
  }

  // The server knows of what a new request has sent so far: a later request was answered.
  async arrived(request) {
    if (!request.socket?.remoteAddress) await once(request.socket ?? (await once(request, "socket"))[0], "connect");
    await new Promise(setImmediate);
    await this.request("GET", "transport=none");
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
