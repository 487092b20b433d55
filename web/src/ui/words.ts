// Sentences about the sale that several pages say in the same words.
//
// Purity: pure

import type { Model } from "../model";
import type { Money } from "../money";
import type { Lot } from "../protocol";
import { askedToMatch, personOf } from "../questions";
import type { LotResult } from "../questions";
import { leaderText } from "./person";

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function isMyTurn(model: Model): boolean {
  const me = model.you?.participant?.id;
  return model.clock === "nomination" && me !== undefined && model.waiting?.by === me;
}

// Whom the sale waits for; null when it waits for nobody.
export function waitingTitle(model: Model): string | null {
  if (model.clock === "names") return "Unsold lots are named for another round";
  if (model.clock !== "nomination") return null;
  if (isMyTurn(model)) return "It is your turn to name a lot";
  const by = personOf(model, model.waiting?.by);
  return by ? `${sentence(leaderText(by))} names the next lot` : "The next lot is being named";
}

// Who is asked about a right to match, and about how much; null when nobody is.
export function matchTitle(model: Model, lot: Lot, money: Money): string | null {
  const id = askedToMatch(lot);
  if (id === null) return null;
  const me = model.you?.participant?.id;
  const who = personOf(model, id);
  const asked = id === me ? "You are asked" : who ? `${sentence(leaderText(who))} is asked` : "The holder of the right to match is asked";
  const amount = lot.price === null ? "the price" : money.format(lot.price);
  return lot.match?.stage === "winner" ? `${asked} to raise above ${amount}, once` : `${asked} to match ${amount}`;
}

// "once", "twice", "closing": how near the hammer is; null when nothing was said.
export function warningWords(model: Model, lot: Lot): string | null {
  if (lot.phase === "matching") return "Right to match";
  if (lot.phase === "closing") return "Closing";
  const stage = model.warned?.lot === lot.id ? model.warned.stage : (lot.warned ?? 0);
  return stage === 2 ? "Going twice" : stage === 1 ? "Going once" : null;
}

export const resultWords: Record<LotResult["kind"], string> = { sold: "Sold", unsold: "Unsold", withdrawn: "Withdrawn" };

export function isSealed(lot: Lot): boolean {
  return lot.format === "sealed_first" || lot.format === "vickrey" || lot.format === "uniform";
}

export function isMoving(lot: Lot): boolean {
  return lot.format === "dutch" || lot.format === "japanese";
}

// What the amount of an open lot is.
export function priceLabel(lot: Lot): string {
  if (lot.format === "dutch") return "Falls, now";
  if (lot.format === "japanese") return "Rises, now";
  if (isSealed(lot) && lot.phase !== "matching") return "Sealed bids, from";
  return lot.price === null ? "Opens at" : "Current bid";
}

// What stands where the leader would, when nobody leads.
export function noLeaderText(lot: Lot): string {
  if (lot.house) return "The house bids for the seller";
  if (isSealed(lot)) return "Nobody sees a bid before the close";
  return isMoving(lot) ? "" : "No bids yet";
}
