// A stand-in for the bridge: speaks docs/PROTOCOL.md with the npm socket.io server and a small auction in memory, so that the pages can be tested by themselves.
//
// It is steered by the tests: time stands still unless `run` is asked for, faults are switched on by name. It is no reference for the rules; the real engine is.

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const source = process.env.LOTCAST_SOURCE ?? fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(join(source, "web/package.json"));

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".map": "application/json" };
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const statusOf = { NOT_FOUND: 404, FORBIDDEN: 403, INVITE_INVALID: 403, UNAUTHENTICATED: 401, ENGINE_OFFLINE: 503, TIMEOUT: 504, BAD_REQUEST: 400 };

export const defaultSale = {
  id: "demo",
  title: "Autumn club auction",
  currency: { code: "EUR", minor_digits: 2 },
  public: true,
  visibility: "names",
  rules: {
    lot_duration_ms: 30_000,
    gap_ms: 3000,
    soft_close: { window_ms: 10_000, amount_ms: 10_000, type: "reset", max_extensions: 0 },
    unsold_rounds: 1,
    strict: false,
    increments: { kind: "flat", step: 10_000, align: false },
    roster: { budget: 1_000_000, slots: 3, minimum: 10_000 },
  },
  lots: [
    { title: "Brass desk lamp, about 1930", opening: 100_000, description: "Weighted foot, green glass shade, new cable. Light wear at the switch.", category: "Furniture" },
    { title: "Two oak chairs", opening: 50_000, description: "Seats renewed.", category: "Furniture" },
    { title: "Station clock", opening: 200_000 },
    { title: "Box of postcards", opening: 10_000 },
    { title: "Field camera with lens", opening: 150_000 },
    { title: "Walnut radio", opening: 60_000 },
  ],
};

const person = (p) => (p ? { id: p.id, paddle: p.paddle, name: p.name } : null);

// The sale: state, and each change as an event with its own seq.
export class MockSale {
  constructor(definition = {}, clock = Date.now) {
    const d = { ...defaultSale, ...definition, rules: { ...defaultSale.rules, ...(definition.rules ?? {}) } };
    this.definition = d;
    this.clock = clock;
    this.seq = 1;
    this.epoch = 1;
    this.phase = "lobby";
    this.clockKind = "none";
    this.lot = null;
    this.next = null;
    this.frozenMs = null;
    this.recent = [];
    this.bidCount = 0;
    this.people = [];
    this.receipts = new Map();
    this.lots = d.lots.map((lot, index) => ({
      id: `l${index + 1}`, no: index + 1, title: lot.title, description: lot.description ?? "", image: lot.image ?? "", category: lot.category ?? "",
      opening: lot.opening, phase: "pending", price: null, winner: null, bids: 0, round: 0,
    }));
    this.listeners = [];
    this.live = true;
  }

  onEvent(listener) {
    this.listeners.push(listener);
  }

  emit(name, members, durable = true) {
    if (durable) this.seq++;
    const head = { seq: this.seq, epoch: this.epoch };
    const event = durable ? { ...head, at: this.clock(), ...members } : { ...head, ...members };
    for (const listener of this.listeners) listener(name, event);
    return event;
  }

  now() {
    return this.clock();
  }

  // ---- people ----

  join(id, name) {
    const known = this.people.find((one) => one.joinId === id);
    if (known) return known;
    const n = this.people.length + 1;
    const { roster } = this.definition.rules;
    const one = {
      id: `p${n}`, paddle: String(n), name, joinId: id, status: "accepted", budget: roster ? roster.budget : null, spent: 0, held: 0,
      roster: roster ? { taken: 0, slots: roster.slots } : null,
    };
    this.people.push(one);
    this.emit("participants_changed", { change: "joined", participant: this.publicOf(one), participants_total: this.people.length });
    return one;
  }

  publicOf({ joinId: _, ...rest }) {
    return { ...rest, roster: rest.roster && { ...rest.roster } };
  }

