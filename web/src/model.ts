// What a page knows of a sale: a snapshot, and each event applied to it.
//
// Purity: pure; nothing here reads a clock or the page
// Order:  a snapshot first; then events as they arrive. (epoch, seq) decides what is old: F10, F12, L4, L5
// Source: design 4 (seq and epoch), docs/PROTOCOL.md Events

import type {
  Award,
  CatalogueLot,
  Clock,
  DurableEvents,
  DurableName,
  EphemeralEvents,
  EphemeralName,
  Head,
  Info,
  Lot,
  LotsPage,
  LotPhase,
  NextLot,
  Participant,
  Person,
  RecentBid,
  SalePhase,
  Snapshot,
  SoldEvent,
  UnsoldEvent,
  Waiting,
  WithdrawnEvent,
  You,
} from "./protocol";

export type Outcome = ({ kind: "sold" } & SoldEvent) | ({ kind: "unsold" } & UnsoldEvent) | ({ kind: "withdrawn" } & WithdrawnEvent);

export interface Model {
  seq: number;
  epoch: number;
  firstSeq: number; // of this epoch, or the seq of the snapshot when that is all that is known
  live: boolean; // false: made of retained state, or the bridge has lost the engine
  info: Info;
  phase: SalePhase;
  clock: Clock;
  lot: Lot | null;
  next: NextLot | null;
  waiting: Waiting | null; // of the clocks nomination, names and start
  lotsTotal: number;
  sold: number;
  unsold: number;
  lots: CatalogueLot[];
  participants: Participant[];
  participantsTotal: number;
  recentBids: RecentBid[];
  outcome: Outcome | null; // of the last lot, until the next one opens
  awards: { lot: string; list: Award[] } | null; // of the last lot with several winners
  notice: { text: string; by: Person | null; at: number } | null;
  lobby: { count: number; ids: string[] } | null;
  details: Record<string, CatalogueLot>; // lots beyond `lots` that were asked for one page at a time
  you: You | null;
  warned: { lot: string; stage: number } | null; // since the last bid on that lot
  focus: string | null; // of many open lots, the one that this person looks at
  bidOn: string[]; // open lots that this person has bid on, as far as this page has seen
  completeReason: DurableEvents["auction_complete"]["reason"] | null;
  outageMs: number | null; // the last resume came after an outage of this length
  deleted: boolean;
}

// applied: the model is right. old: nothing to do. ahead: a newer state exists that has not arrived yet. gap: events were missed. refresh: applied, but only a snapshot has all of it.
export type Verdict = "applied" | "old" | "ahead" | "gap" | "refresh";

export interface Step {
  model: Model;
  verdict: Verdict;
}

const recentBidsMax = 20;

export function fromSnapshot(snapshot: Snapshot, before: Model | null): Model {
  // A snapshot made of retained state may be older than what this page has seen already; nothing newer would come to repair that.
  if (before && !snapshot.live && isOlder(snapshot, before)) return { ...before, live: false };
  const { state } = snapshot;
  const focused = before?.focus ? snapshot.lots.find((lot) => lot.id === before.focus && isOpen(lot.phase)) : undefined;
  const sameSeq = before !== null && before.seq === snapshot.seq && before.epoch === snapshot.epoch;
  return {
    seq: snapshot.seq,
    epoch: snapshot.epoch,
    firstSeq: snapshot.seq,
    live: snapshot.live,
    info: snapshot.info,
    phase: state.phase,
    clock: state.clock,
    lot: focused ? lotOfRow(focused) : state.lot,
    focus: focused ? focused.id : null,
    next: state.next,
    waiting: state.waiting ?? null,
    lotsTotal: snapshot.lots_total,
    sold: state.sold,
    unsold: state.unsold,
    lots: withDescriptions(snapshot.lots, before?.lots ?? []),
    participants: snapshot.participants,
    participantsTotal: snapshot.participants_total,
    recentBids: snapshot.recent_bids,
    outcome: sameSeq || sameResult(before, state.lot) ? (before?.outcome ?? null) : null,
    awards: before?.awards ?? null,
    notice: before?.notice ?? null,
    lobby: before?.lobby ?? null,
    details: {},
    you: before?.you ?? null,
    warned: before?.warned ?? null,
    bidOn: before ? before.bidOn.filter((id) => isSameSale(before, snapshot.lots, state.lot, id)) : [],
    completeReason: before?.completeReason ?? null,
    outageMs: null,
    deleted: false,
  };
}

