// One unmodified official client and what it has said and heard: numbers both ways, each once and in order.
import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import { io as io4 } from "socket.io-client";
import io2 from "socket.io-client-2";
import { Awaitable } from "../e2e/harness.mjs";

// The clients of the matrix. The browser's way is the default: polling, then an upgrade, over connections that are kept; Node's
// own closes each. (Its XMLHttpRequest hangs when a connection that was kept is reset: it never ends the request that it makes again.)
export const CLIENTS = {
  default: { io: io4, kept: true, upgrades: true },
  polling: { io: io4, options: { transports: ["polling"] } },
  websocket: { io: io4, options: { transports: ["websocket"] } },
  "2.5": { io: io2, upgrades: true },
};

const upTo = (last) => Array.from({ length: last }, (_, i) => i + 1);
let talks = 0;

export class Talk extends Awaitable {
  constructor(url, kind, { kept = true, ...options } = {}) {
    super();
    const client = CLIENTS[kind];
    Object.assign(this, { url, kind, client, heard: [], pushed: [], disconnects: [], errors: [], upgradeErrors: 0, upgrades: 0, connects: 0, pings: 0, opened: [], sids: [] });
    this.room = `talk-${++talks}`;
    const { Agent } = url.startsWith("https") ? https : http;
    this.agent = client.kept && kept ? new Agent({ keepAlive: true, rejectUnauthorized: false }) : undefined;
    this.io = client.io(url, {
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 100,
      rejectUnauthorized: false,
      ...(this.agent ? { agent: this.agent } : {}),
      ...client.options,
      ...options,
    });
    const on = (name, act) => this.io.on(name, (...args) => (act(...args), this.look()));
    on("connect", () => {
      this.connects++;
      this.sids.push(this.sid);
    });
    on("disconnect", (reason) => this.disconnects.push(reason));
    on("connect_error", (error) => this.errors.push(String(error.description ?? error.message ?? error)));
    on("message-back", (i) => this.heard.push(i));
    on("news", (i) => this.pushed.push(i));
    this.#watchEngine();
    // Each connection has an engine of its own, from the moment in which the manager opens.
    this.io.io.on("open", () => this.#watchEngine());
  }

  #watchEngine() {
    const { engine } = this.io.io;
    if (!engine || engine === this.engine) return;
    this.engine = engine;
    engine.on("open", () => this.opened.push(engine.transport.name));
    if (engine.readyState === "open") this.opened.push(engine.transport.name);
    for (const [name, act] of Object.entries({ upgrade: () => this.upgrades++, upgradeError: () => this.upgradeErrors++, ping: () => this.pings++ })) {
      engine.on(name, () => (act(), this.look()));
    }
  }

  get sid() {
    return this.io.io.engine.id;
  }

  get transport() {
    return this.io.io.engine.transport.name;
  }

  describe() {
    const { url, kind, connects, disconnects, errors, upgrades, upgradeErrors, opened } = this;
    return JSON.stringify({ url, kind, heard: this.heard.length, pushed: this.pushed.length, connects, disconnects, errors, upgrades, upgradeErrors, opened });
  }

  async ready(ms = 15000) {
    await this.until(() => this.io.connected, ms, "connected");
    await this.ask("join", this.room);
    return this;
  }

  // An event that the server acknowledges; all client generations have this form.
  ask(...args) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${args[0]}: ${this.describe()}`)), 10000);
      this.io.emit(...args, (...answer) => {
        clearTimeout(timer);
        resolve(answer[0]);
      });
    });
  }

  // Says the numbers: the server says each back to us alone, and each to our room. They do not all leave in one turn of the loop.
  async say(from, to) {
    for (let i = from; i <= to; i++) {
      this.io.emit("message", i);
      this.io.emit("to", this.room, i);
      await new Promise((next) => setTimeout(next, i % 3));
    }
  }

  async hears(last, ms = 15000) {
    await this.until(() => this.heard.length >= last && this.pushed.length >= last, ms, `numbers up to ${last}`);
    assert.deepEqual(this.heard, upTo(last), this.describe());
    assert.deepEqual(this.pushed, upTo(last), this.describe());
  }

  // After a cut: all of the numbers that were said since then, and whatever came before them once and in order.
  async hearsAgain(from, to, ms = 15000) {
    const all = () => [this.heard, this.pushed];
    await this.until(() => all().every((list) => list.at(-1) === to), ms, `numbers up to ${to}`);
    for (const list of all()) {
      assert.deepEqual(list.slice(-(to - from + 1)), upTo(to).slice(from - 1), this.describe());
      assert.ok(list.every((i, at) => at === 0 || i > list[at - 1]), `once and in order: ${list}`);
    }
  }

  // Says goodbye as an application does.
  leave() {
    this.io.io.reconnection(false);
    this.io.disconnect();
  }

  // Goes away like a phone without a network: nobody is told.
  end() {
    this.leave();
    this.io.io.engine.close();
    this.agent?.destroy();
  }
}
