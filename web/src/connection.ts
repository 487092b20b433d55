// The connection of a page to one sale: Socket.IO, the model it feeds, engine time, and whether all of it is live.
//
// Order:  start(), then `subscribe` tells of each change; stop() ends it for good
// Errors: every state that a person must know of is in `view`; nothing throws
// Source: docs/PROTOCOL.md Socket.IO; lessons F3, F10, F12, L4, L5, L8, L14

import { io } from "socket.io-client";
import type { Socket } from "socket.io-client";
import { ApiError, lotsPage, receipt } from "./api";
import * as clock from "./clock";
import type { CommandLink, Sent } from "./command";
import { applyDurable, applyEphemeral, catalogueLot, fromSnapshot, withFocus, withLotsPage, withMaximum, withYou } from "./model";
import { deadline } from "./questions";
import type { Model, Step } from "./model";
import { durableNames, ephemeralNames } from "./protocol";
import type { EphemeralName, Head, PrivateEvents, Refusal, Result, Snapshot, SyncAnswer, You } from "./protocol";

// connecting: never joined yet. live: all is well. silent: a clock runs and nothing was heard of it, or a question is not answered. degraded: the bridge has no engine. offline: no connection.
export type Liveness = "connecting" | "live" | "silent" | "degraded" | "offline";

export interface View {
  model: Model | null;
  liveness: Liveness;
  transport: "polling" | "websocket" | null;
  denied: Refusal | null; // the sale can't be entered as things are
}

interface Options {
  sale: string;
  token: () => string | null;
  // The token was refused; resolves to true when there is a new one to try.
  renew?: () => Promise<boolean>;
}

const silentAfterMs = 3500; // a tick comes each second; shown within 5 s
const probeTimeoutMs = 3000;
const idleProbeMs = 15_000; // while no clock runs nothing needs to come: ask from time to time
const resyncEveryMs = 3000;
const aheadPatienceMs = 1500;
const pageSize = 100;
const final = new Set(["NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED", "TOKEN_EXPIRED", "BAD_REQUEST"]);

const localNow = () => performance.now();

export class SaleConnection implements CommandLink {
  view: View = { model: null, liveness: "connecting", transport: null, denied: null };
  private socket: Socket;
  private clock = clock.clockUnknown;
  private joined = false;
  private everJoined = false;
  private heardAt = localNow();
  private you: You | null = null; // the last one, in case it comes before its snapshot
  private aheadSince: number | null = null;
  private resyncAt = -Infinity;
  private resyncTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private probing = false;
  private unanswered = false; // the latest question, and nothing has come since
  private deafWebsockets = 0;
  private pagesAsked = new Set<number>();
  private readonly listeners = new Set<() => void>();
  private readonly waiters = new Set<() => void>();

  constructor(private readonly options: Options) {
    this.socket = io({
      path: "/socket.io/",
      transports: ["polling", "websocket"],
      autoConnect: false,
      reconnectionDelay: 400,
      reconnectionDelayMax: 2000, // the client library adds up to half of it: back within 5 s of the server's return
      timeout: 8000,
      auth: (give) => {
        const token = options.token();
        give(token ? { token } : {});
      },
    });
    this.listen();
  }

  start(): void {
    this.socket.connect();
    this.watch = setInterval(() => this.look(), 500);
    document.addEventListener("visibilitychange", this.onVisible);
    window.addEventListener("online", this.onVisible);
  }

