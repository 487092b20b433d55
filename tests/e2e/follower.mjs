// What a client knows of a sale through events alone, and a browser that follows one with the official socket.io-client.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Awaitable } from './harness.mjs';

export const EPHEMERAL = new Set(['tick', 'lobby_updated', 'next_lot_countdown', 'connection_degraded', 'connection_restored', 'outbid', 'you_lead', 'you']);

// The smallest model that can be compared with the results: fed by events of Socket.IO or of MQTT.
export class Follower extends Awaitable {
  constructor(name = 'follower') {
    super();
    this.name = name;
    this.wrong = [];
    this.names = {};
    this.forget();
  }

  forget() {
    Object.assign(this, { seq: null, epoch: 0, phase: null, lots: new Map(), open: null, live: null, complete: null });
  }

  describe() {
    return `${this.name}: seq ${this.seq}, epoch ${this.epoch}, phase ${this.phase}, open ${JSON.stringify(this.open)}, wrong ${JSON.stringify(this.wrong)}, events ${JSON.stringify(this.names)}`;
  }

  event(name, payload) {
    this.names[name] = (this.names[name] ?? 0) + 1;
    this.last = { name, payload };
    if (name === 'lobby_updated') this.lobby = payload;
    if (name === 'connection_degraded' || name === 'connection_restored') this.live = name === 'connection_restored';
    else if (name === 'auction_snapshot') this.#snapshot(payload);
    else if (!EPHEMERAL.has(name)) this.#durable(name, payload);
    else if (name === 'tick') this.tick = payload;
    this.look();
  }

  #snapshot(snapshot) {
    if (this.seq !== null && snapshot.seq < this.seq) this.wrong.push(`snapshot ${snapshot.seq} after ${this.seq}`);
    Object.assign(this, { seq: snapshot.seq, epoch: snapshot.epoch, phase: snapshot.state.phase, live: snapshot.live });
    this.snapshot = snapshot;
    this.lots = new Map(snapshot.lots.map((lot) => [lot.id, { phase: lot.phase, price: lot.price, winner: lot.winner?.id ?? null }]));
    const { lot, clock } = snapshot.state;
    this.open = clock === 'lot' && lot ? { ...lot, leader: lot.leader?.id ?? null } : null;
  }

  #durable(name, event) {
    if (this.seq !== null && event.seq <= this.seq) {
      this.wrong.push(`${name} ${event.seq} after ${this.seq}`);
      return;
    }
    if (this.seq !== null && event.seq !== this.seq + 1) this.wrong.push(`gap: ${name} ${event.seq} after ${this.seq}`);
    this.seq = event.seq;
    this.epoch = event.epoch;
    this[`on_${name}`]?.(event);
  }

  #set(id, values) {
    this.lots.set(id, { phase: 'pending', price: null, winner: null, ...this.lots.get(id), ...values });
  }

  on_auction_started() { this.phase = 'live'; }

  on_lot_started({ lot }) {
    this.open = { ...lot, leader: lot.leader?.id ?? null };
    this.#set(lot.id, { phase: 'open', price: lot.price, winner: null });
  }

  on_bid_update(bid) {
    const known = this.lots.get(bid.lot)?.price ?? 0;
    if (bid.price < known) this.wrong.push(`price of ${bid.lot} fell from ${known} to ${bid.price}`);
    this.#set(bid.lot, { price: bid.price, winner: bid.leader.id });
    if (this.open) Object.assign(this.open, { price: bid.price, ask: bid.ask, leader: bid.leader.id, ends_at: bid.ends_at, remaining_ms: bid.remaining_ms });
  }

  on_anti_snipe(event) { if (this.open) Object.assign(this.open, { ends_at: event.ends_at, remaining_ms: event.remaining_ms }); }

  on_sold(event) {
    this.open = null;
    this.closed = { ...event, name: 'sold' };
    this.#set(event.lot, { phase: 'sold', price: event.price, winner: event.winner.id });
  }

  on_unsold(event) {
    this.open = null;
    this.closed = { ...event, name: 'unsold' };
    this.#set(event.lot, { phase: 'unsold', price: event.price, winner: null });
  }

  on_round_started({ lots }) { for (const id of lots) this.#set(id, { phase: 'pending', price: null, winner: null }); }

  on_auction_paused(event) {
    this.phase = 'paused';
    if (this.open) Object.assign(this.open, { ends_at: null, remaining_ms: event.remaining_ms });
  }

  on_auction_resumed(event) {
    this.phase = 'live';
    this.resumed = event;
    if (this.open) Object.assign(this.open, { ends_at: event.ends_at, remaining_ms: event.remaining_ms });
  }

  on_auction_complete(event) {
    this.phase = 'complete';
    this.complete = event;
    this.open = null;
    for (const [id, lot] of this.lots) if (lot.phase === 'pending') this.#set(id, { phase: 'unsold' }); // rules 3: lots then left
  }

  on_auction_reset() {
    this.phase = 'lobby';
    this.open = null;
    for (const id of this.lots.keys()) this.#set(id, { phase: 'pending', price: null, winner: null });
  }

  on_auction_deleted() { this.phase = 'deleted'; this.open = null; }

  // Fails unless this client ended with exactly the results.
  agreesWith(results, who = this.name) {
    const mine = [...this.lots].map(([id, lot]) => outcome(id, lot.phase, lot.price, lot.winner)).sort();
    const truth = results.lots.map((lot) => outcome(lot.id, lot.phase, lot.price, lot.winner?.id ?? null)).sort();
    assert.deepEqual(mine, truth, `${who} saw another sale than the results tell`);
    assert.deepEqual(this.wrong, [], `${who} saw events out of order`);
  }
}