// The lot is open, in the round in which this page knew it.
function isSameSale(before: Model, lots: CatalogueLot[], current: Lot | null, id: string): boolean {
  const now = current?.id === id ? current : lots.find((lot) => lot.id === id);
  const known = before.lot?.id === id ? before.lot : before.lots.find((lot) => lot.id === id);
  return now !== undefined && isOpen(now.phase) && now.round === known?.round;
}

// The lot is still as the outcome that this page has seen left it.
function sameResult(before: Model | null, lot: Lot | null): boolean {
  const outcome = before?.outcome;
  return Boolean(outcome && lot && outcome.lot === lot.id && outcome.kind === lot.phase);
}

function isOlder(head: Head, model: Model): boolean {
  return head.epoch < model.epoch || (head.epoch === model.epoch && head.seq < model.seq);
}

// Descriptions come with the pages of the catalogue, not with a snapshot.
function withDescriptions(lots: CatalogueLot[], known: CatalogueLot[]): CatalogueLot[] {
  const texts = new Map(known.map((lot) => [lot.id, lot.description]));
  return lots.map((lot) => {
    const description = lot.description ?? texts.get(lot.id);
    return description === undefined ? lot : { ...lot, description };
  });
}

// A page of the catalogue: adds descriptions, and lots beyond those of the snapshot. What an event has said of a lot stays, when it is newer than the page.
export function withLotsPage(model: Model, page: LotsPage, pageSize: number): Model {
  const rows = new Map(page.lots.map((lot) => [lot.id, lot]));
  const newer = !isOlder(page, model);
  const lots = model.lots.map((lot) => {
    const row = rows.get(lot.id);
    if (!row) return lot;
    rows.delete(lot.id);
    return newer ? row : { ...lot, description: row.description ?? "" };
  });
  const follows = page.page * pageSize <= model.lots.length;
  if (follows) return { ...model, lots: [...lots, ...rows.values()] };
  return { ...model, lots, details: { ...model.details, ...Object.fromEntries(rows) } };
}

export function catalogueLot(model: Model, id: string): CatalogueLot | undefined {
  return model.lots.find((lot) => lot.id === id) ?? model.details[id];
}

export function withYou(model: Model, you: You): Model {
  return { ...model, you };
}

// A private word about one's own maximum on a lot.
export function withMaximum(model: Model, lot: string, max: number | null, quantity?: number): Model {
  if (!model.you) return model;
  const others = (model.you.maxima ?? []).filter((one) => one.lot !== lot);
  const own = max === null ? [] : [{ lot, max, ...(quantity === undefined ? {} : { quantity }) }];
  return { ...model, you: { ...model.you, maxima: [...others, ...own] } };
}

// The lot that this page shows of many that are open together.
export function withFocus(model: Model, id: string): Model {
  const row = catalogueLot(model, id);
  if (!row || !isOpen(row.phase) || !isParallel(model)) return model;
  return { ...model, focus: id, lot: lotOfRow(row) };
}

function lotOfRow(row: CatalogueLot): Lot {
  return {
    id: row.id,
    no: row.no,
    title: row.title,
    phase: row.phase,
    opening: row.opening,
    price: row.price,
    ask: row.ask ?? row.opening,
    leader: row.leader ?? null,
    bids: row.bids,
    started_at: row.started_at ?? null,
    ends_at: row.ends_at ?? null,
    remaining_ms: row.remaining_ms ?? 0,
    extensions: row.extensions ?? 0,
    round: row.round,
    reserve: row.reserve ?? "none",
    ...(row.format ? { format: row.format } : {}),
    ...(row.quantity ? { quantity: row.quantity } : {}),
    ...(row.buy_now ? { buy_now: row.buy_now } : {}),
    ...(row.clock ? { clock: row.clock } : {}),
    ...(row.house ? { house: row.house } : {}),
    ...(row.match ? { match: row.match } : {}),
  };
}