  maxBid(one) {
    if (one.budget === null) return null;
    const { roster } = this.definition.rules;
    const left = one.budget - one.spent;
    return roster ? Math.max(0, left - Math.max(0, roster.slots - one.roster.taken - 1) * roster.minimum) : left;
  }

  you(one, role) {
    return {
      seq: this.seq, epoch: this.epoch, participant: person(one), role, leading: one && this.lot?.leader?.id === one.id ? [this.lot.id] : [],
      budget: one?.budget ?? null, spent: one?.spent ?? 0, held: one?.held ?? 0, roster: one?.roster ?? null, max_bid: one ? this.maxBid(one) : null,
    };
  }

  // ---- what is shown ----

  info() {
    const { id, title, currency, visibility, rules } = this.definition;
    return { seq: this.seq, epoch: this.epoch, id, title, currency, phase: this.phase, public: this.definition.public, visibility, rules };
  }

  shownLot() {
    if (!this.lot) return null;
    const paused = this.phase === "paused";
    const left = this.lot.ends_at === null ? this.frozenMs ?? 0 : Math.max(0, this.lot.ends_at - this.now());
    return { ...this.lot, leader: person(this.lot.leader), remaining_ms: this.lot.phase === "open" ? (paused ? this.frozenMs : left) : 0 };
  }

  shownNext() {
    if (!this.next) return null;
    const { starts_at } = this.next;
    return { ...this.next, remaining_ms: starts_at === null ? this.frozenMs : Math.max(0, starts_at - this.now()) };
  }

  counts() {
    return {
      sold: this.lots.filter((lot) => lot.phase === "sold").length,
      unsold: this.lots.filter((lot) => lot.phase === "unsold").length,
      lots_total: this.lots.length,
    };
  }

  snapshot() {
    const counts = this.counts();
    return {
      seq: this.seq, epoch: this.epoch, live: this.live, now: this.now(), info: this.info(),
      state: {
        seq: this.seq, epoch: this.epoch, phase: this.phase, now: this.now(), clock: this.clockKind, lot: this.shownLot(), next: this.shownNext(), ...counts,
        remaining_lots: counts.lots_total - counts.sold - counts.unsold,
      },
      lots: this.lots.slice(0, 250).map(({ description: _, ...lot }) => ({ ...lot, winner: person(lot.winner) })), lots_total: this.lots.length,
      participants: this.people.map((one) => this.publicOf(one)), participants_total: this.people.length, recent_bids: this.recent.slice(0, 20),
    };
  }

  page(page) {
    const pages = Math.max(1, Math.ceil(this.lots.length / 100));
    if (!(page >= 0 && page < pages)) return null;
    const lots = this.lots.slice(page * 100, page * 100 + 100).map((lot) => ({ ...lot, winner: person(lot.winner) }));
    return { seq: this.seq, epoch: this.epoch, page, pages, total: this.lots.length, lots };
  }

  // ---- the course of the sale ----

  begin() {
    this.phase = "live";
    this.emit("auction_started", { lots_total: this.lots.length });
    this.countIn();
  }

  countIn(gapMs = this.definition.rules.gap_ms) {
    const row = this.lots.find((lot) => lot.phase === "pending");
    if (!row) return this.complete("no_lots_left");
    this.clockKind = "gap";
    this.next = { id: row.id, no: row.no, title: row.title, opening: row.opening, starts_at: this.now() + gapMs };
    this.sayCountdown();
  }

  sayCountdown() {
    const { id, no, title, starts_at } = this.next;
    this.emit("next_lot_countdown", { lot: id, no, title, starts_at, now: this.now(), remaining_ms: Math.max(0, starts_at - this.now()) }, false);
  }

  open(durationMs = this.definition.rules.lot_duration_ms) {
    const row = this.lots.find((lot) => lot.id === this.next.id);
    row.phase = "open";
    this.next = null;
    this.clockKind = "lot";
    this.recent = [];
    this.lot = {
      id: row.id, no: row.no, title: row.title, phase: "open", opening: row.opening, price: null, ask: row.opening, leader: null, bids: 0,
      started_at: this.now(), ends_at: this.now() + durationMs, extensions: 0, round: row.round, reserve: "none",
    };
    this.emit("lot_started", { lot: this.shownLot() });
  }

