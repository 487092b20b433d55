// Why a command was refused, in words with the facts that decided it.
//
// Purity: pure

import type { Money } from "./money";
import type { Person, Refusal } from "./protocol";

export function personText(person: Person): string {
  return person.name ? `${person.name}, paddle ${person.paddle}` : `paddle ${person.paddle}`;
}

type Words = (error: Refusal, money: Money, amount: number | null) => string;

function belowAsk(error: Refusal, money: Money, amount: number | null): string {
  const bid = amount === null ? "Your bid" : money.format(amount);
  const ask = typeof error.ask === "number" ? `; the next bid must be at least ${money.format(error.ask)}` : "";
  const leader = error.leader ? ` (led by ${personText(error.leader)})` : "";
  const price = typeof error.price === "number" ? ` The price is ${money.format(error.price)}${leader}.` : "";
  return `${bid} is too low${ask}.${price}`;
}

function limit(error: Refusal, money: Money): string {
  return typeof error.max_bid === "number" ? ` Your highest possible bid now is ${money.format(error.max_bid)}.` : "";
}

const words: Record<string, Words> = {
  NOT_FOUND: () => "This lot or sale does not exist any more.",
  NOT_PARTICIPANT: () => "You have not joined this sale as a bidder.",
  NOT_ACTIVE: () => "The sale is not running now.",
  PAUSED: () => "The sale is paused. Your bid was not taken.",
  WRONG_LOT: () => "Another lot is being sold now.",
  LOT_CLOSED: (error, money) =>
    `Too late: the lot is closed.${typeof error.price === "number" && error.leader ? ` It stood at ${money.format(error.price)} with ${personText(error.leader)}.` : ""}`,
  FORBIDDEN: () => "Your role does not allow this.",
  BAD_AMOUNT: () => "This is not a valid amount.",
  BAD_QUANTITY: () => "There are not so many pieces left.",
  ALREADY_LEADING: (error, money) =>
    typeof error.price === "number"
      ? `You lead already at ${money.format(error.price)}. Nothing was changed.`
      : "You lead already. Nothing was changed.",
  BELOW_ASK: belowAsk,
  OFF_LADDER: (error, money) =>
    `This sale takes bids on its steps only${typeof error.ask === "number" ? `; the next one is ${money.format(error.ask)}` : ""}.`,
  ABOVE_SANITY: (_error, money, amount) =>
    `${amount === null ? "Your bid" : money.format(amount)} is far above the price. Was it meant?`,
  INSUFFICIENT_BUDGET: (error, money) => `Your budget does not cover this bid.${limit(error, money)}`,
  RESERVE_FOR_ROSTER: (error, money) =>
    `You must keep the minimum for each open slot of your roster.${limit(error, money)}`,
  ROSTER_FULL: () => "Your roster is full.",
  CATEGORY_FULL: () => "You have no place left in this category.",
  LIMIT_EXCEEDED: (error, money) => `This is above your spending limit.${limit(error, money)}`,
  BELOW_RESERVE: () => "This is below what the seller accepts.",
  ALREADY_PASSED: () => "You have passed on this lot; that is final.",
  BUY_NOW_GONE: () => "The fixed price is gone.",
  WRONG_FORMAT: () => "This lot is sold in a way that does not allow this.",
  NOTHING_TO_UNDO: () => "There is no bid that could be undone.",
  REOPEN_TOO_LATE: () => "The lot can’t be opened again any more.",
  NO_GAVEL: () => "Another console holds the gavel. Take it to control the sale.",
  NOT_YOUR_TURN: () => "It is not your turn.",
  WRONG_PHASE: () => "The sale is in a phase that does not allow this.",
  NO_LOTS: () => "The sale has no lots.",
  EXPIRED: () => "It arrived too late and was not carried out.",
  ENGINE_OFFLINE: () => "The auction is not reachable at this moment. Nothing was done.",
  RATE_LIMITED: () => "Too many requests in a short time. Wait a moment.",
  UNAUTHENTICATED: () => "You are not signed in. Join the sale again.",
  TOKEN_EXPIRED: () => "Your access has expired. Join the sale again.",
  INVITE_INVALID: () => "This invitation is unknown, used up or expired.",
  TOO_MANY: () => "A limit of this service is reached.",
};

export function refusalText(error: Refusal, money: Money, amount: number | null = null): string {
  const own = words[error.code];
  return own ? own(error, money, amount) : error.message || `Refused (${error.code}).`;
}

export const unsentText = "Not connected. Nothing was sent.";

export function unknownText(recorded: false | null, what: string): string {
  return recorded === false
    ? `The auction has no record of ${what}; it probably never arrived. Check the price before you try again.`
    : `The outcome of ${what} is unknown: no answer came. Check the price and the leader before you try again.`;
}