type Change = Partial<Model> & { refresh?: boolean };
type Appliers = { [Name in DurableName]: (model: Model, event: DurableEvents[Name]) => Change };

function changeRow(model: Model, id: string, change: Partial<CatalogueLot>): CatalogueLot[] {
  return model.lots.map((lot) => (lot.id === id ? { ...lot, ...change } : lot));
}

function changeParticipant(model: Model, changed: Participant): Participant[] {
  const known = model.participants.some((one) => one.id === changed.id);
  if (!known) return [...model.participants, changed];
  return model.participants.map((one) => (one.id === changed.id ? { ...one, ...changed } : one));
}

function youAfter(model: Model, changed: Participant): You | null {
  const { you } = model;
  if (!you || you.participant?.id !== changed.id) return you;
  return { ...you, status: changed.status, budget: changed.budget, spent: changed.spent, held: changed.held, roster: changed.roster };
}

interface Lead {
  leader: Person | null;
  price: number;
}

// Who led a lot before, as far as this page knows.
function leadOf(model: Model, id: string): Lead {
  if (model.lot?.id === id) return { leader: model.lot.leader, price: model.lot.price ?? 0 };
  const row = catalogueLot(model, id);
  return { leader: row?.leader ?? null, price: row?.price ?? 0 };
}

// A leader holds the price of each lot that he leads. With one lot open at a time nobody holds anything else, which also mends what was missed.
function heldBy(model: Model, before: Lead, after: Lead): Participant[] {
  const single = !isParallel(model);
  return model.participants.map((one) => {
    let held = single ? 0 : one.held;
    if (!single && before.leader?.id === one.id) held = Math.max(0, held - before.price);
    if (after.leader?.id === one.id) held += after.price;
    return one.held === held ? one : { ...one, held };
  });
}

function youLead(model: Model, lot: string, before: Lead, after: Lead): You | null {
  const { you } = model;
  if (!you?.participant) return you;
  const me = you.participant.id;
  const others = isParallel(model) ? you.leading.filter((one) => one !== lot) : [];
  let held = isParallel(model) ? you.held : 0;
  if (isParallel(model) && before.leader?.id === me) held = Math.max(0, held - before.price);
  const mine = after.leader?.id === me;
  return { ...you, leading: mine ? [...others, lot] : others, held: mine ? held + after.price : held };
}

const nobody: Lead = { leader: null, price: 0 };

// Many lots are open together, each with its own clock.
export function isParallel(model: Model): boolean {
  return model.info.rules.flow === "parallel";
}

// A fixed price is gone at the first bid, or where the sale says so when the reserve is met.
function buyNowAfter(model: Model, event: DurableEvents["bid_update"]): number | null {
  const known = (model.lot?.id === event.lot ? model.lot.buy_now : catalogueLot(model, event.lot)?.buy_now) ?? null;
  const stays = model.info.rules.buy_now_until === "reserve" && event.reserve === "not_met";
  return stays ? known : null;
}

// A bid on a japanese lot is its button, pressed.
function entered(you: You | null, event: DurableEvents["bid_update"]): You | null {
  if (!you?.participant || event.kind !== "enter" || event.by?.id !== you.participant.id) return you;
  return { ...you, entered: [...(you.entered ?? []).filter((id) => id !== event.lot), event.lot] };
}