// A price counts only where the lot was sold.
export function outcome(id, phase, price, winner) {
  return phase === 'sold' ? `${id} sold ${price} ${winner}` : `${id} ${phase}`;
}

export const MODES = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
};

// A browser's tab: the official client, which joins at each connection and follows the sale.
export class Tab extends Follower {
  // `recovers`: where the bridge has kept the tab's place, it goes on from there and does not join again.
  constructor(io, house, sale, { name = 'tab', url = house.url, mode = 'upgrade', token, recovers = false, options = {} } = {}) {
    super(name);
    Object.assign(this, { house, sale, recovers, connects: 0, recoveries: 0, disconnects: [], errors: [], upgradeErrors: 0, transports: [] });
    this.io = io(url, { auth: token ? { token } : {}, forceNew: true, reconnectionDelay: 200, reconnectionDelayMax: 1000, ...MODES[mode], ...options });
    house.sockets.add(this.io);
    this.io.io.on('open', () => {
      const { engine } = this.io.io;
      this.transports.push(engine.transport.name);
      engine.on('upgrade', (transport) => { this.transports.push(transport.name); this.look(); });
      engine.on('upgradeError', () => { this.upgradeErrors++; this.look(); });
    });
    this.io.on('connect', () => this.#connected());
    this.io.on('disconnect', (reason, details) => { this.disconnects.push(`${reason} ${details?.description ?? ''}`); this.look(); });
    this.io.on('connect_error', (error) => { this.errors.push(error); this.look(); });
    this.io.onAny((event, payload) => this.event(event, payload));
  }

  describe() {
    return `${super.describe()}, connects ${this.connects} (${this.recoveries} recovered), disconnects ${JSON.stringify(this.disconnects)}, errors ${this.errors.map((error) => error.message)}`;
  }

  get transport() { return this.io.io.engine?.transport.name; }

  #connected() {
    this.connects++;
    if (this.io.recovered) this.recoveries++;
    if (this.recovers && this.io.recovered) {
      this.look();
      return;
    }
    this.joined = this.emit('join_auction', { sale: this.sale.id }).then((answer) => {
      if (!answer.ok) this.wrong.push(`join_auction: ${JSON.stringify(answer)}`);
      this.member = answer;
      this.look();
      return answer;
    }, () => null); // lost with its connection: the next one joins again
    this.look();
  }

  // Emits with an acknowledgement; rejects after `milliseconds`.
  emit(event, payload, milliseconds = 6000) {
    return this.io.timeout(milliseconds).emitWithAck(event, payload);
  }

  place(amount, { lot = this.open?.id, id = `bid-${randomBytes(8).toString('hex')}` } = {}) {
    return this.emit('place_bid', { sale: this.sale.id, lot, amount, id });
  }

  // Joined, and the snapshot is there.
  ready(milliseconds = 10000) {
    return this.until(() => this.seq !== null && this.member?.ok, milliseconds, `${this.name} to have joined`);
  }

  close() {
    this.house.sockets.delete(this.io);
    this.io.disconnect();
  }
}

// Feeds a follower with what `listener` (House.listen) hears of one sale's events, from MQTT.
export function followTopics(listener, saleId, name = 'mqtt') {
  const follower = new Follower(name);
  const prefix = `lotcast/v1/sale/${saleId}/event/`;
  // Topics have no order among each other: by seq, as the protocol says.
  const events = listener.messages().filter(({ topic }) => topic.startsWith(prefix))
    .map(({ topic, payload }) => [topic.slice(prefix.length), JSON.parse(payload)])
    .filter(([event]) => !EPHEMERAL.has(event))
    .sort((a, b) => a[1].seq - b[1].seq);
  for (const [event, payload] of events) follower.event(event, payload);
  return follower;
}