  refuse(code, message = code) {
    const lot = this.shownLot();
    const facts = lot ? { lot: lot.id, price: lot.price, ask: lot.ask, leader: lot.leader, ends_at: lot.ends_at } : {};
    return { ok: false, error: { code, message, ...facts }, seq: this.seq, epoch: this.epoch };
  }

  bid(one, lotId, amount) {
    if (!one) return this.refuse("NOT_PARTICIPANT");
    if (this.phase === "paused") return this.refuse("PAUSED");
    if (this.phase !== "live" || !this.lot) return this.refuse("NOT_ACTIVE");
    if (this.lot.id !== lotId) return this.refuse("WRONG_LOT");
    if (this.lot.phase !== "open") return this.refuse("LOT_CLOSED");
    if (!Number.isSafeInteger(amount) || amount <= 0) return this.refuse("BAD_AMOUNT");
    if (this.lot.leader?.id === one.id) return this.refuse("ALREADY_LEADING");
    if (amount < this.lot.ask) return this.refuse("BELOW_ASK");
    const limit = this.maxBid(one);
    if (limit !== null && amount > limit) {
      const answer = this.refuse("RESERVE_FOR_ROSTER");
      answer.error.max_bid = limit;
      return answer;
    }
    return this.acceptBid(one, amount);
  }

  acceptBid(one, amount) {
    const { lot } = this;
    const previous = lot.leader;
    if (previous) previous.held = 0;
    one.held = amount;
    const { increments, soft_close } = this.definition.rules;
    Object.assign(lot, { price: amount, ask: amount + (increments.step ?? 100), leader: one, bids: lot.bids + 1 });
    const row = this.lots.find((known) => known.id === lot.id);
    Object.assign(row, { price: amount, bids: lot.bids });
    const extended = lot.ends_at - this.now() < soft_close.window_ms;
    const before = lot.ends_at;
    if (extended) {
      lot.ends_at = Math.max(lot.ends_at, this.now() + soft_close.amount_ms);
      lot.extensions++;
    }
    const bid = `b${++this.bidCount}`;
    this.recent.unshift({ by: person(one), amount, at: this.now() });
    const event = this.emit("bid_update", {
      lot: lot.id, bid, by: person(one), amount, price: amount, ask: lot.ask, leader: person(one), previous_leader: person(previous), bids: lot.bids,
      ends_at: lot.ends_at, remaining_ms: lot.ends_at - this.now(), reserve: lot.reserve,
    });
    if (extended) {
      this.emit("anti_snipe", { lot: lot.id, ends_at: lot.ends_at, remaining_ms: lot.ends_at - this.now(), extended_ms: lot.ends_at - before, extensions: lot.extensions });
    }
    return { ok: true, seq: event.seq, epoch: this.epoch, bid, lot: lot.id, amount, price: amount, ask: lot.ask, ends_at: lot.ends_at, leading: true };
  }

  close(reason = "time") {
    const { lot } = this;
    const row = this.lots.find((known) => known.id === lot.id);
    const winner = lot.leader;
    lot.phase = row.phase = winner ? "sold" : "unsold";
    lot.ends_at = null;
    this.clockKind = "none";
    const common = { lot: lot.id, no: lot.no, title: lot.title, price: lot.price, bids: lot.bids };
    if (winner) {
      row.winner = winner;
      winner.held = 0;
      winner.spent += lot.price;
      if (winner.roster) winner.roster.taken++;
      this.emit("sold", { ...common, winner: person(winner), reason, winner_state: this.publicOf(winner), ...this.counts() });
    } else {
      this.emit("unsold", { ...common, reason: reason === "next" ? "passed" : "no_bids", ...this.counts() });
    }
  }