function bidUpdate(model: Model, event: DurableEvents["bid_update"]): Change {
  const shown = model.lot?.id === event.lot ? model.lot : null;
  if (!shown && !isParallel(model)) return { refresh: true };
  const before = leadOf(model, event.lot);
  const after = { leader: event.leader, price: event.price };
  const lot = shown && {
    ...shown,
    price: event.price,
    ask: event.ask,
    leader: event.leader,
    bids: event.bids,
    ends_at: event.ends_at,
    remaining_ms: event.remaining_ms,
    reserve: event.reserve,
    buy_now: buyNowAfter(model, event),
  };
  const mine = event.by !== null && event.by.id === model.you?.participant?.id;
  const bid = { lot: event.lot, by: event.by, amount: event.amount, at: event.at };
  return {
    lot: lot ?? model.lot,
    warned: model.warned?.lot === event.lot ? null : model.warned,
    bidOn: mine && !model.bidOn.includes(event.lot) ? [...model.bidOn, event.lot] : model.bidOn,
    lots: changeRow(model, event.lot, {
      price: event.price,
      bids: event.bids,
      ask: event.ask,
      leader: event.leader,
      ends_at: event.ends_at,
      reserve: event.reserve,
      buy_now: buyNowAfter(model, event),
    }),
    recentBids: [bid, ...model.recentBids].slice(0, recentBidsMax),
    participants: heldBy(model, before, after),
    you: entered(youLead(model, event.lot, before, after), event),
  };
}

function closed(model: Model, event: SoldEvent | UnsoldEvent, phase: "sold" | "unsold"): Change {
  const shown = model.lot && model.lot.id === event.lot;
  const lot = shown && model.lot ? { ...model.lot, phase, ends_at: null, remaining_ms: 0 } : model.lot;
  const before = leadOf(model, event.lot);
  const others = isParallel(model) && model.lots.some((one) => one.id !== event.lot && isOpen(one.phase));
  return {
    lot,
    clock: others ? model.clock : "none",
    next: null,
    sold: event.sold,
    unsold: event.unsold,
    lotsTotal: event.lots_total,
    participants: heldBy(model, before, nobody),
    you: youLead(model, event.lot, before, nobody),
    refresh: others && shown === true, // another lot is the one that ends first
  };
}

export function isOpen(phase: LotPhase): boolean {
  return phase === "open" || phase === "closing" || phase === "matching";
}

function sold(model: Model, event: SoldEvent): Change {
  const change = closed(model, event, "sold");
  const settled = { ...model, participants: change.participants ?? model.participants, you: change.you ?? null };
  return {
    ...change,
    lots: changeRow(model, event.lot, { phase: "sold", price: event.price, winner: event.winner, bids: event.bids }),
    participants: event.winner_state ? changeParticipant(settled, event.winner_state) : settled.participants,
    you: event.winner_state ? youAfter(settled, event.winner_state) : settled.you,
    outcome: { kind: "sold", ...event },
  };
}

function unsold(model: Model, event: UnsoldEvent): Change {
  return {
    ...closed(model, event, "unsold"),
    lots: changeRow(model, event.lot, { phase: "unsold", price: event.price, winner: null, bids: event.bids }),
    outcome: { kind: "unsold", ...event },
  };
}

function lotStarted(model: Model, event: DurableEvents["lot_started"]): Change {
  const { lot } = event;
  const row = {
    phase: "open" as const,
    price: lot.price,
    winner: null,
    bids: lot.bids,
    round: lot.round,
    ask: lot.ask,
    leader: lot.leader,
    ends_at: lot.ends_at,
    reserve: lot.reserve,
  };
  if (isParallel(model) && model.lot && isOpen(model.lot.phase)) return { phase: "live", clock: "lot", waiting: null, lots: changeRow(model, lot.id, row) };
  const after = { leader: lot.leader, price: lot.price ?? 0 };
  return {
    phase: "live",
    clock: "lot",
    lot,
    next: null,
    waiting: null,
    outcome: null,
    awards: null,
    warned: null,
    bidOn: [],
    recentBids: [],
    lots: changeRow(model, lot.id, row),
    participants: heldBy(model, nobody, after),
    you: youLead(model, lot.id, nobody, after),
  };
}

function isWaitingClock(clock: Clock): clock is "nomination" | "names" | "start" {
  return clock === "nomination" || clock === "names" || clock === "start";
}

