// What the screens ask of a model: how long, how a lot ended, how one stands, whose turn it is, what one may still spend.
//
// Purity: pure

import { isOpen } from "./model";
import type { Model } from "./model";
import type { Award, Clock, Lot, Participant, Person, RecentBid } from "./protocol";

export type Deadline =
  | { kind: "none" }
  | { kind: "running"; clock: Clock; endsAt: number }
  | { kind: "frozen"; clock: Clock; remainingMs: number };

function clockNow(model: Model): { endsAt: number | null | undefined; remainingMs: number | null | undefined } {
  switch (model.clock) {
    case "none":
      return { endsAt: undefined, remainingMs: undefined };
    case "lot":
      return { endsAt: model.lot?.ends_at, remainingMs: model.lot?.remaining_ms };
    case "gap":
      return { endsAt: model.next?.starts_at, remainingMs: model.next?.remaining_ms };
    case "nomination":
    case "names":
    case "start":
      return { endsAt: model.waiting?.ends_at, remainingMs: model.waiting?.remaining_ms };
  }
}

export function deadline(model: Model): Deadline {
  if (model.deleted) return { kind: "none" };
  const { clock } = model;
  const { endsAt, remainingMs } = clockNow(model);
  if (model.phase === "paused") {
    const endless = clock === "lot" && remainingMs === 0 && hasNoEnd(model.lot);
    return remainingMs === undefined || remainingMs === null || endless ? { kind: "none" } : { kind: "frozen", clock, remainingMs };
  }
  if (endsAt === null || endsAt === undefined) return { kind: "none" };
  return model.phase === "live" || (model.phase === "lobby" && clock === "start") ? { kind: "running", clock, endsAt } : { kind: "none" };
}

// The clock that is shown: of a japanese lot the time in which it may be entered, before its price rises.
export function shownDeadline(model: Model, nowMs: number | null): Deadline {
  const { lot } = model;
  const from = lot?.phase === "open" && lot.format === "japanese" && lot.clock && lot.clock.frozen_at === null ? lot.clock.from : null;
  if (from === null || model.phase !== "live" || model.clock !== "lot") return deadline(model);
  return nowMs !== null && nowMs < from ? { kind: "running", clock: "lot", endsAt: from } : { kind: "none" };
}

// The hammer ends a live lot, the price a dutch or japanese one: they have no time that could run out.
function hasNoEnd(lot: Lot | null): boolean {
  return lot?.phase === "open" && (lot.format === "live" || lot.format === "dutch" || lot.format === "japanese");
}

// Whether somebody leads while the lot is open: not where offers are sealed or the price moves by itself.
export function hasLeader(lot: Lot): boolean {
  const format = lot.format ?? "english";
  return format === "english" || format === "live" || format === "candle";
}

// Of many open lots, the last bids on the one that is shown.
export function bidsOnLot(model: Model): RecentBid[] {
  return model.recentBids.filter((bid) => bid.lot === undefined || bid.lot === model.lot?.id);
}

export type Standing = "none" | "winning" | "outbid" | "watching";

// Winning and outbid concern the open lot only; outbid needs a bid of one's own that this page has seen.
export function standing(model: Model): Standing {
  const me = model.you?.participant?.id;
  const { lot } = model;
  if (!me || !lot || !isOpen(lot.phase) || !hasLeader(lot)) return "none";
  if (lot.leader?.id === me) return "winning";
  if (lot.price === null) return "watching"; // perhaps again, after an undo
  const tookPart = model.bidOn.includes(lot.id) || bidsOnLot(model).some((bid) => bid.by?.id === me) || ownOffer(model) !== null;
  return tookPart ? "outbid" : "watching";
}

export interface LotResult {
  kind: "sold" | "unsold" | "withdrawn";
  lot: string;
  no: number;
  title: string;
  price: number | null; // of a sold lot; of one piece where there are several
  winner: Person | null; // null: nobody, or several
  awards: Award[]; // what each of several has bought, as far as this page has heard
  reason: string;
}

// How the last lot ended, until the next one opens.
export function lastResult(model: Model): LotResult | null {
  const { outcome, lot } = model;
  const awards = model.awards !== null && model.awards.lot === (outcome?.lot ?? lot?.id) ? model.awards.list : [];
  if (outcome) {
    const isSold = outcome.kind === "sold";
    const { kind, no, title, reason } = outcome;
    return { kind, lot: outcome.lot, no, title, reason, awards, price: isSold ? outcome.price : null, winner: isSold ? outcome.winner : null };
  }
  if (!lot || lot.phase === "pending" || isOpen(lot.phase)) return null;
  const isSold = lot.phase === "sold";
  const kind = isSold ? "sold" : lot.phase === "withdrawn" ? "withdrawn" : "unsold";
  return { kind, lot: lot.id, no: lot.no, title: lot.title, price: isSold ? lot.price : null, winner: isSold ? lot.leader : null, awards, reason: "" };
}

export interface Purse {
  budget: number | null;
  left: number | null; // budget less what is spent; what is held by a leading bid is still counted as left
  spent: number;
  held: number;
  roster: { taken: number; slots: number } | null;
  maxBid: number | null; // on the open lot; null: no limit
}

export function purse(model: Model): Purse | null {
  const { you } = model;
  if (!you?.participant) return null;
  const { budget, spent, held, roster } = you;
  const left = budget === null ? null : budget - spent;
  let maxBid = left;
  if (roster) {
    const openAfterThis = roster.slots - roster.taken - 1;
    if (openAfterThis < 0) maxBid = 0;
    else if (left !== null) maxBid = Math.max(0, left - openAfterThis * (model.info.rules.roster?.minimum ?? 0));
  }
  return { budget, left, spent, held, roster, maxBid };
}

// One's own maximum, or sealed offer, on the lot that is shown.
export function ownOffer(model: Model): { max: number; quantity?: number } | null {
  return model.you?.maxima?.find((one) => one.lot === model.lot?.id) ?? null;
}

export function ownMaximum(model: Model): number | null {
  return ownOffer(model)?.max ?? null;
}

// Whether this person may take part: somebody who waits for approval may look on.
export function ownStatus(model: Model): Participant["status"] | null {
  const me = model.you?.participant?.id;
  if (me === undefined) return null;
  return model.participants.find((one) => one.id === me)?.status ?? model.you?.status ?? null;
}

// The button of a japanese lot: not pressed yet, held, or released for good.
export function ownButton(model: Model, lot: Lot): "none" | "held" | "released" {
  if (model.you?.passed?.includes(lot.id)) return "released";
  return model.you?.entered?.includes(lot.id) ? "held" : "none";
}

export function personOf(model: Model, id: string | null | undefined): Person | null {
  const one = id === null || id === undefined ? undefined : model.participants.find((known) => known.id === id);
  if (one) return { id: one.id, paddle: one.paddle, ...(one.name === undefined ? {} : { name: one.name }) };
  const me = model.you?.participant;
  return me && me.id === id ? me : null;
}

// Whose answer a lot waits for whose right to match is open.
export function askedToMatch(lot: Lot): string | null {
  if (lot.phase !== "matching" || !lot.match) return null;
  return lot.match.stage === "winner" ? (lot.leader?.id ?? null) : lot.match.holder;
}