  pause() {
    const endsAt = this.clockKind === "lot" ? this.lot.ends_at : this.clockKind === "gap" ? this.next.starts_at : null;
    this.phase = "paused";
    this.frozenMs = endsAt === null ? null : Math.max(0, endsAt - this.now());
    if (this.clockKind === "lot") this.lot.ends_at = null;
    if (this.clockKind === "gap") this.next.starts_at = null;
    this.emit("auction_paused", { clock: this.clockKind, lot: this.currentId(), remaining_ms: this.frozenMs });
  }

  currentId() {
    return this.clockKind === "lot" ? this.lot.id : this.clockKind === "gap" ? this.next.id : null;
  }

  resume() {
    this.phase = "live";
    const endsAt = this.frozenMs === null ? null : this.now() + this.frozenMs;
    if (this.clockKind === "lot") this.lot.ends_at = endsAt;
    if (this.clockKind === "gap") this.next.starts_at = endsAt;
    this.emit("auction_resumed", { reason: "command", gap_ms: 0, clock: this.clockKind, lot: this.currentId(), ends_at: endsAt, remaining_ms: this.frozenMs });
  }

  complete(reason) {
    this.phase = "complete";
    this.clockKind = "none";
    this.lot = this.next = null;
    this.emit("auction_complete", { reason, ...this.counts() });
  }

  reset() {
    this.phase = "lobby";
    this.clockKind = "none";
    this.lot = this.next = null;
    this.recent = [];
    for (const lot of this.lots) Object.assign(lot, { phase: "pending", price: null, winner: null, bids: 0 });
    for (const one of this.people) {
      Object.assign(one, { spent: 0, held: 0 });
      if (one.roster) one.roster.taken = 0;
    }
    this.emit("auction_reset", {});
  }

  tick() {
    if (this.phase !== "live" || this.clockKind === "none") return;
    const ends_at = this.clockKind === "lot" ? this.lot.ends_at : this.next.starts_at;
    this.emit("tick", { lot: this.currentId(), clock: this.clockKind, ends_at, now: this.now(), remaining_ms: Math.max(0, ends_at - this.now()) }, false);
  }

  // What a deadline does; called by the running server each 50 ms.
  advance() {
    if (this.phase !== "live") return;
    if (this.clockKind === "gap" && this.now() >= this.next.starts_at) this.open();
    else if (this.clockKind === "lot" && this.now() >= this.lot.ends_at) {
      this.close();
      this.countIn();
    }
  }

  steer(event, body) {
    const wrong = () => this.refuse("WRONG_PHASE");
    if (event === "begin_auction") return this.phase === "lobby" ? this.done(() => this.begin()) : wrong();
    if (event === "pause_auction") return this.phase === "live" ? this.done(() => this.pause()) : wrong();
    if (event === "resume_auction") return this.phase === "paused" ? this.done(() => this.resume()) : wrong();
    if (event === "reset_auction") return ["paused", "complete"].includes(this.phase) ? this.done(() => this.reset()) : wrong();
    if (event === "announce") return this.done(() => this.emit("notice", { text: String(body.text), by: null }));
    if (event === "next_lot") {
      if (this.phase !== "live") return wrong();
      if (body.lot !== this.currentId()) return this.refuse("WRONG_LOT");
      return this.done(() => {
        if (this.clockKind === "gap") return this.open();
        this.close("next");
        return this.countIn();
      });
    }
    return { ok: false, error: { code: "UNKNOWN_EVENT", message: "There is no such event." } };
  }

  done(work) {
    work();
    return { ok: true, seq: this.seq, epoch: this.epoch };
  }
}

// Tokens of the mock are text: "bidder:p1", "auctioneer", "expired".
function identity(sale, token) {
  if (!token) return { role: "viewer", one: null };
  if (token === "expired") return null;
  const [role, id] = token.split(":");
  const one = id ? sale.people.find((known) => known.id === id) ?? null : null;
  return role === "bidder" && !one ? null : { role, one };
}