// A pause also freezes what this page does not count down by itself: other lots, prices that move, the clocks of naming.
function movesMore(model: Model): boolean {
  return isParallel(model) || Boolean(model.lot?.clock) || isWaitingClock(model.clock);
}

function paused(model: Model, event: DurableEvents["auction_paused"]): Change {
  const remaining_ms = event.remaining_ms ?? 0;
  return {
    phase: "paused",
    clock: event.clock,
    outageMs: null,
    lot: model.lot && event.clock === "lot" ? { ...model.lot, ends_at: null, remaining_ms } : model.lot,
    next: model.next && event.clock === "gap" ? { ...model.next, starts_at: null, remaining_ms } : model.next,
    waiting: model.waiting && isWaitingClock(event.clock) ? { ...model.waiting, ends_at: null, remaining_ms } : model.waiting,
    refresh: (event.clock === "gap" && model.next?.id !== event.lot) || movesMore(model),
  };
}

function resumed(model: Model, event: DurableEvents["auction_resumed"]): Change {
  const remaining_ms = event.remaining_ms ?? 0;
  return {
    phase: "live",
    clock: event.clock,
    outageMs: event.reason === "outage" ? event.gap_ms : null,
    lot: model.lot && event.clock === "lot" ? { ...model.lot, ends_at: event.ends_at, remaining_ms } : model.lot,
    next: model.next && event.clock === "gap" ? { ...model.next, starts_at: event.ends_at, remaining_ms } : model.next,
    waiting: model.waiting && isWaitingClock(event.clock) ? { ...model.waiting, ends_at: event.ends_at, remaining_ms } : model.waiting,
    refresh:
      (event.clock === "lot" && model.lot?.id !== event.lot) ||
      (event.clock === "gap" && model.next?.id !== event.lot) ||
      movesMore(model),
  };
}

const backToPending: Partial<CatalogueLot> = { phase: "pending", price: null, winner: null, bids: 0 };

function reset(model: Model): Change {
  const blank = (one: Participant): Participant => ({
    ...one,
    spent: 0,
    held: 0,
    roster: one.roster && { ...one.roster, taken: 0 },
  });
  const { you } = model;
  return {
    phase: "lobby",
    clock: "none",
    lot: null,
    next: null,
    waiting: null,
    sold: 0,
    unsold: 0,
    recentBids: [],
    bidOn: [],
    outcome: null,
    completeReason: null,
    lots: model.lots.map((lot) => ({ ...lot, ...backToPending, round: 0 })),
    participants: model.participants.map(blank),
    you: you && { ...you, leading: [], spent: 0, held: 0, roster: you.roster && { ...you.roster, taken: 0 } },
    refresh: true,
  };
}

function withdrawn(model: Model, event: WithdrawnEvent): Change {
  const shown = model.lot?.id === event.lot;
  return {
    lot: shown && model.lot ? { ...model.lot, phase: "withdrawn", ends_at: null, remaining_ms: 0 } : model.lot,
    clock: shown && !isParallel(model) ? "none" : model.clock,
    lots: changeRow(model, event.lot, { phase: "withdrawn", price: null, winner: null, leader: null, ends_at: null }),
    sold: event.sold,
    unsold: event.unsold,
    lotsTotal: event.lots_total,
    outcome: shown ? { kind: "withdrawn", ...event } : model.outcome,
    refresh: true,
  };
}

function matchOffered(model: Model, event: DurableEvents["match_offered"]): Change {
  const change = {
    phase: "matching" as const,
    match: { holder: event.holder.id, stage: event.stage },
    leader: event.winner,
    price: event.price,
    ends_at: event.ends_at,
    remaining_ms: event.remaining_ms,
  };
  return {
    lot: model.lot?.id === event.lot ? { ...model.lot, ...change } : model.lot,
    lots: changeRow(model, event.lot, change),
    refresh: true,
  };
}

// The lot that is counted in.
function nextOf(model: Model, event: { lot: string; no: number; title: string; starts_at: number; remaining_ms: number }): NextLot {
  const opening = catalogueLot(model, event.lot)?.opening ?? model.next?.opening ?? 0;
  return { id: event.lot, no: event.no, title: event.title, opening, starts_at: event.starts_at, remaining_ms: event.remaining_ms };
}