  stop(): void {
    clearInterval(this.watch);
    clearTimeout(this.resyncTimer);
    clearTimeout(this.retryTimer);
    document.removeEventListener("visibilitychange", this.onVisible);
    window.removeEventListener("online", this.onVisible);
    this.socket.disconnect();
    this.listeners.clear();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // Engine time now, or null before anything was heard.
  now(): number | null {
    return clock.engineNow(this.clock, localNow());
  }

  // Enters again with the token as it is now: after joining, or after a refusal that somebody has dealt with.
  restart(): void {
    this.change({ denied: null });
    this.socket.disconnect();
    this.socket.connect();
  }

  // Shows another one of the lots that are open together.
  focus(lot: string): void {
    if (this.view.model) this.change({ model: withFocus(this.view.model, lot) });
  }

  // A sealed offer is told to nobody, not by an event either: the page remembers its own until the next `you` tells it.
  offered(lot: string, amount: number, quantity?: number): void {
    if (this.view.model) this.change({ model: withMaximum(this.view.model, lot, amount, quantity) });
  }

  // ---- commands ----

  ready(waitMs: number): Promise<boolean> {
    if (this.canSend()) return Promise.resolve(true);
    if (waitMs <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiters.delete(done);
        resolve(this.canSend());
      };
      const timer = setTimeout(done, waitMs);
      this.waiters.add(done);
    });
  }

  async send(event: string, body: Record<string, unknown>, timeoutMs: number): Promise<Sent> {
    try {
      const message = { sale: this.options.sale, ...body };
      const result = (await this.socket.timeout(timeoutMs).emitWithAck(event, message)) as Result;
      return { kind: "answer", result };
    } catch {
      return { kind: "silence" };
    }
  }

  async receipt(id: string): Promise<Sent | { kind: "none" }> {
    try {
      return { kind: "answer", result: await receipt(this.options.sale, id, this.options.token()) };
    } catch (error) {
      const none = error instanceof ApiError && error.refusal.code === "NOT_FOUND";
      return { kind: none ? "none" : "silence" };
    }
  }

  private canSend(): boolean {
    return this.socket.connected && this.joined;
  }

  // ---- the socket ----

  private listen(): void {
    const { socket } = this;
    socket.on("connect", () => this.onConnect());
    socket.on("disconnect", (reason) => this.onDisconnect(reason));
    socket.on("connect_error", (error) => void this.onConnectError(error));
    for (const name of durableNames) {
      socket.on(name, (event) => this.onDurable(event, (model) => applyDurable(model, name, event)));
    }
    for (const name of ephemeralNames) {
      socket.on(name, (event) => this.onEphemeral(name, event, (model) => applyEphemeral(model, name, event)));
    }
    socket.on("auction_snapshot", (snapshot: Snapshot) => this.onSnapshot(snapshot));
    socket.on("you", (you: You) => {
      this.stamp(you);
      this.you = you;
      if (this.view.model) this.change({ model: withYou(this.view.model, you) });
    });
    for (const name of ["outbid", "you_lead"]) socket.on(name, (event) => this.stamp(event));
    socket.on("max_bid_changed", (event: PrivateEvents["max_bid_changed"]) => {
      this.stamp(event);
      if (this.view.model) this.change({ model: withMaximum(this.view.model, event.lot, event.max) });
    });
  }

  private onConnect(): void {
    const { engine } = this.socket.io;
    const showTransport = () => this.change({ transport: engine.transport.name as View["transport"] });
    engine.on("upgrade", showTransport);
    showTransport();
    this.joined = false;
    // Taken up where it was, with the room and all that was missed (PROTOCOL, Recovery): a join would only cost a snapshot.
    if (!this.socket.recovered || !this.view.model) {
      this.join();
      return;
    }
    clearTimeout(this.retryTimer);
    this.entered();
    if (!this.view.model.live) this.resync(); // what it was cut off from knew less than this
  }

  private entered(): void {
    if (!this.joined) this.heard();
    this.unanswered = false;
    this.joined = true;
    this.everJoined = true;
    this.change({ denied: null });
    for (const wake of [...this.waiters]) wake();
    this.syncClock();
  }

  private onDisconnect(reason: Socket.DisconnectReason): void {
    this.joined = false;
    this.change({ transport: null });
    // The server closed this socket on purpose; the client library leaves it to us to come back.
    if (reason === "io server disconnect") this.later(1000, () => this.socket.connect());
  }

  private async onConnectError(error: Error & { data?: { code?: string } }): Promise<void> {
    this.change({});
    const code = error.data?.code;
    if (this.socket.active || code === undefined) return; // the client library tries again by itself
    if (code === "UNAUTHENTICATED" || code === "TOKEN_EXPIRED") {
      if (this.options.renew && (await this.options.renew())) this.socket.connect();
      else this.change({ denied: { code, message: error.message } });
      return;
    }
    this.later(3000, () => this.socket.connect());
  }

  private join(): void {
    this.socket.timeout(5000).emit("join_auction", { sale: this.options.sale }, (silence: Error | null, result: Result) => {
      if (silence) {
        this.later(500, () => this.joinAgain());
      } else if (result.ok) {
        this.entered();
      } else if (final.has(result.error.code)) {
        this.change({ denied: result.error });
      } else {
        this.later(2000, () => this.joinAgain());
      }
    });
  }

  private joinAgain(): void {
    if (this.socket.connected) this.join();
  }

  private later(delayMs: number, work: () => void): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(work, delayMs * (0.75 + Math.random() / 2));
  }

  // ---- what arrives ----

  private heard(): void {
    this.heardAt = localNow();
    this.unanswered = false;
  }

  private stamp(message: Partial<Head> & { now?: number; at?: number }): void {
    const stampMs = message.now ?? message.at;
    if (typeof stampMs === "number") this.clock = clock.withStamp(this.clock, stampMs, localNow());
  }

  private onSnapshot(snapshot: Snapshot): void {
    if (snapshot.info.id !== this.options.sale) return; // F7
    const before = this.view.model;
    // A snapshot from a cache proves nothing about the engine; one with news does.
    if (!before || snapshot.seq !== before.seq || snapshot.epoch !== before.epoch) this.heard();
    if (snapshot.live) this.stamp(snapshot);
    this.aheadSince = null;
    this.pagesAsked.clear();
    const model = fromSnapshot(snapshot, before);
    this.change({ model: model.you === null && this.you ? withYou(model, this.you) : model });
    this.wantPages();
  }

  private onDurable(event: Head & { at: number }, step: (model: Model) => Step): void {
    this.heard();
    this.stamp(event);
    this.onStep(step);
  }

  private onEphemeral(name: EphemeralName, event: Partial<Head> & { now?: number }, step: (model: Model) => Step): void {
    if (name === "tick" || name === "next_lot_countdown") {
      this.heard();
      this.stamp(event);
    }
    this.onStep(step);
  }

  private onStep(step: (model: Model) => Step): void {
    const { model } = this.view;
    if (!model) return;
    const { model: next, verdict } = step(model);
    if (next !== model) this.change({ model: next });
    if (verdict === "ahead") this.aheadSince ??= localNow();
    else if (verdict === "applied" && next.seq !== model.seq) this.aheadSince = null;
    if (verdict === "gap" || verdict === "refresh") this.resync();
    this.wantPages();
  }

  // Asks for a fresh snapshot: rarely, and not at the same moment as everybody else (L14).
  private resync(): void {
    if (this.resyncTimer !== undefined) return;
    const waitMs = Math.max(0, this.resyncAt + resyncEveryMs - localNow()) + Math.random() * 400;
    this.resyncTimer = setTimeout(() => {
      this.resyncTimer = undefined;
      this.resyncAt = localNow();
      this.aheadSince = null;
      this.joinAgain();
    }, waitMs);
  }

  // The page of the current lot, for its description.
  private wantPages(): void {
    const { model } = this.view;
    const current = model && (model.clock === "gap" ? model.next : model.lot);
    if (!model || !current || catalogueLot(model, current.id)?.description !== undefined) return;
    const index = model.lots.findIndex((lot) => lot.id === current.id);
    this.askPage(Math.floor((index >= 0 ? index : current.no - 1) / pageSize));
  }

  // The next page of lots beyond those known; a snapshot has only the first 250.
  moreLots(): void {
    const { model } = this.view;
    if (model && model.lots.length < model.lotsTotal) this.askPage(Math.floor(model.lots.length / pageSize));
  }

  private askPage(page: number): void {
    if (this.pagesAsked.has(page)) return;
    this.pagesAsked.add(page);
    lotsPage(this.options.sale, page, this.options.token())
      .then((answer) => {
        if (!this.view.model) return;
        this.change({ model: withLotsPage(this.view.model, answer, pageSize) });
      })
      .catch(() => {
        // Descriptions are an extra; the next snapshot asks again.
      });
  }

  // ---- liveness and clock ----

  private look(): void {
    const { model } = this.view;
    const localMs = localNow();
    if (this.aheadSince !== null && localMs - this.aheadSince > aheadPatienceMs) this.resync();
    if (this.canSend() && !model && localMs - this.heardAt > silentAfterMs) this.resync();
    if (this.canSend() && (clock.wantsRoundTrip(this.clock, localMs) || localMs - Math.max(this.heardAt, this.answeredAt) > idleProbeMs)) this.syncClock();
    if (this.canSend() && model?.live && this.isSilent(model)) void this.probe();
    this.change({});
  }

  private isSilent(model: Model | null): boolean {
    return this.unanswered || (model !== null && deadline(model).kind === "running" && localNow() - this.heardAt > silentAfterMs);
  }

  private syncedAt = -Infinity;
  private answeredAt = -Infinity;

  private syncClock(): void {
    if (localNow() - this.syncedAt < 2000) return;
    this.syncedAt = localNow();
    void this.roundTrip(probeTimeoutMs);
  }

  private async roundTrip(timeoutMs: number): Promise<boolean> {
    const sentAtMs = localNow();
    const { id } = this.socket;
    const sent = await this.send("sync_time", { t0: Math.round(sentAtMs) }, timeoutMs);
    if (sent.kind === "silence") {
      if (this.canSend() && this.socket.id === id && this.heardAt < sentAtMs) {
        this.unanswered = true;
        this.change({});
      }
      return false;
    }
    this.answeredAt = localNow();
    if (this.unanswered) {
      this.unanswered = false;
      this.change({});
    }
    const answer = sent.result as Result<SyncAnswer>;
    if (answer.ok && typeof answer.t1 === "number") {
      this.clock = clock.withRoundTrip(this.clock, {
        sentAtMs,
        receivedAtMs: localNow(),
        engineReceivedMs: answer.t1,
        engineSentMs: answer.t2,
        uncertaintyMs: answer.uncertainty_ms ?? 0,
      });
    }
    return true;
  }

  // Silence while a clock runs: is it the engine, or this connection? A way that takes packets and gives none back (F3) is closed, and after two such websockets the sale goes on by polling.
  private async probe(): Promise<void> {
    if (this.probing) return;
    this.probing = true;
    const alive = await this.roundTrip(probeTimeoutMs);
    this.probing = false;
    if (alive || !this.socket.connected || !this.isSilent(this.view.model)) {
      if (alive) this.resync();
      return;
    }
    if (this.view.transport === "websocket" && ++this.deafWebsockets >= 2) {
      this.socket.io.opts.transports = ["polling"];
    }
    this.socket.io.engine.close();
  }

  private readonly onVisible = (): void => {
    if (document.visibilityState !== "visible") return;
    this.syncedAt = -Infinity;
    if (this.canSend()) this.syncClock();
    this.look();
  };

  private liveness(model: Model | null): Liveness {
    if (!this.everJoined) return "connecting";
    if (!this.canSend()) return "offline";
    if (!model) return "connecting";
    if (!model.live) return "degraded";
    return this.isSilent(model) ? "silent" : "live";
  }

  private change(change: Partial<View>): void {
    const next = { ...this.view, ...change };
    next.liveness = this.liveness(next.model);
    const same =
      next.model === this.view.model &&
      next.liveness === this.view.liveness &&
      next.transport === this.view.transport &&
      next.denied === this.view.denied;
    if (same) return;
    this.view = next;
    for (const listener of [...this.listeners]) listener();
  }
}