export class MockServer {
  constructor(sale, { invite = "welcome", dist = join(source, "web/dist"), connectTransports } = {}) {
    this.sale = sale;
    this.invite = invite;
    this.dist = dist;
    this.commands = []; // every command that arrived: {event, body}
    this.faults = {}; // dropAcks: n, dropCommands: n, refuse: code, mute: true, delayMs: n, deafWebsocket: true, deafTime: true
    this.http = createServer((request, response) => void this.answer(request, response));
    const { Server } = require("socket.io");
    this.io = new Server(this.http, { path: "/socket.io/", serveClient: false, ...(connectTransports ? { transports: connectTransports } : {}) });
    this.sockets = new Set();
    this.http.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    this.io.use((socket, next) => this.admit(socket, next));
    this.io.on("connection", (socket) => this.serve(socket));
    sale.onEvent((name, event) => {
      if (this.faults.mute) return;
      for (const socket of this.io.sockets.sockets.values()) {
        if (socket.rooms.has(sale.definition.id) && !this.deaf(socket)) socket.emit(name, event);
      }
    });
  }

  async listen(port = 0) {
    await new Promise((resolve) => this.http.listen(port, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${this.http.address().port}`;
    return this;
  }

  // Lets time pass by itself: deadlines, and a tick each second.
  run() {
    this.advancing = setInterval(() => this.sale.advance(), 50);
    this.tickOnly();
    return this;
  }

  tickOnly() {
    this.ticking = setInterval(() => this.sale.tick(), 1000);
    return this;
  }

  async close() {
    clearInterval(this.advancing);
    clearInterval(this.ticking);
    this.io.disconnectSockets(true);
    const closed = this.io.close();
    for (const socket of this.sockets) socket.destroy(); // a websocket would wait 30 s for the other side's goodbye
    await closed;
  }

  // A proxy that lets websockets through and then passes nothing on.
  deaf(socket) {
    return this.faults.deafWebsocket === true && socket.conn.transport.name === "websocket";
  }

  // ---- Socket.IO ----

  admit(socket, next) {
    const who = identity(this.sale, socket.handshake.auth?.token);
    if (who) {
      socket.data = who;
      next();
      return;
    }
    const error = new Error("A valid token is needed.");
    error.data = { code: socket.handshake.auth.token === "expired" ? "TOKEN_EXPIRED" : "UNAUTHENTICATED" };
    next(error);
  }

  serve(socket) {
    const { sale } = this;
    socket.on("join_auction", (body, ack) => {
      if (body?.sale !== sale.definition.id) return ack({ ok: false, error: { code: "NOT_FOUND", message: "There is no such sale." } });
      if (!sale.definition.public && socket.data.role === "viewer") return ack({ ok: false, error: { code: "FORBIDDEN", message: "Your role does not allow this." } });
      socket.join(sale.definition.id);
      ack({ ok: true, seq: sale.seq, epoch: sale.epoch, members: this.members() });
      socket.emit("auction_snapshot", sale.snapshot());
      socket.emit("you", sale.you(socket.data.one, socket.data.role));
      this.lobby();
    });
    socket.on("sync_time", (body, ack) => {
      if (this.deaf(socket) || this.faults.deafTime) return;
      const now = sale.now();
      ack({ ok: true, t0: body.t0, t1: now, t2: now, uncertainty_ms: 1 });
    });
    socket.on("disconnect", () => this.lobby());
    socket.onAny((event, body, ack) => {
      if (!["join_auction", "sync_time"].includes(event)) this.command(socket, event, body, ack);
    });
  }

  members() {
    return this.io.sockets.adapter.rooms.get(this.sale.definition.id)?.size ?? 0;
  }

  lobby() {
    const ids = new Set();
    for (const socket of this.io.sockets.sockets.values()) if (socket.data.one) ids.add(socket.data.one.id);
    this.sale.emit("lobby_updated", { count: this.members(), ids: [...ids] }, false);
  }

  take(fault) {
    if (!this.faults[fault]) return false;
    this.faults[fault]--;
    return true;
  }

  command(socket, event, body, ack) {
    this.commands.push({ event, body });
    if (this.take("dropCommands")) return;
    const result = this.decide(socket.data, event, body);
    if (this.take("dropAcks")) return;
    if (this.faults.delayMs) setTimeout(() => ack(result), this.faults.delayMs);
    else ack(result);
  }

  decide({ role, one }, event, body) {
    if (this.faults.refuse) return this.sale.refuse(this.faults.refuse);
    const known = this.sale.receipts.get(body.id);
    if (known) return { ...known, repeated: true };
    const staff = role === "auctioneer" || role === "admin";
    const result =
      event === "place_bid" ? this.sale.bid(one, body.lot, body.amount) : staff ? this.sale.steer(event, body) : this.sale.refuse("FORBIDDEN");
    this.sale.receipts.set(body.id, result);
    return result;
  }

  // ---- HTTP ----

  async answer(request, response) {
    const url = new URL(request.url, "http://mock");
    if (url.pathname.startsWith("/socket.io/")) return;
    if (url.pathname.startsWith("/api/")) {
      const result = await this.api(request, url);
      const code = result.error?.code;
      response.writeHead(code ? (statusOf[code] ?? 409) : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(result));
      return;
    }
    await this.file(url.pathname, response);
  }

  async api(request, url) {
    const { sale } = this;
    const base = `/api/sales/${sale.definition.id}`;
    const fail = (code) => ({ error: { code, message: `Refused: ${code}.` } });
    const route = `${request.method} ${url.pathname}`;
    if (route === "GET /api/sales") {
      const { id, title } = sale.definition;
      return { ok: true, sales: sale.definition.public ? [{ id, title, phase: sale.phase, public: true, ...sale.counts() }] : [] };
    }
    if (route === `GET ${base}/lots`) return sale.page(Number(url.searchParams.get("page") ?? 0)) ?? fail("NOT_FOUND");
    if (route === `POST ${base}/join`) {
      const body = JSON.parse(await readBody(request));
      this.joins = [...(this.joins ?? []), body];
      if (body.invite !== this.invite) return fail("INVITE_INVALID");
      const one = sale.join(body.id, body.name);
      return { ok: true, token: `bidder:${one.id}`, participant: person(one), role: "bidder" };
    }
    if (route === `POST ${base}/invites`) return { ok: true, invite: this.invite };
    if (request.method === "GET" && url.pathname.startsWith(`${base}/receipts/`)) {
      const id = url.pathname.slice(`${base}/receipts/`.length);
      this.receiptsAsked = [...(this.receiptsAsked ?? []), id];
      const result = sale.receipts.get(id);
      return result ? { ok: true, receipt: { id, op: "bid", received_at: sale.now(), decided_at: sale.now(), result } } : fail("NOT_FOUND");
    }
    return fail("NOT_FOUND");
  }

  async file(path, response) {
    const pages = { "/": "index.html", "/room": "room.html", "/console": "console.html", "/hall": "hall.html" };
    const name = pages[path] ?? normalize(path).replace(/^(\.\.[/\\])+/, "");
    try {
      const bytes = await readFile(join(this.dist, name));
      response.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream", "content-security-policy": policy, etag: createHash("sha256").update(bytes).digest("hex") });
      response.end(bytes);
    } catch {
      response.writeHead(404, { "content-type": "application/json" });
      response.end('{"error":{"code":"NOT_FOUND","message":"There is no such address."}}');
    }
  }
}

async function readBody(request) {
  let text = "";
  for await (const part of request) text += part;
  return text;
}

// Run by hand: a sale that plays on, for looking at the pages while they are made.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await new MockServer(new MockSale()).listen(Number(process.argv[2] ?? 0));
  server.run();
  for (const name of ["Ana Lima", "Ben Okoro", "Chi"]) server.sale.join(name, name);
  console.log(`room     ${server.url}/room?sale=demo&invite=welcome\nconsole  ${server.url}/console?sale=demo#token=auctioneer\nhall     ${server.url}/hall?sale=demo`);
}