const appliers: Appliers = {
  epoch_started: (_model, event) => ({ firstSeq: event.first_seq }),
  lots_changed: (_model, event) => ({ lotsTotal: event.lots_total, refresh: true }),
  participants_changed: (model, event) => {
    const { participant, participants_total: participantsTotal } = event;
    if (!participant) return { participantsTotal, refresh: true }; // several were added
    return { participants: changeParticipant(model, participant), participantsTotal, you: youAfter(model, participant) };
  },
  auction_started: (model, event) => ({
    phase: "live",
    ...(model.clock === "start" ? { clock: "none" as const } : {}),
    waiting: null,
    lotsTotal: event.lots_total,
    completeReason: null,
    refresh: isParallel(model), // its lots are open now, without an event for each
  }),
  lot_started: lotStarted,
  bid_update: bidUpdate,
  anti_snipe: (model, event) => {
    const lots = changeRow(model, event.lot, { ends_at: event.ends_at });
    const others = event.scope !== undefined && event.scope !== "lot"; // moved too, each within its limits
    if (isParallel(model) && model.lot?.id !== event.lot) return { lots, refresh: others };
    if (model.lot?.id !== event.lot) return { refresh: true };
    const { ends_at, remaining_ms, extensions } = event;
    return { lots, refresh: others, lot: { ...model.lot, phase: "open", ends_at, remaining_ms, extensions } };
  },
  sold,
  unsold,
  round_started: (model, event) => {
    const again = new Set(event.lots);
    return {
      lots: model.lots.map((lot) => (again.has(lot.id) ? { ...lot, ...backToPending, round: event.round } : lot)),
      unsold: Math.max(0, model.unsold - again.size),
    };
  },
  auction_paused: paused,
  auction_resumed: resumed,
  auction_complete: (_model, event) => ({
    phase: "complete",
    clock: "none",
    lot: null,
    next: null,
    waiting: null,
    recentBids: [],
    sold: event.sold,
    unsold: event.unsold,
    lotsTotal: event.lots_total,
    completeReason: event.reason,
  }),
  auction_reset: reset,
  auction_deleted: () => ({ deleted: true, clock: "none" }),
  notice: (_model, event) => ({ notice: { text: event.text, by: event.by, at: event.at } }),
  // Rare, and with effects on money and order: a fresh snapshot has all of them.
  bid_retracted: (model, event) => ({ bidOn: model.bidOn.filter((id) => id !== event.lot), refresh: true }), // the bids left tell who has bid
  lot_awarded: (model, event) => {
    const before = model.awards?.lot === event.lot ? model.awards.list : [];
    return { awards: { lot: event.lot, list: [...before, ...event.awards] }, refresh: true };
  },
  clock_restarted: () => ({ refresh: true }),
  lot_withdrawn: withdrawn,
  lot_reopened: () => ({ refresh: true, outcome: null, awards: null }),
  nomination_started: (_model, event) => ({
    phase: "live",
    clock: "nomination",
    next: null,
    waiting: { by: event.by.id, ends_at: event.ends_at, remaining_ms: event.remaining_ms },
    refresh: true,
  }),
  lot_nominated: (model, event) => ({
    phase: "live",
    clock: "gap",
    waiting: null,
    next: nextOf(model, event),
    refresh: true,
  }),
  names_called: (_model, event) => ({
    phase: "live",
    clock: "names",
    next: null,
    waiting: { by: null, ends_at: event.ends_at, remaining_ms: event.remaining_ms },
    refresh: true,
  }),
  match_offered: matchOffered,
  lot_passed: (model, event) => {
    const { you } = model;
    if (!you?.participant || event.by?.id !== you.participant.id) return {};
    return { you: { ...you, entered: (you.entered ?? []).filter((id) => id !== event.lot), passed: [...(you.passed ?? []), event.lot] } };
  },
  gavel_taken: (model, event) => ({ info: { ...model.info, gavel: event.console } }),
  seed_revealed: () => ({}),
  ask_changed: (model, event) => ({
    lot: model.lot?.id === event.lot ? { ...model.lot, ask: event.ask } : model.lot,
    lots: changeRow(model, event.lot, { ask: event.ask }),
  }),
  fair_warning: (_model, event) => ({ warned: { lot: event.lot, stage: event.stage } }),
  lot_closing: (model, event) => ({
    lot: model.lot?.id === event.lot ? { ...model.lot, phase: "closing", remaining_ms: 0 } : model.lot,
    lots: changeRow(model, event.lot, { phase: "closing" }),
  }),
};

export function applyDurable<Name extends DurableName>(model: Model, name: Name, event: DurableEvents[Name]): Step {
  if (event.epoch > model.epoch && event.seq <= model.seq) {
    // The record went back (a restored backup): what this page knows beyond it never happened.
    return { model, verdict: "gap" };
  }
  if (event.seq <= model.seq) return { model, verdict: "old" };
  if (event.epoch < model.epoch && event.seq >= model.firstSeq) return { model, verdict: "old" };
  const { refresh, ...change } = appliers[name](model, event) as Change;
  const missed = event.seq > model.seq + 1;
  const again = !model.live; // the engine speaks, whatever was said of it before
  const next: Model = {
    ...model,
    ...change,
    live: true,
    seq: event.seq,
    epoch: Math.max(model.epoch, event.epoch),
  };
  if (event.epoch > model.epoch && name !== "epoch_started") next.firstSeq = event.seq;
  return { model: next, verdict: missed ? "gap" : refresh || again ? "refresh" : "applied" };
}

function tick(model: Model, event: EphemeralEvents["tick"]): Model {
  if (event.ends_at === undefined) return model;
  if (model.waiting && event.clock === model.clock && (model.phase === "live" || model.clock === "start")) {
    return { ...model, waiting: { ...model.waiting, ends_at: event.ends_at, remaining_ms: event.remaining_ms } };
  }
  if (model.phase !== "live") return model;
  const { lot, next } = model;
  if (event.clock === "lot" && lot && lot.id === event.lot && isOpen(lot.phase)) {
    return { ...model, lot: { ...lot, ends_at: event.ends_at, remaining_ms: event.remaining_ms } };
  }
  if (event.clock === "gap" && next && next.id === event.lot) {
    return { ...model, next: { ...next, starts_at: event.ends_at, remaining_ms: event.remaining_ms } };
  }
  return model;
}

function countdown(model: Model, event: EphemeralEvents["next_lot_countdown"]): Model {
  if (model.phase !== "live" || model.clock === "lot") return model;
  return { ...model, clock: "gap", waiting: null, next: nextOf(model, event) };
}

function lobby(event: EphemeralEvents["lobby_updated"]): Model["lobby"] {
  return { count: event.count, ids: Array.isArray(event.ids) ? event.ids : [] };
}

export function applyEphemeral<Name extends EphemeralName>(
  model: Model,
  name: Name,
  event: EphemeralEvents[Name],
): Step {
  switch (name as EphemeralName) {
    case "lobby_updated":
      return { model: { ...model, lobby: lobby(event as EphemeralEvents["lobby_updated"]) }, verdict: "applied" };
    case "connection_degraded":
      return { model: { ...model, live: false }, verdict: "applied" };
    case "connection_restored":
      return { model: { ...model, live: true }, verdict: "refresh" };
    case "tick":
    case "next_lot_countdown": {
      const head = event as Head;
      if (isOlder(head, model)) return { model, verdict: "old" };
      const heard = model.live ? model : { ...model, live: true };
      const next =
        name === "tick"
          ? tick(heard, event as EphemeralEvents["tick"])
          : countdown(heard, event as EphemeralEvents["next_lot_countdown"]);
      const ahead = head.seq > model.seq || head.epoch > model.epoch;
      return { model: next, verdict: !model.live ? "refresh" : ahead ? "ahead" : "applied" };
    }
  }
}
